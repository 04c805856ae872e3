//! Instructions at work on blocks of rows. The loops are compiled for each kind of machine, and the kind is chosen when the program
//! runs.

#![allow(clippy::needless_range_loop)]

use super::instruction::{Instruction, Multiplied, Pass, Place, Scaled, Start, Target, Weighted};
use super::loops::{self, From};
use super::scalar;
use crate::eval::float::Sum;
use crate::math::kernels::lanes::{Fused, Lane, Machine, Pair, Plain};
use std::ops::Range;

/// The numbers in a line of the cache.
const LINE: usize = 8;

/// A block whose rows are a multiple of this needs no loop for single numbers behind that for vectors.
pub(super) const WHOLE: usize = LINE;

/// The rows of a block: few enough that its intermediate values stay in the caches next to the processor, enough that what an
/// instruction costs besides its arithmetic does not count.
const BLOCK: usize = 384;

/// What rows are multiplied by that are added as they are.
static ONES: [f64; BLOCK] = [1.0; BLOCK];

/// A block of intermediate values that begins at a line of the cache.
pub(super) struct Slot {
    data: Vec<f64>,
    offset: usize,
}

impl Slot {
    /// As long as it is used and little longer: slots that begin at the same place of a page and use a part of it would drive each
    /// other out of the cache.
    pub(super) fn new() -> Self {
        let data = vec![0.0; BLOCK + WHOLE];
        let offset = data.as_ptr().align_offset(64).min(LINE);
        Slot { data, offset }
    }

    #[inline(always)]
    fn rows(&self, count: usize) -> &[f64] {
        &self.data[self.offset..self.offset + count]
    }
}

/// The columns of the data.
#[derive(Clone, Copy)]
pub(super) enum Columns<'a> {
    /// Each by itself.
    Apart(&'a [&'a [f64]]),
    /// One after the other, each of this length.
    Table { data: &'a [f64], length: usize },
}

impl<'a> Columns<'a> {
    #[inline(always)]
    fn get(self, k: usize) -> &'a [f64] {
        match self {
            Columns::Apart(columns) => columns[k],
            Columns::Table { data, length } => &data[k * length..(k + 1) * length],
        }
    }

    /// The rows that all columns have.
    #[inline(always)]
    fn shortest(self) -> usize {
        match self {
            Columns::Apart(columns) => columns.iter().map(|column| column.len()).min().unwrap_or(0),
            Columns::Table { length, .. } => length,
        }
    }

    #[inline(always)]
    fn count(self) -> usize {
        match self {
            Columns::Apart(columns) => columns.len(),
            Columns::Table { length: 0, .. } => 0,
            Columns::Table { data, length } => data.len() / length,
        }
    }
}

/// Asks the memory for what will be needed, on machines that take such requests.
#[derive(Clone, Copy)]
pub(super) struct Ahead {
    #[cfg(target_arch = "x86_64")]
    requests: Option<pulp::core_arch::x86::Sse>,
}

impl Ahead {
    pub(super) fn new() -> Self {
        Ahead {
            #[cfg(target_arch = "x86_64")]
            requests: pulp::core_arch::x86::Sse::try_new(),
        }
    }

    /// The first of these numbers is about to be read.
    #[inline(always)]
    fn to_read(self, line: &[f64]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(requests) = self.requests {
            requests._mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast());
        }
    }

    /// The first of these numbers is about to be written.
    #[inline(always)]
    fn to_write(self, line: &[f64]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(requests) = self.requests {
            requests._mm_prefetch::<{ std::arch::x86_64::_MM_HINT_ET0 }>(line.as_ptr().cast());
        }
    }
}

/// The rows that one thread works through without looking up.
pub(super) struct Segment<'a, 'r> {
    pub(super) rows: Range<usize>,
    pub(super) results: &'a mut [&'r mut [f64]],
    /// The row at which the results begin.
    pub(super) first: usize,
}

/// The work of one thread on one segment.
pub(super) struct Work<'a, 's, 'r> {
    pub(super) pass: &'a Pass,
    pub(super) scalars: &'a [f64],
    pub(super) columns: Columns<'a>,
    pub(super) careful: bool,
    pub(super) ahead: Ahead,
    pub(super) segment: &'a mut Segment<'s, 'r>,
    pub(super) slots: &'a mut [Slot],
    pub(super) totals: &'a mut [Sum],
}

impl pulp::WithSimd for Work<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        if S::IS_SCALAR { self.blocks::<S, Plain>(simd) } else { self.blocks::<S, Fused>(simd) }
    }
}

