//! What an expression is worth at a point: in f64 with the cause of every failure, and exactly where it is rational. Takes no derivatives.

pub mod exact;
pub mod float;
pub mod open;
pub mod recognise;
pub mod settled;
mod plan;
pub mod truth;
pub(crate) mod template;

pub use exact::{Exact, exact};
pub use float::{Values, evaluate};
pub use open::open_series;
pub use plan::Plan;
pub use settled::{Loss, Settled};
pub use truth::Truth;

use crate::expr::{Graph, Id, Symbol, View, print};
use std::borrow::Cow;

/// The outcome of an f64 evaluation.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The IEEE value; NaN where the expression is undefined.
    pub value: f64,
    /// The first thing that went wrong, where the value is not finite or the expression passes through a place where it is
    /// undefined: `1/(1/0)` is 0 in IEEE arithmetic, with a pole as its cause.
    pub cause: Option<Cause>,
}

/// Where a value was lost, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// The innermost sub-expression that did it.
    pub node: Id,
    /// What it did.
    pub kind: CauseKind,
    /// The values of that sub-expression's children at that moment.
    pub arguments: Vec<f64>,
}

/// What became of a sub-expression whose own parts were fine.
#[derive(Clone, Debug, PartialEq)]
pub enum CauseKind {
    /// Outside its domain, with the condition that fails.
    Undefined(Cow<'static, str>),
    /// Undefined at a point near which it grows without bound: `1/0`, `log(0)`.
    Pole,
    /// A finite real number beyond the range of f64.
    Overflow,
    /// A sum whose rounded terms cancel to 0, so that none of its digits is left.
    Cancellation,
    /// A value far from the true one although its parts are close, with the number of digits that are right.
    Lost(u32),
    /// It has a value but no derivative, with what happens there, such as `slopes -1 and 1`.
    Kink(Cow<'static, str>),
    /// A symbol that was given no value.
    NoValue(Symbol),
    /// No branch is left: the condition of the expression does not hold.
    Outside,
    /// The limit of work was reached.
    Limit,
}

impl CauseKind {
    /// Whether the expression itself is undefined; an overflow or a cancellation is a matter of f64 alone.
    pub fn is_strict(&self) -> bool {
        !matches!(self, CauseKind::Overflow | CauseKind::Cancellation | CauseKind::Lost(_))
    }
}

impl Cause {
    /// One sentence for a reader, without a full stop.
    pub fn explain(&self, g: &Graph) -> String {
        // a shared expression may be exponentially long when written out
        let what = print::glimpse(g, self.node, print::Style::Plain, 100);
        match &self.kind {
            CauseKind::Undefined(reason) => format!("{what} is undefined: {reason}{}", self.where_it_was(g)),
            CauseKind::Pole => format!("{what} has a pole{}", self.where_it_was(g)),
            CauseKind::Overflow => format!("{what} is beyond the largest f64{}", self.where_it_was(g)),
            CauseKind::Cancellation => format!("the terms of {what} cancel to the last digit{}", self.where_it_was(g)),
            CauseKind::Lost(digits) => {
                let left = match digits {
                    0 => "no digit is".to_owned(),
                    1 => "1 of 16 digits is".to_owned(),
                    n => format!("{n} of 16 digits are"),
                };
                let how = match (g.view(self.node), &self.parts(g)[..]) {
                    (View::Add(_), _) => format!("the terms of {what} cancel"),
                    (_, [(part, _)]) => format!("{what} magnifies the rounding of {part}"),
                    _ => format!("{what} magnifies the rounding of its parts"),
                };
                format!("{how}: {left} left{}", self.where_it_was(g))
            }
            CauseKind::Kink(slopes) => format!("{what} has no derivative: {slopes}{}", self.where_it_was(g)),
            CauseKind::NoValue(symbol) => format!("{} has no value", g.name(*symbol)),
            CauseKind::Outside => self.outside(g),
            CauseKind::Limit => format!("{what} takes more steps than the limit allows"),
        }
    }

    /// What holds under a condition only, and the condition.
    fn outside(&self, g: &Graph) -> String {
        let shown = |id: Id| print::glimpse(g, id, print::Style::Plain, 100);
        match g.view(self.node) {
            View::If(condition, value, _) => format!("{} needs {}", shown(value), shown(condition)),
            _ => format!("{} is undefined", shown(self.node)),
        }
    }

    /// The parts that are not written as numbers, with their values.
    fn parts(&self, g: &Graph) -> Vec<(String, f64)> {
        let mut told: Vec<(String, f64)> = Vec::new();
        for (part, value) in g.children(self.node).iter().zip(&self.arguments) {
            let (part, value) = match g.view(*part) {
                View::Neg(inner) => (inner, -value),
                _ => (*part, *value),
            };
            if !matches!(g.view(part), View::Number(_) | View::Constant(_)) && !g.is_condition(part) {
                told.push((print::glimpse(g, part, print::Style::Plain, 30), value));
            }
        }
        told.dedup();
        told
    }

    /// The values of the parts; nothing where there are many.
    fn where_it_was(&self, g: &Graph) -> String {
        let parts = self.parts(g);
        let told: Vec<String> = parts.iter().map(|(text, value)| format!("{text} = {}", number_text(*value))).collect();
        if told.is_empty() || told.len() > 4 { String::new() } else { format!(", at {}", told.join(", ")) }
    }
}

/// The shortest text that reads back as the same f64.
#[must_use]
pub fn number_text(value: f64) -> String {
    let size = value.abs();
    match value {
        _ if value.is_nan() => "nan".into(),
        _ if value.is_infinite() => if value > 0.0 { "inf" } else { "-inf" }.into(),
        _ if value == 0.0 => "0".into(),
        _ if (1e-5..1e16).contains(&size) => format!("{value}"),
        _ => format!("{value:e}"),
    }
}
