//! Jets of functions with kinks and jumps: smooth away from them, decided side by side where the base point hits one.

use super::super::ball::Ball;
use super::super::fault::Fault;
use super::{Expansion, Jet, Scope};

/// How a jet leaves its value: its sign on either side of the base point.
#[derive(Clone, Copy, PartialEq)]
enum Departure {
    /// Not at all, to the order that is known.
    Stays,
    /// To the same side on the left and on the right.
    SameSide { up: bool },
    /// Through the value, at this order.
    Crosses { up: bool, order: usize },
}

impl Jet {
    fn departure(&self) -> Result<Departure, Fault> {
        let Some((order, c)) = self.first_move() else {
            return Ok(Departure::Stays);
        };
        let up = c.certainly_positive();
        if !up && !c.certainly_negative() {
            return Err(Fault::Uncertain);
        }
        Ok(if order.is_multiple_of(2) { Departure::SameSide { up } } else { Departure::Crosses { up, order } })
    }

    /// The absolute value.
    pub fn abs(&self, scope: Scope) -> Expansion {
        if self.needs_value_only(scope) {
            return Ok(Jet::of_value(self.value().abs(), self.constant));
        }
        if self.value().certainly_positive() {
            return Ok(self.clone());
        }
        if self.value().certainly_negative() {
            return Ok(self.neg());
        }
        if !self.value().is_exact_zero() {
            return Err(Fault::Uncertain);
        }
        match self.departure()? {
            Departure::Stays | Departure::SameSide { up: true } => Ok(self.clone()),
            Departure::SameSide { up: false } => Ok(self.neg()),
            Departure::Crosses { up, order } => {
                let rising = if up { self.clone() } else { self.neg() };
                Err(kink(&rising.neg(), &rising, order, scope))
            }
        }
    }

    /// The larger of two; at a tie the one that is larger on both sides, if there is one.
    pub fn max(&self, other: &Jet, scope: Scope) -> Expansion {
        let constant = self.constant && other.constant;
        if constant || scope.order == 0 {
            return Ok(Jet::of_value(self.value().max(other.value(), scope.precision)?, constant));
        }
        if other.value().certainly_less(self.value()) {
            return Ok(self.clone().moving());
        }
        if self.value().certainly_less(other.value()) {
            return Ok(other.clone().moving());
        }
        let apart = self.sub(other, scope)?;
        if !apart.value().is_exact_zero() {
            return Err(Fault::Uncertain);
        }
        match apart.departure()? {
            Departure::Stays | Departure::SameSide { up: true } => Ok(self.clone().moving()),
            Departure::SameSide { up: false } => Ok(other.clone().moving()),
            Departure::Crosses { up: true, order } => Err(kink(other, self, order, scope)),
            Departure::Crosses { up: false, order } => Err(kink(self, other, order, scope)),
        }
    }

    /// The smaller of two.
    pub fn min(&self, other: &Jet, scope: Scope) -> Expansion {
        match self.neg().max(&other.neg(), scope) {
            Ok(jet) => Ok(jet.neg()),
            Err(Fault::Kink { left, right }) => Err(Fault::Kink { left: Box::new(left.neg()), right: Box::new(right.neg()) }),
            Err(fault) => Err(fault),
        }
    }

    /// The same series, known only as a truncation: a constant branch need not hold further away.
    pub(in crate::verify) fn moving(mut self) -> Jet {
        self.constant = false;
        self
    }

    /// -1, 0 or 1; it jumps at zero.
    pub fn sign(&self, scope: Scope) -> Expansion {
        let value = self.value().sign()?;
        if !self.needs_value_only(scope) && value.is_exact_zero() {
            return Err(if self.departure()? == Departure::Stays { Fault::Uncertain } else { Fault::Jump });
        }
        Ok(Jet::of_value(value, self.constant))
    }

    /// The greatest integer not above.
    pub fn floor(&self, scope: Scope) -> Expansion {
        let value = self.value().floor()?;
        self.step(value.certainly_equal(self.value()), value, scope, true)
    }

    /// The least integer not below.
    pub fn ceil(&self, scope: Scope) -> Expansion {
        let value = self.value().ceil()?;
        self.step(value.certainly_equal(self.value()), value, scope, false)
    }

    /// The nearest integer, a tie going to the even one.
    pub fn round(&self, scope: Scope) -> Expansion {
        let value = self.value().round()?;
        let p = scope.precision;
        let offset = self.value().sub(&value, p)?;
        let half = Ball::ONE.scaled(-1)?;
        if offset.certainly_equal(&half) {
            return self.step(true, value, scope, false);
        }
        let down = offset.certainly_equal(&half.neg());
        self.step(down, value, scope, true)
    }

    /// A locally constant function: at a jump it is smooth only if the argument stays on the side
    /// from which the value is reached (`up` tells which).
    fn step(&self, at_jump: bool, value: Ball, scope: Scope, up: bool) -> Expansion {
        if !self.needs_value_only(scope) && at_jump {
            match self.departure()? {
                Departure::SameSide { up: side } if side == up => {}
                Departure::Stays => return Err(Fault::Uncertain),
                _ => return Err(Fault::Jump),
            }
        }
        Ok(Jet::of_value(value, self.constant))
    }
}

/// The fault for two one-sided series that first differ at `order`.
fn kink(left: &Jet, right: &Jet, order: usize, scope: Scope) -> Fault {
    let side = |jet: &Jet| jet.derivative(order, scope.precision);
    match (side(left), side(right)) {
        (Ok(left), Ok(right)) => Fault::Kink { left: Box::new(left), right: Box::new(right) },
        (Err(fault), _) | (_, Err(fault)) => fault,
    }
}
