//! Real numbers enclosed as midpoint ± radius, over long integers: what they are and how they compare.
//!
//! Every operation takes the working precision `p` in bits and returns a ball that contains the true result
//! for every choice of arguments inside the argument balls. Nothing here knows about expressions.

mod arithmetic;
mod elementary;
mod error_function;
mod fixed;
pub(crate) mod gamma;
pub(crate) mod magnitude;
mod steps;

use dashu_int::IBig;
use dashu_ratio::RBig;

use super::fault::Fault;
pub use elementary::{log_two, pi};
use magnitude::{Magnitude, bit_length};

/// The outcome of a rigorous operation.
pub type Outcome = Result<Ball, Fault>;

/// The precision, in bits, at which checking starts.
pub const START_PRECISION: usize = 128;

/// The precision, in bits, at which checking gives up.
pub const LAST_PRECISION: usize = 2048;

/// Binary exponents are kept within plus and minus this, so that their sums never overflow.
const EXPONENT_LIMIT: i64 = 1 << 60;

/// A real number known to lie within `radius` of `mid * 2^exp`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ball {
    mid: IBig,
    exp: i64,
    radius: Magnitude,
}

impl Ball {
    /// Exactly 0.
    pub const ZERO: Ball = Ball { mid: IBig::ZERO, exp: 0, radius: Magnitude::ZERO };

    /// Exactly 1.
    pub const ONE: Ball = Ball { mid: IBig::ONE, exp: 0, radius: Magnitude::ZERO };

    /// Rounds `mid * 2^exp` to `p` bits, adds the rounding error to `radius`, and checks the range.
    fn rounded(mid: IBig, exp: i64, radius: Magnitude, p: usize) -> Outcome {
        if !radius.is_zero() && radius.top() > EXPONENT_LIMIT {
            return Err(Fault::OutOfRange);
        }
        if mid.is_zero() {
            return Ok(Ball { mid, exp: 0, radius });
        }
        let bits = bit_length(&mid);
        if exp.saturating_add(bits).saturating_abs() > EXPONENT_LIMIT {
            return Err(Fault::OutOfRange);
        }
        let excess = bits - p as i64;
        if excess <= 0 {
            return Ok(Ball { mid, exp, radius });
        }
        let exact = mid.trailing_zeros().is_some_and(|zeros| zeros as i64 >= excess);
        // Rounding down loses less than one unit of the last place that is kept.
        let loss = if exact { Magnitude::ZERO } else { Magnitude::power_of_two(exp + excess) };
        Ok(Ball { mid: mid >> excess as usize, exp: exp + excess, radius: radius.plus(loss) })
    }

    /// The exact number `mid * 2^exp`, rounded to `p` bits.
    pub fn dyadic(mid: IBig, exp: i64, p: usize) -> Outcome {
        Ball::rounded(mid, exp, Magnitude::ZERO, p)
    }

    /// An exact small integer.
    pub fn integer(n: i64) -> Ball {
        Ball { mid: IBig::from(n), exp: 0, radius: Magnitude::ZERO }
    }

    /// An integer of any size, rounded to `p` bits.
    pub fn from_ibig(n: &IBig, p: usize) -> Outcome {
        Ball::dyadic(n.clone(), 0, p)
    }

    /// A rational number, exact where `p` bits hold it.
    pub fn from_rational(q: &RBig, p: usize) -> Outcome {
        let numerator = Ball { mid: q.numerator().clone(), exp: 0, radius: Magnitude::ZERO };
        let denominator = Ball { mid: IBig::from(q.denominator().clone()), exp: 0, radius: Magnitude::ZERO };
        numerator.div(&denominator, p)
    }

    /// The exact value of a finite `f64`.
    pub fn from_f64(x: f64) -> Outcome {
        if !x.is_finite() {
            return Err(Fault::Undefined("a floating-point number must be finite"));
        }
        let bits = x.to_bits();
        let field = ((bits >> 52) & 0x7ff) as i64;
        let fraction = (bits & ((1 << 52) - 1)) as i64;
        let (man, exp) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
        let mid = IBig::from(if x.is_sign_negative() { -man } else { man });
        Ball::dyadic(mid, exp, 64)
    }

