//! Intervals of f64 with open or closed ends, rounded outward: arithmetic that always encloses. Knows numbers, no expressions.

use crate::expr::{Number, Relation};
use dashu_base::Approximation::{Exact, Inexact};
use dashu_ratio::RBig;

/// The signs that a value may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signs(u8);

impl Signs {
    /// Nothing is known.
    pub const ANY: Signs = Signs(7);
    /// Below 0.
    pub const NEGATIVE: Signs = Signs(1);
    /// Exactly 0.
    pub const ZERO: Signs = Signs(2);
    /// Above 0.
    pub const POSITIVE: Signs = Signs(4);
    /// Not 0.
    pub const NONZERO: Signs = Signs(5);

    /// The signs in both.
    pub fn and(self, other: Signs) -> Signs {
        Signs(self.0 & other.0)
    }

    /// The signs in either.
    pub fn or(self, other: Signs) -> Signs {
        Signs(self.0 | other.0)
    }

    /// Whether every sign here is also in `other`.
    pub fn within(self, other: Signs) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether no sign is left: the value does not exist, or what is taken for true contradicts itself.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The signs of the opposite value.
    pub fn negated(self) -> Signs {
        Signs((self.0 & 2) | (self.0 & 1) << 2 | (self.0 & 4) >> 2)
    }

    /// The signs of a product.
    pub fn times(self, other: Signs) -> Signs {
        let (n, z, p) = (Signs::NEGATIVE, Signs::ZERO, Signs::POSITIVE);
        let mut out = Signs(0);
        for (a, b, product) in [(n, n, p), (p, p, p), (n, p, n), (p, n, n)] {
            if a.within(self) && b.within(other) {
                out = out.or(product);
            }
        }
        if z.within(self) || z.within(other) { out.or(z) } else { out }
    }

    /// The sign of this number.
    pub fn of(number: &Number) -> Signs {
        match (number.is_negative(), number.is_zero()) {
            (true, _) => Signs::NEGATIVE,
            (_, true) => Signs::ZERO,
            _ => Signs::POSITIVE,
        }
    }

    /// The signs for which a comparison with 0 holds.
    pub fn where_holds(relation: Relation) -> Signs {
        match relation {
            Relation::Less => Signs::NEGATIVE,
            Relation::LessEqual => Signs(3),
            Relation::Greater => Signs::POSITIVE,
            Relation::GreaterEqual => Signs(6),
            Relation::Equal => Signs::ZERO,
            Relation::NotEqual => Signs::NONZERO,
        }
    }
}

/// A set of reals between two ends that encloses the values of an expression wherever it is defined.
///
/// An infinite end is always open: values are finite.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Whether the lower end itself is left out.
    pub low_open: bool,
    /// Whether the upper end itself is left out.
    pub high_open: bool,
    /// Whether only integers occur.
    pub integer: bool,
    /// Whether 0 does not occur.
    pub nonzero: bool,
}

/// An interval of the line with exact ends; `None` for an infinite one, `true` where the end is left out.
pub type Span = (Option<(Number, bool)>, Option<(Number, bool)>);

/// An end of an interval: where, and whether it is left out.
type End = (f64, bool);

/// What a value computed in f64 may be off by, relative: far above the error of any kernel of the table.
const SLACK: f64 = 1.0 / (1u64 << 44) as f64;

/// The lower end, given a rounded value and whether it is exact.
fn down(value: f64, exact: bool, open: bool) -> End {
    match (value.is_nan(), exact) {
        (true, _) => (f64::NEG_INFINITY, true),
        (_, true) => (value, open || value.is_infinite()),
        _ => (value.next_down(), true),
    }
}

/// The upper end, given a rounded value and whether it is exact.
fn up(value: f64, exact: bool, open: bool) -> End {
    let (mirror, open) = down(-value, exact, open);
    (-mirror, open)
}

/// The sum, and whether it is exact.
fn add_exactly(a: f64, b: f64) -> (f64, bool) {
    let sum = a + b;
    if a.is_infinite() || b.is_infinite() {
        return (sum, true);
    }
    let part = sum - a;
    let error = (a - (sum - part)) + (b - part);
    (sum, sum.is_finite() && error == 0.0)
}

