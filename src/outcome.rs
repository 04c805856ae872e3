//! What a statement comes to, as data: every output format prints this, and nothing here prints.

use crate::course::{Finding, Track};
use crate::curve::Study;
use crate::derive::{Derivation, Detail, Piece};
use crate::diagnostic::Diagnostic;
use crate::domain::DomainReport;
use crate::exercise::Topic;
use crate::expr::{Graph, Id, Number, Symbol};
use crate::flow::Remark;
use crate::marking::Judged;
use crate::math::mistakes::Mistake;
use crate::plot::Picture;
use crate::resolve::Text;
use crate::saturation::Saturation;
use crate::source::Span;
use crate::stable::{Failure, Row};
use crate::verify::check::Equality;
use std::sync::Arc;

/// The outcome of one statement.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The text the spans count in.
    pub text: Arc<Text>,
    /// The statement.
    pub span: Span,
    /// The statement's first word, such as `diff`; `expression` for an expression alone.
    pub command: &'static str,
    /// What it gives; none for a definition, and where there is an error.
    pub answer: Option<Answer>,
    /// What there is to say about it, in order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Outcome {
    /// Whether the statement failed.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// What a command gives.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A result in symbols.
    Formula(Formula),
    /// A vector of results in symbols.
    Vector(Vec<Formula>),
    /// A result with the checked rewrites that led to it.
    Simplified {
        /// The result.
        formula: Formula,
        /// The rewrites, in order.
        derivation: Derivation,
        /// How much of them to show; without it the result only.
        detail: Option<Detail>,
    },
    /// The numerically stable form, with the checked rewrites that led to it and where the typed form fails.
    Stable(Box<Stability>),
    /// A derivation.
    Derivation {
        /// The steps.
        derivation: Derivation,
        /// How much of it to show.
        detail: Detail,
        /// The value of the result, where it was asked for.
        value: Option<Evaluated>,
    },
    /// First derivatives, one for each variable.
    Gradient(Vec<(Symbol, Formula)>),
    /// A value with its partial derivatives as numbers.
    Slopes {
        /// The value of the expression.
        value: Evaluated,
        /// The variables.
        by: Vec<Symbol>,
        /// One number for each variable.
        partials: Vec<Evaluated>,
    },
    /// Rows of derivatives; for a Hessian, rows and columns are the variables.
    Matrix {
        /// The columns' variables.
        variables: Vec<Symbol>,
        /// Row by row.
        rows: Vec<Vec<Formula>>,
    },
    /// Derivatives that are too many or too large to be simplified or read in one piece; they share their parts.
    Shared {
        /// The derivatives, in order.
        entries: Vec<SharedEntry>,
        /// Of how many operations and leaves they are made, what they share counted once.
        nodes: usize,
    },
    /// Values, several for a vector.
    Values {
        /// The values, in order.
        values: Vec<Evaluated>,
        /// Whether a vector was asked about, perhaps of one entry.
        is_vector: bool,
    },
    /// Whether a condition holds.
    Truth(bool),
    /// Whether two expressions are equal.
    Equality(Equality),
    /// What became of a learner's lines.
    Marking(Box<Marking>),
    /// The domain of an expression.
    Domain(DomainReport),
    /// Where a descent led.
    Descent(Box<Course>),
    /// A picture of functions.
    Picture(Box<Picture>),
    /// Values at steps of a variable, or of two.
    Table(Table),
    /// Where functions are saturated.
    Saturation {
        /// The variable.
        variable: String,
        /// From where to where; the ends may be infinite.
        range: (f64, f64),
        /// The functions, in order.
        functions: Vec<Saturated>,
    },
    /// How the influence of variables runs through the stages, one flow for each.
    Flow(Vec<Flow>),
    /// Relative sensitivities, one for each variable.
    Elasticity(Vec<Elasticity>),
    /// How an expression grows along a variable.
    Growth(Box<Growth>),
    /// What a loss curve is like.
    Curve(Box<Curve>),
    /// Problems to practise.
    Exercises(Box<Exercises>),
    /// A page about a topic.
    Page {
        /// What was asked for.
        topic: String,
        /// The page, each line with its line end.
        text: String,
    },
}

/// What became of a learner's lines.
#[derive(Clone, Debug)]
pub struct Marking {
    /// What the first line is compared with.
    pub problem: Id,
    /// Whether the problem asks for a derivative.
    pub is_derivative: bool,
    /// The lines, in order.
    pub lines: Vec<MarkedLine>,
    /// Whether the last line equals the problem.
    pub arrives: bool,
    /// Whether a derivative is still to be taken in the last line.
    pub is_open: bool,
    /// A hint on the first line that does not follow, or on the next line; empty where none is wanted.
    pub hint: Vec<Piece>,
}

/// A line of a learner with what became of it.
#[derive(Clone, Debug)]
pub struct MarkedLine {
    /// As it was written.
    pub text: String,
    /// Where.
    pub span: Span,
    /// What was read.
    pub value: Id,
    /// Its part at which a mistake shows, where that is known.
    pub place: Option<Id>,
    /// What it is to the line above.
    pub judged: Judged,
    /// The mistake that leads to it, where one is known.
    pub slip: Option<Slip>,
}

