//! FACTS ONLY, no algorithms: what is known of each function and each identity, one record for one fact. Formulas are text in
//! the language's own grammar. Adding a function or a rule touches one place: the family's file it belongs to.

mod activation;
mod arithmetic;
pub mod calculus;
mod exp_log;
mod hyperbolic;
pub mod kernels;
pub mod mistakes;
mod piecewise;
mod powers;
mod reductions;
mod special;
mod trig;

/// The name of a function of the table: its position there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FunctionId(pub u16);

impl FunctionId {
    /// All that is known of the function.
    pub fn record(self) -> &'static Function {
        table().functions[self.0 as usize]
    }

    /// Its name in the language.
    pub fn name(self) -> &'static str {
        self.record().name
    }
}

/// How many arguments a function takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arity {
    /// This many, named by [`Function::parameters`].
    Exactly(u8),
    /// One vector, or at least one number: `max(a, b, c)` and `max([a, b, c])` are the same.
    List,
    /// Two vectors of one length: `dot`.
    TwoLists,
}

/// What the value of a function is, independently of its derivative: the checker evaluates this, never the derivative's formula.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// The checker's arithmetic knows the function itself.
    Primitive,
    /// An expression in the parameters, by functions whose meaning is simpler.
    Text(&'static str),
    /// An operation on lists that is opened when names are resolved (`sum`, `mean`, `prod`, `dot`) or known to the evaluators
    /// (`max`, `min`, `logsumexp`, `softmax`).
    List,
}

/// The f64 evaluation of a function.
#[derive(Clone, Copy)]
pub enum Kernel {
    /// Of one argument.
    One(fn(f64) -> f64),
    /// Of two.
    Two(fn(f64, f64) -> f64),
    /// Of three.
    Three(fn(f64, f64, f64) -> f64),
    /// Of a list, to one number.
    List(fn(&[f64]) -> f64),
    /// Of a list, to a list of the same length.
    Vector(fn(&[f64]) -> Vec<f64>),
    /// Opened when names are resolved; never evaluated.
    Opened,
}

/// Whether a function rises or falls over its whole domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Monotone {
    /// Strictly increasing.
    Increasing,
    /// Strictly decreasing.
    Decreasing,
    /// Neither, or only on parts.
    No,
}

/// Whether the sign of the argument can be taken out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parity {
    /// `f(-u) = f(u)`
    Even,
    /// `f(-u) = -f(u)`
    Odd,
    /// Neither.
    None,
}

/// A place where a function has no derivative although it may have a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kink {
    /// The condition on the parameters under which it lies there, such as `u == 0`.
    pub at: &'static str,
    /// What happens there, for a reader: `slopes -1 and 1`, `a jump`, `a vertical tangent`.
    pub what: &'static str,
}

/// What happens at a kink where a function has one formula on both sides, and only no slope between them.
pub const VERTICAL: &str = "a vertical tangent";

/// How a function is written outside the plain syntax.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notation {
    /// Unicode text; `{}` stands for the arguments.
    pub unicode: &'static str,
    /// LaTeX; `{}` stands for the arguments.
    pub latex: &'static str,
    /// Words for a screen reader; `{}` stands for the arguments.
    pub spoken: &'static str,
}

/// All that is known of a function.
pub struct Function {
    /// Its name in the language.
    pub name: &'static str,
    /// Other spellings of the same function.
    pub aliases: &'static [&'static str],
    /// Names that people use elsewhere for it; the error for an unknown function suggests this one.
    pub elsewhere: &'static [&'static str],
    /// Names of the parameters, used by every formula below.
    pub parameters: &'static [&'static str],
    /// How many arguments it takes.
    pub arity: Arity,
    /// Its name in running text, such as "natural logarithm".
    pub title: &'static str,
    /// The textbook name of the rule that differentiates it, such as "logarithm".
    pub rule: &'static str,
    /// What it is, for the checker.
    pub meaning: Meaning,
    /// Conditions on the parameters under which it has a value; empty where it always has.
    pub domain: &'static [&'static str],
    /// Conditions on `value` that hold wherever it has one, such as `value > 0`.
    pub range: &'static [&'static str],
    /// Partial derivatives, one for each parameter; empty for lists, whose derivative the engine knows by rule.
    /// An empty text: no formula, for a parameter such as the order of `polygamma`, which counts and does not vary.
    pub derivative: &'static [&'static str],
    /// Conditions beyond the domain under which that derivative exists.
    pub differentiable: &'static [&'static str],
    /// Where, within the domain, it has no derivative.
    pub kinks: &'static [Kink],
    /// Whether it rises or falls, as a function of its only parameter.
    pub monotone: Monotone,
    /// Its symmetry, as a function of its only parameter.
    pub parity: Parity,
    /// Its f64 evaluation.
    pub kernel: Kernel,
    /// How it is written elsewhere.
    pub notation: Notation,
    /// What a learner should know of it: two or three sentences.
    pub teaching: &'static str,
    /// The mistake that is usually made with it.
    pub mistake: &'static str,
    /// A statement that shows it, which runs.
    pub example: &'static str,
}

