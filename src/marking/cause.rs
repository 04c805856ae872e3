//! What explains a line that does not follow: the wrong rules that lead to it from the line above, one alone, or two together where
//! none alone does.

use super::candidates::{Candidate, Found, NODES, Rule, Search, as_written, compiled, variable_of};
use super::forms::binary;
use super::sample::Points;
use super::{pairs, taken};
use crate::domain::Known;
use crate::expr::{Graph, Id, Symbol, walk};
use crate::verify::check::{Equality, equal};

/// Of a line above with more nodes no mistakes are looked for.
const LARGEST: usize = 100;

/// Of one with more nodes no two mistakes are looked for.
const LARGEST_FOR_TWO: usize = 40;

/// So many mistakes that lead to the same line are told.
const ALTERNATIVES: usize = 2;

/// Why a line is not equal to the expression above it.
#[derive(Clone, Debug)]
pub enum Cause {
    /// One wrong rule leads to it. Where others do as well, the likeliest stands first.
    Either(Vec<Found>),
    /// Two wrong rules lead to it, and none alone.
    Both([Found; 2]),
}

impl Cause {
    /// The wrong rules, the likeliest first.
    #[must_use]
    pub fn all(&self) -> &[Found] {
        match self {
            Cause::Either(all) => all,
            Cause::Both(two) => two,
        }
    }
}

/// The mistakes that lead from an expression to a line that is not equal to it; none where none of the rules does. Derivatives in both
/// are still to be taken.
pub fn find(g: &mut Graph, known: &Known, before: Id, line: Id) -> Option<Cause> {
    let (meant, line) = (taken(g, before)?, taken(g, line)?);
    let size = walk::topological(g, &[before]).len();
    if size > LARGEST {
        return None;
    }
    let points = Points::new(g, known, &[meant, line])?;
    let variable = variable_of(g, before);
    let form = binary(g, before, variable);
    let question = Question { known, before, line, variable, points };
    let rules = compiled();
    let until = g.len() + NODES;
    // what is written goes before other ways to read it
    let mut search = Search::new(g, &rules, until);
    search.form(form, None);
    let written = search.out;
    if let Some(cause) = question.alone(g, written) {
        return Some(cause);
    }
    let mut search = Search::new(g, &rules, until);
    search.other_forms(form, variable);
    let read = search.out;
    let alone = question.alone(g, read);
    if alone.is_some() || size > LARGEST_FOR_TWO { alone } else { question.together(g, &rules, form) }
}

struct Question<'k> {
    known: &'k Known,
    before: Id,
    line: Id,
    variable: Option<Symbol>,
    points: Points,
}

impl Question<'_> {
    /// The mistakes of which each alone leads to the line.
    fn alone(&self, g: &mut Graph, candidates: Vec<Candidate>) -> Option<Cause> {
        let values: Vec<Id> = candidates.iter().map(|c| c.value).collect();
        let agrees = self.points.equal_to(g, self.known, self.line, &values);
        let mut matching: Vec<Candidate> =
            candidates.into_iter().zip(agrees).filter(|(_, agrees)| *agrees).map(|(c, _)| c).collect();
        matching.sort_by_key(|candidate| candidate.rank);
        let mut certain: Vec<Candidate> = Vec::new();
        for candidate in matching {
            let is_new = certain.iter().all(|one| self.is_another(g, one, &candidate));
            if is_new && certain.len() < ALTERNATIVES && self.is_line(g, candidate.value) {
                certain.push(candidate);
            }
        }
        let found: Vec<Found> = certain.iter().map(|candidate| self.as_written(g, candidate.found)).collect();
        (!found.is_empty()).then_some(Cause::Either(found))
    }

    /// The two mistakes that lead to the line together.
    fn together(&self, g: &mut Graph, rules: &[Rule], form: Id) -> Option<Cause> {
        let until = g.len() + NODES;
        let pairs = pairs::of(&mut Search::new(g, rules, until), form);
        let values: Vec<Id> = pairs.iter().map(|pair| pair.value).collect();
        let agrees = self.points.equal_to(g, self.known, self.line, &values);
        let matching = || pairs.iter().zip(&agrees).filter(|(_, agrees)| **agrees).map(|(pair, _)| pair);
        // of rules for the same places the likeliest counts; explanations that differ are none
        let first = matching().min_by_key(|pair| pair.rank)?;
        let is_only = matching().all(|other| other.is_like(g, first));
        (is_only && self.is_line(g, first.value)).then(|| Cause::Both(first.found.map(|found| self.as_written(g, found))))
    }

    /// Whether a mistake is another explanation beside one: not one at a single place beside one at several, nor one for a part of
    /// the other's place, nor one that makes the same of it.
    fn is_another(&self, g: &mut Graph, one: &Candidate, other: &Candidate) -> bool {
        let is_as_wide = one.rank.0 == other.rank.0;
        let (one, other) = (one.found, other.found);
        let is_apart = match one.place == other.place {
            true => binary(g, one.got, self.variable) != binary(g, other.got, self.variable),
            false => !is_nested(g, one.place, other.place),
        };
        is_as_wide && is_apart && one.mistake.name != other.mistake.name
    }

    fn is_line(&self, g: &mut Graph, value: Id) -> bool {
        matches!(equal(g, self.known, value, self.line), Equality::Equal { .. })
    }

    fn as_written(&self, g: &mut Graph, found: Found) -> Found {
        as_written(g, self.before, self.variable, found)
    }
}

/// Whether one is a part of the other.
pub(super) fn is_nested(g: &Graph, a: Id, b: Id) -> bool {
    walk::topological(g, &[a]).contains(&b) || walk::topological(g, &[b]).contains(&a)
}
