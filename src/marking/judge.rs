//! Whether a line follows from the one above: equal, perhaps under a condition; different, with a point at which that is
//! plain to see; or not decided, which is never called wrong.

use super::{is_open, taken};
use crate::derive::Engine;
use crate::domain::{self, Known};
use crate::eval::{Truth, number_text};
use crate::expr::{Graph, Id, Number, Relation, Symbol, View, walk};
use crate::simplify::{beyond, needs};
use crate::verify::check::{self, Equality};
use crate::verify::evaluate::Missing;
use crate::verify::points::Point;

/// What a line is to the one above.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// They are equal where both have values.
    Equal {
        /// At how many points that was found.
        points: usize,
        /// Whether an exact test decided it.
        proved: bool,
        /// What must hold for it: conditions that one of the two needs and the other does not show.
        conditions: Vec<Id>,
    },
    /// They have different values.
    Different {
        /// Where.
        point: Point,
        /// The value of the line above.
        before: String,
        /// The value of the line.
        after: String,
    },
    /// It could not be found out, for this reason.
    Undecided(String),
}

/// Compares a line with the one above. Derivatives in both are still to be taken.
pub fn judge(g: &mut Graph, known: &Known, before: Id, after: Id) -> Judged {
    let first = check::equal(g, known, before, after);
    let found = match first {
        Equality::Unknown(why) => by_forms(g, known, before, after).unwrap_or(Equality::Unknown(why)),
        decided => decided,
    };
    match found {
        Equality::Equal { points, proved, only_first, only_second } => {
            let is_seen = only_first.is_some() || only_second.is_some();
            let mut conditions = conditions(g, known, before, after);
            // a condition counts where a point shows that it matters
            conditions.retain(|c| is_seen || matters_at_its_point(g, known, *c, before, after));
            Judged::Equal { points, proved, conditions }
        }
        Equality::Different { point, a, b } => {
            let plain = plain_point(g, known, before, after);
            let (point, before, after) = plain.unwrap_or((point, a, b));
            Judged::Different { point, before, after }
        }
        Equality::Unknown(why) => Judged::Undecided(why),
    }
}

/// The same with the derivatives taken by the rules, and by a common shortest form.
fn by_forms(g: &mut Graph, known: &Known, before: Id, after: Id) -> Option<Equality> {
    let (left, right) = (taken(g, before)?, taken(g, after)?);
    match check::equal(g, known, left, right) {
        Equality::Unknown(_) => {
            let difference = g.sub(left, right);
            let is_zero = Engine::new(known).simplifier.shortest(g, difference) == g.integer(0);
            is_zero.then_some(Equality::Equal { points: 0, proved: true, only_first: None, only_second: None })
        }
        decided => Some(decided),
    }
}

/// The conditions that a step of algebra loses or adds. What a derivative needs is not asked of a learner.
fn conditions(g: &mut Graph, known: &Known, before: Id, after: Id) -> Vec<Id> {
    if is_open(g, before) || is_open(g, after) {
        return Vec::new();
    }
    let (own, others) = (needs(known, g, before), needs(known, g, after));
    let mut found = beyond(known, g, &own, &others);
    found.extend(beyond(known, g, &others, &own));
    let reduced = domain::reduce(g, known, &found, &[]);
    check::settled(g, known, reduced)
}

/// Whether only one of two expressions has a value at the single point that a condition such as x != 3 leaves out.
fn matters_at_its_point(g: &Graph, known: &Known, condition: Id, before: Id, after: Id) -> bool {
    let View::Compare(Relation::NotEqual, a, b) = g.view(condition) else { return false };
    let (Some(symbol), Some(value)) = (g.as_symbol(a), g.as_number(b)) else { return false };
    let others = walk::free_symbols(g, &[before, after]).into_iter().filter(|s| *s != symbol);
    let mut point: Point = others.enumerate().map(|(k, s)| coordinate(s, 0, k)).collect();
    point.push((symbol, value.clone()));
    let mut truth = Truth::new(g, &known.definitions, point).work(WORK);
    let mut is_missing = |id| matches!(truth.nearest(id), Err(Missing::Undefined(_)));
    is_missing(before) != is_missing(after)
}

/// Values that are easy to compute with, the plainest first.
const PLAIN: [(i64, u64); 14] =
    [(1, 1), (2, 1), (3, 1), (1, 2), (-1, 1), (0, 1), (-2, 1), (4, 1), (5, 1), (1, 4), (-1, 2), (3, 2), (10, 1), (1, 10)];

/// A difference must be at least this share of the values to be plain.
const PLAINLY: f64 = 0.02;

/// The work for one point.
const WORK: u64 = 20_000;

/// The point among plain ones at which the values are shortest, and differ plainly.
fn plain_point(g: &Graph, known: &Known, before: Id, after: Id) -> Option<(Point, String, String)> {
    let mut symbols = walk::free_symbols(g, &[before, after]);
    symbols.sort_by(|a, b| g.name(*a).cmp(g.name(*b)));
    let speaks = |c: &Id| walk::free_symbols(g, &[*c]).iter().all(|s| symbols.contains(s));
    let conditions: Vec<Id> = known.conditions.iter().copied().filter(speaks).collect();
    let tries = if symbols.is_empty() { 1 } else { PLAIN.len() };
    let found = (0..tries).filter_map(|number| {
        let point: Point = symbols.iter().enumerate().map(|(k, s)| coordinate(*s, number, k)).collect();
        let mut truth = Truth::new(g, &known.definitions, point.clone()).work(WORK);
        if !conditions.iter().all(|c| truth.holds(*c) == Ok(true)) {
            return None;
        }
        let (a, b) = (truth.nearest(before).ok()?, truth.nearest(after).ok()?);
        let is_plain = a.is_finite() && b.is_finite() && (a - b).abs() > PLAINLY * a.abs().max(b.abs());
        let (a, b) = (short(a), short(b));
        (is_plain && a != b).then(|| (a.len() + b.len() + number, (point, a, b)))
    });
    found.min_by_key(|(cost, _)| *cost).map(|(_, found)| found)
}

/// Different symbols get different values.
fn coordinate(symbol: Symbol, number: usize, place: usize) -> (Symbol, Number) {
    let (n, d) = PLAIN[(number + place) % PLAIN.len()];
    (symbol, Number::ratio(n, d))
}

/// A value to five digits: enough to see a difference.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.4e}").parse().unwrap_or(value);
    number_text(rounded)
}
