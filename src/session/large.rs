//! Derivatives of expressions that are too large to be simplified or read in one piece: all of them in a few sweeps over the shared
//! graph, in the form in which they come.

use super::command::without_partial;
use super::{Point, Work};
use crate::derive::adjoint::{adjoints, second};
use crate::derive::pipeline;
use crate::expr::{Id, Symbol, walk};
use crate::outcome::{Answer, SharedEntry};
use crate::resolve::Fault;

/// Nodes of an expression from which on its derivatives are not simplified.
const NODES: usize = 300;

/// The same for the nodes times the number of derivatives.
const WORK: usize = 4_000;

/// A limit on the entries of a matrix.
const ENTRIES: usize = 250_000;

/// Which derivatives are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish<'a> {
    /// One by all of these in turn, of each expression.
    Repeated(&'a [Symbol]),
    /// One by each of these, of each expression.
    Each(&'a [Symbol]),
    /// One by each pair of these.
    Pairs(&'a [Symbol]),
}

impl Wish<'_> {
    /// How many derivatives of an expression have to be simplified.
    fn count(self) -> usize {
        match self {
            Wish::Repeated(by) => by.len(),
            Wish::Each(by) => by.len(),
            Wish::Pairs(by) => by.len() * (by.len() + 1),
        }
    }

    fn variables(&self) -> &[Symbol] {
        match self {
            Wish::Repeated(by) | Wish::Each(by) | Wish::Pairs(by) => by,
        }
    }
}

impl Work<'_> {
    /// The number of nodes of expressions without stage names, what they share counted once.
    pub(super) fn size(&mut self, roots: &[Id]) -> usize {
        let opened: Vec<Id> = roots.iter().map(|root| self.opened(*root)).collect();
        walk::topological(&self.session.graph, &opened).len()
    }

    /// The derivatives of large expressions; nothing where they are small enough to be read, or where a sweep cannot take them.
    pub(super) fn large(&mut self, roots: &[Id], wish: Wish<'_>, point: &Point) -> Result<Option<Answer>, Fault> {
        let known = self.known_beside(wish.variables());
        let g = &mut self.session.graph;
        let opened: Vec<Id> = roots.iter().map(|root| pipeline::without_stages(g, &known.definitions, *root)).collect();
        let nodes = walk::topological(g, &opened).len();
        let count = wish.count().saturating_mul(roots.len());
        if (nodes <= NODES && nodes.saturating_mul(count) <= WORK) || count > ENTRIES {
            return Ok(None);
        }
        let one = roots.len() == 1;
        let over_rows = self.is_over_rows(roots);
        let has_values = self.has_values(roots, point);
        let mut entries = Vec::new();
        for (root, k) in opened.iter().zip(1..) {
            let total = without_partial(&mut self.session.graph, *root).0;
            let Some(groups) = self.swept(total, wish) else { return Ok(None) };
            for Group { source, found } in groups {
                let last: Vec<Symbol> = found.iter().filter_map(|(by, _)| by.last()).copied().collect();
                // in numbers a slope is taken of what comes before it: that knows of kinks
                let values = if has_values && !over_rows { self.slopes(source, &last, point).1 } else { Vec::new() };
                let mut values = values.into_iter();
                let of = if one { None } else { Some(k) };
                entries.extend(found.into_iter().map(|(by, id)| SharedEntry { of, by, id, value: values.next() }));
            }
        }
        let ids: Vec<Id> = entries.iter().map(|entry| entry.id).collect();
        if has_values && over_rows {
            let values = self.values_beside(&ids, &[], roots, point)?;
            entries.iter_mut().zip(values).for_each(|(entry, value)| entry.value = Some(value));
        }
        let nodes = walk::topological(&self.session.graph, &ids).len();
        Ok(Some(Answer::Shared { entries, nodes }))
    }

    /// The derivatives of one expression.
    fn swept(&mut self, root: Id, wish: Wish<'_>) -> Option<Vec<Group>> {
        let g = &mut self.session.graph;
        match wish {
            Wish::Repeated(by) => {
                let (mut source, mut value) = (root, root);
                for symbol in by {
                    source = value;
                    value = adjoints(g, value, &[*symbol]).ok()?[0];
                }
                Some(vec![Group { source, found: vec![(by.to_vec(), value)] }])
            }
            Wish::Each(by) => {
                let found = adjoints(g, root, by).ok()?;
                Some(vec![Group { source: root, found: by.iter().map(|symbol| vec![*symbol]).zip(found).collect() }])
            }
            Wish::Pairs(by) => {
                let slopes = adjoints(g, root, by).ok()?;
                let rows = second(g, &slopes, by).ok()?;
                let group = |(k, (source, row)): (usize, (Id, Vec<Id>))| {
                    let found = by[k..].iter().zip(row).map(|(other, id)| (vec![by[k], *other], id)).collect();
                    Group { source, found }
                };
                Some(slopes.into_iter().zip(rows).enumerate().map(group).collect())
            }
        }
    }
}

/// Derivatives of one expression, each with the variables of all derivatives up to it, the last its own.
struct Group {
    source: Id,
    found: Vec<(Vec<Symbol>, Id)>,
}
