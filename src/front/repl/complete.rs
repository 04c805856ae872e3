//! What could come next: completions at the cursor, and the parameters of the function that is being called. Pure: texts in,
//! texts out; the names come from a snapshot of the session.

use super::commands::{self, Argument};
use super::greek;
use crate::math::{self, Arity};
use crate::resolve::Scope;
use crate::session::{setting_values, settings_of};
use crate::syntax::{Lexeme, Token, tokenize};
use std::collections::HashSet;

/// The words that begin a clause.
const CLAUSES: &[&str] = &["wrt", "at", "for", "assuming", "with", "within"];
/// Other words of the language.
const WORDS: &[&str] = &["if", "then", "else", "and", "or", "not"];
/// Words that begin a statement beside the commands.
const DEFINITIONS: &[&str] = &["let", "fn"];

/// The names that a session knows, as they were after the last statement.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Stages, parameters, inputs, columns, results.
    pub values: Vec<String>,
    /// The program's functions with their parameters.
    pub functions: Vec<(String, String)>,
    /// The names of these functions.
    pub callable: HashSet<String>,
}

impl Names {
    /// What is defined in the scope, with so many results.
    pub fn of(scope: &Scope, results: usize) -> Names {
        let mut values: Vec<String> = scope.value_names().into_iter().map(str::to_owned).collect();
        for data in scope.data_names() {
            values.push(data.to_owned());
            let columns = scope.data(data).into_iter().flat_map(|names| &names.columns);
            values.extend(columns.map(|(_, column)| format!("{data}.{column}")));
        }
        if results > 0 {
            values.push("ans".into());
            values.extend((1..=results).rev().take(9).map(|k| format!("_{k}")));
        }
        let parameters = |name: &str| {
            let function = scope.function(name)?;
            Some(function.params.iter().map(|p| function.text.ast.name(*p)).collect::<Vec<_>>().join(", "))
        };
        let mut functions: Vec<(String, String)> =
            scope.function_names().map(|name| (name.to_owned(), parameters(name).unwrap_or_default())).collect();
        functions.sort();
        let callable = functions.iter().map(|(name, _)| name.clone()).collect();
        Names { values, functions, callable }
    }
}

/// What can stand in place of the text from `from` to the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// One of these texts, each with how it is listed.
    Words(usize, Vec<(String, String)>),
    /// The path of a file.
    Path,
}

/// Completions of the text before the cursor.
pub fn complete(before: &str, names: &Names) -> Completion {
    if let Some((from, name)) = greek::before(before) {
        let found = greek::named(name).into_iter();
        return Completion::Words(from, found.map(|(name, sign)| (sign.to_owned(), format!("\\{name} {sign}"))).collect());
    }
    let from =
        before.rfind(|c: char| !is_part_of_name(c)).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    if before.trim_start().starts_with(':') {
        return of_command(before, from, names);
    }
    let tokens: Vec<Lexeme> = tokenize(before).collect();
    if tokens.last().is_some_and(|last| last.token == Token::OpenString) {
        return Completion::Path;
    }
    let word = &before[from..];
    if word.is_empty() && !wants_setting(before, &tokens) && tokens.iter().all(|t| t.token == Token::Newline) {
        return Completion::Words(from, Vec::new());
    }
    let mut found = candidates(before, &tokens, from, names);
    found.retain(|(text, _)| text.starts_with(word) && text != word);
    Completion::Words(from, found)
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '₀'..='₉')
}

/// The `:` commands, or the arguments of one.
fn of_command(before: &str, from: usize, names: &Names) -> Completion {
    let line = before.trim_start();
    let Some((name, argument)) = line.split_once(char::is_whitespace) else {
        let start = before.len() - line.len();
        let all = commands::TABLE.iter().map(|command| format!(":{}", command.name));
        return Completion::Words(start, plain(all.filter(|text| text.starts_with(line))));
    };
    let word = &before[from..];
    let Some(command) = commands::find(name.trim_start_matches(':')) else { return Completion::Words(from, Vec::new()) };
    let texts: Vec<String> = match command.argument {
        Argument::None | Argument::Number => Vec::new(),
        Argument::File => return Completion::Path,
        Argument::OneOf(words) => words.iter().map(|w| (*w).to_owned()).collect(),
        Argument::Topic | Argument::Function => {
            let own = names.functions.iter().map(|(name, _)| name.clone());
            let words = Token::COMMAND_WORDS.iter().map(|(word, _)| (*word).to_owned());
            let table = math::functions().map(|f| f.name().to_owned());
            let words = words.filter(|_| matches!(command.argument, Argument::Topic));
            table.chain(own).chain(words).collect()
        }
        Argument::Statement => {
            let rest = before.len() - argument.len();
            return match complete(argument, names) {
                Completion::Words(at, found) => Completion::Words(at + rest, found),
                Completion::Path => Completion::Path,
            };
        }
    };
    Completion::Words(from, plain(texts.into_iter().filter(|text| text.starts_with(word) && text != word)))
}

