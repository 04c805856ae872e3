//! `curve`: reads a log through the readers of data sets and hands its rows to the study of curves.

use super::clauses::unknown_setting;
use super::rows::{troubled, unread};
use super::{Session, Work};
use crate::budget::{Budget, under};
use crate::curve::columns::{Named, Roles, Unfound, roles};
use crate::curve::rows::Row;
use crate::curve::{FEWEST, Refusal, study};
use crate::data::{DataSet, Gaps, Trouble};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::outcome::{Answer, Curve};
use crate::resolve::Fault;
use crate::source::Span;
use crate::syntax::ast::Clauses;

/// The settings of `curve`.
pub(super) const SETTINGS: &[&str] = &["step", "loss", "val", "ahead"];

/// The most rows of a log, which is kept in memory.
const MOST_ROWS: usize = 20_000_000;

/// What the settings ask for.
#[derive(Default)]
struct Asked {
    named: Named,
    ahead: Option<f64>,
}

impl Session {
    /// What is known of a curve that is given as numbers.
    ///
    /// # Errors
    /// When nothing can be said of it.
    pub fn curve(&self, rows: &[Row], ahead: Option<f64>) -> Result<Answer, Fault> {
        let budget = Budget::stoppable(self.options.time, self.options.limits, self.options.stop.clone());
        let other = rows.iter().any(|row| !row.other.is_nan()).then(|| "val".to_owned());
        let found = under(&budget, || studied(rows, ahead, Some("step".to_owned()), "loss".to_owned(), other));
        found.unwrap_or_else(|reason| Err(Diagnostic::stopped(reason))).map_err(Box::new)
    }
}

impl Work<'_> {
    /// `curve "log.csv"`
    pub(super) fn curve(&mut self, path: Span, clauses: &Clauses) -> Result<Answer, Fault> {
        let asked = self.wishes(clauses)?;
        let written = self.text.source.slice(path).to_owned();
        let place = match self.located.take() {
            Some(Ok(place)) => place,
            Some(Err(reason)) => return Err(unread(&written, &reason, path)),
            None => return Err(unread(&written, "there are no files here to read from", path)),
        };
        let set = DataSet::open(place, Gaps::Keep).map_err(|trouble| troubled(&written, &trouble, path))?;
        let columns: Vec<&str> = set.columns().iter().map(|column| column.name.as_str()).collect();
        let found = roles(&columns, &asked.named).map_err(|unfound| not_found(&written, &unfound, &columns, path))?;
        let rows = self.log(&set, found)?;
        let name = |at: usize| columns.get(at).map_or(String::new(), |name| (*name).to_owned());
        let (step, loss, other) = (found.step.map(name), name(found.loss), found.other.map(name));
        studied(&rows, asked.ahead, step, loss, other).map_err(|fault| Box::new(fault.at(path, "")))
    }

    fn wishes(&mut self, clauses: &Clauses) -> Result<Asked, Fault> {
        self.settings_only(clauses)?;
        let mut asked = Asked::default();
        for setting in &clauses.with {
            let name = self.text.ast.name(setting.name.name).to_owned();
            if !SETTINGS.contains(&name.as_str()) {
                return Err(unknown_setting(&name, SETTINGS, setting.name.span));
            }
            let word = self.word(setting.value)?;
            match name.as_str() {
                "step" => asked.named.step = Some(word),
                "loss" => asked.named.loss = Some(word),
                "val" => asked.named.other = Some(word),
                _ => {
                    let steps: Option<f64> = word.parse().ok().filter(|n: &f64| n.is_finite() && *n > 0.0);
                    asked.ahead = Some(steps.ok_or_else(|| {
                        let message = "`ahead` is a positive number of steps, such as 1000";
                        Box::new(Diagnostic::new(&code::SETTING, message).at(setting.name.span, ""))
                    })?);
                }
            }
        }
        Ok(asked)
    }

    /// The rows of a log.
    fn log(&self, set: &DataSet, found: Roles) -> Result<Vec<Row>, Fault> {
        let places: Vec<usize> = [Some(found.loss), found.step, found.other].into_iter().flatten().collect();
        let report = self.read_rows(set, &places, Vec::new, |part: &mut Vec<Row>, rows| {
            let steps = found.step.map(|_| rows.column(1));
            let others = found.other.map(|_| rows.column(places.len() - 1));
            part.extend(rows.column(0).iter().enumerate().map(|(k, loss)| Row {
                step: steps.map_or(0.0, |steps| steps[k]),
                loss: *loss,
                other: others.map_or(f64::NAN, |others| others[k]),
            }));
            match part.len() > MOST_ROWS {
                true => Err(Trouble::file(format!("a curve has at most {MOST_ROWS} rows"))),
                false => Ok(()),
            }
        })?;
        let mut rows: Vec<Row> = report.parts.into_iter().flatten().collect();
        if found.step.is_none() {
            rows.iter_mut().zip(1u32..).for_each(|(row, number)| row.step = f64::from(number));
        }
        Ok(rows)
    }
}

/// What is known of a curve, with the names of its columns.
fn studied(
    rows: &[Row],
    ahead: Option<f64>,
    step: Option<String>,
    loss: String,
    other: Option<String>,
) -> Result<Answer, Diagnostic> {
    let study = study(rows, ahead).map_err(|refusal| refused(refusal, &loss))?;
    Ok(Answer::Curve(Box::new(Curve { study, rows: rows.len(), step, loss, other })))
}

fn refused(refusal: Refusal, loss: &str) -> Diagnostic {
    let loss = quote(loss);
    let fault = |message: String| Diagnostic::new(&code::CURVE, message);
    match refusal {
        Refusal::TooFew(count) => {
            let many = if count == 1 { "one step".to_owned() } else { format!("{count} different steps") };
            fault(format!("`{loss}` has values at {many}; a law is told from {FEWEST} on"))
                .help("log more often, or let the run go on")
        }
        Refusal::Broken(count, step) => {
            let many = if count == 1 { "one value".to_owned() } else { format!("{count} values") };
            fault(format!("`{loss}` is no finite number at step {step}, after {many}; a law is told from {FEWEST} on"))
                .help("the run diverged at once: a smaller learning rate may help")
        }
        Refusal::OutOfRange => fault(format!("the numbers of `{loss}` are too large or too far apart to be fitted")),
    }
}

fn not_found(file: &str, unfound: &Unfound, columns: &[&str], path: Span) -> Fault {
    let listed: Vec<String> = columns.iter().take(12).map(|name| format!("`{}`", quote(name))).collect();
    let more = if columns.len() > 12 { format!(" and {} more", columns.len() - 12) } else { String::new() };
    let message = match unfound {
        Unfound::Name(name) => format!("`{}` has no column `{}`", quote(file), quote(name)),
        Unfound::Loss => format!("no column of `{}` is called a loss", quote(file)),
    };
    let help =
        format!("its columns are {}{more}; name those that are meant: with step = …, loss = …, val = …", listed.join(", "));
    Box::new(Diagnostic::new(&code::CURVE, message).at(path, "").help(help))
}
