//! Where functions are saturated, in a document: a table for each function, or one that compares several, and the verdicts.

use super::formula::formula;
use super::steps::{inline, joined, pieces};
use super::{Block, Line, Run, Strip, Table, words};
use crate::expr::Graph;
use crate::outcome::Saturated;
use crate::plot::short;
use crate::render::saturation as told;
use crate::render::table::rounded;
use crate::saturation::Saturation;

/// What was found of the functions.
pub(super) fn of(g: &Graph, variable: &str, range: (f64, f64), functions: &[Saturated]) -> Vec<Block> {
    let mut blocks: Vec<Block> = match functions {
        [Saturated { answer: Ok(found), name, slope }] => {
            let slope = slope.map(|slope| joined(vec![words("Slope: "), inline(g, slope)]));
            let table = Block::Table(regions(variable, name, found));
            slope.map(|slope| Block::Results(vec![slope])).into_iter().chain([table]).collect()
        }
        several => vec![Block::Table(compared(variable, range, several))],
    };
    let verdicts = functions.iter().map(|function| match &function.answer {
        Ok(found) => pieces(g, &told::verdict(variable, &function.name, found)),
        Err(why) => vec![Run::Math(formula(&function.name)), words(&format!(": {why}"))],
    });
    let sure = told::how_sure(functions).map(|line| vec![words(&super::sentence(&line))]);
    blocks.push(Block::Remarks(verdicts.chain(sure).collect()));
    blocks
}

/// `f` for `0 <= x <= 1`.
fn over(what: Line, variable: &str, (from, to): (f64, f64)) -> Line {
    let range = match (from.is_infinite(), to.is_infinite()) {
        (true, true) => vec![words(" for every "), Run::Math(formula(variable))],
        _ => {
            let end = |at: f64| Run::Math(formula(&rounded(at, 10)));
            vec![words(" for "), Run::Math(formula(variable)), words(" from "), end(from), words(" to "), end(to)]
        }
    };
    joined([what, range].concat())
}

fn regions(variable: &str, name: &str, found: &Saturation) -> Table {
    let row = |what: &str, place: Line, slope: String| vec![vec![words(what)], place, vec![words(&slope)]];
    let set = |text: &str| vec![Run::Math(formula(text))];
    let mut rows = vec![["", "where", "slope"].map(|head| vec![words(head)]).to_vec()];
    let peaks = vec![words(&told::peaks(variable, &found.peaks))];
    rows.push(row("largest slope", peaks, told::largest(found)));
    for region in found.regions.iter().take(told::LISTED) {
        let slopes = told::slopes(region).unwrap_or_default();
        rows.push(row("saturated", set(&told::inside(variable, region)), slopes));
    }
    let stretch = |(low, high): &(f64, f64), sign: &str| {
        set(&format!("{} {sign} {variable} {sign} {}", rounded(*low, 10), rounded(*high, 10)))
    };
    rows.extend(found.open.iter().take(told::LISTED).map(|ends| row("not decided", stretch(ends, "<="), String::new())));
    rows.extend(found.undefined.iter().take(told::LISTED).map(|ends| row("no value", stretch(ends, "<"), String::new())));
    let left = [&found.open, &found.undefined].map(|list| list.len().saturating_sub(told::LISTED)).iter().sum::<usize>()
        + found.regions.len().saturating_sub(told::LISTED);
    rows.extend((left > 0).then(|| row("…", vec![words(&format!("{left} more"))], String::new())));
    if let Some(strip) = strip(found) {
        rows.push(row("dark where saturated", vec![Run::Strip(strip)], String::new()));
    }
    Table { caption: over(set(name), variable, found.range), words: 2, rows }
}

/// The range with its saturated parts; none where it has no ends.
fn strip(found: &Saturation) -> Option<Strip> {
    let (from, to) = found.range;
    let place = |at: f64| ((at - from) / (to - from)).clamp(0.0, 1.0);
    let dark = found.regions.iter().map(|region| (place(region.from.at), place(region.to.at))).collect();
    let doubt = found.open.iter().map(|(low, high)| (place(*low), place(*high))).collect();
    (to - from).is_finite().then_some(Strip { dark, doubt, mark: None })
}

/// The functions side by side.
fn compared(variable: &str, range: (f64, f64), functions: &[Saturated]) -> Table {
    let heads = ["function", "dark where saturated", "saturated", "largest slope"].map(|head| vec![words(head)]).to_vec();
    let row = |function: &Saturated| {
        let found = function.answer.as_ref().ok();
        let strip = found.and_then(strip).map(Run::Strip);
        let number = |text: Option<String>| vec![words(&text.unwrap_or_default())];
        let name = vec![Run::Math(formula(&function.name))];
        vec![name, strip.into_iter().collect(), number(found.map(told::part)), number(found.map(|found| short(found.largest.1)))]
    };
    let rows = std::iter::once(heads).chain(functions.iter().map(row)).collect();
    Table { caption: over(vec![words("How much is saturated,")], variable, range), words: 2, rows }
}
