//! Functions in canonical form: exact values, symmetries, and what undoes what.

use super::super::{order, values};
use super::{Canon, leads_negative};
use crate::expr::{Constant, Graph, Id, Number, Relation, View};
use crate::math::{FunctionId, Parity};

impl Canon {
    /// A function of canonical arguments, with its exact values, its symmetry, and the identities of its inverse.
    pub fn call(&mut self, g: &mut Graph, f: FunctionId, arguments: &[Id]) -> Id {
        let name = f.name();
        if let Some(value) = values::exact(g, name, arguments) {
            return value;
        }
        if let [u] = arguments
            && let Some(made) = self.one_argument(g, f, *u)
        {
            return made;
        }
        match name {
            "pow" => self.pow(g, arguments[0], arguments[1]),
            "max" | "min" => self.extreme(g, f, arguments),
            _ => g.call(f, arguments),
        }
    }

    pub(super) fn call_named(&mut self, g: &mut Graph, name: &str, arguments: &[Id]) -> Option<Id> {
        let f = crate::math::find(name)?;
        Some(self.call(g, f, arguments))
    }

    fn one_argument(&mut self, g: &mut Graph, f: FunctionId, u: Id) -> Option<Id> {
        let record = f.record();
        match record.name {
            "exp" => return Some(self.exp(g, u)),
            "sqrt" => {
                let half = g.number(Number::ratio(1, 2));
                return Some(self.pow(g, u, half));
            }
            "log" => {
                if let Some(made) = self.log(g, u) {
                    return Some(made);
                }
            }
            "cbrt" => {
                if let Some(made) = self.cbrt(g, u) {
                    return Some(made);
                }
            }
            "abs" => {
                if let Some(made) = self.abs(g, u) {
                    return Some(made);
                }
            }
            "sign" => {
                if let Some(made) = self.sign(g, u) {
                    return Some(made);
                }
            }
            "sin" | "cos" | "tan" => {
                if let Some(made) = self.without_quarter_turns(g, record.name, u) {
                    return Some(made);
                }
            }
            _ => {}
        }
        if let Some(made) = self.inverse_pair(g, record.name, u) {
            return Some(made);
        }
        if record.parity != Parity::None && leads_negative(g, u) {
            let opposite = self.negative(g, u);
            let value = self.call(g, f, &[opposite]);
            return Some(if record.parity == Parity::Odd { self.negative(g, value) } else { value });
        }
        None
    }

    /// A circular function with the quarter turns taken out of its argument: `sin(pi/2 + u)` is `cos(u)`.
    fn without_quarter_turns(&mut self, g: &mut Graph, name: &str, u: Id) -> Option<Id> {
        let View::Add(terms) = g.view(u) else { return None };
        let terms = terms.to_vec();
        let half = Number::ratio(1, 2);
        let (at, quarters) = terms.iter().enumerate().find_map(|(k, t)| {
            let turns = values::multiple_of_pi(g, *t)?;
            turns.checked_div(&half)?.to_i64().map(|q| (k, q))
        })?;
        let rest: Vec<Id> = terms.iter().enumerate().filter(|(k, _)| *k != at).map(|(_, t)| *t).collect();
        let rest = self.add(g, &rest);
        let (other, negative) = match (name, quarters.rem_euclid(if name == "tan" { 2 } else { 4 })) {
            ("sin", q) => (if q % 2 == 0 { "sin" } else { "cos" }, q >= 2),
            ("cos", q) => (if q % 2 == 0 { "cos" } else { "sin" }, q == 1 || q == 2),
            (_, 0) => ("tan", false),
            _ => ("cot", true),
        };
        let value = self.call_named(g, other, &[rest])?;
        Some(if negative { self.negative(g, value) } else { value })
    }

    /// `f(g(x)) = x` for inverse functions, in the direction that needs no proof: the inner domain is carried by the ledger.
    fn inverse_pair(&mut self, g: &mut Graph, outer: &str, u: Id) -> Option<Id> {
        let View::Call(inner, arguments) = g.view(u) else { return None };
        let x = arguments[0];
        let cancels = matches!(
            (outer, inner.name()),
            ("sin", "asin")
                | ("cos", "acos")
                | ("tan", "atan")
                | ("sinh", "asinh")
                | ("asinh", "sinh")
                | ("cosh", "acosh")
                | ("tanh", "atanh")
                | ("atanh", "tanh")
                | ("sigmoid", "logit")
                | ("logit", "sigmoid")
                | ("expm1", "log1p")
                | ("log1p", "expm1")
        );
        cancels.then_some(x)
    }

