//! Saturation in the terminal: the largest slope, each region with its ends, a bar over the range, and the verdict in a sentence.

use super::derivation::Marks;
use super::prose::{COLUMNS, filled};
use super::table::{aligned, rounded};
use crate::derive::Piece;
use crate::eval::number_text as number;
use crate::expr::{Graph, print};
use crate::outcome::Saturated;
use crate::plot::short;
use crate::saturation::{End, EndKind, Region, Saturation};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Characters of the bar of one function, and of each of several.
const BAR: usize = 48;
const SHORT_BAR: usize = 32;

/// Columns of the numbers beside the bars of several functions, and of the gaps.
const BESIDE_BARS: usize = 31;

/// A formula of more nodes is cut.
const LONGEST: u64 = 40;

/// So many regions are listed, and so many stretches of other kinds.
pub(super) const LISTED: usize = 12;

/// An end that is known better than this, relative to its size, is written with ten digits.
const SHARP: f64 = 1e-9;

/// What was found of one or several functions.
#[must_use]
pub fn text(g: &Graph, variable: &str, range: (f64, f64), functions: &[Saturated], marks: Marks) -> String {
    let mut out = String::new();
    let alone = functions.len() == 1;
    for function in functions {
        match &function.answer {
            Ok(found) => {
                let slope = function.slope.filter(|_| alone).map(|slope| print::glimpse(g, slope, marks.style, LONGEST));
                one(&mut out, variable, &function.name, found, slope, alone.then_some(marks));
            }
            Err(why) => {
                let _ = writeln!(out, "{} for {variable} in {}..{}", function.name, number(range.0), number(range.1));
                let _ = writeln!(out, "  {why}");
            }
        }
    }
    if !alone {
        compared(&mut out, functions, marks);
    }
    if let Some(line) = how_sure(functions) {
        let margin = if alone { "  " } else { "" };
        let _ = writeln!(out, "{margin}{line}");
    }
    if marks.bar == Marks::UNICODE.bar { out } else { marks.folded(&out) }
}

/// How well the ends are known, where they are not exact.
pub(super) fn how_sure(functions: &[Saturated]) -> Option<String> {
    let regions = functions.iter().filter_map(|f| f.answer.as_ref().ok()).flat_map(|found| &found.regions);
    let slack = regions.flat_map(|r| [r.from.slack, r.to.slack]).fold(0.0, f64::max);
    (slack > 0.0).then(|| format!("proved by enclosures of the slope; the ends are within {slack:.0e}"))
}

/// One function, with the formula of its slope; with `marks` a bar is drawn for it.
fn one(out: &mut String, x: &str, name: &str, found: &Saturation, slope: Option<String>, marks: Option<Marks>) {
    let (from, to) = found.range;
    let _ = writeln!(out, "{name} for {x} in {}..{}", number(from), number(to));
    if let Some(slope) = slope {
        let _ = writeln!(out, "  slope           {slope}");
    }
    let _ = writeln!(out, "  largest slope   {} {}", largest(found), peaks(x, &found.peaks));
    for (k, region) in found.regions.iter().take(LISTED).enumerate() {
        let title = if k == 0 { "saturated" } else { "" };
        let slopes = slopes(region).map_or(String::new(), |slopes| format!("   slope {slopes}"));
        let _ = writeln!(out, "  {title:<15} {}{slopes}", inside(x, region));
    }
    more(out, found.regions.len());
    for (low, high) in found.open.iter().take(LISTED) {
        let _ = writeln!(out, "  not decided     {} <= {x} <= {}", number(*low), number(*high));
    }
    more(out, found.open.len());
    for (low, high) in found.undefined.iter().take(LISTED) {
        let _ = writeln!(out, "  no value        {} < {x} < {}", number(*low), number(*high));
    }
    more(out, found.undefined.len());
    if let Some(bar) = marks.and_then(|marks| bar(found, BAR, marks)) {
        let _ = writeln!(out, "  {} {bar} {}", number(from), number(to));
    }
    out.push_str(&filled("  ", "    ", &Piece::sentence(&verdict(x, name, found), |id| format!("{id:?}")), COLUMNS));
}

/// Says how many stretches were left out.
fn more(out: &mut String, all: usize) {
    if all > LISTED {
        let _ = writeln!(out, "  {:<15} ... and {} more; `--format json` gives all of them", "", all - LISTED);
    }
}

/// The largest slope, as far as it is known.
pub(super) fn largest(found: &Saturation) -> String {
    let (low, high) = found.largest;
    rounded(low / 2.0 + high / 2.0, 10)
}

pub(super) fn peaks(x: &str, peaks: &[(f64, f64)]) -> String {
    let place = |(from, to): &(f64, f64)| match from == to {
        true if from.is_infinite() => format!("towards {x} = {}", number(*from)),
        true => format!("at {x} = {}", rounded(*from, 10)),
        false => format!("for {x} in {}..{}", number(*from), number(*to)),
    };
    match peaks {
        [] => String::new(),
        [one] => place(one),
        [one, two] => format!("{} and {}", place(one), place(two)),
        [one, ..] => format!("{} and elsewhere", place(one)),
    }
}

