//! Exponential, logarithm, circular functions, real powers: argument reduction, then a fixed-point kernel.
//!
//! Each function is evaluated at the midpoint with a counted error; the radius of the argument comes in
//! through a bound of the slope over the ball, or, where the ball is wide, through its end points.

use dashu_base::{DivRem, UnsignedAbs};
use dashu_int::IBig;

use super::fixed::{self, fixed};
use super::magnitude::{Magnitude, bit_length};
use super::{Ball, EXPONENT_LIMIT, Fault, Outcome};

/// Arguments of sin and cos beyond `2^this` are answered with [-1, 1]: reducing them would need as many bits of π.
const CIRCLE_LIMIT: i64 = 1 << 13;

/// A ball from a fixed-point value and its error in ulps.
fn from_fixed(value: IBig, w: usize, ulps: u64, p: usize) -> Outcome {
    let exp = -(w as i64);
    Ball::rounded(value, exp, Magnitude::new(ulps, exp), p)
}

/// π.
pub fn pi(p: usize) -> Outcome {
    from_fixed(fixed::pi(p + 2), p + 2, 2, p)
}

/// log 2.
pub fn log_two(p: usize) -> Outcome {
    from_fixed(fixed::log_two(p + 4), p + 4, 2, p)
}

impl Ball {
    /// The greatest and the least number inside, each as a (nearly exact) ball.
    fn ends(&self, p: usize) -> Result<(Ball, Ball), Fault> {
        let radius = self.radius();
        let middle = self.midpoint();
        Ok((middle.sub(&radius, p + 32)?, middle.add(&radius, p + 32)?))
    }

    /// The image of a wide ball under an increasing function: the hull of the images of its ends.
    pub(super) fn increasing(&self, p: usize, f: impl Fn(&Ball) -> Outcome) -> Outcome {
        let (low, high) = self.ends(p)?;
        f(&low)?.hull(&f(&high)?, p)
    }

    /// Whether the radius is above `2^k`.
    fn is_wider_than(&self, k: i64) -> bool {
        !self.radius.is_zero() && self.radius.top() > k
    }

    /// `e^self`. On a ball of radius `r <= 1/2`, `|e^(m+δ) - e^m| <= e^m·(e^r - 1) <= 2r·e^m`.
    pub fn exp(&self, p: usize) -> Outcome {
        if self.mid_sign() < 0 && self.below().is_some_and(|least| least.top() > 60) {
            // below any number that is told from 0 here
            return Ok(Ball::within_power_of_two(-EXPONENT_LIMIT / 2));
        }
        if self.is_wider_than(-1) {
            return self.exp_of_wide(p);
        }
        let at_middle = self.exp_of_middle(p)?;
        if self.is_exact() {
            return Ok(at_middle);
        }
        let spread = at_middle.above().times(self.radius).scaled(1);
        at_middle.widened(spread)
    }

    fn exp_of_wide(&self, p: usize) -> Outcome {
        let (low, high) = self.ends(p)?;
        let top = high.midpoint().exp_of_middle(p)?;
        // Below, only closeness to zero is lost when the lower end is out of range.
        let bottom = match low.midpoint().exp_of_middle(p) {
            Err(Fault::OutOfRange) => Ball::ZERO,
            other => other?,
        };
        // The ends are themselves off by less than 2^-p of their size; one more doubling of both covers it.
        let slack = |end: &Ball, image: &Ball| image.above().times(end.radius).scaled(1);
        if low.is_wider_than(-1) || high.is_wider_than(-1) {
            return Err(Fault::Uncertain);
        }
        let extra = slack(&high, &top).plus(slack(&low, &bottom));
        top.hull(&bottom, p)?.widened(extra)
    }

