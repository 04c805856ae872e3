//! An expression and its derivatives over whole intervals of one variable: enclosures of all values there, by series arithmetic
//! in balls. What is enclosed is smooth: a kink, a jump, a pole or an edge inside of the interval leaves nothing to enclose.

use super::ball::{Ball, START_PRECISION};
use super::evaluate::{Evaluator, Memo, Missing, Motions, Place};
use crate::domain::Interval;
use crate::expr::{Graph, Id, Number, Symbol};
use std::collections::HashMap;

/// An expression of one variable, the other symbols at fixed values.
pub struct Over<'a> {
    g: &'a Graph,
    definitions: &'a HashMap<Symbol, Id>,
    point: Vec<(Symbol, Number)>,
    variable: Symbol,
    motions: Motions,
    work: u64,
}

impl<'a> Over<'a> {
    /// Looks along `variable`. Symbols that have no value in the point stand for their definitions. `work` limits everything that
    /// will be asked, in products of two balls at the starting precision.
    pub fn new(
        g: &'a Graph,
        definitions: &'a HashMap<Symbol, Id>,
        point: Vec<(Symbol, Number)>,
        variable: Symbol,
        work: u64,
    ) -> Self {
        let point = point.into_iter().filter(|(symbol, _)| *symbol != variable).collect();
        Over { g, definitions, point, variable, motions: Motions::default(), work }
    }

    /// The work that is left.
    pub fn left(&self) -> u64 {
        self.work
    }

    /// Bounds of the value and of the derivatives to this order, at every point from `low` to `high`.
    ///
    /// # Errors
    /// Why there are none: nowhere a value, or not certainly smooth everywhere.
    pub fn derivatives(&mut self, id: Id, low: &Number, high: &Number, order: usize) -> Result<Vec<Interval>, Missing> {
        let ball = Ball::between(low.value(), high.value(), START_PRECISION)?;
        let place = Place { graph: self.g, point: &self.point, definitions: self.definitions };
        let mut evaluator = Evaluator::new(place, START_PRECISION, Memo::default(), &mut self.motions, &mut self.work);
        let jet = evaluator.series_over(id, self.variable, ball, order)?;
        (0..=order).map(|k| bounds(&jet.derivative(k, START_PRECISION)?)).collect()
    }
}

/// The f64 interval around a ball; an end beyond the largest f64 is infinite.
fn bounds(ball: &Ball) -> Result<Interval, Missing> {
    let (low, high) = ball.rational_ends().ok_or(Missing::Unknown("values too large"))?;
    let (low, high) = (Interval::of_number(&Number::rational(low)), Interval::of_number(&Number::rational(high)));
    Ok(Interval { integer: false, nonzero: false, ..low.or(high) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::resolve::formula;

    fn over(text: &str, low: f64, high: f64, order: usize) -> Result<Vec<Interval>, Missing> {
        let mut g = Graph::new();
        let id = formula(&mut g, text).unwrap();
        let (x, none) = (g.intern("x"), HashMap::new());
        let ends = [low, high].map(|v| Number::from_f64(v).unwrap());
        Over::new(&g, &none, Vec::new(), x, 1_000_000).derivatives(id, &ends[0], &ends[1], order)
    }

    #[test]
    fn every_value_and_slope_of_the_interval_is_enclosed() {
        /// A value with its first two derivatives.
        type ByHand = fn(f64) -> [f64; 3];
        let table: [(&str, ByHand); 4] = [
            ("sin(x)", |x| [x.sin(), x.cos(), -x.sin()]),
            ("exp(-x^2)", |x| [(-x * x).exp(), -2.0 * x * (-x * x).exp(), (4.0 * x * x - 2.0) * (-x * x).exp()]),
            ("x^3 - x", |x| [x.powi(3) - x, 3.0 * x * x - 1.0, 6.0 * x]),
            ("log(x + 3)", |x| [(x + 3.0).ln(), 1.0 / (x + 3.0), -1.0 / (x + 3.0).powi(2)]),
        ];
        for (text, by_hand) in table {
            for k in -8..8 {
                let (low, high) = (f64::from(k) / 4.0, f64::from(k + 1) / 4.0);
                let found = over(text, low, high, 2).unwrap();
                for at in [low, low + 0.1, high] {
                    for (interval, value) in found.iter().zip(by_hand(at)) {
                        let room = 1e-12;
                        assert!(interval.low <= value + room && value <= interval.high + room, "{text} at {at}: {interval:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_smooth_is_not_enclosed() {
        for text in ["abs(x)", "1/x", "floor(x)", "sqrt(x)", "sign(x)", "relu(x)", "max(x, 4*x)", "if x > 0 then 1 else 2"] {
            assert!(over(text, -0.5, 0.75, 1).is_err(), "{text}");
            assert!(over(text, 0.25, 0.75, 1).is_ok(), "{text}");
        }
    }
}
