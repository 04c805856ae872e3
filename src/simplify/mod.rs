//! Simplification: candidates that are equal wherever the expression has a value, and the shortest of them. Every result is
//! one of: the canonical form, a rational function with common factors cancelled, a named form that was recognised.

pub mod canon;
pub mod order;
pub mod poly;
pub mod pretty;
pub mod rational;
mod recognise;
mod values;

pub use pretty::measure;

use crate::domain::{Known, Prover};
use crate::expr::{Graph, Id, View, walk};
use crate::math::{FunctionId, Purpose};
use crate::rewrite::Rules;
use canon::Canon;
use pretty::Pretty;
use rational::Circle;
use std::collections::HashMap;

/// Expressions of more nodes than this get the canonical form only: collecting is linear, cancelling is not.
const SMALL: usize = 1500;

/// Forms that would print as more than this count as different where their ids differ: a shared form may print without end.
const PRINTABLE: u64 = 20_000;

/// The work for all regions of one simplifier, in products of terms; once it is spent, regions stay as collected.
const EFFORT: u64 = 2_000_000;

/// Brings expressions into their shortest readable form, and keeps what it has found.
pub struct Simplifier {
    canon: Canon,
    pretty: Pretty,
    best: HashMap<(Id, bool), Id>,
    effort: u64,
}

/// One rewrite that a reader can follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Move {
    /// Its name, such as "cancel".
    pub name: &'static str,
    /// The function that was recognised, where one was.
    pub function: Option<FunctionId>,
    /// The expression afterwards, in readable form.
    pub after: Id,
}

impl Simplifier {
    /// A simplifier that takes `known` for true.
    pub fn new(known: &Known) -> Self {
        Simplifier { canon: Canon::new(known), pretty: Pretty::default(), best: HashMap::new(), effort: EFFORT }
    }

    /// The prover it asks.
    pub fn prover(&mut self) -> &mut Prover {
        self.canon.prover()
    }

    /// Like terms and factors collected, numbers computed; nothing cancelled across a sum. Readable.
    pub fn collected(&mut self, g: &mut Graph, e: Id) -> Id {
        let c = self.canon.of(g, e);
        self.pretty.of(g, c)
    }

    /// The canonical form: equal ids for what collecting alone shows to be equal.
    pub fn canonical(&mut self, g: &mut Graph, e: Id) -> Id {
        self.canon.of(g, e)
    }

    /// The shortest readable form that was found, named forms not yet recognised.
    pub fn cancelled(&mut self, g: &mut Graph, e: Id) -> Id {
        let c = self.canon.of(g, e);
        let best = self.regions(g, c, false);
        self.pretty.of(g, best)
    }

    /// The shortest readable form that was found.
    pub fn shortest(&mut self, g: &mut Graph, e: Id) -> Id {
        let c = self.canon.of(g, e);
        let best = self.regions(g, c, true);
        let readable = self.pretty.of(g, best);
        // the form as it was typed wins where nothing is shorter
        if measure(g, readable) > measure(g, e) && !has_derivative(g, e) { self.collected_or(g, e, readable) } else { readable }
    }

    fn collected_or(&mut self, g: &mut Graph, e: Id, readable: Id) -> Id {
        let collected = self.collected(g, e);
        [readable, collected, e].into_iter().min_by_key(|c| measure(g, *c)).unwrap_or(readable)
    }

    /// The moves from `e` to its shortest form: collecting, cancelling, recognising; those that change nothing are left out.
    pub fn moves(&mut self, g: &mut Graph, e: Id) -> Vec<Move> {
        let mut out: Vec<Move> = Vec::new();
        let collected = self.collected(g, e);
        let cancelled = self.cancelled(g, e);
        let shortest = self.shortest(g, e);
        let mut last = e;
        let worth = |g: &Graph, last: Id, next: Id| {
            let large = measure(g, next).max(measure(g, last)) > PRINTABLE;
            next != last && (large || crate::expr::print::plain(g, next) != crate::expr::print::plain(g, last))
        };
        if cancelled != shortest && worth(g, last, cancelled) && measure(g, cancelled) < measure(g, last) {
            out.push(name_move(g, last, cancelled));
            last = cancelled;
        } else if collected != shortest
            && cancelled == shortest
            && worth(g, last, collected)
            && measure(g, collected) * 3 < measure(g, last) * 2
        {
            out.push(name_move(g, last, collected));
            last = collected;
        }
        if worth(g, last, shortest) {
            out.push(name_move(g, last, shortest));
        }
        out
    }

    /// Brings each maximal rational region to its best form, arguments of functions first.
    fn regions(&mut self, g: &mut Graph, root: Id, recognise: bool) -> Id {
        let order = walk::topological(g, &[root]);
        let small = order.len() <= SMALL;
        let mut light: HashMap<Id, Id> = HashMap::with_capacity(order.len());
        for id in order {
            let kids: Vec<Id> = g.children(id).iter().map(|c| light.get(c).copied().unwrap_or(*c)).collect();
            let kids: Vec<Id> = kids.into_iter().map(|k| self.region(g, k, small, recognise)).collect();
            let made = if kids.is_empty() { id } else { self.rebuilt(g, id, &kids) };
            light.insert(id, made);
        }
        let top = light.get(&root).copied().unwrap_or(root);
        let (a, b) = (self.region(g, top, small, recognise), self.region(g, root, small, recognise));
        let (ra, rb) = (self.pretty.of(g, a), self.pretty.of(g, b));
        if measure(g, ra) <= measure(g, rb) { a } else { b }
    }

