//! Exact evaluation: rationals through every operation that keeps them rational, with multiples of π carried as far as the
//! circular functions need them. Never rounds.

use super::{Cause, CauseKind, Plan, float, open_series};
use crate::budget::pulse;
use crate::expr::number::most_bits;
use crate::expr::{Constant, Graph, Id, Number, Relation, Symbol, View};
use crate::math::{FunctionId, Kernel};
use std::cmp::Ordering;
use std::collections::HashMap;

/// The outcome of an exact evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum Exact {
    /// The value.
    Value(Number),
    /// No value exists, or a symbol was given none.
    Undefined(Cause),
    /// This sub-expression is not rational, or not known to be.
    NotRational(Id),
    /// The numbers on the way exceed the limits of exact arithmetic.
    TooLarge,
}

/// The largest factorial that is multiplied out.
const LARGEST_FACTORIAL: i64 = 20_000;

/// The bits that the numbers of one evaluation may have in all.
const LARGEST_TOTAL: usize = 1 << 28;

/// The exact value of `root` at the point `env`. Series are written out in the graph.
pub fn exact(g: &mut Graph, definitions: &HashMap<Symbol, Id>, root: Id, env: &HashMap<Symbol, Number>) -> Exact {
    let point = env.iter().map(|(s, n)| (*s, n.to_f64())).collect();
    let opened = match open_series(g, definitions, root, &point) {
        Ok(opened) => opened,
        Err(cause) if cause.kind == CauseKind::Limit => return Exact::TooLarge,
        Err(cause) => return Exact::Undefined(cause),
    };
    let plan = Plan::new(g, &opened.definitions, &[opened.root]);
    let mut pass = Pass { g, plan: &plan, env, states: vec![State::Open; plan.size()], causes: Vec::new(), total: 0 };
    for id in plan.order() {
        pulse();
        pass.states[id.index()] = pass.step(*id);
    }
    match pass.state(opened.root) {
        State::Value(v) if v.pi.is_zero() => Exact::Value(v.rational.clone()),
        State::Value(_) | State::Truth(_) | State::Open => Exact::NotRational(opened.root),
        State::NotRational(id) => Exact::NotRational(*id),
        State::TooLarge => Exact::TooLarge,
        State::Undefined(cause) => pass.causes.get(*cause).cloned().map_or(Exact::NotRational(root), Exact::Undefined),
    }
}

/// `rational + pi·π`
#[derive(Clone, Debug, PartialEq)]
struct Linear {
    rational: Number,
    pi: Number,
}

impl Linear {
    fn rational(rational: Number) -> Self {
        Linear { rational, pi: Number::integer(0) }
    }

    /// `n/d·π`
    fn angle(n: i64, d: u64) -> Self {
        Linear { rational: Number::integer(0), pi: Number::ratio(n, d) }
    }

    fn as_rational(&self) -> Option<&Number> {
        self.pi.is_zero().then_some(&self.rational)
    }

    fn bits(&self) -> usize {
        self.rational.bits() + self.pi.bits()
    }

    fn plus(&self, other: &Linear) -> Self {
        Linear { rational: &self.rational + &other.rational, pi: &self.pi + &other.pi }
    }

    fn times(&self, factor: &Number) -> Self {
        Linear { rational: &self.rational * factor, pi: &self.pi * factor }
    }

    fn to_f64(&self) -> f64 {
        self.rational.to_f64() + self.pi.to_f64() * std::f64::consts::PI
    }
}

#[derive(Clone, Debug)]
enum State {
    /// Not reached yet.
    Open,
    Value(Linear),
    Truth(bool),
    /// An index into the causes.
    Undefined(usize),
    NotRational(Id),
    TooLarge,
}

/// What a function of exact arguments answers.
enum Answer {
    Value(Linear),
    Undefined,
    Pole,
    NotRational,
    TooLarge,
}

struct Pass<'a> {
    g: &'a Graph,
    plan: &'a Plan,
    env: &'a HashMap<Symbol, Number>,
    states: Vec<State>,
    causes: Vec<Cause>,
    total: usize,
}

