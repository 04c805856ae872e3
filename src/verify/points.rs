//! Sample points: exact rationals in every orthant, tame ones first, with corners and very large and very small magnitudes.
//! Says where to look, not what is found there.

use crate::expr::{Graph, Id, Number, Relation, Symbol, View};
use std::collections::HashMap;

/// A value for each free symbol.
pub type Point = Vec<(Symbol, Number)>;

/// The values of a symbol that simple conditions (`a < x`, `x <= b`, `integer(x)`) leave.
#[derive(Clone, Debug, Default)]
pub struct Range {
    low: Option<Number>,
    high: Option<Number>,
    integer: bool,
}

impl Range {
    fn at_least(&mut self, bound: Number) {
        if self.low.as_ref().is_none_or(|l| *l < bound) {
            self.low = Some(bound);
        }
    }

    fn at_most(&mut self, bound: Number) {
        if self.high.as_ref().is_none_or(|h| *h > bound) {
            self.high = Some(bound);
        }
    }

    /// The least and the largest value, where there are such.
    pub fn bounds(&self) -> (Option<&Number>, Option<&Number>) {
        (self.low.as_ref(), self.high.as_ref())
    }

    /// Whether only integers are meant.
    pub fn is_whole(&self) -> bool {
        self.integer
    }

    fn contains(&self, v: &Number) -> bool {
        self.low.as_ref().is_none_or(|l| l <= v) && self.high.as_ref().is_none_or(|h| h >= v) && (!self.integer || v.is_integer())
    }
}

/// What `conditions` say of single symbols; `value` gives the number that an expression without symbols stands for.
///
/// Only a guide to where points are likely to satisfy the conditions: whether one does is for the evaluator to say.
pub fn ranges(g: &Graph, conditions: &[Id], value: impl Fn(Id) -> Option<Number>) -> HashMap<Symbol, Range> {
    let mut ranges: HashMap<Symbol, Range> = HashMap::new();
    let mut open = conditions.to_vec();
    while let Some(condition) = open.pop() {
        match g.view(condition) {
            View::And(parts) => open.extend_from_slice(parts),
            View::IsInteger(a) => {
                if let Some(s) = g.as_symbol(a) {
                    ranges.entry(s).or_default().integer = true;
                }
            }
            View::Compare(relation, a, b) => {
                for (subject, relation, bound) in [(a, relation, b), (b, relation.mirrored(), a)] {
                    if let (Some(s), Some(bound)) = (g.as_symbol(subject), value(bound)) {
                        narrow(ranges.entry(s).or_default(), relation, bound);
                    }
                }
            }
            _ => {}
        }
    }
    ranges
}

fn narrow(range: &mut Range, relation: Relation, bound: Number) {
    match relation {
        Relation::Less | Relation::LessEqual => range.at_most(bound),
        Relation::Greater | Relation::GreaterEqual => range.at_least(bound),
        Relation::Equal => {
            range.at_most(bound.clone());
            range.at_least(bound);
        }
        Relation::NotEqual => {}
    }
}

/// A stream of pseudo-random numbers: splitmix64 (S. Vigna), the same for the same seed.
pub(crate) struct Stream(pub u64);

impl Stream {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is small.
    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 32) % n.max(1)
    }

    /// A place in a list of this length.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// How large the coordinates of a point are.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// Up to 3 in size, with short numerators over odd and even denominators.
    Tame,
    /// 0, ±1, ±1/2, ±2, the ends of ranges, and numbers that stand in the expression.
    Corner,
    /// From 2^-20 to 2^20 in size, each binary order alike.
    Wide,
}

/// After the orthants, the manners take turns.
const TURNS: [Manner; 5] = [Manner::Corner, Manner::Tame, Manner::Wide, Manner::Corner, Manner::Tame];

/// Denominators of tame coordinates: odd and even, and 1 for functions that live on the integers.
const DENOMINATORS: [u64; 8] = [3, 8, 7, 1, 16, 5, 2, 11];

/// Draws points. The same symbols and seed give the same points.
pub struct Sampler {
    axes: Vec<(Symbol, Range)>,
    corners: Vec<Number>,
    seed: u64,
}

