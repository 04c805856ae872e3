//! Truncated Laurent series with exact coefficients in the distance from one point: what a branch is like around a point where
//! its formula has no value. Coefficients are expressions without the variable, in canonical form; what is not proved is not used.

use super::Formulas;
use super::special::smooth_at;
use crate::expr::{Constant, Graph, Id, Number, Relation, Symbol, View, walk};
use crate::simplify::Simplifier;
use std::collections::HashMap;

/// The products of two coefficients that one development may take.
const WORK: u32 = 20_000;

/// So many (expression, order) pairs are developed at most.
const ENTRIES: usize = 4_000;

/// A coefficient larger than this is not carried on.
const COEFFICIENT: u64 = 300;

/// Whole powers of what may vanish are multiplied out up to this exponent.
const MULTIPLIED: i64 = 16;

/// The accuracy of what is no truncation.
const EXACT: i32 = i32::MAX / 4;

/// `Σ coefficients[k]·h^(low + k) + O(h^(top + 1))`, where coefficients that are missing are 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The exponent of the first coefficient.
    pub low: i32,
    /// The coefficients.
    pub coefficients: Vec<Id>,
    /// The last exponent whose coefficient is known.
    pub top: i32,
}

impl Series {
    fn constant(value: Id) -> Self {
        Series { low: 0, coefficients: vec![value], top: EXACT }
    }

    /// The coefficient of `h^k`; `None` where it is 0 or unknown.
    pub fn at(&self, k: i32) -> Option<Id> {
        usize::try_from(k - self.low).ok().and_then(|k| self.coefficients.get(k)).copied()
    }

    /// The exponent of the last coefficient that is held.
    fn last(&self) -> i32 {
        self.low + i32::try_from(self.coefficients.len()).unwrap_or(0) - 1
    }
}

/// Develops expressions around one point of a variable.
pub struct Developer<'a> {
    simplifier: &'a mut Simplifier,
    formulas: &'a mut Formulas,
    variable: Symbol,
    at: Id,
    known: HashMap<(Id, i32), Series>,
    work: u32,
}

impl<'a> Developer<'a> {
    /// A developer around `variable = at`.
    pub fn new(simplifier: &'a mut Simplifier, formulas: &'a mut Formulas, variable: Symbol, at: Id) -> Self {
        Developer { simplifier, formulas, variable, at, known: HashMap::new(), work: WORK }
    }

    /// The series of an expression, its functions developed up to `h^order`; a quotient may know less. `None` where something
    /// that it needs could not be proved or would take too much work.
    pub fn develop(&mut self, g: &mut Graph, root: Id, order: i32) -> Option<Series> {
        let mut stack = vec![(root, order)];
        while let Some((id, n)) = stack.last().copied() {
            if self.known.contains_key(&(id, n)) {
                stack.pop();
                continue;
            }
            let open: Vec<(Id, i32)> = self.needs(g, id, n)?.into_iter().filter(|e| !self.known.contains_key(e)).collect();
            if open.is_empty() {
                let series = self.made(g, id, n)?;
                self.known.insert((id, n), series);
                stack.pop();
            } else {
                stack.extend(open);
            }
            if self.known.len() + stack.len() > ENTRIES {
                return None;
            }
        }
        self.known.get(&(root, order)).cloned()
    }

    /// Whether an expression without the variable is proved to be 0.
    pub fn vanishes(&mut self, g: &mut Graph, value: Id) -> bool {
        if g.as_number(value).is_some() {
            return g.is_zero(value);
        }
        let canonical = self.simplifier.canonical(g, value);
        if g.is_zero(canonical) {
            return true;
        }
        let cancelled = self.simplifier.cancelled(g, canonical);
        g.is_zero(cancelled)
    }

    fn is_nonzero(&mut self, g: &mut Graph, value: Id) -> bool {
        if let Some(n) = g.as_number(value) {
            return !n.is_zero();
        }
        let condition = g.compare_zero(Relation::NotEqual, value);
        self.simplifier.prover().proves(g, condition)
    }

    fn moves(&self, g: &Graph, id: Id) -> bool {
        walk::contains(g, id, self.variable)
    }

