//! `dom(e)`: the conditions under which an expression has a value, from its operators' own domains. Says what is needed,
//! not whether it is known.

use super::facts::{conjuncts, instantiate, rational, whole};
use crate::expr::{Constant, Graph, Id, Relation, Series, Symbol, View, walk};
use std::collections::HashMap;

/// Up to how many values of an index a series' conditions are written out.
const UNROLLED: i64 = 64;

/// The conditions under which `expr` has a value: together exact, each once, not reduced.
pub fn domain_of(g: &mut Graph, expr: Id) -> Vec<Id> {
    let mut out = Vec::new();
    let order = walk::topological(g, &[expr]);
    let mut done: HashMap<Id, Vec<Id>> = HashMap::new();
    let simple = !order.iter().any(|id| matches!(g.view(*id), View::If(..) | View::Series(..) | View::And(_) | View::Or(_)));
    let guards = if simple { HashMap::new() } else { guards(g, expr, &order, &mut done) };
    for id in order {
        let guard = match guards.get(&id) {
            None if simple => None,
            Some(Guard::Always) => None,
            Some(Guard::Under(c)) => Some(*c),
            None => continue, // below a series, which speaks for it
        };
        let own = match done.remove(&id) {
            Some(conditions) => conditions,
            None => own_conditions(g, id),
        };
        out.extend(own.into_iter().map(|c| guarded(g, guard, c)));
    }
    conjuncts_once(g, out)
}

/// Each conjunct once, in order.
fn conjuncts_once(g: &Graph, conditions: Vec<Id>) -> Vec<Id> {
    let mut seen = std::collections::HashSet::new();
    let mut out = Vec::new();
    for c in conditions {
        for part in conjuncts(g, &[c]) {
            if seen.insert(part) {
                out.push(part);
            }
        }
    }
    out
}

/// Under which condition a node is evaluated at all.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Guard {
    /// Always.
    Always,
    /// Where this holds.
    Under(Id),
}

/// For every node the condition under which it is evaluated; nodes inside of a series are left out, and what the series
/// needs is put into `series`.
pub(super) fn guards(g: &mut Graph, root: Id, order: &[Id], series: &mut HashMap<Id, Vec<Id>>) -> HashMap<Id, Guard> {
    let mut guards = HashMap::from([(root, Guard::Always)]);
    for id in order.iter().rev() {
        let Some(own) = guards.get(id).copied() else { continue };
        match g.view(*id) {
            View::If(c, a, b) => {
                pour(g, &mut guards, c, own);
                let under = both(g, own, c);
                pour(g, &mut guards, a, under);
                let failing = g.not(c);
                let under = both(g, own, failing);
                pour(g, &mut guards, b, under);
            }
            View::And(parts) => {
                let parts = parts.to_vec();
                pour_in_turn(g, &mut guards, &parts, own, false);
            }
            View::Or(parts) => {
                let parts = parts.to_vec();
                pour_in_turn(g, &mut guards, &parts, own, true);
            }
            View::Series(_, binder, [from, to, body]) => {
                pour(g, &mut guards, from, own);
                pour(g, &mut guards, to, own);
                let needs = series_conditions(g, binder, from, to, body);
                series.insert(*id, needs);
            }
            _ => {
                for child in g.children(*id).to_vec() {
                    pour(g, &mut guards, child, own);
                }
            }
        }
    }
    guards
}

/// The node is also evaluated under `guard`.
fn pour(g: &mut Graph, guards: &mut HashMap<Id, Guard>, id: Id, guard: Guard) {
    let merged = match (guards.get(&id), guard) {
        (None, new) => new,
        (Some(Guard::Always), _) | (_, Guard::Always) => Guard::Always,
        (Some(Guard::Under(old)), Guard::Under(new)) if *old == new => guard,
        (Some(Guard::Under(old)), Guard::Under(new)) => Guard::Under(g.or(&[*old, new])),
    };
    guards.insert(id, merged);
}

/// The parts of `and` and `or` are evaluated from the left, as far as they matter.
fn pour_in_turn(g: &mut Graph, guards: &mut HashMap<Id, Guard>, parts: &[Id], own: Guard, alternatives: bool) {
    let mut guard = own;
    for part in parts {
        pour(g, guards, *part, guard);
        let passed = if alternatives { g.not(*part) } else { *part };
        guard = both(g, guard, passed);
    }
}

fn both(g: &mut Graph, outer: Guard, condition: Id) -> Guard {
    match outer {
        Guard::Always => Guard::Under(condition),
        Guard::Under(c) => Guard::Under(g.and(&[c, condition])),
    }
}

