//! Where a descent came to: what makes the last point a kink, which stage or which unit lets little through there, and why the loss
//! has no value.

use super::results::number_shown;
use super::{Constant, Point, Work};
use crate::course::{Finding, Flat, FlatInRows, Track, Waypoint, findings};
use crate::diagnostic::{Diagnostic, code};
use crate::expr::{Id, Number, Reduction, Relation, Symbol, View, print, walk};
use crate::math::FunctionId;
use crate::outcome::{Answer, Course, Flow, Reason};
use crate::resolve::Fault;
use std::collections::HashMap;

/// Of more parameters than this the last point is not looked at stage by stage.
const MOST_LOOKED_AT: usize = 8;

/// A loss of more nodes than this is not looked at stage by stage.
const MOST_NODES: usize = 2_000;

/// A loss that falls by less than this share of itself in the second half of the steps hangs.
const HANGING: f64 = 0.01;

/// A mean over rows under this share of its beginning has all but vanished: units that are flat then are so because they are right.
const HIGH: f64 = 0.05;

/// Of more units than this over rows the first ones are looked at.
const MOST_UNITS: usize = 64;

/// A unit is flat in many rows when it is so in this share of them.
const MANY: f64 = 0.5;

/// A slope under this share of the largest is flat, as for `saturation`.
const FLAT: (i64, u64) = (1, 20);

