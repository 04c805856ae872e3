//! Data sets of a program, and the values of reductions over their rows: pass by pass, the innermost first, each reduction becomes a
//! number that the rest of an expression is evaluated with.

use super::{Point, Session, Wanted, Work};
use crate::budget::whole;
use crate::data::{DataSet, Gaps, Kind, Place, Report, Scan, Trouble, Watcher};
use crate::derive::pipeline;
use crate::diagnostic::{Code, Diagnostic, Severity, code, quote};
use crate::eval::{self, recognise::recognise};
use crate::expr::{Column, Graph, Id, Reduction, Symbol, View, print, walk};
use crate::outcome::{Evaluated, Formula};
use crate::resolve::Fault;
use crate::source::Span;
use crate::syntax::ast::{Clauses, Ident};
use crate::tape::{Summands, prepared};
use std::collections::HashMap;
use std::sync::Arc;

/// Columns of each data set that a statement uses.
type Used = HashMap<Symbol, Vec<Symbol>>;

/// A reduction: its node, its kind and its body.
type Reduced = (Id, Reduction, Id);

/// What one pass over a data set gives.
struct Totals {
    /// The sum of each body.
    sums: Vec<f64>,
    /// Whether it loses digits.
    lossy: Vec<bool>,
    /// How many rows there were.
    count: f64,
}

