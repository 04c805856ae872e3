//! One reverse sweep. Each node collects shares from those it is part of; their sum, its adjoint, is passed on to its own parts,
//! each times the local slope. Tables are lists by the index of a node.
//!
//! A share that counts under a condition only keeps that condition beside it and not in it: `0*(1/x)` would be nothing at 0,
//! where the branch with `log(x)` does not apply.

use super::adjoints;
use super::build::{negative, over, times, total};
use super::formulas::{Formulas, Slope};
use crate::derive::{Refusal, light};
use crate::expr::{Graph, Id, Relation, Symbol, View, walk};
use crate::math::{self, FunctionId};

/// What a node is worth to the root, where the condition holds; elsewhere nothing.
#[derive(Clone, Copy)]
struct Share {
    gate: Option<Id>,
    value: Id,
}

impl Share {
    fn with(self, value: Id) -> Self {
        Share { value, ..self }
    }

    /// The same under one more condition, which has a value where those before it hold.
    fn under(self, g: &mut Graph, condition: Id, value: Id) -> Self {
        let gate = match self.gate {
            None => condition,
            Some(outer) if outer == condition => outer,
            Some(outer) => g.and(&[outer, condition]),
        };
        Share { gate: Some(gate), value }
    }
}

/// A share that was given, and the one that the same node was given before.
struct Given {
    share: Share,
    /// For a vector the component that it is meant for, from 1.
    component: u16,
    before: u32,
}

/// No share yet.
const NONE: u32 = u32::MAX;

pub struct Sweep {
    /// The nodes below the root, children first.
    order: Vec<Id>,
    /// Whether a node moves with one of the variables; conditions are steps, which do not.
    active: Vec<bool>,
    /// The share that a node was given last.
    last: Vec<u32>,
    given: Vec<Given>,
    formulas: Formulas,
    variables: Vec<Symbol>,
    zero: Id,
    lists: Lists,
    shares: Vec<Share>,
    arguments: Vec<Id>,
}

/// The functions of lists, whose slopes are rules and not formulas of the table, and the logarithm, which a power needs.
struct Lists {
    max: Option<FunctionId>,
    min: Option<FunctionId>,
    logsumexp: Option<FunctionId>,
    softmax: Option<FunctionId>,
    log: Option<FunctionId>,
}

impl Lists {
    fn find() -> Self {
        let [max, min, logsumexp, softmax, log] = ["max", "min", "logsumexp", "softmax", "log"].map(math::find);
        Lists { max, min, logsumexp, softmax, log }
    }
}

impl Sweep {
    pub fn new(g: &mut Graph, root: Id, wrt: &[Symbol]) -> Self {
        let variables: Vec<Id> = wrt.iter().map(|symbol| g.symbol(*symbol)).collect();
        let order = walk::topological(g, &[root]);
        let size = root.index() + 1;
        g.reserve(order.len());
        Sweep {
            active: moving(g, &order, &variables, size),
            last: vec![NONE; size],
            given: Vec::with_capacity(2 * order.len()),
            order,
            formulas: Formulas::default(),
            variables: wrt.to_vec(),
            zero: g.integer(0),
            lists: Lists::find(),
            shares: Vec::new(),
            arguments: Vec::new(),
        }
    }

    /// The partial derivatives of the root.
    pub fn partials(mut self, g: &mut Graph, root: Id, wrt: &[Symbol]) -> Result<Vec<Id>, Refusal> {
        let one = g.integer(1);
        self.give(root, Share { gate: None, value: one });
        let order = std::mem::take(&mut self.order);
        for id in order.into_iter().rev() {
            // what a variable was given is added up at the end
            if self.last[id.index()] != NONE && g.as_symbol(id).is_none() {
                self.pass_on(g, id)?;
            }
        }
        let mut found = Vec::with_capacity(wrt.len());
        for symbol in wrt {
            let variable = g.symbol(*symbol);
            let share = self.received(g, variable);
            found.push(share.map_or(self.zero, |share| self.ungated(g, share)));
        }
        Ok(found)
    }

    // ---- giving and receiving

    /// Gives a share to a node that moves with one of the variables.
    fn give(&mut self, to: Id, share: Share) {
        self.give_component(to, share, 0);
    }

    fn give_component(&mut self, to: Id, share: Share, component: u16) {
        if self.is_active(to) && share.value != self.zero {
            let before = std::mem::replace(&mut self.last[to.index()], self.given.len() as u32);
            self.given.push(Given { share, component, before });
        }
    }

    fn is_active(&self, id: Id) -> bool {
        self.active[id.index()]
    }

    /// What a node was given, added up.
    fn received(&mut self, g: &mut Graph, id: Id) -> Option<Share> {
        let mut at = *self.last.get(id.index())?;
        let first = self.given.get(at as usize)?;
        if first.before == NONE {
            return Some(first.share);
        }
        let mut shares = std::mem::take(&mut self.shares);
        shares.clear();
        while let Some(given) = self.given.get(at as usize) {
            shares.push(given.share);
            at = given.before;
        }
        shares.reverse();
        let sum = self.sum(g, &shares);
        self.shares = shares;
        Some(sum)
    }

