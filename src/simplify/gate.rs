//! The gate behind every simplification: a form is let through when all that it needs follows from what the expression before it
//! needed. What cannot be decided does not pass.

use super::Simplifier;
use super::canon::{Canon, base_and_exponent};
use super::makers::circle;
use super::makers::named::{Named, Which};
use crate::domain::{Known, domain_of};
use crate::expr::{Graph, Id, Relation, View, walk};
use crate::math::Meaning;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// In larger expressions no identities are looked for to say what is needed.
const NODES: usize = 400;

/// Where conditions times nodes are more than this, conditions are known again in canonical form only.
const FORMED: usize = 200_000;

/// Of a form with more conditions than this none is looked at: it is too large to be anything but collected.
const MOST: usize = 128;

/// What is known, and these conditions in the forms in which they may be asked for.
pub fn with_domain(known: &Known, g: &mut Graph, conditions: &[Id]) -> Known {
    let mut plain = Canon::new(known);
    let mut here = known.clone();
    for condition in conditions {
        for form in forms(&mut plain, g, *condition) {
            here.conditions.push(form);
            here.conditions.extend(factors_that_are_not_zero(g, form));
        }
    }
    here
}

/// An expression or a condition without symbols, with the comparisons decided whose two sides are shown to be equal by their
/// shortest forms: no enclosure tells `sqrt(2)^2 == 2`. The other comparisons stay.
pub fn decided(g: &mut Graph, root: Id) -> Id {
    let known = Known::default();
    walk::rebuild(g, root, |g, id, kids| {
        let kids = kids.to_vec();
        match (g.view(id), &kids[..]) {
            (View::Compare(relation, ..), [a, b]) => {
                let difference = g.sub(*a, *b);
                let form = Simplifier::within(&known, g, &[]).shortest(g, difference);
                if g.is_zero(form) { g.truth(relation.holds(Ordering::Equal)) } else { g.compare(relation, *a, *b) }
            }
            (View::Not(_), [a]) => g.not(*a),
            (View::And(_), _) => joined(g, &kids, false),
            (View::Or(_), _) => joined(g, &kids, true),
            _ if g.children(id) == kids => id,
            _ => g.with_children(id, &kids),
        }
    })
}

/// Conditions joined by "or" where a true one decides, else by "and".
fn joined(g: &mut Graph, conditions: &[Id], decisive: bool) -> Id {
    if conditions.iter().any(|c| g.view(*c) == View::Truth(decisive)) {
        return g.truth(decisive);
    }
    let open: Vec<Id> = conditions.iter().copied().filter(|c| !matches!(g.view(*c), View::Truth(_))).collect();
    if decisive { g.or(&open) } else { g.and(&open) }
}

/// What an expression needs to have a value. Where an exact identity of the table gives a function another form, that form says it:
/// `log(x + sqrt(x^2 + 1))` needs what `asinh(x)` needs.
pub fn needs(known: &Known, g: &mut Graph, e: Id) -> Vec<Id> {
    let mut conditions = domain_of(g, e);
    let order = walk::topological(g, &[e]);
    if conditions.is_empty() || order.len() > NODES {
        return conditions;
    }
    let (mut canon, mut exact) = (Canon::new(known), Named::new(Which::Exact));
    for id in order {
        let View::Call(f, arguments) = g.view(id) else { continue };
        if f.record().domain.is_empty() {
            continue;
        }
        let arguments = arguments.to_vec();
        let inner: Vec<Id> = arguments.into_iter().flat_map(|a| domain_of(g, a)).collect();
        let own: Vec<Id> = domain_of(g, id).into_iter().filter(|c| !inner.contains(c)).collect();
        let canonical = canon.of(g, id);
        let (same, rule) = exact.forms(&mut canon, g, canonical);
        if rule.is_some() && own.iter().all(|c| conditions.contains(c)) {
            conditions.retain(|c| !own.contains(c));
            conditions.extend(domain_of(g, same));
        }
    }
    conditions
}

/// Those of these conditions that are not, in any of the forms in which they may be known, among the others.
pub fn beyond(known: &Known, g: &mut Graph, conditions: &[Id], others: &[Id]) -> Vec<Id> {
    let same: HashSet<Id> = others.iter().copied().collect();
    let left: Vec<Id> = conditions.iter().copied().filter(|c| !same.contains(c)).collect();
    if left.is_empty() {
        return left;
    }
    let mut canon = Canon::new(known);
    let all: Vec<Id> = left.iter().chain(others).copied().collect();
    let is_small = all.len() * walk::topological(g, &all).len() <= FORMED;
    let mut written = |g: &mut Graph, c: Id| match is_small {
        true => forms(&mut canon, g, c),
        false => vec![c, canon.of(g, c)],
    };
    let had: HashSet<Id> = others.iter().flat_map(|c| written(g, *c)).collect();
    left.into_iter().filter(|c| !written(g, *c).iter().any(|form| had.contains(form))).collect()
}