impl Work<'_> {
    /// The answer: the way with what it says. The last point is looked at with the exact means of the language.
    pub(super) fn diagnosed(
        &mut self,
        root: Id,
        by: Vec<Symbol>,
        point: &Point,
        keep: bool,
        (track, stopped): (Track, Option<String>),
    ) -> Result<Answer, Fault> {
        let mut findings = findings(&track);
        let Some(last) = track.points.last() else { return Err(Box::new(Diagnostic::new(&code::NO_VALUE, "no step was taken"))) };
        let there = place(&by, last, point);
        if last.loss.is_finite() {
            self.looked_at(root, &by, &there, &track, &mut findings);
        }
        if keep && last.loss.is_finite() {
            by.iter().for_each(|symbol| {
                if let Some(value) = there.float.get(symbol) {
                    self.session.values.set(*symbol, as_shown(*value));
                }
            });
        }
        let kept = keep && last.loss.is_finite();
        Ok(Answer::Descent(Box::new(Course { by, track, stopped, findings, kept })))
    }

    /// What makes the last point a kink, if it is one.
    fn kink_at(&mut self, root: Id, by: &[Symbol], there: &Point) -> Option<String> {
        if by.len() > MOST_LOOKED_AT || !self.is_affordable(&[root], by.len()) || !self.has_values(&[root], there) {
            return None;
        }
        let (_, slopes) = self.slopes(root, by, there);
        slopes.into_iter().find(|slope| !slope.value.is_finite()).and_then(|slope| slope.cause)
    }

    /// The stage that weakens the influence of the parameters most, where that is because its function is saturated.
    fn flat_stage(&mut self, root: Id, by: &[Symbol], there: &Point) -> Option<Flat> {
        let is_small = by.len() <= MOST_LOOKED_AT && self.size(&[root]) <= MOST_NODES;
        if !is_small || !self.is_affordable(&[root], by.len()) {
            return None;
        }
        let Ok(Answer::Flow(flows)) = self.flows(root, by, there) else { return None };
        // a stage beside others does not weaken what passes through them
        let links = flows.iter().flat_map(|flow| flow.links.iter().enumerate().filter(|(k, _)| is_on_every_way(flow, *k)));
        let reasons = links.filter_map(|(_, link)| link.reason.as_ref().map(|reason| (link.to, reason)));
        let share = |reason: &Reason| reason.slope.abs() / reason.largest;
        let (to, reason) = reasons.min_by(|(_, a), (_, b)| share(a).total_cmp(&share(b)))?;
        let g = &self.session.graph;
        let stage = to
            .map(|symbol| g.name(symbol).to_owned())
            .filter(|name| self.session.scope.definitions.keys().any(|s| g.name(*s) == name));
        let Reason { function, at, slope, largest, .. } = reason;
        Some(Flat { stage, function: (*function).to_owned(), at: *at, slope: *slope, largest: *largest })
    }

    /// Looks at the last point with the exact means of the language, and adds what is found there.
    fn looked_at(&mut self, root: Id, by: &[Symbol], there: &Point, track: &Track, findings: &mut Vec<Finding>) {
        let hangs = hangs(track, findings);
        let is_over_rows = self.is_over_rows(&[root]);
        let mut add = |finding: Finding| {
            findings.retain(|other| !matches!(other, Finding::Falls { second, .. } if *second <= 0.0));
            let at = usize::from(matches!(findings.first(), Some(Finding::Still(_))));
            findings.insert(at, finding);
        };
        if is_over_rows {
            // a look that comes to no end tells nothing
            if hangs
                && is_high(track)
                && let Ok(Some(flat)) = self.flat_in_rows(root, by, there)
            {
                add(Finding::SaturatedInRows(flat));
            }
        } else if let Some(cause) = self.kink_at(root, by, there) {
            findings.retain(|finding| !matches!(finding, Finding::Falls { .. }));
            findings.insert(0, Finding::AtKink(cause));
        } else if hangs && let Some(flat) = self.flat_stage(root, by, there) {
            add(Finding::Saturated(flat));
        }
    }

    /// Why the loss has no value at the last point, in the words that `eval` has for it.
    pub(super) fn why_no_value(&mut self, root: Id, by: &[Symbol], point: &Point, track: &Track, keep: bool) -> String {
        let cause = match track.points.last().filter(|last| last.at.iter().all(|value| value.is_finite())) {
            Some(last) => {
                let there = place(by, last, point);
                match self.values_there_are(&[root], &there) {
                    Ok(mut found) => found.swap_remove(0).and_then(|found| found.cause),
                    // over rows the message names the row
                    Err(fault) => Some(fault.message.clone()),
                }
            }
            None => None,
        };
        let is_too_large = track.points.last().is_some_and(|last| last.loss.is_infinite());
        let what = if is_too_large { "the loss is beyond the numbers there" } else { "the loss has no value there" };
        let why = cause.map_or_else(|| what.to_owned(), |cause| format!("{what}: {cause}"));
        if keep { format!("{why}. The parameters keep the values from before") } else { why }
    }

    /// The unit over rows that is flat in most of them, where one is so in many.
    fn flat_in_rows(&mut self, root: Id, by: &[Symbol], there: &Point) -> Result<Option<FlatInRows>, Fault> {
        let opened = self.opened_at(root, there);
        let units = self.units(opened, by);
        let mut largest: HashMap<FunctionId, Option<f64>> = HashMap::new();
        let mut asked = Vec::new();
        for unit in units {
            let View::Call(function, &[argument]) = self.session.graph.view(unit.call) else { continue };
            let most = *largest.entry(function).or_insert_with(|| self.largest_slope(function));
            let Some(most) = most else { continue };
            let share = self.flat_share(&unit, function, argument, most)?;
            asked.push((unit, most, share));
        }
        let shares: Vec<Id> = asked.iter().map(|(_, _, share)| *share).collect();
        let found = self.values_there_are(&shares, there)?;
        let found = asked.into_iter().zip(found).filter_map(|(unit, value)| Some((unit, value?.value)));
        let flattest = found.filter(|(_, share)| *share >= MANY).max_by(|(_, a), (_, b)| a.total_cmp(b));
        Ok(flattest.map(|((unit, largest, _), share)| FlatInRows {
            unit: print::glimpse(&self.session.graph, unit.call, print::Style::Shown, 60),
            share,
            limit: FLAT.0 as f64 / FLAT.1 as f64,
            largest,
            by: unit.by,
        }))
    }

    /// The functions of one number over rows through which parameters act.
    fn units(&self, root: Id, by: &[Symbol]) -> Vec<Unit> {
        let g = &self.session.graph;
        let mut found: Vec<Unit> = Vec::new();
        for id in walk::topological(g, &[root]) {
            let View::Rows(_, data, body) = g.view(id) else { continue };
            for call in walk::topological(g, &[body]) {
                let View::Call(_, &[argument]) = g.view(call) else { continue };
                let symbols = walk::free_symbols(g, &[argument]);
                let through: Vec<usize> = (0..by.len()).filter(|k| symbols.contains(&by[*k])).collect();
                let is_new = !found.iter().any(|unit| unit.call == call);
                if is_new && !through.is_empty() && symbols.iter().any(|s| g.as_column(*s).is_some()) {
                    found.push(Unit { call, data, by: through });
                }
            }
        }
        found.truncate(MOST_UNITS);
        found
    }

    /// In which share of the rows the slope of a unit is small: the mean of 1 where it is and 0 where it is not.
    fn flat_share(&mut self, unit: &Unit, function: FunctionId, argument: Id, largest: f64) -> Result<Id, Fault> {
        let g = &mut self.session.graph;
        let t = g.intern("\u{0}t");
        let variable = g.symbol(t);
        let call = g.call(function, &[variable]);
        let slope = self.slope_formula(call, t)?.id;
        let g = &mut self.session.graph;
        let slope = walk::substitute(g, slope, &HashMap::from([(variable, argument)]));
        let limit = Number::from_f64(largest).map_or_else(|| Number::integer(0), |most| &most * &Number::ratio(FLAT.0, FLAT.1));
        let (limit, one, zero) = (g.number(limit), g.integer(1), g.integer(0));
        // the square needs no sign, and squares keep their order
        let two = g.integer(2);
        let (square, limit) = (g.pow(slope, two), g.pow(limit, two));
        let is_flat = g.compare(Relation::Less, square, limit);
        let body = g.conditional(is_flat, one, zero);
        Ok(g.rows(Reduction::Mean, unit.data, body))
    }
}

