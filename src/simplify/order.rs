//! One order for the terms of a sum and the factors of a product, so that equal expressions look equal however they were typed:
//! variables by name with higher powers first, functions after variables, numbers last in sums and first in products.

use crate::expr::{Constant, Graph, Id, View};
use std::cmp::Ordering;

/// Structure is compared this deep; below it the order of creation decides, which keeps the recursion shallow on any graph.
/// Equal parts are one node, so a comparison follows one path only.
const DEPTH: u32 = 48;

/// The order of two factors or bases.
pub fn bases(g: &Graph, a: Id, b: Id) -> Ordering {
    compare(g, a, b, DEPTH)
}

/// Orders the terms of a sum, coefficients left aside: lexicographic, higher powers first, numbers last.
pub fn sort_terms(g: &Graph, terms: &mut [Id]) {
    let mut read: Vec<Term> = terms.iter().map(|term| Term::of(g, *term)).collect();
    read.sort_by(|a, b| in_sum(g, a, b));
    terms.iter_mut().zip(read).for_each(|(place, term)| *place = term.id);
}

/// A term of a sum as it is compared.
struct Term {
    id: Id,
    class: u8,
    factors: Vec<Id>,
}

impl Term {
    fn of(g: &Graph, id: Id) -> Self {
        let factors = symbolic_factors(g, id);
        Term { id, class: class_in_sum(g, &factors), factors }
    }
}

fn in_sum(g: &Graph, a: &Term, b: &Term) -> Ordering {
    if a.id == b.id {
        return Ordering::Equal;
    }
    let by_class = a.class.cmp(&b.class);
    if by_class != Ordering::Equal {
        return by_class;
    }
    for (x, y) in a.factors.iter().zip(&b.factors) {
        let order = factor_in_sum(g, *x, *y);
        if order != Ordering::Equal {
            return order;
        }
    }
    // the longer product holds the shorter one: x*y before x
    b.factors.len().cmp(&a.factors.len()).then_with(|| a.id.cmp(&b.id))
}

/// Numbers stand after all else but lone exponentials. This must not depend on what a term is compared with: were a number
/// before exponentials only where it meets one, `exp(x)`, `sin(x)` and 1 would go round in a circle.
fn class_in_sum(g: &Graph, factors: &[Id]) -> u8 {
    match factors {
        [] => 1,
        _ if is_exponential(g, factors) => 2,
        _ => 0,
    }
}

/// A lone exponential reads best after a number: 1 + exp(x).
fn is_exponential(g: &Graph, factors: &[Id]) -> bool {
    match factors {
        [one] => matches!(g.view(*one), View::Call(f, _) if f.name() == "exp"),
        _ => false,
    }
}

fn symbolic_factors(g: &Graph, term: Id) -> Vec<Id> {
    match g.view(term) {
        View::Mul(factors) => factors.iter().copied().filter(|f| g.as_number(*f).is_none()).collect(),
        View::Number(_) => Vec::new(),
        _ => vec![term],
    }
}

fn factor_in_sum(g: &Graph, a: Id, b: Id) -> Ordering {
    let (base_a, power_a) = base_and_power(g, a);
    let (base_b, power_b) = base_and_power(g, b);
    compare(g, base_a, base_b, DEPTH).then_with(|| match (power_a, power_b) {
        (None, None) => Ordering::Equal,
        (p, q) => powers(g, p, q),
    })
}

/// Higher powers first; a missing power is 1.
fn powers(g: &Graph, a: Option<Id>, b: Option<Id>) -> Ordering {
    let one = crate::expr::Number::integer(1);
    let number = |p: Option<Id>| match p {
        None => Some(one.clone()),
        Some(p) => g.as_number(p).cloned(),
    };
    match (number(a), number(b), a, b) {
        (Some(x), Some(y), ..) => y.cmp(&x),
        (Some(_), None, ..) => Ordering::Greater,
        (None, Some(_), ..) => Ordering::Less,
        (None, None, Some(p), Some(q)) => compare(g, p, q, DEPTH),
        (None, None, ..) => a.cmp(&b),
    }
}

fn base_and_power(g: &Graph, id: Id) -> (Id, Option<Id>) {
    match g.view(id) {
        View::Pow(b, e) => (b, Some(e)),
        _ => (id, None),
    }
}

/// Kinds in the order in which a product lists them.
fn rank(g: &Graph, id: Id) -> u8 {
    match g.view(id) {
        View::Number(_) => 0,
        View::Constant(_) => 1,
        View::Symbol(_) => 2,
        View::Pow(b, _) => rank_of_base(g, b),
        View::Call(..) | View::Component(..) => 4,
        View::Rows(..) => 5,
        View::Add(_) => 6,
        _ => 7,
    }
}

fn rank_of_base(g: &Graph, b: Id) -> u8 {
    match g.view(b) {
        View::Number(_) => 3,
        View::Constant(_) => 1,
        View::Symbol(_) => 2,
        View::Call(..) | View::Component(..) => 4,
        View::Rows(..) => 5,
        View::Add(_) => 6,
        _ => 7,
    }
}

