//! Truncated Taylor series in one variable with ball coefficients: derivatives by series arithmetic, never from a table.
//!
//! A jet at base point `x₀` holds `f(x₀), f'(x₀), f''(x₀)/2!, …`. Coefficients that are missing are exactly zero,
//! so what does not depend on the variable stays as short as a plain ball.

mod corners;
mod functions;

use super::ball::Ball;
use super::ball::gamma::factorial;
use super::fault::Fault;

/// The outcome of an operation on jets.
pub type Expansion = Result<Jet, Fault>;

/// The precision in bits and the highest derivative that an evaluation carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Working precision in bits.
    pub precision: usize,
    /// The highest derivative; 0 evaluates values only.
    pub order: usize,
}

/// A truncated Taylor series.
#[derive(Clone, Debug, PartialEq)]
pub struct Jet {
    /// At least one coefficient; no exact zero at the end except in first place.
    coefficients: Vec<Ball>,
    /// Whether this was built from constants only: a zero tail then is a fact, not a truncation.
    constant: bool,
}

impl Jet {
    /// A quantity that does not depend on the variable.
    pub fn constant(value: Ball) -> Jet {
        Jet { coefficients: vec![value], constant: true }
    }

    /// The variable itself at the base point `value`.
    pub fn variable(value: Ball, scope: Scope) -> Jet {
        if scope.order == 0 {
            return Jet { coefficients: vec![value], constant: false };
        }
        Jet { coefficients: vec![value, Ball::ONE], constant: false }
    }

    /// The series with these coefficients.
    pub(in crate::verify) fn from_series(coefficients: Vec<Ball>, constant: bool, scope: Scope) -> Jet {
        Jet::collect(coefficients, constant, scope)
    }

    /// Cuts to the order, drops exact zeros at the end, and keeps at least the value.
    fn collect(mut coefficients: Vec<Ball>, constant: bool, scope: Scope) -> Jet {
        coefficients.truncate(scope.order + 1);
        while coefficients.len() > 1 && coefficients.last().is_some_and(Ball::is_exact_zero) {
            coefficients.pop();
        }
        if coefficients.is_empty() {
            coefficients.push(Ball::ZERO);
        }
        Jet { coefficients, constant }
    }

    /// Whether this was built from constants only.
    pub fn is_constant(&self) -> bool {
        self.constant
    }

    /// The value at the base point.
    pub fn value(&self) -> &Ball {
        &self.coefficients[0]
    }

    /// The `k`-th Taylor coefficient, `f⁽ᵏ⁾/k!`.
    pub fn coefficient(&self, k: usize) -> Ball {
        self.coefficients.get(k).cloned().unwrap_or(Ball::ZERO)
    }

    /// The `k`-th derivative at the base point.
    pub fn derivative(&self, k: usize, precision: usize) -> Result<Ball, Fault> {
        let order = u32::try_from(k).map_err(|_| Fault::OutOfRange)?;
        self.coefficient(k).mul(&factorial(order, precision)?, precision)
    }

    /// How many coefficients are held.
    fn len(&self) -> usize {
        self.coefficients.len()
    }

    /// Whether `scope` asks for nothing that depends on how the argument moves.
    fn needs_value_only(&self, scope: Scope) -> bool {
        self.constant || scope.order == 0
    }

    /// A jet of a value alone, constant as the arguments are.
    fn of_value(value: Ball, constant: bool) -> Jet {
        Jet { coefficients: vec![value], constant }
    }

    /// `-self`.
    #[must_use]
    pub fn neg(&self) -> Jet {
        Jet { coefficients: self.coefficients.iter().map(Ball::neg).collect(), constant: self.constant }
    }

    /// `self + other`.
    pub fn add(&self, other: &Jet, scope: Scope) -> Expansion {
        let (long, short) = if self.len() >= other.len() { (self, other) } else { (other, self) };
        let mut sum = long.coefficients.clone();
        for (s, c) in sum.iter_mut().zip(&short.coefficients) {
            *s = s.add(c, scope.precision)?;
        }
        Ok(Jet::collect(sum, self.constant && other.constant, scope))
    }

    /// `self - other`.
    pub fn sub(&self, other: &Jet, scope: Scope) -> Expansion {
        self.add(&other.neg(), scope)
    }

