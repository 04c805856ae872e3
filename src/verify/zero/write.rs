//! Writes expressions of the graph as terms: each function as what it is, by its meaning in the facts table, never by a rule
//! of calculus or a simplification.

use super::range::Range;
use super::term::{Op, Opaque, Slot, TermId, Terms};
use crate::expr::{Constant, Graph, Id, Number, Relation, Series, Symbol, View, walk};
use crate::math::FunctionId;
use crate::verify::primitive::{Definition, Definitions};
use std::collections::HashMap;

/// Most nested series and meanings.
const DEPTH: usize = 12;

/// Most values of an index that are written out.
const VALUES: i64 = 64;

/// Most whole numbers by which the argument of a function such as gamma is shifted.
const SHIFT: i64 = 24;

/// Turns nodes of one graph into terms.
#[derive(Default)]
pub struct Writer {
    /// The terms so far.
    pub terms: Terms,
    written: HashMap<Id, TermId>,
    slots: HashMap<Symbol, Slot>,
    /// What stages stand for.
    definitions: HashMap<Symbol, Id>,
}

/// A scope of symbols: the program's own, an index with its value, or parameters with their arguments.
struct Scope<'a> {
    graph: &'a Graph,
    bound: Vec<(Symbol, TermId)>,
    written: HashMap<Id, TermId>,
    depth: usize,
    /// Whether symbols that are not bound here are the program's own.
    open: bool,
}

impl Writer {
    /// A writer that knows what stages stand for.
    pub fn new(definitions: &HashMap<Symbol, Id>) -> Self {
        Writer { definitions: definitions.clone(), ..Writer::default() }
    }

    /// Lets a stage be a symbol like others.
    pub fn free(&mut self, stage: Symbol) {
        self.definitions.remove(&stage);
    }

    /// Whether the symbol stands for something.
    pub fn is_stage(&self, symbol: Symbol) -> bool {
        self.definitions.contains_key(&symbol)
    }

    /// The number of a symbol.
    pub fn slot(&mut self, symbol: Symbol) -> Slot {
        let next = self.slots.len() as Slot;
        *self.slots.entry(symbol).or_insert(next)
    }

    /// How many symbols occur.
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// The term of an expression or a condition.
    pub fn write(&mut self, g: &Graph, root: Id) -> TermId {
        let written = std::mem::take(&mut self.written);
        let mut scope = Scope { graph: g, bound: Vec::new(), written, depth: 0, open: true };
        let term = self.scoped(&mut scope, root);
        self.written = scope.written;
        term
    }

    fn scoped(&mut self, scope: &mut Scope<'_>, root: Id) -> TermId {
        let g = scope.graph;
        let mut stack = vec![(root, false)];
        let mut opened = std::collections::HashSet::new();
        while let Some((id, ready)) = stack.pop() {
            if scope.written.contains_key(&id) {
                continue;
            }
            if ready {
                let term = self.node(scope, id);
                scope.written.insert(id, term);
                continue;
            }
            if !opened.insert(id) {
                // only stages that define one another come back to where they are
                let term = self.terms.make(Op::Unknown("stages in a circle"));
                scope.written.insert(id, term);
                continue;
            }
            stack.push((id, true));
            self.needs(scope, g, id, &mut stack);
        }
        scope.written.get(&root).copied().unwrap_or(0)
    }

    /// What must be written before the node. What is bound in a series is written once for each value of its index.
    fn needs(&self, scope: &Scope<'_>, g: &Graph, id: Id, stack: &mut Vec<(Id, bool)>) {
        let pending = |id: &Id| !scope.written.contains_key(id);
        match g.view(id) {
            View::Series(_, _, [from, to, _]) => stack.extend([from, to].into_iter().filter(pending).map(|i| (i, false))),
            View::Component(call, _) => stack.extend(g.children(call).iter().copied().filter(pending).map(|i| (i, false))),
            View::Derivative(body, ..) => stack.push((body, false)),
            View::Symbol(s) => stack.extend(self.definition(scope, s).filter(pending).map(|d| (d, false))),
            _ => stack.extend(g.children(id).iter().copied().filter(pending).map(|i| (i, false))),
        }
    }