impl Work<'_> {
    /// `data name = "path"`
    pub(super) fn data(&mut self, name: Ident, path: Span, clauses: &Clauses) -> Result<(), Fault> {
        let settings = self.clauses(clauses, &[], &["missing"])?;
        if let Some(id) = clauses.assuming.first() {
            let message = "`assuming` has no meaning for this statement";
            return Err(Box::new(Diagnostic::new(&code::CLAUSE_UNUSED, message).at(self.text.ast.span(*id), "not used")));
        }
        let text = self.new_name(name)?;
        let written = self.text.source.slice(path).to_owned();
        let place = match self.located.take() {
            Some(Ok(place)) => place,
            Some(Err(reason)) => return Err(unread(&written, &reason, path)),
            None => return Err(unread(&written, "there are no files here to read from", path)),
        };
        let found = DataSet::open(place, settings.gaps).map_err(|trouble| troubled(&written, &trouble, path))?;
        let columns = found.columns().iter().map(|c| (c.name.as_str().into(), c.ident.as_str().into())).collect();
        let Session { graph, scope, data, values, .. } = &mut *self.session;
        if let Some(symbol) = graph.find_symbol(&text) {
            values.forget(symbol);
        }
        let Some(symbol) = whole(|| scope.define_data(graph, &text, columns)) else {
            return Err(Box::new(Diagnostic::new(&code::TOO_MANY, "there are too many data sets").at(name.span, "")));
        };
        data.insert(symbol, Arc::new(found));
        Ok(())
    }

    /// Whether the expressions depend on a reduction over rows.
    pub(super) fn is_over_rows(&self, roots: &[Id]) -> bool {
        let Session { graph, scope, .. } = &*self.session;
        if !graph.has_data() {
            return false;
        }
        let stages = self.reachable(roots).into_iter().filter_map(|s| scope.definitions.get(&s).copied());
        let all: Vec<Id> = stages.chain(roots.iter().copied()).collect();
        walk::has_rows(graph, &all)
    }

    /// The values of expressions, where they depend on reductions over rows and every symbol has a value.
    pub(super) fn values_over_rows(
        &mut self,
        roots: &[Id],
        point: &Point,
        wanted: Wanted,
    ) -> Result<Option<Vec<Evaluated>>, Fault> {
        let Some((roots, point)) = self.reduced(roots, point)? else { return Ok(None) };
        let values = self.evaluated(&roots, &point, wanted);
        Ok(Some(self.doubted(&roots, values)))
    }

    /// Gives formulas their values at a point, where they come from something over rows.
    pub(super) fn value_formulas(&mut self, roots: &[Id], formulas: &mut [&mut Formula], point: &Point) -> Result<(), Fault> {
        if !self.is_over_rows(roots) {
            return Ok(());
        }
        let told = |work: &Self, f: &Formula| work.session.graph.as_number(f.id).is_none() && work.has_values(&[f.id], point);
        let mut shown: Vec<&mut &mut Formula> = formulas.iter_mut().filter(|f| told(self, f)).collect();
        let ids: Vec<Id> = shown.iter().map(|f| f.id).collect();
        let conditions: Vec<Vec<Id>> = shown.iter().map(|f| f.conditions.clone()).collect();
        let values = self.values_beside(&ids, &conditions, roots, point)?;
        shown.iter_mut().zip(values).for_each(|(formula, value)| formula.value = Some(value));
        Ok(())
    }

    /// The values of formulas that come from other expressions, and hold under conditions.
    pub(super) fn values_beside(
        &mut self,
        ids: &[Id],
        conditions: &[Vec<Id>],
        beside: &[Id],
        point: &Point,
    ) -> Result<Vec<Evaluated>, Fault> {
        let found = self.reduced_beside(ids, conditions, beside, point)?;
        let (ids, point) = found.unwrap_or_else(|| (ids.to_vec(), point.clone()));
        let values = self.evaluated(&ids, &point, Wanted::Nearest);
        Ok(self.doubted(&ids, values))
    }

    /// The expressions with their reductions replaced by symbols, and the point with the values of these. None where no reduction
    /// takes part, or a symbol has no value.
    pub(super) fn reduced(&mut self, roots: &[Id], point: &Point) -> Result<Option<(Vec<Id>, Point)>, Fault> {
        self.reduced_beside(roots, &[], &[], point)
    }

    /// The same for formulas that hold under conditions, which are looked at as well, those on columns in every row; and that come from
    /// other expressions, whose rows they keep to.
    fn reduced_beside(
        &mut self,
        roots: &[Id],
        conditions: &[Vec<Id>],
        beside: &[Id],
        point: &Point,
    ) -> Result<Option<(Vec<Id>, Point)>, Fault> {
        if !self.is_over_rows(roots) || !self.has_values(roots, point) {
            return Ok(None);
        }
        let mut needs: Vec<Id> = Vec::new();
        let mut opened: Vec<Id> = Vec::with_capacity(roots.len());
        for (k, root) in roots.iter().enumerate() {
            let mut root = self.opened_at(*root, point);
            for condition in conditions.get(k).into_iter().flatten() {
                let condition = self.opened_at(*condition, point);
                let g = &mut self.session.graph;
                if columns_in(g, condition).is_empty() {
                    let nothing = g.undefined();
                    root = g.conditional(condition, root, nothing);
                } else if !needs.contains(&condition) {
                    needs.push(condition);
                }
            }
            opened.push(root);
        }
        let beside: Vec<Id> = beside.iter().map(|id| self.opened_at(*id, point)).collect();
        let used = self.used(&[&opened[..], &needs, &beside].concat());
        let mut point = point.clone();
        loop {
            let all: Vec<Id> = opened.iter().chain(&needs).copied().collect();
            let g = &self.session.graph;
            let innermost = |id: &Id| matches!(g.view(*id), View::Rows(_, _, body) if !walk::has_rows(g, &[body]));
            let level: Vec<Id> = walk::topological(g, &all).into_iter().filter(innermost).collect();
            let last = !level.is_empty() && !walk::has_rows(g, &needs);
            let checked = if last { std::mem::take(&mut needs) } else { Vec::new() };
            if level.is_empty() {
                return Ok(Some((opened, point)));
            }
            let map = self.pass(&level, &checked, &used, &mut point)?;
            let g = &mut self.session.graph;
            for id in opened.iter_mut().chain(&mut needs) {
                *id = walk::substitute(g, *id, &map);
            }
        }
    }

    /// Stages opened, but for those that have a value of their own.
    pub(super) fn opened_at(&mut self, root: Id, point: &Point) -> Id {
        let Session { graph, scope, .. } = &mut *self.session;
        let open = scope.definitions.iter().filter(|(s, _)| !point.float.contains_key(s)).map(|(s, id)| (*s, *id)).collect();
        pipeline::without_stages(graph, &open, root)
    }

    /// The columns that the expressions use, by data set.
    fn used(&self, roots: &[Id]) -> Used {
        let g = &self.session.graph;
        let mut used = Used::new();
        for id in walk::topological(g, roots) {
            if let Some((symbol, column)) = g.as_symbol(id).and_then(|s| Some((s, g.as_column(s).filter(|c| c.bound)?))) {
                used.entry(column.data).or_default().push(symbol);
            }
        }
        used
    }

    /// The values of reductions that hold no other, one pass over each data set; what stands for each from here on.
    fn pass(&mut self, level: &[Id], needs: &[Id], used: &Used, point: &mut Point) -> Result<HashMap<Id, Id>, Fault> {
        let mut by_data: Vec<(Symbol, Vec<Reduced>)> = Vec::new();
        for id in level {
            let View::Rows(kind, data, body) = self.session.graph.view(*id) else { continue };
            match by_data.iter_mut().find(|(d, _)| *d == data) {
                Some((_, nodes)) => nodes.push((*id, kind, body)),
                None => by_data.push((data, vec![(*id, kind, body)])),
            }
        }
        let mut map = HashMap::new();
        for (data, nodes) in by_data {
            let bodies: Vec<Id> = nodes.iter().map(|(_, _, body)| *body).collect();
            let Totals { sums, lossy, count } = self.sums(data, &bodies, needs, used, point)?;
            for ((node, kind, _), (sum, lossy)) in nodes.into_iter().zip(sums.into_iter().zip(lossy)) {
                let value = if kind == Reduction::Mean { sum / count } else { sum };
                let g = &mut self.session.graph;
                let text = print::with_named_parts(g, node, print::Style::Plain, 60).text;
                if !value.is_finite() {
                    let message = format!("{} is beyond the largest f64", quote(&text));
                    return Err(Box::new(Diagnostic::new(&code::ROW, message)));
                }
                let symbol = g.fresh(&text);
                if lossy {
                    self.lossy.insert(symbol);
                }
                map.insert(node, g.symbol(symbol));
                point.float.insert(symbol, value);
            }
        }
        Ok(map)
    }

    /// The sums of these bodies over the rows of a data set.
    fn sums(&mut self, data: Symbol, bodies: &[Id], needs: &[Id], used: &Used, point: &Point) -> Result<Totals, Fault> {
        let Some(set) = self.session.data.get(&data).cloned() else {
            return Err(Box::new(Diagnostic::new(&code::DATA, "the data set is not there any more")));
        };
        let g = &mut self.session.graph;
        let of_data = |g: &Graph, c: Id| columns_in(g, c).iter().any(|s| g.as_column(*s) == Some(Column { data, bound: true }));
        let needs: Vec<Id> = needs.iter().copied().filter(|c| of_data(g, *c)).collect();
        let mut bodies: Vec<Id> = bodies.iter().map(|body| prepared(g, *body, &point.float)).collect();
        for body in &mut bodies {
            *body = recognise(g, *body);
        }
        let (zero, nothing) = (g.integer(0), g.undefined());
        bodies.extend(needs.iter().map(|c| g.conditional(*c, zero, nothing)).collect::<Vec<_>>());
        // a row that lacks a value in any column of the statement is left out of all of its sums
        let mut columns = match set.gaps == Gaps::Skip {
            true => used.get(&data).cloned().unwrap_or_default(),
            false => Vec::new(),
        };
        for column in columns_in_all(g, &bodies) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let places: Vec<usize> = columns.iter().filter_map(|c| place_of(g, &set, *c)).collect();
        let summands = Summands::new(&self.session.graph, &bodies, &needs, &columns, &point.float);
        let report = self.read_rows(&set, &places, || summands.start(), |sums, rows| summands.add(rows, sums))?;
        let mut total = summands.start();
        report.parts.iter().for_each(|part| total.merge(part));
        let sums: Vec<f64> = total.values().take(bodies.len() - needs.len()).collect();
        let lossy = self.lossy(&bodies[..sums.len()], &columns, total.samples(), point);
        let (rows, skipped) = (report.totals.rows, report.totals.skipped);
        if skipped > 0 && self.session.told_skipped.insert((data, places)) {
            let message =
                format!("{skipped} of the {rows} rows of `{}` are left out: a value is missing", quote(&set.place.name));
            self.warnings.push(Diagnostic::new(&code::SKIPPED, message).severity(Severity::Note));
        }
        Ok(Totals { sums, lossy, count: (rows - skipped) as f64 })
    }

    /// Goes through the rows of a data set; its time is that of the file and does not count as the statement's.
    pub(super) fn read_rows<A: Send>(
        &self,
        set: &DataSet,
        columns: &[usize],
        start: impl Fn() -> A + Sync,
        work: impl Fn(&mut A, &Scan<'_>) -> Result<(), Trouble> + Sync,
    ) -> Result<Report<A>, Fault> {
        let options = &self.session.options;
        let watcher = Watcher { stop: options.stop.clone(), progress: options.progress.clone() };
        let report = set.scan(columns, &watcher, start, work);
        self.budget.restart();
        report.map_err(|trouble| troubled(&set.place.name, &trouble, Span::default()).unplaced())
    }

    /// Which bodies lose digits in f64, as far as some rows tell: there they are compared with their enclosures.
    fn lossy(&self, bodies: &[Id], columns: &[Symbol], samples: &[Vec<f64>], point: &Point) -> Vec<bool> {
        let Session { graph: g, scope, .. } = &*self.session;
        let mut apart = vec![[0.0, 0.0]; bodies.len()];
        if bodies.len().saturating_mul(samples.len()) > LOOKS || !self.is_affordable(bodies, 0) {
            return vec![false; bodies.len()];
        }
        for sample in samples {
            let mut here = point.clone();
            columns.iter().zip(sample).for_each(|(column, value)| {
                here.float.insert(*column, *value);
            });
            let standing = self.standing(&here);
            let found = eval::evaluate(g, &scope.definitions, bodies, &here.float);
            let mut truth = here.truth(g, &standing);
            for ((body, found), [lost, size]) in bodies.iter().zip(found).zip(&mut apart) {
                if let Ok(right) = truth.nearest(*body) {
                    *lost += (found.value - right).abs();
                    *size += right.abs();
                }
            }
        }
        apart.iter().map(|[lost, size]| *lost > LOSS * size).collect()
    }

    /// Values that come from reductions which lose digits say so.
    fn doubted(&self, roots: &[Id], mut values: Vec<Evaluated>) -> Vec<Evaluated> {
        for (root, value) in roots.iter().zip(&mut values) {
            let symbols = walk::free_symbols(&self.session.graph, &[*root]);
            if symbols.iter().any(|symbol| self.lossy.contains(symbol)) {
                value.doubt = value.doubt.or(Some("in some rows the formula loses digits in f64"));
            }
        }
        values
    }
}

