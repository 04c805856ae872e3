//! The outside world: how messages are drawn, and the command line.

pub mod report;
