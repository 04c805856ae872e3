//! Flows and elasticities in the terminal: each link with its factor, its slope on a scale of powers of ten and the influence so
//! far, then what the numbers say, in sentences.

use super::derivation::Marks;
use super::prose::{COLUMNS, filled};
use super::table::{cut, rounded};
use crate::derive::Piece;
use crate::eval::number_text as number;
use crate::expr::{Graph, Id, Symbol, print};
use crate::flow::{LOST, Remark};
use crate::outcome::{Elasticity, Evaluated, Flow, FlowLink, Path, Reason};
use crate::plot::short;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Links that are shown; of more, the ends.
const SHOWN: usize = 24;

/// A factor of more nodes is cut.
const LONGEST: u64 = 30;

/// Factors and the scale share what the numbers leave of a line. A factor has so many characters at least; spaces and the last mark of
/// the scale take some.
const FACTOR: usize = 20;
const BESIDE: usize = 13;

/// The narrowest scale and the widest, in characters, and the most of one power of ten.
const SCALES: (usize, usize) = (10, 40);
const DECADE: usize = 6;

/// Said of a flow through a reduction over rows.
pub(super) const WITHIN_ROWS: &str = "the stages within the mean or sum have a value for each row, so they are one link here; to see them, ask for \
                           the flow of one row, with its numbers in place of the columns";

/// Room for a mark of the scale, such as `1e-12`.
const MARK: usize = 6;

/// The flows of one statement.
#[must_use]
pub fn text(g: &Graph, flows: &[Flow], marks: Marks) -> String {
    let mut out = String::new();
    for (k, flow) in flows.iter().enumerate() {
        if k > 0 {
            out.push('\n');
        }
        one(&mut out, g, flow, marks);
    }
    if marks.bar == Marks::UNICODE.bar { out } else { marks.folded(&out.replace('█', "#")) }
}

fn one(out: &mut String, g: &Graph, flow: &Flow, marks: Marks) {
    title(out, g, flow);
    let mut rows: Vec<Cells> = rows(g, flow).into_iter().map(|row| cells(g, row, marks)).collect();
    let heads = HEADS.map(str::to_owned);
    let width = |rows: &[Cells], k: usize| rows.iter().map(|row| row.texts[k].width()).max().unwrap_or(0).max(heads[k].width());
    let [link, slope, so_far] = [0, 2, 3].map(|k| width(&rows, k));
    let room = COLUMNS.saturating_sub(link + slope + so_far + BESIDE);
    rows.iter_mut().for_each(|row| row.texts[1] = cut(&row.texts[1], room.saturating_sub(SCALES.0).max(FACTOR)));
    let factor = width(&rows, 1);
    let scale = Scale::of(flow, room.saturating_sub(factor));
    let mut lines = vec![(heads, scale.as_ref().map_or(String::new(), Scale::head))];
    for row in rows {
        let bar = match (&scale, row.slope) {
            (Some(scale), Some(slope)) => scale.bar(slope),
            _ => String::new(),
        };
        lines.push((row.texts, bar));
    }
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
    for ([name, formula, value, far], bar) in &lines {
        let left = format!("  {name}{}  {formula}{}", pad(name, link), pad(formula, factor));
        let right = format!("  {}{value}  {}{far}  {bar}", pad(value, slope), pad(far, so_far));
        let _ = writeln!(out, "{}", format!("{left}{right}").trim_end());
    }
    if let Some(total) = &flow.total {
        let _ = writeln!(out, "  {} = {}", whole(g, flow), told(total));
    }
    if flow.within_rows {
        out.push_str(&filled("  ", "  ", WITHIN_ROWS, COLUMNS));
    }
    for line in ways(g, flow) {
        let _ = writeln!(out, "  {line}");
    }
    for sentence in sentences(g, flow) {
        out.push_str(&filled("  ", "    ", &text_of(g, &sentence, marks), COLUMNS));
    }
}

/// What is told in a terminal, with the beginning of a long expression.
fn text_of(g: &Graph, pieces: &[Piece], marks: Marks) -> String {
    Piece::sentence(pieces, |id| print::glimpse(g, id, marks.style, LONGEST))
}

