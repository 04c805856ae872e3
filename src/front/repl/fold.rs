//! Derivations folded: the steps of the top level with their numbers; one step unfolded on demand.

use crate::derive::{Derivation, Detail, Step};
use crate::expr::Graph;
use crate::math;
use crate::render::derivation::{self, Marks, RULE};
use crate::render::prose::{COLUMNS, filled};
use std::fmt::Write;

/// A line shorter than this is not worth folding.
const NARROWEST: usize = 30;

/// The steps of a derivation with their numbers, on a terminal of so many columns; `title` stands before the first line.
pub fn folded(g: &Graph, d: &Derivation, detail: Detail, marks: Marks, columns: usize, title: &str) -> String {
    let mut out = title.to_owned();
    derivation::title(&mut out, g, d, marks);
    let last = d.steps.len().saturating_sub(1);
    for (k, step) in d.steps.iter().enumerate() {
        out.push_str(&one(g, step, k + 1, k == last, detail, marks, columns));
    }
    if d.steps.is_empty() {
        let _ = writeln!(out, "  = {}", derivation::expression(g, d.result, marks));
    }
    derivation::parts(&mut out, g, d.result, marks);
    for remark in derivation::closing(g, d, marks) {
        let _ = writeln!(out, "  {remark}");
    }
    out
}

/// A step: its notes and its state. The number stands where the first line has room for it.
fn one(g: &Graph, step: &Step, number: usize, last: bool, detail: Detail, marks: Marks, columns: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    if detail != Detail::Brief {
        for note in &step.notes {
            let mut text = String::new();
            derivation::line(&mut text, g, note, marks, columns);
            lines.push(text.trim_end().to_owned());
            if detail == Detail::Full {
                let said = derivation::said(note).into_iter();
                lines.extend(said.map(|sentence| format!("  {} {:<RULE$} {sentence}", marks.bar, "")));
            }
        }
    }
    if !step.substeps.is_empty() {
        let pointer = format!("(:why {number})");
        match lines.last_mut() {
            Some(line) => {
                let _ = write!(line, "   {pointer}");
            }
            None => lines.push(format!("  {} {pointer}", marks.bar)),
        }
    }
    let state = format!("  = {}", derivation::expression(g, step.after, marks));
    let columns = columns.clamp(NARROWEST, COLUMNS + 1) - 1;
    lines.push(derivation::marked(&state, &derivation::verdict(step, last, marks), marks, columns));
    if let Some(first) = lines.first_mut() {
        *first = format!("{number:<2}{}", first.trim_start());
    }
    lines.join("\n") + "\n"
}

/// The step that `2` or `2.1` names.
///
/// # Errors
/// One sentence where there is none.
pub fn find<'d>(d: &'d Derivation, path: &str) -> Result<&'d Step, String> {
    let mut steps = &d.steps;
    let mut found: Option<&Step> = None;
    let mut said = String::new();
    for part in path.trim().split('.') {
        let number: usize = part.parse().map_err(|_| "a step has a number: `:why 2`, and one inside it `:why 2.1`".to_owned())?;
        let step = number.checked_sub(1).and_then(|k| steps.get(k)).ok_or_else(|| match (steps.len(), said.as_str()) {
            (0, "") => "the derivation has no steps".to_owned(),
            (0, inside) => format!("step {inside} has no steps inside"),
            (1, "") => "there is one step: `:why 1`".to_owned(),
            (n, "") => format!("the steps are 1 to {n}"),
            (n, inside) => format!("the steps inside {inside} are {inside}.1 to {inside}.{n}"),
        })?;
        if !said.is_empty() {
            said.push('.');
        }
        let _ = write!(said, "{number}");
        (found, steps) = (Some(step), &step.substeps);
    }
    found.ok_or_else(|| "which step?".to_owned())
}

/// A step unfolded: from what to what, by which rules, what they say and need, how it was checked, and the steps inside.
pub fn unfolded(g: &Graph, step: &Step, path: &str, marks: Marks, columns: usize) -> String {
    let behind_bar = format!("  {}   ", marks.bar);
    let path = path.trim();
    let mut out = format!("step {path}   {}\n", derivation::expression(g, step.before, marks));
    let _ = writeln!(out, "  = {}", derivation::expression(g, step.after, marks));
    for note in &step.notes {
        let detail = derivation::pieces(g, &note.pieces, marks);
        let _ = writeln!(out, "  {} {}", marks.bar, format!("{:<RULE$} {detail}", note.rule.trim()).trim_end());
        for sentence in derivation::said(note) {
            out.push_str(&filled(&behind_bar, &behind_bar, &sentence, columns));
        }
        for rule in math::rules().filter(|rule| rule.name == note.rule.trim()) {
            out.push_str(&filled(&behind_bar, &behind_bar, rule.text, columns));
        }
        let needs = derivation::pieces(g, &note.needs, marks);
        if !needs.is_empty() {
            out.push_str(&filled(&behind_bar, &behind_bar, &needs, columns));
        }
    }
    if !step.conditions.is_empty() {
        let list: Vec<String> = step.conditions.iter().map(|c| derivation::expression(g, *c, marks)).collect();
        let _ = writeln!(out, "  holds where {}", list.join(", "));
    }
    let _ = writeln!(out, "  {}", verified(step));
    for (k, inner) in step.substeps.iter().enumerate() {
        let _ = writeln!(out, "  {path}.{} {}: {}", k + 1, inner.rule(), derivation::expression(g, inner.before, marks));
        let _ = writeln!(out, "  {:width$} = {}", "", derivation::expression(g, inner.after, marks), width = path.len() + 1);
    }
    out
}

/// How the step was checked, in one sentence.
fn verified(step: &Step) -> String {
    let compared = |points: usize, worst: f64| {
        let plural = if points == 1 { "" } else { "s" };
        format!("compared at {points} point{plural}, where at most {worst:.0e} of a value is left open")
    };
    match (step.check, &step.unchecked) {
        (Some(check), _) if check.proved && check.points == 0 => "proved".to_owned(),
        (Some(check), _) if check.proved => format!("proved, and {}", compared(check.points, check.worst)),
        (Some(check), _) => compared(check.points, check.worst),
        (None, Some(why)) => format!("not checked: {why}"),
        (None, None) => "part of the step around it, which was checked".to_owned(),
    }
}
