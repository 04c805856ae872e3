//! Which of the laws a curve follows: by the Bayesian information criterion, over as many rows as count as independent.

use super::fit::{Fit, Noise, Points};
use super::law::Law;

/// What the data say about a law.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The law with its constants.
    pub fit: Fit,
    /// The Bayesian information criterion; smaller is better.
    pub criterion: f64,
    /// The share of the belief that the criterion gives it among the laws, from 0 to 1.
    pub weight: f64,
}

/// The laws as the data judge them.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Each law once, the best first.
    pub ranked: Vec<Judged>,
    /// Whether the second is too close to the first for a choice.
    pub is_open: bool,
    /// How the noise goes with the loss.
    pub noise: Noise,
    /// How much of what is left at one row is found again at the next, where that is more than chance.
    pub memory: f64,
    /// The power law without a floor, where the data do not ask for one.
    pub floorless: Option<Fit>,
}

/// Two laws are told apart from a difference of the criterion of this size on: odds of about 3 to 1.
pub const APART: f64 = 2.0;

/// What an exponential is charged that halves within one row: who watches a decay writes down more of it than that, while a power law
/// begins so steeply. Rows without much noise outweigh it many times.
const AT_ONCE: f64 = 4.0;

/// The relative noise has to be better by so much in twice the logarithm of the likelihood.
const RELATIVE: f64 = 4.0;

/// Judges all laws by some points. `shift` is what is added to a step before its logarithm is taken; without it no logarithm is.
#[must_use]
pub fn choose(points: &Points, shift: Option<f64>) -> Choice {
    let absolute = fits(points, Noise::Absolute, shift);
    let relative = fits(points, Noise::Relative, shift);
    let top = |fits: &[Fit]| fits.iter().map(|fit| fit.likelihood).fold(f64::NEG_INFINITY, f64::max);
    let is_relative = 2.0 * (top(&relative) - top(&absolute)) > RELATIVE;
    let (fits, noise) = if is_relative { (relative, Noise::Relative) } else { (absolute, Noise::Absolute) };
    let n = points.len() as f64;
    let plain = |fit: &Fit| criterion(fit, 1.0, n);
    let first = fits.iter().min_by(|a, b| plain(a).total_cmp(&plain(b)));
    let memory = first.filter(|fit| !fit.is_exact()).map_or(0.0, |fit| memory(&fit.residuals(points)));
    let inflation = ((1.0 + memory) / (1.0 - memory)).min((n / 8.0).max(1.0));
    let mut ranked: Vec<Judged> = Vec::new();
    let mut floorless = None;
    for mut fit in fits {
        fit.allow(points, inflation);
        let criterion = criterion(&fit, inflation, n);
        match ranked.iter().find(|other| other.fit.law == fit.law) {
            // without a floor it is the same law with one constant fixed, and no law of its own
            Some(with_floor) => floorless = Some(fit).filter(|_| criterion < with_floor.criterion),
            None => ranked.push(Judged { fit, criterion, weight: 0.0 }),
        }
    }
    let is_open = rank(&mut ranked);
    Choice { ranked, is_open, noise, memory, floorless }
}

/// Puts the law to choose first and the others in the order of their criterion; whether another is too close to it. A law that is the
/// limit of a better one, with fewer constants, stands until the other is better by enough.
fn rank(ranked: &mut Vec<Judged>) -> bool {
    ranked.sort_by(|a, b| a.criterion.total_cmp(&b.criterion));
    let Some(best) = ranked.first() else { return false };
    let (least, law) = (best.criterion, best.fit.law);
    let total: f64 = ranked.iter().map(|judged| (-0.5 * (judged.criterion - least)).exp()).sum();
    ranked.iter_mut().for_each(|judged| judged.weight = (-0.5 * (judged.criterion - least)).exp() / total);
    let simpler = |judged: &Judged| judged.fit.law.is_limit_of(law) && judged.criterion - least < APART;
    let chosen = (0..ranked.len()).filter(|k| simpler(&ranked[*k])).min_by_key(|k| ranked[*k].fit.constants).unwrap_or(0);
    let first = ranked.remove(chosen);
    ranked.insert(0, first);
    let first = &ranked[0];
    let rivals = |other: &&Judged| !first.fit.law.is_limit_of(other.fit.law) && !other.fit.law.is_limit_of(first.fit.law);
    ranked[1..].iter().filter(rivals).any(|other| other.criterion - first.criterion < APART)
}

/// Every law with floor, and the power law also without.
fn fits(points: &Points, noise: Noise, shift: Option<f64>) -> Vec<Fit> {
    let candidates = Law::ALL.into_iter().map(|law| (law, true)).chain([(Law::Power, false)]);
    candidates.filter_map(|(law, has_floor)| Fit::new(points, law, has_floor, noise, shift)).collect()
}

fn criterion(fit: &Fit, inflation: f64, n: f64) -> f64 {
    let independent = n / inflation;
    let unseen = if fit.is_over_at_once() { AT_ONCE } else { 0.0 };
    -2.0 * fit.likelihood / inflation + fit.constants as f64 * independent.ln() + unseen
}

/// The correlation of what is left at rows that are so far apart.
pub(super) fn correlation(residuals: &[f64], lag: usize) -> f64 {
    let total: f64 = residuals.iter().map(|r| r * r).sum();
    let shared: f64 = residuals.iter().zip(residuals.iter().skip(lag)).map(|(a, b)| a * b).sum();
    if total > 0.0 { shared / total } else { 0.0 }
}

/// The correlation of what is left at neighbouring rows, where it is more than chance (twice its standard error); else 0.
fn memory(residuals: &[f64]) -> f64 {
    let found = correlation(residuals, 1);
    if found > 2.0 / (residuals.len() as f64).sqrt() { found.min(0.99) } else { 0.0 }
}
