//! Pictures of functions as data: axes, curves as polylines with gaps, marks and places. How they look is decided elsewhere.

mod axis;
mod sample;

pub use axis::{Axis, Tick};
pub use sample::{Function, Trace, trace};

/// A picture of one or several functions of one variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What is shown, in words.
    pub title: String,
    /// The variable's axis.
    pub x: Axis,
    /// The values' axis.
    pub y: Axis,
    /// The curves, in order.
    pub curves: Vec<Curve>,
    /// Points that are marked on curves.
    pub marks: Vec<Mark>,
    /// Where poles are, by the variable.
    pub poles: Vec<f64>,
    /// What there is to say below: what is cut off, where a curve could not be followed.
    pub notes: Vec<String>,
    /// Columns and rows of the canvas in a terminal.
    pub size: (usize, usize),
}

/// A curve of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Its stage or its text.
    pub name: String,
    /// Points that belong together, in order; between two lines is a gap.
    pub lines: Vec<Vec<(f64, f64)>>,
}

impl Curve {
    /// Whether it is made of points alone.
    #[must_use]
    pub fn is_points(&self) -> bool {
        self.lines.iter().all(|line| line.len() == 1)
    }
}

/// A point that is marked on a curve: where a parameter or an input stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Which curve, from 0.
    pub curve: usize,
    /// Where.
    pub at: (f64, f64),
    /// What it is, such as `w = 0.5`.
    pub text: String,
}

/// A number to four digits, as it is told in a sentence.
#[must_use]
pub fn short(value: f64) -> String {
    format!("{value:.3e}").parse::<f64>().map_or_else(|_| value.to_string(), crate::eval::number_text)
}

/// Values that are so many heights away from the middle of a picture, on both sides of a gap, show a pole.
const FAR: f64 = 20.0;

/// The number with the fewest digits between two others.
#[must_use]
pub fn shortest_between(low: f64, high: f64) -> f64 {
    if low <= 0.0 && high >= 0.0 {
        return 0.0;
    }
    let middle = low / 2.0 + high / 2.0;
    let rounded = |digits: usize| format!("{middle:.digits$e}").parse::<f64>().unwrap_or(middle);
    (0..17).map(rounded).find(|v| (low..=high).contains(v)).unwrap_or(middle)
}

/// The most curves of one picture: of more nobody could tell which is which.
pub const MOST_CURVES: usize = 8;

impl Picture {
    /// Columns and rows of the canvas, where the statement says nothing.
    pub const USUAL: (usize, usize) = (60, 16);
    /// The fewest that show anything.
    pub const LEAST: (usize, usize) = (10, 4);

    /// The canvas that suits a terminal of so many columns: the labels take some of them.
    #[must_use]
    pub fn canvas(columns: Option<usize>) -> (usize, usize) {
        columns.map_or(Picture::USUAL, |columns| {
            let width = columns.saturating_sub(12).clamp(Picture::LEAST.0, 108);
            (width, (width * 4 / 15).clamp(6, 24))
        })
    }

    /// Takes the curves in, with what they show: poles that nobody named, what is cut off, what could not be followed.
    pub fn finish(&mut self, traces: impl Iterator<Item = (String, Trace)>) {
        let mut hurried = None;
        for (name, trace) in traces {
            hurried = hurried.or(trace.hurried);
            self.note_poles(&trace.lines);
            self.curves.push(Curve { name, lines: trace.lines });
        }
        self.note_cuts();
        if let Some(at) = hurried {
            let text = format!("from {} = {} on it changes faster than can be drawn", self.x.name, short(at));
            self.notes.push(text);
        }
    }

    /// Two pieces that leave the picture on both sides of a gap have a pole between them.
    fn note_poles(&mut self, lines: &[Vec<(f64, f64)>]) {
        let outside = |y: f64| (self.y.place(y) - 0.5).abs() > FAR;
        let tiny = 1e-3;
        for pair in lines.windows(2) {
            let (Some(&(a, p)), Some(&(b, q))) = (pair[0].last(), pair[1].first()) else { continue };
            let near = |pole: &f64| (self.x.place(*pole) - self.x.place(a)).abs() < tiny;
            if outside(p) && outside(q) && self.x.place(b) - self.x.place(a) < tiny && !self.poles.iter().any(near) {
                self.poles.push(shortest_between(a, b));
            }
        }
        self.poles.sort_by(f64::total_cmp);
    }

    /// Says what lies above and below the picture.
    fn note_cuts(&mut self) {
        let room = 1e-9;
        let beyond = |f: &dyn Fn(f64) -> bool| self.curves.iter().flat_map(|c| c.lines.iter().flatten()).any(|(_, y)| f(*y));
        let above = beyond(&|y| self.y.place(y) > 1.0 + room).then(|| format!("above {}", short(self.y.high)));
        let below = beyond(&|y| self.y.place(y) < -room).then(|| format!("below {}", short(self.y.low)));
        let sides: Vec<String> = above.into_iter().chain(below).collect();
        if sides.is_empty() {
            return;
        }
        let poles: Vec<String> = self.poles.iter().take(3).map(|at| short(*at)).collect();
        let more = if self.poles.len() > 3 { " …" } else { "" };
        let near = match &poles[..] {
            [] => String::new(),
            [one] => format!("; a pole at {} = {one}", self.x.name),
            _ => format!("; poles at {} = {}{more}", self.x.name, poles.join(", ")),
        };
        self.notes.push(format!("cut off {}{near}", sides.join(" and ")));
    }

    /// The picture in one or two sentences, for those who cannot see it.
    #[must_use]
    pub fn in_words(&self) -> String {
        let number = crate::eval::number_text;
        let mut out = format!("{} for {} from {} to {}.", self.title, self.x.name, number(self.x.low), number(self.x.high));
        for curve in &self.curves {
            let points = || curve.lines.iter().flatten().filter(|(_, y)| (self.y.low..=self.y.high).contains(y));
            let ends = (points().next(), points().next_back());
            if let (Some(first), Some(last)) = ends {
                let short = |v: f64| format!("{v:.3e}").parse::<f64>().map_or_else(|_| number(v), number);
                out.push_str(&format!(
                    " {} goes from {} at {} to {} at {}{}.",
                    curve.name,
                    short(first.1),
                    short(first.0),
                    short(last.1),
                    short(last.0),
                    match curve.lines.len() {
                        0 | 1 => String::new(),
                        n => format!(", in {n} pieces"),
                    }
                ));
            }
        }
        for note in &self.notes {
            out.push_str(&format!(" {note}."));
        }
        out
    }
}
