//! A derivation that is checked while it is typed: `check d/dx (…)`, then line after line. A line that does not follow is not
//! kept, so that it can be typed again; `:hint` says a little more each time.

use super::Repl;
use crate::marking::hint::Level;
use crate::outcome::{Answer, Outcome};
use crate::render::marking::Shown;

/// What is known of a derivation on the way.
#[derive(Default)]
pub struct Learner {
    /// The statement with the lines that stand.
    open: Option<String>,
    /// The same with the line that was tried last and does not follow.
    tried: Option<String>,
    /// How much was said by now.
    level: Level,
}

/// Whether a line goes on with a derivation.
pub fn is_next_line(line: &str) -> bool {
    line.starts_with('=') && !line.starts_with("==")
}

impl Learner {
    /// Notes what a statement was about.
    pub fn saw(&mut self, outcome: &Outcome) {
        let Some(Answer::Marking(found)) = &outcome.answer else {
            // the lines to come would be compared with another problem than the learner means
            if outcome.is_error() && outcome.text.source.text.trim_start().starts_with("check") {
                (self.open, self.tried) = (None, None);
            }
            return;
        };
        let text = outcome.text.source.slice(outcome.span);
        let wrong = found.first_wrong().map(|k| found.lines[k].span);
        let until = wrong.map(|span| (span.start - outcome.span.start) as usize);
        let stands = until.and_then(|end| text[..end].rfind('=').map(|equals| text[..equals].trim_end()));
        self.tried = wrong.map(|_| text.to_owned());
        self.open = Some(stands.unwrap_or(text).to_owned());
    }
}

impl Repl {
    /// Checks one line more.
    pub(super) fn next_line(&mut self, line: &str) {
        let Some(open) = self.learner.open.clone() else {
            self.view.say("no derivation is open here; begin one with a problem: check d/dx (x^2*exp(3x))\n");
            return;
        };
        let tried = self.learner.tried.clone();
        self.learner.level = Level::Rule;
        self.view.shown = Shown::LastLine;
        self.statements(&format!("{open}\n{line}"));
        self.view.shown = Shown::All;
        if self.learner.open.is_none() {
            // a line that cannot be read is typed again
            (self.learner.open, self.learner.tried) = (Some(open), tried);
        }
    }

    /// A little more on the line that does not follow, or on the one to come.
    pub(super) fn hint(&mut self) {
        let Learner { open, tried, level } = &self.learner;
        let Some(text) = tried.clone().or(open.clone()) else {
            self.view.say("hints are for a derivation that is being checked: check d/dx (x^2*exp(3x))\n");
            return;
        };
        let level = if tried.is_some() { level.more() } else { *level };
        let kept = (open.clone(), tried.clone());
        let word = Level::WORDS[level as usize];
        self.view.shown = Shown::Hint;
        self.statements(&format!("{text}\nwith hint = {word}"));
        self.view.shown = Shown::All;
        (self.learner.open, self.learner.tried) = kept;
        self.learner.level = if self.learner.tried.is_some() { level } else { level.more() };
    }
}
