//! Functions of lists: `log(softmax(z)[k])` is `z[k] - logsumexp(z)`.

use super::super::canon::Canon;
use crate::expr::{Graph, Id, View, walk};
use std::collections::HashMap;

/// The logarithm of a share as a score less the log-sum-exp of all.
pub fn log_softmax(canon: &mut Canon, g: &mut Graph, c: Id) -> Vec<Id> {
    let mut map = HashMap::new();
    for id in walk::topological(g, &[c]) {
        let View::Call(f, a) = g.view(id) else { continue };
        if f.name() != "log" {
            continue;
        }
        let View::Component(vector, k) = g.view(a[0]) else { continue };
        let View::Call(s, scores) = g.view(vector) else { continue };
        let Some(score) = scores.get((k as usize).wrapping_sub(1)).copied().filter(|_| s.name() == "softmax") else { continue };
        let scores = scores.to_vec();
        if let Some(total) = g.call_named("logsumexp", &scores) {
            let minus = canon.negative(g, total);
            map.insert(id, canon.add(g, &[score, minus]));
        }
    }
    if map.is_empty() {
        return Vec::new();
    }
    let raw = walk::substitute(g, c, &map);
    vec![canon.of(g, raw)]
}
