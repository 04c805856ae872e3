//! How an expression grows, in the terminal and as JSON.

use super::json::{number, one};
use super::table::rounded;
use crate::expr::Graph;
use crate::outcome::{Formula, Growth, Pace};
use serde_json::{Map, Value, json};

/// What the answer says beside its formulas: the headline, and the name of the time in which the expression doubles or halves.
#[must_use]
pub fn headline(g: &Graph, growth: &Growth) -> (String, &'static str) {
    let name = g.name(growth.by);
    let rises = growth.rises;
    let time = match (&growth.pace, rises) {
        (_, None) => "doubling time",
        (Pace::None | Pace::Exponential, Some(true)) => "doubles in",
        (Pace::None | Pace::Exponential, Some(false)) => "halves in",
        (_, Some(true)) => "at this pace it doubles in",
        (_, Some(false)) => "at this pace it halves in",
    };
    let line = match (&growth.pace, rises) {
        (Pace::None, _) => format!("it does not change with {name}"),
        (Pace::Exponential, Some(true)) => format!("exponential growth: the same factor for each step of {name}"),
        (Pace::Exponential, Some(false)) => format!("exponential decay: the same factor for each step of {name}"),
        (Pace::Exponential, None) => format!("exponential: the same factor for each step of {name}"),
        (Pace::Power(_), _) => format!("a power of {name}: the same factor each time {name} doubles, and so not exponential"),
        (Pace::Other(Some(true)), _) => format!("not exponential: its relative slope rises with {name}"),
        (Pace::Other(Some(false)), _) => format!("not exponential: its relative slope falls with {name}"),
        (Pace::Other(None), _) => format!("not exponential: its relative slope changes with {name}"),
    };
    (line, time)
}

/// What is to be said below: the percentage of a step, what a doubling time below 0 means, and where f64 ends.
#[must_use]
pub fn remarks(g: &Graph, growth: &Growth) -> Vec<String> {
    let name = g.name(growth.by);
    let mut out = Vec::new();
    let value = |formula: &Formula| match g.as_number(formula.id) {
        Some(number) => Some(number.to_f64()),
        None => formula.value.as_ref().filter(|value| value.cause.is_none()).map(|value| value.value),
    };
    if let Some(factor) = growth.factor.as_ref().and_then(value) {
        let percent = 100.0 * (factor - 1.0);
        let direction = if percent < 0.0 { "less" } else { "more" };
        out.push(format!("each step of {name} by 1: {} % {direction}", rounded(percent.abs(), 4)));
    }
    if growth.rises.is_none() && growth.pace != Pace::None {
        out.push("a doubling time below 0 is a half-life".to_owned());
    }
    if let Some((zero, infinite)) = growth.ends {
        let near =
            |end: f64, whole: f64| if end.abs() < 100.0 { format!("about {}", rounded(end, 3)) } else { whole.to_string() };
        let side = |end: f64, other: f64| match end > other {
            true => format!("from {name} = {} on", near(end, end.ceil())),
            false => format!("from {name} = {} down", near(end, end.floor())),
        };
        let (to_zero, to_infinite) = (side(zero, infinite), side(infinite, zero));
        out.push(format!("in f64 it is 0 {to_zero}, and too large {to_infinite}"));
        out.push(format!("its logarithm is a straight line in {name}, and goes on where f64 ends"));
    }
    out
}

/// The fields of the answer.
#[must_use]
pub fn fields(g: &Graph, growth: &Growth) -> Map<String, Value> {
    let formula = |formula: &Formula| {
        let mut entry = Map::new();
        one(g, &mut entry, formula);
        Value::Object(entry)
    };
    let mut out = Map::new();
    let (pace, exponent, faster) = match &growth.pace {
        Pace::None => ("constant", None, None),
        Pace::Exponential => ("exponential", None, None),
        Pace::Power(exponent) => ("power", Some(formula(exponent)), None),
        Pace::Other(faster) => ("other", None, *faster),
    };
    out.insert("pace".into(), pace.into());
    out.insert("wrt".into(), g.name(growth.by).into());
    out.insert("rises".into(), growth.rises.into());
    out.insert("relative_slope".into(), formula(&growth.rate));
    if let Some(exponent) = exponent {
        out.insert("exponent".into(), exponent);
    }
    out.insert("relative_slope_rises".into(), faster.into());
    if growth.pace != Pace::None {
        out.insert("time".into(), formula(&growth.time));
    }
    if let Some(factor) = &growth.factor {
        out.insert("factor".into(), formula(factor));
    }
    if let Some((zero, infinite)) = growth.ends {
        out.insert("f64".into(), json!({"zero_from": number(zero), "infinite_from": number(infinite)}));
    }
    out
}
