//! The commands: what each does with its expression and its clauses. What an answer looks like is not decided here.

use super::clauses::{Settings, accepted, within_order};
use super::large::Wish;
use super::numbers::Wanted;
use super::ranges::{Along, Look};
use super::rewriting::{Aim, settled};
use super::{Point, Session, Work};
use crate::derive::{Derivation, Detail, Engine, Refusal, checked, pipeline, special};
use crate::diagnostic::{Code, Diagnostic, code, quote};
use crate::domain::{self, Known, Verdict};
use crate::expr::{Graph, Id, Symbol, View, print};
use crate::outcome::{Answer, Formula};
use crate::resolve::{Fault, Value};
use crate::source::Span;
use crate::stable::{lint, short};
use crate::syntax::ast::{Clauses, CommandKind, ExprId};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// A derivation of an expression of more nodes than this is not told: each of its states would be as large.
const READABLE: usize = 1_000;

/// So many names that are defined are listed where one is missing.
const LISTED: usize = 8;

/// The derivative inside an expression. Where it needs conditions of its own, it is undefined outside them.
pub(super) fn derivative_as_expression(
    known: &Known,
    g: &mut Graph,
    body: Id,
    variable: Symbol,
    order: u32,
) -> Result<Id, Fault> {
    within_order(u64::from(order))?;
    let variables = vec![variable; order as usize];
    let mut known = Cow::Borrowed(known);
    if known.definitions.contains_key(&variable) {
        // a stage by which is differentiated varies by itself
        known.to_mut().definitions.remove(&[variable]);
    }
    let mut engine = Engine::new(&known);
    let found = engine.differentiate(g, body, &variables).map_err(|refusal| Box::new(no_derivative(g, &refusal)))?;
    if found.conditions.is_empty() {
        return Ok(found.value);
    }
    let (condition, nothing) = (g.and(&found.conditions), g.undefined());
    Ok(g.conditional(condition, found.value, nothing))
}

fn no_derivative(g: &Graph, refusal: &Refusal) -> Diagnostic {
    let what = print::glimpse(g, refusal.node, print::Style::Plain, 60);
    Diagnostic::new(&code::NO_DERIVATIVE, format!("`{}` has no derivative here: {}", quote(&what), refusal.reason))
}

