//! Operators and calls on lowered operands: numbers at once, vectors component by component, conditions where they belong.

use super::{Lowered, Lowering};
use crate::expr::{Graph, Id};
use crate::math::{self, Arity};
use crate::resolve::{Value, apply};
use crate::syntax::ast::{Ast, BinaryOp, Expr, ExprId, Ident, List, UnaryOp};

/// The operands of a node from the last to the first, sums, products and chains of `and` and `or` flattened along their
/// left spine; the mark says whether a term is subtracted.
pub(super) fn backwards(ast: &Ast, id: ExprId, mut visit: impl FnMut(ExprId, bool)) {
    let mut at = id;
    match ast.expr(id) {
        Expr::Binary(BinaryOp::Add | BinaryOp::Sub, ..) => {
            while let Expr::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) = ast.expr(at) {
                visit(b, op == BinaryOp::Sub);
                at = a;
            }
            visit(at, false);
        }
        Expr::Binary(BinaryOp::Mul, ..) | Expr::Coefficient(..) => {
            while let Expr::Binary(BinaryOp::Mul, a, b) | Expr::Coefficient(a, b) = ast.expr(at) {
                let mut factor = b;
                if let Expr::Coefficient(number, operand) = ast.expr(b) {
                    visit(operand, false);
                    factor = number;
                }
                visit(factor, false);
                at = a;
            }
            visit(at, false);
        }
        Expr::Binary(op @ (BinaryOp::And | BinaryOp::Or), ..) => {
            while let Expr::Binary(same, a, b) = ast.expr(at)
                && same == op
            {
                visit(b, false);
                at = a;
            }
            visit(at, false);
        }
        _ => ast.children_backwards(id, |child| visit(child, false)),
    }
}

/// The operands of a node, with the marks of [`backwards`].
fn operands(ast: &Ast, id: ExprId) -> Vec<ExprId> {
    let mut found = Vec::new();
    backwards(ast, id, |operand, _| found.push(operand));
    found.reverse();
    found
}

