//! Wrong rules that learners apply, as data: what the rule is, what is meant instead, and a place where the two differ. Among
//! rules that give the same line the one that stands first is named.
//!
//! The catalogue follows studies of errors in differentiation (Siyepu 2013 and 2015; Maharaj and Ntuli 2018; Clark and others
//! 1997; Cottrill 1999; Jojo 2014), of logarithms (Chua and Wood 2005), of algebra in calculus (Luneta and Makonye 2010),
//! teachers' pages, and bug reports of machine-learning code.

/// A wrong rule. In its text `u`, `v` and `w` stand for expressions with the variable `x`, `c` and `k` for expressions without
/// it, `n` for a number, `a` and `b` for anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// An identity that does not hold: the left side is replaced by the right one.
    Identity(&'static str),
    /// The derivative of the left side is taken for the right one.
    Slope(&'static str),
    /// The derivative of an outer function of an inner one: `outer` is the outer slope at the inner function, `inside` the
    /// outer slope at the inner derivative.
    Composite(&'static str),
    /// The same within a chain of three or more links.
    Link(&'static str),
    /// Another letter, or a constant, varies too.
    Letter,
    /// The whole derivative gets another factor, for a part of the expression that is like the left side.
    Factor(&'static str),
    /// Of a component of `softmax` only the slope by its own score is taken.
    OwnScore,
}

/// A mistake that learners make.
#[derive(Debug)]
pub struct Mistake {
    /// Its name in `grad batch` and in JSON.
    pub name: &'static str,
    /// What went wrong, said of the place `{}`: half a sentence.
    pub said: &'static str,
    /// The learner's rules.
    pub wrong: &'static [Wrong],
    /// The wrong rule for a reader.
    pub rule: &'static str,
    /// The rule that is meant.
    pub meant: &'static str,
    /// Why: one sentence for a learner.
    pub why: &'static str,
    /// The page of `explain` that has more.
    pub topic: &'static str,
    /// A problem and a line that makes the mistake: `check` finds it.
    pub example: (&'static str, &'static str),
}

use Wrong::{Composite, Factor, Identity, Letter, Link, OwnScore, Slope};

/// Every mistake that has a name.
pub const MISTAKES: &[Mistake] = &[
    // ---- logarithms and exponentials, where one function has a mistake of its own
    Mistake {
        name: "constant-kept-in-log",
        said: "the constant in {} was kept: it cancels",
        wrong: &[
            Slope("log(k*u) = k*d/dx(u)/u"),
            Slope("log(u/k) = d/dx(u)/(k*u)"),
            Slope("log2(k*u) = k*d/dx(u)/(u*log(2))"),
            Slope("log10(k*u) = k*d/dx(u)/(u*log(10))"),
        ],
        rule: "d/dx log(k*x) = k/x",
        meant: "d/dx log(k*x) = 1/x",
        why: "log(k*x) is log(k) + log(x), and log(k) is a constant",
        topic: "log",
        example: ("d/dx log(5x)", "5/x"),
    },
    Mistake {
        name: "log-base-ignored",
        said: "the base of {} was ignored",
        wrong: &[Slope("log2(u) = d/dx(u)/u"), Slope("log10(u) = d/dx(u)/u"), Slope("log(u)/log(c) = d/dx(u)/u")],
        rule: "d/dx log10(x) = 1/x",
        meant: "d/dx log10(x) = 1/(x*log(10))",
        why: "a logarithm of another base is the natural one divided by the constant log of the base",
        topic: "log10",
        example: ("d/dx log10(x)", "1/x"),
    },
    Mistake {
        name: "base-differentiated-as-constant",
        said: "the base of {} varies, and was taken for a constant",
        wrong: &[Slope("log(c)/log(u) = d/dx(u)/(u*log(c))"), Slope("log(c)/log(u) = d/dx(u)/(c*log(u))")],
        rule: "d/dx log(2)/log(x) = 1/(x*log(2))",
        meant: "d/dx log(2)/log(x) = -log(2)/(x*log(x)^2)",
        why: "the logarithm of 2 to the base x is log(2)/log(x): the variable stands below the bar",
        topic: "quotient rule",
        example: ("d/dx (log(2)/log(x))", "1/(x*log(2))"),
    },
    Mistake {
        name: "log-loss-sign",
        said: "the sign of the slope of {} was lost",
        wrong: &[Slope("-log(u) = d/dx(u)/u"), Slope("-log(u) = 1/u")],
        rule: "d/dx (-log(p)) = 1/p",
        meant: "d/dx (-log(p)) = -1/p",
        why: "the minus is a constant factor and stays",
        topic: "log",
        example: ("d/dp (-log(p))", "1/p"),
    },
    Mistake {
        name: "power-rule-on-x-to-the-x",
        said: "the power rule was used on {}, where the exponent varies too",
        wrong: &[Slope("u^v = v*u^(v - 1)"), Slope("u^v = v*u^(v - 1)*d/dx(u)")],
        rule: "d/dx x^x = x*x^(x - 1)",
        meant: "d/dx x^x = x^x*(log(x) + 1)",
        why: "the power rule is for a constant exponent; here x^x is exp(x*log(x))",
        topic: "logarithmic differentiation",
        example: ("d/dx x^x", "x*x^(x - 1)"),
    },
    Mistake {
        name: "power-rule-on-exponential",
        said: "the power rule was used on {}, where the exponent varies",
        wrong: &[
            Slope("c^u = u*c^(u - 1)"),
            Slope("c^u = u*c^(u - 1)*d/dx(u)"),
            Slope("exp(u) = u*exp(u - 1)"),
            Slope("exp(u) = u*exp(u - 1)*d/dx(u)"),
        ],
        rule: "d/dx a^x = x*a^(x - 1)",
        meant: "d/dx a^x = a^x*log(a)",
        why: "the power rule is for x^n, with the variable below; in a^x it stands above",
        topic: "exponential",
        example: ("d/dx 2^x", "x*2^(x - 1)"),
    },
    Mistake {
        name: "exponential-base-log-missing",
        said: "the factor log(base) of {} is missing",
        wrong: &[Slope("c^u = c^u*d/dx(u)")],
        rule: "d/dx a^x = a^x",
        meant: "d/dx a^x = a^x*log(a)",
        why: "only the base e gives back itself; a^x is exp(x*log(a)), and log(a) is the inner derivative",
        topic: "exponential",
        example: ("d/dx 2^x", "2^x"),
    },
    // ---- signs of sine and cosine
    Mistake {
        name: "cosine-sign",
        said: "the minus of the slope of cos in {} is missing",
        wrong: &[Slope("cos(u) = sin(u)*d/dx(u)")],
        rule: "d/dx cos(x) = sin(x)",
        meant: "d/dx cos(x) = -sin(x)",
        why: "cos falls where sin is positive, so its slope is -sin",
        topic: "cos",
        example: ("d/dx cos(2x)", "2*sin(2x)"),
    },
    Mistake {
        name: "sine-sign",
        said: "the slope of sin in {} got a minus that it does not have",
        wrong: &[Slope("sin(u) = -cos(u)*d/dx(u)")],
        rule: "d/dx sin(x) = -cos(x)",
        meant: "d/dx sin(x) = cos(x)",
        why: "the minus belongs to the slope of cos; that of sin is cos",
        topic: "sin",
        example: ("d/dx sin(2x)", "-2*cos(2x)"),
    },
    // ---- powers
    Mistake {
        name: "exponent-not-lowered",
        said: "the exponent of {} came down but was not lowered by one",
        wrong: &[Slope("u^n = n*u^n*d/dx(u)")],
        rule: "d/dx u^n = n*u^n*d/dx(u)",
        meant: "d/dx u^n = n*u^(n - 1)*d/dx(u)",
        why: "the power rule does two things: the exponent comes down as a factor, and it is lowered by one",
        topic: "power rule",
        example: ("d/dx (x^2 + 1)^3", "3*(x^2 + 1)^3*2x"),
    },
    Mistake {
        name: "exponent-not-brought-down",
        said: "the exponent of {} was lowered but did not come down as a factor",
        wrong: &[Slope("u^n = u^(n - 1)*d/dx(u)")],
        rule: "d/dx u^n = u^(n - 1)*d/dx(u)",
        meant: "d/dx u^n = n*u^(n - 1)*d/dx(u)",
        why: "the power rule does two things: the exponent comes down as a factor, and it is lowered by one",
        topic: "power rule",
        example: ("d/dx (x^2 + 1)^3", "(x^2 + 1)^2*2x"),
    },
    Mistake {
        name: "exponent-raised",
        said: "the exponent of {} was raised instead of lowered",
        wrong: &[Slope("u^n = n*u^(n + 1)*d/dx(u)"), Slope("u^n = u^(n + 1)/(n + 1)"), Slope("u^n = u^(n + 1)/(n + 1)*d/dx(u)")],
        rule: "d/dx u^n = n*u^(n + 1)*d/dx(u)",
        meant: "d/dx u^n = n*u^(n - 1)*d/dx(u)",
        why: "a derivative lowers the exponent; an integral raises it",
        topic: "power rule",
        example: ("d/dx x^3", "3*x^4"),
    },
    // ---- the chain rule
    Mistake {
        name: "missing-inner-derivative",
        said: "the inner derivative of {} is missing",
        wrong: &[Composite("outer")],
        rule: "d/dx f(u) = f'(u)",
        meant: "d/dx f(u) = f'(u)*d/dx(u)",
        why: "the outer slope says how f changes with u; how u changes with x is a factor of its own",
        topic: "chain rule",
        example: ("d/dx sin(x^2)", "cos(x^2)"),
    },
    Mistake {
        name: "derivative-put-inside",
        said: "the inner function of {} was replaced by its derivative",
        wrong: &[Composite("inside")],
        rule: "d/dx f(u) = f'(d/dx(u))",
        meant: "d/dx f(u) = f'(u)*d/dx(u)",
        why: "the outer slope is taken at the inner function as it stands; the inner derivative is a factor beside it",
        topic: "chain rule",
        example: ("d/dx sin(x^2)", "cos(2x)"),
    },
    Mistake {
        name: "one-link-missing",
        said: "one link of the chain, at {}, is missing",
        wrong: &[Link("outer"), Link("d/dx(u)")],
        rule: "d/dx f(g(u)) = f'(g(u))*g'(u)",
        meant: "d/dx f(g(u)) = f'(g(u))*g'(u)*d/dx(u)",
        why: "a chain has one factor for each link; none may be left out",
        topic: "chain rule",
        example: ("d/dx sin(exp(x^2))", "cos(exp(x^2))*exp(x^2)"),
    },
    // ---- products and quotients
    Mistake {
        name: "product-of-derivatives",
        said: "the derivatives of the factors of {} were multiplied",
        wrong: &[Slope("u*v = d/dx(u)*d/dx(v)")],
        rule: "d/dx (u*v) = d/dx(u)*d/dx(v)",
        meant: "d/dx (u*v) = d/dx(u)*v + u*d/dx(v)",
        why: "each factor changes in turn while the other stands still, so there are two terms",
        topic: "product rule",
        example: ("d/dx (x*sin(x))", "cos(x)"),
    },
    Mistake {
        name: "product-as-sum-of-derivatives",
        said: "the derivatives of the factors of {} were added",
        wrong: &[Slope("u*v = d/dx(u) + d/dx(v)")],
        rule: "d/dx (u*v) = d/dx(u) + d/dx(v)",
        meant: "d/dx (u*v) = d/dx(u)*v + u*d/dx(v)",
        why: "that is the rule for a sum; in a product each derivative keeps the other factor beside it",
        topic: "product rule",
        example: ("d/dx (x*sin(x))", "1 + cos(x)"),
    },
    Mistake {
        name: "product-sign",
        said: "the two terms of the product rule for {} were subtracted",
        wrong: &[Slope("u*v = d/dx(u)*v - u*d/dx(v)"), Slope("u*v = u*d/dx(v) - d/dx(u)*v")],
        rule: "d/dx (u*v) = d/dx(u)*v - u*d/dx(v)",
        meant: "d/dx (u*v) = d/dx(u)*v + u*d/dx(v)",
        why: "the minus belongs to the quotient rule; in a product both changes add up",
        topic: "product rule",
        example: ("d/dx (x*exp(x))", "exp(x) - x*exp(x)"),
    },
    Mistake {
        name: "quotient-of-derivatives",
        said: "the derivatives of numerator and denominator of {} were divided",
        wrong: &[Slope("u/v = d/dx(u)/d/dx(v)")],
        rule: "d/dx (u/v) = d/dx(u)/d/dx(v)",
        meant: "d/dx (u/v) = (d/dx(u)*v - u*d/dx(v))/v^2",
        why: "numerator and denominator change in turn, and the square of the denominator stands below",
        topic: "quotient rule",
        example: ("d/dx (sin(x)/x)", "cos(x)"),
    },
    Mistake {
        name: "quotient-order",
        said: "the two terms of the quotient rule for {} were exchanged",
        wrong: &[Slope("u/v = (u*d/dx(v) - d/dx(u)*v)/v^2"), Slope("c/u = c*d/dx(u)/u^2")],
        rule: "d/dx (u/v) = (u*d/dx(v) - d/dx(u)*v)/v^2",
        meant: "d/dx (u/v) = (d/dx(u)*v - u*d/dx(v))/v^2",
        why: "a larger numerator makes the quotient larger, so its term has the plus",
        topic: "quotient rule",
        example: ("d/dx (x/(x + 1))", "-1/(x + 1)^2"),
    },
    Mistake {
        name: "quotient-denominator-not-squared",
        said: "the denominator of {} was not squared",
        wrong: &[Slope("u/v = (d/dx(u)*v - u*d/dx(v))/v"), Slope("c/u = -c*d/dx(u)/u")],
        rule: "d/dx (u/v) = (d/dx(u)*v - u*d/dx(v))/v",
        meant: "d/dx (u/v) = (d/dx(u)*v - u*d/dx(v))/v^2",
        why: "the slope of 1/v is -1/v^2 times that of v: the square comes from there",
        topic: "quotient rule",
        example: ("d/dx (x/(x + 1))", "1/(x + 1)"),
    },
    Mistake {
        name: "quotient-denominator-lost",
        said: "the denominator of the quotient rule for {} was left out",
        wrong: &[Slope("u/v = d/dx(u)*v - u*d/dx(v)")],
        rule: "d/dx (u/v) = d/dx(u)*v - u*d/dx(v)",
        meant: "d/dx (u/v) = (d/dx(u)*v - u*d/dx(v))/v^2",
        why: "the slope of 1/v is -1/v^2 times that of v: the square below comes from there",
        topic: "quotient rule",
        example: ("d/dx (sin(x)/(x^2 + 1))", "cos(x)*(x^2 + 1) - 2x*sin(x)"),
    },
    Mistake {
        name: "quotient-sign",
        said: "the two terms of the quotient rule for {} were added",
        wrong: &[Slope("u/v = (d/dx(u)*v + u*d/dx(v))/v^2")],
        rule: "d/dx (u/v) = (d/dx(u)*v + u*d/dx(v))/v^2",
        meant: "d/dx (u/v) = (d/dx(u)*v - u*d/dx(v))/v^2",
        why: "a larger denominator makes the quotient smaller, hence the minus",
        topic: "quotient rule",
        example: ("d/dx (x/(x + 1))", "(x + 1 + x)/(x + 1)^2"),
    },
    // ---- constants
    Mistake {
        name: "constant-differentiated",
        said: "{} does not depend on the variable, and was differentiated as if it did",
        wrong: &[Letter, Slope("u + c = d/dx(u) + 1"), Slope("u - c = d/dx(u) - 1")],
        rule: "d/dx k^3 = 3*k^2",
        meant: "d/dx k^3 = 0",
        why: "what does not change has slope 0, whatever it is called",
        topic: "constant",
        example: ("d/dx (k^3 + 2x)", "3*k^2 + 2"),
    },
    Mistake {
        name: "constant-kept",
        said: "the constant {} was kept as it stands",
        wrong: &[Slope("u + c = d/dx(u) + c")],
        rule: "d/dx (u + c) = d/dx(u) + c",
        meant: "d/dx (u + c) = d/dx(u)",
        why: "what does not change has slope 0: a constant term disappears",
        topic: "constant",
        example: ("d/dx (x^2 + 7)", "2x + 7"),
    },
    Mistake {
        name: "constant-factor-lost",
        said: "the constant factor of {} was lost",
        wrong: &[Slope("c*u = d/dx(u)"), Slope("u/c = d/dx(u)"), Slope("c/u = -d/dx(u)/u^2"), Slope("c*u = 0")],
        rule: "d/dx (c*f) = d/dx(f)",
        meant: "d/dx (c*f) = c*d/dx(f)",
        why: "a constant factor stretches the function, and its slope with it: it stays",
        topic: "constant factor",
        example: ("d/dx (5*sin(x))", "cos(x)"),
    },
    // ---- machine learning
    Mistake {
        name: "cross-entropy-keeps-sigmoid-slope",
        said: "the slope of {} stands there, though it cancels",
        wrong: &[Factor("sigmoid(u) = sigmoid(u)*(1 - sigmoid(u))")],
        rule: "the slope of the loss is (p - y)*p*(1 - p)",
        meant: "the slope of the loss is p - y",
        why: "the loss divides by p*(1 - p), and the slope of the sigmoid multiplies by it: the two cancel",
        topic: "sigmoid",
        example: ("d/dz (-(y*log(sigmoid(z)) + (1 - y)*log(1 - sigmoid(z))))", "(sigmoid(z) - y)*sigmoid(z)*(1 - sigmoid(z))"),
    },
    Mistake {
        name: "softmax-off-diagonal",
        said: "{} depends on every score, not on its own only",
        wrong: &[OwnScore],
        rule: "d/dz[j] softmax(z)[i] = 0",
        meant: "d/dz[j] softmax(z)[i] = -softmax(z)[i]*softmax(z)[j]",
        why: "all shares add up to 1, so when one grows the others shrink",
        topic: "softmax",
        example: ("d/db softmax([a, b, c])[1]", "0"),
    },
    // ---- algebra: logarithms
    Mistake {
        name: "log-of-a-sum-split",
        said: "the logarithm of a sum, {}, was split",
        wrong: &[
            Identity("log(a + b) = log(a) + log(b)"),
            Identity("log(a - b) = log(a) - log(b)"),
            Identity("log(a + b) = log(a)*log(b)"),
        ],
        rule: "log(a + b) = log(a) + log(b)",
        meant: "log(a*b) = log(a) + log(b)",
        why: "a logarithm turns a product into a sum; the logarithm of a sum stays as it is",
        topic: "logarithm of a product",
        example: ("log(x + 3)", "log(x) + log(3)"),
    },
    Mistake {
        name: "log-of-product-multiplied",
        said: "the logarithm of a product, {}, became a product of logarithms",
        wrong: &[Identity("log(a*b) = log(a)*log(b)")],
        rule: "log(a*b) = log(a)*log(b)",
        meant: "log(a*b) = log(a) + log(b)",
        why: "a logarithm turns a product into a sum",
        topic: "logarithm of a product",
        example: ("log(3x)", "log(3)*log(x)"),
    },
    Mistake {
        name: "quotient-of-logs-as-log-of-quotient",
        said: "a quotient of logarithms, {}, was taken for the logarithm of a quotient",
        wrong: &[Identity("log(a)/log(b) = log(a) - log(b)"), Identity("log(a/b) = log(a)/log(b)")],
        rule: "log(a)/log(b) = log(a) - log(b)",
        meant: "log(a/b) = log(a) - log(b)",
        why: "the difference belongs to the logarithm of a quotient; a quotient of two logarithms stays one",
        topic: "logarithm of a quotient",
        example: ("log(x)/log(4)", "log(x) - log(4)"),
    },
    Mistake {
        name: "power-of-log-as-log-of-power",
        said: "a power of a logarithm, {}, was taken for the logarithm of a power",
        wrong: &[Identity("log(a)^n = n*log(a)"), Identity("log(a^n) = log(a)^n")],
        rule: "log(a)^n = n*log(a)",
        meant: "log(a^n) = n*log(a)",
        why: "the exponent comes out when it stands inside of the logarithm, on its argument",
        topic: "logarithm of a power",
        example: ("log(x)^3", "3*log(x)"),
    },
    Mistake {
        name: "log-sigmoid-sign",
        said: "the sign inside of the softplus for {} was lost",
        wrong: &[
            Identity("log(sigmoid(a)) = -softplus(a)"),
            Identity("log_sigmoid(a) = -softplus(a)"),
            Identity("log(sigmoid(a)) = softplus(-a)"),
        ],
        rule: "log(sigmoid(a)) = -softplus(a)",
        meant: "log(sigmoid(a)) = -softplus(-a)",
        why: "sigmoid(a) is 1/(1 + exp(-a)), so the softplus is taken at -a",
        topic: "log_sigmoid",
        example: ("log(sigmoid(3x))", "-softplus(3x)"),
    },
    Mistake {
        name: "one-minus-sigmoid",
        said: "the 1 of {} went inside of the sigmoid",
        wrong: &[Identity("1 - sigmoid(a) = sigmoid(1 - a)")],
        rule: "1 - sigmoid(a) = sigmoid(1 - a)",
        meant: "1 - sigmoid(a) = sigmoid(-a)",
        why: "the sigmoid is mirrored at 0: what is left to 1 is its value at -a",
        topic: "sigmoid",
        example: ("1 - sigmoid(2x)", "sigmoid(1 - 2x)"),
    },
    // ---- algebra: exponentials and powers
    Mistake {
        name: "exponential-of-a-sum-split",
        said: "the exponential of a sum, {}, was split into a sum",
        wrong: &[
            Identity("exp(a + b) = exp(a) + exp(b)"),
            Identity("exp(a - b) = exp(a) - exp(b)"),
            Identity("n^(a + b) = n^a + n^b"),
            Identity("n^(a - b) = n^a - n^b"),
        ],
        rule: "exp(a + b) = exp(a) + exp(b)",
        meant: "exp(a + b) = exp(a)*exp(b)",
        why: "an exponential turns a sum into a product",
        topic: "exp",
        example: ("exp(2x + 1)", "exp(2x) + exp(1)"),
    },
    Mistake {
        name: "exponents-multiplied",
        said: "the exponents in {} were multiplied",
        wrong: &[
            Identity("exp(a)*exp(b) = exp(a*b)"),
            Identity("a^n*a^b = a^(n*b)"),
            Identity("n^a*n^b = n^(a*b)"),
            Identity("a*a^n = a^n"),
        ],
        rule: "exp(a)*exp(b) = exp(a*b)",
        meant: "exp(a)*exp(b) = exp(a + b)",
        why: "when powers of one base are multiplied, the exponents are added",
        topic: "exp",
        example: ("exp(x)*exp(2x)", "exp(2*x^2)"),
    },
    Mistake {
        name: "power-of-a-sum-split",
        said: "the power of a sum, {}, was split",
        wrong: &[
            Identity("(a + b)^n = a^n + b^n"),
            Identity("(a - b)^n = a^n - b^n"),
            Identity("(a - b)^n = a^n + b^n"),
            Identity("sqrt(a + b) = sqrt(a) + sqrt(b)"),
            Identity("sqrt(a - b) = sqrt(a) - sqrt(b)"),
            Identity("cbrt(a + b) = cbrt(a) + cbrt(b)"),
            Identity("1/(a + b) = 1/a + 1/b"),
        ],
        rule: "(a + b)^n = a^n + b^n",
        meant: "(a + b)^2 = a^2 + 2*a*b + b^2",
        why: "a power of a sum has mixed terms too; only a power of a product goes to each factor",
        topic: "power of a product",
        example: ("(x + 3)^2", "x^2 + 9"),
    },
    Mistake {
        name: "power-on-one-factor",
        said: "the exponent of {} reached one factor only",
        wrong: &[Identity("(a*b)^n = a*b^n"), Identity("(a/b)^n = a^n/b"), Identity("(a/b)^n = a/b^n")],
        rule: "(a*b)^n = a*b^n",
        meant: "(a*b)^n = a^n*b^n",
        why: "the exponent belongs to every factor inside of the parentheses",
        topic: "power of a product",
        example: ("(3x)^2", "3*x^2"),
    },
    Mistake {
        name: "root-of-square",
        said: "the root of a square, {}, is not always what is squared",
        wrong: &[Identity("sqrt(a^2) = a"), Identity("(a^2)^(1/2) = a")],
        rule: "sqrt(x^2) = x",
        meant: "sqrt(x^2) = abs(x)",
        why: "a root is never negative, and x may be",
        topic: "sqrt",
        example: ("sqrt(x^2)", "x"),
    },
    // ---- algebra: parentheses and fractions
    Mistake {
        name: "factor-not-distributed",
        said: "the factor of {} reached one term only",
        wrong: &[
            Identity("a*(b + c) = a*b + c"),
            Identity("a*(b - c) = a*b - c"),
            Identity("-(a + b) = -a + b"),
            Identity("-(a - b) = -a - b"),
            Identity("a - (b + c) = a - b + c"),
            Identity("a - (b - c) = a - b - c"),
            Identity("(a + b)/c = a/c + b"),
            Identity("(a + b)/c = a + b/c"),
        ],
        rule: "a*(b + c) = a*b + c",
        meant: "a*(b + c) = a*b + a*c",
        why: "a factor, or a minus, before parentheses belongs to every term inside",
        topic: "multiply out",
        example: ("3*(x + 2)", "3x + 2"),
    },
    Mistake {
        name: "fraction-split",
        said: "the denominator of {} was split",
        wrong: &[Identity("a/(b + c) = a/b + a/c"), Identity("a/(b - c) = a/b - a/c"), Identity("a/(b + c) = a/b + c")],
        rule: "a/(b + c) = a/b + a/c",
        meant: "(a + b)/c = a/c + b/c",
        why: "a sum above the bar can be split, a sum below it cannot",
        topic: "fractions",
        example: ("6/(x + 2)", "6/x + 3"),
    },
    Mistake {
        name: "term-cancelled",
        said: "a term of {} was cancelled as if it were a factor",
        wrong: &[
            Identity("(a + b)/a = b"),
            Identity("(a*b + c)/a = b + c"),
            Identity("(a + b)/(a + c) = b/c"),
            Identity("a/(a + b) = 1/b"),
        ],
        rule: "(a + b)/a = b",
        meant: "(a*b)/a = b",
        why: "only a factor of the whole numerator and the whole denominator cancels",
        topic: "cancellation",
        example: ("(x + 3)/x", "3"),
    },
];

/// The mistake of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Mistake> {
    MISTAKES.iter().find(|mistake| mistake.name == name)
}

/// The name of the remark on a step that is right under a condition only.
pub const CANCELLED: &str = "cancelled-without-condition";
