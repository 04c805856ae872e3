//! What was said: the statements that succeeded, as a script that runs, and the whole conversation, as Markdown.

use crate::render::document::markdown::fenced;
use crate::syntax::{Token, tokenize};
use std::collections::BTreeSet;
use std::fmt::Write;

/// One statement with its answer.
#[derive(Clone, Debug)]
struct Entry {
    input: String,
    output: String,
    succeeded: bool,
    /// Results that the statement mentions: number and formula.
    uses: Vec<(usize, String)>,
}

/// The conversation so far.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    entries: Vec<Entry>,
}

impl Transcript {
    /// Adds a statement. `last` is the number that `ans` stood for when it ran, and `formula` tells what a result is.
    pub fn add(
        &mut self,
        input: &str,
        output: &str,
        succeeded: bool,
        last: Option<usize>,
        formula: impl Fn(usize) -> Option<String>,
    ) {
        let (input, used) = if succeeded { numbered(input.trim(), last) } else { (input.trim().to_owned(), BTreeSet::new()) };
        let uses = used.into_iter().filter_map(|number| Some((number, formula(number)?))).collect();
        self.entries.push(Entry { input, output: output.to_owned(), succeeded, uses });
    }

    /// How many statements succeeded.
    pub fn succeeded(&self) -> usize {
        self.entries.iter().filter(|entry| entry.succeeded).count()
    }

    /// A script of what succeeded. A result that a later statement uses gets its definition.
    pub fn script(&self) -> String {
        let mut out = String::new();
        let mut defined = BTreeSet::new();
        for entry in self.entries.iter().filter(|entry| entry.succeeded) {
            for (number, formula) in &entry.uses {
                if defined.insert(*number) {
                    let _ = writeln!(out, "let _{number} = {formula}");
                }
            }
            let _ = writeln!(out, "{}", entry.input);
        }
        out
    }

    /// Everything that was said, as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for entry in &self.entries {
            out.push_str(&fenced("grad", &entry.input));
            if !entry.output.trim().is_empty() {
                out.push_str(&fenced("text", &entry.output));
            }
        }
        out
    }
}

/// The text with `ans` replaced by the number it stood for, and the numbers of the results in it.
fn numbered(input: &str, last: Option<usize>) -> (String, BTreeSet<usize>) {
    let mut out = String::new();
    let mut used = BTreeSet::new();
    let mut at = 0;
    for lexeme in tokenize(input).filter(|lexeme| lexeme.token == Token::Name) {
        let (from, to) = (lexeme.start as usize, lexeme.end as usize);
        let number = match (&input[from..to], last) {
            ("ans", Some(last)) => Some(last),
            (name, _) => name.strip_prefix('_').and_then(|digits| digits.parse().ok()),
        };
        if let Some(number) = number {
            out.push_str(&input[at..from]);
            let _ = write!(out, "_{number}");
            used.insert(number);
            at = to;
        }
    }
    out.push_str(&input[at..]);
    (out, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_defines_the_results_that_it_uses() {
        let mut said = Transcript::default();
        let formula = |number: usize| (number == 1).then(|| "2*x".to_owned());
        said.add("diff x^2 wrt x", "2*x", true, None, formula);
        said.add("x + ", "error", false, Some(1), formula);
        said.add("ans + 1", "2*x + 1", true, Some(1), formula);
        said.add("_1*ans", "…", true, Some(2), formula);
        assert_eq!(said.script(), "diff x^2 wrt x\nlet _1 = 2*x\n_1 + 1\n_1*_2\n");
        assert_eq!(said.succeeded(), 3);
    }

    #[test]
    fn markdown_has_everything() {
        let mut said = Transcript::default();
        said.add("let a = 1", "", true, None, |_| None);
        said.add("a +", "error: more is needed\n", false, None, |_| None);
        assert_eq!(said.markdown(), "```grad\nlet a = 1\n```\n\n```grad\na +\n```\n\n```text\nerror: more is needed\n```\n\n");
    }
}
