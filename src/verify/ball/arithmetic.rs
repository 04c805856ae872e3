//! Field operations, roots and integer powers of balls.

use dashu_base::{CubicRootRem, DivRem, SquareRootRem, UnsignedAbs};
use dashu_int::{IBig, UBig};

use super::magnitude::{Magnitude, bit_length};
use super::{Ball, Fault, Outcome};

const DIVIDE_BY_ZERO: Fault = Fault::Undefined("a divisor must not be zero");

impl Ball {
    /// `-self`.
    #[must_use]
    pub fn neg(&self) -> Ball {
        Ball { mid: -&self.mid, exp: self.exp, radius: self.radius }
    }

    /// `self * 2^k`.
    pub fn scaled(&self, k: i64) -> Outcome {
        let exp = self.exp.saturating_add(k);
        let p = bit_length(&self.mid) as usize;
        Ball::rounded(self.mid.clone(), exp, self.radius.scaled(k), p)
    }

    /// `self + other`.
    pub fn add(&self, other: &Ball, p: usize) -> Outcome {
        let radius = self.radius.plus(other.radius);
        if self.mid.is_zero() {
            return Ball::rounded(other.mid.clone(), other.exp, radius, p);
        }
        if other.mid.is_zero() {
            return Ball::rounded(self.mid.clone(), self.exp, radius, p);
        }
        let (large, small) = if self.top() >= other.top() { (self, other) } else { (other, self) };
        // A summand below the last place that can be kept only widens: aligning it could cost any amount of memory.
        if large.top() - small.top() > p as i64 + 4 {
            let lost = Magnitude::above(&small.mid, small.exp);
            return Ball::rounded(large.mid.clone(), large.exp, radius.plus(lost), p);
        }
        let shift = large.exp - small.exp;
        let (mid, exp) = if shift >= 0 {
            ((&large.mid << shift as usize) + &small.mid, small.exp)
        } else {
            ((&small.mid << (-shift) as usize) + &large.mid, large.exp)
        };
        Ball::rounded(mid, exp, radius, p)
    }

    /// `self - other`.
    pub fn sub(&self, other: &Ball, p: usize) -> Outcome {
        self.add(&other.neg(), p)
    }

    /// `self * other`. The radius is `|a|·rb + |b|·ra + ra·rb`.
    pub fn mul(&self, other: &Ball, p: usize) -> Outcome {
        let mut radius = Magnitude::ZERO;
        if !other.radius.is_zero() {
            radius = Magnitude::above(&self.mid, self.exp).times(other.radius);
        }
        if !self.radius.is_zero() {
            let reach = Magnitude::above(&other.mid, other.exp).plus(other.radius);
            radius = radius.plus(reach.times(self.radius));
        }
        Ball::rounded(&self.mid * &other.mid, self.exp + other.exp, radius, p)
    }

    /// `self * self`.
    pub fn square(&self, p: usize) -> Outcome {
        self.mul(self, p)
    }

    /// `self * n`.
    pub fn mul_integer(&self, n: i64, p: usize) -> Outcome {
        let radius = self.radius.times(Magnitude::new(n.unsigned_abs(), 0));
        Ball::rounded(&self.mid * n, self.exp, radius, p)
    }

    /// `self / other`. With `q` the quotient of the midpoints, the quotients inside differ from it
    /// by at most `(|q|·rb + ra)/(|b| - rb)`.
    pub fn div(&self, other: &Ball, p: usize) -> Outcome {
        if other.is_exact_zero() {
            return Err(DIVIDE_BY_ZERO);
        }
        let Some(smallest) = other.below() else {
            return Err(Fault::Uncertain);
        };
        let missing = p as i64 + 2 + bit_length(&other.mid) - bit_length(&self.mid);
        let shift = missing.max(0);
        let (quotient, rest) = (&self.mid << shift as usize).div_rem(&other.mid);
        let exp = self.exp - other.exp - shift;
        let mut radius = Magnitude::ZERO;
        if !other.radius.is_zero() {
            // One more unit covers what the truncated quotient lacks.
            radius = Magnitude::above(&quotient, exp).plus(Magnitude::power_of_two(exp)).times(other.radius);
        }
        radius = radius.plus(self.radius).over(smallest);
        if !rest.is_zero() {
            radius = radius.plus(Magnitude::power_of_two(exp));
        }
        Ball::rounded(quotient, exp, radius, p)
    }

    /// `self / n`.
    pub fn div_integer(&self, n: i64, p: usize) -> Outcome {
        self.div(&Ball::integer(n), p)
    }

