//! A program being run: text in, outcomes out. A statement changes the session only when it succeeds, and later statements
//! run after one that failed. No input or output of its own: imported texts come from a loader, outcomes go to the caller.

mod arrival;
mod ask;
mod assertion;
mod check;
mod clauses;
mod command;
mod curve;
mod descend;
mod elasticity;
mod exercise;
mod flow;
mod growth;
mod large;
mod missing;
mod numbers;
mod pictures;
mod ranges;
mod rows;
mod results;
mod rewriting;
mod saturate;
mod tables;
#[cfg(test)]
mod tests;

pub use ask::{Ask, Query};
pub use clauses::{accepted, setting_values, settings_of};
pub use numbers::{ONE_KIND, Wanted};

use crate::budget::{Budget, Stop, under, whole};
use crate::data::{DataSet, Place, Progress};
use crate::derive::Detail;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::domain::{self, Known, Verdict};
use crate::expr::{Graph, Id, Number, Symbol};
use crate::expr::{print, walk};
use crate::limits::{Limit, Limits};
use crate::outcome::{Answer, Outcome};
use crate::resolve::{Fault, Kind, Lowering, Places, Scope, Text, Value, broken, for_every_row};
use crate::source::{Source, Span};
use crate::syntax::ast::{Binding, Clauses, ExprId, Ident, Statement, StatementKind};
use crate::syntax::parse_program_within;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Where imported texts come from.
pub trait Loader {
    /// The text that `path` names in the text called `from`. The source's name tells one file from another.
    ///
    /// # Errors
    /// One sentence that says why it cannot be had.
    fn load(&mut self, from: &str, path: &str) -> Result<Source, String>;

    /// The data file that `path` names in the text called `from`. Nothing is read yet.
    ///
    /// # Errors
    /// One sentence that says why it cannot be had.
    fn find_data(&mut self, from: &str, path: &str) -> Result<Place, String> {
        let _ = (from, path);
        rows::nowhere()
    }
}

/// A loader for programs that import nothing.
pub struct NoImports;

impl Loader for NoImports {
    fn load(&mut self, _: &str, _: &str) -> Result<Source, String> {
        Err("there are no files here to import from".into())
    }
}

/// How statements run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether a redefinition is worth a warning: in a script it is.
    pub warns_of_redefinition: bool,
    /// The time that one statement may take; each piece of a data file that it reads gets as much again.
    pub time: Option<Duration>,
    /// What one statement, and one text, may cost beside time.
    pub limits: Limits,
    /// Stops a running statement from another thread.
    pub stop: Stop,
    /// Who is told how far the reading of data has come.
    pub progress: Option<Arc<dyn Progress>>,
    /// Whether somebody types the statements one after another: results are kept under `ans`, `_1`, `_2` …, an import that
    /// fails changes nothing, and a name whose definition was refused stays what it was.
    pub is_conversation: bool,
    /// How much of a derivation is shown where the statement does not say it.
    pub detail: Option<Detail>,
    /// How many columns a picture may take, where that is known.
    pub columns: Option<usize>,
    /// Where the pages of `explain` come from: a topic's page, or one sentence that says why there is none.
    pub pages: fn(&str) -> Result<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            warns_of_redefinition: true,
            time: Some(Duration::from_secs(10)),
            limits: Limits::default(),
            stop: Stop::default(),
            progress: None,
            is_conversation: false,
            detail: None,
            columns: None,
            pages: |_| Err("there are no pages here".into()),
        }
    }
}

/// Everything that a program has defined, and the graph that holds it.
#[derive(Default)]
pub struct Session {
    /// The expressions of the program.
    pub graph: Graph,
    /// How statements run.
    pub options: Options,
    scope: Scope,
    values: Point,
    told: HashSet<Symbol>,
    /// The forms that overflow in plain code of which was warned.
    fragile: HashSet<String>,
    /// Names whose definition was refused: using one is an error, not a free symbol.
    refused: HashSet<String>,
    data: HashMap<Symbol, Arc<DataSet>>,
    /// The data sets and columns of which was told that rows are left out.
    told_skipped: HashSet<(Symbol, Vec<usize>)>,
    importing: Vec<String>,
    /// Where the parts of each stage stand.
    written: HashMap<Symbol, Arc<(Arc<Text>, Places)>>,
    /// Where each assumption stands.
    assumed: HashMap<Id, (Arc<Text>, Span)>,
    /// How many results are kept.
    results: usize,
}

