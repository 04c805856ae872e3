//! Polynomials with exact coefficients: in many atoms as a normal form of expressions, in one atom with their real roots.
//! An atom is any node that is not itself arithmetic. Knows nothing of what is assumed.

use super::facts::{rational, whole};
use super::interval::{Signs, Span};
use crate::budget::pulse;
use crate::expr::{Graph, Id, Number, View};
use std::collections::{BTreeMap, HashMap};

/// A product of atoms with their powers, sorted by atom; empty for the constant term.
pub type Monomial = Vec<(Id, u32)>;

/// A polynomial without its constant term and with leading coefficient 1: what two conditions that differ by scaling share.
pub type Key = Vec<(Monomial, Number)>;

/// How many nodes an expression may have to be put into normal form.
pub const NODES: usize = 256;
const TERMS: usize = 96;
const BITS: usize = 4096;
const DEGREE: usize = 24;
/// How many bits the coefficients of a polynomial may have together for its roots to be looked for.
const ROOT_BITS: usize = 2048;

/// A polynomial in atoms of the graph.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Poly {
    terms: BTreeMap<Monomial, Number>,
}

impl Poly {
    /// A constant.
    pub fn constant(n: Number) -> Self {
        Poly::term(Vec::new(), n)
    }

    /// An atom.
    pub fn atom(id: Id) -> Self {
        Poly::term(vec![(id, 1)], Number::integer(1))
    }

    /// One term.
    pub fn of_term(monomial: Monomial, coefficient: Number) -> Self {
        Poly::term(monomial, coefficient)
    }

    fn term(monomial: Monomial, coefficient: Number) -> Self {
        let mut terms = BTreeMap::new();
        if !coefficient.is_zero() {
            terms.insert(monomial, coefficient);
        }
        Poly { terms }
    }

    /// The normal form of an expression; `None` where it is too large for one.
    pub fn of(g: &Graph, root: Id, limit: usize) -> Option<Poly> {
        let order = arithmetic_nodes(g, root, limit)?;
        let mut forms: HashMap<Id, Poly> = HashMap::with_capacity(order.len());
        for id in order {
            let form = Poly::of_node(g, id, &forms)?;
            forms.insert(id, form);
        }
        forms.remove(&root)
    }

    /// The normal form of one node, given those of its arithmetic children.
    fn of_node(g: &Graph, id: Id, forms: &HashMap<Id, Poly>) -> Option<Poly> {
        let child = |c: &Id| forms.get(c).cloned().unwrap_or_else(|| Poly::atom(*c));
        let form = match g.view(id) {
            View::Number(n) => Poly::constant(n.clone()),
            View::Neg(a) => child(&a).scaled(&Number::integer(-1)),
            View::Add(terms) => terms.iter().try_fold(Poly::default(), |sum, t| sum.plus(&child(t)))?,
            View::Mul(factors) => factors.iter().try_fold(Poly::constant(Number::integer(1)), |p, f| p.times(&child(f)))?,
            View::Div(a, b) => match rational(g, b).and_then(|n| n.recip()) {
                Some(r) => child(&a).scaled(&r),
                None => Poly::atom(id),
            },
            View::Pow(a, b) => match whole(g, b) {
                Some(n) if n >= 0 => child(&a).power(n).unwrap_or_else(|| Poly::atom(id)),
                _ => Poly::atom(id),
            },
            _ => Poly::atom(id),
        };
        let small = form.terms.len() <= TERMS && form.terms.values().all(|c| c.bits() <= BITS);
        small.then_some(form)
    }

    /// The sum, where it stays small.
    pub fn plus(&self, other: &Poly) -> Option<Poly> {
        let mut out = self.clone();
        other.terms.iter().for_each(|(m, c)| out.add(m.clone(), c));
        (out.terms.len() <= TERMS).then_some(out)
    }

    fn add(&mut self, monomial: Monomial, coefficient: &Number) {
        pulse();
        let sum = self.terms.get(&monomial).map_or_else(|| coefficient.clone(), |old| old + coefficient);
        if sum.is_zero() {
            self.terms.remove(&monomial);
        } else {
            self.terms.insert(monomial, sum);
        }
    }

    /// The difference, where it stays small.
    pub fn minus(&self, other: &Poly) -> Option<Poly> {
        self.plus(&other.scaled(&Number::integer(-1)))
    }

