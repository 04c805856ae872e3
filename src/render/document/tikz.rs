//! Pictures of functions for paper: the shapes of a picture as TikZ.

use super::latex;
use crate::plot::Picture;
use crate::render::svg::{self, Pen, Role, Shape};
use std::fmt::Write;

/// TeX reads numbers below 16384 points only: nothing needs to be further out.
const FAR: f64 = 5_000.0;

/// The picture; one of its points is a quarter of a millimetre, so that it is as wide as the text.
#[must_use]
pub fn picture(picture: &Picture) -> String {
    let mut out = String::from(
        "\\begin{center}\n\\begin{tikzpicture}[x=0.24mm,y=-0.24mm,line join=round,line cap=round,font=\\footnotesize]\n",
    );
    for (k, (color, _)) in svg::inks().enumerate() {
        let _ = writeln!(out, "\\definecolor{{gradcurve{k}}}{{HTML}}{{{}}}", color.trim_start_matches('#').to_uppercase());
    }
    for shape in svg::shapes(picture) {
        draw(&mut out, &shape);
    }
    out.push_str("\\end{tikzpicture}\n\\end{center}\n");
    out
}

fn draw(out: &mut String, shape: &Shape) {
    match shape {
        Shape::Lines { pen, lines, .. } => {
            let style = match pen {
                Pen::Grid => "black!15,thin".to_owned(),
                Pen::Axis => "black,thin".to_owned(),
                Pen::Zero => "black!50,thin".to_owned(),
                Pen::Pole => "black!60,dotted".to_owned(),
                Pen::Curve(stroke) | Pen::Sample(stroke) => {
                    let width = if stroke.dashes.is_none() { "2.5pt" } else { "0.9pt" };
                    format!("gradcurve{},line width={width}{}", stroke.curve % 8, dashes(*stroke))
                }
            };
            if pen.is_clipped() {
                let [left, top, right, bottom] = svg::frame();
                let _ = writeln!(out, "\\begin{{scope}}\\clip ({left},{top}) rectangle ({right},{bottom});");
            }
            for line in lines {
                // a long path is broken where TeX can take a breath
                let points: Vec<String> = line.iter().map(|(x, y)| format!("({:.2},{:.2})", x, y.clamp(-FAR, FAR))).collect();
                let path = if let [one] = &points[..] { format!("{one} -- {one}") } else { points.join("\n -- ") };
                let _ = writeln!(out, "\\draw[{style}] {path};");
            }
            if pen.is_clipped() {
                out.push_str("\\end{scope}\n");
            }
        }
        Shape::Dot { curve, at: (x, y) } => {
            let _ = writeln!(out, "\\filldraw[fill=gradcurve{},draw=black] ({x:.2},{y:.2}) circle[radius=1.8pt];", curve % 8);
        }
        Shape::Text { role, at: (x, y), text } => {
            let style = match role {
                Role::Title => "base west,font=\\small\\bfseries",
                Role::Left => "base east",
                Role::Below => "base",
                Role::Variable => "base,font=\\footnotesize\\itshape",
                Role::Legend | Role::Note => "base west",
            };
            let _ = writeln!(out, "\\node[inner sep=0pt,anchor={style}] at ({x:.2},{y:.2}) {{{}}};", latex::text(text));
        }
    }
}

/// Gaps of a stroke, as TikZ writes them.
fn dashes(stroke: svg::Stroke) -> String {
    let parts: Vec<String> =
        stroke.gaps().zip(["on", "off"].into_iter().cycle()).map(|(gap, word)| format!("{word} {gap}pt")).collect();
    if parts.is_empty() { String::new() } else { format!(",dash pattern={}", parts.join(" ")) }
}
