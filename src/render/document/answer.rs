//! Answers as blocks of a document. One arm for each answer that has a form of its own; the others stand as the text that a
//! terminal shows, their columns kept.

use super::layout::{self, Fence, Math, digits, fenced};
use super::steps::{inline, joined, run, steps};
use super::{Block, Line, Run};
use crate::derive::Detail;
use crate::eval::number_text;
use crate::expr::{Graph, Id, Symbol, View, print};
use crate::outcome::{Answer, Evaluated, Exercises, Formula, Growth, Pace, Stability, Table};
use crate::render::derivation::Marks;
use crate::render::{course, curve, curve_picture, exercise, growth, stability, table, text};

/// A formula of more characters takes a line.
const LONG: usize = 60;

/// The characters of a table that fits beside the margins.
const WIDE: usize = 70;

/// The blocks of an answer.
#[must_use]
pub fn blocks(g: &Graph, answer: &Answer) -> Vec<Block> {
    match answer {
        Answer::Formula(formula) | Answer::Simplified { formula, detail: None, .. } if fits(g, [formula.id]) => {
            vec![Block::Results(results(g, Vec::new(), formula))]
        }
        Answer::Simplified { derivation, detail: Some(detail), .. } => {
            vec![Block::Steps(Box::new(steps(g, derivation, *detail)))]
        }
        Answer::Derivation { derivation, detail, value } => {
            let steps = steps(g, derivation, *detail);
            let value = value.as_ref().map(|value| joined([steps.start.clone(), vec![sign('=')], valued(g, value)].concat()));
            let value = value.map(|value| Block::Results(vec![value]));
            std::iter::once(Block::Steps(Box::new(steps))).chain(value).collect()
        }
        Answer::Vector(formulas) if fits(g, formulas.iter().map(|f| f.id)) => vec![Block::Results(vec![vector(g, formulas)])],
        Answer::Matrix { rows, .. } if fits(g, rows.iter().flatten().map(|f| f.id)) => {
            vec![Block::Results(rows.iter().map(|row| vector(g, row)).collect())]
        }
        Answer::Gradient(partials) if fits(g, partials.iter().map(|(_, f)| f.id)) => {
            let all = partials.iter().flat_map(|(symbol, formula)| results(g, slope(g, *symbol), formula));
            vec![Block::Results(all.collect())]
        }
        Answer::Slopes { value, by, partials } => {
            let slopes = by.iter().zip(partials).map(|(s, partial)| joined([slope(g, *s), valued(g, partial)].concat()));
            vec![Block::Results(std::iter::once(valued(g, value)).chain(slopes).collect())]
        }
        Answer::Values { values, is_vector: false } => {
            vec![Block::Results(values.iter().map(|value| valued(g, value)).collect())]
        }
        Answer::Truth(holds) => vec![Block::Results(vec![vec![words(if *holds { "true" } else { "false" })]])],
        Answer::Domain(report) => {
            let mut lines = vec![match &report.conditions[..] {
                [] => vec![words("defined everywhere")],
                [never] if g.view(*never) == View::Truth(false) => vec![words("defined nowhere")],
                some => joined([vec![words("defined where ")], listed(g, some)].concat()),
            }];
            let places = report.kinks.iter().chain(report.poles.iter());
            lines.extend(places.map(|(at, what)| joined(vec![words(&format!("{what} at ")), inline(g, *at)])));
            vec![Block::Remarks(lines)]
        }
        Answer::Picture(picture) => vec![Block::Picture(picture.clone())],
        Answer::Table(found) => tabled(found),
        Answer::Growth(found) => vec![Block::Remarks(growth_lines(g, found))],
        Answer::Stable(found) => stable(g, found),
        Answer::Descent(found) => {
            let rows = course::rows(g, found, Marks::UNICODE, WIDE);
            let picture = course::picture(found).map(|picture| Block::Picture(Box::new(picture)));
            let remarks = course::remarks(g, found).iter().map(|line| with_code(line)).collect();
            picture.into_iter().chain([cells(rows), Block::Remarks(remarks)]).collect()
        }
        Answer::Curve(found) => {
            let picture = curve_picture::picture(found).map(|picture| Block::Picture(Box::new(picture)));
            std::iter::once(Block::Text(curve::words(found))).chain(picture).collect()
        }
        Answer::Exercises(sheet) => sheet_blocks(sheet),
        other => vec![Block::Text(text::answer(g, other, Marks::UNICODE))],
    }
}

