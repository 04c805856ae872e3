//! How a page is set: paragraphs, labelled lines, examples with what they print.

use super::COLUMNS;
use crate::diagnostic::code;
use crate::render::{derivation::Marks, prose, text};
use crate::session::{NoImports, Options, Session};
use crate::source::Source;
use std::fmt::Write;

/// Prose is broken at this column.
const PROSE: usize = 79;

/// Labels are padded to this width.
const LABEL: usize = 13;

/// What is kept of a long output.
const LINES: usize = 24;

/// A page that is being written.
#[derive(Default)]
pub(super) struct Sheet {
    pub text: String,
}

impl Sheet {
    /// A page with its title, and what kind of thing it is about at the right margin.
    pub fn titled(title: &str, kind: &str) -> Self {
        let gap = PROSE.saturating_sub(title.chars().count() + kind.chars().count()).max(2);
        Sheet { text: format!("{title}{}{kind}\n", " ".repeat(gap)) }
    }

    pub fn blank(&mut self) {
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Lines that are printed as they stand, indented.
    pub fn lines<'l>(&mut self, lines: impl IntoIterator<Item = &'l str>) {
        for line in lines {
            let _ = writeln!(self.text, "{}", format!("  {line}").trim_end());
        }
    }

    /// Paragraphs, broken at words; an indented one stands as it is.
    pub fn prose(&mut self, text: &str) {
        for (k, paragraph) in text.split("\n\n").enumerate() {
            if k > 0 {
                self.blank();
            }
            match paragraph.starts_with("  ") {
                true => self.lines(paragraph.lines().map(|line| line.trim_start_matches("  "))),
                false => self.filled("", paragraph),
            }
        }
    }

    /// A label with its text; nothing where there is no text.
    pub fn labelled(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            self.filled(&format!("  {label:<LABEL$}"), text);
        }
    }

    /// A formula, indented.
    pub fn formula(&mut self, text: &str) {
        self.filled("    ", text);
    }

    /// Text behind a label, its later lines under its first one.
    fn filled(&mut self, label: &str, text: &str) {
        let later = " ".repeat(label.chars().count());
        self.text.push_str(&prose::filled(label, &later, text, PROSE));
    }

    /// A paragraph of its own that begins with its subject; nothing where there is no text.
    pub fn said(&mut self, subject: &str, text: &str) {
        if !text.is_empty() {
            self.blank();
            self.prose(&format!("{subject}: {text}"));
        }
    }

    /// A program, each statement with what it prints.
    pub fn example(&mut self, program: &str) {
        if program.is_empty() {
            return;
        }
        self.blank();
        self.text.push_str("Example\n");
        if program.lines().all(|line| line.starts_with('#')) {
            self.lines(program.lines().map(|line| &line[1..]));
            return;
        }
        for (statement, printed) in run(program) {
            self.lines(statement.lines());
            self.lines(printed.iter().map(String::as_str));
        }
    }

    pub fn see(&mut self, topics: &[&str]) {
        if !topics.is_empty() {
            self.blank();
            self.filled("See also ", &topics.join(", "));
        }
    }
}

/// The statements of a program, each with the lines that it prints.
fn run(program: &str) -> Vec<(String, Vec<String>)> {
    let mut session = Session::new(Options { pages: super::page, ..Options::default() });
    let mut found: Vec<(u32, String, Vec<String>)> = Vec::new();
    session.run_each(Source::new("example", program), &mut NoImports, &mut |session, outcome| {
        let mut printed = text::outcome(&session.graph, &outcome, Marks::UNICODE);
        // the marks of a `check` say it already
        for diagnostic in outcome.diagnostics.iter().filter(|d| d.code != &code::LINE) {
            let kind = if diagnostic.is_error() { "error" } else { "note" };
            let _ = writeln!(printed, "{kind}[{}]: {}", diagnostic.code.id, diagnostic.message);
            for help in diagnostic.help.iter().flat_map(|help| help.lines()) {
                let _ = writeln!(printed, "help: {help}");
            }
            if let Some(right) = &diagnostic.correction {
                let _ = writeln!(printed, "try: {right}");
            }
        }
        let statement = &program.get(outcome.span.range()).unwrap_or_default();
        // what cannot be read is shown with its whole line
        let statement = if outcome.command == "syntax" { program } else { statement };
        found.push((outcome.span.start, statement.to_string(), shortened(&printed)));
    });
    found.sort_by_key(|(start, ..)| *start);
    found.into_iter().map(|(_, statement, printed)| (statement, printed)).collect()
}

/// The lines of an output, narrow enough and not too many.
fn shortened(printed: &str) -> Vec<String> {
    let most = COLUMNS - 6;
    let narrow = |line: &str| match line.char_indices().nth(most) {
        Some((end, _)) => format!("  {}…", &line[..end]),
        None => format!("  {line}"),
    };
    let mut lines: Vec<String> = printed.lines().take(LINES).map(narrow).collect();
    if printed.lines().count() > LINES {
        lines.push("  …".to_owned());
    }
    lines
}
