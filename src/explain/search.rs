//! From words to a page: names first, then identities, then all that the pages say.

use super::pages;
use super::topics::{Facts, Group, Topic, topics};
use crate::diagnostic::quote;
use crate::resolve::names::distance;
use std::collections::HashMap;

/// Words that say nothing about what is looked for.
const EMPTY: &[&str] = &["a", "an", "and", "by", "for", "how", "in", "is", "of", "on", "or", "the", "to", "what", "with", "why"];

/// So many topics are listed.
const LISTED: usize = 12;

/// Longer questions are cut.
const LONGEST: usize = 200;

/// What a question asks for.
pub(super) enum Meant {
    /// A list of topics, as text.
    List(String),
    /// These topics, and what else may have been meant, as text.
    Topics(Vec<&'static Topic>, String),
}

/// The page that is meant, or a list of those that may be.
pub(super) fn find(question: &str) -> Result<String, String> {
    Ok(match meant(question)? {
        Meant::List(text) => text,
        Meant::Topics(topics, beside) => topics.into_iter().map(pages::page).collect::<Vec<_>>().join("\n") + &beside,
    })
}

/// What a question asks for.
pub(super) fn meant(question: &str) -> Result<Meant, String> {
    let question: String = question.chars().take(LONGEST).collect();
    let asked = plain(&question);
    if asked.is_empty() {
        return Ok(Meant::List(pages::overview()));
    }
    if let Some(list) = list(&asked) {
        return Ok(Meant::List(list));
    }
    let mut topics = named(&asked);
    if topics.is_empty() {
        topics.extend(with_identity(&question));
    }
    if !topics.is_empty() {
        return Ok(Meant::Topics(topics, String::new()));
    }
    let found = ranked(&asked);
    Ok(match &found[..] {
        [] => return Err(nothing(&question, &asked)),
        [(_, only)] => Meant::Topics(vec![only], String::new()),
        [(best, first), (second, _), ..] if clear(*best, *second) => Meant::Topics(vec![first], beside(&found[1..])),
        _ => {
            let list = pages::listed(found.iter().take(LISTED).map(|(_, topic)| *topic));
            Meant::List(format!("Pages about `{}`:\n\n{list}", quote(&question)))
        }
    })
}

/// Lower case, one space between words, no quotes around it.
fn plain(text: &str) -> String {
    let text = text.trim().trim_matches(['"', '\'', '`']).to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The topics of a group, or the identities of a function.
fn list(asked: &str) -> Option<String> {
    if let Some(name) = asked.strip_prefix("identities of ") {
        return pages::identities_of(name);
    }
    Group::ALL.into_iter().find(|group| group.words().1 == asked).map(pages::group)
}

/// The topics with this name; those with it as another name, where none has it as its own.
fn named(asked: &str) -> Vec<&'static Topic> {
    let with = |own: bool| -> Vec<&Topic> {
        let is = |topic: &Topic| {
            if own { topic.name.to_lowercase() == asked } else { topic.other.iter().any(|o| o.to_lowercase() == asked) }
        };
        topics().iter().filter(|topic| is(topic)).collect()
    };
    let found = with(true);
    if found.is_empty() { with(false) } else { found }
}

/// The topic in which an identity stands, whatever its letters are called.
fn with_identity(question: &str) -> Option<&'static Topic> {
    let asked = pattern(question);
    if !asked.contains('(') && !asked.contains(['^', '/', '*', '+', '-']) {
        return None;
    }
    topics().iter().find(|topic| {
        let Facts::Rule(law, identities) = &topic.facts else { return false };
        let statements = law.iter().map(|law| law.statement).chain(identities.iter().map(|identity| identity.text));
        statements.filter(|text| !text.is_empty()).any(|text| {
            let equation = text.split(" where ").next().unwrap_or(text);
            let left = equation.split(" = ").next().unwrap_or(equation);
            [text, equation, left].iter().any(|form| pattern(form) == asked)
        })
    })
}

/// An expression without spaces, its names that are not called replaced by their order.
fn pattern(text: &str) -> String {
    let mut order: HashMap<String, usize> = HashMap::new();
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace()).chain(['\0']) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        let is_name = word.starts_with(|c: char| c.is_alphabetic());
        if is_name && c != '(' {
            let next = order.len();
            out.push_str(&format!("#{}", order.entry(std::mem::take(&mut word)).or_insert(next)));
        }
        out.push_str(&std::mem::take(&mut word));
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

