//! `assert`: says nothing where its condition holds, and shows where it does not. With values at hand they decide; otherwise a
//! proof, a common form, or sample points do.

use super::{Point, Wanted, Work, numbers};
use crate::derive::Engine;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::domain::{self, Verdict};
use crate::expr::{Id, Number, Relation, View, print};
use crate::resolve::Fault;
use crate::source::Span;
use crate::syntax::ast::{Clauses, ExprId};
use crate::verify::check::{self, Equality, Holding};
use crate::verify::rows::Instance;

/// A relative difference that `assert A == B` lets pass between values in f64.
const TOLERANCE: f64 = 1e-9;

impl Work<'_> {
    /// `assert`: nothing where the condition holds, an error elsewhere.
    pub(super) fn assert(&mut self, id: ExprId, within: Option<ExprId>, clauses: &Clauses, span: Span) -> Result<(), Fault> {
        self.clauses(clauses, &["at"], &[])?;
        self.declare(clauses);
        let condition = self.lower(|l| l.condition(id))?;
        let tolerance = match within {
            None => TOLERANCE,
            Some(id) => {
                let value = self.lower(|l| l.numbers(id))?;
                self.constants(&value, id)?.first().map_or(TOLERANCE, |constant| constant.float.abs())
            }
        };
        let point = self.point(clauses, &[condition])?;
        let parts = match self.session.graph.view(condition) {
            View::And(parts) => parts.to_vec(),
            _ => vec![condition],
        };
        for part in parts {
            self.assert_one(part, &point, (tolerance, within.is_some()), span)?;
        }
        Ok(())
    }

    fn assert_one(&mut self, condition: Id, point: &Point, tolerance: (f64, bool), span: Span) -> Result<(), Fault> {
        if self.has_values(&[condition], point) {
            if let Some((reduced, point)) = self.reduced(&[condition], point)? {
                return self.assert_values(reduced[0], &point, tolerance, span);
            }
            return self.assert_values(condition, point, tolerance, span);
        }
        let (mut known, mut opened) = (self.known(), self.opened(condition));
        let is_equality = matches!(self.session.graph.view(opened), View::Compare(Relation::Equal, ..));
        let is_proved = domain::prove(&mut self.session.graph, &known, opened) == Verdict::Proved;
        // of an equality it is also said where only one of its sides has a value
        if is_proved && !is_equality {
            return Ok(());
        }
        // reductions over rows are looked at on a small instance, whose graph goes on from this one
        if let Some(instance) = Instance::of(&self.session.graph, &known, &[opened]) {
            opened = instance.get(opened);
            (known, self.session.graph) = (instance.known, instance.graph);
        }
        let g = &mut self.session.graph;
        let View::Compare(Relation::Equal, a, b) = g.view(opened) else {
            return match check::holds(g, &known, opened) {
                Holding::Held { .. } => Ok(()),
                Holding::Fails(at) => {
                    Err(self.failed(condition, span, &format!("it fails at {}", check::describe(&self.session.graph, &at))))
                }
                Holding::Unknown(why) => Err(self.failed(condition, span, &format!("it could not be decided: {why}"))),
            };
        };
        match check::equal(g, &known, a, b) {
            Equality::Equal { only_first, only_second, .. } => {
                let sides = [("left", only_first), ("right", only_second)];
                if let Some((side, Some(point))) = sides.into_iter().find(|(_, point)| point.is_some()) {
                    let at = check::describe(&self.session.graph, &point);
                    let message = format!("the sides are equal where both have a value; at {at} only the {side} one has");
                    self.warnings.push(Diagnostic::new(&code::DOMAINS, message).at(span, "the domains differ"));
                }
                Ok(())
            }
            Equality::Different { point, a, b } => {
                let why = format!("at {} the sides are {a} and {b}", check::describe(&self.session.graph, &point));
                Err(self.failed(condition, span, &why))
            }
            Equality::Unknown(why) => {
                let difference = g.sub(a, b);
                if is_proved || Engine::new(&known).simplifier.shortest(g, difference) == g.integer(0) {
                    return Ok(());
                }
                Err(self.failed(condition, span, &format!("it could not be decided: {why}")))
            }
        }
    }

    /// With values at hand they decide; `within` says that the tolerance was asked for, and is absolute.
    fn assert_values(&mut self, condition: Id, point: &Point, (tolerance, within): (f64, bool), span: Span) -> Result<(), Fault> {
        let found = self.evaluated(&[condition], point, Wanted::Nearest).swap_remove(0);
        if found.value == 1.0 && found.cause.is_none() {
            return Ok(());
        }
        let View::Compare(relation, a, b) = self.session.graph.view(condition) else {
            let why = found.cause.unwrap_or_else(|| "it is false".into());
            return Err(self.failed(condition, span, &why));
        };
        let sides = self.evaluated(&[a, b], point, Wanted::Rational);
        let exact = [&sides[0], &sides[1]].map(|side| numbers::as_number(&self.session.graph, side));
        if let [Some(x), Some(y)] = &exact {
            let close = Number::parse(&tolerance.to_string()).is_some_and(|t| (x - y).abs() <= t);
            let holds = relation.holds(x.cmp(y)) || (relation == Relation::Equal && within && close);
            return if holds { Ok(()) } else { Err(self.failed(condition, span, &format!("the sides are {x} and {y}"))) };
        }
        let (x, y) = (sides[0].value, sides[1].value);
        let close = (x - y).abs() <= tolerance * if within { 1.0 } else { x.abs().max(y.abs()).max(1.0) };
        if relation == Relation::Equal && close {
            return Ok(());
        }
        let cause = sides.into_iter().find_map(|side| side.cause).map(|cause| format!(" ({cause})")).unwrap_or_default();
        Err(self.failed(condition, span, &format!("the sides are {x:?} and {y:?}{cause}")))
    }

    fn failed(&self, condition: Id, span: Span, why: &str) -> Fault {
        let what = print::glimpse(&self.session.graph, condition, print::Style::Plain, 100);
        let message = format!("`{}` does not hold: {why}", quote(&what));
        Box::new(Diagnostic::new(&code::ASSERTION, message).at(span, "asserted here"))
    }
}
