//! Sums over rows: expressions in columns, evaluated for every row of a batch, with the rounding errors of the additions carried
//! along. Blocks of rows go through the operations together; a row in which something is not finite is looked at by itself.

use super::float::{Sum, exact_constant, power};
use super::{Plan, Values, number_text, open_series};
use crate::data::{Scan, Trouble};
use crate::expr::{Graph, Id, Number, Relation, Symbol, View, print, walk};
use crate::math::Kernel;
use std::collections::HashMap;

/// So many rows go through an operation together.
const LANES: usize = 512;

/// Expressions without reductions, ready to be summed over rows.
pub struct Summands<'g> {
    g: &'g Graph,
    bodies: Vec<Id>,
    /// What the last bodies ask: each is `if condition then 0`.
    needs: Vec<Id>,
    /// The bound columns, in the order in which a scan delivers them.
    columns: Vec<Symbol>,
    /// The values of all other symbols.
    env: &'g HashMap<Symbol, f64>,
    plan: Plan,
    /// The operations in order; none where one of them is not done on blocks.
    steps: Option<Vec<Step>>,
    /// The registers of the bodies.
    results: Vec<Source>,
    registers: usize,
}

/// Where an operand is.
#[derive(Clone, Copy)]
enum Source {
    /// The same in every row.
    Fixed(f64),
    /// A column of the data.
    Column(usize),
    /// What a step left.
    Register(usize),
}

/// One operation on blocks.
struct Step {
    operation: Operation,
    operands: Vec<Source>,
    to: usize,
}

enum Operation {
    Add,
    Mul,
    Neg,
    Div,
    Square,
    Pow(Option<Number>),
    One(fn(f64) -> f64),
    Two(fn(f64, f64) -> f64),
    Three(fn(f64, f64, f64) -> f64),
    List(fn(&[f64]) -> f64),
    Component(fn(&[f64]) -> Vec<f64>, usize),
    If,
    All,
    Any,
    Compare(Relation),
}

/// Writes out the series of bodies, whose ends may not depend on the row.
pub fn prepared(g: &mut Graph, body: Id, env: &HashMap<Symbol, f64>) -> Id {
    open_series(g, &HashMap::new(), body, env).map_or(body, |opened| opened.root)
}

impl<'g> Summands<'g> {
    /// Bodies in these columns, all other symbols having the values of `env`. Stages must be opened. The last bodies are `if condition
    /// then 0` of the conditions `needs`, which must hold in every row.
    #[must_use]
    pub fn new(g: &'g Graph, bodies: &[Id], needs: &[Id], columns: &[Symbol], env: &'g HashMap<Symbol, f64>) -> Self {
        let plan = Plan::new(g, &HashMap::new(), bodies);
        let compiled = Compiler::new(g, columns, env, bodies).compile(bodies);
        let (steps, results, registers) = compiled.map_or((None, Vec::new(), 0), |(s, r, n)| (Some(s), r, n));
        Summands {
            g,
            bodies: bodies.to_vec(),
            needs: needs.to_vec(),
            columns: columns.to_vec(),
            env,
            plan,
            steps,
            results,
            registers,
        }
    }

    /// Sums of nothing, one for each body.
    #[must_use]
    pub fn start(&self) -> Sums {
        Sums { sums: vec![Sum::default(); self.bodies.len()] }
    }

    /// Evaluates the bodies in every row and adds the values to the sums.
    ///
    /// # Errors
    /// The first row in which a body has no value.
    pub fn add(&self, rows: &Scan<'_>, sums: &mut Sums) -> Result<(), Trouble> {
        let mut registers = vec![vec![0.0; LANES]; self.registers + 1];
        let mut wide = vec![WideSum::default(); self.bodies.len()];
        let mut from = 0;
        while from < rows.count() {
            let count = LANES.min(rows.count() - from);
            if self.steps.as_ref().is_some_and(|steps| self.block(steps, rows, from, count, &mut registers)) {
                for (sum, result) in wide.iter_mut().zip(&self.results) {
                    match *result {
                        Source::Fixed(v) => sum.add(&[v; LANES][..count]),
                        Source::Column(k) => sum.add(&rows.column(k)[from..from + count]),
                        Source::Register(r) => sum.add(&registers[r][..count]),
                    }
                }
            } else {
                (from..from + count).try_for_each(|row| self.single(rows, row, &mut sums.sums))?;
            }
            from += count;
        }
        sums.sums.iter_mut().zip(wide).for_each(|(sum, wide)| wide.into_sum(sum));
        Ok(())
    }

