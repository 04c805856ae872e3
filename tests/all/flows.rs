//! `flow` and `elasticity` from outside: the total of a flow is the gradient, saturated links are named, and percents are right.

use crate::process::{examples, finished, grad, run, run_with};
use serde_json::Value;
use std::path::Path;

fn answer(code: &str) -> Value {
    let ran = run(&["--format", "json", "-e", code]);
    assert_eq!(ran.code, Some(0), "{code}: {}", ran.err);
    serde_json::from_str(ran.out.lines().last().unwrap()).unwrap()
}

/// How many numbers of f64 lie between two, and one more.
fn ulps(a: f64, b: f64) -> u64 {
    let order = |v: f64| if v < 0.0 { -((v.to_bits() & !(1 << 63)) as i64) } else { v.to_bits() as i64 };
    order(a).abs_diff(order(b))
}

const NETWORK: &str = "\
let z1 = w1*x + b1
let h1 = tanh(z1)
let z2 = w2*h1 + b2
let p = sigmoid(z2)
let loss = -(y*log(p) + (1 - y)*log(1 - p))
param w1 = 0.7, b1 = -0.2, w2 = 1.3, b2 = 0.1
given x = 1.5, y = 1
";

#[test]
fn the_total_is_the_gradient() {
    let programs = [
        format!("{NETWORK}flow loss"),
        "let a = x^2\nlet c = a*x + sin(a)\nlet d = c/a + a*c\nflow d wrt x at x = 1.3".to_owned(),
        "flow (sigmoid(w*x + b) - y)^2 wrt w, b at w = 2, x = 3, b = -1, y = 0.25".to_owned(),
        "flow logsumexp([a*x, b*x, exp(x)]) wrt x at a = 1, b = -2, x = 0.3".to_owned(),
    ];
    for program in programs {
        let found = answer(&program);
        for flow in found["flows"].as_array().unwrap() {
            let total = flow["total"].as_f64().unwrap();
            let last = flow["stages"].as_array().unwrap().last().unwrap()["influence"].as_f64().unwrap();
            assert!(ulps(total, last) <= 4, "{program}: {total} and {last}");
            let paths: Vec<f64> =
                flow["paths"].as_array().unwrap().iter().map(|path| path["product"].as_f64().unwrap()).collect();
            if !paths.is_empty() {
                let sum: f64 = paths.iter().sum();
                assert!((sum - total).abs() <= 1e-12 * paths.iter().map(|p| p.abs()).sum::<f64>(), "{program}");
            } else {
                let product: f64 = flow["links"].as_array().unwrap().iter().map(|link| link["slope"].as_f64().unwrap()).product();
                assert!((product - total).abs() <= 1e-14 * total.abs(), "{program}");
            }
        }
    }
}

/// Every loss of the corpus, cut into stages at its functions.
#[test]
fn the_totals_of_known_losses_are_their_gradients() {
    let text = include_str!("../corpus/ml.jsonl");
    let mut compared = 0;
    let mut session = grad::session::Session::new(grad::session::Options::default());
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let expression = case["expr"].as_str().unwrap();
        let names: Vec<String> = case["vars"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        for point in case["points"].as_array().unwrap() {
            let values = point["at"].as_object().unwrap().iter();
            let values = values.filter_map(|(name, v)| Some((name.clone(), grad::expr::Number::from_f64(v.as_f64()?)?)));
            let values: Vec<_> = values.collect();
            let ask = grad::session::Ask::Flow(names.clone());
            let query = grad::session::Query { expression, assume: &[], at: &values, ask };
            let Ok(grad::outcome::Answer::Flow(flows)) = session.ask(&query) else { continue };
            for flow in flows {
                let last = flow.nodes.last().and_then(|node| node.influence.as_ref());
                let (Some(total), Some(last)) = (&flow.total, last) else { continue };
                if [total, last].iter().any(|found| found.doubt.is_some() || found.cause.is_some()) {
                    continue;
                }
                assert!(ulps(total.value, last.value) <= 4, "{expression}: {} and {}", total.value, last.value);
                compared += 1;
            }
        }
    }
    assert!(compared >= 100, "{compared}");
}

