//! Forms that one pattern cannot say, since they take any number of terms or work something out: sums of exponentials under a
//! logarithm or a quotient bar, logarithms of products, conjugates, common denominators. Each goes by the name of the identity of
//! the table, or of the law, that it applies.

use super::forms::Forms;
use crate::derive::light;
use crate::expr::{Constant, Graph, Id, Number, Relation, View};
use crate::simplify::measure;

/// At most so many terms are put together.
const TERMS: usize = 64;

/// Equal forms of a node, with the law of each.
pub fn forms(with: &mut Forms<'_>, g: &mut Graph, node: Id) -> Vec<(Id, &'static str)> {
    let mut out = Vec::new();
    let mut put = |found: Option<Id>, law: &'static str| out.extend(found.map(|form| (form, law)));
    match g.view(node) {
        View::Call(f, &[u]) if f.name() == "log" => {
            put(log_of_sum(with, g, u), "log-sum-exp");
            put(log_of_difference(with, g, u), "log of a difference of exponentials");
            put(log_of_product(with, g, u), "logarithm of a product");
            put(log_near_one(with, g, u), "stable logarithm near 1");
        }
        View::Call(f, &[u]) if f.name() == "sqrt" => put(length(with, g, u), "stable length"),
        View::Call(f, &[u]) if f.name() == "cbrt" => put(power_of_product(with, g, node, u), "power of a product"),
        View::Div(top, bottom) => {
            put(share(with, g, top, bottom, false), "share of exponentials");
            put(share(with, g, top, bottom, true), "share of exponentials");
            put(quotient_of_exponentials(with, g, node), "quotient of exponentials");
            put(quotient_of_powers(g, top, bottom), "power of a quotient");
        }
        View::Mul(_) => put(quotient_of_exponentials(with, g, node), "product of exponentials"),
        View::Pow(base, exponent) => {
            put(power_of_sum(with, g, base, exponent), "share of exponentials");
            put(power_of_product(with, g, node, base), "power of a product");
            put(quotient_of_exponentials(with, g, node), "power of an exponential");
        }
        View::Add(_) => {
            for form in conjugate(with, g, node) {
                put(Some(form), "conjugate");
            }
            put(cubic_conjugate(with, g, node), "difference of cube roots");
            put(difference_of_squares(g, node), "difference of two squares");
            put(together(with, g, node), "common denominator");
            put(difference_of_logs(with, g, node), "stable difference of logarithms");
            put(log_sum_less_member(with, g, node), "log-sum-exp less a member");
        }
        _ => {}
    }
    out
}

// ---- exponentials

/// A positive factor times an exponential: `coefficient·exp(exponent)`.
struct Exponential {
    coefficient: Number,
    exponent: Id,
    negative: bool,
    /// Whether there is an exponential in it at all.
    grows: bool,
}

/// A product, quotient or power of exponentials and of factors that are known to be positive.
fn exponential(with: &mut Forms<'_>, g: &mut Graph, id: Id) -> Option<Exponential> {
    let zero = g.integer(0);
    let constant = |coefficient: Number, negative| Exponential { coefficient, exponent: zero, negative, grows: false };
    match g.view(id) {
        View::Number(n) if n.is_zero() => None,
        View::Number(n) => Some(constant(n.abs(), n.is_negative())),
        View::Call(f, &[u]) if f.name() == "exp" => {
            Some(Exponential { coefficient: Number::integer(1), exponent: u, negative: false, grows: true })
        }
        View::Pow(base, u) if matches!(g.view(base), View::Constant(Constant::E)) => {
            Some(Exponential { coefficient: Number::integer(1), exponent: u, negative: false, grows: true })
        }
        View::Neg(a) => exponential(with, g, a).map(|e| Exponential { negative: !e.negative, ..e }),
        View::Mul(factors) => {
            let factors = factors.to_vec();
            let mut all = constant(Number::integer(1), false);
            for f in factors {
                let next = exponential(with, g, f)?;
                all = product(g, &all, &next);
            }
            Some(all)
        }
        View::Div(a, b) => {
            let (a, b) = (exponential(with, g, a)?, exponential(with, g, b)?);
            let minus = light::negative(g, b.exponent);
            let coefficient = b.coefficient.recip()?;
            let inverse = Exponential { coefficient, exponent: minus, negative: b.negative, grows: b.grows };
            Some(product(g, &a, &inverse))
        }
        View::Pow(base, exponent) => {
            let inner = exponential(with, g, base).filter(|e| e.grows && !e.negative && e.coefficient.is_one())?;
            let exponent = times(with, g, inner.exponent, exponent);
            Some(Exponential { exponent, ..inner })
        }
        _ => {
            let positive = g.compare_zero(Relation::Greater, id);
            if !with.proves(g, positive) {
                return None;
            }
            let exponent = g.call_named("log", &[id])?;
            Some(Exponential { coefficient: Number::integer(1), exponent, negative: false, grows: false })
        }
    }
}

