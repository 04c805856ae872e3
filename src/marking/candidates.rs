//! What learners get with a wrong rule: each rule is applied at each place of an expression, and at all of its places.

use super::forms::{binary, flat, readings};
use super::slopes::{Compiled, Slopes, inner_function, right};
use super::{open_derivatives, taken, taken_with};
use crate::derive::Formulas;
use crate::derive::rules::Rules;
use crate::domain::Known;
use crate::expr::{Constant, Graph, Id, Symbol, View, walk};
use crate::math::mistakes::{MISTAKES, Mistake, Wrong};
use crate::verify::check::{Equality, equal};
use std::collections::{HashMap, HashSet};

/// So many candidates are made at most.
pub(super) const MOST: usize = 6_000;

/// So many nodes are made for them: a statement has a limit of its own.
pub(super) const NODES: usize = 150_000;

/// So many slopes of parts are taken for them.
const WORK: usize = 60_000;

/// So often a wrong identity is applied to what it has made.
const ROUNDS: usize = 6;

/// The wrong rule that leads to a line.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The mistake.
    pub mistake: &'static Mistake,
    /// Where it was made: a part of the line above.
    pub place: Id,
    /// What the wrong rule makes of it.
    pub got: Id,
    /// What the right one makes of it.
    pub meant: Id,
}

/// What a learner gets with a wrong rule at some place.
pub(super) struct Candidate {
    pub value: Id,
    pub found: Found,
    /// Whether the rule was applied at several places, and its place in the catalogue: the least is the likeliest.
    pub rank: (bool, usize),
}

/// The same with the place as it stands in an expression, and not as the search has put it.
pub(super) fn as_written(g: &mut Graph, whole: Id, variable: Option<Symbol>, found: Found) -> Found {
    let parts = walk::topological(g, &[whole]);
    let written = parts.into_iter().find(|part| binary(g, *part, variable) == found.place);
    let place = written.unwrap_or_else(|| flat(g, found.place));
    Found { place, ..found }
}

/// What learners are likely to get for an expression instead of its value, with the mistake that leads to it: each mistake and each
/// line once, those that stand first in the catalogue first, at most so many. Nothing that equals the right value is among them.
pub fn likely(g: &mut Graph, known: &Known, problem: Id, most: usize) -> Vec<(Id, Found)> {
    let Some(meant) = taken(g, problem) else { return Vec::new() };
    let rules = compiled();
    let variable = variable_of(g, problem);
    let form = binary(g, problem, variable);
    let until = g.len() + NODES;
    let mut search = Search::new(g, &rules, until);
    search.form(form, None);
    let mut candidates = search.out;
    candidates.sort_by_key(|candidate| candidate.rank);
    let mut kept: Vec<(Id, Found)> = Vec::new();
    for Candidate { value, found, .. } in candidates {
        if kept.len() == most {
            break;
        }
        let is_new = kept.iter().all(|(_, other)| other.mistake.name != found.mistake.name);
        let differs = |g: &mut Graph, other: Id| matches!(equal(g, known, value, other), Equality::Different { .. });
        if is_new && differs(g, meant) && kept.iter().all(|(other, _)| differs(g, *other)) {
            kept.push((value, as_written(g, problem, variable, found)));
        }
    }
    kept
}

/// The wrong rules, ready to be applied, each with its mistake and the place of that in the catalogue.
pub(super) fn compiled() -> Vec<Rule> {
    let ranked = MISTAKES.iter().enumerate();
    ranked.flat_map(|(rank, mistake)| mistake.wrong.iter().map(move |wrong| (rank, mistake, Compiled::new(*wrong)))).collect()
}

/// The variable by which a derivative is still to be taken.
pub(super) fn variable_of(g: &Graph, root: Id) -> Option<Symbol> {
    open_derivatives(g, root).iter().find_map(|id| match g.view(*id) {
        View::Derivative(_, x, _) => Some(x),
        _ => None,
    })
}

/// A wrong rule, ready to be applied, with its mistake and the place of that in the catalogue.
pub(super) type Rule = (usize, &'static Mistake, Compiled);

/// A mistake with its place in the catalogue.
pub(super) type Ranked = (usize, &'static Mistake);

/// A derivative that is still to be taken, of a body by a variable, in a form.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub form: Id,
    pub derivative: Id,
    pub body: Id,
    pub variable: Symbol,
}

/// Makes the candidates of one expression.
pub(super) struct Search<'s> {
    pub g: &'s mut Graph,
    pub rules: &'s [Rule],
    pub formulas: Formulas,
    pub out: Vec<Candidate>,
    seen: HashSet<(Id, usize)>,
    /// No more are made once the graph has so many nodes.
    until: usize,
    /// How many slopes were taken.
    pub work: usize,
}

impl<'s> Search<'s> {
    pub fn new(g: &'s mut Graph, rules: &'s [Rule], until: usize) -> Self {
        Search { g, rules, formulas: Formulas::default(), out: Vec::new(), seen: HashSet::new(), until, work: 0 }
    }

