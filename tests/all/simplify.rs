//! Simplification from outside: the gate examples with exactly their conditions, a corpus of identities and traps, and what every
//! simplification keeps to: the measure goes down step by step, a result is a fixed point, the order of the input does not show.

use grad::domain::{Known, domain_of};
use grad::expr::{Graph, Id, View, print, walk};
use grad::outcome::Answer;
use grad::session::{Ask, Options, Query, Session};
use grad::simplify::measure;
use grad::verify::check::{Allowed, Checker, Outcome};
use serde_json::Value;
use std::path::Path;

/// A simplified form as it is printed, its conditions, and the states on the way.
struct Simplified {
    result: String,
    conditions: Vec<String>,
    /// The expression as it was read, then what each step leads to.
    states: Vec<Id>,
    /// What each step says it keeps.
    kept: Vec<Vec<String>>,
    graph: Graph,
    form: Id,
}

fn ask(expression: &str, assume: &[String], ask: Ask) -> Simplified {
    let mut session = Session::new(Options::default());
    let query = Query { expression, assume, at: &[], ask };
    let answer = session.ask(&query).unwrap_or_else(|fault| panic!("{expression}: {fault:?}"));
    let Answer::Simplified { formula, derivation, .. } = answer else { panic!("{expression} is no scalar") };
    let shown = |ids: &[Id]| ids.iter().map(|c| print::plain(&session.graph, *c)).collect::<Vec<_>>();
    let mut states = vec![derivation.start];
    for (step, next) in derivation.steps.iter().zip(derivation.steps.iter().skip(1)) {
        assert_eq!(step.after, next.before, "{expression}: the steps do not connect");
    }
    states.extend(derivation.steps.iter().map(|s| s.after));
    let kept = derivation.steps.iter().map(|s| shown(&s.conditions)).collect();
    Simplified {
        result: print::plain(&session.graph, formula.id),
        conditions: shown(&formula.conditions),
        states,
        kept,
        form: formula.id,
        graph: session.graph,
    }
}

fn simplified(expression: &str, assume: &[&str]) -> Simplified {
    let assume: Vec<String> = assume.iter().map(|a| (*a).to_owned()).collect();
    ask(expression, &assume, Ask::Simplify)
}

#[test]
fn the_gate_examples() {
    let table: &[(&str, &str, &[&str])] = &[
        ("x/x", "1", &["x != 0"]),
        ("(x^2 - 1)/(x - 1)", "x + 1", &["x != 1"]),
        ("exp(log(x))", "x", &["x > 0"]),
        ("sqrt(x)^2", "x", &["x >= 0"]),
        ("log(x^2)", "2*log(abs(x))", &[]),
        ("log(x) + log(y)", "log(x*y)", &["x > 0", "y > 0"]),
        ("log(x*y)", "log(x*y)", &[]),
        ("x - x + log(x)*0", "0", &["x > 0"]),
        ("log(exp(x))", "x", &[]),
    ];
    for (expression, result, conditions) in table {
        let found = simplified(expression, &[]);
        assert_eq!(found.result, *result, "{expression}");
        assert_eq!(found.conditions, *conditions, "{expression}");
    }
}

#[test]
fn what_is_assumed_is_not_said_again() {
    assert!(simplified("log(x) + log(y)", &["x > 0", "y > 0"]).conditions.is_empty());
    assert!(simplified("x/x", &["x > 1"]).conditions.is_empty());
    assert_eq!(simplified("sqrt(x^2)", &["x < 0"]).result, "-x");
    assert_eq!(simplified("x/x", &["x >= 0"]).conditions, ["x != 0"]);
}

/// A direction, an expression, what is assumed, the result and its conditions.
type Case = (Ask, &'static str, &'static [&'static str], &'static str, &'static [&'static str]);

