//! Exact rational numbers of any size, as they stand in expressions. Knows how a number was typed, nothing of the graph.

use crate::budget::{allowed, labour};
use crate::limits::Limit;
use dashu_base::{Abs, BitTest, DivRem, Gcd, Sign, Signed, UnsignedAbs};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, Mul, Neg, Sub};

/// The largest size of a number that exact arithmetic builds, in bits; beyond it a power stays symbolic.
#[must_use]
pub fn most_bits() -> usize {
    usize::try_from(allowed(Limit::Bits)).unwrap_or(usize::MAX)
}

/// The pairs of words that arithmetic with two numbers may look at for one unit of work.
const PAIRS: u64 = 64;

/// A number of more bits is long.
const LONG: usize = 1 << 14;

/// Arithmetic with numbers of no more pairs of words counts for nothing beside what it is done for.
const FREE: usize = 1 << 10;

/// An exact rational, with a mark that says whether it is to be printed as a decimal.
///
/// Two numbers are equal when their values are: the mark is a matter of print.
#[derive(Clone, Debug)]
pub struct Number {
    value: RBig,
    decimal: bool,
}

impl Number {
    /// A rational that prints as an integer or a quotient.
    pub fn rational(value: RBig) -> Self {
        Number { value, decimal: false }
    }

    /// A rational that was typed as a decimal and prints as one where its expansion ends.
    pub fn decimal(value: RBig) -> Self {
        Number { value, decimal: true }
    }

    /// The integer `n`.
    pub fn integer(n: i64) -> Self {
        Number::rational(RBig::from(n))
    }

    /// The quotient `n / d`; `d` must not be zero.
    pub fn ratio(n: i64, d: u64) -> Self {
        Number::rational(RBig::from_parts(IBig::from(n), UBig::from(d.max(1))))
    }

