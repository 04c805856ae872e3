//! Documents: a program's narrative, its statements and its answers as one text to hand out. The answers become blocks here, once
//! (`answer`); a format is one file that says how it writes a block. A new answer that says nothing of documents stands there as the
//! text that a terminal shows.

pub mod answer;
pub mod formula;
pub mod html;
mod influence;
pub mod latex;
pub mod layout;
pub mod lesson;
pub mod markdown;
pub mod marked;
pub mod markup;
pub mod mathml;
mod narrative;
pub mod notation;
pub mod paper;
mod saturated;
pub mod steps;
mod tikz;
pub mod words;

pub use lesson::Lesson;

use crate::diagnostic::Severity;
use crate::plot::Picture;
use layout::Math;
use marked::Marked;
use steps::Steps;

/// A part of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Narrative, as Markdown.
    Narrative(String),
    /// Statements as they were typed.
    Code(String),
    /// Results, each in a line of its own.
    Results(Vec<Line>),
    /// A derivation.
    Steps(Box<Steps>),
    /// Numbers in columns.
    Table(Table),
    /// A learner's lines with what became of them.
    Marked(Marked),
    /// Room on paper for so many lines by hand.
    Room(usize),
    /// A picture of functions.
    Picture(Box<Picture>),
    /// Sentences, one after another.
    Remarks(Vec<Line>),
    /// Text whose columns stand under one another.
    Text(String),
    /// What is said about a statement.
    Message(Message),
}

/// Text with mathematics in it.
pub type Line = Vec<Run>;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Run {
    /// Words.
    Text(String),
    /// Mathematics.
    Math(Math),
    /// An expression that is too large to be set.
    Code(String),
    /// A strip that shows where something is.
    Strip(Strip),
}

/// A strip from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strip {
    /// What is dark on it, from where to where.
    pub dark: Vec<(f64, f64)>,
    /// What is in doubt.
    pub doubt: Vec<(f64, f64)>,
    /// A place that is marked.
    pub mark: Option<f64>,
}

/// Cells in rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it shows.
    pub caption: Line,
    /// How many columns at the left hold words or formulas; the others hold numbers.
    pub words: usize,
    /// The first row names the columns, the first cell of another one the row.
    pub rows: Vec<Vec<Line>>,
}

/// A diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How bad it is.
    pub severity: Severity,
    /// Its code.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub text: String,
    /// The place, with marks under it; empty where there is none.
    pub place: String,
    /// What to do about it, one line each.
    pub help: Vec<String>,
    /// The corrected input.
    pub correction: Option<String>,
}

/// The word for how bad something is.
#[must_use]
pub fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "Note",
        Severity::Warning => "Warning",
        Severity::Error => "Error",
    }
}

/// A format of documents.
pub trait Format {
    /// What stands before the blocks, with the title in it.
    fn begin(&mut self, out: &mut String, title: &Title);
    /// One block.
    fn block(&mut self, out: &mut String, block: &Block);
    /// What stands after the blocks.
    fn end(&mut self, out: &mut String);
}

/// What a document is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// The words.
    pub text: String,
    /// Whether the narrative shows them as a heading of its own.
    pub is_shown: bool,
}

/// The document that these blocks make.
#[must_use]
pub fn composed(format: &mut dyn Format, title: &Title, blocks: &[Block]) -> String {
    let mut out = String::new();
    format.begin(&mut out, title);
    for block in blocks {
        format.block(&mut out, block);
    }
    format.end(&mut out);
    out
}

/// The lines of a text without those that are empty at its ends.
pub(super) fn trimmed(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.char_indices().take_while(|(_, c)| c.is_whitespace()).filter(|(_, c)| *c == '\n').last();
    &text[start.map_or(0, |(at, _)| at + 1)..]
}

/// Words in a line.
pub(super) fn words(text: &str) -> Run {
    Run::Text(text.to_owned())
}

/// A sign in a line.
pub(super) fn sign(sign: char) -> Run {
    Run::Math(Math::Sign(sign))
}

/// The line as a sentence.
pub(super) fn capital(mut line: Line) -> Line {
    if let Some(Run::Text(text)) = line.first_mut() {
        *text = sentence(text);
    }
    line
}

/// The text with a capital at its beginning, unless it begins with a name or a formula.
pub(super) fn sentence(text: &str) -> String {
    let is_word = text.split([' ', ',', ':']).next().is_some_and(|word| word.chars().all(|c| c.is_ascii_lowercase()));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if is_word && text.contains(' ') => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}
