//! A tape at work: scalars, then passes over blocks of rows, on one thread or several. The loops are compiled for each kind of
//! machine, and the kind is chosen when the program runs.

use super::instruction::{Instruction, Multiplied, Pass, Place, Scaled, Start, Target};
use super::loops::{self, From};
use super::{Program, Root, scalar};
use crate::eval::float::Sum;
use crate::math::kernels::lanes::{Fused, Lane, Machine, Pair, Plain};
use std::ops::Range;
use std::sync::Mutex;

/// Rows whose totals are added on their own: the order of additions does not depend on the number of threads.
const SEGMENT: usize = 32_768;

/// A program with the memory that it works in. Nothing is allocated between [`Run::start`] and [`Run::value`] on one thread.
pub struct Run<'p> {
    program: &'p Program,
    arch: pulp::Arch,
    threads: usize,
    careful: bool,
    scalars: Vec<f64>,
    totals: Vec<Sum>,
    workspace: Workspace,
    pass: usize,
    rows: u64,
}

impl<'p> Run<'p> {
    /// Room for a program, which runs on so many threads where there are rows enough.
    #[must_use]
    pub fn new(program: &'p Program, threads: usize) -> Self {
        let scalars = program.scalars.clone();
        let totals = vec![Sum::default(); program.passes.iter().map(|pass| pass.totals.len()).max().unwrap_or(0)];
        let (workspace, arch) = (Workspace::new(program), pulp::Arch::new());
        Run { program, arch, threads: threads.max(1), careful: false, scalars, totals, workspace, pass: 0, rows: 0 }
    }

    /// The same with totals that carry the rounding errors of their additions along: slower, and right to the last digits however many
    /// rows there are.
    #[must_use]
    pub fn careful(self) -> Self {
        Run { careful: true, ..self }
    }

    /// Begins anew, with these values of the parameters.
    pub fn start(&mut self, parameters: &[f64]) {
        for (at, value) in self.program.parameters.iter().zip(parameters) {
            if let Some(at) = at {
                self.scalars[*at as usize] = *value;
            }
        }
        self.pass = 0;
        self.settle();
    }