    fn exp_of_middle(&self, p: usize) -> Outcome {
        if self.mid.is_zero() {
            return Ok(Ball::ONE);
        }
        let top = self.top();
        if top > 59 {
            return Err(Fault::OutOfRange);
        }
        if top < -(p as i64) - 2 {
            // |e^x - 1| <= 2|x| for |x| <= 1.
            let reach = Magnitude::above(&self.mid, self.exp).scaled(1);
            return Ball::ONE.widened(reach);
        }
        let w = p + fixed::exp_guard(p);
        // n·log 2 must be good to one ulp of width w, and n < 2^(top+1).
        let wide = w + top.max(0) as usize + 3;
        let argument = fixed(&self.mid, self.exp, wide);
        let log_two = fixed::log_two(wide);
        let (n, rest) = floor_div_rem(argument, &log_two);
        let Ok(n) = i64::try_from(n) else {
            return Err(Fault::OutOfRange);
        };
        let reduced = (rest >> (wide - w)).unsigned_abs();
        let (value, ulps) = fixed::exp_kernel(&reduced, w);
        // The reduced argument is off by at most 2 ulp, the value below 2 magnifies that to 4.
        let exp = n - w as i64;
        Ball::rounded(value.into(), exp, Magnitude::new(ulps + 5, exp), p)
    }

    /// The natural logarithm. On the ball, `|log(m+δ) - log m| <= r/(m - r)`.
    pub fn log(&self, p: usize) -> Outcome {
        if self.certainly_negative() || self.is_exact_zero() {
            return Err(Fault::Undefined("log needs a positive argument"));
        }
        if !self.certainly_positive() {
            return Err(Fault::Uncertain);
        }
        let at_middle = self.log_of_middle(p)?;
        if self.is_exact() {
            return Ok(at_middle);
        }
        let Some(lowest) = self.below() else {
            return Err(Fault::Uncertain);
        };
        at_middle.widened(self.radius.over(lowest))
    }

    fn log_of_middle(&self, p: usize) -> Outcome {
        let shift = self.top();
        let mut near = 0;
        if shift == 0 || shift == 1 {
            let offset = self.midpoint().sub(&Ball::ONE, p + bit_length(&self.mid) as usize)?;
            if offset.is_exact_zero() {
                return Ok(Ball::ZERO);
            }
            near = (-offset.top()).max(0);
            if near > p as i64 / 2 {
                return offset.log_near_one(p);
            }
        }
        let w = p + near as usize + fixed::exp_guard(p + near as usize) + 2;
        let Some((series, ulps)) = log_of_fraction(&self.mid, w) else {
            return Err(Fault::Uncertain);
        };
        let carry = 64 - shift.unsigned_abs().leading_zeros() as usize;
        let whole = (fixed::log_two(w + carry) * shift) >> carry;
        from_fixed(whole + series, w, ulps + 4, p)
    }

    /// `log(1 + t) = t - t²/2 ± |t|³` for exact `|t| < 2^-(p/2)`.
    fn log_near_one(&self, p: usize) -> Outcome {
        let half_square = self.square(p)?.scaled(-1)?;
        let bound = Magnitude::above(&self.mid, self.exp);
        self.sub(&half_square, p)?.widened(bound.times(bound).times(bound))
    }

    /// The sine and the cosine.
    pub fn sin_cos(&self, p: usize) -> Result<(Ball, Ball), Fault> {
        if self.is_exact_zero() {
            return Ok((Ball::ZERO, Ball::ONE));
        }
        let everything = Ball::within_power_of_two(0);
        if self.is_wider_than(1) || self.top() > CIRCLE_LIMIT {
            return Ok((everything.clone(), everything));
        }
        let (sine, cosine) = self.sin_cos_of_middle(p)?;
        // Both functions have slopes of at most 1.
        Ok((sine.widened(self.radius)?, cosine.widened(self.radius)?))
    }

