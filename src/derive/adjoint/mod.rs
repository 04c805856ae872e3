//! All partial derivatives of an expression in one sweep against the direction of evaluation, as nodes of the shared graph: their
//! number is a small multiple of that of the expression, however many variables there are. Made for evaluation, not for reading.

mod build;
mod formulas;
mod sweep;
#[cfg(test)]
mod tests;

use super::Refusal;
use crate::expr::{Graph, Id, Symbol};
use sweep::Sweep;

/// The partial derivatives of `root` by these variables, in their order (W. Baur, V. Strassen, "The complexity of partial
/// derivatives", 1983). Stages must be opened. Where a slope exists on one side only, the value is that of one side.
///
/// # Errors
/// What no derivative is known of.
pub fn adjoints(g: &mut Graph, root: Id, wrt: &[Symbol]) -> Result<Vec<Id>, Refusal> {
    Sweep::new(g, root, wrt).partials(g, root, wrt)
}

/// The second derivatives by each variable and those from it on, row by row, from the first ones: the order of two derivatives does not
/// matter where both exist.
///
/// # Errors
/// What no derivative is known of.
pub fn second(g: &mut Graph, gradient: &[Id], wrt: &[Symbol]) -> Result<Vec<Vec<Id>>, Refusal> {
    gradient.iter().enumerate().map(|(k, slope)| adjoints(g, *slope, &wrt[k..])).collect()
}

/// The Hessian times a direction, one expression for each variable, without the Hessian: the gradient of the gradient along the
/// direction (B. Pearlmutter, "Fast exact multiplication by the Hessian", 1994). The direction is one number or symbol for each
/// variable that does not change with the variables.
///
/// # Errors
/// What no derivative is known of.
pub fn hessian_times(g: &mut Graph, root: Id, wrt: &[Symbol], direction: &[Id]) -> Result<Vec<Id>, Refusal> {
    let gradient = adjoints(g, root, wrt)?;
    let terms: Vec<Id> = gradient.iter().zip(direction).map(|(slope, along)| build::times(g, *along, *slope)).collect();
    let along = build::total(g, &terms);
    adjoints(g, along, wrt)
}
