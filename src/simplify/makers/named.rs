//! The identities of the table that shorten, applied wherever they match.

use super::super::Names;
use super::super::canon::Canon;
use super::super::pretty::{Pretty, measure};
use crate::domain::Known;
use crate::expr::{Graph, Id, IdMap, View, walk};
use crate::math::{Class, Purpose, Rule};
use crate::rewrite::Rules;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A larger expression is not searched for the names of what is done to it.
pub const NAMED: u64 = 200;

/// At one node so many rules follow each other at most.
const ROUNDS: usize = 4;

/// Which rules are applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Those that use these names only.
    By(Names),
    /// The exact ones: they say that both their sides have the same domain.
    Exact,
}

impl Which {
    fn takes(self, rule: &Rule) -> bool {
        match self {
            Which::By(Names::All) => true,
            Which::By(Names::Textbook) => rule.purpose != Purpose::Stable,
            Which::Exact => rule.class == Class::Exact && rule.purpose != Purpose::Contract,
        }
    }
}

/// The rules that can match where one function occurs, compiled when it first does.
struct Lot {
    table: Vec<&'static Rule>,
    rules: OnceLock<Rules>,
}

/// Functions that the canonical form writes as powers, or that occur nearly everywhere: rules do not wait for them.
const COMMON: [&str; 6] = ["exp", "log", "sqrt", "cbrt", "root", "pow"];

/// The rules that may shorten, by the function that their left side cannot do without; those without one under an empty name.
fn lots() -> &'static HashMap<&'static str, Lot> {
    static LOTS: OnceLock<HashMap<&'static str, Lot>> = OnceLock::new();
    LOTS.get_or_init(|| {
        let mut lots: HashMap<&'static str, Lot> = HashMap::new();
        let purposes = [Purpose::Simplify, Purpose::Recognise, Purpose::Contract, Purpose::Stable];
        for rule in crate::math::rules().filter(|r| purposes.contains(&r.purpose)) {
            let lot = lots.entry(needed_function(rule)).or_insert(Lot { table: Vec::new(), rules: OnceLock::new() });
            lot.table.push(rule);
        }
        lots
    })
}

/// The first function on the left side of a rule that is not common.
fn needed_function(rule: &'static Rule) -> &'static str {
    let left = rule.text.split(" = ").next().unwrap_or_default();
    let mut calls = left.match_indices('(').map(|(at, _)| {
        let from = left[..at].rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |k| k + 1);
        &left[from..at]
    });
    calls.find(|name| crate::math::find(name).is_some() && !COMMON.contains(name)).unwrap_or_default()
}

impl Lot {
    /// A named form is tried even where it is no shorter by itself: what stands around it may make it so.
    fn rules(&self) -> &Rules {
        self.rules.get_or_init(|| {
            let canon = std::cell::RefCell::new(Canon::new(&Known::default()));
            let mut pretty = Pretty::default();
            Rules::compile(
                &self.table,
                |g, rule, left, right| {
                    let left = canon.borrow_mut().of(g, left);
                    let right = canon.borrow_mut().of(g, right);
                    left != right
                        && (rule.purpose == Purpose::Recognise || {
                            let (long, short) = (pretty.of(g, left), pretty.of(g, right));
                            measure(g, short) < measure(g, long)
                        })
                },
                |g, side| canon.borrow_mut().of(g, side),
            )
        })
    }
}

/// The rules that can match in an expression.
fn rules_for(g: &Graph, order: &[Id]) -> Vec<&'static Rules> {
    let mut names: Vec<&str> = vec![""];
    for id in order {
        if let View::Call(f, _) = g.view(*id)
            && !names.contains(&f.name())
        {
            names.push(f.name());
        }
    }
    names.into_iter().filter_map(|name| lots().get(name)).map(Lot::rules).collect()
}

