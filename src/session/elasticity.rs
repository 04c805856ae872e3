//! `elasticity`: by how many percent an expression changes where a variable changes by one percent, beside how much it changes.

use super::{Point, Work};
use crate::expr::{Id, Symbol};
use crate::outcome::{Answer, Elasticity, Evaluated};
use crate::resolve::{Fault, Value};
use crate::source::Span;
use crate::syntax::ast::{Clauses, ExprId};

impl Work<'_> {
    pub(super) fn elasticity(&mut self, value: &Value, id: ExprId, clauses: &Clauses, span: Span) -> Result<Answer, Fault> {
        let root = self.scalar(value, id, "ask about one entry of it")?;
        let by = self.gradient_variables(&[root], clauses, span)?;
        let point = self.point(clauses, &[root])?;
        self.elasticities(root, &by, &point)
    }

    /// One for each variable.
    pub(super) fn elasticities(&mut self, root: Id, by: &[Symbol], point: &Point) -> Result<Answer, Fault> {
        let found = by.iter().map(|variable| self.elasticity_by(root, *variable, point));
        Ok(Answer::Elasticity(found.collect::<Result<_, Fault>>()?))
    }

    /// `x*E'/E`, which is the slope of `log(abs(E))` against `log(abs(x))`.
    fn elasticity_by(&mut self, root: Id, by: Symbol, point: &Point) -> Result<Elasticity, Fault> {
        let slope = self.slope_formula(root, by)?;
        let opened = self.opened(root);
        let g = &mut self.session.graph;
        let variable = g.symbol(by);
        let above = g.mul(&[variable, slope.id]);
        let ratio = g.div(above, opened);
        let known = self.known_beside(&[by]);
        let mut formula = self.shortest(&known, ratio, point);
        for condition in slope.conditions {
            if !formula.conditions.contains(&condition) {
                formula.conditions.push(condition);
            }
        }
        let values = self.values_there_are(&[variable, root, slope.id], point)?;
        let [at, value, slope] = <[Option<Evaluated>; 3]>::try_from(values).unwrap_or_default();
        Ok(Elasticity { by, formula, at, value, slope })
    }
}