    /// Whether another pass over all rows is needed.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.pass < self.program.passes.len()
    }

    /// What is the same for all rows, as far as it is known before the coming pass.
    fn settle(&mut self) {
        for (at, op) in &self.program.steps[self.pass] {
            let value = scalar::value(op, |part| self.scalars[part as usize]);
            self.scalars[*at as usize] = value;
        }
        for total in &mut self.totals {
            *total = Sum::default();
        }
        self.rows = 0;
    }

    /// Takes the next rows in: the columns, in the order in which the program was made, and room for the results, one column for
    /// each root that differs from row to row (in the last pass only; none otherwise). Results have `rows` rows, columns as many or more:
    /// a few numbers behind the last row, of whatever value, make the end faster.
    pub fn feed(&mut self, columns: &[&[f64]], rows: usize, results: &mut [&mut [f64]]) {
        self.take_in(Columns::Apart(columns), 0..rows, results);
    }

    /// The same of some rows of a table that lies in one piece, column after column, each of this length.
    pub fn feed_table(&mut self, table: &[f64], length: usize, rows: Range<usize>) {
        self.take_in(Columns::Table { data: table, length }, rows, &mut []);
    }

    fn take_in(&mut self, columns: Columns<'_>, rows: Range<usize>, results: &mut [&mut [f64]]) {
        let Some(pass) = self.program.passes.get(self.pass) else { return };
        self.rows += rows.len() as u64;
        let segments = rows.len().div_ceil(SEGMENT);
        if segments > 1 && self.threads > 1 {
            self.feed_threads(pass, columns, rows, results);
            return;
        }
        let mut from = rows.start;
        while from < rows.end {
            let to = rows.end.min(from + SEGMENT);
            let mut segment = Segment { rows: from..to, results: &mut *results, first: rows.start };
            // a segment alone adds to the totals at once
            let totals = if segments == 1 { &mut self.totals } else { &mut self.workspace.totals };
            let slots = &mut self.workspace.slots;
            let (scalars, careful) = (&self.scalars[..], self.careful);
            Work { pass, scalars, columns, careful, segment: &mut segment, slots, totals }.run(self.arch);
            if segments > 1 {
                for (total, part) in self.totals.iter_mut().zip(&mut self.workspace.totals) {
                    total.merge(std::mem::take(part));
                }
            }
            from = to;
        }
    }

    fn feed_threads(&mut self, pass: &Pass, columns: Columns<'_>, rows: Range<usize>, results: &mut [&mut [f64]]) {
        let segments = rows.len().div_ceil(SEGMENT);
        let mut left: Vec<&mut [f64]> = results.iter_mut().map(|r| &mut **r).collect();
        let mut tasks = Vec::with_capacity(segments);
        for k in 0..segments {
            let range = rows.start + k * SEGMENT..rows.end.min(rows.start + (k + 1) * SEGMENT);
            let mut own = Vec::with_capacity(left.len());
            for result in &mut left {
                let (head, tail) = std::mem::take(result).split_at_mut(range.len());
                own.push(head);
                *result = tail;
            }
            tasks.push((k, range, own));
        }
        tasks.reverse();
        let (tasks, parts) = (Mutex::new(tasks), Mutex::new(vec![Vec::new(); segments]));
        let (program, scalars, arch, careful) = (self.program, &self.scalars, self.arch, self.careful);
        let work = || {
            let mut workspace = Workspace::new(program);
            loop {
                let task = tasks.lock().ok().and_then(|mut tasks| tasks.pop());
                let Some((k, range, mut own)) = task else { return };
                let mut segment = Segment { first: range.start, rows: range, results: &mut own };
                let mut totals = vec![Sum::default(); pass.totals.len()];
                let slots = &mut workspace.slots;
                Work { pass, scalars, columns, careful, segment: &mut segment, slots, totals: &mut totals }.run(arch);
                if let Ok(mut parts) = parts.lock() {
                    parts[k] = totals;
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads.min(segments) {
                scope.spawn(work);
            }
            work();
        });
        for part in parts.into_inner().unwrap_or_default() {
            for (total, part) in self.totals.iter_mut().zip(part) {
                total.merge(part);
            }
        }
    }

    /// Ends the pass: all rows were fed.
    pub fn end_pass(&mut self) {
        let Some(pass) = self.program.passes.get(self.pass) else { return };
        for (at, total) in pass.totals.iter().zip(&self.totals) {
            self.scalars[*at as usize] = total.value();
        }
        if let Some(at) = self.program.count {
            self.scalars[at as usize] = self.rows as f64;
        }
        self.pass += 1;
        self.settle();
    }

    /// The value of the root at this position, when all passes are done; NaN for one that differs from row to row.
    #[must_use]
    pub fn value(&self, root: usize) -> f64 {
        match self.program.roots.get(root) {
            Some(Root::Scalar(signed)) => {
                let value = self.scalars[signed.at as usize];
                if signed.negative { -value } else { value }
            }
            _ => f64::NAN,
        }
    }
}

/// The memory of one thread.
struct Workspace {
    slots: Vec<Slot>,
    totals: Vec<Sum>,
}

impl Workspace {
    fn new(program: &Program) -> Self {
        let slots = program.passes.iter().map(|pass| pass.slots).max().unwrap_or(0);
        let totals = program.passes.iter().map(|pass| pass.totals.len()).max().unwrap_or(0);
        Workspace { slots: (0..slots).map(|_| Slot::new()).collect(), totals: vec![Sum::default(); totals] }
    }
}

/// The numbers in a line of the cache.
const LINE: usize = 8;

/// The rows of a block: few enough that its intermediate values stay in the caches next to the processor, enough that what an
/// instruction costs besides its arithmetic does not count.
const BLOCK: usize = 512;

/// A block of intermediate values that begins at a line of the cache.
struct Slot {
    data: Vec<f64>,
    offset: usize,
}

impl Slot {
    /// As long as it is used and little longer: slots that begin at the same place of a page and use a part of it would drive each
    /// other out of the cache.
    fn new() -> Self {
        let data = vec![0.0; BLOCK + LINE];
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
enum Columns<'a> {
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

    #[inline(always)]
    fn count(self) -> usize {
        match self {
            Columns::Apart(columns) => columns.len(),
            Columns::Table { length: 0, .. } => 0,
            Columns::Table { data, length } => data.len() / length,
        }
    }
}

/// The rows that one thread works through without looking up.
struct Segment<'a, 'r> {
    rows: Range<usize>,
    results: &'a mut [&'r mut [f64]],
    /// The row at which the results begin.
    first: usize,
}

