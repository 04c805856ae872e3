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
use super::{Fault, Places, Reading, Scope, UserFunction, Value};
use crate::budget::{Budget, allowed};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::{Graph, Id, Number, Relation, Symbol, View};
use crate::limits::Limit;
use crate::source::{self, Span};
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
    text: Reading<'a>,
    differentiate: Differentiate<'a>,
    budget: Option<&'a Budget>,
    /// Where each node was written, for messages about its value.
    pub places: Places,
    /// Whether anybody will ask for them.
    pub keeps_places: bool,
    /// The names that nothing defines, with their first occurrence, in order.
    pub free: Vec<(Symbol, Span)>,
    /// What derivatives were taken of, with the variable and the place where that was named.
    pub varied: Vec<(Value, Symbol, Span)>,
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
    tasks: Vec<Task<'a>>,
    values: Vec<Value>,
    /// Where the task at hand stands, and the contexts that led there, the outermost first.
    here: Context<'a>,
    outer: Vec<Context<'a>>,
    open: Vec<OpenSeries>,
    binders: Vec<Symbol>,
}

/// A call of a function of the program: equal calls have equal values.
type Call = (Box<str>, Vec<Value>);

/// The text in which a task's ids count, with its local names.
struct Context<'a> {
    text: Reading<'a>,
    /// Parameters, bound indices and variables of derivatives, the innermost last.
    locals: Vec<(NameId, Value)>,
    /// The call that led here, in the text of the context below.
    call: Option<Span>,
}

impl<'a> Context<'a> {
    /// The text itself, outside of any call.
    fn new(text: Reading<'a>) -> Self {
        Context { text, locals: Vec::new(), call: None }
    }
}

/// A sum or product whose body is being lowered with a symbol for its index: enough to begin again with numbers.
struct OpenSeries {
    id: ExprId,
    bounds: [Id; 2],
    binder: Symbol,
    tasks: usize,
    values: usize,
    /// How many contexts are around it.
    contexts: usize,
    locals: usize,
    binders: usize,
}

