//! Two mistakes in one line: two wrong rules in a derivative, at two places or at one, a wrong identity before or after a wrong slope,
//! two wrong identities, a letter that was taken for a variable beside a wrong slope. A line to which one mistake leads is not looked
//! for here.

use super::candidates::{Found, MOST, Open, Ranked, Search};
use super::cause::is_nested;
use super::slopes::{Compiled, Slopes, right};
use super::{open_derivatives, taken};
use crate::derive::rules::Rules;
use crate::expr::{Graph, Id, View, walk};
use crate::math::mistakes::Wrong;
use std::collections::HashMap;

/// What a learner gets with two wrong rules.
pub(super) struct Pair {
    pub value: Id,
    pub found: [Found; 2],
    /// The sum of their places in the catalogue: the least is the likeliest.
    pub rank: usize,
}

impl Pair {
    /// Whether another pair has the same places, or parts of them: then the two are different names for one thing.
    pub fn is_like(&self, g: &Graph, other: &Pair) -> bool {
        let ([a, b], [c, d]) = (self.found.map(|found| found.place), other.found.map(|found| found.place));
        let is_beside = |one: [Id; 2], two: [Id; 2]| is_nested(g, one[0], two[0]) && is_nested(g, one[1], two[1]);
        is_beside([a, b], [c, d]) || is_beside([a, b], [d, c])
    }
}

/// A wrong rule on slopes at a place.
type Fault<'s> = (Ranked, Id, &'s Compiled);

/// A mistake that was made, with its place in the catalogue.
type Made = (usize, Found);

/// All pairs of mistakes with different names, within the bounds of the search.
pub(super) fn of(search: &mut Search<'_>, form: Id) -> Vec<Pair> {
    let mut pairs = Pairs { search, out: Vec::new() };
    for open in open_in(pairs.search.g, form) {
        let faults = pairs.faults(open);
        pairs.of_slopes(open, &faults);
        pairs.slope_then_identity(open, &faults);
        pairs.with_letters(open, &faults);
    }
    pairs.after_identities(form);
    pairs.out
}

fn open_in(g: &Graph, form: Id) -> Vec<Open> {
    let open = |derivative: Id| match g.view(derivative) {
        View::Derivative(body, variable, 1) => Some(Open { form, derivative, body, variable }),
        _ => None,
    };
    open_derivatives(g, form).into_iter().filter_map(open).collect()
}

struct Pairs<'p, 's> {
    search: &'p mut Search<'s>,
    out: Vec<Pair>,
}

