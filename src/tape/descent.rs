//! Gradient descent: steps against the gradient, over all rows or over batches of them. No step allocates memory. What a run means
//! is not told here.

use super::block::WHOLE;
use super::{Program, Refusal, Run};
use crate::derive::adjoint::adjoints;
use crate::eval::recognise::recognise;
use crate::expr::{Graph, Id, Symbol};
use crate::verify::points::Stream;
use std::ops::Range;

/// A loss with its slopes, compiled.
pub struct Objective {
    loss: Program,
    slopes: Program,
    parameters: usize,
}

impl Objective {
    /// The loss, an expression in the parameters whose reductions run over rows with these columns. Stages must be opened, series
    /// written out, and other symbols replaced by their values.
    ///
    /// # Errors
    /// The first part that has no derivative or cannot be computed.
    pub fn new(g: &mut Graph, loss: Id, columns: &[Symbol], parameters: &[Symbol]) -> Result<Self, Refusal> {
        let loss = recognise(g, loss);
        let slopes = adjoints(g, loss, parameters).map_err(|r| Refusal { node: r.node, reason: "it has no slope here" })?;
        let slopes: Vec<Id> = slopes.into_iter().map(|slope| recognise(g, slope)).collect();
        let node = loss;
        let (loss, slopes) = (Program::new(g, &[loss], columns, parameters)?, Program::new(g, &slopes, columns, parameters)?);
        if loss.results() + slopes.results() > 0 {
            return Err(Refusal { node, reason: "a column stands outside of every mean and sum" });
        }
        Ok(Objective { loss, slopes, parameters: parameters.len() })
    }
}

/// How steps are taken.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stride {
    /// What the gradient is multiplied by.
    pub rate: f64,
    /// How many rows one step looks at; none for all. Rows that fill no batch wait for the next order.
    pub batch: Option<usize>,
    /// What the order of the rows is drawn from.
    pub seed: u64,
}

/// A descent under way.
pub struct Descent<'o> {
    loss: Run<'o>,
    slopes: Run<'o>,
    stride: Stride,
    /// The columns one after the other, each longer than the rows, to the end of whole vectors.
    table: Vec<f64>,
    length: usize,
    rows: usize,
    /// The row with which the next batch begins.
    next: usize,
    stream: Stream,
    at: Vec<f64>,
    slope: Vec<f64>,
}

impl<'o> Descent<'o> {
    /// Begins at these values of the parameters, with all rows in memory: one list for each column.
    #[must_use]
    pub fn new(objective: &'o Objective, start: &[f64], columns: &[Vec<f64>], stride: Stride, threads: usize) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        let length = rows.next_multiple_of(WHOLE);
        let mut table = Vec::with_capacity(columns.len() * length);
        for column in columns {
            table.extend_from_slice(column);
            let last = column.last().copied().unwrap_or(0.0);
            table.resize(table.len() + length - rows, last);
        }
        Descent {
            loss: Run::new(&objective.loss, threads),
            slopes: Run::new(&objective.slopes, threads),
            next: rows,
            stream: Stream(stride.seed),
            stride,
            table,
            length,
            rows,
            at: start.to_vec(),
            slope: vec![0.0; objective.parameters],
        }
    }

    /// The values of the parameters.
    #[must_use]
    pub fn at(&self) -> &[f64] {
        &self.at
    }

    /// The gradient of the last step.
    #[must_use]
    pub fn slope(&self) -> &[f64] {
        &self.slope
    }

    /// The loss over all rows, here. NaN where it has no value.
    pub fn loss(&mut self) -> f64 {
        let rows = 0..self.rows;
        run(&mut self.loss, &self.at, &self.table, self.length, rows);
        self.loss.value(0)
    }

    /// One step. Answers whether all parameters are still finite; where they are not, it was not taken.
    pub fn step(&mut self) -> bool {
        let rows = self.batch();
        run(&mut self.slopes, &self.at, &self.table, self.length, rows);
        for (k, slope) in self.slope.iter_mut().enumerate() {
            *slope = self.slopes.value(k);
        }
        let rate = self.stride.rate;
        let moved = |(at, slope): (&f64, &f64)| at - rate * slope;
        if !self.at.iter().zip(&self.slope).map(moved).all(f64::is_finite) {
            return false;
        }
        self.at.iter_mut().zip(&self.slope).for_each(|(at, slope)| *at -= rate * slope);
        true
    }

    /// The rows of the next batch; when all were seen, they are put in a new order.
    fn batch(&mut self) -> Range<usize> {
        let Some(size) = self.stride.batch.filter(|size| *size < self.rows) else { return 0..self.rows };
        if self.next + size > self.rows {
            self.shuffle();
            self.next = 0;
        }
        let from = self.next;
        self.next += size;
        from..self.next
    }

