//! Instructions at work on blocks of rows. The loops are compiled for each kind of machine, and the kind is chosen when the program
//! runs.

#![allow(clippy::needless_range_loop)]

use super::graph::At;
use super::instruction::{Added, Instruction, Pass, Place, Target, Weighted};
use super::sum::Sum;
use super::{loops, scalar};
use crate::eval::float;
use crate::math::kernels::lanes::{Fused, Lane, Machine, Pair, Plain};
use std::ops::Range;

/// The numbers in a line of the cache.
const LINE: usize = 8;

/// A block whose rows are a multiple of this needs no loop for single numbers behind that for vectors.
pub(super) const WHOLE: usize = LINE;

/// The rows of a block: few enough that its intermediate values stay in the caches next to the processor, enough that what an
/// instruction costs besides its arithmetic does not count.
const BLOCK: usize = 256;

/// What rows are multiplied by that are added as they are.
static ONES: [f64; BLOCK] = [1.0; BLOCK];

/// A block of intermediate values that begins at a line of the cache.
#[derive(Default)]
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

    #[inline(always)]
    fn rows_mut(&mut self, count: usize) -> &mut [f64] {
        &mut self.data[self.offset..self.offset + count]
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
    fn to_read(self, line: &[f64; LINE]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(requests) = self.requests {
            requests._mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast());
        }
    }

    /// The first of these numbers is about to be written.
    #[inline(always)]
    fn to_write(self, line: &[f64; LINE]) {
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
    pub(super) totals: &'a mut [float::Sum],
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
        let (count, columns, results) = (self.pass.code.len(), self.columns.count(), self.segment.results.len());
        // a loop that does little with each column is kept up with by the machine's own requests, and only disturbed by these
        let asks = count > columns + results;
        let mut from = self.segment.rows.start;
        while from < self.segment.rows.end {
            let to = self.segment.rows.end.min(from + BLOCK);
            // whole vectors to the end, where the columns go on for so long
            let whole = to.next_multiple_of(WHOLE);
            let padded = self.segment.results.is_empty() && shortest >= whole;
            let all = from..if padded { whole } else { to };
            let next = to..self.segment.rows.end.min(to + BLOCK);
            let mut ahead = (asks && !next.is_empty()).then(|| Fetching::new(next, [columns, results], count));
            for instruction in &self.pass.code {
                if let Some(ahead) = &mut ahead {
                    self.fetch(ahead);
                }
                self.step::<S, M>(simd, instruction, all.clone(), to - from);
            }
            from = to;
        }
    }

    /// Asks for a share of the memory that the next block will read and write, so that it comes in while the arithmetic goes on: a
    /// line must be there before it can be written, too.
    #[inline(always)]
    fn fetch(&self, next: &mut Fetching) {
        let [columns, results] = next.each;
        let mut left = next.share;
        while left > 0 && next.which < columns + results {
            let few = left.min(next.lines - next.line);
            let from = next.rows.start + next.line * LINE;
            let to = next.rows.end.min(from + few * LINE);
            if next.which < columns {
                let lines = self.columns.get(next.which)[from..to].as_chunks().0;
                lines.iter().for_each(|line| self.ahead.to_read(line));
            } else {
                let first = self.segment.first;
                let lines = self.segment.results[next.which - columns][from - first..to - first].as_chunks().0;
                lines.iter().for_each(|line| self.ahead.to_write(line));
            }
            left -= few;
            next.line += few;
            if next.line == next.lines {
                (next.which, next.line) = (next.which + 1, 0);
            }
        }
    }

    /// The rows of a target, and what may be read while they are written: no operand shares them.
    #[inline(always)]
    fn open(&mut self, to: Target, rows: &Range<usize>) -> (&mut [f64], Operands<'_>) {
        let (columns, scalars, first) = (self.columns, self.scalars, self.segment.first);
        let (rows, from) = (rows.len(), rows.start);
        match to {
            Target::Slot(k) => {
                let (before, others) = self.slots.split_at_mut(k as usize);
                match others.split_first_mut() {
                    Some((own, after)) => (own.rows_mut(rows), Operands { before, after, columns, scalars, from, rows }),
                    None => (&mut [], Operands { before, after: &[], columns, scalars, from, rows }),
                }
            }
            Target::Output(k) => {
                let result = &mut self.segment.results[k as usize][from - first..from - first + rows];
                (result, Operands { before: self.slots, after: &[], columns, scalars, from, rows })
            }
        }
    }

    /// What may be read.
    #[inline(always)]
    fn operands(&self, rows: &Range<usize>) -> Operands<'_> {
        let (columns, scalars) = (self.columns, self.scalars);
        Operands { before: self.slots, after: &[], columns, scalars, from: rows.start, rows: rows.len() }
    }

    #[inline(always)]
    fn step<S: pulp::Simd, M: Machine>(&mut self, simd: S, instruction: &Instruction, rows: Range<usize>, count: usize) {
        let pass = self.pass;
        let list = |range: &Range<u32>| range.start as usize..range.end as usize;
        match instruction {
            Instruction::Sum { to, start, terms, times } => {
                let (to, of) = self.open(*to, &rows);
                Sum { start: *start, terms: &pass.terms[list(terms)], times: *times, pass, of }.write::<S, M>(simd, to);
            }
            Instruction::Quotient { to, a, b } => {
                let (to, of) = self.open(*to, &rows);
                loops::each2(
                    to,
                    [of.read(*a), of.read(*b)],
                    #[inline(always)]
                    |_, a, b| scalar::quotient(a, b),
                );
            }
            Instruction::Over { to, scalar, b } => {
                let (to, of) = self.open(*to, &rows);
                let a = of.scalar(*scalar);
                loops::each1(
                    to,
                    of.read(*b),
                    #[inline(always)]
                    |_, b| scalar::quotient(a, b),
                );
            }
            Instruction::Shared { to, a, scalar } => {
                let (to, of) = self.open(*to, &rows);
                let b = of.scalar(*scalar);
                loops::each1(
                    to,
                    of.read(*a),
                    #[inline(always)]
                    |_, a| scalar::quotient(a, b),
                );
            }
            Instruction::Lane { to, lane, a } => {
                let (to, of) = self.open(*to, &rows);
                lane_rows::<M>(*lane, of.read(*a), to);
            }
            Instruction::Pair { to, pair, a } => self.pair::<M>(*to, *pair, *a, &rows),
            Instruction::Extreme { to, which, a, b } => {
                let (to, of) = self.open(*to, &rows);
                loops::extreme(to, *which, of.read(*a), of.read(*b));
            }
            Instruction::Compare { to, relation, a, b } => {
                let (to, of) = self.open(*to, &rows);
                loops::compare(to, *relation, of.read(*a), of.read(*b));
            }
            Instruction::Select { to, condition, a, b } => {
                let (to, of) = self.open(*to, &rows);
                loops::select(to, of.read(*condition), of.read(*a), of.read(*b));
            }
            Instruction::Power { to, a, b, exact } => {
                let (to, of) = self.open(*to, &rows);
                loops::each2(to, [of.read(*a), of.read(*b)], |_, a, b| scalar::power_value(a, b, exact.as_ref()));
            }
            Instruction::Call { to, function, arguments } => {
                let (to, of) = self.open(*to, &rows);
                let arguments: Vec<&[f64]> = pass.operands[list(arguments)].iter().map(|a| of.read(*a)).collect();
                let mut at = vec![0.0; arguments.len()];
                for (row, value) in to.iter_mut().enumerate() {
                    at.iter_mut().zip(&arguments).for_each(|(at, rows)| *at = rows[row]);
                    *value = scalar::call(*function, &at);
                }
            }
            Instruction::Spread { to, scalar } => {
                let (to, of) = self.open(*to, &rows);
                to.fill(of.scalar(*scalar));
            }
            Instruction::Copy { to, a } => {
                let (to, of) = self.open(*to, &rows);
                to.copy_from_slice(of.read(*a));
            }
            Instruction::Totals { of: added, terms } if self.careful => {
                for term in &pass.weighted[list(terms)] {
                    let of = self.operands(&rows);
                    let [a, times] = of.added(*added, count);
                    let parts = match (term.rows, added.times) {
                        (Some(others), Some(_)) => loops::careful_total_of_products::<M, 2>([a, times], of.read(others)),
                        (Some(others), None) => loops::careful_total_of_products::<M, 1>([a], of.read(others)),
                        (None, Some(_)) => loops::careful_total([a, times]),
                        (None, None) => loops::careful_total([a]),
                    };
                    let total = &mut self.totals[term.total as usize];
                    parts.into_iter().for_each(|part| total.merge(part));
                }
            }
            Instruction::Totals { of, terms } => {
                for few in pass.weighted[list(terms)].chunks(4) {
                    match *few {
                        [t] => self.add(simd, *of, [t], &rows, count),
                        [t, u] => self.add(simd, *of, [t, u], &rows, count),
                        [t, u, v] => self.add(simd, *of, [t, u, v], &rows, count),
                        [t, u, v, w, ..] => self.add(simd, *of, [t, u, v, w], &rows, count),
                        [] => {}
                    }
                }
            }
        }
    }

    /// Adds the products of the rows with a few others to their totals.
    #[inline(always)]
    fn add<S: pulp::Simd, const N: usize>(
        &mut self,
        simd: S,
        added: Added,
        terms: [Weighted; N],
        rows: &Range<usize>,
        count: usize,
    ) {
        let of = self.operands(rows);
        let mut others = [&ONES[..]; N];
        for k in 0..N {
            if let Some(place) = terms[k].rows {
                others[k] = of.read(place);
            }
        }
        let [a, times] = of.added(added, count);
        let values = match added.times {
            Some(_) => loops::totals(simd, [a, times], others),
            None => loops::totals(simd, [a], others),
        };
        for k in 0..N {
            self.totals[terms[k].total as usize].add(values[k]);
        }
    }

    /// The second target is taken out while the first is open.
    #[inline(always)]
    fn pair<M: Machine>(&mut self, to: [Target; 2], pair: Pair, a: Place, rows: &Range<usize>) {
        match to[1] {
            Target::Slot(k) => {
                let mut taken = std::mem::take(&mut self.slots[k as usize]);
                let (first, of) = self.open(to[0], rows);
                pair_rows::<M>(pair, of.read(a), [first, taken.rows_mut(rows.len())]);
                self.slots[k as usize] = taken;
            }
            Target::Output(k) => {
                let taken = std::mem::take(&mut self.segment.results[k as usize]);
                let from = rows.start - self.segment.first;
                let (first, of) = self.open(to[0], rows);
                pair_rows::<M>(pair, of.read(a), [first, &mut taken[from..from + rows.len()]]);
                self.segment.results[k as usize] = taken;
            }
        }
    }
}

