//! Arithmetic modulo the primes of the model: numbers modulo `P`, exponents of positive numbers modulo `Q`, and multiples of
//! angles modulo `R`. Nothing here knows what an expression is.
//!
//! `P` is 3 modulo 4, so that -1 is no square and being a square can stand for being positive. `(P - 1)/2 = Q` is a prime,
//! so that every rational power of a square is one square. `(P + 1)/720 = R` is a prime, so that the points of the circle
//! `x² + y² = 1`, of which there are `P + 1`, are those of order `R`, whose rational multiples are points again, times the
//! multiples of half a degree. The primes up to 97 are squares, as positive numbers should be.

/// The modulus of values.
pub const P: u64 = 4_611_646_640_602_080_719;
/// The order of the squares.
pub const Q: u64 = (P - 1) / 2;
/// The order of the angles that can be divided.
pub const R: u64 = (P + 1) / 720;

/// A residue modulo an odd `M` below 2^62, in Montgomery's form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Residue<const M: u64>(u64);

/// A value.
pub type Value = Residue<P>;

impl<const M: u64> std::fmt::Debug for Residue<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.lift())
    }
}

/// `-1/m` modulo 2^64, by Newton's iteration.
const fn negative_inverse(m: u64) -> u64 {
    let (mut x, mut k) = (m, 0);
    while k < 6 {
        x = x.wrapping_mul(2u64.wrapping_sub(m.wrapping_mul(x)));
        k += 1;
    }
    x.wrapping_neg()
}

impl<const M: u64> Residue<M> {
    const NEGATIVE_INVERSE: u64 = negative_inverse(M);
    const UNIT: u64 = ((1u128 << 64) % M as u128) as u64;
    const SQUARE: u64 = ((Self::UNIT as u128 * Self::UNIT as u128) % M as u128) as u64;

    /// 0
    pub const ZERO: Self = Residue(0);
    /// 1
    pub const ONE: Self = Residue(Self::UNIT);

    /// The residue of a number.
    pub const fn new(n: u64) -> Self {
        Residue(reduce((n % M) as u128 * Self::SQUARE as u128, M, Self::NEGATIVE_INVERSE))
    }

    /// The residue of a signed number.
    pub fn signed(n: i64) -> Self {
        let size = Self::new(n.unsigned_abs());
        if n < 0 { -size } else { size }
    }

    /// The number from 0 to `M - 1`.
    pub const fn lift(self) -> u64 {
        reduce(self.0 as u128, M, Self::NEGATIVE_INVERSE)
    }

    /// The number closest to 0.
    pub fn centred(self) -> i64 {
        let n = self.lift();
        if n > M / 2 { -((M - n) as i64) } else { n as i64 }
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The power.
    pub fn pow(self, mut n: u64) -> Self {
        let (mut result, mut base) = (Self::ONE, self);
        while n > 0 {
            if n & 1 == 1 {
                result = result * base;
            }
            base = base * base;
            n >>= 1;
        }
        result
    }

    /// The inverse; of 0, which has none, 0.
    pub fn inverse(self) -> Self {
        self.pow(M - 2)
    }

    /// One of the residue and its opposite, the same for both, and whether it is the opposite.
    pub fn canonical(self) -> (Self, bool) {
        let opposite = -self;
        if opposite.0 < self.0 { (opposite, true) } else { (self, false) }
    }

    /// A number that stands for the residue and no other one.
    pub fn bits(self) -> u64 {
        self.0
    }
}

/// Montgomery's reduction: `t/2^64` modulo `m`.
const fn reduce(t: u128, m: u64, negative_inverse: u64) -> u64 {
    let k = (t as u64).wrapping_mul(negative_inverse);
    let sum = ((t + k as u128 * m as u128) >> 64) as u64;
    if sum >= m { sum - m } else { sum }
}

impl<const M: u64> std::ops::Add for Residue<M> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        Residue(if sum >= M { sum - M } else { sum })
    }
}

impl<const M: u64> std::ops::Neg for Residue<M> {
    type Output = Self;
    fn neg(self) -> Self {
        Residue(if self.0 == 0 { 0 } else { M - self.0 })
    }
}

impl<const M: u64> std::ops::Sub for Residue<M> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<const M: u64> std::ops::Mul for Residue<M> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Residue(reduce(self.0 as u128 * other.0 as u128, M, Self::NEGATIVE_INVERSE))
    }
}

