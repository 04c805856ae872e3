//! Answers in the terminal. Expressions are written in the plain syntax, so that what is printed can be typed again.

use super::derivation::{self, Marks};
use super::stability;
use crate::expr::{Graph, Id, View, print};
use crate::outcome::{Answer, Evaluated, Formula, Outcome};
use crate::verify::check::{Equality, describe};
use crate::verify::points::Point;
use std::fmt::Write;

/// The answer of an outcome as lines, each with its line end; empty where there is none.
#[must_use]
pub fn outcome(g: &Graph, outcome: &Outcome, marks: Marks) -> String {
    outcome.answer.as_ref().map_or(String::new(), |found| answer(g, found, marks))
}

/// An answer as lines, each with its line end.
#[must_use]
pub fn answer(g: &Graph, answer: &Answer, marks: Marks) -> String {
    let mut out = Page { g, marks, text: String::new() };
    match answer {
        Answer::Formula(formula) | Answer::Simplified { formula, detail: None, .. } => out.formula("", formula),
        Answer::Simplified { derivation, detail: Some(detail), .. } => {
            out.text.push_str(&derivation::text(g, derivation, *detail, marks));
        }
        Answer::Stable(found) => out.text.push_str(&stability::text(g, found, marks)),
        Answer::Vector(formulas) => out.row("", formulas),
        Answer::Derivation { derivation, detail, value } => {
            out.text.push_str(&derivation::text(g, derivation, *detail, marks));
            if let Some(value) = value {
                let _ = writeln!(out.text, "  = {}", value_text(value));
            }
        }
        Answer::Gradient(partials) => {
            for (symbol, formula) in partials {
                out.formula(&format!("d/d{} = ", g.name(*symbol)), formula);
            }
        }
        Answer::Slopes { value, by, partials } => {
            out.line(&value_text(value));
            for (symbol, partial) in by.iter().zip(partials) {
                out.line(&format!("d/d{} = {}", g.name(*symbol), value_text(partial)));
            }
        }
        Answer::Matrix { rows, .. } => rows.iter().for_each(|row| out.row("", row)),
        Answer::Values { values, is_vector } => out.line(&values_text(values, *is_vector)),
        Answer::Truth(holds) => out.line(if *holds { "true" } else { "false" }),
        Answer::Equality(found) => {
            let text = equality(g, found);
            out.line(&text);
        }
        Answer::Domain(report) => {
            match &report.conditions[..] {
                [] => out.line("defined everywhere"),
                [never] if g.view(*never) == View::Truth(false) => out.line("defined nowhere"),
                some => {
                    let text = format!("defined where {}", out.list(some));
                    out.line(&text);
                }
            }
            for (at, what) in report.kinks.iter() {
                let text = format!("{what} at {}", out.list(&[*at]));
                out.line(&text);
            }
            for (at, what) in report.poles.iter() {
                let text = format!("{what} at {}", out.list(&[*at]));
                out.line(&text);
            }
        }
    }
    out.text
}

/// Whether two expressions are equal, in one sentence.
fn equality(g: &Graph, found: &Equality) -> String {
    match found {
        Equality::Equal { points, proved, only_first, only_second } => {
            let how = if *proved { "proved".to_owned() } else { format!("at {points} points") };
            let only = |side: &str, at: &Option<Point>| {
                at.as_ref().map_or(String::new(), |at| format!("; only the {side} side has a value at {}", describe(g, at)))
            };
            format!("equal, {how}{}{}", only("left", only_first), only("right", only_second))
        }
        Equality::Different { point, a, b } => format!("different: at {} the sides are {a} and {b}", describe(g, point)),
        Equality::Unknown(why) => format!("unknown: {why}"),
    }
}

struct Page<'g> {
    g: &'g Graph,
    marks: Marks,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn list(&self, ids: &[Id]) -> String {
        let texts: Vec<String> = ids.iter().map(|id| self.named(*id).text).collect();
        texts.join(", ")
    }

    fn named(&self, id: Id) -> print::Named {
        print::with_named_parts(self.g, id, self.marks.style, print::NAMED_PARTS_FROM)
    }

    /// `name = formula = value  where conditions`, with what its parts stand for below.
    fn formula(&mut self, name: &str, formula: &Formula) {
        let named = self.named(formula.id);
        let value = formula.value.as_ref().map_or(String::new(), |value| format!(" = {}", value_text(value)));
        let line = format!("{name}{}{value}{}", named.text, self.conditions(&formula.conditions));
        self.line(&line);
        for (part, text) in named.parts {
            self.line(&format!("  where {part} = {text}"));
        }
    }

    fn conditions(&self, conditions: &[Id]) -> String {
        match conditions {
            [] => String::new(),
            [never] if self.g.view(*never) == View::Truth(false) => "   defined nowhere".to_owned(),
            some => format!("   where {}", self.list(some)),
        }
    }

    /// `[a, b]`, with the conditions of all.
    fn row(&mut self, name: &str, formulas: &[Formula]) {
        let ids: Vec<Id> = formulas.iter().map(|f| f.id).collect();
        let values: Option<Vec<Evaluated>> = formulas.iter().map(|f| f.value.clone()).collect();
        let value = values.filter(|v| !v.is_empty()).map_or(String::new(), |values| format!(" = {}", values_text(&values, true)));
        let mut conditions: Vec<Id> = Vec::new();
        for condition in formulas.iter().flat_map(|f| &f.conditions) {
            if !conditions.contains(condition) {
                conditions.push(*condition);
            }
        }
        let line = format!("{name}[{}]{value}{}", self.list(&ids), self.conditions(&conditions));
        self.line(&line);
    }
}

/// Several values as a vector, one as itself.
fn values_text(values: &[Evaluated], is_vector: bool) -> String {
    let texts: Vec<String> = values.iter().map(value_text).collect();
    if is_vector { format!("[{}]", texts.join(", ")) } else { texts.join(", ") }
}

/// A value, with the reason where it is not an ordinary number.
fn value_text(value: &Evaluated) -> String {
    let number = value.exact.as_ref().map_or_else(|| number(value.value), ToString::to_string);
    match &value.cause {
        Some(cause) if value.exact.is_none() => format!("{number}: {cause}"),
        _ => number,
    }
}

/// The shortest text that reads back as the same f64.
#[must_use]
pub fn number(value: f64) -> String {
    let size = value.abs();
    match value {
        _ if value.is_nan() => "nan".into(),
        _ if value.is_infinite() => {
            if value > 0.0 {
                "inf".into()
            } else {
                "-inf".into()
            }
        }
        _ if value == 0.0 => "0".into(),
        _ if (1e-5..1e16).contains(&size) => format!("{value}"),
        _ => format!("{value:e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short_and_read_back() {
        let shown: Vec<String> = [0.0, 2.0, -0.1, 1e300, 1.5e-9, f64::INFINITY, f64::NAN].map(number).to_vec();
        assert_eq!(shown, ["0", "2", "-0.1", "1e300", "1.5e-9", "inf", "nan"]);
        for v in [1.0 / 3.0, 5e-324, f64::MAX, 123456.789e10] {
            assert_eq!(number(v).parse::<f64>(), Ok(v));
        }
    }
}
