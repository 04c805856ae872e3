//! The `grad` program: everything happens in the library.

fn main() {}
