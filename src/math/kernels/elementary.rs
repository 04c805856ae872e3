//! Kernels of the exponentials, logarithms, powers, circular and hyperbolic functions: NaN outside the domain, an infinity at a
//! pole of one sign.

use std::f64::consts::LN_2;

/// e to the power `u`.
pub fn exp(u: f64) -> f64 {
    libm::exp(u)
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
    if u > -LN_2 { libm::log(-libm::expm1(u)) } else { libm::log1p(-libm::exp(u)) }
}

/// log(exp(a) + exp(b)), the larger of the two taken out, so that neither exponential overflows.
pub fn logaddexp(a: f64, b: f64) -> f64 {
    if a == b {
        return a + LN_2;
    }
    // `max` would drop a NaN.
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    high + libm::log1p(libm::exp(low - high))
}
