//! Where forms are measured: for each variable values of every size, and close to the numbers that stand in the expression; for
//! several variables mixtures of them, equal and nearly equal ones among them. Says where to look, not what is found there.

use super::clock::Clock;
use super::measure::{FAILED, Small, True, bits, symbols};
use crate::domain::{self, Known};
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::verify::points::{Stream, ranges};
use std::collections::HashMap;

/// Sizes that an ordinary program meets.
const MODERATE: &[f64] = &[0.01, 0.07, 0.3, 0.6, 1.0, 1.5, 2.3, 3.7, 6.0, 11.0, 17.0, 24.0];
/// Sizes at which digits are lost or functions saturate.
const LARGE: &[f64] = &[30.0, 38.0, 47.0, 80.0, 200.0, 360.0, 500.0, 705.0, 713.0, 728.0, 737.0, 800.0, 1e3, 2e3, 1e4];
/// The rest of the range, upwards.
const HUGE: &[f64] =
    &[1e5, 1e6, 3e7, 1e8, 1e9, 1e11, 1e13, 1e15, 1e16, 3e17, 1e20, 1e30, 1e60, 1e100, 1e140, 1e160, 1e200, 1e250, 1e300];
/// The rest of the range, downwards.
const TINY: &[f64] = &[
    1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-11, 1e-13, 1e-15, 1e-16, 1e-17, 1e-20, 1e-30, 1e-60, 1e-100, 1e-140, 1e-160,
    1e-200, 1e-250, 1e-300,
];
/// How close to a number that matters, as powers of two.
const CLOSE: &[i32] = &[-4, -8, -14, -20, -27, -33, -40, -46, -51];

/// So many mixed points are measured with several variables.
const MIXED: usize = 168;
/// About so many points with one variable anywhere and the others at ordinary values.
const SWEPT: usize = 240;
/// More bits than this are not forgiven: the variables may well be exact.
const TOLERANCE: f64 = 18.0;
/// The work of finding out what is true at the points: some 0.2 s.
const WORK: u64 = 6_000_000;

/// A point with what the expression truly is there.
pub struct Sample {
    /// The values of the variables, by the symbols of [`Small`].
    pub env: HashMap<Symbol, f64>,
    /// The true value, which f64 can hold.
    pub truth: True,
    /// The bits that are lost where the variables are off by one unit of the last place: a form that loses no more is not to blame.
    pub tolerance: f64,
    /// How much the sample counts: ends of the range count less.
    pub weight: f64,
}

impl Sample {
    /// The bits that may be lost since the value is below the normal numbers anyway.
    pub fn smallness(&self) -> f64 {
        if self.truth.near.abs() < f64::MIN_POSITIVE { FAILED - 1.0 } else { 0.0 }
    }
}

/// One variable: which values it may have, and which of them are looked at.
pub struct Axis {
    /// Its symbol in the program.
    pub symbol: Symbol,
    /// Its symbol in [`Small`].
    pub key: Symbol,
    /// The least value that it may have, or -inf.
    pub low: f64,
    /// The largest.
    pub high: f64,
    whole: bool,
    values: Vec<f64>,
    moderate: Vec<f64>,
}

impl Axis {
    /// Whether the value is one that the variable may have, as far as its own bounds say.
    pub fn allows(&self, v: f64) -> bool {
        v >= self.low && v <= self.high && v.is_finite() && (!self.whole || v.fract() == 0.0)
    }

    /// A value that an ordinary program meets.
    pub fn typical(&self) -> f64 {
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) => self.rounded(self.low + (self.high - self.low) * 0.375),
            (true, false) if self.low >= 1.0 => self.low + 1.0,
            (true, false) => self.low.max(0.0) + 1.0,
            (false, true) => self.high.min(0.0) - 1.0,
            (false, false) => 1.0,
        }
    }

    fn rounded(&self, v: f64) -> f64 {
        if self.whole { v.round() } else { v }
    }
}