fn plain(texts: impl Iterator<Item = String>) -> Vec<(String, String)> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts.dedup();
    texts.into_iter().map(|text| (text.clone(), text)).collect()
}

/// Whether a setting's name comes next.
fn wants_setting(before: &str, tokens: &[Lexeme]) -> bool {
    setting_place(before, tokens, before.len()).is_some()
}

/// In a `with` clause: the words that can stand at `from`.
fn setting_place(before: &str, tokens: &[Lexeme], from: usize) -> Option<Vec<String>> {
    let tokens: Vec<&Lexeme> = tokens.iter().filter(|t| (t.start as usize) < from).collect();
    let begin = tokens.iter().rposition(|t| matches!(t.token, Token::Semicolon | Token::Newline)).map_or(0, |at| at + 1);
    let statement = &tokens[begin..];
    let clause = statement.iter().rev().find(|t| t.token.begins_clause())?;
    if clause.token != Token::With {
        return None;
    }
    let word = |t: &Lexeme| before.get(t.start as usize..t.end as usize).unwrap_or_default();
    let owned = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    match statement {
        [first, .., last] if matches!(last.token, Token::With | Token::Comma) => {
            Some(settings_of(word(first)).iter().map(|name| format!("{name} = ")).collect())
        }
        [.., name, equals] if equals.token == Token::Equals => Some(owned(setting_values(word(name)))),
        _ => None,
    }
}

fn candidates(before: &str, tokens: &[Lexeme], from: usize, names: &Names) -> Vec<(String, String)> {
    if let Some(words) = setting_place(before, tokens, from) {
        return plain(words.into_iter());
    }
    let earlier = tokens.iter().rev().find(|t| (t.start as usize) < from);
    let begins = earlier.is_none_or(|t| matches!(t.token, Token::Newline | Token::Semicolon));
    let after_operand = earlier.is_some_and(|t| t.token.ends_operand());
    let called = |name: &str| format!("{name}(");
    let table = math::functions().flat_map(|f| std::iter::once(f.name()).chain(f.record().aliases.iter().copied()));
    let functions = table.map(called).chain(names.functions.iter().map(|(name, _)| called(name)));
    let owned = |words: &[&str]| words.iter().map(|w| format!("{w} ")).collect::<Vec<_>>();
    let mut texts: Vec<String> = Vec::new();
    if after_operand {
        texts.extend(owned(CLAUSES));
        texts.extend(owned(&["and", "or", "then", "else"]));
        return plain(texts.into_iter());
    }
    if begins {
        texts.extend(Token::COMMAND_WORDS.iter().map(|(word, _)| format!("{word} ")));
        texts.extend(owned(DEFINITIONS));
    }
    texts.extend(owned(WORDS));
    texts.extend(["pi", "e", "tau", "true", "false"].map(str::to_owned));
    texts.extend(names.values.iter().cloned());
    plain(texts.into_iter().chain(functions))
}