    fn sin_cos_of_middle(&self, p: usize) -> Result<(Ball, Ball), Fault> {
        if self.mid.is_zero() {
            return Ok((Ball::ZERO, Ball::ONE));
        }
        let top = self.top();
        if top < -(p as i64) / 2 - 2 {
            // sin x = x ± |x|³, cos x = 1 ± x².
            let bound = Magnitude::above(&self.mid, self.exp);
            let square = bound.times(bound);
            let sine = self.midpoint().trimmed(p)?.widened(square.times(bound))?;
            return Ok((sine, Ball::ONE.widened(square)?));
        }
        // Small arguments keep their relative precision.
        let w = p + 14 + (-top).max(0) as usize;
        let wide = w + top.max(0) as usize + 3;
        let argument = fixed(&self.mid, self.exp, wide);
        let half_pi = fixed::pi(wide) >> 1usize;
        let quarter = &half_pi >> 1usize;
        let (quadrant, rest) = floor_div_rem(argument + &quarter, &half_pi);
        // The rest lies in [-π/4, π/4), off by at most 2 ulp of width w.
        let rest = (rest - quarter) >> (wide - w);
        let flip = rest < IBig::ZERO;
        let (sine, cosine, ulps) = fixed::sin_cos_kernel(&rest.unsigned_abs(), w);
        let sine = from_fixed(IBig::from(sine), w, ulps + 3, p)?;
        let cosine = from_fixed(IBig::from(cosine), w, ulps + 3, p)?;
        let sine = if flip { sine.neg() } else { sine };
        Ok(turn(sine, cosine, &quadrant))
    }

    /// The sine.
    pub fn sin(&self, p: usize) -> Outcome {
        Ok(self.sin_cos(p)?.0)
    }

    /// The cosine.
    pub fn cos(&self, p: usize) -> Outcome {
        Ok(self.sin_cos(p)?.1)
    }

    /// The tangent; its poles are irrational, so a cosine around zero is never certain.
    pub fn tan(&self, p: usize) -> Outcome {
        let (sine, cosine) = self.sin_cos(p + 4)?;
        sine.div(&cosine, p)
    }

    /// The arc tangent. Its slope is at most 1; beyond 2 the reciprocal gives a better bound.
    pub fn atan(&self, p: usize) -> Outcome {
        if self.mid_sign() < 0 {
            return Ok(self.neg().atan(p)?.neg());
        }
        if self.mid.is_zero() {
            return Ok(self.clone());
        }
        if self.top() > 1 && self.is_wider_than(self.top() - 3) {
            return self.increasing(p, |end| end.atan(p));
        }
        // From 2 on, arctan x = π/2 - arctan 1/x with 1/x near or below 1/2; the reciprocal carries the radius.
        if self.top() > 1 {
            let quarter_turn = pi(p + 2)?.scaled(-1)?;
            let inverse = self.reciprocal(p + 2)?;
            return quarter_turn.sub(&inverse.atan(p + 2)?, p);
        }
        self.atan_of_middle(p)?.widened(self.radius)
    }

    /// The arc tangent of a midpoint in (0, 2].
    fn atan_of_middle(&self, p: usize) -> Outcome {
        let top = self.top();
        if top < -(p as i64) / 2 - 2 {
            let bound = Magnitude::above(&self.mid, self.exp);
            return self.midpoint().trimmed(p)?.widened(bound.times(bound).times(bound));
        }
        let w = p + 14 + (-top).max(0) as usize;
        let x = fixed(&self.mid, self.exp, w);
        let guess = fixed_from_f64(libm::atan(self.to_f64()).min(1.11), w);
        let (sine, cosine, ulps) = fixed::sin_cos_kernel(&guess.clone().unsigned_abs(), w);
        let (sine, cosine) = (IBig::from(sine), IBig::from(cosine));
        // arctan x = g + arctan((x cos g - sin g)/(cos g + x sin g)); the divisor is near √(1 + x²) >= 1.
        let numerator = &x * &cosine - (&sine << w);
        let divisor = (&cosine + ((&x * &sine) >> w)).max(IBig::ONE);
        let u = numerator / divisor;
        if bit_length(&u) + 1 > w as i64 {
            return Err(Fault::Uncertain);
        }
        // The guess is good to 2^-50, so the series is short.
        // Numerator and divisor are off by at most 3·ulps + 3 ulp each, with |u| tiny and the divisor above 0.9.
        let (series, more) = fixed::odd_series(&u, w, true);
        from_fixed(guess + series, w, 7 * ulps + 10 + more, p)
    }

    /// The arc sine, `arctan(x/√(1 - x²))`; ±π/2 at ±1.
    pub fn asin(&self, p: usize) -> Outcome {
        if self.is_exact() && self.abs().certainly_equal(&Ball::ONE) {
            let quarter_turn = pi(p)?.scaled(-1)?;
            return Ok(if self.mid_sign() < 0 { quarter_turn.neg() } else { quarter_turn });
        }
        let guarded = p + 8;
        let room = self.distance_to_one(guarded, "asin needs an argument between -1 and 1")?;
        self.div(&room.sqrt(guarded)?, guarded)?.atan(p)
    }

