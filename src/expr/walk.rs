//! Iterative traversals of the graph: nothing here, or anywhere, recurses over an expression.

use super::{Column, Graph, Id, IdMap, Mixing, Symbol, View};
use std::collections::{HashMap, HashSet};

/// A list of marks is laid out once more than one in so many nodes of the graph was reached; before that a set costs less.
const SPARSE: usize = 4096;

/// The nodes reachable from `roots`, children before parents, each once.
pub fn topological(g: &Graph, roots: &[Id]) -> Vec<Id> {
    let Some(top) = roots.iter().map(|r| r.index()).max() else { return Vec::new() };
    few(g, roots, top / SPARSE).unwrap_or_else(|| by_marking(g, roots, top))
}

/// As [`topological`], where no more than so many nodes are reachable.
fn few(g: &Graph, roots: &[Id], most: usize) -> Option<Vec<Id>> {
    if most < 16 {
        return None;
    }
    let mut seen: HashSet<Id, Mixing> = HashSet::default();
    let mut stack: Vec<Id> = roots.to_vec();
    let mut out = Vec::new();
    while let Some(id) = stack.pop() {
        if seen.insert(id) {
            if out.len() == most {
                return None;
            }
            out.push(id);
            stack.extend_from_slice(g.children(id));
        }
    }
    out.sort_unstable(); // children have smaller ids
    Some(out)
}

/// As [`topological`], with one bit for each node of the graph.
fn by_marking(g: &Graph, roots: &[Id], top: usize) -> Vec<Id> {
    let mut reached = vec![0u64; top / 64 + 1];
    let mut stack: Vec<Id> = roots.to_vec();
    let mut count = 0;
    while let Some(id) = stack.pop() {
        let (word, bit) = (id.index() / 64, 1u64 << (id.index() % 64));
        if reached[word] & bit == 0 {
            reached[word] |= bit;
            count += 1;
            stack.extend_from_slice(g.children(id));
        }
    }
    let mut out = Vec::with_capacity(count);
    for (k, mut word) in reached.into_iter().enumerate() {
        while word != 0 {
            out.push(Id::from_index(64 * k + word.trailing_zeros() as usize));
            word &= word - 1;
        }
    }
    out
}

/// The nodes below `root`, children before parents, but for those that are known and what is below those only.
pub fn unknown(g: &Graph, root: Id, known: impl Fn(Id) -> bool) -> Vec<Id> {
    let mut seen: HashSet<Id, Mixing> = HashSet::default();
    let mut stack = vec![root];
    let mut out = Vec::new();
    while let Some(id) = stack.pop() {
        if !known(id) && seen.insert(id) {
            out.push(id);
            stack.extend_from_slice(g.children(id));
        }
    }
    out.sort_unstable();
    out
}

