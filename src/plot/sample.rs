//! A curve as polylines: two samples are joined only where an enclosure shows that the function is smooth between them, or where
//! they are so close that nothing could be seen. Poles, jumps and edges of the domain stay open.

use super::axis::Axis;
use crate::budget::pulse;

/// A function of one variable that is to be drawn.
pub trait Function {
    /// Its value; none where it has no finite one.
    fn value(&mut self, x: f64) -> Option<f64>;

    /// Bounds of its values between two places, where it certainly is smooth there.
    fn smooth(&mut self, from: f64, to: f64) -> Option<(f64, f64)>;
}

/// A curve as it was traced.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Points that belong together, in order; between two lines is a gap.
    pub lines: Vec<Vec<(f64, f64)>>,
    /// Where the curve moves faster than it could be followed.
    pub hurried: Option<f64>,
}

/// So often a piece is halved to find out what happens in it.
const DEPTH: u32 = 40;

/// So often it is halved because the curve may leave the straight line between its ends.
const BENDS: u32 = 5;

/// Enclosures for one curve.
const LOOKS: usize = 6_000;

/// What is closer than this, in heights of the picture, cannot be told apart.
const CLOSE: f64 = 1e-3;

/// Traces a function through these places, which ascend. `y` says what can be seen.
pub fn trace(f: &mut dyn Function, places: &[f64], x: &Axis, y: &Axis) -> Trace {
    let samples: Vec<Sample> = places.iter().map(|at| (*at, f.value(*at))).collect();
    let mut tracer = Tracer { f, x, y, left: LOOKS, open: Vec::new(), found: Trace::default() };
    if let Some((at, Some(value))) = samples.first() {
        tracer.open.push((*at, *value));
    }
    for pair in samples.windows(2) {
        pulse();
        tracer.piece(pair[0], pair[1], 0);
    }
    tracer.lift();
    tracer.found
}

/// A place with the value there.
type Sample = (f64, Option<f64>);

enum Joint {
    Joined,
    Gap,
    Unclear,
}

struct Tracer<'a> {
    f: &'a mut dyn Function,
    x: &'a Axis,
    y: &'a Axis,
    /// Enclosures that may still be asked for.
    left: usize,
    /// The line that is being drawn; it ends at the last sample that has a value.
    open: Vec<(f64, f64)>,
    found: Trace,
}

impl Tracer<'_> {
    /// Goes on from `a`, where the line is, to `b`.
    fn piece(&mut self, a: Sample, b: Sample, depth: u32) {
        let middle = self.between(a.0, b.0);
        let is_last = depth == DEPTH || middle <= a.0 || middle >= b.0;
        let joint = match (a.1, b.1) {
            (None, None) => Joint::Gap,
            (Some(p), Some(q)) => self.joint((a.0, p), (b.0, q), depth, is_last),
            _ => Joint::Unclear,
        };
        match joint {
            Joint::Joined => self.open.extend(b.1.map(|value| (b.0, value))),
            Joint::Unclear if !is_last => {
                let m = (middle, self.f.value(middle));
                self.piece(a, m, depth + 1);
                self.piece(m, b, depth + 1);
            }
            Joint::Gap | Joint::Unclear => {
                self.lift();
                self.open.extend(b.1.map(|value| (b.0, value)));
            }
        }
    }

    fn between(&self, a: f64, b: f64) -> f64 {
        if self.x.log { (a * b).sqrt() } else { a / 2.0 + b / 2.0 }
    }

    fn joint(&mut self, a: (f64, f64), b: (f64, f64), depth: u32, is_last: bool) -> Joint {
        let (p, q) = (self.y.place(a.1), self.y.place(b.1));
        if self.left == 0 {
            self.found.hurried.get_or_insert(a.0);
            return if (p - q).abs() < 20.0 * CLOSE { Joint::Joined } else { Joint::Gap };
        }
        self.left -= 1;
        match self.f.smooth(a.0, b.0) {
            Some((low, high)) => {
                // a curve may turn out to reach further than the axis does so far
                let bend = (p.min(q) - self.y.place(low).max(-1.0)).max(self.y.place(high).min(2.0) - p.max(q));
                if depth < BENDS && !is_last && bend > 0.1 { Joint::Unclear } else { Joint::Joined }
            }
            None if !is_last => Joint::Unclear,
            None => {
                let seen = |place: f64| (-0.5..1.5).contains(&place);
                if (p - q).abs() < CLOSE && seen(p) && seen(q) { Joint::Joined } else { Joint::Gap }
            }
        }
    }

    fn lift(&mut self) {
        if !self.open.is_empty() {
            self.found.lines.push(std::mem::take(&mut self.open));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function by its formula, smooth where the second one says so.
    struct By(fn(f64) -> Option<f64>, fn(f64, f64) -> bool);

    impl Function for By {
        fn value(&mut self, x: f64) -> Option<f64> {
            (self.0)(x)
        }

        fn smooth(&mut self, from: f64, to: f64) -> Option<(f64, f64)> {
            let ends = (self.0(from)?, self.0(to)?);
            (self.1)(from, to).then_some((ends.0.min(ends.1), ends.0.max(ends.1)))
        }
    }

    fn traced(mut f: By, high: f64) -> Trace {
        let (x, y) = (Axis::new("", -1.0, 1.0, false), Axis::new("", -high, high, false));
        trace(&mut f, &x.spaced(20), &x, &y)
    }

    #[test]
    fn a_pole_a_jump_and_an_edge_are_gaps() {
        let apart = |a: f64, b: f64| a > 0.0 || b < 0.0;
        assert_eq!(traced(By(|x| (x != 0.0).then(|| 1.0 / x), apart), 10.0).lines.len(), 2);
        assert_eq!(traced(By(|x| (x != 0.0).then(|| 1.0 / (x * x)), apart), 10.0).lines.len(), 2);
        assert_eq!(traced(By(|x| Some(x.floor()), apart), 2.0).lines.len(), 3 - 1);
        let root = traced(By(|x| (x >= 0.0).then(|| x.sqrt()), |a, _| a > 0.0), 1.0);
        assert_eq!(root.lines.len(), 1);
        assert!(root.lines[0][0].0.abs() < 1e-9, "{:?}", root.lines[0][0]);
    }

    #[test]
    fn a_kink_is_no_gap() {
        assert_eq!(traced(By(|x| Some(x.abs()), |a, b| a > 0.0 || b < 0.0), 1.0).lines.len(), 1);
    }

    #[test]
    fn what_cannot_be_followed_comes_to_an_end() {
        let wild = traced(By(|x| Some((1.0 / x).sin()), |_, _| false), 1.0);
        assert!(wild.hurried.is_some());
    }
}
