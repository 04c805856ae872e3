//! The search for a more accurate form: from the form as it was typed, at the operations that lose digits, one identity after the
//! other, each new form measured. What is said of the forms that were found is not decided here.

use super::forms::{Forms, replaced};
use super::measure::{FAILED, Small, bits};
use super::points::Sample;
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::simplify::{How, measure};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// So many lost bits are the rounding of ordinary operations: nothing is done about them.
pub const ROUNDING: f64 = 5.0;

/// Forms with more operations than this are not looked at.
const LARGEST: u64 = 400;
/// In expressions of more nodes than this only the operations that lose digits, and those above them, are rewritten.
const SMALL: usize = 26;
/// At so many of the worst points it is asked which operation loses the digits.
const WORST: usize = 5;
/// At most so many forms are taken further.
const EXPANDED: usize = 40;
/// After so many forms in turn that brought nothing the search ends.
const PATIENCE: usize = 14;

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
    open: bool,
}

impl State {
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

impl Lab<'_> {
    /// The bits that a form loses at each sample.
    pub fn bits(&self, g: &Graph, form: Id) -> Vec<f64> {
        let small = Small::new(g, self.variables, form);
        self.samples.iter().map(|s| bits(s.truth.ulps(small.value(&s.env)))).collect()
    }
}

/// How much is lost in all, beyond the rounding of ordinary operations.
pub fn cost(bits: &[f64]) -> f64 {
    bits.iter().map(|b| (b - ROUNDING + 1.0).max(0.0)).sum()
}

/// A form may lose so many bits more than the typed one, or so many in all.
const SLACK: f64 = 1.5;
/// What is lost up to here harms nobody.
pub const HARMLESS: f64 = ROUNDING + 0.5;

/// Whether a form is nowhere much worse than another one.
pub fn is_harmless(new: &State, old: &State) -> bool {
    new.bits.iter().zip(&old.bits).all(|(new, old)| *new <= (old + SLACK).max(HARMLESS))
}

/// Forms equal to `root`, which is the first one; `also` are others that are known, each made of the one before.
pub fn search(g: &mut Graph, forms: &mut Forms, lab: &Lab<'_>, root: Id, also: &[(Id, How)], time: Duration) -> Vec<State> {
    let start = Instant::now();
    let mut pool = Pool { lab, states: Vec::new(), seen: HashSet::new() };
    pool.put(g, root, None, How::Law("collect"));
    for (form, how) in also {
        let last = pool.states.len() - 1;
        pool.put(g, *form, Some(last), *how);
    }
    let mut idle = 0;
    for _ in 0..EXPANDED {
        let Some(k) = pool.next() else { break };
        if idle > PATIENCE || start.elapsed() > time {
            break;
        }
        let before = pool.best();
        pool.states[k].open = false;
        let (form, bits) = (pool.states[k].form, pool.states[k].bits.clone());
        'nodes: for node in worth_rewriting(g, lab, form, &bits) {
            for (new, how) in forms.of(g, form, node) {
                let whole = replaced(g, form, node, new);
                pool.put(g, whole, Some(k), how);
                if start.elapsed() > time {
                    break 'nodes;
                }
            }
            if let Some((new, how)) = shortest(forms, g, node) {
                let whole = replaced(g, form, node, new);
                pool.put(g, whole, Some(k), how);
            }
        }
        idle = if pool.best() < before - 1.0 { 0 } else { idle + 1 };
        // once nothing is lost, what is left is to read well
        if pool.best() == 0.0 {
            idle += 4;
        }
    }
    pool.states
}

fn shortest(forms: &mut Forms, g: &mut Graph, node: Id) -> Option<(Id, How)> {
    matches!(g.view(node), View::Add(_) | View::Mul(_) | View::Div(..) | View::Pow(..) | View::Call(..))
        .then(|| forms.shortest(g, node))?
        .filter(|(new, _)| *new != node)
}

struct Pool<'a> {
    lab: &'a Lab<'a>,
    states: Vec<State>,
    seen: HashSet<Id>,
}

impl Pool<'_> {
    /// Measures a form and keeps it, unless it was seen or is far worse than what there is.
    fn put(&mut self, g: &Graph, form: Id, from: Option<usize>, how: How) {
        if !self.seen.insert(form) {
            return;
        }
        let size = measure(g, form);
        if size > LARGEST.max(2 * self.states.first().map_or(0, |s| s.size)) && !self.states.is_empty() {
            return;
        }
        let bits = self.lab.bits(g, form);
        let cost = cost(&bits);
        let typed = self.states.first().map_or(cost, |s| s.cost);
        if cost <= 1.3 * typed + FAILED * 4.0 || self.states.is_empty() {
            self.states.push(State { form, bits, cost, size, from, how, open: true });
        }
    }

    /// The most promising form that was not taken further.
    fn next(&self) -> Option<usize> {
        let open = self.states.iter().enumerate().filter(|(_, s)| s.open && s.worst() > ROUNDING);
        open.min_by(|a, b| promise(a.1).total_cmp(&promise(b.1))).map(|(k, _)| k)
    }

    fn best(&self) -> f64 {
        let harmless = self.states.iter().filter(|s| is_harmless(s, &self.states[0]));
        harmless.map(|s| s.cost).fold(f64::INFINITY, f64::min)
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