/// What an instruction may read.
#[derive(Clone, Copy)]
pub(super) struct Operands<'a> {
    /// The slots before the one that is written, and those behind it.
    before: &'a [Slot],
    after: &'a [Slot],
    columns: Columns<'a>,
    scalars: &'a [f64],
    /// The first row of the block, and how many there are.
    from: usize,
    rows: usize,
}

impl<'a> Operands<'a> {
    /// The rows at this place.
    #[inline(always)]
    pub(super) fn read(&self, place: Place) -> &'a [f64] {
        match place {
            Place::Slot(k) => {
                let (k, before) = (k as usize, self.before.len());
                let slot = if k < before { &self.before[k] } else { &self.after[k - before - 1] };
                slot.rows(self.rows)
            }
            Place::Column(k) => &self.columns.get(k as usize)[self.from..self.from + self.rows],
        }
    }

    /// The same as vectors, without the rows that make no whole one.
    #[inline(always)]
    pub(super) fn vectors<S: pulp::Simd>(&self, place: Place) -> &'a [S::f64s] {
        S::as_simd_f64s(self.read(place)).0
    }

    /// So many rows that are added up, and those they are multiplied by.
    #[inline(always)]
    fn added(&self, added: Added, count: usize) -> [&'a [f64]; 2] {
        let times = match added.times {
            Some(times) => self.read(times),
            None => &ONES,
        };
        [&self.read(added.a)[..count], times]
    }

    /// The scalar of this operation.
    #[inline(always)]
    pub(super) fn scalar(&self, at: At) -> f64 {
        self.scalars[at as usize]
    }
}

