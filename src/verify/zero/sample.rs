//! Evaluates terms at one random assignment of the model. A value that counts as positive is a square; which values must be
//! and are not, and which signs were looked at, is noted for the test to judge.

use super::field::{Residue, Value, power};
use super::model::{self, Form, Model, Purpose};
use super::series::{self, Coefficients, Motion};
use super::term::{Constant, Op, Opaque, Slot, TermId, Terms};
use crate::expr::{Number, Relation};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Why a term has no value here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The assignment contradicts what holds of all numbers, such as that 1 + x² is positive.
    Impossible,
    /// The expression has no value at such points.
    Undefined,
    /// The test has no way to tell; the text says what stands in the way.
    Open(&'static str),
}

/// What a term comes to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Found {
    Number(Value),
    Truth(bool),
}

pub(super) type Entry = Result<Found, Stop>;

/// The number of a motion; 0 is rest.
pub(super) type MotionId = u32;

const REST: MotionId = 0;

/// The motions that have occurred.
pub struct Motions(pub(super) Vec<Motion>);

impl Default for Motions {
    fn default() -> Self {
        Motions(vec![Motion::rest()])
    }
}

impl Motions {
    pub(super) fn with(&mut self, now: MotionId, slot: Slot, order: usize) -> Option<MotionId> {
        let motion = self.0.get(now as usize)?.with(slot, order)?;
        let found = self.0.iter().position(|m| *m == motion);
        Some(found.unwrap_or_else(|| {
            self.0.push(motion);
            self.0.len() - 1
        }) as MotionId)
    }
}

/// What all samples share.
pub struct Place<'t> {
    /// The terms.
    pub terms: &'t Terms,
    /// The motions.
    pub motions: &'t mut Motions,
    /// How much may still be done, in products of residues, roughly.
    pub work: &'t mut u64,
}

/// One assignment with what was evaluated under it.
pub struct Sample {
    pub(super) model: Model,
    pub(super) symbols: Vec<Value>,
    pub(super) found: Vec<Option<Entry>>,
    pub(super) forms: HashMap<TermId, Rc<Form>>,
    pub(super) logarithms: HashMap<TermId, Rc<Form>>,
    pub(super) moving: HashMap<(MotionId, TermId), Result<Rc<Coefficients>, Stop>>,
    /// Values, up to their sign, whose sign decided something.
    pub(super) signs: HashSet<Value>,
    /// Those of them at whose zeros something may jump, with the term that has the value.
    pub(super) jumps: HashMap<Value, TermId>,
    /// A value, up to its sign, that is to count as 0.
    pub(super) zeroed: Option<Value>,
}

/// Parities are followed through sums and products only so far.
const PARITY_DEPTH: usize = 16;

impl Sample {
    /// A sample with these values of symbols, whose random functions follow from the seed.
    pub fn new(seed: u64, symbols: Vec<Value>) -> Self {
        Sample {
            model: Model::new(seed),
            symbols,
            found: Vec::new(),
            forms: HashMap::new(),
            logarithms: HashMap::new(),
            moving: HashMap::new(),
            signs: HashSet::new(),
            jumps: HashMap::new(),
            zeroed: None,
        }
    }

    /// The same assignment, with nothing evaluated, and with another value of one symbol.
    pub fn moved_to(&self, slot: Slot, value: Value) -> Self {
        let mut symbols = self.symbols.clone();
        if let Some(v) = symbols.get_mut(slot as usize) {
            *v = value;
        }
        Sample::new(self.model.seed(), symbols)
    }

    /// The same assignment, with nothing evaluated, where a value counts as 0 although it is not.
    pub fn with_zero(&self, value: Value) -> Self {
        Sample { zeroed: Some(value.canonical().0), ..Sample::new(self.model.seed(), self.symbols.clone()) }
    }

    /// The value of a symbol.
    pub fn symbol(&self, slot: Slot) -> Value {
        self.symbols.get(slot as usize).copied().unwrap_or(Value::ZERO)
    }

