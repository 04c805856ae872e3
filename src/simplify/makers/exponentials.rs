//! Exponentials: an expression read in terms of sigmoid or tanh; pairs of exponentials as sinh, cosh or expm1; powers of
//! numbers over common bases.

use super::super::canon::{Canon, leads_negative, split_coefficient};
use crate::expr::{Graph, Id, Number, View, walk};
use std::collections::{HashMap, HashSet};

/// So many sums of exponentials are tried as kernels: each makes candidates of the size of the whole.
const PAIRS: usize = 12;

/// The expression written in other kernels, one candidate for each reading of a sum of exponentials.
pub fn kernels(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut out = Vec::new();
    for (t, base) in exponential_pairs(canon, g, c).into_iter().take(PAIRS) {
        for name in ["sigmoid", "tanh"] {
            if let Some(changed) = in_terms_of(canon, g, c, t, base, name) {
                out.push(changed);
            }
        }
    }
    out
}

/// For each sum `p + q` with `q/p = exp(t)`: `t`, and the exponential that `p` holds.
fn exponential_pairs(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<(Id, Option<Id>)> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let sums: Vec<(Id, Id)> = walk::topological(g, &[c])
        .into_iter()
        .filter_map(|id| match g.view(id) {
            View::Add(terms) if terms.len() == 2 => Some((terms[0], terms[1])),
            _ => None,
        })
        .collect();
    for (a, b) in sums {
        let (x, y) = (exponent_of(g, a), exponent_of(g, b));
        let pair = match (x, y) {
            (Some((cx, ex)), Some((cy, ey))) if cx == cy || cx == -&cy => {
                let minus = canon.negative(g, ey);
                Some((canon.add(g, &[ex, minus]), Some(ey)))
            }
            (Some((cx, ex)), None) if g.as_number(b).is_some_and(|n| *n == cx || *n == -&cx) => Some((ex, None)),
            (None, Some((cy, ey))) if g.as_number(a).is_some_and(|n| *n == cy || *n == -&cy) => Some((ey, None)),
            _ => None,
        };
        if let Some((t, base)) = pair {
            let t = if leads_negative(g, t) { canon.negative(g, t) } else { t };
            if seen.insert((t, base)) {
                found.push((t, base));
            }
        }
    }
    found
}

/// `k*exp(u)` as `(k, u)`.
fn exponent_of(g: &mut Graph, term: Id) -> Option<(Number, Id)> {
    let (k, rest) = split_coefficient(g, term);
    match g.view(rest?) {
        View::Call(f, a) if f.name() == "exp" => Some((k, a[0])),
        _ => None,
    }
}

/// Every exp(k*t + …) with integer k written by s = sigmoid(t) as (s/(1 - s))^k, or by T = tanh(t/2) as ((1 + T)/(1 - T))^k.
fn in_terms_of(canon: &mut Canon, g: &mut Graph, c: Id, t: Id, base: Option<Id>, name: &str) -> Option<Id> {
    let one = g.integer(1);
    let odds = if name == "sigmoid" {
        let s = g.call_named("sigmoid", &[t])?;
        let s = canon.of(g, s);
        let minus = canon.negative(g, s);
        let other = canon.add(g, &[one, minus]);
        let below = canon.inverse(g, other);
        canon.mul(g, &[s, below])
    } else {
        let half = g.number(Number::ratio(1, 2));
        let half_t = canon.mul(g, &[half, t]);
        let h = g.call_named("tanh", &[half_t])?;
        let h = canon.of(g, h);
        let minus = canon.negative(g, h);
        let (above, below) = (canon.add(g, &[one, h]), canon.add(g, &[one, minus]));
        let below = canon.inverse(g, below);
        canon.mul(g, &[above, below])
    };
    let mut map: HashMap<Id, Id> = HashMap::new();
    for id in walk::topological(g, &[c]) {
        let View::Call(f, a) = g.view(id) else { continue };
        if f.name() != "exp" {
            continue;
        }
        let u = a[0];
        if let Some((k, rest)) = multiple(canon, g, u, t, base) {
            let k = g.number(k);
            let power = canon.pow(g, odds, k);
            let exp = crate::math::find("exp")?;
            let rest = canon.call(g, exp, &[rest]);
            let new = canon.mul(g, &[power, rest]);
            map.insert(id, new);
        }
    }
    if map.is_empty() {
        return None;
    }
    let raw = walk::substitute(g, c, &map);
    Some(canon.of(g, raw))
}

/// `u = k*t + rest` with an integer `k` other than 0; the rest is 0 or, where the sum had one, the common exponent.
fn multiple(canon: &mut Canon, g: &mut Graph, u: Id, t: Id, base: Option<Id>) -> Option<(Number, Id)> {
    let zero = g.integer(0);
    let inverse = canon.inverse(g, t);
    let quotient = canon.mul(g, &[u, inverse]);
    if let Some(k) = g.as_number(quotient).filter(|n| n.is_integer() && !n.is_zero()) {
        return Some((k.clone(), zero));
    }
    let base = base?;
    let minus = canon.negative(g, base);
    let rest = canon.add(g, &[u, minus]);
    let quotient = canon.mul(g, &[rest, inverse]);
    let k = g.as_number(quotient).filter(|n| n.is_integer() && !n.is_zero())?.clone();
    Some((k, base))
}

/// Pairs of terms in `exp(u)` and `exp(-u)` as cosh or sinh, and `exp(u) - 1` as expm1.
pub fn hyperbolic(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut changed = false;
    let made = canon.rebuild(g, c, |canon, g, id| {
        let View::Add(terms) = g.view(id) else { return id };
        let terms = terms.to_vec();
        let Some(sum) = (terms.len() <= 16).then(|| paired(canon, g, &terms)).flatten() else { return id };
        changed = true;
        sum
    });
    if changed { vec![made] } else { Vec::new() }
}

