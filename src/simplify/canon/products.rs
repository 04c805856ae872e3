//! Products in canonical form: equal bases collected with their exponents, signs and coefficients in front.

use super::super::order;
use super::sums::Sum;
use super::{Canon, DISTRIBUTE, base_and_exponent, coefficient, leads_negative, split_coefficient};
use crate::expr::{Constant, Graph, Id, Number, View};
use std::collections::HashMap;

impl Canon {
    /// The product of canonical factors.
    pub fn mul(&mut self, g: &mut Graph, factors: &[Id]) -> Id {
        let mut product = Product::new();
        for f in factors {
            product.put(g, *f);
        }
        self.turn_bases(g, &mut product);
        // rebuilding a power can give a product again (8^(1/2) is 2*2^(1/2)); once more settles it
        for _ in 0..4 {
            let pieces = self.powers(g, &mut product);
            let pieces = self.pair_signs(g, pieces);
            if pieces.iter().all(|p| is_power_of_one_base(g, *p)) && distinct_bases(g, &pieces) {
                return self.finish_product(g, product.number, pieces);
            }
            for p in pieces {
                product.put(g, p);
            }
        }
        let pieces = self.powers(g, &mut product);
        self.finish_product(g, product.number, pieces)
    }

    /// Sums that begin with a minus are turned round before equal bases are collected: 1 - p and p - 1 are one base.
    fn turn_bases(&mut self, g: &mut Graph, product: &mut Product) {
        if !product.parts.iter().any(|(b, _)| matches!(g.view(*b), View::Add(_)) && leads_negative(g, *b)) {
            return;
        }
        let parts = std::mem::take(&mut product.parts);
        product.index.clear();
        for (base, exponents) in parts {
            for e in exponents {
                let piece = if g.is_one(e) { base } else { g.pow(base, e) };
                let turned = self.with_leading_plus(g, piece, &mut product.number);
                let (base, exponent) = base_and_exponent(g, turned);
                let exponent = exponent.unwrap_or_else(|| g.integer(1));
                product.raise(base, exponent);
            }
        }
    }

    /// `sign(u)` beside powers of `abs(u)` or of `u`: an odd power of the one is that power of the other.
    fn pair_signs(&mut self, g: &mut Graph, pieces: Vec<Id>) -> Vec<Id> {
        let sign_of = |g: &Graph, p: Id| match g.view(p) {
            View::Call(f, a) if f.name() == "sign" => Some(a[0]),
            _ => None,
        };
        let Some((at, u)) = pieces.iter().enumerate().find_map(|(k, p)| sign_of(g, *p).map(|u| (k, u))) else { return pieces };
        let Some(size) = g.call_named("abs", &[u]) else { return pieces };
        for (k, piece) in pieces.iter().enumerate() {
            let (base, exponent) = base_and_exponent(g, *piece);
            let odd = exponent.is_none_or(|e| g.as_number(e).is_some_and(Number::is_odd));
            let other = if base == size {
                u
            } else if base == u {
                size
            } else {
                continue;
            };
            if !odd {
                continue;
            }
            let new = exponent.map_or(other, |e| self.pow(g, other, e));
            let mut out = pieces.clone();
            out[k] = new;
            out.remove(at);
            return out;
        }
        pieces
    }

    /// The collected powers, taken out of `product`; the number stays there.
    pub(super) fn powers(&mut self, g: &mut Graph, product: &mut Product) -> Vec<Id> {
        let collected = std::mem::take(&mut product.parts);
        product.index.clear();
        let mut pieces = Vec::with_capacity(collected.len() + 1);
        for (base, exponents) in collected {
            let exponent = if exponents.len() == 1 { exponents[0] } else { self.add(g, &exponents) };
            let piece = if g.is_one(exponent) { base } else { self.pow(g, base, exponent) };
            pieces.push(piece);
        }
        if !product.exponents.is_empty() {
            let arguments = std::mem::take(&mut product.exponents);
            let sum = self.add(g, &arguments);
            pieces.push(self.exp(g, sum));
        }
        pieces
    }

    fn finish_product(&mut self, g: &mut Graph, mut number: Number, pieces: Vec<Id>) -> Id {
        let mut factors = Vec::with_capacity(pieces.len() + 1);
        for piece in pieces {
            match g.view(piece) {
                View::Number(n) => number = &number * n,
                _ => factors.push(self.with_leading_plus(g, piece, &mut number)),
            }
        }
        if number.is_zero() {
            return g.number(Number::integer(0));
        }
        factors.sort_by(|a, b| order::bases(g, *a, *b));
        // a sum alone takes its sign in: -(x - y) is y - x
        if let ([one], true) = (factors.as_slice(), number.is_minus_one())
            && let View::Add(terms) = g.view(*one)
            && terms.len() <= DISTRIBUTE
        {
            let terms = terms.to_vec();
            let mut sum = Sum::default();
            for t in terms {
                sum.put(g, t, &number);
            }
            return self.finish_sum(g, sum);
        }
        if !number.is_one() || factors.is_empty() {
            factors.insert(0, g.number(number));
        }
        g.mul(&factors)
    }

