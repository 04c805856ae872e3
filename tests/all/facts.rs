//! The table of facts, read by the language itself and checked by the arithmetic that shares nothing with it.

use grad::domain::Known;
use grad::expr::{Graph, Id, walk};
use grad::math::{self, Arity, Class, Function, FunctionId, Meaning, Purpose, Rule};
use grad::resolve::{RuleSides, formula, rule};
use grad::verify::check::{Allowed, Checker, Holding, Outcome, holds};
use std::collections::HashMap;

/// Every formula of a record.
fn texts(f: &Function) -> Vec<&'static str> {
    let mut all: Vec<&str> = [f.domain, f.range, f.derivative, f.differentiable].concat();
    all.extend(f.kinks.iter().map(|k| k.at));
    if let Meaning::Text(text) = f.meaning {
        all.push(text);
    }
    all.retain(|text| !text.is_empty());
    all
}

#[test]
fn every_formula_speaks_of_the_parameters_only() {
    for f in math::functions().map(FunctionId::record) {
        for text in texts(f) {
            let mut g = Graph::new();
            let id = formula(&mut g, text).unwrap_or_else(|fault| panic!("{}: {text}: {fault:?}", f.name));
            for symbol in walk::topological(&g, &[id]).into_iter().filter_map(|node| g.as_symbol(node)) {
                let name = g.name(symbol);
                assert!(f.parameters.contains(&name) || name == "value", "{}: {text} speaks of {name}", f.name);
            }
        }
    }
}

/// Whether a condition says something of a pattern variable that stands for a number.
fn is_of_numbers(g: &Graph, condition: Id) -> bool {
    let of_number = |id: &Id| g.as_symbol(*id).is_some_and(|s| ["n", "m"].contains(&g.name(s)));
    walk::topological(g, &[condition]).iter().any(of_number)
}

fn read(rule_: &Rule) -> (Graph, RuleSides) {
    let mut g = Graph::new();
    match rule(&mut g, rule_.text) {
        Ok(sides) => (g, sides),
        Err(fault) => panic!("{}: {fault:?}", rule_.text),
    }
}

/// Functions have parameters of their own here, and a rule may need a rare point to be refuted.
fn patient(known: &Known) -> Checker<'_> {
    Checker::new(known).points(60).work(2_000_000)
}

