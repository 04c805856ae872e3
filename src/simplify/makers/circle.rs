//! Circular and hyperbolic functions: quotients of sine and cosine, multiples of angles in both directions, and angles of inverse
//! functions.

use super::super::canon::{Canon, base_and_exponent};
use super::products;
use crate::expr::{Constant, Graph, Id, Number, View, walk};
use std::collections::HashMap;

/// Multiples of an angle are opened up to this one.
const MULTIPLE: i64 = 8;

/// The two functions on a circle or a hyperbola: the odd one, the even one, and their quotient.
struct Pair {
    odd: &'static str,
    even: &'static str,
    quotient: &'static str,
    inverse_quotient: &'static str,
    circular: bool,
}

const PAIRS: [Pair; 2] = [
    Pair { odd: "sin", even: "cos", quotient: "tan", inverse_quotient: "cot", circular: true },
    Pair { odd: "sinh", even: "cosh", quotient: "tanh", inverse_quotient: "coth", circular: false },
];

/// A call of one of a pair: which pair, whether it is the odd one, and the argument.
fn member(g: &Graph, id: Id) -> Option<(&'static Pair, bool, Id)> {
    let View::Call(f, a) = g.view(id) else { return None };
    let pair = PAIRS.iter().find(|p| p.odd == f.name() || p.even == f.name())?;
    Some((pair, pair.odd == f.name(), a[0]))
}

fn call(canon: &mut Canon, g: &mut Graph, name: &str, u: Id) -> Id {
    crate::math::find(name).map_or(u, |f| canon.call(g, f, &[u]))
}

/// A multiple of an angle, term by term, so that parts of a turn show.
fn times(canon: &mut Canon, g: &mut Graph, k: Id, u: Id) -> Id {
    products::expanded(canon, g, &[k, u]).unwrap_or(u)
}

fn replaced(canon: &mut Canon, g: &mut Graph, c: Id, map: &HashMap<Id, Id>) -> Vec<Id> {
    if map.is_empty() {
        return Vec::new();
    }
    let raw = walk::substitute(g, c, map);
    vec![canon.of(g, raw)]
}

/// tan, sec, csc, cot and their hyperbolic siblings written as quotients of sine and cosine.
pub fn by_sine_and_cosine(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
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
        let below = call(canon, g, below, u);
        let above = match above {
            Some(name) => call(canon, g, name, u),
            None => g.integer(1),
        };
        let quotient = g.div(above, below);
        map.insert(id, quotient);
    }
    replaced(canon, g, c, &map)
}

