//! Functions of clipped parts: where a part such as `max(u, 0)` stands still at a value at which the outer function has no slope,
//! the chain rule says nothing of a whole region although the slope there is 0. Such an outer function is opened by the branches
//! of its part: `f(max(a, b))` is `if a > b then f(a) else f(b)`.

use super::special::{judged_at, needs_at};
use crate::domain::Verdict;
use crate::expr::{Graph, Id, Relation, Symbol, View, walk};
use crate::math::Meaning;
use crate::simplify::Simplifier;
use std::collections::{HashMap, HashSet};

/// Parts are looked for among so many nodes below a function.
const NEAR: usize = 60;

/// So many parts of one function are opened inside each other.
const NESTED: u32 = 4;

/// So many ways to open are tried for one function.
const TRIES: u32 = 40;

/// Functions whose branches do not show in their meaning, or not plainly.
const PLAINLY: &[(&str, &str)] = &[
    ("abs", "if u < 0 then -u else u"),
    ("sign", "if u > 0 then 1 else (if u < 0 then -1 else 0)"),
    ("step", "if u > 0 then 1 else 0"),
    ("clamp", "if lo <= hi then (if x < lo then lo else (if x > hi then hi else x))"),
];

/// The functions below `root` that must be opened for the derivative by `variable`, each with its branches.
pub fn openings(g: &mut Graph, simplifier: &mut Simplifier, root: Id, variable: Symbol) -> HashMap<Id, Id> {
    let mut found = HashMap::new();
    let order = walk::topological(g, &[root]);
    let moving = walk::dependence(g, &[root], &[variable]);
    let mut holding: HashSet<Id> = HashSet::new();
    for id in order {
        if moving.get(&id) != Some(&true) || g.is_condition(id) {
            continue;
        }
        let inside = g.children(id).iter().any(|c| holding.contains(c));
        if inside || is_piecewise(g, id) {
            holding.insert(id);
        }
        if inside && matches!(g.view(id), View::Call(..) | View::Pow(..)) {
            let mut opener = Opener { simplifier, variable, tries: TRIES };
            if let Some(branches) = opener.opened(g, id, NESTED) {
                let whole = walk::substitute(g, branches, &found);
                found.insert(id, whole);
            }
        }
    }
    found
}

/// Whether a node is made of branches by what it is.
pub fn is_piecewise(g: &Graph, id: Id) -> bool {
    match g.view(id) {
        // a value at a single point is no region
        View::If(c, ..) => !matches!(g.view(c), View::Compare(Relation::Equal | Relation::NotEqual, ..)),
        View::Call(f, _) => {
            let record = f.record();
            let by_meaning = |text: &str| ["max(", "min(", "if "].iter().any(|head| text.starts_with(head));
            matches!(record.name, "max" | "min")
                || PLAINLY.iter().any(|(name, _)| *name == record.name)
                || matches!(record.meaning, Meaning::Text(text) if by_meaning(text))
        }
        _ => false,
    }
}

/// A piecewise node as a conditional: condition, branch, other branch.
pub fn branches(g: &mut Graph, id: Id) -> Option<[Id; 3]> {
    match g.view(id) {
        View::If(c, a, b) => Some([c, a, b]),
        View::Call(f, arguments) if matches!(f.name(), "max" | "min") => {
            let arguments = arguments.to_vec();
            let (first, rest) = arguments.split_first()?;
            let other = if let [only] = rest { *only } else { g.call(f, rest) };
            let wins = if f.name() == "max" { Relation::Greater } else { Relation::Less };
            let constant = walk::free_symbols(g, &[*first]).is_empty();
            let condition = if constant { g.compare(wins.mirrored(), other, *first) } else { g.compare(wins, *first, other) };
            (!rest.is_empty()).then_some([condition, *first, other])
        }
        View::Call(f, arguments) => {
            let arguments = arguments.to_vec();
            let record = f.record();
            let text = match PLAINLY.iter().find(|(name, _)| *name == record.name) {
                Some((_, text)) => text,
                None => match record.meaning {
                    Meaning::Text(text) => text,
                    _ => return None,
                },
            };
            let parameters: &[&str] = if arguments.len() == 1 { &["u"] } else { record.parameters };
            let template = crate::resolve::formula(g, text).ok()?;
            let map = parameters.iter().zip(&arguments).map(|(p, a)| (g.variable(p), *a)).collect();
            let meaning = walk::substitute(g, template, &map);
            // a meaning that is no call of the same function: this ends
            if meaning == id { None } else { branches(g, meaning) }
        }
        _ => None,
    }
}

/// The function with a branch in place of the part; a branch that has branches itself is spread the same way.
fn spread(g: &mut Graph, node: Id, part: Id, branch: Id, nested: u32) -> Id {
    match g.view(branch) {
        View::If(c, a, b) if nested > 0 => {
            let (one, other) = (spread(g, node, part, a, nested - 1), spread(g, node, part, b, nested - 1));
            g.conditional(c, one, other)
        }
        View::Undefined => branch,
        _ => walk::substitute(g, node, &HashMap::from([(part, branch)])),
    }
}

