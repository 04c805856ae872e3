//! Numeric gradients by reverse accumulation over the shared graph and its stages, with local slopes from the facts table. At
//! kinks the one-sided slopes decide. Builds no expression for a derivative.

use crate::eval::float::{Sum, exact_constant, power};
use crate::eval::template::template;
use crate::eval::{Cause, CauseKind, Evaluation, Plan, Values, open_series};
use crate::expr::{Graph, Id, Number, Relation, Symbol, View};
use crate::math::FunctionId;
use crate::math::kernels::{elementary, special::softmax};
use std::borrow::Cow;
use std::collections::HashMap;

/// A value with its partial derivatives.
#[derive(Clone, Debug)]
pub struct GradientValue {
    /// The value of the expression.
    pub value: Evaluation,
    /// The partial derivatives, in the order of the variables asked for; NaN where there is none.
    pub partials: Vec<Evaluation>,
}

/// One-sided slopes are one slope when they differ by less than this share of their size.
const AGREEMENT: f64 = 1e-12;

/// The value and the partial derivatives of `root` by `wrt` at the point `env`, in one sweep. Series are written out in the graph.
pub fn gradient(
    g: &mut Graph,
    definitions: &HashMap<Symbol, Id>,
    root: Id,
    wrt: &[Symbol],
    env: &HashMap<Symbol, f64>,
) -> GradientValue {
    let opened = match open_series(g, definitions, root, env) {
        Ok(opened) => opened,
        Err(cause) => return nowhere(f64::NAN, &cause, wrt.len()),
    };
    let variables: Vec<Id> = wrt.iter().map(|s| g.symbol(*s)).collect();
    let plan = Plan::new(g, &opened.definitions, &[opened.root]);
    let values = Values::compute(g, &plan, env);
    let value = values.evaluation(opened.root);
    if let Some(cause) = value.cause {
        return nowhere(value.value, &cause, wrt.len());
    }
    let mut sweep = Sweep::new(g, &plan, &values, env, &variables);
    sweep.backwards(opened.root);
    let partials = variables.iter().map(|v| sweep.partial(opened.root, *v)).collect();
    GradientValue { value, partials }
}

/// No value, hence no slope.
fn nowhere(value: f64, cause: &Cause, count: usize) -> GradientValue {
    let lost = |value| Evaluation { value, cause: Some(cause.clone()) };
    GradientValue { value: lost(value), partials: vec![lost(f64::NAN); count] }
}

/// The slopes of one node by those it is made of, or why it has none.
type Slopes = Result<Vec<(Id, f64)>, Cause>;

struct Sweep<'a> {
    g: &'a Graph,
    plan: &'a Plan,
    values: &'a Values<'a>,
    /// Stage symbols that the point gives a value of their own.
    env: &'a HashMap<Symbol, f64>,
    /// Whether a node moves with one of the variables.
    active: Vec<bool>,
    /// Whether a condition can change its truth at this very point.
    edge: Vec<bool>,
    adjoint: Vec<Sum>,
    kinks: Vec<Cause>,
    faults: Vec<Cause>,
}

impl<'a> Sweep<'a> {
    fn new(g: &'a Graph, plan: &'a Plan, values: &'a Values<'a>, env: &'a HashMap<Symbol, f64>, variables: &[Id]) -> Self {
        let size = plan.size();
        let (edge, adjoint) = (vec![false; size], vec![Sum::default(); size]);
        let mut sweep = Sweep { g, plan, values, env, active: Vec::new(), edge, adjoint, kinks: Vec::new(), faults: Vec::new() };
        sweep.active = sweep.moving_with(variables);
        for id in plan.order() {
            sweep.edge[id.index()] = sweep.is_edge(*id);
        }
        sweep
    }

    /// The definition that a stage's symbol stands for at this point.
    fn stage(&self, id: Id) -> Option<Id> {
        let symbol = self.g.as_symbol(id)?;
        if self.env.contains_key(&symbol) { None } else { self.plan.stage(id) }
    }

    fn moving_with(&self, variables: &[Id]) -> Vec<bool> {
        let mut moving = vec![false; self.plan.size()];
        for variable in variables {
            if let Some(own) = moving.get_mut(variable.index()) {
                *own = true;
            }
        }
        for id in self.plan.order() {
            let below = self.g.children(*id).iter().chain(self.stage(*id).iter()).any(|k| moving[k.index()]);
            moving[id.index()] |= below;
        }
        moving
    }

