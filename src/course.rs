//! What the numbers of a descent say: whether it converges and how fast, whether its steps are too long, where it hangs. Each finding
//! carries the numbers that it rests on. Steps are not taken here, and words are not chosen here.

use crate::curve::law::Law;
use crate::curve::rows::Row;
use crate::curve::study;
use crate::tape::descent::{Curvature, Method, Stride};
use crate::tape::symmetric::Symmetric;

/// A point of a descent.
#[derive(Clone, Debug)]
pub struct Waypoint {
    /// After how many steps.
    pub step: u64,
    /// The loss over all rows.
    pub loss: f64,
    /// The values of the parameters.
    pub at: Vec<f64>,
    /// The gradient over all rows.
    pub slope: Vec<f64>,
    /// How the loss bends, where that was measured.
    pub curvature: Option<Curvature>,
}

impl Waypoint {
    /// The length of the gradient.
    #[must_use]
    pub fn norm(&self) -> f64 {
        length(&self.slope)
    }

    /// The largest rate at which steps near this point do not climb on a loss that bends so everywhere, with this momentum: 2/λ,
    /// with momentum β 2(1 + β)/λ (Polyak 1964). None where the steepest bend is downwards, or for other methods.
    #[must_use]
    pub fn largest_rate(&self, stride: &Stride) -> Option<f64> {
        let curvature = self.curvature.as_ref()?;
        let most = match &curvature.whole {
            Some((values, _)) => *values.last()?,
            None => curvature.sharpness,
        };
        (stride.method == Method::Gradient && most > 0.0).then(|| 2.0 * (1.0 + stride.momentum) / most)
    }
}

/// A stage whose slope is small where the descent stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Flat {
    /// The stage's name, where it has one.
    pub stage: Option<String>,
    /// The function.
    pub function: String,
    /// Its argument there.
    pub at: f64,
    /// Its slope there.
    pub slope: f64,
    /// Its largest slope anywhere.
    pub largest: f64,
}

/// A unit over the rows of a data set whose slope is small in many of them.
#[derive(Clone, Debug, PartialEq)]
pub struct FlatInRows {
    /// The unit, as it is printed.
    pub unit: String,
    /// In which share of the rows its slope is small.
    pub share: f64,
    /// What counts as small: this share of the largest slope.
    pub limit: f64,
    /// The largest slope of its function anywhere.
    pub largest: f64,
    /// The parameters that act through it, by their positions.
    pub by: Vec<usize>,
}

/// What was seen of a descent.
#[derive(Clone, Debug)]
pub struct Track {
    /// How the steps were made.
    pub stride: Stride,
    /// How many were asked for.
    pub asked: u64,
    /// How many were taken.
    pub taken: u64,
    /// Whether the descent had to stop before.
    pub stopped: bool,
    /// The told points, the first and the last among them.
    pub points: Vec<Waypoint>,
    /// The losses after the same number of steps each, from the beginning on.
    pub losses: Vec<(u64, f64)>,
    /// Where the parameters were after each of the first steps, and after each of the last.
    pub ends: [Vec<Vec<f64>>; 2],
}

impl Track {
    /// The last noted step at which the loss has a value and the first one after it at which it has none, where there is one.
    #[must_use]
    pub fn lost_between(&self) -> Option<(u64, u64)> {
        let noted = || self.losses.iter().copied().chain(self.points.iter().map(|point| (point.step, point.loss)));
        let lost = noted().filter(|(_, loss)| !loss.is_finite()).map(|(step, _)| step).min()?;
        noted().filter(|(step, _)| *step < lost).map(|(step, _)| (step, lost)).max()
    }

    /// Ends the way at a point, and forgets what came after it.
    pub fn end_at(&mut self, last: Waypoint) {
        self.points.retain(|point| point.step < last.step);
        self.losses.retain(|(step, _)| *step < last.step);
        let [begin, end] = &mut self.ends;
        begin.truncate(last.step as usize);
        end.clear();
        (self.taken, self.stopped) = (last.step, true);
        self.points.push(last);
    }
}

