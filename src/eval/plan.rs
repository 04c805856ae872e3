//! The order in which the nodes below some roots are evaluated: stages before their uses, and for each indexed series the
//! part of its body that changes with the index. Knows nothing of values.

use crate::expr::{Graph, Id, Symbol, View};
use std::collections::{HashMap, HashSet};

/// An order of evaluation, made once and run at as many points as wanted.
pub struct Plan {
    /// Every node outside all loops, each after those it needs.
    pub(super) order: Vec<Id>,
    /// For the node of a stage's symbol, the expression it stands for.
    pub(super) stages: HashMap<Id, Id>,
    loops: HashMap<Id, Loop>,
    size: usize,
}

/// An indexed series, taken apart.
pub(super) struct Loop {
    pub binder: Id,
    pub body: Id,
    /// The nodes below the body that depend on the index, children first, without the index itself.
    pub steps: Vec<Id>,
    /// What must be known before the loop starts: both ends, and the parts of the body that do not depend on the index.
    before: Vec<Id>,
}

impl Plan {
    /// The plan for these roots, with stage symbols standing for their definitions.
    pub fn new(g: &Graph, definitions: &HashMap<Symbol, Id>, roots: &[Id]) -> Self {
        let (reached, stages) = reach(g, definitions, roots);
        let mut plan = Plan { order: Vec::new(), stages, loops: HashMap::new(), size: 0 };
        plan.size = reached.last().map_or(0, |id| id.index() + 1);
        for id in reached {
            if let View::Series(_, _, [from, to, body]) = g.view(id) {
                let taken_apart = plan.take_apart(g, g.children(id)[0], [from, to, body]);
                plan.loops.insert(id, taken_apart);
            }
        }
        plan.order = plan.post_order(g, roots);
        plan
    }

    /// One more than the largest index of a node that takes part.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Every node outside all loops, each after those it needs.
    pub fn order(&self) -> &[Id] {
        &self.order
    }

    /// The expression that a stage's symbol stands for.
    pub fn stage(&self, symbol: Id) -> Option<Id> {
        self.stages.get(&symbol).copied()
    }

    /// Every indexed series that takes part, by ascending id.
    pub(super) fn all_series(&self) -> Vec<Id> {
        let mut all: Vec<Id> = self.loops.keys().copied().collect();
        all.sort_unstable();
        all
    }

    /// The stages that take part.
    pub(super) fn used_stages(&self, g: &Graph) -> Vec<Symbol> {
        self.stages.keys().filter_map(|id| g.as_symbol(*id)).collect()
    }

    pub(super) fn series(&self, id: Id) -> Option<&Loop> {
        self.loops.get(&id)
    }

    /// What must be evaluated before a node, in the scope in which the node stands.
    fn needs<'a>(&'a self, g: &'a Graph, id: Id) -> &'a [Id] {
        self.loops.get(&id).map_or_else(|| g.children(id), |l| &l.before)
    }

    /// Inner series have smaller ids and are taken apart already, so a shadowed index is never mistaken for an outer one.
    fn take_apart(&self, g: &Graph, binder: Id, [from, to, body]: [Id; 3]) -> Loop {
        let mut below: HashSet<Id> = HashSet::new();
        let mut stack = vec![body];
        while let Some(id) = stack.pop() {
            if below.insert(id) {
                stack.extend_from_slice(self.needs(g, id));
            }
        }
        let mut below: Vec<Id> = below.into_iter().collect();
        below.sort_unstable();
        let mut changing: HashSet<Id> = HashSet::new();
        for id in below {
            if id == binder || self.needs(g, id).iter().any(|k| changing.contains(k)) {
                changing.insert(id);
            }
        }
        let mut before = vec![from, to];
        let fixed = changing.iter().flat_map(|id| self.needs(g, *id)).chain([&body]).filter(|k| !changing.contains(k));
        before.extend(fixed);
        before.sort_unstable();
        before.dedup();
        changing.remove(&binder);
        let mut steps: Vec<Id> = changing.into_iter().collect();
        steps.sort_unstable();
        Loop { binder, body, steps, before }
    }

    /// Definitions may have larger ids than their uses, so ids alone give no order. A cycle is cut where it closes.
    fn post_order(&self, g: &Graph, roots: &[Id]) -> Vec<Id> {
        let mut seen = vec![false; self.size];
        let mut order = Vec::new();
        let mut stack: Vec<(Id, usize)> = Vec::new();
        for root in roots {
            if !std::mem::replace(&mut seen[root.index()], true) {
                stack.push((*root, 0));
            }
            while let Some((id, next)) = stack.pop() {
                let kid = match self.stages.get(&id) {
                    Some(definition) => (next == 0).then_some(*definition),
                    None => self.needs(g, id).get(next).copied(),
                };
                let Some(kid) = kid else {
                    order.push(id);
                    continue;
                };
                stack.push((id, next + 1));
                if !std::mem::replace(&mut seen[kid.index()], true) {
                    stack.push((kid, 0));
                }
            }
        }
        order
    }
}

/// The nodes below the roots and below the stages they use, by ascending id, with the stages.
fn reach(g: &Graph, definitions: &HashMap<Symbol, Id>, roots: &[Id]) -> (Vec<Id>, HashMap<Id, Id>) {
    let mut seen = vec![false; g.len()];
    let mut stages = HashMap::new();
    let mut stack = roots.to_vec();
    while let Some(id) = stack.pop() {
        if std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        stack.extend_from_slice(g.children(id));
        if let Some(definition) = g.as_symbol(id).and_then(|s| definitions.get(&s)) {
            stages.insert(id, *definition);
            stack.push(*definition);
        }
    }
    let reached = (0..seen.len()).filter(|i| seen[*i]).map(Id::from_index).collect();
    (reached, stages)
}
