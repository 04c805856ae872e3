//! Solves a condition for its atoms: `2*x > 0` to `x > 0`, `log(x) > 0` to `x > 1`, `x^2 != 1` to `x != -1, x != 1`.
//! A solution is equivalent wherever the condition is defined and what the prover knows holds; it never says more or less.

use super::facts::{conjuncts, flipped, rational, whole};
use super::interval::Signs;
use super::poly::{self, Poly};
use super::prover::{Line, Prover, difference, on_line, opposite};
use super::range::inverse_value;
use super::univariate::{self, Root, Univariate};
use crate::expr::{Constant, Graph, Id, Number, Relation, View};
use std::cmp::Ordering;

/// How many solutions lead to a further one.
const ROUNDS: u32 = 12;
/// How many arguments a maximum or a minimum may have that is to be one number.
const EXTREMES: usize = 4;
/// How many factors a product may have to be looked at.
const FACTORS: usize = 32;

/// The conditions that together are equivalent to `condition` where it is defined: none when it always holds.
pub fn solve(g: &mut Graph, prover: &mut Prover, condition: Id) -> Vec<Id> {
    Solver { g, prover }.solve(condition, ROUNDS)
}

struct Solver<'a> {
    g: &'a mut Graph,
    prover: &'a mut Prover,
}

/// A factor of a product that is compared with 0.
struct Factor {
    poly: Poly,
    /// Whether its net exponent is odd.
    odd: bool,
    /// Whether it stands below a fraction bar: then it is not 0.
    pole: bool,
    signs: Signs,
}