    fn sum(&self, g: &mut Graph, shares: &[Share]) -> Share {
        let gate = shares.first().and_then(|share| share.gate);
        if shares.iter().all(|share| share.gate == gate) {
            let values: Vec<Id> = shares.iter().map(|share| share.value).collect();
            return Share { gate, value: total(g, &values) };
        }
        let values: Vec<Id> = shares.iter().map(|share| self.ungated(g, *share)).collect();
        let gates: Option<Vec<Id>> = shares.iter().map(|share| share.gate).collect();
        let gate = gates.map(|mut gates| {
            gates.sort_unstable();
            gates.dedup();
            g.or(&gates)
        });
        Share { gate, value: total(g, &values) }
    }

    fn ungated(&self, g: &mut Graph, share: Share) -> Id {
        match share.gate {
            Some(condition) => g.conditional(condition, share.value, self.zero),
            None => share.value,
        }
    }

    // ---- the local slopes

    /// Passes the adjoint of a node on to its parts.
    fn pass_on(&mut self, g: &mut Graph, id: Id) -> Result<(), Refusal> {
        if let View::Call(f, scores) = g.view(id)
            && Some(f) == self.lists.softmax
        {
            let scores = scores.to_vec();
            self.normalised(g, id, &scores);
            return Ok(());
        }
        let Some(share) = self.received(g, id) else { return Ok(()) };
        if share.value == self.zero {
            return Ok(());
        }
        match g.view(id) {
            View::Add(terms) => terms.iter().for_each(|term| self.give(*term, share)),
            View::Neg(a) => {
                let opposite = negative(g, share.value);
                self.give(a, share.with(opposite));
            }
            View::Mul(&[a, b]) => {
                for (factor, other) in [(a, b), (b, a)] {
                    if self.is_active(factor) {
                        let value = times(g, share.value, other);
                        self.give(factor, share.with(value));
                    }
                }
            }
            View::Mul(factors) => {
                let factors = factors.to_vec();
                self.product(g, &factors, share);
            }
            View::Div(a, b) => {
                let part = over(g, share.value, b);
                self.give(a, share.with(part));
                if self.is_active(b) {
                    let value = times(g, part, id);
                    let value = negative(g, value);
                    self.give(b, share.with(value));
                }
            }
            View::Pow(a, b) => self.power(g, id, [a, b], share),
            View::Call(f, arguments) => {
                let mut list = std::mem::take(&mut self.arguments);
                list.clear();
                list.extend_from_slice(arguments);
                let passed = self.call(g, id, f, &list, share);
                self.arguments = list;
                passed?;
            }
            View::Component(vector, k) => self.give_component(vector, share, k as u16),
            View::If(condition, a, b) if g.view(b) == View::Undefined => {
                // no value means no slope
                let value = g.conditional(condition, share.value, b);
                self.give(a, share.with(value));
            }
            View::If(condition, a, b) => {
                let otherwise = g.not(condition);
                for (branch, condition) in [(a, condition), (b, otherwise)] {
                    if self.is_active(branch) {
                        let gated = share.under(g, condition, share.value);
                        self.give(branch, gated);
                    }
                }
            }
            View::Rows(kind, data, body) => {
                // the bound columns do not reach out of the reduction: only the variables get their shares
                let variables = std::mem::take(&mut self.variables);
                let slopes = adjoints(g, body, &variables)?;
                for (variable, slope) in variables.iter().zip(slopes) {
                    if slope != self.zero {
                        let (variable, reduced) = (g.symbol(*variable), light::rows(g, kind, data, slope));
                        let value = times(g, share.value, reduced);
                        self.give(variable, share.with(value));
                    }
                }
                self.variables = variables;
            }
            _ => return Err(Refusal { node: id, reason: "it has no slope in one sweep; open it first".to_owned() }),
        }
        Ok(())
    }

    /// For each factor that moves the product of the others, from both ends.
    fn product(&mut self, g: &mut Graph, factors: &[Id], share: Share) {
        let mut before = share.value;
        let mut moving = Vec::with_capacity(factors.len());
        for factor in factors {
            if self.is_active(*factor) {
                moving.push(*factor);
            } else {
                before = times(g, before, *factor);
            }
        }
        let mut ahead = Vec::with_capacity(moving.len());
        for (k, factor) in moving.iter().enumerate() {
            ahead.push(before);
            if k + 1 < moving.len() {
                before = times(g, before, *factor);
            }
        }
        let mut after: Option<Id> = None;
        for (k, (factor, before)) in moving.iter().zip(ahead).enumerate().rev() {
            let value = after.map_or(before, |after| times(g, before, after));
            self.give(*factor, share.with(value));
            if k > 0 {
                after = Some(after.map_or(*factor, |after| times(g, *factor, after)));
            }
        }
    }

