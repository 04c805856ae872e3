//! Seeded points: over all exponents of f64, and where a function is delicate.

/// A generator of pseudo-random numbers (Steele, Lea and Flood's SplitMix64), the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() >> 33) as usize % n
    }
}

/// Where the values of one argument are taken from.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// Every exponent as often as every other, subnormal numbers too, of both signs.
    Whole,
    /// The same above 0.
    Positive,
    /// The same below 0.
    Negative,
    /// Uniform between two numbers.
    Line(f64, f64),
    /// The exponents between two as often as each other.
    Powers(i32, i32),
    /// At distances of every size from a number, on both sides.
    Near(f64),
    /// At distances of every size from the whole numbers between two.
    NearWhole(i32, i32),
    /// The whole numbers between two.
    Count(i32, i32),
}

/// A share of the subnormal numbers among all exponents that is worth having.
const SUBNORMAL: u64 = 40;

impl Place {
    pub fn draw(self, random: &mut Random) -> f64 {
        match self {
            Place::Whole => {
                let x = whole(random);
                if random.below(2) == 0 { -x } else { x }
            }
            Place::Positive => whole(random),
            Place::Negative => -whole(random),
            Place::Line(a, b) => a + (b - a) * random.unit(),
            Place::Powers(a, b) => libm::scalbn(1.0 + random.unit(), Place::Count(a, b).draw(random) as i32),
            Place::Near(c) => c + distance(c, random),
            Place::NearWhole(a, b) => {
                let c = Place::Count(a, b).draw(random);
                c + distance(c, random)
            }
            Place::Count(a, b) => f64::from(a) + random.below((b - a + 1) as usize) as f64,
        }
    }
}

fn whole(random: &mut Random) -> f64 {
    let fraction = random.bits() >> 12;
    match random.bits() % (2046 + SUBNORMAL) {
        field @ 0..2046 => f64::from_bits((field + 1) << 52 | fraction),
        _ => f64::from_bits(fraction >> random.below(52)),
    }
}

fn distance(c: f64, random: &mut Random) -> f64 {
    let size = c.abs().max(0.125) * libm::exp2(-56.0 * random.unit()) * 0.5;
    if random.below(2) == 0 { -size } else { size }
}