impl Pass<'_> {
    fn state(&self, id: Id) -> &State {
        self.states.get(id.index()).unwrap_or(&State::Open)
    }

    fn step(&mut self, id: Id) -> State {
        let g = self.g;
        match g.view(id) {
            View::Number(n) => State::Value(Linear::rational(n.clone())),
            View::Constant(Constant::Pi) => State::Value(Linear::angle(1, 1)),
            View::Constant(Constant::E) => State::NotRational(id),
            View::Symbol(s) => self.symbol(id, s),
            View::Truth(holds) => State::Truth(holds),
            View::If(condition, a, b) => match self.state(condition) {
                State::Truth(false) if matches!(g.view(b), View::Undefined) => self.undefined(id, CauseKind::Outside),
                State::Truth(holds) => self.state(if *holds { a } else { b }).clone(),
                other => other.clone(),
            },
            View::And(conditions) => self.decided_by(conditions, false),
            View::Or(conditions) => self.decided_by(conditions, true),
            View::Not(a) => match self.state(a) {
                State::Truth(holds) => State::Truth(!holds),
                other => other.clone(),
            },
            View::Undefined => self.undefined(id, CauseKind::Undefined("no branch applies".into())),
            View::Derivative(..) => {
                self.undefined(id, CauseKind::Undefined("the derivative was not taken before evaluation".into()))
            }
            View::Series(..) => State::NotRational(id), // written out before
            View::Component(..) => self.component(id),
            _ => self.operation(id),
        }
    }

    fn symbol(&mut self, id: Id, symbol: Symbol) -> State {
        match (self.env.get(&symbol), self.plan.stage(id)) {
            (Some(n), _) => State::Value(Linear::rational(n.clone())),
            (None, Some(definition)) => self.state(definition).clone(),
            (None, None) => self.undefined(id, CauseKind::NoValue(symbol)),
        }
    }

    fn undefined(&mut self, node: Id, kind: CauseKind) -> State {
        let value = |id: &Id| match self.state(*id) {
            State::Value(v) => v.to_f64(),
            _ => f64::NAN,
        };
        let arguments = self.g.children(node).iter().map(value).collect();
        self.causes.push(Cause { node, kind, arguments });
        State::Undefined(self.causes.len() - 1)
    }

    fn decided_by(&self, conditions: &[Id], decisive: bool) -> State {
        let open = |s: &&State| !matches!(s, State::Truth(holds) if *holds != decisive);
        conditions.iter().map(|c| self.state(*c)).find(open).cloned().unwrap_or(State::Truth(!decisive))
    }

    /// The strict operators: what is missing in a part is missing in the whole, undefined before unknown.
    fn operation(&mut self, id: Id) -> State {
        let kids = self.g.children(id);
        let bad = |state: &State| matches!(state, State::Undefined(_));
        if let Some(kid) = kids.iter().find(|k| bad(self.state(**k))) {
            return self.state(*kid).clone();
        }
        let mut values = Vec::with_capacity(kids.len());
        for kid in kids {
            match self.state(*kid) {
                State::Value(v) => values.push(v.clone()),
                other => return other.clone(),
            }
        }
        if let View::Compare(relation, ..) = self.g.view(id) {
            return compare(relation, &values).map_or(State::NotRational(id), State::Truth);
        }
        if let View::IsInteger(_) = self.g.view(id) {
            return State::Truth(values[0].as_rational().is_some_and(Number::is_integer));
        }
        let answer = self.apply(id, values);
        self.keep(id, answer)
    }

    fn keep(&mut self, id: Id, answer: Answer) -> State {
        match answer {
            Answer::Value(v) => {
                self.total = self.total.saturating_add(v.bits());
                if self.total > LARGEST_TOTAL { State::TooLarge } else { State::Value(v) }
            }
            Answer::Undefined => self.undefined(id, CauseKind::Undefined(reason(self.g, id).into())),
            Answer::Pole => self.undefined(id, CauseKind::Pole),
            Answer::NotRational => State::NotRational(id),
            Answer::TooLarge => State::TooLarge,
        }
    }

    fn apply(&self, id: Id, values: Vec<Linear>) -> Answer {
        match (self.g.view(id), &values[..]) {
            (View::Add(_), _) => balanced(values, |a, b| Some(a.plus(b))),
            (View::Mul(_), _) => balanced(values, product),
            (View::Neg(_), [a]) => Answer::Value(a.times(&Number::integer(-1))),
            (View::Div(..), [a, b]) => quotient(a, b),
            (View::Pow(..), [a, b]) => power(a, b),
            (View::Call(f, _), arguments) => function(f, arguments),
            _ => Answer::NotRational,
        }
    }

    /// The components of the softmax of equal numbers are equal.
    fn component(&mut self, id: Id) -> State {
        let View::Component(vector, _) = self.g.view(id) else { return State::NotRational(id) };
        let arguments = self.g.children(vector);
        if let Some(kid) = arguments.iter().find(|k| matches!(self.state(**k), State::Undefined(_))) {
            return self.state(*kid).clone();
        }
        let equal = arguments.windows(2).all(|w| match (self.state(w[0]), self.state(w[1])) {
            (State::Value(a), State::Value(b)) => a == b,
            _ => false,
        });
        let softmax = matches!(self.g.view(vector), View::Call(f, _) if f.name() == "softmax");
        if softmax && equal && !matches!(arguments.first().map(|k| self.state(*k)), Some(State::NotRational(_)) | None) {
            return State::Value(Linear::rational(Number::ratio(1, arguments.len() as u64)));
        }
        State::NotRational(id)
    }
}

