//! `table`: the values of expressions at steps of one variable, or of one expression at steps of two.

use super::ranges::{Along, Look};
use super::{Constant, Point, Wanted, Work};
use crate::diagnostic::{Diagnostic, code};
use crate::expr::{Number, Symbol};
use crate::outcome::{Answer, Table};
use crate::resolve::{Fault, Value};
use crate::source::Span;

/// The most rows of a table, and of both variables the most entries.
pub(super) const MOST_ROWS: usize = 1_000;

/// About so many rows, where the statement does not say how many.
const ROWS: i64 = 10;

impl Work<'_> {
    pub(super) fn table(
        &mut self,
        value: &Value,
        along: &[Along],
        look: &Look,
        point: &Point,
        span: Span,
    ) -> Result<Answer, Fault> {
        let steps = along.iter().map(|along| steps(along, look)).collect::<Result<Vec<_>, _>>()?;
        let entries = steps.iter().map(Vec::len).product::<usize>();
        if entries > MOST_ROWS {
            return Err(Box::new(too_many(entries, span)));
        }
        let named = self.named(value);
        let name = |work: &Self, along: &Along| work.session.graph.name(along.symbol).to_owned();
        let roots = value.components();
        let (rows, heads, across) = match (along, &steps[..]) {
            ([down, across], [downs, acrosses]) => {
                let [_] = roots else {
                    let fault = Diagnostic::new(&code::VECTOR, "a table with two variables shows one number at each place");
                    return Err(Box::new(fault.at(span, "several").help("make a table of each")));
                };
                let mut rows = Vec::with_capacity(downs.len());
                for at in downs {
                    let mut row = Vec::with_capacity(acrosses.len());
                    for other in acrosses {
                        let here = at_steps(point, &[(down.symbol, at), (across.symbol, other)]);
                        row.extend(self.row(roots, &here)?);
                    }
                    rows.push(row);
                }
                (rows, acrosses.iter().map(Number::to_string).collect(), Some(name(self, across)))
            }
            ([down, ..], [downs, ..]) => {
                let mut rows = Vec::with_capacity(downs.len());
                for at in downs {
                    rows.push(self.row(roots, &at_steps(point, &[(down.symbol, at)]))?);
                }
                (rows, named.into_iter().map(|(_, name)| name).collect(), None)
            }
            _ => (Vec::new(), Vec::new(), None),
        };
        let variable = along.first().map_or(String::new(), |along| name(self, along));
        let at = steps.into_iter().next().unwrap_or_default();
        Ok(Answer::Table(Table { variable, across, heads, at, rows }))
    }

    fn row(&mut self, roots: &[crate::expr::Id], point: &Point) -> Result<Vec<crate::outcome::Evaluated>, Fault> {
        crate::budget::look();
        self.check_values(roots, point)?;
        match self.values_over_rows(roots, point, Wanted::Nearest)? {
            Some(values) => Ok(values),
            None => Ok(self.evaluated(roots, point, Wanted::Nearest)),
        }
    }
}

/// The point with these values.
fn at_steps(point: &Point, values: &[(Symbol, &Number)]) -> Point {
    let mut here = point.clone();
    for (symbol, value) in values {
        let constant = Constant { float: value.to_f64(), exact: Some((*value).clone()), closed: None };
        here.set(*symbol, constant);
    }
    here
}

fn too_many(entries: usize, span: Span) -> Diagnostic {
    let message = format!("the table would have {entries} entries; the limit is {MOST_ROWS}");
    Diagnostic::new(&code::TOO_LONG, message).at(span, "").help("take a larger step, or say how many: with count = 20")
}

/// The places of a range: from its beginning by equal steps, or by equal factors; or so many, evenly spread.
fn steps(along: &Along, look: &Look) -> Result<Vec<Number>, Fault> {
    let (from, to) = along.finite("a table cannot go on without end")?;
    if look.step.is_some() && look.count.is_some() {
        let fault = Diagnostic::new(&code::SETTING, "of `step` and `count` one says where the rows are");
        return Err(Box::new(fault.help("leave one of them out")));
    }
    if look.log.0 {
        along.positive()?;
        return factors(&from, &to, look, along.span);
    }
    let length = &to - &from;
    let step = match (&look.step, look.count) {
        (Some(step), _) => step.clone(),
        (None, Some(count)) => &length * &Number::ratio(1, count as u64 - 1),
        (None, None) => round_step(&length),
    };
    let last = length.checked_div(&step).map_or(0.0, |n| n.floor().to_f64());
    if last >= MOST_ROWS as f64 {
        return Err(Box::new(too_many((last as usize).saturating_add(1), along.span)));
    }
    Ok((0..=last as i64).map(|k| &from + &(&step * &Number::integer(k))).collect())
}

/// A step of 1, 2 or 5 times a power of ten that makes about ten rows.
fn round_step(length: &Number) -> Number {
    let least = length.to_f64() / ROWS as f64;
    let power = least.log10().floor();
    let unit = Number::parse(&format!("1e{power}")).unwrap_or(Number::integer(1));
    let fits = |step: &Number| step.to_f64() >= least * (1.0 - 1e-9);
    let steps = [1, 2, 5, 10].map(|m| &unit * &Number::integer(m));
    steps.into_iter().find(fits).unwrap_or_else(|| length.clone())
}

/// Rows by equal factors: `step` is the factor; else so many rows, or the powers of ten.
fn factors(from: &Number, to: &Number, look: &Look, span: Span) -> Result<Vec<Number>, Fault> {
    if let Some(count) = look.count {
        let (low, high) = (from.to_f64().ln(), to.to_f64().ln());
        let last = count - 1;
        let inner = (1..last).map(|k| (low + (high - low) * k as f64 / last as f64).exp());
        let inner = inner.filter_map(|v| Number::parse(&format!("{v:.5e}")));
        return Ok(std::iter::once(from.clone()).chain(inner).chain([to.clone()]).collect());
    }
    let factor = look.step.clone().unwrap_or(Number::integer(10));
    if factor <= Number::integer(1) {
        let fault = Diagnostic::new(&code::SETTING, "with `log = x` the step is a factor above 1");
        return Err(Box::new(fault.help("for example: with log = x, step = 10")));
    }
    let mut all = vec![from.clone()];
    while let Some(next) = all.last().map(|last| last * &factor).filter(|next| next <= to) {
        all.push(next);
        if all.len() > MOST_ROWS {
            return Err(Box::new(too_many(all.len(), span)));
        }
    }
    Ok(all)
}
