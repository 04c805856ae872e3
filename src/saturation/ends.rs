//! Enclosures of an expression far out, where the variable goes on without end: powers of its size, and a remainder that dies out
//! exponentially. An exponential beats every power, and so a product such as x*(1 - sigmoid(x)) is bounded, which intervals alone
//! cannot tell; nor can they tell that x/sqrt(x^2 + 1) comes to 1.

use crate::domain::{Interval, Known, image, range_of};
use crate::expr::{Graph, Id, Number, Symbol, View, walk};
use crate::math::FunctionId;

/// Powers of the variable above this are left alone; those below its opposite are counted with it.
const HIGHEST: i32 = 8;

/// What is bounded beside its leading power is opened up to this power.
const OPENED: i64 = 4;

/// So many operations deep it is looked for an exponential that grows.
const DEEPEST: usize = 16;

/// What rounding may add to a bound: far above what so short a computation can lose.
const SLACK: f64 = 1.0 + 1e-9;

const ZERO: Interval = Interval { low: 0.0, high: 0.0, low_open: false, high_open: false, integer: true, nonzero: false };

/// What is certain of an expression far out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outlook {
    /// Encloses the values, where they have bounds.
    pub values: Option<Interval>,
    /// The size of the values comes as near to this as one likes, or above it.
    pub least: f64,
    /// The size of the values certainly has no bound.
    pub grows: bool,
}

/// Values for all y >= begin, y being the size of the variable: a sum of powers of y, from `y^-HIGHEST` to `y^HIGHEST`, and a remainder.
/// At each y a coefficient lies somewhere in its interval.
#[derive(Clone, Debug)]
struct Far {
    coefficients: Vec<Interval>,
    rest: Rest,
}

/// A remainder of at most `size * y^power * exp(-decay*y)`. It dies out where the decay is above 0.
#[derive(Clone, Copy, Debug)]
struct Rest {
    size: f64,
    power: i32,
    decay: f64,
}

const NOTHING: Rest = Rest { size: 0.0, power: 0, decay: f64::INFINITY };

impl Rest {
    /// Both together, from the beginning on. Since y is above 1, the higher power and the slower decay hold for both; but what decays
    /// more quickly may lose its higher power for it.
    fn plus(self, other: Rest, begin: f64) -> Rest {
        if self.size == 0.0 || other.size == 0.0 {
            return if self.size == 0.0 { other } else { self };
        }
        let (slow, quick) = if self.decay <= other.decay { (self, other) } else { (other, self) };
        let ahead = f64::from(quick.power - slow.power);
        let gap = quick.decay - slow.decay;
        let y = begin.max(ahead / gap);
        let lost = y.powf(ahead) * (-gap * y).exp() * SLACK;
        let (size, power) = if lost < 1.0 { (quick.size * lost, slow.power) } else { (quick.size, slow.power.max(quick.power)) };
        Rest { size: (slow.size + size) * SLACK, power, decay: slow.decay }
    }

    fn times(self, size: f64, power: i32) -> Rest {
        if size == 0.0 || self.size == 0.0 {
            NOTHING
        } else {
            Rest { size: self.size * size * SLACK, power: self.power + power, ..self }
        }
    }

    fn times_rest(self, other: Rest) -> Rest {
        if self.size == 0.0 || other.size == 0.0 {
            return NOTHING;
        }
        let decay = self.decay + other.decay;
        Rest { size: self.size * other.size * SLACK, power: self.power + other.power, decay: decay - decay.abs() * (SLACK - 1.0) }
    }

    fn dies_out(self) -> bool {
        self.size == 0.0 || self.decay > 0.0
    }

    /// The most that it can be: at the beginning, or where the power gives way to the exponential.
    fn most(self, begin: f64) -> f64 {
        if self.size == 0.0 {
            return 0.0;
        }
        if !self.dies_out() {
            return f64::INFINITY;
        }
        let y = begin.max(f64::from(self.power) / self.decay);
        // what is too small for f64 is not 0
        (self.size * y.powi(self.power) * (-self.decay * y).exp() * SLACK).max(f64::MIN_POSITIVE)
    }
}

impl Far {
    fn zero() -> Self {
        Far { coefficients: vec![ZERO; 2 * HIGHEST as usize + 1], rest: NOTHING }
    }