fn compare(relation: Relation, values: &[Linear]) -> Option<bool> {
    let [a, b] = values else { return None };
    let difference = a.plus(&b.times(&Number::integer(-1)));
    Some(relation.holds(sign(&difference)?))
}

/// The sign of `rational + pi·π`, where f64 is certain of it; π is irrational, so such a number is never 0.
fn sign(v: &Linear) -> Option<Ordering> {
    if let Some(r) = v.as_rational() {
        return Some(r.cmp(&Number::integer(0)));
    }
    let size = v.rational.to_f64().abs() + v.pi.to_f64().abs() * 4.0;
    let value = v.to_f64();
    (value.abs() > 1e-12 * size).then(|| value.total_cmp(&0.0))
}

/// Combines neighbours first, so that long sums of fractions stay quasi-linear in their size.
fn balanced(mut values: Vec<Linear>, combine: impl Fn(&Linear, &Linear) -> Option<Linear>) -> Answer {
    while values.len() > 1 {
        let mut next = Vec::with_capacity(values.len().div_ceil(2));
        for pair in values.chunks(2) {
            match pair {
                [a, b] if are_too_large(a, b, !is_whole(a) || !is_whole(b)) => return Answer::TooLarge,
                [a, b] => match combine(a, b) {
                    Some(v) => next.push(v),
                    None => return Answer::NotRational,
                },
                rest => next.extend_from_slice(rest),
            }
        }
        values = next;
    }
    values.pop().map_or(Answer::NotRational, Answer::Value)
}

/// To look for common factors takes time as the product of the sizes; this is at most some hundredths of a second.
const COMMON_FACTORS: usize = 1 << 34;

/// Whether a result would be too large, or its common factors too long to be looked for.
fn are_too_large(a: &Linear, b: &Linear, is_fraction: bool) -> bool {
    let (p, q) = (a.bits(), b.bits());
    p + q > most_bits() || (is_fraction && p.saturating_mul(q) > COMMON_FACTORS)
}

fn is_whole(v: &Linear) -> bool {
    v.rational.is_integer() && v.pi.is_integer()
}

fn product(a: &Linear, b: &Linear) -> Option<Linear> {
    match (a.as_rational(), b.as_rational()) {
        (Some(r), _) => Some(b.times(r)),
        (_, Some(r)) => Some(a.times(r)),
        _ => None,
    }
}

fn quotient(a: &Linear, b: &Linear) -> Answer {
    let zero = Linear::rational(Number::integer(0));
    if *b == zero {
        return if *a == zero { Answer::Undefined } else { Answer::Pole };
    }
    if let Some(inverse) = b.as_rational().and_then(Number::recip) {
        return if are_too_large(a, b, true) { Answer::TooLarge } else { Answer::Value(a.times(&inverse)) };
    }
    // both multiples of one number: (r + pπ)/(s + qπ) with r·q = s·p
    match a.pi.checked_div(&b.pi) {
        Some(ratio) if b.times(&ratio) == *a => Answer::Value(Linear::rational(ratio)),
        _ => Answer::NotRational,
    }
}