impl Sampler {
    /// A sampler over `symbols`, within `ranges`; `marks` are further corners, such as numbers in the expression.
    pub fn new(g: &Graph, symbols: &[Symbol], ranges: &HashMap<Symbol, Range>, marks: &[Number]) -> Self {
        let axes: Vec<_> = symbols.iter().map(|s| (*s, ranges.get(s).cloned().unwrap_or_default())).collect();
        let mut corners: Vec<Number> =
            [(0, 1), (-1, 1), (1, 2), (1, 1), (-1, 2), (2, 1), (-2, 1)].map(|(n, d)| Number::ratio(n, d)).into();
        corners.extend(marks.iter().filter(|m| !corners.contains(m)).cloned().collect::<Vec<_>>());
        let seed = symbols.iter().flat_map(|s| g.name(*s).bytes()).fold(0xCBF2_9CE4_8422_2325, hash_byte);
        Sampler { axes, corners, seed }
    }

    /// How many orthants are visited before anything else.
    pub fn orthants(&self) -> usize {
        1 << self.axes.len().min(4)
    }

    /// The candidate with this number. The first ones are tame and go through the orthants.
    pub fn draw(&self, number: usize) -> Point {
        let mut stream = Stream(self.seed ^ (number as u64).wrapping_mul(0xD134_2543_DE82_EF95));
        let (manner, turn) = match number.checked_sub(self.orthants()) {
            None => (Manner::Tame, number),
            Some(later) => (TURNS[later % TURNS.len()], later / TURNS.len() * 2 + usize::from(later % TURNS.len() > 2)),
        };
        let signs = if self.axes.len() <= 4 { turn as u64 } else { stream.next() };
        let axes = self.axes.iter().enumerate();
        axes.map(|(i, (symbol, range))| (*symbol, self.coordinate(range, manner, turn, signs >> i & 1 == 1, &mut stream)))
            .collect()
    }

    fn coordinate(&self, range: &Range, manner: Manner, turn: usize, negative: bool, stream: &mut Stream) -> Number {
        let raw = match manner {
            Manner::Tame => signed(tame(range.integer, stream), negative),
            Manner::Wide => signed(wide(range.integer, stream), negative),
            Manner::Corner => self.corner(range, turn, stream),
        };
        if range.contains(&raw) { raw } else { moved_inside(range, &raw, manner, turn, stream) }
    }

    /// With one axis the corners in turn; with more, all zeros and all ones, then mixtures with tame coordinates.
    fn corner(&self, range: &Range, turn: usize, stream: &mut Stream) -> Number {
        if self.axes.len() == 1 {
            return self.corners[turn % self.corners.len()].clone();
        }
        let choice = stream.below(2 * self.corners.len() as u64) as usize;
        match (turn, self.corners.get(choice)) {
            (0, _) => Number::integer(0),
            (1, _) => Number::integer(1),
            (_, Some(corner)) => corner.clone(),
            (_, None) => signed(tame(range.integer, stream), stream.below(2) == 1),
        }
    }
}

