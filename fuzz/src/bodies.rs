//! What each fuzz target does with its bytes. A body panics where something is wrong; `cargo test` runs them too.

use super::{formatted, grown};
use grad::diagnostic::{Diagnostic, code, is_unsafe};
use grad::domain::Known;
use grad::expr::{Graph, Id, Number, View, print, walk};
use grad::front::{batch as protocol, report};
use grad::outcome::{Answer, Evaluated, Formula};
use grad::resolve::Fault;
use grad::session::{Ask, Options, Query, Session, Wanted};
use grad::source::{Source, Span};
use grad::syntax::{parse_expression, parse_program};
use grad::verify::check::{Allowed, Checker, Outcome};
use std::time::Duration;

/// What a target does with its bytes.
pub type Body = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: &[(&str, Body)] = &[
    ("lex_parse", lex_parse),
    ("format", format),
    ("round_trip", round_trip),
    ("evaluate", evaluate),
    ("differentiate", differentiate),
    ("batch", batch),
];

/// The time that one statement gets.
const TIME: Duration = Duration::from_secs(2);

/// Longer expressions are parsed but not computed with.
const LONGEST: usize = 400;

/// At how many points values are compared.
const POINTS: usize = 6;

/// Reads bytes as a program, and draws every message.
pub fn lex_parse(data: &[u8]) {
    match Source::from_bytes("fuzz", data.to_vec(), 1 << 20) {
        Ok(source) => read(&source),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            read(&Source::new("fuzz", String::from_utf8_lossy(data)));
        }
    }
}

fn read(source: &Source) {
    let parsed = parse_program(source);
    for statement in &parsed.statements {
        stands_in(source, statement.span);
    }
    for diagnostic in &parsed.diagnostics {
        diagnostic.labels.iter().for_each(|label| stands_in(source, label.span));
    }
    for diagnostic in parsed.diagnostics.iter().take(8) {
        is_safe(&report::report(source, diagnostic, report::Style::default()));
        is_safe(&report::compact(source, diagnostic));
    }
    let _ = parse_expression(&source.text);
}

/// A span is a piece of the text.
fn stands_in(source: &Source, span: Span) {
    assert!(source.text.get(span.range()).is_some(), "{span:?} is no piece of the text");
}

/// Formats bytes as a program.
pub fn format(data: &[u8]) {
    formatted::well_formatted("fuzz", &String::from_utf8_lossy(data));
}

/// No character that could fool a terminal.
fn is_safe(text: &str) {
    assert!(!text.contains(is_unsafe), "unsafe characters in {text:?}");
}

/// The expression in the bytes: text as it stands, after a byte 255 one that is grown from the rest.
pub fn expression(data: &[u8]) -> Option<String> {
    match data {
        [0xff, rest @ ..] => Some(grown::expression(rest)),
        _ => String::from_utf8(data.to_vec()).ok(),
    }
}

fn options() -> Options {
    Options { time: Some(TIME), ..Options::default() }
}

fn session() -> Session {
    Session::new(options())
}

fn ask(session: &mut Session, expression: &str, at: &[(String, Number)], ask: Ask) -> Result<Answer, Fault> {
    let answer = session.ask(&Query { expression, assume: &[], at, ask });
    if let Err(fault) = &answer {
        is_expected(fault, expression);
    }
    answer
}

/// Not a fault of the program's own.
fn is_expected(fault: &Diagnostic, expression: &str) {
    assert!(fault.code != &code::INTERNAL && fault.code != &code::WRONG_STEP, "{expression}: {fault:?}");
}

/// The one number that an expression stands for.
fn scalar(session: &mut Session, expression: &str) -> Option<Id> {
    match ask(session, expression, &[], Ask::Parse) {
        Ok(Answer::Formula(formula)) => Some(formula.id),
        _ => None,
    }
}

