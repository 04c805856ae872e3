//! `grad grade`: marks the `check` statements of learners' programs, one program a learner.

use super::files::Files;
use super::watch::Watch;
use crate::diagnostic::code;
use crate::marking::Judged;
use crate::outcome::{Answer, Marking, Outcome};
use crate::session::{Options, Session};
use crate::source::Source;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// What became of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every line follows, and no derivative is left to be taken.
    Right,
    /// A line does not follow: which one, counted from 0, and the mistakes behind it where they are known.
    Wrong(usize, Vec<&'static str>),
    /// It could not be found out whether this line follows, counted from 0.
    Undecided(usize),
    /// Every line follows, and a derivative is still to be taken.
    Unfinished,
    /// There are no lines.
    Unanswered,
    /// It cannot be read: the code of the message and what it says.
    Unreadable(&'static str, String),
}

/// A problem in a learner's program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The problem, as the learner's program has it.
    pub problem: String,
    /// The line of the program on which it begins; none where the sheet has it and the program does not.
    pub line: Option<u32>,
    /// What became of it.
    pub verdict: Verdict,
}

/// A learner's program with its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grade {
    /// The name of the program's file, without its ending.
    pub learner: String,
    /// The problems, in order.
    pub problems: Vec<Marked>,
}

impl Grade {
    /// How many problems are right.
    #[must_use]
    pub fn right(&self) -> usize {
        self.problems.iter().filter(|marked| marked.verdict == Verdict::Right).count()
    }
}

/// Marks a program. Problems of the sheet that it does not have are unanswered.
///
/// # Errors
/// One sentence when the file cannot be read.
pub fn grade(path: &Path, sheet: &[String], options: &Options, watch: &Watch) -> Result<Grade, String> {
    let mut problems = marked(path, options, watch)?;
    let answered = |problem: &&String| problems.iter().any(|marked| marked.problem == **problem);
    let missing: Vec<String> = sheet.iter().filter(|problem| !answered(problem)).cloned().collect();
    problems.extend(missing.into_iter().map(|problem| Marked { problem, line: None, verdict: Verdict::Unanswered }));
    let learner = path.file_stem().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    Ok(Grade { learner, problems })
}

/// The problems of a sheet.
///
/// # Errors
/// One sentence when the file cannot be read.
pub fn problems_of(path: &Path, options: &Options, watch: &Watch) -> Result<Vec<String>, String> {
    Ok(marked(path, options, watch)?.into_iter().map(|marked| marked.problem).collect())
}

fn marked(path: &Path, options: &Options, watch: &Watch) -> Result<Vec<Marked>, String> {
    let mut files = Files::within(options.limits);
    let source = files.program(path).map_err(|unread| unread.reason)?;
    let mut session = Session::new(options.clone());
    let mut found: Vec<(u32, Marked)> = Vec::new();
    watch.statement();
    session.run_each(source.clone(), &mut files, &mut |_, outcome| {
        watch.statement();
        let start = if outcome.text.source.name == source.name { begin_of_check(&source, &outcome) } else { None };
        if let Some(start) = start {
            let problem = problem(&source.text[start as usize..]);
            found.push((start, Marked { problem, line: Some(source.place(start).line), verdict: verdict(&outcome) }));
        }
    });
    watch.idle();
    // messages about what cannot be read come in an order of their own
    found.sort_by_key(|(start, _)| *start);
    Ok(found.into_iter().map(|(_, marked)| marked).collect())
}

/// Where a `check` begins; none of another statement. What cannot be read has the place of its fault, and belongs to the `check`
/// above it, whose further lines are indented or begin with `=`.
fn begin_of_check(source: &Source, outcome: &Outcome) -> Option<u32> {
    if outcome.command != "syntax" {
        return (outcome.command == "check").then_some(outcome.span.start);
    }
    let mut start = source.line_span(outcome.span.start).start;
    loop {
        let line = source.slice(source.line_span(start));
        if line.starts_with("check ") {
            return Some(start);
        }
        if start == 0 || !line.starts_with([' ', '\t', '=']) {
            return None;
        }
        start = source.line_span(start - 1).start;
    }
}

