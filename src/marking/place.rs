//! Where in a line a mistake shows: the smallest part that makes the line right once the wrong result in it is put right.

use super::sample::Points;
use super::taken;
use crate::domain::Known;
use crate::expr::{Graph, Id, walk};
use std::collections::HashMap;

use super::Found;

/// The part of the line at which the mistake shows; the line itself where it shows nowhere else.
pub fn place(g: &mut Graph, known: &Known, before: Id, line: Id, found: &Found) -> Option<Id> {
    let meant = taken(g, before)?;
    let ratio = g.div(found.meant, found.got);
    let parts = walk::topological(g, &[line]);
    let mut candidates = Vec::with_capacity(2 * parts.len());
    for part in parts {
        if g.is_condition(part) || g.as_number(part).is_some() {
            continue;
        }
        let scaled = g.mul(&[part, ratio]);
        // what the wrong rule made may stand there as it is
        for right in [found.meant, scaled] {
            let new = walk::substitute(g, line, &HashMap::from([(part, right)]));
            if let Some(value) = taken(g, new) {
                candidates.push((part, value));
            }
        }
    }
    let points = Points::new(g, known, &[meant, line])?;
    let values: Vec<Id> = candidates.iter().map(|(_, value)| *value).collect();
    let agrees = points.equal_to(g, known, meant, &values);
    let fitting = candidates.iter().zip(agrees).filter(|(_, agrees)| *agrees).map(|((part, _), _)| *part);
    fitting.min_by_key(|part| walk::tree_size(g, *part))
}