fn power(a: &Linear, b: &Linear) -> Answer {
    let Some(exponent) = b.as_rational() else {
        return match sign(a) {
            Some(Ordering::Less) => Answer::Undefined,
            Some(Ordering::Equal) if sign(b) == Some(Ordering::Less) => Answer::Pole,
            Some(Ordering::Equal) if sign(b) == Some(Ordering::Greater) => Answer::Value(a.clone()),
            _ if a.as_rational().is_some_and(Number::is_one) => Answer::Value(a.clone()),
            _ => Answer::NotRational,
        };
    };
    if exponent.is_zero() {
        return Answer::Value(Linear::rational(Number::integer(1)));
    }
    if exponent.is_one() {
        return Answer::Value(a.clone());
    }
    match a.as_rational() {
        Some(base) => rational_power(base, exponent),
        None if !exponent.is_integer() && sign(a) == Some(Ordering::Less) => Answer::Undefined,
        None => Answer::NotRational,
    }
}

fn rational_power(base: &Number, exponent: &Number) -> Answer {
    if base.is_zero() {
        return if exponent.is_negative() { Answer::Pole } else { rational(base.clone()) };
    }
    if base.is_negative() && !exponent.is_integer() {
        return Answer::Undefined;
    }
    if base.abs().is_one() {
        return rational(if exponent.is_odd() { base.clone() } else { Number::integer(1) });
    }
    let whole = i64::try_from(exponent.value().numerator()).ok();
    let degree = u32::try_from(exponent.value().denominator()).ok();
    // a root of higher degree than the number has bits is never rational
    let root = match degree {
        Some(1) => Some(base.clone()),
        Some(d) if d as usize <= base.bits() => base.exact_root(d),
        _ => None,
    };
    match (root, whole) {
        (None, _) => Answer::NotRational,
        (Some(root), Some(n)) => root.checked_pow(n).map_or(Answer::TooLarge, rational),
        (Some(_), None) => Answer::TooLarge,
    }
}

fn rational(n: Number) -> Answer {
    Answer::Value(Linear::rational(n))
}

fn integer(n: i64) -> Answer {
    rational(Number::integer(n))
}

fn reason(g: &Graph, id: Id) -> String {
    match g.view(id) {
        View::Div(..) => "0/0 has no value".to_string(),
        View::Pow(..) => "a negative number has no power whose exponent is not an integer".to_string(),
        View::Call(f, _) => float::needs(f),
        _ => "no value".to_string(),
    }
}

// ---- functions

fn function(f: FunctionId, arguments: &[Linear]) -> Answer {
    let name = f.name();
    if let [angle] = arguments
        && let Some(answer) = circular(name, angle)
    {
        return answer;
    }
    let Some(values) = arguments.iter().map(Linear::as_rational).collect::<Option<Vec<&Number>>>() else {
        return Answer::NotRational;
    };
    match (name, &values[..]) {
        ("max", list) => list.iter().max().map_or(Answer::NotRational, |n| rational((*n).clone())),
        ("min", list) => list.iter().min().map_or(Answer::NotRational, |n| rational((*n).clone())),
        ("clamp", [u, a, b]) => rational((*u).max(a).min(b).clone()),
        ("hypot", [u, v]) => rational_power(&(&(*u * u) + &(*v * v)), &Number::ratio(1, 2)),
        ("atan2", [y, x]) => direction(y, x),
        (_, [u]) => piecewise(f, u).or_else(|| elementary(name, u)).unwrap_or(Answer::NotRational),
        _ => Answer::NotRational,
    }
}

