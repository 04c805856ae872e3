//! Identities of the table as rewrite rules: compiled once into a graph of their own, matched on canonical forms of any graph,
//! applied where their condition is proved. What a rule says stands in the table; how it is matched stands here.

use crate::domain::{Prover, Verdict};
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::math::{self, Class, Rule};
use std::collections::HashMap;

/// A rule of the table, ready to be matched.
pub struct Compiled {
    /// The row it came from.
    pub rule: &'static Rule,
    pattern: Id,
    replacement: Id,
    conditions: Vec<Id>,
    /// How large the pattern is.
    size: u64,
    /// What the parts of the pattern are, and so some parts of whatever it matches.
    parts: Heads,
}

/// Which operators and functions occur among some expressions, a bit for each.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Heads(u64);

impl Heads {
    /// Those of the parts of an expression. A symbol has none: in a pattern it stands for anything.
    fn of_parts(g: &Graph, id: Id) -> Self {
        let bit = |part: &Id| match g.view(*part) {
            View::Symbol(_) => None,
            View::Number(_) => Some(0),
            View::Constant(_) => Some(1),
            View::Add(_) => Some(2),
            View::Mul(_) => Some(3),
            View::Neg(_) => Some(4),
            View::Div(..) => Some(5),
            View::Pow(..) => Some(6),
            View::Component(..) => Some(7),
            View::Call(f, _) => Some(9 + f.0 % 55),
            _ => Some(8),
        };
        Heads(g.children(id).iter().filter_map(bit).fold(0, |heads, bit| heads | 1 << bit))
    }

    /// Whether all of these are among others.
    fn are_among(self, others: Heads) -> bool {
        self.0 & !others.0 == 0
    }
}

/// The rules of some purposes, by the operator at their root, with the graph that holds their sides.
#[derive(Default)]
pub struct Rules {
    graph: Graph,
    by_root: HashMap<Root, Vec<Compiled>>,
}

/// What a rule can start at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Root {
    Sum,
    Product,
    Power,
    Quotient,
    Call(math::FunctionId),
    Other,
}

impl Root {
    fn of(g: &Graph, id: Id) -> Self {
        match g.view(id) {
            View::Add(_) => Root::Sum,
            View::Mul(_) => Root::Product,
            View::Pow(..) => Root::Power,
            View::Call(f, _) => Root::Call(f),
            View::Div(..) => Root::Quotient,
            _ => Root::Other,
        }
    }
}