/// Values of symbols, in both arithmetics.
#[derive(Clone, Debug, Default)]
struct Point {
    float: HashMap<Symbol, f64>,
    exact: HashMap<Symbol, Number>,
    /// As expressions without symbols, where no rational is the value: `pi/4`.
    closed: HashMap<Symbol, Id>,
}

/// The value of one symbol: in f64, and exactly.
struct Constant {
    float: f64,
    exact: Option<Number>,
    closed: Option<Id>,
}

/// The text of a statement with what was found out while it ran.
struct Work<'s> {
    session: &'s mut Session,
    text: Arc<Text>,
    budget: Budget,
    warnings: Vec<Diagnostic>,
    places: Places,
    /// What the statement itself assumes.
    extra: Vec<Id>,
    /// The names that its clauses introduce.
    declared: HashSet<String>,
    /// What stands for reductions over rows whose formula loses digits.
    lossy: HashSet<Symbol>,
    /// Where the file of a `data` or `curve` statement is.
    located: Option<Result<Place, String>>,
    /// Whether derivatives inside expressions are left to be taken.
    leaves_derivatives: bool,
}

impl Session {
    /// An empty session.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Session { options, ..Session::default() }
    }

    /// Runs a program and collects its outcomes. Outcomes of an imported text stand before that of the import, where
    /// there is something to say.
    pub fn run(&mut self, source: Source, loader: &mut dyn Loader) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        self.run_each(source, loader, &mut |_, outcome| outcomes.push(outcome));
        outcomes
    }

    /// Runs a program and hands over each outcome as soon as it is there.
    pub fn run_each(&mut self, source: Source, loader: &mut dyn Loader, tell: &mut dyn FnMut(&Session, Outcome)) {
        let parsed = parse_program_within(&source, self.options.limits.into());
        let text = Text::new(source, parsed.ast);
        let mut refused = parsed.diagnostics.into_iter().peekable();
        for statement in &parsed.statements {
            if self.options.is_conversation && self.options.stop.reason().is_some() {
                return;
            }
            while let Some(diagnostic) = refused.next_if(|d| d.span().is_some_and(|span| span.start < statement.span.start)) {
                self.refuse_name(defined_on_line_of(&text, &diagnostic));
                tell(self, refusal(&text, diagnostic));
            }
            if let StatementKind::Import { path } = statement.kind {
                self.import(&text, statement, path, loader, tell);
                continue;
            }
            let located = match &statement.kind {
                StatementKind::Data { path, .. } | StatementKind::Curve { path, .. } => {
                    Some(loader.find_data(&text.source.name, text.source.slice(*path)))
                }
                _ => None,
            };
            if let Some(outcome) = self.guarded(&text, statement, located) {
                tell(self, outcome);
            }
        }
        for diagnostic in refused {
            self.refuse_name(defined_on_line_of(&text, &diagnostic));
            tell(self, refusal(&text, diagnostic));
        }
    }

    /// Remembers a name whose definition was refused, unless an earlier definition still holds.
    fn refuse_name(&mut self, name: Option<String>) {
        if self.options.is_conversation && self.importing.is_empty() {
            return;
        }
        self.refused.extend(name.filter(|name| self.scope.entry(name).is_none() && self.scope.function(name).is_none()));
    }

    /// What the program has defined.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// A statement; a fault of the program itself becomes a diagnostic, so that the others still run.
    fn guarded(&mut self, text: &Arc<Text>, statement: &Statement, located: Option<Result<Place, String>>) -> Option<Outcome> {
        let caught = catch_unwind(AssertUnwindSafe(|| self.statement(text, statement, located)));
        caught.unwrap_or_else(|_| {
            let message = "grad made a mistake of its own here; please report it with this statement";
            Some(Outcome {
                text: text.clone(),
                span: statement.span,
                command: command_name(&statement.kind),
                answer: None,
                diagnostics: vec![Diagnostic::new(&code::INTERNAL, message).at(statement.span, "")],
            })
        })
    }

    fn statement(&mut self, text: &Arc<Text>, statement: &Statement, located: Option<Result<Place, String>>) -> Option<Outcome> {
        if matches!(statement.kind, StatementKind::Narrative(_) | StatementKind::Expected(_)) {
            return None;
        }
        let mut warnings = Vec::new();
        let result = self.within_limits(text, |work| {
            work.located = located;
            let result = work.run(&statement.kind, statement.span);
            warnings = std::mem::take(&mut work.warnings);
            result
        });
        let mut diagnostics: Vec<Diagnostic> = warnings.into_iter().map(|w| placed(w, statement.span)).collect();
        let names = defined_names(text, &statement.kind);
        let answer = match result {
            Ok(answer) => {
                names.iter().for_each(|name| {
                    self.refused.remove(name);
                });
                if let Some(answer) = &answer
                    && self.options.is_conversation
                    && self.importing.is_empty()
                {
                    self.keep(answer);
                }
                answer
            }
            Err(fault) => {
                names.into_iter().for_each(|name| self.refuse_name(Some(name)));
                diagnostics.push(placed(*fault, statement.span));
                None
            }
        };
        Some(Outcome { text: text.clone(), span: statement.span, command: command_name(&statement.kind), answer, diagnostics })
    }

    /// Does some work under an allowance of its own. Of work that is stopped nothing stays.
    fn within_limits<T>(&mut self, text: &Arc<Text>, work: impl FnOnce(&mut Work<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let Options { time, limits, stop, .. } = &self.options;
        let (budget, stop) = (Budget::stoppable(*time, *limits, stop.clone()), stop.clone());
        let mark = self.graph.mark();
        let done = under(&budget, || work(&mut Work::new(self, text.clone(), budget.clone())));
        done.unwrap_or_else(|reason| {
            self.graph.rewind(mark);
            self.told.retain(|symbol| mark.has(*symbol));
            stop.memory_is_back();
            Err(Box::new(Diagnostic::stopped(reason)))
        })
    }

    fn import(
        &mut self,
        text: &Arc<Text>,
        statement: &Statement,
        path: Span,
        loader: &mut dyn Loader,
        tell: &mut dyn FnMut(&Session, Outcome),
    ) {
        let written = text.source.slice(path);
        let before = self.options.is_conversation.then(|| (self.scope.clone(), self.values.clone(), self.data.clone()));
        let fault = match loader.load(&text.source.name, written) {
            Ok(source) => self.imported(text, source, loader, tell),
            Err(reason) => Some((&code::IMPORT, format!("`{}` cannot be imported: {reason}", quote(written)))),
        };
        if let (Some(_), Some((scope, values, data)), true) = (&fault, before, self.importing.is_empty()) {
            (self.scope, self.values, self.data) = (scope, values, data);
            self.refused.clear();
        }
        let fault = fault.map(|(code, message)| Diagnostic::new(code, message).at(statement.span, ""));
        let diagnostics = fault.into_iter().collect();
        tell(self, Outcome { text: text.clone(), span: statement.span, command: "import", answer: None, diagnostics });
    }

    /// Runs an imported text: its definitions count, its commands print nothing.
    fn imported(
        &mut self,
        text: &Arc<Text>,
        source: Source,
        loader: &mut dyn Loader,
        tell: &mut dyn FnMut(&Session, Outcome),
    ) -> Option<(&'static crate::diagnostic::Code, String)> {
        let name = source.name.clone();
        if self.importing.is_empty() {
            self.importing.push(text.source.name.clone());
        }
        if let Some(at) = self.importing.iter().position(|open| *open == name) {
            let mut chain: Vec<&str> = self.importing[at..].iter().map(String::as_str).collect();
            chain.push(&name);
            return Some((&code::IMPORT_CYCLE, format!("files import one another: {}", quote(&chain.join(" → ")))));
        }
        let deepest = self.options.limits.of(Limit::Imports);
        if self.importing.len() as u64 > deepest {
            let advice = Limit::Imports.advice();
            return Some((&code::TOO_MANY_IMPORTS, format!("imports stand more than {deepest} deep in one another; {advice}")));
        }
        self.importing.push(name);
        let mut failed = false;
        self.run_each(source, loader, &mut |session, outcome| {
            failed |= outcome.is_error();
            if !outcome.diagnostics.is_empty() {
                tell(session, Outcome { answer: None, ..outcome });
            }
        });
        self.importing.pop();
        if self.importing.len() == 1 {
            self.importing.clear();
        }
        failed.then(|| (&code::IMPORT, "the imported file has an error".to_owned()))
    }
}

