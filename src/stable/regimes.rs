//! Which of the forms that were found is given: the most accurate one that is nowhere worse than the typed one and needs no more to
//! have a value; where no single form is accurate everywhere, two of them, with the condition that decides.

use super::Rewrite;
use super::clock::{self, Clock};
use super::forms::{Everywhere, Forms};
use super::measure::Small;
use super::points::{Sample, sensitivities};
use super::search::{Effort, Lab, ROUNDING, State, search};
use crate::domain::Known;
use crate::eval::recognise::recognise;
use crate::expr::{Graph, Id, Number, Relation, Symbol, View, walk};
use crate::simplify::{How, measure};
use std::collections::HashSet;

/// The forms that are measured before there are cases, and the new ones within each case.
const FORMS: usize = 700;
const INNER_FORMS: usize = 60;
/// The work of all searches: after it none is begun or goes on. Some 0.3 s.
const WORK: u64 = 8_000_000;
/// In expressions of more nodes than this only known forms are recognised.
const LARGE: usize = 160;
/// What a form must gain in bits over all points.
const LEAST: f64 = 6.0;
/// So many bits over all points make no difference.
const NOTHING: f64 = 4.0;
/// A reader follows so many steps.
const FOLLOWED: usize = 4;
/// What each step beyond that must gain in bits over all points.
const STEP: f64 = 60.0;
/// What one more operation must gain in bits over all points.
const OPERATION: f64 = 1.0;
/// So many splits follow each other at most.
const SPLITS: usize = 2;
/// Along at most so many expressions a split is tried.
const AXES: usize = 10;
/// Splits that are searched for forms of their own.
const SEARCHED: usize = 4;
/// Of these so many may be split again.
const DEEPER: usize = 2;
/// A case is better than a plainer one if it gains so many times as much.
const CLEARLY: f64 = 1.2;

/// The form that was chosen.
pub struct Best {
    /// The rewrites that lead to it.
    pub rewrites: Vec<Rewrite>,
    /// The form.
    pub result: Id,
    /// Whether there was nothing to do.
    pub is_stable: bool,
}

/// The best form of `root` over the samples.
pub fn best(g: &mut Graph, known: &Known, needs: &[Id], variables: &[Symbol], samples: &mut [Sample], root: Id) -> Best {
    let typed = Small::new(g, variables, root);
    let lab = Lab { variables, samples: samples.iter().collect() };
    if lab.cost(&lab.bits(g, root)) < 1.0 {
        return Best { rewrites: Vec::new(), result: root, is_stable: true };
    }
    if walk::topological(g, &[root]).len() > LARGE {
        return recognised(g, &lab, root);
    }
    sensitivities(&typed, samples);
    let lab = Lab { variables, samples: samples.iter().collect() };
    let mut work = Regimes { known, needs, variables, everywhere: Everywhere::new(known, g, needs), clock: Clock::of(WORK) };
    let start = vec![State::typed(g, &lab, root)];
    let pool = work.pool(g, &lab, start, &[], FORMS);
    let rewrites = work.of_pool(g, Place { lab: &lab, pool: &pool, inside: &[], splits: SPLITS });
    let result = rewrites.last().map_or(root, |r| r.after);
    Best { rewrites, result, is_stable: false }
}

/// A large expression with the forms in it that the pre-pass of evaluation knows, where that gains anything.
fn recognised(g: &mut Graph, lab: &Lab<'_>, root: Id) -> Best {
    let form = recognise(g, root);
    let (old, new) = (lab.bits(g, root), lab.bits(g, form));
    let gains = lab.is_harmless(&new, &old) && lab.cost(&new) < lab.cost(&old) - LEAST;
    let rewrites = if gains { vec![Rewrite { how: How::Law("recognise"), after: form }] } else { Vec::new() };
    Best { result: if gains { form } else { root }, rewrites, is_stable: false }
}

struct Regimes<'a> {
    known: &'a Known,
    needs: &'a [Id],
    variables: &'a [Symbol],
    everywhere: Everywhere,
    /// When no more is begun.
    clock: Clock,
}

/// Where a form is chosen.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The samples.
    lab: &'a Lab<'a>,
    /// The forms that are known at them, the typed one first.
    pool: &'a [State],
    /// What holds there, beside what the expression needs.
    inside: &'a [Id],
    /// How often it may still be split.
    splits: usize,
}

