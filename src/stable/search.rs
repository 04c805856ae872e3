//! The search for a more accurate form: from the form as it was typed, at the operations that lose digits, one identity after the
//! other, each new form measured. What is said of the forms that were found is not decided here.

use super::clock::{self, Clock};
use super::forms::{Forms, replaced};
use super::measure::{FAILED, Small};
use super::points::Sample;
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::simplify::{How, measure};
use std::collections::HashSet;
use std::rc::Rc;

/// So many lost bits are the rounding of ordinary operations: nothing is done about them.
pub const ROUNDING: f64 = 5.0;

/// A form may lose so many bits more than the typed one, or so many in all.
const SLACK: f64 = 2.0;
/// What is lost up to here harms nobody.
pub const HARMLESS: f64 = ROUNDING + 1.0;
/// The share of samples at which a form may be that much less lucky than the other one, with half of the digits still right.
const LUCKY: f64 = 0.03;
const LUCK: f64 = 6.0;
/// From so many lost bits on half of the digits are gone.
pub const HALF: f64 = 26.0;
/// What is lost within the tolerance of a sample counts so much.
const TOLERATED: f64 = 0.25;

/// Forms with more operations than this are not looked at.
const LARGEST: u64 = 400;
/// In expressions of more nodes than this only the operations that lose digits, and those above them, are rewritten.
const SMALL: usize = 26;
/// At so many of the worst points it is asked which operation loses the digits.
const WORST: usize = 5;
/// At most so many forms are taken further.
const EXPANDED: usize = 90;
/// After so many forms in turn that brought nothing the search ends.
const PATIENCE: usize = 16;

/// How far a search goes.
#[derive(Clone, Copy)]
pub struct Effort {
    /// The number of forms that are measured.
    pub forms: usize,
    /// The allowance with which it ends in any case.
    pub clock: Clock,
}

/// A form that was found.
pub struct State {
    /// The whole expression.
    pub form: Id,
    /// The bits that it loses at each sample.
    pub bits: Vec<f64>,
    /// How much it loses in all.
    pub cost: f64,
    /// How long it is to read.
    pub size: u64,
    /// The form that it was made of; none for the first.
    pub from: Option<usize>,
    /// What made it.
    pub how: How,
    stage: Stage,
    /// Whether it was made of the typed form by single rewrites alone.
    plain: bool,
    /// How many rewrites lead to it.
    pub depth: usize,
    /// Whether it loses nowhere much more than the typed form, at the samples of its search.
    harmless: bool,
    /// The nodes that were rewritten where it was taken further.
    nodes: Rc<[Id]>,
}

/// What the search has done with a form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Not yet taken further.
    Open,
    /// Taken further before there were cases: here only what the condition of the case allows is new.
    Reopened,
    /// Taken further.
    Done,
    /// Kept for the cases it may be good in.
    Aside,
}

impl State {
    /// The form that was typed.
    pub fn typed(g: &Graph, lab: &Lab<'_>, form: Id) -> State {
        let bits = lab.bits(g, form);
        let (cost, size) = (lab.cost(&bits), length(g, form));
        State {
            form,
            bits,
            cost,
            size,
            from: None,
            how: How::Law("collect"),
            stage: Stage::Open,
            plain: true,
            depth: 0,
            harmless: true,
            nodes: Rc::default(),
        }
    }

    /// What is known of it at some of the samples.
    pub fn within(&self, part: &Lab<'_>, samples: &[usize]) -> State {
        let bits: Vec<f64> = samples.iter().map(|k| self.bits[*k]).collect();
        State { cost: part.cost(&bits), bits, nodes: self.nodes.clone(), ..*self }
    }

    /// Whether it is to be taken further.
    fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open | Stage::Reopened)
    }

    /// Whether it is not far worse than the typed form, whose cost is given.
    fn is_worth_it(&self, typed: f64) -> bool {
        self.cost <= 1.3 * typed + FAILED * 4.0
    }

    /// The bits that it loses at its worst sample.
    pub fn worst(&self) -> f64 {
        self.bits.iter().copied().fold(0.0, f64::max)
    }
}

/// Where forms are measured: the variables of the program and the samples.
pub struct Lab<'a> {
    /// The variables.
    pub variables: &'a [Symbol],
    /// The samples.
    pub samples: Vec<&'a Sample>,
}

