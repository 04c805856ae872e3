//! The functions in balls, at exactly known arguments: nothing here shares code with the kernels.

use grad::verify::ball::{Ball, Outcome, log_two};
use grad::verify::fault::Fault;

/// Beyond every exponent that an f64 or a product of a few of them can have.
const BEYOND: i64 = 1 << 20;

/// The exact ball of a finite f64.
pub fn ball(x: f64) -> Outcome {
    Ball::from_f64(x)
}

/// A number beyond every f64.
fn huge() -> Outcome {
    Ball::ONE.scaled(BEYOND)
}

/// Anything below every f64.
fn tiny() -> Outcome {
    Ok(Ball::within_power_of_two(-BEYOND))
}

/// The exponent of a number, roughly; a bound from above for what is below every f64.
fn exponent(x: &Ball) -> i64 {
    let v = x.to_f64().abs();
    if v == 0.0 { -1074 } else { libm::ilogb(v) as i64 + 1 }
}

/// How many bits an argument lies below 1.
fn smallness(x: &Ball) -> usize {
    (-exponent(x)).max(0) as usize
}

/// Whether `1 ± x^2` is 1 at this precision.
fn is_small(x: &Ball, p: usize) -> bool {
    smallness(x) > p / 2 + 2
}

/// `|x|^n` at most.
fn power_bound(x: &Ball, n: i64) -> Ball {
    Ball::within_power_of_two(n * (exponent(x) + 1))
}

pub fn exp(x: &Ball, p: usize) -> Outcome {
    let v = x.to_f64();
    if v > BEYOND as f64 {
        huge()
    } else if v < -BEYOND as f64 {
        tiny()
    } else {
        x.exp(p)
    }
}

/// `log(1 + x)`
pub fn log1p(x: &Ball, p: usize) -> Outcome {
    if is_small(x, p) {
        return x.sub(&x.square(p)?.scaled(-1)?, p)?.add(&power_bound(x, 3), p);
    }
    Ball::ONE.add(x, p + smallness(x) + 8)?.log(p)
}

/// `exp(x) - 1`
pub fn expm1(x: &Ball, p: usize) -> Outcome {
    if is_small(x, p) {
        return x.add(&x.square(p)?.scaled(-1)?, p)?.add(&power_bound(x, 3), p);
    }
    exp(x, p + smallness(x) + 8)?.sub(&Ball::ONE, p)
}

/// An odd function: near 0 from `x + x^3/third`, elsewhere as given.
fn odd(x: &Ball, p: usize, third: i64, far: fn(&Ball, usize) -> Outcome) -> Outcome {
    if x.is_exact_zero() {
        return Ok(Ball::ZERO);
    }
    if smallness(x) > p / 4 + 4 {
        let cube = x.square(p)?.mul(x, p)?.div_integer(third, p)?;
        return x.add(&cube, p)?.add(&power_bound(x, 5), p);
    }
    far(x, p + 2 * smallness(x) + 8)
}

/// `log(1 + exp(x))`
pub fn softplus(x: f64, p: usize) -> Outcome {
    let rest = log1p(&exp(&ball(-x.abs())?, p)?, p)?;
    rest.add(&ball(x.max(0.0))?, p)
}

/// `exp(-|x|)` and one more.
fn logistic_parts(x: &Ball, p: usize) -> Result<(Ball, Ball), Fault> {
    let e = exp(&x.abs().neg(), p)?;
    let bottom = Ball::ONE.add(&e, p)?;
    Ok((e, bottom))
}

pub fn sigmoid(x: f64, p: usize) -> Outcome {
    let (e, bottom) = logistic_parts(&ball(x)?, p)?;
    if x < 0.0 { e.div(&bottom, p) } else { bottom.reciprocal(p) }
}

/// `exp(-|x|)/(1 + exp(-|x|))^2`
pub fn sigmoid_slope(x: f64, p: usize) -> Outcome {
    let (e, bottom) = logistic_parts(&ball(x)?, p)?;
    e.div(&bottom.square(p)?, p)
}

pub fn tanh_slope(x: f64, p: usize) -> Outcome {
    let (e, bottom) = logistic_parts(&ball(x)?.scaled(1)?, p)?;
    e.div(&bottom.square(p)?, p)?.scaled(2)
}