/// Something that a descent shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// The loss grows, because the rate is above the largest stable one.
    Diverges {
        /// Where the largest curvature was measured.
        step: u64,
        /// The largest curvature.
        sharpness: f64,
        /// The largest stable rate.
        bound: f64,
        /// A rate that fits.
        write: f64,
    },
    /// The loss grows or has left the numbers, and the curvature does not tell why.
    Grows,
    /// The rate is above the largest stable one, and the loss does not fall below this any more.
    Bounces {
        /// The largest curvature at the end.
        sharpness: f64,
        /// The largest stable rate there.
        bound: f64,
        /// A rate that fits.
        write: f64,
    },
    /// Steps along the steepest direction turn round each time.
    Oscillates {
        /// How many steps turned round.
        turns: usize,
        /// Of how many.
        of: usize,
        /// The largest curvature.
        sharpness: f64,
        /// A rate that goes straight.
        write: f64,
    },
    /// The steps go to and fro over a kink.
    Jumps {
        /// How many steps turned round.
        turns: usize,
        /// The length of a step.
        length: f64,
    },
    /// The last point is a kink of the loss, in these words.
    AtKink(String),
    /// The gradient by these parameters, named by their positions, is exactly 0 from the beginning to the end.
    Still(Vec<usize>),
    /// A stage lets little through.
    Saturated(Flat),
    /// A unit lets little through in at least half of the rows.
    SaturatedInRows(FlatInRows),
    /// The gradient has vanished beside what it was, and the loss bends upwards.
    Converged {
        /// The gradient at its largest.
        from: f64,
        /// At the end.
        to: f64,
        /// The least eigenvalue, where all are known.
        least: Option<f64>,
    },
    /// The gradient has vanished where the loss bends downwards in some direction.
    Saddle {
        /// The least eigenvalue.
        least: f64,
    },
    /// The distance to the floor is halved in equal times.
    Exponential {
        /// The steps of a half.
        half: f64,
        /// The floor.
        floor: f64,
        /// How far the loss still is above it.
        above: f64,
        /// How many more steps until a thousandth of that is left; 0 after the arrival.
        more: u64,
    },
    /// The loss rises and falls on the way, and on the whole the distance to its floor is halved in equal times.
    About {
        /// The steps of a half: the best value, the least and the largest that the losses allow.
        half: [f64; 3],
    },
    /// The loss falls, and not by equal halves.
    Falls {
        /// By how much in the first half of the steps.
        first: f64,
        /// By how much in the second half.
        second: f64,
    },
    /// The rate is much smaller than it may be.
    Timid {
        /// The largest stable rate.
        bound: f64,
        /// A rate that goes straight.
        write: f64,
    },
    /// The loss bends much more by one parameter than by another.
    Scale {
        /// The largest eigenvalue over the least.
        ratio: f64,
        /// The parameter, by its position, by which the loss bends most.
        steep: usize,
        /// The one by which it bends least.
        flat: usize,
        /// What the input of the steep one is to be divided by.
        factor: f64,
        /// The ratio that is left then for all parameters at equal bend.
        left: f64,
    },
    /// The loss bends unevenly, and no scale of one input is the reason.
    Uneven {
        /// The largest eigenvalue over the least.
        ratio: f64,
    },
    /// The loss rises and falls: because of batches, or because steps with a memory swing past the bottom.
    Swings {
        /// How many of the told pairs of losses rise.
        rises: usize,
        /// Of how many.
        of: usize,
    },
}

/// A gradient under this share of its largest has vanished.
const VANISHED: f64 = 1e-6;

/// Under this share the end may be a saddle, if the loss bends downwards there.
const NEARLY_VANISHED: f64 = 1e-3;

/// A curvature under this share of its largest is that of a plateau.
const PLATEAU: f64 = 1e-3;

/// A rate under this share of the largest stable one is timid.
const TIMID: f64 = 0.02;

/// A ratio of eigenvalues above this makes a descent slow.
const UNEVEN: f64 = 100.0;

/// Under this share of the way the floor is reached.
const ARRIVED: f64 = 1e-9;

/// Two measures of a half-life must agree to this share.
const AGREE: f64 = 0.05;

/// A fall of this share of the loss is lost in rounding.
const ROUNDING: f64 = 1e-11;

