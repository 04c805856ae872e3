//! Enclosures of the slope over a cell of the range: by series arithmetic in balls where the function is smooth, by intervals
//! through the formula of the derivative where it is not, or where the range has no end.

use super::pieces::{Piece, bound};
use super::{Place, Question, ends};
use crate::derive::Engine;
use crate::domain::{Interval, Known, range_of, range_over};
use crate::expr::{Graph, Id, Number, Relation, Symbol};
use crate::verify::evaluate::Missing;
use crate::verify::over::Over;
use std::collections::HashMap;

/// What is known of a cell.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub from: Place,
    pub to: Place,
    /// Encloses the slope.
    pub slope: Interval,
    /// Encloses the slope's own slope.
    pub bend: Interval,
    /// Encloses the slope in the middle; the same as `slope` where there is none.
    pub middle: Interval,
}

/// Why there is no cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blank {
    /// Certainly no value anywhere in it.
    Undefined,
    /// Not certainly smooth.
    Unclear,
}

/// What is known beyond the pieces.
#[derive(Clone, Debug)]
pub(super) struct Tail {
    /// Towards which end: -1 or 1.
    pub sign: f64,
    pub begin: Place,
    pub slope: Interval,
    /// The size of the slope comes as near to this as one likes, or above it.
    pub least: f64,
    /// The slope certainly has no bound.
    pub grows: bool,
}

/// Units of work, each about as long as a product of balls.
const WORK: u64 = 20_000_000;

/// Encloses slopes, and counts the work.
pub(super) struct Slopes {
    pub variable: Symbol,
    work: u64,
    /// What the formula of a form's derivative is, where there is one.
    formulas: HashMap<Id, Option<Id>>,
}

impl Slopes {
    pub fn new(variable: Symbol) -> Self {
        Slopes { variable, work: WORK, formulas: HashMap::new() }
    }

    pub fn is_exhausted(&self) -> bool {
        self.work == 0
    }

    /// The slope and its first two derivatives: through the formula of the slope, whose enclosures are the narrower ones, else
    /// through the function itself.
    fn derivatives(&mut self, g: &Graph, piece: &Piece, from: &Number, to: &Number) -> Result<[Interval; 3], Blank> {
        if let Some(slope) = piece.slope {
            // the formula may have values where the function has none
            let is_defined = piece.is_defined || self.has_value(g, piece.form, from, to)?;
            if let Ok(found) = self.enclosed(g, slope, from, to, 0)
                && is_defined
            {
                return Ok(found);
            }
        }
        self.enclosed(g, piece.form, from, to, 1)
    }

    /// Whether an expression certainly has a value at every point; a fault where it certainly has none anywhere.
    fn has_value(&mut self, g: &Graph, form: Id, from: &Number, to: &Number) -> Result<bool, Blank> {
        let none = HashMap::new();
        let mut over = Over::new(g, &none, Vec::new(), self.variable, self.work);
        let found = over.derivatives(form, from, to, 0);
        self.work = over.left();
        if matches!(found, Err(Missing::Undefined(_))) { Err(Blank::Undefined) } else { Ok(found.is_ok()) }
    }

    /// Three derivatives of an expression, from this one on.
    fn enclosed(&mut self, g: &Graph, form: Id, from: &Number, to: &Number, first: usize) -> Result<[Interval; 3], Blank> {
        let none = HashMap::new();
        let mut over = Over::new(g, &none, Vec::new(), self.variable, self.work);
        let found = over.derivatives(form, from, to, first + 2);
        self.work = over.left();
        match found.as_ref().map(|all| &all[first..]) {
            Ok([slope, bend, third]) => Ok([*slope, *bend, *third]),
            Err(Missing::Undefined(_)) => Err(Blank::Undefined),
            _ => Err(Blank::Unclear),
        }
    }

    /// The slope at one place.
    pub fn at(&mut self, g: &Graph, piece: &Piece, place: &Place) -> Option<Interval> {
        let exact = place.exact.as_ref()?;
        self.derivatives(g, piece, exact, exact).ok().map(|[slope, _, _]| slope)
    }

    /// The slope's own slope at one place.
    pub fn bend_at(&mut self, g: &Graph, piece: &Piece, place: &Place) -> Option<Interval> {
        let exact = place.exact.as_ref()?;
        self.derivatives(g, piece, exact, exact).ok().map(|[_, bend, _]| bend)
    }

