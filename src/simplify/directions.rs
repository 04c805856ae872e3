//! The two directions of the laws of products, powers, exponentials and logarithms: taken apart (`expand`) and put together
//! (`contract`). Neither asks whether the result is shorter; both keep to the domain.

use super::canon::{Canon, base_and_exponent, split_coefficient};
use super::makers::{logs, products, roots};
use super::pretty::Pretty;
use super::{CONDITIONS, How, Move, gate};
use crate::budget::{allowed, foresee, pulse};
use crate::domain::Known;
use crate::expr::{Graph, Id, Number, View, walk};
use crate::limits::Limit;

/// After so many rounds what is left to take apart stays together.
const ROUNDS: usize = 6;

/// An expansion that would have more terms than are allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong {
    /// About how many it would have.
    pub terms: u64,
}

/// One of the directions, with what it has done so far.
struct Direction {
    canon: Canon,
    pretty: Pretty,
    /// The last form, readable.
    last: Id,
    moves: Vec<Move>,
}

/// Products multiplied out, logarithms of products as sums, exponentials of sums as products.
///
/// # Errors
/// When the result would have more terms than are allowed.
pub fn expand(known: &Known, g: &mut Graph, conditions: &[Id], e: Id) -> Result<Vec<Move>, TooLong> {
    let mut way = Direction::new(known, g, conditions, e);
    let mut c = way.canon.of(g, e);
    for _ in 0..ROUNDS {
        let before = c;
        c = multiplied_out(&mut way.canon, g, c)?;
        way.note(g, c, "multiply out");
        let apart = logs::all_apart(&mut way.canon, g, c);
        let by_sizes = calls(g, apart, "abs") > calls(g, c, "abs");
        c = apart;
        way.note(g, c, if by_sizes { "logarithm of a product by sizes" } else { "logarithm of a product" });
        if c == before {
            break;
        }
    }
    let readable = way.pretty.of(g, c);
    let apart = powers_apart(&mut way.canon, g, readable);
    way.put(g, apart, "exponential of a sum");
    Ok(way.gated(g, e))
}

/// Sums of logarithms as one logarithm, products of exponentials, powers and roots as one.
pub fn contract(known: &Known, g: &mut Graph, conditions: &[Id], e: Id) -> Vec<Move> {
    let mut way = Direction::new(known, g, conditions, e);
    let mut c = way.canon.of(g, e);
    way.note(g, c, "product of exponentials");
    for _ in 0..ROUNDS {
        let Some(joined) = roots::joined_everywhere(&mut way.canon, g, c) else { break };
        c = joined;
    }
    way.note(g, c, "roots put together");
    c = logs::all_joined(&mut way.canon, g, c);
    way.note(g, c, "sum of logarithms");
    let readable = way.pretty.of(g, c);
    let together = multiples_inside(&mut way, g, readable);
    way.put(g, together, "multiple of a logarithm");
    way.gated(g, e)
}

impl Direction {
    fn new(known: &Known, g: &mut Graph, conditions: &[Id], e: Id) -> Self {
        let canon = match conditions.len() {
            0..=CONDITIONS => Canon::new(&gate::with_domain(known, g, conditions)),
            _ => Canon::new(known),
        };
        Direction { canon, pretty: Pretty::default(), last: e, moves: Vec::new() }
    }

    /// Notes a canonical form, where it reads differently from the last one.
    fn note(&mut self, g: &mut Graph, c: Id, law: &'static str) {
        let readable = self.pretty.of(g, c);
        self.put(g, readable, law);
    }

    fn put(&mut self, g: &Graph, form: Id, law: &'static str) {
        if super::differs(g, self.last, form) {
            let how = if self.moves.is_empty() && !law_acts(g, self.last, law) { "collect" } else { law };
            self.moves.push(Move { how: vec![How::Law(how)], function: None, after: form });
            self.last = form;
        }
    }

    /// The moves, unless the result has no value somewhere where the expression has one.
    fn gated(mut self, g: &mut Graph, e: Id) -> Vec<Move> {
        if gate::admits(&mut self.canon, g, self.last, e) { self.moves } else { Vec::new() }
    }
}

/// Whether a law has something to act on, for the name of the first step, which also collects.
fn law_acts(g: &Graph, e: Id, law: &str) -> bool {
    let exponentials = walk::topological(g, &[e]).into_iter().filter(|id| match g.view(*id) {
        View::Call(f, _) => f.name() == "exp",
        View::Pow(..) => true,
        _ => false,
    });
    law != "product of exponentials" || exponentials.count() > 1
}

// ---- apart

