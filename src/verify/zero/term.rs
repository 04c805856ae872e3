//! The terms that the zero test evaluates: expressions with the meanings of functions written out, stages followed and short
//! series added up, each distinct term once. Terms have smaller numbers than what is built from them.

use super::field::{Coefficient, Residue};
use super::range::Range;
use crate::expr::{Number, Relation};
use std::collections::HashMap;

/// The number of a term.
pub type TermId = u32;

/// The number of a symbol, among those that occur.
pub type Slot = u32;

/// A function that is a value of its own, known by its equations only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Opaque {
    /// The error function; the second operand of its term is its slope.
    Erf,
    /// The gamma function; the second operand of its term is the digamma function there.
    Gamma,
    /// The digamma function and its derivatives, by order.
    Polygamma(u32),
    /// The largest whole number that is not above the operand.
    Floor,
    /// The nearest whole number.
    Round,
}

/// What a term is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// A number: its place among the numbers.
    Number(u32),
    /// The circle's half circumference.
    Pi,
    /// A free symbol.
    Symbol(Slot),
    /// A stage: a symbol that has the value of the term and may also move by itself.
    Stage(Slot, TermId),
    /// A sum.
    Sum(Box<[TermId]>),
    /// A product.
    Product(Box<[TermId]>),
    /// The opposite.
    Opposite(TermId),
    /// A quotient.
    Quotient(TermId, TermId),
    /// A power with a whole exponent.
    Whole(TermId, i64),
    /// A power with an exponent that is a number, but not whole: the place of the number.
    Fraction(TermId, u32),
    /// A power with any other exponent.
    Power(TermId, TermId),
    /// The exponential.
    Exp(TermId),
    /// The logarithm.
    Log(TermId),
    /// The cubic root.
    CubeRoot(TermId),
    /// The size.
    Abs(TermId),
    /// -1, 0 or 1.
    Sign(TermId),
    /// The larger one.
    Maximum(TermId, TermId),
    /// The smaller one.
    Minimum(TermId, TermId),
    /// The sine; the cosine is beside it, for the slope.
    Sin(TermId),
    /// The cosine.
    Cos(TermId),
    /// The inverse sine.
    Asin(TermId),
    /// The inverse tangent.
    Atan(TermId),
    /// The angle of the point whose second coordinate comes first.
    Atan2(TermId, TermId),
    /// A function known by its equations, with its operands.
    Opaque(Opaque, Box<[TermId]>),
    /// The first where the condition holds, else the second.
    If(TermId, TermId, TermId),
    /// Whether the term compares to 0 in this way.
    Compare(Relation, TermId),
    /// Whether all hold.
    And(Box<[TermId]>),
    /// Whether one holds.
    Or(Box<[TermId]>),
    /// Whether it does not hold.
    Not(TermId),
    /// Whether the value is a whole number.
    Integer(TermId),
    /// A condition that always or never holds.
    Truth(bool),
    /// The derivative of this order by a symbol.
    Derivative(TermId, Slot, u32),
    /// No value.
    Undefined,
    /// Something that the test knows nothing of.
    Unknown(&'static str),
}

impl Op {
    /// The operands.
    fn operands(&self, out: &mut Vec<TermId>) {
        match self {
            Op::Number(_) | Op::Pi | Op::Symbol(_) | Op::Truth(_) | Op::Undefined | Op::Unknown(_) => {}
            Op::Sum(kids) | Op::Product(kids) | Op::And(kids) | Op::Or(kids) | Op::Opaque(_, kids) => out.extend_from_slice(kids),
            Op::Stage(_, a)
            | Op::Opposite(a)
            | Op::Whole(a, _)
            | Op::Fraction(a, _)
            | Op::Exp(a)
            | Op::Log(a)
            | Op::CubeRoot(a)
            | Op::Abs(a)
            | Op::Sign(a)
            | Op::Sin(a)
            | Op::Cos(a)
            | Op::Asin(a)
            | Op::Atan(a)
            | Op::Compare(_, a)
            | Op::Not(a)
            | Op::Integer(a)
            | Op::Derivative(a, ..) => out.push(*a),
            Op::Quotient(a, b) | Op::Power(a, b) | Op::Maximum(a, b) | Op::Minimum(a, b) | Op::Atan2(a, b) => {
                out.extend([*a, *b]);
            }
            Op::If(c, a, b) => out.extend([*c, *a, *b]),
        }
    }
}

