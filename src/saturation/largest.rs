//! The largest size of the slope, by branch and bound: cells that cannot hold it are left behind, the others are halved.

use super::pieces::Piece;
use super::slopes::{Blank, Cell, Slopes, Tail};
use super::{Place, Trouble};
use crate::budget::pulse;
use crate::domain::{Interval, Known};
use crate::expr::{Graph, Number, Relation};
use crate::plot::shortest_between;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The largest slope, enclosed.
pub(super) struct Largest {
    pub low: f64,
    pub high: f64,
    /// Where it is reached, from where to where; or approached, at an infinite place; ascending.
    pub peaks: Vec<(f64, f64)>,
}

/// The bounds are this close to each other, relative to the larger.
const CLOSE: f64 = 1e-14;

/// The same for what is approached far out.
const CLOSE_FAR_OUT: f64 = 1e-12;

/// Slopes below this are too small to be compared.
const SMALLEST: f64 = 1e-300;

/// A piece is first cut into so many cells.
const FIRST: usize = 16;

/// A cell is not halved below this part of its piece.
const LEAST: f64 = 1.0 / (1u64 << 46) as f64;

/// A run of cells that is wider than this part of its piece is no single place.
const WIDE: f64 = 1e-4;

/// Cells that are looked at.
const MOST: usize = 30_000;

/// A cell that waits for being halved, by the largest slope that it can hold.
struct Waiting {
    piece: usize,
    cell: Cell,
    high: f64,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.high.total_cmp(&other.high)
    }
}

struct Search<'a> {
    g: &'a mut Graph,
    slopes: &'a mut Slopes,
    pieces: &'a [Piece],
    waiting: BinaryHeap<Waiting>,
    /// A slope of this size certainly occurs.
    low: f64,
    /// Where it does.
    best: f64,
    looked_at: usize,
    has_values: bool,
}

/// Encloses the largest slope of the pieces and the tails.
pub(super) fn find(g: &mut Graph, slopes: &mut Slopes, pieces: &[Piece], tails: &[Tail]) -> Result<Largest, Trouble> {
    let waiting = BinaryHeap::new();
    // what is approached far out counts like what occurs
    let (low, best) = tails.iter().map(|tail| (tail.least, tail.sign * f64::INFINITY)).fold((0.0, f64::NAN), larger);
    let mut search = Search { g, slopes, pieces, waiting, low, best, looked_at: 0, has_values: false };
    for k in 0..pieces.len() {
        search.begin(k)?;
    }
    let beyond = tails.iter().map(|tail| tail.slope.magnitude().high);
    let most = search.waiting.peek().map_or(0.0, |waiting| waiting.high);
    if search.has_values && search.low == 0.0 && (0.0..SMALLEST).contains(&beyond.fold(most, f64::max)) && most > 0.0 {
        return Err(Trouble::Tiny);
    }
    let done = search.narrowed()?;
    let (low, high) = (search.low, done.iter().map(|w| w.high).fold(search.low, f64::max));
    if !search.has_values {
        return Err(Trouble::Nowhere);
    }
    let beyond = tails.iter().map(|tail| (tail.sign, tail.slope.magnitude().high));
    let limit = low * (1.0 + CLOSE_FAR_OUT);
    if let Some((sign, _)) = beyond.clone().find(|(_, size)| *size > limit.max(high)) {
        return Err(Trouble::Tail(sign * f64::INFINITY));
    }
    let high = beyond.clone().map(|(_, size)| size).fold(high, f64::max);
    if high == 0.0 {
        return Err(Trouble::Flat);
    }
    if low == 0.0 {
        return Err(Trouble::TooHard);
    }
    let best = search.best;
    let mut peaks = peaks(search.g, search.slopes, pieces, done, (low, best));
    for tail in tails.iter().filter(|tail| tail.slope.magnitude().high >= low) {
        let (far, begin) = (tail.sign * f64::INFINITY, tail.begin.near);
        match peaks.iter_mut().find(|(from, to)| *from == begin || *to == begin) {
            Some(peak) if peak.0 < peak.1 => *peak = (peak.0.min(far), peak.1.max(far)),
            Some(peak) => *peak = (far, far),
            None => peaks.push((far, far)),
        }
    }
    peaks.sort_by(|a, b| a.0.total_cmp(&b.0));
    // a place at which a stretch begins or ends is a part of it
    peaks.dedup_by(|next, peak| {
        let touches = next.0 == peak.1;
        if touches {
            peak.1 = next.1;
        }
        touches
    });
    Ok(Largest { low, high, peaks })
}