    fn is_edge(&self, id: Id) -> bool {
        match self.g.view(id) {
            View::Compare(_, a, b) => self.active[id.index()] && a != b && self.values.value(a) == self.values.value(b),
            View::IsInteger(a) => self.active[a.index()] && self.values.value(a).fract() == 0.0,
            View::And(parts) | View::Or(parts) => parts.iter().any(|p| self.edge[p.index()]),
            View::Not(a) => self.edge[a.index()],
            _ => false,
        }
    }

    // ---- the reverse sweep

    fn backwards(&mut self, root: Id) {
        self.adjoint[root.index()].add(1.0);
        for id in self.plan.order().iter().rev() {
            let adjoint = self.adjoint[id.index()].value();
            if adjoint != 0.0 && self.active[id.index()] {
                self.distribute(*id, adjoint);
            }
        }
    }

    fn distribute(&mut self, id: Id, adjoint: f64) {
        match self.slopes(id) {
            Ok(slopes) => {
                for (kid, slope) in slopes {
                    if !self.active[kid.index()] {
                        continue;
                    }
                    if !slope.is_finite() {
                        let cause = self.fault(id, slope);
                        self.faults.push(cause);
                    }
                    self.adjoint[kid.index()].add(adjoint * slope);
                }
            }
            Err(cause) => {
                self.kinks.push(cause);
                self.poison(id);
            }
        }
    }

    /// Marks every variable that moves a kink; the one-sided slopes will decide about those, and only those.
    fn poison(&mut self, id: Id) {
        let mut stack = vec![id];
        while let Some(node) = stack.pop() {
            for kid in self.g.children(node) {
                self.adjoint[kid.index()].add(f64::NAN);
                if self.g.is_condition(*kid) {
                    stack.push(*kid);
                }
            }
        }
    }

    fn fault(&self, node: Id, slope: f64) -> Cause {
        let zero_base = matches!(self.g.view(node), View::Pow(a, _) if self.values.value(a) == 0.0);
        let kind = if slope.is_nan() {
            CauseKind::Undefined("the slope has no value here".into())
        } else if zero_base {
            CauseKind::Kink(crate::math::VERTICAL.into())
        } else {
            CauseKind::Overflow
        };
        self.cause(node, kind)
    }

    fn cause(&self, node: Id, kind: CauseKind) -> Cause {
        Cause { node, kind, arguments: self.arguments(node) }
    }

    fn arguments(&self, node: Id) -> Vec<f64> {
        self.g.children(node).iter().map(|k| self.values.value(*k)).collect()
    }

    // ---- the slopes of one node

    fn slopes(&self, id: Id) -> Slopes {
        match self.g.view(id) {
            View::Add(terms) => Ok(terms.iter().map(|t| (*t, 1.0)).collect()),
            View::Mul(factors) => Ok(self.of_product(factors)),
            View::Neg(a) => Ok(vec![(a, -1.0)]),
            View::Div(a, b) => {
                let bottom = self.values.value(b);
                Ok(vec![(a, 1.0 / bottom), (b, -(self.values.value(id) / bottom))])
            }
            View::Pow(a, b) => Ok(self.of_power(id, a, b)),
            View::Call(f, arguments) => self.of_call(id, f, arguments),
            View::Component(vector, k) => Ok(self.of_softmax(vector, k)),
            View::If(condition, ..) if self.edge[condition.index()] => Err(self.kink(id, "the joint of two branches")),
            View::If(condition, a, b) => Ok(vec![(if self.values.value(condition) == 1.0 { a } else { b }, 1.0)]),
            View::Symbol(_) => Ok(self.stage(id).map(|definition| (definition, 1.0)).into_iter().collect()),
            _ => Ok(Vec::new()),
        }
    }

    fn kink(&self, node: Id, what: impl Into<Cow<'static, str>>) -> Cause {
        self.cause(node, CauseKind::Kink(what.into()))
    }

