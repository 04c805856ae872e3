//! The gamma function and its logarithmic derivatives: shift to the right, Stirling's series with its remainder,
//! reflection on the left.
//!
//! For real x > 0 the remainder of Stirling's series, and of every derivative of it, is below the first term left out
//! (its alternating remainders are completely monotonic), so the series is stopped anywhere with a rigorous bound.

use std::cell::RefCell;

use dashu_int::{IBig, UBig};

use super::elementary::pi;
use super::magnitude::{Magnitude, bit_length};
use super::{Ball, Fault, Outcome};

/// Orders of polygamma beyond this are refused.
const LAST_ORDER: u32 = 256;

/// Integers up to this get their factorial by multiplication, exactly where the precision holds it.
const SMALL_FACTORIAL: i64 = 64;

const POLE: Fault = Fault::Undefined("the gamma function has poles at 0, -1, -2, ...");

thread_local! {
    /// Tangent numbers `T_1, T_2, ...`, in growing tables.
    static TANGENT: RefCell<Vec<UBig>> = const { RefCell::new(Vec::new()) };
}

/// The first `n` tangent numbers by the two-term recurrence over integers.
fn tangent_numbers(n: usize) -> Vec<UBig> {
    let mut t = vec![UBig::ONE; n];
    for k in 1..n {
        t[k] = &t[k - 1] * k as u64;
    }
    for k in 1..n {
        for j in k..n {
            t[j] = &t[j - 1] * (j - k) as u64 + &t[j] * (j - k + 2) as u64;
        }
    }
    t
}

/// The Bernoulli number `B_2k`, `k >= 1`: `(-1)^(k-1) 2k T_k / (4^k (4^k - 1))`.
fn bernoulli(k: usize, p: usize) -> Outcome {
    let tangent = TANGENT.with(|table| {
        let mut table = table.borrow_mut();
        if table.len() < k {
            *table = tangent_numbers((k + 1).next_power_of_two().max(32));
        }
        table[k - 1].clone()
    });
    let power = IBig::ONE << (2 * k);
    let numerator = Ball::from_ibig(&(IBig::from(tangent) * 2 * k as u64), p)?;
    let denominator = Ball::from_ibig(&(&power * (&power - IBig::ONE)), p)?;
    let value = numerator.div(&denominator, p)?;
    Ok(if k.is_multiple_of(2) { value.neg() } else { value })
}

/// From here on Stirling's series reaches `2^-p`: its least term is about `e^(-2πx)`, and `n` derivatives cost a little.
fn stirling_start(order: u32, p: usize) -> i64 {
    p as i64 / 5 + 6 + i64::from(order)
}

/// `p` plus the bits that `|x|` has before the binary point, and a few.
fn guarded(x: &Ball, p: usize) -> usize {
    p + 16 + 2 * x.top().clamp(0, 128) as usize
}

/// Sums `Σ_{k>=1} c_k`, where `coefficient(k)/x^(2k)` is the term and an error is below the first term left out.
fn alternating_sum(x: &Ball, p: usize, coefficient: impl Fn(usize) -> Outcome) -> Outcome {
    let step = x.square(p)?.reciprocal(p)?;
    let mut power = step.clone();
    let mut sum = Ball::ZERO;
    let mut last: Option<Magnitude> = None;
    for k in 1..=p + 8 {
        let term = coefficient(k)?.mul(&power, p)?;
        let size = term.above();
        let grows = last.is_some_and(|last| last.top() < size.top());
        if grows || size.top() < -(p as i64) || k == p + 8 {
            return sum.widened(size);
        }
        sum = sum.add(&term, p)?;
        power = power.mul(&step, p)?;
        last = Some(size);
    }
    Err(Fault::Uncertain)
}

impl Ball {
    /// Whether the ball avoids the poles; they are `Undefined` when hit exactly.
    fn avoid_poles(&self) -> Result<(), Fault> {
        if self.certainly_positive() {
            return Ok(());
        }
        if !self.contains_integer()? {
            return Ok(());
        }
        if self.is_exact() { Err(POLE) } else { Err(Fault::Uncertain) }
    }

    /// Whether some integer may lie inside.
    fn contains_integer(&self) -> Result<bool, Fault> {
        if self.is_exact() {
            return Ok(self.exp >= 0 || self.mid.is_zero() || self.floor()?.certainly_equal(self));
        }
        let Ok(below) = self.floor() else {
            return Ok(true);
        };
        Ok(below.overlaps(self))
    }

