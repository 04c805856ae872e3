//! Other ways to read an expression: a learner may see exp(4x) as exp(2x)^2, or x*exp(-x) as x/exp(x), and err from there.

use crate::expr::{Constant, Graph, Id, Number, Symbol, View, walk};

/// How far powers are taken apart.
const HIGHEST: i64 = 20;

/// The same expression with two parts to each sum and product, constant factors first, constant terms last, and signs beside
/// numbers.
pub(super) fn binary(g: &mut Graph, root: Id, variable: Option<Symbol>) -> Id {
    let varies = |g: &Graph, id: Id| variable.is_none_or(|x| walk::contains(g, id, x));
    walk::rebuild(g, root, |g, id, kids| match g.view(id) {
        View::Add(_) => {
            let (moving, constant): (Vec<Id>, Vec<Id>) = kids.iter().partition(|kid| varies(g, **kid));
            let terms: Vec<Id> = moving.iter().chain(&constant).map(|kid| signed(g, *kid)).collect();
            folded(g, &terms, Graph::add)
        }
        View::Mul(_) => {
            let (moving, constant): (Vec<Id>, Vec<Id>) = kids.iter().partition(|kid| varies(g, **kid));
            match (&constant[..], &moving[..]) {
                ([], all) | (all, []) => folded(g, all, Graph::mul),
                (constant, moving) => {
                    let (c, u) = (folded(g, constant, Graph::mul), folded(g, moving, Graph::mul));
                    g.mul(&[c, u])
                }
            }
        }
        View::Div(..) => match (g.as_number(kids[0]), g.as_number(kids[1])) {
            (Some(a), Some(b)) => match a.checked_div(b) {
                Some(ratio) => g.number(ratio),
                None => id,
            },
            _ => g.div(kids[0], kids[1]),
        },
        _ if kids.is_empty() => id,
        _ => g.with_children(id, kids),
    })
}

fn folded(g: &mut Graph, parts: &[Id], join: fn(&mut Graph, &[Id]) -> Id) -> Id {
    let mut parts = parts.iter().copied();
    let first = parts.next().unwrap_or_else(|| g.integer(1));
    parts.fold(first, |left, right| join(g, &[left, right]))
}

/// A negative number with its sign outside.
fn signed(g: &mut Graph, id: Id) -> Id {
    match g.as_number(id) {
        Some(n) if n.is_negative() => {
            let positive = g.number(n.abs());
            g.neg(positive)
        }
        _ => id,
    }
}

/// Sums and products with all of their parts side by side again.
pub(super) fn flat(g: &mut Graph, root: Id) -> Id {
    walk::rebuild(g, root, |g, id, kids| match g.view(id) {
        View::Add(_) => {
            let parts = spliced(g, kids, |view| if let View::Add(parts) = view { Some(parts) } else { None });
            g.add(&parts)
        }
        View::Mul(_) => {
            let parts = spliced(g, kids, |view| if let View::Mul(parts) = view { Some(parts) } else { None });
            g.mul(&parts)
        }
        _ if kids.is_empty() => id,
        _ => g.with_children(id, kids),
    })
}

fn spliced(g: &Graph, kids: &[Id], inner: impl for<'v> Fn(View<'v>) -> Option<&'v [Id]>) -> Vec<Id> {
    let mut parts = Vec::with_capacity(kids.len() + 2);
    for kid in kids {
        match inner(g.view(*kid)) {
            Some(more) => parts.extend_from_slice(more),
            None => parts.push(*kid),
        }
    }
    parts
}

/// Other readings of one node.
pub(super) fn readings(g: &mut Graph, id: Id) -> Vec<Id> {
    let mut out = Vec::new();
    seen(g, id, &mut out);
    out.retain(|reading| *reading != id);
    out
}