    /// For each factor the product of the others, from both ends, so that a factor 0 is no division by 0.
    fn of_product(&self, factors: &[Id]) -> Vec<(Id, f64)> {
        let mut slopes: Vec<(Id, f64)> = Vec::with_capacity(factors.len());
        let mut before = 1.0;
        for factor in factors {
            slopes.push((*factor, before));
            before *= self.values.value(*factor);
        }
        let mut after = 1.0;
        for (factor, slope) in slopes.iter_mut().rev() {
            *slope *= after;
            after *= self.values.value(*factor);
        }
        slopes
    }

    /// `n*u^(n - 1)` and `u^v*log(u)`: forms that stay finite wherever the slope does.
    fn of_power(&self, id: Id, a: Id, b: Id) -> Vec<(Id, f64)> {
        let (base, exponent) = (self.values.value(a), self.values.value(b));
        let mut slopes = Vec::new();
        if self.active[a.index()] {
            let less = exact_constant(self.g, b).map(|n| &n - &Number::integer(1));
            let slope = if exponent == 0.0 { 0.0 } else { exponent * power(base, exponent - 1.0, less.as_ref()) };
            slopes.push((a, slope));
        }
        if self.active[b.index()] {
            // near a base of 0 and a positive exponent the power is the constant 0
            let flat = base == 0.0 && exponent > 0.0;
            slopes.push((b, if flat { 0.0 } else { self.values.value(id) * elementary::log(base) }));
        }
        slopes
    }

    fn of_call(&self, id: Id, f: FunctionId, arguments: &[Id]) -> Slopes {
        match f.name() {
            "max" | "min" => self.of_extreme(id, arguments),
            "logsumexp" => Ok(self.of_logsumexp(arguments)),
            _ => self.by_formula(id, f, arguments),
        }
    }

    fn by_formula(&self, id: Id, f: FunctionId, arguments: &[Id]) -> Slopes {
        let Some(template) = template(f).filter(|t| t.partials.len() == arguments.len()) else {
            return Err(self.cause(id, CauseKind::Undefined("no rule for its derivative".into())));
        };
        let point = template.at(&self.arguments(id));
        if let Some((_, what)) = template.kinks.iter().find(|(at, _)| template.holds(at, &point)) {
            return Err(self.kink(id, *what));
        }
        if let Some((_, condition)) = template.differentiable.iter().find(|(c, _)| !template.holds(c, &point)) {
            return Err(self.kink(id, format!("it needs {condition}")));
        }
        let active = arguments.iter().zip(&template.partials).filter(|(k, _)| self.active[k.index()]);
        Ok(active.map(|(k, partial)| (*k, template.value(partial, &point).value)).collect())
    }

    /// The arguments in which a `max` or `min` has its value.
    fn tied(&self, id: Id, arguments: &[Id]) -> Vec<Id> {
        let best = self.values.value(id);
        let mut tied: Vec<Id> = arguments.iter().copied().filter(|k| self.values.value(*k) == best).collect();
        tied.sort_unstable();
        tied.dedup();
        tied
    }

    fn of_extreme(&self, id: Id, arguments: &[Id]) -> Slopes {
        match &self.tied(id, arguments)[..] {
            [one] => Ok(vec![(*one, 1.0)]),
            tied if tied.iter().any(|k| self.active[k.index()]) => Err(self.kink(id, "a tie of its arguments")),
            _ => Ok(Vec::new()),
        }
    }

    /// The slope of a logsumexp in each argument is its share.
    fn of_logsumexp(&self, arguments: &[Id]) -> Vec<(Id, f64)> {
        let list: Vec<f64> = arguments.iter().map(|k| self.values.value(*k)).collect();
        arguments.iter().copied().zip(softmax(&list)).collect()
    }

    /// The slopes of a component of a softmax: `s_k*(1 - s_k)`, with the bracket as the sum of the others, and `-s_k*s_i`.
    fn of_softmax(&self, vector: Id, k: u32) -> Vec<(Id, f64)> {
        let shares = self.values.vector(vector);
        let k = (k as usize).saturating_sub(1);
        let own = shares.get(k).copied().unwrap_or(f64::NAN);
        let mut rest = Sum::default();
        shares.iter().enumerate().filter(|(i, _)| *i != k).for_each(|(_, s)| rest.add(*s));
        let slope = |(i, s): (usize, &f64)| if i == k { own * rest.value() } else { -own * s };
        self.g.children(vector).iter().copied().zip(shares.iter().enumerate().map(slope)).collect()
    }

