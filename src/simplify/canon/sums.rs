//! Sums in canonical form: equal terms collected with exact coefficients, `sin(u)^2 + cos(u)^2` put together.

use super::super::order;
use super::{Canon, DISTRIBUTE, scaled, split_coefficient};
use crate::expr::{Graph, Id, Number, View};
use std::collections::HashMap;

impl Canon {
    /// The sum of canonical terms.
    pub fn add(&mut self, g: &mut Graph, terms: &[Id]) -> Id {
        let mut sum = Sum::default();
        for term in terms {
            sum.put(g, *term, &Number::integer(1));
        }
        self.finish_sum(g, sum)
    }

    pub(super) fn finish_sum(&mut self, g: &mut Graph, mut sum: Sum) -> Id {
        pythagoras(self, g, &mut sum);
        sum.parts.retain(|(_, c)| !c.is_zero());
        let mut out: Vec<Id> = sum.parts.into_iter().map(|(rest, c)| scaled(g, rest, &c)).collect();
        if !sum.number.is_zero() || out.is_empty() {
            out.push(g.number(sum.number));
        }
        order::sort_terms(g, &mut out);
        g.add(&out)
    }
}

/// A sum while its terms are collected: each rest with its coefficient, in order of first meeting.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) parts: Vec<(Id, Number)>,
    pub(super) index: HashMap<Id, usize>,
    pub(super) number: Number,
}

impl Sum {
    pub(super) fn put(&mut self, g: &mut Graph, term: Id, by: &Number) {
        match g.view(term) {
            View::Number(n) => self.number = &self.number + &(n * by),
            View::Add(terms) => {
                let terms = terms.to_vec();
                for t in terms {
                    self.put_product(g, t, by);
                }
            }
            _ => self.put_product(g, term, by),
        }
    }

    fn put_product(&mut self, g: &mut Graph, term: Id, by: &Number) {
        let (c, rest) = split_coefficient(g, term);
        let c = &c * by;
        match (rest, rest.map(|r| g.view(r))) {
            (None, _) => self.number = &self.number + &c,
            (Some(_), Some(View::Add(terms))) if terms.len() <= DISTRIBUTE => {
                let terms = terms.to_vec();
                for t in terms {
                    self.put_product(g, t, &c);
                }
            }
            (Some(rest), _) => {
                let at = *self.index.entry(rest).or_insert(self.parts.len());
                match self.parts.get_mut(at) {
                    Some((_, sum)) => *sum = &*sum + &c,
                    None => self.parts.push((rest, c)),
                }
            }
        }
    }
}

/// `c*m*sin(u)^2 + c*m*cos(u)^2` is `c*m`.
fn pythagoras(canon: &mut Canon, g: &mut Graph, sum: &mut Sum) {
    for k in 0..sum.parts.len() {
        let (rest, c) = sum.parts[k].clone();
        if c.is_zero() {
            continue;
        }
        let Some((cofactor, partner)) = sine_square(canon, g, rest) else { continue };
        let Some(at) = sum.index.get(&partner).copied() else { continue };
        if sum.parts[at].1 == c {
            sum.parts[k].1 = Number::integer(0);
            sum.parts[at].1 = Number::integer(0);
            sum.put(g, cofactor, &c);
        }
    }
}

/// For `m*sin(u)^2`: `m`, and `m*cos(u)^2`.
fn sine_square(canon: &mut Canon, g: &mut Graph, term: Id) -> Option<(Id, Id)> {
    let factors = match g.view(term) {
        View::Mul(factors) => factors.to_vec(),
        _ => vec![term],
    };
    let (at, u) = factors.iter().enumerate().find_map(|(k, f)| match g.view(*f) {
        View::Pow(b, e) if g.as_i64(e) == Some(2) => match g.view(b) {
            View::Call(h, a) if h.name() == "sin" => Some((k, a[0])),
            _ => None,
        },
        _ => None,
    })?;
    let rest: Vec<Id> = factors.iter().enumerate().filter(|(k, _)| *k != at).map(|(_, f)| *f).collect();
    let cofactor = g.mul(&rest);
    let cos = g.call_named("cos", &[u])?;
    let two = g.integer(2);
    let square = g.pow(cos, two);
    let partner = canon.mul(g, &[cofactor, square]);
    Some((cofactor, partner))
}
