//! Least squares for one law. Every law is linear in two of its constants, `loss = base + share*shape(u)`, so for each value of the
//! third, the bend, the other two follow in closed form (variable projection). What is left is a function of one number, which is
//! looked at over all of its range: no local minimum is taken for the best, and the same function gives every interval, by profile
//! likelihood (Bates and Watts, Nonlinear Regression Analysis, chapter 6).

use super::law::{Law, Shape};
use crate::budget;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// How the noise goes with the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Of the same size everywhere.
    Absolute,
    /// In proportion to the loss.
    Relative,
}

/// Points of a curve that are fitted.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// Where they are; all different, ascending.
    pub step: Vec<f64>,
    /// The losses there.
    pub loss: Vec<f64>,
    /// Of how many rows each is the mean.
    pub count: Vec<f64>,
}

impl Points {
    /// Takes a point in.
    pub(super) fn push(&mut self, step: f64, loss: f64, count: f64) {
        self.step.push(step);
        self.loss.push(loss);
        self.count.push(count);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.loss.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.loss.is_empty()
    }
}

/// A range of values; an end that the data do not bound is infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The best value.
    pub best: f64,
    /// The least value that the data allow.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Interval {
    /// The interval of a function that rises or falls throughout.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let (a, b) = (f(self.low), f(self.high));
        Interval { best: f(self.best), low: a.min(b), high: a.max(b) }
    }

    /// Whether a value lies in it.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// `base + share*shape` by weighted least squares.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Linear {
    pub(super) base: f64,
    pub(super) share: f64,
    /// The weighted sum of squares that is left.
    pub(super) rest: f64,
    /// Weights, mean of the shape, and its spread: of these the variances of the two are made.
    weight: f64,
    centre: f64,
    spread: f64,
    /// Whether the base was 0 from the beginning.
    rootless: bool,
}

impl Linear {
    /// The value of `alpha*base + beta*share`, and its variance where that of one point is 1.
    fn combined(&self, alpha: f64, beta: f64) -> (f64, f64) {
        let value = alpha * self.base + if self.share == 0.0 { 0.0 } else { beta * self.share };
        let slope = if self.spread > 0.0 { 1.0 / self.spread } else { 0.0 };
        let variance = match self.rootless {
            true => beta * beta * slope,
            false => alpha * alpha / self.weight + (beta - alpha * self.centre).powi(2) * slope,
        };
        (value, variance)
    }
}

/// A law with the constants that fit best.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The law.
    pub law: Law,
    /// Whether it goes to a floor of its own and not to 0.
    pub has_floor: bool,
    /// The rate of a decay, the exponent of a power law; 0 for the others.
    pub bend: f64,
    /// How many constants were fitted.
    pub constants: usize,
    /// The logarithm of the likelihood, up to a constant that all laws share.
    pub likelihood: f64,
    /// The standard deviation of the noise: of one row, or as a share of the loss.
    pub sigma: f64,
    pub(super) linear: Linear,
    /// The bends that the data allow, with what follows from each.
    allowed: Vec<(f64, Linear)>,
    /// Whether the bends go on beyond the least and the largest that were looked at.
    open: (bool, bool),
    /// What the sum of squares may be beyond its least.
    slack: f64,
    frame: Frame,
    weights: Vec<f64>,
    is_relative: bool,
}

/// The axis on which a law is looked at, with where it begins.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// What is added to a step: 1 where steps are counted from 0 and their logarithm is taken.
    pub shift: f64,
    /// The step from which an exponential is counted.
    pub origin: f64,
    first: f64,
    last: f64,
    nearest: f64,
}

impl Frame {
    /// The frame for some points; nothing where a logarithm of their steps is wanted and there is none.
    pub(super) fn new(points: &Points, shift: f64) -> Self {
        let (first, last) = (points.step.first().copied().unwrap_or(0.0), points.step.last().copied().unwrap_or(1.0));
        let nearest = points.step.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
        let origin = if first.abs() <= nearest.max(0.1 * (last - first)) { 0.0 } else { first };
        Frame { shift, origin, first, last, nearest }
    }

