//! Analytic functions of jets, by the recurrences that their differential equations give the coefficients.

use super::super::ball::{Ball, Outcome, pi};
use super::super::fault::Fault;
use super::{Expansion, Jet, Scope, convolution};

impl Jet {
    /// Applies a function of balls where only the value matters; `None` where the series is needed.
    fn value_only(&self, scope: Scope, f: impl Fn(&Ball) -> Outcome) -> Option<Expansion> {
        let alone = self.needs_value_only(scope);
        alone.then(|| Ok(Jet::of_value(f(self.value())?, self.constant)))
    }

    /// The jet with the given value whose derivative is `slope · self'`.
    fn by_slope(&self, value: Ball, slope: &Jet, scope: Scope) -> Expansion {
        self.derivative_series(scope)?.mul(slope, scope)?.integral(value, scope)
    }

    /// The coefficients of `Σ f_k h^k` with `h = self - self₀`, for Taylor coefficients `f_k` of the outer function.
    fn compose(&self, outer: &[Ball], scope: Scope) -> Expansion {
        let mut step = self.clone();
        step.coefficients[0] = Ball::ZERO;
        let mut result = Jet::of_value(Ball::ZERO, false);
        for f in outer.iter().rev() {
            result = result.mul(&step, scope)?.add(&Jet::constant(f.clone()), scope)?;
        }
        Ok(result)
    }

    /// `e^self`: `k e_k = Σ i u_i e_(k-i)`.
    pub fn exp(&self, scope: Scope) -> Expansion {
        let p = scope.precision;
        if let Some(plain) = self.value_only(scope, |x| x.exp(p)) {
            return plain;
        }
        let moved = self.weighted(p)?;
        let mut e = vec![self.value().exp(p)?];
        for k in 1..=scope.order {
            e.push(convolution(&moved, &e, k, 1, p)?.div_integer(k as i64, p)?);
        }
        Ok(Jet::collect(e, false, scope))
    }

    /// `i·u_i` for every coefficient.
    fn weighted(&self, p: usize) -> Result<Vec<Ball>, Fault> {
        self.coefficients.iter().enumerate().map(|(i, c)| c.mul_integer(i as i64, p)).collect()
    }

    /// The natural logarithm: the integral of `u'/u`.
    pub fn log(&self, scope: Scope) -> Expansion {
        let p = scope.precision;
        if let Some(plain) = self.value_only(scope, |x| x.log(p)) {
            return plain;
        }
        let value = self.value().log(p)?;
        self.derivative_series(scope)?.div(self, scope)?.integral(value, scope)
    }

    /// Sine and cosine: `k s_k = Σ i u_i c_(k-i)`, `k c_k = -Σ i u_i s_(k-i)`.
    pub fn sin_cos(&self, scope: Scope) -> Result<(Jet, Jet), Fault> {
        let p = scope.precision;
        let (sine, cosine) = self.value().sin_cos(p)?;
        if self.needs_value_only(scope) {
            return Ok((Jet::of_value(sine, self.constant), Jet::of_value(cosine, self.constant)));
        }
        let moved = self.weighted(p)?;
        let (mut s, mut c) = (vec![sine], vec![cosine]);
        for k in 1..=scope.order {
            let next_s = convolution(&moved, &c, k, 1, p)?.div_integer(k as i64, p)?;
            let next_c = convolution(&moved, &s, k, 1, p)?.div_integer(-(k as i64), p)?;
            s.push(next_s);
            c.push(next_c);
        }
        Ok((Jet::collect(s, false, scope), Jet::collect(c, false, scope)))
    }

    /// The sine.
    pub fn sin(&self, scope: Scope) -> Expansion {
        Ok(self.sin_cos(scope)?.0)
    }

    /// The cosine.
    pub fn cos(&self, scope: Scope) -> Expansion {
        Ok(self.sin_cos(scope)?.1)
    }

    /// The tangent.
    pub fn tan(&self, scope: Scope) -> Expansion {
        let (sine, cosine) = self.sin_cos(scope)?;
        sine.div(&cosine, scope)
    }