pub fn silu(x: f64, p: usize) -> Outcome {
    ball(x)?.mul(&sigmoid(x, p)?, p)
}

pub fn logit(x: f64, p: usize) -> Outcome {
    let v = ball(x)?;
    let rest = Ball::ONE.sub(&v, p + 1200)?;
    if x > 0.25 && x < 0.75 {
        return log1p(&v.scaled(1)?.sub(&Ball::ONE, p + 64)?.div(&rest, p + 64)?, p);
    }
    v.log(p)?.sub(&log1p(&v.neg(), p)?, p)
}

/// `log(1 - exp(x))` for x < 0
pub fn log1mexp(x: f64, p: usize) -> Outcome {
    let v = ball(x)?;
    if x > -1.0 { expm1(&v, p + 8)?.neg().log(p) } else { log1p(&exp(&v, p)?.neg(), p) }
}

/// `softplus(x) - x*y`, without the cancellation for x > 0: `softplus(-x) + x*(1 - y)`.
pub fn cross_entropy(x: f64, y: f64, p: usize) -> Outcome {
    let weight = if x > 0.0 { Ball::ONE.sub(&ball(y)?, p + 1200)? } else { ball(y)? };
    softplus(-x.abs(), p)?.add(&ball(x.abs())?.mul(&weight, p)?, p)
}

pub fn logsumexp(list: &[f64], p: usize) -> Outcome {
    let largest = list.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let top = ball(largest)?;
    let mut seen = false;
    let mut others = Ball::ZERO;
    for z in list {
        if *z == largest && !seen {
            seen = true;
        } else {
            others = others.add(&exp(&ball(*z)?.sub(&top, 2200)?, p)?, p)?;
        }
    }
    if others.is_exact_zero() { Ok(top) } else { log1p(&others, p)?.add(&top, p) }
}

/// `x*erfc(-x/√2)/2`
pub fn gelu(x: f64, p: usize) -> Outcome {
    let v = ball(x)?;
    if x < -64.0 {
        return tiny();
    }
    let root = Ball::integer(2).sqrt(p + 24)?;
    let tail = if x > 64.0 { Ball::integer(2).add(&tiny()?, p)? } else { v.neg().div(&root, p + 24)?.erfc(p + 16)? };
    v.mul(&tail, p)?.scaled(-1)
}

/// `log(cosh(x))`
pub fn log_cosh(x: f64, p: usize) -> Outcome {
    let v = ball(x)?.abs();
    if v.to_f64() < 1.0 {
        let half = sinh(&v.scaled(-1)?, p)?;
        return log1p(&half.square(p)?.scaled(1)?, p);
    }
    log1p(&exp(&v.scaled(1)?.neg(), p)?, p)?.add(&v, p)?.sub(&log_two(p)?, p)
}

pub fn erf(x: f64, p: usize) -> Outcome {
    if x.abs() > 64.0 { ball(1f64.copysign(x))?.add(&tiny()?, p) } else { ball(x)?.erf(p) }
}

pub fn erfc(x: f64, p: usize) -> Outcome {
    if x > 64.0 {
        tiny()
    } else if x < -64.0 {
        Ball::integer(2).add(&tiny()?, p)
    } else {
        ball(x)?.erfc(p)
    }
}

pub fn gamma(x: f64, p: usize) -> Outcome {
    if x > 200.0 {
        huge()
    } else if x < -250.0 && x.fract() != 0.0 {
        tiny()
    } else {
        ball(x)?.gamma(p)
    }
}

/// `gamma(x + 1)`
pub fn factorial(x: f64, p: usize) -> Outcome {
    if x > 200.0 { huge() } else { ball(x)?.add(&Ball::ONE, p + 1200)?.gamma(p) }
}

pub fn lbeta(a: f64, b: f64, p: usize) -> Outcome {
    let (a, b) = (ball(a)?, ball(b)?);
    let sum = a.add(&b, p + 2200)?;
    a.lgamma(p)?.add(&b.lgamma(p)?, p)?.sub(&sum.lgamma(p)?, p)
}

pub fn sinh(x: &Ball, p: usize) -> Outcome {
    odd(x, p, 6, |x, p| {
        let e = exp(&x.abs(), p)?;
        let size = e.sub(&e.reciprocal(p)?, p)?.scaled(-1)?;
        Ok(if x.certainly_negative() { size.neg() } else { size })
    })
}

