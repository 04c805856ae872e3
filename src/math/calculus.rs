//! The rules of differentiation and the moves of simplification by their textbook names: what each says and why it holds. The
//! derivation engine applies them; this is what a reader is told.

/// A rule of differentiation or a move of simplification.
pub struct Law {
    /// Its textbook name, as it stands in a derivation.
    pub name: &'static str,
    /// What it says: a rule in the language's grammar where it is one (`d` is the slope), else empty.
    pub statement: &'static str,
    /// Why it may be done: one sentence for a learner.
    pub why: &'static str,
    /// A statement whose derivation shows it; may be empty.
    pub example: &'static str,
}

/// Every law that a derivation can name; the rules of single functions follow from their records.
pub const LAWS: &[Law] = &[
    Law { name: "constant", statement: "d(c) = 0", why: "what does not change has slope 0", example: "derive x^2 + 7 wrt x" },
    Law {
        name: "variable",
        statement: "d(x) = 1",
        why: "the variable changes with itself at the rate 1",
        example: "derive x + 7 wrt x",
    },
    Law {
        name: "constant factor",
        statement: "d(c*f) = c*d(f)",
        why: "a constant factor stays beside the slope",
        example: "derive 5*sin(x) wrt x",
    },
    Law {
        name: "sum",
        statement: "d(f + g) = d(f) + d(g)",
        why: "the slope of a sum is the sum of the slopes",
        example: "derive x^2 + sin(x) wrt x",
    },
    Law {
        name: "difference",
        statement: "d(f - g) = d(f) - d(g)",
        why: "the slope of a difference is the difference of the slopes",
        example: "derive x^2 - sin(x) wrt x",
    },
    Law {
        name: "sum over rows",
        statement: "",
        why: "a sum over the rows of a data set is differentiated term by term: each row gives its own slope",
        example: "",
    },
    Law {
        name: "mean over rows",
        statement: "",
        why: "a mean is a sum over the rows, divided by their number, which is a constant: each row gives its own slope",
        example: "",
    },
    Law {
        name: "product rule",
        statement: "d(f*g) = d(f)*g + f*d(g)",
        why: "each factor changes in turn while the others stand still",
        example: "derive x^2*sin(x) wrt x",
    },
    Law {
        name: "quotient rule",
        statement: "d(f/g) = (d(f)*g - f*d(g))/g^2 where g != 0",
        why: "a larger denominator makes the quotient smaller, hence the minus",
        example: "derive sin(x)/x wrt x",
    },
    Law {
        name: "reciprocal rule",
        statement: "d(c/g) = -c*d(g)/g^2 where g != 0",
        why: "only the denominator changes: the quotient rule with a constant above",
        example: "derive 3/(x^2 + 1) wrt x",
    },
    Law {
        name: "power rule",
        statement: "d(u^n) = n*u^(n - 1)*d(u)",
        why: "the exponent comes down as a factor and is lowered by one",
        example: "derive x^5 wrt x",
    },
    Law {
        name: "chain rule",
        statement: "",
        why: "the slope of a composition is the slope of the outer function at the inner one, times the slope of the inner one",
        example: "derive sin(x^2) wrt x",
    },
    Law {
        name: "logarithmic differentiation",
        statement: "d(f^g) = f^g*d(g*log(f)) where f > 0",
        why: "a power whose base and exponent both change is exp of their logarithm's product",
        example: "derive x^x wrt x",
    },
    Law {
        name: "maximum",
        statement: "",
        why: "where one part is the largest, the whole has its slope; at a tie there is none unless the slopes agree",
        example: "derive max(x, x^2) wrt x",
    },
    Law {
        name: "minimum",
        statement: "",
        why: "where one part is the smallest, the whole has its slope; at a tie there is none unless the slopes agree",
        example: "derive min(x, x^2) wrt x",
    },
    Law {
        name: "branch by branch",
        statement: "",
        why: "inside a branch only that branch matters",
        example: "derive (if x > 0 then x^2 else 0) wrt x",
    },
    Law {
        name: "the branch around the point",
        statement: "",
        why: "a value set at a single point says nothing about the slope around it",
        example: "",
    },
    Law {
        name: "removable singularity",
        statement: "",
        why: "where the series around a point has no negative powers and begins with the value there, its linear coefficient is the slope",
        example: "",
    },
    Law {
        name: "sum, term by term",
        statement: "",
        why: "the slope of a sum is the sum of the slopes, however many terms it has",
        example: "",
    },
    Law {
        name: "log-sum-exp",
        statement: "",
        why: "raising one score raises the total by that score's share, its softmax",
        example: "derive logsumexp(a, b, c) wrt a",
    },
    Law {
        name: "softmax",
        statement: "",
        why: "raising a score raises its own share and lowers all the others, in proportion to the shares",
        example: "derive softmax([a, b])[1] wrt a",
    },
    Law { name: "undefined", statement: "", why: "where there is no value there is no slope", example: "" },
    Law { name: "rewrite", statement: "", why: "an equal form that is easier to differentiate", example: "" },
    Law { name: "cancel", statement: "", why: "equal factors above and below the line, or opposite terms, go", example: "" },
    Law {
        name: "combine and cancel",
        statement: "",
        why: "over one denominator equal factors and opposite terms show, and go",
        example: "",
    },
    Law { name: "common denominator", statement: "", why: "the quotients are written over one line", example: "" },
    Law { name: "collect", statement: "", why: "like terms are put together", example: "" },
    Law { name: "factor", statement: "", why: "what all terms share is written once", example: "" },
    Law {
        name: "multiply out",
        statement: "a*(b + c) = a*b + a*c",
        why: "each term of one factor meets each term of the other",
        example: "expand (x + 1)*(x + 2) with detail = normal",
    },
    Law {
        name: "quotient under a root",
        statement: "sqrt(a/b) = sqrt(a)/sqrt(b) where b > 0",
        why: "what is positive below the line under a root comes out of it",
        example: "",
    },
    Law {
        name: "root of a sum with a root",
        statement: "sqrt(a + b + 2*sqrt(a*b)) = sqrt(a) + sqrt(b)",
        why: "the square of a sum of two roots, read backwards",
        example: "",
    },
    Law {
        name: "roots put together",
        statement: "sqrt(a)*sqrt(b) = sqrt(a*b) where a >= 0, b >= 0",
        why: "a product of roots is the root of the product",
        example: "",
    },
    Law {
        name: "common base",
        statement: "",
        why: "numbers that are raised are written by powers of the same primes",
        example: "",
    },
    Law {
        name: "common exponent",
        statement: "a^c*b^c = (a*b)^c where a > 0, b > 0",
        why: "powers with one exponent multiply their bases",
        example: "",
    },
    Law {
        name: "sine and cosine",
        statement: "tan(a) = sin(a)/cos(a)",
        why: "written by sine and cosine, the other functions of an angle cancel",
        example: "",
    },
    Law {
        name: "squares of sine and cosine",
        statement: "cos(a)^2 = (1 + cos(2*a))/2",
        why: "the square of a wave is a wave of twice the frequency, lifted",
        example: "",
    },
    Law {
        name: "multiple angles",
        statement: "cos(2*a) = 1 - 2*sin(a)^2",
        why: "functions of a multiple of an angle are polynomials in those of the angle",
        example: "",
    },
    Law {
        name: "angle of an inverse function",
        statement: "cos(asin(a)) = sqrt(1 - a^2)",
        why: "sine and cosine of one angle lie on the unit circle",
        example: "",
    },
    Law {
        name: "tangent",
        statement: "sin(a)/cos(a) = tan(a), sinh(a)/cosh(a) = tanh(a)",
        why: "the quotient of sine and cosine has a name of its own",
        example: "",
    },
    Law {
        name: "f(u) and f(-u)",
        statement: "softplus(-a) = softplus(a) - a",
        why: "a function of the opposite argument is written by the function of the argument",
        example: "",
    },
    Law {
        name: "logarithm of a softmax",
        statement: "log(softmax(z)[k]) = z[k] - logsumexp(z)",
        why: "a share is exp of its score over the sum of all, and a logarithm turns the quotient into a difference",
        example: "",
    },
    Law {
        name: "hyperbolic functions",
        statement: "exp(a) + exp(-a) = 2*cosh(a), exp(a) - exp(-a) = 2*sinh(a)",
        why: "the odd and the even part of an exponential have names of their own",
        example: "",
    },
    Law { name: "recognise", statement: "", why: "the expression has a name of its own", example: "" },
    Law {
        name: "condition carried",
        statement: "",
        why: "an expression that has a value under a condition only is that expression, with the condition beside it",
        example: "",
    },
    Law {
        name: "share of exponentials",
        statement: "exp(a)/(exp(a) + exp(b)) = sigmoid(a - b)",
        why: "above and below are divided by the same exponential, so that nothing overflows",
        example: "",
    },
    Law {
        name: "conjugate",
        statement: "s - t = (s^2 - t^2)/(s + t)",
        why: "above the bar the roots are gone and what cancels is taken away exactly; below it nothing cancels",
        example: "",
    },
    Law {
        name: "difference of cube roots",
        statement: "s - t = (s^3 - t^3)/(s^2 + s*t + t^2)",
        why: "above the bar the roots are gone and what cancels is taken away exactly; below it nothing cancels",
        example: "",
    },
    Law { name: "cases", statement: "", why: "no single form is accurate everywhere, so each case gets its own", example: "" },
    Law { name: "insert", statement: "", why: "each stage stands for its definition", example: "" },
    Law { name: "tidy", statement: "", why: "numbers are computed and signs put in order", example: "" },
];

/// The law of this name.
pub fn law(name: &str) -> Option<&'static Law> {
    LAWS.iter().find(|l| l.name == name)
}

/// What a name in a derivation means, in one sentence: a law of the list, or the slope of a function of the table.
pub fn sentence(name: &str) -> Option<String> {
    if let Some(law) = law(name) {
        return Some(law.why.to_owned());
    }
    let record = super::functions().map(super::FunctionId::record).find(|f| f.rule == name)?;
    match (record.parameters, record.derivative) {
        ([u], [slope]) => Some(format!("the slope of {}({u}) is {slope}", record.name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_with_one_slope_has_a_sentence() {
        for f in super::super::functions().map(super::super::FunctionId::record) {
            if f.parameters.len() == 1 && f.derivative.len() == 1 {
                assert!(sentence(f.rule).is_some(), "{}", f.name);
            }
        }
    }

    #[test]
    fn a_law_is_named_once() {
        for (k, law) in LAWS.iter().enumerate() {
            assert!(LAWS[..k].iter().all(|l| l.name != law.name), "{}", law.name);
        }
    }
}
