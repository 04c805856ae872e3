//! Single questions about one expression, without a program around it: what the batch protocol and other programs ask.

use super::clauses::{accepted, unknown_setting};
use super::descend::Steps;
use super::ranges::{Along, Look};
use super::rewriting::Aim;
use super::{Constant, Point, Session, Wanted, Work};
use crate::derive::Detail;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::{Number, Symbol};
use crate::marking::hint::Level;
use crate::outcome::{Answer, Formula};
use crate::resolve::{Fault, Text, Value};
use crate::source::{Source, Span};
use crate::syntax::ast::{CommandKind, ExprId, Ident};
use crate::syntax::{parse_condition, parse_expression};
use crate::verify::check;
use std::collections::HashSet;
use std::sync::Arc;

/// What is asked about an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// The expression itself, names resolved.
    Parse,
    /// Its shortest form, with the rewrites that lead to it.
    Simplify,
    /// Its products, logarithms and exponentials taken apart, with the rewrites that lead there.
    Expand,
    /// Its logarithms, exponentials and roots put together, with the rewrites that lead there.
    Contract,
    /// Its numerically stable form, with the rewrites that lead there, and where it fails as it stands.
    Stable,
    /// Its derivative by each of these names in turn.
    Diff(Vec<String>),
    /// The same, step by step.
    Derive(Vec<String>, Detail),
    /// Its value.
    Eval(Wanted),
    /// Its partial derivatives by these names as numbers.
    Gradient(Vec<String>),
    /// Its second partial derivatives by these names, in symbols, and as numbers where every name has a value.
    Hessian(Vec<String>),
    /// How the influence of each of these names runs through it.
    Flow(Vec<String>),
    /// Its relative sensitivities to these names.
    Elasticity(Vec<String>),
    /// Where steps against its gradient by these names lead, with settings, as text. Without names by all that have values.
    Descend(Vec<String>, Vec<(String, String)>),
    /// Whether it equals this other expression.
    Equal(String),
    /// Whether each of these lines follows from the one above, it being the first, with so much of a hint.
    Check(Vec<String>, Level),
    /// What a command shows that looks along a variable: `plot`, `table` or `saturation`.
    Along {
        /// Which command.
        kind: CommandKind,
        /// The ranges, each a name with its ends; none for an infinite one.
        ranges: Vec<(String, [Option<Number>; 2])>,
        /// The settings, as text.
        with: Vec<(String, String)>,
    },
}

/// A question with its circumstances.
#[derive(Clone, Debug, PartialEq)]
pub struct Query<'q> {
    /// The expression.
    pub expression: &'q str,
    /// What is assumed, each a condition as text.
    pub assume: &'q [String],
    /// Values of names.
    pub at: &'q [(String, Number)],
    /// What is asked.
    pub ask: Ask,
}

impl Query<'_> {
    /// The names that the question itself introduces.
    fn names(&self) -> HashSet<String> {
        let by = match &self.ask {
            Ask::Diff(names) | Ask::Derive(names, _) | Ask::Gradient(names) | Ask::Hessian(names) => &names[..],
            Ask::Flow(names) | Ask::Elasticity(names) | Ask::Descend(names, _) => &names[..],
            _ => &[],
        };
        if let Ask::Along { ranges, .. } = &self.ask {
            let at = self.at.iter().map(|(name, _)| name);
            return ranges.iter().map(|(name, _)| name).chain(at).cloned().collect();
        }
        by.iter().chain(self.at.iter().map(|(name, _)| name)).cloned().collect()
    }
}

impl Session {
    /// Answers a question; the session itself is not changed by it, but for the graph, which holds the answer.
    ///
    /// # Errors
    /// What is wrong; spans count in the expression.
    pub fn ask(&mut self, query: &Query<'_>) -> Result<Answer, Fault> {
        let parsed = parse_expression(query.expression).map_err(first)?;
        let text = Text::new(Source::new("expression", query.expression), parsed.ast);
        self.within_limits(&text, |work| work.asked(query, parsed.root, text.clone()))
    }
}

