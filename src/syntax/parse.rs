//! Tokens → tree, statement by statement. The only file that knows lalrpop. Every bad statement is
//! reported in one pass and every good one is kept.

use super::ast::{Ast, ExprId, RuleSides, Statement, StatementKind};
use super::build::{Builder, Parsed as Entry};
use super::hint::{self, Context, Surprise};
use super::layout::{Fault, Layout, Piece, layout};
use super::token::{Lexeme, Token, tokenize};
use crate::diagnostic::{Diagnostic, code};
use crate::limits::{self, Limit};
use crate::source::{Source, Span};
use lalrpop_util::ParseError;

#[allow(
    clippy::all,
    clippy::pedantic,
    missing_docs,
    unused,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]
mod grammar {
    include!(concat!(env!("OUT_DIR"), "/grad.rs"));
}

/// What a text may cost before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep brackets, signs, powers and conditionals may stand inside one another.
    pub nesting: u32,
    /// How many diagnostics are kept; the rest is counted.
    pub diagnostics: usize,
}

impl Default for Limits {
    fn default() -> Self {
        limits::Limits::default().into()
    }
}

impl From<limits::Limits> for Limits {
    fn from(limits: limits::Limits) -> Self {
        Limits { nesting: limits.of(Limit::Nesting) as u32, diagnostics: limits.of(Limit::Messages) as usize }
    }
}

/// What was read of a program.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The expressions of all statements.
    pub ast: Ast,
    /// The statements that could be read, in order.
    pub statements: Vec<Statement>,
    /// What is wrong with the others, in order.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether more text could make the last statement right: what a line editor asks.
    pub is_incomplete: bool,
}

/// A text that should be one expression (or condition), or a rule.
#[derive(Clone, Debug)]
pub struct Single<T> {
    /// Its expressions.
    pub ast: Ast,
    /// Where it begins in the tree.
    pub root: T,
}

/// Reads a program with the default limits.
#[must_use]
pub fn parse_program(source: &Source) -> Parsed {
    parse_program_within(source, Limits::default())
}

/// Reads a program.
#[must_use]
pub fn parse_program_within(source: &Source, limits: Limits) -> Parsed {
    read(&source.text, limits)
}

fn read(text: &str, limits: Limits) -> Parsed {
    let layout = layout(text, limits.nesting);
    let mut reader = Reader::new(text, limits);
    reader.read(&layout);
    reader.finish(&layout)
}

/// Reads one expression.
///
/// # Errors
/// What is wrong with the text; at least one diagnostic.
pub fn parse_expression(text: &str) -> Result<Single<ExprId>, Vec<Diagnostic>> {
    let Parsed { ast, statements, diagnostics, .. } = read(text, Limits::default());
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    match &statements[..] {
        [Statement { kind: StatementKind::Expr { value, clauses }, .. }] if *clauses == Default::default() => {
            let root = *value;
            Ok(Single { ast, root })
        }
        [] => Err(vec![Diagnostic::new(&code::UNFINISHED, "an expression is needed").at(Span::at(0), "nothing stands here")]),
        [first, ..] => Err(vec![
            Diagnostic::new(&code::UNEXPECTED, "one expression is needed here, without a command or clauses").at(first.span, ""),
        ]),
    }
}

/// Reads one condition, such as `0 < x < 1 and integer(n)`. What may stand as a condition is checked
/// where names are resolved; the grammar is that of expressions.
///
/// # Errors
/// As [`parse_expression`].
pub fn parse_condition(text: &str) -> Result<Single<ExprId>, Vec<Diagnostic>> {
    parse_expression(text)
}

/// Reads a rule, `left = right where condition, condition`. Rules are the program's own data: there
/// is no limit on nesting.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_rule(text: &str) -> Result<Single<RuleSides>, Vec<Diagnostic>> {
    let mut builder = Builder::new(text);
    let tokens = tokenize(text).filter(|lexeme| lexeme.token != Token::Newline);
    let entry = grammar::StatementParser::new().parse(&mut builder, triples(tokens)).map(|()| builder.found);
    let Builder { ast, diagnostics, .. } = builder;
    match entry {
        Ok(Some(Entry::Equation { left, right, conditions, .. })) if diagnostics.is_empty() => {
            let conditions = conditions.unwrap_or_default();
            Ok(Single { ast, root: RuleSides { left, right, conditions } })
        }
        Ok(_) if diagnostics.is_empty() => {
            Err(vec![Diagnostic::new(&code::RULE, "a rule has two sides").at(whole(text), "there is no `=` here")])
        }
        Ok(_) => Err(diagnostics),
        Err(error) => {
            let at = surprise(&error).map_or(whole(text), |(lexeme, _)| lexeme.span());
            Err(vec![Diagnostic::new(&code::RULE, "this rule cannot be read").at(at, "unexpected")])
        }
    }
}