impl Value {
    /// Whether it counts as positive: whether it is a square other than 0.
    pub fn is_positive(self) -> bool {
        self.pow(Q) == Self::ONE
    }

    /// The one of the value and its opposite that counts as positive.
    pub fn size(self) -> Self {
        if self.is_zero() || self.is_positive() { self } else { -self }
    }
}

/// A rational number as it acts on values, on exponents and on angles.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Coefficient {
    /// As a value.
    pub value: Value,
    /// As an exponent.
    pub exponent: Residue<Q>,
    /// As a multiple of an angle.
    pub multiple: Residue<R>,
}

impl Coefficient {
    /// 1
    pub const ONE: Self = Coefficient { value: Residue::ONE, exponent: Residue::ONE, multiple: Residue::ONE };

    /// A whole number.
    pub fn integer(n: i64) -> Self {
        Coefficient { value: Residue::signed(n), exponent: Residue::signed(n), multiple: Residue::signed(n) }
    }

    /// 1 over the number, which is not 0.
    pub fn inverse(self) -> Self {
        Coefficient { value: self.value.inverse(), exponent: self.exponent.inverse(), multiple: self.multiple.inverse() }
    }

    /// Whether it is 0 in every respect.
    pub fn is_zero(self) -> bool {
        self.exponent.is_zero() && self.value.is_zero()
    }

    /// The whole number that it stands for, where that is small.
    pub fn whole(self) -> Option<i64> {
        let n = self.exponent.centred();
        (n.abs() < 1 << 40 && Self::integer(n) == self).then_some(n)
    }
}

impl std::ops::Add for Coefficient {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Coefficient {
            value: self.value + other.value,
            exponent: self.exponent + other.exponent,
            multiple: self.multiple + other.multiple,
        }
    }
}

impl std::ops::Neg for Coefficient {
    type Output = Self;
    fn neg(self) -> Self {
        Coefficient { value: -self.value, exponent: -self.exponent, multiple: -self.multiple }
    }
}

impl std::ops::Mul for Coefficient {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Coefficient {
            value: self.value * other.value,
            exponent: self.exponent * other.exponent,
            multiple: self.multiple * other.multiple,
        }
    }
}

/// `base^exponent` of a base that counts as positive.
pub fn power(base: Value, exponent: Residue<Q>) -> Value {
    let n = exponent.lift();
    if n > Q / 2 { base.pow(Q - n).inverse() } else { base.pow(n) }
}

/// A point of the circle: the cosine and the sine of an angle. Angles are added by multiplying points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point {
    /// The cosine.
    pub cos: Value,
    /// The sine.
    pub sin: Value,
}

impl Point {
    /// The point of the angle 0.
    pub const START: Self = Point { cos: Residue::ONE, sin: Residue::ZERO };

    /// The point of the opposite angle.
    pub fn mirrored(self) -> Self {
        Point { cos: self.cos, sin: -self.sin }
    }

    /// The point of so many times the angle.
    pub fn times(self, n: i64) -> Self {
        let (mut result, mut base) = (Self::START, if n < 0 { self.mirrored() } else { self });
        let mut n = n.unsigned_abs();
        while n > 0 {
            if n & 1 == 1 {
                result = result * base;
            }
            base = base * base;
            n >>= 1;
        }
        result
    }

    /// An angle that can be divided, from an arbitrary value.
    pub fn divisible(t: Value) -> Self {
        let square = t * t;
        let divisor = (Residue::ONE + square).inverse();
        let point = Point { cos: (Residue::ONE - square) * divisor, sin: (t + t) * divisor };
        point.times(720)
    }

    /// The angle of half a degree: one whose multiples have the cosines and sines that the roots of 2, 3 and 5 give them,
    /// roots and signs taken as positive numbers have them.
    pub fn half_degree() -> Self {
        static POINT: std::sync::OnceLock<Point> = std::sync::OnceLock::new();
        *POINT.get_or_init(|| {
            let root = |n| power(Value::new(n), Residue::new(2).inverse());
            let generator = (2..).map(|t| Point::of_parameter(Value::new(t)).times(R as i64)).find(|p| p.has_order_720());
            let generator = generator.unwrap_or(Point::START);
            let fits = |p: &Point| {
                let is = |k, cos: Value| p.times(k).cos == cos;
                let eighth = Value::new(2).inverse() * root(2);
                let sixth = Value::new(2).inverse() * root(3);
                let fifth = Value::new(4).inverse() * (Value::ONE + root(5));
                is(90, eighth)
                    && is(60, sixth)
                    && is(72, fifth)
                    && [90, 60, 72, 45].iter().all(|k| p.times(*k).sin.is_positive())
                    && p.times(45).cos.is_positive()
            };
            (1..720).map(|k| generator.times(k)).find(fits).unwrap_or(Point::START)
        })
    }