/// The answers of a program in its own folder, of which one word was put in the place of another at the beginning of lines.
fn answers(path: &Path, word: &str, instead: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| line.strip_prefix(word).map_or_else(|| line.to_owned(), |rest| format!("{instead}{rest}"));
    let text: Vec<String> = text.lines().map(line).collect();
    let mut command = grad();
    command.args(["--format", "json", "-e", &text.join("\n")]).current_dir(path.parent().unwrap());
    let ran = finished(command.output().unwrap());
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Wherever an example takes a flow, its total, and what arrives over the links, are the gradient's numbers.
#[test]
fn the_totals_in_every_example_are_the_gradients() {
    let mut compared = 0;
    for path in examples() {
        if !std::fs::read_to_string(&path).unwrap().lines().any(|line| line.starts_with("flow ")) {
            continue;
        }
        let (flows, gradients) = (answers(&path, "flow ", "flow "), answers(&path, "flow ", "grad "));
        assert_eq!(flows.len(), gradients.len(), "{}", path.display());
        for (flow, gradient) in flows.iter().zip(&gradients).filter(|(flow, _)| flow["command"] == "flow") {
            for one in flow["flows"].as_array().unwrap() {
                let Some(total) = one["total"].as_f64() else { continue };
                let partial = &gradient["partials"][one["by"].as_str().unwrap()];
                let exact = partial["value"].as_f64().or_else(|| partial["result"].as_str()?.parse().ok());
                let last = one["stages"].as_array().unwrap().last().unwrap()["influence"].as_f64().unwrap();
                for number in [exact.unwrap_or_else(|| panic!("{partial}")), last] {
                    assert!(ulps(total, number) <= 4, "{}: {total} and {number}", path.display());
                }
                compared += 1;
            }
        }
    }
    assert!(compared >= 9, "{compared}");
}

#[test]
fn a_flow_through_rows_says_why_it_is_one_link() {
    let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/learning");
    let program = "data houses = \"houses.csv\"\nflow mean((tanh(w*houses.size/100) - houses.price)^2) wrt w at w = 1";
    let told = |form: &str| {
        let mut command = grad();
        finished(command.args(["--format", form, "-e", program]).current_dir(&lesson).output().unwrap()).out
    };
    let flow: Value = serde_json::from_str(&told("json")).unwrap();
    assert_eq!(flow["flows"][0]["within_rows"], true);
    let text = told("text");
    assert!(text.contains("have a value for each row") && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert_eq!(answer("flow sin(x)^2 wrt x at x = 1")["flows"][0]["within_rows"], false);
}

#[test]
fn saturated_links_are_named_and_made_up_for() {
    let stages = "let z = w*x\nlet p = sigmoid(z)\n";
    let squared = answer(&format!("{stages}let sq = (p - y)^2\nflow sq wrt w at w = 3, x = 2, y = 0"));
    let flow = &squared["flows"][0];
    let reason = &flow["links"][1]["reason"];
    assert_eq!((reason["function"].as_str(), reason["argument"].as_str()), (Some("sigmoid"), Some("z")));
    let slope = 1.0 / (2.0 + 2.0 * 6f64.cosh());
    assert!((reason["slope"].as_f64().unwrap() / slope - 1.0).abs() < 1e-12);
    assert!((reason["largest"].as_f64().unwrap() - 0.25).abs() < 1e-12);
    assert_eq!(flow["remarks"][0]["kind"], "weakens");
    let entropy = answer(&format!("{stages}let ce = -log(1 - p)\nflow ce wrt w at w = 3, x = 2"));
    assert_eq!(entropy["flows"][0]["remarks"][0]["kind"], "made up");
    let dead = answer("let r = relu(-x)\nlet q = 2*r\nflow q wrt x at x = 3");
    assert_eq!(dead["flows"][0]["remarks"][0]["kind"], "stops");
    assert_eq!(dead["flows"][0]["total"].as_f64(), Some(0.0));
}

#[test]
fn layers_have_a_rate() {
    let layers: String = (1..=8).map(|k| format!("let h{k} = tanh(0.5*h{})\n", k - 1)).collect();
    let found = answer(&format!("{layers}flow h8 wrt h0 at h0 = 0"));
    let remark = &found["flows"][0]["remarks"][0];
    // each slope is 0.5 at 0, and 0.5^20 < 1e-6 < 0.5^19
    assert_eq!(
        (remark["kind"].as_str(), remark["count"].as_u64(), remark["until"].as_u64()),
        (Some("layers"), Some(8), Some(20))
    );
    assert!((remark["rate"].as_f64().unwrap() - 0.5).abs() < 1e-12);
}

#[test]
fn without_values_the_links_are_told() {
    let ran = run(&["-e", "let z = w*x\nlet p = sigmoid(z)\nflow p wrt w"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("p*(1 - p)") && ran.out.contains("give values"), "{}", ran.out);
}

#[test]
fn a_long_chain_shows_its_ends() {
    let layers: String = (1..=300).map(|k| format!("let h{k} = 0.9*h{} + 1\n", k - 1)).collect();
    let ran = run(&["-e", &format!("{layers}flow h300 wrt h0 at h0 = 0")]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.lines().count() < 40, "{}", ran.out);
    assert!(ran.out.contains("300 layers of one kind"), "{}", ran.out);
}

#[test]
fn percents_are_right() {
    let power = answer("elasticity 5*x^3 wrt x at x = 2");
    let found = &power["elasticities"][0];
    assert_eq!((found["result"].as_str(), found["of"].as_f64(), found["slope"].as_f64()), (Some("3"), Some(40.0), Some(60.0)));
    let decay = answer("elasticity exp(-x/4) wrt x at x = 8");
    assert_eq!(
        (decay["elasticities"][0]["result"].as_str(), decay["elasticities"][0]["value"].as_f64()),
        (Some("-x/4"), Some(-2.0))
    );
}

#[test]
fn other_programs_can_ask() {
    let requests = [
        serde_json::json!({"id": 1, "op": "flow", "expr": "log(sigmoid(w*x))", "wrt": "w", "at": {"w": 2, "x": 1}}),
        serde_json::json!({"id": 2, "op": "elasticity", "expr": "x^2*y", "wrt": ["x", "y"], "at": {"x": 3, "y": 1}}),
        serde_json::json!({"id": 3, "op": "flow", "expr": "[x, y]", "wrt": "x"}),
    ];
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let out = run_with(&["batch"], lines.as_bytes()).out;
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["flows"][0]["by"], "w");
    let results: Vec<&str> = (0..2).map(|k| answers[1]["elasticities"][k]["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["2", "1"]);
    assert_eq!(answers[2]["ok"], false);
}
