//! Where conditions on one variable change: the numbers that it is compared with.

use crate::expr::{Graph, Id, Symbol, View, walk};

/// Whether a condition does nothing but compare the variable itself with other things.
pub fn is_solved(g: &Graph, condition: Id, variable: Symbol) -> bool {
    let mut stack = vec![condition];
    while let Some(condition) = stack.pop() {
        match g.view(condition) {
            View::Compare(_, a, b) if [a, b].iter().any(|side| g.as_symbol(*side) == Some(variable)) => {}
            View::And(parts) | View::Or(parts) => stack.extend_from_slice(parts),
            View::Not(inner) => stack.push(inner),
            _ => return false,
        }
    }
    true
}

/// The expressions without the variable that these conditions compare it with, each once.
pub fn compared_with(g: &Graph, conditions: &[Id], variable: Symbol) -> Vec<Id> {
    let (mut found, mut stack) = (Vec::new(), conditions.to_vec());
    while let Some(condition) = stack.pop() {
        match g.view(condition) {
            View::Compare(_, a, b) => {
                let is_variable = |id: Id| g.as_symbol(id) == Some(variable);
                let other = match (is_variable(a), is_variable(b)) {
                    (true, false) => b,
                    (false, true) => a,
                    _ => continue,
                };
                if !walk::contains(g, other, variable) && !found.contains(&other) {
                    found.push(other);
                }
            }
            View::And(parts) | View::Or(parts) => stack.extend_from_slice(parts),
            View::Not(inner) => stack.push(inner),
            _ => {}
        }
    }
    found
}
