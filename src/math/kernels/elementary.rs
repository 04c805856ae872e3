//! Kernels of the exponentials, logarithms, powers, circular and hyperbolic functions: NaN outside the domain, an infinity at a
//! pole of one sign.

use super::double::{Double, LN_2 as LN_2_IN_PARTS, PI, Scaled};
use std::f64::consts::LOG2_E;

/// `exp(u)` to 0.51 units in the last place, subnormal or not.
pub fn exp(u: f64) -> f64 {
    if u.is_nan() { u } else { exp_in_parts(u).value() }
}

/// `exp(u)` to 2^-59 of its size.
///
/// With `u = k log(2) + r`, the terms `1 + r + r^2/2` are summed with their rounding errors; what remains is small.
pub(super) fn exp_in_parts(u: f64) -> Scaled {
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
    let u = u.clamp(-BEYOND_EXP, BEYOND_EXP);
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
    Scaled { size: Double::quick_sum(sum, errors + small), exponent: k as i32 }
}

/// Beyond this on either side, exp leaves the range of f64.
const BEYOND_EXP: f64 = 800.0;

/// Horner's rule, the constant first.
pub(super) fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// Natural logarithm; -∞ at 0.
pub fn log(u: f64) -> f64 {
    if u > 0.0 && u < f64::INFINITY { log_in_parts(Double::from(u)).value() } else { libm::log(u) }
}

/// The logarithm of a positive number to 2^-57 of its size.
///
/// With `x = 2^k (1 + f)` and `s = f/(2 + f)`, `log(1 + f)` is `f - f^2/2 + s*(f^2/2 + 2/3*s^2 + 2/5*s^4 + …)`: the first two terms
/// are carried with their rounding errors, the rest is small.
pub(super) fn log_in_parts(x: Double) -> Double {
    /// `log(2)` in two parts; the product of the first with `k` is exact.
    const LN_2_PARTS: (f64, f64) = (0.6931471805598903, 5.497923018708371e-14);
    /// `2/3, 2/5, …`
    const REST: [f64; 11] = [
        2.0 / 3.0,
        2.0 / 5.0,
        2.0 / 7.0,
        2.0 / 9.0,
        2.0 / 11.0,
        2.0 / 13.0,
        2.0 / 15.0,
        2.0 / 17.0,
        2.0 / 19.0,
        2.0 / 21.0,
        2.0 / 23.0,
    ];
    let (m, k) = x.near_one();
    let f = Double::quick_sum(m.high - 1.0, m.low);
    let s = f.high / (2.0 + f.high);
    let half_square = Double::product(0.5 * f.high, f.high);
    let far = s * (half_square.high + s * s * polynomial(&REST, s * s));
    let linear = Double::quick_sum(f.high, -half_square.high);
    let small = (linear.low - half_square.low) + far + f.low / (1.0 + f.high);
    if k == 0 {
        return Double::quick_sum(linear.high, small);
    }
    let k = f64::from(k);
    let whole = Double::quick_sum(k * LN_2_PARTS.0, linear.high);
    Double::quick_sum(whole.high, whole.low + (small + k * LN_2_PARTS.1))
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
    if u > -1.0 && u < f64::INFINITY { log1p_in_parts(Double::from(u)).value() } else { libm::log1p(u) }
}

/// `log(1 + x)` to 2^-57 of its size, for a number above -1.
pub(super) fn log1p_in_parts(x: Double) -> Double {
    if x.high.abs() < TWO_TERMS {
        return Double::new(x.high, x.low - 0.5 * (x.high * x.high));
    }
    log_in_parts(Double::from(1.0) + x)
}

/// Below this, `log(1 + x)` is `x - x^2/2`.
const TWO_TERMS: f64 = 1e-11;

/// exp(u) - 1 without the cancellation.
pub fn expm1(u: f64) -> f64 {
    libm::expm1(u)
}

/// log(1 - exp(u)) for u < 0; -∞ at 0. Near 0 the difference cancels, far below it the logarithm is that of almost 1: each
/// branch keeps the small part (M. Mächler, "Accurately computing log(1 - exp(-|a|))", 2012).
pub fn log1mexp(u: f64) -> f64 {
    if u > -0.0625 || u.is_nan() {
        log(-libm::expm1(u))
    } else if u < NO_SQUARE {
        -exp(u)
    } else {
        log1p_in_parts(-exp_in_parts(u).double()).value()
    }
}

