//! Where a function is saturated: where the size of its slope is under a share of its largest one. Nothing here is sampled: the
//! largest slope is enclosed by branch and bound, the ends of the regions by certified bisection, and what stays open is told.

mod ends;
mod largest;
mod pieces;
mod regions;
mod slopes;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

use crate::domain::{Interval, Known};
use crate::expr::{Graph, Id, Number, Symbol};
use largest::Largest;
use pieces::Piece;
use slopes::{Slopes, Tail};

/// What is asked: an expression of one variable alone, over a range of it.
pub struct Question<'q> {
    /// The expression.
    pub expression: Id,
    /// Its variable.
    pub variable: Symbol,
    /// The lower end; none for all the way down.
    pub from: Option<Number>,
    /// The upper end; none for all the way up.
    pub to: Option<Number>,
    /// The share of the largest slope, between 0 and 1.
    pub share: Number,
    /// What is taken for true.
    pub known: &'q Known,
}

/// Where a function is saturated.
#[derive(Clone, Debug, PartialEq)]
pub struct Saturation {
    /// The range; its ends may be infinite.
    pub range: (f64, f64),
    /// The largest size of the slope lies between these.
    pub largest: (f64, f64),
    /// Where it is reached, from where to where; or approached, at an infinite place.
    pub peaks: Vec<(f64, f64)>,
    /// The share.
    pub share: f64,
    /// The regions, in order.
    pub regions: Vec<Region>,
    /// What could not be decided, from where to where.
    pub open: Vec<(f64, f64)>,
    /// Where the function has no value, from where to where.
    pub undefined: Vec<(f64, f64)>,
}

/// A region in which the slope is small.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Its lower end.
    pub from: End,
    /// Its upper end.
    pub to: End,
}

/// An end of a region.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// Where; infinite where the region goes on without end.
    pub at: f64,
    /// How far off that may be.
    pub slack: f64,
    /// What ends the region there.
    pub kind: EndKind,
    /// The slope there, from inside of the region; none at an infinite end.
    pub slope: Option<f64>,
}

/// What ends a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKind {
    /// The range that was asked about ends.
    Range,
    /// The slope grows beyond the share.
    Crossing,
    /// A kink, a jump, or an edge of the domain.
    Place,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// The slope has no certain bound near there.
    Unbounded(f64),
    /// There is no value anywhere in the range.
    Nowhere,
    /// The slope is 0 wherever it exists.
    Flat,
    /// Nothing is certain towards an infinite end.
    Tail(f64),
    /// The slope grows without end towards an infinite end.
    Grows(f64),
    /// The slope is so small everywhere that f64 holds no number for it.
    Tiny,
    /// It took too much work.
    TooHard,
}

impl Saturation {
    /// Which part of a range with ends is saturated, of that where there is a value.
    #[must_use]
    pub fn part(&self) -> Option<f64> {
        let length = |(low, high): (f64, f64)| high - low;
        let whole = length(self.range) - self.undefined.iter().copied().map(length).sum::<f64>();
        let inside: f64 = self.regions.iter().map(|r| r.to.at - r.from.at).sum();
        (whole.is_finite() && whole > 0.0).then_some(inside / whole)
    }
}

/// A stretch of the range of which one thing is certain, or nothing.
#[derive(Clone, Debug)]
struct Stretch {
    from: Place,
    to: Place,
    status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Below,
    Above,
    Open,
    Undefined,
}

/// A place on the line.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    /// Exactly; none for an infinite one.
    exact: Option<Number>,
    /// The f64 nearest to it.
    near: f64,
}

impl Place {
    fn new(exact: Number) -> Self {
        let near = exact.to_f64();
        Place { exact: Some(exact), near }
    }

    fn infinite(sign: f64) -> Self {
        Place { exact: None, near: sign * f64::INFINITY }
    }
}

/// The halves of the line beyond this and its negation are tails.
const FIRST_TAIL: i64 = 16;

/// The tails may begin as far out as this.
const LAST_TAIL: i64 = 1 << 30;

/// The next tail begins so many times as far out, and beyond a few thousands by the square of it.
const FURTHER: i64 = 8;

