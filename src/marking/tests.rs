//! Steps of learners without a program around them.

use super::hint::{Level, hint};
use super::*;
use crate::derive::Piece;
use crate::domain::Known;
use crate::expr::print;
use crate::math::mistakes::MISTAKES;
use crate::resolve::formula;

fn sides(problem: &str, line: &str) -> (Graph, Id, Id) {
    let mut g = Graph::new();
    let (before, after) = (formula(&mut g, problem).unwrap(), formula(&mut g, line).unwrap());
    (g, before, after)
}

#[track_caller]
fn named(problem: &str, line: &str) -> Option<&'static str> {
    let (mut g, before, after) = sides(problem, line);
    let known = Known::default();
    assert!(matches!(judge(&mut g, &known, before, after), Judged::Different { .. }), "{problem} = {line}");
    find(&mut g, &known, before, after).map(|found| found.mistake.name)
}

#[test]
fn every_mistake_is_found_in_its_own_example() {
    for mistake in MISTAKES {
        let (problem, line) = mistake.example;
        assert_eq!(named(problem, line), Some(mistake.name), "{problem} = {line}");
    }
}

#[test]
fn a_mistake_is_found_inside_of_more() {
    for (problem, line, name) in [
        ("d/dx (x^3 + 5*sin(x^2))", "3*x^2 + 5*cos(x^2)", "missing-inner-derivative"),
        ("d/dx (x*exp(4x))", "exp(4x) + x*exp(4x)", "missing-inner-derivative"),
        ("d/dx(x^2)*exp(3x) + x^2*d/dx(exp(3x))", "2x*exp(3x) + x^2*exp(3x)", "missing-inner-derivative"),
        ("d/dx exp(4x)", "4*exp(6x)", "exponent-not-lowered"),
        ("d/dx ((5x + 1)*exp(-6x))", "5*exp(-6x)/6", "quotient-of-derivatives"),
        ("d/dx log(x^2 + 3)", "2/x", "log-of-a-sum-split"),
        ("2*log(x + 3) + 1", "2*log(x) + 2*log(3) + 1", "log-of-a-sum-split"),
        ("(x^2 + x + 1)^2", "x^4 + x^2 + 1", "power-of-a-sum-split"),
        ("d/dx (x*exp(x)*sin(x))", "exp(x)*cos(x)", "product-of-derivatives"),
    ] {
        assert_eq!(named(problem, line), Some(name), "{problem} = {line}");
    }
}

#[test]
fn nothing_is_named_that_no_rule_gives() {
    for (problem, line) in [("d/dx sin(x^2)", "2x*cos(x^2) + 1"), ("3*x^2", "3*x^2 + x"), ("d/dx x^5", "7*x^4")] {
        assert_eq!(named(problem, line), None, "{problem} = {line}");
    }
}

#[test]
fn other_forms_are_right() {
    for (problem, line) in [
        ("d/dx tan(x)", "1/cos(x)^2"),
        ("d/dx tan(x)", "1 + tan(x)^2"),
        ("d/dx sin(x)^2", "sin(2x)"),
        ("d/dx log(x)", "1/x"),
        ("d/dx abs(x)", "x/abs(x)"),
        ("d/dx x^x", "x^x*(1 + log(x))"),
        ("d/dx(u*x)*x + 3", "u*x + 3"),
        ("d^2/dx^2 x^4", "12*x^2"),
    ] {
        let (mut g, before, after) = sides(problem, line);
        let judged = judge(&mut g, &Known::default(), before, after);
        assert!(matches!(&judged, Judged::Equal { conditions, .. } if conditions.is_empty()), "{problem} = {line}: {judged:?}");
    }
}

#[test]
fn a_step_that_needs_a_condition_says_so() {
    for (problem, line, condition) in
        [("x/x", "1", "x != 0"), ("(x^2 - 1)/(x - 1)", "x + 1", "x != 1"), ("log(x^2)", "2*log(x)", "x > 0")]
    {
        let (mut g, before, after) = sides(problem, line);
        let Judged::Equal { conditions, .. } = judge(&mut g, &Known::default(), before, after) else { panic!("{problem}") };
        let shown: Vec<String> = conditions.iter().map(|c| print::plain(&g, *c)).collect();
        assert!(shown.contains(&condition.to_owned()), "{problem} = {line}: {shown:?}");
    }
}

#[test]
fn points_are_plain() {
    let (mut g, before, after) = sides("(x + 3)^2", "x^2 + 9");
    let Judged::Different { point, before, after } = judge(&mut g, &Known::default(), before, after) else { panic!() };
    assert_eq!((point[0].1.to_string().as_str(), before.as_str(), after.as_str()), ("1", "16", "10"));
}

#[test]
fn hints_say_more_and_more() {
    let said = |level| {
        let (mut g, before, _) = sides("d/dx (x^2*exp(3x))", "0");
        let pieces = hint(&mut g, &Known::default(), before, None, None, level);
        let shown = |piece: &Piece| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Expr(id) | Piece::Group(id) => print::plain(&g, *id),
        };
        pieces.iter().map(shown).collect::<String>()
    };
    assert_eq!(said(Level::Off), "");
    assert_eq!(said(Level::Rule), "the product rule for x^2*exp(3*x)");
    assert_eq!(said(Level::Parts), "the first factor is x^2, the second is exp(3*x)");
    assert_eq!(said(Level::Line), "the next line can be d/dx(x^2)*exp(3*x) + x^2*d/dx(exp(3*x))");
    assert!(said(Level::Full).starts_with("the line above equals "));
}
