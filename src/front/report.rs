//! Draws diagnostics as text. The only file that knows ariadne.
//!
//! A report is drawn over an excerpt: the lines its labels touch, with unsafe characters replaced one for
//! one and long lines cut, so that neither a hostile name nor a line of a mebibyte reaches the terminal.

use crate::diagnostic::{Diagnostic, Label, Severity, escape, is_unsafe, quote};
use crate::front::palette::{self, ink, painted};
use crate::render::document::Message;
use crate::render::prose::filled;
use crate::source::{Source, Span, floor_char};
use ariadne::{Color, Config, IndexType, Report, ReportKind};
use std::fmt::Write;

/// How a report looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colour.
    pub color: bool,
}

/// Lines longer than this many characters are cut around the fault.
const LONGEST_LINE: usize = 160;

/// How much of a long line is kept on each side of the fault, in characters.
const MARGIN: usize = 50;

/// How many lines a label may span before it is cut to its first line.
const MOST_LINES: usize = 12;

/// Every diagnostic, drawn one after another.
#[must_use]
pub fn reports(source: &Source, diagnostics: &[Diagnostic], style: Style) -> String {
    diagnostics.iter().map(|diagnostic| report(source, diagnostic, style)).collect()
}

/// A diagnostic with its excerpt, its help and the corrected input.
#[must_use]
pub fn report(source: &Source, diagnostic: &Diagnostic, style: Style) -> String {
    let Some(span) = diagnostic.span() else {
        return without_place(diagnostic);
    };
    let excerpt = Excerpt::around(source, diagnostic, span);
    let name = escape(&source.name).into_owned();
    let place = (name.clone(), excerpt.map(span));
    let config = Config::default().with_index_type(IndexType::Byte).with_color(style.color);
    let mut report = Report::build(kind(diagnostic.severity), place)
        .with_config(config)
        .with_code(diagnostic.code.id)
        .with_message(escape(&diagnostic.message));
    for label in &diagnostic.labels {
        report.add_label(drawn(label, &excerpt, &name, diagnostic.severity));
    }
    if let Some(help) = advice(diagnostic) {
        report.set_help(help);
    }
    if excerpt.is_cut {
        report.set_note(format!("the line is shortened; the fault is at column {}", source.place(span.start).column));
    }
    let text = ariadne::Source::from(excerpt.text.as_str());
    let mut out = Vec::new();
    match report.finish().write((name, text), &mut out) {
        Ok(()) if style.color => trimmed(&recolored(&String::from_utf8_lossy(&out))),
        // a kind of one's own is drawn in its colour whatever was asked for
        Ok(()) => trimmed(&anstream::adapter::strip_str(&String::from_utf8_lossy(&out)).to_string()),
        Err(_) => without_place(diagnostic),
    }
}

/// The diagnostic on one line: `name:1:5: error[E0101]: message; help`.
#[must_use]
pub fn compact(source: &Source, diagnostic: &Diagnostic) -> String {
    let place = diagnostic.span().map(|span| source.place(span.start));
    let mut line = match place {
        Some(place) => format!("{}:{}:{}: ", escape(&source.name), place.line, place.column),
        None => String::new(),
    };
    line.push_str(&heading(diagnostic));
    if let Some(help) = advice(diagnostic) {
        line.push_str("; ");
        line.push_str(&help.replace('\n', "; "));
    }
    line
}

/// Where the text of a report stands that has just been typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// How many columns the prompt takes.
    pub indent: usize,
    /// Whether the last line on the terminal is that of the fault, so that the marks can stand under it.
    pub is_above: bool,
    /// The columns of the terminal.
    pub columns: usize,
}

/// The diagnostic for somebody who has just typed the text: marks under the line, each with its remark, then the message, the
/// help and the corrected input. No file, no margin.
#[must_use]
pub fn typed(source: &Source, diagnostic: &Diagnostic, typed: Typed, style: Style) -> String {
    let mut out = pointed(source, diagnostic, typed, style);
    let heading = filled("", "  ", &heading(diagnostic), typed.columns);
    let (word, message) = heading.split_once(':').unwrap_or(("", &heading));
    let _ = write!(out, "{}:{message}", style.paint(severity_color(diagnostic.severity), word));
    for (k, line) in diagnostic.help.iter().flat_map(|help| help.lines()).enumerate() {
        let label = if k == 0 { "  help: " } else { "        " };
        out.push_str(&filled(label, "        ", &escape(line), typed.columns));
    }
    if let Some(correction) = &diagnostic.correction {
        let _ = writeln!(out, "  try:  {}", quote_whole(correction));
    }
    out
}

