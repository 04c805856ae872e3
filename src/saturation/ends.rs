//! Enclosures of an expression far out, where the variable goes on without end: what stays, what grows, and a remainder that dies out
//! exponentially. An exponential beats every power, and so a product such as x*(1 - sigmoid(x)) is bounded, which intervals alone
//! cannot tell.

use crate::domain::{Interval, Known, range_of};
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::math::FunctionId;

/// Powers of the variable above this are left alone.
const HIGHEST: usize = 8;

/// What rounding may add to a bound: far above what so short a computation can lose.
const SLACK: f64 = 1.0 + 1e-9;

/// Values for all y >= begin, y being the size of the variable: `c0 + c1*y + c2*y^2 + …`, each coefficient somewhere in its interval,
/// and a remainder.
#[derive(Clone, Debug)]
struct Far {
    /// From the constant on; none above the last, which is not 0.
    powers: Vec<Interval>,
    rest: Rest,
}

/// A remainder of at most `size * y^power * exp(-decay*y)`.
#[derive(Clone, Copy, Debug)]
struct Rest {
    size: f64,
    power: i32,
    decay: f64,
}

const NOTHING: Rest = Rest { size: 0.0, power: 0, decay: f64::INFINITY };

impl Rest {
    /// Both together: since y is above 1, the higher power and the slower decay hold for both.
    fn plus(self, other: Rest) -> Rest {
        match (self.size == 0.0, other.size == 0.0) {
            (true, _) => other,
            (_, true) => self,
            _ => Rest {
                size: (self.size + other.size) * SLACK,
                power: self.power.max(other.power),
                decay: self.decay.min(other.decay),
            },
        }
    }

    fn times(self, size: f64, power: usize) -> Rest {
        if size == 0.0 || self.size == 0.0 {
            NOTHING
        } else {
            Rest { size: self.size * size * SLACK, power: self.power + power as i32, ..self }
        }
    }

    fn times_rest(self, other: Rest) -> Rest {
        if self.size == 0.0 || other.size == 0.0 {
            return NOTHING;
        }
        Rest { size: self.size * other.size * SLACK, power: self.power + other.power, decay: (self.decay + other.decay) / SLACK }
    }

    /// The most that it can be: at the beginning, or where the power gives way to the exponential.
    fn most(self, begin: f64) -> f64 {
        if self.size == 0.0 {
            return 0.0;
        }
        let y = begin.max(f64::from(self.power) / self.decay);
        // what is too small for f64 is not 0
        (self.size * y.powi(self.power) * (-self.decay * y).exp() * SLACK).max(f64::MIN_POSITIVE)
    }
}

/// The directions in which an argument can go.
enum Way {
    /// Without end upwards, at least as fast as this times y, from the size of `exp(-argument)` at y = 0.
    Up { size: f64, pace: f64 },
    /// Without end downwards.
    Down { size: f64, pace: f64 },
    /// It stays between bounds.
    Stays,
}

/// The values of an expression for all sizes of the variable from `begin` on, in the direction of `sign`, under conditions that say so.
/// None where they have no bounds, or none is found.
pub(super) fn enclosed(g: &mut Graph, known: &Known, variable: Symbol, (begin, sign): (f64, f64), root: Id) -> Option<Interval> {
    if begin < 1.0 {
        return None;
    }
    let order = walk::topological(g, &[root]);
    let mut line = Line { g, known, variable, begin, sign, found: std::collections::HashMap::new() };
    for id in order {
        crate::budget::pulse();
        let far = line.node(id);
        line.found.insert(id, far);
    }
    let far = line.found.remove(&root)??;
    line.bounds(&far)
}

struct Line<'a> {
    g: &'a mut Graph,
    known: &'a Known,
    variable: Symbol,
    begin: f64,
    sign: f64,
    found: std::collections::HashMap<Id, Option<Far>>,
}