/// Below this, `log(1 + exp(u))` is `exp(u)`: the square is too small.
const NO_SQUARE: f64 = -38.0;

/// `log(1 + exp(u))` for u ≤ 0.
pub(super) fn log1p_of_exp(u: f64) -> Double {
    if u < NO_SQUARE || u.is_nan() {
        return Double::from(exp(u));
    }
    log1p_in_parts(exp_in_parts(u).double())
}

/// log(exp(a) + exp(b)), the larger of the two taken out, so that neither exponential overflows.
pub fn logaddexp(a: f64, b: f64) -> f64 {
    super::special::logsumexp(&[a, b])
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
    let (a, b) = (x.abs(), y.abs());
    let large = if a > b { a } else { b };
    if !(a.is_finite() && b.is_finite()) || large == 0.0 {
        return a + b;
    }
    let k = libm::ilogb(large);
    let (a, b) = (libm::scalbn(a, -k), libm::scalbn(b, -k));
    Scaled { size: (Double::product(a, a) + Double::product(b, b)).sqrt(), exponent: k }.value()
}

/// a to the power b: 1 for 0^0, a negative base only with an integer exponent, an infinity at 0 with a negative exponent. Unlike
/// IEEE's function it keeps NaN: `pow(1, NaN)` is not known.
pub fn pow(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if b == 2.0 {
        a * a
    } else {
        libm::pow(a, b)
    }
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

/// The n-th root of x ≥ 0, in 100 bits: the rounding of log(x)/n to f64 would be magnified by the exponential.
fn positive_root(x: f64, n: f64) -> f64 {
    if n == 2.0 {
        return libm::sqrt(x);
    }
    if n == 1.0 || x == 0.0 || x.is_infinite() {
        return x;
    }
    (Double::from(x).log() / Double::from(n)).exp().value()
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

/// One over the tangent; an infinity at 0.
pub fn cot(u: f64) -> f64 {
    1.0 / libm::tan(u)
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
    if x == 0.0 && y == 0.0 {
        return f64::NAN;
    }
    if x == 0.0 || !x.is_finite() || !y.is_finite() {
        return libm::atan2(y + 0.0, x + 0.0);
    }
    let k = libm::ilogb(x);
    let (top, bottom) = (libm::scalbn(y.abs(), -k), libm::scalbn(x.abs(), -k));
    if !(1e-9..1e9).contains(&top) {
        return libm::atan2(y + 0.0, x + 0.0);
    }
    let slope = Double::from(top) / Double::from(bottom);
    let angle = Double::new(libm::atan(slope.high), slope.low / (1.0 + slope.high * slope.high));
    let angle = if x > 0.0 { angle } else { PI - angle };
    angle.value().copysign(y)
}

/// Above this, exp(-2u) is less than half a unit in the last place of 1, and cosh and sinh are exp(u)/2.
const ONE_EXPONENTIAL: f64 = 20.0;

/// Below this, sinh, tanh and u are the same.
const NEARLY_STRAIGHT: f64 = 1e-9;

/// `exp(|u|)/2`
fn half_exp(u: f64) -> Scaled {
    let power = exp_in_parts(u.abs());
    Scaled { exponent: power.exponent - 1, ..power }
}

/// The hyperbolic cosine up to [`ONE_EXPONENTIAL`].
fn cosh_in_parts(u: f64) -> Double {
    let half = half_exp(u).double();
    half + Double::from(0.25) / half
}

/// The hyperbolic sine up to [`ONE_EXPONENTIAL`]; near 0 by its Taylor series.
fn sinh_in_parts(u: f64) -> Double {
    /// `1/3!, 1/5!, …`
    const REST: [f64; 7] =
        [1.0 / 6.0, 1.0 / 120.0, 1.0 / 5040.0, 1.0 / 362880.0, 1.0 / 39916800.0, 1.0 / 6227020800.0, 1.0 / 1307674368000.0];
    if u.abs() < 0.5 {
        return Double::quick_sum(u, u * u * u * polynomial(&REST, u * u));
    }
    let half = half_exp(u).double();
    let size = half - Double::from(0.25) / half;
    if u < 0.0 { -size } else { size }
}

/// Hyperbolic sine.
pub fn sinh(u: f64) -> f64 {
    let a = u.abs();
    if a < NEARLY_STRAIGHT || u.is_nan() {
        u
    } else if a > ONE_EXPONENTIAL {
        half_exp(u).value().copysign(u)
    } else {
        sinh_in_parts(u).value()
    }
}

/// Hyperbolic cosine.
pub fn cosh(u: f64) -> f64 {
    if u.is_nan() {
        u
    } else if u.abs() > ONE_EXPONENTIAL {
        half_exp(u).value()
    } else {
        cosh_in_parts(u).value()
    }
}

/// Hyperbolic tangent.
pub fn tanh(u: f64) -> f64 {
    let a = u.abs();
    if a < NEARLY_STRAIGHT || u.is_nan() {
        u
    } else if a > ONE_EXPONENTIAL {
        1f64.copysign(u)
    } else {
        (sinh_in_parts(u) / cosh_in_parts(u)).value()
    }
}

/// `2*exp(-|u|)`
fn twice_exp(u: f64) -> f64 {
    let power = exp_in_parts(-u.abs());
    Scaled { exponent: power.exponent + 1, ..power }.value()
}

/// One over the hyperbolic cosine, also where that overflows.
pub fn sech(u: f64) -> f64 {
    if u.is_nan() {
        u
    } else if u.abs() > ONE_EXPONENTIAL {
        twice_exp(u)
    } else {
        (Double::from(1.0) / cosh_in_parts(u)).value()
    }
}

/// The square of `sech`: `4*E/(1 + E)^2` with `E = exp(-2|u|)`.
pub fn sech_squared(u: f64) -> f64 {
    if u.is_nan() {
        return u;
    }
    let power = exp_in_parts(-2.0 * u.abs());
    let total = Double::from(1.0) + power.double();
    Scaled { size: power.size / (total * total), exponent: power.exponent + 2 }.value()
}

/// One over the hyperbolic sine, also where that overflows; an infinity at 0.
pub fn csch(u: f64) -> f64 {
    let a = u.abs();
    if a < NEARLY_STRAIGHT || u.is_nan() {
        1.0 / u
    } else if a > ONE_EXPONENTIAL {
        twice_exp(u).copysign(u)
    } else {
        (Double::from(1.0) / sinh_in_parts(u)).value()
    }
}

/// One over the hyperbolic tangent; an infinity at 0.
pub fn coth(u: f64) -> f64 {
    let a = u.abs();
    if a < NEARLY_STRAIGHT || u.is_nan() {
        1.0 / u
    } else if a > ONE_EXPONENTIAL {
        1f64.copysign(u)
    } else {
        (cosh_in_parts(u) / sinh_in_parts(u)).value()
    }
}

/// Beyond this, `u + sqrt(u^2 ± 1)` is `2u`.
const SQUARE_ALONE: f64 = 1e9;

/// The inverse of the hyperbolic sine.
pub fn asinh(u: f64) -> f64 {
    let a = u.abs();
    if a < NEARLY_STRAIGHT || !u.is_finite() {
        return u;
    }
    area(a, 1.0).copysign(u)
}

/// The inverse of the hyperbolic cosine, for u ≥ 1.
pub fn acosh(u: f64) -> f64 {
    if !(1.0..f64::INFINITY).contains(&u) {
        return if u < 1.0 { f64::NAN } else { u };
    }
    area(u, -1.0)
}

/// `log(a + sqrt(a^2 + sign))`
fn area(a: f64, sign: f64) -> f64 {
    if a > SQUARE_ALONE {
        return (log_in_parts(Double::from(a)) + LN_2_IN_PARTS).value();
    }
    let root = (Double::product(a, a) + Double::from(sign)).sqrt();
    log_in_parts(Double::from(a) + root).value()
}

/// The inverse of the hyperbolic tangent; an infinity at -1 and 1.
pub fn atanh(u: f64) -> f64 {
    let a = u.abs();
    if a < NEARLY_STRAIGHT {
        return u;
    }
    if a >= 1.0 || a.is_nan() {
        return libm::atanh(u);
    }
    0.5 * log_in_parts(Double::sum(1.0, a) / Double::sum(1.0, -a)).value().copysign(u)
}