impl Regimes<'_> {
    /// The rewrites to the best of the forms, or to two of them.
    fn of_pool(&mut self, g: &mut Graph, here: Place<'_>) -> Vec<Rewrite> {
        let Some(chosen) = Self::chosen(here.lab, here.pool) else { return Vec::new() };
        if here.splits > 0
            && !self.clock.is_over()
            && here.lab.bad(&here.pool[chosen].bits).contains(&true)
            && let Some(cases) = self.split(g, here, chosen)
        {
            return cases;
        }
        path(here.pool, chosen)
    }

    /// The rewrites in a case, of these forms.
    fn of_case(&mut self, g: &mut Graph, here: Place<'_>, cut: &Cut, found: &[State]) -> Vec<Rewrite> {
        let (part, inside) = (here.lab.at(&cut.inside), cut.and(here.inside));
        self.of_pool(g, Place { lab: &part, pool: found, inside: &inside, splits: here.splits - 1 })
    }

    /// The forms over these samples, on which `inside` holds: those of `start`, and what comes of them.
    fn pool(&mut self, g: &mut Graph, lab: &Lab<'_>, start: Vec<State>, inside: &[Id], most: usize) -> Vec<State> {
        clock::spend(clock::SEARCH);
        let needs: Vec<Id> = self.needs.iter().chain(inside).copied().collect();
        let mut forms = Forms::new(&mut self.everywhere, self.known, g, &needs);
        let also = forms.shorter(g, start[0].form);
        search(g, &mut forms, lab, start, &also, Effort { forms: most, clock: self.clock })
    }

    /// The forms in a case: those that were found without it, and what comes of them there.
    fn in_case(&mut self, g: &mut Graph, here: Place<'_>, cut: &Cut) -> Vec<State> {
        let part = here.lab.at(&cut.inside);
        let start = here.pool.iter().map(|s| s.within(&part, &cut.inside)).collect();
        self.pool(g, &part, start, &cut.and(here.inside), INNER_FORMS)
    }

    /// The form that gains most for its length and is nowhere much worse than the first one. All of them have values wherever that
    /// has one: each rewrite keeps the domain, or was made where what it needs is proved, and a value that is missing at a sample
    /// counts as lost.
    fn chosen(lab: &Lab<'_>, pool: &[State]) -> Option<usize> {
        let typed = pool.first()?;
        let mut order: Vec<usize> = (0..pool.len()).filter(|k| lab.is_harmless(&pool[*k].bits, &typed.bits)).collect();
        order.sort_by(|a, b| price(&pool[*a]).total_cmp(&price(&pool[*b])));
        // a form that gains next to nothing is not worth a change
        order.retain(|k| *k == 0 || pool[*k].cost < typed.cost - (0.1 * typed.cost).max(LEAST));
        // what differs by next to nothing is decided by what is shorter
        let least = order.first().map_or(0.0, |k| pool[*k].cost);
        order.into_iter().filter(|k| pool[*k].cost <= least + NOTHING).min_by_key(|k| pool[*k].size + pool[*k].depth as u64)
    }

    /// Two forms with the condition that decides, where that gains enough.
    fn split(&mut self, g: &mut Graph, here: Place<'_>, chosen: usize) -> Option<Vec<Rewrite>> {
        let Place { lab, pool, .. } = here;
        let otherwise = &pool[chosen];
        let bad = lab.bad(&otherwise.bits);
        let lost = (0..bad.len()).filter(|k| bad[*k]).map(|k| lab.samples[k].weight * otherwise.bits[k]).sum::<f64>();
        let least = (0.4 * lost).max(ROUNDING);
        let cuts = cuts(g, self.variables, lab, pool[0].form, otherwise);
        let telling: Vec<Cut> = cuts.into_iter().filter(|cut| cut.cost(lab, otherwise) > least).take(SEARCHED).collect();
        let cases = self.searched(g, here, otherwise, telling);
        let (cut, rewrites) = self.best_case(g, here, otherwise, cases, least)?;
        let (cut, rewrites) = self.in_the_middle(g, here, cut, rewrites);
        let (chosen, _) = outside(here, &cut)?;
        Some(told(g, pool, chosen, &cut, &rewrites))
    }

    /// The cases with the forms that are found in them.
    fn searched(&mut self, g: &mut Graph, here: Place<'_>, otherwise: &State, cuts: Vec<Cut>) -> Vec<Case> {
        let mut out = Vec::new();
        for cut in cuts {
            if self.clock.is_over() {
                break;
            }
            let found = self.in_case(g, here, &cut);
            if let Some(k) = Self::chosen(&here.lab.at(&cut.inside), &found) {
                let gain = cut.gain(g, here.lab, otherwise, found[k].form, found[k].depth);
                let beside = beside(here, otherwise, &cut);
                out.push(Case { gain: gain + beside, beside, cut, found });
            }
        }
        out
    }

    /// The case that gains most, if that is at least so much, and the rewrites in it. Only those that gain most are split again.
    fn best_case(
        &mut self,
        g: &mut Graph,
        here: Place<'_>,
        otherwise: &State,
        mut cases: Vec<Case>,
        least: f64,
    ) -> Option<(Cut, Vec<Rewrite>)> {
        let mut best: Option<(f64, Cut, Vec<Rewrite>)> = None;
        for _ in 0..DEEPER {
            // the plainest that gains about as much as any, also where none gains
            let most = cases.iter().map(|case| case.gain).fold(f64::NEG_INFINITY, f64::max);
            let Some(k) = cases.iter().position(|case| case.gain >= most.min(most / CLEARLY)) else { break };
            let Case { beside, cut, found, .. } = cases.remove(k);
            let rewrites = self.of_case(g, here, &cut, &found);
            let form = rewrites.last().map_or(found[0].form, |r| r.after);
            let gain = cut.gain(g, here.lab, otherwise, form, rewrites.len()) + beside;
            if gain > least && best.as_ref().is_none_or(|(most, ..)| gain > CLEARLY * *most) {
                best = Some((gain, cut, rewrites));
            }
        }
        best.map(|(_, cut, rewrites)| (cut, rewrites))
    }

    /// The case with its bound in the middle of where both forms are good, and the rewrites that hold there.
    fn in_the_middle(&mut self, g: &mut Graph, here: Place<'_>, cut: Cut, rewrites: Vec<Rewrite>) -> (Cut, Vec<Rewrite>) {
        let form = rewrites.last().map_or(here.pool[0].form, |r| r.after);
        let Some(wider) = self.widened(g, here.lab, &cut, form) else { return (cut, rewrites) };
        // what was proved under the first condition is to be proved under this one
        let found = self.in_case(g, here, &wider);
        let again = self.of_case(g, here, &wider, &found);
        let part = here.lab.at(&wider.inside);
        let is_good = again.last().is_some_and(|r| !lab_is_bad(g, &part, r.after));
        if is_good { (wider, again) } else { (cut, rewrites) }
    }

    /// The condition with its bound in the middle of where both forms are good.
    fn widened(&self, g: &mut Graph, lab: &Lab<'_>, cut: &Cut, form: Id) -> Option<Cut> {
        let Cut { subject, relation, bound, .. } = *cut;
        if bound == 0.0 {
            return None;
        }
        let small = Small::new(g, self.variables, subject);
        let values: Vec<f64> = lab.samples.iter().map(|s| small.value(&s.env)).collect();
        let bad = lab.bad(&lab.bits(g, form));
        let outside = |k: &usize| bad[*k] && !cut.inside.contains(k) && values[*k].is_finite();
        let limits = (0..values.len()).filter(outside).map(|k| values[k]);
        let wider = match relation {
            Relation::Less => between(bound, limits.fold(f64::INFINITY, f64::min)),
            _ => between(limits.fold(f64::NEG_INFINITY, f64::max), bound),
        };
        let (wider, id) = wider.and_then(|v| Some((v, number(g, v)?)))?;
        let condition = g.compare(relation, subject, id);
        let holds = |v: f64| if relation == Relation::Less { v < wider } else { v > wider };
        let inside = (0..values.len()).filter(|k| holds(values[*k])).collect();
        Some(Cut { condition, inside, bound: wider, ..*cut })
    }
}

