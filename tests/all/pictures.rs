//! `plot`, `table` and `saturation` as a person or another program meets them: pictures that never join what is apart, files,
//! JSON, the batch protocol.

use crate::process::{finished, grad, run, run_with};
use serde_json::{Value, json};

fn answer(code: &str) -> Value {
    let ran = run(&["--format", "json", "-e", code]);
    assert_eq!(ran.code, Some(0), "{code}: {}{}", ran.out, ran.err);
    serde_json::from_str(ran.out.lines().last().unwrap()).unwrap()
}

/// The polylines of the only curve.
fn lines(code: &str) -> Vec<Vec<(f64, f64)>> {
    let found = answer(code);
    let points =
        |line: &Value| line.as_array().unwrap().iter().map(|p| (p[0].as_f64().unwrap(), p[1].as_f64().unwrap())).collect();
    found["curves"][0]["lines"].as_array().unwrap().iter().map(points).collect()
}

#[test]
fn poles_jumps_and_edges_are_gaps() {
    // places that no line may lie across
    let table: &[(&str, &[f64])] = &[
        ("1/x for x in -2..2", &[0.0]),
        ("1/x^2 for x in -1..3", &[0.0]),
        ("1/(x^2 - 2) for x in -3..3", &[-std::f64::consts::SQRT_2, std::f64::consts::SQRT_2]),
        ("tan(x) for x in -5..5", &[-1.5 * std::f64::consts::PI, -0.5 * std::f64::consts::PI, 0.5 * std::f64::consts::PI]),
        ("1/sin(x)^2 for x in 1..5", &[std::f64::consts::PI]),
        ("floor(x) for x in -1.5..1.5", &[-1.0, 0.0, 1.0]),
        ("sign(x - 1/3) for x in -1..1", &[1.0 / 3.0]),
        ("if x < 1 then x else x + 0.5 for x in 0..2", &[1.0]),
        ("gamma(x) for x in -2.5..2", &[-2.0, -1.0, 0.0]),
        ("log(abs(x)) for x in -1..1", &[0.0]),
        ("(x^2 - 1)/(x - 1)^2 for x in 0..3", &[1.0]),
    ];
    for (plot, places) in table {
        for line in lines(&format!("plot {plot}")) {
            let (first, last) = (line.first().unwrap().0, line.last().unwrap().0);
            for place in *places {
                assert!(!(first < *place && *place < last), "{plot}: a line from {first} to {last} crosses {place}");
            }
        }
    }
}

#[test]
fn what_is_smooth_or_has_a_kink_is_one_line() {
    for plot in [
        "sigmoid(100*x) for x in -5..5",
        "abs(x - 1/3) for x in -1..1",
        "cbrt(x) for x in -1..1",
        "sqrt(x) for x in 0..4",
        "relu(sin(x)) for x in 0..10",
        "exp(x) for x in -5..5",
        "x^x for x in 0.001..2",
        "sin(x)/x for x in 1e-6..20",
    ] {
        assert_eq!(lines(&format!("plot {plot}")).len(), 1, "{plot}");
    }
}

#[test]
fn every_point_lies_on_the_curve() {
    for (x, y) in lines("plot exp(-x)*cos(3*x) for x in -1..4").concat() {
        assert!((y - (-x).exp() * (3.0 * x).cos()).abs() <= 1e-12 * (1.0 + y.abs()), "{x}, {y}");
    }
}

#[test]
fn a_pole_does_not_flatten_and_a_peak_is_found() {
    let axis = |code: &str| {
        let y = answer(code)["y"].clone();
        (y["from"].as_f64().unwrap(), y["to"].as_f64().unwrap())
    };
    let (low, high) = axis("plot 1/x for x in -2..2");
    assert!(low >= -30.0 && high <= 30.0, "{low} {high}");
    // narrower than the distance of two samples
    assert_eq!(axis("plot exp(-(x/0.001)^2) for x in -1..1.1").1, 1.0);
    assert_eq!(axis("plot exp(x) for x in 0..20 with log = y"), (1.0, 1e9));
}