    /// A multiple.
    pub fn scaled(&self, by: &Number) -> Poly {
        if by.is_zero() {
            return Poly::default();
        }
        Poly { terms: self.terms.iter().map(|(m, c)| (m.clone(), c * by)).collect() }
    }

    /// The product, where it stays small.
    pub fn times(&self, other: &Poly) -> Option<Poly> {
        if self.terms.len() * other.terms.len() > TERMS * 8 {
            return None;
        }
        let mut out = Poly::default();
        for (m, c) in &self.terms {
            for (n, d) in &other.terms {
                out.add(joined(m, n)?, &(c * d));
                if out.terms.len() > TERMS {
                    return None;
                }
            }
        }
        Some(out)
    }

    fn power(&self, n: i64) -> Option<Poly> {
        if let Some((m, c)) = self.single_term() {
            let exponent = u32::try_from(n).ok()?;
            let raised: Option<Monomial> = m.iter().map(|(a, k)| Some((*a, k.checked_mul(exponent)?))).collect();
            let coefficient = c.checked_pow(n).filter(|c| c.bits() <= BITS)?;
            let raised = raised?.into_iter().filter(|(_, k)| *k > 0).collect();
            return Some(Poly::term(raised, coefficient));
        }
        if n > 12 {
            return None;
        }
        (0..n).try_fold(Poly::constant(Number::integer(1)), |p, _| p.times(self))
    }

    /// The only term, where there is one.
    pub fn single_term(&self) -> Option<(&Monomial, &Number)> {
        let mut terms = self.terms.iter();
        let first = terms.next()?;
        terms.next().is_none().then_some(first)
    }

    /// The value, where no atom is left.
    pub fn as_constant(&self) -> Option<Number> {
        if self.terms.is_empty() {
            return Some(Number::integer(0));
        }
        self.single_term().filter(|(m, _)| m.is_empty()).map(|(_, c)| c.clone())
    }

    /// The terms, the constant one first.
    pub fn terms(&self) -> impl Iterator<Item = (&Monomial, &Number)> {
        self.terms.iter()
    }

    /// The constant term.
    pub fn constant_term(&self) -> Number {
        self.terms.get(&Vec::new()).cloned().unwrap_or_else(|| Number::integer(0))
    }

    /// `self = scale * key + constant`; `None` for a constant.
    pub fn keyed(&self) -> Option<(Key, Number, Number)> {
        let (_, lead) = self.terms.iter().next_back().filter(|(m, _)| !m.is_empty())?;
        let inverse = lead.recip()?;
        let key = self.terms.iter().filter(|(m, _)| !m.is_empty()).map(|(m, c)| (m.clone(), c * &inverse)).collect();
        Some((key, lead.clone(), self.constant_term()))
    }

    /// The atoms, sorted.
    pub fn atoms(&self) -> Vec<Id> {
        let mut atoms: Vec<Id> = self.terms.keys().flatten().map(|(a, _)| *a).collect();
        atoms.sort_unstable();
        atoms.dedup();
        atoms
    }

    /// The largest monomial that divides every term, with the quotient.
    pub fn without_content(&self) -> (Monomial, Poly) {
        let mut shared: Option<Monomial> = None;
        for m in self.terms.keys() {
            shared = Some(match shared {
                None => m.clone(),
                Some(s) => s.into_iter().filter_map(|(a, k)| exponent_of(m, a).map(|j| (a, k.min(j)))).collect(),
            });
        }
        let content = shared.unwrap_or_default();
        let lower = |m: &Monomial| -> Monomial {
            m.iter().map(|(a, k)| (*a, k - exponent_of(&content, *a).unwrap_or(0))).filter(|(_, k)| *k > 0).collect()
        };
        let rest = Poly { terms: self.terms.iter().map(|(m, c)| (lower(m), c.clone())).collect() };
        (content, rest)
    }

    /// The coefficients in powers of `atom`, lowest first.
    pub fn by_powers_of(&self, atom: Id) -> Option<Vec<Poly>> {
        let mut out: Vec<Poly> = Vec::new();
        for (m, c) in &self.terms {
            let k = exponent_of(m, atom).unwrap_or(0) as usize;
            if k > DEGREE {
                return None;
            }
            if out.len() <= k {
                out.resize(k + 1, Poly::default());
            }
            let rest: Monomial = m.iter().copied().filter(|(a, _)| *a != atom).collect();
            out[k].terms.insert(rest, c.clone());
        }
        Some(out)
    }

