//! What a program has defined so far: stages, functions, parameters, inputs, assumptions. Statements are resolved against
//! a scope and change it only through the methods here.

use super::{Fault, Text, Value, names};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::{Graph, Id, Symbol, walk};
use crate::math;
use crate::source::Span;
use crate::syntax::ast::{Ast, Expr, ExprId, Ident, NameId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How a name came to have a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `let`: a named stage.
    Stage,
    /// `param`: trainable, with a starting value.
    Param,
    /// `given`: an input with a value.
    Given,
}

impl Kind {
    /// What it is called in messages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Kind::Stage => "a stage",
            Kind::Param => "a parameter",
            Kind::Given => "an input",
        }
    }
}

/// The meaning of a name that stands for a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How it was defined.
    pub kind: Kind,
    /// What the name becomes: its symbol, or the components of a vector.
    pub value: Value,
}

/// A function of the program. Its body is resolved anew for every call.
#[derive(Clone, Debug)]
pub struct UserFunction {
    /// Its name.
    pub name: Box<str>,
    /// The text it was defined in.
    pub text: Arc<Text>,
    /// Its parameters.
    pub params: Vec<NameId>,
    /// Its body.
    pub body: ExprId,
    /// The functions that the body calls.
    pub calls: Vec<Box<str>>,
    /// The earlier results that the body names, such as `ans`: they stay what they were.
    pub results: Vec<(NameId, Value)>,
}

/// The names of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataNames {
    /// The data set itself.
    pub symbol: Symbol,
    /// Its columns: the name in the file, and the name in programs.
    pub columns: Vec<(Box<str>, Box<str>)>,
}

impl DataNames {
    /// The place of the column that has this name in programs, among the columns of the file; an error of one sentence and advice where
    /// there is none, or more than one.
    ///
    /// # Errors
    /// When no column, or more than one, has the name.
    pub fn place(&self, name: &str) -> Result<usize, (String, String)> {
        let mut found = self.columns.iter().enumerate().filter(|(_, (_, ident))| &**ident == name);
        match (found.next(), found.next()) {
            (Some((place, _)), None) => Ok(place),
            (Some(_), Some(_)) => Err((
                format!("has more than one column `{}`", quote(name)),
                "give the columns of the file different names".to_owned(),
            )),
            _ => Err((format!("has no column `{}`", quote(name)), self.advice(name))),
        }
    }

    fn advice(&self, name: &str) -> String {
        const LISTED: usize = 20;
        let near = |ident: &str| names::distance(name, ident) <= if name.chars().count() > 3 { 2 } else { 1 };
        let nearest = self.columns.iter().map(|(_, ident)| &**ident).filter(|ident| near(ident));
        let nearest = nearest.min_by_key(|ident| (names::distance(name, ident), (*ident).to_owned()));
        let shown = self.columns.iter().take(LISTED).map(|(name, ident)| match name == ident {
            true => quote(ident),
            false => format!("{} (for `{}`)", quote(ident), quote(name)),
        });
        let mut list: Vec<String> = shown.collect();
        if self.columns.len() > LISTED {
            list.push(format!("… {} in all", self.columns.len()));
        }
        let meant = nearest.map_or(String::new(), |ident| format!("did you mean `{}`? ", quote(ident)));
        let strange = if self.columns.iter().any(|(name, ident)| name != ident) {
            "; `_` stands for what cannot stand in a name"
        } else {
            ""
        };
        format!("{meant}its columns are: {}{strange}", list.join(", "))
    }
}

/// Everything that is defined.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    entries: HashMap<Box<str>, Entry>,
    functions: HashMap<Box<str>, Arc<UserFunction>>,
    data: HashMap<Box<str>, Arc<DataNames>>,
    /// Earlier results by name; a definition of the same name comes first.
    results: HashMap<Box<str>, Entry>,
    /// What each stage stands for.
    pub definitions: HashMap<Symbol, Id>,
    /// Starting values of parameters, in order of definition; a vector counts by components.
    pub params: Vec<(Symbol, Id)>,
    /// Values of inputs, likewise.
    pub givens: Vec<(Symbol, Id)>,
    /// What is assumed.
    pub assumptions: Vec<Id>,
    /// Symbols that occur in definitions: only these can close a cycle.
    mentioned: HashSet<Symbol>,
}