    /// The terms at whose zeros something may jump, one for each value.
    pub fn jumps(&self) -> Vec<TermId> {
        let mut terms: Vec<TermId> = self.jumps.values().copied().collect();
        terms.sort_unstable();
        terms
    }

    /// How many distinct signs decided something so far.
    pub fn signs(&self) -> usize {
        self.signs.len()
    }

    /// The value of a term.
    pub fn number(&mut self, place: &mut Place<'_>, id: TermId) -> Result<Value, Stop> {
        self.run(place, id)?;
        self.value(id)
    }

    /// Whether a condition holds.
    pub fn truth(&mut self, place: &mut Place<'_>, id: TermId) -> Result<bool, Stop> {
        self.run(place, id)?;
        self.holds(id)
    }

    pub(super) fn run(&mut self, place: &mut Place<'_>, root: TermId) -> Result<(), Stop> {
        if self.found.len() < place.terms.len() {
            self.found.resize(place.terms.len(), None);
        }
        let mut stack = vec![(REST, root)];
        let mut needs = Vec::new();
        while let Some(&(motion, id)) = stack.last() {
            if self.is_known(motion, id) {
                stack.pop();
                continue;
            }
            pay(place, 4)?;
            needs.clear();
            self.needs(place, motion, id, &mut needs)?;
            needs.retain(|(m, n)| !self.is_known(*m, *n));
            if !needs.is_empty() {
                stack.extend(needs.iter().rev());
                continue;
            }
            if motion == REST {
                let entry = self.combine(place, id);
                if let Err(Stop::Open(BUDGET)) = entry {
                    return Err(Stop::Open(BUDGET));
                }
                if let Some(slot) = self.found.get_mut(id as usize) {
                    *slot = Some(entry);
                }
            } else {
                let entry = self.series(place, motion, id).map(Rc::new);
                self.moving.insert((motion, id), entry);
            }
            stack.pop();
        }
        Ok(())
    }

    pub(super) fn is_known(&self, motion: MotionId, id: TermId) -> bool {
        if motion == REST { self.entry(id).is_some() } else { self.moving.contains_key(&(motion, id)) }
    }

    pub(super) fn entry(&self, id: TermId) -> Option<Entry> {
        self.found.get(id as usize).copied().flatten()
    }

    pub(super) fn value(&self, id: TermId) -> Result<Value, Stop> {
        match self.entry(id) {
            Some(Ok(Found::Number(v))) => Ok(v),
            Some(Err(stop)) => Err(stop),
            _ => Err(Stop::Open("a condition stands for a number")),
        }
    }

    pub(super) fn holds(&self, id: TermId) -> Result<bool, Stop> {
        match self.entry(id) {
            Some(Ok(Found::Truth(holds))) => Ok(holds),
            Some(Err(stop)) => Err(stop),
            _ => Err(Stop::Open("a number stands for a condition")),
        }
    }

    /// What must be evaluated before a term, as far as is known now.
    pub(super) fn needs(
        &self,
        place: &mut Place<'_>,
        motion: MotionId,
        id: TermId,
        out: &mut Vec<(MotionId, TermId)>,
    ) -> Result<(), Stop> {
        if motion != REST {
            out.push((REST, id));
            if !self.is_known(REST, id) || self.value(id).is_err() || self.stands_still(place, motion, id) {
                return Ok(());
            }
        }
        match place.terms.op(id) {
            Op::If(c, a, b) => match self.entry(*c) {
                None => out.push((REST, *c)),
                Some(Ok(Found::Truth(holds))) => out.push((motion, if holds { *a } else { *b })),
                Some(_) => {}
            },
            Op::Maximum(..) | Op::Minimum(..) if motion != REST => {
                let chosen = self.larger(place, id)?;
                out.push((motion, chosen));
            }
            Op::Opaque(_, kids) if motion == REST => out.extend(kids.first().map(|a| (REST, *a))),
            Op::Derivative(body, slot, order) => {
                let next = place.motions.with(motion, *slot, *order as usize).ok_or(Stop::Open("derivatives of high order"))?;
                out.push((next, *body));
            }
            _ => {
                let mut kids = Vec::new();
                place.terms.operands(id, &mut kids);
                out.extend(kids.into_iter().map(|k| (motion, k)));
            }
        }
        Ok(())
    }

