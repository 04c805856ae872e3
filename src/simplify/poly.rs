//! Polynomials in several variables over the integers: what cancellation and factoring need, and nothing of expressions.
//! Every operation draws on a budget, so that no input makes it run long.

use crate::budget::pulse;
use dashu_base::{Gcd, Sign, Signed, UnsignedAbs};
use dashu_int::{IBig, UBig};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Exponents of a monomial, one for each variable.
pub type Powers = Vec<u16>;

/// So many terms are moved from one list to another for the price of one product.
const MOVED: usize = 16;

/// The work that is left, counted in products of terms; when it is spent, operations answer `None`.
#[derive(Debug)]
pub struct Budget(u64);

impl Budget {
    /// A budget of so many products of terms.
    pub fn new(work: u64) -> Self {
        Budget(work)
    }

    /// What is left.
    pub fn left(&self) -> u64 {
        self.0
    }

    fn spend(&mut self, work: usize) -> Option<()> {
        pulse();
        let left = self.0.checked_sub(work as u64);
        self.0 = left.unwrap_or(0);
        left.map(|_| ())
    }
}

/// A polynomial; its terms descend in lexicographic order and none is zero.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Poly {
    terms: Vec<(Powers, IBig)>,
}

impl Poly {
    /// The constant polynomial `c` in `vars` variables.
    pub fn constant(vars: usize, c: IBig) -> Self {
        if c.is_zero() { Poly::default() } else { Poly { terms: vec![(vec![0; vars], c)] } }
    }

    /// The polynomial 1.
    pub fn one(vars: usize) -> Self {
        Poly::constant(vars, IBig::ONE)
    }

    /// The monomial with these powers and coefficient 1.
    pub fn monomial(powers: Powers) -> Self {
        Poly { terms: vec![(powers, IBig::ONE)] }
    }

    /// The variable with this index.
    pub fn variable(vars: usize, index: usize) -> Self {
        let mut powers = vec![0; vars];
        powers[index] = 1;
        Poly::monomial(powers)
    }

    /// Its terms, largest first.
    pub fn terms(&self) -> &[(Powers, IBig)] {
        &self.terms
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it is 1.
    pub fn is_one(&self) -> bool {
        self.as_constant().is_some_and(|c| *c == IBig::ONE)
    }

    /// The value, where no variable occurs.
    pub fn as_constant(&self) -> Option<&IBig> {
        match self.terms.as_slice() {
            [(powers, c)] if powers.iter().all(|e| *e == 0) => Some(c),
            _ => None,
        }
    }

    /// The highest power of a variable.
    pub fn degree(&self, var: usize) -> u16 {
        self.terms.iter().map(|(p, _)| p[var]).max().unwrap_or(0)
    }

    /// Whether the first coefficient is negative.
    pub fn leads_negative(&self) -> bool {
        self.terms.first().is_some_and(|(_, c)| c.is_negative())
    }

    /// Its opposite.
    pub fn negated(&self) -> Self {
        Poly { terms: self.terms.iter().map(|(p, c)| (p.clone(), -c)).collect() }
    }

    /// Every coefficient times `k`.
    pub fn scaled(&self, k: &IBig) -> Self {
        if k.is_zero() {
            return Poly::default();
        }
        Poly { terms: self.terms.iter().map(|(p, c)| (p.clone(), c * k)).collect() }
    }

    /// The sum.
    pub fn plus(&self, other: &Poly) -> Self {
        self.clone().and(other.clone())
    }

    /// The difference.
    pub fn minus(&self, other: &Poly) -> Self {
        self.clone().and(other.negated())
    }

    /// The sum, made of the terms of both: large polynomials are added in loops, where copies would be most of the work.
    fn and(self, other: Poly) -> Self {
        let mut out = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut a, mut b) = (self.terms.into_iter().peekable(), other.terms.into_iter().peekable());
        while let (Some((p, _)), Some((q, _))) = (a.peek(), b.peek()) {
            match p.cmp(q) {
                Ordering::Greater => out.extend(a.next()),
                Ordering::Less => out.extend(b.next()),
                Ordering::Equal => {
                    if let (Some((p, c)), Some((_, d))) = (a.next(), b.next()) {
                        let sum = c + d;
                        if !sum.is_zero() {
                            out.push((p, sum));
                        }
                    }
                }
            }
        }
        out.extend(a);
        out.extend(b);
        Poly { terms: out }
    }

    /// The product.
    pub fn times(&self, other: &Poly, budget: &mut Budget) -> Option<Self> {
        budget.spend(self.terms.len() * other.terms.len() * (self.words() + other.words() - 1))?;
        if let [(q, d)] = other.terms.as_slice() {
            return self.times_term(q, d);
        }
        let mut sums: BTreeMap<Powers, IBig> = BTreeMap::new();
        for (p, c) in &self.terms {
            for (q, d) in &other.terms {
                *sums.entry(add_powers(p, q)?).or_default() += c * d;
            }
        }
        Some(Poly { terms: sums.into_iter().rev().filter(|(_, c)| !c.is_zero()).collect() })
    }

