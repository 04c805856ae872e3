//! The bodies of the fuzz targets on the seeds and on changes of them, the same ones every time.
//!
//! `cargo test --test all fuzz::write_seeds -- --ignored` writes the seeds and the dictionary that `cargo fuzz` begins with.

#[path = "../../fuzz/src/bodies.rs"]
mod bodies;
#[path = "../../fuzz/src/formatted.rs"]
pub mod formatted;
#[path = "../../fuzz/src/grown.rs"]
mod grown;
#[path = "../../fuzz/src/seeds.rs"]
mod seeds;

use crate::random::generate::Stream;
use std::path::Path;

/// How many changed inputs each target gets.
const COUNT: u64 = 300;

/// Longer inputs show little more.
const LONGEST: usize = 2000;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A seed with up to four changes: bytes dropped, repeated, replaced, words of the language and pieces of other seeds put in.
fn changed(seeds: &[Vec<u8>], words: &[String], number: u64) -> Vec<u8> {
    let mut stream = Stream::new(1, number);
    let mut below = |n: usize| stream.below(n as u64) as usize;
    let mut bytes = seeds[below(seeds.len())].clone();
    for _ in 0..below(4) + 1 {
        let at = below(bytes.len() + 1);
        let end = (at + below(8) + 1).min(bytes.len());
        match below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            2 if at < bytes.len() => bytes[at] = below(256) as u8,
            3 => {
                let other = &seeds[below(seeds.len())];
                let from = below(other.len());
                let piece = other[from..(from + 12).min(other.len())].to_vec();
                bytes.splice(at..end, piece);
            }
            _ => drop(bytes.splice(at..at, words[below(words.len())].bytes())),
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

fn run(target: &str) {
    let (_, body) = bodies::TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let seeds = seeds::of(root(), target);
    let words = seeds::words();
    assert!(seeds.len() > 100, "{} seeds", seeds.len());
    for number in 0..COUNT {
        let input = changed(&seeds, &words, number);
        if let Err(fault) = std::panic::catch_unwind(|| body(&input)) {
            panic!("{target} on {:?}: {:?}", String::from_utf8_lossy(&input), fault.downcast_ref::<String>());
        }
    }
}

#[test]
fn changed_programs_are_read() {
    run("lex_parse");
}

#[test]
fn changed_programs_keep_their_meaning() {
    run("format");
}

#[test]
fn changed_expressions_read_back() {
    run("round_trip");
}

#[test]
fn a_factor_of_minus_one_reads_back_as_a_sign() {
    for text in [
        "-1x - y",
        "-1x^2",
        "-x*z - -1(x)*y",
        "--1x*y",
        "-1x/y",
        "y + -1*x",
        "y + -1*x*z",
        "sin((if x <= x then x else y + -1*x)^x/(x*x + x*y))",
    ] {
        bodies::round_trip(text.as_bytes());
    }
}

/// What the targets found once: inputs as bytes, in a folder for each target.
#[test]
fn what_was_found_once_is_found_no_more() {
    let mut found = 0;
    for (target, body) in bodies::TARGETS {
        let Ok(files) = std::fs::read_dir(root().join("tests/fuzz").join(target)) else { continue };
        for file in files {
            let path = file.unwrap().path();
            let input = std::fs::read(&path).unwrap();
            assert!(std::panic::catch_unwind(|| body(&input)).is_ok(), "{}", path.display());
            found += 1;
        }
    }
    assert!(found >= 11, "{found}");
}

#[test]
fn changed_expressions_have_one_value() {
    run("evaluate");
}

#[test]
fn changed_expressions_have_their_derivative() {
    run("differentiate");
}

#[test]
fn changed_requests_are_answered() {
    run("batch");
}

#[test]
fn every_target_is_run() {
    let text = include_str!("fuzz.rs");
    assert!(bodies::TARGETS.iter().all(|(name, _)| text.contains(&format!("run(\"{name}\")"))));
}

#[test]
#[ignore = "writes files for cargo fuzz"]
fn write_seeds() {
    let fuzz = root().join("fuzz");
    std::fs::write(fuzz.join("grad.dict"), seeds::dictionary()).unwrap();
    for (target, _) in bodies::TARGETS {
        let folder = fuzz.join("corpus").join(target);
        std::fs::create_dir_all(&folder).unwrap();
        for (k, seed) in seeds::of(root(), target).into_iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{k:04}")), seed).unwrap();
        }
    }
}

#[test]
#[ignore = "shows the expression in the file FUZZ_INPUT"]
fn show_expression() {
    let bytes = std::fs::read(std::env::var("FUZZ_INPUT").unwrap()).unwrap();
    println!("{:?}", bodies::expression(&bytes));
}
