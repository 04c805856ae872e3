//! From the form that was typed to one that f64 arithmetic evaluates accurately: found by measuring, told as a derivation, with the
//! inputs from which the typed form fails. Every form is equal to the first one wherever that has a value.

mod clock;
mod failures;
mod forms;
pub mod lint;
mod makers;
mod measure;
mod points;
mod regimes;
mod search;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub use failures::{Blame, Blunder, Failure, Kind, Row, Side, short};
pub use forms::kernel;

use crate::domain::Known;
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::math::FunctionId;
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
    /// Where the stable form still loses half of the digits or more.
    pub left: Option<Row>,
    /// Errors before and after at some inputs.
    pub rows: Vec<Row>,
    /// The variable along which the rows go; the others stay as they are.
    pub along: Option<Symbol>,
    /// Whether the typed form is right to within ordinary rounding wherever it was looked at.
    pub is_stable: bool,
    /// At how many points it was looked at.
    pub points: usize,
}

/// The function that a form has and the one before had not.
pub fn recognised(g: &Graph, before: Id, after: Id) -> Option<FunctionId> {
    let calls = |root: Id| walk::topological(g, &[root]).into_iter().filter_map(|id| called(g, id)).collect::<Vec<_>>();
    let old = calls(before);
    calls(after).into_iter().find(|f| !old.contains(f))
}

fn called(g: &Graph, id: Id) -> Option<FunctionId> {
    match g.view(id) {
        View::Call(f, _) => Some(f),
        _ => None,
    }
}

/// How the functions of an expression are computed, each once: an identity of purpose [`crate::math::Purpose::Stable`] with plain
/// names for what is no variable.
pub fn computed(g: &mut Graph, root: Id) -> Vec<(Id, Id)> {
    let mut seen: Vec<FunctionId> = Vec::new();
    let mut out: Vec<(Id, Id)> = Vec::new();
    for id in walk::topological(g, &[root]) {
        let Some(f) = called(g, id).filter(|f| !seen.contains(f)) else { continue };
        seen.push(f);
        let arguments = g.children(id).to_vec();
        let plain = ["u", "v", "w"].map(|name| g.variable(name));
        let named = arguments.iter().zip(plain).map(|(a, name)| if g.as_symbol(*a).is_some() { *a } else { name });
        let named: Vec<Id> = named.collect();
        if named.len() == arguments.len() {
            let call = g.call(f, &named);
            out.extend(forms::kernel(g, call).map(|right| (call, right)));
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
        left: told.left,
        is_stable: best.is_stable,
        points: samples.len(),
    }
}
