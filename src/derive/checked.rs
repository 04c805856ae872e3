//! Every step of a derivation is compared at sample points before anybody sees it. A step that fails is no derivation.

use super::{Check, Derivation, Step};
use crate::domain::Known;
use crate::expr::{Graph, walk};
use crate::verify::check::{Allowed, Checker, Outcome};

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
    let mut checker = Checker::new(&here);
    for (k, step) in d.steps.iter_mut().enumerate() {
        one(g, &mut checker, step, k + 1)?;
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
    let mut local = Checker::new(known);
    for symbol in walk::free_symbols(g, &[link.before]) {
        local = local.local(symbol);
    }
    one(g, &mut local, link, number)?;
    for inner in &mut link.substeps {
        one(g, &mut local, inner, number)?;
    }
    Ok(())
}

fn one(g: &Graph, checker: &mut Checker<'_>, step: &mut Step, number: usize) -> Result<(), Wrong> {
    if walk::topological(g, &[step.before, step.after]).len() > NODES {
        step.unchecked = Some("too large to evaluate within the budget of a step".to_owned());
        return Ok(());
    }
    match checker.step(g, step.before, step.after, Allowed::Enlarge) {
        Outcome::Agreed { points, worst } => step.check = Some(Check { points, worst, proved: false }),
        Outcome::Undecided { reason } => step.unchecked = Some(reason),
        Outcome::Different { point, before, after } => {
            let at: Vec<String> = point.iter().map(|(s, v)| format!("{} = {v}", g.name(*s))).collect();
            let evidence = format!("at {} the left side is {before}, the right side {after}", at.join(", "));
            return Err(Wrong { step: number, rule: step.rule(), evidence });
        }
    }
    Ok(())
}