/// The free symbols below `roots`, in order of first interning. A bound index is not free in its series, nor is a bound column in
/// a reduction over the rows of its data set.
pub fn free_symbols(g: &Graph, roots: &[Id]) -> Vec<Symbol> {
    let mut found: Vec<Symbol> = Vec::new();
    let mut free: HashMap<Id, Vec<Symbol>> = HashMap::new();
    let order = topological(g, roots);
    let binds = order.iter().any(|id| matches!(g.view(*id), View::Series(..) | View::Rows(..)));
    if !binds {
        found.extend(order.iter().filter_map(|id| g.as_symbol(*id)));
    } else {
        for id in order {
            let mut set = Vec::new();
            if let Some(s) = g.as_symbol(id) {
                set.push(s);
            }
            for child in g.children(id) {
                set.extend(free.get(child).into_iter().flatten());
            }
            set.sort_unstable();
            set.dedup();
            if let View::Rows(_, data, _) = g.view(id) {
                set.retain(|s| g.as_column(*s) != Some(Column { data, bound: true }));
            }
            if let View::Series(_, binder, [from, to, _]) = g.view(id) {
                set.retain(|s| *s != binder);
                set.extend([from, to].iter().flat_map(|b| free.get(b).into_iter().flatten()));
                set.sort_unstable();
                set.dedup();
            }
            free.insert(id, set);
        }
        found.extend(roots.iter().flat_map(|r| free.get(r).into_iter().flatten()));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether there is a reduction over rows below `roots`.
pub fn has_rows(g: &Graph, roots: &[Id]) -> bool {
    g.has_data() && topological(g, roots).iter().any(|id| matches!(g.view(*id), View::Rows(..)))
}

/// Whether a body moves from row to row of a data set: a bound column of it is free there.
pub fn moves_by_row(g: &Graph, body: Id, data: Symbol) -> bool {
    let mut seen = std::collections::HashSet::new();
    let mut stack = vec![body];
    while let Some(id) = stack.pop() {
        match g.view(id) {
            // columns of the same data set are bound once more
            View::Rows(_, inner, _) if inner == data => {}
            View::Symbol(s) if g.as_column(s) == Some(Column { data, bound: true }) => return true,
            _ => stack.extend(g.children(id).iter().filter(|c| seen.insert(**c))),
        }
    }
    false
}

/// For every node below `roots`, whether it contains one of `symbols`. Keys are absent for nodes that were not reached.
pub fn dependence(g: &Graph, roots: &[Id], symbols: &[Symbol]) -> HashMap<Id, bool> {
    let mut depends = HashMap::new();
    for id in topological(g, roots) {
        let own = g.as_symbol(id).is_some_and(|s| symbols.contains(&s));
        let below = g.children(id).iter().any(|c| depends.get(c).copied().unwrap_or(false));
        depends.insert(id, own || below);
    }
    depends
}

/// Whether `symbol` occurs below `root`.
pub fn contains(g: &Graph, root: Id, symbol: Symbol) -> bool {
    topological(g, &[root]).iter().any(|id| g.as_symbol(*id) == Some(symbol))
}

/// Rebuilds `root` from the leaves up: `rule` gets each node once, with its children already rebuilt, and answers the new node.
pub fn rebuild(g: &mut Graph, root: Id, mut rule: impl FnMut(&mut Graph, Id, &[Id]) -> Id) -> Id {
    let order = topological(g, &[root]);
    let mut new: IdMap<Id> = IdMap::with_capacity_and_hasher(order.len(), Mixing::default());
    let mut kids = Vec::new();
    for id in order {
        kids.clear();
        kids.extend(g.children(id).iter().map(|c| new.get(c).copied().unwrap_or(*c)));
        let made = rule(g, id, &kids);
        new.insert(id, made);
    }
    new.get(&root).copied().unwrap_or(root)
}

/// `root` with every node that `map` names replaced. Replacements are not searched again.
pub fn substitute(g: &mut Graph, root: Id, map: &HashMap<Id, Id>) -> Id {
    rebuild(g, root, |g, id, kids| match map.get(&id) {
        Some(new) => *new,
        None if g.children(id) == kids => id,
        None => {
            let kids = kids.to_vec();
            g.with_children(id, &kids)
        }
    })
}

/// An expression of another graph built in this one, with symbols replaced as `binding` says; other symbols keep their names.
pub fn transplant(from: &Graph, root: Id, to: &mut Graph, binding: &[(Symbol, Id)]) -> Id {
    let mut new: IdMap<Id> = IdMap::default();
    for id in topological(from, &[root]) {
        let kids: Vec<Id> = from.children(id).iter().map(|c| new.get(c).copied().unwrap_or(*c)).collect();
        let made = match from.as_symbol(id) {
            Some(s) => match binding.iter().find(|(b, _)| *b == s) {
                Some((_, bound)) => *bound,
                None => to.copy_of(from, id, &[]),
            },
            None => to.copy_of(from, id, &kids),
        };
        new.insert(id, made);
    }
    new.get(&root).copied().unwrap_or(root)
}

/// The number of nodes when the expression is written out as a tree, saturating.
pub fn tree_size(g: &Graph, root: Id) -> u64 {
    let mut size: IdMap<u64> = IdMap::default();
    for id in topological(g, &[root]) {
        let below = g.children(id).iter().fold(0u64, |sum, c| sum.saturating_add(size.get(c).copied().unwrap_or(1)));
        size.insert(id, below.saturating_add(1));
    }
    size.get(&root).copied().unwrap_or(1)
}

/// The height of the expression: 0 for a leaf.
pub fn depth(g: &Graph, root: Id) -> usize {
    let mut depth: IdMap<usize> = IdMap::default();
    for id in topological(g, &[root]) {
        let below = g.children(id).iter().map(|c| depth.get(c).copied().unwrap_or(0) + 1).max().unwrap_or(0);
        depth.insert(id, below);
    }
    depth.get(&root).copied().unwrap_or(0)
}
