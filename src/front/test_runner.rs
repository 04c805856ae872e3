//! `grad test`: programs against the `#>` lines that stand after their statements. `--bless` writes those lines.

use super::files::Files;
use super::report;
use super::watch::Watch;
use crate::diagnostic::escape;
use crate::outcome::Outcome;
use crate::render::{derivation::Marks, text};
use crate::session::{Options, Session};
use crate::source::{Source, Span};
use crate::syntax::ast::StatementKind;
use crate::syntax::parse_program;
use std::path::Path;

/// What became of one program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many expectations there are.
    pub checked: usize,
    /// What differs, for a reader.
    pub failures: Vec<String>,
    /// The program with its `#>` lines as they should be.
    pub blessed: String,
}

/// Runs a program and compares what it prints with what it expects.
///
/// # Errors
/// One sentence when the file cannot be read.
pub fn test(path: &Path, options: &Options, watch: &Watch) -> Result<Report, String> {
    let mut files = Files::within(options.limits);
    let source = files.program(path).map_err(|unread| unread.reason)?;
    let mut session = Session::new(options.clone());
    let mut printed: Vec<(Span, String)> = Vec::new();
    let main = source.name.clone();
    watch.statement();
    session.run_each(source.clone(), &mut files, &mut |session, outcome| {
        watch.statement();
        if outcome.text.source.name == main {
            printed.push((outcome.span, shown(session, &outcome)));
        }
    });
    watch.idle();
    Ok(compare(&source, &printed))
}

/// What a statement prints: its answer, and its messages on one line each, without the place, which moves with the file.
fn shown(session: &Session, outcome: &Outcome) -> String {
    let mut out = text::outcome(&session.graph, outcome, Marks::UNICODE);
    for diagnostic in &outcome.diagnostics {
        let nowhere = Source::new("", "");
        let mut bare = diagnostic.clone();
        bare.labels.clear();
        out.push_str(&report::compact(&nowhere, &bare));
        out.push('\n');
    }
    out
}

/// Statements that end on one line, with what is expected after them.
struct Group {
    /// The offset just past the line that they end on.
    end: u32,
    /// Their first line.
    line: u32,
    /// What they print.
    printed: Vec<String>,
    /// The expected lines with their spans.
    expected: Vec<Span>,
}

fn compare(source: &Source, printed: &[(Span, String)]) -> Report {
    let groups = groups(source, printed);
    let mut report = Report { checked: 0, failures: Vec::new(), blessed: String::new() };
    let mut copied = 0;
    for group in &groups {
        let expected: Vec<String> = group.expected.iter().map(|span| line_of(source.slice(*span))).collect();
        let failed = group.printed.iter().any(|line| line.starts_with("error["));
        let matters = !expected.is_empty() || failed;
        report.checked += usize::from(!expected.is_empty());
        if matters && expected != group.printed {
            report.failures.push(difference(source, group, &expected));
        }
        if expected == group.printed {
            continue;
        }
        copied = bless(source, group, copied, &mut report.blessed);
    }
    report.blessed.push_str(&source.text[copied as usize..]);
    report
}

/// Copies the text up to the group's end, and writes what it prints in place of what it expected.
fn bless(source: &Source, group: &Group, copied: u32, out: &mut String) -> u32 {
    let text = &source.text;
    let mut from = copied;
    let inline = group.expected.first().is_some_and(|span| span.start < group.end);
    let line_end = source.line_span(group.end.saturating_sub(1)).end;
    let mut until = next_line(text, line_end);
    if inline {
        let sign = text[..group.expected[0].start as usize].rfind("#>").unwrap_or(0);
        let kept = text[from as usize..sign].trim_end_matches([' ', '\t']);
        out.push_str(kept);
        out.push('\n');
    } else {
        out.push_str(&text[from as usize..until as usize]);
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
    }
    for line in &group.printed {
        out.push_str(format!("#> {line}").trim_end());
        out.push('\n');
    }
    for span in group.expected.iter().skip(usize::from(inline)) {
        until = next_line(text, source.line_span(span.start).end);
    }
    from = until;
    from
}

/// The offset after a line's end, which may be LF, CR or both.
fn next_line(text: &str, end: u32) -> u32 {
    let rest = &text[end as usize..];
    let skipped = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with(['\n', '\r'])) };
    end + u32::try_from(skipped).unwrap_or(0)
}

fn groups(source: &Source, printed: &[(Span, String)]) -> Vec<Group> {
    let parsed = parse_program(source);
    let mut marks: Vec<(Span, Option<&str>)> = printed.iter().map(|(span, text)| (*span, Some(text.as_str()))).collect();
    let expected = parsed.statements.iter().filter_map(|s| match s.kind {
        StatementKind::Expected(span) => Some((span, None)),
        _ => None,
    });
    marks.extend(expected);
    marks.sort_by_key(|(span, _)| span.start);
    let mut groups: Vec<Group> = Vec::new();
    for (span, text) in marks {
        match text {
            Some(text) => add_statement(source, &mut groups, span, text),
            None => {
                if let Some(last) = groups.last_mut() {
                    last.expected.push(span);
                }
            }
        }
    }
    groups
}

fn add_statement(source: &Source, groups: &mut Vec<Group>, span: Span, text: &str) {
    let end = next_line(&source.text, source.line_span(span.end).end);
    let lines = text.lines().map(|line| line.trim_end().to_owned());
    match groups.last_mut() {
        Some(last) if last.end > span.start && last.expected.is_empty() => {
            last.end = end;
            last.printed.extend(lines);
        }
        _ => groups.push(Group { end, line: source.place(span.start).line, printed: lines.collect(), expected: Vec::new() }),
    }
}

/// An expected line without the blank after the sign.
fn line_of(text: &str) -> String {
    text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned()
}

fn difference(source: &Source, group: &Group, expected: &[String]) -> String {
    let mut out = format!("{}:{}:\n", source.name, group.line);
    for line in expected {
        let sign = if group.printed.contains(line) { ' ' } else { '-' };
        out.push_str(&format!("  {sign} {line}\n"));
    }
    for line in group.printed.iter().filter(|line| !expected.contains(line)) {
        out.push_str(&format!("  + {line}\n"));
    }
    if group.printed.is_empty() {
        out.push_str("  (nothing was printed)\n");
    }
    escape(&out).into_owned()
}
