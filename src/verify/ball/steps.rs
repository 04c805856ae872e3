//! Functions with jumps and corners: floor, ceil, round, sign, maximum, minimum.

use dashu_base::UnsignedAbs;
use dashu_int::IBig;

use super::{Ball, Fault, Outcome};

impl Ball {
    /// The greatest integer not above the midpoint.
    fn floor_of_middle(&self) -> IBig {
        if self.exp >= 0 {
            return &self.mid << self.exp as usize;
        }
        &self.mid >> self.exp.unsigned_abs() as usize
    }

    /// The ends of the ball, exactly; `None` where they are too large to be written out as integers.
    fn exact_ends(&self) -> Option<(Ball, Ball)> {
        if self.top().max(self.radius().top()) > 1 << 14 {
            return None;
        }
        // A radius far below the midpoint's last place acts on exactness only: 2^-8192 is as good as it.
        let radius = if self.radius().exp < -(1 << 13) { Ball::dyadic(IBig::ONE, -(1 << 13), 64).ok()? } else { self.radius() };
        let middle = self.midpoint();
        let enough = 1 << 16;
        Some((middle.sub(&radius, enough).ok()?, middle.add(&radius, enough).ok()?))
    }

    /// Applies a step function that is constant between neighbouring jumps.
    fn step(&self, f: impl Fn(&Ball) -> IBig) -> Outcome {
        if self.is_exact() {
            if self.exp >= 0 {
                return Ok(self.clone());
            }
            let p = super::magnitude::bit_length(&self.mid) as usize + 1;
            return Ball::from_ibig(&f(self), p);
        }
        let (low, high) = self.exact_ends().ok_or(Fault::Uncertain)?;
        let (low, high) = (f(&low), f(&high));
        if low != high {
            return Err(Fault::Uncertain);
        }
        let p = super::magnitude::bit_length(&low).max(1) as usize;
        Ball::from_ibig(&low, p)
    }

    /// The greatest integer not above.
    pub fn floor(&self) -> Outcome {
        self.step(Ball::floor_of_middle)
    }

    /// The least integer not below.
    pub fn ceil(&self) -> Outcome {
        self.step(|end| -end.neg().floor_of_middle())
    }

    /// The nearest integer, a tie going to the even one.
    pub fn round(&self) -> Outcome {
        self.step(Ball::round_middle)
    }

    fn round_middle(&self) -> IBig {
        let below = self.floor_of_middle();
        if self.exp >= 0 {
            return below;
        }
        // Twice the midpoint, floored, is 2·below or 2·below + 1; in the second case a rest decides a tie.
        let twice = Ball { exp: self.exp + 1, ..self.clone() };
        let doubled = twice.floor_of_middle();
        let upper_half = &doubled - (&below << 1usize) == IBig::ONE;
        if !upper_half {
            return below;
        }
        let zeros = self.mid.trailing_zeros().unwrap_or(0) as i64;
        let tie = zeros >= -(self.exp + 1);
        let even = below.clone().unsigned_abs().trailing_zeros() != Some(0);
        if tie && even { below } else { below + IBig::ONE }
    }

    /// -1, 0 or 1.
    pub fn sign(&self) -> Outcome {
        if self.is_exact_zero() {
            return Ok(Ball::ZERO);
        }
        if !self.excludes_zero() {
            return Err(Fault::Uncertain);
        }
        Ok(Ball::integer(i64::from(self.mid_sign())))
    }

    /// The larger of two; where they overlap, `(a + b + |a - b|)/2`.
    pub fn max(&self, other: &Ball, p: usize) -> Outcome {
        if other.certainly_less(self) || self.certainly_equal(other) {
            return Ok(self.clone());
        }
        if self.certainly_less(other) {
            return Ok(other.clone());
        }
        let apart = self.sub(other, p)?.abs();
        self.add(other, p)?.add(&apart, p)?.scaled(-1)
    }

    /// The smaller of two.
    pub fn min(&self, other: &Ball, p: usize) -> Outcome {
        Ok(self.neg().max(&other.neg(), p)?.neg())
    }
}