    /// The arc cosine, `2 arctan √((1 - x)/(1 + x))`; π at -1.
    pub fn acos(&self, p: usize) -> Outcome {
        if self.is_exact() && self.certainly_equal(&Ball::integer(-1)) {
            return pi(p);
        }
        if self.is_exact() && self.certainly_equal(&Ball::ONE) {
            return Ok(Ball::ZERO);
        }
        let guarded = p + 8;
        self.distance_to_one(guarded, "acos needs an argument between -1 and 1")?;
        let ratio = Ball::ONE.sub(self, guarded)?.div(&Ball::ONE.add(self, guarded)?, guarded)?;
        ratio.sqrt(guarded)?.atan(p)?.scaled(1)
    }

    /// `(1 - x)(1 + x)`, if that is certainly positive.
    fn distance_to_one(&self, p: usize, reason: &'static str) -> Outcome {
        let below = Ball::ONE.sub(self, p)?;
        let above = Ball::ONE.add(self, p)?;
        if below.certainly_negative() || above.certainly_negative() {
            return Err(Fault::Undefined(reason));
        }
        if !(below.certainly_positive() && above.certainly_positive()) {
            return Err(Fault::Uncertain);
        }
        below.mul(&above, p)
    }

    /// The angle of the point (`x`, `self`), in (-π, π].
    pub fn atan2(&self, x: &Ball, p: usize) -> Outcome {
        if self.is_exact_zero() && x.is_exact_zero() {
            return Err(Fault::Undefined("atan2 needs a point other than the origin"));
        }
        if x.certainly_positive() {
            return self.div(x, p + 4)?.atan(p);
        }
        if !self.contains_zero() {
            // For y > 0 the angle is π/2 - arctan(x/y), for y < 0 it is -π/2 - arctan(x/y).
            let quarter_turn = pi(p + 4)?.scaled(-1)?;
            let lean = x.div(self, p + 4)?.atan(p + 4)?;
            let base = if self.certainly_positive() { quarter_turn } else { quarter_turn.neg() };
            return base.sub(&lean, p);
        }
        if self.is_exact_zero() && x.certainly_negative() {
            return pi(p);
        }
        Err(Fault::Uncertain)
    }

    /// The hyperbolic sine.
    pub fn sinh(&self, p: usize) -> Outcome {
        if self.is_exact_zero() {
            return Ok(Ball::ZERO);
        }
        let p2 = p + 8 + self.smallness(p);
        let e = self.exp(p2)?;
        e.sub(&e.reciprocal(p2)?, p2)?.scaled(-1)?.trimmed(p)
    }

    /// The hyperbolic cosine.
    pub fn cosh(&self, p: usize) -> Outcome {
        let e = self.exp(p + 4)?;
        e.add(&e.reciprocal(p + 4)?, p + 4)?.scaled(-1)?.trimmed(p)
    }

    /// The hyperbolic tangent, `1 - 2/(e^(2x) + 1)`.
    pub fn tanh(&self, p: usize) -> Outcome {
        if self.is_exact_zero() {
            return Ok(Ball::ZERO);
        }
        let p2 = p + 8 + self.smallness(p);
        let e = self.scaled(1)?.exp(p2)?;
        let fraction = Ball::integer(2).div(&e.add(&Ball::ONE, p2)?, p2)?;
        Ball::ONE.sub(&fraction, p2)?.trimmed(p)
    }

    /// Bits that a cancellation near zero will cost, at most twice the precision.
    fn smallness(&self, p: usize) -> usize {
        if self.mid.is_zero() {
            return 0;
        }
        (-self.top()).clamp(0, 2 * p as i64) as usize
    }

    /// The exact integer that this ball is, if it is one and fits.
    pub fn as_integer(&self) -> Option<i64> {
        if !self.is_exact() || self.exp > 63 {
            return None;
        }
        if self.exp >= 0 {
            return i64::try_from(&self.mid << self.exp as usize).ok();
        }
        let zeros = self.mid.trailing_zeros().unwrap_or(0) as i64;
        if !self.mid.is_zero() && zeros < -self.exp {
            return None;
        }
        i64::try_from(&self.mid >> (-self.exp) as usize).ok()
    }

