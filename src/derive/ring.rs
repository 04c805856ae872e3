//! Derivatives of high order. The expression is read as a sum of products of a few functions whose slopes are such sums again: sin
//! and cos, exp, powers of x and of 1 + x^2, … In this ring a derivative is arithmetic with exponents, and its terms are collected
//! on the way: they grow as a power of the order, where rule after rule they would double.

use super::rules::Rules;
use super::{Growth, light};
use crate::budget::{foresee, pulse};
use crate::domain::rational;
use crate::expr::{Graph, Id, Number, View, walk};
use dashu_base::{Gcd, UnsignedAbs};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// From this order on a derivative is taken in the ring.
pub const FROM: usize = 4;

/// Larger expressions are left to the rules.
const NODES: usize = 200;

/// So many functions at most are multiplied with one another.
const GENERATORS: usize = 24;

/// Larger exponents are left to the rules: sums of these stay far below the end of 64 bits.
const LARGEST: i64 = 1 << 20;

/// An expression that is multiplied out to more terms is left to the rules.
const TERMS: usize = 2000;

/// So many nodes come with a term on the way: what a computation may make of nodes limits the terms.
const TERM: usize = 50;

/// The exponents of a product, one for each generator; zeros at the end are left out.
type Powers = Vec<i64>;

/// A sum of products: their coefficients.
type Sum = BTreeMap<Powers, RBig>;

/// `square² = 1 + sign·other²`, for two generators by their numbers.
struct Circle {
    square: usize,
    other: usize,
    sign: i64,
}

/// The functions that an expression and its derivatives are made of.
struct Ring<'r, 'f> {
    rules: &'r mut Rules<'f>,
    generators: Vec<Id>,
    index: HashMap<Id, usize>,
    /// What was read: parts that are shared are read once.
    known: HashMap<Id, Option<Rc<Sum>>>,
    /// For each generator `f` the sum for `f'/f`, once it was asked for.
    relative: Vec<Option<Sum>>,
    circles: Vec<Circle>,
    is_decimal: bool,
}

/// The derivative of this order by the variable of the rules; `None` where the expression is no such sum, or one that grows too
/// large. Its conditions are those of the first derivative and its own: all these functions have every derivative that they have
/// one of.
pub fn derivative(g: &mut Graph, rules: &mut Rules<'_>, expression: Id, order: usize) -> Option<Id> {
    let nodes = walk::topological(g, &[expression]);
    let is_long = |id: &Id| g.as_number(*id).is_some_and(Number::is_long);
    if nodes.len() > NODES || nodes.iter().any(is_long) {
        return None;
    }
    let (index, known) = (HashMap::new(), HashMap::new());
    let (generators, relative, circles) = (Vec::new(), Vec::new(), Vec::new());
    let mut ring = Ring { rules, generators, index, known, relative, circles, is_decimal: false };
    let (mut sum, mut growth) = (ring.read(g, expression)?, Growth::default());
    for k in 0..order {
        growth.foresee(sum.len() * TERM, k, order);
        sum = Rc::new(ring.slope(g, &sum)?);
    }
    Some(ring.write(g, &sum))
}

fn number(value: RBig) -> Sum {
    if value.is_zero() { Sum::new() } else { Sum::from([(Powers::new(), value)]) }
}

fn add_to(sum: &mut Sum, powers: Powers, value: RBig) {
    use std::collections::btree_map::Entry;
    match sum.entry(powers) {
        Entry::Vacant(place) => drop(place.insert(value)),
        Entry::Occupied(mut found) => {
            *found.get_mut() += value;
            if found.get().is_zero() {
                found.remove();
            }
        }
    }
}

fn multiplied(a: &[i64], b: &[i64]) -> Powers {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut out = long.to_vec();
    out.iter_mut().zip(short).for_each(|(p, q)| *p += q);
    while out.last() == Some(&0) {
        out.pop();
    }
    out
}

/// The product, where neither it nor its exponents are too large.
fn product(a: &Sum, b: &Sum) -> Option<Sum> {
    let mut out = Sum::new();
    for (p, c) in a {
        for (q, d) in b {
            pulse();
            let powers = multiplied(p, q);
            if powers.iter().any(|p| p.abs() > LARGEST) {
                return None;
            }
            add_to(&mut out, powers, c * d);
        }
        if out.len() > TERMS {
            return None;
        }
    }
    Some(out)
}

/// The base and the exponent of a power with a number for one, a square root among them.
fn as_power(g: &Graph, id: Id) -> Option<(Id, RBig)> {
    match g.view(id) {
        View::Pow(base, exponent) => Some((base, rational(g, exponent)?.value().clone())),
        View::Call(f, arguments) if f.record().name == "sqrt" => Some((arguments[0], RBig::from_parts(IBig::ONE, 2_u8.into()))),
        _ => None,
    }
}

