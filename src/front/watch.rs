//! A second pair of eyes on a running program: stops it when a statement takes too long or the memory grows too large, also
//! where a computation does not look at its own budget.

use crate::diagnostic::code;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(20);

/// What is left to a computation to stop by itself.
const GRACE: Duration = Duration::from_millis(500);

/// The limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time of one statement.
    pub time: Duration,
    /// The memory of the whole program, in bytes.
    pub memory: u64,
}

/// A watch on this process. It ends with the process.
#[derive(Clone, Debug)]
pub struct Watch {
    began: Instant,
    /// When the running statement began, in milliseconds from `began`; none runs where it is the largest number.
    statement: Arc<AtomicU64>,
}

const IDLE: u64 = u64::MAX;

impl Watch {
    /// Begins to watch. Past a limit it says so on standard error and ends the process with status 1.
    #[must_use]
    pub fn start(limits: Limits) -> Self {
        let watch = Watch { began: Instant::now(), statement: Arc::new(AtomicU64::new(IDLE)) };
        let seen = watch.clone();
        // without a thread there is no watch, and the budgets still hold
        let _ = std::thread::Builder::new().name("watch".into()).spawn(move || seen.look(limits));
        watch
    }

    /// A statement begins now.
    pub fn statement(&self) {
        self.statement.store(self.now(), Ordering::Relaxed);
    }

    /// No statement runs.
    pub fn idle(&self) {
        self.statement.store(IDLE, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(IDLE - 1)
    }

    fn look(&self, limits: Limits) {
        let longest = u64::try_from((limits.time + GRACE).as_millis()).unwrap_or(IDLE);
        loop {
            std::thread::sleep(PERIOD);
            let began = self.statement.load(Ordering::Relaxed);
            if began != IDLE && self.now().saturating_sub(began) > longest {
                stop(
                    &code::BUDGET,
                    &format!("a statement took more than {} s; --timeout sets another limit", limits.time.as_secs_f64()),
                );
            }
            if memory().is_some_and(|used| used > limits.memory) {
                stop(&code::MEMORY, &format!("more than {} MiB were needed; --memory sets another limit", limits.memory >> 20));
            }
        }
    }
}

fn stop(code: &crate::diagnostic::Code, message: &str) -> ! {
    let _ = writeln!(std::io::stderr(), "error[{}]: {message}", code.id);
    std::process::exit(1)
}

/// The memory that this process holds, in bytes, where the system says so.
fn memory() -> Option<u64> {
    const PAGE: u64 = 4096;
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * PAGE)
}