/// The derivative of the result.
pub(super) fn whole(g: &Graph, flow: &Flow) -> String {
    derivative(g, flow.nodes.last().and_then(|node| node.stage), flow.by)
}

/// The names of the columns.
pub(super) const HEADS: [&str; 4] = ["link", "factor", "slope", "so far"];

/// The way of the influence in one line, with what the flow itself named.
fn title(out: &mut String, g: &Graph, flow: &Flow) {
    let way = match flow.is_chain {
        true => format!("     {}", way(g, flow).join(" → ")),
        false => ", over several ways".to_owned(),
    };
    let _ = writeln!(out, "influence of {} on {}{way}", g.name(flow.by), result(g, flow).unwrap_or("the result"));
    for (stage, definition) in named(flow) {
        let _ = writeln!(out, "  where {} = {}", g.name(stage), print::glimpse(g, definition, print::Style::Shown, LONGEST));
    }
}

/// The name of the result, where it has one.
pub(super) fn result<'g>(g: &'g Graph, flow: &Flow) -> Option<&'g str> {
    flow.nodes.last().and_then(|node| node.stage).map(|stage| g.name(stage))
}

/// The names along a chain; of many, those at its ends.
pub(super) fn way<'g>(g: &'g Graph, flow: &Flow) -> Vec<&'g str> {
    let stages: Vec<&str> = flow.nodes.iter().filter_map(|node| node.stage).map(|stage| g.name(stage)).collect();
    let mut way = vec![g.name(flow.by)];
    match stages.len() {
        0..=8 => way.extend(&stages),
        count => {
            way.extend(&stages[..3]);
            way.push("…");
            way.extend(&stages[count - 3..]);
        }
    }
    way.extend(result(g, flow).is_none().then_some("result"));
    way
}

/// What the flow itself has named.
pub(super) fn named(flow: &Flow) -> impl Iterator<Item = (Symbol, Id)> {
    flow.nodes.iter().filter_map(|node| Some((node.stage?, node.definition?)))
}

/// A link, or a sum of several.
pub(super) struct Row {
    /// Its name.
    pub link: Vec<Piece>,
    /// Its factor.
    pub factor: Vec<Piece>,
    /// The value of that.
    pub slope: Option<f64>,
    /// The influence from the variable until here.
    pub so_far: Option<f64>,
}

/// A row as it stands in a terminal.
struct Cells {
    texts: [String; 4],
    /// What the bar shows.
    slope: Option<f64>,
}

fn cells(g: &Graph, row: Row, marks: Marks) -> Cells {
    let value = |value: Option<f64>| value.map_or(String::new(), short);
    let [link, factor] = [&row.link, &row.factor].map(|pieces| text_of(g, pieces, marks));
    Cells { texts: [link, factor, value(row.slope), value(row.so_far)], slope: row.slope }
}

/// The links, with the sum after each stage that several lead to.
pub(super) fn rows(g: &Graph, flow: &Flow) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut at = 0;
    for node in &flow.nodes {
        let into: Vec<&FlowLink> = flow.links[at..].iter().take_while(|link| link.to == node.stage).collect();
        at += into.len();
        let influence = node.influence.as_ref().map(|found| found.value);
        for link in &into {
            let slope = link.slope.as_ref().map(|found| found.value);
            let so_far = match &into[..] {
                [_] => influence,
                _ => slope.zip(influence_of(flow, link.from)).map(|(slope, before)| slope * before),
            };
            let name = vec![Piece::formula(derivative(g, link.to, link.from))];
            rows.push(Row { link: name, factor: vec![Piece::Expr(link.factor)], slope, so_far });
        }
        if into.len() > 1 && influence.is_some() {
            let name = vec![Piece::formula(derivative(g, node.stage, flow.by)), Piece::text(", all")];
            rows.push(Row { link: name, factor: vec![Piece::text("the sum")], slope: None, so_far: influence });
        }
    }
    let hidden = rows.len().saturating_sub(SHOWN);
    if hidden > 0 {
        let count = vec![Piece::text(format!("{} more", hidden + 1))];
        let line = Row { link: vec![Piece::text("…")], factor: count, slope: None, so_far: None };
        rows.splice(SHOWN / 2..SHOWN / 2 + hidden + 1, [line]);
    }
    rows
}

