//! `check` from outside: right lines are never called wrong, wrong ones are, and mistakes have their names.

use crate::corpus::cases;
use crate::process::{run, run_with};
use grad::derive::Piece;
use grad::domain::Known;
use grad::expr::{Graph, Id, View, print, walk};
use grad::marking::hint::{Level, hint};
use grad::marking::{Cause, Judged, find, judge, taken};
use grad::math::mistakes::MISTAKES;
use grad::outcome::Answer;
use grad::resolve::formula;
use grad::session::{Ask, Options, Query, Session};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn batch(requests: &[Value]) -> Vec<Value> {
    let input: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let ran = run_with(&["batch"], input.as_bytes());
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn query<'q>(expression: &'q str, assume: &'q [String], ask: Ask) -> Query<'q> {
    Query { expression, assume, at: &[], ask }
}

fn call(g: &mut Graph, name: &str, u: Id) -> Id {
    g.call_named(name, &[u]).unwrap()
}

/// Other ways to write the same, as learners and other programs do.
fn rewritten(g: &mut Graph, root: Id, way: usize) -> Id {
    walk::rebuild(g, root, |g, id, kids| {
        let kept = if kids.is_empty() { id } else { g.with_children(id, kids) };
        let (one, two) = (g.integer(1), g.integer(2));
        match (way, g.view(kept)) {
            // powers
            (0, View::Call(f, [u])) if f.name() == "sqrt" => {
                let u = *u;
                let half = g.div(one, two);
                g.pow(u, half)
            }
            (0, View::Div(a, b)) => {
                let minus = g.integer(-1);
                let below = g.pow(b, minus);
                g.mul(&[a, below])
            }
            // angles
            (1, View::Call(f, [u])) if f.name() == "tan" => {
                let u = *u;
                let (s, c) = (call(g, "sin", u), call(g, "cos", u));
                g.div(s, c)
            }
            (1, View::Pow(b, n)) if g.as_i64(n) == Some(2) => match g.view(b) {
                View::Call(f, [u]) if f.name() == "cos" => {
                    let u = *u;
                    let s = call(g, "sin", u);
                    let square = g.pow(s, two);
                    g.sub(one, square)
                }
                View::Call(f, [u]) if f.name() == "sin" => {
                    let u = *u;
                    let double = g.mul(&[two, u]);
                    let c = call(g, "cos", double);
                    let above = g.sub(one, c);
                    g.div(above, two)
                }
                _ => kept,
            },
            // exponentials
            (2, View::Call(f, [u])) if ["tanh", "sinh", "cosh"].contains(&f.name()) => {
                let (name, u) = (f.name(), *u);
                let minus = g.neg(u);
                let (a, b) = (call(g, "exp", u), call(g, "exp", minus));
                let (sum, difference) = (g.add(&[a, b]), g.sub(a, b));
                match name {
                    "tanh" => g.div(difference, sum),
                    "sinh" => g.div(difference, two),
                    _ => g.div(sum, two),
                }
            }
            (2, View::Call(f, [u])) if f.name() == "exp" => {
                let u = *u;
                let half = g.div(u, two);
                let root = call(g, "exp", half);
                g.pow(root, two)
            }
            _ => kept,
        }
    })
}

#[test]
fn right_derivatives_in_other_forms_are_never_called_wrong() {
    let (mut lines, mut wrong, mut undecided) = (0, Vec::new(), Vec::new());
    for case in cases("derivatives.jsonl") {
        let (expr, var) = (case["expr"].as_str().unwrap(), case["var"].as_str().unwrap());
        let order = case["order"].as_u64().unwrap();
        let power = if order == 1 { String::new() } else { format!("^{order}") };
        let problem = format!("d{power}/d{var}{power} ({expr})");
        let spans = case["domain"].as_object().unwrap();
        let assume: Vec<String> = spans.iter().map(|(name, span)| format!("{} < {name} < {}", span[0], span[1])).collect();
        let mut session = Session::new(Options::default());
        let mut forms: Vec<String> = Vec::new();
        let mut g = Graph::new();
        let root = grad::resolve::formula(&mut g, &problem).unwrap();
        if let Some(plain) = taken(&mut g, root) {
            forms.push(print::plain(&g, plain));
            for way in 0..3 {
                let form = rewritten(&mut g, plain, way);
                forms.push(print::plain(&g, form));
            }
        }
        let by = vec![var.to_owned(); order as usize];
        if let Ok(Answer::Formula(short)) = session.ask(&query(expr, &assume, Ask::Diff(by))) {
            let short = print::plain(&session.graph, short.id);
            for ask in [Ask::Expand, Ask::Contract] {
                if let Ok(Answer::Simplified { formula, .. }) = session.ask(&query(&short, &assume, ask)) {
                    forms.push(print::plain(&session.graph, formula.id));
                }
            }
            forms.push(short);
        }
        forms.dedup();
        // each against the problem: a line of its own
        for form in forms {
            let ask = Ask::Check(vec![form.clone()], Level::Off);
            let Ok(Answer::Marking(found)) = session.ask(&query(&problem, &assume, ask)) else { panic!("{problem} = {form}") };
            lines += 1;
            match &found.lines[0].judged {
                Judged::Equal { .. } => {}
                Judged::Different { point, before, after } => {
                    wrong.push(format!("{problem} = {form}: {point:?} {before} {after}"))
                }
                Judged::Undecided(why) => undecided.push(format!("{problem} = {form}: {why}")),
            }
        }
    }
    println!("{lines} lines, {} undecided", undecided.len());
    assert!(lines > 1000, "{lines}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(undecided.len() * 100 <= lines, "{} of {lines}:\n{}", undecided.len(), undecided.join("\n"));
}

#[test]
fn mistakes_have_their_names_in_the_batch_protocol() {
    let requests: Vec<Value> =
        MISTAKES.iter().map(|m| json!({"id": m.name, "op": "check", "problem": m.example.0, "lines": [m.example.1]})).collect();
    for answer in batch(&requests) {
        assert_eq!((&answer["first_wrong"], &answer["misconception"]), (&json!(0), &answer["id"]), "{answer}");
        assert!(answer["counterexample"].is_object(), "{answer}");
    }
}

#[test]
fn lines_after_a_wrong_one_are_compared_with_it() {
    let request = json!({"id": 1, "op": "check", "problem": "d/dx (x^2*exp(3*x))",
        "lines": ["2*x*exp(3*x) + x^2*exp(3*x)", "x*exp(3*x)*(2 + x)", "x*exp(3*x)*(2 + 3*x)"]});
    let answer = &batch(&[request])[0];
    let verdicts: Vec<&str> = answer["lines"].as_array().unwrap().iter().map(|l| l["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["different", "equal", "different"]);
    assert_eq!((&answer["first_wrong"], &answer["arrives"]), (&json!(0), &json!(true)));
    assert_eq!(answer["misconception"], "missing-inner-derivative");
}

#[test]
fn bad_requests_say_what_is_wrong() {
    for (request, part) in [
        (json!({"op": "check", "problem": "d/dx x^2"}), "`lines` is missing"),
        (json!({"op": "check", "problem": "d/dx x^2", "lines": ["2x", "2 +"]}), "line 2"),
        (json!({"op": "check", "problem": "d/dx x^2", "lines": ["2x"], "hint": 9}), "`hint` is one of"),
        (json!({"op": "check", "problem": "d/dx x^2", "lines": ["foo(x)"]}), "foo"),
    ] {
        let answer = &batch(&[request])[0];
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(part), "{answer}");
    }
}

#[test]
fn a_check_that_fails_is_an_error_and_the_rest_still_runs() {
    let ran = run(&["-e", "check d/dx sin(x^2)\n    = cos(x^2)\n1 + 1"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("line 1 ✗") && ran.out.ends_with("\n2\n"), "{}", ran.out);
    assert!(ran.err.contains("E0308") && ran.err.contains("the inner derivative of sin(x^2) is missing"), "{}", ran.err);
    let right = run(&["-e", "check d/dx sin(x^2)\n    = 2x*cos(x^2)"]);
    assert_eq!((right.code, right.err.as_str()), (Some(0), ""));
}

#[test]
fn the_forms_of_a_problem() {
    for (code, status) in [
        ("check x^2*exp(3x) wrt x = 2x*exp(3x) + 3*x^2*exp(3x)", 0),
        ("check (x + 1)^2 == x^2 + 2x + 1", 0),
        ("check (x + 1)^2 == x^2 + 1", 1),
        ("check log(x*y) = log(x) + log(y) assuming x > 0, y > 0", 0),
        ("let z = w*x + b\ncheck d/dw sigmoid(z) = sigmoid(z)*(1 - sigmoid(z))*x", 0),
        ("let z = w*x + b\ncheck d/dz sigmoid(z) = sigmoid(z)*(1 - sigmoid(z))", 0),
        ("check d/dx(u*x)*2 = 2u with hint = false", 0),
        ("check d/dx sin(x)", 1),
    ] {
        let ran = run(&["-e", code]);
        assert_eq!(ran.code, Some(status), "{code}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn a_right_end_is_not_praised_where_the_way_is_wrong() {
    let ran = run(&["-e", "check (x + 1)^2\n    = x^2 + 1\n    = x^2 + 2x + 1"]);
    assert!(ran.out.contains("the last line equals the problem, but the way there does not hold"), "{}", ran.out);
}

// ---- single steps

fn sides(problem: &str, line: &str) -> (Graph, Id, Id) {
    let mut g = Graph::new();
    let (before, after) = (formula(&mut g, problem).unwrap(), formula(&mut g, line).unwrap());
    (g, before, after)
}

#[track_caller]
fn named(problem: &str, line: &str) -> Option<&'static str> {
    let (mut g, before, after) = sides(problem, line);
    let known = Known::default();
    assert!(matches!(judge(&mut g, &known, before, after), Judged::Different { .. }), "{problem} = {line}");
    match find(&mut g, &known, before, after)? {
        Cause::Either(all) => Some(all[0].mistake.name),
        Cause::Both(_) => None,
    }
}

#[test]
fn every_mistake_is_found_in_its_own_example() {
    for mistake in MISTAKES {
        let (problem, line) = mistake.example;
        assert_eq!(named(problem, line), Some(mistake.name), "{problem} = {line}");
    }
}

#[test]
fn a_mistake_is_found_inside_of_more() {
    for (problem, line, name) in [
        ("d/dx (x^3 + 5*sin(x^2))", "3*x^2 + 5*cos(x^2)", "missing-inner-derivative"),
        ("d/dx (x*exp(4x))", "exp(4x) + x*exp(4x)", "missing-inner-derivative"),
        ("d/dx(x^2)*exp(3x) + x^2*d/dx(exp(3x))", "2x*exp(3x) + x^2*exp(3x)", "missing-inner-derivative"),
        ("d/dx exp(4x)", "4*exp(6x)", "exponent-not-lowered"),
        ("d/dx ((5x + 1)*exp(-6x))", "5*exp(-6x)/6", "quotient-of-derivatives"),
        ("d/dx log(x^2 + 3)", "2/x", "log-of-a-sum-split"),
        ("2*log(x + 3) + 1", "2*log(x) + 2*log(3) + 1", "log-of-a-sum-split"),
        ("(x^2 + x + 1)^2", "x^4 + x^2 + 1", "power-of-a-sum-split"),
        ("d/dx (x*exp(x)*sin(x))", "exp(x)*cos(x)", "product-of-derivatives"),
    ] {
        assert_eq!(named(problem, line), Some(name), "{problem} = {line}");
    }
}

/// The two mistakes behind a line, where it takes both.
#[track_caller]
fn both(problem: &str, line: &str) -> Option<Vec<&'static str>> {
    let (mut g, before, after) = sides(problem, line);
    match find(&mut g, &Known::default(), before, after)? {
        Cause::Either(_) => None,
        Cause::Both(two) => {
            let mut names: Vec<&str> = two.iter().map(|found| found.mistake.name).collect();
            names.sort_unstable();
            Some(names)
        }
    }
}

#[test]
fn two_mistakes_in_one_line_are_both_named() {
    for (problem, line, names) in [
        ("d/dx (sin(x^2) + cos(x))", "cos(x^2) + sin(x)", ["cosine-sign", "missing-inner-derivative"]),
        ("d/dx (x^2*cos(3x))", "2x*cos(3x) + x^2*sin(3x)", ["cosine-sign", "missing-inner-derivative"]),
        ("d/dx (x^2 + 1)^3", "3*(x^2 + 1)^3", ["exponent-not-lowered", "missing-inner-derivative"]),
        ("d/dx (x/(x^2 + 1))", "(x*2x - (x^2 + 1))/(x^2 + 1)", ["quotient-denominator-not-squared", "quotient-order"]),
        ("d/dx (k^3 + sin(x^2))", "3*k^2 + cos(x^2)", ["constant-differentiated", "missing-inner-derivative"]),
        ("log(x + 3) + (x + 1)^2", "log(x) + log(3) + x^2 + 1", ["log-of-a-sum-split", "power-of-a-sum-split"]),
        ("d/dx ((x + 2)^3 + cos(x))", "3*(x^2 + 4) + sin(x)", ["cosine-sign", "power-of-a-sum-split"]),
    ] {
        assert_eq!(both(problem, line), Some(names.to_vec()), "{problem} = {line}");
    }
    // one mistake is enough for each example, so nobody is told of two
    for mistake in MISTAKES {
        assert_eq!(both(mistake.example.0, mistake.example.1), None, "{}", mistake.name);
    }
    let ran = run(&["-e", "check d/dx (sin(x^2) + cos(x)) = cos(x^2) + sin(x)"]);
    let said = "the minus of the slope of cos in cos(x) is missing, and the inner\n    derivative of sin(x^2) is missing";
    assert!(ran.out.contains(said), "{}", ran.out);
    assert!(ran.out.contains("    the other rule is d/dx f(u)"), "{}", ran.out);
    assert!(ran.out.contains("hint: the rule of the cosine for cos(x); the chain rule for sin(x^2)"), "{}", ran.out);
    assert!(ran.err.contains("two mistakes lead to this line"), "{}", ran.err);
}

/// Where either of two wrong rules gives the line nobody knows which one it was.
#[test]
fn of_two_rules_that_give_the_line_both_are_named() {
    let ran = run(&["-e", "check d/dx exp(4x) = 4*exp(6x)"]);
    assert!(ran.out.contains("was not lowered by one, or the"), "{}", ran.out);
    assert_eq!(named("d/dx exp(4x)", "4*exp(6x)"), Some("exponent-not-lowered"));
    // two names for one rewriting are one mistake, and so are a whole and its part
    for text in ["check 1/(x + 1) = 1/x + 1", "check d/dx (x*exp(3x)) = exp(3x) + x*exp(3x)"] {
        assert!(!run(&["-e", text]).out.contains(", or "), "{text}");
    }
}

/// Two mistakes are looked for within bounds, whatever the line.
#[test]
fn two_mistakes_are_looked_for_in_time() {
    for (problem, line) in [
        ("d/dx (x^2*exp(3x)*sin(5x)*log(x^2 + 1)*cos(x)^3)", "x"),
        ("d/dx ((x + 1)^2*(x + 2)^3*(x + 3)^4*sin(exp(x^2)))", "cos(x)"),
        ("(x + 1)^2*log(x + 2)*exp(x + 3)*sqrt(x^2 + 4)", "x"),
    ] {
        let begin = Instant::now();
        assert_eq!(both(problem, line), None);
        assert!(begin.elapsed() < Duration::from_secs(5), "{problem}: {:?}", begin.elapsed());
    }
}

#[test]
fn nothing_is_named_that_no_rule_gives() {
    for (problem, line) in [("d/dx sin(x^2)", "2x*cos(x^2) + 1"), ("3*x^2", "3*x^2 + x"), ("d/dx x^5", "7*x^4")] {
        assert_eq!((named(problem, line), both(problem, line)), (None, None), "{problem} = {line}");
    }
}

#[test]
fn other_forms_are_right() {
    for (problem, line) in [
        ("d/dx tan(x)", "1/cos(x)^2"),
        ("d/dx tan(x)", "1 + tan(x)^2"),
        ("d/dx sin(x)^2", "sin(2x)"),
        ("d/dx log(x)", "1/x"),
        ("d/dx abs(x)", "x/abs(x)"),
        ("d/dx x^x", "x^x*(1 + log(x))"),
        ("d/dx(u*x)*x + 3", "u*x + 3"),
        ("d^2/dx^2 x^4", "12*x^2"),
    ] {
        let (mut g, before, after) = sides(problem, line);
        let judged = judge(&mut g, &Known::default(), before, after);
        assert!(matches!(&judged, Judged::Equal { conditions, .. } if conditions.is_empty()), "{problem} = {line}: {judged:?}");
    }
}

#[test]
fn a_step_that_needs_a_condition_says_so() {
    for (problem, line, condition) in
        [("x/x", "1", "x != 0"), ("(x^2 - 1)/(x - 1)", "x + 1", "x != 1"), ("log(x^2)", "2*log(x)", "x > 0")]
    {
        let (mut g, before, after) = sides(problem, line);
        let Judged::Equal { conditions, .. } = judge(&mut g, &Known::default(), before, after) else { panic!("{problem}") };
        let shown: Vec<String> = conditions.iter().map(|c| print::plain(&g, *c)).collect();
        assert!(shown.contains(&condition.to_owned()), "{problem} = {line}: {shown:?}");
    }
}

#[test]
fn points_are_plain() {
    let (mut g, before, after) = sides("(x + 3)^2", "x^2 + 9");
    let Judged::Different { point, before, after } = judge(&mut g, &Known::default(), before, after) else { panic!() };
    assert_eq!((point[0].1.to_string().as_str(), before.as_str(), after.as_str()), ("1", "16", "10"));
}

#[test]
fn hints_say_more_and_more() {
    let said = |level| {
        let (mut g, before, _) = sides("d/dx (x^2*exp(3x))", "0");
        let pieces = hint(&mut g, &Known::default(), before, None, None, level);
        let shown = |piece: &Piece| match piece {
            Piece::Text(text) | Piece::Formula(text) => text.to_string(),
            Piece::Expr(id) | Piece::Group(id) => print::plain(&g, *id),
        };
        pieces.iter().map(shown).collect::<String>()
    };
    assert_eq!(said(Level::Off), "");
    assert_eq!(said(Level::Rule), "the product rule for x^2*exp(3*x)");
    assert_eq!(said(Level::Parts), "the first factor is x^2, the second is exp(3*x)");
    assert_eq!(said(Level::Line), "the next line can be d/dx(x^2)*exp(3*x) + x^2*d/dx(exp(3*x))");
    assert!(said(Level::Full).starts_with("the line above equals "));
}

#[test]
fn every_mistake_has_a_page_that_shows_it() {
    for mistake in MISTAKES {
        let text = grad::explain::page(mistake.name).unwrap();
        assert!(text.starts_with(mistake.name) && text.contains("line 1 ✗"), "{text}");
        let beside = grad::explain::page(mistake.topic);
        assert!(beside.is_ok_and(|page| !page.starts_with("Pages about")), "{}: {}", mistake.name, mistake.topic);
    }
    assert!(grad::explain::page("inner derivative missing").is_ok_and(|text| text.contains("missing-inner-derivative")));
}

#[test]
fn large_lines_are_answered_in_time() {
    let chain = |n: usize| "sin(".repeat(n) + "x" + &")".repeat(n);
    let product = (1..60).map(|k| format!("sin({k}*x)")).collect::<Vec<_>>().join("*");
    for problem in [chain(200), product.clone(), product.replace('*', "+")] {
        let answer = &batch(&[json!({"op": "check", "problem": format!("d/dx ({problem})"), "lines": ["x + 1"]})])[0];
        assert_eq!(answer["first_wrong"], 0, "{answer}");
    }
}
