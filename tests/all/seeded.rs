//! The check of steps is tested with wrong ones: the identities of the table and the steps of true derivations, each spoilt in
//! one place, and run through the check that derivations use.
//!
//! That a spoilt step is wrong is known from evaluation in f64, which shares nothing with the checker: at some fixed point at
//! which the conditions hold and the true right side has a value, the spoilt right side has another one, or none. What f64
//! cannot tell from the truth is left out.

use grad::derive::{Derivation, Detail, Engine, Note, Step, checked};
use grad::domain::Known;
use grad::eval::evaluate;
use grad::expr::{Graph, Id, Number, Symbol, View, print, walk};
use grad::math;
use grad::resolve::{formula, rule};
use std::collections::HashMap;

/// What is put in the place of a function's name.
const CONFUSED: &[(&str, &str)] = &[
    ("exp", "log"),
    ("log", "exp"),
    ("sin", "cos"),
    ("cos", "sin"),
    ("tan", "sin"),
    ("asin", "acos"),
    ("acos", "asin"),
    ("atan", "tan"),
    ("sinh", "cosh"),
    ("cosh", "sinh"),
    ("tanh", "sigmoid"),
    ("sigmoid", "tanh"),
    ("softplus", "sigmoid"),
    ("log_sigmoid", "softplus"),
    ("relu", "abs"),
    ("abs", "sign"),
    ("sign", "abs"),
    ("sqrt", "cbrt"),
    ("cbrt", "sqrt"),
    ("max", "min"),
    ("min", "max"),
    ("erf", "erfc"),
    ("erfc", "erf"),
    ("gamma", "lgamma"),
    ("lgamma", "gamma"),
    ("digamma", "trigamma"),
    ("trigamma", "digamma"),
    ("floor", "ceil"),
    ("ceil", "floor"),
    ("log1p", "expm1"),
    ("expm1", "log1p"),
    ("asinh", "acosh"),
    ("atanh", "tanh"),
];

/// Every way in which a node is spoilt: a sign, a number, an exponent, the order of operands, a term or factor that is
/// missing, another function.
fn spoilt(g: &mut Graph, id: Id) -> Vec<Id> {
    let kids = g.children(id).to_vec();
    let one = g.integer(1);
    match g.view(id) {
        View::Number(n) => {
            let (next, minus) = (n + &Number::integer(1), -n);
            vec![g.number(next), g.number(minus)]
        }
        View::Symbol(_) => vec![g.neg(id)],
        View::Add(_) => {
            let minus = g.neg(kids[1]);
            let flipped: Vec<Id> = kids.iter().enumerate().map(|(k, t)| if k == 1 { minus } else { *t }).collect();
            vec![g.add(&kids[1..]), g.add(&flipped), g.mul(&kids)]
        }
        View::Mul(_) => vec![g.mul(&kids[1..]), g.mul(&kids[..kids.len() - 1]), g.add(&kids), g.neg(id)],
        View::Neg(a) => vec![a],
        View::Div(a, b) => vec![g.div(b, a), g.mul(&[a, b]), a],
        View::Pow(a, b) => {
            let up = g.add(&[b, one]);
            vec![g.pow(b, a), g.pow(a, up), g.mul(&[a, b])]
        }
        View::Call(f, _) => {
            let mut out = vec![kids[0], g.neg(id)];
            let other = CONFUSED.iter().find(|c| c.0 == f.name()).and_then(|c| g.call_named(c.1, &kids));
            out.extend(other);
            if kids.len() == 2 {
                out.push(g.call(f, &[kids[1], kids[0]]));
            }
            out
        }
        View::If(c, a, b) => vec![g.conditional(c, b, a), a],
        _ => Vec::new(),
    }
}

/// All expressions that differ from `root` in one spoilt place.
fn mutants(g: &mut Graph, root: Id) -> Vec<Id> {
    let mut out = Vec::new();
    for id in walk::topological(g, &[root]) {
        if g.is_condition(id) {
            continue;
        }
        for wrong in spoilt(g, id) {
            let mutant = walk::substitute(g, root, &HashMap::from([(id, wrong)]));
            if mutant != root && !out.contains(&mutant) {
                out.push(mutant);
            }
        }
    }
    out
}

