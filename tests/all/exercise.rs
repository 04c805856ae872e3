//! Exercises and their marks: keys that are right, wrong answers that are wrong, and tables for a class.

use super::process::{folder, run};
use grad::exercise::{LEVELS, TOPICS};
use grad::expr::print;
use grad::marking::hint::Level;
use grad::outcome::{Answer, Exercises, Marking};
use grad::session::{Ask, NoImports, Options, Query, Session};
use grad::source::Source;

/// A sheet with its key.
fn sheet(topic: &str, level: usize, seed: u64, count: usize) -> Box<Exercises> {
    let text = format!("exercise \"{topic}\" with level = {level}, seed = {seed}, count = {count}");
    let outcomes = Session::new(Options::default()).run(Source::new("sheet", text.clone()), &mut NoImports);
    match outcomes.into_iter().next().map(|outcome| (outcome.answer, outcome.diagnostics)) {
        Some((Some(Answer::Exercises(sheet)), _)) => sheet,
        other => panic!("{text}: {:?}", other.map(|(_, diagnostics)| diagnostics)),
    }
}

/// What becomes of one line as an answer to a problem.
fn marked(sheet: &Exercises, problem: &str, line: String) -> Marking {
    let assume: Vec<String> = sheet.topic.assume.iter().map(|condition| (*condition).to_owned()).collect();
    let ask = Ask::Check(vec![line], Level::default());
    let mut session = Session::new(Options::default());
    match session.ask(&Query { expression: problem, assume: &assume, at: &[], ask }) {
        Ok(Answer::Marking(marking)) => *marking,
        other => panic!("{problem}: {other:?}"),
    }
}

#[test]
fn keys_are_right_and_likely_wrong_answers_are_wrong() {
    let seed = std::env::var("GRAD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let count = if std::env::var_os("GRAD_RANDOM").is_some() { 10 } else { 2 };
    for topic in TOPICS {
        for level in 1..=LEVELS {
            let sheet = sheet(topic.name, level, seed, count);
            assert_eq!(sheet.problems.len(), count);
            for problem in &sheet.problems {
                let key = print::plain(&sheet.graph, problem.solution.result);
                let marking = marked(&sheet, &problem.question, key.clone());
                assert_eq!(marking.first_wrong(), None, "{} = {key}", problem.question);
                for wrong in &problem.wrong {
                    let line = print::plain(&sheet.graph, wrong.answer);
                    let marking = marked(&sheet, &problem.question, line.clone());
                    assert_eq!(marking.first_wrong(), Some(0), "{} = {line} ({})", problem.question, wrong.mistake.name);
                }
            }
        }
    }
}

#[test]
fn a_sheet_is_a_program_and_the_same_for_the_same_seed() {
    let ask = ["-e", "exercise \"chain rule\" with count = 6, level = 2, seed = 7"];
    let first = run(&ask);
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert_eq!(first.out, run(&ask).out);
    assert_eq!(first.out.matches("\ncheck d/dx (").count(), 6, "{}", first.out);
    // names of the program around it mean nothing in a sheet
    let inside = run(&["-e", "let x = 3; param p = 2\nexercise \"chain rule\" with count = 6, level = 2, seed = 7"]);
    assert_eq!(inside.out, first.out);
}

#[test]
fn what_cannot_be_practised_is_refused() {
    let refused = |code: &str| run(&["-e", code]).err;
    assert!(refused("exercise \"chain rul\"").contains("did you mean `chain rule`?"));
    assert!(refused("exercise \"integrals\"").contains("the topics are: sum, power rule"));
    assert!(refused("exercise \"sum\" with level = 4").contains("from 1 to 3"));
    assert!(refused("exercise \"logarithmic differentiation\" with count = 90").contains("ask for `count = "));
    assert!(refused("exercise \"sum\" at x = 1").contains("no meaning"));
}

#[test]
fn a_class_is_marked() {
    let class = folder("class");
    let write = |name: &str, text: &str| std::fs::write(class.join(name), text).unwrap();
    let sheet = "check d/dx (sin(x^2))\ncheck d/dx (x*exp(x))\ncheck d/dx (log(x))\n";
    write("sheet.grad", sheet);
    std::fs::create_dir(class.join("answers")).unwrap();
    write(
        "answers/ada.grad",
        "check d/dx (sin(x^2))\n  = 2x*cos(x^2)\ncheck d/dx (x*exp(x))\n  = exp(x) + x*exp(x)\n  = exp(x)*(1 + x)\ncheck d/dx (log(x)) = 1/x\n",
    );
    write(
        "answers/bob.grad",
        "check d/dx (sin(x^2))\n  = cos(x^2)\ncheck d/dx (x*exp(x))\n  = d/dx(x)*exp(x) + x*d/dx(exp(x))\n",
    );
    write("answers/eve.grad", "check d/dx (sin(x^2))\n  = cos(x^2\ncheck d/dx (x*exp(x))\ncheck d/dx (log(x))\n  = 1/x + 7\n");
    let path = |name: &str| class.join(name).to_string_lossy().into_owned();
    let ran = run(&["grade", "--sheet", &path("sheet.grad"), &path("answers")]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[..3], ["learner  right  of", "ada          3   3", "bob          0   3"], "{}", ran.out);
    for part in [
        "line 1     d/dx (sin(x^2)): line 1 does not follow: missing-inner-derivative",
        "line 3     d/dx (x*exp(x)): right so far, a derivative is still to be taken",
        "not there  d/dx (log(x)): no lines",
        "line 1     d/dx (sin(x^2)): cannot be read",
        "line 3     d/dx (x*exp(x)): no lines",
        "line 4     d/dx (log(x)): line 1 does not follow",
        "    1  missing-inner-derivative",
    ] {
        assert!(ran.out.contains(part), "no {part:?} in\n{}", ran.out);
    }
    let ran = run(&["grade", "--format", "json", &path("answers/bob.grad")]);
    let object: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&object["learner"], &object["right"], &object["of"]), (&"bob".into(), &0.into(), &2.into()));
    assert_eq!(object["problems"][0]["misconception"], "missing-inner-derivative");
    assert_eq!(object["problems"][1]["verdict"], "unfinished");
    let _ = std::fs::remove_dir_all(&class);
}
