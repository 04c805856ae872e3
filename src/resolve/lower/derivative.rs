//! Derivatives inside expressions: `f'(E)`, `diff(E, x)`, `d/dx E`. Each is taken at once, by whoever takes derivatives here.

use super::{Lowered, Lowering, Task, no_variable};
use crate::diagnostic::{Diagnostic, code};
use crate::expr::{Id, Symbol, View, walk};
use crate::math;
use crate::resolve::{Fault, Value};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprId, Ident};
use std::collections::HashMap;

/// A derivative whose operand is being lowered.
pub(super) struct Closing {
    span: Span,
    variable: Symbol,
    /// Where the variable was named, if it is one of the program; of derivatives of derivatives only for the innermost.
    named: Option<Span>,
    order: u32,
    /// Whether the variable is a local name.
    local: bool,
    /// What takes the place of the variable once the derivative is taken.
    actual: Option<Id>,
}

impl Lowering<'_> {
    /// `f'(E)`: f is applied to a variable of its own, differentiated, and E put in.
    #[inline(never)]
    pub(super) fn primed(&mut self, id: ExprId) -> Lowered<()> {
        let Expr::Call { callee, primes, args } = self.expr(id) else { return Ok(()) };
        let ids = self.list(args);
        let value = self.pop();
        self.check_numbers(&value, ids[0])?;
        let Value::Scalar(actual) = value else {
            return self.fail(&code::VECTOR, "a prime needs one number as the argument".into(), ids[0], "this is a vector");
        };
        let name = self.name(callee.name);
        let variable = self.binder("t");
        let (span, argument) = (self.span(id), self.g.symbol(variable));
        self.binders.push(variable);
        let close = Closing { span, variable, named: None, order: primes, local: false, actual: Some(actual) };
        self.tasks.push(Task::CloseDerivative(close.into()));
        let scope = self.scope;
        if let Some(function) = scope.function(&name) {
            return self.begin(span, function, vec![Value::Scalar(argument)]);
        }
        let value = math::find(&name).map_or(argument, |f| self.g.call(f, &[argument]));
        self.values.push(Value::Scalar(value));
        Ok(())
    }

    /// Opens a derivative, whose operand is to be visited next.
    #[inline(never)]
    pub(super) fn visit_derivative(&mut self, id: ExprId, operand: ExprId, variable: Ident, order: u32) -> Lowered<()> {
        let span = self.span(id);
        let name = self.name(variable.name);
        let close = match self.local(variable.name).cloned() {
            Some(Value::Scalar(actual)) => {
                let fresh = self.binder(&name);
                let node = Value::Scalar(self.g.symbol(fresh));
                self.binders.push(fresh);
                self.here.locals.push((variable.name, node));
                Closing { span, variable: fresh, named: None, order, local: true, actual: Some(actual) }
            }
            Some(Value::Vector(_)) => return Err(no_variable(&name, "a vector", self.outer_span(variable.span))),
            None => {
                let named = self.outer_span(variable.span);
                let symbol = self.global_variable(&name, named)?;
                let is_first = !matches!(self.expr(operand), Expr::Derivative { .. });
                Closing { span, variable: symbol, named: is_first.then_some(named), order, local: false, actual: None }
            }
        };
        self.tasks.push(Task::CloseDerivative(close.into()));
        Ok(())
    }

    pub(super) fn global_variable(&mut self, name: &str, span: Span) -> Lowered<Symbol> {
        match self.scope.entry(name).map(|entry| &entry.value) {
            Some(Value::Scalar(id)) => self.g.as_symbol(*id).ok_or_else(|| no_variable(name, "a value", span)),
            Some(Value::Vector(_)) => Err(no_variable(name, "a vector", span)),
            None => {
                self.check_variable(name, span)?;
                Ok(self.g.intern(name))
            }
        }
    }

    pub(super) fn check_variable(&self, name: &str, span: Span) -> Lowered<()> {
        if self.constant_name(name) {
            return Err(no_variable(name, "a constant", span));
        }
        if math::find(name).is_some() || self.scope.function(name).is_some() {
            return Err(no_variable(name, "a function", span));
        }
        Ok(())
    }

    #[inline(never)]
    pub(super) fn close_derivative(&mut self, close: Closing) -> Lowered<()> {
        let Closing { span, variable, named, order, local, actual } = close;
        if local {
            self.here.locals.pop();
        }
        if actual.is_some() {
            self.binders.pop();
        }
        let value = self.pop();
        let outer = self.outer_span(span);
        if let Value::Scalar(v) = &value
            && self.g.is_condition(*v)
        {
            let message = "a condition has no derivative";
            return Err(self.through_call(Diagnostic::new(&code::NUMBER_NEEDED, message).at(outer, "of a condition")).into());
        }
        self.varied.extend(named.map(|named| (value.clone(), variable, named)));
        let mut items = Vec::with_capacity(value.components().len());
        for item in value.components() {
            let taken = (self.differentiate)(self.g, *item, variable, order).map_err(|fault| located(fault, outer))?;
            items.push(self.put_in(taken, variable, actual, outer)?);
        }
        self.note_places(&items, span);
        self.values.push(if let Value::Scalar(_) = value { Value::Scalar(items[0]) } else { Value::Vector(items.into()) });
        Ok(())
    }

    /// The derivative with the argument in place of the variable that stood for it.
    pub(super) fn put_in(&mut self, taken: Id, variable: Symbol, actual: Option<Id>, span: Span) -> Lowered<Id> {
        let Some(actual) = actual else { return Ok(taken) };
        let waits = |id: &Id| matches!(self.g.view(*id), View::Derivative(_, v, _) if v == variable);
        if walk::topological(self.g, &[taken]).iter().any(waits) {
            let message = "a derivative that is not taken cannot get an argument";
            return Err(Box::new(Diagnostic::new(&code::PRIME, message).at(span, "")));
        }
        let node = self.g.symbol(variable);
        Ok(walk::substitute(self.g, taken, &HashMap::from([(node, actual)])))
    }
}

/// A fault of the engine, at this place unless it knows a better one.
fn located(mut fault: Fault, span: Span) -> Fault {
    if fault.labels.is_empty() {
        *fault = (*fault).at(span, "");
    }
    fault
}
