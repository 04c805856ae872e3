//! What a stable form costs: softplus and binary cross-entropy from scores, in the form that is recognised against the form that
//! is typed, as bare functions and through the evaluator.
//!
//! `cargo bench --bench cost`: the times, then the ratios, which must not exceed 2.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use divan::{Bencher, black_box};
use grad::eval::recognise::recognise;
use grad::eval::{Plan, Values};
use grad::expr::{Graph, Id, Symbol};
use grad::math::kernels::elementary::{exp, log};
use grad::math::kernels::special::{log_sigmoid, softplus};
use grad::resolve::formula;
use std::collections::HashMap;
use std::time::Instant;

const SOFTPLUS: &str = "log(1 + exp(x))";
const CROSS_ENTROPY: &str = "-(y*log(1/(1 + exp(-x))) + (1 - y)*log(1 - 1/(1 + exp(-x))))";

/// The largest ratio of a stable form to the typed one.
const ALLOWED: f64 = 2.0;

/// Scores from -30 to 30, each with a label or a share of one.
fn points() -> Vec<(f64, f64)> {
    (0..1000).map(|k| (-30.0 + 0.06 * f64::from(k), f64::from(k * 7 % 11) / 10.0)).collect()
}

type Point = (f64, f64);

fn stable_softplus((x, _): Point) -> f64 {
    softplus(x)
}

fn typed_softplus((x, _): Point) -> f64 {
    log(1.0 + exp(x))
}

fn stable_cross_entropy((x, y): Point) -> f64 {
    -(y * log_sigmoid(x) + (1.0 - y) * log_sigmoid(-x))
}

fn typed_cross_entropy((x, y): Point) -> f64 {
    -(y * log(1.0 / (1.0 + exp(-x))) + (1.0 - y) * log(1.0 - 1.0 / (1.0 + exp(-x))))
}

/// An expression with the plan of its evaluation.
struct Prepared {
    g: Graph,
    root: Id,
    plan: Plan,
    symbols: [Symbol; 2],
    env: HashMap<Symbol, f64>,
}

impl Prepared {
    fn new(text: &str, recognised: bool) -> Self {
        let mut g = Graph::new();
        let typed = formula(&mut g, text).unwrap();
        let root = if recognised { recognise(&mut g, typed) } else { typed };
        assert_eq!(recognised, root != typed, "{text}");
        let plan = Plan::new(&g, &HashMap::new(), &[root]);
        let symbols = [g.intern("x"), g.intern("y")];
        Prepared { g, root, plan, symbols, env: HashMap::new() }
    }

    fn at(&mut self, (x, y): Point) -> f64 {
        self.env.insert(self.symbols[0], x);
        self.env.insert(self.symbols[1], y);
        Values::compute(&self.g, &self.plan, &self.env).value(self.root)
    }
}

fn over_points(mut f: impl FnMut(Point) -> f64) -> impl FnMut() -> f64 {
    let points = points();
    move || points.iter().map(|p| f(black_box(*p))).sum()
}

fn evaluated(text: &str, recognised: bool) -> impl FnMut() -> f64 {
    let mut prepared = Prepared::new(text, recognised);
    over_points(move |p| prepared.at(p))
}

macro_rules! bench {
    ($name:ident, $run:expr) => {
        #[divan::bench]
        fn $name(bencher: Bencher) {
            bencher.bench_local($run);
        }
    };
}

bench!(softplus_function_stable, over_points(stable_softplus));
bench!(softplus_function_typed, over_points(typed_softplus));
bench!(softplus_evaluated_stable, evaluated(SOFTPLUS, true));
bench!(softplus_evaluated_typed, evaluated(SOFTPLUS, false));
bench!(cross_entropy_function_stable, over_points(stable_cross_entropy));
bench!(cross_entropy_function_typed, over_points(typed_cross_entropy));
bench!(cross_entropy_evaluated_stable, evaluated(CROSS_ENTROPY, true));
bench!(cross_entropy_evaluated_typed, evaluated(CROSS_ENTROPY, false));

/// The ratio of the shortest times of two runs, which take turns.
fn ratio(name: &str, mut stable: impl FnMut() -> f64, mut typed: impl FnMut() -> f64) {
    let mut best = [f64::INFINITY; 2];
    for _ in 0..300 {
        for (best, run) in best.iter_mut().zip([&mut stable as &mut dyn FnMut() -> f64, &mut typed]) {
            let start = Instant::now();
            black_box(run());
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    let ratio = best[0] / best[1];
    let verdict = if ratio <= ALLOWED { "ok" } else { "OVER" };
    println!("{name:<30} {:>8.1} ns {:>8.1} ns  {ratio:>5.2} {verdict:>5}", best[0] * 1e6, best[1] * 1e6);
}

fn main() {
    divan::main();
    println!("\n{:<30} {:>11} {:>11}  ratio, at most {ALLOWED}", "for one point", "stable", "typed");
    ratio("softplus, function", over_points(stable_softplus), over_points(typed_softplus));
    ratio("softplus, evaluated", evaluated(SOFTPLUS, true), evaluated(SOFTPLUS, false));
    ratio("cross-entropy, function", over_points(stable_cross_entropy), over_points(typed_cross_entropy));
    ratio("cross-entropy, evaluated", evaluated(CROSS_ENTROPY, true), evaluated(CROSS_ENTROPY, false));
}
