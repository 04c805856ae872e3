//! What can be practised: for each topic and level the shapes of its problems, in a small grammar. A word in braces stands for one
//! of the texts that `PARTS` has under it, drawn anew each time.

/// What a learner does with a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Differentiate it with respect to `x`.
    Slope,
    /// Take its logarithms, exponentials and products apart.
    Expand,
    /// Write it shorter.
    Simplify,
}

/// Something to practise.
#[derive(Debug)]
pub struct Topic {
    /// Its name; a rule of that name has a page.
    pub name: &'static str,
    /// Other words under which it is looked for.
    pub other: &'static [&'static str],
    /// What is done with a problem.
    pub task: Task,
    /// What is known of the letters, each a condition.
    pub assume: &'static [&'static str],
    /// A worked solution uses one of these rules, by their names in a derivation; empty where any will do.
    pub uses: &'static [&'static str],
    /// The shapes of problems, level by level, the easiest first.
    pub levels: [&'static [&'static str]; 3],
}

/// The highest level.
pub const LEVELS: usize = 3;

/// The topics in the order in which they can be taught.
pub const TOPICS: &[Topic] = &[
    Topic {
        name: "sum",
        other: &["sum rule", "polynomials", "constant factor", "term by term"],
        task: Task::Slope,
        assume: &[],
        uses: &["sum", "difference", "sum, term by term", "constant factor"],
        levels: [
            &["{c}*x^{k} {s}", "x^{k} {s}*x", "{c}*x^2 {s}*x {s}"],
            &["{c}*x^{K} {s}*x^2 {s}", "{c}*{wave}(x) {s}*x", "x^{K} {s}*exp(x)"],
            &["{c}*{wave}(x) {s}*x^{K} {s}*exp(x)", "{c}*log(x) {s}/x {s}*sqrt(x)", "(x^{K} {s}*x^{k})/{c} {s}*{wave}(x)"],
        ],
    },
    Topic {
        name: "power rule",
        other: &["powers", "exponents"],
        task: Task::Slope,
        assume: &[],
        uses: &["power rule"],
        levels: [
            &["x^{K}", "{c}*x^{K}", "x^{k} {s}"],
            &["x^(-{k})", "{c}*x^(1/{k})", "x^(-1/{k})", "x^({K}/2)"],
            &["({line})^{K}", "{c}*({line})^(-{k})", "({inner})^(1/{k})"],
        ],
    },
    Topic {
        name: "product rule",
        other: &["products", "product"],
        task: Task::Slope,
        assume: &[],
        uses: &["product rule"],
        levels: [
            &["x*{wave}(x)", "x^{k}*exp(x)", "x^{k}*{wave}(x)", "x*log(x)"],
            &["x^{k}*exp({c}*x)", "{wave}(x)*exp(x)", "({line})*{wave}(x)", "sqrt(x)*{wave}(x)", "x^{k}*log({c}*x)"],
            &["({inner})*exp({line})", "{wave}({c}*x)*exp({line})", "x^{k}*{wave}({inner})", "x*{smooth}({line})*exp(x)"],
        ],
    },
    Topic {
        name: "quotient rule",
        other: &["quotients", "quotient", "fractions"],
        task: Task::Slope,
        assume: &[],
        uses: &["quotient rule", "reciprocal rule"],
        levels: [
            &["x/(x {s})", "x^{k}/(x {s})", "{c}/(x^2 + {c})", "(x {s})/(x^2 + {c})"],
            &["{wave}(x)/x", "exp(x)/(x {s})", "({line})/(x^2 + {c})", "log(x)/x^{k}"],
            &["{wave}({c}*x)/(x^2 + {c})", "exp({line})/(x^2 + {c})", "({inner})/(exp(x) + {c})", "log(x)/(x^2 + {c})"],
        ],
    },
    Topic {
        name: "chain rule",
        other: &["composition", "inner derivative", "nested functions"],
        task: Task::Slope,
        assume: &[],
        uses: &["chain rule", "power rule"],
        levels: [
            &["{wave}({line})", "exp({line})", "({line})^{K}", "log({c}*x + {c})"],
            &["{smooth}({inner})", "({inner})^{K}", "sqrt(x^2 + {c})", "log(x^2 + {c})", "{wave}(x)^{k}", "exp({wave}(x))"],
            &[
                "{smooth}({wave}({line}))",
                "{wave}({inner})^{k}",
                "exp({wave}({inner}))",
                "log(exp({line}) + {c})",
                "sqrt({wave}(x)^2 + {c})",
            ],
        ],
    },
    Topic {
        name: "exponentials",
        other: &["exponential functions", "exp"],
        task: Task::Slope,
        assume: &[],
        uses: &[],
        levels: [
            &["exp({c}*x)", "{c}*exp(-x)", "x*exp(x)"],
            &["exp({inner})", "{b}^x", "x^{k}*exp(-{c}*x)", "{c}*{b}^({c}*x)"],
            &["exp({inner})*{wave}(x)", "x*{b}^({line})", "(exp(x) {s})/(exp(x) + {c})", "exp(-({line})^2/2)"],
        ],
    },
    Topic {
        name: "logarithms",
        other: &["logarithmic functions", "log"],
        task: Task::Slope,
        assume: &[],
        uses: &[],
        levels: [
            &["log({c}*x)", "{c}*log(x)", "x*log(x)"],
            &["log(x^2 + {c})", "log2({c}*x)", "log(x)^{k}", "x^{k}*log(x)", "log10(x)"],
            &["log(x/(x + {c}))", "log(exp({c}*x) + {c})", "log(x^2 + {c})/x", "log(sqrt(x^2 + {c}))"],
        ],
    },
    Topic {
        name: "trigonometric functions",
        other: &["trigonometry", "sine and cosine", "angles", "sin", "cos"],
        task: Task::Slope,
        assume: &[],
        uses: &[],
        levels: [
            &["{c}*sin(x) {s}*cos(x)", "{wave}({c}*x)", "x*{wave}(x)"],
            &["{wave}(x)^{k}", "{wave}({inner})", "tan({c}*x)", "{wave}(x)*{wave}({c}*x)"],
            &["{wave}({line})^{k}", "tan({inner})", "{wave}(x)/(1 + {wave}(x)^2)", "atan({line})", "{wave}(x)*exp({wave}(x))"],
        ],
    },
    Topic {
        name: "logarithmic differentiation",
        other: &["variable exponent", "x^x"],
        task: Task::Slope,
        assume: &[],
        uses: &["logarithmic differentiation"],
        levels: [
            &["x^x", "x^({c}*x)", "{c}*x^x"],
            &["x^(x^2)", "x^{wave}(x)", "({c}*x)^x", "x^(1/x)"],
            &["(x^2 + {c})^x", "x^({line})*exp(x)", "(x^2 + {c})^{wave}(x)", "log(x)^x"],
        ],
    },
    Topic {
        name: "losses",
        other: &["machine learning", "activations", "sigmoid", "loss functions"],
        task: Task::Slope,
        assume: &[],
        uses: &[],
        levels: [
            &["({c}*x {s})^2/2", "sigmoid({c}*x)", "softplus(x)", "tanh({c}*x)"],
            &["-log(sigmoid({line}))", "({c} - sigmoid(x))^2/2", "softplus({line}) - x", "x*sigmoid({c}*x)"],
            &["-log(1 - sigmoid({line}))", "tanh({line})^2", "log(exp(x) + exp({c}*x))", "(tanh({line}) {s})^2/2"],
        ],
    },
    Topic {
        name: "mixed",
        other: &["all rules", "everything", "review", "exam"],
        task: Task::Slope,
        assume: &[],
        uses: &[],
        levels: [
            &["x^{k}*{wave}(x)", "{wave}({line})", "x^{k}/(x {s})", "{c}*x^{K} {s}*x", "log({c}*x)"],
            &["x^{k}*exp({c}*x)", "{smooth}({inner})", "{wave}(x)/x^{k}", "({inner})^{K}", "log(x^2 + {c})", "sqrt(x^2 + {c})"],
            &[
                "x*{smooth}({inner})",
                "{wave}({inner})^{k}",
                "exp({line})/(x^2 + {c})",
                "x^{k}*{wave}({line})*exp(x)",
                "x^{wave}(x)",
            ],
        ],
    },
    Topic {
        name: "laws of logarithms",
        other: &["logarithm of a product", "logarithm of a quotient", "logarithm of a power"],
        task: Task::Expand,
        assume: &["p > 0", "q > 0", "r > 0"],
        uses: &[],
        levels: [
            &["log(p*q)", "log(p/q)", "log(p^{K})", "log(p*q*r)"],
            &["log(p^{k}*q)", "log(p/q^{k})", "log(sqrt(p)*q)", "log(p*q/r)"],
            &["log(p^{k}*q^{K}/r)", "log(sqrt(p/q))", "log(p^{k}*sqrt(q)/r^{K})", "log((p*q)^{k}/r)"],
        ],
    },
    Topic {
        name: "laws of exponentials",
        other: &["product of exponentials", "exponential of a sum", "exponent laws"],
        task: Task::Simplify,
        assume: &["p > 0", "q > 0"],
        uses: &[],
        levels: [
            &["exp({c}*p)*exp({c}*q)", "exp({c}*p)/exp(q)", "exp({c}*p)^{k}"],
            &["exp(p)^{k}*exp(q)", "exp({c}*p)/exp({c}*p - q)", "exp(log(p) + log(q))"],
            &["exp({k}*log(p))", "exp(p + q)^{k}/exp({k}*p)", "exp(log(p) - {k}*log(q))", "sqrt(exp({c}*p)*exp({c}*p))"],
        ],
    },
    Topic {
        name: "cancelling",
        other: &["cancel", "fractions in letters", "domains"],
        task: Task::Simplify,
        assume: &[],
        uses: &[],
        levels: [
            &["(x^2 {s}*x)/x", "{c}*x^{K}/x^2", "(x^{k}*y)/(x*y)"],
            &[
                "(x^2 - 9)/(x - 3)",
                "(x^2 - 16)/(x + 4)",
                "({c}*x^2*y - {c}*x*y)/(x*y)",
                "(x^2*y - x*y^2)/(x - y)",
                "(exp(x)*y + exp(x))/exp(x)",
            ],
            &["(x^2 + 2*x*y + y^2)/(x + y)", "(x^3 - y^3)/(x - y)", "1/x + 1/(x^2 + x) - 1/(x + 1)"],
        ],
    },
];

/// What the words in braces can be.
pub(super) const PARTS: &[(&str, &[&str])] = &[
    ("c", &["2", "3", "4", "5", "6", "7", "8", "9"]),
    ("s", &["+ {c}", "- {c}"]),
    ("k", &["2", "3"]),
    ("K", &["3", "4", "5", "6"]),
    ("b", &["2", "3", "5", "10"]),
    ("wave", &["sin", "cos"]),
    ("smooth", &["sin", "cos", "exp", "tanh"]),
    ("line", &["{c}*x {s}", "{c}*x {s}", "{c} - x", "{c} - {c}*x"]),
    ("inner", &["x^2 {s}", "x^{K} {s}*x", "{c}*x^2 {s}", "x^2 {s}*x {s}"]),
];