    /// What must be developed before an expression, and how far.
    fn needs(&mut self, g: &mut Graph, id: Id, n: i32) -> Option<Vec<(Id, i32)>> {
        if !self.moves(g, id) {
            return Some(Vec::new());
        }
        match g.view(id) {
            View::Symbol(_) => Some(Vec::new()),
            View::Add(_) | View::Mul(_) | View::Neg(_) | View::Div(..) => Some(g.children(id).iter().map(|c| (*c, n)).collect()),
            View::Pow(a, b) if !self.moves(g, b) => Some(vec![(a, n)]),
            View::Pow(a, b) => Some(vec![(exponential(g, a, b)?, n)]),
            View::If(..) => Some(vec![(self.around(g, id)?, n)]),
            View::Call(f, arguments) => {
                let arguments = arguments.to_vec();
                let mut out: Vec<(Id, i32)> = arguments.iter().map(|a| (*a, n)).collect();
                if n > 0 && !matches!(f.name(), "max" | "min") {
                    for (k, a) in arguments.iter().enumerate() {
                        if self.moves(g, *a) {
                            out.push((self.formulas.partial(g, f, k, &arguments)?, n - 1));
                        }
                    }
                }
                Some(out)
            }
            _ => None,
        }
    }

    /// Near a point no other single point matters.
    fn around(&mut self, g: &mut Graph, conditional: Id) -> Option<Id> {
        let View::If(c, a, b) = g.view(conditional) else { return None };
        let relation = matches!(g.view(c), View::Compare(Relation::Equal, ..));
        super::special::single_point(g, self.simplifier, c, self.variable)?;
        Some(if relation { b } else { a })
    }

    fn known(&self, id: Id, n: i32) -> Option<Series> {
        self.known.get(&(id, n)).cloned()
    }

    /// The series of an expression whose needs are known.
    fn made(&mut self, g: &mut Graph, id: Id, n: i32) -> Option<Series> {
        if !self.moves(g, id) {
            return Some(Series::constant(self.simplifier.canonical(g, id)));
        }
        match g.view(id) {
            View::Symbol(_) => {
                let coefficients = vec![self.at, g.integer(1)];
                Some(without_zeros(g, Series { low: 0, coefficients, top: EXACT }))
            }
            View::Neg(a) => {
                let minus = Series::constant(g.integer(-1));
                self.times(g, &minus, &self.known(a, n)?, n)
            }
            View::Add(terms) => {
                let terms = terms.to_vec();
                let parts = terms.iter().map(|t| self.known(*t, n)).collect::<Option<Vec<_>>>()?;
                self.sum(g, &parts)
            }
            View::Mul(factors) => {
                let factors = factors.to_vec();
                let mut product = Series::constant(g.integer(1));
                for f in factors {
                    product = self.times(g, &product, &self.known(f, n)?, n)?;
                }
                Some(product)
            }
            View::Div(a, b) => self.over(g, &self.known(a, n)?, &self.known(b, n)?, n),
            View::Pow(a, b) if !self.moves(g, b) => self.power(g, &self.known(a, n)?, b, n),
            View::Pow(a, b) => {
                let exp = exponential(g, a, b)?;
                self.known(exp, n)
            }
            View::If(..) => {
                let around = self.around(g, id)?;
                self.known(around, n)
            }
            View::Call(..) => self.call(g, id, n),
            _ => None,
        }
    }

    /// `f(u)` with the value at the point and the slope from the table: `∫ f'(u)·u'`. The slope is needed one order less far, so
    /// functions may occur in the slopes of each other.
    fn call(&mut self, g: &mut Graph, id: Id, n: i32) -> Option<Series> {
        let View::Call(f, arguments) = g.view(id) else { return None };
        let arguments = arguments.to_vec();
        let inner = arguments.iter().map(|a| self.known(*a, n)).collect::<Option<Vec<_>>>()?;
        let mut values = Vec::with_capacity(inner.len());
        for u in &inner {
            values.push(self.value(g, u)?);
        }
        if matches!(f.name(), "max" | "min") {
            let beats = if f.name() == "max" { Relation::Greater } else { Relation::Less };
            let winner = self.winner(g, beats, &values)?;
            return inner.into_iter().nth(winner);
        }
        if !smooth_at(g, self.simplifier, id, &values) {
            return None;
        }
        let at_point = g.with_children(id, &values);
        let value = Series::constant(self.simplifier.canonical(g, at_point));
        if n == 0 {
            return Some(Series { top: 0, ..value });
        }
        let mut slopes = Vec::new();
        for (k, (a, u)) in arguments.iter().zip(&inner).enumerate() {
            if self.moves(g, *a) {
                let partial = self.formulas.partial(g, f, k, &arguments)?;
                let outer = self.known(partial, n - 1)?;
                self.value(g, &outer)?;
                let moved = self.slope(g, u);
                slopes.push(self.times(g, &outer, &moved, n - 1)?);
            }
        }
        let slope = self.sum(g, &slopes)?;
        let moved = self.integral(g, &slope);
        let sum = self.sum(g, &[value, moved])?;
        Some(self.cut(sum, n))
    }