/// A pair, its argument, and the powers of the odd and the even one: each the factor and its exponent.
type Powers = (&'static Pair, Id, [(Id, i64); 2]);

/// The same while they are looked for.
type PerhapsPowers = (&'static Pair, Id, [Option<(Id, i64)>; 2]);

/// The factors of a product that are powers of the members of a pair with one argument, as (odd power, even power).
fn powers_of_pairs(g: &Graph, c: Id) -> Vec<Powers> {
    let factors = match g.view(c) {
        View::Mul(factors) => factors,
        _ => return Vec::new(),
    };
    let mut found: Vec<PerhapsPowers> = Vec::new();
    for f in factors {
        let (base, exponent) = base_and_exponent(g, *f);
        let Some(n) = exponent.map_or(Some(1), |e| g.as_i64(e)) else { continue };
        let Some((pair, odd, u)) = member(g, base) else { continue };
        let place = usize::from(!odd);
        match found.iter_mut().find(|(p, v, _)| p.odd == pair.odd && *v == u) {
            Some((_, _, both)) => both[place] = Some((*f, n)),
            None => {
                let mut both = [None, None];
                both[place] = Some((*f, n));
                found.push((pair, u, both));
            }
        }
    }
    found.into_iter().filter_map(|(p, u, [odd, even])| Some((p, u, [odd?, even?]))).collect()
}

/// A product with the powers of a pair replaced by `new` and the powers that are left.
fn with_powers(canon: &mut Canon, g: &mut Graph, c: Id, old: [Id; 2], new: &[(Id, i64)]) -> Id {
    let factors = match g.view(c) {
        View::Mul(factors) => factors.to_vec(),
        _ => vec![c],
    };
    let mut all: Vec<Id> = factors.into_iter().filter(|f| !old.contains(f)).collect();
    for (base, n) in new {
        let n = g.integer(*n);
        all.push(canon.pow(g, *base, n));
    }
    canon.mul(g, &all)
}

/// `sin(u)*cos(u)` as `sin(2*u)/2`, with any powers of one sign.
pub fn double_angles(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut out = Vec::new();
    for (pair, u, [(f, m), (h, n)]) in powers_of_pairs(g, c) {
        if (m > 0) != (n > 0) {
            continue;
        }
        let k = if m > 0 { m.min(n) } else { m.max(n) };
        let (two, half) = (g.integer(2), g.number(Number::ratio(1, 2)));
        let double = times(canon, g, two, u);
        let sine = call(canon, g, pair.odd, double);
        let (odd, even) = (call(canon, g, pair.odd, u), call(canon, g, pair.even, u));
        out.push(with_powers(canon, g, c, [f, h], &[(half, k), (sine, k), (odd, m - k), (even, n - k)]));
    }
    out
}

/// `sin(u)/cos(u)` as `tan(u)`, with any powers of opposite sign.
pub fn tangents(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut out = Vec::new();
    for (pair, u, [(f, m), (h, n)]) in powers_of_pairs(g, c) {
        if (m > 0) == (n > 0) {
            continue;
        }
        let k = m.abs().min(n.abs());
        let name = if m > 0 { pair.quotient } else { pair.inverse_quotient };
        let quotient = call(canon, g, name, u);
        let (odd, even) = (call(canon, g, pair.odd, u), call(canon, g, pair.even, u));
        let left = |p: i64| p - k * p.signum();
        out.push(with_powers(canon, g, c, [f, h], &[(quotient, k), (odd, left(m)), (even, left(n))]));
    }
    out
}

/// Squares by the double angle: `cos(u)^2` as `(1 + cos(2*u))/2`.
pub fn squares_reduced(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut map: HashMap<Id, Id> = HashMap::new();
    for id in walk::topological(g, &[c]) {
        let View::Pow(base, e) = g.view(id) else { continue };
        let Some(n) = g.as_i64(e).filter(|n| n.abs() == 2) else { continue };
        let Some((pair, odd, u)) = member(g, base) else { continue };
        let (one, two, half) = (g.integer(1), g.integer(2), g.number(Number::ratio(1, 2)));
        let double = times(canon, g, two, u);
        let mut cosine = call(canon, g, pair.even, double);
        let mut unit = one;
        if odd && pair.circular {
            cosine = canon.negative(g, cosine);
        } else if odd {
            unit = g.integer(-1);
        }
        let sum = canon.add(g, &[unit, cosine]);
        let square = canon.mul(g, &[half, sum]);
        let new = if n > 0 { square } else { canon.inverse(g, square) };
        map.insert(id, new);
    }
    replaced(canon, g, c, &map)
}

/// Sines and cosines of multiples of one angle as polynomials in its sine and cosine.
pub fn base_angles(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let members: Vec<(Id, &'static Pair, bool, Id)> =
        walk::topological(g, &[c]).into_iter().filter_map(|id| member(g, id).map(|(p, odd, u)| (id, p, odd, u))).collect();
    let mut out = Vec::new();
    for (k, (_, pair, _, first)) in members.iter().enumerate() {
        let mut ratios: Vec<(Id, bool, Number)> = Vec::new();
        let mut seen_before = false;
        for (j, (id, other, odd, u)) in members.iter().enumerate() {
            if other.odd != pair.odd {
                continue;
            }
            let below = canon.inverse(g, *first);
            let ratio = canon.mul(g, &[*u, below]);
            let Some(ratio) = g.as_number(ratio).cloned() else { continue };
            seen_before |= j < k;
            ratios.push((*id, *odd, ratio));
        }
        // each family of angles once; half the angle too, where it is alone
        if seen_before || ratios.is_empty() {
            continue;
        }
        let unit = ratios.iter().fold(Number::integer(0), |unit, (_, _, r)| common_unit(&unit, &r.abs()));
        for unit in [unit.clone(), &unit * &Number::ratio(1, 2)] {
            let scale = g.number(unit.clone());
            let base = times(canon, g, scale, *first);
            let mut map = HashMap::new();
            for (id, odd, r) in &ratios {
                let Some(n) = r.checked_div(&unit).and_then(|n| n.to_i64()).filter(|n| n.abs() <= MULTIPLE) else { continue };
                if n.abs() < 2 {
                    continue;
                }
                let both = (call(canon, g, pair.odd, base), call(canon, g, pair.even, base));
                let (sine, cosine) = multiple(canon, g, both, n.unsigned_abs(), pair.circular);
                let new = if !*odd {
                    cosine
                } else if n < 0 {
                    canon.negative(g, sine)
                } else {
                    sine
                };
                map.insert(*id, new);
            }
            out.extend(replaced(canon, g, c, &map));
        }
    }
    out
}

fn common_unit(a: &Number, b: &Number) -> Number {
    let (mut a, mut b) = (a.clone(), b.clone());
    for _ in 0..16 {
        if b.is_zero() {
            return a;
        }
        let Some(quotient) = a.checked_div(&b) else { return a };
        let rest = &a - &(&quotient.floor() * &b);
        a = b;
        b = rest;
    }
    a
}

/// Sine and cosine of `n` times an angle by those of the angle: the parts of `(cos + i*sin)^n`, or of `(cosh + sinh)^n`.
fn multiple(canon: &mut Canon, g: &mut Graph, (sine, cosine): (Id, Id), n: u64, circular: bool) -> (Id, Id) {
    let (mut odd, mut even) = (Vec::new(), Vec::new());
    let mut binomial: i64 = 1;
    for k in 0..=n {
        let negative = circular && (k / 2) % 2 == 1;
        let factor = g.integer(if negative { -binomial } else { binomial });
        let (s, e) = (g.integer(k as i64), g.integer((n - k) as i64));
        let (s, e) = (canon.pow(g, sine, s), canon.pow(g, cosine, e));
        let term = canon.mul(g, &[factor, s, e]);
        if k % 2 == 0 {
            even.push(term)
        } else {
            odd.push(term)
        }
        binomial = binomial * (n - k) as i64 / (k as i64 + 1);
    }
    (canon.add(g, &odd), canon.add(g, &even))
}

/// Sine and cosine of multiples of an inverse function by the argument of that: `cos(2*asin(x))` is `1 - 2*x^2`.
pub fn inverse_angles(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut map: HashMap<Id, Id> = HashMap::new();
    for id in walk::topological(g, &[c]) {
        let Some((pair, odd, u)) = member(g, id) else { continue };
        let (k, rest) = super::super::canon::split_coefficient(g, u);
        let Some(n) = k.to_i64().filter(|n| n.abs() <= MULTIPLE) else { continue };
        let Some(View::Call(inner, a)) = rest.map(|r| g.view(r)) else { continue };
        let x = a[0];
        let Some(both) = on_the_circle(canon, g, pair, inner.name(), x) else { continue };
        let (sine, cosine) = multiple(canon, g, both, n.unsigned_abs(), pair.circular);
        let new = if !odd {
            cosine
        } else if n < 0 {
            canon.negative(g, sine)
        } else {
            sine
        };
        map.insert(id, new);
    }
    replaced(canon, g, c, &map)
}

/// Sine and cosine of an inverse function at `x`.
fn on_the_circle(canon: &mut Canon, g: &mut Graph, pair: &Pair, inverse: &str, x: Id) -> Option<(Id, Id)> {
    let (one, two, half) = (g.integer(1), g.integer(2), g.number(Number::ratio(1, 2)));
    let square = canon.pow(g, x, two);
    let opposite = canon.negative(g, square);
    let root = |canon: &mut Canon, g: &mut Graph, unit: Id, square: Id| {
        let sum = canon.add(g, &[unit, square]);
        canon.pow(g, sum, half)
    };
    match (pair.circular, inverse) {
        (true, "asin") => Some((x, root(canon, g, one, opposite))),
        (true, "acos") => Some((root(canon, g, one, opposite), x)),
        (true, "atan") => {
            let size = root(canon, g, one, square);
            let below = canon.inverse(g, size);
            Some((canon.mul(g, &[x, below]), below))
        }
        (false, "asinh") => Some((x, root(canon, g, one, square))),
        (false, "acosh") => {
            let minus = g.integer(-1);
            Some((root(canon, g, minus, square), x))
        }
        (false, "atanh") => {
            let size = root(canon, g, one, opposite);
            let below = canon.inverse(g, size);
            Some((canon.mul(g, &[x, below]), below))
        }
        _ => None,
    }
}

/// Sines and cosines by those of half the angle, in each of the ways in which a sum of one of them with 1 becomes a square; also by half
/// of the angle a quarter turn further.
pub fn half_angles(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let members: Vec<(Id, bool, Id)> = walk::topological(g, &[c])
        .into_iter()
        .filter_map(|id| member(g, id).filter(|(p, ..)| p.circular).map(|(_, odd, u)| (id, odd, u)))
        .collect();
    if members.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (shifted, by_sine) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut map = HashMap::new();
        for (id, odd, u) in &members {
            let half = g.number(Number::ratio(1, 2));
            let mut v = times(canon, g, half, *u);
            if shifted {
                let (pi, quarter) = (g.constant(Constant::Pi), g.number(Number::ratio(1, 4)));
                let eighth = canon.mul(g, &[quarter, pi]);
                v = canon.add(g, &[v, eighth]);
            }
            let (sine, cosine) = (call(canon, g, "sin", v), call(canon, g, "cos", v));
            let (one, two) = (g.integer(1), g.integer(2));
            // cos(2v) and sin(2v); a quarter turn further they are -sin(u) and cos(u)
            let new = if *odd != shifted {
                canon.mul(g, &[two, sine, cosine])
            } else {
                let base = if by_sine { sine } else { cosine };
                let square = canon.pow(g, base, two);
                let (k, unit) = if by_sine { (g.integer(-2), one) } else { (two, g.integer(-1)) };
                let double = canon.mul(g, &[k, square]);
                let cosine_of_double = canon.add(g, &[double, unit]);
                if shifted { canon.negative(g, cosine_of_double) } else { cosine_of_double }
            };
            map.insert(*id, new);
        }
        out.extend(replaced(canon, g, c, &map));
    }
    out
}
