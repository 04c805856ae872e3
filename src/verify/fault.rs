//! What can go wrong when an expression is evaluated rigorously.

use super::ball::Ball;

/// Why an evaluation has no enclosure to offer.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The argument is certainly outside the domain; the text says what the domain needs.
    Undefined(&'static str),
    /// The enclosure straddles a boundary, or is too wide to decide: more precision may help.
    Uncertain,
    /// The result's binary exponent does not fit, or the work would not be bounded.
    OutOfRange,
    /// Continuous, but the one-sided slopes of the asked order differ.
    Kink {
        /// The first one-sided derivative that differs, from the left.
        left: Box<Ball>,
        /// The same from the right.
        right: Box<Ball>,
    },
    /// The value itself jumps at the base point, so there is no derivative.
    Jump,
    /// The base point lies on the edge of the domain or the tangent is vertical: no two-sided derivative.
    Edge,
}

impl Fault {
    /// Whether trying again with more precision can change this outcome.
    pub fn is_retriable(&self) -> bool {
        matches!(self, Fault::Uncertain)
    }

    /// Whether the value exists while its derivative certainly does not.
    pub fn is_not_differentiable(&self) -> bool {
        matches!(self, Fault::Kink { .. } | Fault::Jump | Fault::Edge)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Undefined(reason) => write!(out, "undefined: {reason}"),
            Fault::Uncertain => write!(out, "not decided at this precision"),
            Fault::OutOfRange => write!(out, "out of range"),
            Fault::Kink { left, right } => {
                write!(out, "not differentiable here: one-sided slopes {} and {}", left.to_f64(), right.to_f64())
            }
            Fault::Jump => write!(out, "not differentiable here: the value jumps"),
            Fault::Edge => write!(out, "not differentiable here: edge of the domain or vertical tangent"),
        }
    }
}
