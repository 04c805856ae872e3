//! Expressions compiled for many rows: a flat list of instructions over blocks of rows that stay in cache, with each shared part
//! once, products and sums fused, and vector kernels for the functions. For tables, data sets and descents, where one value more
//! or less costs nothing but time; the values are those of f64, not settled by enclosures.

mod block;
pub mod descent;
mod emit;
mod fuse;
mod graph;
mod instruction;
mod listing;
mod loops;
mod lower;
mod run;
mod scalar;
pub mod symmetric;
mod slots;
mod sum;
mod summands;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub use graph::Refusal;
pub use run::Run;
pub use summands::{Summands, Sums, prepared};

use crate::expr::{Graph, Id, Symbol};
use graph::{At, Op, Ops, Signed};
use instruction::{Instruction, Pass, Start};
use lower::Names;

/// A compiled list of expressions.
pub struct Program {
    /// A place for each operation; those of constants are filled.
    scalars: Vec<f64>,
    /// Where each parameter goes, if it is used.
    parameters: Vec<Option<At>>,
    /// Where the number of rows goes.
    count: Option<At>,
    /// What is computed before each pass, and after the last.
    steps: Vec<Vec<(At, Op)>>,
    passes: Vec<Pass>,
    roots: Vec<Root>,
    by_row: usize,
}

/// What became of an expression that was asked for.
#[derive(Clone, Copy, Debug)]
enum Root {
    Scalar(Signed),
    ByRow,
}

impl Program {
    /// Compiles these expressions. `columns` are the symbols that differ from row to row, `parameters` those that are the same for
    /// all rows; the values of both are given in this order. Reductions run over the rows of one data set. Stages must be opened, series
    /// written out and derivatives taken.
    ///
    /// # Errors
    /// The first part that cannot be computed, such as a symbol that is neither.
    pub fn new(g: &Graph, roots: &[Id], columns: &[Symbol], parameters: &[Symbol]) -> Result<Self, Refusal> {
        Program::compiled(g, roots, [columns, parameters], |_, root| root)
    }

    /// The same, of the totals of these expressions over all rows.
    ///
    /// # Errors
    /// As [`Program::new`].
    pub fn of_totals(g: &Graph, roots: &[Id], columns: &[Symbol], parameters: &[Symbol]) -> Result<Self, Refusal> {
        Program::compiled(g, roots, [columns, parameters], Ops::total)
    }

    fn compiled(
        g: &Graph,
        roots: &[Id],
        [columns, parameters]: [&[Symbol]; 2],
        wanted: fn(&mut Ops, Signed) -> Signed,
    ) -> Result<Self, Refusal> {
        let position = |symbols: &[Symbol]| symbols.iter().enumerate().map(|(k, s)| (*s, k as u32)).collect();
        let names = Names { columns: position(columns), parameters: position(parameters) };
        let mut ops = Ops::default();
        let roots = lower::lower(g, roots, &names, &mut ops)?;
        let roots: Vec<Signed> = roots.into_iter().map(|root| wanted(&mut ops, root)).collect();
        Ok(Program::of(ops, &roots, parameters.len()))
    }

    fn of(mut ops: Ops, wanted: &[Signed], parameters: usize) -> Self {
        let mut results = Vec::new();
        let mut roots = Vec::with_capacity(wanted.len());
        for signed in wanted {
            if ops.is_by_row(signed.at) {
                results.push(ops.plain(*signed));
                roots.push(Root::ByRow);
            } else {
                roots.push(Root::Scalar(*signed));
            }
        }
        let scalars: Vec<At> = wanted.iter().map(|s| s.at).filter(|at| !ops.is_by_row(*at)).collect();
        let passes = passes(&mut ops, &scalars, &results);
        let steps = steps(&ops, &passes, scalars);
        let parameters = (0..parameters).map(|k| ops.find(&Op::Parameter(k as u32))).collect();
        let scalars = (0..ops.list.len()).map(|at| ops.number(at as At).unwrap_or(f64::NAN)).collect();
        Program { scalars, parameters, count: ops.find(&Op::Count), steps, passes, roots, by_row: results.len() }
    }

