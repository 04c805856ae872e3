//! The instructions of a tape: each runs over a block of rows and stays in cache. Scalars are named by the operation that
//! computes them, rows by the slot or the column they lie in.

use super::graph::{At, Extreme};
use crate::expr::{Number, Relation};
use crate::math::FunctionId;
use crate::math::kernels::lanes::{Lane, Pair};
use std::ops::Range;

/// Where the rows of an operand are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// A block of intermediate values.
    Slot(u32),
    /// A column of the data, read in place.
    Column(u32),
}

/// Where the rows of a result go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Target {
    /// A block of intermediate values.
    Slot(u32),
    /// A column of results, written in place.
    Output(u32),
}

/// What a sum begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start {
    /// Nothing.
    Nothing,
    /// A scalar.
    Scalar(At),
    /// Rows.
    Rows(Place),
}

/// A scalar times one or more rows, at most [`MOST_FACTORS`], which are operands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Term {
    pub(super) scalar: At,
    pub(super) factors: Range<u32>,
}

/// One instruction.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Instruction {
    /// `target = (start + Σ scalar*rows*…)*times`, of one or more terms: a sum, a product, or many of them.
    Sum { to: Target, start: Start, terms: Range<u32>, times: Option<Place> },
    /// `target = a/b`
    Quotient { to: Target, a: Place, b: Place },
    /// `target = scalar/b`
    Over { to: Target, scalar: At, b: Place },
    /// `target = a/scalar`
    Shared { to: Target, a: Place, scalar: At },
    /// A function of one argument.
    Lane { to: Target, lane: Lane, a: Place },
    /// Two functions of one argument.
    Pair { to: [Target; 2], pair: Pair, a: Place },
    /// The larger or the smaller.
    Extreme { to: Target, which: Extreme, a: Place, b: Place },
    /// A comparison.
    Compare { to: Target, relation: Relation, a: Place, b: Place },
    /// A choice.
    Select { to: Target, condition: Place, a: Place, b: Place },
    /// A power, one row after the other.
    Power { to: Target, a: Place, b: Place, exact: Option<Number> },
    /// A function without a vector kernel, one row after the other.
    Call { to: Target, function: FunctionId, arguments: Range<u32> },
    /// A scalar for all rows.
    Spread { to: Target, scalar: At },
    /// Rows as they are.
    Copy { to: Target, a: Place },
    /// Adds rows, or the products of rows with others, at most [`MOST_TOTALS`] of them, each to its own total.
    Totals { of: Added, terms: Range<u32> },
}

/// The most factors of one term.
pub(super) const MOST_FACTORS: usize = 3;

/// The most totals of one instruction.
pub(super) const MOST_TOTALS: usize = 16;

/// What totals add: rows, or the product of two.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Added {
    pub(super) a: Place,
    pub(super) times: Option<Place>,
}

/// A total, and the rows whose products it adds; none where it adds the rows as they are.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Weighted {
    pub(super) total: u32,
    pub(super) rows: Option<Place>,
}

/// One pass over the rows.
#[derive(Default, Debug)]
pub(super) struct Pass {
    pub(super) code: Vec<Instruction>,
    pub(super) terms: Vec<Term>,
    pub(super) weighted: Vec<Weighted>,
    /// Factors of products and arguments of functions.
    pub(super) operands: Vec<Place>,
    /// The operations that are totals of this pass.
    pub(super) totals: Vec<At>,
    /// The number of blocks of intermediate values.
    pub(super) slots: usize,
}

impl Pass {
    /// Calls `visit` with each operand of an instruction, to be read or renamed.
    pub(super) fn each_operand(&mut self, at: usize, mut visit: impl FnMut(&mut Place)) {
        let Pass { code, terms: all, weighted, operands, .. } = self;
        let range = |r: &Range<u32>| r.start as usize..r.end as usize;
        match &mut code[at] {
            Instruction::Sum { start, terms, times, .. } => {
                if let Start::Rows(place) = start {
                    visit(place);
                }
                times.iter_mut().for_each(&mut visit);
                for term in &all[range(terms)] {
                    operands[range(&term.factors)].iter_mut().for_each(&mut visit);
                }
            }
            Instruction::Call { arguments: list, .. } => {
                operands[range(list)].iter_mut().for_each(visit);
            }
            Instruction::Over { b: a, .. }
            | Instruction::Shared { a, .. }
            | Instruction::Lane { a, .. }
            | Instruction::Pair { a, .. }
            | Instruction::Copy { a, .. } => visit(a),
            Instruction::Quotient { a, b, .. }
            | Instruction::Extreme { a, b, .. }
            | Instruction::Compare { a, b, .. }
            | Instruction::Power { a, b, .. } => {
                visit(a);
                visit(b);
            }
            Instruction::Select { condition, a, b, .. } => {
                visit(condition);
                visit(a);
                visit(b);
            }
            Instruction::Totals { of, terms } => {
                visit(&mut of.a);
                of.times.iter_mut().for_each(&mut visit);
                weighted[range(terms)].iter_mut().filter_map(|t| t.rows.as_mut()).for_each(visit);
            }
            Instruction::Spread { .. } => {}
        }
    }

    /// The targets of an instruction, to be renamed.
    pub(super) fn targets(&mut self, at: usize) -> &mut [Target] {
        match &mut self.code[at] {
            Instruction::Sum { to, .. }
            | Instruction::Quotient { to, .. }
            | Instruction::Over { to, .. }
            | Instruction::Shared { to, .. }
            | Instruction::Lane { to, .. }
            | Instruction::Extreme { to, .. }
            | Instruction::Compare { to, .. }
            | Instruction::Select { to, .. }
            | Instruction::Power { to, .. }
            | Instruction::Call { to, .. }
            | Instruction::Spread { to, .. }
            | Instruction::Copy { to, .. } => std::slice::from_mut(to),
            Instruction::Pair { to, .. } => to,
            Instruction::Totals { .. } => &mut [],
        }
    }
}
