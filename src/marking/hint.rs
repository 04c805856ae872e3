//! Hints in steps: which rule, what its parts are here, what the next line is, and the whole result. The first does not give
//! the answer away.

use super::{Found, open_derivatives, taken};
use crate::derive::rules::{Applied, Parts, Rules};
use crate::derive::{Engine, Formulas, Piece, Refusal};
use crate::domain::Known;
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::math::mistakes::Wrong;
use std::collections::HashMap;

/// How much a hint says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Level {
    /// Nothing.
    Off,
    /// Which rule.
    #[default]
    Rule,
    /// What the parts of the rule are here.
    Parts,
    /// The next line.
    Line,
    /// The whole result.
    Full,
}

impl Level {
    /// The words for the levels, from the least to the most.
    pub const WORDS: [&str; 5] = ["false", "1", "2", "3", "full"];

    /// What a word asks for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let all = [Level::Off, Level::Rule, Level::Parts, Level::Line, Level::Full];
        let at = Level::WORDS.iter().position(|known| *known == word);
        at.map(|at| all[at]).or((word == "true").then_some(Level::Rule))
    }

    /// The next one.
    #[must_use]
    pub fn more(self) -> Self {
        match self {
            Level::Off => Level::Rule,
            Level::Rule => Level::Parts,
            Level::Parts => Level::Line,
            Level::Line | Level::Full => Level::Full,
        }
    }
}

/// A hint on the line after `before`; `wrong` is the line that does not follow, where one was tried, with the mistake in it.
/// Empty where there is nothing to say.
pub fn hint(g: &mut Graph, known: &Known, before: Id, wrong: Option<Id>, found: Option<&Found>, level: Level) -> Vec<Piece> {
    if level == Level::Off {
        return Vec::new();
    }
    if level == Level::Full {
        return whole(g, known, before);
    }
    match subject(g, before, found) {
        Some((body, variable)) => on_derivative(g, before, body, variable, level),
        // nothing is to be taken, and nothing went wrong
        None if wrong.is_none() => Vec::new(),
        None => on_algebra(g, known, before, wrong, found, level),
    }
}

fn text(words: impl Into<String>) -> Piece {
    Piece::Text(words.into().into())
}

/// The right value of the line.
fn whole(g: &mut Graph, known: &Known, before: Id) -> Vec<Piece> {
    let Some(value) = taken(g, before) else { return Vec::new() };
    let shortest = Engine::new(known).simplifier.shortest(g, value);
    if shortest == before {
        return vec![Piece::Expr(before), text(" is as short as it gets: it may stay as it is")];
    }
    vec![text("the line above equals "), Piece::Expr(shortest)]
}

/// The derivative that a hint is about: where the mistake was made, else the first one that is still to be taken.
fn subject(g: &Graph, before: Id, found: Option<&Found>) -> Option<(Id, Symbol)> {
    let open = open_derivatives(g, before);
    let (body, variable) = open.iter().find_map(|id| match g.view(*id) {
        View::Derivative(body, x, _) => Some((body, x)),
        _ => None,
    })?;
    let Some(found) = found else { return Some((body, variable)) };
    let is_slope = !found.mistake.wrong.iter().any(|wrong| matches!(wrong, Wrong::Identity(_)));
    is_slope.then(|| if walk::contains(g, found.place, variable) { (found.place, variable) } else { (body, variable) })
}

/// Leaves every derivative of a part to be taken.
struct Open(Symbol);

impl Parts for Open {
    fn derivative(&mut self, g: &mut Graph, _: &mut Rules<'_>, part: Id) -> Result<Id, Refusal> {
        Ok(g.derivative(part, self.0, 1))
    }
}