    /// Every order of the rows is as likely as any other (R. Durstenfeld 1964).
    fn shuffle(&mut self) {
        for k in (1..self.rows).rev() {
            let other = self.stream.index(k + 1);
            for column in self.table.chunks_mut(self.length) {
                column.swap(k, other);
            }
        }
    }
}

/// All passes of a program over some rows.
fn run(run: &mut Run<'_>, at: &[f64], table: &[f64], length: usize, rows: Range<usize>) {
    run.start(at);
    while run.is_unfinished() {
        run.feed_table(table, length, rows.clone());
        run.end_pass();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expr::{Reduction, walk};
    use crate::resolve::formula;

    const ROWS: [[f64; 2]; 5] = [[0.5, 1.0], [-1.0, 0.0], [2.0, 1.0], [1.0, 0.0], [-0.3, 0.0]];

    /// The mean logistic loss with a penalty, over the columns `x` and `y`.
    fn objective(g: &mut Graph) -> (Objective, Vec<Vec<f64>>) {
        let body = formula(g, "softplus(w*x + b) - y*(w*x + b)").unwrap();
        let parameters = ["w", "b"].map(|name| g.intern(name));
        let data = g.data_set("d").unwrap();
        let columns = ["x", "y"].map(|name| g.column(data, name, true));
        let bound = ["x", "y"].into_iter().zip(columns).map(|(name, column)| (g.variable(name), g.symbol(column))).collect();
        let body = walk::substitute(g, body, &bound);
        let mean = g.rows(Reduction::Mean, data, body);
        let penalty = formula(g, "w^2/10").unwrap();
        let loss = g.add(&[mean, penalty]);
        let data = (0..2).map(|k| ROWS.iter().map(|row| row[k]).collect()).collect();
        (Objective::new(g, loss, &columns, &parameters).unwrap(), data)
    }

    fn by_hand(w: f64, b: f64) -> [f64; 2] {
        let sum = ROWS.iter().fold([0.0, 0.0], |[sw, sb], [x, y]| {
            let error = 1.0 / (1.0 + (-(w * x + b)).exp()) - y;
            [sw + error * x, sb + error]
        });
        [sum[0] / 5.0 + w / 5.0, sum[1] / 5.0]
    }

    #[test]
    fn steps_are_those_of_the_formula() {
        let mut g = Graph::new();
        let (objective, data) = objective(&mut g);
        let stride = Stride { rate: 0.5, batch: None, seed: 0 };
        let mut descent = Descent::new(&objective, &[0.3, -0.2], &data, stride, 1);
        let (mut w, mut b) = (0.3, -0.2);
        let first = descent.loss();
        for _ in 0..50 {
            assert!(descent.step());
            let slope = by_hand(w, b);
            (w, b) = (w - 0.5 * slope[0], b - 0.5 * slope[1]);
            assert!((descent.at()[0] - w).abs() < 1e-13 && (descent.at()[1] - b).abs() < 1e-13);
        }
        assert!(descent.loss() < first);
    }

    #[test]
    fn a_seed_fixes_the_batches_and_each_row_comes_once() {
        let mut g = Graph::new();
        let (objective, data) = objective(&mut g);
        let run = |seed: u64| {
            let stride = Stride { rate: 0.1, batch: Some(2), seed };
            let mut descent = Descent::new(&objective, &[0.0, 0.0], &data, stride, 1);
            (0..7).for_each(|_| assert!(descent.step()));
            let mut rows: Vec<[u64; 2]> =
                (0..5).map(|k| [0, 1].map(|c| descent.table[c * descent.length + k].to_bits())).collect();
            rows.sort_unstable();
            let mut expected = ROWS.map(|row| row.map(f64::to_bits));
            expected.sort_unstable();
            assert_eq!(rows, expected);
            descent.at().to_vec()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn a_step_into_nowhere_is_not_taken() {
        let mut g = Graph::new();
        let loss = formula(&mut g, "w^4").unwrap();
        let w = g.intern("w");
        let objective = Objective::new(&mut g, loss, &[], &[w]).unwrap();
        let stride = Stride { rate: 10.0, batch: None, seed: 0 };
        let mut descent = Descent::new(&objective, &[3.0], &[], stride, 1);
        let steps = (0..100).take_while(|_| descent.step()).count();
        assert!(steps < 10 && descent.at()[0].is_finite(), "{steps} {:?}", descent.at());
    }
}
