//! Rational functions of kernels: an expression is read as a quotient of polynomials in its irreducible parts (variables,
//! roots, exponentials, function values), common factors cancel, and the result is kept factored.

use super::canon::{Canon, base_and_exponent};
use super::poly::{self, Budget, Poly, Powers};
use crate::expr::{Graph, Id, Number, View, walk};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use std::collections::HashMap;

/// The most kernels and the most work for one expression; beyond them it is left as it stands.
const KERNELS: usize = 24;
const WORK: u64 = 60_000;
/// Larger expressions are not read.
const NODES: usize = 600;
/// A polynomial with so many times more terms than the expression has nodes is not written: nobody would call it simpler.
const LONGER: usize = 4;

/// A kernel: a base that is raised to multiples of `1/parts`. As a variable of the polynomials it stands for `base^(1/parts)`.
#[derive(Clone, Debug)]
struct Kernel {
    base: Id,
    /// For an exponential: `base` is the argument and the kernel is exp(base/parts).
    exponential: bool,
    parts: u16,
    /// `kernel^parts` as a polynomial, where the base is a sum of other kernels.
    relation: Option<Poly>,
}

/// `number * kernels^powers * factors^exponents`
#[derive(Clone, Debug)]
struct Form {
    number: RBig,
    powers: Vec<i32>,
    factors: Vec<(Poly, i32)>,
}

/// How squares of sines and cosines, circular and hyperbolic, are treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Circle {
    /// As independent.
    Free,
    /// sin² becomes 1 - cos², sinh² becomes cosh² - 1.
    ToCosine,
    /// cos² becomes 1 - sin², cosh² becomes 1 + sinh².
    ToSine,
}

/// What came out, in canonical form.
pub struct Rational {
    /// Numerator and denominator factored.
    pub factored: Id,
    /// Numerator multiplied out.
    pub expanded: Option<Id>,
}

/// Reads a canonical expression as a rational function and cancels; `None` where it is too large or has nothing to cancel.
/// What the work cost is taken from `effort`.
pub fn simplify(canon: &mut Canon, g: &mut Graph, root: Id, circle: Circle, effort: &mut u64) -> Option<Rational> {
    let nodes = walk::topological(g, &[root]).len();
    let work = WORK.min(*effort);
    if nodes > NODES || work == 0 {
        return None;
    }
    let mut field = Field::collect(canon, g, root, circle, work)?;
    field.longest = LONGER * nodes;
    let found = field.simplified(canon, g, root);
    *effort = effort.saturating_sub(nodes as u64 + work.saturating_sub(field.budget.left()));
    found
}

struct Field {
    kernels: Vec<Kernel>,
    index: HashMap<(Id, bool), usize>,
    circle: Vec<(usize, usize, Poly)>,
    budget: Budget,
    /// The most terms that are written.
    longest: usize,
    decimal: bool,
}

impl Field {
    fn simplified(&mut self, canon: &mut Canon, g: &mut Graph, root: Id) -> Option<Rational> {
        let form = self.read(g, root)?;
        let form = self.reduce(form)?;
        let factored = self.write(canon, g, &form, false)?;
        let expanded = self.write(canon, g, &form, true);
        Some(Rational { factored, expanded })
    }

