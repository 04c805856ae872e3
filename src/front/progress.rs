//! A bar for data that take long to read: on a terminal's standard error, after the first second. The only file that knows indicatif.

use crate::data::Progress;
use crate::diagnostic::escape;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A shorter pass is over before anybody looks.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct Bar(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    began: Option<Instant>,
    bar: Option<ProgressBar>,
}

/// A bar where somebody would see it.
#[must_use]
pub fn on_terminal() -> Option<Arc<dyn Progress>> {
    std::io::stderr().is_terminal().then(|| Arc::new(Bar::default()) as Arc<dyn Progress>)
}

impl Progress for Bar {
    fn advance(&self, name: &str, done: u64, total: u64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.began.get_or_insert_with(Instant::now).elapsed() < PATIENCE {
            return;
        }
        let bar = state.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {eta}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(escape(name).into_owned())
        });
        bar.set_position(done);
    }

    fn finish(&self) {
        let state = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(bar) = state.bar {
            bar.finish_and_clear();
        }
    }
}
