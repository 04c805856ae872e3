//! Fixed-point kernels: integers `X` that stand for `X·2^-w`, with a stated error in units of the last place.
//!
//! The kernels know nothing of balls; what they return is the value and a bound of its error in ulps (`2^-w`).

use std::cell::RefCell;

use dashu_base::{SquareRoot, UnsignedAbs};
use dashu_int::{IBig, UBig};

/// `mid·2^exp` in fixed point, rounded down: less than one ulp below the truth.
pub(super) fn fixed(mid: &IBig, exp: i64, w: usize) -> IBig {
    let shift = exp + w as i64;
    if shift >= 0 { mid << shift as usize } else { mid >> (-shift) as usize }
}

/// How often a kernel halves its argument: balances Taylor terms against squarings. Each doubles the bound of the error, which is
/// counted in 64 bits.
fn halvings(w: usize) -> usize {
    (3 + (w / 3).isqrt()).min(40)
}

/// `e^r` for `r` in `[0, 1)`, with a bound of the error in ulps.
///
/// With `t = r/2^s`, each Taylor term is off by at most 3 ulp (its predecessor's error shrinks, two floors add 2),
/// the tail after the first zero term is below 4 ulp, and `t` itself is off by 1 ulp. Every squaring doubles the error,
/// times the value, and floors once: the values' product is at most `e`, hence the factor `2^(s+2)`.
pub(super) fn exp_kernel(r: &UBig, w: usize) -> (UBig, u64) {
    let s = halvings(w);
    let t = r >> s;
    let one = UBig::ONE << w;
    let mut term = t.clone();
    let mut sum = &one + &t;
    let mut terms: u64 = 1;
    for k in 2..=w as u64 {
        term = ((&term * &t) >> w) / k;
        if term.is_zero() {
            break;
        }
        sum += &term;
        terms += 1;
    }
    for _ in 0..s {
        sum = sum.sqr() >> w;
    }
    (sum, (3 * terms + 2 * s as u64 + 8) << (s + 2))
}

/// Bits lost inside [`exp_kernel`]: add them to the width.
pub(super) fn exp_guard(p: usize) -> usize {
    halvings(2 * p) + 14
}

/// `sin r` and `cos r` for `r` in `[0, 1.12]`, with a bound of both errors in ulps.
///
/// Terms shrink by more than `r²/6 < 0.21`, so each is off by at most 3 ulp. The cosine is `√(1 - sin²)`:
/// its error is the sine's times `tan r < 2.1`, plus one for the floor.
pub(super) fn sin_cos_kernel(r: &UBig, w: usize) -> (UBig, UBig, u64) {
    let square = r.sqr() >> w;
    let mut term = r.clone();
    let mut plus = r.clone();
    let mut minus = UBig::ZERO;
    let mut terms: u64 = 1;
    for k in 1..=w as u64 {
        term = ((&term * &square) >> w) / (2 * k * (2 * k + 1));
        if term.is_zero() {
            break;
        }
        terms += 1;
        if k % 2 == 1 {
            minus += &term;
        } else {
            plus += &term;
        }
    }
    let sine = if plus > minus { plus - minus } else { UBig::ZERO };
    let cosine = ((UBig::ONE << (2 * w)) - sine.sqr()).sqrt();
    (sine, cosine, 3 * (3 * terms + 4) + 2)
}

/// `Σ ± u^(2k+1)/(2k+1)` for `|u| < 2^-16`: artanh with plus, arctan with alternating signs; and its error in ulps.
pub(super) fn odd_series(u: &IBig, w: usize, alternating: bool) -> (IBig, u64) {
    let square = IBig::from((u * u).unsigned_abs() >> w);
    let mut power = u.clone();
    let mut sum = u.clone();
    let mut terms: u64 = 1;
    for k in 1..=w as u64 {
        power = (&power * &square) >> w;
        // A negative number floors to -1, never to 0.
        if power.is_zero() || power == IBig::NEG_ONE {
            break;
        }
        let term = &power / (2 * k + 1);
        if alternating && k % 2 == 1 {
            sum -= term;
        } else {
            sum += term;
        }
        terms += 1;
    }
    (sum, 3 * terms + 4)
}

/// `Σ (±1)^k / ((2k+1) n^(2k+1))` in fixed point, off by at most 2 ulp a term.
fn inverse_series(n: u64, w: usize, alternating: bool) -> IBig {
    let mut power = (UBig::ONE << w) / n;
    let mut sum = IBig::ZERO;
    for k in 0..=w as u64 {
        if power.is_zero() {
            break;
        }
        let term = IBig::from(&power / (2 * k + 1));
        if alternating && k % 2 == 1 {
            sum -= term;
        } else {
            sum += term;
        }
        power /= n * n;
    }
    sum
}

/// π by Machin's formula.
fn compute_pi(w: usize) -> IBig {
    inverse_series(5, w, true) * 16 - inverse_series(239, w, true) * 4
}

/// log 2 = 18 artanh(1/26) - 2 artanh(1/4801) + 8 artanh(1/8749).
fn compute_log_two(w: usize) -> IBig {
    inverse_series(26, w, false) * 18 - inverse_series(4801, w, false) * 2 + inverse_series(8749, w, false) * 8
}

/// Guard bits of a cached constant: the series' errors, below 60·w ulp, vanish in them.
const CONSTANT_GUARD: usize = 32;

type Cache = RefCell<Vec<(usize, IBig)>>;

thread_local! {
    static PI: Cache = const { RefCell::new(Vec::new()) };
    static LOG_TWO: Cache = const { RefCell::new(Vec::new()) };
}

/// A constant at width `w`, off by less than 2 ulp. Widths are cached in steps of 64 bits,
/// each computed at its own width, so that the answer does not depend on what was asked before.
fn constant(cache: &Cache, w: usize, compute: fn(usize) -> IBig) -> IBig {
    let step = w.next_multiple_of(64);
    let mut known = cache.borrow_mut();
    if let Some((_, value)) = known.iter().find(|(width, _)| *width == step) {
        return value >> (step + CONSTANT_GUARD - w);
    }
    let value = compute(step + CONSTANT_GUARD);
    let rounded = &value >> (step + CONSTANT_GUARD - w);
    known.push((step, value));
    rounded
}

/// π at width `w`, off by less than 2 ulp.
pub(super) fn pi(w: usize) -> IBig {
    PI.with(|cache| constant(cache, w, compute_pi))
}

/// log 2 at width `w`, off by less than 2 ulp.
pub(super) fn log_two(w: usize) -> IBig {
    LOG_TWO.with(|cache| constant(cache, w, compute_log_two))
}
