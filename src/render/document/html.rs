//! Documents as HTML: one file that asks nothing of the network. Derivations unfold step by step; without the script all of them are
//! open, and on paper too. Every colour stands in one palette.

use super::marked::{Marked, Verdict};
use super::markup::escaped;
use super::narrative;
use super::steps::{Rule, Step, Steps};
use super::{Block, Format, Line, Message, Run, Strip, Table, Title, mathml, word, words};
use crate::diagnostic::Severity;
use crate::render::svg;
use std::fmt::Write;

/// Names of colours, on a light page and on a dark one.
const PALETTE: &[(&str, &str, &str)] = &[
    ("ground", "#ffffff", "#14181f"),
    ("ink", "#1c2430", "#e7eaef"),
    ("quiet", "#535f6e", "#a3adba"),
    ("line", "#c9d0d9", "#3a4452"),
    ("raised", "#f4f6f9", "#1e242d"),
    ("accent", "#0b5cad", "#7cc0ff"),
    ("mark", "#fff0b8", "#4a3d0b"),
    ("good", "#136c2e", "#6fd68b"),
    ("warning", "#8a4b00", "#f2b45c"),
    ("error", "#b3151d", "#ff9a93"),
];

/// What the content-security policy knows of the style and of the script; a test holds them true.
const STYLE_HASH: &str = "sha256-+kYmhQIRWnjbP+MxI+tqTV8zMbZdMhoe0qyIVjSDS6Q=";
const SCRIPT_HASH: &str = "sha256-0HxX6sB708NKwvevoMrCCTDXAy0e7Z6JwIyyI1NQsaE=";

const SCRIPT: &str = include_str!("script.js");

/// The style sheet.
fn style() -> String {
    let colors = |of: fn(&(&str, &'static str, &'static str)) -> &'static str| {
        PALETTE.iter().map(|row| format!(" --{}: {};", row.0, of(row))).collect::<String>()
    };
    let (light, dark) = (colors(|row| row.1), colors(|row| row.2));
    let roots = format!(
        ":root {{ color-scheme: light dark;{light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{{dark} }} }}\n"
    );
    format!("\n{roots}{}{}", include_str!("style.css"), svg::style("screen and "))
}

/// Writes HTML.
#[derive(Debug, Default)]
pub struct Html {
    /// How many pictures there are so far: their parts have names that must differ.
    pictures: usize,
}

impl Format for Html {
    fn begin(&mut self, out: &mut String, title: &Title) {
        let text = escaped(&title.text);
        let policy = format!(
            "default-src 'none'; style-src '{STYLE_HASH}'; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'"
        );
        let _ = write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\" />\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n\
             <meta name=\"generator\" content=\"grad\" />\n<title>{text}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
            style()
        );
        if !title.is_shown {
            let _ = writeln!(out, "<h1>{text}</h1>");
        }
    }

    fn block(&mut self, out: &mut String, block: &Block) {
        match block {
            Block::Narrative(text) => out.push_str(&narrative::html(text)),
            Block::Code(text) => _ = writeln!(out, "<pre class=\"code scroll\"><code>{}</code></pre>", escaped(text)),
            Block::Results(lines) => {
                out.push_str("<div class=\"results\">\n");
                for line in lines {
                    let _ = writeln!(out, "<p class=\"scroll\">{}</p>", runs(line, true));
                }
                out.push_str("</div>\n");
            }
            Block::Steps(steps) => derivation(out, steps),
            Block::Table(found) => table(out, found),
            Block::Marked(found) => marked(out, found),
            Block::Room(lines) => room(out, *lines),
            Block::Picture(picture) => {
                self.pictures += 1;
                let _ = writeln!(out, "<figure class=\"scroll\">{}</figure>", svg::inline(picture, self.pictures));
            }
            Block::Remarks(lines) => remarks(out, lines),
            Block::Text(text) => _ = writeln!(out, "<pre class=\"text scroll\">{}</pre>", escaped(text.trim_end())),
            Block::Message(found) => message(out, found),
        }
    }

    fn end(&mut self, out: &mut String) {
        let _ = write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    }
}