/// The names that a statement defines.
fn defined_names(text: &Text, kind: &StatementKind) -> Vec<String> {
    let name = |ident: &Ident| text.ast.name(ident.name).to_owned();
    match kind {
        StatementKind::Let(binding) => vec![name(&binding.name)],
        StatementKind::Fn { name: defined, .. } | StatementKind::Data { name: defined, .. } => vec![name(defined)],
        StatementKind::Param(bindings) | StatementKind::Given(bindings) => bindings.iter().map(|b| name(&b.name)).collect(),
        _ => Vec::new(),
    }
}

/// The name that a line defines which could not be read: `let loss = (…`, `loss = …`.
fn defined_on_line_of(text: &Text, diagnostic: &Diagnostic) -> Option<String> {
    let span = diagnostic.span()?;
    let before = text.source.text.get(..span.start as usize)?;
    let line = &text.source.text[before.rfind(['\n', ';']).map_or(0, |at| at + 1)..];
    let defining = ["let ", "fn ", "param ", "given ", "data "].iter().find_map(|word| line.trim_start().strip_prefix(word));
    let rest = defining.or_else(|| (diagnostic.code == &code::DEFINITION).then_some(line))?;
    let name: String = rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn refusal(text: &Arc<Text>, diagnostic: Diagnostic) -> Outcome {
    let span = diagnostic.span().unwrap_or_default();
    Outcome { text: text.clone(), span, command: "syntax", answer: None, diagnostics: vec![diagnostic] }
}

/// A diagnostic without a place gets that of its statement.
fn placed(diagnostic: Diagnostic, span: Span) -> Diagnostic {
    if diagnostic.labels.is_empty() { diagnostic.at(span, "") } else { diagnostic }
}

fn command_name(kind: &StatementKind) -> &'static str {
    match kind {
        StatementKind::Let(_) => "let",
        StatementKind::Fn { .. } => "fn",
        StatementKind::Param(_) => "param",
        StatementKind::Given(_) => "given",
        StatementKind::Assume(_) => "assume",
        StatementKind::Data { .. } => "data",
        StatementKind::Curve { .. } => "curve",
        StatementKind::Exercise { .. } => "exercise",
        StatementKind::Import { .. } => "import",
        StatementKind::Assert { .. } => "assert",
        StatementKind::Check { .. } => "check",
        StatementKind::Expr { .. } => "expression",
        StatementKind::Narrative(_) | StatementKind::Expected(_) => "text",
        StatementKind::Explain { .. } => "explain",
        StatementKind::Command { kind, .. } => kind.word(),
    }
}

