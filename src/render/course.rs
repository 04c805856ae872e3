//! A descent: its loss as a picture, the told points as a table, and what they say in words.

use super::derivation::Marks;
use super::plot_text;
use super::prose::{COLUMNS, filled};
use super::table::{aligned, rounded};
use crate::course::{Finding, Flat, FlatInRows, Waypoint};
use crate::expr::Graph;
use crate::outcome::Course;
use crate::plot::{Axis, Curve, Picture, short};
use crate::tape::descent::{Curvature, Method};
use unicode_width::UnicodeWidthStr;

/// Columns and rows of the picture.
const SIZE: (usize, usize) = (60, 8);

/// Of more parameters than this the table shows the first ones.
const SHOWN: usize = 6;

/// Fewer losses make no picture.
const FEWEST: usize = 6;

/// A loss that falls by less than this factor is drawn on a linear axis.
const FACTOR: f64 = 10.0;

/// The whole answer.
#[must_use]
pub fn text(g: &Graph, course: &Course, marks: Marks) -> String {
    let mut out = picture(course).map_or(String::new(), |picture| plot_text::text(&picture, marks) + "\n");
    for line in table(g, course, marks) {
        out.push_str(&line);
        out.push('\n');
    }
    if let Some(line) = stop(course) {
        out.push_str(&filled("", "  ", &marks.folded(&line), COLUMNS));
    }
    let told: Vec<String> = course.findings.iter().map(|finding| marks.folded(&sentence(g, course, finding))).collect();
    if !told.is_empty() {
        out.push('\n');
    }
    told.iter().for_each(|line| out.push_str(&filled("- ", "  ", line, COLUMNS)));
    if course.kept {
        out.push_str(KEPT);
        out.push('\n');
    }
    out
}

const KEPT: &str = "kept: the parameters have these values from here on";

/// Why not all steps were taken.
fn stop(course: &Course) -> Option<String> {
    course.stopped.as_ref().map(|why| format!("stopped after {}: {why}", steps(course.track.taken as f64)))
}

/// What is said below the table, one sentence or two each.
pub(super) fn remarks(g: &Graph, course: &Course) -> Vec<String> {
    let told = course.findings.iter().map(|finding| sentence(g, course, finding));
    stop(course).into_iter().chain(told).chain(course.kept.then(|| KEPT.to_owned())).collect()
}

/// The loss along the steps: on a logarithmic axis above its floor, where one was measured, or as it is where it is positive.
pub(super) fn picture(course: &Course) -> Option<Picture> {
    let track = &course.track;
    let losses: Vec<(f64, f64)> =
        track.losses.iter().filter(|(_, loss)| loss.is_finite()).map(|(s, l)| (*s as f64, *l)).collect();
    let last = losses.last()?.0;
    if losses.len() < FEWEST || losses.iter().all(|(_, loss)| *loss == losses[0].1) {
        return None;
    }
    let floor = course.findings.iter().find_map(|finding| match finding {
        Finding::Exponential { floor, .. } => Some(*floor),
        _ => None,
    });
    let spread = |floor: f64| {
        let heights = || losses.iter().map(|(_, loss)| loss - floor).filter(|height| *height > 0.0);
        let (low, high) = (heights().fold(f64::INFINITY, f64::min), heights().fold(0.0, f64::max));
        heights().count() + 2 >= losses.len() && high >= FACTOR * low
    };
    let all_positive = losses.iter().all(|(_, loss)| *loss > 0.0);
    let floored = floor.filter(|floor| floor.abs() > 1e-12 * losses[0].1.abs() && spread(*floor));
    let (title, base, log) = match floored {
        Some(floor) => (format!("loss - {}", short(floor)).replace("- -", "+ "), floor, true),
        None if all_positive && spread(0.0) => ("loss".to_owned(), 0.0, true),
        None => ("loss".to_owned(), 0.0, false),
    };
    let points: Vec<(f64, f64)> =
        losses.iter().map(|(step, loss)| (*step, loss - base)).filter(|(_, height)| !log || *height > 0.0).collect();
    let heights: Vec<f64> = points.iter().map(|(_, height)| *height).collect();
    let mut y = Axis::around(&heights, log, false);
    if log {
        // far below the beginning there is only rounding
        y.low = y.low.max(y.high * 1e-18);
    }
    (y.low < y.high).then(|| Picture {
        title,
        x: Axis::new("step", 0.0, last, false),
        y,
        curves: vec![Curve { name: "loss".to_owned(), lines: vec![points] }],
        marks: Vec::new(),
        poles: Vec::new(),
        notes: Vec::new(),
        size: SIZE,
    })
}

