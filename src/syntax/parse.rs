//! Tokens → tree, statement by statement. Every bad statement is reported in one pass and every good one
//! is kept.

use super::ast::{Ast, ExprId, RuleSides, Statement, StatementKind};
use super::build::{Builder, Parsed as Entry};
use super::hint::{self, Context, Surprise};
use super::layout::{Fault, Layout, Piece, layout_in};
use super::machine::{self, Unread};
use super::token::{Lexeme, Token, tokenize};
use crate::diagnostic::{Diagnostic, code};
use crate::source::{Source, Span};
use std::cell::Cell;

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
        Limits { nesting: 256, diagnostics: 50 }
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
    Room::default().read(text, limits)
}

/// What reading needs room for. Expressions are short and many come one after another, so that each has the room of the one before.
#[derive(Default)]
struct Room {
    layout: Layout,
    ast: Ast,
}

thread_local! {
    /// The room that nobody reads in on this thread.
    static FREE: Cell<Option<Box<Room>>> = const { Cell::new(None) };
}

impl Room {
    fn take() -> Box<Room> {
        FREE.take().unwrap_or_default()
    }

    /// Keeps it for the next expression, unless a long one has made it large.
    fn give_back(self: Box<Room>) {
        const LARGEST: usize = 1 << 12;
        if self.ast.room().max(self.layout.tokens.capacity()) <= LARGEST {
            FREE.set(Some(self));
        }
    }

    fn read(&mut self, text: &str, limits: Limits) -> Parsed {
        self.layout = layout_in(std::mem::take(&mut self.layout), text, limits.nesting);
        let mut reader = Reader::new(text, std::mem::take(&mut self.ast), limits);
        reader.read(&self.layout);
        reader.finish(&self.layout)
    }

    /// Reads one expression into the tree.
    fn expression(&mut self, text: &str) -> Result<ExprId, Vec<Diagnostic>> {
        let Parsed { ast, statements, diagnostics, .. } = self.read(text, Limits::default());
        self.ast = ast;
        only_expression(&statements, diagnostics)
    }
}

/// Reads one expression.
///
/// # Errors
/// What is wrong with the text; at least one diagnostic.
pub fn parse_expression(text: &str) -> Result<Single<ExprId>, Vec<Diagnostic>> {
    let mut room = Room::take();
    let result = room.expression(text);
    let ast = std::mem::take(&mut room.ast);
    room.give_back();
    result.map(|root| Single { ast, root })
}

/// Reads one expression, whose tree is there only while somebody works on it.
///
/// # Errors
/// As [`parse_expression`].
pub fn with_expression<T>(text: &str, work: impl FnOnce(&Ast, ExprId) -> T) -> Result<T, Vec<Diagnostic>> {
    let mut room = Room::take();
    let result = room.expression(text).map(|root| work(&room.ast, root));
    room.give_back();
    result
}

/// The expression that a text consists of.
fn only_expression(statements: &[Statement], diagnostics: Vec<Diagnostic>) -> Result<ExprId, Vec<Diagnostic>> {
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    match statements {
        [Statement { kind: StatementKind::Expr { value, clauses }, .. }] if *clauses == Default::default() => Ok(*value),
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
    let mut builder = Builder::new(text, Ast::default());
    let tokens = tokenize(text).filter(|lexeme| lexeme.token != Token::Newline);
    let entry = machine::statement(&mut builder, tokens).map(|()| builder.found.take());
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
            let at = error.found.map_or(whole(text), Lexeme::span);
            Err(vec![Diagnostic::new(&code::RULE, "this rule cannot be read").at(at, "unexpected")])
        }
    }
}

fn whole(text: &str) -> Span {
    Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX))
}

/// Reads statement after statement into one tree.
struct Reader<'s> {
    builder: Builder<'s>,
    limits: Limits,
    statements: Vec<Statement>,
    diagnostics: Vec<Diagnostic>,
    dropped: usize,
    ends_early: bool,
}

impl<'s> Reader<'s> {
    fn new(text: &'s str, ast: Ast, limits: Limits) -> Self {
        Reader {
            builder: Builder::new(text, ast),
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
        let entry = machine::statement(&mut self.builder, tokens.iter().copied()).map(|()| self.builder.found.take());
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

    fn fail(&mut self, context: &Context<'_>, error: &Unread) {
        self.ends_early = error.found.is_none();
        let diagnostic = hint::explain(context, &Surprise { found: error.found, expected: &error.expected });
        self.report(diagnostic);
    }

    fn finish(mut self, layout: &Layout) -> Parsed {
        if self.dropped > 0 {
            let message = format!("and {} more errors", self.dropped);
            self.diagnostics.push(Diagnostic::new(&code::TOO_MANY, message));
        }
        Parsed {
            ast: self.builder.ast,
            statements: self.statements,
            diagnostics: self.diagnostics,
            is_incomplete: self.ends_early || layout.ends_open,
        }
    }
}