/// So many steps in a row must turn round.
const TURNS: usize = 4;

/// What the numbers say, the most important first.
#[must_use]
pub fn findings(track: &Track) -> Vec<Finding> {
    let (Some(first), Some(last)) = (track.points.first(), track.points.last()) else { return Vec::new() };
    let mut found = Vec::new();
    let climbed = !last.loss.is_finite() || last.loss > first.loss || (track.stopped && grew(first, last));
    if climbed {
        found.push(above_bound(track, track.points.iter()).map_or(Finding::Grows, |(at, sharpness, bound)| Finding::Diverges {
            step: at,
            sharpness,
            bound,
            write: rounded_down(bound / 2.0),
        }));
        found.extend(scale(first));
        return found;
    }
    let still: Vec<usize> = (0..last.slope.len())
        .filter(|k| track.points.iter().all(|point| point.slope[*k] == 0.0) && bend(last, *k).is_none_or(|bend| bend == 0.0))
        .collect();
    if !still.is_empty() {
        found.push(Finding::Still(still));
    }
    let end = vanished(track);
    found.extend(end.clone());
    let halving = halving(&track.losses);
    if end.is_none() {
        if let Some((_, sharpness, bound)) = above_bound(track, std::iter::once(last)) {
            found.push(Finding::Bounces { sharpness, bound, write: rounded_down(bound / 2.0) });
        } else if let Some(jumps) = jumps(track) {
            found.push(jumps);
            return found;
        }
    }
    let nothing_moves = matches!(found.first(), Some(Finding::Still(still)) if still.len() == last.slope.len());
    match halving {
        Some(_) if matches!(end, Some(Finding::Saddle { .. })) => {}
        Some((half, floor)) if track.stride.batch.is_none() => {
            let floor = if floor.abs() <= 1e-12 * first.loss.abs() { 0.0 } else { floor };
            let above = (last.loss - floor).max(0.0);
            let has_arrived = end.is_some() || above <= ARRIVED * (first.loss - floor).abs();
            let more = if has_arrived { 0 } else { (half * 1000f64.log2()).ceil().min(1e15) as u64 };
            found.push(Finding::Exponential { half, floor, above, more });
        }
        _ if end.is_none() && !nothing_moves => found.extend(about_halving(track).or_else(|| falls(track))),
        _ => {}
    }
    found.extend(oscillates(track));
    found.extend(swings(track));
    let lowest = track.points.iter().filter_map(|point| point.largest_rate(&track.stride)).fold(f64::INFINITY, f64::min);
    if let Some(bound) = Some(lowest).filter(|bound| bound.is_finite())
        && end.is_none()
        && track.stride.rate < TIMID * bound
        && last.curvature.as_ref().is_some_and(|c| c.sharpness.abs() > PLATEAU * sharpest(track))
        && last.norm() > 0.0
    {
        found.push(Finding::Timid { bound, write: rounded_down(bound / 2.0) });
    }
    if !matches!(end, Some(Finding::Saddle { .. })) {
        found.extend(scale(last));
    }
    found
}

fn grew(first: &Waypoint, last: &Waypoint) -> bool {
    length(&last.at) > 1e6 * (1.0 + length(&first.at)) && last.loss.abs() > first.loss.abs()
}

/// The length of a vector.
fn length(vector: &[f64]) -> f64 {
    let most = vector.iter().fold(0.0f64, |most, v| most.max(v.abs()));
    if most == 0.0 || !most.is_finite() {
        return most;
    }
    most * vector.iter().map(|v| (v / most).powi(2)).sum::<f64>().sqrt()
}

/// How the loss bends along one parameter alone.
fn bend(point: &Waypoint, k: usize) -> Option<f64> {
    let (_, hessian) = point.curvature.as_ref()?.whole.as_ref()?;
    Some(hessian.entry(k, k))
}

fn sharpest(track: &Track) -> f64 {
    let all = track.points.iter().filter_map(|point| point.curvature.as_ref());
    all.fold(0.0, |most, curvature| most.max(curvature.sharpness.abs()))
}

