//! The resolver's machine: an explicit stack of tasks walks the tree, so that no input can overflow the program's own.
//! Operands are lowered first, their values wait on a second stack, then the operation takes them.

mod calls;
mod derivative;
mod faults;
mod indexed;
mod tables;

use super::apply;
use super::{Fault, Scope, Text, UserFunction, Value};
use crate::budget::Budget;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::{Constant, Graph, Id, Number, Relation, Symbol, View};
use crate::math;
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Comparison, Expr, ExprId, Ident, List, NameId, UnaryOp};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Takes a derivative: of a node, by a symbol, so many times.
pub type Differentiate<'a> = &'a mut dyn FnMut(&mut Graph, Id, Symbol, u32) -> Result<Id, Fault>;

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
    noted: HashSet<Symbol>,
    /// Names that the question itself introduces, in a clause: they are symbols, `tau` among them.
    pub declared: HashSet<String>,
    /// Names whose definition has an error.
    pub broken: HashSet<String>,
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
            noted: HashSet::new(),
            declared: HashSet::new(),
            broken: HashSet::new(),
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
        if let Some((data, column)) = name.split_once('.') {
            return self
                .column_symbol(data, column)
                .map(|symbol| vec![symbol])
                .map_err(|fault| Box::new(fault.at(ident.span, "")));
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
                let value = self.column(id, &self.name(data), &self.name(column))?;
                self.done(Value::Scalar(value), id);
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
                if let ([Value::Scalar(body)], "mean" | "sum") = (&values[..], f.name())
                    && let Some(reduced) = self.over_rows(f.name(), *body, id)?
                {
                    return Ok(Value::Scalar(reduced));
                }
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
        if let Some(entry) = self.scope.entry(&text) {
            return Ok(entry.value.clone());
        }
        if let Some(value) = self.constant(&text) {
            return Ok(Value::Scalar(value));
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
        if let Some(data) = self.scope.data(&text) {
            return Err(self.whole_data_set(id, &text, data));
        }
        let symbol = self.g.intern(&text);
        self.note_free(symbol, id);
        Ok(Value::Scalar(self.g.symbol(symbol)))
    }

    fn note_free(&mut self, symbol: Symbol, id: ExprId) {
        if self.contexts.len() == 1 && self.noted.insert(symbol) {
            self.free.push((symbol, self.span(id)));
        }
    }

    fn constant(&mut self, name: &str) -> Option<Id> {
        match name {
            "pi" => Some(self.g.constant(Constant::Pi)),
            "e" => Some(self.g.constant(Constant::E)),
            "tau" if !self.declared.contains("tau") => {
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
        let known = self.constant_name(&text)
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

fn vector_text(length: usize) -> String {
    format!("this is a vector of {length} entries")
}

fn no_variable(name: &str, what: &str, span: Span) -> Fault {
    let message = format!("`{}` is {what}, and a derivative is taken by a variable", quote(name));
    Box::new(Diagnostic::new(&code::NO_VARIABLE, message).at(span, "not a variable"))
}