/// The product of two ends, and whether it is exact; 0 times infinity is 0.
fn mul_exactly(a: f64, b: f64) -> (f64, bool) {
    if a == 0.0 || b == 0.0 {
        return (0.0, true);
    }
    let product = a * b;
    if a.is_infinite() || b.is_infinite() {
        return (product, true);
    }
    (product, product.is_finite() && product.abs() > 1e-280 && a.mul_add(b, -product) == 0.0)
}

/// The quotient of two ends, and whether it is exact; 0 over anything is 0, and so is infinity over infinity.
fn div_exactly(a: f64, b: f64) -> (f64, bool) {
    if a == 0.0 || (a.is_infinite() && b.is_infinite()) {
        return (0.0, true);
    }
    let quotient = a / b;
    if a.is_infinite() || b.is_infinite() || b == 0.0 {
        return (quotient, true);
    }
    let settled = quotient.is_finite() && quotient.abs() > 1e-280 && a.abs() > 1e-280;
    (quotient, settled && quotient.mul_add(b, -a) == 0.0)
}

/// The lowest of several lower ends; where two agree, closed wins.
fn lowest(ends: impl Iterator<Item = End>) -> End {
    ends.fold((f64::INFINITY, true), |(v, open), (w, also)| {
        if w < v {
            (w, also)
        } else if w == v {
            (v, open && also)
        } else {
            (v, open)
        }
    })
}

/// The highest of several upper ends; where two agree, closed wins.
fn highest(ends: impl Iterator<Item = End>) -> End {
    let (mirror, open) = lowest(ends.map(|(v, open)| (-v, open)));
    (-mirror, open)
}

impl Interval {
    /// Every real number.
    pub const REALS: Interval =
        Interval { low: f64::NEG_INFINITY, high: f64::INFINITY, low_open: true, high_open: true, integer: false, nonzero: false };

    /// Numbers above 0.
    pub const POSITIVE: Interval = Interval { low: 0.0, nonzero: true, ..Interval::REALS };

    /// Numbers from 0.
    pub const NONNEGATIVE: Interval = Interval { low: 0.0, low_open: false, ..Interval::REALS };

    /// The interval with these ends. A NaN leaves its side unbounded.
    pub fn new(low: f64, low_open: bool, high: f64, high_open: bool) -> Self {
        Interval::between((low, low_open), (high, high_open))
    }

    fn between(low: End, high: End) -> Self {
        let (low, high) = (down(low.0, true, low.1), up(high.0, true, high.1));
        Interval { low: low.0, high: high.0, low_open: low.1, high_open: high.1, integer: false, nonzero: false }.settled()
    }

    /// Both ends closed.
    pub fn closed(low: f64, high: f64) -> Self {
        Interval::new(low, false, high, false)
    }

    /// One value, taken as exact.
    pub fn point(value: f64) -> Self {
        Interval { integer: value.fract() == 0.0, ..Interval::closed(value, value) }
    }

    /// The tightest interval around an exact number.
    pub fn of_number(n: &Number) -> Self {
        let mut out = match n.value().to_f64() {
            Exact(v) => Interval::point(v),
            Inexact(v, _) => Interval::between(down(v, false, true), up(v, false, true)),
        };
        out.integer = n.is_integer();
        out.with_signs(Signs::of(n))
    }

    /// The set described by `value relation bound`.
    pub fn bounded(relation: Relation, bound: Interval) -> Self {
        let above = |open: bool| Interval::new(bound.low, open || bound.low_open, f64::INFINITY, true);
        let below = |open: bool| Interval::new(f64::NEG_INFINITY, true, bound.high, open || bound.high_open);
        match relation {
            Relation::Greater => above(true),
            Relation::GreaterEqual => above(false),
            Relation::Less => below(true),
            Relation::LessEqual => below(false),
            Relation::Equal => bound,
            Relation::NotEqual if bound.low == 0.0 && bound.high == 0.0 => Interval { nonzero: true, ..Interval::REALS },
            Relation::NotEqual => Interval::REALS,
        }
    }

