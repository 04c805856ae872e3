//! How long a question takes to answer: the expressions of `tests/corpus`, simplified, differentiated step by step, and searched for
//! their stable form, each in a new session.
//!
//! `cargo bench --bench questions`: for each command the median, the 99th percentile and the slowest question, all of them together,
//! and that as a multiple of what simplifying the same expressions takes in the same process.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use divan::black_box;
use grad::session::{NoImports, Options, Session};
use grad::source::Source;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const COMMANDS: [&str; 3] = ["simplify", "derive", "stable"];

const CORPORA: [&str; 4] = ["derivatives", "feynman", "ml", "simplify"];

/// Every expression once, with a letter to differentiate by where its case names one.
fn expressions() -> BTreeMap<String, Option<String>> {
    let read = |name: &str| {
        let path = format!("{}/tests/corpus/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    let expression = |line: &str| {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let by = case["var"].as_str().or_else(|| case["vars"][0].as_str());
        Some((case["expr"].as_str()?.to_owned(), by.map(str::to_owned)))
    };
    CORPORA.iter().flat_map(|name| read(name).lines().filter_map(expression).collect::<Vec<_>>()).collect()
}

fn time(program: String) -> Duration {
    let program = Source::new("bench", program);
    let mut session = Session::new(Options { time: None, ..Options::default() });
    let start = Instant::now();
    black_box(session.run(program, &mut NoImports));
    start.elapsed()
}

fn main() {
    let expressions = expressions();
    println!("{} expressions", expressions.len());
    println!("{:<10}{:>10}{:>10}{:>10}{:>10}{:>8}", "ms", "median", "99 %", "slowest", "all", "ratio");
    let mut simplifying = None;
    for command in COMMANDS {
        let question = |(e, by): (&String, &Option<String>)| match (command, by) {
            ("derive", None) => None,
            ("derive", Some(by)) => Some(format!("derive {e} wrt {by}\n")),
            _ => Some(format!("{command} {e}\n")),
        };
        let timed = |asked| Some((time(question(asked)?), asked.0.as_str()));
        let mut times: Vec<(Duration, &str)> = expressions.iter().filter_map(timed).collect();
        times.sort();
        let ms = |k: usize| times[k.min(times.len() - 1)].0.as_secs_f64() * 1e3;
        let all: f64 = times.iter().map(|(t, _)| t.as_secs_f64() * 1e3).sum();
        let ratio = all / *simplifying.get_or_insert(all);
        let (median, most, slowest) = (ms(times.len() / 2), ms(times.len() * 99 / 100), times[times.len() - 1].1);
        println!("{command:<10}{median:>10.2}{most:>10.1}{:>10.1}{all:>10.0}{ratio:>8.1}   {slowest:.60}", ms(times.len() - 1));
    }
}
