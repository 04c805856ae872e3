//! The checker is tested too: true steps agree, seeded wrong ones are caught, and the facts table passes.

use super::check::{Allowed, Checker, Equality, Holding, Outcome, equal, holds};
use crate::domain::Known;
use crate::expr::{Graph, Id, Number, Series};
use crate::math;
use crate::resolve::formula;
use std::collections::HashMap;

fn read(g: &mut Graph, text: &str) -> Id {
    formula(g, text).unwrap_or_else(|fault| panic!("cannot read {text}: {fault:?}"))
}

/// An expression, or after `d/dx ` or `d2/dx2 ` the derivative of one.
fn side(g: &mut Graph, text: &str) -> Id {
    for (prefix, order) in [("d/dx ", 1), ("d2/dx2 ", 2)] {
        if let Some(body) = text.strip_prefix(prefix) {
            let (body, x) = (side(g, body), g.intern("x"));
            return g.derivative(body, x, order);
        }
    }
    read(g, text)
}

fn given(g: &mut Graph, conditions: &[&str]) -> Known {
    Known { conditions: conditions.iter().map(|c| read(g, c)).collect(), ..Known::default() }
}

fn step(before: &str, after: &str, conditions: &[&str], class: Allowed) -> Outcome {
    let mut g = Graph::new();
    let known = given(&mut g, conditions);
    let (before, after) = (side(&mut g, before), side(&mut g, after));
    Checker::new(&known).step(&g, before, after, class)
}

#[track_caller]
fn agreed(outcome: Outcome, least: usize) {
    let Outcome::Agreed { points, worst } = outcome else { panic!("{outcome:?}") };
    assert!(points >= least && worst < 1e-15, "{points} points, {worst:e}");
}

#[track_caller]
fn different(outcome: Outcome) {
    assert!(matches!(outcome, Outcome::Different { .. }), "{outcome:?}");
}

