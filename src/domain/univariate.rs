//! Polynomials in one unknown with exact coefficients, and their real roots.

use super::interval::{Signs, Span};
use super::poly::Poly;
use crate::budget::pulse;
use crate::expr::{Id, Number};
use dashu_base::{BitTest, Gcd, RemEuclid, UnsignedAbs};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use std::cmp::Ordering;

/// A polynomial in one unknown: coefficients from the constant up, the last not 0.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Univariate {
    coefficients: Vec<Number>,
}

/// A real root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Root {
    /// Exactly known.
    Rational(Number),
    /// Strictly between two rationals, and alone there.
    Irrational(Number, Number),
}

impl Univariate {
    /// From coefficients, constant first.
    pub fn new(mut coefficients: Vec<Number>) -> Self {
        while coefficients.last().is_some_and(Number::is_zero) {
            coefficients.pop();
        }
        Univariate { coefficients }
    }

    /// The degree; 0 also for the zero polynomial.
    pub fn degree(&self) -> usize {
        self.coefficients.len().saturating_sub(1)
    }

    fn lead(&self) -> Number {
        self.coefficients.last().cloned().unwrap_or_else(|| Number::integer(0))
    }

    /// The value at a point.
    pub fn at(&self, x: &Number) -> Number {
        pulse();
        self.coefficients.iter().rev().fold(Number::integer(0), |sum, c| &(&sum * x) + c)
    }

    fn derivative(&self) -> Univariate {
        Univariate::new(self.coefficients.iter().enumerate().skip(1).map(|(k, c)| c * &Number::integer(k as i64)).collect())
    }

    fn minus(&self, other: &Univariate) -> Univariate {
        let n = self.coefficients.len().max(other.coefficients.len());
        let at = |p: &Univariate, k: usize| p.coefficients.get(k).cloned().unwrap_or_else(|| Number::integer(0));
        Univariate::new((0..n).map(|k| &at(self, k) - &at(other, k)).collect())
    }

    /// The product.
    pub fn times(&self, other: &Univariate) -> Univariate {
        pulse();
        let mut out = vec![Number::integer(0); self.coefficients.len() + other.coefficients.len()];
        for (i, a) in self.coefficients.iter().enumerate() {
            for (j, b) in other.coefficients.iter().enumerate() {
                out[i + j] = &out[i + j] + &(a * b);
            }
        }
        Univariate::new(out)
    }

    /// Quotient and remainder; the divisor must not be zero.
    fn divided(&self, by: &Univariate) -> (Univariate, Univariate) {
        let mut rest = self.coefficients.clone();
        let mut quotient = vec![Number::integer(0); self.coefficients.len()];
        let Some(inverse) = by.lead().recip() else { return (Univariate::new(Vec::new()), self.clone()) };
        while rest.len() >= by.coefficients.len() {
            let shift = rest.len() - by.coefficients.len();
            let factor = rest.last().map_or_else(|| Number::integer(0), |c| c * &inverse);
            for (k, c) in by.coefficients.iter().enumerate() {
                rest[shift + k] = &rest[shift + k] - &(&factor * c);
            }
            quotient[shift] = factor;
            rest.pop();
        }
        (Univariate::new(quotient), Univariate::new(rest))
    }

    fn monic(&self) -> Univariate {
        match self.lead().recip() {
            Some(r) => Univariate { coefficients: self.coefficients.iter().map(|c| c * &r).collect() },
            None => self.clone(),
        }
    }

    fn gcd(&self, other: &Univariate) -> Univariate {
        let (mut a, mut b) = (Whole::of(self), Whole::of(other));
        while !b.is_zero() {
            let rest = a.remainder(&b);
            (a, b) = (b, rest);
        }
        a.rational().monic()
    }

    /// The polynomial with each of its roots once.
    pub fn without_repeats(&self) -> Univariate {
        let common = self.gcd(&self.derivative());
        if common.degree() == 0 { self.clone() } else { self.divided(&common).0 }
    }

    /// Square-free factors with their multiplicities (Yun's algorithm); constants are left out.
    pub fn square_free(&self) -> Vec<(Univariate, u32)> {
        let mut out = Vec::new();
        if self.degree() == 1 {
            return vec![(self.monic(), 1)];
        }
        let slope = self.derivative();
        let common = self.gcd(&slope);
        if self.degree() == 0 {
            return out;
        }
        let mut b = self.divided(&common).0;
        let mut c = slope.divided(&common).0;
        let mut d = c.minus(&b.derivative());
        let mut multiplicity = 1;
        while b.degree() > 0 {
            let factor = b.gcd(&d);
            b = b.divided(&factor).0;
            c = d.divided(&factor).0;
            d = c.minus(&b.derivative());
            if factor.degree() > 0 {
                out.push((factor, multiplicity));
            }
            multiplicity += 1;
        }
        out
    }

