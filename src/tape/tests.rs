//! Tapes against the evaluation of single points.

use super::*;
use crate::derive::adjoint::adjoints;
use crate::eval::evaluate;
use crate::eval::open_series;
use crate::resolve::formula;
use std::collections::HashMap;

/// Expressions in columns `x`, `y` and parameters `p`, `q`.
const EXPRESSIONS: &[&str] = &[
    "x*y + p*x - q*y + 3",
    "x^2*y^3 - 4*x*y + p/x",
    "exp(-x^2)*sin(y) + cos(x*y) - tan(x)",
    "log(1 + exp(x)) - log(x) + sqrt(y)",
    "x^y + y^x + x^(1/3) + x^-2 + x^2.5 + x^17",
    "softplus(-x)*sigmoid(-y) + sigmoid(x) + log_sigmoid(y) + softplus(x)",
    "tanh(x)*sech(x)^2 + sinh(y)/cosh(y) + gelu(x) + silu(y) + relu(x - y)",
    "erf(x)*erfc(y) + gamma(2 + x) + lgamma(y) + atan2(x, y)",
    "max(x, y, p) - min(x, y, 0.5) + clamp(x, -1, 1) + sign(x - y) + abs(y - 2)",
    "logsumexp(x, y, p) + logaddexp(x, y) + softmax([x, y, 1])[2]",
    "if x > y then x^2 else if y > 1 and x > 0 then y else p",
    "if x < 0 or log(x) > 0 then floor(3*x) + ceil(y) + round(x) else 1/(x - x)",
    "log(x - 1)*0 + 1/(y - y)",
    "sum(i in 1..4: x^i/i) + prod(i in 1..3: 1 + y/i)",
    "step(x - 1) + expm1(x)*log1p(y) + log1mexp(-x) + logit(x/(1 + x)) + cbrt(x) + log2(x) + log10(y)",
    "p^2*q + exp(p)",
    "7",
    "-x",
    "x",
];

struct Case {
    g: Graph,
    root: Id,
    columns: [Symbol; 2],
    parameters: [Symbol; 2],
}

fn case(text: &str) -> Case {
    let mut g = Graph::new();
    let columns = ["x", "y"].map(|name| g.intern(name));
    let parameters = ["p", "q"].map(|name| g.intern(name));
    let root = formula(&mut g, text).unwrap();
    let root = open_series(&mut g, &HashMap::new(), root, &HashMap::new()).unwrap().root;
    Case { g, root, columns, parameters }
}

/// Positive and negative numbers of several sizes, in no order.
fn column(rows: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..rows).map(|k| if k % 37 == 0 { -2.0 * next() } else { 3.0 * next() + 0.01 }).collect()
}

const AT: [f64; 2] = [0.7, -1.3];

fn by_points(case: &Case, root: Id, x: &[f64], y: &[f64]) -> Vec<f64> {
    let value = |(x, y): (&f64, &f64)| {
        let env = HashMap::from([
            (case.columns[0], *x),
            (case.columns[1], *y),
            (case.parameters[0], AT[0]),
            (case.parameters[1], AT[1]),
        ]);
        let found = evaluate(&case.g, &HashMap::new(), &[root], &env).remove(0);
        if found.cause.is_some_and(|cause| cause.kind.is_strict()) { f64::NAN } else { found.value }
    };
    x.iter().zip(y).map(value).collect()
}

fn by_tape(case: &Case, root: Id, x: &[f64], y: &[f64], threads: usize) -> Vec<f64> {
    let program = Program::new(&case.g, &[root], &case.columns, &case.parameters).unwrap();
    let mut run = Run::new(&program, threads);
    run.start(&AT);
    if program.results() == 0 {
        return vec![run.value(0); x.len()];
    }
    let mut results = vec![0.0; x.len()];
    run.feed(&[x, y], x.len(), &mut [&mut results]);
    run.end_pass();
    results
}

fn agree(text: &str, expected: &[f64], found: &[f64]) {
    for (row, (a, b)) in expected.iter().zip(found).enumerate() {
        let same = a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 2e-14 * (1.0 + a.abs());
        assert!(same, "{text} in row {row}: {b:e}, not {a:e}");
    }
}

#[test]
fn rows_have_the_values_of_single_points() {
    let (x, y) = (column(1000, 1), column(1000, 2));
    for text in EXPRESSIONS {
        let case = case(text);
        let expected = by_points(&case, case.root, &x, &y);
        agree(text, &expected, &by_tape(&case, case.root, &x, &y, 1));
    }
}

#[test]
fn gradients_run_too() {
    let (x, y) = (column(500, 3), column(500, 4));
    for text in EXPRESSIONS {
        let mut case = case(text);
        let by = [case.columns[0], case.columns[1], case.parameters[0]];
        let Ok(slopes) = adjoints(&mut case.g, case.root, &by) else { continue };
        for slope in slopes {
            let expected = by_points(&case, slope, &x, &y);
            agree(text, &expected, &by_tape(&case, slope, &x, &y, 1));
        }
    }
}

#[test]
fn a_row_without_a_value_is_nan_and_no_pole_becomes_a_number() {
    for text in ["exp(-1/x)", "1/log(x)", "exp(log(x))", "0*log(x)", "exp(log1p(x - 1))", "max(log(x), 3)", "1/digamma(x)"] {
        let case = case(text);
        let found = by_tape(&case, case.root, &[0.0, 1.5], &[1.0, 1.0], 1);
        assert!(found[0].is_nan() && found[1].is_finite(), "{text}: {found:?}");
    }
}

