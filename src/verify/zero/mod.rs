//! A randomized exact test of whether two expressions are the same function. Both are evaluated in a model of the real
//! numbers over a finite field, in which exponentials, logarithms, angles and signs obey their equations and are otherwise
//! random. If the values agree for enough random assignments the expressions are equal, except with a probability below
//! 2^-20; if they do not, nothing follows, as the model knows only some of the equations that hold of real numbers.
//!
//! *Positive* means: a square in the field. Signs multiply as they should, and every positive value has one positive root.
//! What adding does to signs is not modelled; where the ranges of expressions say that one is positive everywhere,
//! assignments under which it is not are dropped. Assignments at which the left side has no value are dropped as well, so
//! that the test holds where the left side is defined. Single points, such as where a divisor is 0, are not looked at:
//! whoever asks compares values at points beside.

mod field;
mod forms;
mod model;
mod moving;
mod range;
mod sample;
mod series;
mod term;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
mod write;

use crate::domain::Known;
use crate::expr::{Graph, Id, Number, Relation, Symbol, View};
use field::{Value, scramble};
use range::Range;
use sample::{Motions, Place, Sample, Stop};
use std::collections::BTreeSet;
use term::{Op, Slot, TermId};
use write::Writer;

/// What the test has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// The sides are the same function.
    Proved {
        /// At how many random assignments they agreed.
        samples: usize,
    },
    /// The test does not decide; the text says why.
    Open(&'static str),
}

impl Proof {
    /// Whether it is a proof.
    pub fn is_proved(self) -> bool {
        matches!(self, Proof::Proved { .. })
    }
}

/// Where the sides must be the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    /// Wherever the left side has a value, the right side has that value.
    LeftDefined,
    /// Wherever both sides have a value.
    BothDefined,
}

/// Samples when no sign matters: each lets a wrong identity pass with a probability of some 2^-50.
const SMOOTH: usize = 2;

/// Samples for every combination of signs: `(1 - 1/n)^(14·n)` is below 2^-20.
const FOR_EACH: usize = 14;

/// The same steps are tested at the same assignments in every run.
const SEED: u64 = 0x6772_6164;

/// Most signs that may matter.
const SIGNS: usize = 7;

/// How many assignments are drawn at most for each one that is wanted.
const DRAWS: usize = 40;

/// Samples at which the sides must agree where something may jump, as far as they have values there.
const EDGES: usize = 3;

/// Most terms of the two sides.
const TERMS: usize = 4000;

/// How much a test may take, in products of residues: some ten milliseconds.
const WORK: u64 = 3_000_000;

/// Tests steps over one graph under the same assumptions.
pub struct Tester<'k> {
    known: &'k Known,
    writer: Writer,
    motions: Motions,
    /// Conditions that assignments must satisfy.
    conditions: Option<Vec<TermId>>,
    work: u64,
}

impl<'k> Tester<'k> {
    /// A tester that takes this for true.
    pub fn new(known: &'k Known) -> Self {
        let writer = Writer::new(&known.definitions);
        Tester { known, writer, motions: Motions::default(), conditions: None, work: WORK }
    }

    /// Lets a stage symbol vary freely, without regard to what it stands for.
    #[must_use]
    pub fn local(mut self, stage: Symbol) -> Self {
        self.writer.free(stage);
        self
    }

    /// Whether `before` and `after` are the same function.
    pub fn same(&mut self, g: &Graph, before: Id, after: Id, place: Where) -> Proof {
        if before == after {
            return Proof::Proved { samples: 0 };
        }
        self.prepare(g);
        let (mut left, mut right) = (self.writer.write(g, before), self.writer.write(g, after));
        while let Some((inner_left, inner_right)) = self.inside(left, right) {
            (left, right) = (inner_left, inner_right);
        }
        self.compare(left, right, place)
    }

    /// The bodies of two derivatives that are taken alike.
    fn inside(&self, left: TermId, right: TermId) -> Option<(TermId, TermId)> {
        match (self.writer.terms.op(left), self.writer.terms.op(right)) {
            (Op::Derivative(a, by, n), Op::Derivative(b, also, m)) if by == also && n == m => Some((*a, *b)),
            _ => None,
        }
    }

    // ---- what is assumed