/// The parameters that are still to be written of the call that the text ends in: `a)` after `softplus(`.
pub fn parameters_left(before: &str, names: &Names) -> Option<String> {
    let tokens: Vec<Lexeme> = tokenize(before).filter(|t| t.token != Token::Newline).collect();
    // only right after the bracket or a comma: anywhere else the remark would be in the way
    if !matches!(tokens.last()?.token, Token::Open | Token::Comma) {
        return None;
    }
    let (mut depth, mut commas) = (0usize, 0usize);
    let open = tokens.iter().rposition(|t| {
        match t.token {
            Token::Close | Token::CloseSquare => depth += 1,
            Token::Open | Token::OpenSquare if depth > 0 => depth -= 1,
            Token::Open => return true,
            Token::OpenSquare => commas = usize::MAX / 2,
            Token::Comma if depth == 0 => commas += 1,
            _ => {}
        }
        false
    })?;
    let callee = tokens.get(open.checked_sub(1)?).filter(|t| t.token == Token::Name && t.end == tokens[open].start)?;
    let left: Vec<String> =
        parameters(before.get(callee.start as usize..callee.end as usize)?, names)?.into_iter().skip(commas).collect();
    (!left.is_empty()).then(|| format!("{})", left.join(", ")))
}

/// The parameters of a function, the program's own first.
pub fn parameters(name: &str, names: &Names) -> Option<Vec<String>> {
    if let Some((_, parameters)) = names.functions.iter().find(|(own, _)| own == name) {
        return Some(parameters.split(", ").map(str::to_owned).collect());
    }
    let record = math::find(name)?.record();
    Some(match record.arity {
        Arity::Exactly(_) => record.parameters.iter().map(|p| (*p).to_owned()).collect(),
        Arity::List => ["a", "b", "…"].map(str::to_owned).to_vec(),
        Arity::TwoLists => ["[a, …]", "[b, …]"].map(str::to_owned).to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names {
            values: vec!["loss".into(), "moons.x1".into(), "ans".into()],
            functions: vec![("bce".into(), "p, y".into())],
            callable: HashSet::from(["bce".to_owned()]),
        }
    }

    fn words(before: &str) -> Vec<String> {
        match complete(before, &names()) {
            Completion::Words(_, found) => found.into_iter().map(|(text, _)| text).collect(),
            Completion::Path => vec!["a path".into()],
        }
    }

    #[test]
    fn names_functions_and_commands_are_completed() {
        assert_eq!(
            words("lo"),
            ["log(", "log10(", "log1mexp(", "log1p(", "log2(", "log_sigmoid(", "logaddexp(", "logit(", "logsumexp(", "loss"]
        );
        assert_eq!(words("2 + softp"), ["softplus("]);
        assert_eq!(words("deri"), ["derive "]);
        assert_eq!(words("2*deri"), Vec::<String>::new());
        assert_eq!(words("bc"), ["bce("]);
        assert_eq!(words("moons.x"), ["moons.x1"]);
        assert_eq!(words("diff x^2 w"), ["with ", "within ", "wrt "]);
        assert_eq!(words(""), Vec::<String>::new());
    }

    #[test]
    fn settings_and_their_values_follow_with() {
        assert_eq!(words("derive x wrt x with "), ["detail = "]);
        assert_eq!(words("derive x wrt x with detail = "), ["brief", "full", "normal"]);
        assert_eq!(words("descend x with rate = 0.1, s"), ["seed = ", "steps = "]);
        assert_eq!(words("data m = \"m.csv\" with m"), ["missing = "]);
    }

    #[test]
    fn letters_paths_and_commands_of_the_prompt() {
        assert_eq!(complete("2*\\sig", &names()), Completion::Words(2, vec![("σ".into(), "\\sigma σ".into())]));
        assert_eq!(words(":he"), [":help"]);
        assert_eq!(words(":help softp"), ["softplus"]);
        assert_eq!(words(":detail f"), ["full"]);
        assert_eq!(words(":load ab"), ["a path"]);
        assert_eq!(words("import \"ab"), ["a path"]);
        assert_eq!(words(":time deriv"), ["derive "]);
    }

    #[test]
    fn parameters_are_shown_until_they_are_written() {
        let left = |text: &str| parameters_left(text, &names()).unwrap_or_default();
        assert_eq!(left("softplus("), format!("{})", math::find("softplus").unwrap().record().parameters.join(", ")));
        assert_eq!(left("2*bce("), "p, y)");
        assert_eq!(left("bce(f(1, 2), "), "y)");
        assert_eq!(left("bce(1, 2, "), "");
        assert_eq!(left("max("), "a, b, …)");
        assert_eq!((left("(").as_str(), left("bce(x").as_str(), left("nope(").as_str()), ("", "", ""));
    }
}