/// Finds the regions.
///
/// # Errors
/// Why there are none to be found.
pub fn saturation(g: &mut Graph, question: &Question<'_>) -> Result<Saturation, Trouble> {
    if question.from.is_some() && question.to.is_some() {
        return attempt(g, question, FIRST_TAIL, &mut 0.0);
    }
    let (mut out, mut size) = (FIRST_TAIL, f64::INFINITY);
    loop {
        let before = size;
        match attempt(g, question, out, &mut size) {
            // further out it helps only where the bounds come closer
            Err(Trouble::Tail(_)) if out < LAST_TAIL && size < 1e300 && (out == FIRST_TAIL || size != before) => {
                out *= if out < 4096 { FURTHER } else { FURTHER * FURTHER }
            }
            found => return found,
        }
    }
}

/// The regions, where tails begin at `out`. `size` becomes the largest slope that a tail may hold.
fn attempt(g: &mut Graph, question: &Question<'_>, out: i64, size: &mut f64) -> Result<Saturation, Trouble> {
    let cuts = pieces::cuts(g, question);
    let outermost = cuts.iter().map(|cut| cut.near.abs()).fold(0.0, f64::max);
    let given = [&question.from, &question.to].into_iter().flatten().map(|n| n.to_f64().abs()).fold(outermost, f64::max);
    let edge = Number::integer(out.max((given.min(1e15) * 2.0).ceil() as i64));
    let (low, high) = (question.from.clone().unwrap_or_else(|| -&edge), question.to.clone().unwrap_or(edge));
    let pieces = pieces::pieces(g, question, &cuts, (Place::new(low), Place::new(high)));
    let tails = tails(g, question, &pieces);
    if let Some(tail) = tails.iter().find(|tail| tail.grows) {
        return Err(Trouble::Grows(tail.sign * f64::INFINITY));
    }
    *size = tails.iter().map(|tail| tail.slope.high - tail.slope.low).fold(0.0, f64::max);
    if let Some(tail) = tails.iter().find(|tail| !tail.slope.magnitude().high.is_finite()) {
        return Err(Trouble::Tail(tail.sign * f64::INFINITY));
    }
    let mut slopes = Slopes::new(question.variable);
    let largest = largest::find(g, &mut slopes, &pieces, &tails)?;
    let bar = largest.shared(&question.share);
    let mut stretches = Vec::new();
    for tail in &tails {
        let status = bar.status(tail.slope);
        if status == Status::Open {
            return Err(Trouble::Tail(tail.sign * f64::INFINITY));
        }
        let far = Place::infinite(tail.sign);
        let (from, to) = if tail.sign < 0.0 { (far, tail.begin.clone()) } else { (tail.begin.clone(), far) };
        stretches.push(Stretch { from, to, status });
    }
    for piece in &pieces {
        regions::classify(g, &mut slopes, piece, bar, &mut stretches);
    }
    if slopes.is_exhausted() {
        return Err(Trouble::TooHard);
    }
    stretches.sort_by(|a, b| a.from.near.total_cmp(&b.from.near));
    Ok(regions::told(g, &mut slopes, question, &largest, &pieces, stretches))
}

/// What is certain beyond the pieces, where the range has no end.
fn tails(g: &mut Graph, question: &Question<'_>, pieces: &[Piece]) -> Vec<Tail> {
    let mut found = Vec::new();
    if let (None, Some(piece)) = (&question.from, pieces.first()) {
        found.push(slopes::tail(g, question, piece, -1.0));
    }
    if let (None, Some(piece)) = (&question.to, pieces.last()) {
        found.push(slopes::tail(g, question, piece, 1.0));
    }
    found
}

/// The slopes that count as small: under the share of the largest one, which itself is known between two bounds only.
#[derive(Clone, Copy, Debug)]
struct Bar {
    /// What is below this is certainly under the share.
    low: f64,
    /// What is above this certainly is not.
    high: f64,
}

impl Bar {
    fn status(self, slope: Interval) -> Status {
        let size = slope.magnitude();
        match () {
            () if size.high < self.low => Status::Below,
            () if size.low > self.high => Status::Above,
            () => Status::Open,
        }
    }
}

impl Largest {
    fn shared(&self, share: &Number) -> Bar {
        let size = Interval::closed(self.low, self.high).times(Interval::of_number(share));
        Bar { low: size.low, high: size.high }
    }
}