    pub(super) fn stands_still(&self, place: &Place<'_>, motion: MotionId, id: TermId) -> bool {
        place.motions.0.get(motion as usize).is_none_or(|m| m.symbols & place.terms.facts(id).symbols == 0)
    }

    // ---- values

    pub(super) fn combine(&mut self, place: &mut Place<'_>, id: TermId) -> Entry {
        let terms = place.terms;
        let found = match terms.op(id) {
            Op::Compare(relation, a) => self.comparison(terms, *relation, *a).map(Found::Truth),
            Op::And(parts) => self.junction(parts, true).map(Found::Truth),
            Op::Or(parts) => self.junction(parts, false).map(Found::Truth),
            Op::Not(a) => self.holds(*a).map(|h| Found::Truth(!h)),
            Op::Integer(a) if terms.facts(*a).whole => Ok(Found::Truth(true)),
            Op::Integer(_) => Err(Stop::Open("whether something is a whole number")),
            Op::Truth(holds) => Ok(Found::Truth(*holds)),
            _ => self.arithmetic(place, id).map(Found::Number),
        }?;
        if let Found::Number(v) = found {
            let facts = terms.facts(id);
            if facts.expanded && !self.forms.contains_key(&id) {
                pay(place, 40)?;
                let form = self.form_of(terms, id, v);
                self.forms.insert(id, Rc::new(form));
            }
            if facts.logarithm {
                pay(place, 200)?;
                let form = self.logarithm_of(terms, id, v);
                self.logarithms.insert(id, Rc::new(form));
            }
        }
        Ok(found)
    }

