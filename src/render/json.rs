//! Answers as JSON: what `--format json` prints, one object a statement, and what `grad batch` answers. The field names are
//! those of the batch protocol.

use super::{curve, derivation, exercise, growth, json_along, json_course, json_flow, stability, text};
use crate::derive::Step;
use crate::diagnostic::{Diagnostic, is_unsafe};
use crate::eval::number_text;
use crate::expr::{Graph, Id, Symbol, print};
use crate::outcome::{Answer, Evaluated, Formula, Outcome, SharedEntry, Stability};
use crate::resolve::Text;
use crate::stable::Row;
use crate::verify::check::Equality;
use crate::verify::points::Point;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// An expression of more tree nodes than this is written with named parts.
const LARGEST: u64 = 50_000;

/// The same for each of many derivatives that share their parts.
const SHARED: u64 = 200;

/// A value on one line. What could fool a terminal that shows it is escaped; such characters stand in JSON strings only.
#[must_use]
pub fn line(value: &Value) -> String {
    let text = value.to_string();
    if !text.contains(is_unsafe) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// The outcome of a statement as an object.
#[must_use]
pub fn outcome(g: &Graph, outcome: &Outcome) -> Value {
    let mut object = Map::new();
    let place = outcome.text.source.place(outcome.span.start);
    object.insert("command".into(), outcome.command.into());
    object.insert("file".into(), outcome.text.source.name.clone().into());
    object.insert("line".into(), place.line.into());
    object.insert("span".into(), json!([outcome.span.start, outcome.span.end]));
    object.insert("ok".into(), (!outcome.is_error()).into());
    if let Some(found) = &outcome.answer {
        object.extend(answer(g, found));
        object.insert("text".into(), text::answer(g, found, derivation::Marks::UNICODE).into());
    }
    let diagnostics: Vec<Value> = outcome.diagnostics.iter().map(|d| diagnostic(d, &outcome.text)).collect();
    if !diagnostics.is_empty() {
        object.insert("diagnostics".into(), diagnostics.into());
    }
    Value::Object(object)
}

/// A page about a topic as an object.
#[must_use]
pub fn page(topic: &str, text: &str) -> Value {
    json!({"topic": topic, "text": text})
}

/// The fields of an answer.
#[must_use]
pub fn answer(g: &Graph, answer: &Answer) -> Map<String, Value> {
    let mut out = Map::new();
    match answer {
        Answer::Formula(formula) => one(g, &mut out, formula),
        Answer::Simplified { formula, derivation, .. } => {
            one(g, &mut out, formula);
            out.insert("steps".into(), steps(g, &derivation.steps));
        }
        Answer::Stable(found) => stability(g, &mut out, found),
        Answer::Vector(formulas) => several(g, &mut out, formulas),
        Answer::Derivation { derivation, value, .. } => {
            expression(g, &mut out, derivation.result);
            out.insert("domain".into(), conditions(g, &derivation.conditions));
            if let Some(value) = value {
                put_value(g, &mut out, value);
            }
            let kinks = derivation.kinks.iter().map(|(at, what)| json!({"at": shown(g, *at), "what": what}));
            out.insert("kinks".into(), kinks.collect());
            out.insert("steps".into(), steps(g, &derivation.steps));
        }
        Answer::Gradient(partials) => {
            let entries = partials.iter().map(|(symbol, formula)| {
                let mut entry = Map::new();
                one(g, &mut entry, formula);
                (g.name(*symbol).to_owned(), Value::Object(entry))
            });
            out.insert("partials".into(), Value::Object(entries.collect()));
        }
        Answer::Slopes { value, by, partials } => {
            put_value(g, &mut out, value);
            let entries = by.iter().zip(partials).map(|(symbol, partial)| (g.name(*symbol).to_owned(), number(partial.value)));
            out.insert("gradient".into(), Value::Object(entries.collect()));
            let causes =
                by.iter().zip(partials).filter_map(|(symbol, p)| Some((g.name(*symbol).to_owned(), p.cause.clone()?.into())));
            let causes: Map<String, Value> = causes.collect();
            if !causes.is_empty() {
                out.insert("causes".into(), Value::Object(causes));
            }
            if let Some(doubt) = partials.iter().find_map(|p| p.doubt) {
                out.entry("doubt").or_insert(doubt.into());
            }
        }
        Answer::Shared { entries, nodes } => shared(g, &mut out, entries, *nodes),
        Answer::Matrix { variables, rows } => {
            let names = variables.iter().map(|s| Value::from(g.name(*s)));
            out.insert("variables".into(), names.collect());
            let rows = rows.iter().map(|row| {
                row.iter()
                    .map(|formula| {
                        let mut entry = Map::new();
                        one(g, &mut entry, formula);
                        Value::Object(entry)
                    })
                    .collect::<Value>()
            });
            out.insert("rows".into(), rows.collect());
        }
        Answer::Values { values, is_vector } => match &values[..] {
            [value] if !is_vector => put_value(g, &mut out, value),
            _ => {
                out.insert("value".into(), values.iter().map(|v| number(v.value)).collect());
            }
        },
        Answer::Picture(picture) => json_along::picture(&mut out, picture),
        Answer::Table(table) => json_along::table(g, &mut out, table),
        Answer::Saturation { variable, range, functions } => json_along::saturation(g, &mut out, variable, *range, functions),
        Answer::Page { topic, .. } => _ = out.insert("topic".into(), topic.clone().into()),
        Answer::Growth(found) => out.extend(growth::fields(g, found)),
        Answer::Exercises(sheet) => out.extend(exercise::fields(sheet)),
        Answer::Curve(found) => out.extend(curve::fields(found)),
        Answer::Descent(found) => json_course::course(g, &mut out, found),
        Answer::Flow(flows) => _ = out.insert("flows".into(), flows.iter().map(|flow| json_flow::flow(g, flow)).collect()),
        Answer::Elasticity(found) => {
            out.insert("elasticities".into(), found.iter().map(|one| json_flow::elasticity(g, one)).collect());
        }
        Answer::Truth(holds) => {
            out.insert("value".into(), (*holds).into());
        }
        Answer::Equality(found) => equality(g, &mut out, found),
        Answer::Marking(found) => out.extend(super::marking::fields(g, found)),
        Answer::Domain(report) => {
            let places = |list: &[(Id, String)]| {
                list.iter().map(|(at, what)| json!({"at": shown(g, *at), "what": what})).collect::<Value>()
            };
            out.insert("domain".into(), conditions(g, &report.conditions));
            out.insert("kinks".into(), places(&report.kinks));
            out.insert("poles".into(), places(&report.poles));
        }
    }
    out
}

/// Derivatives by name, with the parts that they share.
fn shared(g: &Graph, out: &mut Map<String, Value>, entries: &[SharedEntry], nodes: usize) {
    let ids: Vec<Id> = entries.iter().map(|entry| entry.id).collect();
    let extent = print::Extent { nodes: SHARED, parts: usize::MAX, bytes: usize::MAX };
    let common = print::with_common_parts(g, &ids, print::Style::Plain, extent);
    let named = entries.iter().zip(common.texts).map(|(entry, text)| {
        let mut object = Map::new();
        object.insert("result".into(), text.into());
        if let Some(value) = &entry.value {
            put_value(g, &mut object, value);
        }
        let by: Vec<&str> = entry.by.iter().map(|symbol| g.name(*symbol)).collect();
        let name = entry.of.map_or(by.join(" "), |k| format!("{} of entry {k}", by.join(" ")));
        (name, object)
    });
    match entries {
        [_] => out.extend(named.flat_map(|(_, object)| object)),
        _ => _ = out.insert("partials".into(), Value::Object(named.map(|(name, o)| (name, Value::Object(o))).collect())),
    }
    let parts = common.parts.into_iter().map(|(name, text)| (name, text.into()));
    out.insert("parts".into(), Value::Object(parts.collect()));
    out.insert("simplified".into(), false.into());
    out.insert("nodes".into(), nodes.into());
}

/// The stable form, the steps to it, where the typed form fails, and the errors of both.
fn stability(g: &Graph, out: &mut Map<String, Value>, found: &Stability) {
    one(g, out, &found.formula);
    out.insert("steps".into(), steps(g, &found.derivation.steps));
    let fails = found.failures.iter().map(|f| {
        json!({
            "variable": g.name(f.variable), "side": f.side.word(), "from": number(f.from), "until": f.until.map(number),
            "kind": f.kind.word(), "gives": number(f.gives), "cause": stability::cause(g, f), "with": values_by_name(g, &f.others),
        })
    });
    out.insert("fails".into(), fails.collect());
    let errors = |row: &Row| {
        let (typed, stable) = (number(row.typed), number(row.stable));
        json!({"at": values_by_name(g, &row.at), "value": number(row.value), "typed": typed, "stable": stable})
    };
    out.insert("errors".into(), found.rows.iter().map(errors).collect());
    if let Some(left) = &found.left {
        out.insert("left".into(), errors(left));
    }
    out.insert("points".into(), found.points.into());
}

/// Values by name.
fn values_by_name(g: &Graph, values: &[(Symbol, f64)]) -> Value {
    Value::Object(values.iter().map(|(s, v)| (g.name(*s).to_owned(), number(*v))).collect())
}

/// The numbers of a matrix of second derivatives, by the names of both variables; none where one has no value.
#[must_use]
pub fn by_name(g: &Graph, variables: &[Symbol], rows: &[Vec<Formula>]) -> Option<Value> {
    let value = |formula: &Formula| match &formula.value {
        Some(found) => Some(number(found.value)),
        None => g.as_number(formula.id).map(|n| number(n.to_f64())),
    };
    let name = |symbol: &Symbol| g.name(*symbol).to_owned();
    let row = |row: &Vec<Formula>| {
        let entries = variables.iter().zip(row).map(|(column, formula)| Some((name(column), value(formula)?)));
        Some(Value::Object(entries.collect::<Option<Map<_, _>>>()?))
    };
    let rows = variables.iter().zip(rows).map(|(symbol, formulas)| Some((name(symbol), row(formulas)?)));
    Some(Value::Object(rows.collect::<Option<Map<_, _>>>()?))
}

/// The same of second derivatives that share their parts, of which each pair is there once.
#[must_use]
pub fn pairs_by_name(g: &Graph, entries: &[SharedEntry]) -> Option<Value> {
    let mut rows: Map<String, Value> = Map::new();
    for entry in entries {
        let value = number(entry.value.as_ref()?.value);
        let [a, b] = entry.by[..] else { return None };
        for (row, column) in [(a, b), (b, a)] {
            let row = rows.entry(g.name(row)).or_insert_with(|| Value::Object(Map::new()));
            row.as_object_mut()?.insert(g.name(column).to_owned(), value.clone());
        }
    }
    Some(Value::Object(rows))
}

/// A diagnostic as an object; the span holds byte offsets into its text.
#[must_use]
pub fn diagnostic(d: &Diagnostic, text: &Text) -> Value {
    let mut object = error(d);
    let severity = match d.severity {
        crate::diagnostic::Severity::Note => "note",
        crate::diagnostic::Severity::Warning => "warning",
        crate::diagnostic::Severity::Error => "error",
    };
    object.insert("severity".into(), severity.into());
    if let Some(span) = d.span() {
        let place = text.source.place(span.start);
        object.insert("line".into(), place.line.into());
        object.insert("column".into(), place.column.into());
    }
    Value::Object(object)
}

/// The fields of an error of the batch protocol.
#[must_use]
pub fn error(d: &Diagnostic) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("code".into(), d.code.id.into());
    object.insert("message".into(), d.message.clone().into());
    object.insert("span".into(), d.span().map_or(Value::Null, |span| json!([span.start, span.end])));
    let help = match (&d.help, &d.correction) {
        (Some(help), Some(correction)) => Value::from(format!("{help}: {correction}")),
        (Some(text), None) | (None, Some(text)) => text.clone().into(),
        (None, None) => Value::Null,
    };
    object.insert("help".into(), help);
    object
}

