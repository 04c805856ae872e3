//! What a course adds to the rules that it teaches: why each holds, the common mistake, and a question.

/// What a teacher says of a rule, beside its statement.
pub(super) struct Taught {
    /// The name of its page: a law, an identity or a function.
    pub name: &'static str,
    /// Why it holds: an argument that a learner can follow on paper.
    pub holds: &'static str,
    /// What goes wrong most often, with numbers that show it; empty where the page says it already.
    pub mistake: &'static str,
    /// A question to try.
    pub question: &'static str,
    /// A statement that prints the answer.
    pub answer: &'static str,
}

/// What is taught of the page with this name.
pub(super) fn taught(name: &str) -> Option<&'static Taught> {
    TAUGHT.iter().find(|taught| taught.name == name)
}

pub(super) const TAUGHT: &[Taught] = &[
    // ---- rules of differentiation
    Taught {
        name: "constant",
        holds: "However far x moves, c stays where it is: the change of c is 0, and 0 divided by the step is 0.",
        mistake: "Treating another letter, or a number in disguise, as if it moved: with respect to x the slope of k^3 is 0, not 3*k^2, and the slope of exp(2) is 0, not exp(2).",
        question: "What is the slope of pi^2 + x*k with respect to x?",
        answer: "diff pi^2 + x*k wrt x",
    },
    Taught {
        name: "constant factor",
        holds: "If f grows by df, c*f grows by c*df: the factor goes through the difference and through the division by the step.",
        mistake: "Losing the factor, or giving it the slope 0 of a constant that stands alone: the slope of 5*sin(x) is 5*cos(x), neither cos(x) nor 0.",
        question: "What is the slope of -4*x^3 at x = 2?",
        answer: "diff -4*x^3 wrt x at x = 2",
    },
    Taught {
        name: "sum",
        holds: "If f grows by df and g by dg, f + g grows by df + dg. Divided by the step, each part becomes its own slope.",
        mistake: "Expecting the same of products: it holds for sums because a change of f does not alter what a change of g adds. In a product it does.",
        question: "Why does the constant of x^2 + 7 leave no trace in its slope, and what remains?",
        answer: "derive x^2 + 7 wrt x",
    },
    Taught {
        name: "difference",
        holds: "f - g is f + (-1)*g: the rule for sums, and -1 as a constant factor.",
        mistake: "Losing the sign inside a bracket: the slope of x^2 - (x - sin(x)) is 2*x - 1 + cos(x). The minus meets both terms.",
        question: "What is the slope of x^2 - (x - sin(x))?",
        answer: "diff x^2 - (x - sin(x)) wrt x",
    },
    Taught {
        name: "product rule",
        holds: "Think of f*g as the area of a rectangle with the sides f and g. When the sides grow by df and dg, two strips are added, df*g and f*dg, and a corner df*dg. Divided by the step the strips become d(f)*g + f*d(g); the corner still holds a factor that goes to 0.",
        mistake: "Multiplying the slopes. For x*x that gives 1*1 = 1, but the slope of x^2 is 2*x: at x = 3 it is 6.",
        question: "Where is the slope of x*exp(-x) zero? Find the slope first.",
        answer: "derive x*exp(-x) wrt x",
    },
    Taught {
        name: "quotient rule",
        holds: "Call the quotient q, so that f = q*g. The product rule gives d(f) = d(q)*g + q*d(g). Solve for d(q) and write f/g for q: d(q) = (d(f) - f/g*d(g))/g, and over one denominator that is the rule.",
        mistake: "Turning the difference round, or leaving the square away. Test with x/1: the slope must be 1. The wrong order gives -1.",
        question: "What is the slope of x/(x + 1), and why is it never negative?",
        answer: "derive x/(x + 1) wrt x",
    },
    Taught {
        name: "reciprocal rule",
        holds: "c/g is c*g^(-1): the exponent -1 comes down, leaves g^(-2), and the chain rule adds the slope of g.",
        mistake: "Forgetting the sign, or the slope of g: the slope of 1/(3*x) is -1/(3*x^2), which is negative, because 1/(3*x) falls for x > 0.",
        question: "What is the slope of 1/(x^2 + 1) at x = 1?",
        answer: "diff 1/(x^2 + 1) wrt x at x = 1",
    },
    Taught {
        name: "power rule",
        holds: "u^n is n equal factors. By the product rule each factor changes once while the other n - 1 stand still: n terms, each u^(n - 1)*d(u). For an exponent that is no whole number, write u^n = exp(n*log(u)) and use the chain rule; the result has the same form.",
        mistake: "Keeping the exponent (3*x^3), raising it, which is integration, or leaving d(u) away when u is not the variable: the slope of (2*x)^3 is 3*(2*x)^2*2.",
        question: "What is the slope of sqrt(x) written as a power, x^(1/2)?",
        answer: "diff x^(1/2) wrt x",
    },
    Taught {
        name: "chain rule",
        holds: "Move x by a step h. The inner u moves by about d(u)*h. The outer f sees a move of u, not of x, and answers by about f'(u) times that move: f'(u)*d(u)*h. Two gears in line: their ratios multiply.",
        mistake: "Leaving the inner slope away, or putting it inside: the slope of sin(x^2) is cos(x^2)*2*x, neither cos(x^2) nor cos(2*x). At x = 0 the first is 1 and so is the second, but sin(x^2) is flat there.",
        question: "Three gears: what is the slope of exp(sin(x^2)), and which factor makes it vanish at 0?",
        answer: "derive exp(sin(x^2)) wrt x",
    },
    Taught {
        name: "logarithmic differentiation",
        holds: "Let y = f^g with f > 0. Then log(y) = g*log(f). The slope of the left side is d(y)/y, by the chain rule; so d(y) = y*d(g*log(f)).",
        mistake: "Using the power rule where the exponent moves, or the rule for a^x where the base does: for x^x the first gives x*x^(x - 1) and the second x^x*log(x). The slope is the sum of the two.",
        question: "Where is x^x smallest for x > 0?",
        answer: "derive x^x wrt x",
    },
    Taught {
        name: "maximum",
        holds: "Close to a point where f > g the larger one is f and only f is seen, so its slope is the slope.",
        mistake: "Giving a slope at the tie. Where f = g with different slopes, the steps to the left and to the right disagree: there is a kink, and no slope.",
        question: "Where has max(x, x^2) no slope?",
        answer: "derive max(x, x^2) wrt x",
    },
    Taught {
        name: "branch by branch",
        holds: "A slope looks only at points as near as one likes. Away from the border all of them lie in one branch.",
        mistake: "Joining the branches without a look at the border: values that meet are not enough, the slopes must meet too.",
        question: "Has x*abs(x) a slope at 0?",
        answer: "diff x*abs(x) wrt x",
    },
    Taught {
        name: "log-sum-exp",
        holds: "The slope of log(S) is d(S)/S, and of S = exp(a) + exp(b) + … only exp(a) moves with a: exp(a)/S, which is the share of a.",
        mistake: "Computing it as it stands: exp(1000) is too large for any f64, though the result is about 1000. The largest score is taken out first.",
        question: "The shares of all scores add up to 1. What does that say when every score is raised by 1?",
        answer: "simplify logsumexp(a + 1, b + 1) - logsumexp(a, b)",
    },
    Taught {
        name: "softmax",
        holds: "A share is s = exp(a)/S. Its logarithm is a - log(S), whose slope by a is 1 - s and by another score b is -t, where t is the share of b. Multiply by s: s*(1 - s) and -s*t.",
        mistake: "Taking the slope of a share by another score as 0. What one share gains the others lose.",
        question: "What is the slope of the share of a by the score b?",
        answer: "derive softmax([a, b])[1] wrt b",
    },
    // ---- functions
    Taught {
        name: "exp",
        holds: "exp(x + h) = exp(x)*exp(h): a step multiplies. The difference is exp(x)*(exp(h) - 1), and (exp(h) - 1)/h goes to 1, which is how the base e is chosen.",
        mistake: "",
        question: "Which functions are 3 times their own slope?",
        answer: "diff exp(x/3) wrt x",
    },
    Taught {
        name: "log",
        holds: "y = log(x) means exp(y) = x. The slope of the left side is exp(y)*d(y), of the right side 1; so d(y) = 1/exp(y) = 1/x.",
        mistake: "",
        question: "Why have log(x) and log(2*x) the same slope?",
        answer: "expand log(2*x) assuming x > 0",
    },
    Taught {
        name: "sin",
        holds: "sin(x + h) = sin(x)*cos(h) + cos(x)*sin(h). For a small h cos(h) is 1 up to h^2/2, and sin(h)/h goes to 1; what is left of the difference, divided by h, is cos(x).",
        mistake: "",
        question: "After how many derivatives does sin(x) come back?",
        answer: "diff sin(x) wrt x, x, x, x",
    },
    Taught {
        name: "cos",
        holds: "cos(x) = sin(pi/2 - x). The chain rule gives cos(pi/2 - x) times -1, and that is -sin(x).",
        mistake: "",
        question: "What is the slope of cos(x)^2 + sin(x)^2, before and after simplifying?",
        answer: "derive cos(x)^2 + sin(x)^2 wrt x",
    },
    Taught {
        name: "tan",
        holds: "tan(x) = sin(x)/cos(x). The quotient rule gives (cos(x)^2 + sin(x)^2)/cos(x)^2, and the numerator is 1.",
        mistake: "",
        question: "How steep is tan at 0, and how steep at pi/4?",
        answer: "diff tan(x) wrt x at x = pi/4",
    },
    Taught {
        name: "sqrt",
        holds: "y = sqrt(x) means y^2 = x. The slope of the left side is 2*y*d(y), of the right side 1; so d(y) = 1/(2*sqrt(x)).",
        mistake: "",
        question: "How steep is sqrt(x) at 1/100, and what happens at 0?",
        answer: "diff sqrt(x) wrt x at x = 1/100",
    },
    Taught {
        name: "abs",
        holds: "For x > 0 it is x, with slope 1; for x < 0 it is -x, with slope -1. At 0 the two sides disagree: a kink.",
        mistake: "",
        question: "What is the slope of abs(x^2 - 1) at x = 0?",
        answer: "diff abs(x^2 - 1) wrt x at x = 0",
    },
    Taught {
        name: "atan",
        holds: "y = atan(x) means tan(y) = x. The slope of the left side is (1 + tan(y)^2)*d(y), of the right side 1; so d(y) = 1/(1 + x^2).",
        mistake: "",
        question: "What is the slope of atan(x) + atan(1/x)? What does that say of the sum?",
        answer: "derive atan(x) + atan(1/x) wrt x",
    },
    Taught {
        name: "tanh",
        holds: "tanh(x) = sinh(x)/cosh(x), and sinh and cosh are each other's slopes. The quotient rule gives (cosh(x)^2 - sinh(x)^2)/cosh(x)^2 = 1 - tanh(x)^2.",
        mistake: "",
        question: "What share of its largest slope has tanh at 3?",
        answer: "eval 1 - tanh(x)^2 at x = 3",
    },
    Taught {
        name: "sigmoid",
        holds: "sigmoid(x) = 1/(1 + exp(-x)). The reciprocal rule gives exp(-x)/(1 + exp(-x))^2: that is sigmoid(x) times exp(-x)/(1 + exp(-x)), and the second factor is 1 - sigmoid(x).",
        mistake: "",
        question: "What is the slope of -log(sigmoid(x)), and where does it saturate?",
        answer: "derive -log(sigmoid(x)) wrt x",
    },
    Taught {
        name: "softplus",
        holds: "softplus(x) = log(1 + exp(x)). The slope of log(u) is 1/u, the inner slope exp(x): exp(x)/(1 + exp(x)) = sigmoid(x).",
        mistake: "",
        question: "What is softplus(x) - softplus(-x)?",
        answer: "simplify softplus(x) - softplus(-x)",
    },
    // ---- identities
    Taught {
        name: "logarithm of a product",
        holds: "Write a = exp(p) and b = exp(q), which is possible for positive numbers. Then a*b = exp(p + q), and its logarithm is p + q.",
        mistake: "",
        question: "Why is a loss a sum over examples, when the probability of all of them is a product?",
        answer: "expand -log(p*q*r) assuming p > 0, q > 0, r > 0",
    },
    Taught {
        name: "logarithm of a quotient",
        holds: "Write a = exp(p) and b = exp(q). Then a/b = exp(p - q), and its logarithm is p - q.",
        mistake: "Reading log(a)/log(b) as log(a/b). log(8)/log(2) is 3; log(8/2) is log(4), about 1.39.",
        question: "What is the slope of log(x/(x + 1))? Split it first.",
        answer: "derive log(x/(x + 1)) wrt x assuming x > 0",
    },
    Taught {
        name: "logarithm of a power",
        holds: "Write a = exp(p). Then a^b = exp(b*p), and its logarithm is b*p = b*log(a).",
        mistake: "Reading log(a)^b as log(a^b). log(e^2)^3 is 2^3 = 8; log((e^2)^3) is 6.",
        question: "What is log(x^2) for a negative x?",
        answer: "simplify log(x^2)",
    },
    Taught {
        name: "sum of logarithms",
        holds: "The logarithm of a product, read backwards. The sum asks that both numbers are positive; the product alone does not.",
        mistake: "Writing log(a) + log(b) as log(a + b). log(4) + log(4) is log(16), not log(8).",
        question: "Why does contract carry a condition along here?",
        answer: "contract log(x) + log(x - 2)",
    },
    Taught {
        name: "inverse functions",
        holds: "exp and log undo each other: log(a) is by definition the exponent to which e is raised to give a. It exists for a > 0 only.",
        mistake: "Dropping the condition: exp(log(x)) has no value at -1, and x has one.",
        question: "What is exp(2*log(x)), and where?",
        answer: "simplify exp(2*log(x))",
    },
    Taught {
        name: "exponential of a sum",
        holds: "For whole numbers it is counting: a + b equal factors are a factors times b factors. exp continues that to all numbers.",
        mistake: "Adding instead of multiplying: exp(1 + 1) is about 7.39, exp(1) + exp(1) about 5.44.",
        question: "By what factor does exp(x) grow when x grows by log(2)?",
        answer: "expand exp(x + log(2))",
    },
    Taught {
        name: "product of exponentials",
        holds: "The exponential of a sum, read backwards: a factors and b factors are a + b factors.",
        mistake: "Multiplying the exponents: exp(2)*exp(3) is exp(5), not exp(6).",
        question: "What is exp(x)*exp(-x)?",
        answer: "simplify exp(x)*exp(-x)",
    },
    Taught {
        name: "power of a power",
        holds: "(a^b)^c is c groups of b factors each: b*c factors.",
        mistake: "Adding the exponents: (2^3)^2 is 64 = 2^6, not 2^5.",
        question: "Why is (x^2)^(1/2) not x?",
        answer: "simplify (x^2)^(1/2)",
    },
    Taught {
        name: "product of powers",
        holds: "b factors and c factors are b + c factors. For exponents that are no whole numbers the base must be positive: a^b = exp(b*log(a)).",
        mistake: "Multiplying the exponents: 2^3*2^2 is 2^5 = 32, not 2^6.",
        question: "What is x^3/x, and where?",
        answer: "simplify x^3/x",
    },
    Taught {
        name: "root of a square",
        holds: "sqrt gives the number that is not negative and has this square. Of a and -a that is abs(a).",
        mistake: "",
        question: "What is the slope of sqrt(x^2) at x = -3?",
        answer: "diff sqrt(x^2) wrt x at x = -3",
    },
    Taught {
        name: "square of a root",
        holds: "sqrt(a) is by definition a number whose square is a. It exists for a >= 0 only.",
        mistake: "Taking it for the root of a square: sqrt(x)^2 has no value at -3, sqrt(x^2) is 3 there.",
        question: "Are sqrt(x)^2 and x equal?",
        answer: "simplify sqrt(x)^2",
    },
    Taught {
        name: "cancelling",
        holds: "a/a asks how often a goes into itself: once, if it is not 0. 0/0 has no value.",
        mistake: "Cancelling a term of a sum: (x + 2)/x is not 2. And dropping what was needed: x/x has no value at 0, 1 has one.",
        question: "What is (x^2 - x)/x, and where?",
        answer: "simplify (x^2 - x)/x",
    },
    Taught {
        name: "difference of two squares",
        holds: "(a - b)*(a + b) = a^2 + a*b - b*a - b^2, and the middle terms cancel. Divide by a - b.",
        mistake: "Reading a^2 - b^2 as (a - b)^2: 5^2 - 3^2 is 16, (5 - 3)^2 is 4.",
        question: "What does (x^2 - 4)/(x - 2) come near to at x = 2, where it has no value?",
        answer: "simplify (x^2 - 4)/(x - 2)",
    },
    Taught {
        name: "multiply out",
        holds: "A rectangle with the sides a and b + c falls into two, with the areas a*b and a*c.",
        mistake: "Reaching the first term only: 3*(4 + 5) is 27, 3*4 + 5 is 17. A minus before a bracket reaches every term too.",
        question: "What is x - 2*(x - 3)?",
        answer: "expand x - 2*(x - 3)",
    },
    Taught {
        name: "square of a sum",
        holds: "A square with the side a + b holds the squares a^2 and b^2 and two rectangles a*b.",
        mistake: "Losing the two rectangles: (3 + 4)^2 is 49, 3^2 + 4^2 is 25.",
        question: "What is the slope of (x + 1)^2, both ways?",
        answer: "expand (x + 1)^2",
    },
    Taught {
        name: "change of base",
        holds: "y = log2(a) means 2^y = a. Take log of both sides: y*log(2) = log(a).",
        mistake: "Ignoring the base in a slope: the slope of log10(x) is 1/(x*log(10)), about 0.43/x.",
        question: "What is the slope of log2(x) at x = 1?",
        answer: "diff log2(x) wrt x at x = 1",
    },
];