    /// Runs the steps on some rows; `false` where something is not finite.
    fn block(&self, steps: &[Step], rows: &Scan<'_>, from: usize, count: usize, registers: &mut [Vec<f64>]) -> bool {
        let Some((out, registers)) = registers.split_last_mut() else { return false };
        for step in steps {
            step.run(rows, from, count, registers, &mut out[..count]);
            if out[..count].iter().fold(0, |lost, v| lost | u64::from(!v.is_finite())) != 0 {
                return false;
            }
            std::mem::swap(&mut registers[step.to], out);
        }
        !self.results.iter().any(|r| matches!(r, Source::Fixed(v) if !v.is_finite()))
    }

    /// One row with the evaluator that knows why something has no value.
    fn single(&self, rows: &Scan<'_>, row: usize, sums: &mut [Sum]) -> Result<(), Trouble> {
        let mut env = self.env.clone();
        env.extend(self.columns.iter().enumerate().map(|(k, column)| (*column, rows.column(k)[row])));
        let values = Values::compute(self.g, &self.plan, &env);
        let first_need = self.bodies.len() - self.needs.len();
        for (k, (body, sum)) in self.bodies.iter().zip(sums).enumerate() {
            let found = values.evaluation(*body);
            if let Some(cause) = found.cause.filter(|c| c.kind.is_strict() || !found.value.is_finite()) {
                let why = match k.checked_sub(first_need).and_then(|k| self.needs.get(k)) {
                    Some(need) => format!("the derivative needs {}", print::plain(self.g, *need)),
                    None => cause.explain(self.g),
                };
                return Err(Trouble::of_row(why + &self.told(rows, row, *body), rows.number(row)));
            }
            sum.add(found.value);
        }
        Ok(())
    }

    /// The values of a body's columns in a row.
    fn told(&self, rows: &Scan<'_>, row: usize, body: Id) -> String {
        const MOST: usize = 8;
        let used = walk::free_symbols(self.g, &[body]);
        let here = self.columns.iter().enumerate().filter(|(_, c)| used.contains(c));
        let mut parts: Vec<String> =
            here.map(|(k, c)| format!("{} = {}", self.g.name(*c), number_text(rows.column(k)[row]))).collect();
        if parts.len() > MOST {
            parts.truncate(MOST);
            parts.push("…".to_owned());
        }
        if parts.is_empty() { String::new() } else { format!("; the row has {}", parts.join(", ")) }
    }
}

/// How many sums of one body go on beside each other.
const WIDE: usize = 8;

/// Several sums beside each other, each with its lost digits: `t = s + x` loses `(s - (t - (t - s))) + (x - (t - s))` exactly (Knuth, The Art
/// of Computer Programming, 4.2.2).
#[derive(Clone, Copy, Default)]
struct WideSum {
    sum: [f64; WIDE],
    lost: [f64; WIDE],
}

impl WideSum {
    fn add(&mut self, terms: &[f64]) {
        let (whole, rest) = terms.as_chunks::<WIDE>();
        let mut last = [0.0; WIDE];
        last[..rest.len()].copy_from_slice(rest);
        for terms in whole.iter().chain([&last]) {
            for ((sum, lost), term) in self.sum.iter_mut().zip(&mut self.lost).zip(terms) {
                let total = *sum + term;
                let part = total - *sum;
                *lost += (*sum - (total - part)) + (term - part);
                *sum = total;
            }
        }
    }

    fn into_sum(self, sum: &mut Sum) {
        self.sum.into_iter().chain(self.lost).for_each(|part| sum.add(part));
    }
}

/// The sums of some rows.
pub struct Sums {
    sums: Vec<Sum>,
}

impl Sums {
    /// Takes the sums of other rows in.
    pub fn merge(&mut self, other: &Sums) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, part)| sum.merge(*part));
    }

    /// The sum of each body.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.sums.iter().map(Sum::value)
    }
}

struct Compiler<'g> {
    g: &'g Graph,
    order: Vec<Id>,
    known: HashMap<Id, Source>,
    uses: HashMap<Id, usize>,
    free: Vec<usize>,
    registers: usize,
}

