//! `saturation`: where the slope of a function is small, for one function or for several beside one another.

use super::ranges::{Along, Look};
use super::{Point, Work};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::domain::Known;
use crate::eval::number_text;
use crate::expr::Number;
use crate::outcome::{Answer, Saturated};
use crate::resolve::{Fault, Value};
use crate::saturation::{Question, Trouble, saturation};

impl Work<'_> {
    pub(super) fn saturated(&mut self, value: &Value, along: &Along, look: &Look, point: &Point) -> Result<Answer, Fault> {
        let share = look.share.clone().unwrap_or_else(|| Number::ratio(1, 20));
        let name = self.session.graph.name(along.symbol).to_owned();
        let named = self.named(value);
        let several = named.len() > 1;
        let mut found = Vec::with_capacity(named.len());
        for (root, text) in named {
            let form = self.in_parameters(root, &[along.symbol], point, "for")?;
            if crate::expr::walk::has_rows(&self.session.graph, &[form]) {
                let fault = Diagnostic::new(&code::DATA, "`saturation` looks at a formula, not at the rows of a data set");
                return Err(Box::new(fault.help("write what stands inside of the mean or sum")));
            }
            let known = Known::default();
            let question = Question {
                expression: form,
                variable: along.symbol,
                from: along.from.clone(),
                to: along.to.clone(),
                share: share.clone(),
                known: &known,
            };
            let answer = match saturation(&mut self.session.graph, &question) {
                Ok(answer) => Ok(answer),
                Err(Trouble::Flat) => Err("its slope is 0 everywhere, so there is nothing to compare with".to_owned()),
                Err(trouble) if several => Err(reason(&trouble, &name)),
                Err(trouble) => return Err(Box::new(refusal(&trouble, &text, &name, along))),
            };
            let slope = match self.derivatives(&Value::Scalar(root), &[along.symbol], &Point::default()) {
                Ok(Answer::Formula(formula)) => Some(formula.id),
                _ => None,
            };
            found.push(Saturated { name: text, slope, answer });
        }
        Ok(Answer::Saturation { variable: name, range: along.ends(), functions: found })
    }
}

/// Why there is no answer, in words that follow the name of the function.
fn reason(trouble: &Trouble, x: &str) -> String {
    match trouble {
        Trouble::Unbounded(at) => format!("its slope has no certain bound near {x} = {}", crate::plot::short(*at)),
        Trouble::Nowhere => "it has no slope anywhere in this range".to_owned(),
        Trouble::Flat => "its slope is 0 everywhere".to_owned(),
        Trouble::Tail(end) => format!("nothing is certain of its slope towards {x} = {}", number_text(*end)),
        Trouble::Grows(end) => format!("its slope grows without end towards {x} = {}", number_text(*end)),
        Trouble::Tiny => "its slope is below 1e-300 everywhere in this range".to_owned(),
        Trouble::TooHard => "its slope changes too often for the search to come to an end".to_owned(),
    }
}

fn refusal(trouble: &Trouble, text: &str, x: &str, along: &Along) -> Diagnostic {
    let message = format!("`{}` has no largest slope to compare with: {}", quote(text), reason(trouble, x));
    let fault = Diagnostic::new(&code::NO_LARGEST, message).at(along.span, "in this range");
    match trouble {
        Trouble::Unbounded(at) => {
            let (from, to) = along.ends();
            let (at, short) = (*at, crate::plot::short);
            let width = if (to - from).is_finite() { to - from } else { 1.0 };
            let is_high = (from.is_infinite() && to.is_infinite()) || at - from <= to - at;
            let ends = if is_high { (at + width / 100.0, to) } else { (from, at - width / 100.0) };
            fault.help(format!("look at a range that leaves it out, such as for {x} in {}..{}", short(ends.0), short(ends.1)))
        }
        Trouble::Tail(_) | Trouble::Grows(_) => fault.help(format!("look at a range with ends, such as for {x} in -20..20")),
        Trouble::Nowhere => fault.help(format!("`domain {}` tells where it has a value", quote(text))),
        Trouble::TooHard => fault.help("look at a shorter range"),
        Trouble::Flat | Trouble::Tiny => fault.help("look at a range that reaches to where it is steeper"),
    }
}
