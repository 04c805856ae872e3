//! Indexed series written out: `sum(i in 1..3: i*x)` as `1*x + 2*x + 3*x`, where its ends have values.

use super::{Cause, CauseKind, Plan, evaluate};
use crate::budget::allowed;
use crate::expr::{Graph, Id, Series, Symbol, View, walk};
use crate::limits::Limit;
use std::collections::HashMap;

/// Stages and an expression without series.
pub struct Opened {
    /// The stages that the expression uses, and any others as they were.
    pub definitions: HashMap<Symbol, Id>,
    /// The expression.
    pub root: Id,
}

/// Writes every series out below `root` and below the stages it uses, with the values of `env` at the ends of ranges.
///
/// # Errors
/// An end without a value, an end that is no integer, or too many terms.
pub fn open_series(
    g: &mut Graph,
    definitions: &HashMap<Symbol, Id>,
    root: Id,
    env: &HashMap<Symbol, f64>,
) -> Result<Opened, Cause> {
    let mut opened = Opened { definitions: definitions.clone(), root };
    let mut terms = 0;
    loop {
        let plan = Plan::new(g, &opened.definitions, &[opened.root]);
        let series = plan.all_series();
        if series.is_empty() {
            return Ok(opened);
        }
        let made = open_outermost(g, &opened.definitions, &series, env, &mut terms)?;
        opened.root = replace(g, opened.root, &made);
        for definition in plan.used_stages(g) {
            if let Some(id) = opened.definitions.get_mut(&definition) {
                *id = replace(g, *id, &made);
            }
        }
    }
}

/// Opens each series whose ends have values without any index; an inner one may have to wait until the outer one is open.
fn open_outermost(
    g: &mut Graph,
    definitions: &HashMap<Symbol, Id>,
    series: &[Id],
    env: &HashMap<Symbol, f64>,
    terms: &mut u64,
) -> Result<HashMap<Id, Id>, Cause> {
    let mut outside = env.clone();
    for id in series {
        if let View::Series(_, binder, _) = g.view(*id) {
            outside.remove(&binder);
        }
    }
    let mut made = HashMap::new();
    let mut obstacle = None;
    for id in series {
        match ends(g, definitions, *id, &outside) {
            Ok(ends) => {
                *terms = terms.saturating_add((ends.1 - ends.0 + 1).max(0) as u64);
                if *terms > allowed(Limit::Terms) {
                    return Err(Cause { node: *id, kind: CauseKind::Limit, arguments: Vec::new() });
                }
                let sum = write_out(g, *id, ends);
                made.insert(*id, sum);
            }
            Err(cause) if matches!(cause.kind, CauseKind::NoValue(_)) => obstacle = Some(cause),
            Err(cause) => return Err(cause),
        }
    }
    match obstacle {
        Some(cause) if made.is_empty() => Err(cause),
        _ => Ok(made),
    }
}

fn ends(g: &Graph, definitions: &HashMap<Symbol, Id>, id: Id, env: &HashMap<Symbol, f64>) -> Result<(i64, i64), Cause> {
    let View::Series(_, _, [from, to, _]) = g.view(id) else { return Ok((1, 0)) };
    let mut values = [0i64; 2];
    for (value, evaluation) in values.iter_mut().zip(evaluate(g, definitions, &[from, to], env)) {
        if let Some(cause) = evaluation.cause {
            return Err(cause);
        }
        if evaluation.value.fract() != 0.0 || evaluation.value.abs() > 9e15 {
            let kind = CauseKind::Undefined("the ends of a range must be integers".into());
            return Err(Cause { node: id, kind, arguments: vec![evaluation.value] });
        }
        *value = evaluation.value as i64;
    }
    Ok((values[0], values[1]))
}

fn write_out(g: &mut Graph, id: Id, (from, to): (i64, i64)) -> Id {
    let View::Series(kind, binder, [_, _, body]) = g.view(id) else { return id };
    let index = g.symbol(binder);
    let mut terms = Vec::new();
    for k in from..=to {
        let value = g.integer(k);
        terms.push(instantiate(g, body, index, binder, value));
    }
    match kind {
        Series::Sum => g.add(&terms),
        Series::Product => g.mul(&terms),
    }
}

/// The body with the index replaced, except where an inner series binds the same name again.
fn instantiate(g: &mut Graph, body: Id, index: Id, binder: Symbol, value: Id) -> Id {
    walk::rebuild(g, body, |g, id, kids| {
        if id == index {
            return value;
        }
        if g.children(id) == kids {
            return id;
        }
        match g.view(id) {
            View::Series(kind, inner, [_, _, same]) if inner == binder => g.series(kind, inner, kids[1], kids[2], same),
            _ => g.with_children(id, kids),
        }
    })
}

fn replace(g: &mut Graph, root: Id, made: &HashMap<Id, Id>) -> Id {
    walk::substitute(g, root, made)
}