fn seen(g: &mut Graph, id: Id, out: &mut Vec<Id>) {
    match g.view(id) {
        View::Call(f, [u]) => {
            let u = *u;
            match f.name() {
                "sqrt" => out.push(rational_power(g, u, 1, 2)),
                "cbrt" => out.push(rational_power(g, u, 1, 3)),
                "exp" => {
                    let e = g.constant(Constant::E);
                    out.push(g.pow(e, u));
                    out.extend(powers_of_exp(g, u));
                }
                "tan" => out.extend(ratio(g, "sin", "cos", u)),
                "cot" => out.extend(ratio(g, "cos", "sin", u)),
                _ => {}
            }
        }
        View::Mul(parts) => {
            let parts = parts.to_vec();
            for k in 0..parts.len() {
                let rest: Vec<Id> = parts.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, part)| *part).collect();
                if let Some(below) = reciprocal(g, parts[k]) {
                    let above = g.mul(&rest);
                    out.push(g.div(above, below));
                }
            }
            if let [a, b] = parts[..] {
                out.push(g.mul(&[b, a]));
            }
        }
        View::Div(a, b) => {
            let inverse = negative_power(g, b);
            out.push(if g.is_one(a) { inverse } else { g.mul(&[a, inverse]) });
        }
        View::Pow(u, n) => match g.as_i64(n) {
            Some(2) => out.push(g.mul(&[u, u])),
            Some(k) if (-HIGHEST..0).contains(&k) => {
                let one = g.integer(1);
                let n = g.integer(-k);
                let below = if k == -1 { u } else { g.pow(u, n) };
                out.push(g.div(one, below));
            }
            _ if g.view(u) == View::Constant(Constant::E) => out.extend(g.call_named("exp", &[n])),
            _ => {}
        },
        _ => {}
    }
}

/// A power as it is usually written: u for u^1, a root for u^(1/2).
fn general_power(g: &mut Graph, u: Id, n: Number) -> Id {
    if n.is_one() {
        return u;
    }
    if n.is_zero() {
        return g.integer(1);
    }
    let n = g.number(n);
    g.pow(u, n)
}

fn rational_power(g: &mut Graph, u: Id, n: i64, d: u64) -> Id {
    let exponent = g.number(Number::ratio(n, d));
    g.pow(u, exponent)
}

fn ratio(g: &mut Graph, above: &str, below: &str, u: Id) -> Option<Id> {
    let (a, b) = (g.call_named(above, &[u])?, g.call_named(below, &[u])?);
    Some(g.div(a, b))
}

/// exp(k*w) as exp(k/m*w)^m.
fn powers_of_exp(g: &mut Graph, u: Id) -> Vec<Id> {
    let Some((k, w)) = multiple(g, u) else { return Vec::new() };
    let mut found = Vec::new();
    for m in (2..=HIGHEST).filter(|m| k % m == 0) {
        let inner = times(g, k / m, w);
        if let Some(base) = g.call_named("exp", &[inner]) {
            let exponent = g.integer(m);
            found.push(g.pow(base, exponent));
        }
    }
    found
}

/// A multiple by a whole number as the number and the rest.
fn multiple(g: &Graph, u: Id) -> Option<(i64, Id)> {
    match g.view(u) {
        View::Mul([k, w]) => g.as_i64(*k).filter(|k| (2..=HIGHEST).contains(&k.abs())).map(|k| (k, *w)),
        View::Neg(inner) => multiple(g, inner).map(|(k, w)| (-k, w)),
        _ => None,
    }
}

fn times(g: &mut Graph, k: i64, w: Id) -> Id {
    match k {
        1 => w,
        -1 => g.neg(w),
        _ => {
            let k = g.integer(k);
            g.mul(&[k, w])
        }
    }
}

/// What stands below a bar for a factor that is a power with a negative exponent, or an exponential.
fn reciprocal(g: &mut Graph, factor: Id) -> Option<Id> {
    match g.view(factor) {
        View::Call(f, [u]) if f.name() == "exp" => {
            let u = *u;
            let opposite = opposite(g, u);
            g.call_named("exp", &[opposite])
        }
        View::Pow(u, n) => {
            let n = g.as_number(n).filter(|n| n.is_negative()).cloned()?;
            Some(general_power(g, u, -&n))
        }
        _ => None,
    }
}

fn opposite(g: &mut Graph, u: Id) -> Id {
    match g.view(u) {
        View::Neg(inner) => inner,
        View::Mul([k, w]) if g.as_number(*k).is_some() => {
            let (k, w) = (g.as_number(*k).map(|k| -k).unwrap_or_default(), *w);
            if k.is_one() {
                return w;
            }
            let k = g.number(k);
            g.mul(&[k, w])
        }
        _ => g.neg(u),
    }
}

/// 1/b as a power of b.
fn negative_power(g: &mut Graph, b: Id) -> Id {
    let (base, exponent) = match g.view(b) {
        View::Pow(u, n) => match g.as_number(n) {
            Some(n) => (u, -n),
            None => (b, Number::integer(-1)),
        },
        _ => (b, Number::integer(-1)),
    };
    let exponent = g.number(exponent);
    g.pow(base, exponent)
}