#[test]
fn a_stage_can_be_the_variable() {
    let points = lines("let z = w*x; let p = sigmoid(z); plot p for z in -3..3").concat();
    assert!(points.iter().any(|(z, p)| *z == 0.0 && *p == 0.5), "{points:?}");
    let steps = answer("let z = w*x; table sigmoid(z) for z in 0..1 with step = 1");
    assert_eq!(steps["rows"][0]["values"][0]["value"], json!(0.5));
    let ends = answer("let z = w*x; let p = sigmoid(z); saturation p for z in -10..10");
    assert_eq!(ends["derivative"], "sigmoid(z)*(1 - sigmoid(z))");
}

#[test]
fn a_bounded_curve_is_shown_whole_although_its_domain_ends() {
    for plot in ["asin(x)^9 for x in -1..1", "x^9/(x - 100) for x in 0..10", "sqrt(x)^9 for x in 0..2"] {
        assert_eq!(answer(&format!("plot {plot}"))["notes"], json!([]), "{plot}");
    }
    assert_ne!(answer("plot log(x) for x in 0..10")["notes"], json!([]));
}

#[test]
fn a_parameter_is_marked_where_it_stands() {
    let found = answer("param w = 0.5; plot (w - 1)^2 for w in -1..3");
    assert_eq!(found["marks"], json!([{"curve": "(w - 1)^2", "at": [0.5, 0.25], "text": "w = 0.5: 0.25"}]));
    assert_eq!(answer("param w = 5; plot (w - 1)^2 for w in -1..3")["marks"], json!([]));
}

#[test]
fn ascii_is_ascii() {
    let ran =
        run(&["--format", "ascii", "-e", "plot [sin(x), 1/x] for x in -3..3; saturation [tanh(x), relu(x)] for x in -3..3"]);
    assert!(ran.out.is_ascii(), "{}", ran.out);
    assert!(ran.out.contains("***  sin(x)") && ran.out.contains("+++  1/x"), "{}", ran.out);
}

#[test]
fn no_line_of_a_picture_is_wider_than_it_should_be() {
    let ran = run(&["-e", "plot 1e-9*x for x in -1e9..1e9 with width = 40, height = 6"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 1 + 6 + 2, "{}", ran.out);
    assert!(lines.iter().all(|line| line.chars().count() <= 40 + 16 && line.trim_end() == *line), "{}", ran.out);
}

#[test]
fn descents_and_curves_are_drawn_as_svg_too() {
    let logs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/learning-logs");
    let code = "descend (w - 1)^2 wrt w at w = 3 with rate = 0.1\ncurve \"decay.csv\"";
    let text = finished(grad().args(["--format", "svg", "-e", code]).current_dir(logs).output().unwrap()).out;
    assert_eq!(text.matches("<g transform=").count(), 2, "{text}");
    assert!(text.contains(">loss</text>") && text.contains("exponential decay to a floor</text>"), "{text}");
    assert!(text.contains("class=\"curve points s0\"") && text.contains("class=\"curve s1\" d="), "{text}");
}

#[test]
fn a_file_called_svg_gets_the_picture() {
    let path = std::env::temp_dir().join(format!("grad-picture-{}.svg", std::process::id()));
    let name = path.to_str().unwrap();
    let code = "let p = sigmoid(z); 1 + 1; plot [p, z < 0] for z in -3..3; plot [p, z/3] for z in -3..3";
    let ran = run(&["-e", code, "--output", name]);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("E0207"), "{}", ran.err);
    assert!(text.starts_with("<svg ") && text.trim_end().ends_with("</svg>"), "{text}");
    assert_eq!(text.matches("class=\"curve s0\"").count(), 2, "the curve and its line in the legend: {text}");
    let none = run(&["-e", "1 + 1", "--format", "svg"]);
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""));
    assert!(none.err.contains("nothing here makes a picture"), "{}", none.err);
}