/// Functions made of straight pieces: rational everywhere.
fn piecewise(f: FunctionId, u: &Number) -> Option<Answer> {
    let zero = Number::integer(0);
    Some(match f.name() {
        "abs" => rational(u.abs()),
        "relu" => rational(u.clone().max(zero)),
        "floor" => rational(u.floor()),
        "ceil" => rational(-&(-u).floor()),
        "round" => rational(u.round_half_even()),
        "sign" | "step" => match f.record().kernel {
            // what they are at 0 is said in one place
            Kernel::One(kernel) => rational(Number::from_f64(kernel(f64::from(u.cmp(&zero) as i8)))?),
            _ => return None,
        },
        _ => return None,
    })
}

/// Where a transcendental function of a rational is rational, or a multiple of π, or nothing at all.
fn elementary(name: &str, u: &Number) -> Option<Answer> {
    let zero = u.is_zero();
    let (one, half) = (Number::integer(1), Number::ratio(1, 2));
    let at_zero = |n: i64| zero.then(|| integer(n));
    match name {
        "exp" | "cosh" | "sech" | "erfc" => at_zero(1),
        "expm1" | "sinh" | "tanh" | "asinh" | "erf" | "gelu" | "silu" => at_zero(0),
        "csch" | "coth" => zero.then_some(Answer::Pole),
        "sigmoid" => zero.then(|| rational(half)),
        "log" => Some(logarithm(u, None)),
        "log2" => Some(logarithm(u, Some(2))),
        "log10" => Some(logarithm(u, Some(10))),
        "log1p" => Some(logarithm(&(u + &one), None)),
        "log1mexp" if zero => Some(Answer::Pole),
        "log1mexp" if u.is_positive() => Some(Answer::Undefined),
        "logit" if zero || *u == one => Some(Answer::Pole),
        "logit" if u.is_negative() || *u > one => Some(Answer::Undefined),
        "logit" => (*u == half).then(|| integer(0)),
        "sqrt" => Some(rational_power(u, &half)),
        "cbrt" => Some(u.exact_root(3).map_or(Answer::NotRational, rational)),
        "asin" | "acos" if u.abs() > one => Some(Answer::Undefined),
        "asin" | "acos" | "atan" => arc(name, u),
        "acosh" if *u < one => Some(Answer::Undefined),
        "acosh" => u.is_one().then(|| integer(0)),
        "atanh" if u.abs().is_one() => Some(Answer::Pole),
        "atanh" if u.abs() > one => Some(Answer::Undefined),
        "atanh" => at_zero(0),
        "factorial" => gamma(&(u + &one)),
        "gamma" => gamma(u),
        "lgamma" | "digamma" | "trigamma" if u.is_integer() && !u.is_positive() => Some(Answer::Pole),
        "lgamma" => (u.is_one() || *u == Number::integer(2)).then(|| integer(0)),
        _ => None,
    }
}

fn logarithm(u: &Number, base: Option<i64>) -> Answer {
    if u.is_zero() {
        return Answer::Pole;
    }
    if u.is_negative() {
        return Answer::Undefined;
    }
    if u.is_one() {
        return integer(0);
    }
    let Some(base) = base else { return Answer::NotRational };
    // the only candidate, from the size of the number, tried exactly
    let size = |n: f64| (n / (base as f64).log2()).round() as i64;
    let (top, bottom) = (u.value().numerator(), u.value().denominator());
    let bits = |n: usize| n as f64 - 0.5;
    let candidate = size(bits(dashu_base::BitTest::bit_len(top)) - bits(dashu_base::BitTest::bit_len(bottom)));
    let found = (candidate - 1..=candidate + 1).find(|k| Number::integer(base).checked_pow(*k).as_ref() == Some(u));
    found.map_or(Answer::NotRational, integer)
}

/// Γ(u): a pole at 0, -1, -2, …; (u - 1)! at positive integers.
fn gamma(u: &Number) -> Option<Answer> {
    if !u.is_integer() {
        return None;
    }
    if !u.is_positive() {
        return Some(Answer::Pole);
    }
    let Some(n) = u.to_i64().filter(|n| *n <= LARGEST_FACTORIAL) else { return Some(Answer::TooLarge) };
    let factors = (1..n.max(2)).map(|k| Linear::rational(Number::integer(k))).collect();
    Some(balanced(factors, product))
}