fn larger(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    if b.0 > a.0 { b } else { a }
}

impl Search<'_> {
    fn begin(&mut self, k: usize) -> Result<(), Trouble> {
        let piece = &self.pieces[k];
        for end in [&piece.from, &piece.to] {
            if let Some(slope) = self.slopes.at(self.g, piece, end) {
                self.occurs(slope, end.near);
            }
        }
        let ends = cells(&piece.from, &piece.to, FIRST);
        ends.windows(2).try_for_each(|pair| self.look(k, pair[0].clone(), pair[1].clone()))
    }

    /// A slope that occurs at a place.
    fn occurs(&mut self, slope: Interval, at: f64) {
        self.has_values = true;
        let size = slope.magnitude().low;
        if size > self.low {
            (self.low, self.best) = (size, at);
        }
    }

    /// Looks at a cell; one that cannot be enclosed is halved at once, as far as that goes.
    fn look(&mut self, k: usize, from: Place, to: Place) -> Result<(), Trouble> {
        let mut stack = vec![(from, to)];
        let piece = &self.pieces[k];
        let least = (piece.to.near - piece.from.near) * LEAST;
        while let Some((from, to)) = stack.pop() {
            pulse();
            self.looked_at += 1;
            if self.looked_at > MOST || self.slopes.is_exhausted() {
                return Err(Trouble::TooHard);
            }
            let cell = match self.slopes.over(self.g, piece, &from, &to) {
                Ok(cell) => cell,
                Err(Blank::Undefined) => continue,
                Err(Blank::Unclear) => match halves(&from, &to).filter(|_| to.near - from.near > least) {
                    Some((low, high)) => {
                        stack.extend([high, low]);
                        continue;
                    }
                    None => self.unclear(k, from, to)?,
                },
            };
            self.occurs(cell.middle, cell.from.near / 2.0 + cell.to.near / 2.0);
            let high = cell.slope.magnitude().high;
            if high >= self.low {
                self.waiting.push(Waiting { piece: k, cell, high });
            }
        }
        Ok(())
    }

    /// A cell around a kink, a jump or an edge, too small to be halved: the formula of the derivative may bound the slopes in it.
    fn unclear(&mut self, k: usize, from: Place, to: Place) -> Result<Cell, Trouble> {
        let near = shortest_between(from.near, to.near);
        let piece = &self.pieces[k];
        let conditions = between(self.g, self.slopes, &from, &to);
        let slope = self.slopes.by_formula(self.g, &Known::default(), piece, &conditions);
        if !slope.magnitude().high.is_finite() {
            return Err(Trouble::Unbounded(near));
        }
        Ok(Cell { from, to, slope, bend: Interval::REALS, middle: Interval::point(0.0) })
    }

    /// Halves the cell that promises most, until the bounds are close; the cells that are left.
    fn narrowed(&mut self) -> Result<Vec<Waiting>, Trouble> {
        let mut done = Vec::new();
        while let Some(best) = self.waiting.pop() {
            let piece = &self.pieces[best.piece];
            let is_least = best.cell.to.near - best.cell.from.near <= (piece.to.near - piece.from.near) * LEAST;
            if best.high <= self.low * (1.0 + CLOSE) {
                done.push(best);
                break;
            }
            match halves(&best.cell.from, &best.cell.to).filter(|_| !is_least) {
                Some((low, high)) => {
                    self.look(best.piece, low.0, low.1)?;
                    self.look(best.piece, high.0, high.1)?;
                }
                None => done.push(best),
            }
        }
        done.extend(std::mem::take(&mut self.waiting));
        let low = self.low;
        done.retain(|w| w.high >= low);
        Ok(done)
    }
}

/// That the variable lies in a cell.
fn between(g: &mut Graph, slopes: &Slopes, from: &Place, to: &Place) -> Vec<crate::expr::Id> {
    let x = g.symbol(slopes.variable);
    let ends = [(Relation::GreaterEqual, from), (Relation::LessEqual, to)];
    ends.into_iter()
        .filter_map(|(relation, end)| {
            let number = g.number(end.exact.clone()?);
            Some(g.compare(relation, x, number))
        })
        .collect()
}