fn lab_is_bad(g: &Graph, lab: &Lab<'_>, form: Id) -> bool {
    lab.bad(&lab.bits(g, form)).contains(&true)
}

/// What a form costs: the bits that it loses, and what it costs to read.
fn price(s: &State) -> f64 {
    s.cost + reading(s.size, s.depth)
}

/// What a form costs to read: a little for its length, and more for a long way to it.
fn reading(size: u64, steps: usize) -> f64 {
    OPERATION * size as f64 + STEP * steps.saturating_sub(FOLLOWED) as f64
}

/// The rewrites from the first form to this one.
fn path(pool: &[State], to: usize) -> Vec<Rewrite> {
    let mut out = Vec::new();
    let mut at = to;
    while let Some(before) = pool[at].from {
        out.push(Rewrite { how: pool[at].how, after: pool[at].form });
        at = before;
    }
    out.reverse();
    out
}

/// First the cases, then each in turn.
fn told(g: &mut Graph, pool: &[State], chosen: usize, cut: &Cut, rewrites: &[Rewrite]) -> Vec<Rewrite> {
    let typed = pool[0].form;
    let mut out = vec![Rewrite { how: How::Law("cases"), after: g.conditional(cut.condition, typed, typed) }];
    let mut then = typed;
    for r in rewrites {
        then = r.after;
        out.push(Rewrite { how: r.how, after: g.conditional(cut.condition, then, typed) });
    }
    for r in path(pool, chosen) {
        out.push(Rewrite { how: r.how, after: g.conditional(cut.condition, then, r.after) });
    }
    out
}