    fn winner(&mut self, g: &mut Graph, beats: Relation, values: &[Id]) -> Option<usize> {
        (0..values.len()).find(|k| {
            (0..values.len()).filter(|j| j != k).all(|j| {
                let condition = g.compare(beats, values[*k], values[j]);
                self.simplifier.prover().proves(g, condition)
            })
        })
    }

    /// The value at the point, where there is no pole.
    fn value(&mut self, g: &mut Graph, u: &Series) -> Option<Id> {
        if u.top < 0 {
            return None;
        }
        for k in u.low..0 {
            let c = u.at(k);
            if c.is_some_and(|c| !self.vanishes(g, c)) {
                return None;
            }
        }
        Some(u.at(0).unwrap_or_else(|| g.integer(0)))
    }

    fn cut(&self, mut s: Series, n: i32) -> Series {
        let kept = usize::try_from(n - s.low + 1).unwrap_or(0);
        if s.coefficients.len() > kept {
            s.coefficients.truncate(kept);
            s.top = s.top.min(n);
        }
        s
    }

    fn slope(&mut self, g: &mut Graph, u: &Series) -> Series {
        let each = |(k, c): (usize, &Id)| (u.low + i32::try_from(k).unwrap_or(0), *c);
        let coefficients: Vec<(i32, Id)> = u.coefficients.iter().enumerate().map(each).collect();
        let scaled = coefficients.iter().map(|(k, c)| self.scaled(g, *c, &Number::integer(i64::from(*k)))).collect();
        without_zeros(g, Series { low: u.low - 1, coefficients: scaled, top: if u.top == EXACT { EXACT } else { u.top - 1 } })
    }

    /// The series whose slope this is, 0 at the point. There is no pole: its coefficients below are known to vanish.
    fn integral(&mut self, g: &mut Graph, u: &Series) -> Series {
        let mut coefficients = Vec::new();
        for k in 0..=u.last().min(u.top) {
            let c = u.at(k).unwrap_or_else(|| g.integer(0));
            let part = Number::integer(i64::from(k) + 1).recip().unwrap_or_default();
            coefficients.push(self.scaled(g, c, &part));
        }
        Series { low: 1, coefficients, top: if u.top == EXACT { EXACT } else { u.top + 1 } }
    }

    fn scaled(&mut self, g: &mut Graph, c: Id, by: &Number) -> Id {
        let number = g.number(by.clone());
        self.product(g, c, number)
    }

    fn product(&mut self, g: &mut Graph, a: Id, b: Id) -> Id {
        if let (Some(p), Some(q)) = (g.as_number(a), g.as_number(b)) {
            let product = p * q;
            return g.number(product);
        }
        let raw = g.mul(&[a, b]);
        self.simplifier.canonical(g, raw)
    }

    fn total(&mut self, g: &mut Graph, terms: &[Id]) -> Option<Id> {
        if terms.iter().all(|t| g.as_number(*t).is_some()) {
            let total = terms.iter().filter_map(|t| g.as_number(*t)).fold(Number::integer(0), |a, b| &a + b);
            return Some(g.number(total));
        }
        let raw = g.add(terms);
        let total = self.simplifier.canonical(g, raw);
        (walk::tree_size(g, total) <= COEFFICIENT).then_some(total)
    }

    fn sum(&mut self, g: &mut Graph, parts: &[Series]) -> Option<Series> {
        let low = parts.iter().map(|p| p.low).min()?;
        let top = parts.iter().map(|p| p.top).min()?;
        let last = parts.iter().map(Series::last).max()?.min(top);
        let mut coefficients = Vec::new();
        for k in low..=last {
            let terms: Vec<Id> = parts.iter().filter_map(|p| p.at(k)).collect();
            coefficients.push(self.total(g, &terms)?);
        }
        Some(without_zeros(g, Series { low, coefficients, top }))
    }

    /// The Cauchy product, up to `h^n`.
    fn times(&mut self, g: &mut Graph, a: &Series, b: &Series, n: i32) -> Option<Series> {
        let reach = |s: &Series, other: &Series| if s.top == EXACT { EXACT } else { s.top.saturating_add(other.low) };
        let top = reach(a, b).min(reach(b, a));
        let (low, end) = (a.low + b.low, a.last() + b.last());
        let last = end.min(top).min(n);
        let mut coefficients = Vec::new();
        for k in low..=last {
            coefficients.push(self.convolution(g, a, b, k, a.low)?);
        }
        Some(without_zeros(g, Series { low, coefficients, top: if end > n { top.min(n) } else { top } }))
    }