    fn definition(&self, scope: &Scope<'_>, s: Symbol) -> Option<Id> {
        let own = scope.depth == 0 && scope.open;
        if own { self.definitions.get(&s).copied() } else { None }
    }

    fn node(&mut self, scope: &mut Scope<'_>, id: Id) -> TermId {
        let g = scope.graph;
        let of = |i: &Id| scope.written.get(i).copied().unwrap_or(0);
        let all = |ids: &[Id]| ids.iter().map(of).collect::<Vec<_>>();
        let t = &mut self.terms;
        match g.view(id) {
            View::Number(n) => t.number(n.clone()),
            View::Constant(Constant::Pi) => t.make(Op::Pi),
            View::Constant(Constant::E) => {
                let one = t.integer(1);
                t.make(Op::Exp(one))
            }
            View::Symbol(s) => self.symbol(scope, s),
            View::Add(terms) => t.sum(&all(terms)),
            View::Mul(factors) => t.product(&all(factors)),
            View::Neg(a) => t.opposite(of(&a)),
            View::Div(a, b) => t.quotient(of(&a), of(&b)),
            View::Pow(a, b) => t.power(of(&a), of(&b)),
            View::Call(f, arguments) => {
                let arguments = all(arguments);
                self.call(f, &arguments, scope.depth)
            }
            View::Component(call, k) => {
                let arguments = all(g.children(call));
                self.component(g, call, &arguments, k)
            }
            View::If(c, a, b) => match t.op(of(&c)) {
                Op::Truth(true) => of(&a),
                Op::Truth(false) => of(&b),
                _ => t.make(Op::If(of(&c), of(&a), of(&b))),
            },
            View::Compare(relation, a, b) => t.compare(relation, of(&a), of(&b)),
            View::And(parts) => t.make(Op::And(all(parts).into())),
            View::Or(parts) => t.make(Op::Or(all(parts).into())),
            View::Not(a) => t.make(Op::Not(of(&a))),
            View::IsInteger(a) => {
                let a = of(&a);
                match t.number_of(a).map(Number::is_integer) {
                    Some(whole) => t.make(Op::Truth(whole)),
                    None => t.make(Op::Integer(a)),
                }
            }
            View::Truth(holds) => t.make(Op::Truth(holds)),
            View::Series(kind, binder, parts) => self.series(scope, kind, binder, parts),
            View::Rows(..) => t.make(Op::Unknown("a reduction over rows")),
            View::Derivative(body, by, order) => {
                if !scope.open || scope.bound.iter().any(|b| b.0 == by) {
                    return t.make(Op::Unknown("a derivative by something bound"));
                }
                let body = of(&body);
                let slot = self.slot(by);
                self.terms.make(Op::Derivative(body, slot, order))
            }
            View::Undefined => t.make(Op::Undefined),
        }
    }

    fn symbol(&mut self, scope: &Scope<'_>, s: Symbol) -> TermId {
        if let Some((_, term)) = scope.bound.iter().find(|b| b.0 == s) {
            return *term;
        }
        if !scope.open {
            return self.terms.make(Op::Unknown("a parameter without an argument"));
        }
        let slot = self.slot(s);
        match self.definitions.get(&s).and_then(|d| scope.written.get(d)) {
            Some(term) => self.terms.make(Op::Stage(slot, *term)),
            None if self.definitions.contains_key(&s) => self.terms.make(Op::Unknown("a stage in a series")),
            None => self.terms.make(Op::Symbol(slot)),
        }
    }