/// A sheet of problems, numbered; with its key each with its solution and what is wrong.
fn sheet_blocks(sheet: &Exercises) -> Vec<Block> {
    let g = &sheet.graph;
    let mut out = vec![Block::Remarks(vec![vec![Run::Text(exercise::heading(sheet) + &exercise::assuming(sheet))]])];
    for (k, problem) in (1..).zip(&sheet.problems) {
        let question = run(g, problem.solution.start, &layout::Places::new());
        out.push(Block::Results(vec![joined(vec![words(&format!("{k}.  ")), question])]));
        if sheet.key {
            out.push(Block::Steps(Box::new(steps(g, &problem.solution, Detail::Normal))));
            let wrong = problem.wrong.iter().enumerate().map(|(k, wrong)| {
                let label = exercise::wrong_label(k);
                joined(vec![words(&format!("{label} ")), inline(g, wrong.answer), words(&format!(": {}", wrong.said))])
            });
            out.push(Block::Remarks(wrong.collect()));
        }
    }
    out
}

/// Whether all of them can be set.
fn fits(g: &Graph, ids: impl IntoIterator<Item = Id>) -> bool {
    ids.into_iter().all(|id| layout::expression(g, id).is_some())
}

fn words(text: &str) -> Run {
    Run::Text(text.to_owned())
}

fn sign(sign: char) -> Run {
    Run::Math(Math::Sign(sign))
}

/// `d/dx =`
fn slope(g: &Graph, symbol: Symbol) -> Line {
    vec![Run::Math(layout::operator(g, symbol, 1)), sign('=')]
}

fn listed(g: &Graph, ids: &[Id]) -> Line {
    let mut out = Vec::new();
    for (k, id) in ids.iter().enumerate() {
        out.extend((k > 0).then(|| words(", ")));
        out.push(inline(g, *id));
    }
    out
}

/// A sentence in which what can be typed stands between backticks.
fn with_code(text: &str) -> Line {
    let runs = text.split('`').enumerate().map(|(k, part)| match k % 2 {
        0 => Run::Text(part.to_owned()),
        _ => Run::Code(part.to_owned()),
    });
    joined(runs.collect())
}

/// The same as [`result`], with the value on a line of its own where the formula takes a line.
fn results(g: &Graph, name: Line, formula: &Formula) -> Vec<Line> {
    match &formula.value {
        Some(value) if print::plain(g, formula.id).len() > LONG => {
            let alone = Formula { value: None, conditions: Vec::new(), ..formula.clone() };
            let below = [vec![sign('=')], valued(g, value), conditions(g, &formula.conditions)].concat();
            vec![result(g, name, &alone), joined(below)]
        }
        _ => vec![result(g, name, formula)],
    }
}

/// `formula = value where conditions`, behind what it is the value of.
fn result(g: &Graph, name: Line, formula: &Formula) -> Line {
    let mut line = name;
    line.push(run(g, formula.id, &layout::Places::new()));
    if let Some(value) = &formula.value {
        line.push(sign('='));
        line.extend(valued(g, value));
    }
    line.extend(conditions(g, &formula.conditions));
    joined(line)
}

fn conditions(g: &Graph, conditions: &[Id]) -> Line {
    match conditions {
        [] => Vec::new(),
        [never] if g.view(*never) == View::Truth(false) => vec![words(" defined nowhere")],
        some => [vec![words(" where ")], listed(g, some)].concat(),
    }
}