    /// The distinct real roots of a square-free polynomial, ascending.
    pub fn roots(&self) -> Vec<Root> {
        if self.degree() == 0 {
            return Vec::new();
        }
        if let [last, first] = &self.coefficients[..]
            && let Some(root) = (-last).checked_div(first)
        {
            return vec![Root::Rational(root)];
        }
        let whole = Whole::of(self);
        let chain = whole.sturm();
        let bound = self.root_bound();
        let mut open = vec![(-&bound, bound)];
        let mut alone = Vec::new();
        while let Some((a, b)) = open.pop() {
            match changes(&chain, &a).saturating_sub(changes(&chain, &b)) {
                0 => {}
                1 => alone.push((a, b)),
                _ => {
                    let middle = halfway(&a, &b);
                    open.push((a, middle.clone()));
                    open.push((middle, b));
                }
            }
        }
        alone.sort();
        let may_be_rational = whole.may_have_rational_roots();
        alone.into_iter().map(|(a, b)| if may_be_rational { whole.identify(a, b) } else { Root::Irrational(a, b) }).collect()
    }

    /// A power of two beyond every root in both directions: twice the largest `|c[n - k]/c[n]|^(1/k)` (Fujiwara's bound). The roots of
    /// `x^2 - 1e-240` are looked for where they are.
    fn root_bound(&self) -> Number {
        let lead = self.lead();
        let ratios = self.coefficients.iter().rev().enumerate().skip(1).filter(|(_, c)| !c.is_zero());
        let powers = ratios.filter_map(|(k, c)| Some(binary_order(&c.checked_div(&lead)?).div_euclid(k as i64) + 1));
        let two = Number::integer(2);
        powers.max().and_then(|k| two.checked_pow(k + 1)).unwrap_or(two)
    }

    /// The signs that occur on a span of the line.
    pub fn signs_on(&self, span: &Span) -> Signs {
        let once = self.without_repeats();
        let mut out = Signs::of(&Number::integer(0)).and(Signs::NONZERO);
        let mut cuts: Vec<Number> = Vec::new();
        for (low, high) in once.separated_roots(span) {
            if inside(&halfway(&low, &high), span) {
                out = out.or(Signs::ZERO);
            }
            cuts.extend([low, high]);
        }
        for probe in probes(&cuts, span) {
            out = out.or(Signs::of(&self.at(&probe)));
        }
        out
    }

    /// Enclosures of the distinct real roots of a square-free polynomial, ascending, with room between them, so that each piece that
    /// the roots leave has a number beside them; no end of the span lies in one that is not a point.
    fn separated_roots(&self, span: &Span) -> Vec<(Number, Number)> {
        let whole = Whole::of(self);
        let mut out: Vec<(Number, Number)> = Vec::new();
        for root in self.roots() {
            let (mut low, mut high) = match root {
                Root::Rational(x) => (x.clone(), x),
                Root::Irrational(low, high) => whole.beside_ends(low, high, span),
            };
            // a point stays as it is where it is halved
            if let Some(before) = out.last_mut() {
                while before.1 >= low {
                    *before = whole.halved(before.0.clone(), before.1.clone());
                    (low, high) = whole.halved(low, high);
                }
            }
            out.push((low, high));
        }
        out
    }

    /// The quotient by `x - root`, for a root.
    pub fn without_root(&self, root: &Number) -> Univariate {
        self.divided(&Univariate::new(vec![-root, Number::integer(1)])).0
    }

    /// The polynomial with an atom for its unknown.
    pub fn in_atom(&self, atom: Id) -> Poly {
        let monomial = |k: usize| if k == 0 { Vec::new() } else { vec![(atom, k as u32)] };
        Poly::of_terms(self.coefficients.iter().enumerate().map(|(k, c)| (monomial(k), c.clone())))
    }

    /// Whether the irrational root between two rationals lies in the span.
    pub fn crosses(&self, low: Number, high: Number, span: &Span) -> bool {
        let (low, high) = Whole::of(self).beside_ends(low, high, span);
        inside(&halfway(&low, &high), span)
    }
}

/// A polynomial scaled by a positive number so that its coefficients are integers, highest power first: signs without fractions.
struct Whole {
    coefficients: Vec<IBig>,
}

