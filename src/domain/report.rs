//! What `domain E` has to say: where an expression has a value, where it has kinks, where poles.

use super::prover::Prover;
use super::reduce::{reduce, reduce_with};
use super::smooth::{Smoothness, smooth_conditions};
use super::{Known, Verdict, domain_of};
use crate::expr::{Graph, Id, Relation, Symbol, View, walk};

/// The real domain of an expression with its special places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainReport {
    /// Where it has a value: all of these hold, each tidy. None: everywhere.
    pub conditions: Vec<Id>,
    /// Places inside the domain where some derivative does not exist, with what happens there.
    pub kinks: Vec<(Id, String)>,
    /// Places where a divisor is 0.
    pub poles: Vec<(Id, String)>,
}

/// The domain, the kinks and the poles of an expression.
pub fn describe(g: &mut Graph, known: &Known, expr: Id) -> DomainReport {
    let raw = domain_of(g, expr);
    let conditions = reduce(g, known, &raw, &[]);
    let mut report = DomainReport { conditions, ..DomainReport::default() };
    for variable in walk::free_symbols(g, &[expr]) {
        for kink in kinks(g, known, expr, variable) {
            if !report.kinks.contains(&kink) {
                report.kinks.push(kink);
            }
        }
    }
    let mut outside = Prover::new(known);
    for c in raw {
        if let View::Compare(Relation::NotEqual, a, b) = g.view(c) {
            let at = g.compare(Relation::Equal, a, b);
            add_places(g, &mut outside, at, "a pole", &mut report.poles);
        }
    }
    report
}

/// The places inside the domain where the derivative by one variable does not exist, with what happens there.
pub fn kinks(g: &mut Graph, known: &Known, expr: Id, variable: Symbol) -> Vec<(Id, String)> {
    let special = smooth_conditions(g, expr, variable);
    kinks_of(g, known, expr, special)
}

/// The same, of these special places only.
pub fn kinks_of(g: &mut Graph, known: &Known, expr: Id, special: Vec<Smoothness>) -> Vec<(Id, String)> {
    let mut out = Vec::new();
    if special.is_empty() || special.len() > MANY {
        return out;
    }
    let raw = domain_of(g, expr);
    let conditions = reduce(g, known, &raw, &[]);
    let mut inside = Prover::new(known);
    conditions.iter().for_each(|c| inside.assume(*c));
    for kink in special {
        add_kink(g, &inside, &kink, &mut out);
    }
    out
}

/// More special places than this are not listed one by one: their conditions still stand in the domain of the derivative.
const MANY: usize = 64;

fn add_kink(g: &mut Graph, inside: &Prover, kink: &Smoothness, out: &mut Vec<(Id, String)>) {
    let mut inside = inside.clone();
    if inside.prove(g, kink.condition) != Verdict::Proved {
        add_places(g, &mut inside, kink.at, kink.what, out);
    }
}

/// The place in tidy form, each alternative on its own.
fn add_places(g: &mut Graph, prover: &mut Prover, at: Id, what: &str, out: &mut Vec<(Id, String)>) {
    if prover.prove(g, at) == Verdict::Refuted {
        return;
    }
    let solved = reduce_with(g, prover, &[at]);
    let whole = g.and(&solved);
    let places = match g.view(whole) {
        View::Or(parts) => parts.to_vec(),
        View::Truth(false) => Vec::new(),
        _ => vec![whole],
    };
    for place in places {
        if !out.iter().any(|(p, _)| *p == place) {
            out.push((place, what.to_owned()));
        }
    }
}