    pub(super) fn arithmetic(&mut self, place: &mut Place<'_>, id: TermId) -> Result<Value, Stop> {
        let terms = place.terms;
        let cost = match terms.op(id) {
            Op::Number(_) | Op::Pi | Op::Symbol(_) | Op::Stage(..) | Op::Opposite(_) | Op::If(..) => 1,
            Op::Sum(kids) | Op::Product(kids) => kids.len() as u64,
            Op::Sin(_) | Op::Cos(_) | Op::Asin(_) | Op::Atan(_) | Op::Atan2(..) => 900,
            _ => 150,
        };
        pay(place, cost)?;
        match terms.op(id) {
            Op::Number(n) => Ok(terms.constant(*n).map_or(Value::ZERO, |c| c.coefficient.value)),
            Op::Pi => Ok(self.model.pi),
            Op::Symbol(slot) => Ok(self.symbols.get(*slot as usize).copied().unwrap_or(Value::ZERO)),
            Op::Stage(_, a) => self.value(*a),
            Op::Sum(kids) => kids.iter().try_fold(Value::ZERO, |sum, k| Ok(sum + self.value(*k)?)),
            Op::Product(kids) => kids.iter().try_fold(Value::ONE, |product, k| Ok(product * self.value(*k)?)),
            Op::Opposite(a) => Ok(-self.value(*a)?),
            Op::Quotient(a, b) => {
                let (a, b) = (self.value(*a), self.value(*b)?);
                if b.is_zero() { Err(Stop::Undefined) } else { Ok(a? * b.inverse()) }
            }
            Op::Whole(a, n) => self.whole_power(*a, *n),
            Op::Fraction(a, n) => self.fractional_power(terms, *a, *n),
            Op::Power(a, b) => self.general_power(terms, *a, *b),
            Op::Exp(a) => {
                let form = self.form(terms, *a)?;
                pay(place, 120 * form.len() as u64)?;
                let v = self.model.exponential(&form);
                self.model.remember(v, &form);
                Ok(v)
            }
            Op::Log(a) => {
                self.require_positive(terms, *a)?;
                let form = self.logarithm(*a)?;
                Ok(model::value(&form))
            }
            Op::CubeRoot(a) => {
                let v = self.value(*a)?;
                let sign = self.sign(terms, *a)?;
                let root = series::cube_root(v.size());
                Ok(if sign < 0 { -root } else { root })
            }
            Op::Abs(a) => {
                let (v, sign) = (self.value(*a)?, self.sign(terms, *a)?);
                Ok(if sign < 0 { -v } else { v })
            }
            Op::Sign(a) => Ok(Value::signed(self.sign_at_jump(terms, *a)?)),
            Op::Maximum(a, b) | Op::Minimum(a, b) => {
                self.note_order(terms, *a, *b)?;
                let chosen = self.larger(place, id)?;
                self.value(chosen)
            }
            Op::Sin(a) => Ok(self.point(terms, *a)?.sin),
            Op::Cos(a) => Ok(self.point(terms, *a)?.cos),
            Op::Asin(a) => self.arcsine(id, *a),
            Op::Atan(a) => self.arctangent(id, *a),
            Op::Atan2(y, x) => self.angle_of(terms, id, *y, *x),
            Op::Opaque(f, kids) => self.opaque(*f, kids),
            Op::If(c, a, b) => {
                if self.holds(*c)? {
                    self.value(*a)
                } else {
                    self.value(*b)
                }
            }
            Op::Derivative(body, slot, order) => {
                let next = place.motions.with(REST, *slot, *order as usize).ok_or(Stop::Open("derivatives of high order"))?;
                let series = self.moved(next, *body)?;
                let motion = place.motions.0.get(next as usize).ok_or(Stop::Open("derivatives of high order"))?;
                motion.derivative(&series, *order as usize).first().copied().ok_or(Stop::Open("derivatives of high order"))
            }
            Op::Undefined => Err(Stop::Undefined),
            Op::Unknown(why) => Err(Stop::Open(why)),
            _ => Err(Stop::Open("a condition stands for a number")),
        }
    }

    // ---- signs

    /// -1, 0 or 1, as the value counts as negative, 0 or positive.
    pub(super) fn sign(&mut self, terms: &Terms, id: TermId) -> Result<i64, Stop> {
        let v = self.value(id)?;
        if self.counts_as_zero(v) {
            return Ok(0);
        }
        let range = terms.facts(id).range;
        let positive = v.is_positive();
        match () {
            () if range.is_not_negative() => {
                if positive {
                    Ok(1)
                } else {
                    Err(Stop::Impossible)
                }
            }
            () if range.opposite().is_not_negative() => {
                if positive {
                    Err(Stop::Impossible)
                } else {
                    Ok(-1)
                }
            }
            () => {
                self.signs.insert(v.canonical().0);
                Ok(if positive { 1 } else { -1 })
            }
        }
    }

    pub(super) fn counts_as_zero(&self, v: Value) -> bool {
        v.is_zero() || (self.zeroed.is_some() && self.zeroed == Some(v.canonical().0))
    }

    /// As [`Self::sign`], where something may jump.
    pub(super) fn sign_at_jump(&mut self, terms: &Terms, id: TermId) -> Result<i64, Stop> {
        let v = self.value(id)?;
        if !terms.facts(id).range.excludes_zero() && !v.is_zero() {
            self.jumps.insert(v.canonical().0, id);
        }
        self.sign(terms, id)
    }

    pub(super) fn require_positive(&mut self, terms: &Terms, id: TermId) -> Result<(), Stop> {
        if self.sign(terms, id)? > 0 { Ok(()) } else { Err(Stop::Undefined) }
    }

