//! Reductions over rows on a small instance: a data set of three rows, whose values are symbols. What holds for all of their values is
//! checked with ordinary expressions: a mean over rows is the third of a sum of three.

use crate::domain::Known;
use crate::expr::{Graph, Id, Reduction, Symbol, View, walk};
use std::collections::HashMap;

/// So many rows the instance has: one would not tell a sum from a mean, two not a square from a product.
const ROWS: usize = 3;

/// Expressions with their reductions opened, in a graph of their own.
pub struct Instance {
    /// The graph that holds them.
    pub graph: Graph,
    /// What is known, opened: a condition on columns holds in every row.
    pub known: Known,
    opened: HashMap<Id, Id>,
}

impl Instance {
    /// The instance for these expressions; none where there is nothing to open.
    pub fn of(g: &Graph, known: &Known, roots: &[Id]) -> Option<Self> {
        if !g.has_data() {
            return None;
        }
        let definitions = known.definitions.values();
        let all: Vec<Id> = roots.iter().chain(definitions).chain(&known.conditions).copied().collect();
        let speaks = |id: &Id| matches!(g.view(*id), View::Rows(..)) || bound_column(g, *id).is_some();
        if !walk::topological(g, &all).iter().any(speaks) {
            return None;
        }
        let mut instance = Instance { graph: g.clone(), known: Known::default(), opened: HashMap::new() };
        let definitions = known.definitions.iter().map(|(s, id)| (*s, instance.open(*id))).collect();
        let conditions = known.conditions.iter().map(|c| instance.open(*c)).collect();
        instance.known = Known { conditions, definitions };
        roots.iter().for_each(|root| _ = instance.open(*root));
        Some(instance)
    }

    /// What one of the expressions is in the instance.
    pub fn get(&self, root: Id) -> Id {
        self.opened.get(&root).copied().unwrap_or(root)
    }

    fn open(&mut self, root: Id) -> Id {
        if let Some(known) = self.opened.get(&root) {
            return *known;
        }
        let mut made = walk::rebuild(&mut self.graph, root, |g, id, kids| match g.view(id) {
            View::Rows(kind, data, _) => reduction(g, kind, data, kids[0]),
            _ if g.children(id) == kids => id,
            _ => {
                let kids = kids.to_vec();
                g.with_children(id, &kids)
            }
        });
        if self.graph.is_condition(made) {
            while let Some(data) = free_data(&self.graph, made) {
                let rows = in_rows(&mut self.graph, data, made);
                made = self.graph.and(&rows);
            }
        }
        self.opened.insert(root, made);
        made
    }
}

/// The data set of which a symbol is a bound column.
fn bound_column(g: &Graph, id: Id) -> Option<Symbol> {
    g.as_symbol(id).and_then(|s| g.as_column(s)).filter(|column| column.bound).map(|column| column.data)
}

fn free_data(g: &Graph, root: Id) -> Option<Symbol> {
    walk::topological(g, &[root]).into_iter().find_map(|id| bound_column(g, id))
}

fn reduction(g: &mut Graph, kind: Reduction, data: Symbol, body: Id) -> Id {
    let terms = in_rows(g, data, body);
    let sum = g.add(&terms);
    if kind == Reduction::Sum {
        return sum;
    }
    let count = g.integer(ROWS as i64);
    g.div(sum, count)
}

/// An expression in each of the rows.
fn in_rows(g: &mut Graph, data: Symbol, body: Id) -> Vec<Id> {
    let columns: Vec<Id> = walk::topological(g, &[body]).into_iter().filter(|id| bound_column(g, *id) == Some(data)).collect();
    let mut out = Vec::with_capacity(ROWS);
    for row in 1..=ROWS {
        let mut map = HashMap::new();
        for column in &columns {
            let Some(symbol) = g.as_symbol(*column) else { continue };
            let name = format!("{} in row {row}", g.name(symbol));
            map.insert(*column, g.variable(&name));
        }
        out.push(walk::substitute(g, body, &map));
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expr::{Column, print};

    #[test]
    fn a_mean_becomes_a_third_of_three_terms_and_a_condition_holds_in_every_row() {
        let mut g = Graph::new();
        let data = g.data_set("d").unwrap();
        let x = g.column(data, "x", true);
        assert_eq!(g.as_column(x), Some(Column { data, bound: true }));
        let (x, w, one) = (g.symbol(x), g.variable("w"), g.integer(1));
        let body = g.mul(&[w, x]);
        let mean = g.rows(Reduction::Mean, data, body);
        let count = g.rows(Reduction::Sum, data, one);
        let positive = g.compare_zero(crate::expr::Relation::Greater, x);
        let known = Known { conditions: vec![positive], ..Known::default() };
        let instance = Instance::of(&g, &known, &[mean, count]).unwrap();
        let text = |id| print::plain(&instance.graph, id);
        assert_eq!(text(instance.get(mean)), "(w*d.x in row 1 + w*d.x in row 2 + w*d.x in row 3)/3");
        assert_eq!(text(instance.get(count)), "1 + 1 + 1");
        assert_eq!(text(instance.known.conditions[0]), "d.x in row 1 > 0 and d.x in row 2 > 0 and d.x in row 3 > 0");
        assert!(Instance::of(&g, &Known::default(), &[w]).is_none());
    }
}
