//! As JSON: pictures, tables and saturation, the answers of the commands that look along a variable.

use super::json::{number, put_value};
use crate::expr::{Graph, print};
use crate::outcome::{Saturated, Table};
use crate::plot::{Axis, Picture};
use crate::saturation::{End, EndKind, Saturation};
use serde_json::{Map, Value, json};

/// The axes, the curves as polylines with gaps between them, and what is marked.
pub(super) fn picture(out: &mut Map<String, Value>, picture: &Picture) {
    let pair = |(x, y): &(f64, f64)| json!([number(*x), number(*y)]);
    let curves = picture.curves.iter().map(|curve| {
        let lines: Value = curve.lines.iter().map(|line| line.iter().map(pair).collect::<Value>()).collect();
        json!({"name": curve.name, "lines": lines})
    });
    let marks = picture.marks.iter().map(|mark| {
        let curve = picture.curves.get(mark.curve).map(|curve| curve.name.as_str());
        json!({"curve": curve, "at": pair(&mark.at), "text": mark.text})
    });
    out.insert("title".into(), picture.title.clone().into());
    out.insert("x".into(), axis(&picture.x));
    out.insert("y".into(), axis(&picture.y));
    out.insert("curves".into(), curves.collect());
    out.insert("marks".into(), marks.collect());
    out.insert("poles".into(), picture.poles.iter().map(|at| number(*at)).collect());
    out.insert("notes".into(), picture.notes.clone().into());
}

fn axis(axis: &Axis) -> Value {
    json!({"name": axis.name, "from": number(axis.low), "to": number(axis.high), "log": axis.log})
}

/// The rows of a table, each with the value of the variable and an entry for each column.
pub(super) fn table(g: &Graph, out: &mut Map<String, Value>, table: &Table) {
    out.insert("variable".into(), table.variable.clone().into());
    if let Some(across) = &table.across {
        out.insert("across".into(), across.clone().into());
    }
    out.insert("columns".into(), table.heads.clone().into());
    let rows = table.at.iter().zip(&table.rows).map(|(at, values)| {
        let entries = values.iter().map(|value| {
            let mut entry = Map::new();
            put_value(g, &mut entry, value);
            if value.undefined {
                entry.insert("value".into(), Value::Null);
            }
            Value::Object(entry)
        });
        json!({"at": number(at.to_f64()), "values": entries.collect::<Value>()})
    });
    out.insert("rows".into(), rows.collect());
}

/// Where each function is saturated; the fields of one function alone stand beside the others.
pub(super) fn saturation(g: &Graph, out: &mut Map<String, Value>, variable: &str, range: (f64, f64), functions: &[Saturated]) {
    out.insert("variable".into(), variable.into());
    out.insert("range".into(), json!([number(range.0), number(range.1)]));
    let each = functions.iter().map(|function| {
        let mut object = Map::new();
        object.insert("name".into(), function.name.clone().into());
        if let Some(slope) = function.slope {
            object.insert("derivative".into(), print::plain(g, slope).into());
        }
        match &function.answer {
            Ok(found) => saturated(&mut object, found),
            Err(why) => _ = object.insert("reason".into(), why.clone().into()),
        }
        object
    });
    match functions {
        [_] => out.extend(each.flatten()),
        _ => _ = out.insert("functions".into(), each.map(Value::Object).collect()),
    }
}

fn saturated(out: &mut Map<String, Value>, found: &Saturation) {
    let pair = |(low, high): &(f64, f64)| json!([number(*low), number(*high)]);
    out.insert("share".into(), number(found.share));
    out.insert("largest".into(), pair(&found.largest));
    out.insert("peaks".into(), found.peaks.iter().map(pair).collect());
    let regions = found.regions.iter().map(|region| json!({"from": end(&region.from), "to": end(&region.to)}));
    out.insert("regions".into(), regions.collect());
    out.insert("undecided".into(), found.open.iter().map(pair).collect());
    out.insert("undefined".into(), found.undefined.iter().map(pair).collect());
    out.insert("part".into(), found.part().map_or(Value::Null, number));
}

fn end(end: &End) -> Value {
    let kind = match end.kind {
        EndKind::Range => "range",
        EndKind::Crossing => "crossing",
        EndKind::Place => "place",
    };
    json!({"at": number(end.at), "within": number(end.slack), "kind": kind, "slope": end.slope.map(number)})
}
