//! Flows and elasticities in the terminal: each link with its factor, its slope on a scale of powers of ten and the influence so
//! far, then what the numbers say, in sentences.

use super::derivation::Marks;
use super::prose::{COLUMNS, filled};
use super::table::{cut, rounded};
use crate::eval::number_text as number;
use crate::expr::{Graph, Symbol, print};
use crate::flow::{LOST, Remark};
use crate::outcome::{Elasticity, Evaluated, Flow, FlowLink, FlowNode, Reason};
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
const WITHIN_ROWS: &str = "the stages within the mean or sum have a value for each row, so they are one link here; to see them, ask for \
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
    let mut rows = rows(g, flow, marks);
    let heads = ["link", "factor", "slope", "so far"].map(str::to_owned);
    let width = |rows: &[Row], k: usize| rows.iter().map(|row| row.cells[k].width()).max().unwrap_or(0).max(heads[k].width());
    let [link, slope, so_far] = [0, 2, 3].map(|k| width(&rows, k));
    let room = COLUMNS.saturating_sub(link + slope + so_far + BESIDE);
    rows.iter_mut().for_each(|row| row.cells[1] = cut(&row.cells[1], room.saturating_sub(SCALES.0).max(FACTOR)));
    let factor = width(&rows, 1);
    let scale = Scale::of(flow, room.saturating_sub(factor));
    let mut lines = vec![(heads, scale.as_ref().map_or(String::new(), Scale::head))];
    for row in rows {
        let bar = match (&scale, row.slope) {
            (Some(scale), Some(slope)) => scale.bar(slope),
            _ => String::new(),
        };
        lines.push((row.cells, bar));
    }
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
    for ([name, formula, value, far], bar) in &lines {
        let left = format!("  {name}{}  {formula}{}", pad(name, link), pad(formula, factor));
        let right = format!("  {}{value}  {}{far}  {bar}", pad(value, slope), pad(far, so_far));
        let _ = writeln!(out, "{}", format!("{left}{right}").trim_end());
    }
    if let Some(total) = &flow.total {
        let name = derivative(g, flow.nodes.last().and_then(|node| node.stage), flow.by);
        let _ = writeln!(out, "  {name} = {}", told(total));
    }
    if flow.within_rows {
        out.push_str(&filled("  ", "  ", WITHIN_ROWS, COLUMNS));
    }
    for line in ways(g, flow) {
        let _ = writeln!(out, "  {line}");
    }
    for sentence in sentences(g, flow, marks) {
        out.push_str(&filled("  ", "    ", &sentence, COLUMNS));
    }
}

/// The way of the influence in one line, with what the flow itself named.
fn title(out: &mut String, g: &Graph, flow: &Flow) {
    let result = flow.nodes.last().and_then(|node| node.stage).map_or("the result", |stage| g.name(stage));
    let by = g.name(flow.by);
    let stages: Vec<&str> = flow.nodes.iter().filter_map(|node| node.stage).map(|stage| g.name(stage)).collect();
    if flow.is_chain {
        let mut way = vec![by];
        match stages.len() {
            0..=8 => way.extend(&stages),
            count => {
                way.extend(&stages[..3]);
                way.push("…");
                way.extend(&stages[count - 3..]);
            }
        }
        if flow.nodes.last().is_some_and(|node| node.stage.is_none()) {
            way.push("result");
        }
        let _ = writeln!(out, "influence of {by} on {result}     {}", way.join(" → "));
    } else {
        let _ = writeln!(out, "influence of {by} on {result}, over several ways");
    }
    for node in &flow.nodes {
        if let (Some(stage), Some(definition)) = (node.stage, node.definition) {
            let _ = writeln!(out, "  where {} = {}", g.name(stage), print::glimpse(g, definition, print::Style::Shown, LONGEST));
        }
    }
}

struct Row {
    cells: [String; 4],
    /// What the bar shows.
    slope: Option<f64>,
}