fn product(g: &mut Graph, a: &Exponential, b: &Exponential) -> Exponential {
    Exponential {
        coefficient: &a.coefficient * &b.coefficient,
        exponent: light::sum(g, &[a.exponent, b.exponent]),
        negative: a.negative != b.negative,
        grows: a.grows || b.grows,
    }
}

fn times(with: &mut Forms<'_>, g: &mut Graph, a: Id, b: Id) -> Id {
    let product = light::product(g, &[a, b]);
    with.collected(g, product)
}

/// `a - b`, with like terms collected.
fn minus(with: &mut Forms<'_>, g: &mut Graph, a: Id, b: Id) -> Id {
    let opposite = light::negative(g, b);
    let difference = light::sum(g, &[a, opposite]);
    with.collected(g, difference)
}

/// The terms of a sum of which at least one is an exponential.
fn exponentials(with: &mut Forms<'_>, g: &mut Graph, sum: Id) -> Option<Vec<Exponential>> {
    let View::Add(terms) = g.view(sum) else { return None };
    if terms.len() > TERMS {
        return None;
    }
    let terms = terms.to_vec();
    let found: Vec<Exponential> = terms.into_iter().map(|t| exponential(with, g, t)).collect::<Option<_>>()?;
    found.iter().any(|e| e.grows).then_some(found)
}

/// The exponents that a sum of exponentials has when the coefficients go up; a common one comes out.
fn raised(g: &mut Graph, terms: &[Exponential]) -> Option<(Number, Vec<Id>)> {
    let first = &terms.first()?.coefficient;
    if terms.iter().all(|t| t.coefficient == *first) {
        return Some((first.clone(), terms.iter().map(|t| t.exponent).collect()));
    }
    let exponents = terms.iter().map(|t| raised_exponent(g, t)).collect::<Option<_>>()?;
    Some((Number::integer(1), exponents))
}

/// `u + log(c)` for `c·exp(u)`.
fn raised_exponent(g: &mut Graph, term: &Exponential) -> Option<Id> {
    if term.coefficient.is_one() {
        return Some(term.exponent);
    }
    let c = g.number(term.coefficient.clone());
    let log = g.call_named("log", &[c])?;
    Some(light::sum(g, &[term.exponent, log]))
}

/// The logarithm of the sum of the exponentials of these.
fn log_sum(with: &mut Forms<'_>, g: &mut Graph, exponents: &[Id]) -> Option<Id> {
    match *exponents {
        [a, b] if g.is_zero(a) => g.call_named("softplus", &[b]),
        [a, b] if g.is_zero(b) => g.call_named("softplus", &[a]),
        _ => {
            // each with its terms collected, as softplus of a difference reads them
            let exponents: Vec<Id> = exponents.iter().map(|u| with.collected(g, *u)).collect();
            g.call_named("logsumexp", &exponents)
        }
    }
}

fn log_of_sum(with: &mut Forms<'_>, g: &mut Graph, sum: Id) -> Option<Id> {
    let terms = exponentials(with, g, sum).filter(|terms| terms.iter().all(|t| !t.negative))?;
    let (common, exponents) = raised(g, &terms)?;
    let total = log_sum(with, g, &exponents)?;
    if common.is_one() {
        return Some(total);
    }
    let c = g.number(common);
    let log = g.call_named("log", &[c])?;
    Some(light::sum(g, &[total, log]))
}

