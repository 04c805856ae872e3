//! Plain words for what cannot be read: from the tokens around a surprise to a diagnostic with its
//! reason and, where one is clear, the corrected input. Nothing here decides what is an error.

use super::ast::{Ast, CommandKind, Expr, ExprId};
use super::layout::Fault;
use super::token::{Lexeme, Token};
use crate::diagnostic::{Code, Diagnostic, code, quote};
use crate::limits::Limit;
use crate::source::Span;

/// The statement that is spoken of.
#[derive(Clone, Copy)]
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

/// Longer statements are not repeated as a correction.
const LONGEST_CORRECTION: usize = 200;

/// A list of expected tokens longer than this helps nobody.
const LONGEST_LIST: usize = 5;

impl<'a> Context<'a> {
    /// The statement, from its first to its last token.
    pub fn span(&self) -> Span {
        match (self.tokens.first(), self.tokens.last()) {
            (Some(first), Some(last)) => Span::new(first.start, last.end),
            _ => Span::at(0),
        }
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or("")
    }

    fn word(&self, lexeme: Lexeme) -> &'a str {
        self.slice(lexeme.span())
    }

    /// The statement with one stretch replaced; none when it is too long to show.
    fn replaced(&self, span: Span, by: &str) -> Option<String> {
        let all = self.span();
        let (before, after) = (self.slice(Span::new(all.start, span.start)), self.slice(Span::new(span.end, all.end)));
        let whole = format!("{before}{by}{after}");
        (whole.len() <= LONGEST_CORRECTION).then(|| whole.trim().to_owned())
    }

    fn index(&self, lexeme: Lexeme) -> usize {
        self.tokens.partition_point(|token| token.start < lexeme.start)
    }
}

/// Attaches a correction that may be missing.
fn correct(diagnostic: Diagnostic, correction: Option<String>) -> Diagnostic {
    match correction {
        Some(text) => diagnostic.correction(text),
        None => diagnostic,
    }
}

fn error(code: &'static Code, message: impl Into<String>, span: Span, label: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message).at(span, label)
}

// ── before parsing: nesting, characters, brackets, unknown commands ──────────────────────────────

/// What is wrong with a statement before the grammar sees it; `has_odd` as in the layout.
pub fn before_parsing(context: &Context<'_>, faults: &[Fault], has_odd: bool, nesting: u32) -> Option<Diagnostic> {
    let looked_at = if has_odd { context.tokens } else { &[] };
    too_deep(faults, nesting)
        .or_else(|| looked_at.iter().find_map(|&lexeme| foreign_token(context, lexeme)))
        .or_else(|| faults.first().map(|fault| bracket(context, fault, faults)))
        .or_else(|| foreign_command(context))
}

fn too_deep(faults: &[Fault], limit: u32) -> Option<Diagnostic> {
    let at = faults.iter().find_map(|fault| match fault {
        Fault::TooDeep(at) => Some(*at),
        _ => None,
    })?;
    let message = format!("the nesting is deeper than the limit of {limit}");
    let help = "brackets, signs, powers and conditionals inside one another count; name a part with `let`";
    let help = format!("{help}; {}", Limit::Nesting.advice());
    Some(Diagnostic::new(&code::NESTING, message).at(at.span(), format!("level {}", u64::from(limit) + 1)).help(help))
}

fn bracket(context: &Context<'_>, fault: &Fault, faults: &[Fault]) -> Diagnostic {
    match fault {
        Fault::Unclosed(open) => unclosed(context, *open, faults),
        Fault::Mismatched(open, close) => mismatched(context, *open, *close),
        Fault::Stray(at) | Fault::TooDeep(at) => {
            let message = format!("`{}` closes nothing", context.word(*at));
            let diagnostic = error(&code::MISMATCHED, message, at.span(), "no bracket is open here");
            correct(diagnostic, context.replaced(at.span(), ""))
        }
    }
}

fn unclosed(context: &Context<'_>, open: Lexeme, faults: &[Fault]) -> Diagnostic {
    let message = format!("this `{}` is never closed", context.word(open));
    let diagnostic = error(&code::UNCLOSED, message, open.span(), format!("needs its `{}`", partner(open)));
    let missing = faults.iter().rev().filter_map(|fault| match fault {
        Fault::Unclosed(open) => Some(partner(*open)),
        _ => None,
    });
    let closers: String = missing.collect();
    let end = Span::at(context.span().end);
    let last = context.tokens.last().is_some_and(|last| last.token.ends_operand());
    correct(diagnostic, context.replaced(end, &closers).filter(|_| last))
}

