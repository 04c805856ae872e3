//! `growth`: whether an expression grows exponentially, and how fast: its slope as a share of itself, the time in which it doubles or
//! halves, its factor for each step, and from where on f64 has no number for it.

use super::{Point, Wanted, Work};
use crate::diagnostic::{Diagnostic, code};
use crate::domain::{self, Known, Verdict};
use crate::expr::{Id, Relation, Symbol, walk};
use crate::outcome::{Answer, Formula, Growth, Pace};
use crate::resolve::{Fault, Value};
use crate::source::Span;
use crate::syntax::ast::{Clauses, ExprId};

/// The binary exponents from which on a result is 0 (half of the smallest number and less) and is beyond the largest number.
const UNDERFLOW: f64 = -1075.0;
const OVERFLOW: f64 = 1024.0;

impl Work<'_> {
    pub(super) fn growth(&mut self, value: &Value, id: ExprId, clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        let root = self.scalar(value, id, "ask for one entry of it")?;
        let [by] = self.wrt(clauses, &[root], span)?[..] else {
            return Err(Box::new(Diagnostic::new(&code::WRT, "growth goes along one variable").at(span, "")));
        };
        let point = self.point(clauses, &[root])?;
        let known = self.known_beside(&[by]);
        let rate = self.relative_slope(&known, root, by, &point)?;
        let pace = self.pace(&known, &rate, by, &point)?;
        let rises = self.sign(&known, &rate);
        let g = &mut self.session.graph;
        let log_two = log_of_two(g);
        let time = g.div(log_two, rate.id);
        let time = if rises == Some(false) { g.neg(time) } else { time };
        let factor = g.call_named("exp", &[rate.id]);
        let time = self.shortest(&known, time, &point);
        let factor = factor.filter(|_| pace == Pace::Exponential).map(|factor| self.shortest(&known, factor, &point));
        let ends = if pace == Pace::Exponential { self.ends(root, by, &rate, &point) } else { None };
        Ok(Answer::Growth(Box::new(Growth { by, rate, pace, rises, time, factor, ends })))
    }

    /// The slope as a share of the expression itself.
    fn relative_slope(&mut self, known: &Known, root: Id, by: Symbol, point: &Point) -> Result<Formula, Fault> {
        let slope = self.slope_formula(root, by)?;
        let opened = self.opened(root);
        let g = &mut self.session.graph;
        // what does not change has the share 0, also where it is 0 itself
        let share = if g.is_zero(slope.id) { slope.id } else { g.div(slope.id, opened) };
        let mut rate = self.shortest(known, share, point);
        rate.conditions.extend(slope.conditions);
        rate.conditions.sort_unstable();
        rate.conditions.dedup();
        if rate.value.is_none() && self.holds(&rate.conditions, point) {
            // the variable may have left, and with it the only symbol without a value
            rate.value = self.value_of(rate.id, point).filter(|_| self.session.graph.as_number(rate.id).is_none());
        }
        Ok(rate)
    }

    /// Whether conditions have values at the point, and hold there.
    fn holds(&mut self, conditions: &[Id], point: &Point) -> bool {
        self.has_values(conditions, point)
            && self.evaluated(conditions, point, Wanted::Nearest).iter().all(|found| found.value == 1.0)
    }

    /// How the expression grows, as the relative slope tells it.
    fn pace(&mut self, known: &Known, rate: &Formula, by: Symbol, point: &Point) -> Result<Pace, Fault> {
        let depends = |work: &Self, id: Id| walk::free_symbols(&work.session.graph, &[id]).contains(&by);
        if self.session.graph.is_zero(rate.id) {
            return Ok(Pace::None);
        }
        if !depends(self, rate.id) {
            return Ok(Pace::Exponential);
        }
        let g = &mut self.session.graph;
        let variable = g.symbol(by);
        let exponent = g.mul(&[variable, rate.id]);
        let exponent = self.shortest(known, exponent, point);
        if !depends(self, exponent.id) {
            return Ok(Pace::Power(exponent));
        }
        let change = self.slope_formula(rate.id, by)?;
        Ok(Pace::Other(self.sign(known, &change)))
    }

    /// Whether a formula is above or below 0 wherever it has a value; nothing where that is not found.
    fn sign(&mut self, known: &Known, formula: &Formula) -> Option<bool> {
        if let Some(value) = &formula.value {
            return (value.value != 0.0 && value.cause.is_none()).then_some(value.value > 0.0);
        }
        let mut known = known.clone();
        known.conditions.extend(&formula.conditions);
        let g = &mut self.session.graph;
        if let Some(number) = g.as_number(formula.id) {
            return (!number.is_zero()).then(|| number.is_positive());
        }
        for (relation, answer) in [(Relation::Greater, true), (Relation::Less, false)] {
            let condition = g.compare_zero(relation, formula.id);
            if domain::prove(g, &known, condition) == Verdict::Proved {
                return Some(answer);
            }
        }
        None
    }

    /// The value of the variable from which on f64 has 0 for the expression, and that from which on it has no number large enough.
    fn ends(&mut self, root: Id, by: Symbol, rate: &Formula, point: &Point) -> Option<(f64, f64)> {
        let mut start = point.clone();
        start.forget(by);
        start.float.insert(by, 0.0);
        if !self.has_values(&[root, rate.id], &start) || self.is_over_rows(&[root]) {
            return None;
        }
        let values = self.evaluated(&[root, rate.id], &start, Wanted::Nearest);
        let (size, rate) = (values[0].value.abs().log2(), values[1].value / std::f64::consts::LN_2);
        let (zero, infinite) = ((UNDERFLOW - size) / rate, (OVERFLOW - size) / rate);
        (zero.is_finite() && infinite.is_finite()).then_some((zero, infinite))
    }
}

fn log_of_two(g: &mut crate::expr::Graph) -> Id {
    let two = g.integer(2);
    g.call_named("log", &[two]).unwrap_or(two)
}
