//! A learner's lines in a document: each with its mark, as a sign and in words, and with what there is to say of it.

use super::layout::{self, Marker, Places};
use super::steps::{joined, marked, pieces, run};
use super::{Line, capital, sign, words};
use crate::expr::Graph;
use crate::marking::Judged;
use crate::outcome::{MarkedLine, Marking};
use crate::render::marking;

/// The lines of a problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Marked {
    /// What the first line is compared with.
    pub problem: Line,
    /// The lines, in order.
    pub lines: Vec<Row>,
    /// What there is to say at the end.
    pub closing: Vec<Line>,
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is to the line above.
    pub verdict: Verdict,
    /// The line; where it does not follow, the part at which that shows is marked.
    pub line: Line,
    /// What there is to say of it: sentences.
    pub remarks: Vec<Line>,
}

/// What a line is to the one above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It follows.
    Follows,
    /// It is the first that does not.
    First,
    /// It does not follow from a line that was wrong already.
    Fails,
    /// It could not be found out.
    Open,
}

impl Verdict {
    /// A sign and words.
    #[must_use]
    pub fn mark(self) -> (&'static str, &'static str) {
        match self {
            Verdict::Follows => ("✓", "follows"),
            Verdict::First | Verdict::Fails => ("✗", "does not follow"),
            Verdict::Open => ("?", "is not decided"),
        }
    }
}

/// What became of a learner's lines.
#[must_use]
pub fn lines(g: &Graph, found: &Marking) -> Marked {
    let first = found.first_wrong();
    let hint = marking::hint(found).map(|hint| capital(pieces(g, &hint)));
    let mut lines: Vec<Row> = found.lines.iter().enumerate().map(|(k, line)| row(g, found, k, line, first)).collect();
    let hinted = first.or(lines.len().checked_sub(1));
    let mut closing = Vec::new();
    match hinted.and_then(|at| lines.get_mut(at)) {
        Some(row) => row.remarks.extend(hint),
        None => closing.extend(hint),
    }
    // of a single line that follows there is nothing more to say
    let is_all_said = matches!(&lines[..], [only] if only.verdict == Verdict::Follows) && !found.is_open;
    closing.extend(marking::end(found).filter(|_| !is_all_said).map(|end| capital(vec![words(&end)])));
    Marked { problem: vec![run(g, found.problem, &Places::new())], lines, closing }
}

fn row(g: &Graph, found: &Marking, number: usize, line: &MarkedLine, first: Option<usize>) -> Row {
    let verdict = match &line.judged {
        Judged::Equal { .. } => Verdict::Follows,
        Judged::Different { .. } if first == Some(number) => Verdict::First,
        Judged::Different { .. } => Verdict::Fails,
        Judged::Undecided(_) => Verdict::Open,
    };
    let places = line.place.map_or(Places::new(), |part| layout::places_of(g, line.value, part));
    let remarks = marking::remarks(g, found, number, line, false);
    Row {
        verdict,
        line: joined(vec![sign('='), marked(g, line.value, &places, Marker::Wrong)]),
        remarks: remarks.iter().map(|sentence| capital(pieces(g, sentence))).collect(),
    }
}