struct Work<'a, 's, 'r> {
    pass: &'a Pass,
    scalars: &'a [f64],
    columns: Columns<'a>,
    careful: bool,
    segment: &'a mut Segment<'s, 'r>,
    slots: &'a mut [Slot],
    totals: &'a mut [Sum],
}

impl pulp::WithSimd for Work<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        if S::IS_SCALAR { self.blocks::<Plain>() } else { self.blocks::<Fused>() }
    }
}

impl<'r> Work<'_, '_, 'r> {
    /// One copy of the loops for each kind of machine, and no more.
    #[inline(never)]
    fn run(self, arch: pulp::Arch) {
        arch.dispatch(self);
    }

    #[inline(always)]
    fn blocks<M: Machine>(mut self) {
        let columns = self.columns;
        let shortest = (0..columns.count()).map(|k| columns.get(k).len()).min().unwrap_or(0);
        let mut from = self.segment.rows.start;
        while from < self.segment.rows.end {
            let to = self.segment.rows.end.min(from + BLOCK);
            // whole vectors to the end, where the columns go on for so long
            let whole = to.next_multiple_of(LINE);
            let padded = self.segment.results.is_empty() && shortest >= whole;
            let all = from..if padded { whole } else { to };
            let next = to..self.segment.rows.end.min(to + BLOCK);
            let count = self.pass.code.len();
            for (k, instruction) in self.pass.code.iter().enumerate() {
                self.fetch(&next, k, count);
                self.step::<M>(instruction, all.clone(), to - from);
            }
            from = to;
        }
    }

    /// Reads a number of each line of the results that the next block will write, a share of them before each instruction: a line
    /// must be there before it can be written, and memory delivers it while the arithmetic goes on. Columns need no such help.
    #[inline(always)]
    fn fetch(&self, next: &Range<usize>, share: usize, shares: usize) {
        if self.segment.results.is_empty() || next.is_empty() {
            return;
        }
        let step = next.len().div_ceil(LINE * shares) * LINE;
        let from = (next.start + share * step).min(next.end);
        let to = (from + step).min(next.end);
        let (mut seen, first) = (0, self.segment.first);
        for result in self.segment.results.iter() {
            for line in result[from - first..to - first].chunks(LINE) {
                seen ^= line[0].to_bits();
            }
        }
        std::hint::black_box(seen);
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
    fn step<M: Machine>(&mut self, instruction: &Instruction, rows: Range<usize>, count: usize) {
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
                            [Multiplied { negative, pair: [a, b] }] => {
                                loops::products1::<M>(to, from, negative, [w.read(a, &rows), w.read(b, &rows)]);
                            }
                            [Multiplied { negative: n, pair: [a, b] }, Multiplied { negative: m, pair: [c, d] }, ..] => {
                                let operands = [w.read(a, &rows), w.read(b, &rows), w.read(c, &rows), w.read(d, &rows)];
                                loops::products2::<M>(to, from, [n, m], operands);
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
            Instruction::Total { total, a } if self.careful => {
                let parts = loops::careful_total(&self.read(*a, &rows)[..count]);
                parts.iter().for_each(|part| self.totals[*total as usize].merge(*part));
            }
            Instruction::Totals { a, terms } if self.careful => {
                for term in &pass.weighted[list(terms)] {
                    let a = &self.read(*a, &rows)[..count];
                    let parts = loops::careful_total_of_products::<M>(a, self.read(term.rows, &rows));
                    parts.iter().for_each(|part| self.totals[term.total as usize].merge(*part));
                }
            }
            Instruction::Total { total, a } => {
                let value = loops::total(&self.read(*a, &rows)[..count]);
                self.totals[*total as usize].add(value);
            }
            Instruction::Totals { a, terms } => {
                let terms = &pass.weighted[list(terms)];
                for two in terms.chunks(2) {
                    let a = &self.read(*a, &rows)[..count];
                    match *two {
                        [t, u] => {
                            let values = loops::totals2::<M>(a, [self.read(t.rows, &rows), self.read(u.rows, &rows)]);
                            self.totals[t.total as usize].add(values[0]);
                            self.totals[u.total as usize].add(values[1]);
                        }
                        _ => {
                            let value = loops::totals1::<M>(a, self.read(two[0].rows, &rows));
                            self.totals[two[0].total as usize].add(value);
                        }
                    }
                }
            }
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
