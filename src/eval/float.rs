//! Evaluation in f64: one pass over a plan, each shared node once, iterative. Every node that fails names the first cause.

use super::template::template;
use super::{Cause, CauseKind, Evaluation, Plan};
use crate::budget::{allowed, pulse};
use crate::expr::{Constant, Graph, Id, Number, Relation, Series, Symbol, View};
use crate::limits::Limit;
use crate::math::kernels::elementary;
use crate::math::{FunctionId, Kernel};
use std::collections::HashMap;

/// The values of `roots` at the point `env`. Stage symbols stand for their definitions, unless `env` gives them a value.
pub fn evaluate(g: &Graph, definitions: &HashMap<Symbol, Id>, roots: &[Id], env: &HashMap<Symbol, f64>) -> Vec<Evaluation> {
    let plan = Plan::new(g, definitions, roots);
    let values = Values::compute(g, &plan, env);
    roots.iter().map(|root| values.evaluation(*root)).collect()
}

const NO_CAUSE: u32 = u32::MAX;

/// What is known of one node's value. For a condition, the value is 1 where it holds and 0 where it does not.
#[derive(Clone, Copy, Debug)]
struct Slot {
    value: f64,
    /// An index into the causes.
    cause: u32,
    /// Whether the value carries no rounding error.
    exact: bool,
}

impl Slot {
    const EMPTY: Slot = Slot { value: f64::NAN, cause: NO_CAUSE, exact: false };

    fn exact(value: f64) -> Self {
        Slot { value, cause: NO_CAUSE, exact: true }
    }

    fn rounded(value: f64) -> Self {
        Slot { value, cause: NO_CAUSE, exact: false }
    }

    fn truth(holds: bool) -> Self {
        Slot::exact(f64::from(u8::from(holds)))
    }
}

/// The values of every node of a plan at one point.
pub struct Values<'a> {
    g: &'a Graph,
    plan: &'a Plan,
    env: &'a HashMap<Symbol, f64>,
    slots: Vec<Slot>,
    /// The values of vector-valued calls.
    vectors: HashMap<Id, Vec<f64>>,
    causes: Vec<Cause>,
    work: u64,
}

impl<'a> Values<'a> {
    /// Runs the plan at the point `env`.
    pub fn compute(g: &'a Graph, plan: &'a Plan, env: &'a HashMap<Symbol, f64>) -> Self {
        let slots = vec![Slot::EMPTY; plan.size()];
        let mut values = Values { g, plan, env, slots, vectors: HashMap::new(), causes: Vec::new(), work: 0 };
        for id in plan.order() {
            pulse();
            values.visit(*id);
        }
        values
    }

    /// The number of nodes that the loops visit, asked for before they ran.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// The value of a node outside all loops.
    pub fn value(&self, id: Id) -> f64 {
        self.slot(id).value
    }

