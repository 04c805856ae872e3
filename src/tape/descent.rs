//! Gradient descent: steps against the gradient, over all rows or over batches of them, with momentum, by Newton's method or by Adam;
//! and how the loss bends on the way. No step allocates memory. What a run means is not told here.

use super::block::WHOLE;
use super::symmetric::Symmetric;
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
    /// The Hessian times a direction, whose entries are parameters beside the others.
    product: Option<Program>,
    parameters: usize,
}

/// Up to so many parameters the whole Hessian is computed, with all its eigenvalues.
pub const MOST_EXACT: usize = 40;

/// The most products of the Hessian with a vector for one eigenvalue.
const PRODUCTS: usize = 80;

/// So many of them span the space in which it is looked for, if their entries are no more than those.
const DIRECTIONS: usize = 40;
const ROOM: usize = 1 << 23;

/// After so many of them it is looked at what is known.
const LOOKED_AT: usize = 5;

/// An eigenvalue is settled when the Hessian moves its direction by less than this share aside: it is known to that share at least.
const SETTLED: f64 = 1e-4;

/// What is left beside a space that the Hessian does not lead out of.
const CLOSED: f64 = 1e-12;

/// Adam's share of the squares that is kept, and what keeps its divisor from 0 (D. P. Kingma, J. Ba 2015).
const KEPT_SQUARES: f64 = 0.999;
const LEAST_DIVISOR: f64 = 1e-8;

/// Differences of the gradient over this part of a parameter's size (the cube root of the rounding error), and over an eighth of it,
/// agree to this share where the loss is smooth. Over a kink they differ by the factor 8.
const APART: f64 = 6e-6;
const SMOOTH: f64 = 0.01;

/// Newton's method leaves directions alone in which the loss bends less than this share of the most.
const FLAT: f64 = 1e-13;

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
        Ok(Objective { loss, slopes, product: None, parameters: parameters.len() })
    }

    /// The same with second derivatives: the slopes of the slope in a direction.
    ///
    /// # Errors
    /// The first part that has no second derivative or cannot be computed.
    pub fn with_curvature(self, g: &mut Graph, loss: Id, columns: &[Symbol], parameters: &[Symbol]) -> Result<Self, Refusal> {
        let refused = |r: crate::derive::Refusal| Refusal { node: r.node, reason: "it has no second derivative here" };
        let loss = recognise(g, loss);
        let slopes = adjoints(g, loss, parameters).map_err(refused)?;
        let directions: Vec<Symbol> = (0..parameters.len()).map(|k| g.intern(&format!("\u{0}direction{k}"))).collect();
        let term = |(direction, slope): (&Symbol, &Id)| {
            let direction = g.symbol(*direction);
            g.mul(&[direction, *slope])
        };
        let terms: Vec<Id> = directions.iter().zip(&slopes).map(term).collect();
        let along = g.add(&terms);
        let product = adjoints(g, along, parameters).map_err(refused)?;
        let product: Vec<Id> = product.into_iter().map(|entry| recognise(g, entry)).collect();
        let inputs: Vec<Symbol> = parameters.iter().chain(&directions).copied().collect();
        Ok(Objective { product: Some(Program::new(g, &product, columns, &inputs)?), ..self })
    }
}

/// How a step is made from the gradient.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Method {
    /// Against the gradient; with momentum against a sum of gradients that fades (B. T. Polyak 1964).
    #[default]
    Gradient,
    /// Against the gradient divided by the curvature, direction by direction; where the loss bends downwards, by its size, so
    /// that the step goes down there too.
    Newton,
    /// Against a fading mean of gradients, divided, parameter by parameter, by the root of that of their squares.
    Adam,
}

impl Method {
    /// All of them.
    const ALL: [Method; 3] = [Method::Gradient, Method::Newton, Method::Adam];

    /// The words for them, in the same order.
    pub const WORDS: [&str; 3] = ["gradient", "newton", "adam"];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Method::WORDS[self as usize]
    }

    /// What a word asks for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Method::ALL.into_iter().find(|method| method.word() == word)
    }
}

/// How a loss bends at a point.
#[derive(Clone, Debug)]
pub struct Curvature {
    /// The eigenvalue of the Hessian that is largest in size.
    pub sharpness: f64,
    /// The direction of length 1 that belongs to it.
    pub direction: Vec<f64>,
    /// Whether the eigenvalue is known to a few digits at least; otherwise it may be larger.
    pub settled: bool,
    /// All eigenvalues, ascending, with the Hessian; none where there are too many parameters.
    pub whole: Option<(Vec<f64>, Symmetric)>,
}

