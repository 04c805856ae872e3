//! Text → tokens. The only file that knows logos. A token carries no value: its text is in the source.
//! Whatever is no part of the language becomes a token too, so that the messages can speak of it.

use logos::Logos;

/// A kind of token. Commands and definitions such as `param` are words only at the beginning of a
/// statement: the lexer calls them names, and the layout makes them the last group below.
#[allow(missing_docs)] // Each is what its pattern says.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[logos(skip r"[ \t\u{c}\u{a0}\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}]+")]
pub enum Token {
    #[regex(r"\r\n|\n|\r")]
    Newline,
    #[token(";")]
    Semicolon,
    #[regex(r"#[^\n\r]*", allow_greedy = true)]
    Comment,

    // The middle dots are letters to Unicode, because Catalan writes them inside words.
    #[regex(r"[\p{XID_Start}_][\p{XID_Continue}₀-₉--\u{b7}\u{387}ⁿ]*")]
    Name,
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9][0-9_]*)?")]
    #[regex(r"\.[0-9][0-9_]*([eE][+-]?[0-9][0-9_]*)?")]
    Number,
    #[regex(r#""[^"\n\r]*""#)]
    String,
    #[regex(r"(d|∂)(\^[0-9]+|[²³])?/(d|∂)[\p{XID_Start}_][\p{XID_Continue}₀-₉--\u{b7}\u{387}ⁿ]*(\^[0-9]+|[²³])?")]
    Leibniz,
    #[token("inf")]
    #[token("∞")]
    Infinity,

    #[token("+")]
    Plus,
    #[token("-")]
    #[token("−")]
    Minus,
    #[token("*")]
    #[token("×")]
    #[token("·")]
    #[token("⋅")]
    Star,
    #[token("/")]
    #[token("÷")]
    Slash,
    #[token("^")]
    #[token("**")]
    Caret,
    #[token("!")]
    Bang,
    #[token("'")]
    #[token("′")]
    Prime,
    #[token("<")]
    Less,
    #[token("<=")]
    #[token("≤")]
    LessEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    #[token("≥")]
    GreaterEqual,
    #[token("==")]
    EqualEqual,
    #[token("!=")]
    #[token("≠")]
    NotEqual,
    #[token("=")]
    Equals,
    #[token("(")]
    Open,
    #[token(")")]
    Close,
    #[token("[")]
    OpenSquare,
    #[token("]")]
    CloseSquare,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token(".")]
    Dot,
    #[token("..")]
    DotDot,

    // Reserved words: never names.
    #[token("let")]
    Let,
    #[token("fn")]
    Fn,
    #[token("if")]
    If,
    #[token("then")]
    Then,
    #[token("else")]
    Else,
    #[token("and")]
    And,
    #[token("or")]
    Or,
    #[token("not")]
    Not,
    #[token("in")]
    In,
    #[token("wrt")]
    Wrt,
    #[token("at")]
    At,
    #[token("for")]
    For,
    #[token("assuming")]
    Assuming,
    #[token("with")]
    With,
    #[token("within")]
    Within,
    #[token("where")]
    Where,

    // No part of the language.
    /// Signs of other languages and of paper.
    #[regex(r"&&?|\|\|?|:=|->|=>|/\*|\*/|//|%|[{}√∛≈≡∫∑∏\\$~?@&]|===|!==|<>|=<|[+*/-]=")]
    #[regex(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+", priority = 10)]
    #[regex("[“”„‘’‚«»–—]")]
    Foreign,
    /// A quote without its partner on the line.
    #[regex(r#""[^"\n\r]*"#)]
    OpenString,
    /// `1.2.3`, `2.`, `1e+`.
    #[regex(r"([0-9][0-9_]*(\.[0-9][0-9_]*)?|\.[0-9][0-9_]*)[eE][+-]")]
    BadNumber,
    /// Any other character.
    Bad,

    // Words of the language where the layout says so.
    Param,
    Given,
    Assume,
    Data,
    Import,
    Assert,
    Check,
    Diff,
    Derive,
    Grad,
    Hessian,
    Jacobian,
    Eval,
    Simplify,
    Expand,
    Contract,
    Stable,
    Domain,
    Descend,
    Plot,
    Table,
    Saturation,
    Flow,
    Elasticity,
    Curve,
    Exercise,
    Growth,
    Explain,
}

/// A token and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexeme {
    /// Which token.
    pub token: Token,
    /// Offset of its first byte.
    pub start: u32,
    /// Offset past its last byte.
    pub end: u32,
}

impl Lexeme {
    /// Where it stands.
    #[must_use]
    pub fn span(self) -> crate::source::Span {
        crate::source::Span::new(self.start, self.end)
    }
}

/// Whether a text is one name of the language.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let mut tokens = tokenize(text);
    tokens.next().is_some_and(|t| t.token == Token::Name && t.start == 0 && t.end as usize == text.len())
        && tokens.next().is_none()
}

/// Every token of the text, newlines and comments included. A byte-order mark is skipped.
pub fn tokenize(text: &str) -> impl Iterator<Item = Lexeme> + '_ {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lexer = Token::lexer(&text[start..]);
    std::iter::from_fn(move || {
        let mut token = lexer.next()?.unwrap_or(Token::Bad);
        if token == Token::Number {
            let length = malformed_tail(lexer.remainder());
            if length > 0 {
                lexer.bump(length);
                token = Token::BadNumber;
            }
        }
        let span = lexer.span();
        Some(Lexeme { token, start: offset(start + span.start), end: offset(start + span.end) })
    })
}

/// How many bytes after a number make it malformed: a point that no range `..` explains.
fn malformed_tail(rest: &str) -> usize {
    if !rest.starts_with('.') || rest.starts_with("..") {
        return 0;
    }
    rest.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(rest.len())
}