/// Wrong steps: none of them may pass, whatever its class.
pub(super) const WRONG: &[(&str, &str)] = &[
    // a condition is dropped
    ("(x^2)^(1/2)", "x"),
    ("(x^4)^(1/4)", "x"),
    ("(x^6)^(1/2)", "x^3"),
    ("log(x^2)", "2*log(x)"),
    ("log(x^4)", "4*log(x)"),
    ("log(x*y)", "log(x) + log(y)"),
    ("log(x/y)", "log(x) - log(y)"),
    ("(x*y)^(1/2)", "x^(1/2)*y^(1/2)"),
    ("(x^2*y)^(1/2)", "x*y^(1/2)"),
    ("if x > 0 then x else -x", "x"),
    ("if x >= 0 then 1 else 0", "if x > 0 then 1 else 0"),
    ("(x - 7)^2/(x - 7)^2", "if x == 7 then 0 else 2"),
    ("d/dx log(x^2)", "2/((x^2)^(1/2))"),
    // an identity that is none
    ("exp(x)*exp(y)", "exp(x*y)"),
    ("exp(x + y)", "exp(x) + exp(y)"),
    ("exp(2*x)", "2*exp(x)"),
    ("exp(x)^2", "exp(x^2)"),
    ("exp(-x)", "-exp(x)"),
    ("exp(x - y)", "exp(x) - exp(y)"),
    ("log(1 + exp(x))", "log(1) + x"),
    ("log(1 + exp(x))", "x"),
    ("log(exp(x) + exp(y))", "x + y"),
    ("log(exp(x) + exp(y))", "(if x > y then x else y) + log(1 + exp(if x < y then x else y))"),
    ("log(x)^2", "2*log(x)"),
    ("log(1 + x)", "log(x) + 1"),
    ("(x + y)^2", "x^2 + y^2"),
    ("(x - y)^2", "x^2 - y^2"),
    ("(x + 1)^3", "x^3 + 3*x^2 + 3*x"),
    ("1/(x + y)", "1/x + 1/y"),
    ("(x + y)/y", "x"),
    ("(x^2 - 1)/(x - 1)", "x - 1"),
    ("x^2*x^3", "x^6"),
    ("(x^2)^3", "x^5"),
    ("x^-2", "-x^2"),
    ("-x^2", "(-x)^2"),
    ("2^x*3^x", "6^(2*x)"),
    ("x - (y - z)", "x - y - z"),
    ("exp(x)/(1 + exp(x))", "1/(1 + exp(x))"),
    ("1/(1 + exp(-x))", "1/(1 + exp(x))"),
    // a derivative with a sign, factor, exponent or inner derivative wrong
    ("d/dx x^2", "x"),
    ("d/dx x^2", "2*x^2"),
    ("d/dx x^3", "3*x"),
    ("d/dx x^-1", "x^-2"),
    ("d/dx 1/x", "1/x^2"),
    ("d/dx x^(1/2)", "1/2*x^(1/2)"),
    ("d/dx exp(x)", "x*exp(x - 1)"),
    ("d/dx exp(3*x)", "exp(3*x)"),
    ("d/dx exp(-x)", "exp(-x)"),
    ("d/dx exp(x^2)", "exp(2*x)"),
    ("d/dx exp(x^2)", "x*exp(x^2)"),
    ("d/dx log(x)", "1/x^2"),
    ("d/dx log(2*x)", "1/(2*x)"),
    ("d/dx log(1 + exp(x))", "1/(1 + exp(x))"),
    ("d/dx log(1 + exp(-x))", "1/(1 + exp(-x))"),
    ("d/dx log(x^2 + 1)", "1/(x^2 + 1)"),
    ("d/dx x*exp(x)", "exp(x)"),
    ("d/dx x^2*exp(3*x)", "2*x*exp(3*x) + x^2*exp(3*x)"),
    ("d/dx x*log(x)", "1/x"),
    ("d/dx x*log(x)", "log(x)"),
    ("d/dx exp(x)/x", "(exp(x) - x*exp(x))/x^2"),
    ("d/dx exp(x)/x", "exp(x)"),
    ("d/dx x/(1 + x)", "1/(1 + x)"),
    ("d/dx 1/(1 + exp(-x))", "1/(1 + exp(-x))^2"),
    ("d/dx 2^x", "x*2^(x - 1)"),
    ("d/dx 2^x", "2^x"),
    ("d/dx x^x", "x*x^(x - 1)"),
    ("d/dx x^x", "x^x*log(x)"),
    ("d/dx (x^2 + 1)^5", "5*(x^2 + 1)^4"),
    ("d/dx (3*x - 2)^2", "2*(3*x - 2)"),
    ("d/dx y*x^2", "2*x"),
    ("d/dx x*y + y^2", "y + 2*y"),
    ("d/dx if x > 0 then x^2 else x", "if x > 0 then 2*x else 0"),
    ("d2/dx2 x^3", "3*x^2"),
    ("d2/dx2 exp(2*x)", "2*exp(2*x)"),
    ("d2/dx2 log(x)", "1/x^2"),
    ("d/dx d/dx exp(x^2)", "4*x^2*exp(x^2)"),
];

#[test]
fn wrong_steps_are_caught() {
    for (before, after) in WRONG {
        for class in [Allowed::Exact, Allowed::Enlarge] {
            let outcome = step(before, after, &[], class);
            assert!(matches!(outcome, Outcome::Different { .. }), "{before} = {after}: {outcome:?}");
        }
    }
}

/// True steps that keep the domain, with what is assumed.
const TRUE: &[(&str, &str, &[&str])] = &[
    ("d/dx log(1 + exp(x))", "exp(x)/(1 + exp(x))", &[]),
    ("exp(x)/(1 + exp(x))", "1/(1 + exp(-x))", &[]),
    ("exp(x + y)", "exp(x)*exp(y)", &[]),
    ("log(exp(x))", "x", &[]),
    ("log(x^2)", "2*log(x)", &["x > 0"]),
    ("log(x^2)", "2*log(-x)", &["x < 0"]),
    ("(x^2)^(1/2)", "if x >= 0 then x else -x", &[]),
    ("(x + 1)^3", "x^3 + 3*x^2 + 3*x + 1", &[]),
    ("x - x", "0", &[]),
    ("d/dx x^x", "x^x*(log(x) + 1)", &["x > 0"]),
    ("d/dx 1/x", "-1/x^2", &[]),
    ("d/dx x^n", "n*x^(n - 1)", &["integer(n)", "n >= 1"]),
    ("d/dx -(y*log(x) + (1 - y)*log(1 - x))", "(x - y)/(x*(1 - x))", &["0 < x < 1", "0 <= y <= 1"]),
    ("d2/dx2 exp(x^2)", "(2 + 4*x^2)*exp(x^2)", &[]),
    ("d/dx d/dx d/dx exp(2*x)*x", "(8*x + 12)*exp(2*x)", &[]),
    ("d/dx if x > 0 then x^2 else -x^2", "if x > 0 then 2*x else -2*x", &[]),
    ("exp(exp(x))^2", "exp(2*exp(x))", &[]),
    ("x^10000000000*x", "x^10000000001", &[]),
    ("(x^2 - 49)/(x - 7)*y", "(x + 7)*y/((x - 7)/(x - 7))", &[]),
];

