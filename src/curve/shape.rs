//! What happens along a curve beside its law: spikes, bounces, plateaus, and losses on other data that rise again.

use super::fit::{Noise, Points};
use super::rows::gathered;

/// A single row far from its neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spike {
    /// Its step.
    pub step: f64,
    /// Its loss.
    pub loss: f64,
}

/// A rise larger than noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounce {
    /// Where it begins.
    pub from: f64,
    /// Where it is highest.
    pub to: f64,
    /// Where the loss is back; nothing where it does not come back.
    pub until: Option<f64>,
    /// By how much the loss rises.
    pub height: f64,
}

/// A stretch on which the loss neither falls nor rises more than chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    /// Its first step.
    pub from: f64,
    /// Its last step.
    pub to: f64,
    /// Whether the curve ends with it, but for a little.
    pub is_last: bool,
}

/// The loss on other data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Other {
    /// The step where it is least.
    pub step: f64,
    /// The least loss there, as a mean with its neighbours.
    pub least: f64,
    /// How much higher it stands at the end.
    pub rise: f64,
    /// With so much uncertainty (95 %).
    pub within: f64,
    /// How far it stands above the loss itself at the end.
    pub gap: f64,
    /// Whether it has risen by more than chance.
    pub has_risen: bool,
    /// Whether the loss itself went on falling meanwhile.
    pub is_overfitting: bool,
}

/// The noise of one row, from second differences: what a smooth curve adds to them is small. 1.4826 times the median of their sizes is
/// their standard deviation where they are normal.
fn noise(values: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = values.windows(3).map(|v| (v[0] - 2.0 * v[1] + v[2]).abs()).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).map_or(0.0, |middle| 1.4826 * middle / 6f64.sqrt())
}

/// A spike is so many times the noise away from the median of its neighbours.
const FAR: f64 = 7.0;

/// How many neighbours on either side are looked at.
const SIDE: usize = 3;

/// The rows that stand far outside of what stands around them, by their place: also on a logarithmic scale, where there is one, for the
/// noise of a large loss may be larger.
#[must_use]
pub fn spikes(points: &Points) -> Vec<usize> {
    let mut found = far_out(&points.loss);
    if points.loss.iter().all(|loss| *loss > 0.0) {
        let logs: Vec<f64> = points.loss.iter().map(|loss| loss.ln()).collect();
        let also = far_out(&logs);
        found.retain(|at| also.contains(at));
    }
    // what happens in one row of ten is no exception
    if found.len() * 10 > points.len() { Vec::new() } else { found }
}

fn far_out(values: &[f64]) -> Vec<usize> {
    let limit = FAR * noise(values).max(1e-9 * span(values));
    let is_far = |at: &usize| {
        if *at < SIDE || at + SIDE >= values.len() {
            return false;
        }
        let mut around: Vec<f64> = (at - SIDE..=at + SIDE).filter(|k| k != at).map(|k| values[k]).collect();
        around.sort_by(f64::total_cmp);
        let middle = f64::midpoint(around[SIDE - 1], around[SIDE]);
        // one neighbour may be a spike as well
        let outside = values[*at] > around[2 * SIDE - 2] || values[*at] < around[1];
        outside && (values[*at] - middle).abs() > limit
    };
    (0..values.len()).filter(is_far).collect()
}

/// From the least to the largest.
fn span(values: &[f64]) -> f64 {
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    (high - low).max(0.0)
}

/// A curve in so many pieces at most.
const PIECES: usize = 60;

/// A curve as means of pieces of it, with the noise of a mean.
struct Pieces {
    step: Vec<f64>,
    value: Vec<f64>,
    sigma: f64,
}

impl Pieces {
    fn new(points: &Points, scale: Noise, memory: f64) -> Self {
        let values: Vec<f64> = points.loss.iter().map(|loss| scaled(scale, *loss)).collect();
        let size = points.len().div_ceil(PIECES).max(1);
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let inflation = (1.0 + memory) / (1.0 - memory);
        Pieces {
            step: points.step.chunks(size).map(|part| part[part.len() / 2]).collect(),
            value: values.chunks(size).map(mean).collect(),
            sigma: noise(&values) * (inflation / size as f64).sqrt(),
        }
    }
}

/// The scale on which the noise is the same everywhere.
fn scaled(scale: Noise, loss: f64) -> f64 {
    match scale {
        Noise::Absolute => loss,
        Noise::Relative => loss.ln(),
    }
}

fn unscaled(scale: Noise, value: f64) -> f64 {
    match scale {
        Noise::Absolute => value,
        Noise::Relative => value.exp(),
    }
}

/// A rise is larger than noise from so many times the noise of a mean on: the largest of many differences is meant.
const LARGE: f64 = 6.0;