/// Small, because one is moved for every node: what is large and rare is boxed.
enum Task<'a> {
    /// Lower this expression.
    Visit(ExprId),
    /// Its operands, so many, are lowered.
    Finish(ExprId, u32),
    /// The bounds of an indexed form are lowered.
    Bounds(ExprId),
    /// The body of the innermost open indexed form is lowered.
    CloseSeries,
    /// The innermost local name is this number from here on.
    SetIndex(i64),
    /// So many terms of an opened indexed form are lowered.
    CloseTerms(ExprId, usize),
    /// The arguments of a call of the program's function are lowered.
    Enter(ExprId, &'a UserFunction),
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
        text: Reading<'a>,
        differentiate: Differentiate<'a>,
        budget: Option<&'a Budget>,
    ) -> Self {
        Lowering {
            g,
            scope,
            text,
            differentiate,
            budget,
            places: Places::default(),
            keeps_places: true,
            free: Vec::with_capacity(8),
            varied: Vec::new(),
            noted: HashSet::new(),
            meanings: Meanings::default(),
            ids: Vec::new(),
            minus: Vec::new(),
            declared: HashSet::new(),
            broken: HashSet::new(),
            memo: HashMap::new(),
            tasks: Vec::new(),
            values: Vec::new(),
            here: Context::new(text),
            outer: Vec::new(),
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
        self.outer.clear();
        self.here = Context::new(self.text);
        self.tasks.reserve(ROOM);
        self.values.reserve(ROOM);
        self.ids.reserve(ROOM);
        if self.keeps_places {
            self.places.reserve(self.text.ast.len().min(ROOM * ROOM));
        }
        self.tasks.push(Task::Visit(root));
        while let Some(task) = self.tasks.pop() {
            if let Some(budget) = self.budget {
                budget.spend(1).map_err(Diagnostic::stopped)?;
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
    pub fn check_function(&mut self, params: &[NameId], body: ExprId) -> Lowered<()> {
        let locals = params.iter().map(|name| (*name, Value::Vector(Arc::from([])))).collect();
        self.outer.clear();
        self.here = Context { text: self.text, locals, call: None };
        let ast = self.text.ast;
        let mut stack = vec![body];
        while let Some(id) = stack.pop() {
            if let Expr::Call { callee, primes, args } = ast.expr(id) {
                self.callee(id, callee, primes, args)?;
            }
            ast.children(id, |child| stack.push(child));
        }
        Ok(())
    }

    // ---- the machine: what is rare is kept out of line, so that the loop stays small

    #[inline]
    fn step(&mut self, task: Task<'a>) -> Lowered<()> {
        match task {
            Task::Visit(id) => self.visit(id),
            Task::Finish(id, count) => {
                if let Some(value) = self.finish(id, count as usize)? {
                    self.done(value, id);
                }
                Ok(())
            }
            Task::Bounds(id) => self.bounds(id),
            Task::CloseSeries => self.close_series(),
            Task::SetIndex(k) => {
                let value = Value::Scalar(self.g.integer(k));
                if let Some((_, index)) = self.here.locals.last_mut() {
                    *index = value;
                }
                Ok(())
            }
            Task::CloseTerms(id, count) => self.close_terms(id, count),
            Task::Enter(id, function) => self.enter(id, function),
            Task::Leave(call) => {
                self.leave_contexts(self.outer.len().saturating_sub(1));
                if let Some(value) = self.values.last() {
                    self.memo.insert(*call, value.clone());
                }
                Ok(())
            }
            Task::Primed(id) => self.primed(id),
            Task::CloseDerivative(close) => self.close_derivative(*close),
        }
    }

    /// Whether the task at hand stands in the statement itself, and not in the body of a function.
    fn is_outermost(&self) -> bool {
        self.outer.is_empty()
    }

    fn enter_context(&mut self, context: Context<'a>) {
        if let (true, Some(call)) = (self.is_outermost(), context.call) {
            self.places.enter(call);
        }
        self.outer.push(std::mem::replace(&mut self.here, context));
    }

    /// Goes back to where so many contexts are around.
    fn leave_contexts(&mut self, around: usize) {
        while self.outer.len() > around
            && let Some(context) = self.outer.pop()
        {
            self.here = context;
        }
        if self.is_outermost() {
            self.places.leave();
        }
    }

    fn expr(&self, id: ExprId) -> Expr {
        self.here.text.ast.expr(id)
    }

    fn name(&self, id: NameId) -> String {
        self.here.text.ast.name(id).to_owned()
    }

    fn list(&self, list: List) -> Vec<ExprId> {
        self.here.text.ast.list(list).to_vec()
    }

    fn span(&self, id: ExprId) -> Span {
        self.here.text.ast.span(id)
    }

    /// Every task leaves one value for each it was promised, so the stack is never empty here.
    fn pop(&mut self) -> Value {
        self.values.pop().unwrap_or_else(|| Value::Scalar(self.g.undefined()))
    }

    #[inline]
    fn note_places(&mut self, components: &[Id], span: Span) {
        if self.keeps_places {
            let span = self.outer_span(span);
            components.iter().for_each(|component| self.places.note(*component, span));
        }
    }

    #[inline(always)]
    fn done(&mut self, value: Value, id: ExprId) {
        self.note_places(value.components(), self.span(id));
        self.values.push(value);
    }

    fn visit(&mut self, mut id: ExprId) -> Lowered<()> {
        while let Some(first) = self.visit_node(id)? {
            id = first;
        }
        Ok(())
    }

    /// Lowers a leaf; of an operation, the first operand is to be visited at once and the others wait.
    #[inline]
    fn visit_node(&mut self, id: ExprId) -> Lowered<Option<ExprId>> {
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
                let range = self.here.text.ast.series(series).range;
                self.tasks.extend([Task::Bounds(id), Task::Visit(range.to)]);
                return Ok(Some(range.from));
            }
            Expr::Derivative { operand, variable, order } => {
                self.visit_derivative(id, operand, variable, order)?;
                return Ok(Some(operand));
            }
            Expr::Index { base, index } if self.free_name(base).is_some() => {
                self.tasks.push(Task::Finish(id, 1));
                return Ok(Some(index));
            }
            _ => {
                let (ast, place) = (self.here.text.ast, self.tasks.len());
                let mut first = None;
                self.tasks.push(Task::Finish(id, 0));
                operations::backwards(ast, id, |operand, _| {
                    self.tasks.extend(first.map(Task::Visit));
                    first = Some(operand);
                });
                self.tasks[place] = Task::Finish(id, (self.tasks.len() - place) as u32);
                return Ok(first);
            }
        }
        Ok(None)
    }

    /// The value of an operation; none where an indexed form begins again.
    fn finish(&mut self, id: ExprId, count: usize) -> Lowered<Option<Value>> {
        match self.expr(id) {
            Expr::Index { base, index } => self.finish_index(base, index),
            expr => self.operation(id, expr, count).map(Some),
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
        let text = source::slice(self.here.text.text, self.span(id));
        match Number::parse(text) {
            Some(value) => Ok(self.g.number(value)),
            None => {
                let message = format!("the number `{}` is too large to be held exactly", quote(text));
                self.beyond(Limit::Bits, message, id, "its exponent is beyond the limit")
            }
        }
    }

    fn local(&self, name: NameId) -> Option<&Value> {
        self.here.locals.iter().rev().find(|(n, _)| *n == name).map(|(_, value)| value)
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

/// Said of a name whose definition has an error: what it lacks for that.
#[must_use]
pub fn broken(name: &str, lack: &str) -> Diagnostic {
    Diagnostic::new(&code::BROKEN, format!("`{}` {lack}: its definition has an error", quote(name)))
}