/// A line; fractions at their full height where it stands alone.
fn runs(line: &[Run], is_large: bool) -> String {
    line.iter()
        .map(|run| match run {
            Run::Text(text) => escaped(text),
            Run::Math(math) => mathml::math(math, is_large),
            Run::Code(text) => format!("<code>{}</code>", escaped(text)),
            Run::Strip(found) => strip(found),
        })
        .collect()
}

/// A strip; what it shows stands in numbers beside it.
fn strip(found: &Strip) -> String {
    let mut out = String::from("<svg class=\"strip\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    let mut part = |class: &str, (from, to): (f64, f64), top: u32| {
        let (x, width, height) = (100.0 * from, 100.0 * (to - from), 10 - top);
        let _ = write!(out, "<rect class=\"{class}\" x=\"{x:.2}\" y=\"{top}\" width=\"{width:.2}\" height=\"{height}\" />");
    };
    part("base", (0.0, 1.0), 0);
    found.dark.iter().for_each(|ends| part("dark", *ends, 0));
    // a doubt is lower, not only another colour
    found.doubt.iter().for_each(|ends| part("doubt", *ends, 5));
    found.mark.iter().for_each(|at| part("mark", (*at, at + 0.01), 0));
    out + "</svg>"
}

fn derivation(out: &mut String, found: &Steps) {
    let asked: Vec<String> = found.start.iter().map(said).collect();
    let _ = writeln!(out, "<section class=\"derivation\" aria-label=\"Derivation: {}\">", escaped(&asked.join(" ")));
    let _ = writeln!(out, "<p class=\"start scroll\">{}</p>", runs(&found.start, true));
    if !found.chain.is_empty() {
        let chain: Vec<String> = found.chain.iter().map(|stage| mathml::math(stage, false)).collect();
        let _ = writeln!(out, "<p class=\"chain\">The way of the influence: {}</p>", chain.join(" → "));
    }
    if !found.steps.is_empty() {
        // shown by the script, which gives the buttons their meaning
        out.push_str(
            "<p class=\"controls\" hidden=\"hidden\"><button type=\"button\" class=\"next\">Next step</button> \
             <button type=\"button\" class=\"all\">All steps</button> <span class=\"count\" role=\"status\"></span></p>\n",
        );
        out.push_str("<ol class=\"steps\">\n");
        found.steps.iter().enumerate().for_each(|(k, one)| step(out, one, &format!("Step {}", k + 1)));
        out.push_str("</ol>\n");
    }
    if let Some(result) = &found.result {
        let _ = writeln!(out, "<p class=\"state scroll\">{}</p>", runs(result, true));
    }
    for line in &found.closing {
        let _ = writeln!(out, "<p class=\"closing scroll\">{}</p>", runs(line, false));
    }
    out.push_str("</section>\n");
}

/// A run in words.
fn said(run: &Run) -> String {
    match run {
        Run::Math(math) => words::math(math),
        Run::Text(text) | Run::Code(text) => text.clone(),
        Run::Strip(_) => String::new(),
    }
}

fn step(out: &mut String, step: &Step, number: &str) {
    let _ = writeln!(
        out,
        "<li><details open=\"open\"><summary><span class=\"number\">{number}:</span> {}</summary>\n<div class=\"inside\">",
        escaped(&step.name)
    );
    if let Some(before) = &step.before {
        let _ = writeln!(out, "<p class=\"state scroll\">{}</p>", runs(before, true));
    }
    step.rules.iter().for_each(|one| rule(out, one));
    if !step.inner.is_empty() {
        out.push_str("<ol class=\"steps\">\n");
        let inner = number.trim_start_matches("Step ");
        step.inner.iter().enumerate().for_each(|(k, one)| self::step(out, one, &format!("Step {inner}.{}", k + 1)));
        out.push_str("</ol>\n");
    }
    let check = step.check.mark().map_or(String::new(), |(mark, how)| {
        let tone = if mark == "✓" { "good" } else { "open" };
        format!("<span class=\"check {tone}\"><span aria-hidden=\"true\">{mark}</span> {}</span>", escaped(&how))
    });
    let _ = writeln!(
        out,
        "<div class=\"row\"><p class=\"state scroll\">{}</p>{check}</div>\n</div></details></li>",
        runs(&step.after, true)
    );
}

