//! Forms that lose digits or overflow in f64, replaced by the named function they are: `log(1 + exp(x))` by `softplus(x)`. Every
//! replacement has the same value and the same domain. A pre-pass of evaluation, not a simplifier: forms with any number of terms
//! are read here, all others are the identities of the table that are better for every argument.

use crate::domain::{Known, Prover};
use crate::expr::{Constant, Graph, Id, Number, View, walk};
use crate::math::{Class, Function, Purpose, Rule};
use crate::rewrite::Rules;
use std::sync::OnceLock;

/// `root` with the forms below replaced, innermost first.
pub fn recognise(g: &mut Graph, root: Id) -> Id {
    let mut prover = Prover::new(&Known::default());
    walk::rebuild(g, root, |g, id, kids| {
        let plain = if g.children(id) == kids { id } else { g.with_children(id, kids) };
        named_form(g, plain).or_else(|| by_the_table(g, &mut prover, plain)).unwrap_or(plain)
    })
}

/// The node by the most particular identity that matches it.
fn by_the_table(g: &mut Graph, prover: &mut Prover, id: Id) -> Option<Id> {
    rules().apply(g, prover, id, |_| true).map(|(_, form, _)| form)
}

/// Identities that are longer on the right and yet better for every argument.
const ALWAYS: [&str; 7] = [
    "stable complement of the cosine",
    "stable hyperbolic cosine minus 1",
    "log of a difference of exponentials",
    "log of an exponential minus 1",
    "log-sum-exp less a member",
    "SiLU beside its argument",
    "product with a complement",
];

/// The exact identities without a condition that give a named or a stable form.
fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let names = |rule: &&'static Rule| matches!(rule.purpose, Purpose::Recognise | Purpose::Stable);
        let table: Vec<&'static Rule> = crate::math::rules().filter(names).filter(|rule| rule.class == Class::Exact).collect();
        Rules::compile(&table, is_always_better, |_, side| side)
    })
}

fn is_always_better(g: &mut Graph, rule: &'static Rule, left: Id, right: Id) -> bool {
    // a kink keeps the form in which it was written, and none is brought in
    let record = |g: &Graph, id: Id| match g.view(id) {
        View::Call(f, _) => Some(f.record()),
        _ => None,
    };
    let any = |g: &Graph, side: Id, has: &dyn Fn(&Function) -> bool| {
        walk::topological(g, &[side]).into_iter().filter_map(|id| record(g, id)).any(has)
    };
    let left_kinks = any(g, left, &|f| ["abs", "sign", "step", "max", "min", "relu"].contains(&f.name));
    let kinks = left_kinks || any(g, right, &|f| !f.kinks.is_empty() || ["max", "min"].contains(&f.name));
    let shorter = walk::tree_size(g, right) <= walk::tree_size(g, left);
    !rule.text.contains(" where ") && !kinks && (shorter || ALWAYS.contains(&rule.name))
}

fn named_form(g: &mut Graph, id: Id) -> Option<Id> {
    match g.view(id) {
        View::Add(&[a, b]) => {
            let found = difference(g, a, b).or_else(|| difference(g, b, a));
            found.or_else(|| score_and_total(g, a, b)).or_else(|| score_and_total(g, b, a))
        }
        View::Div(a, b) => quotient(g, a, b),
        View::Pow(a, b) if g.as_i64(b) == Some(-1) => {
            let one = g.integer(1);
            quotient(g, one, a)
        }
        View::Call(f, &[u]) if f.name() == "log" => logarithm(g, u),
        _ => None,
    }
}

/// The exponent of `exp(u)` and `e^u`; 0 for the number 1.
fn exponent(g: &mut Graph, id: Id) -> Option<Id> {
    match g.view(id) {
        View::Call(f, &[u]) if f.name() == "exp" => Some(u),
        View::Pow(base, u) if matches!(g.view(base), View::Constant(Constant::E)) => Some(u),
        View::Number(n) if n.is_one() => Some(g.integer(0)),
        _ => None,
    }
}

/// The exponents of a sum of exponentials; at least one is no plain 1.
fn exponents(g: &mut Graph, id: Id) -> Option<Vec<Id>> {
    let View::Add(terms) = g.view(id) else { return None };
    let terms = terms.to_vec();
    let found: Vec<Id> = terms.iter().map(|t| exponent(g, *t)).collect::<Option<_>>()?;
    found.iter().any(|u| !g.is_zero(*u)).then_some(found)
}

fn argument(g: &Graph, id: Id, name: &str) -> Option<Id> {
    match g.view(id) {
        View::Call(f, &[u]) if f.name() == name => Some(u),
        _ => None,
    }
}

