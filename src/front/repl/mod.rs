//! The conversation at a terminal: a line is read, run, and answered. What a line does is decided here and in the table of
//! `:` commands; how lines are edited is known to `editor.rs` alone, what answers look like to `view.rs`.

mod commands;
mod complete;
mod editor;
mod facts;
mod fold;
mod greek;
mod learner;
mod paint;
#[cfg(test)]
mod tests;
mod transcript;
mod view;

use super::files::Files;
use super::watch::{Bounds, Watch};
use super::{progress, report};
use crate::budget::Stop;
use crate::limits::{Limit, Limits};
use crate::render::Form;
use crate::session::{Options, Session};
use crate::source::Source;
use complete::Names;
use editor::{Editor, Entered};
use learner::Learner;
use std::io::{self, Write};
use std::time::{Duration, Instant};
use view::View;

/// The most time of one statement unless somebody asks for another: somebody waits.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// What stands before a line.
const PROMPT: &str = "grad> ";

/// How a conversation begins.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// The most time that a statement may take.
    pub time: Duration,
    /// The most memory that the program may take, in bytes.
    pub memory: u64,
    /// The other limits.
    pub limits: Limits,
    /// How answers are written.
    pub form: Form,
    /// Whether to use colour.
    pub color: bool,
    /// Whether warnings are left out.
    pub quiet: bool,
}

/// What follows a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Stay,
    Leave,
}

/// Talks until the other side leaves.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn run(setup: Setup) -> io::Result<()> {
    let stop = Stop::default();
    let watch = watched(&setup, &stop);
    let switch = stop.clone();
    // where no handler can be set, Ctrl-C does what it does elsewhere
    let _ = ctrlc::set_handler(move || switch.cancel());
    let options = Options {
        warns_of_redefinition: false,
        time: Some(setup.time),
        limits: setup.limits,
        stop,
        progress: Some(progress::teller(&watch, setup.quiet)),
        is_conversation: true,
        detail: None,
        columns: None,
        pages: crate::explain::page,
    };
    let mut editor = Editor::new(setup.color)?;
    let mut repl = Repl::new(options, &setup, Box::new(said));
    repl.view.say(&banner());
    loop {
        repl.view.columns = editor.columns();
        repl.session.options.columns = Some(repl.view.columns);
        editor.know(repl.names());
        match editor.line(PROMPT)? {
            Entered::Line(line) => {
                let flow = repl.line(&line);
                if repl.view.is_broken || flow == Flow::Leave {
                    return Ok(());
                }
            }
            Entered::Dropped => {}
            Entered::Left => return Ok(()),
        }
    }
}

/// Watches the memory. The time of a statement is held by its own budget and by Ctrl-C: the conversation outlives it.
fn watched(setup: &Setup, stop: &Stop) -> Watch {
    const NEVER: Duration = Duration::from_secs(1_000_000_000);
    Watch::start(Bounds { time: NEVER, memory: setup.memory }, stop.clone())
}

fn said(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn banner() -> String {
    format!(
        "grad {}: a small language for derivatives   (try: derive x*exp(x) wrt x)\n\
         Tab completes, \\sigma Tab writes σ, Alt-Enter begins a line; :help, :quit\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// A session with what the conversation keeps around it. It knows no terminal.
struct Repl {
    session: Session,
    files: Files,
    options: Options,
    view: View,
    is_timed: bool,
    learner: Learner,
}

impl Repl {
    fn new(options: Options, setup: &Setup, out: view::Out) -> Self {
        Repl {
            session: Session::new(options.clone()),
            files: Files::within(options.limits),
            options,
            view: View::new(setup.form, report::Style { color: setup.color }, setup.quiet, out),
            is_timed: false,
            learner: Learner::default(),
        }
    }

    fn names(&self) -> Names {
        Names::of(self.session.scope(), self.session.results())
    }

    /// Does what a line asks for.
    fn line(&mut self, line: &str) -> Flow {
        let line = line.strip_prefix(PROMPT).unwrap_or(line);
        let word = line.trim();
        if let Some(rest) = word.strip_prefix(':') {
            return commands::run(self, rest);
        }
        if let Some(advice) = commands::meant(word).filter(|_| self.session.scope().entry(word).is_none()) {
            self.view.say(advice);
            return Flow::Stay;
        }
        self.view.begin(line, PROMPT);
        if learner::is_next_line(word) {
            self.timed(|repl| repl.next_line(line));
        } else {
            self.timed(|repl| repl.statements(line));
        }
        Flow::Stay
    }

    /// Runs something, and says how long it took where that is wanted.
    fn timed(&mut self, work: impl FnOnce(&mut Self)) {
        let began = Instant::now();
        work(self);
        if self.is_timed {
            self.view.say(&format!("took {}\n", seconds(began.elapsed())));
        }
    }

    fn statements(&mut self, text: &str) {
        let longest = self.options.limits.of(Limit::Text);
        if text.len() as u64 > longest {
            self.view.say(&format!("a line has at most {longest} bytes; {}\n", Limit::Text.advice()));
            return;
        }
        // imports stand under the current folder
        let mut files = std::mem::replace(&mut self.files, Files::within(self.options.limits));
        match files.snippet("") {
            Ok(_) => self.program(Source::new("input", text), &mut files),
            Err(unread) => self.view.say(&format!("{}\n", unread.reason)),
        }
        self.files = files;
    }

    /// Runs a text; what was stopped runs no further.
    fn program(&mut self, source: Source, files: &mut Files) {
        let Repl { session, view, learner, .. } = self;
        session.options.stop.clear();
        view.was_stopped = false;
        session.run_each(source, files, &mut |session, outcome| {
            learner.saw(&outcome);
            view.outcome(session, &outcome);
        });
        if session.options.stop.reason().is_some() && !view.was_stopped {
            view.say("stopped\n");
        }
    }
}

/// A time as people say it.
fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s < 1e-3 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}
