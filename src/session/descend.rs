//! `descend`: steps against the gradient from where the parameters stand, over the rows of a data set where the loss has them.

use super::rows::place_of;
use super::{Point, Session, Work, clauses};
use crate::budget;
use crate::course::{Track, Waypoint};
use crate::data::{Progress, Trouble};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::{Graph, Id, Number, Symbol, View, print, walk};
use crate::outcome::Answer;
use crate::resolve::{Fault, Value};
use crate::source::Span;
use crate::syntax::ast::{Clauses, ExprId};
use crate::tape::descent::{Descent, MOST_EXACT, Method, Objective, Stride};
use crate::tape::{Refusal, prepared};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a descent is to go.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Steps {
    rate: Option<f64>,
    momentum: Option<f64>,
    method: Method,
    batch: Option<usize>,
    seed: u64,
    /// How many steps are taken.
    count: Option<u64>,
    /// Whether the parameters keep the values to which they come.
    keep: bool,
}

impl Steps {
    /// The names of the settings.
    pub const NAMES: &[&str] = &["rate", "steps", "batch", "seed", "momentum", "method", "keep"];

    /// Takes a setting in.
    ///
    /// # Errors
    /// What it can be.
    pub fn set(&mut self, name: &str, word: &str) -> Result<(), String> {
        let whole = |least: u64, most: u64| {
            clauses::whole(word, least, most).ok_or_else(|| format!("the whole numbers from {least} to {most}"))
        };
        let number = |fits: fn(f64) -> bool| word.parse().ok().filter(|n: &f64| n.is_finite() && fits(*n));
        match name {
            "rate" => self.rate = Some(number(|n| n > 0.0).ok_or("the positive numbers, such as 0.1")?),
            "momentum" => {
                let found = number(|n| (0.0..1.0).contains(&n));
                self.momentum = Some(found.ok_or("the numbers from 0 up to 1, without 1 itself, such as 0.9")?);
            }
            "method" => self.method = Method::named(word).ok_or_else(|| Method::WORDS.join(", "))?,
            "keep" => self.keep = word.parse().map_err(|_| "true, false".to_owned())?,
            "steps" => self.count = Some(whole(1, MOST_STEPS)?),
            "batch" => self.batch = Some(whole(1, u64::from(u32::MAX))? as usize),
            _ => self.seed = whole(0, u64::MAX)?,
        }
        Ok(())
    }

    /// Where the statement says nothing, a step is a tenth of the gradient, of Newton's all of it, and Adam's memory is the usual one.
    fn stride(&self) -> Stride {
        let Steps { method, batch, seed, .. } = *self;
        let rate = self.rate.unwrap_or(if method == Method::Newton { 1.0 } else { 0.1 });
        let momentum = self.momentum.unwrap_or(if method == Method::Adam { 0.9 } else { 0.0 });
        Stride { rate, momentum, method, batch, seed }
    }

    fn count(&self) -> u64 {
        self.count.unwrap_or(100)
    }

    /// Refuses what does not go together.
    fn fitting(&self, parameters: usize) -> Result<(), Fault> {
        if self.method != Method::Newton {
            return Ok(());
        }
        let (message, help) = if self.momentum.is_some() {
            ("Newton's method takes no momentum".to_owned(), "leave `momentum` out, or write `method = gradient`")
        } else if self.batch.is_some() {
            ("Newton's method looks at all rows".to_owned(), "leave `batch` out, or write `method = gradient`")
        } else if parameters > MOST_EXACT {
            let message = format!("Newton's method is for up to {MOST_EXACT} parameters, and there are {parameters}");
            (message, "write `method = adam`, or name fewer parameters with `wrt`")
        } else {
            return Ok(());
        };
        Err(Box::new(Diagnostic::new(&code::SETTING, message).help(help)))
    }
}

/// The most steps of one descent.
const MOST_STEPS: u64 = 1_000_000_000;

/// The most bytes of columns that a descent keeps in memory.
const MOST_BYTES: usize = 1 << 30;

/// So many steps are taken between two looks at whether to go on.
const UNWATCHED: u64 = 64;

/// Losses along the way, evenly spaced, at most.
const SAMPLES: u64 = 120;

/// The steps at either end of which every place is noted.
const WATCHED: u64 = 12;

