//! Sheets of problems: a program that a learner completes, or its key.

use super::derivation::{self, Marks};
use super::json;
use super::prose::{COLUMNS, filled, firm};
use crate::derive::Detail;
use crate::exercise::Task;
use crate::expr::print;
use crate::marking;
use crate::outcome::{Exercises, Problem};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// The sheet as a program, in which each problem waits for the lines of a learner; with its key each worked solution instead.
#[must_use]
pub fn text(sheet: &Exercises, marks: Marks) -> String {
    let mut out = String::new();
    out.push_str(&filled("# ", "# ", &heading(sheet), COLUMNS));
    for (k, problem) in (1..).zip(&sheet.problems) {
        let _ = write!(out, "\n# {k}\n");
        match sheet.key {
            true => key(&mut out, sheet, problem, marks),
            false => _ = writeln!(out, "check {}{}", problem.question, assuming(sheet)),
        }
    }
    out
}

/// The worked solution, and what learners may answer instead.
fn key(out: &mut String, sheet: &Exercises, problem: &Problem, marks: Marks) {
    let g = &sheet.graph;
    out.push_str(&derivation::text(g, &problem.solution, Detail::Normal, marks));
    for (k, wrong) in problem.wrong.iter().enumerate() {
        let text = format!("{}: {}", firm(&print::plain(g, wrong.answer)), marking::told(g, &wrong.said));
        out.push_str(&filled(&format!("  {} ", wrong_label(k)), "      ", &text, COLUMNS));
    }
}

/// What is practised, and what is to be done.
pub(super) fn heading(sheet: &Exercises) -> String {
    format!("{}, level {}, seed {}: {}", sheet.topic.name, sheet.level, sheet.seed, instruction(sheet))
}

/// What stands before the wrong answer with this number, from 0.
pub(super) fn wrong_label(number: usize) -> &'static str {
    if number == 0 { "not" } else { "nor" }
}

fn instruction(sheet: &Exercises) -> &'static str {
    match (sheet.key, sheet.topic.task) {
        (true, _) => "the worked solutions",
        (false, Task::Slope) => "differentiate; write each line below its problem, beginning with =",
        (false, Task::Expand) => "take apart; write each line below its problem, beginning with =",
        (false, Task::Simplify) => "write shorter; write each line below its problem, beginning with =",
    }
}

/// The clause with what is known of the letters; empty where nothing is.
pub(super) fn assuming(sheet: &Exercises) -> String {
    match sheet.topic.assume {
        [] => String::new(),
        some => format!(" assuming {}", some.join(", ")),
    }
}

/// The sheet as fields of an answer; the key is always there.
#[must_use]
pub fn fields(sheet: &Exercises) -> Map<String, Value> {
    let problems: Vec<Value> = sheet.problems.iter().map(|problem| solved(sheet, problem)).collect();
    let fields = json!({
        "topic": sheet.topic.name,
        "level": sheet.level,
        "seed": sheet.seed,
        "assume": sheet.topic.assume,
        "problems": problems,
    });
    fields.as_object().cloned().unwrap_or_default()
}

fn solved(sheet: &Exercises, problem: &Problem) -> Value {
    let mut fields = Map::new();
    fields.insert("problem".to_owned(), problem.question.clone().into());
    json::expression(&sheet.graph, &mut fields, problem.solution.result);
    fields.insert("domain".to_owned(), json::conditions(&sheet.graph, &problem.solution.conditions));
    fields.insert("steps".to_owned(), json::steps(&sheet.graph, &problem.solution.steps));
    let wrong = problem.wrong.iter().map(|wrong| {
        json!({"answer": print::plain(&sheet.graph, wrong.answer), "misconception": wrong.mistake.name, "why": marking::told(&sheet.graph, &wrong.said)})
    });
    fields.insert("wrong".to_owned(), wrong.collect());
    Value::Object(fields)
}