impl Scope {
    /// The meaning of a name that stands for a value.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name).or_else(|| self.results.get(name).filter(|_| !self.is_defined(name)))
    }

    /// Whether a statement gave the name a meaning.
    #[must_use]
    pub fn is_defined(&self, name: &str) -> bool {
        self.entries.contains_key(name) || self.functions.contains_key(name) || self.data.contains_key(name)
    }

    /// The names that stand for values, in alphabetical order, without those of results.
    #[must_use]
    pub fn value_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.entries.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    /// Lets a name stand for a result, as the formula that it is: where a name in it gets another meaning later, it keeps the one it had.
    pub fn keep_result(&mut self, g: &Graph, name: &str, value: Value) {
        self.mentioned.extend(walk::free_symbols(g, value.components()));
        self.results.insert(name.into(), Entry { kind: Kind::Stage, value });
    }

    /// The program's function of this name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Arc<UserFunction>> {
        self.functions.get(name)
    }

    /// The data set of this name.
    #[must_use]
    pub fn data(&self, name: &str) -> Option<&Arc<DataNames>> {
        self.data.get(name)
    }

    /// The names of the data sets, in alphabetical order.
    #[must_use]
    pub fn data_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.data.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    /// The names of the program's functions.
    pub fn function_names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(|name| &**name)
    }

    /// The names that have a meaning, in alphabetical order.
    #[must_use]
    pub fn defined_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.entries.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    /// The defined name that a free one probably misspells; of several the first in alphabetical order.
    #[must_use]
    pub fn misspelt(&self, free: &str) -> Option<&str> {
        self.entries.keys().map(|name| &**name).filter(|defined| names::looks_misspelt(free, defined)).min()
    }

    /// Refuses a new meaning for constants and for the language's own functions.
    ///
    /// # Errors
    /// When the name cannot be defined.
    pub fn check_definable(&self, name: &str, span: Span) -> Result<(), Fault> {
        let what = match name {
            "pi" | "e" => "a constant",
            "true" | "false" => "a truth value",
            _ if math::find(name).is_some() || name == "integer" => "a function of the language",
            _ => return Ok(()),
        };
        let message = format!("`{}` is {what} and cannot be redefined", quote(name));
        Err(Box::new(Diagnostic::new(&code::NAME_TAKEN, message).at(span, "choose another name")))
    }

    /// The warning for a name that already has a meaning.
    #[must_use]
    pub fn redefinition(&self, name: &str, span: Span) -> Option<Diagnostic> {
        let what = match (self.entries.get(name), self.functions.contains_key(name)) {
            (Some(entry), _) => entry.kind.title(),
            (None, true) => "a function",
            (None, false) if self.data.contains_key(name) => "a data set",
            (None, false) => return None,
        };
        let message = format!("`{}` is defined again; it was {what}", quote(name));
        Some(Diagnostic::new(&code::REDEFINED, message).at(span, "from here on it means this"))
    }

    /// Refuses a stage that would, through other stages, be defined by itself.
    ///
    /// # Errors
    /// With the cycle, when there is one.
    pub fn check_stage_cycle(&self, g: &Graph, name: Ident, text: &str, value: &Value) -> Result<(), Fault> {
        let Some(own) = g.find_symbol(text) else { return Ok(()) };
        let mut queue: Vec<(Symbol, usize)> = Vec::new();
        let mut seen = HashSet::new();
        let mut trail: Vec<(Symbol, usize)> = Vec::new();
        queue.extend(walk::free_symbols(g, value.components()).into_iter().map(|s| (s, usize::MAX)));
        if !self.mentioned.contains(&own) {
            queue.retain(|(s, _)| *s == own);
        }
        while let Some((symbol, from)) = queue.pop() {
            if symbol == own {
                return Err(cycle(g, name, text, &trail, from));
            }
            if !seen.insert(symbol) {
                continue;
            }
            if let Some(definition) = self.definitions.get(&symbol) {
                trail.push((symbol, from));
                let here = trail.len() - 1;
                queue.extend(walk::free_symbols(g, &[*definition]).into_iter().map(|s| (s, here)));
            }
        }
        Ok(())
    }

    /// Defines a stage. Definitions that used an earlier meaning of the name keep it.
    pub fn define_stage(&mut self, g: &mut Graph, name: &str, value: Value) {
        self.forget(g, name);
        self.mentioned.extend(walk::free_symbols(g, value.components()));
        let value = match value {
            Value::Scalar(id) => {
                let symbol = g.intern(name);
                self.definitions.insert(symbol, id);
                Value::Scalar(g.symbol(symbol))
            }
            vector @ Value::Vector(_) => vector,
        };
        self.entries.insert(name.into(), Entry { kind: Kind::Stage, value });
    }

    /// Defines a parameter or an input by its value, and returns its symbols. A vector has one symbol for each component.
    pub fn define_variable(&mut self, g: &mut Graph, kind: Kind, name: &str, value: &Value) -> Vec<Symbol> {
        self.forget(g, name);
        let symbols: Vec<Symbol> = match value {
            Value::Scalar(_) => vec![g.intern(name)],
            Value::Vector(items) => (1..=items.len()).map(|k| g.intern(&component_name(name, k))).collect(),
        };
        let nodes: Vec<Id> = symbols.iter().map(|s| g.symbol(*s)).collect();
        let list = if kind == Kind::Param { &mut self.params } else { &mut self.givens };
        list.extend(symbols.iter().copied().zip(value.components().iter().copied()));
        let value = match value {
            Value::Scalar(_) => Value::Scalar(nodes[0]),
            Value::Vector(_) => Value::Vector(nodes.into()),
        };
        self.entries.insert(name.into(), Entry { kind, value });
        symbols
    }

    /// Takes a meaning away from a name; what was defined by a stage of that name keeps the stage's value.
    fn forget(&mut self, g: &mut Graph, name: &str) {
        self.functions.remove(name);
        self.data.remove(name);
        let Some(entry) = self.entries.remove(name) else { return };
        let symbols: HashSet<Symbol> = entry.value.components().iter().filter_map(|id| g.as_symbol(*id)).collect();
        if entry.kind != Kind::Stage {
            self.params.retain(|(s, _)| !symbols.contains(s));
            self.givens.retain(|(s, _)| !symbols.contains(s));
            return;
        }
        let Value::Scalar(node) = entry.value else { return };
        let Some(old) = g.as_symbol(node).and_then(|s| self.definitions.remove(&s)) else { return };
        let map = HashMap::from([(node, old)]);
        for definition in self.definitions.values_mut() {
            *definition = walk::substitute(g, *definition, &map);
        }
        for entry in self.entries.values_mut() {
            if let Value::Vector(items) = &entry.value {
                entry.value = Value::Vector(items.iter().map(|id| walk::substitute(g, *id, &map)).collect());
            }
        }
        let mut replaced = |value: &Value| match value {
            Value::Scalar(id) => Value::Scalar(walk::substitute(g, *id, &map)),
            Value::Vector(items) => Value::Vector(items.iter().map(|id| walk::substitute(g, *id, &map)).collect()),
        };
        self.results.values_mut().for_each(|result| result.value = replaced(&result.value));
        for function in self.functions.values_mut().filter(|function| !function.results.is_empty()) {
            Arc::make_mut(function).results.iter_mut().for_each(|(_, value)| *value = replaced(value));
        }
    }

    /// The function of a definition, with its calls; nothing is changed yet.
    ///
    /// # Errors
    /// When a parameter's name is taken, the body calls something unknown, or the function would call itself.
    pub fn function_of(&self, text: &Arc<Text>, name: Ident, params: &[Ident], body: ExprId) -> Result<UserFunction, Fault> {
        let ast = &text.ast;
        for param in params {
            self.check_definable(ast.name(param.name), param.span)?;
        }
        let own = ast.name(name.name);
        let mut calls: Vec<Box<str>> = Vec::new();
        for callee in callees(ast, body) {
            let called = ast.name(callee.name);
            if called == own {
                let message = format!("`{0}` is defined by itself: {0} → {0}", quote(own));
                return Err(recursion(message, callee.span));
            }
            if !calls.iter().any(|c| &**c == called) && self.functions.contains_key(called) {
                // nothing can lead back to a name that has no meaning yet
                let path = if self.functions.contains_key(own) { self.path(called, own) } else { None };
                if let Some(path) = path {
                    let message = format!("`{0}` is defined by itself: {0} → {path}", quote(own));
                    return Err(recursion(message, callee.span));
                }
                calls.push(called.into());
            }
        }
        let params = params.iter().map(|p| p.name).collect();
        let results = if self.results.is_empty() { Vec::new() } else { self.results_in(ast, body) };
        Ok(UserFunction { name: own.into(), text: text.clone(), params, body, calls, results })
    }

    /// The earlier results that an expression names, with what they are now.
    fn results_in(&self, ast: &Ast, root: ExprId) -> Vec<(NameId, Value)> {
        let mut found: Vec<(NameId, Value)> = Vec::new();
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            if let Expr::Name(name) = ast.expr(id)
                && let Some(result) = self.results.get(ast.name(name)).filter(|_| !self.is_defined(ast.name(name)))
                && found.iter().all(|(known, _)| *known != name)
            {
                found.push((name, result.value.clone()));
            }
            ast.children(id, |child| stack.push(child));
        }
        found
    }

    /// The calls that lead from one function of the program to another, as `g → f`.
    fn path(&self, from: &str, to: &str) -> Option<String> {
        let mut trail: Vec<(&str, usize)> = vec![(from, usize::MAX)];
        let mut seen = HashSet::from([from]);
        let mut next = 0;
        while let Some((name, _)) = trail.get(next).copied() {
            for called in self.functions.get(name).into_iter().flat_map(|f| &f.calls) {
                if &**called == to {
                    let mut chain = vec![to.to_owned()];
                    let mut at = next;
                    while let Some((name, before)) = trail.get(at) {
                        chain.push((*name).to_owned());
                        at = *before;
                    }
                    chain.reverse();
                    return Some(quote(&chain.join(" → ")));
                }
                if seen.insert(called) {
                    trail.push((called, next));
                }
            }
            next += 1;
        }
        None
    }

    /// Defines a data set by the names of its columns, in the file and in programs. Expressions that used an earlier one of the name keep
    /// it. None where there are too many data sets.
    pub fn define_data(&mut self, g: &mut Graph, name: &str, columns: Vec<(Box<str>, Box<str>)>) -> Option<Symbol> {
        let symbol = g.data_set(name)?;
        self.forget(g, name);
        self.data.insert(name.into(), Arc::new(DataNames { symbol, columns }));
        Some(symbol)
    }

    /// Defines a function.
    pub fn define_function(&mut self, g: &mut Graph, function: UserFunction) {
        self.forget(g, &function.name.clone());
        self.functions.insert(function.name.clone(), Arc::new(function));
    }
}