/// The prime factors of a rational number other than 0, with their exponents; a large factor stays as it is.
type Factors = Vec<(u64, i64)>;

/// A number with what the model needs of it.
pub struct Constant {
    /// The number.
    pub number: Number,
    /// Its residues.
    pub coefficient: Coefficient,
    /// Its factors, without the sign; `None` where it is too large to be taken apart.
    pub factors: Option<Factors>,
}

/// What is known of a term, whatever the values of symbols are.
#[derive(Clone, Copy)]
pub struct Facts {
    /// Encloses its values.
    pub range: Range,
    /// One bit for each symbol below it, modulo 64.
    pub symbols: u64,
    /// Whether its expansion as a sum of monomials is asked for.
    pub expanded: bool,
    /// Whether its logarithm is asked for.
    pub logarithm: bool,
    /// Whether its value is always whole, from what is assumed.
    pub whole: bool,
}

/// All terms of one run of tests.
#[derive(Default)]
pub struct Terms {
    ops: Vec<Op>,
    facts: Vec<Facts>,
    table: HashMap<Op, TermId>,
    constants: Vec<Constant>,
    constant_table: HashMap<Number, u32>,
    /// What is assumed of each symbol: its range, and whether it is whole.
    assumed: Vec<(Range, bool)>,
}

/// Longer sums stay as they are inside other sums, so that a tower of sums does not become a tower of copies.
const FLAT: usize = 32;

/// Numbers above this size are not computed with.
const BITS: usize = 2048;

impl Terms {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// What the term is.
    pub fn op(&self, id: TermId) -> &Op {
        self.ops.get(id as usize).unwrap_or(&Op::Undefined)
    }

    /// What is known of the term.
    pub fn facts(&self, id: TermId) -> Facts {
        self.facts.get(id as usize).copied().unwrap_or(NOTHING)
    }

    /// The number at a place.
    pub fn constant(&self, place: u32) -> Option<&Constant> {
        self.constants.get(place as usize)
    }

    /// The number that the term is.
    pub fn number_of(&self, id: TermId) -> Option<&Number> {
        match self.op(id) {
            Op::Number(place) => self.constant(*place).map(|c| &c.number),
            _ => None,
        }
    }

    /// Says what is assumed of a symbol.
    pub fn assume(&mut self, slot: Slot, range: Range, whole: bool) {
        let at = slot as usize;
        if self.assumed.len() <= at {
            self.assumed.resize(at + 1, (Range::ALL, false));
        }
        if let Some(entry) = self.assumed.get_mut(at) {
            *entry = (entry.0.and(range), entry.1 || whole);
        }
    }

    /// What is assumed of a symbol.
    pub fn assumed(&self, slot: Slot) -> (Range, bool) {
        self.assumed.get(slot as usize).copied().unwrap_or((Range::ALL, false))
    }

    /// Narrows the range of a term by what is known from elsewhere.
    pub fn narrow(&mut self, id: TermId, range: Range) {
        if let Some(facts) = self.facts.get_mut(id as usize) {
            facts.range = facts.range.and(range);
        }
    }

    /// The operands of a term.
    pub fn operands(&self, id: TermId, out: &mut Vec<TermId>) {
        self.op(id).operands(out);
    }

    /// The term with this operator, which is made if there is none.
    pub fn make(&mut self, op: Op) -> TermId {
        if let Some(id) = self.table.get(&op) {
            return *id;
        }
        let id = self.ops.len() as TermId;
        let facts = self.facts_of(&op);
        self.table.insert(op.clone(), id);
        self.ops.push(op);
        self.facts.push(facts);
        id
    }

    // ---- makers that fold numbers

    /// A number.
    pub fn number(&mut self, n: Number) -> TermId {
        let place = self.place(n);
        self.make(Op::Number(place))
    }

    fn place(&mut self, n: Number) -> u32 {
        if let Some(place) = self.constant_table.get(&n) {
            return *place;
        }
        let place = self.constants.len() as u32;
        self.constant_table.insert(n.clone(), place);
        self.constants.push(constant(n));
        place
    }

    /// A small whole number.
    pub fn integer(&mut self, n: i64) -> TermId {
        self.number(Number::integer(n))
    }