    /// Notes that a root of the value was chosen by its sign, unless it is the root of something that is no square.
    pub(super) fn note_root(&mut self, terms: &Terms, id: TermId, v: Value) {
        let plain = matches!(terms.op(id), Op::Symbol(_) | Op::Number(_) | Op::Pi | Op::Exp(_));
        if !plain || !terms.facts(id).range.is_positive() {
            self.signs.insert(v.canonical().0);
        }
    }

    /// Notes that the order of two values decides something.
    pub(super) fn note_order(&mut self, terms: &Terms, a: TermId, b: TermId) -> Result<(), Stop> {
        let gap = self.value(a)? - self.value(b)?;
        let range = terms.facts(a).range.plus(terms.facts(b).range.opposite());
        let (above, below) = (range.is_not_negative(), range.opposite().is_not_negative());
        match gap.is_positive() {
            _ if gap.is_zero() => Ok(()),
            positive if above || below => {
                if positive == above {
                    Ok(())
                } else {
                    Err(Stop::Impossible)
                }
            }
            _ => {
                self.signs.insert(gap.canonical().0);
                Ok(())
            }
        }
    }

    /// The larger operand of a maximum, the smaller one of a minimum.
    pub(super) fn larger(&self, place: &Place<'_>, id: TermId) -> Result<TermId, Stop> {
        let (a, b, most) = match place.terms.op(id) {
            Op::Maximum(a, b) => (*a, *b, true),
            Op::Minimum(a, b) => (*a, *b, false),
            _ => return Ok(id),
        };
        let gap = self.value(a)? - self.value(b)?;
        Ok(if gap.is_zero() || gap.is_positive() == most { a } else { b })
    }

    pub(super) fn comparison(&mut self, terms: &Terms, relation: Relation, a: TermId) -> Result<bool, Stop> {
        let v = self.value(a)?;
        if !v.is_zero() && matches!(relation, Relation::Equal | Relation::NotEqual) {
            if terms.facts(a).range.excludes_zero() {
                return Ok(relation == Relation::NotEqual);
            }
            // equality of what differs in general is a choice that must not matter
            let key = v.canonical().0;
            self.signs.insert(key);
            return Ok(self.model.choose(Purpose::Equality, key.bits()) == (relation == Relation::Equal));
        }
        let sign = self.sign_at_jump(terms, a)?;
        Ok(relation.holds(sign.cmp(&0)))
    }

    pub(super) fn junction(&self, parts: &[TermId], every: bool) -> Result<bool, Stop> {
        let mut missing = None;
        for part in parts {
            match self.holds(*part) {
                Ok(holds) if holds != every => return Ok(!every),
                Ok(_) => {}
                Err(stop) => missing = Some(stop),
            }
        }
        missing.map_or(Ok(every), Err)
    }

    /// Whether a condition compares what is equal: at the edge of where it holds.
    pub(super) fn is_edge(&self, terms: &Terms, condition: TermId) -> bool {
        let mut open = vec![condition];
        while let Some(id) = open.pop() {
            match terms.op(id) {
                Op::Compare(_, a) if self.value(*a).is_ok_and(|v| self.counts_as_zero(v)) => return true,
                Op::Compare(..) => {}
                Op::And(_) | Op::Or(_) | Op::Not(_) => terms.operands(id, &mut open),
                _ => {}
            }
        }
        false
    }

    // ---- powers

    pub(super) fn whole_power(&self, a: TermId, n: i64) -> Result<Value, Stop> {
        let v = self.value(a)?;
        if v.is_zero() && n < 0 {
            return Err(Stop::Undefined);
        }
        let power = v.pow(n.unsigned_abs());
        Ok(if n < 0 { power.inverse() } else { power })
    }

