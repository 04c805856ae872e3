//! Pictures in the terminal: curves as dots in braille characters, or as marks in ASCII; axes with round numbers; a legend.

use super::derivation::Marks;
use crate::plot::{Axis, Picture, Tick};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// How curves are told apart in dots: so many drawn, so many left out, and again.
const PATTERNS: [&[u32]; 8] = [&[1, 0], &[5, 3], &[1, 2], &[8, 3, 2, 3], &[3, 3], &[12, 4], &[1, 4], &[6, 2, 1, 2, 1, 2]];

/// The same in ASCII.
const LETTERS: [char; 8] = ['*', '+', 'o', 'x', '#', '@', '%', '&'];

/// Dots of a braille character: columns and rows.
const DOTS: (usize, usize) = (2, 4);

/// The bits of the dots, column by column, from above.
const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// What the parts of a picture are drawn with.
struct Pens {
    ascii: bool,
    left: char,
    left_tick: char,
    corner: char,
    bottom: char,
    bottom_tick: char,
    zero: char,
    pole: char,
    mark: char,
}

const UNICODE: Pens =
    Pens {
        ascii: false, left: '│', left_tick: '┤', corner: '└', bottom: '─', bottom_tick: '┬', zero: '┈', pole: '┊', mark: '●'
    };

const ASCII: Pens =
    Pens { ascii: true, left: '|', left_tick: '+', corner: '+', bottom: '-', bottom_tick: '+', zero: '.', pole: ':', mark: 'O' };

/// A grid of dots, several to a character.
struct Canvas {
    columns: usize,
    rows: usize,
    /// Dots of a character, across and down.
    dots: (usize, usize),
    /// For each character the dots that are set, and in ASCII the curve that was there first.
    cells: Vec<(u32, Option<usize>)>,
}

/// The picture as lines of text.
#[must_use]
pub fn text(picture: &Picture, marks: Marks) -> String {
    let pens = if marks.bar == Marks::UNICODE.bar { &UNICODE } else { &ASCII };
    let (columns, rows) = picture.size;
    let mut canvas = Canvas::new(columns, rows, if pens.ascii { (1, 1) } else { DOTS });
    for (k, curve) in picture.curves.iter().enumerate() {
        let mut walked = 0;
        for line in &curve.lines {
            canvas.line(picture, line, k, &mut walked);
        }
    }
    let mut out = String::new();
    if picture.curves.len() == 1 {
        let _ = writeln!(out, "{}", picture.title);
    }
    framed(&mut out, picture, &canvas, pens);
    legend(&mut out, picture, pens);
    for note in &picture.notes {
        let _ = writeln!(out, "{note}");
    }
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    let text = lines.join("\n") + "\n";
    if pens.ascii { marks.folded(&text) } else { text }
}

impl Canvas {
    fn new(columns: usize, rows: usize, dots: (usize, usize)) -> Self {
        Canvas { columns, rows, dots, cells: vec![(0, None); columns * rows] }
    }

    /// Draws a polyline, of which `walked` dots lie behind.
    fn line(&mut self, picture: &Picture, points: &[(f64, f64)], curve: usize, walked: &mut u32) {
        let (width, height) = (self.columns * self.dots.0 - 1, self.rows * self.dots.1 - 1);
        let at = |(x, y): (f64, f64)| (picture.x.place(x) * width as f64, (1.0 - picture.y.place(y)) * height as f64);
        if let [only] = points {
            self.dot(at(*only), curve);
        }
        let mut last = None;
        for pair in points.windows(2) {
            let Some((a, b)) = clipped(at(pair[0]), at(pair[1]), height as f64) else { continue };
            let count = (b.0 - a.0).abs().max((b.1 - a.1).abs()).ceil().clamp(1.0, 1e5) as usize;
            for k in 0..=count {
                let share = k as f64 / count as f64;
                let here = (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share);
                let dot = (here.0.round() as i64, here.1.round() as i64);
                if last == Some(dot) {
                    continue;
                }
                last = Some(dot);
                *walked += 1;
                if self.dots == (1, 1) || is_drawn(PATTERNS[curve % PATTERNS.len()], *walked - 1) {
                    self.dot(here, curve);
                }
            }
        }
    }

    fn dot(&mut self, (x, y): (f64, f64), curve: usize) {
        let (x, y) = (x.round(), y.round());
        let (width, height) = ((self.columns * self.dots.0) as f64, (self.rows * self.dots.1) as f64);
        if !(0.0..width).contains(&x) || !(0.0..height).contains(&y) {
            return;
        }
        let (x, y) = (x as usize, y as usize);
        let cell = &mut self.cells[y / self.dots.1 * self.columns + x / self.dots.0];
        cell.0 |= BITS[x % self.dots.0][y % self.dots.1];
        cell.1.get_or_insert(curve);
    }
}

/// Whether the pattern draws after so many dots.
fn is_drawn(pattern: &[u32], walked: u32) -> bool {
    let mut rest = walked % pattern.iter().sum::<u32>();
    for (k, length) in pattern.iter().enumerate() {
        if rest < *length {
            return k % 2 == 0;
        }
        rest -= length;
    }
    false
}

/// The part of a segment between the heights 0 and `height`.
fn clipped(a: (f64, f64), b: (f64, f64), height: f64) -> Option<((f64, f64), (f64, f64))> {
    let (mut from, mut to) = (0.0f64, 1.0f64);
    let rise = b.1 - a.1;
    for (bound, sign) in [(0.0, 1.0), (height, -1.0)] {
        let (start, slope) = (sign * (a.1 - bound), sign * rise);
        match slope {
            0.0 if start < 0.0 => return None,
            0.0 => {}
            _ if slope > 0.0 => from = from.max(-start / slope),
            _ => to = to.min(-start / slope),
        }
    }
    let at = |share: f64| (a.0 + (b.0 - a.0) * share, a.1 + rise * share);
    (from <= to && from.is_finite() && to.is_finite()).then(|| (at(from), at(to)))
}

