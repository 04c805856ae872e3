//! Powers, roots and exponentials in canonical form, with the identities that hold by the one definition of a power.

use super::products::common_coefficient;
use super::sums::Sum;
use super::{Canon, DISTRIBUTE, scaled};
use crate::expr::{Constant, Graph, Id, Number, Relation, View};

impl Canon {
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
    pub(super) fn exp(&mut self, g: &mut Graph, u: Id) -> Id {
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
