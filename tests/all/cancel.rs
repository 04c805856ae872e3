//! How soon what runs is stopped: the switch of Ctrl-C, thrown in the middle of long computations.
//!
//! `cargo test --release --test all cancel -- --include-ignored --nocapture` shows how long it takes.
#![cfg(target_os = "linux")]

use grad::budget::Stop;
use grad::limits::{Limit, Limits};
use grad::session::{NoImports, Options, Session};
use grad::source::Source;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// Within this time what runs has stopped.
const SOON: Duration = Duration::from_millis(100);

/// A program of so many stages, each made of the one before, and a command on the last.
fn staged(first: &str, next: &str, command: &str) -> String {
    let stage = |k: usize| format!("let t{} = {}\n", k + 1, next.replace('$', &format!("t{k}")));
    format!("let t0 = {first}\n{}{}\n", (0..64).map(stage).collect::<String>(), command.replace('$', "t64"))
}

fn joined(count: usize, between: &str, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(between)
}

/// Programs whose last statement takes long.
fn programs() -> Vec<String> {
    let squares = (0..40).fold("x".to_owned(), |inner, k| format!("({inner} + {k})^2"));
    let softmax = format!("softmax([{}])", joined(12, ", ", |k| format!("{k}*x^{k}")));
    let roots = |command: &str| staged("x + y", "sqrt($) + x*$", command);
    let mut programs = vec![
        "expand (x + y + z + 1)^200".to_owned(),
        "diff(exp(sin(x^2)), x, 50)".into(),
        "diff(tan(x), x, 60)".into(),
        "diff(x^x, x, 60)".into(),
        "descend (x - 1)^2 wrt x at x = 3 with steps = 1_000_000_000".into(),
        "eval exp(sin(1/3)) with digits = 200_000".into(),
        "eval sum(i in 1..n: 1/i^2) at n = 10^12".into(),
        "sum(i in 1..5000000: sin(i*x))".into(),
        format!("stable {}", joined(200, " + ", |k| format!("log(1 + exp({k}*x))"))),
        format!("derive {squares} wrt x"),
        format!("simplify {squares} - ({squares})"),
        format!("assert {squares} == {squares} + x - x*1.000001"),
        format!("derive ({softmax}[1]*{softmax}[2])^7 wrt x"),
        format!("stable ({softmax}[1])^9*log({softmax}[2])"),
        format!("hessian {} wrt x, y", joined(60, " + ", |k| format!("exp(sin({k}*x*y))*log(1 + x^{k} + y^2)"))),
        format!("derive {} wrt x", joined(60, "*", |k| format!("(x^{k} + sin({k}*x))"))),
        format!("contract {}", joined(300, " + ", |k| format!("log(x + {k})*y^{k}"))),
        format!("assert {0} == {0} + x/10^9", joined(200, "*", |k| format!("cos(x + {k})"))),
        staged("x + y", "$^2 + $", "eval $ at x = 0.5, y = 0.25"),
        staged("x + y", "$*sin($)", "stable $"),
        staged("x + y", "max($, x*$)", "hessian $ wrt x, y"),
    ];
    programs.extend(["$", "diff $ wrt x", "derive $ wrt x", "stable $", "domain $", "hessian $ wrt x, y"].map(roots));
    programs
}

/// The processor's time that a thread has taken; nothing where it has ended.
fn worked(task: &Path) -> Option<Duration> {
    let text = std::fs::read_to_string(task.join("schedstat")).ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

/// Runs a program, throws the switch after some time, and tells how long it worked on, in the processor's time and on the clock;
/// nothing where it had ended by itself.
fn stopped_after(program: &str, delay: Duration) -> Option<(Duration, Duration)> {
    let large = Limits::default();
    let large = [Limit::Nodes, Limit::Work, Limit::Terms, Limit::Digits, Limit::Expanded]
        .iter()
        .fold(large, |l, limit| l.with(*limit, 1 << 40));
    let (stop, program) = (Stop::default(), format!("let kept = 7\n{program}\n"));
    let (begun, task) = channel();
    let switch = stop.clone();
    let worker = std::thread::Builder::new().stack_size(8 << 20).spawn(move || {
        let task = PathBuf::from("/proc").join(std::fs::read_link("/proc/thread-self").unwrap());
        begun.send(task.clone()).unwrap();
        let mut session = Session::new(Options { time: None, limits: large, stop: stop.clone(), ..Options::default() });
        let outcomes = session.run(Source::new("t", program), &mut NoImports);
        let end = (worked(&task).unwrap(), Instant::now());
        let is_stopped = outcomes.iter().any(|outcome| outcome.diagnostics.iter().any(|d| d.message == "stopped"));
        // nothing is left of what was stopped, and all of what was there before
        stop.clear();
        let after = session.run(Source::new("t", "assert kept + 1 == 8; simplify x*x + kept"), &mut NoImports);
        assert!(after.iter().all(|outcome| outcome.diagnostics.is_empty()));
        is_stopped.then_some(end)
    });
    let (worker, task) = (worker.unwrap(), task.recv().unwrap());
    std::thread::sleep(delay);
    let (before, at) = (worked(&task), Instant::now());
    switch.cancel();
    let (end, done) = worker.join().unwrap()?;
    Some((end.saturating_sub(before?), done - at))
}

fn latencies(delays: &[u64]) -> Vec<(Duration, Duration, String)> {
    let mut found = Vec::new();
    for program in programs() {
        for delay in delays {
            if let Some((work, clock)) = stopped_after(&program, Duration::from_millis(*delay)) {
                let line = program.lines().last().unwrap_or_default();
                found.push((work, clock, format!("after {delay} ms: {}", line.chars().take(60).collect::<String>())));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn long_computations_stop_soon() {
    let found = latencies(&[40]);
    assert!(found.len() >= 12, "{} of the computations were stopped", found.len());
    for (work, _, what) in &found {
        assert!(*work < SOON, "{work:?} {what}");
    }
}

#[test]
#[ignore = "takes some minutes"]
fn long_computations_stop_soon_at_any_time() {
    let found = latencies(&[20, 50, 120, 300, 700, 1500]);
    let part = |of: f64| found[((found.len() - 1) as f64 * of) as usize].0;
    for (work, clock, what) in found.iter().rev().take(12) {
        println!("{work:?} ({clock:?} on the clock) {what}");
    }
    println!("{} stops: half within {:?}, 99 % within {:?}, the last {:?}", found.len(), part(0.5), part(0.99), part(1.0));
    assert!(part(0.99) < SOON);
}
