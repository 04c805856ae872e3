//! Derivatives through named stages: each stage is a link of a chain, differentiated on its own, and the links are multiplied.
//! The stages are the program's own, or, in a composition too deep to be written out line by line, named here.

use super::rules::{Rules, Taken};
use super::trace::Tracer;
use super::{Detail, Engine, Note, Piece, Refusal, Step, light};
use crate::domain::{self, Known};
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::simplify::measure;
use std::collections::HashMap;

/// Links that are shown; a longer chain shows its ends.
const SHOWN: usize = 8;

/// The last state is written out without stage names up to this size.
const READABLE: u64 = 160;

/// The expression with every stage replaced by its definition, shared parts shared.
pub fn without_stages(g: &mut Graph, stages: &Stages, expression: Id) -> Id {
    if stages.is_empty() {
        return expression;
    }
    let mut opened: HashMap<Id, Id> = HashMap::new();
    for s in order(g, stages, expression) {
        let Some(definition) = stages.get(&s) else { continue };
        let value = walk::substitute(g, *definition, &opened);
        let node = g.symbol(s);
        opened.insert(node, value);
    }
    walk::substitute(g, expression, &opened)
}

/// The stages below an expression, each after those it uses.
fn order(g: &Graph, stages: &Stages, expression: Id) -> Vec<Symbol> {
    let mut out: Vec<Symbol> = Vec::new();
    let mut state: HashMap<Symbol, bool> = HashMap::new();
    let direct = |e: Id| -> Vec<Symbol> { walk::free_symbols(g, &[e]).into_iter().filter(|s| stages.contains_key(s)).collect() };
    let mut stack: Vec<(Symbol, bool)> = direct(expression).into_iter().rev().map(|s| (s, false)).collect();
    while let Some((s, ready)) = stack.pop() {
        if ready {
            if state.insert(s, true) != Some(true) {
                out.push(s);
            }
            continue;
        }
        if state.contains_key(&s) {
            continue;
        }
        state.insert(s, false);
        stack.push((s, true));
        if let Some(definition) = stages.get(&s) {
            stack.extend(direct(*definition).into_iter().rev().filter(|t| !state.contains_key(t)).map(|t| (t, false)));
        }
    }
    out
}

/// Whether the variable reaches the expression through a stage.
pub fn has_stages(g: &Graph, stages: &Stages, expression: Id, variable: Symbol) -> bool {
    !reaching(g, stages, expression, variable).is_empty()
}

/// What an expression stands for that is itself the only stage on the way of the variable, and has a reduction over rows: a chain of one
/// link would hide the reduction.
pub fn stage_over_rows(g: &Graph, stages: &Stages, expression: Id, variable: Symbol) -> Option<Id> {
    let own = g.as_symbol(expression).filter(|_| g.has_data())?;
    let definition = stages.get(&own).copied().filter(|d| walk::has_rows(g, &[*d]))?;
    (reaching(g, stages, expression, variable) == [own]).then_some(definition)
}

/// The stages below an expression through which the variable reaches it, each after those it uses.
fn reaching(g: &Graph, stages: &Stages, expression: Id, variable: Symbol) -> Vec<Symbol> {
    let mut reached: Vec<Symbol> = vec![variable];
    let mut hit: std::collections::HashSet<Symbol> = [variable].into();
    for s in order(g, stages, expression) {
        let Some(definition) = stages.get(&s) else { continue };
        if walk::free_symbols(g, &[*definition]).iter().any(|t| hit.contains(t)) {
            hit.insert(s);
            reached.push(s);
        }
    }
    reached.remove(0);
    reached
}

/// The last state without stage names, where it is short enough to be read and has any.
pub fn readable_without_stages(engine: &mut Engine<'_>, g: &mut Graph, stages: &Stages, last: Id) -> Option<Id> {
    let opened = without_stages(g, stages, last);
    if opened == last || walk::tree_size(g, opened) > READABLE * 4 {
        return None;
    }
    let short = engine.simplifier.shortest(g, opened);
    (measure(g, short) <= READABLE && short != last).then_some(short)
}

/// Named stages with their definitions.
pub type Stages = HashMap<Symbol, Id>;

