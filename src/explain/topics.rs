//! Everything that has a page, in one list made from the tables.

use super::{Entry, ideas, language};
use crate::diagnostic::{self, Code};
use crate::math::calculus::{LAWS, Law};
use crate::math::mistakes::{MISTAKES, Mistake};
use crate::math::{self, FunctionId, Rule};
use std::sync::OnceLock;

/// What kind of thing a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// A command, such as `diff`.
    Command,
    /// Another kind of statement, such as `let`.
    Statement,
    /// A word that begins a clause.
    Clause,
    /// A setting of a `with` clause.
    Setting,
    /// A function.
    Function,
    /// A rule of differentiation, a move of simplification or an identity.
    Rule,
    /// A wrong rule that learners apply.
    Mistake,
    /// An idea.
    Idea,
    /// A command of the command line.
    Tool,
    /// An option of the command line.
    Option,
    /// A code of a message.
    Code,
}

impl Group {
    /// All of them, in the order of the overview.
    pub const ALL: [Group; 11] = [
        Group::Command,
        Group::Statement,
        Group::Clause,
        Group::Setting,
        Group::Function,
        Group::Rule,
        Group::Mistake,
        Group::Idea,
        Group::Tool,
        Group::Option,
        Group::Code,
    ];

    /// What one of them is called, and what several are.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Group::Command => ("command", "commands"),
            Group::Statement => ("statement", "statements"),
            Group::Clause => ("clause", "clauses"),
            Group::Setting => ("setting", "settings"),
            Group::Function => ("function", "functions"),
            Group::Rule => ("rule", "rules"),
            Group::Mistake => ("mistake", "mistakes"),
            Group::Idea => ("idea", "ideas"),
            Group::Tool => ("command line", "tools"),
            Group::Option => ("option", "options"),
            Group::Code => ("message", "codes"),
        }
    }
}

/// What a page is made from.
#[derive(Clone)]
pub(super) enum Facts {
    /// A record of the table of functions.
    Function(FunctionId),
    /// What bears one textbook name: a law of derivations, identities, or both.
    Rule(Option<&'static Law>, Vec<&'static Rule>),
    /// A wrong rule that learners apply.
    Mistake(&'static Mistake),
    /// A code of a message.
    Code(&'static Code),
    /// A word of the language, or an idea.
    Entry(&'static Entry),
}

/// A thing that has a page.
#[derive(Clone)]
pub struct Topic {
    /// Its name.
    pub name: &'static str,
    /// Other names of it.
    pub other: Vec<&'static str>,
    /// What kind it is.
    pub group: Group,
    /// One line about it.
    pub brief: &'static str,
    /// What is known of it.
    pub(super) facts: Facts,
}

/// Every topic.
#[must_use]
pub fn topics() -> &'static [Topic] {
    static TOPICS: OnceLock<Vec<Topic>> = OnceLock::new();
    TOPICS.get_or_init(|| {
        let mut all: Vec<Topic> = language::ENTRIES.iter().chain(ideas::ENTRIES).map(entry).collect();
        all.extend(math::functions().map(function));
        all.extend(rules());
        all.extend(MISTAKES.iter().map(mistake));
        all.extend(diagnostic::ALL.iter().map(|code| Topic {
            name: code.id,
            other: vec![code.title],
            group: Group::Code,
            brief: code.title,
            facts: Facts::Code(code),
        }));
        all
    })
}

fn entry(entry: &'static Entry) -> Topic {
    let end = entry.text.find(['.', ':']).unwrap_or(entry.text.len());
    let brief = &entry.text[..end];
    Topic { name: entry.name, other: entry.other.to_vec(), group: entry.group, brief, facts: Facts::Entry(entry) }
}

fn function(id: FunctionId) -> Topic {
    let record = id.record();
    let mut other = record.aliases.to_vec();
    other.extend([record.title, record.rule]);
    other.extend(record.elsewhere);
    Topic { name: record.name, other, group: Group::Function, brief: record.title, facts: Facts::Function(id) }
}

fn mistake(mistake: &'static Mistake) -> Topic {
    let (name, brief) = (mistake.name, mistake.rule);
    Topic { name, other: Vec::new(), group: Group::Mistake, brief, facts: Facts::Mistake(mistake) }
}

/// The rules by their textbook names: those of derivations first, then the identities as they stand in the table.
fn rules() -> Vec<Topic> {
    let mut found: Vec<Topic> = LAWS.iter().map(|law| rule(law.name, law.why, Some(law))).collect();
    let mut places: std::collections::HashMap<&str, usize> = found.iter().enumerate().map(|(at, t)| (t.name, at)).collect();
    for identity in math::rules() {
        let at = *places.entry(identity.name).or_insert_with(|| {
            found.push(rule(identity.name, identity.text, None));
            found.len() - 1
        });
        if let Facts::Rule(_, identities) = &mut found[at].facts {
            identities.push(identity);
        }
    }
    found
}

fn rule(name: &'static str, brief: &'static str, law: Option<&'static Law>) -> Topic {
    Topic { name, other: Vec::new(), group: Group::Rule, brief, facts: Facts::Rule(law, Vec::new()) }
}