impl Whole {
    fn of(p: &Univariate) -> Whole {
        let scale = Number::content(&p.coefficients).recip().unwrap_or_else(|| Number::integer(1));
        let whole = |c: &Number| (c * &scale).value().numerator().clone();
        Whole { coefficients: p.coefficients.iter().rev().map(whole).collect() }
    }

    /// The sign at a point.
    fn sign(&self, x: &Number) -> Ordering {
        pulse();
        let (n, d) = (x.value().numerator(), x.value().denominator());
        let mut scale = UBig::ONE;
        let mut sum = IBig::ZERO;
        for c in &self.coefficients {
            sum = sum * n + c * &scale;
            scale *= d;
        }
        sum.cmp(&IBig::ZERO)
    }

    fn is_zero(&self) -> bool {
        self.coefficients.is_empty()
    }

    fn degree(&self) -> usize {
        self.coefficients.len().saturating_sub(1)
    }

    fn rational(&self) -> Univariate {
        Univariate::new(self.coefficients.iter().rev().map(|c| Number::rational(RBig::from(c.clone()))).collect())
    }

    /// The remainder of the division by another one, times a positive number: without fractions, and without a common divisor.
    fn remainder(&self, by: &Whole) -> Whole {
        let mut rest = self.coefficients.clone();
        let Some((lead, others)) = by.coefficients.split_first() else { return Whole { coefficients: rest } };
        let (sign, size) = (lead.sign(), IBig::from(lead.clone().unsigned_abs()));
        while rest.len() > others.len() {
            let top = rest.remove(0) * sign;
            if top.is_zero() {
                continue;
            }
            pulse();
            for (k, c) in rest.iter_mut().enumerate() {
                *c *= &size;
                if let Some(other) = others.get(k) {
                    *c -= &top * other;
                }
            }
        }
        let first = rest.iter().position(|c| !c.is_zero()).unwrap_or(rest.len());
        rest.drain(..first);
        let content = rest.iter().fold(UBig::ZERO, |d, c| if d.is_one() { d } else { d.gcd(c.clone().unsigned_abs()) });
        if content > UBig::ONE {
            rest.iter_mut().for_each(|c| *c /= &content);
        }
        Whole { coefficients: rest }
    }

    /// The chain of Sturm, whose sign changes count roots.
    fn sturm(&self) -> Vec<Whole> {
        let slope = Whole::of(&self.rational().derivative());
        let mut chain = vec![Whole { coefficients: self.coefficients.clone() }, slope];
        while let [.., a, b] = &chain[..]
            && b.degree() > 0
        {
            let mut next = a.remainder(b);
            if next.is_zero() {
                break;
            }
            next.coefficients.iter_mut().for_each(|c| *c *= IBig::NEG_ONE);
            chain.push(next);
        }
        chain
    }

    /// Whether there may be a rational root: where there is one, there is one modulo every prime that the first coefficient lets be.
    fn may_have_rational_roots(&self) -> bool {
        const PRIMES: [u64; 12] = [53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103];
        PRIMES.iter().all(|prime| {
            let small = |c: &IBig| u64::try_from(c.rem_euclid(&IBig::from(*prime))).unwrap_or(0);
            let coefficients: Vec<u64> = self.coefficients.iter().map(small).collect();
            let is_root = |x: u64| coefficients.iter().fold(0, |sum, c| (sum * x + c) % prime) == 0;
            coefficients.first() == Some(&0) || (0..*prime).any(is_root)
        })
    }

    /// An interval of only one root, which is irrational, cut at the ends of the span that lie in it.
    fn beside_ends(&self, mut low: Number, mut high: Number, span: &Span) -> (Number, Number) {
        for (end, _) in [&span.0, &span.1].into_iter().flatten() {
            if *end >= low && *end <= high {
                (low, high) = self.cut(low, high, end.clone());
            }
        }
        // the root lies strictly within, but an end may still touch
        while [&span.0, &span.1].into_iter().flatten().any(|(end, _)| *end == low || *end == high) {
            (low, high) = self.halved(low, high);
        }
        (low, high)
    }

    /// The part of an interval on one side of a number in it that holds its only root, which is a simple one.
    fn cut(&self, low: Number, high: Number, at: Number) -> (Number, Number) {
        // the sign at the upper end changes at the root
        if self.sign(&at) == self.sign(&high) { (low, at) } else { (at, high) }
    }

    /// The half of an interval that holds its only root, which is a simple one.
    fn halved(&self, a: Number, b: Number) -> (Number, Number) {
        let middle = halfway(&a, &b);
        self.cut(a, b, middle)
    }