/// A composition with its inner functions named `u1`, `u2`, …, so that each layer is written once.
pub fn named_layers(g: &mut Graph, expression: Id, variable: Symbol) -> (Id, Stages) {
    let depends = walk::dependence(g, &[expression], &[variable]);
    let mut stages = Stages::new();
    let mut count = 0;
    let named = walk::rebuild(g, expression, |g, id, kids| {
        let kids = kids.to_vec();
        let made = if g.children(id) == kids { id } else { g.with_children(id, &kids) };
        let layer = matches!(g.view(id), View::Call(..)) && id != expression && depends.get(&id) == Some(&true);
        if !layer {
            return made;
        }
        let symbol = loop {
            count += 1;
            let name = format!("u{count}");
            if g.find_symbol(&name).is_none() {
                break g.intern(&name);
            }
        };
        stages.insert(symbol, made);
        g.symbol(symbol)
    });
    (named, stages)
}

/// The definitions of the stages that occur in a state, the outermost first: `p = sigmoid(z), z = w*x + b`.
pub fn definitions_in(g: &Graph, stages: &Stages, state: Id) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let used = order(g, stages, state);
    for s in used.iter().rev().take(4) {
        let Some(definition) = stages.get(s) else { continue };
        let separator = if pieces.is_empty() { "" } else { ", " };
        pieces.push(Piece::Text(separator.into()));
        pieces.push(Piece::Formula(format!("{} = ", g.name(*s)).into()));
        pieces.push(Piece::Expr(*definition));
    }
    if used.len() > 4 {
        pieces.push(Piece::Text(", ...".into()));
    }
    pieces
}

/// A link: how one stage (or the expression itself) changes with something it directly uses.
pub struct Link {
    /// The stage; `None` for the expression itself, where it is no stage.
    pub of: Option<Symbol>,
    /// What it directly uses.
    pub by: Symbol,
    /// The local factor.
    pub factor: Id,
    /// How the factor was found.
    steps: Vec<Step>,
    /// What the stage needs of what it uses, and how that is known.
    needs: Vec<Piece>,
}

/// How the influence of a variable runs through the stages to an expression.
pub struct Network {
    /// The links, those into one stage side by side, each stage after those it uses.
    pub links: Vec<Link>,
    /// The derivatives of the stages by the variable, as sums of products of the links' factors; that of the expression is the last.
    pub influence: Vec<(Option<Symbol>, Id)>,
}

impl Network {
    /// Whether the influence has one way only.
    #[must_use]
    pub fn is_chain(&self) -> bool {
        self.links.len() == self.influence.len()
    }
}

/// The links between a variable and an expression, through the stages between them. Of so many it is told how they were found.
///
/// # Errors
/// The first part that has no derivative.
pub fn network(
    engine: &mut Engine<'_>,
    g: &mut Graph,
    definitions: &Stages,
    expression: Id,
    variable: Symbol,
    detail: Detail,
    told: usize,
) -> Result<Network, Refusal> {
    let stages = reaching(g, definitions, expression, variable);
    let mut bodies: Vec<(Option<Symbol>, Id)> = Vec::new();
    for s in &stages {
        if let Some(d) = definitions.get(s) {
            bodies.push((Some(*s), *d));
        }
    }
    if g.as_symbol(expression).is_none_or(|s| !stages.contains(&s)) {
        bodies.push((None, expression));
    }
    let mut shapes: Shapes = HashMap::new();
    let members: std::collections::HashSet<Symbol> = stages.iter().copied().collect();
    let mut network = Network { links: Vec::new(), influence: Vec::new() };
    let mut total: HashMap<Symbol, Id> = HashMap::new();
    let one = g.integer(1);
    total.insert(variable, one);
    for (of, body) in &bodies {
        let uses: Vec<Symbol> = walk::free_symbols(g, &[*body])
            .into_iter()
            .filter(|s| *s == variable || (members.contains(s) && total.contains_key(s)))
            .collect();
        let mut terms = Vec::new();
        for by in uses {
            let is_told = network.links.len() < told;
            let (factor, steps) = link(engine, g, *of, *body, by, detail, &mut shapes, is_told)?;
            let inner = total.get(&by).copied().unwrap_or(one);
            terms.push(light::product(g, &[factor, inner]));
            let needs = if is_told { needs(engine, g, *body, by) } else { Vec::new() };
            network.links.push(Link { of: *of, by, factor, steps, needs });
        }
        let last = light::sum(g, &terms);
        network.influence.push((*of, last));
        if let Some(s) = of {
            total.insert(*s, last);
        }
    }
    Ok(network)
}

