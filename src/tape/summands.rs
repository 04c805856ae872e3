//! Sums over the rows of a data set: bodies in columns, run by a tape. A piece of the data whose sums are not finite is looked at
//! row by row, by the evaluator that knows why something has no value.

use super::{Program, Run};
use crate::data::{Scan, Trouble};
use crate::eval::float::Sum;
use crate::eval::{Plan, Values, number_text, open_series};
use crate::expr::{Graph, Id, Symbol, print, walk};
use std::collections::HashMap;

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
    /// The totals of the bodies; none where a symbol has no value.
    program: Option<Program>,
    /// The values of the program's parameters.
    parameters: Vec<f64>,
}

/// The most rows that are kept as samples.
const SAMPLES: usize = 6;

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
        let free = walk::free_symbols(g, bodies).into_iter().filter(|s| !columns.contains(s));
        let given: Vec<(Symbol, f64)> = free.filter_map(|s| Some((s, *env.get(&s)?))).collect();
        let (symbols, parameters): (Vec<Symbol>, Vec<f64>) = given.into_iter().unzip();
        let program = Program::of_totals(g, bodies, columns, &symbols).ok();
        let (bodies, needs, columns) = (bodies.to_vec(), needs.to_vec(), columns.to_vec());
        Summands { g, bodies, needs, columns, env, plan, program, parameters }
    }

    /// Sums of nothing, one for each body.
    #[must_use]
    pub fn start(&self) -> Sums {
        Sums { sums: vec![Sum::default(); self.bodies.len()], samples: Vec::new() }
    }

    /// Evaluates the bodies in every row and adds the values to the sums.
    ///
    /// # Errors
    /// The first row in which a body has no value.
    pub fn add(&self, rows: &Scan<'_>, sums: &mut Sums) -> Result<(), Trouble> {
        for row in [0, rows.count() / 2, rows.count().saturating_sub(1)] {
            if row < rows.count() && sums.samples.len() < SAMPLES {
                sums.samples.push((0..self.columns.len()).map(|k| rows.column(k)[row]).collect());
            }
        }
        let totals = self.program.as_ref().map(|program| self.totals(program, rows));
        match totals.filter(|totals| totals.iter().all(|total| total.is_finite())) {
            Some(totals) => {
                sums.sums.iter_mut().zip(totals).for_each(|(sum, total)| sum.add(total));
                Ok(())
            }
            None => (0..rows.count()).try_for_each(|row| self.single(rows, row, &mut sums.sums)),
        }
    }

    fn totals(&self, program: &Program, rows: &Scan<'_>) -> Vec<f64> {
        let columns: Vec<&[f64]> = (0..self.columns.len()).map(|k| rows.column(k)).collect();
        // the pieces of a scan are shared out among threads already
        let mut run = Run::new(program, 1).careful();
        run.start(&self.parameters);
        run.feed(&columns, rows.count(), &mut []);
        run.end_pass();
        (0..self.bodies.len()).map(|k| run.value(k)).collect()
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

/// The sums of some rows.
pub struct Sums {
    sums: Vec<Sum>,
    samples: Vec<Vec<f64>>,
}

impl Sums {
    /// Takes the sums of other rows in.
    pub fn merge(&mut self, other: &Sums) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, part)| sum.merge(*part));
        let room = SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(other.samples.iter().take(room).cloned());
    }

    /// Some of the rows, by which a look at the digits of the bodies is taken: one number for each column.
    #[must_use]
    pub fn samples(&self) -> &[Vec<f64>] {
        &self.samples
    }

    /// The sum of each body.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.sums.iter().map(Sum::value)
    }
}