impl Lowering<'_> {
    /// The value of an operation whose operands are the last values.
    pub(super) fn operation(&mut self, id: ExprId, expr: Expr, count: usize) -> Lowered<Value> {
        if let Expr::Binary(BinaryOp::Add | BinaryOp::Sub, ..) = expr {
            self.mark_subtracted(id, count);
        }
        let start = self.values.len() - count;
        if self.are_numbers(start)
            && let Some(value) = self.on_numbers(expr)
        {
            self.values.truncate(start);
            return Ok(Value::Scalar(value));
        }
        let values = self.values.split_off(start);
        self.on_values(id, expr, &values)
    }

    /// Notes which of so many terms are subtracted, the first of them first.
    fn mark_subtracted(&mut self, id: ExprId, count: usize) {
        let (ast, mut place) = (self.here.text.ast, count);
        self.minus.clear();
        backwards(ast, id, |_, subtracted| {
            place -= 1;
            if subtracted {
                self.minus.push(place);
            }
        });
        self.minus.reverse();
    }

    /// Whether the values from there on are numbers, neither vectors nor conditions; then they are in `ids`.
    fn are_numbers(&mut self, start: usize) -> bool {
        self.ids.clear();
        self.values[start..].iter().all(|value| match value {
            Value::Scalar(id) if !self.g.is_condition(*id) => {
                self.ids.push(*id);
                true
            }
            _ => false,
        })
    }

    /// The operation on the numbers in `ids`; none where it is one on conditions or on lists.
    fn on_numbers(&mut self, expr: Expr) -> Option<Id> {
        let function = match expr {
            Expr::Call { callee, .. } => self.known_function(callee.name)?,
            _ => return combine(self.g, expr, &self.minus, &mut self.ids),
        };
        let takes_numbers = matches!(function.record().arity, Arity::Exactly(_));
        takes_numbers.then(|| apply::on_numbers(self.g, function, &self.ids))
    }

    #[inline(never)]
    fn on_values(&mut self, id: ExprId, expr: Expr, values: &[Value]) -> Lowered<Value> {
        let ids = operands(self.here.text.ast, id);
        match expr {
            Expr::Binary(op @ (BinaryOp::And | BinaryOp::Or), ..) => {
                let conditions = self.conditions(values, &ids)?;
                let conditions: Vec<Id> = conditions.iter().flat_map(|c| self.joined(op, *c)).collect();
                Ok(Value::Scalar(if op == BinaryOp::And { self.g.and(&conditions) } else { self.g.or(&conditions) }))
            }
            Expr::Unary(UnaryOp::Not, _) => {
                let condition = self.as_condition(&values[0], ids[0])?;
                Ok(Value::Scalar(self.g.not(condition)))
            }
            Expr::If { otherwise, .. } => self.conditional(values, &ids, otherwise.is_some()),
            Expr::Compare(chain) => {
                let signs = self.here.text.ast.comparisons(chain).1.to_vec();
                self.comparison(values, &ids, &signs)
            }
            Expr::Vector(_) => self.vector(values, &ids),
            Expr::Call { callee, args, .. } => self.call(id, callee, args, values, &ids),
            Expr::Unary(UnaryOp::Plus, _) => {
                self.each_number(values, &ids)?;
                Ok(values[0].clone())
            }
            _ => {
                let minus = std::mem::take(&mut self.minus);
                self.each(values, &ids, |g, v| combine(g, expr, &minus, v).unwrap_or_else(|| g.undefined()))
            }
        }
    }

    fn call(&mut self, id: ExprId, callee: Ident, args: List, values: &[Value], ids: &[ExprId]) -> Lowered<Value> {
        let name = self.name(callee.name);
        if name == "integer" && args.len() == 1 {
            return self.each(values, ids, |g, v| g.is_integer(v[0]));
        }
        self.each_number(values, ids)?;
        let Some(f) = math::find(&name) else { return Err(self.unknown(callee, ids.len())) };
        if let ([Value::Scalar(body)], "mean" | "sum") = (values, f.name())
            && let Some(reduced) = self.over_rows(f.name(), *body, id)?
        {
            return Ok(Value::Scalar(reduced));
        }
        apply::call(self.g, f, values).map_err(|misfit| self.misfit(misfit, ids))
    }

    /// An operation on numbers, component by component where vectors are among them.
    pub(super) fn each(
        &mut self,
        values: &[Value],
        ids: &[ExprId],
        operation: impl FnMut(&mut Graph, &mut [Id]) -> Id,
    ) -> Lowered<Value> {
        self.each_number(values, ids)?;
        apply::broadcast(self.g, values, operation).map_err(|misfit| self.misfit(misfit, ids))
    }
}

/// An operator on numbers, of which those at the places `minus` are subtracted.
fn combine(g: &mut Graph, expr: Expr, minus: &[usize], ids: &mut [Id]) -> Option<Id> {
    Some(match expr {
        Expr::Binary(BinaryOp::Add | BinaryOp::Sub, ..) => {
            minus.iter().for_each(|at| ids[*at] = g.neg(ids[*at]));
            g.add(ids)
        }
        Expr::Binary(BinaryOp::Mul, ..) | Expr::Coefficient(..) => g.mul(ids),
        Expr::Binary(BinaryOp::Div, ..) => g.div(ids[0], ids[1]),
        Expr::Binary(BinaryOp::Pow, ..) => g.pow(ids[0], ids[1]),
        Expr::Unary(UnaryOp::Neg, _) => g.neg(ids[0]),
        Expr::Unary(UnaryOp::Plus, _) => ids[0],
        Expr::Unary(UnaryOp::Factorial, _) => match math::find("factorial") {
            Some(f) => g.call(f, ids),
            None => g.undefined(),
        },
        _ => return None,
    })
}
