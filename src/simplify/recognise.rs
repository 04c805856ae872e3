//! Named forms: an expression in exponentials read in terms of sigmoid, tanh or softmax, where that is shorter, and the
//! identities of the table whose purpose is recognition.

use super::canon::{Canon, split_coefficient};
use crate::expr::{Graph, Id, Number, View, walk};
use crate::rewrite::Rules;
use std::collections::{HashMap, HashSet};

/// The expression written in other kernels, one candidate for each reading of a sum of exponentials.
pub fn other_kernels(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut out = Vec::new();
    for (t, base) in exponential_pairs(canon, g, c) {
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
            let t = if super::canon::leads_negative(g, t) { canon.negative(g, t) } else { t };
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

/// tan, sec, csc, cot and their hyperbolic siblings written as quotients of sine and cosine; `None` where there is none.
pub fn by_sine_and_cosine(canon: &mut Canon, g: &mut Graph, c: Id) -> Option<Id> {
    let mut map: HashMap<Id, Id> = HashMap::new();
    for id in walk::topological(g, &[c]) {
        let View::Call(f, a) = g.view(id) else { continue };
        let (above, below) = match f.name() {
            "tan" => (Some("sin"), "cos"),
            "cot" => (Some("cos"), "sin"),
            "sec" => (None, "cos"),
            "csc" => (None, "sin"),
            "tanh" => (Some("sinh"), "cosh"),
            "coth" => (Some("cosh"), "sinh"),
            "sech" => (None, "cosh"),
            "csch" => (None, "sinh"),
            _ => continue,
        };
        let u = a[0];
        let below = g.call_named(below, &[u])?;
        let above = match above {
            Some(name) => g.call_named(name, &[u])?,
            None => g.integer(1),
        };
        let quotient = g.div(above, below);
        map.insert(id, quotient);
    }
    if map.is_empty() {
        return None;
    }
    let raw = walk::substitute(g, c, &map);
    Some(canon.of(g, raw))
}

/// The expression with the recognition rules of the table applied wherever they match.
pub fn named_forms(canon: &mut Canon, g: &mut Graph, rules: &Rules, c: Id) -> Id {
    let order = walk::topological(g, &[c]);
    let mut new: HashMap<Id, Id> = HashMap::with_capacity(order.len());
    for id in order {
        let kids: Vec<Id> = g.children(id).iter().map(|k| new.get(k).copied().unwrap_or(*k)).collect();
        let mut made = if g.children(id) == kids {
            id
        } else {
            let raw = g.with_children(id, &kids);
            canon.of(g, raw)
        };
        for _ in 0..4 {
            let Some((_, rewritten)) = rules.apply(g, canon.prover(), made) else { break };
            made = canon.of(g, rewritten);
        }
        new.insert(id, made);
    }
    new.get(&c).copied().unwrap_or(c)
}
