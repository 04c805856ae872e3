//! Where in a line a mistake shows: the smallest part that makes the line right once the wrong result in it is put right.

use super::sample::Points;
use super::taken;
use crate::domain::Known;
use crate::expr::{Graph, Id, View, walk};
use std::collections::{HashMap, HashSet};

use super::Found;

/// The part of the line at which the mistake shows; the line itself where it shows nowhere else.
pub fn place(g: &mut Graph, known: &Known, before: Id, line: Id, found: &Found) -> Option<Id> {
    let meant = taken(g, before)?;
    let ratio = g.div(found.meant, found.got);
    let parts = walk::topological(g, &[line]);
    let factors: HashSet<Id> =
        parts.iter().filter(|part| is_product(g, **part)).flat_map(|part| g.children(*part)).copied().collect();
    let mut candidates = Vec::with_capacity(2 * parts.len());
    for part in parts {
        if g.is_condition(part) || g.as_number(part).is_some() {
            continue;
        }
        let scaled = g.mul(&[part, ratio]);
        // what the wrong rule made may stand there as it is
        for (right, is_scaled) in [(found.meant, false), (scaled, true)] {
            let new = walk::substitute(g, line, &HashMap::from([(part, right)]));
            if let Some(value) = taken(g, new) {
                candidates.push((part, value, is_scaled));
            }
        }
    }
    let points = Points::new(g, known, &[meant, line])?;
    let values: Vec<Id> = candidates.iter().map(|(_, value, _)| *value).collect();
    let agrees = points.equal_to(g, known, meant, &values);
    let fitting = candidates.iter().zip(agrees).filter(|(_, agrees)| *agrees).map(|(candidate, _)| candidate);
    // a factor that is missing could stand at any of the others: then the whole term is shown
    let best = fitting.min_by_key(|(part, _, is_scaled)| (*is_scaled, factors.contains(part), walk::tree_size(g, *part)));
    best.map(|(part, ..)| *part)
}

fn is_product(g: &Graph, id: Id) -> bool {
    matches!(g.view(id), View::Mul(_) | View::Div(..) | View::Neg(_))
}