/// The marks of a diagnostic under the line that has just been typed, each with its remark.
#[must_use]
pub fn pointed(source: &Source, diagnostic: &Diagnostic, typed: Typed, style: Style) -> String {
    let mut out = String::new();
    if let Some(span) = diagnostic.span() {
        let line = source.line_span(span.start);
        let excerpt = Excerpt::around(source, &Diagnostic { labels: Vec::new(), ..diagnostic.clone() }, span);
        let shown = excerpt.text.trim_start_matches('\n').replace('\t', " ");
        let before = excerpt.text.len() - excerpt.text.trim_start_matches('\n').len();
        let is_above = typed.is_above && !excerpt.is_cut && shown == source.slice(line);
        let indent = if is_above { typed.indent } else { 2 };
        if !is_above {
            let _ = writeln!(out, "  {}", shown.trim_end());
        }
        let mut labels: Vec<&Label> = diagnostic.labels.iter().filter(|label| touches(line, label.span)).collect();
        labels.sort_by_key(|label| (label.span.start, label.span.end));
        for label in labels {
            let at = excerpt.map(label.span);
            let from = width(&shown[..at.start.saturating_sub(before).min(shown.len())]) + indent;
            let under = shown.get(at.start.saturating_sub(before)..at.end.saturating_sub(before)).map_or(0, width);
            let mark = if label.primary { "^" } else { "-" }.repeat(under.max(1));
            let text = escape(&label.text);
            let marked = format!("{}{} {text}", " ".repeat(from), style.paint(mark_color(diagnostic.severity, label), &mark));
            let _ = writeln!(out, "{}", marked.trim_end());
        }
    }
    out
}

/// The diagnostic as part of a document.
#[must_use]
pub fn message(source: &Source, diagnostic: &Diagnostic) -> Message {
    let place = pointed(source, diagnostic, Typed::default(), Style::default());
    Message {
        severity: diagnostic.severity,
        code: diagnostic.code.id,
        text: escape(&diagnostic.message).into_owned(),
        place: place.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>().join("\n"),
        help: diagnostic.help.iter().flat_map(|help| help.lines()).map(|line| escape(line).into_owned()).collect(),
        correction: diagnostic.correction.as_ref().map(|text| quote_whole(text)),
    }
}

fn touches(line: Span, span: Span) -> bool {
    line.start <= span.start && span.start <= line.end
}

fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

fn severity_color(severity: Severity) -> u8 {
    match severity {
        Severity::Error => palette::ERROR,
        Severity::Warning => palette::WARNING,
        Severity::Note => palette::NOTE,
    }
}

fn mark_color(severity: Severity, label: &Label) -> u8 {
    if label.primary { severity_color(severity) } else { palette::BESIDE }
}

impl Style {
    fn paint(self, color: u8, text: &str) -> String {
        if self.color { painted(&ink("1;", color), text) } else { text.to_owned() }
    }
}

fn heading(diagnostic: &Diagnostic) -> String {
    let word = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    format!("{word}[{}]: {}", diagnostic.code.id, escape(&diagnostic.message))
}

fn without_place(diagnostic: &Diagnostic) -> String {
    let mut out = heading(diagnostic);
    if let Some(help) = advice(diagnostic) {
        let _ = write!(out, "\n  help: {help}");
    }
    out.push('\n');
    out
}

/// The help and the correction, as one text.
fn advice(diagnostic: &Diagnostic) -> Option<String> {
    let correction = diagnostic.correction.as_ref().map(|text| format!("try `{}`", quote_whole(text)));
    let help = diagnostic.help.as_ref().map(|text| escape(text).into_owned());
    match (help, correction) {
        (Some(help), Some(correction)) => Some(format!("{help}\n{correction}")),
        (help, correction) => help.or(correction),
    }
}

/// A correction stands whole where it is short; its lines are joined.
fn quote_whole(text: &str) -> String {
    let line = text.split(['\n', '\r']).map(str::trim).collect::<Vec<_>>().join(" ");
    if line.chars().count() > LONGEST_LINE { quote(&line) } else { escape(&line).into_owned() }
}

