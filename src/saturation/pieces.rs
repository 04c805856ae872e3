//! The range cut at the kinks, jumps, poles and edges that the domain engine names, and on each piece a form of the expression
//! that is smooth up to both ends, where one was found and checked.

use super::{Place, Question};
use crate::derive::Engine;
use crate::domain::{self, Known, Prover, Verdict, compared_with};
use crate::eval::Truth;
use crate::expr::{Graph, Id, Number, Relation};
use crate::simplify::{Names, Simplifier};
use crate::verify::check::{self, Equality};
use std::collections::HashMap;

/// A stretch of the range without special places inside, as far as they are known.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub from: Place,
    pub to: Place,
    /// The expression there.
    pub form: Id,
    /// Its slope as an expression, where the rules find one that is proved or found equal.
    pub slope: Option<Id>,
    /// Whether the form certainly has a value everywhere in it.
    pub is_defined: bool,
    /// That the variable lies in it.
    pub inside: Vec<Id>,
}

/// The special places in the range, ascending. One that no rational is gets the f64 below and the one above.
pub(super) fn cuts(g: &mut Graph, question: &Question<'_>) -> Vec<Place> {
    let report = domain::describe(g, question.known, question.expression);
    let places = report.kinks.iter().chain(&report.poles).map(|(at, _)| *at);
    let conditions: Vec<Id> = report.conditions.iter().copied().chain(places).collect();
    let mut found: Vec<Place> = Vec::new();
    for id in compared_with(g, &conditions, question.variable) {
        match g.as_number(id) {
            Some(n) => found.push(Place::new(n.clone())),
            None => {
                let none = HashMap::new();
                let Ok(near) = Truth::new(g, &none, Vec::new()).nearest(id) else { continue };
                found.extend([near.next_down(), near.next_up()].into_iter().filter_map(Number::from_f64).map(Place::new));
            }
        }
    }
    let within = |place: &Place| {
        let above = question.from.as_ref().is_none_or(|from| place.exact.as_ref().is_some_and(|at| at > from));
        above && question.to.as_ref().is_none_or(|to| place.exact.as_ref().is_some_and(|at| at < to))
    };
    found.retain(within);
    found.sort_by(|a, b| a.near.total_cmp(&b.near));
    found.dedup();
    found
}

/// The pieces between the cuts.
pub(super) fn pieces(g: &mut Graph, question: &Question<'_>, cuts: &[Place], (low, high): (Place, Place)) -> Vec<Piece> {
    let ends: Vec<Place> = std::iter::once(low).chain(cuts.iter().cloned()).chain([high]).collect();
    let pairs = ends.windows(2).filter(|pair| pair[0].exact < pair[1].exact);
    let pairs: Vec<(Place, Place)> = pairs.map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    let last = pairs.len().saturating_sub(1);
    let piece = |(k, (from, to)): (usize, (Place, Place))| {
        // a form for a piece beside a tail holds in the tail too
        let below = (question.from.is_some() || k > 0).then(|| bound(g, question, Relation::Greater, &from)).flatten();
        let above = (question.to.is_some() || k < last).then(|| bound(g, question, Relation::Less, &to)).flatten();
        let inside: Vec<Id> = below.into_iter().chain(above).collect();
        let form = if cuts.is_empty() { question.expression } else { smooth_form(g, question, &inside) };
        let slope = slope_of(g, question, &inside, form);
        let is_defined = is_defined(g, question, &inside, form);
        Piece { from, to, form, slope, is_defined, inside }
    };
    pairs.into_iter().enumerate().map(piece).collect()
}

/// That the variable lies on one side of a place.
pub(super) fn bound(g: &mut Graph, question: &Question<'_>, relation: Relation, place: &Place) -> Option<Id> {
    let x = g.symbol(question.variable);
    let number = g.number(place.exact.clone()?);
    Some(g.compare(relation, x, number))
}

/// The slope under these conditions as an expression.
fn slope_of(g: &mut Graph, question: &Question<'_>, inside: &[Id], form: Id) -> Option<Id> {
    let mut known: Known = question.known.clone();
    known.conditions.extend_from_slice(inside);
    let found = Engine::new(&known).differentiate(g, form, &[question.variable]).ok()?.value;
    let derivative = g.derivative(form, question.variable, 1);
    matches!(check::equal(g, &known, derivative, found), Equality::Equal { .. }).then_some(found)
}

/// Whether an expression certainly has a value wherever these conditions hold.
fn is_defined(g: &mut Graph, question: &Question<'_>, inside: &[Id], form: Id) -> bool {
    let mut prover = Prover::new(question.known);
    inside.iter().for_each(|condition| prover.assume(*condition));
    domain::domain_of(g, form).into_iter().all(|needed| prover.prove(g, needed) == Verdict::Proved)
}

/// The shortest form under these conditions, where it is proved or found equal.
fn smooth_form(g: &mut Graph, question: &Question<'_>, inside: &[Id]) -> Id {
    let mut known: Known = question.known.clone();
    known.conditions.extend_from_slice(inside);
    let e = question.expression;
    let needs = domain::domain_of(g, e);
    let form = Simplifier::within(&known, g, &needs).named(Names::All).shortest(g, e);
    if form != e && matches!(check::equal(g, &known, e, form), Equality::Equal { .. }) { form } else { e }
}