#[test]
fn a_logarithm_and_its_slope_share_a_division() {
    for (text, pair) in [("log(x)", "LogInverse"), ("log1p(x)", "Log1pSlope")] {
        let mut case = case(text);
        let slope = adjoints(&mut case.g, case.root, &case.columns[..1]).unwrap().remove(0);
        let program = Program::new(&case.g, &[case.root, slope], &case.columns, &case.parameters).unwrap();
        assert!(program.listing().contains(pair), "{}", program.listing());
        let rows = [-1.0, 0.0, 1e-310, 1e-9, 0.7, 2.0, 1e150, f64::MAX, -0.25];
        let mut results = [[0.0; 9]; 2];
        let mut run = Run::new(&program, 1);
        run.start(&AT);
        run.feed(&[&rows, &rows], rows.len(), &mut results.each_mut().map(|r| &mut r[..]));
        run.end_pass();
        for (root, found) in [case.root, slope].into_iter().zip(results) {
            agree(text, &by_points(&case, root, &rows, &rows), &found);
        }
    }
}

#[test]
fn sums_have_as_many_terms_as_they_like() {
    let terms: Vec<String> = (1..40).map(|k| format!("{k}*x^{}*y^{} - p*x*y*{k}", k % 5, k % 4)).collect();
    let case = case(&terms.join(" + "));
    let (x, y) = (column(531, 7), column(531, 8));
    agree("a long sum", &by_points(&case, case.root, &x, &y), &by_tape(&case, case.root, &x, &y, 1));
}

#[test]
fn threads_and_blocks_make_no_difference() {
    let (x, y) = (column(100_003, 5), column(100_003, 6));
    let case = case("log(1 + exp(p*x + q*y)) - x*y");
    let totals = |threads: usize, rows: usize| {
        let program = Program::of_totals(&case.g, &[case.root], &case.columns, &case.parameters).unwrap();
        let mut run = Run::new(&program, threads);
        run.start(&AT);
        run.feed(&[&x[..rows], &y[..rows]], rows, &mut []);
        run.end_pass();
        run.value(0)
    };
    assert_eq!(totals(1, 100_003).to_bits(), totals(3, 100_003).to_bits());
    let by_row: f64 = by_points(&case, case.root, &x[..1003], &y[..1003]).iter().sum();
    assert!((totals(1, 1003) - by_row).abs() < 1e-9);
    let one = by_tape(&case, case.root, &x, &y, 1);
    let three = by_tape(&case, case.root, &x, &y, 3);
    assert!(one.iter().zip(&three).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan()));
}

/// The loss of one row and its slopes by the parameters.
fn logistic_loss() -> (Case, Vec<Id>) {
    let mut case = case("log(1 + exp(-y*(p*x + q)))");
    let recognised = crate::eval::recognise::recognise(&mut case.g, case.root);
    let by = case.parameters;
    let mut roots = vec![recognised];
    roots.extend(adjoints(&mut case.g, recognised, &by).unwrap());
    (case, roots)
}

#[test]
fn totals_take_products_in() {
    // totals of rows, of products of two and three, and of their opposites
    let (mut case, mut roots) = logistic_loss();
    roots.extend(["x*y", "-x*y", "x^2*y", "x + y"].map(|text| formula(&mut case.g, text).unwrap()));
    let program = Program::of_totals(&case.g, &roots, &case.columns, &case.parameters).unwrap();
    for rows in [1, 5, 16, 100, 257, 1003] {
        let (x, y) = (column(rows, 7), column(rows, 8));
        for mut run in [Run::new(&program, 1), Run::new(&program, 1).careful()] {
            run.start(&AT);
            run.feed(&[&x, &y], rows, &mut []);
            run.end_pass();
            for (k, root) in roots.iter().enumerate() {
                let each = by_points(&case, *root, &x, &y);
                let (sum, size) = each.iter().fold((0.0, 0.0), |(sum, size): (f64, f64), v| (sum + v, size + v.abs()));
                assert!((run.value(k) - sum).abs() <= 4e-15 * size, "{rows} rows, root {k}: {} not {sum}", run.value(k));
            }
        }
    }
}

#[test]
fn a_loss_and_its_gradient_share_their_parts() {
    let (case, roots) = logistic_loss();
    let program = Program::of_totals(&case.g, &roots, &case.columns, &case.parameters).unwrap();
    let expected = "\
s0 = (# + #*c0)*c1
s1, s2 = SoftplusSigmoidOpposite s0
total 0 += s1
total 1 += s2*c1*c0, total 2 += s2*c1
";
    let listing = program.listing();
    let unnumbered: Vec<&str> = listing.split('#').map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit())).collect();
    // the names of scalars are positions of no meaning
    assert_eq!(unnumbered.join("#"), expected);
}

#[test]
fn what_has_no_value_is_refused() {
    let mut case = case("x + z");
    let refused = Program::new(&case.g, &[case.root], &case.columns, &case.parameters).err().unwrap();
    assert_eq!(refused.reason, "it has no value");
    let series = formula(&mut case.g, "sum(i in 1..n: i)").unwrap();
    assert!(Program::new(&case.g, &[series], &case.columns, &case.parameters).is_err());
}