fn significant(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    words.filter(|word| !word.is_empty() && !EMPTY.contains(word))
}

/// Every topic that holds all of the words, the best first.
fn ranked(asked: &str) -> Vec<(u32, &'static Topic)> {
    let words: Vec<&str> = significant(asked).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u32, &Topic)> = topics().iter().filter_map(|topic| Some((score(topic, &words)?, topic))).collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found
}

/// How well a topic answers to all of the words; none where one of them does not occur.
fn score(topic: &Topic, words: &[&str]) -> Option<u32> {
    let names = std::iter::once(topic.name).chain(topic.other.iter().copied());
    let best = names.map(|name| in_name(&name.to_lowercase(), words)).max().unwrap_or(0);
    let text = said(topic).to_lowercase();
    let all = words.iter().all(|word| topic.name.to_lowercase().contains(word) || text.contains(word));
    (all || best > 0).then(|| best + u32::from(all))
}

/// A name that holds every word counts by how much of it they are: at most 100.
fn in_name(name: &str, words: &[&str]) -> u32 {
    let own: Vec<&str> = significant(name).collect();
    let fits = |mine: &str, word: &str| {
        mine == word
            || (word.len() >= 3 && mine.starts_with(word))
            || (mine.len() >= 3 && word.starts_with(mine) && word.len() <= mine.len() + 2)
    };
    if own.is_empty() || !words.iter().all(|word| own.iter().any(|mine| fits(mine, word))) {
        return 0;
    }
    let covered = own.iter().filter(|mine| words.iter().any(|word| fits(mine, word))).count();
    u32::try_from(100 * covered / own.len()).unwrap_or(100)
}

/// What the records say, without the outputs of examples.
fn said(topic: &Topic) -> String {
    match &topic.facts {
        Facts::Function(id) => {
            let f = id.record();
            [f.name, f.title, f.rule, f.teaching, f.mistake].join(" ") + " " + &topic.other.join(" ")
        }
        Facts::Rule(law, identities) => {
            let mut text: Vec<&str> = vec![topic.name];
            text.extend(law.iter().flat_map(|law| [law.statement, law.why]));
            text.extend(identities.iter().flat_map(|rule| [rule.text, rule.why, rule.mistake]));
            text.join(" ")
        }
        Facts::Mistake(mistake) => {
            let said = mistake.said.replace("{}", "");
            [mistake.name, &mistake.name.replace('-', " "), &said, mistake.rule, mistake.meant, mistake.why].join(" ")
        }
        Facts::Code(code) => [code.id, code.title, code.meaning].join(" "),
        Facts::Entry(entry) => [entry.name, entry.text].join(" ") + " " + &topic.other.join(" "),
    }
}

/// Whether the best answer is far better than the next.
fn clear(best: u32, second: u32) -> bool {
    best >= 60 && best >= second + 30
}

fn beside(others: &[(u32, &Topic)]) -> String {
    let names: Vec<&str> = others.iter().filter(|(score, _)| *score > 20).take(6).map(|(_, topic)| topic.name).collect();
    if names.is_empty() { String::new() } else { format!("\nAlso: {}\n", names.join(", ")) }
}

/// Why nothing was found, with the topic that was probably meant.
fn nothing(question: &str, asked: &str) -> String {
    let most = if asked.chars().count() <= 3 { 1 } else { 2 };
    let near = |name: &str| std::iter::once(name).chain(name.split(' ')).map(|part| distance(&part.to_lowercase(), asked)).min();
    let mut found: Vec<(usize, &str)> = topics()
        .iter()
        .flat_map(|topic| std::iter::once(topic.name).chain(topic.other.iter().copied()).map(move |name| (name, topic.name)))
        .filter_map(|(name, topic)| Some((near(name)?, topic)).filter(|(edits, _)| *edits <= most))
        .collect();
    found.sort_by_key(|(edits, name)| (*edits, name.len()));
    let least = found.first().map_or(0, |(edits, _)| *edits);
    let mut names: Vec<String> = Vec::new();
    for (_, name) in found.into_iter().filter(|(edits, _)| *edits == least) {
        let shown = format!("`{name}`");
        if names.len() < 3 && !names.contains(&shown) {
            names.push(shown);
        }
    }
    let question = quote(question.trim());
    match names.is_empty() {
        true => format!("there is no page about `{question}`; `grad explain` lists the topics"),
        false => format!("there is no page about `{question}`; did you mean {}?", names.join(" or ")),
    }
}
