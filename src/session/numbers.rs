//! The numbers of a statement: values and slopes at a point, found fast in f64 through stable forms and settled by the
//! enclosures; exact values, and as many digits as wanted.

use super::{Point, Session, Work};
use crate::budget::allowed;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::domain::Known;
use crate::eval::{self, CauseKind, Evaluation, Settled, Truth, settled, truth};
use crate::expr::{Graph, Id, Number, Symbol, View, print, walk};
use crate::limits::Limit;
use crate::outcome::Evaluated;
use crate::resolve::Fault;
use crate::simplify::{self, Names, Simplifier};
use crate::source::Span;
use crate::verify::evaluate::Missing;
use crate::{derive::pipeline, gradient};
use std::collections::{HashMap, HashSet};

/// Which number is wanted of an expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Wanted {
    /// The f64 nearest to the value.
    #[default]
    Nearest,
    /// That, and the exact value where it is rational.
    Rational,
    /// The exact value, as a number or in closed form, where there is one.
    Exact,
    /// So many significant digits.
    Digits(usize),
    /// What the operations as typed give, each rounded to f64.
    Plain,
}

/// Said where more than one kind of number is asked for.
pub const ONE_KIND: &str = "of `digits`, `exact` and `plain` one can be asked for";

/// The limit of work of a value of many digits, in products of two balls at the starting precision.
const WORK_OF_DIGITS: u64 = 20_000_000;

impl Wanted {
    /// Refuses more digits than are allowed.
    pub(super) fn within_limits(self) -> Result<(), Diagnostic> {
        let most = allowed(Limit::Digits);
        match self {
            Wanted::Digits(count) if count as u64 > most => {
                Err(Diagnostic::beyond(Limit::Digits, format!("values have at most {most} digits")))
            }
            _ => Ok(()),
        }
    }
}

