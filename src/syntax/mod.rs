//! TEXT → TREE: tokens, statements, the syntax tree. Nothing here knows what a name means.

pub mod ast;
