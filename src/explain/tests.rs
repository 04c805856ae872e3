//! Nothing is forgotten: every record of every table has a page, and every page holds what it promises.

use super::search::{Meant, meant};
use super::taught::TAUGHT;
use super::topics::Facts;
use super::{COLUMNS, Group, Topic, page, topics};
use crate::diagnostic;
use crate::math::{self, calculus};
use crate::session::{NoImports, Options, Session, accepted};
use crate::source::Source;
use crate::syntax::ast::CommandKind;

#[track_caller]
fn is_page(topic: &str) -> String {
    page(topic).unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn every_function_has_a_page_under_all_its_names() {
    for f in math::functions().map(math::FunctionId::record) {
        for name in std::iter::once(&f.name).chain(f.aliases) {
            let text = is_page(name);
            assert!(text.contains(f.title) && text.contains("Common mistake: "), "{name}: {text}");
        }
        topics_of(f.title);
        topics_of(f.rule);
    }
}

#[test]
fn every_law_has_a_page() {
    for law in calculus::LAWS {
        assert!(topics_of(law.name).iter().any(|topic| topic.name == law.name), "{}", law.name);
    }
}

/// The topics that a question means.
#[track_caller]
fn topics_of(question: &str) -> Vec<&'static Topic> {
    match meant(question) {
        Ok(Meant::Topics(topics, _)) => topics,
        Ok(Meant::List(list)) => panic!("{question}: {list}"),
        Err(why) => panic!("{why}"),
    }
}

fn has_identity(topics: &[&Topic], holds: impl Fn(&str) -> bool) -> bool {
    topics.iter().any(|topic| match &topic.facts {
        Facts::Rule(law, identities) => {
            law.is_some_and(|law| holds(law.statement)) || identities.iter().any(|identity| holds(identity.text))
        }
        _ => false,
    })
}

#[test]
fn every_identity_has_a_page_by_name_and_by_itself() {
    for rule in math::rules() {
        let by_name = topics_of(rule.name);
        assert!(has_identity(&by_name, |text| text == rule.text), "{}", rule.name);
        assert!(has_identity(&topics_of(rule.text), |_| true), "{}", rule.text);
    }
    assert!(is_page("log(x*y)").contains("log(a*b) = log(a) + log(b)"));
}

#[test]
fn every_command_clause_and_setting_has_a_page() {
    for kind in CommandKind::ALL {
        let text = is_page(kind.word());
        let (clauses, settings) = accepted(kind);
        for word in clauses.iter().chain(settings) {
            assert!(text.contains(word), "{word}: {text}");
            is_page(word);
        }
    }
    for word in
        ["let", "fn", "param", "given", "assume", "data", "import", "assert", "explain", "with", "within", "for", "missing"]
    {
        is_page(word);
    }
}

#[test]
fn every_code_has_a_page_whose_example_shows_it() {
    for code in diagnostic::ALL {
        let text = is_page(code.id);
        assert!(text.contains(code.title));
        if !code.example.is_empty()
            && !["E0308", "E0503", "E0506"].contains(&code.id)
            && !text.contains(&format!("[{}]", code.id))
        {
            // the pages of `explain` itself are not asked for inside of a page
            assert_eq!(code.id, "E0508", "{text}");
        }
    }
}

#[test]
fn pages_are_narrow_and_their_examples_run() {
    for topic in topics() {
        let text = super::pages::page(topic);
        for line in text.lines() {
            assert!(line.chars().count() <= COLUMNS, "{}: {line}", topic.name);
            assert_eq!(line.trim_end(), line, "{}", topic.name);
        }
        assert!(text.ends_with('\n') && !text.contains("\n\n\n"), "{text}");
        let fails = text.contains("error[") || text.contains("example:");
        assert!(topic.group == Group::Code || topic.name == "explain" || !fails, "{text}");
    }
}

#[test]
fn topics_beside_a_page_have_pages() {
    for entry in super::language::ENTRIES.iter().chain(super::ideas::ENTRIES) {
        for topic in entry.see {
            let found = meant(topic);
            assert!(found.is_ok(), "{topic}: {:?}", found.err());
        }
    }
}

#[test]
fn laws_are_shown_at_work() {
    for name in ["product rule", "quotient rule", "power rule", "logarithmic differentiation", "chain rule"] {
        assert!(is_page(name).contains(&format!("│ {name}")), "{}", is_page(name));
    }
}

#[test]
fn words_find_pages() {
    assert!(is_page("log of a product").starts_with("logarithm of a product "));
    assert!(is_page("Chain  Rule").starts_with("chain rule "));
    assert!(is_page("ln").starts_with("log(u)"));
    assert!(is_page("gradient descent").starts_with("descend "));
    assert!(is_page("e0101").starts_with("E0101: "));
    assert!(is_page("").contains("functions"));
    let wrong = page("chian").unwrap_err();
    assert!(wrong.contains("did you mean `chain rule`?"), "{wrong}");
    assert!(page("xyzzyplugh").unwrap_err().contains("lists the topics"));
}

#[test]
fn the_overview_fits_on_a_screen() {
    let text = super::overview();
    assert!(text.lines().count() <= 24, "{text}");
}

#[test]
fn lists_hold_every_topic() {
    for topic in topics() {
        let list = super::pages::group(topic.group);
        assert!(list.contains(topic.name), "{list}");
    }
}

#[test]
fn what_is_taught_has_all_its_parts_and_an_answer() {
    for lesson in TAUGHT {
        let text = is_page(lesson.name);
        for part in ["Why it holds: ", "mistake", "Example", "Question: ", "Answer: run `"] {
            assert!(text.contains(part), "{}: no {part:?} in\n{text}", lesson.name);
        }
        let mut session = Session::new(Options::default());
        let outcomes = session.run(Source::new("answer", lesson.answer), &mut NoImports);
        assert!(outcomes.iter().all(|outcome| outcome.answer.is_some() && !outcome.is_error()), "{}", lesson.answer);
    }
    // the rules of differentiation are all taught
    for law in calculus::LAWS.iter().filter(|law| law.statement.starts_with("d(") && law.name != "variable") {
        assert!(TAUGHT.iter().any(|lesson| lesson.name == law.name), "{}", law.name);
    }
}
