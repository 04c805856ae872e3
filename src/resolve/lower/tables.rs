//! Data sets in expressions: columns, reductions over rows, and the number of rows.

use super::super::rows::{self, Unreduced};
use super::{Lowered, Lowering};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::{Id, Reduction, Symbol};
use crate::resolve::{DataNames, Fault, names};
use crate::syntax::ast::{Expr, ExprId, List};

impl Lowering<'_> {
    /// `moons.x1`
    #[inline(never)]
    pub(super) fn column(&mut self, id: ExprId, data: &str, column: &str) -> Lowered<Id> {
        match self.column_symbol(data, column) {
            Ok(symbol) => {
                self.note_free(symbol, id);
                Ok(self.g.symbol(symbol))
            }
            Err(fault) => {
                let span = self.outer_span(self.span(id));
                Err(self.through_call(fault.at(span, "")).into())
            }
        }
    }

    /// The symbol of a column outside of reductions; a fault without a place where there is none.
    pub(super) fn column_symbol(&mut self, data: &str, column: &str) -> Result<Symbol, Diagnostic> {
        let Some(names) = self.scope.data(data) else {
            if self.broken.contains(data) {
                return Err(super::broken(data, "has no columns"));
            }
            let message = format!("there is no data set `{}`, so `{}` has no column", quote(data), quote(column));
            let near = self.scope.data_names().into_iter().find(|known| names::distance(known, data) <= 1);
            let help = near.map_or_else(
                || format!("declare it: data {} = \"{}.csv\"", quote(data), quote(data)),
                |near| format!("did you mean `{}.{}`?", quote(near), quote(column)),
            );
            return Err(Diagnostic::new(&code::DATA, message).help(help));
        };
        match names.place(column) {
            Ok(_) => Ok(self.g.column(names.symbol, column, false)),
            Err((what, help)) => Err(Diagnostic::new(&code::DATA, format!("`{}` {what}", quote(data))).help(help)),
        }
    }

    /// The error for a data set where a number belongs.
    pub(super) fn whole_data_set(&self, id: ExprId, name: &str, data: &DataNames) -> Fault {
        let first = data.columns.first().map_or("x", |(_, ident)| ident);
        let message = format!("`{}` is a data set, and a number is needed", quote(name));
        let help =
            format!("name a column, such as `{0}.{1}`, or write `count({0})` for the number of rows", quote(name), quote(first));
        self.fault(&code::DATA, message, id, "all of its columns").help(help).into()
    }

    /// `mean(E)` or `sum(E)` where E has columns.
    pub(super) fn over_rows(&mut self, name: &str, body: Id, id: ExprId) -> Lowered<Option<Id>> {
        let kind = if name == "mean" { Reduction::Mean } else { Reduction::Sum };
        match rows::reduced(self.g, self.scope, kind, body) {
            Ok(found) => Ok(found),
            Err(Unreduced::Mixed(a, b)) => {
                let (a, b) = (quote(self.g.name(a)), quote(self.g.name(b)));
                let message = format!("this {name} has columns of two data sets, `{a}` and `{b}`");
                let help = format!("reduce the columns of one of them first, as in {name}({a}.…*mean({b}.…))");
                self.fail_with(&code::TWO_DATA_SETS, message, id, "over the rows of which?", help)
            }
            Err(Unreduced::Deep) => {
                let message = "means and sums over rows stand too deep in one another".to_owned();
                self.fail(&code::NESTING, message, id, "give the inner one a name with `given`")
            }
        }
    }

    /// The data set of `count(moons)`; none where something else is called.
    pub(super) fn counted(&self, id: ExprId, name: &str, primes: u32, args: List) -> Lowered<Option<Symbol>> {
        if name != "count" || primes > 0 || (!self.g.has_data() && self.broken.is_empty()) {
            return Ok(None);
        }
        let argument = match self.list(args)[..] {
            [only] => match self.expr(only) {
                Expr::Name(name) => self.name(name),
                _ => String::new(),
            },
            _ => String::new(),
        };
        if self.broken.contains(&argument) {
            let span = self.outer_span(self.span(id));
            return Err(self.through_call(super::broken(&argument, "has no columns").at(span, "")).into());
        }
        match self.scope.data(&argument) {
            Some(data) => Ok(Some(data.symbol)),
            None => {
                let known = self.scope.data_names().first().map_or_else(|| "moons".to_owned(), |name| quote(name));
                let message = "`count` takes the name of a data set".to_owned();
                self.fail_with(&code::DATA, message, id, "", format!("write count({known}) for its number of rows"))
            }
        }
    }

    /// The number of rows: the sum of 1 over them.
    pub(super) fn count(&mut self, data: Symbol) -> Id {
        let one = self.g.integer(1);
        self.g.rows(Reduction::Sum, data, one)
    }
}