/// Both halves of a cell, where a number lies between its ends that f64 can tell from them.
pub(super) fn halves(from: &Place, to: &Place) -> Option<((Place, Place), (Place, Place))> {
    let middle = from.near / 2.0 + to.near / 2.0;
    let is_between = from.near < middle && middle < to.near;
    let middle = Place::new(Number::from_f64(middle).filter(|_| is_between)?);
    let is_between = from.exact < middle.exact && middle.exact < to.exact;
    is_between.then(|| ((from.clone(), middle.clone()), (middle, to.clone())))
}

/// The ends of so many cells of a piece.
pub(super) fn cells(from: &Place, to: &Place, count: usize) -> Vec<Place> {
    let inner = (1..count).map(|k| from.near + (to.near - from.near) * (k as f64 / count as f64));
    let inside = |v: &f64| from.near < *v && *v < to.near;
    let inner = inner.filter(inside).filter_map(Number::from_f64).map(Place::new);
    std::iter::once(from.clone()).chain(inner).chain([to.clone()]).collect()
}

/// Where the largest slope lies: the middles of the cells that are left, each run of neighbours narrowed down to one place.
fn peaks(g: &Graph, slopes: &mut Slopes, pieces: &[Piece], mut left: Vec<Waiting>, (low, best): (f64, f64)) -> Vec<(f64, f64)> {
    left.sort_by(|a, b| a.cell.from.near.total_cmp(&b.cell.from.near));
    // each with whether the slope is one number everywhere in it
    let mut runs: Vec<(usize, Place, Place, bool)> = Vec::new();
    for Waiting { piece: k, cell, .. } in left {
        let one_number = cell.slope.low == cell.slope.high;
        match runs.last_mut() {
            Some((piece, _, to, flat)) if *piece == k && *to == cell.from => (*to, *flat) = (cell.to, *flat && one_number),
            _ => runs.push((k, cell.from, cell.to, one_number)),
        }
    }
    let mut found: Vec<(f64, f64)> = Vec::new();
    for (k, from, to, flat) in runs {
        let is_wide = to.near - from.near > WIDE * (pieces[k].to.near - pieces[k].from.near);
        if is_wide && !flat && !(from.near..=to.near).contains(&best) {
            continue;
        }
        let peak = if is_wide && !flat {
            // where exactly is not settled: the slope comes near to its largest size in many places
            (best, best)
        } else if flat {
            (from.near, to.near)
        } else {
            peak(g, slopes, &pieces[k], from, to, low)
        };
        let is_new = |(_, last): &(f64, f64)| peak.0 - last > 1e-9 * peak.0.abs().max(1e-9) || peak.0 < peak.1;
        if found.last().is_none_or(is_new) {
            found.push(peak);
        }
    }
    found
}

/// The place of the largest slope in a run of cells: an end that has it, or where the slope turns.
fn peak(g: &Graph, slopes: &mut Slopes, piece: &Piece, mut from: Place, mut to: Place, low: f64) -> (f64, f64) {
    for end in [&from, &to] {
        let at_end = *end == piece.from || *end == piece.to;
        if at_end && slopes.at(g, piece, end).is_some_and(|slope| slope.magnitude().high >= low) {
            return (end.near, end.near);
        }
    }
    let sign = |bend: Interval| f64::from(u8::from(bend.low > 0.0)) - f64::from(u8::from(bend.high < 0.0));
    let mut bend = |place: &Place| slopes.bend_at(g, piece, place).map_or(0.0, sign);
    let (left, right) = (bend(&from), bend(&to));
    if left * right < 0.0 {
        let least = (piece.to.near - piece.from.near) * f64::EPSILON / 4.0;
        while let Some(((_, middle), _)) = halves(&from, &to).filter(|_| to.near - from.near > least) {
            match bend(&middle) {
                0.0 => return (middle.near, middle.near),
                there if there == left => from = middle,
                _ => to = middle,
            }
        }
    }
    let place = shortest_between(from.near, to.near);
    (place, place)
}
