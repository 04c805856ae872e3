//! Colours while typing: tokens only, so that it costs nothing. The display width is that of the text.

use crate::front::palette::{self, ink};
use crate::math;
use crate::syntax::{Lexeme, Token, tokenize};
use std::collections::HashSet;

/// What a stretch of the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A command, a definition, a clause word, a word of the language.
    Word,
    /// A name that can be called.
    Function,
    /// A number or a text in quotes.
    Literal,
    /// A comment.
    Comment,
    /// No part of the language.
    Wrong,
    /// The bracket at the cursor and its partner.
    Bracket,
    /// Anything else.
    Plain,
}

impl Part {
    /// How it is shown, as the parameters of the terminal's sequence.
    fn color(self) -> String {
        match self {
            Part::Word => ink("1;", palette::WORD),
            Part::Function => ink("", palette::FUNCTION),
            Part::Literal => ink("", palette::LITERAL),
            Part::Comment => ink("3;", palette::QUIET),
            Part::Wrong => ink("4;", palette::ERROR),
            Part::Bracket => "1;7".to_owned(),
            Part::Plain => String::new(),
        }
    }
}

/// The text with colours, and where there is a cursor the bracket at it marked; `functions` are those of the program.
pub fn painted(text: &str, cursor: Option<usize>, functions: &HashSet<String>) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for (part, from, to) in parts(text, cursor, functions) {
        out.push_str(text.get(at..from).unwrap_or_default());
        let piece = text.get(from..to).unwrap_or_default();
        // a colour does not run over a line's end
        for (k, line) in piece.split('\n').enumerate() {
            if k > 0 {
                out.push('\n');
            }
            out.push_str(&colored(part, line));
        }
        at = to;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn colored(part: Part, text: &str) -> String {
    if part == Part::Plain || text.is_empty() { text.to_owned() } else { palette::painted(&part.color(), text) }
}

/// The parts of a text that are not plain, in order.
pub fn parts(text: &str, cursor: Option<usize>, functions: &HashSet<String>) -> Vec<(Part, usize, usize)> {
    if text.trim_start().starts_with(':') {
        let from = text.len() - text.trim_start().len();
        let length = text[from..].find(char::is_whitespace).unwrap_or(text.len() - from);
        return vec![(Part::Word, from, from + length)];
    }
    let tokens: Vec<Lexeme> = tokenize(text).collect();
    let pair = cursor.and_then(|cursor| partner(&tokens, cursor));
    let mut depth = 0usize;
    let mut begins = true;
    let mut out = Vec::new();
    for lexeme in &tokens {
        let (from, to) = (lexeme.start as usize, lexeme.end as usize);
        let word = text.get(from..to).unwrap_or_default();
        let part = match lexeme.token {
            Token::Open | Token::OpenSquare | Token::Close | Token::CloseSquare => {
                depth = if lexeme.token.ends_operand() { depth.saturating_sub(1) } else { depth + 1 };
                if pair.is_some_and(|(a, b)| from == a || from == b) { Part::Bracket } else { Part::Plain }
            }
            Token::Name if begins && Token::command_word(word).is_some() => Part::Word,
            Token::Name if math::find(word).is_some() || functions.contains(word) => Part::Function,
            Token::Number | Token::String | Token::Infinity => Part::Literal,
            // a quote that is still open is being typed
            Token::OpenString => Part::Literal,
            Token::Comment => Part::Comment,
            token if token.is_reserved() => Part::Word,
            // a backslash begins the name of a letter
            Token::Foreign if word == "\\" => Part::Plain,
            // so does a number that ends in a point
            Token::BadNumber if to == text.len() => Part::Literal,
            token if token.is_odd() => Part::Wrong,
            _ => Part::Plain,
        };
        if part != Part::Plain {
            out.push((part, from, to));
        }
        begins = match lexeme.token {
            Token::Newline => depth == 0,
            Token::Semicolon => true,
            _ => false,
        };
    }
    out
}

/// The bracket at the cursor, or before it, with its partner.
fn partner(tokens: &[Lexeme], cursor: usize) -> Option<(usize, usize)> {
    let mut open: Vec<Lexeme> = Vec::new();
    let mut pairs = Vec::new();
    for lexeme in tokens {
        match lexeme.token {
            Token::Open | Token::OpenSquare => open.push(*lexeme),
            Token::Close | Token::CloseSquare => {
                if let Some(before) = open.pop()
                    && (before.token == Token::Open) == (lexeme.token == Token::Close)
                {
                    pairs.push((before.start as usize, lexeme.start as usize));
                }
            }
            _ => {}
        }
    }
    let at = |place: usize| pairs.iter().find(|(a, b)| *a == place || *b == place).copied();
    at(cursor).or_else(|| cursor.checked_sub(1).and_then(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, cursor: impl Into<Option<usize>>) -> Vec<(Part, String)> {
        let parts = parts(text, cursor.into(), &HashSet::from(["mine".to_owned()]));
        parts.into_iter().map(|(part, from, to)| (part, text[from..to].to_owned())).collect()
    }

    fn plain(text: &str) -> String {
        let painted = painted(text, Some(0), &HashSet::new());
        anstream::adapter::strip_str(&painted).to_string()
    }

    #[test]
    fn words_functions_and_numbers_are_told_apart() {
        let wanted = [(Part::Word, "derive"), (Part::Function, "sin"), (Part::Literal, "2"), (Part::Word, "wrt")];
        let found = told("derive sin(2*x) wrt x", 0);
        assert_eq!(found.iter().map(|(p, t)| (*p, t.as_str())).collect::<Vec<_>>(), wanted);
        assert_eq!(told("mine(derive)", 0), [(Part::Function, "mine".into())]);
        assert_eq!(told("x $ y # why", 0), [(Part::Wrong, "$".into()), (Part::Comment, "# why".into())]);
        assert_eq!(told("  :help log", 0), [(Part::Word, ":help".into())]);
    }

    #[test]
    fn a_bracket_shows_its_partner() {
        let brackets = |cursor| told("(a + [b])", cursor).iter().filter(|(part, _)| *part == Part::Bracket).count();
        assert_eq!([0, 1, 2, 8, 9].map(brackets), [2, 2, 0, 2, 2]);
        assert_eq!(told("(a]", 0), []);
        assert_eq!(told("(a)", None), []);
    }

    #[test]
    fn colours_change_no_character() {
        for text in ["σ̄ + 変*sin(x) # ü", "let a = (1,\n 2)\nb", "\"open", "1.2.3 @@ \\sigma", ":x y"] {
            assert_eq!(plain(text), text);
        }
    }
}