    /// The ball of the given radius `2^k` around zero.
    pub fn within_power_of_two(k: i64) -> Ball {
        Ball { mid: IBig::ZERO, exp: 0, radius: Magnitude::power_of_two(k) }
    }

    /// The same midpoint with a radius grown by `extra`.
    fn widened(mut self, extra: Magnitude) -> Outcome {
        self.radius = self.radius.plus(extra);
        if !self.radius.is_zero() && self.radius.top() > EXPONENT_LIMIT {
            return Err(Fault::OutOfRange);
        }
        Ok(self)
    }

    /// The ball between two rational numbers.
    pub fn between(low: &RBig, high: &RBig, p: usize) -> Outcome {
        Ball::from_rational(low, p)?.hull(&Ball::from_rational(high, p)?, p)
    }

    /// The midpoint alone, as an exact ball.
    pub fn midpoint(&self) -> Ball {
        Ball { mid: self.mid.clone(), exp: self.exp, radius: Magnitude::ZERO }
    }

    /// The radius, as an exact ball.
    pub fn radius(&self) -> Ball {
        let (man, exp) = self.radius.parts();
        Ball { mid: IBig::from(man), exp: if man == 0 { 0 } else { exp }, radius: Magnitude::ZERO }
    }

    /// The exponent of the midpoint: the least `k` with `|mid| < 2^k`; meaningless for zero.
    fn top(&self) -> i64 {
        self.exp + bit_length(&self.mid)
    }

    /// An upper bound of the absolute value.
    fn above(&self) -> Magnitude {
        Magnitude::above(&self.mid, self.exp).plus(self.radius)
    }

    /// A positive lower bound of the absolute value; `None` if zero may be inside (or nearly so).
    fn below(&self) -> Option<Magnitude> {
        Magnitude::below(&self.mid, self.exp).minus_below(self.radius)
    }

    /// Whether this is one single known number.
    pub fn is_exact(&self) -> bool {
        self.radius.is_zero()
    }

    /// Whether this is exactly zero.
    pub fn is_exact_zero(&self) -> bool {
        self.is_exact() && self.mid.is_zero()
    }

    /// The sign of the midpoint: -1, 0 or 1.
    fn mid_sign(&self) -> i32 {
        if self.mid.is_zero() {
            0
        } else if self.mid < IBig::ZERO {
            -1
        } else {
            1
        }
    }

    /// Whether the midpoint is further from zero than the radius, decided exactly.
    fn excludes_zero(&self) -> bool {
        if self.mid.is_zero() {
            return false;
        }
        if self.radius.is_zero() {
            return true;
        }
        let (man, exp) = self.radius.parts();
        let (mid_top, radius_top) = (self.top(), self.radius.top());
        if (mid_top - radius_top).abs() > 2 {
            return mid_top > radius_top;
        }
        let radius = IBig::from(man);
        let shift = exp - self.exp;
        let (mid, radius) = if shift >= 0 {
            (self.mid.clone(), radius << shift as usize)
        } else {
            (self.mid.clone() << (-shift) as usize, radius)
        };
        let negated = -mid.clone();
        mid.max(negated) > radius
    }

    /// Whether every number inside is greater than zero.
    pub fn certainly_positive(&self) -> bool {
        self.mid_sign() > 0 && self.excludes_zero()
    }

    /// Whether every number inside is less than zero.
    pub fn certainly_negative(&self) -> bool {
        self.mid_sign() < 0 && self.excludes_zero()
    }

    /// Whether zero lies inside.
    pub fn contains_zero(&self) -> bool {
        !self.excludes_zero()
    }

