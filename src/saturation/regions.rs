//! The range sorted into stretches whose slope certainly is under the share, certainly is not, or stays open; and these put
//! together to regions.

use super::largest::{Largest, cells, halves};
use super::pieces::Piece;
use super::slopes::{Blank, Cell, Slopes};
use super::{Bar, End, EndKind, Place, Question, Region, Saturation, Status, Stretch};
use crate::budget::pulse;
use crate::expr::Graph;

/// A piece is first cut into so many cells.
const FIRST: usize = 16;

/// A cell is not halved below this part of its piece.
const LEAST: f64 = 1.0 / (1u64 << 40) as f64;

/// Cells of one piece.
const MOST: usize = 20_000;

/// What stays open between two stretches is the place where one ends, where it is no wider than this, relative to the range.
const NARROW: f64 = 1e-9;

/// Sorts a piece.
pub(super) fn classify(g: &mut Graph, slopes: &mut Slopes, piece: &Piece, bar: Bar, out: &mut Vec<Stretch>) {
    let ends = cells(&piece.from, &piece.to, FIRST);
    let mut stack: Vec<(Place, Place)> = ends.windows(2).rev().map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    let least = (piece.to.near - piece.from.near) * LEAST;
    let mut looked_at = 0;
    while let Some((from, to)) = stack.pop() {
        pulse();
        looked_at += 1;
        let can_go_on = looked_at < MOST && to.near - from.near > least;
        let status = match slopes.over(g, piece, &from, &to) {
            Err(Blank::Undefined) => Status::Undefined,
            Err(Blank::Unclear) => Status::Open,
            Ok(cell) => match bar.status(cell.slope) {
                Status::Open if is_monotone(&cell) && crossing(g, slopes, piece, bar, &cell, out) => continue,
                status => status,
            },
        };
        match halves(&from, &to).filter(|_| status == Status::Open && can_go_on) {
            Some((low, high)) => stack.extend([high, low]),
            None => out.push(Stretch { from, to, status }),
        }
    }
}

/// Whether the size of the slope only rises or only falls in a cell.
fn is_monotone(cell: &Cell) -> bool {
    let one_sided = |low: f64, high: f64| low >= 0.0 || high <= 0.0;
    one_sided(cell.slope.low, cell.slope.high) && one_sided(cell.bend.low, cell.bend.high)
}

/// Finds where a slope that only rises or only falls passes the bar, or that it does not; false where its ends leave that open.
fn crossing(g: &Graph, slopes: &mut Slopes, piece: &Piece, bar: Bar, cell: &Cell, out: &mut Vec<Stretch>) -> bool {
    let mut status = |place: &Place| slopes.at(g, piece, place).map_or(Status::Open, |slope| bar.status(slope));
    let (left, right) = (status(&cell.from), status(&cell.to));
    if left == Status::Open || right == Status::Open {
        return false;
    }
    let stretch = |from: &Place, to: &Place, status| Stretch { from: from.clone(), to: to.clone(), status };
    if left == right {
        out.push(stretch(&cell.from, &cell.to, left));
        return true;
    }
    let (mut from, mut to) = (cell.from.clone(), cell.to.clone());
    // on each side as near to the crossing as the enclosures can tell
    while let Some(((_, middle), _)) = halves(&from, &to) {
        match status(&middle) {
            found if found == left => from = middle,
            found if found == right => to = middle,
            _ => {
                (from, to) = (nearer(&mut status, from, &middle, left), nearer(&mut status, to, &middle, right));
                break;
            }
        }
    }
    out.push(stretch(&cell.from, &from, left));
    out.push(stretch(&from, &to, Status::Open));
    out.push(stretch(&to, &cell.to, right));
    true
}

/// The place nearest to `middle`, coming from `at`, that still has this status.
fn nearer(status: &mut impl FnMut(&Place) -> Status, mut at: Place, middle: &Place, wanted: Status) -> Place {
    let mut middle = middle.clone();
    let ordered = |a: &Place, b: &Place| if a.near <= b.near { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
    loop {
        let (low, high) = ordered(&at, &middle);
        let Some(((_, between), _)) = halves(&low, &high) else { return at };
        if status(&between) == wanted { at = between } else { middle = between }
    }
}

/// The answer, from the sorted stretches.
pub(super) fn told(
    g: &Graph,
    slopes: &mut Slopes,
    question: &Question<'_>,
    largest: &Largest,
    pieces: &[Piece],
    stretches: Vec<Stretch>,
) -> Saturation {
    let merged = merged(stretches);
    let (from, to) = (question.from.as_ref(), question.to.as_ref());
    let range = (from.map_or(f64::NEG_INFINITY, |n| n.to_f64()), to.map_or(f64::INFINITY, |n| n.to_f64()));
    let width = pieces.last().zip(pieces.first()).map_or(0.0, |(last, first)| last.to.near - first.from.near);
    let is_narrow = |s: &Stretch| s.status == Status::Open && s.to.near - s.from.near <= NARROW * width;
    let mut end = |k: usize, inward: f64| -> End {
        let stretch = &merged[k];
        let place = if inward > 0.0 { &stretch.from } else { &stretch.to };
        let neighbour = if inward > 0.0 { k.checked_sub(1) } else { Some(k + 1) }.and_then(|n| merged.get(n));
        let other = neighbour.filter(|n| is_narrow(n)).map_or(place, |n| if inward > 0.0 { &n.from } else { &n.to });
        let slack = if place == other { 0.0 } else { (place.near - other.near).abs() };
        let kind = match (neighbour, slack > 0.0) {
            (None, _) => EndKind::Range,
            (_, true) => EndKind::Crossing,
            _ => EndKind::Place,
        };
        let piece = pieces.iter().find(|p| {
            if inward > 0.0 {
                p.from.near <= place.near && place.near < p.to.near
            } else {
                p.from.near < place.near && place.near <= p.to.near
            }
        });
        let slope = piece.and_then(|p| slopes.at(g, p, place)).map(|slope| slope.low / 2.0 + slope.high / 2.0);
        End { at: place.near / 2.0 + other.near / 2.0, slack, kind, slope }
    };
    let below = (0..merged.len()).filter(|k| merged[*k].status == Status::Below);
    let regions = below.map(|k| Region { from: end(k, 1.0), to: end(k, -1.0) }).collect();
    let ends = |s: &Stretch| (s.from.near, s.to.near);
    let open = merged.iter().filter(|s| s.status == Status::Open && !is_narrow(s)).map(ends).collect();
    let undefined = merged.iter().filter(|s| s.status == Status::Undefined).map(ends).collect();
    let share = question.share.to_f64();
    Saturation { range, largest: (largest.low, largest.high), peaks: largest.peaks.clone(), share, regions, open, undefined }
}

/// Neighbours of the same status put together.
fn merged(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match out.last_mut() {
            Some(last) if last.status == stretch.status => last.to = stretch.to,
            _ => out.push(stretch),
        }
    }
    out
}
