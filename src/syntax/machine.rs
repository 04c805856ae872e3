//! The parser of statements: lalrpop's tables, and the loop that drives them. The only file that knows lalrpop.

use super::build::Builder;
use super::token::{Lexeme, Token};
use lalrpop_util::ParseError;

#[allow(
    clippy::all,
    clippy::pedantic,
    missing_docs,
    unused,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]
mod grammar {
    include!(concat!(env!("OUT_DIR"), "/grad.rs"));
}

/// Why tokens are no statement.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The token that cannot come next; none where the statement ends too early.
    pub found: Option<Lexeme>,
    /// What could, by the grammar's names, in quotes.
    pub expected: Vec<String>,
}

/// Reads the tokens of one statement into the builder.
///
/// # Errors
/// The first token that the grammar has no place for.
pub fn statement(builder: &mut Builder<'_>, tokens: impl Iterator<Item = Lexeme>) -> Result<(), Unread> {
    let triples = tokens.map(|lexeme| Ok((lexeme.start, lexeme.token, lexeme.end)));
    grammar::StatementParser::new().parse(builder, triples).map_err(unread)
}

#[cold]
fn unread(error: ParseError<u32, Token, ()>) -> Unread {
    let lexeme = |(start, token, end)| Some(Lexeme { token, start, end });
    match error {
        ParseError::UnrecognizedToken { token, expected } => Unread { found: lexeme(token), expected },
        ParseError::ExtraToken { token } => Unread { found: lexeme(token), expected: Vec::new() },
        ParseError::UnrecognizedEof { expected, .. } => Unread { found: None, expected },
        ParseError::InvalidToken { .. } | ParseError::User { .. } => Unread { found: None, expected: Vec::new() },
    }
}

/// In place of lalrpop's own driver, whose stacks begin empty and which looks for ways to go on after an error: its errors are the
/// same. The build script lets the tables name this one.
mod driver {
    use lalrpop_util::ParseError as Error;
    pub use lalrpop_util::state_machine::*;

    /// Room for so many symbols is made at once.
    const ROOM: usize = 64;

    /// By this name the tables call it.
    pub struct Parser;

    impl Parser {
        /// Shifts and reduces until the tokens end or do not fit.
        #[inline]
        pub fn drive<D: ParserDefinition>(
            mut definition: D,
            tokens: impl Iterator<Item = Result<TokenTriple<D>, ParseError<D>>>,
        ) -> ParseResult<D> {
            let mut top = definition.start_state();
            let mut end_of_last = definition.start_location();
            let (mut states, mut symbols) = (Vec::with_capacity(ROOM), Vec::with_capacity(ROOM));
            states.push(top);
            for token in tokens {
                let (start, token, end) = token?;
                let Some(index) = definition.token_to_index(&token) else {
                    let expected = definition.expected_tokens_from_states(&states);
                    return Err(Error::UnrecognizedToken { token: (start, token, end), expected });
                };
                top = loop {
                    let action = definition.action(top, index);
                    if let Some(target) = action.as_shift() {
                        break target;
                    }
                    let Some(reduce) = action.as_reduce() else {
                        let expected = definition.expected_tokens_from_states(&states);
                        return Err(Error::UnrecognizedToken { token: (start, token, end), expected });
                    };
                    match definition.reduce(reduce, Some(&start), &mut states, &mut symbols) {
                        None => {}
                        Some(Ok(_)) => return Err(Error::ExtraToken { token: (start, token, end) }),
                        Some(Err(error)) => return Err(error),
                    }
                    top = top_of(&states, top);
                };
                states.push(top);
                end_of_last = end.clone();
                symbols.push((start, definition.token_to_symbol(index, token), end));
            }
            while let Some(reduce) = definition.eof_action(top).as_reduce() {
                if let Some(result) = definition.reduce(reduce, None, &mut states, &mut symbols) {
                    return result;
                }
                top = top_of(&states, top);
            }
            let expected = definition.expected_tokens_from_states(&states);
            Err(Error::UnrecognizedEof { location: end_of_last, expected })
        }
    }

    /// The state on top; there is always one.
    #[inline]
    fn top_of<S: Copy>(states: &[S], none: S) -> S {
        states.last().copied().unwrap_or(none)
    }
}