impl<'s> Work<'s> {
    fn new(session: &'s mut Session, text: Arc<Text>, budget: Budget) -> Self {
        let (warnings, places, extra) = (Vec::new(), Places::default(), Vec::new());
        let (declared, lossy) = (HashSet::new(), HashSet::new());
        Work { session, text, budget, warnings, places, extra, declared, lossy, located: None, leaves_derivatives: false }
    }

    fn run(&mut self, kind: &StatementKind, span: Span) -> Result<Option<Answer>, Fault> {
        match kind {
            StatementKind::Let(binding) => self.stage(binding).map(|()| None),
            StatementKind::Fn { name, params, body } => self.function(*name, params, *body).map(|()| None),
            StatementKind::Param(bindings) => self.variables(Kind::Param, bindings).map(|()| None),
            StatementKind::Given(bindings) => self.variables(Kind::Given, bindings).map(|()| None),
            StatementKind::Assume(conditions) => {
                let found = self.conditions(conditions)?;
                let places = conditions.iter().map(|id| (self.text.clone(), self.text.ast.span(*id)));
                self.session.assumed.extend(found.iter().copied().zip(places));
                self.session.scope.assumptions.extend(found);
                Ok(None)
            }
            StatementKind::Data { name, path, clauses } => self.data(*name, *path, clauses).map(|()| None),
            StatementKind::Curve { path, clauses } => self.curve(*path, clauses).map(Some),
            StatementKind::Command { kind, operand, clauses } => self.command(*kind, *operand, clauses, span).map(Some),
            StatementKind::Assert { condition, within, clauses } => {
                self.assert(*condition, *within, clauses, span).map(|()| None)
            }
            StatementKind::Check { problem, lines, clauses } => self.check(*problem, lines, clauses, span).map(Some),
            StatementKind::Exercise { topic, clauses } => self.exercise(*topic, clauses).map(Some),
            StatementKind::Explain { topic } => self.explain(*topic).map(Some),
            StatementKind::Expr { value, clauses } => self.expression(*value, clauses, span).map(Some),
            StatementKind::Import { .. } | StatementKind::Narrative(_) | StatementKind::Expected(_) => Ok(None),
        }
    }