/// The eigenvalue of largest size in a space, and whether it is one of the whole.
struct Widest {
    value: f64,
    settled: bool,
}

impl Widest {
    /// In the space of these axes, on which the Hessian has the rows: the diagonal, and what stands beside it.
    fn of(rows: &[(f64, f64)], axes: &[Vec<f64>], direction: &mut [f64]) -> Self {
        let mut matrix = Symmetric::new(rows.len());
        for (k, (along, beside)) in rows.iter().enumerate() {
            matrix.set(k, k, *along);
            if k + 1 < rows.len() {
                matrix.set(k, k + 1, *beside);
            }
        }
        let none = Widest { value: f64::NAN, settled: false };
        if !matrix.turn() {
            return none;
        }
        let sizes = (0..rows.len()).max_by(|a, b| matrix.value(*a).abs().total_cmp(&matrix.value(*b).abs()));
        let Some((k, last)) = sizes.zip(rows.last()) else { return none };
        let (value, parts) = (matrix.value(k), matrix.vector(k));
        direction.fill(0.0);
        for (part, axis) in parts.iter().zip(axes) {
            direction.iter_mut().zip(axis).for_each(|(to, v)| *to += part * v);
        }
        let aside = last.1 * parts.last().map_or(0.0, |part| part.abs());
        Widest { value, settled: aside <= SETTLED * value.abs() }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// How steps are taken.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stride {
    /// What the gradient is multiplied by.
    pub rate: f64,
    /// What is kept of the steps before: between 0 and 1.
    pub momentum: f64,
    /// How a step is made from the gradient.
    pub method: Method,
    /// How many rows one step looks at; none for all. Rows that fill no batch wait for the next order.
    pub batch: Option<usize>,
    /// What the order of the rows is drawn from.
    pub seed: u64,
}

/// A descent under way.
pub struct Descent<'o> {
    loss: Run<'o>,
    slopes: Run<'o>,
    product: Option<Run<'o>>,
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
    /// What is kept of the gradients, and for Adam of their squares.
    kept: Vec<f64>,
    squares: Vec<f64>,
    /// Adam's shares of gradients that its means do not hold yet.
    missing: [f64; 2],
    /// The next step.
    change: Vec<f64>,
    /// A point with a direction behind it.
    both: Vec<f64>,
    hessian: Symmetric,
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
        let count = objective.parameters;
        let bends = objective.product.is_some();
        Descent {
            loss: Run::new(&objective.loss, threads),
            slopes: Run::new(&objective.slopes, threads),
            product: objective.product.as_ref().map(|product| Run::new(product, threads)),
            kept: vec![0.0; count],
            squares: vec![0.0; count],
            missing: [1.0; 2],
            change: vec![0.0; count],
            both: vec![0.0; 2 * count],
            hessian: Symmetric::new(if bends && count <= MOST_EXACT { count } else { 0 }),
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

    /// The gradient over all rows, here. It stands until the next step.
    pub fn whole_slope(&mut self) -> &[f64] {
        self.slope_over(0..self.rows);
        &self.slope
    }

    fn slope_over(&mut self, rows: Range<usize>) {
        run(&mut self.slopes, &self.at, &self.table, self.length, rows);
        for (k, slope) in self.slope.iter_mut().enumerate() {
            *slope = self.slopes.value(k);
        }
    }

    /// One step. Answers whether all parameters are still finite; where they are not, it was not taken.
    pub fn step(&mut self) -> bool {
        let rows = self.batch();
        self.slope_over(rows);
        let Stride { rate, momentum, method, .. } = self.stride;
        if method == Method::Gradient && momentum == 0.0 {
            let moved = |(at, slope): (&f64, &f64)| at - rate * slope;
            if !self.at.iter().zip(&self.slope).map(moved).all(f64::is_finite) {
                return false;
            }
            self.at.iter_mut().zip(&self.slope).for_each(|(at, slope)| *at -= rate * slope);
            return true;
        }
        match method {
            Method::Gradient => {
                self.kept.iter_mut().zip(&self.slope).for_each(|(kept, slope)| *kept = momentum * *kept + slope);
                self.change.copy_from_slice(&self.kept);
            }
            Method::Adam => self.adam(momentum),
            Method::Newton => {
                if !self.newton() {
                    return false;
                }
            }
        }
        if !self.at.iter().zip(&self.change).all(|(at, change)| (at - rate * change).is_finite()) {
            return false;
        }
        self.at.iter_mut().zip(&self.change).for_each(|(at, change)| *at -= rate * change);
        true
    }

    fn adam(&mut self, momentum: f64) {
        self.missing[0] *= momentum;
        self.missing[1] *= KEPT_SQUARES;
        let [first, second] = self.missing.map(|missing| 1.0 - missing);
        for (k, slope) in self.slope.iter().enumerate() {
            self.kept[k] = momentum * self.kept[k] + (1.0 - momentum) * slope;
            self.squares[k] = KEPT_SQUARES * self.squares[k] + (1.0 - KEPT_SQUARES) * slope * slope;
            self.change[k] = self.kept[k] / first / ((self.squares[k] / second).sqrt() + LEAST_DIVISOR);
        }
    }

    /// The gradient divided by the curvature, in the directions of the Hessian's eigenvectors.
    fn newton(&mut self) -> bool {
        if !self.turned_hessian() {
            return false;
        }
        let count = self.slope.len();
        let most = (0..count).fold(0.0f64, |most, k| most.max(self.hessian.value(k).abs()));
        self.change.fill(0.0);
        for k in (0..count).filter(|k| self.hessian.value(*k).abs() > FLAT * most) {
            let vector = self.hessian.vector(k);
            let along: f64 = vector.iter().zip(&self.slope).map(|(v, slope)| v * slope).sum();
            let length = along / self.hessian.value(k).abs();
            self.change.iter_mut().zip(vector).for_each(|(change, v)| *change += length * v);
        }
        true
    }

    /// The Hessian over all rows, here, with its axes turned. Answers whether there is one.
    fn turned_hessian(&mut self) -> bool {
        self.fill_hessian() && self.hessian.turn()
    }

    fn fill_hessian(&mut self) -> bool {
        let count = self.slope.len();
        if self.product.is_none() || count > MOST_EXACT {
            return false;
        }
        for k in 0..count {
            self.both[count..].fill(0.0);
            self.both[count + k] = 1.0;
            self.multiply();
            let Some(product) = &self.product else { return false };
            (k..count).for_each(|row| self.hessian.set(row, k, product.value(row)));
        }
        true
    }

    /// The Hessian times the direction that stands behind the point.
    fn multiply(&mut self) {
        let count = self.slope.len();
        self.both[..count].copy_from_slice(&self.at);
        if let Some(product) = &mut self.product {
            run(product, &self.both, &self.table, self.length, 0..self.rows);
        }
    }

    /// How the loss over all rows bends here; none where that has no finite value.
    pub fn curvature(&mut self) -> Option<Curvature> {
        let count = self.slope.len();
        if count > MOST_EXACT || self.product.is_none() {
            return self.steepest();
        }
        if !self.fill_hessian() {
            return None;
        }
        let whole = self.hessian.clone();
        if !self.hessian.turn() {
            return None;
        }
        let k = (0..count).max_by(|a, b| self.hessian.value(*a).abs().total_cmp(&self.hessian.value(*b).abs()))?;
        Some(Curvature {
            sharpness: self.hessian.value(k),
            direction: self.hessian.vector(k).to_vec(),
            settled: true,
            whole: Some((self.hessian.values(), whole)),
        })
    }

    /// The Hessian times a direction of length 1, which stands behind the point: compiled, or from gradients this far on both sides.
    fn stretched(&mut self, apart: f64, into: &mut [f64]) {
        let count = self.slope.len();
        if self.product.is_some() {
            self.multiply();
            if let Some(product) = &self.product {
                into.iter_mut().enumerate().for_each(|(k, v)| *v = product.value(k));
            }
            return;
        }
        into.fill(0.0);
        for side in [apart, -apart] {
            let (point, direction) = self.both.split_at_mut(count);
            point.iter_mut().zip(&self.at).zip(direction).for_each(|((to, at), v)| *to = at + side * *v);
            run(&mut self.slopes, &self.both[..count], &self.table, self.length, 0..self.rows);
            into.iter_mut().enumerate().for_each(|(k, v)| *v += self.slopes.value(k) / (2.0 * side));
        }
    }

    /// The bend along the direction behind the point, from gradients this far apart.
    fn bend(&mut self, apart: f64) -> f64 {
        let count = self.slope.len();
        let mut product = vec![0.0; count];
        self.stretched(apart, &mut product);
        product.iter().zip(&self.both[count..]).map(|(p, v)| p * v).sum()
    }

    /// The eigenvalue of largest size, from products of the Hessian with vectors. None where differences of the gradient do not
    /// settle it, as beside a kink.
    fn steepest(&mut self) -> Option<Curvature> {
        let apart = APART * (1.0 + self.at.iter().fold(0.0f64, |most, at| most.max(at.abs())));
        let count = self.slope.len();
        let mut random = Stream(0);
        let mut direction: Vec<f64> = (0..count).map(|_| random.index(2001) as f64 / 1000.0 - 1.0).collect();
        let most = (ROOM / count.max(1)).clamp(2, DIRECTIONS).min(count);
        let mut left = PRODUCTS;
        let mut found = self.widest(apart, &mut direction, most);
        while !found.settled && found.value.is_finite() && left > most {
            left -= most;
            found = self.widest(apart, &mut direction, most.min(left));
        }
        self.both[count..].copy_from_slice(&direction);
        if self.product.is_none() {
            let near = self.bend(apart / 8.0);
            if (self.bend(apart) - near).abs() > SMOOTH * near.abs() {
                return None;
            }
        }
        let (sharpness, settled) = (found.value, found.settled);
        sharpness.is_finite().then_some(Curvature { sharpness, direction, settled, whole: None })
    }

    /// The eigenvalue of largest size in the space of a direction and its first images under the Hessian (C. Lanczos 1950). The
    /// direction becomes the one of length 1 that belongs to it.
    fn widest(&mut self, apart: f64, direction: &mut [f64], most: usize) -> Widest {
        let count = self.slope.len();
        let (mut axes, mut rows): (Vec<Vec<f64>>, Vec<(f64, f64)>) = (Vec::new(), Vec::new());
        let mut found = Widest { value: 0.0, settled: true };
        let mut next = direction.to_vec();
        for k in 0..most {
            crate::budget::look();
            let length = dot(&next, &next).sqrt();
            if length == 0.0 {
                break;
            }
            next.iter_mut().for_each(|v| *v /= length);
            self.both[count..].copy_from_slice(&next);
            axes.push(std::mem::take(&mut next));
            next = vec![0.0; count];
            self.stretched(apart, &mut next);
            let along = dot(&next, &axes[k]);
            // twice, since rounding leaves a part of what is long
            for axis in axes.iter().chain(&axes) {
                let part = dot(&next, axis);
                next.iter_mut().zip(axis).for_each(|(v, a)| *v -= part * a);
            }
            let beside = dot(&next, &next).sqrt();
            rows.push((along, beside));
            if !(along.is_finite() && beside.is_finite()) {
                return Widest { value: f64::NAN, settled: false };
            }
            let is_closed = beside <= CLOSED * rows.iter().fold(0.0f64, |most, row| most.max(row.0.abs()));
            if is_closed || k + 1 == most || (k + 1) % LOOKED_AT == 0 {
                found = Widest::of(&rows, &axes, direction);
                if found.settled || is_closed {
                    found.settled = true;
                    break;
                }
            }
        }
        found
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

    const PLAIN: Stride = Stride { rate: 0.1, momentum: 0.0, method: Method::Gradient, batch: None, seed: 0 };

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
        let stride = Stride { rate: 0.5, ..PLAIN };
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
            let stride = Stride { batch: Some(2), seed, ..PLAIN };
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
        let stride = Stride { rate: 10.0, ..PLAIN };
        let mut descent = Descent::new(&objective, &[3.0], &[], stride, 1);
        let steps = (0..100).take_while(|_| descent.step()).count();
        assert!(steps < 10 && descent.at()[0].is_finite(), "{steps} {:?}", descent.at());
    }

    fn with_curvature(text: &str, names: &[&str]) -> Objective {
        let mut g = Graph::new();
        let loss = formula(&mut g, text).unwrap();
        let by: Vec<Symbol> = names.iter().map(|name| g.intern(name)).collect();
        let plain = Objective::new(&mut g, loss, &[], &by).unwrap();
        plain.with_curvature(&mut g, loss, &[], &by).unwrap()
    }

    #[test]
    fn momentum_and_adam_follow_their_formulas() {
        let objective = with_curvature("3*w^2/2", &["w"]);
        let mut descent = Descent::new(&objective, &[1.0], &[], Stride { momentum: 0.9, ..PLAIN }, 1);
        let (mut w, mut kept) = (1.0, 0.0);
        for _ in 0..30 {
            assert!(descent.step());
            kept = 0.9 * kept + 3.0 * w;
            w -= 0.1 * kept;
            assert!((descent.at()[0] - w).abs() < 1e-13);
        }
        let stride = Stride { momentum: 0.9, method: Method::Adam, ..PLAIN };
        let mut descent = Descent::new(&objective, &[1.0], &[], stride, 1);
        let (mut w, mut m, mut v) = (1.0f64, 0.0, 0.0);
        for t in 1..30 {
            assert!(descent.step());
            (m, v) = (0.9 * m + 0.1 * 3.0 * w, 0.999 * v + 0.001 * 9.0 * w * w);
            w -= 0.1 * (m / (1.0 - 0.9f64.powi(t))) / ((v / (1.0 - 0.999f64.powi(t))).sqrt() + 1e-8);
            assert!((descent.at()[0] - w).abs() < 1e-12);
        }
    }

    #[test]
    fn newton_needs_one_step_on_a_quadratic_and_leaves_a_saddle() {
        let stride = Stride { rate: 1.0, method: Method::Newton, ..PLAIN };
        let objective = with_curvature("1000*(w - 1)^2 + (w - 1)*(b + 2) + (b + 2)^2", &["w", "b"]);
        let mut descent = Descent::new(&objective, &[5.0, 5.0], &[], stride, 1);
        assert!(descent.step());
        assert!((descent.at()[0] - 1.0).abs() < 1e-12 && (descent.at()[1] + 2.0).abs() < 1e-12, "{:?}", descent.at());
        let objective = with_curvature("(w^2 - 1)^2", &["w"]);
        let mut descent = Descent::new(&objective, &[0.1], &[], stride, 1);
        (0..20).for_each(|_| assert!(descent.step()));
        assert!((descent.at()[0] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn differences_over_a_kink_are_no_curvature() {
        let mut g = Graph::new();
        let w = g.intern("w");
        let bend = |g: &mut Graph, text: &str, at: f64| {
            let loss = formula(g, text).unwrap();
            let objective = Objective::new(g, loss, &[], &[w]).unwrap();
            Descent::new(&objective, &[at], &[], PLAIN, 1).curvature().map(|found| found.sharpness)
        };
        assert_eq!(bend(&mut g, "abs(w) + w^2", 1e-7), None);
        let found = bend(&mut g, "abs(w) + 3*w^2", 1.0).unwrap();
        assert!((found - 6.0).abs() < 1e-6, "{found}");
        assert_eq!(bend(&mut g, "5*w", 1.0), Some(0.0));
    }

    #[test]
    fn power_iteration_finds_what_the_whole_hessian_tells() {
        let mut g = Graph::new();
        let (objective, data) = objective(&mut g);
        let by_differences = Descent::new(&objective, &[0.0; 2], &data, PLAIN, 1).curvature().unwrap();
        // at 0 the sigmoid's slope is 1/4: the Hessian of the mean, and 1/5 of the penalty
        let mean = |f: fn(&[f64; 2]) -> f64| ROWS.iter().map(f).sum::<f64>() / 20.0;
        let (ww, wb, bb) = (mean(|[x, _]| x * x) + 0.2, mean(|[x, _]| *x), 0.25);
        let most = (ww + bb) / 2.0 + (((ww - bb) / 2.0f64).powi(2) + wb * wb).sqrt();
        assert!((by_differences.sharpness - most).abs() < 1e-4 * most, "{by_differences:?}, not {most}");
        let names = ["w", "b"].map(|name| g.intern(name));
        let body = formula(&mut g, "log(1 + exp(2*w - b)) + w^2*b^2 + w^2").unwrap();
        let objective = Objective::new(&mut g, body, &[], &names).unwrap().with_curvature(&mut g, body, &[], &names).unwrap();
        let mut descent = Descent::new(&objective, &[0.3, -0.2], &[], PLAIN, 1);
        let (exact, found) = (descent.curvature().unwrap(), descent.steepest().unwrap());
        assert!((exact.sharpness - found.sharpness).abs() < 1e-3 * exact.sharpness, "{exact:?} {found:?}");
        assert!(found.settled);
    }
}