    /// The length of its first coefficient in pieces of 256 bits: what a product of its terms costs, roughly.
    fn words(&self) -> usize {
        self.terms.first().map_or(1, |(_, c)| 1 + dashu_base::BitTest::bit_len(c) / 256)
    }

    fn times_term(&self, q: &[u16], d: &IBig) -> Option<Self> {
        let terms = self.terms.iter().map(|(p, c)| Some((add_powers(p, q)?, c * d))).collect::<Option<_>>()?;
        Some(Poly { terms })
    }

    /// The power, by squaring.
    pub fn power(&self, vars: usize, mut n: u32, budget: &mut Budget) -> Option<Self> {
        let (mut result, mut base) = (Poly::one(vars), self.clone());
        while n > 0 {
            if n & 1 == 1 {
                result = result.times(&base, budget)?;
            }
            n >>= 1;
            if n > 0 {
                base = base.times(&base, budget)?;
            }
        }
        Some(result)
    }

    /// `self / other` where it leaves no remainder; `Some(None)` where it leaves one.
    pub fn divided(&self, other: &Poly, budget: &mut Budget) -> Option<Option<Self>> {
        let Some((lead, c)) = other.terms.first() else { return Some(None) };
        let mut rest = self.clone();
        let mut quotient = Vec::new();
        while let Some((p, d)) = rest.terms.first() {
            let Some(powers) = sub_powers(p, lead) else { return Some(None) };
            if !(d % c).is_zero() {
                return Some(None);
            }
            let factor = d / c;
            budget.spend(other.terms.len() * other.words() + rest.terms.len() / MOVED)?;
            rest = rest.and(other.times_term(&powers, &-&factor)?);
            quotient.push((powers, factor));
        }
        Some(Some(Poly { terms: quotient }))
    }

    /// The greatest common divisor of the coefficients, positive; 0 for 0.
    pub fn content(&self) -> UBig {
        let mut content = UBig::ZERO;
        for (_, c) in &self.terms {
            let c = c.clone().unsigned_abs();
            content = if content.is_zero() { c } else { content.gcd(&c) };
            if content == UBig::ONE {
                break;
            }
        }
        content
    }

    /// The polynomial divided by its content, with a positive first coefficient, and the (signed) number divided out.
    pub fn primitive(&self) -> (IBig, Self) {
        if self.is_zero() {
            return (IBig::ONE, self.clone());
        }
        let sign = if self.leads_negative() { Sign::Negative } else { Sign::Positive };
        let content = IBig::from_parts(sign, self.content());
        if content == IBig::ONE {
            return (content, self.clone());
        }
        (content.clone(), Poly { terms: self.terms.iter().map(|(p, c)| (p.clone(), c / &content)).collect() })
    }

    /// The largest monomial that divides every term.
    pub fn common_powers(&self, vars: usize) -> Powers {
        let mut common = self.terms.first().map_or(vec![0; vars], |(p, _)| p.clone());
        for (p, _) in &self.terms {
            for (c, e) in common.iter_mut().zip(p) {
                *c = (*c).min(*e);
            }
        }
        common
    }

    /// The polynomial divided by a monomial that divides every term.
    pub fn without_powers(&self, powers: &[u16]) -> Self {
        let lower = |p: &Powers| p.iter().zip(powers).map(|(a, b)| a.saturating_sub(*b)).collect();
        Poly { terms: self.terms.iter().map(|(p, c)| (lower(p), c.clone())).collect() }
    }

    /// Coefficients as a polynomial in `var`, from the power 0 up; they no longer hold `var`.
    pub fn coefficients(&self, var: usize) -> Vec<Poly> {
        let mut out = vec![Poly::default(); self.degree(var) as usize + 1];
        for (p, c) in &self.terms {
            let mut q = p.clone();
            q[var] = 0;
            out[p[var] as usize].terms.push((q, c.clone()));
        }
        out
    }

    fn times_variable(&self, var: usize, by: u16) -> Self {
        let raise = |p: &Powers| {
            let mut q = p.clone();
            q[var] += by;
            q
        };
        Poly { terms: self.terms.iter().map(|(p, c)| (raise(p), c.clone())).collect() }
    }

    fn leading_coefficient(&self, var: usize) -> Poly {
        self.coefficients(var).pop().unwrap_or_default()
    }

