//! Pictures as SVG: one file that stands alone, in ink that suits a light page and a dark one.

use super::table::cut;
use super::{course, curve};
use crate::outcome::Answer;
use crate::plot::{Axis, Curve, Picture};
use std::fmt::Write;

/// The size of one picture.
const SIZE: (f64, f64) = (640.0, 400.0);
/// The frame inside of it: left, top, right, bottom.
const FRAME: [f64; 4] = [64.0, 44.0, 616.0, 340.0];
/// The height of a line of the legend and of notes.
const LINE: f64 = 20.0;
/// Gaps of the strokes, so that curves differ in more than their colour.
const DASHES: [&str; 8] = ["", "9 5", "2 4", "12 4 2 4", "5 3", "16 6", "2 7", "8 3 2 3 2 3"];
/// Colours on a light page and on a dark one, of like weight; told apart by people who see few colours.
const LIGHT: [&str; 8] = ["#0b62a8", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#0f766e", "#be185d", "#475569"];
const DARK: [&str; 8] = ["#6cb8f6", "#fb923c", "#4ade80", "#c79bf7", "#facc15", "#2dd4bf", "#f472b6", "#b6c2d1"];

/// The picture that an answer shows, where it shows one.
#[must_use]
pub fn picture(answer: &Answer) -> Option<Picture> {
    match answer {
        Answer::Picture(picture) => Some((**picture).clone()),
        Answer::Descent(course) => course::picture(course),
        Answer::Curve(found) => curve::titled_picture(found),
        _ => None,
    }
}

/// The pictures one below the other, as one document.
#[must_use]
pub fn document(pictures: &[&Picture]) -> String {
    let heights: Vec<f64> = pictures.iter().map(|picture| height(picture)).collect();
    let all: f64 = heights.iter().sum();
    let width = SIZE.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {all}\" width=\"{width}\" height=\"{all}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n"
    );
    let titles: Vec<&str> = pictures.iter().map(|picture| picture.title.as_str()).collect();
    let words: Vec<String> = pictures.iter().map(|picture| picture.in_words()).collect();
    let _ = writeln!(out, "<title>{}</title>\n<desc>{}</desc>", escaped(&titles.join("; ")), escaped(&words.join(" ")));
    out.push_str(&style());
    let mut top = 0.0;
    for (k, (picture, height)) in pictures.iter().zip(heights).enumerate() {
        let _ = writeln!(out, "<g transform=\"translate(0 {top})\">");
        one(&mut out, picture, k);
        out.push_str("</g>\n");
        top += height;
    }
    out.push_str("</svg>\n");
    out
}

/// The height of a picture with its legend and notes.
fn height(picture: &Picture) -> f64 {
    let curves = if picture.curves.len() > 1 { picture.curves.len() } else { 0 };
    SIZE.1 + LINE * (curves + picture.marks.len() + picture.notes.len()) as f64
}

/// The ink on a light page, and on a dark one. Without variables: not every viewer knows them.
fn style() -> String {
    let inks = |colors: &[&str; 8], ink: &str, faint: &str| {
        let mut out = format!("svg {{ color: {ink}; }} .grid {{ stroke: {faint}; }}");
        for (k, color) in colors.iter().enumerate() {
            let _ = write!(out, " .s{k} {{ stroke: {color}; }} .f{k} {{ fill: {color}; }}");
        }
        out
    };
    let (light, dark) = (inks(&LIGHT, "#1f2937", "#dde2e8"), inks(&DARK, "#e5e7eb", "#3b4450"));
    format!(
        "<style>\ntext {{ fill: currentColor; }}\n.title {{ font-size: 15px; font-weight: 600; }}\n\
         .note {{ font-size: 12px; opacity: 0.8; }}\n.grid {{ stroke-width: 1; }}\n\
         .axis {{ stroke: currentColor; stroke-width: 1; fill: none; }}\n\
         .pole {{ stroke: currentColor; stroke-width: 1; stroke-dasharray: 2 5; opacity: 0.6; }}\n\
         .curve {{ fill: none; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }}\n\
         .points {{ stroke-width: 5; }}\n\
         .mark {{ stroke: currentColor; stroke-width: 1.5; }}\n{light}\n\
         @media (prefers-color-scheme: dark) {{ {dark} }}\n</style>\n"
    )
}