    /// The kernels of an expression, each with the finest part of its exponents.
    fn collect(canon: &mut Canon, g: &mut Graph, root: Id, circle: Circle, work: u64) -> Option<Self> {
        let mut found: Vec<(Id, bool, UBig)> = Vec::new();
        let mut index: HashMap<(Id, bool), usize> = HashMap::new();
        let mut decimal = false;
        let mut stack = vec![root];
        let mut seen = std::collections::HashSet::new();
        let mut note = |base: Id, exponential: bool, denominator: &UBig| -> Option<()> {
            let at = *index.entry((base, exponential)).or_insert(found.len());
            match found.get_mut(at) {
                Some((_, _, parts)) => *parts = lcm(parts, denominator),
                None => found.push((base, exponential, denominator.clone())),
            }
            (found.len() <= KERNELS).then_some(())
        };
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            match g.view(id) {
                View::Number(n) if n.is_long() => return None,
                View::Number(n) => decimal |= n.is_decimal(),
                View::Add(kids) | View::Mul(kids) => stack.extend_from_slice(kids),
                View::Pow(b, e) => match g.as_number(e) {
                    Some(n) if n.is_integer() => stack.push(b),
                    Some(_) if is_power(g, b) => note(id, false, &UBig::ONE)?,
                    Some(n) => {
                        let denominator = n.value().denominator().clone();
                        note(b, false, &denominator)?;
                        if matches!(g.view(b), View::Add(_) | View::Mul(_)) {
                            stack.push(b);
                        }
                    }
                    None => {
                        for (part, c) in exponent_parts(g, e) {
                            match part {
                                None => stack.push(b),
                                Some(part) => note(power_kernel(g, b, part), false, c.value().denominator())?,
                            }
                        }
                    }
                },
                View::Call(f, a) if f.name() == "exp" => {
                    let u = a[0];
                    for (part, c) in exponent_parts(g, u) {
                        let argument = part.unwrap_or_else(|| g.integer(1));
                        note(argument, true, c.value().denominator())?;
                    }
                }
                _ => note(id, false, &UBig::ONE)?,
            }
        }
        let kernels = found
            .into_iter()
            .map(|(base, exponential, parts)| {
                let parts = u16::try_from(&parts).ok().filter(|p| *p <= 64)?;
                Some(Kernel { base, exponential, parts, relation: None })
            })
            .collect::<Option<Vec<_>>>()?;
        let circle = circle_pairs(g, &kernels, &index, circle);
        let mut field = Field { kernels, index, circle, budget: Budget::new(work), longest: usize::MAX, decimal };
        field.relate(canon, g)?;
        Some(field)
    }

    /// Roots of sums: their power is the sum again.
    fn relate(&mut self, _canon: &mut Canon, g: &mut Graph) -> Option<()> {
        for k in 0..self.kernels.len() {
            let kernel = self.kernels[k].clone();
            if kernel.exponential || kernel.parts == 1 {
                continue;
            }
            let base = match g.view(kernel.base) {
                View::Add(_) | View::Number(_) | View::Mul(_) => self.read(g, kernel.base)?,
                _ => continue,
            };
            let (top, bottom) = self.over(&base)?;
            if bottom.is_one() && base.number.is_int() {
                self.kernels[k].relation = Some(top);
            } else if bottom.as_constant().is_some() {
                return None;
            }
        }
        Some(())
    }

    fn vars(&self) -> usize {
        self.kernels.len()
    }

    fn unit(&self, number: RBig) -> Form {
        Form { number, powers: vec![0; self.vars()], factors: Vec::new() }
    }

    fn kernel(&self, base: Id, exponential: bool, times: i64, of: &Number) -> Option<Form> {
        let at = *self.index.get(&(base, exponential))?;
        let power = &Number::integer(i64::from(self.kernels[at].parts) * times) * of;
        let mut form = self.unit(RBig::ONE);
        form.powers[at] = i32::try_from(power.to_i64()?).ok().filter(|p| p.abs() < 1000)?;
        Some(form)
    }

    /// The expression as a form: iterative over its nodes, children first.
    fn read(&mut self, g: &mut Graph, root: Id) -> Option<Form> {
        let mut done: HashMap<Id, Form> = HashMap::new();
        let mut stack = vec![(root, false)];
        while let Some((id, ready)) = stack.pop() {
            if done.contains_key(&id) {
                continue;
            }
            let below: Vec<Id> = match g.view(id) {
                View::Add(kids) | View::Mul(kids) => kids.to_vec(),
                View::Pow(b, e) => {
                    let integer = g.as_number(e).is_some_and(Number::is_integer);
                    let symbolic_with_number = g.as_number(e).is_none() && exponent_parts(g, e).iter().any(|(p, _)| p.is_none());
                    if integer || symbolic_with_number { vec![b] } else { Vec::new() }
                }
                _ => Vec::new(),
            };
            if !ready {
                stack.push((id, true));
                stack.extend(below.iter().map(|b| (*b, false)));
                continue;
            }
            let form = self.read_node(g, id, &done)?;
            done.insert(id, form);
        }
        done.remove(&root)
    }

    fn read_node(&mut self, g: &mut Graph, id: Id, done: &HashMap<Id, Form>) -> Option<Form> {
        match g.view(id) {
            View::Number(n) => Some(self.unit(n.value().clone())),
            View::Mul(kids) => {
                let mut product = self.unit(RBig::ONE);
                for k in kids {
                    product = self.multiply(product, done.get(k)?);
                }
                Some(product)
            }
            View::Add(kids) => {
                let forms: Option<Vec<&Form>> = kids.iter().map(|k| done.get(k)).collect();
                self.sum(&forms?)
            }
            View::Pow(b, e) => match g.as_number(e).cloned() {
                Some(n) if n.is_integer() => self.raise(done.get(&b)?, n.to_i64()?),
                Some(_) if is_power(g, b) => self.kernel(id, false, 1, &Number::integer(1)),
                Some(n) => self.kernel(b, false, 1, &n),
                None => {
                    let mut product = self.unit(RBig::ONE);
                    for (part, c) in exponent_parts(g, e) {
                        let form = match part {
                            None => self.raise(done.get(&b)?, c.to_i64()?)?,
                            Some(part) => self.kernel(power_kernel(g, b, part), false, 1, &c)?,
                        };
                        product = self.multiply(product, &form);
                    }
                    Some(product)
                }
            },
            View::Call(f, a) if f.name() == "exp" => {
                let u = a[0];
                let mut product = self.unit(RBig::ONE);
                for (part, c) in exponent_parts(g, u) {
                    let argument = part.unwrap_or_else(|| g.integer(1));
                    product = self.multiply(product, &self.kernel(argument, true, 1, &c)?);
                }
                Some(product)
            }
            _ => self.kernel(id, false, 1, &Number::integer(1)),
        }
    }

    fn multiply(&self, mut a: Form, b: &Form) -> Form {
        a.number = &a.number * &b.number;
        for (x, y) in a.powers.iter_mut().zip(&b.powers) {
            *x += y;
        }
        for (p, n) in &b.factors {
            merge(&mut a.factors, p, *n);
        }
        a.factors.retain(|(_, n)| *n != 0);
        a
    }

    fn raise(&self, a: &Form, n: i64) -> Option<Form> {
        let small = i32::try_from(n).ok().filter(|n| n.abs() < 1000)?;
        if a.number.is_zero() && n <= 0 {
            return None;
        }
        let number = Number::rational(a.number.clone()).checked_pow(n)?;
        if number.bits() > 4096 {
            return None;
        }
        Some(Form {
            number: number.value().clone(),
            powers: a.powers.iter().map(|p| p.checked_mul(small)).collect::<Option<_>>()?,
            factors: a.factors.iter().map(|(p, k)| Some((p.clone(), k.checked_mul(small)?))).collect::<Option<_>>()?,
        })
    }

    /// The sum, with what all terms share taken out and only the rest multiplied out.
    fn sum(&mut self, forms: &[&Form]) -> Option<Form> {
        let forms: Vec<&&Form> = forms.iter().filter(|f| !f.number.is_zero()).collect();
        let Some(first) = forms.first() else { return Some(self.unit(RBig::ZERO)) };
        if forms.len() == 1 {
            return Some((**first).clone());
        }
        let mut common = self.unit(RBig::ONE);
        for (k, shared) in common.powers.iter_mut().enumerate() {
            *shared = forms.iter().map(|f| f.powers[k]).min().unwrap_or(0);
        }
        let mut all: Vec<(Poly, i32)> = Vec::new();
        for f in &forms {
            for (p, _) in &f.factors {
                if !all.iter().any(|(q, _)| q == p) {
                    all.push((p.clone(), 0));
                }
            }
        }
        for (p, least) in &mut all {
            *least = forms.iter().map(|f| f.factors.iter().find(|(q, _)| q == p).map_or(0, |(_, n)| *n)).min().unwrap_or(0);
        }
        let denominator = forms.iter().fold(UBig::ONE, |d, f| lcm(&d, f.number.denominator()));
        common.number = RBig::from_parts(IBig::ONE, denominator.clone());
        let mut total = Poly::default();
        for f in &forms {
            let scale = (&f.number * RBig::from(denominator.clone())).numerator().clone();
            let powers: Option<Powers> = f.powers.iter().zip(&common.powers).map(|(a, b)| u16::try_from(a - b).ok()).collect();
            let mut term = Poly::monomial(powers?).scaled(&scale);
            for (p, least) in &all {
                let n = f.factors.iter().find(|(q, _)| q == p).map_or(0, |(_, n)| *n) - least;
                let raised = p.power(self.vars(), u32::try_from(n).ok()?, &mut self.budget)?;
                term = term.times(&raised, &mut self.budget)?;
            }
            total = total.plus(&term);
        }
        common.factors = all.into_iter().filter(|(_, n)| *n != 0).collect();
        let total = self.related(total)?;
        self.put_polynomial(common, total)
    }

    /// `form * p` with the number, the monomial and the known factors taken out of `p`.
    fn put_polynomial(&mut self, mut form: Form, p: Poly) -> Option<Form> {
        if p.is_zero() {
            return Some(self.unit(RBig::ZERO));
        }
        let (content, p) = p.primitive();
        form.number = &form.number * RBig::from(content);
        let shared = p.common_powers(self.vars());
        for (a, b) in form.powers.iter_mut().zip(&shared) {
            *a += i32::from(*b);
        }
        let mut p = p.without_powers(&shared);
        // what stands below the line is the likeliest thing to cancel
        for k in 0..form.factors.len() {
            while form.factors[k].1 < 0 && p.as_constant().is_none() {
                let Some(quotient) = p.divided(&form.factors[k].0, &mut self.budget)? else { break };
                form.factors[k].1 += 1;
                p = quotient;
            }
        }
        form.factors.retain(|(_, n)| *n != 0);
        match p.as_constant() {
            Some(c) => form.number = &form.number * RBig::from(c.clone()),
            None => merge(&mut form.factors, &p, 1),
        }
        Some(form)
    }

    /// Powers of roots and of sines brought under their relations.
    fn related(&mut self, p: Poly) -> Option<Poly> {
        let mut p = p;
        for k in 0..self.kernels.len() {
            let Some(relation) = self.kernels[k].relation.clone() else { continue };
            p = self.replace_power(p, k, self.kernels[k].parts, &relation)?;
        }
        for (from, _, relation) in self.circle.clone() {
            p = self.replace_power(p, from, 2, &relation)?;
        }
        Some(p)
    }

    fn replace_power(&mut self, p: Poly, var: usize, power: u16, relation: &Poly) -> Option<Poly> {
        if p.degree(var) < power {
            return Some(p);
        }
        let mut out = Poly::default();
        for (e, c) in p.coefficients(var).into_iter().enumerate() {
            let (times, rest) = (e as u32 / u32::from(power), e as u16 % power);
            let mut powers = vec![0; self.vars()];
            powers[var] = rest;
            let raised = relation.power(self.vars(), times, &mut self.budget)?;
            let term = c.times(&raised, &mut self.budget)?.times(&Poly::monomial(powers), &mut self.budget)?;
            out = out.plus(&term);
        }
        Some(out)
    }

    /// Splits the factors and cancels those that numerator and denominator share.
    fn reduce(&mut self, mut form: Form) -> Option<Form> {
        if form.number.is_zero() {
            return Some(form);
        }
        let mut split: Vec<(Poly, i32)> = Vec::new();
        for (p, n) in std::mem::take(&mut form.factors) {
            for (piece, m) in poly::square_free(&p, self.vars(), &mut self.budget)? {
                let (content, piece) = piece.primitive();
                let n = n.checked_mul(i32::try_from(m).ok()?)?;
                let content = Number::rational(RBig::from(content)).checked_pow(i64::from(n))?;
                form.number = &form.number * content.value();
                merge(&mut split, &piece, n);
            }
        }
        self.coprime(&mut split)?;
        split.retain(|(p, n)| *n != 0 && !p.is_one());
        form.factors = split;
        self.pull_roots(&mut form)?;
        Some(form)
    }

    /// Refines the factors until no two share a divisor.
    fn coprime(&mut self, factors: &mut Vec<(Poly, i32)>) -> Option<()> {
        let mut k = 0;
        while k < factors.len() {
            let mut j = k + 1;
            while j < factors.len() {
                // only a factor above and one below can cancel
                if (factors[k].1 < 0) == (factors[j].1 < 0) {
                    j += 1;
                    continue;
                }
                let shared = poly::gcd(&factors[k].0, &factors[j].0, self.vars(), &mut self.budget)?;
                if shared.as_constant().is_some() {
                    j += 1;
                    continue;
                }
                let (n, m) = (factors[k].1, factors[j].1);
                factors[k].0 = factors[k].0.divided(&shared, &mut self.budget)??;
                factors[j].0 = factors[j].0.divided(&shared, &mut self.budget)??;
                factors.push((shared, n + m));
                j += 1;
            }
            k += 1;
        }
        let mut merged: Vec<(Poly, i32)> = Vec::new();
        for (p, n) in factors.drain(..) {
            merge(&mut merged, &p, n);
        }
        *factors = merged;
        Some(())
    }

    /// A sum beside its own root is a power of the root: (1 - x²)·(1 - x²)^(-1/2).
    fn pull_roots(&mut self, form: &mut Form) -> Option<()> {
        for k in 0..self.kernels.len() {
            let Some(relation) = self.kernels[k].relation.clone() else { continue };
            let (content, primitive) = relation.primitive();
            let opposite = content == IBig::NEG_ONE;
            if (content != IBig::ONE && !opposite) || form.powers[k] == 0 {
                continue;
            }
            if let Some(at) = form.factors.iter().position(|(p, _)| *p == primitive) {
                let (_, n) = form.factors.remove(at);
                form.powers[k] += n.checked_mul(i32::from(self.kernels[k].parts))?;
                if opposite && n % 2 != 0 {
                    form.number = -form.number.clone();
                }
            }
        }
        Some(())
    }

    /// Numerator and denominator multiplied out (numbers aside: the numerator carries the integer part).
    fn over(&mut self, form: &Form) -> Option<(Poly, Poly)> {
        let side = |field: &mut Self, sign: i32| -> Option<Poly> {
            let powers: Powers = form.powers.iter().map(|p| u16::try_from((p * sign).max(0)).ok()).collect::<Option<_>>()?;
            let mut out = Poly::monomial(powers);
            for (p, n) in &form.factors {
                if n * sign > 0 {
                    let raised = p.power(field.vars(), u32::try_from(n * sign).ok()?, &mut field.budget)?;
                    out = out.times(&raised, &mut field.budget)?;
                }
            }
            Some(out)
        };
        let (top, bottom) = (side(self, 1)?, side(self, -1)?);
        Some((top.scaled(form.number.numerator()), bottom.scaled(&IBig::from(form.number.denominator().clone()))))
    }

    // ---- back to the graph

    fn write(&mut self, canon: &mut Canon, g: &mut Graph, form: &Form, expand: bool) -> Option<Id> {
        let mut parts = vec![self.number(g, &form.number)];
        if expand {
            let above: Vec<&(Poly, i32)> = form.factors.iter().filter(|(_, n)| *n > 0).collect();
            if above.is_empty() || (above.len() == 1 && above[0].1 == 1 && form.powers.iter().all(|p| *p <= 0)) {
                return None;
            }
            let monomial: Powers = form.powers.iter().map(|p| u16::try_from((*p).max(0)).ok()).collect::<Option<_>>()?;
            let mut top = Poly::monomial(monomial);
            for (p, n) in above {
                let raised = p.power(self.vars(), u32::try_from(*n).ok()?, &mut self.budget)?;
                top = top.times(&raised, &mut self.budget)?;
            }
            let top = self.related(top)?;
            parts.push(self.write_polynomial(canon, g, &top)?);
            for (k, p) in form.powers.iter().enumerate().filter(|(_, p)| **p < 0) {
                parts.push(self.write_kernel(canon, g, k, i64::from(*p)));
            }
        } else {
            for (k, p) in form.powers.iter().enumerate().filter(|(_, p)| **p != 0) {
                parts.push(self.write_kernel(canon, g, k, i64::from(*p)));
            }
        }
        for (p, n) in form.factors.iter().filter(|(_, n)| !expand || *n < 0) {
            let base = self.write_polynomial(canon, g, p)?;
            let exponent = g.integer(i64::from(*n));
            parts.push(canon.pow(g, base, exponent));
        }
        Some(canon.mul(g, &parts))
    }

    fn number(&self, g: &mut Graph, value: &RBig) -> Id {
        g.number(if self.decimal { Number::decimal(value.clone()) } else { Number::rational(value.clone()) })
    }

    fn write_polynomial(&mut self, canon: &mut Canon, g: &mut Graph, p: &Poly) -> Option<Id> {
        if p.terms().len() > self.longest {
            return None;
        }
        let mut terms = Vec::with_capacity(p.terms().len());
        for (powers, c) in p.terms() {
            let mut factors = vec![self.number(g, &RBig::from(c.clone()))];
            for (k, e) in powers.iter().enumerate().filter(|(_, e)| **e > 0) {
                factors.push(self.write_kernel(canon, g, k, i64::from(*e)));
            }
            terms.push(canon.mul(g, &factors));
        }
        Some(canon.add(g, &terms))
    }

    fn write_kernel(&self, canon: &mut Canon, g: &mut Graph, k: usize, power: i64) -> Id {
        let kernel = &self.kernels[k];
        let exponent = g.number(Number::rational(RBig::from_parts(IBig::from(power), UBig::from(kernel.parts))));
        if kernel.exponential {
            let argument = canon.mul(g, &[exponent, kernel.base]);
            let exp = crate::math::find("exp");
            return exp.map_or(argument, |f| canon.call(g, f, &[argument]));
        }
        match base_and_exponent(g, kernel.base) {
            (b, Some(e)) => {
                let exponent = canon.mul(g, &[exponent, e]);
                canon.pow(g, b, exponent)
            }
            _ => canon.pow(g, kernel.base, exponent),
        }
    }
}

