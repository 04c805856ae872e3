//! What expressions truly are worth at one exact point: enclosed in balls, narrower and narrower until the answer asked for is
//! certain. The authority for everything that is printed as a number; the f64 path is judged by it.

use crate::expr::{Graph, Id, Number, Symbol};
use crate::verify::ball::{Ball, START_PRECISION};
use crate::verify::evaluate::{Evaluator, Memo, Missing, Motions, Place};
use dashu_base::{Abs, BitTest, DivRem, Sign, UnsignedAbs};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use std::collections::HashMap;

/// The precision, in bits, at which the search for an f64 gives up: what is smaller than f64 can tell apart is certain by then.
const LAST_PRECISION: usize = 4096;

/// The work that the values of one statement may take, in products of two balls at the starting precision: some 0.1 s.
pub const WORK: u64 = 200_000;

/// Expressions at one point.
pub struct Truth<'a> {
    g: &'a Graph,
    definitions: &'a HashMap<Symbol, Id>,
    point: Vec<(Symbol, Number)>,
    work: u64,
    motions: Motions,
    /// What was found, by precision.
    memos: Vec<(usize, Memo)>,
}

impl<'a> Truth<'a> {
    /// The point with these exact values. Any other symbol stands for its definition.
    pub fn new(g: &'a Graph, definitions: &'a HashMap<Symbol, Id>, point: Vec<(Symbol, Number)>) -> Self {
        Truth { g, definitions, point, work: WORK, motions: Motions::default(), memos: Vec::new() }
    }

    /// With another limit on the work of everything that will be asked.
    #[must_use]
    pub fn work(mut self, units: u64) -> Self {
        self.work = units;
        self
    }

    /// The work that is left.
    pub fn left(&self) -> u64 {
        self.work
    }

    /// The f64 nearest to the value; infinite beyond the range. A node such as [`Graph::derivative`] has a value too.
    ///
    /// # Errors
    /// Why there is no value, or why it was not found.
    pub fn nearest(&mut self, id: Id) -> Result<f64, Missing> {
        self.refined(id, START_PRECISION, LAST_PRECISION, |ball| nearest(&ball))
    }

    /// The value to at least so many bits, or exactly 0.
    ///
    /// # Errors
    /// Why there is no value, or why it was not found.
    pub fn enclosed(&mut self, id: Id, bits: usize) -> Result<Ball, Missing> {
        let narrow = |ball: &Ball| ball.relative_accuracy_bits().is_none_or(|known| known >= bits as i64);
        self.refined(id, START_PRECISION.max(bits + 32), LAST_PRECISION.max(4 * bits), |ball| narrow(&ball).then_some(ball))
    }

