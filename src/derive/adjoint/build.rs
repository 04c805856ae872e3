//! Constructors for graphs that are evaluated: zeros and ones go, small numbers are multiplied out, and nothing is flattened, so
//! that what two expressions share stays shared and each call costs no more than what it is given.

use crate::expr::{Graph, Id, Number, View};

/// Products of numbers are computed up to this size in bits; a long chain of decimals would grow without end.
const FOLDED: usize = 128;

/// A number in front of a product is joined with another one where the product has at most this many factors.
const SHORT: usize = 4;

/// `a*b`
pub fn times(g: &mut Graph, a: Id, b: Id) -> Id {
    match (g.as_number(a), g.as_number(b)) {
        (None, None) => g.mul(&[a, b]),
        (Some(_), _) => by_number(g, a, b),
        (None, Some(_)) => by_number(g, b, a),
    }
}

/// `n*b`, where `n` is a number.
fn by_number(g: &mut Graph, n: Id, b: Id) -> Id {
    let Some(factor) = g.as_number(n) else { return g.mul(&[n, b]) };
    if factor.is_zero() || g.is_one(b) {
        return n;
    }
    if factor.is_one() || g.is_zero(b) {
        return b;
    }
    if factor.is_minus_one() {
        return negative(g, b);
    }
    match g.view(b) {
        View::Number(other) => match folded(factor, other) {
            Some(product) => g.number(product),
            None => g.mul(&[n, b]),
        },
        View::Mul(factors) if factors.len() <= SHORT => {
            let joined = g.as_number(factors[0]).and_then(|other| folded(factor, other));
            let rest = factors[1..].to_vec();
            match joined {
                Some(product) => numbered(g, product, &rest),
                None => g.mul(&[n, b]),
            }
        }
        _ => g.mul(&[n, b]),
    }
}

fn numbered(g: &mut Graph, number: Number, rest: &[Id]) -> Id {
    let mut all = Vec::with_capacity(rest.len() + 1);
    if !number.is_one() {
        all.push(g.number(number));
    }
    all.extend_from_slice(rest);
    g.mul(&all)
}

fn folded(a: &Number, b: &Number) -> Option<Number> {
    (a.bits() + b.bits() <= FOLDED).then(|| a * b)
}

/// `-a`
pub fn negative(g: &mut Graph, a: Id) -> Id {
    match g.view(a) {
        View::Neg(inner) => inner,
        View::Mul(factors) if factors.len() <= SHORT && g.as_number(factors[0]).is_some() => {
            let rest = factors[1..].to_vec();
            match g.as_number(factors[0]).map(|n| -n) {
                Some(opposite) => numbered(g, opposite, &rest),
                None => g.neg(a),
            }
        }
        _ => g.neg(a),
    }
}

/// `a/b`
pub fn over(g: &mut Graph, a: Id, b: Id) -> Id {
    if g.is_zero(a) || g.is_one(b) { a } else { g.div(a, b) }
}

/// The sum of these, in order.
pub fn total(g: &mut Graph, terms: &[Id]) -> Id {
    if let [only] = terms {
        return *only;
    }
    let kept: Vec<Id> = terms.iter().copied().filter(|t| !g.is_zero(*t)).collect();
    let sum = kept.iter().try_fold(Number::integer(0), |sum, term| {
        let term = g.as_number(*term)?;
        (sum.bits() + term.bits() <= FOLDED).then(|| &sum + term)
    });
    match sum {
        Some(sum) => g.number(sum),
        None => g.add(&kept),
    }
}