    fn of_parameter(t: Value) -> Self {
        let square = t * t;
        let divisor = (Residue::ONE + square).inverse();
        Point { cos: (Residue::ONE - square) * divisor, sin: (t + t) * divisor }
    }

    fn has_order_720(&self) -> bool {
        [2, 3, 5].iter().all(|l| self.times(720 / l) != Self::START)
    }
}

impl std::ops::Mul for Point {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Point { cos: self.cos * other.cos - self.sin * other.sin, sin: self.cos * other.sin + self.sin * other.cos }
    }
}

/// A number below 2^64 that looks random and is the same for the same arguments.
pub fn scramble(seed: u64, purpose: u64, key: u64) -> u64 {
    let step = |z: u64| {
        let z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    step(step(step(seed) ^ key).wrapping_add(purpose.wrapping_mul(0xD134_2543_DE82_EF95)) ^ key.rotate_left(32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Miller and Rabin's test with bases that decide up to 2^64.
    fn is_prime(n: u64) -> bool {
        let times = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(n)) as u64;
        let power = |mut a: u64, mut e: u64| {
            let mut r = 1;
            while e > 0 {
                if e & 1 == 1 {
                    r = times(r, a);
                }
                a = times(a, a);
                e >>= 1;
            }
            r
        };
        let (s, d) = ((n - 1).trailing_zeros(), (n - 1) >> (n - 1).trailing_zeros());
        [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].iter().all(|a| {
            let mut x = power(*a, d);
            x == 1
                || (0..s).any(|_| {
                    x == n - 1 || {
                        x = times(x, x);
                        false
                    }
                })
        })
    }

    #[test]
    fn the_moduli_are_what_they_are_said_to_be() {
        assert!(is_prime(P) && is_prime(Q) && is_prime(R));
        const { assert!(P % 4 == 3 && 2 * Q + 1 == P && 720 * R - 1 == P && P < 1 << 62) };
        assert!(!Value::signed(-1).is_positive());
        let small = (2..100u64).filter(|n| is_prime(*n));
        assert!(small.into_iter().all(|n| Value::new(n).is_positive()));
    }

    #[test]
    fn residues_follow_the_rules_of_arithmetic() {
        for (a, b) in [(3, 5), (P - 1, P - 2), (1 << 61, 12345), (0, 7)] {
            let (x, y) = (Value::new(a), Value::new(b));
            assert_eq!((x * y).lift(), (u128::from(a % P) * u128::from(b % P) % u128::from(P)) as u64);
            assert_eq!((x + y).lift(), (u128::from(a % P) + u128::from(b % P)).rem_euclid(u128::from(P)) as u64);
            assert_eq!(y * y.inverse(), Value::ONE);
            assert_eq!(x - x, Value::ZERO);
        }
        assert_eq!(Value::signed(-5).centred(), -5);
        assert_eq!(Coefficient::integer(-7).whole(), Some(-7));
        assert_eq!(Coefficient::integer(2).inverse().whole(), None);
    }

    #[test]
    fn positive_numbers_have_positive_rational_powers() {
        let half = Residue::<Q>::new(2).inverse();
        for n in [2, 3, 5, 49, 96] {
            let root = power(Value::new(n), half);
            assert!(root.is_positive() && root * root == Value::new(n));
        }
        assert_eq!(power(Value::new(49), half), Value::new(7));
        assert_eq!(power(Value::new(49), -half), Value::new(7).inverse());
    }

    #[test]
    fn half_a_degree_is_the_720th_part_of_the_circle() {
        let p = Point::half_degree();
        assert_eq!(p.times(720), Point::START);
        assert_eq!(p.times(360), Point { cos: -Value::ONE, sin: Value::ZERO });
        assert_eq!(p.times(180), Point { cos: Value::ZERO, sin: Value::ONE });
        assert_eq!(p.times(60).sin, Value::new(2).inverse());
        let divisible = Point::divisible(Value::new(17));
        assert_eq!(divisible.times(R as i64), Point::START);
    }
}
