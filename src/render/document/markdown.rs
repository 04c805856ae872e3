//! Documents as Markdown, as GitHub shows it: mathematics between dollar signs, derivations as lists, pictures in blocks of text,
//! which need no second file beside this one.

use super::layout::Math;
use super::marked::Marked;
use super::steps::{Rule, Step, Steps};
use super::{Block, Format, Line, Message, Run, Strip, Table, Title, latex, narrative, sentence, word};
use crate::diagnostic::escape;
use crate::render::derivation::Marks;
use crate::render::plot_text;
use std::fmt::Write;

/// Writes Markdown.
#[derive(Debug, Default)]
pub struct Markdown;

impl Format for Markdown {
    fn begin(&mut self, out: &mut String, title: &Title) {
        if !title.is_shown {
            let _ = writeln!(out, "# {}\n", plain(&title.text));
        }
    }

    fn block(&mut self, out: &mut String, block: &Block) {
        match block {
            Block::Narrative(text) => _ = writeln!(out, "{}\n", escape(&narrative::markdown(text))),
            Block::Code(text) => out.push_str(&fenced("grad", text)),
            Block::Results(lines) => lines.iter().for_each(|line| out.push_str(&display(line))),
            Block::Steps(steps) => derivation(out, steps),
            Block::Table(found) => table(out, found),
            Block::Marked(found) => marked(out, found),
            // nobody writes on it by hand
            Block::Room(_) => {}
            Block::Picture(picture) => out.push_str(&fenced("text", &plot_text::text(picture, Marks::UNICODE))),
            Block::Remarks(lines) => remarks(out, lines),
            Block::Text(text) => out.push_str(&fenced("text", text)),
            Block::Message(found) => message(out, found),
        }
    }

    fn end(&mut self, out: &mut String) {
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
}

/// A block of code; its fence is longer than any run of backticks in it.
#[must_use]
pub fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n\n", escape(text.trim_end()))
}

