//! erf and erfc: a series of positive terms near zero, the alternating asymptotic series far out.

use dashu_base::UnsignedAbs;
use dashu_int::{IBig, UBig};

use super::elementary::pi;
use super::fixed::fixed;
use super::magnitude::{Magnitude, bit_length};
use super::{Ball, Fault, Outcome};

/// Arguments beyond `2^this` are far out at every precision that is used.
const FAR_TOP: i64 = 8;

impl Ball {
    /// The error function, `2/√π ∫₀ˣ e^(-t²) dt`.
    pub fn erf(&self, p: usize) -> Outcome {
        if self.mid.is_zero() {
            // |erf x| <= 1.13·|x|.
            return Ok(Ball { radius: self.radius.plus(self.radius.scaled(-2)), ..Ball::ZERO });
        }
        let middle = self.midpoint();
        let at_middle = if middle.is_far_out(p) {
            let rest = middle.abs().erfc_far_out(32)?;
            let one = Ball::ONE.sub(&rest, p)?;
            if self.mid_sign() < 0 { one.neg() } else { one }
        } else {
            middle.erf_series(p)?
        };
        at_middle.widened(self.error_function_spread()?)
    }

    /// The complement `1 - erf x`, to full relative precision for large arguments.
    pub fn erfc(&self, p: usize) -> Outcome {
        let middle = self.midpoint();
        let at_middle = if middle.mid_sign() <= 0 || middle.top() < -1 {
            Ball::ONE.sub(&middle.erf(p + 4)?, p)?
        } else if middle.is_far_out(p) {
            middle.erfc_far_out(p)?
        } else {
            // 1 - erf x cancels about x²/log 2 bits; being not far out bounds x² by p + 32.
            let lost = (middle.to_f64().powi(2) * std::f64::consts::LOG2_E) as usize + middle.top().max(0) as usize;
            Ball::ONE.sub(&middle.erf_series(p + 8 + lost)?, p)?
        };
        at_middle.widened(self.error_function_spread()?)
    }

    /// Whether the least term of the asymptotic series, about `e^(-x²)`, is below `2^-(p+8)`.
    fn is_far_out(&self, p: usize) -> bool {
        self.top() > FAR_TOP || self.to_f64().powi(2) > (p as f64 + 16.0) * 0.6932 + 4.0
    }

    /// How far the radius moves the value: the slope is at most `1.13·e^(-x²)` at the point nearest zero.
    fn error_function_spread(&self) -> Result<Magnitude, Fault> {
        if self.is_exact() {
            return Ok(Magnitude::ZERO);
        }
        let slope = Magnitude::new(145, -7);
        let Some(nearest) = self.below() else {
            return Ok(self.radius.times(slope));
        };
        let (man, exp) = nearest.parts();
        let damping = match Ball::dyadic(IBig::from(man), exp, 64)?.square(64)?.neg().exp(64) {
            Err(Fault::OutOfRange) => Magnitude::power_of_two(-(1 << 58)),
            other => other?.above(),
        };
        Ok(self.radius.times(slope).times(damping))
    }

    /// `erf x = 2x/√π · e^(-x²) · S`, `S = Σ (2x²)^n / (3·5···(2n+1))`, for an exact `x` that is not far out.
    fn erf_series(&self, p: usize) -> Outcome {
        let q = p + 12;
        let square = self.square(2 * bit_length(&self.mid) as usize)?;
        let sum = series_of_positive_terms(&square, q)?;
        let damping = square.neg().exp(q)?;
        let root_pi = pi(q)?.sqrt(q)?;
        let product = self.mul(&sum, q)?.mul(&damping, q)?;
        product.div(&root_pi, q)?.scaled(1)?.trimmed(p)
    }

    /// `erfc x = e^(-x²)/(x√π) · Σ (-1)^n 1·3···(2n-1)/(2x²)^n` for a far-out exact `x > 0`.
    ///
    /// For real `x` the error is below the first term left out.
    fn erfc_far_out(&self, p: usize) -> Outcome {
        let q = p + 12;
        let square = self.square(2 * bit_length(&self.mid) as usize)?;
        let damping = square.neg().exp(q)?;
        let step = square.scaled(1)?.reciprocal(q)?;
        let (mut term, mut sum) = (Ball::ONE, Ball::ONE);
        // The terms fall below 2^-q before n reaches x², about 0.7·q; the bound only guards the loop.
        for n in 1..=(2 * q as i64) {
            let next = term.mul_integer(-(2 * n - 1), q)?.mul(&step, q)?;
            let small = next.top() < -(p as i64) - 6;
            if small || next.above().top() > term.above().top() {
                sum = sum.widened(next.above())?;
                break;
            }
            sum = sum.add(&next, q)?;
            term = next;
        }
        let scale = self.mul(&pi(q)?.sqrt(q)?, q)?;
        sum.mul(&damping, q)?.div(&scale, p)
    }
}

/// `Σ (2y)^n / (3·5···(2n+1))` for exact `y >= 0`, in fixed point.
///
/// With `t_n` the true terms, `Σ_{m>=n} t_m/t_n <= S` because the ratios decrease: two floors per term lose at most
/// `2·N·S` ulp, flooring `y` loses at most `S` ulp more, and the tail after ratios fall below 1/2 is at most its first term.
fn series_of_positive_terms(y: &Ball, p: usize) -> Outcome {
    let w = p + 20;
    let argument = fixed(&y.mid, y.exp, w).unsigned_abs();
    let mut term = UBig::ONE << w;
    let mut sum = term.clone();
    let mut count: u64 = 1;
    // e^y bounds the terms; past n = 4y + 2w they have certainly died out.
    let limit = 4 * y.to_f64() as u64 + 2 * w as u64 + 16;
    for n in 1..=limit {
        term = (((&term * &argument) >> w) << 1usize) / (2 * n + 1);
        if term.is_zero() {
            break;
        }
        sum += &term;
        count += 1;
    }
    let exp = -(w as i64);
    let value = IBig::from(sum);
    let error = Magnitude::above(&value, exp).times(Magnitude::new(3 * count + 8, exp));
    Ball::rounded(value, exp, error, p)
}