    /// A sum; sums inside it are opened.
    pub fn sum(&mut self, terms: &[TermId]) -> TermId {
        let mut flat: Vec<TermId> = Vec::with_capacity(terms.len());
        let mut total = Number::integer(0);
        for t in terms {
            match self.op(*t) {
                Op::Sum(inner) if inner.len() <= FLAT => flat.extend_from_slice(inner),
                Op::Opposite(a) if matches!(self.op(*a), Op::Sum(inner) if inner.len() <= FLAT) => {
                    let Op::Sum(inner) = self.op(*a).clone() else { continue };
                    for i in inner.iter() {
                        let minus = self.opposite(*i);
                        flat.push(minus);
                    }
                }
                _ => flat.push(*t),
            }
        }
        flat.retain(|t| match self.number_of(*t) {
            Some(n) if n.bits() < BITS && total.bits() < BITS => {
                total = &total + n;
                false
            }
            _ => true,
        });
        if !total.is_zero() || flat.is_empty() {
            let t = self.number(total);
            flat.push(t);
        }
        match flat[..] {
            [one] => one,
            _ => self.make(Op::Sum(flat.into())),
        }
    }

    /// A product.
    pub fn product(&mut self, factors: &[TermId]) -> TermId {
        let mut total = Number::integer(1);
        let mut rest = Vec::with_capacity(factors.len());
        for f in factors {
            match self.number_of(*f) {
                Some(n) if n.bits() < BITS && total.bits() < BITS => total = &total * n,
                _ => rest.push(*f),
            }
        }
        // a factor 0 does not take the conditions of the others away
        if !total.is_one() || rest.is_empty() {
            let t = self.number(total);
            rest.push(t);
        }
        match rest[..] {
            [one] => one,
            _ => self.make(Op::Product(rest.into())),
        }
    }

    /// The opposite.
    pub fn opposite(&mut self, a: TermId) -> TermId {
        if let Some(n) = self.number_of(a) {
            let minus = -n;
            return self.number(minus);
        }
        match self.op(a) {
            Op::Opposite(inner) => *inner,
            _ => self.make(Op::Opposite(a)),
        }
    }

    /// A difference.
    pub fn difference(&mut self, a: TermId, b: TermId) -> TermId {
        let minus = self.opposite(b);
        self.sum(&[a, minus])
    }

    /// A quotient.
    pub fn quotient(&mut self, a: TermId, b: TermId) -> TermId {
        if let (Some(x), Some(y)) = (self.number_of(a), self.number_of(b))
            && x.bits() < BITS
            && y.bits() < BITS
            && let Some(n) = x.checked_div(y)
        {
            return self.number(n);
        }
        self.make(Op::Quotient(a, b))
    }

    /// A power.
    pub fn power(&mut self, a: TermId, b: TermId) -> TermId {
        let Some(n) = self.number_of(b).cloned() else { return self.general_power(a, b) };
        if n.is_integer() {
            return match n.to_i64() {
                Some(n) if n.abs() < 1 << 53 => self.whole_power(a, n),
                _ => self.make(Op::Unknown("a very large exponent")),
            };
        }
        if n.bits() > 64 {
            return self.make(Op::Unknown("an exponent with many digits"));
        }
        let place = self.place(n);
        self.make(Op::Fraction(a, place))
    }

    fn general_power(&mut self, a: TermId, b: TermId) -> TermId {
        // e^b is exp(b)
        if let Op::Exp(one) = self.op(a)
            && self.number_of(*one).is_some_and(Number::is_one)
        {
            return self.make(Op::Exp(b));
        }
        self.make(Op::Power(a, b))
    }

    fn whole_power(&mut self, a: TermId, n: i64) -> TermId {
        if n == 1 {
            return a;
        }
        if let Some(base) = self.number_of(a)
            && n.unsigned_abs() <= 64
            && base.bits() < 32
            && !(base.is_zero() && n <= 0)
            && let Some(value) = base.checked_pow(n)
        {
            return self.number(value);
        }
        self.make(Op::Whole(a, n))
    }

    /// The square root.
    pub fn root(&mut self, a: TermId) -> TermId {
        let place = self.place(Number::ratio(1, 2));
        self.make(Op::Fraction(a, place))
    }

