//! A second pair of eyes on a running program: stops it when a statement takes too long or the memory grows too large, also
//! where a computation does not look at its own budget.

use crate::budget::Stop;
use crate::diagnostic::code;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often it looks, and how often while the memory is more than half used.
const PERIOD: Duration = Duration::from_millis(20);
const CLOSELY: Duration = Duration::from_millis(2);

/// What is left to a computation to stop by itself.
const GRACE: Duration = Duration::from_millis(500);

/// What is left to it to drop what it holds, so that a conversation goes on: on a busy machine that takes long.
const DROPPING: Duration = Duration::from_secs(2);

/// The bounds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The time of one statement.
    pub time: Duration,
    /// The memory of the whole program, in bytes.
    pub memory: u64,
}

impl Bounds {
    /// With more than this, what runs is asked to stop: what it takes until it does so is kept free.
    fn asked_at(self) -> u64 {
        self.memory - self.memory / 8
    }
}

/// A watch on this process. It ends with the process.
#[derive(Clone, Debug)]
pub struct Watch {
    began: Instant,
    /// When the running statement began, in milliseconds from `began`; none runs where it is the largest number.
    statement: Arc<AtomicU64>,
    switch: Stop,
}

const IDLE: u64 = u64::MAX;

impl Watch {
    /// Begins to watch. Where the memory is nearly used up, the switch asks what runs to stop; where that does not help, and where a
    /// statement goes on after its time, the watch says so on standard error and ends the process with status 1.
    #[must_use]
    pub fn start(bounds: Bounds, switch: Stop) -> Self {
        let watch = Watch { began: Instant::now(), statement: Arc::new(AtomicU64::new(IDLE)), switch };
        let seen = watch.clone();
        // without a thread there is no watch, and the budgets still hold
        let _ = std::thread::Builder::new().name("watch".into()).spawn(move || seen.look(bounds));
        watch
    }

    /// The switch that stops what runs.
    #[must_use]
    pub fn switch(&self) -> Stop {
        self.switch.clone()
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

    fn look(&self, bounds: Bounds) {
        let longest = u64::try_from((bounds.time + GRACE).as_millis()).unwrap_or(IDLE);
        let mut room = Room { bounds, asked: None };
        loop {
            let used = memory().unwrap_or(0);
            std::thread::sleep(if used > bounds.memory / 2 { CLOSELY } else { PERIOD });
            let began = self.statement.load(Ordering::Relaxed);
            if began != IDLE && self.now().saturating_sub(began) > longest {
                let limit = bounds.time.as_secs_f64();
                stop(&code::BUDGET, &format!("a statement took more than {limit} s; --timeout sets another limit"));
            }
            room.look(memory().unwrap_or(0), &self.switch);
        }
    }
}

/// What is left of the memory.
struct Room {
    bounds: Bounds,
    /// When what runs was asked to stop.
    asked: Option<Instant>,
}

impl Room {
    fn look(&mut self, used: u64, switch: &Stop) {
        if used <= self.bounds.asked_at() {
            self.asked = None;
            return;
        }
        switch.out_of_memory();
        let since = self.asked.get_or_insert_with(Instant::now);
        let most = self.bounds.memory;
        if used > most && (since.elapsed() > DROPPING || used > 2 * most) {
            stop(&code::MEMORY, &format!("more than {} MiB were needed; --memory sets another limit", most >> 20));
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
