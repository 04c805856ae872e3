//! How results look: one file for each output format.

pub mod course;
pub mod curve;
mod curve_picture;
pub mod derivation;
pub mod flow;
pub mod growth;
pub mod marking;
pub mod json;
mod json_along;
mod json_course;
mod json_flow;
pub mod letters;
pub mod plot_text;
pub mod prose;
pub mod saturation;
pub mod stability;
pub mod svg;
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
    /// Pictures only, as one SVG document.
    Svg,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 4] = [Form::Text, Form::Ascii, Form::Json, Form::Svg];

    /// The words for them, in the same order.
    pub const WORDS: [&str; 4] = ["text", "ascii", "json", "svg"];

    /// The words for those that a conversation is held in.
    pub const SPOKEN: [&str; 3] = ["text", "ascii", "json"];

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