    /// A comparison.
    pub fn compare(&mut self, relation: Relation, a: TermId, b: TermId) -> TermId {
        if let (Some(x), Some(y)) = (self.number_of(a), self.number_of(b)) {
            let holds = relation.holds(x.cmp(y));
            return self.make(Op::Truth(holds));
        }
        let gap = self.difference(a, b);
        self.make(Op::Compare(relation, gap))
    }

    // ---- what is known of a term

    fn facts_of(&mut self, op: &Op) -> Facts {
        let mut facts = NOTHING;
        let f = |id: &TermId| self.facts(*id);
        match op {
            Op::Symbol(slot) => {
                let (range, whole) = self.assumed(*slot);
                facts = Facts { range, whole, symbols: 1 << (slot % 64), ..facts };
            }
            Op::Stage(slot, a) => facts = Facts { symbols: f(a).symbols | 1 << (slot % 64), range: f(a).range, ..facts },
            _ => {
                let mut kids = Vec::new();
                op.operands(&mut kids);
                kids.iter().for_each(|k| facts.symbols |= f(k).symbols);
                facts.range = self.range_of(op);
                facts.whole = self.is_whole(op);
            }
        }
        self.ask(op);
        facts
    }

    fn is_whole(&self, op: &Op) -> bool {
        let whole = |id: &TermId| self.facts(*id).whole;
        match op {
            Op::Number(place) => self.constant(*place).is_some_and(|c| c.number.is_integer()),
            Op::Sum(kids) | Op::Product(kids) => kids.iter().all(whole),
            Op::Opposite(a) => whole(a),
            Op::Whole(a, n) => *n >= 0 && whole(a),
            Op::Opaque(Opaque::Floor | Opaque::Round, _) => true,
            _ => false,
        }
    }

    fn range_of(&self, op: &Op) -> Range {
        let r = |id: &TermId| self.facts(*id).range;
        match op {
            Op::Number(place) => self.constant(*place).map_or(Range::ALL, |c| {
                let n = &c.number;
                Range::number(n.to_f64(), i32::from(n.is_positive()) - i32::from(n.is_negative()))
            }),
            Op::Pi => Range::new(3.0, false, 3.25, false),
            Op::Sum(kids) => kids.iter().map(r).reduce(Range::plus).unwrap_or(Range::ALL),
            Op::Product(kids) => self.product_range(kids),
            Op::Opposite(a) => r(a).opposite(),
            Op::Quotient(a, b) if a == b => Range::number(1.0, 1),
            Op::Quotient(a, b) => r(a).times(r(b).reciprocal()),
            Op::Whole(a, n) => r(a).whole_power(*n),
            Op::Fraction(a, place) => {
                let rises = self.constant(*place).is_some_and(|c| c.number.is_positive());
                r(a).fractional_power(rises)
            }
            Op::Power(a, _) if r(a).is_positive() => Range::POSITIVE,
            Op::Exp(a) => r(a).exponential(),
            Op::Log(a) => r(a).logarithm(),
            Op::CubeRoot(a) => cube_root_range(r(a)),
            Op::Abs(a) => r(a).size(),
            Op::Sign(a) if r(a).is_positive() => Range::number(1.0, 1),
            Op::Sign(a) if r(a).is_not_negative() => Range::new(0.0, false, 1.0, false),
            Op::Sign(_) | Op::Sin(_) | Op::Cos(_) => Range::new(-1.0, false, 1.0, false),
            Op::Maximum(a, b) => r(a).maximum(r(b)),
            Op::Minimum(a, b) => r(a).opposite().maximum(r(b).opposite()).opposite(),
            Op::Asin(_) | Op::Atan(_) => Range::new(-1.6, false, 1.6, false),
            Op::Opaque(Opaque::Erf, kids) => {
                let own = Range::new(-1.0, true, 1.0, true);
                let positive = kids.first().is_some_and(|a| r(a).is_positive());
                if positive { own.and(Range::POSITIVE) } else { own }
            }
            Op::Opaque(Opaque::Gamma, kids) if kids.first().is_some_and(|a| r(a).is_positive()) => Range::POSITIVE,
            Op::Opaque(Opaque::Polygamma(1), kids) if kids.first().is_some_and(|a| r(a).is_positive()) => Range::POSITIVE,
            Op::If(_, a, b) => match (self.op(*a), self.op(*b)) {
                (Op::Undefined, _) => r(b),
                (_, Op::Undefined) => r(a),
                _ => r(a).or(r(b)),
            },
            _ => Range::ALL,
        }
    }