    /// The exact value of a literal such as `12`, `0.5`, `.5`, `1e-3`, `1_000`.
    ///
    /// `None` when the text is no number or its exponent is beyond what is held exactly.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(short) = Number::parse_short(text) {
            return Some(short);
        }
        let clean: String = text.chars().filter(|c| *c != '_').collect();
        let (mantissa, exponent) = match clean.find(['e', 'E']) {
            Some(at) => (&clean[..at], clean[at + 1..].parse::<i64>().ok()?),
            None => (&clean[..], 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let digits: IBig = digits.parse().ok()?;
        let scale = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        if digits.is_zero() {
            return Some(Number { value: RBig::ZERO, decimal: mantissa.contains('.') });
        }
        // log2(10) < 3.33; the limit keeps 1e999999999 from being built
        if scale.unsigned_abs() > (most_bits() as u64) * 3 / 10 {
            return None;
        }
        let power = UBig::from(10u8).pow(scale.unsigned_abs() as usize);
        let value = if scale >= 0 { RBig::from(digits * IBig::from(power)) } else { RBig::from_parts(digits, power) };
        Some(Number { value, decimal: mantissa.contains('.') || scale < 0 })
    }

    /// As [`Number::parse`], for digits with at most one point that fit in one word: most literals.
    fn parse_short(text: &str) -> Option<Self> {
        const MOST_DIGITS: usize = 18;
        if text.len() > MOST_DIGITS || text.is_empty() {
            return None;
        }
        let (mut digits, mut power, mut decimal) = (0u64, 1u64, false);
        for b in text.bytes() {
            match b {
                b'0'..=b'9' => {
                    digits = digits * 10 + u64::from(b - b'0');
                    power *= if decimal { 10 } else { 1 };
                }
                b'.' if !decimal => decimal = true,
                _ => return None,
            }
        }
        match (decimal, power) {
            (false, _) => Some(Number::integer(digits as i64)),
            (true, 1) => None,
            _ => Some(Number::decimal(RBig::from_parts_const(Sign::Positive, digits.into(), power.into()))),
        }
    }

    /// Shows what tells two values apart: the words of the denominator, then of the numerator, and last its sign.
    #[allow(clippy::unnecessary_cast)] // words have 32 bits on some machines
    pub(super) fn words(&self, mut show: impl FnMut(u64)) {
        let (sign, top) = self.value.numerator().as_sign_words();
        self.value.denominator().as_words().iter().for_each(|word| show(*word as u64));
        top.iter().for_each(|word| show(*word as u64));
        show(sign as u64);
    }

    /// The value itself.
    pub fn value(&self) -> &RBig {
        &self.value
    }

    /// Whether it prints as a decimal.
    pub fn is_decimal(&self) -> bool {
        self.decimal && self.places().is_some()
    }

    /// Whether the value is 0.
    pub fn is_zero(&self) -> bool {
        self.value.is_zero()
    }

    /// Whether the value is 1.
    pub fn is_one(&self) -> bool {
        self.value.is_one()
    }

    /// Whether the value is -1.
    pub fn is_minus_one(&self) -> bool {
        self.value == RBig::NEG_ONE
    }

    /// Whether the value is an integer.
    pub fn is_integer(&self) -> bool {
        self.value.is_int()
    }

    /// Whether the value is below 0.
    pub fn is_negative(&self) -> bool {
        self.value.is_negative() && !self.value.is_zero()
    }

    /// Whether the value is above 0.
    pub fn is_positive(&self) -> bool {
        !self.value.is_zero() && !self.value.is_negative()
    }

    /// The value as a small integer, where it is one: its opposite is one too.
    pub fn to_i64(&self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        i64::try_from(self.value.numerator()).ok().filter(|n| *n != i64::MIN)
    }

    /// Whether the value is an even integer.
    pub fn is_even(&self) -> bool {
        self.is_integer() && !self.value.numerator().bit(0)
    }

    /// Whether the value is an odd integer.
    pub fn is_odd(&self) -> bool {
        self.is_integer() && self.value.numerator().bit(0)
    }

    /// The rational that a finite f64 is.
    pub fn from_f64(v: f64) -> Option<Self> {
        RBig::try_from(v).ok().map(Number::rational)
    }

    /// The nearest f64 (infinite when the value is beyond the range).
    pub fn to_f64(&self) -> f64 {
        use dashu_base::Approximation::{Exact, Inexact};
        match self.value.to_f64() {
            Exact(v) | Inexact(v, _) => v,
        }
    }

    /// The absolute value.
    pub fn abs(&self) -> Self {
        Number { value: self.value.clone().abs(), decimal: self.decimal }
    }

    /// The greatest rational of which all of these are whole multiples; 0 where all of them are 0.
    pub fn content<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> Self {
        let (mut top, mut bottom) = (UBig::ZERO, UBig::ONE);
        for n in numbers {
            let size = n.value.numerator().clone().unsigned_abs();
            pay(top.as_words().len() * size.as_words().len() + bottom.as_words().len() * n.value.denominator().as_words().len());
            top = if top.is_zero() { size } else { top.gcd(size) };
            let shared = (&bottom).gcd(n.value.denominator());
            bottom = bottom / shared * n.value.denominator();
        }
        Number::rational(RBig::from_parts(top.into(), bottom))
    }

    /// `1 / self`, where it exists.
    pub fn recip(&self) -> Option<Self> {
        Number::integer(1).checked_div(self)
    }

    /// The quotient, where the divisor is not 0.
    pub fn checked_div(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        self.labour(other);
        Some(Number { value: &self.value / &other.value, decimal: self.mark(other) })
    }

    /// `self` to an integer power, where it exists and stays under [`most_bits`]; `0^0` is 1.
    pub fn checked_pow(&self, exponent: i64) -> Option<Self> {
        if exponent == 0 {
            return Some(Number::integer(1));
        }
        if self.is_zero() {
            return (exponent > 0).then(|| self.clone());
        }
        let bits = self.value.numerator().bit_len().max(self.value.denominator().bit_len());
        let trivial = self.value.abs_is_one();
        if !trivial && (bits as u128) * u128::from(exponent.unsigned_abs()) > most_bits() as u128 {
            return None;
        }
        let n = if trivial { exponent % 2 } else { exponent };
        Some(Number { value: self.value.pow(isize::try_from(n).ok()?), decimal: self.decimal })
    }

    /// The exact `k`-th root, where the value is a perfect power (negative values only for odd `k`).
    pub fn exact_root(&self, k: u32) -> Option<Self> {
        if k == 0 || (self.is_negative() && k.is_multiple_of(2)) {
            return None;
        }
        let root = |n: &UBig| -> Option<UBig> {
            let r = nth_root(n, k);
            (r.pow(k as usize) == *n).then_some(r)
        };
        let top = root(&self.value.numerator().clone().unsigned_abs())?;
        let bottom = root(self.value.denominator())?;
        let sign = if self.is_negative() { IBig::NEG_ONE } else { IBig::ONE };
        Some(Number { value: RBig::from_parts(sign * IBig::from(top), bottom), decimal: self.decimal })
    }

    /// The largest integer not above the value.
    pub fn floor(&self) -> Self {
        Number::rational(RBig::from(self.value.floor()))
    }

    /// The nearest integer; halves go to the even one.
    pub fn round_half_even(&self) -> Self {
        let half = Number::ratio(1, 2);
        let up = (self + &half).floor();
        let tie = &up - self == half;
        if tie && up.is_odd() { &up - &Number::integer(1) } else { up }
    }

    /// Size in bits of the larger of numerator and denominator.
    pub fn bits(&self) -> usize {
        self.value.numerator().bit_len().max(self.value.denominator().bit_len())
    }

    /// Pays for arithmetic with another number: to reduce a quotient takes as long as the words above times those below, while
    /// whole numbers are quick at any size.
    #[inline]
    fn labour(&self, other: &Self) {
        let words = |n: &Number| (n.value.numerator().as_sign_words().1.len(), n.value.denominator().as_words().len());
        let ((top, bottom), (other_top, other_bottom)) = (words(self), words(other));
        if !(self.is_integer() && other.is_integer()) {
            pay(top * other_bottom + bottom * other_top);
        }
    }

    /// Whether it is so long that to cancel with it takes a while.
    pub fn is_long(&self) -> bool {
        self.bits() > LONG
    }

    /// The mark carried by a result of arithmetic on `self` and `other`.
    fn mark(&self, other: &Self) -> bool {
        self.decimal || other.decimal
    }

    /// The places of the decimal expansion, where it ends within 40 of them, or further off with few digits. Says it of a large
    /// number without its digits.
    fn places(&self) -> Option<usize> {
        const NEAR: usize = 40;
        const FAR: usize = 400;
        let (twos, fives) = twos_and_fives(self.value.denominator(), FAR)?;
        let places = twos.max(fives);
        let top = self.value.numerator();
        // no digit at the end is 0, so that few digits make a small number
        let is_short = || {
            let scale = UBig::from(2u8).pow(places - twos) * UBig::from(5u8).pow(places - fives);
            top.bit_len() <= u64::BITS as usize && top.clone().unsigned_abs() * scale < UBig::from(10u8).pow(FEW)
        };
        (places <= NEAR || (places <= FAR && is_short())).then_some(places)
    }

    /// The decimal expansion, where it ends as [`Number::places`] says.
    fn decimal_text(&self) -> Option<String> {
        let places = self.places()?;
        let scaled = self.value.clone() * RBig::from(UBig::from(10u8).pow(places));
        let digits = scaled.numerator().clone().unsigned_abs().to_string();
        let sign = if self.is_negative() { "-" } else { "" };
        if let Some(short) = scientific(&digits, places) {
            return Some(format!("{sign}{short}"));
        }
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
    }
}