/// The canvas with its axes.
fn framed(out: &mut String, picture: &Picture, canvas: &Canvas, pens: &Pens) {
    let ticks = picture.y.ticks((canvas.rows / 3).clamp(2, 8));
    let row_of = |tick: &Tick| {
        let dots = canvas.rows * canvas.dots.1 - 1;
        ((1.0 - picture.y.place(tick.at)) * dots as f64).round().max(0.0) as usize / canvas.dots.1
    };
    let margin = ticks.iter().map(|tick| tick.label.width()).max().unwrap_or(0);
    let poles: Vec<usize> = picture.poles.iter().filter_map(|at| column(&picture.x, *at, canvas)).collect();
    let marks: Vec<(usize, usize)> = picture
        .marks
        .iter()
        .filter_map(|mark| {
            let row = (0.0..=1.0)
                .contains(&picture.y.place(mark.at.1))
                .then(|| row_of(&Tick { at: mark.at.1, label: String::new() }))?;
            Some((row, column(&picture.x, mark.at.0, canvas)?))
        })
        .collect();
    let zero = (picture.y.low < 0.0 && picture.y.high > 0.0).then(|| row_of(&Tick { at: 0.0, label: String::new() }));
    for row in 0..canvas.rows {
        let tick = ticks.iter().find(|tick| row_of(tick) == row);
        let (label, edge) = tick.map_or(("", pens.left), |tick| (tick.label.as_str(), pens.left_tick));
        let _ = write!(out, "{}{label} {edge}", " ".repeat(margin - label.width()));
        for at in 0..canvas.columns {
            let (dots, curve) = canvas.cells[row * canvas.columns + at];
            out.push(match () {
                () if marks.contains(&(row, at)) => pens.mark,
                () if dots != 0 && pens.ascii => curve.map_or(' ', |k| LETTERS[k % LETTERS.len()]),
                () if dots != 0 => char::from_u32(0x2800 + dots).unwrap_or(' '),
                () if poles.contains(&at) => pens.pole,
                () if zero == Some(row) => pens.zero,
                () => ' ',
            });
        }
        out.push('\n');
    }
    below(out, picture, canvas, pens, margin);
}

/// The column of a value on the horizontal axis.
fn column(x: &Axis, at: f64, canvas: &Canvas) -> Option<usize> {
    let place = x.place(at);
    let dots = canvas.columns * canvas.dots.0 - 1;
    (0.0..=1.0).contains(&place).then(|| (place * dots as f64).round() as usize / canvas.dots.0)
}

/// The horizontal axis with its labels, the variable at its end.
fn below(out: &mut String, picture: &Picture, canvas: &Canvas, pens: &Pens, margin: usize) {
    let ticks = picture.x.ticks((canvas.columns / 9).clamp(2, 10));
    let placed: Vec<(usize, &str)> =
        ticks.iter().filter_map(|tick| Some((column(&picture.x, tick.at, canvas)?, tick.label.as_str()))).collect();
    let mut line = vec![pens.bottom; canvas.columns];
    for (at, _) in &placed {
        line[*at] = pens.bottom_tick;
    }
    let _ = writeln!(out, "{} {}{}", " ".repeat(margin), pens.corner, line.into_iter().collect::<String>());
    // labels stand under their ticks; one that would touch the one before it is left out
    let start = margin + 2;
    let mut labels = String::new();
    for (at, label) in placed {
        let from = (start + at).saturating_sub(label.width() / 2);
        let used = labels.width();
        if used == 0 || from > used {
            labels.push_str(&" ".repeat(from - used.min(from)));
            labels.push_str(label);
        }
    }
    let end = start + canvas.columns;
    let gap = end.saturating_sub(labels.width() + picture.x.name.width()).max(2);
    let _ = writeln!(out, "{labels}{}{}", " ".repeat(gap), picture.x.name);
}

/// How points alone look in the legend.
const POINTS: &[u32] = &[1, 3];

/// Which curve is which, and what is marked.
fn legend(out: &mut String, picture: &Picture, pens: &Pens) {
    if picture.curves.len() > 1 {
        for (k, curve) in picture.curves.iter().enumerate() {
            let pattern = if curve.is_points() { POINTS } else { PATTERNS[k % PATTERNS.len()] };
            let _ = writeln!(out, "  {}  {}", sample(k, pattern, pens), curve.name);
        }
    }
    for mark in &picture.marks {
        let of = if picture.curves.len() > 1 { picture.curves.get(mark.curve).map(|c| c.name.as_str()) } else { None };
        let of = of.map_or(String::new(), |name| format!("  ({name})"));
        let _ = writeln!(out, "  {}  {}{of}", pens.mark, mark.text);
    }
}

/// A piece of the line of a curve.
fn sample(k: usize, pattern: &[u32], pens: &Pens) -> String {
    if pens.ascii {
        return LETTERS[k % LETTERS.len()].to_string().repeat(3);
    }
    let cell = |at: u32| {
        let bits = [0, 1].map(|side: u32| if is_drawn(pattern, 2 * at + side) { BITS[side as usize][2] } else { 0 });
        char::from_u32(0x2800 + bits[0] + bits[1]).unwrap_or(' ')
    };
    (0..6).map(cell).collect()
}
