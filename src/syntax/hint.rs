//! Plain words for what cannot be read: from the tokens around a surprise to a diagnostic with its
//! reason and, where one is clear, the corrected input. Nothing here decides what is an error.

use super::ast::{Ast, ExprId};
use super::layout::Fault;
use super::token::{Lexeme, Token};
use crate::diagnostic::{Diagnostic, code};
use crate::source::Span;

/// The statement that is spoken of.
pub struct Context<'a> {
    /// The whole text.
    pub text: &'a str,
    /// The statement's tokens; at least one.
    pub tokens: &'a [Lexeme],
}

/// What the grammar met.
pub struct Surprise<'a> {
    /// The token that cannot come next; none at the statement's end.
    pub found: Option<Lexeme>,
    /// What could, by the grammar's names, in quotes.
    pub expected: &'a [String],
}

impl<'a> Context<'a> {
    /// The statement, from its first to its last token.
    pub fn span(&self) -> Span {
        match (self.tokens.first(), self.tokens.last()) {
            (Some(first), Some(last)) => Span::new(first.start, last.end),
            _ => Span::at(0),
        }
    }
}

/// TEMP
pub fn before_parsing(context: &Context<'_>, faults: &[Fault], nesting: u32) -> Option<Diagnostic> {
    let _ = (context, nesting);
    faults
        .iter()
        .find(|f| matches!(f, Fault::TooDeep(_)))
        .map(|_| Diagnostic::new(&code::NESTING, "nested too deeply"))
        .or_else(|| faults.first().map(|f| Diagnostic::new(&code::UNCLOSED, format!("{f:?}"))))
}
/// TEMP
pub fn bare_equation(
    context: &Context<'_>,
    _ast: &Ast,
    _sides: [ExprId; 2],
    equals: Span,
) -> Diagnostic {
    let _ = context;
    Diagnostic::new(&code::DEFINITION, "x").at(equals, "")
}
/// TEMP
pub fn explain(context: &Context<'_>, s: &Surprise<'_>) -> Diagnostic {
    let _ = Token::Bad;
    Diagnostic::new(&code::UNEXPECTED, format!("{:?}", s.found))
        .at(context.span(), s.expected.join(" "))
}