    /// The components of a vector-valued call outside all loops.
    pub fn vector(&self, id: Id) -> &[f64] {
        self.vectors.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The value of a node outside all loops, with its cause. A matter of f64 alone is forgotten where the value is finite.
    pub fn evaluation(&self, id: Id) -> Evaluation {
        let Slot { value, cause, .. } = self.slot(id);
        let cause = self.causes.get(cause as usize).filter(|c| c.kind.is_strict() || !value.is_finite());
        Evaluation { value, cause: cause.cloned() }
    }

    fn slot(&self, id: Id) -> Slot {
        self.slots.get(id.index()).copied().unwrap_or(Slot::EMPTY)
    }

    fn visit(&mut self, id: Id) {
        let plan = self.plan;
        let slot = if plan.series(id).is_some() { self.series(id) } else { self.step(id) };
        self.slots[id.index()] = slot;
    }

    fn step(&mut self, id: Id) -> Slot {
        let g = self.g;
        match g.view(id) {
            View::Number(n) => self.number(id, n),
            View::Constant(Constant::Pi) => Slot::rounded(std::f64::consts::PI),
            View::Constant(Constant::E) => Slot::rounded(std::f64::consts::E),
            View::Symbol(s) => self.symbol(id, s),
            View::Add(terms) => self.add(id, terms),
            View::Mul(factors) => self.mul(id, factors),
            View::Neg(a) => Slot { value: -self.value(a), ..self.slot(a) },
            View::Div(a, b) => self.div(id, a, b),
            View::Pow(a, b) => self.pow(id, a, b),
            View::Call(f, arguments) => self.call(id, f, arguments),
            View::Component(vector, k) => self.component(id, vector, k),
            View::If(condition, a, b) => self.conditional(id, condition, a, b),
            View::Compare(relation, a, b) => self.compare(relation, a, b),
            View::And(conditions) => self.decided_by(conditions, false),
            View::Or(conditions) => self.decided_by(conditions, true),
            View::Not(a) => self.derived_truth(a, |v| v == 0.0),
            View::IsInteger(a) => self.derived_truth(a, |v| v.fract() == 0.0),
            View::Truth(holds) => Slot::truth(holds),
            View::Derivative(..) => self.fail(id, CauseKind::Undefined("the derivative was not taken before evaluation".into())),
            View::Rows(..) => self.fail(id, CauseKind::Undefined("the rows are read before the evaluation".into())),
            View::Undefined => self.fail(id, CauseKind::Undefined("no branch applies".into())),
            View::Series(..) => Slot::EMPTY, // taken by `visit`
        }
    }

    // ---- causes

    fn blame(&mut self, node: Id, kind: CauseKind) -> u32 {
        let arguments = self.g.children(node).iter().map(|k| self.value(*k)).collect();
        self.causes.push(Cause { node, kind, arguments });
        self.causes.len() as u32 - 1
    }

    fn fail(&mut self, node: Id, kind: CauseKind) -> Slot {
        Slot { value: f64::NAN, cause: self.blame(node, kind), exact: false }
    }

    /// The first cause among these nodes that makes whatever uses them undefined, with whether its value is lost.
    fn strict_cause(&self, kids: &[Id]) -> Option<u32> {
        kids.iter().map(|k| self.slot(*k).cause).find(|c| self.causes.get(*c as usize).is_some_and(|c| c.kind.is_strict()))
    }

    /// A node's value with the first cause: a part that is undefined, then a part that is not finite, then a part that has
    /// lost its digits, then the node itself.
    fn outcome(&mut self, id: Id, value: Slot, own: impl FnOnce() -> CauseKind) -> Slot {
        let kids = self.g.children(id);
        if let Some(cause) = self.strict_cause(kids) {
            let pole = self.causes.get(cause as usize).is_some_and(|c| c.kind == CauseKind::Pole);
            // the strict reading: what a missing value takes part in is missing, even where IEEE says pow(NaN, 0) = 1
            return Slot { value: if pole { value.value } else { f64::NAN }, cause, exact: false };
        }
        let caused = |k: &&Id| self.slot(**k).cause != NO_CAUSE;
        let lost = |k: &&Id| !self.slot(**k).value.is_finite();
        let inherited = kids.iter().filter(caused).find(lost).or_else(|| kids.iter().find(caused)).map(|k| self.slot(*k).cause);
        let cause = match inherited {
            Some(cause) => cause,
            None if value.value.is_finite() => NO_CAUSE,
            None => self.blame(id, own()),
        };
        Slot { cause, ..value }
    }

    // ---- leaves

    fn number(&mut self, id: Id, n: &Number) -> Slot {
        let value = n.to_f64();
        if value.is_infinite() {
            return Slot { value, cause: self.blame(id, CauseKind::Overflow), exact: false };
        }
        let exact = n.is_integer() && value.abs() < 9e15 || Number::from_f64(value).is_some_and(|v| v == *n);
        Slot { value, cause: NO_CAUSE, exact }
    }

    fn symbol(&mut self, id: Id, symbol: Symbol) -> Slot {
        match self.env.get(&symbol) {
            Some(v) if v.is_finite() => Slot::exact(*v),
            Some(_) => self.fail(id, CauseKind::Undefined("the value given is not a finite number".into())),
            None => match self.plan.stage(id) {
                Some(definition) => self.slot(definition),
                None => self.fail(id, CauseKind::NoValue(symbol)),
            },
        }
    }

    // ---- arithmetic

    fn add(&mut self, id: Id, terms: &[Id]) -> Slot {
        let mut sum = Sum::default();
        let mut exact = true;
        let mut nothing = true;
        for term in terms {
            let slot = self.slot(*term);
            sum.add(slot.value);
            exact &= slot.exact;
            nothing &= slot.value == 0.0;
        }
        let value = sum.value();
        let cancelled = value == 0.0 && !exact && !nothing && !self.are_opposite(terms);
        let mut slot = self.outcome(id, Slot { value, cause: NO_CAUSE, exact: exact && sum.is_exact() }, || CauseKind::Overflow);
        if cancelled && slot.cause == NO_CAUSE {
            slot.cause = self.blame(id, CauseKind::Cancellation);
        }
        slot
    }

    /// `a - a` is 0 however a was rounded.
    fn are_opposite(&self, terms: &[Id]) -> bool {
        matches!(*terms, [a, b] if self.g.view(b) == View::Neg(a) || self.g.view(a) == View::Neg(b))
    }

    fn mul(&mut self, id: Id, factors: &[Id]) -> Slot {
        let mut product = Slot::exact(1.0);
        for factor in factors {
            let slot = self.slot(*factor);
            let value = product.value * slot.value;
            let exact = product.exact && slot.exact && product.value.mul_add(slot.value, -value) == 0.0 && value != 0.0;
            product = Slot { value, cause: NO_CAUSE, exact };
        }
        self.outcome(id, product, || CauseKind::Overflow)
    }

    fn div(&mut self, id: Id, a: Id, b: Id) -> Slot {
        let (top, bottom) = (self.value(a), self.value(b));
        let quotient = top / bottom;
        self.outcome(id, Slot::rounded(quotient), || match (top == 0.0, bottom == 0.0) {
            (true, true) => CauseKind::Undefined("0/0 has no value".into()),
            (false, true) => CauseKind::Pole,
            _ => CauseKind::Overflow,
        })
    }

    fn pow(&mut self, id: Id, a: Id, b: Id) -> Slot {
        let (base, exponent) = (self.value(a), self.value(b));
        let exact = exact_constant(self.g, b);
        let value = power(base, exponent, exact.as_ref());
        self.outcome(id, Slot::rounded(value), || {
            if base == 0.0 {
                CauseKind::Pole
            } else if value.is_nan() {
                CauseKind::Undefined(why_no_power(base, exact.as_ref()).into())
            } else {
                CauseKind::Overflow
            }
        })
    }

    // ---- functions

    fn call(&mut self, id: Id, f: FunctionId, arguments: &[Id]) -> Slot {
        let value = match (f.record().kernel, arguments) {
            (Kernel::One(k), [a]) => k(self.value(*a)),
            (Kernel::Two(k), [a, b]) => k(self.value(*a), self.value(*b)),
            (Kernel::Three(k), [a, b, c]) => k(self.value(*a), self.value(*b), self.value(*c)),
            (Kernel::List(k), list) => k(&self.values(list)),
            (Kernel::Vector(k), list) => {
                let vector = k(&self.values(list));
                let first = vector.iter().copied().find(|v| !v.is_finite()).or(vector.first().copied());
                self.vectors.insert(id, vector);
                first.unwrap_or(f64::NAN)
            }
            _ => f64::NAN,
        };
        let at: Vec<f64> = if value.is_finite() { Vec::new() } else { self.values(arguments) };
        self.outcome(id, Slot::rounded(value), || why_no_value(f, value, &at))
    }

    fn values(&self, list: &[Id]) -> Vec<f64> {
        list.iter().map(|k| self.value(*k)).collect()
    }

    fn component(&mut self, id: Id, vector: Id, k: u32) -> Slot {
        let value = (k as usize).checked_sub(1).and_then(|k| self.vector(vector).get(k).copied()).unwrap_or(f64::NAN);
        self.outcome(id, Slot::rounded(value), || CauseKind::Undefined("the vector has no such component".into()))
    }

    // ---- conditions

    /// Only the branch taken counts, with its causes.
    fn conditional(&mut self, id: Id, condition: Id, a: Id, b: Id) -> Slot {
        let decided = self.slot(condition);
        match decided.value {
            v if v.is_nan() => decided,
            0.0 if matches!(self.g.view(b), View::Undefined) => self.fail(id, CauseKind::Outside),
            0.0 => self.slot(b),
            _ => self.slot(a),
        }
    }

    fn compare(&mut self, relation: Relation, a: Id, b: Id) -> Slot {
        if let Some(cause) = self.strict_cause(&[a, b]) {
            return Slot { cause, ..Slot::EMPTY };
        }
        match self.value(a).partial_cmp(&self.value(b)) {
            Some(ordering) => Slot::truth(relation.holds(ordering)),
            None if self.value(a).is_nan() => Slot { cause: self.slot(a).cause, ..Slot::EMPTY },
            None => Slot { cause: self.slot(b).cause, ..Slot::EMPTY },
        }
    }

    /// `and` is decided by the first part that is false, `or` by the first that is true; what follows does not count.
    fn decided_by(&mut self, conditions: &[Id], decisive: bool) -> Slot {
        let decisive = Slot::truth(decisive);
        let first = conditions.iter().map(|c| self.slot(*c)).find(|s| s.value.is_nan() || s.value == decisive.value);
        first.unwrap_or(Slot::exact(1.0 - decisive.value))
    }

    fn derived_truth(&mut self, a: Id, holds: impl FnOnce(f64) -> bool) -> Slot {
        let slot = self.slot(a);
        if slot.value.is_nan() || self.strict_cause(&[a]).is_some() {
            return Slot { cause: slot.cause, ..Slot::EMPTY };
        }
        Slot::truth(holds(slot.value))
    }

    // ---- series

    /// Runs a series and those inside it with frames of its own instead of recursion.
    fn series(&mut self, id: Id) -> Slot {
        let mut frames: Vec<Frame> = Vec::new();
        let mut done = self.open(id, &mut frames);
        while let Some(mut frame) = frames.pop() {
            if let Some(slot) = done.take() {
                self.slots[frame.waits_for.index()] = slot;
            }
            match frame.steps.get(frame.at) {
                Some(step) => {
                    frame.at += 1;
                    frame.waits_for = *step;
                    frames.push(frame);
                    if self.plan.series(*step).is_some() {
                        done = self.open(*step, &mut frames);
                    } else {
                        self.slots[step.index()] = self.step(*step);
                    }
                }
                None => done = self.lap(frame, &mut frames),
            }
        }
        done.unwrap_or(Slot::EMPTY)
    }

    /// Starts a series: a frame, or at once the result where the range is empty or no range.
    fn open(&mut self, id: Id, frames: &mut Vec<Frame<'a>>) -> Option<Slot> {
        let plan = self.plan;
        let (taken_apart, View::Series(kind, _, [from, to, _])) = (plan.series(id)?, self.g.view(id)) else { return None };
        if let Some(cause) = self.strict_cause(&[from, to]) {
            return Some(Slot { cause, ..Slot::EMPTY });
        }
        let (first, last) = (self.value(from), self.value(to));
        if first.fract() != 0.0 || last.fract() != 0.0 || first.abs().max(last.abs()) > 9e15 {
            return Some(self.fail(id, CauseKind::Undefined("the ends of a range must be integers".into())));
        }
        if last < first {
            return Some(Slot::exact(if kind == Series::Sum { 0.0 } else { 1.0 }));
        }
        // refused before the work is done, not after
        let laps = (last - first) as u64 + 1;
        self.work = self.work.saturating_add(laps.saturating_mul(taken_apart.steps.len() as u64 + 1));
        if self.work > allowed(Limit::Work) {
            return Some(self.fail(id, CauseKind::Limit));
        }
        let touched = taken_apart.steps.iter().chain([&taken_apart.binder]);
        let saved = touched.map(|s| (*s, self.slot(*s), self.vectors.get(s).cloned())).collect();
        self.slots[taken_apart.binder.index()] = Slot::exact(first);
        frames.push(Frame {
            series: id,
            binder: taken_apart.binder,
            body: taken_apart.body,
            steps: &taken_apart.steps,
            at: 0,
            waits_for: taken_apart.binder,
            kind,
            index: first,
            last,
            sum: Sum::default(),
            product: 1.0,
            soft: NO_CAUSE,
            saved,
            causes: self.causes.len(),
        });
        None
    }

    /// Takes the body's value of one lap in; answers the result after the last.
    fn lap(&mut self, mut frame: Frame<'a>, frames: &mut Vec<Frame<'a>>) -> Option<Slot> {
        let body = self.slot(frame.body);
        if self.strict_cause(&[frame.body]).is_some() {
            return Some(self.close(frame, Slot { exact: false, ..body }));
        }
        frame.sum.add(body.value);
        frame.product *= body.value;
        if frame.soft == NO_CAUSE {
            frame.soft = body.cause;
        }
        // what else failed in this lap did not count
        let kept = if frame.soft == NO_CAUSE { 0 } else { frame.soft as usize + 1 };
        self.causes.truncate(frame.causes.max(kept));
        if frame.index < frame.last {
            frame.index += 1.0;
            frame.at = 0;
            frame.waits_for = frame.binder;
            self.slots[frame.binder.index()] = Slot::exact(frame.index);
            frames.push(frame);
            return None;
        }
        let value = if frame.kind == Series::Sum { frame.sum.value() } else { frame.product };
        let mut cause = frame.soft;
        if cause == NO_CAUSE && !value.is_finite() {
            cause = self.blame(frame.series, CauseKind::Overflow);
        }
        Some(self.close(frame, Slot { value, cause, exact: false }))
    }

    /// Gives the nodes that the loop used their values of outside the loop back.
    fn close(&mut self, frame: Frame<'a>, result: Slot) -> Slot {
        for (id, slot, vector) in frame.saved {
            self.slots[id.index()] = slot;
            if let Some(vector) = vector {
                self.vectors.insert(id, vector);
            }
        }
        result
    }
}

/// A series that is running.
struct Frame<'a> {
    series: Id,
    binder: Id,
    body: Id,
    steps: &'a [Id],
    at: usize,
    /// The step whose value an inner series delivers; the index while there is none.
    waits_for: Id,
    kind: Series,
    index: f64,
    last: f64,
    sum: Sum,
    product: f64,
    /// The first overflow or cancellation of a lap.
    soft: u32,
    saved: Vec<(Id, Slot, Option<Vec<f64>>)>,
    causes: usize,
}

