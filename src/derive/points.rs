//! Single points that the formula of a derivative leaves out although there is a slope: `x*abs(x)` has the slope 0 at 0, where the
//! two sides of its kink are flattened by what stands around it. Each side is an expression without branches; where both are
//! smooth at the point and agree there in value and slope, so does the whole.

use super::branches::{branches, is_piecewise};
use super::rules::{Formulas, Rules, Taken};
use super::special::{judged_at, single_point};
use crate::domain::{self, Known, Verdict};
use crate::expr::{Graph, Id, Relation, Symbol, View, walk};
use crate::simplify::Simplifier;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Larger expressions are not looked at.
const LARGEST: usize = 300;

/// The conditions without those that leave out a single point at which the expression has the slope that `result` says.
pub fn without_regained(g: &mut Graph, expression: Id, variable: Symbol, result: Id, conditions: Vec<Id>) -> Vec<Id> {
    let leaves_out =
        |g: &Graph, c: Id| matches!(g.view(c), View::Compare(Relation::NotEqual, ..)) && walk::contains(g, c, variable);
    if !conditions.iter().any(|c| leaves_out(g, *c)) || walk::topological(g, &[expression, result]).len() > LARGEST {
        return conditions;
    }
    // what is assumed may hold on one side of a point only, so nothing is
    let nothing = Known::default();
    let simplifier = &mut Simplifier::new(&nothing);
    // what has a value everywhere may be looked at in any form
    let needs = domain::domain_of(g, expression);
    let total = domain::reduce(g, &nothing, &needs, &[]).is_empty();
    let forms = if total { vec![expression, simplifier.canonical(g, expression)] } else { vec![expression] };
    let mut left = Vec::with_capacity(conditions.len());
    for condition in conditions {
        let at = if leaves_out(g, condition) { single_point(g, simplifier, condition, variable) } else { None };
        let regained = at.is_some_and(|at| {
            let mut look = Look { simplifier, variable, at };
            forms.iter().any(|form| look.is_slope(g, *form, result))
        });
        if !regained {
            left.push(condition);
        }
    }
    left
}

/// A look at one point.
struct Look<'a> {
    simplifier: &'a mut Simplifier,
    variable: Symbol,
    at: Id,
}

/// An expression at a point: its value and its slope.
struct Line {
    value: Id,
    slope: Id,
}