fn whole(text: &str) -> Span {
    Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX))
}

fn triples(lexemes: impl Iterator<Item = Lexeme>) -> impl Iterator<Item = Result<(u32, Token, u32), ()>> {
    lexemes.map(|lexeme| Ok((lexeme.start, lexeme.token, lexeme.end)))
}

type GrammarError = ParseError<u32, Token, ()>;

/// The token that could not come next, with what could; none where the statement ended too early.
fn surprise(error: &GrammarError) -> Option<(Lexeme, &[String])> {
    match error {
        ParseError::UnrecognizedToken { token: (start, token, end), expected } => {
            Some((Lexeme { token: *token, start: *start, end: *end }, expected))
        }
        ParseError::ExtraToken { token: (start, token, end) } => Some((Lexeme { token: *token, start: *start, end: *end }, &[])),
        ParseError::UnrecognizedEof { .. } | ParseError::InvalidToken { .. } | ParseError::User { .. } => None,
    }
}

fn expected_of(error: &GrammarError) -> &[String] {
    match error {
        ParseError::UnrecognizedEof { expected, .. } | ParseError::UnrecognizedToken { expected, .. } => expected,
        _ => &[],
    }
}

/// Reads statement after statement into one tree.
struct Reader<'s> {
    builder: Builder<'s>,
    parser: grammar::StatementParser,
    limits: Limits,
    statements: Vec<Statement>,
    diagnostics: Vec<Diagnostic>,
    dropped: usize,
    ends_early: bool,
}

impl<'s> Reader<'s> {
    fn new(text: &'s str, limits: Limits) -> Self {
        Reader {
            builder: Builder::new(text),
            parser: grammar::StatementParser::new(),
            limits,
            statements: Vec::new(),
            diagnostics: Vec::new(),
            dropped: 0,
            ends_early: false,
        }
    }

    fn read(&mut self, layout: &Layout) {
        let mut faults = &layout.faults[..];
        for piece in &layout.pieces {
            match piece {
                Piece::Narrative(span) => self.keep(StatementKind::Narrative(*span), *span),
                Piece::Expected(span) => self.keep(StatementKind::Expected(*span), *span),
                Piece::Statement(range) => {
                    let tokens = &layout.tokens[range.clone()];
                    let end = tokens.last().map_or(0, |last| last.end);
                    let mine = faults.partition_point(|fault| fault.offset() < end);
                    let (here, later) = faults.split_at(mine);
                    faults = later;
                    self.statement(tokens, here, layout.has_odd);
                }
            }
        }
    }

    fn keep(&mut self, kind: StatementKind, span: Span) {
        self.statements.push(Statement { kind, span });
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < self.limits.diagnostics {
            self.diagnostics.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    fn statement(&mut self, tokens: &[Lexeme], faults: &[Fault], has_odd: bool) {
        self.ends_early = false;
        let context = Context { text: self.builder.text, tokens };
        if let Some(diagnostic) = hint::before_parsing(&context, faults, has_odd, self.limits.nesting) {
            self.report(diagnostic);
            return;
        }
        self.builder.begin();
        let entry = self.parser.parse(&mut self.builder, triples(tokens.iter().copied())).map(|()| self.builder.found.take());
        let refused = std::mem::take(&mut self.builder.diagnostics);
        let accepted = refused.is_empty();
        refused.into_iter().for_each(|diagnostic| self.report(diagnostic));
        match entry {
            Ok(Some(Entry::Statement(kind))) if accepted => self.keep(kind, context.span()),
            Ok(Some(Entry::Equation { left, right, equals, .. })) if accepted => {
                let diagnostic = hint::bare_equation(&context, &self.builder.ast, [left, right], equals);
                self.report(diagnostic);
            }
            Err(error) if accepted => self.fail(&context, &error),
            _ => {}
        }
    }

    fn fail(&mut self, context: &Context<'_>, error: &GrammarError) {
        let found = surprise(error).map(|(lexeme, _)| lexeme);
        self.ends_early = found.is_none();
        let diagnostic = hint::explain(context, &Surprise { found, expected: expected_of(error) });
        self.report(diagnostic);
    }

    fn finish(mut self, layout: &Layout) -> Parsed {
        if self.dropped > 0 {
            let message = format!("and {} more errors", self.dropped);
            self.diagnostics.push(Diagnostic::beyond(Limit::Messages, message));
        }
        Parsed {
            ast: self.builder.ast,
            statements: self.statements,
            diagnostics: self.diagnostics,
            is_incomplete: self.ends_early || layout.ends_open,
        }
    }
}