/// The first of these points at which the rate is above the largest stable one, with the curvature and that rate.
fn above_bound<'p>(track: &Track, points: impl Iterator<Item = &'p Waypoint>) -> Option<(u64, f64, f64)> {
    let mut points = points.filter_map(|point| Some((point.step, point.largest_rate(&track.stride)?)));
    let (step, bound) = points.find(|(_, bound)| track.stride.rate > *bound)?;
    Some((step, 2.0 * (1.0 + track.stride.momentum) / bound, bound))
}

/// To one digit, not above.
fn rounded_down(value: f64) -> f64 {
    let unit = 10f64.powf(value.log10().floor());
    let digits = (value / unit + 1e-9).floor();
    format!("{}e{}", digits, unit.log10().round()).parse().unwrap_or(value)
}

/// Whether the gradient has vanished, and on what ground.
fn vanished(track: &Track) -> Option<Finding> {
    let last = track.points.last()?;
    let from = track.points.iter().map(Waypoint::norm).fold(0.0, f64::max);
    let to = last.norm();
    let curvature = last.curvature.as_ref()?;
    let least = curvature.whole.as_ref().and_then(|(values, _)| values.first().copied());
    let bends_down = least.unwrap_or(curvature.sharpness) < -0.01 * curvature.sharpness.abs();
    if bends_down && to <= NEARLY_VANISHED * from && curvature.sharpness.abs() > PLATEAU * sharpest(track) {
        return Some(Finding::Saddle { least: least.unwrap_or(curvature.sharpness) });
    }
    let is_flat = curvature.sharpness.abs() <= PLATEAU * sharpest(track) || curvature.sharpness == 0.0;
    if to > VANISHED * from || is_flat {
        return None;
    }
    Some(Finding::Converged { from, to, least })
}

/// The half-life of the distance to the floor, in steps, with the floor: from three losses at equal distances (A. C. Aitken 1926),
/// where the same follows from three that are half as far apart.
fn halving(losses: &[(u64, f64)]) -> Option<(f64, f64)> {
    let mut end = losses.len().checked_sub(1)?;
    while end >= 4 {
        let quarter = end / 4;
        let fall = losses[end - quarter].1 - losses[end].1;
        if fall.abs() > ROUNDING * losses[end].1.abs().max(losses[end - quarter].1.abs()) && fall.abs() > 1e-290 {
            break;
        }
        end = end * 3 / 4;
    }
    let far = (end / 4) & !1;
    if far < 2 {
        return None;
    }
    let measured = |apart: usize| {
        let [a, b, c] = [2, 1, 0].map(|k| losses[end - k * apart].1);
        let share = (b - c) / (a - b);
        let steps = (losses[end].0 - losses[end - apart].0) as f64;
        (a > b && share > 0.0 && share < 0.97)
            .then(|| (steps * std::f64::consts::LN_2 / -share.ln(), c - (b - c) * share / (1.0 - share)))
    };
    let (half, floor) = measured(far)?;
    let (other, _) = measured(far / 2)?;
    ((half - other).abs() <= AGREE * half).then_some((half, floor))
}

/// The half-life of a loss that rises and falls on the way, as the study of loss curves finds it, where it finds one.
fn about_halving(track: &Track) -> Option<Finding> {
    let row = |(step, loss): &(u64, f64)| Row { step: *step as f64, loss: *loss, other: f64::NAN };
    let rows: Vec<Row> = track.losses.iter().map(row).collect();
    rises(track).filter(|(rises, _)| *rises > 0)?;
    let found = study(&rows, None).ok().filter(|found| found.fit().law == Law::Exponential)?;
    let half = found.halving()?;
    (half.low > 0.0 && half.high < 1.5 * half.low).then_some(Finding::About { half: [half.best, half.low, half.high] })
}

/// How often the loss rises between two noted steps, and of how many.
fn rises(track: &Track) -> Option<(usize, usize)> {
    let rises = track.losses.windows(2).filter(|pair| pair[1].1 > pair[0].1).count();
    Some((rises, track.losses.len().checked_sub(1)?))
}

fn swings(track: &Track) -> Option<Finding> {
    let (rises, of) = rises(track)?;
    let has_memory = track.stride.momentum != 0.0 && rises * 10 > of;
    (of > 3 && (track.stride.batch.is_some() || has_memory)).then_some(Finding::Swings { rises, of })
}

