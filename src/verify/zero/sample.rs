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
enum Found {
    Number(Value),
    Truth(bool),
}

type Entry = Result<Found, Stop>;

/// The number of a motion; 0 is rest.
type MotionId = u32;

const REST: MotionId = 0;

/// The motions that have occurred.
pub struct Motions(Vec<Motion>);

impl Default for Motions {
    fn default() -> Self {
        Motions(vec![Motion::rest()])
    }
}

impl Motions {
    fn with(&mut self, now: MotionId, slot: Slot, order: usize) -> Option<MotionId> {
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
    model: Model,
    symbols: Vec<Value>,
    found: Vec<Option<Entry>>,
    forms: HashMap<TermId, Rc<Form>>,
    logarithms: HashMap<TermId, Rc<Form>>,
    moving: HashMap<(MotionId, TermId), Result<Rc<Coefficients>, Stop>>,
    /// Values, up to their sign, whose sign decided something.
    signs: HashSet<Value>,
    /// Those of them at whose zeros something may jump, with the term that has the value.
    jumps: HashMap<Value, TermId>,
    /// A value, up to its sign, that is to count as 0.
    zeroed: Option<Value>,
}

/// Parities are followed through sums and products only so far.
const PARITY_DEPTH: usize = 16;

/// Sums with more terms are not brought to a canonical form under a logarithm.
const TERMS: usize = 48;

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

