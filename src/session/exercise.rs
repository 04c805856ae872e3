//! `exercise`: draws problems, solves each in a session of its own, and keeps those that practise their topic.

use super::check::said;
use super::clauses::{self, unknown_setting};
use super::{Ask, Options, Query, Session, Work};
use crate::derive::{Derivation, Detail, Step};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::domain::Known;
use crate::exercise::{LEVELS, Problems, TOPICS, Task, Topic, topic};
use crate::expr::{Id, print};
use crate::marking;
use crate::outcome::{Answer, Exercises, Problem, WrongAnswer};
use crate::resolve::{Fault, names};
use crate::simplify::{Names, Simplifier};
use crate::source::Span;
use crate::syntax::ast::Clauses;
use std::collections::HashSet;

/// The settings of `exercise`.
pub(super) const SETTINGS: &[&str] = &["count", "level", "seed", "key"];

/// The most problems of one sheet.
const MOST: u64 = 100;

/// So many problems are drawn for one that is taken, before a sheet is given up.
const DRAWS: usize = 40;

/// A worked solution of more steps is no exercise.
const STEPS: usize = 8;

/// So many likely wrong answers stand in the key of a problem.
const LIKELY: usize = 3;

/// Among so many they are chosen.
const LOOKED_AT: usize = 12;

/// What the settings ask for.
struct Asked {
    count: usize,
    level: usize,
    seed: u64,
    key: bool,
}

impl Work<'_> {
    /// `exercise "chain rule" with count = 10, level = 2, seed = 7`
    pub(super) fn exercise(&mut self, about: Span, clauses: &Clauses) -> Result<Answer, Fault> {
        let asked = self.asked_of_exercises(clauses)?;
        let name = self.text.source.slice(about).to_owned();
        let Some(topic) = topic(&name) else { return Err(no_topic(&name, about)) };
        let own = Options { stop: self.session.options.stop.clone(), ..Options::default() };
        let mut sheet = Sheet { session: Session::new(own), topic, seen: HashSet::new(), problems: Vec::new() };
        for text in Problems::new(topic, asked.level, asked.seed).take(DRAWS * asked.count) {
            if sheet.problems.len() == asked.count {
                break;
            }
            self.budget.check().map_err(Diagnostic::stopped)?;
            sheet.try_problem(&text)?;
        }
        if sheet.problems.len() < asked.count {
            return Err(too_few(topic, asked.level, sheet.problems.len(), about));
        }
        let Sheet { session, problems, .. } = sheet;
        let Asked { level, seed, key, .. } = asked;
        Ok(Answer::Exercises(Box::new(Exercises { graph: session.graph, topic, level, seed, key, problems })))
    }

    fn asked_of_exercises(&mut self, clauses: &Clauses) -> Result<Asked, Fault> {
        self.settings_only(clauses)?;
        let mut asked = Asked { count: 5, level: 1, seed: 1, key: false };
        for setting in &clauses.with {
            let name = self.name(setting.name);
            let word = self.word(setting.value)?;
            let wrong = |values: String| {
                let message = format!("`{}` is {values}", quote(&name));
                Fault::from(Diagnostic::new(&code::SETTING, message).at(setting.name.span, ""))
            };
            let whole = |from: u64, to: u64| {
                clauses::whole(&word, from, to).ok_or_else(|| match to {
                    u64::MAX => wrong("a whole number, 0 or larger".to_owned()),
                    _ => wrong(format!("a whole number from {from} to {to}")),
                })
            };
            match name.as_str() {
                "count" => asked.count = whole(1, MOST)? as usize,
                "level" => asked.level = whole(1, LEVELS as u64)? as usize,
                "seed" => asked.seed = whole(0, u64::MAX)?,
                "key" => asked.key = word.parse().map_err(|_| wrong("true or false".to_owned()))?,
                _ => return Err(unknown_setting(&name, SETTINGS, setting.name.span)),
            }
        }
        Ok(asked)
    }
}