/// The variables of an expression with the values at which it is looked.
pub fn axes(g: &mut Graph, known: &Known, root: Id, needs: &[Id]) -> Vec<Axis> {
    // by name: what was spoken of before in a session changes nothing
    let mut variables = walk::free_symbols(g, &[root]);
    variables.sort_by(|a, b| g.name(*a).cmp(g.name(*b)));
    let mut conditions = known.conditions.clone();
    conditions.extend(domain::reduce(g, known, needs, &[]));
    let bounds = ranges(g, &conditions, |id| crate::eval::float::exact_constant(g, id));
    let marks = marks(g, root);
    let keys = symbols(variables.len());
    variables
        .into_iter()
        .zip(keys)
        .map(|(symbol, key)| {
            let range = bounds.get(&symbol).cloned().unwrap_or_default();
            let (low, high) = range.bounds();
            let low = low.map_or(f64::NEG_INFINITY, |n| n.to_f64());
            let high = high.map_or(f64::INFINITY, |n| n.to_f64());
            let mut axis = Axis { symbol, key, low, high, whole: range.is_whole(), values: Vec::new(), moderate: Vec::new() };
            fill(&mut axis, &marks);
            axis
        })
        .collect()
}

/// The numbers that stand in the expression.
fn marks(g: &Graph, root: Id) -> Vec<f64> {
    let mut found: Vec<f64> = vec![1.0, 0.5];
    for id in walk::topological(g, &[root]) {
        if let View::Number(n) = g.view(id)
            && !n.is_zero()
        {
            let v = n.to_f64().abs();
            if !found.contains(&v) && v.is_finite() {
                found.push(v);
            }
        }
    }
    found.truncate(6);
    found
}

fn fill(axis: &mut Axis, marks: &[f64]) {
    let mut stream = Stream(0x5DEE_CE66);
    let anchors: Vec<f64> = [axis.low, axis.high].into_iter().filter(|v| v.is_finite()).collect();
    let put = |list: &mut Vec<f64>, v: f64| {
        let v = if axis.whole { v.round() } else { v };
        let inside = v > axis.low && v < axis.high || axis.whole && v >= axis.low && v <= axis.high;
        if inside && v.is_finite() && !list.contains(&v) {
            list.push(v);
        }
    };
    let mut values = Vec::new();
    let mut moderate = Vec::new();
    for size in MODERATE.iter().chain(LARGE).chain(HUGE).chain(TINY) {
        // all digits of the significand are used, as in measured data
        let spread = if (500.0..1000.0).contains(size) { 0.01 } else { 0.2 };
        let size = if *size == 1.0 { 1.0 } else { size * (1.0 + spread * stream.unit()) };
        for sign in [1.0, -1.0] {
            if anchors.is_empty() || anchors.contains(&0.0) || axis.low < 0.0 && axis.high > 0.0 {
                put(&mut values, sign * size);
            }
            anchors.iter().for_each(|a| put(&mut values, a + sign * size));
        }
    }
    for size in MODERATE {
        let size = size * (1.0 + 0.2 * stream.unit());
        for sign in [1.0, -1.0] {
            put(&mut moderate, sign * size);
            anchors.iter().for_each(|a| put(&mut moderate, a + sign * size));
        }
    }
    for mark in marks {
        for power in CLOSE {
            let away = (1.0 + 0.7 * stream.unit()) * 2f64.powi(*power);
            for v in [mark * (1.0 + away), mark * (1.0 - away)] {
                put(&mut values, v);
                put(&mut values, -v);
            }
        }
    }
    for anchor in &anchors {
        for power in CLOSE {
            let away = (1.0 + 0.7 * stream.unit()) * 2f64.powi(*power) * anchor.abs().max(1.0);
            put(&mut values, anchor + away);
            put(&mut values, anchor - away);
        }
    }
    // labels and probabilities are often at the ends of their range
    for anchor in &anchors {
        values.extend([*anchor; 3]);
        moderate.extend([*anchor; 3]);
    }
    if moderate.is_empty() {
        moderate = values.clone();
    }
    (axis.values, axis.moderate) = (values, moderate);
}

/// The points at which the expression has a value that f64 can hold, with that value.
pub fn samples(small: &Small, axes: &[Axis], assumed: &[Small]) -> Vec<Sample> {
    let clock = Clock::of(WORK);
    let mut out = Vec::new();
    for env in candidates(axes) {
        if !assumed.iter().all(|condition| condition.value(&env) == 1.0) {
            continue;
        }
        if clock.is_over() {
            break;
        }
        if let Some(truth) = small.truth(&env).filter(|t| t.is_finite()) {
            let far = env.values().any(|v| !(1e-100..1e100).contains(&v.abs()) && *v != 0.0);
            let weight = if far || truth.near.abs() < f64::MIN_POSITIVE { 0.4 } else { 1.0 };
            out.push(Sample { env, truth, tolerance: 0.0, weight });
        }
    }
    out
}

