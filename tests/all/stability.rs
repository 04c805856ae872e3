//! The stable forms: of the corpora, at the points where the typed forms fail; and the thresholds of well-known forms.

use grad::eval::{Truth, evaluate};
use grad::expr::{Graph, Id, Number, Symbol, View, print::plain};
use grad::outcome::{Answer, Stability};
use grad::session::{Ask, Options, Query, Session};
use serde_json::Value;
use std::collections::HashMap;
use std::time::{Duration, Instant};

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
    if let Some(path) = std::env::var_os("OWN") {
        let text = std::fs::read_to_string(path).unwrap();
        return text
            .lines()
            .map(|line| {
                let row: Value = serde_json::from_str(line).unwrap();
                let mut c = case(&row, "id", "assume", "stress");
                c.assume = row["conditions"].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect();
                c
            })
            .collect();
    }
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
    let (mut all, mut right, mut typed_right, mut slow) = (0, 0, 0, Duration::ZERO);
    let mut wrong = Vec::new();
    for case in cases() {
        let mut session = Session::new(Options::default());
        let start = Instant::now();
        let found = stable(&mut session, &case.expr, &case.assume);
        let took = start.elapsed();
        slow = slow.max(took);
        let g = &session.graph;
        let (typed, result) = (found.derivation.expression, found.formula.id);
        let mut bad = Vec::new();
        for at in &case.points {
            let Some((before, after)) = errors(g, typed, result, at) else { continue };
            all += 1;
            typed_right += usize::from(before <= 64.0);
            right += usize::from(after <= 64.0);
            if after > 64.0 {
                bad.push(format!("{at:?}: {before:e} -> {after:e}"));
            }
        }
        eprintln!("{:>24} {:>5} ms  {}  ==>  {}", case.id, took.as_millis(), case.expr, plain(g, result));
        if !bad.is_empty() {
            wrong.push(format!("{}: {} ==> {}\n      {}", case.id, case.expr, plain(g, result), bad.join("\n      ")));
        }
        assert!(!matches!(g.view(result), View::Undefined));
    }
    eprintln!("{right} of {all} points right, {typed_right} as typed; slowest {slow:?}");
    assert!(right * 100 >= all * 95, "{right} of {all} points right:\n{}", wrong.join("\n"));
    eprintln!("{}", wrong.join("\n"));
}
