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
    /// What the target holds.
    Target,
}

/// A scalar times rows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Scaled {
    pub(super) scalar: At,
    pub(super) rows: Place,
}

/// A scalar times the product of two operands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Multiplied {
    pub(super) scalar: At,
    pub(super) pair: [Place; 2],
}

/// One instruction.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Instruction {
    /// `target = start + Σ scalar*rows`, of at most [`MOST_SCALED`] terms.
    Linear { to: Target, start: Start, terms: Range<u32> },
    /// `target = start + Σ scalar*rows*rows`, of at most [`MOST_MULTIPLIED`] terms.
    Products { to: Target, start: Start, terms: Range<u32> },
    /// `target = scale*a*b*…`, of at most [`MOST_FACTORS`] factors.
    Product { to: Target, scale: At, factors: Range<u32> },
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
    /// Adds the rows, or the products of the rows with others, at most [`MOST_TOTALS`] of them, each to its own total.
    Totals { a: Place, terms: Range<u32> },
}

/// The most terms of one linear instruction.
pub(super) const MOST_SCALED: usize = 4;

/// The most terms of one sum of products.
pub(super) const MOST_MULTIPLIED: usize = 2;

/// The most factors of one product.
pub(super) const MOST_FACTORS: usize = 3;

/// The most totals of one instruction.
pub(super) const MOST_TOTALS: usize = 16;

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
    pub(super) scaled: Vec<Scaled>,
    pub(super) multiplied: Vec<Multiplied>,
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
        let Pass { code, scaled, multiplied, weighted, operands, .. } = self;
        let range = |r: &Range<u32>| r.start as usize..r.end as usize;
        match &mut code[at] {
            Instruction::Linear { start, terms, .. } => {
                if let Start::Rows(place) = start {
                    visit(place);
                }
                scaled[range(terms)].iter_mut().for_each(|t| visit(&mut t.rows));
            }
            Instruction::Products { start, terms, .. } => {
                if let Start::Rows(place) = start {
                    visit(place);
                }
                multiplied[range(terms)].iter_mut().flat_map(|t| &mut t.pair).for_each(visit);
            }
            Instruction::Product { factors: list, .. } | Instruction::Call { arguments: list, .. } => {
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
            Instruction::Totals { a, terms } => {
                visit(a);
                weighted[range(terms)].iter_mut().filter_map(|t| t.rows.as_mut()).for_each(visit);
            }
            Instruction::Spread { .. } => {}
        }
    }

    /// What an instruction begins with, where it is a sum.
    pub(super) fn start(&mut self, at: usize) -> Option<&mut Start> {
        match &mut self.code[at] {
            Instruction::Linear { start, .. } | Instruction::Products { start, .. } => Some(start),
            _ => None,
        }
    }

    /// The targets of an instruction, to be renamed.
    pub(super) fn targets(&mut self, at: usize) -> &mut [Target] {
        match &mut self.code[at] {
            Instruction::Linear { to, .. }
            | Instruction::Products { to, .. }
            | Instruction::Product { to, .. }
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
