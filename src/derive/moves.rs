//! What a simplification did, for a reader: the identities that were used, what they say, and what the step keeps.

use super::{Note, Piece};
use crate::domain::{self, Known};
use crate::expr::{Graph, Id, walk};
use crate::math::{Class, Meaning, Rule};
use crate::simplify::{How, Move};

/// At most so many conditions are written beside a step.
const SHOWN: usize = 4;
/// At most so many identities are.
const IDENTITIES: usize = 3;
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
    let (mut rules, mut laws): (Vec<&Rule>, Vec<&str>) = (Vec::new(), Vec::new());
    for how in &m.how {
        match how {
            How::Rule(rule) if !rules.iter().any(|r| std::ptr::eq(*r, *rule)) => rules.push(rule),
            How::Law(name) if !laws.contains(name) => laws.push(name),
            _ => {}
        }
    }
    let mut out = Vec::new();
    if !laws.is_empty() {
        let mut note = Note::new(laws.join(", "), Vec::new());
        if laws.contains(&"recognise") {
            note.pieces.extend(m.function.map(meaning));
        }
        out.push(note);
    }
    let hidden = rules.len().saturating_sub(IDENTITIES);
    // the last ones are the most telling
    for rule in rules.into_iter().skip(hidden) {
        out.push(Note::new(rule.name, vec![Piece::Text(identity(rule).into())]));
    }
    out
}

/// What a function stands for, as an identity.
fn meaning(f: crate::math::FunctionId) -> Piece {
    let record = f.record();
    match record.meaning {
        Meaning::Text(text) => {
            let parameters = record.parameters.join(", ");
            Piece::Text(format!("{}({parameters}) = {text}, exact", record.name).into())
        }
        _ => Piece::Text(record.title.into()),
    }
}

/// What a rule says, and what it does to the domain.
fn identity(rule: &Rule) -> String {
    match rule.class {
        Class::Exact if !rule.text.contains(" where ") => format!("{}, exact", rule.text),
        _ => rule.text.to_owned(),
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
    domain::reduce(g, known, &had, &has)
}