impl Ring<'_, '_> {
    /// The expression as a sum of products of generators. Expressions are small here, and so is the depth of the recursion.
    fn read(&mut self, g: &mut Graph, id: Id) -> Option<Rc<Sum>> {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let sum = self.new_sum(g, id).map(Rc::new);
        self.known.insert(id, sum.clone());
        sum
    }

    fn new_sum(&mut self, g: &mut Graph, id: Id) -> Option<Sum> {
        if let Some(n) = rational(g, id) {
            self.is_decimal |= n.is_decimal();
            return Some(number(n.value().clone()));
        }
        match g.view(id) {
            _ if !self.rules.depends(g, id) => self.generator(id, 1),
            View::Symbol(_) => self.generator(id, 1),
            View::Neg(a) => {
                let sum = self.read(g, a)?;
                product(&sum, &number(RBig::from(-1)))
            }
            View::Add(terms) => {
                let (terms, mut sum) = (terms.to_vec(), Sum::new());
                for term in terms {
                    self.read(g, term)?.iter().for_each(|(powers, value)| add_to(&mut sum, powers.clone(), value.clone()));
                }
                (sum.len() <= TERMS).then_some(sum)
            }
            View::Mul(factors) => {
                let (factors, mut all) = (factors.to_vec(), number(RBig::ONE));
                for factor in factors {
                    let factor = self.read(g, factor)?;
                    all = product(&all, &factor)?;
                }
                Some(all)
            }
            View::Div(a, b) => {
                let (above, below) = (self.read(g, a)?, self.power(g, b, -1)?);
                product(&above, &below)
            }
            View::Pow(base, exponent) => match rational(g, exponent) {
                Some(n) if n.is_integer() => self.power(g, base, n.to_i64().filter(|n| n.abs() <= LARGEST)?),
                // a symbol above is left to the rules, which lower it by 1 again and again
                None if !self.rules.depends(g, exponent) => None,
                _ => self.generator(id, 1),
            },
            View::Call(f, _) if f.record().is_analytic() => self.generator(id, 1),
            _ => None,
        }
    }

    /// The product of one generator.
    fn generator(&mut self, id: Id, power: i64) -> Option<Sum> {
        let count = self.generators.len();
        let k = *self.index.entry(id).or_insert(count);
        if k == count {
            self.generators.push(id);
            self.relative.push(None);
        }
        let mut powers = vec![0; k + 1];
        powers[k] = power;
        (k < GENERATORS).then(|| Sum::from([(powers, RBig::ONE)]))
    }

    /// A power: of a product it is multiplied out, a sum becomes a generator.
    fn power(&mut self, g: &mut Graph, base: Id, exponent: i64) -> Option<Sum> {
        let sum = self.read(g, base)?;
        let mut terms = sum.iter();
        let (Some((powers, value)), None) = (terms.next(), terms.next()) else { return self.generator(base, exponent) };
        let value = Number::rational(value.clone()).checked_pow(exponent)?.value().clone();
        let powers = powers.iter().map(|p| p.checked_mul(exponent).filter(|p| p.abs() <= LARGEST)).collect::<Option<Powers>>()?;
        Some(Sum::from([(if exponent == 0 { Powers::new() } else { powers }, value)]))
    }

    /// The derivative of an expression.
    fn slope_of(&mut self, g: &mut Graph, id: Id) -> Option<Sum> {
        let sum = self.read(g, id)?;
        self.slope(g, &sum)
    }

    /// The derivative of a sum: each product times the sum of the relative slopes of its factors.
    fn slope(&mut self, g: &mut Graph, sum: &Sum) -> Option<Sum> {
        let mut out = Sum::new();
        for (powers, value) in sum {
            for (k, power) in powers.iter().enumerate().filter(|(_, power)| **power != 0) {
                let times = value * RBig::from(*power);
                for (factor, c) in self.relative_slope(g, k)? {
                    pulse();
                    add_to(&mut out, multiplied(powers, factor), &times * c);
                }
            }
            foresee((out.len() * TERM) as f64);
        }
        Some(self.reduced(out))
    }

    /// The sum for `f'/f` of a generator `f`.
    fn relative_slope(&mut self, g: &mut Graph, k: usize) -> Option<&Sum> {
        if self.relative[k].is_none() {
            let made = self.new_relative_slope(g, self.generators[k])?;
            self.close_circle(g, k);
            self.relative[k] = Some(made);
        }
        self.relative[k].as_ref()
    }

