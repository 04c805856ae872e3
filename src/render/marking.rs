//! What became of a learner's lines: a mark for each, and for a line that does not follow a point, the mistake, the rule that
//! was meant, where the wrong rule fails in general, and a hint.

use super::derivation::{Marks, pieces};
use super::prose::filled;
use crate::derive::Piece;
use crate::expr::{Graph, print};
use crate::marking::{self, Judged};
use crate::math::mistakes::CANCELLED;
use crate::outcome::{MarkedLine, Marking, Slip};
use crate::verify::check::describe;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Remarks are broken at this column.
const COLUMNS: usize = 79;

/// What stands before remarks.
const MARGIN: &str = "    ";

/// How much of a marking is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Shown {
    /// All of it.
    #[default]
    All,
    /// What there is to say of the last line, which has just been typed.
    LastLine,
    /// The hint alone.
    Hint,
}

/// As much of a marking as is wanted.
#[must_use]
pub fn shown(g: &Graph, found: &Marking, marks: Marks, much: Shown) -> String {
    let mut out = String::new();
    match (much, found.lines.last()) {
        (Shown::All, _) | (Shown::LastLine, None) => return text(g, found, marks),
        (Shown::LastLine, Some(line)) => {
            let mark = mark(&line.judged, marks);
            let word = match &line.judged {
                Judged::Equal { .. } if found.is_open => "right so far",
                Judged::Equal { .. } => "right",
                Judged::Different { .. } => "not yet",
                Judged::Undecided(_) => "not decided",
            };
            let _ = writeln!(out, "{mark} {word}");
            remarks(g, found, found.lines.len() - 1, line, true).iter().for_each(|said| told(&mut out, g, said));
            if matches!(line.judged, Judged::Different { .. }) {
                hinted(&mut out, g, found, marks);
                remark(&mut out, "the line above still stands: type this one again, or `:hint`");
            }
        }
        (Shown::Hint, _) if found.hint.is_empty() => out.push_str("there is nothing more to say\n"),
        (Shown::Hint, _) => hinted(&mut out, g, found, marks),
    }
    marks.folded(&out)
}

/// The lines with their marks.
#[must_use]
pub fn text(g: &Graph, found: &Marking, marks: Marks) -> String {
    let first = found.first_wrong();
    let mut out = String::new();
    for (k, line) in found.lines.iter().enumerate() {
        out.push_str(&line_text(g, found, k, line, marks));
        if first == Some(k) {
            hinted(&mut out, g, found, marks);
        }
    }
    if first.is_none() {
        hinted(&mut out, g, found, marks);
    }
    if let Some(end) = end(found) {
        out.push_str(&filled("", "", &end, COLUMNS));
    }
    marks.folded(&out)
}

/// One line with its mark and remarks.
#[must_use]
pub fn line_text(g: &Graph, found: &Marking, number: usize, line: &MarkedLine, marks: Marks) -> String {
    let mark = mark(&line.judged, marks);
    let mut out = format!("line {} {mark}  {}\n", number + 1, line.text.split_whitespace().collect::<Vec<_>>().join(" "));
    remarks(g, found, number, line, false).iter().for_each(|said| told(&mut out, g, said));
    out
}

fn mark(judged: &Judged, marks: Marks) -> &'static str {
    match judged {
        Judged::Equal { .. } => "✓",
        Judged::Different { .. } if marks.bar == Marks::ASCII.bar => "no",
        Judged::Different { .. } => "✗",
        Judged::Undecided(_) => "?",
    }
}

/// What there is to say of a line, one sentence each. Under one that was `typed` stands already which mistake was made.
#[must_use]
pub fn remarks(g: &Graph, found: &Marking, number: usize, line: &MarkedLine, is_typed: bool) -> Vec<Vec<Piece>> {
    match &line.judged {
        Judged::Equal { conditions, .. } if !conditions.is_empty() => {
            let parts = conditions
                .iter()
                .enumerate()
                .flat_map(|(k, condition)| [Piece::text(if k == 0 { "right where " } else { ", " }), Piece::Expr(*condition)]);
            vec![parts.chain([Piece::text(": say so beside it")]).collect()]
        }
        Judged::Equal { .. } => Vec::new(),
        Judged::Different { point, before, after } => {
            let above = match number {
                0 if found.is_derivative => "the derivative",
                0 => "the problem",
                _ => "the line above",
            };
            let mut values = match &point[..] {
                [] => Vec::new(),
                _ => vec![Piece::text("at "), Piece::formula(describe(g, point)), Piece::text(": ")],
            };
            values.extend([Piece::text(format!("{above} is ")), Piece::formula(before.clone())]);
            values.extend([Piece::text(", this line "), Piece::formula(after.clone())]);
            std::iter::once(values).chain(line.slip.iter().flat_map(|slip| slipped(slip, is_typed))).collect()
        }
        Judged::Undecided(why) => vec![vec![Piece::text(format!("could not be decided, so it is not counted as wrong: {why}"))]],
    }
}

