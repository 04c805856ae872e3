//! Marking a learner's lines: whether a line follows from the one above, and if not, which wrong rule leads to it. Here the
//! derivatives in the lines are still to be taken, as the learner wrote them.

mod candidates;
mod cause;
mod forms;
pub mod hint;
mod judge;
mod pairs;
mod place;
mod sample;
mod slopes;

pub use candidates::{Found, likely};
pub use cause::{Cause, find};
pub use judge::{Judged, judge};
pub use place::place;

use crate::derive::{Formulas, Piece};
use crate::expr::{Graph, Id, View, print, walk};

/// What went wrong is told with so much of an expression.
const GLIMPSE: u64 = 40;

/// What went wrong, as text.
#[must_use]
pub fn told(g: &Graph, said: &[Piece]) -> String {
    Piece::sentence(said, |id| print::glimpse(g, id, print::Style::Plain, GLIMPSE))
}

/// The expression with every derivative in it taken by the rules, as they stand; none where one cannot be taken.
pub fn taken(g: &mut Graph, root: Id) -> Option<Id> {
    let mut formulas = Formulas::default();
    taken_with(g, root, |g, body, variable| slopes::right(g, &mut formulas, body, variable))
}

/// The expression with `take` doing its derivatives, the inner ones first.
fn taken_with(g: &mut Graph, root: Id, mut take: impl FnMut(&mut Graph, Id, crate::expr::Symbol) -> Option<Id>) -> Option<Id> {
    let mut failed = false;
    let done = walk::rebuild(g, root, |g, id, kids| match g.view(id) {
        View::Derivative(_, variable, order) => {
            let mut value = kids[0];
            for _ in 0..order {
                match take(g, value, variable) {
                    Some(slope) => value = slope,
                    None => failed = true,
                }
            }
            value
        }
        _ if kids.is_empty() => id,
        _ => g.with_children(id, kids),
    });
    (!failed).then_some(done)
}

/// The derivatives that are still to be taken in an expression.
fn open_derivatives(g: &Graph, root: Id) -> Vec<Id> {
    let all = walk::topological(g, &[root]);
    all.into_iter().filter(|id| matches!(g.view(*id), View::Derivative(..))).collect()
}

/// Whether a derivative is still to be taken in it.
#[must_use]
pub fn is_open(g: &Graph, root: Id) -> bool {
    !open_derivatives(g, root).is_empty()
}
