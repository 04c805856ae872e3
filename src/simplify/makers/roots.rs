//! Roots: put together, freed of quotients under them, and opened where a root stands inside a root.

use super::super::canon::{Canon, split_coefficient};
use super::products;
use crate::expr::{Graph, Id, Number, View, walk};
use std::collections::HashMap;

/// Roots of one degree put together: `sqrt(a)*sqrt(b)` is `sqrt(a*b)`.
pub fn joined(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    canon.joined_roots(g, c).into_iter().collect()
}

/// The first product in which two roots of one degree can be put together, with that done; `None` where there is none.
pub fn joined_everywhere(canon: &mut Canon, g: &mut Graph, c: Id) -> Option<Id> {
    walk::topological(g, &[c]).into_iter().find_map(|id| {
        let new = canon.joined_roots(g, id).filter(|new| *new != id)?;
        let raw = walk::substitute(g, c, &HashMap::from([(id, new)]));
        Some(canon.of(g, raw)).filter(|whole| *whole != c)
    })
}

/// Sums under a root brought over one line, and what is positive below that line taken out: `sqrt(1 - v^2/c^2)` is
/// `sqrt(c^2 - v^2)/abs(c)`.
pub fn cleared(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut map: HashMap<Id, Id> = HashMap::new();
    for id in walk::topological(g, &[c]) {
        let View::Pow(base, e) = g.view(id) else { continue };
        let Some(r) = g.as_number(e).filter(|n| !n.is_integer()).cloned() else { continue };
        if !matches!(g.view(base), View::Add(_)) {
            continue;
        }
        if let Some(new) = without_quotients(canon, g, base, &r) {
            map.insert(id, new);
        }
    }
    if map.is_empty() {
        return Vec::new();
    }
    let raw = walk::substitute(g, c, &map);
    vec![canon.of(g, raw)]
}

fn without_quotients(canon: &mut Canon, g: &mut Graph, sum: Id, r: &Number) -> Option<Id> {
    let View::Add(terms) = g.view(sum) else { return None };
    let terms = terms.to_vec();
    let mut below: Vec<(Id, i64)> = Vec::new();
    for t in &terms {
        for (base, n) in denominators(g, *t) {
            match below.iter_mut().find(|(b, _)| *b == base) {
                Some((_, most)) => *most = (*most).max(n),
                None => below.push((base, n)),
            }
        }
    }
    let mut outside = Vec::new();
    let mut multiplier = Vec::new();
    for (base, n) in below {
        let (size, n) = match (n % 2 == 0, canon.is_positive(g, base)) {
            (_, true) => (base, n),
            (true, false) => (g.call_named("abs", &[base])?, n),
            // an even power of it has a known sign
            (false, false) => (g.call_named("abs", &[base])?, n + 1),
        };
        let k = g.integer(n);
        multiplier.push(canon.pow(g, base, k));
        let size = canon.of(g, size);
        let exponent = g.number(&Number::integer(-n) * r);
        outside.push(canon.pow(g, size, exponent));
    }
    if multiplier.is_empty() {
        return None;
    }
    let multiplier = canon.mul(g, &multiplier);
    let inside = products::expanded(canon, g, &[sum, multiplier])?;
    let e = g.number(r.clone());
    outside.push(canon.pow(g, inside, e));
    Some(canon.mul(g, &outside))
}

/// The bases below the line of a term with their exponents there.
fn denominators(g: &Graph, term: Id) -> Vec<(Id, i64)> {
    let factors = match g.view(term) {
        View::Mul(factors) => factors.to_vec(),
        _ => vec![term],
    };
    let below = factors.into_iter().filter_map(|f| match g.view(f) {
        View::Pow(b, e) => g.as_i64(e).filter(|n| *n < 0).map(|n| (b, -n)),
        _ => None,
    });
    below.collect()
}

/// `sqrt(a + b*sqrt(c))` of numbers as a sum of two roots, where `a^2 - b^2*c` is a square.
pub fn denested(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut map: HashMap<Id, Id> = HashMap::new();
    for id in walk::topological(g, &[c]) {
        let View::Pow(base, e) = g.view(id) else { continue };
        let half = g.as_number(e).filter(|n| **n == Number::ratio(1, 2) || **n == Number::ratio(-1, 2)).cloned();
        if let Some(e) = half
            && let Some(root) = root_of_surd(canon, g, base)
        {
            let new = if e.is_negative() { canon.inverse(g, root) } else { root };
            map.insert(id, new);
        }
    }
    if map.is_empty() {
        return Vec::new();
    }
    let raw = walk::substitute(g, c, &map);
    vec![canon.of(g, raw)]
}

fn root_of_surd(canon: &mut Canon, g: &mut Graph, sum: Id) -> Option<Id> {
    let View::Add([x, y]) = g.view(sum) else { return None };
    let (x, y) = (*x, *y);
    let (a, surd) = match (g.as_number(x).cloned(), g.as_number(y).cloned()) {
        (Some(n), None) => (n, y),
        (None, Some(n)) => (n, x),
        _ => return None,
    };
    let (b, root) = split_coefficient(g, surd);
    let View::Pow(radicand, e) = g.view(root?) else { return None };
    if g.as_number(e).is_none_or(|n| *n != Number::ratio(1, 2)) {
        return None;
    }
    let radicand = g.as_number(radicand)?.clone();
    let square = &(&a * &a) - &(&(&b * &b) * &radicand);
    let d = square.exact_root(2).filter(|d| !d.is_negative())?;
    let half = Number::ratio(1, 2);
    let (p, q) = (&(&a + &d) * &half, &(&a - &d) * &half);
    if p.is_negative() || q.is_negative() {
        return None;
    }
    let (p, q) = (g.number(p), g.number(q));
    let e = g.number(half);
    let (p, q) = (canon.pow(g, p, e), canon.pow(g, q, e));
    let q = if b.is_negative() { canon.negative(g, q) } else { q };
    Some(canon.add(g, &[p, q]))
}
