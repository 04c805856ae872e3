//! Pictures as SVG: one file that stands alone, in ink that suits a light page and a dark one.

use super::document::markup::escaped;
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

/// What a picture is drawn with, in points from its upper left corner: SVG and TikZ write the same shapes down.
pub(super) enum Shape {
    /// Lines, each through its points; a line of one point is a dot.
    Lines {
        /// How it looks.
        pen: Pen,
        /// The lines.
        lines: Vec<Vec<(f64, f64)>>,
        /// What it is, for those who point at it.
        name: Option<String>,
    },
    /// A marked point on a curve.
    Dot {
        /// Which curve, from 0.
        curve: usize,
        /// Where.
        at: (f64, f64),
    },
    /// A text.
    Text {
        /// What it is.
        role: Role,
        /// Where its anchor is.
        at: (f64, f64),
        /// The words.
        text: String,
    },
}

/// How lines look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pen {
    /// The lines of the grid.
    Grid,
    /// The axes.
    Axis,
    /// The line where values are 0.
    Zero,
    /// A pole; only within the frame.
    Pole,
    /// A curve, only within the frame.
    Curve(Stroke),
    /// A piece of it, in the legend.
    Sample(Stroke),
}

/// How a curve is told from the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Stroke {
    /// Its number, which has a colour.
    pub curve: usize,
    /// Which gaps its line has; none where it is points.
    pub dashes: Option<usize>,
}

impl Stroke {
    fn of(picture: &Picture, curve: usize) -> Self {
        let lines = picture.curves.iter().take(curve).filter(|curve| !curve.is_points()).count();
        let is_points = picture.curves.get(curve).is_some_and(Curve::is_points);
        Stroke { curve, dashes: (!is_points).then_some(lines) }
    }

    /// The lengths of strokes and gaps in turn; none where there are no gaps.
    pub(super) fn gaps(self) -> impl Iterator<Item = &'static str> {
        self.dashes.map_or("", |n| DASHES[n % DASHES.len()]).split_whitespace()
    }
}

impl Pen {
    /// Whether nothing of it is drawn outside of the frame.
    pub(super) fn is_clipped(self) -> bool {
        matches!(self, Pen::Pole | Pen::Curve(_))
    }
}

/// What a text is, and so where its anchor is and how it looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The title, from the left.
    Title,
    /// A label of the vertical axis: it ends at its anchor.
    Left,
    /// A label of the horizontal axis: its middle is its anchor.
    Below,
    /// The name of the variable, in the middle.
    Variable,
    /// A line of the legend, from the left.
    Legend,
    /// A remark, from the left.
    Note,
}

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
    let mut out = opening(pictures, heights.iter().sum());
    let _ = writeln!(out, "<style>\n{}</style>", style(""));
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

/// A picture inside of an HTML document that has the [`style`]; pictures of one document have different numbers.
#[must_use]
pub(super) fn inline(picture: &Picture, number: usize) -> String {
    let mut out = opening(&[picture], height(picture));
    one(&mut out, picture, number);
    out + "</svg>"
}

fn opening(pictures: &[&Picture], height: f64) -> String {
    let width = SIZE.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n"
    );
    let titles: Vec<&str> = pictures.iter().map(|picture| picture.title.as_str()).collect();
    let words: Vec<String> = pictures.iter().map(|picture| picture.in_words()).collect();
    let _ = writeln!(out, "<title>{}</title>\n<desc>{}</desc>", escaped(&titles.join("; ")), escaped(&words.join(" ")));
    out
}

/// The height of a picture with its legend and notes.
pub(super) fn height(picture: &Picture) -> f64 {
    let curves = if picture.curves.len() > 1 { picture.curves.len() } else { 0 };
    SIZE.1 + LINE * (curves + picture.marks.len() + picture.notes.len()) as f64
}