impl Work<'_> {
    /// A command of the language.
    pub(super) fn command(&mut self, kind: CommandKind, operand: ExprId, clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        let (takes, settings) = accepted(kind);
        let mut settings = self.clauses(clauses, takes, settings)?;
        settings.detail = settings.detail.or(self.session.options.detail);
        self.declare(clauses);
        let value = match kind {
            CommandKind::Eval => self.lower(|l| l.any(operand))?,
            _ => self.lower(|l| l.numbers(operand))?,
        };
        match kind {
            CommandKind::Diff => self.diff(&value, clauses, span),
            CommandKind::Derive => self.derive(&value, operand, clauses, &settings, span),
            CommandKind::Grad => self.grad(&value, operand, clauses, span),
            CommandKind::Hessian => self.hessian(&value, operand, clauses, span),
            CommandKind::Jacobian => self.jacobian(&value, clauses, span),
            CommandKind::Eval => self.eval(&value, clauses, &settings, span),
            CommandKind::Simplify => self.rewritten(&value, Aim::Shortest, settings.detail),
            CommandKind::Expand => self.rewritten(&value, Aim::Expanded, settings.detail),
            CommandKind::Contract => self.rewritten(&value, Aim::Contracted, settings.detail),
            CommandKind::Stable => self.stable_form(&value, settings.detail.unwrap_or_default()),
            CommandKind::Domain => self.domain(&value, operand),
            CommandKind::Flow => self.flow(&value, operand, clauses, span),
            CommandKind::Elasticity => self.elasticity(&value, operand, clauses, span),
            CommandKind::Growth => self.growth(&value, operand, clauses, span),
            CommandKind::Descend => self.descend(&value, operand, clauses, settings.steps, span),
            CommandKind::Plot | CommandKind::Table | CommandKind::Saturation => {
                self.looked_along(kind, &value, clauses, &settings.look, span)
            }
        }
    }

    /// An expression alone: its simplified form, and its value where every symbol has one.
    pub(super) fn expression(&mut self, id: ExprId, clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        self.clauses(clauses, &["at"], &[])?;
        self.declare(clauses);
        let value = self.lower(|l| l.any(id))?;
        let point = self.point(clauses, value.components())?;
        if !clauses.at.is_empty() {
            // who says where asks for a value
            self.check_values(value.components(), &point)?;
        }
        if let Value::Scalar(root) = value
            && self.session.graph.is_condition(root)
        {
            let (root, point) = match self.reduced(&[root], &point)? {
                Some((roots, point)) => (roots[0], point),
                None => (root, point),
            };
            return self.condition_alone(root, &point);
        }
        let known = self.known();
        let mut formulas: Vec<Formula> = value.components().iter().map(|root| self.shortest(&known, *root, &point)).collect();
        if let Some(values) = self.values_over_rows(value.components(), &point, Wanted::Nearest)? {
            for (formula, value) in formulas.iter_mut().zip(values) {
                formula.value = Some(value).filter(|_| self.session.graph.as_number(formula.id).is_none());
            }
        }
        for (root, formula) in value.components().iter().zip(&formulas) {
            self.note_losses(&[*root], formula.value.as_slice(), &point, span);
            self.note_missing(&[*root], None, formula.value.as_slice(), &point, span);
        }
        Ok(answer(&value, formulas))
    }

    fn condition_alone(&mut self, root: Id, point: &Point) -> Result<Answer, Fault> {
        if self.has_values(&[root], point) {
            let found = self.evaluated(&[root], point, Wanted::Nearest).swap_remove(0);
            return match found.cause.is_none() && found.doubt.is_none() {
                true => Ok(Answer::Truth(found.value == 1.0)),
                false => Ok(Answer::Values { values: vec![found], is_vector: false }),
            };
        }
        let known = self.known();
        let g = &mut self.session.graph;
        Ok(match domain::prove(g, &known, root) {
            Verdict::Proved => Answer::Truth(true),
            Verdict::Refuted => Answer::Truth(false),
            Verdict::Unknown => {
                let parts = domain::tidy(g, &known, root);
                Answer::Formula(Formula { id: g.and(&parts), conditions: Vec::new(), value: None })
            }
        })
    }

    /// Warns, once a session, of each form in a loss with parameters that overflows in plain code.
    fn warn_of_fragile(&mut self, root: Id, by: &[Symbol], span: Span) {
        if !by.iter().any(|s| self.session.scope.params.iter().any(|(param, _)| param == s)) {
            return;
        }
        let opened = self.opened(root);
        for found in lint::fragile(&mut self.session.graph, opened) {
            if !self.session.fragile.insert(found.pattern.clone()) {
                continue;
            }
            let (shown, variable, sign, from) = (quote(&found.shown), &found.variable, found.side.sign(), short(found.from));
            let stands_for = found.argument.map_or(String::new(), |argument| {
                let text = print::glimpse(&self.session.graph, argument, print::Style::Plain, 60);
                format!(", where u = {}", quote(&text))
            });
            let message = format!("`{shown}` overflows from {variable} {sign} {from} in plain code{stands_for}");
            let span = self.places.first(found.node).unwrap_or(span);
            let help = format!("write {} (grad evaluates it so)", quote(&found.instead));
            self.warnings.push(Diagnostic::new(&code::FRAGILE, message).at(span, "").help(help));
        }
    }

    pub(super) fn refused(&self, refusal: &Refusal) -> Fault {
        let fault = no_derivative(&self.session.graph, refusal);
        match self.places.first(refusal.node) {
            Some(span) => Box::new(fault.at(span, "this part")),
            None => Box::new(fault),
        }
    }

    pub(super) fn scalar(&self, value: &Value, id: ExprId, help: &str) -> Result<Id, Fault> {
        match value {
            Value::Scalar(root) => Ok(*root),
            Value::Vector(_) => {
                let fault = Diagnostic::new(&code::VECTOR, "this needs one number, not a vector");
                Err(Box::new(fault.at(self.text.ast.span(id), "a vector").help(help.to_owned())))
            }
        }
    }

    // ---- the commands

    pub(super) fn differentiated(
        &mut self,
        engine: &mut Engine<'_>,
        root: Id,
        by: &[Symbol],
        point: &Point,
    ) -> Result<Formula, Fault> {
        let opened = pipeline::without_stages(&mut self.session.graph, &engine.known.definitions, root);
        let (total, needed) = without_partial(&mut self.session.graph, opened);
        let found = engine.differentiate(&mut self.session.graph, total, by).map_err(|refusal| self.refused(&refusal))?;
        let g = &mut self.session.graph;
        let mut conditions = found.conditions;
        if !needed.is_empty() {
            conditions.extend(needed);
            let own = domain::domain_of(g, found.value);
            conditions = domain::reduce(g, engine.known, &conditions, &own);
        }
        let (id, conditions) = outside_in(g, found.value, conditions);
        Ok(Formula { id, conditions, value: self.slope_of(root, by, id, point) })
    }

    fn diff(&mut self, value: &Value, clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        let by = self.wrt(clauses, value.components(), span)?;
        let point = self.point(clauses, value.components())?;
        self.derivatives(value, &by, &point)
    }

    /// The derivatives of each component by these variables.
    pub(super) fn derivatives(&mut self, value: &Value, by: &[Symbol], point: &Point) -> Result<Answer, Fault> {
        if let Some(large) = self.large(value.components(), Wish::Repeated(by), point)? {
            return Ok(large);
        }
        let known = self.known_beside(by);
        let mut engine = Engine::new(&known);
        let formulas = value.components().iter().map(|root| self.differentiated(&mut engine, *root, by, point));
        let mut formulas = formulas.collect::<Result<Vec<_>, _>>()?;
        self.value_formulas(value.components(), &mut formulas.iter_mut().collect::<Vec<_>>(), point)?;
        Ok(answer(value, formulas))
    }

    /// The derivative of one number by one variable, without its value.
    pub(super) fn slope_formula(&mut self, root: Id, by: Symbol) -> Result<Formula, Fault> {
        let known = self.known_beside(&[by]);
        self.differentiated(&mut Engine::new(&known), root, &[by], &Point::default())
    }

    fn derive(&mut self, value: &Value, id: ExprId, clauses: &Clauses, settings: &Settings, span: Span) -> Result<Answer, Fault> {
        let root = self.scalar(value, id, "derive one entry of it, or use `jacobian`")?;
        let by = self.wrt(clauses, &[root], span)?;
        let point = self.point(clauses, &[root])?;
        self.derivation(root, &by, settings.detail.unwrap_or_default(), &point)
    }

    /// The checked derivation of one number by these variables.
    pub(super) fn derivation(&mut self, root: Id, by: &[Symbol], detail: Detail, point: &Point) -> Result<Answer, Fault> {
        if self.size(&[root]) > READABLE
            && let Some(large) = self.large(&[root], Wish::Repeated(by), point)?
        {
            return Ok(large);
        }
        let known = self.known_beside(by);
        let mut engine = Engine::new(&known);
        let found = engine.derive(&mut self.session.graph, root, by, detail);
        let mut derivation = found.map_err(|refusal| self.refused(&refusal))?;
        check_steps(&self.session.graph, &known, &mut derivation)?;
        let mut result = Formula { id: derivation.result, conditions: derivation.conditions.clone(), value: None };
        result.value = self.slope_of(root, by, derivation.result, point);
        self.value_formulas(&[root], &mut [&mut result], point)?;
        let value = result.value;
        Ok(Answer::Derivation { derivation, detail, value })
    }

    fn grad(&mut self, value: &Value, id: ExprId, clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        let root = self.scalar(value, id, "the derivatives of a vector are its `jacobian`")?;
        let by = self.gradient_variables(&[root], clauses, span)?;
        self.warn_of_fragile(root, &by, span);
        let point = self.point(clauses, &[root])?;
        if let Some(large) = self.large(&[root], Wish::Each(&by), &point)? {
            return Ok(large);
        }
        let known = self.known_beside(&by);
        let mut engine = Engine::new(&known);
        let nothing = Point::default();
        let mut found = Vec::with_capacity(by.len());
        for variable in &by {
            found.push((*variable, self.differentiated(&mut engine, root, &[*variable], &nothing)?));
        }
        if self.is_over_rows(&[root]) {
            self.value_formulas(&[root], &mut found.iter_mut().map(|(_, formula)| formula).collect::<Vec<_>>(), &point)?;
        } else if self.has_values(&[root], &point) {
            let (value, partials) = self.slopes(root, &by, &point);
            let missing = partials.iter().position(|partial| partial.cause.is_some());
            self.note_losses(&[root], &[value], &point, span);
            if let Some(k) = missing {
                self.note_missing(&[root], Some(by[k]), &partials[k..=k], &point, span);
            }
            for ((_, formula), partial) in found.iter_mut().zip(partials) {
                formula.value = Some(partial);
            }
        }
        Ok(Answer::Gradient(found))
    }

    fn hessian(&mut self, value: &Value, id: ExprId, clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        let root = self.scalar(value, id, "a Hessian is taken of one number")?;
        let variables = self.gradient_variables(&[root], clauses, span)?;
        self.warn_of_fragile(root, &variables, span);
        let point = self.point(clauses, &[root])?;
        self.second_derivatives(root, variables, &point)
    }

    /// The matrix of second derivatives by these variables.
    pub(super) fn second_derivatives(&mut self, root: Id, variables: Vec<Symbol>, point: &Point) -> Result<Answer, Fault> {
        if let Some(large) = self.large(&[root], Wish::Pairs(&variables), point)? {
            return Ok(large);
        }
        let known = self.known_beside(&variables);
        let mut engine = Engine::new(&known);
        let mut rows: Vec<Vec<Formula>> = Vec::with_capacity(variables.len());
        for (i, first) in variables.iter().enumerate() {
            let mut row = Vec::with_capacity(variables.len());
            for (j, second) in variables.iter().enumerate() {
                // the order of two derivatives does not matter where both exist
                let known = rows.get(j).and_then(|r: &Vec<Formula>| r.get(i)).cloned();
                row.push(match known {
                    Some(mirrored) => mirrored,
                    None => self.differentiated(&mut engine, root, &[*first, *second], point)?,
                });
            }
            rows.push(row);
        }
        self.value_formulas(&[root], &mut rows.iter_mut().flatten().collect::<Vec<_>>(), point)?;
        Ok(Answer::Matrix { variables, rows })
    }

    fn jacobian(&mut self, value: &Value, clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        let variables = self.gradient_variables(value.components(), clauses, span)?;
        let point = self.point(clauses, value.components())?;
        if let Some(large) = self.large(value.components(), Wish::Each(&variables), &point)? {
            return Ok(large);
        }
        let known = self.known_beside(&variables);
        let mut engine = Engine::new(&known);
        let mut rows = Vec::new();
        for root in value.components() {
            let row = variables.iter().map(|v| self.differentiated(&mut engine, *root, &[*v], &point));
            rows.push(row.collect::<Result<Vec<_>, _>>()?);
        }
        self.value_formulas(value.components(), &mut rows.iter_mut().flatten().collect::<Vec<_>>(), &point)?;
        Ok(Answer::Matrix { variables, rows })
    }

    fn eval(&mut self, value: &Value, clauses: &Clauses, settings: &Settings, span: Span) -> Result<Answer, Fault> {
        let point = self.point(clauses, value.components())?;
        let answer = self.values(value, &point, settings.wanted)?;
        if let (Wanted::Nearest, Answer::Values { values, .. }) = (settings.wanted, &answer) {
            self.note_losses(value.components(), values, &point, span);
        }
        if let (false, Answer::Values { values, .. }) = (settings.wanted == Wanted::Plain, &answer) {
            self.note_missing(value.components(), None, values, &point, span);
        }
        Ok(answer)
    }

    /// The values of the components at a point that gives every symbol a value.
    pub(super) fn values(&mut self, value: &Value, point: &Point, wanted: Wanted) -> Result<Answer, Fault> {
        self.check_values(value.components(), point)?;
        let values = match self.is_over_rows(value.components()) {
            true if matches!(wanted, Wanted::Exact | Wanted::Digits(_)) => return Err(Box::new(rounded_sums())),
            _ => self.values_over_rows(value.components(), point, wanted)?,
        };
        let values = values.unwrap_or_else(|| self.evaluated(value.components(), point, wanted));
        if let (Value::Scalar(root), [found]) = (value, &values[..])
            && self.session.graph.is_condition(*root)
            && found.cause.is_none()
            && found.doubt.is_none()
        {
            return Ok(Answer::Truth(found.value == 1.0));
        }
        Ok(Answer::Values { values, is_vector: matches!(value, Value::Vector(_)) })
    }

    /// Refuses what depends on a symbol that has no value.
    pub(super) fn check_values(&self, roots: &[Id], point: &Point) -> Result<(), Fault> {
        let Some(missing) = self.without_value(roots, point) else { return Ok(()) };
        let name = quote(self.session.graph.name(missing));
        let fault = Diagnostic::new(&code::NO_VALUE, format!("`{name}` has no value"));
        if self.session.graph.as_column(missing).is_some() {
            let help = format!("it is a column: put mean(…) or sum(…) around the expression, or give it a value: at {name} = 1");
            return Err(Box::new(fault.help(help)));
        }
        let defined = self.session.scope.defined_names();
        let known = match &defined[..] {
            [] => String::new(),
            few if few.len() <= LISTED => {
                format!("; defined are {}", few.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", "))
            }
            many => format!("; {} other names are defined", many.len()),
        };
        Err(Box::new(fault.help(format!("give it one: at {name} = 1{known}"))))
    }

    /// A symbol without a value that the expressions depend on; of several the first by name.
    fn without_value(&self, roots: &[Id], point: &Point) -> Option<Symbol> {
        if self.has_values(roots, point) {
            return None;
        }
        let Session { graph, scope, .. } = &*self.session;
        let missing = |s: &Symbol| !point.float.contains_key(s) && !scope.definitions.contains_key(s);
        self.reachable(roots).into_iter().filter(missing).min_by_key(|s| graph.name(*s).to_owned())
    }

    /// The commands that look along a variable.
    fn looked_along(
        &mut self,
        kind: CommandKind,
        value: &Value,
        clauses: &Clauses,
        look: &Look,
        span: Span,
    ) -> Result<Answer, Fault> {
        let most = if kind == CommandKind::Table { 2 } else { 1 };
        let along = self.along(clauses, value.components(), most, span)?;
        let point = self.point(clauses, value.components())?;
        self.along_variables(kind, value, &along, look, &point, span)
    }

    /// The same, with the ranges and the point found.
    pub(super) fn along_variables(
        &mut self,
        kind: CommandKind,
        value: &Value,
        along: &[Along],
        look: &Look,
        point: &Point,
        span: Span,
    ) -> Result<Answer, Fault> {
        match (kind, along) {
            (CommandKind::Plot, [along]) => self.plot(value, along, look, point),
            (CommandKind::Saturation, [along]) => self.saturated(value, along, look, point),
            _ => self.table(value, along, look, point, span),
        }
    }

    fn domain(&mut self, value: &Value, id: ExprId) -> Result<Answer, Fault> {
        let root = self.scalar(value, id, "name one entry of it")?;
        let opened = self.opened(root);
        let known = self.known();
        let mut report = domain::describe(&mut self.session.graph, &known, opened);
        report.conditions = settled(&mut self.session.graph, &known, report.conditions);
        if matches!(report.conditions[..], [never] if self.session.graph.view(never) == View::Truth(false)) {
            (report.poles, report.kinks) = (Vec::new(), Vec::new());
        }
        report.kinks = special::judged(&mut self.session.graph, opened, report.kinks);
        Ok(Answer::Domain(report))
    }
}

