//! The stable forms: of the corpora, at the points where the typed forms fail; and the thresholds of well-known forms.

use grad::eval::{Truth, evaluate};
use grad::expr::{Graph, Id, Number, Symbol, print::plain};
use grad::outcome::{Answer, Stability};
use grad::session::{Ask, NoImports, Options, Query, Session};
use grad::source::Source;
use serde_json::Value;
use std::collections::HashMap;

/// One formula of a corpus with its stress points.
struct Case {
    id: String,
    expr: String,
    assume: Vec<String>,
    points: Vec<HashMap<String, f64>>,
}

fn rows(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/corpus/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}

/// What a word of the corpora says of a variable.
fn condition(name: &str, word: &str) -> Option<String> {
    Some(match word {
        "positive" => format!("{name} > 0"),
        "negative" => format!("{name} < 0"),
        "nonneg" => format!("{name} >= 0"),
        "nonzero" => format!("{name} != 0"),
        "integer" => format!("integer({name})"),
        "(0,1)" => format!("0 < {name} < 1"),
        "[0,1]" => format!("0 <= {name} <= 1"),
        "[-1,1]" => format!("-1 <= {name} <= 1"),
        "(1,inf)" => format!("{name} > 1"),
        _ => return None,
    })
}

fn case(row: &Value, id: &str, assumed: &str, points: &str) -> Case {
    let assume = row[assumed].as_object().map_or(Vec::new(), |all| {
        all.iter().filter_map(|(name, word)| condition(name, word.as_str().unwrap_or_default())).collect()
    });
    let at = |point: &Value| point["at"].as_object().unwrap().iter().map(|(n, v)| (n.clone(), v.as_f64().unwrap())).collect();
    let points = row[points].as_array().map_or(Vec::new(), |all| all.iter().map(at).collect());
    Case { id: text(row, id), expr: text(row, "expr"), assume, points }
}

fn cases() -> Vec<Case> {
    let stability = rows("simplify.jsonl").into_iter().filter(|row| row["kind"] == "stability");
    let mut all: Vec<Case> = stability.map(|row| case(&row, "id", "assume", "stress")).collect();
    all.extend(rows("ml.jsonl").iter().map(|row| case(row, "name", "domain", "points")));
    all
}

fn stable(session: &mut Session, expression: &str, assume: &[String]) -> Box<Stability> {
    let query = Query { expression, assume, at: &[], ask: Ask::Stable };
    match session.ask(&query).unwrap() {
        Answer::Stable(found) => found,
        other => panic!("{other:?}"),
    }
}

/// The errors of two equal forms in units of the last place; none where the first has no finite value.
fn errors(g: &Graph, typed: Id, stable: Id, at: &HashMap<String, f64>) -> Option<(f64, f64)> {
    let env: HashMap<Symbol, f64> = at.iter().filter_map(|(name, v)| Some((g.find_symbol(name)?, *v))).collect();
    let exact = env.iter().map(|(s, v)| (*s, Number::rational(dashu_ratio::RBig::try_from(*v).unwrap()))).collect();
    let nothing = HashMap::new();
    let truth = Truth::new(g, &nothing, exact).nearest(typed).ok().filter(|v| v.is_finite())?;
    let ulp = truth.abs().next_up() - truth.abs();
    let error = |form| {
        let value = evaluate(g, &nothing, &[form], &env)[0].value;
        if value.is_finite() { (value - truth).abs() / ulp } else { f64::INFINITY }
    };
    Some((error(typed), error(stable)))
}

#[test]
fn stable_forms_are_right_where_the_typed_ones_fail() {
    let (mut all, mut right, mut typed_right) = (0, 0, 0);
    let mut wrong = Vec::new();
    for case in cases() {
        let mut session = Session::new(Options::default());
        let found = stable(&mut session, &case.expr, &case.assume);
        let g = &session.graph;
        let (typed, result) = (found.derivation.expression, found.formula.id);
        for at in &case.points {
            let Some((before, after)) = errors(g, typed, result, at) else { continue };
            all += 1;
            typed_right += usize::from(before <= 64.0);
            right += usize::from(after <= 64.0);
            if after > 64.0 {
                wrong.push(format!("{}: {} at {at:?}: {before:e}, then {after:e}", case.id, plain(g, result)));
            }
        }
    }
    println!("{right} of {all} points right, {typed_right} as typed\n{}", wrong.join("\n"));
    assert!(typed_right * 10 < all * 7, "the points are no stress: {typed_right} of {all} are right as typed");
    assert!(right * 100 >= all * 98, "{right} of {all} points right:\n{}", wrong.join("\n"));
}

