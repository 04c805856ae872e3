//! How results look: one file for each output format.

pub mod derivation;
