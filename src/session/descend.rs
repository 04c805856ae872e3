//! `descend`: steps against the gradient from where the parameters stand, over the rows of a data set where the loss has them.

use super::rows::place_of;
use super::{Point, Session, Work};
use crate::budget;
use crate::data::Trouble;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::{Graph, Id, Number, Symbol, View, print, walk};
use crate::outcome::{Answer, Course, Waypoint};
use crate::resolve::{Fault, Value};
use crate::source::Span;
use crate::syntax::ast::{Clauses, ExprId};
use crate::tape::descent::{Descent, Objective, Stride};
use crate::tape::{Refusal, prepared};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a descent is to go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    stride: Stride,
    /// How many steps are taken.
    count: u64,
}

impl Default for Steps {
    fn default() -> Self {
        Steps { stride: Stride { rate: 0.1, batch: None, seed: 0 }, count: 100 }
    }
}

impl Steps {
    /// The names of the settings.
    pub const NAMES: &[&str] = &["rate", "steps", "batch", "seed"];

    /// Takes a setting in.
    ///
    /// # Errors
    /// What it can be.
    pub fn set(&mut self, name: &str, word: &str) -> Result<(), String> {
        let whole = |least: u64, most: u64| {
            let found = word.replace('_', "").parse().ok().filter(|n| (least..=most).contains(n));
            found.ok_or_else(|| format!("the whole numbers from {least} to {most}"))
        };
        match name {
            "rate" => {
                let rate: Option<f64> = word.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
                self.stride.rate = rate.ok_or("the positive numbers, such as 0.1")?;
            }
            "steps" => self.count = whole(1, MOST_STEPS)?,
            "batch" => self.stride.batch = Some(whole(1, u64::from(u32::MAX))? as usize),
            _ => self.stride.seed = whole(0, u64::MAX)?,
        }
        Ok(())
    }
}

/// The most steps of one descent.
const MOST_STEPS: u64 = 1_000_000_000;

/// The most bytes of columns that a descent keeps in memory.
const MOST_BYTES: usize = 1 << 30;

/// So many steps are taken between two looks at whether to go on.
const UNWATCHED: u64 = 64;

impl Work<'_> {
    pub(super) fn descend(
        &mut self,
        value: &Value,
        id: ExprId,
        clauses: &Clauses,
        steps: Steps,
        span: Span,
    ) -> Result<Answer, Fault> {
        let loss = self.scalar(value, id, "a descent goes down one number")?;
        let by = self.gradient_variables(&[loss], clauses, span)?;
        let point = self.point(clauses, &[loss])?;
        let start = self.starts(&by, &point)?;
        let loss = self.in_parameters(loss, &by, &point, "wrt")?;
        let (columns, rows) = self.columns_in_memory(loss)?;
        let g = &mut self.session.graph;
        let objective = Objective::new(g, loss, &columns, &by).map_err(|refusal| self.not_computed(&refusal))?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let descent = Descent::new(&objective, &start, &rows, steps.stride, threads);
        self.course(descent, by, steps, span)
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

    /// Takes the steps, and notes where some of them led.
    fn course(&mut self, mut descent: Descent<'_>, by: Vec<Symbol>, steps: Steps, span: Span) -> Result<Answer, Fault> {
        let mut points = Vec::new();
        let mut taken = 0;
        let mut stopped = None;
        loop {
            if is_told(taken) || taken == steps.count || stopped.is_some() {
                points.push(Waypoint { step: taken, loss: descent.loss(), at: descent.at().to_vec() });
            }
            if taken == 0 && !points[0].loss.is_finite() {
                let fault = Diagnostic::new(&code::NO_VALUE, "the loss has no finite value where the descent begins");
                return Err(Box::new(fault.at(span, "").help("`eval` tells why; begin elsewhere with `at`")));
            }
            if taken == steps.count || stopped.is_some() {
                break;
            }
            if taken % UNWATCHED == 0 {
                budget::look();
            }
            if descent.step() {
                taken += 1;
            } else {
                let slope = by.iter().zip(descent.slope()).find(|(_, slope)| !slope.is_finite());
                let name = |symbol: &Symbol| self.session.graph.name(*symbol).to_owned();
                stopped = Some(match slope {
                    Some((symbol, _)) => format!("the slope by `{}` is not finite there", name(symbol)),
                    None => "the next step leads beyond the largest f64".to_owned(),
                });
                if points.last().is_some_and(|point| point.step == taken) {
                    break;
                }
            }
        }
        Ok(Answer::Descent(Course { by, points, taken, stopped }))
    }
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