fn one(out: &mut String, picture: &Picture, k: usize) {
    let [left, top, right, bottom] = FRAME;
    let _ = writeln!(out, "<text class=\"title\" x=\"{left}\" y=\"26\">{}</text>", escaped(&cut(&picture.title, 64)));
    axes(out, picture);
    let _ = writeln!(
        out,
        "<clipPath id=\"frame{k}\"><rect x=\"{left}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
        top - 1.5,
        right - left,
        bottom - top + 3.0
    );
    let _ = writeln!(out, "<g clip-path=\"url(#frame{k})\">");
    for pole in &picture.poles {
        let x = horizontal(&picture.x, *pole);
        let _ = writeln!(out, "<path class=\"pole\" d=\"M{x:.1} {top}V{bottom}\"/>");
    }
    // points lie above lines
    let mut curves: Vec<(usize, &Curve)> = picture.curves.iter().enumerate().collect();
    curves.sort_by_key(|(_, curve)| curve.is_points());
    for (n, curve) in curves {
        let path: String = curve.lines.iter().map(|line| path(picture, line)).collect();
        if !path.is_empty() {
            let name = escaped(&curve.name);
            let _ = writeln!(out, "<path{} d=\"{path}\"><title>{name}</title></path>", stroke(picture, n));
        }
    }
    out.push_str("</g>\n");
    for mark in &picture.marks {
        let (x, y) = (horizontal(&picture.x, mark.at.0), vertical(&picture.y, mark.at.1));
        if (top..=bottom).contains(&y) {
            let _ = writeln!(out, "<circle class=\"mark f{}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>", mark.curve);
        }
    }
    below(out, picture);
}

/// The legend, what is marked, and the notes.
fn below(out: &mut String, picture: &Picture) {
    let [left, _, _, bottom] = FRAME;
    let mut y = bottom + 58.0;
    if picture.curves.len() > 1 {
        for (n, curve) in picture.curves.iter().enumerate() {
            let y_line = y - 4.0;
            let sample = match curve.is_points() {
                true => [6.0, 18.0, 30.0].map(|at| format!("M{} {y_line}h0", left + at)).concat(),
                false => format!("M{left} {y_line}h36"),
            };
            let _ = writeln!(out, "<path{} d=\"{sample}\"/>", stroke(picture, n));
            let _ = writeln!(out, "<text x=\"{}\" y=\"{y}\">{}</text>", left + 48.0, escaped(&cut(&curve.name, 72)));
            y += LINE;
        }
    }
    for mark in &picture.marks {
        let (cx, cy) = (left + 18.0, y - 4.0);
        let _ = writeln!(out, "<circle class=\"mark f{}\" cx=\"{cx}\" cy=\"{cy}\" r=\"4.5\"/>", mark.curve);
        let _ = writeln!(out, "<text x=\"{}\" y=\"{y}\">{}</text>", left + 48.0, escaped(&cut(&mark.text, 72)));
        y += LINE;
    }
    for note in &picture.notes {
        let _ = writeln!(out, "<text class=\"note\" x=\"{left}\" y=\"{y}\">{}</text>", escaped(&cut(note, 90)));
        y += LINE;
    }
}

/// How a curve is drawn: its colour, and its gaps or its dots.
fn stroke(picture: &Picture, n: usize) -> String {
    if picture.curves.get(n).is_some_and(Curve::is_points) {
        return format!(" class=\"curve points s{n}\"");
    }
    let lines = picture.curves.iter().take(n).filter(|curve| !curve.is_points()).count();
    match DASHES[lines % DASHES.len()] {
        "" => format!(" class=\"curve s{n}\""),
        dash => format!(" class=\"curve s{n}\" stroke-dasharray=\"{dash}\""),
    }
}

