//! Exponentials and logarithms.

use super::{Arity, Function, Kernel, Meaning, Monotone, Notation, Parity, Rule};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "exp",
        aliases: &[],
        elsewhere: &["exponential"],
        parameters: &["u"],
        arity: Arity::Exactly(1),
        title: "exponential",
        rule: "exponential",
        meaning: Meaning::Primitive,
        domain: &[],
        range: &["value > 0"],
        derivative: &["exp(u)"],
        differentiable: &[],
        kinks: &[],
        monotone: Monotone::Increasing,
        parity: Parity::None,
        kernel: Kernel::One(f64::exp),
        notation: Notation { unicode: "exp({})", latex: "e^{{}}", spoken: "e to the {}" },
        teaching: "The function that is its own slope: the higher it is, the faster it rises. It turns sums into products and is positive everywhere.",
        mistake: "Lowering the exponent as in the power rule: the slope of exp(x) is exp(x), not x*exp(x - 1).",
        example: "diff exp(3x) wrt x",
    },
    Function {
        name: "log",
        aliases: &["ln"],
        elsewhere: &["lg", "logarithm"],
        parameters: &["u"],
        arity: Arity::Exactly(1),
        title: "natural logarithm",
        rule: "logarithm",
        meaning: Meaning::Primitive,
        domain: &["u > 0"],
        range: &[],
        derivative: &["1/u"],
        differentiable: &[],
        kinks: &[],
        monotone: Monotone::Increasing,
        parity: Parity::None,
        kernel: Kernel::One(f64::ln),
        notation: Notation { unicode: "log({})", latex: "\\log\\left({}\\right)", spoken: "the natural log of {}" },
        teaching: "The inverse of exp. It turns products into sums, so that a product of many probabilities becomes a sum that neither underflows nor hides its parts.",
        mistake: "Splitting the log of a sum: log(a + b) is not log(a) + log(b).",
        example: "diff log(x^2 + 1) wrt x",
    },
];

pub(super) const RULES: &[Rule] = &[];