/// What a learner should get, one of each kind.
#[test]
fn each_kind_of_loss_has_its_form() {
    let table: [(&str, &[&str], &str); 46] = [
        ("log(1 + exp(x))", &[], "softplus(x)"),
        ("1/(1 + exp(-x))", &[], "sigmoid(x)"),
        ("1 - 1/(1 + exp(-x))", &[], "sigmoid(-x)"),
        ("log(1/(1 + exp(-x)))", &[], "-softplus(-x)"),
        ("log(1 - exp(x))", &[], "log1mexp(x)"),
        ("log(exp(x) - 1)", &[], "x + log1mexp(-x)"),
        ("log(exp(a) - exp(b))", &[], "a + log1mexp(b - a)"),
        ("log(exp(a) + exp(b) + exp(c))", &[], "logsumexp(a, b, c)"),
        ("log((exp(a) + exp(b))/2)", &[], "log1p(expm1(-abs(a - b))/2) + max(a, b)"),
        ("exp(a)/(exp(a) + exp(b) + exp(c))", &[], "softmax([a, b, c])[1]"),
        ("exp(a)/(exp(a) + exp(b))", &[], "sigmoid(a - b)"),
        ("-log(exp(a)/(exp(a) + exp(b) + exp(c)))", &[], "logsumexp(0, b - a, c - a)"),
        ("a - log(exp(a) + exp(b) + exp(c))", &[], "-logsumexp(0, b - a, c - a)"),
        ("(exp(q*k)*v + exp(q*m)*w)/(exp(q*k) + exp(q*m))", &[], "v*sigmoid(q*(k - m)) + w*sigmoid(q*(m - k))"),
        ("exp(x)/(1 + exp(x))^2", &[], "sigmoid(x)*sigmoid(-x)"),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", &[], "tanh(x)"),
        ("(1 + tanh(x/2))/2", &[], "sigmoid(x)"),
        ("1 - tanh(x)", &[], "2*sigmoid(-2*x)"),
        ("log(x/(1 - x))", &[], "logit(x)"),
        (
            "-log(1/(1 + exp(-(b - s))) - 1/(1 + exp(-(a - s))))",
            &[],
            "-(log_sigmoid(b - s) + log_sigmoid(s - a) + log1mexp(a - b))",
        ),
        ("exp(x) - 1", &[], "expm1(x)"),
        ("log(1 + x)", &[], "log1p(x)"),
        ("(x^l - 1)/l", &["x > 0", "l != 0"], "expm1(l*log(x))/l"),
        ("((1 + x)^l - 1)/l", &["x > 0", "l != 0"], "expm1(l*log1p(x))/l"),
        ("1 - (1 - p)^n", &["0 < p < 1", "n > 0"], "-expm1(n*log1p(-p))"),
        ("log(n + 1) - log(n)", &["n > 0"], "log1p(1/n)"),
        ("1/(x + 1) - 2/x + 1/(x - 1)", &[], "2/((x + 1)*x*(x - 1))"),
        ("sqrt(x + 1) - sqrt(x)", &[], "1/(sqrt(x + 1) + sqrt(x))"),
        ("x - sqrt(x^2 - 1)", &["x > 1"], "1/(x + sqrt(x - 1)*sqrt(x + 1))"),
        ("x^2 - y^2", &[], "(x - y)*(x + y)"),
        ("1 - cos(x)", &[], "2*sin(x/2)^2"),
        ("(1 - cos(x))/sin(x)", &[], "tan(x/2)"),
        ("(1 - cos(x))/x^2", &[], "2*(sin(x/2)/x)^2"),
        ("cosh(x) - 1", &[], "2*sinh(x/2)^2"),
        ("(exp(x) - exp(-x))/(2*x)", &[], "sinh(x)/x"),
        ("log(sinh(x))", &["x > 0"], "x + log1mexp(-2*x) - log(2)"),
        ("log(x + sqrt(x^2 + 1))", &[], "asinh(x)"),
        ("log((1 + x)/(1 - x))", &[], "2*atanh(x)"),
        ("sqrt(x^2 + y^2 + z^2)", &[], "hypot(hypot(x, y), z)"),
        ("(a*b*c)^(1/3)", &["a > 0", "b > 0", "c > 0"], "cbrt(a)*cbrt(b)*cbrt(c)"),
        ("exp(-x^2/2)/exp(-y^2/2)", &[], "exp((y - x)*(y + x)/2)"),
        ("log(p*q*r)", &["p > 0", "q > 0", "r > 0"], "log(p) + log(q) + log(r)"),
        ("1 - erf(x)", &[], "erfc(x)"),
        ("log(gamma(x))", &["x > 0"], "lgamma(x)"),
        ("x^y*x^(-y)", &["x > 0"], "1"),
        ("x^2 + 1", &[], "x^2 + 1"),
    ];
    for (typed, assume, expected) in table {
        let mut session = Session::new(Options::default());
        let assume: Vec<String> = assume.iter().map(|c| (*c).to_owned()).collect();
        let found = stable(&mut session, typed, &assume);
        assert_eq!(plain(&session.graph, found.formula.id), expected, "{typed}");
        assert_eq!(found.derivation.steps.is_empty(), typed == expected, "{typed}");
        assert!(found.derivation.steps.iter().all(|step| step.check.is_some()), "{typed}");
    }
}