impl<'r> Work<'_, '_, 'r> {
    /// One copy of the loops for each kind of machine, and no more.
    #[inline(never)]
    pub(super) fn run(self, arch: pulp::Arch) {
        arch.dispatch(self);
    }

    #[inline(always)]
    fn blocks<S: pulp::Simd, M: Machine>(mut self, simd: S) {
        let shortest = self.columns.shortest();
        let mut from = self.segment.rows.start;
        while from < self.segment.rows.end {
            let to = self.segment.rows.end.min(from + BLOCK);
            // whole vectors to the end, where the columns go on for so long
            let whole = to.next_multiple_of(WHOLE);
            let padded = self.segment.results.is_empty() && shortest >= whole;
            let all = from..if padded { whole } else { to };
            let next = to..self.segment.rows.end.min(to + BLOCK);
            let count = self.pass.code.len();
            for (k, instruction) in self.pass.code.iter().enumerate() {
                self.fetch(&next, k, count);
                self.step::<S, M>(simd, instruction, all.clone(), to - from);
            }
            from = to;
        }
    }

    /// Asks for the memory that the next block will read and write, a share of it before each instruction, so that it comes in while
    /// the arithmetic goes on: a line must be there before it can be written, too.
    #[inline(always)]
    fn fetch(&self, next: &Range<usize>, share: usize, shares: usize) {
        if next.is_empty() {
            return;
        }
        let step = next.len().div_ceil(LINE * shares) * LINE;
        let from = (next.start + share * step).min(next.end);
        let to = (from + step).min(next.end);
        let first = self.segment.first;
        for result in self.segment.results.iter() {
            result[from - first..to - first].chunks(LINE).for_each(|line| self.ahead.to_write(line));
        }
        for k in 0..self.columns.count() {
            self.columns.get(k)[from..to].chunks(LINE).for_each(|line| self.ahead.to_read(line));
        }
    }

    #[inline(always)]
    fn read(&self, place: Place, rows: &Range<usize>) -> &[f64] {
        match place {
            Place::Slot(k) => self.slots[k as usize].rows(rows.len()),
            Place::Column(k) => &self.columns.get(k as usize)[rows.clone()],
        }
    }

    #[inline(always)]
    fn scalar(&self, at: u32) -> f64 {
        self.scalars[at as usize]
    }

