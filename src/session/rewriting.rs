//! `simplify`, `expand`, `contract`, and an expression alone: an equal form, with the rewrites that lead to it and what must hold for it.

use super::command::{answer, check_steps, outside_in, without_partial};
use super::{Point, Work};
use crate::budget::allowed;
use crate::derive::{self, Derivation, Detail, Note, Step, moves, pipeline};
use crate::diagnostic::{Diagnostic, code};
use crate::domain::{self, Known};
use crate::expr::{Graph, Id, View, walk};
use crate::limits::Limit;
use crate::outcome::{Answer, Formula, Stability};
use crate::resolve::{Fault, Value};
use crate::simplify::{Move, Names, Simplifier, TooLong, beyond, contract, decided, expand, needs};
use crate::stable;
use crate::verify::check;

/// What an expression is rewritten for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Aim {
    /// The shortest form.
    Shortest,
    /// Products, logarithms and exponentials taken apart.
    Expanded,
    /// Logarithms, exponentials and roots put together.
    Contracted,
}

impl Aim {
    /// The moves from an expression to the form that is wanted.
    fn moves(self, known: &Known, g: &mut Graph, conditions: &[Id], e: Id) -> Result<Vec<Move>, TooLong> {
        match self {
            Aim::Shortest => Ok(Simplifier::within(known, g, conditions).named(Names::All).moves(g, e)),
            Aim::Expanded => expand(known, g, conditions, e),
            Aim::Contracted => Ok(contract(known, g, conditions, e)),
        }
    }
}

/// An expression without the conditions that it carries, and what it needs to have a value.
struct Carried {
    total: Id,
    /// All that it needs, as it stands.
    needs: Vec<Id>,
    /// The same as a reader sees it, beyond what is known.
    domain: Vec<Id>,
}

impl Carried {
    fn new(known: &Known, g: &mut Graph, e: Id) -> Self {
        let (total, carried) = without_partial(g, e);
        let mut needs = needs(known, g, total);
        needs.extend(carried);
        let domain = domain::reduce(g, known, &needs, &[]);
        let domain = settled(g, known, domain);
        Carried { total, needs, domain }
    }

    /// Whether the expression has no value anywhere: then it is left as it stands.
    fn is_nowhere(&self, g: &Graph) -> bool {
        matches!(self.domain[..], [never] if g.view(never) == View::Truth(false))
    }

    /// A form with what must hold for it to stand for the expression.
    fn formula(&self, g: &mut Graph, known: &Known, form: Id) -> Formula {
        let own = domain::domain_of(g, form);
        let conditions = if self.domain.is_empty() || self.is_nowhere(g) {
            self.domain.clone()
        } else {
            let lost = beyond(known, g, &self.needs, &own);
            let left = domain::reduce(g, known, &lost, &own);
            settled(g, known, left)
        };
        let (id, conditions) = outside_in(g, form, conditions);
        Formula { id, conditions, value: None }
    }
}

/// The conditions that are left once those without symbols are decided, by enclosures or by their shortest forms; `false` alone
/// where one of them fails.
pub(super) fn settled(g: &mut Graph, known: &Known, conditions: Vec<Id>) -> Vec<Id> {
    let mut left = Vec::with_capacity(conditions.len());
    for c in check::settled(g, known, conditions) {
        let c = if walk::free_symbols(g, &[c]).is_empty() { decided(g, c) } else { c };
        match g.view(c) {
            View::Truth(true) => {}
            View::Truth(false) => return vec![c],
            _ => left.push(c),
        }
    }
    left
}