    /// The place of a step on the axis of a law.
    fn place(&self, law: Law, step: f64) -> f64 {
        match law {
            Law::Power | Law::Logarithm => (step + self.shift).ln(),
            Law::Exponential | Law::Line | Law::Constant => step - self.origin,
        }
    }

    /// The bends that are looked at, from the least to the largest; the first sets what counts as none.
    fn bends(&self, law: Law) -> (f64, f64) {
        let width = (self.place(law, self.last) - self.place(law, self.first)).max(f64::MIN_POSITIVE);
        match law {
            Law::Power => (0.01 / width, 12.0),
            _ => (0.01 / width, 6.0 / self.nearest),
        }
    }
}

/// How many bends are looked at in the first place, and how many of those that the data allow are kept.
const LOOKS: usize = 60;
const KEPT: usize = 81;

/// The shape of a law at each point.
struct Shaped<'p> {
    law: Law,
    frame: Frame,
    points: &'p Points,
    places: Vec<f64>,
    /// The place where the exponential is 1.
    pivot: f64,
    shape: Vec<f64>,
    has_floor: bool,
}

impl<'p> Shaped<'p> {
    fn new(law: Law, has_floor: bool, frame: Frame, points: &'p Points) -> Self {
        let places: Vec<f64> = points.step.iter().map(|step| frame.place(law, *step)).collect();
        Shaped { law, frame, points, shape: vec![0.0; places.len()], pivot: 0.0, places, has_floor }
    }

    /// The constants that belong to a bend.
    fn solve(&mut self, bend: f64, weights: &[f64]) -> Linear {
        budget::pulse();
        let ends = (self.places.first().copied().unwrap_or(0.0), self.places.last().copied().unwrap_or(0.0));
        self.pivot = if bend >= 0.0 { ends.0 } else { ends.1 };
        for (shape, place) in self.shape.iter_mut().zip(&self.places) {
            *shape = match self.law.shape() {
                Shape::Flat => 0.0,
                Shape::Straight => *place,
                Shape::Bent => (-bend * (place - self.pivot)).exp(),
            };
        }
        least_squares(&self.shape, &self.points.loss, weights, self.has_floor)
    }

    /// The shape at any step, as it was for the last bend.
    fn values(&self, found: &Linear) -> Vec<f64> {
        self.shape.iter().map(|shape| found.base + found.share * shape).collect()
    }

    /// The bend with the least sum of squares.
    fn best(&mut self, weights: &[f64], rising: bool) -> (f64, Linear) {
        if self.law.shape() != Shape::Bent {
            return (0.0, self.solve(0.0, weights));
        }
        let (least, largest) = self.frame.bends(self.law);
        let mut best = self.searched(least, largest, 1.0, weights);
        if rising && self.law == Law::Exponential {
            let growing = self.searched(least, largest, -1.0, weights);
            if growing.1.rest < best.1.rest && growing.1.share > 0.0 {
                best = growing;
            }
        }
        best
    }

    /// Looks at bends all over a range, then closer and closer (golden section) around the best.
    fn searched(&mut self, least: f64, largest: f64, sign: f64, weights: &[f64]) -> (f64, Linear) {
        let ratio = (largest / least).ln() / (LOOKS - 1) as f64;
        let bend = |k: f64| sign * least * (ratio * k).exp();
        let rests: Vec<f64> = (0..LOOKS).map(|k| self.solve(bend(k as f64), weights).rest).collect();
        let start = (0..LOOKS).min_by(|a, b| rests[*a].total_cmp(&rests[*b])).unwrap_or(0);
        let (mut a, mut d) = (start.saturating_sub(1) as f64, (start + 1).min(LOOKS - 1) as f64);
        let golden = (5f64.sqrt() - 1.0) / 2.0;
        let (mut b, mut c) = (d - golden * (d - a), a + golden * (d - a));
        let (mut at_b, mut at_c) = (self.solve(bend(b), weights).rest, self.solve(bend(c), weights).rest);
        while d - a > 1e-11 && (at_b - at_c).abs() > 1e-13 * at_b.min(at_c) {
            if at_b <= at_c {
                (d, c, at_c) = (c, b, at_b);
                b = d - golden * (d - a);
                at_b = self.solve(bend(b), weights).rest;
            } else {
                (a, b, at_b) = (b, c, at_c);
                c = a + golden * (d - a);
                at_c = self.solve(bend(c), weights).rest;
            }
        }
        let found = bend(f64::midpoint(a, d));
        (found, self.solve(found, weights))
    }
}