    fn run(&mut self, place: &mut Place<'_>, root: TermId) -> Result<(), Stop> {
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

    fn is_known(&self, motion: MotionId, id: TermId) -> bool {
        if motion == REST { self.entry(id).is_some() } else { self.moving.contains_key(&(motion, id)) }
    }

    fn entry(&self, id: TermId) -> Option<Entry> {
        self.found.get(id as usize).copied().flatten()
    }

    fn value(&self, id: TermId) -> Result<Value, Stop> {
        match self.entry(id) {
            Some(Ok(Found::Number(v))) => Ok(v),
            Some(Err(stop)) => Err(stop),
            _ => Err(Stop::Open("a condition stands for a number")),
        }
    }

    fn holds(&self, id: TermId) -> Result<bool, Stop> {
        match self.entry(id) {
            Some(Ok(Found::Truth(holds))) => Ok(holds),
            Some(Err(stop)) => Err(stop),
            _ => Err(Stop::Open("a number stands for a condition")),
        }
    }

    /// What must be evaluated before a term, as far as is known now.
    fn needs(&self, place: &mut Place<'_>, motion: MotionId, id: TermId, out: &mut Vec<(MotionId, TermId)>) -> Result<(), Stop> {
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

    fn stands_still(&self, place: &Place<'_>, motion: MotionId, id: TermId) -> bool {
        place.motions.0.get(motion as usize).is_none_or(|m| m.symbols & place.terms.facts(id).symbols == 0)
    }

    // ---- values

    fn combine(&mut self, place: &mut Place<'_>, id: TermId) -> Entry {
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

    fn arithmetic(&mut self, place: &mut Place<'_>, id: TermId) -> Result<Value, Stop> {
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
    fn sign(&mut self, terms: &Terms, id: TermId) -> Result<i64, Stop> {
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

    fn counts_as_zero(&self, v: Value) -> bool {
        v.is_zero() || (self.zeroed.is_some() && self.zeroed == Some(v.canonical().0))
    }

    /// As [`Self::sign`], where something may jump.
    fn sign_at_jump(&mut self, terms: &Terms, id: TermId) -> Result<i64, Stop> {
        let v = self.value(id)?;
        if !terms.facts(id).range.excludes_zero() && !v.is_zero() {
            self.jumps.insert(v.canonical().0, id);
        }
        self.sign(terms, id)
    }

    fn require_positive(&mut self, terms: &Terms, id: TermId) -> Result<(), Stop> {
        if self.sign(terms, id)? > 0 { Ok(()) } else { Err(Stop::Undefined) }
    }

    /// Notes that a root of the value was chosen by its sign, unless it is the root of something that is no square.
    fn note_root(&mut self, terms: &Terms, id: TermId, v: Value) {
        let plain = matches!(terms.op(id), Op::Symbol(_) | Op::Number(_) | Op::Pi | Op::Exp(_));
        if !plain || !terms.facts(id).range.is_positive() {
            self.signs.insert(v.canonical().0);
        }
    }

    /// Notes that the order of two values decides something.
    fn note_order(&mut self, terms: &Terms, a: TermId, b: TermId) -> Result<(), Stop> {
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
    fn larger(&self, place: &Place<'_>, id: TermId) -> Result<TermId, Stop> {
        let (a, b, most) = match place.terms.op(id) {
            Op::Maximum(a, b) => (*a, *b, true),
            Op::Minimum(a, b) => (*a, *b, false),
            _ => return Ok(id),
        };
        let gap = self.value(a)? - self.value(b)?;
        Ok(if gap.is_zero() || gap.is_positive() == most { a } else { b })
    }

    fn comparison(&mut self, terms: &Terms, relation: Relation, a: TermId) -> Result<bool, Stop> {
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

    fn junction(&self, parts: &[TermId], every: bool) -> Result<bool, Stop> {
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
    fn is_edge(&self, terms: &Terms, condition: TermId) -> bool {
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

    fn whole_power(&self, a: TermId, n: i64) -> Result<Value, Stop> {
        let v = self.value(a)?;
        if v.is_zero() && n < 0 {
            return Err(Stop::Undefined);
        }
        let power = v.pow(n.unsigned_abs());
        Ok(if n < 0 { power.inverse() } else { power })
    }

    fn fractional_power(&mut self, terms: &Terms, a: TermId, place: u32) -> Result<Value, Stop> {
        let (v, constant) = (self.value(a)?, terms.constant(place));
        let Some(constant) = constant else { return Err(Stop::Open("an exponent")) };
        if v.is_zero() {
            return if constant.number.is_positive() { Ok(v) } else { Err(Stop::Undefined) };
        }
        self.require_positive(terms, a)?;
        self.note_root(terms, a, v);
        Ok(power(v, constant.coefficient.exponent))
    }

    fn general_power(&mut self, terms: &Terms, a: TermId, b: TermId) -> Result<Value, Stop> {
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
    fn exponent_of(&mut self, terms: &Terms, a: TermId, b: TermId) -> Result<Form, Stop> {
        let (logarithm, form) = (self.logarithm(a)?, self.form(terms, b)?);
        let whole = model::times(&logarithm, &form);
        Ok(whole.unwrap_or_else(|| model::atom(model::value(&logarithm) * model::value(&form))))
    }

    /// Whether an exponent is taken for a whole number: one of which nothing is known may be one, or not.
    fn is_whole(&mut self, terms: &Terms, id: TermId, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match terms.op(id) {
            _ if terms.facts(id).whole => true,
            Op::Symbol(slot) => {
                self.signs.insert(Value::new((1 << 32) + u64::from(*slot)));
                self.model.choose(Purpose::Whole, u64::from(*slot))
            }
            Op::Opposite(a) | Op::Stage(_, a) => self.is_whole(terms, *a, depth),
            Op::Sum(kids) | Op::Product(kids) => kids.iter().all(|k| self.is_whole(terms, *k, depth)),
            _ => false,
        }
    }

    fn is_odd(&mut self, terms: &Terms, id: TermId, depth: usize) -> Result<bool, Stop> {
        const WHY: Stop = Stop::Open("whether a whole number is even");
        let Some(depth) = depth.checked_sub(1) else { return Err(WHY) };
        match terms.op(id) {
            Op::Number(_) => terms.number_of(id).map(Number::is_odd).ok_or(WHY),
            Op::Symbol(slot) => {
                self.signs.insert(Value::new((2 << 32) + u64::from(*slot)));
                Ok(self.model.choose(Purpose::Parity, u64::from(*slot)))
            }
            Op::Opposite(a) | Op::Stage(_, a) => self.is_odd(terms, *a, depth),
            Op::Sum(kids) => kids.iter().try_fold(false, |odd, k| Ok(odd ^ self.is_odd(terms, *k, depth)?)),
            Op::Product(kids) => kids.iter().try_fold(true, |odd, k| Ok(odd & self.is_odd(terms, *k, depth)?)),
            _ => Err(WHY),
        }
    }

    // ---- angles

    fn point(&self, terms: &Terms, a: TermId) -> Result<super::field::Point, Stop> {
        let form = self.form(terms, a)?;
        self.model.point(&form).ok_or(Stop::Open("a part of an inverse angle"))
    }

    /// `√(1 - v²)`
    fn root_of_complement(&self, v: Value) -> Result<Value, Stop> {
        let square = Value::ONE - v * v;
        if square.is_zero() {
            return Ok(square);
        }
        if square.is_positive() { Ok(power(square, Residue::new(2).inverse())) } else { Err(Stop::Undefined) }
    }

    fn arcsine(&mut self, id: TermId, a: TermId) -> Result<Value, Stop> {
        let sin = self.value(a)?;
        self.signs.insert((Value::ONE - sin * sin).canonical().0);
        let cos = self.root_of_complement(sin)?;
        let form = self.model.arc(sin, cos);
        Ok(self.keep(id, form))
    }

    fn arctangent(&mut self, id: TermId, a: TermId) -> Result<Value, Stop> {
        let v = self.value(a)?;
        let square = Value::ONE + v * v;
        if !square.is_positive() {
            return Err(Stop::Impossible);
        }
        let cos = power(square, -Residue::new(2).inverse());
        let form = self.model.arc(v * cos, cos);
        Ok(self.keep(id, form))
    }

    fn angle_of(&mut self, terms: &Terms, id: TermId, y: TermId, x: TermId) -> Result<Value, Stop> {
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

    fn keep(&mut self, id: TermId, form: Form) -> Value {
        let v = model::value(&form);
        self.forms.insert(id, Rc::new(form));
        v
    }

    // ---- functions known by their equations

    fn opaque(&self, f: Opaque, kids: &[TermId]) -> Result<Value, Stop> {
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

    // ---- forms

    /// The expansion of a term that was evaluated.
    fn form(&self, terms: &Terms, id: TermId) -> Result<Rc<Form>, Stop> {
        if let Some(form) = self.forms.get(&id) {
            return Ok(Rc::clone(form));
        }
        let v = self.value(id)?;
        Ok(Rc::new(match number(terms, id) {
            Some(c) => model::constant(c.coefficient),
            None => model::atom(v),
        }))
    }

    fn logarithm(&self, id: TermId) -> Result<Rc<Form>, Stop> {
        self.value(id)?;
        self.logarithms.get(&id).map(Rc::clone).ok_or(Stop::Open("a logarithm"))
    }

    fn form_of(&mut self, terms: &Terms, id: TermId, v: Value) -> Form {
        self.expanded(terms, id, v).unwrap_or_else(|| model::atom(v))
    }

    fn expanded(&mut self, terms: &Terms, id: TermId, v: Value) -> Option<Form> {
        let of = |id: TermId| self.form(terms, id).ok();
        match terms.op(id) {
            Op::Number(n) => terms.constant(*n).map(|c| model::constant(c.coefficient)),
            Op::Sum(kids) => {
                let forms = kids.iter().map(|k| of(*k)).collect::<Option<Vec<_>>>()?;
                model::sum(forms.iter().map(|f| &**f))
            }
            Op::Product(kids) => {
                let one = model::constant(super::field::Coefficient::ONE);
                kids.iter().try_fold(one, |product, k| model::times(&product, &*of(*k)?))
            }
            Op::Opposite(a) => Some(model::scaled(&*of(*a)?, super::field::Coefficient::integer(-1))),
            Op::Quotient(a, b) => model::over(&*of(*a)?, &*of(*b)?, self.value(*b).ok()?),
            Op::Whole(a, n) => model::raised(&*of(*a)?, self.value(*a).ok()?, *n),
            Op::Fraction(a, n) => {
                let (base, exponent) = (number(terms, *a)?, &terms.constant(*n)?.number);
                let numerator = i64::try_from(exponent.value().numerator()).ok()?;
                let denominator = i64::try_from(exponent.value().denominator()).ok()?;
                model::root_of_number(base.factors.as_ref()?, numerator, denominator)
            }
            Op::Stage(_, a) => of(*a).map(|f| (*f).clone()),
            Op::If(c, a, b) => of(if self.holds(*c).ok()? { *a } else { *b }).map(|f| (*f).clone()),
            Op::Maximum(a, b) | Op::Minimum(a, b) => of(if self.value(*a).ok()? == v { *a } else { *b }).map(|f| (*f).clone()),
            Op::Abs(a) => {
                let sign = if self.value(*a).ok()? == v { 1 } else { -1 };
                Some(model::scaled(&*of(*a)?, super::field::Coefficient::integer(sign)))
            }
            Op::Log(a) => self.logarithms.get(a).map(|f| (**f).clone()),
            _ => None,
        }
    }

    /// The logarithm of the size of a term with the value `v`.
    fn logarithm_of(&mut self, terms: &Terms, id: TermId, v: Value) -> Form {
        if v.is_zero() {
            return Form::new();
        }
        self.taken_apart(terms, id, v).unwrap_or_else(|| self.model.logarithm(v.size()))
    }

    fn taken_apart(&mut self, terms: &Terms, id: TermId, v: Value) -> Option<Form> {
        use super::field::Coefficient;
        let of = |sample: &Self, id: TermId| sample.logarithms.get(&id).map(Rc::clone);
        match terms.op(id) {
            Op::Number(n) => {
                let factors = terms.constant(*n)?.factors.as_ref()?;
                Some(self.model.logarithm_of_number(factors))
            }
            Op::Product(kids) => {
                let logs = kids.iter().map(|k| of(self, *k)).collect::<Option<Vec<_>>>()?;
                model::sum(logs.iter().map(|f| &**f))
            }
            Op::Quotient(a, b) => {
                let (top, below) = (of(self, *a)?, of(self, *b)?);
                Some(model::plus(&top, &model::scaled(&below, Coefficient::integer(-1))))
            }
            Op::Opposite(a) | Op::Abs(a) | Op::Stage(_, a) => of(self, *a).map(|f| (*f).clone()),
            Op::Whole(a, n) => Some(model::scaled(&*of(self, *a)?, Coefficient::integer(*n))),
            Op::Fraction(a, n) => Some(model::scaled(&*of(self, *a)?, terms.constant(*n)?.coefficient)),
            Op::CubeRoot(a) => Some(model::scaled(&*of(self, *a)?, Coefficient::integer(3).inverse())),
            Op::Power(a, b) => self.exponent_of(terms, *a, *b).ok(),
            Op::Exp(a) => self.form(terms, *a).ok().map(|f| (*f).clone()),
            Op::If(c, a, b) => of(self, if self.holds(*c).ok()? { *a } else { *b }).map(|f| (*f).clone()),
            Op::Maximum(a, b) | Op::Minimum(a, b) => {
                let chosen = if self.value(*a).ok()? == v { *a } else { *b };
                of(self, chosen).map(|f| (*f).clone())
            }
            Op::Sum(kids) if kids.len() <= TERMS => self.logarithm_of_sum(kids, v),
            _ => None,
        }
    }

    /// A sum is one of its terms times what is left; of all choices the one with the smallest rest, so that common factors of
    /// the terms make no difference.
    fn logarithm_of_sum(&mut self, kids: &[TermId], v: Value) -> Option<Form> {
        let mut best: Option<(Value, TermId)> = None;
        for k in kids {
            let t = self.value(*k).ok()?;
            if t.is_zero() {
                continue;
            }
            let rest = (v * t.inverse()).size();
            if self.model.is_exponential(rest) {
                best = Some((rest, *k));
                break;
            }
            if best.is_none_or(|(least, _)| rest < least) {
                best = Some((rest, *k));
            }
        }
        let (rest, term) = best?;
        let own = self.logarithms.get(&term).map(Rc::clone)?;
        let drawn = self.model.logarithm(rest);
        Some(model::plus(&own, &drawn))
    }

    // ---- series

    fn moved(&self, motion: MotionId, id: TermId) -> Result<Rc<Coefficients>, Stop> {
        match self.moving.get(&(motion, id)) {
            Some(Ok(series)) => Ok(Rc::clone(series)),
            Some(Err(stop)) => Err(*stop),
            None => Err(Stop::Open(BUDGET)),
        }
    }

    /// How a term changes as symbols move, once its operands are known.
    fn series(&mut self, place: &mut Place<'_>, id_of_motion: MotionId, id: TermId) -> Result<Coefficients, Stop> {
        let v = self.value(id)?;
        let terms = place.terms;
        let motion = place.motions.0.get(id_of_motion as usize).cloned().ok_or(Stop::Open("derivatives of high order"))?;
        if motion.symbols & terms.facts(id).symbols == 0 {
            return Ok(motion.still(v));
        }
        let n = motion.order();
        pay(place, motion.cost() * (n as u64 + 2) + 200)?;
        let of = |id: TermId| self.moved(id_of_motion, id);
        let minus = |a: &[Value]| a.iter().map(|c| -*c).collect::<Coefficients>();
        let composed = |outer: Coefficients, a: TermId| Ok::<_, Stop>(motion.compose(&outer, &*of(a)?));
        match terms.op(id) {
            Op::Symbol(slot) => {
                let mut series = motion.still(v);
                motion.move_symbol(*slot, &mut series);
                Ok(series)
            }
            Op::Stage(slot, a) => {
                let mut series = (*of(*a)?).clone();
                motion.move_symbol(*slot, &mut series);
                Ok(series)
            }
            Op::Sum(kids) => kids.iter().try_fold(motion.still(Value::ZERO), |sum, k| Ok(motion.plus(&sum, &*of(*k)?))),
            Op::Product(kids) => {
                kids.iter().try_fold(motion.still(Value::ONE), |product, k| Ok(motion.times(&product, &*of(*k)?)))
            }
            Op::Opposite(a) => Ok(minus(&*of(*a)?)),
            Op::Quotient(a, b) => {
                let below = composed(series::whole_power(self.value(*b)?, -1, n), *b)?;
                Ok(motion.times(&*of(*a)?, &below))
            }
            Op::Whole(a, k) => composed(series::whole_power(self.value(*a)?, *k, n), *a),
            Op::Fraction(a, k) => {
                let exponent = terms.constant(*k).map_or(Value::ZERO, |c| c.coefficient.value);
                let u = self.value(*a)?;
                if u.is_zero() {
                    return Err(Stop::Undefined);
                }
                composed(series::general_power(v, u, exponent, n), *a)
            }
            Op::Power(a, b) => {
                let u = self.value(*a)?;
                if self.stands_still(place, id_of_motion, *b) {
                    return composed(series::general_power(v, u, self.value(*b)?, n), *a);
                }
                // a^b is exp(b·log a), which needs a > 0 as soon as b moves
                if !u.is_positive() {
                    return Err(Stop::Undefined);
                }
                let log = series::logarithm(model::value(&*self.logarithm(*a)?), u, n);
                let exponent = motion.times(&*of(*b)?, &composed(log, *a)?);
                Ok(motion.compose(&series::exponential(v, n), &exponent))
            }
            Op::Exp(a) => composed(series::exponential(v, n), *a),
            Op::Log(a) => composed(series::logarithm(v, self.value(*a)?, n), *a),
            Op::CubeRoot(a) => {
                let u = self.value(*a)?;
                if u.is_zero() {
                    return Err(Stop::Undefined);
                }
                composed(series::general_power(v, u, Value::new(3).inverse(), n), *a)
            }
            Op::Abs(a) => match self.value(*a)? {
                u if self.counts_as_zero(u) => Err(Stop::Undefined),
                u if u == v => Ok((*of(*a)?).clone()),
                _ => Ok(minus(&*of(*a)?)),
            },
            Op::Sign(a) if self.counts_as_zero(self.value(*a)?) => Err(Stop::Undefined),
            Op::Sign(_) | Op::Opaque(Opaque::Floor | Opaque::Round, _) => Ok(motion.still(v)),
            Op::Maximum(a, b) | Op::Minimum(a, b) => {
                if self.value(*a)? == self.value(*b)? && a != b {
                    return Err(Stop::Impossible);
                }
                let chosen = self.larger(place, id)?;
                Ok((*of(chosen)?).clone())
            }
            Op::If(c, a, b) => {
                let chosen = if self.holds(*c)? { *a } else { *b };
                if self.is_edge(terms, *c) {
                    return Err(Stop::Impossible);
                }
                Ok((*of(chosen)?).clone())
            }
            Op::Sin(a) => composed(series::sine(v, self.point(terms, *a)?.cos, n), *a),
            Op::Cos(a) => composed(series::sine(v, -self.point(terms, *a)?.sin, n), *a),
            Op::Asin(a) => {
                let u = self.value(*a)?;
                let root = self.root_of_complement(u)?;
                if root.is_zero() {
                    return Err(Stop::Undefined);
                }
                let slope = series::slope_of_arcsine(u, root.inverse(), n.saturating_sub(1));
                composed(series::integral(v, &slope), *a)
            }
            Op::Atan(a) => {
                let u = self.value(*a)?;
                let slope = series::slope_of_arctangent(u, (Value::ONE + u * u).inverse(), n.saturating_sub(1));
                composed(series::integral(v, &slope), *a)
            }
            Op::Atan2(y, x) => self.moving_angle(&motion, id_of_motion, v, *y, *x),
            Op::Opaque(f, kids) => self.moving_opaque(&motion, id_of_motion, v, *f, kids),
            Op::Derivative(body, slot, order) => {
                let next = place.motions.with(id_of_motion, *slot, *order as usize);
                let next = next.ok_or(Stop::Open("derivatives of high order"))?;
                let series = self.moved(next, *body)?;
                let motion = place.motions.0.get(next as usize).ok_or(Stop::Open("derivatives of high order"))?;
                Ok(motion.derivative(&series, *order as usize))
            }
            _ => Err(Stop::Open("a condition that moves")),
        }
    }

    /// The angle of a moving point turns as the arctangent of `t = (u·dv - v·du)/(u·u₀ + v·v₀)` does, from where it was.
    fn moving_angle(&self, motion: &Motion, id: MotionId, v: Value, y: TermId, x: TermId) -> Result<Coefficients, Stop> {
        let (y0, x0) = (motion.still(self.value(y)?), motion.still(self.value(x)?));
        let (y, x) = (self.moved(id, y)?, self.moved(id, x)?);
        let cross: Coefficients = motion.times(&y, &x0).iter().zip(motion.times(&x, &y0)).map(|(a, b)| *a - b).collect();
        let dot = motion.plus(&motion.times(&x, &x0), &motion.times(&y, &y0));
        let n = motion.order();
        let Some(first) = dot.first().filter(|d| !d.is_zero()) else { return Err(Stop::Undefined) };
        let tangent = motion.times(&cross, &motion.compose(&series::whole_power(*first, -1, n), &dot));
        let slope = series::slope_of_arctangent(Value::ZERO, Value::ONE, n.saturating_sub(1));
        Ok(motion.compose(&series::integral(v, &slope), &tangent))
    }

    fn moving_opaque(&self, motion: &Motion, id: MotionId, v: Value, f: Opaque, kids: &[TermId]) -> Result<Coefficients, Stop> {
        let n = motion.order();
        let Some(u) = kids.first().copied() else { return Err(Stop::Open("a function without an argument")) };
        let at = self.value(u)?;
        let polygamma = |first: u32| {
            let key = |m: u32| Purpose::Opaque as u64 + 8 + u64::from(first + m);
            series::from_derivatives((0..=n as u32).map(|m| self.model.draw(key(m), at.bits())), n)
        };
        let outer = match f {
            Opaque::Polygamma(m) => polygamma(m),
            Opaque::Gamma => {
                // Γ' = Γ·ψ
                let digamma = polygamma(0);
                let mut gamma = vec![v];
                for k in 0..n {
                    let next = gamma.iter().zip(digamma.iter().take(k + 1).rev()).fold(Value::ZERO, |s, (g, d)| s + *g * *d);
                    gamma.push(next * Value::new(k as u64 + 1).inverse());
                }
                gamma
            }
            Opaque::Erf => {
                // the bell 2·exp(-(u + s)²)/√π, whose slope is -2(u + s) times itself
                let Some(slope) = kids.get(1) else { return Err(Stop::Open("a function without an argument")) };
                let mut bell = vec![self.value(*slope)?];
                for k in 0..n {
                    let one = bell.get(k).copied().unwrap_or(Value::ZERO) * at;
                    let two = k.checked_sub(1).and_then(|j| bell.get(j)).copied().unwrap_or(Value::ZERO);
                    bell.push(-((one + two) * Value::new(2)) * Value::new(k as u64 + 1).inverse());
                }
                bell.truncate(n);
                series::integral(v, &bell)
            }
            Opaque::Floor | Opaque::Round => return Ok(motion.still(v)),
        };
        Ok(motion.compose(&outer, &*self.moved(id, u)?))
    }
}

/// The budget is used up.
pub const BUDGET: &str = "too much work";

fn pay(place: &mut Place<'_>, cost: u64) -> Result<(), Stop> {
    if cost > *place.work {
        *place.work = 0;
        return Err(Stop::Open(BUDGET));
    }
    *place.work -= cost;
    Ok(())
}

fn number(terms: &Terms, id: TermId) -> Option<&Constant> {
    match terms.op(id) {
        Op::Number(place) => terms.constant(*place),
        _ => None,
    }
}
