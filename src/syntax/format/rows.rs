//! The author's lines: which tokens, semicolons and comments stand on each.

use crate::source::Span;
use crate::syntax::token::{Token, tokenize};
use std::ops::Range;

/// What stands on a line beside a comment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    /// A token, by its number among those of all statements.
    Token(usize),
    /// `;`
    Semicolon,
}

impl Item {
    pub(super) fn token(self) -> Option<usize> {
        match self {
            Item::Token(at) => Some(at),
            Item::Semicolon => None,
        }
    }
}

/// A line.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Its items, a range of [`Rows::items`].
    pub items: Range<usize>,
    /// The comment at its end.
    pub comment: Option<Span>,
    /// All of it, without the line end.
    pub span: Span,
    /// How many tokens stand on the lines before.
    pub tokens_before: usize,
}

impl Row {
    pub(super) fn is_blank(&self) -> bool {
        self.items.is_empty() && self.comment.is_none()
    }

    pub(super) fn has_no_token(&self, items: &[Item]) -> bool {
        items[self.items.clone()].iter().all(|item| item.token().is_none())
    }
}

/// A text as lines.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub rows: Vec<Row>,
    pub items: Vec<Item>,
}

impl Rows {
    pub(super) fn read(text: &str) -> Self {
        let mut found = Rows::default();
        let mut tokens = 0;
        let start = if text.starts_with(super::MARK) { 3 } else { 0 };
        let mut row = Row { span: Span::at(start), ..Row::default() };
        for lexeme in tokenize(text) {
            match lexeme.token {
                Token::Newline => {
                    found.end(&mut row, lexeme.start);
                    let (from, before) = (found.items.len(), tokens);
                    row = Row { items: from..from, span: Span::at(lexeme.end), tokens_before: before, comment: None };
                }
                Token::Comment => row.comment = Some(lexeme.span()),
                Token::Semicolon => found.items.push(Item::Semicolon),
                _ => {
                    found.items.push(Item::Token(tokens));
                    tokens += 1;
                }
            }
        }
        found.end(&mut row, u32::try_from(text.len()).unwrap_or(u32::MAX));
        found
    }

    fn end(&mut self, row: &mut Row, end: u32) {
        row.items.end = self.items.len();
        row.span.end = end;
        self.rows.push(row.clone());
    }
}