/// The ink on a light page, and on a dark one where the medium is such. Without variables: not every viewer knows them.
pub(super) fn style(medium: &str) -> String {
    let inks = |colors: &[&str; 8], ink: &str, faint: &str| {
        let mut out = format!("svg {{ color: {ink}; }} svg .grid {{ stroke: {faint}; }}");
        for (k, color) in colors.iter().enumerate() {
            let _ = write!(out, " svg .s{k} {{ stroke: {color}; }} svg .f{k} {{ fill: {color}; }}");
        }
        out
    };
    let (light, dark) = (inks(&LIGHT, "#1f2937", "#dde2e8"), inks(&DARK, "#e5e7eb", "#3b4450"));
    format!(
        "svg text {{ fill: currentColor; }}\nsvg .title {{ font-size: 15px; font-weight: 600; }}\n\
         svg .note {{ font-size: 12px; opacity: 0.8; }}\nsvg .grid {{ stroke-width: 1; }}\n\
         svg .axis {{ stroke: currentColor; stroke-width: 1; fill: none; }}\n\
         svg .pole {{ stroke: currentColor; stroke-width: 1; stroke-dasharray: 2 5; opacity: 0.6; }}\n\
         svg .curve {{ fill: none; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }}\n\
         svg .points {{ stroke-width: 5; }}\n\
         svg .mark {{ stroke: currentColor; stroke-width: 1.5; }}\n{light}\n\
         @media {medium}(prefers-color-scheme: dark) {{ {dark} }}\n"
    )
}

/// The colours of the curves, on a light page and on a dark one.
pub(super) fn inks() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIGHT.into_iter().zip(DARK)
}

/// The frame: left, top, right, bottom, with half a stroke around it.
pub(super) fn frame() -> [f64; 4] {
    let [left, top, right, bottom] = FRAME;
    [left, top - 1.5, right, bottom + 1.5]
}

fn one(out: &mut String, picture: &Picture, k: usize) {
    let [left, top, right, bottom] = frame();
    let (width, height) = (right - left, bottom - top);
    let _ = writeln!(
        out,
        "<clipPath id=\"frame{k}\"><rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/></clipPath>"
    );
    for shape in shapes(picture) {
        match shape {
            Shape::Lines { pen, lines, name } => {
                let class = match pen {
                    Pen::Grid => "grid".to_owned(),
                    Pen::Axis => "axis".to_owned(),
                    Pen::Zero => "axis\" opacity=\"0.5".to_owned(),
                    Pen::Pole => "pole".to_owned(),
                    Pen::Curve(stroke) | Pen::Sample(stroke) if stroke.dashes.is_none() => {
                        format!("curve points s{}", stroke.curve)
                    }
                    Pen::Curve(stroke) | Pen::Sample(stroke) => format!("curve s{}", stroke.curve),
                };
                let clip = if pen.is_clipped() { format!(" clip-path=\"url(#frame{k})\"") } else { String::new() };
                let dashes = match pen {
                    Pen::Curve(stroke) | Pen::Sample(stroke) => dashes(stroke),
                    _ => String::new(),
                };
                let path: String = lines.iter().map(|line| path(line)).collect();
                let name = name.map_or(String::new(), |name| format!("<title>{}</title>", escaped(&name)));
                let _ = writeln!(out, "<path class=\"{class}\"{dashes}{clip} d=\"{path}\">{name}</path>");
            }
            Shape::Dot { curve, at: (x, y) } => {
                let _ = writeln!(out, "<circle class=\"mark f{curve}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>");
            }
            Shape::Text { role, at: (x, y), text } => {
                let look = match role {
                    Role::Title => " class=\"title\"",
                    Role::Left => " text-anchor=\"end\"",
                    Role::Below => " text-anchor=\"middle\"",
                    Role::Variable => " text-anchor=\"middle\" font-style=\"italic\"",
                    Role::Legend => "",
                    Role::Note => " class=\"note\"",
                };
                let _ = writeln!(out, "<text{look} x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(&text));
            }
        }
    }
}

/// All that is drawn, from the back to the front.
pub(super) fn shapes(picture: &Picture) -> Vec<Shape> {
    let [left, top, _, bottom] = FRAME;
    let mut out = vec![Shape::Text { role: Role::Title, at: (left, 26.0), text: cut(&picture.title, 64) }];
    axes(&mut out, picture);
    let lines = |pen: Pen, lines: Vec<Vec<(f64, f64)>>| Shape::Lines { pen, lines, name: None };
    for pole in &picture.poles {
        let x = horizontal(&picture.x, *pole);
        out.push(lines(Pen::Pole, vec![vec![(x, top), (x, bottom)]]));
    }
    // points lie above lines
    let mut curves: Vec<(usize, &Curve)> =
        picture.curves.iter().enumerate().filter(|(_, curve)| !curve.lines.is_empty()).collect();
    curves.sort_by_key(|(_, curve)| curve.is_points());
    for (n, curve) in curves {
        let drawn = curve.lines.iter().map(|line| thinned(picture, line)).collect();
        out.push(Shape::Lines { pen: Pen::Curve(Stroke::of(picture, n)), lines: drawn, name: Some(curve.name.clone()) });
    }
    for mark in &picture.marks {
        let at = (horizontal(&picture.x, mark.at.0), vertical(&picture.y, mark.at.1));
        if (top..=bottom).contains(&at.1) {
            out.push(Shape::Dot { curve: mark.curve, at });
        }
    }
    // the legend, what is marked, and the notes
    let mut y = bottom + 58.0;
    let text =
        |role: Role, x: f64, y: f64, text: &str, longest: usize| Shape::Text { role, at: (x, y), text: cut(text, longest) };
    if picture.curves.len() > 1 {
        for (n, curve) in picture.curves.iter().enumerate() {
            let sample = match curve.is_points() {
                true => [6.0, 18.0, 30.0].map(|at| vec![(left + at, y - 4.0)]).to_vec(),
                false => vec![vec![(left, y - 4.0), (left + 36.0, y - 4.0)]],
            };
            out.push(lines(Pen::Sample(Stroke::of(picture, n)), sample));
            out.push(text(Role::Legend, left + 48.0, y, &curve.name, 72));
            y += LINE;
        }
    }
    for mark in &picture.marks {
        out.push(Shape::Dot { curve: mark.curve, at: (left + 18.0, y - 4.0) });
        out.push(text(Role::Legend, left + 48.0, y, &mark.text, 72));
        y += LINE;
    }
    for note in &picture.notes {
        out.push(text(Role::Note, left, y, note, 90));
        y += LINE;
    }
    out
}

/// The gaps of a curve's stroke.
fn dashes(stroke: Stroke) -> String {
    let gaps: Vec<&str> = stroke.gaps().collect();
    if gaps.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{}\"", gaps.join(" ")) }
}

