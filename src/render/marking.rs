//! What became of a learner's lines: a mark for each, and for a line that does not follow a point, the mistake, the rule that
//! was meant, where the wrong rule fails in general, and a hint.

use super::derivation::{Marks, pieces};
use super::prose::filled;
use crate::derive::Piece;
use crate::expr::{Graph, Id, print};
use crate::marking::Judged;
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
            remarks(&mut out, g, found, found.lines.len() - 1, line, marks, true);
            if matches!(line.judged, Judged::Different { .. }) {
                hint(&mut out, g, found, marks);
                remark(&mut out, "the line above still stands: type this one again, or `:hint`");
            }
        }
        (Shown::Hint, _) if found.hint.is_empty() => out.push_str("there is nothing more to say\n"),
        (Shown::Hint, _) => hint(&mut out, g, found, marks),
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
            hint(&mut out, g, found, marks);
        }
    }
    if first.is_none() {
        hint(&mut out, g, found, marks);
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
    remarks(&mut out, g, found, number, line, marks, false);
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

/// What there is to say of a line. Under one that was just typed stands already what went wrong.
fn remarks(out: &mut String, g: &Graph, found: &Marking, number: usize, line: &MarkedLine, marks: Marks, is_typed: bool) {
    match &line.judged {
        Judged::Equal { conditions, .. } if !conditions.is_empty() => {
            remark(out, &format!("right where {}: say so beside it", list(g, conditions, marks)));
        }
        Judged::Equal { .. } => {}
        Judged::Different { point, before, after } => {
            let above = match number {
                0 if found.is_derivative => "the derivative",
                0 => "the problem",
                _ => "the line above",
            };
            let at = if point.is_empty() { String::new() } else { format!("at {}: ", describe(g, point)) };
            remark(out, &format!("{at}{above} is {before}, this line {after}"));
            if let Some(slip) = &line.slip {
                if !is_typed {
                    remark(out, &slip.said);
                }
                slipped(out, slip);
            }
        }
        Judged::Undecided(why) => remark(out, &format!("could not be decided, so it is not counted as wrong: {why}")),
    }
}

fn slipped(out: &mut String, slip: &Slip) {
    remark(out, &format!("the rule is {}: {}", slip.mistake.meant, slip.mistake.why));
    if let Some(elsewhere) = &slip.elsewhere {
        remark(out, elsewhere);
    }
}

fn remark(out: &mut String, text: &str) {
    out.push_str(&filled(MARGIN, MARGIN, text, COLUMNS));
}

fn hint(out: &mut String, g: &Graph, found: &Marking, marks: Marks) {
    if !found.hint.is_empty() {
        remark(out, &format!("hint: {}", sentence(g, &found.hint, marks)));
    }
}

/// A sentence whose expressions can be typed as they stand.
fn sentence(g: &Graph, parts: &[Piece], mut marks: Marks) -> String {
    marks.style = print::Style::Plain;
    pieces(g, parts, marks)
}

fn list(g: &Graph, ids: &[Id], marks: Marks) -> String {
    let texts: Vec<String> = ids.iter().map(|id| print::glimpse(g, *id, marks.style, 60)).collect();
    texts.join(", ")
}

/// What there is to say at the end.
fn end(found: &Marking) -> Option<String> {
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
    out.insert("misconception".into(), json!(wrong.and_then(|line| line.slip.as_ref()).map(|slip| slip.mistake.name)));
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
                let mistake = slip.mistake;
                let about = json!({
                    "name": mistake.name, "said": slip.said, "rule": mistake.rule, "meant": mistake.meant,
                    "why": mistake.why, "elsewhere": slip.elsewhere,
                });
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