/// The told points, with what was measured there.
fn table(g: &Graph, course: &Course, marks: Marks) -> Vec<String> {
    lines(&rows(g, course, marks, COLUMNS))
}

fn lines(rows: &[Vec<String>]) -> Vec<String> {
    aligned(rows, "  ").iter().map(|line| line.trim_end().to_owned()).collect()
}

/// The told points, with what was measured there; the first row names the columns. There are fewer digits or fewer parameters where
/// the lines would be longer than so many characters.
pub(super) fn rows(g: &Graph, course: &Course, marks: Marks, most_columns: usize) -> Vec<Vec<String>> {
    let most = course.by.len().min(SHOWN);
    let fewer_digits = [6, 5, 4].map(|digits| (most, digits));
    let fewer = (0..most).rev().map(|shown| (shown, 4));
    let mut found = Vec::new();
    for (shown, digits) in fewer_digits.into_iter().chain(fewer) {
        found = rows_of(g, course, marks, shown, digits);
        if lines(&found).iter().all(|line| line.width() <= most_columns) {
            break;
        }
    }
    found
}

/// The same with the values of so many parameters, to so many digits.
fn rows_of(g: &Graph, course: &Course, marks: Marks, shown: usize, digits: usize) -> Vec<Vec<String>> {
    let track = &course.track;
    let names = course.by.iter().take(shown).map(|symbol| g.name(*symbol).to_owned());
    let bends = track.points.iter().any(|point| point.curvature.is_some());
    let rates = track.points.iter().any(|point| point.largest_rate(&track.stride).is_some());
    let mut head: Vec<String> = ["step", "loss"].map(str::to_owned).into_iter().chain(names).collect();
    head.extend((course.by.len() > shown).then(|| "...".to_owned()));
    head.push("|gradient|".to_owned());
    head.extend(bends.then(|| marks.folded("λ")));
    head.extend(rates.then(|| marks.folded(bound_name(course))));
    let row = |point: &Waypoint| {
        let has_value = point.loss.is_finite();
        let loss = if point.loss.is_nan() { "no value".to_owned() } else { rounded(point.loss, digits) };
        let mut cells = vec![point.step.to_string(), loss];
        cells.extend(point.at.iter().take(shown).map(|value| rounded(*value, digits)));
        cells.extend((course.by.len() > shown).then(String::new));
        cells.push(if has_value { rounded(point.norm(), 4) } else { String::new() });
        if bends {
            let about = |c: &Curvature| format!("{}{}", if c.settled { "" } else { "~" }, rounded(c.sharpness, 4));
            cells.push(point.curvature.as_ref().map_or(String::new(), about));
        }
        if rates {
            cells.push(point.largest_rate(&track.stride).map_or(String::new(), |rate| rounded(rate, 4)));
        }
        cells
    };
    std::iter::once(head).chain(track.points.iter().map(row)).collect()
}

/// What the largest stable rate is, as a formula.
fn bound_name(course: &Course) -> &'static str {
    if course.track.stride.momentum == 0.0 { "2/λ" } else { "2(1+β)/λ" }
}

fn steps(count: f64) -> String {
    let count = if count < 10.0 { short((count * 100.0).round() / 100.0) } else { short(count.round()) };
    if count == "1" { "1 step".to_owned() } else { format!("{count} steps") }
}

