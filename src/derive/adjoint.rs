//! All partial derivatives of an expression in one sweep against the direction of evaluation, as nodes of the shared graph: their
//! number is a small multiple of that of the expression, however many variables there are. Made for evaluation, not for reading.

use super::light;
use super::rules::{Formulas, Refusal};
use crate::expr::{Graph, Id, Relation, Symbol, View, walk};
use crate::math::FunctionId;
use std::collections::HashMap;

/// The partial derivatives of `root` by these variables, in their order (W. Baur, V. Strassen, "The complexity of partial
/// derivatives", 1983). Stages must be opened. Where a slope exists on one side only, the value is that of one side.
///
/// # Errors
/// What no derivative is known of.
pub fn adjoints(g: &mut Graph, root: Id, wrt: &[Symbol]) -> Result<Vec<Id>, Refusal> {
    let variables: Vec<Id> = wrt.iter().map(|symbol| g.symbol(*symbol)).collect();
    let order = walk::topological(g, &[root]);
    let active = moving(g, &order, &variables);
    let one = g.integer(1);
    let mut sweep = Sweep {
        active,
        variables: variables.clone(),
        received: HashMap::from([(root, vec![one])]),
        formulas: Formulas::default(),
    };
    let mut found: HashMap<Id, Id> = HashMap::new();
    for id in order.into_iter().rev() {
        if !sweep.active.get(&id).copied().unwrap_or(false) {
            continue;
        }
        let Some(parts) = sweep.received.remove(&id) else { continue };
        let adjoint = light::sum(g, &parts);
        if variables.contains(&id) {
            found.insert(id, adjoint);
        } else if !g.is_zero(adjoint) {
            sweep.distribute(g, id, adjoint)?;
        }
    }
    let zero = g.integer(0);
    Ok(variables.iter().map(|v| found.get(v).copied().unwrap_or(zero)).collect())
}

/// Which nodes move with one of the variables; conditions are steps, which do not.
fn moving(g: &Graph, order: &[Id], variables: &[Id]) -> HashMap<Id, bool> {
    let mut moving: HashMap<Id, bool> = HashMap::with_capacity(order.len());
    for id in order {
        let below = g.children(*id).iter().any(|kid| moving.get(kid) == Some(&true));
        moving.insert(*id, variables.contains(id) || (below && !g.is_condition(*id)));
    }
    moving
}

struct Sweep {
    active: HashMap<Id, bool>,
    variables: Vec<Id>,
    /// What each node got from those it is part of.
    received: HashMap<Id, Vec<Id>>,
    formulas: Formulas,
}

impl Sweep {
    fn is_active(&self, id: Id) -> bool {
        self.active.get(&id) == Some(&true)
    }

    fn give(&mut self, to: Id, part: Id) {
        self.received.entry(to).or_default().push(part);
    }

    /// Passes the adjoint of a node on to its parts, each times the local slope.
    fn distribute(&mut self, g: &mut Graph, id: Id, adjoint: Id) -> Result<(), Refusal> {
        match g.view(id) {
            View::Add(terms) => {
                for term in terms.iter().copied() {
                    self.give_if_active(term, adjoint);
                }
            }
            View::Neg(a) => {
                let opposite = light::negative(g, adjoint);
                self.give_if_active(a, opposite);
            }
            View::Mul(factors) => {
                let factors = factors.to_vec();
                self.product(g, &factors, adjoint);
            }
            View::Div(a, b) => {
                let share = light::quotient(g, adjoint, b);
                self.give_if_active(a, share);
                if self.is_active(b) {
                    let slope = light::product(g, &[share, id]);
                    let slope = light::negative(g, slope);
                    self.give(b, slope);
                }
            }
            View::Pow(a, b) => self.power(g, id, [a, b], adjoint),
            View::Call(f, arguments) => {
                let arguments = arguments.to_vec();
                self.call(g, id, f, &arguments, adjoint)?;
            }
            View::Component(vector, k) => self.share(g, id, vector, k, adjoint),
            View::If(condition, a, b) => {
                let zero = g.integer(0);
                for (branch, [yes, no]) in [(a, [adjoint, zero]), (b, [zero, adjoint])] {
                    if self.is_active(branch) {
                        let slope = g.conditional(condition, yes, no);
                        self.give(branch, slope);
                    }
                }
            }
            View::Rows(kind, data, body) => {
                // the bound columns do not reach out of the reduction: only the variables get their shares
                let wrt: Vec<Symbol> = self.variables.iter().filter_map(|v| g.as_symbol(*v)).collect();
                let slopes = adjoints(g, body, &wrt)?;
                for (variable, slope) in self.variables.clone().into_iter().zip(slopes) {
                    if !g.is_zero(slope) {
                        let reduced = light::rows(g, kind, data, slope);
                        let share = light::product(g, &[adjoint, reduced]);
                        self.give(variable, share);
                    }
                }
            }
            _ => return Err(Refusal { node: id, reason: "it has no slope in one sweep; open it first".to_owned() }),
        }
        Ok(())
    }

