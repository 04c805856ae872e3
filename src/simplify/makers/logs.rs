//! Logarithms taken apart where their factors are known to be positive, and put together again: a logarithm turns products into
//! sums, so what cancels shows once they are apart.

use super::super::canon::{Canon, base_and_exponent, scaled, split_coefficient};
use crate::expr::{Graph, Id, Number, View, walk};
use dashu_int::{IBig, UBig};
use std::collections::HashMap;

/// Numbers with more bits than this are not factored.
const BITS: usize = 64;
/// Prime factors up to this are looked for.
const PRIMES: u32 = 1000;
/// A sum with more logarithms than this is left alone.
const MOST: usize = 24;

/// Every logarithm as a sum over its factors, where there is another logarithm to cancel with.
pub fn split(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let logs = logarithms(g, c);
    if logs.len() < 2 || logs.len() > MOST {
        return Vec::new();
    }
    let mut map: HashMap<Id, Id> = HashMap::new();
    for (id, u) in logs {
        // inner logarithms come first and may be taken apart already
        let u = if map.is_empty() { u } else { walk::substitute(g, u, &map) };
        let u = canon.of(g, u);
        let apart = apart(canon, g, u);
        if apart != id {
            map.insert(id, apart);
        }
    }
    if map.is_empty() {
        return Vec::new();
    }
    let raw = walk::substitute(g, c, &map);
    vec![canon.of(g, raw)]
}

/// The logarithms in an expression, with their arguments, the innermost first.
fn logarithms(g: &Graph, c: Id) -> Vec<(Id, Id)> {
    let all = walk::topological(g, &[c]).into_iter().filter_map(|id| match g.view(id) {
        View::Call(f, a) if f.name() == "log" => Some((id, a[0])),
        _ => None,
    });
    all.collect()
}

/// Every logarithm of a product as a sum: over the factors where they are positive, else over their sizes, since the whole is positive.
pub fn all_apart(canon: &mut Canon, g: &mut Graph, c: Id) -> Id {
    let mut new = c;
    for (id, u) in logarithms(g, c) {
        let split = apart(canon, g, u);
        let split = match g.view(split) {
            View::Call(_, a) => {
                let argument = a[0];
                by_sizes(canon, g, argument).unwrap_or(split)
            }
            _ => split,
        };
        if split != id {
            let raw = walk::substitute(g, new, &HashMap::from([(id, split)]));
            new = canon.of(g, raw);
        }
    }
    new
}

/// `log(a*b)` as `log(abs(a)) + log(abs(b))`.
fn by_sizes(canon: &mut Canon, g: &mut Graph, u: Id) -> Option<Id> {
    let View::Mul(factors) = g.view(u) else { return None };
    let factors: Vec<Id> = factors.iter().copied().filter(|f| !g.as_number(*f).is_some_and(Number::is_minus_one)).collect();
    if factors.len() < 2 {
        return None;
    }
    let mut terms = Vec::with_capacity(factors.len());
    for f in factors {
        let size = crate::math::find("abs").map(|abs| canon.call(g, abs, &[f]))?;
        terms.push(of_factor(canon, g, size));
    }
    Some(canon.add(g, &terms))
}

/// Every sum with its logarithms in one.
pub fn all_joined(canon: &mut Canon, g: &mut Graph, c: Id) -> Id {
    joined_by(canon, g, c, Joining::All)
}

/// `log(u)` as a sum over the factors of `u` that are known to be positive.
fn apart(canon: &mut Canon, g: &mut Graph, u: Id) -> Id {
    let whole = canon.common_factor(g, u).unwrap_or(u);
    let factors = match g.view(whole) {
        View::Mul(factors) => factors.to_vec(),
        _ => vec![whole],
    };
    let mut terms = Vec::new();
    let mut rest = Vec::new();
    for f in factors {
        match g.as_number(f).cloned() {
            Some(n) => match of_number(canon, g, &n.abs()) {
                Some(log) => {
                    terms.push(log);
                    if n.is_negative() {
                        rest.push(g.integer(-1));
                    }
                }
                None => rest.push(f),
            },
            None => rest.push(f),
        }
    }
    // what is left beside positive factors has the sign of the whole, which is positive
    let positive: Vec<bool> = rest.iter().map(|f| canon.is_positive(g, *f)).collect();
    let unsure = positive.iter().filter(|p| !**p).count();
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for (f, sure) in rest.into_iter().zip(positive) {
        if sure || unsure == 1 { alone.push(f) } else { together.push(f) }
    }
    for f in alone {
        terms.push(of_factor(canon, g, f));
    }
    if !together.is_empty() {
        let product = canon.mul(g, &together);
        terms.push(canon_log(canon, g, product));
    }
    canon.add(g, &terms)
}