    fn prepare(&mut self, g: &Graph) {
        if self.conditions.is_some() {
            return;
        }
        let mut parts = Vec::new();
        let mut open = self.known.conditions.clone();
        while let Some(condition) = open.pop() {
            match g.view(condition) {
                View::And(inner) => open.extend_from_slice(inner),
                View::IsInteger(a) => {
                    if let Some(s) = g.as_symbol(a).filter(|s| !self.writer.is_stage(*s)) {
                        let slot = self.writer.slot(s);
                        self.writer.terms.assume(slot, Range::ALL, true);
                    }
                }
                View::Compare(Relation::Equal | Relation::NotEqual, ..) => {}
                View::Compare(relation, a, b) => {
                    let bounds = self.bound(g, relation, a, b) || self.bound(g, relation.mirrored(), b, a);
                    if !bounds {
                        parts.push(condition);
                    }
                }
                _ => parts.push(condition),
            }
        }
        let conditions = parts.into_iter().map(|c| self.writer.write(g, c)).collect();
        self.conditions = Some(conditions);
    }

    /// Notes a bound of a symbol by a number.
    fn bound(&mut self, g: &Graph, relation: Relation, a: Id, b: Id) -> bool {
        let (Some(s), Some(n)) = (g.as_symbol(a), literal(g, b)) else { return false };
        if self.writer.is_stage(s) {
            return false;
        }
        let sign = i32::from(n.is_positive()) - i32::from(n.is_negative());
        let at = Range::number(n.to_f64(), sign);
        let range = match relation {
            Relation::Less => at.below(true),
            Relation::LessEqual => at.below(false),
            Relation::Greater => at.opposite().below(true).opposite(),
            Relation::GreaterEqual => at.opposite().below(false).opposite(),
            Relation::Equal | Relation::NotEqual => return false,
        };
        let slot = self.writer.slot(s);
        self.writer.terms.assume(slot, range, false);
        true
    }

    // ---- the comparison

    fn compare(&mut self, left: TermId, right: TermId, place: Where) -> Proof {
        if left == right {
            return Proof::Proved { samples: 0 };
        }
        let reached = self.reached(&[left, right]);
        if reached.len() > TERMS {
            return Proof::Open("too many terms");
        }
        let forced = match place {
            Where::LeftDefined => self.forced(&[left]),
            Where::BothDefined => self.forced(&[left, right]),
        };
        let conditions = self.relevant(&reached);
        let mut work = self.work;
        let (mut wanted, mut agreed, mut drawn) = (SMOOTH, 0, 0);
        let mut jumps = BTreeSet::new();
        while agreed < wanted {
            if drawn >= wanted * DRAWS {
                return Proof::Open("no assignments at which the sides have values");
            }
            drawn += 1;
            let mut sample = self.draw(drawn as u64, &forced);
            let mut at = Place { terms: &self.writer.terms, motions: &mut self.motions, work: &mut work };
            if !conditions.iter().all(|c| sample.truth(&mut at, *c) == Ok(true)) {
                continue;
            }
            match agree(&mut sample, &mut at, left, right, place) {
                Ok(true) => agreed += 1,
                Ok(false) => {}
                Err(why) => return Proof::Open(why),
            }
            if sample.jumps().iter().any(|j| !jumps.contains(j)) {
                jumps.extend(sample.jumps());
            }
            match sample.signs() {
                0 => {}
                n if n > SIGNS => return Proof::Open("too many signs matter"),
                n => wanted = wanted.max(FOR_EACH << n),
            }
        }
        for jump in jumps {
            if let Err(why) = self.compare_at_jump(jump, [left, right], &conditions, &forced, place, &mut work) {
                return Proof::Open(why);
            }
        }
        Proof::Proved { samples: agreed }
    }