/// The rises that are larger than noise, in order.
#[must_use]
pub fn bounces(points: &Points, scale: Noise, memory: f64) -> Vec<Bounce> {
    let pieces = Pieces::new(points, scale, memory);
    let limit = (LARGE * pieces.sigma).max(0.02 * span(&pieces.value));
    let mut out = Vec::new();
    let (mut low, mut peak) = (0, 0);
    for k in 1..pieces.value.len() {
        let value = &pieces.value;
        if value[k] > value[peak] {
            peak = k;
        }
        let is_back = value[k] <= value[low];
        let is_last = k + 1 == value.len();
        if (is_back || is_last) && value[peak] - value[low] > limit {
            let height = unscaled(scale, value[peak]) - unscaled(scale, value[low]);
            let until = is_back.then(|| pieces.step[k]);
            out.push(Bounce { from: pieces.step[low], to: pieces.step[peak], until, height });
        }
        if is_back {
            (low, peak) = (k, k);
        }
    }
    out
}

/// The noise of a row, as its neighbours tell it and not the law.
#[must_use]
pub fn local_noise(points: &Points, scale: Noise) -> f64 {
    let values: Vec<f64> = points.loss.iter().map(|loss| scaled(scale, *loss)).collect();
    noise(&values)
}

/// A plateau takes so much of the steps.
const LONG: f64 = 0.2;

/// On a plateau the loss falls by less than this share of all its fall.
const LEVEL: f64 = 0.05;

/// The longest stretch on which the loss neither falls nor rises more than chance.
#[must_use]
pub fn plateau(points: &Points, scale: Noise, memory: f64) -> Option<Plateau> {
    let pieces = Pieces::new(points, scale, memory);
    let n = pieces.step.len();
    let all = pieces.step.last()? - pieces.step.first()?;
    let whole = span(&pieces.value);
    let mut best: Option<(f64, usize, usize)> = None;
    for from in 0..n {
        // sums around the first point, so that little cancels
        let (mut count, mut x1, mut x2, mut y1, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for to in from..n {
            let (x, y) = (pieces.step[to] - pieces.step[from], pieces.value[to] - pieces.value[from]);
            count += 1.0;
            x1 += x;
            x2 += x * x;
            y1 += y;
            xy += x * y;
            let spread = x2 - x1 * x1 / count;
            if to < from + 3 || spread <= 0.0 {
                continue;
            }
            let slope = (xy - x1 * y1 / count) / spread;
            let is_level = slope.abs() * spread.sqrt() < 2.0 * pieces.sigma && slope.abs() * x < LEVEL * whole;
            if is_level && x >= LONG * all && best.is_none_or(|(longest, _, _)| x > longest) {
                best = Some((x, from, to));
            }
        }
    }
    best.map(|(_, from, to)| Plateau { from: pieces.step[from], to: pieces.step[to], is_last: (to + 1) * 20 >= n * 19 })
}

/// Fewer losses on other data say nothing.
const FEWEST: usize = 5;

/// What the loss on other data does beside the loss itself.
#[must_use]
pub fn other(losses: &Points, others: &Points) -> Option<Other> {
    let others = gathered(others);
    let n = others.len();
    if n < FEWEST {
        return None;
    }
    let half = n / 40 + usize::from(n >= 12);
    let tail = (n / 10).max(2);
    let mean = |from: usize, to: usize| others.loss[from..to].iter().sum::<f64>() / (to - from) as f64;
    let around = |k: usize| (k.saturating_sub(half), (k + half + 1).min(n));
    let smooth = |k: usize| mean(around(k).0, around(k).1);
    let at = (0..n).min_by(|a, b| smooth(*a).total_cmp(&smooth(*b)))?;
    let least = smooth(at);
    let rise = (mean(n - tail, n) - least).max(0.0);
    let counted = |(from, to): (usize, usize)| (to - from) as f64;
    let error = noise(&others.loss) * (1.0 / tail as f64 + 1.0 / counted(around(at))).sqrt();
    let step = others.step[at];
    let last = others.step[n - 1];
    let near = |step: f64| -> Option<f64> {
        let after = losses.step.partition_point(|s| *s <= step);
        let width = (losses.len() / 20).max(1);
        let part = &losses.loss[after.saturating_sub(width)..after];
        (!part.is_empty()).then(|| part.iter().sum::<f64>() / part.len() as f64)
    };
    let has_risen = at + tail < n && rise > 3.0 * error && rise > 0.0;
    let (then, now) = (near(step)?, near(last)?);
    Some(Other {
        step,
        least,
        rise,
        within: 1.96 * error,
        gap: mean(n - tail, n) - now,
        has_risen,
        is_overfitting: has_risen && now <= then,
    })
}
