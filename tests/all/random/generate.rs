//! Random expressions: the same seed and number give the same expression. Weighted towards what simplifiers get wrong.

use super::shapes::{BRANCHES, CALLS, EXPONENTS, FUNCTIONS, NUMBERS, SHAPES};
use grad::expr::{Graph, Id, walk};
use grad::resolve::formula;
use std::collections::HashMap;

/// The deepest expressions, in generations of parts.
const DEEPEST: u64 = 6;

/// Expressions of more nodes than this are drawn again, less deep: they take long and show little more.
const LARGEST: u64 = 70;

/// A stream of pseudo-random numbers: splitmix64.
pub struct Stream(u64);

impl Stream {
    /// The stream of one case.
    pub fn new(seed: u64, number: u64) -> Self {
        Stream(seed.wrapping_mul(0xA076_1D64_78BD_642F) ^ number.wrapping_mul(0xD134_2543_DE82_EF95))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is small.
    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 32) % n.max(1)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len() as u64) as usize]
    }

    fn weighted(&mut self, from: &[(&'static str, u64)]) -> &'static str {
        let mut at = self.below(from.iter().map(|f| f.1).sum());
        for (text, weight) in from {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return text,
            }
        }
        from[0].0
    }
}

/// The expression with this number, in variables x, y and z.
pub fn expression(g: &mut Graph, seed: u64, number: u64) -> Id {
    let mut stream = Stream::new(seed, number);
    // most are shallow: what fails, fails small
    let mut depth = [1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, DEEPEST][stream.below(12) as usize];
    let variables = [1, 1, 1, 2, 2, 3][stream.below(6) as usize];
    loop {
        let mut maker = Maker { g, stream: &mut stream, variables, pool: Vec::new() };
        let made = maker.any(depth);
        if walk::tree_size(g, made) <= LARGEST && !walk::free_symbols(g, &[made]).is_empty() {
            return made;
        }
        depth = depth.saturating_sub(1).max(1);
    }
}

struct Maker<'m> {
    g: &'m mut Graph,
    stream: &'m mut Stream,
    variables: u64,
    /// Parts that were made before and may come again.
    pool: Vec<Id>,
}

impl Maker<'_> {
    fn any(&mut self, depth: u64) -> Id {
        let made = match self.stream.below(100) {
            _ if depth == 0 => return self.leaf(),
            0..6 if !self.pool.is_empty() => return self.again(),
            0..12 => return self.leaf(),
            12..50 => {
                let shape = self.stream.pick(SHAPES);
                self.filled(shape, depth)
            }
            50..68 => {
                let name = self.stream.weighted(FUNCTIONS);
                self.filled(&format!("{name}(A)"), depth)
            }
            68..80 => self.filled("A^P", depth),
            80..92 => {
                let shape = self.stream.pick(&["A + B", "A - B", "A*B", "A/B", "A + B + C", "A*B*C", "-A", "A*(B + C)"]);
                self.filled(shape, depth)
            }
            92..97 => {
                let call = self.stream.pick(CALLS);
                self.filled(call, depth)
            }
            _ => {
                let branch = self.stream.pick(BRANCHES);
                self.filled(branch, depth)
            }
        };
        self.pool.push(made);
        made
    }

    /// A part that was made before, as it is, or its opposite or reciprocal.
    fn again(&mut self) -> Id {
        let part = self.pool[self.stream.below(self.pool.len() as u64) as usize];
        let one = self.g.integer(1);
        match self.stream.below(4) {
            0 => self.g.neg(part),
            1 => self.g.div(one, part),
            _ => part,
        }
    }

    fn leaf(&mut self) -> Id {
        if self.stream.chance(70) {
            let name = ["x", "y", "z"][self.stream.below(self.variables) as usize];
            return self.g.variable(name);
        }
        let number = self.stream.weighted(NUMBERS);
        self.read(number)
    }

    fn read(&mut self, text: &str) -> Id {
        formula(self.g, text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"))
    }

    /// A shape with its parts put in.
    fn filled(&mut self, shape: &str, depth: u64) -> Id {
        let template = self.read(shape);
        let mut parts = HashMap::new();
        for hole in walk::free_symbols(self.g, &[template]) {
            let part = match self.g.name(hole) {
                "A" => self.any(depth - 1),
                // at most one part is deep, or expressions would be large only
                "B" | "C" => {
                    let shallow = self.stream.below(depth.min(3));
                    self.any(shallow)
                }
                "P" | "Q" => self.exponent(),
                "N" => {
                    let n = self.stream.below(4) as i64 + 1;
                    self.g.integer(n)
                }
                _ => continue,
            };
            let hole = self.g.symbol(hole);
            parts.insert(hole, part);
        }
        walk::substitute(self.g, template, &parts)
    }

    fn exponent(&mut self) -> Id {
        let text = self.stream.weighted(EXPONENTS);
        self.filled(text, 1)
    }
}

/// The same expression with the terms of sums and the factors of products in another order.
pub fn shuffled(g: &mut Graph, e: Id, stream: &mut Stream) -> Id {
    use grad::expr::View;
    walk::rebuild(g, e, |g, id, kids| {
        let mut kids = kids.to_vec();
        if matches!(g.view(id), View::Add(_) | View::Mul(_)) {
            for k in (1..kids.len()).rev() {
                kids.swap(k, stream.below(k as u64 + 1) as usize);
            }
        }
        if g.children(id) == kids { id } else { g.with_children(id, &kids) }
    })
}
