//! The canonical form: sums of products of powers with exact coefficients, built from the leaves up. Quotients are negative
//! powers, square roots are powers of 1/2, equal terms and factors are collected. It never shrinks a domain; where it
//! enlarges one, the ledger beside it (see `simplify::mod`) prints the condition.

mod functions;
mod powers;
mod products;
mod sums;

use crate::domain::{Known, Prover, Verdict};
use crate::expr::{Constant, Graph, Id, IdMap, Number, Reduction, Relation, Symbol, View, walk};

/// A sum inside a sum is multiplied through by its coefficient up to this many terms.
const DISTRIBUTE: usize = 64;

/// Builds canonical forms; keeps those it has built.
pub struct Canon {
    prover: Prover,
    done: IdMap<Id>,
}

impl Canon {
    /// A builder that takes `known` for true.
    pub fn new(known: &Known) -> Self {
        Canon { prover: Prover::new(known), done: IdMap::default() }
    }

    /// The prover it asks, for others to share.
    pub fn prover(&mut self) -> &mut Prover {
        &mut self.prover
    }

    /// The canonical form of an expression.
    pub fn of(&mut self, g: &mut Graph, root: Id) -> Id {
        if let Some(done) = self.done.get(&root) {
            return *done;
        }
        let mut kids = Vec::new();
        for id in walk::unknown(g, root, |id| self.done.contains_key(&id)) {
            if self.done.contains_key(&id) {
                continue;
            }
            kids.clear();
            kids.extend(g.children(id).iter().map(|c| self.done.get(c).copied().unwrap_or(*c)));
            let made = self.node(g, id, &kids);
            self.done.insert(id, made);
            self.done.insert(made, made);
        }
        self.done.get(&root).copied().unwrap_or(root)
    }

    /// Rebuilds a canonical expression from the leaves up: `rule` gets each node, with its parts rebuilt and canonical again.
    pub fn rebuild(&mut self, g: &mut Graph, root: Id, mut rule: impl FnMut(&mut Canon, &mut Graph, Id) -> Id) -> Id {
        walk::rebuild(g, root, |g, id, kids| {
            let made = if g.children(id) == kids {
                id
            } else {
                let kids = kids.to_vec();
                let raw = g.with_children(id, &kids);
                self.of(g, raw)
            };
            rule(self, g, made)
        })
    }

    /// Whether a number certainly is greater than 0.
    pub fn is_positive(&mut self, g: &mut Graph, u: Id) -> bool {
        matches!(g.view(u), View::Constant(Constant::E | Constant::Pi)) || self.is(g, Relation::Greater, u)
    }

    fn node(&mut self, g: &mut Graph, id: Id, kids: &[Id]) -> Id {
        match g.view(id) {
            View::Add(_) => self.add(g, kids),
            View::Mul(_) => self.mul(g, kids),
            View::Neg(_) => self.negative(g, kids[0]),
            View::Div(..) => {
                let below = self.inverse(g, kids[1]);
                self.mul(g, &[kids[0], below])
            }
            View::Pow(..) => self.pow(g, kids[0], kids[1]),
            View::Call(f, _) => self.call(g, f, kids),
            View::If(..) => self.conditional(g, kids),
            View::Compare(relation, ..) => compare(g, relation, kids[0], kids[1]),
            View::Rows(kind, data, _) => self.rows(g, kind, data, kids[0]),
            _ => g.with_children(id, kids),
        }
    }

    /// `-a`
    pub fn negative(&mut self, g: &mut Graph, a: Id) -> Id {
        let minus = g.integer(-1);
        self.mul(g, &[minus, a])
    }

    /// `1/a`
    pub fn inverse(&mut self, g: &mut Graph, a: Id) -> Id {
        let minus = g.integer(-1);
        self.pow(g, a, minus)
    }

    fn conditional(&mut self, g: &mut Graph, kids: &[Id]) -> Id {
        match self.prover.prove(g, kids[0]) {
            Verdict::Proved => kids[1],
            Verdict::Refuted => kids[2],
            Verdict::Unknown if kids[1] == kids[2] => kids[1],
            Verdict::Unknown => g.conditional(kids[0], kids[1], kids[2]),
        }
    }

    /// A mean or sum over rows: what no row changes stands before it.
    fn rows(&mut self, g: &mut Graph, kind: Reduction, data: Symbol, body: Id) -> Id {
        let factors = match g.view(body) {
            View::Mul(factors) => factors.to_vec(),
            _ => vec![body],
        };
        let (moving, mut fixed): (Vec<Id>, Vec<Id>) = factors.into_iter().partition(|f| walk::moves_by_row(g, *f, data));
        if moving.is_empty() && kind == Reduction::Mean {
            return body;
        }
        let inner = g.mul(&moving);
        let reduced = g.rows(kind, data, inner);
        if fixed.is_empty() || (moving.is_empty() && g.is_one(body)) {
            return reduced;
        }
        fixed.push(reduced);
        self.mul(g, &fixed)
    }

    /// Whether `u` is proved to stand in this relation to 0.
    fn is(&mut self, g: &mut Graph, relation: Relation, u: Id) -> bool {
        let condition = g.compare_zero(relation, u);
        self.prover.prove(g, condition) == Verdict::Proved
    }
}

/// `b^e` as its parts; a missing exponent is 1.
pub fn base_and_exponent(g: &Graph, id: Id) -> (Id, Option<Id>) {
    match g.view(id) {
        View::Pow(b, e) => (b, Some(e)),
        _ => (id, None),
    }
}

/// A canonical term as coefficient and rest; a number has no rest.
pub fn split_coefficient(g: &mut Graph, term: Id) -> (Number, Option<Id>) {
    match g.view(term) {
        View::Number(n) => (n.clone(), None),
        View::Mul(factors) => match g.as_number(factors[0]) {
            Some(n) => {
                let n = n.clone();
                let rest = factors[1..].to_vec();
                (n, Some(g.mul(&rest)))
            }
            None => (Number::integer(1), Some(term)),
        },
        _ => (Number::integer(1), Some(term)),
    }
}

/// The rational coefficient of a canonical term.
pub fn coefficient(g: &Graph, term: Id) -> Number {
    match g.view(term) {
        View::Number(n) => n.clone(),
        View::Mul(factors) => g.as_number(factors[0]).cloned().unwrap_or_else(|| Number::integer(1)),
        _ => Number::integer(1),
    }
}

/// `c * rest` of a canonical rest without a coefficient.
pub fn scaled(g: &mut Graph, rest: Id, c: &Number) -> Id {
    if c.is_one() {
        return rest;
    }
    let number = g.number(c.clone());
    match g.view(rest) {
        View::Mul(factors) => {
            let mut all = Vec::with_capacity(factors.len() + 1);
            all.push(number);
            all.extend_from_slice(factors);
            g.mul(&all)
        }
        _ => g.mul(&[number, rest]),
    }
}

/// Whether a canonical expression begins with a minus.
pub fn leads_negative(g: &Graph, u: Id) -> bool {
    match g.view(u) {
        View::Add(terms) => coefficient(g, terms[0]).is_negative(),
        _ => coefficient(g, u).is_negative(),
    }
}

fn compare(g: &mut Graph, relation: Relation, a: Id, b: Id) -> Id {
    match (g.as_number(a), g.as_number(b)) {
        (Some(x), Some(y)) => {
            let holds = relation.holds(x.cmp(y));
            g.truth(holds)
        }
        _ => g.compare(relation, a, b),
    }
}
