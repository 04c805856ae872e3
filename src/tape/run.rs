//! A tape at work: scalars, then passes over the rows, on one thread or several.

use super::block::{Ahead, Columns, Segment, Slot, Work};
use super::instruction::Pass;
use super::{Program, Root, scalar};
use crate::eval::float::Sum;
use std::ops::Range;
use std::sync::Mutex;

/// Rows whose totals are added on their own: the order of additions does not depend on the number of threads.
const SEGMENT: usize = 32_768;

/// A program with the memory that it works in. Nothing is allocated between [`Run::start`] and [`Run::value`] on one thread, unless a
/// sum has more than sixteen terms.
pub struct Run<'p> {
    program: &'p Program,
    arch: pulp::Arch,
    threads: usize,
    careful: bool,
    ahead: Ahead,
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
        Run {
            program,
            arch,
            threads: threads.max(1),
            careful: false,
            ahead: Ahead::new(),
            scalars,
            totals,
            workspace,
            pass: 0,
            rows: 0,
        }
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
            let (scalars, careful, ahead) = (&self.scalars[..], self.careful, self.ahead);
            Work { pass, scalars, columns, careful, ahead, segment: &mut segment, slots, totals }.run(self.arch);
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
        let (program, scalars, arch, careful, ahead) = (self.program, &self.scalars, self.arch, self.careful, self.ahead);
        let work = || {
            let mut workspace = Workspace::new(program);
            loop {
                let task = tasks.lock().ok().and_then(|mut tasks| tasks.pop());
                let Some((k, range, mut own)) = task else { return };
                let mut segment = Segment { first: range.start, rows: range, results: &mut own };
                let mut totals = vec![Sum::default(); pass.totals.len()];
                let slots = &mut workspace.slots;
                Work { pass, scalars, columns, careful, ahead, segment: &mut segment, slots, totals: &mut totals }.run(arch);
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