/// Up to so many rows times parameters the curvature is measured at every told point.
const MOST_MEASURED: usize = 200_000;

/// Of a loss of more nodes than this no second derivatives are made.
const LARGEST_BENT: usize = 10_000;

impl Work<'_> {
    pub(super) fn descend(
        &mut self,
        value: &Value,
        id: ExprId,
        clauses: &Clauses,
        steps: Steps,
        span: Span,
    ) -> Result<Answer, Fault> {
        let root = self.scalar(value, id, "a descent goes down one number")?;
        let by = self.gradient_variables(&[root], clauses, span)?;
        let point = self.point(clauses, &[root])?;
        self.descent(root, by, &point, steps, span)
    }

    /// Goes down from a point, and finds out what the way says.
    pub(super) fn descent(
        &mut self,
        root: Id,
        by: Vec<Symbol>,
        point: &Point,
        steps: Steps,
        span: Span,
    ) -> Result<Answer, Fault> {
        steps.fitting(by.len())?;
        if steps.keep {
            self.must_be_parameters(&by)?;
        }
        let start = self.starts(&by, point)?;
        let loss = self.in_parameters(root, &by, point, "wrt")?;
        let (columns, rows) = self.columns_in_memory(loss)?;
        let g = &mut self.session.graph;
        let objective = Objective::new(g, loss, &columns, &by).map_err(|refusal| self.not_computed(&refusal))?;
        let objective = self.bent(objective, loss, &columns, &by, steps)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let begin = || Descent::new(&objective, &start, &rows, steps.stride(), threads);
        let work = rows.first().map_or(1, Vec::len).max(1).saturating_mul(by.len());
        let measures = work <= MOST_MEASURED && by.len() <= MOST_EXACT;
        let (mut track, mut stopped) = self.track(begin(), &by, steps, measures, span)?;
        if let Some((seen, lost)) = track.lost_between() {
            track.end_at(without_value(begin(), seen, lost));
            stopped = Some(self.why_no_value(root, &by, point, &track, steps.keep));
        }
        self.diagnosed(root, by, point, steps.keep, (track, stopped))
    }

    /// The objective with second derivatives; without them where it has none and the steps do without.
    fn bent(&mut self, plain: Objective, loss: Id, columns: &[Symbol], by: &[Symbol], steps: Steps) -> Result<Objective, Fault> {
        if steps.method != Method::Newton && self.size(&[loss]) > LARGEST_BENT {
            return Ok(plain);
        }
        match plain.with_curvature(&mut self.session.graph, loss, columns, by) {
            Ok(bent) => Ok(bent),
            Err(refusal) if steps.method == Method::Newton => Err(self.not_computed(&refusal)),
            Err(_) => {
                let again = Objective::new(&mut self.session.graph, loss, columns, by);
                again.map_err(|refusal| self.not_computed(&refusal))
            }
        }
    }

    /// Only a parameter has a value that can be kept.
    fn must_be_parameters(&self, by: &[Symbol]) -> Result<(), Fault> {
        let params = &self.session.scope.params;
        let Some(other) = by.iter().find(|symbol| !params.iter().any(|(param, _)| param == *symbol)) else { return Ok(()) };
        let name = quote(self.session.graph.name(*other));
        let message = format!("`{name}` is no parameter, so there is no value to keep");
        Err(Box::new(Diagnostic::new(&code::SETTING, message).help(format!("declare it with `param {name} = …`"))))
    }

    /// Said of a part that no tape computes.
    pub(super) fn not_computed(&self, refusal: &Refusal) -> Fault {
        let what = print::glimpse(&self.session.graph, refusal.node, print::Style::Plain, 60);
        let message = format!("`{}` cannot be computed over rows: {}", quote(&what), refusal.reason);
        Box::new(Diagnostic::new(&code::NO_VALUE, message))
    }

    /// Where the parameters stand.
    fn starts(&self, by: &[Symbol], point: &Point) -> Result<Vec<f64>, Fault> {
        let g = &self.session.graph;
        let start = |symbol: &Symbol| {
            point.float.get(symbol).copied().ok_or_else(|| {
                let name = quote(g.name(*symbol));
                let fault = Diagnostic::new(&code::NO_VALUE, format!("`{name}` has no value to begin with"));
                Box::new(fault.help(format!("write `param {name} = 0`, or `at {name} = 0`")))
            })
        };
        by.iter().map(start).collect()
    }

    /// The loss with stages opened, series written out, and the values of all that does not move put in.
    /// `clause` is the word that names what moves.
    pub(super) fn in_parameters(&mut self, loss: Id, by: &[Symbol], point: &Point, clause: &str) -> Result<Id, Fault> {
        let mut fixed = point.clone();
        // a stage among them moves by itself: it is not opened
        by.iter().for_each(|symbol| _ = fixed.float.insert(*symbol, 0.0));
        let opened = self.opened_at(loss, &fixed);
        by.iter().for_each(|symbol| _ = fixed.float.remove(symbol));
        let g = &mut self.session.graph;
        let opened = prepared(g, opened, &fixed.float);
        let mut values: HashMap<Id, Id> = HashMap::new();
        for symbol in walk::free_symbols(g, &[opened]) {
            if by.contains(&symbol) {
                continue;
            }
            let exact = fixed.exact.get(&symbol).cloned().or_else(|| Number::from_f64(*fixed.float.get(&symbol)?));
            let Some(value) = exact else {
                let message = match g.as_column(symbol) {
                    Some(_) => format!("the column `{}` stands outside of every mean and sum", quote(g.name(symbol))),
                    None => format!("`{}` has no value", quote(g.name(symbol))),
                };
                let help = format!("give it one with `at {} = …`, or name what moves with `{clause}`", quote(g.name(symbol)));
                return Err(Box::new(Diagnostic::new(&code::NO_VALUE, message).help(help)));
            };
            let (variable, number) = (g.symbol(symbol), g.number(value));
            values.insert(variable, number);
        }
        Ok(walk::substitute(g, opened, &values))
    }

    /// The bound columns of the loss with all their rows.
    pub(super) fn columns_in_memory(&mut self, loss: Id) -> Result<(Vec<Symbol>, Vec<Vec<f64>>), Fault> {
        let Session { graph: g, data, .. } = &*self.session;
        let Some(set) = only_data_set(g, loss)? else { return Ok((Vec::new(), Vec::new())) };
        let mut columns: Vec<Symbol> = Vec::new();
        for id in walk::topological(g, &[loss]) {
            columns.extend(g.as_symbol(id).filter(|s| g.as_column(*s).is_some_and(|column| column.bound)));
        }
        let set = data.get(&set).ok_or_else(|| Box::new(Diagnostic::new(&code::DATA, "the data set is not there any more")))?;
        // the number of rows counts even where no column does
        let place = |column: &Symbol| place_of(g, set, *column);
        let places: Vec<usize> = match columns.is_empty() {
            true => vec![0],
            false => columns.iter().filter_map(place).collect(),
        };
        let kept = AtomicUsize::new(0);
        let report = self.read_rows(set, &places, Vec::new, |pieces: &mut Vec<Vec<Vec<f64>>>, rows| {
            let more = rows.count() * places.len() * size_of::<f64>();
            if kept.fetch_add(more, Ordering::Relaxed) + more > MOST_BYTES {
                let gigabytes = MOST_BYTES >> 30;
                return Err(Trouble::file(format!(
                    "a descent keeps its rows in memory, and these take more than {gigabytes} GiB"
                )));
            }
            pieces.push((0..places.len()).map(|k| rows.column(k).to_vec()).collect());
            Ok(())
        })?;
        let count = (report.totals.rows - report.totals.skipped) as usize;
        let mut all: Vec<Vec<f64>> = places.iter().map(|_| Vec::with_capacity(count)).collect();
        for piece in report.parts.into_iter().flatten() {
            all.iter_mut().zip(piece).for_each(|(column, part)| column.extend(part));
        }
        Ok((columns, all))
    }

    /// Takes the steps, and notes where some of them led. `measures` says whether the curvature is measured at every told point, or
    /// at the first and the last only.
    fn track(
        &mut self,
        mut descent: Descent<'_>,
        by: &[Symbol],
        steps: Steps,
        measures: bool,
        span: Span,
    ) -> Result<(Track, Option<String>), Fault> {
        let count = steps.count();
        let every = count.div_ceil(SAMPLES);
        let mut track = Track {
            stride: steps.stride(),
            asked: count,
            taken: 0,
            stopped: false,
            points: Vec::new(),
            losses: Vec::new(),
            ends: [Vec::new(), Vec::new()],
        };
        let (mut stopped, mut is_lost) = (None, false);
        let bar = Bar(self.session.options.progress.clone());
        loop {
            let taken = track.taken;
            let is_last = taken == count || stopped.is_some();
            if is_told(taken) || is_last {
                budget::look();
                let at = descent.at().to_vec();
                let (loss, slope) = (descent.loss(), descent.whole_slope().to_vec());
                let curvature = if measures || taken == 0 || is_last { descent.curvature() } else { None };
                track.points.push(Waypoint { step: taken, loss, at, slope, curvature });
                is_lost = !loss.is_finite();
            }
            if taken == 0 && !track.points[0].loss.is_finite() {
                let fault = Diagnostic::new(&code::NO_VALUE, "the loss has no finite value where the descent begins");
                return Err(Box::new(fault.at(span, "").help("`eval` tells why; begin elsewhere with `at`")));
            }
            if taken.is_multiple_of(every) && stopped.is_none() {
                let loss = descent.loss();
                track.losses.push((taken, loss));
                is_lost |= !loss.is_finite();
            }
            if taken < WATCHED {
                track.ends[0].push(descent.at().to_vec());
            }
            if taken + WATCHED > count && stopped.is_none() {
                track.ends[1].push(descent.at().to_vec());
            }
            if is_last || is_lost {
                break;
            }
            if taken.is_multiple_of(UNWATCHED) {
                budget::look();
                bar.show(taken, count);
            }
            if descent.step() {
                track.taken += 1;
            } else {
                let slope = by.iter().zip(descent.slope()).find(|(_, slope)| !slope.is_finite());
                let name = |symbol: &Symbol| self.session.graph.name(*symbol).to_owned();
                stopped = Some(match slope {
                    Some((symbol, _)) => format!("the slope by `{}` is not finite there", name(symbol)),
                    None if steps.method == Method::Newton => "the curvature is not finite there".to_owned(),
                    None => "the next step leads beyond the largest f64".to_owned(),
                });
                if track.points.last().is_some_and(|point| point.step == taken) {
                    break;
                }
            }
        }
        track.stopped = stopped.is_some();
        Ok((track, stopped))
    }
}

