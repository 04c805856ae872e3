//! The formatter: a program in one clear layout, with the same tokens and comments. It works line by line on the author's
//! lines: it never joins them, breaks only those that are too long, and decides about the space between two tokens.
//! What it does not understand it leaves as it is.

mod rows;
mod spacing;
mod wrap;

#[cfg(test)]
mod tests;

use super::layout::{Layout, Piece, layout};
use super::parse::{Limits, Parsed, parse_program};
use super::token::{Token, tokenize};
use crate::diagnostic::{Diagnostic, code};
use crate::source::{Source, Span};
use rows::{Item, Row, Rows};
use wrap::Writer;

/// Lines are broken so that they take at most so many columns, where they can be broken.
pub const COLUMNS: usize = 100;

/// The byte-order mark, which may begin a text.
const MARK: char = '\u{feff}';

/// A program in its clear layout.
#[derive(Clone, Debug)]
pub struct Formatted {
    /// The text, which ends with a line feed unless it is empty.
    pub text: String,
    /// What is wrong with the statements that were left as they are.
    pub diagnostics: Vec<Diagnostic>,
}

/// Formats a program. A line on which a statement with a syntax error stands is copied byte for byte.
#[must_use]
pub fn format(source: &Source) -> Formatted {
    let parsed = parse_program(source);
    let cut = layout(&source.text, Limits::default().nesting);
    let statements = Statements::new(&cut, &parsed);
    let text = Formatter { text: &source.text, cut: &cut, statements: &statements }.format();
    let mut diagnostics = parsed.diagnostics;
    if is_same(&source.text, &cut, &text) {
        return Formatted { text, diagnostics };
    }
    let message = "grad made a mistake of its own here; the program is left as it is";
    diagnostics.push(Diagnostic::new(&code::INTERNAL, message));
    Formatted { text: source.text.clone(), diagnostics }
}

/// Which statement each token belongs to, and which statements cannot be read.
struct Statements {
    owner: Vec<u32>,
    broken: Vec<bool>,
    /// The first token of each.
    starts: Vec<usize>,
}

impl Statements {
    fn new(cut: &Layout, parsed: &Parsed) -> Self {
        let mut read = parsed.statements.iter().map(|statement| statement.span.start).peekable();
        let mut found = Statements { owner: Vec::with_capacity(cut.tokens.len()), broken: Vec::new(), starts: Vec::new() };
        for piece in &cut.pieces {
            // comments are pieces too, and were kept in the same order
            let Piece::Statement(range) = piece else {
                read.next();
                continue;
            };
            let number = u32::try_from(found.broken.len()).unwrap_or(u32::MAX);
            found.owner.extend(range.clone().map(|_| number));
            found.starts.push(range.start);
            let start = cut.tokens[range.start].start;
            found.broken.push(read.next_if(|at| *at == start).is_none());
        }
        found
    }

    fn is_broken(&self, token: usize) -> bool {
        self.broken[self.owner[token] as usize]
    }

    fn any_broken(&self) -> bool {
        self.broken.contains(&true)
    }

    /// The first token of the statement of a token.
    fn start(&self, token: usize) -> usize {
        self.starts[self.owner[token] as usize]
    }

    /// Whether a statement goes on from the token before this one.
    fn goes_on(&self, token: usize) -> bool {
        token > 0 && token < self.owner.len() && self.owner[token - 1] == self.owner[token]
    }
}

struct Formatter<'a> {
    text: &'a str,
    cut: &'a Layout,
    statements: &'a Statements,
}