/// What is printed reads back as the same node of the graph, but for what reading puts in one piece and for where the sign of a
/// product stands: `(x*y)*z` is printed as `x*y*z`, `(-x)*y` as `-x*y`.
pub fn round_trip(data: &[u8]) {
    let Some(text) = expression(data) else { return };
    let mut session = session();
    let Some(id) = scalar(&mut session, &text) else { return };
    if walk::tree_size(&session.graph, id) > 20_000 {
        return;
    }
    let printed = print::plain(&session.graph, id);
    let again = ask(&mut session, &printed, &[], Ask::Parse);
    if again.as_ref().is_err_and(|fault| fault.code == &code::NESTING) {
        // each sign that was typed in front of a sign gets parentheses of its own, which nest
        return;
    }
    let Ok(Answer::Formula(again)) = again else { panic!("{printed:?} does not read back: {again:?}") };
    let g = &mut session.graph;
    if again.id != id && flat(g, id) != flat(g, again.id) {
        panic!("{printed:?} reads back as {:?}", print::plain(g, again.id));
    }
}

/// The expression with products and sums in one piece, without factors 1, and the sign of a product or quotient before it.
fn flat(g: &mut Graph, root: Id) -> Id {
    walk::rebuild(g, root, |g, id, children| match g.view(id) {
        // whether 330 was typed as 3.3e2 does not show
        View::Number(n) => {
            let plain = Number::rational(n.value().clone());
            g.number(plain)
        }
        View::Mul(_) => {
            let (mut factors, mut is_negative) = (Vec::new(), false);
            for child in children {
                let (negative, size) = unsigned(g, *child);
                is_negative ^= negative;
                match g.view(size) {
                    View::Mul(inner) => factors.extend_from_slice(inner),
                    // -1*x is printed as it stands or, in a sum, as -x
                    View::Number(one) if one.is_one() => {}
                    _ => factors.push(size),
                }
            }
            let product = g.mul(&factors);
            signed(g, is_negative, product)
        }
        View::Add(_) => match g.view(children[0]) {
            View::Add(inner) => {
                let terms = [inner, &children[1..]].concat();
                g.add(&terms)
            }
            _ => g.add(children),
        },
        View::Div(..) => {
            let (is_negative, above) = unsigned(g, children[0]);
            let quotient = match (g.as_number(above), g.as_number(children[1])) {
                // 4e-400 is printed as a quotient
                (Some(a), Some(b)) if !b.is_zero() => Number::rational(a.value() / b.value()),
                _ => {
                    let quotient = g.div(above, children[1]);
                    return signed(g, is_negative, quotient);
                }
            };
            let quotient = g.number(quotient);
            signed(g, is_negative, quotient)
        }
        View::Neg(_) => {
            let (is_negative, size) = unsigned(g, children[0]);
            signed(g, !is_negative, size)
        }
        _ => g.with_children(id, children),
    })
}

/// With its sign, unless it is 0 by its looks: `-0*x` is read as `0*x`, `-(0/x/y)` is printed as `-0/x/y`.
fn signed(g: &mut Graph, is_negative: bool, size: Id) -> Id {
    let mut above = size;
    while let View::Div(dividend, _) = g.view(above) {
        above = dividend;
    }
    let is_zero = match g.view(above) {
        View::Mul(factors) => factors.iter().any(|factor| g.is_zero(*factor)),
        _ => g.is_zero(above),
    };
    if is_negative && !is_zero { g.neg(size) } else { size }
}

/// Whether there is a sign before it, and what follows that.
fn unsigned(g: &mut Graph, id: Id) -> (bool, Id) {
    match g.view(id) {
        View::Neg(inner) => (true, inner),
        View::Number(n) if n.is_negative() => (true, g.neg(id)),
        _ => (false, id),
    }
}

/// An expression that is short enough to compute with, and its variables.
fn question(session: &mut Session, data: &[u8]) -> Option<(String, Id, Vec<String>)> {
    let text = expression(data).filter(|text| text.len() <= LONGEST)?;
    let id = scalar(session, &text)?;
    let mut names: Vec<String> =
        walk::free_symbols(&session.graph, &[id]).into_iter().map(|s| session.graph.name(s).to_owned()).collect();
    names.sort_unstable();
    (names.len() <= 4 && walk::tree_size(&session.graph, id) <= 200).then_some((text, id, names))
}