/// The rules of the table that say what the canonical form does to an expression as it was typed: those that match a part of it
/// and lead to the same canonical form.
pub fn acting(canon: &mut Canon, g: &mut Graph, e: Id) -> Vec<&'static Rule> {
    let mut found: Vec<&'static Rule> = Vec::new();
    for id in walk::topological(g, &[e]) {
        let canonical = canon.of(g, id);
        if canonical == id || g.children(id).is_empty() {
            continue;
        }
        let Some((rule, rewritten, _)) =
            typed_rules().apply(g, canon.prover(), id, |rule| !found.iter().any(|r| std::ptr::eq(*r, rule)))
        else {
            continue;
        };
        if measure(g, rewritten) < measure(g, id) && canon.of(g, rewritten) == canonical {
            found.push(rule);
        }
    }
    found
}

/// The rules that are taken for granted on the way to the canonical form, as they are written.
fn typed_rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let purposes = [Purpose::Simplify, Purpose::Expand, Purpose::Contract];
        let table: Vec<&'static Rule> = crate::math::rules().filter(|r| purposes.contains(&r.purpose)).collect();
        // a rule without letters is a value, which needs no name
        let useful = |g: &mut Graph, _: &'static Rule, left, _| !walk::free_symbols(g, &[left]).is_empty();
        Rules::compile(&table, useful, |_, side| side)
    })
}

/// The rule that leads from one expression to the other at once, if there is one: a better name for a step than those of its parts.
pub fn at_once(canon: &mut Canon, g: &mut Graph, from: Id, to: Id) -> Option<&'static Rule> {
    if measure(g, from) > NAMED {
        return None;
    }
    let (from, to) = (canon.of(g, from), canon.of(g, to));
    let mut tried: Vec<&'static Rule> = Vec::new();
    for rules in rules_for(g, &walk::topological(g, &[from])) {
        while let Some((rule, rewritten, _)) =
            rules.apply(g, canon.prover(), from, |rule| !tried.iter().any(|r| std::ptr::eq(*r, rule)))
        {
            if canon.of(g, rewritten) == to {
                return Some(rule);
            }
            tried.push(rule);
        }
    }
    None
}

/// The rules of one kind at work; keeps what they came to at each node. One belongs to one canonical form, which knows what is taken
/// for true.
pub struct Named {
    which: Which,
    done: IdMap<(Id, Option<&'static Rule>)>,
}

impl Named {
    /// For these rules.
    pub fn new(which: Which) -> Self {
        Named { which, done: IdMap::default() }
    }

    /// The expression with the rules applied wherever they match, and the rule that was applied last.
    pub fn forms(&mut self, canon: &mut Canon, g: &mut Graph, c: Id) -> (Id, Option<&'static Rule>) {
        let order = walk::topological(g, &[c]);
        let mut last = None;
        let mut lots = rules_for(g, &order);
        let made = canon.rebuild(g, c, |canon, g, id| {
            let (made, rule) = match self.done.get(&id) {
                Some(done) => *done,
                None => {
                    let done = self.at(canon, g, id, &mut lots);
                    self.done.insert(id, done);
                    done
                }
            };
            last = rule.or(last);
            made
        });
        (made, last)
    }

    /// The same at one node, whose parts have been looked at.
    fn at(&self, canon: &mut Canon, g: &mut Graph, id: Id, lots: &mut Vec<&'static Rules>) -> (Id, Option<&'static Rule>) {
        let (mut made, mut last) = (id, None);
        for _ in 0..ROUNDS {
            let found = lots.iter().filter_map(|rules| rules.apply(g, canon.prover(), made, |rule| self.which.takes(rule)));
            let Some((rule, rewritten, _)) = found.max_by_key(|(.., size)| *size) else { break };
            made = canon.of(g, rewritten);
            last = Some(rule);
            for more in rules_for(g, &walk::topological(g, &[made])) {
                if !lots.iter().any(|rules| std::ptr::eq(*rules, more)) {
                    lots.push(more);
                }
            }
        }
        (made, last)
    }
}