    /// Whether no number is in it.
    pub fn is_empty(self) -> bool {
        self.low > self.high || (self.low == self.high && (self.low_open || self.high_open))
    }

    /// Whether it holds this number.
    pub fn contains(self, v: f64) -> bool {
        let above = v > self.low || (v == self.low && !self.low_open);
        let below = v < self.high || (v == self.high && !self.high_open);
        above && below && !(self.nonzero && v == 0.0) && (!self.integer || v.fract() == 0.0)
    }

    /// Draws what one fact says about another: a nonzero set that ends at 0 leaves the 0 out, integers have integer ends.
    fn settled(mut self) -> Self {
        if self.integer {
            if self.low.is_finite() {
                let first = self.low.ceil();
                self.low = if first == self.low && self.low_open && self.low.abs() < 1e15 { first + 1.0 } else { first };
                self.low_open = self.low.abs() >= 1e15 && self.low_open;
            }
            if self.high.is_finite() {
                let last = self.high.floor();
                self.high = if last == self.high && self.high_open && self.high.abs() < 1e15 { last - 1.0 } else { last };
                self.high_open = self.high.abs() >= 1e15 && self.high_open;
            }
        }
        self.low_open |= self.low.is_infinite() || (self.nonzero && self.low == 0.0);
        self.high_open |= self.high.is_infinite() || (self.nonzero && self.high == 0.0);
        self.nonzero |=
            self.low > 0.0 || self.high < 0.0 || (self.low == 0.0 && self.low_open) || (self.high == 0.0 && self.high_open);
        self
    }

    /// The numbers in both. Empty where what is known contradicts itself.
    pub fn and(self, other: Interval) -> Self {
        let (low, low_open) = highest([(self.low, !self.low_open), (other.low, !other.low_open)].into_iter());
        let (high, high_open) = lowest([(self.high, !self.high_open), (other.high, !other.high_open)].into_iter());
        Interval {
            low,
            high,
            low_open: !low_open,
            high_open: !high_open,
            integer: self.integer || other.integer,
            nonzero: self.nonzero || other.nonzero,
        }
        .settled()
    }

    /// The numbers in both, or `self` where there are none: an enclosure stays one.
    pub fn refined(self, other: Interval) -> Self {
        let both = self.and(other);
        if both.is_empty() { self } else { both }
    }

    /// An interval around the numbers in either.
    pub fn or(self, other: Interval) -> Self {
        let (low, low_open) = lowest([(self.low, self.low_open), (other.low, other.low_open)].into_iter());
        let (high, high_open) = highest([(self.high, self.high_open), (other.high, other.high_open)].into_iter());
        Interval {
            low,
            high,
            low_open,
            high_open,
            integer: self.integer && other.integer,
            nonzero: self.nonzero && other.nonzero,
        }
        .settled()
    }

    /// The signs that occur.
    pub fn signs(self) -> Signs {
        let mut out = Signs(0);
        if self.low < 0.0 {
            out = out.or(Signs::NEGATIVE);
        }
        if self.high > 0.0 {
            out = out.or(Signs::POSITIVE);
        }
        if self.contains(0.0) { out.or(Signs::ZERO) } else { out }
    }

    /// The part with these signs; `self` where nothing would be left.
    pub fn with_signs(self, signs: Signs) -> Self {
        let mut other = Interval { nonzero: !Signs::ZERO.within(signs), ..Interval::REALS };
        if !Signs::NEGATIVE.within(signs) {
            (other.low, other.low_open) = (0.0, other.nonzero);
        }
        if !Signs::POSITIVE.within(signs) {
            (other.high, other.high_open) = (0.0, other.nonzero);
        }
        self.refined(other)
    }

    /// `-self`
    pub fn negated(self) -> Self {
        Interval { low: -self.high, high: -self.low, low_open: self.high_open, high_open: self.low_open, ..self }
    }

    /// `self + other`
    pub fn plus(self, other: Interval) -> Self {
        let (low, low_exact) = add_exactly(self.low, other.low);
        let (high, high_exact) = add_exactly(self.high, other.high);
        let sum = Interval::between(
            down(low, low_exact, self.low_open || other.low_open),
            up(high, high_exact, self.high_open || other.high_open),
        );
        Interval { integer: self.integer && other.integer, ..sum }.settled()
    }

