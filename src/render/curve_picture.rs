//! The picture of a loss curve, on the axes on which its law is a straight line.

use crate::curve::fit::Fit;
use crate::curve::law::{Law, Shape};
use crate::curve::rows::gathered;
use crate::outcome::Curve;
use crate::plot::{Axis, Curve as Line, Picture};

/// Columns and rows of the canvas.
const SIZE: (usize, usize) = (60, 10);

/// The losses as points and the law as a line; nothing where no axes hold them.
pub(super) fn picture(curve: &Curve) -> Option<Picture> {
    let study = &curve.study;
    let fit = study.fit();
    let (first, last) = study.span();
    let shift = fit.frame().shift;
    let bends_in_steps = matches!(fit.law, Law::Power | Law::Logarithm);
    let x = |step: f64| if bends_in_steps { step + shift } else { step };
    let is_log = fit.law.shape() == Shape::Bent;
    let height = |loss: f64| distance(fit, loss);
    let losses = gathered(&study.log.losses);
    let inside = |(x, y): &(f64, f64)| (!bends_in_steps || *x > 0.0) && (!is_log || *y > 0.0) && y.is_finite();
    let points: Vec<(f64, f64)> = losses.step.iter().zip(&losses.loss).map(|(s, l)| (x(*s), height(*l))).filter(inside).collect();
    let begin = if bends_in_steps && x(first) <= 0.0 { points.first()?.0 } else { x(first) };
    let end = x(last);
    let law = |at: f64| {
        let step = at - (x(first) - first);
        (at, if is_log { fit.from_base(step) } else { fit.at(step) })
    };
    let law = vec![law(begin), law(end)];
    let heights: Vec<f64> = points.iter().chain(law.iter().filter(|point| inside(point))).map(|(_, y)| *y).collect();
    let mut y = Axis::around(&heights, is_log, false);
    if is_log && !fit.is_exact() {
        // below the noise there is no distance from the floor to be seen
        let noise = fit.sigma_at(first).min(fit.sigma_at(last)) / 2.0;
        y.low = y.low.max(noise.min(y.high / 10.0));
    }
    if points.is_empty() || begin >= end || y.low >= y.high {
        return None;
    }
    let step = curve.step.clone().unwrap_or_else(|| "row".to_owned());
    let name = if shift != 0.0 && bends_in_steps { format!("{step} + {shift}") } else { step };
    Some(Picture {
        title: String::new(),
        x: Axis::new(&name, begin, end, bends_in_steps),
        y,
        curves: vec![
            Line { name: format!("points: {}", label(curve, fit)), lines: points.into_iter().map(|point| vec![point]).collect() },
            Line { name: "the law: straight on these axes".to_owned(), lines: vec![law] },
        ],
        marks: Vec::new(),
        poles: Vec::new(),
        notes: Vec::new(),
        size: SIZE,
    })
}

/// What is drawn of a loss: itself, or how far it is from the floor.
fn distance(fit: &Fit, loss: f64) -> f64 {
    let base = if fit.ends_at_zero() { 0.0 } else { fit.base().best };
    match fit.law.shape() {
        Shape::Flat | Shape::Straight => loss,
        Shape::Bent if fit.share().best > 0.0 => loss - base,
        Shape::Bent => base - loss,
    }
}

/// What the vertical axis measures.
fn label(curve: &Curve, fit: &Fit) -> String {
    let loss = &curve.loss;
    match fit.law.shape() {
        Shape::Flat | Shape::Straight => loss.clone(),
        Shape::Bent if fit.ends_at_zero() => loss.clone(),
        Shape::Bent if fit.bend < 0.0 => format!("{loss} above its base"),
        Shape::Bent if fit.share().best > 0.0 => format!("{loss} above its floor"),
        Shape::Bent => format!("{loss} below its ceiling"),
    }
}