    /// A sum under an integer power with its first sign made positive, so that x - y and y - x are recognised as opposites.
    fn with_leading_plus(&mut self, g: &mut Graph, piece: Id, number: &mut Number) -> Id {
        let (base, exponent) = base_and_exponent(g, piece);
        let Some(n) = exponent.map_or(Some(1), |e| g.as_i64(e)) else { return piece };
        let View::Add(terms) = g.view(base) else { return piece };
        if terms.len() > DISTRIBUTE || !coefficient(g, terms[0]).is_negative() {
            return piece;
        }
        let terms = terms.to_vec();
        let minus = Number::integer(-1);
        let mut sum = Sum::default();
        for t in terms {
            sum.put(g, t, &minus);
        }
        let opposite = self.finish_sum(g, sum);
        if n % 2 != 0 {
            *number = -&*number;
        }
        match exponent {
            None => opposite,
            Some(e) => g.pow(opposite, e),
        }
    }

    /// A sum with what all its terms share taken out, the rest left as it stands; `None` where they share nothing.
    pub fn common_factor(&mut self, g: &mut Graph, sum: Id) -> Option<Id> {
        let View::Add(terms) = g.view(sum) else { return None };
        let terms = terms.to_vec();
        let mut shared = factors_of(g, terms[0]);
        for t in &terms[1..] {
            let own = factors_of(g, *t);
            shared.retain(|f| own.contains(f));
            if shared.is_empty() {
                return None;
            }
        }
        let mut rests = Vec::with_capacity(terms.len());
        for t in &terms {
            let (c, _) = split_coefficient(g, *t);
            let rest: Vec<Id> = factors_of(g, *t).into_iter().filter(|f| !shared.contains(f)).collect();
            let mut all = vec![g.number(c)];
            all.extend(rest);
            rests.push(self.mul(g, &all));
        }
        shared.push(self.add(g, &rests));
        Some(self.mul(g, &shared))
    }
}

/// The factors of a term, its coefficient aside.
fn factors_of(g: &Graph, term: Id) -> Vec<Id> {
    match g.view(term) {
        View::Mul(factors) => factors.iter().copied().filter(|f| g.as_number(*f).is_none()).collect(),
        View::Number(_) => Vec::new(),
        _ => vec![term],
    }
}

/// A product while its factors are collected: each base with its exponents, and the arguments of exponentials.
pub(super) struct Product {
    pub(super) number: Number,
    pub(super) parts: Vec<(Id, Vec<Id>)>,
    pub(super) index: HashMap<Id, usize>,
    pub(super) exponents: Vec<Id>,
}

impl Product {
    pub(super) fn new() -> Self {
        Product { number: Number::integer(1), parts: Vec::new(), index: HashMap::new(), exponents: Vec::new() }
    }

    pub(super) fn put(&mut self, g: &mut Graph, factor: Id) {
        let mut stack = vec![factor];
        while let Some(f) = stack.pop() {
            match g.view(f) {
                View::Number(n) => self.number = &self.number * n,
                View::Mul(factors) => stack.extend(factors.iter().rev()),
                View::Call(h, a) if h.name() == "exp" => self.exponents.push(a[0]),
                View::Constant(Constant::E) => self.exponents.push(g.integer(1)),
                View::Pow(b, e) => self.raise(b, e),
                _ => {
                    let one = g.integer(1);
                    self.raise(f, one);
                }
            }
        }
    }

    fn raise(&mut self, base: Id, exponent: Id) {
        let at = *self.index.entry(base).or_insert(self.parts.len());
        match self.parts.get_mut(at) {
            Some((_, exponents)) => exponents.push(exponent),
            None => self.parts.push((base, vec![exponent])),
        }
    }
}

/// Whether the node needs no more collecting inside a product.
fn is_power_of_one_base(g: &Graph, id: Id) -> bool {
    !matches!(g.view(id), View::Mul(_))
}

fn distinct_bases(g: &Graph, pieces: &[Id]) -> bool {
    let mut bases: Vec<Id> = pieces.iter().filter(|p| g.as_number(**p).is_none()).map(|p| base_and_exponent(g, *p).0).collect();
    let count = bases.len();
    bases.sort_unstable();
    bases.dedup();
    bases.len() == count
}

/// The greatest positive rational that divides every coefficient with integer quotients, where it is not 1.
pub(super) fn common_coefficient(g: &Graph, terms: &[Id]) -> Option<Number> {
    let coefficients: Vec<Number> = terms.iter().map(|t| coefficient(g, *t)).collect();
    let common = Number::content(&coefficients);
    (!common.is_one() && !common.is_zero()).then_some(common)
}