fn arc(name: &str, u: &Number) -> Option<Answer> {
    let twelfths = (u * &Number::integer(2)).to_i64()?;
    let (n, d) = match (name, twelfths) {
        ("asin", -2) => (-1, 2),
        ("asin", -1) => (-1, 6),
        ("asin" | "atan", 0) => (0, 1),
        ("asin", 1) => (1, 6),
        ("asin", 2) => (1, 2),
        ("acos", -2) => (1, 1),
        ("acos", -1) => (2, 3),
        ("acos", 0) => (1, 2),
        ("acos", 1) => (1, 3),
        ("acos", 2) => (0, 1),
        ("atan", -2) => (-1, 4),
        ("atan", 2) => (1, 4),
        _ => return None,
    };
    Some(Answer::Value(Linear::angle(n, d)))
}

/// The angle of the point (x, y), where it lies on an axis or a diagonal.
fn direction(y: &Number, x: &Number) -> Answer {
    let zero = Number::integer(0);
    let diagonal = x.abs() == y.abs();
    let eighths = match (y.cmp(&zero), x.cmp(&zero)) {
        (Ordering::Equal, Ordering::Equal) => return Answer::Undefined,
        (Ordering::Equal, Ordering::Greater) => 0,
        (Ordering::Equal, Ordering::Less) => 4,
        (Ordering::Greater, Ordering::Equal) => 2,
        (Ordering::Less, Ordering::Equal) => -2,
        _ if !diagonal => return Answer::NotRational,
        (Ordering::Greater, Ordering::Greater) => 1,
        (Ordering::Greater, Ordering::Less) => 3,
        (Ordering::Less, Ordering::Greater) => -1,
        (Ordering::Less, Ordering::Less) => -3,
    };
    Answer::Value(Linear::angle(eighths, 4))
}

/// A circular function at a rational multiple of π; `None` where the function is none or the angle is no such multiple.
fn circular(name: &str, angle: &Linear) -> Option<Answer> {
    if !matches!(name, "sin" | "cos" | "tan" | "sec" | "csc" | "cot") || !angle.rational.is_zero() {
        return None;
    }
    let quarter = &angle.pi + &Number::ratio(1, 2);
    let (sin, cos) = (sine(&angle.pi), sine(&quarter));
    let (top, bottom) = match name {
        "sin" => return Some(sin.map_or(Answer::NotRational, rational)),
        "cos" => return Some(cos.map_or(Answer::NotRational, rational)),
        "tan" | "cot" if diagonal(&angle.pi).is_some() => return diagonal(&angle.pi).map(integer),
        "tan" => (sin, cos),
        "cot" => (cos, sin),
        "sec" => (Some(Number::integer(1)), cos),
        _ => (Some(Number::integer(1)), sin),
    };
    Some(match (top, bottom) {
        (_, Some(b)) if b.is_zero() => Answer::Pole,
        (Some(t), Some(b)) => t.checked_div(&b).map_or(Answer::Pole, rational),
        (Some(t), None) if t.is_zero() => integer(0),
        _ => Answer::NotRational,
    })
}

/// tan and cot at odd multiples of π/4.
fn diagonal(turns: &Number) -> Option<i64> {
    let quarters = (turns * &Number::integer(4)).value().clone();
    let quarters = Number::rational(quarters);
    if !quarters.is_odd() {
        return None;
    }
    let rest = (&quarters - &Number::integer(1)).checked_div(&Number::integer(2))?;
    Some(if rest.is_even() { 1 } else { -1 })
}

