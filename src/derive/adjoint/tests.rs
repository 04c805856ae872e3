//! The sweep against the rules one variable at a time, and the size of what it makes.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::derive::Engine;
use crate::domain::Known;
use crate::expr::{Reduction, walk};
use crate::resolve::formula;
use crate::verify::check::{Allowed, Checker, Outcome};
use crate::verify::rows::Instance;

/// Smooth expressions, pieces, lists and functions of several arguments.
const TABLE: &[&str] = &[
    "x*y + sin(x*y)^2",
    "log(exp(x) + exp(y))",
    "logsumexp(x, y, x*y)",
    "softmax([x, y, 2])[2]*x",
    "-log(softmax([x, y, x*y])[3])",
    "x*softmax([x, y, 2])[1] + y^2*softmax([x, y, 2])[3]",
    "x^y + y^3 + 2^x",
    "x*y*exp(x)*cos(y)*x",
    "3*x*2*y*(x + 1)/7",
    "tanh(x/(1 + y^2)) - hypot(x, y)",
    "if x > y then x^2 else x*y",
    "if x > y then (if x > 1 then x^2*y else y^3) else x*y",
    "max(x, y^2, x*y)",
    "min(x, y^2, x*y)*max(x, y)",
    "relu(x*y)*abs(x - y)",
    "atan2(y, x) + gamma(2 + x^2)",
    "-(y*log(sigmoid(x)) + (1 - y)*log(1 - sigmoid(x)))",
    "1/(1 + exp(-x*y))/(x^2 + 1)",
    "sqrt(x^2 + y^2)*log(x^2 + 1)",
    "x - y - (x - y)*-x",
    "5",
    "x",
    "cbrt(x)*erf(y)",
    "softplus(x)*gelu(y) + silu(x*y)",
];

/// Both ways, so that neither side has a value or a domain that the other has not.
fn agree(g: &Graph, known: &Known, ruled: Id, swept: Id, what: &str) {
    let outcome = Checker::new(known).step(g, ruled, swept, Allowed::Enlarge);
    assert!(!matches!(outcome, Outcome::Different { .. }), "{what}: {outcome:?}");
    let back = Checker::new(known).step(g, swept, ruled, Allowed::Enlarge);
    assert!(matches!(back, Outcome::Agreed { .. }), "{what}: {back:?}");
}

#[test]
fn the_sweep_agrees_with_the_rules_one_variable_at_a_time() {
    let known = Known::default();
    for text in TABLE {
        let mut g = Graph::new();
        let root = formula(&mut g, text).unwrap();
        let by = ["x", "y"].map(|name| g.intern(name));
        let swept = adjoints(&mut g, root, &by).unwrap();
        for (symbol, slope) in by.iter().zip(swept) {
            let ruled = Engine::new(&known).differentiate(&mut g, root, &[*symbol]).unwrap().value;
            agree(&g, &known, ruled, slope, text);
        }
    }
}

#[test]
fn second_derivatives_agree_with_the_rules() {
    let known = Known::default();
    for text in [
        "x*y + sin(x*y)^2",
        "log(exp(x) + exp(y))",
        "x^3*y^2/(1 + x^2)",
        "logsumexp(x, y, x*y)",
        "if x > y then x^2*y else x*y^3",
    ] {
        let mut g = Graph::new();
        let root = formula(&mut g, text).unwrap();
        let by = ["x", "y"].map(|name| g.intern(name));
        let gradient = adjoints(&mut g, root, &by).unwrap();
        let rows = second(&mut g, &gradient, &by).unwrap();
        let along = ["u", "v"].map(|name| g.variable(name));
        let products = hessian_times(&mut g, root, &by, &along).unwrap();
        for (i, row) in [[rows[0][0], rows[0][1]], [rows[0][1], rows[1][0]]].iter().enumerate() {
            for (j, swept) in row.iter().enumerate() {
                let ruled = Engine::new(&known).differentiate(&mut g, root, &[by[i], by[j]]).unwrap().value;
                agree(&g, &known, ruled, *swept, text);
            }
            let terms = [g.mul(&[row[0], along[0]]), g.mul(&[row[1], along[1]])];
            let sum = g.add(&terms);
            agree(&g, &known, sum, products[i], text);
        }
    }
}

