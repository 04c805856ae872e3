//! The f64 evaluation of the activations, the piecewise and special functions and the reductions: NaN outside the domain, an
//! infinity at a pole whose two sides agree. Software routines only, so that every machine computes the same bits.

use super::double::{Double, Scaled};
use super::elementary::{exp, exp_in_parts, log_in_parts, log1p_in_parts, log1p_of_exp, polynomial};

/// `1/(1 + exp(-u))`, with the exponential taken of a negative number only.
pub fn sigmoid(u: f64) -> f64 {
    if u.is_nan() { u } else { sigmoid_in_parts(u).value() }
}

fn sigmoid_in_parts(u: f64) -> Scaled {
    let power = exp_in_parts(-u.abs());
    let total = Double::from(1.0) + power.double();
    if u >= 0.0 { Scaled { size: Double::from(1.0) / total, exponent: 0 } } else { Scaled { size: power.size / total, ..power } }
}

/// `log(p/(1 - p))`, the quotient carried with what its rounding left out.
pub fn logit(p: f64) -> f64 {
    if !(1e-300..1.0).contains(&p) {
        return libm::log(if p < 0.5 { p } else { p / (1.0 - p) });
    }
    log_in_parts(Double::from(p) / Double::sum(1.0, -p)).value()
}

/// `log(1 + exp(u))`
pub fn softplus(u: f64) -> f64 {
    if u > 0.0 { add(u, log1p_of_exp(-u)) } else { log1p_of_exp(u).value() }
}

/// `a + b`, rounded once.
fn add(a: f64, b: Double) -> f64 {
    let sum = Double::sum(a, b.high);
    sum.high + if sum.low.is_nan() { 0.0 } else { sum.low + b.low }
}

/// `-log(1 + exp(-u))`
pub fn log_sigmoid(u: f64) -> f64 {
    -softplus(-u)
}

/// The larger of `u` and 0.
pub fn relu(u: f64) -> f64 {
    if u <= 0.0 { 0.0 } else { u }
}

/// 1 above 0, otherwise 0.
pub fn step(u: f64) -> f64 {
    if u.is_nan() { u } else { f64::from(u > 0.0) }
}

/// Below the opposite of this, gelu is smaller than every f64.
const GELU_LOST: f64 = 40.0;

/// From here on gelu(u) is u.
const GELU_STRAIGHT: f64 = 10.0;

/// `u*erfc(-u/√2)/2`; argument and square of erfc, which falls steeply, are carried with their own rounding errors.
pub fn gelu(u: f64) -> f64 {
    if u.is_nan() || u > GELU_STRAIGHT {
        return u;
    }
    if u.abs() < 1e-17 {
        return 0.5 * u;
    }
    if u < -GELU_LOST {
        return -0.0;
    }
    let half_square = Double::product(0.5 * u, u);
    let tail = erfc_in_parts(Double::from(u.abs()) * FRAC_1_SQRT_2, half_square);
    if u < 0.0 {
        return (tail * Double::from(0.5 * u)).value();
    }
    let rest = Double::from(0.5) * tail.double();
    ((Double::from(1.0) - rest) * Double::from(u)).value()
}

/// Below this, exp is 0 in f64 whatever number of its own size multiplies it.
const ALL_LOST: f64 = -800.0;

/// `u/(1 + exp(-u))`
pub fn silu(u: f64) -> f64 {
    if u.is_nan() || u.is_infinite() {
        return if u < 0.0 { -0.0 } else { u };
    }
    if u.abs() < 1e-17 {
        return 0.5 * u;
    }
    if u < ALL_LOST {
        return -0.0;
    }
    let share = sigmoid_in_parts(u);
    let (size, k) = libm::frexp(u);
    Scaled { size: share.size * Double::from(size), exponent: share.exponent + k }.value()
}

/// The distance from 0.
pub fn abs(u: f64) -> f64 {
    u.abs()
}

/// -1, 0 or 1.
pub fn sign(u: f64) -> f64 {
    if u == 0.0 || u.is_nan() { u } else { 1f64.copysign(u) }
}

/// The largest integer not above `u`.
pub fn floor(u: f64) -> f64 {
    libm::floor(u)
}

/// The smallest integer not below `u`.
pub fn ceil(u: f64) -> f64 {
    libm::ceil(u)
}