/// How far a descent has come, for those who watch; what was shown goes with it, however it ends.
struct Bar(Option<Arc<dyn Progress>>);

impl Bar {
    fn show(&self, taken: u64, count: u64) {
        if let Some(progress) = &self.0 {
            progress.steps(taken, count);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(progress) = &self.0 {
            progress.finish();
        }
    }
}

/// Goes the same way once more, and looks at the loss after each step behind the last one at which it was seen to have a value: the
/// first step after which it has none, at the latest the one at which that was seen.
fn without_value(mut descent: Descent<'_>, seen: u64, lost: u64) -> Waypoint {
    let mut step = 0;
    let mut loss = f64::NAN;
    while step < lost && descent.step() {
        step += 1;
        if step > seen {
            loss = descent.loss();
            if !loss.is_finite() {
                break;
            }
        }
        if step % UNWATCHED == 0 {
            budget::look();
        }
    }
    let at = descent.at().to_vec();
    Waypoint { step, loss, slope: vec![f64::NAN; at.len()], at, curvature: None }
}

/// The one data set whose rows an expression runs over.
fn only_data_set(g: &Graph, root: Id) -> Result<Option<Symbol>, Fault> {
    let mut found: Option<Symbol> = None;
    for id in walk::topological(g, &[root]) {
        let View::Rows(_, data, _) = g.view(id) else { continue };
        if found.is_some_and(|other| other != data) {
            return Err(Box::new(Diagnostic::new(&code::DATA, "a descent runs over the rows of one data set")));
        }
        found = Some(data);
    }
    Ok(found)
}

/// Whether the point after so many steps is told: 0, 1, 2, 5, 10, 20, 50 …
fn is_told(step: u64) -> bool {
    let mut unit = step;
    while unit >= 10 && unit.is_multiple_of(10) {
        unit /= 10;
    }
    matches!(unit, 0 | 1 | 2 | 5)
}