/// The sides agree where the condition holds; a rule that extends the domain needs no condition for that.
#[test]
fn every_identity_holds_with_its_class() {
    let mut wrong = Vec::new();
    for r in math::rules() {
        let (g, RuleSides { left, right, mut conditions }) = read(r);
        let allowed = if r.class == Class::Extends { Allowed::Enlarge } else { Allowed::Exact };
        if r.class == Class::Extends {
            conditions.retain(|c| is_of_numbers(&g, *c));
        }
        let known = Known::default();
        let found = patient(&known).step_where(&g, left, right, &conditions, allowed);
        if !matches!(found, Outcome::Agreed { .. }) {
            wrong.push(format!("{}: {found:?}", r.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The condition of an exact or shrinking rule is needed: without it the rule changes a value or loses one. What an extending
/// rule carries along is where its left side has a value: where it fails there is none.
#[test]
fn every_condition_is_needed() {
    let mut wrong = Vec::new();
    for r in math::rules() {
        let (mut g, RuleSides { left, right, conditions }) = read(r);
        if conditions.is_empty() || r.purpose == Purpose::Stable {
            continue;
        }
        let known = Known::default();
        // a needed condition may show at rare points only, such as a < 0 with b = c = 1/2
        let free = patient(&known).points(1000).work(50_000_000).step_where(&g, left, right, &[], Allowed::Exact);
        if !matches!(free, Outcome::Different { .. }) {
            wrong.push(format!("{}: {free:?} without its condition", r.text));
        }
        if r.class == Class::Extends && !conditions.iter().any(|c| is_of_numbers(&g, *c)) {
            let (all, nowhere) = (g.and(&conditions), g.undefined());
            let fails = g.not(all);
            let outside = patient(&known).step_where(&g, left, nowhere, &[fails], Allowed::Exact);
            if let Outcome::Different { point, before, .. } = outside {
                wrong.push(format!("{}: has the value {before} outside its condition at {point:?}", r.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the condition of a rule says where the rule holds; that of a stable form may say only where it is the better one.
fn is_conditional(r: &Rule, conditions: &[Id]) -> bool {
    !conditions.is_empty() && (r.purpose != Purpose::Stable || r.class != Class::Exact)
}

/// The values of a counterexample, `a = -1, b = 1/2`, by the symbols that they are for.
fn values(g: &mut Graph, counterexample: &str) -> HashMap<Id, Id> {
    let mut at = HashMap::new();
    for one in counterexample.split(", ") {
        let (name, value) = one.split_once(" = ").unwrap_or_else(|| panic!("{one} is no value"));
        let value = formula(g, value).unwrap_or_else(|fault| panic!("{one}: {fault:?}"));
        at.insert(g.variable(name), value);
    }
    at
}

/// A counterexample gives each variable of the rule a value; there the condition fails, and so does the rule.
#[test]
fn every_condition_has_a_counterexample() {
    let mut wrong = Vec::new();
    for r in math::rules() {
        let (mut g, RuleSides { left, right, conditions }) = read(r);
        if !is_conditional(r, &conditions) {
            assert_eq!(r.counterexample, "", "{}", r.text);
            continue;
        }
        assert_ne!(r.counterexample, "", "{}", r.text);
        let at = values(&mut g, r.counterexample);
        let variables = walk::free_symbols(&g, &[left, right]);
        let given = at.keys().filter_map(|id| g.as_symbol(*id)).collect::<Vec<_>>();
        assert!(given.len() == variables.len() && variables.iter().all(|v| given.contains(v)), "{}", r.text);
        let condition = g.and(&conditions);
        let [left, right, condition] = [left, right, condition].map(|id| walk::substitute(&mut g, id, &at));
        let known = Known::default();
        let fails = holds(&g, &known, condition);
        let found = patient(&known).step(&g, left, right, Allowed::Exact);
        if !matches!((&fails, &found), (Holding::Fails(_), Outcome::Different { .. })) {
            wrong.push(format!("{} at {}: {fails:?}, {found:?}", r.text, r.counterexample));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A call of each function that takes a fixed number of arguments, at its parameters.
fn calls() -> impl Iterator<Item = (Graph, &'static Function, Id)> {
    let fixed = math::functions().filter(|f| matches!(f.record().arity, Arity::Exactly(_)) && f.name() != "pow");
    fixed.map(|f| {
        let mut g = Graph::new();
        let parameters: Vec<Id> = f.record().parameters.iter().map(|p| g.variable(p)).collect();
        let call = g.call(f, &parameters);
        (g, f.record(), call)
    })
}

fn all_of(g: &mut Graph, conditions: &[&str]) -> Id {
    let read: Vec<Id> = conditions.iter().filter_map(|text| formula(g, text).ok()).collect();
    g.and(&read)
}

/// A function has a value where its domain says so, and nowhere else.
#[test]
fn domains_are_where_there_are_values() {
    let mut wrong = Vec::new();
    for (mut g, f, call) in calls() {
        let domain = all_of(&mut g, f.domain);
        let (zero, undefined) = (g.integer(0), g.undefined());
        let inside = g.conditional(domain, call, undefined);
        let nothing = g.mul(&[zero, call]);
        let there = g.conditional(domain, zero, undefined);
        for (before, after) in [(call, inside), (nothing, there)] {
            let found = patient(&Known::default()).step(&g, before, after, Allowed::Exact);
            if !matches!(found, Outcome::Agreed { .. }) {
                wrong.push(format!("{}: {found:?}", f.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_lie_in_the_range() {
    let mut wrong = Vec::new();
    for (mut g, f, call) in calls() {
        for text in f.range {
            let Ok(condition) = formula(&mut g, text) else { continue };
            let value = g.variable("value");
            let condition = walk::substitute(&mut g, condition, &HashMap::from([(value, call)]));
            let found = holds(&g, &Known::default(), condition);
            if !matches!(found, Holding::Held { .. }) {
                wrong.push(format!("{}: {text}: {found:?}", f.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The derivative's text is the derivative where the record says that there is one.
#[test]
fn derivatives_are_derivatives() {
    let mut wrong = Vec::new();
    for (mut g, f, call) in calls() {
        for (parameter, text) in f.parameters.iter().zip(f.derivative).filter(|(_, text)| !text.is_empty()) {
            let Ok(formula) = formula(&mut g, text) else { continue };
            let variable = g.intern(parameter);
            let slope = g.derivative(call, variable, 1);
            let smooth = all_of(&mut g, &[f.domain, f.differentiable].concat());
            let found = patient(&Known::default()).step_where(&g, slope, formula, &[smooth], Allowed::Exact);
            if !matches!(found, Outcome::Agreed { .. }) {
                wrong.push(format!("{} by {parameter}: {found:?}", f.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