/// A case in which forms were found.
struct Case {
    /// What the best of them gains, and the best form beside the case.
    gain: f64,
    /// What the latter gains.
    beside: f64,
    cut: Cut,
    found: Vec<State>,
}

/// The form that is given where the condition of a case does not hold, and what it loses there.
fn outside(Place { lab, pool, .. }: Place<'_>, cut: &Cut) -> Option<(usize, f64)> {
    let outside: Vec<usize> = (0..lab.samples.len()).filter(|k| !cut.inside.contains(k)).collect();
    let part = lab.at(&outside);
    let states: Vec<State> = pool.iter().map(|s| s.within(&part, &outside)).collect();
    let chosen = Regimes::chosen(&part, &states)?;
    Some((chosen, states[chosen].cost))
}

/// The bits that this form saves there.
fn beside(here: Place<'_>, otherwise: &State, cut: &Cut) -> f64 {
    let Some((chosen, cost)) = outside(here, cut) else { return 0.0 };
    let form = &here.pool[chosen];
    let before = otherwise.cost - cut.cost(here.lab, otherwise);
    before - cost - (reading(form.size, form.depth) - reading(otherwise.size, otherwise.depth)).max(0.0)
}

/// A condition that separates the samples at which a form is bad.
struct Cut {
    condition: Id,
    subject: Id,
    relation: Relation,
    bound: f64,
    /// The samples at which it holds.
    inside: Vec<usize>,
    /// How many of them the form is good at.
    spoilt: usize,
    size: u64,
}

impl Cut {
    /// What holds there, beside what held before.
    fn and(&self, inside: &[Id]) -> Vec<Id> {
        inside.iter().copied().chain([self.condition]).collect()
    }

    /// What a form loses there.
    fn cost(&self, lab: &Lab<'_>, form: &State) -> f64 {
        form.within(&lab.at(&self.inside), &self.inside).cost
    }

    /// The bits that another form, after so many steps, saves there, beyond what the case costs to read.
    fn gain(&self, g: &Graph, lab: &Lab<'_>, otherwise: &State, form: Id, steps: usize) -> f64 {
        let part = lab.at(&self.inside);
        let saved = self.cost(lab, otherwise) - part.cost(&part.bits(g, form));
        saved - reading(measure(g, form) + 6 + self.size, steps)
    }
}