impl Work<'_> {
    /// Whether every symbol that the expressions depend on has a value or stands for something that has one.
    pub(super) fn has_values(&self, roots: &[Id], point: &Point) -> bool {
        let Session { graph, scope, .. } = &*self.session;
        let mut queue = walk::free_symbols(graph, roots);
        let mut seen = HashSet::new();
        while let Some(symbol) = queue.pop() {
            if !seen.insert(symbol) || point.float.contains_key(&symbol) {
                continue;
            }
            match scope.definitions.get(&symbol) {
                Some(definition) => queue.extend(walk::free_symbols(graph, &[*definition])),
                None => return false,
            }
        }
        true
    }

    /// What symbols stand for at this point: stages without a value of their own, and values that no rational is.
    pub(super) fn standing(&self, point: &Point) -> HashMap<Symbol, Id> {
        let stages = self.session.scope.definitions.iter().filter(|(s, _)| !point.float.contains_key(s));
        stages.chain(&point.closed).map(|(s, id)| (*s, *id)).collect()
    }

    /// Whether enclosures of these expressions and of so many derivatives of each are found in a moment.
    pub(super) fn is_affordable(&self, roots: &[Id], derivatives: usize) -> bool {
        let Session { graph, scope, .. } = &*self.session;
        let (mut seen, mut stack) = (HashSet::new(), roots.to_vec());
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            if seen.len().saturating_mul(1 + 3 * derivatives) as u64 > truth::WORK {
                return false;
            }
            stack.extend_from_slice(graph.children(id));
            stack.extend(graph.as_symbol(id).and_then(|s| scope.definitions.get(&s)));
        }
        true
    }

    /// The values of expressions and the truth of conditions.
    pub(super) fn evaluated(&mut self, roots: &[Id], point: &Point, wanted: Wanted) -> Vec<Evaluated> {
        if wanted == Wanted::Plain {
            return self.plain(roots, point);
        }
        let fast = self.fast(roots, point);
        let standing = self.standing(point);
        let g = &self.session.graph;
        let work = if self.is_affordable(roots, 0) { truth::WORK } else { 0 };
        let mut truth = point.truth(g, &standing).work(work);
        let settled = roots.iter().zip(fast).map(|(root, fast)| {
            let found = true_value(g, *root, &mut truth);
            Settled::judge(*root, fast, found)
        });
        let settled: Vec<Settled> = settled.collect();
        let pairs = roots.iter().zip(settled);
        pairs.map(|(root, settled)| self.finished(*root, settled, point, &standing, wanted)).collect()
    }

    /// The values of expressions, over the rows of a data set too; none where a symbol has no value.
    pub(super) fn values_there_are(&mut self, asked: &[Id], point: &Point) -> Result<Vec<Option<Evaluated>>, Fault> {
        if let Some(values) = self.values_over_rows(asked, point, Wanted::Nearest)? {
            return Ok(values.into_iter().map(Some).collect());
        }
        let known: Vec<Id> = asked.iter().copied().filter(|id| self.has_values(&[*id], point)).collect();
        let found: HashMap<Id, Evaluated> = known.iter().copied().zip(self.evaluated(&known, point, Wanted::Nearest)).collect();
        Ok(asked.iter().map(|id| found.get(id).cloned()).collect())
    }

    /// The f64 values through stable forms.
    fn fast(&mut self, roots: &[Id], point: &Point) -> Vec<Evaluation> {
        let stable: Vec<Id> = roots.iter().map(|root| self.stable(*root, point, &[])).collect();
        let Session { graph, scope, .. } = &*self.session;
        eval::evaluate(graph, &scope.definitions, &stable, &point.float)
    }

    /// The f64 values of what was typed, operation by operation, with the part that loses the digits where they are lost.
    fn plain(&self, roots: &[Id], point: &Point) -> Vec<Evaluated> {
        let Session { graph, scope, .. } = &*self.session;
        let found = eval::evaluate(graph, &scope.definitions, roots, &point.float);
        let pairs = roots.iter().zip(found);
        let values = pairs.map(|(root, mut found)| {
            found.cause = found.cause.or_else(|| Some(self.lost(*root, point)?.cause));
            evaluated(graph, Settled { found, doubt: None })
        });
        values.collect()
    }

    /// How the operations as typed lose the value of an expression, where they do.
    fn lost(&self, root: Id, point: &Point) -> Option<settled::Loss> {
        let Session { graph, scope, .. } = &*self.session;
        let standing = self.standing(point);
        let mut truth = point.truth(graph, &standing);
        let value = truth.nearest(root).ok().filter(|value| value.is_finite())?;
        settled::loss(graph, &scope.definitions, root, &point.float, value, &mut truth)
    }

    /// With the exact value or the digits, where these are wanted.
    fn finished(
        &mut self,
        root: Id,
        mut settled: Settled,
        point: &Point,
        standing: &HashMap<Symbol, Id>,
        wanted: Wanted,
    ) -> Evaluated {
        let asked = matches!(wanted, Wanted::Exact | Wanted::Rational);
        let mut exact = None;
        if wanted != Wanted::Nearest || settled.doubt.is_some() {
            exact = self.decided_exactly(root, &mut settled, point, standing);
        }
        let has_value = settled.found.cause.as_ref().is_none_or(|cause| !cause.kind.is_strict());
        if wanted == Wanted::Exact && exact.is_none() && has_value {
            exact = self.closed_form(root, point, standing);
        }
        let mut digits = None;
        if let (Wanted::Digits(count), true) = (wanted, has_value) {
            digits = self.digits(root, point, standing, exact, count);
            settled.doubt = settled.doubt.or(digits.is_none().then_some("the digits could not be told from an exact tie"));
        }
        let beyond = if settled.doubt.is_none() && exact.is_none() {
            self.beyond_f64(root, &settled.found, point, standing)
        } else {
            None
        };
        let exact = exact.filter(|_| asked);
        let mut shown = Evaluated { exact, digits, ..evaluated(&self.session.graph, settled) };
        if let Some(size) = beyond {
            shown.cause = Some(match shown.cause {
                Some(overflow) => format!("{overflow}; it is about {size}"),
                None => format!("it is about {size}, below the smallest f64"),
            });
        }
        shown
    }

    /// The rational value, where there is one; it decides, and so does a missing value where there was doubt.
    fn decided_exactly(&mut self, root: Id, settled: &mut Settled, point: &Point, standing: &HashMap<Symbol, Id>) -> Option<Id> {
        if settled.doubt.is_some()
            && let Some(value) = self.decided(root, point, standing)
        {
            *settled = Settled { found: Evaluation { value, cause: None }, doubt: None };
        }
        let g = &mut self.session.graph;
        if g.is_condition(root) {
            return None;
        }
        match eval::exact(g, standing, root, &point.exact) {
            eval::Exact::Value(n) => {
                *settled = Settled { found: Evaluation { value: n.to_f64(), cause: None }, doubt: None };
                Some(g.number(n))
            }
            eval::Exact::Undefined(cause) if settled.doubt.is_some() => {
                *settled = Settled { found: Evaluation { value: f64::NAN, cause: Some(cause) }, doubt: None };
                None
            }
            eval::Exact::Undefined(_) | eval::Exact::NotRational(_) | eval::Exact::TooLarge => None,
        }
    }

    /// The size of a value that f64 can only give as 0 or an infinity.
    fn beyond_f64(&self, root: Id, found: &Evaluation, point: &Point, standing: &HashMap<Symbol, Id>) -> Option<String> {
        let overflows = found.cause.as_ref().is_some_and(|cause| cause.kind == CauseKind::Overflow);
        if !(overflows || found.value == 0.0) || self.session.graph.is_condition(root) {
            return None;
        }
        let digits = point.truth(&self.session.graph, standing).digits(root, 3).ok()?;
        (digits != "0").then_some(digits)
    }

    /// So many digits: of a rational from the number itself, and where no enclosure tells a value from 0 or from a tie, from its
    /// closed form.
    fn digits(
        &mut self,
        root: Id,
        point: &Point,
        standing: &HashMap<Symbol, Id>,
        exact: Option<Id>,
        count: usize,
    ) -> Option<String> {
        let told = |g: &Graph, id| match g.as_number(id) {
            Some(n) => truth::digits_of(n, count),
            None => point.truth(g, standing).work(WORK_OF_DIGITS).digits(id, count).ok(),
        };
        if let Some(found) = told(&self.session.graph, exact.unwrap_or(root)) {
            return Some(found);
        }
        let form = self.closed_form(root, point, standing)?;
        told(&self.session.graph, form)
    }

    /// An expression with the exact values of its symbols in their places; none where one of them has none.
    fn closed_at(&mut self, root: Id, point: &Point, standing: &HashMap<Symbol, Id>) -> Option<Id> {
        let g = &mut self.session.graph;
        let mut values: HashMap<Symbol, Id> = standing.clone();
        for (symbol, n) in &point.exact {
            let id = g.number(n.clone());
            values.insert(*symbol, id);
        }
        let constant = pipeline::without_stages(g, &values, root);
        walk::free_symbols(g, &[constant]).is_empty().then_some(constant)
    }

    /// The value at a point, where comparisons on the way are of equal numbers.
    fn decided(&mut self, root: Id, point: &Point, standing: &HashMap<Symbol, Id>) -> Option<f64> {
        let constant = self.closed_at(root, point, standing)?;
        let g = &mut self.session.graph;
        let decided = simplify::decided(g, constant);
        let none = HashMap::new();
        (decided != constant).then(|| true_value(g, decided, &mut Truth::new(g, &none, Vec::new()).work(truth::WORK)).ok())?
    }

    /// The value in closed form: the shortest expression without symbols, of the same value by its enclosure.
    fn closed_form(&mut self, root: Id, point: &Point, standing: &HashMap<Symbol, Id>) -> Option<Id> {
        let constant = self.closed_at(root, point, standing)?;
        let g = &mut self.session.graph;
        let known = Known::default();
        let form = Simplifier::within(&known, g, &[]).named(Names::All).shortest(g, constant);
        let none = HashMap::new();
        let mut truth = Truth::new(g, &none, Vec::new());
        let same = match (truth.enclosed(form, 100), truth.enclosed(constant, 100)) {
            (Ok(a), Ok(b)) => a.overlaps(&b),
            // no enclosure of 0 is narrow
            _ => truth.nearest(form).ok()? == truth.nearest(constant).ok()?,
        };
        same.then_some(form)
    }

    /// The value of a number and its partial derivatives: by reverse accumulation, settled by the enclosures.
    pub(super) fn slopes(&mut self, root: Id, by: &[Symbol], point: &Point) -> (Evaluated, Vec<Evaluated>) {
        let stable = self.stable(root, point, by);
        let standing = self.standing(point);
        let work = if self.is_affordable(&[root], by.len()) { truth::WORK } else { 0 };
        let Session { graph, scope, .. } = &mut *self.session;
        let swept = gradient::gradient(graph, &scope.definitions, stable, by, &point.float);
        let nodes: Vec<Id> = by.iter().map(|symbol| graph.derivative(root, *symbol, 1)).collect();
        let mut truth = point.truth(graph, &standing).work(work);
        let mut settle = |node, fast| evaluated(graph, Settled::judge(node, fast, truth.nearest(node)));
        let value = settle(root, swept.value);
        let partials = nodes.into_iter().zip(swept.partials).map(|(node, fast)| settle(node, fast)).collect();
        (value, partials)
    }

    /// The value of a derivative: that of the formula found for it, settled by the enclosure of the derivative itself.
    pub(super) fn slope_of(&mut self, root: Id, by: &[Symbol], formula: Id, point: &Point) -> Option<Evaluated> {
        if !self.has_values(&[formula], point) || self.is_over_rows(&[root]) {
            return None;
        }
        if !self.has_values(&[root], point) {
            return self.value_of(formula, point);
        }
        let fast = self.fast(&[formula], point).swap_remove(0);
        let standing = self.standing(point);
        let g = &mut self.session.graph;
        let node = by.chunk_by(|a, b| a == b).fold(root, |body, same| g.derivative(body, same[0], same.len() as u32));
        let truth = point.truth(g, &standing).nearest(node);
        let found = evaluated(g, Settled::judge(node, fast, truth));
        self.note_missing(&[root], by.first().copied(), std::slice::from_ref(&found), point, Span::default());
        // a number shows its value itself, unless there is none here
        (found.undefined || self.session.graph.as_number(formula).is_none()).then_some(found)
    }

    /// The form in which an expression is evaluated: stages opened, but for those that have a value or a slope of their
    /// own, and forms that lose digits recognised across them.
    fn stable(&mut self, root: Id, point: &Point, by: &[Symbol]) -> Id {
        let Session { graph, scope, .. } = &mut *self.session;
        let apart = |s: &Symbol| point.float.contains_key(s) || by.contains(s);
        let opened = if scope.definitions.keys().any(apart) {
            let stages = scope.definitions.iter().filter(|(s, _)| !apart(s)).map(|(s, id)| (*s, *id)).collect();
            pipeline::without_stages(graph, &stages, root)
        } else {
            pipeline::without_stages(graph, &scope.definitions, root)
        };
        eval::recognise::recognise(graph, opened)
    }

    /// The value of a result, where every symbol has one and the result is not itself a number.
    pub(super) fn value_of(&mut self, result: Id, point: &Point) -> Option<Evaluated> {
        if self.session.graph.as_number(result).is_some() || !self.has_values(&[result], point) || self.is_over_rows(&[result]) {
            return None;
        }
        self.evaluated(&[result], point, Wanted::Nearest).pop()
    }

    /// Notes where plain code, written as the expression is, would lose a value that was found here.
    pub(super) fn note_losses(&mut self, roots: &[Id], values: &[Evaluated], point: &Point, span: Span) {
        for (root, value) in roots.iter().zip(values) {
            if self.is_over_rows(&[*root]) {
                continue;
            }
            let has_one = value.value.is_finite() && value.doubt.is_none() && !self.session.graph.is_condition(*root);
            if let Some(lost) = has_one.then(|| self.lost(*root, point)).flatten() {
                let note = self.told(*root, &lost, span);
                self.warnings.push(note);
            }
        }
    }

    fn told(&mut self, root: Id, lost: &settled::Loss, span: Span) -> Diagnostic {
        let (opened, part) = (self.opened(root), self.opened(lost.cause.node));
        let g = &mut self.session.graph;
        let value = eval::number_text(lost.value);
        let message = format!("plain f64 code gives {value} here: {}", lost.cause.explain(g));
        let form = settled::instead(g, opened, part);
        let short = |id| quote(&print::glimpse(g, id, print::Style::Plain, 60));
        let help = form.map(|(typed, form)| format!("write {} for {}", short(form), short(typed)));
        let span = self.places.first(lost.cause.node).unwrap_or(span);
        let note = Diagnostic::new(&code::PLAIN, message).severity(crate::diagnostic::Severity::Note).at(span, "");
        note.help(help.unwrap_or_else(|| "`stable` looks for a form that keeps the digits".to_owned()))
    }
}