    /// Takes the rows of a target out, so that they can be written while others are read.
    #[inline(always)]
    fn take(&mut self, to: Target) -> Taken<'r> {
        match to {
            Target::Slot(k) => {
                let slot = &mut self.slots[k as usize];
                Taken::Slot { data: std::mem::take(&mut slot.data), offset: slot.offset }
            }
            Target::Output(k) => {
                Taken::Output { data: std::mem::take(&mut self.segment.results[k as usize]), first: self.segment.first }
            }
        }
    }

    #[inline(always)]
    fn put_back(&mut self, to: Target, taken: Taken<'r>) {
        match (to, taken) {
            (Target::Slot(k), Taken::Slot { data, .. }) => self.slots[k as usize].data = data,
            (Target::Output(k), Taken::Output { data, .. }) => self.segment.results[k as usize] = data,
            _ => {}
        }
    }

    /// Runs `write` on the rows of the target, which no operand shares.
    #[inline(always)]
    fn write(&mut self, to: Target, rows: &Range<usize>, write: impl FnOnce(&Self, &mut [f64])) {
        let mut taken = self.take(to);
        write(self, taken.rows(rows));
        self.put_back(to, taken);
    }

    #[inline(always)]
    fn step<S: pulp::Simd, M: Machine>(&mut self, simd: S, instruction: &Instruction, rows: Range<usize>, count: usize) {
        let pass = self.pass;
        let list = |range: &Range<u32>| range.start as usize..range.end as usize;
        match instruction {
            Instruction::Linear { to, start, terms } => {
                let terms = &pass.scaled[list(terms)];
                self.write(
                    *to,
                    &rows,
                    #[inline(always)]
                    |w, to| w.linear::<M>(to, *start, terms, &rows),
                );
            }
            Instruction::Products { to, start, terms } => {
                let terms = &pass.multiplied[list(terms)];
                self.write(
                    *to,
                    &rows,
                    #[inline(always)]
                    |w, to| {
                        let from = w.from(*start, &rows);
                        match *terms {
                            [Multiplied { scalar, pair: [a, b] }] => {
                                let scalar = w.scalar(scalar);
                                loops::products1::<M>(to, from, scalar, [w.read(a, &rows), w.read(b, &rows)]);
                            }
                            [Multiplied { scalar: p, pair: [a, b] }, Multiplied { scalar: q, pair: [c, d] }, ..] => {
                                let scalars = [w.scalar(p), w.scalar(q)];
                                let operands = [w.read(a, &rows), w.read(b, &rows), w.read(c, &rows), w.read(d, &rows)];
                                loops::products2::<M>(to, from, scalars, operands);
                            }
                            [] => {}
                        }
                    },
                );
            }
            Instruction::Product { to, scale, factors } => {
                let factors = &pass.operands[list(factors)];
                self.write(
                    *to,
                    &rows,
                    #[inline(always)]
                    |w, to| {
                        let scale = w.scalar(*scale);
                        match *factors {
                            [a] => loops::each1(
                                to,
                                w.read(a, &rows),
                                #[inline(always)]
                                |_, a| scale * a,
                            ),
                            [a, b] => {
                                let both = [w.read(a, &rows), w.read(b, &rows)];
                                loops::each2(
                                    to,
                                    both,
                                    #[inline(always)]
                                    |_, a, b| scale * a * b,
                                );
                            }
                            [a, b, c, ..] => {
                                let all = [w.read(a, &rows), w.read(b, &rows), w.read(c, &rows)];
                                loops::each3(
                                    to,
                                    all,
                                    #[inline(always)]
                                    |_, [a, b, c]| scale * a * b * c,
                                );
                            }
                            [] => {}
                        }
                    },
                );
            }
            Instruction::Quotient { to, a, b } => {
                self.write(
                    *to,
                    &rows,
                    #[inline(always)]
                    |w, to| {
                        loops::each2(
                            to,
                            [w.read(*a, &rows), w.read(*b, &rows)],
                            #[inline(always)]
                            |_, a, b| scalar::quotient(a, b),
                        )
                    },
                );
            }
            Instruction::Over { to, scalar, b } => self.write(
                *to,
                &rows,
                #[inline(always)]
                |w, to| {
                    let a = w.scalar(*scalar);
                    loops::each1(
                        to,
                        w.read(*b, &rows),
                        #[inline(always)]
                        |_, b| scalar::quotient(a, b),
                    );
                },
            ),
            Instruction::Shared { to, a, scalar } => self.write(
                *to,
                &rows,
                #[inline(always)]
                |w, to| {
                    let b = w.scalar(*scalar);
                    loops::each1(
                        to,
                        w.read(*a, &rows),
                        #[inline(always)]
                        |_, a| scalar::quotient(a, b),
                    );
                },
            ),
            Instruction::Lane { to, lane, a } => self.write(
                *to,
                &rows,
                #[inline(always)]
                |w, to| lane_rows::<M>(*lane, w.read(*a, &rows), to),
            ),
            Instruction::Pair { to, pair, a } => self.pair::<M>(*to, *pair, *a, &rows),
            Instruction::Extreme { to, which, a, b } => {
                self.write(
                    *to,
                    &rows,
                    #[inline(always)]
                    |w, to| loops::extreme(to, *which, w.read(*a, &rows), w.read(*b, &rows)),
                );
            }
            Instruction::Compare { to, relation, a, b } => {
                self.write(
                    *to,
                    &rows,
                    #[inline(always)]
                    |w, to| loops::compare(to, *relation, w.read(*a, &rows), w.read(*b, &rows)),
                );
            }
            Instruction::Select { to, condition, a, b } => self.write(
                *to,
                &rows,
                #[inline(always)]
                |w, to| {
                    loops::select(to, w.read(*condition, &rows), w.read(*a, &rows), w.read(*b, &rows));
                },
            ),
            Instruction::Power { to, a, b, exact } => self.write(
                *to,
                &rows,
                #[inline(always)]
                |w, to| {
                    loops::each2(to, [w.read(*a, &rows), w.read(*b, &rows)], |_, a, b| scalar::power_value(a, b, exact.as_ref()));
                },
            ),
            Instruction::Call { to, function, arguments } => {
                let arguments = &pass.operands[list(arguments)];
                self.write(
                    *to,
                    &rows,
                    #[inline(always)]
                    |w, to| {
                        let arguments: Vec<&[f64]> = arguments.iter().map(|a| w.read(*a, &rows)).collect();
                        let mut at = vec![0.0; arguments.len()];
                        for (row, value) in to.iter_mut().enumerate() {
                            at.iter_mut().zip(&arguments).for_each(|(at, rows)| *at = rows[row]);
                            *value = scalar::call(*function, &at);
                        }
                    },
                );
            }
            Instruction::Spread { to, scalar } => self.write(
                *to,
                &rows,
                #[inline(always)]
                |w, to| to.fill(w.scalar(*scalar)),
            ),
            Instruction::Copy { to, a } => self.write(
                *to,
                &rows,
                #[inline(always)]
                |w, to| to.copy_from_slice(w.read(*a, &rows)),
            ),
            Instruction::Totals { a, terms } if self.careful => {
                for term in &pass.weighted[list(terms)] {
                    let a = &self.read(*a, &rows)[..count];
                    let parts = match term.rows {
                        Some(others) => loops::careful_total_of_products::<M>(a, self.read(others, &rows)),
                        None => loops::careful_total(a),
                    };
                    parts.iter().for_each(|part| self.totals[term.total as usize].merge(*part));
                }
            }
            Instruction::Totals { a, terms } => {
                for few in pass.weighted[list(terms)].chunks(4) {
                    match *few {
                        [t] => self.add(simd, *a, [t], &rows, count),
                        [t, u] => self.add(simd, *a, [t, u], &rows, count),
                        [t, u, v] => self.add(simd, *a, [t, u, v], &rows, count),
                        [t, u, v, w, ..] => self.add(simd, *a, [t, u, v, w], &rows, count),
                        [] => {}
                    }
                }
            }
        }
    }

    /// Adds the products of the rows with a few others to their totals.
    #[inline(always)]
    fn add<S: pulp::Simd, const N: usize>(&mut self, simd: S, a: Place, terms: [Weighted; N], rows: &Range<usize>, count: usize) {
        let mut others = [&ONES[..]; N];
        for k in 0..N {
            if let Some(place) = terms[k].rows {
                others[k] = self.read(place, rows);
            }
        }
        let values = loops::totals(simd, &self.read(a, rows)[..count], others);
        for k in 0..N {
            self.totals[terms[k].total as usize].add(values[k]);
        }
    }

    #[inline(always)]
    fn from(&self, start: Start, rows: &Range<usize>) -> From<'_> {
        match start {
            Start::Nothing => From::Scalar(0.0),
            Start::Scalar(at) => From::Scalar(self.scalar(at)),
            Start::Rows(place) => From::Rows(self.read(place, rows)),
            Start::Target => From::Target,
        }
    }

    #[inline(always)]
    fn linear<M: Machine>(&self, to: &mut [f64], start: Start, terms: &[Scaled], rows: &Range<usize>) {
        let from = self.from(start, rows);
        match *terms {
            [a] => loops::linear1::<M>(to, from, self.scalar(a.scalar), self.read(a.rows, rows)),
            [a, b] => {
                let scalars = [self.scalar(a.scalar), self.scalar(b.scalar)];
                loops::linear2::<M>(to, from, scalars, [self.read(a.rows, rows), self.read(b.rows, rows)]);
            }
            [a, b, c] => {
                let scalars = [self.scalar(a.scalar), self.scalar(b.scalar), self.scalar(c.scalar)];
                let operands = [self.read(a.rows, rows), self.read(b.rows, rows), self.read(c.rows, rows)];
                loops::linear3::<M>(to, from, scalars, operands);
            }
            [a, b, c, d, ..] => {
                let scalars = [self.scalar(a.scalar), self.scalar(b.scalar), self.scalar(c.scalar), self.scalar(d.scalar)];
                let rows = [self.read(a.rows, rows), self.read(b.rows, rows), self.read(c.rows, rows), self.read(d.rows, rows)];
                loops::linear4::<M>(to, from, scalars, rows);
            }
            [] => {}
        }
    }

    #[inline(always)]
    fn pair<M: Machine>(&mut self, to: [Target; 2], pair: Pair, a: Place, rows: &Range<usize>) {
        let (mut first, mut second) = (self.take(to[0]), self.take(to[1]));
        pair.map::<M>(self.read(a, rows), first.rows(rows), second.rows(rows));
        self.put_back(to[0], first);
        self.put_back(to[1], second);
    }
}

/// The rows of a target while they are written.
enum Taken<'r> {
    Slot { data: Vec<f64>, offset: usize },
    Output { data: &'r mut [f64], first: usize },
}

impl Taken<'_> {
    #[inline(always)]
    fn rows(&mut self, rows: &Range<usize>) -> &mut [f64] {
        match self {
            Taken::Slot { data, offset } => &mut data[*offset..*offset + rows.len()],
            Taken::Output { data, first } => &mut data[rows.start - *first..rows.end - *first],
        }
    }
}

/// A function over a block; NaN at a pole, where the kernel gives -∞.
#[inline(always)]
fn lane_rows<M: Machine>(lane: Lane, from: &[f64], to: &mut [f64]) {
    lane.map::<M>(from, to);
    if matches!(lane, Lane::Log | Lane::Log1p) {
        loops::each1(
            to,
            from,
            #[inline(always)]
            |value, u| if value == f64::NEG_INFINITY && u.is_finite() { f64::NAN } else { value },
        );
    }
}