/// A term as `coefficient * rest * exp(u)`.
struct Exponential {
    coefficient: Number,
    rest: Option<Id>,
    argument: Id,
}

fn exponential_term(canon: &mut Canon, g: &mut Graph, term: Id) -> Option<Exponential> {
    let (coefficient, body) = split_coefficient(g, term);
    let body = body?;
    let is_exp = |g: &Graph, id: Id| match g.view(id) {
        View::Call(f, a) if f.name() == "exp" => Some(a[0]),
        _ => None,
    };
    if let Some(argument) = is_exp(g, body) {
        return Some(Exponential { coefficient, rest: None, argument });
    }
    let View::Mul(factors) = g.view(body) else { return None };
    let factors = factors.to_vec();
    let (at, argument) = factors.iter().enumerate().find_map(|(k, f)| is_exp(g, *f).map(|u| (k, u)))?;
    let others: Vec<Id> = factors.iter().enumerate().filter(|(k, _)| *k != at).map(|(_, f)| *f).collect();
    let rest = canon.mul(g, &others);
    Some(Exponential { coefficient, rest: Some(rest), argument })
}

fn paired(canon: &mut Canon, g: &mut Graph, terms: &[Id]) -> Option<Id> {
    let mut left: Vec<Option<Id>> = terms.iter().map(|t| Some(*t)).collect();
    let parts: Vec<Option<Exponential>> = terms.iter().map(|t| exponential_term(canon, g, *t)).collect();
    let mut out = Vec::new();
    for k in 0..terms.len() {
        let Some(e) = &parts[k] else { continue };
        for j in k + 1..terms.len() {
            let Some(f) = &parts[j] else { continue };
            let opposite = canon.negative(g, f.argument);
            if left[k].is_none() || left[j].is_none() || e.rest != f.rest || e.argument != opposite {
                continue;
            }
            let name = if e.coefficient == f.coefficient {
                "cosh"
            } else if e.coefficient == -&f.coefficient {
                "sinh"
            } else {
                continue;
            };
            let both = g.number(&e.coefficient * &Number::integer(2));
            let value = crate::math::find(name).map(|h| canon.call(g, h, &[e.argument]))?;
            let factors: Vec<Id> = [Some(both), e.rest, Some(value)].into_iter().flatten().collect();
            out.push(canon.mul(g, &factors));
            (left[k], left[j]) = (None, None);
        }
    }
    if out.is_empty() {
        return None;
    }
    out.extend(left.into_iter().flatten());
    Some(canon.add(g, &out))
}

/// The powers of numbers in an expression by powers of primes, where several numbers are raised.
pub fn common_bases(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let powers: Vec<(Id, Number, Id)> = walk::topological(g, &[c])
        .into_iter()
        .filter_map(|id| match g.view(id) {
            View::Pow(b, e) if g.as_number(e).is_none() => {
                g.as_number(b).filter(|n| n.is_positive() && n.bits() <= 64).map(|n| (id, n.clone(), e))
            }
            _ => None,
        })
        .collect();
    if powers.is_empty() {
        return Vec::new();
    }
    let mut map: HashMap<Id, Id> = HashMap::new();
    for (id, b, e) in powers {
        let mut factors = Vec::new();
        let Ok(top) = dashu_int::UBig::try_from(b.value().numerator().clone()) else { continue };
        for (value, sign) in [(top, 1), (b.value().denominator().clone(), -1)] {
            for (prime, k) in super::logs::prime_factors(value) {
                let (p, k) = (g.number(Number::rational(dashu_int::IBig::from(prime).into())), g.integer(sign * k));
                let exponent = canon.mul(g, &[k, e]);
                factors.push(canon.pow(g, p, exponent));
            }
        }
        let new = canon.mul(g, &factors);
        if new != id {
            map.insert(id, new);
        }
    }
    if map.is_empty() {
        return Vec::new();
    }
    let raw = walk::substitute(g, c, &map);
    vec![canon.of(g, raw)]
}

/// Powers of numbers with one symbolic exponent as the power of one number: `2^(2*x)*3^x` is `12^x`.
pub fn common_exponents(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let factors = match g.view(c) {
        View::Mul(factors) => factors.to_vec(),
        View::Pow(..) => vec![c],
        _ => return Vec::new(),
    };
    let mut groups: Vec<(Id, Number)> = Vec::new();
    let mut rest = Vec::new();
    for f in &factors {
        let power = match g.view(*f) {
            View::Pow(b, e) if g.as_number(e).is_none() => g.as_number(b).filter(|n| n.is_positive()).cloned().map(|n| (n, e)),
            _ => None,
        };
        let split = power.and_then(|(b, e)| {
            let (k, exponent) = split_coefficient(g, e);
            let raised = b.checked_pow(k.to_i64().filter(|k| k.abs() <= 64)?).filter(|n| n.bits() <= 256)?;
            Some((exponent?, raised))
        });
        match split {
            None => rest.push(*f),
            Some((exponent, base)) => match groups.iter_mut().find(|(e, _)| *e == exponent) {
                Some((_, product)) => *product = &*product * &base,
                None => groups.push((exponent, base)),
            },
        }
    }
    if groups.is_empty() {
        return Vec::new();
    }
    for (exponent, base) in groups {
        // not the canonical power of a fraction: 2^(-x) would come back as (1/2)^x
        let base = g.number(base);
        rest.push(canon.pow(g, base, exponent));
    }
    let made = canon.mul(g, &rest);
    if made == c { Vec::new() } else { vec![made] }
}
