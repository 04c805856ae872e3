//! Values and gradients against references of many digits: losses and activations at ordinary and extreme points.

use crate::corpus::cases;
use grad::eval::recognise::recognise;
use grad::expr::{Graph, Number};
use grad::gradient::gradient;
use grad::outcome::Answer;
use grad::session::{Ask, Options, Query, Session, Wanted};
use serde_json::Value;
use std::collections::HashMap;

/// Errors beyond this count as lost, in units of the last place.
const LOST: u64 = 64;

/// How many f64 lie between two numbers.
fn ulps(a: f64, b: f64) -> u64 {
    let place = |x: f64| if x.is_sign_negative() { -i128::from(x.abs().to_bits()) } else { i128::from(x.to_bits()) };
    if a.is_nan() || b.is_nan() { u64::MAX } else { u64::try_from((place(a) - place(b)).abs()).unwrap_or(u64::MAX) }
}

fn float(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap())
}

fn pairs(object: &Value) -> Vec<(String, f64)> {
    object.as_object().unwrap().iter().map(|(name, v)| (name.clone(), float(v))).collect()
}

/// The worst errors of value and gradient over the points of the corpus, by any way to compute them, with their places.
fn errors(compute: impl Fn(&str, &[(String, f64)], &[String]) -> Vec<f64>) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    for case in cases("ml.jsonl") {
        let text = case["expr"].as_str().unwrap();
        for point in case["points"].as_array().unwrap() {
            let (at, slopes) = (pairs(&point["at"]), pairs(&point["grad"]));
            let names: Vec<String> = slopes.iter().map(|(name, _)| name.clone()).collect();
            let wanted = std::iter::once(float(&point["value"])).chain(slopes.iter().map(|(_, v)| *v));
            let got = compute(text, &at, &names);
            let worst = wanted.zip(got).map(|(w, g)| ulps(w, g)).max().unwrap();
            found.push((worst, format!("{text} at {}: {worst}", point["at"])));
        }
    }
    found.sort();
    found
}

fn share_within(found: &[(u64, String)], limit: u64) -> f64 {
    found.iter().filter(|(e, _)| *e <= limit).count() as f64 / found.len() as f64
}

fn settled(text: &str, at: &[(String, f64)], names: &[String]) -> Vec<f64> {
    let mut session = Session::new(Options::default());
    let at: Vec<(String, Number)> = at.iter().map(|(n, v)| (n.clone(), Number::from_f64(*v).unwrap())).collect();
    let query = Query { expression: text, assume: &[], at: &at, ask: Ask::Gradient(names.to_vec()) };
    let Answer::Slopes { value, partials, .. } = session.ask(&query).unwrap() else { panic!("no slopes of {text}") };
    std::iter::once(value.value).chain(partials.iter().map(|p| p.value)).collect()
}

/// The f64 path alone, as tables and descents will use it.
fn fast(text: &str, at: &[(String, f64)], names: &[String]) -> Vec<f64> {
    // a formula without a program around it reads `tau` as the constant
    let renamed = |name: &str| name.replace("tau", "t0");
    let mut g = Graph::new();
    let typed = grad::resolve::formula(&mut g, &renamed(text)).unwrap();
    let root = recognise(&mut g, typed);
    let env = at.iter().map(|(n, v)| (g.intern(&renamed(n)), *v)).collect();
    let by: Vec<_> = names.iter().map(|n| g.intern(&renamed(n))).collect();
    let found = gradient(&mut g, &HashMap::new(), root, &by, &env);
    std::iter::once(found.value.value).chain(found.partials.iter().map(|p| p.value)).collect()
}

#[test]
fn losses_and_their_gradients_are_right_to_the_last_digit() {
    let found = errors(settled);
    let (worst, at) = found.last().unwrap();
    assert!(*worst <= 1, "{at}");
}

#[test]
fn the_fast_path_keeps_the_digits_of_nearly_all_losses() {
    let found = errors(fast);
    let share = share_within(&found, LOST);
    println!("fast path: {:.1} % within {LOST} ulp, median {}", 100.0 * share, found[found.len() / 2].0);
    let lost: Vec<&str> = found.iter().filter(|(e, _)| *e > LOST).map(|(_, at)| at.as_str()).collect();
    assert!(share >= 0.91, "{share}:\n{}", lost.join("\n"));
    println!("{}", lost.join("\n"));
}

/// The stored derivatives have 17 digits; the digits of the expression itself are held to those of an f64.
#[test]
fn many_digits_begin_with_the_few_that_are_known() {
    for case in cases("ml.jsonl") {
        let text = case["expr"].as_str().unwrap();
        for point in case["points"].as_array().unwrap() {
            let at: Vec<(String, Number)> =
                pairs(&point["at"]).iter().map(|(n, v)| (n.clone(), Number::from_f64(*v).unwrap())).collect();
            let query = Query { expression: text, assume: &[], at: &at, ask: Ask::Eval(Wanted::Digits(40)) };
            let Answer::Values { values, .. } = Session::new(Options::default()).ask(&query).unwrap() else { panic!("{text}") };
            let digits = values[0].digits.as_ref().unwrap_or_else(|| panic!("no digits of {text} at {}", point["at"]));
            let known = point["value"].as_str().map_or_else(|| point["value"].to_string(), str::to_owned);
            let relative = (Number::parse(digits.trim_start_matches('-')), Number::parse(known.trim_start_matches('-')));
            let (Some(a), Some(b)) = relative else { panic!("{digits} or {known} cannot be read") };
            let close = (&a - &b).abs() <= &b * &Number::ratio(1, 10_000_000_000_000_000);
            assert!(close, "{text} at {}: {digits}, not {known}", point["at"]);
        }
    }
}