    /// Equal factors in pairs are squares.
    fn product_range(&self, kids: &[TermId]) -> Range {
        let mut left: Vec<TermId> = kids.to_vec();
        left.sort_unstable();
        let mut total = Range::number(1.0, 1);
        for group in left.chunk_by(|a, b| a == b) {
            let Some(first) = group.first() else { continue };
            total = total.times(self.facts(*first).range.whole_power(group.len() as i64));
        }
        total
    }

    // ---- what is asked of operands

    /// Asks the operands of a new term for what it needs of them.
    fn ask(&mut self, op: &Op) {
        match op {
            Op::Exp(a) | Op::Sin(a) | Op::Cos(a) => self.ask_below(*a, false),
            Op::Log(a) => self.ask_below(*a, true),
            Op::Power(a, b) => {
                self.ask_below(*b, false);
                self.ask_below(*a, true);
            }
            _ => {}
        }
    }

    /// Asks a term and what it is put together from for expansions, or for logarithms.
    fn ask_below(&mut self, id: TermId, logarithm: bool) {
        let mut open = vec![(id, logarithm)];
        while let Some((id, logarithm)) = open.pop() {
            let Some(facts) = self.facts.get_mut(id as usize) else { continue };
            let flag = if logarithm { &mut facts.logarithm } else { &mut facts.expanded };
            if std::mem::replace(flag, true) {
                continue;
            }
            match self.op(id) {
                Op::Sum(kids) | Op::Product(kids) => open.extend(kids.iter().map(|k| (*k, logarithm))),
                Op::Opposite(a) | Op::Whole(a, _) | Op::Stage(_, a) => open.push((*a, logarithm)),
                Op::Quotient(a, b) | Op::If(_, a, b) | Op::Maximum(a, b) | Op::Minimum(a, b) => {
                    open.extend([(*a, logarithm), (*b, logarithm)]);
                }
                Op::Fraction(a, _) | Op::Abs(a) | Op::CubeRoot(a) if logarithm => open.push((*a, true)),
                Op::Abs(a) => open.push((*a, false)),
                _ => {}
            }
        }
    }
}

const NOTHING: Facts = Facts { range: Range::ALL, symbols: 0, expanded: false, logarithm: false, whole: false };

fn cube_root_range(r: Range) -> Range {
    match () {
        () if r.is_positive() => Range::POSITIVE,
        () if r.is_not_negative() => Range::NOT_NEGATIVE,
        () if r.opposite().is_positive() => Range::POSITIVE.opposite(),
        () => Range::ALL,
    }
}

fn constant(number: Number) -> Constant {
    let value = number.value();
    let numerator = residues(&value.numerator().clone().into_parts().1);
    let denominator = residues(value.denominator());
    let size = numerator * denominator.inverse();
    let coefficient = if number.is_negative() { -size } else { size };
    let factors = factors(&number);
    Constant { number, coefficient, factors }
}

fn residues(n: &dashu_int::UBig) -> Coefficient {
    use super::field::{P, Q, R};
    let small = |m: u64| u64::try_from(n % dashu_int::UBig::from(m)).unwrap_or(0);
    Coefficient { value: Residue::new(small(P)), exponent: Residue::<Q>::new(small(Q)), multiple: Residue::<R>::new(small(R)) }
}

fn factors(number: &Number) -> Option<Factors> {
    let value = number.value();
    let numerator = u64::try_from(value.numerator().clone().into_parts().1).ok()?;
    let denominator = u64::try_from(value.denominator().clone()).ok()?;
    let mut out = Vec::new();
    for (n, sign) in [(numerator, 1), (denominator, -1)] {
        split(n, sign, &mut out);
    }
    Some(out)
}

/// Adds the factors of `n`; what is left beyond the primes below 1000 stays together.
fn split(mut n: u64, sign: i64, out: &mut Factors) {
    let mut d = 2;
    while d < 1000 && d * d <= n {
        let mut k = 0;
        while n.is_multiple_of(d) {
            n /= d;
            k += sign;
        }
        if k != 0 {
            out.push((d, k));
        }
        d += 1;
    }
    if n > 1 {
        out.push((n, sign));
    }
}