    // ---- one partial derivative

    fn partial(&self, root: Id, variable: Id) -> Evaluation {
        let value = self.adjoint.get(variable.index()).map_or(0.0, Sum::value);
        if value.is_finite() {
            return Evaluation { value, cause: None };
        }
        let moving = self.moving_with(&[variable]);
        let moved = |causes: &[Cause]| causes.iter().rev().find(|c| moving[c.node.index()]).cloned();
        match moved(&self.kinks) {
            Some(kink) => self.by_sides(root, variable, &moving, kink),
            None => {
                let overflow = || self.cause(root, CauseKind::Overflow);
                Evaluation { value, cause: Some(moved(&self.faults).unwrap_or_else(overflow)) }
            }
        }
    }

    /// A kink somewhere below need not be one of the whole: `x*abs(x)` has the slope 0 at 0.
    fn by_sides(&self, root: Id, variable: Id, moving: &[bool], mut kink: Cause) -> Evaluation {
        let right = self.towards(root, variable, moving, 1.0);
        let left = -self.towards(root, variable, moving, -1.0);
        if (left - right).abs() <= AGREEMENT * (left.abs() + right.abs()) {
            return Evaluation { value: right, cause: None };
        }
        if left.is_finite() && right.is_finite() {
            // + 0.0 turns -0 into 0
            kink.kind = CauseKind::Kink(format!("slopes {} and {}", left + 0.0, right + 0.0).into());
        }
        Evaluation { value: f64::NAN, cause: Some(kink) }
    }

    /// The one-sided derivative of `root` as the variable moves in a direction. Beside a condition stands its truth nearby.
    fn towards(&self, root: Id, variable: Id, moving: &[bool], direction: f64) -> f64 {
        let mut side = Side { sweep: self, moving, rate: vec![0.0; self.plan.size()] };
        for id in self.plan.order() {
            let rate = if *id == variable {
                direction
            } else if self.g.is_condition(*id) {
                side.truth(*id)
            } else if moving[id.index()] {
                side.rate_of(*id)
            } else {
                0.0
            };
            side.rate[id.index()] = rate;
        }
        side.rate[root.index()]
    }
}

/// One forward pass to one side of the point.
struct Side<'a> {
    sweep: &'a Sweep<'a>,
    moving: &'a [bool],
    rate: Vec<f64>,
}

impl Side<'_> {
    fn rate(&self, id: Id) -> f64 {
        self.rate[id.index()]
    }

    fn rate_of(&self, id: Id) -> f64 {
        match self.sweep.slopes(id) {
            Ok(slopes) => slopes.iter().filter(|(k, _)| self.moving[k.index()]).map(|(k, slope)| slope * self.rate(*k)).sum(),
            Err(_) => self.rate_at_kink(id),
        }
    }

    /// The functions made of pieces have a slope on each side; others, such as `sqrt` at 0 or `sign`, have none to give.
    fn rate_at_kink(&self, id: Id) -> f64 {
        let (f, arguments) = match self.sweep.g.view(id) {
            View::If(condition, a, b) => return self.rate_at_joint(id, condition, a, b),
            View::Call(f, arguments) => (f, arguments),
            _ => return f64::NAN,
        };
        match (f.name(), arguments) {
            ("abs", [u]) => self.rate(*u).abs(),
            ("relu", [u]) => largest(&[self.rate(*u), 0.0]),
            ("hypot", [u, v]) => elementary::hypot(self.rate(*u), self.rate(*v)),
            ("max", list) => largest(&self.rates(&self.sweep.tied(id, list))),
            ("min", list) => -largest(&self.rates(&self.sweep.tied(id, list)).iter().map(|r| -r).collect::<Vec<_>>()),
            ("clamp", [u, low, high]) => self.rate_of_clamp(*u, *low, *high),
            _ => f64::NAN,
        }
    }

    fn rates(&self, ids: &[Id]) -> Vec<f64> {
        ids.iter().map(|k| self.rate(*k)).collect()
    }

    /// As `min(max(u, low), high)`.
    fn rate_of_clamp(&self, u: Id, low: Id, high: Id) -> f64 {
        let value = |id| self.sweep.values.value(id);
        let (raised, rate) = larger((value(u), self.rate(u)), (value(low), self.rate(low)));
        -larger((-raised, -rate), (-value(high), -self.rate(high))).1
    }

    /// On this side another branch may apply; it counts where it continues the value without a jump.
    fn rate_at_joint(&self, id: Id, condition: Id, a: Id, b: Id) -> f64 {
        let branch = match self.rate(condition) {
            1.0 => a,
            0.0 => b,
            _ => return f64::NAN,
        };
        let (here, there) = (self.sweep.values.value(id), self.sweep.values.value(branch));
        let continuous = (here - there).abs() <= AGREEMENT * (here.abs() + there.abs());
        if continuous { self.rate(branch) } else { f64::NAN }
    }

    /// The truth of a condition just beside the point: 1 or 0, NaN where it cannot be told.
    fn truth(&self, id: Id) -> f64 {
        let point = self.sweep.values.value(id);
        if !self.sweep.edge[id.index()] {
            return point;
        }
        let decided = |parts: &[Id], decisive: f64| {
            let first = parts.iter().map(|p| self.rate(*p)).find(|r| r.is_nan() || *r == decisive);
            first.unwrap_or(1.0 - decisive)
        };
        match self.sweep.g.view(id) {
            View::Compare(relation, a, b) => compare_nearby(relation, self.rate(a) - self.rate(b)),
            View::And(parts) => decided(parts, 0.0),
            View::Or(parts) => decided(parts, 1.0),
            View::Not(a) => 1.0 - self.rate(a),
            View::IsInteger(a) if self.rate(a) != 0.0 => 0.0,
            _ => point,
        }
    }
}