    /// All candidates of a form; with `places` only those made at these parts.
    pub fn form(&mut self, form: Id, places: Option<&[Id]>) {
        self.identities(form, places);
        for derivative in open_derivatives(self.g, form) {
            if let View::Derivative(body, variable, _) = self.g.view(derivative) {
                self.slopes(form, derivative, body, variable, places);
            }
        }
    }

    pub fn is_spent(&self) -> bool {
        self.work > WORK || self.g.len() > self.until || self.out.len() >= MOST
    }

    /// Candidates from other readings of single parts, at those parts only.
    pub fn other_forms(&mut self, form: Id, variable: Option<Symbol>) {
        for part in walk::topological(self.g, &[form]) {
            for reading in readings(self.g, part) {
                if self.is_spent() {
                    return;
                }
                let reading = binary(self.g, reading, variable);
                let other = walk::substitute(self.g, form, &HashMap::from([(part, reading)]));
                let mut places = vec![reading];
                places.extend_from_slice(self.g.children(reading));
                self.form(other, Some(&places));
            }
        }
    }

    fn add(&mut self, value: Option<Id>, rank: (bool, usize), found: Found) {
        if let Some(value) = value
            && !self.is_spent()
            && self.seen.insert((value, rank.1))
        {
            self.out.push(Candidate { value, found, rank });
        }
    }

    // ---- identities

    fn identities(&mut self, form: Id, places: Option<&[Id]>) {
        let parts = walk::topological(self.g, &[form]);
        for (rank, mistake, rule) in self.rules {
            if !matches!(rule.wrong, Wrong::Identity(_)) {
                continue;
            }
            for part in &parts {
                if self.is_spent() || places.is_some_and(|places| !places.contains(part)) {
                    continue;
                }
                let Some(new) = rule.rewritten(self.g, *part) else { continue };
                let found = Found { mistake, place: *part, got: new, meant: *part };
                for new in self.repeated(rule, new) {
                    let wrong = walk::substitute(self.g, form, &HashMap::from([(*part, new)]));
                    let value = taken(self.g, wrong);
                    self.add(value, (false, *rank), Found { got: new, ..found });
                }
            }
            if places.is_none() {
                let all = self.everywhere(rule, form);
                if let Some((wrong, place, got)) = all {
                    let value = taken(self.g, wrong);
                    self.add(value, (true, *rank), Found { mistake, place, got, meant: place });
                }
            }
        }
    }

    /// What a wrong identity has made, and that with the identity applied again.
    fn repeated(&mut self, rule: &Compiled, first: Id) -> Vec<Id> {
        let mut all = vec![first];
        for _ in 0..ROUNDS {
            let Some((next, ..)) = all.last().and_then(|last| self.everywhere(rule, *last)) else { break };
            all.push(next);
        }
        all
    }

    /// The form with a wrong identity at all of its places, with the first of them.
    fn everywhere(&mut self, rule: &Compiled, form: Id) -> Option<(Id, Id, Id)> {
        let mut first = None;
        let new = walk::rebuild(self.g, form, |g, id, kids| {
            let kept = if kids.is_empty() { id } else { g.with_children(id, kids) };
            match rule.rewritten(g, kept) {
                Some(new) => {
                    first = first.or(Some((kept, new)));
                    new
                }
                None => kept,
            }
        });
        first.map(|(place, got)| (new, place, got))
    }

    // ---- slopes

    fn slopes(&mut self, form: Id, derivative: Id, body: Id, variable: Symbol, places: Option<&[Id]>) {
        let Some(body) = taken(self.g, body) else { return };
        let body = binary(self.g, body, Some(variable));
        let open = Open { form, derivative, body, variable };
        let parts = walk::topological(self.g, &[body]);
        for (rank, mistake, rule) in self.rules {
            let mut all = Vec::new();
            match rule.wrong {
                Wrong::Slope(_) | Wrong::Composite(_) | Wrong::Link(_) | Wrong::OwnScore => {
                    for part in self.places(rule, body, &parts, variable) {
                        if places.is_none_or(|places| places.contains(&part)) {
                            self.fault(open, (*rank, mistake), &[(part, rule)]);
                        }
                        all.push((part, rule));
                    }
                    if places.is_none() && all.len() > 1 {
                        self.fault(open, (*rank, mistake), &all);
                    }
                }
                Wrong::Letter if places.is_none() => self.letters(open, (*rank, mistake)),
                Wrong::Factor(_) => self.factors(open, (*rank, mistake), rule),
                Wrong::Letter | Wrong::Identity(_) => {}
            }
        }
    }

