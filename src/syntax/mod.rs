//! TEXT → TREE: tokens, statements, the syntax tree. Nothing here knows what a name means.

pub mod ast;
mod build;
pub mod format;
mod hint;
mod layout;
mod machine;
mod parse;
mod token;

pub use parse::{
    Limits, Parsed, Single, parse_condition, parse_expression, parse_program, parse_program_within, parse_rule, with_expression,
};
pub use token::{Lexeme, Token, is_name, tokenize};

#[cfg(test)]
#[allow(clippy::panic)]
mod tests;