fn rule(out: &mut String, rule: &Rule) {
    let name = rule.name.as_ref().map_or(String::new(), |name| format!("<strong>{}</strong>", escaped(name)));
    let separator = if rule.name.is_some() && !rule.detail.is_empty() { ": " } else { "" };
    let class = if rule.is_link { "rule link" } else { "rule" };
    let needs = if rule.needs.is_empty() {
        String::new()
    } else {
        format!(" <span class=\"needs\">({})</span>", runs(&rule.needs, false))
    };
    let line = format!("{name}{separator}{}{needs}", runs(&rule.detail, true));
    if !line.is_empty() {
        let _ = writeln!(out, "<p class=\"{class} scroll\">{line}</p>");
    }
    for why in &rule.why {
        let _ = writeln!(out, "<p class=\"why scroll\">{}.</p>", runs(why, false));
    }
}

fn table(out: &mut String, found: &Table) {
    out.push_str("<div class=\"scroll\"><table>\n");
    if !found.caption.is_empty() {
        let _ = writeln!(out, "<caption>{}</caption>", runs(&found.caption, false));
    }
    for (k, row) in found.rows.iter().enumerate() {
        let (open, close) = match k {
            0 => ("<thead>", "</thead>"),
            1 => ("<tbody>", ""),
            _ => ("", ""),
        };
        let _ = write!(out, "{open}<tr>");
        for (column, cell) in row.iter().enumerate() {
            let tag = match (k, column) {
                (0, _) => "th scope=\"col\"",
                (_, 0) => "th scope=\"row\"",
                _ => "td",
            };
            let class = if column < found.words { " class=\"words\"" } else { "" };
            let _ = write!(out, "<{tag}{class}>{}</{}>", runs(cell, false), &tag[..2]);
        }
        let _ = writeln!(out, "</tr>{close}");
    }
    out.push_str(if found.rows.len() > 1 { "</tbody></table></div>\n" } else { "</table></div>\n" });
}

/// A learner's lines: what became of each stands before it, as a sign and in words.
fn marked(out: &mut String, found: &Marked) {
    out.push_str("<section class=\"marked\" aria-label=\"Lines with their marks\">\n");
    let _ = writeln!(out, "<p class=\"start scroll\">{}</p>", runs(&found.problem, true));
    out.push_str("<ol>\n");
    for (k, row) in found.lines.iter().enumerate() {
        let (mark, verdict) = row.verdict.mark();
        let (class, tone) = match row.verdict {
            Verdict::Follows => ("follows", "good"),
            Verdict::First => ("first", "bad"),
            Verdict::Fails => ("fails", "bad"),
            Verdict::Open => ("open", "open"),
        };
        let words = format!("<span aria-hidden=\"true\">{mark}</span> Line {} {verdict}", k + 1);
        let _ = writeln!(out, "<li class=\"{class}\"><p class=\"verdict {tone}\">{words}</p>");
        let _ = writeln!(out, "<p class=\"state scroll\">{}</p>", runs(&row.line, true));
        remarks(out, &row.remarks);
        out.push_str("</li>\n");
    }
    out.push_str("</ol>\n");
    for line in &found.closing {
        let _ = writeln!(out, "<p class=\"closing\">{}</p>", runs(line, false));
    }
    out.push_str("</section>\n");
}