/// What a rewrite does to the domain.
///
/// The condition of an exact rule says where the two sides agree: it is decided before the rule is used, as is that of a
/// shrinking rule. The condition of an extending rule is carried along with the result; what it says of `n` or `m`, which
/// stand for numbers, is decided before the rule is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Same value, same domain.
    Exact,
    /// The right side is defined at more points: the left side's condition is carried along.
    Extends,
    /// The right side is defined at fewer points: a proof or an assumption is needed.
    Shrinks,
}

/// What a rule is for, and so when it is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Makes an expression shorter or plainer: always tried.
    Simplify,
    /// Recognises a named form (sigmoid, softplus …) at the end.
    Recognise,
    /// Takes a logarithm or exponential apart.
    Expand,
    /// Puts logarithms or exponentials together.
    Contract,
    /// Gives a form whose evaluation in f64 neither overflows nor cancels; a condition says where it is the better one.
    Stable,
    /// Relates two forms of which neither is plainer: taught and checked, never tried by itself.
    Relate,
}

/// An identity with its exact condition.
#[derive(Debug)]
pub struct Rule {
    /// Its textbook name, shown in derivations.
    pub name: &'static str,
    /// `left = right where condition, …` in the language's grammar; single letters are pattern variables.
    pub text: &'static str,
    /// What it does to the domain.
    pub class: Class,
    /// When it is tried.
    pub purpose: Purpose,
    /// Why it holds: one sentence.
    pub why: &'static str,
    /// An expression on which it acts.
    pub example: &'static str,
    /// The mistake that is usually made with it; empty where there is none to speak of.
    pub mistake: &'static str,
    /// Where the condition fails and the rule with it: values such as `a = -1, b = -1`; empty for a rule without a condition,
    /// and for an exact rule of purpose [`Purpose::Stable`], whose condition says only where it is the better form.
    pub counterexample: &'static str,
}

/// Partial derivatives whose textbook form cancels or leaves the range of f64, in the form that is evaluated instead.
const SLOPES: &[(&str, &[&str])] = &[
    ("sigmoid", &["sigmoid(u)*sigmoid(-u)"]),
    ("silu", &["sigmoid(u)*(1 + u*sigmoid(-u))"]),
    ("tanh", &["sech(u)^2"]),
    ("coth", &["-csch(u)^2"]),
    ("asinh", &["1/hypot(u, 1)"]),
    ("acosh", &["1/sqrt((u - 1)*(u + 1))"]),
    ("atanh", &["1/((1 - u)*(1 + u))"]),
    ("asin", &["1/sqrt((1 - u)*(1 + u))"]),
    ("acos", &["-1/sqrt((1 - u)*(1 + u))"]),
    ("atan2", &["x/hypot(x, y)/hypot(x, y)", "-y/hypot(x, y)/hypot(x, y)"]),
];

impl Function {
    /// Whether one formula holds wherever it has a slope: then it has all further ones there too.
    #[must_use]
    pub fn is_analytic(&self) -> bool {
        self.kinks.iter().all(|kink| kink.what == VERTICAL)
    }

    /// Its partial derivatives in forms that are accurate in f64; [`Function::derivative`] is what is shown.
    pub fn slopes(&self) -> &'static [&'static str] {
        SLOPES.iter().find(|(name, _)| *name == self.name).map_or(self.derivative, |(_, forms)| forms)
    }
}

struct Table {
    functions: Vec<&'static Function>,
    names: hashbrown::HashMap<&'static str, FunctionId>,
}

/// The families, in the order in which a course meets them.
const FAMILIES: &[&[Function]] = &[
    exp_log::FUNCTIONS,
    powers::FUNCTIONS,
    trig::FUNCTIONS,
    hyperbolic::FUNCTIONS,
    piecewise::FUNCTIONS,
    activation::FUNCTIONS,
    special::FUNCTIONS,
    reductions::FUNCTIONS,
    // One family a line.
];

/// The identities of each family.
const IDENTITIES: &[&[Rule]] = &[
    arithmetic::RULES,
    exp_log::RULES,
    powers::RULES,
    trig::RULES,
    hyperbolic::RULES,
    piecewise::RULES,
    activation::RULES,
    special::RULES,
    reductions::RULES,
    // One family a line.
];

fn table() -> &'static Table {
    static TABLE: std::sync::OnceLock<Table> = std::sync::OnceLock::new();
    TABLE.get_or_init(|| {
        let functions: Vec<&'static Function> = FAMILIES.iter().flat_map(|f| f.iter()).collect();
        let mut names = hashbrown::HashMap::new();
        for (i, f) in functions.iter().enumerate() {
            for name in std::iter::once(&f.name).chain(f.aliases) {
                names.insert(*name, FunctionId(i as u16));
            }
        }
        Table { functions, names }
    })
}

/// The function of this name or alias.
pub fn find(name: &str) -> Option<FunctionId> {
    table().names.get(name).copied()
}

/// Every function of the table.
pub fn functions() -> impl Iterator<Item = FunctionId> {
    (0..table().functions.len()).map(|i| FunctionId(i as u16))
}

/// Every identity of the table.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    IDENTITIES.iter().flat_map(|family| family.iter())
}
