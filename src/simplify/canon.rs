//! The canonical form: sums of products of powers with exact coefficients, built from the leaves up. Quotients are negative
//! powers, square roots are powers of 1/2, equal terms and factors are collected. It never shrinks a domain; where it
//! enlarges one, the ledger beside it (see `simplify::mod`) prints the condition.

use super::order;
use crate::domain::{Known, Prover, Verdict};
use crate::expr::{Constant, Graph, Id, Number, Relation, View, walk};
use crate::math::{FunctionId, Parity};
use std::collections::HashMap;

/// A sum inside a sum is multiplied through by its coefficient up to this many terms.
const DISTRIBUTE: usize = 64;

/// Builds canonical forms; keeps those it has built.
pub struct Canon {
    prover: Prover,
    done: HashMap<Id, Id>,
}

impl Canon {
    /// A builder that takes `known` for true.
    pub fn new(known: &Known) -> Self {
        Canon { prover: Prover::new(known), done: HashMap::new() }
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
        for id in walk::topological(g, &[root]) {
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

    // ---- sums

    /// The sum of canonical terms.
    pub fn add(&mut self, g: &mut Graph, terms: &[Id]) -> Id {
        let mut sum = Sum::default();
        for term in terms {
            sum.put(g, *term, &Number::integer(1));
        }
        self.finish_sum(g, sum)
    }

    fn finish_sum(&mut self, g: &mut Graph, mut sum: Sum) -> Id {
        pythagoras(self, g, &mut sum);
        sum.parts.retain(|(_, c)| !c.is_zero());
        let mut out: Vec<Id> = sum.parts.into_iter().map(|(rest, c)| scaled(g, rest, &c)).collect();
        if !sum.number.is_zero() || out.is_empty() {
            out.push(g.number(sum.number));
        }
        out.sort_by(|a, b| order::terms(g, *a, *b));
        g.add(&out)
    }

    // ---- products

    /// The product of canonical factors.
    pub fn mul(&mut self, g: &mut Graph, factors: &[Id]) -> Id {
        let mut product = Product::new();
        for f in factors {
            product.put(g, *f);
        }
        self.turn_bases(g, &mut product);
        // rebuilding a power can give a product again (8^(1/2) is 2*2^(1/2)); once more settles it
        for _ in 0..4 {
            let pieces = self.powers(g, &mut product);
            let pieces = self.pair_signs(g, pieces);
            if pieces.iter().all(|p| is_power_of_one_base(g, *p)) && distinct_bases(g, &pieces) {
                return self.finish_product(g, product.number, pieces);
            }
            for p in pieces {
                product.put(g, p);
            }
        }
        let pieces = self.powers(g, &mut product);
        self.finish_product(g, product.number, pieces)
    }

    /// Sums that begin with a minus are turned round before equal bases are collected: 1 - p and p - 1 are one base.
    fn turn_bases(&mut self, g: &mut Graph, product: &mut Product) {
        if !product.parts.iter().any(|(b, _)| matches!(g.view(*b), View::Add(_)) && leads_negative(g, *b)) {
            return;
        }
        let parts = std::mem::take(&mut product.parts);
        product.index.clear();
        for (base, exponents) in parts {
            for e in exponents {
                let piece = if g.is_one(e) { base } else { g.pow(base, e) };
                let turned = self.with_leading_plus(g, piece, &mut product.number);
                let (base, exponent) = base_and_exponent(g, turned);
                let exponent = exponent.unwrap_or_else(|| g.integer(1));
                product.raise(base, exponent);
            }
        }
    }

    /// `sign(u)` beside powers of `abs(u)` or of `u`: an odd power of the one is that power of the other.
    fn pair_signs(&mut self, g: &mut Graph, pieces: Vec<Id>) -> Vec<Id> {
        let sign_of = |g: &Graph, p: Id| match g.view(p) {
            View::Call(f, a) if f.name() == "sign" => Some(a[0]),
            _ => None,
        };
        let Some((at, u)) = pieces.iter().enumerate().find_map(|(k, p)| sign_of(g, *p).map(|u| (k, u))) else { return pieces };
        let Some(size) = g.call_named("abs", &[u]) else { return pieces };
        for (k, piece) in pieces.iter().enumerate() {
            let (base, exponent) = base_and_exponent(g, *piece);
            let odd = exponent.is_none_or(|e| g.as_number(e).is_some_and(Number::is_odd));
            let other = if base == size {
                u
            } else if base == u {
                size
            } else {
                continue;
            };
            if !odd {
                continue;
            }
            let new = exponent.map_or(other, |e| self.pow(g, other, e));
            let mut out = pieces.clone();
            out[k] = new;
            out.remove(at);
            return out;
        }
        pieces
    }

    /// The collected powers, taken out of `product`; the number stays there.
    fn powers(&mut self, g: &mut Graph, product: &mut Product) -> Vec<Id> {
        let collected = std::mem::take(&mut product.parts);
        product.index.clear();
        let mut pieces = Vec::with_capacity(collected.len() + 1);
        for (base, exponents) in collected {
            let exponent = if exponents.len() == 1 { exponents[0] } else { self.add(g, &exponents) };
            let piece = if g.is_one(exponent) { base } else { self.pow(g, base, exponent) };
            pieces.push(piece);
        }
        if !product.exponents.is_empty() {
            let arguments = std::mem::take(&mut product.exponents);
            let sum = self.add(g, &arguments);
            pieces.push(self.exp(g, sum));
        }
        pieces
    }

    fn finish_product(&mut self, g: &mut Graph, mut number: Number, pieces: Vec<Id>) -> Id {
        let mut factors = Vec::with_capacity(pieces.len() + 1);
        for piece in pieces {
            match g.view(piece) {
                View::Number(n) => number = &number * n,
                _ => factors.push(self.with_leading_plus(g, piece, &mut number)),
            }
        }
        if number.is_zero() {
            return g.number(Number::integer(0));
        }
        factors.sort_by(|a, b| order::bases(g, *a, *b));
        // a sum alone takes its sign in: -(x - y) is y - x
        if let ([one], true) = (factors.as_slice(), number.is_minus_one())
            && let View::Add(terms) = g.view(*one)
            && terms.len() <= DISTRIBUTE
        {
            let terms = terms.to_vec();
            let mut sum = Sum::default();
            for t in terms {
                sum.put(g, t, &number);
            }
            return self.finish_sum(g, sum);
        }
        if !number.is_one() || factors.is_empty() {
            factors.insert(0, g.number(number));
        }
        g.mul(&factors)
    }

    /// A sum under an integer power with its first sign made positive, so that x - y and y - x are recognised as opposites.
    fn with_leading_plus(&mut self, g: &mut Graph, piece: Id, number: &mut Number) -> Id {
        let (base, exponent) = base_and_exponent(g, piece);
        let Some(n) = exponent.map_or(Some(1), |e| g.as_i64(e)) else { return piece };
        let View::Add(terms) = g.view(base) else { return piece };
        if terms.len() > DISTRIBUTE || !coefficient(g, terms[0]).is_negative() {
            return piece;
        }
        let terms = terms.to_vec();
        let minus = Number::integer(-1);
        let mut sum = Sum::default();
        for t in terms {
            sum.put(g, t, &minus);
        }
        let opposite = self.finish_sum(g, sum);
        if n % 2 != 0 {
            *number = -&*number;
        }
        match exponent {
            None => opposite,
            Some(e) => g.pow(opposite, e),
        }
    }

    /// A sum with what all its terms share taken out, the rest left as it stands; `None` where they share nothing.
    pub fn common_factor(&mut self, g: &mut Graph, sum: Id) -> Option<Id> {
        let View::Add(terms) = g.view(sum) else { return None };
        let terms = terms.to_vec();
        let mut shared = factors_of(g, terms[0]);
        for t in &terms[1..] {
            let own = factors_of(g, *t);
            shared.retain(|f| own.contains(f));
            if shared.is_empty() {
                return None;
            }
        }
        let mut rests = Vec::with_capacity(terms.len());
        for t in &terms {
            let (c, _) = split_coefficient(g, *t);
            let rest: Vec<Id> = factors_of(g, *t).into_iter().filter(|f| !shared.contains(f)).collect();
            let mut all = vec![g.number(c)];
            all.extend(rest);
            rests.push(self.mul(g, &all));
        }
        shared.push(self.add(g, &rests));
        Some(self.mul(g, &shared))
    }

    // ---- powers

    /// `base ^ exponent` of canonical operands, with the identities that hold by the one definition of a power.
    pub fn pow(&mut self, g: &mut Graph, base: Id, exponent: Id) -> Id {
        if let Some(n) = g.as_number(exponent).cloned() {
            if n.is_zero() {
                return g.integer(1);
            }
            if n.is_one() {
                return base;
            }
            if let Some(done) = self.numeric_power(g, base, &n) {
                return done;
            }
        }
        match g.view(base) {
            View::Number(b) if b.is_one() => base,
            View::Constant(Constant::E) => self.exp(g, exponent),
            View::Pow(inner, k) => self.power_of_power(g, inner, k, exponent).unwrap_or_else(|| g.pow(base, exponent)),
            View::Call(f, arguments) if f.name() == "exp" => {
                let u = arguments[0];
                let product = self.mul(g, &[u, exponent]);
                self.exp(g, product)
            }
            _ => self.power_of_own_logarithm(g, base, exponent).unwrap_or_else(|| g.pow(base, exponent)),
        }
    }

    /// `b^(log(v)/log(b))` is `v`: a term of the exponent that is a logarithm to the base comes out.
    fn power_of_own_logarithm(&mut self, g: &mut Graph, base: Id, exponent: Id) -> Option<Id> {
        if g.as_number(exponent).is_some() {
            return None;
        }
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        for t in terms_of(g, exponent) {
            match self.logarithm_to(g, base, t) {
                Some(power) => outside.push(power),
                None => inside.push(t),
            }
        }
        if outside.is_empty() {
            return None;
        }
        let left = self.add(g, &inside);
        outside.push(self.pow(g, base, left));
        Some(self.mul(g, &outside))
    }

    /// `v^k` for a term `k*log(v)/log(base)`.
    fn logarithm_to(&mut self, g: &mut Graph, base: Id, term: Id) -> Option<Id> {
        let factors = factors_of_product(g, term);
        if let Some(at) = factors.iter().position(|f| own_logarithm(g, base, *f).is_some()) {
            let v = own_logarithm(g, base, factors[at])?;
            let rest: Vec<Id> = factors.iter().enumerate().filter(|(k, _)| *k != at).map(|(_, f)| *f).collect();
            let k = self.mul(g, &rest);
            return Some(self.pow(g, v, k));
        }
        let log_of = |g: &Graph, id: Id| match g.view(id) {
            View::Call(f, a) if f.name() == "log" => Some(a[0]),
            _ => None,
        };
        let below = factors.iter().position(|f| match g.view(*f) {
            View::Pow(b, e) => g.as_number(e).is_some_and(Number::is_minus_one) && log_of(g, b) == Some(base),
            _ => false,
        })?;
        let above = factors.iter().position(|f| log_of(g, *f).is_some())?;
        let v = log_of(g, factors[above])?;
        let rest: Vec<Id> = factors.iter().enumerate().filter(|(k, _)| *k != below && *k != above).map(|(_, f)| *f).collect();
        let k = self.mul(g, &rest);
        Some(self.pow(g, v, k))
    }

    /// Powers with a number for exponent: of numbers, of products, of abs.
    fn numeric_power(&mut self, g: &mut Graph, base: Id, n: &Number) -> Option<Id> {
        match g.view(base) {
            View::Number(b) => {
                let b = b.clone();
                number_power(g, &b, n)
            }
            View::Mul(factors) if n.is_integer() => {
                let factors = factors.to_vec();
                let e = g.number(n.clone());
                let powers: Vec<Id> = factors.into_iter().map(|f| self.pow(g, f, e)).collect();
                Some(self.mul(g, &powers))
            }
            View::Mul(factors) => {
                let factors = factors.to_vec();
                self.root_of_product(g, &factors, n)
            }
            View::Add(terms) if n.is_integer() => {
                // a common rational factor of the terms comes out: (2x + 2)^n is 2^n (x + 1)^n
                let terms = terms.to_vec();
                self.power_of_sum(g, &terms, n)
            }
            View::Add(terms) => {
                let terms = terms.to_vec();
                self.root_of_sum(g, &terms, n)
            }
            View::Call(f, arguments) if f.name() == "abs" && n.is_even() => {
                let u = arguments[0];
                let e = g.number(n.clone());
                Some(self.pow(g, u, e))
            }
            View::Call(f, arguments) if f.name() == "cbrt" && (n.value() % dashu_ratio::RBig::from(3)).is_zero() => {
                let u = arguments[0];
                let third = n * &Number::ratio(1, 3);
                let e = g.number(third);
                Some(self.pow(g, u, e))
            }
            _ => None,
        }
    }

    /// Takes the greatest common rational factor out of a sum under an integer power, where there is one.
    fn power_of_sum(&mut self, g: &mut Graph, terms: &[Id], n: &Number) -> Option<Id> {
        if terms.len() > DISTRIBUTE {
            return None;
        }
        let common = common_coefficient(g, terms)?;
        let back = common.recip()?;
        let mut sum = Sum::default();
        for t in terms {
            sum.put(g, *t, &back);
        }
        let inner = self.finish_sum(g, sum);
        let outer = common.checked_pow(n.to_i64()?)?;
        let outer = g.number(outer);
        let e = g.number(n.clone());
        let power = self.pow(g, inner, e);
        Some(self.mul(g, &[outer, power]))
    }

    /// `(c*s)^r` for a fraction r and a sum with the rational factor c > 0: c comes out where that clears a denominator or
    /// leaves a rational number.
    fn root_of_sum(&mut self, g: &mut Graph, terms: &[Id], r: &Number) -> Option<Id> {
        if terms.len() > DISTRIBUTE {
            return None;
        }
        let common = common_coefficient(g, terms)?;
        let root = u32::try_from(r.value().denominator()).ok()?;
        if common.is_integer() && common.exact_root(root).is_none() {
            return None;
        }
        let back = common.recip()?;
        let mut sum = Sum::default();
        for t in terms {
            sum.put(g, *t, &back);
        }
        let inner = self.finish_sum(g, sum);
        let e = g.number(r.clone());
        let outer = g.number(common);
        let outer = self.pow(g, outer, e);
        let power = self.pow(g, inner, e);
        Some(self.mul(g, &[outer, power]))
    }

    /// Roots of one degree put together: sqrt(a)*sqrt(b) is sqrt(a*b) wherever the left side has a value. `None` where there
    /// are not two of them.
    pub fn joined_roots(&mut self, g: &mut Graph, product: Id) -> Option<Id> {
        let View::Mul(factors) = g.view(product) else { return None };
        let factors = factors.to_vec();
        let fraction = |g: &Graph, f: Id| match g.view(f) {
            View::Pow(b, e) => g.as_number(e).filter(|n| !n.is_integer()).map(|n| (b, n.clone())),
            _ => None,
        };
        let (first, second) = (0..factors.len()).find_map(|k| {
            let (_, n) = fraction(g, factors[k])?;
            let j = (k + 1..factors.len()).find(|j| fraction(g, factors[*j]).is_some_and(|(_, m)| m == n || m == -&n))?;
            Some((k, j))
        })?;
        let ((a, n), (b, m)) = (fraction(g, factors[first])?, fraction(g, factors[second])?);
        let b = if m == n { b } else { self.inverse(g, b) };
        let inner = self.mul(g, &[a, b]);
        let inner = self.expanded_once(g, inner);
        let e = g.number(n);
        let joined = self.pow(g, inner, e);
        let mut rest: Vec<Id> =
            factors.iter().enumerate().filter(|(k, _)| *k != first && *k != second).map(|(_, f)| *f).collect();
        rest.push(joined);
        Some(self.mul(g, &rest))
    }

    /// A product of a few factors and one sum, multiplied out: a*(1 - x/a) is a - x.
    fn expanded_once(&mut self, g: &mut Graph, product: Id) -> Id {
        let View::Mul(factors) = g.view(product) else { return product };
        let factors = factors.to_vec();
        let Some(at) = factors.iter().position(|f| matches!(g.view(*f), View::Add(_))) else { return product };
        let View::Add(terms) = g.view(factors[at]) else { return product };
        let terms = terms.to_vec();
        let mut out = Vec::with_capacity(terms.len());
        for t in terms.into_iter().take(DISTRIBUTE) {
            let mut all: Vec<Id> = factors.iter().enumerate().filter(|(k, _)| *k != at).map(|(_, f)| *f).collect();
            all.push(t);
            out.push(self.mul(g, &all));
        }
        self.add(g, &out)
    }

    /// `(a*b)^r` for a fraction r: factors that cannot be negative come out, since they keep the sign of the rest.
    fn root_of_product(&mut self, g: &mut Graph, factors: &[Id], r: &Number) -> Option<Id> {
        let e = g.number(r.clone());
        let mut outside = Vec::new();
        let mut inside = Vec::new();
        for f in factors {
            match g.as_number(*f).cloned() {
                Some(c) if c.is_positive() => outside.push(number_power(g, &c, r).unwrap_or_else(|| g.pow(*f, e))),
                Some(c) => {
                    let size = c.abs();
                    let f = g.number(size.clone());
                    outside.push(number_power(g, &size, r).unwrap_or_else(|| g.pow(f, e)));
                    inside.push(g.integer(-1));
                }
                None if self.is(g, Relation::Greater, *f) => {
                    let power = self.pow(g, *f, e);
                    outside.push(power);
                }
                None => inside.push(*f),
            }
        }
        // the last factor left has the sign of the whole, so its own condition says the same
        if inside.len() == 2 && outside.is_empty() || inside.len() == factors.len() {
            return None;
        }
        let rest = self.mul(g, &inside);
        let rest = match g.view(rest) {
            View::Mul(_) => g.pow(rest, e),
            _ => self.pow(g, rest, e),
        };
        outside.push(rest);
        if outside.len() == 1 { None } else { Some(self.mul(g, &outside)) }
    }

    /// `(x^a)^b` as one power, where that is the same number wherever the left side has a value.
    fn power_of_power(&mut self, g: &mut Graph, x: Id, a: Id, b: Id) -> Option<Id> {
        let outer = g.as_number(b).cloned();
        let inner = g.as_number(a).cloned();
        let merged = |s: &mut Self, g: &mut Graph, base: Id| {
            let exponent = s.mul(g, &[a, b]);
            s.pow(g, base, exponent)
        };
        let whole = g.is_integer(b);
        if outer.as_ref().is_some_and(Number::is_integer) || (outer.is_none() && self.prover.proves(g, whole)) {
            return Some(merged(self, g, x));
        }
        if self.is(g, Relation::Greater, x) {
            return Some(merged(self, g, x));
        }
        let inner = inner?;
        if inner.is_even() {
            let size = self.call_named(g, "abs", &[x])?;
            return Some(merged(self, g, size));
        }
        // an odd or fractional inner power is only non-negative where x is
        outer.map(|_| merged(self, g, x))
    }

    /// `exp(u)` with what is a logarithm in `u` taken out: exp(c*log(v)) is v^c.
    fn exp(&mut self, g: &mut Graph, u: Id) -> Id {
        if g.is_zero(u) {
            return g.integer(1);
        }
        if g.is_one(u) {
            return g.constant(Constant::E);
        }
        let mut outside = Vec::new();
        let mut inside = Vec::new();
        for t in terms_of(g, u) {
            match self.logarithm_in(g, t) {
                Some((v, c)) => outside.push(self.pow(g, v, c)),
                None => inside.push(t),
            }
        }
        if outside.is_empty() {
            return g.call_named("exp", &[u]).unwrap_or(u);
        }
        if !inside.is_empty() {
            let rest = self.add(g, &inside);
            outside.push(self.exp_plain(g, rest));
        }
        self.mul(g, &outside)
    }

    fn exp_plain(&mut self, g: &mut Graph, u: Id) -> Id {
        if g.is_one(u) { g.constant(Constant::E) } else { g.call_named("exp", &[u]).unwrap_or(u) }
    }

    /// `c*log(v)` as `(v, c)`, where `t` is such a product with one logarithm.
    fn logarithm_in(&mut self, g: &mut Graph, t: Id) -> Option<(Id, Id)> {
        let factors = match g.view(t) {
            View::Mul(factors) => factors.to_vec(),
            _ => vec![t],
        };
        let mut found = None;
        let mut rest = Vec::new();
        for f in factors {
            match g.view(f) {
                View::Call(h, arguments) if h.name() == "log" && found.is_none() => found = Some(arguments[0]),
                _ => rest.push(f),
            }
        }
        let v = found?;
        let c = self.mul(g, &rest);
        Some((v, c))
    }

    // ---- functions

    /// A function of canonical arguments, with its exact values, its symmetry, and the identities of its inverse.
    pub fn call(&mut self, g: &mut Graph, f: FunctionId, arguments: &[Id]) -> Id {
        let name = f.name();
        if let Some(value) = super::values::exact(g, name, arguments) {
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

    fn call_named(&mut self, g: &mut Graph, name: &str, arguments: &[Id]) -> Option<Id> {
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
            let turns = super::values::multiple_of_pi(g, *t)?;
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

    fn log(&mut self, g: &mut Graph, u: Id) -> Option<Id> {
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

    fn abs(&mut self, g: &mut Graph, u: Id) -> Option<Id> {
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
    fn cbrt(&mut self, g: &mut Graph, u: Id) -> Option<Id> {
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

    fn sign(&mut self, g: &mut Graph, u: Id) -> Option<Id> {
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
        flat.sort_by(|a, b| order::terms(g, *a, *b));
        flat.dedup();
        if let Some(n) = best {
            flat.push(g.number(n));
        }
        if flat.len() == 1 { flat[0] } else { g.call(f, &flat) }
    }

    fn conditional(&mut self, g: &mut Graph, kids: &[Id]) -> Id {
        match self.prover.prove(g, kids[0]) {
            Verdict::Proved => kids[1],
            Verdict::Refuted => kids[2],
            Verdict::Unknown if kids[1] == kids[2] => kids[1],
            Verdict::Unknown => g.conditional(kids[0], kids[1], kids[2]),
        }
    }

    /// Whether `u` is proved to stand in this relation to 0.
    fn is(&mut self, g: &mut Graph, relation: Relation, u: Id) -> bool {
        let condition = g.compare_zero(relation, u);
        self.prover.prove(g, condition) == Verdict::Proved
    }
}

/// The factors of a product; of anything else itself.
fn factors_of_product(g: &Graph, id: Id) -> Vec<Id> {
    match g.view(id) {
        View::Mul(factors) => factors.to_vec(),
        _ => vec![id],
    }
}

/// The argument of a logarithm whose base is this number.
fn own_logarithm(g: &Graph, base: Id, id: Id) -> Option<Id> {
    let View::Call(f, a) = g.view(id) else { return None };
    let own = match f.name() {
        "log2" => 2,
        "log10" => 10,
        _ => return None,
    };
    (g.as_i64(base) == Some(own)).then_some(a[0])
}

/// The terms of a sum; of anything else itself.
fn terms_of(g: &Graph, id: Id) -> Vec<Id> {
    match g.view(id) {
        View::Add(terms) => terms.to_vec(),
        _ => vec![id],
    }
}

/// The factors of a term, its coefficient aside.
fn factors_of(g: &Graph, term: Id) -> Vec<Id> {
    match g.view(term) {
        View::Mul(factors) => factors.iter().copied().filter(|f| g.as_number(*f).is_none()).collect(),
        View::Number(_) => Vec::new(),
        _ => vec![term],
    }
}

/// A sum while its terms are collected: each rest with its coefficient, in order of first meeting.
#[derive(Default)]
struct Sum {
    parts: Vec<(Id, Number)>,
    index: HashMap<Id, usize>,
    number: Number,
}

impl Sum {
    fn put(&mut self, g: &mut Graph, term: Id, by: &Number) {
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

/// A product while its factors are collected: each base with its exponents, and the arguments of exponentials.
struct Product {
    number: Number,
    parts: Vec<(Id, Vec<Id>)>,
    index: HashMap<Id, usize>,
    exponents: Vec<Id>,
}

impl Product {
    fn new() -> Self {
        Product { number: Number::integer(1), parts: Vec::new(), index: HashMap::new(), exponents: Vec::new() }
    }

    fn put(&mut self, g: &mut Graph, factor: Id) {
        let mut stack = vec![factor];
        while let Some(f) = stack.pop() {
            match g.view(f) {
                View::Number(n) => self.number = &self.number * n,
                View::Mul(factors) => stack.extend(factors.iter().rev()),
                View::Call(h, a) if h.name() == "exp" => self.exponents.push(a[0]),
                View::Constant(Constant::E) => self.exponents.push(g.integer(1)),
                View::Pow(b, e) => self.raise(b, e),
                _ => {
                    let one = g.integer(1);
                    self.raise(f, one);
                }
            }
        }
    }

    fn raise(&mut self, base: Id, exponent: Id) {
        let at = *self.index.entry(base).or_insert(self.parts.len());
        match self.parts.get_mut(at) {
            Some((_, exponents)) => exponents.push(exponent),
            None => self.parts.push((base, vec![exponent])),
        }
    }
}

/// Whether the node needs no more collecting inside a product.
fn is_power_of_one_base(g: &Graph, id: Id) -> bool {
    !matches!(g.view(id), View::Mul(_))
}

fn distinct_bases(g: &Graph, pieces: &[Id]) -> bool {
    let mut bases: Vec<Id> = pieces.iter().filter(|p| g.as_number(**p).is_none()).map(|p| base_and_exponent(g, *p).0).collect();
    let count = bases.len();
    bases.sort_unstable();
    bases.dedup();
    bases.len() == count
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

/// The greatest positive rational that divides every coefficient with integer quotients, where it is not 1.
fn common_coefficient(g: &Graph, terms: &[Id]) -> Option<Number> {
    use dashu_base::{Gcd, UnsignedAbs};
    let mut top = dashu_int::UBig::ZERO;
    let mut bottom = dashu_int::UBig::ONE;
    for t in terms {
        let c = coefficient(g, *t);
        let n = c.value().numerator().clone().unsigned_abs();
        top = if top.is_zero() { n } else { top.gcd(&n) };
        let d = c.value().denominator();
        let shared = bottom.clone().gcd(d);
        bottom = bottom * d / shared;
    }
    let common = Number::rational(dashu_ratio::RBig::from_parts(top.into(), bottom));
    (!common.is_one() && !common.is_zero()).then_some(common)
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

/// `b^r` of numbers: exact where it is rational, else a coefficient times a root with an exponent between 0 and 1.
/// `None` where it has no value, is too large to build, or is already in that form.
fn number_power(g: &mut Graph, b: &Number, r: &Number) -> Option<Id> {
    if let Some(n) = r.to_i64() {
        return b.checked_pow(n).map(|v| g.number(v));
    }
    if b.is_zero() {
        return r.is_positive().then(|| g.integer(0));
    }
    if b.is_one() {
        return Some(g.integer(1));
    }
    let root = u32::try_from(r.value().denominator()).ok()?;
    if !b.is_positive() || root > 64 || b.bits() > 4096 {
        return None;
    }
    let (outside, inside) = extract_root(b, root);
    let whole = r.floor();
    let fraction = r - &whole;
    // b^r = outside^p * inside^(p/q) with p the numerator of r
    let p = i64::try_from(r.value().numerator()).ok()?;
    let outer = outside.checked_pow(p)?;
    if inside.is_one() {
        return Some(g.number(outer));
    }
    let whole = whole.to_i64()?;
    let outer = &outer * &inside.checked_pow(whole)?;
    let base = g.number(inside.clone());
    let exponent = g.number(fraction.clone());
    let surd = g.pow(base, exponent);
    if outer.is_one() && inside == *b && fraction == *r {
        return None;
    }
    Some(scaled(g, surd, &outer))
}

/// `b = outside^q * inside` with the largest outside that small prime factors show.
fn extract_root(b: &Number, q: u32) -> (Number, Number) {
    if let Some(root) = b.exact_root(q) {
        return (root, Number::integer(1));
    }
    use dashu_int::UBig;
    let pull = |n: &UBig| -> (UBig, UBig) {
        let (mut out, mut rest) = (UBig::ONE, n.clone());
        for p in 2u32..100 {
            let power = UBig::from(p).pow(q as usize);
            while rest > UBig::ONE && (&rest % &power).is_zero() {
                rest /= &power;
                out *= p;
            }
        }
        (out, rest)
    };
    use dashu_base::UnsignedAbs;
    let (top_out, top) = pull(&b.value().numerator().clone().unsigned_abs());
    let (bottom_out, bottom) = pull(b.value().denominator());
    // a root below the line is cleared: (t/d)^(1/q) = (t*d^(q-1))^(1/q) / d
    let top = top * bottom.pow(q as usize - 1);
    let (more, top) = pull(&top);
    let outside = dashu_ratio::RBig::from_parts((top_out * more).into(), bottom_out * bottom);
    (Number::rational(outside), Number::rational(top.into()))
}
