//! From the canonical form to the form that is read: quotients for negative powers, sqrt for powers of 1/2, a positive term
//! first, signs drawn into differences.

use super::canon::{base_and_exponent, coefficient, split_coefficient};
use crate::expr::{Graph, Id, IdMap, Number, View, walk};

/// Turns canonical forms into readable ones; keeps those it has made.
#[derive(Default)]
pub struct Pretty {
    done: IdMap<Id>,
    /// Whether powers of 1/3 are written as cube roots. They have a value at fewer points.
    cube_roots: bool,
}

impl Pretty {
    /// With powers of 1/3 as cube roots.
    pub fn with_cube_roots() -> Self {
        Pretty { cube_roots: true, ..Pretty::default() }
    }

    /// The readable form of a canonical expression.
    pub fn of(&mut self, g: &mut Graph, root: Id) -> Id {
        for id in walk::unknown(g, root, |id| self.done.contains_key(&id)) {
            if !self.done.contains_key(&id) {
                let made = self.node(g, id);
                self.done.insert(id, made);
            }
        }
        self.get(root)
    }

    fn get(&self, id: Id) -> Id {
        self.done.get(&id).copied().unwrap_or(id)
    }

    fn node(&mut self, g: &mut Graph, id: Id) -> Id {
        match g.view(id) {
            View::Add(terms) => {
                let terms = terms.to_vec();
                self.sum(g, terms)
            }
            View::Mul(_) | View::Pow(..) => self.product(g, id),
            _ => {
                let kids: Vec<Id> = g.children(id).iter().map(|c| self.get(*c)).collect();
                g.with_children(id, &kids)
            }
        }
    }

    /// The terms with a positive one first, where there is one.
    fn sum(&mut self, g: &mut Graph, mut terms: Vec<Id>) -> Id {
        if let Some(at) = terms.iter().position(|t| !coefficient(g, *t).is_negative())
            && at > 0
        {
            // a leading constant before a long difference reads worse than the difference turned round
            let first = terms.remove(at);
            terms.insert(0, first);
        }
        let terms: Vec<Id> = terms.into_iter().map(|t| self.get(t)).collect();
        g.add(&terms)
    }

    fn product(&mut self, g: &mut Graph, id: Id) -> Id {
        let (mut number, rest) = split_coefficient(g, id);
        let factors = match rest.map(|r| (r, g.view(r))) {
            None => return g.number(number),
            Some((_, View::Mul(factors))) => factors.to_vec(),
            Some((r, _)) => vec![r],
        };
        let turned = turned(g, &factors, &mut number);
        let over_rows = if number.is_negative() { self.turned_rows(g, &factors) } else { None };
        if over_rows.is_some() {
            number = -&number;
        }
        let mut above = Vec::new();
        let mut below = Vec::new();
        for f in &factors {
            if let Some((_, readable)) = over_rows.filter(|(factor, _)| factor == f) {
                above.push(readable);
                continue;
            }
            self.place(g, *f, turned.contains(f), &mut above, &mut below);
        }
        let (above, below) = (joined_sizes(g, above), joined_sizes(g, below));
        let (number, above, below) = roots_below(g, number, above, below);
        self.fraction(g, number, above, below)
    }

    /// A reduction over rows among the factors that can take the sign of the whole, readable: `mean(x*(s - y))` for `-mean(x*(y - s))`.
    fn turned_rows(&mut self, g: &mut Graph, factors: &[Id]) -> Option<(Id, Id)> {
        for factor in factors {
            let View::Rows(kind, data, body) = g.view(*factor) else { continue };
            let (c, rest) = split_coefficient(g, body);
            let inner = match g.view(body) {
                View::Add(terms) if terms.iter().any(|t| coefficient(g, *t).is_negative()) => self.opposite_sum(g, body),
                View::Mul(_) => {
                    let raw = super::canon::scaled(g, rest?, &-&c);
                    let made = self.product(g, raw);
                    self.done.insert(raw, made);
                    made
                }
                _ => continue,
            };
            if !matches!(g.view(inner), View::Neg(_)) && !coefficient(g, inner).is_negative() {
                return Some((*factor, g.rows(kind, data, inner)));
            }
        }
        None
    }

    /// Puts one factor above or below the line.
    fn place(&mut self, g: &mut Graph, factor: Id, turn: bool, above: &mut Vec<Id>, below: &mut Vec<Id>) {
        let (base, exponent) = base_and_exponent(g, factor);
        let readable = if turn { self.opposite_sum(g, base) } else { self.get(base) };
        let Some(exponent) = exponent else {
            above.push(readable);
            return;
        };
        let negative = match g.view(exponent) {
            View::Number(n) => n.is_negative(),
            View::Mul(_) => coefficient(g, exponent).is_negative(),
            _ => false,
        };
        if negative && !matches!(g.view(base), View::Number(n) if !n.is_integer()) {
            let opposite = self.opposite(g, exponent);
            let power = self.power(g, readable, opposite);
            below.push(power);
        } else {
            let exponent = self.get(exponent);
            let power = self.power(g, readable, exponent);
            above.push(power);
        }
    }

