//! What one statement may cost: time, work, and a way to stop it from outside. Long loops ask here; nothing here knows what they do.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// Why a computation must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// The time is up.
    Time(Duration),
    /// More units of work were done than allowed.
    Work(u64),
    /// Somebody asked it to stop.
    Cancelled,
    /// The program's memory grew too large.
    Memory,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exhausted::Time(limit) => write!(f, "stopped after {} s", limit.as_secs_f64()),
            Exhausted::Work(limit) => write!(f, "stopped after {limit} steps of work"),
            Exhausted::Cancelled => write!(f, "stopped"),
            Exhausted::Memory => write!(f, "stopped: the memory is used up"),
        }
    }
}

impl std::error::Error for Exhausted {}

/// A switch that stops a running computation from another thread. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicU8>);

/// What the switch says.
const RUN: u8 = 0;
const CANCELLED: u8 = 1;
const MEMORY: u8 = 2;

impl Stop {
    /// Stops what runs, because somebody asked for it.
    pub fn cancel(&self) {
        self.0.store(CANCELLED, Ordering::Relaxed);
    }

    /// Stops what runs, because the memory is used up.
    pub fn out_of_memory(&self) {
        self.0.store(MEMORY, Ordering::Relaxed);
    }

    /// Lets the next computation run.
    pub fn clear(&self) {
        self.0.store(RUN, Ordering::Relaxed);
    }

    /// Why the computation must stop, where it must.
    #[must_use]
    pub fn reason(&self) -> Option<Exhausted> {
        match self.0.load(Ordering::Relaxed) {
            RUN => None,
            MEMORY => Some(Exhausted::Memory),
            _ => Some(Exhausted::Cancelled),
        }
    }
}

/// Units of work between two looks at the clock.
const STRIDE: u64 = 1024;

/// The allowance of one statement.
#[derive(Clone, Debug)]
pub struct Budget {
    began: Instant,
    time: Option<Duration>,
    work: u64,
    spent: Cell<u64>,
    next_look: Cell<u64>,
    stop: Stop,
}

impl Budget {
    /// An allowance that begins now: at most this much time (none: any) and this many units of work.
    #[must_use]
    pub fn new(time: Option<Duration>, work: u64) -> Self {
        Budget::stoppable(time, work, Stop::default())
    }

    /// As [`Budget::new`], and stopped by the switch.
    #[must_use]
    pub fn stoppable(time: Option<Duration>, work: u64, stop: Stop) -> Self {
        Budget { began: Instant::now(), time, work, spent: Cell::new(0), next_look: Cell::new(STRIDE), stop }
    }

    /// No limit at all: for the program's own texts and for tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Budget::new(None, u64::MAX)
    }

    /// Counts units of work; looks at the clock now and then.
    ///
    /// # Errors
    /// When the allowance is used up.
    pub fn spend(&self, units: u64) -> Result<(), Exhausted> {
        let spent = self.spent.get().saturating_add(units);
        self.spent.set(spent);
        if spent > self.work {
            return Err(Exhausted::Work(self.work));
        }
        if spent >= self.next_look.get() {
            self.next_look.set(spent.saturating_add(STRIDE));
            return self.check();
        }
        Ok(())
    }

    /// Looks at the clock and the switch now.
    ///
    /// # Errors
    /// When the time is up or the computation was stopped.
    pub fn check(&self) -> Result<(), Exhausted> {
        if let Some(reason) = self.stop.reason() {
            return Err(reason);
        }
        match self.time {
            Some(limit) if self.began.elapsed() > limit => Err(Exhausted::Time(limit)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_time_and_the_switch_each_stop_it() {
        let work = Budget::new(None, 10);
        assert_eq!(work.spend(10), Ok(()));
        assert_eq!(work.spend(1), Err(Exhausted::Work(10)));
        let time = Budget::new(Some(Duration::ZERO), u64::MAX);
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(time.spend(STRIDE), Err(Exhausted::Time(Duration::ZERO)));
        let stop = Stop::default();
        let budget = Budget::stoppable(None, u64::MAX, stop.clone());
        assert_eq!(budget.check(), Ok(()));
        stop.cancel();
        assert_eq!(budget.check(), Err(Exhausted::Cancelled));
        stop.clear();
        assert_eq!(budget.check(), Ok(()));
    }
}
