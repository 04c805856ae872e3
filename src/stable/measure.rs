//! How wrong plain f64 arithmetic is: the value of an expression, node by node, against what it truly is. Rewrites nothing.

use super::clock;
use crate::eval::truth::{Truth, nearest};
use crate::eval::{Plan, Values};
use crate::expr::{Graph, Id, Number, Symbol, View, walk};
use crate::verify;
use std::collections::HashMap;

/// The bits that a value without any right digit has lost; what is not even finite has lost more than that.
pub const FAILED: f64 = 64.0;

/// What an infinity on the way counts for.
const FRAGILE: f64 = 7.0;

/// The work for the truth at one point, in products of two balls.
const WORK: u64 = 60_000;

/// The bits to which the truth is known.
const BITS: usize = 64;

/// A true value to about 106 bits: the nearest f64, and what it leaves out.
#[derive(Clone, Copy, Debug)]
pub struct True {
    /// The nearest f64; infinite beyond the range.
    pub near: f64,
    rest: f64,
}

impl True {
    /// Whether f64 can hold the value at all.
    pub fn is_finite(self) -> bool {
        self.near.is_finite()
    }

    /// The error of a computed value in units of the last place of the true one; infinite where it is no number at all.
    pub fn ulps(self, computed: f64) -> f64 {
        if !computed.is_finite() || !self.is_finite() {
            return if computed == self.near { 0.0 } else { f64::INFINITY };
        }
        ((computed - self.near) - self.rest).abs() / ulp(self.near)
    }

    /// The distance to another true value in units of its last place.
    pub fn ulps_from(self, other: &True) -> f64 {
        if !self.is_finite() || !other.is_finite() {
            return f64::INFINITY;
        }
        ((self.near - other.near) + (self.rest - other.rest)).abs() / ulp(other.near)
    }

    /// The error of a computed value relative to the true one; infinite where it is no number at all.
    pub fn relative(self, computed: f64) -> f64 {
        match self.ulps(computed) * ulp(self.near) / self.near.abs() {
            error if error.is_nan() => 0.0,
            error => error,
        }
    }
}

/// The plain operations that a sum over many terms costs.
const COSTLY: u64 = 30;

fn is_costly(g: &Graph, id: Id) -> bool {
    matches!(g.view(id), View::Call(f, _) if verify::is_costly(f.name()))
}

/// The distance from a number to the next larger one in size.
fn ulp(v: f64) -> f64 {
    let v = v.abs();
    let above = v.next_up() - v;
    if above.is_finite() { above } else { v - v.next_down() }
}

/// An error as the number of bits that are lost.
pub fn bits(ulps: f64) -> f64 {
    if ulps.is_finite() { (1.0 + ulps).log2().min(FAILED) } else { FAILED }
}

/// An expression in a graph of its own, so that evaluating it costs what it is large, with its variables' symbols.
pub struct Small {
    graph: Graph,
    /// The same node in this graph for each node of the expression.
    pub nodes: HashMap<Id, Id>,
    root: Id,
    plan: Plan,
    /// What evaluating it once costs, in plain operations.
    work: u64,
    /// How many balls are made where it is enclosed once.
    balls: u64,
    /// Whether there are no cases, of which some are computed in vain.
    is_straight: bool,
}

impl Small {
    /// The expression `root`; the symbols of `variables` are those of [`symbols`] in every such graph.
    pub fn new(g: &Graph, variables: &[Symbol], root: Id) -> Self {
        let mut graph = Graph::new();
        variables.iter().for_each(|s| {
            graph.intern(g.name(*s));
        });
        let mut nodes = HashMap::new();
        for id in walk::topological(g, &[root]) {
            let kids: Vec<Id> = g.children(id).iter().map(|k| nodes[k]).collect();
            let copy = graph.copy_of(g, id, &kids);
            nodes.insert(id, copy);
        }
        let root = nodes[&root];
        let plan = Plan::new(&graph, &HashMap::new(), &[root]);
        let is_straight = !nodes.values().any(|id| matches!(graph.view(*id), View::If(..)));
        let work = plan.order().iter().map(|id| if is_costly(&graph, *id) { COSTLY } else { 1 }).sum();
        let balls = plan.order().iter().map(|id| balls_of(&graph, *id)).sum();
        Small { graph, nodes, root, plan, work, balls, is_straight }
    }

    fn values<'s>(&'s self, env: &'s HashMap<Symbol, f64>) -> Values<'s> {
        let values = Values::compute(&self.graph, &self.plan, env);
        clock::spend_operations(self.work + values.work());
        values
    }

    /// Its f64 value, node by node.
    pub fn value(&self, env: &HashMap<Symbol, f64>) -> f64 {
        let found = self.values(env).evaluation(self.root);
        if found.cause.is_some_and(|c| c.kind.is_strict()) { f64::NAN } else { found.value }
    }

    /// Its f64 value, with the infinity of a pole.
    pub fn ieee_value(&self, env: &HashMap<Symbol, f64>) -> f64 {
        self.values(env).evaluation(self.root).value
    }

    /// The bits that are lost; an infinity on the way to a finite value counts too, since slopes and other orders do not survive it.
    pub fn lost(&self, env: &HashMap<Symbol, f64>, truth: True) -> f64 {
        let values = self.values(env);
        let found = values.evaluation(self.root);
        if found.cause.is_some_and(|c| c.kind.is_strict()) {
            return FAILED;
        }
        let lost = bits(truth.ulps(found.value));
        if self.passes_infinity(&values) { lost.max(FRAGILE) } else { lost }
    }

    /// Whether an operation on the way overflows, whatever comes of it.
    pub fn is_fragile(&self, env: &HashMap<Symbol, f64>) -> bool {
        self.passes_infinity(&self.values(env))
    }