/// `log(exp(a) - exp(b))` as `a + log1mexp(b - a)`: both need a > b.
fn log_of_difference(with: &mut Forms<'_>, g: &mut Graph, sum: Id) -> Option<Id> {
    let terms = exponentials(with, g, sum).filter(|terms| terms.len() == 2)?;
    let (more, less) = match (terms[0].negative, terms[1].negative) {
        (false, true) => (&terms[0], &terms[1]),
        (true, false) => (&terms[1], &terms[0]),
        _ => return None,
    };
    let (a, b) = (raised_exponent(g, more)?, raised_exponent(g, less)?);
    let difference = minus(with, g, b, a);
    let rest = g.call_named("log1mexp", &[difference])?;
    Some(light::sum(g, &[a, rest]))
}

/// The share `exp(a)/(exp(a) + exp(b) + …)`, or any number times such a share; what is no share of its own as an exponential beside
/// one, or as one exponential of all logarithms.
fn share(with: &mut Forms<'_>, g: &mut Graph, top: Id, bottom: Id, by_logs: bool) -> Option<Id> {
    if let View::Pow(base, n) = g.view(bottom) {
        g.as_i64(n).filter(|n| *n > 1)?;
        let one = g.integer(1);
        let inverse = share(with, g, one, base, by_logs)?;
        let power = g.pow(inverse, n);
        return Some(light::product(g, &[top, power]));
    }
    let terms = exponentials(with, g, bottom).filter(|terms| terms.iter().all(|t| !t.negative))?;
    let (common, exponents) = raised(g, &terms)?;
    let parts = match g.view(top) {
        View::Add(parts) => parts.to_vec(),
        _ => vec![top],
    };
    let shares: Vec<Id> = parts.into_iter().map(|part| one_share(with, g, part, &exponents, by_logs)).collect::<Option<_>>()?;
    let total = light::sum(g, &shares);
    Some(match common.is_one() {
        true => total,
        false => {
            let c = g.number(common);
            light::quotient(g, total, c)
        }
    })
}

/// One term of a sum over a sum of exponentials.
fn one_share(with: &mut Forms<'_>, g: &mut Graph, part: Id, exponents: &[Id], by_logs: bool) -> Option<Id> {
    let (factors, exponent) = taken_out(with, g, part);
    let canonical = with.canonical(g, exponent);
    let at = exponents.iter().position(|u| with.canonical(g, *u) == canonical);
    let share = match at {
        Some(k) => member_share(with, g, exponents, k)?,
        None => beside_a_share(with, g, exponent, exponents, by_logs)?,
    };
    let mut all = factors;
    all.push(share);
    Some(light::product(g, &all))
}

/// `exp(u)` over a sum of exponentials of which it is none: beside the share of one where the difference is plainer.
fn beside_a_share(with: &mut Forms<'_>, g: &mut Graph, exponent: Id, exponents: &[Id], by_logs: bool) -> Option<Id> {
    for (k, u) in exponents.iter().enumerate().filter(|_| !by_logs) {
        let difference = minus(with, g, exponent, *u);
        if measure(g, difference) < measure(g, exponent) && !g.is_zero(*u) {
            let (power, share) = (g.call_named("exp", &[difference])?, member_share(with, g, exponents, k)?);
            return Some(light::product(g, &[power, share]));
        }
    }
    let total = log_sum(with, g, exponents)?;
    let difference = minus(with, g, exponent, total);
    g.call_named("exp", &[difference])
}

fn member_share(with: &mut Forms<'_>, g: &mut Graph, exponents: &[Id], k: usize) -> Option<Id> {
    if let [a, b] = *exponents {
        let (own, other) = if k == 0 { (a, b) } else { (b, a) };
        let difference = minus(with, g, own, other);
        return g.call_named("sigmoid", &[difference]);
    }
    let vector = g.call_named("softmax", exponents)?;
    Some(g.component(vector, u16::try_from(k + 1).ok()?))
}

/// The factors of a term beside its exponential, and the exponent.
fn taken_out(with: &mut Forms<'_>, g: &mut Graph, part: Id) -> (Vec<Id>, Id) {
    let mut open = vec![part];
    let (mut factors, mut exponents) = (Vec::new(), Vec::new());
    while let Some(id) = open.pop() {
        match g.view(id) {
            View::Mul(inner) => open.extend(inner.iter().rev()),
            View::Neg(a) => {
                factors.push(g.integer(-1));
                open.push(a);
            }
            View::Call(f, &[u]) if f.name() == "exp" => exponents.push(u),
            View::Pow(base, u) if matches!(g.view(base), View::Constant(Constant::E)) => exponents.push(u),
            _ => factors.push(id),
        }
    }
    let exponent = light::sum(g, &exponents);
    (factors, with.collected(g, exponent))
}

