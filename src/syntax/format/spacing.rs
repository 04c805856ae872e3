//! The space between two tokens, how operators are spelled, and where a long line may be broken.

use super::wrap::{Bracket, Word};
use crate::syntax::token::{Lexeme, Token};

/// A token as it is written: operators in ASCII, everything else as the author typed it.
pub(super) fn spelled(text: &str, lexeme: Lexeme) -> &str {
    match lexeme.token {
        Token::Minus => "-",
        Token::Star => "*",
        Token::Slash => "/",
        Token::Caret => "^",
        Token::LessEqual => "<=",
        Token::GreaterEqual => ">=",
        Token::NotEqual => "!=",
        Token::Prime => "'",
        Token::Infinity => "inf",
        _ => &text[lexeme.span().range()],
    }
}

/// A token of a statement with what the writer must know of it; `tokens` begin with those of the statement.
pub(super) fn word<'t>(text: &'t str, tokens: &[Lexeme], at: usize) -> Word<'t> {
    let bracket = bracket(tokens[at].token);
    let (space, rank) = if at > 0 { (has_space(text, tokens, at), rank(tokens, at)) } else { (true, None) };
    Word { text: spelled(text, tokens[at]), space, rank, bracket, begins: at == 0 }
}

/// What a token does to the brackets.
pub(super) fn bracket(token: Token) -> Bracket {
    match token {
        Token::Open | Token::OpenSquare => Bracket::Opens,
        Token::Close | Token::CloseSquare => Bracket::Closes,
        _ => Bracket::None,
    }
}

/// Whether the sign at this place stands before its operand alone.
fn is_prefix(tokens: &[Lexeme], at: usize) -> bool {
    matches!(tokens[at].token, Token::Plus | Token::Minus) && (at == 0 || !tokens[at - 1].token.ends_operand())
}

/// Whether a space stands before a token that is not the first of its statement.
fn has_space(text: &str, tokens: &[Lexeme], at: usize) -> bool {
    use Token::*;
    let (left, right) = (tokens[at - 1].token, tokens[at].token);
    if is_slash_of_names(text, tokens, at) {
        return true;
    }
    let binds_left = matches!(right, Comma | Colon | Close | CloseSquare | DotDot | Dot | Prime | Bang | Star | Slash | Caret);
    let binds_right =
        matches!(left, Open | OpenSquare | DotDot | Dot | Star | Slash | Caret | Prime) || is_prefix(tokens, at - 1);
    if binds_left || binds_right {
        return false;
    }
    match right {
        Open if left == Diff => tokens[at - 1].end < tokens[at].start && is_first(tokens, at - 1),
        // parentheses directly after it show how far a derivative reaches
        Open if left == Leibniz => tokens[at - 1].end < tokens[at].start,
        Open | OpenSquare => !matches!(left, Name | Number | Close | CloseSquare | Bang),
        Name | Diff if left == Number => reads_as_number(spelled(text, tokens[at])),
        _ => true,
    }
}

/// Whether `diff` stands where a command may: `diff (x + 1) wrt x` keeps the space that `diff(x, x)` has not.
fn is_first(tokens: &[Lexeme], at: usize) -> bool {
    at == 0 || !(tokens[at - 1].token.needs_more() || matches!(tokens[at - 1].token, Token::Open | Token::OpenSquare))
}

/// Whether digits directly before this name would swallow its beginning: `2 e3` is a product, `2e3` a number.
fn reads_as_number(name: &str) -> bool {
    let mut chars = name.chars();
    match chars.next() {
        Some('_') => true,
        Some('e' | 'E') => chars.next().is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    }
}

/// Whether this token or the one before it is a `/` that would make `d / dx` one token without its spaces.
fn is_slash_of_names(text: &str, tokens: &[Lexeme], at: usize) -> bool {
    let slash = if tokens[at].token == Token::Slash { at } else { at - 1 };
    let is = |at: usize, token: Token| tokens.get(at).is_some_and(|lexeme| lexeme.token == token);
    let is_d = |at: usize| is(at, Token::Name) && spelled(text, tokens[at]) == "d";
    is(slash, Token::Slash)
        && is(slash + 1, Token::Name)
        && spelled(text, tokens[slash + 1]).starts_with('d')
        && slash > 0
        && (is_d(slash - 1) || (slash > 2 && is(slash - 1, Token::Number) && is(slash - 2, Token::Caret) && is_d(slash - 3)))
}

/// The rank of a place where a line is broken only if there is no other.
const LAST: u32 = u32::MAX;

/// How good a place for a line break is before this token, the least the best; none where there can be no break. A line ends
/// with its operator, so that the break means nothing outside of brackets too.
fn rank(tokens: &[Lexeme], at: usize) -> Option<u32> {
    use Token::*;
    let (left, right) = (tokens[at - 1].token, tokens[at].token);
    Some(match left {
        _ if right.begins_clause() => 0,
        Comma => 1,
        _ if matches!(right, Then | Else | And | Or) => 1,
        _ if left.is_comparison() => 3,
        Plus | Minus if !is_prefix(tokens, at - 1) => 4,
        Star | Slash => 5,
        Equals | Colon => LAST,
        _ => return None,
    })
}