fn hash_byte(h: u64, byte: u8) -> u64 {
    (h ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
}

fn signed(v: Number, negative: bool) -> Number {
    if negative { -&v } else { v }
}

fn tame(integer: bool, stream: &mut Stream) -> Number {
    let d = if integer { 1 } else { DENOMINATORS[stream.below(DENOMINATORS.len() as u64) as usize] };
    let most = if d == 1 { 6 } else { 3 * d };
    Number::ratio(stream.below(most) as i64 + 1, d)
}

/// `(1 + k/16)·2^e` or a third of it, with `e` from -20 to 20; for integers up to 64.
fn wide(integer: bool, stream: &mut Stream) -> Number {
    if integer {
        return Number::integer(stream.below(64) as i64);
    }
    let mantissa = 16 + stream.below(16) as i64;
    let exponent = stream.below(41) as i64 - 20;
    let divisor = 16 * (1 + 2 * stream.below(2));
    if exponent >= 0 { Number::ratio(mantissa << exponent, divisor) } else { Number::ratio(mantissa, divisor << -exponent) }
}

/// A number within the range, as `raw` is among all numbers: inside, at an end, or close to an end.
fn moved_inside(range: &Range, raw: &Number, manner: Manner, turn: usize, stream: &mut Stream) -> Number {
    let moved = match (&range.low, &range.high) {
        (Some(low), Some(high)) => {
            let share = match manner {
                Manner::Tame => Number::ratio(1 + stream.below(12) as i64, 13),
                Manner::Corner => Number::ratio((turn % 3) as i64, 2),
                Manner::Wide => Number::ratio(1, 1 << (2 + stream.below(18))),
            };
            let share = if manner == Manner::Wide && turn % 2 == 1 { &Number::integer(1) - &share } else { share };
            low + &(&(high - low) * &share)
        }
        (Some(low), None) => low + &raw.abs(),
        (None, Some(high)) => high - &raw.abs(),
        (None, None) => raw.clone(),
    };
    match (range.integer, &range.low) {
        (false, _) => moved,
        (true, None) => moved.floor(),
        (true, Some(_)) => -&(-&moved).floor(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sampler(g: &mut Graph, names: &[&str], conditions: &[Id]) -> Sampler {
        let symbols: Vec<Symbol> = names.iter().map(|n| g.intern(n)).collect();
        let ranges = ranges(g, conditions, |id| g.as_number(id).cloned());
        Sampler::new(g, &symbols, &ranges, &[])
    }

    #[test]
    fn every_orthant_up_to_four_variables_comes_first() {
        for n in 1..=4 {
            let mut g = Graph::new();
            let s = sampler(&mut g, &["a", "b", "c", "d"][..n], &[]);
            let signs = |p: Point| p.iter().map(|(_, v)| v.is_negative()).collect::<Vec<_>>();
            let seen: std::collections::HashSet<_> = (0..1 << n).map(|i| signs(s.draw(i))).collect();
            assert_eq!(seen.len(), 1 << n);
        }
    }

    #[test]
    fn all_corners_and_extreme_magnitudes_occur() {
        let mut g = Graph::new();
        let s = sampler(&mut g, &["x"], &[]);
        let seen: Vec<Number> = (0..60).map(|i| s.draw(i)[0].1.clone()).collect();
        for corner in [(0, 1), (1, 1), (-1, 1), (1, 2), (-1, 2), (2, 1), (-2, 1)] {
            assert!(seen.contains(&Number::ratio(corner.0, corner.1)), "{corner:?}");
        }
        assert!(seen.iter().any(|v| v.abs() > Number::integer(1000)));
        assert!(seen.iter().any(|v| !v.is_zero() && v.abs() < Number::ratio(1, 1000)));
        assert!(seen.iter().all(|v| v.bits() < 32));
    }

    #[test]
    fn simple_bounds_are_respected() {
        let mut g = Graph::new();
        let (p, n, zero, one) = (g.variable("p"), g.variable("n"), g.integer(0), g.integer(1));
        let low = g.compare(Relation::Less, zero, p);
        let high = g.compare(Relation::Less, p, one);
        let chain = g.and(&[low, high]);
        let whole = g.is_integer(n);
        let positive = g.compare(Relation::GreaterEqual, n, one);
        let s = sampler(&mut g, &["p", "n"], &[chain, whole, positive]);
        let (mut inside, mut ends) = (0, 0);
        for i in 0..60 {
            let point = s.draw(i);
            let (p, n) = (&point[0].1, &point[1].1);
            assert!(n.is_integer() && n.is_positive(), "{n}");
            assert!(!p.is_negative() && *p <= Number::integer(1), "{p}");
            if p.is_zero() || p.is_one() { ends += 1 } else { inside += 1 }
        }
        assert!(inside > 35 && ends > 0);
    }

    #[test]
    fn the_same_names_give_the_same_points() {
        let (mut g, mut h) = (Graph::new(), Graph::new());
        h.variable("other");
        let (s, t) = (sampler(&mut g, &["x", "y"], &[]), sampler(&mut h, &["x", "y"], &[]));
        let values = |p: Point| p.into_iter().map(|(_, v)| v).collect::<Vec<_>>();
        assert!((0..40).all(|i| values(s.draw(i)) == values(t.draw(i))));
    }
}
