//! The error of a value in units of the last place, by balls that grow more precise until they decide.

use grad::verify::ball::{Ball, Outcome};
use grad::verify::fault::Fault;

/// The precision at which a reference starts, and where it gives up.
const FIRST: usize = 96;
const LAST: usize = 6144;

/// How narrow a ball must be, in units of the last place.
const NARROW: f64 = 1.0 / 4096.0;

/// What is known of the error of one value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Verdict {
    /// In units of the last place; infinite where there is no value although there should be one.
    Error(f64),
    /// There is no true value here.
    Outside,
    /// The balls did not decide.
    Undecided,
}

/// Compares a value with its reference.
pub fn compare(found: f64, reference: impl Fn(usize) -> Outcome) -> Verdict {
    let mut p = FIRST;
    while p <= LAST {
        match reference(p) {
            Ok(truth) => {
                if let Some(error) = error(found, &truth) {
                    return Verdict::Error(error);
                }
            }
            Err(Fault::Uncertain) => {}
            Err(Fault::Undefined(_)) => return Verdict::Outside,
            Err(_) => return Verdict::Undecided,
        }
        p *= 2;
    }
    Verdict::Undecided
}

/// The distance in units of the last place of the truth; an infinity stands for the first number beyond the largest.
fn error(found: f64, truth: &Ball) -> Option<f64> {
    let edge = Ball::ONE.scaled(1024).ok()?;
    let truth = if edge.certainly_less(truth) {
        edge.clone()
    } else if truth.certainly_less(&edge.neg()) {
        edge.neg()
    } else {
        truth.clone()
    };
    let unit = unit(truth.to_f64().abs());
    let in_units = |b: &Ball| b.scaled(-unit).map(|b| b.to_f64().abs());
    let radius = in_units(&truth.radius()).ok()?;
    if radius > NARROW {
        return None;
    }
    let value = match found {
        f64::INFINITY => edge,
        f64::NEG_INFINITY => edge.neg(),
        missing if missing.is_nan() => return Some(f64::INFINITY),
        finite => Ball::from_f64(finite).ok()?,
    };
    Some(in_units(&value.sub(&truth, 192).ok()?.midpoint()).ok()? + radius)
}

/// The exponent of the last place of a number of this size.
fn unit(size: f64) -> i64 {
    if size.is_infinite() {
        971
    } else if size < f64::MIN_POSITIVE {
        -1074
    } else {
        i64::from(libm::ilogb(size)) - 52
    }
}
