//! What one statement may cost: time, work, and a way to stop it from outside. Long loops ask here; nothing here knows what they do.
//!
//! There are two ways to ask. Where an error can be handed back, [`Budget::spend`] says so. Deep inside an engine, whose functions
//! have no error to give, [`pulse`] asks for the statement that runs on this thread, and leaves it by unwinding to [`under`]. What
//! an engine had begun is dropped on the way; what was defined before stays, for a statement changes the session only at its end.

use crate::limits::{Limit, Limits};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
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
    /// More nodes were made than allowed.
    Nodes(u64),
    /// Somebody asked it to stop.
    Cancelled,
    /// The program's memory grew too large.
    Memory,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exhausted::Time(limit) => write!(f, "stopped after {} s", limit.as_secs_f64()),
            Exhausted::Work(limit) => write!(f, "stopped after {limit} units of work"),
            Exhausted::Nodes(limit) => write!(f, "stopped: the expressions on the way grow beyond {limit} nodes"),
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
        // who asked for a stop before is told of that
        let _ = self.0.compare_exchange(RUN, MEMORY, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// What used up the memory has been dropped: the next computation may run.
    pub fn memory_is_back(&self) {
        let _ = self.0.compare_exchange(MEMORY, RUN, Ordering::Relaxed, Ordering::Relaxed);
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

/// The allowance of one statement. Clones spend from the same allowance.
#[derive(Clone, Debug)]
pub struct Budget(Rc<Allowance>);

#[derive(Debug)]
struct Allowance {
    /// When the time began to run, where it is limited.
    began: Cell<Option<Instant>>,
    time: Option<Duration>,
    limits: Limits,
    spent: Cell<u64>,
    next_look: Cell<u64>,
    stop: Stop,
}

impl Budget {
    /// An allowance that begins now: at most this much time (none: any) within these limits.
    #[must_use]
    pub fn new(time: Option<Duration>, limits: Limits) -> Self {
        Budget::stoppable(time, limits, Stop::default())
    }

    /// As [`Budget::new`], and stopped by the switch.
    #[must_use]
    pub fn stoppable(time: Option<Duration>, limits: Limits, stop: Stop) -> Self {
        let next_look = Cell::new(STRIDE.min(limits.of(Limit::Work)));
        let (began, spent) = (Cell::new(time.map(|_| Instant::now())), Cell::new(0));
        Budget(Rc::new(Allowance { began, time, limits, spent, next_look, stop }))
    }

    /// No limit at all: for the program's own texts and for tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Budget::new(None, Limits::default().with(Limit::Work, u64::MAX).with(Limit::Nodes, u64::MAX))
    }

    /// Counts units of work; looks at the clock now and then.
    ///
    /// # Errors
    /// When the allowance is used up.
    #[inline]
    pub fn spend(&self, units: u64) -> Result<(), Exhausted> {
        let total = self.0.spent.get().saturating_add(units);
        self.0.spent.set(total);
        if total >= self.0.next_look.get() { self.look_after(total) } else { Ok(()) }
    }

    /// What [`Budget::spend`] does now and then, and from the last unit of work on always.
    #[cold]
    fn look_after(&self, total: u64) -> Result<(), Exhausted> {
        let Allowance { limits, next_look, .. } = &*self.0;
        let work = limits.of(Limit::Work);
        if total > work {
            return Err(Exhausted::Work(work));
        }
        next_look.set(total.saturating_add(STRIDE).min(work));
        self.check()
    }

    /// The time begins anew: what went by was spent on reading, whose pieces have limits of their own.
    pub fn restart(&self) {
        self.0.began.set(self.0.time.map(|_| Instant::now()));
    }

    /// Looks at the clock and the switch now.
    ///
    /// # Errors
    /// When the time is up or the computation was stopped.
    pub fn check(&self) -> Result<(), Exhausted> {
        let Allowance { began, time, stop, .. } = &*self.0;
        if let Some(reason) = stop.reason() {
            return Err(reason);
        }
        match (time, began.get()) {
            (Some(limit), Some(began)) if began.elapsed() > *limit => Err(Exhausted::Time(*limit)),
            _ => Ok(()),
        }
    }
}

thread_local! {
    /// The allowance of the statement that runs on this thread.
    static RUNNING: RefCell<Option<Budget>> = const { RefCell::new(None) };
    /// Nodes that it may still make.
    static NODES: Cell<u64> = const { Cell::new(u64::MAX) };
    /// Pulses that are left before the next look at it.
    static LEFT: Cell<u32> = const { Cell::new(0) };
}

/// Pulses between two looks at the clock: at most some milliseconds of an engine's work.
const PULSES: u32 = 256;

/// Does some work under an allowance: each [`pulse`] inside asks whether it may go on.
///
/// # Errors
/// Why the work was stopped before its end.
pub fn under<T>(budget: &Budget, work: impl FnOnce() -> T) -> Result<T, Exhausted> {
    let before = RUNNING.replace(Some(budget.clone()));
    let nodes = NODES.get();
    // what an inner allowance makes, the outer one pays for
    NODES.set(nodes.min(budget.0.limits.of(Limit::Nodes)));
    let begun = NODES.get();
    let done = catch_unwind(AssertUnwindSafe(work));
    RUNNING.set(before);
    NODES.set(nodes - begun.saturating_sub(NODES.get()).min(nodes));
    done.map_err(|cause| match cause.downcast::<Exhausted>() {
        Ok(reason) => *reason,
        Err(fault) => resume_unwind(fault),
    })
}

/// What is allowed to the statement that runs on this thread; outside of one, what is usual.
#[must_use]
pub fn allowed(limit: Limit) -> u64 {
    RUNNING.with_borrow(|running| running.as_ref().map_or(limit.standard(), |budget| budget.0.limits.of(limit)))
}

/// A node is made. Where the statement that runs on this thread may make no more, this leaves it as [`pulse`] does.
#[inline]
pub fn node() {
    match NODES.get() {
        0 => resume_unwind(Box::new(Exhausted::Nodes(allowed(Limit::Nodes)))),
        left => NODES.set(left - 1),
    }
}

/// So many nodes would be made on the way to a result: where that is more than the statement on this thread may make, this leaves it
/// before the work is done.
pub fn foresee(nodes: f64) {
    let limit = allowed(Limit::Nodes);
    if nodes > limit as f64 && RUNNING.with_borrow(Option::is_some) {
        resume_unwind(Box::new(Exhausted::Nodes(limit)));
    }
}

/// Does some work that must not be left halfway: a change of the session, which has begun, goes on to its end.
pub fn whole<T>(work: impl FnOnce() -> T) -> T {
    let (before, nodes) = (RUNNING.take(), NODES.replace(u64::MAX));
    let done = work();
    RUNNING.set(before);
    NODES.set(nodes);
    done
}

/// One step of an engine. Where the statement that runs on this thread may not go on, this leaves it.
#[inline]
pub fn pulse() {
    match LEFT.get() {
        0 => look(),
        left => LEFT.set(left - 1),
    }
}

/// A step of an engine that is known to take long, as so many units of the statement's work: where they are not left, or the
/// statement may not go on, this leaves it before the step is done.
pub fn labour(units: u64) {
    let reason = RUNNING.with_borrow(|running| {
        let budget = running.as_ref()?;
        budget.spend(units).and_then(|()| budget.check()).err()
    });
    if let Some(reason) = reason {
        resume_unwind(Box::new(reason));
    }
}

/// As [`pulse`], for a step that takes as long as many.
pub fn look() {
    LEFT.set(PULSES);
    let reason = RUNNING.with_borrow(|running| running.as_ref().and_then(|budget| budget.check().err()));
    if let Some(reason) = reason {
        // not a panic: no message is printed, and only `under` catches it
        resume_unwind(Box::new(reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_time_and_the_switch_each_stop_it() {
        let work = Budget::new(None, Limits::default().with(Limit::Work, 10));
        assert_eq!(work.spend(10), Ok(()));
        assert_eq!(work.spend(1), Err(Exhausted::Work(10)));
        for limit in [1, STRIDE - 1, STRIDE, STRIDE + 1, 3 * STRIDE + 5] {
            let work = Budget::new(None, Limits::default().with(Limit::Work, limit));
            let done = (0..).take_while(|_| work.spend(1).is_ok()).count();
            assert_eq!((done as u64, work.spend(1)), (limit, Err(Exhausted::Work(limit))));
        }
        let time = Budget::new(Some(Duration::ZERO), Limits::default());
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(time.spend(STRIDE), Err(Exhausted::Time(Duration::ZERO)));
        let slow = Budget::new(Some(Duration::from_secs(3600)), Limits::default());
        slow.0.began.set(Some(Instant::now() - Duration::from_secs(7200)));
        assert_eq!(slow.check(), Err(Exhausted::Time(Duration::from_secs(3600))));
        slow.restart();
        assert_eq!(slow.check(), Ok(()));
        let stop = Stop::default();
        let budget = Budget::stoppable(None, Limits::default(), stop.clone());
        assert_eq!(budget.check(), Ok(()));
        stop.cancel();
        assert_eq!(budget.check(), Err(Exhausted::Cancelled));
        stop.clear();
        assert_eq!(budget.check(), Ok(()));
    }

    #[test]
    fn a_pulse_leaves_the_work_that_it_stands_in() {
        let stop = Stop::default();
        let budget = Budget::stoppable(None, Limits::default(), stop.clone());
        assert_eq!(under(&budget, || (0..10_000).map(|k| (pulse(), k).1).sum::<u64>()), Ok(49_995_000));
        stop.cancel();
        let endless = || -> u64 {
            loop {
                pulse();
            }
        };
        assert_eq!(under(&budget, endless), Err(Exhausted::Cancelled));
        // outside of any allowance nothing stops
        (0..10_000).for_each(|_| pulse());
    }

    #[test]
    fn labour_is_paid_for_from_the_work_of_the_statement() {
        let budget = Budget::new(None, Limits::default().with(Limit::Work, 10));
        assert_eq!(under(&budget, || labour(7)), Ok(()));
        assert_eq!(under(&budget, || labour(4)), Err(Exhausted::Work(10)));
        let stopped = Budget::unlimited();
        stopped.0.stop.cancel();
        assert_eq!(under(&stopped, || labour(1)), Err(Exhausted::Cancelled));
        labour(u64::MAX);
    }

    #[test]
    fn a_change_goes_on_to_its_end() {
        let budget = Budget::new(Some(Duration::ZERO), Limits::default().with(Limit::Nodes, 10));
        std::thread::sleep(Duration::from_millis(1));
        let change = || {
            look();
            (0..11).for_each(|_| node());
        };
        assert_eq!(under(&budget, || whole(change)), Ok(()));
        assert!(under(&budget, || (whole(change), look())).is_err());
    }

    #[test]
    fn nodes_are_counted_through_inner_allowances() {
        let budget = Budget::new(None, Limits::default().with(Limit::Nodes, 10));
        let make = |count: usize| (0..count).for_each(|_| node());
        assert_eq!(under(&budget, || make(10)), Ok(()));
        assert_eq!(under(&budget, || make(11)), Err(Exhausted::Nodes(10)));
        assert_eq!(
            under(&budget, || (under(&budget, || make(6)), under(&budget, || make(6)))).unwrap().1,
            Err(Exhausted::Nodes(10))
        );
        assert_eq!((under(&budget, || allowed(Limit::Nodes)), allowed(Limit::Nodes)), (Ok(10), 1_000_000));
        make(100);
    }

    #[test]
    fn an_inner_allowance_ends_with_its_own_work() {
        let (outer, inner) = (Budget::unlimited(), Budget::new(Some(Duration::ZERO), Limits::default()));
        std::thread::sleep(Duration::from_millis(1));
        let told = under(&outer, || {
            let told = under(&inner, look);
            look();
            told
        });
        assert_eq!(told, Ok(Err(Exhausted::Time(Duration::ZERO))));
    }
}