    /// `self * other`
    pub fn times(self, other: Interval) -> Self {
        let corners = || self.ends().flat_map(move |a| other.ends().map(move |b| (a, b)));
        let open = |((a, a_open), (b, b_open)): (End, End)| {
            let settled = (a == 0.0 && !a_open) || (b == 0.0 && !b_open);
            !settled && (a_open || b_open)
        };
        let low = lowest(corners().map(|c| {
            let (p, exact) = mul_exactly(c.0.0, c.1.0);
            down(p, exact, open(c))
        }));
        let high = highest(corners().map(|c| {
            let (p, exact) = mul_exactly(c.0.0, c.1.0);
            up(p, exact, open(c))
        }));
        let integer = self.integer && other.integer;
        Interval { integer, ..Interval::between(low, high) }.settled().with_signs(self.signs().times(other.signs()))
    }

    /// `self / other`, where `other` is not 0.
    pub fn over(self, other: Interval) -> Self {
        let signs = self.signs().times(other.signs().and(Signs::NONZERO));
        if other.low < 0.0 && other.high > 0.0 {
            return Interval::REALS.with_signs(signs);
        }
        // an end at 0 stands for the limit from inside
        let inside = |v: f64| if v == 0.0 && other.low < 0.0 { -0.0 } else { v.abs().copysign(if v == 0.0 { 1.0 } else { v }) };
        let other_ends =
            [(inside(other.low), other.low_open || other.low == 0.0), (inside(other.high), other.high_open || other.high == 0.0)];
        let corners = || self.ends().flat_map(|a| other_ends.into_iter().map(move |b| (a, b)));
        let open = |((a, a_open), (_, b_open)): (End, End)| if a == 0.0 { a_open } else { a_open || b_open };
        let low = lowest(corners().map(|c| {
            let (q, exact) = div_exactly(c.0.0, c.1.0);
            down(q, exact, open(c))
        }));
        let high = highest(corners().map(|c| {
            let (q, exact) = div_exactly(c.0.0, c.1.0);
            up(q, exact, open(c))
        }));
        Interval::between(low, high).with_signs(signs)
    }

    fn ends(self) -> impl Iterator<Item = End> + Clone {
        [(self.low, self.low_open), (self.high, self.high_open)].into_iter()
    }

    /// `abs(self)`
    pub fn magnitude(self) -> Self {
        if !Signs::NEGATIVE.within(self.signs()) {
            return self;
        }
        if !Signs::POSITIVE.within(self.signs()) {
            return self.negated();
        }
        let (high, high_open) = highest([(-self.low, self.low_open), (self.high, self.high_open)].into_iter());
        Interval { low: 0.0, low_open: self.nonzero, high, high_open, ..self }.settled()
    }

    /// The larger of a value here and one there.
    pub fn max(self, other: Interval) -> Self {
        let (low, low_shut) = highest([(self.low, !self.low_open), (other.low, !other.low_open)].into_iter());
        let (high, high_open) = highest([(self.high, self.high_open), (other.high, other.high_open)].into_iter());
        Interval {
            low,
            high,
            low_open: !low_shut,
            high_open,
            integer: self.integer && other.integer,
            nonzero: self.nonzero && other.nonzero,
        }
        .settled()
    }

    /// The smaller of a value here and one there.
    pub fn min(self, other: Interval) -> Self {
        self.negated().max(other.negated()).negated()
    }

    /// `self ^ n`, defined wherever the base is not 0 or `n` is not negative.
    pub fn power(self, n: i64) -> Self {
        if n < 0 {
            return Interval::point(1.0).over(self.power(n.checked_neg().unwrap_or(i64::MAX - 1)));
        }
        if n == 0 {
            return Interval::point(1.0);
        }
        let base = if n % 2 == 0 { self.magnitude() } else { self };
        if n > 1 << 52 {
            return Interval::REALS.with_signs(base.signs()); // f64 cannot hold its parity
        }
        let raise = |v: f64, lower: bool, open: bool| raised(v, n, lower, open);
        let out = Interval::between(raise(base.low, true, base.low_open), raise(base.high, false, base.high_open));
        let signs = if n % 2 == 0 { base.signs() } else { self.signs() };
        Interval { integer: self.integer, ..out }.settled().with_signs(signs)
    }