fn mismatched(context: &Context<'_>, open: Lexeme, close: Lexeme) -> Diagnostic {
    let message = format!("`{}` is closed by `{}`", context.word(open), context.word(close));
    let diagnostic = error(&code::MISMATCHED, message, close.span(), format!("expected `{}`", partner(open)));
    correct(diagnostic.see(open.span(), "opened here"), context.replaced(close.span(), partner(open)))
}

fn partner(open: Lexeme) -> &'static str {
    if open.token == Token::Open { ")" } else { "]" }
}

/// Words that people try, with the language's own.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("derivative", "diff"),
    ("differentiate", "diff"),
    ("derivate", "diff"),
    ("gradient", "grad"),
    ("evaluate", "eval"),
    ("calculate", "eval"),
    ("compute", "eval"),
    ("simp", "simplify"),
    ("print", ""),
    ("show", ""),
    ("return", ""),
    ("def", "fn"),
    ("func", "fn"),
    ("function", "fn"),
    ("var", "let"),
    ("const", "let"),
    ("set", "let"),
    ("proof", "derive"),
    ("prove", "derive"),
    ("step", "derive"),
    ("steps", "derive"),
    ("verify", "check"),
    ("mark", "check"),
];

fn foreign_command(context: &Context<'_>) -> Option<Diagnostic> {
    let [first, second, ..] = context.tokens else {
        return None;
    };
    let word = context.word(*first);
    let works = second.token.begins_operand() && !(second.token == Token::Open && second.start == first.end);
    if first.token != Token::Name || !works {
        return None;
    }
    let &(_, own) = OTHER_WORDS.iter().find(|(other, _)| *other == word)?;
    Some(other_word(context, *first, own))
}

fn other_word(context: &Context<'_>, first: Lexeme, own: &str) -> Diagnostic {
    let message = format!("`{}` is not a command", context.word(first));
    let label = if own.is_empty() { "an expression alone prints its value".to_owned() } else { format!("here it is `{own}`") };
    let diagnostic = error(&code::COMMAND, message, first.span(), label);
    correct(diagnostic, context.replaced(first.span(), own))
}

// ── characters ──────────────────────────────────────────────────────────────────────────────────

/// Signs of other languages and of paper: the sign, what to say, what to write instead (`None`: it
/// depends).
const FOREIGN: &[(&str, &str, Option<&str>)] = &[
    ("&&", "conditions are joined with `and`", Some(" and ")),
    ("&", "conditions are joined with `and`", Some(" and ")),
    ("||", "conditions are joined with `or`", Some(" or ")),
    ("|", "an absolute value is written `abs(x)`", None),
    (":=", "a definition is written `let x = 1`", None),
    ("->", "there are no arrows; a function is written `fn f(x) = x^2`", None),
    ("=>", "there are no arrows; a function is written `fn f(x) = x^2`", None),
    ("=<", "at most is written `<=`", Some("<=")),
    ("<>", "not equal is written `!=`", Some("!=")),
    ("===", "equality is written `==`", Some("==")),
    ("!==", "not equal is written `!=`", Some("!=")),
    ("/*", "a comment begins with `#` and ends with its line", None),
    ("*/", "a comment begins with `#` and ends with its line", None),
    ("//", "a comment begins with `#`; a division has one `/`", None),
    ("+=", "a definition is never changed; give the new value a name of its own", None),
    ("-=", "a definition is never changed; give the new value a name of its own", None),
    ("*=", "a definition is never changed; give the new value a name of its own", None),
    ("/=", "not equal is written `!=`", Some("!=")),
    ("%", "there is no `%`; five per cent is `5/100`", None),
    ("{", "braces are not used; group with parentheses", Some("(")),
    ("}", "braces are not used; group with parentheses", Some(")")),
    ("√", "a square root is written `sqrt(x)`", None),
    ("∛", "a cube root is written `cbrt(x)`", None),
    ("≈", "equality within a tolerance is `assert a == b within 1e-9`", None),
    ("≡", "equality is written `==`", Some("==")),
    ("∫", "there are no integrals", None),
    ("∑", "a sum is written `sum(i in 1..n: i^2)`", None),
    ("∏", "a product is written `prod(i in 1..n: i)`", None),
    ("\\", "there is no LaTeX here; Greek letters are typed as they are, fractions as `a/b`", None),
    ("$", "formulas need no `$` around them", Some("")),
    ("~", "there is no `~`; not equal is written `!=`", None),
    ("?", "a conditional is written `if c then a else b`", None),
    ("@", "`@` is not an operator; the product of two vectors is `dot(a, b)`", None),
    ("–", "this is a dash; a minus is written `-`", Some("-")),
    ("—", "this is a dash; a minus is written `-`", Some("-")),
    ("“", "this is a typographic quote; texts have straight quotes", Some("\"")),
    ("”", "this is a typographic quote; texts have straight quotes", Some("\"")),
    ("„", "this is a typographic quote; texts have straight quotes", Some("\"")),
    ("«", "this is a typographic quote; texts have straight quotes", Some("\"")),
    ("»", "this is a typographic quote; texts have straight quotes", Some("\"")),
    ("‘", "this is a typographic quote; a derivative is marked with a straight `'`", Some("'")),
    ("’", "this is a typographic quote; a derivative is marked with a straight `'`", Some("'")),
    ("‚", "this is a low quote, not a comma", Some(",")),
];