/// Sine and cosine kernels of one argument: the one whose square is replaced, the one that stays, and the replacement.
fn circle_pairs(
    g: &mut Graph,
    kernels: &[Kernel],
    index: &HashMap<(Id, bool), usize>,
    circle: Circle,
) -> Vec<(usize, usize, Poly)> {
    let names: [(&str, &str); 2] = match circle {
        Circle::Free => return Vec::new(),
        Circle::ToCosine => [("sin", "cos"), ("sinh", "cosh")],
        Circle::ToSine => [("cos", "sin"), ("cosh", "sinh")],
    };
    let mut out = Vec::new();
    for (k, kernel) in kernels.iter().enumerate() {
        let View::Call(f, a) = g.view(kernel.base) else { continue };
        let Some((from, to)) = names.iter().find(|(from, _)| *from == f.name()) else { continue };
        if kernel.exponential || kernel.parts != 1 {
            continue;
        }
        let u = a[0];
        let Some(partner) = g.call_named(to, &[u]) else { continue };
        let Some(j) = index.get(&(partner, false)) else { continue };
        let mut powers = vec![0; kernels.len()];
        powers[*j] = 2;
        let (square, one) = (Poly::monomial(powers), Poly::one(kernels.len()));
        let relation = match *from {
            "sinh" => square.minus(&one),
            "cosh" => square.plus(&one),
            _ => one.minus(&square),
        };
        out.push((k, *j, relation));
    }
    out
}

/// The terms of an exponent as (part, rational coefficient); a number has no part.
fn exponent_parts(g: &mut Graph, exponent: Id) -> Vec<(Option<Id>, Number)> {
    let terms = match g.view(exponent) {
        View::Add(terms) => terms.to_vec(),
        _ => vec![exponent],
    };
    terms
        .into_iter()
        .map(|t| {
            let (c, rest) = super::canon::split_coefficient(g, t);
            (rest, c)
        })
        .collect()
}

/// Whether a root of this stands by itself: the root of `x^x` is not `x^(x/2)`, which may be negative.
fn is_power(g: &Graph, base: Id) -> bool {
    matches!(g.view(base), View::Pow(..))
}

/// The kernel node `b^part`.
fn power_kernel(g: &mut Graph, b: Id, part: Id) -> Id {
    g.pow(b, part)
}

fn merge(factors: &mut Vec<(Poly, i32)>, p: &Poly, n: i32) {
    match factors.iter_mut().find(|(q, _)| q == p) {
        Some((_, m)) => *m += n,
        None => factors.push((p.clone(), n)),
    }
}

fn lcm(a: &UBig, b: &UBig) -> UBig {
    use dashu_base::Gcd;
    a / a.gcd(b) * b
}