    fn rebuilt(&mut self, g: &mut Graph, id: Id, kids: &[Id]) -> Id {
        if g.children(id) == kids {
            return id;
        }
        let raw = g.with_children(id, kids);
        self.canon.of(g, raw)
    }

    /// The shortest form of one region.
    fn region(&mut self, g: &mut Graph, c: Id, small: bool, recognise: bool) -> Id {
        if !small || self.effort == 0 || !matches!(g.view(c), View::Add(_) | View::Mul(_) | View::Pow(..) | View::Call(..)) {
            return c;
        }
        if let Some(best) = self.best.get(&(c, recognise)) {
            return *best;
        }
        let mut best = c;
        for _ in 0..3 {
            let next = self.improved(g, best, recognise);
            if next == best {
                break;
            }
            best = next;
        }
        self.best.insert((c, recognise), best);
        self.best.insert((best, recognise), best);
        best
    }

    /// The best of the candidates for one canonical expression.
    fn improved(&mut self, g: &mut Graph, c: Id, recognise: bool) -> Id {
        let mut candidates = vec![c];
        candidates.extend(self.canon.common_factor(g, c));
        self.rational_candidates(g, c, &mut candidates);
        for other in [recognise::by_sine_and_cosine(&mut self.canon, g, c), self.canon.joined_roots(g, c)].into_iter().flatten() {
            candidates.push(other);
            self.rational_candidates(g, other, &mut candidates);
        }
        if recognise {
            for changed in recognise::other_kernels(&mut self.canon, g, c) {
                candidates.push(changed);
                self.rational_candidates(g, changed, &mut candidates);
            }
            for k in 0..candidates.len() {
                let named = recognise::named_forms(&mut self.canon, g, named_rules(), candidates[k]);
                candidates.push(named);
            }
        }
        let nodes = walk::topological(g, &[c]).len() as u64;
        self.effort = self.effort.saturating_sub(nodes * candidates.len() as u64);
        let mut best = (u64::MAX, c);
        for candidate in candidates {
            let readable = self.pretty.of(g, candidate);
            let size = measure(g, readable);
            if size < best.0 {
                best = (size, candidate);
            }
        }
        best.1
    }

    fn rational_candidates(&mut self, g: &mut Graph, c: Id, out: &mut Vec<Id>) {
        if !has_sum_in_product(g, c) {
            return;
        }
        let circles: &[Circle] =
            if has_circle(g, c) { &[Circle::Free, Circle::ToCosine, Circle::ToSine] } else { &[Circle::Free] };
        for circle in circles {
            if let Some(found) = rational::simplify(&mut self.canon, g, c, *circle, &mut self.effort) {
                out.push(found.factored);
                out.extend(found.expanded);
            }
        }
    }
}

/// The rules that shorten and that recognise named forms, compiled at first use.
fn named_rules() -> &'static Rules {
    static RULES: std::sync::OnceLock<Rules> = std::sync::OnceLock::new();
    RULES.get_or_init(|| {
        let mut canon = Canon::new(&Known::default());
        Rules::compile(&[Purpose::Simplify, Purpose::Recognise], |g, e| canon.of(g, e))
    })
}

/// Whether cancelling can do anything: a sum occurs somewhere in the region.
fn has_sum_in_product(g: &Graph, c: Id) -> bool {
    match g.view(c) {
        View::Add(_) => true,
        View::Mul(factors) => factors.iter().any(|f| has_sum_in_product(g, *f)),
        View::Pow(b, _) => matches!(g.view(b), View::Add(_)),
        _ => false,
    }
}

fn has_circle(g: &Graph, c: Id) -> bool {
    let mut seen = [false; 4];
    for id in walk::topological(g, &[c]) {
        if let View::Call(f, _) = g.view(id)
            && let Some(k) = ["sin", "cos", "sinh", "cosh"].iter().position(|n| *n == f.name())
        {
            seen[k] = true;
        }
    }
    (seen[0] && seen[1]) || (seen[2] && seen[3])
}

fn has_derivative(g: &Graph, e: Id) -> bool {
    walk::topological(g, &[e]).iter().any(|id| matches!(g.view(*id), View::Derivative(..)))
}

/// Names what happened between two forms by what a reader sees of it.
fn name_move(g: &Graph, before: Id, after: Id) -> Move {
    let (a, b) = (Shape::of(g, before), Shape::of(g, after));
    if let Some(f) = b.named.iter().find(|n| !a.named.contains(n)) {
        return Move { name: "recognise", function: Some(*f), after };
    }
    let name = if b.quotients < a.quotients || b.below < a.below {
        if a.terms > b.terms { "combine and cancel" } else { "cancel" }
    } else if b.quotients > a.quotients {
        "common denominator"
    } else if matches!(g.view(after), View::Mul(_)) && matches!(g.view(before), View::Add(_)) {
        "factor"
    } else if b.terms < a.terms {
        "collect"
    } else {
        "tidy"
    };
    Move { name, function: None, after }
}

#[derive(Default)]
struct Shape {
    quotients: usize,
    /// How much stands below the lines.
    below: u64,
    terms: usize,
    named: Vec<FunctionId>,
}

impl Shape {
    fn of(g: &Graph, e: Id) -> Self {
        let mut shape = Shape::default();
        for id in walk::topological(g, &[e]) {
            match g.view(id) {
                View::Div(_, b) => {
                    shape.quotients += 1;
                    shape.below = shape.below.saturating_add(measure(g, b));
                }
                View::Pow(_, e) if g.as_number(e).is_some_and(crate::expr::Number::is_negative) => shape.quotients += 1,
                View::Add(terms) => shape.terms += terms.len(),
                View::Call(f, _) if !shape.named.contains(&f) => shape.named.push(f),
                _ => {}
            }
        }
        shape
    }
}
