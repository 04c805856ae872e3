//! The table of facts, read by the language itself and checked by the arithmetic that shares nothing with it.

use grad::domain::{Known, domain_of};
use grad::eval::{Exact, exact};
use grad::expr::{Graph, Id, Number, View, walk};
use grad::math::{self, Arity, Class, Function, FunctionId, Meaning, Purpose, Rule};
use grad::outcome::Answer;
use grad::resolve::{RuleSides, formula, rule};
use grad::session::{Ask, Options, Query, Session};
use grad::simplify::{measure, pretty::Pretty};
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
        if !is_conditional(r, &conditions) {
            continue;
        }
        let known = Known::default();
        // a needed condition may show at rare points only, such as a < 0 with b = c = 1/2
        let free = patient(&known).points(1000).work(50_000_000).step_where(&g, left, right, &[], Allowed::Exact);
        if !matches!(free, Outcome::Different { .. }) && !fails_at_a_multiple_of_pi(r) {
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

/// Both sides and the condition of a rule at its counterexample.
fn at_the_counterexample(r: &Rule) -> (Graph, [Id; 3]) {
    let (mut g, RuleSides { left, right, conditions }) = read(r);
    let at = values(&mut g, r.counterexample);
    let variables = walk::free_symbols(&g, &[left, right]);
    let given = at.keys().filter_map(|id| g.as_symbol(*id)).collect::<Vec<_>>();
    assert!(given.len() == variables.len() && variables.iter().all(|v| given.contains(v)), "{}", r.text);
    let condition = g.and(&conditions);
    let there = [left, right, condition].map(|id| walk::substitute(&mut g, id, &at));
    (g, there)
}

/// Balls cannot tell that cos(pi/2) is 0; at multiples of pi the circular functions are exact.
fn fails_at_a_multiple_of_pi(r: &Rule) -> bool {
    if !r.counterexample.contains("pi") {
        return false;
    }
    let (mut g, [left, right, condition]) = at_the_counterexample(r);
    let (one, zero) = (g.integer(1), g.integer(0));
    let truth = g.conditional(condition, one, zero);
    let mut value = |id| exact(&mut g, &HashMap::new(), id, &HashMap::new());
    let is_decided = |e: &Exact| matches!(e, Exact::Value(_) | Exact::Undefined(_));
    let (truth, left, right) = (value(truth), value(left), value(right));
    truth == Exact::Value(Number::integer(0)) && is_decided(&left) && is_decided(&right) && left != right
}

/// A counterexample gives each variable of the rule a value; there the condition fails, and so does the rule.
#[test]
fn every_condition_has_a_counterexample() {
    let mut wrong = Vec::new();
    for r in math::rules() {
        let (_, RuleSides { conditions, .. }) = read(r);
        if !is_conditional(r, &conditions) {
            assert_eq!(r.counterexample, "", "{}", r.text);
            continue;
        }
        assert_ne!(r.counterexample, "", "{}", r.text);
        let (g, [left, right, condition]) = at_the_counterexample(r);
        let known = Known::default();
        let fails = holds(&g, &known, condition);
        let found = patient(&known).step(&g, left, right, Allowed::Exact);
        let both = matches!((&fails, &found), (Holding::Fails(_), Outcome::Different { .. }));
        if !both && !fails_at_a_multiple_of_pi(r) {
            wrong.push(format!("{} at {}: {fails:?}, {found:?}", r.text, r.counterexample));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// 0 where the computed domain of an expression says that it has a value, and undefined elsewhere.
fn computed_domain(g: &mut Graph, id: Id) -> Id {
    let conditions = domain_of(g, id);
    let all = g.and(&conditions);
    let (zero, undefined) = (g.integer(0), g.undefined());
    g.conditional(all, zero, undefined)
}

/// Whether the right side alone has a value at the counterexample.
fn gains_at_the_counterexample(r: &Rule) -> bool {
    if r.counterexample.is_empty() {
        return false;
    }
    let (mut g, [left, right, _]) = at_the_counterexample(r);
    let [before, after] = [left, right].map(|side| computed_domain(&mut g, side));
    let known = Known::default();
    let [loses, gains] = [(before, after), (after, before)].map(|(a, b)| patient(&known).step(&g, a, b, Allowed::Enlarge));
    let differs = |o: Outcome| matches!(o, Outcome::Different { .. });
    (!differs(loses) && differs(gains)) || fails_at_a_multiple_of_pi(r)
}

/// Whether the left side has a value at the counterexample that the right side does not have.
fn loses_at_the_counterexample(r: &Rule) -> bool {
    let (g, [left, right, _]) = at_the_counterexample(r);
    let found = patient(&Known::default()).step(&g, left, right, Allowed::Enlarge);
    matches!(found, Outcome::Different { .. }) || fails_at_a_multiple_of_pi(r)
}

/// The class of a rule is what the computed domains of its sides say.
#[test]
fn every_class_is_that_of_the_computed_domains() {
    let mut wrong = Vec::new();
    for r in math::rules() {
        let (mut g, RuleSides { left, right, conditions }) = read(r);
        let known = Known::default();
        let (before, after) = (computed_domain(&mut g, left), computed_domain(&mut g, right));
        let compare = |l, r, conditions: &[Id], allowed| patient(&known).step_where(&g, l, r, conditions, allowed);
        let mut check = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{}: {what}", r.text));
            }
        };
        let agreed = |o: Outcome| matches!(o, Outcome::Agreed { .. });
        let differs = |o: Outcome| matches!(o, Outcome::Different { .. });
        check(agreed(compare(before, after, &conditions, Allowed::Exact)), "the domains differ under its condition");
        check(agreed(compare(left, right, &conditions, Allowed::Exact)), "the condition is not sufficient");
        let decided: Vec<Id> = conditions.iter().copied().filter(|c| is_of_numbers(&g, *c)).collect();
        match r.class {
            Class::Exact => {}
            Class::Extends => {
                check(agreed(compare(before, after, &decided, Allowed::Enlarge)), "the right side loses a value");
                // what is left out may be an expression without a value
                let forgets = walk::free_symbols(&g, &[left]).len() > walk::free_symbols(&g, &[right]).len();
                let sampled = || differs(compare(before, after, &decided, Allowed::Exact));
                check(forgets || gains_at_the_counterexample(r) || sampled(), "the right side has no more values");
            }
            Class::Shrinks => check(loses_at_the_counterexample(r), "the right side loses no value"),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A rule that is tried and shortens its own sides shortens its example; what an exact one must know is not known of every example.
#[test]
fn rules_that_shorten_act_on_their_examples() {
    let mut idle = Vec::new();
    for r in math::rules().filter(|r| r.purpose == Purpose::Simplify) {
        let (mut g, RuleSides { left, right, conditions }) = read(r);
        let mut pretty = Pretty::default();
        let [long, short] = [left, right].map(|side| {
            let readable = pretty.of(&mut g, side);
            measure(&g, readable)
        });
        if short >= long || (r.class == Class::Exact && !conditions.is_empty()) {
            continue;
        }
        let mut session = Session::new(Options::default());
        let ask = Ask::Simplify;
        let Ok(Answer::Simplified { formula: found, .. }) =
            session.ask(&Query { expression: r.example, assume: &[], at: &[], ask })
        else {
            panic!("{}: {} is not simplified", r.text, r.example);
        };
        let example = formula(&mut session.graph, r.example).unwrap();
        if measure(&session.graph, found.id) >= measure(&session.graph, example) {
            idle.push(format!("{}: {}", r.text, r.example));
        }
    }
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

/// What is computed of the domains of both sides is where the checker finds values.
#[test]
fn the_sides_of_rules_have_values_where_their_domains_say() {
    let mut wrong = Vec::new();
    for r in math::rules() {
        let (mut g, RuleSides { left, right, .. }) = read(r);
        for side in [left, right] {
            let there = computed_domain(&mut g, side);
            let zero = g.integer(0);
            let nothing = g.mul(&[zero, side]);
            let found = patient(&Known::default()).step(&g, nothing, there, Allowed::Exact);
            if !matches!(found, Outcome::Agreed { .. }) {
                wrong.push(format!("{}: {found:?}", r.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a pattern fits an expression as both are written, up to the order of sums and products; a part of a sum or product
/// is enough at the root.
fn fits(g: &Graph, pattern: Id, target: Id, root: bool, bound: &mut HashMap<Id, Id>) -> bool {
    if g.as_symbol(pattern).is_some() {
        return *bound.entry(pattern).or_insert(target) == target;
    }
    match (g.view(pattern), g.view(target)) {
        (View::Add(p), View::Add(t)) | (View::Mul(p), View::Mul(t)) if p.len() == t.len() || (root && p.len() < t.len()) => {
            fits_in_any_order(g, p, t, bound)
        }
        (View::Number(a), View::Number(b)) => a == b,
        (View::Call(f, _), View::Call(h, _)) if f != h => false,
        (View::Component(_, k), View::Component(_, l)) if k != l => false,
        (p, t) => {
            let (a, b) = (g.children(pattern), g.children(target));
            std::mem::discriminant(&p) == std::mem::discriminant(&t)
                && a.len() == b.len()
                && (!a.is_empty() || pattern == target)
                && a.iter().zip(b).all(|(a, b)| fits(g, *a, *b, false, bound))
        }
    }
}

fn fits_in_any_order(g: &Graph, pattern: &[Id], target: &[Id], bound: &mut HashMap<Id, Id>) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return true };
    (0..target.len()).any(|k| {
        let mut tried = bound.clone();
        let others: Vec<Id> = target.iter().enumerate().filter(|(i, _)| *i != k).map(|(_, t)| *t).collect();
        let fit = fits(g, *first, target[k], false, &mut tried) && fits_in_any_order(g, rest, &others, &mut tried);
        if fit {
            *bound = tried;
        }
        fit
    })
}

/// An example can be read, and the rule acts on it or on a part of it.
#[test]
fn every_rule_acts_on_its_example() {
    let mut wrong = Vec::new();
    for r in math::rules() {
        let (mut g, RuleSides { left, .. }) = read(r);
        let example = formula(&mut g, r.example).unwrap_or_else(|fault| panic!("{}: {fault:?}", r.example));
        let parts = walk::topological(&g, &[example]);
        if !parts.iter().any(|part| fits(&g, left, *part, true, &mut HashMap::new())) {
            wrong.push(format!("{} on {}", r.text, r.example));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Texts are sentences, and no rule stands in the table twice.
#[test]
fn every_rule_has_something_to_say() {
    for r in math::rules() {
        assert!(!r.name.is_empty() && !r.example.is_empty(), "{}", r.text);
        assert!(r.why.ends_with('.') && (r.mistake.is_empty() || r.mistake.ends_with('.')), "{}", r.text);
    }
    let texts: Vec<&str> = math::rules().map(|r| r.text).collect();
    let once: std::collections::HashSet<&str> = texts.iter().copied().collect();
    assert_eq!(texts.len(), once.len(), "a rule stands in the table twice");
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

/// The derivative's text is the derivative where the record says that there is one, and so is the form that is evaluated.
#[test]
fn derivatives_are_derivatives() {
    let mut wrong = Vec::new();
    for (mut g, f, call) in calls() {
        let shown = f.parameters.iter().zip(f.derivative);
        let evaluated = f.parameters.iter().zip(f.slopes());
        assert_eq!(f.slopes().len(), f.derivative.len(), "{}", f.name);
        for (parameter, text) in shown.chain(evaluated).filter(|(_, text)| !text.is_empty()) {
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