/// `-10 <= x < -4.356708827`
pub(super) fn inside(x: &str, region: &Region) -> String {
    let Region { from, to } = region;
    let sign = |end: &End| if end.kind == EndKind::Range { "<=" } else { "<" };
    match (from.at.is_infinite(), to.at.is_infinite()) {
        (true, true) => format!("every {x}"),
        (true, false) => format!("{x} {} {}", sign(to), place(to)),
        (false, true) => format!("{x} {} {}", sign(from).replace('<', ">"), place(from)),
        (false, false) => format!("{} {} {x} {} {}", place(from), sign(from), sign(to), place(to)),
    }
}

/// An end to about ten digits, fewer where it is known less well, all of them where it is exact.
pub fn place(end: &End) -> String {
    if end.slack == 0.0 {
        return number(end.at);
    }
    let size = end.at.abs().max(f64::MIN_POSITIVE);
    let digits = if end.slack < SHARP * size { 10 } else { (size / end.slack).log10().floor().clamp(1.0, 10.0) as usize };
    rounded(end.at, digits)
}

/// The slopes at both ends of a region.
pub(super) fn slopes(region: &Region) -> Option<String> {
    Some(match (region.from.slope, region.to.slope) {
        (Some(a), Some(b)) if short(a) == short(b) => short(a),
        (Some(a), Some(b)) => format!("{} to {}", short(a), short(b)),
        (Some(a), None) | (None, Some(a)) => format!("{} at its end", short(a)),
        (None, None) => return None,
    })
}

/// Which part of the range is saturated, with question marks where that is not decided; none where it has no ends.
fn bar(found: &Saturation, length: usize, marks: Marks) -> Option<String> {
    let [full, partly, empty] = if marks.bar == Marks::UNICODE.bar { ['█', '▒', '░'] } else { ['#', '+', '.'] };
    let (from, to) = found.range;
    let width = (to - from) / length as f64;
    let piece = |k: usize| {
        let (low, high) = (from + width * k as f64, from + width * (k + 1) as f64);
        let shared = |r: &Region| (r.to.at.min(high) - r.from.at.max(low)).max(0.0);
        if found.open.iter().any(|(from, to)| to.min(high) - from.max(low) > width / 2.0) {
            return '?';
        }
        match found.regions.iter().map(shared).sum::<f64>() / width {
            share if share > 0.9 => full,
            share if share > 0.01 => partly,
            _ => empty,
        }
    };
    width.is_finite().then(|| (0..length).map(piece).collect())
}

/// The whole in a sentence.
pub(super) fn verdict(x: &str, name: &str, found: &Saturation) -> Vec<Piece> {
    let bound = found.largest.1 * found.share;
    let share = format!("{} %", rounded(100.0 * found.share, 6));
    let most = short(found.largest.1);
    let rest = if found.open.is_empty() { "" } else { ", as far as that is decided" };
    if found.regions.is_empty() {
        let text = format!(" is nowhere saturated here{rest}: its slope stays at {share} of {most} or more");
        return vec![Piece::formula(name.to_owned()), Piece::text(text)];
    }
    let places: Vec<String> = found.regions.iter().map(|region| format!("for {}", briefly(x, found, region))).collect();
    let places = if places.len() > 4 { vec![format!("in {} stretches", places.len())] } else { places };
    let exact = found.regions.iter().all(|r| r.from.slope.into_iter().chain(r.to.slope).all(|s| s == 0.0));
    let why = if exact {
        "its slope there is 0".to_owned()
    } else {
        format!("its slope there is under {share} of {most}, which is {}", short(bound))
    };
    vec![Piece::formula(name.to_owned()), Piece::text(format!(" is saturated {}{rest}: {why}", listed(&places)))]
}

/// A region to five digits, without the ends of the range.
fn briefly(x: &str, found: &Saturation, region: &Region) -> String {
    let brief = |end: &End| rounded(end.at, 5);
    let starts = region.from.at <= found.range.0;
    let ends = region.to.at >= found.range.1;
    match (starts, ends) {
        (true, true) => format!("every {x} in this range"),
        (true, false) => format!("{x} < {}", brief(&region.to)),
        (false, true) => format!("{x} > {}", brief(&region.from)),
        (false, false) => format!("{} < {x} < {}", brief(&region.from), brief(&region.to)),
    }
}

fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How much of the range is saturated.
pub(super) fn part(found: &Saturation) -> String {
    match (found.part(), &found.regions[..]) {
        (Some(part), _) => format!("{:.1} %", 100.0 * part),
        (None, []) => "nowhere".to_owned(),
        (None, regions) => match regions.iter().map(|r| r.to.at - r.from.at).sum::<f64>() {
            width if width.is_finite() => format!("{} wide", short(width)),
            _ => "without end".to_owned(),
        },
    }
}

/// The functions side by side.
fn compared(out: &mut String, functions: &[Saturated], marks: Marks) {
    let longest = functions.iter().map(|function| function.name.width()).max().unwrap_or(0);
    let room = COLUMNS.saturating_sub(longest + BESIDE_BARS).clamp(SHORT_BAR / 2, SHORT_BAR);
    let cells = |function: &Saturated| {
        let name = format!("{}{}", function.name, " ".repeat(longest - function.name.width()));
        let Ok(found) = &function.answer else { return vec![name, String::new(), String::new(), String::new()] };
        vec![name, bar(found, room, marks).unwrap_or_default(), part(found), short(found.largest.1)]
    };
    let head = ["", "", "saturated", "largest slope"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(functions.iter().map(cells)).collect();
    aligned(&rows, "   ").iter().for_each(|line| {
        let _ = writeln!(out, "{}", line.trim_end());
    });
}
