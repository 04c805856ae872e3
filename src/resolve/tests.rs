//! What names, calls and definitions become, and which of them are refused.

use super::*;
use crate::budget::Budget;
use crate::expr::print::plain;
use crate::expr::{View, walk};
use crate::syntax::ast::{Statement, StatementKind};
use crate::syntax::parse_program;

fn formula_text(text: &str) -> String {
    let mut g = Graph::new();
    match formula(&mut g, text) {
        Ok(id) => plain(&g, id),
        Err(fault) => format!("{} {}", fault.code.id, fault.message),
    }
}

/// Runs definitions, then lowers each expression statement; prints components, or the code of the fault.
fn program(text: &str) -> Vec<String> {
    let mut g = Graph::new();
    let mut scope = Scope::default();
    let source = Source::new("t", text);
    let parsed = parse_program(&source);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let text = Text::new(source, parsed.ast);
    parsed.statements.iter().filter_map(|s| statement(&mut g, &mut scope, &text, s)).collect()
}

fn statement(g: &mut Graph, scope: &mut Scope, text: &Arc<Text>, statement: &Statement) -> Option<String> {
    let budget = Budget::unlimited();
    let mut power_rule =
        |g: &mut Graph, body: Id, v, _| Ok(if g.as_symbol(body) == Some(v) { g.integer(1) } else { power_rule(g, body) });
    let base = scope.clone();
    let mut lowering = Lowering::new(g, &base, text.reading(), &mut power_rule, Some(&budget));
    let outcome = match &statement.kind {
        StatementKind::Expr { value, .. } => match lowering.any(*value) {
            Ok(value) => Ok(Some(value.components().iter().map(|id| plain(g, *id)).collect::<Vec<_>>().join("; "))),
            Err(fault) => Err(fault),
        },
        StatementKind::Let(binding) => lowering.numbers(binding.value).and_then(|value| {
            let name = text.ast.name(binding.name.name);
            scope.check_stage_cycle(g, binding.name, name, &value)?;
            scope.define_stage(g, name, value);
            Ok(None)
        }),
        StatementKind::Fn { name, params, body } => scope.function_of(text, *name, params, *body).and_then(|f| {
            lowering.check_function(&f.params, *body)?;
            scope.define_function(lowering.graph(), f);
            Ok(None)
        }),
        StatementKind::Param(bindings) => bindings
            .iter()
            .try_for_each(|b| {
                let value = lowering.numbers(b.value)?;
                let name = text.ast.name(b.name.name);
                scope.define_variable(lowering.graph(), Kind::Param, name, &value);
                Ok(())
            })
            .map(|()| None),
        _ => Ok(None),
    };
    outcome.unwrap_or_else(|fault| Some(fault.code.id.to_owned()))
}

/// `d x^n = n*x^(n-1)`, enough to see that variables are bound rightly.
fn power_rule(g: &mut Graph, body: Id) -> Id {
    let View::Pow(x, n) = g.view(body) else { return g.undefined() };
    let minus = g.integer(-1);
    let less = g.add(&[n, minus]);
    let power = g.pow(x, less);
    g.mul(&[n, power])
}

#[test]
fn formulas_resolve_constants_functions_and_conditions() {
    assert_eq!(formula_text("ln(u) + 2e*tau"), "log(u) + 2*e*(2*pi)");
    assert_eq!(formula_text("0 < p < 1 and not (n == 2) or integer(n)"), "0 < p and p < 1 and n != 2 or integer(n)");
    assert_eq!(formula_text("if u > 0 then 1 else 0"), "if u > 0 then 1 else 0");
    assert_eq!(formula_text("nope(u)"), "E0201 there is no function `nope`");
    let mut g = Graph::new();
    let r = rule(&mut g, "log(a) + log(b) = log(a*b) where a > 0, b > 0");
    assert!(r.is_ok_and(|r| r.conditions.len() == 2 && plain(&g, r.right) == "log(a*b)"));
}

#[test]
fn sums_and_products_are_flat_along_the_left() {
    let mut g = Graph::new();
    let id = formula(&mut g, "a - b + c - (d - f)").unwrap();
    assert!(matches!(g.view(id), View::Add(terms) if terms.len() == 4));
    let id = formula(&mut g, "2x*y*3z").unwrap();
    assert!(matches!(g.view(id), View::Mul(factors) if factors.len() == 5));
}

#[test]
fn a_million_terms_are_one_sum() {
    let text = vec!["x"; 300_000].join("+");
    let mut g = Graph::new();
    let id = formula(&mut g, &text).unwrap();
    assert!(matches!(g.view(id), View::Add(terms) if terms.len() == 300_000));
}

#[test]
fn calls_of_the_programs_functions_do_not_capture() {
    assert_eq!(program("fn f(x) = x + y; f(y); f(x^2)"), ["y + y", "x^2 + y"]);
    assert_eq!(program("fn f(a) = sum(i in 1..n: a^i); sum(i in 1..2: f(i))"), ["sum(i in 1..2: sum(i_2 in 1..n: i^i_2))"]);
    assert_eq!(program("fn f(x) = x + i; sum(i in 1..n: f(i))"), ["sum(i_2 in 1..n: i_2 + i)"]);
}