#[test]
fn a_table_has_the_nearest_values() {
    let found = answer("table [exp(x) - 1, 1/x] for x in 0..1e-15 with step = 5e-16");
    assert_eq!(found["rows"][1]["values"][0]["value"], json!(5.000000000000001e-16));
    assert_eq!(found["rows"].as_array().unwrap().len(), 3);
    let steps = answer("table x for x in 0..1 with step = 0.1")["rows"].as_array().unwrap().clone();
    assert_eq!(steps.iter().map(|row| row["at"].as_f64().unwrap()).collect::<Vec<_>>()[..4], [0.0, 0.1, 0.2, 0.3]);
    assert_eq!(steps.len(), 11);
    let factors = answer("table x for x in 1e-3..1 with log = x")["rows"].as_array().unwrap().clone();
    assert_eq!(factors.iter().map(|row| row["at"].as_f64().unwrap()).collect::<Vec<_>>(), [0.001, 0.01, 0.1, 1.0]);
}

#[test]
fn a_table_tells_once_why_values_are_missing() {
    let ran = run(&["-e", "table log(x) for x in -3..1 with step = 1"]);
    assert_eq!(ran.out.matches("undefined: log(u) needs u > 0").count(), 1, "{}", ran.out);
    assert!(ran.out.contains("and in 2 more places"), "{}", ran.out);
}

#[test]
fn batch_looks_along_a_variable() {
    let requests = [
        json!({"id": 1, "op": "plot", "expr": ["x^2", "a*x"], "for": {"x": [0, 1]}, "at": {"a": 2}, "with": {"samples": 3}}),
        json!({"id": 2, "op": "table", "expr": "x*y", "for": {"x": [0, 1], "y": ["0.5", 1]}, "with": {"step": 0.5}}),
        json!({"id": 3, "op": "saturation", "expr": "tanh(x)", "for": {"x": ["-inf", "inf"]}, "with": {"share": "0.05"}}),
        json!({"id": 4, "op": "saturation", "expr": "tanh(x)", "for": {"x": [3, 1]}}),
        json!({"id": 5, "op": "plot", "expr": "x", "for": {"x": [0, "inf"]}}),
        json!({"id": 6, "op": "plot", "expr": "x", "for": {"x": 3}}),
        json!({"id": 7, "op": "plot", "expr": "x"}),
        json!({"id": 8, "op": "plot", "expr": "x", "for": {"x": [0, 1]}, "with": {"colour": "red"}}),
        json!({"id": 9, "op": "saturation", "expr": "b*x", "for": {"x": [0, 1]}}),
    ];
    let input: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let ran = run_with(&["batch"], input.as_bytes());
    let answers: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["curves"][1]["name"], "a*x");
    let last = answers[0]["curves"][1]["lines"][0].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last, json!([1.0, 2.0]));
    assert_eq!(answers[1]["rows"][1]["values"][1]["value"], json!(0.5));
    let end = answers[2]["regions"][0]["to"]["at"].as_f64().unwrap();
    assert!((end + 0.95f64.sqrt().atanh()).abs() < 1e-12, "{end}");
    let codes: Vec<&str> = answers[3..].iter().map(|a| a["error"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["E0230", "E0230", "E0505", "E0505", "E0219", "E0302"]);
}

#[test]
fn hard_functions_come_to_an_end() {
    for code in [
        "plot sin(1/x) for x in -1..1",
        "plot tan(1000*x) for x in 0..1",
        "plot floor(1000*x) for x in 0..1",
        "plot exp(exp(exp(x))) for x in -5..5",
        "plot x^1000 for x in -10..10",
        "plot gamma(x) for x in -20..0",
        "plot sum(i in 1..20: sin(i*x)/i) for x in -7..7",
        "table gamma(x) for x in 0..200 with step = 10",
        "plot x for x in 0..1e308",
        "plot 1e308*x for x in -10..10",
        "plot x for x in 1e-300..1e300 with log = xy",
    ] {
        let start = std::time::Instant::now();
        let ran = run(&["-e", code]);
        assert_eq!(ran.code, Some(0), "{code}: {}", ran.err);
        assert!(start.elapsed().as_secs() < 8, "{code}");
    }
    for code in
        ["saturation sin(1/x) for x in -1..1", "saturation sin(1000*x) for x in -10..10", "saturation tan(x) for x in 0..100"]
    {
        let ran = run(&["-e", code]);
        assert!(ran.code == Some(0) || ran.err.contains("E0311"), "{code}: {}", ran.err);
    }
}
