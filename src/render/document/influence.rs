//! Flows and elasticities in a document: the links as a table, what the numbers say as sentences.

use super::steps::{inline, joined, pieces, run};
use super::{Block, Line, Run, Strip, Table, answer, formula::formula, layout, sentence, sign, words};
use crate::expr::Graph;
use crate::outcome::{Elasticity, Flow};
use crate::plot::short;
use crate::render::flow;

/// One flow: its links, the derivative of the result, and what there is to say.
pub(super) fn of(g: &Graph, found: &Flow) -> Vec<Block> {
    let text = |line: String| vec![words(&sentence(&line))];
    let mut remarks: Vec<Line> = Vec::new();
    for (stage, definition) in flow::named(found) {
        remarks.push(joined(vec![words("Here "), named(g.name(stage)), sign('='), inline(g, definition)]));
    }
    remarks.extend(found.within_rows.then(|| text(flow::WITHIN_ROWS.to_owned())));
    remarks.extend(flow::sentences(g, found).iter().map(|told| super::capital(pieces(g, told))));
    let mut blocks = vec![Block::Table(links(g, found))];
    blocks.extend((!found.paths.is_empty()).then(|| Block::Table(ways(g, found))));
    if let Some(total) = &found.total {
        let value = [vec![Run::Math(formula(&flow::whole(g, found))), sign('=')], answer::valued(g, total)].concat();
        blocks.push(Block::Results(vec![joined(value)]));
    }
    blocks.push(Block::Remarks(remarks));
    blocks
}

/// A name as mathematics.
fn named(name: &str) -> Run {
    Run::Math(layout::Math::Name(layout::name(name)))
}

/// Names with arrows between them.
fn way(names: &[&str]) -> Line {
    let mut out = Vec::new();
    for (k, name) in names.iter().enumerate() {
        out.extend((k > 0).then(|| sign('→')));
        out.push(match *name {
            "…" => sign('…'),
            name => named(name),
        });
    }
    joined(out)
}

fn links(g: &Graph, found: &Flow) -> Table {
    let result = flow::result(g, found).map_or(words("the result"), named);
    let mut caption = vec![words("Influence of "), named(g.name(found.by)), words(" on "), result];
    match found.is_chain {
        true => caption.extend([vec![words(": ")], way(&flow::way(g, found))].concat()),
        false => caption.push(words(", over several ways")),
    }
    let number = |value: Option<f64>| vec![words(&value.map_or(String::new(), short))];
    let powers = flow::powers(found);
    let row = |row: flow::Row| {
        let strip = powers.map(|powers| vec![Run::Strip(row.slope.map_or(Strip::default(), |slope| strip(slope, powers)))]);
        let cells = [pieces(g, &row.link), pieces(g, &row.factor), number(row.slope), number(row.so_far)];
        cells.into_iter().chain(strip).collect()
    };
    let scale = powers.map(|(low, high)| vec![words(&format!("1e{low} … 1 … 1e{high}"))]);
    let heads = flow::HEADS.map(|head| vec![words(head)]).into_iter().chain(scale).collect();
    let rows = std::iter::once(heads).chain(flow::rows(g, found).into_iter().map(row)).collect();
    Table { caption: joined(caption), words: 2, rows }
}

/// From 1 to the size of a slope, on a scale of powers of ten.
fn strip(slope: f64, (low, high): (i32, i32)) -> Strip {
    let place = |power: f64| ((power - f64::from(low)) / f64::from(high - low)).clamp(0.0, 1.0);
    let (one, end) = (place(0.0), place(slope.abs().log10()));
    let dark = if slope.is_nan() { Vec::new() } else { vec![(one.min(end), one.max(end))] };
    Strip { dark, mark: Some(one), ..Strip::default() }
}

/// The ways with the products of their slopes.
fn ways(g: &Graph, found: &Flow) -> Table {
    let row = |path| vec![way(&flow::stages_of(g, found, path)), vec![words(&short(path.product))]];
    let heads = ["way", "product"].map(|head| vec![words(head)]).to_vec();
    let rows = std::iter::once(heads).chain(found.paths.iter().map(row)).collect();
    Table { caption: vec![words("The ways, with the products of their slopes")], words: 1, rows }
}

/// An elasticity with what it says.
pub(super) fn elasticity(g: &Graph, found: &Elasticity) -> Vec<Block> {
    let lead = words(&format!("{}: ", flow::percent_for(g, found)));
    let told = flow::consequences(g, found).into_iter().map(|line| vec![words(&sentence(&line))]);
    let result = match layout::expression(g, found.formula.id) {
        Some(_) => answer::result(g, vec![lead], &found.formula),
        None => vec![lead, run(g, found.formula.id, &layout::Places::new())],
    };
    vec![Block::Results(vec![result]), Block::Remarks(told.collect())]
}
