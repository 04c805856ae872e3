//! Where a derivative exists beyond the domain: the kinks and jumps of functions, the edges of powers, the joints of `if`.

use super::domain_of::{Guard, guarded, guards};
use super::facts::{instantiate, rational};
use crate::expr::{Graph, Id, Relation, Symbol, View, walk};
use crate::math::FunctionId;
use std::collections::{HashMap, HashSet};

/// What makes a place one where the derivative may not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A function of the table.
    Function(FunctionId),
    /// A power, or a division of one.
    Power,
    /// Two branches of an `if` meet: where value and slope agree on both sides, there is a derivative all the same.
    Joint,
}

/// One condition of differentiability.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Smoothness {
    /// Must hold for the derivative to exist there.
    pub condition: Id,
    /// Where it does not: the place itself.
    pub at: Id,
    /// The node that has the kink.
    pub node: Id,
    /// What kind of thing has it.
    pub source: Source,
    /// What happens there, for a reader: `slopes -1 and 1`, `a jump`, `a vertical tangent`.
    pub what: &'static str,
}

/// The conditions beyond the domain under which the derivative of `expr` with respect to `variable` exists.
pub fn smooth_conditions(g: &mut Graph, expr: Id, variable: Symbol) -> Vec<Smoothness> {
    let order = walk::topological(g, &[expr]);
    let depends = walk::dependence(g, &[expr], &[variable]);
    let guards = guards(g, expr, &order, &mut HashMap::new());
    let mut out: Vec<Smoothness> = Vec::new();
    let (mut conditions, mut met) = (HashSet::new(), HashSet::new());
    for id in order {
        let guard = match guards.get(&id) {
            Some(Guard::Under(c)) => Some(*c),
            Some(Guard::Always) => None,
            None => continue,
        };
        if !depends.get(&id).copied().unwrap_or(false) {
            continue;
        }
        for mut s in own_smoothness(g, id, &depends) {
            s.condition = guarded(g, guard, s.condition);
            if let Some(guard) = guard {
                s.at = g.and(&[guard, s.at]);
            }
            // whether a joint is smooth is a matter of the branches that meet there
            let is_new_here = met.insert((s.condition, s.node));
            if conditions.insert(s.condition) || (is_new_here && s.source == Source::Joint) {
                out.push(s);
            }
        }
    }
    out
}

fn own_smoothness(g: &mut Graph, id: Id, depends: &HashMap<Id, bool>) -> Vec<Smoothness> {
    let moves = |c: &Id| depends.get(c).copied().unwrap_or(false);
    match g.view(id) {
        View::Call(f, arguments) => {
            let arguments = arguments.to_vec();
            if matches!(f.name(), "max" | "min") { ties(g, id, f, &arguments, &moves) } else { listed(g, id, f, &arguments) }
        }
        View::Pow(a, b) => {
            let (base_moves, exponent_moves) = (moves(&a), moves(&b));
            power(g, id, a, b, base_moves, exponent_moves)
        }
        View::If(c, _, _) => joints(g, id, c, &moves),
        _ => Vec::new(),
    }
}

/// What the table says: its kinks, and what its derivative needs beyond them.
fn listed(g: &mut Graph, node: Id, f: FunctionId, arguments: &[Id]) -> Vec<Smoothness> {
    let record = f.record();
    let mut out = Vec::new();
    for kink in record.kinks {
        if let Some(at) = instantiate(g, f, kink.at, arguments) {
            out.push(Smoothness { condition: g.not(at), at, node, source: Source::Function(f), what: kink.what });
        }
    }
    for text in record.differentiable {
        if let Some(condition) = instantiate(g, f, text, arguments) {
            let at = g.not(condition);
            out.push(Smoothness { condition, at, node, source: Source::Function(f), what: "no derivative" });
        }
    }
    out
}

/// Where two arguments of `max` or `min` are both the largest (smallest), and one of them moves.
fn ties(g: &mut Graph, node: Id, f: FunctionId, arguments: &[Id], moves: &impl Fn(&Id) -> bool) -> Vec<Smoothness> {
    let beaten = if f.name() == "max" { Relation::Less } else { Relation::Greater };
    let mut out = Vec::new();
    for (i, a) in arguments.iter().enumerate() {
        for (j, b) in arguments.iter().enumerate().skip(i + 1) {
            if a == b || !(moves(a) || moves(b)) {
                continue;
            }
            let mut ways = vec![g.compare(Relation::NotEqual, *a, *b)];
            let others = (0..arguments.len()).filter(|k| *k != i && *k != j);
            ways.extend(others.map(|k| g.compare(beaten, *a, arguments[k])));
            let condition = g.or(&ways);
            let at = g.not(condition);
            out.push(Smoothness { condition, at, node, source: Source::Function(f), what: "a tie" });
        }
    }
    out
}

/// `a^b`: with an exponent that moves, `a > 0`; with a fixed one that is no integer, `a > 0`; with an integer, none.
fn power(g: &mut Graph, node: Id, a: Id, b: Id, base_moves: bool, exponent_moves: bool) -> Vec<Smoothness> {
    let positive = g.compare_zero(Relation::Greater, a);
    let zero = g.compare_zero(Relation::Equal, a);
    let entry = |condition, at, what| vec![Smoothness { condition, at, node, source: Source::Power, what }];
    if rational(g, a).is_some_and(|n| n.is_positive()) || matches!(g.view(a), View::Constant(_)) {
        return Vec::new();
    }
    if exponent_moves {
        let at = g.not(positive);
        return entry(positive, at, "no derivative unless the base is positive");
    }
    match rational(g, b) {
        _ if !base_moves => Vec::new(),
        Some(n) if n.is_integer() => Vec::new(),
        Some(n) if n < crate::expr::Number::integer(1) => entry(positive, zero, crate::math::VERTICAL),
        Some(_) => entry(positive, zero, "the edge of the domain"),
        None => {
            let whole = g.is_integer(b);
            let nonzero = g.compare_zero(Relation::NotEqual, a);
            // at a = 0 the formula b*a^(b - 1) has a value from b = 1 on
            let one = g.integer(1);
            let raised = g.compare(Relation::GreaterEqual, b, one);
            let either = g.or(&[nonzero, raised]);
            let repeated = g.and(&[whole, either]);
            let condition = g.or(&[positive, repeated]);
            entry(condition, zero, "a vertical tangent or the edge of the domain")
        }
    }
}

/// The places where a condition changes its mind.
fn joints(g: &mut Graph, node: Id, condition: Id, moves: &impl Fn(&Id) -> bool) -> Vec<Smoothness> {
    let mut out = Vec::new();
    let mut open = vec![condition];
    while let Some(c) = open.pop() {
        match g.view(c) {
            View::Compare(_, a, b) if moves(&a) || moves(&b) => {
                let condition = g.compare(Relation::NotEqual, a, b);
                let at = g.compare(Relation::Equal, a, b);
                out.push(Smoothness { condition, at, node, source: Source::Joint, what: "two branches meet" });
            }
            View::And(parts) | View::Or(parts) => open.extend_from_slice(parts),
            View::Not(inner) => open.push(inner),
            View::IsInteger(a) if moves(&a) => {
                let at = g.is_integer(a);
                let condition = g.not(at);
                out.push(Smoothness { condition, at, node, source: Source::Joint, what: "two branches meet" });
            }
            _ => {}
        }
    }
    out
}