/// Whether `a R b` holds beside a point where both are equal, from the rate of `a - b`.
fn compare_nearby(relation: Relation, rate: f64) -> f64 {
    rate.partial_cmp(&0.0).map_or(f64::NAN, |ordering| f64::from(u8::from(relation.holds(ordering))))
}

/// The largest, or NaN where one is NaN.
fn largest(rates: &[f64]) -> f64 {
    rates.iter().copied().fold(f64::NEG_INFINITY, |best, r| if r.is_nan() || best.is_nan() { f64::NAN } else { best.max(r) })
}

/// The larger of two values with their rates; of equal values the larger rate leads on.
fn larger(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    if a.0 == b.0 {
        (a.0, largest(&[a.1, b.1]))
    } else if a.0 > b.0 {
        a
    } else {
        b
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::expr::Series;

    fn call(g: &mut Graph, name: &str, arguments: &[Id]) -> Id {
        g.call_named(name, arguments).unwrap()
    }

    fn at(g: &mut Graph, root: Id, point: &[(&str, f64)]) -> GradientValue {
        let wrt: Vec<Symbol> = point.iter().map(|(name, _)| g.intern(name)).collect();
        let env = wrt.iter().copied().zip(point.iter().map(|(_, v)| *v)).collect();
        gradient(g, &HashMap::new(), root, &wrt, &env)
    }

    fn slopes(g: &mut Graph, root: Id, point: &[(&str, f64)]) -> Vec<f64> {
        at(g, root, point).partials.iter().map(|p| p.value).collect()
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-14 * b.abs().max(1e-300)
    }

    #[test]
    fn the_operators_have_their_textbook_slopes() {
        let mut g = Graph::new();
        let (x, y, three) = (g.variable("x"), g.variable("y"), g.integer(3));
        let cube = g.pow(x, three);
        let product = g.mul(&[x, y, y]);
        let quotient = g.div(x, y);
        let power = g.pow(x, y);
        let exp = call(&mut g, "exp", &[product]);
        let difference = g.sub(x, y);
        let (u, v) = (1.5f64, -0.5f64);
        let table = [
            (cube, [3.0 * u * u, 0.0]),
            (product, [v * v, 2.0 * u * v]),
            (quotient, [1.0 / v, -u / (v * v)]),
            (power, [v * u.powf(v - 1.0), u.powf(v) * u.ln()]),
            (exp, [v * v * (u * v * v).exp(), 2.0 * u * v * (u * v * v).exp()]),
            (difference, [1.0, -1.0]),
        ];
        for (root, expected) in table {
            let found = slopes(&mut g, root, &[("x", u), ("y", v)]);
            assert!(found.iter().zip(expected).all(|(a, b)| near(*a, b)), "{found:?}, not {expected:?}");
        }
    }

    #[test]
    fn a_finite_slope_is_not_lost_to_the_form_it_is_computed_in() {
        let mut g = Graph::new();
        let (x, y, two) = (g.variable("x"), g.variable("y"), g.integer(2));
        let square = g.pow(x, two);
        assert_eq!(slopes(&mut g, square, &[("x", 0.0)]), [0.0]);
        let product = g.mul(&[x, y]);
        assert_eq!(slopes(&mut g, product, &[("x", 0.0), ("y", 0.0)]), [0.0, 0.0]);
        let power = g.pow(x, y);
        assert_eq!(slopes(&mut g, power, &[("x", 0.0), ("y", 2.0)]), [0.0, 0.0]);
        let zeroth = g.integer(0);
        let constant = g.pow(x, zeroth);
        assert_eq!(slopes(&mut g, constant, &[("x", 0.0)]), [0.0]);
    }

    #[test]
    fn a_vertical_tangent_has_its_cause() {
        let mut g = Graph::new();
        let (x, half) = (g.variable("x"), g.number(Number::ratio(1, 2)));
        let root = g.pow(x, half);
        let partial = at(&mut g, root, &[("x", 0.0)]).partials.remove(0);
        assert!(!partial.value.is_finite());
        assert!(matches!(partial.cause.unwrap().kind, CauseKind::Kink(_)));
    }

    #[test]
    fn no_value_means_no_slope() {
        let mut g = Graph::new();
        let (x, zero) = (g.variable("x"), g.integer(0));
        let log = call(&mut g, "log", &[x]);
        let root = g.mul(&[log, zero]);
        let found = at(&mut g, root, &[("x", -1.0)]);
        assert!(found.value.value.is_nan() && found.partials[0].value.is_nan());
        assert_eq!(found.partials[0].cause.as_ref().unwrap().node, log);
    }

    /// `if x < 0 then a else b`
    fn split(g: &mut Graph, a: Id, b: Id) -> Id {
        let x = g.variable("x");
        let condition = g.compare_zero(Relation::Less, x);
        g.conditional(condition, a, b)
    }

    #[test]
    fn at_a_joint_both_sides_must_agree() {
        let mut g = Graph::new();
        let (x, two, one) = (g.variable("x"), g.integer(2), g.integer(1));
        let (square, minus) = (g.pow(x, two), g.neg(x));
        let (smooth, kinked) = (split(&mut g, minus, square), split(&mut g, minus, x));
        let agreeing = {
            let minus = g.neg(square);
            split(&mut g, minus, square)
        };
        let jump = split(&mut g, one, x);
        assert_eq!(slopes(&mut g, agreeing, &[("x", 0.0)]), [0.0]);
        assert_eq!(slopes(&mut g, smooth, &[("x", 1.0)]), [2.0]);
        let partial = at(&mut g, kinked, &[("x", 0.0)]).partials.remove(0);
        assert!(partial.value.is_nan());
        assert_eq!(partial.cause.unwrap().kind, CauseKind::Kink("slopes -1 and 1".into()));
        assert!(at(&mut g, jump, &[("x", 0.0)]).partials[0].value.is_nan());
        // the kinks of two parts may cancel, or be multiplied by 0
        let product = g.mul(&[x, kinked]);
        assert_eq!(slopes(&mut g, product, &[("x", 0.0)]), [0.0]);
        let opposite = split(&mut g, x, minus);
        let flat = g.add(&[kinked, opposite]);
        assert_eq!(slopes(&mut g, flat, &[("x", 0.0)]), [0.0]);
    }

    #[test]
    fn a_kink_costs_only_the_variables_that_move_it() {
        let mut g = Graph::new();
        let (x, y) = (g.variable("x"), g.variable("y"));
        let minus = g.neg(x);
        let kinked = split(&mut g, minus, x);
        let root = g.add(&[kinked, y]);
        let found = slopes(&mut g, root, &[("x", 0.0), ("y", 3.0)]);
        assert!(found[0].is_nan());
        assert_eq!(found[1], 1.0);
    }

    #[test]
    fn deep_chains_of_stages_and_long_sums_take_linear_time() {
        let mut g = Graph::new();
        let x = g.variable("x");
        let (half, one) = (g.number(Number::ratio(1, 2)), g.integer(1));
        let mut definitions = HashMap::new();
        let mut last = x;
        for k in 0..10_000 {
            let scaled = g.mul(&[half, last]);
            let next = g.add(&[scaled, one]);
            let stage = g.intern(&format!("z{k}"));
            definitions.insert(stage, next);
            last = g.symbol(stage);
        }
        let symbol = g.intern("x");
        let env = HashMap::from([(symbol, 3.0)]);
        let found = gradient(&mut g, &definitions, last, &[symbol], &env);
        assert_eq!((found.value.value, found.partials[0].value), (2.0, 0.0));
        let multiple = |g: &mut Graph, k| {
            let k = g.integer(k);
            g.mul(&[k, x])
        };
        let terms: Vec<Id> = (0..50_000).map(|k| multiple(&mut g, k)).collect();
        let sum = g.add(&terms);
        assert_eq!(slopes(&mut g, sum, &[("x", 1.0)]), [49_999.0 * 25_000.0]);
        let factors: Vec<Id> = (0..20_000).map(|_| x).collect();
        let product = g.mul(&factors);
        assert_eq!(slopes(&mut g, product, &[("x", 1.0)]), [20_000.0]);
    }

    #[test]
    fn a_stage_may_itself_be_the_variable() {
        let mut g = Graph::new();
        let (x, z, two) = (g.variable("x"), g.variable("z"), g.integer(2));
        let (double, square) = (g.mul(&[two, x]), g.pow(z, two));
        let symbols = [g.intern("x"), g.intern("z")];
        let definitions = HashMap::from([(symbols[1], double)]);
        let env = HashMap::from([(symbols[0], 3.0)]);
        let found = gradient(&mut g, &definitions, square, &symbols, &env);
        assert_eq!(found.partials.iter().map(|p| p.value).collect::<Vec<_>>(), [24.0, 12.0]);
    }

    #[test]
    fn a_series_has_the_slope_of_its_terms() {
        let mut g = Graph::new();
        let (x, i, one, n) = (g.variable("x"), g.intern("i"), g.integer(1), g.integer(4));
        let index = g.symbol(i);
        let body = g.pow(x, index);
        let root = g.series(Series::Sum, i, one, n, body);
        assert_eq!(slopes(&mut g, root, &[("x", 2.0)]), [1.0 + 4.0 + 12.0 + 32.0]);
    }

    /// A smooth expression in x and y: each number of the recipe combines earlier parts.
    fn smooth(g: &mut Graph, recipe: &[(u8, u8, u8)]) -> Id {
        let (one, two, third) = (g.integer(1), g.integer(2), g.number(Number::ratio(1, 3)));
        let mut parts = vec![g.variable("x"), g.variable("y")];
        for (operator, a, b) in recipe {
            let (a, b) = (parts[*a as usize % parts.len()], parts[*b as usize % parts.len()]);
            let square = g.pow(b, two);
            let positive = g.add(&[one, square]);
            let log = call(g, "log", &[positive]);
            parts.push(match operator % 6 {
                0 => g.add(&[a, log]),
                1 => g.sub(a, b),
                2 => g.div(a, positive),
                3 => log,
                4 => g.pow(positive, third),
                _ => {
                    let bounded = g.div(a, positive);
                    g.mul(&[log, bounded])
                }
            });
        }
        parts[parts.len() - 1]
    }

    proptest::proptest! {
        #[test]
        fn slopes_agree_with_central_differences(
            recipe in proptest::collection::vec(proptest::prelude::any::<(u8, u8, u8)>(), 1..12),
            x in -2.0f64..2.0,
            y in -2.0f64..2.0,
        ) {
            let mut g = Graph::new();
            let root = smooth(&mut g, &recipe);
            let found = slopes(&mut g, root, &[("x", x), ("y", y)]);
            let h = 1e-5;
            let mut value = |x: f64, y: f64| at(&mut g, root, &[("x", x), ("y", y)]).value.value;
            let differences = [(value(x + h, y) - value(x - h, y)) / (2.0 * h), (value(x, y + h) - value(x, y - h)) / (2.0 * h)];
            for (slope, difference) in found.iter().zip(differences) {
                proptest::prop_assert!((slope - difference).abs() <= 1e-5 * (1.0 + slope.abs()), "{slope} and {difference}");
            }
        }
    }
}
