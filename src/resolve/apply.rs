//! Functions and operators on values: broadcasting over vectors, and list functions opened into sums and products.
//! Knows nothing of names and spans.

use super::Value;
use crate::expr::{Graph, Id, Number, View, walk};
use crate::math::{Arity, FunctionId, Kernel};
use std::collections::HashMap;
use std::sync::Arc;

/// Why values do not fit an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Two vectors of these lengths, the operands at these positions.
    Lengths([usize; 2], [usize; 2]),
    /// A vector is needed at this position.
    NeedsVector(usize),
    /// A vector among several arguments of a list function, at this position.
    VectorAmongNumbers(usize),
    /// More components than a node can count.
    TooLong(usize),
}

/// The common length of the vectors among the values; `None` where all are numbers.
fn common_length(values: &[Value]) -> Result<Option<usize>, Misfit> {
    let mut found: Option<(usize, usize)> = None;
    for (at, value) in values.iter().enumerate() {
        let Value::Vector(items) = value else { continue };
        match found {
            Some((first, length)) if length != items.len() => return Err(Misfit::Lengths([length, items.len()], [first, at])),
            Some(_) => {}
            None => found = Some((at, items.len())),
        }
    }
    Ok(found.map(|(_, length)| length))
}

/// Applies an operation on numbers to values: once, or component by component where vectors of one length are among them.
pub(super) fn broadcast(
    g: &mut Graph,
    values: &[Value],
    mut operation: impl FnMut(&mut Graph, &mut [Id]) -> Id,
) -> Result<Value, Misfit> {
    let Some(length) = common_length(values)? else {
        let mut ids: Vec<Id> = values.iter().flat_map(Value::components).copied().collect();
        return Ok(Value::Scalar(operation(g, &mut ids)));
    };
    let mut ids = Vec::with_capacity(values.len());
    let items = (0..length).map(|k| {
        ids.clear();
        ids.extend(values.iter().map(|v| match v {
            Value::Scalar(id) => *id,
            Value::Vector(items) => items[k],
        }));
        operation(g, &mut ids)
    });
    Ok(Value::Vector(items.collect()))
}

/// A function of the facts table on arguments whose number fits its arity.
pub(super) fn call(g: &mut Graph, f: FunctionId, arguments: &[Value]) -> Result<Value, Misfit> {
    let record = f.record();
    match record.arity {
        Arity::TwoLists => dot(g, arguments),
        Arity::List => list(g, f, arguments),
        Arity::Exactly(_) => broadcast(g, arguments, |g, ids| on_numbers(g, f, ids)),
    }
}

/// A function of so many numbers, on that many.
pub(super) fn on_numbers(g: &mut Graph, f: FunctionId, ids: &[Id]) -> Id {
    if f.name() == "pow" { g.pow(ids[0], ids[1]) } else { g.call(f, ids) }
}

fn dot(g: &mut Graph, arguments: &[Value]) -> Result<Value, Misfit> {
    if let Some(at) = arguments.iter().position(|a| matches!(a, Value::Scalar(_))) {
        return Err(Misfit::NeedsVector(at));
    }
    let products = broadcast(g, arguments, |g, ids| g.mul(ids))?;
    Ok(Value::Scalar(g.add(products.components())))
}

fn list(g: &mut Graph, f: FunctionId, arguments: &[Value]) -> Result<Value, Misfit> {
    let items: Arc<[Id]> = match arguments {
        [Value::Vector(items)] => items.clone(),
        _ => match arguments.iter().position(|a| matches!(a, Value::Vector(_))) {
            Some(at) => return Err(Misfit::VectorAmongNumbers(at)),
            None => arguments.iter().flat_map(Value::components).copied().collect(),
        },
    };
    match (f.name(), f.record().kernel) {
        ("sum", _) => Ok(Value::Scalar(g.add(&items))),
        ("prod", _) => Ok(Value::Scalar(g.mul(&items))),
        ("mean", _) => Ok(Value::Scalar(mean(g, &items))),
        (_, Kernel::Vector(_)) => components(g, f, &items),
        _ => Ok(Value::Scalar(g.call(f, &items))),
    }
}

fn mean(g: &mut Graph, items: &[Id]) -> Id {
    let (sum, count) = (g.add(items), g.integer(i64::try_from(items.len()).unwrap_or(i64::MAX)));
    g.div(sum, count)
}

/// A vector-valued function as the vector of its components.
fn components(g: &mut Graph, f: FunctionId, items: &[Id]) -> Result<Value, Misfit> {
    let count = u16::try_from(items.len()).map_err(|_| Misfit::TooLong(items.len()))?;
    let whole = g.call(f, items);
    Ok(Value::Vector((1..=count).map(|k| g.component(whole, k)).collect()))
}

/// The number that an expression of numbers, signs, sums, products and quotients stands for: what an index or a bound may be.
pub(super) fn constant(g: &Graph, root: Id) -> Option<Number> {
    if let View::Number(n) = g.view(root) {
        return Some(n.clone());
    }
    let mut known: HashMap<Id, Number> = HashMap::new();
    for id in walk::topological(g, &[root]) {
        let of = |a: &Id| known.get(a);
        let value = match g.view(id) {
            View::Number(n) => n.clone(),
            View::Neg(a) => -of(&a)?,
            View::Add(terms) => terms.iter().map(of).try_fold(Number::integer(0), |sum, term| Some(&sum + term?))?,
            View::Mul(factors) => {
                factors.iter().map(of).try_fold(Number::integer(1), |product, factor| Some(&product * factor?))?
            }
            View::Div(a, b) => of(&a)?.checked_div(of(&b)?)?,
            _ => return None,
        };
        known.insert(id, value);
    }
    known.remove(&root)
}

/// The whole number that an expression stands for, where [`constant`] finds one of moderate size.
pub(super) fn whole(g: &Graph, root: Id) -> Option<i64> {
    constant(g, root).and_then(|n| n.to_i64())
}