impl Solver<'_> {
    fn solve(&mut self, condition: Id, rounds: u32) -> Vec<Id> {
        if rounds == 0 || self.prover.tired() {
            return vec![condition];
        }
        let is_compound = matches!(self.g.view(condition), View::And(_) | View::Or(_));
        if is_compound && self.prover.quick(self.g, condition) == Some(false) {
            return vec![self.g.truth(false)];
        }
        match self.g.view(condition) {
            View::Truth(true) => Vec::new(),
            View::And(parts) => {
                let parts = parts.to_vec();
                let solved: Vec<Id> = parts.into_iter().flat_map(|p| self.solve(p, rounds - 1)).collect();
                self.all(solved)
            }
            View::Or(parts) => {
                let parts = parts.to_vec();
                self.either(&parts, rounds)
            }
            View::Not(inner) => self.negation(condition, inner, rounds),
            View::Compare(r, a, b) => {
                let solved = self.comparison(condition, r, a, b, rounds);
                self.all(solved)
            }
            _ => match self.prover.quick(self.g, condition) {
                Some(true) => Vec::new(),
                Some(false) => vec![self.g.truth(false)],
                None => vec![self.plain_integer(condition)],
            },
        }
    }

    /// `integer(p - 1)` and `integer(-p)` say what `integer(p)` says.
    fn plain_integer(&mut self, condition: Id) -> Id {
        let View::IsInteger(a) = self.g.view(condition) else { return condition };
        let Some(poly) = Poly::of(self.g, a, poly::NODES) else { return condition };
        let constant = poly.constant_term();
        let whole = if constant.is_integer() { constant } else { Number::integer(0) };
        let turned = poly.terms().all(|(monomial, c)| monomial.is_empty() || c.is_negative());
        if whole.is_zero() && !turned {
            return condition;
        }
        let Some(moving) = poly.minus(&Poly::constant(whole)) else { return condition };
        let moving = if turned { moving.scaled(&Number::integer(-1)) } else { moving };
        let moving = moving.to_expression(self.g);
        self.g.is_integer(moving)
    }

    /// The conjunction as a list: false alone where one part is.
    fn all(&mut self, parts: Vec<Id>) -> Vec<Id> {
        let never = self.g.truth(false);
        if parts.contains(&never) { vec![never] } else { conjuncts(self.g, &parts) }
    }

    fn negation(&mut self, condition: Id, inner: Id, rounds: u32) -> Vec<Id> {
        let opposite = match self.g.view(inner) {
            View::And(_) | View::Or(_) | View::Compare(..) | View::Truth(_) => opposite(self.g, inner, 1),
            _ => {
                return match self.prover.quick(self.g, inner) {
                    Some(true) => vec![self.g.truth(false)],
                    Some(false) => Vec::new(),
                    None => vec![condition],
                };
            }
        };
        self.solve(opposite, rounds - 1)
    }

    /// Each alternative is solved for the places where those before it fail.
    fn either(&mut self, parts: &[Id], rounds: u32) -> Vec<Id> {
        let never = self.g.truth(false);
        let mut ways: Vec<Id> = Vec::new();
        let mut failed: Vec<Id> = Vec::new();
        for part in parts {
            let mut under = self.prover.with(&failed);
            let solved = Solver { g: self.g, prover: &mut under }.solve(*part, rounds - 1);
            if solved.is_empty() {
                return Vec::new();
            }
            if solved != [never] {
                let all = self.g.and(&solved);
                match self.g.view(all) {
                    View::Or(inner) => ways.extend_from_slice(inner),
                    _ => ways.push(all),
                }
            }
            let opposite = self.g.not(*part);
            failed.push(opposite);
        }
        self.joined(ways)
    }

    /// Alternatives on the same line become one where their union is simple.
    fn joined(&mut self, mut ways: Vec<Id>) -> Vec<Id> {
        let mut k = 0;
        while k < ways.len() {
            let merged = (k + 1..ways.len()).find_map(|j| Some((j, self.union(ways[k], ways[j])?)));
            match merged {
                Some((_, union)) if union.is_empty() => return Vec::new(),
                Some((j, union)) => {
                    ways.remove(j);
                    ways[k] = self.g.and(&union);
                }
                None => k += 1,
            }
        }
        let whole = self.g.or(&ways);
        vec![whole]
    }

    fn union(&mut self, a: Id, b: Id) -> Option<Vec<Id>> {
        if a == b {
            return Some(vec![a]);
        }
        let (View::Compare(r, a, x), View::Compare(s, b, y)) = (self.g.view(a), self.g.view(b)) else { return None };
        if a != b {
            return None;
        }
        if x == y {
            return self.either_relation(r, s, a, x);
        }
        let (x, y) = (rational(self.g, x)?, rational(self.g, y)?);
        let union = union(&Line::of(r, &x), &Line::of(s, &y))?;
        Some(line_conditions(self.g, a, &union))
    }

    /// `a r b or a s b` as one comparison, or as nothing where it always holds.
    fn either_relation(&mut self, r: Relation, s: Relation, a: Id, b: Id) -> Option<Vec<Id>> {
        use Relation::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        let orders = [Ordering::Less, Ordering::Equal, Ordering::Greater];
        let wanted = orders.map(|o| r.holds(o) || s.holds(o));
        if wanted == [true; 3] {
            return Some(Vec::new());
        }
        let all = [Less, LessEqual, Equal, NotEqual, GreaterEqual, Greater];
        let one = all.into_iter().find(|t| orders.map(|o| t.holds(o)) == wanted)?;
        Some(vec![self.g.compare(one, a, b)])
    }

    fn comparison(&mut self, condition: Id, r: Relation, a: Id, b: Id, rounds: u32) -> Vec<Id> {
        match self.prover.quick(self.g, condition) {
            Some(true) => return Vec::new(),
            Some(false) => return vec![self.g.truth(false)],
            None => {}
        }
        self.by_factors(condition, r, a, b, rounds).unwrap_or_else(|| vec![condition])
    }

    // ---- products

    fn by_factors(&mut self, condition: Id, r: Relation, a: Id, b: Id, rounds: u32) -> Option<Vec<Id>> {
        let (negative, factors) = if self.g.is_zero(b) {
            self.factors(Part::Node(a))?
        } else if self.g.is_zero(a) {
            return self.by_factors(condition, r.mirrored(), b, a, rounds);
        } else {
            let p = difference(self.g, a, b)?;
            self.factors(Part::Poly(p))?
        };
        match r {
            Relation::NotEqual => self.all_nonzero(condition, factors, rounds),
            Relation::Equal => self.some_zero(condition, factors, rounds),
            _ => self.product_sign(condition, flipped(r, negative), factors, rounds),
        }
    }

    /// The factors of a product with their signs, and whether its numeric factor is negative.
    fn factors(&mut self, start: Part) -> Option<(bool, Vec<Factor>)> {
        let mut negative = false;
        let mut found: Vec<(Poly, i64, bool)> = Vec::new();
        let mut open = vec![(start, 1i64)];
        while let Some((part, exponent)) = open.pop() {
            if found.len() + open.len() > FACTORS {
                return None;
            }
            let odd = exponent % 2 != 0;
            match part {
                Part::Node(id) => match self.g.view(id) {
                    View::Mul(parts) => open.extend(parts.iter().rev().map(|p| (Part::Node(*p), exponent))),
                    View::Div(x, y) => open.extend([(Part::Node(y), exponent.checked_neg()?), (Part::Node(x), exponent)]),
                    View::Neg(x) => {
                        negative ^= odd;
                        open.push((Part::Node(x), exponent));
                    }
                    View::Pow(x, y) if whole(self.g, y).is_some_and(|n| n != 0) => {
                        let n = whole(self.g, y)?;
                        open.push((Part::Node(x), exponent.checked_mul(n)?));
                    }
                    _ => open.push((Part::Poly(Poly::of(self.g, id, poly::NODES)?), exponent)),
                },
                Part::Poly(p) => {
                    if let Some(n) = p.as_constant() {
                        if n.is_zero() {
                            return None;
                        }
                        negative ^= odd && n.is_negative();
                        continue;
                    }
                    let (content, rest) = p.without_content();
                    for (atom, k) in content {
                        let exponent = exponent.checked_mul(i64::from(k))?;
                        if matches!(self.g.view(atom), View::Div(..)) || self.is_integer_power(atom) {
                            open.push((Part::Node(atom), exponent));
                        } else {
                            add_factor(&mut found, Poly::atom(atom), exponent);
                        }
                    }
                    let (scale, monic) = monic(&rest)?;
                    negative ^= odd && scale.is_negative();
                    if monic.as_constant().is_none() {
                        add_factor(&mut found, monic, exponent);
                    }
                }
            }
        }
        let mut out = Vec::new();
        for (poly, exponent, pole) in found {
            let signs = self.prover.poly_signs(self.g, &poly);
            let signs = if pole { signs.and(Signs::NONZERO) } else { signs };
            if exponent == 0 || (signs.within(Signs::POSITIVE) && !signs.is_empty()) {
                continue; // never 0 where the whole is defined
            }
            if signs.within(Signs::NEGATIVE) && !signs.is_empty() {
                negative ^= exponent % 2 != 0;
                continue;
            }
            out.push(Factor { poly, odd: exponent % 2 != 0, pole: exponent < 0, signs });
        }
        Some((negative, out))
    }

    fn is_integer_power(&self, id: Id) -> bool {
        matches!(self.g.view(id), View::Pow(_, n) if whole(self.g, n).is_some_and(|n| n != 0))
    }

    fn all_nonzero(&mut self, condition: Id, factors: Vec<Factor>, rounds: u32) -> Option<Vec<Id>> {
        let mut out = Vec::new();
        let alone = factors.len() == 1;
        for f in factors.into_iter().filter(|f| !f.pole) {
            out.extend(self.nonzero(condition, &f.poly, alone, rounds));
        }
        Some(out)
    }

    /// `p != 0`: its rational roots are left out one by one.
    fn nonzero(&mut self, condition: Id, p: &Poly, alone: bool, rounds: u32) -> Vec<Id> {
        let Some((atom, u)) = p.univariate() else { return vec![self.present(condition, Relation::NotEqual, p, alone)] };
        let line = self.prover.line(self.g, atom);
        let mut out = Vec::new();
        let mut typed = false;
        for (factor, _) in u.square_free() {
            let mut rest = factor.clone();
            for root in factor.roots() {
                let Root::Rational(x) = root else { continue };
                rest = rest.without_root(&x);
                if line.contains(&x) {
                    out.extend(self.invert(atom, Relation::NotEqual, &x, rounds));
                }
            }
            if Signs::ZERO.within(rest.signs_on(&line.span)) && rest.degree() > 0 {
                let whole = rest.degree() == u.degree();
                typed |= whole;
                let p = rest.in_atom(atom);
                let presented = self.present(condition, Relation::NotEqual, &p, alone && whole);
                out.push(presented);
            }
        }
        if typed { vec![self.present(condition, Relation::NotEqual, p, alone)] } else { out }
    }

    /// `product == 0`: solved where one factor is left.
    fn some_zero(&mut self, condition: Id, factors: Vec<Factor>, rounds: u32) -> Option<Vec<Id>> {
        let mut rest = factors.into_iter().filter(|f| !f.pole);
        let (Some(only), None) = (rest.next(), rest.next()) else { return None };
        if only.poly.univariate().is_some()
            && let Some(solved) = self.chart(Relation::Equal, std::slice::from_ref(&only), rounds)
        {
            return Some(solved);
        }
        Some(vec![self.present(condition, Relation::Equal, &only.poly, true)])
    }

    /// `product r 0` for an order relation.
    fn product_sign(&mut self, condition: Id, r: Relation, factors: Vec<Factor>, rounds: u32) -> Option<Vec<Id>> {
        if factors.is_empty() {
            let holds = r.holds(std::cmp::Ordering::Greater);
            return Some(if holds { Vec::new() } else { vec![self.g.truth(false)] });
        }
        let all_odd_single = factors.len() == 1 && factors[0].odd;
        if let Some(solved) = self.chart(r, &factors, rounds) {
            return Some(solved);
        }
        if all_odd_single {
            // below a fraction bar there is no 0
            return Some(vec![self.present(condition, r, &factors[0].poly, true)]);
        }
        match r {
            Relation::Greater | Relation::Less => self.strict_sign(condition, r, factors, rounds),
            _ => self.weak_sign(condition, r, factors, rounds),
        }
    }

    /// Strictly above or below 0: no factor is 0, and those that never change sign say no more.
    fn strict_sign(&mut self, condition: Id, mut r: Relation, factors: Vec<Factor>, rounds: u32) -> Option<Vec<Id>> {
        let (mut out, mut changing) = (Vec::new(), Vec::new());
        let before = factors.len();
        for f in factors {
            let one_sided = !Signs::NEGATIVE.within(f.signs) || !Signs::POSITIVE.within(f.signs);
            if f.odd && !one_sided {
                changing.push(f);
                continue;
            }
            if f.odd && !Signs::POSITIVE.within(f.signs) {
                r = r.mirrored();
            }
            if !f.pole {
                out.extend(self.nonzero(condition, &f.poly, false, rounds));
            }
        }
        match &changing[..] {
            [] if r == Relation::Less => out = vec![self.g.truth(false)],
            [] => {}
            [only] => {
                let only = Factor { poly: only.poly.clone(), odd: true, pole: only.pole, signs: only.signs };
                let again = self.product_sign(condition, r, vec![only], rounds - 1)?;
                out.extend(again);
            }
            _ if changing.len() == before => return None,
            several => {
                let parts: Vec<Id> = several.iter().rev().map(|f| f.poly.to_expression(self.g)).collect();
                let product = self.g.mul(&parts);
                out.push(self.g.compare_zero(r, product));
            }
        }
        Some(out)
    }

    /// At least or at most 0, where factors may be 0: decided only in the simple cases.
    fn weak_sign(&mut self, condition: Id, r: Relation, factors: Vec<Factor>, rounds: u32) -> Option<Vec<Id>> {
        if factors.iter().any(|f| f.pole && f.odd) {
            return None;
        }
        let above: Vec<&Factor> = factors.iter().filter(|f| f.odd && Signs::NEGATIVE.within(f.signs)).collect();
        if above.is_empty() {
            // a product that is never negative
            if r == Relation::GreaterEqual {
                return Some(Vec::new());
            }
            return self.some_zero(condition, factors, rounds);
        }
        None
    }

    // ---- one unknown

    /// All factors in one atom, with rational roots: the line is cut at them and the sign looked up on each piece.
    fn chart(&mut self, r: Relation, factors: &[Factor], rounds: u32) -> Option<Vec<Id>> {
        let mut atom = None;
        let mut product = Univariate::new(vec![Number::integer(1)]);
        let mut cuts: Vec<(Number, bool)> = Vec::new();
        let first = factors.first()?.poly.univariate()?.0;
        let line = self.prover.line(self.g, first);
        for f in factors {
            let (own, u) = f.poly.univariate()?;
            if atom.is_some_and(|a| a != own) || product.degree() + u.degree() > 16 {
                return None;
            }
            atom = Some(own);
            for (factor, _) in u.square_free() {
                for root in factor.roots() {
                    match root {
                        Root::Rational(x) => cuts.push((x, f.pole)),
                        Root::Irrational(low, high) => {
                            if factor.crosses(low, high, &line.span) {
                                return None;
                            }
                        }
                    }
                }
            }
            product = product.times(&u);
            if !f.odd {
                product = product.times(&u);
            }
        }
        let signed = product;
        cuts.retain(|(x, _)| univariate::inside(x, &line.span));
        cuts.sort();
        cuts.dedup_by(|a, b| {
            let same = a.0 == b.0;
            b.1 |= same && a.1;
            same
        });
        let marks: Vec<Mark> = cuts
            .iter()
            .map(|(x, pole)| match (*pole || line.holes.contains(x), r.holds(std::cmp::Ordering::Equal)) {
                (true, _) => Mark::Outside,
                (false, true) => Mark::In,
                (false, false) => Mark::Out,
            })
            .collect();
        let points: Vec<Number> = cuts.into_iter().map(|(x, _)| x).collect();
        let segments = segments(&points, &line);
        let holds: Vec<bool> =
            segments.iter().map(|p| p.as_ref().is_some_and(|x| Signs::of(&signed.at(x)).within(Signs::where_holds(r)))).collect();
        let empty: Vec<bool> = segments.iter().map(Option::is_none).collect();
        self.read_chart(atom?, &points, &marks, &holds, &empty, rounds)
    }

    /// Turns the pieces of the line that hold into conditions on the atom.
    fn read_chart(
        &mut self,
        atom: Id,
        points: &[Number],
        marks: &[Mark],
        holds: &[bool],
        empty: &[bool],
        rounds: u32,
    ) -> Option<Vec<Id>> {
        let solid: Vec<usize> = (0..holds.len()).filter(|k| !empty[*k]).collect();
        let all = solid.iter().all(|k| holds[*k]);
        if solid.iter().all(|k| !holds[*k]) {
            // single points at most
            let single: Vec<&Number> = points.iter().zip(marks).filter(|(_, m)| **m == Mark::In).map(|(x, _)| x).collect();
            let ways: Vec<Id> = single.into_iter().map(|x| self.inverted(atom, Relation::Equal, x, rounds)).collect();
            return Some(vec![self.g.or(&ways)]);
        }
        let missing: Vec<usize> = (0..points.len()).filter(|k| marks[*k] == Mark::Out).collect();
        if all {
            return Some(missing.into_iter().flat_map(|k| self.invert(atom, Relation::NotEqual, &points[k], rounds)).collect());
        }
        let first = *solid.iter().find(|k| holds[**k])?;
        let last = *solid.iter().rev().find(|k| holds[**k])?;
        if solid.iter().filter(|k| (first..=last).contains(*k)).all(|k| holds[*k]) {
            // points just outside of the run that hold on their own would be lost
            let lone = (0..points.len()).any(|k| marks[k] == Mark::In && (k + 1 < first || k > last));
            if lone {
                return None;
            }
            let mut out = Vec::new();
            if solid.iter().any(|k| *k < first) || (first > 0 && marks[first - 1] == Mark::Out) {
                let r = if marks[first - 1] == Mark::In { Relation::GreaterEqual } else { Relation::Greater };
                out.extend(self.invert(atom, r, &points[first - 1], rounds));
            }
            if solid.iter().any(|k| *k > last) || (last < points.len() && marks[last] == Mark::Out) {
                let r = if marks[last] == Mark::In { Relation::LessEqual } else { Relation::Less };
                out.extend(self.invert(atom, r, &points[last], rounds));
            }
            for k in missing.into_iter().filter(|k| *k >= first && *k < last) {
                out.extend(self.invert(atom, Relation::NotEqual, &points[k], rounds));
            }
            return Some(out);
        }
        self.two_rays(atom, points, marks, holds, empty, rounds)
    }

    /// Everything but a piece in the middle.
    fn two_rays(
        &mut self,
        atom: Id,
        points: &[Number],
        marks: &[Mark],
        holds: &[bool],
        empty: &[bool],
        rounds: u32,
    ) -> Option<Vec<Id>> {
        if empty.iter().any(|e| *e) {
            return None;
        }
        let start = holds.iter().position(|h| !h)?;
        let end = holds.iter().rposition(|h| !h)?;
        let gap = start > 0 && end + 1 < holds.len() && (start..=end).all(|k| !holds[k]);
        let lone = (start..end).any(|k| marks[k] == Mark::In);
        let outer_missing = (0..points.len()).any(|k| (k + 1 < start || k > end) && marks[k] == Mark::Out);
        if !gap || lone || outer_missing {
            return None;
        }
        let below = if marks[start - 1] == Mark::In { Relation::LessEqual } else { Relation::Less };
        let above = if marks[end] == Mark::In { Relation::GreaterEqual } else { Relation::Greater };
        let left = self.inverted(atom, below, &points[start - 1], rounds);
        let right = self.inverted(atom, above, &points[end], rounds);
        Some(vec![self.g.or(&[left, right])])
    }

    // ---- atoms

    fn inverted(&mut self, atom: Id, r: Relation, c: &Number, rounds: u32) -> Id {
        let parts = self.invert(atom, r, c, rounds);
        self.g.and(&parts)
    }

    /// `atom r c`, taken through the function that the atom is.
    fn invert(&mut self, atom: Id, r: Relation, c: &Number, rounds: u32) -> Vec<Id> {
        let number = self.g.number(c.clone());
        let plain = self.g.compare(r, atom, number);
        if rounds <= 1 {
            return vec![plain];
        }
        match self.inverse(atom, r, c) {
            Some(next) if next != plain => self.solve(next, rounds - 1),
            _ => vec![plain],
        }
    }

    /// A condition on the arguments of the atom that is equivalent where the atom is defined.
    fn inverse(&mut self, atom: Id, r: Relation, c: &Number) -> Option<Id> {
        match self.g.view(atom) {
            View::Call(f, arguments) => {
                let arguments = arguments.to_vec();
                match (f.name(), &arguments[..]) {
                    ("abs", [u]) => self.inverse_abs(*u, r, c),
                    ("max", _) => {
                        let all = matches!(r, Relation::Less | Relation::LessEqual);
                        self.inverse_extreme(&arguments, r, c, all, Relation::LessEqual)
                    }
                    ("min", _) => {
                        let all = matches!(r, Relation::Greater | Relation::GreaterEqual);
                        self.inverse_extreme(&arguments, r, c, all, Relation::GreaterEqual)
                    }
                    ("relu", [u]) => self.inverse_relu(*u, r, c),
                    ("sign", [u]) if c.is_zero() => Some(self.g.compare_zero(r, *u)),
                    (name, [u]) => {
                        let (bound, falls) = self.inverse_bound(name, f, c)?;
                        Some(self.g.compare(flipped(r, falls), *u, bound))
                    }
                    _ => None,
                }
            }
            View::Div(a, b) => self.inverse_quotient(a, b, r, c),
            View::Pow(a, b) => self.inverse_power(a, b, r, c),
            _ => None,
        }
    }

    /// The argument at which a monotone function takes the value `c`, and whether it falls.
    fn inverse_bound(&mut self, name: &str, f: crate::math::FunctionId, c: &Number) -> Option<(Id, bool)> {
        if let Some((x, falls)) = inverse_value(f, c) {
            return Some((self.g.number(x), falls));
        }
        let bound = match name {
            "exp" if c.is_positive() => {
                let number = self.g.number(c.clone());
                self.g.call_named("log", &[number])?
            }
            "log" if c.is_one() => self.g.constant(Constant::E),
            "log" => {
                let number = self.g.number(c.clone());
                self.g.call_named("exp", &[number])?
            }
            "sqrt" if !c.is_negative() => self.g.number(c * c),
            "cbrt" => self.g.number(&(c * c) * c),
            "log2" | "log10" => {
                let base = Number::integer(if name == "log2" { 2 } else { 10 });
                let power = base.checked_pow(c.to_i64().filter(|n| n.abs() < 64)?)?;
                self.g.number(power)
            }
            _ => return None,
        };
        Some((bound, false))
    }

    fn inverse_abs(&mut self, u: Id, r: Relation, c: &Number) -> Option<Id> {
        if c.is_negative() {
            return None;
        }
        let (low, high) = (self.g.number(-c), self.g.number(c.clone()));
        let right = self.g.compare(r, u, high);
        if c.is_zero() {
            let relation = match r {
                Relation::Greater | Relation::NotEqual => Relation::NotEqual,
                Relation::LessEqual | Relation::Equal => Relation::Equal,
                _ => return None,
            };
            return Some(self.g.compare_zero(relation, u));
        }
        let left = self.g.compare(r.mirrored(), u, low);
        Some(match r {
            Relation::Greater | Relation::GreaterEqual | Relation::Equal => self.g.or(&[left, right]),
            _ => self.g.and(&[left, right]),
        })
    }

    fn inverse_extreme(&mut self, arguments: &[Id], r: Relation, c: &Number, all: bool, beaten: Relation) -> Option<Id> {
        let bound = self.g.number(c.clone());
        match r {
            Relation::NotEqual => return None, // not decided by the arguments one by one
            Relation::Equal => return self.inverse_extreme_at(arguments, bound, beaten),
            _ => {}
        }
        let parts: Vec<Id> = arguments.iter().map(|a| self.g.compare(r, *a, bound)).collect();
        Some(if all { self.g.and(&parts) } else { self.g.or(&parts) })
    }

    /// One argument is there, and none is beyond it.
    fn inverse_extreme_at(&mut self, arguments: &[Id], bound: Id, beaten: Relation) -> Option<Id> {
        if arguments.len() > EXTREMES {
            return None;
        }
        let mut ways = Vec::with_capacity(arguments.len());
        for (k, there) in arguments.iter().enumerate() {
            let mut parts = vec![self.g.compare(Relation::Equal, *there, bound)];
            let others = arguments.iter().enumerate().filter(|(other, _)| *other != k);
            parts.extend(others.map(|(_, a)| self.g.compare(beaten, *a, bound)));
            ways.push(self.g.and(&parts));
        }
        Some(self.g.or(&ways))
    }

    fn inverse_relu(&mut self, u: Id, r: Relation, c: &Number) -> Option<Id> {
        let zero = c.is_zero();
        let relation = match r {
            Relation::NotEqual | Relation::Greater if zero => Relation::Greater,
            Relation::Equal | Relation::LessEqual if zero => Relation::LessEqual,
            _ if zero || c.is_negative() => return None,
            same => same,
        };
        let bound = self.g.number(c.clone());
        Some(self.g.compare(relation, u, bound))
    }

    /// `a/b r c` where the sign of `b` is known.
    fn inverse_quotient(&mut self, a: Id, b: Id, r: Relation, c: &Number) -> Option<Id> {
        let signs = self.prover.signs(self.g, b).and(Signs::NONZERO);
        let falls = signs.within(Signs::NEGATIVE);
        if signs.is_empty() || !(falls || signs.within(Signs::POSITIVE)) {
            return None;
        }
        let scale = self.g.number(c.clone());
        let right = self.g.mul(&[scale, b]);
        Some(self.g.compare(flipped(r, falls), a, right))
    }

    /// `a^b r c` for a fixed exponent that is no integer: the base is not negative.
    fn inverse_power(&mut self, a: Id, b: Id, r: Relation, c: &Number) -> Option<Id> {
        let exponent = rational(self.g, b)?;
        if exponent.is_integer() || c.is_negative() {
            return None;
        }
        if c.is_zero() {
            return exponent.is_positive().then(|| self.g.compare_zero(r, a));
        }
        let (top, bottom) = (exponent.abs().value().numerator().clone(), exponent.value().denominator().clone());
        let (top, bottom) = (u32::try_from(&top).ok()?, u32::try_from(&bottom).ok()?);
        if top > 64 || bottom > 64 {
            return None;
        }
        let mut bound = c.checked_pow(i64::from(bottom))?.exact_root(top)?;
        if exponent.is_negative() {
            bound = bound.recip()?;
        }
        let bound = self.g.number(bound);
        Some(self.g.compare(flipped(r, exponent.is_negative()), a, bound))
    }

    // ---- how it is written

    /// `p r 0` for a reader: as it was typed where that is the same condition, else with whole coefficients.
    fn present(&mut self, condition: Id, r: Relation, p: &Poly, alone: bool) -> Id {
        if let Some(two_sided) = self.two_terms(r, p) {
            return two_sided;
        }
        if alone && self.same_condition(condition, r, p) {
            return condition;
        }
        let expression = p.with_whole_coefficients().to_expression(self.g);
        self.g.compare_zero(r, expression)
    }

    fn same_condition(&self, condition: Id, r: Relation, p: &Poly) -> bool {
        let View::Compare(typed, a, b) = self.g.view(condition) else { return false };
        let own = difference(self.g, a, b).and_then(|d| on_line(&d, typed));
        own.is_some() && own == on_line(p, r)
    }

    /// `x - y r 0` is `x r y`.
    fn two_terms(&mut self, r: Relation, p: &Poly) -> Option<Id> {
        let p = p.with_whole_coefficients();
        let terms: Vec<(Poly, bool)> = p.single_terms();
        let [(a, a_negative), (b, b_negative)] = &terms[..] else { return None };
        if a_negative == b_negative || !p.constant_term().is_zero() {
            return None;
        }
        let (left, right) = (a.to_expression(self.g), b.to_expression(self.g));
        Some(self.g.compare(flipped(r, *a_negative), left, right))
    }
}