/// A sum with the rounding errors of its additions carried along (Neumaier 1974).
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Sum {
    sum: f64,
    lost: f64,
    rounded: bool,
}

impl Sum {
    #[inline]
    pub(crate) fn add(&mut self, term: f64) {
        let total = self.sum + term;
        let lost = if self.sum.abs() >= term.abs() { (self.sum - total) + term } else { (term - total) + self.sum };
        self.rounded |= lost != 0.0;
        self.lost += lost;
        self.sum = total;
    }

    /// Takes another sum in, with what it carries along.
    #[inline]
    pub(crate) fn merge(&mut self, other: Sum) {
        self.add(other.sum);
        self.lost += other.lost;
    }

    #[inline]
    pub(crate) fn value(&self) -> f64 {
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }

    fn is_exact(&self) -> bool {
        !self.rounded
    }
}

/// The exact value of a node that is written as a number, a quotient of numbers, or the opposite of one.
pub(crate) fn exact_constant(g: &Graph, id: Id) -> Option<Number> {
    match g.view(id) {
        View::Number(n) => Some(n.clone()),
        View::Div(a, b) => g.as_number(a)?.checked_div(g.as_number(b)?),
        View::Neg(a) => exact_constant_quotient(g, a).map(|n| -&n),
        _ => None,
    }
}

