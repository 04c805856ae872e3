//! The f64 evaluation of the functions of the table, one plain function each; no facts, no expressions. Everything is built on
//! software routines, so that every machine computes the same bits.

mod double;
pub mod elementary;
pub mod gamma;
pub mod lanes;
pub mod polygamma;
pub mod special;
