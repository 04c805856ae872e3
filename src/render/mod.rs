//! How results look: one file for each output format.

pub mod derivation;
pub mod json;
pub mod stability;
pub mod table;
pub mod text;