    /// How many unit steps to the right bring this to where Stirling's series is good.
    fn steps_to(&self, start: i64) -> i64 {
        if self.top() > 40 {
            return 0;
        }
        (start - self.to_f64() as i64).max(0)
    }

    /// Reflection is due when the midpoint is left of zero.
    fn is_left(&self) -> bool {
        self.mid_sign() < 0
    }

    /// `sin πx` and `cos πx`, exactly reduced.
    fn sin_cos_pi(&self, p: usize) -> Result<(Ball, Ball), Fault> {
        if self.top() > 1 << 12 {
            return Err(Fault::OutOfRange);
        }
        let nearest = self.midpoint().round()?;
        let enough = p + bit_length(&self.mid) as usize;
        let offset = self.sub(&nearest, enough)?;
        let (sine, cosine) = offset.mul(&pi(p + 4)?, p + 4)?.sin_cos(p)?;
        let odd = nearest.exp <= 0
            && nearest.as_integer().map_or_else(
                || (&nearest.mid >> nearest.exp.unsigned_abs() as usize).trailing_zeros() == Some(0),
                |n| n % 2 != 0,
            );
        Ok(if odd { (sine.neg(), cosine.neg()) } else { (sine, cosine) })
    }

    /// The gamma function.
    pub fn gamma(&self, p: usize) -> Outcome {
        self.avoid_poles()?;
        if let Some(n) = self.as_integer().filter(|n| *n <= SMALL_FACTORIAL) {
            return (2..n).try_fold(Ball::ONE, |product, k| product.mul_integer(k, p));
        }
        let q = guarded(self, p);
        if !self.is_left() {
            return self.gamma_on_the_right(q)?.trimmed(p);
        }
        // Γ(x) = π/(sin πx · Γ(1 - x)).
        let (sine, _) = self.sin_cos_pi(q)?;
        let mirrored = Ball::ONE.sub(self, q)?.gamma_on_the_right(q)?;
        pi(q)?.div(&sine.mul(&mirrored, q)?, p)
    }

    /// `Γ(x) = e^(logΓ(x + n)) / (x(x+1)···(x+n-1))`.
    fn gamma_on_the_right(&self, p: usize) -> Outcome {
        if self.top() > 59 {
            return Err(Fault::OutOfRange);
        }
        let n = self.steps_to(stirling_start(0, p));
        let shifted = self.add(&Ball::integer(n), p)?;
        let value = shifted.stirling(p)?.exp(p)?;
        value.div(&self.rising(n, p)?, p)
    }

    /// `x(x+1)···(x+n-1)`.
    fn rising(&self, n: i64, p: usize) -> Outcome {
        (0..n).try_fold(Ball::ONE, |product, k| product.mul(&self.add(&Ball::integer(k), p)?, p))
    }

    /// `log|Γ(x)|`.
    pub fn lgamma(&self, p: usize) -> Outcome {
        self.avoid_poles()?;
        if let Some(n) = self.as_integer().filter(|n| *n <= SMALL_FACTORIAL) {
            return (2..n).try_fold(Ball::ONE, |product, k| product.mul_integer(k, p + 8))?.log(p);
        }
        let q = guarded(self, p);
        if !self.is_left() {
            return self.lgamma_on_the_right(q)?.trimmed(p);
        }
        // log|Γ(x)| = log(π/|sin πx|) - logΓ(1 - x).
        let (sine, _) = self.sin_cos_pi(q)?;
        let head = pi(q)?.div(&sine.abs(), q)?.log(q)?;
        let mirrored = Ball::ONE.sub(self, q)?.lgamma_on_the_right(q)?;
        head.sub(&mirrored, p)
    }

    fn lgamma_on_the_right(&self, p: usize) -> Outcome {
        let n = self.steps_to(stirling_start(0, p));
        let shifted = self.add(&Ball::integer(n), p)?.stirling(p)?;
        if n == 0 {
            return Ok(shifted);
        }
        shifted.sub(&self.rising(n, p)?.abs().log(p)?, p)
    }

    /// `logΓ(x) = (x - 1/2) log x - x + log(2π)/2 + Σ B_2k/(2k(2k-1)x^(2k-1))`.
    fn stirling(&self, p: usize) -> Outcome {
        let half = Ball::ONE.scaled(-1)?;
        let main = self.sub(&half, p)?.mul(&self.log(p)?, p)?.sub(self, p)?;
        let constant = pi(p)?.scaled(1)?.log(p)?.scaled(-1)?;
        let tail = alternating_sum(self, p, |k| {
            let k2 = 2 * k as i64;
            bernoulli(k, p)?.div_integer(k2 * (k2 - 1), p)
        })?;
        main.add(&constant, p)?.add(&tail.mul(self, p)?, p)
    }