/// What is to be taken apart.
enum Part {
    Node(Id),
    Poly(Poly),
}

/// Whether a cut point belongs to the solution; outside where the condition is not defined there or the point is left out anyway.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    In,
    Out,
    Outside,
}

/// A probe in each segment that the cut points leave of the line; `None` where a segment is empty.
fn segments(points: &[Number], line: &Line) -> Vec<Option<Number>> {
    let (low, high) = (line.span.0.as_ref().map(|e| &e.0), line.span.1.as_ref().map(|e| &e.0));
    let ends: Vec<Option<&Number>> = std::iter::once(low).chain(points.iter().map(Some)).chain(std::iter::once(high)).collect();
    let one = Number::integer(1);
    let count = ends.len() - 1;
    ends.windows(2)
        .enumerate()
        .map(|(k, w)| match (w[0], w[1]) {
            (Some(a), Some(b)) if a < b => Some(&(a + b) * &Number::ratio(1, 2)),
            (Some(a), Some(_)) if count == 1 => Some(a.clone()),
            (Some(_), Some(_)) => None,
            (None, Some(b)) => Some(b - &one),
            (Some(a), None) => Some(a + &one),
            (None, None) => (k == 0).then(|| Number::integer(0)),
        })
        .collect()
}

fn add_factor(found: &mut Vec<(Poly, i64, bool)>, poly: Poly, exponent: i64) {
    match found.iter_mut().find(|(p, _, _)| *p == poly) {
        Some((_, sum, pole)) => {
            *sum = sum.saturating_add(exponent);
            *pole |= exponent < 0;
        }
        None => found.push((poly, exponent, exponent < 0)),
    }
}