    /// The difference at a precision that loses nothing that matters to a comparison of the two.
    fn gap(&self, other: &Ball) -> Option<Ball> {
        let bits = bit_length(&self.mid).max(bit_length(&other.mid)) as usize;
        self.sub(other, 2 * bits + 64).ok()
    }

    /// Whether the two have a number in common; errs towards yes by a part in 2^30 of the radii.
    pub fn overlaps(&self, other: &Ball) -> bool {
        self.gap(other).is_none_or(|gap| gap.contains_zero())
    }

    /// Whether every number in `self` is below every number in `other`.
    pub fn certainly_less(&self, other: &Ball) -> bool {
        self.gap(other).is_some_and(|gap| gap.certainly_negative())
    }

    /// Whether both are exact and equal.
    pub fn certainly_equal(&self, other: &Ball) -> bool {
        self.gap(other).is_some_and(|gap| gap.is_exact_zero())
    }

    /// Whether `inner` lies wholly inside `self`; errs towards no.
    pub fn encloses(&self, inner: &Ball) -> bool {
        let room = Ball { radius: Magnitude::ZERO, ..self.radius() };
        let Some(gap) = self.midpoint().gap(inner) else {
            return false;
        };
        let reach = gap.above();
        let (man, exp) = reach.parts();
        let reach = Ball { mid: IBig::from(man), exp, radius: Magnitude::ZERO };
        !room.certainly_less(&reach)
    }

    /// An upper bound of `|a - b|` over all `a` in `self` and `b` in `other`, as an exact ball.
    pub fn difference_bound(&self, other: &Ball, p: usize) -> Outcome {
        let (man, exp) = self.sub(other, p)?.above().parts();
        Ball::dyadic(IBig::from(man), exp, p)
    }

    /// How many bits of the midpoint are known: -log2(radius/|midpoint|), roughly; `None` means exact.
    pub fn relative_accuracy_bits(&self) -> Option<i64> {
        if self.is_exact() {
            return None;
        }
        if self.mid.is_zero() {
            return Some(i64::MIN);
        }
        Some(self.top() - self.radius.top())
    }

    /// How many bits after the binary point are known; `None` means exact.
    pub fn absolute_accuracy_bits(&self) -> Option<i64> {
        (!self.is_exact()).then(|| -self.radius.top())
    }

    /// The midpoint as the nearest `f64` or its neighbour; infinite or zero beyond the range.
    pub fn to_f64(&self) -> f64 {
        let excess = (bit_length(&self.mid) - 64).max(0);
        let leading = (&self.mid >> excess as usize).to_f64().value();
        let exp = self.exp.saturating_add(excess).clamp(-4000, 4000);
        libm::scalbn(leading, exp as i32)
    }

    /// Both ends as exact rationals, while the exponents are at most `2^22` in size.
    pub fn rational_ends(&self) -> Option<(RBig, RBig)> {
        let mid = dyadic_rational(&self.mid, self.exp)?;
        let (man, exp) = self.radius.parts();
        let radius = if man == 0 { RBig::ZERO } else { dyadic_rational(&IBig::from(man), exp)? };
        Some((&mid - &radius, mid + radius))
    }

    /// The midpoint as an exact rational, while its exponent is at most `2^16` in size.
    pub fn to_rational(&self) -> Option<RBig> {
        if self.exp.abs() > 1 << 16 {
            return None;
        }
        let shift = self.exp.unsigned_abs() as usize;
        Some(if self.exp >= 0 {
            RBig::from(&self.mid << shift)
        } else {
            RBig::from_parts(self.mid.clone(), dashu_int::UBig::ONE << shift)
        })
    }
}

/// `man * 2^exp`, while the exponent is at most `2^22` in size.
fn dyadic_rational(man: &IBig, exp: i64) -> Option<RBig> {
    if exp.abs() > 1 << 22 {
        return None;
    }
    let shift = exp.unsigned_abs() as usize;
    let power = dashu_int::UBig::ONE << shift;
    Some(if exp >= 0 { RBig::from(man << shift) } else { RBig::from_parts(man.clone(), power) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
