//! The f64 evaluation of the activations, the piecewise and special functions and the reductions: NaN outside the domain, an
//! infinity at a pole whose two sides agree. Software routines only, so that every machine computes the same bits.

use super::elementary::{exp, polynomial};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// What the rounding of `1/√2` to f64 left out.
const FRAC_1_SQRT_2_REST: f64 = -4.833646656726457e-17;

/// `2/√π`
const TWO_OVER_SQRT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI;

/// `1/(1 + exp(-u))`, with the exponential taken of a negative number only.
pub fn sigmoid(u: f64) -> f64 {
    let e = exp(-u.abs());
    if u >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// `log(p/(1 - p))`: near one half a logarithm of one plus little, near 0 the logarithm itself.
pub fn logit(p: f64) -> f64 {
    if p.abs() < 1e-300 {
        libm::log(p)
    } else if p < 0.5 {
        -libm::log1p((1.0 - 2.0 * p) / p)
    } else {
        libm::log1p((2.0 * p - 1.0) / (1.0 - p))
    }
}

/// `log(1 + exp(u))`
pub fn softplus(u: f64) -> f64 {
    u.max(0.0) + libm::log1p(exp(-u.abs()))
}

/// `-log(1 + exp(-u))`
pub fn log_sigmoid(u: f64) -> f64 {
    u.min(0.0) - libm::log1p(exp(-u.abs()))
}

/// The larger of `u` and 0.
pub fn relu(u: f64) -> f64 {
    if u <= 0.0 { 0.0 } else { u }
}

/// 1 above 0, otherwise 0.
pub fn step(u: f64) -> f64 {
    if u.is_nan() { u } else { f64::from(u > 0.0) }
}

/// `u*erfc(-u/√2)/2`; the argument of erfc, which falls steeply, is carried with its own rounding error.
pub fn gelu(u: f64) -> f64 {
    let t = -u * FRAC_1_SQRT_2;
    let rest = libm::fma(-u, FRAC_1_SQRT_2, -t) - u * FRAC_1_SQRT_2_REST;
    let tail = libm::erfc(t);
    if tail == 0.0 {
        return -0.0;
    }
    let bend = TWO_OVER_SQRT_PI * exp(-t * t);
    if bend == 0.0 { 0.5 * u * tail } else { 0.5 * u * (tail - rest * bend) }
}

/// `u/(1 + exp(-u))`; far down the exponential is halved so that it leaves the normal numbers as late as the value does.
pub fn silu(u: f64) -> f64 {
    if u >= 0.0 {
        return u / (1.0 + exp(-u));
    }
    if u > -700.0 {
        let e = exp(u);
        return u * e / (1.0 + e);
    }
    let half = exp(0.5 * u);
    if half == 0.0 { -0.0 } else { (u * half) * half }
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
    libm::erf(u)
}

/// `1 - erf(u)`, accurate where that is tiny.
pub fn erfc(u: f64) -> f64 {
    libm::erfc(u)
}

/// The largest integer whose factorial an f64 can hold.
const LARGEST_FACTORIAL: f64 = 170.0;

/// The factorial of an integer from 0 to 170, as a product that carries its own rounding error.
fn whole_factorial(n: f64) -> f64 {
    let (mut product, mut rest) = (1.0, 0.0);
    for k in 2..=n as u32 {
        let k = f64::from(k);
        let next = product * k;
        rest = libm::fma(product, k, -next) + rest * k;
        product = next;
    }
    product + rest
}

fn has_whole_factorial(n: f64) -> bool {
    (0.0..=LARGEST_FACTORIAL).contains(&n) && n.fract() == 0.0
}

/// The gamma function: NaN at its poles below 0, an infinity with the sign of the zero at 0. Where it is near 1 its logarithm
/// is small, and leads to it with less error.
pub fn gamma(u: f64) -> f64 {
    if has_whole_factorial(u - 1.0) {
        whole_factorial(u - 1.0)
    } else if (0.5..3.0).contains(&u) {
        exp(libm::lgamma(u))
    } else {
        libm::tgamma(u)
    }
}

/// `log|gamma(u)|`, infinite at the poles.
pub fn lgamma(u: f64) -> f64 {
    libm::lgamma(u)
}

/// `gamma(n + 1)`; from 1 on as `n*gamma(n)`, where `n + 1` would round.
pub fn factorial(n: f64) -> f64 {
    if has_whole_factorial(n) {
        whole_factorial(n)
    } else if n >= 1.0 {
        n * gamma(n)
    } else {
        gamma(n + 1.0)
    }
}

/// `lgamma(a) + lgamma(b) - lgamma(a + b)` for positive arguments. Where one is large the leading terms of Stirling's formula
/// are cancelled by hand (Didonato and Morris, Algorithm 708).
pub fn lbeta(a: f64, b: f64) -> f64 {
    let (p, q) = if a < b { (a, b) } else { (b, a) };
    if p.is_nan() || q.is_nan() || p < 0.0 {
        return f64::NAN;
    }
    if p == 0.0 || q.is_infinite() {
        return if p == 0.0 { f64::INFINITY } else { f64::NEG_INFINITY };
    }
    if p >= STIRLING_FROM {
        let corrections = stirling_rest(p) + stirling_rest(q) - stirling_rest(p + q);
        let constant = 0.5 * libm::log(2.0 * PI / q);
        return constant + corrections + (p - 0.5) * libm::log(p / (p + q)) - q * libm::log1p(p / q);
    }
    if q >= STIRLING_FROM {
        let corrections = stirling_rest(q) - stirling_rest(p + q);
        return lgamma(p) + corrections + p - p * libm::log(p + q) - (q - 0.5) * libm::log1p(p / q);
    }
    lgamma(p) + (lgamma(q) - lgamma(p + q))
}

/// From here on Stirling's series is accurate with the terms listed.
const STIRLING_FROM: f64 = 10.0;

/// `B(2k)/(2k*(2k - 1))` for k = 1, 2 …: Stirling's series for lgamma.
const STIRLING: [f64; 9] = [
    0.08333333333333333,
    -0.002777777777777778,
    0.0007936507936507937,
    -0.0005952380952380953,
    0.0008417508417508417,
    -0.0019175269175269176,
    0.00641025641025641,
    -0.029550653594771242,
    0.17964437236883057,
];

/// What lgamma(x) has beyond `(x - 1/2)*log(x) - x + log(2π)/2`.
fn stirling_rest(x: f64) -> f64 {
    polynomial(&STIRLING, 1.0 / (x * x)) / x
}

/// The positive root of digamma, and what its rounding left out.
const DIGAMMA_ROOT: (f64, f64) = (1.4616321449683622, 9.549995429965697e-17);

/// `digamma(x)/(x - root)` on 1 ≤ x ≤ 3 in powers of `x - 2`: interpolated at Chebyshev's points with 60 digits, relative error
/// below 1e-17.
const DIGAMMA_MIDDLE: [f64; 30] = [
    0.7853075386041053,
    -0.2607389546830014,
    0.10899991701762626,
    -0.04955103291767291,
    0.023447309597724546,
    -0.011338432553333682,
    0.005552254171350814,
    -0.0027395728831692795,
    0.0013581421903714414,
    -0.000675313369799565,
    0.00033643237613001386,
    -0.00016781518722379935,
    8.377966540530644e-05,
    -4.184622931937881e-05,
    2.0891708911121205e-05,
    -1.044106631983514e-05,
    5.26871942897218e-06,
    -2.6338311326151924e-06,
    1.2119815782595426e-06,
    -6.059322795045256e-07,
    4.6173797029851077e-07,
    -2.3086248081342955e-07,
    -5.6422994902202784e-08,
    2.821220170829738e-08,
    1.1540536834062045e-07,
    -5.77025926771739e-08,
    -3.5705337308985145e-08,
    1.7852672191376552e-08,
    1.0201545142033868e-08,
    -5.100770214989469e-09,
];

/// `B(2k)/(2k)` for k = 1, 2 …: the asymptotic series of digamma, accurate from 8 on.
const DIGAMMA_FAR: [f64; 12] = [
    0.08333333333333333,
    -0.008333333333333333,
    0.003968253968253968,
    -0.004166666666666667,
    0.007575757575757576,
    -0.021092796092796094,
    0.08333333333333333,
    -0.4432598039215686,
    3.0539543302701198,
    -26.456212121212122,
    281.46014492753625,
    -3607.5105463980462,
];

/// The slope of lgamma; NaN at the poles, whose sides differ in sign.
pub fn digamma(x: f64) -> f64 {
    if x >= 8.0 {
        digamma_far(x)
    } else if x > 3.0 {
        // down into the middle: all terms are positive
        let steps = (x - 2.0).floor() as u32;
        let start = x - f64::from(steps);
        let sum: f64 = (0..steps).rev().map(|k| 1.0 / (start + f64::from(k))).sum();
        digamma_middle(start, 0.0) + sum
    } else if x >= 1.0 {
        digamma_middle(x, 0.0)
    } else if x > 0.0 {
        digamma_middle(x, 1.0) - 1.0 / x
    } else {
        digamma_left(x)
    }
}

fn digamma_far(x: f64) -> f64 {
    if x.is_infinite() {
        return x;
    }
    let w = 1.0 / (x * x);
    libm::log(x) - (0.5 / x + w * polynomial(&DIGAMMA_FAR, w))
}

/// `digamma(x + shift)` for 1 ≤ x + shift ≤ 3; the shift, 0 or 1, is taken off the root so that the difference is not rounded.
fn digamma_middle(x: f64, shift: f64) -> f64 {
    let from_root = (x - (DIGAMMA_ROOT.0 - shift)) - DIGAMMA_ROOT.1;
    from_root * polynomial(&DIGAMMA_MIDDLE, x - (2.0 - shift))
}

/// `digamma(1 - x) - π/tan(πx)`
fn digamma_left(x: f64) -> f64 {
    let r = x - libm::roundeven(x);
    if r == 0.0 || !x.is_finite() {
        return f64::NAN;
    }
    digamma(1.0 - x) - cotangent_of_turns(r)
}

/// `π/tan(πr)` for |r| ≤ 1/2: a quarter of a turn is subtracted where the tangent is steep.
fn cotangent_of_turns(r: f64) -> f64 {
    if r.abs() <= 0.25 { PI / libm::tan(PI * r) } else { PI * libm::tan(PI * (0.5 - r.abs())).copysign(r) }
}

/// The slope of digamma.
pub fn trigamma(x: f64) -> f64 {
    polygamma(1.0, x)
}

/// The n-th derivative of digamma, for whole n from 0 on. At a pole of even order it is infinite, at others NaN.
pub fn polygamma(n: f64, x: f64) -> f64 {
    if n.is_nan() || n < 0.0 || n.fract() != 0.0 || n.is_infinite() || x.is_nan() {
        return f64::NAN;
    }
    if n == 0.0 {
        return digamma(x);
    }
    let even = n % 2.0 == 0.0;
    let size = if x > 0.0 { hurwitz(n, x) } else { hurwitz_left(n, x, even) };
    if even { -size } else { size }
}

/// `n!*Σ 1/(x + k)^(n + 1)` over all k ≥ 0 for x ≤ 0: the sum over all integers, which depends on the distance to the nearest
/// one alone, less the part with k < 0.
fn hurwitz_left(n: f64, x: f64, even: bool) -> f64 {
    let r = x - libm::roundeven(x);
    if !x.is_finite() || (r == 0.0 && even) {
        return f64::NAN;
    }
    if r == 0.0 {
        return f64::INFINITY;
    }
    let nearest = leading(n, r.abs()) * (n / r.abs());
    let (right, left, beyond) = (hurwitz(n, 1.0 + r), hurwitz(n, 1.0 - r), hurwitz(n, 1.0 - x));
    if even { nearest.copysign(r) + right - (left - beyond) } else { nearest + right + (left - beyond) }
}

/// `B(2j)/(2j)!` for j = 1, 2 …: the Euler-Maclaurin formula.
const EULER_MACLAURIN: [f64; 12] = [
    0.08333333333333333,
    -0.001388888888888889,
    3.306878306878307e-05,
    -8.267195767195768e-07,
    2.08767569878681e-08,
    -5.284190138687493e-10,
    1.3382536530684679e-11,
    -3.3896802963225827e-13,
    8.586062056277845e-15,
    -2.174868698558062e-16,
    5.5090028283602295e-18,
    -1.3954464685812522e-19,
];

/// `n!*Σ 1/(x + k)^(n + 1)` over all k ≥ 0 for x > 0: terms one by one up to `x + k ≥ n + 10`, the others by the
/// Euler-Maclaurin formula.
fn hurwitz(n: f64, x: f64) -> f64 {
    if x.is_infinite() {
        return 0.0;
    }
    // everything relative to (n - 1)!/x^n, so that nothing overflows on the way
    let mut terms = Vec::new();
    let mut y = x;
    let mut k = 0.0;
    let mut sum = 0.0;
    while y < n + 11.0 {
        let term = libm::pow(x / y, n) * (n / y);
        sum += term;
        terms.push(term);
        if term * y < 1e-18 * sum {
            return leading(n, x) * small_first(&terms, 0.0);
        }
        k += 1.0;
        y = x + k;
    }
    leading(n, x) * small_first(&terms, libm::pow(x / y, n) * euler_maclaurin(n, y))
}

/// The sum of falling terms, from the last.
fn small_first(terms: &[f64], rest: f64) -> f64 {
    terms.iter().rev().fold(rest, |sum, term| sum + term)
}

/// `Σ (y/(y + k))^n * n/(y + k)` over all k ≥ 0, for y above n + 10.
fn euler_maclaurin(n: f64, y: f64) -> f64 {
    let w = 1.0 / (y * y);
    let mut rising = n * (n + 1.0) * w;
    let mut rest = 0.0;
    let mut j = 0.0;
    for b in EULER_MACLAURIN {
        rest += b * rising;
        j += 2.0;
        rising *= (n + j) * (n + j + 1.0) * w;
    }
    1.0 + (n / (2.0 * y) + rest)
}

/// Orders beyond this take the logarithm of the leading factor instead of multiplying it out.
const LARGEST_PRODUCT: f64 = 10_000.0;

/// `(n - 1)!/x^n`, its factors taken in an order that keeps the product near 1 as long as possible.
fn leading(n: f64, x: f64) -> f64 {
    if n > LARGEST_PRODUCT {
        return exp(libm::lgamma(n) - n * libm::log(x));
    }
    let mut product = 1.0 / x;
    let (mut low, mut high) = (1.0, n - 1.0);
    while low <= high {
        if product < 1.0 {
            product *= high / x;
            high -= 1.0;
        } else {
            product *= low / x;
            low += 1.0;
        }
    }
    product
}

/// `log Σ exp(z)`, shifted by the largest.
pub fn logsumexp(list: &[f64]) -> f64 {
    let largest = max(list);
    if !largest.is_finite() {
        return largest;
    }
    let at = list.iter().position(|z| *z == largest);
    let others = list.iter().enumerate().filter(|(i, _)| Some(*i) != at);
    largest + libm::log1p(others.map(|(_, z)| exp_of_difference(*z, largest)).sum())
}

/// `exp(z)/Σ exp(z)` for each z, shifted by the largest.
pub fn softmax(list: &[f64]) -> Vec<f64> {
    let largest = max(list);
    let powers: Vec<f64> = list.iter().map(|z| exp_of_difference(*z, largest)).collect();
    let total: f64 = powers.iter().sum();
    powers.iter().map(|p| p / total).collect()
}

/// `exp(a - b)` for a ≤ b, with what the rounding of the difference left out (Knuth's two-sum).
fn exp_of_difference(a: f64, b: f64) -> f64 {
    let d = a - b;
    let back = d + b;
    let rest = (a - back) - (b - (back - d));
    let e = exp(d);
    if rest.is_finite() { e + e * rest } else { e }
}