    /// `Σ a_i·b_(k - i)` from `i = first` on.
    fn convolution(&mut self, g: &mut Graph, a: &Series, b: &Series, k: i32, first: i32) -> Option<Id> {
        let mut terms = Vec::new();
        for i in first..=a.last() {
            if let (Some(p), Some(q)) = (a.at(i), b.at(k - i))
                && !g.is_zero(p)
                && !g.is_zero(q)
            {
                self.work = self.work.checked_sub(1)?;
                terms.push(self.product(g, p, q));
            }
        }
        self.total(g, &terms)
    }

    /// Without the first coefficients that are 0; the first that is left is proved to be none.
    fn leading(&mut self, g: &mut Graph, mut s: Series) -> Option<Series> {
        while let Some(first) = s.coefficients.first().copied() {
            if self.is_nonzero(g, first) {
                return Some(s);
            }
            if !self.vanishes(g, first) {
                return None;
            }
            s.coefficients.remove(0);
            s.low += 1;
        }
        None
    }

    /// The quotient, up to `h^n`.
    fn over(&mut self, g: &mut Graph, a: &Series, b: &Series, n: i32) -> Option<Series> {
        let b = self.leading(g, b.clone())?;
        let first = b.coefficients.first().copied()?;
        let (above, below) = (a.top.saturating_sub(b.low), b.top.saturating_sub(2 * b.low).saturating_add(a.low));
        let low = a.low - b.low;
        let exact = b.coefficients.len() == 1 && b.top == EXACT && a.top == EXACT;
        let top = if exact { EXACT } else { above.min(below).min(n) };
        let last = if exact { a.last() - b.low } else { top };
        let mut quotient = Series { low, coefficients: Vec::new(), top };
        for k in low..=last {
            let known = self.convolution(g, &b, &quotient, k + b.low, b.low + 1)?;
            let minus = self.scaled(g, known, &Number::integer(-1));
            let own = a.at(k + b.low).unwrap_or_else(|| g.integer(0));
            let rest = self.total(g, &[own, minus])?;
            let next = self.quotient(g, rest, first);
            quotient.coefficients.push(next);
        }
        Some(quotient)
    }

    fn quotient(&mut self, g: &mut Graph, a: Id, b: Id) -> Id {
        if let (Some(p), Some(q)) = (g.as_number(a), g.as_number(b))
            && let Some(value) = p.checked_div(q)
        {
            return g.number(value);
        }
        let raw = g.div(a, b);
        self.simplifier.canonical(g, raw)
    }

    /// `u^b` for an exponent without the variable: a whole one, or any where the base is positive at the point.
    fn power(&mut self, g: &mut Graph, u: &Series, b: Id, n: i32) -> Option<Series> {
        let exponent = self.simplifier.canonical(g, b);
        let whole = g.as_i64(exponent);
        let base = match (self.leading(g, u.clone()), whole) {
            (Some(base), _) => base,
            (None, Some(k)) if (0..=MULTIPLIED).contains(&k) => return self.repeated(g, u, k, n),
            _ => return None,
        };
        let first = base.coefficients.first().copied()?;
        let low = match whole {
            Some(k) => i32::try_from(k.checked_mul(i64::from(base.low))?).ok().filter(|low| low.abs() < EXACT / 4)?,
            None => {
                let positive = g.compare_zero(Relation::Greater, first);
                if base.low != 0 || !self.simplifier.prover().proves(g, positive) {
                    return None;
                }
                0
            }
        };
        let raised = g.pow(first, exponent);
        let mut out = vec![self.simplifier.canonical(g, raised)];
        let terms = (base.top - base.low).min(n - low);
        // from (u^b)'·u = b·u^b·u', coefficient by coefficient
        for k in 1..=terms {
            let mut sum = Vec::new();
            for i in 1..=k {
                let Some(c) = base.at(base.low + i).filter(|c| !g.is_zero(*c)) else { continue };
                self.work = self.work.checked_sub(1)?;
                let by_exponent = self.scaled(g, exponent, &Number::integer(i64::from(i)));
                let less = g.integer(i64::from(i - k));
                let weight = self.total(g, &[by_exponent, less])?;
                let known = out[usize::try_from(k - i).ok()?];
                let weighted = self.product(g, weight, c);
                sum.push(self.product(g, weighted, known));
            }
            let sum = self.total(g, &sum)?;
            let below = self.scaled(g, first, &Number::integer(i64::from(k)));
            out.push(self.quotient(g, sum, below));
        }
        let single = base.coefficients.len() == 1 && base.top == EXACT;
        if single {
            out.truncate(1);
        }
        Some(Series { low, coefficients: out, top: if single { EXACT } else { low + terms.max(0) } })
    }