/// The steps through the stages: the links, their product, and what is left of it.
#[allow(clippy::type_complexity)]
pub fn steps(
    engine: &mut Engine<'_>,
    g: &mut Graph,
    definitions: &Stages,
    expression: Id,
    variable: Symbol,
    detail: Detail,
    frame: &dyn Fn(&mut Graph, Id) -> Id,
) -> Result<(Vec<Step>, Vec<Symbol>, Id), Refusal> {
    let found = network(engine, g, definitions, expression, variable, detail, SHOWN)?;
    let (linear, one) = (found.is_chain(), g.integer(1));
    let Network { links, influence } = found;
    let mut last = influence.last().map_or(one, |(_, last)| *last);
    let open = g.derivative(expression, variable, 1);
    let before = frame(g, open);
    let after = frame(g, last);
    let mut step = Step::new(before, after, notes(g, &links, variable, linear, expression));
    step.substeps = substeps(g, links);
    let stages = influence.iter().filter_map(|(stage, _)| *stage);
    let chain = if linear { std::iter::once(variable).chain(stages).collect() } else { Vec::new() };
    let mut out = vec![step];
    if let Some(distributed) = cancelled_in_place(engine, g, last) {
        let note = Note::new("cancel", vec![Piece::Text("each term against the factors beside the sum".into())]);
        let (before, after) = (frame(g, last), frame(g, distributed));
        out.push(Step::new(before, after, vec![note]));
        last = distributed;
    }
    Ok((out, chain, last))
}

/// The local factor of one link, in terms of the stage it belongs to where that is shorter.
#[allow(clippy::too_many_arguments)]
fn link(
    engine: &mut Engine<'_>,
    g: &mut Graph,
    of: Option<Symbol>,
    body: Id,
    by: Symbol,
    detail: Detail,
    shapes: &mut Shapes,
    shown: bool,
) -> Result<(Id, Vec<Step>), Refusal> {
    // layers of one shape are differentiated once
    let blank = g.variable("\u{0}layer");
    let node = g.symbol(by);
    let shape = walk::substitute(g, body, &HashMap::from([(node, blank)]));
    if let Some((factor, earlier_by, earlier_of)) = shapes.get(&shape).copied()
        && earlier_by != by
        && of.is_some() == earlier_of.is_some()
    {
        let mut map = HashMap::from([(g.symbol(earlier_by), node)]);
        if let (Some(old), Some(new)) = (earlier_of, of) {
            map.insert(g.symbol(old), g.symbol(new));
        }
        return Ok((walk::substitute(g, factor, &map), Vec::new()));
    }
    let (mut steps, raw) = if shown {
        Tracer::new(by, &mut engine.formulas, detail).steps(g, body, |_, e| e)?
    } else {
        (Vec::new(), Taken::default().whole(g, &mut Rules::new(by, &mut engine.formulas), body)?)
    };
    let short = engine.simplifier.shortest(g, raw);
    let collected = engine.simplifier.collected(g, raw);
    // a sum of simple quotients shows where each part comes from: it is kept unless cancelling makes it much shorter
    let kept = if measure(g, short) + 4 < measure(g, collected) { short } else { collected };
    if kept != raw && shown {
        steps.push(Step::new(raw, kept, vec![Note::new("tidy", Vec::new())]));
    }
    let factor = match of {
        Some(stage) => folded(engine, g, kept, stage, body),
        None => kept,
    };
    shapes.insert(shape, (factor, by, of));
    Ok((factor, steps))
}

/// Bodies with a blank for what they are differentiated by, with the factor that was found for one of them.
type Shapes = HashMap<Id, (Id, Symbol, Option<Symbol>)>;

/// The factor with the stage's own expression replaced by its name: sigmoid(z)*(1 - sigmoid(z)) is p*(1 - p).
fn folded(engine: &mut Engine<'_>, g: &mut Graph, factor: Id, stage: Symbol, body: Id) -> Id {
    let name = g.symbol(stage);
    let (readable, short) = (engine.simplifier.collected(g, body), engine.simplifier.shortest(g, body));
    let folded = walk::substitute(g, factor, &HashMap::from([(body, name), (readable, name), (short, name)]));
    if folded == factor || matches!(g.view(body), View::Symbol(_) | View::Number(_)) { factor } else { folded }
}

/// `(a/p + b/q)·p·q`: the sum with its denominators cancelled by the factors beside it, where all of them are.
fn cancelled_in_place(engine: &mut Engine<'_>, g: &mut Graph, state: Id) -> Option<Id> {
    let View::Mul(factors) = g.view(state) else { return None };
    let factors = factors.to_vec();
    let at = factors.iter().position(|f| matches!(g.view(*f), View::Add(terms) if terms.iter().any(|t| quotients(g, *t) > 0)))?;
    let View::Add(terms) = g.view(factors[at]) else { return None };
    let terms = terms.to_vec();
    let denominators: Vec<Id> = terms.iter().flat_map(|t| denominator(g, *t)).collect();
    let (used, beside): (Vec<Id>, Vec<Id>) =
        factors.iter().enumerate().filter(|(k, _)| *k != at).map(|(_, f)| *f).partition(|f| denominators.contains(f));
    if used.is_empty() || terms.len() < 2 {
        return None;
    }
    let mut kept = Vec::new();
    for t in &terms {
        let mut product = vec![*t];
        product.extend(&used);
        let raw = g.mul(&product);
        let value = engine.simplifier.collected(g, raw);
        if quotients(g, value) > 0 {
            return None;
        }
        kept.push(value);
    }
    let sum = g.add(&kept);
    let mut all = vec![sum];
    all.extend(beside);
    Some(g.mul(&all))
}

