//! Constructors that leave out what no reader wants to see: `+ 0`, `* 1`, `--`. They never reorder what was written and never
//! cancel; that is a step of its own.

use crate::eval::float::exact_constant;
use crate::expr::{Graph, Id, Number, Reduction, Symbol, View, walk};

/// A sum or product of more parts keeps those of its own kind whole: written out, shared ones would double with each level.
const MOST: usize = 4096;

/// The sum without zeros.
pub fn sum(g: &mut Graph, terms: &[Id]) -> Id {
    let mut kept = Vec::with_capacity(terms.len());
    for t in terms {
        match g.view(*t) {
            View::Number(n) if n.is_zero() => {}
            View::Add(inner) if kept.len() + inner.len() <= MOST.max(terms.len()) => kept.extend_from_slice(inner),
            _ => kept.push(*t),
        }
    }
    if kept.len() > 1 && kept.iter().all(|t| g.as_number(*t).is_some()) {
        let total = kept.iter().filter_map(|t| g.as_number(*t)).fold(Number::integer(0), |a, b| &a + b);
        return g.number(total);
    }
    g.add(&kept)
}

/// The negation; a double one goes.
pub fn negative(g: &mut Graph, a: Id) -> Id {
    match g.view(a) {
        View::Neg(inner) => inner,
        View::Mul(factors) if g.as_number(factors[0]).is_some() => {
            let rest = factors[1..].to_vec();
            let n = g.as_number(factors[0]).map_or_else(|| Number::integer(1), |n| -n);
            let mut all = Vec::with_capacity(rest.len() + 1);
            if !n.is_one() {
                all.push(g.number(n));
            }
            all.extend(rest);
            g.mul(&all)
        }
        _ => g.neg(a),
    }
}

/// The product: zeros win, ones go, signs and numbers come to the front, a factor `1/a` becomes a quotient bar.
pub fn product(g: &mut Graph, factors: &[Id]) -> Id {
    let mut number = Number::integer(1);
    let mut kept: Vec<Id> = Vec::new();
    let mut below: Vec<Id> = Vec::new();
    let mut stack: Vec<Id> = factors.iter().rev().copied().collect();
    while let Some(f) = stack.pop() {
        match g.view(f) {
            View::Number(n) => number = &number * n,
            View::Neg(a) => {
                number = -&number;
                stack.push(a);
            }
            View::Mul(inner) if kept.len() + stack.len() + inner.len() <= MOST.max(factors.len()) => {
                stack.extend(inner.iter().rev());
            }
            View::Div(a, b) if g.is_one(a) && factors.len() > 1 => match g.view(b) {
                // 1/(p/q) is q/p
                View::Div(p, q) => {
                    stack.push(q);
                    if !g.is_one(p) {
                        below.push(p);
                    }
                }
                _ => below.push(b),
            },
            _ => kept.push(f),
        }
    }
    if number.is_zero() {
        return g.integer(0);
    }
    // an open derivative stays beside its factor: 1/u * d/dx[u]
    if kept.iter().any(|f| matches!(g.view(*f), View::Derivative(..))) {
        let one = g.integer(1);
        let bars: Vec<Id> = below.drain(..).map(|b| g.div(one, b)).collect();
        kept.splice(0..0, bars);
    }
    let negative = number.is_minus_one() || (number.is_negative() && !below.is_empty());
    let shown = if negative { number.abs() } else { number };
    if !shown.is_one() || (kept.is_empty() && below.is_empty()) {
        kept.insert(0, g.number(shown));
    }
    let above = g.mul(&kept);
    let value = if below.is_empty() {
        above
    } else {
        let below = flat_product(g, &below);
        g.div(above, below)
    };
    if negative { g.neg(value) } else { value }
}

fn flat_product(g: &mut Graph, factors: &[Id]) -> Id {
    let mut flat = Vec::new();
    for f in factors {
        match g.view(*f) {
            View::Mul(inner) => flat.extend_from_slice(inner),
            _ => flat.push(*f),
        }
    }
    g.mul(&flat)
}

/// The quotient; 0 above and 1 below go.
pub fn quotient(g: &mut Graph, a: Id, b: Id) -> Id {
    if g.is_zero(a) || g.is_one(b) {
        return a;
    }
    match g.view(a) {
        View::Neg(inner) => {
            let value = g.div(inner, b);
            g.neg(value)
        }
        _ => g.div(a, b),
    }
}

/// The power; exponents 0 and 1 go.
pub fn power(g: &mut Graph, base: Id, exponent: Id) -> Id {
    if g.is_zero(exponent) {
        return g.integer(1);
    }
    if g.is_one(exponent) { base } else { g.pow(base, exponent) }
}

/// The exponent lowered by one: numbers are computed, also that of a sum, so that `p - 1` becomes `p - 2`.
pub fn lowered(g: &mut Graph, exponent: Id) -> Id {
    let one = Number::integer(1);
    if let Some(n) = exact_constant(g, exponent) {
        return g.number(&n - &one);
    }
    if let View::Add(terms) = g.view(exponent)
        && let Some((k, n)) = terms.iter().enumerate().find_map(|(k, t)| Some((k, exact_constant(g, *t)?)))
    {
        let mut terms = terms.to_vec();
        terms[k] = g.number(&n - &one);
        return sum(g, &terms);
    }
    let minus = g.integer(-1);
    g.add(&[exponent, minus])
}

/// The reduction over rows; of what no row changes its value, or that times the number of rows. There is at least one row.
pub fn rows(g: &mut Graph, kind: Reduction, data: Symbol, body: Id) -> Id {
    if walk::moves_by_row(g, body, data)
        || walk::topological(g, &[body]).iter().any(|id| matches!(g.view(*id), View::Derivative(..)))
    {
        return g.rows(kind, data, body);
    }
    match kind {
        Reduction::Mean => body,
        Reduction::Sum => {
            let one = g.integer(1);
            let count = g.rows(Reduction::Sum, data, one);
            product(g, &[body, count])
        }
    }
}

/// `id` with other children, through the constructors above.
pub fn with_children(g: &mut Graph, id: Id, kids: &[Id]) -> Id {
    match g.view(id) {
        View::Add(_) => sum(g, kids),
        View::Mul(_) => product(g, kids),
        View::Neg(_) => negative(g, kids[0]),
        View::Div(..) => quotient(g, kids[0], kids[1]),
        View::Pow(..) => power(g, kids[0], kids[1]),
        View::Rows(kind, data, _) => rows(g, kind, data, kids[0]),
        _ => g.with_children(id, kids),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expr::print;
    use crate::resolve::formula;

    #[test]
    fn numbers_in_an_exponent_are_lowered_where_they_stand() {
        for (exponent, expected) in [
            ("3", "2"),
            ("-3", "-4"),
            ("1/2", "-1/2"),
            ("p", "p - 1"),
            ("p - 1", "p - 2"),
            ("n + 1", "n"),
            ("k + 1/2", "k - 1/2"),
            ("1 - a", "-a"),
            ("l/i - 1", "l/i - 2"),
        ] {
            let mut g = Graph::new();
            let exponent = formula(&mut g, exponent).unwrap();
            let less = lowered(&mut g, exponent);
            assert_eq!(print::plain(&g, less), expected);
        }
    }
}
