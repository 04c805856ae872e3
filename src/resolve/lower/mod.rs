//! The resolver's machine: an explicit stack of tasks walks the tree, so that no input can overflow the program's own.
//! Operands are lowered first, their values wait on a second stack, then the operation takes them.

mod calls;
mod derivative;
mod faults;
mod indexed;
mod meanings;
mod operations;
mod tables;

use super::apply;
use super::{Fault, Places, Scope, Text, UserFunction, Value};
use crate::budget::{Budget, allowed};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::{Graph, Id, Number, Relation, Symbol, View};
use crate::limits::Limit;
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Comparison, Expr, ExprId, Ident, List, NameId};
use derivative::Closing;
use meanings::Meanings;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Takes a derivative: of a node, by a symbol, so many times.
pub type Differentiate<'a> = &'a mut dyn FnMut(&mut Graph, Id, Symbol, u32) -> Result<Id, Fault>;

/// Room for so many entries is made at once on each stack.
const ROOM: usize = 32;

type Lowered<T> = Result<T, Fault>;

/// Resolves expressions of one text against one scope.
pub struct Lowering<'a> {
    g: &'a mut Graph,
    scope: &'a Scope,
    text: Arc<Text>,
    differentiate: Differentiate<'a>,
    budget: &'a Budget,
    /// Where each node was written, for messages about its value.
    pub places: Places,
    /// The names that nothing defines, with their first occurrence, in order.
    pub free: Vec<(Symbol, Span)>,
    noted: HashSet<Symbol>,
    meanings: Meanings,
    /// Operands that are numbers, while an operation is applied to them.
    ids: Vec<Id>,
    /// Which of them are subtracted.
    minus: Vec<usize>,
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

/// Small, because one is moved for every node: what is large and rare is boxed.
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
    Leave(Box<Call>),
    /// The argument of `f'(…)` is lowered.
    Primed(ExprId),
    /// The operand of a derivative is lowered.
    CloseDerivative(Box<Closing>),
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
            places: Places::default(),
            free: Vec::new(),
            noted: HashSet::new(),
            meanings: Meanings::default(),
            ids: Vec::new(),
            minus: Vec::new(),
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
        self.meanings = Meanings::default();
        self.contexts.clear();
        self.contexts.push(Context { text: self.text.clone(), locals: Vec::new(), call: None });
        self.tasks.reserve(ROOM);
        self.values.reserve(ROOM);
        self.ids.reserve(ROOM);
        self.places.reserve(self.text.ast.len().min(ROOM * ROOM));
        self.tasks.push(Task::Visit(root));
        while let Some(task) = self.tasks.pop() {
            self.budget.spend(1).map_err(Diagnostic::stopped)?;
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
                    self.memo.insert(*call, value.clone());
                }
                Ok(())
            }
            Task::Primed(id) => self.primed(id),
            Task::CloseDerivative(close) => self.close_derivative(*close),
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
            self.places.note(*component, span);
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
                self.tasks.push(Task::Finish(id));
                let Lowering { tasks, contexts, .. } = self;
                operations::backwards(&contexts[contexts.len() - 1].text.ast, id, |operand, _| tasks.push(Task::Visit(operand)));
            }
        }
        Ok(())
    }

    /// The value of an operation; none where an indexed form begins again.
    fn finish(&mut self, id: ExprId) -> Lowered<Option<Value>> {
        match self.expr(id) {
            Expr::Index { base, index } => self.finish_index(base, index),
            expr => self.operation(id, expr).map(Some),
        }
    }

    fn args(&self, id: ExprId) -> Vec<ExprId> {
        match self.expr(id) {
            Expr::Call { args, .. } => self.list(args),
            _ => Vec::new(),
        }
    }

    // ---- leaves

    fn number(&mut self, id: ExprId) -> Lowered<Id> {
        let text = self.context().text.source.slice(self.span(id));
        match Number::parse(text) {
            Some(value) => Ok(self.g.number(value)),
            None => {
                let message = format!("the number `{}` is too large to be held exactly", quote(text));
                self.beyond(Limit::Bits, message, id, "its exponent is beyond the limit")
            }
        }
    }

    fn local(&self, name: NameId) -> Option<&Value> {
        self.context().locals.iter().rev().find(|(n, _)| *n == name).map(|(_, value)| value)
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
        let most = allowed(Limit::Entries);
        if let Some(id) = ids.get(usize::try_from(most).unwrap_or(usize::MAX)) {
            let message = format!("this vector has {} entries; the limit is {most}", ids.len());
            return self.beyond(Limit::Entries, message, *id, "one too many");
        }
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
