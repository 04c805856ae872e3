//! What a gradient costs: all partial derivatives built as nodes of the shared graph, beside the same gradient taken once in
//! numbers by a hand-written tape, which is the least that any program must do.
//!
//! `cargo bench --bench gradient`: for each workload the nodes, the shortest time of several runs, and the ratio of the two; for
//! families of growing size also the exponent of growth, 1 where time is in proportion to size.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "gradient/tape.rs"]
mod tape;
#[path = "gradient/workloads.rs"]
mod workloads;

use divan::black_box;
use grad::derive::adjoint::{adjoints, hessian_times, second};
use grad::expr::{Graph, Id, Symbol, walk};
use std::time::Instant;
use tape::Tape;
use workloads::{Algebra, Workload};

/// The longest time that one row may take, in seconds, once it was run three times.
const PATIENCE: f64 = 0.4;

/// The largest exponent at which a family still counts as linear.
const LINEAR: f64 = 1.1;

/// Expressions as nodes of the graph.
struct Symbolic {
    g: Graph,
    variables: Vec<Symbol>,
}

impl Algebra for Symbolic {
    type Item = Id;
    fn variable(&mut self, name: &str) -> Id {
        let symbol = self.g.intern(name);
        self.variables.push(symbol);
        self.g.symbol(symbol)
    }
    fn number(&mut self, text: &str) -> Id {
        let n = grad::expr::Number::parse(text.trim_start_matches('-')).unwrap();
        self.g.number(if text.starts_with('-') { -&n } else { n })
    }
    fn sum(&mut self, terms: &[Id]) -> Id {
        self.g.add(terms)
    }
    fn product(&mut self, factors: &[Id]) -> Id {
        self.g.mul(factors)
    }
    fn call(&mut self, name: &str, a: Id) -> Id {
        self.g.call_named(name, &[a]).unwrap()
    }
    fn square(&mut self, a: Id) -> Id {
        let two = self.g.integer(2);
        self.g.pow(a, two)
    }
}

/// The shortest time of several runs in milliseconds, and what the last one gave; what is prepared for a run does not count.
fn shortest<P, T>(mut prepare: impl FnMut() -> P, mut run: impl FnMut(P) -> T) -> (f64, T) {
    let (mut best, mut runs, begin) = (f64::INFINITY, 0, Instant::now());
    loop {
        let prepared = prepare();
        let start = Instant::now();
        let found = black_box(run(prepared));
        best = best.min(start.elapsed().as_secs_f64());
        runs += 1;
        if runs >= 500 || (runs >= 3 && begin.elapsed().as_secs_f64() > PATIENCE) {
            return (best * 1e3, found);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    Gradient,
    Hessian,
    HessianTimes,
}

/// The derivatives that are asked for, with the graph that then holds them.
fn built(mut g: Graph, root: Id, by: &[Symbol], what: What) -> (Graph, Vec<Id>) {
    let found = match what {
        What::Gradient => adjoints(&mut g, root, by).unwrap(),
        What::Hessian => {
            let gradient = adjoints(&mut g, root, by).unwrap();
            second(&mut g, &gradient, by).unwrap().concat()
        }
        What::HessianTimes => {
            let along: Vec<Id> = (0..by.len()).map(|k| g.variable(&format!("v{k}"))).collect();
            hessian_times(&mut g, root, by, &along).unwrap()
        }
    };
    (g, found)
}

/// Measures one workload and prints its row; gives its size and the time.
fn row(name: &str, work: Workload, what: What) -> (f64, f64) {
    let mut symbolic = Symbolic { g: Graph::new(), variables: Vec::new() };
    let root = work.build(&mut symbolic);
    let Symbolic { g, variables } = symbolic;
    let nodes = walk::topological(&g, &[root]).len();
    let (time, (after, found)) = shortest(|| g.clone(), |g| built(g, root, &variables, what));
    let all = walk::topological(&after, &[&found[..], &[root]].concat()).len();
    let (limit, _) = shortest(Tape::default, |mut tape| {
        let root = work.build(&mut tape);
        tape.gradient(root)
    });
    let ratio = if what == What::Gradient { format!("{limit:>10.4} {:>6.2}", time / limit) } else { String::new() };
    println!("{name:<34} {:>9} {nodes:>9} {all:>9} {time:>10.4} {ratio}", variables.len());
    (work.size() as f64, time)
}

/// Prints a family and the slope of its times over its sizes in logarithms, by least squares.
fn family(name: &str, works: impl Iterator<Item = Workload>) {
    let found: Vec<(f64, f64)> = works.map(|work| row(&format!("{name}, {}", work.size()), work, What::Gradient)).collect();
    let logs: Vec<(f64, f64)> = found.iter().map(|(n, t)| (n.ln(), t.ln())).collect();
    let count = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let above: f64 = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let below: f64 = logs.iter().map(|p| (p.0 - x).powi(2)).sum();
    let exponent = above / below;
    println!("{name}: growth exponent {exponent:.2} {}\n", if exponent <= LINEAR { "ok" } else { "OVER" });
}

fn main() {
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>10} {:>10} {:>6}",
        "workload", "variables", "nodes", "with all", "ms", "tape, ms", "ratio"
    );
    family("chain of stages", [10, 30, 100, 300, 1_000, 3_000, 10_000].into_iter().map(Workload::Chain));
    family("product of factors", [10, 30, 100, 300, 1_000, 3_000].into_iter().map(Workload::Product));
    let rows = [10, 30, 100, 300, 1_000, 3_000].into_iter();
    family("logistic loss, rows", rows.map(|rows| Workload::Logistic { rows, weights: 10 }));
    for (width, layers) in [(4, 2), (8, 2), (16, 2), (4, 3), (8, 3), (16, 3)] {
        row(&format!("network, {width}x{layers} hidden"), Workload::Network { width, layers }, What::Gradient);
    }
    println!();
    // beyond what the caches hold
    row("chain of stages, 100000", Workload::Chain(100_000), What::Gradient);
    row("product of factors, 30000", Workload::Product(30_000), What::Gradient);
    row("logistic loss, rows, 30000", Workload::Logistic { rows: 30_000, weights: 10 }, What::Gradient);
    println!();
    for rows in [300, 3_000] {
        let work = Workload::Logistic { rows, weights: 10 };
        row(&format!("Hessian, {rows} rows"), work, What::Hessian);
        row(&format!("Hessian times a vector, {rows} rows"), work, What::HessianTimes);
    }
    let work = Workload::Network { width: 16, layers: 3 };
    row("Hessian times a vector, 16x3", work, What::HessianTimes);
}