/// A power of a sum of exponentials: `(1 + exp(-x))^(-1)`.
fn power_of_sum(with: &mut Forms<'_>, g: &mut Graph, base: Id, exponent: Id) -> Option<Id> {
    let terms = exponentials(with, g, base).filter(|terms| terms.iter().all(|t| !t.negative))?;
    let (_, exponents) = raised(g, &terms).filter(|(common, _)| common.is_one())?;
    let total = log_sum(with, g, &exponents)?;
    let product = light::product(g, &[exponent, total]);
    g.call_named("exp", &[product])
}

/// A product or quotient with several exponentials as one: they can overflow one by one.
fn quotient_of_exponentials(with: &mut Forms<'_>, g: &mut Graph, node: Id) -> Option<Id> {
    let mut open = vec![(node, false)];
    let (mut above, mut below, mut exponents) = (Vec::new(), Vec::new(), Vec::new());
    while let Some((id, under)) = open.pop() {
        let mut exponent = |g: &mut Graph, u: Id| {
            let u = if under { light::negative(g, u) } else { u };
            exponents.push(u);
        };
        match g.view(id) {
            View::Mul(inner) => open.extend(inner.iter().rev().map(|f| (*f, under))),
            View::Div(a, b) => open.extend([(b, !under), (a, under)]),
            View::Neg(a) => {
                above.push(g.integer(-1));
                open.push((a, under));
            }
            View::Call(f, &[u]) if f.name() == "exp" => exponent(g, u),
            View::Pow(base, u) if matches!(g.view(base), View::Constant(Constant::E)) => exponent(g, u),
            View::Pow(base, n) if exponential_argument(g, base).is_some() => {
                let u = exponential_argument(g, base)?;
                let product = light::product(g, &[n, u]);
                exponent(g, product);
            }
            _ if under => below.push(id),
            _ => above.push(id),
        }
    }
    if exponents.len() < 2 && !matches!(g.view(node), View::Pow(..)) || exponents.is_empty() {
        return None;
    }
    let exponent = light::sum(g, &exponents);
    let exponent = with.shortest(g, exponent).map_or(exponent, |(form, _)| form);
    above.push(if g.is_zero(exponent) { g.integer(1) } else { g.call_named("exp", &[exponent])? });
    let (above, below) = (light::product(g, &above), light::product(g, &below));
    Some(light::quotient(g, above, below))
}

fn exponential_argument(g: &Graph, id: Id) -> Option<Id> {
    match g.view(id) {
        View::Call(f, &[u]) if f.name() == "exp" => Some(u),
        _ => None,
    }
}

// ---- logarithms

/// The logarithm of a product, quotient or power, factor by factor.
fn log_of_product(with: &mut Forms<'_>, g: &mut Graph, u: Id) -> Option<Id> {
    if !matches!(g.view(u), View::Mul(_) | View::Div(..) | View::Pow(..) | View::Neg(_)) {
        return None;
    }
    log_of(with, g, u)
}

/// The logarithm of what is known to be positive.
fn log_of(with: &mut Forms<'_>, g: &mut Graph, u: Id) -> Option<Id> {
    match g.view(u) {
        View::Mul(_) | View::Neg(_) => {
            let factors = positive_factors(with, g, u)?;
            let mut logs = Vec::with_capacity(factors.len());
            for f in factors {
                logs.push(if matches!(g.view(f), View::Neg(_)) { log_named(g, f)? } else { log_of_positive(with, g, f)? });
            }
            Some(light::sum(g, &logs))
        }
        View::Div(a, b) => {
            // where one side is known to be positive, so is the other one
            let (a, b) = match (is_positive(with, g, a), is_positive(with, g, b)) {
                (false, false) => return None,
                _ => (log_of_positive(with, g, a)?, log_of_positive(with, g, b)?),
            };
            let minus = light::negative(g, b);
            Some(light::sum(g, &[a, minus]))
        }
        View::Pow(base, _) => match is_positive(with, g, base) {
            true => log_of_positive(with, g, u),
            false => None,
        },
        _ => log_of_positive(with, g, u),
    }
}

