//! What one statement may cost: time, work, and a way to stop it from outside. Long loops ask here; nothing here knows what they do.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exhausted::Time(limit) => write!(f, "stopped after {} s", limit.as_secs_f64()),
            Exhausted::Work(limit) => write!(f, "stopped after {limit} steps of work"),
            Exhausted::Cancelled => write!(f, "stopped"),
        }
    }
}

impl std::error::Error for Exhausted {}

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
    cancelled: Arc<AtomicBool>,
}

impl Budget {
    /// An allowance that begins now: at most this much time (none: any) and this many units of work.
    #[must_use]
    pub fn new(time: Option<Duration>, work: u64) -> Self {
        Budget::stoppable(time, work, Arc::default())
    }

    /// As [`Budget::new`], and stopped when the flag is set.
    #[must_use]
    pub fn stoppable(time: Option<Duration>, work: u64, cancelled: Arc<AtomicBool>) -> Self {
        Budget { began: Instant::now(), time, work, spent: Cell::new(0), next_look: Cell::new(STRIDE), cancelled }
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

    /// Looks at the clock and the flag now.
    ///
    /// # Errors
    /// When the time is up or the computation was stopped.
    pub fn check(&self) -> Result<(), Exhausted> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Exhausted::Cancelled);
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
    fn work_time_and_the_flag_each_stop_it() {
        let work = Budget::new(None, 10);
        assert_eq!(work.spend(10), Ok(()));
        assert_eq!(work.spend(1), Err(Exhausted::Work(10)));
        let time = Budget::new(Some(Duration::ZERO), u64::MAX);
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(time.spend(STRIDE), Err(Exhausted::Time(Duration::ZERO)));
        let flag = Arc::new(AtomicBool::new(false));
        let budget = Budget::stoppable(None, u64::MAX, flag.clone());
        assert_eq!(budget.check(), Ok(()));
        flag.store(true, Ordering::Relaxed);
        assert_eq!(budget.check(), Err(Exhausted::Cancelled));
    }
}