    /// `self * other`, the Cauchy product.
    pub fn mul(&self, other: &Jet, scope: Scope) -> Expansion {
        let p = scope.precision;
        let length = (self.len() + other.len() - 1).min(scope.order + 1);
        let mut product = Vec::with_capacity(length);
        for k in 0..length {
            product.push(convolution(&self.coefficients, &other.coefficients, k, 0, p)?);
        }
        Ok(Jet::collect(product, self.constant && other.constant, scope))
    }

    /// `self / other`, from `q₀b_k + … + q_k b₀ = a_k`.
    pub fn div(&self, other: &Jet, scope: Scope) -> Expansion {
        let p = scope.precision;
        if other.len() == 1 {
            let quotient = self.coefficients.iter().map(|c| c.div(other.value(), p));
            return Ok(Jet::collect(quotient.collect::<Result<_, _>>()?, self.constant && other.constant, scope));
        }
        let mut quotient: Vec<Ball> = Vec::with_capacity(scope.order + 1);
        for k in 0..=scope.order {
            let known = convolution(&other.coefficients, &quotient, k, 1, p)?;
            quotient.push(self.coefficient(k).sub(&known, p)?.div(other.value(), p)?);
        }
        Ok(Jet::collect(quotient, false, scope))
    }

    /// `1 / self`.
    pub fn reciprocal(&self, scope: Scope) -> Expansion {
        Jet::constant(Ball::ONE).div(self, scope)
    }

    /// `self^n` by repeated squaring; `0^0` is 1.
    pub fn powi(&self, n: i64, scope: Scope) -> Expansion {
        let p = scope.precision;
        if self.len() == 1 {
            return Ok(Jet::of_value(self.value().powi(n, p)?, self.constant));
        }
        if n == 0 {
            return Ok(Jet::of_value(Ball::ONE, self.constant));
        }
        let guarded = Scope { precision: p + 6 + (64 - n.unsigned_abs().leading_zeros()) as usize, ..scope };
        let power = self.power(n.unsigned_abs(), guarded)?;
        if n < 0 { power.reciprocal(scope) } else { power.trimmed(scope) }
    }

    fn power(&self, n: u64, scope: Scope) -> Expansion {
        let mut result = self.clone();
        for bit in (0..n.ilog2()).rev() {
            result = result.mul(&result, scope)?;
            if n >> bit & 1 == 1 {
                result = result.mul(self, scope)?;
            }
        }
        Ok(result)
    }

    fn trimmed(self, scope: Scope) -> Expansion {
        let trimmed = self.coefficients.into_iter().map(|c| c.trimmed(scope.precision));
        Ok(Jet::collect(trimmed.collect::<Result<_, _>>()?, self.constant, scope))
    }

    /// The derivative of the series, one order shorter.
    fn derivative_series(&self, scope: Scope) -> Expansion {
        let p = scope.precision;
        let terms = self.coefficients.iter().enumerate().skip(1).map(|(k, c)| c.mul_integer(k as i64, p));
        Ok(Jet::collect(terms.collect::<Result<_, _>>()?, self.constant, scope))
    }

    /// The series with the given value whose derivative is `self`.
    fn integral(&self, value: Ball, scope: Scope) -> Expansion {
        let p = scope.precision;
        let mut coefficients = vec![value];
        for (k, c) in self.coefficients.iter().enumerate().take(scope.order) {
            coefficients.push(c.div_integer(k as i64 + 1, p)?);
        }
        Ok(Jet::collect(coefficients, self.constant, scope))
    }

    /// The first place at or after 1 that does not hold an exact zero, and its coefficient.
    fn first_move(&self) -> Option<(usize, &Ball)> {
        self.coefficients.iter().enumerate().skip(1).find(|(_, c)| !c.is_exact_zero())
    }
}

/// `Σ a_i b_(k-i)` over `i >= from`, skipping what is missing or exactly zero.
fn convolution(a: &[Ball], b: &[Ball], k: usize, from: usize, p: usize) -> Result<Ball, Fault> {
    let mut sum = Ball::ZERO;
    let first = from.max((k + 1).saturating_sub(b.len()));
    for i in first..a.len().min(k + 1) {
        if a[i].is_exact_zero() || b[k - i].is_exact_zero() {
            continue;
        }
        sum = sum.add(&a[i].mul(&b[k - i], p)?, p)?;
    }
    Ok(sum)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