impl<'s> Pairs<'_, 's> {
    fn is_spent(&self) -> bool {
        self.out.len() >= MOST || self.search.is_spent()
    }

    fn add(&mut self, value: Option<Id>, (first_rank, first): Made, (second_rank, second): Made) {
        if let Some(value) = value
            && first.mistake.name != second.mistake.name
        {
            self.out.push(Pair { value, found: [first, second], rank: first_rank + second_rank });
        }
    }

    /// Every wrong rule on slopes at every place where it applies.
    fn faults(&mut self, open: Open) -> Vec<Fault<'s>> {
        let parts = walk::topological(self.search.g, &[open.body]);
        let mut faults = Vec::new();
        for (rank, mistake, rule) in self.search.rules {
            if matches!(rule.wrong, Wrong::Slope(_) | Wrong::Composite(_) | Wrong::Link(_) | Wrong::OwnScore) {
                let places = self.search.places(rule, open.body, &parts, open.variable);
                faults.extend(places.into_iter().map(|place| ((*rank, *mistake), place, rule)));
            }
        }
        faults
    }

    /// The derivative with these wrong rules, and what each of them made.
    fn slope(&mut self, open: Open, faults: &[Fault<'s>]) -> Option<(Id, Vec<Made>)> {
        let Search { g, formulas, work, .. } = &mut *self.search;
        *work += walk::topological(g, &[open.body]).len();
        let mut slopes = Slopes::new(faults.iter().map(|(_, place, rule)| (*place, *rule)));
        let value = slopes.whole(g, &mut Rules::new(open.variable, formulas), open.body)?;
        let mut found = Vec::with_capacity(faults.len());
        for ((rank, mistake), place, rule) in faults {
            let (got, meant) = (slopes.of(*place)?, right(g, formulas, *place, open.variable)?);
            found.push((*rank, Found { mistake, place: rule.subject(g, *place), got, meant }));
        }
        Some((value, found))
    }

    fn of_slopes(&mut self, open: Open, faults: &[Fault<'s>]) {
        for (k, first) in faults.iter().enumerate() {
            for second in &faults[k + 1..] {
                if self.is_spent() {
                    return;
                }
                if first.0.1.name == second.0.1.name {
                    continue;
                }
                if first.1 == second.1 {
                    self.at_one_place(open, first, second);
                } else if let Some((value, found)) = self.slope(open, &[*first, *second]) {
                    let value = self.search.with_slope(open, value);
                    self.add(value, found[0], found[1]);
                }
            }
        }
    }

    /// Two wrong rules for one slope: each changes it by a factor, such as a sign, or an inner derivative that is missing.
    fn at_one_place(&mut self, open: Open, first: &Fault<'s>, second: &Fault<'s>) {
        let alone = |pairs: &mut Self, fault: &Fault<'s>| pairs.slope(open, &[*fault]).map(|(_, found)| found[0]);
        let (Some(one), Some(other)) = (alone(self, first), alone(self, second)) else { return };
        let Search { g, formulas, .. } = &mut *self.search;
        let product = g.mul(&[one.1.got, other.1.got]);
        let slope = g.div(product, one.1.meant);
        let mut slopes = Slopes::given(first.1, slope);
        let Some(value) = slopes.whole(g, &mut Rules::new(open.variable, formulas), open.body) else { return };
        let value = self.search.with_slope(open, value);
        self.add(value, one, other);
    }

    /// Every wrong identity at every part of an expression: the rewritten expression, and what was made where.
    fn rewritings(&mut self, whole: Id) -> Vec<(Id, Made)> {
        let parts = walk::topological(self.search.g, &[whole]);
        let mut out = Vec::new();
        for (rank, mistake, rule) in self.search.rules {
            if !matches!(rule.wrong, Wrong::Identity(_)) {
                continue;
            }
            for part in &parts {
                if let Some(got) = rule.rewritten(self.search.g, *part) {
                    let new = walk::substitute(self.search.g, whole, &HashMap::from([(*part, got)]));
                    out.push((new, (*rank, Found { mistake, place: *part, got, meant: *part })));
                }
            }
        }
        out
    }

    /// The slope is taken wrongly, and what comes out is rewritten wrongly.
    fn slope_then_identity(&mut self, open: Open, faults: &[Fault<'s>]) {
        for fault in faults {
            let Some((slope, found)) = self.slope(open, &[*fault]) else { continue };
            for (value, second) in self.rewritings(slope) {
                if self.is_spent() {
                    return;
                }
                let value = self.search.with_slope(open, value);
                self.add(value, found[0], second);
            }
        }
    }

    /// Another letter is taken for a variable too: its slope is a term more.
    fn with_letters(&mut self, open: Open, faults: &[Fault<'s>]) {
        if open.form != open.derivative {
            return;
        }
        let letter = self.search.rules.iter().find(|(_, _, rule)| rule.wrong == Wrong::Letter);
        let Some((rank, mistake, _)) = letter else { return };
        self.search.letters(open, (*rank, mistake));
        let extras: Vec<Found> = std::mem::take(&mut self.search.out).into_iter().map(|candidate| candidate.found).collect();
        for fault in faults {
            let Some((slope, found)) = self.slope(open, &[*fault]) else { continue };
            for extra in &extras {
                let value = self.search.g.add(&[slope, extra.got]);
                self.add(Some(value), found[0], (*rank, *extra));
            }
        }
    }

    /// What is there is rewritten wrongly; then a slope is taken wrongly, or it is rewritten wrongly again.
    fn after_identities(&mut self, form: Id) {
        for (rewritten, first) in self.rewritings(form) {
            for open in open_in(self.search.g, rewritten) {
                for fault in self.faults(open) {
                    if self.is_spent() {
                        return;
                    }
                    if let Some((value, found)) = self.slope(open, &[fault]) {
                        let value = self.search.with_slope(open, value);
                        self.add(value, first, found[0]);
                    }
                }
            }
            for (value, second) in self.rewritings(rewritten) {
                if self.is_spent() {
                    return;
                }
                let value = taken(self.search.g, value);
                self.add(value, first, second);
            }
        }
    }
}