fn log_of_positive(with: &mut Forms<'_>, g: &mut Graph, u: Id) -> Option<Id> {
    match g.view(u) {
        View::Mul(_) | View::Neg(_) | View::Div(..) => match log_of(with, g, u) {
            Some(log) => Some(log),
            None => log_named(g, u),
        },
        View::Pow(base, n) => match is_positive(with, g, base) {
            true => {
                let log = log_of_positive(with, g, base)?;
                Some(light::product(g, &[n, log]))
            }
            false => log_named(g, u),
        },
        View::Call(f, &[v]) if f.name() == "exp" => Some(v),
        View::Call(f, &[v]) if f.name() == "sqrt" => {
            let (log, two) = (log_of_positive(with, g, v)?, g.integer(2));
            Some(light::quotient(g, log, two))
        }
        View::Number(n) if n.is_one() => Some(g.integer(0)),
        _ => log_named(g, u),
    }
}

/// The logarithm by its own name where it has one.
fn log_named(g: &mut Graph, u: Id) -> Option<Id> {
    match g.view(u) {
        View::Call(f, &[v]) if f.name() == "sigmoid" => g.call_named("log_sigmoid", &[v]),
        View::Call(f, &[v]) if f.name() == "gamma" => g.call_named("lgamma", &[v]),
        View::Neg(inner) => match g.view(inner) {
            View::Call(f, &[v]) if f.name() == "expm1" => g.call_named("log1mexp", &[v]),
            _ => g.call_named("log", &[u]),
        },
        _ => g.call_named("log", &[u]),
    }
}

fn is_positive(with: &mut Forms<'_>, g: &mut Graph, u: Id) -> bool {
    let positive = g.compare_zero(Relation::Greater, u);
    with.proves(g, positive)
}

/// The factors of a positive product, each positive: those that are known to be negative turned in pairs. The sign of one that is
/// not known follows from the others.
fn positive_factors(with: &mut Forms<'_>, g: &mut Graph, u: Id) -> Option<Vec<Id>> {
    let (mut open, mut out, mut unknown, mut turned) = (vec![u], Vec::new(), Vec::new(), false);
    while let Some(id) = open.pop() {
        match g.view(id) {
            View::Mul(inner) => open.extend(inner.iter().rev()),
            View::Neg(a) => {
                turned = !turned;
                open.push(a);
            }
            _ => {
                let negative = g.compare_zero(Relation::Less, id);
                if is_positive(with, g, id) {
                    out.push(id);
                } else if with.proves(g, negative) {
                    turned = !turned;
                    let opposite = light::negative(g, id);
                    if !g.is_one(opposite) {
                        out.push(opposite);
                    }
                } else {
                    unknown.push(id);
                }
            }
        }
    }
    match (&unknown[..], turned) {
        ([], false) => {}
        ([one], false) => out.push(*one),
        ([one], true) => out.push(light::negative(g, *one)),
        _ => return None,
    }
    Some(out)
}

/// `log(u)` as `log1p(u - 1)`, where the difference is worked out: `log(a/b)` as `log1p((a - b)/b)`.
fn log_near_one(with: &mut Forms<'_>, g: &mut Graph, u: Id) -> Option<Id> {
    let rest = match g.view(u) {
        View::Div(a, b) => {
            let difference = minus(with, g, a, b);
            light::quotient(g, difference, b)
        }
        View::Add(terms) if terms.iter().any(|t| g.as_number(*t).is_some()) => {
            let one = g.integer(1);
            minus(with, g, u, one)
        }
        _ => return None,
    };
    g.call_named("log1p", &[rest])
}

/// `log(a) - log(b)` as `log1p((a - b)/b)`.
fn difference_of_logs(with: &mut Forms<'_>, g: &mut Graph, node: Id) -> Option<Id> {
    let View::Add(terms) = g.view(node) else { return None };
    let terms = terms.to_vec();
    let argument = |g: &Graph, id: Id| match g.view(id) {
        View::Call(f, &[u]) if f.name() == "log" => Some((u, false)),
        View::Call(f, &[u]) if f.name() == "log1p" => Some((u, true)),
        _ => None,
    };
    let more = terms.iter().position(|t| argument(g, *t).is_some())?;
    let less = terms.iter().position(|t| matches!(g.view(*t), View::Neg(u) if argument(g, u).is_some()))?;
    let (a, a_shifted) = argument(g, terms[more])?;
    let View::Neg(less_log) = g.view(terms[less]) else { return None };
    let (b, b_shifted) = argument(g, less_log)?;
    let one = g.integer(1);
    let whole = |g: &mut Graph, u: Id, shifted: bool| if shifted { light::sum(g, &[one, u]) } else { u };
    let (a, b) = (whole(g, a, a_shifted), whole(g, b, b_shifted));
    let difference = minus(with, g, a, b);
    let quotient = light::quotient(g, difference, b);
    let log = g.call_named("log1p", &[quotient])?;
    let mut rest: Vec<Id> = terms.iter().enumerate().filter(|(k, _)| *k != more && *k != less).map(|(_, t)| *t).collect();
    rest.insert(0, log);
    Some(light::sum(g, &rest))
}

