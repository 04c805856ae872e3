//! Answers as blocks of a document. One arm for each answer that has a form of its own; the others stand as the text that a
//! terminal shows, their columns kept.

use super::formula::formula;
use super::layout::{self, Fence, Math, digits, fenced};
use super::steps::{inline, joined, pieces, run, steps};
use super::{Block, Line, Run, Table as Cells, capital, influence, marked, saturated, sentence, sign, words};
use crate::derive::{Detail, Piece};
use crate::eval::number_text;
use crate::expr::{Graph, Id, Symbol, View, print};
use crate::outcome::{Answer, Curve, Evaluated, Exercises, Formula, Growth, Pace, Stability, Table};
use crate::render::curve::Told;
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
        Answer::Values { values, .. } if values.iter().all(is_plain) => vec![Block::Results(vec![vec![numbers(values)]])],
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
            let remarks = course::remarks(g, found).iter().map(|line| with_code(&sentence(line))).collect();
            picture.into_iter().chain([cells("The way of the descent", rows), Block::Remarks(remarks)]).collect()
        }
        Answer::Curve(found) => {
            let picture = curve_picture::picture(found).map(|picture| Block::Picture(Box::new(picture)));
            curve_blocks(found).into_iter().chain(picture).collect()
        }
        Answer::Exercises(sheet) => sheet_blocks(sheet),
        Answer::Marking(found) => vec![Block::Marked(marked::lines(g, found))],
        Answer::Equality(found) => vec![Block::Remarks(vec![capital(pieces(g, &text::equality(g, found)))])],
        Answer::Flow(flows) => flows.iter().flat_map(|flow| influence::of(g, flow)).collect(),
        Answer::Elasticity(found) => found.iter().flat_map(|one| influence::elasticity(g, one)).collect(),
        Answer::Saturation { variable, range, functions } => saturated::of(g, variable, *range, functions),
        other => vec![Block::Text(text::answer(g, other, Marks::UNICODE))],
    }
}

/// A problem of a sheet has so many lines for an answer by hand, and one more for each level.
const LINES: usize = 2;

/// What is said of a curve: its constants as a table, the rest as formulas and sentences.
fn curve_blocks(found: &Curve) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for told in curve::told(found) {
        match (blocks.last_mut(), told) {
            (Some(Block::Table(table)), Told::Constant(cells)) => table.rows.push(constant(cells)),
            (_, Told::Constant(cells)) => {
                let heads = ["", "value", "range", ""].map(str::to_owned);
                blocks.push(Block::Table(Cells {
                    caption: vec![words("What the law says, with its ranges")],
                    words: 4,
                    rows: [heads, cells].map(constant).to_vec(),
                }));
            }
            (_, Told::Formula(text)) => blocks.push(Block::Results(vec![vec![Run::Math(formula(&text))]])),
            (Some(Block::Remarks(lines)), Told::Said(text)) => lines.push(vec![words(&sentence(&text))]),
            (_, Told::Said(text) | Told::Law(text)) => blocks.push(Block::Remarks(vec![vec![words(&sentence(&text))]])),
        }
    }
    blocks
}

/// A row of them; a range stays on one line.
fn constant(mut cells: [String; 4]) -> Vec<Line> {
    cells[2] = cells[2].replace(' ', "\u{a0}");
    cells.map(|cell| vec![words(cell.trim())]).to_vec()
}

