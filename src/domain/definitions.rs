//! What named stages stand for, and what was found out on the way that depends on nothing else that is known: whoever knows the
//! same definitions has it from there, and a condition is solved once for all who ask.

use super::interval::Signs;
use super::prover::Line;
use super::univariate::Univariate;
use crate::expr::{Graph, Id, Lineage, Symbol};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;

/// What named stages stand for. Clones share what was found out under them.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    stages: Rc<HashMap<Symbol, Id>>,
    found: Rc<Found>,
}

/// What provers have found out, whatever else they know.
#[derive(Debug, Default)]
struct Found {
    solutions: RefCell<Solutions>,
    /// The signs of polynomials on parts of the line.
    signs: RefCell<HashMap<(Univariate, Line), Signs>>,
}

/// What conditions of one graph come to when they are solved, at each depth.
#[derive(Debug, Default)]
struct Solutions {
    lineage: Option<Lineage>,
    by_condition: HashMap<(Id, u32), Vec<Id>>,
}

impl Definitions {
    /// Without these stages: they vary by themselves.
    pub fn remove(&mut self, names: &[Symbol]) {
        if names.iter().any(|name| self.stages.contains_key(name)) {
            let others = self.stages.iter().filter(|(stage, _)| !names.contains(stage));
            *self = others.map(|(stage, body)| (*stage, *body)).collect();
        }
    }

    /// What a condition came to when it was solved at this depth.
    pub(super) fn solution(&self, g: &Graph, condition: Id, depth: u32) -> Option<Vec<Id>> {
        let solutions = self.found.solutions.borrow();
        let found = (solutions.lineage == Some(g.lineage())).then(|| solutions.by_condition.get(&(condition, depth)));
        found.flatten().cloned()
    }

    /// Keeps what a condition came to.
    pub(super) fn keep_solution(&self, g: &Graph, condition: Id, depth: u32, solution: &[Id]) {
        let mut solutions = self.found.solutions.borrow_mut();
        if solutions.lineage != Some(g.lineage()) {
            *solutions = Solutions { lineage: Some(g.lineage()), ..Solutions::default() };
        }
        solutions.by_condition.insert((condition, depth), solution.to_vec());
    }

    /// The signs of a polynomial on a part of the line, as they were found before or by looking.
    pub(super) fn signs(&self, polynomial: Univariate, line: Line, look: impl FnOnce(&Univariate, &Line) -> Signs) -> Signs {
        let place = (polynomial, line);
        if let Some(signs) = self.found.signs.borrow().get(&place) {
            return *signs;
        }
        let signs = look(&place.0, &place.1);
        self.found.signs.borrow_mut().insert(place, signs);
        signs
    }
}

impl From<HashMap<Symbol, Id>> for Definitions {
    fn from(stages: HashMap<Symbol, Id>) -> Self {
        Definitions { stages: Rc::new(stages), found: Rc::default() }
    }
}

impl FromIterator<(Symbol, Id)> for Definitions {
    fn from_iter<T: IntoIterator<Item = (Symbol, Id)>>(stages: T) -> Self {
        stages.into_iter().collect::<HashMap<_, _>>().into()
    }
}

impl Extend<(Symbol, Id)> for Definitions {
    /// More stages; what was found out before is forgotten.
    fn extend<T: IntoIterator<Item = (Symbol, Id)>>(&mut self, stages: T) {
        let before = self.stages.iter().map(|(stage, body)| (*stage, *body));
        *self = before.chain(stages).collect();
    }
}

impl Deref for Definitions {
    type Target = HashMap<Symbol, Id>;

    fn deref(&self) -> &HashMap<Symbol, Id> {
        &self.stages
    }
}