/// Some of a list, evenly.
fn some<T: Copy>(list: &[T], most: usize) -> Vec<T> {
    let n = list.len().min(most);
    (0..n).map(|k| list[k * list.len() / n]).collect()
}

/// Fixed points; symbols that the conditions say are whole get whole numbers.
fn points(g: &Graph, roots: &[Id], conditions: &[Id]) -> Vec<HashMap<Symbol, f64>> {
    let symbols = walk::free_symbols(g, &[roots, conditions].concat());
    let whole = |s: Symbol| conditions.iter().any(|c| mentions_integer(g, *c, s));
    const BROKEN: [f64; 10] = [0.7, -1.3, 2.4, 0.2, -0.6, 1.9, -2.7, 0.45, 3.1, -0.15];
    const WHOLE: [f64; 6] = [2.0, 3.0, -1.0, 1.0, 4.0, -2.0];
    let value = |k: usize, at: usize, s: Symbol| {
        let turn = k * (2 * at + 1) + 3 * at + k / 10 * at;
        if whole(s) { WHOLE[turn % WHOLE.len()] } else { BROKEN[turn % BROKEN.len()] }
    };
    (0..80).map(|k| symbols.iter().enumerate().map(|(at, s)| (*s, value(k, at, *s))).collect()).collect()
}

fn mentions_integer(g: &Graph, condition: Id, s: Symbol) -> bool {
    walk::topological(g, &[condition])
        .into_iter()
        .any(|id| matches!(g.view(id), View::IsInteger(a) if walk::free_symbols(g, &[a]).contains(&s)))
}

/// Whether f64 shows that `wrong` is not what `right` is, where `subject` has a value and the conditions hold.
fn is_wrong(g: &Graph, subject: Id, right: Id, wrong: Id, conditions: &[Id]) -> bool {
    let roots = [&[subject, right, wrong], conditions].concat();
    points(g, &roots, conditions).iter().any(|point| {
        let found = evaluate(g, &HashMap::new(), &roots, point);
        let sound = |k: usize| found[k].cause.is_none() && found[k].value.is_finite();
        let held = (3..roots.len()).all(|k| sound(k) && found[k].value == 1.0);
        let known = held && sound(0) && sound(1);
        let (right, wrong) = (found[1].value, found[2].value);
        let apart = (right - wrong).abs() > 1e-6 * right.abs().max(wrong.abs()).max(1e-3);
        let undefined = found[2].cause.as_ref().is_some_and(|c| c.kind.is_strict());
        known && (undefined || (sound(2) && apart))
    })
}

/// Whether the check that derivations go through lets a step pass.
fn passes(g: &Graph, known: &Known, before: Id, after: Id) -> bool {
    let step = Step::new(before, after, vec![Note::new("spoilt", Vec::new())]);
    let mut d = Derivation {
        expression: before,
        opened: before,
        variables: Vec::new(),
        chain: Vec::new(),
        stages: HashMap::new(),
        start: before,
        steps: vec![step],
        result: after,
        conditions: Vec::new(),
        domain: Vec::new(),
        kinks: Vec::new(),
        assumed: Vec::new(),
    };
    checked::check(g, known, &mut d).is_ok() && d.steps[0].check.is_some()
}

#[derive(Default)]
struct Tally {
    tried: usize,
    slipped: Vec<String>,
}

impl Tally {
    fn take(&mut self, g: &Graph, known: &Known, before: Id, after: Id, what: &str) {
        self.tried += 1;
        if passes(g, known, before, after) {
            self.slipped.push(format!("{what}: {} = {}", print::plain(g, before), print::plain(g, after)));
        }
    }
}

/// Each identity of the table, spoilt, and each conditional one without its condition.
fn spoil_rules(tally: &mut Tally) {
    for record in math::rules() {
        let mut g = Graph::new();
        let Ok(sides) = rule(&mut g, record.text) else { continue };
        let known = Known { conditions: sides.conditions.clone(), ..Known::default() };
        let wrong: Vec<Id> = mutants(&mut g, sides.right)
            .into_iter()
            .filter(|m| is_wrong(&g, sides.left, sides.right, *m, &sides.conditions))
            .collect();
        for mutant in some(&wrong, 2) {
            tally.take(&g, &known, sides.left, mutant, record.text);
        }
        // without its condition: wrong where the left side has a value and the right side has another one, or none
        if !sides.conditions.is_empty() && is_wrong(&g, sides.left, sides.left, sides.right, &[]) {
            tally.take(&g, &Known::default(), sides.left, sides.right, "a condition is dropped");
        }
    }
}