/// `logsumexp(a, b, …) - a` as `logsumexp(0, b - a, …)`: what is left beside the largest keeps its digits.
fn log_sum_less_member(with: &mut Forms<'_>, g: &mut Graph, node: Id) -> Option<Id> {
    let View::Add(terms) = g.view(node) else { return None };
    let terms = terms.to_vec();
    for (k, t) in terms.iter().enumerate() {
        let (sum, turned) = match g.view(*t) {
            View::Neg(inner) => (inner, true),
            _ => (*t, false),
        };
        let View::Call(f, list) = g.view(sum) else { continue };
        let mut list = match f.name() {
            "logsumexp" | "logaddexp" => list.to_vec(),
            "softplus" => {
                let u = list[0];
                vec![g.integer(0), u]
            }
            _ => continue,
        };
        for (j, other) in terms.iter().enumerate().filter(|(j, _)| *j != k) {
            let member = if turned { *other } else { light::negative(g, *other) };
            let canonical = with.canonical(g, member);
            let Some(at) = list.iter().position(|u| with.canonical(g, *u) == canonical) else { continue };
            for u in &mut list {
                *u = minus(with, g, *u, member);
            }
            list[at] = g.integer(0);
            let log = match *list {
                [a, b] => log_sum(with, g, &[a, b])?,
                _ => g.call_named("logsumexp", &list)?,
            };
            let mut rest: Vec<Id> = terms.iter().enumerate().filter(|(i, _)| *i != k && *i != j).map(|(_, t)| *t).collect();
            rest.push(if turned { light::negative(g, log) } else { log });
            return Some(light::sum(g, &rest));
        }
    }
    None
}

// ---- roots and powers

/// Whether a term is a square root, up to a factor.
fn is_root(g: &Graph, term: Id) -> bool {
    match g.view(term) {
        View::Call(f, _) => f.name() == "sqrt" || f.name() == "hypot",
        View::Pow(_, n) => g.as_number(n).is_some_and(|n| *n == Number::ratio(1, 2)) || is_half(g, n),
        View::Neg(a) => is_root(g, a),
        View::Mul(factors) => factors.iter().any(|f| is_root(g, *f)),
        View::Div(a, _) => is_root(g, a),
        _ => false,
    }
}

fn is_half(g: &Graph, id: Id) -> bool {
    matches!(g.view(id), View::Div(a, b) if g.is_one(a) && g.as_i64(b) == Some(2))
}

/// `s + t` as `(s^2 - t^2)/(s - t)`, where a root is in one of them and the difference is never 0.
fn conjugate(with: &mut Forms<'_>, g: &mut Graph, node: Id) -> Vec<Id> {
    let View::Add(&[s, t]) = g.view(node) else { return Vec::new() };
    let (s, t) = match (is_root(g, s), is_root(g, t)) {
        (true, _) => (s, t),
        (false, true) => (t, s),
        _ => return Vec::new(),
    };
    let opposite = light::negative(g, t);
    let below = light::sum(g, &[s, opposite]);
    let apart = g.compare_zero(Relation::NotEqual, below);
    if !with.proves(g, apart) {
        return Vec::new();
    }
    let two = g.integer(2);
    let (ss, tt) = (g.pow(s, two), g.pow(t, two));
    let raw = g.sub(ss, tt);
    let mut above = vec![with.simplified(g, raw)];
    // with the squares of quotients as they stand
    let (ss, tt) = (square(g, s), square(g, t));
    let minus = light::negative(g, tt);
    above.push(without_opposites(g, &[ss, minus]));
    above.into_iter().map(|above| light::quotient(g, above, below)).collect()
}