    /// The page about a topic.
    fn explain(&self, topic: Span) -> Result<Answer, Fault> {
        let topic = self.text.source.slice(topic);
        match (self.session.options.pages)(topic) {
            Ok(text) => Ok(Answer::Page { topic: topic.to_owned(), text }),
            Err(reason) => Err(Box::new(Diagnostic::new(&code::TOPIC, reason))),
        }
    }

    // ---- definitions

    fn name(&self, ident: Ident) -> String {
        self.text.ast.name(ident.name).to_owned()
    }

    fn new_name(&mut self, ident: Ident) -> Result<String, Fault> {
        let name = self.name(ident);
        self.session.scope.check_definable(&name, ident.span)?;
        if self.session.options.warns_of_redefinition {
            self.warnings.extend(self.session.scope.redefinition(&name, ident.span));
        }
        Ok(name)
    }

    fn stage(&mut self, binding: &Binding) -> Result<(), Fault> {
        let name = self.new_name(binding.name)?;
        let value = self.lower(|l| l.numbers(binding.value))?;
        self.session.scope.check_stage_cycle(&self.session.graph, binding.name, &name, &value)?;
        let Session { graph, scope, values, .. } = &mut *self.session;
        if let Some(symbol) = graph.find_symbol(&name) {
            values.forget(symbol);
        }
        whole(|| scope.define_stage(graph, &name, value));
        self.keep_places(&name);
        Ok(())
    }

    fn function(&mut self, name: Ident, params: &[Ident], body: ExprId) -> Result<(), Fault> {
        self.new_name(name)?;
        let function = self.session.scope.function_of(&self.text, name, params, body)?;
        self.lower(|l| l.check_function(&function.params, body))?;
        whole(|| self.session.scope.define_function(&mut self.session.graph, function));
        Ok(())
    }

    fn variables(&mut self, kind: Kind, bindings: &[Binding]) -> Result<(), Fault> {
        let mut made = Vec::new();
        for binding in bindings {
            let name = self.new_name(binding.name)?;
            let value = self.lower(|l| l.numbers(binding.value))?;
            let values = self.constants(&value, binding.value)?;
            made.push((name, value, values));
        }
        whole(|| {
            for (name, value, values) in made {
                let Session { graph, scope, values: point, .. } = &mut *self.session;
                let symbols = scope.define_variable(graph, kind, &name, &value);
                symbols.into_iter().zip(values).for_each(|(symbol, value)| point.set(symbol, value));
            }
        });
        Ok(())
    }

    /// The values of something that must have some.
    fn constants(&mut self, value: &Value, id: ExprId) -> Result<Vec<Constant>, Fault> {
        let (roots, point) = (value.components(), self.session.values.clone());
        let span = self.text.ast.span(id);
        let (roots, point) = self.reduced(roots, &point)?.unwrap_or_else(|| (roots.to_vec(), point));
        roots.iter().map(|id| self.constant(*id, &point, span)).collect()
    }

    fn constant(&mut self, id: Id, point: &Point, span: Span) -> Result<Constant, Fault> {
        let found = self.evaluated(&[id], point, Wanted::Exact).swap_remove(0);
        if let Some(cause) = found.cause {
            let message = format!("a value is needed here: {cause}");
            return Err(Box::new(Diagnostic::new(&code::NO_VALUE, message).at(span, "this must be a number")));
        }
        let g = &self.session.graph;
        let exact = found.exact.and_then(|id| g.as_number(id)).cloned();
        let closed = found.exact.filter(|_| exact.is_none());
        Ok(Constant { float: found.value, exact, closed })
    }

