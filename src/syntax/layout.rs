//! Tokens → statements: where each ends, which brackets match, how deep things nest, and which words
//! are commands. It decides by looking at tokens only, before any tree exists.

use super::token::{Lexeme, Token, tokenize};
use crate::source::Span;
use std::ops::Range;

/// For so many tokens room is made at once; longer texts make more as they need it.
const MOST_ROOM: usize = 1 << 16;

/// What stands between two statement ends.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Tokens to parse: a range of [`Layout::tokens`].
    Statement(Range<usize>),
    /// A `##` line; the text after the signs.
    Narrative(Span),
    /// A `#>` line; the text after the sign.
    Expected(Span),
}

/// A fault that shows before anything is parsed.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// An opening bracket without its partner.
    Unclosed(Lexeme),
    /// A closing bracket without its partner.
    Stray(Lexeme),
    /// Two brackets of different kinds.
    Mismatched(Lexeme, Lexeme),
    /// The token at which the nesting passes the limit.
    TooDeep(Lexeme),
}

impl Fault {
    /// Where it shows.
    pub fn offset(&self) -> u32 {
        match self {
            Fault::Unclosed(at) | Fault::Stray(at) | Fault::TooDeep(at) | Fault::Mismatched(_, at) => at.start,
        }
    }
}

/// A program cut into statements.
#[derive(Debug, Default)]
pub struct Layout {
    /// The tokens of all statements; no newlines, comments or semicolons.
    pub tokens: Vec<Lexeme>,
    /// The statements and special comments, in order.
    pub pieces: Vec<Piece>,
    /// What is wrong already, in order.
    pub faults: Vec<Fault>,
    /// Whether a token among them may be no part of the language.
    pub has_odd: bool,
    /// Whether a bracket is still open at the end of the text.
    pub ends_open: bool,
    /// Room for the brackets that are open while the text is read.
    open: Vec<usize>,
}

/// Cuts the text into statements whose nesting is at most `nesting`.
pub fn layout(text: &str, nesting: u32) -> Layout {
    layout_in(Layout::default(), text, nesting)
}

/// As [`layout`], in the room of another one.
pub fn layout_in(room: Layout, text: &str, nesting: u32) -> Layout {
    let Layout { mut tokens, mut pieces, mut open, .. } = room;
    tokens.clear();
    tokens.reserve((text.len() / 2 + 4).min(MOST_ROOM));
    pieces.clear();
    open.clear();
    open.reserve(32);
    let mut brackets = Brackets { open, ..Brackets::default() };
    let (mut has_odd, mut is_whole) = (false, true);
    for lexeme in tokenize(text) {
        if lexeme.token.is_plain() {
            tokens.push(lexeme);
            continue;
        }
        if lexeme.token == Token::Open {
            mark_derivative(text, &mut tokens);
        }
        brackets.read(&tokens, lexeme);
        has_odd |= lexeme.token.is_odd();
        is_whole &= !matches!(lexeme.token, Token::Newline | Token::Semicolon | Token::Comment);
        tokens.push(lexeme);
    }
    let ends_open = !brackets.open.is_empty();
    brackets.give_up(&tokens);
    brackets.alone.sort_unstable();
    let out = Layout { tokens, pieces, has_odd, ends_open, open: brackets.open, ..Layout::default() };
    let mut cutter = Cutter { text, out, ..Cutter::default() };
    if is_whole {
        cutter.kept = cutter.out.tokens.len();
        cutter.end_statement();
    } else {
        cutter.cut(&brackets.alone);
    }
    let mut out = cutter.out;
    out.faults = brackets.faults;
    out.faults.extend(out.pieces.iter().filter_map(|piece| too_deep(&out.tokens, piece, nesting)));
    out.faults.sort_by_key(Fault::offset);
    out
}

/// Which brackets have a partner. An opening bracket without one does not hide newlines, so that one
/// forgotten `)` spoils one statement and not the rest of the file.
#[derive(Default)]
struct Brackets {
    /// The brackets without a partner.
    alone: Vec<usize>,
    faults: Vec<Fault>,
    open: Vec<usize>,
}

impl Brackets {
    /// Reads one token more than those `before`.
    fn read(&mut self, before: &[Lexeme], lexeme: Lexeme) {
        match lexeme.token {
            Token::Open | Token::OpenSquare => self.open.push(before.len()),
            Token::Close | Token::CloseSquare => self.close(before, lexeme),
            Token::Semicolon => self.give_up(before),
            Token::Let | Token::Fn if before.last().is_none_or(|last| last.token == Token::Newline) => self.give_up(before),
            _ => {}
        }
    }

    fn close(&mut self, before: &[Lexeme], right: Lexeme) {
        let Some(open) = self.open.pop() else {
            self.faults.push(Fault::Stray(right));
            self.alone.push(before.len());
            return;
        };
        let left = before[open];
        if (left.token == Token::Open) != (right.token == Token::Close) {
            self.faults.push(Fault::Mismatched(left, right));
        }
    }

    fn give_up(&mut self, lexemes: &[Lexeme]) {
        self.faults.extend(self.open.iter().map(|i| Fault::Unclosed(lexemes[*i])));
        self.alone.append(&mut self.open);
    }
}

/// Cuts the tokens into pieces and keeps, in place, those that are parsed.
#[derive(Default)]
struct Cutter<'a> {
    text: &'a str,
    out: Layout,
    /// The first token of the statement being read.
    first: usize,
    /// How many tokens are kept.
    kept: usize,
    depth: u32,
    /// Whether a line has ended since the last token: what that means, the next token decides.
    line_ended: bool,
}

