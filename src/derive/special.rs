//! Places where the formula of a derivative does not apply: what is done there, where something can be done (a slope found from
//! the series around a point, a function opened by branches), and else what is said: that there is no derivative, where one-sided
//! slopes show it, or only that the point is left out. A kink can be smoothed out by what stands around it: max(x, 0)^2 has
//! slope 0 at 0.

use super::Formulas;
use super::branches;
use super::series::Developer;
use crate::domain::{self, Smoothness, Source, Verdict};
use crate::eval::CauseKind;
use crate::expr::{Graph, Id, Number, Relation, Symbol, View, walk};
use crate::gradient::gradient;
use crate::simplify::Simplifier;
use std::collections::HashMap;

/// How far a branch is developed around a point: further where quotients take away what is known.
const ORDERS: [i32; 4] = [2, 4, 7, 12];

/// Branches of more nodes than this are not developed.
const DEVELOPED: usize = 300;

/// What is special in one expression for the derivative by one variable.
#[derive(Clone, Debug, Default)]
pub struct Special {
    /// Functions that are differentiated branch by branch, with their branches.
    pub opened: HashMap<Id, Id>,
    /// Values set at a single point that continue what stands around them.
    pub removable: HashMap<Id, Removable>,
}

/// A branch around a point and the value at it, `value + slope*(x - point) + …` together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Removable {
    /// The point.
    pub point: Id,
    /// The value there.
    pub value: Id,
    /// The slope there.
    pub slope: Id,
}

impl Special {
    /// Looks for what is special.
    pub fn of(g: &mut Graph, simplifier: &mut Simplifier, formulas: &mut Formulas, root: Id, variable: Symbol) -> Self {
        let opened = branches::openings(g, simplifier, root, variable);
        let mut removable = HashMap::new();
        for id in walk::topological(g, &[root]) {
            if matches!(g.view(id), View::If(..))
                && let Some(found) = removed(g, simplifier, formulas, id, variable)
            {
                removable.insert(id, found);
            }
        }
        Special { opened, removable }
    }

    /// Whether there is nothing special.
    pub fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.removable.is_empty()
    }

    /// The expression with its functions opened: where that has a derivative, there is one.
    pub fn opened(&self, g: &mut Graph, e: Id) -> Id {
        if self.opened.is_empty() { e } else { walk::substitute(g, e, &self.opened) }
    }

    /// The conditions of smoothness of the opened expression, without the points where a slope was found.
    pub fn smooth_conditions(&self, g: &mut Graph, opened: Id, variable: Symbol) -> Vec<Smoothness> {
        let joined: Vec<Id> = self.removable.keys().copied().collect();
        let joined: Vec<Id> = joined.into_iter().map(|j| self.opened(g, j)).collect();
        let mut all = domain::smooth_conditions(g, opened, variable);
        all.retain(|s| s.source != Source::Joint || !joined.contains(&s.node));
        all
    }
}

/// The slope at the point of `if x == c then value else branch` (or `x != c`), where the branch's series around `c` begins with
/// that value.
fn removed(g: &mut Graph, simplifier: &mut Simplifier, formulas: &mut Formulas, id: Id, variable: Symbol) -> Option<Removable> {
    let View::If(condition, a, b) = g.view(id) else { return None };
    let (value, around) = match g.view(condition) {
        View::Compare(Relation::Equal, ..) => (a, b),
        View::Compare(Relation::NotEqual, ..) => (b, a),
        _ => return None,
    };
    if walk::topological(g, &[around]).len() > DEVELOPED {
        return None;
    }
    let point = single_point(g, simplifier, condition, variable)?;
    let x = g.symbol(variable);
    let value = walk::substitute(g, value, &HashMap::from([(x, point)]));
    if !domain::domain_of(g, value).into_iter().all(|c| judged_at(g, simplifier, c) == Verdict::Proved) {
        return None;
    }
    let mut developer = Developer::new(simplifier, formulas, variable, point);
    for order in ORDERS {
        let series = developer.develop(g, around, order)?;
        let poles: Vec<Id> = (series.low..0).filter_map(|k| series.at(k)).collect();
        if !poles.into_iter().all(|c| developer.vanishes(g, c)) {
            return None;
        }
        if series.top < 1 {
            continue;
        }
        let zero = g.integer(0);
        let apart = g.sub(series.at(0).unwrap_or(zero), value);
        if !developer.vanishes(g, apart) {
            return None;
        }
        let slope = simplifier.shortest(g, series.at(1).unwrap_or(zero));
        return Some(Removable { point, value: simplifier.shortest(g, value), slope });
    }
    None
}