fn on_derivative(g: &mut Graph, before: Id, body: Id, variable: Symbol, level: Level) -> Vec<Piece> {
    let mut formulas = Formulas::default();
    let mut rules = Rules::new(variable, &mut formulas);
    let Ok((opened, applied)) = rules.open(g, body, &mut Open(variable)) else { return Vec::new() };
    match level {
        Level::Rule => match applied.rule {
            "constant" | "variable" => vec![Piece::Expr(body), text(format!(" is a {}", applied.rule))],
            rule => vec![text(format!("the {} for ", ruled(rule))), Piece::Expr(body)],
        },
        Level::Parts => parts(g, body, &applied),
        _ => {
            let open = g.derivative(body, variable, 1);
            if walk::topological(g, &[before]).contains(&open) {
                let next = walk::substitute(g, before, &HashMap::from([(open, opened)]));
                return vec![text("the next line can be "), Piece::Expr(next)];
            }
            vec![text("here "), Piece::Expr(open), text(" is "), Piece::Expr(opened)]
        }
    }
}

/// A rule as it is called in a sentence.
fn ruled(rule: &str) -> String {
    let named = rule.ends_with("rule") || rule.ends_with("differentiation");
    if named { rule.to_owned() } else { format!("rule of the {rule}") }
}

/// What the parts of the rule are in this expression.
fn parts(g: &Graph, body: Id, applied: &Applied) -> Vec<Piece> {
    let named = |names: &[&str]| {
        let mut out = Vec::new();
        for (k, (name, part)) in names.iter().zip(&applied.parts).enumerate() {
            out.push(text(format!("{}{name} is ", if k == 0 { "" } else { ", " })));
            out.push(Piece::Expr(*part));
        }
        out
    };
    match (g.view(body), &applied.parts[..]) {
        (View::Mul(_), [_, _]) => named(&["the first factor", "the second"]),
        (View::Div(..), [_, _]) => named(&["the numerator", "the denominator"]),
        (View::Pow(..), [_, _]) => named(&["the base", "the exponent"]),
        (View::Call(f, [argument]), [_]) if g.as_symbol(*argument).is_some() => {
            vec![
                text(format!("{} is taken of ", f.name())),
                Piece::Expr(*argument),
                text(" itself, so there is no inner function"),
            ]
        }
        (View::Call(f, [_]), [_]) => {
            let mut out = vec![text(format!("the outer function is {}, the inner one is ", f.name()))];
            out.push(Piece::Expr(applied.parts[0]));
            out
        }
        (_, []) => vec![text("what does not change has slope 0")],
        (_, parts) => {
            let mut out = vec![text(if parts.len() == 1 { "the part that varies is " } else { "the parts are " })];
            for (k, part) in parts.iter().enumerate() {
                if k > 0 {
                    out.push(text(", "));
                }
                out.push(Piece::Expr(*part));
            }
            out
        }
    }
}

fn on_algebra(g: &mut Graph, known: &Known, before: Id, wrong: Option<Id>, found: Option<&Found>, level: Level) -> Vec<Piece> {
    match level {
        Level::Rule => match found {
            Some(found) => vec![text("look at "), Piece::Expr(found.place)],
            None => vec![text("this step is algebra: compare the two lines term by term, at the point above")],
        },
        Level::Parts => match (found, wrong.and_then(|line| difference(g, known, before, line))) {
            (Some(found), _) => vec![Piece::Expr(found.place), text(" cannot be rewritten in this way")],
            (None, Some(pieces)) => pieces,
            (None, None) => vec![text("put numbers in, and look for the first term that differs")],
        },
        _ => whole(g, known, before),
    }
}

/// How the wrong line and the right one differ, where that is short: a factor, or a term.
fn difference(g: &mut Graph, known: &Known, before: Id, line: Id) -> Option<Vec<Piece>> {
    let (before, line) = (taken(g, before)?, taken(g, line)?);
    let mut engine = Engine::new(known);
    let (ratio, rest) = (g.div(line, before), g.sub(line, before));
    let ratio = engine.simplifier.shortest(g, ratio);
    if g.as_number(ratio).is_some_and(crate::expr::Number::is_minus_one) {
        return Some(vec![text("the line has the opposite sign")]);
    }
    if g.as_number(ratio).is_some() {
        return Some(vec![text("the line is "), Piece::Expr(ratio), text(" times what it should be")]);
    }
    let rest = engine.simplifier.shortest(g, rest);
    let is_short = walk::tree_size(g, rest) <= 6;
    is_short.then(|| vec![text("the line is too large by "), Piece::Expr(rest)])
}
