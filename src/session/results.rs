//! Results of a conversation: what `ans` and `_1`, `_2` … stand for, and what the session tells about itself.

use super::{Point, Session};
use crate::eval::number_text;
use crate::expr::{Id, Number, Symbol};
use crate::outcome::{Answer, Evaluated, Formula};
use crate::resolve::Value;

/// Of more derivatives than this no vector is made.
const LONGEST: usize = 200;

impl Session {
    /// How many results have numbers: the last one is `_n`.
    #[must_use]
    pub fn results(&self) -> usize {
        self.results
    }

    /// The values of parameters and inputs.
    #[must_use]
    pub fn value_of(&self, symbol: Symbol) -> Option<f64> {
        let Point { float, .. } = &self.values;
        float.get(&symbol).copied()
    }

    /// Keeps a formula or a value as `ans` and under its number.
    pub(super) fn keep(&mut self, answer: &Answer) {
        let Some(value) = self.value_in(answer) else { return };
        self.results += 1;
        let name = format!("_{}", self.results);
        self.scope.keep_result(&self.graph, &name, value.clone());
        self.scope.keep_result(&self.graph, "ans", value);
    }

    fn value_in(&mut self, answer: &Answer) -> Option<Value> {
        match answer {
            Answer::Formula(formula) | Answer::Simplified { formula, .. } => Some(Value::Scalar(self.guarded_by(formula))),
            Answer::Stable(found) => Some(Value::Scalar(self.guarded_by(&found.formula))),
            Answer::Vector(formulas) => {
                let ids: Vec<Id> = formulas.iter().map(|formula| self.guarded_by(formula)).collect();
                Some(Value::Vector(ids.into()))
            }
            Answer::Gradient(partials) => {
                let ids: Vec<Id> = partials.iter().map(|(_, formula)| self.guarded_by(formula)).collect();
                Some(one_or_many(&ids))
            }
            Answer::Derivation { derivation, .. } => {
                let formula = Formula { id: derivation.result, conditions: derivation.conditions.clone(), value: None };
                Some(Value::Scalar(self.guarded_by(&formula)))
            }
            Answer::Values { values, is_vector } => {
                let ids = self.numbers(values)?;
                Some(if *is_vector { Value::Vector(ids.into()) } else { one_or_many(&ids) })
            }
            Answer::Slopes { partials, .. } => self.numbers(partials).map(|ids| one_or_many(&ids)),
            Answer::Shared { entries, .. } if entries.len() <= LONGEST => {
                Some(one_or_many(&entries.iter().map(|entry| entry.id).collect::<Vec<_>>()))
            }
            Answer::Shared { .. }
            | Answer::Matrix { .. }
            | Answer::Truth(_)
            | Answer::Equality(_)
            | Answer::Domain(_)
            | Answer::Marking(_) => None,
            Answer::Growth(found) => Some(Value::Scalar(self.guarded_by(&found.time))),
            Answer::Elasticity(found) => {
                let formulas: Vec<Id> = found.iter().map(|one| self.guarded_by(&one.formula)).collect();
                Some(one_or_many(&formulas))
            }
            Answer::Descent(course) => {
                let last = course.track.points.last()?;
                let ids: Option<Vec<Id>> =
                    last.at.iter().map(|value| number_shown(*value).map(|number| self.graph.number(number))).collect();
                ids.filter(|ids| ids.len() <= LONGEST).map(|ids| one_or_many(&ids))
            }
            Answer::Curve(_) | Answer::Exercises(_) | Answer::Page { .. } => None,
            Answer::Picture(_) | Answer::Table(_) | Answer::Saturation { .. } | Answer::Flow(_) => None,
        }
    }

    /// The formula, undefined where its conditions do not hold: what an answer needs is not lost on the way.
    fn guarded_by(&mut self, formula: &Formula) -> Id {
        if formula.conditions.is_empty() {
            return formula.id;
        }
        let (condition, nothing) = (self.graph.and(&formula.conditions), self.graph.undefined());
        self.graph.conditional(condition, formula.id, nothing)
    }

    /// The values as numbers, as they were shown; none where one of them is no number.
    fn numbers(&mut self, values: &[Evaluated]) -> Option<Vec<Id>> {
        values.iter().map(|value| self.shown_number(value)).collect()
    }

    fn shown_number(&mut self, value: &Evaluated) -> Option<Id> {
        if let Some(exact) = value.exact {
            return Some(exact);
        }
        let text = value.digits.clone().unwrap_or_else(|| number_text(value.value));
        parsed(&text).map(|number| self.graph.number(number))
    }
}

/// The decimal that is shown for a value.
pub(super) fn number_shown(value: f64) -> Option<Number> {
    parsed(&number_text(value))
}

fn parsed(text: &str) -> Option<Number> {
    Some(match text.strip_prefix('-') {
        Some(size) => -&Number::parse(size)?,
        None => Number::parse(text)?,
    })
}

fn one_or_many(ids: &[Id]) -> Value {
    match ids {
        [one] => Value::Scalar(*one),
        several => Value::Vector(several.into()),
    }
}