/// Texts of 4 GiB and more are refused long before this saturates.
fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Token {
    /// The words that are commands and definitions at the beginning of a statement.
    pub const COMMAND_WORDS: &[(&str, Token)] = &[
        ("param", Token::Param),
        ("given", Token::Given),
        ("assume", Token::Assume),
        ("data", Token::Data),
        ("import", Token::Import),
        ("assert", Token::Assert),
        ("check", Token::Check),
        ("diff", Token::Diff),
        ("derive", Token::Derive),
        ("grad", Token::Grad),
        ("hessian", Token::Hessian),
        ("jacobian", Token::Jacobian),
        ("eval", Token::Eval),
        ("simplify", Token::Simplify),
        ("expand", Token::Expand),
        ("contract", Token::Contract),
        ("stable", Token::Stable),
        ("domain", Token::Domain),
        ("descend", Token::Descend),
        ("plot", Token::Plot),
        ("table", Token::Table),
        ("saturation", Token::Saturation),
        ("flow", Token::Flow),
        ("elasticity", Token::Elasticity),
        ("curve", Token::Curve),
        ("exercise", Token::Exercise),
        ("growth", Token::Growth),
        ("explain", Token::Explain),
    ];

    /// The word that is this token only at the beginning of a statement.
    #[must_use]
    pub fn command_word(text: &str) -> Option<Token> {
        Token::COMMAND_WORDS.iter().find(|(word, _)| *word == text).map(|(_, token)| *token)
    }

    /// Whether it is a name, a number or a sign that says nothing of where statements end, as most tokens are.
    #[inline]
    #[must_use]
    pub fn is_plain(self) -> bool {
        use Token::*;
        matches!(self, Name | Number | Plus | Minus | Star | Slash | Caret | Comma)
    }

    /// Whether it is no part of the language, or not wherever it stands.
    #[must_use]
    pub fn is_odd(self) -> bool {
        use Token::*;
        matches!(self, Foreign | Bad | BadNumber | OpenString | Dot)
    }

    /// Whether an operand can begin with it.
    #[must_use]
    pub fn begins_operand(self) -> bool {
        use Token::*;
        matches!(self, Name | Number | String | Open | OpenSquare | Leibniz | Infinity | Diff | If)
    }

    /// Whether an operand can end with it.
    #[must_use]
    pub fn ends_operand(self) -> bool {
        use Token::*;
        matches!(self, Name | Number | String | Close | CloseSquare | Bang | Infinity)
    }

    /// Whether it is a comparison, `and`, `or`, or an operator between two operands.
    #[must_use]
    pub fn is_operator(self) -> bool {
        use Token::*;
        self.is_comparison() || matches!(self, Plus | Minus | Star | Slash | Caret | And | Or)
    }

    /// Whether it compares.
    #[must_use]
    pub fn is_comparison(self) -> bool {
        use Token::*;
        matches!(self, Less | LessEqual | Greater | GreaterEqual | EqualEqual | NotEqual)
    }

    /// Whether it begins a clause.
    #[must_use]
    pub fn begins_clause(self) -> bool {
        use Token::*;
        matches!(self, Wrt | At | For | Assuming | With | Within | Where)
    }

    /// Whether it is a reserved word.
    #[must_use]
    pub fn is_reserved(self) -> bool {
        use Token::*;
        self.begins_clause() || matches!(self, Let | Fn | If | Then | Else | And | Or | Not | In | Infinity)
    }

    /// Whether a statement cannot end here, so that a newline after it means nothing.
    #[must_use]
    pub fn needs_more(self) -> bool {
        use Token::*;
        self.is_operator()
            || self.begins_clause()
            || matches!(self, Not | In | Comma | Equals | If | Then | Else | Colon | DotDot | Leibniz)
    }

    /// Whether no statement can begin here, so that a newline before it means nothing.
    #[must_use]
    pub fn joins_line_before(self) -> bool {
        self.begins_clause() || matches!(self, Token::Equals | Token::Then | Token::Else | Token::And | Token::Or)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Token::*;

    fn kinds(text: &str) -> Vec<Token> {
        tokenize(text).map(|lexeme| lexeme.token).collect()
    }

    #[test]
    fn numbers_and_what_is_none() {
        assert_eq!(kinds("12 0.5 .5 1e-3 1_000 2E5"), [Number; 6]);
        for bad in ["1.2.3", "2.", "1e+", ".5.", "1.x"] {
            assert_eq!(kinds(bad)[0], BadNumber, "{bad}");
        }
        assert_eq!(kinds("0..10"), [Number, DotDot, Number]);
        assert_eq!(kinds("2e"), [Number, Name]);
        assert_eq!(kinds("."), [Dot]);
    }

    #[test]
    fn names_hold_letters_of_every_script_but_no_operators() {
        assert_eq!(kinds("λ₂ x_1 _ é π"), [Name; 5]);
        assert_eq!(kinds("x·y f'(x)"), [Name, Star, Name, Name, Prime, Open, Name, Close]);
        assert_eq!(kinds("al\u{200b}pha"), [Name, Bad, Name]);
    }

    #[test]
    fn leibniz_is_one_token_only_without_spaces() {
        assert_eq!(kinds("d/dx x"), [Leibniz, Name]);
        assert_eq!(kinds("∂²/∂x² x"), [Leibniz, Name]);
        assert_eq!(kinds("d / dx"), [Name, Slash, Name]);
        assert_eq!(kinds("ad/dx"), [Name, Slash, Name]);
    }

    #[test]
    fn many_comment_lines_do_not_overflow_the_stack() {
        assert_eq!(kinds(&"# nothing\n".repeat(200_000)).len(), 400_000);
    }
}