/// In scientific notation a number has at most so many digits.
const FEW: usize = 17;

/// The exponents in `2^k*5^n`, where the number is one such with at most so many fives.
fn twos_and_fives(number: &UBig, most: usize) -> Option<(usize, usize)> {
    let twos = number.trailing_zeros()?;
    if let [word] = number.as_words() {
        let (mut rest, mut fives) = (word >> twos, 0);
        while rest % 5 == 0 {
            rest /= 5;
            fives += 1;
        }
        return (rest == 1).then_some((twos, fives));
    }
    // log2(5) < 2.33
    if number.bit_len() - twos > most * 233 / 100 + 1 {
        return None;
    }
    let (mut rest, mut fives) = (number >> twos, 0);
    while rest > UBig::ONE {
        let (quotient, left) = rest.div_rem(UBig::from(5u8));
        if !left.is_zero() {
            return None;
        }
        (rest, fives) = (quotient, fives + 1);
    }
    Some((twos, fives))
}

/// Pays for a look at so many pairs of words.
#[inline]
fn pay(pairs: usize) {
    if pairs > FREE {
        labour(pairs as u64 / PAIRS);
    }
}

/// `digits·10^-places` as `1.5e300`, where that takes few digits and plain notation many zeros.
fn scientific(digits: &str, places: usize) -> Option<String> {
    const LARGEST: i64 = 21;
    const SMALLEST: i64 = -8;
    let kept = digits.trim_end_matches('0');
    let top = digits.len() as i64 - 1 - places as i64;
    if kept.is_empty() || kept.len() > FEW || (SMALLEST..LARGEST).contains(&top) {
        return None;
    }
    let (first, rest) = kept.split_at(1);
    Some(if rest.is_empty() { format!("{first}e{top}") } else { format!("{first}.{rest}e{top}") })
}