impl Rules {
    /// Compiles those of these rules that are `useful`, given both sides. `canonical` brings their left sides into the
    /// form in which expressions are matched. What is more particular is tried first.
    pub fn compile(
        table: &[&'static Rule],
        mut useful: impl FnMut(&mut Graph, &'static Rule, Id, Id) -> bool,
        mut canonical: impl FnMut(&mut Graph, Id) -> Id,
    ) -> Self {
        let mut rules = Rules::default();
        for rule in table {
            let g = &mut rules.graph;
            let Ok(sides) = crate::resolve::rule(g, rule.text) else { continue };
            if !useful(g, rule, sides.left, sides.right) {
                continue;
            }
            let pattern = canonical(g, sides.left);
            // a sum may stand there with every sign turned: 1 - exp(a) for exp(a) - 1
            let opposite = matches!(g.view(pattern), View::Add(_)).then(|| {
                let (left, right) = (turned(g, sides.left), turned(g, sides.right));
                (canonical(g, left), right)
            });
            rules.put(rule, pattern, sides.right, &sides.conditions);
            if let Some((pattern, right)) = opposite {
                rules.put(rule, pattern, right, &sides.conditions);
            }
        }
        for list in rules.by_root.values_mut() {
            list.sort_by_key(|compiled| std::cmp::Reverse(compiled.size));
        }
        rules
    }

    fn put(&mut self, rule: &'static Rule, pattern: Id, replacement: Id, conditions: &[Id]) {
        // a left side that was rewritten to a variable would match everything
        if self.graph.as_symbol(pattern).is_some() || self.graph.as_number(pattern).is_some() {
            return;
        }
        let size = walk::tree_size(&self.graph, pattern);
        let parts = Heads::of_parts(&self.graph, pattern);
        let compiled = Compiled { rule, pattern, replacement, conditions: conditions.to_vec(), size, parts };
        self.by_root.entry(Root::of(&self.graph, pattern)).or_default().push(compiled);
    }

    /// The most particular rule of those that are taken that applies at this node, with the node rewritten (not yet canonical) and the
    /// size of what it matched.
    pub fn apply(
        &self,
        g: &mut Graph,
        prover: &mut Prover,
        target: Id,
        takes: impl Fn(&Rule) -> bool,
    ) -> Option<(&'static Rule, Id, u64)> {
        let parts = Heads::of_parts(g, target);
        let may_match = |compiled: &&Compiled| compiled.parts.are_among(parts) && takes(compiled.rule);
        for compiled in self.by_root.get(&Root::of(g, target))?.iter().filter(may_match) {
            if let Some(new) = compiled.rewritten(&self.graph, g, prover, target) {
                return Some((compiled.rule, new, compiled.size));
            }
        }
        None
    }
}

impl Rules {
    /// Every rule that applies at this node, with the node rewritten (not yet canonical); the most particular first.
    pub fn apply_all(&self, g: &mut Graph, prover: &mut Prover, target: Id) -> Vec<(&'static Rule, Id)> {
        let Some(list) = self.by_root.get(&Root::of(g, target)) else { return Vec::new() };
        let parts = Heads::of_parts(g, target);
        let may_match = list.iter().filter(|compiled| compiled.parts.are_among(parts));
        let found = may_match.map(|compiled| (compiled.rule, compiled.rewritten_where_decided(&self.graph, g, prover, target)));
        found.filter_map(|(rule, new)| new.map(|new| (rule, new))).collect()
    }
}

/// One rule of two sides that is matched as it stands, in no canonical form, for whoever fills the right side in.
pub struct Template {
    graph: Graph,
    left: Id,
    right: Id,
}

/// What the names of a template's left side stand for, and the parts of a sum or product that it left over.
pub struct Match {
    binding: Binding,
    rest: Vec<Id>,
}

impl Template {
    /// The rule of this text, without conditions; none where it cannot be read.
    pub fn new(text: &str) -> Option<Self> {
        let mut graph = Graph::default();
        let sides = crate::resolve::rule(&mut graph, text).ok()?;
        Some(Template { left: sides.left, right: sides.right, graph })
    }

    /// Matches the left side.
    pub fn matched(&self, g: &Graph, target: Id) -> Option<Match> {
        let sides = Sides { rules: &self.graph, g };
        match (self.graph.view(self.left), g.view(target)) {
            (View::Add(p), View::Add(t)) | (View::Mul(p), View::Mul(t)) => {
                sides.matched_some(p, t).map(|(binding, rest)| Match { binding, rest })
            }
            _ => {
                let mut binding = Binding::new();
                sides.matched(self.left, target, &mut binding).then(|| Match { binding, rest: Vec::new() })
            }
        }
    }

    /// The names of a match with what they stand for.
    pub fn bound<'m>(&'m self, found: &'m Match) -> impl Iterator<Item = (&'m str, Id)> {
        found.binding.iter().map(|(symbol, id)| (self.graph.name(*symbol), *id))
    }

    /// The right side with the names of a match filled in, beside what was left over.
    pub fn filled(&self, g: &mut Graph, target: Id, found: &Match) -> Id {
        let new = walk::transplant(&self.graph, self.right, g, &found.binding);
        beside(g, target, new, &found.rest)
    }

    /// The right side with these names filled in.
    pub fn filled_with(&self, g: &mut Graph, names: &[(&str, Id)]) -> Id {
        let symbol = |(name, id): &(&str, Id)| self.graph.find_symbol(name).map(|symbol| (symbol, *id));
        let binding: Binding = names.iter().filter_map(symbol).collect();
        walk::transplant(&self.graph, self.right, g, &binding)
    }
}

/// What took the place of some parts of a sum or product, beside the others.
fn beside(g: &mut Graph, target: Id, new: Id, rest: &[Id]) -> Id {
    if rest.is_empty() {
        return new;
    }
    let all: Vec<Id> = std::iter::once(new).chain(rest.iter().copied()).collect();
    if matches!(g.view(target), View::Add(_)) { g.add(&all) } else { g.mul(&all) }
}

/// The opposite; of a sum term by term.
fn turned(g: &mut Graph, id: Id) -> Id {
    match g.view(id) {
        View::Neg(inner) => inner,
        View::Add(terms) => {
            let terms = terms.to_vec();
            let terms: Vec<Id> = terms.into_iter().map(|t| turned(g, t)).collect();
            g.add(&terms)
        }
        _ => g.neg(id),
    }
}

/// What the pattern variables, symbols of the rules' graph, stand for in the graph at hand.
type Binding = Vec<(Symbol, Id)>;

impl Compiled {
    /// As [`Self::rewritten`]; what an extending rule says of numbers is decided too.
    fn rewritten_where_decided(&self, rules: &Graph, g: &mut Graph, prover: &mut Prover, target: Id) -> Option<Id> {
        self.rewritten_under(rules, g, prover, target, |condition| {
            let symbols = walk::free_symbols(rules, &[condition]);
            symbols.iter().any(|s| ["n", "m"].contains(&rules.name(*s)))
        })
    }

    fn rewritten(&self, rules: &Graph, g: &mut Graph, prover: &mut Prover, target: Id) -> Option<Id> {
        self.rewritten_under(rules, g, prover, target, |_| false)
    }