/// Whether `form` has a value wherever `e` has one, given what the prover knows.
pub fn admits(canon: &mut Canon, g: &mut Graph, form: Id, e: Id) -> bool {
    if form == e {
        return true;
    }
    let needed = domain_of(g, form);
    if needed.is_empty() || needed.len() > MOST {
        return true;
    }
    let own = domain_of(g, e);
    let mut had: HashSet<Id> = own.iter().copied().collect();
    if needed.iter().all(|c| had.contains(c)) {
        return true;
    }
    // an exact identity of the table says that both its sides have the same domain
    let canonical = canon.of(g, e);
    let (same, rule) = Named::new(Which::Exact).forms(canon, g, canonical);
    if rule.is_some() {
        had.extend(domain_of(g, same));
    }
    let more: Vec<Id> = own.into_iter().flat_map(|c| forms(canon, g, c)).collect();
    had.extend(more);
    needed
        .into_iter()
        .all(|c| had.contains(&c) || forms(canon, g, c).into_iter().any(|form| had.contains(&form) || follows(canon, g, form)))
}

/// Whether a condition is proved, as it stands or factor by factor.
fn follows(canon: &mut Canon, g: &mut Graph, condition: Id) -> bool {
    if canon.prover().proves(g, condition) {
        return true;
    }
    if !matches!(g.view(condition), View::Compare(Relation::NotEqual, ..)) {
        return false;
    }
    let factors = factors_that_are_not_zero(g, condition);
    !factors.is_empty() && factors.into_iter().all(|f| canon.prover().proves(g, f))
}

/// A condition in the forms in which it may be known: as it stands, canonical, with functions opened to what they mean, by
/// sines and cosines, and by half angles.
fn forms(canon: &mut Canon, g: &mut Graph, condition: Id) -> Vec<Id> {
    let canonical = canon.of(g, condition);
    let opened = opened(g, canonical);
    let opened = canon.of(g, opened);
    let mut all = vec![condition, canonical, opened];
    all.extend(without_positive_factors(canon, g, canonical));
    all.extend(circle::by_sine_and_cosine(canon, g, canonical));
    all.extend(circle::half_angles(canon, g, canonical));
    let mut seen = HashSet::new();
    all.retain(|c| seen.insert(*c));
    all
}

/// A comparison of a product with 0 without the factors that are positive anyway.
fn without_positive_factors(canon: &mut Canon, g: &mut Graph, condition: Id) -> Option<Id> {
    let View::Compare(relation, product, zero) = g.view(condition) else { return None };
    let View::Mul(factors) = g.view(product) else { return None };
    if !g.is_zero(zero) {
        return None;
    }
    let factors = factors.to_vec();
    let mut left = Vec::with_capacity(factors.len());
    for f in &factors {
        let positive = g.compare_zero(Relation::Greater, *f);
        if !canon.prover().proves(g, positive) {
            left.push(*f);
        }
    }
    if left.len() == factors.len() {
        return None;
    }
    let rest = canon.mul(g, &left);
    Some(g.compare_zero(relation, rest))
}

/// Every function that stands for an expression replaced by it.
fn opened(g: &mut Graph, root: Id) -> Id {
    walk::rebuild(g, root, |g, id, kids| {
        let kids = kids.to_vec();
        if let View::Call(f, _) = g.view(id)
            && let Meaning::Text(text) = f.record().meaning
            && f.record().parameters.len() == kids.len()
            && let Ok(template) = crate::resolve::formula(g, text)
        {
            let map: HashMap<Id, Id> = f.record().parameters.iter().zip(&kids).map(|(p, a)| (g.variable(p), *a)).collect();
            return walk::substitute(g, template, &map);
        }
        if g.children(id) == kids { id } else { g.with_children(id, &kids) }
    })
}

/// `factor != 0` for each factor of a product that a condition keeps away from 0.
fn factors_that_are_not_zero(g: &mut Graph, condition: Id) -> Vec<Id> {
    let View::Compare(relation, product, zero) = g.view(condition) else { return Vec::new() };
    let strict = matches!(relation, Relation::Less | Relation::Greater | Relation::NotEqual);
    let View::Mul(factors) = g.view(product) else { return Vec::new() };
    if !strict || !g.is_zero(zero) {
        return Vec::new();
    }
    let bases: Vec<Id> = factors.iter().map(|f| base_and_exponent(g, *f).0).collect();
    let bases: Vec<Id> = bases.into_iter().filter(|b| g.as_number(*b).is_none()).collect();
    bases.into_iter().map(|b| g.compare_zero(Relation::NotEqual, b)).collect()
}
