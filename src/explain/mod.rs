//! Pages about everything that has a name: functions, rules, commands, clauses, settings, codes of messages, ideas. What
//! `grad explain` and the statement `explain` print. Facts come from the tables of `math`, `diagnostic` and `session`; examples
//! are run when the page is printed, so that they cannot be wrong.

mod ideas;
mod language;
mod pages;
mod search;
mod show;
mod taught;
#[cfg(test)]
mod tests;
mod topics;

use crate::math::FunctionId;
pub use topics::{Group, Topic, topics};

/// The widest line of a page.
pub const COLUMNS: usize = 100;

/// What there is to say of a word of the language or an idea.
#[derive(Debug)]
pub struct Entry {
    /// What kind of word it is.
    pub group: Group,
    /// Its name.
    pub name: &'static str,
    /// Other names under which it is looked for.
    pub other: &'static [&'static str],
    /// The forms in which it is written.
    pub form: &'static [&'static str],
    /// What it does: paragraphs between empty lines; one that is indented is printed as it stands.
    pub text: &'static str,
    /// A program that shows it, which runs; lines that begin with `#` are shown and not run.
    pub example: &'static str,
    /// Topics beside it.
    pub see: &'static [&'static str],
}

/// The page about a topic, as plain text that ends with a line feed. Words that name no topic are looked for in all pages: where
/// one page is clearly meant it is given, else a list.
///
/// # Errors
/// Where nothing is found: one sentence, with the topic that was probably meant.
pub fn page(topic: &str) -> Result<String, String> {
    search::find(topic)
}

/// The topics by group, on one screen.
#[must_use]
pub fn overview() -> String {
    pages::overview()
}

/// The page about a function.
#[must_use]
pub fn function(id: FunctionId) -> String {
    pages::function(id)
}

/// The identities with a word in their name or by itself in their text; none where there are none.
#[must_use]
pub fn identities_of(word: &str) -> Option<String> {
    pages::identities_of(word)
}
