//! What may make an expression shorter: each maker reads a canonical expression in one way and gives the forms it finds, equal
//! to it wherever it has a value. Whether a form is better is decided by whoever asked.

pub mod circle;
mod exponentials;
mod lists;
pub mod logs;
pub mod named;
pub mod products;
pub mod roots;
mod symmetric;

use super::canon::Canon;
use crate::expr::{Graph, Id};

/// One way to look for shorter forms.
pub struct Maker {
    /// The law by which it works, as a derivation names it.
    pub law: &'static str,
    /// The forms it finds; none where it has nothing to say.
    pub make: fn(&mut Canon, &mut Graph, Id) -> Vec<Id>,
    /// Whether its forms use names that the expression may not have.
    pub names: bool,
}

const fn maker(law: &'static str, make: fn(&mut Canon, &mut Graph, Id) -> Vec<Id>) -> Maker {
    Maker { law, make, names: false }
}

/// Those that read the expression in another way, in the order in which equally short forms are preferred.
pub const OPENING: &[Maker] = &[
    maker("factor", products::common_factor),
    maker("multiply out", products::multiplied),
    maker("quotient under a root", roots::cleared),
    maker("root of a sum with a root", roots::denested),
    maker("logarithm of a product", logs::split),
    maker("common base", exponentials::common_bases),
    maker("sine and cosine", circle::by_sine_and_cosine),
    maker("squares of sine and cosine", circle::squares_reduced),
    maker("multiple angles", circle::base_angles),
    maker("angle of an inverse function", circle::inverse_angles),
    maker("f(u) and f(-u)", symmetric::unified),
    maker("logarithm of a softmax", lists::log_softmax),
    Maker { law: "recognise", make: exponentials::kernels, names: true },
    Maker { law: "hyperbolic functions", make: exponentials::hyperbolic, names: true },
];

/// Those that put together what another reading has brought beside each other.
pub const CLOSING: &[Maker] = &[
    maker("roots put together", roots::joined),
    maker("common exponent", exponentials::common_exponents),
    maker("double angle", circle::double_angles),
    maker("tangent", circle::tangents),
    maker("sum of logarithms", logs::joined),
];