#[test]
fn true_steps_agree() {
    for (before, after, conditions) in TRUE {
        let outcome = step(before, after, conditions, Allowed::Exact);
        let Outcome::Agreed { points, worst } = outcome else { panic!("{before} = {after}: {outcome:?}") };
        assert!(points >= 8 && worst < 1e-15, "{before} = {after}: {points} points, {worst:e}");
    }
}

#[test]
fn an_enlargement_is_told_from_an_exact_step() {
    for (before, after) in [
        ("x/x", "1"),
        ("exp(log(x))", "x"),
        ("(x^2 - 1)/(x - 1)", "x + 1"),
        ("log(x) - log(x)", "0"),
        ("d/dx if x > 0 then x else -x", "if x > 0 then 1 else -1"),
    ] {
        different(step(before, after, &[], Allowed::Exact));
        agreed(step(before, after, &[], Allowed::Enlarge), 3);
        different(step(after, before, &[], Allowed::Enlarge));
    }
}

#[test]
fn a_step_may_carry_a_condition_of_its_own() {
    let mut g = Graph::new();
    let known = Known::default();
    let mut checker = Checker::new(&known);
    let [square, x, nonnegative] = ["(x^2)^(1/2)", "x", "x >= 0"].map(|t| read(&mut g, t));
    different(checker.step(&g, square, x, Allowed::Exact));
    agreed(checker.step_where(&g, square, x, &[nonnegative], Allowed::Exact), 12);
    // The point 0^0 has the slope 0, which the power rule does not give.
    let (before, after) = (side(&mut g, "d/dx x^n"), read(&mut g, "n*x^(n - 1)"));
    let [whole, at_least_zero, apart] = ["integer(n)", "n >= 0", "x != 0 or n != 0"].map(|t| read(&mut g, t));
    different(checker.step_where(&g, before, after, &[whole, at_least_zero], Allowed::Exact));
    agreed(checker.step_where(&g, before, after, &[whole, at_least_zero, apart], Allowed::Exact), 3);
}

#[test]
fn without_symbols_one_point_is_enough() {
    agreed(step("exp(log(2))", "2", &[], Allowed::Exact), 1);
    different(step("exp(1)", "2.718281828459045", &[], Allowed::Exact));
    agreed(step("0^0", "1", &[], Allowed::Exact), 1);
}

#[test]
fn what_cannot_be_compared_is_undecided() {
    let undecided = |outcome| assert!(matches!(outcome, Outcome::Undecided { .. }), "{outcome:?}");
    undecided(step("log(-1)", "log(-2)", &[], Allowed::Exact));
    undecided(step("exp(exp(exp(exp(exp(1)*5))))*0", "0", &[], Allowed::Exact));
    undecided(step("x", "x", &["x > 1", "x < 0"], Allowed::Exact));
}

#[test]
fn a_stage_moves_with_what_it_depends_on_and_by_itself() {
    let mut g = Graph::new();
    let (z, x) = (g.intern("z"), g.intern("x"));
    let mut known = Known::default();
    let definition = read(&mut g, "1 + exp(x)");
    known.definitions.extend([(z, definition)]);
    let body = read(&mut g, "log(z) + x*z");
    let (by_stage, by_variable) = (g.derivative(body, z, 1), g.derivative(body, x, 1));
    let link = read(&mut g, "1/z + x");
    let total = read(&mut g, "exp(x)/(1 + exp(x)) + z + x*exp(x)");
    let mut checker = Checker::new(&known);
    agreed(checker.step(&g, by_stage, link, Allowed::Exact), 12);
    agreed(checker.step(&g, by_variable, total, Allowed::Exact), 12);
    different(checker.step(&g, by_variable, link, Allowed::Exact));
    let outer = g.derivative(by_stage, x, 1);
    let mixed = read(&mut g, "1 - exp(x)/z^2");
    agreed(checker.step(&g, outer, mixed, Allowed::Exact), 8);
    // Where the stage varies by itself, log needs z > 0 and loses half of the points.
    let mut free = Checker::new(&known).local(z);
    different(free.step(&g, by_stage, link, Allowed::Exact));
    agreed(free.step(&g, by_stage, link, Allowed::Enlarge), 8);
}

