//! NAMES → MEANING: the syntax tree becomes nodes of the graph. Here names are looked up, functions of the program are
//! put in place of their calls, and vectors are taken apart, so that everything later sees numbers and conditions only.

mod apply;
mod lower;
pub mod names;
mod rows;
mod scope;

pub use lower::{Differentiate, Lowering, broken};
pub use scope::{DataNames, Entry, Kind, Scope, UserFunction};

use crate::diagnostic::{Diagnostic, code};
use crate::expr::{Graph, Id};
use crate::source::{Source, Span};
use crate::syntax::ast::Ast;
use crate::syntax::{parse_rule, with_expression};
use std::ops::Range;
use std::sync::Arc;

/// What is wrong, boxed because it is rare and large.
pub type Fault = Box<Diagnostic>;

/// A text with its tree: expressions of it can be resolved as long as somebody holds it.
#[derive(Debug)]
pub struct Text {
    /// The text that the spans count in.
    pub source: Source,
    /// Its tree.
    pub ast: Ast,
}

impl Text {
    /// A text and the tree that was read from it.
    #[must_use]
    pub fn new(source: Source, ast: Ast) -> Arc<Self> {
        Arc::new(Text { source, ast })
    }

    /// It, as it is resolved.
    #[must_use]
    pub fn reading(&self) -> Reading<'_> {
        Reading { text: &self.source.text, ast: &self.ast }
    }
}

/// A text with its tree, held by somebody else.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The text that the spans count in.
    pub text: &'a str,
    /// Its tree.
    pub ast: &'a Ast,
}

impl Reading<'_> {
    /// Whether both are the same place of the memory, not only alike.
    fn is(self, other: Reading<'_>) -> bool {
        std::ptr::eq(self.ast, other.ast)
    }
}

/// What an expression is once its names are known. Vectors exist here only: the graph holds their components.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// One number, or one condition.
    Scalar(Id),
    /// Numbers in order.
    Vector(Arc<[Id]>),
}

impl Value {
    /// The components: one for a number.
    #[must_use]
    pub fn components(&self) -> &[Id] {
        match self {
            Value::Scalar(id) => std::slice::from_ref(id),
            Value::Vector(items) => items,
        }
    }
}

/// Where nodes were written.
#[derive(Clone, Debug, Default)]
pub struct Places {
    written: Vec<(Id, Span)>,
    /// Stretches of `written` from the body of a function, each with the call that led there.
    calls: Vec<(Range<usize>, Span)>,
    /// The call whose function's body is being resolved, with the beginning of its stretch.
    open: Option<(usize, Span)>,
}

/// A place where a node was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The node itself.
    pub span: Span,
    /// The call that led there, where that is the body of a function.
    pub call: Option<Span>,
}

impl Places {
    /// The place where the node was written first: a message asks for it, so it is looked for only then.
    #[must_use]
    pub fn first(&self, id: Id) -> Option<Span> {
        self.place(id).map(|place| place.span)
    }

    /// The same with the call that led there.
    #[must_use]
    pub fn place(&self, id: Id) -> Option<Place> {
        let at = self.written.iter().position(|(node, _)| *node == id)?;
        let span = self.written[at].1;
        let call = self.calls.iter().find(|(stretch, _)| stretch.contains(&at)).map(|(_, call)| *call);
        Some(Place { span, call: call.filter(|call| *call != span) })
    }

    /// Adds what was written later.
    pub fn append(&mut self, mut later: Places) {
        let before = self.written.len();
        if before == 0 {
            *self = later;
            return;
        }
        self.written.append(&mut later.written);
        self.calls.extend(later.calls.into_iter().map(|(s, call)| (s.start + before..s.end + before, call)));
    }

    /// Without room for more.
    #[must_use]
    pub fn fixed(mut self) -> Self {
        self.written.shrink_to_fit();
        self
    }

    fn reserve(&mut self, count: usize) {
        self.written.reserve(count);
    }

    fn note(&mut self, id: Id, span: Span) {
        self.written.push((id, span));
    }

    /// What is noted from here on stands in the body of a function that was called here.
    fn enter(&mut self, call: Span) {
        self.open = Some((self.written.len(), call));
    }

    /// The body ends.
    fn leave(&mut self) {
        if let Some((start, call)) = self.open.take() {
            self.calls.push((start..self.written.len(), call));
        }
    }
}

/// A condition on columns as it is meant inside of reductions too, for every row; none where it speaks of no column.
pub fn for_every_row(g: &mut Graph, condition: Id) -> Option<Id> {
    let inside = if g.has_data() { rows::bound(g, condition) } else { condition };
    (inside != condition).then_some(inside)
}

/// A rule of the program's own table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSides {
    /// What is looked for.
    pub left: Id,
    /// What takes its place.
    pub right: Id,
    /// When.
    pub conditions: Vec<Id>,
}

/// An expression or condition of the program's own tables: only functions of the facts table and constants have a
/// meaning, every other name is a symbol, and a derivative stays to be taken.
///
/// # Errors
/// What is wrong with the text.
pub fn formula(g: &mut Graph, text: &str) -> Result<Id, Fault> {
    with_expression(text, |ast, root| alone(g, text, ast, |lowering| lowering.any_scalar(root))).map_err(first)?
}

/// A rule of the program's own tables, `left = right where condition, …`, resolved as [`formula`] does.
///
/// # Errors
/// What is wrong with the text.
pub fn rule(g: &mut Graph, text: &str) -> Result<RuleSides, Fault> {
    let single = parse_rule(text).map_err(first)?;
    let sides = single.root;
    alone(g, text, &single.ast, |lowering| {
        let left = lowering.any_scalar(sides.left)?;
        let right = lowering.any_scalar(sides.right)?;
        let conditions = sides.conditions.iter().map(|c| lowering.condition(*c)).collect::<Result<_, _>>()?;
        Ok(RuleSides { left, right, conditions })
    })
}

/// Resolves in an empty scope, with derivatives left to be taken.
fn alone<T>(g: &mut Graph, text: &str, ast: &Ast, work: impl FnOnce(&mut Lowering<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
    let scope = Scope::default();
    let mut leave = |g: &mut Graph, body: Id, variable, order| Ok(g.derivative(body, variable, order));
    g.reserve(ast.len());
    let mut lowering = Lowering::new(g, &scope, Reading { text, ast }, &mut leave, None);
    lowering.keeps_places = false;
    work(&mut lowering)
}

/// The first of some diagnostics; there is one wherever reading failed.
fn first(diagnostics: Vec<Diagnostic>) -> Fault {
    let unread = || Diagnostic::new(&code::UNEXPECTED, "this text cannot be read");
    Box::new(diagnostics.into_iter().next().unwrap_or_else(unread))
}

#[cfg(test)]
mod tests;