    fn new_relative_slope(&mut self, g: &mut Graph, id: Id) -> Option<Sum> {
        if !self.rules.depends(g, id) {
            return Some(Sum::new());
        }
        if let Some((base, exponent)) = as_power(g, id) {
            let inner = product(&self.slope_of(g, base)?, &number(exponent))?;
            return product(&inner, &self.power(g, base, -1)?);
        }
        let own = match g.view(id) {
            View::Symbol(_) => number(RBig::ONE),
            View::Pow(base, exponent) => {
                let log = g.call_named("log", &[base])?;
                let exponent = g.mul(&[exponent, log]);
                return self.slope_of(g, exponent);
            }
            View::Call(f, arguments) => {
                let arguments = arguments.to_vec();
                let mut all = Sum::new();
                for (k, argument) in arguments.iter().enumerate() {
                    if self.rules.depends(g, *argument) {
                        let partial = self.rules.partial(g, f, k, &arguments)?;
                        let outer = self.read(g, partial)?;
                        let term = product(&outer, &self.slope_of(g, *argument)?)?;
                        term.into_iter().for_each(|(powers, value)| add_to(&mut all, powers, value));
                    }
                }
                all
            }
            _ => self.slope_of(g, id)?,
        };
        product(&own, &self.generator(id, -1)?)
    }

    /// Remembers how the square of a new generator is a sum with that of its partner.
    fn close_circle(&mut self, g: &mut Graph, k: usize) {
        let View::Call(f, arguments) = g.view(self.generators[k]) else { return };
        let arguments = arguments.to_vec();
        let (partner, sign, is_square) = match f.record().name {
            "sin" => ("cos", -1, true),
            "cos" => ("sin", -1, false),
            "cosh" => ("sinh", 1, true),
            "sinh" => ("cosh", 1, false),
            _ => return,
        };
        let other = g.call_named(partner, &arguments).and_then(|id| self.index.get(&id)).copied();
        let Some(other) = other else { return };
        let (square, other) = if is_square { (k, other) } else { (other, k) };
        if !self.circles.iter().any(|circle| circle.square == square) {
            self.circles.push(Circle { square, other, sign });
        }
    }

    /// Without squares of sin and cosh where cos and sinh occur too.
    fn reduced(&self, mut sum: Sum) -> Sum {
        for Circle { square, other, sign } in &self.circles {
            let is_high = |powers: &Powers| powers.get(*square).is_some_and(|power| *power >= 2);
            while sum.keys().any(is_high) {
                let (high, mut rest): (Sum, Sum) = sum.into_iter().partition(|(powers, _)| is_high(powers));
                let mut squared = vec![0; square.max(other) + 1];
                squared[*square] = -2;
                let lowered = squared.clone();
                squared[*other] = 2;
                for (powers, value) in high {
                    pulse();
                    add_to(&mut rest, multiplied(&powers, &squared), &value * RBig::from(*sign));
                    add_to(&mut rest, multiplied(&powers, &lowered), value);
                }
                sum = rest;
            }
        }
        sum
    }

    /// The sum as an expression: what all its terms share stands before it or below it.
    fn write(&self, g: &mut Graph, sum: &Sum) -> Id {
        let terms: Vec<(BTreeMap<Id, RBig>, &RBig)> =
            sum.iter().rev().map(|(powers, value)| (self.by_base(g, powers), value)).collect();
        let mut shared: BTreeMap<Id, RBig> = BTreeMap::new();
        for base in terms.iter().flat_map(|(powers, _)| powers.keys()) {
            let least = || terms.iter().map(|(powers, _)| powers.get(base).cloned().unwrap_or(RBig::ZERO)).min();
            if !shared.contains_key(base) {
                shared.insert(*base, least().unwrap_or(RBig::ZERO));
            }
        }
        let content = content(sum.values());
        let mut all = Vec::with_capacity(terms.len());
        for (mut powers, value) in terms {
            for (base, power) in &shared {
                *powers.entry(*base).or_insert(RBig::ZERO) -= power;
            }
            all.push(self.write_product(g, &powers, &(value / &content)));
        }
        let inner = light::sum(g, &all);
        let outer = self.write_product(g, &shared, &content);
        if all.len() == 1 {
            return light::product(g, &[outer, inner]);
        }
        match g.view(outer) {
            View::Div(above, below) => {
                let above = light::product(g, &[above, inner]);
                g.div(above, below)
            }
            _ => light::product(g, &[outer, inner]),
        }
    }

    /// The exponents of a product by what they are exponents of: a root is a power of what stands below it.
    fn by_base(&self, g: &Graph, powers: &Powers) -> BTreeMap<Id, RBig> {
        let mut out = BTreeMap::new();
        for (id, power) in self.generators.iter().zip(powers).filter(|(_, power)| **power != 0) {
            let (base, exponent) = as_power(g, *id).unwrap_or((*id, RBig::ONE));
            *out.entry(base).or_insert(RBig::ZERO) += exponent * RBig::from(*power);
        }
        out
    }