/// What an expression is truly worth; of a condition 1 where it holds and 0 where it does not.
fn true_value(g: &Graph, id: Id, truth: &mut Truth<'_>) -> Result<f64, Missing> {
    match g.is_condition(id) {
        true => truth.holds(id).map(|holds| f64::from(u8::from(holds))),
        false => truth.nearest(id),
    }
}

/// A value as it is shown.
pub(super) fn evaluated(g: &Graph, settled: Settled) -> Evaluated {
    let Settled { found, doubt } = settled;
    let undefined = found.cause.as_ref().is_some_and(|cause| cause.kind.is_strict());
    let cause = found.cause.map(|cause| cause.explain(g));
    Evaluated { value: found.value, exact: None, digits: None, undefined, cause, doubt }
}

impl Point {
    /// What expressions truly are worth here.
    pub(super) fn truth<'a>(&self, g: &'a Graph, standing: &'a HashMap<Symbol, Id>) -> Truth<'a> {
        Truth::new(g, standing, self.exactly())
    }

    /// The exact values, of what is known in f64 alone that f64.
    fn exactly(&self) -> Vec<(Symbol, Number)> {
        let given = self.float.iter().filter(|(s, _)| !self.closed.contains_key(s));
        given.filter_map(|(s, v)| Some((*s, self.exact.get(s).cloned().or_else(|| Number::from_f64(*v))?))).collect()
    }
}

/// The number that an exact value is.
pub(super) fn as_number(g: &Graph, value: &Evaluated) -> Option<Number> {
    match g.view(value.exact?) {
        View::Number(n) => Some(n.clone()),
        _ => None,
    }
}
