//! Reductions over the rows of a data set: `mean(E)` and `sum(E)` of an expression with columns become one node that binds them.
//! Stages that are made of columns are opened first, so that every column stands where it is bound.

use super::Scope;
use crate::expr::{Graph, Id, Reduction, Symbol, View, walk};
use std::collections::HashMap;

/// Reductions stand at most so deep in one another.
const DEEPEST: usize = 16;

/// Why there is no reduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreduced {
    /// The expression has columns of these two data sets.
    Mixed(Symbol, Symbol),
    /// It has too many reductions in one another.
    Deep,
}

/// The reduction of an expression over the rows of the data set whose columns it has; none where it has no columns.
pub(super) fn reduced(g: &mut Graph, scope: &Scope, kind: Reduction, body: Id) -> Result<Option<Id>, Unreduced> {
    if !g.has_data() {
        return Ok(None);
    }
    let body = opened(g, scope, body);
    let columns = free_columns(g, body);
    let Some((_, data)) = columns.first().copied() else { return Ok(None) };
    if let Some((_, other)) = columns.iter().find(|(_, d)| *d != data) {
        return Err(Unreduced::Mixed(data, *other));
    }
    if nesting(g, body) >= DEEPEST {
        return Err(Unreduced::Deep);
    }
    let body = bound(g, body);
    Ok(Some(g.rows(kind, data, body)))
}

/// The columns that no reduction binds, each with its data set.
fn free_columns(g: &Graph, root: Id) -> Vec<(Symbol, Symbol)> {
    let free = |s: Symbol| g.as_column(s).filter(|column| !column.bound).map(|column| (s, column.data));
    walk::free_symbols(g, &[root]).into_iter().filter_map(free).collect()
}

/// The expression with its free columns as a reduction binds them: what it says of a column, it says of every row.
pub(super) fn bound(g: &mut Graph, root: Id) -> Id {
    let mut map = HashMap::new();
    for (symbol, data) in free_columns(g, root) {
        let name = g.name(symbol).split_once('.').map_or(String::new(), |(_, column)| column.to_owned());
        let inner = g.column(data, &name, true);
        map.insert(g.symbol(symbol), g.symbol(inner));
    }
    if map.is_empty() { root } else { walk::substitute(g, root, &map) }
}

/// How many reductions stand in one another.
fn nesting(g: &Graph, root: Id) -> usize {
    let mut depth: HashMap<Id, usize> = HashMap::new();
    for id in walk::topological(g, &[root]) {
        let below = g.children(id).iter().filter_map(|c| depth.get(c)).max().copied().unwrap_or(0);
        depth.insert(id, below + usize::from(matches!(g.view(id), View::Rows(..))));
    }
    depth.get(&root).copied().unwrap_or(0)
}

/// The expression with the stages opened that are made of columns.
fn opened(g: &mut Graph, scope: &Scope, root: Id) -> Id {
    let mut map: HashMap<Id, Id> = HashMap::new();
    let mut done: HashMap<Symbol, bool> = HashMap::new();
    let stages = |g: &Graph, id: Id| -> Vec<Symbol> {
        walk::free_symbols(g, &[id]).into_iter().filter(|s| scope.definitions.contains_key(s)).collect()
    };
    let mut stack: Vec<Symbol> = stages(g, root);
    while let Some(stage) = stack.last().copied() {
        let Some(definition) = scope.definitions.get(&stage).copied().filter(|_| done.get(&stage) != Some(&true)) else {
            stack.pop();
            continue;
        };
        let parts = stages(g, definition);
        let waiting = parts.iter().any(|s| !done.contains_key(s));
        if !done.contains_key(&stage) && waiting {
            done.insert(stage, false);
            stack.extend(parts.into_iter().filter(|s| !done.contains_key(s)));
            continue;
        }
        stack.pop();
        done.insert(stage, true);
        let value = walk::substitute(g, definition, &map);
        if !free_columns(g, value).is_empty() {
            map.insert(g.symbol(stage), value);
        }
    }
    if map.is_empty() { root } else { walk::substitute(g, root, &map) }
}
