//! What is said of a point where the formula of a derivative does not apply: that there is no derivative, where one-sided slopes
//! show it, or only that the point is left out. A kink can be smoothed out by what stands around it: max(x, 0)^2 has slope 0 at 0.

use crate::eval::CauseKind;
use crate::expr::{Graph, Id, Number, Relation, Symbol, View, walk};
use crate::gradient::gradient;
use std::collections::HashMap;

/// The special places of an expression without stages, each with what is certain of it; those that turn out smooth are gone.
pub fn judged(g: &mut Graph, expression: Id, places: Vec<(Id, String)>) -> Vec<(Id, String)> {
    let symbols = walk::free_symbols(g, &[expression]);
    let only = if let [one] = symbols[..] { Some(one) } else { None };
    places.into_iter().filter_map(|(at, what)| judge(g, expression, only, at, &what).map(|said| (at, said))).collect()
}

fn judge(g: &mut Graph, expression: Id, only: Option<Symbol>, at: Id, what: &str) -> Option<String> {
    let left_out = Some(format!("left out ({what})"));
    let Some((symbol, value)) = only.and_then(|s| point(g, s, at).map(|v| (s, v))) else { return left_out };
    let found = gradient(g, &HashMap::new(), expression, &[symbol], &HashMap::from([(symbol, value)]));
    let Some(slope) = found.partials.first() else { return left_out };
    match &slope.cause {
        None if slope.value.is_finite() => None,
        Some(cause) => match &cause.kind {
            CauseKind::Kink(why) => Some(format!("no derivative ({why})")),
            _ => left_out,
        },
        None => left_out,
    }
}

/// The number that a place `x == c` fixes, where an f64 holds it exactly.
fn point(g: &Graph, symbol: Symbol, at: Id) -> Option<f64> {
    let View::Compare(Relation::Equal, a, b) = g.view(at) else { return None };
    let number = g.as_number(b).filter(|_| g.as_symbol(a) == Some(symbol))?;
    let value = number.to_f64();
    let exact = Number::rational(dashu_ratio::RBig::try_from(value).ok()?) == *number;
    exact.then_some(value)
}