#[test]
fn cases_are_told_apart_where_no_single_form_is_right() {
    let table = [
        ("(x + sqrt(x^2 + b))/2", "b > 0", "if x < 0 then b/(hypot(x, sqrt(b)) - x)/2 else (x + hypot(x, sqrt(b)))/2"),
        ("(-b + sqrt(b^2 - 4*a*c))/(2*a)", "a > 0", "if b > 0 then"),
        ("log(cosh(x))", "x != 0", "if abs(x) < 1 then log1p(2*sinh(x/2)^2) else"),
    ];
    for (typed, assume, expected) in table {
        let mut session = Session::new(Options::default());
        let found = stable(&mut session, typed, &[assume.to_owned()]);
        let form = plain(&session.graph, found.formula.id);
        assert!(form.starts_with(expected), "{typed}: {form}");
    }
}

/// The thresholds of well-known forms, to within a factor of 1.5.
#[test]
fn thresholds_are_where_the_typed_form_fails() {
    use grad::stable::{Kind, Side};
    let table = [
        ("log(1 + exp(x))", Side::Above, Kind::Overflow, 709.78),
        ("log(1 + exp(x))", Side::Below, Kind::Lost, -36.7),
        ("log(1 + exp(x))", Side::Below, Kind::Half, -18.7),
        ("1/(1 + exp(-x))", Side::Below, Kind::Lost, -709.78),
        ("exp(x)/(1 + exp(x))", Side::Above, Kind::Overflow, 709.78),
        ("log(1 - exp(x))", Side::Above, Kind::Overflow, -5.55e-17),
        ("log(1 - exp(x))", Side::Below, Kind::Lost, -37.4),
        ("exp(x) - 1", Side::Below, Kind::Half, 7.4e-9),
        ("exp(x) - 1", Side::Below, Kind::Lost, 1.5e-16),
        ("log(1 + x)", Side::Below, Kind::Half, 7.4e-9),
        ("1 - cos(x)", Side::Below, Kind::Lost, 1.3e-8),
        ("log(cosh(x))", Side::Above, Kind::Overflow, 710.48),
        ("log(exp(x) - 1)", Side::Above, Kind::Overflow, 709.78),
        ("sqrt(x + 1) - sqrt(x)", Side::Above, Kind::Half, 6.7e7),
        ("log(x + 1) - log(x)", Side::Above, Kind::Half, 9e6),
        ("sqrt(x*x + 1)", Side::Above, Kind::Overflow, 1.3408e154),
    ];
    for (typed, side, kind, from) in table {
        let mut session = Session::new(Options::default());
        let found = stable(&mut session, typed, &[]);
        let near = |f: &&grad::stable::Failure| f.side == side && f.kind == kind && (f.from / from - 1.0).abs() < 0.5;
        let all: Vec<String> = found.failures.iter().map(|f| format!("{:?} {:?} {}", f.side, f.kind, f.from)).collect();
        assert!(found.failures.iter().any(|f| near(&f)), "{typed}: {side:?} {kind:?} {from} is not among {all:?}");
    }
}

#[test]
fn a_condition_that_the_stable_form_lost_stays() {
    let mut session = Session::new(Options::default());
    let found = stable(&mut session, "log(n + 1) - log(n)", &[]);
    let conditions: Vec<String> = found.formula.conditions.iter().map(|c| plain(&session.graph, *c)).collect();
    assert_eq!((plain(&session.graph, found.formula.id), conditions), ("log1p(1/n)".to_owned(), vec!["n > 0".to_owned()]));
}

/// A loss with parameters draws one warning for each form that overflows, with the place.
#[test]
fn forms_that_overflow_are_warned_of_once() {
    let source = "param w = 1, b = 0\ngrad log(1 + exp(w*x + b)) + 1/(1 + exp(-w))\ngrad log(1 + exp(w))\ngrad softplus(w)\ngrad log(sigmoid(w))";
    let mut session = Session::new(Options::default());
    let outcomes = session.run(Source::new("test", source), &mut NoImports);
    let said: Vec<String> = outcomes.iter().flat_map(|o| &o.diagnostics).map(|d| d.message.clone()).collect();
    assert_eq!(said, ["`log(1 + exp(u))` overflows from u > 709.78 in plain code, where u = w*x + b"]);
}

/// Where the best form still loses digits, that is said; and the way to it is one that a reader follows.
#[test]
fn what_a_stable_form_cannot_mend_is_said() {
    let mut session = Session::new(Options::default());
    let found = stable(&mut session, "(exp(x) - 1 - x)/x^2", &[]);
    assert!(found.left.is_some_and(|row| row.stable > 1e7));
    assert!(found.derivation.steps.len() <= 4, "{} steps", found.derivation.steps.len());
    for right in ["log(1 + exp(x))", "1 - cos(x)", "sqrt(x + 1) - sqrt(x)"] {
        let found = stable(&mut session, right, &[]);
        assert!(found.left.is_none(), "{right}: {:?}", found.left);
    }
}
