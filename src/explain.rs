//! Pages about codes of messages, functions, rules and commands: what `grad explain` prints.

use crate::diagnostic;

/// The page about a topic, as plain text that ends with a line feed.
///
/// # Errors
/// One sentence where there is no such topic.
pub fn page(topic: &str) -> Result<String, String> {
    match diagnostic::find(topic) {
        Some(code) if code.example.is_empty() => Ok(format!("{}: {}\n\n{}\n", code.id, code.title, code.meaning)),
        Some(code) => Ok(format!("{}: {}\n\n{}\n\nExample:\n  {}\n", code.id, code.title, code.meaning, code.example)),
        None => Err(format!("there is no page about `{}`", diagnostic::quote(topic))),
    }
}
