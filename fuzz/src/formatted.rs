//! What the formatter owes to a program: its meaning, its comments, its messages, and that a second time changes nothing.

use grad::diagnostic::{Diagnostic, code};
use grad::source::Source;
use grad::syntax::ast::{Ast, Expr, ExprId, Statement};
use grad::syntax::format::format;
use grad::syntax::{Parsed, Token, parse_program, tokenize};

/// The formatted text, which is what it should be.
#[track_caller]
pub fn well_formatted(name: &str, text: &str) -> String {
    let once = format(&Source::new(name, text));
    assert!(once.diagnostics.iter().all(|d| d.code != &code::INTERNAL), "{name}: {text}");
    let twice = format(&Source::new(name, once.text.as_str()));
    assert_eq!(once.text, twice.text, "{name} is not settled");
    assert_eq!(meaning(text), meaning(&once.text), "{name} means something else:\n{text}\n{}", once.text);
    assert_eq!(comments(text), comments(&once.text), "{name} has other comments:\n{text}\n{}", once.text);
    let messages = |found: &[Diagnostic]| found.iter().map(|d| d.code.id).collect::<Vec<_>>();
    assert_eq!(messages(&once.diagnostics), messages(&twice.diagnostics), "{name}");
    once.text
}

/// The expressions and statements of a program, without places.
fn meaning(text: &str) -> (Vec<String>, Vec<String>) {
    let source = Source::new("t", text);
    let Parsed { ast, statements, .. } = parse_program(&source);
    let nodes = (0..ast.len() as u32).map(|id| node(&source, &ast, ExprId(id))).collect();
    let shape = |s: &Statement| match format!("{:?}", s.kind) {
        text if text.starts_with("Narrative") || text.starts_with("Expected") => source.slice(s.span).trim_end().to_owned(),
        text => without_places(&text),
    };
    (nodes, statements.iter().map(shape).collect())
}

fn node(source: &Source, ast: &Ast, id: ExprId) -> String {
    match ast.expr(id) {
        Expr::Number { .. } => source.slice(ast.span(id)).to_owned(),
        Expr::Call { callee, primes, args } => format!("{:?} {primes} {:?}", callee.name, ast.list(args)),
        Expr::Compare(chain) => format!("{:?}", ast.comparisons(chain)),
        Expr::Series(series) => without_places(&format!("{:?}", ast.series(series))),
        other => without_places(&format!("{other:?}")),
    }
}

/// A debug text with its spans left out.
fn without_places(text: &str) -> String {
    let mut parts = text.split("Span {");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once('}').map_or("", |(_, rest)| rest))
}

/// The comments in their order, without the space after them.
fn comments(text: &str) -> Vec<&str> {
    let found = tokenize(text).filter(|lexeme| lexeme.token == Token::Comment);
    found.map(|lexeme| text[lexeme.start as usize..lexeme.end as usize].trim_end()).collect()
}
