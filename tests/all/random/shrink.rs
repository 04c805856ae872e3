//! Smaller expressions for one that fails: its parts, and itself with a part put in the place of what contains it.

use grad::expr::{Graph, Id, View, walk};
use std::collections::HashMap;

/// How many smaller expressions are tried at most.
const TRIES: usize = 200;

/// The smallest expression that was found to fail as `e` does.
pub fn shrink(g: &mut Graph, e: Id, mut fails: impl FnMut(&Graph, Id) -> bool) -> Id {
    let mut best = e;
    let mut tries = 0;
    loop {
        let smaller = candidates(g, best);
        let next = smaller.into_iter().find(|c| {
            tries += 1;
            tries <= TRIES && fails(g, *c)
        });
        match next {
            Some(found) => best = found,
            None => return best,
        }
    }
}

/// Expressions that are smaller than `e`, the smallest first.
fn candidates(g: &mut Graph, e: Id) -> Vec<Id> {
    let size = walk::tree_size(g, e);
    let mut out: Vec<Id> = Vec::new();
    for node in walk::topological(g, &[e]) {
        for instead in in_place_of(g, node) {
            out.push(walk::substitute(g, e, &HashMap::from([(node, instead)])));
        }
    }
    out.retain(|c| *c != e && walk::tree_size(g, *c) < size);
    out.sort_by_key(|c| walk::tree_size(g, *c));
    out.dedup();
    out
}

/// What may stand for a node: a number for a number.
fn in_place_of(g: &mut Graph, node: Id) -> Vec<Id> {
    if !is_number(g, node) || g.children(node).is_empty() {
        return Vec::new();
    }
    let kids = g.children(node).to_vec();
    let inner: Vec<Id> = match g.view(node) {
        View::Component(vector, _) => g.children(vector).to_vec(),
        _ => kids.clone(),
    };
    let mut out: Vec<Id> = inner.into_iter().filter(|k| is_number(g, *k)).collect();
    if matches!(g.view(node), View::Add(_) | View::Mul(_)) && kids.len() > 2 {
        for k in 0..kids.len() {
            let mut fewer = kids.clone();
            fewer.remove(k);
            out.push(g.with_children(node, &fewer));
        }
    }
    out.extend([g.variable("x"), g.integer(1)]);
    out
}

fn is_number(g: &Graph, id: Id) -> bool {
    let is_vector = matches!(g.view(id), View::Call(f, _) if f.name() == "softmax");
    !g.is_condition(id) && !is_vector
}
