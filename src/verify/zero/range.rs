//! Which numbers an expression can come to, coarsely: enough to say of many expressions that they are positive everywhere.
//! Ends are multiples of 1/1024, rounded outwards.

/// An interval of real numbers; an end that is left out is never reached.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Range {
    low: f64,
    low_left_out: bool,
    high: f64,
    high_left_out: bool,
}

/// Beyond this an end counts as infinite, so that sums of ends are exact.
const LARGE: f64 = 1e12;

fn down(x: f64) -> f64 {
    let x = (x * 1024.0).floor() / 1024.0;
    if x < -LARGE || x.is_nan() { f64::NEG_INFINITY } else { x.min(LARGE) }
}

fn up(x: f64) -> f64 {
    -down(-x)
}

impl Range {
    /// All numbers.
    pub const ALL: Range = Range { low: f64::NEG_INFINITY, low_left_out: true, high: f64::INFINITY, high_left_out: true };
    /// The numbers above 0.
    pub const POSITIVE: Range = Range { low: 0.0, low_left_out: true, high: f64::INFINITY, high_left_out: true };
    /// The numbers from 0.
    pub const NOT_NEGATIVE: Range = Range { low: 0.0, low_left_out: false, high: f64::INFINITY, high_left_out: true };

    /// From one end to the other, both rounded outwards.
    pub fn new(low: f64, low_left_out: bool, high: f64, high_left_out: bool) -> Self {
        let (l, h) = (down(low), up(high));
        Range { low: l, low_left_out: low_left_out || l < low, high: h, high_left_out: high_left_out || h > high }
    }

    /// A single number, of which the nearest f64 is given, and its sign.
    pub fn number(x: f64, sign: i32) -> Self {
        let mut range = Range::new(x - x.abs() * 1e-15, false, x + x.abs() * 1e-15, false);
        if x.fract() == 0.0 && x.abs() < LARGE {
            range = Range { low: x, low_left_out: false, high: x, high_left_out: false };
        } else if sign > 0 {
            range = range.and(Range::POSITIVE);
        } else if sign < 0 {
            range = range.and(Range::POSITIVE.opposite());
        }
        range
    }

    /// The numbers up to the upper end, or below it.
    pub fn below(self, left_out: bool) -> Self {
        Range { high: self.high, high_left_out: self.high_left_out || left_out, ..Range::ALL }
    }

    /// Whether all of it lies above 0.
    pub fn is_positive(&self) -> bool {
        self.low > 0.0 || (self.low == 0.0 && self.low_left_out)
    }

    /// Whether none of it lies below 0.
    pub fn is_not_negative(&self) -> bool {
        self.low >= 0.0
    }

    /// Whether 0 is not in it.
    pub fn excludes_zero(&self) -> bool {
        self.is_positive() || self.opposite().is_positive()
    }

    /// The numbers in both.
    pub fn and(self, other: Range) -> Range {
        let (low, low_left_out) = match self.low.total_cmp(&other.low) {
            std::cmp::Ordering::Equal => (self.low, self.low_left_out || other.low_left_out),
            std::cmp::Ordering::Greater => (self.low, self.low_left_out),
            std::cmp::Ordering::Less => (other.low, other.low_left_out),
        };
        let (high, high_left_out) = match self.high.total_cmp(&other.high) {
            std::cmp::Ordering::Equal => (self.high, self.high_left_out || other.high_left_out),
            std::cmp::Ordering::Less => (self.high, self.high_left_out),
            std::cmp::Ordering::Greater => (other.high, other.high_left_out),
        };
        Range { low, low_left_out, high, high_left_out }
    }

    /// An interval around both.
    pub fn or(self, other: Range) -> Range {
        let low = if self.low <= other.low { self } else { other };
        let high = if self.high >= other.high { self } else { other };
        let both_low = self.low == other.low && !(self.low_left_out && other.low_left_out);
        let both_high = self.high == other.high && !(self.high_left_out && other.high_left_out);
        Range {
            low: low.low,
            low_left_out: low.low_left_out && !both_low,
            high: high.high,
            high_left_out: high.high_left_out && !both_high,
        }
    }

    /// The larger of a number of one and a number of the other.
    pub fn maximum(self, other: Range) -> Range {
        let low = self.and(Range { high: f64::INFINITY, high_left_out: true, ..other });
        Range { low: low.low, low_left_out: low.low_left_out, ..self.or(other) }
    }

    /// The opposites.
    pub fn opposite(self) -> Range {
        Range { low: -self.high, low_left_out: self.high_left_out, high: -self.low, high_left_out: self.low_left_out }
    }

    /// The sums.
    pub fn plus(self, other: Range) -> Range {
        Range::new(
            self.low + other.low,
            self.low_left_out || other.low_left_out,
            self.high + other.high,
            self.high_left_out || other.high_left_out,
        )
    }