/// The most looks at a body in a row that one pass takes.
const LOOKS: usize = 256;

/// A relative error of the bodies in some rows from which on it is told.
const LOSS: f64 = 1e-10;

/// The bound columns that no reduction of the expression binds.
fn columns_in(g: &Graph, root: Id) -> Vec<Symbol> {
    columns_in_all(g, &[root])
}

fn columns_in_all(g: &Graph, roots: &[Id]) -> Vec<Symbol> {
    walk::free_symbols(g, roots).into_iter().filter(|s| g.as_column(*s).is_some_and(|c| c.bound)).collect()
}

/// The place of a column in the file.
pub(super) fn place_of(g: &Graph, set: &DataSet, column: Symbol) -> Option<usize> {
    let (_, name) = g.name(column).split_once('.')?;
    set.columns().iter().position(|c| c.ident == name)
}

pub(super) fn unread(written: &str, reason: &str, span: Span) -> Fault {
    let message = format!("`{}` cannot be read: {reason}", quote(written));
    Box::new(Diagnostic::new(&code::DATA_FILE, message).at(span, ""))
}

/// A fault that is told at its statement.
pub(super) trait Unplaced {
    fn unplaced(self) -> Self;
}

impl Unplaced for Fault {
    fn unplaced(mut self) -> Self {
        self.labels.clear();
        self
    }
}

/// What is wrong with a data set, and where.
pub(super) fn troubled(name: &str, trouble: &Trouble, span: Span) -> Fault {
    let what: (&'static Code, Option<&str>) = match trouble.kind {
        Kind::File => (&code::DATA_FILE, None),
        Kind::Missing => (&code::DATA_VALUE, Some("fill it in, or leave such rows out: data … = \"…\" with missing = skip")),
        Kind::Text => (&code::DATA_VALUE, Some("a column that is used holds numbers, true or false")),
        Kind::Row => (&code::ROW, None),
    };
    let place = trouble.place();
    let message = match place.as_str() {
        "" => format!("`{}` cannot be used: {}", quote(name), trouble.message),
        place => format!("`{}`, {}: {}", quote(name), place, trouble.message),
    };
    let fault = Diagnostic::new(what.0, message).at(span, "");
    Box::new(match what.1 {
        Some(help) => fault.help(help),
        None => fault,
    })
}

/// Where a data file is, for a loader without files.
pub(super) fn nowhere() -> Result<Place, String> {
    Err("there are no files here to read from".into())
}