/// The integer part of the `k`-th root of `n`, by Newton's method from above.
fn nth_root(n: &UBig, k: u32) -> UBig {
    if k == 1 || *n <= UBig::ONE {
        return n.clone();
    }
    let k_big = UBig::from(k);
    let mut x = UBig::ONE << (n.bit_len() / k as usize + 1);
    loop {
        let next = (x.clone() * UBig::from(k - 1) + n / x.pow(k as usize - 1)) / &k_big;
        if next >= x {
            return x;
        }
        x = next;
    }
}

/// `|v| == 1`, without arithmetic.
trait AbsIsOne {
    fn abs_is_one(&self) -> bool;
}

impl AbsIsOne for RBig {
    fn abs_is_one(&self) -> bool {
        self.is_one() || *self == RBig::NEG_ONE
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl Add for &Number {
    type Output = Number;
    fn add(self, other: &Number) -> Number {
        self.labour(other);
        Number { value: &self.value + &other.value, decimal: self.mark(other) }
    }
}

impl Sub for &Number {
    type Output = Number;
    fn sub(self, other: &Number) -> Number {
        self.labour(other);
        Number { value: &self.value - &other.value, decimal: self.mark(other) }
    }
}

impl Mul for &Number {
    type Output = Number;
    fn mul(self, other: &Number) -> Number {
        self.labour(other);
        Number { value: &self.value * &other.value, decimal: self.mark(other) }
    }
}

impl Neg for &Number {
    type Output = Number;
    fn neg(self) -> Number {
        Number { value: -self.value.clone(), decimal: self.decimal }
    }
}

impl Default for Number {
    fn default() -> Self {
        Number::integer(0)
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Number::integer(n)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.decimal
            && let Some(text) = self.decimal_text()
        {
            return f.write_str(&text);
        }
        let sign = if self.value.sign() == Sign::Negative { "-" } else { "" };
        if self.is_integer() {
            let digits = self.value.numerator().clone().unsigned_abs().to_string();
            return write!(f, "{sign}{}", scientific(&digits, 0).unwrap_or(digits));
        }
        write!(f, "{sign}{}/{}", self.value.numerator().clone().unsigned_abs(), self.value.denominator())
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn literals_are_exact() {
        assert_eq!(Number::parse("0.1"), Some(Number::ratio(1, 10)));
        assert_eq!(Number::parse("1e-3"), Some(Number::ratio(1, 1000)));
        assert_eq!(Number::parse("1_000"), Some(Number::integer(1000)));
        assert_eq!(Number::parse(".5"), Some(Number::ratio(1, 2)));
        assert_eq!(Number::parse("1e999999999"), None);
    }

    #[test]
    fn short_literals_are_read_as_long_ones_are() {
        for text in ["0", "0.0", "00.10", "7", "12.50", ".5", "0.000000000000001", "123456789012345678", "123456789.12345678"] {
            let (short, long) = (Number::parse_short(text), Number::parse(&format!("{text}_")));
            let form = |n: &Option<Number>| n.as_ref().map(|n| (n.value().clone(), n.decimal, n.to_string()));
            assert_eq!(form(&short), form(&long), "{text}");
            assert!(short.is_some(), "{text}");
        }
        for text in ["", ".", "5.", "1.2.3", "1e3", "1_0", "+1", "-1", "x"] {
            assert!(Number::parse_short(text).is_none(), "{text}");
        }
    }

    #[test]
    fn whether_a_decimal_ends_shows_without_its_digits() {
        let ends = |text: &str, times: i64| {
            let whole = |text: &str| Number::parse(text).unwrap();
            let n = &whole(text) * &Number::integer(times);
            let shown = Number::decimal(n.value().clone()).to_string();
            assert_eq!(Number::decimal(n.value().clone()).is_decimal(), !shown.contains('/'), "{text}*{times}");
            shown
        };
        assert_eq!(ends("1e-400", 1), "1e-400");
        assert_eq!(ends("1e-400", 99_999_999_999_999_999), "9.9999999999999999e-384");
        assert!(ends("1e-400", 100_000_000_000_000_001).contains('/'));
        assert!(ends("1e-401", 1).contains('/'));
        assert!(ends("1e-100000", 7).contains('/'));
        assert_eq!(ends("0.0000000000000000000000000000000000000001", -3), "-3e-40");
        assert!(ends("1e-41", 123_456_789_012_345_678).contains('/'));
        for bottom in [3, 6, 7, 3 * 5u64.pow(20)] {
            assert!(!Number::decimal(Number::ratio(1, bottom).value().clone()).is_decimal(), "{bottom}");
        }
        for bottom in [1, 2, 5, 10, 40, 125, 1 << 40, 1 << 41, 1 << 63, 5u64.pow(27)] {
            let n = Number::decimal(Number::ratio(3, bottom).value().clone());
            assert_eq!(n.is_decimal(), !n.to_string().contains('/'), "{bottom}");
        }
    }

    #[test]
    fn a_decimal_that_does_not_end_is_none() {
        let half = Number::parse("0.5").unwrap();
        assert!(half.is_decimal());
        assert!(!half.checked_div(&Number::integer(3)).unwrap().is_decimal());
    }

    #[test]
    fn a_decimal_prints_as_it_was_typed() {
        let show = |t: &str| Number::parse(t).map(|n| n.to_string());
        assert_eq!(show("0.50"), Some("0.5".into()));
        assert_eq!(show("1e-3"), Some("0.001".into()));
        assert_eq!(show("12"), Some("12".into()));
        for short in ["1e300", "-2.5e-18", "1e-400", "1.5e21", "6e23"] {
            let read = Number::parse(short.trim_start_matches('-')).map(|n| if short.starts_with('-') { -&n } else { n });
            assert_eq!(read.map(|n| n.to_string()), Some(short.into()));
        }
        assert_eq!(show("1e20"), Some("100000000000000000000".into()));
        assert_eq!(Number::ratio(-2, 3).to_string(), "-2/3");
    }

    #[test]
    fn the_content_divides_every_number_with_a_whole_quotient() {
        let of = |texts: &[(i64, u64)]| Number::content(&texts.iter().map(|(n, d)| Number::ratio(*n, *d)).collect::<Vec<_>>());
        assert_eq!(of(&[(4, 3), (-2, 9), (0, 1)]), Number::ratio(2, 9));
        assert_eq!(of(&[(-6, 1), (9, 1)]), Number::integer(3));
        assert!(of(&[(0, 1)]).is_zero() && of(&[]).is_zero());
    }

    #[test]
    fn powers_and_roots() {
        assert_eq!(Number::ratio(-2, 3).checked_pow(-3), Some(Number::ratio(-27, 8)));
        assert_eq!(Number::integer(2).checked_pow(1 << 30), None);
        assert_eq!(Number::integer(-1).checked_pow(1 << 40), Some(Number::integer(1)));
        assert_eq!(Number::integer(0).checked_pow(-1), None);
        assert_eq!(Number::ratio(8, 27).exact_root(3), Some(Number::ratio(2, 3)));
        assert_eq!(Number::integer(2).exact_root(2), None);
        assert_eq!(Number::ratio(5, 2).round_half_even(), Number::integer(2));
        assert_eq!(Number::ratio(-7, 2).round_half_even(), Number::integer(-4));
    }
}
