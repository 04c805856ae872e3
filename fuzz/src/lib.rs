//! What the fuzz targets share with the tests: the bodies, expressions grown from bytes, and the seeds.

pub mod bodies;
pub mod grown;
pub mod seeds;