/// `-a`, without a double sign.
fn opposite(g: &mut Graph, a: Id) -> Id {
    match g.view(a) {
        View::Neg(inner) => inner,
        _ => g.neg(a),
    }
}

/// `a - b`, without zeros.
fn minus(g: &mut Graph, a: Id, b: Id) -> Id {
    if g.is_zero(b) {
        return a;
    }
    let b = opposite(g, b);
    if g.is_zero(a) { b } else { g.add(&[a, b]) }
}

/// `exp(u) - 1`, `1 - exp(u)` and `1 - sigmoid(u)`.
fn difference(g: &mut Graph, a: Id, b: Id) -> Option<Id> {
    if g.as_number(b).is_some_and(Number::is_minus_one) && g.as_number(a).is_none() {
        let u = exponent(g, a)?;
        return g.call_named("expm1", &[u]);
    }
    let View::Neg(part) = g.view(b) else { return None };
    if !g.is_one(a) {
        return None;
    }
    if let Some(u) = argument(g, part, "sigmoid") {
        let u = opposite(g, u);
        return g.call_named("sigmoid", &[u]);
    }
    let u = exponent(g, part)?;
    let grown = g.call_named("expm1", &[u])?;
    Some(g.neg(grown))
}

fn logarithm(g: &mut Graph, u: Id) -> Option<Id> {
    if let Some(v) = argument(g, u, "sigmoid") {
        return g.call_named("log_sigmoid", &[v]);
    }
    match g.view(u) {
        View::Neg(part) => {
            let v = argument(g, part, "expm1")?;
            g.call_named("log1mexp", &[v])
        }
        View::Div(p, rest) => {
            let one = g.integer(1);
            let complement = g.sub(one, p);
            (rest == complement).then(|| g.call_named("logit", &[p])).flatten()
        }
        View::Component(vector, k) => logarithm_of_share(g, vector, k),
        View::Add(_) => logarithm_of_sum(g, u),
        _ => None,
    }
}

fn logarithm_of_share(g: &mut Graph, vector: Id, k: u32) -> Option<Id> {
    let View::Call(f, arguments) = g.view(vector) else { return None };
    if f.name() != "softmax" {
        return None;
    }
    let arguments = arguments.to_vec();
    log_share(g, &arguments, (k as usize).checked_sub(1)?)
}

/// `a - logsumexp(a, b, …)` and `logsumexp(a, b, …) - a`, where the two may be close.
fn score_and_total(g: &mut Graph, a: Id, b: Id) -> Option<Id> {
    let View::Neg(b) = g.view(b) else { return None };
    let scores = |g: &Graph, id: Id| match g.view(id) {
        View::Call(f, list) if f.name() == "logsumexp" => Some(list.to_vec()),
        _ => None,
    };
    if let Some(list) = scores(g, b) {
        let k = list.iter().position(|z| *z == a)?;
        return log_share(g, &list, k);
    }
    let list = scores(g, a)?;
    let k = list.iter().position(|z| *z == b)?;
    let share = log_share(g, &list, k)?;
    Some(opposite(g, share))
}

/// The log of a score's share of the softmax, of the differences to the other scores: small ones keep their digits.
fn log_share(g: &mut Graph, scores: &[Id], k: usize) -> Option<Id> {
    let own = *scores.get(k)?;
    let others = scores.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, z)| *z);
    let apart: Vec<Id> = others.collect::<Vec<Id>>().into_iter().map(|z| minus(g, z, own)).collect();
    let rest = match apart[..] {
        [one] => g.call_named("softplus", &[one])?,
        _ => {
            let zero = g.integer(0);
            let list: Vec<Id> = std::iter::once(zero).chain(apart).collect();
            g.call_named("logsumexp", &list)?
        }
    };
    Some(g.neg(rest))
}

/// `log(1 + exp(u))`, the log of a sum of exponentials, and any other `log(1 + u)`.
fn logarithm_of_sum(g: &mut Graph, sum: Id) -> Option<Id> {
    if let Some(found) = exponents(g, sum) {
        return match found[..] {
            [zero, u] | [u, zero] if g.is_zero(zero) => g.call_named("softplus", &[u]),
            _ => g.call_named("logsumexp", &found),
        };
    }
    let View::Add(terms) = g.view(sum) else { return None };
    let one = terms.iter().position(|t| g.is_one(*t))?;
    let mut rest = terms.to_vec();
    rest.remove(one);
    let rest = g.add(&rest);
    g.call_named("log1p", &[rest])
}

