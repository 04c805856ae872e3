//! Domains: where an expression has a value and a derivative, and what follows from what is taken for true. Conditions
//! are nodes of the graph. Nothing here rewrites an expression, and no rule of calculus lives here.

mod definitions;
mod domain_of;
mod facts;
pub mod interval;
mod places;
mod poly;
mod prover;
mod range;
mod reduce;
mod report;
mod smooth;
mod solve;
#[cfg(test)]
mod tests;
mod univariate;

pub use definitions::Definitions;
pub use domain_of::domain_of;
pub use facts::rational;
pub use interval::{Interval, Signs};
pub use places::{compared_with, is_solved};
pub use prover::Prover;
pub use reduce::{reduce, reduce_with, tidy};
pub use report::{DomainReport, describe, kinks, kinks_of};
pub use smooth::{Smoothness, Source, smooth_conditions};

use crate::expr::{Graph, Id, Symbol, walk};
use std::collections::HashMap;

/// What is taken for true.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Assumptions: all of them hold, and so they are defined.
    pub conditions: Vec<Id>,
    /// What named stages stand for: their values' ranges follow from it.
    pub definitions: Definitions,
}

/// The answer to the question whether a condition holds wherever it is defined and everything known holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It holds everywhere.
    Proved,
    /// It holds nowhere.
    Refuted,
    /// Neither was found. Never to be taken for either.
    Unknown,
}

impl Verdict {
    /// The verdict on the negated condition.
    pub fn negated(self) -> Self {
        match self {
            Verdict::Proved => Verdict::Refuted,
            Verdict::Refuted => Verdict::Proved,
            Verdict::Unknown => Verdict::Unknown,
        }
    }
}

/// One question; for many about the same knowledge keep a [`Prover`].
pub fn prove(g: &mut Graph, known: &Known, condition: Id) -> Verdict {
    Prover::new(known).prove(g, condition)
}

/// Encloses the values of a node where its children have values in these intervals.
pub fn image(g: &Graph, node: Id, of: &impl Fn(Id) -> Interval) -> Interval {
    range::arithmetic(g, node, of).unwrap_or(Interval::REALS)
}

/// Encloses the values of an expression wherever it is defined, while one variable lies in an interval; nothing else is known.
pub fn range_over(g: &Graph, variable: Symbol, interval: Interval, expr: Id) -> Interval {
    let mut found: HashMap<Id, Interval> = HashMap::new();
    for id in walk::topological(g, &[expr]) {
        let of = |child: Id| found.get(&child).copied().unwrap_or(Interval::REALS);
        let own = if g.as_symbol(id) == Some(variable) { interval } else { image(g, id, &of) };
        found.insert(id, own);
    }
    found.get(&expr).copied().unwrap_or(Interval::REALS)
}

/// Encloses the values of an expression wherever it is defined.
pub fn range_of(g: &mut Graph, known: &Known, expr: Id) -> Interval {
    Prover::new(known).range(g, expr)
}
