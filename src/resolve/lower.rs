//! The resolver's machine: an explicit stack of tasks walks the tree, so that no input can overflow the program's own.
//! Operands are lowered first, their values wait on a second stack, then the operation takes them.

use super::apply::{self, Misfit};
use super::scope::component_name;
use super::{Fault, Scope, Text, UserFunction, Value, names};
use crate::budget::Budget;
use crate::diagnostic::{Code, Diagnostic, code, quote};
use crate::expr::{Constant, Graph, Id, Number, Relation, Series, Symbol, View, walk};
use crate::math::{self, Arity, FunctionId};
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Comparison, Expr, ExprId, Ident, List, NameId, SeriesKind, UnaryOp};
use std::collections::HashMap;
use std::sync::Arc;

/// Takes a derivative: of a node, by a symbol, so many times.
pub type Differentiate<'a> = &'a mut dyn FnMut(&mut Graph, Id, Symbol, u32) -> Result<Id, Fault>;

/// The most terms into which an indexed sum is opened.
const MOST_TERMS: i64 = 100_000;

type Lowered<T> = Result<T, Fault>;

/// Resolves expressions of one text against one scope.
pub struct Lowering<'a> {
    g: &'a mut Graph,
    scope: &'a Scope,
    text: Arc<Text>,
    differentiate: Differentiate<'a>,
    budget: &'a Budget,
    /// Where each node was first written, for messages about its value.
    pub spans: HashMap<Id, Span>,
    /// The names that nothing defines, with their first occurrence, in order.
    pub free: Vec<(Symbol, Span)>,
    memo: HashMap<Call, Value>,
    tasks: Vec<Task>,
    values: Vec<Value>,
    contexts: Vec<Context>,
    open: Vec<OpenSeries>,
    binders: Vec<Symbol>,
}

/// A call of a function of the program: equal calls have equal values.
type Call = (Box<str>, Vec<Value>);

/// The text in which a task's ids count, with its local names.
struct Context {
    text: Arc<Text>,
    /// Parameters, bound indices and variables of derivatives, the innermost last.
    locals: Vec<(NameId, Value)>,
    /// The call that led here, in the text of the context below.
    call: Option<Span>,
}

/// A sum or product whose body is being lowered with a symbol for its index: enough to begin again with numbers.
struct OpenSeries {
    id: ExprId,
    bounds: [Id; 2],
    binder: Symbol,
    tasks: usize,
    values: usize,
    contexts: usize,
    locals: usize,
    binders: usize,
}

enum Task {
    /// Lower this expression.
    Visit(ExprId),
    /// Its operands are lowered.
    Finish(ExprId),
    /// The bounds of an indexed form are lowered.
    Bounds(ExprId),
    /// The body of the innermost open indexed form is lowered.
    CloseSeries,
    /// The innermost local name is this number from here on.
    SetIndex(i64),
    /// So many terms of an opened indexed form are lowered.
    CloseTerms(ExprId, usize),
    /// The arguments of a call of the program's function are lowered.
    Enter(ExprId, Arc<UserFunction>),
    /// The body of the function is lowered.
    Leave(Call),
    /// The argument of `f'(…)` is lowered.
    Primed(ExprId),
    /// The operand of a derivative is lowered.
    CloseDerivative { span: Span, variable: Symbol, order: u32, local: bool, actual: Option<Id> },
}

impl<'a> Lowering<'a> {
    /// A resolver of expressions of `text`.
    pub fn new(
        g: &'a mut Graph,
        scope: &'a Scope,
        text: Arc<Text>,
        differentiate: Differentiate<'a>,
        budget: &'a Budget,
    ) -> Self {
        Lowering {
            g,
            scope,
            text,
            differentiate,
            budget,
            spans: HashMap::new(),
            free: Vec::new(),
            memo: HashMap::new(),
            tasks: Vec::new(),
            values: Vec::new(),
            contexts: Vec::new(),
            open: Vec::new(),
            binders: Vec::new(),
        }
    }

    /// The graph, for work between two expressions.
    pub fn graph(&mut self) -> &mut Graph {
        self.g
    }