/// A sheet that is being made.
struct Sheet {
    session: Session,
    topic: &'static Topic,
    /// What was asked on it already.
    seen: HashSet<Id>,
    problems: Vec<Problem>,
}

impl Sheet {
    /// Takes a problem that is new and whose worked solution practises the topic.
    fn try_problem(&mut self, text: &str) -> Result<(), Fault> {
        let Answer::Formula(formula) = self.ask(text, Ask::Parse)? else { return Ok(()) };
        if !self.seen.insert(formula.id) {
            return Ok(());
        }
        let (solution, slope) = match self.topic.task {
            Task::Slope => (self.ask(text, Ask::Derive(vec!["x".to_owned()], Detail::Normal)), true),
            Task::Expand => (self.ask(text, Ask::Expand), false),
            Task::Simplify => (self.ask(text, Ask::Simplify), false),
        };
        let (Answer::Derivation { derivation: solution, .. } | Answer::Simplified { derivation: solution, .. }) = solution?
        else {
            return Ok(());
        };
        if !self.is_practice(&solution) {
            return Ok(());
        }
        let body = print::plain(&self.session.graph, formula.id);
        let question = if slope { format!("d/dx ({body})") } else { body };
        let wrong = self.likely_wrong(formula.id, slope);
        self.problems.push(Problem { question, solution, wrong });
        Ok(())
    }

    /// What learners may answer instead, written as short as a right answer would be.
    fn likely_wrong(&mut self, body: Id, slope: bool) -> Vec<WrongAnswer> {
        let g = &mut self.session.graph;
        let variable = g.intern("x");
        let problem = if slope { g.derivative(body, variable, 1) } else { body };
        let known = Known::default();
        let mut found = marking::likely(g, &known, problem, LOOKED_AT);
        // what is practised first
        found.sort_by_key(|(_, found)| found.mistake.topic != self.topic.name);
        let written = found.into_iter().take(LIKELY).map(|(value, found)| WrongAnswer {
            answer: Simplifier::new(&known).named(Names::Textbook).shortest(g, value),
            mistake: found.mistake,
            said: said(&found),
        });
        written.collect()
    }

    fn ask(&mut self, expression: &str, ask: Ask) -> Result<Answer, Fault> {
        let assume: Vec<String> = self.topic.assume.iter().map(|condition| (*condition).to_owned()).collect();
        self.session.ask(&Query { expression, assume: &assume, at: &[], ask })
    }

    /// Whether a solution has steps, not too many, each of them checked, and uses what the topic is about.
    fn is_practice(&self, solution: &Derivation) -> bool {
        let rules: Vec<String> = solution.steps.iter().map(Step::rule).collect();
        let uses = self.topic.uses;
        (1..=STEPS).contains(&solution.steps.len())
            && solution.steps.iter().all(|step| step.unchecked.is_none())
            && (uses.is_empty() || rules.iter().any(|rule| uses.iter().any(|name| rule.contains(name))))
    }
}

fn no_topic(name: &str, span: Span) -> Fault {
    let known = TOPICS.iter().flat_map(|topic| topic.other.iter().copied().chain([topic.name]));
    let near = known.min_by_key(|known| names::distance(known, name)).filter(|known| names::distance(known, name) <= 2);
    let fault = Diagnostic::new(&code::TOPIC, format!("there are no exercises about `{}`", quote(name))).at(span, "");
    let list: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
    let help = format!("the topics are: {}", list.join(", "));
    Box::new(fault.help(near.map_or(help.clone(), |near| format!("did you mean `{near}`?\n{help}"))))
}

fn too_few(topic: &Topic, level: usize, found: usize, span: Span) -> Fault {
    let message = format!("at level {level} there are only {found} different problems about {}", topic.name);
    Box::new(
        Diagnostic::new(&code::SETTING, message).at(span, "").help(format!("ask for `count = {found}`, or for another level")),
    )
}