/// The links, with the sum after each stage that several lead to.
fn rows(g: &Graph, flow: &Flow, marks: Marks) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut at = 0;
    for node in &flow.nodes {
        let into: Vec<&FlowLink> = flow.links[at..].iter().take_while(|link| link.to == node.stage).collect();
        at += into.len();
        let influence = node.influence.as_ref().map_or(String::new(), |found| short(found.value));
        for link in &into {
            let slope = link.slope.as_ref().map(|found| found.value);
            let far = match &into[..] {
                [_] => influence.clone(),
                _ => slope.zip(influence_of(flow, link.from)).map_or(String::new(), |(slope, before)| short(slope * before)),
            };
            let factor = print::glimpse(g, link.factor, marks.style, LONGEST);
            let value = slope.map_or(String::new(), short);
            rows.push(Row { cells: [derivative(g, link.to, link.from), factor, value, far], slope });
        }
        if into.len() > 1 && node.influence.is_some() {
            let name = format!("{}, all", derivative(g, node.stage, flow.by));
            rows.push(Row { cells: [name, "the sum".to_owned(), String::new(), influence], slope: None });
        }
    }
    let hidden = rows.len().saturating_sub(SHOWN);
    if hidden > 0 {
        let line = Row { cells: ["…".to_owned(), format!("{} more", hidden + 1), String::new(), String::new()], slope: None };
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

fn told(value: &Evaluated) -> String {
    match (&value.cause, value.doubt) {
        (Some(cause), _) => format!("{}: {cause}", number(value.value)),
        (None, Some(doubt)) => format!("{}   not verified: {doubt}", number(value.value)),
        (None, None) => number(value.value),
    }
}

// ---- the scale of powers of ten

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
        let sizes = flow.links.iter().filter_map(|link| Some(link.slope.as_ref()?.value.abs()));
        let powers: Vec<f64> = sizes.filter(|size| *size > 0.0 && size.is_finite()).map(f64::log10).collect();
        if powers.is_empty() {
            return None;
        }
        let low = powers.iter().fold(-1.0_f64, |a, b| a.min(*b)).floor() as i32;
        let high = powers.iter().fold(1.0_f64, |a, b| a.max(*b)).ceil() as i32;
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

fn sentences(g: &Graph, flow: &Flow, marks: Marks) -> Vec<String> {
    if flow.total.is_none() && flow.links.iter().all(|link| link.slope.is_none()) {
        return vec![format!("give values with `at {} = …` to see which link weakens the influence", g.name(flow.by))];
    }
    let mut said: Vec<String> = Vec::new();
    let mut weak = 0;
    for remark in &flow.remarks {
        match remark {
            Remark::Weakens(_) | Remark::Stops(_) if weak == 3 => {
                weak += 1;
                said.push("more links are weak".to_owned());
            }
            Remark::Weakens(_) | Remark::Stops(_) if weak > 3 => {}
            _ => {
                weak += usize::from(matches!(remark, Remark::Weakens(_) | Remark::Stops(_)));
                said.push(sentence(g, flow, remark, marks));
            }
        }
    }
    if let Some(verdict) = verdict(g, flow) {
        said.push(verdict);
    }
    said
}

/// The ways with their products.
fn ways(g: &Graph, flow: &Flow) -> Vec<String> {
    let way = |links: &[usize]| {
        let stages = links.iter().map(|at| flow.links[*at].to.map_or("result", |to| g.name(to)));
        std::iter::once(g.name(flow.by)).chain(stages).collect::<Vec<&str>>().join(" → ")
    };
    let texts: Vec<(String, String)> = flow.paths.iter().map(|path| (way(&path.links), short(path.product))).collect();
    let widths = |of: fn(&(String, String)) -> &String| texts.iter().map(|text| of(text).width()).max().unwrap_or(0);
    let (long, wide) = (widths(|text| &text.0), widths(|text| &text.1));
    let line = |(k, (way, product)): (usize, &(String, String))| {
        let lead = if k == 0 { "the ways: " } else { "          " };
        let (after, before) = (" ".repeat(long - way.width()), " ".repeat(wide - product.width()));
        format!("{lead}{way}{after}   {before}{product}")
    };
    texts.iter().enumerate().map(line).collect()
}

fn sentence(g: &Graph, flow: &Flow, remark: &Remark, marks: Marks) -> String {
    let name = |k: usize| derivative(g, flow.links[k].to, flow.links[k].from);
    let slope = |k: usize| flow.links[k].slope.as_ref().map_or(f64::NAN, |found| found.value);
    match remark {
        Remark::Stops(k) => match &flow.links[*k].reason {
            Some(reason) => format!("{} is 0, nothing passes: {}", name(*k), because(g, reason, marks)),
            None => format!("{} is 0: nothing passes", name(*k)),
        },
        Remark::Weakens(k) => {
            let share = percent(slope(*k).abs());
            match &flow.links[*k].reason {
                Some(reason) => format!("{} lets {share} through: {}", name(*k), because(g, reason, marks)),
                None => format!("{} lets {share} through", name(*k)),
            }
        }
        Remark::Strengthens(k) => format!("{} multiplies the influence by {}", name(*k), short(slope(*k))),
        Remark::MadeUp { weak, strong } => {
            let why =
                flow.links[*weak].reason.as_ref().map_or(String::new(), |reason| format!(": {}", because(g, reason, marks)));
            let (share, large) = (percent(slope(*weak).abs()), short(slope(*strong)));
            let together = short(slope(*weak) * slope(*strong));
            let (weak, strong) = (name(*weak), name(*strong));
            format!("{weak} lets {share} through{why}. {strong} = {large} makes up for it: together {together}")
        }
        Remark::Layers { links, count, rate, until, .. } => {
            let what =
                if *links == 1 { format!("{count} layers of one kind") } else { format!("{count} layers of {links} links") };
            let rate_text = short(*rate);
            let limit = short(if *rate < 1.0 { LOST } else { 1.0 / LOST });
            match until {
                Some(until) if *rate < 1.0 => {
                    format!("{what}: each multiplies the influence by {rate_text}; after {until} it is under {limit}")
                }
                Some(until) => format!("{what}: each multiplies the influence by {rate_text}; after {until} it is over {limit}"),
                None => format!("{what}: each multiplies the influence by {rate_text}"),
            }
        }
    }
}

/// `sigmoid is saturated at z = 6.2: its slope there is 0.8 % of its largest, 0.25`
fn because(g: &Graph, reason: &Reason, marks: Marks) -> String {
    let argument = print::glimpse(g, reason.argument, marks.style, LONGEST);
    let at = if g.as_number(reason.argument).is_some() { argument } else { format!("{argument} = {}", short(reason.at)) };
    if reason.slope == 0.0 {
        return format!("{} is flat at {at}", reason.function);
    }
    let share = percent(reason.slope.abs() / reason.largest);
    format!("{} is saturated at {at}, its slope there is {share} of its largest, {}", reason.function, rounded(reason.largest, 4))
}

fn percent(share: f64) -> String {
    format!("{} %", rounded(share * 100.0, 2))
}

/// The whole in one sentence.
fn verdict(g: &Graph, flow: &Flow) -> Option<String> {
    let total = flow.total.as_ref()?;
    let result = flow.nodes.last().and_then(|FlowNode { stage, .. }| *stage).map_or("the result", |stage| g.name(stage));
    let (by, size) = (g.name(flow.by), total.value.abs());
    if !size.is_finite() {
        return None;
    }
    let ends = |what: &str| Some(format!("{what}: a step against it moves {by} by {} times the rate", short(size)));
    match size {
        0.0 => Some(format!("{by} has no influence on {result} here: a descent does not move it")),
        size if size < LOST => ends("the influence has died"),
        size if size > 1.0 / LOST => ends("the influence has blown up"),
        _ if flow.remarks.is_empty() => Some("no link kills the influence, none blows it up".to_owned()),
        _ => None,
    }
}

// ---- elasticities

/// The elasticities of one statement.
#[must_use]
pub fn elasticities(g: &Graph, found: &[Elasticity], marks: Marks) -> String {
    let mut out = String::new();
    for elasticity in found {
        let by = g.name(elasticity.by);
        let text = print::with_named_parts(g, elasticity.formula.id, marks.style, print::NAMED_PARTS_FROM).text;
        let ratio = elasticity
            .formula
            .value
            .as_ref()
            .map(|value| value.value)
            .or_else(|| Some(g.as_number(elasticity.formula.id)?.to_f64()));
        let value = elasticity.formula.value.as_ref().map_or(String::new(), |value| format!(" = {}", told(value)));
        let conditions: Vec<String> =
            elasticity.formula.conditions.iter().map(|c| print::glimpse(g, *c, marks.style, LONGEST)).collect();
        let wherever = if conditions.is_empty() { String::new() } else { format!("   where {}", conditions.join(", ")) };
        let _ = writeln!(out, "% out for 1 % more {by}: {text}{value}{wherever}");
        let (Some(ratio), Some(at), Some(whole), Some(slope)) = (ratio, &elasticity.at, &elasticity.value, &elasticity.slope)
        else {
            continue;
        };
        if ![ratio, at.value, whole.value, slope.value].iter().all(|v| v.is_finite()) {
            continue;
        }
        let step = at.value / 100.0;
        let direction = |v: f64| if v < 0.0 { "less" } else { "more" };
        let _ = writeln!(
            out,
            "  relative: {by} from {} to {} (1 % more) gives about {} % {}",
            short(at.value),
            short(at.value + step),
            short(ratio.abs()),
            direction(ratio)
        );
        let _ = writeln!(
            out,
            "  absolute: the slope is {}, so that step changes {} by about {}",
            short(slope.value),
            short(whole.value),
            short(slope.value * step)
        );
        let _ = writeln!(out, "  {}", meaning(by, ratio.abs()));
    }
    if marks.bar == Marks::UNICODE.bar { out } else { marks.folded(&out) }
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
