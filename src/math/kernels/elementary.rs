//! Kernels of the exponentials, logarithms, powers, circular and hyperbolic functions: NaN outside the domain, an infinity at a
//! pole of one sign.

use std::f64::consts::{LN_2, LOG2_E};

/// `exp(u)` to 0.52 units in the last place, where the general library leaves 0.95 and misses `exp(1)`.
///
/// With `u = k log(2) + r`, the terms `1 + r + r^2/2` are summed with their rounding errors; what remains is small.
pub fn exp(u: f64) -> f64 {
    /// `log(2)` in two parts; the product of the first with `k` is exact.
    const LN_2_PARTS: (f64, f64) = (0.693147180559663, 2.8235290563031577e-13);
    /// `1/3!, 1/4!, …`
    const REST: [f64; 15] = [
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
        1.0 / 40320.0,
        1.0 / 362880.0,
        1.0 / 3628800.0,
        1.0 / 39916800.0,
        1.0 / 479001600.0,
        1.0 / 6227020800.0,
        1.0 / 87178291200.0,
        1.0 / 1307674368000.0,
        1.0 / 20922789888000.0,
        1.0 / 355687428096000.0,
    ];
    if u.is_nan() {
        return u;
    }
    if libm::fabs(u) > 746.0 {
        return if u > 0.0 { f64::INFINITY } else { 0.0 };
    }
    let k = libm::rint(u * LOG2_E);
    let reduced = u - k * LN_2_PARTS.0;
    let r = reduced - k * LN_2_PARTS.1;
    let r_low = (reduced - r) - k * LN_2_PARTS.1;
    // the upper half of the digits of r, whose square is exact
    let top = f64::from_bits(r.to_bits() & !0x7ff_ffff);
    let square_low = (r + top) * (r - top);
    let linear = 1.0 + r;
    let sum = linear + 0.5 * (top * top);
    let errors = (r - (linear - 1.0)) + (0.5 * (top * top) - (sum - linear));
    let small = r_low * linear + 0.5 * square_low + r * r * r * polynomial(&REST, r);
    libm::scalbn(sum + (errors + small), k as i32)
}

/// Horner's rule, the constant first.
pub(super) fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// Natural logarithm; -∞ at 0.
pub fn log(u: f64) -> f64 {
    libm::log(u)
}

/// Logarithm to base 2; -∞ at 0.
pub fn log2(u: f64) -> f64 {
    libm::log2(u)
}

/// Logarithm to base 10; -∞ at 0.
pub fn log10(u: f64) -> f64 {
    libm::log10(u)
}

/// log(1 + u) without the rounding of the sum; -∞ at -1.
pub fn log1p(u: f64) -> f64 {
    libm::log1p(u)
}

/// exp(u) - 1 without the cancellation.
pub fn expm1(u: f64) -> f64 {
    libm::expm1(u)
}

/// log(1 - exp(u)) for u < 0; -∞ at 0. Near 0 the difference cancels, far below it the logarithm is that of almost 1: each
/// branch keeps the small part (M. Mächler, "Accurately computing log(1 - exp(-|a|))", 2012).
pub fn log1mexp(u: f64) -> f64 {
    if u > -LN_2 { libm::log(-libm::expm1(u)) } else { libm::log1p(-exp(u)) }
}

/// log(exp(a) + exp(b)), the larger of the two taken out, so that neither exponential overflows.
pub fn logaddexp(a: f64, b: f64) -> f64 {
    if a == b {
        return a + LN_2;
    }
    // `max` would drop a NaN.
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    high + libm::log1p(exp(low - high))
}

/// Square root.
pub fn sqrt(u: f64) -> f64 {
    libm::sqrt(u)
}

/// Real cube root, also of negative numbers.
pub fn cbrt(u: f64) -> f64 {
    libm::cbrt(u)
}

/// Length of the vector (x, y) without overflow on the way.
pub fn hypot(x: f64, y: f64) -> f64 {
    libm::hypot(x, y)
}

/// a to the power b: 1 for 0^0, a negative base only with an integer exponent, an infinity at 0 with a negative exponent. Unlike
/// IEEE's function it keeps NaN: `pow(1, NaN)` is not known.
pub fn pow(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { libm::pow(a, b) }
}