impl Line<'_> {
    fn of(&self, id: Id) -> Option<Far> {
        self.found.get(&id).cloned().flatten()
    }

    fn node(&mut self, id: Id) -> Option<Far> {
        self.exactly(id).or_else(|| {
            let range = Interval { integer: false, ..range_of(self.g, self.known, id) };
            range.magnitude().high.is_finite().then(|| constant(range))
        })
    }

    fn exactly(&self, id: Id) -> Option<Far> {
        let all = |ids: &[Id], start: f64, join: fn(Far, Far) -> Option<Far>| {
            ids.iter().try_fold(constant(Interval::point(start)), |so_far, id| join(so_far, self.of(*id)?))
        };
        match self.g.view(id) {
            View::Number(n) => Some(constant(Interval::of_number(n))),
            View::Symbol(s) if s == self.variable => {
                Some(Far { powers: vec![Interval::point(0.0), Interval::point(self.sign)], rest: NOTHING })
            }
            View::Neg(a) => times(constant(Interval::point(-1.0)), self.of(a)?),
            View::Add(terms) => all(terms, 0.0, |a, b| Some(plus(a, b))),
            View::Mul(factors) => all(factors, 1.0, times),
            View::Div(a, b) => times(self.of(a)?, self.reciprocal(b)?),
            View::Pow(a, b) => {
                let exponent = usize::try_from(self.g.as_number(b)?.to_i64()?).ok().filter(|n| *n <= HIGHEST)?;
                (0..exponent).try_fold(constant(Interval::point(1.0)), |so_far, _| times(so_far, self.of(a)?))
            }
            View::Call(f, &[argument]) => self.call(f, self.of(argument)?),
            _ => None,
        }
    }

    /// One over an expression: of a number that is not 0, or of exponentials that grow.
    fn reciprocal(&self, id: Id) -> Option<Far> {
        match self.g.view(id) {
            View::Mul(factors) => {
                factors.iter().try_fold(constant(Interval::point(1.0)), |so_far, id| times(so_far, self.reciprocal(*id)?))
            }
            View::Pow(a, b) => {
                let exponent = usize::try_from(self.g.as_number(b)?.to_i64()?).ok().filter(|n| *n <= HIGHEST)?;
                (0..exponent).try_fold(constant(Interval::point(1.0)), |so_far, _| times(so_far, self.reciprocal(a)?))
            }
            View::Call(f, &[argument]) if matches!(f.name(), "cosh" | "exp") => {
                match (f.name(), self.way(&self.of(argument)?)?) {
                    // the hyperbolic cosine is at least half of the exponential of the size
                    ("cosh", Way::Up { size, pace } | Way::Down { size, pace }) => Some(dying(2.0 * size, pace)),
                    ("exp", Way::Up { size, pace }) => Some(dying(size, pace)),
                    ("cosh", Way::Stays) => Some(constant(Interval::closed(0.0, 1.0))),
                    _ => self.bounded_reciprocal(id),
                }
            }
            _ => self.bounded_reciprocal(id),
        }
    }

    /// One over an expression that stays on one side of 0.
    fn bounded_reciprocal(&self, id: Id) -> Option<Far> {
        let range = self.bounds(&self.of(id)?)?;
        let is_one_sided = range.low > 0.0 || range.high < 0.0;
        is_one_sided.then(|| constant(Interval::point(1.0).over(range)))
    }

    /// Between which numbers the values lie, where they do.
    fn bounds(&self, far: &Far) -> Option<Interval> {
        let [base] = far.powers[..] else { return None };
        let most = far.rest.most(self.begin);
        let found = base.plus(Interval::closed(-most, most));
        found.magnitude().high.is_finite().then_some(found)
    }

    fn way(&self, far: &Far) -> Option<Way> {
        let most = far.rest.most(self.begin);
        match far.powers[..] {
            [_] => self.bounds(far).map(|_| Way::Stays),
            [base, slope] if slope.low > 0.0 => Some(Way::Up { size: (most - base.low).exp() * SLACK, pace: slope.low / SLACK }),
            [base, slope] if slope.high < 0.0 => {
                Some(Way::Down { size: (base.high + most).exp() * SLACK, pace: -slope.high / SLACK })
            }
            _ => None,
        }
    }

    /// Functions by what they come to: the bounds are those of `exp(-u)` for large u, times the factor that is named.
    fn call(&self, f: FunctionId, argument: Far) -> Option<Far> {
        let way = self.way(&argument)?;
        let near = |at: f64, rest: Far| Some(plus(constant(Interval::point(at)), rest));
        match (f.name(), way) {
            (_, Way::Stays) => None,
            ("sigmoid", Way::Up { size, pace }) => near(1.0, dying(size, pace)),
            ("sigmoid" | "softplus" | "exp", Way::Down { size, pace }) => Some(dying(size, pace)),
            // 1 - tanh(u) = 2/(exp(2*u) + 1)
            ("tanh", Way::Up { size, pace }) => near(1.0, dying(2.0 * size * size, 2.0 * pace)),
            ("tanh", Way::Down { size, pace }) => near(-1.0, dying(2.0 * size * size, 2.0 * pace)),
            // softplus(u) - u = softplus(-u) < exp(-u)
            ("softplus", Way::Up { size, pace }) => Some(plus(argument, dying(size, pace))),
            ("silu", Way::Up { size, pace }) => {
                let gate = plus(constant(Interval::point(1.0)), dying(size, pace));
                times(argument, gate)
            }
            ("silu", Way::Down { size, pace }) => times(argument, dying(size, pace)),
            ("log_sigmoid", Way::Up { size, pace }) => Some(dying(size, pace)),
            ("log_sigmoid", Way::Down { size, pace }) => Some(plus(argument, dying(size, pace))),
            _ => None,
        }
    }
}

