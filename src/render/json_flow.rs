//! Flows and elasticities as JSON.

use super::json::{number, one, shown};
use crate::expr::{Graph, Symbol};
use crate::flow::Remark;
use crate::outcome::{Elasticity, Evaluated, Flow, Reason};
use serde_json::{Map, Value, json};

fn name(g: &Graph, symbol: Option<Symbol>) -> Value {
    symbol.map_or(Value::Null, |symbol| g.name(symbol).into())
}

fn value(found: Option<&Evaluated>) -> Value {
    found.map_or(Value::Null, |found| number(found.value))
}

pub(super) fn flow(g: &Graph, flow: &Flow) -> Value {
    let links = flow.links.iter().map(|link| {
        json!({
            "of": name(g, link.to),
            "by": g.name(link.from),
            "factor": shown(g, link.factor),
            "slope": value(link.slope.as_ref()),
            "reason": link.reason.as_ref().map_or(Value::Null, |reason| because(g, reason)),
        })
    });
    let stages = flow.nodes.iter().map(|node| {
        let definition = node.definition.map_or(Value::Null, |definition| shown(g, definition).into());
        json!({
            "stage": name(g, node.stage),
            "definition": definition,
            "value": value(node.value.as_ref()),
            "influence": value(node.influence.as_ref()),
        })
    });
    let paths = flow.paths.iter().map(|path| json!({"links": path.links, "product": number(path.product)}));
    json!({
        "by": g.name(flow.by),
        "at": value(flow.start.as_ref()),
        "chain": flow.is_chain,
        "links": links.collect::<Value>(),
        "stages": stages.collect::<Value>(),
        "paths": paths.collect::<Value>(),
        "within_rows": flow.within_rows,
        "total": value(flow.total.as_ref()),
        "remarks": flow.remarks.iter().map(remark).collect::<Value>(),
    })
}

fn because(g: &Graph, reason: &Reason) -> Value {
    json!({
        "function": reason.function,
        "argument": shown(g, reason.argument),
        "at": number(reason.at),
        "slope": number(reason.slope),
        "largest": number(reason.largest),
    })
}

fn remark(remark: &Remark) -> Value {
    match remark {
        Remark::Stops(link) => json!({"kind": "stops", "link": link}),
        Remark::Weakens(link) => json!({"kind": "weakens", "link": link}),
        Remark::Strengthens(link) => json!({"kind": "strengthens", "link": link}),
        Remark::MadeUp { weak, strong } => json!({"kind": "made up", "weak": weak, "strong": strong}),
        Remark::Layers { first, links, count, rate, until } => {
            json!({"kind": "layers", "first": first, "links": links, "count": count, "rate": number(*rate), "until": until})
        }
    }
}

pub(super) fn elasticity(g: &Graph, found: &Elasticity) -> Value {
    let mut out = Map::new();
    out.insert("by".into(), g.name(found.by).into());
    one(g, &mut out, &found.formula);
    out.insert("at".into(), value(found.at.as_ref()));
    out.insert("of".into(), value(found.value.as_ref()));
    out.insert("slope".into(), value(found.slope.as_ref()));
    Value::Object(out)
}