    /// The value rounded to so many significant digits, half to even, as text that can be read back.
    ///
    /// # Errors
    /// Why there is no value, or why it was not found.
    pub fn digits(&mut self, id: Id, digits: usize) -> Result<String, Missing> {
        let bits = digits.saturating_mul(10) / 3 + 64;
        self.refined(id, bits, LAST_PRECISION.max(4 * bits), |ball| rounded(&ball, digits))
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn holds(&mut self, id: Id) -> Result<bool, Missing> {
        let mut precision = START_PRECISION;
        loop {
            match self.at(precision, |evaluator| evaluator.truth(id)) {
                Err(Missing::Uncertain) if precision < LAST_PRECISION => precision *= 2,
                found => return found,
            }
        }
    }

    /// Doubles the precision until `accept` is content.
    fn refined<T>(&mut self, id: Id, first: usize, last: usize, accept: impl Fn(Ball) -> Option<T>) -> Result<T, Missing> {
        let mut precision = first;
        loop {
            match self.at(precision, |evaluator| evaluator.number(id)) {
                Ok(ball) => {
                    if let Some(found) = accept(ball) {
                        return Ok(found);
                    }
                }
                Err(Missing::Uncertain) => {}
                Err(missing) => return Err(missing),
            }
            if precision >= last {
                return Err(Missing::Uncertain);
            }
            precision *= 2;
        }
    }

    fn at<T>(&mut self, precision: usize, ask: impl FnOnce(&mut Evaluator<'_>) -> T) -> T {
        let kept = self.memos.iter().position(|(p, _)| *p == precision);
        let memo = kept.map_or_else(Memo::default, |at| self.memos.swap_remove(at).1);
        let place = Place { graph: self.g, point: &self.point, definitions: self.definitions };
        let mut evaluator = Evaluator::new(place, precision, memo, &mut self.motions, &mut self.work);
        let answer = ask(&mut evaluator);
        self.memos.push((precision, evaluator.into_memo()));
        answer
    }
}

/// The f64 to which everything in the ball rounds.
pub fn nearest(ball: &Ball) -> Option<f64> {
    let Some((low, high)) = ball.rational_ends() else {
        let size = ball.midpoint().abs();
        let (tiny, huge) = (Ball::dyadic(IBig::ONE, -1100, 64).ok()?, Ball::dyadic(IBig::ONE, 1100, 64).ok()?);
        return match () {
            () if ball.certainly_positive() && huge.certainly_less(&size) => Some(f64::INFINITY),
            () if ball.certainly_negative() && huge.certainly_less(&size) => Some(f64::NEG_INFINITY),
            () if size.certainly_less(&tiny) && ball.radius().certainly_less(&tiny) => Some(0.0),
            () => None,
        };
    };
    let (low, high) = (to_f64(&low), to_f64(&high));
    (low == high).then_some(low + 0.0)
}

/// The f64 nearest to a rational, subnormals included; infinite beyond the range.
fn to_f64(q: &RBig) -> f64 {
    Number::rational(q.clone()).to_f64()
}

/// The decimal of so many significant digits to which everything in the ball rounds.
fn rounded(ball: &Ball, digits: usize) -> Option<String> {
    let Some((low, high)) = ball.rational_ends() else { return rounded_far_out(ball, digits) };
    if low.is_zero() && high.is_zero() {
        return Some("0".to_owned());
    }
    let (low, high) = (Decimal::round(&low, digits)?, Decimal::round(&high, digits)?);
    (low == high).then(|| low.text(ball.is_exact()))
}

/// The same where the value is too large or too small to be written out: its power of ten is taken off first.
fn rounded_far_out(ball: &Ball, digits: usize) -> Option<String> {
    let p = digits.saturating_mul(10) / 3 + 128;
    let ten = Ball::integer(10);
    let power = ball.abs().log(p).ok()?.div(&ten.log(p).ok()?, p).ok()?.to_f64().floor();
    // beyond this f64 no longer holds each whole number
    let power = (power.abs() < 9e15).then_some(power as i64)?;
    let rest = ball.div(&ten.powi(power, p).ok()?, p).ok()?;
    let (low, high) = rest.rational_ends()?;
    let (mut low, high) = (Decimal::round(&low, digits)?, Decimal::round(&high, digits)?);
    if low != high {
        return None;
    }
    low.exponent += power;
    Some(low.text(false))
}

/// A number to so many significant digits, half to even; without zeros at the end where that is all of it.
pub fn digits_of(n: &Number, count: usize) -> Option<String> {
    if n.is_zero() {
        return Some("0".to_owned());
    }
    let rounded = Decimal::round(n.value(), count)?;
    let text = rounded.text(true);
    let whole = Number::parse(text.trim_start_matches('-')).is_some_and(|read| read.value() == n.abs().value());
    Some(if whole { text } else { rounded.text(false) })
}

/// `±digits·10^exponent`, with a given number of digits.
#[derive(PartialEq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// A rational to so many significant digits, half to even; none for 0.
    fn round(q: &RBig, count: usize) -> Option<Decimal> {
        if q.is_zero() {
            return None;
        }
        let size = q.clone().abs();
        let log2 = size.numerator().bit_len() as i64 - size.denominator().bit_len() as i64;
        // one off at most, which the number of digits tells
        let mut top = (log2 as f64 * std::f64::consts::LOG10_2).floor() as i64;
        for _ in 0..3 {
            let exponent = top + 1 - count as i64;
            let digits = scaled(&size, -exponent)?.to_string();
            match digits.len().cmp(&count) {
                std::cmp::Ordering::Less => top -= 1,
                std::cmp::Ordering::Greater => top += 1,
                std::cmp::Ordering::Equal => {
                    return Some(Decimal { negative: q.sign() == Sign::Negative, digits, exponent });
                }
            }
        }
        None
    }

    /// In plain notation where that is not longer than the digits warrant. Of an exact value the zeros at the end say nothing.
    fn text(&self, exact: bool) -> String {
        let (mut digits, mut exponent) = (self.digits.as_str(), self.exponent);
        if exact {
            digits = digits.trim_end_matches('0');
            exponent += (self.digits.len() - digits.len()) as i64;
        }
        let sign = if self.negative { "-" } else { "" };
        let count = digits.len() as i64;
        let top = exponent + count - 1;
        if (-7..0).contains(&top) {
            return format!("{sign}0.{}{digits}", "0".repeat((-top - 1) as usize));
        }
        if (0..if exact { 21.max(count) } else { count }).contains(&top) {
            let whole = top + 1;
            return if whole >= count {
                format!("{sign}{digits}{}", "0".repeat((whole - count) as usize))
            } else {
                format!("{sign}{}.{}", &digits[..whole as usize], &digits[whole as usize..])
            };
        }
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        format!("{sign}{first}{point}{rest}e{top}")
    }
}

/// `size·10^shift` to the nearest integer, half to even. In integers: a quotient of such length is slow to reduce.
fn scaled(size: &RBig, shift: i64) -> Option<UBig> {
    let power = UBig::from(10u8).pow(usize::try_from(shift.unsigned_abs()).ok()?);
    let (above, below) = (size.numerator().unsigned_abs(), size.denominator().clone());
    let (above, below) = if shift >= 0 { (above * power, below) } else { (above, below * power) };
    let (whole, rest) = above.div_rem(&below);
    let goes_up = match (rest << 1usize).cmp(&below) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => whole.bit(0),
        std::cmp::Ordering::Greater => true,
    };
    Some(if goes_up { whole + UBig::ONE } else { whole })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::resolve::formula;