    fn series(&mut self, scope: &mut Scope<'_>, kind: Series, binder: Symbol, [from, to, body]: [Id; 3]) -> TermId {
        let end = |id: Id| scope.written.get(&id).and_then(|t| self.terms.number_of(*t)).and_then(Number::to_i64);
        let (Some(first), Some(last)) = (end(from), end(to)) else {
            return self.terms.make(Op::Unknown("a series with open ends"));
        };
        if scope.depth >= DEPTH || last.saturating_sub(first) >= VALUES {
            return self.terms.make(Op::Unknown("a long series"));
        }
        let mut parts = Vec::new();
        for k in first..=last {
            let index = self.terms.integer(k);
            let mut bound = scope.bound.clone();
            bound.retain(|b| b.0 != binder);
            bound.push((binder, index));
            parts.push(self.within(scope.graph, bound, scope.open, scope.depth, body));
        }
        if kind == Series::Sum { self.terms.sum(&parts) } else { self.terms.product(&parts) }
    }

    fn within(&mut self, graph: &Graph, bound: Vec<(Symbol, TermId)>, open: bool, depth: usize, body: Id) -> TermId {
        let mut inner = Scope { graph, bound, written: HashMap::new(), depth: depth + 1, open };
        // a stage inside is written beforehand, as it does not depend on what is bound here
        if open {
            for s in walk::free_symbols(graph, &[body]) {
                if let Some(d) = self.definitions.get(&s).copied() {
                    let term = self.write_stage(graph, d, depth);
                    inner.written.insert(d, term);
                }
            }
        }
        self.scoped(&mut inner, body)
    }

    fn write_stage(&mut self, g: &Graph, definition: Id, depth: usize) -> TermId {
        if depth >= DEPTH {
            return self.terms.make(Op::Unknown("deeply nested stages"));
        }
        let mut scope = Scope { graph: g, bound: Vec::new(), written: HashMap::new(), depth: 0, open: true };
        self.scoped(&mut scope, definition)
    }

    // ---- functions

    fn call(&mut self, f: FunctionId, arguments: &[TermId], depth: usize) -> TermId {
        if depth >= DEPTH {
            return self.terms.make(Op::Unknown("deeply nested functions"));
        }
        let definitions = Definitions::get();
        let term = match definitions.of(f) {
            Definition::Primitive => self.primitive(f.name(), arguments),
            Definition::Expression(parameters, body) => {
                let bound = parameters.iter().copied().zip(arguments.iter().copied()).collect();
                self.within(&definitions.graph, bound, false, depth, *body)
            }
            Definition::Unreadable => self.terms.make(Op::Unknown("a function without a meaning")),
        };
        self.terms.narrow(term, stated_range(f));
        term
    }

    fn primitive(&mut self, name: &str, arguments: &[TermId]) -> TermId {
        let t = &mut self.terms;
        match (name, arguments) {
            ("exp", [u]) => t.make(Op::Exp(*u)),
            ("log", [u]) => t.make(Op::Log(*u)),
            ("sqrt", [u]) => t.root(*u),
            ("cbrt", [u]) => t.make(Op::CubeRoot(*u)),
            ("abs", [u]) => t.make(Op::Abs(*u)),
            ("sign", [u]) => t.make(Op::Sign(*u)),
            ("sin", [u]) => t.make(Op::Sin(*u)),
            ("cos", [u]) => t.make(Op::Cos(*u)),
            ("tan", [u]) => {
                let (s, c) = (t.make(Op::Sin(*u)), t.make(Op::Cos(*u)));
                t.quotient(s, c)
            }
            ("asin", [u]) => t.make(Op::Asin(*u)),
            ("acos", [u]) => {
                let (arc, pi, half) = (t.make(Op::Asin(*u)), t.make(Op::Pi), t.number(Number::ratio(1, 2)));
                let right = t.product(&[pi, half]);
                t.difference(right, arc)
            }
            ("atan", [u]) => t.make(Op::Atan(*u)),
            ("atan2", [y, x]) => t.make(Op::Atan2(*y, *x)),
            ("erf", [u]) => self.erf(*u),
            ("erfc", [u]) => {
                let (one, erf) = (t.integer(1), self.erf(*u));
                self.terms.difference(one, erf)
            }
            ("gamma", [u]) => self.gamma(*u),
            ("lgamma", [u]) => self.log_gamma(*u),
            ("digamma", [u]) => self.polygamma(0, *u),
            ("trigamma", [u]) => self.polygamma(1, *u),
            ("polygamma", [n, u]) => match t.number_of(*n).and_then(Number::to_i64).and_then(|n| u32::try_from(n).ok()) {
                Some(n) if n <= 20 => self.polygamma(n, *u),
                _ => t.make(Op::Unknown("polygamma of an open order")),
            },
            ("floor", [u]) => self.floor(*u),
            ("ceil", [u]) => {
                let minus = t.opposite(*u);
                let floor = self.floor(minus);
                self.terms.opposite(floor)
            }
            ("round", [u]) => t.make(Op::Opaque(Opaque::Round, [*u].into())),
            ("pow", [a, b]) => t.power(*a, *b),
            ("max", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| t.make(Op::Maximum(a, *b))),
            ("min", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| t.make(Op::Minimum(a, *b))),
            ("logsumexp", [_, ..]) => {
                let sum = self.sum_of_exponentials(arguments);
                self.terms.make(Op::Log(sum))
            }
            _ => t.make(Op::Unknown("a function that the zero test does not know")),
        }
    }

