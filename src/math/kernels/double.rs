//! Numbers of two f64 whose sum carries some 104 bits, for kernels that round once at the end: sums, products and quotients,
//! exp and log. No fused multiplication, so that every machine takes the same path.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `high + low`, where `low` is at most half a unit in the last place of `high`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Double {
    pub high: f64,
    pub low: f64,
}

/// `log(2)`
pub(super) const LN_2: Double = Double::new(std::f64::consts::LN_2, 2.3190468138462996e-17);

/// `log(2)` in three parts, of which the first two multiply by an exponent without rounding.
const LN_2_PARTS: [f64; 3] = [0.6931471805598903, 5.49792301870721e-14, 1.1612227229362532e-26];

/// `π`
pub(super) const PI: Double = Double::new(std::f64::consts::PI, 1.2246467991473532e-16);

impl From<f64> for Double {
    fn from(high: f64) -> Self {
        Double { high, low: 0.0 }
    }
}

impl Double {
    pub const fn new(high: f64, low: f64) -> Self {
        Double { high, low }
    }

    /// `a + b` without error (Knuth's two-sum).
    pub fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let back = high - a;
        Double { high, low: (a - (high - back)) + (b - back) }
    }

    /// The same where `|a| >= |b|` (Dekker).
    pub fn quick_sum(a: f64, b: f64) -> Self {
        let high = a + b;
        Double { high, low: b - (high - a) }
    }

    /// `a*b` to about 105 bits: halves are multiplied (Dekker's product, with halves cut off by their bits).
    pub fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        let (a_top, b_top) = (upper_half(a), upper_half(b));
        let (a_rest, b_rest) = (a - a_top, b - b_top);
        let low = ((a_top * b_top - high) + a_top * b_rest + a_rest * b_top) + a_rest * b_rest;
        Double { high, low }
    }

    /// Rounded to f64.
    pub fn value(self) -> f64 {
        self.high + self.low
    }

    /// Multiplied by a power of two.
    pub fn scaled(self, k: i32) -> Self {
        if k.abs() < MODERATE {
            let power = power_of_two(k);
            return Double { high: self.high * power, low: self.low * power };
        }
        Double { high: libm::scalbn(self.high, k), low: libm::scalbn(self.low, k) }
    }

    /// A positive number as one between 0.7 and 1.4, times a power of two.
    pub fn near_one(self) -> (Self, i32) {
        let k = libm::ilogb(self.high);
        let k = if libm::scalbn(self.high, -k) > 1.4 { k + 1 } else { k };
        (self.scaled(-k), k)
    }

    /// The square root of a number that is not negative.
    pub fn sqrt(self) -> Self {
        let first = libm::sqrt(self.high);
        if first == 0.0 {
            return self;
        }
        let rest = self - Double::product(first, first);
        Double::quick_sum(first, rest.high / (2.0 * first))
    }

    pub fn abs(self) -> Self {
        if self.high < 0.0 { -self } else { self }
    }

    /// `exp(x) - 1` for `|x| < 0.36`, to 2^-100 of its size: a Taylor series at `x/64`, then `e^(2t) - 1` from `e^t - 1` six times.
    fn expm1_near_zero(self) -> Self {
        /// `1/n!` from 7 on.
        const FAR: [f64; 6] = [
            1.984126984126984e-4,
            2.48015873015873e-5,
            2.7557319223985893e-6,
            2.755731922398589e-7,
            2.505210838544172e-8,
            2.08767569878681e-9,
        ];
        /// `1/6!` down to `1/2!`.
        const NEAR: [Double; 5] = [
            Double::new(0.001388888888888889, -5.300543954373577e-20),
            Double::new(0.008333333333333333, 1.1564823173178714e-19),
            Double::new(0.041666666666666664, 2.3129646346357427e-18),
            Double::new(0.16666666666666666, 9.25185853854297e-18),
            Double::new(0.5, 0.0),
        ];
        let t = Double { high: self.high / 64.0, low: self.low / 64.0 };
        let far = FAR.iter().rev().fold(0.0, |sum, c| sum * t.high + c);
        let series = NEAR.iter().fold(Double::from(far), |sum, c| *c + sum * t);
        let mut grown = t + series * t * t;
        for _ in 0..6 {
            grown = Double { high: 2.0 * grown.high, low: 2.0 * grown.low } + grown * grown;
        }
        grown
    }

    /// `exp(x)`
    pub fn exp(self) -> Scaled {
        if self.high.abs() > EXPONENT_LIMIT {
            return Scaled { size: Double::from(1.0), exponent: if self.high > 0.0 { BEYOND } else { -BEYOND } };
        }
        let k = libm::rint(self.high * std::f64::consts::LOG2_E);
        let reduced = self - Double::from(k * LN_2_PARTS[0]) - Double::from(k * LN_2_PARTS[1]) - Double::from(k * LN_2_PARTS[2]);
        Scaled { size: Double::from(1.0) + reduced.expm1_near_zero(), exponent: k as i32 }
    }

    /// `log(1 + x)`, to 2^-100 of its size: one step of Newton's method from the logarithm in f64.
    pub fn log1p(self) -> Self {
        if self.high < -0.3 || self.high > 0.42 {
            return (Double::from(1.0) + self).log();
        }
        let guess = libm::log1p(self.high);
        let fall = Double::from(-guess).expm1_near_zero();
        let rest = self + fall + self * fall;
        Double::from(guess) + (rest - Double::from(0.5 * rest.high * rest.high))
    }

    /// The logarithm of a positive number.
    pub fn log(self) -> Self {
        let (m, k) = self.near_one();
        let near_one = m - Double::from(1.0);
        if k == 0 {
            return near_one.log1p();
        }
        let k = f64::from(k);
        let whole = Double::from(k * LN_2_PARTS[0]) + Double::from(k * LN_2_PARTS[1]) + Double::from(k * LN_2_PARTS[2]);
        whole + near_one.log1p()
    }

    /// `sin(πx)` and `cos(πx)` for `|x| <= 1/2`, by their Taylor series.
    pub fn sin_cos_of_half_turns(self) -> (Self, Self) {
        let angle = self * PI;
        let square = angle * angle;
        let (mut sine, mut cosine) = (angle, Double::from(1.0));
        let (mut sine_term, mut cosine_term) = (angle, Double::from(1.0));
        for k in 1..=16 {
            let n = f64::from(2 * k);
            cosine_term = -(cosine_term * square) / Double::from(n * (n - 1.0));
            sine_term = -(sine_term * square) / Double::from(n * (n + 1.0));
            (sine, cosine) = (sine + sine_term, cosine + cosine_term);
        }
        (sine, cosine)
    }
}

