//! A derivation in the terminal: states begin with `=`, what is done between them stands after a bar, and a mark says that the
//! step was checked. ASCII and Unicode differ in their marks only.

use super::letters;
use super::prose::{COLUMNS, filled, firm_sentence};
use crate::derive::{Derivation, Detail, Note, Piece, Step};
use crate::expr::{Graph, Id, Symbol, View, print, walk};
use crate::math::calculus;
use std::fmt::Write;

/// The marks of one output format.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// How expressions are written.
    pub style: print::Style,
    pub(crate) bar: &'static str,
    checked: &'static str,
    arrow: &'static str,
}

impl Marks {
    /// Marks for a terminal that shows Unicode.
    pub const UNICODE: Marks = Marks { style: print::Style::Shown, bar: "│", checked: "✓", arrow: " → " };
    /// Marks for plain ASCII.
    pub const ASCII: Marks = Marks { style: print::Style::Shown, bar: "|", checked: "ok", arrow: " -> " };

    /// A text with the marks of this format in place of those of Unicode.
    pub fn folded(self, text: &str) -> String {
        if self.bar == Marks::UNICODE.bar {
            return text.to_owned();
        }
        let unicode = Marks::UNICODE;
        let text = text.replace(unicode.bar, self.bar).replace(unicode.checked, self.checked).replace(unicode.arrow, self.arrow);
        letters::in_ascii(&text)
    }
}

/// Rule names are padded to this width.
pub(crate) const RULE: usize = 14;
/// The longest word that usually stands beside a mark; all marks begin in one column, from which on it has room.
const PROVED: &str = " proved";
/// A condition after a detail starts in this column, where the detail is shorter and it has room there.
const NEEDS: usize = RULE + 53;

/// The columns of a link of a chain.
const LINK: usize = 100;

/// A longer state shows its ends; `diff` prints the whole result.
const LONGEST: usize = 600;
/// Of more named parts than this, the first and the last are shown.
const PARTS: usize = 16;

/// The derivation as lines of text.
pub fn text(g: &Graph, d: &Derivation, detail: Detail, marks: Marks) -> String {
    within(g, d, detail, marks, COLUMNS)
}

/// The same in lines of so many columns, where formulas allow it.
pub(crate) fn within(g: &Graph, d: &Derivation, detail: Detail, marks: Marks, columns: usize) -> String {
    let mut out = String::new();
    title(&mut out, g, d, marks);
    let last = d.steps.len().saturating_sub(1);
    for (k, step) in d.steps.iter().enumerate() {
        if detail != Detail::Brief {
            for note in &step.notes {
                // each link of a chain has one line, also where that is a little longer
                let is_link = note.rule.starts_with(' ');
                line(&mut out, g, note, marks, if is_link { columns.max(LINK) } else { columns });
                if detail == Detail::Full {
                    let margin = format!("  {} {:<RULE$} ", marks.bar, "");
                    said(note).iter().for_each(|sentence| out.push_str(&filled(&margin, &margin, sentence, columns)));
                }
            }
        }
        if detail == Detail::Full {
            for inner in &step.substeps {
                nested(&mut out, g, inner, 2, marks);
            }
        }
        let state = format!("  = {}", expression(g, step.after, marks));
        let _ = writeln!(out, "{}", marked(&state, &verdict(step, k == last, marks), marks, columns));
    }
    if d.steps.is_empty() {
        let _ = writeln!(out, "  = {}", expression(g, d.result, marks));
    }
    parts(&mut out, g, d.result, marks);
    for remark in remarks(g, d) {
        out.push_str(&filled("  ", "    ", &firm_sentence(&remark, |e| expression(g, e, marks)), columns));
    }
    out
}

pub(crate) fn title(out: &mut String, g: &Graph, d: &Derivation, marks: Marks) {
    let operator: Vec<String> = operators(g, &d.variables);
    let body = expression(g, d.expression, marks);
    let needs_group = matches!(g.view(d.expression), View::Add(_) | View::If(..));
    let mut line = match operator.is_empty() {
        true => body,
        false if needs_group => format!("{} [{body}]", operator.join(" ")),
        false => format!("{} {body}", operator.join(" ")),
    };
    if d.chain.len() > 1 {
        let names: Vec<&str> = d.chain.iter().map(|s| g.name(*s)).collect();
        let shown = match names.len() {
            0..=9 => names.join(marks.arrow),
            n => format!("{}{}...{}{}", names[..4].join(marks.arrow), marks.arrow, marks.arrow, names[n - 3..].join(marks.arrow)),
        };
        line = format!("{line:<18}   {shown}");
    }
    let _ = writeln!(out, "{line}");
}