/// `log(b^k)` as `k*log(b)` for a positive base, else as it stands.
fn of_factor(canon: &mut Canon, g: &mut Graph, f: Id) -> Id {
    if let (base, Some(k)) = base_and_exponent(g, f)
        && canon.is_positive(g, base)
    {
        let log = canon_log(canon, g, base);
        return canon.mul(g, &[k, log]);
    }
    canon_log(canon, g, f)
}

/// The logarithm of a positive rational by those of its prime factors.
fn of_number(canon: &mut Canon, g: &mut Graph, n: &Number) -> Option<Id> {
    if n.is_one() {
        return Some(g.integer(0));
    }
    if n.bits() > BITS || n.is_zero() {
        return None;
    }
    let mut terms = Vec::new();
    let top = n.value().numerator().clone();
    for (value, sign) in [(UBig::try_from(top).ok()?, 1), (n.value().denominator().clone(), -1)] {
        for (prime, k) in prime_factors(value) {
            let p = g.number(Number::rational(IBig::from(prime).into()));
            let log = canon_log(canon, g, p);
            let k = g.integer(sign * k);
            terms.push(canon.mul(g, &[k, log]));
        }
    }
    Some(canon.add(g, &terms))
}

/// The prime factors with their multiplicities; what has no small ones counts as one.
pub fn prime_factors(mut n: UBig) -> Vec<(UBig, i64)> {
    let mut out = Vec::new();
    let mut p = 2u32;
    while p <= PRIMES && UBig::from(p) * p <= n {
        let mut k = 0;
        while (&n % p) == 0 {
            n /= p;
            k += 1;
        }
        if k > 0 {
            out.push((UBig::from(p), k));
        }
        p += if p == 2 { 1 } else { 2 };
    }
    if n > UBig::ONE {
        match out.iter_mut().find(|(q, _)| *q == n) {
            Some((_, k)) => *k += 1,
            None => out.push((n, 1)),
        }
    }
    out
}

fn canon_log(canon: &mut Canon, g: &mut Graph, u: Id) -> Id {
    crate::math::find("log").map_or(u, |f| canon.call(g, f, &[u]))
}

/// The expression with the logarithms of its sums put together, once for each way of choosing what stands before them.
pub fn joined(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let several = |id: &Id| matches!(g.view(*id), View::Add(terms) if terms.len() <= MOST && logs_in(g, terms) > 1);
    if !walk::topological(g, &[c]).iter().any(several) {
        return Vec::new();
    }
    let ways = [Joining::Equal, Joining::Rational, Joining::All];
    ways.into_iter().map(|way| joined_by(canon, g, c, way)).filter(|new| *new != c).collect()
}

fn joined_by(canon: &mut Canon, g: &mut Graph, c: Id, way: Joining) -> Id {
    canon.rebuild(g, c, |canon, g, id| match g.view(id) {
        View::Add(terms) if terms.len() <= MOST && logs_in(g, terms) > 1 => {
            let terms = terms.to_vec();
            joined_sum(canon, g, &terms, way)
        }
        _ => id,
    })
}

/// Which logarithms of a sum go into one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joining {
    /// Those with equal or opposite factors before them: `3*log(a) + 3*log(b)` is `3*log(a*b)`.
    Equal,
    /// Those with rational factors: `log(a) - 2*log(b)` is `log(a/b^2)`.
    Rational,
    /// All of them: `b*log(w) - 2*log(z)` is `log(w^b/z^2)`.
    All,
}