    /// A sum with every sign turned: y - s for s - y.
    fn opposite_sum(&mut self, g: &mut Graph, base: Id) -> Id {
        let View::Add(terms) = g.view(base) else { return self.get(base) };
        let terms = terms.to_vec();
        let opposite: Vec<Id> = terms
            .iter()
            .map(|t| {
                let (c, rest) = split_coefficient(g, *t);
                match rest {
                    None => g.number(-&c),
                    Some(r) => super::canon::scaled(g, r, &-&c),
                }
            })
            .collect();
        for t in &opposite {
            let made = self.node(g, *t);
            self.done.insert(*t, made);
        }
        self.sum(g, opposite)
    }

    /// The readable exponent without its sign.
    fn opposite(&mut self, g: &mut Graph, exponent: Id) -> Id {
        let (c, rest) = split_coefficient(g, exponent);
        let size = c.abs();
        match rest {
            None => g.number(size),
            Some(rest) => {
                let made = super::canon::scaled(g, rest, &size);
                let made_pretty = self.node(g, made);
                self.done.insert(made, made_pretty);
                made_pretty
            }
        }
    }

    fn power(&mut self, g: &mut Graph, base: Id, exponent: Id) -> Id {
        if g.is_one(exponent) {
            return base;
        }
        let root = g.as_number(exponent).filter(|n| n.value().numerator() == &dashu_int::IBig::ONE);
        match root.and_then(|n| n.value().denominator().try_into().ok()) {
            Some(2u8) => g.call_named("sqrt", &[base]).unwrap_or(base),
            Some(3) if self.cube_roots => g.call_named("cbrt", &[base]).unwrap_or(base),
            // x^(3/2) reads as x*sqrt(x) only for symbols; (x^2 + 1)^(3/2) is plainer as it stands
            _ => g.pow(base, exponent),
        }
    }

    /// `number * above / below`, with the number split over the line where it is a quotient.
    fn fraction(&mut self, g: &mut Graph, number: Number, above: Vec<Id>, below: Vec<Id>) -> Id {
        let negative = number.is_negative();
        let size = number.abs();
        let (top, bottom) = if size.is_decimal() {
            (size, Number::integer(1))
        } else {
            let n = size.value();
            (
                Number::rational(n.numerator().clone().into()),
                Number::rational(dashu_int::IBig::from(n.denominator().clone()).into()),
            )
        };
        let alone = above.is_empty() && below.is_empty();
        if alone {
            return g.number(number);
        }
        let mut factors = Vec::new();
        if !top.is_one() || (above.is_empty() && (!below.is_empty() || !bottom.is_one())) {
            factors.push(g.number(top));
        }
        factors.extend(above);
        let denominator: Vec<Id> = (!bottom.is_one()).then(|| g.number(bottom)).into_iter().chain(below).collect();
        let signed = negative && denominator.is_empty();
        if signed && g.as_number(factors[0]).is_some() {
            factors[0] = g.neg(factors[0]);
        }
        let pulled_in = signed && g.as_number(factors[0]).is_some_and(Number::is_negative);
        let numerator = g.mul(&factors);
        let value = if denominator.is_empty() {
            numerator
        } else {
            let below = g.mul(&denominator);
            g.div(numerator, below)
        };
        if negative && !pulled_in { g.neg(value) } else { value }
    }
}

/// `sqrt(2)/(2*sqrt(pi))` as `1/sqrt(2*pi)`: the root of a number above the line goes under the root that stands below it.
fn roots_below(g: &mut Graph, number: Number, mut above: Vec<Id>, mut below: Vec<Id>) -> (Number, Vec<Id>, Vec<Id>) {
    let under_root = |g: &Graph, f: Id| match g.view(f) {
        View::Call(h, a) if h.name() == "sqrt" => Some(a[0]),
        _ => None,
    };
    let found = above.iter().position(|f| under_root(g, *f).is_some_and(|u| g.as_number(u).is_some()));
    let plain = |u: Id| g.as_number(u).is_none() && !matches!(g.view(u), View::Add(_));
    let partner = below.iter().position(|f| under_root(g, *f).is_some_and(plain));
    let (Some(at), Some(under)) = (found, partner) else { return (number, above, below) };
    let (Some(k), Some(u)) = (under_root(g, above[at]), under_root(g, below[under])) else { return (number, above, below) };
    let Some(size) = g.as_number(k).cloned() else { return (number, above, below) };
    let product = &number * &size;
    if product.value().denominator() >= number.value().denominator() {
        return (number, above, below);
    }
    let inside = match g.view(u) {
        View::Mul(factors) => {
            let all: Vec<Id> = std::iter::once(k).chain(factors.iter().copied()).collect();
            g.mul(&all)
        }
        _ => g.mul(&[k, u]),
    };
    above.remove(at);
    if let Some(root) = g.call_named("sqrt", &[inside]) {
        below[under] = root;
    }
    (product, above, below)
}

