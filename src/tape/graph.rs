//! What a tape computes, as a list of operations in the order of their dependence: the expressions with signs drawn out of
//! products, functions of many arguments taken apart into plain ones, and constants folded. Each operation stands once.

use super::scalar;
use crate::expr::{Id, Number, Relation};
use crate::math::FunctionId;
use crate::math::kernels::lanes::Lane;
use hashbrown::HashMap;

/// The position of an operation.
pub(super) type At = u32;

/// An operation or its opposite.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Signed {
    pub(super) at: At,
    pub(super) negative: bool,
}

impl Signed {
    pub(super) fn negated(self) -> Self {
        Signed { negative: !self.negative, ..self }
    }

    pub(super) fn flipped(self, flip: bool) -> Self {
        Signed { negative: self.negative ^ flip, ..self }
    }
}

/// The larger or the smaller.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Extreme {
    Max,
    Min,
}

/// One operation. A condition is 1, 0, or NaN where it has no truth; a value that does not exist is NaN, at poles too.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Op {
    /// A number, by its bits.
    Constant(u64),
    /// The value of a parameter, the same for all rows.
    Parameter(u32),
    /// The value of a column in this row.
    Column(u32),
    /// A sum of two or more terms.
    Sum(Vec<Signed>),
    /// A product; if one factor is the same for all rows, it is the first.
    Product([At; 2]),
    /// The opposite, where a sign cannot be drawn out.
    Opposite(At),
    /// A quotient.
    Quotient(At, At),
    /// A function that has a vector kernel.
    Lane(Lane, At),
    /// The larger or the smaller of two.
    Extreme(Extreme, At, At),
    /// A comparison.
    Compare(Relation, At, At),
    /// The second where the first holds, the third where it does not.
    Select(At, At, At),
    /// A power that is not taken by multiplications; the exponent where it is known beyond f64.
    Power(At, At, Option<Number>),
    /// Any other function of the table.
    Call(FunctionId, Vec<At>),
    /// The sum over all rows.
    Total(At),
    /// The number of rows.
    Count,
}

/// The operations, each once.
#[derive(Default)]
pub(super) struct Ops {
    pub(super) list: Vec<Op>,
    known: HashMap<Op, At>,
    /// Whether an operation differs from row to row.
    pub(super) by_row: Vec<bool>,
    /// How many passes over the rows come before an operation can be computed.
    pub(super) pass: Vec<u32>,
}

impl Ops {
    /// The operation at this place.
    pub(super) fn op(&self, at: At) -> &Op {
        &self.list[at as usize]
    }

    pub(super) fn is_by_row(&self, at: At) -> bool {
        self.by_row[at as usize]
    }