/// `d/dx`, `d^2/dx^2`, or one for each variable, the last derivative outermost.
fn operators(g: &Graph, variables: &[Symbol]) -> Vec<String> {
    match variables {
        [] => Vec::new(),
        [first, rest @ ..] if rest.iter().all(|v| v == first) => {
            let name = g.name(*first);
            let n = variables.len();
            vec![if n == 1 { format!("d/d{name}") } else { format!("d^{n}/d{name}^{n}") }]
        }
        _ => variables.iter().rev().map(|v| format!("d/d{}", g.name(*v))).collect(),
    }
}

/// A note: its rule, what it is applied to, and what it needs. Where that is longer than so many columns, the needs come closer,
/// or stand on a line of their own, and the detail is broken between its formulas.
pub(crate) fn line(out: &mut String, g: &Graph, note: &Note, marks: Marks, columns: usize) {
    let [detail, needs] = [&note.pieces, &note.needs].map(|pieces| firm_sentence(pieces, |e| expression(g, e, marks)));
    // the name of a link is followed by `=`
    let gap = if note.rule.chars().count() >= RULE && !note.rule.starts_with(' ') { " " } else { "" };
    let margin = format!("  {} {:<RULE$} ", marks.bar, "");
    out.push_str(&filled(&format!("  {} {:<RULE$}{gap} ", marks.bar, note.rule), &margin, &detail, columns));
    if needs.is_empty() {
        return;
    }
    let above = out.trim_end().len();
    let width = out[..above].lines().last().map_or(0, |line| line.chars().count());
    let start = NEEDS.min(columns.min(COLUMNS).saturating_sub(needs.chars().count())).max(width + 2);
    if start + needs.chars().count() <= columns {
        out.truncate(above);
        out.push_str(&filled(&" ".repeat(start - width), "", &needs, usize::MAX));
    } else {
        out.push_str(&filled(&margin, &margin, &needs, columns));
    }
}

/// A state with the mark of its check, which stands to the right where there is room.
pub(crate) fn marked(state: &str, mark: &str, marks: Marks, columns: usize) -> String {
    let usual = marks.checked.chars().count() + PROVED.len();
    let column = columns.saturating_sub(usual.max(mark.chars().count()) + 1);
    format!("{state:<column$} {mark}").trim_end().to_owned()
}

/// How the step was found to be right, in a word.
pub(crate) fn verdict(step: &Step, last: bool, marks: Marks) -> String {
    match step.check {
        None => step.unchecked.as_ref().map_or_else(String::new, |why| format!("? not checked: {why}")),
        // what was only compared at points says so wherever it stands
        Some(check) if !check.proved => format!("{} at {} points", marks.checked, check.points),
        Some(_) if last => format!("{}{PROVED}", marks.checked),
        Some(_) => marks.checked.to_owned(),
    }
}

/// Steps inside a step, indented.
fn nested(out: &mut String, g: &Graph, step: &Step, indent: usize, marks: Marks) {
    let pad = "  ".repeat(indent);
    let _ = writeln!(out, "{pad}{} {}: {}", marks.bar, step.rule(), expression(g, step.before, marks));
    for inner in &step.substeps {
        for note in &inner.notes {
            let detail = pieces(g, &note.pieces, marks);
            let _ = writeln!(out, "{}", format!("{pad}{}   {:<RULE$} {detail}", marks.bar, note.rule).trim_end());
        }
        let _ = writeln!(out, "{pad}{} = {}", marks.bar, expression(g, inner.after, marks));
    }
}

/// Pieces of a sentence as text.
pub fn pieces(g: &Graph, pieces: &[Piece], marks: Marks) -> String {
    Piece::sentence(pieces, |e| expression(g, e, marks))
}

/// An expression in a line of its own; one that is too long to be read shows its ends.
pub(crate) fn expression(g: &Graph, e: Id, marks: Marks) -> String {
    let text = print::with_named_parts(g, e, marks.style, print::NAMED_PARTS_FROM).text;
    let count = text.chars().count();
    if count <= LONGEST {
        return text;
    }
    let head: String = text.chars().take(LONGEST / 2).collect();
    let tail: String = text.chars().skip(count - LONGEST / 4).collect();
    format!("{head} ... {tail}   ({count} characters)")
}

