//! How results look: one file for each output format.

pub mod course;
pub mod curve;
pub mod exercise;
mod curve_picture;
pub mod derivation;
pub mod document;
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

use document::Format;

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
    /// A document in Markdown.
    Markdown,
    /// A document in LaTeX.
    Latex,
    /// A document in HTML.
    Html,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 7] = [Form::Text, Form::Ascii, Form::Json, Form::Svg, Form::Markdown, Form::Latex, Form::Html];

    /// The words for those that a conversation is held in.
    pub const SPOKEN: [&str; 3] = ["text", "ascii", "json"];

    /// Its word, how the names of its files end, and what it is.
    const fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Form::Text => ("text", "txt", "For a terminal"),
            Form::Ascii => ("ascii", "", "The same in ASCII"),
            Form::Json => ("json", "", "One JSON object a statement"),
            Form::Svg => ("svg", "svg", "The pictures of `plot` as one SVG document"),
            Form::Markdown => ("markdown", "md", "A document: narrative, statements and answers, as Markdown"),
            Form::Latex => ("latex", "tex", "The same as LaTeX, which compiles as it is"),
            Form::Html => ("html", "html", "The same as one HTML file whose derivations unfold"),
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.facts().0
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.facts().2
    }

    /// What a word asks for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Form::ALL.into_iter().find(|form| form.word() == word)
    }

    /// What a file gets whose name ends so.
    #[must_use]
    pub fn of_ending(ending: &str) -> Option<Self> {
        Form::ALL.into_iter().find(|form| !form.facts().1.is_empty() && form.facts().1.eq_ignore_ascii_case(ending))
    }

    /// Who writes it, where it is a document.
    #[must_use]
    pub fn document(self) -> Option<Box<dyn Format>> {
        match self {
            Form::Markdown => Some(Box::new(document::markdown::Markdown)),
            Form::Latex => Some(Box::new(document::paper::Paper)),
            Form::Html => Some(Box::<document::html::Html>::default()),
            Form::Text | Form::Ascii | Form::Json | Form::Svg => None,
        }
    }
}
