//! What stands on a page, for each kind of topic.

use super::show::Sheet;
use super::taught::taught;
use super::topics::{Facts, Group, Topic, topics};
use super::{COLUMNS, Entry};
use crate::diagnostic::{Code, quote};
use crate::domain::{Known, describe};
use crate::exercise::TOPICS;
use crate::expr::{Graph, print};
use crate::limits;
use crate::math::calculus::Law;
use crate::math::mistakes::Mistake;
use crate::math::{self, Arity, Class, Function, FunctionId, Meaning, Monotone, Parity, Purpose, Rule};
use crate::resolve::formula;
use crate::session::accepted;
use crate::stable;
use crate::syntax::ast::CommandKind;

/// So many identities are shown with a function.
const IDENTITIES: usize = 6;

/// The page about a topic.
pub(super) fn page(topic: &Topic) -> String {
    match &topic.facts {
        Facts::Function(id) => function(*id),
        Facts::Rule(law, identities) => rule(topic.name, *law, identities),
        Facts::Mistake(mistake) => slip(mistake),
        Facts::Code(code) => message(code),
        Facts::Entry(entry) => word(entry),
    }
}

// ---- functions

pub(super) fn function(id: FunctionId) -> String {
    let f = id.record();
    let call = call(f);
    let mut sheet = Sheet::titled(&call, "function");
    if f.title != f.name {
        sheet.prose(&format!("The {}.", f.title));
    }
    sheet.blank();
    sheet.prose(f.teaching);
    sheet.blank();
    sheet.labelled("also written", &f.aliases.join(", "));
    if let Meaning::Text(text) = f.meaning {
        sheet.labelled("means", text);
    }
    slopes(&mut sheet, f);
    sheet.labelled("defined", &everywhere_or(f.domain, "for every real "));
    sheet.labelled("values", &if f.range.is_empty() { String::new() } else { f.range.join(", ") });
    sheet.labelled("shape", &shape(f));
    for kink in f.kinks {
        sheet.labelled("kink", &format!("at {}: {}", kink.at, kink.what));
    }
    computed(&mut sheet, f, &call);
    let total = identities(f.name).count();
    for rule in identities(f.name).filter(|rule| mentions(rule, f.name)).take(IDENTITIES) {
        sheet.labelled("identity", rule.text);
    }
    if total > IDENTITIES {
        sheet.labelled("", &format!("and {} more: grad explain \"identities of {}\"", total - IDENTITIES, f.name));
    }
    sheet.example(f.example);
    lesson(&mut sheet, f.name, f.mistake);
    sheet.text
}

/// What a course says of a rule or function: why it holds, the common mistake, a question.
fn lesson(sheet: &mut Sheet, name: &str, own: &str) {
    let taught = taught(name);
    if let Some(taught) = taught {
        sheet.said("Why it holds", taught.holds);
    }
    let mistake = taught.map_or("", |taught| taught.mistake);
    sheet.said("Common mistake", [mistake, own].into_iter().find(|text| !text.is_empty()).unwrap_or_default());
    if let Some(taught) = taught {
        sheet.said("Question", taught.question);
        sheet.said("Answer", &format!("run `{}`", taught.answer));
    }
}

/// The identities with a word in their name or by itself in their text.
fn identities(word: &str) -> impl Iterator<Item = &'static Rule> {
    math::rules().filter(move |rule| mentions(rule, word) || rule.name.to_lowercase().contains(&word.to_lowercase()))
}

fn mentions(rule: &Rule, word: &str) -> bool {
    words_of(rule.text).any(|other| other == word)
}

/// The names and numbers of a text.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

fn call(f: &Function) -> String {
    match f.arity {
        Arity::Exactly(_) => format!("{}({})", f.name, f.parameters.join(", ")),
        Arity::List => format!("{}(a, b, …)", f.name),
        Arity::TwoLists => format!("{}([a, …], [b, …])", f.name),
    }
}

