//! What the fuzz targets share with the tests: the bodies, what the formatter owes, expressions grown from bytes, and the seeds.

pub mod bodies;
pub mod formatted;
pub mod grown;
pub mod seeds;