/// The problem of a `check`: its first line, up to the learner's own.
fn problem(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default().trim_start().trim_start_matches("check");
    first.split(" = ").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn verdict(outcome: &Outcome) -> Verdict {
    if let Some(Answer::Marking(marking)) = &outcome.answer {
        return of_lines(marking);
    }
    match outcome.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        Some(fault) if fault.code == &code::NO_LINES => Verdict::Unanswered,
        Some(fault) => Verdict::Unreadable(fault.code.id, fault.message.clone()),
        None => Verdict::Unanswered,
    }
}

fn of_lines(marking: &Marking) -> Verdict {
    if let Some(at) = marking.first_wrong() {
        let made = marking.lines[at].slip.iter().flat_map(|slip| slip.made());
        return Verdict::Wrong(at, made.map(|mistake| mistake.name).collect());
    }
    if let Some(at) = marking.lines.iter().position(|line| matches!(line.judged, Judged::Undecided(_))) {
        return Verdict::Undecided(at);
    }
    match (marking.lines.is_empty(), marking.is_open) {
        (true, _) => Verdict::Unanswered,
        (false, true) => Verdict::Unfinished,
        (false, false) => Verdict::Right,
    }
}

/// The marks as a table, what is not right below each learner, and how often each mistake was made.
#[must_use]
pub fn table(grades: &[Grade]) -> String {
    let mut out = String::new();
    let width = grades.iter().map(|grade| grade.learner.chars().count()).max().unwrap_or(0).max("learner".len());
    let _ = writeln!(out, "{:<width$}  right  of", "learner");
    for grade in grades {
        let _ = writeln!(out, "{:<width$}  {:>5}  {:>2}", grade.learner, grade.right(), grade.problems.len());
        for marked in grade.problems.iter().filter(|marked| marked.verdict != Verdict::Right) {
            let line = marked.line.map_or("not there".to_owned(), |line| format!("line {line}"));
            let _ = writeln!(out, "  {line:<9}  {}: {}", marked.problem, said(&marked.verdict));
        }
    }
    let mistakes = mistakes(grades);
    if !mistakes.is_empty() {
        let _ = writeln!(out, "\nmistakes");
    }
    for (name, count) in mistakes {
        let _ = writeln!(out, "  {count:>3}  {name}");
    }
    out
}

/// How often each mistake was made, the most frequent first.
fn mistakes(grades: &[Grade]) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for marked in grades.iter().flat_map(|grade| &grade.problems) {
        if let Verdict::Wrong(_, names) = &marked.verdict {
            names.iter().for_each(|name| *counts.entry(name).or_default() += 1);
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Right => "right".to_owned(),
        Verdict::Wrong(at, names) if names.is_empty() => format!("line {} does not follow", at + 1),
        Verdict::Wrong(at, names) => format!("line {} does not follow: {}", at + 1, names.join(" and ")),
        Verdict::Undecided(at) => format!("undecided from line {} on: look at it yourself", at + 1),
        Verdict::Unfinished => "right so far, a derivative is still to be taken".to_owned(),
        Verdict::Unanswered => "no lines".to_owned(),
        Verdict::Unreadable(code, message) => format!("cannot be read: {message} [{code}]"),
    }
}

/// The marks of one learner as an object.
#[must_use]
pub fn object(grade: &Grade) -> Value {
    let problems: Vec<Value> = grade.problems.iter().map(as_object).collect();
    json!({"learner": grade.learner, "right": grade.right(), "of": grade.problems.len(), "problems": problems})
}

fn as_object(marked: &Marked) -> Value {
    let mut fields = json!({"problem": marked.problem, "line": marked.line, "verdict": word(&marked.verdict)});
    match &marked.verdict {
        Verdict::Wrong(at, names) => {
            fields["first_wrong"] = json!(at);
            fields["misconception"] = json!(names.first());
        }
        Verdict::Undecided(at) => fields["undecided"] = json!(at),
        Verdict::Unreadable(code, message) => fields["error"] = json!({"code": code, "message": message}),
        Verdict::Right | Verdict::Unfinished | Verdict::Unanswered => {}
    }
    fields
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Right => "right",
        Verdict::Wrong(..) => "wrong",
        Verdict::Undecided(_) => "undecided",
        Verdict::Unfinished => "unfinished",
        Verdict::Unanswered => "unanswered",
        Verdict::Unreadable(..) => "unreadable",
    }
}