/// The name of a vector variable's component, as it is typed.
pub(super) fn component_name(name: &str, k: usize) -> String {
    format!("{name}[{k}]")
}

fn recursion(message: String, span: Span) -> Fault {
    let help = "a definition can only use what was defined before; repeated application is written out, or as sum(i in 1..n: …)";
    Box::new(Diagnostic::new(&code::RECURSION, message).at(span, "here it uses itself").help(help))
}

fn cycle(g: &Graph, name: Ident, own: &str, trail: &[(Symbol, usize)], mut at: usize) -> Fault {
    let mut chain = vec![own];
    while let Some((symbol, before)) = trail.get(at) {
        chain.push(g.name(*symbol));
        at = *before;
    }
    chain.push(own);
    chain.reverse();
    let message = format!("`{}` is defined by itself: {}", quote(own), quote(&chain.join(" → ")));
    let help = "a stage is fixed once and for all: give the new value a new name";
    Box::new(Diagnostic::new(&code::RECURSION, message).at(name.span, "this definition needs its own value").help(help))
}

/// Every callee below a node.
fn callees(ast: &Ast, root: ExprId) -> Vec<Ident> {
    let mut found = Vec::new();
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        if let Expr::Call { callee, .. } = ast.expr(id) {
            found.push(callee);
        }
        ast.children(id, |child| stack.push(child));
    }
    found
}