fn kind(severity: Severity) -> ReportKind<'static> {
    let word = match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Note => "Note",
    };
    ReportKind::Custom(word, Color::Fixed(severity_color(severity)))
}

/// The colours that ariadne does not leave to its callers, replaced: light greys and a light green, which vanish on a light ground.
fn recolored(text: &str) -> String {
    let own = |color: u8| format!("\x1b[{}m", ink("", color));
    let mut out = text.replace(&own(249), "\x1b[39m").replace(&own(115), &own(palette::NOTE));
    for grey in [240, 246] {
        out = out.replace(&own(grey), &own(palette::QUIET));
    }
    out
}

fn drawn(label: &Label, excerpt: &Excerpt, name: &str, severity: Severity) -> ariadne::Label<(String, std::ops::Range<usize>)> {
    let color = Color::Fixed(mark_color(severity, label));
    let drawn = ariadne::Label::new((name.to_owned(), excerpt.map(label.span))).with_color(color);
    if label.text.is_empty() { drawn.with_message("here") } else { drawn.with_message(escape(&label.text)) }
}

/// Without spaces at line ends.
fn trimmed(text: &str) -> String {
    let mut out: String = text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// The lines that the labels touch, safe to show. As many empty lines as the source has before them stand
/// before them here: ariadne's own line offset moves the heading's line number and not the margin's.
struct Excerpt {
    text: String,
    /// Pieces of the source that stand in `text`, in order: where each begins in the source and in
    /// the excerpt, byte for byte equal in length unless replaced.
    offsets: Vec<(u32, usize)>,
    is_cut: bool,
}

impl Excerpt {
    fn around(source: &Source, diagnostic: &Diagnostic, fault: Span) -> Self {
        let spans = diagnostic.labels.iter().map(|label| label.span);
        let near = |span: &Span| lines_between(source, *span, fault) <= MOST_LINES;
        let all = spans.filter(near).fold(Span::at(fault.start), |all, span| all.to(Span::at(span.start)));
        let start = source.line_span(all.start).start;
        let end = source.line_span(all.end).end;
        let text = "\n".repeat(source.place(start).line as usize - 1);
        let mut excerpt = Excerpt { text, offsets: Vec::new(), is_cut: false };
        let mut at = start;
        while at <= end {
            let line = source.line_span(at);
            excerpt.line(source, line, fault);
            at = after_line_end(source, line.end);
            if at <= end && at > line.end {
                excerpt.text.push('\n');
            }
            if at == line.end {
                break;
            }
        }
        excerpt.offsets.push((u32::MAX, excerpt.text.len()));
        excerpt
    }

    fn line(&mut self, source: &Source, line: Span, fault: Span) {
        let text = source.slice(line);
        if text.len() <= LONGEST_LINE || text.chars().count() <= LONGEST_LINE {
            self.copy(text, line.start);
            return;
        }
        self.is_cut = true;
        let focus = fault.start.clamp(line.start, line.end) - line.start;
        let from = back(text, focus as usize, MARGIN);
        let to = from + text[from..].char_indices().nth(2 * MARGIN).map_or(text.len() - from, |(i, _)| i);
        if from > 0 {
            self.text.push('…');
        }
        self.copy(&text[from..to], line.start + u32::try_from(from).unwrap_or(0));
        if to < text.len() {
            self.text.push('…');
        }
    }

    /// Copies characters; the byte-order mark vanishes, an unsafe character becomes one visible one.
    fn copy(&mut self, text: &str, start: u32) {
        let mut at = start;
        for c in text.chars() {
            self.offsets.push((at, self.text.len()));
            at += u32::try_from(c.len_utf8()).unwrap_or(0);
            match c {
                '\u{feff}' if start == 0 && at == 3 => {}
                '\0'..='\u{1f}' if is_unsafe(c) => self.text.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
                _ if is_unsafe(c) => self.text.push('\u{fffd}'),
                _ => self.text.push(c),
            }
        }
        self.offsets.push((at, self.text.len()));
    }

    /// Where a span of the source stands in the excerpt, at character boundaries, clamped; an empty
    /// span is widened to the character after it where there is one on the line.
    fn map(&self, span: Span) -> std::ops::Range<usize> {
        let start = self.offset(span.start);
        let end = self.offset(span.end).max(start);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |i| start + i);
        start..end.min(line_end)
    }

    fn offset(&self, at: u32) -> usize {
        let i = self.offsets.partition_point(|&(from, _)| from < at);
        let (_, to) = self.offsets.get(i).copied().unwrap_or((0, self.text.len()));
        floor_char(&self.text, to)
    }
}