/// Values as f64, exactly and in digits say the same.
pub fn evaluate(data: &[u8]) {
    const VALUES: [[f64; 4]; 3] = [[0.5, -1.25, 3.0, 2.0], [-2.0, 0.1, 1e-9, 40.0], [1e10, 1.0, 0.0, -0.75]];
    let mut session = session();
    let Some((text, _, names)) = question(&mut session, data) else { return };
    for values in VALUES {
        let numbers = values.into_iter().filter_map(Number::from_f64);
        let at: Vec<(String, Number)> = names.iter().cloned().zip(numbers).collect();
        let mut value = |wanted| valued(ask(&mut session, &text, &at, Ask::Eval(wanted)));
        let (nearest, digits) = (value(Wanted::Rational), value(Wanted::Digits(60)));
        value(Wanted::Plain);
        if let (Some(nearest), Some(digits)) = (nearest, digits) {
            agree(&text, &nearest, &digits);
        }
        if names.is_empty() {
            value(Wanted::Exact);
            break;
        }
    }
}

fn valued(answer: Result<Answer, Fault>) -> Option<Evaluated> {
    match answer {
        Ok(Answer::Values { values, .. }) => values.into_iter().next(),
        _ => None,
    }
}

/// The f64 is the one nearest to the digits, but for a tie.
fn agree(text: &str, nearest: &Evaluated, digits: &Evaluated) {
    let Some(Ok(told)) = digits.digits.as_ref().map(|digits| digits.parse::<f64>()) else { return };
    let is_next = told.next_up() == nearest.value || told.next_down() == nearest.value;
    let agree = nearest.doubt.is_some() || told == nearest.value || (is_next && told.abs() < f64::MIN_POSITIVE);
    assert!(agree, "{text}: {} and {:?}", nearest.value, digits.digits);
}

/// Derivatives and simplified forms have the values of what was asked about.
pub fn differentiate(data: &[u8]) {
    let mut session = session();
    let Some((text, id, names)) = question(&mut session, data) else { return };
    if session.graph.is_condition(id) {
        return;
    }
    if let Ok(Answer::Simplified { formula, .. }) = ask(&mut session, &text, &[], Ask::Simplify) {
        compare(&mut session, id, &formula, &text);
    }
    let Some(name) = names.first() else { return };
    if let Ok(Answer::Formula(formula)) = ask(&mut session, &text, &[], Ask::Diff(vec![name.clone()])) {
        let by = session.graph.intern(name);
        let slope = session.graph.derivative(id, by, 1);
        compare(&mut session, slope, &formula, &format!("d/d{name} ({text})"));
    }
}

/// Where the conditions hold, the formula has a value where the question has one, and the same; and none where it has none.
/// That a derivative is defined where the expression has a kink is left to the conditions.
fn compare(session: &mut Session, question: Id, formula: &Formula, text: &str) {
    let known = Known::default();
    let mut checker = Checker::new(&known).points(POINTS);
    let found = checker.step_where(&session.graph, question, formula.id, &formula.conditions, Allowed::Exact);
    if let Outcome::Different { point, before, after } = found {
        let g = &session.graph;
        let point: Vec<String> = point.iter().map(|(s, v)| format!("{} = {v}", g.name(*s))).collect();
        let shown = print::plain(g, formula.id);
        panic!("{text} became {shown}: at {} {before} became {after}", point.join(", "));
    }
}

/// Each line of requests gets one line of JSON.
pub fn batch(data: &[u8]) {
    let mut out = Vec::new();
    assert!(protocol::run(data, &mut out, &options()).is_ok());
    let out = String::from_utf8(out).unwrap_or_else(|error| panic!("{error}"));
    let asked = data.split(|b| *b == b'\n').filter(|line| !line.iter().all(u8::is_ascii_whitespace)).count();
    assert_eq!(out.lines().count(), asked);
    for line in out.lines() {
        is_safe(line);
        let answer: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(answer["ok"].is_boolean(), "{line}");
        assert!(!line.contains("E0406") && !line.contains("E0304"), "{line}");
    }
}
