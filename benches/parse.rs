//! How fast text becomes a graph: lines of 60 to 250 characters in the style of a loss or a formula typed by hand, read into a
//! tree, and into a graph for each line or for all, beside the fastest parser of expressions known in Rust, which runs in the
//! same process on the same text.
//!
//! `cargo bench --bench parse`: the times, then megabytes a second and the ratio to the peer.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use fasteval::{Compiler, Parser, Slab};
use grad::expr::Graph;
use grad::resolve::formula;
use grad::syntax::parse_expression;
use std::time::Instant;

/// A way to read all lines.
type Way = fn(&[String]);

/// The length of the text, in bytes.
const LENGTH: usize = 1_000_000;

/// A generator of numbers that look random, the same in every run (Marsaglia's xorshift64*).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// From 0 up to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        words[(self.next() >> 32) as usize % words.len()]
    }

    /// A name, or a decimal from 0.1 to 50 with one to four places.
    fn leaf(&mut self) -> String {
        if self.share() < 0.6 {
            return self.one_of(NAMES).to_owned();
        }
        let places = 1 + (self.next() >> 32) as usize % 4;
        format!("{:.places$}", 0.1 + 49.9 * self.share())
    }

    /// An expression of at most this depth.
    fn expression(&mut self, depth: u32) -> String {
        let kind = self.share();
        if depth == 0 || kind < 0.12 {
            return self.leaf();
        }
        if kind < 0.34 {
            return format!("{}({})", self.one_of(&["exp", "log", "sqrt", "tanh"]), self.expression(depth - 1));
        }
        if kind < 0.44 {
            return format!("{}^{}", self.one_of(NAMES), self.one_of(&["2", "3", "4", "5"]));
        }
        let operator = self.one_of(&[" + ", " - ", "*", "/", "*", " + "]);
        format!("({}{operator}{})", self.expression(depth - 1), self.expression(depth - 1))
    }
}

const NAMES: &[&str] = &["x", "y", "z", "alpha", "w1", "w2", "beta"];

fn lines() -> Vec<String> {
    let mut draw = Draw(1);
    let mut left = LENGTH;
    let fitting = std::iter::repeat_with(|| draw.expression(5)).filter(|line| (60..=250).contains(&line.len()));
    fitting
        .take_while(|line| {
            let room = left > 0;
            left = left.saturating_sub(line.len() + 1);
            room
        })
        .collect()
}

fn bytes(lines: &[String]) -> usize {
    lines.iter().map(|line| line.len() + 1).sum()
}

fn into_trees(lines: &[String]) {
    lines.iter().for_each(|line| _ = black_box(parse_expression(line).unwrap()));
}

fn into_graphs(lines: &[String]) {
    for line in lines {
        let mut g = Graph::new();
        black_box(formula(&mut g, line).unwrap());
    }
}

fn into_one_graph(lines: &[String]) {
    let mut g = Graph::new();
    lines.iter().for_each(|line| _ = black_box(formula(&mut g, line).unwrap()));
}

fn peer(lines: &[String]) {
    let parser = Parser::new();
    for line in lines {
        let mut slab = Slab::new();
        let root = parser.parse(line, &mut slab.ps).unwrap();
        black_box(root.from(&slab.ps).compile(&slab.ps, &mut slab.cs));
    }
}

macro_rules! bench {
    ($name:ident, $run:path) => {
        #[divan::bench]
        fn $name(bencher: Bencher) {
            let lines = lines();
            bencher.counter(BytesCount::new(bytes(&lines))).bench_local(|| $run(&lines));
        }
    };
}

bench!(a_tree_for_each_line, into_trees);
bench!(a_graph_for_each_line, into_graphs);
bench!(one_graph_for_all, into_one_graph);
bench!(peer_fasteval, peer);

fn main() {
    divan::main();
    let lines = lines();
    let runs: [(&str, Way); 4] = [
        ("a tree for each line", into_trees),
        ("a graph for each line", into_graphs),
        ("one graph for all", into_one_graph),
        ("peer: fasteval, compiled", peer),
    ];
    let mut best = [f64::INFINITY; 4];
    // they take turns, so that a busy moment of the machine hurts all alike
    for _ in 0..20 {
        for (best, (_, run)) in best.iter_mut().zip(runs) {
            let start = Instant::now();
            run(&lines);
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    println!("\n{} lines, {} bytes, the shortest of 20 runs", lines.len(), bytes(&lines));
    for ((name, _), seconds) in runs.iter().zip(best) {
        let rate = bytes(&lines) as f64 / 1e6 / seconds;
        println!("{name:<26} {rate:>7.1} MB/s  {:>5.2} of the peer's speed", best[3] / seconds);
    }
}
