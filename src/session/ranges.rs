//! The clause `for x in a..b` and the settings of the commands that look along a variable: `plot`, `table`, `saturation`.

use super::tables::MOST_ROWS;
use super::{Constant, Point, Work, clauses};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::{Graph, Id, Number, Symbol, print};
use crate::plot::Picture;
use crate::resolve::{Fault, Value};
use crate::source::Span;
use crate::syntax::ast::{Clauses, Expr, ExprId, RangeBinding, UnaryOp};

/// A variable and where it runs.
#[derive(Clone, Debug)]
pub(super) struct Along {
    pub symbol: Symbol,
    /// None for all the way down.
    pub from: Option<Number>,
    /// None for all the way up.
    pub to: Option<Number>,
    pub span: Span,
}

/// Settings of the commands that look along a variable.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// Whether equal lengths are equal factors, along the variable and along the values.
    pub log: (bool, bool),
    pub samples: Option<usize>,
    pub width: Option<usize>,
    pub height: Option<usize>,
    pub step: Option<Number>,
    pub count: Option<usize>,
    pub share: Option<Number>,
}

impl Look {
    /// The settings of `plot`.
    pub const PLOT: &[&str] = &["log", "samples", "width", "height"];
    /// The settings of `table`.
    pub const TABLE: &[&str] = &["step", "count", "log"];
    /// The settings of `saturation`.
    pub const SATURATION: &[&str] = &["share"];
    /// What `log` can be.
    pub const LOG: &[&str] = &["x", "y", "xy"];

    /// Whether a setting is one of these.
    pub fn has(name: &str) -> bool {
        [Look::PLOT, Look::TABLE, Look::SATURATION].iter().any(|names| names.contains(&name))
    }

    /// Takes a setting in.
    ///
    /// # Errors
    /// What it can be.
    pub fn set(&mut self, name: &str, word: &str) -> Result<(), String> {
        let whole = |least: usize, most: usize| {
            let found = clauses::whole(word, least as u64, most as u64).map(|n| n as usize);
            found.map(Some).ok_or_else(|| format!("the whole numbers from {least} to {most}"))
        };
        let number = || Number::parse(word).filter(Number::is_positive);
        match name {
            "log" if Look::LOG.contains(&word) => self.log = (word.contains('x'), word.contains('y')),
            "log" => return Err(Look::LOG.join(", ")),
            "samples" => self.samples = whole(2, 10_000)?,
            "width" => self.width = whole(Picture::LEAST.0, 400)?,
            "height" => self.height = whole(Picture::LEAST.1, 200)?,
            "count" => self.count = whole(2, MOST_ROWS)?,
            "step" => self.step = Some(number().ok_or("the positive numbers, such as 0.5")?),
            _ => {
                let share = number().filter(|share| *share < Number::integer(1));
                self.share = Some(share.ok_or("the numbers between 0 and 1, such as 0.05")?);
            }
        }
        Ok(())
    }
}