    /// The derivative in one variable.
    pub fn derivative(&self, var: usize) -> Self {
        let lower = |(p, c): &(Powers, IBig)| {
            let mut q = p.clone();
            q[var] -= 1;
            (q, c * IBig::from(p[var]))
        };
        Poly { terms: self.terms.iter().filter(|(p, _)| p[var] > 0).map(lower).collect() }
    }

    /// A square root, where the polynomial is the square of one (taken with a positive first coefficient).
    pub fn square_root(&self, vars: usize, budget: &mut Budget) -> Option<Poly> {
        let (lead, c) = self.terms.first()?;
        if c.is_negative() || lead.iter().any(|e| e % 2 == 1) {
            return None;
        }
        let half: Powers = lead.iter().map(|e| e / 2).collect();
        let c_root = exact_square_root(&c.clone().unsigned_abs())?;
        let mut root = Poly { terms: vec![(half.clone(), IBig::from(c_root.clone()))] };
        // each further term is fixed by the first term of what is left
        for _ in 0..self.terms.len() {
            let rest = self.minus(&root.times(&root, budget)?);
            let Some((p, d)) = rest.terms.first() else { return Some(root) };
            let powers = sub_powers(p, &half)?;
            let twice = IBig::from(c_root.clone()) * IBig::from(2);
            if !(d % &twice).is_zero() {
                return None;
            }
            root = root.plus(&Poly { terms: vec![(powers, d / twice)] });
        }
        let _ = vars;
        None
    }
}

fn exact_square_root(n: &UBig) -> Option<UBig> {
    use dashu_base::SquareRoot;
    let r = n.sqrt();
    (&r * &r == *n).then_some(r)
}

fn add_powers(p: &[u16], q: &[u16]) -> Option<Powers> {
    p.iter().zip(q).map(|(a, b)| a.checked_add(*b)).collect()
}

fn sub_powers(p: &[u16], q: &[u16]) -> Option<Powers> {
    p.iter().zip(q).map(|(a, b)| a.checked_sub(*b)).collect()
}

/// The greatest common divisor, primitive and with a positive first coefficient, by primitive remainder sequences.
pub fn gcd(a: &Poly, b: &Poly, vars: usize, budget: &mut Budget) -> Option<Poly> {
    if a.is_zero() || b.is_zero() {
        return Some(if a.is_zero() { b.primitive().1 } else { a.primitive().1 });
    }
    let (a, b) = (a.primitive().1, b.primitive().1);
    if a == b {
        return Some(a);
    }
    let (pa, pb) = (a.common_powers(vars), b.common_powers(vars));
    let common: Powers = pa.iter().zip(&pb).map(|(x, y)| *x.min(y)).collect();
    let inner = gcd_without_monomial(&a.without_powers(&pa), &b.without_powers(&pb), vars, budget)?;
    inner.times(&Poly::monomial(common), budget)
}

fn gcd_without_monomial(a: &Poly, b: &Poly, vars: usize, budget: &mut Budget) -> Option<Poly> {
    if a.as_constant().is_some() || b.as_constant().is_some() {
        return Some(Poly::one(vars));
    }
    if let Some(Some(_)) = a.divided(b, budget) {
        return Some(b.clone());
    }
    // a variable of one side only cannot be in the divisor
    if let Some(v) = (0..vars).find(|v| a.degree(*v) > 0 && b.degree(*v) == 0) {
        return gcd_with_coefficients(b, a, v, vars, budget);
    }
    if let Some(v) = (0..vars).find(|v| b.degree(*v) > 0 && a.degree(*v) == 0) {
        return gcd_with_coefficients(a, b, v, vars, budget);
    }
    let v = (0..vars).filter(|v| a.degree(*v) > 0).min_by_key(|v| a.degree(*v).min(b.degree(*v)))?;
    let (ca, cb) = (content_in(a, v, vars, budget)?, content_in(b, v, vars, budget)?);
    let content = gcd(&ca, &cb, vars, budget)?;
    let (mut x, mut y) = (a.divided(&ca, budget)??, b.divided(&cb, budget)??);
    if x.degree(v) < y.degree(v) {
        std::mem::swap(&mut x, &mut y);
    }
    while !y.is_zero() {
        if y.degree(v) == 0 {
            return Some(content);
        }
        let rest = pseudo_remainder(&x, &y, v, budget)?;
        x = y;
        y = if rest.is_zero() {
            rest
        } else {
            let c = content_in(&rest, v, vars, budget)?;
            rest.divided(&c, budget)??.primitive().1
        };
    }
    content.times(&x.primitive().1, budget).map(|g| g.primitive().1)
}

/// The divisor of `a` and all coefficients of `b` in `v`.
fn gcd_with_coefficients(a: &Poly, b: &Poly, v: usize, vars: usize, budget: &mut Budget) -> Option<Poly> {
    let mut common = a.clone();
    for c in b.coefficients(v).iter().filter(|c| !c.is_zero()) {
        common = gcd(&common, c, vars, budget)?;
        if common.as_constant().is_some() {
            break;
        }
    }
    Some(common)
}

