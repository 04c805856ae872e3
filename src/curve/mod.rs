//! Loss curves: which law a curve follows, with its constants and how sure they are, where it is going, and what happens on the way.
//! Knows numbers only, neither files nor expressions.

pub mod choose;
pub mod columns;
pub mod fit;
pub mod law;
pub mod rows;
pub mod shape;
#[cfg(test)]
mod tests;

use choose::{Choice, choose};
use fit::{Fit, Interval, Noise, Points};
use law::Law;
use rows::{Ordered, Row, gathered, order};
use shape::{Bounce, Other, Plateau, Spike};

/// Fewer losses say nothing about a law with three constants.
pub const FEWEST: usize = 8;

/// Why nothing can be said of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// It has so many finite losses, at different steps.
    TooFew(usize),
    /// The loss is no finite number after so few rows, at this step.
    Broken(usize, f64),
    /// The numbers are too large or too small to calculate with.
    OutOfRange,
}

/// What is known of a curve.
#[derive(Clone, Debug)]
pub struct Study {
    /// The rows in order.
    pub log: Ordered,
    /// The laws as the data judge them.
    pub choice: Choice,
    /// Whether the row at step 0 was left out, because its logarithm is wanted and steps do not count up by one.
    pub without_zero: bool,
    /// The step that is asked about, with the loss there by the law, and of a single row there.
    pub ahead: (f64, Interval, Interval),
    /// Rows far from their neighbours; the law is fitted without them.
    pub spikes: Vec<Spike>,
    /// The noise of a row as its neighbours tell it, where what the law leaves is much more and no noise.
    pub misfit: Option<f64>,
    /// Rises larger than noise; the law is fitted without those that come back.
    pub bounces: Vec<Bounce>,
    /// The longest stretch without a fall.
    pub plateau: Option<Plateau>,
    /// The loss on other data.
    pub other: Option<Other>,
}

impl Study {
    /// The law that is chosen, with its constants.
    #[must_use]
    pub fn fit(&self) -> &Fit {
        &self.choice.ranked[0].fit
    }

    /// The first and the last step.
    #[must_use]
    pub fn span(&self) -> (f64, f64) {
        let step = &self.log.losses.step;
        (step.first().copied().unwrap_or(0.0), step.last().copied().unwrap_or(0.0))
    }

    /// The first step at which the two best laws are further apart than the noise of a row; nothing where they stay close as far as
    /// a thousand times the steps.
    #[must_use]
    pub fn parting(&self) -> Option<f64> {
        let [first, second, ..] = &self.choice.ranked[..] else { return None };
        let (from, last) = self.span();
        let scale = if self.choice.noise == Noise::Relative { first.fit.at(last).abs() } else { 1.0 };
        let steps = (0..40).map(|k| last + (last - from) * 2f64.powf(f64::from(k) / 4.0));
        steps.into_iter().find(|step| (first.fit.at(*step) - second.fit.at(*step)).abs() > first.fit.sigma * scale)
    }

    /// How many more steps it takes to halve the distance to the floor, where there is a floor.
    #[must_use]
    pub fn halving(&self) -> Option<Interval> {
        let (fit, last) = (self.fit(), self.span().1);
        let bend = fit.bend_interval();
        match fit.law {
            Law::Exponential if fit.bend > 0.0 => Some(bend.map(|rate| std::f64::consts::LN_2 / rate)),
            Law::Power => Some(bend.map(|exponent| (last + fit.frame().shift) * (2f64.powf(1.0 / exponent) - 1.0))),
            _ => None,
        }
    }
}

