//! What the other side sees: answers with their numbers, messages under the line, and what is remembered of them.

use super::fold;
use super::transcript::Transcript;
use crate::budget::Exhausted;
use crate::derive::Derivation;
use crate::diagnostic::code;
use crate::expr::print;
use crate::front::report::{self, Style, Typed};
use crate::outcome::{Answer, Outcome};
use crate::render::{Form, derivation::Marks, json, marking, text};
use crate::resolve::Value;
use crate::session::Session;
use std::io;
use unicode_width::UnicodeWidthStr;

/// Where texts go.
pub type Out = Box<dyn FnMut(&str) -> io::Result<()>>;

/// The columns of a terminal that does not say how wide it is.
const COLUMNS: usize = 80;

/// How things look, and what was seen.
pub struct View {
    /// How answers are written.
    pub form: Form,
    /// The columns of the terminal.
    pub columns: usize,
    /// The last derivation.
    pub last: Option<Derivation>,
    /// What was said.
    pub transcript: Transcript,
    /// Whether nobody can read any more.
    pub is_broken: bool,
    /// How much of the next marking is shown.
    pub shown: marking::Shown,
    /// Whether it was said that the computation was stopped.
    pub was_stopped: bool,
    style: Style,
    quiet: bool,
    out: Out,
    /// How many results were seen.
    seen: usize,
    /// The width of the prompt, while the cursor is right below a line that was typed.
    under: Option<usize>,
}

impl View {
    /// A view on nothing yet.
    pub fn new(form: Form, style: Style, quiet: bool, out: Out) -> Self {
        View {
            form,
            columns: COLUMNS,
            last: None,
            transcript: Transcript::default(),
            is_broken: false,
            shown: marking::Shown::All,
            was_stopped: false,
            style,
            quiet,
            out,
            seen: 0,
            under: None,
        }
    }

    /// Writes a text.
    pub fn say(&mut self, text: &str) {
        if !text.is_empty() {
            self.under = None;
            self.is_broken |= (self.out)(text).is_err();
        }
    }

    /// A line was typed behind this prompt.
    pub fn begin(&mut self, line: &str, prompt: &str) {
        let width = prompt.width() + line.width();
        let fits = width < self.columns && !line.contains(|c: char| c.is_control());
        self.under = fits.then(|| prompt.width());
    }

    /// Forgets what was seen of a session.
    pub fn reset(&mut self) {
        (self.seen, self.last) = (0, None);
    }

    /// The marks of the form.
    pub fn marks(&self) -> Marks {
        if self.form == Form::Ascii { Marks::ASCII } else { Marks::UNICODE }
    }

    /// Shows the outcome of a statement, and remembers it.
    pub fn outcome(&mut self, session: &Session, outcome: &Outcome) {
        let before = self.seen;
        self.seen = session.results();
        let number = (self.seen > before).then_some(self.seen);
        let messages = self.messages(session, outcome);
        let body = match self.form {
            Form::Json if outcome.answer.is_some() || !outcome.diagnostics.is_empty() => {
                format!("{}\n", json::outcome(&session.graph, outcome))
            }
            Form::Json => String::new(),
            _ => self.answer(session, outcome, number),
        };
        let shown = if self.form == Form::Json { body } else { messages + &body };
        self.say(&shown);
        self.remember(session, outcome, before, &shown);
    }

    fn messages(&mut self, session: &Session, outcome: &Outcome) -> String {
        let mut out = String::new();
        let is_stopped = session.options.stop.reason() == Some(Exhausted::Cancelled);
        for diagnostic in outcome.diagnostics.iter().filter(|d| d.is_error() || !self.quiet) {
            if self.shown == marking::Shown::Hint && diagnostic.code == &code::LINE {
                continue;
            }
            if is_stopped && diagnostic.is_error() {
                if !std::mem::replace(&mut self.was_stopped, true) {
                    out.push_str("stopped\n");
                }
                continue;
            }
            let place = Typed { indent: self.under.unwrap_or(0), is_above: self.under.take().is_some(), columns: self.columns };
            // a learner's line that does not follow is no fault of the program: what there is to say stands in the answer
            let shown = if diagnostic.code == &code::LINE { report::pointed } else { report::typed };
            out.push_str(&shown(&outcome.text.source, diagnostic, place, self.style));
        }
        out
    }

    /// An answer with its number.
    fn answer(&mut self, session: &Session, outcome: &Outcome, number: Option<usize>) -> String {
        let Some(answer) = &outcome.answer else { return String::new() };
        let g = &session.graph;
        let title = number.map_or(String::new(), |k| format!("_{k}: "));
        match answer {
            Answer::Derivation { derivation, detail, value } => {
                let mut out = fold::folded(g, derivation, *detail, self.marks(), self.columns, &title);
                if let Some(value) = value {
                    let values = Answer::Values { values: vec![value.clone()], is_vector: false };
                    out.push_str(&format!("  = {}", text::answer(g, &values, self.marks())));
                }
                out
            }
            Answer::Simplified { derivation, detail: Some(detail), .. } => {
                fold::folded(g, derivation, *detail, self.marks(), self.columns, &title)
            }
            Answer::Marking(found) => marking::shown(g, found, self.marks(), self.shown),
            answer => {
                let lines = text::answer(g, answer, self.marks());
                match (number, answer) {
                    (None, _) => lines,
                    (Some(_), Answer::Gradient(_) | Answer::Slopes { .. } | Answer::Shared { .. }) => {
                        let gap = format!("\n{}", " ".repeat(title.len()));
                        format!("{title}{}\n", lines.trim_end().replace('\n', &gap))
                    }
                    (Some(k), _) => format!("_{k} = {lines}"),
                }
            }
        }
    }

    fn remember(&mut self, session: &Session, outcome: &Outcome, before: usize, shown: &str) {
        match &outcome.answer {
            Some(Answer::Derivation { derivation, .. } | Answer::Simplified { derivation, .. }) => {
                self.last = Some(derivation.clone());
            }
            Some(Answer::Stable(found)) => self.last = Some(found.derivation.clone()),
            _ => {}
        }
        let source = &outcome.text.source;
        let is_whole = outcome.command != "syntax";
        let input = source.slice(if is_whole { outcome.span } else { source.line_span(outcome.span.start) });
        let scope = session.scope();
        let last = (before > 0 && !scope.is_defined("ans")).then_some(before);
        let plain = anstream::adapter::strip_str(shown).to_string();
        let formula = |number: usize| result(session, number);
        self.transcript.add(input, &plain, !outcome.is_error(), last, formula);
    }
}

/// A result as text that can be typed; none where the name means something else.
fn result(session: &Session, number: usize) -> Option<String> {
    let name = format!("_{number}");
    let scope = session.scope();
    if scope.is_defined(&name) {
        return None;
    }
    Some(match &scope.entry(&name)?.value {
        Value::Scalar(id) => print::plain(&session.graph, *id),
        Value::Vector(items) => {
            let texts: Vec<String> = items.iter().map(|id| print::plain(&session.graph, *id)).collect();
            format!("[{}]", texts.join(", "))
        }
    })
}