    /// The polynomial in its only atom.
    pub fn univariate(&self) -> Option<(Id, Univariate)> {
        let atoms = self.atoms();
        let [atom] = atoms[..] else { return None };
        let coefficients: Option<Vec<Number>> = self.by_powers_of(atom)?.iter().map(Poly::as_constant).collect();
        let coefficients = coefficients?;
        let bits: usize = coefficients.iter().map(Number::bits).sum();
        (bits <= ROOT_BITS).then(|| (atom, Univariate::new(coefficients)))
    }

    /// The positive multiple whose coefficients are whole numbers without a common factor.
    pub fn with_whole_coefficients(&self) -> Poly {
        let mut top = dashu_int::UBig::ZERO;
        let mut bottom = dashu_int::UBig::ONE;
        for c in self.terms.values() {
            let (n, d) = (dashu_base::UnsignedAbs::unsigned_abs(c.value().numerator().clone()), c.value().denominator().clone());
            top = if top.is_zero() { n } else { dashu_base::Gcd::gcd(&top, &n) };
            let shared = dashu_base::Gcd::gcd(&bottom, &d);
            bottom = bottom / shared * d;
        }
        let content =
            dashu_ratio::RBig::from_parts(dashu_int::IBig::from(bottom), if top.is_zero() { dashu_int::UBig::ONE } else { top });
        self.scaled(&Number::rational(content))
    }

    /// The terms without their signs, high degree first, each with whether it is negative.
    pub fn single_terms(&self) -> Vec<(Poly, bool)> {
        let mut terms: Vec<(&Monomial, &Number)> = self.terms.iter().collect();
        terms.sort_by_key(|(m, _)| (std::cmp::Reverse(degree(m)), (*m).clone()));
        terms.into_iter().map(|(m, c)| (Poly::term(m.clone(), c.abs()), c.is_negative())).collect()
    }

    /// The expression, terms of high degree first, the constant last.
    pub fn to_expression(&self, g: &mut Graph) -> Id {
        let mut terms: Vec<(&Monomial, &Number)> = self.terms.iter().collect();
        terms.sort_by_key(|(m, _)| (std::cmp::Reverse(degree(m)), (*m).clone()));
        let terms: Vec<Id> = terms.into_iter().map(|(m, c)| term_expression(g, m, c)).collect();
        g.add(&terms)
    }
}

/// The total degree of a monomial.
fn degree(m: &Monomial) -> u64 {
    m.iter().map(|(_, k)| u64::from(*k)).sum()
}

/// `c * m`, with a sign in place of a coefficient of -1.
fn term_expression(g: &mut Graph, m: &Monomial, c: &Number) -> Id {
    let mut factors = Vec::with_capacity(m.len() + 1);
    if m.is_empty() || !c.abs().is_one() {
        factors.push(g.number(c.clone()));
    }
    for (a, k) in m {
        factors.push(power_expression(g, *a, *k));
    }
    let product = g.mul(&factors);
    if !m.is_empty() && c.is_minus_one() { g.neg(product) } else { product }
}

/// `a^k`, or `a` itself.
fn power_expression(g: &mut Graph, a: Id, k: u32) -> Id {
    if k == 1 {
        return a;
    }
    let exponent = g.integer(i64::from(k));
    g.pow(a, exponent)
}

fn exponent_of(m: &Monomial, atom: Id) -> Option<u32> {
    m.iter().find(|(a, _)| *a == atom).map(|(_, k)| *k)
}

/// The product of two monomials.
fn joined(m: &Monomial, n: &Monomial) -> Option<Monomial> {
    let mut out: BTreeMap<Id, u32> = m.iter().copied().collect();
    for (a, k) in n {
        let sum = out.get(a).copied().unwrap_or(0).checked_add(*k)?;
        out.insert(*a, sum);
    }
    Some(out.into_iter().collect())
}