    /// The logarithmic derivative of gamma.
    pub fn digamma(&self, p: usize) -> Outcome {
        self.polygamma(0, p)
    }

    /// The first derivative of digamma.
    pub fn trigamma(&self, p: usize) -> Outcome {
        self.polygamma(1, p)
    }

    /// The `order`-th derivative of digamma.
    pub fn polygamma(&self, order: u32, p: usize) -> Outcome {
        self.avoid_poles()?;
        if order > LAST_ORDER {
            return Err(Fault::OutOfRange);
        }
        let q = guarded(self, p) + order as usize;
        if !self.is_left() {
            return self.polygamma_on_the_right(order, q)?.trimmed(p);
        }
        // ψₙ(x) = (-1)^n ψₙ(1-x) - dⁿ/dxⁿ π cot πx.
        let mirrored = Ball::ONE.sub(self, q)?.polygamma_on_the_right(order, q)?;
        let mirrored = if order.is_multiple_of(2) { mirrored } else { mirrored.neg() };
        mirrored.sub(&self.cotangent_derivative(order, q)?, p)
    }

    /// `dⁿ/dxⁿ π cot πx`, from the Taylor coefficients of the solution of `c' = -π² - c²`.
    fn cotangent_derivative(&self, n: u32, p: usize) -> Outcome {
        let (sine, cosine) = self.sin_cos_pi(p)?;
        let pi = pi(p)?;
        let minus_pi_squared = pi.square(p)?.neg();
        let mut c = vec![cosine.mul(&pi, p)?.div(&sine, p)?];
        for k in 0..n as usize {
            let start = if k == 0 { minus_pi_squared.clone() } else { Ball::ZERO };
            let sum = (0..=k).try_fold(start, |sum, i| sum.sub(&c[i].mul(&c[k - i], p)?, p))?;
            c.push(sum.div_integer(k as i64 + 1, p)?);
        }
        let last = c.swap_remove(n as usize);
        last.mul(&factorial(n, p)?, p)
    }

    /// `ψₙ(x) = ψₙ(x + m) - (-1)^n n! Σ_{k<m} 1/(x+k)^(n+1)`.
    fn polygamma_on_the_right(&self, order: u32, p: usize) -> Outcome {
        let m = self.steps_to(stirling_start(order, p));
        let shifted = self.add(&Ball::integer(m), p)?.polygamma_stirling(order, p)?;
        let power = i64::from(order) + 1;
        let sum = (0..m).try_fold(Ball::ZERO, |sum, k| sum.add(&self.add(&Ball::integer(k), p)?.powi(-power, p)?, p))?;
        let correction = sum.mul(&factorial(order, p)?, p)?;
        if order.is_multiple_of(2) { shifted.sub(&correction, p) } else { shifted.add(&correction, p) }
    }

    /// `ψ(x) = log x - 1/(2x) - Σ B_2k/(2k x^2k)`, and its `n`-th derivative
    /// `(-1)^(n+1) x^(-n) [(n-1)! + n!/(2x) + Σ B_2k (2k+n-1)!/(2k)! / x^2k]`.
    fn polygamma_stirling(&self, n: u32, p: usize) -> Outcome {
        let n = i64::from(n);
        let tail = alternating_sum(self, p, |k| {
            let k2 = 2 * k as i64;
            if n == 0 {
                return bernoulli(k, p)?.div_integer(k2, p);
            }
            (k2 + 1..k2 + n).try_fold(bernoulli(k, p)?, |product, j| product.mul_integer(j, p))
        })?;
        let half_inverse = self.reciprocal(p)?.scaled(-1)?;
        if n == 0 {
            return self.log(p)?.sub(&half_inverse, p)?.sub(&tail, p);
        }
        let head = factorial(n as u32 - 1, p)?;
        let middle = head.mul_integer(n, p)?.mul(&half_inverse, p)?;
        let sum = head.add(&middle, p)?.add(&tail, p)?;
        let value = sum.mul(&self.powi(-n, p)?, p)?;
        Ok(if n % 2 == 0 { value.neg() } else { value })
    }
}

/// `n!`.
pub(crate) fn factorial(n: u32, p: usize) -> Outcome {
    (2..=i64::from(n)).try_fold(Ball::ONE, |product, k| product.mul_integer(k, p))
}
