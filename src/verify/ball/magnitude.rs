//! Cheap positive bounds: a 31-bit mantissa with a wide exponent. Every operation says which way it rounds.

use dashu_int::{IBig, Word};

/// Bits kept in a mantissa: the product of two fits in a `u64`, with room for a carry.
const BITS: i64 = 31;

/// Exponents below this are raised to it, which keeps an upper bound an upper bound.
const LOWEST: i64 = -(1 << 61);

/// A non-negative bound `man * 2^exp`; `man` is 0 or lies in `[2^30, 2^31]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Magnitude {
    man: u64,
    exp: i64,
}

/// The number of bits of `|x|`; 0 for zero.
pub(crate) fn bit_length(x: &IBig) -> i64 {
    let (_, words) = x.as_sign_words();
    match words.last() {
        None => 0,
        Some(top) => words.len() as i64 * i64::from(Word::BITS) - i64::from(top.leading_zeros()),
    }
}

/// The leading 31 bits of `|x|` (fewer if `x` is shorter) and the exponent that belongs to them.
fn leading_bits(x: &IBig) -> (u64, i64) {
    let (_, words) = x.as_sign_words();
    // Two words are enough at 64 and at 32 bits: the top word alone may hold a single bit.
    let taken = words.iter().rev().take(2);
    let count = taken.len() as i64;
    let top = taken.fold(0u128, |acc, word| acc << Word::BITS | u128::from(*word));
    let below = (words.len() as i64 - count) * i64::from(Word::BITS);
    let spare = (128 - i64::from(top.leading_zeros()) - BITS).max(0);
    ((top >> spare) as u64, below + spare)
}

impl Magnitude {
    /// Nothing: the radius of an exact ball.
    pub const ZERO: Magnitude = Magnitude { man: 0, exp: 0 };

    /// An upper bound of `man * 2^exp`, exact up to 31 bits.
    pub fn new(man: u64, exp: i64) -> Magnitude {
        if man == 0 {
            return Magnitude::ZERO;
        }
        let excess = 64 - i64::from(man.leading_zeros()) - BITS;
        let man = if excess > 0 { ((man - 1) >> excess) + 1 } else { man << -excess };
        Magnitude { man, exp: exp.saturating_add(excess).max(LOWEST) }
    }

    /// `2^exp`.
    pub fn power_of_two(exp: i64) -> Magnitude {
        Magnitude::new(1, exp)
    }

    /// An upper bound of `|x| * 2^exp`.
    pub fn above(x: &IBig, exp: i64) -> Magnitude {
        let (man, dropped) = leading_bits(x);
        let carry = u64::from(dropped > 0);
        Magnitude::new(man + carry, exp.saturating_add(dropped))
    }

    /// A lower bound of `|x| * 2^exp`.
    pub fn below(x: &IBig, exp: i64) -> Magnitude {
        let (man, dropped) = leading_bits(x);
        Magnitude::new(man, exp.saturating_add(dropped))
    }

    /// Whether this is exactly nothing.
    pub fn is_zero(self) -> bool {
        self.man == 0
    }

    /// The least `k` with `self <= 2^k`, or one more; meaningless for zero.
    pub fn top(self) -> i64 {
        self.exp.saturating_add(BITS)
    }

    /// The bound as an integer and an exponent, exactly.
    pub fn parts(self) -> (u64, i64) {
        (self.man, self.exp)
    }

    /// An upper bound of the sum.
    #[must_use]
    pub fn plus(self, other: Magnitude) -> Magnitude {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        let (high, low) = if self.exp >= other.exp { (self, other) } else { (other, self) };
        let gap = high.exp.saturating_sub(low.exp).min(63);
        Magnitude::new(high.man + ((low.man - 1) >> gap) + 1, high.exp)
    }

    /// An upper bound of the product.
    #[must_use]
    pub fn times(self, other: Magnitude) -> Magnitude {
        Magnitude::new(self.man * other.man, self.exp.saturating_add(other.exp))
    }

    /// An upper bound of `self * 2^k`.
    #[must_use]
    pub fn scaled(self, k: i64) -> Magnitude {
        if self.is_zero() {
            return self;
        }
        Magnitude { man: self.man, exp: self.exp.saturating_add(k).max(LOWEST) }
    }

    /// An upper bound of the quotient by a non-zero lower bound of the divisor.
    #[must_use]
    pub fn over(self, divisor: Magnitude) -> Magnitude {
        if self.is_zero() {
            return self;
        }
        let quotient = (self.man << 32) / divisor.man.max(1) + 1;
        Magnitude::new(quotient, self.exp.saturating_sub(divisor.exp).saturating_sub(32))
    }

    /// A lower bound of the product of two lower bounds.
    #[must_use]
    pub fn times_below(self, other: Magnitude) -> Magnitude {
        if self.is_zero() || other.is_zero() {
            return Magnitude::ZERO;
        }
        Magnitude::new((self.man * other.man) >> BITS, self.exp.saturating_add(other.exp).saturating_add(BITS))
    }

    /// A lower bound of `self - other`, where `self` is a lower and `other` an upper bound; `None` if that is not positive.
    pub fn minus_below(self, other: Magnitude) -> Option<Magnitude> {
        if other.is_zero() {
            return (!self.is_zero()).then_some(self);
        }
        if self.is_zero() || self.exp < other.exp {
            return None;
        }
        let gap = self.exp.saturating_sub(other.exp);
        let taken = if gap >= 63 { 1 } else { ((other.man - 1) >> gap) + 1 };
        // Equal exponents may still hide a larger mantissa on the right.
        (self.man > taken).then(|| Magnitude::new(self.man - taken, self.exp))
    }

    /// The larger of two bounds.
    #[must_use]
    pub fn max(self, other: Magnitude) -> Magnitude {
        if self.is_zero() || (!other.is_zero() && (self.exp, self.man) < (other.exp, other.man)) { other } else { self }
    }
}