/// Characters that cannot be seen or look like others: the character, its name, what to write
/// instead.
const LOOKALIKES: &[(char, &str, &str)] = &[
    ('\u{37e}', "GREEK QUESTION MARK, which looks like `;`", ";"),
    ('\u{ad}', "SOFT HYPHEN, which cannot be seen", ""),
    ('\u{200b}', "ZERO WIDTH SPACE, which cannot be seen", ""),
    ('\u{200c}', "ZERO WIDTH NON-JOINER, which cannot be seen", ""),
    ('\u{200d}', "ZERO WIDTH JOINER, which cannot be seen", ""),
    ('\u{2060}', "WORD JOINER, which cannot be seen", ""),
    ('\u{feff}', "BYTE ORDER MARK, which cannot be seen", ""),
    ('\u{200e}', "LEFT-TO-RIGHT MARK, which cannot be seen", ""),
    ('\u{200f}', "RIGHT-TO-LEFT MARK, which cannot be seen", ""),
    ('\u{202a}', "LEFT-TO-RIGHT EMBEDDING, which cannot be seen", ""),
    ('\u{202b}', "RIGHT-TO-LEFT EMBEDDING, which cannot be seen", ""),
    ('\u{202c}', "POP DIRECTIONAL FORMATTING, which cannot be seen", ""),
    ('\u{202d}', "LEFT-TO-RIGHT OVERRIDE, which changes the order in which text is shown", ""),
    ('\u{202e}', "RIGHT-TO-LEFT OVERRIDE, which changes the order in which text is shown", ""),
    ('\u{2028}', "LINE SEPARATOR", "\n"),
    ('\u{2029}', "PARAGRAPH SEPARATOR", "\n"),
    ('\0', "NUL", ""),
    ('\u{1b}', "ESCAPE", ""),
    ('\u{ff08}', "FULLWIDTH LEFT PARENTHESIS", "("),
    ('\u{ff09}', "FULLWIDTH RIGHT PARENTHESIS", ")"),
    ('\u{ff0c}', "FULLWIDTH COMMA", ","),
    ('\u{ff0b}', "FULLWIDTH PLUS SIGN", "+"),
    ('\u{ff0d}', "FULLWIDTH HYPHEN-MINUS", "-"),
    ('\u{ff1d}', "FULLWIDTH EQUALS SIGN", "="),
    ('\u{2010}', "HYPHEN, which looks like a minus", "-"),
    ('\u{2011}', "NON-BREAKING HYPHEN, which looks like a minus", "-"),
    ('\u{2215}', "DIVISION SLASH", "/"),
    ('\u{2044}', "FRACTION SLASH", "/"),
    ('\u{2217}', "ASTERISK OPERATOR", "*"),
];

fn foreign_token(context: &Context<'_>, lexeme: Lexeme) -> Option<Diagnostic> {
    match lexeme.token {
        Token::Foreign => Some(foreign(context, lexeme)),
        Token::Bad => Some(bad_character(context, lexeme)),
        Token::BadNumber => Some(bad_number(context, lexeme)),
        Token::OpenString => {
            let message = "this text has no closing quote on its line";
            Some(
                error(&code::STRING, message, lexeme.span(), "begins here")
                    .help("a text ends with `\"` on the line where it begins"),
            )
        }
        Token::Dot if context.tokens.len() == 1 => {
            Some(error(&code::NUMBER, "a point alone is not a number", lexeme.span(), "digits are missing"))
        }
        _ => None,
    }
}

