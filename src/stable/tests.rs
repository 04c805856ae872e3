//! The engine by itself: errors as they are measured, and what is done where there is nothing to do.

use super::measure::{FAILED, Small, bits};
use super::*;
use crate::resolve::formula;
use std::collections::HashMap;

fn small(text: &str) -> (Graph, Id, Small, Symbol) {
    let mut g = Graph::new();
    let x = g.intern("x");
    let root = formula(&mut g, text).unwrap();
    let made = Small::new(&g, &[x], root);
    (g, root, made, measure::symbols(1)[0])
}

#[test]
fn errors_are_measured_against_the_truth() {
    let table = [
        ("log(1 + exp(x))", 1000.0, FAILED, FAILED),
        ("log(1 + exp(x))", -700.0, 52.0, 53.1),
        ("log(1 + exp(x))", 1.0, 0.0, 1.5),
        ("softplus(x)", -700.0, 0.0, 2.0),
        ("exp(x) - 1", 1e-9, 20.0, 30.0),
        ("x*x", 1e-200, 0.0, 1.0),
    ];
    for (text, at, low, high) in table {
        let (_, _, small, x) = small(text);
        let env = HashMap::from([(x, at)]);
        let lost = bits(small.truth(&env).unwrap().ulps(small.value(&env)));
        assert!((low..=high).contains(&lost), "{text} at {at}: {lost} bits");
    }
}

#[test]
fn the_operation_that_loses_the_digits_is_found() {
    let (g, root, small, x) = small("1/(exp(x) - 1)");
    let locals = small.local_errors(&g, &HashMap::from([(x, 1e-12)]));
    let worst = locals.iter().max_by(|a, b| a.lost.total_cmp(&b.lost)).unwrap();
    assert_eq!(crate::expr::print::plain(&g, worst.node), "exp(x) - 1");
    assert!(locals.iter().any(|l| l.node == root && l.lost < 2.0));
}

fn found(text: &str) -> (Graph, Id, Found) {
    let mut g = Graph::new();
    let root = formula(&mut g, text).unwrap();
    let known = Known::default();
    let needs = crate::simplify::needs(&known, &mut g, root);
    let found = stabilise(&mut g, &known, root, &needs);
    (g, root, found)
}

#[test]
fn what_is_stable_stays_as_it_is() {
    for text in ["x^2 + 1", "softplus(x)", "exp(-x)", "sin(x)*cos(x)", "1/x"] {
        let (_, root, found) = found(text);
        assert!(found.is_stable && found.rewrites.is_empty() && found.result == root, "{text}");
        assert!(found.failures.is_empty(), "{text}: {:?}", found.failures);
    }
}

#[test]
fn each_side_of_a_cancellation_gets_its_form() {
    let (g, _, found) = found("log(a/b)");
    let text = crate::expr::print::plain(&g, found.result);
    assert_eq!(text.matches("log1p(").count(), 2, "{text}");
    // a case begins with the forms that were found before it: each of them once
    let forms: std::collections::HashSet<Id> = found.rewrites.iter().map(|r| r.after).collect();
    assert_eq!(forms.len(), found.rewrites.len());
}

#[test]
fn a_case_pays_for_its_steps() {
    let (g, _, split) = found("log(x + sqrt(x^2 + a))");
    let text = crate::expr::print::plain(&g, split.result);
    assert_eq!(text, "if x < 0 then log(a/(sqrt(x^2 + a) - x)) else log(x + sqrt(x^2 + a))");
    let (_, _, whole) = found("1/2*1/a*log(x^2/(a + b*x^2))");
    assert!((1..=4).contains(&whole.rewrites.len()), "{} steps", whole.rewrites.len());
}

#[test]
fn what_is_gained_beside_a_case_counts() {
    let (g, _, found) = found("log(x) - log(y)");
    let text = crate::expr::print::plain(&g, found.result);
    assert!(text.starts_with("if x - y > 0 then") && text.ends_with("else -log1p((y - x)/x)"), "{text}");
}

#[test]
fn each_variable_has_its_share_of_the_failures() {
    let (g, _, found) = found("-log(exp(a)/(exp(a) + exp(b) + exp(c)))");
    for name in ["a", "b", "c"] {
        let of = |f: &&Failure| g.name(f.variable) == name && f.kind == Kind::Overflow && f.side == Side::Above;
        let from = found.failures.iter().find(of).map(|f| f.from);
        assert!(from.is_some_and(|from| (from - 709.78).abs() < 0.01), "{name}: {from:?}");
    }
}

#[test]
fn a_form_is_named_with_its_threshold() {
    let mut g = Graph::new();
    let root = formula(&mut g, "y*log(1 + exp(w*x + b)) + exp(x)").unwrap();
    let found = lint::fragile(&mut g, root);
    let told: Vec<(&str, &str)> = found.iter().map(|f| (f.pattern.as_str(), f.instead.as_str())).collect();
    assert_eq!(told, [("log(1 + exp(u))", "softplus(u)")]);
    assert!(found[0].side == Side::Above && (found[0].from - 709.78).abs() < 0.01);
    assert_eq!(found[0].argument.map(|u| crate::expr::print::plain(&g, u)).as_deref(), Some("w*x + b"));
    let root = formula(&mut g, "log(1 + exp(-z))").unwrap();
    let of_a_name = lint::fragile(&mut g, root).remove(0);
    let told = (of_a_name.shown.as_str(), of_a_name.instead.as_str(), of_a_name.variable.as_str());
    assert_eq!(told, ("log(1 + exp(-z))", "softplus(-z)", "z"));
    assert!(of_a_name.side == Side::Below && (of_a_name.from + 709.78).abs() < 0.01);
}