/// A sheet of problems, numbered; with its key each with its solution and what is wrong.
fn sheet_blocks(sheet: &Exercises) -> Vec<Block> {
    let g = &sheet.graph;
    let mut out = vec![Block::Remarks(vec![vec![words(&sentence(&(exercise::heading(sheet) + &exercise::assuming(sheet))))]])];
    for (k, problem) in (1..).zip(&sheet.problems) {
        let question = run(g, problem.solution.start, &layout::Places::new());
        out.push(Block::Results(vec![joined(vec![words(&format!("{k}.  ")), question])]));
        if !sheet.key {
            out.push(Block::Room(LINES + sheet.level));
        } else {
            out.push(Block::Steps(Box::new(steps(g, &problem.solution, Detail::Normal))));
            let wrong = problem.wrong.iter().enumerate().map(|(k, wrong)| {
                let label = exercise::wrong_label(k);
                let lead = vec![words(&format!("{label} ")), inline(g, wrong.answer), words(": ")];
                joined([lead, pieces(g, &wrong.said)].concat())
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
pub(super) fn result(g: &Graph, name: Line, formula: &Formula) -> Line {
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

/// `[a, b]`
fn row(items: impl IntoIterator<Item = Math>) -> Run {
    let mut row = Vec::new();
    for (k, item) in items.into_iter().enumerate() {
        row.extend((k > 0).then_some(Math::Sign(',')));
        row.push(item);
    }
    Run::Math(fenced(Fence::Square, Math::Row(row)))
}

/// Whether a value is a number of which there is nothing to say.
fn is_plain(value: &Evaluated) -> bool {
    value.exact.is_none() && value.cause.is_none() && value.doubt.is_none()
}

/// The entries of a vector.
fn numbers(values: &[Evaluated]) -> Run {
    row(values.iter().map(|value| digits(value.digits.as_ref().unwrap_or(&number_text(value.value)))))
}

/// `[a, b] = [1, 2]`, with the conditions of all.
fn vector(g: &Graph, formulas: &[Formula]) -> Line {
    let set = |id: Id| layout::expression(g, id).unwrap_or(Math::Sign('…'));
    let mut line = vec![row(formulas.iter().map(|f| set(f.id)))];
    if formulas.iter().any(|f| f.value.is_some()) {
        // a number among the formulas is its own value
        let value = |f: &Formula| f.value.as_ref().map_or_else(|| set(f.id), |value| digits(&number_text(value.value)));
        line.extend([sign('='), row(formulas.iter().map(value))]);
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
pub(super) fn valued(g: &Graph, value: &Evaluated) -> Line {
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

/// Cells of text, beside the first column numbers.
fn cells(caption: &str, rows: Vec<Vec<String>>) -> Block {
    let rows = rows.into_iter().map(|row| row.into_iter().map(|cell| vec![Run::Text(cell)]).collect()).collect();
    Block::Table(Cells { caption: vec![words(caption)], words: 0, rows })
}

fn tabled(found: &Table) -> Vec<Block> {
    let variable = Math::Name(layout::name(&found.variable));
    let corner = match &found.across {
        Some(across) => vec![Run::Math(variable), words(" \\ "), Run::Math(Math::Name(layout::name(across)))],
        None => vec![Run::Math(variable)],
    };
    let heads = found.heads.iter().map(|head| vec![Run::Math(formula(head))]);
    let mut rows: Vec<Vec<Line>> = vec![std::iter::once(corner).chain(heads).collect()];
    rows.extend(found.at.iter().zip(&found.rows).map(|(at, row)| {
        let at = words(&table::rounded(at.to_f64(), 10));
        std::iter::once(vec![at]).chain(row.iter().map(|value| vec![words(&text::entry(value))])).collect()
    }));
    let caption = vec![words("Values at steps of "), Run::Math(Math::Name(layout::name(&found.variable)))];
    let mut blocks = vec![Block::Table(Cells { caption, words: 0, rows })];
    let reasons = text::table_reasons(found);
    if !reasons.is_empty() {
        blocks.push(Block::Remarks(reasons.iter().map(|reason| vec![words(reason)]).collect()));
    }
    blocks
}

fn growth_lines(g: &Graph, found: &Growth) -> Vec<Line> {
    let (headline, time) = growth::headline(g, found);
    let line = |name: &str, formula: &Formula| {
        joined([vec![words(&sentence(&format!("{name}: ")))], result(g, Vec::new(), formula)].concat())
    };
    let mut lines = vec![vec![words(&sentence(&headline))]];
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
    lines.extend(growth::remarks(g, found).iter().map(|remark| vec![words(&sentence(remark))]));
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
    let text = |line: String| vec![words(&sentence(&line))];
    blocks.push(Block::Remarks(stability::verdicts(g, found).into_iter().map(text).collect()));
    let failures = stability::failures(g, found);
    if !failures.is_empty() {
        let heads = ["what happens", "why"].map(|head| vec![words(head)]).to_vec();
        let row = |(what, why): &(String, Vec<Piece>)| vec![vec![words(what)], pieces(g, why)];
        let rows = std::iter::once(heads).chain(failures.iter().map(row)).collect();
        let caption = joined(vec![words("As typed, "), inline(g, found.derivation.expression)]);
        blocks.push(Block::Table(Cells { caption, words: 2, rows }));
    }
    blocks.push(Block::Remarks(stability::others(g, found).into_iter().map(text).collect()));
    if let Some((caption, rows)) = stability::table(g, found) {
        blocks.push(cells(&sentence(&caption), rows));
    }
    let computed = |(left, right): &(Id, Id)| joined(vec![inline(g, *left), words(" is computed as "), inline(g, *right)]);
    blocks.push(Block::Remarks(found.computed.iter().map(computed).collect()));
    blocks
}
