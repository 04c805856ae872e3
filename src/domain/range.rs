//! The interval of one node from the intervals of its children. No assumptions, no traversal.

use super::facts::{rational, shape};
use super::interval::{Interval, Signs};
use crate::expr::{Constant, Graph, Id, Number, Reduction, Relation, View};
use crate::math::{FunctionId, Kernel, Monotone, Parity};

/// The interval of an arithmetic node or call; `None` for a node about which its children's intervals say nothing.
pub fn arithmetic(g: &Graph, id: Id, of: &impl Fn(Id) -> Interval) -> Option<Interval> {
    Some(match g.view(id) {
        View::Number(n) => Interval::of_number(n),
        View::Constant(Constant::Pi) => around(std::f64::consts::PI),
        View::Constant(Constant::E) => around(std::f64::consts::E),
        View::Add(terms) => terms.iter().map(|t| of(*t)).reduce(Interval::plus)?,
        View::Mul(factors) => factors.iter().map(|f| of(*f)).reduce(Interval::times)?,
        View::Neg(a) => of(a).negated(),
        View::Div(a, b) if a == b => Interval::point(1.0),
        View::Div(a, b) => of(a).over(of(b)),
        View::Pow(a, b) => power(g, a, b, of),
        View::Call(f, arguments) => call(f, arguments, of),
        View::Component(v, _) => match g.view(v) {
            View::Call(f, _) => shape(f).range,
            _ => return None,
        },
        View::Rows(kind, _, body) => over_rows(kind, of(body)),
        View::If(_, a, b) if g.view(b) == View::Undefined => of(a),
        View::If(_, a, b) => of(a).or(of(b)),
        _ => return None,
    })
}

/// A mean lies among its values; a sum of one value or more goes on in the direction of their sign.
fn over_rows(kind: Reduction, values: Interval) -> Interval {
    let one_sided = values.low >= 0.0 || values.high <= 0.0;
    let nonzero = values.nonzero && one_sided;
    match kind {
        Reduction::Mean => Interval { integer: false, nonzero, ..values },
        Reduction::Sum if values.low >= 0.0 => Interval { high: f64::INFINITY, high_open: true, nonzero, ..values },
        Reduction::Sum if values.high <= 0.0 => Interval { low: f64::NEG_INFINITY, low_open: true, nonzero, ..values },
        Reduction::Sum => Interval { integer: values.integer, ..Interval::REALS },
    }
}

/// A constant that f64 holds to half a unit in the last place.
fn around(v: f64) -> Interval {
    Interval::new(v.next_down(), true, v.next_up(), true)
}

fn power(g: &Graph, a: Id, b: Id, of: &impl Fn(Id) -> Interval) -> Interval {
    let (base, exponent) = (of(a), of(b));
    let fixed = rational(g, b);
    if let Some(n) = fixed.as_ref().and_then(Number::to_i64) {
        return base.power(n);
    }
    if let Some(n) = fixed.as_ref().filter(|n| n.is_integer()) {
        return if n.is_even() { Interval::NONNEGATIVE } else { Interval::REALS };
    }
    // a power that is no integer exists for nonnegative bases only
    if fixed.is_none() && Signs::NEGATIVE.within(base.signs()) {
        return Interval { nonzero: base.nonzero, ..Interval::REALS };
    }
    base.real_power(exponent)
}

/// Values that are known without error although the functions are transcendental.
const EXACT: &[(&str, f64, f64)] = &[
    ("exp", 0.0, 1.0),
    ("log", 1.0, 0.0),
    ("log2", 1.0, 0.0),
    ("log10", 1.0, 0.0),
    ("log1p", 0.0, 0.0),
    ("expm1", 0.0, 0.0),
    ("sqrt", 0.0, 0.0),
    ("sqrt", 1.0, 1.0),
    ("sqrt", 4.0, 2.0),
    ("acos", 1.0, 0.0),
    ("acosh", 1.0, 0.0),
    ("erfc", 0.0, 1.0),
    ("sigmoid", 0.0, 0.5),
    ("logit", 0.5, 0.0),
];

/// The value of an increasing function at a point, where it is known without error.
fn exact_value(f: FunctionId, at: f64) -> Option<f64> {
    let listed = EXACT.iter().find(|(name, x, _)| *name == f.name() && *x == at).map(|(_, _, y)| *y);
    listed.or((at == 0.0 && f.record().parity == Parity::Odd).then_some(0.0))
}

/// The argument at which a function that only rises, or only falls, takes the value `c`, where that is listed; and whether it falls.
pub fn inverse_value(f: FunctionId, c: &Number) -> Option<(Number, bool)> {
    let falls = match f.record().monotone {
        Monotone::Increasing => false,
        Monotone::Decreasing => true,
        Monotone::No => return None,
    };
    if c.is_zero() && f.record().parity == Parity::Odd && shape(f).domain.contains(0.0) {
        return Some((Number::integer(0), falls));
    }
    let listed = EXACT.iter().find(|(name, _, y)| *name == f.name() && exact_number(*y).as_ref() == Some(c));
    listed.and_then(|(_, x, _)| Some((exact_number(*x)?, falls)))
}