    fn truth<T>(text: &str, point: &[(&str, &str)], ask: impl FnOnce(&mut Truth<'_>, Id) -> T) -> T {
        let mut g = Graph::new();
        let id = formula(&mut g, text).unwrap();
        let point = point.iter().map(|(name, v)| (g.intern(name), Number::parse(v).unwrap())).collect();
        let none = HashMap::new();
        ask(&mut Truth::new(&g, &none, point), id)
    }

    #[test]
    fn the_nearest_f64_is_found_whatever_cancels_or_overflows_on_the_way() {
        let table = [
            ("log(1 + exp(x))", "1000", 1000.0),
            ("exp(x) - 1", "1e-17", 1e-17),
            ("(exp(x) - 1 - x)/x^2", "1e-30", 0.5),
            ("sin(x)^2 + cos(x)^2 - 1", "1", 0.0),
            ("exp(-x)", "745", 5e-324),
            ("exp(-x)", "746", 0.0),
            ("exp(x)", "710", f64::INFINITY),
            ("exp(-x)", "1e12", 0.0),
            ("exp(x)", "1e12", f64::INFINITY),
            ("exp(-exp(x))", "60", 0.0),
            ("x/3", "1", 1.0 / 3.0),
        ];
        for (text, x, value) in table {
            assert_eq!(truth(text, &[("x", x)], |t, id| t.nearest(id)), Ok(value), "{text} at {x}");
        }
        assert!(matches!(truth("log(x - x - 1)", &[("x", "1")], |t, id| t.nearest(id)), Err(Missing::Undefined(_))));
    }

    #[test]
    fn digits_are_rounded_correctly_and_read_back() {
        let table = [
            ("pi", 20, "3.1415926535897932385"),
            ("pi*10^30", 10, "3.141592654e30"),
            ("1/3", 5, "0.33333"),
            ("2/3", 5, "0.66667"),
            ("1/4", 50, "0.25"),
            ("5/2", 1, "2"),
            ("7/2", 1, "4"),
            ("999999/1000", 3, "1.00e3"),
            ("exp(-1000)", 12, "5.07595889755e-435"),
            ("-exp(1000)", 4, "-1.970e434"),
            ("sqrt(2)", 30, "1.41421356237309504880168872421"),
            ("1000000", 3, "1000000"),
            ("1e300", 3, "1.00e300"),
            ("exp(log(3))", 3, "3.00"),
            ("9^9^9", 10, "4.281247732e369693099"),
            ("-exp(-10^9)", 5, "-1.2495e-434294482"),
        ];
        for (text, digits, expected) in table {
            assert_eq!(truth(text, &[], |t, id| t.digits(id, digits)), Ok(expected.to_owned()), "{text} to {digits}");
        }
    }
}