fn foreign(context: &Context<'_>, lexeme: Lexeme) -> Diagnostic {
    let word = context.word(lexeme);
    let Some(&(_, reason, instead)) = FOREIGN.iter().find(|(sign, ..)| *sign == word) else {
        return superscript(context, lexeme);
    };
    let diagnostic = error(&code::FOREIGN, format!("`{word}` is not part of the language"), lexeme.span(), "").help(reason);
    correct(diagnostic, foreign_correction(context, lexeme, word, instead))
}

/// The whole statement without the foreign sign, wherever it stands in it.
fn foreign_correction(context: &Context<'_>, lexeme: Lexeme, word: &str, instead: Option<&str>) -> Option<String> {
    let all = context.slice(context.span());
    if all.len() > LONGEST_CORRECTION {
        return None;
    }
    match (word, instead) {
        ("|", _) => between_bars(all),
        (":=", _) => Some(format!("let {}", all.replacen(":=", "=", 1))),
        ("√" | "∛", _) => root(context, lexeme, word),
        ("“" | "”", _) => Some(all.replace(['“', '”'], "\"")),
        ("{" | "}", _) => Some(all.replace('{', "(").replace('}', ")")),
        (_, Some(instead)) => Some(squeeze(&all.replace(word, instead))),
        _ => None,
    }
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `|x|` → `abs(x)`, where there are exactly two bars.
fn between_bars(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('|').collect();
    match parts[..] {
        [before, inside, after] if !inside.trim().is_empty() => Some(format!("{before}abs({}){after}", inside.trim())),
        _ => None,
    }
}

fn root(context: &Context<'_>, lexeme: Lexeme, word: &str) -> Option<String> {
    let name = if word == "√" { "sqrt" } else { "cbrt" };
    let next = context.tokens.get(context.index(lexeme) + 1)?;
    match next.token {
        Token::Open => context.replaced(lexeme.span(), name),
        Token::Name | Token::Number => {
            context.replaced(Span::new(lexeme.start, next.end), &format!("{name}({})", context.word(*next)))
        }
        _ => None,
    }
}

fn superscript(context: &Context<'_>, lexeme: Lexeme) -> Diagnostic {
    let plain: String = context.word(lexeme).chars().map(plain_digit).collect();
    let message = format!("the power `{}` is written with `^`", context.word(lexeme));
    let diagnostic = error(&code::FOREIGN, message, lexeme.span(), format!("write ^{plain}"));
    correct(diagnostic, context.replaced(lexeme.span(), &format!("^{plain}")))
}

fn plain_digit(c: char) -> char {
    const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ";
    RAISED.chars().zip("0123456789+-n".chars()).find(|(raised, _)| *raised == c).map_or(c, |(_, plain)| plain)
}

fn bad_character(context: &Context<'_>, lexeme: Lexeme) -> Diagnostic {
    let c = context.word(lexeme).chars().next().unwrap_or('\u{fffd}');
    let Some(&(_, name, _)) = LOOKALIKES.iter().find(|(other, ..)| *other == c) else {
        let message = format!("the character `{}` (U+{:04X}) is no part of the language", quote(&c.to_string()), u32::from(c));
        return error(&code::CHARACTER, message, lexeme.span(), "");
    };
    let message = format!("the character U+{:04X} {name}, is no part of the language", u32::from(c));
    let message = if name.contains(',') { message } else { message.replacen(", is", " is", 1) };
    let diagnostic = error(&code::CHARACTER, message, lexeme.span(), "");
    correct(diagnostic, without_lookalikes(context))
}

/// The statement with every such character replaced; none when it would still hold one that cannot be shown.
fn without_lookalikes(context: &Context<'_>) -> Option<String> {
    let all = context.slice(context.span());
    if all.len() > LONGEST_CORRECTION {
        return None;
    }
    let fixed = LOOKALIKES.iter().fold(all.to_owned(), |text, &(c, _, instead)| text.replace(c, instead));
    Some(fixed.trim().to_owned()).filter(|text| !text.contains(crate::diagnostic::is_unsafe))
}

fn bad_number(context: &Context<'_>, lexeme: Lexeme) -> Diagnostic {
    let word = context.word(lexeme);
    let (message, fixed) = if word.ends_with(['+', '-']) {
        ("the exponent of this number has no digits", None)
    } else if word.matches('.').count() > 1 {
        ("a number has at most one decimal point", None)
    } else {
        ("digits must follow the decimal point", word.strip_suffix('.'))
    };
    let diagnostic = error(&code::NUMBER, message, lexeme.span(), "malformed number");
    let attached =
        context.tokens.get(context.index(lexeme) + 1).is_some_and(|next| next.start == lexeme.end && next.token == Token::Name);
    let fixed = fixed.map(|number| if attached { format!("{number}*") } else { number.to_owned() });
    correct(diagnostic, fixed.and_then(|fixed| context.replaced(lexeme.span(), &fixed)))
}

// ── definitions without let or fn ────────────────────────────────────────────────────────────────

/// `left = right` alone is no statement.
pub fn bare_equation(context: &Context<'_>, ast: &Ast, [left, _]: [ExprId; 2], equals: Span) -> Diagnostic {
    let names_only = |args| ast.list(args).iter().all(|&arg| matches!(ast.expr(arg), Expr::Name(_)));
    let begin = Span::at(context.span().start);
    match ast.expr(left) {
        Expr::Name(_) => correct(
            error(&code::DEFINITION, "a definition begins with `let`", equals, "to compare, write `==`"),
            context.replaced(begin, "let "),
        ),
        Expr::Call { primes: 0, args, .. } if names_only(args) && !args.is_empty() => correct(
            error(&code::DEFINITION, "the definition of a function begins with `fn`", equals, "to compare, write `==`"),
            context.replaced(begin, "fn "),
        ),
        Expr::Call { args, .. } => bad_parameter(context, ast, ast.list(args), equals),
        _ => correct(
            error(&code::TARGET, "only a name can be defined", ast.span(left), "this is an expression")
                .help("to compare two expressions, write `==`"),
            context.replaced(equals, "=="),
        ),
    }
}

fn bad_parameter(context: &Context<'_>, ast: &Ast, args: &[ExprId], equals: Span) -> Diagnostic {
    let Some(&arg) = args.iter().find(|&&arg| !matches!(ast.expr(arg), Expr::Name(_))) else {
        return error(&code::TARGET, "a function needs at least one parameter", equals, "defined here");
    };
    let span = ast.span(arg);
    let message = format!("a parameter is a name; `{}` is not", quote(context.slice(span)));
    error(&code::TARGET, message, span, "not a name").help("a function is written `fn f(x) = x^2`")
}

// ── what the grammar did not expect ──────────────────────────────────────────────────────────────

/// A surprise with its surroundings.
struct Scene<'a> {
    context: &'a Context<'a>,
    found: Lexeme,
    before: Option<Lexeme>,
    after: Option<Lexeme>,
    expected: &'a [String],
}