    fn component(&mut self, g: &Graph, call: Id, arguments: &[TermId], k: u32) -> TermId {
        let name = match g.view(call) {
            View::Call(f, _) => f.name(),
            _ => "",
        };
        match (name, arguments.get((k as usize).wrapping_sub(1)).copied()) {
            ("softmax", Some(chosen)) => {
                let top = self.terms.make(Op::Exp(chosen));
                let sum = self.sum_of_exponentials(arguments);
                let share = self.terms.quotient(top, sum);
                self.terms.narrow(share, Range::new(0.0, true, 1.0, false));
                share
            }
            _ => self.terms.make(Op::Unknown("a component that the zero test does not know")),
        }
    }

    fn sum_of_exponentials(&mut self, arguments: &[TermId]) -> TermId {
        let exponentials: Vec<TermId> = arguments.iter().map(|a| self.terms.make(Op::Exp(*a))).collect();
        self.terms.sum(&exponentials)
    }

    /// The error function with its slope, `2·exp(-u²)/√π`, which is what defines it.
    fn erf(&mut self, u: TermId) -> TermId {
        let t = &mut self.terms;
        let square = {
            let two = t.integer(2);
            t.power(u, two)
        };
        let minus = t.opposite(square);
        let (bell, pi) = (t.make(Op::Exp(minus)), t.make(Op::Pi));
        let (two, root) = (t.integer(2), t.root(pi));
        let top = t.product(&[bell, two]);
        let slope = t.quotient(top, root);
        t.make(Op::Opaque(Opaque::Erf, [u, slope].into()))
    }

    /// `u` as the sum of a rest and a small whole number.
    fn shifted(&mut self, u: TermId) -> (TermId, i64) {
        let t = &mut self.terms;
        let parts = match t.op(u) {
            Op::Sum(kids) => kids.to_vec(),
            Op::Number(_) => vec![u],
            _ => return (u, 0),
        };
        let Some(at) = parts.iter().position(|p| t.number_of(*p).is_some()) else { return (u, 0) };
        let number = t.number_of(parts[at]).cloned().unwrap_or(Number::integer(0));
        let whole = number.floor();
        let Some(n) = whole.to_i64().filter(|n| n.abs() <= SHIFT) else { return (u, 0) };
        let fraction = &number - &whole;
        // a whole number by itself keeps 1
        let (fraction, n) = if parts.len() == 1 && fraction.is_zero() { (Number::integer(1), n - 1) } else { (fraction, n) };
        let mut rest = parts;
        rest[at] = t.number(fraction);
        (t.sum(&rest), n)
    }

    /// `u`, `u + 1`, … in order, so many.
    fn ascending(&mut self, u: TermId, from: i64, count: i64) -> Vec<TermId> {
        let sums = (from..from + count).map(|k| {
            let k = self.terms.integer(k);
            self.terms.sum(&[u, k])
        });
        sums.collect()
    }

