//! The f64 evaluation of the derivatives of digamma, by sums that are taken in some 100 bits and rounded once.

use super::double::{Double, Scaled};
use super::gamma::{FAR, Series, digamma, from_integer, lgamma_of};

/// `B(2k)/(2k)!` for k = 1, 2 …: the Euler-Maclaurin formula.
const EULER_MACLAURIN: Series = Series {
    near: [
        Double::new(0.08333333333333333, 4.625929269271485e-18),
        Double::new(-0.001388888888888889, 5.300543954373577e-20),
        Double::new(3.306878306878307e-05, -2.2300719288557665e-21),
        Double::new(-8.267195767195768e-07, 3.457597454003665e-23),
        Double::new(2.08767569878681e-08, -1.2073450591132599e-24),
        Double::new(-5.284190138687493e-10, 3.517096671929869e-27),
    ],
    far: [
        1.3382536530684679e-11,
        -3.3896802963225827e-13,
        8.586062056277845e-15,
        -2.174868698558062e-16,
        5.5090028283602295e-18,
        -1.3954464685812522e-19,
        3.534707039629467e-21,
        -8.953517427037546e-23,
        2.267952452337683e-24,
    ],
};

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
    if x.is_infinite() {
        return if x > 0.0 { 0.0 } else { f64::NAN };
    }
    let even = n % 2.0 == 0.0;
    let size = if x > 0.0 { hurwitz(n, Double::from(x)).value() } else { hurwitz_left(n, x, even) };
    if even { -size } else { size }
}

/// `n!*Σ 1/(x + k)^(n + 1)` over all k ≥ 0 for x ≤ 0: the sum over all integers, which depends on the distance to the nearest
/// one alone, less the part with k < 0.
fn hurwitz_left(n: f64, x: f64, even: bool) -> f64 {
    let r = from_integer(x);
    if r == 0.0 {
        return if even { f64::NAN } else { f64::INFINITY };
    }
    if even && r.abs() == 0.5 {
        // the sum over all integers is 0
        return hurwitz(n, Double::sum(1.0, -x)).value();
    }
    let nearest = leading(n, Double::from(r.abs()));
    let nearest = if even && r < 0.0 { -nearest } else { nearest };
    let left = hurwitz(n, Double::sum(1.0, -r)) + -hurwitz(n, Double::sum(1.0, -x));
    let right = nearest + hurwitz(n, Double::sum(1.0, r));
    (right + if even { -left } else { left }).value()
}

/// Terms below this share of the sum are left out.
const NEGLIGIBLE: f64 = 1e-34;

/// `n!*Σ 1/(x + k)^(n + 1)` over all k ≥ 0 for x > 0: terms one by one up to [`FAR`] and n beyond, the others by the
/// Euler-Maclaurin formula. Everything is relative to the first term, so that nothing overflows on the way.
fn hurwitz(n: f64, x: Double) -> Scaled {
    let mut y = x;
    let mut sum = Double::from(0.0);
    let mut k = 0.0;
    loop {
        let term = power(x / y, n + 1.0);
        if y.high >= FAR + n {
            return leading(n, x) * (sum + term * euler_maclaurin(n, y));
        }
        sum = sum + term;
        if term.high * y.high < NEGLIGIBLE {
            return leading(n, x) * sum;
        }
        k += 1.0;
        y = x + Double::from(k);
    }
}

/// `x^n` for whole n, by squares.
fn power(x: Double, n: f64) -> Double {
    let (mut power, mut square, mut rest) = (Double::from(1.0), x, n);
    while rest > 0.0 && power.high > f64::MIN_POSITIVE {
        if rest % 2.0 == 1.0 {
            power = power * square;
        }
        rest = (rest / 2.0).floor();
        square = square * square;
    }
    power
}

/// `Σ (y/(y + k))^(n + 1)` over all k ≥ 0, for y far above n.
fn euler_maclaurin(n: f64, y: Double) -> Double {
    let inverse = Double::from(1.0) / y;
    let square = inverse * inverse;
    let mut sum = y / Double::from(n) + Double::from(0.5);
    // (n + 1)(n + 2)…(n + 2j - 1)/y^(2j - 1)
    let mut rising = Double::from(n + 1.0) * inverse;
    let far = EULER_MACLAURIN.far.iter().map(|b| Double::from(*b));
    for (j, b) in EULER_MACLAURIN.near.iter().copied().chain(far).enumerate() {
        sum = sum + b * rising;
        let next = n + 2.0 * j as f64 + 2.0;
        rising = rising * square * Double::product(next, next + 1.0);
    }
    sum
}

/// Orders beyond this take the logarithm of the leading factor instead of multiplying it out.
const LARGEST_PRODUCT: f64 = 10_000.0;

/// `n!/x^(n + 1)`
fn leading(n: f64, x: Double) -> Scaled {
    if n > LARGEST_PRODUCT {
        return (lgamma_of(Double::sum(n, 1.0)) - Double::sum(n, 1.0) * x.log()).exp();
    }
    let inverse = Scaled::from(Double::from(1.0)) / x;
    let mut product = inverse;
    let mut k = 1.0;
    while k <= n {
        product = product * (inverse.size * Double::from(k));
        product.exponent += inverse.exponent;
        k += 1.0;
    }
    product
}