    /// A product of powers; those with a negative exponent stand below.
    fn write_product(&self, g: &mut Graph, powers: &BTreeMap<Id, RBig>, value: &RBig) -> Id {
        let number = |g: &mut Graph, n: RBig| {
            let n = if self.is_decimal { Number::decimal(n) } else { Number::rational(n) };
            g.number(n)
        };
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for (base, power) in powers.iter().filter(|(_, power)| !power.is_zero()) {
            let is_below = *power < RBig::ZERO;
            let exponent = g.number(Number::rational(if is_below { -power } else { power.clone() }));
            let factor = light::power(g, *base, exponent);
            if is_below { &mut below } else { &mut above }.push(factor);
        }
        let coefficient = number(g, value.clone());
        above.insert(0, coefficient);
        let above = light::product(g, &above);
        if below.is_empty() {
            return above;
        }
        let below = light::product(g, &below);
        g.div(above, below)
    }
}

/// The largest number of which all are whole multiples.
fn content<'v>(values: impl Iterator<Item = &'v RBig>) -> RBig {
    let mut all: Option<(UBig, UBig)> = None;
    for value in values {
        let (above, below) = (value.numerator().clone().unsigned_abs(), value.denominator().clone());
        all = Some(match all {
            None => (above, below),
            Some((a, b)) => (a.gcd(&above), &b / b.clone().gcd(&below) * below),
        });
    }
    all.map_or(RBig::ONE, |(above, below)| RBig::from_parts(above.into(), below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::Formulas;
    use crate::domain::Known;
    use crate::resolve::formula;
    use crate::verify::check::{Allowed, Checker, Outcome};

    fn high(g: &mut Graph, text: &str, order: usize) -> (Id, Option<Id>) {
        let expression = formula(g, text).unwrap();
        let (x, mut formulas) = (g.intern("x"), Formulas::default());
        let open = g.derivative(expression, x, order as u32);
        (open, derivative(g, &mut Rules::new(x, &mut formulas), expression, order))
    }

    #[test]
    fn the_ring_gives_the_derivatives_that_series_have() {
        for text in [
            "sin(x)*cos(x)*exp(x)*log(x)",
            "exp(sin(x^2))",
            "tan(x)/x",
            "sigmoid(a*x + b)",
            "1/(1 + x^2)^2",
            "x^x",
            "2^x*x^3",
            "sqrt(1 - x^2)*x",
            "(x^2)^0.5",
            "x^(5/2)",
            "cbrt(x)",
            "cosh(x)^3*sinh(x)",
            "softplus(x)*tanh(x)",
            "atan(x) + asin(x/9)",
            "erf(x)/(2*x + y)",
            "gamma(x)",
            "exp(-x^2/2)*x^-3",
            "(x + 1)^7*(x - y)",
        ] {
            for order in [1, 2, 5] {
                let mut g = Graph::new();
                let (open, value) = high(&mut g, text, order);
                let value = value.unwrap_or_else(|| panic!("{text} is left to the rules"));
                let known = Known::default();
                let outcome = Checker::new(&known).step(&g, open, value, Allowed::Enlarge);
                assert!(matches!(outcome, Outcome::Agreed { .. }), "{text}, order {order}: {outcome:?}");
            }
        }
    }

    #[test]
    fn what_has_corners_or_grows_is_left_to_the_rules() {
        let product = (0..40).map(|k| format!("(x + sin({k}*x))")).collect::<Vec<_>>().join("*");
        for text in ["abs(x)*x", "if x > 0 then x^5 else 0", "max(x, y)^3", "relu(x)^6", "x^n", "sum(k in 1..n: x^k)", &product] {
            assert_eq!(high(&mut Graph::new(), text, 4).1, None, "{text}");
        }
    }

    #[test]
    fn shared_parts_are_read_once() {
        let joins: [fn(&mut Graph, Id) -> Id; 3] = [|g, t| g.mul(&[t, t]), |g, t| g.add(&[t, t]), |g, t| g.div(t, t)];
        for join in joins {
            let mut g = Graph::new();
            let (x, mut formulas) = (g.intern("x"), Formulas::default());
            let start = g.symbol(x);
            let expression = (0..64).fold(start, |t, _| join(&mut g, t));
            let value = derivative(&mut g, &mut Rules::new(x, &mut formulas), expression, 4);
            assert!(value.is_none_or(|value| walk::tree_size(&g, value) < 100));
        }
    }

    /// The terms of the n-th derivative of exp(sin(x^2)) grow as a power of n.
    #[test]
    fn terms_are_collected_on_the_way() {
        let mut g = Graph::new();
        let (_, value) = high(&mut g, "exp(sin(x^2))", 24);
        assert!(walk::tree_size(&g, value.unwrap()) < 10_000);
    }
}