/// Expressions whose derivations are spoilt, with what is assumed.
const DERIVED: &[(&str, &[&str])] = &[
    ("x^3*exp(2*x)", &[]),
    ("log(1 + exp(x))", &[]),
    ("exp(sin(x^2))", &[]),
    ("x*log(x) - x", &[]),
    ("sin(x)/x", &[]),
    ("1/(1 + exp(-x))", &[]),
    ("sqrt(x^2 + y^2)", &[]),
    ("-(y*log(x) + (1 - y)*log(1 - x))", &["0 < x < 1"]),
    ("x^x", &["x > 0"]),
    ("tanh(a*x + b)", &[]),
    ("atan(x/y)", &[]),
    ("log(x + sqrt(x^2 + 1))", &[]),
    ("exp(-x^2/2)/sqrt(2*pi)", &[]),
    ("(x^2 + 1)^5*(x - 2)", &[]),
    ("abs(x)*x", &[]),
    ("max(x, y)^2", &[]),
    ("erf(x)*x", &[]),
    ("log(gamma(x))", &["x > 0"]),
    ("x*sigmoid(x)", &[]),
    ("tan(x)^2", &[]),
    ("cos(x)*cosh(x)", &[]),
    ("2^x + x^2", &[]),
    ("logsumexp(x, y, 1)", &[]),
    ("asin(x)*sqrt(1 - x^2)", &[]),
    ("(a*x + b)/(c*x + d)", &[]),
];

/// The last state of each step of true derivations, spoilt.
fn spoil_derivations(tally: &mut Tally) {
    for (text, assumed) in DERIVED {
        let mut g = Graph::new();
        let conditions: Vec<Id> = assumed.iter().map(|c| formula(&mut g, c).unwrap()).collect();
        let known = Known { conditions: conditions.clone(), ..Known::default() };
        let e = formula(&mut g, text).unwrap();
        let x = g.intern("x");
        let d = Engine::new(&known).derive(&mut g, e, &[x], Detail::Full).unwrap();
        for step in &d.steps {
            // open derivatives have no value in f64
            let open = walk::topological(&g, &[step.after]).iter().any(|id| matches!(g.view(*id), View::Derivative(..)));
            if open {
                continue;
            }
            let wrong: Vec<Id> =
                mutants(&mut g, step.after).into_iter().filter(|m| is_wrong(&g, d.result, step.after, *m, &conditions)).collect();
            for mutant in some(&wrong, 6) {
                tally.take(&g, &known, step.before, mutant, text);
            }
        }
    }
}

#[test]
fn spoilt_steps_are_caught() {
    let mut tally = Tally::default();
    spoil_rules(&mut tally);
    let rules = tally.tried;
    spoil_derivations(&mut tally);
    let steps = tally.tried - rules;
    println!("{rules} spoilt identities, {steps} spoilt steps; slipped: {:?}", tally.slipped);
    let share = 1.0 - tally.slipped.len() as f64 / tally.tried as f64;
    assert!(tally.tried >= 250 && steps >= 80, "only {rules} and {steps} were tried");
    assert!(share >= 0.995, "{} of {} slipped:\n{}", tally.slipped.len(), tally.tried, tally.slipped.join("\n"));
}

/// The true identities and steps pass, so that catching the spoilt ones means something.
#[test]
fn true_steps_pass() {
    let mut refused = Vec::new();
    for (text, assumed) in DERIVED {
        let mut g = Graph::new();
        let conditions = assumed.iter().map(|c| formula(&mut g, c).unwrap()).collect();
        let known = Known { conditions, ..Known::default() };
        let e = formula(&mut g, text).unwrap();
        let x = g.intern("x");
        let mut d = Engine::new(&known).derive(&mut g, e, &[x], Detail::Full).unwrap();
        checked::check(&g, &known, &mut d).unwrap();
        let proved = |s: &Step| s.check.is_some_and(|c| c.proved);
        refused.extend(d.steps.iter().filter(|s| !proved(s)).map(|s| format!("{text}: {}", print::plain(&g, s.after))));
    }
    assert!(refused.is_empty(), "not proved:\n{}", refused.join("\n"));
}
