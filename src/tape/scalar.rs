//! One operation on single numbers: for what is the same in every row, and the reference for what is not.

use super::graph::{At, Extreme, Op, Signed};
use crate::eval::float::power;
use crate::eval::template::template;
use crate::math::kernels::lanes::Lane;
use crate::math::{FunctionId, Kernel};

/// The value of an operation whose parts have these values. Totals, counts and inputs have none here.
pub(super) fn value(op: &Op, of: impl Fn(At) -> f64) -> f64 {
    let signed = |s: &Signed| if s.negative { -of(s.at) } else { of(s.at) };
    match op {
        Op::Constant(bits) => f64::from_bits(*bits),
        Op::Parameter(_) | Op::Column(_) | Op::Total(_) | Op::Count => f64::NAN,
        Op::Sum(terms) => terms.iter().map(signed).sum(),
        Op::Product([a, b]) => of(*a) * of(*b),
        Op::Opposite(a) => -of(*a),
        Op::Quotient(a, b) => quotient(of(*a), of(*b)),
        Op::Lane(lane, a) => lane_value(*lane, of(*a)),
        Op::Extreme(which, a, b) => extreme(*which, of(*a), of(*b)),
        Op::Compare(relation, a, b) => {
            of(*a).partial_cmp(&of(*b)).map_or(f64::NAN, |ordering| f64::from(u8::from(relation.holds(ordering))))
        }
        Op::Select(c, a, b) => select(of(*c), of(*a), of(*b)),
        Op::Power(a, b, exact) => power_value(of(*a), of(*b), exact.as_ref()),
        Op::Call(f, arguments) => {
            let arguments: Vec<f64> = arguments.iter().map(|a| of(*a)).collect();
            call(*f, &arguments)
        }
    }
}

/// A quotient; NaN over 0, so that a pole does not become a number further on.
#[inline(always)]
pub(super) fn quotient(a: f64, b: f64) -> f64 {
    if b == 0.0 { f64::NAN } else { a / b }
}

/// The larger or the smaller; NaN if one is.
#[inline(always)]
pub(super) fn extreme(which: Extreme, a: f64, b: f64) -> f64 {
    let first = match which {
        Extreme::Max => a > b,
        Extreme::Min => a < b,
    };
    if first || a.is_nan() { a } else { b }
}

/// The second where the condition holds, the third where it does not.
#[inline(always)]
pub(super) fn select(condition: f64, a: f64, b: f64) -> f64 {
    let chosen = if condition == 0.0 { b } else { a };
    if condition.is_nan() { condition } else { chosen }
}

/// By the scalar kernel; NaN at a pole.
pub(super) fn lane_value(lane: Lane, u: f64) -> f64 {
    let value = lane.scalar(u);
    if value == f64::NEG_INFINITY && u.is_finite() { f64::NAN } else { value }
}

pub(super) fn power_value(base: f64, exponent: f64, exact: Option<&crate::expr::Number>) -> f64 {
    if base == 0.0 && exponent < 0.0 { f64::NAN } else { power(base, exponent, exact) }
}

/// A function by its kernel; NaN outside its domain, at poles too.
pub(super) fn call(f: FunctionId, arguments: &[f64]) -> f64 {
    let value = match (f.record().kernel, arguments) {
        (Kernel::One(k), [a]) => k(*a),
        (Kernel::Two(k), [a, b]) => k(*a, *b),
        (Kernel::Three(k), [a, b, c]) => k(*a, *b, *c),
        (Kernel::List(k), list) => k(list),
        _ => f64::NAN,
    };
    let is_pole = || arguments.iter().all(|a| a.is_finite()) && template(f).is_some_and(|t| !t.is_inside(arguments));
    if value.is_infinite() && is_pole() { f64::NAN } else { value }
}