fn exact_number(v: f64) -> Option<Number> {
    dashu_ratio::RBig::try_from(v).ok().map(Number::rational)
}

fn call(f: FunctionId, arguments: &[Id], of: &impl Fn(Id) -> Interval) -> Interval {
    let shape = shape(f);
    let listed = || arguments.iter().map(|a| of(*a));
    let own = match (f.name(), arguments) {
        ("abs", [a]) => of(*a).magnitude(),
        ("max", _) => listed().reduce(Interval::max).unwrap_or(Interval::REALS),
        ("min", _) => listed().reduce(Interval::min).unwrap_or(Interval::REALS),
        ("relu", [a]) => of(*a).max(Interval::point(0.0)),
        ("clamp", [a, low, high]) => of(*a).max(of(*low)).min(of(*high)),
        ("floor", [a]) => of(*a).stepped(f64::floor),
        ("ceil", [a]) => of(*a).stepped(f64::ceil),
        ("round", [a]) => rounded(of(*a)),
        ("sign", [a]) => sign_range(of(*a).signs()),
        ("softplus", [a]) => above_each(f, listed()).refined(monotone(f, of(*a))),
        ("logsumexp" | "logaddexp", _) => above_each(f, listed()),
        // between half of the argument, or the least value, and the argument, or 0
        ("silu" | "gelu", [a]) => {
            let a = of(*a);
            let low = if a.low > 0.0 { (a.low / 2.0).next_down() } else { f64::NEG_INFINITY };
            Interval::new(low, true, a.high.max(0.0), true)
        }
        // even functions that only rise, or only fall, from 0 on
        ("cosh", [a]) => of(*a).magnitude().increasing(libm::cosh, |v| (v == 0.0).then_some(1.0)),
        ("sech", [a]) => Interval::point(1.0).over(of(*a).magnitude().increasing(libm::cosh, |v| (v == 0.0).then_some(1.0))),
        (_, [a]) => monotone(f, of(*a).refined(shape.domain)),
        _ => Interval::REALS,
    };
    own.refined(shape.range)
}

/// A log of a sum of exponentials is above each of them; softplus is above its argument and 0.
fn above_each(f: FunctionId, arguments: impl Iterator<Item = Interval>) -> Interval {
    let lower = arguments.map(|a| Interval::bounded(Relation::GreaterEqual, a));
    let lower = lower.reduce(Interval::and).unwrap_or(Interval::REALS);
    if f.name() == "softplus" { lower.and(Interval::POSITIVE) } else { lower }
}

/// The nearest integers, whichever way halves go.
fn rounded(a: Interval) -> Interval {
    let half = Interval::point(0.5);
    let (below, above) = (a.plus(half.negated()).stepped(f64::ceil), a.plus(half).stepped(f64::floor));
    Interval { integer: true, ..Interval::new(below.low, below.low_open, above.high, above.high_open) }.refined(Interval::REALS)
}

fn sign_range(signs: Signs) -> Interval {
    Interval { integer: true, ..Interval::closed(-1.0, 1.0) }.with_signs(signs)
}

/// The image of a function that only rises or only falls, between the ends that lie in its domain.
fn monotone(f: FunctionId, argument: Interval) -> Interval {
    let Kernel::One(kernel) = f.record().kernel else { return Interval::REALS };
    let domain = shape(f).domain;
    // at an end of the domain the kernel may give no limit: leave that side to the range
    let low = if argument.low == domain.low && domain.low_open { f64::NEG_INFINITY } else { argument.low };
    let high = if argument.high == domain.high && domain.high_open { f64::INFINITY } else { argument.high };
    let argument = Interval {
        low,
        high,
        low_open: argument.low_open || low.is_infinite(),
        high_open: argument.high_open || high.is_infinite(),
        ..argument
    };
    match f.record().monotone {
        Monotone::Increasing => argument.increasing(kernel, |v| exact_value(f, v)),
        Monotone::Decreasing => {
            // falling is rising after the ends were exchanged
            let rising = Interval {
                low: argument.high,
                high: argument.low,
                low_open: argument.high_open,
                high_open: argument.low_open,
                ..argument
            };
            falling(rising, f, kernel)
        }
        Monotone::No => Interval::REALS,
    }
}

/// The image under a falling function of the interval whose ends are given in exchange.
fn falling(exchanged: Interval, f: FunctionId, kernel: fn(f64) -> f64) -> Interval {
    let bound = |v: f64, open: bool| match exact_value(f, v) {
        _ if v.is_infinite() => Interval::REALS,
        Some(w) => Interval::new(w, open, w, open),
        None => Interval::closed(v, v).increasing(kernel, |_| None),
    };
    let (low, high) = (bound(exchanged.low, exchanged.low_open), bound(exchanged.high, exchanged.high_open));
    Interval::new(low.low, low.low_open, high.high, high.high_open)
}