impl Cutter<'_> {
    /// `alone` are the brackets without a partner, in order.
    fn cut(&mut self, alone: &[usize]) {
        let mut line_start = true;
        for i in 0..self.out.tokens.len() {
            let lexeme = self.out.tokens[i];
            match lexeme.token {
                Token::Newline => self.line_ended = true,
                Token::Semicolon => self.end_statement(),
                Token::Comment => self.comment(lexeme, line_start),
                _ => self.token(lexeme, alone.is_empty() || alone.binary_search(&i).is_err()),
            }
            line_start = lexeme.token == Token::Newline;
        }
        self.end_statement();
        self.out.tokens.truncate(self.kept);
    }

    fn token(&mut self, lexeme: Lexeme, protects: bool) {
        if std::mem::take(&mut self.line_ended) && self.ends_before(lexeme.token) {
            self.end_statement();
        }
        match lexeme.token {
            Token::Open => {
                mark_derivative(self.text, &mut self.out.tokens[self.first..self.kept]);
                self.depth += u32::from(protects);
            }
            Token::OpenSquare if protects => self.depth += 1,
            Token::Close | Token::CloseSquare if protects => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.out.tokens[self.kept] = lexeme;
        self.kept += 1;
    }

    /// Whether the statement so far ends at a newline before this token.
    fn ends_before(&self, next: Token) -> bool {
        let unfinished = self.out.tokens[self.first..self.kept].last().is_some_and(|last| last.token.needs_more());
        let begins = matches!(next, Token::Let | Token::Fn);
        self.depth == 0 && (begins || !(unfinished || next.joins_line_before()))
    }

    fn end_statement(&mut self) {
        let end = self.kept;
        if end > self.first {
            command_word(self.text, &mut self.out.tokens[self.first..end]);
            self.out.pieces.push(Piece::Statement(self.first..end));
        }
        self.first = end;
        self.depth = 0;
        self.line_ended = false;
    }

    fn comment(&mut self, lexeme: Lexeme, line_start: bool) {
        let text = &self.text[lexeme.span().range()];
        let inner = Span::new(lexeme.start + 2, lexeme.end);
        if text.starts_with("##") && line_start {
            self.special(Piece::Narrative(inner));
        } else if text.starts_with("#>") {
            self.special(Piece::Expected(inner));
        }
    }

    /// A special comment ends the statement before it, unless a bracket is open.
    fn special(&mut self, piece: Piece) {
        if self.depth == 0 {
            self.end_statement();
        }
        self.out.pieces.push(piece);
    }
}

/// `diff` before a bracket is special wherever it stands.
fn mark_derivative(text: &str, before: &mut [Lexeme]) {
    if let Some(last) = before.last_mut()
        && last.token == Token::Name
        && &text[last.span().range()] == "diff"
    {
        last.token = Token::Diff;
    }
}

/// The first word of a statement is a command when something that it could work on follows.
fn command_word(text: &str, tokens: &mut [Lexeme]) {
    if tokens[0].token == Token::Name && works_on_something(tokens) {
        let word = &text[tokens[0].span().range()];
        tokens[0].token = Token::command_word(word).unwrap_or(Token::Name);
    }
}

/// Whether the first word stands before an operand. A sign begins one where it is attached to what
/// follows and not to the word: `grad -x`, but `domain - 1` and `domain-1` are differences.
fn works_on_something(tokens: &[Lexeme]) -> bool {
    let Some(next) = tokens.get(1) else {
        return false;
    };
    let is_prefix = || next.start > tokens[0].end && tokens.get(2).is_some_and(|third| third.start == next.end);
    match next.token {
        Token::Minus | Token::Plus | Token::Bang => is_prefix(),
        token => token.begins_operand() || matches!(token, Token::Not | Token::OpenString),
    }
}

/// Counts brackets, signs, powers and conditionals that stand inside one another. Signs and powers
/// end with their operand, conditionals with their bracket.
fn too_deep(tokens: &[Lexeme], piece: &Piece, limit: u32) -> Option<Fault> {
    let Piece::Statement(range) = piece else {
        return None;
    };
    if range.len() <= limit as usize {
        return None; // each token opens one level at most
    }
    let mut nesting = Nesting::default();
    for lexeme in &tokens[range.clone()] {
        nesting.read(lexeme.token);
        if nesting.total > limit {
            return Some(Fault::TooDeep(*lexeme));
        }
    }
    None
}

/// What is open inside one bracket.
#[derive(Clone, Copy, Default)]
struct Frame {
    signs: u32,
    conditionals: u32,
}

#[derive(Default)]
struct Nesting {
    outer: Vec<Frame>,
    frame: Frame,
    total: u32,
    after_operand: bool,
}

impl Nesting {
    fn read(&mut self, token: Token) {
        use Token::*;
        match token {
            Open | OpenSquare => {
                self.outer.push(std::mem::take(&mut self.frame));
                self.total += 1;
            }
            Close | CloseSquare => self.close(),
            Caret | Not | Leibniz => self.sign(),
            Plus | Minus if !self.after_operand => self.sign(),
            If => {
                self.frame.conditionals += 1;
                self.total += 1;
            }
            Comma => {
                self.end_signs();
                self.total -= std::mem::take(&mut self.frame.conditionals);
            }
            _ if token.is_operator() || token.needs_more() => self.end_signs(),
            _ => {}
        }
        self.after_operand = token.ends_operand();
    }

    fn sign(&mut self) {
        self.frame.signs += 1;
        self.total += 1;
    }

    fn end_signs(&mut self) {
        self.total -= std::mem::take(&mut self.frame.signs);
    }

    fn close(&mut self) {
        if let Some(outer) = self.outer.pop() {
            self.total -= 1 + self.frame.signs + self.frame.conditionals;
            self.frame = outer;
        }
    }
}
