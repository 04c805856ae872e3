//! `check`: a learner's lines, each compared with the one above. The first that does not follow is explained.

use super::{Fault, Work};
use crate::derive::Piece;
use crate::diagnostic::{Diagnostic, code};
use crate::domain::Known;
use crate::expr::{Graph, Id, Symbol, View, walk};
use crate::marking::hint::{Level, hint};
use crate::marking::{self, Cause, Found, Judged, judge};
use crate::math::{self, mistakes::Mistake};
use crate::outcome::{Answer, MarkedLine, Marking, Slip};
use crate::resolve::{self, Places, Text, Value};
use crate::source::{Source, Span};
use crate::syntax::ast::{Clauses, Comparison, Expr, ExprId};
use crate::syntax::parse_expression;
use crate::verify::check::{self, Equality};

/// The settings after `with`.
pub(super) const SETTINGS: &[&str] = &["hint"];

/// A line as it was read.
struct Line {
    text: String,
    value: Id,
    /// Where its parts stand.
    places: Places,
    span: Span,
}

impl Work<'_> {
    /// `check P = A = B`, or `check A == B`.
    pub(super) fn check(&mut self, problem: ExprId, lines: &[ExprId], clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        let settings = self.clauses(clauses, &["wrt"], SETTINGS)?;
        self.declare(clauses);
        self.leaves_derivatives = true;
        let mut written = self.sides(problem);
        let first = written.remove(0);
        written.extend_from_slice(lines);
        let mut start = self.line(first)?;
        let mut read = Vec::with_capacity(written.len());
        for id in written {
            read.push(self.line(id)?);
        }
        if !clauses.wrt.is_empty() {
            for variable in self.wrt(clauses, &[start.value], span)? {
                start.value = self.session.graph.derivative(start.value, variable, 1);
            }
        }
        if read.is_empty() && !self.session.options.is_conversation {
            let fault = Diagnostic::new(&code::NO_LINES, "there is no line to check").at(span, "what does it equal?");
            return Err(Box::new(fault.help("write the next lines below, each beginning with `=`, or two sides: check A == B")));
        }
        let marking = self.marked(start, read, settings.hint.unwrap_or_default(), settings.hint.is_some());
        Ok(Answer::Marking(Box::new(marking)))
    }

    /// The sides of `A == B`; another expression alone.
    fn sides(&self, problem: ExprId) -> Vec<ExprId> {
        if let Expr::Compare(chain) = self.text.ast.expr(problem) {
            let (operands, signs) = self.text.ast.comparisons(chain);
            if signs.iter().all(|sign| *sign == Comparison::Equal) {
                return operands.to_vec();
            }
        }
        vec![problem]
    }

    fn line(&mut self, id: ExprId) -> Result<Line, Fault> {
        self.places = Places::default();
        let value = self.lower(|l| l.numbers(id))?;
        let value = self.scalar(&value, id, "check one entry of it")?;
        let span = self.text.ast.span(id);
        Ok(Line { text: self.text.source.slice(span).to_owned(), value, places: std::mem::take(&mut self.places), span })
    }

    /// The lines of a problem that come from outside of a program.
    pub(super) fn checked(&mut self, problem: &Value, lines: &[String], level: Level) -> Result<Answer, Fault> {
        let Value::Scalar(value) = problem else { return Err(one_number()) };
        let start = Line { text: String::new(), value: *value, places: Places::default(), span: Span::default() };
        let mut read = Vec::with_capacity(lines.len());
        for (k, line) in lines.iter().enumerate() {
            let found = self.outside(line).map_err(|mut fault| {
                fault.message = format!("in line {}: {}", k + 1, fault.message);
                fault.labels.clear();
                fault
            })?;
            read.push(found);
        }
        Ok(Answer::Marking(Box::new(self.marked(start, read, level, false))))
    }

    fn outside(&mut self, line: &str) -> Result<Line, Fault> {
        let parsed = parse_expression(line).map_err(super::ask::first)?;
        self.text = Text::new(Source::new("line", line), parsed.ast);
        self.line(parsed.root)
    }

    /// Marks the lines. A hint is given on the first that does not follow; where it is `wanted` and all follow, on the next line.
    fn marked(&mut self, start: Line, read: Vec<Line>, level: Level, wanted: bool) -> Marking {
        let known = self.known_without(&start, &read);
        let begin = self.opened_within(&known, start.value);
        let is_derivative = marking::is_open(&self.session.graph, begin);
        let (mut lines, mut said) = (Vec::with_capacity(read.len()), None);
        let (problem, mut above) = (start.value, begin);
        for (k, line) in read.into_iter().enumerate() {
            let value = self.opened_within(&known, line.value);
            let g = &mut self.session.graph;
            let judged = judge(g, &known, above, value);
            let (mut slip, mut place) = (None, None);
            if matches!(judged, Judged::Different { .. }) {
                let cause = marking::find(g, &known, above, value);
                slip = cause.as_ref().map(|cause| slip_of(g, above, cause));
                if said.is_none() {
                    let first = cause.as_ref().and_then(|cause| cause.all().first());
                    place = first.and_then(|found| marking::place(g, &known, above, value, found));
                    said = Some(hints(g, &known, above, value, cause.as_ref(), level));
                    let fault = self.failed_line(k, &line, place, slip.as_ref());
                    self.warnings.push(fault);
                }
            }
            lines.push(MarkedLine { text: line.text, span: line.span, value: line.value, place, judged, slip });
            above = value;
        }
        let g = &mut self.session.graph;
        let is_wrong = said.is_some();
        let hint = said.unwrap_or_else(|| if wanted { hint(g, &known, above, None, None, level) } else { Vec::new() });
        let arrives = is_wrong && matches!(check::equal(g, &known, begin, above), Equality::Equal { .. });
        Marking { problem, is_derivative, lines, arrives: arrives || !is_wrong, is_open: marking::is_open(g, above), hint }
    }

    /// The message on a line that does not follow, at the part where that shows.
    fn failed_line(&self, number: usize, line: &Line, place: Option<Id>, slip: Option<&Slip>) -> Diagnostic {
        let span = place.and_then(|part| line.places.first(part)).unwrap_or(line.span);
        let why = match slip {
            // the answer says which
            Some(Slip { is_both: true, .. }) => "two mistakes lead to this line".to_owned(),
            Some(slip) if slip.mistakes.len() > 1 => "either of two mistakes leads to this line".to_owned(),
            Some(slip) => marking::told(&self.session.graph, &slip.said),
            None => "this differs from the line above".to_owned(),
        };
        Diagnostic::new(&code::LINE, format!("line {} does not follow", number + 1)).at(span, why)
    }

    /// What is known, but for stages by which somebody differentiates: they vary by themselves.
    fn known_without(&mut self, start: &Line, read: &[Line]) -> Known {
        let roots: Vec<Id> = std::iter::once(start).chain(read).map(|line| line.value).collect();
        let g = &self.session.graph;
        let variable = |id: &Id| match g.view(*id) {
            View::Derivative(_, variable, _) => Some(variable),
            _ => None,
        };
        let by: Vec<Symbol> = walk::topological(g, &roots).iter().filter_map(variable).collect();
        self.known_beside(&by)
    }

    fn opened_within(&mut self, known: &Known, root: Id) -> Id {
        crate::derive::pipeline::without_stages(&mut self.session.graph, &known.definitions, root)
    }
}