    pub(super) fn log(&mut self, g: &mut Graph, u: Id) -> Option<Id> {
        match g.view(u) {
            View::Constant(Constant::E) => Some(g.integer(1)),
            View::Number(n) if n.value().numerator() == &dashu_int::IBig::ONE && !n.is_one() => {
                let below = n.recip()?;
                let below = g.number(below);
                let log = g.call_named("log", &[below])?;
                Some(self.negative(g, log))
            }
            View::Call(f, arguments) if f.name() == "exp" => Some(arguments[0]),
            View::Pow(x, k) => {
                let n = g.as_number(k).cloned();
                let inner = match n {
                    Some(n) if n.is_even() => self.call_named(g, "abs", &[x])?,
                    Some(_) => x,
                    None if self.is(g, Relation::Greater, x) => x,
                    None => return None,
                };
                let log = self.call_named(g, "log", &[inner])?;
                Some(self.mul(g, &[k, log]))
            }
            View::Mul(factors) => {
                // an exponential factor is positive: it comes out whatever the rest is
                let factors = factors.to_vec();
                let exponent = factors.iter().find_map(|f| match g.view(*f) {
                    View::Call(h, a) if h.name() == "exp" => Some((*f, a[0])),
                    _ => None,
                });
                let (factor, argument) = exponent?;
                let rest: Vec<Id> = factors.into_iter().filter(|f| *f != factor).collect();
                let rest = self.mul(g, &rest);
                let log = self.call_named(g, "log", &[rest])?;
                Some(self.add(g, &[argument, log]))
            }
            _ => None,
        }
    }

    pub(super) fn abs(&mut self, g: &mut Graph, u: Id) -> Option<Id> {
        if self.is(g, Relation::GreaterEqual, u) {
            return Some(u);
        }
        if self.is(g, Relation::LessEqual, u) {
            return Some(self.negative(g, u));
        }
        match g.view(u) {
            View::Call(f, _) if f.name() == "abs" => Some(u),
            View::Mul(factors) => {
                let factors = factors.to_vec();
                let sizes: Option<Vec<Id>> = factors.into_iter().map(|f| self.call_named(g, "abs", &[f])).collect();
                Some(self.mul(g, &sizes?))
            }
            View::Pow(x, k) if g.as_number(k).is_some_and(Number::is_integer) => {
                let size = self.call_named(g, "abs", &[x])?;
                Some(self.pow(g, size, k))
            }
            _ => None,
        }
    }

    /// The cube root is the power 1/3 where nothing is negative, and undoes a cube.
    pub(super) fn cbrt(&mut self, g: &mut Graph, u: Id) -> Option<Id> {
        if self.is(g, Relation::GreaterEqual, u) {
            let third = g.number(Number::ratio(1, 3));
            return Some(self.pow(g, u, third));
        }
        match g.view(u) {
            View::Pow(x, k) => {
                let k = g.as_number(k).filter(|n| n.is_integer() && (n.value() % dashu_ratio::RBig::from(3)).is_zero())?;
                let third = k * &Number::ratio(1, 3);
                let e = g.number(third);
                Some(self.pow(g, x, e))
            }
            _ => None,
        }
    }

    pub(super) fn sign(&mut self, g: &mut Graph, u: Id) -> Option<Id> {
        if self.is(g, Relation::Greater, u) {
            return Some(g.integer(1));
        }
        if self.is(g, Relation::Less, u) {
            return Some(g.integer(-1));
        }
        if let View::Mul(factors) = g.view(u)
            && let Some(n) = g.as_number(factors[0])
        {
            let negative = n.is_negative();
            let rest: Vec<Id> = factors[1..].to_vec();
            let rest = g.mul(&rest);
            let sign = self.call_named(g, "sign", &[rest])?;
            return Some(if negative { self.negative(g, sign) } else { sign });
        }
        None
    }

    /// `max` or `min` with nested ones opened, equal arguments once, and numbers compared.
    fn extreme(&mut self, g: &mut Graph, f: FunctionId, arguments: &[Id]) -> Id {
        let mut flat: Vec<Id> = Vec::new();
        for a in arguments {
            match g.view(*a) {
                View::Call(h, inner) if h == f => flat.extend_from_slice(inner),
                _ => flat.push(*a),
            }
        }
        let numbers: Vec<Number> = flat.iter().filter_map(|a| g.as_number(*a).cloned()).collect();
        flat.retain(|a| g.as_number(*a).is_none());
        let best = if f.name() == "max" { numbers.into_iter().max() } else { numbers.into_iter().min() };
        order::sort_terms(g, &mut flat);
        flat.dedup();
        if let Some(n) = best {
            flat.push(g.number(n));
        }
        if flat.len() == 1 { flat[0] } else { g.call(f, &flat) }
    }
}