/// What the names in a large result stand for; of very many, the first and the last.
pub(crate) fn parts(out: &mut String, g: &Graph, e: Id, marks: Marks) {
    let parts = print::with_named_parts(g, e, marks.style, print::NAMED_PARTS_FROM).parts;
    let (first, last) = (PARTS / 2, parts.len().saturating_sub(PARTS / 2));
    for (k, (name, part)) in parts.iter().enumerate() {
        if k < first || k >= last {
            let _ = writeln!(out, "    where {name} = {part}");
        } else if k == first {
            let _ = writeln!(out, "    ... {} more", last - first);
        }
    }
}

/// The last lines: where the result is the derivative, and where there is none.
pub(crate) fn closing(g: &Graph, d: &Derivation, marks: Marks) -> Vec<String> {
    remarks(g, d).iter().map(|remark| pieces(g, remark, marks)).collect()
}

/// The same as pieces.
pub(crate) fn remarks(g: &Graph, d: &Derivation) -> Vec<Vec<Piece>> {
    let text = |text: &'static str| Piece::Text(text.into());
    let mut out = Vec::new();
    // of a rewrite it is said where it holds, of a derivative also that there is one
    let (smooth, smooth_there) = if d.variables.is_empty() { ("", "") } else { ("; smooth", "; smooth there") };
    if !d.assumed.is_empty() {
        let mut line = vec![text("where ")];
        if !d.domain.is_empty() {
            listed(&mut line, &d.domain);
            line.push(text(", and "));
        }
        listed(&mut line, &d.assumed);
        line.extend([text(", as assumed"), text(if d.kinks.is_empty() { smooth_there } else { "" })]);
        out.push(line);
    } else if d.domain.is_empty() {
        let mut names: Vec<&str> = walk::free_symbols(g, &[d.opened]).into_iter().map(|s| g.name(s)).collect();
        names.sort_unstable();
        let mut line = vec![text("every real ")];
        match names.len() {
            0 => line.clear(),
            1..=8 => {
                for (k, name) in names.iter().enumerate() {
                    line.extend((k > 0).then(|| text(", ")));
                    line.push(Piece::Formula((*name).to_owned().into()));
                }
            }
            n => line.push(Piece::Text(format!("value of the {n} variables").into())),
        }
        if !line.is_empty() {
            line.push(text(smooth));
            out.push(line);
        }
    } else {
        let mut line = vec![text("where ")];
        listed(&mut line, &d.domain);
        line.push(text(if d.kinks.is_empty() { smooth_there } else { "" }));
        out.push(line);
    }
    let mut told: Vec<&str> = Vec::new();
    // a whole region without a derivative is what the domain says already
    let places =
        d.kinks.iter().filter(|(at, _)| matches!(g.view(*at), View::Compare(crate::expr::Relation::Equal, ..) | View::And(_)));
    for (_, what) in places {
        if told.contains(&what.as_str()) {
            continue;
        }
        told.push(what);
        let places: Vec<Id> = d.kinks.iter().filter(|(_, w)| w == what).map(|(at, _)| *at).collect();
        let mut line = vec![Piece::Text(format!("{what} at ").into())];
        listed(&mut line, &places);
        out.push(line);
    }
    out
}

/// Expressions one after another.
fn listed(line: &mut Vec<Piece>, ids: &[Id]) {
    for (k, id) in ids.iter().enumerate() {
        line.extend((k > 0).then(|| Piece::Text(", ".into())));
        line.push(Piece::Expr(*id));
    }
}

/// Why a step may be taken, for a learner: each rule with this problem's own functions, and what the rule says.
pub fn why(g: &Graph, step: &Step) -> String {
    let mut sentences = Vec::new();
    for note in &step.notes {
        let mut text = note.rule.trim().to_owned();
        for part in [pieces(g, &note.pieces, Marks::ASCII), said(note).join("; "), pieces(g, &note.needs, Marks::ASCII)] {
            if !part.is_empty() {
                text.push_str(if text.contains(": ") { "; " } else { ": " });
                text.push_str(&part);
            }
        }
        sentences.push(capitalised(&text) + ".");
    }
    sentences.join(" ")
}

/// What the rules of a note say, one sentence each.
pub(crate) fn said(note: &Note) -> Vec<String> {
    if !note.why.is_empty() {
        return vec![note.why.trim_end_matches('.').to_owned()];
    }
    let whole = calculus::sentence(&note.rule).map(|s| vec![s]);
    whole.unwrap_or_else(|| note.rule.split(", ").filter_map(calculus::sentence).collect())
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