fn exact_constant_quotient(g: &Graph, id: Id) -> Option<Number> {
    match g.view(id) {
        View::Div(a, b) => g.as_number(a)?.checked_div(g.as_number(b)?),
        _ => None,
    }
}

/// `base^exponent` by the language's one definition: an integer exponent multiplies, any other needs a positive base, or 0 with
/// a positive exponent. `exact` is the exponent where it is known beyond f64. NaN where there is no value.
pub(crate) fn power(base: f64, exponent: f64, exact: Option<&Number>) -> f64 {
    if base.is_nan() || exponent.is_nan() {
        return f64::NAN;
    }
    let whole = exact.map_or(exponent.fract() == 0.0, Number::is_integer);
    match exact {
        _ if base < 0.0 && !whole => f64::NAN,
        Some(n) if !whole => fractional_power(base, exponent, n),
        _ => elementary::pow(base, exponent),
    }
}

/// For a positive base and an exponent that f64 may round: b^(p + d) = b^p (1 + d log b) for the tiny rest d.
fn fractional_power(base: f64, exponent: f64, exact: &Number) -> f64 {
    if exponent == 0.5 {
        return base.sqrt();
    }
    let value = elementary::pow(base, exponent);
    let rest = Number::from_f64(exponent).map_or(0.0, |rounded| (exact - &rounded).to_f64());
    let correction = rest * elementary::log(base);
    if correction.is_finite() && value.is_normal() { value + value * correction } else { value }
}

