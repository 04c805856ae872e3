//! How we know that we are right: rigorous arithmetic that checks every step of a derivation.
//! Nothing here may share code or tables with the path that produces the answers.

pub mod ball;
pub mod check;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod check_tests;
pub mod evaluate;
pub mod fault;
pub mod jet;
pub mod over;
pub mod points;
mod primitive;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod reference;
pub mod rows;
pub mod zero;

pub use primitive::is_costly;
