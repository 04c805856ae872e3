//! From the form that was typed to one that f64 arithmetic evaluates accurately: found by measuring, told as a derivation, with the
//! inputs from which the typed form fails. Every form is equal to the first one wherever that has a value.

mod failures;
mod forms;
mod makers;
mod measure;
mod points;
mod regimes;
mod search;
#[cfg(test)]
mod tests;

pub use failures::{Blame, Blunder, Failure, Kind, Row, Side, short};

use crate::domain::Known;
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::simplify::How;
use measure::Small;

/// One rewrite of the whole expression.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rewrite {
    /// What was done.
    pub how: How,
    /// The expression afterwards.
    pub after: Id,
}

/// What was found of an expression.
pub struct Found {
    /// The rewrites from the expression to the stable form; none where it is as stable as it gets.
    pub rewrites: Vec<Rewrite>,
    /// The stable form.
    pub result: Id,
    /// Where the typed form fails, and why.
    pub failures: Vec<Failure>,
    /// Errors before and after at some inputs.
    pub rows: Vec<Row>,
    /// The variable along which the rows go; the others stay as they are.
    pub along: Option<Symbol>,
    /// Whether the typed form is right to within ordinary rounding wherever it was looked at.
    pub is_stable: bool,
    /// At how many points it was looked at.
    pub points: usize,
}

/// For each function of an expression that the table computes by an identity of purpose [`Purpose::Stable`], that identity with the
/// arguments at hand.
pub fn computed(g: &mut Graph, root: Id) -> Vec<(Id, Id)> {
    let mut out: Vec<(Id, Id)> = Vec::new();
    for id in walk::topological(g, &[root]) {
        if matches!(g.view(id), View::Call(..)) {
            out.extend(forms::kernel(g, id).map(|right| (id, right)));
        }
    }
    out
}

/// The most accurate form of `root` that was found. `needs` are the conditions under which it has a value.
pub fn stabilise(g: &mut Graph, known: &Known, root: Id, needs: &[Id]) -> Found {
    let axes = points::axes(g, known, root, needs);
    let variables: Vec<Symbol> = axes.iter().map(|a| a.symbol).collect();
    let typed = Small::new(g, &variables, root);
    let speaks_of_them = |c: &&Id| walk::free_symbols(g, &[**c]).iter().all(|s| variables.contains(s));
    let assumed: Vec<Small> = known.conditions.iter().filter(speaks_of_them).map(|c| Small::new(g, &variables, *c)).collect();
    let mut samples = points::samples(&typed, &axes, &assumed);
    let best = regimes::best(g, known, needs, &variables, &mut samples, root);
    let told = failures::failures(g, &axes, &variables, root, best.result, &samples);
    Found {
        rewrites: best.rewrites,
        result: best.result,
        failures: told.failures,
        rows: told.rows,
        along: told.along,
        is_stable: best.is_stable,
        points: samples.len(),
    }
}
