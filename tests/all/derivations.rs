//! How derivations read: the model derivations, in few lines and with their named forms, and what happens at scale.

use grad::derive::{Derivation, Detail, Engine, checked};
use grad::domain::Known;
use grad::expr::{Graph, Id, print};
use grad::render::derivation::{Marks, text};
use std::collections::HashMap;

/// The derivation of `expression` by `variable` with these stages, every step checked, and its text.
fn derived(stages: &[(&str, &str)], expression: &str, variable: &str) -> (Graph, Derivation, String) {
    let mut g = Graph::new();
    let mut defined = |(name, definition): &(&str, &str)| {
        let id = grad::resolve::formula(&mut g, definition).unwrap();
        (g.intern(name), id)
    };
    let known = Known { definitions: stages.iter().map(&mut defined).collect(), ..Known::default() };
    let e = grad::resolve::formula(&mut g, expression).unwrap();
    let v = g.intern(variable);
    let mut d = Engine::new(&known).derive(&mut g, e, &[v], Detail::Normal).unwrap();
    checked::check(&g, &known, &mut d).unwrap();
    assert!(d.steps.iter().all(|s| s.check.is_some()), "a step of {expression} was not checked");
    let shown = text(&g, &d, Detail::Normal, Marks::UNICODE);
    (g, d, shown)
}

fn result(g: &Graph, id: Id) -> String {
    print::plain(g, id)
}

/// The states, that is lines that begin with `=`, and the printed lines.
fn length(shown: &str) -> (usize, usize) {
    (shown.lines().filter(|l| l.trim_start().starts_with('=')).count(), shown.lines().count())
}

#[test]
fn softplus_in_three_states() {
    let (g, d, shown) = derived(&[], "log(1 + exp(x))", "x");
    assert_eq!(result(&g, d.result), "sigmoid(x)");
    let (states, lines) = length(&shown);
    assert!(states <= 3 && lines <= 9, "{shown}");
}

#[test]
fn cross_entropy_through_its_stages() {
    let stages = [("z", "w*x + b"), ("p", "sigmoid(z)"), ("loss", "-(y*log(p) + (1 - y)*log(1 - p))")];
    let (g, d, shown) = derived(&stages, "loss", "w");
    assert_eq!(result(&g, d.result), "x*(sigmoid(b + w*x) - y)");
    assert!(shown.contains("w → z → p → loss"), "{shown}");
    assert!(shown.contains("= x*(p - y)"), "{shown}");
    let (states, lines) = length(&shown);
    assert!(states <= 5 && lines <= 13, "{shown}");
}

#[test]
fn softmax_cross_entropy() {
    let (g, d, shown) = derived(&[], "-log(softmax([a, b, c])[1])", "a");
    assert_eq!(result(&g, d.result), "softmax([a, b, c])[1] - 1");
    let (states, lines) = length(&shown);
    assert!(states <= 3 && lines <= 8, "{shown}");
}

#[test]
fn a_domain_that_must_not_move() {
    let (g, d, shown) = derived(&[], "log(x^2)", "x");
    assert_eq!(result(&g, d.result), "2/x");
    assert!(shown.contains("where x != 0"), "{shown}");
    let (g, d, _) = derived(&[], "x^x", "x");
    assert_eq!(result(&g, d.result), "x^x*(log(x) + 1)");
    let (g, d, shown) = derived(&[], "(x^2 - 1)/(x - 1)", "x");
    assert_eq!(result(&g, d.result), "1");
    assert_eq!(d.conditions.iter().map(|c| result(&g, *c)).collect::<Vec<_>>(), ["x != 1"]);
    assert!(shown.contains("x != 1"), "{shown}");
    let stated: Vec<String> = d.steps.iter().flat_map(|s| &s.conditions).map(|c| result(&g, *c)).collect();
    assert_eq!(stated, ["x != 1"], "the step that cancels states what it keeps");
}

#[test]
fn kinks_are_told() {
    let (_, _, shown) = derived(&[], "abs(x^2 - 1)", "x");
    assert!(shown.contains("x != -1, x != 1"), "{shown}");
    let (g, d, _) = derived(&[], "max(x, 0)", "x");
    assert_eq!(result(&g, d.result), "if x > 0 then 1 else 0");
    assert_eq!(d.conditions.iter().map(|c| result(&g, *c)).collect::<Vec<_>>(), ["x != 0"]);
}

#[test]
fn layers_are_said_once() {
    let stages = [("h1", "tanh(w*x)"), ("h2", "tanh(w*h1)"), ("h3", "tanh(w*h2)")];
    let (_, _, shown) = derived(&stages, "h3", "w");
    assert!(shown.contains("= (h2 + w*(h1 + w*x*(1 - h1^2))*(1 - h2^2))*(1 - h3^2)"), "{shown}");
}

/// Runs on a thread with a small stack: whatever recursed over an expression would overflow it.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(1 << 19).spawn(work).unwrap().join().unwrap();
}

#[test]
fn a_chain_of_ten_thousand_stages() {
    on_a_small_stack(|| {
        let mut g = Graph::new();
        let mut stages = HashMap::new();
        let mut last = "x".to_owned();
        for k in 1..=10_000 {
            let id = grad::resolve::formula(&mut g, &format!("x*log(1 + exp({last}))")).unwrap();
            last = format!("h{k}");
            let symbol = g.intern(&last);
            stages.insert(symbol, id);
        }
        let known = Known { definitions: stages.into(), ..Known::default() };
        let (e, x) = (g.variable(&last), g.intern("x"));
        let found = Engine::new(&known).differentiate(&mut g, e, &[x]).unwrap();
        assert!(found.conditions.is_empty());
        let named = print::with_named_parts(&g, found.value, print::Style::Plain, print::NAMED_PARTS_FROM);
        assert!(!named.parts.is_empty() && named.text.len() < 100_000);
    });
}