/// The arithmetic nodes at the top of an expression and their operands, children first.
fn arithmetic_nodes(g: &Graph, root: Id, limit: usize) -> Option<Vec<Id>> {
    let mut seen: std::collections::BTreeSet<Id> = std::collections::BTreeSet::new();
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        match g.view(id) {
            View::Add(kids) | View::Mul(kids) if seen.len() + kids.len() <= limit => stack.extend_from_slice(kids),
            View::Add(_) | View::Mul(_) => return None,
            View::Neg(a) | View::Pow(a, _) => stack.push(a),
            View::Div(a, b) if rational(g, b).is_some() => stack.push(a),
            _ => {}
        }
        if seen.len() > limit {
            return None;
        }
    }
    Some(seen.into_iter().collect())
}

/// A polynomial in one unknown: coefficients from the constant up, the last not 0.
#[derive(Clone, PartialEq, Eq, Debug)]
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
        let chain = self.sturm();
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
        alone.into_iter().map(|(a, b)| self.identify(a, b)).collect()
    }

    /// A number beyond every root in both directions (Cauchy's bound).
    fn root_bound(&self) -> Number {
        let inverse = self.lead().abs().recip().unwrap_or_else(|| Number::integer(1));
        let largest = self.coefficients.iter().map(|c| &c.abs() * &inverse).max().unwrap_or_else(|| Number::integer(0));
        &largest.floor() + &Number::integer(2)
    }

    /// The only root in `(a, b]`: exactly where it is rational. A rational root times the leading integer coefficient is an integer.
    fn identify(&self, mut a: Number, mut b: Number) -> Root {
        let scale = self.integer_lead();
        let width = (&scale * &Number::integer(4)).recip().unwrap_or_else(|| Number::integer(1));
        loop {
            if self.at(&b).is_zero() {
                return Root::Rational(b);
            }
            if &b - &a < width && !self.at(&a).is_zero() {
                break;
            }
            let middle = halfway(&a, &b);
            // exactly one simple root in (a, b]: the sign at b changes at it
            if Signs::of(&self.at(&middle)) == Signs::of(&self.at(&b)) {
                b = middle;
            } else {
                a = middle;
                if self.at(&a).is_zero() {
                    return Root::Rational(a);
                }
            }
        }
        let nearest = (&(&b * &scale) + &Number::ratio(1, 2)).floor();
        [nearest.clone(), &nearest - &Number::integer(1)]
            .iter()
            .filter_map(|n| n.checked_div(&scale))
            .find(|r| *r > a && *r <= b && self.at(r).is_zero())
            .map_or(Root::Irrational(a, b), Root::Rational)
    }

    /// The leading coefficient after all were made integers.
    fn integer_lead(&self) -> Number {
        let denominators = self.coefficients.iter().map(|c| c.value().denominator().clone());
        let common = denominators.fold(dashu_int::UBig::ONE, |l, d| {
            let shared = dashu_base::Gcd::gcd(&l, &d);
            l / shared * d
        });
        (&self.lead() * &Number::rational(dashu_ratio::RBig::from(common))).abs()
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
        let terms = self.coefficients.iter().enumerate().filter(|(_, c)| !c.is_zero());
        let monomial = |k: usize| if k == 0 { Vec::new() } else { vec![(atom, k as u32)] };
        Poly { terms: terms.map(|(k, c)| (monomial(k), c.clone())).collect() }
    }

    /// Whether the irrational root between two rationals lies in the span.
    pub fn crosses(&self, low: Number, high: Number, span: &Span) -> bool {
        let (low, high) = self.separated(low, high, span);
        inside(&halfway(&low, &high), span)
    }

    /// An isolating interval narrowed until no end of the span lies in it.
    fn separated(&self, mut a: Number, mut b: Number, span: &Span) -> (Number, Number) {
        let ends: Vec<Number> = [&span.0, &span.1].into_iter().flatten().map(|(n, _)| n.clone()).collect();
        let mut rounds = 0;
        while ends.iter().any(|e| *e >= a && *e <= b) && rounds < 2000 {
            let middle = halfway(&a, &b);
            if Signs::of(&self.at(&middle)) == Signs::of(&self.at(&b)) {
                b = middle;
            } else {
                a = middle;
            }
            rounds += 1;
        }
        (a, b)
    }
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
fn changes(chain: &[Univariate], x: &Number) -> usize {
    let signs: Vec<Signs> = chain.iter().map(|p| Signs::of(&p.at(x))).filter(|s| *s != Signs::ZERO).collect();
    signs.windows(2).filter(|w| w[0] != w[1]).count()
}

#[cfg(test)]
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