pub fn cosh(x: &Ball, p: usize) -> Outcome {
    let e = exp(&x.abs(), p)?;
    e.add(&e.reciprocal(p)?, p)?.scaled(-1)
}

/// `(1 - e)/(1 + e)` for `e = exp(-2|x|)`
pub fn tanh(x: &Ball, p: usize) -> Outcome {
    odd(x, p, -3, |x, p| {
        let fall = expm1(&x.abs().scaled(1)?.neg(), p)?;
        let size = fall.neg().div(&fall.add(&Ball::integer(2), p)?, p)?;
        Ok(if x.certainly_negative() { size.neg() } else { size })
    })
}

pub fn asinh(x: &Ball, p: usize) -> Outcome {
    odd(x, p, -6, |x, p| {
        let v = x.abs();
        let square = v.square(2200)?;
        let root = Ball::ONE.add(&square, 2200 + p)?.sqrt(p)?;
        let size = log1p(&v.add(&square.div(&Ball::ONE.add(&root, p)?, p)?, p)?, p)?;
        Ok(if x.certainly_negative() { size.neg() } else { size })
    })
}

pub fn acosh(x: &Ball, p: usize) -> Outcome {
    let beyond = x.sub(&Ball::ONE, 1200)?;
    if beyond.is_exact_zero() {
        return Ok(Ball::ZERO);
    }
    let root = beyond.mul(&beyond.add(&Ball::integer(2), p + 8)?, p + 8)?.sqrt(p + 8)?;
    log1p(&beyond.add(&root, p + 8)?, p)
}

pub fn atanh(x: &Ball, p: usize) -> Outcome {
    odd(x, p, 3, |x, p| {
        let v = x.abs();
        let size = log1p(&v.scaled(1)?.div(&Ball::ONE.sub(&v, p + 64)?, p)?, p)?.scaled(-1)?;
        Ok(if x.certainly_negative() { size.neg() } else { size })
    })
}

pub fn tan(x: &Ball, p: usize) -> Outcome {
    odd(x, p, 3, Ball::tan)
}

pub fn asin(x: &Ball, p: usize) -> Outcome {
    odd(x, p, 6, Ball::asin)
}

pub fn atan(x: &Ball, p: usize) -> Outcome {
    odd(x, p, -3, Ball::atan)
}

pub fn acos(x: &Ball, p: usize) -> Outcome {
    x.acos(p + 8)
}

pub fn atan2(y: f64, x: f64, p: usize) -> Outcome {
    let (y, x) = (ball(y)?, ball(x)?);
    if x.certainly_positive() && exponent(&y) < exponent(&x) - 1 {
        return atan(&y.div(&x, p + 8)?, p);
    }
    y.atan2(&x, p)
}

pub fn hypot(x: f64, y: f64, p: usize) -> Outcome {
    ball(x)?.square(p)?.add(&ball(y)?.square(p)?, p)?.sqrt(p)
}

/// The ratio of two logarithms.
pub fn logarithm_to(x: f64, base: i64, p: usize) -> Outcome {
    ball(x)?.log(p)?.div(&Ball::integer(base).log(p)?, p)
}

pub fn pow(a: f64, b: f64, p: usize) -> Outcome {
    let size = b * libm::log2(a.abs());
    if size > 1e5 {
        return if a < 0.0 && b % 2.0 != 0.0 { Ok(huge()?.neg()) } else { huge() };
    }
    if size < -1e5 {
        return tiny();
    }
    let value = exp(&ball(a.abs())?.log(p + 80)?.mul(&ball(b)?, p + 80)?, p)?;
    Ok(if a < 0.0 && b % 2.0 != 0.0 { value.neg() } else { value })
}

/// The real n-th root.
pub fn root(x: f64, n: f64, p: usize) -> Outcome {
    let size = exp(&ball(x.abs())?.log(p + 16)?.div(&ball(n)?, p + 16)?, p)?;
    Ok(if x < 0.0 { size.neg() } else { size })
}

pub fn reciprocal(x: Outcome, p: usize) -> Outcome {
    x?.reciprocal(p)
}