/// Said where more digits are wanted than a sum over rows has.
fn rounded_sums() -> Diagnostic {
    let message = "a mean or sum over rows is computed in f64, and has no exact value here";
    Diagnostic::new(&code::SETTING, message).help("leave out `exact` and `digits`")
}

/// One formula as itself, the components of a vector as a vector.
pub(super) fn answer(value: &Value, mut formulas: Vec<Formula>) -> Answer {
    match (value, formulas.len()) {
        (Value::Scalar(_), 1) => Answer::Formula(formulas.swap_remove(0)),
        _ => Answer::Vector(formulas),
    }
}

/// The expression with every `if c then a` that it cannot do without replaced by `a`, and those conditions: what is strict
/// in its operands has a value exactly where they do.
pub(super) fn without_partial(g: &mut Graph, root: Id) -> (Id, Vec<Id>) {
    let (region, conditions) = strict_region(g, root);
    if conditions.is_empty() {
        return (root, conditions);
    }
    let mut new: HashMap<Id, Id> = HashMap::new();
    for id in region {
        let made = match g.view(id) {
            View::If(_, value, _) if is_partial(g, id) => new.get(&value).copied().unwrap_or(value),
            _ if is_strict(g, id) => {
                let kids: Vec<Id> = g.children(id).iter().map(|kid| new.get(kid).copied().unwrap_or(*kid)).collect();
                g.with_children(id, &kids)
            }
            _ => id,
        };
        new.insert(id, made);
    }
    (new.get(&root).copied().unwrap_or(root), conditions)
}

