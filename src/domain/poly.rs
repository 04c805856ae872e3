//! Polynomials with exact coefficients in many atoms, as a normal form of expressions.
//! An atom is any node that is not itself arithmetic. Knows nothing of what is assumed.

use super::facts::{rational, whole};
use super::univariate::Univariate;
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

    /// The sum of terms with different monomials.
    pub fn of_terms(terms: impl IntoIterator<Item = (Monomial, Number)>) -> Self {
        Poly { terms: terms.into_iter().filter(|(_, c)| !c.is_zero()).collect() }
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
        let content = Number::content(self.terms.values());
        content.recip().map_or_else(|| self.clone(), |scale| self.scaled(&scale))
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
