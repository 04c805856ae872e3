//! Polynomials in one unknown with exact coefficients, and their real roots.

use super::interval::{Signs, Span};
use super::poly::Poly;
use crate::budget::pulse;
use crate::expr::{Id, Number};
use dashu_base::BitTest;
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

    fn is_zero(&self) -> bool {
        self.coefficients.is_empty()
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
        let (mut a, mut b) = (self.monic(), other.monic());
        while !b.is_zero() {
            let r = a.divided(&b).1.monic();
            (a, b) = (b, r);
        }
        a
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

    /// The chain of Sturm, whose sign changes count roots.
    fn sturm(&self) -> Vec<Univariate> {
        let mut chain = vec![self.clone(), self.derivative()];
        while let [.., a, b] = &chain[..]
            && b.degree() > 0
        {
            let rest = a.divided(b).1;
            // scaling by a positive number keeps the signs and the size down
            let next = Univariate::new(Vec::new()).minus(&rest.scaled_to_unit());
            if next.is_zero() {
                break;
            }
            chain.push(next);
        }
        chain
    }

    fn scaled_to_unit(&self) -> Univariate {
        match self.lead().abs().recip() {
            Some(r) => Univariate { coefficients: self.coefficients.iter().map(|c| c * &r).collect() },
            None => self.clone(),
        }
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
        let chain: Vec<Whole> = self.sturm().iter().map(Whole::of).collect();
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
        let whole = Whole::of(self);
        alone.into_iter().map(|(a, b)| whole.identify(a, b)).collect()
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
        let factors = self.square_free();
        let mut cuts: Vec<Number> = Vec::new();
        let mut out = Signs::of(&Number::integer(0)).and(Signs::NONZERO);
        for (factor, _) in &factors {
            for root in factor.roots() {
                match root {
                    Root::Rational(r) => {
                        if inside(&r, span) {
                            out = out.or(Signs::ZERO);
                        }
                        cuts.push(r);
                    }
                    Root::Irrational(a, b) => {
                        let (a, b) = factor.separated(a, b, span);
                        if inside(&halfway(&a, &b), span) {
                            out = out.or(Signs::ZERO);
                        }
                        cuts.push(a);
                        cuts.push(b);
                    }
                }
            }
        }
        cuts.sort();
        for probe in probes(&cuts, span) {
            out = out.or(Signs::of(&self.at(&probe)));
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
        let (low, high) = self.separated(low, high, span);
        inside(&halfway(&low, &high), span)
    }

    /// An isolating interval narrowed until no end of the span lies in it.
    fn separated(&self, mut a: Number, mut b: Number, span: &Span) -> (Number, Number) {
        let ends: Vec<Number> = [&span.0, &span.1].into_iter().flatten().map(|(n, _)| n.clone()).collect();
        let whole = Whole::of(self);
        let mut rounds = 0;
        while ends.iter().any(|e| *e >= a && *e <= b) && rounds < 2000 {
            (a, b) = whole.halved(a, b);
            rounds += 1;
        }
        (a, b)
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

    /// The half of an interval that holds its only root, which is a simple one.
    fn halved(&self, a: Number, b: Number) -> (Number, Number) {
        let middle = halfway(&a, &b);
        // the sign at b changes at the root
        if self.sign(&middle) == self.sign(&b) { (a, middle) } else { (middle, b) }
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
        assert!(*low > of("2e-121") && *high < of("3e-121"), "{low} {high}");
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