/// How far the memory of the next block has been asked for: line by line, column by column.
struct Fetching {
    rows: Range<usize>,
    /// The columns that are read, and those that are written.
    each: [usize; 2],
    /// The lines of a column, and those of all that are asked for before an instruction.
    lines: usize,
    share: usize,
    /// The column and the line that come next.
    which: usize,
    line: usize,
}

impl Fetching {
    /// For these rows, by so many instructions.
    fn new(rows: Range<usize>, each: [usize; 2], instructions: usize) -> Self {
        let lines = rows.len().div_ceil(LINE);
        let share = (lines * (each[0] + each[1])).div_ceil(instructions.max(1));
        Fetching { rows, each, lines, share, which: 0, line: 0 }
    }
}

/// A function over a block.
#[inline(always)]
fn lane_rows<M: Machine>(lane: Lane, from: &[f64], to: &mut [f64]) {
    if lane.map::<M>(from, to) {
        lose_poles(lane, from, to);
    }
}

/// NaN at a pole of a logarithm, where the kernel gives -∞.
#[cold]
#[inline(never)]
fn lose_poles(lane: Lane, from: &[f64], to: &mut [f64]) {
    if matches!(lane, Lane::Log | Lane::Log1p) {
        loops::each1(to, from, |value, u| if value == f64::NEG_INFINITY && u.is_finite() { f64::NAN } else { value });
    }
}

/// Two functions over a block.
#[inline(always)]
fn pair_rows<M: Machine>(pair: Pair, from: &[f64], [first, second]: [&mut [f64]; 2]) {
    if pair.map::<M>(from, first, second) {
        lose_poles(pair.members()[0], from, first);
    }
}