    pub(super) fn fractional_power(&mut self, terms: &Terms, a: TermId, place: u32) -> Result<Value, Stop> {
        let (v, constant) = (self.value(a)?, terms.constant(place));
        let Some(constant) = constant else { return Err(Stop::Open("an exponent")) };
        if v.is_zero() {
            return if constant.number.is_positive() { Ok(v) } else { Err(Stop::Undefined) };
        }
        self.require_positive(terms, a)?;
        self.note_root(terms, a, v);
        Ok(power(v, constant.coefficient.exponent))
    }

    pub(super) fn general_power(&mut self, terms: &Terms, a: TermId, b: TermId) -> Result<Value, Stop> {
        let (v, _) = (self.value(a)?, self.value(b)?);
        if v.is_zero() {
            return Err(Stop::Open("a power of zero"));
        }
        let negative = if terms.facts(a).range.is_positive() || !self.is_whole(terms, b, PARITY_DEPTH) {
            self.require_positive(terms, a)?;
            false
        } else {
            // the logarithm of the size says nothing of the sign
            self.signs.insert(v.canonical().0);
            !v.is_positive() && self.is_odd(terms, b, PARITY_DEPTH)?
        };
        let exponent = self.exponent_of(terms, a, b)?;
        let size = self.model.exponential(&exponent);
        Ok(if negative { -size } else { size })
    }

    /// `b·log|a|`
    pub(super) fn exponent_of(&mut self, terms: &Terms, a: TermId, b: TermId) -> Result<Form, Stop> {
        let (logarithm, form) = (self.logarithm(a)?, self.form(terms, b)?);
        let whole = model::times(&logarithm, &form);
        Ok(whole.unwrap_or_else(|| model::atom(model::value(&logarithm) * model::value(&form))))
    }

    /// Whether an exponent is taken for a whole number. One of which nothing is known may be one, or not.
    pub(super) fn is_whole(&mut self, terms: &Terms, id: TermId, depth: usize) -> bool {
        if terms.facts(id).whole {
            return true;
        }
        let below = depth.saturating_sub(1);
        match terms.op(id) {
            Op::Opposite(a) | Op::Stage(_, a) if depth > 0 => return self.is_whole(terms, *a, below),
            Op::Sum(kids) if depth > 0 => match kids.iter().filter(|k| !self.is_whole(terms, **k, below)).count() {
                0 => return true,
                1 => return false,
                _ => {}
            },
            Op::Product(kids) if depth > 0 && kids.iter().all(|k| self.is_whole(terms, *k, below)) => return true,
            _ => {}
        }
        self.choice(Purpose::Whole, id)
    }

    /// A choice about a value that must not matter, the same for the opposite value.
    pub(super) fn choice(&mut self, purpose: Purpose, id: TermId) -> bool {
        let key = self.value(id).unwrap_or(Value::ZERO).canonical().0;
        self.signs.insert(self.model.draw(purpose as u64, key.bits()));
        self.model.choose(purpose, key.bits())
    }

    /// Whether a number that is taken for a whole one is odd.
    pub(super) fn is_odd(&mut self, terms: &Terms, id: TermId, depth: usize) -> Result<bool, Stop> {
        let below = depth.saturating_sub(1);
        match terms.op(id) {
            Op::Number(_) => terms.number_of(id).map(Number::is_odd).ok_or(Stop::Open("a number")),
            Op::Opposite(a) | Op::Stage(_, a) if depth > 0 => self.is_odd(terms, *a, below),
            Op::Sum(kids) if depth > 0 && kids.iter().all(|k| self.is_whole(terms, *k, below)) => {
                kids.iter().try_fold(false, |odd, k| Ok(odd ^ self.is_odd(terms, *k, below)?))
            }
            Op::Product(kids) if depth > 0 && kids.iter().all(|k| self.is_whole(terms, *k, below)) => {
                kids.iter().try_fold(true, |odd, k| Ok(odd & self.is_odd(terms, *k, below)?))
            }
            _ => Ok(self.choice(Purpose::Parity, id)),
        }
    }

    // ---- angles

