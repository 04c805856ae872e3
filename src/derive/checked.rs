//! Every step of a derivation is proved, or else compared at many sample points, before anybody sees it. A step that fails is
//! no derivation.

use super::{Check, Derivation, Step};
use crate::domain::Known;
use crate::expr::{Graph, walk};
use crate::verify::check::{Allowed, Checker, Outcome};
use crate::verify::zero::{Tester, Where};

/// Up to this many conditions of the result restrict the sample points; beyond it what is known does.
const CONDITIONS: usize = 24;

/// Beyond this many nodes in its states a step is not evaluated: the budget would not suffice for one point.
const NODES: usize = 20_000;

/// A step that was found wrong: a fault of the program, never shown as a result.
#[derive(Clone, PartialEq, Debug)]
pub struct Wrong {
    /// Which step, counted from 1.
    pub step: usize,
    /// Its rule.
    pub rule: String,
    /// Where the sides differ and what they are there, for a reader.
    pub evidence: String,
}

/// Checks every step and says in it how.
pub fn check(g: &Graph, known: &Known, d: &mut Derivation) -> Result<(), Wrong> {
    let mut here = known.clone();
    here.definitions.extend(d.stages.iter().map(|(s, e)| (*s, *e)));
    if d.domain.len() <= CONDITIONS {
        here.conditions.extend(&d.domain);
    }
    let mut judge = Judge { checker: Checker::new(&here), tester: Tester::new(&here) };
    for (k, step) in d.steps.iter_mut().enumerate() {
        judge.step(g, step, k + 1)?;
        for link in &mut step.substeps {
            check_link(g, &here, link, k + 1)?;
        }
    }
    Ok(())
}

/// The steps of a link, in which the stages that it directly uses move freely.
fn check_link(g: &Graph, known: &Known, link: &mut Step, number: usize) -> Result<(), Wrong> {
    if link.by.is_none() {
        return Ok(());
    }
    // a partial derivative holds everything still that the stage directly uses
    let mut judge = Judge { checker: Checker::new(known), tester: Tester::new(known) };
    for symbol in walk::free_symbols(g, &[link.before]) {
        judge.checker = judge.checker.local(symbol);
        judge.tester = judge.tester.local(symbol);
    }
    judge.step(g, link, number)?;
    for inner in &mut link.substeps {
        judge.step(g, inner, number)?;
    }
    Ok(())
}

/// The two ways in which a step is checked.
struct Judge<'k> {
    checker: Checker<'k>,
    tester: Tester<'k>,
}

impl Judge<'_> {
    /// Proves a step where that can be done, and compares its sides at points in any case: where it was proved at a few, for
    /// single points such as 0 and as a check of the proof.
    fn step(&mut self, g: &Graph, step: &mut Step, number: usize) -> Result<(), Wrong> {
        if walk::topological(g, &[step.before, step.after]).len() > NODES {
            step.unchecked = Some("too large to evaluate within the budget of a step".to_owned());
            return Ok(());
        }
        let proved = self.tester.same(g, step.before, step.after, Where::LeftDefined).is_proved();
        let outcome = match proved {
            true => self.checker.glance(g, step.before, step.after, Allowed::Enlarge),
            false => self.checker.step(g, step.before, step.after, Allowed::Enlarge),
        };
        match outcome {
            Outcome::Agreed { points, worst } => step.check = Some(Check { points, worst, proved }),
            Outcome::Undecided { .. } if proved => step.check = Some(Check { proved, ..Check::default() }),
            Outcome::Undecided { reason } => step.unchecked = Some(reason),
            Outcome::Different { point, before, after } => {
                let at: Vec<String> = point.iter().map(|(s, v)| format!("{} = {v}", g.name(*s))).collect();
                let evidence = format!("at {} the left side is {before}, the right side {after}", at.join(", "));
                return Err(Wrong { step: number, rule: step.rule(), evidence });
            }
        }
        Ok(())
    }
}