/// `[a, b] = [1, 2]`, with the conditions of all.
fn vector(g: &Graph, formulas: &[Formula]) -> Line {
    let row = |items: Vec<Math>| {
        let mut row = Vec::new();
        for (k, item) in items.into_iter().enumerate() {
            row.extend((k > 0).then_some(Math::Sign(',')));
            row.push(item);
        }
        Run::Math(fenced(Fence::Square, Math::Row(row)))
    };
    let set = |id: Id| layout::expression(g, id).unwrap_or(Math::Sign('…'));
    let mut line = vec![row(formulas.iter().map(|f| set(f.id)).collect())];
    if formulas.iter().any(|f| f.value.is_some()) {
        // a number among the formulas is its own value
        let value = |f: &Formula| f.value.as_ref().map_or_else(|| set(f.id), |value| digits(&number_text(value.value)));
        line.extend([sign('='), row(formulas.iter().map(value).collect())]);
    }
    let mut all: Vec<Id> = Vec::new();
    for condition in formulas.iter().flat_map(|f| &f.conditions) {
        if !all.contains(condition) {
            all.push(*condition);
        }
    }
    line.extend(conditions(g, &all));
    joined(line)
}

/// A value, with the reason where it is not an ordinary number.
fn valued(g: &Graph, value: &Evaluated) -> Line {
    let nearest = || Run::Math(digits(&number_text(value.value)));
    let (mut line, is_plain) = match (value.exact, &value.digits) {
        (Some(exact), _) if g.as_number(exact).is_some() => (vec![inline(g, exact)], false),
        (Some(exact), _) => (vec![inline(g, exact), sign('='), nearest()], false),
        (None, Some(text)) => (vec![Run::Math(digits(text))], false),
        (None, None) => (vec![nearest()], true),
    };
    match (&value.cause, value.doubt) {
        (Some(cause), _) if is_plain => line.push(words(&format!(": {cause}"))),
        (None, Some(doubt)) => line.push(words(&format!(" not verified: {doubt}"))),
        _ => {}
    }
    line
}

/// Cells of text.
fn cells(rows: Vec<Vec<String>>) -> Block {
    Block::Table(rows.into_iter().map(|row| row.into_iter().map(|cell| vec![Run::Text(cell)]).collect()).collect())
}

fn tabled(found: &Table) -> Vec<Block> {
    let variable = Math::Name(layout::name(&found.variable));
    let corner = match &found.across {
        Some(across) => vec![Run::Math(variable), words(" \\ "), Run::Math(Math::Name(layout::name(across)))],
        None => vec![Run::Math(variable)],
    };
    let heads = found.heads.iter().map(|head| vec![Run::Math(super::formula::formula(head))]);
    let mut rows: Vec<Vec<Line>> = vec![std::iter::once(corner).chain(heads).collect()];
    rows.extend(found.at.iter().zip(&found.rows).map(|(at, row)| {
        let at = words(&table::rounded(at.to_f64(), 10));
        std::iter::once(vec![at]).chain(row.iter().map(|value| vec![words(&text::entry(value))])).collect()
    }));
    let mut blocks = vec![Block::Table(rows)];
    let reasons = text::table_reasons(found);
    if !reasons.is_empty() {
        blocks.push(Block::Remarks(reasons.iter().map(|reason| vec![words(reason)]).collect()));
    }
    blocks
}

fn growth_lines(g: &Graph, found: &Growth) -> Vec<Line> {
    let (headline, time) = growth::headline(g, found);
    let line =
        |name: &str, formula: &Formula| joined([vec![words(&format!("{name}: "))], result(g, Vec::new(), formula)].concat());
    let mut lines = vec![vec![Run::Text(headline)]];
    if found.pace != Pace::None {
        lines.push(line("relative slope", &found.rate));
    }
    if let Pace::Power(exponent) = &found.pace {
        lines.push(line("exponent", exponent));
    }
    if found.pace != Pace::None {
        lines.push(line(time, &found.time));
    }
    lines.extend(found.factor.as_ref().map(|factor| line("factor of a step", factor)));
    lines.extend(growth::remarks(g, found).into_iter().map(|remark| vec![Run::Text(remark)]));
    lines
}

/// The stable form, the steps to it, then how both behave.
fn stable(g: &Graph, found: &Stability) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !found.derivation.steps.is_empty() {
        blocks.push(Block::Results(vec![result(g, Vec::new(), &found.formula)]));
        if found.detail != Detail::Brief {
            blocks.push(Block::Steps(Box::new(steps(g, &found.derivation, found.detail))));
        }
    } else {
        blocks.push(Block::Results(vec![vec![run(g, found.derivation.expression, &layout::Places::new())]]));
    }
    blocks.push(Block::Text(stability::behaviour(g, found, Marks::UNICODE)));
    blocks
}