/// What is found, in one or two sentences.
#[must_use]
pub fn sentence(g: &Graph, course: &Course, finding: &Finding) -> String {
    let track = &course.track;
    let stride = &track.stride;
    let rate = short(stride.rate);
    let bound = bound_name(course);
    let name = |k: usize| course.by.get(k).map_or("", |symbol| g.name(*symbol));
    let whole = if stride.batch.is_some() { " over all rows" } else { "" };
    match finding {
        Finding::Diverges { step, sharpness, bound: most, write } => format!(
            "diverging: the rate {rate} is above the largest stable rate {bound} = {}. At step {step} the loss{whole} bends by λ = {} in its \
             steepest direction, so each step lands further out than it began. Write rate = {}",
            short(*most),
            short(*sharpness),
            short(*write),
        ),
        Finding::Grows => grows(course, &rate, bound),
        Finding::Bounces { sharpness, bound: most, write } => format!(
            "too long steps: the rate {rate} is above the largest stable rate {bound} = {} at the end, where λ = {}{whole}. The steps jump \
             over the valley and do not come to rest. Write rate = {}",
            short(*most),
            short(*sharpness),
            short(*write),
        ),
        Finding::Oscillates { turns, of, sharpness, write } => format!(
            "oscillating: along the steepest direction {turns} of {of} steps turn round, because the rate {rate} is between {} and {bound} \
             = {}, the largest stable one, with λ = {}. Each step goes beyond the bottom. Write rate = {} to go straight",
            halved(stride.momentum),
            short(2.0 * (1.0 + stride.momentum) / sharpness),
            short(*sharpness),
            short(*write),
        ),
        Finding::Jumps { turns, length } => format!(
            "stopped at a kink: the last {turns} steps go to and fro with the same length {}. The slope jumps from one sign to the other \
             between them, so no step of this rate comes closer; a rate a tenth as large comes ten times as close",
            short(*length),
        ),
        Finding::AtKink(cause) => format!("no gradient at the last point: {cause}"),
        Finding::Still(which) => {
            let names: Vec<&str> = which.iter().take(SHOWN).map(|k| name(*k)).collect();
            let more = if which.len() > SHOWN { format!(" and {} more", which.len() - SHOWN) } else { String::new() };
            let nothing = if which.len() == course.by.len() { "nothing moves" } else { "not all parameters move" };
            format!(
                "frozen: {nothing}: the slope by {}{more} is exactly 0 at all told points, so no rate helps. Begin elsewhere",
                names.join(", ")
            )
        }
        Finding::Saturated(flat) => saturated(flat),
        Finding::SaturatedInRows(flat) => saturated_in_rows(flat, &flat.by.iter().map(|k| name(*k)).collect::<Vec<_>>()),
        Finding::Converged { from, .. } if *from == 0.0 => "converged: the gradient is 0 from the beginning on".to_owned(),
        Finding::Converged { from, to, least } => {
            let bends = match least {
                Some(least) if *least > 0.0 => {
                    format!("; the loss bends upwards in all directions (least curvature {})", short(*least))
                }
                _ => "; whether this is a minimum in all directions is not certain".to_owned(),
            };
            format!("converged: the gradient fell from {} to {}{bends}", short(*from), short(*to))
        }
        Finding::Saddle { least } => format!(
            "near a saddle or a maximum: the gradient is nearly 0, but in one direction the loss bends downwards (curvature {}), and the way \
             down goes on there. Begin a little beside this point",
            short(*least)
        ),
        Finding::Exponential { half, floor, above, more } => exponential(course, *half, *floor, *above, *more),
        Finding::Falls { first, second } => falls(*first, *second),
        Finding::Timid { bound: most, write } => format!(
            "short steps: the rate {rate} is {} of the largest stable rate {bound} = {}. Write rate = {} to get there sooner",
            share(stride.rate / most),
            short(*most),
            short(*write),
        ),
        Finding::Scale { ratio, steep, flat, factor, left } => format!(
            "badly scaled: the loss bends {} times as much in its steepest direction as in its flattest, and the steepest one sets the rate. \
             It bends most by {}, least by {}. Divide what {} is multiplied with by about {}: the ratio is then about {}",
            about(*ratio),
            name(*steep),
            name(*flat),
            name(*steep),
            about(*factor),
            about(*left),
        ),
        Finding::Uneven { ratio } => format!(
            "a narrow valley: the loss bends {} times as much in its steepest direction as in its flattest, and the steepest one sets the \
             rate. No scale of one input is the reason; `momentum = 0.9` or `method = newton` may help",
            about(*ratio)
        ),
        Finding::Swings { rises, of } if stride.batch.is_some() => format!(
            "batches: between the noted steps the loss over all rows rose {rises} of {of} times. Gradient and curvature above are those of \
             all rows; those of a single batch differ, so {bound} is no sharp limit here"
        ),
        Finding::Swings { rises, of } => format!(
            "swinging: the loss rose {rises} of {of} times on the way. Steps that remember those before them run past the bottom and come \
             back; a momentum below {} swings less",
            short(stride.momentum)
        ),
        Finding::About { half: [best, low, high] } => format!(
            "the loss rises and falls on the way; on the whole its distance from the floor is halved about every {} (between {} and {})",
            steps(*best),
            short(*low),
            short(*high)
        ),
    }
}

