//! What the facts table says of functions, in the forms that reasoning needs: intervals of arguments and values, and the
//! table's conditions with a call's own arguments in place of the parameters.

use super::interval::Interval;
use crate::expr::{Graph, Id, Number, Relation, View, walk};
use crate::math::{self, FunctionId};
use crate::resolve::formula;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What is known of the numbers that go into a function of one parameter and come out of any function.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Encloses the arguments for which it has a value.
    pub domain: Interval,
    /// Encloses its values.
    pub range: Interval,
}

/// The shape of a function.
pub fn shape(f: FunctionId) -> Shape {
    static SHAPES: OnceLock<Vec<Shape>> = OnceLock::new();
    let shapes = SHAPES.get_or_init(|| {
        let mut g = Graph::new();
        math::functions().map(|f| read_shape(&mut g, f)).collect()
    });
    shapes.get(usize::from(f.0)).copied().unwrap_or(Shape { domain: Interval::REALS, range: Interval::REALS })
}

fn read_shape(g: &mut Graph, f: FunctionId) -> Shape {
    let record = f.record();
    let domain = match record.parameters {
        [parameter] => enclosure(g, parameter, record.domain),
        _ => Interval::REALS,
    };
    Shape { domain, range: enclosure(g, "value", record.range) }
}

/// Encloses the values of `name` that satisfy all of these conditions, as far as they bound it by numbers.
fn enclosure(g: &mut Graph, name: &str, conditions: &[&str]) -> Interval {
    let subject = g.variable(name);
    let mut out = Interval::REALS;
    let mut open: Vec<Id> = conditions.iter().filter_map(|text| formula(g, text).ok()).collect();
    while let Some(c) = open.pop() {
        match g.view(c) {
            View::And(parts) => open.extend_from_slice(parts),
            View::Compare(r, a, b) if a == subject => out = out.and(Interval::bounded(r, constant_range(g, b))),
            View::Compare(r, a, b) if b == subject => out = out.and(Interval::bounded(r.mirrored(), constant_range(g, a))),
            View::IsInteger(a) if a == subject => out.integer = true,
            _ => {}
        }
    }
    out
}

/// Encloses an expression without symbols; everything where it has some.
fn constant_range(g: &Graph, id: Id) -> Interval {
    let mut known: HashMap<Id, Interval> = HashMap::new();
    for node in walk::topological(g, &[id]) {
        let of = |c: Id| known.get(&c).copied().unwrap_or(Interval::REALS);
        let range = super::range::arithmetic(g, node, &of).unwrap_or(Interval::REALS);
        known.insert(node, range);
    }
    known.get(&id).copied().unwrap_or(Interval::REALS)
}

/// A condition of the table with the arguments of a call in place of its parameters, and perhaps of `value`.
pub fn instantiate(g: &mut Graph, f: FunctionId, text: &str, arguments: &[Id]) -> Option<Id> {
    let template = formula(g, text).ok()?;
    let parameters = f.record().parameters;
    if parameters.len() != arguments.len() {
        return None;
    }
    let map: HashMap<Id, Id> = parameters.iter().zip(arguments).map(|(p, a)| (g.variable(p), *a)).collect();
    Some(walk::substitute(g, template, &map))
}

/// The exact value of a literal: a number, a quotient of two, or the opposite of one.
pub fn rational(g: &Graph, id: Id) -> Option<Number> {
    let quotient = |id: Id| match g.view(id) {
        View::Number(n) => Some(n.clone()),
        View::Div(a, b) => g.as_number(a)?.checked_div(g.as_number(b)?),
        _ => None,
    };
    match g.view(id) {
        View::Neg(a) => quotient(a).map(|n| -&n),
        _ => quotient(id),
    }
}

/// The small integer that a literal stands for.
pub fn whole(g: &Graph, id: Id) -> Option<i64> {
    rational(g, id).and_then(|n| n.to_i64())
}

/// The parts of a condition that must all hold.
pub fn conjuncts(g: &Graph, conditions: &[Id]) -> Vec<Id> {
    let (mut out, mut seen) = (Vec::new(), std::collections::HashSet::new());
    let mut open: Vec<Id> = conditions.iter().rev().copied().collect();
    while let Some(c) = open.pop() {
        match g.view(c) {
            View::And(parts) => open.extend(parts.iter().rev()),
            View::Truth(true) => {}
            _ if !seen.insert(c) => {}
            _ => out.push(c),
        }
    }
    out
}

/// The relation as seen from the other side of a multiplication by a negative number.
pub fn flipped(r: Relation, flip: bool) -> Relation {
    if flip { r.mirrored() } else { r }
}