    /// The number at this place.
    pub(super) fn number(&self, at: At) -> Option<f64> {
        match self.op(at) {
            Op::Constant(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// Calls `visit` with each operation that this one needs.
    pub(super) fn each_part(&self, at: At, mut visit: impl FnMut(At)) {
        match self.op(at) {
            Op::Constant(_) | Op::Parameter(_) | Op::Column(_) | Op::Count => {}
            Op::Sum(terms) => terms.iter().for_each(|t| visit(t.at)),
            Op::Product(pair) => pair.iter().for_each(|a| visit(*a)),
            Op::Call(_, list) => list.iter().for_each(|a| visit(*a)),
            Op::Opposite(a) | Op::Lane(_, a) | Op::Total(a) => visit(*a),
            Op::Quotient(a, b) | Op::Extreme(_, a, b) | Op::Compare(_, a, b) | Op::Power(a, b, _) => {
                visit(*a);
                visit(*b);
            }
            Op::Select(c, a, b) => {
                visit(*c);
                visit(*a);
                visit(*b);
            }
        }
    }

    /// The place of this operation, where it is there.
    pub(super) fn find(&self, op: &Op) -> Option<At> {
        self.known.get(op).copied()
    }

    /// The place of this operation; one of constants alone is computed here.
    pub(super) fn push(&mut self, op: Op) -> At {
        if let Some(at) = self.known.get(&op) {
            return *at;
        }
        let at = self.list.len() as At;
        let (mut by_row, mut pass, mut constant, mut parts) = (matches!(op, Op::Column(_)), u32::from(op == Op::Count), true, 0);
        self.list.push(op);
        let mut facts = |part: At, ops: &Ops| {
            by_row |= ops.by_row[part as usize];
            pass = pass.max(ops.pass[part as usize]);
            constant &= ops.number(part).is_some();
            parts += 1;
        };
        let op = self.list[at as usize].clone();
        self.each_part(at, |part| facts(part, self));
        if let Op::Total(_) = op {
            (by_row, pass, constant) = (false, pass + 1, false);
        }
        if constant && parts > 0 {
            self.list.pop();
            let value = scalar::value(&op, |part| self.number(part).unwrap_or(f64::NAN));
            let folded = self.constant(value);
            self.known.insert(op, folded);
            return folded;
        }
        self.by_row.push(by_row);
        self.pass.push(pass);
        self.known.insert(op, at);
        at
    }

    /// A number.
    pub(super) fn constant(&mut self, value: f64) -> At {
        self.push(Op::Constant(if value.is_nan() { f64::NAN } else { value }.to_bits()))
    }

    /// An operand without a sign of its own.
    pub(super) fn plain(&mut self, signed: Signed) -> At {
        if !signed.negative {
            return signed.at;
        }
        match *self.op(signed.at) {
            Op::Constant(bits) => self.constant(-f64::from_bits(bits)),
            // a number in front takes the sign in
            Op::Product([number, rows]) if self.number(number).is_some() => {
                let number = self.plain(Signed { at: number, negative: true });
                self.push(Op::Product([number, rows]))
            }
            _ => self.push(Op::Opposite(signed.at)),
        }
    }

    // ---- arithmetic

    /// The sum: its numbers in one term, none that is 0.
    pub(super) fn sum(&mut self, terms: &[Signed]) -> Signed {
        let mut kept: Vec<Signed> = Vec::with_capacity(terms.len());
        let mut number = 0.0;
        for term in terms {
            match self.number(term.at) {
                Some(value) => number += if term.negative { -value } else { value },
                None => kept.push(*term),
            }
        }
        if number != 0.0 || kept.is_empty() {
            kept.push(positive(self.constant(number)));
        }
        match kept[..] {
            [one] => one,
            _ => positive(self.push(Op::Sum(kept))),
        }
    }

    /// The product: its sign outside, its numbers in one factor.
    pub(super) fn product(&mut self, factors: &[Signed]) -> Signed {
        let mut kept: Vec<At> = Vec::with_capacity(factors.len() + 1);
        let (mut number, mut negative) = (1.0, false);
        for factor in factors {
            negative ^= factor.negative;
            match self.number(factor.at) {
                Some(value) => number *= value,
                None => match *self.op(factor.at) {
                    // what is the same for all rows goes together
                    Op::Product([u, row]) if !self.is_by_row(u) && self.is_by_row(row) => {
                        match self.number(u) {
                            Some(value) => number *= value,
                            None => kept.push(u),
                        }
                        kept.push(row);
                    }
                    _ => kept.push(factor.at),
                },
            }
        }
        if number < 0.0 {
            (number, negative) = (-number, !negative);
        }
        if number != 1.0 || kept.is_empty() {
            kept.insert(0, self.constant(number));
        }
        // what is the same for all rows apart from what is not, two by two, so that products share their beginnings
        let (by_row, uniform): (Vec<At>, Vec<At>) = kept.into_iter().partition(|at| self.is_by_row(*at));
        let sides = [uniform, by_row].map(|side| side.into_iter().reduce(|a, b| self.push(Op::Product([a, b]))));
        let at = match sides {
            [Some(a), Some(b)] => self.push(Op::Product([a, b])),
            [Some(one), None] | [None, Some(one)] => one,
            [None, None] => self.constant(1.0),
        };
        Signed { at, negative }
    }

    /// The sum over all rows, what is the same for all of them outside.
    pub(super) fn total(&mut self, a: Signed) -> Signed {
        let total = match *self.op(a.at) {
            _ if !self.is_by_row(a.at) => {
                let count = positive(self.push(Op::Count));
                self.product(&[positive(a.at), count])
            }
            Op::Product([u, row]) if !self.is_by_row(u) => {
                let total = positive(self.push(Op::Total(row)));
                self.product(&[positive(u), total])
            }
            _ => positive(self.push(Op::Total(a.at))),
        };
        total.flipped(a.negative)
    }

    /// The quotient, its sign outside.
    pub(super) fn quotient(&mut self, a: Signed, b: Signed) -> Signed {
        let negative = a.negative ^ b.negative;
        // one over a power of two is exact
        let inverse = self.number(b.at).map(|v| 1.0 / v).filter(|v| v.is_normal() && v.to_bits().trailing_zeros() >= 52);
        if let Some(inverse) = inverse {
            let inverse = positive(self.constant(inverse));
            return self.product(&[Signed { at: a.at, negative }, inverse]);
        }
        if self.number(a.at) == Some(1.0)
            && let Some((lane, u)) = self.slope_of_logarithm(b.at)
        {
            return Signed { at: self.push(Op::Lane(lane, u)), negative };
        }
        Signed { at: self.push(Op::Quotient(a.at, b.at)), negative }
    }

    /// One over this as a function of what there is a logarithm of: both take one division.
    fn slope_of_logarithm(&self, u: At) -> Option<(Lane, At)> {
        if self.find(&Op::Lane(Lane::Log, u)).is_some() {
            return Some((Lane::Inverse, u));
        }
        let Op::Sum(terms) = self.op(u) else { return None };
        let [a, b] = terms[..] else { return None };
        let is_next = !a.negative && !b.negative && self.number(b.at) == Some(1.0);
        (is_next && self.find(&Op::Lane(Lane::Log1p, a.at)).is_some()).then_some((Lane::InverseOfNext, a.at))
    }

    /// A whole power of at most [`MULTIPLIED`], by squaring.
    pub(super) fn whole_power(&mut self, base: Signed, n: u32) -> Signed {
        let negative = base.negative && n % 2 == 1;
        let base = positive(base.at);
        let mut result: Option<Signed> = None;
        let (mut square, mut left) = (base, n);
        while left > 0 {
            if left & 1 == 1 {
                result = Some(result.map_or(square, |r| self.product(&[r, square])));
            }
            left >>= 1;
            if left > 0 {
                square = self.product(&[square, square]);
            }
        }
        let one = positive(self.constant(1.0));
        result.unwrap_or(one).flipped(negative)
    }

    /// A function with a vector kernel; the sign of the argument goes where the function allows it.
    pub(super) fn lane(&mut self, lane: Lane, u: Signed) -> Signed {
        match lane {
            Lane::Sin | Lane::Sinh | Lane::Tanh | Lane::Erf => positive(self.push(Op::Lane(lane, u.at))).flipped(u.negative),
            Lane::Cos | Lane::Cosh | Lane::Sech | Lane::SechSquared | Lane::Abs => positive(self.push(Op::Lane(lane, u.at))),
            _ => {
                let u = self.plain(u);
                positive(self.push(Op::Lane(lane, u)))
            }
        }
    }
}

/// Whole powers up to this one are products: at most 4 ulp from the power.
pub(super) const MULTIPLIED: u32 = 8;

pub(super) fn positive(at: At) -> Signed {
    Signed { at, negative: false }
}

/// A refusal: an expression that no tape can hold.
#[derive(Clone, PartialEq, Debug)]
pub struct Refusal {
    /// The part that stands in the way.
    pub node: Id,
    /// Why.
    pub reason: &'static str,
}