    fn repeated(&mut self, g: &mut Graph, u: &Series, k: i64, n: i32) -> Option<Series> {
        let mut product = Series::constant(g.integer(1));
        for _ in 0..k {
            product = self.times(g, &product, u, n)?;
        }
        Some(product)
    }
}

/// Without plain zeros at the beginning: a factor that begins late makes a product known further.
fn without_zeros(g: &Graph, mut s: Series) -> Series {
    let zeros = s.coefficients.iter().take_while(|c| g.is_zero(**c)).count().min(s.coefficients.len().saturating_sub(1));
    s.coefficients.drain(..zeros);
    s.low += i32::try_from(zeros).unwrap_or(0);
    s
}

/// `a^b` with an exponent that moves.
fn exponential(g: &mut Graph, a: Id, b: Id) -> Option<Id> {
    if g.view(a) == View::Constant(Constant::E) {
        return g.call_named("exp", &[b]);
    }
    let log = g.call_named("log", &[a])?;
    let exponent = g.mul(&[b, log]);
    g.call_named("exp", &[exponent])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Known;
    use crate::expr::print;

    /// The coefficients from the first to that of `h^order`, as text.
    fn developed(text: &str, at: &str, order: i32) -> Option<(i32, Vec<String>)> {
        let mut g = Graph::new();
        let e = crate::resolve::formula(&mut g, text).unwrap();
        let at = crate::resolve::formula(&mut g, at).unwrap();
        let x = g.intern("x");
        let (mut simplifier, mut formulas) = (Simplifier::new(&Known::default()), Formulas::default());
        let s = Developer::new(&mut simplifier, &mut formulas, x, at).develop(&mut g, e, order)?;
        let zero = g.integer(0);
        let shown = (s.low.min(0)..=order.min(s.top))
            .map(|k| {
                let c = simplifier.shortest(&mut g, s.at(k).unwrap_or(zero));
                print::plain(&g, c)
            })
            .collect();
        Some((s.low, shown))
    }

    fn coefficients(text: &str, at: &str, order: i32) -> Vec<String> {
        developed(text, at, order).map(|(_, shown)| shown).unwrap_or_default()
    }

    #[test]
    fn known_expansions() {
        assert_eq!(coefficients("exp(x)", "0", 4), ["1", "1", "1/2", "1/6", "1/24"]);
        assert_eq!(coefficients("sin(x)", "0", 5), ["0", "1", "0", "-1/6", "0", "1/120"]);
        assert_eq!(coefficients("tan(x)", "0", 5), ["0", "1", "0", "1/3", "0", "2/15"]);
        assert_eq!(coefficients("log(x)", "1", 4), ["0", "1", "-1/2", "1/3", "-1/4"]);
        assert_eq!(coefficients("sqrt(1 + x)", "0", 3), ["1", "1/2", "-1/8", "1/16"]);
        assert_eq!(coefficients("(1 + x)^a", "0", 1), ["1", "a"]);
        assert_eq!(coefficients("atan(x)", "0", 5), ["0", "1", "0", "-1/3", "0", "1/5"]);
        assert_eq!(coefficients("sigmoid(x)", "0", 3), ["1/2", "1/4", "0", "-1/48"]);
        assert_eq!(coefficients("x^x", "1", 3), ["1", "1", "1", "1/2"]);
    }

    #[test]
    fn poles_cancel_or_stay() {
        assert_eq!(developed("1/sin(x)", "0", 3).map(|s| s.0), Some(-1));
        assert_eq!(coefficients("cos(x)/x - sin(x)/x^2", "0", 6)[..2], ["0", "-1/3"]);
        assert_eq!(coefficients("(x^2 - 1)/(x - 1)", "1", 2), ["2", "1"]);
    }

    #[test]
    fn opaque_constants() {
        assert_eq!(coefficients("sin(x)", "1", 1), ["sin(1)", "cos(1)"]);
        assert_eq!(coefficients("2^x", "0", 1), ["1", "log(2)"]);
        assert_eq!(coefficients("(2*x + a)^2", "0", 2), ["a^2", "4*a", "4"]);
    }

    #[test]
    fn what_is_not_proved_is_not_used() {
        assert_eq!(developed("1/(x + a)", "0", 2), None);
        assert_eq!(developed("abs(x)", "0", 2), None);
        assert_eq!(developed("log(x)", "0", 2), None);
        assert_eq!(developed("sqrt(x)", "0", 2), None);
        assert_eq!(developed("max(x, 2*x)", "0", 2), None);
        assert_eq!(developed("exp(1/x)", "0", 2), None);
    }
}