#[test]
fn the_other_directions() {
    let cases: &[Case] = &[
        (Ask::Expand, "log(x*y)", &["x > 0", "y > 0"], "log(x) + log(y)", &[]),
        (Ask::Expand, "log(x*y)", &[], "log(abs(x)) + log(abs(y))", &["x*y > 0"]),
        (Ask::Expand, "log(x^2*y/z)", &["x > 0", "y > 0", "z > 0"], "2*log(x) + log(y) - log(z)", &[]),
        (Ask::Expand, "exp(a + b - c)", &[], "exp(a)*exp(b)/exp(c)", &[]),
        (Ask::Expand, "(x + 1)^3", &[], "x^3 + 3*x^2 + 3*x + 1", &[]),
        (Ask::Expand, "2^(x + y)", &[], "2^x*2^y", &[]),
        (Ask::Expand, "x^(a + b)", &[], "x^(a + b)", &[]),
        (Ask::Expand, "x^(a + b)", &["x > 0"], "x^a*x^b", &[]),
        (Ask::Contract, "log(x) + 2*log(y) - log(z)/2", &["x > 0", "y > 0"], "log(x*y^2/sqrt(z))", &[]),
        (Ask::Contract, "2*log(x)", &[], "log(x^2)", &["x > 0"]),
        (Ask::Contract, "exp(a)*exp(b)", &[], "exp(a + b)", &[]),
        (Ask::Contract, "sqrt(x)*sqrt(y)", &[], "sqrt(x*y)", &["x >= 0", "y >= 0"]),
        (Ask::Contract, "y*log(x)", &["x > 0"], "log(x^y)", &[]),
    ];
    for (way, expression, assume, result, conditions) in cases {
        let assume: Vec<String> = assume.iter().map(|a| (*a).to_owned()).collect();
        let found = ask(expression, &assume, way.clone());
        assert_eq!(found.result, *result, "{way:?} {expression}");
        assert_eq!(found.conditions, *conditions, "{way:?} {expression}");
    }
}

#[test]
fn a_step_says_what_it_keeps() {
    let found = simplified("log(x) + log(y)", &[]);
    assert_eq!(found.kept, [["x > 0", "y > 0"]]);
}

// ---- the corpus

fn corpus() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/simplify.jsonl");
    std::fs::read_to_string(path).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// The assumptions of a case in the language's words.
fn assumptions(case: &Value) -> Vec<String> {
    let Some(object) = case["assume"].as_object() else { return Vec::new() };
    let spoken = |(name, kind): (&String, &Value)| match kind.as_str().unwrap_or_default() {
        "positive" => Some(format!("{name} > 0")),
        "negative" => Some(format!("{name} < 0")),
        "nonneg" => Some(format!("{name} >= 0")),
        "nonzero" => Some(format!("{name} != 0")),
        "integer" => Some(format!("integer({name})")),
        "(0,1)" => Some(format!("0 < {name} < 1")),
        "[0,1]" => Some(format!("0 <= {name} <= 1")),
        "[-1,1]" => Some(format!("-1 <= {name} <= 1")),
        "(1,inf)" => Some(format!("{name} > 1")),
        _ => None,
    };
    object.iter().filter_map(spoken).collect()
}

/// The number of operations and leaves as they are written, which is how short forms are compared between systems.
fn size(g: &Graph, id: Id) -> u64 {
    let own = match g.view(id) {
        View::Add(kids) => {
            let minus = kids.iter().skip(1).filter(|k| matches!(g.view(**k), View::Neg(_))).count() as u64;
            kids.len() as u64 - 1 - minus
        }
        View::Mul(kids) => kids.len() as u64 - 1,
        View::Number(n) if n.is_negative() => 2,
        _ => 1,
    };
    own + g.children(id).iter().map(|k| size(g, *k)).sum::<u64>()
}

