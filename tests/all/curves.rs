//! `curve` from outside: logs as people have them, the answer as text and as JSON, and what is refused.

use crate::process::{Ran, folder, run, run_with};
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A curve that falls to 0.5, with a little that looks like noise.
fn loss(step: u32) -> f64 {
    let t = f64::from(step);
    0.5 + 2.0 * (-t / 12.0).exp() + 0.01 * (t * 7.3).sin()
}

/// A log of 60 rows under this line of names, made by the function.
fn log(names: &str, row: impl Fn(u32) -> String) -> String {
    (1..=60).fold(format!("{names}\n"), |mut text, step| {
        let _ = writeln!(text, "{}", row(step));
        text
    })
}

/// The folder of a test with a log and a program that asks about it.
fn place(name: &str, file: &str, log: &str, program: &str) -> PathBuf {
    let folder = folder(name);
    std::fs::write(folder.join(file), log).unwrap();
    std::fs::write(folder.join("ask.grad"), program).unwrap();
    folder
}

fn asked(folder: &Path, options: &[&str]) -> Ran {
    let program = folder.join("ask.grad");
    let mut args = options.to_vec();
    args.push(program.to_str().unwrap());
    run(&args)
}

/// The answer about a log as JSON.
fn found(name: &str, file: &str, log: &str, clauses: &str) -> Value {
    let folder = place(name, file, log, &format!("curve \"{file}\"{clauses}\n"));
    let ran = asked(&folder, &["--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

/// The message about a log.
fn refused(name: &str, file: &str, log: &str, clauses: &str) -> String {
    let folder = place(name, file, log, &format!("curve \"{file}\"{clauses}\n"));
    let ran = asked(&folder, &[]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{}", ran.err);
    ran.err
}

#[test]
fn a_log_beside_the_program_is_read_under_its_usual_names() {
    let names =
        [("step,loss", ""), ("Epoch,Train Loss", ""), ("loss-train;lr", ""), ("time,energy", " with loss = energy, step = time")];
    for (k, (names, clauses)) in names.into_iter().enumerate() {
        let text = log(names, |step| match names {
            "loss-train;lr" => format!("{};0.1", loss(step)),
            _ => format!("{step},{}", loss(step)),
        });
        let answer = found(&format!("curve-names-{k}"), "log.csv", &text, clauses);
        assert_eq!((answer["law"].as_str(), answer["certain"].as_bool()), (Some("exponential"), Some(true)), "{names}");
        let half_life = answer["constants"]["half_life"]["value"].as_f64().unwrap();
        assert!((half_life - 12.0 * 2f64.ln()).abs() < 0.2, "{names}: {half_life}");
    }
}

#[test]
fn json_lines_have_a_second_loss_now_and_then() {
    let line = |step: u32| match step % 10 {
        0 => format!("{{\"iter\": {step}, \"train/loss\": {}, \"eval/loss\": {}}}", loss(step), loss(step) + 0.1),
        _ => format!("{{\"iter\": {step}, \"train/loss\": {}}}", loss(step)),
    };
    let text: String = (1..=60).map(|step| line(step) + "\n").collect();
    let answer = found("curve-lines", "log.jsonl", &text, " with ahead = 40");
    assert_eq!(answer["columns"], serde_json::json!({"step": "iter", "loss": "train/loss", "val": "eval/loss"}));
    assert_eq!(answer["ahead"]["step"], 100.0);
    let gap = answer["val"]["gap"].as_f64().unwrap();
    assert!((gap - 0.1).abs() < 0.03, "{gap}");
}

#[test]
fn what_happened_to_a_run_is_told() {
    let broken = log("step,loss", |step| if step > 50 { format!("{step},nan") } else { format!("{step},{}", loss(step)) });
    assert_eq!(found("curve-broken", "log.csv", &broken, "")["diverged"], 51.0);
    let gaps = log("step,loss", |step| if step % 7 == 0 { format!("{step},") } else { format!("{step},{}", loss(step)) });
    let answer = found("curve-gaps", "log.csv", &gaps, "");
    assert_eq!((&answer["rows"]["missing"], &answer["law"]), (&8.into(), &"exponential".into()));
    let first = log("step,loss", |step| format!("{step},{}", loss(step)));
    let again = log("", |step| format!("{},{}", step + 40, loss(step + 40)));
    let answer = found("curve-again", "log.csv", &format!("{}{}", first, again.trim_start()), "");
    assert_eq!((&answer["rows"]["restarts"], &answer["rows"]["last"]), (&serde_json::json!([41.0]), &100.0.into()));
}

#[test]
fn the_text_names_law_constants_criterion_and_prediction() {
    let folder =
        place("curve-text", "log.csv", &log("step,loss", |step| format!("{step},{}", loss(step))), "curve \"log.csv\"\n");
    let text = asked(&folder, &[]).out;
    for part in ["exponential decay to a floor\n", "  loss = 0.5", "half-life", "floor", "chosen by BIC: ", "in 59 more", "95 %"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let ascii = asked(&folder, &["--format", "ascii"]).out;
    assert!(ascii.is_ascii(), "{ascii}");
}

#[test]
fn what_tells_nothing_is_refused_with_the_reason() {
    let short = refused("curve-short", "log.csv", "step,loss\n1,2\n2,1\n", "");
    assert!(short.contains("E0509") && short.contains("`loss` has values at 2 different steps"), "{short}");
    let empty = refused("curve-empty", "log.csv", &log("step,loss", |step| format!("{step},")), "");
    assert!(empty.contains("`loss` has values at 0 different steps"), "{empty}");
    let unnamed = refused("curve-unnamed", "log.csv", &log("a,b,c", |step| format!("{step},1,2")), "");
    assert!(unnamed.contains("no column of `log.csv` is called a loss") && unnamed.contains("`a`, `b`, `c`"), "{unnamed}");
    let absent = refused("curve-absent", "log.csv", &log("step,loss", |step| format!("{step},1")), " with val = dev");
    assert!(absent.contains("`log.csv` has no column `dev`"), "{absent}");
    let word = refused("curve-word", "log.csv", "step,loss\n1,2\n2,oops\n3,1\n", "");
    assert!(word.contains("`log.csv`, line 3 (row 2), column loss: `oops` is no number"), "{word}");
    let at_once = refused(
        "curve-at-once",
        "log.csv",
        &log("step,loss", |step| format!("{step},{}", ["2", "inf"][usize::from(step > 2)])),
        "",
    );
    assert!(at_once.contains("`loss` is no finite number at step 3, after 2 values"), "{at_once}");
    let nothing = refused("curve-nothing", "other.csv", "step,loss\n1,2\n", "\ncurve \"log.csv\"");
    assert!(nothing.contains("`log.csv` cannot be used: there is no such file"), "{nothing}");
}

#[test]
fn a_curve_of_equal_losses_is_constant() {
    let answer = found("curve-equal", "log.csv", &log("loss", |_| "0.693".to_owned()), "");
    assert_eq!((&answer["law"], &answer["constants"]["level"]["value"]), (&"constant".into(), &0.693.into()));
}

#[test]
fn batch_takes_the_numbers_in_the_request() {
    let losses: Vec<f64> = (1..=60).map(loss).collect();
    let steps: Vec<u32> = (1..=60).map(|step| 10 * step).collect();
    let request = serde_json::json!({"id": 1, "op": "curve", "loss": losses, "steps": steps, "ahead": 400});
    let bad = [
        (r#"{"op": "curve"}"#, "`loss` is missing"),
        (r#"{"op": "curve", "loss": [1, "a"]}"#, "`loss` is a list of numbers"),
        (r#"{"op": "curve", "loss": [1, 2], "steps": [1]}"#, "`steps` has 1 entries, `loss` 2"),
        (r#"{"op": "curve", "loss": [1, 2]}"#, "`loss` has values at 2 different steps; a law is told from 8 on"),
        (r#"{"op": "curve", "loss": [1, 2], "ahead": 0}"#, "`ahead` is a positive number"),
    ];
    let lines = bad.iter().fold(format!("{request}\n"), |text, (line, _)| format!("{text}{line}\n"));
    let ran = run_with(&["batch"], lines.as_bytes());
    let answers: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&answers[0]["law"], &answers[0]["ahead"]["step"]), (&"exponential".into(), &1000.0.into()));
    let half_life = answers[0]["constants"]["half_life"]["value"].as_f64().unwrap();
    assert!((half_life - 120.0 * 2f64.ln()).abs() < 2.0, "{half_life}");
    for ((_, message), answer) in bad.iter().zip(&answers[1..]) {
        assert_eq!(answer["error"]["message"].as_str(), Some(*message));
    }
}