/// How much of the variable has arrived at a stage, or 1 at the variable itself.
fn influence_of(flow: &Flow, stage: Symbol) -> Option<f64> {
    if stage == flow.by {
        return Some(1.0);
    }
    let node = flow.nodes.iter().find(|node| node.stage == Some(stage))?;
    node.influence.as_ref().map(|found| found.value)
}

fn derivative(g: &Graph, of: Option<Symbol>, by: Symbol) -> String {
    format!("d{}/d{}", of.map_or("", |of| g.name(of)), g.name(by))
}

pub(super) fn told(value: &Evaluated) -> String {
    match (&value.cause, value.doubt) {
        (Some(cause), _) => format!("{}: {cause}", number(value.value)),
        (None, Some(doubt)) => format!("{}   not verified: {doubt}", number(value.value)),
        (None, None) => number(value.value),
    }
}

// ---- the scale of powers of ten

/// The powers of ten between which the slopes of a flow lie, with 1 among them.
pub(super) fn powers(flow: &Flow) -> Option<(i32, i32)> {
    let sizes = flow.links.iter().filter_map(|link| Some(link.slope.as_ref()?.value.abs()));
    let powers: Vec<f64> = sizes.filter(|size| *size > 0.0 && size.is_finite()).map(f64::log10).collect();
    let low = powers.iter().fold(-1.0_f64, |a, b| a.min(*b)).floor() as i32;
    let high = powers.iter().fold(1.0_f64, |a, b| a.max(*b)).ceil() as i32;
    (!powers.is_empty()).then_some((low, high))
}

/// Powers of ten side by side, with 1 among them.
struct Scale {
    low: i32,
    high: i32,
    /// Characters of one power.
    step: f64,
    /// Powers from one mark to the next.
    stride: i32,
}

impl Scale {
    /// A scale for the slopes of a flow, which has so many characters.
    fn of(flow: &Flow, room: usize) -> Option<Scale> {
        let (low, high) = powers(flow)?;
        let span = (high - low) as usize;
        let room = room.clamp(SCALES.0, SCALES.1);
        let step = match room / span {
            0 => 1.0 / span.div_ceil(room) as f64,
            step => step.min(DECADE) as f64,
        };
        let stride = (MARK as f64 / step).ceil().max((span as f64 / 10.0).ceil());
        Some(Scale { low, high, step, stride: stride as i32 })
    }

    /// The position of a power of ten.
    fn place(&self, power: f64) -> usize {
        ((power - f64::from(self.low)) * self.step).round().max(0.0) as usize
    }

    fn head(&self) -> String {
        let mut text = String::new();
        for power in self.low..=self.high {
            if power % self.stride == 0 {
                let mark = if power == 0 { "1".to_owned() } else { format!("1e{power}") };
                let at = self.place(f64::from(power));
                let used = text.chars().count();
                if used == 0 || at > used {
                    text.push_str(&" ".repeat(at - used));
                    text.push_str(&mark);
                }
            }
        }
        text
    }

    /// From 1 to the size of the slope.
    fn bar(&self, slope: f64) -> String {
        let one = self.place(0.0);
        let size = slope.abs();
        if size == 0.0 || size.is_nan() {
            return format!("{}│  {}", " ".repeat(one), if size == 0.0 { "0" } else { "no value" });
        }
        let end = self.place(size.log10().clamp(f64::from(self.low), f64::from(self.high)));
        let (from, to) = (one.min(end), one.max(end));
        let bar = "█".repeat(to - from);
        if end < one { format!("{}{bar}│", " ".repeat(from)) } else { format!("{}│{bar}", " ".repeat(one)) }
    }
}

// ---- what the numbers say

pub(super) fn sentences(g: &Graph, flow: &Flow) -> Vec<Vec<Piece>> {
    if flow.total.is_none() && flow.links.iter().all(|link| link.slope.is_none()) {
        let ask = format!("give values with `at {} = …` to see which link weakens the influence", g.name(flow.by));
        return vec![vec![Piece::text(ask)]];
    }
    let mut said: Vec<Vec<Piece>> = Vec::new();
    let mut weak = 0;
    for remark in &flow.remarks {
        match remark {
            Remark::Weakens(_) | Remark::Stops(_) if weak == 3 => {
                weak += 1;
                said.push(vec![Piece::text("more links are weak")]);
            }
            Remark::Weakens(_) | Remark::Stops(_) if weak > 3 => {}
            _ => {
                weak += usize::from(matches!(remark, Remark::Weakens(_) | Remark::Stops(_)));
                said.push(sentence(g, flow, remark));
            }
        }
    }
    said.extend(verdict(g, flow));
    said
}