/// Weighted least squares for `base + share*shape`, around the means so that little cancels.
fn least_squares(shape: &[f64], loss: &[f64], weights: &[f64], has_floor: bool) -> Linear {
    let mut sums = [0.0; 3];
    for ((x, y), w) in shape.iter().zip(loss).zip(weights) {
        sums[0] += w;
        sums[1] += w * x;
        sums[2] += w * y;
    }
    let weight = sums[0];
    let (mean_x, mean_y) = if has_floor { (sums[1] / weight, sums[2] / weight) } else { (0.0, 0.0) };
    let (mut xx, mut xy) = (0.0, 0.0);
    for ((x, y), w) in shape.iter().zip(loss).zip(weights) {
        let x = x - mean_x;
        xx += w * x * x;
        xy += w * x * (y - mean_y);
    }
    let share = if xx > 0.0 { xy / xx } else { 0.0 };
    let base = mean_y - share * mean_x;
    let mut rest = 0.0;
    for ((x, y), w) in shape.iter().zip(loss).zip(weights) {
        rest += w * (y - mean_y - share * (x - mean_x)).powi(2);
    }
    Linear { base, share, rest, weight, centre: mean_x, spread: xx, rootless: !has_floor }
}

impl Fit {
    /// The best constants of a law; nothing where it cannot be for these points or this noise.
    pub(super) fn new(points: &Points, law: Law, has_floor: bool, noise: Noise, shift: Option<f64>) -> Option<Self> {
        let needs_logarithm = matches!(law, Law::Power | Law::Logarithm);
        if (needs_logarithm && shift.is_none()) || (noise == Noise::Relative && points.loss.iter().any(|loss| *loss <= 0.0)) {
            return None;
        }
        let frame = Frame::new(points, shift.unwrap_or(0.0));
        let rising = points.loss.last() > points.loss.first();
        let mut shaped = Shaped::new(law, has_floor, frame, points);
        let mut weights = points.count.clone();
        let (mut bend, mut linear) = shaped.best(&weights, rising);
        let mut logarithms = 0.0;
        if noise == Noise::Relative {
            // the weights follow from the fitted values, and these from the weights
            for _ in 0..ROUNDS {
                let values = shaped.values(&linear);
                if values.iter().any(|value| *value <= 0.0) {
                    return None;
                }
                weights = points.count.iter().zip(&values).map(|(count, value)| count / (value * value)).collect();
                logarithms = values.iter().map(|value| value.ln()).sum();
                (bend, linear) = shaped.best(&weights, rising);
            }
        }
        let n = points.len() as f64;
        let constants = match law.shape() {
            Shape::Flat => 1,
            Shape::Straight => 2,
            Shape::Bent => 2 + usize::from(has_floor),
        };
        // what rounding leaves is no noise to compare laws by
        let largest = points.loss.iter().fold(0.0, |most: f64, loss| most.max(loss.abs()));
        let rounding = if noise == Noise::Relative { ROUNDING } else { ROUNDING * largest };
        let likelihood = -0.5 * n * (linear.rest / n).max(rounding * rounding).max(f64::MIN_POSITIVE).ln() - logarithms;
        let sigma = (linear.rest / (n - constants as f64).max(1.0)).sqrt();
        let (allowed, open) = (vec![(bend, linear)], (false, false));
        Some(Fit {
            law,
            has_floor,
            bend,
            constants,
            likelihood,
            sigma,
            linear,
            allowed,
            open,
            slack: 0.0,
            frame,
            weights,
            is_relative: noise == Noise::Relative,
        })
    }

    /// What is left at each point, in units in which the noise is the same everywhere.
    #[must_use]
    pub fn residuals(&self, points: &Points) -> Vec<f64> {
        let rest = |((step, loss), count): ((&f64, &f64), &f64)| {
            let value = self.at(*step);
            (loss - value) * count.sqrt() / if self.is_relative { value } else { 1.0 }
        };
        points.step.iter().zip(&points.loss).zip(&points.count).map(rest).collect()
    }

