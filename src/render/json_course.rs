//! A descent as JSON: the told points with what was measured there, and the findings with their numbers.

use super::course::sentence;
use super::json::number;
use crate::course::Finding;
use crate::expr::Graph;
use crate::outcome::Course;
use serde_json::{Map, Value, json};

/// The fields of a descent.
pub(super) fn course(g: &Graph, out: &mut Map<String, Value>, course: &Course) {
    let track = &course.track;
    let by_name = |values: &[f64]| -> Map<String, Value> {
        course.by.iter().zip(values).map(|(symbol, value)| (g.name(*symbol).to_owned(), number(*value))).collect()
    };
    let points = track.points.iter().map(|point| {
        let mut one = Map::new();
        one.insert("step".into(), point.step.into());
        one.insert("loss".into(), number(point.loss));
        one.insert("at".into(), by_name(&point.at).into());
        let has_value = point.loss.is_finite();
        one.insert("gradient_norm".into(), if has_value { number(point.norm()) } else { Value::Null });
        if let Some(curvature) = &point.curvature {
            one.insert("curvature".into(), number(curvature.sharpness));
            one.insert("curvature_settled".into(), curvature.settled.into());
        }
        if let Some(rate) = point.largest_rate(&track.stride) {
            one.insert("largest_rate".into(), number(rate));
        }
        Value::Object(one)
    });
    out.insert("points".into(), points.collect());
    out.insert("losses".into(), track.losses.iter().map(|(step, loss)| json!([step, number(*loss)])).collect());
    out.insert("steps".into(), track.taken.into());
    out.insert("method".into(), track.stride.method.word().into());
    out.insert("rate".into(), number(track.stride.rate));
    out.insert("momentum".into(), number(track.stride.momentum));
    if let Some(why) = &course.stopped {
        out.insert("stopped".into(), why.as_str().into());
    }
    let told = course.findings.iter().map(|finding| {
        let mut one = fields(g, course, finding);
        one.insert("text".into(), sentence(g, course, finding).into());
        Value::Object(one)
    });
    out.insert("diagnosis".into(), told.collect());
    out.insert("kept".into(), course.kept.into());
}

/// What kind of finding it is, with its numbers.
fn fields(g: &Graph, course: &Course, finding: &Finding) -> Map<String, Value> {
    let name = |k: usize| Value::from(course.by.get(k).map_or("", |symbol| g.name(*symbol)));
    let (kind, numbers): (&str, Vec<(&str, Value)>) = match finding {
        Finding::Diverges { step, sharpness, bound, write } => (
            "diverging",
            vec![
                ("step", (*step).into()),
                ("curvature", number(*sharpness)),
                ("largest_rate", number(*bound)),
                ("write_rate", number(*write)),
            ],
        ),
        Finding::Grows => ("growing", vec![]),
        Finding::Bounces { sharpness, bound, write } => (
            "bouncing",
            vec![("curvature", number(*sharpness)), ("largest_rate", number(*bound)), ("write_rate", number(*write))],
        ),
        Finding::Oscillates { turns, of, sharpness, write } => (
            "oscillating",
            vec![
                ("turns", (*turns).into()),
                ("of", (*of).into()),
                ("curvature", number(*sharpness)),
                ("write_rate", number(*write)),
            ],
        ),
        Finding::Jumps { turns, length } => ("jumping_over_kink", vec![("turns", (*turns).into()), ("length", number(*length))]),
        Finding::AtKink(cause) => ("at_kink", vec![("cause", cause.as_str().into())]),
        Finding::Still(which) => ("frozen", vec![("by", which.iter().map(|k| name(*k)).collect())]),
        Finding::Saturated(flat) => {
            let stage = flat.stage.as_ref().map_or(Value::Null, |stage| stage.as_str().into());
            let function = flat.function.as_str().into();
            let (at, slope, largest) = (number(flat.at), number(flat.slope), number(flat.largest));
            (
                "saturated",
                vec![("stage", stage), ("function", function), ("at", at), ("slope", slope), ("largest_slope", largest)],
            )
        }
        Finding::SaturatedInRows(flat) => (
            "saturated_in_rows",
            vec![
                ("unit", flat.unit.as_str().into()),
                ("share_of_rows", number(flat.share)),
                ("limit", number(flat.limit)),
                ("largest_slope", number(flat.largest)),
                ("by", flat.by.iter().map(|k| name(*k)).collect()),
            ],
        ),
        Finding::Converged { from, to, least } => {
            let least = least.map_or(Value::Null, number);
            ("converged", vec![("gradient_from", number(*from)), ("gradient_to", number(*to)), ("least_curvature", least)])
        }
        Finding::Saddle { least } => ("saddle", vec![("least_curvature", number(*least))]),
        Finding::Exponential { half, floor, above, more } => (
            "exponential",
            vec![
                ("half_life", number(*half)),
                ("floor", number(*floor)),
                ("above", number(*above)),
                ("more_steps", (*more).into()),
            ],
        ),
        Finding::Falls { first, second } => ("falling", vec![("first_half", number(*first)), ("second_half", number(*second))]),
        Finding::Timid { bound, write } => ("timid", vec![("largest_rate", number(*bound)), ("write_rate", number(*write))]),
        Finding::Scale { ratio, steep, flat, factor, left } => (
            "badly_scaled",
            vec![
                ("ratio", number(*ratio)),
                ("steep", name(*steep)),
                ("flat", name(*flat)),
                ("divide_by", number(*factor)),
                ("ratio_left", number(*left)),
            ],
        ),
        Finding::Uneven { ratio } => ("narrow_valley", vec![("ratio", number(*ratio))]),
        Finding::About { half: [best, low, high] } => {
            ("about_exponential", vec![("half_life", number(*best)), ("from", number(*low)), ("to", number(*high))])
        }
        Finding::Swings { rises, of } => ("swinging", vec![("rises", (*rises).into()), ("of", (*of).into())]),
    };
    let numbers = numbers.into_iter().map(|(key, value)| (key.to_owned(), value));
    std::iter::once(("kind".to_owned(), kind.into())).chain(numbers).collect()
}
