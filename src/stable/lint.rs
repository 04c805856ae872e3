//! Forms that overflow in plain code for plausible inputs, found in an expression as it was typed: those that the pre-pass of
//! evaluation replaces by one named function of one argument, each with the threshold that was measured for it once.

use super::failures::{Kind, Side, failures};
use super::measure::Small;
use super::points::{axes, samples};
use crate::domain::Known;
use crate::eval::recognise::recognise;
use crate::expr::{Graph, Id, View, print, walk};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Inputs beyond this are no plausible scores.
const PLAUSIBLE: f64 = 1e4;
/// Expressions with more nodes than this are not looked through.
const NODES: usize = 2000;
/// In larger forms nobody sees a pattern.
const PATTERN: u64 = 24;

/// A form that overflows.
#[derive(Clone, Debug, PartialEq)]
pub struct Fragile {
    /// The form as it was typed.
    pub node: Id,
    /// The form of one variable that it is.
    pub pattern: String,
    /// How it is told: of its own variable, or of `u` where its argument is longer than a name.
    pub shown: String,
    /// What to write instead, told the same way.
    pub instead: String,
    /// The name of the variable.
    pub variable: String,
    /// What `u` stands for.
    pub argument: Option<Id>,
    /// On which side of the threshold of that variable it overflows.
    pub side: Side,
    /// The threshold.
    pub from: f64,
}

/// The outermost fragile forms in an expression.
pub fn fragile(g: &mut Graph, root: Id) -> Vec<Fragile> {
    let order = walk::topological(g, &[root]);
    if order.len() > NODES {
        return Vec::new();
    }
    let mut found: Vec<Fragile> = Vec::new();
    for node in order.into_iter().rev() {
        if found.iter().any(|f| walk::topological(g, &[f.node]).contains(&node)) {
            continue;
        }
        found.extend(one(g, node));
    }
    found.reverse();
    found
}

fn one(g: &mut Graph, node: Id) -> Option<Fragile> {
    if g.children(node).is_empty() || g.is_condition(node) {
        return None;
    }
    let form = recognise(g, node);
    let View::Call(f, &[argument]) = g.view(form) else { return None };
    if form == node || walk::free_symbols(g, &[argument]).is_empty() {
        return None;
    }
    // the form as one of a single variable, whose name is none of the program's
    let u = g.variable("u");
    let alone = g.variable("\u{0}u");
    let pattern = walk::substitute(g, node, &HashMap::from([(argument, alone)]));
    let of_one_variable = walk::free_symbols(g, &[pattern]).len() == 1 && walk::contains(g, pattern, g.as_symbol(alone)?);
    let pattern = walk::substitute(g, pattern, &HashMap::from([(alone, u)]));
    // what is written with named functions is not meant as plain code
    let is_plain = walk::topological(g, &[pattern]).iter().all(|id| match g.view(*id) {
        View::Call(f, _) => ["exp", "log"].contains(&f.name()),
        _ => true,
    });
    if !of_one_variable || !is_plain || walk::tree_size(g, pattern) > PATTERN {
        return None;
    }
    let instead = g.call(f, &[u]);
    let text = print::plain(g, pattern);
    let (side, from) = threshold(g, pattern, instead, &text)?;
    let (own, turned) = match g.view(argument) {
        View::Neg(inner) => (inner, true),
        _ => (argument, false),
    };
    let of_a_name = g.as_symbol(own).map(|symbol| g.name(symbol).to_owned());
    let (variable, [shown, instead], argument) = match of_a_name {
        Some(name) => (name, [node, form], None),
        None => {
            let inside = if turned { g.neg(u) } else { u };
            let told = [pattern, instead].map(|e| walk::substitute(g, e, &HashMap::from([(u, inside)])));
            ("u".to_owned(), told, Some(own))
        }
    };
    let (side, from) = if turned { (side.opposite(), -from) } else { (side, from) };
    let (shown, instead) = (print::plain(g, shown), print::plain(g, instead));
    Some(Fragile { node, pattern: text, shown, instead, variable, argument, side, from })
}

/// For each form its threshold; nothing where it has none.
type Thresholds = HashMap<String, Option<(Side, f64)>>;

/// From where on a form of one variable overflows; measured once for each form.
fn threshold(g: &mut Graph, pattern: Id, instead: Id, text: &str) -> Option<(Side, f64)> {
    static KNOWN: OnceLock<Mutex<Thresholds>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    if let Some(found) = known.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
        return *found;
    }
    let axes = axes(g, &Known::default(), pattern, &[]);
    let variables: Vec<_> = axes.iter().map(|a| a.symbol).collect();
    let points = samples(&Small::new(g, &variables, pattern), &axes, &[]);
    let told = failures(g, &axes, &variables, pattern, instead, &points);
    let overflow = told.failures.iter().find(|f| f.kind == Kind::Overflow && f.until.is_none() && f.from.abs() <= PLAUSIBLE);
    let found = overflow.map(|f| (f.side, f.from));
    known.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned(), found);
    found
}