/// A number; what JSON has no number for is a string.
#[must_use]
pub fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { number_text(value).into() }
}

/// The verdict on two expressions, with the point and the values that show it.
fn equality(g: &Graph, out: &mut Map<String, Value>, found: &Equality) {
    let verdict = match found {
        Equality::Equal { .. } => "equal",
        Equality::Different { .. } => "different",
        Equality::Unknown(_) => "unknown",
    };
    out.insert("verdict".into(), verdict.into());
    out.insert("proved".into(), matches!(found, Equality::Equal { proved: true, .. }).into());
    match found {
        Equality::Equal { points, only_first, only_second, .. } => {
            out.insert("points".into(), (*points).into());
            for (name, at) in [("only_left", only_first), ("only_right", only_second)] {
                if let Some(at) = at {
                    out.insert(name.into(), place(g, at));
                }
            }
        }
        Equality::Different { point, a, b } => {
            out.insert("counterexample".into(), place(g, point));
            for (name, value) in [("left", a), ("right", b)] {
                let value = value.parse().map_or_else(|_| value.clone().into(), number);
                out.insert(name.into(), value);
            }
        }
        Equality::Unknown(why) => {
            out.insert("reason".into(), why.clone().into());
        }
    }
}

pub(super) fn place(g: &Graph, point: &Point) -> Value {
    let entries = point.iter().map(|(symbol, value)| (g.name(*symbol).to_owned(), number(value.to_f64())));
    Value::Object(entries.collect())
}

