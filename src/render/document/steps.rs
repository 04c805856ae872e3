//! A derivation as part of a document: the steps with their rules, the reasons, what changed, and how it was checked.

use super::formula::formula;
use super::layout::{self, Marker, Math, Places};
use super::{Line, Run};
use crate::derive::{Derivation, Detail, Note, Piece, Step as Taken};
use crate::expr::{Graph, Id, View, print};
use crate::math::calculus;
use crate::render::derivation::{self, Marks};

/// A derivation.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    /// What is asked for.
    pub start: Line,
    /// The stages from the variable to the result, where there are several.
    pub chain: Vec<Math>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The result, where there was nothing to do.
    pub result: Option<Line>,
    /// Where it holds, and its value.
    pub closing: Vec<Line>,
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The names of its rules, as a heading.
    pub name: String,
    /// What was done.
    pub rules: Vec<Rule>,
    /// What it was done to, for a step inside of another one.
    pub before: Option<Line>,
    /// The whole expression afterwards, what is new in it marked.
    pub after: Line,
    /// How it was checked.
    pub check: Check,
    /// The steps inside of it.
    pub inner: Vec<Step>,
}

/// A rule as it was applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name, where the step has another one.
    pub name: Option<String>,
    /// Whether it is a link of a chain: a part of the rule before it.
    pub is_link: bool,
    /// What it was applied to.
    pub detail: Line,
    /// What it needs.
    pub needs: Line,
    /// Why it holds: sentences.
    pub why: Vec<Line>,
}

/// How a step was found to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// It says nothing of that: a part of a step that is checked as a whole.
    Silent,
    /// By an exact test.
    Proved,
    /// By enclosures at so many points.
    Points(usize),
    /// It was not, for this reason.
    Open(String),
}

impl Check {
    /// A mark and a word.
    #[must_use]
    pub fn mark(&self) -> Option<(&'static str, String)> {
        match self {
            Check::Silent => None,
            Check::Proved => Some(("✓", "proved".to_owned())),
            Check::Points(points) => Some(("✓", format!("at {points} points"))),
            Check::Open(why) => Some(("?", format!("not checked: {why}"))),
        }
    }
}

/// The steps of a derivation; what is inside of a step where full detail is asked for.
#[must_use]
pub fn steps(g: &Graph, d: &Derivation, detail: Detail) -> Steps {
    let mut start: Vec<Math> = layout::operators(g, &d.variables);
    let is_group = !start.is_empty() && matches!(g.view(d.expression), View::Add(_) | View::Mul(_) | View::If(..) | View::Neg(_));
    let body = run(g, d.expression, &Places::new());
    let start = match body {
        Run::Math(body) => {
            // a thin gap before a name
            start.extend((!start.is_empty() && !is_group).then_some(Math::Sign(layout::GAP)));
            start.push(if is_group { layout::fenced(layout::Fence::Square, body) } else { body });
            vec![Run::Math(Math::Row(start))]
        }
        code => vec![Run::Math(Math::Row(start)), code],
    };
    let closing = derivation::remarks(g, d).iter().map(|line| whole(pieces(g, line))).collect();
    Steps {
        start,
        chain: if d.chain.len() > 1 { d.chain.iter().map(|s| layout::symbol(g, *s)).collect() } else { Vec::new() },
        steps: d.steps.iter().map(|step| taken(g, step, detail, false)).collect(),
        result: d.steps.is_empty().then(|| equal_to(run(g, d.result, &Places::new()))),
        closing,
    }
}

/// `every real x` as a sentence.
fn whole(mut line: Line) -> Line {
    if let Some(Run::Text(text)) = line.first_mut() {
        for (begin, lead) in [("every ", "It holds for "), ("where ", "It holds ")] {
            if text.starts_with(begin) {
                text.insert_str(0, lead);
                return line;
            }
        }
    }
    line
}

fn taken(g: &Graph, step: &Taken, detail: Detail, is_inside: bool) -> Step {
    let notes: &[Note] = if detail == Detail::Brief { &[] } else { &step.notes };
    let inner = if detail == Detail::Full { &step.substeps[..] } else { &[] };
    let check = match (step.check, &step.unchecked) {
        (Some(check), _) if check.proved => Check::Proved,
        (Some(check), _) => Check::Points(check.points),
        (None, Some(why)) => Check::Open(why.clone()),
        (None, None) => Check::Silent,
    };
    Step {
        name: name(step),
        rules: rules(g, notes, &name(step)),
        before: is_inside.then(|| vec![run(g, step.before, &Places::new())]),
        after: equal_to(run(g, step.after, &layout::changes(g, step.before, step.after))),
        check,
        inner: inner.iter().map(|step| taken(g, step, detail, true)).collect(),
    }
}

/// The names of the rules without those of the links.
fn name(step: &Taken) -> String {
    let mut names: Vec<&str> = Vec::new();
    for note in step.notes.iter().filter(|note| !note.rule.is_empty() && !note.rule.starts_with(' ')) {
        if !names.contains(&note.rule.as_str()) {
            names.push(&note.rule);
        }
    }
    if names.is_empty() { "rewrite".to_owned() } else { names.join(", ") }
}

