//! The laws that a loss curve may follow.

/// A law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Law {
    /// `L = c`
    Constant,
    /// `L = a + b*t`
    Line,
    /// `L = a - b*log(t)`
    Logarithm,
    /// `L = c + a*exp(-t/τ)`
    Exponential,
    /// `L = c + a*t^(-k)`
    Power,
}

/// How a law looks on its axis, which is the step or the logarithm of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It stays where it is.
    Flat,
    /// It goes straight.
    Straight,
    /// It is `c + a*exp(-bend*u)`: on the axis of `log(t)` that is a power law.
    Bent,
}

impl Law {
    /// All of them, those with the fewest constants first.
    pub const ALL: [Law; 5] = [Law::Constant, Law::Line, Law::Logarithm, Law::Exponential, Law::Power];

    /// Its shape on its axis.
    #[must_use]
    pub fn shape(self) -> Shape {
        match self {
            Law::Constant => Shape::Flat,
            Law::Line | Law::Logarithm => Shape::Straight,
            Law::Exponential | Law::Power => Shape::Bent,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Law::Constant => "constant",
            Law::Line => "straight line",
            Law::Logarithm => "logarithmic",
            Law::Exponential => "exponential",
            Law::Power => "power law",
        }
    }

    /// Whether it is what another law becomes at the end of the range of its constants.
    #[must_use]
    pub fn is_limit_of(self, other: Law) -> bool {
        match self {
            Law::Constant => other != Law::Constant,
            Law::Line => other == Law::Exponential,
            Law::Logarithm => other == Law::Power,
            Law::Exponential | Law::Power => false,
        }
    }
}
