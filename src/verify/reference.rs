//! Reads reference numbers for the tests of this folder: rationals and long decimals.

use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

use super::ball::Ball;

/// A number written `n` or `n/d`.
pub fn rational(text: &str) -> RBig {
    let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
    RBig::from_parts(numerator.parse::<IBig>().unwrap(), denominator.parse::<UBig>().unwrap())
}

/// A decimal with 62 significant digits as a ball that allows for an error in the 60th.
pub fn decimal(text: &str) -> Ball {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let exponent: i64 = exponent.parse::<i64>().unwrap() - fraction.len() as i64;
    let mid: IBig = format!("{whole}{fraction}").parse().unwrap();
    let p = 256;
    let scale = Ball::integer(10).powi(exponent, p).unwrap();
    let value = Ball::from_ibig(&mid, p).unwrap().mul(&scale, p).unwrap();
    let slack = value.mul(&Ball::integer(10).powi(-60, p).unwrap(), p).unwrap();
    value.sub(&slack, p).unwrap().hull(&value.add(&slack, p).unwrap(), p).unwrap()
}

/// Fails unless `ball` and the reference have a number in common.
#[track_caller]
pub fn assert_holds(ball: &Ball, reference: &Ball, what: &str) {
    assert!(
        ball.overlaps(reference),
        "{what}: got {} ± {:e}, off by {:e}",
        ball.to_f64(),
        ball.radius().to_f64(),
        ball.sub(reference, 256).unwrap().to_f64()
    );
}
