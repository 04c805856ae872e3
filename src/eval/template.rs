//! The formulas of the facts table, read once and evaluated at numbers: domains, kinks and partial derivatives of a function.

use super::{Evaluation, Plan, Values};
use crate::expr::{Graph, Id, Symbol};
use crate::math::{Function, FunctionId, functions};
use crate::resolve::formula;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The formulas of one function, in a graph of their own.
pub(crate) struct Template {
    g: Graph,
    parameters: Vec<Symbol>,
    /// The conditions under which it has a value.
    pub domain: Vec<Formula>,
    /// One for each parameter; empty for lists.
    pub partials: Vec<Formula>,
    /// Where it has a value but no derivative, with what happens there.
    pub kinks: Vec<(Formula, &'static str)>,
    /// The conditions under which the derivative exists, with their text.
    pub differentiable: Vec<(Formula, &'static str)>,
}

/// One formula, ready to be evaluated.
pub(crate) struct Formula {
    root: Id,
    plan: Plan,
}

/// The formulas of a function.
pub(crate) fn template(f: FunctionId) -> Option<&'static Template> {
    static TEMPLATES: OnceLock<Vec<OnceLock<Template>>> = OnceLock::new();
    let all = TEMPLATES.get_or_init(|| functions().map(|_| OnceLock::new()).collect());
    Some(all.get(f.0 as usize)?.get_or_init(|| Template::new(f.record())))
}

impl Template {
    fn new(record: &Function) -> Self {
        let mut g = Graph::new();
        let parameters = record.parameters.iter().map(|p| g.intern(p)).collect();
        let mut read = |text: &&'static str| {
            let root = formula(&mut g, text).ok()?;
            let plan = Plan::new(&g, &HashMap::new(), &[root]);
            Some((Formula { root, plan }, *text))
        };
        let domain = record.domain.iter().filter_map(&mut read).map(|(f, _)| f).collect();
        let partials = record.slopes().iter().filter_map(&mut read).map(|(f, _)| f).collect();
        let kinks = record.kinks.iter().filter_map(|k| Some((read(&k.at)?.0, k.what))).collect();
        let differentiable = record.differentiable.iter().filter_map(&mut read).collect();
        Template { g, parameters, domain, partials, kinks, differentiable }
    }

    /// The parameters with these values.
    pub fn at(&self, arguments: &[f64]) -> HashMap<Symbol, f64> {
        self.parameters.iter().copied().zip(arguments.iter().copied()).collect()
    }

    /// The value of one of its formulas.
    pub fn value(&self, formula: &Formula, point: &HashMap<Symbol, f64>) -> Evaluation {
        Values::compute(&self.g, &formula.plan, point).evaluation(formula.root)
    }

    /// Whether one of its conditions holds.
    pub fn holds(&self, formula: &Formula, point: &HashMap<Symbol, f64>) -> bool {
        self.value(formula, point).value == 1.0
    }

    /// Whether a function value exists for these arguments.
    pub fn is_inside(&self, arguments: &[f64]) -> bool {
        let point = self.at(arguments);
        self.domain.iter().all(|condition| self.holds(condition, &point))
    }
}