fn halved(momentum: f64) -> &'static str {
    if momentum == 0.0 { "1/λ" } else { "(1+β)/λ" }
}

/// To two digits.
fn about(value: f64) -> String {
    rounded(value, 2)
}

fn share(value: f64) -> String {
    if value >= 1e-3 { format!("{} %", short((value * 1e4).round() / 100.0)) } else { format!("{} times", about(value)) }
}

fn grows(course: &Course, rate: &str, bound: &str) -> String {
    let track = &course.track;
    if track.points.last().is_some_and(|point| !point.loss.is_finite()) {
        return format!(
            "too long a step: the last one led to where the loss has no finite value. A rate below {rate} or another beginning may stay clear \
             of it; whether it does is not certain"
        );
    }
    let lowest = track.points.iter().filter_map(|point| point.largest_rate(&track.stride)).fold(f64::INFINITY, f64::min);
    let why = match track.stride.method {
        Method::Gradient if lowest.is_finite() => {
            format!("the rate {rate} is below {bound} = {} at all told points, so the reason lies between them", short(lowest))
        }
        _ => "the curvature at the told points does not tell why".to_owned(),
    };
    format!("the loss is larger at the end than at the beginning: {why}. A smaller rate is a first try; nothing is certain here")
}

fn saturated(flat: &Flat) -> String {
    let stage = flat.stage.as_ref().map_or(String::new(), |stage| format!("the stage {stage} is flat: "));
    let Flat { function, at, slope, largest, .. } = flat;
    if *slope == 0.0 {
        return format!(
            "saturated: {stage}{function} has the slope 0 at {} (elsewhere up to {}), and nothing passes through it. Begin where its \
             argument is nearer to the bend",
            short(*at),
            short(*largest)
        );
    }
    format!(
        "saturated: {stage}{function} has the slope {} at {}, and up to {} elsewhere. The gradient is that small because of it, not \
         because the loss is at its least. Begin where its argument is smaller in size",
        short(*slope),
        short(*at),
        short(*largest)
    )
}

fn saturated_in_rows(flat: &FlatInRows, by: &[&str]) -> String {
    let FlatInRows { unit, share, limit, largest, .. } = flat;
    let (verb, names) = (if by.len() == 1 { "moves" } else { "move" }, and(by));
    format!(
        "saturated: {unit} is flat in {} % of the rows: its slope there is under {} % of its largest, {}. So {names} hardly {verb}, at any \
         rate. Begin where it is not flat",
        rounded(share * 100.0, 3),
        short(limit * 100.0),
        short(*largest)
    )
}

/// `a, b and c`
fn and(names: &[&str]) -> String {
    match names {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.join(""),
    }
}

fn exponential(course: &Course, half: f64, floor: f64, above: f64, more: u64) -> String {
    let what = if floor == 0.0 { "the loss".to_owned() } else { format!("the distance of the loss from {}", short(floor)) };
    let (every, now) = (steps(half), short(above + floor));
    if course.findings.iter().any(|finding| matches!(finding, Finding::Converged { .. })) {
        return format!("it went down exponentially: {what} was halved every {every}");
    }
    if more == 0 {
        return format!("as good as finished: {what} was halved every {every}, exponentially, and the loss is at {now} now");
    }
    let left = if floor == 0.0 { String::new() } else { format!("It is {} now. ", short(above)) };
    let more = steps(more as f64);
    format!(
        "not finished: {what} goes down exponentially, halved every {every}. {left}A thousandth of it is left after {more} more"
    )
}

fn falls(first: f64, second: f64) -> String {
    if second <= 0.0 {
        return format!("no progress: the loss did not fall in the second half of the steps ({} in the first)", short(first));
    }
    if first > 0.0 && second >= 0.999 * first {
        return format!(
            "falling without slowing down: by {} in each half of the steps. Perhaps the loss has no least value; nothing here tells how far \
             it falls",
            short(second)
        );
    }
    if first > 0.0 && second < 0.01 * first {
        return format!(
            "crawling: the loss fell by {} in the first half of the steps and by {} in the second. There is no steady half-life, so how \
             long it takes is not certain",
            short(first),
            short(second)
        );
    }
    format!(
        "not finished: the loss fell by {} in the first half of the steps and by {} in the second, with no steady half-life. How many more \
         steps it takes is not certain",
        short(first),
        short(second)
    )
}