fn square(g: &mut Graph, a: Id) -> Id {
    let two = g.integer(2);
    match g.view(a) {
        View::Call(f, &[u]) if f.name() == "sqrt" => u,
        View::Number(n) => {
            let n = n * n;
            g.number(n)
        }
        View::Neg(inner) => square(g, inner),
        View::Pow(u, n) if is_half(g, n) => u,
        _ => g.pow(a, two),
    }
}

/// The sum of these, where terms and their opposites go.
fn without_opposites(g: &mut Graph, parts: &[Id]) -> Id {
    let mut kept: Vec<Id> = Vec::new();
    let mut number = Number::integer(0);
    let mut open: Vec<(Id, bool)> = parts.iter().rev().map(|p| (*p, false)).collect();
    while let Some((id, turned)) = open.pop() {
        match g.view(id) {
            View::Add(terms) => open.extend(terms.iter().rev().map(|t| (*t, turned))),
            View::Neg(a) => open.push((a, !turned)),
            View::Number(n) => number = if turned { &number - n } else { &number + n },
            _ => {
                let own = if turned { light::negative(g, id) } else { id };
                let opposite = light::negative(g, own);
                match kept.iter().position(|k| *k == opposite) {
                    Some(at) => drop(kept.remove(at)),
                    None => kept.push(own),
                }
            }
        }
    }
    let number = g.number(number);
    kept.push(number);
    light::sum(g, &kept)
}

/// `s - t` as `(s^3 - t^3)/(s^2 + s·t + t^2)` for cube roots.
fn cubic_conjugate(with: &mut Forms<'_>, g: &mut Graph, node: Id) -> Option<Id> {
    let View::Add(&[s, t]) = g.view(node) else { return None };
    let cubic = |g: &Graph, id: Id| match g.view(id) {
        View::Call(f, _) => f.name() == "cbrt",
        View::Neg(a) => matches!(g.view(a), View::Call(f, _) if f.name() == "cbrt"),
        _ => false,
    };
    if !cubic(g, s) && !cubic(g, t) {
        return None;
    }
    let t = light::negative(g, t);
    let (two, three) = (g.integer(2), g.integer(3));
    let (ss, tt, st) = (g.pow(s, two), g.pow(t, two), light::product(g, &[s, t]));
    let below = light::sum(g, &[ss, st, tt]);
    let apart = g.compare_zero(Relation::NotEqual, below);
    if !with.proves(g, apart) {
        return None;
    }
    let (sss, ttt) = (g.pow(s, three), g.pow(t, three));
    let raw = g.sub(sss, ttt);
    let above = with.simplified(g, raw);
    Some(light::quotient(g, above, below))
}

/// What an expression is the square of.
fn root_of(g: &mut Graph, term: Id) -> Option<Id> {
    match g.view(term) {
        View::Number(n) => {
            let root = n.exact_root(2)?;
            Some(g.number(root))
        }
        View::Pow(base, n) => {
            let half = g.as_i64(n).filter(|n| n % 2 == 0 && *n > 0)? / 2;
            let half = g.integer(half);
            Some(light::power(g, base, half))
        }
        View::Mul(&[a, b]) if a == b => Some(a),
        View::Mul(factors) => {
            let factors = factors.to_vec();
            let roots: Vec<Id> = factors.into_iter().map(|f| root_of(g, f)).collect::<Option<_>>()?;
            Some(light::product(g, &roots))
        }
        View::Div(a, b) => {
            let (a, b) = (root_of(g, a)?, root_of(g, b)?);
            Some(light::quotient(g, a, b))
        }
        _ => None,
    }
}

/// `a^2 - b^2` as `(a - b)*(a + b)`; a number counts as a square where its root is rational.
fn difference_of_squares(g: &mut Graph, node: Id) -> Option<Id> {
    let View::Add(&[s, t]) = g.view(node) else { return None };
    let minus_of = |g: &mut Graph, id: Id| match g.view(id) {
        View::Neg(a) => Some(a),
        View::Number(n) if n.is_negative() => {
            let n = n.abs();
            Some(g.number(n))
        }
        _ => None,
    };
    let (more, less) = match (minus_of(g, s), minus_of(g, t)) {
        (None, Some(less)) => (s, less),
        (Some(less), None) => (t, less),
        _ => return None,
    };
    let (a, b) = (root_of(g, more)?, root_of(g, less)?);
    let minus = light::negative(g, b);
    let (difference, sum) = (light::sum(g, &[a, minus]), light::sum(g, &[a, b]));
    Some(light::product(g, &[difference, sum]))
}

