//! Expressions with derivatives known from elsewhere: every derivation must have steps, all of them checked, and the right values.

use grad::derive::{Detail, Engine, checked};
use grad::domain::Known;
use grad::expr::{Graph, Symbol};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

pub fn cases(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// What is wrong with the derivation of one case; nothing where it is right.
fn fault(case: &Value) -> Option<String> {
    let mut g = Graph::new();
    let expression = grad::resolve::formula(&mut g, case["expr"].as_str().unwrap()).ok()?;
    let mut known = Known::default();
    for (name, span) in case["domain"].as_object().unwrap() {
        let text = format!("{} < {name} < {}", span[0], span[1]);
        known.conditions.push(grad::resolve::formula(&mut g, &text).ok()?);
    }
    let variable = g.intern(case["var"].as_str().unwrap());
    let order = case["order"].as_u64().unwrap() as usize;
    let mut engine = Engine::new(&known);
    let mut derivation = match engine.derive(&mut g, expression, &vec![variable; order], Detail::Normal) {
        Ok(d) => d,
        Err(refusal) => return Some(refusal.reason),
    };
    if derivation.steps.is_empty() {
        return Some("no steps".into());
    }
    if let Err(wrong) = checked::check(&g, &known, &mut derivation) {
        return Some(format!("step {} is wrong: {}", wrong.step, wrong.evidence));
    }
    if let Some(step) = derivation.steps.iter().find(|s| s.check.is_none()) {
        return Some(format!("unchecked: {:?}", step.unchecked));
    }
    case["points"].as_array().unwrap().iter().find_map(|p| wrong_value(&mut g, &derivation.result, p))
}

fn wrong_value(g: &mut Graph, result: &grad::expr::Id, point: &Value) -> Option<String> {
    let at: HashMap<Symbol, f64> =
        point["at"].as_object().unwrap().iter().map(|(n, v)| (g.intern(n), v.as_f64().unwrap())).collect();
    let wanted: f64 = point["deriv"].as_str().map_or_else(|| point["deriv"].as_f64().unwrap(), |s| s.parse().unwrap());
    let got = grad::eval::evaluate(g, &HashMap::new(), &[*result], &at)[0].value;
    let close = (got - wanted).abs() <= 1e-8 * wanted.abs().max(1.0);
    (!close).then(|| format!("{} gives {got}, not {wanted}, at {}", grad::expr::print::plain(g, *result), point["at"]))
}

fn judge(file: &str) {
    let mut wrong = Vec::new();
    for case in cases(file) {
        if let Some(fault) = fault(&case) {
            wrong.push(format!("{}: d/d{} {}: {fault}", case["id"], case["var"], case["expr"]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn derivatives_from_textbooks_and_other_systems() {
    judge("derivatives.jsonl");
}

#[test]
fn partial_derivatives_of_physics_formulas() {
    judge("feynman.jsonl");
}

/// Prints what checking a step costs and how many are proved: run with `--release --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn cost_of_a_checked_step() {
    let (mut times, mut proved, mut steps) = (Vec::new(), 0, 0);
    for case in [cases("derivatives.jsonl"), cases("feynman.jsonl")].concat() {
        let mut g = Graph::new();
        let expression = grad::resolve::formula(&mut g, case["expr"].as_str().unwrap()).unwrap();
        let mut known = Known::default();
        for (name, span) in case["domain"].as_object().unwrap() {
            let text = format!("{} < {name} < {}", span[0], span[1]);
            known.conditions.push(grad::resolve::formula(&mut g, &text).unwrap());
        }
        let variable = g.intern(case["var"].as_str().unwrap());
        let mut engine = Engine::new(&known);
        let Ok(mut derivation) = engine.derive(&mut g, expression, &[variable], Detail::Normal) else { continue };
        let start = std::time::Instant::now();
        checked::check(&g, &known, &mut derivation).unwrap();
        let count = derivation.steps.len();
        times.extend(std::iter::repeat_n(start.elapsed().as_secs_f64() * 1e3 / count.max(1) as f64, count));
        steps += count;
        proved += derivation.steps.iter().filter(|s| s.check.is_some_and(|c| c.proved)).count();
    }
    times.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("{proved} of {steps} steps proved; ms a step: median {:.2}, 95 % {:.2}, worst {:.2}", at(50), at(95), at(100));
}