/// The divisor of the coefficients in `v`.
fn content_in(a: &Poly, v: usize, vars: usize, budget: &mut Budget) -> Option<Poly> {
    let mut content = Poly::default();
    for c in a.coefficients(v).iter().filter(|c| !c.is_zero()) {
        content = gcd(&content, c, vars, budget)?;
        if content.is_one() {
            break;
        }
    }
    Some(content)
}

fn pseudo_remainder(a: &Poly, b: &Poly, v: usize, budget: &mut Budget) -> Option<Poly> {
    let (lead, degree) = (b.leading_coefficient(v), b.degree(v));
    let mut rest = a.clone();
    while !rest.is_zero() && rest.degree(v) >= degree {
        let shift = rest.degree(v) - degree;
        let top = rest.leading_coefficient(v);
        rest = rest.times(&lead, budget)?.and(b.times(&top, budget)?.times_variable(v, shift).negated());
    }
    Some(rest)
}

/// The square-free parts of a primitive polynomial with their multiplicities; their product is the polynomial. Yun's
/// algorithm in the variable of the highest degree; parts that do not hold it are found in the content.
pub fn square_free(p: &Poly, vars: usize, budget: &mut Budget) -> Option<Vec<(Poly, u32)>> {
    let Some(v) = (0..vars).filter(|v| p.degree(*v) > 0).max_by_key(|v| p.degree(*v)) else { return Some(Vec::new()) };
    let content = content_in(p, v, vars, budget)?;
    let mut out = if content.as_constant().is_none() { square_free(&content, vars, budget)? } else { Vec::new() };
    let p = p.divided(&content, budget)??;
    if p.degree(v) < 2 {
        out.push((p, 1));
        return Some(out);
    }
    let mut d = p.derivative(v);
    let mut common = gcd(&p, &d, vars, budget)?;
    let mut rest = p.divided(&common, budget)??;
    d = d.divided(&common, budget)??;
    let mut multiplicity = 1;
    loop {
        d = d.minus(&rest.derivative(v));
        if d.is_zero() {
            out.push((rest, multiplicity));
            return Some(out.into_iter().filter(|(f, _)| !f.is_one()).collect());
        }
        common = gcd(&rest, &d, vars, budget)?;
        if common.as_constant().is_none() {
            out.push((common.clone(), multiplicity));
        }
        rest = rest.divided(&common, budget)??;
        d = d.divided(&common, budget)??;
        multiplicity += 1;
        if rest.as_constant().is_some() {
            return Some(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xy() -> (Poly, Poly, Poly) {
        (Poly::variable(2, 0), Poly::variable(2, 1), Poly::one(2))
    }

    #[test]
    fn common_divisors_are_found() {
        let (x, y, one) = xy();
        let mut b = Budget::new(100_000);
        let f = x.plus(&y);
        let p = f.times(&x.minus(&one), &mut b).and_then(|p| p.times(&f, &mut b));
        let q = f.times(&y.plus(&one), &mut b);
        let g = p.zip(q).and_then(|(p, q)| gcd(&p, &q, 2, &mut b));
        assert_eq!(g, Some(f));
    }

    #[test]
    fn a_spent_budget_is_an_answer() {
        let (x, y, one) = xy();
        let p = x.plus(&y).plus(&one);
        assert_eq!(p.power(2, 60, &mut Budget::new(1_000)), None);
    }

    #[test]
    fn square_free_parts_multiply_back() {
        let (x, y, one) = xy();
        let mut b = Budget::new(100_000);
        let f = x.plus(&one);
        let p = f.power(2, 3, &mut b).and_then(|p| p.times(&x.minus(&y), &mut b));
        let parts = p.as_ref().and_then(|p| square_free(p, 2, &mut b)).unwrap_or_default();
        assert!(parts.contains(&(f, 3)), "{parts:?}");
        let back = parts
            .iter()
            .fold(Poly::one(2), |acc, (q, n)| q.power(2, *n, &mut b).and_then(|q| acc.times(&q, &mut b)).unwrap_or_default());
        assert_eq!(Some(back.primitive().1), p.map(|p| p.primitive().1));
    }

    #[test]
    fn squares_have_roots() {
        let (x, y, one) = xy();
        let mut b = Budget::new(100_000);
        let f = x.plus(&y).plus(&one);
        let square = f.times(&f, &mut b).unwrap_or_default();
        assert_eq!(square.square_root(2, &mut b), Some(f));
        assert_eq!(square.plus(&one).square_root(2, &mut b), None);
    }
}
