//! How results look: one file for each output format.

pub mod curve;
pub mod derivation;
pub mod growth;
pub mod json;
pub mod stability;
pub mod table;
pub mod text;

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// For a terminal.
    #[default]
    Text,
    /// The same in ASCII.
    Ascii,
    /// One JSON object a statement.
    Json,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 3] = [Form::Text, Form::Ascii, Form::Json];

    /// The words for them, in the same order.
    pub const WORDS: [&str; 3] = ["text", "ascii", "json"];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Form::WORDS[self as usize]
    }

    /// What a word asks for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Form::ALL.into_iter().find(|form| form.word() == word)
    }
}