/// A polynomial over its leading coefficient, with that coefficient.
fn monic(p: &Poly) -> Option<(Number, Poly)> {
    if let Some(c) = p.as_constant() {
        return Some((c, Poly::constant(Number::integer(1))));
    }
    let (_, scale, _) = p.keyed()?;
    Some((scale.clone(), p.scaled(&scale.recip()?)))
}

/// The union of two parts of the line, where it is one span, or one without a point.
fn union(a: &Line, b: &Line) -> Option<Line> {
    if a.and(b) == *a {
        return Some(b.clone());
    }
    if a.and(b) == *b {
        return Some(a.clone());
    }
    if !a.holes.is_empty() || !b.holes.is_empty() {
        return None;
    }
    // neither holds the other: one begins, the other ends the union
    let (first, second) = if begins_before(a, b) { (a, b) } else { (b, a) };
    let span = (first.span.0.clone(), second.span.1.clone());
    let (Some((end, end_open)), Some((start, start_open))) = (&first.span.1, &second.span.0) else { return None };
    match start.cmp(end) {
        std::cmp::Ordering::Less => Some(Line { span, holes: Vec::new() }),
        std::cmp::Ordering::Equal if *end_open && *start_open => Some(Line { span, holes: vec![end.clone()] }),
        std::cmp::Ordering::Equal => Some(Line { span, holes: Vec::new() }),
        std::cmp::Ordering::Greater => None,
    }
}