/// The root of a sum of squares and of numbers that are not negative as a length.
fn length(with: &mut Forms<'_>, g: &mut Graph, u: Id) -> Option<Id> {
    let View::Add(terms) = g.view(u) else { return None };
    let terms = terms.to_vec();
    let mut sides = Vec::with_capacity(terms.len());
    let mut squares = 0;
    for t in terms {
        if let Some(side) = root_of(g, t) {
            squares += usize::from(g.as_number(side).is_none());
            sides.push(side);
            continue;
        }
        let not_negative = g.compare_zero(Relation::GreaterEqual, t);
        if !with.proves(g, not_negative) {
            return None;
        }
        sides.push(g.call_named("sqrt", &[t])?);
    }
    if squares == 0 {
        return None;
    }
    let (first, rest) = sides.split_first()?;
    rest.iter().try_fold(*first, |length, side| g.call_named("hypot", &[length, *side]))
}

/// A power of a product as the product of the powers, where all factors are known not to be negative.
fn power_of_product(with: &mut Forms<'_>, g: &mut Graph, node: Id, base: Id) -> Option<Id> {
    let View::Mul(factors) = g.view(base) else { return None };
    let factors = factors.to_vec();
    let odd = matches!(g.view(node), View::Call(..));
    let mut powers = Vec::with_capacity(factors.len());
    for f in factors {
        let positive = g.compare_zero(Relation::Greater, f);
        if !odd && !with.proves(g, positive) {
            return None;
        }
        powers.push(match g.view(node) {
            View::Pow(_, n) => g.pow(f, n),
            View::Call(name, _) => g.call(name, &[f]),
            _ => return None,
        });
    }
    Some(light::product(g, &powers))
}

/// `a^n/b^n` as `(a/b)^n` for a whole n: powers overflow and vanish where the quotient does not.
fn quotient_of_powers(g: &mut Graph, top: Id, bottom: Id) -> Option<Id> {
    let View::Pow(b, n) = g.view(bottom) else { return None };
    let power = g.as_i64(n).filter(|n| *n > 1)?;
    let mut factors = match g.view(top) {
        View::Mul(factors) => factors.to_vec(),
        _ => vec![top],
    };
    let at = factors.iter().position(|f| matches!(g.view(*f), View::Pow(_, m) if g.as_i64(m) == Some(power)))?;
    let View::Pow(a, _) = g.view(factors[at]) else { return None };
    let quotient = g.div(a, b);
    factors[at] = g.pow(quotient, n);
    Some(light::product(g, &factors))
}

// ---- quotients

/// A sum of quotients over one denominator, with the numerator worked out.
fn together(with: &mut Forms<'_>, g: &mut Graph, node: Id) -> Option<Id> {
    let View::Add(terms) = g.view(node) else { return None };
    let terms = terms.to_vec();
    if terms.len() > 6 {
        return None;
    }
    let parts: Vec<(Id, Option<Id>)> = terms.iter().map(|t| over(g, *t)).collect();
    let below: Vec<Id> = parts.iter().filter_map(|(_, b)| *b).collect();
    if below.is_empty() {
        return None;
    }
    let mut tops = Vec::with_capacity(parts.len());
    for (k, (a, _)) in parts.iter().enumerate() {
        let others = parts.iter().enumerate().filter(|(j, _)| *j != k).filter_map(|(_, (_, b))| *b);
        let factors: Vec<Id> = std::iter::once(*a).chain(others).collect();
        tops.push(light::product(g, &factors));
    }
    let raw = light::sum(g, &tops);
    let above = with.simplified(g, raw);
    let below = light::product(g, &below);
    Some(light::quotient(g, above, below))
}

/// A term as a numerator over a denominator.
fn over(g: &mut Graph, term: Id) -> (Id, Option<Id>) {
    match g.view(term) {
        View::Div(a, b) => (a, Some(b)),
        View::Neg(inner) => match g.view(inner) {
            View::Div(a, b) => (light::negative(g, a), Some(b)),
            _ => (term, None),
        },
        _ => (term, None),
    }
}