impl<'a> Lab<'a> {
    /// Some of the samples.
    pub fn at(&self, samples: &[usize]) -> Lab<'a> {
        Lab { variables: self.variables, samples: samples.iter().map(|k| self.samples[*k]).collect() }
    }

    /// How much is lost in all, beyond the rounding of ordinary operations.
    pub fn cost(&self, bits: &[f64]) -> f64 {
        let lost = |(b, s): (&f64, &&Sample)| {
            let lost = (b - ROUNDING + 1.0).max(0.0);
            let excess = (b - s.tolerance.max(ROUNDING - 1.0)).max(0.0);
            s.weight * (excess + TOLERATED * (lost - excess))
        };
        bits.iter().zip(&self.samples).map(lost).sum()
    }

    /// Whether a form loses nowhere much more than another one, or than the variables' own rounding does. Where both cancel, chance
    /// decides which one has more luck: a few such samples are let pass.
    pub fn is_harmless(&self, new: &[f64], old: &[f64]) -> bool {
        let limit = |s: &Sample, old: f64| (1.2 * old + SLACK).max(HARMLESS).max(s.tolerance + 1.0).max(s.smallness());
        let over = self.samples.iter().zip(old).zip(new).map(|((s, old), new)| (*new, new - limit(s, *old)));
        let over: Vec<(f64, f64)> = over.filter(|(_, over)| *over > 0.0).collect();
        over.len() <= (LUCKY * new.len() as f64) as usize && over.iter().all(|(new, over)| *over <= LUCK && *new <= HALF)
    }

    /// The samples at which a form loses what a better one need not.
    pub fn bad(&self, bits: &[f64]) -> Vec<bool> {
        bits.iter().zip(&self.samples).map(|(b, s)| *b > (HARMLESS + 2.0).max(s.tolerance + 1.0).max(s.smallness())).collect()
    }

    /// The bits that a form loses at each sample.
    pub fn bits(&self, g: &Graph, form: Id) -> Vec<f64> {
        let small = Small::new(g, self.variables, form);
        self.samples.iter().map(|s| small.lost(&s.env, s.truth)).collect()
    }
}

/// Forms equal to the first of `start`: what was found before, with what comes of it here. `also` are others that are known, each
/// made of the one before, the first of them of the first form.
pub fn search(
    g: &mut Graph,
    forms: &mut Forms<'_>,
    lab: &Lab<'_>,
    start: Vec<State>,
    also: &[(Id, How)],
    effort: Effort,
) -> Vec<State> {
    let mut pool = Pool::new(lab, start, effort);
    pool.seeding = true;
    let mut last = 0;
    for (form, how) in also {
        last = pool.put(g, *form, Some(last), *how).unwrap_or(last);
    }
    pool.seeding = false;
    let mut idle = 0;
    for turn in 0..EXPANDED {
        let Some(k) = pool.next(turn % 2 == 0) else { break };
        if (idle > PATIENCE && pool.made() > effort.forms / 4) || pool.is_spent() {
            break;
        }
        let before = pool.best();
        pool.expand(g, forms, k);
        idle = if pool.best() < before - 1.0 { 0 } else { idle + 1 };
        // once nothing is lost, what is left is to read well
        if pool.best() < 1.0 {
            idle += 4;
            if idle > PATIENCE {
                break;
            }
        }
    }
    pool.finish(g, forms);
    pool.states
}

fn shortest(forms: &mut Forms<'_>, g: &mut Graph, node: Id) -> Option<(Id, How)> {
    matches!(g.view(node), View::Add(_) | View::Mul(_) | View::Div(..) | View::Pow(..) | View::Call(..))
        .then(|| forms.shortest(g, node))?
        .filter(|(new, _)| *new != node)
}

/// How long a form is to read: its operations, and more for a reciprocal that is written as a power.
fn length(g: &Graph, form: Id) -> u64 {
    let inverse = |id: &Id| matches!(g.view(*id), View::Pow(_, n) if g.as_number(n).is_some_and(|n| n.is_negative()));
    let inverses = walk::topological(g, &[form]).iter().filter(|id| inverse(id)).count();
    measure(g, form) + 3 * inverses as u64
}

struct Pool<'a> {
    lab: &'a Lab<'a>,
    states: Vec<State>,
    seen: HashSet<Id>,
    /// How many forms were known at the start.
    known: usize,
    effort: Effort,
    /// While forms are put in that were known before the search.
    seeding: bool,
}

impl<'a> Pool<'a> {
    /// What was found before the search, and is taken further where it may be good here.
    fn new(lab: &'a Lab<'a>, start: Vec<State>, effort: Effort) -> Self {
        let mut pool = Pool {
            lab,
            seen: start.iter().map(|s| s.form).collect(),
            states: Vec::new(),
            known: start.len(),
            effort,
            seeding: false,
        };
        let (typed, bits) = start.first().map_or((0.0, Vec::new()), |s| (s.cost, s.bits.clone()));
        for mut state in start {
            state.harmless = lab.is_harmless(&state.bits, &bits);
            state.stage = match state.stage {
                _ if !pool.is_new(&state) || !state.is_worth_it(typed) => Stage::Aside,
                Stage::Done | Stage::Reopened => Stage::Reopened,
                _ => Stage::Open,
            };
            pool.states.push(state);
        }
        pool
    }

    /// Whether no form before it is as long and loses as much: the same terms in another order lead to the same.
    fn is_new(&self, state: &State) -> bool {
        !self.states.iter().any(|s| s.size == state.size && (s.cost - state.cost).abs() < 1e-6)
    }

    /// How many forms were found here.
    fn made(&self) -> usize {
        self.seen.len() - self.known
    }