    pub(super) fn point(&self, terms: &Terms, a: TermId) -> Result<super::field::Point, Stop> {
        let form = self.form(terms, a)?;
        self.model.point(&form).ok_or(Stop::Open("a part of an inverse angle"))
    }

    /// `√(1 - v²)`
    pub(super) fn root_of_complement(&self, v: Value) -> Result<Value, Stop> {
        let square = Value::ONE - v * v;
        if square.is_zero() {
            return Ok(square);
        }
        if square.is_positive() { Ok(power(square, Residue::new(2).inverse())) } else { Err(Stop::Undefined) }
    }

    pub(super) fn arcsine(&mut self, id: TermId, a: TermId) -> Result<Value, Stop> {
        let sin = self.value(a)?;
        self.signs.insert((Value::ONE - sin * sin).canonical().0);
        let cos = self.root_of_complement(sin)?;
        let form = self.model.arc(sin, cos);
        Ok(self.keep(id, form))
    }

    pub(super) fn arctangent(&mut self, id: TermId, a: TermId) -> Result<Value, Stop> {
        let v = self.value(a)?;
        let square = Value::ONE + v * v;
        if !square.is_positive() {
            return Err(Stop::Impossible);
        }
        let cos = power(square, -Residue::new(2).inverse());
        let form = self.model.arc(v * cos, cos);
        Ok(self.keep(id, form))
    }

    pub(super) fn angle_of(&mut self, terms: &Terms, id: TermId, y: TermId, x: TermId) -> Result<Value, Stop> {
        let (v, u) = (self.value(y)?, self.value(x)?);
        let (above, right) = (self.sign(terms, y)?, self.sign(terms, x)?);
        let square = u * u + v * v;
        if above == 0 || right == 0 {
            return Err(Stop::Open("an angle on an axis"));
        }
        if !square.is_positive() {
            return Err(Stop::Impossible);
        }
        let inverse = power(square, -Residue::new(2).inverse());
        let arc = self.model.arc(v * inverse, (u * inverse).size());
        if right > 0 {
            return Ok(self.keep(id, arc));
        }
        let half = model::scaled(&model::atom(self.model.pi), super::field::Coefficient::integer(above));
        let form = model::plus(&half, &model::scaled(&arc, super::field::Coefficient::integer(-1)));
        Ok(self.keep(id, form))
    }

    pub(super) fn keep(&mut self, id: TermId, form: Form) -> Value {
        let v = model::value(&form);
        self.forms.insert(id, Rc::new(form));
        v
    }

    // ---- functions known by their equations

    pub(super) fn opaque(&self, f: Opaque, kids: &[TermId]) -> Result<Value, Stop> {
        let Some(v) = kids.first().map(|k| self.value(*k)) else { return Err(Stop::Open("a function without an argument")) };
        let v = v?;
        let (number, odd) = match f {
            Opaque::Erf => (0, true),
            Opaque::Gamma => (1, false),
            Opaque::Floor => (2, false),
            Opaque::Round => (3, true),
            Opaque::Polygamma(n) => (8 + u64::from(n), false),
        };
        if odd && v.is_zero() {
            return Ok(v);
        }
        let (key, opposite) = if odd { v.canonical() } else { (v, false) };
        let drawn = self.model.draw(Purpose::Opaque as u64 + number, key.bits());
        Ok(if opposite { -drawn } else { drawn })
    }
}

/// The budget is used up.
pub const BUDGET: &str = "too much work";

pub(super) fn pay(place: &mut Place<'_>, cost: u64) -> Result<(), Stop> {
    if cost > *place.work {
        *place.work = 0;
        return Err(Stop::Open(BUDGET));
    }
    *place.work -= cost;
    Ok(())
}

pub(super) fn number(terms: &Terms, id: TermId) -> Option<&Constant> {
    match terms.op(id) {
        Op::Number(place) => terms.constant(*place),
        _ => None,
    }
}