    /// Compares where a term is 0, which random assignments never meet. Where a symbol can make it 0, that is done; otherwise
    /// it counts as 0 without being so, and what holds even then holds all the more where it is 0.
    fn compare_at_jump(
        &mut self,
        jump: TermId,
        [left, right]: [TermId; 2],
        conditions: &[TermId],
        forced: &[(Slot, bool)],
        place: Where,
        work: &mut u64,
    ) -> Result<(), &'static str> {
        let mut agreed = 0;
        for k in 0..EDGES * 8 {
            let general = self.draw(1_000_000 + k as u64, forced);
            let mut at = Place { terms: &self.writer.terms, motions: &mut self.motions, work: &mut *work };
            let Some(mut sample) = on_edge(general, &mut at, jump, self.writer.slots() as Slot) else { continue };
            if !conditions.iter().all(|c| sample.truth(&mut at, *c) == Ok(true)) {
                continue;
            }
            agreed += usize::from(agree(&mut sample, &mut at, left, right, place)?);
            if agreed == EDGES {
                break;
            }
        }
        Ok(())
    }

    /// The terms below some.
    fn reached(&self, roots: &[TermId]) -> Vec<TermId> {
        let mut seen = std::collections::HashSet::new();
        let mut open = roots.to_vec();
        let mut out = Vec::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                out.push(id);
                self.writer.terms.operands(id, &mut open);
            }
            if out.len() > TERMS {
                break;
            }
        }
        out
    }

    /// The conditions that speak of something that occurs.
    fn relevant(&self, reached: &[TermId]) -> Vec<TermId> {
        let symbols = reached.iter().fold(0, |bits, id| bits | self.writer.terms.facts(*id).symbols);
        let all = self.conditions.iter().flatten();
        all.filter(|c| self.writer.terms.facts(**c).symbols & symbols != 0).copied().collect()
    }

    /// Symbols that must be positive, or negative, for these terms to have values.
    fn forced(&self, roots: &[TermId]) -> Vec<(Slot, bool)> {
        let terms = &self.writer.terms;
        let mut seen = std::collections::HashSet::new();
        let mut open = roots.to_vec();
        let mut out = Vec::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match terms.op(id) {
                Op::If(c, ..) => {
                    open.push(*c);
                    continue;
                }
                Op::And(_) | Op::Or(_) => continue,
                Op::Log(a) | Op::Fraction(a, _) => out.extend(self.signed_symbol(*a)),
                _ => {}
            }
            terms.operands(id, &mut open);
        }
        out
    }

    /// The symbol that a term is, or is the opposite of.
    fn signed_symbol(&self, mut id: TermId) -> Option<(Slot, bool)> {
        let mut positive = true;
        loop {
            match self.writer.terms.op(id) {
                Op::Symbol(slot) => return Some((*slot, positive)),
                Op::Stage(_, a) => id = *a,
                Op::Opposite(a) => {
                    positive = !positive;
                    id = *a;
                }
                _ => return None,
            }
        }
    }

    /// Draws an assignment.
    fn draw(&self, number: u64, forced: &[(Slot, bool)]) -> Sample {
        let seed = scramble(SEED, 0, number);
        let mut symbols: Vec<Value> = (0..self.writer.slots() as u64)
            .map(|slot| {
                let v = Value::new(scramble(seed, sample_purpose(), slot));
                let (range, _) = self.writer.terms.assumed(slot as Slot);
                match () {
                    () if range.is_not_negative() => v * v,
                    () if range.opposite().is_not_negative() => -(v * v),
                    () => v,
                }
            })
            .collect();
        for (slot, positive) in forced {
            if let Some(v) = symbols.get_mut(*slot as usize) {
                let size = v.size();
                *v = if *positive { size } else { -size };
            }
        }
        Sample::new(seed, symbols)
    }
}

/// A sample at which a term is 0, or counts as 0.
fn on_edge(mut sample: Sample, at: &mut Place<'_>, jump: TermId, slots: Slot) -> Option<Sample> {
    let here = sample.number(at, jump).ok()?;
    for slot in 0..slots {
        if at.terms.facts(jump).symbols >> (slot % 64) & 1 == 0 {
            continue;
        }
        let x = sample.symbol(slot);
        let mut value_at = |x: Value| sample.moved_to(slot, x).number(at, jump).ok();
        let (Some(one), Some(two)) = (value_at(x + Value::ONE), value_at(x + Value::ONE + Value::ONE)) else { continue };
        let slope = one - here;
        if slope.is_zero() || two - one != slope {
            continue;
        }
        let mut there = sample.moved_to(slot, x - here * slope.inverse());
        if there.number(at, jump) == Ok(Value::ZERO) {
            return Some(there);
        }
    }
    Some(sample.with_zero(here))
}

fn sample_purpose() -> u64 {
    model::Purpose::Symbol as u64
}

/// Whether the sides agree at a sample; `false` where it says nothing.
fn agree(sample: &mut Sample, at: &mut Place<'_>, left: TermId, right: TermId, place: Where) -> Result<bool, &'static str> {
    let l = match sample.number(at, left) {
        Ok(v) => v,
        Err(Stop::Undefined | Stop::Impossible) => return Ok(false),
        Err(Stop::Open(why)) => return Err(why),
    };
    match sample.number(at, right) {
        Ok(r) if l == r => Ok(true),
        Ok(_) => Err("the sides differ in the model"),
        Err(Stop::Impossible) => Ok(false),
        Err(Stop::Undefined) if place == Where::BothDefined => Ok(false),
        Err(Stop::Undefined) => Err("the right side may have no value"),
        Err(Stop::Open(why)) => Err(why),
    }
}

/// The exact value of a literal number.
fn literal(g: &Graph, id: Id) -> Option<Number> {
    match g.view(id) {
        View::Number(n) => Some(n.clone()),
        View::Neg(a) => g.as_number(a).map(|n| -n),
        View::Div(a, b) => g.as_number(a)?.checked_div(g.as_number(b)?),
        _ => None,
    }
}