impl Work<'_> {
    /// The answer to a question about the expression at `root` of the text.
    fn asked(&mut self, query: &Query<'_>, root: ExprId, text: Arc<Text>) -> Result<Answer, Fault> {
        self.declared = query.names();
        if query.ask == Ask::Stable {
            // what is found for every value of a name holds for the constant too
            self.declared.insert("tau".to_owned());
        }
        self.assume(query.assume)?;
        self.text = text;
        self.leaves_derivatives = matches!(query.ask, Ask::Check(..));
        let value = match query.ask {
            Ask::Parse | Ask::Eval(_) => self.lower(|l| l.any(root))?,
            _ => self.lower(|l| l.numbers(root))?,
        };
        self.answer(&value, query)
    }

    /// Adds conditions to what is known. A fault in one of them has no place in the expression, so its span goes.
    fn assume(&mut self, conditions: &[String]) -> Result<(), Fault> {
        for condition in conditions {
            let found = self.assumption(condition).map_err(|mut fault| {
                fault.message = format!("in the assumption `{}`: {}", quote(condition), fault.message);
                fault.labels.clear();
                fault
            })?;
            self.extra.push(found);
        }
        Ok(())
    }

    fn assumption(&mut self, condition: &str) -> Result<crate::expr::Id, Fault> {
        let parsed = parse_condition(condition).map_err(first)?;
        self.text = Text::new(Source::new("assumption", condition), parsed.ast);
        self.lower(|l| l.condition(parsed.root))
    }

    fn answer(&mut self, value: &Value, query: &Query<'_>) -> Result<Answer, Fault> {
        let point = self.values_at(query.at)?;
        match &query.ask {
            Ask::Parse => Ok(parsed(value)),
            Ask::Simplify => self.rewritten(value, Aim::Shortest, None),
            Ask::Expand => self.rewritten(value, Aim::Expanded, None),
            Ask::Contract => self.rewritten(value, Aim::Contracted, None),
            Ask::Stable => self.stable_form(value, Detail::Normal),
            Ask::Diff(names) => {
                let by = self.symbols(names)?;
                self.derivatives(value, &by, &point)
            }
            Ask::Derive(names, detail) => {
                let by = self.symbols(names)?;
                match value {
                    Value::Scalar(root) => self.derivation(*root, &by, *detail, &point),
                    Value::Vector(_) => Err(vector_refused()),
                }
            }
            Ask::Eval(wanted) => {
                wanted.within_limits()?;
                self.values(value, &point, *wanted)
            }
            Ask::Gradient(names) => self.gradient(value, names, &point),
            Ask::Hessian(names) => {
                let Value::Scalar(root) = value else { return Err(vector_refused()) };
                let by = self.symbols(names)?;
                self.second_derivatives(*root, by, &point)
            }
            Ask::Flow(names) | Ask::Elasticity(names) => {
                let Value::Scalar(root) = value else { return Err(vector_refused()) };
                let by = self.symbols(names)?;
                if matches!(query.ask, Ask::Flow(_)) {
                    self.flows(*root, &by, &point)
                } else {
                    self.elasticities(*root, &by, &point)
                }
            }
            Ask::Descend(names, with) => {
                let Value::Scalar(root) = value else { return Err(vector_refused()) };
                let steps = {
                    let mut steps = Steps::default();
                    set_all(CommandKind::Descend, with, |name, word| steps.set(name, word))?;
                    steps
                };
                let names: Vec<String> = match &names[..] {
                    [] => query.at.iter().map(|(name, _)| name.clone()).collect(),
                    some => some.to_vec(),
                };
                let by = self.symbols(&names)?;
                self.descent(*root, by, &point, steps, Span::default())
            }
            Ask::Equal(other) => self.equal(value, other),
            Ask::Check(lines, level) => self.checked(value, lines, *level),
            Ask::Along { kind, ranges, with } => self.asked_along(*kind, value, ranges, with, &point),
        }
    }

    fn asked_along(
        &mut self,
        kind: CommandKind,
        value: &Value,
        ranges: &[(String, [Option<Number>; 2])],
        with: &[(String, String)],
        point: &Point,
    ) -> Result<Answer, Fault> {
        let mut look = Look::default();
        set_all(kind, with, |name, word| look.set(name, word))?;
        let mut along = Vec::with_capacity(ranges.len());
        for (name, [from, to]) in ranges {
            let [symbol] = self.symbols(std::slice::from_ref(name))?[..] else { return Err(vector_refused()) };
            let one = Along { symbol, from: from.clone(), to: to.clone(), span: Span::default() };
            one.ordered()?;
            along.push(one);
        }
        self.along_variables(kind, value, &along, &look, point, Span::default())
    }

    /// Whether the value equals what another text stands for. A fault there has no place in the expression, so its span goes.
    fn equal(&mut self, left: &Value, other: &str) -> Result<Answer, Fault> {
        let right = self.other(other).map_err(|mut fault| {
            fault.message = format!("in the right side `{}`: {}", quote(other), fault.message);
            fault.labels.clear();
            fault
        })?;
        let (Value::Scalar(left), Value::Scalar(right)) = (left, right) else { return Err(vector_refused()) };
        let known = self.known();
        let (left, right) = (self.opened(*left), self.opened(right));
        Ok(Answer::Equality(check::equal(&self.session.graph, &known, left, right)))
    }

    fn other(&mut self, text: &str) -> Result<Value, Fault> {
        let parsed = parse_expression(text).map_err(first)?;
        self.text = Text::new(Source::new("right side", text), parsed.ast);
        self.lower(|l| l.numbers(parsed.root))
    }

    fn gradient(&mut self, value: &Value, names: &[String], point: &Point) -> Result<Answer, Fault> {
        let Value::Scalar(root) = value else { return Err(vector_refused()) };
        let by = self.symbols(names)?;
        self.check_values(&[*root], point)?;
        let (value, partials) = self.slopes(*root, &by, point);
        Ok(Answer::Slopes { value, by, partials })
    }

    fn values_at(&mut self, at: &[(String, Number)]) -> Result<Point, Fault> {
        let mut point = self.session.values.clone();
        for (name, value) in at {
            let symbols = self.symbols(std::slice::from_ref(name)).map_err(|_| not_a_name(name))?;
            let constant = || Constant { float: value.to_f64(), exact: Some(value.clone()), closed: None };
            symbols.into_iter().for_each(|symbol| point.set(symbol, constant()));
        }
        Ok(point)
    }

    /// The symbols of names that come from outside the text.
    fn symbols(&mut self, names: &[String]) -> Result<Vec<Symbol>, Fault> {
        let kept = self.text.clone();
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            found.extend(self.symbols_of(name)?);
        }
        self.text = kept;
        Ok(found)
    }

    fn symbols_of(&mut self, name: &str) -> Result<Vec<Symbol>, Fault> {
        // a name such as w[1] is that of a component
        let plain = name.split_once('[').map_or(name, |(head, _)| head);
        let parsed = parse_expression(plain).map_err(|_| not_a_name(name))?;
        let crate::syntax::ast::Expr::Name(id) = parsed.ast.expr(parsed.root) else { return Err(no_variable(name)) };
        let ident = Ident { name: id, span: Span::default() };
        self.text = Text::new(Source::new("name", plain), parsed.ast);
        let symbols = self.lower(|l| l.variables(ident)).map_err(|mut fault| {
            fault.labels.clear();
            fault
        })?;
        Ok(if plain == name { symbols } else { vec![self.session.graph.intern(name)] })
    }
}

