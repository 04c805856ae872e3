//! How we know that we are right: rigorous arithmetic that checks every step of a derivation.
//! Nothing here may share code or tables with the path that produces the answers.

pub mod ball;
pub mod fault;
pub mod jet;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod reference;