impl Formatter<'_> {
    fn format(&self) -> String {
        let rows = Rows::read(self.text);
        // beside an error a `;` may end brackets that were never closed: there it stays
        let splits = !self.statements.any_broken();
        let together = self.together(&rows);
        let mut writer = Writer::new(self.text.len());
        for (row, together) in rows.rows.iter().zip(together) {
            let items = &rows.items[row.items.clone()];
            if self.is_verbatim(row, items) {
                self.copy(&mut writer, row, items);
            } else if row.is_blank() {
                writer.blank();
            } else {
                self.row(&mut writer, row, items, splits, splits && !together);
            }
        }
        if writer.out.starts_with(MARK) {
            // a second byte-order mark is an error, and would be none without the first
            writer.out.insert(0, MARK);
        }
        writer.out
    }

    /// For each row, whether its statements stay on one line: a comment there speaks of all of them, and so do the `#>` lines
    /// after it.
    fn together(&self, rows: &Rows) -> Vec<bool> {
        let mut commented = false;
        let each = rows.rows.iter().rev().map(|row| {
            let has_tokens = !row.has_no_token(&rows.items);
            let is_expected = |comment: Span| self.text[comment.range()].starts_with("#>");
            commented |= row.comment.is_some_and(|comment| has_tokens || is_expected(comment));
            let together = commented;
            // the lines before belong to this one where a statement goes on from there
            commented &= !has_tokens || self.statements.goes_on(row.tokens_before);
            together
        });
        let mut found: Vec<bool> = each.collect();
        found.reverse();
        found
    }

    /// Whether a part of a statement stands here that cannot be read.
    fn is_verbatim(&self, row: &Row, items: &[Item]) -> bool {
        let mut tokens = items.iter().filter_map(|item| item.token());
        let between = || self.statements.goes_on(row.tokens_before) && self.statements.is_broken(row.tokens_before);
        tokens.any(|token| self.statements.is_broken(token)) || (items.is_empty() && between())
    }

    fn copy(&self, writer: &mut Writer, row: &Row, items: &[Item]) {
        for token in items.iter().filter_map(|item| item.token()) {
            writer.pass(spacing::bracket(self.cut.tokens[token].token), !self.statements.goes_on(token));
        }
        writer.line_as_it_is(&self.text[row.span.range()]);
    }

    fn row(&self, writer: &mut Writer, row: &Row, items: &[Item], drops_semicolons: bool, splits: bool) {
        let mut words = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Semicolon if splits => writer.lines(&std::mem::take(&mut words)),
                Item::Semicolon if drops_semicolons => {}
                Item::Semicolon => words.push(wrap::Word::semicolon()),
                Item::Token(at) => {
                    if !self.statements.goes_on(*at) && drops_semicolons && !words.is_empty() {
                        words.push(wrap::Word::semicolon());
                    }
                    let start = self.statements.start(*at);
                    words.push(spacing::word(self.text, &self.cut.tokens[start..], *at - start));
                }
            }
        }
        let comment = row.comment.map(|comment| (comment, self.text[comment.range()].trim_end()));
        // at the beginning of a line it would be narrative
        if words.is_empty() && !items.is_empty() && comment.is_some_and(|(_, text)| text.starts_with("##")) {
            words.push(wrap::Word { begins: true, ..wrap::Word::semicolon() });
        }
        writer.lines(&words);
        if let Some((comment, text)) = comment {
            let column = self.text[row.span.start as usize..comment.start as usize].chars().count();
            if words.is_empty() {
                writer.comment_line(text, self.statements.goes_on(row.tokens_before));
            } else {
                writer.comment(text, column);
            }
        }
    }
}

/// Whether the formatted text has the tokens, statements and comments of the text.
fn is_same(text: &str, cut: &Layout, formatted: &str) -> bool {
    let again = layout(formatted, Limits::default().nesting);
    let alike = |piece: &Piece, other: &Piece| match (piece, other) {
        (Piece::Statement(a), Piece::Statement(b)) => a == b,
        (Piece::Narrative(_), Piece::Narrative(_)) | (Piece::Expected(_), Piece::Expected(_)) => true,
        _ => false,
    };
    let mut tokens = cut.tokens.iter().zip(&again.tokens);
    let comments = |text: &'_ str| -> Vec<String> {
        let all = tokenize(text).filter(|lexeme| lexeme.token == Token::Comment);
        all.map(|lexeme| text[lexeme.span().range()].trim_end().to_owned()).collect()
    };
    cut.tokens.len() == again.tokens.len()
        && cut.pieces.len() == again.pieces.len()
        && cut.pieces.iter().zip(&again.pieces).all(|(piece, other)| alike(piece, other))
        && tokens.all(|(a, b)| a.token == b.token && spacing::spelled(text, *a) == spacing::spelled(formatted, *b))
        && comments(text) == comments(formatted)
}