impl Work<'_> {
    /// The shortest form, with its value where every symbol has one.
    pub(super) fn shortest(&mut self, known: &Known, root: Id, point: &Point) -> Formula {
        let value = self.value_of(root, point);
        let opened = self.opened(root);
        let g = &mut self.session.graph;
        let carried = Carried::new(known, g, opened);
        let id = match carried.is_nowhere(g) {
            true => carried.total,
            false => Simplifier::within(known, g, &carried.needs).named(Names::All).shortest(g, carried.total),
        };
        let formula = carried.formula(g, known, id);
        // a number shows its value itself, unless there is none here
        Formula { value: value.filter(|value| value.undefined || g.as_number(formula.id).is_none()), ..formula }
    }

    /// The form that is wanted, with the checked rewrites that lead to it.
    pub(super) fn rewritten(&mut self, value: &Value, aim: Aim, detail: Option<Detail>) -> Result<Answer, Fault> {
        let known = self.known();
        match value {
            Value::Scalar(root) => {
                let (formula, derivation) = self.rewriting(&known, *root, aim)?;
                Ok(Answer::Simplified { formula, derivation, detail })
            }
            Value::Vector(roots) => {
                let found = roots.iter().map(|root| self.rewriting(&known, *root, aim).map(|(formula, _)| formula));
                Ok(answer(value, found.collect::<Result<Vec<_>, _>>()?))
            }
        }
    }

    /// The numerically stable form of one number, with the checked rewrites that lead to it.
    pub(super) fn stable_form(&mut self, value: &Value, detail: Detail) -> Result<Answer, Fault> {
        let Value::Scalar(root) = value else {
            return Err(Box::new(
                Diagnostic::new(&code::VECTOR, "this needs one number, not a vector").help("name one entry of it"),
            ));
        };
        let known = self.known();
        let opened = self.opened(*root);
        let g = &mut self.session.graph;
        if walk::has_rows(g, &[opened]) {
            let fault = Diagnostic::new(&code::DATA, "`stable` looks at the arithmetic of one row");
            return Err(Box::new(fault.help("write what stands inside of the mean or sum")));
        }
        let carried = Carried::new(&known, g, opened);
        let found = stable::stabilise(g, &known, carried.total, &carried.needs);
        let mut before = carried.total;
        let moves = found.rewrites.iter().map(|r| {
            let function = stable::recognised(g, std::mem::replace(&mut before, r.after), r.after);
            Move { how: vec![r.how], function, after: r.after }
        });
        let moves = moves.collect();
        let (formula, derivation) = self.narrated(&known, opened, carried, moves)?;
        let computed = stable::computed(&mut self.session.graph, formula.id);
        Ok(Answer::Stable(Box::new(Stability {
            formula,
            derivation,
            detail,
            failures: found.failures,
            left: found.left,
            rows: found.rows,
            along: found.along,
            is_stable: found.is_stable,
            points: found.points,
            computed,
        })))
    }

    fn rewriting(&mut self, known: &Known, root: Id, aim: Aim) -> Result<(Formula, Derivation), Fault> {
        let opened = self.opened(root);
        let g = &mut self.session.graph;
        let carried = Carried::new(known, g, opened);
        let found = match carried.is_nowhere(g) {
            true => Vec::new(),
            false => aim.moves(known, g, &carried.needs, carried.total).map_err(|e| too_long(&e))?,
        };
        self.narrated(known, opened, carried, found)
    }

    /// The rewrites from an expression to a form of it, told and checked.
    fn narrated(
        &mut self,
        known: &Known,
        opened: Id,
        carried: Carried,
        found: Vec<Move>,
    ) -> Result<(Formula, Derivation), Fault> {
        let g = &mut self.session.graph;
        let mut steps = Vec::with_capacity(found.len() + 1);
        if carried.total != opened {
            steps.push(Step::new(opened, carried.total, vec![Note::new("condition carried", Vec::new())]));
        }
        let mut last = carried.total;
        for m in found {
            let (mut notes, mut kept) = moves::told(g, known, last, &m);
            if in_cases(g, m.after) && !in_cases(g, opened) {
                // what each case keeps stands with the result
                notes.iter_mut().for_each(|note| note.needs.clear());
                kept.clear();
            }
            steps.push(Step { conditions: kept, ..Step::new(last, m.after, notes) });
            last = m.after;
        }
        let formula = carried.formula(g, known, last);
        let mut derivation = trace(opened, steps, &formula, carried.domain);
        derivation.assumed = derive::assumed(g, known, opened);
        check_steps(g, known, &mut derivation)?;
        Ok((formula, derivation))
    }
}

fn in_cases(g: &Graph, e: Id) -> bool {
    matches!(g.view(e), View::If(..))
}

/// Rewrites in the form in which steps are checked and shown.
fn trace(start: Id, steps: Vec<Step>, formula: &Formula, domain: Vec<Id>) -> Derivation {
    Derivation {
        expression: start,
        opened: start,
        variables: Vec::new(),
        chain: Vec::new(),
        stages: pipeline::Stages::new(),
        start,
        steps,
        result: formula.id,
        conditions: formula.conditions.clone(),
        domain,
        kinks: Vec::new(),
        assumed: Vec::new(),
    }
}

fn too_long(e: &TooLong) -> Fault {
    let about = if e.terms == u64::MAX { "far".to_owned() } else { format!("with {} terms", e.terms) };
    let most = allowed(Limit::Expanded);
    let message = format!("the expanded form would be too long to read ({about}; the limit is {most})");
    let help = format!("expand a part of it, or differentiate it as it stands; {}", Limit::Expanded.advice());
    Box::new(Diagnostic::new(&code::TOO_LONG, message).help(help))
}