    fn gamma(&mut self, u: TermId) -> TermId {
        let (rest, n) = self.shifted(u);
        let slope = self.opaque(Opaque::Polygamma(0), rest);
        let mut own = match self.terms.number_of(rest) {
            Some(one) if one.is_one() => self.terms.integer(1),
            Some(half) if *half == Number::ratio(1, 2) => {
                let pi = self.terms.make(Op::Pi);
                self.terms.root(pi)
            }
            _ => self.terms.make(Op::Opaque(Opaque::Gamma, [rest, slope].into())),
        };
        let factors = self.ascending(rest, n.min(0), n.abs());
        let product = self.terms.product(&factors);
        if n > 0 {
            own = self.terms.product(&[own, product]);
        } else if n < 0 {
            own = self.terms.quotient(own, product);
        }
        own
    }

    /// The logarithm of the size of the gamma function; with a name of its own, as `log(abs(…))` has the same meaning.
    fn log_gamma(&mut self, u: TermId) -> TermId {
        let gamma = self.gamma(u);
        let size = self.terms.make(Op::Abs(gamma));
        self.terms.make(Op::Log(size))
    }

    fn opaque(&mut self, f: Opaque, u: TermId) -> TermId {
        self.terms.make(Op::Opaque(f, [u].into()))
    }

    /// `ψ⁽ᵐ⁾(u + 1) = ψ⁽ᵐ⁾(u) + (-1)ᵐ·m!/uᵐ⁺¹`
    fn polygamma(&mut self, m: u32, u: TermId) -> TermId {
        let (rest, n) = self.shifted(u);
        let own = self.opaque(Opaque::Polygamma(m), rest);
        let mut factorial = (1..=i64::from(m)).fold(Number::integer(1), |a, k| &a * &Number::integer(k));
        if m % 2 == 1 {
            factorial = -&factorial;
        }
        if n < 0 {
            factorial = -&factorial;
        }
        let top = self.terms.number(factorial);
        let mut parts = vec![own];
        for v in self.ascending(rest, n.min(0), n.abs()) {
            let exponent = self.terms.integer(i64::from(m) + 1);
            let power = self.terms.power(v, exponent);
            parts.push(self.terms.quotient(top, power));
        }
        self.terms.sum(&parts)
    }

    fn floor(&mut self, u: TermId) -> TermId {
        if self.terms.facts(u).whole {
            return u;
        }
        let (rest, n) = self.shifted(u);
        let own = match self.terms.number_of(rest).map(Number::floor) {
            Some(n) => self.terms.number(n),
            None => self.terms.make(Op::Opaque(Opaque::Floor, [rest].into())),
        };
        let n = self.terms.integer(n);
        self.terms.sum(&[own, n])
    }
}

/// What the facts table says of the values of a function.
fn stated_range(f: FunctionId) -> Range {
    f.record().range.iter().map(|text| stated(text)).fold(Range::ALL, Range::and)
}

fn stated(text: &str) -> Range {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let bound = |relation: Relation, text: &str| {
        let value: f64 = text.parse().ok()?;
        Some(match relation {
            Relation::Less => Range::new(f64::NEG_INFINITY, true, value, true),
            Relation::LessEqual => Range::new(f64::NEG_INFINITY, true, value, false),
            Relation::Greater => Range::new(value, true, f64::INFINITY, true),
            Relation::GreaterEqual => Range::new(value, false, f64::INFINITY, true),
            Relation::Equal | Relation::NotEqual => return None,
        })
    };
    let found = match parts[..] {
        ["value", relation, value] => relation_of(relation).and_then(|r| bound(r, value)),
        [value, relation, "value"] => relation_of(relation).and_then(|r| bound(r.mirrored(), value)),
        _ => None,
    };
    found.unwrap_or(Range::ALL)
}

fn relation_of(text: &str) -> Option<Relation> {
    [Relation::Less, Relation::LessEqual, Relation::Greater, Relation::GreaterEqual].into_iter().find(|r| r.symbol() == text)
}