    fn give_if_active(&mut self, to: Id, part: Id) {
        if self.is_active(to) {
            self.give(to, part);
        }
    }

    /// For each factor the product of the others, from both ends.
    fn product(&mut self, g: &mut Graph, factors: &[Id], adjoint: Id) {
        if let [a, b] = *factors {
            for (factor, other) in [(a, b), (b, a)] {
                if self.is_active(factor) {
                    let slope = light::product(g, &[adjoint, other]);
                    self.give(factor, slope);
                }
            }
            return;
        }
        let mut before = adjoint;
        let mut ahead = Vec::with_capacity(factors.len());
        for factor in factors {
            ahead.push(before);
            before = g.mul(&[before, *factor]);
        }
        let mut after: Option<Id> = None;
        for (factor, before) in factors.iter().zip(ahead).rev() {
            if self.is_active(*factor) {
                let slope = after.map_or(before, |after| light::product(g, &[before, after]));
                self.give(*factor, slope);
            }
            after = Some(after.map_or(*factor, |after| g.mul(&[*factor, after])));
        }
    }

    fn power(&mut self, g: &mut Graph, id: Id, [a, b]: [Id; 2], adjoint: Id) {
        if self.is_active(a) {
            let less = light::lowered(g, b);
            let power = light::power(g, a, less);
            let slope = light::product(g, &[adjoint, b, power]);
            self.give(a, slope);
        }
        if self.is_active(b)
            && let Some(log) = g.call_named("log", &[a])
        {
            let slope = light::product(g, &[adjoint, id, log]);
            self.give(b, slope);
        }
    }

    fn call(&mut self, g: &mut Graph, id: Id, f: FunctionId, arguments: &[Id], adjoint: Id) -> Result<(), Refusal> {
        match f.name() {
            "max" | "min" => self.extreme(g, f, arguments, adjoint),
            "logsumexp" => self.shares(g, arguments, adjoint),
            _ => {
                for (k, u) in arguments.iter().enumerate() {
                    if !self.is_active(*u) {
                        continue;
                    }
                    let partial = self.formulas.partial(g, f, k, arguments).ok_or_else(|| Refusal {
                        node: id,
                        reason: format!("the derivative of {} in its argument {} is not in the table", f.name(), k + 1),
                    })?;
                    let slope = light::product(g, &[adjoint, partial]);
                    self.give(*u, slope);
                }
            }
        }
        Ok(())
    }

    /// The adjoint goes to the argument that wins against those after it.
    fn extreme(&mut self, g: &mut Graph, f: FunctionId, arguments: &[Id], adjoint: Id) {
        let relation = if f.name() == "max" { Relation::Greater } else { Relation::Less };
        let zero = g.integer(0);
        let mut left = adjoint;
        for (k, u) in arguments.iter().enumerate() {
            let rest = &arguments[k + 1..];
            let (own, others) = match rest {
                [] => (left, zero),
                _ => {
                    let best = if let [one] = rest { *one } else { g.call(f, rest) };
                    let wins = g.compare(relation, *u, best);
                    (g.conditional(wins, left, zero), g.conditional(wins, zero, left))
                }
            };
            self.give_if_active(*u, own);
            left = others;
        }
    }