/// Studies the rows of a log; `ahead` is for how many more steps the loss is asked, without it for as many as there are.
///
/// # Errors
/// When there are too few losses.
pub fn study(rows: &[Row], ahead: Option<f64>) -> Result<Study, Refusal> {
    let log = order(rows);
    let losses = &log.losses;
    let refused = |count| match log.broken {
        Some(step) => Refusal::Broken(count, step),
        None => Refusal::TooFew(count),
    };
    if losses.len() < FEWEST {
        return Err(refused(losses.len()));
    }
    let far = shape::spikes(losses);
    let spikes = far.iter().map(|at| Spike { step: losses.step[*at], loss: losses.loss[*at] }).collect();
    let (shift, without_zero) = shift(losses);
    let mut fitted = Points::default();
    for k in (0..losses.len()).filter(|k| far.binary_search(k).is_err() && !(without_zero && losses.step[*k] == 0.0)) {
        fitted.push(losses.step[k], losses.loss[k], losses.count[k]);
    }
    if fitted.len() < FEWEST {
        return Err(refused(fitted.len()));
    }
    let mut choice = choose(&gathered(&fitted), shift);
    let mut misfit = misfit(&fitted, &choice);
    let memory = |choice: &Choice, misfit: Option<f64>| if misfit.is_some() { 0.0 } else { choice.memory };
    let bounces = shape::bounces(&fitted, choice.noise, memory(&choice, misfit));
    let without = without(&fitted, &bounces);
    let leaves_some_out = without.len() < fitted.len() && without.len() as f64 >= KEPT * fitted.len() as f64;
    let straight = if leaves_some_out { &without } else { &fitted };
    if leaves_some_out {
        choice = choose(&gathered(straight), shift);
        misfit = self::misfit(straight, &choice);
    }
    let Some(fit) = choice.ranked.first().map(|judged| &judged.fit).filter(|fit| fit.is_sound()) else {
        return Err(Refusal::OutOfRange);
    };
    let (first, last) = (losses.step[0], losses.step[losses.len() - 1]);
    let target = last + ahead.unwrap_or(last - first);
    let (law, row) = fit.ahead(target, choice.noise);
    let plateau = shape::plateau(straight, choice.noise, memory(&choice, misfit)).filter(|plateau| match fit.law {
        _ if misfit.is_some() => true,
        Law::Constant => false,
        Law::Exponential if plateau.is_last => true,
        // elsewhere a slow fall is hidden in the noise for a while under every law
        _ => (fit.at(plateau.from) - fit.at(plateau.to)).abs() > 3.0 * fit.sigma,
    });
    Ok(Study {
        without_zero,
        ahead: (target, law, row),
        spikes,
        misfit,
        bounces,
        plateau,
        other: shape::other(losses, &log.others),
        choice,
        log,
    })
}

/// So much of the rows is kept at least when bounces are left out.
const KEPT: f64 = 0.6;

/// What a law leaves is no noise where it is so many times the noise, and alike over a tenth of the curve by this correlation.
const MISFIT: f64 = 1.5;
const ALIKE: f64 = 0.35;

/// The noise of a row as its neighbours tell it, where the best law leaves more than that, and not at random.
fn misfit(points: &Points, choice: &Choice) -> Option<f64> {
    let fit = &choice.ranked.first()?.fit;
    let residuals = fit.residuals(points);
    let n = points.len();
    let alike = choose::correlation(&residuals, (n / 10).max(1));
    let noise = shape::local_noise(points, choice.noise);
    let is_alike = choice.memory > 0.0 && alike > ALIKE.max(2.5 / (n as f64).sqrt());
    (is_alike && fit.sigma > MISFIT * noise && !fit.is_exact()).then_some(noise)
}

/// The points outside of the bounces that come back.
fn without(points: &Points, bounces: &[Bounce]) -> Points {
    let mut out = Points::default();
    for k in 0..points.len() {
        let step = points.step[k];
        if !bounces.iter().any(|bounce| bounce.until.is_some_and(|until| bounce.from < step && step < until)) {
            out.push(step, points.loss[k], points.count[k]);
        }
    }
    out
}

/// What is added to a step before its logarithm is taken: nothing where all are positive, 1 where they count from 0. Where they go on in
/// other strides from 0, the row at 0 is left out. There is none with negative steps.
fn shift(points: &Points) -> (Option<f64>, bool) {
    let first = points.step[0];
    if first > 0.0 {
        return (Some(0.0), false);
    }
    if first < 0.0 {
        return (None, false);
    }
    let mut gaps: Vec<f64> = points.step.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_by(f64::total_cmp);
    if gaps[gaps.len() / 2] == 1.0 { (Some(1.0), false) } else { (Some(0.0), true) }
}
