//! Mathematics as MathML Core, which browsers draw without scripts.

use super::layout::{BESIDE, FENCES, GAP, Math, Name, is_flat};
use super::markup::escaped;
use super::words;
use std::fmt::Write;

/// The whole element, fractions at their full height where it is large, with its reading in words for those who listen.
#[must_use]
pub fn math(math: &Math, is_large: bool) -> String {
    let mut out = String::from(if is_large { "<math displaystyle=\"true\"" } else { "<math" });
    let _ = write!(out, " aria-label=\"{}\"><mrow>", escaped(&words::math(math)));
    put(&mut out, math);
    out.push_str("</mrow></math>");
    out
}

fn put(out: &mut String, math: &Math) {
    match math {
        Math::Number(digits) => element(out, "mn", digits),
        Math::Name(name) => put_name(out, name),
        Math::Head(word) => element(out, "mi", word),
        Math::Sign(BESIDE) => out.push_str("<mo lspace=\"0.17em\" rspace=\"0\">&#x2062;</mo>"),
        Math::Sign(GAP) => out.push_str("<mspace width=\"0.17em\" />"),
        Math::Sign(sign @ ('ℤ' | '∞')) => element(out, "mi", &sign.to_string()),
        Math::Sign(sign) => element(out, "mo", &sign.to_string()),
        // spaces at the ends of an element vanish
        Math::Words(text) => element(out, "mtext", &text.replace(' ', "\u{a0}")),
        Math::Row(row) => {
            out.push_str("<mrow>");
            for (k, item) in row.iter().enumerate() {
                put(out, item);
                if is_head(item) && k + 1 < row.len() {
                    out.push_str("<mo>&#x2061;</mo>");
                }
            }
            out.push_str("</mrow>");
        }
        Math::Fraction(above, below) => wrapped(out, "mfrac", &[above, below]),
        Math::Script { base, below, above } => {
            let is_total = matches!(**base, Math::Sign('∑' | '∏'));
            let (tag, parts): (&str, Vec<&Math>) = match (below, above) {
                (Some(below), Some(above)) if is_total => ("munderover", vec![base, below, above]),
                (Some(below), Some(above)) => ("msubsup", vec![base, below, above]),
                (Some(below), None) => ("msub", vec![base, below]),
                (None, Some(above)) => ("msup", vec![base, above]),
                (None, None) => ("mrow", vec![base]),
            };
            wrapped(out, tag, &parts);
        }
        Math::Root(inner, None) => wrapped(out, "msqrt", &[inner]),
        Math::Root(inner, Some(degree)) => wrapped(out, "mroot", &[inner, &Math::Number(degree.clone())]),
        Math::Fence(fence, inner) => {
            let signs = FENCES.iter().find(|(known, ..)| known == fence).map_or(['(', ')'], |(_, signs, ..)| *signs);
            let size = if is_flat(inner) { " stretchy=\"false\"" } else { "" };
            let look = format!("fence=\"true\" lspace=\"0\" rspace=\"0\"{size}");
            let _ = write!(out, "<mrow><mo form=\"prefix\" {look}>{}</mo>", signs[0]);
            put(out, inner);
            let _ = write!(out, "<mo form=\"postfix\" {look}>{}</mo></mrow>", signs[1]);
        }
        Math::Cases(rows) => {
            out.push_str("<mrow><mo form=\"prefix\" fence=\"true\">{</mo><mtable class=\"cases\">");
            for (value, condition) in rows {
                out.push_str("<mtr><mtd>");
                put(out, value);
                out.push_str("</mtd><mtd>");
                match condition {
                    Some(condition) => {
                        element(out, "mtext", "if\u{a0}");
                        put(out, condition);
                    }
                    None => element(out, "mtext", "otherwise"),
                }
                out.push_str("</mtd></mtr>");
            }
            out.push_str("</mtable></mrow>");
        }
        Math::Call { shown, .. } => put(out, shown),
        Math::Marked(marker, inner) => {
            let _ = write!(out, "<mrow class=\"{}\">", marker.signs().0);
            put(out, inner);
            out.push_str("</mrow>");
        }
    }
}

fn is_head(math: &Math) -> bool {
    match math {
        Math::Head(_) => true,
        Math::Script { base, .. } => is_head(base),
        _ => false,
    }
}

fn put_name(out: &mut String, name: &Name) {
    let index = name.index.as_deref().map(|index| match index.starts_with(|c: char| c.is_ascii_digit()) {
        true => ("mn", index),
        false => ("mi", index),
    });
    match index {
        None => element(out, "mi", &name.base),
        Some((tag, index)) => {
            out.push_str("<msub>");
            element(out, "mi", &name.base);
            element(out, tag, index);
            out.push_str("</msub>");
        }
    }
}

fn element(out: &mut String, tag: &str, text: &str) {
    let _ = write!(out, "<{tag}>{}</{tag}>", escaped(text));
}

/// Children that are one element each.
fn wrapped(out: &mut String, tag: &str, parts: &[&Math]) {
    let _ = write!(out, "<{tag}>");
    parts.iter().for_each(|part| put(out, part));
    let _ = write!(out, "</{tag}>");
}