/// A function of one number over the rows of a data set.
struct Unit {
    call: Id,
    data: Symbol,
    /// The parameters in its argument, by their positions.
    by: Vec<usize>,
}

/// Whether every way from the variable to the result of a flow runs over this link.
fn is_on_every_way(flow: &Flow, link: usize) -> bool {
    let (mut reached, mut open) = (vec![Some(flow.by)], vec![Some(flow.by)]);
    while let Some(end) = open.pop() {
        let others = flow.links.iter().enumerate().filter(|(k, other)| *k != link && Some(other.from) == end);
        for (_, other) in others {
            if !reached.contains(&other.to) {
                reached.push(other.to);
                open.push(other.to);
            }
        }
    }
    // the last node is the result
    flow.nodes.last().is_some_and(|last| !reached.contains(&last.stage))
}

/// The point with the parameters where a descent has come to, as the numbers that are shown.
fn place(by: &[Symbol], last: &Waypoint, point: &Point) -> Point {
    let mut there = point.clone();
    by.iter().zip(&last.at).for_each(|(symbol, value)| there.set(*symbol, as_shown(*value)));
    there
}

/// Whether nothing much happened in the second half, and not because the descent has arrived.
fn hangs(track: &Track, findings: &[Finding]) -> bool {
    let (Some((_, first)), Some((_, last))) = (track.losses.first(), track.losses.last()) else { return false };
    let middle = track.losses[track.losses.len() / 2].1;
    findings.iter().all(|finding| !matches!(finding, Finding::Converged { .. } | Finding::Diverges { .. } | Finding::Grows))
        && (middle - last).abs() <= HANGING * first.abs()
}

/// Whether much of the loss is left.
fn is_high(track: &Track) -> bool {
    let ends = track.losses.first().zip(track.losses.last());
    ends.is_some_and(|((_, first), (_, last))| last.abs() > HIGH * first.abs())
}

/// A value as the number that is shown for it.
fn as_shown(value: f64) -> Constant {
    Constant { float: value, exact: number_shown(value), closed: None }
}