#[test]
fn mixed_derivatives_are_put_together_from_directions() {
    let mut g = Graph::new();
    let (x, y) = (g.intern("x"), g.intern("y"));
    let known = Known::default();
    let mut checker = Checker::new(&known);
    let body = read(&mut g, "exp(x*y)*x^2");
    let (inner, factor) = (g.derivative(body, y, 2), g.variable("x"));
    let product = g.mul(&[factor, inner]);
    let outer = g.derivative(product, x, 2);
    // ∂²/∂y² is x⁴e^(xy); times x and twice by x
    let sought = read(&mut g, "exp(x*y)*(20*x^3 + 10*x^4*y + x^5*y^2)");
    agreed(checker.step(&g, outer, sought, Allowed::Exact), 8);
    let wrong = read(&mut g, "exp(x*y)*(20*x^3 + 5*x^4*y + x^5*y^2)");
    different(checker.step(&g, outer, wrong, Allowed::Exact));
}

#[test]
fn series_are_added_up() {
    let mut g = Graph::new();
    let known = given(&mut g, &["integer(n)", "n >= 0"]);
    let (i, x) = (g.intern("i"), g.intern("x"));
    let (one, n, index) = (g.integer(1), g.variable("n"), g.variable("i"));
    let sum = g.series(Series::Sum, i, one, n, index);
    let (closed, wrong) = (read(&mut g, "n*(n + 1)/2"), read(&mut g, "n*(n - 1)/2"));
    agreed(Checker::new(&known).step(&g, sum, closed, Allowed::Exact), 5);
    different(Checker::new(&known).step(&g, sum, wrong, Allowed::Exact));
    let (term, slope) = (read(&mut g, "x^i"), read(&mut g, "i*x^(i - 1)"));
    let powers = g.series(Series::Sum, i, one, n, term);
    let outside = g.derivative(powers, x, 1);
    let inner = g.derivative(term, x, 1);
    let inside = g.series(Series::Sum, i, one, n, inner);
    let done = g.series(Series::Sum, i, one, n, slope);
    let mut checker = Checker::new(&known);
    agreed(checker.step(&g, outside, inside, Allowed::Exact), 5);
    agreed(checker.step(&g, inside, done, Allowed::Exact), 5);
    different(checker.step(&g, done, powers, Allowed::Enlarge));
    let (huge, end) = (g.integer(1_000_000_000), g.symbol(i));
    let long = g.series(Series::Product, i, one, huge, end);
    assert!(matches!(checker.step(&g, long, one, Allowed::Exact), Outcome::Undecided { .. }));
}

#[test]
fn thousands_of_stages_and_stages_in_a_circle_come_to_an_end() {
    let mut g = Graph::new();
    let mut stages = HashMap::new();
    let (mut last, x) = (g.variable("x"), g.intern("x"));
    let half = g.number(Number::ratio(1, 2));
    for k in 0..10_000 {
        let stage = g.intern(&format!("t{k}"));
        let body = g.mul(&[half, last]);
        stages.insert(stage, body);
        last = g.symbol(stage);
    }
    let known = Known { definitions: stages.into(), ..Known::default() };
    let slope = g.derivative(last, x, 1);
    let expected = read(&mut g, "2^-10000");
    let doubled = read(&mut g, "2^-9999");
    let mut checker = Checker::new(&known);
    agreed(checker.step(&g, slope, expected, Allowed::Exact), 3);
    different(checker.step(&g, slope, doubled, Allowed::Exact));
    let (a, b) = (g.intern("a"), g.intern("b"));
    let (first, second) = (g.symbol(a), g.symbol(b));
    let circle = Known { conditions: Vec::new(), definitions: [(a, second), (b, first)].into_iter().collect() };
    assert!(matches!(Checker::new(&circle).step(&g, first, second, Allowed::Exact), Outcome::Undecided { .. }));
}

