//! Calls: what may be called with how many arguments, and the program's own functions, whose bodies take the place of the call.

use super::{Context, Lowered, Lowering, Task};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::Symbol;
use crate::math::{self, Arity, FunctionId};
use crate::resolve::{Fault, UserFunction, Value, names};
use crate::source::{self, Span};
use crate::syntax::ast::{ExprId, Ident, List};

impl<'a> Lowering<'a> {
    /// What is to be visited at once.
    pub(super) fn visit_call(&mut self, id: ExprId, callee: Ident, primes: u32, args: List) -> Lowered<Option<ExprId>> {
        let task = match self.callee(id, callee, primes, args)? {
            Callee::Count(data) => {
                let count = self.count(data);
                self.done(Value::Scalar(count), id);
                return Ok(None);
            }
            _ if primes > 0 => Task::Primed(id),
            Callee::Program(function) => Task::Enter(id, function),
            Callee::Table | Callee::Integer => Task::Finish(id, args.len() as u32),
        };
        self.tasks.push(task);
        let Some((first, others)) = self.here.text.ast.list(args).split_first() else { return Ok(None) };
        self.tasks.extend(others.iter().rev().copied().map(Task::Visit));
        Ok(Some(*first))
    }

    /// What is called, once it is known that it can be called with so many arguments.
    pub(super) fn callee(&mut self, id: ExprId, callee: Ident, primes: u32, args: List) -> Lowered<Callee<'a>> {
        let count = args.len();
        if self.local(callee.name).is_some() {
            return Err(self.not_a_function(callee, count));
        }
        if let Some(f) = self.known_function(callee.name)
            && primes == 0
            && fits(f, count)
        {
            return Ok(Callee::Table);
        }
        let name = self.here.text.ast.name(callee.name);
        let scope = self.scope;
        if let Some(function) = scope.function(name) {
            let wants = function.params.len();
            if wants != count {
                let names: Vec<&str> = function.params.iter().map(|p| function.text.ast.name(*p)).collect();
                return Err(self.arity(id, name, &format!("{name}({})", names.join(", ")), &counted(wants), count));
            }
            self.check_primes(id, name, primes, wants == 1)?;
            return Ok(Callee::Program(function));
        }
        if name == "integer" && primes == 0 {
            return if count == 1 { Ok(Callee::Integer) } else { Err(self.arity(id, name, "integer(n)", "one argument", count)) };
        }
        if let Some(counted) = self.counted(id, name, primes, args)? {
            return Ok(Callee::Count(counted));
        }
        let Some(f) = math::find(name) else { return Err(self.unknown(callee, count)) };
        self.check_arity(id, f, name, count)?;
        self.check_primes(id, name, primes, f.record().arity == Arity::Exactly(1))?;
        self.remember_function(callee.name, f);
        Ok(Callee::Table)
    }

    pub(super) fn check_primes(&self, id: ExprId, name: &str, primes: u32, one: bool) -> Lowered<()> {
        if primes == 0 || one {
            return Ok(());
        }
        let message = format!("`{}` has several arguments, so the prime does not say which is varied", quote(name));
        let help = "write diff(…, x) with the variable that is meant".into();
        self.fail_with(&code::PRIME, message, id, "by which argument?", help)
    }

    pub(super) fn check_arity(&self, id: ExprId, f: FunctionId, name: &str, count: usize) -> Lowered<()> {
        let record = f.record();
        if fits(f, count) {
            return Ok(());
        }
        let wants = match record.arity {
            Arity::Exactly(n) => counted(usize::from(n)),
            Arity::List => "one vector or at least one number".to_owned(),
            Arity::TwoLists => "two vectors".to_owned(),
        };
        let form = format!("{name}({})", record.parameters.join(", "));
        let mut fault = self.arity(id, name, &form, &wants, count);
        if record.name == "log" && count == 2 {
            let args = self.args(id);
            let [x, base] = [0, 1].map(|k| quote(source::slice(self.here.text.text, self.span(args[k]))));
            fault.help = Some(match base.as_str() {
                "2" | "10" => format!("log is the natural logarithm; write log{base}({x}), or log({x})/log({base})"),
                _ => format!("log is the natural logarithm; to the base {base} it is log({x})/log({base})"),
            });
        }
        Err(fault)
    }

    pub(super) fn arity(&self, id: ExprId, name: &str, form: &str, wants: &str, count: usize) -> Fault {
        let message = format!("`{}` takes {wants}, not {count}", quote(name));
        self.fault(&code::ARITY, message, id, "").help(format!("write {}", quote(form))).into()
    }

    /// The error for a callee that is no function.
    pub(super) fn unknown(&self, callee: Ident, count: usize) -> Fault {
        let name = self.name(callee.name);
        if self.broken.contains(&name) {
            let fault = super::broken(&name, "cannot be called").at(self.outer_span(callee.span), "defined above, with an error");
            return self.through_call(fault).into();
        }
        if self.scope.entry(&name).is_some() || self.constant_name(&name) {
            return self.not_a_function(callee, count);
        }
        let real = names::over_the_reals(&name);
        let long = name.chars().count() >= 2;
        let near = if long && real.is_none() { names::nearest_function(&name, self.scope.function_names()) } else { None };
        if near.is_none() && real.is_none() && count == 1 && name.chars().count() <= 2 {
            return self.not_a_function(callee, count);
        }
        let message = format!("there is no function `{}`", quote(&name));
        let span = self.outer_span(callee.span);
        let fault = Diagnostic::new(&code::UNKNOWN_FUNCTION, message).at(span, "not known");
        let fault = self.through_call(fault);
        if let Some(real) = real {
            return fault.help(real).into();
        }
        match near {
            Some(near) if self.is_outermost() => {
                fault.help(format!("did you mean `{near}`?")).correction(self.replaced(callee.span, &near))
            }
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("define it first: fn {}({}) = …", quote(&name), parameters(count))),
        }
        .into()
    }

    /// `tau` is a common name for other things too: a program may give it another meaning.
    pub(super) fn constant_name(&self, name: &str) -> bool {
        matches!(name, "pi" | "e" | "true" | "false") || (name == "tau" && !self.declared.contains(name))
    }

    pub(super) fn not_a_function(&self, callee: Ident, count: usize) -> Fault {
        let name = quote(&self.name(callee.name));
        let span = self.outer_span(callee.span);
        let message = format!("`{name}` is not a function");
        let fault = self.through_call(Diagnostic::new(&code::NOT_A_FUNCTION, message).at(span, "a name before `(` is called"));
        let vector = match self.local(callee.name).or(self.scope.entry(&self.name(callee.name)).map(|entry| &entry.value)) {
            Some(Value::Vector(items)) => !items.is_empty(),
            _ => false,
        };
        match (count, vector) {
            (1, true) => fault.help(format!("an entry of a vector is {name}[1], a product {name}*(…)")),
            (1, false) if self.is_outermost() => {
                fault.help("a product is written with `*`").correction(self.replaced(callee.span, &format!("{name}*")))
            }
            _ => fault.help("a product is written with `*`"),
        }
        .into()
    }

    /// The line of the text that holds the span, with the span replaced.
    pub(super) fn replaced(&self, span: Span, by: &str) -> String {
        let text = self.here.text.text;
        let line = source::line_span(text, span.start);
        let (before, after) = (Span::new(line.start, span.start), Span::new(span.end, line.end));
        let line = format!("{}{by}{}", source::slice(text, before), source::slice(text, after));
        crate::diagnostic::escape(line.trim()).into_owned()
    }

    #[inline(never)]
    pub(super) fn enter(&mut self, id: ExprId, function: &'a UserFunction) -> Lowered<()> {
        let ids = self.args(id);
        let values = self.values.split_off(self.values.len() - ids.len());
        self.each_number(&values, &ids)?;
        self.begin(self.span(id), function, values)
    }

    pub(super) fn begin(&mut self, call: Span, function: &'a UserFunction, values: Vec<Value>) -> Lowered<()> {
        let key = (function.name.clone(), values);
        if let Some(known) = self.memo.get(&key) {
            let known = known.clone();
            self.values.push(known);
            return Ok(());
        }
        let given = function.params.iter().copied().zip(key.1.iter().cloned());
        let locals = function.results.iter().cloned().chain(given).collect();
        self.enter_context(Context { text: function.text.reading(), locals, call: Some(call) });
        self.tasks.extend([Task::Leave(key.into()), Task::Visit(function.body)]);
        Ok(())
    }
}

/// What is called.
pub(super) enum Callee<'a> {
    Table,
    Integer,
    Program(&'a UserFunction),
    /// The number of rows of a data set.
    Count(Symbol),
}

/// Whether the function takes so many arguments.
fn fits(f: FunctionId, count: usize) -> bool {
    match f.record().arity {
        Arity::Exactly(n) => count == usize::from(n),
        Arity::List => count >= 1,
        Arity::TwoLists => count == 2,
    }
}

fn counted(n: usize) -> String {
    match n {
        1 => "one argument".into(),
        2 => "two arguments".into(),
        3 => "three arguments".into(),
        n => format!("{n} arguments"),
    }
}

/// Names for so many parameters.
fn parameters(count: usize) -> &'static str {
    match count {
        0 | 1 => "x",
        2 => "x, y",
        3 => "x, y, z",
        _ => "x, y, …",
    }
}