/// The nodes that are needed wherever the root is, children before parents, and the conditions among them.
fn strict_region(g: &Graph, root: Id) -> (Vec<Id>, Vec<Id>) {
    let (mut seen, mut stack, mut conditions) = (HashSet::new(), vec![root], Vec::new());
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        match g.view(id) {
            View::If(condition, value, _) if is_partial(g, id) => {
                conditions.push(condition);
                stack.push(value);
            }
            _ if is_strict(g, id) => stack.extend_from_slice(g.children(id)),
            _ => {}
        }
    }
    let mut region: Vec<Id> = seen.into_iter().collect();
    region.sort_unstable();
    (region, conditions)
}

fn is_partial(g: &Graph, id: Id) -> bool {
    matches!(g.view(id), View::If(_, _, otherwise) if g.view(otherwise) == View::Undefined)
}

fn is_strict(g: &Graph, id: Id) -> bool {
    matches!(
        g.view(id),
        View::Add(_) | View::Mul(_) | View::Neg(_) | View::Div(..) | View::Pow(..) | View::Call(..) | View::Component(..)
    )
}

/// `if c then a`, alone, is a where c.
pub(super) fn outside_in(g: &Graph, id: Id, mut conditions: Vec<Id>) -> (Id, Vec<Id>) {
    if let View::If(condition, value, otherwise) = g.view(id)
        && g.view(otherwise) == View::Undefined
    {
        let parts = match g.view(condition) {
            View::And(parts) => parts.to_vec(),
            _ => vec![condition],
        };
        conditions.extend(parts);
        let mut seen = HashSet::new();
        conditions.retain(|c| seen.insert(*c));
        return (value, conditions);
    }
    (id, conditions)
}

/// Checks every step; one that fails fails the command.
pub(super) fn check_steps(g: &Graph, known: &Known, derivation: &mut Derivation) -> Result<(), Fault> {
    const WRONG: &Code = &code::WRONG_STEP;
    checked::check(g, known, derivation).map_err(|wrong| {
        let message =
            format!("step {} ({}) failed its check, so the result is not shown: {}", wrong.step, wrong.rule, wrong.evidence);
        Box::new(Diagnostic::new(WRONG, message).help("this is a fault of grad; please report it with this statement"))
    })
}
