//! What a simplification did, for a reader: the identities that were used, what they say, and what the step keeps.

use super::{Note, Piece};
use crate::domain::{self, Known};
use crate::expr::{Graph, Id, walk};
use crate::math::{self, Class, Meaning, Rule, calculus};
use crate::simplify::{How, Move, beyond};

/// Said of an identity that holds wherever one of its sides has a value.
const EXACT: &str = ", exact";
/// At most so many conditions are written beside a step.
const SHOWN: usize = 4;
/// At most so many rules are.
const SHOWN_RULES: usize = 4;
/// Of larger expressions it is not worked out what a step keeps: it stands with the result.
const NODES: usize = 400;

/// The notes of a move, and the conditions that the form before it had and the form after it has no more.
pub fn told(g: &mut Graph, known: &Known, before: Id, m: &Move) -> (Vec<Note>, Vec<Id>) {
    let mut notes = notes(m);
    let kept = lost(g, known, before, m.after);
    if let Some(last) = notes.last_mut() {
        for (k, c) in kept.iter().take(SHOWN).enumerate() {
            last.needs.push(Piece::Text(if k == 0 { "keeps ".into() } else { ", ".into() }));
            last.needs.push(Piece::Expr(*c));
        }
        if kept.is_empty() && last.rule.contains("cancel") {
            last.needs.push(Piece::Text("what cancels is never 0 here".into()));
        }
    }
    (notes, kept)
}

fn notes(m: &Move) -> Vec<Note> {
    let mut out: Vec<Note> = Vec::new();
    for how in &m.how {
        let note = match how {
            How::Rule(rule) => of_rule(rule),
            How::Law(name) => of_law(name, m),
        };
        if !out.iter().any(|n| n.rule == note.rule && n.pieces == note.pieces) {
            out.push(note);
        }
    }
    // the last ones are the most telling
    let hidden = out.len().saturating_sub(SHOWN_RULES);
    out.split_off(hidden)
}

fn of_rule(rule: &'static Rule) -> Note {
    Note { why: rule.why, ..Note::new(rule.name, identity(rule)) }
}

/// A law has its statement beside the laws of calculus, or is a rule of the table that is applied to any number of terms.
fn of_law(name: &'static str, m: &Move) -> Note {
    let statement = calculus::law(name).map_or("", |law| law.statement);
    let pieces = match (name, m.function) {
        ("recognise", Some(f)) => meaning(f),
        _ if !statement.is_empty() => vec![Piece::Formula(statement.into())],
        _ => match math::rules().find(|r| r.name == name) {
            Some(rule) => return of_rule(rule),
            None => Vec::new(),
        },
    };
    Note::new(name, pieces)
}

/// What a function stands for, as an identity.
fn meaning(f: crate::math::FunctionId) -> Vec<Piece> {
    let record = f.record();
    match record.meaning {
        Meaning::Text(text) => {
            let parameters = record.parameters.join(", ");
            vec![Piece::Formula(format!("{}({parameters}) = {text}", record.name).into()), Piece::Text(EXACT.into())]
        }
        _ => vec![Piece::Text(record.title.into())],
    }
}

/// What a rule says, and what it does to the domain.
fn identity(rule: &Rule) -> Vec<Piece> {
    let text = Piece::Formula(rule.text.into());
    match rule.class {
        Class::Exact if !rule.text.contains(" where ") => vec![text, Piece::Text(EXACT.into())],
        _ => vec![text],
    }
}

/// What the form before needs and the form after does not.
fn lost(g: &mut Graph, known: &Known, before: Id, after: Id) -> Vec<Id> {
    if walk::topological(g, &[before, after]).len() > NODES {
        return Vec::new();
    }
    let (had, has) = (domain::domain_of(g, before), domain::domain_of(g, after));
    if had.iter().all(|c| has.contains(c)) {
        return Vec::new();
    }
    let gone = beyond(known, g, &had, &has);
    if gone.is_empty() { gone } else { domain::reduce(g, known, &gone, &has) }
}