    /// `self^exponent` over the reals: a repeated product for integer exponents, else `e^(b log a)` for `a > 0`,
    /// 0 for `a = 0 < b`, undefined otherwise.
    pub fn pow(&self, exponent: &Ball, p: usize) -> Outcome {
        if let Some(n) = exponent.as_integer() {
            return self.powi(n, p);
        }
        if self.certainly_positive() {
            return self.pow_positive(exponent, p);
        }
        if self.is_exact_zero() && exponent.certainly_positive() {
            return Ok(Ball::ZERO);
        }
        if self.is_exact_zero() && exponent.certainly_negative() {
            return Err(Fault::Undefined("zero has no negative power"));
        }
        if self.certainly_negative() && exponent.excludes_integers() {
            return Err(Fault::Undefined("a negative number has integer powers only"));
        }
        Err(Fault::Uncertain)
    }

    fn pow_positive(&self, exponent: &Ball, p: usize) -> Outcome {
        if exponent.is_exact() && exponent.certainly_equal(&Ball::dyadic(IBig::ONE, -1, p)?) {
            return self.sqrt(p);
        }
        // The absolute error of b·log a becomes relative: as many guard bits as its integer part has.
        let size = exponent.top().max(0) + 64 - (self.top().unsigned_abs().leading_zeros() as i64);
        let guarded = p + 4 + size.clamp(0, 192) as usize;
        exponent.mul(&self.log(guarded)?, guarded)?.exp(p)
    }

    /// Whether certainly no integer lies inside.
    fn excludes_integers(&self) -> bool {
        let Ok(below) = self.floor() else {
            return false;
        };
        self.gap(&below).is_some_and(|gap| gap.excludes_zero())
    }
}

/// Floor division by a positive divisor.
fn floor_div_rem(a: IBig, b: &IBig) -> (IBig, IBig) {
    let (quotient, rest) = a.div_rem(b);
    if rest < IBig::ZERO { (quotient - IBig::ONE, rest + b) } else { (quotient, rest) }
}

/// Sine and cosine after adding `quadrant` quarter turns.
fn turn(sine: Ball, cosine: Ball, quadrant: &IBig) -> (Ball, Ball) {
    let low = quadrant - ((quadrant >> 2usize) << 2usize);
    match i64::try_from(low) {
        Ok(1) => (cosine, sine.neg()),
        Ok(2) => (sine.neg(), cosine.neg()),
        Ok(3) => (cosine.neg(), sine),
        _ => (sine, cosine),
    }
}

/// A non-negative `f64` below 1 in fixed point, rounded down; what is below the last place is dropped,
/// so the result is a guess near `x`, not `x`.
fn fixed_from_f64(x: f64, w: usize) -> IBig {
    let guess = (x.clamp(0.0, 1.0) * (1u64 << 62) as f64) as u64;
    if w >= 62 { IBig::from(guess) << (w - 62) } else { IBig::from(guess) >> (62 - w) }
}

/// `log f` for `f = mid` scaled into [1/2, 1), and its error in ulps: `log f = g + log(f·e^-g)` with a guess `g`.
fn log_of_fraction(mid: &IBig, w: usize) -> Option<(IBig, u64)> {
    let bits = bit_length(mid);
    let f = fixed(mid, -bits, w);
    let leading = Ball { mid: mid.clone(), exp: -bits, radius: Magnitude::ZERO };
    let guess = fixed_from_f64(-libm::log(leading.to_f64()), w);
    let (power, ulps) = fixed::exp_kernel(&guess.clone().unsigned_abs(), w);
    let one = IBig::ONE << w;
    let t = ((IBig::from(power) * f) >> w) - &one;
    if bit_length(&t) + 40 > w as i64 {
        return None;
    }
    // log(1 + t) = 2 artanh(t/(2 + t)).
    let u = (&t << w) / ((one << 1usize) + &t);
    let (series, more) = fixed::odd_series(&u, w, false);
    Some(((series << 1usize) - guess, ulps + 2 * more + 8))
}