    /// The target rewritten where the condition is proved; of what an extending rule carries along only what is `decisive`.
    fn rewritten_under(
        &self,
        rules: &Graph,
        g: &mut Graph,
        prover: &mut Prover,
        target: Id,
        decisive: impl Fn(Id) -> bool,
    ) -> Option<Id> {
        let sides = Sides { rules, g };
        let (binding, rest) = match (rules.view(self.pattern), g.view(target)) {
            (View::Add(p), View::Add(t)) | (View::Mul(p), View::Mul(t)) => sides.matched_some(p, t)?,
            _ => {
                let mut binding = Binding::new();
                sides.matched(self.pattern, target, &mut binding).then_some((binding, Vec::new()))?
            }
        };
        for condition in &self.conditions {
            if self.rule.class == Class::Extends && !decisive(*condition) {
                continue;
            }
            let condition = walk::transplant(rules, *condition, g, &binding);
            if prover.prove(g, condition) != Verdict::Proved {
                return None;
            }
        }
        let new = walk::transplant(rules, self.replacement, g, &binding);
        Some(beside(g, target, new, &rest))
    }
}

/// A pattern of the rules' graph against expressions of another.
struct Sides<'a> {
    rules: &'a Graph,
    g: &'a Graph,
}

impl Sides<'_> {
    /// Matches a whole expression. Patterns are a few nodes deep, so the recursion is too.
    fn matched(&self, pattern: Id, target: Id, binding: &mut Binding) -> bool {
        match (self.rules.view(pattern), self.g.view(target)) {
            (View::Symbol(s), _) => match binding.iter().find(|(b, _)| *b == s) {
                Some((_, bound)) => *bound == target,
                None => {
                    binding.push((s, target));
                    true
                }
            },
            (View::Number(a), View::Number(b)) => a == b,
            (View::Constant(a), View::Constant(b)) => a == b,
            (View::Call(f, p), View::Call(h, t)) => f == h && p.len() == t.len() && self.in_order(p, t, binding),
            (View::Component(v, j), View::Component(w, k)) => j == k && self.matched(v, w, binding),
            (View::Neg(a), View::Neg(b)) => self.matched(a, b, binding),
            (View::Div(a, m), View::Div(b, n)) => self.in_order(&[a, m], &[b, n], binding),
            (View::Pow(a, m), View::Pow(b, n)) => self.in_order(&[a, m], &[b, n], binding),
            (View::Compare(r, a, b), View::Compare(s, c, d)) => r == s && self.in_order(&[a, b], &[c, d], binding),
            (View::If(c, a, b), View::If(d, x, y)) => self.in_order(&[c, a, b], &[d, x, y], binding),
            (View::Add(p), View::Add(t)) | (View::Mul(p), View::Mul(t)) => {
                p.len() == t.len() && self.in_any_order(p, t, &mut vec![false; t.len()], binding)
            }
            _ => false,
        }
    }

    fn in_order(&self, pattern: &[Id], target: &[Id], binding: &mut Binding) -> bool {
        let mark = binding.len();
        for (p, t) in pattern.iter().zip(target) {
            if !self.matched(*p, *t, binding) {
                binding.truncate(mark);
                return false;
            }
        }
        true
    }

    /// Assigns each element of the pattern to an element of the target of its own, by backtracking.
    fn in_any_order(&self, pattern: &[Id], target: &[Id], used: &mut Vec<bool>, binding: &mut Binding) -> bool {
        let Some((first, rest)) = pattern.split_first() else { return true };
        for (k, t) in target.iter().enumerate() {
            if used[k] {
                continue;
            }
            let mark = binding.len();
            if self.matched(*first, *t, binding) {
                used[k] = true;
                if self.in_any_order(rest, target, used, binding) {
                    return true;
                }
                used[k] = false;
            }
            binding.truncate(mark);
        }
        false
    }

    /// The elements of a sum or product that the pattern accounts for; the others are handed back. Long sums are left alone.
    fn matched_some(&self, pattern: &[Id], target: &[Id]) -> Option<(Binding, Vec<Id>)> {
        if pattern.len() > target.len() || target.len() > 24 {
            return None;
        }
        // what is most particular is matched first: it leaves the fewest choices
        let mut ordered = pattern.to_vec();
        ordered.sort_by_key(|p| match self.rules.view(*p) {
            View::Symbol(_) => 2,
            View::Add(_) | View::Mul(_) => 1,
            _ => 0,
        });
        let mut used = vec![false; target.len()];
        let mut binding = Binding::new();
        if !self.in_any_order(&ordered, target, &mut used, &mut binding) {
            return None;
        }
        let rest = target.iter().zip(&used).filter(|(_, u)| !**u).map(|(t, _)| *t).collect();
        Some((binding, rest))
    }
}