/// sin(qπ) where it is rational: 0, ±1/2, ±1 and nothing else (Niven's theorem).
fn sine(q: &Number) -> Option<Number> {
    let sixths = q * &Number::integer(6);
    let turns = sixths.checked_div(&Number::integer(12))?.floor();
    let rest = &sixths - &(&turns * &Number::integer(12));
    let (n, d) = match rest.to_i64()? {
        0 | 6 => (0, 1),
        1 | 5 => (1, 2),
        3 => (1, 1),
        7 | 11 => (-1, 2),
        9 => (-1, 1),
        _ => return None,
    };
    Some(Number::ratio(n, d))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::expr::Series;

    fn value(g: &mut Graph, root: Id) -> Exact {
        exact(g, &HashMap::new(), root, &HashMap::new())
    }

    fn number(n: i64, d: u64) -> Exact {
        Exact::Value(Number::ratio(n, d))
    }

    fn is_undefined(outcome: &Exact, kind: fn(&CauseKind) -> bool) -> bool {
        matches!(outcome, Exact::Undefined(cause) if kind(&cause.kind))
    }

    fn show(answer: Option<Answer>) -> String {
        match answer {
            None | Some(Answer::NotRational) => "irrational".into(),
            Some(Answer::Value(v)) if v.pi.is_zero() => v.rational.to_string(),
            Some(Answer::Value(v)) => format!("{} + {}π", v.rational, v.pi),
            Some(Answer::Undefined) => "undefined".into(),
            Some(Answer::Pole) => "pole".into(),
            Some(Answer::TooLarge) => "too large".into(),
        }
    }

    #[test]
    fn functions_of_rationals() {
        let table = [
            ("exp", 0, 1, "1"),
            ("exp", 1, 1, "irrational"),
            ("log", 1, 1, "0"),
            ("log", 0, 1, "pole"),
            ("log", -1, 1, "undefined"),
            ("log2", 1, 1024, "-10"),
            ("log2", 3, 1, "irrational"),
            ("log10", 1000, 1, "3"),
            ("log1p", -1, 1, "pole"),
            ("sqrt", 9, 16, "3/4"),
            ("sqrt", 2, 1, "irrational"),
            ("sqrt", -4, 1, "undefined"),
            ("cbrt", -8, 27, "-2/3"),
            ("gamma", 5, 1, "24"),
            ("gamma", 0, 1, "pole"),
            ("gamma", -3, 1, "pole"),
            ("gamma", 1, 2, "irrational"),
            ("factorial", 5, 1, "120"),
            ("factorial", -1, 1, "pole"),
            ("factorial", 0, 1, "1"),
            ("asin", 2, 1, "undefined"),
            ("asin", -1, 2, "0 + -1/6π"),
            ("acos", 0, 1, "0 + 1/2π"),
            ("atan", 1, 1, "0 + 1/4π"),
            ("atan", 1, 2, "irrational"),
            ("acosh", 1, 2, "undefined"),
            ("acosh", 1, 1, "0"),
            ("atanh", 1, 1, "pole"),
            ("atanh", -2, 1, "undefined"),
            ("sigmoid", 0, 1, "1/2"),
            ("logit", 1, 2, "0"),
        ];
        for (name, n, d, expected) in table {
            assert_eq!(show(elementary(name, &Number::ratio(n, d))), expected, "{name}({n}/{d})");
        }
    }

    #[test]
    fn circular_functions_of_multiples_of_pi() {
        let table = [
            ("sin", 1, 1, "0"),
            ("sin", 1, 6, "1/2"),
            ("sin", -1, 6, "-1/2"),
            ("sin", 1, 4, "irrational"),
            ("sin", 1_000_001, 2, "1"),
            ("cos", 2, 3, "-1/2"),
            ("cos", 7, 1, "-1"),
            ("tan", 1, 2, "pole"),
            ("tan", -3, 2, "pole"),
            ("tan", 1, 1, "0"),
            ("tan", 1, 4, "1"),
            ("tan", -1, 4, "-1"),
            ("tan", 3, 4, "-1"),
            ("cot", 1, 2, "0"),
            ("cot", 2, 1, "pole"),
            ("sec", 1, 3, "2"),
            ("sec", 5, 2, "pole"),
            ("csc", 0, 1, "pole"),
            ("csc", 7, 6, "-2"),
            ("sin", 1, 12, "irrational"),
        ];
        for (name, n, d, expected) in table {
            assert_eq!(show(circular(name, &Linear::angle(n, d))), expected, "{name}({n}/{d}π)");
        }
    }

    #[test]
    fn powers_follow_the_one_definition() {
        let table = [
            (0, 1, 0, 1, "1"),
            (0, 1, -1, 1, "pole"),
            (0, 1, 1, 2, "0"),
            (-8, 1, 1, 3, "undefined"),
            (8, 27, -2, 3, "9/4"),
            (2, 1, 1, 2, "irrational"),
            (-2, 1, 3, 1, "-8"),
            (13, 10, 6_472_416_997, 1, "too large"),
            (-1, 1, 6_472_416_997, 1, "-1"),
        ];
        for (a, b, c, d, expected) in table {
            let answer = power(&Linear::rational(Number::ratio(a, b)), &Linear::rational(Number::ratio(c, d)));
            assert_eq!(show(Some(answer)), expected, "({a}/{b})^({c}/{d})");
        }
    }

    #[test]
    fn a_pole_and_a_missing_value_are_told_apart() {
        let mut g = Graph::new();
        let (zero, one) = (g.integer(0), g.integer(1));
        let nothing = g.div(zero, zero);
        let pole = g.div(one, zero);
        assert!(is_undefined(&value(&mut g, nothing), |k| matches!(k, CauseKind::Undefined(_))));
        assert!(is_undefined(&value(&mut g, pole), |k| *k == CauseKind::Pole));
        let strict = g.mul(&[zero, pole]);
        let Exact::Undefined(cause) = value(&mut g, strict) else { panic!() };
        assert_eq!((cause.node, cause.arguments), (pole, vec![1.0, 0.0]));
    }

    #[test]
    fn undefined_comes_before_unknown_and_an_untaken_branch_does_not_count() {
        let mut g = Graph::new();
        let (one, minus) = (g.integer(1), g.integer(-1));
        let e = g.call_named("exp", &[one]).unwrap();
        let log = g.call_named("log", &[minus]).unwrap();
        let sum = g.add(&[e, log]);
        assert!(is_undefined(&value(&mut g, sum), |k| matches!(k, CauseKind::Undefined(_))));
        assert_eq!(value(&mut g, e), Exact::NotRational(e));
        let less = g.compare(Relation::Less, minus, one);
        let root = g.conditional(less, one, log);
        assert_eq!(value(&mut g, root), number(1, 1));
        let same = g.compare(Relation::Equal, log, log);
        let root = g.conditional(same, one, one);
        assert!(is_undefined(&value(&mut g, root), |k| matches!(k, CauseKind::Undefined(_))));
    }

    #[test]
    fn multiples_of_pi_cancel_and_compare() {
        let mut g = Graph::new();
        let (pi, three, x) = (g.constant(Constant::Pi), g.integer(3), g.variable("x"));
        let product = g.mul(&[three, pi]);
        let ratio = g.div(product, pi);
        assert_eq!(value(&mut g, ratio), number(3, 1));
        let above = g.compare(Relation::Greater, pi, three);
        let root = g.conditional(above, three, x);
        assert_eq!(value(&mut g, root), number(3, 1));
        assert_eq!(value(&mut g, pi), Exact::NotRational(pi));
        let root = g.conditional(above, x, three);
        assert!(is_undefined(&value(&mut g, root), |k| matches!(k, CauseKind::NoValue(_))));
    }

    #[test]
    fn series_and_stages_are_exact() {
        let mut g = Graph::new();
        let (i, n) = (g.intern("i"), g.intern("n"));
        let (index, last, one) = (g.symbol(i), g.symbol(n), g.integer(1));
        let inverse = g.div(one, index);
        let harmonic = g.series(Series::Sum, i, one, last, inverse);
        let env = |k: i64| HashMap::from([(n, Number::integer(k))]);
        assert_eq!(exact(&mut g, &HashMap::new(), harmonic, &env(4)), number(25, 12));
        assert_eq!(exact(&mut g, &HashMap::new(), harmonic, &env(0)), number(0, 1));
        assert_eq!(exact(&mut g, &HashMap::new(), harmonic, &env(1 << 40)), Exact::TooLarge);
        let inner = g.series(Series::Sum, i, one, index, index);
        let outer = g.series(Series::Sum, i, one, last, inner);
        assert_eq!(exact(&mut g, &HashMap::new(), outer, &env(3)), number(10, 1));
        let stage = g.intern("h");
        let node = g.symbol(stage);
        let twice = g.add(&[node, node]);
        assert_eq!(exact(&mut g, &HashMap::from([(stage, harmonic)]), twice, &env(4)), number(25, 6));
    }
}