    fn passes_infinity(&self, values: &Values<'_>) -> bool {
        self.is_straight && self.plan.order().iter().any(|id| values.value(*id).is_infinite())
    }

    /// The node of the expression that first gave no finite number, and its arguments, where the value is not finite.
    pub fn cause(&self, env: &HashMap<Symbol, f64>) -> Option<(Id, Vec<f64>)> {
        let cause = self.values(env).evaluation(self.root).cause?;
        let own = self.nodes.iter().find(|(_, small)| **small == cause.node)?;
        Some((*own.0, cause.arguments))
    }

    /// What it truly is.
    pub fn truth(&self, env: &HashMap<Symbol, f64>) -> Option<True> {
        let nothing = HashMap::new();
        let mut truth = Truth::new(&self.graph, &nothing, exact_point(env)?).work(WORK);
        let found = one_truth(&mut truth, self.root);
        clock::spend_balls(WORK - truth.left(), self.balls);
        found
    }

    /// For each node, with what it is in the large graph, what it truly is and the bits that this one operation loses where its
    /// arguments are right to the last place.
    pub fn local_errors(&self, g: &Graph, env: &HashMap<Symbol, f64>) -> Vec<Local> {
        let nothing = HashMap::new();
        let Some(point) = exact_point(env) else { return Vec::new() };
        let mut truth = Truth::new(&self.graph, &nothing, point).work(4 * WORK);
        let mut order: Vec<(&Id, &Id)> = self.nodes.iter().collect();
        order.sort();
        let mut out: Vec<Local> = Vec::with_capacity(order.len());
        let mut known: HashMap<Id, True> = HashMap::new();
        for (own, small) in order {
            if !is_number(g, *own) {
                continue;
            }
            let Some(value) = one_truth(&mut truth, *small) else { continue };
            known.insert(*own, value);
            let kids: Option<Vec<f64>> = g.children(*own).iter().map(|k| known.get(k).map(|t| t.near)).collect();
            let Some(kids) = kids.filter(|kids| !kids.is_empty()) else { continue };
            let computed = one_operation(g, *own, &kids);
            let lost = if value.is_finite() { bits(value.ulps(computed)) } else { FAILED };
            out.push(Local { node: *own, value, kids, lost });
        }
        clock::spend_balls(4 * WORK - truth.left(), self.balls);
        out
    }
}

/// How many balls an operation makes, roughly: a power multiplies again and again, and `logsumexp` takes the exponential of each of its
/// arguments.
fn balls_of(g: &Graph, id: Id) -> u64 {
    const FUNCTION: u64 = 10;
    match g.view(id) {
        View::Pow(_, exponent) => 1 + g.as_i64(exponent).map_or(0, |n| u64::from(n.unsigned_abs().checked_ilog2().unwrap_or(0))),
        View::Call(_, arguments) if arguments.len() > 2 => FUNCTION * arguments.len() as u64,
        _ => 1,
    }
}

/// One operation at a point.
pub struct Local {
    /// The node of the expression.
    pub node: Id,
    /// What it truly is.
    pub value: True,
    /// Its arguments, right to the last place.
    pub kids: Vec<f64>,
    /// The bits that it loses.
    pub lost: f64,
}

/// The symbols that [`Small`] gives so many variables.
pub fn symbols(count: usize) -> Vec<Symbol> {
    let mut g = Graph::new();
    (0..count).map(|k| g.intern(&format!("v{k}"))).collect()
}

/// Whether a node stands for one number that depends on numbers only.
fn is_number(g: &Graph, id: Id) -> bool {
    match g.view(id) {
        View::Call(f, _) => !matches!(f.record().kernel, crate::math::Kernel::Vector(_)),
        View::Component(..) | View::If(..) | View::Series(..) | View::Rows(..) | View::Derivative(..) | View::Undefined => false,
        _ => !g.is_condition(id),
    }
}

/// The node's operation on these values.
fn one_operation(g: &Graph, id: Id, kids: &[f64]) -> f64 {
    let mut small = Graph::new();
    let names: Vec<Symbol> = (0..kids.len()).map(|k| small.intern(&format!("v{k}"))).collect();
    let leaves: Vec<Id> = names
        .iter()
        .zip(g.children(id))
        // an exponent such as 1/3 is known beyond f64
        .map(|(s, kid)| match g.view(*kid) {
            View::Number(n) => small.number(n.clone()),
            _ => small.symbol(*s),
        })
        .collect();
    let root = small.copy_of(g, id, &leaves);
    let env: HashMap<Symbol, f64> = names.into_iter().zip(kids.iter().copied()).collect();
    crate::eval::evaluate(&small, &HashMap::new(), &[root], &env).swap_remove(0).value
}

fn one_truth(truth: &mut Truth<'_>, id: Id) -> Option<True> {
    let ball = truth.enclosed(id, BITS).ok();
    let Some(ball) = ball else {
        // far beyond the range, or far below it
        return truth.nearest(id).ok().map(|near| True { near, rest: 0.0 });
    };
    let Some(middle) = ball.midpoint().to_rational() else {
        return nearest(&ball).map(|near| True { near, rest: 0.0 });
    };
    let middle = Number::rational(middle);
    let near = middle.to_f64();
    let rest = exact(near).map_or(0.0, |n| (&middle - &n).to_f64());
    Some(True { near, rest })
}

fn exact_point(env: &HashMap<Symbol, f64>) -> Option<Vec<(Symbol, Number)>> {
    env.iter().map(|(s, v)| exact(*v).map(|n| (*s, n))).collect()
}

/// The rational that a finite f64 is.
fn exact(v: f64) -> Option<Number> {
    dashu_ratio::RBig::try_from(v).ok().map(Number::rational)
}