/// The only point of a variable that satisfies (or that alone violates) a linear equation.
pub fn single_point(g: &mut Graph, simplifier: &mut Simplifier, condition: Id, variable: Symbol) -> Option<Id> {
    let View::Compare(Relation::Equal | Relation::NotEqual, a, b) = g.view(condition) else { return None };
    let x = g.symbol(variable);
    let apart = g.sub(a, b);
    if !walk::contains(g, apart, variable) {
        return None;
    }
    let mut at = |g: &mut Graph, n: i64| {
        let n = g.integer(n);
        let value = walk::substitute(g, apart, &HashMap::from([(x, n)]));
        simplifier.canonical(g, value)
    };
    let (start, next) = (at(g, 0), at(g, 1));
    let rise = g.sub(next, start);
    let rise = simplifier.canonical(g, rise);
    if g.as_number(rise).is_none_or(Number::is_zero) {
        return None;
    }
    let line = g.mul(&[rise, x]);
    let line = g.add(&[start, line]);
    let bent = g.sub(apart, line);
    let bent = simplifier.canonical(g, bent);
    if !g.is_zero(bent) {
        return None;
    }
    let minus = g.neg(start);
    let point = g.div(minus, rise);
    let point = simplifier.canonical(g, point);
    (!walk::contains(g, point, variable)).then_some(point)
}

/// What one operation needs of its arguments.
pub struct Needs {
    /// For a value.
    pub domain: Vec<Id>,
    /// For a slope, beyond that.
    pub smooth: Vec<Id>,
}

/// What the operation of `node` needs where its arguments have these values; those without one stay as they are and do not move.
pub fn needs_at(g: &mut Graph, node: Id, values: &[Option<Id>]) -> Needs {
    let mut kids = g.children(node).to_vec();
    let mut blanks = HashMap::new();
    let mut symbols = Vec::new();
    for (k, (kid, value)) in kids.iter_mut().zip(values).enumerate() {
        if let Some(value) = value {
            let symbol = g.intern(&format!("\u{0}{k}"));
            symbols.push(symbol);
            *kid = g.symbol(symbol);
            blanks.insert(*kid, *value);
        }
    }
    let bare = g.with_children(node, &kids);
    let raw = domain::domain_of(g, bare);
    let domain = raw.into_iter().map(|c| walk::substitute(g, c, &blanks)).collect();
    let mut smooth = Vec::new();
    for s in symbols {
        let own = domain::smooth_conditions(g, bare, s);
        smooth.extend(own.into_iter().map(|s| walk::substitute(g, s.condition, &blanks)));
    }
    Needs { domain, smooth }
}

/// Whether the operation of `node` is proved to have a value and a slope at these values of its arguments.
pub fn smooth_at(g: &mut Graph, simplifier: &mut Simplifier, node: Id, values: &[Id]) -> bool {
    let values: Vec<Option<Id>> = values.iter().copied().map(Some).collect();
    let needs = needs_at(g, node, &values);
    needs.domain.into_iter().chain(needs.smooth).all(|c| judged_at(g, simplifier, c) == Verdict::Proved)
}

/// The verdict on a condition at a point: numbers are computed first, such as the cosine of 0.
pub fn judged_at(g: &mut Graph, simplifier: &mut Simplifier, condition: Id) -> Verdict {
    let computed = walk::rebuild(g, condition, |g, id, kids| {
        let kids = kids.to_vec();
        let new = if g.children(id) == kids { id } else { g.with_children(id, &kids) };
        if g.is_condition(new) { new } else { simplifier.canonical(g, new) }
    });
    simplifier.prover().prove(g, computed)
}

/// The special places of an expression without stages, each with what is certain of it; those that turn out smooth are gone.
pub fn judged(g: &mut Graph, expression: Id, places: Vec<(Id, String)>) -> Vec<(Id, String)> {
    let symbols = walk::free_symbols(g, &[expression]);
    let only = if let [one] = symbols[..] { Some(one) } else { None };
    places.into_iter().filter_map(|(at, what)| judge(g, expression, only, at, &what).map(|said| (at, said))).collect()
}

fn judge(g: &mut Graph, expression: Id, only: Option<Symbol>, at: Id, what: &str) -> Option<String> {
    let left_out = Some(format!("left out ({what})"));
    let Some((symbol, value)) = only.and_then(|s| point(g, s, at).map(|v| (s, v))) else { return left_out };
    let found = gradient(g, &HashMap::new(), expression, &[symbol], &HashMap::from([(symbol, value)]));
    let Some(slope) = found.partials.first() else { return left_out };
    match &slope.cause {
        None if slope.value.is_finite() => None,
        Some(cause) => match &cause.kind {
            CauseKind::Kink(why) => Some(format!("no derivative ({why})")),
            _ => left_out,
        },
        None => left_out,
    }
}

/// The number that a place `x == c` fixes, where an f64 holds it exactly.
fn point(g: &Graph, symbol: Symbol, at: Id) -> Option<f64> {
    let View::Compare(Relation::Equal, a, b) = g.view(at) else { return None };
    let number = g.as_number(b).filter(|_| g.as_symbol(a) == Some(symbol))?;
    let value = number.to_f64();
    let exact = Number::rational(dashu_ratio::RBig::try_from(value).ok()?) == *number;
    exact.then_some(value)
}
