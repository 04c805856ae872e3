//! Conditions as a person would write them, and of many only those that say something new.

use super::domain_of::domain_of;
use super::facts::conjuncts;
use super::poly::{Key, Poly};
use super::prover::{Line, Prover, difference, on_line};
use super::solve::{line_conditions, solve};
use super::{Known, Verdict};
use crate::expr::{Graph, Id, View};

/// Beyond this many conditions each is compared with what is known only, not with every other.
const PAIRWISE: usize = 48;

/// Beyond this many conditions they are only proved one by one: solving and comparing them would take the square of their number.
const MANY: usize = 256;

/// How many levels of alternatives are looked into.
const NESTED: u32 = 8;

/// The condition as a person would write it, with what it needs to be defined: equivalent, given what is known.
pub fn tidy(g: &mut Graph, known: &Known, condition: Id) -> Vec<Id> {
    reduce(g, known, &[condition], &[])
}

/// What of these conditions is not implied by what is known, nor by `already`, nor by each other, each tidy.
pub fn reduce(g: &mut Graph, known: &Known, conditions: &[Id], already: &[Id]) -> Vec<Id> {
    let mut prover = Prover::new(known);
    if conditions.len() > MANY {
        return unproved(g, prover, conditions);
    }
    for c in already.iter().take(MANY) {
        prover.assume(*c);
    }
    reduce_with(g, &prover, conditions)
}

/// The conditions that what is known does not prove, as they stand: one pass, for expressions with very many.
fn unproved(g: &mut Graph, mut prover: Prover, conditions: &[Id]) -> Vec<Id> {
    let mut seen = std::collections::HashSet::new();
    let all = conjuncts(g, conditions);
    all.into_iter().filter(|c| seen.insert(*c) && prover.prove(g, *c) != Verdict::Proved).collect()
}

/// As [`reduce`], with a prover that holds what is known.
pub fn reduce_with(g: &mut Graph, prover: &Prover, conditions: &[Id]) -> Vec<Id> {
    let all = with_domains(g, conditions);
    let solved = solve_in_turn(g, prover, &all);
    let never = g.truth(false);
    if solved.contains(&never) {
        return vec![never];
    }
    let merged = merged(g, solved);
    if merged.contains(&never) {
        return vec![never];
    }
    independent(g, prover, absorbed(g, merged))
}

/// Without those that another one implies as it is written; of two that imply each other the first stays.
fn absorbed(g: &Graph, conditions: Vec<Id>) -> Vec<Id> {
    if conditions.len() > PAIRWISE {
        return conditions;
    }
    let mut left: Vec<Id> = Vec::with_capacity(conditions.len());
    for (k, c) in conditions.iter().enumerate() {
        let is_implied = |by: &Id| implies(g, *by, *c, NESTED);
        if !left.iter().any(is_implied) && !conditions[k + 1..].iter().any(|by| is_implied(by) && !implies(g, *c, *by, NESTED)) {
            left.push(*c);
        }
    }
    left
}

/// Whether one condition implies another part by part: `x > 0 or p >= 3` implies `x != 0 or p >= 1`. So many levels of alternatives
/// and of conditions that hold together are looked into.
fn implies(g: &Graph, a: Id, b: Id, levels: u32) -> bool {
    if a == b {
        return true;
    }
    if levels == 0 {
        return false;
    }
    let next = levels - 1;
    let (left, right) = (g.view(a), g.view(b));
    if let View::Or(parts) = left {
        return parts.iter().all(|part| implies(g, *part, b, next));
    }
    if let View::And(parts) = right {
        return parts.iter().all(|part| implies(g, a, *part, next));
    }
    if matches!(right, View::Or(parts) if parts.iter().any(|part| implies(g, a, *part, next))) {
        return true;
    }
    if let View::And(parts) = left {
        return parts.iter().any(|part| implies(g, *part, b, next));
    }
    match (placed(g, a), placed(g, b)) {
        (Some((key, line)), Some((other, wider))) => key == other && line.and(&wider) == line,
        _ => false,
    }
}

/// The conditions, followed by what they need to be defined.
fn with_domains(g: &mut Graph, conditions: &[Id]) -> Vec<Id> {
    let mut out = conjuncts(g, conditions);
    let mut seen: std::collections::HashSet<Id> = out.iter().copied().collect();
    for c in out.clone() {
        out.extend(domain_of(g, c).into_iter().filter(|d| seen.insert(*d)));
    }
    out
}

/// Each condition solved, given those before it.
fn solve_in_turn(g: &mut Graph, prover: &Prover, conditions: &[Id]) -> Vec<Id> {
    let mut known = prover.clone();
    let mut out: Vec<Id> = Vec::new();
    for c in conditions {
        if known.prove(g, *c) == Verdict::Proved {
            continue;
        }
        let parts = solve(g, &mut known, *c);
        for part in parts {
            if !out.contains(&part) {
                out.push(part);
            }
            known.assume(part);
        }
    }
    out
}

/// Bounds of the same expression put together: `x >= 0` and `x != 0` are `x > 0`.
fn merged(g: &mut Graph, conditions: Vec<Id>) -> Vec<Id> {
    let mut groups: Vec<(Option<Key>, Id, Line, Vec<Id>)> = Vec::new();
    for c in conditions {
        let placed = placed(g, c);
        match placed {
            Some((key, line)) => match groups.iter_mut().find(|(k, ..)| k.as_ref() == Some(&key)) {
                Some((_, _, old, members)) => {
                    *old = old.and(&line);
                    members.push(c);
                }
                None => groups.push((Some(key), c, line, vec![c])),
            },
            None => groups.push((None, c, Line::default(), vec![c])),
        }
    }
    let mut out = Vec::new();
    for (key, first, line, members) in groups {
        match key {
            Some(_) if line.is_empty() => out.push(g.truth(false)),
            Some(key) if members.len() > 1 => {
                let expression = key_expression(g, &key);
                out.extend(line_conditions(g, expression, &line));
                // what cancels in the common form took its domain along
                for member in members {
                    out.extend(domain_of(g, member));
                }
            }
            _ => out.push(first),
        }
    }
    out
}

fn placed(g: &Graph, condition: Id) -> Option<(Key, Line)> {
    let View::Compare(r, a, b) = g.view(condition) else { return None };
    on_line(&difference(g, a, b)?, r)
}

fn key_expression(g: &mut Graph, key: &Key) -> Id {
    Poly::of_terms(key.iter().cloned()).to_expression(g)
}

/// Without those that the others imply, together with their own domains; of two that imply each other the first stays.
fn independent(g: &mut Graph, prover: &Prover, mut conditions: Vec<Id>) -> Vec<Id> {
    if conditions.len() > PAIRWISE {
        return conditions;
    }
    for k in (0..conditions.len()).rev() {
        let others: Vec<Id> = conditions.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, c)| *c).collect();
        let mut given = prover.clone();
        for c in &others {
            given.assume(*c);
        }
        let mut needed = domain_of(g, conditions[k]);
        needed.push(conditions[k]);
        if needed.into_iter().all(|c| given.proves(g, c)) {
            conditions = others;
        }
    }
    conditions
}