#[test]
fn a_doubling_chain_of_functions_stays_small() {
    let mut text = "fn f0(x) = x^2\n".to_owned();
    for k in 1..200 {
        text += &format!("fn f{k}(x) = f{0}(x) + f{0}(x)\n", k - 1);
    }
    let (mut g, mut scope, budget) = (Graph::new(), Scope::default(), Budget::unlimited());
    let source = Source::new("t", text + "f199(x)");
    let parsed = parse_program(&source);
    let text = Text::new(source, parsed.ast);
    let (last, definitions) = parsed.statements.split_last().unwrap();
    for s in definitions {
        statement(&mut g, &mut scope, &text, s);
    }
    let StatementKind::Expr { value, .. } = last.kind else { panic!() };
    let mut leave = |_: &mut Graph, body: Id, _, _| Ok(body);
    assert!(Lowering::new(&mut g, &scope, text.reading(), &mut leave, Some(&budget)).scalar(value).is_ok());
    assert!(g.len() < 1000);
}

#[test]
fn vectors_broadcast_and_open() {
    assert_eq!(program("2*[a, b] + 1"), ["2*a + 1; 2*b + 1"]);
    assert_eq!(program("exp([a, b])[2]"), ["exp(b)"]);
    assert_eq!(program("[1, 2] + [1, 2, 3]"), ["E0209"]);
    assert_eq!(program("[a, b][3]"), ["E0210"]);
    assert_eq!(program("[a, b][0]"), ["E0210"]);
    assert_eq!(program("let z = [a, b]; z[1] + z[2]"), ["a + b"]);
    assert_eq!(program("param w = [1, 2]; w[2]^2"), ["w[2]^2"]);
}

#[test]
fn a_sum_over_entries_is_opened_and_others_stay() {
    assert_eq!(program("let z = [a, b]; sum(i in 1..2: i*z[i])"), ["1*a + 2*b"]);
    assert_eq!(program("sum(i in 1..2: sum(j in 1..i: x[i + j]))"), ["x[2] + (x[3] + x[4])"]);
    assert_eq!(program("sum(i in 1..n: x^i)"), ["sum(i in 1..n: x^i)"]);
    assert_eq!(program("fn f(k) = z[k]; prod(i in 1..3: f(i))"), ["z[1]*z[2]*z[3]"]);
    assert_eq!(program("sum(i in 1..n: x[i])"), ["E0210"]);
    assert_eq!(program("sum(i in 0.5..n: i)"), ["E0215"]);
}

#[test]
fn derivatives_are_taken_by_the_right_variable() {
    assert_eq!(program("diff(x^3, x)"), ["3*x^(3 - 1)"]);
    assert_eq!(program("fn g(x) = diff(x^3, x); g(2)"), ["3*2^(3 - 1)"]);
    assert_eq!(program("fn f(x) = x^2; f'(y + 1)"), ["2*(y + 1)^(2 - 1)"]);
    assert_eq!(program("diff(x^2, pi)"), ["E0213"]);
    assert_eq!(program("diff(x^2, exp)"), ["E0213"]);
}

#[test]
fn definitions_close_no_cycle_and_old_meanings_stay() {
    assert_eq!(program("fn f(x) = f(x)"), ["E0205"]);
    assert_eq!(program("fn g(x) = x; fn f(x) = g(x); fn g(x) = f(x)"), ["E0205"]);
    assert_eq!(program("let a = b; let b = a"), ["E0205"]);
    assert_eq!(program("let a = a + 1"), ["E0205"]);
    let mut g = Graph::new();
    let mut scope = Scope::default();
    let source = Source::new("t", "let z = 1; let a = z + x; let z = 2");
    let parsed = parse_program(&source);
    let text = Text::new(source, parsed.ast);
    for s in &parsed.statements {
        statement(&mut g, &mut scope, &text, s);
    }
    let a = g.intern("a");
    assert_eq!(plain(&g, scope.definitions[&a]), "1 + x");
    let z = g.intern("z");
    assert!(!walk::contains(&g, scope.definitions[&a], z));
}

#[test]
fn faults_have_codes() {
    for (text, id) in [
        ("sine(x)", "E0201"),
        ("x(y + 1)", "E0202"),
        ("exp + 1", "E0203"),
        ("exp(x, y)", "E0204"),
        ("1 + (x > 0)", "E0207"),
        ("not x", "E0208"),
        ("if x then 1 else 2", "E0208"),
        ("[1, 2] > [1]", "E0209"),
        ("(x^2)[1]", "E0212"),
        ("moons.x1", "E0217"),
        ("1e99999999999", "E0405"),
    ] {
        assert_eq!(program(text), [id], "{text}");
    }
}
