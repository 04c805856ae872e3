//! Every step of a derivation is proved, or else compared at many sample points, before anybody sees it. A step that fails is
//! no derivation.

use super::{Check, Derivation, Step};
use crate::domain::Known;
use crate::expr::{Graph, Id, walk};
use crate::verify::check::{Allowed, Checker, Outcome};
use crate::verify::rows::Instance;
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

/// Checks every step and says in it how. Reductions over rows are checked on a small instance.
pub fn check(g: &Graph, known: &Known, d: &mut Derivation) -> Result<(), Wrong> {
    let mut here = known.clone();
    here.definitions.extend(d.stages.iter().map(|(s, e)| (*s, *e)));
    if d.domain.len() <= CONDITIONS {
        here.conditions.extend(&d.domain);
    }
    let instance = if g.has_data() { Instance::of(g, &here, &sides(&d.steps)) } else { None };
    let known = instance.as_ref().map_or(&here, |i| &i.known);
    let bench = Bench { g: instance.as_ref().map_or(g, |i| &i.graph), instance: instance.as_ref() };
    let mut judge = Judge { checker: Checker::new(known), tester: Tester::new(known) };
    for (k, step) in d.steps.iter_mut().enumerate() {
        judge.step(&bench, step, k + 1)?;
        for link in &mut step.substeps {
            check_link(&bench, known, link, k + 1)?;
        }
    }
    Ok(())
}

/// Every state of these steps and of those inside them.
fn sides(steps: &[Step]) -> Vec<Id> {
    let mut out = Vec::new();
    let mut open: Vec<&Step> = steps.iter().collect();
    while let Some(step) = open.pop() {
        out.extend([step.before, step.after]);
        open.extend(&step.substeps);
    }
    out
}

/// The graph in which steps are checked.
struct Bench<'a> {
    g: &'a Graph,
    instance: Option<&'a Instance>,
}

impl Bench<'_> {
    fn side(&self, id: Id) -> Id {
        self.instance.map_or(id, |instance| instance.get(id))
    }
}

/// The steps of a link, in which the stages that it directly uses move freely.
fn check_link(bench: &Bench<'_>, known: &Known, link: &mut Step, number: usize) -> Result<(), Wrong> {
    if link.by.is_none() {
        return Ok(());
    }
    // a partial derivative holds everything still that the stage directly uses
    let mut judge = Judge { checker: Checker::new(known), tester: Tester::new(known) };
    for symbol in walk::free_symbols(bench.g, &[bench.side(link.before)]) {
        judge.checker = judge.checker.local(symbol);
        judge.tester = judge.tester.local(symbol);
    }
    judge.step(bench, link, number)?;
    for inner in &mut link.substeps {
        judge.step(bench, inner, number)?;
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
    fn step(&mut self, bench: &Bench<'_>, step: &mut Step, number: usize) -> Result<(), Wrong> {
        let (g, before, after) = (bench.g, bench.side(step.before), bench.side(step.after));
        if walk::topological(g, &[before, after]).len() > NODES {
            step.unchecked = Some("too large to evaluate within the budget of a step".to_owned());
            return Ok(());
        }
        let proved = self.tester.same(g, before, after, Where::LeftDefined).is_proved();
        let outcome = match proved {
            true => self.checker.glance(g, before, after, Allowed::Enlarge),
            false => self.checker.step(g, before, after, Allowed::Enlarge),
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