    fn conditions(&mut self, ids: &[ExprId]) -> Result<Vec<Id>, Fault> {
        let mut found: Vec<Id> = self.lower(|l| ids.iter().map(|id| l.condition(*id)).collect())?;
        self.check_consistent(ids, &found)?;
        let g = &mut self.session.graph;
        let inside: Vec<Id> = found.iter().filter_map(|condition| for_every_row(g, *condition)).collect();
        found.extend(inside);
        Ok(found)
    }

    /// Refuses a condition that holds nowhere, given what is assumed and the conditions before it.
    fn check_consistent(&mut self, ids: &[ExprId], found: &[Id]) -> Result<(), Fault> {
        for (k, (id, condition)) in ids.iter().zip(found).enumerate() {
            let Session { graph, scope, assumed, .. } = &mut *self.session;
            if domain::prove(graph, &known_of(scope, &found[..k]), *condition) != Verdict::Refuted {
                continue;
            }
            let text = quote(&print::glimpse(graph, *condition, print::Style::Plain, 60));
            let span = self.text.ast.span(*id);
            let mut is_refuted_by = |earlier: &[Id]| {
                let known = Known { conditions: earlier.to_vec(), definitions: scope.definitions.clone().into() };
                domain::prove(graph, &known, *condition) == Verdict::Refuted
            };
            if is_refuted_by(&[]) {
                let fault = Diagnostic::new(&code::CONTRADICTION, format!("`{text}` holds nowhere"));
                return Err(Box::new(fault.at(span, "no point satisfies this")));
            }
            let mut refutes = |earlier: &Id| is_refuted_by(&[*earlier]);
            let message = format!("`{text}` contradicts what is assumed");
            let fault = Diagnostic::new(&code::CONTRADICTION, message).at(span, "this holds nowhere then");
            if let Some(at) = found[..k].iter().position(&mut refutes) {
                return Err(Box::new(fault.see(self.text.ast.span(ids[at]), "because of this")));
            }
            let Some(earlier) = scope.assumptions.iter().copied().find(refutes) else { return Err(Box::new(fault)) };
            return Err(Box::new(match assumed.get(&earlier) {
                Some((text, span)) if Arc::ptr_eq(text, &self.text) => fault.see(*span, "because of this"),
                _ => fault.help(format!("assumed before: {}", print::plain(graph, earlier))),
            }));
        }
        Ok(())
    }

    // ---- resolving