    /// The parts at which a rule may be applied.
    pub fn places(&mut self, rule: &Compiled, body: Id, parts: &[Id], variable: Symbol) -> Vec<Id> {
        let mut rules = Rules::new(variable, &mut self.formulas);
        let varying: Vec<Id> = parts.iter().copied().filter(|part| rules.depends(self.g, *part)).collect();
        let is_chain = |wrong| matches!(wrong, Wrong::Composite(_) | Wrong::Link(_));
        if !is_chain(rule.wrong) {
            return varying.into_iter().filter(|part| rule.has_shape(self.g, *part)).collect();
        }
        let links: HashMap<Id, Id> =
            varying.iter().filter_map(|part| Some((*part, inner_function(self.g, &mut rules, *part)?))).collect();
        // a chain of three links: one composition stands directly inside of another
        let inside: HashSet<Id> = links.values().copied().collect();
        let is_longer = |part: &Id| links.get(part).is_some_and(|inner| inside.contains(part) || links.contains_key(inner));
        let puts_inside = rule.wrong == Wrong::Composite("inside");
        let chosen = links.keys().copied().filter(|part| match rule.wrong {
            Wrong::Link(_) => is_longer(part) && (*part != body || rule.wrong != Wrong::Link("outer")),
            _ => puts_inside || !inside.contains(part),
        });
        let mut chosen: Vec<Id> = chosen.collect();
        chosen.sort_unstable();
        chosen
    }

    /// The candidate with wrong rules at these places.
    fn fault(&mut self, open: Open, (rank, mistake): Ranked, faults: &[(Id, &Compiled)]) {
        let Open { body, variable, .. } = open;
        let Some((place, rule)) = faults.last().copied().filter(|_| !self.is_spent()) else { return };
        self.work += walk::topological(self.g, &[body]).len();
        let mut slopes = Slopes::new(faults.iter().copied());
        let Some(value) = slopes.whole(self.g, &mut Rules::new(variable, &mut self.formulas), body) else { return };
        let (Some(got), Some(meant)) = (slopes.of(place), right(self.g, &mut self.formulas, place, variable)) else { return };
        let value = self.with_slope(open, value);
        let place = rule.subject(self.g, place);
        self.add(value, (faults.len() > 1, rank), Found { mistake, place, got, meant });
    }

    /// The form with this for one of its derivatives, and the others taken by the rules.
    pub fn with_slope(&mut self, open: Open, value: Id) -> Option<Id> {
        let form = walk::substitute(self.g, open.form, &HashMap::from([(open.derivative, value)]));
        let Search { g, formulas, .. } = self;
        taken_with(g, form, |g, body, variable| right(g, formulas, body, variable))
    }

    /// Another letter, or a constant, varies with the variable: everywhere, or in one constant part.
    pub fn letters(&mut self, open: Open, (rank, mistake): Ranked) {
        let Open { body, variable, .. } = open;
        let parts = walk::topological(self.g, &[body]);
        let is_letter = |g: &Graph, id: &Id| match g.view(*id) {
            View::Symbol(s) => s != variable,
            View::Constant(_) => true,
            _ => false,
        };
        let letters: Vec<Id> = parts.iter().copied().filter(|id| is_letter(self.g, id)).collect();
        let Some(meant) = right(self.g, &mut self.formulas, body, variable) else { return };
        let zero = self.g.integer(0);
        for letter in letters {
            let moving = self.g.intern(LETTER);
            let moved = self.g.symbol(moving);
            for part in parts.iter().copied() {
                let is_whole = part == body;
                if !(is_whole || self.is_constant_part(part, variable)) || !walk::topological(self.g, &[part]).contains(&letter) {
                    continue;
                }
                if self.is_base(part, letter) && self.g.view(letter) == View::Constant(Constant::E) {
                    continue;
                }
                let with = walk::substitute(self.g, part, &HashMap::from([(letter, moved)]));
                let Some(slope) = right(self.g, &mut self.formulas, with, moving) else { continue };
                let extra = walk::substitute(self.g, slope, &HashMap::from([(moved, letter)]));
                let value = self.g.add(&[meant, extra]);
                let value = self.with_slope(open, value);
                let place = if is_whole { letter } else { part };
                self.add(value, (false, rank), Found { mistake, place, got: extra, meant: zero });
            }
        }
    }

    /// Whether a part is constant and more than a factor of something that varies.
    fn is_constant_part(&self, part: Id, variable: Symbol) -> bool {
        !walk::contains(self.g, part, variable)
    }

    /// Whether `e` is the base of an exponential, as which nobody differentiates it.
    fn is_base(&self, part: Id, letter: Id) -> bool {
        let parts = walk::topological(self.g, &[part]);
        parts.iter().any(|id| matches!(self.g.view(*id), View::Pow(base, n) if base == letter && self.g.as_number(n).is_none()))
    }

    /// The derivative with a factor that should have cancelled.
    fn factors(&mut self, open: Open, (rank, mistake): Ranked, rule: &Compiled) {
        let Open { body, variable, .. } = open;
        let Some(meant) = right(self.g, &mut self.formulas, body, variable) else { return };
        for part in walk::topological(self.g, &[body]) {
            let Some(factor) = rule.factor(self.g, part) else { continue };
            let value = self.g.mul(&[meant, factor]);
            let value = self.with_slope(open, value);
            self.add(value, (false, rank), Found { mistake, place: part, got: factor, meant });
        }
    }
}

/// The name of a letter that is taken for a variable, while it is.
const LETTER: &str = "_letter";
