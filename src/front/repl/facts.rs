//! What the conversation tells of functions, identities and definitions, as lines of text.

use crate::diagnostic::quote;
use crate::expr::{Id, print};
use crate::math::{self, Arity, Function, Meaning, Rule};
use crate::resolve::names;
use crate::resolve::{Kind, Value};
use crate::session::Session;
use std::fmt::Write;

/// Of many identities so many are shown.
const LISTED: usize = 30;

/// What is known of a function, of the table or of the program.
pub fn function(session: &Session, name: &str) -> Option<String> {
    if let Some(own) = session.scope().function(name) {
        let ast = &own.text.ast;
        let parameters: Vec<&str> = own.params.iter().map(|p| ast.name(*p)).collect();
        let body = own.text.source.slice(ast.span(own.body));
        return Some(format!("fn {name}({}) = {}\n", parameters.join(", "), on_one_line(body)));
    }
    math::find(name).map(|id| card(id.record()))
}

/// A text of several lines as one.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn card(f: &Function) -> String {
    let parameters = match f.arity {
        Arity::List => "a, b, …".to_owned(),
        Arity::Exactly(_) | Arity::TwoLists => f.parameters.join(", "),
    };
    let mut out = format!("{}({parameters}): {}\n", f.name, f.title);
    let mut line = |what: &str, text: &str| {
        if !text.is_empty() {
            let _ = writeln!(out, "  {what:<11} {text}");
        }
    };
    line("also", &f.aliases.join(", "));
    if let Meaning::Text(meaning) = f.meaning {
        line("is", meaning);
    }
    line("needs", &f.domain.join(", "));
    for (parameter, slope) in f.parameters.iter().zip(f.derivative) {
        line(&format!("d/d{parameter}"), slope);
    }
    for kink in f.kinks {
        line("kink", &format!("at {}: {}", kink.at, kink.what));
    }
    line("", f.teaching);
    line("beware", f.mistake);
    line("try", f.example);
    out
}

/// The message where there is no function of the name.
pub fn no_function(session: &Session, name: &str) -> String {
    match names::nearest_function(name, session.scope().function_names()) {
        Some(near) => format!("there is no function `{}`; did you mean `{near}`?\n", quote(name)),
        None => format!("there is no function `{}`\n", quote(name)),
    }
}

/// The identities with a word in their name or their text.
pub fn rules(word: &str) -> String {
    if word.is_empty() {
        return format!(
            "there are {} identities; `:rules WORD` shows those with a word in them, such as `:rules sigmoid`\n",
            math::rules().count()
        );
    }
    let lower = word.to_lowercase();
    let has = |rule: &&Rule| rule.name.to_lowercase().contains(&lower) || mentions(rule.text, word);
    let found: Vec<&Rule> = math::rules().filter(has).collect();
    if found.is_empty() {
        return format!("no identity has `{}` in its name or its text\n", quote(word));
    }
    let mut out = String::new();
    for rule in found.iter().take(LISTED) {
        let _ = writeln!(out, "{}\n  {}", rule.name, rule.text);
    }
    if found.len() > LISTED {
        let _ = writeln!(out, "… and {} more", found.len() - LISTED);
    }
    out
}

/// Whether a word stands in a text by itself: `log` does not stand in `log1p`.
fn mentions(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(is_part);
        let after = text[at + word.len()..].chars().next().is_some_and(is_part);
        !before && !after
    })
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