fn slopes(sheet: &mut Sheet, f: &Function) {
    let several = f.derivative.len() > 1;
    for (parameter, slope) in f.parameters.iter().zip(f.derivative) {
        let shown = if slope.is_empty() { "none: it counts, and does not vary" } else { slope };
        let label = if several { format!("d/d{parameter}") } else { "derivative".to_owned() };
        let needs = if f.differentiable.is_empty() { String::new() } else { format!("   where {}", f.differentiable.join(", ")) };
        sheet.labelled(&label, &format!("{shown}{needs}"));
    }
    let evaluated = f.slopes();
    if evaluated != f.derivative {
        sheet.labelled("", &format!("evaluated as {}", evaluated.join(" and ")));
    }
}

fn everywhere_or(conditions: &[&str], everywhere: &str) -> String {
    if conditions.is_empty() { format!("{everywhere}argument") } else { format!("where {}", conditions.join(", ")) }
}

fn shape(f: &Function) -> String {
    let monotone = match f.monotone {
        Monotone::Increasing => "increasing",
        Monotone::Decreasing => "decreasing",
        Monotone::No => "",
    };
    let parity = match f.parity {
        Parity::Even => "even: f(-u) = f(u)",
        Parity::Odd => "odd: f(-u) = -f(u)",
        Parity::None => "",
    };
    [monotone, parity].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What is found by computation: the poles, and the form by which the function is evaluated.
fn computed(sheet: &mut Sheet, f: &Function, call: &str) {
    if !matches!(f.arity, Arity::Exactly(_)) {
        return;
    }
    let mut g = Graph::new();
    let Ok(root) = formula(&mut g, call) else { return };
    let report = describe(&mut g, &Known::default(), root);
    for (at, what) in &report.poles {
        sheet.labelled("pole", &format!("{what} at {}", print::plain(&g, *at)));
    }
    if let Some(form) = stable::kernel(&mut g, root) {
        sheet.labelled("computed as", &print::plain(&g, form));
    }
}

// ---- rules

fn rule(name: &str, law: Option<&Law>, identities: &[&Rule]) -> String {
    let mut sheet = Sheet::titled(name, if identities.is_empty() { "rule" } else { "identity" });
    sheet.blank();
    if let Some(law) = law {
        if !law.statement.is_empty() {
            sheet.formula(law.statement);
            sheet.blank();
        }
        sheet.prose(&sentence(law.why));
    }
    for identity in identities {
        sheet.blank();
        sheet.formula(identity.text);
        sheet.labelled("why", identity.why);
        sheet.labelled("domain", effect(identity));
        sheet.labelled("not where", identity.counterexample);
        sheet.labelled("mistake", identity.mistake);
    }
    match law.map_or("", |law| law.example) {
        "" => identities.first().into_iter().for_each(|identity| sheet.example(&at_work(identity))),
        example => sheet.example(example),
    }
    lesson(&mut sheet, name, "");
    sheet.text
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str())
}

fn effect(rule: &Rule) -> &'static str {
    match rule.class {
        Class::Exact => "the same on both sides",
        Class::Extends => "wider on the right: the condition is carried along with the result",
        Class::Shrinks => "narrower on the right: used where the condition is proved or assumed",
    }
}

/// A statement in which the rule may act.
fn at_work(rule: &Rule) -> String {
    match rule.purpose {
        Purpose::Simplify | Purpose::Recognise => format!("simplify {} with detail = normal", rule.example),
        Purpose::Expand => format!("expand {} with detail = normal", rule.example),
        Purpose::Contract => format!("contract {} with detail = normal", rule.example),
        Purpose::Stable => format!("stable {} with detail = brief", rule.example),
        Purpose::Relate => format!("simplify {}", rule.example),
    }
}

// ---- mistakes

fn slip(mistake: &Mistake) -> String {
    let mut sheet = Sheet::titled(mistake.name, "mistake");
    sheet.blank();
    sheet.labelled("not", mistake.rule);
    sheet.labelled("but", mistake.meant);
    sheet.blank();
    sheet.prose(&sentence(mistake.why));
    let (problem, line) = mistake.example;
    sheet.example(&format!("check {problem}\n    = {line}"));
    sheet.see(&[mistake.topic, "check"]);
    sheet.text
}