fn quotients(g: &Graph, e: Id) -> usize {
    walk::topological(g, &[e]).iter().filter(|id| matches!(g.view(**id), View::Div(..))).count()
}

fn denominator(g: &Graph, term: Id) -> Vec<Id> {
    let inner = match g.view(term) {
        View::Neg(a) => a,
        _ => term,
    };
    match g.view(inner) {
        View::Div(_, b) => match g.view(b) {
            View::Mul(factors) => factors.to_vec(),
            _ => vec![b],
        },
        _ => Vec::new(),
    }
}

/// The chain in one line, then each link.
fn notes(g: &mut Graph, links: &[Link], variable: Symbol, linear: bool, expression: Id) -> Vec<Note> {
    let name = |g: &Graph, s: Option<Symbol>| s.map_or_else(|| "d".to_owned(), |s| format!("d{}", g.name(s)));
    let whole = g.as_symbol(expression).map_or_else(|| "d".to_owned(), |s| format!("d{}", g.name(s)));
    let product: Piece = if linear && links.len() <= SHOWN {
        let factors: Vec<String> = links.iter().rev().map(|l| format!("{}/d{}", name(g, l.of), g.name(l.by))).collect();
        Piece::Formula(factors.join(" * ").into())
    } else if linear {
        Piece::Text(format!("{whole}/d{}: {} links", g.name(variable), links.len()).into())
    } else {
        Piece::Text("the sum over every path, link by link".into())
    };
    let mut out = vec![Note::new("chain rule", vec![product])];
    let hidden = links.len().saturating_sub(SHOWN);
    for (k, l) in links.iter().rev().enumerate() {
        if hidden > 0 && (SHOWN / 2..links.len() - SHOWN / 2).contains(&k) {
            if k == SHOWN / 2 {
                let text = format!("{hidden} more links");
                out.push(Note::new("  ...", vec![Piece::Text(text.into())]));
            }
            continue;
        }
        let rule = format!("  {}/d{}", name(g, l.of), g.name(l.by));
        let mut pieces = vec![Piece::Text("= ".into()), Piece::Expr(l.factor)];
        if let Some(step) = l.steps.first() {
            pieces.push(Piece::Text(format!("   {}", step.rule()).into()));
        }
        let mut note = Note::new(rule, pieces);
        note.needs.clone_from(&l.needs);
        out.push(note);
    }
    out
}

/// What a stage needs of what it directly uses, such as `0 < p < 1` of a probability under logarithms.
fn needs(engine: &mut Engine<'_>, g: &mut Graph, body: Id, by: Symbol) -> Vec<Piece> {
    let raw: Vec<Id> = domain::domain_of(g, body).into_iter().filter(|c| walk::contains(g, *c, by)).collect();
    let tidy = domain::reduce(g, &Known::default(), &raw, &[]);
    let mut pieces = Vec::new();
    for c in tidy.iter().take(3) {
        pieces.push(Piece::Text(if pieces.is_empty() { "needs ".into() } else { ", ".into() }));
        pieces.push(Piece::Expr(*c));
    }
    if !pieces.is_empty() && tidy.iter().all(|c| engine.prover.proves(g, *c)) {
        let is_free = tidy.iter().all(|c| engine.holds_anyway(g, *c));
        pieces.push(Piece::Text(if is_free { ": always" } else { ": as assumed" }.into()));
    }
    pieces
}

fn substeps(g: &mut Graph, links: Vec<Link>) -> Vec<Step> {
    let mut out = Vec::new();
    for l in links {
        let Some(first) = l.steps.first() else { continue };
        let mut whole = Step::new(first.before, l.steps.last().map_or(first.after, |s| s.after), Vec::new());
        whole.notes = vec![Note::new(format!("link by {}", g.name(l.by)), Vec::new())];
        whole.by = Some(l.by);
        whole.substeps = l.steps;
        out.push(whole);
    }
    out
}