/// The real n-th root for an integer n ≥ 1, of negative numbers too where n is odd.
pub fn root(x: f64, n: f64) -> f64 {
    if n < 1.0 || n != libm::floor(n) || !n.is_finite() || x.is_nan() {
        return f64::NAN;
    }
    let odd = libm::fmod(n, 2.0) != 0.0;
    if x < 0.0 && odd {
        return -positive_root(-x, n);
    }
    if x < 0.0 { f64::NAN } else { positive_root(x, n) }
}

/// The n-th root of x ≥ 0. The rounding of 1/n is magnified by log x, so that one step of Newton's method follows the power.
fn positive_root(x: f64, n: f64) -> f64 {
    if n == 2.0 {
        return libm::sqrt(x);
    }
    if n == 1.0 || x == 0.0 || x.is_infinite() {
        return x;
    }
    let r = libm::pow(x, 1.0 / n);
    r - (r - x / libm::pow(r, n - 1.0)) / n
}

/// Sine of an angle in radians.
pub fn sin(u: f64) -> f64 {
    libm::sin(u)
}

/// Cosine of an angle in radians.
pub fn cos(u: f64) -> f64 {
    libm::cos(u)
}

/// Tangent of an angle in radians; no f64 is one of its poles.
pub fn tan(u: f64) -> f64 {
    libm::tan(u)
}

/// One over the cosine.
pub fn sec(u: f64) -> f64 {
    1.0 / libm::cos(u)
}

/// One over the sine; an infinity at 0.
pub fn csc(u: f64) -> f64 {
    1.0 / libm::sin(u)
}

/// Cosine over sine; an infinity at 0.
pub fn cot(u: f64) -> f64 {
    libm::cos(u) / libm::sin(u)
}

/// The angle in [-π/2, π/2] with this sine.
pub fn asin(u: f64) -> f64 {
    libm::asin(u)
}

/// The angle in [0, π] with this cosine.
pub fn acos(u: f64) -> f64 {
    libm::acos(u)
}

/// The angle in (-π/2, π/2) with this tangent.
pub fn atan(u: f64) -> f64 {
    libm::atan(u)
}

/// The angle of the point (x, y) in (-π, π]; the origin has none. A zero has no sign on paper, so that -0 counts as 0.
pub fn atan2(y: f64, x: f64) -> f64 {
    if x == 0.0 && y == 0.0 { f64::NAN } else { libm::atan2(y + 0.0, x + 0.0) }
}

/// Hyperbolic sine.
pub fn sinh(u: f64) -> f64 {
    libm::sinh(u)
}

/// Hyperbolic cosine.
pub fn cosh(u: f64) -> f64 {
    libm::cosh(u)
}

/// Hyperbolic tangent.
pub fn tanh(u: f64) -> f64 {
    libm::tanh(u)
}

/// Above this, exp(-2u) is less than half a unit in the last place of 1, and cosh and sinh are exp(u)/2.
const ONE_EXPONENTIAL: f64 = 20.0;

/// One over the hyperbolic cosine, also where that overflows.
pub fn sech(u: f64) -> f64 {
    let a = u.abs();
    if a > ONE_EXPONENTIAL { 2.0 * exp(-a) } else { 1.0 / libm::cosh(u) }
}

/// One over the hyperbolic sine, also where that overflows; an infinity at 0.
pub fn csch(u: f64) -> f64 {
    let a = u.abs();
    if a > ONE_EXPONENTIAL { (2.0 * exp(-a)).copysign(u) } else { 1.0 / libm::sinh(u) }
}

/// One over the hyperbolic tangent; an infinity at 0.
pub fn coth(u: f64) -> f64 {
    1.0 / libm::tanh(u)
}

/// The inverse of the hyperbolic sine.
pub fn asinh(u: f64) -> f64 {
    libm::asinh(u)
}

/// The inverse of the hyperbolic cosine, for u ≥ 1.
pub fn acosh(u: f64) -> f64 {
    if u < 1.0 { f64::NAN } else { libm::acosh(u) }
}

/// The inverse of the hyperbolic tangent; an infinity at -1 and 1.
pub fn atanh(u: f64) -> f64 {
    libm::atanh(u)
}