impl<'g> Compiler<'g> {
    /// What is the same in every row is computed here.
    fn new(g: &'g Graph, columns: &[Symbol], env: &HashMap<Symbol, f64>, bodies: &[Id]) -> Self {
        let order = walk::topological(g, bodies);
        let moves = walk::dependence(g, bodies, columns);
        let is_fixed = |id: &&Id| moves.get(*id) == Some(&false) && !matches!(g.view(**id), View::Call(f, _) if is_vector(f));
        let fixed: Vec<Id> = order.iter().filter(is_fixed).copied().collect();
        let values = super::evaluate(g, &HashMap::new(), &fixed, env);
        let value = |v: super::Evaluation| if v.cause.is_some() { f64::NAN } else { v.value };
        let mut known: HashMap<Id, Source> = fixed.into_iter().zip(values.into_iter().map(|v| Source::Fixed(value(v)))).collect();
        for id in &order {
            if let Some(column) = g.as_symbol(*id).and_then(|s| columns.iter().position(|c| *c == s)) {
                known.insert(*id, Source::Column(column));
            }
        }
        let mut compiler = Compiler { g, order: Vec::new(), known, uses: HashMap::new(), free: Vec::new(), registers: 0 };
        for id in &order {
            let operands = compiler.operation(*id).map(|(_, operands)| operands).unwrap_or_default();
            operands.into_iter().for_each(|o| *compiler.uses.entry(o).or_default() += 1);
        }
        bodies.iter().for_each(|body| *compiler.uses.entry(*body).or_default() += 1);
        Compiler { order, ..compiler }
    }

    fn compile(mut self, bodies: &[Id]) -> Option<(Vec<Step>, Vec<Source>, usize)> {
        let mut steps = Vec::new();
        for id in std::mem::take(&mut self.order) {
            if self.known.contains_key(&id) || matches!(self.g.view(id), View::Call(f, _) if is_vector(f)) {
                continue;
            }
            let (operation, operands) = self.operation(id)?;
            let sources = operands.iter().map(|o| self.known.get(o).copied()).collect::<Option<Vec<_>>>()?;
            // what every lane may or may not need: only the row itself can tell
            let lost = sources.iter().any(|s| matches!(s, Source::Fixed(v) if !v.is_finite()));
            if lost && !matches!(operation, Operation::If) {
                return None;
            }
            for operand in operands {
                self.release(operand);
            }
            let to = self.free.pop().unwrap_or_else(|| {
                self.registers += 1;
                self.registers - 1
            });
            self.known.insert(id, Source::Register(to));
            steps.push(Step { operation, operands: sources, to });
        }
        let results = bodies.iter().map(|b| self.known.get(b).copied()).collect::<Option<Vec<_>>>()?;
        Some((steps, results, self.registers))
    }

    fn release(&mut self, operand: Id) {
        let Some(left) = self.uses.get_mut(&operand) else { return };
        *left = left.saturating_sub(1);
        if let (0, Some(Source::Register(r))) = (*left, self.known.get(&operand)) {
            self.free.push(*r);
        }
    }

    fn operation(&self, id: Id) -> Option<(Operation, Vec<Id>)> {
        let g = self.g;
        Some(match g.view(id) {
            View::Add(terms) => (Operation::Add, terms.to_vec()),
            View::Mul(factors) => (Operation::Mul, factors.to_vec()),
            View::Neg(a) => (Operation::Neg, vec![a]),
            View::Div(a, b) => (Operation::Div, vec![a, b]),
            View::Pow(a, b) if g.as_i64(b) == Some(2) => (Operation::Square, vec![a]),
            View::Pow(a, b) => (Operation::Pow(exact_constant(g, b)), vec![a, b]),
            View::Call(f, arguments) => {
                let operation = match f.record().kernel {
                    Kernel::One(k) => Operation::One(k),
                    Kernel::Two(k) => Operation::Two(k),
                    Kernel::Three(k) => Operation::Three(k),
                    Kernel::List(k) => Operation::List(k),
                    Kernel::Vector(_) | Kernel::Opened => return None,
                };
                (operation, arguments.to_vec())
            }
            View::Component(vector, k) => match g.view(vector) {
                View::Call(f, scores) => match f.record().kernel {
                    Kernel::Vector(kernel) => (Operation::Component(kernel, (k as usize).checked_sub(1)?), scores.to_vec()),
                    _ => return None,
                },
                _ => return None,
            },
            View::If(c, a, b) => (Operation::If, vec![c, a, b]),
            View::And(parts) => (Operation::All, parts.to_vec()),
            View::Or(parts) => (Operation::Any, parts.to_vec()),
            View::Not(a) => (Operation::One(|holds| 1.0 - holds), vec![a]),
            View::Compare(relation, a, b) => (Operation::Compare(relation), vec![a, b]),
            _ => return None,
        })
    }
}

fn is_vector(f: crate::math::FunctionId) -> bool {
    matches!(f.record().kernel, Kernel::Vector(_))
}

/// The values of an operand in a block.
#[derive(Clone, Copy)]
enum Lanes<'a> {
    Fixed(f64),
    Many(&'a [f64]),
}