fn logs_in(g: &Graph, terms: &[Id]) -> usize {
    terms.iter().filter(|t| log_factor(g, **t).is_some()).count()
}

/// The argument of the only logarithm in a term.
fn log_factor(g: &Graph, term: Id) -> Option<(Id, Id)> {
    let log = |id: Id| match g.view(id) {
        View::Call(f, a) if f.name() == "log" => Some((id, a[0])),
        _ => None,
    };
    match g.view(term) {
        View::Mul(factors) => {
            let mut found = factors.iter().filter_map(|f| log(*f));
            let first = found.next()?;
            found.next().is_none().then_some(first)
        }
        _ => log(term),
    }
}

/// `coefficient * symbols * log(argument)`
struct Part {
    coefficient: Number,
    symbols: Option<Id>,
    argument: Id,
}

fn joined_sum(canon: &mut Canon, g: &mut Graph, terms: &[Id], way: Joining) -> Id {
    let mut parts: Vec<Part> = Vec::new();
    let mut out: Vec<Id> = Vec::new();
    for t in terms {
        match part(canon, g, *t) {
            Some(p) if way == Joining::Rational && p.symbols.is_some() => out.push(*t),
            Some(p) => parts.push(p),
            None => out.push(*t),
        }
    }
    let mut groups: Vec<Vec<Part>> = Vec::new();
    for p in parts {
        let same = |q: &Part| way != Joining::Equal || (q.symbols == p.symbols && q.coefficient.abs() == p.coefficient.abs());
        match groups.iter_mut().find(|group| group.first().is_some_and(same)) {
            Some(group) => group.push(p),
            None => groups.push(vec![p]),
        }
    }
    for group in groups {
        out.push(one_logarithm(canon, g, &group, way));
    }
    canon.add(g, &out)
}

fn part(canon: &mut Canon, g: &mut Graph, term: Id) -> Option<Part> {
    let (log, argument) = log_factor(g, term)?;
    let (coefficient, rest) = split_coefficient(g, term);
    let symbols = match rest.map(|r| (r, g.view(r))) {
        Some((_, View::Mul(factors))) => {
            let others: Vec<Id> = factors.iter().copied().filter(|f| *f != log).collect();
            Some(canon.mul(g, &others))
        }
        _ => None,
    };
    Some(Part { coefficient, symbols, argument })
}

/// What a group of logarithms shares before them, times one logarithm of the product.
fn one_logarithm(canon: &mut Canon, g: &mut Graph, group: &[Part], way: Joining) -> Id {
    let common = match group {
        [first, rest @ ..] if way != Joining::All && rest.iter().all(|p| p.symbols == first.symbols) => {
            let all_negative = group.iter().all(|p| p.coefficient.is_negative());
            let sign = if all_negative { Number::integer(-1) } else { Number::integer(1) };
            (&sign * &Number::content(group.iter().map(|p| &p.coefficient)), first.symbols)
        }
        _ => (Number::integer(1), None),
    };
    let mut factors = Vec::with_capacity(group.len());
    for p in group {
        let Some(k) = p.coefficient.checked_div(&common.0) else { continue };
        let k = g.number(k);
        let exponent = match p.symbols {
            Some(s) if common.1.is_none() => canon.mul(g, &[k, s]),
            _ => k,
        };
        factors.push(canon.pow(g, p.argument, exponent));
    }
    let product = canon.mul(g, &factors);
    let log = canon_log(canon, g, product);
    let scaled_log = match common.1 {
        Some(s) => canon.mul(g, &[s, log]),
        None => log,
    };
    let number = g.number(common.0.clone());
    if g.as_number(scaled_log).is_some() || !matches!(g.view(scaled_log), View::Call(..) | View::Mul(_)) {
        return canon.mul(g, &[number, scaled_log]);
    }
    let (k, rest) = split_coefficient(g, scaled_log);
    match rest {
        Some(rest) => scaled(g, rest, &(&k * &common.0)),
        None => canon.mul(g, &[number, scaled_log]),
    }
}
