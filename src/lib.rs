//! grad: a small language for derivatives that people can trust and read.
//!
//! The modules stand in the order in which text becomes a checked derivation; each uses only those above it.

pub mod limits;
pub mod budget;
pub mod intern;
pub mod source;
pub mod diagnostic;
pub mod math;
pub mod syntax;
pub mod expr;
pub mod resolve;
pub mod domain;
pub mod rewrite;
pub mod verify;
pub mod data;
pub mod curve;
pub mod eval;
pub mod gradient;
pub mod simplify;
pub mod derive;
pub mod marking;
pub mod tape;
pub mod stable;
pub mod plot;
pub mod saturation;
pub mod flow;
pub mod course;
pub mod exercise;
pub mod outcome;
pub mod render;
pub mod session;
pub mod explain;
pub mod front;