/// Takes the settings of a command in that come from outside the text.
///
/// # Errors
/// A setting that the command does not have, or what it can be.
pub(super) fn set_all(
    kind: CommandKind,
    with: &[(String, String)],
    mut set: impl FnMut(&str, &str) -> Result<(), String>,
) -> Result<(), Fault> {
    for (name, word) in with {
        let allowed = accepted(kind).1;
        if !allowed.contains(&name.as_str()) {
            return Err(unknown_setting(name, allowed, Span::default()));
        }
        set(name, word).map_err(|choices| {
            let message = format!("`{}` is one of {choices}", quote(name));
            Box::new(Diagnostic::new(&code::SETTING, message))
        })?;
    }
    Ok(())
}

fn parsed(value: &Value) -> Answer {
    let plain = |id: &crate::expr::Id| Formula { id: *id, conditions: Vec::new(), value: None };
    match value {
        Value::Scalar(id) => Answer::Formula(plain(id)),
        Value::Vector(items) => Answer::Vector(items.iter().map(plain).collect()),
    }
}

fn vector_refused() -> Fault {
    Box::new(Diagnostic::new(&code::VECTOR, "this needs one number, not a vector"))
}

fn not_a_name(name: &str) -> Fault {
    Box::new(Diagnostic::new(&code::NO_VARIABLE, format!("`{}` is not a name", quote(name))))
}

fn no_variable(text: &str) -> Fault {
    let text = quote(text);
    let message = format!("a derivative is taken by a variable, and `{text}` is an expression");
    let help = format!("give it a name, say u = {text}, write the expression in terms of u, and use u here");
    Box::new(Diagnostic::new(&code::NO_VARIABLE, message).help(help))
}

pub(super) fn first(diagnostics: Vec<Diagnostic>) -> Fault {
    let unread = || Diagnostic::new(&code::UNEXPECTED, "this text cannot be read");
    Box::new(diagnostics.into_iter().next().unwrap_or_else(unread))
}