/// Conditions under which the form is bad, the most telling first.
fn cuts(g: &mut Graph, variables: &[Symbol], lab: &Lab<'_>, typed: Id, bad: &State) -> Vec<Cut> {
    let bad = lab.bad(&bad.bits);
    let is_bad = |k: usize| bad[k];
    let mut out: Vec<Cut> = Vec::new();
    for axis in axes(g, variables, typed) {
        let small = Small::new(g, variables, axis);
        let values: Vec<f64> = lab.samples.iter().map(|s| small.value(&s.env)).collect();
        for by_size in [false, true] {
            let values: Vec<f64> = values.iter().map(|v| if by_size { v.abs() } else { *v }).collect();
            let (low, high) = (0..values.len())
                .filter(|k| is_bad(*k) && values[*k].is_finite())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), k| (l.min(values[k]), h.max(values[k])));
            let mut bounds = Vec::new();
            if let Some(c) = between(high, values.iter().copied().filter(|v| *v > high).fold(f64::INFINITY, f64::min)) {
                bounds.push((Relation::Less, c));
            }
            if let Some(c) = between(values.iter().copied().filter(|v| *v < low).fold(f64::NEG_INFINITY, f64::max), low) {
                bounds.push((Relation::Greater, c));
            }
            // a sign is the plainest condition of all
            if !by_size {
                bounds.extend([(Relation::Less, 0.0), (Relation::Greater, 0.0)]);
            }
            for (relation, c) in bounds {
                let holds = |v: f64| if relation == Relation::Less { v < c } else { v > c };
                let inside: Vec<usize> = (0..values.len()).filter(|k| holds(values[*k])).collect();
                let caught = inside.iter().filter(|k| is_bad(**k)).count();
                if caught == 0 || inside.len() == values.len() {
                    continue;
                }
                let Some(bound) = number(g, c) else { continue };
                let subject = if by_size { g.call_named("abs", &[axis]) } else { Some(axis) };
                let Some(subject) = subject else { continue };
                let condition = g.compare(relation, subject, bound);
                let missed = (0..values.len()).filter(|k| is_bad(*k)).count() - caught;
                let spoilt = inside.len() - caught + 6 * missed;
                if !out.iter().any(|cut| cut.condition == condition) {
                    // the sign is the plainest bound
                    let size = measure(g, condition) + if c == 0.0 { 0 } else { 4 };
                    out.push(Cut { condition, subject, relation, bound: c, inside, spoilt, size });
                }
            }
        }
    }
    // the sign of a variable is the plainest condition of all
    let plain = |cut: &Cut| cut.bound == 0.0 && g.as_symbol(cut.subject).is_some();
    let worth = |cut: &Cut| cut.spoilt as u64 + 8 * cut.size + if plain(cut) { 0 } else { 40 };
    out.sort_by_key(worth);
    // what holds at the same samples is tried once, as the plainest condition
    let mut seen: HashSet<Vec<usize>> = HashSet::new();
    out.retain(|cut| seen.insert(cut.inside.clone()));
    // sizes and sides in turn: each may be what matters
    let of_sizes = |cut: &Cut| matches!(g.view(cut.subject), View::Call(..));
    let best = out.iter().position(of_sizes).filter(|k| *k > 1);
    if let Some(k) = best {
        let cut = out.remove(k);
        out.insert(1, cut);
    }
    out
}

/// The expressions along which a split is tried: the variables, and the parts that depend on them.
fn axes(g: &mut Graph, variables: &[Symbol], typed: Id) -> Vec<Id> {
    let mut out: Vec<Id> = variables.iter().map(|s| g.symbol(*s)).collect();
    for id in walk::topological(g, &[typed]) {
        let arithmetic = matches!(g.view(id), View::Add(_) | View::Mul(_) | View::Div(..));
        if arithmetic && id != typed && !walk::free_symbols(g, &[id]).is_empty() && measure(g, id) <= 7 {
            out.push(id);
        }
    }
    for (k, s) in variables.iter().enumerate() {
        for t in &variables[k + 1..] {
            let (a, b) = (g.symbol(*s), g.symbol(*t));
            out.push(g.sub(a, b));
        }
    }
    out.truncate(AXES.max(variables.len()));
    out
}

/// The plainest number between two others.
fn between(low: f64, high: f64) -> Option<f64> {
    if low.is_nan() || high.is_nan() || low >= high || (low.is_infinite() && high.is_infinite()) {
        return None;
    }
    if low.is_infinite() || high.is_infinite() {
        return None;
    }
    if low < 0.0 && high > 0.0 || low == 0.0 && high > 1e-300 && low == high {
        return Some(0.0);
    }
    let (a, b) = (low.abs().min(high.abs()), low.abs().max(high.abs()));
    let sign = if low < 0.0 { -1.0 } else { 1.0 };
    // in the middle, as orders of magnitude go
    let middle = if a > 0.0 { a.sqrt() * b.sqrt() } else { b / 2.0 };
    let power = 10f64.powi(middle.log10().floor() as i32);
    let plain = [1.0, 10.0, 5.0, 2.0, 3.0].into_iter().map(|m| m * power);
    let rounded = [1.0, 10.0, 100.0].into_iter().map(|d| (middle / power * d).round() / d * power);
    plain.chain(rounded).chain([middle]).find(|v| *v > a && *v < b).map(|v| sign * v)
}

/// A bound as it is written.
fn number(g: &mut Graph, v: f64) -> Option<Id> {
    let text = crate::stable::failures::short(v.abs());
    let n = Number::parse(&text)?;
    let n = if v < 0.0 { -&n } else { n };
    let plain = if n.is_integer() { Number::rational(n.value().clone()) } else { n };
    Some(g.number(plain))
}