    /// How many of the expressions differ from row to row: the number of columns of results.
    #[must_use]
    pub fn results(&self) -> usize {
        self.by_row
    }

    /// The instructions of all passes, for reading.
    #[must_use]
    pub fn listing(&self) -> String {
        self.passes.iter().map(ToString::to_string).collect()
    }

    /// The number of instructions of all passes: the work of one block of rows.
    #[must_use]
    pub fn instructions(&self) -> usize {
        self.passes.iter().map(|pass| pass.code.len()).sum()
    }
}

/// The passes over the rows, each with the totals that those after it need; the last one also gives the results.
fn passes(ops: &mut Ops, scalars: &[At], results: &[At]) -> Vec<Pass> {
    let (totals, counted) = totals(ops, scalars.iter().chain(results).copied());
    let of_totals = totals.iter().map(|t| ops.pass[*t as usize]);
    let of_results = results.iter().map(|at| ops.pass[*at as usize] + 1);
    let count = of_totals.chain(of_results).max().unwrap_or(u32::from(counted));
    let mut passes = Vec::new();
    for pass in 1..=count {
        let own: Vec<At> = totals.iter().copied().filter(|t| ops.pass[*t as usize] == pass).collect();
        passes.push(emit::emit(ops, &own, if pass == count { results } else { &[] }));
    }
    passes
}

/// What is computed once before each pass, and after the last.
fn steps(ops: &Ops, passes: &[Pass], scalars: Vec<At>) -> Vec<Vec<(At, Op)>> {
    let mut steps: Vec<Vec<(At, Op)>> = vec![Vec::new(); passes.len() + 1];
    for at in needed_scalars(ops, passes, scalars) {
        let is_given = matches!(ops.op(at), Op::Constant(_) | Op::Parameter(_) | Op::Total(_) | Op::Count);
        if !is_given && let Some(step) = steps.get_mut(ops.pass[at as usize] as usize) {
            step.push((at, ops.op(at).clone()));
        }
    }
    steps
}

/// The totals that these operations need, in the order of their passes, and whether they need the number of rows.
fn totals(ops: &Ops, roots: impl Iterator<Item = At>) -> (Vec<At>, bool) {
    let mut seen = vec![false; ops.list.len()];
    let mut stack: Vec<At> = roots.collect();
    let (mut found, mut counted) = (Vec::new(), false);
    while let Some(at) = stack.pop() {
        counted |= *ops.op(at) == Op::Count;
        if std::mem::replace(&mut seen[at as usize], true) {
            continue;
        }
        if matches!(ops.op(at), Op::Total(_)) {
            found.push(at);
        }
        ops.each_part(at, |part| stack.push(part));
    }
    found.sort_unstable();
    (found, counted)
}

/// The operations, the same for all rows, that the instructions and these roots need, parts first.
fn needed_scalars(ops: &Ops, passes: &[Pass], roots: Vec<At>) -> Vec<At> {
    let mut stack = roots;
    for pass in passes {
        stack.extend(pass.terms.iter().map(|term| term.scalar));
        for instruction in &pass.code {
            match instruction {
                Instruction::Sum { start: Start::Scalar(at), .. }
                | Instruction::Over { scalar: at, .. }
                | Instruction::Shared { scalar: at, .. }
                | Instruction::Spread { scalar: at, .. } => stack.push(*at),
                _ => {}
            }
        }
    }
    let mut needed = vec![false; ops.list.len()];
    while let Some(at) = stack.pop() {
        if !ops.is_by_row(at) && !std::mem::replace(&mut needed[at as usize], true) && !matches!(ops.op(at), Op::Total(_)) {
            ops.each_part(at, |part| stack.push(part));
        }
    }
    (0..needed.len()).filter(|at| needed[*at]).map(|at| at as At).collect()
}