/// The names along one way.
pub(super) fn stages_of<'g>(g: &'g Graph, flow: &Flow, path: &Path) -> Vec<&'g str> {
    let stages = path.links.iter().map(|at| flow.links[*at].to.map_or("result", |to| g.name(to)));
    std::iter::once(g.name(flow.by)).chain(stages).collect()
}

/// The ways with their products.
fn ways(g: &Graph, flow: &Flow) -> Vec<String> {
    let text = |path: &Path| (stages_of(g, flow, path).join(" → "), short(path.product));
    let texts: Vec<(String, String)> = flow.paths.iter().map(text).collect();
    let widths = |of: fn(&(String, String)) -> &String| texts.iter().map(|text| of(text).width()).max().unwrap_or(0);
    let (long, wide) = (widths(|text| &text.0), widths(|text| &text.1));
    let line = |(k, (way, product)): (usize, &(String, String))| {
        let lead = if k == 0 { "the ways: " } else { "          " };
        let (after, before) = (" ".repeat(long - way.width()), " ".repeat(wide - product.width()));
        format!("{lead}{way}{after}   {before}{product}")
    };
    texts.iter().enumerate().map(line).collect()
}

fn sentence(g: &Graph, flow: &Flow, remark: &Remark) -> Vec<Piece> {
    let name = |k: usize| Piece::formula(derivative(g, flow.links[k].to, flow.links[k].from));
    let slope = |k: usize| flow.links[k].slope.as_ref().map_or(f64::NAN, |found| found.value);
    let because = |k: usize| flow.links[k].reason.as_ref().map_or(Vec::new(), |reason| because(g, reason));
    match remark {
        Remark::Stops(k) => match because(*k) {
            why if why.is_empty() => vec![name(*k), Piece::text(" is 0: nothing passes")],
            why => [vec![name(*k), Piece::text(" is 0, nothing passes")], why].concat(),
        },
        Remark::Weakens(k) => {
            let lets = Piece::text(format!(" lets {} through", percent(slope(*k).abs())));
            [vec![name(*k), lets], because(*k)].concat()
        }
        Remark::Strengthens(k) => {
            vec![name(*k), Piece::text(format!(" multiplies the influence by {}", short(slope(*k))))]
        }
        Remark::MadeUp { weak, strong } => {
            let lets = Piece::text(format!(" lets {} through", percent(slope(*weak).abs())));
            let (large, together) = (short(slope(*strong)), short(slope(*weak) * slope(*strong)));
            let makes_up = Piece::text(format!(" = {large} makes up for it: together {together}"));
            [vec![name(*weak), lets], because(*weak), vec![Piece::text(". "), name(*strong), makes_up]].concat()
        }
        Remark::Layers { links, count, rate, until, .. } => {
            let what =
                if *links == 1 { format!("{count} layers of one kind") } else { format!("{count} layers of {links} links") };
            let rate_text = short(*rate);
            let limit = short(if *rate < 1.0 { LOST } else { 1.0 / LOST });
            let end = match until {
                Some(until) if *rate < 1.0 => format!("; after {until} it is under {limit}"),
                Some(until) => format!("; after {until} it is over {limit}"),
                None => String::new(),
            };
            vec![Piece::text(format!("{what}: each multiplies the influence by {rate_text}{end}"))]
        }
    }
}

/// `: sigmoid is saturated at z = 6.2, its slope there is 0.8 % of its largest, 0.25`
fn because(g: &Graph, reason: &Reason) -> Vec<Piece> {
    let is_flat = reason.slope == 0.0;
    let how = if is_flat { "flat" } else { "saturated" };
    let mut out = vec![Piece::text(format!(": {} is {how} at ", reason.function)), Piece::Expr(reason.argument)];
    if g.as_number(reason.argument).is_none() {
        out.extend([Piece::formula(" = "), Piece::formula(short(reason.at))]);
    }
    if !is_flat {
        let share = percent(reason.slope.abs() / reason.largest);
        let largest = rounded(reason.largest, 4);
        out.push(Piece::text(format!(", its slope there is {share} of its largest, {largest}")));
    }
    out
}