#[test]
fn a_sum_of_fifty_thousand_terms() {
    on_a_small_stack(|| {
        let mut g = Graph::new();
        let terms: Vec<Id> = (0..50_000).map(|k| grad::resolve::formula(&mut g, &format!("sin({k}*x)")).unwrap()).collect();
        let (e, x) = (g.add(&terms), g.intern("x"));
        let found = Engine::new(&Known::default()).differentiate(&mut g, e, &[x]).unwrap();
        assert_eq!(g.children(found.value).len(), 49_999);
    });
}

/// The derivative as text, its conditions, and the text of the derivation.
fn slope(expression: &str) -> (String, Vec<String>, String) {
    let (g, d, shown) = derived(&[], expression, "x");
    (result(&g, d.result), d.conditions.iter().map(|c| result(&g, *c)).collect(), shown)
}

/// The value of a text at `x`, where it has one.
fn value(text: &str, x: f64) -> Option<f64> {
    let mut g = Graph::new();
    let e = grad::resolve::formula(&mut g, text).unwrap();
    let symbol = g.intern("x");
    let point = HashMap::from([(symbol, x)]);
    let found = grad::gradient::gradient(&mut g, &HashMap::new(), e, &[symbol], &point).value;
    (found.cause.is_none() && found.value.is_finite()).then_some(found.value)
}

#[test]
fn a_root_of_a_clipped_part_is_flat_where_the_part_is_clipped() {
    let (found, conditions, shown) = slope("sqrt(max(0, x^2 - z^2))");
    assert_eq!(found, "if x^2 - z^2 < 0 then 0 else x/sqrt(x^2 - z^2)");
    assert_eq!(conditions, ["x^2 != z^2"]);
    assert!(shown.contains("branch by branch"), "{shown}");
    for (expression, wanted) in [
        ("sqrt(relu(x))", "if x > 0 then 1/(2*sqrt(x)) else 0"),
        ("max(x, 0)^(3/2)", "if x > 0 then 3*sqrt(x)/2 else 0"),
        ("cbrt(max(x, 0))", "if x > 0 then 1/(3*cbrt(x)^2) else 0"),
        ("sqrt(if x > 0 then x else 0)", "if x > 0 then 1/(2*sqrt(x)) else 0"),
        ("sqrt(abs(x) + x)", "if x < 0 then 0 else 1/sqrt(2*x)"),
    ] {
        let (found, conditions, _) = slope(expression);
        assert_eq!((found.as_str(), conditions), (wanted, vec!["x != 0".to_owned()]), "{expression}");
    }
    let (found, conditions, _) = slope("sqrt(clamp(x, 0, 1))");
    assert_eq!(conditions, ["x != 0", "x != 1"]);
    assert_eq!([-1.0, 0.25, 2.0].map(|x| value(&found, x)), [Some(0.0), Some(1.0), Some(0.0)], "{found}");
}

#[test]
fn what_is_right_as_it_is_stays_closed() {
    assert_eq!(slope("relu(x)^2").0, "2*relu(x)");
    assert_eq!(slope("log(max(x, 1))").0, "(if x > 1 then 1 else 0)/max(x, 1)");
    let (found, conditions, _) = slope("log(max(x, 0))");
    assert_eq!((found.as_str(), conditions), ("1/x", vec!["x > 0".to_owned()]));
}

#[test]
fn a_slope_at_a_single_point_comes_from_the_series() {
    for (expression, at, there) in [
        ("if x != 0 then cos(x)/x - sin(x)/x^2 else 0", 0.0, -1.0 / 3.0),
        ("if x == 0 then 1 else sin(x)/x", 0.0, 0.0),
        ("if x != 0 then (exp(x) - 1)/x else 1", 0.0, 0.5),
        ("if x != 1 then log(x)/(x - 1) else 1", 1.0, -0.5),
        ("if 2*x - 1 != 0 then sin(2*x - 1)/(2*x - 1) else 1", 0.5, 0.0),
        ("if x == 1 then x else x^2", 1.0, 2.0),
    ] {
        let (found, _, shown) = slope(expression);
        assert_eq!(value(&found, at), Some(there), "{expression}: {found}");
        assert!(shown.contains("removable singularity"), "{shown}");
        let (h, near) = (1e-4, at + 0.5);
        let rise = (value(expression, near + h).unwrap() - value(expression, near - h).unwrap()) / (2.0 * h);
        assert!((value(&found, near).unwrap() - rise).abs() < 1e-6, "{found}");
        // the second derivative continues as well
        let (second, _, _) = slope(&found);
        assert!(value(&second, at).is_some(), "{expression}: {second}");
    }
}

#[test]
fn a_point_that_does_not_continue_its_branch_is_left_out() {
    for expression in ["if x == 1 then 2 else x^2", "if x == 1 then a else x^2"] {
        assert_eq!(slope(expression).1, ["x != 1"], "{expression}");
    }
    for expression in ["if x == 0 then 2 else sin(x)/x", "if x == 0 then 0 else x*sin(1/x)"] {
        assert_eq!(value(&slope(expression).0, 0.0), None, "{expression}");
    }
    assert_eq!(slope("if x == 0 then 0 else abs(x)").1, ["x != 0"]);
}