    /// The products.
    pub fn times(self, other: Range) -> Range {
        let apart = self.excludes_zero() && other.excludes_zero();
        let ends = |r: Range| [(r.low, r.low_left_out), (r.high, r.high_left_out)];
        let (mut low, mut high) = ((f64::INFINITY, true), (f64::NEG_INFINITY, true));
        for (a, a_left_out) in ends(self) {
            for (b, b_left_out) in ends(other) {
                let product = if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
                let left_out = if product == 0.0 { apart } else { a_left_out || b_left_out };
                if product < low.0 || (product == low.0 && !left_out) {
                    low = (product, left_out);
                }
                if product > high.0 || (product == high.0 && !left_out) {
                    high = (product, left_out);
                }
            }
        }
        Range::new(low.0, low.1, high.0, high.1)
    }

    /// The reciprocals, of what is not 0.
    pub fn reciprocal(self) -> Range {
        if self.is_positive() {
            let high = if self.low > 0.0 { (1.0 / self.low, self.low_left_out) } else { (f64::INFINITY, true) };
            return Range::new(1.0 / self.high, self.high_left_out, high.0, high.1).and(Range::POSITIVE);
        }
        if self.opposite().is_positive() { self.opposite().reciprocal().opposite() } else { Range::ALL }
    }

    /// The sizes.
    pub fn size(self) -> Range {
        if self.is_not_negative() {
            return self;
        }
        let (positive, negative) = (self, self.opposite());
        let high = positive.or(negative);
        Range { low: 0.0, low_left_out: self.excludes_zero(), high: high.high, high_left_out: high.high_left_out }
    }

    /// The powers with a whole exponent.
    pub fn whole_power(self, n: i64) -> Range {
        if n < 0 {
            return self.whole_power(-n).reciprocal();
        }
        let base = if n % 2 == 0 { self.size() } else { self };
        if n == 0 {
            return Range::number(1.0, 1);
        }
        if base.is_not_negative() {
            let raised = |x: f64| x.powi(n.min(64) as i32);
            let high = if n > 64 && base.high > 1.0 { f64::INFINITY } else { raised(base.high) * (1.0 + 1e-12) };
            let exact = base.high == 1.0;
            let high = if exact { 1.0 } else { high };
            let low = if base.low >= 1.0 { 1.0 } else { 0.0 };
            let low_left_out = if low == base.low { base.low_left_out } else { base.is_positive() };
            return Range::new(low, low_left_out, high, if exact { base.high_left_out } else { !high.is_finite() });
        }
        Range::ALL
    }

    /// The positive powers with an exponent that is no whole number, of what can have one.
    pub fn fractional_power(self, rises: bool) -> Range {
        let low = if self.is_positive() { Range::POSITIVE } else { Range::NOT_NEGATIVE };
        let unit = Range::new(0.0, false, 1.0, self.high_left_out);
        match rises {
            true if self.high <= 1.0 => low.and(unit),
            true if self.low >= 1.0 => Range::new(1.0, self.low_left_out, f64::INFINITY, true),
            true => low,
            false => Range::POSITIVE,
        }
    }

    /// The exponentials.
    pub fn exponential(self) -> Range {
        let high = if self.high <= 0.0 { (1.0, self.high < 0.0 || self.high_left_out) } else { (f64::INFINITY, true) };
        let low = if self.low >= 0.0 { (1.0, self.low > 0.0 || self.low_left_out) } else { (0.0, true) };
        Range::new(low.0, low.1, high.0, high.1)
    }

    /// The logarithms.
    pub fn logarithm(self) -> Range {
        let low = if self.low >= 1.0 { (0.0, self.low > 1.0 || self.low_left_out) } else { (f64::NEG_INFINITY, true) };
        let high = if self.high <= 1.0 { (0.0, self.high < 1.0 || self.high_left_out) } else { (f64::INFINITY, true) };
        Range::new(low.0, low.1, high.0, high.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_tell_what_is_positive() {
        let one = Range::number(1.0, 1);
        let sigmoid = one.plus(Range::ALL.exponential()).reciprocal();
        assert!(sigmoid.is_positive());
        assert!(one.plus(sigmoid.opposite()).is_positive());
        let tangent = Range::new(-1.0, true, 1.0, true);
        assert!(one.plus(tangent.whole_power(2).opposite()).is_positive());
        let sine = Range::new(-1.0, false, 1.0, false);
        let rest = one.plus(sine.whole_power(2).opposite());
        assert!(rest.is_not_negative() && !rest.is_positive());
        assert!(!Range::ALL.whole_power(2).is_positive());
        assert!(one.plus(Range::ALL.whole_power(2)).is_positive());
        assert!(!Range::ALL.plus(one).is_positive());
        assert!(Range::number(1e-9, 1).is_positive());
        assert!(!Range::number(1e-9, 1).plus(Range::number(-1e-8, -1)).is_positive());
        assert!(Range::new(0.0, true, 1.0, true).times(Range::new(0.0, true, 1.0, true)).is_positive());
    }
}
