//! How far the reading of data or a descent has come: each piece of a file gets the time of a statement, and what takes long gets a bar, on a terminal's
//! standard error, after the first second. The only file that knows indicatif.

use super::watch::Watch;
use crate::data::Progress;
use crate::diagnostic::escape;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A shorter pass is over before anybody looks.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Teller {
    watch: Watch,
    /// Whether somebody would see a bar.
    shows: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    began: Option<Instant>,
    bar: Option<ProgressBar>,
}

/// Tells the watch of every piece that was read, and a person where there is one who is not to be left in peace.
#[must_use]
pub fn teller(watch: &Watch, quiet: bool) -> Arc<dyn Progress> {
    let shows = !quiet && std::io::stderr().is_terminal();
    Arc::new(Teller { watch: watch.clone(), shows, state: Mutex::default() })
}

impl Teller {
    /// Shows how far it is, once that takes long enough.
    fn show(&self, name: &str, template: &str, done: u64, total: u64) {
        if !self.shows {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.began.get_or_insert_with(Instant::now).elapsed() < PATIENCE {
            return;
        }
        let bar = state.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(template);
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(escape(name).into_owned())
        });
        bar.set_position(done);
    }
}

impl Progress for Teller {
    fn advance(&self, name: &str, done: u64, total: u64) {
        self.watch.statement();
        self.show(name, "{msg} {wide_bar} {bytes}/{total_bytes} {eta}", done, total);
    }

    fn steps(&self, done: u64, total: u64) {
        self.show("steps", "{msg} {wide_bar} {pos}/{len} {eta}", done, total);
    }

    fn finish(&self) {
        let state = std::mem::take(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(bar) = state.bar {
            bar.finish_and_clear();
        }
    }
}
