//! A clock that counts work instead of time, so that the same question has the same answer on every machine.

use std::cell::Cell;

thread_local! {
    /// The work done on this thread so far.
    static DONE: Cell<u64> = const { Cell::new(0) };
}

/// The work of making and measuring one more form, beside that of its evaluations.
pub const FORM: u64 = 6_000;

/// The work of beginning one more search: what holds there is learnt.
pub const SEARCH: u64 = 100_000;

/// The work of one operation of f64.
const OPERATION: u64 = 2;

/// The work of one product of terms in simplification.
const SIMPLIFYING: u64 = 10;

/// The work of one question that a prover thinks about.
const QUESTION: u64 = 300;

/// The work of one product of two balls at the starting precision.
const BALL: u64 = 1;

/// The work of making a ball, whatever its precision.
const MADE: u64 = 12;

/// Notes work.
pub fn spend(units: u64) {
    DONE.with(|done| done.set(done.get().wrapping_add(units)));
}

/// Notes work in f64, on one node after the other.
pub fn spend_operations(units: u64) {
    spend(units.saturating_mul(OPERATION));
}

/// Notes work in balls, and that so many of them were made at least.
pub fn spend_balls(units: u64, made: u64) {
    spend(units.saturating_mul(BALL).saturating_add(made.saturating_mul(MADE)));
}

/// Notes work of simplification, as a [`crate::simplify::Simplifier`] counts it.
pub fn spend_simplifying(units: u64) {
    spend(units.saturating_mul(SIMPLIFYING));
}

/// Notes the questions that a prover thought about.
pub fn spend_questions(asked: u64) {
    spend(asked.saturating_mul(QUESTION));
}

/// An allowance of work that began with it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: u64,
    limit: u64,
}

impl Clock {
    /// An allowance of so many units, some 40 ns each.
    pub fn of(limit: u64) -> Self {
        Clock { began: DONE.with(Cell::get), limit }
    }

    /// The work that was done since it began.
    pub fn spent(self) -> u64 {
        DONE.with(Cell::get).wrapping_sub(self.began)
    }

    /// Whether the allowance is used up.
    pub fn is_over(self) -> bool {
        self.spent() > self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_ends_with_the_work() {
        let clock = Clock::of(100);
        spend(60);
        assert!(!clock.is_over());
        spend_balls(26, 2);
        assert!(clock.is_over());
        assert_eq!(Clock::of(100).spent(), 0);
    }
}