impl Lanes<'_> {
    #[inline]
    fn at(self, lane: usize) -> f64 {
        match self {
            Lanes::Fixed(v) => v,
            Lanes::Many(values) => values[lane],
        }
    }
}

impl Step {
    fn run(&self, rows: &Scan<'_>, from: usize, count: usize, registers: &[Vec<f64>], out: &mut [f64]) {
        let lanes = |source: Source| match source {
            Source::Fixed(v) => Lanes::Fixed(v),
            Source::Column(k) => Lanes::Many(&rows.column(k)[from..from + count]),
            Source::Register(r) => Lanes::Many(&registers[r][..count]),
        };
        let operands: Vec<Lanes<'_>> = self.operands.iter().map(|s| lanes(*s)).collect();
        match (&self.operation, &operands[..]) {
            (Operation::Add, terms) => fold(terms, out, |a, b| a + b),
            (Operation::Mul, factors) => fold(factors, out, |a, b| a * b),
            // truth values are 0 and 1
            (Operation::All, parts) => fold(parts, out, |a, b| a * b),
            (Operation::Any, parts) => fold(parts, out, |a, b| a.max(b)),
            (Operation::Neg, [a]) => each(*a, out, |a| -a),
            (Operation::Square, [a]) => each(*a, out, |a| a * a),
            (Operation::One(k), [a]) => each(*a, out, k),
            (Operation::Div, [a, b]) => pairs(*a, *b, out, |a, b| a / b),
            (Operation::Two(k), [a, b]) => pairs(*a, *b, out, k),
            (Operation::Pow(exact), [a, b]) => pairs(*a, *b, out, |a, b| power(a, b, exact.as_ref())),
            (Operation::Compare(relation), [a, b]) => {
                let holds = |a: f64, b: f64| a.partial_cmp(&b).map_or(f64::NAN, |o| f64::from(u8::from(relation.holds(o))));
                pairs(*a, *b, out, holds);
            }
            (Operation::If, [c, a, b]) => {
                out.iter_mut().enumerate().for_each(|(i, o)| *o = if c.at(i) == 0.0 { b.at(i) } else { a.at(i) });
            }
            (Operation::Three(k), [a, b, c]) => out.iter_mut().enumerate().for_each(|(i, o)| *o = k(a.at(i), b.at(i), c.at(i))),
            (Operation::List(k), list) => lists(list, out, k),
            (Operation::Component(kernel, at), list) => {
                lists(list, out, |values| kernel(values).get(*at).copied().unwrap_or(f64::NAN));
            }
            _ => out.fill(f64::NAN),
        }
    }
}

fn each(a: Lanes<'_>, out: &mut [f64], operation: impl Fn(f64) -> f64) {
    match a {
        Lanes::Fixed(v) => out.fill(operation(v)),
        Lanes::Many(values) => out.iter_mut().zip(values).for_each(|(o, v)| *o = operation(*v)),
    }
}

fn pairs(a: Lanes<'_>, b: Lanes<'_>, out: &mut [f64], operation: impl Fn(f64, f64) -> f64) {
    match (a, b) {
        (Lanes::Many(a), Lanes::Many(b)) => out.iter_mut().zip(a.iter().zip(b)).for_each(|(o, (a, b))| *o = operation(*a, *b)),
        (Lanes::Many(a), Lanes::Fixed(b)) => out.iter_mut().zip(a).for_each(|(o, a)| *o = operation(*a, b)),
        (Lanes::Fixed(a), Lanes::Many(b)) => out.iter_mut().zip(b).for_each(|(o, b)| *o = operation(a, *b)),
        (Lanes::Fixed(a), Lanes::Fixed(b)) => out.fill(operation(a, b)),
    }
}

fn fold(parts: &[Lanes<'_>], out: &mut [f64], operation: impl Fn(f64, f64) -> f64) {
    let [first, second, rest @ ..] = parts else { return };
    pairs(*first, *second, out, &operation);
    for part in rest {
        match part {
            Lanes::Fixed(v) => out.iter_mut().for_each(|o| *o = operation(*o, *v)),
            Lanes::Many(values) => out.iter_mut().zip(*values).for_each(|(o, v)| *o = operation(*o, *v)),
        }
    }
}

fn lists(parts: &[Lanes<'_>], out: &mut [f64], operation: impl Fn(&[f64]) -> f64) {
    let mut values = vec![0.0; parts.len()];
    for (lane, o) in out.iter_mut().enumerate() {
        values.iter_mut().zip(parts).for_each(|(v, part)| *v = part.at(lane));
        *o = operation(&values);
    }
}
