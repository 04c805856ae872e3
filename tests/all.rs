//! The one test binary: everything that is tested from outside, as modules of `tests/all/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "all/architecture.rs"]
mod architecture;
#[path = "all/browser.rs"]
#[cfg(unix)]
mod browser;
#[path = "all/cancel.rs"]
mod cancel;
#[path = "all/checks.rs"]
mod checks;
#[path = "all/cli.rs"]
mod cli;
#[path = "all/corpus.rs"]
mod corpus;
#[path = "all/critical_pairs.rs"]
mod critical_pairs;
#[path = "all/curves.rs"]
mod curves;
#[path = "all/data.rs"]
mod data;
#[path = "all/derivations.rs"]
mod derivations;
#[path = "all/descents.rs"]
mod descents;
#[path = "all/documents.rs"]
mod documents;
#[path = "all/errors.rs"]
mod errors;
#[path = "all/exercise.rs"]
mod exercise;
#[path = "all/facts.rs"]
mod facts;
#[path = "all/fuzz.rs"]
mod fuzz;
#[path = "all/flows.rs"]
mod flows;
#[path = "all/growth.rs"]
mod growth;
#[path = "all/hostile.rs"]
#[cfg(unix)]
mod hostile;
#[path = "all/kernels.rs"]
mod kernels;
#[path = "all/lessons.rs"]
mod lessons;
#[path = "all/limits.rs"]
mod limits;
#[path = "all/numbers.rs"]
mod numbers;
#[path = "all/pictures.rs"]
mod pictures;
#[path = "all/process.rs"]
mod process;
#[path = "all/random/mod.rs"]
mod random;
#[path = "all/regressions.rs"]
mod regressions;
#[path = "all/seeded.rs"]
mod seeded;
#[path = "all/simplify.rs"]
mod simplify;
#[path = "all/stability.rs"]
mod stability;
#[path = "all/terminal.rs"]
mod terminal;
#[path = "all/tools.rs"]
mod tools;