    /// `self ^ exponent` for a base that is not negative.
    pub fn real_power(self, exponent: Interval) -> Self {
        let base = self.refined(Interval::NONNEGATIVE);
        let signs = if base.nonzero { Signs::POSITIVE } else { Signs::where_holds(Relation::GreaterEqual) };
        // monotone in each argument: the extremes are at corners
        let corners: Vec<f64> = base.ends().flat_map(|(a, _)| exponent.ends().map(move |(b, _)| a.powf(b))).collect();
        if !base.nonzero && exponent.low <= 0.0 || corners.iter().any(|c| c.is_nan()) || base.low == 0.0 && exponent.low < 0.0 {
            return Interval::REALS.with_signs(signs);
        }
        // 1^inf and 0^0 at a corner say nothing about the values nearby
        if (exponent.low.is_infinite() || exponent.high.is_infinite()) && base.contains(1.0) {
            return Interval::REALS.with_signs(signs);
        }
        let low = corners.iter().copied().fold(f64::INFINITY, f64::min);
        let high = corners.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Interval::REALS.refined(Interval::between(slack_down(low), slack_up(high))).with_signs(signs)
    }

    /// The image under an increasing function that is defined on all of `self`, of which values in f64 are known.
    /// `exact` gives the value at points where it is known without error.
    pub fn increasing(self, kernel: fn(f64) -> f64, exact: impl Fn(f64) -> Option<f64>) -> Self {
        let end = |v: f64, open: bool, lower: bool| match exact(v) {
            Some(w) => (w, open),
            None if v.is_infinite() => (if lower { f64::NEG_INFINITY } else { f64::INFINITY }, true),
            None if lower => slack_down(kernel(v)),
            None => slack_up(kernel(v)),
        };
        Interval::between(end(self.low, self.low_open, true), end(self.high, self.high_open, false))
    }

    /// The image under a function that never falls and whose f64 values are exact, such as `floor`.
    pub fn stepped(self, f: fn(f64) -> f64) -> Self {
        let out = Interval::between((f(self.low), self.low.is_infinite()), (f(self.high), self.high.is_infinite()));
        Interval { integer: true, ..out }.settled()
    }

    /// The exact ends, where they are finite: values with whether they are left out.
    pub fn exact_ends(self) -> Span {
        let exact = |v: f64, open: bool| RBig::try_from(v).ok().map(|r| (Number::rational(r), open));
        (exact(self.low, self.low_open), exact(self.high, self.high_open))
    }
}

/// A computed value moved down past any error it may have.
fn slack_down(v: f64) -> End {
    if v.is_nan() || v == f64::NEG_INFINITY {
        return (f64::NEG_INFINITY, true);
    }
    if v == f64::INFINITY {
        return (f64::MAX, false);
    }
    ((v - v.abs() * SLACK).next_down() - f64::MIN_POSITIVE, true)
}

/// A computed value moved up past any error it may have.
fn slack_up(v: f64) -> End {
    let (mirror, open) = slack_down(-v);
    (-mirror, open)
}

/// `v^n` for `n > 0`, as a lower or an upper end.
fn raised(v: f64, n: i64, lower: bool, open: bool) -> End {
    if n > 64 {
        let p = v.powf(n as f64);
        return match (v == 0.0 || v.abs() == 1.0 || v.is_infinite(), lower) {
            (true, _) => (p, open),
            (_, true) => slack_down(p),
            _ => slack_up(p),
        };
    }
    let (mut p, mut exact) = (v, true);
    for _ in 1..n {
        let (next, still) = mul_exactly(p, v);
        (p, exact) = (next, exact && still);
    }
    match (exact, lower) {
        (true, _) => (p, open),
        (_, true) => slack_down(p),
        _ => slack_up(p),
    }
}