    /// The shape at a step for a bend, as `Shaped` has it.
    fn shape(&self, bend: f64, step: f64) -> f64 {
        let place = self.frame.place(self.law, step);
        match self.law.shape() {
            Shape::Flat => 0.0,
            Shape::Straight => place,
            Shape::Bent => (-bend * (place - self.pivot(bend))).exp(),
        }
    }

    fn pivot(&self, bend: f64) -> f64 {
        self.frame.place(self.law, if bend >= 0.0 { self.frame.first } else { self.frame.last })
    }

    /// The loss that the law gives at a step.
    #[must_use]
    pub fn at(&self, step: f64) -> f64 {
        self.linear.base + self.linear.share * self.shape(self.bend, step)
    }

    /// Whether its numbers are finite.
    pub(super) fn is_sound(&self) -> bool {
        [self.linear.base, self.linear.share, self.linear.rest, self.bend].iter().all(|value| value.is_finite())
    }

    /// How far from its base the law is at a step.
    #[must_use]
    pub fn from_base(&self, step: f64) -> f64 {
        (self.linear.share * self.shape(self.bend, step)).abs()
    }

    /// The standard deviation of a row at a step.
    #[must_use]
    pub fn sigma_at(&self, step: f64) -> f64 {
        if self.is_relative { self.sigma * self.at(step).abs() } else { self.sigma }
    }