    /// The hyperbolic sine and cosine, from `e^u` and `e^-u`.
    fn sinh_cosh(&self, scope: Scope) -> Result<(Jet, Jet), Fault> {
        let p = scope.precision;
        let (mut s, mut c) = (vec![self.value().sinh(p)?], vec![self.value().cosh(p)?]);
        if self.needs_value_only(scope) {
            return Ok((Jet::of_value(s.swap_remove(0), self.constant), Jet::of_value(c.swap_remove(0), self.constant)));
        }
        let moved = self.weighted(p)?;
        for k in 1..=scope.order {
            let next_s = convolution(&moved, &c, k, 1, p)?.div_integer(k as i64, p)?;
            let next_c = convolution(&moved, &s, k, 1, p)?.div_integer(k as i64, p)?;
            s.push(next_s);
            c.push(next_c);
        }
        Ok((Jet::collect(s, false, scope), Jet::collect(c, false, scope)))
    }

    /// The hyperbolic sine.
    pub fn sinh(&self, scope: Scope) -> Expansion {
        Ok(self.sinh_cosh(scope)?.0)
    }

    /// The hyperbolic cosine.
    pub fn cosh(&self, scope: Scope) -> Expansion {
        Ok(self.sinh_cosh(scope)?.1)
    }

    /// The hyperbolic tangent: the integral of `u'/cosh²`, where the quotient of sinh and cosh would cancel.
    pub fn tanh(&self, scope: Scope) -> Expansion {
        let p = scope.precision;
        if let Some(plain) = self.value_only(scope, |x| x.tanh(p)) {
            return plain;
        }
        let cosine = self.cosh(scope)?;
        let slope = cosine.mul(&cosine, scope)?.reciprocal(scope)?;
        self.by_slope(self.value().tanh(p)?, &slope, scope)
    }

    /// The arc tangent: the integral of `u'/(1 + u²)`.
    pub fn atan(&self, scope: Scope) -> Expansion {
        let p = scope.precision;
        if let Some(plain) = self.value_only(scope, |x| x.atan(p)) {
            return plain;
        }
        let divisor = self.mul(self, scope)?.add(&Jet::constant(Ball::ONE), scope)?;
        let value = self.value().atan(p)?;
        self.derivative_series(scope)?.div(&divisor, scope)?.integral(value, scope)
    }

    /// `√(1 - u²)`, which vanishes at the edges of asin and acos.
    fn circle_height(&self, scope: Scope) -> Expansion {
        let one = Jet::constant(Ball::ONE);
        let below = one.sub(self, scope)?;
        let above = one.add(self, scope)?;
        if below.value().is_exact_zero() || above.value().is_exact_zero() {
            return Err(Fault::Edge);
        }
        below.mul(&above, scope)?.sqrt(scope)
    }