/// `guard` implies `condition`.
pub(super) fn guarded(g: &mut Graph, guard: Option<Id>, condition: Id) -> Id {
    let Some(guard) = guard else { return condition };
    let mut parts = match g.view(guard) {
        View::And(parts) if parts.len() <= 8 => parts.to_vec(),
        _ => vec![guard],
    };
    for part in &mut parts {
        *part = g.not(*part);
    }
    if g.view(condition) != View::Truth(false) {
        parts.push(condition);
    }
    g.or(&parts)
}

/// What the operator of one node itself needs.
pub(super) fn own_conditions(g: &mut Graph, id: Id) -> Vec<Id> {
    match g.view(id) {
        View::Div(_, b) if rational(g, b).is_some_and(|n| !n.is_zero()) => Vec::new(),
        View::Div(_, b) => vec![g.compare_zero(Relation::NotEqual, b)],
        View::Pow(a, b) => power_conditions(g, a, b),
        View::Call(f, arguments) if !f.record().domain.is_empty() => {
            let arguments = arguments.to_vec();
            f.record().domain.iter().filter_map(|text| instantiate(g, f, text, &arguments)).collect()
        }
        View::Derivative(body, variable, _) => {
            super::smooth::smooth_conditions(g, body, variable).into_iter().map(|s| s.condition).collect()
        }
        View::Undefined => vec![g.truth(false)],
        _ => Vec::new(),
    }
}

/// Where `a^b` has a value: `b` an integer (and `a` not 0 where `b` is negative), or `a > 0`, or `a = 0` and `b > 0`.
fn power_conditions(g: &mut Graph, a: Id, b: Id) -> Vec<Id> {
    if let Some(n) = rational(g, b) {
        let relation = match (n.is_integer(), n.is_negative()) {
            (true, false) => return Vec::new(),
            (true, true) => Relation::NotEqual,
            (false, false) => Relation::GreaterEqual,
            (false, true) => Relation::Greater,
        };
        return vec![g.compare_zero(relation, a)];
    }
    if rational(g, a).is_some_and(|n| n.is_positive()) || matches!(g.view(a), View::Constant(_)) {
        return Vec::new();
    }
    if let View::Constant(Constant::Pi | Constant::E) = g.view(b) {
        return vec![g.compare_zero(Relation::GreaterEqual, a)];
    }
    let positive = g.compare_zero(Relation::Greater, a);
    let (zero, raised) = (g.compare_zero(Relation::Equal, a), g.compare_zero(Relation::GreaterEqual, b));
    let at_zero = g.and(&[zero, raised]);
    let (nonzero, whole) = (g.compare_zero(Relation::NotEqual, a), g.is_integer(b));
    let repeated = g.and(&[nonzero, whole]);
    vec![g.or(&[positive, at_zero, repeated])]
}

/// What a series needs: whole ends, and its body's conditions for every value of the index.
fn series_conditions(g: &mut Graph, binder: Symbol, from: Id, to: Id, body: Id) -> Vec<Id> {
    let mut out = Vec::new();
    for end in [from, to] {
        if whole(g, end).is_none() {
            out.push(g.is_integer(end));
        }
    }
    let inner = domain_of(g, body);
    if let (Some(first), Some(last)) = (whole(g, from), whole(g, to)) {
        if last < first {
            return out;
        }
        if last.saturating_sub(first) < UNROLLED {
            out.extend((first..=last).flat_map(|k| at_index(g, &inner, binder, k)));
            return out;
        }
    }
    let runs = g.compare(Relation::LessEqual, from, to);
    for c in inner {
        let condition = if walk::contains(g, c, binder) { for_every(g, binder, from, to, c) } else { c };
        out.push(guarded(g, Some(runs), condition));
    }
    out
}

fn at_index(g: &mut Graph, conditions: &[Id], binder: Symbol, k: i64) -> Vec<Id> {
    let (symbol, value) = (g.symbol(binder), g.integer(k));
    let map = HashMap::from([(symbol, value)]);
    conditions.iter().map(|c| walk::substitute(g, *c, &map)).collect()
}

/// The condition for every value of the index: the product of its truth values is 1.
fn for_every(g: &mut Graph, binder: Symbol, from: Id, to: Id, condition: Id) -> Id {
    let (one, zero) = (g.integer(1), g.integer(0));
    let holds = g.conditional(condition, one, zero);
    let product = g.series(Series::Product, binder, from, to, holds);
    g.compare(Relation::Equal, product, one)
}