/// Finds out how sensitive the value is at each sample.
pub fn sensitivities(small: &Small, samples: &mut [Sample]) {
    let clock = Clock::of(WORK);
    for sample in samples {
        if clock.is_over() {
            break;
        }
        let apart = |turn: usize| {
            let moved = sample.env.iter().map(|(s, v)| {
                let up = (s.index() & turn) == 0;
                (*s, if up { v.next_up() } else { v.next_down() })
            });
            let moved: HashMap<Symbol, f64> = moved.collect();
            small.truth(&moved).map_or(0.0, |t| t.ulps_from(&sample.truth))
        };
        let turns = if sample.env.len() > 1 { 2 } else { 1 };
        let most = (0..turns).map(apart).fold(0.0, f64::max);
        sample.tolerance = bits(2.0 * most).min(TOLERANCE);
    }
}

fn candidates(axes: &[Axis]) -> Vec<HashMap<Symbol, f64>> {
    match axes {
        [] => vec![HashMap::new()],
        [only] => only.values.iter().map(|v| HashMap::from([(only.key, *v)])).collect(),
        _ => mixed(axes),
    }
}

fn mixed(axes: &[Axis]) -> Vec<HashMap<Symbol, f64>> {
    let mut stream = Stream(0x1234_5678_9ABC);
    let mut out: Vec<HashMap<Symbol, f64>> = Vec::new();
    for k in 0..MIXED {
        let mut env: HashMap<Symbol, f64> = axes.iter().map(|a| (a.key, pick(&mut stream, &a.moderate))).collect();
        match k % 5 {
            0 if k % 10 == 0 => {}
            // everything of one size, anywhere in the range
            0 => {
                let size = [1e-200, 1e-9, 1e150, 1e-120, 1e6, 1e-4, 1e200, 1e60, 1e-17][k / 10 % 9];
                for a in axes {
                    let v = a.rounded(size * (0.5 + stream.unit()) * pick(&mut stream, &a.moderate).signum());
                    if a.allows(v) {
                        env.insert(a.key, v);
                    }
                }
            }
            // everything large, close together
            1 => {
                let base = [400.0, -400.0, 1e3, -1e3, 30.0, -30.0, 5e3, 100.0][k / 5 % 8];
                for a in axes {
                    let v = a.rounded(base + 2.0 * pick(&mut stream, &[-1.3, -0.4, 0.2, 0.9, 2.1]));
                    if a.allows(v) {
                        env.insert(a.key, v);
                    }
                }
            }
            // two nearly equal, or nearly opposite
            2 | 3 => {
                let (a, b) = (&axes[stream.index(axes.len())], &axes[stream.index(axes.len())]);
                let base = pick(&mut stream, if k % 10 < 5 { &a.moderate } else { &a.values });
                let away = 1.0 + 2f64.powi(CLOSE[stream.index(CLOSE.len())]) * (0.5 - stream.unit());
                let other = base * away * if k % 3 == 0 { -1.0 } else { 1.0 };
                if b.allows(b.rounded(other)) && a.key != b.key {
                    env.insert(a.key, base);
                    env.insert(b.key, b.rounded(other));
                }
            }
            // one large, another as small as that
            4 if k % 10 == 4 => {
                let (a, b) = (&axes[stream.index(axes.len())], &axes[stream.index(axes.len())]);
                let size = pick(&mut stream, HUGE) * (0.5 + stream.unit());
                let (large, small) = (a.rounded(size), (0.2 + 2.0 * stream.unit()) / size);
                if a.key != b.key && a.allows(large) && b.allows(small) {
                    env.insert(a.key, large);
                    env.insert(b.key, small);
                }
            }
            // everything anywhere
            4 => {
                for a in axes {
                    env.insert(a.key, pick(&mut stream, &a.values));
                }
            }
            _ => {}
        }
        out.push(env);
    }
    for a in axes {
        // odd, since the signs take turns
        let step = (a.values.len() * axes.len()).div_ceil(SWEPT) | 1;
        for v in a.values.iter().step_by(step) {
            let mut env: HashMap<Symbol, f64> = axes.iter().map(|a| (a.key, pick(&mut stream, &a.moderate))).collect();
            env.insert(a.key, *v);
            out.push(env);
        }
    }
    out
}

/// An entry of a list; 1 of an empty one.
fn pick(stream: &mut Stream, list: &[f64]) -> f64 {
    list.get(stream.index(list.len())).copied().unwrap_or(1.0)
}