struct Opener<'a> {
    simplifier: &'a mut Simplifier,
    variable: Symbol,
    tries: u32,
}

impl Opener<'_> {
    /// A function by the branches of its parts, where one of them makes it stand still without a slope of its own. The recursion
    /// is no deeper than [`NESTED`].
    fn opened(&mut self, g: &mut Graph, node: Id, nested: u32) -> Option<Id> {
        if nested == 0 {
            return None;
        }
        for part in self.parts(g, node) {
            let Some([condition, a, b]) = self.undecided(g, part) else { continue };
            self.tries = self.tries.checked_sub(1)?;
            let (one, other) = (self.branch(g, node, part, a, nested), self.branch(g, node, part, b, nested));
            if one.1 || other.1 {
                let one = if one.1 { one.0 } else { spread(g, node, part, a, nested) };
                let other = if other.1 { other.0 } else { spread(g, node, part, b, nested) };
                return Some(g.conditional(condition, one, other));
            }
        }
        None
    }

    /// The branches of a part whose condition is not known anyway.
    fn undecided(&mut self, g: &mut Graph, part: Id) -> Option<[Id; 3]> {
        let mut part = part;
        for _ in 0..NESTED {
            let [condition, a, b] = branches(g, part)?;
            match self.simplifier.prover().prove(g, condition) {
                Verdict::Unknown => return Some([condition, a, b]),
                Verdict::Proved => part = a,
                Verdict::Refuted => part = b,
            }
        }
        None
    }

    /// The function with a branch in place of the part, and whether the chain rule fails there.
    fn branch(&mut self, g: &mut Graph, node: Id, part: Id, branch: Id, nested: u32) -> (Id, bool) {
        if g.view(branch) == View::Undefined {
            return (branch, false);
        }
        let arguments: Vec<Id> = g.children(node).to_vec();
        let map = HashMap::from([(part, branch)]);
        let replaced: Vec<Id> = arguments.iter().map(|a| walk::substitute(g, *a, &map)).collect();
        let here = g.with_children(node, &replaced);
        let values: Vec<Id> = replaced.iter().map(|a| self.simplifier.canonical(g, *a)).collect();
        if self.ties(g, node, &values) {
            return (here, true);
        }
        if values.iter().any(|v| walk::contains(g, *v, self.variable)) {
            return match self.opened(g, here, nested - 1) {
                Some(inner) => (inner, true),
                None => (here, false),
            };
        }
        let fails = self.fails(g, node, &arguments, &values);
        (g.with_children(node, &values), fails)
    }

    /// Two arguments of `max` or `min` that are the same in a whole region.
    fn ties(&self, g: &Graph, node: Id, values: &[Id]) -> bool {
        let extreme = matches!(g.view(node), View::Call(f, _) if matches!(f.name(), "max" | "min"));
        extreme && values.iter().enumerate().any(|(k, v)| walk::contains(g, *v, self.variable) && values[..k].contains(v))
    }

    /// Whether the outer function is without slope, or without value, at these values, which the moving arguments keep in a whole
    /// region. Where a symbol decides it, that is taken for so only if the values are numbers: else it is a matter of single points.
    fn fails(&mut self, g: &mut Graph, node: Id, arguments: &[Id], values: &[Id]) -> bool {
        let moving: Vec<Option<Id>> =
            arguments.iter().zip(values).map(|(a, v)| walk::contains(g, *a, self.variable).then_some(*v)).collect();
        let fixed = moving.iter().flatten().all(|v| walk::free_symbols(g, &[*v]).is_empty());
        let needs = needs_at(g, node, &moving);
        let domain: Vec<Verdict> = needs.domain.iter().map(|c| judged_at(g, self.simplifier, *c)).collect();
        if domain.contains(&Verdict::Refuted) {
            return true;
        }
        needs.smooth.iter().any(|c| match judged_at(g, self.simplifier, *c) {
            Verdict::Proved => false,
            Verdict::Refuted => true,
            Verdict::Unknown => fixed,
        })
    }

    /// The piecewise nodes near below a function that move, the outer ones first.
    fn parts(&self, g: &Graph, node: Id) -> Vec<Id> {
        let mut seen: Vec<Id> = g.children(node).to_vec();
        let mut out = Vec::new();
        let mut next = 0;
        while next < seen.len() && next < NEAR {
            let id = seen[next];
            next += 1;
            if g.is_condition(id) || matches!(g.view(id), View::Derivative(..) | View::Series(..) | View::Rows(..)) {
                continue;
            }
            if is_piecewise(g, id) && walk::contains(g, id, self.variable) {
                out.push(id);
            }
            for c in g.children(id) {
                if !seen.contains(c) {
                    seen.push(*c);
                }
            }
        }
        out
    }
}
