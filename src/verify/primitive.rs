//! What each function of the table is, for the checker: series arithmetic for the primitive ones, and the meaning text of the
//! others, read once. Never the derivative formulas of the table.

use super::ball::Ball;
use super::evaluate::Missing;
use super::fault::Fault;
use super::jet::{Expansion, Jet, Scope};
use crate::expr::{Graph, Id, Symbol};
use crate::math::{self, FunctionId, Meaning};
use std::sync::OnceLock;

/// What a function is.
pub(super) enum Definition {
    /// The arithmetic knows it.
    Primitive,
    /// An expression in these parameters, in the graph of [`Definitions`].
    Expression(Vec<Symbol>, Id),
    /// Its meaning could not be read.
    Unreadable,
}

/// The meanings of all functions, with the graph that holds them.
pub(super) struct Definitions {
    /// Holds the expressions.
    pub graph: Graph,
    functions: Vec<Definition>,
}

impl Definitions {
    /// The meanings, read at first use.
    pub fn get() -> &'static Definitions {
        static ALL: OnceLock<Definitions> = OnceLock::new();
        ALL.get_or_init(|| {
            let mut graph = Graph::new();
            let functions = math::functions().map(|f| define(&mut graph, f)).collect();
            Definitions { graph, functions }
        })
    }

    /// What this function is.
    pub fn of(&self, f: FunctionId) -> &Definition {
        self.functions.get(usize::from(f.0)).unwrap_or(&Definition::Unreadable)
    }
}

fn define(g: &mut Graph, f: FunctionId) -> Definition {
    let record = f.record();
    let Meaning::Text(text) = record.meaning else { return Definition::Primitive };
    match crate::resolve::formula(g, text) {
        Ok(id) => Definition::Expression(record.parameters.iter().map(|p| g.intern(p)).collect(), id),
        Err(_) => Definition::Unreadable,
    }
}

/// Whether evaluating the function costs a sum over many terms, in balls and in f64.
pub fn is_costly(name: &str) -> bool {
    matches!(name, "gamma" | "lgamma" | "digamma" | "trigamma" | "polygamma" | "erf" | "erfc")
}

/// Whether the arithmetic has a function of its own for this one that encloses it more narrowly over an interval than its meaning
/// does, in which the argument occurs several times.
pub(super) fn is_narrower(name: &str) -> bool {
    matches!(name, "sinh" | "cosh" | "tanh")
}

/// A primitive function of these arguments.
pub(super) fn apply(name: &str, arguments: &[&Jet], scope: Scope) -> Result<Jet, Missing> {
    let value = match arguments {
        [u] => one(name, u, scope),
        [u, v] => two(name, u, v, scope),
        _ => None,
    };
    match value.or_else(|| list(name, arguments, scope)) {
        Some(value) => Ok(value?),
        None => Err(Missing::Unknown("the checker has no arithmetic for a function")),
    }
}

fn one(name: &str, u: &Jet, scope: Scope) -> Option<Expansion> {
    Some(match name {
        "exp" => u.exp(scope),
        "log" => u.log(scope),
        "sqrt" => u.sqrt(scope),
        "cbrt" => u.cbrt(scope),
        "abs" => u.abs(scope),
        "sign" => u.sign(scope),
        "floor" => u.floor(scope),
        "ceil" => u.ceil(scope),
        "round" => u.round(scope),
        "sin" => u.sin(scope),
        "cos" => u.cos(scope),
        "tan" => u.tan(scope),
        "asin" => u.asin(scope),
        "acos" => u.acos(scope),
        "atan" => u.atan(scope),
        "sinh" => u.sinh(scope),
        "cosh" => u.cosh(scope),
        "tanh" => u.tanh(scope),
        "erf" => u.erf(scope),
        "erfc" => u.erfc(scope),
        "gamma" => u.gamma(scope),
        "lgamma" => u.lgamma(scope),
        "digamma" => u.digamma(scope),
        "trigamma" => u.trigamma(scope),
        _ => return None,
    })
}

fn two(name: &str, u: &Jet, v: &Jet, scope: Scope) -> Option<Expansion> {
    Some(match name {
        "atan2" => u.atan2(v, scope),
        "pow" => u.pow(v, scope),
        "polygamma" => match u.value().as_integer().map(u32::try_from) {
            Some(Ok(order)) if u.is_constant() => v.polygamma(order, scope),
            Some(Err(_)) => Err(Fault::Undefined("polygamma needs an order that is a non-negative integer")),
            _ => Err(Fault::OutOfRange),
        },
        _ => return None,
    })
}

fn list(name: &str, arguments: &[&Jet], scope: Scope) -> Option<Expansion> {
    arguments.first()?;
    Some(match name {
        "max" => extreme(arguments, |a, b| a.certainly_less(b), Jet::max, scope),
        "min" => extreme(arguments, |a, b| b.certainly_less(a), Jet::min, scope),
        "logsumexp" => sum_of_exponentials(arguments, None, scope).and_then(|s| s.log(scope)),
        _ => return None,
    })
}

/// The largest or smallest. Arguments that another one certainly beats are left out first: a kink among those is none of the
/// whole.
fn extreme(
    arguments: &[&Jet],
    is_beaten: fn(&Ball, &Ball) -> bool,
    choose: fn(&Jet, &Jet, Scope) -> Expansion,
    scope: Scope,
) -> Expansion {
    let stays = |a: &&&Jet| !arguments.iter().any(|b| is_beaten(a.value(), b.value()));
    let mut left = arguments.iter().filter(stays).copied();
    let Some(first) = left.next() else { return Err(Fault::Uncertain) };
    let found = left.try_fold(first.clone(), |a, b| choose(&a, b, scope))?;
    // one that is beaten here may win further away
    Ok(if arguments.iter().all(|a| a.is_constant()) { found } else { found.moving() })
}

/// The `k`-th component, from 1, of a vector-valued function.
pub(super) fn component(name: &str, arguments: &[&Jet], k: u32, scope: Scope) -> Result<Jet, Missing> {
    match (name, arguments.get((k as usize).wrapping_sub(1))) {
        ("softmax", Some(chosen)) => Ok(sum_of_exponentials(arguments, Some(chosen), scope)?.reciprocal(scope)?),
        _ => Err(Missing::Unknown("the checker has no arithmetic for a component")),
    }
}

/// `Σ exp(a_i - shift)`
fn sum_of_exponentials(arguments: &[&Jet], shift: Option<&Jet>, scope: Scope) -> Expansion {
    let mut sum = Jet::constant(Ball::ZERO);
    for a in arguments {
        let exponent = match shift {
            Some(shift) => a.sub(shift, scope)?,
            None => (*a).clone(),
        };
        sum = sum.add(&exponent.exp(scope)?, scope)?;
    }
    Ok(sum)
}