    /// The only root in `(a, b]`: exactly where it is rational. A rational root times the leading coefficient is an integer.
    fn identify(&self, mut a: Number, mut b: Number) -> Root {
        let scale =
            self.coefficients.first().map_or_else(|| Number::integer(1), |c| Number::rational(RBig::from(c.clone())).abs());
        let width = (&scale * &Number::integer(4)).recip().unwrap_or_else(|| Number::integer(1));
        let is_zero = |x: &Number| self.sign(x).is_eq();
        loop {
            if is_zero(&b) {
                return Root::Rational(b);
            }
            if &b - &a < width && !is_zero(&a) {
                break;
            }
            let from = a.clone();
            (a, b) = self.halved(a, b);
            if a != from && is_zero(&a) {
                return Root::Rational(a);
            }
        }
        let nearest = (&(&b * &scale) + &Number::ratio(1, 2)).floor();
        [nearest.clone(), &nearest - &Number::integer(1)]
            .iter()
            .filter_map(|n| n.checked_div(&scale))
            .find(|r| *r > a && *r <= b && is_zero(r))
            .map_or(Root::Irrational(a, b), Root::Rational)
    }
}

/// The least `k` with `|x| < 2^k`, or one more; `x` must not be zero.
fn binary_order(x: &Number) -> i64 {
    x.value().numerator().bit_len() as i64 - x.value().denominator().bit_len() as i64 + 1
}

/// Whether a number lies in a span.
pub fn inside(x: &Number, span: &Span) -> bool {
    let above = span.0.as_ref().is_none_or(|(low, open)| x > low || (x == low && !open));
    let below = span.1.as_ref().is_none_or(|(high, open)| x < high || (x == high && !open));
    above && below
}

/// One number in each piece of the span that the sorted cuts leave.
pub fn probes(cuts: &[Number], span: &Span) -> Vec<Number> {
    let mut marks: Vec<Number> = cuts.iter().filter(|c| inside(c, span)).cloned().collect();
    marks.extend([&span.0, &span.1].into_iter().flatten().map(|(n, _)| n.clone()));
    marks.sort();
    marks.dedup();
    let one = Number::integer(1);
    let mut out: Vec<Number> = marks.windows(2).map(|w| halfway(&w[0], &w[1])).collect();
    match (marks.first(), marks.last()) {
        (Some(first), Some(last)) => {
            if span.0.is_none() {
                out.insert(0, first - &one);
            }
            if span.1.is_none() {
                out.push(last + &one);
            }
            if first == last && inside(first, span) && !cuts.contains(first) {
                out.push(first.clone());
            }
        }
        _ => out.push(Number::integer(0)),
    }
    out
}

fn halfway(a: &Number, b: &Number) -> Number {
    &(a + b) * &Number::ratio(1, 2)
}