pub(super) fn shown(g: &Graph, id: Id) -> String {
    print::with_named_parts(g, id, print::Style::Plain, LARGEST).text
}

pub(super) fn expression(g: &Graph, out: &mut Map<String, Value>, id: Id) {
    let named = print::with_named_parts(g, id, print::Style::Plain, LARGEST);
    out.insert("result".into(), named.text.into());
    if !named.parts.is_empty() {
        let parts = named.parts.into_iter().map(|(name, text)| (name, text.into()));
        out.insert("parts".into(), Value::Object(parts.collect()));
    }
}

pub(super) fn one(g: &Graph, out: &mut Map<String, Value>, formula: &Formula) {
    expression(g, out, formula.id);
    out.insert("domain".into(), conditions(g, &formula.conditions));
    if let Some(value) = &formula.value {
        put_value(g, out, value);
    }
}

fn several(g: &Graph, out: &mut Map<String, Value>, formulas: &[Formula]) {
    let texts: Vec<String> = formulas.iter().map(|f| shown(g, f.id)).collect();
    out.insert("result".into(), format!("[{}]", texts.join(", ")).into());
    let all: Vec<Id> = formulas.iter().flat_map(|f| f.conditions.iter().copied()).collect();
    out.insert("domain".into(), conditions(g, &all));
    if formulas.iter().all(|f| f.value.is_some()) {
        let values = formulas.iter().filter_map(|f| f.value.as_ref()).map(|v| number(v.value));
        out.insert("value".into(), values.collect());
    }
}