/// Every product of sums and every small whole power of a sum as a sum.
fn multiplied_out(canon: &mut Canon, g: &mut Graph, root: Id) -> Result<Id, TooLong> {
    let mut too_long = None;
    let made = canon.rebuild(g, root, |canon, g, id| {
        if too_long.is_some() || !matches!(g.view(id), View::Mul(_) | View::Pow(..)) {
            return id;
        }
        product_of_sums(canon, g, id).unwrap_or_else(|refusal| {
            too_long = Some(refusal);
            id
        })
    });
    too_long.map_or(Ok(made), Err)
}

fn product_of_sums(canon: &mut Canon, g: &mut Graph, product: Id) -> Result<Id, TooLong> {
    let factors = match g.view(product) {
        View::Mul(factors) => factors.to_vec(),
        _ => vec![product],
    };
    let (mut sums, mut below, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    let mut count: u64 = 1;
    for f in factors {
        let (base, exponent) = base_and_exponent(g, f);
        let n = exponent.map_or(Some(1), |e| g.as_i64(e));
        match (g.view(base), n) {
            (View::Add(terms), Some(n)) if n > 0 => {
                count = count.saturating_mul(terms_of_power(terms.len() as u64, n as u64));
                sums.push((base, n as u64));
            }
            (_, Some(n)) if n < 0 => below.push(f),
            _ => beside.push(f),
        }
    }
    if sums.is_empty() || (sums.len() == 1 && sums[0].1 == 1 && beside.is_empty()) {
        return Ok(product);
    }
    if count > allowed(Limit::Expanded) {
        return Err(TooLong { terms: count });
    }
    foresee(count as f64);
    let mut out = canon.mul(g, &beside);
    for (sum, n) in sums {
        let power = power_of_sum(canon, g, sum, n);
        out = products::distributed(canon, g, out, power);
    }
    below.push(out);
    Ok(canon.mul(g, &below))
}

/// How many terms `(t1 + … + tk)^n` has: `C(n + k - 1, k - 1)`.
fn terms_of_power(k: u64, n: u64) -> u64 {
    let mut count: u64 = 1;
    for i in 1..k {
        count = match count.checked_mul(n + i) {
            Some(product) => product / i,
            None => return u64::MAX,
        };
    }
    count
}

/// `(t1 + … + tk)^n` by the multinomial theorem: every term is made once.
fn power_of_sum(canon: &mut Canon, g: &mut Graph, sum: Id, n: u64) -> Id {
    if n == 1 {
        return sum;
    }
    let mut begun = vec![(Number::integer(1), Vec::new(), n)];
    let terms = products::terms(g, sum);
    for (k, term) in terms.iter().enumerate() {
        let powers = powers(canon, g, *term, n);
        let is_last = k + 1 == terms.len();
        begun = begun.into_iter().flat_map(|partial| with_powers(&partial, &powers, is_last)).collect();
    }
    let mut made = Vec::with_capacity(begun.len());
    for (coefficient, mut factors, _) in begun {
        factors.push(g.number(coefficient));
        made.push(canon.mul(g, &factors));
    }
    canon.add(g, &made)
}

/// The beginning of a term of a power of a sum: its coefficient, its factors, and what is left of the exponent.
type Partial = (Number, Vec<Id>, u64);

/// A partial term with each power of the next term of the sum; the last one takes what is left.
fn with_powers((coefficient, factors, left): &Partial, powers: &[Id], is_last: bool) -> Vec<Partial> {
    let with = |c: Number, k: u64| {
        let factors = factors.iter().copied().chain([powers[k as usize]]).collect();
        (c, factors, left - k)
    };
    if is_last {
        return vec![with(coefficient.clone(), *left)];
    }
    let mut ways = coefficient.clone();
    let mut out = Vec::new();
    for k in 0..=*left {
        pulse();
        out.push(with(ways.clone(), k));
        ways = &ways * &Number::ratio((left - k) as i64, k + 1);
    }
    out
}

/// The powers of an expression from 0 to `n`.
fn powers(canon: &mut Canon, g: &mut Graph, base: Id, n: u64) -> Vec<Id> {
    let mut out = vec![g.integer(1)];
    for k in 0..n as usize {
        let next = canon.mul(g, &[out[k], base]);
        out.push(next);
    }
    out
}

fn calls(g: &Graph, e: Id, name: &str) -> usize {
    let called = |id: &Id| matches!(g.view(*id), View::Call(f, _) if f.name() == name);
    walk::topological(g, &[e]).iter().filter(|id| called(id)).count()
}

/// `exp(a + b)` as `exp(a)*exp(b)`, and a power of a positive base with a sum above likewise.
fn powers_apart(canon: &mut Canon, g: &mut Graph, readable: Id) -> Id {
    walk::rebuild(g, readable, |g, id, kids| {
        let kids = kids.to_vec();
        let (terms, raised) = match g.view(id) {
            View::Call(f, _) if f.name() == "exp" => (sum_terms(g, kids[0]), false),
            View::Pow(..) => (sum_terms(g, kids[1]), true),
            _ => (Vec::new(), false),
        };
        if terms.len() > 1 && (!raised || canon.is_positive(g, kids[0])) {
            let (mut above, mut below) = (Vec::new(), Vec::new());
            for t in terms {
                let (side, t) = match g.view(t) {
                    View::Neg(t) => (&mut below, t),
                    _ => (&mut above, t),
                };
                side.push(match (raised, g.as_number(kids[0]).is_some() && g.as_number(t).is_some() || g.is_one(t)) {
                    (true, true) => canon.pow(g, kids[0], t),
                    (true, false) => g.pow(kids[0], t),
                    (false, _) => g.call_named("exp", &[t]).unwrap_or(t),
                });
            }
            let above = g.mul(&above);
            if below.is_empty() {
                return above;
            }
            let below = g.mul(&below);
            return g.div(above, below);
        }
        if matches!(g.view(id), View::Mul(_)) {
            let mut flat: Vec<Id> =
                kids.iter().flat_map(|k| if let View::Mul(f) = g.view(*k) { f.to_vec() } else { vec![*k] }).collect();
            flat.sort_by_key(|f| g.as_number(*f).is_none());
            return g.mul(&flat);
        }
        if g.children(id) == kids { id } else { g.with_children(id, &kids) }
    })
}

fn sum_terms(g: &Graph, id: Id) -> Vec<Id> {
    match g.view(id) {
        View::Add(terms) => terms.to_vec(),
        _ => Vec::new(),
    }
}

// ---- together

/// `b*log(a)` as `log(a^b)`.
fn multiples_inside(way: &mut Direction, g: &mut Graph, readable: Id) -> Id {
    walk::rebuild(g, readable, |g, id, kids| {
        let kids = kids.to_vec();
        let made = if g.children(id) == kids { id } else { g.with_children(id, &kids) };
        if !matches!(g.view(made), View::Mul(_) | View::Div(..) | View::Neg(_)) {
            return made;
        }
        let canonical = way.canon.of(g, made);
        let Some((argument, multiple)) = multiple_of_a_logarithm(&mut way.canon, g, canonical) else { return made };
        let power = way.canon.pow(g, argument, multiple);
        let inside = way.pretty.of(g, power);
        g.call_named("log", &[inside]).unwrap_or(made)
    })
}

/// `b*log(a)` as `(a, b)`.
fn multiple_of_a_logarithm(canon: &mut Canon, g: &mut Graph, term: Id) -> Option<(Id, Id)> {
    let (coefficient, rest) = split_coefficient(g, term);
    let factors = match g.view(rest?) {
        View::Mul(factors) => factors.to_vec(),
        _ => vec![rest?],
    };
    let log = |g: &Graph, id: Id| match g.view(id) {
        View::Call(f, a) if f.name() == "log" => Some(a[0]),
        _ => None,
    };
    let mut found = factors.iter().enumerate().filter_map(|(k, f)| log(g, *f).map(|u| (k, u)));
    let (at, argument) = found.next()?;
    if found.next().is_some() || (factors.len() == 1 && coefficient == Number::integer(1)) {
        return None;
    }
    let mut multiple: Vec<Id> = factors.into_iter().enumerate().filter(|(k, _)| *k != at).map(|(_, f)| f).collect();
    multiple.push(g.number(coefficient));
    Some((argument, canon.mul(g, &multiple)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::resolve::formula;

    #[test]
    fn a_power_by_the_theorem_is_the_product() {
        for (text, n) in [
            ("x + y", 7),
            ("x - 1", 6),
            ("x + 1/x", 8),
            ("2*x - y/3 + 0.5", 4),
            ("sqrt(x) + exp(y) - x^y", 5),
            ("a + b + c + d", 4),
            ("x - x^2", 3),
            ("(11/13)^40*x + 2", 3),
        ] {
            let mut g = Graph::new();
            let mut canon = Canon::new(&Known::default());
            let raw = formula(&mut g, text).unwrap();
            let sum = canon.of(&mut g, raw);
            let product = (1..n).fold(sum, |product, _| products::distributed(&mut canon, &mut g, product, sum));
            assert_eq!(power_of_sum(&mut canon, &mut g, sum, n), product, "({text})^{n}");
        }
    }
}