/// How often the signs of a Sturm chain change at a point.
fn changes(chain: &[Whole], x: &Number) -> usize {
    let signs: Vec<Ordering> = chain.iter().map(|p| p.sign(x)).filter(|s| s.is_ne()).collect();
    signs.windows(2).filter(|w| w[0] != w[1]).count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn poly(c: &[i64]) -> Univariate {
        Univariate::new(c.iter().map(|n| Number::integer(*n)).collect())
    }

    #[test]
    fn rational_and_irrational_roots_are_told_apart() {
        assert_eq!(poly(&[-1, 0, 1]).roots(), [Root::Rational(Number::integer(-1)), Root::Rational(Number::integer(1))]);
        assert_eq!(poly(&[2, 3]).roots(), [Root::Rational(Number::ratio(-2, 3))]);
        assert!(matches!(poly(&[-2, 0, 1]).roots()[..], [Root::Irrational(..), Root::Irrational(..)]));
        assert_eq!(poly(&[1, 1, 1]).roots(), []);
        assert_eq!(poly(&[0, -1, 0, 1]).roots().len(), 3);
        // (3x - 1)(7x + 5)(x^2 - 3)
        let p = poly(&[-1, 3]).times(&poly(&[5, 7])).times(&poly(&[-3, 0, 1]));
        let rational = p.roots().into_iter().filter(|r| matches!(r, Root::Rational(_))).count();
        assert_eq!((p.roots().len(), rational), (4, 2));
    }

    #[test]
    fn tiny_and_huge_roots_are_found_where_they_are() {
        let of = |text: &str| Number::parse(text).unwrap();
        let square = |c: &str| Univariate::new(vec![-&of(c), of("0"), of("1")]);
        assert_eq!(square("1e-240").roots(), [Root::Rational(-&of("1e-120")), Root::Rational(of("1e-120"))]);
        assert_eq!(square("1e240").roots(), [Root::Rational(-&of("1e120")), Root::Rational(of("1e120"))]);
        let tiny = square("5e-242").roots();
        let [Root::Irrational(..), Root::Irrational(low, high)] = &tiny[..] else { panic!("{tiny:?}") };
        assert!(*low >= of("0") && *high > of("2.236e-121") && *high < of("1e-119"), "{low} {high}");
        // the roots 0, 1/3 and 10^30
        let p = poly(&[0, -1, 3]).times(&Univariate::new(vec![of("-1e30"), of("1")]));
        assert_eq!(p.roots(), [Root::Rational(of("0")), Root::Rational(Number::ratio(1, 3)), Root::Rational(of("1e30"))]);
    }

    #[test]
    fn square_free_factors_keep_their_multiplicity() {
        let p = poly(&[-1, 1]).times(&poly(&[-1, 1])).times(&poly(&[2, 1]));
        let mut found: Vec<(usize, u32)> = p.square_free().iter().map(|(f, m)| (f.degree(), *m)).collect();
        found.sort_unstable();
        assert_eq!(found, [(1, 1), (1, 2)]);
    }

    #[test]
    fn every_piece_between_close_roots_has_a_sign() {
        let negative = |p: &Univariate, span: &Span| Signs::NEGATIVE.within(p.signs_on(span));
        let open = |a: i64, b: i64| (Some((Number::integer(a), true)), Some((Number::integer(b), true)));
        // two roots around 0, at which their intervals meet
        assert_eq!(poly(&[1, 0, -300, 0, 1]).signs_on(&open(-1, 1)), Signs::ANY);
        assert_eq!(poly(&[1, 0, -300, 0, 1]).signs_on(&open(-1, 0)), Signs::ANY);
        // roots of different multiplicity, 1.414213... and 1.414249...
        let mut p = poly(&[-2, 0, 1]);
        (0..3).for_each(|_| p = p.times(&poly(&[-20001, 0, 10000])));
        assert_eq!(p.signs_on(&open(1, 2)), Signs::ANY);
        // between 1 and a root right of it, by 10^-30
        let near = Univariate::new(vec![-&Number::parse("1.000000000000000000000000000001").unwrap(), Number::integer(1)]);
        let p = poly(&[-1, 1]).times(&near);
        assert!(negative(&p, &open(0, 2)) && !negative(&p, &open(-3, 1)) && !negative(&p, &open(2, 3)));
        // an irrational root, and an end of the span by 10^-76 beside it
        let root = "1.4142135623730950488016887242096980785696718753769480731766797379907324784621";
        let ends = (Some((Number::parse(root).unwrap(), false)), None);
        assert_eq!(poly(&[-2, 0, 1]).signs_on(&ends), Signs::ANY);
        let ends = (Some((Number::parse(&format!("{root}1")).unwrap(), false)), None);
        assert_eq!(poly(&[-2, 0, 1]).signs_on(&ends), Signs::POSITIVE);
    }

    #[test]
    fn no_sign_is_missed() {
        let mut seed = 12345u64;
        let mut draw = |below: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            ((seed >> 33) % below) as i64
        };
        for _ in 0..200 {
            let mut p = poly(&[1]);
            for _ in 0..1 + draw(3) {
                let factor = [draw(400) - 200, draw(9) - 4, draw(60) - 30, 1];
                let factor = poly(&factor[draw(3) as usize..]);
                (0..1 + draw(2)).for_each(|_| p = p.times(&factor));
            }
            let ends = [draw(12) - 6, draw(12) - 6];
            let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]) + 1);
            let span = (Some((Number::integer(low), true)), Some((Number::integer(high), true)));
            let found = p.signs_on(&span);
            for k in 1..600 {
                let x = &Number::integer(low) + &Number::ratio(k * (high - low), 600);
                assert!(Signs::of(&p.at(&x)).within(found), "{p:?} at {x} of {span:?}");
            }
        }
    }

    #[test]
    fn signs_on_a_span() {
        let unit: Span = (Some((Number::integer(0), true)), Some((Number::integer(1), true)));
        assert_eq!(poly(&[0, 1, -1]).signs_on(&unit), Signs::POSITIVE);
        assert_eq!(poly(&[1, 1, 1]).signs_on(&(None, None)), Signs::POSITIVE);
        assert_eq!(poly(&[1, -2, 1]).signs_on(&(None, None)), Signs::POSITIVE.or(Signs::ZERO));
        assert_eq!(poly(&[-2, 0, 1]).signs_on(&(None, None)), Signs::ANY);
        let from_two: Span = (Some((Number::integer(2), false)), None);
        assert_eq!(poly(&[-2, 0, 1]).signs_on(&from_two), Signs::POSITIVE);
    }
}
