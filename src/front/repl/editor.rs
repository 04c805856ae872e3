//! The line editor: keys, colours, completion, hints, and the history. The only file that knows rustyline.

use super::complete::{self, Completion, Names};
use super::paint;
use crate::front::palette::{self, ink, painted};
use crate::source::Source;
use crate::syntax::parse_program;
use etcetera::BaseStrategy;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter, HistoryHinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Cmd, ColorMode, CompletionType, Config, Context, Helper, KeyCode, KeyEvent, Modifiers};
use std::borrow::Cow;
use std::cell::Cell;
use std::io;
use std::path::PathBuf;

/// How many lines are remembered.
const REMEMBERED: usize = 10_000;

/// Of more candidates than this it is asked whether to list them.
const LISTED: usize = 100;

/// What came from the other side.
pub enum Entered {
    /// A whole text, of several lines perhaps.
    Line(String),
    /// Nothing: a line was dropped.
    Dropped,
    /// A farewell.
    Left,
}

/// Reads lines.
pub struct Editor {
    lines: rustyline::Editor<Assistant, DefaultHistory>,
    /// The file of earlier lines, where there can be one.
    history: Option<PathBuf>,
    color: bool,
}

impl Editor {
    /// An editor with the lines of earlier conversations.
    ///
    /// # Errors
    /// When there is no terminal.
    pub fn new(color: bool) -> io::Result<Self> {
        let config = Config::builder()
            .max_history_size(REMEMBERED)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(failed)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .completion_prompt_limit(LISTED)
            .completion_show_all_if_ambiguous(true)
            .color_mode(if color { ColorMode::Enabled } else { ColorMode::Disabled })
            .build();
        let mut lines = rustyline::Editor::with_config(config).map_err(failed)?;
        lines.set_helper(Some(Assistant::new(color)));
        lines.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
        let history = history_file();
        if let Some(file) = &history {
            // what cannot be read or written is done without
            let _ = file.parent().map(std::fs::create_dir_all);
            let _ = lines.load_history(file);
        }
        Ok(Editor { lines, history, color })
    }

    /// The columns of the terminal.
    pub fn columns(&mut self) -> usize {
        self.lines.dimensions().map_or(80, |(columns, _)| usize::from(columns)).max(1)
    }

    /// What is defined by now.
    pub fn know(&mut self, names: Names) {
        if let Some(assistant) = self.lines.helper_mut() {
            assistant.names = names;
        }
    }

    /// The next line.
    ///
    /// # Errors
    /// When the terminal fails.
    pub fn line(&mut self, prompt: &str) -> io::Result<Entered> {
        let styled = if self.color { painted("1", prompt) } else { prompt.to_owned() };
        match self.lines.readline(&(prompt, styled)) {
            Ok(line) if line.trim().is_empty() => Ok(Entered::Dropped),
            Ok(line) => {
                self.remember(&line);
                Ok(Entered::Line(line))
            }
            Err(ReadlineError::Interrupted) => Ok(Entered::Dropped),
            Err(ReadlineError::Eof) => Ok(Entered::Left),
            Err(ReadlineError::Signal(_)) => Ok(Entered::Dropped),
            Err(error) => Err(failed(error)),
        }
    }

    /// Writes the line down at once: the program may end in any way.
    fn remember(&mut self, line: &str) {
        let is_new = self.lines.add_history_entry(line.trim_end()).unwrap_or(false);
        if let Some(file) = self.history.as_ref().filter(|_| is_new) {
            let _ = self.lines.append_history(file);
        }
    }
}

fn failed(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::Io(error) => error,
        other => io::Error::other(other),
    }
}

/// `$XDG_STATE_HOME/grad/history`, or what the system has for it.
fn history_file() -> Option<PathBuf> {
    let places = etcetera::choose_base_strategy().ok()?;
    Some(places.state_dir().unwrap_or_else(|| places.data_dir()).join("grad").join("history"))
}

/// Helps while a line is being written.
struct Assistant {
    names: Names,
    color: bool,
    files: FilenameCompleter,
    earlier: HistoryHinter,
    /// Whether the line is being shown for the last time: then no bracket is marked.
    is_left: Cell<bool>,
}

impl Assistant {
    fn new(color: bool) -> Self {
        let (names, files, earlier) = (Names::default(), FilenameCompleter::new(), HistoryHinter::new());
        Assistant { names, color, files, earlier, is_left: Cell::new(false) }
    }
}

impl Helper for Assistant {}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(if is_unfinished(context.input()) { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

/// Whether more lines are needed. An empty line ends the text in any case.
fn is_unfinished(text: &str) -> bool {
    let is_command = text.trim_start().starts_with(':');
    let ends_empty = text.rsplit_once('\n').is_some_and(|(_, last)| last.trim().is_empty());
    !is_command && !ends_empty && parse_program(&Source::new("input", text)).is_incomplete
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = line.get(..pos).unwrap_or(line);
        match complete::complete(before, &self.names) {
            Completion::Path => self.files.complete_path(line, pos),
            Completion::Words(from, found) => {
                Ok((from, found.into_iter().map(|(replacement, display)| Pair { display, replacement }).collect()))
            }
        }
    }
}

/// A remark after the cursor; what can be taken over with the right arrow is `taken`.
struct Remark {
    shown: String,
    can_be_taken: bool,
}

impl Hint for Remark {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        self.can_be_taken.then_some(&self.shown)
    }
}

impl Hinter for Assistant {
    type Hint = Remark;

    fn hint(&self, line: &str, pos: usize, context: &Context<'_>) -> Option<Remark> {
        if pos < line.len() {
            return None;
        }
        if let Some(shown) = complete::parameters_left(line, &self.names) {
            return Some(Remark { shown, can_be_taken: false });
        }
        let shown = self.earlier.hint(line, pos, context)?;
        // a hint of several lines would push the screen about
        (!shown.contains('\n')).then_some(Remark { shown, can_be_taken: true })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        let cursor = (!self.is_left.get()).then_some(pos);
        if self.color { Cow::Owned(paint::painted(line, cursor, &self.names.callable)) } else { Cow::Borrowed(line) }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.color { Cow::Owned(painted(&ink("", palette::QUIET), hint)) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.is_left.set(kind == CmdKind::ForcedRefresh);
        self.color || self.is_left.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_lines_go_on() {
        for text in ["x +", "f(1,", "let z =", "derive sin(x) wrt", "if x > 0 then", "[1, 2", "let a = 1\nx +"] {
            assert!(is_unfinished(text), "{text}");
        }
        for text in ["x + 1", "x + * 2", ")", "", ":help (", "x +\n", "f(1,\n  ", "# only (", "1/2x"] {
            assert!(!is_unfinished(text), "{text}");
        }
    }
}