/// The rules of a step that has this name; a reason that was given for one of them is not given again.
fn rules(g: &Graph, notes: &[Note], step: &str) -> Vec<Rule> {
    let mut given: Vec<Line> = Vec::new();
    let mut out: Vec<Rule> = notes.iter().map(|note| rule(g, note, step)).collect();
    for rule in &mut out {
        rule.why.retain(|why| !given.contains(why));
        given.extend(rule.why.iter().cloned());
    }
    out.retain(|rule| !rule.is_empty());
    out
}

impl Rule {
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.detail.is_empty() && self.needs.is_empty() && self.why.is_empty()
    }
}

/// A note of a step that has this name.
fn rule(g: &Graph, note: &Note, step: &str) -> Rule {
    let needs = pieces(g, &note.needs);
    let Some(link) = note.rule.strip_prefix("  ") else {
        let name = Some(note.rule.clone()).filter(|name| !name.is_empty() && name != step);
        return Rule { name, is_link: false, detail: pieces(g, &note.pieces), needs, why: reasons(note) };
    };
    // a link: its slope, then the rules by which it was found
    let mut detail = vec![Run::Math(formula(link))];
    let mut why = Vec::new();
    for piece in &note.pieces {
        match piece {
            Piece::Text(text) if text.starts_with("   ") => {
                detail.push(Run::Text(format!(" by {}", text.trim())));
                let names = std::iter::once(text.trim()).chain(text.trim().split(", "));
                why.extend(names.filter_map(reason));
                why.dedup();
            }
            Piece::Text(text) if text == "= " => detail.push(Run::Math(Math::Sign('='))),
            piece => detail.extend(pieces(g, std::slice::from_ref(piece))),
        }
    }
    Rule { name: None, is_link: true, detail: joined(detail), needs, why }
}

/// Why the rules of a note hold.
fn reasons(note: &Note) -> Vec<Line> {
    let said = |sentence: String| vec![Run::Text(super::sentence(&sentence))];
    if !note.why.is_empty() {
        return derivation::said(note).into_iter().map(said).collect();
    }
    let whole = reason(&note.rule).map(|line| vec![line]);
    whole.unwrap_or_else(|| note.rule.split(", ").filter_map(reason).collect())
}

/// Why a rule holds: of a function's own rule, its slope as a formula.
fn reason(name: &str) -> Option<Line> {
    let sentence = calculus::sentence(name)?;
    let slope = sentence.strip_prefix("the slope of ").and_then(|rest| rest.split_once(" is "));
    Some(match slope.filter(|_| calculus::law(name).is_none()) {
        Some((of, is)) => {
            let (of, is) = (Run::Math(formula(of)), Run::Math(formula(is)));
            vec![Run::Text("The slope of ".into()), of, Run::Text(" is ".into()), is]
        }
        None => vec![Run::Text(super::sentence(&sentence))],
    })
}

/// `= …`
fn equal_to(run: Run) -> Line {
    joined(vec![Run::Math(Math::Sign('=')), run])
}

/// An expression as it stands in a line.
pub(super) fn run(g: &Graph, id: Id, changed: &Places) -> Run {
    marked(g, id, changed, Marker::New)
}

/// The same with some of its parts marked.
pub(super) fn marked(g: &Graph, id: Id, places: &Places, marker: Marker) -> Run {
    match layout::marked(g, id, places, marker) {
        Some(math) => Run::Math(math),
        None => Run::Code(derivation::expression(g, id, Marks::UNICODE)),
    }
}

/// An expression within a sentence.
pub(super) fn inline(g: &Graph, id: Id) -> Run {
    match layout::expression(g, id) {
        Some(math) => Run::Math(math),
        None => Run::Code(print::glimpse(g, id, print::Style::Shown, 60)),
    }
}

/// Pieces of a sentence.
pub(super) fn pieces(g: &Graph, pieces: &[Piece]) -> Line {
    let run = |piece: &Piece| match piece {
        Piece::Text(text) => Run::Text(spaced(text)),
        Piece::Formula(text) => Run::Math(formula(text)),
        Piece::Expr(id) => inline(g, *id),
        Piece::Group(id) => match inline(g, *id) {
            Run::Math(math) => Run::Math(layout::fenced(layout::Fence::Round, math)),
            Run::Code(code) => Run::Code(format!("({code})")),
            text => text,
        },
    };
    joined(pieces.iter().map(run).collect())
}

/// The text with single blanks between its words, and at its ends where there were some.
fn spaced(text: &str) -> String {
    let end = |is_blank: bool| if is_blank { " " } else { "" };
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.is_empty() {
        true => end(!text.is_empty()).to_owned(),
        false => format!("{}{}{}", end(text.starts_with(' ')), words.join(" "), end(text.ends_with(' '))),
    }
}

/// The line with neighbouring mathematics in one piece.
pub(super) fn joined(runs: Vec<Run>) -> Line {
    let mut out: Line = Vec::new();
    for run in runs {
        match (out.last_mut(), run) {
            (_, Run::Text(text)) if text.is_empty() => {}
            (Some(Run::Math(Math::Row(row))), Run::Math(math)) => row.push(math),
            (Some(Run::Math(last)), Run::Math(math)) => *last = Math::Row(vec![last.clone(), math]),
            (Some(Run::Text(last)), Run::Text(text)) => last.push_str(&text),
            (_, run) => out.push(run),
        }
    }
    out
}
