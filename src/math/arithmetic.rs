//! What the four operations allow: cancelling, and what must be carried along when something is cancelled.

use super::{Class, Purpose, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "cancelling",
        text: "a/a = 1 where a != 0",
        class: Class::Extends,
        purpose: Purpose::Simplify,
        why: "A number divided by itself is 1; at 0 there is no quotient.",
        example: "x/x",
        mistake: "Saying nothing of a = 0.",
        counterexample: "a = 0",
    },
    Rule {
        name: "cancelling",
        text: "(a*b)/(a*c) = b/c where a != 0",
        class: Class::Extends,
        purpose: Purpose::Simplify,
        why: "A common factor cancels; where it is 0 the left side has no value.",
        example: "(x*y)/(x*z)",
        mistake: "Cancelling terms of a sum: (a + b)/(a + c) is not b/c.",
        counterexample: "a = 0, b = 1, c = 1",
    },
    Rule {
        name: "product with zero",
        text: "0*a = 0",
        class: Class::Extends,
        purpose: Purpose::Simplify,
        why: "Zero times any number is 0, where there is a number.",
        example: "0*log(x)",
        mistake: "Giving a value where the other factor has none.",
        counterexample: "",
    },
    Rule {
        name: "difference with itself",
        text: "a - a = 0",
        class: Class::Extends,
        purpose: Purpose::Simplify,
        why: "A number less itself is 0, where there is a number.",
        example: "x - x",
        mistake: "Giving a value where a has none.",
        counterexample: "",
    },
    Rule {
        name: "difference of two squares",
        text: "(a^2 - b^2)/(a - b) = a + b where a != b",
        class: Class::Extends,
        purpose: Purpose::Simplify,
        why: "a^2 - b^2 = (a - b)*(a + b).",
        example: "(x^2 - 1)/(x - 1)",
        mistake: "Saying nothing of a = b, where the left side is 0/0.",
        counterexample: "a = 1, b = 1",
    },
];