    /// Resolves something of this statement's text.
    fn lower<T>(&mut self, work: impl FnOnce(&mut Lowering<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let Session { graph, scope, refused, .. } = &mut *self.session;
        let (shared, extra, open) = (&*scope, &self.extra, self.leaves_derivatives);
        let mut known = None;
        let mut differentiate = |g: &mut Graph, body: Id, variable: Symbol, order: u32| {
            if open {
                return Ok(g.derivative(body, variable, order));
            }
            // most statements take no derivative inside an expression: the knowledge is gathered when one does
            let known = known.get_or_insert_with(|| known_of(shared, extra));
            command::derivative_as_expression(known, g, body, variable, order)
        };
        let mut lowering = Lowering::new(graph, scope, self.text.reading(), &mut differentiate, Some(&self.budget));
        lowering.declared.clone_from(&self.declared);
        lowering.broken.clone_from(refused);
        let result = work(&mut lowering);
        let (free, places) = (std::mem::take(&mut lowering.free), std::mem::take(&mut lowering.places));
        let varied = std::mem::take(&mut lowering.varied);
        self.places.append(places);
        let value = result?;
        self.refuse_broken(&free)?;
        self.warn_of_slips(&free);
        for (body, variable, named) in varied {
            self.warn_of_absent(&[variable], body.components(), named);
        }
        Ok(value)
    }

    /// A name whose definition has an error is no free symbol.
    fn refuse_broken(&self, free: &[(Symbol, Span)]) -> Result<(), Fault> {
        for (symbol, span) in free {
            let name = self.session.graph.name(*symbol);
            if self.session.refused.contains(name) && !self.declared.contains(name) {
                return Err(Box::new(broken(name, "has no value").at(*span, "defined above, with an error")));
            }
        }
        Ok(())
    }

    /// A free name that nearly is a defined one draws a warning, once.
    fn warn_of_slips(&mut self, free: &[(Symbol, Span)]) {
        for (symbol, span) in free {
            if !self.session.told.insert(*symbol) {
                continue;
            }
            let name = self.session.graph.name(*symbol);
            if self.declared.contains(name) {
                continue;
            }
            if let Some(defined) = self.session.scope.misspelt(name) {
                let message = format!("`{}` is a free symbol; did you mean `{}`?", quote(name), quote(defined));
                self.warnings.push(Diagnostic::new(&code::MISSPELT, message).at(*span, "nothing defines this"));
            }
        }
    }

    /// What is taken for true in this statement.
    fn known(&self) -> Known {
        known_of(&self.session.scope, &self.extra)
    }

    /// The same when derivatives are taken by these: a stage among them varies by itself.
    fn known_beside(&self, by: &[Symbol]) -> Known {
        let mut known = self.known();
        known.definitions.remove(by);
        known
    }

    /// The point that the clauses ask about, with the names of `at` that nothing uses as warnings.
    fn point(&mut self, clauses: &Clauses, roots: &[Id]) -> Result<Point, Fault> {
        let mut point = self.session.values.clone();
        let used = if clauses.at.is_empty() { HashSet::new() } else { self.reachable(roots) };
        for binding in &clauses.at {
            let value = self.lower(|l| l.numbers(binding.value))?;
            let values = self.constants(&value, binding.value)?;
            let symbols = self.targets(binding.name, &value)?;
            if !symbols.iter().any(|s| used.contains(s)) {
                let message = format!("`{}` does not occur in the expression", quote(&self.name(binding.name)));
                self.warnings.push(Diagnostic::new(&code::UNUSED, message).at(binding.name.span, "this value is not used"));
            }
            symbols.into_iter().zip(values).for_each(|(symbol, value)| point.set(symbol, value));
        }
        Ok(point)
    }

    /// The symbols that a binding of an `at` clause gives values to.
    fn targets(&mut self, name: Ident, value: &Value) -> Result<Vec<Symbol>, Fault> {
        let text = self.name(name);
        if let (Value::Vector(items), None) = (value, self.session.scope.entry(&text)) {
            return Ok((1..=items.len()).map(|k| self.session.graph.intern(&format!("{text}[{k}]"))).collect());
        }
        let symbols = self.lower(|l| l.variables(name))?;
        if symbols.len() != value.components().len() {
            let message = format!("`{}` has {} entries, the value {}", quote(&text), symbols.len(), value.components().len());
            return Err(Box::new(Diagnostic::new(&code::LENGTHS, message).at(name.span, "")));
        }
        Ok(symbols)
    }

    /// Every symbol that the expressions depend on, stages and what they are made of included.
    fn reachable(&self, roots: &[Id]) -> HashSet<Symbol> {
        let Session { graph, scope, .. } = &*self.session;
        let mut queue = walk::free_symbols(graph, roots);
        let mut found = HashSet::new();
        while let Some(symbol) = queue.pop() {
            if found.insert(symbol)
                && let Some(definition) = scope.definitions.get(&symbol)
            {
                queue.extend(walk::free_symbols(graph, &[*definition]));
            }
        }
        found
    }

    /// The expression without stage names.
    fn opened(&mut self, root: Id) -> Id {
        let Session { graph, scope, .. } = &mut *self.session;
        crate::derive::pipeline::without_stages(graph, &scope.definitions, root)
    }
}

/// What the program and the clauses of a statement assume.
fn known_of(scope: &Scope, extra: &[Id]) -> Known {
    let conditions = scope.assumptions.iter().chain(extra).copied().collect();
    Known { conditions, definitions: scope.definitions.clone().into() }
}

impl Point {
    fn set(&mut self, symbol: Symbol, value: Constant) {
        self.forget(symbol);
        self.float.insert(symbol, value.float);
        self.exact.extend(value.exact.map(|n| (symbol, n)));
        self.closed.extend(value.closed.map(|id| (symbol, id)));
    }

    fn forget(&mut self, symbol: Symbol) {
        self.float.remove(&symbol);
        self.exact.remove(&symbol);
        self.closed.remove(&symbol);
    }
}