/// Code within a sentence.
fn code(text: &str) -> String {
    let line: String = escape(text).replace(['\n', '\r'], " ");
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Words, with what Markdown would read as its own behind a backslash.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '$' | '#' | '~' => out.extend(['\\', c]),
            '&' => out.push_str("&amp;"),
            '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Mathematics within a line. Between a dollar and a backtick nothing of it is read as Markdown.
fn inline(math: &Math) -> String {
    format!("$`{}`$", latex::math(math))
}

fn runs(line: &[Run]) -> String {
    line.iter()
        .map(|run| match run {
            Run::Text(text) => plain(text),
            Run::Math(math) => inline(math),
            Run::Code(text) => code(text),
            Run::Strip(found) => strip(found),
        })
        .collect()
}

/// The characters of a strip.
const STRIP: usize = 24;

/// A strip as characters, each for the middle of its part.
fn strip(found: &Strip) -> String {
    let middle = |k: usize| (k as f64 + 0.5) / STRIP as f64;
    let is_in = |parts: &[(f64, f64)], at: f64| parts.iter().any(|(from, to)| (*from..*to).contains(&at));
    let marked = found.mark.map(|at| (at * STRIP as f64) as usize);
    let character = |k: usize| match middle(k) {
        _ if marked == Some(k) => '│',
        at if is_in(&found.dark, at) => '█',
        at if is_in(&found.doubt, at) => '?',
        _ => '░',
    };
    (0..STRIP).map(character).collect()
}

/// A line of its own.
fn display(line: &[Run]) -> String {
    if line.iter().any(|run| matches!(run, Run::Code(_))) {
        return format!("{}\n\n", runs(line));
    }
    let inner: String = line
        .iter()
        .map(|run| match run {
            Run::Text(text) => format!("\\text{{{}}}", latex::text(text)),
            Run::Math(math) => latex::math(math),
            Run::Code(_) | Run::Strip(_) => String::new(),
        })
        .collect();
    format!("```math\n{inner}\n```\n\n")
}

fn derivation(out: &mut String, found: &Steps) {
    out.push_str(&display(&found.start));
    if !found.chain.is_empty() {
        let chain: Vec<String> = found.chain.iter().map(inline).collect();
        let _ = writeln!(out, "The way of the influence: {}\n", chain.join(" → "));
    }
    found.steps.iter().enumerate().for_each(|(k, one)| step(out, one, &format!("{}", k + 1)));
    if let Some(result) = &found.result {
        out.push_str(&display(result));
    }
    for line in &found.closing {
        let _ = writeln!(out, "{}\n", runs(line));
    }
}

fn step(out: &mut String, step: &Step, number: &str) {
    let check = step.check.mark().map_or(String::new(), |(mark, how)| format!(" — {mark} {}", plain(&how)));
    let _ = writeln!(out, "**Step {number}: {}**{check}\n", plain(&step.name));
    if let Some(before) = &step.before {
        out.push_str(&display(before));
    }
    step.rules.iter().for_each(|one| rule(out, one));
    if !step.rules.is_empty() {
        out.push('\n');
    }
    step.inner.iter().enumerate().for_each(|(k, one)| self::step(out, one, &format!("{number}.{}", k + 1)));
    out.push_str(&display(&step.after));
}

fn rule(out: &mut String, rule: &Rule) {
    let lead = if rule.is_link { "  - " } else { "- " };
    let name = rule.name.as_ref().map_or(String::new(), |name| plain(name));
    let separator = if rule.name.is_some() && !rule.detail.is_empty() { ": " } else { "" };
    let needs = if rule.needs.is_empty() { String::new() } else { format!(" ({})", runs(&rule.needs)) };
    let why = rule.why.iter().map(|why| format!("{}.", runs(why))).collect::<Vec<_>>().join(" ");
    let is_said = rule.name.is_some() || !rule.detail.is_empty() || !needs.is_empty();
    let end = if is_said && !why.is_empty() { ". " } else { "" };
    let _ = writeln!(out, "{lead}{name}{separator}{}{needs}{end}{why}", runs(&rule.detail));
}

fn table(out: &mut String, found: &Table) {
    if !found.caption.is_empty() {
        let _ = writeln!(out, "{}:\n", runs(&found.caption));
    }
    for (k, row) in found.rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| runs(cell)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
        if k == 0 {
            let words = found.words.min(row.len());
            let _ = writeln!(out, "|{}{}", " :--- |".repeat(words), " ---: |".repeat(row.len() - words));
        }
    }
    out.push('\n');
}

fn remarks(out: &mut String, lines: &[Line]) {
    if let [] | [_] = lines {
        lines.iter().for_each(|line| _ = writeln!(out, "{}\n", runs(line)));
        return;
    }
    for line in lines {
        let _ = writeln!(out, "- {}", runs(line));
    }
    out.push('\n');
}

fn marked(out: &mut String, found: &Marked) {
    out.push_str(&display(&found.problem));
    for (k, row) in found.lines.iter().enumerate() {
        let (mark, verdict) = row.verdict.mark();
        let _ = writeln!(out, "{mark} **Line {} {verdict}**\n", k + 1);
        out.push_str(&display(&row.line));
        remarks(out, &row.remarks);
    }
    found.closing.iter().for_each(|line| _ = writeln!(out, "{}\n", runs(line)));
}

fn message(out: &mut String, found: &Message) {
    let _ = writeln!(out, "> **{} {}**: {}", word(found.severity), found.code, plain(&sentence(&found.text)));
    if !found.place.is_empty() {
        out.push_str(">\n");
        fenced("text", &found.place).trim_end().lines().for_each(|line| {
            let _ = writeln!(out, "> {line}");
        });
    }
    for line in &found.help {
        let _ = writeln!(out, ">\n> Help: {}", plain(line));
    }
    if let Some(correction) = &found.correction {
        let _ = writeln!(out, ">\n> Try {}", code(correction));
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_longer_than_what_is_in_them() {
        assert_eq!(fenced("text", "a\n"), "```text\na\n```\n\n");
        assert_eq!(fenced("text", "````"), "`````text\n````\n`````\n\n");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(plain("a_b <script> *x*"), "a\\_b \\<script\\> \\*x\\*");
    }
}