fn one_number() -> Fault {
    Box::new(Diagnostic::new(&code::VECTOR, "this needs one number, not a vector"))
}

/// The hint on a line that does not follow. Of two mistakes each has one, until a hint gives the line itself.
fn hints(g: &mut Graph, known: &Known, above: Id, line: Id, cause: Option<&Cause>, level: Level) -> Vec<Piece> {
    if let Some(name) = run_together(g, above, line).filter(|_| cause.is_none() && level > Level::Off) {
        return name;
    }
    let found = cause.map_or(&[][..], Cause::all);
    let both = if matches!(cause, Some(Cause::Both(_))) && level < Level::Line { found } else { &found[..found.len().min(1)] };
    let mut told = hint(g, known, above, Some(line), both.first(), level);
    for found in both.iter().skip(1) {
        let other = hint(g, known, above, Some(line), Some(found), level);
        if other != told && !other.is_empty() {
            told.push(Piece::text("; "));
            told.extend(other);
        }
    }
    told
}

/// What to write for a name that was probably meant as a function of a variable, such as `cosx`.
fn run_together(g: &Graph, above: Id, line: Id) -> Option<Vec<Piece>> {
    let known = walk::free_symbols(g, &[above]);
    let new = walk::free_symbols(g, &[line]).into_iter().filter(|symbol| !known.contains(symbol));
    let split = |symbol: Symbol| {
        let function = math::functions().find(|f| {
            let rest = g.name(symbol).strip_prefix(f.name());
            rest.is_some_and(|rest| known.iter().any(|variable| g.name(*variable) == rest))
        })?;
        let (name, variable) = (g.name(symbol), &g.name(symbol)[function.name().len()..]);
        let lead = Piece::text(format!("`{name}` is one name here: for the function write "));
        Some(vec![lead, Piece::formula(format!("{}({variable})", function.name()))])
    };
    new.into_iter().find_map(split)
}

fn slip_of(g: &mut Graph, above: Id, cause: &Cause) -> Slip {
    let is_both = matches!(cause, Cause::Both(_));
    let mistakes: Vec<&'static Mistake> = cause.all().iter().map(|found| found.mistake).collect();
    let mut told: Vec<Piece> = Vec::new();
    for (k, found) in cause.all().iter().enumerate() {
        told.extend((k > 0).then(|| Piece::text(if is_both { ", and " } else { ", or " })));
        told.extend(said(found));
    }
    // where the problem is the catalogue's own example there is no other place to show, and of several rules there are too many
    let elsewhere = match mistakes[..] {
        [only] if !resolve::formula(g, only.example.0).is_ok_and(|example| example == above) => elsewhere(only),
        _ => None,
    };
    Slip { mistakes, is_both, said: told, elsewhere }
}

/// What went wrong, said of its place: half a sentence.
pub(super) fn said(found: &Found) -> Vec<Piece> {
    let (before, after) = found.mistake.said.split_once("{}").unwrap_or((found.mistake.said, ""));
    vec![Piece::text(before), Piece::Expr(found.place), Piece::text(after)]
}

/// Where a wrong rule fails: its own example, with the values of both sides.
fn elsewhere(mistake: &Mistake) -> Option<Vec<Piece>> {
    let (problem, line) = mistake.example;
    let mut g = Graph::new();
    let (left, right) = (resolve::formula(&mut g, problem).ok()?, resolve::formula(&mut g, line).ok()?);
    match judge(&mut g, &Known::default(), left, right) {
        Judged::Different { point, before, after } => {
            let mut sentence = vec![Piece::formula(problem), Piece::text(" is not "), Piece::formula(line), Piece::text(": at ")];
            sentence.extend([Piece::formula(check::describe(&g, &point)), Piece::text(" the first is ")]);
            sentence.extend([Piece::formula(before), Piece::text(", the second "), Piece::formula(after)]);
            Some(sentence)
        }
        _ => None,
    }
}