    /// The slope of a logsumexp in each score is its share of the softmax.
    fn shares(&mut self, g: &mut Graph, scores: &[Id], adjoint: Id) {
        let Some(vector) = g.call_named("softmax", scores) else { return };
        for (k, score) in scores.iter().enumerate() {
            if let (true, Ok(at)) = (self.is_active(*score), u16::try_from(k + 1)) {
                let share = g.component(vector, at);
                let slope = light::product(g, &[adjoint, share]);
                self.give(*score, slope);
            }
        }
    }

    /// `s_k*(1 - s_k)` in its own score and `-s_k*s_i` in another, the adjoint times them.
    fn share(&mut self, g: &mut Graph, id: Id, vector: Id, k: u32, adjoint: Id) {
        let scores = g.children(vector).to_vec();
        let weighted = light::product(g, &[adjoint, id]);
        for (i, score) in scores.iter().enumerate() {
            let Ok(at) = u16::try_from(i + 1) else { continue };
            if !self.is_active(*score) {
                continue;
            }
            let share = g.component(vector, at);
            let against = g.neg(share);
            let factor = if u32::from(at) == k {
                let one = g.integer(1);
                g.add(&[one, against])
            } else {
                against
            };
            let slope = light::product(g, &[weighted, factor]);
            self.give(*score, slope);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::derive::Engine;
    use crate::domain::Known;
    use crate::resolve::formula;
    use crate::verify::check::{Allowed, Checker, Outcome};

    #[test]
    fn the_sweep_agrees_with_the_rules_one_variable_at_a_time() {
        let table = [
            "x*y + sin(x*y)^2",
            "log(exp(x) + exp(y))",
            "logsumexp(x, y, x*y)",
            "softmax([x, y, 2])[2]*x",
            "x^y + y^3 + 2^x",
            "x*y*exp(x)*cos(y)*x",
            "tanh(x/(1 + y^2)) - hypot(x, y)",
            "if x > y then x^2 else x*y",
            "max(x, y^2, x*y)",
            "atan2(y, x) + gamma(2 + x^2)",
            "-(y*log(sigmoid(x)) + (1 - y)*log(1 - sigmoid(x)))",
        ];
        for text in table {
            let mut g = Graph::new();
            let root = formula(&mut g, text).unwrap();
            let by = ["x", "y"].map(|name| g.intern(name));
            let swept = adjoints(&mut g, root, &by).unwrap();
            let known = Known::default();
            for (symbol, slope) in by.iter().zip(swept) {
                let ruled = Engine::new(&known).differentiate(&mut g, root, &[*symbol]).unwrap().value;
                let outcome = Checker::new(&known).step(&g, ruled, slope, Allowed::Enlarge);
                assert!(!matches!(outcome, Outcome::Different { .. }), "{text}: {outcome:?}");
                let back = Checker::new(&known).step(&g, slope, ruled, Allowed::Enlarge);
                assert!(matches!(back, Outcome::Agreed { .. }), "{text}: {back:?}");
            }
        }
    }

    #[test]
    fn a_gradient_is_a_small_multiple_of_its_function() {
        let mut g = Graph::new();
        let (x, one) = (g.variable("x"), g.integer(1));
        let mut root = x;
        for _ in 0..10_000 {
            let e = g.call_named("exp", &[root]).unwrap();
            let sum = g.add(&[one, e]);
            let log = g.call_named("log", &[sum]).unwrap();
            root = g.mul(&[x, log]);
        }
        let symbol = g.find_symbol("x").unwrap();
        let slope = adjoints(&mut g, root, &[symbol]).unwrap()[0];
        let nodes = walk::topological(&g, &[root, slope]).len();
        assert!(nodes <= 90_000, "{nodes} nodes");
    }
}