    fn power(&mut self, g: &mut Graph, id: Id, [a, b]: [Id; 2], share: Share) {
        if self.is_active(a) {
            let less = light::lowered(g, b);
            let power = light::power(g, a, less);
            let slope = times(g, b, power);
            let value = times(g, share.value, slope);
            self.give(a, share.with(value));
        }
        if let (true, Some(log)) = (self.is_active(b), self.lists.log) {
            let log = g.call(log, &[a]);
            let slope = times(g, id, log);
            let value = times(g, share.value, slope);
            self.give(b, share.with(value));
        }
    }

    fn call(&mut self, g: &mut Graph, id: Id, f: FunctionId, arguments: &[Id], share: Share) -> Result<(), Refusal> {
        let own = Some(f);
        match () {
            () if own == self.lists.max => self.extreme(g, f, Relation::Greater, arguments, share),
            () if own == self.lists.min => self.extreme(g, f, Relation::Less, arguments, share),
            () if own == self.lists.logsumexp => self.shares_of_softmax(g, arguments, share),
            () => {
                for (k, argument) in arguments.iter().enumerate() {
                    if !self.is_active(*argument) {
                        continue;
                    }
                    let slope = self.formulas.partial(g, f, k, arguments).ok_or_else(|| Refusal {
                        node: id,
                        reason: format!("the derivative of {} in its argument {} is not in the table", f.name(), k + 1),
                    })?;
                    let part = match slope {
                        Slope::Value(slope) => share.with(times(g, share.value, slope)),
                        Slope::Quotient(above, below) => {
                            let above = times(g, share.value, above);
                            share.with(over(g, above, below))
                        }
                        Slope::Where(condition, slope) => {
                            let value = times(g, share.value, slope);
                            share.under(g, condition, value)
                        }
                    };
                    self.give(*argument, part);
                }
            }
        }
        Ok(())
    }

    /// The adjoint goes to the argument that wins against those after it.
    fn extreme(&mut self, g: &mut Graph, f: FunctionId, relation: Relation, arguments: &[Id], share: Share) {
        // the best of each argument and those after it
        let mut best = Vec::with_capacity(arguments.len());
        for argument in arguments.iter().rev() {
            best.push(match best.last() {
                None => *argument,
                Some(later) => g.call(f, &[*argument, *later]),
            });
        }
        best.reverse();
        let mut left = share;
        for (argument, later) in arguments.iter().zip(&best[1..]) {
            let wins = g.compare(relation, *argument, *later);
            let own = left.under(g, wins, share.value);
            self.give(*argument, own);
            let loses = g.not(wins);
            left = left.under(g, loses, share.value);
        }
        if let Some(last) = arguments.last() {
            self.give(*last, left);
        }
    }

    /// The slope of a logsumexp in each score is its share of the softmax.
    fn shares_of_softmax(&mut self, g: &mut Graph, scores: &[Id], share: Share) {
        let Some(softmax) = self.lists.softmax else { return };
        let vector = g.call(softmax, scores);
        for (score, k) in scores.iter().zip(1..) {
            if self.is_active(*score) {
                let component = g.component(vector, k);
                let value = times(g, share.value, component);
                self.give(*score, share.with(value));
            }
        }
    }

    /// From the adjoints `a_k` of the components `s_k` of a softmax each score gets `s_i*(a_i - sum(a_k*s_k))`.
    fn normalised(&mut self, g: &mut Graph, vector: Id, scores: &[Id]) {
        let mut adjoints: Vec<Vec<Share>> = vec![Vec::new(); scores.len()];
        let mut at = self.last[vector.index()];
        while let Some(given) = self.given.get(at as usize) {
            if let Some(own) = usize::from(given.component).checked_sub(1).and_then(|k| adjoints.get_mut(k)) {
                own.push(given.share);
            }
            at = given.before;
        }
        let all: Vec<Share> = adjoints.iter().flatten().copied().collect();
        let gate = self.sum(g, &all).gate;
        let one_gate = all.iter().all(|share| share.gate == gate);
        let mut weighted = Vec::new();
        let mut own: Vec<Option<Id>> = Vec::with_capacity(scores.len());
        for (shares, k) in adjoints.iter_mut().zip(1..) {
            shares.reverse();
            if shares.is_empty() {
                own.push(None);
                continue;
            }
            let sum = self.sum(g, shares);
            let value = if one_gate { sum.value } else { self.ungated(g, sum) };
            let component = g.component(vector, k);
            weighted.push(times(g, value, component));
            own.push(Some(value));
        }
        let mean = total(g, &weighted);
        let against = negative(g, mean);
        for ((score, own), k) in scores.iter().zip(own).zip(1..) {
            if self.is_active(*score) {
                let difference = own.map_or(against, |own| total(g, &[own, against]));
                let component = g.component(vector, k);
                let value = times(g, difference, component);
                self.give(*score, Share { gate, value });
            }
        }
    }
}

fn moving(g: &Graph, order: &[Id], variables: &[Id], size: usize) -> Vec<bool> {
    let mut moving = vec![false; size];
    for variable in variables {
        if let Some(own) = moving.get_mut(variable.index()) {
            *own = true;
        }
    }
    for id in order {
        if !moving[id.index()] && !g.is_condition(*id) {
            moving[id.index()] = g.children(*id).iter().any(|kid| moving[kid.index()]);
        }
    }
    moving
}