// ---- codes, words, ideas

fn message(code: &Code) -> String {
    let mut sheet = Sheet::titled(&format!("{}: {}", code.id, code.title), "message");
    sheet.blank();
    sheet.prose(code.meaning);
    sheet.example(code.example);
    sheet.text
}

fn word(entry: &Entry) -> String {
    let mut sheet = Sheet::titled(entry.name, entry.group.words().0);
    if !entry.form.is_empty() {
        sheet.blank();
        sheet.lines(entry.form.iter().copied());
    }
    sheet.blank();
    sheet.prose(entry.text);
    if let Some(kind) = command(entry) {
        let (clauses, settings) = accepted(kind);
        sheet.blank();
        let clauses: Vec<&str> = clauses.iter().copied().chain(["assuming"]).collect();
        sheet.labelled("clauses", &clauses.join(", "));
        sheet.labelled("settings", &settings.join(", "));
    }
    let rows = facts(entry.name);
    if !rows.is_empty() {
        sheet.blank();
        sheet.lines(rows.iter().map(String::as_str));
    }
    sheet.example(entry.example);
    sheet.see(entry.see);
    sheet.text
}

/// What a table of the program adds to the page about a word, a line each.
fn facts(name: &str) -> Vec<String> {
    match name {
        "limits" => limits::TABLE.iter().map(limit).collect(),
        "exercise" => TOPICS.iter().map(|topic| topic.name.to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// A limit on a line: its name, its default, the code of its message, what is counted.
fn limit(facts: &limits::Facts) -> String {
    format!("{:<9} {:>9}  {}  {}", facts.name, facts.standard, facts.code, facts.counts)
}

fn command(entry: &Entry) -> Option<CommandKind> {
    CommandKind::named(entry.name).filter(|_| entry.group == Group::Command)
}

// ---- lists

/// The topics by group, on one screen.
pub(super) fn overview() -> String {
    let mut sheet = Sheet::default();
    sheet.prose("grad explain TOPIC prints a page. Any words do: grad explain log of a product");
    for group in Group::ALL {
        let (_, plural) = group.words();
        let names: Vec<&str> = topics().iter().filter(|topic| topic.group == group).map(|topic| topic.name).collect();
        let shown = match group {
            Group::Rule | Group::Mistake | Group::Code => {
                format!("{} and {} more: grad explain {plural}", names[0], names.len() - 1)
            }
            Group::Idea => names.join(", "),
            _ => names.join(" "),
        };
        sheet.labelled(plural, &shown);
    }
    sheet.text
}

/// The topics of a group, a line each.
pub(super) fn group(group: Group) -> String {
    let mut sheet = Sheet::titled(group.words().1, "grad explain TOPIC");
    sheet.blank();
    sheet.text.push_str(&listed(topics().iter().filter(|topic| topic.group == group)));
    sheet.text
}

/// Topics with a line about each.
pub(super) fn listed<'t>(topics: impl Iterator<Item = &'t Topic>) -> String {
    let topics: Vec<&Topic> = topics.collect();
    let width = topics.iter().map(|topic| topic.name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for topic in topics {
        let line = format!("  {:<width$}  {}", topic.name, topic.brief);
        match line.char_indices().nth(COLUMNS - 1) {
            Some((end, _)) => out.extend([&line[..end], "…\n"]),
            None => out.extend([line.trim_end(), "\n"]),
        }
    }
    out
}

/// The identities with a word in their name or by itself in their text, one after another.
pub(super) fn identities_of(word: &str) -> Option<String> {
    let word = math::find(word).map_or(word, |id| id.name());
    let mut sheet = Sheet::titled(&format!("identities of {}", quote(word)), "grad explain TOPIC");
    sheet.blank();
    identities(word).next()?;
    for rule in identities(word) {
        sheet.lines([rule.name]);
        sheet.formula(rule.text);
    }
    Some(sheet.text)
}
