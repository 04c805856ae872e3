//! The largest error of every function over the whole range of f64, in units of the last place, against ball arithmetic.
//!
//! `cargo bench --bench accuracy [-- NAME…] [-- --points N]`: a million points for each row of the stable forms, a tenth of it for
//! the others. A unit is `2^(e - 52)` for a truth in `[2^e, 2^(e + 1))`, and never less than `2^-1074`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "accuracy/measure.rs"]
mod measure;
#[path = "accuracy/product.rs"]
mod product;
#[path = "accuracy/reference.rs"]
mod reference;
#[path = "accuracy/rows.rs"]
mod rows;
#[path = "accuracy/sample.rs"]
mod sample;

use measure::Verdict;
use rows::{ROWS, Row};
use sample::Random;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Points of one piece of work; each has its own seed, so that the result does not depend on the number of threads.
const PIECE: usize = 5_000;

/// What was found.
#[derive(Default, Clone)]
struct Tally {
    points: usize,
    worst: f64,
    at: Vec<f64>,
    above_one: usize,
    above_allowed: usize,
    undecided: usize,
}

impl Tally {
    fn add(&mut self, error: f64, point: &[f64], allowed: f64) {
        self.points += 1;
        self.above_one += usize::from(error > 1.0);
        self.above_allowed += usize::from(error > allowed);
        if error > self.worst {
            (self.worst, self.at) = (error, point.to_vec());
        }
    }

    fn merge(&mut self, other: Tally) {
        self.points += other.points;
        self.above_one += other.above_one;
        self.above_allowed += other.above_allowed;
        self.undecided += other.undecided;
        if other.worst > self.worst {
            (self.worst, self.at) = (other.worst, other.at);
        }
    }
}

fn main() {
    let (names, points) = arguments();
    println!(
        "{:<18} {:>9} {:>9} {:>7} {:>8}       {:>8}  worst at",
        "function", "points", "worst", "reached", "allowed", "> 1 ulp"
    );
    for row in ROWS.iter().filter(|row| names.is_empty() || names.iter().any(|n| n == row.name)) {
        let wanted = if row.stable || points.1 { points.0 } else { points.0 / 10 };
        report(row, wanted);
    }
}

/// The names that select rows, and the number of points with whether it was asked for.
fn arguments() -> (Vec<String>, (usize, bool)) {
    let mut names = Vec::new();
    let mut points = (1_000_000, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--points" => points = (words.next().and_then(|n| n.parse().ok()).expect("--points needs a number"), true),
            "--bench" | "--" => {}
            _ => names.push(word),
        }
    }
    (names, points)
}

fn report(row: &Row, points: usize) {
    let start = Instant::now();
    let tally = measure_row(row, points);
    let share = tally.above_allowed as f64 / tally.points.max(1) as f64;
    // a row without an allowance is shown, not judged
    let ok = if row.allowed.is_infinite() {
        "-"
    } else if share <= row.exceptions {
        "ok"
    } else {
        "OVER"
    };
    println!(
        "{:<18} {:>9} {:>9.3} {:>7} {:>8} {ok:>5} {:>8.3}%  {:?}{}  ({:.0} s)",
        row.name,
        tally.points,
        tally.worst,
        row.reached,
        row.allowed,
        100.0 * tally.above_one as f64 / tally.points.max(1) as f64,
        tally.at,
        if tally.undecided > 0 { format!(", {} undecided", tally.undecided) } else { String::new() },
        start.elapsed().as_secs_f64(),
    );
}

fn measure_row(row: &Row, points: usize) -> Tally {
    let next = AtomicUsize::new(0);
    let pieces = points.div_ceil(PIECE);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut total = Tally::default();
    std::thread::scope(|scope| {
        let work = || {
            let mut own = Tally::default();
            let mut call = row.compute.prepare();
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= pieces {
                    return own;
                }
                let mut random = Random::new(piece as u64 * 0x1_0000_0001);
                for _ in 0..PIECE.min(points - piece * PIECE) {
                    let point = row.draw(&mut random);
                    match row.judge(&point, call(&point)) {
                        Verdict::Error(error) => own.add(error, &point, row.allowed),
                        Verdict::Outside => {}
                        Verdict::Undecided => own.undecided += 1,
                    }
                }
            }
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().for_each(|t| total.merge(t.join().unwrap()));
    });
    total
}