fn read(g: &mut Graph, text: &str) -> Id {
    grad::resolve::formula(g, text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"))
}

#[test]
fn identities_and_traps() {
    let (mut goals, mut short, mut wrong, mut silent) = (0, 0, Vec::new(), Vec::new());
    for case in corpus() {
        let expression = case["expr"].as_str().unwrap();
        let assume = assumptions(&case);
        let mut found = ask(expression, &assume, Ask::Simplify);
        let g = &mut found.graph;
        let known = Known { conditions: assume.iter().map(|a| read(g, a)).collect(), ..Known::default() };
        // wherever the expression has a value the result has the same one
        let typed = read(g, expression);
        let outcome = Checker::new(&known).points(40).step(g, typed, found.form, Allowed::Enlarge);
        if let Outcome::Different { point, before, after } = outcome {
            wrong.push(format!("{expression} -> {}: {before} and {after} at {point:?}", found.result));
        }
        // and where the printed conditions hold, it has no value that the expression has not
        let conditions: Vec<Id> = found.conditions.iter().map(|c| read(g, c)).collect();
        let exact = Checker::new(&known).points(40).step_where(g, typed, found.form, &conditions, Allowed::Exact);
        if let Outcome::Different { point, before, after } = exact {
            silent.push(format!("{expression} -> {}: {before} and {after} at {point:?}", found.result));
        }
        if case["verdict"] == "identity" && case["kind"] != "keep-left" {
            goals += 1;
            let simplest = read(g, case["simplest"].as_str().unwrap());
            let result = read(g, &found.result);
            short += usize::from(size(g, result) <= size(g, simplest));
        }
    }
    assert!(wrong.is_empty() && silent.is_empty(), "{}\n{}", wrong.join("\n"), silent.join("\n"));
    assert!(goals > 100 && short * 100 >= goals * 98, "{short} of {goals} are as short as the reference");
}

#[test]
fn every_step_brings_the_measure_down() {
    let mut wrong = Vec::new();
    for case in corpus() {
        let found = ask(case["expr"].as_str().unwrap(), &assumptions(&case), Ask::Simplify);
        for pair in found.states.windows(2) {
            let [before, after] = [pair[0], pair[1]].map(|id| measure(&found.graph, id));
            // a form of the same measure is the same form in canonical order
            let reordered = before == after && found.states.len() == 2;
            if after >= before && !reordered {
                let texts: Vec<String> = found.states.iter().map(|s| print::plain(&found.graph, *s)).collect();
                wrong.push(format!("{before} to {after}: {}", texts.join("  =>  ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_result_is_a_fixed_point() {
    let mut moved = Vec::new();
    for case in corpus() {
        let mut assume = assumptions(&case);
        let first = ask(case["expr"].as_str().unwrap(), &assume, Ask::Simplify);
        assume.extend(first.conditions.clone());
        let second = ask(&first.result, &assume, Ask::Simplify);
        if second.result != first.result {
            moved.push(format!("{} -> {} -> {}", case["expr"], first.result, second.result));
        }
    }
    assert!(moved.is_empty(), "{}", moved.join("\n"));
}

/// The expression with the operands of every sum and product in the opposite order.
fn reversed(g: &mut Graph, root: Id) -> Id {
    walk::rebuild(g, root, |g, id, kids| {
        let mut kids = kids.to_vec();
        if matches!(g.view(id), View::Add(_) | View::Mul(_)) {
            kids.reverse();
        }
        g.with_children(id, &kids)
    })
}

#[test]
fn the_order_of_the_input_does_not_show() {
    let mut differ = Vec::new();
    for case in corpus() {
        let assume = assumptions(&case);
        let first = ask(case["expr"].as_str().unwrap(), &assume, Ask::Simplify);
        let mut g = Graph::new();
        let typed = read(&mut g, case["expr"].as_str().unwrap());
        let turned = reversed(&mut g, typed);
        let second = ask(&print::plain(&g, turned), &assume, Ask::Simplify);
        if second.result != first.result {
            differ.push(format!("{} -> {} but {} -> {}", case["expr"], first.result, print::plain(&g, turned), second.result));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// What a form needs follows from what its expression needed, for everything in the corpus of derivatives too.
#[test]
fn no_domain_shrinks() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/derivatives.jsonl");
    let mut wrong = Vec::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let expression = case["expr"].as_str().unwrap();
        let mut found = ask(expression, &[], Ask::Simplify);
        let g = &mut found.graph;
        let typed = read(g, expression);
        if domain_of(g, found.form).is_empty() {
            continue;
        }
        if let Outcome::Different { point, before, after } =
            Checker::new(&Known::default()).points(30).step(g, typed, found.form, Allowed::Enlarge)
        {
            wrong.push(format!("{expression} -> {}: {before} and {after} at {point:?}", found.result));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