/// The slopes at a point in f64.
fn values(text: &str, at: f64) -> f64 {
    let mut g = Graph::new();
    let root = formula(&mut g, text).unwrap();
    let x = g.intern("x");
    let slope = adjoints(&mut g, root, &[x]).unwrap()[0];
    let point = std::collections::HashMap::from([(x, at)]);
    crate::eval::evaluate(&g, &std::collections::HashMap::new(), &[slope], &point)[0].value
}

#[test]
fn a_branch_that_does_not_apply_spoils_nothing() {
    // each inner slope has no value at the point, where its branch does not apply
    assert_eq!(values("if x > 0 then log(x)*sqrt(x) else x^2", 0.0), 0.0);
    assert_eq!(values("if x > 0 then (if x > 1 then log(x - 1) else x) else 3*x", 0.0), 3.0);
    assert_eq!(values("(if x > 0 then log(x) else x) + (if x > 1 then log(x)^2 else x)", 0.0), 2.0);
    assert_eq!(values("max(x - 1, 2*x)", 0.0), 2.0);
    // one without another branch has no slope elsewhere
    assert!(values("if x > 0 then x^2", -1.0).is_nan());
    assert_eq!(values("if x > 0 then x^2", 1.0), 2.0);
}

#[test]
fn sums_of_sums_stay_linear() {
    let mut g = Graph::new();
    let x = g.variable("x");
    let mut root = x;
    for _ in 0..2_000 {
        let sin = g.call_named("sin", &[root]).unwrap();
        root = g.add(&[root, sin]);
    }
    let symbol = g.find_symbol("x").unwrap();
    let slope = adjoints(&mut g, root, &[symbol]).unwrap()[0];
    let edges: usize = walk::topological(&g, &[root, slope]).iter().map(|id| g.children(*id).len()).sum();
    assert!(edges <= 24_000, "{edges} edges");
}

#[test]
fn a_gradient_is_a_small_multiple_of_its_function() {
    let mut g = Graph::new();
    let (x, one) = (g.variable("x"), g.integer(1));
    let mut root = x;
    for _ in 0..10_000 {
        let e = g.call_named("exp", &[root]).unwrap();
        let sum = g.add(&[one, e]);
        let log = g.call_named("log", &[sum]).unwrap();
        root = g.mul(&[x, log]);
    }
    let symbol = g.find_symbol("x").unwrap();
    let slope = adjoints(&mut g, root, &[symbol]).unwrap()[0];
    let nodes = walk::topological(&g, &[root, slope]).len();
    assert!(nodes <= 90_000, "{nodes} nodes");
}

#[test]
fn slopes_of_reductions_are_reductions_of_slopes() {
    let mut g = Graph::new();
    let data = g.data_set("d").unwrap();
    let [x, y] = ["x", "y"].map(|name| g.column(data, name, true));
    let (x, y, w, b) = (g.symbol(x), g.symbol(y), g.variable("w"), g.variable("b"));
    let line = g.mul(&[w, x]);
    let line = g.add(&[line, b]);
    let inner = g.rows(Reduction::Mean, data, line);
    let error = g.sub(line, y);
    let error = g.sub(error, inner);
    let two = g.integer(2);
    let square = g.pow(error, two);
    let sum = g.rows(Reduction::Sum, data, square);
    let root = g.mul(&[sum, w]);
    let by = ["w", "b"].map(|name| g.intern(name));
    let swept = adjoints(&mut g, root, &by).unwrap();
    let known = Known::default();
    for (symbol, slope) in by.iter().zip(swept) {
        let ruled = Engine::new(&known).differentiate(&mut g, root, &[*symbol]).unwrap().value;
        let instance = Instance::of(&g, &known, &[ruled, slope]).unwrap();
        let (ruled, slope) = (instance.get(ruled), instance.get(slope));
        let outcome = Checker::new(&instance.known).step(&instance.graph, ruled, slope, Allowed::Exact);
        assert!(matches!(outcome, Outcome::Agreed { .. }), "{outcome:?}");
    }
}