fn begins_before(a: &Line, b: &Line) -> bool {
    match (&a.span.0, &b.span.0) {
        (None, _) => true,
        (_, None) => false,
        (Some(x), Some(y)) => x <= y,
    }
}

/// A part of the line as conditions on an expression.
pub fn line_conditions(g: &mut Graph, expression: Id, line: &Line) -> Vec<Id> {
    let mut out = Vec::new();
    let bound = |g: &mut Graph, n: &Number| g.number(n.clone());
    match &line.span {
        (Some((low, _)), Some((high, _))) if low == high => {
            let n = bound(g, low);
            out.push(g.compare(Relation::Equal, expression, n));
        }
        (Some((low, a)), Some((high, b))) => {
            let (low, high) = (bound(g, low), bound(g, high));
            let left = g.compare(if *a { Relation::Less } else { Relation::LessEqual }, low, expression);
            let right = g.compare(if *b { Relation::Less } else { Relation::LessEqual }, expression, high);
            out.push(g.and(&[left, right]));
        }
        (Some((low, open)), None) => {
            let n = bound(g, low);
            out.push(g.compare(if *open { Relation::Greater } else { Relation::GreaterEqual }, expression, n));
        }
        (None, Some((high, open))) => {
            let n = bound(g, high);
            out.push(g.compare(if *open { Relation::Less } else { Relation::LessEqual }, expression, n));
        }
        (None, None) => {}
    }
    for hole in &line.holes {
        let n = bound(g, hole);
        out.push(g.compare(Relation::NotEqual, expression, n));
    }
    out
}