    /// The value of an expression: a number, a condition or a vector of numbers.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn any(&mut self, root: ExprId) -> Lowered<Value> {
        self.tasks.clear();
        self.values.clear();
        self.open.clear();
        self.binders.clear();
        self.contexts.clear();
        self.contexts.push(Context { text: self.text.clone(), locals: Vec::new(), call: None });
        self.tasks.push(Task::Visit(root));
        while let Some(task) = self.tasks.pop() {
            if let Err(stop) = self.budget.spend(1) {
                return Err(Box::new(Diagnostic::new(&code::BUDGET, stop.to_string())));
            }
            self.step(task)?;
        }
        Ok(self.pop())
    }

    /// The value of an expression that is no condition.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn numbers(&mut self, root: ExprId) -> Lowered<Value> {
        let value = self.any(root)?;
        self.check_numbers(&value, root)?;
        Ok(value)
    }

    /// The value of an expression that is one number.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn scalar(&mut self, root: ExprId) -> Lowered<Id> {
        match self.numbers(root)? {
            Value::Scalar(id) => Ok(id),
            Value::Vector(items) => self.fail(&code::VECTOR, vector_text(items.len()), root, "one number is needed here"),
        }
    }

    /// The value of an expression that is one number or one condition.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn any_scalar(&mut self, root: ExprId) -> Lowered<Id> {
        match self.any(root)? {
            Value::Scalar(id) => Ok(id),
            Value::Vector(items) => self.fail(&code::VECTOR, vector_text(items.len()), root, "one number is needed here"),
        }
    }

    /// A condition.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn condition(&mut self, root: ExprId) -> Lowered<Id> {
        let value = self.any(root)?;
        self.as_condition(&value, root)
    }

    /// The symbols that a name of a `wrt`, `at` or `for` clause stands for: one, or one for each component of a vector.
    ///
    /// # Errors
    /// When the name is a constant or a function, or a vector that is no variable.
    pub fn variables(&mut self, ident: Ident) -> Lowered<Vec<Symbol>> {
        let name = self.text.ast.name(ident.name).to_owned();
        if let Some(entry) = self.scope.entry(&name) {
            let symbols: Option<Vec<Symbol>> = entry.value.components().iter().map(|id| self.g.as_symbol(*id)).collect();
            return symbols.ok_or_else(|| no_variable(&name, "a vector of expressions", ident.span));
        }
        self.check_variable(&name, ident.span)?;
        Ok(vec![self.g.intern(&name)])
    }

    /// Checks the names that a function's body calls, before anybody calls the function.
    ///
    /// # Errors
    /// For the first call that cannot be one.
    pub fn check_function(&mut self, function: &UserFunction) -> Lowered<()> {
        let locals = function.params.iter().map(|name| (*name, Value::Vector(Arc::from([])))).collect();
        self.contexts.clear();
        self.contexts.push(Context { text: function.text.clone(), locals, call: None });
        let mut stack = vec![function.body];
        while let Some(id) = stack.pop() {
            if let Expr::Call { callee, primes, args } = function.text.ast.expr(id) {
                self.callee(id, callee, primes, args)?;
            }
            function.text.ast.children(id, |child| stack.push(child));
        }
        Ok(())
    }

    // ---- the machine

    fn step(&mut self, task: Task) -> Lowered<()> {
        match task {
            Task::Visit(id) => self.visit(id),
            Task::Finish(id) => {
                if let Some(value) = self.finish(id)? {
                    self.done(value, id);
                }
                Ok(())
            }
            Task::Bounds(id) => self.bounds(id),
            Task::CloseSeries => self.close_series(),
            Task::SetIndex(k) => {
                let value = Value::Scalar(self.g.integer(k));
                if let Some((_, index)) = self.context_mut().locals.last_mut() {
                    *index = value;
                }
                Ok(())
            }
            Task::CloseTerms(id, count) => self.close_terms(id, count),
            Task::Enter(id, function) => self.enter(id, function),
            Task::Leave(call) => {
                self.contexts.pop();
                if let Some(value) = self.values.last() {
                    self.memo.insert(call, value.clone());
                }
                Ok(())
            }
            Task::Primed(id) => self.primed(id),
            Task::CloseDerivative { span, variable, order, local, actual } => {
                self.close_derivative(span, variable, order, local, actual)
            }
        }
    }

    fn context(&self) -> &Context {
        &self.contexts[self.contexts.len() - 1]
    }

    fn context_mut(&mut self) -> &mut Context {
        let top = self.contexts.len() - 1;
        &mut self.contexts[top]
    }

    fn expr(&self, id: ExprId) -> Expr {
        self.context().text.ast.expr(id)
    }

    fn name(&self, id: NameId) -> String {
        self.context().text.ast.name(id).to_owned()
    }

    fn list(&self, list: List) -> Vec<ExprId> {
        self.context().text.ast.list(list).to_vec()
    }

    fn span(&self, id: ExprId) -> Span {
        self.context().text.ast.span(id)
    }

    /// Every task leaves one value for each it was promised, so the stack is never empty here.
    fn pop(&mut self) -> Value {
        self.values.pop().unwrap_or_else(|| Value::Scalar(self.g.undefined()))
    }

    fn done(&mut self, value: Value, id: ExprId) {
        let span = self.outer_span(self.span(id));
        for component in value.components() {
            self.spans.entry(*component).or_insert(span);
        }
        self.values.push(value);
    }

    fn visit(&mut self, id: ExprId) -> Lowered<()> {
        match self.expr(id) {
            Expr::Number { .. } => {
                let value = self.number(id)?;
                self.done(Value::Scalar(value), id);
            }
            Expr::Infinity => {
                return self.fail(&code::INFINITY, "`inf` is no number".into(), id, "a finite number is needed here");
            }
            Expr::Name(name) => {
                let value = self.named(name, id)?;
                self.done(value, id);
            }
            Expr::Column { data, column } => {
                let (data, column) = (self.name(data), self.name(column));
                let message = format!("there is no data set `{}`, so `{}` has no column", quote(&data), quote(&column));
                return self.fail(&code::DATA, message, id, "this needs a data set");
            }
            Expr::Call { callee, primes, args } => return self.visit_call(id, callee, primes, args),
            Expr::Series(series) => {
                let range = self.context().text.ast.series(series).range;
                self.tasks.extend([Task::Bounds(id), Task::Visit(range.to), Task::Visit(range.from)]);
            }
            Expr::Derivative { operand, variable, order } => return self.visit_derivative(id, operand, variable, order),
            Expr::Index { base, index } if self.free_name(base).is_some() => {
                self.tasks.extend([Task::Finish(id), Task::Visit(index)])
            }
            _ => {
                let operands = self.operands(id);
                self.tasks.push(Task::Finish(id));
                self.tasks.extend(operands.into_iter().rev().map(|(operand, _)| Task::Visit(operand)));
            }
        }
        Ok(())
    }

    /// The operands of a node, sums, products and chains of `and` and `or` flattened along their left spine; the mark
    /// says whether a term is subtracted.
    fn operands(&self, id: ExprId) -> Vec<(ExprId, bool)> {
        let ast = &self.context().text.ast;
        let mut found = Vec::new();
        let mut at = id;
        match ast.expr(id) {
            Expr::Binary(BinaryOp::Add | BinaryOp::Sub, ..) => {
                while let Expr::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) = ast.expr(at) {
                    found.push((b, op == BinaryOp::Sub));
                    at = a;
                }
            }
            Expr::Binary(BinaryOp::Mul, ..) | Expr::Coefficient(..) => {
                while let Expr::Binary(BinaryOp::Mul, a, b) | Expr::Coefficient(a, b) = ast.expr(at) {
                    let mut factor = b;
                    if let Expr::Coefficient(number, operand) = ast.expr(b) {
                        found.push((operand, false));
                        factor = number;
                    }
                    found.push((factor, false));
                    at = a;
                }
            }
            Expr::Binary(op @ (BinaryOp::And | BinaryOp::Or), ..) => {
                while let Expr::Binary(same, a, b) = ast.expr(at)
                    && same == op
                {
                    found.push((b, false));
                    at = a;
                }
            }
            _ => {
                ast.children(id, |child| found.push((child, false)));
                return found;
            }
        }
        found.push((at, false));
        found.reverse();
        found
    }

    /// The value of an operation; none where an indexed form begins again.
    fn finish(&mut self, id: ExprId) -> Lowered<Option<Value>> {
        match self.expr(id) {
            Expr::Index { base, index } => self.finish_index(base, index),
            expr => self.operation(id, expr).map(Some),
        }
    }

    fn operation(&mut self, id: ExprId, expr: Expr) -> Lowered<Value> {
        let operands = self.operands(id);
        let values = self.values.split_off(self.values.len() - operands.len());
        let ids: Vec<ExprId> = operands.iter().map(|(id, _)| *id).collect();
        match expr {
            Expr::Binary(op @ (BinaryOp::And | BinaryOp::Or), ..) => {
                let conditions = self.conditions(&values, &ids)?;
                let conditions: Vec<Id> = conditions.iter().flat_map(|c| self.joined(op, *c)).collect();
                Ok(Value::Scalar(if op == BinaryOp::And { self.g.and(&conditions) } else { self.g.or(&conditions) }))
            }
            Expr::Unary(UnaryOp::Not, _) => {
                let condition = self.as_condition(&values[0], ids[0])?;
                Ok(Value::Scalar(self.g.not(condition)))
            }
            Expr::If { otherwise, .. } => self.conditional(&values, &ids, otherwise.is_some()),
            Expr::Call { callee, args, .. } if self.name(callee.name) == "integer" && args.len() == 1 => {
                self.each(&values, &ids, |g, v| g.is_integer(v[0]))
            }
            Expr::Compare(chain) => {
                let signs = self.context().text.ast.comparisons(chain).1.to_vec();
                self.comparison(&values, &ids, &signs)
            }
            Expr::Vector(_) => self.vector(&values, &ids),
            Expr::Call { callee, .. } => {
                let name = self.name(callee.name);
                self.each_number(&values, &ids)?;
                let Some(f) = math::find(&name) else { return Err(self.unknown(callee, ids.len())) };
                apply::call(self.g, f, &values).map_err(|misfit| self.misfit(misfit, &ids))
            }
            Expr::Binary(BinaryOp::Add | BinaryOp::Sub, ..) => {
                let minus: Vec<bool> = operands.iter().map(|(_, minus)| *minus).collect();
                self.each(&values, &ids, |g, terms| sum(g, terms, &minus))
            }
            Expr::Binary(BinaryOp::Mul, ..) | Expr::Coefficient(..) => self.each(&values, &ids, Graph::mul),
            Expr::Binary(BinaryOp::Div, ..) => self.each(&values, &ids, |g, v| g.div(v[0], v[1])),
            Expr::Binary(BinaryOp::Pow, ..) => self.each(&values, &ids, |g, v| g.pow(v[0], v[1])),
            Expr::Unary(UnaryOp::Neg, _) => self.each(&values, &ids, |g, v| g.neg(v[0])),
            Expr::Unary(UnaryOp::Factorial, _) => self.each(&values, &ids, |g, v| match math::find("factorial") {
                Some(f) => g.call(f, v),
                None => g.undefined(),
            }),
            _ => {
                self.each_number(&values, &ids)?;
                Ok(values.into_iter().next().unwrap_or_else(|| Value::Scalar(self.g.undefined())))
            }
        }
    }

    fn args(&self, id: ExprId) -> Vec<ExprId> {
        match self.expr(id) {
            Expr::Call { args, .. } => self.list(args),
            _ => Vec::new(),
        }
    }

    /// An operation on numbers, component by component where vectors are among them.
    fn each(&mut self, values: &[Value], ids: &[ExprId], operation: impl FnMut(&mut Graph, &[Id]) -> Id) -> Lowered<Value> {
        self.each_number(values, ids)?;
        apply::broadcast(self.g, values, operation).map_err(|misfit| self.misfit(misfit, ids))
    }

    // ---- leaves

    fn number(&mut self, id: ExprId) -> Lowered<Id> {
        let text = self.context().text.source.slice(self.span(id));
        match Number::parse(text) {
            Some(value) => Ok(self.g.number(value)),
            None => {
                let message = format!("the number `{}` is too large to be held exactly", quote(text));
                self.fail(&code::NUMBER_SIZE, message, id, "its exponent is beyond the limit")
            }
        }
    }

    fn local(&self, name: NameId) -> Option<&Value> {
        self.context().locals.iter().rev().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    fn named(&mut self, name: NameId, id: ExprId) -> Lowered<Value> {
        if let Some(value) = self.local(name) {
            return Ok(value.clone());
        }
        let text = self.name(name);
        if let Some(value) = self.constant(&text) {
            return Ok(Value::Scalar(value));
        }
        if let Some(entry) = self.scope.entry(&text) {
            return Ok(entry.value.clone());
        }
        if math::find(&text).is_some() || self.scope.function(&text).is_some() {
            let message = format!("`{}` is a function and needs an argument", quote(&text));
            return self.fail_with(
                &code::NO_ARGUMENT,
                message,
                id,
                "no parentheses follow",
                format!("write {}(x), for example", quote(&text)),
            );
        }
        let symbol = self.g.intern(&text);
        self.note_free(symbol, id);
        Ok(Value::Scalar(self.g.symbol(symbol)))
    }

    fn note_free(&mut self, symbol: Symbol, id: ExprId) {
        if self.contexts.len() == 1 && !self.free.iter().any(|(s, _)| *s == symbol) {
            self.free.push((symbol, self.span(id)));
        }
    }

    fn constant(&mut self, name: &str) -> Option<Id> {
        match name {
            "pi" => Some(self.g.constant(Constant::Pi)),
            "e" => Some(self.g.constant(Constant::E)),
            "tau" => {
                let (two, pi) = (self.g.integer(2), self.g.constant(Constant::Pi));
                Some(self.g.mul(&[two, pi]))
            }
            "true" => Some(self.g.truth(true)),
            "false" => Some(self.g.truth(false)),
            _ => None,
        }
    }

    /// The name, where the node is one that nothing defines.
    fn free_name(&self, id: ExprId) -> Option<String> {
        let Expr::Name(name) = self.expr(id) else { return None };
        if self.local(name).is_some() {
            return None;
        }
        let text = self.name(name);
        let known = matches!(text.as_str(), "pi" | "e" | "tau" | "true" | "false")
            || self.scope.entry(&text).is_some()
            || math::find(&text).is_some()
            || self.scope.function(&text).is_some();
        (!known).then_some(text)
    }

    // ---- conditions, vectors

    fn check_numbers(&self, value: &Value, id: ExprId) -> Lowered<()> {
        match value {
            Value::Scalar(v) if self.g.is_condition(*v) => {
                self.fail(&code::NUMBER_NEEDED, "a condition stands where a number is needed".into(), id, "this is true or false")
            }
            _ => Ok(()),
        }
    }

    fn each_number(&self, values: &[Value], ids: &[ExprId]) -> Lowered<()> {
        values.iter().zip(ids).try_for_each(|(value, id)| self.check_numbers(value, *id))
    }

    fn as_condition(&self, value: &Value, id: ExprId) -> Lowered<Id> {
        match value {
            Value::Scalar(v) if self.g.is_condition(*v) => Ok(*v),
            _ => {
                let message = "a number stands where a condition is needed".into();
                self.fail_with(&code::CONDITION_NEEDED, message, id, "this is a number", "a condition compares: x > 0".into())
            }
        }
    }

    fn conditions(&self, values: &[Value], ids: &[ExprId]) -> Lowered<Vec<Id>> {
        values.iter().zip(ids).map(|(value, id)| self.as_condition(value, *id)).collect()
    }

    /// The parts of a condition that the same word already joins.
    fn joined(&self, op: BinaryOp, condition: Id) -> Vec<Id> {
        match (op, self.g.view(condition)) {
            (BinaryOp::And, View::And(parts)) | (BinaryOp::Or, View::Or(parts)) => parts.to_vec(),
            _ => vec![condition],
        }
    }

    fn conditional(&mut self, values: &[Value], ids: &[ExprId], has_else: bool) -> Lowered<Value> {
        let condition = self.as_condition(&values[0], ids[0])?;
        if has_else {
            return self.each(&values[1..], &ids[1..], |g, v| g.conditional(condition, v[0], v[1]));
        }
        self.each(&values[1..], &ids[1..], |g, v| {
            let nothing = g.undefined();
            g.conditional(condition, v[0], nothing)
        })
    }

    fn comparison(&mut self, values: &[Value], ids: &[ExprId], signs: &[Comparison]) -> Lowered<Value> {
        let mut parts = Vec::new();
        for (k, sign) in signs.iter().enumerate() {
            let pair = self.each(&values[k..=k + 1], &ids[k..=k + 1], |g, v| g.compare(relation(*sign), v[0], v[1]))?;
            match sign {
                Comparison::NotEqual => parts.push(self.g.or(pair.components())),
                _ => parts.extend(pair.components()),
            }
        }
        Ok(Value::Scalar(self.g.and(&parts)))
    }

    fn vector(&mut self, values: &[Value], ids: &[ExprId]) -> Lowered<Value> {
        self.each_number(values, ids)?;
        let items = values.iter().zip(ids).map(|(value, id)| match value {
            Value::Scalar(v) => Ok(*v),
            Value::Vector(_) => {
                self.fail(&code::VECTOR, "the entries of a vector are numbers".into(), *id, "this is itself a vector")
            }
        });
        Ok(Value::Vector(items.collect::<Lowered<Arc<[Id]>>>()?))
    }

    /// `z[k]`: of a vector its entry; of a name that nothing defines, the free symbol `z[k]`.
    fn finish_index(&mut self, base: ExprId, index: ExprId) -> Lowered<Option<Value>> {
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
    fn open_up(&mut self, place: Id, index: ExprId) -> Lowered<Option<Value>> {
        // the outermost first: the bounds of the inner ones may wait for it
        let found = self.open.iter().position(|series| walk::contains(self.g, place, series.binder));
        let Some(at) = found else {
            return self.fail(&code::INDEX, "an index is a whole number".into(), index, "this has no value yet");
        };
        let series = self.open.split_off(at).swap_remove(0);
        let [Some(from), Some(to)] = series.bounds.map(|b| apply::whole(self.g, b)) else {
            let message = "a sum over the entries of a vector needs whole numbers as its bounds".into();
            return self.fail(&code::INDEX, message, index, "the index has no known range here");
        };
        self.tasks.truncate(series.tasks);
        self.values.truncate(series.values);
        self.contexts.truncate(series.contexts);
        self.context_mut().locals.truncate(series.locals);
        self.binders.truncate(series.binders);
        self.terms(series.id, from, to)?;
        Ok(None)
    }

    // ---- sums and products over an index

    fn bounds(&mut self, id: ExprId) -> Lowered<()> {
        let Expr::Series(series) = self.expr(id) else { return Ok(()) };
        let series = self.context().text.ast.series(series);
        let (to, from) = (self.pop(), self.pop());
        let from = self.bound(&from, series.range.from)?;
        let to = self.bound(&to, series.range.to)?;
        let name = self.name(series.index.name);
        self.scope.check_definable(&name, self.outer_span(series.index.span))?;
        let binder = self.binder(&name);
        let (tasks, values) = (self.tasks.len(), self.values.len());
        let (contexts, locals, binders) = (self.contexts.len(), self.context().locals.len(), self.binders.len());
        self.open.push(OpenSeries { id, bounds: [from, to], binder, tasks, values, contexts, locals, binders });
        self.binders.push(binder);
        let index = Value::Scalar(self.g.symbol(binder));
        self.context_mut().locals.push((series.index.name, index));
        self.tasks.extend([Task::CloseSeries, Task::Visit(series.body)]);
        Ok(())
    }

    fn bound(&self, value: &Value, id: ExprId) -> Lowered<Id> {
        self.check_numbers(value, id)?;
        match value {
            Value::Scalar(v) if apply::constant(self.g, *v).is_none_or(|n| n.is_integer()) => Ok(*v),
            _ => self.fail(&code::RANGE, "an index runs between whole numbers".into(), id, "this is none"),
        }
    }

    /// A symbol that is bound: it differs from every free symbol, and its name from those of the binders around it.
    fn binder(&mut self, name: &str) -> Symbol {
        let mut symbol = self.g.bound(name);
        let mut k = 2;
        while self.binders.contains(&symbol) {
            symbol = self.g.bound(&format!("{name}_{k}"));
            k += 1;
        }
        symbol
    }

    fn close_series(&mut self) -> Lowered<()> {
        let Some(series) = self.open.pop() else { return Ok(()) };
        let body = self.pop();
        self.context_mut().locals.truncate(series.locals);
        self.binders.truncate(series.binders);
        let Expr::Series(ast) = self.expr(series.id) else { return Ok(()) };
        let ast = self.context().text.ast.series(ast);
        self.check_numbers(&body, ast.body)?;
        let kind = if ast.kind == SeriesKind::Sum { Series::Sum } else { Series::Product };
        let items: Vec<Id> = body.components().iter().map(|item| self.one_series(kind, &series, *item)).collect();
        let value = if let Value::Scalar(_) = body { Value::Scalar(items[0]) } else { Value::Vector(items.into()) };
        self.done(value, series.id);
        Ok(())
    }

    /// A series node; its index gets another name where a free symbol of the body would look the same in print.
    fn one_series(&mut self, kind: Series, series: &OpenSeries, body: Id) -> Id {
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

    fn terms(&mut self, id: ExprId, from: i64, to: i64) -> Lowered<()> {
        let Expr::Series(series) = self.expr(id) else { return Ok(()) };
        let series = self.context().text.ast.series(series);
        let count = to.saturating_sub(from).saturating_add(1).max(0);
        if count > MOST_TERMS {
            let message = format!("this sum would be written out as {count} terms; the limit is {MOST_TERMS}");
            return self.fail(&code::TOO_MANY_TERMS, message, id, "too many terms");
        }
        let start = Value::Scalar(self.g.integer(from));
        self.context_mut().locals.push((series.index.name, start));
        self.tasks.push(Task::CloseTerms(id, usize::try_from(count).unwrap_or(0)));
        for k in (from..=to).rev() {
            self.tasks.extend([Task::Visit(series.body), Task::SetIndex(k)]);
        }
        Ok(())
    }

    fn close_terms(&mut self, id: ExprId, count: usize) -> Lowered<()> {
        let Expr::Series(series) = self.expr(id) else { return Ok(()) };
        let series = self.context().text.ast.series(series);
        let values = self.values.split_off(self.values.len() - count);
        self.context_mut().locals.pop();
        let ids = vec![series.body; count];
        let value = match series.kind {
            SeriesKind::Sum => self.each(&values, &ids, Graph::add)?,
            SeriesKind::Product => self.each(&values, &ids, Graph::mul)?,
        };
        self.done(value, id);
        Ok(())
    }

    // ---- calls

    fn visit_call(&mut self, id: ExprId, callee: Ident, primes: u32, args: List) -> Lowered<()> {
        let task = match self.callee(id, callee, primes, args)? {
            _ if primes > 0 => Task::Primed(id),
            Callee::Program(function) => Task::Enter(id, function),
            Callee::Table | Callee::Integer => Task::Finish(id),
        };
        let args = self.list(args);
        self.tasks.push(task);
        self.tasks.extend(args.into_iter().rev().map(Task::Visit));
        Ok(())
    }

    /// What is called, once it is known that it can be called with so many arguments.
    fn callee(&self, id: ExprId, callee: Ident, primes: u32, args: List) -> Lowered<Callee> {
        let name = self.name(callee.name);
        let count = args.len();
        if self.local(callee.name).is_some() {
            return Err(self.not_a_function(callee, count));
        }
        if let Some(function) = self.scope.function(&name) {
            let wants = function.params.len();
            if wants != count {
                let names: Vec<&str> = function.params.iter().map(|p| function.text.ast.name(*p)).collect();
                return Err(self.arity(id, &name, &format!("{name}({})", names.join(", ")), &counted(wants), count));
            }
            self.check_primes(id, &name, primes, wants == 1)?;
            return Ok(Callee::Program(function.clone()));
        }
        if name == "integer" && primes == 0 {
            return if count == 1 {
                Ok(Callee::Integer)
            } else {
                Err(self.arity(id, &name, "integer(n)", "one argument", count))
            };
        }
        let Some(f) = math::find(&name) else { return Err(self.unknown(callee, count)) };
        self.check_arity(id, f, &name, count)?;
        self.check_primes(id, &name, primes, f.record().arity == Arity::Exactly(1))?;
        Ok(Callee::Table)
    }

    fn check_primes(&self, id: ExprId, name: &str, primes: u32, one: bool) -> Lowered<()> {
        if primes == 0 || one {
            return Ok(());
        }
        let message = format!("`{}` has several arguments, so the prime does not say which is varied", quote(name));
        let help = "write diff(…, x) with the variable that is meant".into();
        self.fail_with(&code::PRIME, message, id, "by which argument?", help)
    }

    fn check_arity(&self, id: ExprId, f: FunctionId, name: &str, count: usize) -> Lowered<()> {
        let record = f.record();
        let (fits, wants) = match record.arity {
            Arity::Exactly(n) => (count == usize::from(n), counted(usize::from(n))),
            Arity::List => (count >= 1, "one vector or at least one number".to_owned()),
            Arity::TwoLists => (count == 2, "two vectors".to_owned()),
        };
        if fits {
            return Ok(());
        }
        let form = format!("{name}({})", record.parameters.join(", "));
        let mut fault = self.arity(id, name, &form, &wants, count);
        if record.name == "log" && count == 2 {
            let args = self.args(id);
            let [x, base] = [0, 1].map(|k| quote(self.context().text.source.slice(self.span(args[k]))));
            fault.help = Some(match base.as_str() {
                "2" | "10" => format!("log is the natural logarithm; write log{base}({x})"),
                _ => format!("log is the natural logarithm; to the base {base} it is log({x})/log({base})"),
            });
        }
        Err(fault)
    }

    fn arity(&self, id: ExprId, name: &str, form: &str, wants: &str, count: usize) -> Fault {
        let message = format!("`{}` takes {wants}, not {count}", quote(name));
        self.fault(&code::ARITY, message, id, "").help(format!("write {}", quote(form))).into()
    }

    /// The error for a callee that is no function.
    fn unknown(&self, callee: Ident, count: usize) -> Fault {
        let name = self.name(callee.name);
        if self.scope.entry(&name).is_some() || self.constant_name(&name) {
            return self.not_a_function(callee, count);
        }
        let long = name.chars().count() >= 2;
        let near = if long { names::nearest_function(&name, self.scope.function_names()) } else { None };
        if near.is_none() && count == 1 && name.chars().count() <= 2 {
            return self.not_a_function(callee, count);
        }
        let message = format!("there is no function `{}`", quote(&name));
        let span = self.outer_span(callee.span);
        let fault = Diagnostic::new(&code::UNKNOWN_FUNCTION, message).at(span, "not known");
        let fault = self.through_call(fault);
        match near {
            Some(near) if self.contexts.len() == 1 => {
                fault.help(format!("did you mean `{near}`?")).correction(self.replaced(callee.span, &near))
            }
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("define it first: fn {}(x) = …", quote(&name))),
        }
        .into()
    }

    fn constant_name(&self, name: &str) -> bool {
        matches!(name, "pi" | "e" | "tau" | "true" | "false")
    }

    fn not_a_function(&self, callee: Ident, count: usize) -> Fault {
        let name = quote(&self.name(callee.name));
        let span = self.outer_span(callee.span);
        let message = format!("`{name}` is not a function");
        let fault = self.through_call(Diagnostic::new(&code::NOT_A_FUNCTION, message).at(span, "a name before `(` is called"));
        let vector = match self.local(callee.name).or(self.scope.entry(&self.name(callee.name)).map(|entry| &entry.value)) {
            Some(Value::Vector(items)) => !items.is_empty(),
            _ => false,
        };
        match (count, vector) {
            (1, true) => fault.help(format!("an entry of a vector is {name}[1], a product {name}*(…)")),
            (1, false) if self.contexts.len() == 1 => {
                fault.help("a product is written with `*`").correction(self.replaced(callee.span, &format!("{name}*")))
            }
            _ => fault.help("a product is written with `*`"),
        }
        .into()
    }

    /// The line of the text that holds the span, with the span replaced.
    fn replaced(&self, span: Span, by: &str) -> String {
        let source = &self.context().text.source;
        let line = source.line_span(span.start);
        let (before, after) = (Span::new(line.start, span.start), Span::new(span.end, line.end));
        let text = format!("{}{by}{}", source.slice(before), source.slice(after));
        crate::diagnostic::escape(text.trim()).into_owned()
    }

    fn enter(&mut self, id: ExprId, function: Arc<UserFunction>) -> Lowered<()> {
        let ids = self.args(id);
        let values = self.values.split_off(self.values.len() - ids.len());
        self.each_number(&values, &ids)?;
        self.begin(self.span(id), function, values)
    }

    fn begin(&mut self, call: Span, function: Arc<UserFunction>, values: Vec<Value>) -> Lowered<()> {
        let key = (function.name.clone(), values);
        if let Some(known) = self.memo.get(&key) {
            let known = known.clone();
            self.values.push(known);
            return Ok(());
        }
        let locals = function.params.iter().copied().zip(key.1.iter().cloned()).collect();
        self.contexts.push(Context { text: function.text.clone(), locals, call: Some(call) });
        self.tasks.extend([Task::Leave(key), Task::Visit(function.body)]);
        Ok(())
    }

    // ---- derivatives

    /// `f'(E)`: f is applied to a variable of its own, differentiated, and E put in.
    fn primed(&mut self, id: ExprId) -> Lowered<()> {
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
        self.tasks.push(Task::CloseDerivative { span, variable, order: primes, local: false, actual: Some(actual) });
        if let Some(function) = self.scope.function(&name).cloned() {
            return self.begin(span, function, vec![Value::Scalar(argument)]);
        }
        let value = math::find(&name).map_or(argument, |f| self.g.call(f, &[argument]));
        self.values.push(Value::Scalar(value));
        Ok(())
    }

    fn visit_derivative(&mut self, id: ExprId, operand: ExprId, variable: Ident, order: u32) -> Lowered<()> {
        let span = self.span(id);
        let name = self.name(variable.name);
        let task = match self.local(variable.name).cloned() {
            Some(Value::Scalar(actual)) => {
                let fresh = self.binder(&name);
                let node = Value::Scalar(self.g.symbol(fresh));
                self.binders.push(fresh);
                self.context_mut().locals.push((variable.name, node));
                Task::CloseDerivative { span, variable: fresh, order, local: true, actual: Some(actual) }
            }
            Some(Value::Vector(_)) => return Err(no_variable(&name, "a vector", self.outer_span(variable.span))),
            None => {
                let symbol = self.global_variable(&name, self.outer_span(variable.span))?;
                Task::CloseDerivative { span, variable: symbol, order, local: false, actual: None }
            }
        };
        self.tasks.extend([task, Task::Visit(operand)]);
        Ok(())
    }

    fn global_variable(&mut self, name: &str, span: Span) -> Lowered<Symbol> {
        match self.scope.entry(name).map(|entry| &entry.value) {
            Some(Value::Scalar(id)) => self.g.as_symbol(*id).ok_or_else(|| no_variable(name, "a value", span)),
            Some(Value::Vector(_)) => Err(no_variable(name, "a vector", span)),
            None => {
                self.check_variable(name, span)?;
                Ok(self.g.intern(name))
            }
        }
    }

    fn check_variable(&self, name: &str, span: Span) -> Lowered<()> {
        if self.constant_name(name) {
            return Err(no_variable(name, "a constant", span));
        }
        if math::find(name).is_some() || self.scope.function(name).is_some() {
            return Err(no_variable(name, "a function", span));
        }
        Ok(())
    }

    fn close_derivative(&mut self, span: Span, variable: Symbol, order: u32, local: bool, actual: Option<Id>) -> Lowered<()> {
        if local {
            self.context_mut().locals.pop();
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
        let mut items = Vec::with_capacity(value.components().len());
        for item in value.components() {
            let taken = (self.differentiate)(self.g, *item, variable, order).map_err(|fault| located(fault, outer))?;
            items.push(self.put_in(taken, variable, actual, outer)?);
        }
        for item in &items {
            self.spans.entry(*item).or_insert(outer);
        }
        self.values.push(if let Value::Scalar(_) = value { Value::Scalar(items[0]) } else { Value::Vector(items.into()) });
        Ok(())
    }

    /// The derivative with the argument in place of the variable that stood for it.
    fn put_in(&mut self, taken: Id, variable: Symbol, actual: Option<Id>, span: Span) -> Lowered<Id> {
        let Some(actual) = actual else { return Ok(taken) };
        let waits = |id: &Id| matches!(self.g.view(*id), View::Derivative(_, v, _) if v == variable);
        if walk::topological(self.g, &[taken]).iter().any(waits) {
            let message = "a derivative that is not taken cannot get an argument";
            return Err(Box::new(Diagnostic::new(&code::PRIME, message).at(span, "")));
        }
        let node = self.g.symbol(variable);
        Ok(walk::substitute(self.g, taken, &HashMap::from([(node, actual)])))
    }

    // ---- faults

    /// A span of the text that is being resolved: inside a function from another text, the call that led there.
    fn outer_span(&self, span: Span) -> Span {
        if Arc::ptr_eq(&self.context().text, &self.text) {
            return span;
        }
        self.contexts.iter().find_map(|context| context.call).unwrap_or(span)
    }

    fn fault(&self, code: &'static Code, message: String, id: ExprId, label: &str) -> Diagnostic {
        let span = self.outer_span(self.span(id));
        self.through_call(Diagnostic::new(code, message).at(span, label))
    }

    /// Points at the call whose body is at fault.
    fn through_call(&self, fault: Diagnostic) -> Diagnostic {
        match self.contexts.iter().find_map(|context| context.call) {
            Some(call) if fault.span() != Some(call) => fault.see(call, "in this call"),
            _ => fault,
        }
    }

    fn fail<T>(&self, code: &'static Code, message: String, id: ExprId, label: &str) -> Lowered<T> {
        Err(self.fault(code, message, id, label).into())
    }

    fn fail_with<T>(&self, code: &'static Code, message: String, id: ExprId, label: &str, help: String) -> Lowered<T> {
        Err(self.fault(code, message, id, label).help(help).into())
    }

    fn misfit(&self, misfit: Misfit, ids: &[ExprId]) -> Fault {
        match misfit {
            Misfit::Lengths([a, b], [first, second]) => {
                let span = self.outer_span(self.span(ids[first]));
                let message = format!("vectors of {a} and of {b} entries do not fit together");
                let fault = self.fault(&code::LENGTHS, message, ids[second], &format!("{b} entries"));
                fault.see(span, format!("{a} entries")).into()
            }
            Misfit::NeedsVector(at) => {
                self.fault(&code::VECTOR_NEEDED, "a vector is needed".into(), ids[at], "this is a number").into()
            }
            Misfit::VectorAmongNumbers(at) => {
                let message = "one vector or several numbers, not a mixture".into();
                self.fault(&code::VECTOR, message, ids[at], "this is a vector").into()
            }
            Misfit::TooLong(n) => {
                self.fault(&code::TOO_MANY_TERMS, format!("a vector of {n} entries is too long here"), ids[0], "").into()
            }
        }
    }
}

enum Callee {
    Table,
    Integer,
    Program(Arc<UserFunction>),
}

fn sum(g: &mut Graph, terms: &[Id], minus: &[bool]) -> Id {
    let terms: Vec<Id> = terms.iter().zip(minus).map(|(term, minus)| if *minus { g.neg(*term) } else { *term }).collect();
    g.add(&terms)
}

fn relation(sign: Comparison) -> Relation {
    match sign {
        Comparison::Less => Relation::Less,
        Comparison::LessEqual => Relation::LessEqual,
        Comparison::Greater => Relation::Greater,
        Comparison::GreaterEqual => Relation::GreaterEqual,
        Comparison::Equal => Relation::Equal,
        Comparison::NotEqual => Relation::NotEqual,
    }
}

fn counted(n: usize) -> String {
    match n {
        1 => "one argument".into(),
        2 => "two arguments".into(),
        3 => "three arguments".into(),
        n => format!("{n} arguments"),
    }
}

fn vector_text(length: usize) -> String {
    format!("this is a vector of {length} entries")
}

fn no_variable(name: &str, what: &str, span: Span) -> Fault {
    let message = format!("`{}` is {what}, and a derivative is taken by a variable", quote(name));
    Box::new(Diagnostic::new(&code::NO_VARIABLE, message).at(span, "not a variable"))
}

/// A fault of the engine, at this place unless it knows a better one.
fn located(mut fault: Fault, span: Span) -> Fault {
    if fault.labels.is_empty() {
        *fault = (*fault).at(span, "");
    }
    fault
}