fn axes(out: &mut Vec<Shape>, picture: &Picture) {
    let [left, top, right, bottom] = FRAME;
    let mut lines = |pen: Pen, line: &[(f64, f64)]| out.push(Shape::Lines { pen, lines: vec![line.to_vec()], name: None });
    let (heights, places) = (picture.y.ticks(6), picture.x.ticks(9));
    heights.iter().map(|tick| vertical(&picture.y, tick.at)).for_each(|y| lines(Pen::Grid, &[(left, y), (right, y)]));
    places.iter().map(|tick| horizontal(&picture.x, tick.at)).for_each(|x| lines(Pen::Grid, &[(x, top), (x, bottom)]));
    lines(Pen::Axis, &[(left, top), (left, bottom), (right, bottom)]);
    if picture.y.low < 0.0 && picture.y.high > 0.0 {
        let y = vertical(&picture.y, 0.0);
        lines(Pen::Zero, &[(left, y), (right, y)]);
    }
    for tick in heights {
        let at = (left - 10.0, vertical(&picture.y, tick.at) + 4.5);
        out.push(Shape::Text { role: Role::Left, at, text: tick.label });
    }
    for tick in places {
        let at = (horizontal(&picture.x, tick.at), bottom + 20.0);
        out.push(Shape::Text { role: Role::Below, at, text: tick.label });
    }
    let at = (left / 2.0 + right / 2.0, bottom + 38.0);
    out.push(Shape::Text { role: Role::Variable, at, text: picture.x.name.clone() });
}

fn horizontal(x: &Axis, at: f64) -> f64 {
    FRAME[0] + x.place(at) * (FRAME[2] - FRAME[0])
}

/// Far outside of the frame one height is as good as another.
fn vertical(y: &Axis, at: f64) -> f64 {
    FRAME[3] - y.place(at).clamp(-50.0, 50.0) * (FRAME[3] - FRAME[1])
}

/// The points of a line in the picture, without those that nobody could tell from the one before.
fn thinned(picture: &Picture, line: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(line.len());
    for (k, (x, y)) in line.iter().enumerate() {
        let at = (horizontal(&picture.x, *x), vertical(&picture.y, *y));
        let is_near = out.last().is_some_and(|last| (at.0 - last.0).abs() < 0.05 && (at.1 - last.1).abs() < 0.05);
        if !is_near || k + 1 == line.len() {
            out.push(at);
        }
    }
    out
}

fn path(line: &[(f64, f64)]) -> String {
    let mut out = String::new();
    for (k, (x, y)) in line.iter().enumerate() {
        let _ = write!(out, "{}{x:.2} {y:.2}", if k == 0 { "M" } else { "L" });
    }
    // a point alone is drawn as a dot, by the round ends of a line without length
    if line.len() == 1 { out + "h0" } else { out }
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