/// What went wrong in a line.
#[derive(Clone, Debug)]
pub struct Slip {
    /// The mistakes, the likeliest first.
    pub mistakes: Vec<&'static Mistake>,
    /// Whether all of them were made; otherwise each alone leads to the line.
    pub is_both: bool,
    /// What went wrong here: half a sentence.
    pub said: Vec<Piece>,
    /// Where the wrong rule fails in general: a sentence.
    pub elsewhere: Option<Vec<Piece>>,
}

impl Slip {
    /// The mistakes that count: where any of several leads to the line, the likeliest.
    #[must_use]
    pub fn made(&self) -> &[&'static Mistake] {
        if self.is_both { &self.mistakes } else { &self.mistakes[..self.mistakes.len().min(1)] }
    }
}

impl Marking {
    /// The first line that does not follow.
    #[must_use]
    pub fn first_wrong(&self) -> Option<usize> {
        self.lines.iter().position(|line| matches!(line.judged, Judged::Different { .. }))
    }
}

/// How the influence of a variable runs through the stages to a result.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The variable.
    pub by: Symbol,
    /// Its value, where it has one.
    pub start: Option<Evaluated>,
    /// The stages on the way, each after those it uses; the result is the last.
    pub nodes: Vec<FlowNode>,
    /// The links, those into one stage side by side, in the order of the stages.
    pub links: Vec<FlowLink>,
    /// Whether there is one way only.
    pub is_chain: bool,
    /// The ways with their products, where there are several and few enough, and values.
    pub paths: Vec<Path>,
    /// Whether the variable acts within a mean or sum over rows, whose inner stages are not shown.
    pub within_rows: bool,
    /// The derivative of the result, found without the links.
    pub total: Option<Evaluated>,
    /// What the numbers say.
    pub remarks: Vec<Remark>,
}

/// A stage on the way of an influence.
#[derive(Clone, Debug)]
pub struct FlowNode {
    /// The stage; none for a result without a name.
    pub stage: Option<Symbol>,
    /// What the program does not name and this flow does.
    pub definition: Option<Id>,
    /// Its value.
    pub value: Option<Evaluated>,
    /// Its derivative by the variable: the sum over all ways so far.
    pub influence: Option<Evaluated>,
}

/// A link: how a stage changes with something it directly uses.
#[derive(Clone, Debug)]
pub struct FlowLink {
    /// What is used.
    pub from: Symbol,
    /// The stage that uses it; none for a result without a name.
    pub to: Option<Symbol>,
    /// The local derivative.
    pub factor: Id,
    /// Its value.
    pub slope: Option<Evaluated>,
    /// Why it is small, where the function of the stage tells.
    pub reason: Option<Reason>,
}

/// A function whose slope is a small share of its largest.
#[derive(Clone, Debug)]
pub struct Reason {
    /// The function.
    pub function: &'static str,
    /// Its argument.
    pub argument: Id,
    /// The value of that.
    pub at: f64,
    /// The slope there.
    pub slope: f64,
    /// The size of the largest slope anywhere.
    pub largest: f64,
}

/// One way of an influence.
#[derive(Clone, Debug)]
pub struct Path {
    /// The positions of its links.
    pub links: Vec<usize>,
    /// The product of their slopes.
    pub product: f64,
}

/// The relative sensitivity of an expression: by how many percent it changes where a variable changes by one.
#[derive(Clone, Debug)]
pub struct Elasticity {
    /// The variable.
    pub by: Symbol,
    /// The formula, with its value.
    pub formula: Formula,
    /// The value of the variable.
    pub at: Option<Evaluated>,
    /// The value of the expression.
    pub value: Option<Evaluated>,
    /// The derivative.
    pub slope: Option<Evaluated>,
}

/// How an expression grows along a variable.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The variable.
    pub by: Symbol,
    /// The slope as a share of the expression.
    pub rate: Formula,
    /// By what law.
    pub pace: Pace,
    /// Whether its size grows; nothing where that is not known.
    pub rises: Option<bool>,
    /// The time in which it doubles, or halves where it is known to fall.
    pub time: Formula,
    /// Its factor for each step by 1, where that is the same everywhere.
    pub factor: Option<Formula>,
    /// From where on it is 0 in f64, and from where on it is beyond the largest number.
    pub ends: Option<(f64, f64)>,
}

/// The law by which an expression grows.
#[derive(Clone, Debug, PartialEq)]
pub enum Pace {
    /// It does not change.
    None,
    /// By the same factor in equal steps.
    Exponential,
    /// By the same factor each time the variable doubles: a power with this exponent.
    Power(Formula),
    /// In another way; whether the relative slope rises along the variable, where that is known.
    Other(Option<bool>),
}