fn percent(share: f64) -> String {
    format!("{} %", rounded(share * 100.0, 2))
}

/// The whole in one sentence.
fn verdict(g: &Graph, flow: &Flow) -> Option<Vec<Piece>> {
    let total = flow.total.as_ref()?;
    let result = result(g, flow).map_or(Piece::text("the result"), |name| Piece::formula(name.to_owned()));
    let (by, size) = (Piece::formula(g.name(flow.by).to_owned()), total.value.abs());
    if !size.is_finite() {
        return None;
    }
    let ends = |what: &str, by| {
        let (before, after) = (format!("{what}: a step against it moves "), format!(" by {} times the rate", short(size)));
        Some(vec![Piece::text(before), by, Piece::text(after)])
    };
    match size {
        0.0 => {
            let end = Piece::text(" here: a descent does not move it");
            Some(vec![by, Piece::text(" has no influence on "), result, end])
        }
        size if size < LOST => ends("the influence has died", by),
        size if size > 1.0 / LOST => ends("the influence has blown up", by),
        _ if flow.remarks.is_empty() => Some(vec![Piece::text("no link kills the influence, none blows it up")]),
        _ => None,
    }
}

// ---- elasticities

/// The elasticities of one statement.
#[must_use]
pub fn elasticities(g: &Graph, found: &[Elasticity], marks: Marks) -> String {
    let mut out = String::new();
    for elasticity in found {
        let text = print::with_named_parts(g, elasticity.formula.id, marks.style, print::NAMED_PARTS_FROM).text;
        let value = elasticity.formula.value.as_ref().map_or(String::new(), |value| format!(" = {}", told(value)));
        let wherever = super::text::wherever(g, &elasticity.formula.conditions, |conditions| {
            let listed: Vec<String> = conditions.iter().map(|c| print::glimpse(g, *c, marks.style, LONGEST)).collect();
            listed.join(", ")
        });
        let _ = writeln!(out, "{}: {text}{value}{wherever}", percent_for(g, elasticity));
        for line in consequences(g, elasticity) {
            let _ = writeln!(out, "  {line}");
        }
    }
    if marks.bar == Marks::UNICODE.bar { out } else { marks.folded(&out) }
}

/// What an elasticity counts.
pub(super) fn percent_for(g: &Graph, elasticity: &Elasticity) -> String {
    format!("% out for 1 % more {}", g.name(elasticity.by))
}

/// What an elasticity says, in sentences, where there are values.
pub(super) fn consequences(g: &Graph, elasticity: &Elasticity) -> Vec<String> {
    let by = g.name(elasticity.by);
    let Elasticity { formula, at, value, slope, .. } = elasticity;
    let ratio = formula.value.as_ref().map(|value| value.value).or_else(|| Some(g.as_number(formula.id)?.to_f64()));
    let (Some(ratio), Some(at), Some(whole), Some(slope)) = (ratio, at, value, slope) else { return Vec::new() };
    if ![ratio, at.value, whole.value, slope.value].iter().all(|v| v.is_finite()) {
        return Vec::new();
    }
    let step = at.value / 100.0;
    let direction = if ratio < 0.0 { "less" } else { "more" };
    let (from, to, size) = (short(at.value), short(at.value + step), short(ratio.abs()));
    let (rate, value, change) = (short(slope.value), short(whole.value), short(slope.value * step));
    vec![
        format!("relative: {by} from {from} to {to} (1 % more) gives about {size} % {direction}"),
        format!("absolute: the slope is {rate}, so that step changes {value} by about {change}"),
        meaning(by, ratio.abs()),
    ]
}

/// What the size of an elasticity says about errors.
fn meaning(by: &str, size: f64) -> String {
    match size {
        0.0 => format!("a relative error in {by} has no effect here"),
        size if size < 0.5 => format!("a relative error in {by} shrinks to {} of it", short(size)),
        size if size <= 2.0 => format!("a relative error in {by} stays about as large: times {}", short(size)),
        size => format!("a relative error in {by} grows {} times", short(size)),
    }
}
