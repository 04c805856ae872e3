//! The rows of a log in order: restarts, repeated steps, missing values and the end at a loss that is no number.

use super::fit::Points;

/// A row of a log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its step; NaN where it is missing.
    pub step: f64,
    /// Its loss; NaN where it is missing, infinite where it was written and is no finite number.
    pub loss: f64,
    /// Its loss on other data, in the same way.
    pub other: f64,
}

/// The rows of a log in the order of their steps.
#[derive(Clone, Debug, Default)]
pub struct Ordered {
    /// The losses by step; of a step that comes several times the mean.
    pub losses: Points,
    /// The losses on other data by step.
    pub others: Points,
    /// How many rows have no step or no loss.
    pub missing: usize,
    /// The steps to which the log goes back: the run was taken up again there.
    pub restarts: Vec<f64>,
    /// Whether rows are counted because the steps begin anew again and again.
    pub counts_rows: bool,
    /// The step of the first loss that is no finite number, where the losses end or nearly so.
    pub broken: Option<f64>,
    /// How many rows share their step with another.
    pub repeated: usize,
}

/// A log goes back so often at most because it was taken up again.
const RESTARTS: usize = 3;

/// Puts the rows of a log in order.
#[must_use]
pub fn order(rows: &[Row]) -> Ordered {
    let mut out = Ordered::default();
    let mut kept: Vec<Row> = rows.iter().filter(|row| row.step.is_finite()).copied().collect();
    out.missing = rows.len() - kept.len() + kept.iter().filter(|row| row.loss.is_nan()).count();
    let falls: Vec<usize> = (1..kept.len()).filter(|k| kept[*k].step < kept[*k - 1].step).collect();
    let first = kept.iter().map(|row| row.step).fold(f64::INFINITY, f64::min);
    if falls.len() > 1 && falls.iter().all(|k| kept[*k].step == first) {
        out.counts_rows = true;
        kept.iter_mut().zip(1..).for_each(|(row, number)| row.step = f64::from(number));
    } else if falls.len() <= RESTARTS {
        out.restarts = falls.iter().map(|k| kept[*k].step).collect();
        let mut run: Vec<Row> = Vec::with_capacity(kept.len());
        for row in kept {
            if run.last().is_some_and(|last| row.step < last.step) {
                // what came before is replaced from there on
                run.truncate(run.partition_point(|earlier| earlier.step < row.step));
            }
            run.push(row);
        }
        kept = run;
    }
    kept.sort_by(|a, b| a.step.total_cmp(&b.step));
    if let Some(at) = kept.iter().position(|row| row.loss.is_infinite()) {
        out.broken = Some(kept[at].step);
        kept.truncate(at);
    }
    out.losses = by_step(&kept, |row| row.loss);
    out.others = by_step(&kept, |row| row.other);
    out.repeated = out.losses.count.iter().filter(|count| **count > 1.0).map(|count| *count as usize).sum();
    out
}

/// The finite values by step, with the mean of those of the same step.
fn by_step(rows: &[Row], value: impl Fn(&Row) -> f64) -> Points {
    let mut out = Points::default();
    for row in rows.iter().filter(|row| value(row).is_finite()) {
        match (out.step.last(), out.loss.last_mut(), out.count.last_mut()) {
            (Some(step), Some(loss), Some(count)) if *step == row.step => {
                *count += 1.0;
                *loss += (value(row) - *loss) / *count;
            }
            _ => out.push(row.step, value(row), 1.0),
        }
    }
    out
}

/// From so many points on, neighbours are put together.
const SINGLE: f64 = 1_000.0;

/// Fewer points with the same course: neighbours far from the beginning become one, so that a group is short against its step.
#[must_use]
pub fn gathered(points: &Points) -> Points {
    let mut out = Points::default();
    let mut from = 0;
    while from < points.len() {
        let size = ((from as f64 / SINGLE) as usize).max(1);
        let to = (from + size).min(points.len());
        let count: f64 = points.count[from..to].iter().sum();
        let mean = |of: &[f64]| of[from..to].iter().zip(&points.count[from..to]).map(|(v, n)| v * n).sum::<f64>() / count;
        out.push(mean(&points.step), mean(&points.loss), count);
        from = to;
    }
    out
}