fn why_no_power(base: f64, exact: Option<&Number>) -> String {
    let reason = "a negative number has no power whose exponent is not an integer";
    if exact.is_some_and(|n| *n == Number::ratio(1, 3)) {
        return format!("{reason}; the real cube root is cbrt({base:?}) = {:?}", elementary::cbrt(base));
    }
    reason.to_string()
}

/// Why a function gave `value`, which is not finite, at these finite arguments.
fn why_no_value(f: FunctionId, value: f64, at: &[f64]) -> CauseKind {
    // a list has no condition of its own
    let inside = template(f).is_none_or(|t| t.is_inside(at));
    match (inside, value.is_nan()) {
        (true, _) => CauseKind::Overflow,
        (false, false) => CauseKind::Pole,
        (false, true) => CauseKind::Undefined(needs(f).into()),
    }
}

/// What a function needs of its arguments: `log(u) needs u > 0`.
pub(crate) fn needs(f: FunctionId) -> String {
    let record = f.record();
    format!("{}({}) needs {}", record.name, record.parameters.join(", "), record.domain.join(" and "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    /// The value of `root` where the symbols of these names have these values.
    fn at(g: &Graph, root: Id, point: &[(&str, f64)]) -> Evaluation {
        let env = point.iter().map(|(name, v)| (g.find_symbol(name).unwrap(), *v)).collect();
        evaluate(g, &HashMap::new(), &[root], &env).remove(0)
    }

    fn call(g: &mut Graph, name: &str, arguments: &[Id]) -> Id {
        g.call_named(name, arguments).unwrap()
    }

    #[test]
    fn undefined_is_strict_and_names_the_innermost_cause() {
        let mut g = Graph::new();
        let x = g.variable("x");
        let log = call(&mut g, "log", &[x]);
        let zero = g.integer(0);
        let product = g.mul(&[log, zero]);
        let power = g.pow(log, zero);
        let outer = call(&mut g, "exp", &[power]);
        for root in [product, power, outer] {
            let e = at(&g, root, &[("x", -1.0)]);
            assert!(e.value.is_nan());
            let cause = e.cause.unwrap();
            assert_eq!((cause.node, cause.arguments), (log, vec![-1.0]));
            assert!(matches!(cause.kind, CauseKind::Undefined(_)));
        }
        assert_eq!(at(&g, outer, &[("x", 1.0)]).value, crate::math::kernels::elementary::exp(1.0));
    }

    #[test]
    fn a_pole_keeps_its_ieee_value_and_stays_a_pole() {
        let mut g = Graph::new();
        let x = g.variable("x");
        let one = g.integer(1);
        let inverse = g.div(one, x);
        let twice = g.div(one, inverse);
        let e = at(&g, inverse, &[("x", -0.0)]);
        assert_eq!((e.value, e.cause.unwrap().kind), (f64::NEG_INFINITY, CauseKind::Pole));
        let e = at(&g, twice, &[("x", 0.0)]);
        assert_eq!((e.value, e.cause.unwrap().node), (0.0, inverse));
        let quotient = g.div(x, x);
        assert!(matches!(at(&g, quotient, &[("x", 0.0)]).cause.unwrap().kind, CauseKind::Undefined(_)));
    }

    #[test]
    fn an_overflow_counts_only_where_the_value_is_not_finite() {
        let mut g = Graph::new();
        let x = g.variable("x");
        let exp = call(&mut g, "exp", &[x]);
        let inverse = g.pow(exp, x);
        let one = g.integer(1);
        let quotient = g.div(one, exp);
        let ratio = g.div(exp, exp);
        assert_eq!(at(&g, inverse, &[("x", 1000.0)]).cause.unwrap().node, exp);
        assert!(at(&g, quotient, &[("x", 1000.0)]).cause.is_none());
        let e = at(&g, ratio, &[("x", 1000.0)]);
        assert!(e.value.is_nan());
        assert_eq!((e.cause.as_ref().unwrap().node, &e.cause.unwrap().kind), (exp, &CauseKind::Overflow));
    }

    #[test]
    fn total_cancellation_is_the_cause_of_the_pole_it_makes() {
        let mut g = Graph::new();
        let x = g.variable("x");
        let one = g.integer(1);
        let exp = call(&mut g, "exp", &[x]);
        let difference = g.sub(exp, one);
        let root = g.div(one, difference);
        let e = at(&g, root, &[("x", 1e-17)]);
        assert_eq!((e.cause.as_ref().unwrap().node, &e.cause.unwrap().kind), (difference, &CauseKind::Cancellation));
        // an exact difference is a plain division by zero
        let exact = g.sub(x, one);
        let root = g.div(one, exact);
        assert_eq!(at(&g, root, &[("x", 1.0)]).cause.unwrap().kind, CauseKind::Pole);
    }

    #[test]
    fn if_and_logic_are_lazy() {
        let mut g = Graph::new();
        let x = g.variable("x");
        let log = call(&mut g, "log", &[x]);
        let positive = g.compare_zero(Relation::Greater, x);
        let minus = g.neg(x);
        let root = g.conditional(positive, log, minus);
        let e = at(&g, root, &[("x", -2.0)]);
        assert_eq!(e.value, 2.0);
        assert!(e.cause.is_none());
        let below = g.compare_zero(Relation::Less, log);
        let both = g.and(&[positive, below]);
        let root = g.conditional(both, x, minus);
        assert_eq!(at(&g, root, &[("x", -2.0)]).value, 2.0);
        let other = g.and(&[below, positive]);
        let root = g.conditional(other, x, minus);
        assert_eq!(at(&g, root, &[("x", -2.0)]).cause.unwrap().node, log);
        let nothing = g.undefined();
        let root = g.conditional(positive, x, nothing);
        let cause = at(&g, root, &[("x", -2.0)]).cause.unwrap();
        assert_eq!((cause.node, cause.explain(&g).as_str()), (root, "x needs x > 0"));
    }

    #[test]
    fn undefined_equals_nothing() {
        let mut g = Graph::new();
        let x = g.variable("x");
        let log = call(&mut g, "log", &[x]);
        for relation in [Relation::Equal, Relation::NotEqual] {
            let same = g.compare(relation, log, log);
            let root = g.conditional(same, x, x);
            assert_eq!(at(&g, root, &[("x", -1.0)]).cause.unwrap().node, log);
        }
    }

    #[test]
    fn powers_follow_the_one_definition() {
        let third = Number::ratio(1, 3);
        let cases = [
            (0.0, 0.0, None, 1.0),
            (-2.0, 3.0, None, -8.0),
            (-8.0, 1.0 / 3.0, Some(&third), f64::NAN),
            (-8.0, 0.5, None, f64::NAN),
            (0.0, 0.5, None, 0.0),
            (27.0, 1.0 / 3.0, Some(&third), 3.0),
            (1e300, 1.0 / 3.0, Some(&third), 1e100),
            (f64::NAN, 0.0, None, f64::NAN),
        ];
        for (base, exponent, exact, expected) in cases {
            let value = power(base, exponent, exact);
            assert!(value == expected || value.is_nan() && expected.is_nan(), "{base}^{exponent}: {value}, not {expected}");
        }
        let mut g = Graph::new();
        let (x, third) = (g.variable("x"), g.number(third));
        let root = g.pow(x, third);
        let CauseKind::Undefined(why) = at(&g, root, &[("x", -8.0)]).cause.unwrap().kind else { panic!() };
        assert!(why.contains("cbrt(-8.0) = -2.0"), "{why}");
        let minus = g.integer(-1);
        let root = g.pow(x, minus);
        assert_eq!(at(&g, root, &[("x", 0.0)]).cause.unwrap().kind, CauseKind::Pole);
    }

    #[test]
    fn numbers_round_to_nearest_or_overflow() {
        let mut g = Graph::new();
        let tenth = g.number(Number::parse("0.1").unwrap());
        let huge = g.number(Number::parse("1e400").unwrap());
        assert_eq!(at(&g, tenth, &[]).value, 0.1);
        assert_eq!(at(&g, huge, &[]).cause.unwrap().kind, CauseKind::Overflow);
    }

    #[test]
    fn series_run_over_their_index_alone() {
        let mut g = Graph::new();
        let (i, n) = (g.intern("i"), g.variable("n"));
        let index = g.symbol(i);
        let (one, two) = (g.integer(1), g.integer(2));
        let square = g.pow(index, two);
        let inner = g.series(Series::Sum, i, one, two, square);
        let body = g.add(&[square, inner]);
        let sum = g.series(Series::Sum, i, one, n, body);
        assert_eq!(at(&g, inner, &[]).value, 5.0);
        assert_eq!(at(&g, sum, &[("n", 3.0)]).value, 29.0);
        assert_eq!(at(&g, sum, &[("n", 0.0)]).value, 0.0);
        let product = g.series(Series::Product, i, one, n, index);
        assert_eq!(at(&g, product, &[("n", 5.0)]).value, 120.0);
        let outside = g.add(&[product, square]);
        assert_eq!(at(&g, outside, &[("n", 5.0), ("i", 7.0)]).value, 169.0);
        assert!(matches!(at(&g, product, &[("n", 2.5)]).cause.unwrap().kind, CauseKind::Undefined(_)));
        let e = at(&g, sum, &[("n", 1e12)]);
        assert_eq!((e.value.is_nan(), e.cause.unwrap().kind), (true, CauseKind::Limit));
    }

    #[test]
    fn a_series_names_the_lap_that_failed() {
        let mut g = Graph::new();
        let i = g.intern("i");
        let index = g.symbol(i);
        let (minus, two) = (g.integer(-2), g.integer(2));
        let inverse = g.div(two, index);
        let sum = g.series(Series::Sum, i, minus, two, inverse);
        let cause = at(&g, sum, &[]).cause.unwrap();
        assert_eq!((cause.node, cause.arguments), (inverse, vec![2.0, 0.0]));
    }

    #[test]
    fn a_nested_series_depends_on_the_outer_index() {
        let mut g = Graph::new();
        let (i, j) = (g.intern("i"), g.intern("j"));
        let (vi, vj, one, four) = (g.symbol(i), g.symbol(j), g.integer(1), g.integer(4));
        let product = g.mul(&[vi, vj]);
        let inner = g.series(Series::Sum, j, one, vi, product);
        let outer = g.series(Series::Sum, i, one, four, inner);
        let expected: f64 = (1..=4).flat_map(|i| (1..=i).map(move |j| f64::from(i * j))).sum();
        assert_eq!(at(&g, outer, &[]).value, expected);
    }

    #[test]
    fn stages_stand_for_their_definitions() {
        let mut g = Graph::new();
        let x = g.variable("x");
        let one = g.integer(1);
        let names: Vec<Symbol> = (0..10_000).map(|k| g.intern(&format!("z{k}"))).collect();
        let nodes: Vec<Id> = names.iter().map(|s| g.symbol(*s)).collect();
        let mut definitions = HashMap::new();
        for k in (0..names.len()).rev() {
            let before = if k == 0 { x } else { nodes[k - 1] };
            let next = g.add(&[before, one]);
            definitions.insert(names[k], next);
        }
        let env = HashMap::from([(g.find_symbol("x").unwrap(), 0.5)]);
        let value = |definitions: &HashMap<Symbol, Id>| evaluate(&g, definitions, &[nodes[9_999]], &env).remove(0);
        assert_eq!(value(&definitions).value, 10_000.5);
        definitions.insert(names[0], nodes[9_999]);
        assert!(value(&definitions).value.is_nan());
        definitions.remove(&names[0]);
        assert_eq!(value(&definitions).cause.unwrap().kind, CauseKind::NoValue(names[0]));
    }

    #[test]
    fn long_sums_are_compensated() {
        let mut g = Graph::new();
        let tenth = g.number(Number::parse("0.1").unwrap());
        let terms = vec![tenth; 50_000];
        let sum = g.add(&terms);
        assert_eq!(at(&g, sum, &[]).value, 5000.0);
        let (big, one) = (g.number(Number::parse("1e16").unwrap()), g.integer(1));
        let minus = g.neg(big);
        let sum = g.add(&[big, one, minus]);
        assert_eq!(at(&g, sum, &[]).value, 1.0);
    }
}