/// How the loss falls where it does so in no simple way.
fn falls(track: &Track) -> Option<Finding> {
    let losses = &track.losses;
    let (first, last) = (losses.first()?.1, losses.last()?.1);
    let middle = losses.get(losses.len() / 2)?.1;
    (losses.len() > 3).then_some(Finding::Falls { first: first - middle, second: middle - last })
}

/// How many changes of direction there are along a vector, and of how many steps; none where nothing moves.
fn turns(places: &[Vec<f64>], along: &[f64]) -> Option<(usize, usize)> {
    let moves: Vec<f64> = places
        .windows(2)
        .map(|pair| along.iter().zip(pair[1].iter().zip(&pair[0])).map(|(u, (b, a))| u * (b - a)).sum())
        .collect();
    let size = places.last().map_or(0.0, |at| length(at));
    if moves.iter().any(|m: &f64| !m.is_finite() || m.abs() <= 1e-12 * size || *m == 0.0) {
        return None;
    }
    Some((moves.windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count(), moves.len().saturating_sub(1)))
}

fn oscillates(track: &Track) -> Option<Finding> {
    let Stride { batch, method, momentum, .. } = track.stride;
    if batch.is_some() || method != Method::Gradient || momentum != 0.0 {
        return None;
    }
    let [first, last] = [track.points.first()?, track.points.last()?];
    let seen = [(last, &track.ends[1]), (first, &track.ends[0])].into_iter().find_map(|(point, places)| {
        let curvature = point.curvature.as_ref()?;
        let (turns, of) = turns(places, &curvature.direction)?;
        let bound = point.largest_rate(&track.stride)?;
        let inside = track.stride.rate < bound && track.stride.rate > bound / 2.0;
        (of >= TURNS && turns == of && inside && curvature.sharpness > 0.0).then_some((turns, of, curvature.sharpness, bound))
    });
    let (turns, of, sharpness, bound) = seen?;
    Some(Finding::Oscillates { turns, of, sharpness, write: rounded_down(bound / 2.0) })
}

/// Steps of the same length to and fro, where the curvature asks for none.
fn jumps(track: &Track) -> Option<Finding> {
    let places = &track.ends[1];
    let [.., a, b] = &places[..] else { return None };
    if track.stride.method != Method::Gradient || track.stride.momentum != 0.0 || track.stride.batch.is_some() {
        return None;
    }
    let apart = |a: &[f64], b: &[f64]| length(&a.iter().zip(b).map(|(a, b)| b - a).collect::<Vec<_>>());
    let along: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let (turns, of) = turns(places, &along)?;
    let (first, last) = (apart(&places[0], &places[1]), apart(a, b));
    let even = (last - first).abs() < 0.1 * first;
    (of >= TURNS && turns == of && even).then_some(Finding::Jumps { turns, length: last })
}

/// Whether the loss bends unevenly, and whether the scale of an input is the reason.
fn scale(point: &Waypoint) -> Option<Finding> {
    let (values, hessian) = point.curvature.as_ref()?.whole.as_ref()?;
    let count = values.len();
    let (least, most) = (*values.first()?, *values.last()?);
    if count < 2 || least <= 0.0 || most / least < UNEVEN {
        return None;
    }
    let ratio = most / least;
    let order = |a: &usize, b: &usize| hessian.entry(*a, *a).total_cmp(&hessian.entry(*b, *b));
    let (steep, flat) = ((0..count).max_by(order)?, (0..count).min_by(order)?);
    let factor = (hessian.entry(steep, steep) / hessian.entry(flat, flat)).sqrt();
    let mut even = Symmetric::new(count);
    for r in 0..count {
        for c in r..count {
            even.set(r, c, hessian.entry(r, c) / (hessian.entry(r, r) * hessian.entry(c, c)).sqrt());
        }
    }
    let left = even.turn().then(|| even.values()).map_or(f64::INFINITY, |values| values[count - 1] / values[0]);
    let helps = left > 0.0 && left < ratio / 10.0 && factor > 3.0;
    Some(if helps { Finding::Scale { ratio, steep, flat, factor, left } } else { Finding::Uneven { ratio } })
}