/// The nearest integer; of two, the even one.
pub fn round(u: f64) -> f64 {
    libm::roundeven(u)
}

/// The largest of the values, NaN if one of them is.
pub fn max(list: &[f64]) -> f64 {
    extreme(list, f64::NEG_INFINITY, |a, b| a > b)
}

/// The smallest of the values, NaN if one of them is.
pub fn min(list: &[f64]) -> f64 {
    extreme(list, f64::INFINITY, |a, b| a < b)
}

fn extreme(list: &[f64], start: f64, better: fn(f64, f64) -> bool) -> f64 {
    list.iter().fold(start, |best, v| if v.is_nan() || better(*v, best) { *v } else { best })
}

/// `x` held between `low` and `high`, which must not cross.
pub fn clamp(x: f64, low: f64, high: f64) -> f64 {
    if low <= high && !x.is_nan() { x.max(low).min(high) } else { f64::NAN }
}

/// The error function.
pub fn erf(u: f64) -> f64 {
    let a = u.abs();
    if u.is_nan() || a > ERFC_LOST {
        return if u.is_nan() { u } else { 1f64.copysign(u) };
    }
    if a < ERF_NEAR_ZERO {
        return if a < 1e-280 { erf_of_tiny(u) } else { erf_near_zero(Double::from(u)).value() };
    }
    let rest = erfc_in_parts(Double::from(a), Double::product(a, a));
    (Double::from(1.0) - rest.double()).value().copysign(u)
}

/// `1 - erf(u)`, accurate where that is tiny.
pub fn erfc(u: f64) -> f64 {
    let a = u.abs();
    if u.is_nan() || a > ERFC_LOST {
        return if u.is_nan() { u } else { 1.0 - 1f64.copysign(u) };
    }
    let tail = erfc_in_parts(Double::from(a), Double::product(a, a));
    if u > 0.0 { tail.value() } else { (Double::from(2.0) - tail.double()).value() }
}

/// Beyond this, erfc is smaller than every f64.
const ERFC_LOST: f64 = 30.0;

/// Up to here erf is taken from its Taylor series.
const ERF_NEAR_ZERO: f64 = 0.5;

/// Up to here erf is summed from positive terms, from here on erfc by its behaviour far out.
const ERFC_FAR: f64 = 2.0;

/// `2/√π`
const TWO_OVER_SQRT_PI: Double = Double::new(std::f64::consts::FRAC_2_SQRT_PI, 1.533545961316588e-17);

/// `1/√π`
const ONE_OVER_SQRT_PI: Double = Double::new(0.5641895835477563, 7.66772980658294e-18);

/// `1/√2`
const FRAC_1_SQRT_2: Double = Double::new(std::f64::consts::FRAC_1_SQRT_2, -4.833646656726457e-17);

/// The coefficients of erf(x) from `x^3` on: `2/√π*(-1)^n/(n!*(2n + 1))`.
const ERF_TAYLOR: [f64; 13] = [
    -0.37612638903183754,
    0.11283791670955126,
    -0.026866170645131252,
    0.005223977625442188,
    -0.0008548327023450853,
    0.00012055332981789664,
    -1.492565035840625e-05,
    1.6462114365889248e-06,
    -1.6365844691234924e-07,
    1.4807192815879218e-08,
    -1.2290555301717928e-09,
    9.422759064650411e-11,
    -6.7113668551641105e-12,
];

fn erf_near_zero(x: Double) -> Double {
    let square = x.high * x.high;
    let rest = x.high * square * polynomial(&ERF_TAYLOR, square);
    x * TWO_OVER_SQRT_PI + Double::from(rest)
}

/// Where products of parts would be subnormal: scaled up by a power of two.
fn erf_of_tiny(x: f64) -> f64 {
    let up = Double::from(libm::scalbn(x, 600)) * TWO_OVER_SQRT_PI;
    if x == 0.0 { x } else { Scaled { size: up, exponent: -600 }.value() }
}

