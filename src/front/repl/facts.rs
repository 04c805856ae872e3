//! What the conversation tells of its own definitions, as lines of text.

use crate::diagnostic::quote;
use crate::expr::{Id, print};
use crate::resolve::names;
use crate::resolve::{Kind, Value};
use crate::session::Session;
use std::fmt::Write;

/// The definition of a function of the program.
pub fn function(session: &Session, name: &str) -> Option<String> {
    let own = session.scope().function(name)?;
    let ast = &own.text.ast;
    let parameters: Vec<&str> = own.params.iter().map(|p| ast.name(*p)).collect();
    let body = own.text.source.slice(ast.span(own.body));
    Some(format!("fn {name}({}) = {}\n", parameters.join(", "), on_one_line(body)))
}

/// A text of several lines as one.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The message where there is no function of the name.
pub fn no_function(session: &Session, name: &str) -> String {
    match names::nearest_function(name, session.scope().function_names()) {
        Some(near) => format!("there is no function `{}`; did you mean `{near}`?\n", quote(name)),
        None => format!("there is no function `{}`\n", quote(name)),
    }
}

/// What is defined, as statements that would define it.
pub fn definitions(session: &Session) -> String {
    let (g, scope) = (&session.graph, session.scope());
    let mut out = String::new();
    let text = |id: &Id| print::glimpse(g, *id, print::Style::Shown, 200);
    for name in scope.value_names() {
        let Some(entry) = scope.entry(name) else { continue };
        let shown = |id: &Id| {
            let symbol = g.as_symbol(*id);
            let value = symbol.filter(|_| entry.kind != Kind::Stage).and_then(|symbol| session.value_of(symbol));
            let definition = symbol.filter(|_| entry.kind == Kind::Stage).and_then(|symbol| scope.definitions.get(&symbol));
            value.map_or_else(|| text(definition.unwrap_or(id)), crate::eval::number_text)
        };
        let value = match &entry.value {
            Value::Scalar(id) => shown(id),
            Value::Vector(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        };
        let word = match entry.kind {
            Kind::Stage => "let",
            Kind::Param => "param",
            Kind::Given => "given",
        };
        let _ = writeln!(out, "{word} {name} = {value}");
    }
    let mut functions: Vec<&str> = scope.function_names().collect();
    functions.sort_unstable();
    out.extend(functions.into_iter().filter_map(|name| function(session, name)));
    for name in scope.data_names() {
        let columns =
            scope.data(name).map_or(Vec::new(), |data| data.columns.iter().map(|(_, c)| format!("{name}.{c}")).collect());
        let _ = writeln!(out, "data {name}: {}", columns.join(", "));
    }
    if out.is_empty() { "nothing is defined yet\n".to_owned() } else { out }
}

/// What is assumed.
pub fn assumptions(session: &Session) -> String {
    let assumed = &session.scope().assumptions;
    if assumed.is_empty() {
        return "nothing is assumed; `assume x > 0` does\n".to_owned();
    }
    assumed.iter().map(|id| format!("{}\n", print::plain(&session.graph, *id))).collect()
}
