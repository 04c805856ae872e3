//! Mathematics and text as LaTeX, for any engine: what is not ASCII is written by commands, or spelled.

use super::layout::{FENCES, Math, Name, SIGNS, is_flat};
use super::notation::HEADS;
use crate::render::letters;

/// The mathematics, to stand in mathematical mode.
#[must_use]
pub fn math(math: &Math) -> String {
    let mut out = String::new();
    put(&mut out, math);
    out
}

/// Adds a token: between a command and a letter stands a space.
fn add(out: &mut String, token: &str) {
    if token.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let word = out.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if word.ends_with('\\') && word.len() < out.len() {
            out.push(' ');
        }
    }
    out.push_str(token);
}

fn put(out: &mut String, math: &Math) {
    match math {
        Math::Number(digits) => add(out, digits),
        Math::Name(name) => put_name(out, name),
        Math::Head(word) if HEADS.contains(&word.as_str()) => add(out, &format!("\\{word}")),
        Math::Head(word) => add(out, &format!("\\operatorname{{{}}}", text(word))),
        Math::Sign(sign) => add(out, SIGNS.iter().find(|(known, ..)| known == sign).map_or("?", |(_, latex, _)| latex)),
        Math::Words(words) => add(out, &format!("\\text{{{}}}", text(words))),
        Math::Row(row) => row.iter().for_each(|item| put(out, item)),
        Math::Fraction(above, below) => {
            add(out, "\\frac");
            group(out, above);
            group(out, below);
        }
        Math::Script { base, below, above } => {
            match **base {
                Math::Row(_) | Math::Script { .. } => group(out, base),
                _ => put(out, base),
            }
            for (sign, part) in [("_", below), ("^", above)] {
                if let Some(part) = part {
                    out.push_str(sign);
                    group(out, part);
                }
            }
        }
        Math::Root(inner, degree) => {
            add(out, "\\sqrt");
            if let Some(degree) = degree {
                out.push_str(&format!("[{degree}]"));
            }
            group(out, inner);
        }
        Math::Fence(fence, inner) => {
            let signs = FENCES.iter().find(|(known, ..)| known == fence).map_or(["(", ")"], |(_, _, signs, _)| *signs);
            // without the open atom there would be a gap between a function and its brackets
            let [left, right] = if is_flat(inner) { ["", ""] } else { ["\\mathopen{}\\left", "\\right"] };
            add(out, &format!("{left}{}", signs[0]));
            put(out, inner);
            add(out, &format!("{right}{}", signs[1]));
        }
        Math::Cases(rows) => {
            add(out, "\\begin{cases}");
            for (value, condition) in rows {
                put(out, value);
                match condition {
                    Some(condition) => {
                        out.push_str("&\\text{if }");
                        put(out, condition);
                    }
                    None => out.push_str("&\\text{otherwise}"),
                }
                out.push_str("\\\\");
            }
            out.push_str("\\end{cases}");
        }
        Math::Call { shown, .. } => put(out, shown),
        Math::Marked(marker, inner) => {
            add(out, marker.signs().1);
            group(out, inner);
        }
    }
}

fn group(out: &mut String, math: &Math) {
    out.push('{');
    put(out, math);
    out.push('}');
}

fn put_name(out: &mut String, name: &Name) {
    let mut chars = name.base.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c.is_ascii_alphabetic() => add(out, &name.base),
        (Some(c), None) => match greek_command(c) {
            Some(command) => add(out, &command),
            None => add(out, &format!("\\mathrm{{{}}}", text(&name.base))),
        },
        _ => add(out, &format!("\\mathrm{{{}}}", text(&name.base))),
    }
    if let Some(index) = &name.index {
        let mut letters = index.chars();
        let inner = match (letters.next().and_then(greek_command), letters.next()) {
            (Some(command), None) => command,
            _ if index.chars().all(|c| c.is_ascii_digit() || c == ',') || index.len() == 1 => text(index),
            _ => format!("\\mathrm{{{}}}", text(index)),
        };
        out.push_str(&format!("_{{{inner}}}"));
    }
}

fn greek_command(c: char) -> Option<String> {
    let name = letters::NAMES.iter().find(|(name, sign)| sign.chars().eq([c]) && letters::greek(name).is_some())?.0;
    // TeX has no letter that looks like an o
    Some(if name == "omicron" { "o".to_owned() } else { format!("\\{name}") })
}

/// Signs outside of ASCII that text holds, each with its command.
const MARKS: &[(char, &str)] = &[
    ('✓', "$\\checkmark$"),
    ('✗', "$\\times$"),
    ('→', "$\\to$"),
    ('≤', "$\\le$"),
    ('≥', "$\\ge$"),
    ('≠', "$\\ne$"),
    ('·', "$\\cdot$"),
    ('×', "$\\times$"),
    ('÷', "$\\div$"),
    ('−', "$-$"),
    ('∞', "$\\infty$"),
    ('√', "$\\surd$"),
    ('≈', "$\\approx$"),
    ('∂', "$\\partial$"),
    ('²', "$^2$"),
    ('³', "$^3$"),
    ('…', "\\dots{}"),
    ('–', "--"),
    ('—', "---"),
    ('‘', "`"),
    ('’', "'"),
    ('“', "``"),
    ('”', "''"),
    ('█', "\\rule{0.525em}{1.2ex}"),
    ('▒', "\\textcolor{black!50}{\\rule{0.525em}{1.2ex}}"),
    ('░', "\\textcolor{black!15}{\\rule{0.525em}{1.2ex}}"),
    ('│', "|"),
    ('\u{a0}', "~"),
];

/// Running text.
#[must_use]
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '{' | '}' | '$' | '&' | '#' | '%' | '_' => out.extend(['\\', c]),
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            '|' => out.push_str("\\textbar{}"),
            '"' => out.push_str("\\textquotedbl{}"),
            // two of them would be one sign
            '-' | '\'' | '`' | '?' | '!' | ',' if out.ends_with(c) => out.extend(['{', '}', c]),
            // a bracket at the beginning of a line may be read as an option of the line before
            '[' | ']' => out.extend(['{', c, '}']),
            '\n' | '\t' => out.push(' '),
            ' '..='~' => out.push(c),
            _ => match MARKS.iter().find(|(sign, _)| *sign == c) {
                Some((_, command)) => out.push_str(command),
                None => match greek_command(c) {
                    Some(command) => out.push_str(&format!("${command}$")),
                    None if matches!(c, 'À'..='ÿ') => out.push(c),
                    None => out.push_str(&self::text(&ascii(c))),
                },
            },
        }
    }
    out
}

/// What is left of a character in ASCII; of nothing, its number.
fn ascii(c: char) -> String {
    if crate::diagnostic::is_unsafe(c) {
        return "?".to_owned();
    }
    match letters::in_ascii(&c.to_string()).as_str() {
        "?" => format!("U+{:04X}", u32::from(c)),
        text => text.to_owned(),
    }
}
