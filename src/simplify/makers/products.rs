//! Products and sums: what all terms share taken out, sums beside each other multiplied out.

use super::super::canon::{Canon, base_and_exponent};
use crate::expr::{Graph, Id, View};

/// A product of sums is multiplied out up to this many terms.
const TERMS: usize = 32;

/// What all terms of a sum share, taken out.
pub fn common_factor(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    canon.common_factor(g, c).into_iter().collect()
}

/// The sums above the line multiplied out, or those below it, with and without the other factors that stand there.
pub fn multiplied(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let factors = match g.view(c) {
        View::Mul(factors) => factors.to_vec(),
        View::Pow(..) => vec![c],
        _ => return Vec::new(),
    };
    let mut out = Vec::new();
    for above in [true, false] {
        let mut sums = Vec::new();
        let mut others = Vec::new();
        let mut rest = Vec::new();
        for f in &factors {
            let (base, exponent) = base_and_exponent(g, *f);
            let n = exponent.map_or(Some(1), |e| g.as_i64(e));
            let here = n.is_some_and(|n| (n > 0) == above && n.unsigned_abs() <= 4);
            match g.view(base) {
                View::Add(_) if here => sums.extend(std::iter::repeat_n(base, n.map_or(0, |n| n.unsigned_abs() as usize))),
                View::Number(_) => rest.push(*f),
                _ if here => others.push(*f),
                _ => rest.push(*f),
            }
        }
        if sums.is_empty() || (sums.len() == 1 && others.is_empty()) {
            continue;
        }
        let Some(product) = expanded(canon, g, &sums) else { continue };
        let placed = |canon: &mut Canon, g: &mut Graph, p: Id| if above { p } else { canon.inverse(g, p) };
        if sums.len() > 1 {
            let p = placed(canon, g, product);
            let mut all = rest.clone();
            all.extend(&others);
            all.push(p);
            out.push(canon.mul(g, &all));
        }
        if !others.is_empty() {
            let beside: Vec<Id> = others.iter().map(|f| if above { *f } else { canon.inverse(g, *f) }).collect();
            let beside = canon.mul(g, &beside);
            if let Some(whole) = expanded(canon, g, &[product, beside]) {
                let p = placed(canon, g, whole);
                let mut all = rest;
                all.push(p);
                out.push(canon.mul(g, &all));
            }
        }
    }
    out
}

/// The product of these, term by term; `None` where it has too many terms.
pub fn expanded(canon: &mut Canon, g: &mut Graph, factors: &[Id]) -> Option<Id> {
    let mut product = g.integer(1);
    for f in factors {
        if terms(g, product).len() * terms(g, *f).len() > TERMS {
            return None;
        }
        product = distributed(canon, g, product, *f);
    }
    Some(product)
}

/// The product of two sums, term by term.
pub fn distributed(canon: &mut Canon, g: &mut Graph, a: Id, b: Id) -> Id {
    let (left, right) = (terms(g, a), terms(g, b));
    let mut out = Vec::with_capacity(left.len() * right.len());
    for x in &left {
        for y in &right {
            out.push(canon.mul(g, &[*x, *y]));
        }
    }
    canon.add(g, &out)
}

/// The terms of a sum; another expression is its own only term.
pub fn terms(g: &Graph, id: Id) -> Vec<Id> {
    match g.view(id) {
        View::Add(terms) => terms.to_vec(),
        _ => vec![id],
    }
}