fn quotient(g: &mut Graph, top: Id, bottom: Id) -> Option<Id> {
    if let View::Pow(base, n) = g.view(bottom)
        && g.is_one(top)
        && g.as_i64(n).is_some_and(|n| n > 0)
    {
        let inverse = quotient(g, top, base)?;
        return Some(g.pow(inverse, n));
    }
    let found = exponents(g, bottom)?;
    if let Some(own) = exponent(g, top)
        && let Some(k) = found.iter().position(|u| *u == own)
    {
        return share(g, &found, k);
    }
    if let [a, b] = found[..]
        && let Some(tanh) = hyperbolic(g, top, a, b)
    {
        return Some(tanh);
    }
    let one = found.iter().position(|u| g.is_zero(*u)).filter(|_| found.len() == 2)?;
    let sigmoid = share(g, &found, one)?;
    Some(g.mul(&[top, sigmoid]))
}

/// The share of one exponential in a sum of them.
fn share(g: &mut Graph, exponents: &[Id], k: usize) -> Option<Id> {
    if let [a, b] = *exponents {
        let (own, other) = if k == 0 { (a, b) } else { (b, a) };
        let difference = minus(g, own, other);
        return g.call_named("sigmoid", &[difference]);
    }
    let vector = g.call_named("softmax", exponents)?;
    Some(g.component(vector, u16::try_from(k + 1).ok()?))
}

/// `(exp(a) - exp(b))/(exp(a) + exp(b))` is `tanh((a - b)/2)`.
fn hyperbolic(g: &mut Graph, top: Id, a: Id, b: Id) -> Option<Id> {
    let (plus, less) = match g.view(top) {
        View::Add(&[p, q]) => {
            let View::Neg(q) = g.view(q) else { return None };
            (exponent(g, p)?, exponent(g, q)?)
        }
        _ => (argument(g, top, "expm1")?, g.integer(0)),
    };
    if (plus, less) != (a, b) && (plus, less) != (b, a) {
        return None;
    }
    let half = if opposite(g, plus) == less {
        plus
    } else {
        let (difference, two) = (minus(g, plus, less), g.integer(2));
        g.div(difference, two)
    };
    g.call_named("tanh", &[half])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expr::print::plain;
    use crate::resolve::formula;

    #[test]
    fn unstable_forms_become_the_functions_they_are() {
        let table = [
            ("log(1 + exp(x))", "softplus(x)"),
            ("log(exp(x) + 1)", "softplus(x)"),
            ("log(1/(1 + exp(-x)))", "log_sigmoid(x)"),
            ("1/(1 + exp(x))", "sigmoid(-x)"),
            ("exp(x)/(1 + exp(x))", "sigmoid(x)"),
            ("1/(1 + exp(x*y))^2", "sigmoid(-x*y)^2"),
            ("1 - 1/(1 + exp(-x))", "sigmoid(-x)"),
            ("x/(1 + exp(-x))", "x*sigmoid(x)"),
            ("log(1 - exp(x))", "log1mexp(x)"),
            ("log(x/(1 - x))", "logit(x)"),
            ("log(1 + x^2)", "log1p(x^2)"),
            ("exp(x) - 1", "expm1(x)"),
            ("1 - exp(x)", "-expm1(x)"),
            ("log(exp(x) + exp(y))", "logsumexp(x, y)"),
            ("log(1 + exp(x) + exp(y))", "logsumexp(0, x, y)"),
            ("exp(x)/(exp(x) + exp(y) + exp(z))", "softmax([x, y, z])[1]"),
            ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", "tanh(x)"),
            ("(exp(x) - 1)/(exp(x) + 1)", "tanh(x/2)"),
            ("log(x) + exp(y)/(x + y)", "log(x) + exp(y)/(x + y)"),
            ("log(2 + x)", "log(2 + x)"),
            ("x - log(exp(x) + exp(y) + exp(z))", "-logsumexp(0, y - x, z - x)"),
            ("-log(exp(x)/(exp(x) + exp(y) + exp(z)))", "-(-logsumexp(0, y - x, z - x))"),
            ("1 - cos(x)", "2*sin(x/2)^2"),
            ("y*(cosh(x) - 1)", "y*(2*sinh(x/2)^2)"),
            ("(1 + tanh(x/2))/2", "sigmoid(x)"),
            ("log(exp(x) - exp(y))", "x + log1mexp(y - x)"),
            ("1 + erf(x)", "erfc(-x)"),
            ("2*sigmoid(2*x) - 1", "tanh(x)"),
            ("log(x + sqrt(x^2 + 1))", "asinh(x)"),
            ("sqrt(x^2 + y^2)", "sqrt(x^2 + y^2)"),
            ("(x + abs(x))/2", "(x + abs(x))/2"),
        ];
        for (plain_form, expected) in table {
            let mut g = Graph::new();
            let root = formula(&mut g, plain_form).unwrap();
            let found = recognise(&mut g, root);
            assert_eq!(plain(&g, found), expected, "{plain_form}");
        }
    }
}