    /// Whether nothing is left beyond what rounding leaves.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.sigma <= EXACT * if self.is_relative { 1.0 } else { self.largest() }
    }

    /// Whether it is exact and its floor is 0 but for rounding.
    #[must_use]
    pub fn ends_at_zero(&self) -> bool {
        self.law.shape() == Shape::Bent && self.is_exact() && self.linear.base.abs() <= EXACT * self.largest()
    }

    /// The size of the loss where it is largest.
    fn largest(&self) -> f64 {
        self.at(self.frame.first).abs().max(self.at(self.frame.last).abs())
    }

    /// Whether it is an exponential that halves within one row.
    pub(super) fn is_over_at_once(&self) -> bool {
        self.law == Law::Exponential && self.bend * self.frame.nearest > std::f64::consts::LN_2
    }

    /// The frame in which its constants count.
    #[must_use]
    pub fn frame(&self) -> Frame {
        self.frame
    }

    /// Finds what the data allow beside the best: everything whose sum of squares is larger by no more than Student's t says, for so
    /// many rows that count as independent out of all.
    pub(super) fn allow(&mut self, points: &Points, inflation: f64) {
        let freedom = (points.len() as f64 / inflation - self.constants as f64).max(1.0);
        let t = StudentsT::new(0.0, 1.0, freedom).map_or(2.0, |t| t.inverse_cdf(0.975));
        let variance = self.linear.rest / (points.len() as f64 - self.constants as f64).max(1.0);
        self.slack = t * t * variance * inflation;
        if self.law.shape() != Shape::Bent || self.slack == 0.0 {
            return;
        }
        let mut shaped = Shaped::new(self.law, self.has_floor, self.frame, points);
        let sign = self.bend.signum();
        let (least, largest) = self.frame.bends(self.law);
        let limit = self.linear.rest + self.slack;
        let best = self.bend.abs().ln();
        let weights = std::mem::take(&mut self.weights);
        let mut excess = |log: f64| shaped.solve(sign * log.exp(), &weights).rest - limit;
        let (low, open_low) = edge(best, least.ln(), &mut excess);
        let (high, open_high) = edge(best, largest.ln(), &mut excess);
        self.open = (open_low, open_high);
        for k in 0..KEPT {
            let log = low + (high - low) * k as f64 / (KEPT - 1) as f64;
            let bend = sign * log.exp();
            self.allowed.push((bend, shaped.solve(bend, &weights)));
        }
        self.weights = weights;
    }

    /// The bend with the range that the data allow.
    #[must_use]
    pub fn bend_interval(&self) -> Interval {
        let bends = || self.allowed.iter().map(|(bend, _)| *bend);
        let (mut low, mut high) = (bends().fold(f64::INFINITY, f64::min), bends().fold(f64::NEG_INFINITY, f64::max));
        let (to_none, to_infinite) = self.open;
        if self.bend >= 0.0 {
            low = if to_none { 0.0 } else { low };
            high = if to_infinite { f64::INFINITY } else { high };
        } else {
            high = if to_none { 0.0 } else { high };
            low = if to_infinite { f64::NEG_INFINITY } else { low };
        }
        Interval { best: self.bend, low, high }
    }

    /// What `alpha*base + beta*share` can be, where both factors may depend on the bend: over all bends that the data allow, what is
    /// left of the slack goes to the linear constants.
    fn combination(&self, factors: impl Fn(f64) -> (f64, f64)) -> Interval {
        let (alpha, beta) = factors(self.bend);
        let best = self.linear.combined(alpha, beta).0;
        let (mut low, mut high) = (best, best);
        for (bend, linear) in &self.allowed {
            let (alpha, beta) = factors(*bend);
            let (value, variance) = linear.combined(alpha, beta);
            let left = (self.slack - (linear.rest - self.linear.rest)).max(0.0);
            let reach = (left * variance).sqrt();
            low = low.min(value - reach);
            high = high.max(value + reach);
        }
        Interval { best, low, high }
    }

    /// The floor of a decay, the value at the origin of a straight law, the level of a constant.
    #[must_use]
    pub fn base(&self) -> Interval {
        let mut found = self.combination(|_| (1.0, 0.0));
        if self.law.shape() == Shape::Bent && self.has_floor && self.open.0 {
            // without a bend the floor lies as deep as one likes
            match self.linear.share > 0.0 {
                true => found.low = f64::NEG_INFINITY,
                false => found.high = f64::INFINITY,
            }
        }
        found
    }

    /// What the shape is multiplied by: the amplitude of a decay where its step counts from the origin, the slope of a straight law.
    #[must_use]
    pub fn share(&self) -> Interval {
        let mut found = self.combination(|bend| match self.law.shape() {
            Shape::Bent => (0.0, (bend * self.pivot(bend)).exp()),
            Shape::Flat | Shape::Straight => (0.0, 1.0),
        });
        if self.law.shape() == Shape::Bent && self.open.0 && self.has_floor {
            match self.linear.share > 0.0 {
                true => found.high = f64::INFINITY,
                false => found.low = f64::NEG_INFINITY,
            }
        }
        found
    }

    /// The loss at a step: where the law will be, and where a single row may be.
    #[must_use]
    pub fn ahead(&self, step: f64, noise: Noise) -> (Interval, Interval) {
        let base = if self.ends_at_zero() { 0.0 } else { 1.0 };
        let law = self.combination(|bend| (base, self.shape(bend, step)));
        let sigma = self.sigma * if noise == Noise::Relative { law.best.abs() } else { 1.0 };
        let reach = 1.96 * sigma;
        let row = Interval {
            best: law.best,
            low: law.best - (law.best - law.low).hypot(reach),
            high: law.best + (law.high - law.best).hypot(reach),
        };
        (law, row)
    }
}

/// What rounding leaves of a loss, as a share of the largest.
const ROUNDING: f64 = 1e-12;

/// Noise below this share of the loss is none.
const EXACT: f64 = 1e-9;

/// How often the weights of relative noise are made anew.
const ROUNDS: usize = 3;

/// The place between `inside`, where the excess is not positive, and `end` up to which it stays so; whether it stays so to the end.
fn edge(inside: f64, end: f64, excess: &mut impl FnMut(f64) -> f64) -> (f64, bool) {
    if excess(end) <= 0.0 {
        return (end, true);
    }
    let (mut inside, mut outside) = (inside, end);
    // in small steps first: the sum of squares may have more than one valley
    for k in 1..=STRIDES {
        let at = inside + (end - inside) * (k * k) as f64 / (STRIDES * STRIDES) as f64;
        if excess(at) > 0.0 {
            outside = at;
            break;
        }
        inside = at;
    }
    for _ in 0..30 {
        let middle = f64::midpoint(inside, outside);
        match excess(middle) <= 0.0 {
            true => inside = middle,
            false => outside = middle,
        }
    }
    (inside, false)
}

/// In how many strides an edge is looked for.
const STRIDES: usize = 12;