impl Look<'_> {
    /// Whether `result` has a value at the point and it is the slope of `expression` there.
    fn is_slope(&mut self, g: &mut Graph, expression: Id, result: Id) -> bool {
        if !self.has_value(g, expression) || !self.has_value(g, result) {
            return false;
        }
        let (value, slope) = (self.value(g, expression), self.value(g, result));
        [Ordering::Less, Ordering::Greater].into_iter().all(|side| {
            self.side(g, expression, side)
                .and_then(|smooth| self.line(g, smooth))
                .is_some_and(|line| self.same(g, line.value, value) && self.same(g, line.slope, slope))
        })
    }

    fn has_value(&mut self, g: &mut Graph, e: Id) -> bool {
        domain::domain_of(g, e).into_iter().all(|c| self.holds(g, c))
    }

    fn holds(&mut self, g: &mut Graph, condition: Id) -> bool {
        let there = self.there(g, condition);
        judged_at(g, self.simplifier, there) == Verdict::Proved
    }

    fn there(&mut self, g: &mut Graph, e: Id) -> Id {
        let x = g.symbol(self.variable);
        walk::substitute(g, e, &HashMap::from([(x, self.at)]))
    }

    fn value(&mut self, g: &mut Graph, e: Id) -> Id {
        let there = self.there(g, e);
        self.simplifier.canonical(g, there)
    }

    fn same(&mut self, g: &mut Graph, a: Id, b: Id) -> bool {
        let apart = g.sub(a, b);
        let apart = self.simplifier.canonical(g, apart);
        g.is_zero(apart)
    }

    /// Value and slope of an expression without branches, where it is proved to be smooth at the point.
    fn line(&mut self, g: &mut Graph, e: Id) -> Option<Line> {
        let smooth: Vec<Id> = domain::smooth_conditions(g, e, self.variable).into_iter().map(|s| s.condition).collect();
        if !self.has_value(g, e) || !smooth.into_iter().all(|c| self.holds(g, c)) {
            return None;
        }
        let mut formulas = Formulas::default();
        let slope = Taken::default().whole(g, &mut Rules::new(self.variable, &mut formulas), e).ok()?;
        if !self.has_value(g, slope) {
            return None;
        }
        Some(Line { value: self.value(g, e), slope: self.value(g, slope) })
    }

    /// The expression on one side of the point, near it: every piecewise part replaced by its branch there.
    fn side(&mut self, g: &mut Graph, root: Id, side: Ordering) -> Option<Id> {
        let mut new: HashMap<Id, Id> = HashMap::new();
        for id in walk::topological(g, &[root]) {
            let kids: Vec<Id> = g.children(id).iter().map(|k| new.get(k).copied().unwrap_or(*k)).collect();
            let mut made = if g.children(id) == kids { id } else { g.with_children(id, &kids) };
            let has_branches = |g: &Graph, id: Id| matches!(g.view(id), View::If(..)) || is_piecewise(g, id);
            while !g.is_condition(made) && has_branches(g, made) && walk::contains(g, made, self.variable) {
                let [condition, a, b] = branches(g, made)?;
                made = if self.near(g, condition, side)? { a } else { b };
            }
            new.insert(id, made);
        }
        new.get(&root).copied()
    }

    /// Whether a condition holds near the point on one side.
    fn near(&mut self, g: &mut Graph, condition: Id, side: Ordering) -> Option<bool> {
        match g.view(condition) {
            View::Compare(relation, a, b) => {
                let apart = g.sub(a, b);
                Some(relation.holds(self.sign(g, apart, side)?))
            }
            View::Not(a) => Some(!self.near(g, a, side)?),
            View::And(parts) => {
                let parts = parts.to_vec();
                self.all_or_any(g, &parts, side, true)
            }
            View::Or(parts) => {
                let parts = parts.to_vec();
                self.all_or_any(g, &parts, side, false)
            }
            View::Truth(holds) => Some(holds),
            _ => None,
        }
    }

    fn all_or_any(&mut self, g: &mut Graph, parts: &[Id], side: Ordering, all: bool) -> Option<bool> {
        let found = parts.iter().map(|part| self.near(g, *part, side)).collect::<Option<Vec<bool>>>()?;
        Some(if all { found.into_iter().all(|h| h) } else { found.into_iter().any(|h| h) })
    }

    /// The sign of an expression near the point on one side: that of its value there, else that of its slope times the side.
    fn sign(&mut self, g: &mut Graph, e: Id, side: Ordering) -> Option<Ordering> {
        let line = self.line(g, e)?;
        if !g.is_zero(line.value) {
            return self.proved_sign(g, line.value);
        }
        let slope = self.proved_sign(g, line.slope)?;
        Some(if side == Ordering::Less { slope.reverse() } else { slope })
    }

    fn proved_sign(&mut self, g: &mut Graph, v: Id) -> Option<Ordering> {
        let signs = [(Relation::Greater, Ordering::Greater), (Relation::Less, Ordering::Less)];
        signs.into_iter().find_map(|(relation, sign)| {
            let condition = g.compare_zero(relation, v);
            (self.simplifier.prover().prove(g, condition) == Verdict::Proved).then_some(sign)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::derive::Engine;
    use crate::domain::Known;
    use crate::expr::{Graph, print::plain};
    use crate::resolve::formula;

    #[test]
    fn a_point_is_left_out_only_where_there_is_no_slope() {
        let table = [
            ("x*abs(x)", "2*abs(x)", ""),
            ("abs(x)^3", "3*x^2*sign(x)", ""),
            ("max(x, 0)^2", "2*max(x, 0)", ""),
            ("abs(x - y)*(x - y)", "2*abs(x - y)", ""),
            ("abs(x^2)", "2*x", ""),
            ("sqrt(x^4)", "2*x", ""),
            ("if x < 0 then x^2 else x^3", "if x < 0 then 2*x else 3*x^2", ""),
            ("abs(x)", "sign(x)", "x != 0"),
            ("relu(x)", "step(x)", "x != 0"),
            ("x^2/abs(x)", "sign(x)", "x != 0"),
            ("if x < 0 then x else x^2", "if x < 0 then 1 else 2*x", "x != 0"),
            ("if x < 0 then 1 + x else x", "1", "x != 0"),
            ("if x == 1 then 2 else x^2", "2*x", "x != 1"),
        ];
        for (text, derivative, conditions) in table {
            let mut g = Graph::new();
            let root = formula(&mut g, text).unwrap();
            let x = g.intern("x");
            let known = Known::default();
            let found = Engine::new(&known).differentiate(&mut g, root, &[x]).unwrap();
            let said: Vec<String> = found.conditions.iter().map(|c| plain(&g, *c)).collect();
            assert_eq!((plain(&g, found.value).as_str(), said.join(", ").as_str()), (derivative, conditions), "{text}");
        }
    }
}