    /// Measures a form and keeps it, unless it was seen or is too long; where it is then.
    fn put(&mut self, g: &Graph, form: Id, from: Option<usize>, how: How) -> Option<usize> {
        let depth = from.map_or(0, |k| self.states[k].depth + if how == How::Law("collect") { 3 } else { 1 });
        if !self.seen.insert(form) {
            return self.shortened(form, from, how, depth);
        }
        clock::spend(clock::FORM);
        let size = length(g, form);
        if size > LARGEST.min(self.states.first().map_or(0, |s| 2 * s.size + 16)) {
            return None;
        }
        let bits = self.lab.bits(g, form);
        let cost = self.lab.cost(&bits);
        let plain = !self.seeding && from.is_none_or(|k| self.states[k].plain);
        let harmless = self.states.first().is_none_or(|typed| self.lab.is_harmless(&bits, &typed.bits));
        let mut state =
            State { form, bits, cost, size, from, how, stage: Stage::Open, plain, depth, harmless, nodes: Rc::default() };
        if !state.is_worth_it(self.states.first().map_or(cost, |s| s.cost)) || !self.is_new(&state) {
            state.stage = Stage::Aside;
        }
        self.states.push(state);
        Some(self.states.len() - 1)
    }

    /// Rewrites a form at each of its nodes that is worth it.
    fn expand(&mut self, g: &mut Graph, forms: &mut Forms<'_>, k: usize) {
        let again = self.states[k].stage == Stage::Reopened;
        self.states[k].stage = Stage::Done;
        let form = self.states[k].form;
        if !again {
            self.states[k].nodes = worth_rewriting(g, self.lab, form, &self.states[k].bits).into();
        }
        for node in self.states[k].nodes.clone().iter().copied() {
            for (new, how) in forms.of(g, form, node) {
                let whole = replaced(g, form, node, new);
                self.put(g, whole, Some(k), how);
                if self.is_spent() {
                    return;
                }
            }
            if !again && let Some((new, how)) = shortest(forms, g, node) {
                let whole = replaced(g, form, node, new);
                self.put(g, whole, Some(k), how);
            }
        }
    }

    fn is_spent(&self) -> bool {
        self.made() > self.effort.forms || self.effort.clock.is_over()
    }

    /// A form that was seen before, on a shorter way.
    fn shortened(&mut self, form: Id, from: Option<usize>, how: How, depth: usize) -> Option<usize> {
        let k = self.states.iter().position(|s| s.form == form)?;
        let known = &mut self.states[k];
        if known.depth > depth {
            (known.from, known.how, known.depth) = (from, how, depth);
        }
        Some(k)
    }

    /// The shortest forms of the best ones.
    fn finish(&mut self, g: &mut Graph, forms: &mut Forms<'_>) {
        let mut order: Vec<usize> = (0..self.states.len()).filter(|k| self.states[*k].harmless).collect();
        order.sort_by(|a, b| promise(&self.states[*a]).total_cmp(&promise(&self.states[*b])));
        for k in order.into_iter().take(3) {
            let mut from = k;
            for (form, how) in forms.shorter(g, self.states[k].form) {
                from = self.put(g, form, Some(from), how).unwrap_or(from);
            }
        }
    }

    /// The most promising form that was not taken further; in turn among all of them, and among those that come of the typed form
    /// by single rewrites.
    fn next(&self, plain: bool) -> Option<usize> {
        let best = |plain: bool| {
            let open = self.states.iter().enumerate().filter(|(_, s)| s.is_open() && s.worst() > ROUNDING && (s.plain || !plain));
            open.min_by(|a, b| promise(a.1).total_cmp(&promise(b.1))).map(|(k, _)| k)
        };
        best(plain).or_else(|| best(false))
    }

    fn best(&self) -> f64 {
        self.states.iter().filter(|s| s.harmless).map(|s| s.cost).fold(f64::INFINITY, f64::min)
    }
}

fn promise(s: &State) -> f64 {
    s.cost + 2.0 * s.size as f64
}

/// The nodes that may be rewritten: in a large expression those that lose digits, and those above them.
fn worth_rewriting(g: &Graph, lab: &Lab<'_>, form: Id, bits: &[f64]) -> Vec<Id> {
    let order = walk::topological(g, &[form]);
    let rewritable = |id: &Id| !g.children(*id).is_empty() && !g.is_condition(*id);
    if order.len() <= SMALL {
        return order.into_iter().filter(rewritable).collect();
    }
    let mut worst: Vec<usize> = (0..bits.len()).filter(|k| bits[*k] > ROUNDING).collect();
    worst.sort_by(|a, b| bits[*b].total_cmp(&bits[*a]));
    // some of every kind
    let step = (worst.len() / WORST).max(1);
    let small = Small::new(g, lab.variables, form);
    let mut hot: HashSet<Id> = HashSet::new();
    for k in worst.into_iter().step_by(step).take(WORST) {
        for local in small.local_errors(g, &lab.samples[k].env) {
            if local.lost > ROUNDING {
                hot.insert(local.node);
                hot.extend(g.children(local.node));
            }
        }
    }
    for id in &order {
        if g.children(*id).iter().any(|k| hot.contains(k)) {
            hot.insert(*id);
        }
    }
    order.into_iter().filter(|id| hot.contains(id) && rewritable(id)).collect()
}
