//! Wrong programs and their messages: each `tests/errors/NAME.grad` beside `NAME.txt`, what a person is shown.
//! `GRAD_BLESS=1` writes the texts; read them before you commit them.

use grad::diagnostic::Diagnostic;
use grad::front::report::{Style, report};
use grad::session::{NoImports, Options, Session};
use grad::source::Source;
use grad::syntax::{parse_expression, parse_program};
use std::path::{Path, PathBuf};

/// Every message about a program, in order.
fn messages(source: &Source) -> Vec<Diagnostic> {
    let outcomes = Session::new(Options::default()).run(source.clone(), &mut NoImports);
    outcomes.into_iter().flat_map(|outcome| outcome.diagnostics).collect()
}

/// What the program shows for a text.
fn shown(source: &Source) -> String {
    messages(source).iter().map(|diagnostic| report(source, diagnostic, Style::default())).collect()
}

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut programs: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|ext| ext == "grad")).collect();
    programs.sort();
    programs
}

fn source(path: &Path) -> Source {
    let name = path.file_name().unwrap().to_string_lossy();
    Source::from_bytes(name, std::fs::read(path).unwrap(), 1 << 20).unwrap()
}

#[test]
fn wrong_programs_get_the_messages_beside_them() {
    let bless = std::env::var_os("GRAD_BLESS").is_some();
    let mut different = Vec::new();
    for path in programs() {
        let (text, answer) = (path.with_extension("txt"), shown(&source(&path)));
        if bless {
            std::fs::write(&text, answer).unwrap();
        } else if std::fs::read_to_string(&text).ok().as_deref() != Some(&answer) {
            different.push(format!("{}:\n{answer}", path.display()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn every_wrong_program_is_wrong_and_there_are_many() {
    let programs = programs();
    assert!(programs.len() >= 60);
    for path in programs {
        assert!(!shown(&source(&path)).is_empty(), "{} draws no message", path.display());
    }
}

#[test]
fn corrections_are_correct() {
    for path in programs() {
        for diagnostic in messages(&source(&path)) {
            let Some(correction) = diagnostic.correction else { continue };
            let again = parse_program(&Source::new("correction", correction.clone())).diagnostics;
            assert!(again.is_empty(), "{}: `{correction}` is refused: {again:?}", path.display());
        }
    }
}

#[test]
fn examples_of_the_codes_show_their_code() {
    let with_example = grad::diagnostic::ALL.iter().filter(|code| !code.example.is_empty());
    for code in with_example {
        let source = Source::new("example", code.example);
        let ids: Vec<_> = messages(&source).iter().map(|diagnostic| diagnostic.code.id).collect();
        assert_eq!(ids, [code.id], "{}", code.example);
    }
}

#[test]
fn an_expression_is_one_expression() {
    assert!(parse_expression("x + 1").is_ok());
    for text in ["", "x; y", "diff x wrt x", "x at x = 1", "let x = 1", "x +"] {
        assert!(parse_expression(text).is_err(), "{text}");
    }
}

/// What is said of the second line of a conversation.
fn said_after(first: &str, second: &str) -> Vec<Diagnostic> {
    let mut session = Session::new(Options { is_conversation: true, ..Options::default() });
    session.run(Source::new("first", first), &mut NoImports);
    session.run(Source::new("second", second), &mut NoImports).into_iter().flat_map(|outcome| outcome.diagnostics).collect()
}

#[test]
fn a_missing_value_is_told_where_the_answer_does_not_say_the_place() {
    let found = said_after("let a = log(x - 3)", "eval 1 + a at x = 1");
    let [note] = &found[..] else { panic!("{found:?}") };
    assert_eq!(note.code.id, "W0609");
    assert_eq!(note.help.as_deref(), Some("it stands in the definition of `a`: log of -2"));
    assert_eq!(note.span().map(|span| span.range()), Some(9..10));
    for (first, second) in [("x", "log(-2)"), ("let a = log(x)", "eval 1 + a at x = 2"), ("x", "eval (x^2 - 1)/(x - 1) at x = 2")]
    {
        assert_eq!(said_after(first, second), [], "{second}");
    }
}