#[test]
fn equality_and_inequality_are_asked_at_points() {
    let mut g = Graph::new();
    let mut ask = |a: &str, b: &str| {
        let (a, b) = (read(&mut g, a), read(&mut g, b));
        equal(&g, &Known::default(), a, b)
    };
    assert!(matches!(ask("(x + 1)^2", "x^2 + 2*x + 1"), Equality::Equal { only_first: None, only_second: None, .. }));
    assert!(matches!(ask("x/x", "1"), Equality::Equal { only_first: None, only_second: Some(_), .. }));
    assert!(matches!(ask("log(x)", "log(x)/(x/x)"), Equality::Equal { .. }));
    assert!(matches!(ask("x^2", "x"), Equality::Different { .. }));
    let known = given(&mut g, &["x > 0"]);
    let mut ask = |c: &str| {
        let c = read(&mut g, c);
        holds(&g, &known, c)
    };
    assert!(matches!(ask("exp(x) > 1 + x"), Holding::Held { points: 12 }));
    assert!(matches!(ask("x^2 > x"), Holding::Fails(_)));
    assert!(matches!(ask("log(-x) > 0"), Holding::Unknown(_)));
}

/// The derivative of every function, from its meaning, against its formula in the table.
#[test]
fn the_facts_table_tells_the_truth() {
    let mut wrong = Vec::new();
    for f in math::functions() {
        let record = f.record();
        let mut g = Graph::new();
        let arguments: Vec<Id> = record.parameters.iter().map(|p| g.variable(p)).collect();
        let call = g.call(f, &arguments);
        let mut known = given(&mut g, &[record.domain, record.differentiable].concat());
        for kink in record.kinks {
            let at = read(&mut g, kink.at);
            known.conditions.push(g.not(at));
        }
        // A parameter by which there is no derivative has an empty formula.
        for (parameter, text) in record.parameters.iter().zip(record.derivative).filter(|d| !d.1.is_empty()) {
            let by = g.intern(parameter);
            let (slope, formula) = (g.derivative(call, by, 1), read(&mut g, text));
            let outcome = Checker::new(&known).step(&g, slope, formula, Allowed::Exact);
            if !matches!(outcome, Outcome::Agreed { .. }) {
                wrong.push(format!("{} by {parameter}: {text}: {outcome:?}", record.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Prints the time a step takes: run with `--release --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn speed_of_a_step() {
    for (before, after) in [
        ("d/dx log(1 + exp(x))", "1/(1 + exp(x))*exp(x)"),
        ("d/dx x^2*exp(3*x)", "2*x*exp(3*x) + 3*x^2*exp(3*x)"),
        ("d2/dx2 exp(x^2)*log(1 + x^2*y^2)", "d/dx d/dx exp(x^2)*log(1 + x^2*y^2)"),
    ] {
        let mut g = Graph::new();
        let known = Known::default();
        let (a, b) = (side(&mut g, before), side(&mut g, after));
        let start = std::time::Instant::now();
        for _ in 0..200 {
            assert!(matches!(Checker::new(&known).step(&g, a, b, Allowed::Exact), Outcome::Agreed { .. }));
        }
        let alone = start.elapsed() / 200;
        let mut checker = Checker::new(&known);
        checker.step(&g, a, b, Allowed::Exact);
        let start = std::time::Instant::now();
        for _ in 0..200 {
            checker.step(&g, a, b, Allowed::Exact);
        }
        println!("{before}: {alone:?}, again with what is known {:?}", start.elapsed() / 200);
    }
}

/// A kink among arguments of a maximum that lie below the largest is no kink of the maximum.
#[test]
fn a_kink_below_the_top_is_none() {
    agreed(step("d/dx max(x, -1, 2)", "if x > 2 then 1 else 0", &["x != 2"], Allowed::Exact), 8);
    agreed(step("d/dx min(x, 1, -2)", "if x < -2 then 1 else 0", &["x != -2"], Allowed::Exact), 8);
}

/// Conditions are read from left to right: what stands first must be defined.
#[test]
fn conditions_are_read_from_left_to_right() {
    let undefined_first = step("if x^x > 0 and y > 0 then x else x", "x + 0*x^x", &[], Allowed::Exact);
    agreed(undefined_first, 8);
    let undefined_last = step("if y > 0 and log(x) > 0 then 1 else 0", "0", &["y < 0"], Allowed::Exact);
    agreed(undefined_last, 8);
}