fn remarks(out: &mut String, lines: &[Line]) {
    if let [] | [_] = lines {
        lines.iter().for_each(|line| _ = writeln!(out, "<p class=\"remark\">{}</p>", runs(line, false)));
        return;
    }
    out.push_str("<ul class=\"remarks\">\n");
    for line in lines {
        let _ = writeln!(out, "<li>{}</li>", runs(line, false));
    }
    out.push_str("</ul>\n");
}

/// Lines to write on, which are there on paper only.
fn room(out: &mut String, lines: usize) {
    let _ = writeln!(out, "<div class=\"room\" aria-hidden=\"true\">{}</div>", "<div></div>".repeat(lines));
}

fn message(out: &mut String, found: &Message) {
    let class = match found.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let (kind, text) = (word(found.severity), escaped(&super::sentence(&found.text)));
    let _ = writeln!(out, "<aside class=\"message {class}\"><p><strong>{kind} {}</strong>: {text}</p>", found.code);
    if !found.place.is_empty() {
        let _ = writeln!(out, "<pre class=\"scroll\">{}</pre>", escaped(found.place.trim_end()));
    }
    for line in &found.help {
        let _ = writeln!(out, "<p>Help: {}</p>", escaped(line));
    }
    if let Some(text) = &found.correction {
        let _ = writeln!(out, "<p>Try <code>{}</code></p>", escaped(text));
    }
    out.push_str("</aside>\n");
}

#[cfg(test)]
mod tests {
    use super::super::layout::Math;
    use super::*;
    use sha2::{Digest, Sha256};

    /// As the policy writes it: base 64.
    fn hash(text: &str) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bytes = Sha256::digest(text.as_bytes());
        let mut out = String::from("sha256-");
        for chunk in bytes.chunks(3) {
            let bits = chunk.iter().enumerate().fold(0u32, |bits, (k, byte)| bits | u32::from(*byte) << (16 - 8 * k));
            for k in 0..4 {
                let digit = DIGITS[(bits >> (18 - 6 * k)) as usize & 63] as char;
                out.push(if k <= chunk.len() { digit } else { '=' });
            }
        }
        out
    }

    #[test]
    fn the_policy_knows_its_style_and_script() {
        assert_eq!((hash(&style()).as_str(), hash(SCRIPT).as_str()), (STYLE_HASH, SCRIPT_HASH));
        assert!(!style().contains(['<', '&']) && !SCRIPT.contains(['<', '&']), "the document is well-formed XML too");
    }

    fn luminance(color: &str) -> f64 {
        let part = |k: usize| f64::from(u8::from_str_radix(&color[k..k + 2], 16).unwrap()) / 255.0;
        let linear = [1, 3, 5].map(part).map(|v| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        if a > b { a / b } else { b / a }
    }

    /// Text has the contrast that the guidelines for accessible web content ask for (WCAG 2, AA), curves that of graphics.
    #[test]
    fn every_colour_reads_on_every_ground() {
        let color = |name: &str| PALETTE.iter().find(|row| row.0 == name).unwrap();
        for ground in ["ground", "raised", "mark"] {
            for ink in ["ink", "quiet", "accent", "good", "warning", "error"] {
                if ground == "mark" && ink != "ink" {
                    continue;
                }
                let ((_, light, dark), (_, paper, night)) = (color(ink), color(ground));
                assert!(contrast(light, paper) >= 4.5 && contrast(dark, night) >= 4.5, "{ink} on {ground}");
            }
        }
        let (_, paper, night) = color("ground");
        for (light, dark) in svg::inks() {
            assert!(contrast(light, paper) >= 3.0 && contrast(dark, night) >= 3.0, "{light} {dark}");
        }
    }

    #[test]
    fn a_table_without_rows_is_still_a_table() {
        let mut out = String::new();
        table(&mut out, &Table { rows: vec![vec![vec![Run::Math(Math::Sign('+'))]]], ..Table::default() });
        assert!(roxmltree::Document::parse(&out).is_ok(), "{out}");
    }
}