/// What is known of a loss curve.
#[derive(Clone, Debug)]
pub struct Curve {
    /// The law, where it leads, and what happens on the way.
    pub study: Study,
    /// How many rows the log has.
    pub rows: usize,
    /// The name of the column of steps; none where rows are counted.
    pub step: Option<String>,
    /// The name of the column of losses.
    pub loss: String,
    /// The name of the column of losses on other data.
    pub other: Option<String>,
}

/// Values at steps of a variable; with two variables, a grid of them.
#[derive(Clone, Debug)]
pub struct Table {
    /// The variable that goes down.
    pub variable: String,
    /// The variable that goes across, where there are two.
    pub across: Option<String>,
    /// What stands above the columns of values: expressions, or values of the variable that goes across.
    pub heads: Vec<String>,
    /// The values of the variable that goes down.
    pub at: Vec<Number>,
    /// Row by row.
    pub rows: Vec<Vec<Evaluated>>,
}

/// Where one function is saturated.
#[derive(Clone, Debug)]
pub struct Saturated {
    /// Its stage or its text.
    pub name: String,
    /// Its slope, where a formula was found.
    pub slope: Option<Id>,
    /// Where; or why that cannot be said, in words that follow the name.
    pub answer: Result<Saturation, String>,
}

/// The course of a descent.
#[derive(Clone, Debug)]
pub struct Course {
    /// The parameters.
    pub by: Vec<Symbol>,
    /// What was seen on the way.
    pub track: Track,
    /// Why not all of the steps were taken.
    pub stopped: Option<String>,
    /// What the way says, the most important first.
    pub findings: Vec<Finding>,
    /// Whether the parameters keep the values to which they came.
    pub kept: bool,
}

/// What was found of an expression's behaviour in f64 arithmetic.
#[derive(Clone, Debug)]
pub struct Stability {
    /// The stable form.
    pub formula: Formula,
    /// The rewrites that lead to it, in order.
    pub derivation: Derivation,
    /// How much of them to show.
    pub detail: Detail,
    /// Where the typed form fails, and why.
    pub failures: Vec<Failure>,
    /// Where the stable form itself still loses half of the digits or more.
    pub left: Option<Row>,
    /// Errors before and after at some inputs.
    pub rows: Vec<Row>,
    /// The variable along which the inputs of the rows go.
    pub along: Option<Symbol>,
    /// Whether the typed form is right to within ordinary rounding wherever it was looked at.
    pub is_stable: bool,
    /// At how many points that was.
    pub points: usize,
    /// How the functions of the stable form are computed, each as an identity.
    pub computed: Vec<(Id, Id)>,
}

/// An expression as a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// The expression.
    pub id: Id,
    /// What must hold for it to stand for what was asked about, beyond what it needs itself and what is known.
    pub conditions: Vec<Id>,
    /// Its value, where every symbol has one and the expression does not show it already.
    pub value: Option<Evaluated>,
}

/// One of many derivatives that share their parts.
#[derive(Clone, Debug)]
pub struct SharedEntry {
    /// Which entry of a vector was differentiated, from 1; none where it was one number.
    pub of: Option<usize>,
    /// The variables, in order.
    pub by: Vec<Symbol>,
    /// The derivative: it stands for what was asked about wherever that has a value and a slope.
    pub id: Id,
    /// Its value, where every symbol has one.
    pub value: Option<Evaluated>,
}

/// A value at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The f64 nearest to the value, unless there is doubt.
    pub value: f64,
    /// The exact value, where it was asked for and found: a number, or an expression without symbols.
    pub exact: Option<Id>,
    /// As many digits as were asked for, correctly rounded.
    pub digits: Option<String>,
    /// Whether the expression has no value there, whatever f64 makes of it.
    pub undefined: bool,
    /// Why the value is not an ordinary one, in one sentence.
    pub cause: Option<String>,
    /// Why the value is not certain to be the nearest f64; nothing where it is.
    pub doubt: Option<&'static str>,
}

/// A sheet of problems to practise.
#[derive(Clone, Debug)]
pub struct Exercises {
    /// What its expressions are made of: problems know nothing of the program around them.
    pub graph: Graph,
    /// What is practised.
    pub topic: &'static Topic,
    /// How hard the problems are, from 1 on.
    pub level: usize,
    /// The seed from which they were drawn.
    pub seed: u64,
    /// Whether the worked solutions are shown.
    pub key: bool,
    /// The problems, in order.
    pub problems: Vec<Problem>,
}

/// A problem to practise.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is asked, as `check` reads it: `d/dx (…)`, or an expression that is to be written in another form.
    pub question: String,
    /// The worked solution, every step of it checked.
    pub solution: Derivation,
    /// What learners may answer instead, each with another mistake.
    pub wrong: Vec<WrongAnswer>,
}

/// A wrong answer to a problem.
#[derive(Clone, Debug)]
pub struct WrongAnswer {
    /// The answer.
    pub answer: Id,
    /// The mistake that leads to it.
    pub mistake: &'static Mistake,
    /// What went wrong: half a sentence.
    pub said: Vec<Piece>,
}
