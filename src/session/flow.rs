//! `flow`: how the influence of each variable runs through the stages to a result, link by link, and what weakens it.

use super::numbers::Wanted;
use super::{Point, Work};
use crate::derive::pipeline::{self, Network, Stages};
use crate::derive::{Detail, Engine};
use crate::domain::Known;
use crate::expr::{Id, Number, Symbol, View, walk};
use crate::flow::{WEAK, remarks};
use crate::math::FunctionId;
use crate::outcome::{Answer, Evaluated, Flow, FlowLink, FlowNode, Path, Reason};
use crate::resolve::{Fault, Value};
use crate::saturation::{Question, saturation};
use crate::source::Span;
use crate::syntax::ast::{Clauses, ExprId};

/// Of more ways than these only the sums are told.
const MOST_PATHS: usize = 12;

/// A slope that is at least this share of the largest is no sign of saturation.
const SATURATED: f64 = 0.25;

impl Work<'_> {
    pub(super) fn flow(&mut self, value: &Value, id: ExprId, clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        let root = self.scalar(value, id, "a flow leads to one number; take one entry of the vector")?;
        let by = self.gradient_variables(&[root], clauses, span)?;
        let point = self.point(clauses, &[root])?;
        self.flows(root, &by, &point)
    }

    /// One flow for each variable.
    pub(super) fn flows(&mut self, root: Id, by: &[Symbol], point: &Point) -> Result<Answer, Fault> {
        let totals = self.totals(root, by, point)?;
        let pairs = by.iter().zip(totals);
        Ok(Answer::Flow(pairs.map(|(by, total)| self.flow_of(root, *by, point, total)).collect::<Result<_, Fault>>()?))
    }

    /// The derivatives by another way than the links: of the whole at once.
    fn totals(&mut self, root: Id, by: &[Symbol], point: &Point) -> Result<Vec<Option<Evaluated>>, Fault> {
        if self.is_over_rows(&[root]) {
            let slopes = by.iter().map(|symbol| Ok(self.slope_formula(root, *symbol)?.id));
            let nodes: Vec<Id> = slopes.collect::<Result<_, Fault>>()?;
            let found = self.values_over_rows(&nodes, point, Wanted::Nearest)?;
            return Ok(found.map_or(vec![None; by.len()], |values| values.into_iter().map(Some).collect()));
        }
        if !self.has_values(&[root], point) {
            return Ok(vec![None; by.len()]);
        }
        Ok(self.slopes(root, by, point).1.into_iter().map(Some).collect())
    }

    fn flow_of(&mut self, root: Id, by: Symbol, point: &Point, total: Option<Evaluated>) -> Result<Flow, Fault> {
        let known = self.known_beside(&[by]);
        let (network, own) = self.network(&known, root, by)?;
        let definitions = |stage: Symbol| own.get(&stage).or_else(|| known.definitions.get(&stage)).copied();
        let variable = self.session.graph.symbol(by);
        let mut asked = vec![variable];
        asked.extend(network.links.iter().map(|link| link.factor));
        for (stage, influence) in &network.influence {
            asked.extend([stage.map_or(root, |stage| self.session.graph.symbol(stage)), *influence]);
        }
        let mut values = self.values_of_all(&asked, &own, point)?.into_iter();
        let start = values.next().flatten();
        let slopes: Vec<Option<Evaluated>> = values.by_ref().take(network.links.len()).collect();
        let mut nodes = Vec::with_capacity(network.influence.len());
        for (stage, _) in &network.influence {
            let (value, influence) = (values.next().flatten(), values.next().flatten());
            let definition = stage.and_then(|stage| own.get(&stage).copied());
            nodes.push(FlowNode { stage: *stage, definition, value, influence });
        }
        let numbers: Option<Vec<f64>> = slopes.iter().map(|slope| slope.as_ref().map(|found| found.value)).collect();
        let bodies: Vec<Id> = network.links.iter().map(|link| link.of.and_then(definitions).unwrap_or(root)).collect();
        let kinds: Vec<Option<u64>> = bodies.iter().map(|body| self.kind(*body)).collect();
        let is_chain = network.is_chain();
        let mut links = Vec::with_capacity(slopes.len());
        for ((link, slope), body) in network.links.iter().zip(slopes).zip(&bodies) {
            let is_weak = slope.as_ref().is_some_and(|slope| slope.value.abs() < WEAK);
            let reason = if is_weak { self.reason(*body, &own, point)? } else { None };
            links.push(FlowLink { from: link.by, to: link.of, factor: link.factor, slope, reason });
        }
        let paths = match &numbers {
            Some(numbers) if !is_chain => paths(&links, numbers, by),
            _ => Vec::new(),
        };
        let remarks = numbers.map_or(Vec::new(), |numbers| remarks(&numbers, &kinds, is_chain));
        let within_rows = self.acts_within_rows(root, by);
        Ok(Flow { by, start, nodes, links, is_chain, paths, within_rows, total, remarks })
    }

    /// Whether a reduction over rows depends on the variable.
    fn acts_within_rows(&mut self, root: Id, by: Symbol) -> bool {
        if !self.is_over_rows(&[root]) {
            return false;
        }
        let opened = self.opened(root);
        let g = &self.session.graph;
        let is_moved = |id: Id| matches!(g.view(id), View::Rows(..)) && walk::free_symbols(g, &[id]).contains(&by);
        walk::topological(g, &[opened]).into_iter().any(is_moved)
    }

    /// The links, through the program's stages or, where it names none, through the layers of the expression, with their definitions.
    fn network(&mut self, known: &Known, root: Id, by: Symbol) -> Result<(Network, Stages), Fault> {
        let mut engine = Engine::new(known);
        let g = &mut self.session.graph;
        let stages = &known.definitions;
        let found = pipeline::network(&mut engine, g, stages, root, by, Detail::Brief, 0);
        let found = found.map_err(|refusal| self.refused(&refusal))?;
        if found.links.len() > 1 {
            return Ok((found, Stages::new()));
        }
        let g = &mut self.session.graph;
        let body = g.as_symbol(root).and_then(|symbol| stages.get(&symbol).copied()).unwrap_or(root);
        let opened = pipeline::without_stages(g, stages, body);
        let (named, own) = pipeline::named_layers(g, opened, by);
        // a layer within a mean over rows has a value for each row, and its links do not multiply
        let moves = |layer: &Id| walk::free_symbols(g, &[*layer]).into_iter().any(|s| g.as_column(s).is_some());
        if own.is_empty() || own.values().any(moves) {
            return Ok((found, Stages::new()));
        }
        let mut engine = Engine::new(known);
        let through = pipeline::network(&mut engine, g, &own, named, by, Detail::Brief, 0);
        Ok((through.map_err(|refusal| self.refused(&refusal))?, own))
    }

    /// The values of expressions with stages of this flow's own; none where a symbol has no value.
    fn values_of_all(&mut self, asked: &[Id], own: &Stages, point: &Point) -> Result<Vec<Option<Evaluated>>, Fault> {
        let g = &mut self.session.graph;
        let opened: Vec<Id> = asked.iter().map(|id| pipeline::without_stages(g, own, *id)).collect();
        self.values_there_are(&opened, point)
    }

    /// A number that layers of one kind have in common: the definition with all names made alike.
    fn kind(&mut self, body: Id) -> Option<u64> {
        let g = &mut self.session.graph;
        if matches!(g.view(body), View::Symbol(_) | View::Number(_)) {
            return None;
        }
        let blank = g.variable("\u{0}any");
        let names = walk::free_symbols(g, &[body]);
        let map = names.into_iter().map(|symbol| (g.symbol(symbol), blank)).collect();
        Some(walk::substitute(g, body, &map).index() as u64)
    }

    /// The largest size of the slope of a function of one number, where it has one.
    pub(super) fn largest_slope(&mut self, function: FunctionId) -> Option<f64> {
        let g = &mut self.session.graph;
        let t = g.intern("\u{0}t");
        let variable = g.symbol(t);
        let call = g.call(function, &[variable]);
        let known = Known::default();
        let question =
            Question { expression: call, variable: t, from: None, to: None, share: Number::ratio(1, 20), known: &known };
        let found = saturation(g, &question).ok()?;
        Some(found.largest.0 / 2.0 + found.largest.1 / 2.0)
    }

    /// Whether the function that a stage applies last is saturated here.
    fn reason(&mut self, body: Id, own: &Stages, point: &Point) -> Result<Option<Reason>, Fault> {
        let View::Call(function, &[argument]) = self.session.graph.view(body) else { return Ok(None) };
        let Some(largest) = self.largest_slope(function) else { return Ok(None) };
        let g = &mut self.session.graph;
        let t = g.intern("\u{0}t");
        let variable = g.symbol(t);
        let call = g.call(function, &[variable]);
        let Some(at) = self.values_of_all(&[argument], own, point)?.swap_remove(0) else { return Ok(None) };
        let mut there = Point::default();
        there.float.insert(t, at.value);
        if let Some(exact) = Number::from_f64(at.value) {
            there.exact.insert(t, exact);
        }
        let slope = self.slopes(call, &[t], &there).1.swap_remove(0).value;
        if slope.is_nan() || largest <= 0.0 || slope.abs() >= SATURATED * largest {
            return Ok(None);
        }
        Ok(Some(Reason { function: function.name(), argument, at: at.value, slope, largest }))
    }
}

/// The ways from the variable to the result with their products; none where they are too many.
fn paths(links: &[FlowLink], slopes: &[f64], by: Symbol) -> Vec<Path> {
    let mut open = vec![(Some(by), Path { links: Vec::new(), product: 1.0 })];
    let mut found = Vec::new();
    while let Some((end, path)) = open.pop() {
        let next: Vec<usize> = (0..links.len()).rev().filter(|k| Some(links[*k].from) == end).collect();
        if next.is_empty() {
            found.push(path.clone());
        }
        for k in next {
            let mut longer = path.clone();
            longer.links.push(k);
            longer.product *= slopes[k];
            open.push((links[k].to, longer));
        }
        if found.len() + open.len() > MOST_PATHS {
            return Vec::new();
        }
    }
    found
}
