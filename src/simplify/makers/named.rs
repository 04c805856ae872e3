//! The identities of the table that shorten, applied wherever they match.

use super::super::Names;
use super::super::canon::Canon;
use super::super::pretty::{Pretty, measure};
use crate::domain::Known;
use crate::expr::{Graph, Id, walk};
use crate::math::{Class, Purpose, Rule};
use crate::rewrite::Rules;
use std::collections::HashMap;
use std::sync::OnceLock;

/// At one node so many rules follow each other at most.
const ROUNDS: usize = 4;

/// The rules that shorten, compiled at first use.
pub fn rules(names: Names) -> &'static Rules {
    static TEXTBOOK: OnceLock<Rules> = OnceLock::new();
    static ALL: OnceLock<Rules> = OnceLock::new();
    let plain = [Purpose::Simplify, Purpose::Recognise, Purpose::Contract];
    match names {
        Names::Textbook => TEXTBOOK.get_or_init(|| compiled(&plain)),
        Names::All => ALL.get_or_init(|| compiled(&[&plain[..], &[Purpose::Stable]].concat())),
    }
}

/// The exact ones of all rules that shorten.
pub fn exact_rules() -> &'static Rules {
    static EXACT: OnceLock<Rules> = OnceLock::new();
    EXACT.get_or_init(|| {
        let mut rules = compiled(&[Purpose::Simplify, Purpose::Recognise, Purpose::Stable]);
        rules.retain(|rule| rule.class == Class::Exact);
        rules
    })
}

/// A named form is tried even where it is no shorter by itself: what stands around it may make it so.
fn compiled(purposes: &[Purpose]) -> Rules {
    let (mut canon, mut reader, mut pretty) = (Canon::new(&Known::default()), Canon::new(&Known::default()), Pretty::default());
    Rules::compile(
        purposes,
        |g, rule, left, right| {
            let (left, right) = (canon.of(g, left), canon.of(g, right));
            let (long, short) = (pretty.of(g, left), pretty.of(g, right));
            left != right && (rule.purpose == Purpose::Recognise || measure(g, short) < measure(g, long))
        },
        |g, side| reader.of(g, side),
    )
}

/// The expression with the rules applied wherever they match, and the rule that was applied last.
pub fn forms(canon: &mut Canon, g: &mut Graph, rules: &Rules, c: Id) -> (Id, Option<&'static Rule>) {
    let order = walk::topological(g, &[c]);
    let mut new: HashMap<Id, Id> = HashMap::with_capacity(order.len());
    let mut last = None;
    for id in order {
        let kids: Vec<Id> = g.children(id).iter().map(|k| new.get(k).copied().unwrap_or(*k)).collect();
        let mut made = if g.children(id) == kids {
            id
        } else {
            let raw = g.with_children(id, &kids);
            canon.of(g, raw)
        };
        for _ in 0..ROUNDS {
            let Some((rule, rewritten)) = rules.apply(g, canon.prover(), made) else { break };
            made = canon.of(g, rewritten);
            last = Some(rule);
        }
        new.insert(id, made);
    }
    (new.get(&c).copied().unwrap_or(c), last)
}
