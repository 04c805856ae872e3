//! Functions of opposite arguments: `softplus(-u)` is `softplus(u) - u` and `sigmoid(-u)` is `1 - sigmoid(u)`. Where both occur one of them
//! is enough.

use super::super::canon::Canon;
use crate::expr::{Graph, Id, View, walk};
use std::collections::HashMap;

/// One function for each pair of opposite arguments.
pub fn unified(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let calls: Vec<(Id, &'static str, Id)> = walk::topological(g, &[c])
        .into_iter()
        .filter_map(|id| match g.view(id) {
            View::Call(f, a) if matches!(f.name(), "softplus" | "sigmoid" | "erfc") => Some((id, f.name(), a[0])),
            _ => None,
        })
        .collect();
    let mut map: HashMap<Id, Id> = HashMap::new();
    for (k, (_, name, u)) in calls.iter().enumerate() {
        for (second, other, v) in &calls[k + 1..] {
            let opposite = canon.negative(g, *u);
            if name == other && opposite == *v {
                let new = reflected(canon, g, name, *u);
                map.extend(new.map(|n| (*second, n)));
            }
        }
    }
    if map.is_empty() {
        return Vec::new();
    }
    let raw = walk::substitute(g, c, &map);
    vec![canon.of(g, raw)]
}

/// `f(-u)` by `f(u)`.
fn reflected(canon: &mut Canon, g: &mut Graph, name: &str, u: Id) -> Option<Id> {
    let value = g.call_named(name, &[u])?;
    let minus = canon.negative(g, value);
    match name {
        "softplus" => {
            let opposite = canon.negative(g, u);
            Some(canon.add(g, &[value, opposite]))
        }
        "sigmoid" => {
            let one = g.integer(1);
            Some(canon.add(g, &[one, minus]))
        }
        "erfc" => {
            let two = g.integer(2);
            Some(canon.add(g, &[two, minus]))
        }
        _ => None,
    }
}