fn axes(out: &mut String, picture: &Picture) {
    let [left, top, right, bottom] = FRAME;
    for tick in picture.y.ticks(6) {
        let y = vertical(&picture.y, tick.at);
        let _ = writeln!(out, "<path class=\"grid\" d=\"M{left} {y:.1}H{right}\"/>");
        let label = escaped(&tick.label);
        let _ = writeln!(out, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", left - 10.0, y + 4.5);
    }
    for tick in picture.x.ticks(9) {
        let x = horizontal(&picture.x, tick.at);
        let _ = writeln!(out, "<path class=\"grid\" d=\"M{x:.1} {top}V{bottom}\"/>");
        let label = escaped(&tick.label);
        let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>", bottom + 20.0);
    }
    let _ = writeln!(out, "<path class=\"axis\" d=\"M{left} {top}V{bottom}H{right}\"/>");
    if picture.y.low < 0.0 && picture.y.high > 0.0 {
        let _ = writeln!(out, "<path class=\"axis\" opacity=\"0.5\" d=\"M{left} {:.1}H{right}\"/>", vertical(&picture.y, 0.0));
    }
    let middle = left / 2.0 + right / 2.0;
    let name = escaped(&picture.x.name);
    let _ =
        writeln!(out, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" font-style=\"italic\">{name}</text>", bottom + 38.0);
}

fn horizontal(x: &Axis, at: f64) -> f64 {
    FRAME[0] + x.place(at) * (FRAME[2] - FRAME[0])
}

/// Far outside of the frame one height is as good as another.
fn vertical(y: &Axis, at: f64) -> f64 {
    FRAME[3] - y.place(at).clamp(-50.0, 50.0) * (FRAME[3] - FRAME[1])
}

fn path(picture: &Picture, line: &[(f64, f64)]) -> String {
    let mut out = String::new();
    let mut last = (f64::NAN, f64::NAN);
    for (k, (x, y)) in line.iter().enumerate() {
        let at = (horizontal(&picture.x, *x), vertical(&picture.y, *y));
        let is_near = (at.0 - last.0).abs() < 0.05 && (at.1 - last.1).abs() < 0.05;
        if k > 0 && is_near && k + 1 < line.len() {
            continue;
        }
        let _ = write!(out, "{}{:.2} {:.2}", if k == 0 { "M" } else { "L" }, at.0, at.1);
        last = at;
    }
    // a point alone is drawn as a dot, by the round ends of a line without length
    if line.len() == 1 { out + "h0" } else { out }
}

/// Text of a user inside of the document.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // not allowed in XML, or able to change the direction of what follows
            c if crate::diagnostic::is_unsafe(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::Mark;

    fn picture() -> Picture {
        let line = vec![(0.0, 0.0), (1.0, 1.0)];
        Picture {
            title: "a < \"b\" & </svg><script>".to_owned(),
            x: Axis::new("x\u{202e}", 0.0, 1.0, false),
            y: Axis::new("", 0.0, 1.0, false),
            curves: vec![
                Curve { name: "f'(x)".to_owned(), lines: vec![line, vec![(0.5, 2.0)]] },
                Curve { name: "g".to_owned(), lines: Vec::new() },
            ],
            marks: vec![Mark { curve: 0, at: (0.5, 0.5), text: "w = 0.5".to_owned() }],
            poles: vec![0.25],
            notes: vec!["cut off above 1".to_owned()],
            size: Picture::USUAL,
        }
    }

    #[test]
    fn the_text_of_users_is_no_markup() {
        let one = picture();
        let text = document(&[&one, &one]);
        assert!(
            !text.contains("<script") && !text.contains('\u{202e}') && text.contains("a &lt; &quot;b&quot; &amp; "),
            "{text}"
        );
        assert_eq!(text.matches("</svg>").count(), 1);
        for part in ["<title>", "<desc>", "prefers-color-scheme", "class=\"pole\"", "class=\"mark f0\"", "cut off above 1"] {
            assert!(text.contains(part), "{part}");
        }
    }
}