    /// The enclosure over a cell: the direct one, narrowed by the first and the second Taylor polynomial around the middle, and by the
    /// range of the formula. That one is coarse, but holds over wide cells too, for which series arithmetic finds nothing.
    pub fn over(&mut self, g: &Graph, piece: &Piece, from: &Place, to: &Place) -> Result<Cell, Blank> {
        let (Some(low), Some(high)) = (&from.exact, &to.exact) else { return Err(Blank::Unclear) };
        let coarse = self.coarse(g, piece, low, high);
        let [direct, bend, third] = match (self.derivatives(g, piece, low, high), coarse) {
            (Ok(found), _) => found,
            (Err(Blank::Unclear), Some(coarse)) => [coarse, Interval::REALS, Interval::REALS],
            (Err(blank), _) => return Err(blank),
        };
        let direct = coarse.map_or(direct, |coarse| direct.refined(coarse));
        let half = Number::ratio(1, 2);
        let middle = &(low + high) * &half;
        let Ok([slope, bend_there, _]) = self.derivatives(g, piece, &middle, &middle) else {
            return Ok(Cell { from: from.clone(), to: to.clone(), slope: direct, bend, middle: direct });
        };
        let reach = Interval::of_number(&(high - &middle)).high;
        let away = Interval::closed(-reach, reach);
        let first = slope.plus(bend.times(away));
        let squared = Interval::closed(0.0, 0.5).times(Interval::point(reach).times(Interval::point(reach)));
        let second = slope.plus(bend_there.times(away)).plus(third.times(squared));
        let narrow = direct.refined(first).refined(second);
        Ok(Cell { from: from.clone(), to: to.clone(), slope: narrow, bend, middle: slope })
    }

    /// The range of the slope's formula, where it has bounds and the function a value everywhere.
    fn coarse(&self, g: &Graph, piece: &Piece, low: &Number, high: &Number) -> Option<Interval> {
        let slope = piece.slope.filter(|_| piece.is_defined)?;
        let cell = Interval { integer: false, ..Interval::of_number(low).or(Interval::of_number(high)) };
        let found = Interval { integer: false, nonzero: false, ..range_over(g, self.variable, cell, slope) };
        found.magnitude().high.is_finite().then_some(found)
    }

    /// The enclosure through the formula of the derivative, which bounds the slope wherever there is one.
    pub fn by_formula(&mut self, g: &mut Graph, known: &Known, piece: &Piece, conditions: &[Id]) -> Interval {
        let variable = self.variable;
        let formula = *self.formulas.entry(piece.form).or_insert_with(|| formula(g, known, piece, variable, 1));
        formula.map_or(Interval::REALS, |formula| range_under(g, known, piece, conditions, formula))
    }
}

/// The derivative of this order on a piece, where the rules find one.
fn formula(g: &mut Graph, known: &Known, piece: &Piece, variable: Symbol, order: usize) -> Option<Id> {
    let mut here = known.clone();
    here.conditions.extend_from_slice(&piece.inside);
    let mut engine = Engine::new(&here);
    engine.differentiate(g, piece.form, &vec![variable; order]).ok().map(|found| found.value)
}

fn range_under(g: &mut Graph, known: &Known, piece: &Piece, conditions: &[Id], formula: Id) -> Interval {
    let mut here = known.clone();
    here.conditions.extend(piece.inside.iter().chain(conditions));
    Interval { integer: false, ..range_of(g, &here, formula) }
}

/// The slope in a tail: through its formula, and through its value where the tail begins, where it only rises or only falls.
pub(super) fn tail(g: &mut Graph, question: &Question<'_>, piece: &Piece, sign: f64) -> Tail {
    let begin = if sign < 0.0 { piece.from.clone() } else { piece.to.clone() };
    let relation = if sign < 0.0 { Relation::LessEqual } else { Relation::GreaterEqual };
    let beyond: Vec<Id> = bound(g, question, relation, &begin).into_iter().collect();
    // the piece's own far end is no condition of the tail
    let within = |c: &&Id| !beyond.iter().any(|b| contradicts(g, **c, *b));
    let inside: Vec<Id> = piece.inside.iter().filter(within).copied().collect();
    let outer = Piece { inside, ..piece.clone() };
    let (mut slope, mut least, mut grows) = (Interval::REALS, 0.0, false);
    if let Some(first) = formula(g, question.known, &outer, question.variable, 1) {
        slope = range_under(g, question.known, &outer, &beyond, first);
        let mut here = question.known.clone();
        here.conditions.extend(outer.inside.iter().chain(&beyond));
        let outlook = ends::outlook(g, &here, question.variable, (begin.near * sign, sign), first);
        (least, grows) = (outlook.least, outlook.grows);
        slope = outlook.values.map_or(slope, |values| slope.refined(values));
    }
    if let Some(second) = formula(g, question.known, &outer, question.variable, 2) {
        let bend = range_under(g, question.known, &outer, &beyond, second);
        if let Some(there) = Slopes::new(question.variable).at(g, &outer, &begin) {
            slope = slope.refined(onward(there, bend, sign));
        }
    }
    Tail { sign, begin, slope, least: least.max(slope.magnitude().low), grows }
}

/// Whether two conditions are the two sides of one place.
fn contradicts(g: &Graph, a: Id, b: Id) -> bool {
    g.children(a) == g.children(b)
}

/// Where a slope goes that begins at `there` and only rises or only falls.
fn onward(there: Interval, bend: Interval, sign: f64) -> Interval {
    let rises = bend.low >= 0.0;
    let falls = bend.high <= 0.0;
    let up = Interval { high: f64::INFINITY, high_open: true, ..there };
    let down = Interval { low: f64::NEG_INFINITY, low_open: true, ..there };
    match (rises, falls) {
        (true, true) => there,
        (true, false) if sign > 0.0 => up,
        (true, false) => down,
        (false, true) if sign > 0.0 => down,
        (false, true) => up,
        (false, false) => Interval::REALS,
    }
}
