//! grad: a small language for derivatives that people can trust and read.

pub mod source;
pub mod diagnostic;
pub mod syntax;