pub(super) fn put_value(g: &Graph, out: &mut Map<String, Value>, value: &Evaluated) {
    // no JSON number holds so many digits
    let shown = value.digits.as_ref().map_or_else(|| number(value.value), |digits| digits.clone().into());
    out.insert("value".into(), shown);
    if let Some(exact) = value.exact {
        out.insert("result".into(), shown_exactly(g, exact).into());
    }
    if let Some(cause) = &value.cause {
        out.insert("cause".into(), cause.clone().into());
    }
    if let Some(doubt) = value.doubt {
        out.insert("doubt".into(), doubt.into());
    }
}

fn shown_exactly(g: &Graph, exact: Id) -> String {
    g.as_number(exact).map_or_else(|| shown(g, exact), ToString::to_string)
}

pub(super) fn conditions(g: &Graph, ids: &[Id]) -> Value {
    let mut texts: Vec<String> = Vec::new();
    for text in ids.iter().map(|id| shown(g, *id)) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.into()
}

pub(super) fn steps(g: &Graph, list: &[Step]) -> Value {
    list.iter().map(|s| step(g, s)).collect()
}

/// How a step was checked.
fn verified(step: &Step) -> Value {
    match (&step.check, &step.unchecked) {
        (Some(check), _) => json!({"points": check.points, "worst": number(check.worst), "proved": check.proved}),
        (None, Some(reason)) => json!({"points": 0, "worst": null, "reason": reason}),
        (None, None) => Value::Null,
    }
}

fn step(g: &Graph, step: &Step) -> Value {
    json!({
        "rule": step.rule(),
        "before": shown(g, step.before),
        "after": shown(g, step.after),
        "why": derivation::why(g, step),
        "conditions": conditions(g, &step.conditions),
        "verified": verified(step),
        "steps": step.substeps.iter().map(|inner| self::step_below(g, inner)).collect::<Value>(),
    })
}

/// A step inside a step. Links hold steps of their own, and nothing deeper.
fn step_below(g: &Graph, link: &Step) -> Value {
    let inner: Value = link
        .substeps
        .iter()
        .map(|s| {
            json!({
                "rule": s.rule(),
                "before": shown(g, s.before),
                "after": shown(g, s.after),
                "why": derivation::why(g, s),
                "verified": verified(s),
            })
        })
        .collect();
    json!({
        "rule": link.rule(),
        "before": shown(g, link.before),
        "after": shown(g, link.after),
        "why": derivation::why(g, link),
        "conditions": conditions(g, &link.conditions),
        "verified": verified(link),
        "steps": inner,
    })
}