impl Work<'_> {
    /// The ranges of a `for` clause, of which there are at most so many.
    pub(super) fn along(&mut self, clauses: &Clauses, roots: &[Id], most: usize, span: Span) -> Result<Vec<Along>, Fault> {
        if clauses.ranges.is_empty() {
            return Err(Box::new(self.no_range(roots, span)));
        }
        if let Some(more) = clauses.ranges.get(most) {
            let told = if most == 1 { "one variable".to_owned() } else { format!("{most} variables") };
            let fault = Diagnostic::new(&code::ALONG, format!("this command looks along {told}"));
            return Err(Box::new(fault.at(more.name.span, "one too many").help("give the others values with `at`")));
        }
        clauses.ranges.iter().map(|range| self.one_along(range)).collect()
    }

    fn no_range(&self, roots: &[Id], span: Span) -> Diagnostic {
        let reachable = self.reachable(roots);
        let g = &self.session.graph;
        let is_free = |s: &&Symbol| !self.session.scope.definitions.contains_key(s) && g.as_column(**s).is_none();
        let name = reachable.iter().filter(is_free).map(|s| g.name(*s)).min().unwrap_or("x");
        let fault = Diagnostic::new(&code::ALONG, "the range is missing").at(span, "along what?");
        fault.help(format!("add a clause such as `for {} in 0..10`", quote(name)))
    }

    fn one_along(&mut self, range: &RangeBinding) -> Result<Along, Fault> {
        let symbols = self.lower(|l| l.variables(range.name))?;
        let [symbol] = symbols[..] else {
            let fault = Diagnostic::new(&code::VECTOR, "a range is that of one number, and this is a vector");
            return Err(Box::new(fault.at(range.name.span, "a vector")));
        };
        let (from, to) = (self.range_end(range.range.from, -1.0)?, self.range_end(range.range.to, 1.0)?);
        let span = self.text.ast.span(range.range.from).to(self.text.ast.span(range.range.to));
        let along = Along { symbol, from, to, span };
        along.ordered()?;
        Ok(along)
    }

    /// An end of a range; none where it is infinite on its own side.
    fn range_end(&mut self, id: ExprId, side: f64) -> Result<Option<Number>, Fault> {
        if let Some(sign) = self.infinity(id) {
            if sign == side {
                return Ok(None);
            }
            let fault = Diagnostic::new(&code::ALONG, "a range runs from the smaller to the larger end");
            return Err(Box::new(fault.at(self.text.ast.span(id), "the wrong end")));
        }
        let value = self.lower(|l| l.numbers(id))?;
        let found = self.constants(&value, id)?;
        match &found[..] {
            [Constant { exact: Some(exact), .. }] => Ok(Some(exact.clone())),
            [Constant { float, .. }] if float.is_finite() => Ok(Number::from_f64(*float)),
            _ => {
                let fault = Diagnostic::new(&code::ALONG, "the end of a range is a number");
                Err(Box::new(fault.at(self.text.ast.span(id), "not one number")))
            }
        }
    }

    /// The sign of an infinite end.
    fn infinity(&self, mut id: ExprId) -> Option<f64> {
        let mut sign = 1.0;
        loop {
            match self.text.ast.expr(id) {
                Expr::Infinity => return Some(sign),
                Expr::Unary(op, inner) => {
                    sign = if op == UnaryOp::Neg { -sign } else { sign };
                    id = inner;
                }
                _ => return None,
            }
        }
    }

    /// The expressions with their names: a stage's own name, else the text.
    pub(super) fn named(&self, value: &Value) -> Vec<(Id, String)> {
        let g = &self.session.graph;
        value.components().iter().map(|id| (*id, name_of(g, *id))).collect()
    }

    /// The value that the variable has by itself, where it lies in the range.
    pub(super) fn own_value(&self, along: &Along, point: &Point) -> Option<f64> {
        let value = *point.float.get(&along.symbol)?;
        let (from, to) = along.ends();
        (from..=to).contains(&value).then_some(value)
    }
}

/// An expression in one line.
fn name_of(g: &Graph, id: Id) -> String {
    print::glimpse(g, id, print::Style::Plain, 40)
}

impl Along {
    /// The ends; infinite where there are none.
    pub fn ends(&self) -> (f64, f64) {
        let end = |end: &Option<Number>, none| end.as_ref().map_or(none, Number::to_f64);
        (end(&self.from, f64::NEG_INFINITY), end(&self.to, f64::INFINITY))
    }

    /// Refuses a range whose ends do not ascend, or that f64 cannot tell apart.
    pub fn ordered(&self) -> Result<(), Fault> {
        let ordered = match (&self.from, &self.to) {
            (Some(from), Some(to)) => from < to && from.to_f64() < to.to_f64(),
            _ => true,
        };
        if ordered && self.from.iter().chain(&self.to).all(|end| end.to_f64().is_finite()) {
            return Ok(());
        }
        let fault = Diagnostic::new(&code::ALONG, "a range runs from a smaller to a larger number");
        Err(Box::new(fault.at(self.span, "this one does not").help("for example: for x in 0..10")))
    }

    /// Both ends.
    ///
    /// # Errors
    /// Why there must be some.
    pub fn finite(&self, why: &str) -> Result<(Number, Number), Fault> {
        if let (Some(from), Some(to)) = (&self.from, &self.to) {
            return Ok((from.clone(), to.clone()));
        }
        let fault = Diagnostic::new(&code::ALONG, why.to_owned()).at(self.span, "has no end");
        Err(Box::new(fault.help("write numbers for both ends, such as -10..10")))
    }

    /// Refuses what an axis of equal factors cannot show.
    pub fn positive(&self) -> Result<(), Fault> {
        if self.from.as_ref().is_some_and(Number::is_positive) {
            return Ok(());
        }
        let fault = Diagnostic::new(&code::LOG_AXIS, "a logarithmic axis has positive numbers only");
        let help = "begin above 0, for example: for x in 0.001..10";
        Err(Box::new(fault.at(self.span, "begins at 0 or below").help(help)))
    }
}
