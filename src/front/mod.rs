//! The outside world: the command line, files, the batch protocol, and how messages are drawn.

pub mod batch;
pub mod cli;
pub mod files;
pub mod grade;
pub mod palette;
pub mod progress;
pub mod repl;
pub mod report;
pub mod test_runner;
pub mod tidy;
pub mod watch;