/// `(x*√π*exp(x^2)*erfc(x) - 1)*x^2` for x ≥ 2 in powers of `8/x^2 - 1`: interpolated at Chebyshev's points with 75 digits, so
/// that erfc has a relative error below 4e-19.
const ERFC_TAIL: [f64; 29] = [
    -0.4271237467660585,
    0.057675594277556086,
    -0.011291857021403605,
    0.002750361365026423,
    -0.0007772753957437052,
    0.00024513865628258285,
    -8.419818711168436e-05,
    3.0979971192777725e-05,
    -1.206785869579032e-05,
    4.933338423678444e-06,
    -2.1022877794852296e-06,
    9.293233729112616e-07,
    -4.2425969432181584e-07,
    1.9752177541514746e-07,
    -9.421909646719105e-08,
    5.169284533113178e-08,
    -2.8300761176867838e-08,
    2.671748672080499e-09,
    2.5932773298605413e-09,
    1.7703331976106583e-08,
    -1.444375889889596e-08,
    -1.3851189807403364e-08,
    1.1799190812830756e-08,
    1.053329677275913e-08,
    -8.24687383603965e-09,
    -4.167085795093753e-09,
    3.1500500926015183e-09,
    8.881212899228396e-10,
    -6.308424056706863e-10,
];

/// `erfc(x)` for `0 <= x <= 50` with the square of x.
fn erfc_in_parts(x: Double, square: Double) -> Scaled {
    if x.high < ERF_NEAR_ZERO {
        return Scaled::from(Double::from(1.0) - erf_near_zero(x));
    }
    if x.high < ERFC_FAR {
        let erf = (-square).exp().double() * (x * TWO_OVER_SQRT_PI * rising_series(square));
        return Scaled::from(Double::from(1.0) - erf);
    }
    let power = exp_in_parts(-square.high);
    let power = Scaled { size: Double::new(power.size.high, power.size.low - power.size.high * square.low), ..power };
    let inverse_square = 1.0 / square.high;
    let tail = Double::quick_sum(1.0, inverse_square * polynomial(&ERFC_TAIL, 8.0 * inverse_square - 1.0));
    power * (tail * ONE_OVER_SQRT_PI / x)
}

/// `Σ (2w)^n/(3*5*…*(2n + 1))` over all n ≥ 0: `erf(x)*exp(x^2)*√π/(2x)` for `w = x^2`.
fn rising_series(w: Double) -> Double {
    let mut term = Double::from(1.0);
    let mut sum = term;
    let mut n = 1.0;
    while term.high > 1e-24 {
        term = term * Double::new(2.0 * w.high, 2.0 * w.low) / Double::from(2.0 * n + 1.0);
        sum = sum + term;
        n += 1.0;
    }
    sum
}

/// `log Σ exp(z)`, shifted by the largest; where the shift and the logarithm cancel, in 100 bits.
pub fn logsumexp(list: &[f64]) -> f64 {
    let largest = max(list);
    if !largest.is_finite() {
        return largest;
    }
    let at = list.iter().position(|z| *z == largest);
    let others = || list.iter().enumerate().filter(|(i, _)| Some(*i) != at).map(|(_, z)| Double::sum(*z, -largest));
    let rest = others().map(exp_of_difference).fold(Double::from(0.0), |sum, e| sum + e);
    let logarithm = log1p_in_parts(rest);
    let sum = add(largest, logarithm);
    if sum.abs() >= logarithm.high {
        return sum;
    }
    let rest = others().map(|d| d.exp().double()).fold(Double::from(0.0), |sum, e| sum + e);
    (Double::from(largest) + rest.log1p()).value()
}

/// `exp(z)/Σ exp(z)` for each z, shifted by the largest.
pub fn softmax(list: &[f64]) -> Vec<f64> {
    let largest = max(list);
    let powers: Vec<Double> = list.iter().map(|z| exp_of_difference(Double::sum(*z, -largest))).collect();
    let total = powers.iter().fold(Double::from(0.0), |sum, p| sum + *p);
    powers.iter().map(|p| (*p / total).value()).collect()
}

/// `exp(d)` for d ≤ 0, also of what the rounding of the difference left out.
fn exp_of_difference(d: Double) -> Double {
    if d.high < FLAT || d.high.is_nan() {
        return Double::from(exp(d.high));
    }
    let power = exp_in_parts(d.high).double();
    Double::quick_sum(power.high, power.low + power.high * d.low)
}

/// Below this, the digits of an exponential beyond those of f64 do not count.
const FLAT: f64 = -700.0;