type Explanation = fn(&Scene<'_>) -> Option<Diagnostic>;

/// The explanations, in the order in which they are tried.
const EXPLANATIONS: &[Explanation] = &[
    where_clause,
    reserved_name,
    infinity,
    missing_operand,
    conditional,
    equals_sign,
    exclamation,
    comma,
    arrow_parameters,
    call_without_parentheses,
    missing_then,
    two_operands,
    clause_word,
];

/// Says what is wrong where the grammar stopped.
pub fn explain(context: &Context<'_>, surprise: &Surprise<'_>) -> Diagnostic {
    let Some(found) = surprise.found else {
        return unfinished(context, surprise.expected);
    };
    let i = context.index(found);
    let before = i.checked_sub(1).map(|before| context.tokens[before]);
    let scene = Scene { context, found, before, after: context.tokens.get(i + 1).copied(), expected: surprise.expected };
    EXPLANATIONS.iter().find_map(|explanation| explanation(&scene)).unwrap_or_else(|| unexpected(&scene))
}

fn unfinished(context: &Context<'_>, expected: &[String]) -> Diagnostic {
    let last = context.tokens.last().copied();
    let span = last.map_or(Span::at(0), Lexeme::span);
    let word = quote(context.slice(span));
    let is_conditional = context.tokens.iter().any(|lexeme| lexeme.token == Token::If) && expects(expected, "then");
    let (message, help) = match last.map(|last| last.token) {
        _ if is_conditional => {
            ("the conditional has no `then`".to_owned(), Some("a conditional is written `if c then a else b`"))
        }
        Some(Token::Leibniz) => (
            format!("nothing follows `{word}`"),
            Some("it takes the expression that follows it: d/dx x^2. A division of names is written with spaces"),
        ),
        Some(token) if token.needs_more() => (format!("an operand must follow `{word}`"), None),
        _ => (format!("something must follow `{word}`"), None),
    };
    let diagnostic = error(&code::UNFINISHED, message, span, "the statement ends here");
    match help.map(str::to_owned).or_else(|| list(expected)) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn unexpected(scene: &Scene<'_>) -> Diagnostic {
    let word = quote(scene.word());
    let after = scene.before.map_or(String::new(), |before| format!(" after `{}`", quote(scene.context.word(before))));
    let diagnostic = error(&code::UNEXPECTED, format!("`{word}` cannot stand here{after}"), scene.found.span(), "unexpected");
    match list(scene.expected) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// The expected tokens as words, unless they are too many.
fn list(expected: &[String]) -> Option<String> {
    let names: Vec<String> = expected.iter().map(|name| human(name.trim_matches('"'))).collect();
    match &names[..] {
        [] => None,
        [one] => Some(format!("expected {one}")),
        [most @ .., last] if names.len() <= LONGEST_LIST => Some(format!("expected {} or {last}", most.join(", "))),
        _ => None,
    }
}

fn human(name: &str) -> String {
    match name {
        "name" => "a name".to_owned(),
        "number" => "a number".to_owned(),
        "text" => "a text in quotes".to_owned(),
        sign => format!("`{sign}`"),
    }
}

fn expects(expected: &[String], name: &str) -> bool {
    expected.iter().any(|other| other.trim_matches('"') == name)
}

impl<'a> Scene<'a> {
    fn word(&self) -> &'a str {
        self.context.word(self.found)
    }

    fn is(&self, token: Token) -> bool {
        self.found.token == token
    }

    fn before_is(&self, test: impl Fn(Token) -> bool) -> bool {
        self.before.is_some_and(|before| test(before.token))
    }

    fn expects(&self, name: &str) -> bool {
        expects(self.expected, name)
    }

    /// Whether an operand could stand here.
    fn wants_operand(&self) -> bool {
        self.expects("number") && self.expects("(") && !self.before_is(Token::ends_operand)
    }
}

fn where_clause(scene: &Scene<'_>) -> Option<Diagnostic> {
    if !scene.is(Token::Where) {
        return None;
    }
    let i = scene.context.index(scene.found);
    let is_point = scene.context.tokens.get(i + 2).is_some_and(|token| token.token == Token::Equals);
    let (instead, what) =
        if is_point { ("at", "a point is given with `at`") } else { ("assuming", "a condition is given with `assuming`") };
    let diagnostic = error(&code::CLAUSE, "`where` is not a clause of a statement", scene.found.span(), what);
    Some(correct(diagnostic, scene.context.replaced(scene.found.span(), instead)))
}

fn reserved_name(scene: &Scene<'_>) -> Option<Diagnostic> {
    let only_name = scene.expects("name") && !scene.expects("number");
    if !only_name || scene.before_is(Token::ends_operand) {
        return None;
    }
    let span = scene.found.span();
    if scene.found.token.is_reserved() {
        let message = format!("`{}` is a word of the language and cannot be a name", scene.word());
        return Some(error(&code::KEYWORD, message, span, "choose another name"));
    }
    let message = format!("a name must stand here, not `{}`", quote(scene.word()));
    let is_number = scene.is(Token::Number);
    let label = if is_number { "a name begins with a letter" } else { "not a name" };
    Some(error(&code::TARGET, message, span, label))
}

fn infinity(scene: &Scene<'_>) -> Option<Diagnostic> {
    if !scene.is(Token::Infinity) {
        return None;
    }
    let message = "`inf` stands only as an end of a range";
    Some(error(&code::INFINITY, message, scene.found.span(), "not a number").help("for example: for x in 0..inf"))
}

/// An operator, a closing bracket or a comma where an operand is needed.
fn missing_operand(scene: &Scene<'_>) -> Option<Diagnostic> {
    let token = scene.found.token;
    let ends = token.is_operator()
        || matches!(
            token,
            Token::Close
                | Token::CloseSquare
                | Token::Comma
                | Token::Colon
                | Token::DotDot
                | Token::Equals
                | Token::Then
                | Token::Else
                | Token::Prime
        )
        || token.begins_clause();
    if !ends || !scene.wants_operand() {
        return None;
    }
    let word = quote(scene.word());
    let Some(before) = scene.before else {
        let message = format!("`{word}` cannot begin an expression");
        return Some(error(&code::UNEXPECTED, message, scene.found.span(), "an operand must stand before it"));
    };
    let left = quote(scene.context.word(before));
    let is_list = |token| matches!(token, Token::Comma | Token::Open | Token::OpenSquare);
    if is_list(before.token) && (token == Token::Comma || before.token == Token::Comma) {
        let message = format!("nothing stands between `{left}` and `{word}`");
        return Some(error(&code::EMPTY, message, before.span().to(scene.found.span()), "an expression is missing"));
    }
    let message = format!("an operand must follow `{left}`, not `{word}`");
    Some(
        error(&code::UNEXPECTED, message, scene.found.span(), "an operand is missing before this")
            .see(before.span(), "this needs one"),
    )
}

fn conditional(scene: &Scene<'_>) -> Option<Diagnostic> {
    let span = scene.found.span();
    match scene.found.token {
        Token::If if scene.before_is(|token| token == Token::Then) => Some(error(
            &code::CONDITIONAL,
            "a conditional after `then` must stand in parentheses",
            span,
            "so that it is clear whose the `else` is",
        )),
        Token::If if !scene.before_is(Token::ends_operand) => {
            let diagnostic =
                error(&code::CONDITIONAL, "a conditional inside an expression must stand in parentheses", span, "begins here");
            let all = scene.context.span();
            let inside = scene.context.slice(Span::new(scene.found.start, all.end));
            let flat = !inside.contains(['(', ')', '[', ']']);
            Some(correct(
                diagnostic,
                scene.context.replaced(Span::new(scene.found.start, all.end), &format!("({inside})")).filter(|_| flat),
            ))
        }
        Token::Then | Token::Else => {
            let message = format!("`{}` without its `if`", scene.word());
            Some(error(&code::CONDITIONAL, message, span, "").help("a conditional is written `if c then a else b`"))
        }
        _ => None,
    }
}

fn equals_sign(scene: &Scene<'_>) -> Option<Diagnostic> {
    if !scene.is(Token::Equals) {
        return None;
    }
    let diagnostic = error(&code::DEFINITION, "`=` defines; to compare, write `==`", scene.found.span(), "not a comparison");
    let is_only = scene.context.tokens.iter().filter(|lexeme| lexeme.token == Token::Equals).count() == 1;
    Some(correct(diagnostic, scene.context.replaced(scene.found.span(), "==").filter(|_| is_only)))
}

/// `!x` for `not x`, and quotes.
fn exclamation(scene: &Scene<'_>) -> Option<Diagnostic> {
    if !scene.is(Token::Bang) {
        return None;
    }
    let diagnostic = error(
        &code::FOREIGN,
        "`!` before an operand is not part of the language",
        scene.found.span(),
        "the opposite of a condition is `not c`",
    );
    Some(correct(diagnostic, scene.context.replaced(scene.found.span(), "not ").filter(|_| scene.wants_operand())))
}

/// `0,5` and commas outside of lists.
fn comma(scene: &Scene<'_>) -> Option<Diagnostic> {
    if !scene.is(Token::Comma) {
        return None;
    }
    let number = |lexeme: Option<Lexeme>| lexeme.filter(|lexeme| lexeme.token == Token::Number);
    if let (Some(left), Some(right)) = (number(scene.before), number(scene.after))
        && left.end == scene.found.start
        && scene.found.end == right.start
    {
        let diagnostic =
            error(&code::NUMBER, "decimals are written with a point", scene.found.span(), "a comma separates two things");
        return Some(correct(diagnostic, scene.context.replaced(scene.found.span(), ".")));
    }
    let message = "a comma separates arguments, entries and definitions; there is no list here";
    Some(error(&code::UNEXPECTED, message, scene.found.span(), "unexpected").help("a vector is written `[a, b]`"))
}

/// `let f(x) = …`
fn arrow_parameters(scene: &Scene<'_>) -> Option<Diagnostic> {
    let [first, _, open, ..] = scene.context.tokens else {
        return None;
    };
    if first.token != Token::Let || *open != scene.found || !scene.is(Token::Open) {
        return None;
    }
    let diagnostic = error(&code::DEFINITION, "a function is defined with `fn`", first.span(), "`let` names a value");
    Some(correct(diagnostic, scene.context.replaced(first.span(), "fn")))
}

/// `log x`
fn call_without_parentheses(scene: &Scene<'_>) -> Option<Diagnostic> {
    let before = scene.before.filter(|before| before.token == Token::Name)?;
    let name = scene.context.word(before);
    if !matches!(scene.found.token, Token::Name | Token::Number) || crate::math::find(name).is_none() {
        return None;
    }
    let argument = scene.argument_end();
    let inside = scene.context.slice(Span::new(scene.found.start, argument));
    let message = format!("the argument of `{name}` stands in parentheses");
    let diagnostic = error(&code::CALL_PARENTHESES, message, before.span().to(scene.found.span()), "");
    Some(correct(diagnostic, scene.context.replaced(Span::new(before.start, argument), &format!("{name}({inside})"))))
}

impl Scene<'_> {
    /// Where the argument that begins at the found token ends: a number with its name, a name with
    /// its own parentheses, and a power.
    fn argument_end(&self) -> u32 {
        let mut end = self.found.end;
        let mut depth = 0u32;
        for next in &self.context.tokens[self.context.index(self.found) + 1..] {
            match next.token {
                Token::Open | Token::OpenSquare => depth += 1,
                Token::Close | Token::CloseSquare if depth > 0 => depth -= 1,
                Token::Caret | Token::Bang => {}
                Token::Name | Token::Number if depth > 0 || next.start == end => {}
                _ if depth > 0 => {}
                _ => break,
            }
            end = next.end;
        }
        end
    }
}

/// `if x > 0 1 else 2`
fn missing_then(scene: &Scene<'_>) -> Option<Diagnostic> {
    let before = scene.before.filter(|before| before.token.ends_operand() && scene.found.token.begins_operand())?;
    let (mut depth, mut closed) = (0_usize, 0_usize);
    let earlier = scene.context.tokens.iter().rev().skip_while(|lexeme| lexeme.start >= scene.found.start);
    for lexeme in earlier {
        match lexeme.token {
            Token::Close | Token::CloseSquare => depth += 1,
            Token::Open | Token::OpenSquare => depth = depth.checked_sub(1)?,
            Token::Then if depth == 0 => closed += 1,
            Token::If if depth == 0 && closed == 0 => {
                let between = Span::new(before.end, scene.found.start);
                let message = "the conditional has no `then`";
                let diagnostic = error(&code::CONDITIONAL, message, scene.found.span(), "`then` must stand before this");
                return Some(correct(diagnostic, scene.context.replaced(between, " then ")));
            }
            Token::If if depth == 0 => closed -= 1,
            _ => {}
        }
    }
    None
}

/// A second word where a statement takes one expression, or one topic.
fn two_words(scene: &Scene<'_>, before: Lexeme) -> Option<Diagnostic> {
    let [first, second, ..] = scene.context.tokens else { return None };
    if second.start != before.start {
        return None;
    }
    let word = scene.context.word(before);
    match first.token {
        Token::Check if CommandKind::named(word).is_some() => {
            let message = format!("`check` takes the expression itself, without `{}`", quote(word));
            let help = "write check E for an expression, check d/dx E for its derivative";
            Some(error(&code::TWO_OPERANDS, message, before.span(), "not needed").help(help))
        }
        Token::Explain => {
            let topic = Span::new(before.start, scene.context.span().end);
            let diagnostic = error(&code::TWO_OPERANDS, "a topic of several words stands in quotes", topic, "which topic?");
            Some(correct(diagnostic, scene.context.replaced(topic, &format!("\"{}\"", scene.context.slice(topic)))))
        }
        _ => None,
    }
}

fn two_operands(scene: &Scene<'_>) -> Option<Diagnostic> {
    let before = scene.before.filter(|before| before.token.ends_operand())?;
    let begins = scene.found.token.begins_operand() && scene.found.token != Token::If;
    if !begins || scene.is(Token::String) || before.token == Token::String {
        return None;
    }
    let (left, right) = (quote(scene.context.word(before)), quote(scene.word()));
    if let Some(diagnostic) = two_words(scene, before) {
        return Some(diagnostic);
    }
    let message = format!("no operator between `{left}` and `{right}`");
    let diagnostic = error(&code::TWO_OPERANDS, message, before.span().to(scene.found.span()), "a product is written with `*`");
    let between = Span::new(before.end, scene.found.start);
    Some(correct(diagnostic, scene.context.replaced(between, "*")))
}

/// A clause where none can stand, or inside brackets.
fn clause_word(scene: &Scene<'_>) -> Option<Diagnostic> {
    if !scene.found.token.begins_clause() {
        return None;
    }
    let message = format!("the clause `{}` cannot stand here", scene.word());
    let is_definition = scene
        .context
        .tokens
        .first()
        .is_some_and(|first| matches!(first.token, Token::Let | Token::Fn | Token::Param | Token::Given | Token::Assume));
    let label = if is_definition { "a definition has no clauses" } else { "clauses follow the whole expression" };
    Some(
        error(&code::CLAUSE, message, scene.found.span(), label)
            .help("clauses follow an expression or a command: diff x^2 wrt x at x = 1"),
    )
}