/// Absolute values side by side as that of their product.
fn joined_sizes(g: &mut Graph, factors: Vec<Id>) -> Vec<Id> {
    let argument = |g: &Graph, f: Id| match g.view(f) {
        View::Call(h, a) if h.name() == "abs" => Some(a[0]),
        _ => None,
    };
    let inside: Vec<Id> = factors.iter().filter_map(|f| argument(g, *f)).collect();
    if inside.len() < 2 {
        return factors;
    }
    let product = g.mul(&inside);
    let mut out: Vec<Id> = factors.into_iter().filter(|f| argument(g, *f).is_none()).collect();
    out.extend(g.call_named("abs", &[product]));
    out
}

/// The factors to be written with opposite signs: one where that takes a minus off the whole, and pairs of differences
/// that end in a number, since 1 - p reads better than p - 1.
fn turned(g: &Graph, factors: &[Id], number: &mut Number) -> Vec<Id> {
    let odd = |f: &Id| {
        let (base, exponent) = base_and_exponent(g, *f);
        let odd = exponent.is_none_or(|e| g.as_number(e).is_some_and(Number::is_odd));
        let View::Add(terms) = g.view(base) else { return None };
        let minus = terms.iter().filter(|t| coefficient(g, **t).is_negative()).count();
        let ends = terms.len() == 2 && g.as_number(terms[1]).is_some_and(|n| n.is_minus_one());
        (odd && minus > 0 && terms.len() <= 16).then_some((*f, ends, exponent.is_none()))
    };
    let candidates: Vec<(Id, bool, bool)> = factors.iter().filter_map(odd).collect();
    let mut out: Vec<Id> = candidates.iter().filter(|c| c.1).map(|c| c.0).collect();
    if number.is_negative() {
        *number = -&*number;
        match out.len() % 2 {
            1 => return out,
            _ => {
                // one more, or one less, takes the sign of the whole: above the line first
                let other = candidates.iter().filter(|c| !out.contains(&c.0)).max_by_key(|c| c.2);
                match (other, out.pop()) {
                    (Some(c), last) => {
                        out.extend(last);
                        out.push(c.0);
                    }
                    (None, Some(_)) => {}
                    (None, None) => *number = -&*number,
                }
                return out;
            }
        }
    }
    if out.len() % 2 == 1 {
        // a partner that has a minus of its own loses nothing by being turned
        match candidates.iter().find(|c| !out.contains(&c.0) && c.2) {
            Some(partner) => out.push(partner.0),
            None => {
                out.pop();
            }
        }
    }
    out
}

/// The number of operations and leaves of an expression as it is written, shared parts counted each time: the measure that
/// simplification brings down.
pub fn measure(g: &Graph, root: Id) -> u64 {
    let mut size: IdMap<u64> = IdMap::default();
    let mut varying: IdMap<()> = IdMap::default();
    for id in walk::topological(g, &[root]) {
        let of = |c: &Id| size.get(c).copied().unwrap_or(1);
        let kids = g.children(id);
        if g.as_symbol(id).is_some() || kids.iter().any(|c| varying.contains_key(c)) {
            varying.insert(id, ());
        }
        let own = match g.view(id) {
            View::Number(n) => number_size(n),
            View::Add(terms) => {
                // a minus that becomes the operator between two terms costs nothing
                let absorbed = terms.iter().skip(1).filter(|t| matches!(g.view(**t), View::Neg(_))).count() as u64;
                let signs = terms
                    .iter()
                    .skip(1)
                    .filter(|t| match g.view(**t) {
                        View::Number(n) => n.is_negative(),
                        View::Mul(f) => g.as_number(f[0]).is_some_and(Number::is_negative),
                        _ => false,
                    })
                    .count() as u64;
                (terms.len() as u64 - 1).saturating_sub(absorbed + signs)
            }
            View::Mul(factors) => factors.len() as u64 - 1,
            View::Call(f, _) if matches!(f.record().arity, crate::math::Arity::List) => 2,
            View::Component(..) => 2,
            // a number with a plainer name, as pi/4 is one of atan(1)
            View::Call(..) if !varying.contains_key(&id) => 3,
            // a power under a logarithm is a factor that was not taken out
            View::Call(f, a) if f.name() == "log" && is_power(g, a[0]) => 3,
            // a sign above needs its parentheses
            View::Pow(_, e) if g.as_number(e).is_some_and(Number::is_negative) => 2,
            _ => 1,
        };
        let total = kids.iter().fold(own, |sum, c| sum.saturating_add(of(c)));
        size.insert(id, total.min(LONGEST));
    }
    size.get(&root).copied().unwrap_or(1)
}

/// Beyond this sizes are all the same: far enough below the end of 64 bits that sums of a few stay within them.
const LONGEST: u64 = u64::MAX >> 8;

fn is_power(g: &Graph, id: Id) -> bool {
    match g.view(id) {
        View::Pow(_, n) => g.as_number(n).is_some(),
        View::Call(f, _) => matches!(f.name(), "sqrt" | "cbrt"),
        _ => false,
    }
}

/// A sign and a quotient bar count; so do digits beyond a handful.
fn number_size(n: &Number) -> u64 {
    let sign = u64::from(n.is_negative());
    let bar = if n.is_integer() || n.is_decimal() { 1 } else { 3 };
    sign + bar + (n.bits() as u64) / 24
}
