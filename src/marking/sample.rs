//! Points at which many candidates are compared with a line at once, in f64: fast, and only to choose what is then verified.

use crate::domain::Known;
use crate::eval::evaluate;
use crate::expr::{Graph, Id, Number, Symbol, walk};
use crate::verify::points::{Range, Stream, ranges};
use std::collections::HashMap;

/// At how many points a candidate must agree.
const WANTED: usize = 6;

/// With fewer points nothing is said.
const LEAST: usize = 3;

/// So many points are tried.
const TRIES: usize = 120;

/// The relative difference that rounding may leave.
const CLOSE: f64 = 1e-9;

/// A point.
type Env = HashMap<Symbol, f64>;

/// Points where some expressions have values.
pub(super) struct Points {
    envs: Vec<Env>,
}

impl Points {
    /// Points, none of them special, where all of these have values and what is known holds; none where too few are found.
    pub fn new(g: &Graph, known: &Known, roots: &[Id]) -> Option<Self> {
        let symbols = walk::free_symbols(g, &[roots, &known.conditions].concat());
        let ranges = ranges(g, &known.conditions, |id| g.as_number(id).cloned());
        let mut stream = Stream(0x5EED_0F6A);
        let mut envs = Vec::with_capacity(WANTED);
        for number in 0..TRIES {
            let env: Env = symbols.iter().map(|s| (*s, drawn(ranges.get(s), number, &mut stream))).collect();
            let all = [roots, &known.conditions].concat();
            let found = evaluate(g, &known.definitions, &all, &env);
            let (values, conditions) = found.split_at(roots.len());
            if values.iter().all(|v| v.value.is_finite() && v.value.abs() < 1e12) && conditions.iter().all(|c| c.value == 1.0) {
                envs.push(env);
            }
            if envs.len() == WANTED || (symbols.is_empty() && !envs.is_empty()) {
                break;
            }
        }
        (envs.len() >= LEAST || (symbols.is_empty() && !envs.is_empty())).then_some(Points { envs })
    }

    /// Which of the candidates have the values of this line everywhere here.
    pub fn equal_to(&self, g: &Graph, known: &Known, line: Id, candidates: &[Id]) -> Vec<bool> {
        let mut equal = vec![true; candidates.len()];
        for env in &self.envs {
            let left: Vec<usize> = (0..candidates.len()).filter(|k| equal[*k]).collect();
            let roots: Vec<Id> = left.iter().map(|k| candidates[*k]).chain([line]).collect();
            let values = evaluate(g, &known.definitions, &roots, env);
            let Some((wanted, found)) = values.split_last() else { break };
            for (k, value) in left.into_iter().zip(found) {
                equal[k] = close(value.value, wanted.value);
            }
        }
        equal
    }
}

fn close(a: f64, b: f64) -> bool {
    a.is_finite() && (a - b).abs() <= CLOSE * a.abs().max(b.abs()).max(1e-3)
}

/// A coordinate within a range: around 1 first, then of both signs, small, and larger.
fn drawn(range: Option<&Range>, number: usize, stream: &mut Stream) -> f64 {
    let unit = stream.unit();
    if let Some(range) = range
        && range.is_whole()
    {
        return (1.0 + 5.0 * unit).floor();
    }
    let (low, high) = match number % 4 {
        0 => (0.3, 2.3),
        1 => (-2.7, 2.7),
        2 => (0.05, 0.95),
        _ => (1.5, 6.5),
    };
    let (from, to) = range.map_or((None, None), Range::bounds);
    let (from, to) = match (from.map(Number::to_f64), to.map(Number::to_f64)) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from.max(low), from.max(low) + (high - low)),
        (None, Some(to)) => (to.min(high) - (high - low), to.min(high)),
        (None, None) => (low, high),
    };
    from + (to - from) * (0.02 + 0.96 * unit)
}