/// A number with the lower 27 of its 53 digits cut off.
fn upper_half(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & !0x7ff_ffff)
}

/// Powers of two with exponents below this are normal numbers, and so are their products with numbers near 1.
const MODERATE: i32 = 1000;

fn power_of_two(k: i32) -> f64 {
    f64::from_bits(((1023 + k) as u64) << 52)
}

/// Arguments of exp beyond this are not reduced: the result is beyond all f64.
const EXPONENT_LIMIT: f64 = 1e4;

/// An exponent beyond all f64.
const BEYOND: i32 = 1 << 16;

/// `size*2^exponent`, for intermediate results beyond the range of f64.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Scaled {
    pub size: Double,
    pub exponent: i32,
}

impl From<Double> for Scaled {
    fn from(size: Double) -> Self {
        Scaled { size, exponent: 0 }.near_one()
    }
}

impl Scaled {
    /// The same number with a size between 1 and 2.
    fn near_one(self) -> Self {
        if self.size.high == 0.0 || !self.size.high.is_finite() {
            return self;
        }
        let shift = libm::ilogb(self.size.high);
        Scaled { size: self.size.scaled(-shift), exponent: self.exponent + shift }
    }

    /// Rounded to f64 once, also where that is subnormal.
    pub fn value(self) -> f64 {
        if self.exponent.abs() < MODERATE && (0.01..100.0).contains(&self.size.high.abs()) {
            return self.size.value() * power_of_two(self.exponent);
        }
        let Scaled { size, exponent } = self.near_one();
        if exponent >= -1022 {
            return libm::scalbn(size.value(), exponent);
        }
        // the last place of a subnormal number is that of a large number, whose addition rounds there
        let exponent = exponent.max(-1100);
        let large = libm::scalbn(1.0, 52 - 1074 - exponent).copysign(size.high);
        let sum = Double::sum(large, size.high);
        libm::scalbn((sum.high + (sum.low + size.low)) - large, exponent).copysign(size.high)
    }

    /// As a number of two f64, for a size that f64 can hold.
    pub fn double(self) -> Double {
        self.size.scaled(self.exponent)
    }
}

impl Mul<Double> for Scaled {
    type Output = Scaled;

    fn mul(self, other: Double) -> Scaled {
        let other = Scaled::from(other);
        Scaled { size: self.size * other.size, exponent: self.exponent + other.exponent }.near_one()
    }
}

impl Div<Double> for Scaled {
    type Output = Scaled;

    fn div(self, other: Double) -> Scaled {
        let other = Scaled::from(other);
        Scaled { size: self.size / other.size, exponent: self.exponent - other.exponent }.near_one()
    }
}

impl Neg for Scaled {
    type Output = Scaled;

    fn neg(self) -> Scaled {
        Scaled { size: -self.size, ..self }
    }
}

impl Add for Scaled {
    type Output = Scaled;

    fn add(self, other: Scaled) -> Scaled {
        let (large, small) = if self.exponent > other.exponent { (self, other) } else { (other, self) };
        let shifted = small.size.scaled((small.exponent - large.exponent).max(-500));
        Scaled { size: large.size + shifted, exponent: large.exponent }.near_one()
    }
}

impl Add for Double {
    type Output = Double;

    fn add(self, other: Double) -> Double {
        let (high, low) = (Double::sum(self.high, other.high), Double::sum(self.low, other.low));
        let sum = Double::quick_sum(high.high, high.low + low.high);
        Double::quick_sum(sum.high, sum.low + low.low)
    }
}

impl Neg for Double {
    type Output = Double;

    fn neg(self) -> Double {
        Double { high: -self.high, low: -self.low }
    }
}

impl Sub for Double {
    type Output = Double;

    fn sub(self, other: Double) -> Double {
        self + -other
    }
}

impl Mul for Double {
    type Output = Double;

    fn mul(self, other: Double) -> Double {
        let product = Double::product(self.high, other.high);
        Double::quick_sum(product.high, product.low + (self.high * other.low + self.low * other.high))
    }
}

impl Div for Double {
    type Output = Double;

    fn div(self, other: Double) -> Double {
        let first = self.high / other.high;
        let back = Double::product(first, other.high);
        let rest = ((self.high - back.high) - back.low) + (self.low - first * other.low);
        Double::quick_sum(first, rest / other.high)
    }
}