/// What went wrong, the rule that is meant, and where the wrong one fails.
fn slipped(slip: &Slip, is_typed: bool) -> Vec<Vec<Piece>> {
    // two mistakes may be made of one rule
    let is_new = |k: usize| slip.mistakes[..k].iter().all(|other| other.meant != slip.mistakes[k].meant);
    let rules = slip.mistakes.iter().enumerate().filter(|(k, _)| is_new(*k)).map(|(k, mistake)| {
        let lead = if k == 0 { "the rule is " } else { "the other rule is " };
        vec![Piece::text(lead), Piece::formula(mistake.meant), Piece::text(format!(": {}", mistake.why))]
    });
    let said = (!is_typed || slip.mistakes.len() > 1).then(|| slip.said.clone());
    said.into_iter().chain(rules).chain(slip.elsewhere.clone()).collect()
}

/// The hint as a sentence; none where there is none.
#[must_use]
pub fn hint(found: &Marking) -> Option<Vec<Piece>> {
    let lead = [Piece::text("hint: ")];
    (!found.hint.is_empty()).then(|| lead.into_iter().chain(found.hint.iter().cloned()).collect())
}

fn told(out: &mut String, g: &Graph, sentence: &[Piece]) {
    remark(out, &marking::told(g, sentence));
}

fn hinted(out: &mut String, g: &Graph, found: &Marking, marks: Marks) {
    if let Some(hint) = hint(found) {
        remark(out, &sentence(g, &hint, marks));
    }
}

fn remark(out: &mut String, text: &str) {
    out.push_str(&filled(MARGIN, MARGIN, text, COLUMNS));
}

/// A hint whose expressions can be typed as they stand.
fn sentence(g: &Graph, parts: &[Piece], mut marks: Marks) -> String {
    marks.style = print::Style::Plain;
    pieces(g, parts, marks)
}

/// What there is to say at the end.
#[must_use]
pub fn end(found: &Marking) -> Option<String> {
    let undecided = found.lines.iter().filter(|line| matches!(line.judged, Judged::Undecided(_))).count();
    let result = if found.is_derivative { "the derivative" } else { "the problem" };
    match found.first_wrong() {
        Some(k) if found.arrives && k + 1 < found.lines.len() => {
            Some(format!("the last line equals {result}, but the way there does not hold: look at line {} again", k + 1))
        }
        Some(0) => None,
        Some(k) if found.is_derivative => Some(match k {
            1 => "line 1 is right: the slip comes after it".to_owned(),
            _ => format!("lines 1 to {k} are right: the slip comes after them"),
        }),
        Some(_) => None,
        None if found.lines.is_empty() => Some("write the next line, beginning with `=`".to_owned()),
        None if undecided > 0 => None,
        None if found.is_open => Some("right so far: a derivative is still to be taken".to_owned()),
        None => Some(match found.lines.len() {
            1 => "right".to_owned(),
            _ => "every line follows".to_owned(),
        }),
    }
}

/// The fields of the batch protocol, with more for each line.
pub(super) fn fields(g: &Graph, found: &Marking) -> Map<String, Value> {
    let mut out = Map::new();
    let first = found.first_wrong();
    let wrong = first.map(|k| &found.lines[k]);
    out.insert("first_wrong".into(), json!(first));
    out.insert("misconception".into(), json!(wrong.and_then(|line| line.slip.as_ref()).map(|slip| slip.mistakes[0].name)));
    let point = wrong.and_then(|line| match &line.judged {
        Judged::Different { point, .. } => Some(super::json::place(g, point)),
        _ => None,
    });
    out.insert("counterexample".into(), point.unwrap_or(Value::Null));
    let hint = if found.hint.is_empty() { Value::Null } else { sentence(g, &found.hint, Marks::UNICODE).into() };
    out.insert("hint".into(), hint);
    out.insert("arrives".into(), found.arrives.into());
    out.insert("lines".into(), found.lines.iter().map(|line| line_fields(g, line)).collect());
    out
}

fn line_fields(g: &Graph, line: &MarkedLine) -> Value {
    let mut out = Map::new();
    match &line.judged {
        Judged::Equal { points, proved, conditions } => {
            out.insert("verdict".into(), "equal".into());
            out.insert("verified".into(), json!({"points": points, "proved": proved}));
            if !conditions.is_empty() {
                let conditions: Vec<String> = conditions.iter().map(|c| super::json::shown(g, *c)).collect();
                out.insert("remark".into(), json!({"name": CANCELLED, "conditions": conditions}));
            }
        }
        Judged::Different { point, before, after } => {
            out.insert("verdict".into(), "different".into());
            out.insert("counterexample".into(), super::json::place(g, point));
            out.insert("above".into(), before.clone().into());
            out.insert("here".into(), after.clone().into());
            if let Some(slip) = &line.slip {
                let mistake = slip.mistakes[0];
                let mut about = json!({
                    "name": mistake.name, "said": marking::told(g, &slip.said), "rule": mistake.rule, "meant": mistake.meant,
                    "why": mistake.why, "elsewhere": slip.elsewhere.as_ref().map(|sentence| marking::told(g, sentence)),
                });
                let others: Vec<&str> = slip.mistakes[1..].iter().map(|mistake| mistake.name).collect();
                if !others.is_empty() {
                    about[if slip.is_both { "and" } else { "or" }] = json!(others);
                }
                out.insert("mistake".into(), about);
            }
        }
        Judged::Undecided(why) => {
            out.insert("verdict".into(), "undecided".into());
            out.insert("reason".into(), why.clone().into());
        }
    }
    Value::Object(out)
}