    /// One power with its coefficient.
    fn term(power: i32, coefficient: Interval) -> Option<Self> {
        let mut out = Far::zero();
        *out.coefficients.get_mut(usize::try_from(power + HIGHEST).ok()?)? = coefficient;
        Some(out)
    }

    fn constant(value: Interval) -> Self {
        let mut out = Far::zero();
        out.coefficients[HIGHEST as usize] = value;
        out
    }

    /// At most `size * exp(-pace*y)`.
    fn dying(size: f64, pace: f64) -> Self {
        Far { rest: Rest { size: size * SLACK, power: 0, decay: pace }, ..Far::zero() }
    }

    /// The powers that occur, with their coefficients, ascending.
    fn terms(&self) -> impl DoubleEndedIterator<Item = (i32, Interval)> + '_ {
        let all = self.coefficients.iter().enumerate().map(|(k, c)| (k as i32 - HIGHEST, *c));
        all.filter(|(_, c)| c.low != 0.0 || c.high != 0.0)
    }

    /// The highest power that occurs; 0 where none does.
    fn top(&self) -> i32 {
        self.terms().next_back().map_or(0, |(power, _)| power)
    }

    /// The highest power, where its coefficient is certainly not 0, and nothing grows beyond it.
    fn leading(&self) -> Option<(i32, Interval)> {
        self.terms().next_back().filter(|(_, c)| self.rest.dies_out() && (c.low > 0.0 || c.high < 0.0))
    }

    fn without(&self, power: i32) -> Far {
        let mut out = self.clone();
        out.coefficients.iter_mut().zip(-HIGHEST..).filter(|(_, p)| *p == power).for_each(|(c, _)| *c = ZERO);
        out
    }

    fn is_finite(&self) -> bool {
        self.rest.size.is_finite() && self.coefficients.iter().all(|c| c.magnitude().high.is_finite())
    }

    fn plus(&self, other: &Far, begin: f64) -> Far {
        let coefficients = self.coefficients.iter().zip(&other.coefficients).map(|(a, b)| a.plus(*b)).collect();
        Far { coefficients, rest: self.rest.plus(other.rest, begin) }
    }

    fn scaled(&self, by: Interval) -> Far {
        let coefficients = self.coefficients.iter().map(|c| c.times(by)).collect();
        Far { coefficients, rest: self.rest.times(by.magnitude().high, 0) }
    }

    fn negated(&self) -> Far {
        self.scaled(Interval::point(-1.0))
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

/// What is certain of an expression for all sizes of the variable from `begin` on, in the direction of `sign`, under conditions that
/// say so.
pub(super) fn outlook(g: &mut Graph, known: &Known, variable: Symbol, (begin, sign): (f64, f64), root: Id) -> Outlook {
    let nothing = Outlook { values: None, least: 0.0, grows: false };
    if begin < 3.0 {
        return nothing;
    }
    let order = walk::topological(g, &[root]);
    let mut line = Line { g, known, variable, begin, sign, found: std::collections::HashMap::new() };
    for id in order {
        crate::budget::pulse();
        let far = line.node(id).filter(Far::is_finite);
        line.found.insert(id, far);
    }
    let Some(far) = line.of(root).filter(|far| far.rest.dies_out()) else {
        return Outlook { grows: line.explodes(root, DEEPEST), ..nothing };
    };
    let constant = far.coefficients[HIGHEST as usize];
    Outlook {
        values: line.bounds(&far),
        least: if far.top() <= 0 { constant.magnitude().low } else { 0.0 },
        grows: far.leading().is_some_and(|(power, _)| power > 0),
    }
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
            let under = |child: Id| self.of(child).and_then(|far| self.bounds(&far)).unwrap_or(Interval::REALS);
            let range = image(self.g, id, &under);
            let range = Interval { integer: false, ..range_of(self.g, self.known, id).refined(range) };
            range.magnitude().high.is_finite().then(|| Far::constant(range))
        })
    }

    fn exactly(&self, id: Id) -> Option<Far> {
        let one = Far::constant(Interval::point(1.0));
        match self.g.view(id) {
            View::Number(n) => Some(Far::constant(Interval::of_number(n))),
            View::Symbol(s) if s == self.variable => Far::term(1, Interval::point(self.sign)),
            View::Neg(a) => Some(self.of(a)?.negated()),
            View::Add(terms) => terms.iter().try_fold(Far::zero(), |sum, id| Some(sum.plus(&self.of(*id)?, self.begin))),
            View::Mul(factors) => factors.iter().try_fold(one, |product, id| self.times(&product, &self.of(*id)?)),
            View::Div(a, b) => self.times(&self.of(a)?, &self.reciprocal(b)?),
            View::Pow(a, b) => match self.g.as_number(b)? {
                n if n.is_integer() && n.is_negative() => self.repeated(&self.reciprocal(a)?, (-n).to_i64()?),
                n if n.is_integer() => self.repeated(&self.of(a)?, n.to_i64()?),
                n => self.power(&self.of(a)?, n),
            },
            View::Call(f, &[a, b]) if f.name() == "hypot" => {
                let square = |id: Id| self.repeated(&self.of(id)?, 2);
                self.power(&square(a)?.plus(&square(b)?, self.begin), &Number::ratio(1, 2))
            }
            View::Call(f, &[argument]) => self.call(f, &self.of(argument)?),
            _ => None,
        }
    }

    /// `y^by` from here on, for an exponent that is not above 0.
    fn shrinking(&self, by: f64) -> Interval {
        if by == 0.0 { Interval::point(1.0) } else { Interval::closed(0.0, self.begin.powf(by) * SLACK) }
    }

    fn times(&self, a: &Far, b: &Far) -> Option<Far> {
        let mut out = Far::zero();
        for (i, x) in a.terms() {
            for (k, y) in b.terms() {
                let power = (i + k).max(-HIGHEST);
                let sum = out.coefficients.get_mut(usize::try_from(power + HIGHEST).ok()?)?;
                let product = x.times(y).times(self.shrinking(f64::from(i + k - power)));
                *sum = sum.plus(product);
            }
        }
        // a sum of powers is at most the sum of its coefficients' sizes times the highest power, since y is above 1
        let beside = |far: &Far, rest: Rest| {
            let size: f64 = far.coefficients.iter().map(|c| c.magnitude().high).sum();
            rest.times(size, far.top())
        };
        out.rest = beside(a, b.rest).plus(beside(b, a.rest), self.begin).plus(a.rest.times_rest(b.rest), self.begin);
        Some(out)
    }

    /// `u`, and bounds of `1 + u`, which is above 0, where all is the leading power times `1 + u`.
    fn opened(&self, far: &Far) -> Option<(Far, Interval)> {
        let (power, leading) = far.leading()?;
        let beside = self.times(&far.without(power), &Far::term(-power, Interval::point(1.0).over(leading))?)?;
        let around = self.bounds(&beside)?.plus(Interval::point(1.0));
        (around.low > 0.0).then_some((beside, around))
    }

    fn repeated(&self, base: &Far, exponent: i64) -> Option<Far> {
        let one = Far::constant(Interval::point(1.0));
        let exponent = (0..=i64::from(HIGHEST)).contains(&exponent).then_some(exponent)?;
        (0..exponent).try_fold(one, |so_far, _| self.times(&so_far, base))
    }

    /// `(c*y^p*(1 + u))^r` through the first terms of the binomial series of `1 + u`; the power of the last one lies between 1 and `1 + u`.
    fn power(&self, base: &Far, exponent: &Number) -> Option<Far> {
        let (power, leading) = base.leading()?;
        if leading.high < 0.0 {
            let root = self.power(&base.negated(), exponent)?;
            let is_odd = exponent.is_integer() && !exponent.is_even();
            return exponent.is_integer().then(|| if is_odd { root.negated() } else { root });
        }
        let (beside, around) = self.opened(base)?;
        let (mut sum, mut term, mut factor) = (Far::zero(), Far::constant(Interval::point(1.0)), Number::integer(1));
        // exponentials are opened once only: their powers would be counted with the slowest of them
        let opened = if beside.terms().next().is_none() { 1 } else { OPENED };
        for k in 0..=opened {
            let (left, step) = (exponent - &Number::integer(k), Number::integer(k + 1));
            let mut scale = Interval::of_number(&factor);
            if k == opened {
                scale = scale.times(around.or(Interval::point(1.0)).real_power(Interval::of_number(&left)));
            }
            sum = sum.plus(&term.scaled(scale), self.begin);
            (term, factor) = (self.times(&term, &beside)?, &(&factor * &left) * &step.recip()?);
        }
        let scale = match leading {
            one if one.low == 1.0 && one.high == 1.0 => one,
            c if *exponent == Number::integer(-1) => Interval::point(1.0).over(c),
            c => c.real_power(Interval::of_number(exponent)),
        };
        let raised = &Number::integer(i64::from(power)) * exponent;
        let front = match raised.to_i64() {
            Some(whole) => Far::term(i32::try_from(whole).ok()?, scale)?,
            None => {
                let whole = raised.to_f64().ceil();
                Far::term(whole as i32, scale.times(self.shrinking(raised.to_f64() - whole)))?
            }
        };
        self.times(&front, &sum)
    }

    /// The same for powers that take the sign of their base.
    fn odd_power(&self, base: &Far, exponent: &Number) -> Option<Far> {
        match base.leading()?.1.high < 0.0 {
            true => Some(self.power(&base.negated(), exponent)?.negated()),
            false => self.power(base, exponent),
        }
    }

    /// One over an expression: of powers, or of exponentials that grow.
    fn reciprocal(&self, id: Id) -> Option<Far> {
        let whole = || self.power(&self.of(id)?, &Number::integer(-1)).or_else(|| self.bounded_reciprocal(id));
        let one = Far::constant(Interval::point(1.0));
        match self.g.view(id) {
            View::Mul(factors) => {
                let product = factors.iter().try_fold(one, |so_far, id| self.times(&so_far, &self.reciprocal(*id)?));
                product.or_else(whole)
            }
            View::Pow(a, b) => {
                let exponent = self.g.as_number(b)?;
                let power = match exponent.to_i64() {
                    Some(n) if n > 0 => self.repeated(&self.reciprocal(a)?, n),
                    Some(_) => None,
                    None => self.power(&self.of(a)?, &-exponent),
                };
                power.or_else(whole)
            }
            View::Call(f, &[argument]) if f.name() == "sqrt" => self.power(&self.of(argument)?, &Number::ratio(-1, 2)),
            View::Call(f, &[argument]) if f.name() == "cbrt" => self.odd_power(&self.of(argument)?, &Number::ratio(-1, 3)),
            View::Call(f, &[argument]) if matches!(f.name(), "cosh" | "exp") => {
                match (f.name(), self.way(&self.of(argument)?)?) {
                    // the hyperbolic cosine is at least half of the exponential of the size
                    ("cosh", Way::Up { size, pace } | Way::Down { size, pace }) => Some(Far::dying(2.0 * size, pace)),
                    ("exp", Way::Up { size, pace }) => Some(Far::dying(size, pace)),
                    ("cosh", Way::Stays) => Some(Far::constant(Interval::closed(0.0, 1.0))),
                    _ => self.bounded_reciprocal(id),
                }
            }
            _ => whole(),
        }
    }

    /// One over an expression that stays on one side of 0.
    fn bounded_reciprocal(&self, id: Id) -> Option<Far> {
        let range = self.bounds(&self.of(id)?)?;
        let is_one_sided = range.low > 0.0 || range.high < 0.0;
        is_one_sided.then(|| Far::constant(Interval::point(1.0).over(range)))
    }

    /// Between which numbers the values lie, where they do.
    fn bounds(&self, far: &Far) -> Option<Interval> {
        if far.top() > 0 {
            return None;
        }
        let most = far.rest.most(self.begin);
        // from the lowest power up: what a higher one outweighs does not count
        let step = self.shrinking(-1.0);
        let powers = far.coefficients.iter().take(HIGHEST as usize + 1);
        let sum = powers.fold(ZERO, |lower, c| lower.times(step).plus(*c));
        let found = sum.plus(Interval::closed(-most, most));
        found.magnitude().high.is_finite().then_some(found)
    }

    fn way(&self, far: &Far) -> Option<Way> {
        if far.top() <= 0 {
            return self.bounds(far).map(|_| Way::Stays);
        }
        let (power, leading) = far.leading()?;
        let least = leading.magnitude().low * self.begin.powi(power - 1) / SLACK;
        let (pace, beside) = match self.bounds(&far.without(power)) {
            Some(bounds) => (least, bounds),
            None => (least * self.opened(far)?.1.low, ZERO),
        };
        match leading.low > 0.0 {
            true => Some(Way::Up { size: (-beside.low).exp() * SLACK, pace: pace / SLACK }),
            false => Some(Way::Down { size: beside.high.exp() * SLACK, pace: pace / SLACK }),
        }
    }

    /// Functions by what they come to: the bounds are those of `exp(-u)` for large u, times the factor that is named.
    fn call(&self, f: FunctionId, argument: &Far) -> Option<Far> {
        let near = |at: f64, rest: &Far| Some(Far::constant(Interval::point(at)).plus(rest, self.begin));
        match f.name() {
            "sqrt" => return self.power(argument, &Number::ratio(1, 2)),
            "cbrt" => return self.odd_power(argument, &Number::ratio(1, 3)),
            "atan" => return self.atan(argument),
            "log" => return self.log(argument),
            "log1p" => return self.log(&argument.plus(&Far::constant(Interval::point(1.0)), self.begin)),
            _ => {}
        }
        match (f.name(), self.way(argument)?) {
            (_, Way::Stays) => None,
            ("abs" | "relu", Way::Up { size, pace }) if self.is_past_zero(size, pace) => Some(argument.clone()),
            ("abs", Way::Down { size, pace }) if self.is_past_zero(size, pace) => Some(argument.negated()),
            ("relu", Way::Down { size, pace }) if self.is_past_zero(size, pace) => Some(Far::zero()),
            ("sigmoid", Way::Up { size, pace }) => near(1.0, &Far::dying(size, pace)),
            ("sigmoid" | "softplus" | "exp", Way::Down { size, pace }) => Some(Far::dying(size, pace)),
            ("exp", Way::Up { .. }) => self.growing(argument),
            ("cosh" | "sinh", Way::Up { .. }) => self.growing(argument),
            ("cosh" | "sinh", Way::Down { .. }) => self.growing(&argument.negated()),
            ("expm1", Way::Down { size, pace }) => near(-1.0, &Far::dying(size, pace)),
            // 1 - tanh(u) = 2/(exp(2*u) + 1)
            ("tanh", Way::Up { size, pace }) => near(1.0, &Far::dying(2.0 * size * size, 2.0 * pace)),
            ("tanh", Way::Down { size, pace }) => near(-1.0, &Far::dying(2.0 * size * size, 2.0 * pace)),
            ("sech", Way::Up { size, pace } | Way::Down { size, pace }) => Some(Far::dying(2.0 * size, pace)),
            // softplus(u) - u = softplus(-u) < exp(-u)
            ("softplus", Way::Up { size, pace }) => Some(argument.plus(&Far::dying(size, pace), self.begin)),
            ("silu", Way::Up { size, pace }) => self.times(argument, &near(1.0, &Far::dying(size, pace))?),
            ("silu", Way::Down { size, pace }) => self.times(argument, &Far::dying(size, pace)),
            ("log_sigmoid", Way::Up { size, pace }) => Some(Far::dying(size, pace)),
            ("log_sigmoid", Way::Down { size, pace }) => Some(argument.plus(&Far::dying(size, pace), self.begin)),
            // erfc(u) < 3*exp(-u): it is at most exp(-u^2) from 0 on, and 2 below
            ("erfc", Way::Up { size, pace }) => Some(Far::dying(3.0 * size, pace)),
            ("erfc", Way::Down { size, pace }) => near(2.0, &Far::dying(3.0 * size, pace)),
            ("erf", Way::Up { size, pace }) => near(1.0, &Far::dying(3.0 * size, pace)),
            ("erf", Way::Down { size, pace }) => near(-1.0, &Far::dying(3.0 * size, pace)),
            // erfc(u/sqrt(2))/2 < exp(-u): it is at most exp(-u^2/2)/2 from 0 on, and 1 below
            ("gelu", Way::Up { size, pace }) => self.times(argument, &near(1.0, &Far::dying(size, pace))?),
            ("gelu", Way::Down { size, pace }) => self.times(argument, &Far::dying(size, pace)),
            _ => None,
        }
    }

    /// The exponential of what grows in proportion to y; the hyperbolic functions are smaller.
    fn growing(&self, argument: &Far) -> Option<Far> {
        let (_, pace) = argument.leading().filter(|(power, _)| *power == 1)?;
        let beside = self.bounds(&argument.without(1))?;
        Some(Far::dying(beside.high.exp(), -pace.high * SLACK))
    }

    /// Whether an argument that goes on without end in one direction is on that side of 0 from the beginning.
    fn is_past_zero(&self, size: f64, pace: f64) -> bool {
        size * (-pace * self.begin).exp() * SLACK < 1.0
    }

    /// A quarter turn less the arc tangent of one over it, which is that times a number a little under 1.
    fn atan(&self, argument: &Far) -> Option<Far> {
        let (power, leading) = argument.leading().filter(|(power, _)| *power > 0)?;
        let inverse = self.power(argument, &Number::integer(-1))?;
        let most = self.bounds(&inverse)?.magnitude().high;
        let quarter = std::f64::consts::FRAC_PI_2.copysign(leading.low);
        let turn = Far::constant(Interval::closed(quarter.next_down(), quarter.next_up()));
        let under = Interval::closed(1.0 - most * most / 3.0 * SLACK, 1.0);
        (power > 0 && most < 1.0).then(|| turn.plus(&inverse.scaled(under).negated(), self.begin))
    }

    /// The logarithms of the leading power and of what it is multiplied by. That of y is at most a part of y that shrinks.
    fn log(&self, argument: &Far) -> Option<Far> {
        let (power, leading) = argument.leading().filter(|(power, c)| *power > 0 && c.low > 0.0)?;
        let (beside, around) = self.opened(argument)?;
        let constant = Interval { integer: false, ..leading }.increasing(f64::ln, |_| None);
        let share = f64::from(power) * self.begin.ln() / self.begin * SLACK;
        let growing = Far::term(1, Interval::closed(0.0, share))?;
        let between = Interval::point(1.0).over(around.or(Interval::point(1.0)));
        Some(Far::constant(constant).plus(&growing, self.begin).plus(&beside.scaled(between), self.begin))
    }

    /// Whether the size of an expression certainly grows exponentially, without end.
    fn explodes(&self, id: Id, depth: usize) -> bool {
        if depth == 0 {
            return false;
        }
        let explodes = |id: &Id| self.explodes(*id, depth - 1);
        let stays_away = |id: &Id| self.of(*id).is_some_and(|far| far.leading().is_some());
        match self.g.view(id) {
            View::Neg(a) => explodes(&a),
            View::Mul(factors) => factors.iter().any(explodes) && factors.iter().all(|f| stays_away(f) || explodes(f)),
            View::Div(a, b) => explodes(&a) && stays_away(&b),
            View::Add(terms) => {
                let is_tame = |t: &Id| self.of(*t).is_some_and(|far| far.rest.dies_out());
                let others = terms.iter().filter(|t| !is_tame(t));
                others.clone().count() == 1 && others.into_iter().all(explodes)
            }
            View::Pow(a, b) => self.g.as_number(b).is_some_and(Number::is_positive) && explodes(&a),
            View::Call(f, &[argument]) => {
                let way = self.of(argument).and_then(|far| self.way(&far));
                match f.name() {
                    "exp" | "expm1" => matches!(way, Some(Way::Up { .. })),
                    "cosh" | "sinh" => matches!(way, Some(Way::Up { .. } | Way::Down { .. })),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expr::Relation;
    use crate::resolve::formula;

    fn from_20(text: &str, sign: f64) -> Outlook {
        let mut g = Graph::new();
        let root = formula(&mut g, text).unwrap();
        let x = g.intern("x");
        let (variable, end) = (g.symbol(x), g.integer(if sign > 0.0 { 20 } else { -20 }));
        let relation = if sign > 0.0 { Relation::GreaterEqual } else { Relation::LessEqual };
        let known = Known { conditions: vec![g.compare(relation, variable, end)], ..Known::default() };
        outlook(&mut g, &known, x, (20.0, sign), root)
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
            ("tanh(softplus(x)) + silu(x)/cosh(softplus(x))^2", -1.0, 0.0, 1e-7),
            ("softplus(3*x) - 3*x", 1.0, 0.0, 1e-20),
            ("atan(x)*exp(x)", -1.0, 0.0, 1e-7),
            ("1/(2 + x*exp(-x))", 1.0, 0.5, 1e-6),
            ("exp(-x)/cosh(x)^3", -1.0, 0.0, 1e-15),
            ("tanh(x)*sinh(x)*exp(-2*x)", 1.0, 0.0, 1e-8),
            ("x/sqrt(x^2 + 1)", 1.0, 1.0, 2e-3),
            ("x/sqrt(x^2 + 1)", -1.0, -1.0, 2e-3),
            ("x/hypot(x, 3)", -1.0, -1.0, 2e-2),
            ("x^2/(x^2 + x + 1)", -1.0, 1.0, 0.1),
            ("(x*cos(x) - sin(x))/x^2", 1.0, 0.0, 0.06),
            ("2*log(x)/x", 1.0, 0.0, 0.31),
            ("x/sqrt(x^3 + 1)", 1.0, 0.0, 0.2),
            ("1/cbrt(x)", -1.0, 0.0, 0.2),
            ("x*(1 - tanh(x^3 + x)^2)*(3*x^2 + 1)", 1.0, 0.0, 1e-100),
            ("erfc(x/2)*x^2 + exp(-x^2)*x^4", 1.0, 0.0, 0.1),
            ("x*exp(-x^2 + 5*x)", 1.0, 0.0, 1e-80),
            ("atan(x) + x/(x^2 + 1)", -1.0, -std::f64::consts::FRAC_PI_2, 1e-2),
            ("abs(x - 3)/x", 1.0, 1.0, 0.2),
        ];
        for (text, sign, limit, within) in table {
            let found = from_20(text, sign).values.unwrap_or_else(|| unreachable!("{text}"));
            assert!(found.low <= limit && limit <= found.high && found.high - found.low <= 2.0 * within, "{text}: {found:?}");
        }
        // from 20 on it is not settled yet on which side of 0 the argument is
        assert!(from_20("abs(x - 1000)/x", 1.0).values.is_none());
        for text in ["x", "x*sigmoid(x)", "exp(x)", "x*sin(x)", "exp(x)/(1 + exp(x)) + x", "sqrt(x)", "log(x)"] {
            assert!(from_20(text, 1.0).values.is_none(), "{text}");
        }
    }

    #[test]
    fn every_value_lies_between_the_bounds() {
        type ByHand = fn(f64) -> f64;
        let table: [(&str, ByHand); 6] = [
            ("abs(x - 7)/x", |x| (x - 7.0).abs() / x),
            ("relu(x - 5)/x^2", |x| (x - 5.0).max(0.0) / x / x),
            ("(x + 7)/sqrt(x^2 - 3*x + 40)", |x| (x + 7.0) / (x * x - 3.0 * x + 40.0).sqrt()),
            ("1/sqrt(1 + x)", |x| 1.0 / (1.0 + x).sqrt()),
            ("tanh(x - 30)", |x| (x - 30.0).tanh()),
            ("log(x^2 + x)/x", |x| (x * x + x).ln() / x),
        ];
        for (text, by_hand) in table {
            let found = from_20(text, 1.0).values.unwrap_or_else(|| unreachable!("{text}"));
            for k in 0..2000 {
                let x = 20.0 * 1.01f64.powi(k);
                let value = by_hand(x);
                assert!(found.low - 1e-12 <= value && value <= found.high + 1e-12, "{text} at {x}: {value}, {found:?}");
            }
        }
    }

    #[test]
    fn what_grows_and_what_is_approached_is_told() {
        for text in ["x", "x^2 - 100*x", "exp(x)", "x*exp(x/9) - 5", "cosh(x)/x^3", "x/(2 + sin(x))"] {
            assert!(from_20(text, 1.0).grows, "{text}");
        }
        for text in ["exp(-x)", "sin(x)", "x*sin(x)", "sqrt(x)/x", "tanh(x)", "exp(x)*sin(x)"] {
            assert!(!from_20(text, 1.0).grows, "{text}");
        }
        for (text, least) in [("x/sqrt(x^2 + 1)", 1.0), ("tanh(x) - 3", 2.0), ("1/x", 0.0), ("sin(x)", 0.0)] {
            assert!((from_20(text, 1.0).least - least).abs() < 1e-12, "{text}");
        }
    }
}
