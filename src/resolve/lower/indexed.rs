//! Entries of vectors, and sums and products over an index: kept as one node where they can be, opened where an entry of a
//! vector must be known.

use super::super::scope::component_name;
use super::{Lowered, Lowering, OpenSeries, Task, apply};
use crate::diagnostic::code;
use crate::expr::{Graph, Id, Series, Symbol, walk};
use crate::resolve::Value;
use crate::syntax::ast::{Expr, ExprId, SeriesKind};
use std::collections::HashMap;

/// The most terms into which an indexed sum is opened.
const MOST_TERMS: i64 = 100_000;

impl Lowering<'_> {
    /// `z[k]`: of a vector its entry; of a name that nothing defines, the free symbol `z[k]`.
    #[inline(never)]
    pub(super) fn finish_index(&mut self, base: ExprId, index: ExprId) -> Lowered<Option<Value>> {
        let place = self.pop();
        let free = self.free_name(base);
        let vector = if free.is_none() { Some(self.pop()) } else { None };
        let Value::Scalar(place) = place else {
            return self.fail(&code::INDEX, "an index is one whole number".into(), index, "this is a vector");
        };
        let Some(k) = apply::whole(self.g, place) else { return self.open_up(place, index) };
        match (vector, free) {
            (_, Some(name)) => {
                let Some(k) = usize::try_from(k).ok().filter(|k| *k >= 1) else {
                    return self.fail(&code::INDEX, "vectors count from 1".into(), index, "this index is below 1");
                };
                let symbol = self.g.intern(&component_name(&name, k));
                self.note_free(symbol, base);
                Ok(Some(Value::Scalar(self.g.symbol(symbol))))
            }
            (Some(Value::Vector(items)), _) => {
                let found = usize::try_from(k).ok().and_then(|k| k.checked_sub(1)).and_then(|k| items.get(k));
                match found {
                    Some(item) => Ok(Some(Value::Scalar(*item))),
                    None => {
                        let message = format!("the vector has entries 1 to {}, and no entry {k}", items.len());
                        self.fail(&code::INDEX, message, index, "out of range")
                    }
                }
            }
            _ => self.fail(&code::VECTOR_NEEDED, "only a vector has entries".into(), base, "this is a number"),
        }
    }

    /// An index that is no number yet: where it is the index of a sum with known bounds, that sum begins again, opened.
    pub(super) fn open_up(&mut self, place: Id, index: ExprId) -> Lowered<Option<Value>> {
        // the outermost first: the bounds of the inner ones may wait for it
        let found = self.open.iter().position(|series| walk::contains(self.g, place, series.binder));
        let Some(at) = found else {
            let label = if apply::constant(self.g, place).is_some() { "this is none" } else { "this has no value" };
            return self.fail(&code::INDEX, "an index is a whole number".into(), index, label);
        };
        let series = self.open.split_off(at).swap_remove(0);
        let [Some(from), Some(to)] = series.bounds.map(|b| apply::whole(self.g, b)) else {
            let message = "a sum over the entries of a vector needs whole numbers as its bounds".into();
            return self.fail(&code::INDEX, message, index, "the index has no known range here");
        };
        self.tasks.truncate(series.tasks);
        self.values.truncate(series.values);
        self.leave_contexts(series.contexts);
        self.here.locals.truncate(series.locals);
        self.binders.truncate(series.binders);
        self.terms(series.id, from, to)?;
        Ok(None)
    }

    #[inline(never)]
    pub(super) fn bounds(&mut self, id: ExprId) -> Lowered<()> {
        let Expr::Series(series) = self.expr(id) else { return Ok(()) };
        let series = self.here.text.ast.series(series);
        let (to, from) = (self.pop(), self.pop());
        let from = self.bound(&from, series.range.from)?;
        let to = self.bound(&to, series.range.to)?;
        let name = self.name(series.index.name);
        self.scope.check_definable(&name, self.outer_span(series.index.span))?;
        let binder = self.binder(&name);
        let (tasks, values) = (self.tasks.len(), self.values.len());
        let (contexts, locals, binders) = (self.outer.len(), self.here.locals.len(), self.binders.len());
        self.open.push(OpenSeries { id, bounds: [from, to], binder, tasks, values, contexts, locals, binders });
        self.binders.push(binder);
        let index = Value::Scalar(self.g.symbol(binder));
        self.here.locals.push((series.index.name, index));
        self.tasks.extend([Task::CloseSeries, Task::Visit(series.body)]);
        Ok(())
    }

    pub(super) fn bound(&self, value: &Value, id: ExprId) -> Lowered<Id> {
        self.check_numbers(value, id)?;
        match value {
            Value::Scalar(v) if apply::constant(self.g, *v).is_none_or(|n| n.is_integer()) => Ok(*v),
            _ => self.fail(&code::RANGE, "an index runs between whole numbers".into(), id, "this is none"),
        }
    }

    /// A symbol that is bound: it differs from every free symbol, and its name from those of the binders around it.
    pub(super) fn binder(&mut self, name: &str) -> Symbol {
        let mut symbol = self.g.bound(name);
        let mut k = 2;
        while self.binders.contains(&symbol) {
            symbol = self.g.bound(&format!("{name}_{k}"));
            k += 1;
        }
        symbol
    }

    #[inline(never)]
    pub(super) fn close_series(&mut self) -> Lowered<()> {
        let Some(series) = self.open.pop() else { return Ok(()) };
        let body = self.pop();
        self.here.locals.truncate(series.locals);
        self.binders.truncate(series.binders);
        let Expr::Series(ast) = self.expr(series.id) else { return Ok(()) };
        let ast = self.here.text.ast.series(ast);
        self.check_numbers(&body, ast.body)?;
        let kind = if ast.kind == SeriesKind::Sum { Series::Sum } else { Series::Product };
        let items: Vec<Id> = body.components().iter().map(|item| self.one_series(kind, &series, *item)).collect();
        let value = if let Value::Scalar(_) = body { Value::Scalar(items[0]) } else { Value::Vector(items.into()) };
        self.done(value, series.id);
        Ok(())
    }

    /// A series node; its index gets another name where a free symbol of the body would look the same in print.
    pub(super) fn one_series(&mut self, kind: Series, series: &OpenSeries, body: Id) -> Id {
        let free = walk::free_symbols(self.g, &[body]);
        let name = self.g.name(series.binder).to_owned();
        let clash = |g: &Graph, name: &str| free.iter().any(|s| *s != series.binder && g.name(*s) == name);
        let (mut binder, mut k) = (series.binder, 2);
        while clash(self.g, self.g.name(binder)) {
            binder = self.g.bound(&format!("{name}_{k}"));
            k += 1;
        }
        let mut body = body;
        if binder != series.binder {
            let (old, new) = (self.g.symbol(series.binder), self.g.symbol(binder));
            body = walk::substitute(self.g, body, &HashMap::from([(old, new)]));
        }
        self.g.series(kind, binder, series.bounds[0], series.bounds[1], body)
    }

    pub(super) fn terms(&mut self, id: ExprId, from: i64, to: i64) -> Lowered<()> {
        let Expr::Series(series) = self.expr(id) else { return Ok(()) };
        let series = self.here.text.ast.series(series);
        let count = to.saturating_sub(from).saturating_add(1).max(0);
        if count > MOST_TERMS {
            let message = format!("this sum would be written out as {count} terms; the limit is {MOST_TERMS}");
            return self.fail(&code::TOO_MANY_TERMS, message, id, "too many terms");
        }
        let start = Value::Scalar(self.g.integer(from));
        self.here.locals.push((series.index.name, start));
        self.tasks.push(Task::CloseTerms(id, usize::try_from(count).unwrap_or(0)));
        for k in (from..=to).rev() {
            self.tasks.extend([Task::Visit(series.body), Task::SetIndex(k)]);
        }
        Ok(())
    }

    #[inline(never)]
    pub(super) fn close_terms(&mut self, id: ExprId, count: usize) -> Lowered<()> {
        let Expr::Series(series) = self.expr(id) else { return Ok(()) };
        let series = self.here.text.ast.series(series);
        let values = self.values.split_off(self.values.len() - count);
        self.here.locals.pop();
        let ids = vec![series.body; count];
        let value = match series.kind {
            SeriesKind::Sum => self.each(&values, &ids, |g, v| g.add(v))?,
            SeriesKind::Product => self.each(&values, &ids, |g, v| g.mul(v))?,
        };
        self.done(value, id);
        Ok(())
    }
}