fn lines_between(source: &Source, a: Span, b: Span) -> usize {
    let both = Span::at(a.start).to(Span::at(b.start));
    source.slice(both).bytes().filter(|&b| b == b'\n' || b == b'\r').count()
}

fn back(text: &str, from: usize, chars: usize) -> usize {
    let from = floor_char(text, from);
    text[..from].char_indices().rev().nth(chars.saturating_sub(1)).map_or(0, |(i, _)| i)
}

fn after_line_end(source: &Source, end: u32) -> u32 {
    let rest = &source.text.as_bytes()[end as usize..];
    match rest {
        [b'\r', b'\n', ..] => end + 2,
        [b'\r' | b'\n', ..] => end + 1,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;
    use crate::syntax::parse_program;
    use proptest::prelude::*;

    fn drawn(text: &str) -> String {
        let source = Source::new("t.grad", text);
        reports(&source, &parse_program(&source).diagnostics, Style::default())
    }

    #[test]
    fn hostile_characters_are_replaced_in_place() {
        let text = drawn("x\u{202e} + \u{1b}[31m @ y");
        assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text}");
        let named = Source::new("a\u{1b}b", "@");
        let text = reports(&named, &parse_program(&named).diagnostics, Style::default());
        assert!(text.contains("a\\u{1b}b"), "{text}");
    }

    #[test]
    fn a_line_of_a_mebibyte_is_cut() {
        let text = drawn(&format!("{} @ y", "x + ".repeat(250_000)));
        assert!(text.len() < 2000, "{}", text.len());
        assert!(text.contains("column 1000002"), "{text}");
    }

    #[test]
    fn line_numbers_are_those_of_the_source() {
        assert!(drawn(&("\n".repeat(200_000) + "x + @")).contains("t.grad:200001:5"));
        assert!(drawn("x\r\ny\rz @").contains("t.grad:3:3"));
        assert!(drawn("\u{feff}@").contains("t.grad:1:1"));
    }

    #[test]
    fn the_compact_form_is_one_line() {
        let source = Source::new("t", "x\ny = 1");
        let line = compact(&source, &parse_program(&source).diagnostics[0]);
        assert!(line.starts_with("t:2:3: error[E0114]: ") && !line.contains('\n'), "{line}");
    }

    fn under(text: &str, is_above: bool) -> String {
        let source = Source::new("input", text);
        let found = parse_program(&source).diagnostics;
        typed(&source, &found[0], Typed { indent: 2, is_above, columns: 80 }, Style::default())
    }

    #[test]
    fn marks_stand_under_what_was_typed() {
        let told = under("let y = 1/2x", true);
        assert!(told.starts_with("          ^^^^ which of the two?\nerror[E0108]: "), "{told}");
        assert!(told.contains("\n  help: write `(1/2)*x` or `1/(2*x)`\n"), "{told}");
        let wide = under("\u{3c3}\u{304} + 変 + @", true);
        assert!(wide.starts_with(&format!("{}^", " ".repeat(2 + 9))), "{wide}");
    }

    #[test]
    fn the_line_is_shown_where_it_is_not_above() {
        let told = under("x + 1\ny + (2\n", false);
        assert!(told.starts_with("  y + (2\n      ^"), "{told}");
        let unsafe_ones = under("x\u{202e} @ \u{1b}[31m", true);
        assert!(!unsafe_ones.contains(['\u{202e}', '\u{1b}']), "{unsafe_ones}");
    }

    proptest! {
        #[test]
        fn any_span_is_drawn(text in ".{0,40}(\n|\r|\r\n).{0,40}", a in 0u32..100, b in 0u32..100, c in 0u32..100) {
            let source = Source::new("t", text);
            let diagnostic = Diagnostic::new(&code::UNEXPECTED, "m").at(Span::new(a, b), "l").see(Span::at(c), "k");
            prop_assert!(report(&source, &diagnostic, Style::default()).contains("E0101"));
            prop_assert!(!compact(&source, &diagnostic).is_empty());
            let place = Typed { indent: 2, is_above: a % 2 == 0, columns: c as usize };
            prop_assert!(typed(&source, &diagnostic, place, Style::default()).contains("E0101"));
        }
    }
}