fn constant(value: Interval) -> Far {
    Far { powers: vec![value], rest: NOTHING }
}

/// What dies out: at most `size * exp(-pace*y)`.
fn dying(size: f64, pace: f64) -> Far {
    Far { powers: vec![Interval::point(0.0)], rest: Rest { size: size * SLACK, power: 0, decay: pace } }
}

fn is_zero(value: &Interval) -> bool {
    value.low == 0.0 && value.high == 0.0
}

fn trimmed(mut powers: Vec<Interval>) -> Vec<Interval> {
    while powers.len() > 1 && powers.last().is_some_and(is_zero) {
        powers.pop();
    }
    powers
}

fn plus(a: Far, b: Far) -> Far {
    let zero = Interval::point(0.0);
    let at = |far: &Far, k: usize| far.powers.get(k).copied().unwrap_or(zero);
    let powers = (0..a.powers.len().max(b.powers.len())).map(|k| at(&a, k).plus(at(&b, k))).collect();
    Far { powers: trimmed(powers), rest: a.rest.plus(b.rest) }
}

fn times(a: Far, b: Far) -> Option<Far> {
    let length = a.powers.len() + b.powers.len() - 1;
    if length > HIGHEST {
        return None;
    }
    let mut powers = vec![Interval::point(0.0); length];
    for (i, x) in a.powers.iter().enumerate() {
        for (k, y) in b.powers.iter().enumerate() {
            powers[i + k] = powers[i + k].plus(x.times(*y));
        }
    }
    // a sum of powers is at most the sum of its coefficients' sizes times the highest power, since y is above 1
    let beside = |far: &Far, rest: Rest| {
        let size: f64 = far.powers.iter().map(|c| c.magnitude().high).sum();
        rest.times(size, far.powers.len() - 1)
    };
    let rest = beside(&a, b.rest).plus(beside(&b, a.rest)).plus(a.rest.times_rest(b.rest));
    let found = Far { powers: trimmed(powers), rest };
    let is_finite = found.rest.size.is_finite() && found.powers.iter().all(|c| c.magnitude().high.is_finite());
    is_finite.then_some(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expr::Relation;
    use crate::resolve::formula;

    fn from_20(text: &str, sign: f64) -> Option<Interval> {
        let mut g = Graph::new();
        let root = formula(&mut g, text).unwrap();
        let x = g.intern("x");
        let (variable, end) = (g.symbol(x), g.integer(if sign > 0.0 { 20 } else { -20 }));
        let relation = if sign > 0.0 { Relation::GreaterEqual } else { Relation::LessEqual };
        let known = Known { conditions: vec![g.compare(relation, variable, end)], ..Known::default() };
        enclosed(&mut g, &known, x, (20.0, sign), root)
    }

    #[test]
    fn bounds_hold_and_are_close() {
        // the limit, and how far off the bounds may be
        let table = [
            ("x*(1 - sigmoid(x))", 1.0, 0.0, 1e-7),
            ("sigmoid(x)*(x - silu(x) + 1)", 1.0, 1.0, 1e-6),
            ("sigmoid(x)*(x - silu(x) + 1)", -1.0, 0.0, 1e-6),
            ("x^3*exp(-x/2)", 1.0, 0.0, 0.5),
            ("tanh(softplus(x)) + silu(x)/cosh(softplus(x))^2", 1.0, 1.0, 1e-12),
            ("softplus(3*x) - 3*x", 1.0, 0.0, 1e-20),
            ("atan(x)*exp(x)", -1.0, 0.0, 1e-7),
            ("1/(2 + x*exp(-x))", 1.0, 0.5, 1e-6),
        ];
        for (text, sign, limit, within) in table {
            let found = from_20(text, sign).unwrap_or_else(|| unreachable!("{text}"));
            assert!(found.low <= limit && limit <= found.high && found.high - found.low <= 2.0 * within, "{text}: {found:?}");
        }
        for text in ["x", "x*sigmoid(x)", "exp(x)", "x*sin(x)", "exp(x)/(1 + exp(x)) + x"] {
            assert!(from_20(text, 1.0).is_none(), "{text}");
        }
    }
}