    /// `1 / self`.
    pub fn reciprocal(&self, p: usize) -> Outcome {
        Ball::ONE.div(self, p)
    }

    /// The absolute value; a ball around zero becomes `[0, |mid| + radius]`.
    pub fn abs(&self) -> Ball {
        if self.mid_sign() >= 0 && (self.is_exact() || self.excludes_zero()) {
            return self.clone();
        }
        if self.excludes_zero() {
            return self.neg();
        }
        let (man, exp) = self.above().parts();
        let half = Magnitude::new(man, exp - 1);
        let (man, exp) = half.parts();
        Ball { mid: IBig::from(man), exp, radius: half }
    }

    /// The square root. `|√(m+δ) - √m| = |δ|/(√(m+δ)+√m) <= r/√m`.
    pub fn sqrt(&self, p: usize) -> Outcome {
        if self.is_exact_zero() {
            return Ok(Ball::ZERO);
        }
        if self.certainly_negative() {
            return Err(Fault::Undefined("sqrt needs a non-negative argument"));
        }
        if !self.certainly_positive() {
            return Err(Fault::Uncertain);
        }
        let (radicand, exp) = self.radicand(2, p);
        let (root, rest) = radicand.sqrt_rem();
        self.root_ball(root, rest.is_zero(), exp, p, |lower| lower)
    }

    /// The real cube root. For one sign, `|∛(m+δ) - ∛m| = |δ|/(a²+ab+b²) <= r/∛m²`.
    pub fn cbrt(&self, p: usize) -> Outcome {
        if self.is_exact_zero() {
            return Ok(Ball::ZERO);
        }
        if self.mid_sign() < 0 {
            return Ok(self.neg().cbrt(p)?.neg());
        }
        if !self.excludes_zero() {
            // |∛x| <= ∛(2^k) <= 2^ceil(k/3) on the whole ball.
            return Ok(Ball::within_power_of_two((self.above().top() + 2).div_euclid(3)));
        }
        let (radicand, exp) = self.radicand(3, p);
        let (root, rest) = radicand.cbrt_rem();
        self.root_ball(root, rest.is_zero(), exp, p, |lower| lower.times_below(lower))
    }

    /// The midpoint as an integer with an exponent divisible by `degree` and more than `degree * p` bits.
    fn radicand(&self, degree: i64, p: usize) -> (UBig, i64) {
        let missing = (degree * (p as i64 + 2) - bit_length(&self.mid)).max(0);
        let shift = missing + (self.exp - missing).rem_euclid(degree);
        let radicand = self.mid.clone().unsigned_abs() << shift as usize;
        (radicand, (self.exp - shift).div_euclid(degree))
    }

    /// A ball from an integer root; `slope` makes the divisor of the input radius from a lower bound of the root.
    fn root_ball(&self, root: UBig, exact: bool, exp: i64, p: usize, slope: impl Fn(Magnitude) -> Magnitude) -> Outcome {
        let root = IBig::from(root);
        let mut radius = self.radius.over(slope(Magnitude::below(&root, exp)));
        if !exact {
            radius = radius.plus(Magnitude::power_of_two(exp));
        }
        Ball::rounded(root, exp, radius, p)
    }

    /// `self^n` by repeated squaring; `0^0` is 1.
    pub fn powi(&self, n: i64, p: usize) -> Outcome {
        if n == 0 {
            return Ok(Ball::ONE);
        }
        // Squaring doubles the relative error: as many guard bits as the exponent has.
        let guarded = p + 6 + (64 - n.unsigned_abs().leading_zeros()) as usize;
        let power = self.power(n.unsigned_abs(), guarded)?;
        if n > 0 {
            return power.trimmed(p);
        }
        if power.is_exact_zero() {
            return Err(DIVIDE_BY_ZERO);
        }
        Ball::ONE.div(&power, p)
    }

    fn power(&self, n: u64, p: usize) -> Outcome {
        let mut result = self.clone();
        for bit in (0..n.ilog2()).rev() {
            result = result.square(p)?;
            if n >> bit & 1 == 1 {
                result = result.mul(self, p)?;
            }
        }
        Ok(result)
    }

    /// The same number with at most `p` bits in the midpoint.
    pub fn trimmed(self, p: usize) -> Outcome {
        Ball::rounded(self.mid, self.exp, self.radius, p)
    }

    /// The smallest enclosure of both.
    pub fn hull(&self, other: &Ball, p: usize) -> Outcome {
        let middle = self.add(other, p)?.scaled(-1)?;
        let reach = middle.sub(self, p)?.above().max(middle.sub(other, p)?.above());
        middle.midpoint().widened(reach)
    }
}