fn compare(g: &Graph, a: Id, b: Id, depth: u32) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let by_rank = rank(g, a).cmp(&rank(g, b));
    if by_rank != Ordering::Equal || depth == 0 {
        return by_rank.then_with(|| a.cmp(&b));
    }
    match (g.view(a), g.view(b)) {
        (View::Number(x), View::Number(y)) => x.cmp(y),
        (View::Constant(x), View::Constant(y)) => constant(x).cmp(&constant(y)),
        // what varies from row to row stands after what does not: w*moons.x
        (View::Symbol(x), View::Symbol(y)) => {
            let columns = g.as_column(x).is_some().cmp(&g.as_column(y).is_some());
            columns.then_with(|| names(g.name(x), g.name(y)))
        }
        (View::Call(f, x), View::Call(h, y)) => f.cmp(&h).then_with(|| lists(g, x, y, depth - 1)),
        (View::Component(x, j), View::Component(y, k)) => compare(g, x, y, depth - 1).then(j.cmp(&k)),
        (View::Pow(x, p), View::Pow(y, q)) => compare(g, x, y, depth - 1).then_with(|| compare(g, p, q, depth - 1)),
        (View::Pow(x, _), _) if x == b => Ordering::Less,
        (_, View::Pow(y, _)) if y == a => Ordering::Greater,
        (View::Pow(x, _), _) => compare(g, x, b, depth - 1),
        (_, View::Pow(y, _)) => compare(g, a, y, depth - 1),
        // functions are ordered by name: a component must not come between them by what it is a component of
        (View::Call(..), View::Component(..)) => Ordering::Less,
        (View::Component(..), View::Call(..)) => Ordering::Greater,
        _ => lists(g, g.children(a), g.children(b), depth - 1),
    }
    .then_with(|| a.cmp(&b))
}

fn constant(c: Constant) -> u8 {
    match c {
        Constant::Pi => 0,
        Constant::E => 1,
    }
}

fn lists(g: &Graph, a: &[Id], b: &[Id], depth: u32) -> Ordering {
    for (x, y) in a.iter().zip(b) {
        let order = compare(g, *x, *y, depth);
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// Names by letter first, then by the number at their end: x2 before x10.
fn names(a: &str, b: &str) -> Ordering {
    let split = |s: &str| {
        let stem = s.trim_end_matches(|c: char| c.is_ascii_digit());
        (stem.to_owned(), s[stem.len()..].parse::<u64>().ok())
    };
    let ((stem_a, n), (stem_b, m)) = (split(a), split(b));
    let lower = stem_a.to_lowercase().cmp(&stem_b.to_lowercase());
    lower.then_with(|| stem_a.cmp(&stem_b)).then_with(|| n.cmp(&m)).then_with(|| a.cmp(b))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::resolve::formula;

    /// Terms of every kind: variables, constants, powers, functions, components, sums, numbers.
    const TERMS: &[&str] = &[
        "x",
        "y",
        "x^2",
        "x*y",
        "x^y",
        "x^2*y",
        "pi",
        "pi*x",
        "e*x",
        "2^x",
        "3^x",
        "1",
        "2",
        "sin(x)",
        "sin(x)*y",
        "exp(x)",
        "3*exp(x)",
        "exp(x)*x",
        "exp(x)^2",
        "exp(y)",
        "log(x)",
        "cos(x + y)",
        "sqrt(x)",
        "x^(1/2)",
        "(x + 1)^2",
        "(x + 1)*y",
        "x*(y + 1)",
        "softmax(x, y)[1]",
        "softmax(x, y)[2]",
        "softmax(x + 1, y)[1]*x",
        "softmax(tan(x), y)[1]",
        "tan(x)",
        "(x^2)^y",
        "(x/y)^y",
        "x/y",
        "-x",
        "abs(x)",
        "max(x, y)",
        "if x > 0 then x else y",
        "erf(x)",
        "sin(x + 1)^2",
    ];

    #[test]
    fn the_orders_are_total() {
        let mut g = Graph::new();
        let all: Vec<Id> = TERMS.iter().map(|t| formula(&mut g, t).unwrap()).collect();
        let terms = |g: &Graph, a: Id, b: Id| in_sum(g, &Term::of(g, a), &Term::of(g, b));
        for order in [&terms as &dyn Fn(&Graph, Id, Id) -> Ordering, &bases] {
            for a in &all {
                for b in &all {
                    let ab = order(&g, *a, *b);
                    assert_eq!(ab, order(&g, *b, *a).reverse());
                    for c in all.iter().filter(|c| ab == Ordering::Less && order(&g, *b, **c) == Ordering::Less) {
                        let [a, b, c] = [*a, *b, *c];
                        let shown = [a, b, c].map(|t| crate::expr::print::plain(&g, t));
                        assert_eq!(order(&g, a, c), Ordering::Less, "{shown:?}");
                    }
                }
            }
        }
    }
}