    /// The arc sine: the integral of `u'/√(1 - u²)`.
    pub fn asin(&self, scope: Scope) -> Expansion {
        let value = self.value().asin(scope.precision)?;
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(value, self.constant));
        }
        let height = self.circle_height(scope)?;
        self.derivative_series(scope)?.div(&height, scope)?.integral(value, scope)
    }

    /// The arc cosine: the integral of `-u'/√(1 - u²)`.
    pub fn acos(&self, scope: Scope) -> Expansion {
        let value = self.value().acos(scope.precision)?;
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(value, self.constant));
        }
        let height = self.circle_height(scope)?.neg();
        self.derivative_series(scope)?.div(&height, scope)?.integral(value, scope)
    }

    /// The angle of the point (`x`, `self`): the integral of `(x y' - y x')/(x² + y²)`; it jumps across the negative axis.
    pub fn atan2(&self, x: &Jet, scope: Scope) -> Expansion {
        let value = self.value().atan2(x.value(), scope.precision)?;
        let constant = self.constant && x.constant;
        if constant || scope.order == 0 {
            return Ok(Jet::of_value(value, constant));
        }
        if self.value().is_exact_zero() && x.value().certainly_negative() && !self.constant {
            self.stays_above_zero()?;
        }
        let turned = x.mul(&self.derivative_series(scope)?, scope)?;
        let turned = turned.sub(&self.mul(&x.derivative_series(scope)?, scope)?, scope)?;
        let square = x.mul(x, scope)?.add(&self.mul(self, scope)?, scope)?;
        turned.div(&square, scope)?.integral(value, scope)
    }

    /// Whether a jet that starts at zero stays non-negative on both sides.
    fn stays_above_zero(&self) -> Result<(), Fault> {
        match self.first_move() {
            Some((k, c)) if k.is_multiple_of(2) && c.certainly_positive() => Ok(()),
            Some((_, c)) if !c.contains_zero() => Err(Fault::Jump),
            _ => Err(Fault::Uncertain),
        }
    }

    /// The error function: the integral of `2/√π e^(-u²) u'`.
    pub fn erf(&self, scope: Scope) -> Expansion {
        let value = self.value().erf(scope.precision)?;
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(value, self.constant));
        }
        self.by_slope(value, &self.bell(scope)?, scope)
    }

    /// The complementary error function.
    pub fn erfc(&self, scope: Scope) -> Expansion {
        let value = self.value().erfc(scope.precision)?;
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(value, self.constant));
        }
        self.by_slope(value, &self.bell(scope)?.neg(), scope)
    }

    /// `2/√π e^(-u²)`.
    fn bell(&self, scope: Scope) -> Expansion {
        let p = scope.precision;
        let scale = Ball::integer(2).div(&pi(p)?.sqrt(p)?, p)?;
        self.mul(self, scope)?.neg().exp(scope)?.mul(&Jet::constant(scale), scope)
    }

    /// `log|Γ(u)|`, from the Taylor coefficients `ψ⁽ᵏ⁻¹⁾/k!` that the polygamma sums give.
    pub fn lgamma(&self, scope: Scope) -> Expansion {
        let value = self.value().lgamma(scope.precision)?;
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(value, self.constant));
        }
        let mut outer = vec![value];
        outer.extend(self.polygamma_coefficients(0, scope.order - 1, scope)?);
        for (k, c) in outer.iter_mut().enumerate().skip(2) {
            *c = c.div_integer(k as i64, scope.precision)?;
        }
        self.compose(&outer, scope)
    }

    /// `ψ⁽ⁿ⁺ᵏ⁾(u₀)/k!` for `k = 0..=last`.
    fn polygamma_coefficients(&self, n: u32, last: usize, scope: Scope) -> Result<Vec<Ball>, Fault> {
        let p = scope.precision;
        let mut inverse_factorial = Ball::ONE;
        let mut coefficients = Vec::with_capacity(last + 1);
        for k in 0..=last {
            if k > 0 {
                inverse_factorial = inverse_factorial.div_integer(k as i64, p)?;
            }
            let value = self.value().polygamma(n.saturating_add(k as u32), p)?;
            coefficients.push(value.mul(&inverse_factorial, p)?);
        }
        Ok(coefficients)
    }

    /// The gamma function: `Γ(u) = Γ(u₀)·e^(log|Γ(u)| - log|Γ(u₀)|)`, which keeps the sign.
    pub fn gamma(&self, scope: Scope) -> Expansion {
        let value = self.value().gamma(scope.precision)?;
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(value, self.constant));
        }
        let mut growth = self.lgamma(scope)?;
        growth.coefficients[0] = Ball::ZERO;
        growth.exp(scope)?.mul(&Jet::constant(value), scope)
    }

    /// The logarithmic derivative of gamma.
    pub fn digamma(&self, scope: Scope) -> Expansion {
        self.polygamma(0, scope)
    }

    /// The derivative of digamma.
    pub fn trigamma(&self, scope: Scope) -> Expansion {
        self.polygamma(1, scope)
    }

    /// The `n`-th derivative of digamma.
    pub fn polygamma(&self, n: u32, scope: Scope) -> Expansion {
        if let Some(plain) = self.value_only(scope, |x| x.polygamma(n, scope.precision)) {
            return plain;
        }
        let outer = self.polygamma_coefficients(n, scope.order, scope)?;
        self.compose(&outer, scope)
    }

    /// The square root: `2 r₀ r_k = u_k - Σ r_i r_(k-i)`. At zero the tangent is vertical, or there is a kink.
    pub fn sqrt(&self, scope: Scope) -> Expansion {
        let p = scope.precision;
        let root = self.value().sqrt(p)?;
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(root, self.constant));
        }
        if root.is_exact_zero() {
            return Err(self.fault_of_root_at_zero(scope));
        }
        self.power_series(&Ball::ONE.scaled(-1)?, root, scope)
    }

    /// What stands in the way of a square root's derivative at an exact zero.
    fn fault_of_root_at_zero(&self, scope: Scope) -> Fault {
        match self.first_move() {
            Some((2, c)) if c.certainly_positive() => match c.sqrt(scope.precision) {
                Ok(slope) => Fault::Kink { left: Box::new(slope.neg()), right: Box::new(slope) },
                Err(fault) => fault,
            },
            Some((k, c)) if (k < 4 || k % 2 == 1) && !c.contains_zero() => Fault::Edge,
            // A deeper zero would need coefficients beyond the order.
            _ => Fault::Uncertain,
        }
    }

    /// The real cube root; at zero the tangent is vertical.
    pub fn cbrt(&self, scope: Scope) -> Expansion {
        let p = scope.precision;
        let root = self.value().cbrt(p)?;
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(root, self.constant));
        }
        if root.is_exact_zero() {
            return Err(match self.first_move() {
                Some((k, c)) if k < 3 && !c.contains_zero() => Fault::Edge,
                _ => Fault::Uncertain,
            });
        }
        let third = Ball::ONE.div_integer(3, p)?;
        self.power_series(&third, root, scope)
    }

    /// `u^a` with the given value, from `u r' = a u' r`: `k u₀ r_k = Σ_{i>=1} (i(a+1) - k) u_i r_(k-i)`.
    fn power_series(&self, a: &Ball, value: Ball, scope: Scope) -> Expansion {
        let p = scope.precision;
        let raised = a.add(&Ball::ONE, p)?;
        let mut r = vec![value];
        for k in 1..=scope.order {
            let mut sum = Ball::ZERO;
            for i in 1..self.len().min(k + 1) {
                let factor = raised.mul_integer(i as i64, p)?.sub(&Ball::integer(k as i64), p)?;
                sum = sum.add(&factor.mul(&self.coefficients[i], p)?.mul(&r[k - i], p)?, p)?;
            }
            r.push(sum.div(&self.value().mul_integer(k as i64, p)?, p)?);
        }
        Ok(Jet::collect(r, false, scope))
    }

    /// `self^exponent` over the reals, by the one definition of [`Ball::pow`].
    pub fn pow(&self, exponent: &Jet, scope: Scope) -> Expansion {
        let p = scope.precision;
        if exponent.constant {
            return self.pow_constant(exponent.value(), scope);
        }
        let value = self.value().pow(exponent.value(), p)?;
        if scope.order == 0 {
            return Ok(Jet::of_value(value, false));
        }
        if self.value().certainly_positive() {
            return exponent.mul(&self.log(scope)?, scope)?.exp(scope);
        }
        if self.constant && self.value().is_exact_zero() {
            return zero_to_the(exponent.value());
        }
        // Left of zero, or at it, nearby exponents leave the domain.
        Err(if self.value().contains_zero() && !self.value().is_exact_zero() { Fault::Uncertain } else { Fault::Edge })
    }

    fn pow_constant(&self, exponent: &Ball, scope: Scope) -> Expansion {
        let p = scope.precision;
        if let Some(n) = exponent.as_integer() {
            return self.powi(n, scope);
        }
        let value = self.value().pow(exponent, p)?;
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(value, self.constant));
        }
        if self.value().is_exact_zero() {
            return Err(match self.first_move() {
                Some((k, c)) if k % 2 == 1 && !c.contains_zero() => Fault::Edge,
                _ => Fault::Uncertain,
            });
        }
        self.power_series(exponent, value, scope)
    }
}

/// `0^v` for a moving exponent: 0 while `v` is positive, with a jump where `v` is 0.
fn zero_to_the(exponent: &Ball) -> Expansion {
    if exponent.certainly_positive() {
        return Ok(Jet::of_value(Ball::ZERO, false));
    }
    Err(if exponent.is_exact_zero() { Fault::Jump } else { Fault::Uncertain })
}
