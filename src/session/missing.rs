//! The place where a value goes missing: the part that has none, as it was typed, in the statement or in what it uses.

use super::{Point, Session, Work};
use crate::diagnostic::{Diagnostic, Severity, code, quote};
use crate::eval::{self, Cause, CauseKind, number_text};
use crate::expr::{Graph, Id, Symbol, View, print, walk};
use crate::gradient;
use crate::outcome::Evaluated;
use crate::resolve::{Place, Text};
use crate::source::Span;
use std::sync::Arc;

/// A part that has no value.
struct Part {
    place: Place,
    text: Arc<Text>,
    /// The stage that it defines, where it stands in no statement that asks for a value.
    stage: Option<Symbol>,
}

impl Work<'_> {
    /// Keeps where the parts of a stage were typed.
    pub(super) fn keep_places(&mut self, name: &str) {
        let Session { graph, scope, written, .. } = &mut *self.session;
        let Some(entry) = scope.entry(name) else { return };
        let places = Arc::new((self.text.clone(), std::mem::take(&mut self.places).fixed()));
        let symbols = entry.value.components().iter().filter_map(|id| graph.as_symbol(*id));
        written.extend(symbols.map(|symbol| (symbol, places.clone())));
    }

    /// Notes, once a statement, which part of these expressions leaves their values, or their slopes by a variable, missing at a
    /// point; nothing where the whole statement is that part.
    pub(super) fn note_missing(&mut self, roots: &[Id], by: Option<Symbol>, found: &[Evaluated], point: &Point, whole: Span) {
        let is_missing = |value: &Evaluated| value.cause.is_some() && value.digits.is_none() && value.exact.is_none();
        for (root, value) in roots.iter().zip(found).filter(|(_, value)| is_missing(value)) {
            if self.warnings.iter().any(|warning| warning.code == &code::MISSING) {
                return;
            }
            let Some(cause) = self.cause_as_typed(*root, by, point) else { continue };
            // plain code may fail at another part than the mathematics
            if cause.kind.is_strict() != value.undefined {
                continue;
            }
            if let Some(note) = self.placed_cause(*root, &cause, whole) {
                self.warnings.push(note);
            }
        }
    }

    /// Why the operations as typed give no value, or no slope.
    fn cause_as_typed(&mut self, root: Id, by: Option<Symbol>, point: &Point) -> Option<Cause> {
        if self.is_over_rows(&[root]) {
            return None;
        }
        let standing = self.standing(point);
        let Session { graph, scope, .. } = &mut *self.session;
        let found = match by {
            None => eval::evaluate(graph, &scope.definitions, &[root], &point.float).pop()?,
            Some(by) => gradient::gradient(graph, &scope.definitions, root, &[by], &point.float).partials.pop()?,
        };
        // rounding may step over a pole: tan at the f64 next to pi/2 has a value
        found.cause.or_else(|| match eval::exact(graph, &standing, root, &point.exact) {
            eval::Exact::Undefined(cause) if by.is_none() => Some(cause),
            _ => None,
        })
    }

    /// The message about the part that a cause speaks of, where that was typed.
    fn placed_cause(&self, root: Id, cause: &Cause, whole: Span) -> Option<Diagnostic> {
        let g = &self.session.graph;
        let (part, remark) = (self.part(root, cause.node)?, remark(g, cause)?);
        let shown = quote(part.text.source.slice(part.place.span));
        let message = match cause.kind {
            CauseKind::Kink(_) => format!("`{shown}` has no slope at this point"),
            CauseKind::Overflow => format!("`{shown}` is too large for f64 at this point"),
            _ => format!("`{shown}` has no value at this point"),
        };
        let mut note = Diagnostic::new(&code::MISSING, message).severity(Severity::Note);
        let used = part.stage.and_then(|stage| self.leading(root, stage));
        let name = |symbol| quote(g.name(symbol));
        if !Arc::ptr_eq(&part.text, &self.text) {
            // a message has the places of one text only
            let help = format!("it stands in the definition of `{}`: {remark}", name(part.stage?));
            return Some(note.at(used?.1, "used here").help(help));
        }
        if part.place.span == whole {
            return None;
        }
        note = note.at(part.place.span, remark);
        if let Some(call) = part.place.call {
            note = note.see(call, "in this call");
        }
        if let (Some(stage), Some((first, span))) = (part.stage, used) {
            let how = match first == stage {
                true => format!("`{}` is used here", name(stage)),
                false => format!("`{}` is used here, and needs `{}`", name(first), name(stage)),
            };
            note = note.see(span, how);
        }
        Some(note)
    }

    /// Where a node was typed: in the statement itself, or in one of the stages that it depends on.
    fn part(&self, root: Id, node: Id) -> Option<Part> {
        if let Some(place) = self.places.place(node) {
            return Some(Part { place, text: self.text.clone(), stage: None });
        }
        let Session { graph, scope, written, .. } = &*self.session;
        let mut stages: Vec<Symbol> = self.reachable(&[root]).into_iter().filter(|s| scope.definitions.contains_key(s)).collect();
        stages.sort_by_key(|stage| graph.name(*stage));
        stages.into_iter().find_map(|stage| {
            let (text, places) = &**written.get(&stage)?;
            Some(Part { place: places.place(node)?, text: text.clone(), stage: Some(stage) })
        })
    }

    /// The stage in the expression that leads to this one, with its place in the statement.
    fn leading(&self, root: Id, stage: Symbol) -> Option<(Symbol, Span)> {
        let g = &self.session.graph;
        let symbols = walk::topological(g, &[root]).into_iter().filter_map(|id| Some((g.as_symbol(id)?, id)));
        let mut leading = symbols.filter(|(symbol, _)| *symbol == stage || self.depends(*symbol, stage));
        leading.find_map(|(symbol, id)| Some((symbol, self.places.first(id)?)))
    }

    /// Whether a stage is made of another one.
    fn depends(&self, stage: Symbol, on: Symbol) -> bool {
        self.session.scope.definitions.get(&stage).is_some_and(|definition| self.reachable(&[*definition]).contains(&on))
    }
}

/// What happens in a part, with the numbers that it meets there: `log of -2`.
fn remark(g: &Graph, cause: &Cause) -> Option<String> {
    let numbers: Vec<String> = cause.arguments.iter().map(|argument| number_text(*argument)).collect();
    let met = match (g.view(cause.node), &numbers[..]) {
        (View::Call(f, _), [argument]) => Some(format!("{} of {argument}", f.name())),
        (View::Pow(..), [base, exponent]) => Some(format!("{base} to the power {exponent}")),
        (View::Div(..), [above, below]) => Some(format!("{above} divided by {below}")),
        _ => None,
    };
    match &cause.kind {
        CauseKind::Kink(slopes) => Some(slopes.to_string()),
        CauseKind::Overflow => Some("beyond the largest f64".to_owned()),
        CauseKind::Undefined(reason) => Some(met.unwrap_or_else(|| reason.to_string())),
        CauseKind::Pole => Some(met.unwrap_or_else(|| "a pole".to_owned())),
        CauseKind::Outside => match g.view(cause.node) {
            View::If(condition, ..) => Some(format!("needs {}", quote(&print::glimpse(g, condition, print::Style::Plain, 60)))),
            _ => Some("no value".to_owned()),
        },
        CauseKind::Cancellation | CauseKind::Lost(_) | CauseKind::NoValue(_) | CauseKind::Limit => None,
    }
}
