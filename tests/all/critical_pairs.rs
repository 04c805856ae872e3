//! Where two rules act on one expression their results are the same: no two rules of the table contradict each other, and the
//! simplifier brings both results to one form.

use grad::domain::{Known, domain_of};
use grad::expr::{Graph, Id, Symbol, View, print, walk};
use grad::math::{self, Purpose};
use grad::resolve::{RuleSides, rule};
use grad::simplify::{Names, Simplifier, measure};
use grad::verify::check::{Allowed, Checker, Outcome};
use std::collections::{HashMap, HashSet};

/// Overlaps with rules whose results the simplifier leaves apart: it chooses the shortest of what it finds, and does not search on.
struct Apart {
    rules: &'static [&'static str],
    /// At most so many pairs; fewer are better.
    pairs: usize,
    why: &'static str,
}

const APART: &[Apart] = &[
    Apart {
        rules: &[
            "sin(a)*cos(b) + cos(a)*sin(b) = sin(a + b)",
            "sin(a)*cos(b) - cos(a)*sin(b) = sin(a - b)",
            "cos(a)*cos(b) - sin(a)*sin(b) = cos(a + b)",
            "cos(a)*cos(b) + sin(a)*sin(b) = cos(a - b)",
        ],
        pairs: 190,
        why: "the angle of a sine or cosine that has become a number is not looked for",
    },
    Apart {
        rules: &[
            "softmax(a + c, b + c)[1] = softmax(a, b)[1]",
            "logaddexp(a + c, b + c) = logaddexp(a, b) + c",
            "logsumexp(a + c, b + c) = logsumexp(a, b) + c",
        ],
        pairs: 504,
        why: "a common shift is looked for in the arguments as they stand; once one of them is rewritten it is not seen",
    },
    Apart {
        rules: &[
            "exp(log(a)) = a where a > 0",
            "exp(-log(a)) = 1/a where a > 0",
            "expm1(log1p(a)) = a where a > -1",
            "exp(log(a)/2) = sqrt(a) where a > 0",
            "exp(logsumexp(a, b)) = exp(a) + exp(b)",
            "exp(logaddexp(a, b)) = exp(a) + exp(b)",
            "exp(log1mexp(a)) = 1 - exp(a) where a < 0",
            "exp(softplus(a)) = 1 + exp(a)",
            "exp(log_sigmoid(a)) = sigmoid(a)",
            "softplus(log(a)) = log(1 + a) where a > 0",
            "softplus(logit(a)) = -log(1 - a) where 0 < a, a < 1",
            "log1mexp(log(a)) = log(1 - a) where a > 0",
            "logsumexp(log(a), log(b)) = log(a + b) where a > 0, b > 0",
            "logaddexp(log(a), log(b)) = log(a + b) where a > 0, b > 0",
            "b^(log(a)/log(b)) = a where a > 0, b > 0, b != 1",
            "log(b^a)/log(b) = a where b > 0, b != 1",
            "sigmoid(logit(a)) = a where 0 < a, a < 1",
        ],
        pairs: 313,
        why: "exp and log undo each other as they stand; a logarithm or exponential that has taken a name of its own needs a rule of its own",
    },
    Apart {
        rules: &[
            "acos(cos(a)) = a where 0 <= a, a <= pi",
            "asin(sin(a)) = a where -pi/2 <= a, a <= pi/2",
            "atan(tan(a)) = a where -pi/2 < a, a < pi/2",
            "asinh(sinh(a)) = a",
            "acosh(cosh(a)) = abs(a)",
            "cosh(atanh(a)) = 1/sqrt(1 - a^2)",
            "sinh(atanh(a)) = a/sqrt(1 - a^2)",
            "tanh(asinh(a)) = a/sqrt(a^2 + 1)",
            "cos(atan(a)) = 1/sqrt(1 + a^2)",
            "sin(atan(a)) = a/sqrt(1 + a^2)",
            "tan(asin(a)) = a/sqrt(1 - a^2)",
        ],
        pairs: 50,
        why: "an inverse function does not undo a value that has become an algebraic expression",
    },
    Apart {
        rules: &[
            "lgamma(a) + lgamma(b) - lgamma(a + b) = lbeta(a, b) where a > 0, b > 0",
            "log(exp(a) + exp(b) + exp(c)) = logsumexp(a, b, c)",
            "log(exp(a) + exp(b)) = logaddexp(a, b)",
            "a + softplus(b - a) = logaddexp(a, b)",
            "exp(a - logsumexp(a, b)) = softmax(a, b)[1]",
            "log(a + sqrt(a^2 + 1)) = asinh(a)",
            "log(a + sqrt(a^2 - 1)) = acosh(a)",
            "(log(1 + a) - log(1 - a))/2 = atanh(a)",
            "log((1 + a)/(1 - a))/2 = atanh(a)",
            "log(a) - log(1 - a) = logit(a)",
            "log(a/(1 - a)) = logit(a)",
            "gamma(a + 1)/a = gamma(a)",
            "gamma(a + 1)/gamma(a) = a where a > 0 or not integer(a)",
            "digamma(a + 1) - digamma(a) = 1/a where a > 0 or not integer(a)",
            "(a + 1)*factorial(a) = factorial(a + 1) where a > -1 or not integer(a)",
            "2*sigmoid(2*a) - 1 = tanh(a)",
            "(1 + tanh(a/2))/2 = sigmoid(a)",
            "cosh(a) + sinh(a) = exp(a)",
            "cosh(a) - sinh(a) = exp(-a)",
            "cosh(a)^2 - 1 = sinh(a)^2",
            "atan(a) + atan(1/a) = pi/2 where a > 0",
            "atan(a) + atan(1/a) = -pi/2 where a < 0",
            "cos(a)/sin(a) = cot(a)",
            "sin(a)/cos(a) = tan(a)",
            "cosh(a)/sinh(a) = coth(a)",
            "sinh(a)/cosh(a) = tanh(a)",
            "tan(a)*cos(a) = sin(a) where cos(a) != 0",
            "a*(1 + erf(a/sqrt(2)))/2 = gelu(a)",
            "a*sigmoid(a) = silu(a)",
            "softmax(a, 0)[1] = sigmoid(a)",
            "logsumexp(a, a) = a + log(2)",
            "log((1 + a)/(1 - a)) = 2*atanh(a)",
            "log((a + 1)/(a - 1)) = 2*atanh(1/a)",
            "log(abs(a) + sqrt(a^2 + 1))*sign(a) = asinh(a)",
            "log1p(a - 1) = log(a)",
            "sec(a)^2 - tan(a)^2 = 1 where cos(a) != 0",
            "sech(a)^2 + tanh(a)^2 = 1",
            "1 + tanh(a) = 2*sigmoid(2*a)",
            "1 - tanh(a) = 2*sigmoid(-2*a)",
            "a + b + abs(a - b) = 2*max(a, b)",
            "a + b - abs(a - b) = 2*min(a, b)",
            "lgamma(a + 1) - lgamma(a) = log(abs(a)) where a > 0 or not integer(a)",
            "sigmoid(a)/sigmoid(-a) = exp(a)",
            "relu(a)*step(a) = relu(a)",
            "relu(a)^n*step(a) = relu(a)^n where n > 0",
            "max(a, 0)*(if a > 0 then 1 else 0) = max(a, 0)",
            "max(a, 0)^n*(if a > 0 then 1 else 0) = max(a, 0)^n where n > 0",
        ],
        pairs: 420,
        why: "a form of several parts is not seen once one of them is rewritten",
    },
    Apart {
        rules: &[
            "(a*b)/(a*c) = b/c where a != 0",
            "(a^2 - b^2)/(a - b) = a + b where a != b",
            "(a - b)/(b - a) = -1 where a != b",
            "hypot(a, b)^2 = a^2 + b^2",
            "a/sqrt(a) = sqrt(a) where a > 0",
            "(a^b)^c = a^(b*c) where a > 0",
            "sqrt(1/a) = 1/sqrt(a)",
            "sign(a)*abs(a) = a",
            "abs(-a) = abs(a)",
        ],
        pairs: 67,
        why: "a factor or square is not cancelled against one that has become another expression",
    },
    Apart {
        rules: &[
            "max(max(a, b), c) = max(a, b, c)",
            "min(min(a, b), c) = min(a, b, c)",
            "max(a, min(a, b)) = a",
            "min(a, max(a, b)) = a",
            "sign(sign(a)) = sign(a)",
            "sign(a)^2 = 1 where a != 0",
        ],
        pairs: 39,
        why: "what is known of the parts of a pair is not used at every depth",
    },
    Apart {
        rules: &["exp(0) = 1", "1 - sigmoid(a) = sigmoid(-a)"],
        pairs: 9,
        why: "the shorter form wins, and a call may be shorter than its special value",
    },
];

/// What pattern variables stand for. What they stand for may hold variables that are bound in turn.
type Binding = HashMap<Symbol, Id>;

/// A rule with its sides in the graph of all pairs.
struct Compiled {
    text: &'static str,
    left: Id,
    right: Id,
    conditions: Vec<Id>,
}

impl Compiled {
    /// A rule whose variables are followed by `mark`.
    fn new(g: &mut Graph, text: &'static str, mark: &str) -> Self {
        let mut own = Graph::new();
        let RuleSides { left, right, conditions } = rule(&mut own, text).unwrap();
        let symbols = walk::free_symbols(&own, &[left, right]);
        let renamed: Vec<(Symbol, Id)> = symbols.iter().map(|s| (*s, g.variable(&format!("{}{mark}", own.name(*s))))).collect();
        let mut moved = |id| walk::transplant(&own, id, g, &renamed);
        Compiled { text, left: moved(left), right: moved(right), conditions: conditions.into_iter().map(moved).collect() }
    }
}

/// The rules that are tried by themselves.
fn tried() -> Vec<&'static str> {
    let tried = math::rules().filter(|r| matches!(r.purpose, Purpose::Simplify | Purpose::Recognise));
    tried.map(|r| r.text).collect()
}

/// One expression on which two rules act, and what each makes of it.
struct Pair {
    rules: [&'static str; 2],
    peak: Id,
    results: [Id; 2],
    conditions: Vec<Id>,
}

/// What a variable stands for in the end, or any other expression itself.
fn resolved(g: &Graph, binding: &Binding, mut id: Id) -> Id {
    while let Some(bound) = g.as_symbol(id).and_then(|s| binding.get(&s)) {
        id = *bound;
    }
    id
}

fn occurs(g: &Graph, binding: &Binding, symbol: Symbol, id: Id) -> bool {
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        match g.as_symbol(id) {
            Some(s) if s == symbol => return true,
            Some(s) => open.extend(binding.get(&s)),
            None => open.extend_from_slice(g.children(id)),
        }
    }
    false
}

/// The most general ways to make pairs of expressions equal: sums and products of one length in every order.
fn unify(g: &Graph, mut open: Vec<(Id, Id)>, mut binding: Binding, found: &mut Vec<Binding>) {
    while let Some((a, b)) = open.pop() {
        let (a, b) = (resolved(g, &binding, a), resolved(g, &binding, b));
        if a == b {
            continue;
        }
        for (variable, other) in [(a, b), (b, a)] {
            if let Some(s) = g.as_symbol(variable) {
                if !occurs(g, &binding, s, other) {
                    binding.insert(s, other);
                    unify(g, open, binding, found);
                }
                return;
            }
        }
        let (p, q) = (g.children(a), g.children(b));
        let alike = match (g.view(a), g.view(b)) {
            (View::Call(f, _), View::Call(h, _)) => f == h,
            (View::Component(_, k), View::Component(_, l)) => k == l,
            (v, w) => std::mem::discriminant(&v) == std::mem::discriminant(&w),
        };
        if !alike || p.len() != q.len() || p.is_empty() {
            return;
        }
        if matches!(g.view(a), View::Add(_) | View::Mul(_)) {
            for order in orders(q) {
                let parts = p.iter().copied().zip(order);
                unify(g, open.iter().copied().chain(parts).collect(), binding.clone(), found);
            }
            return;
        }
        open.extend(p.iter().copied().zip(q.iter().copied()));
    }
    found.push(binding);
}

/// Every order of a few things.
fn orders(items: &[Id]) -> Vec<Vec<Id>> {
    if items.len() < 2 || items.len() > 3 {
        return vec![items.to_vec()];
    }
    let mut all = Vec::new();
    for k in 0..items.len() {
        let rest: Vec<Id> = items.iter().enumerate().filter(|(i, _)| *i != k).map(|(_, id)| *id).collect();
        all.extend(orders(&rest).into_iter().map(|mut tail| {
            tail.insert(0, items[k]);
            tail
        }));
    }
    all
}

/// An expression with all variables replaced by what they stand for.
fn instance(g: &mut Graph, binding: &Binding, mut id: Id) -> Id {
    let map: HashMap<Id, Id> = binding.iter().map(|(s, bound)| (g.symbol(*s), *bound)).collect();
    loop {
        let next = walk::substitute(g, id, &map);
        if next == id {
            return id;
        }
        id = next;
    }
}

/// Every overlap of the left side of one rule with a part of the left side of another.
fn pairs(g: &mut Graph, rules: &[&'static str]) -> Vec<Pair> {
    let [inner, outer] = ["1", ""].map(|mark| rules.iter().map(|text| Compiled::new(g, text, mark)).collect::<Vec<_>>());
    let mut out = Vec::new();
    let mut seen = HashSet::new();
    for (j, o) in outer.iter().enumerate() {
        for part in walk::topological(g, &[o.left]) {
            if g.children(part).is_empty() {
                continue;
            }
            for (i, n) in inner.iter().enumerate() {
                // at the root each pair of rules meets twice, and each rule meets itself
                if part == o.left && i >= j {
                    continue;
                }
                let mut found = Vec::new();
                unify(g, vec![(part, n.left)], Binding::new(), &mut found);
                for binding in found {
                    let peak = instance(g, &binding, o.left);
                    let inside = walk::substitute(g, o.left, &HashMap::from([(part, n.right)]));
                    let results = [o.right, inside].map(|id| instance(g, &binding, id));
                    let all: Vec<Id> = o.conditions.iter().chain(&n.conditions).copied().collect();
                    let mut conditions: Vec<Id> = all.into_iter().map(|c| instance(g, &binding, c)).collect();
                    if seen.insert((peak, results)) {
                        conditions.extend(domain_of(g, peak));
                        out.push(Pair { rules: [o.text, n.text], peak, results, conditions });
                    }
                }
            }
        }
    }
    out
}

fn shown(g: &Graph, pair: &Pair) -> String {
    let [a, b] = pair.results.map(|id| print::plain(g, id));
    format!("{} becomes {a} by {} and {b} by {}", print::plain(g, pair.peak), pair.rules[0], pair.rules[1])
}

/// What the two results of a pair are to each other, where the conditions hold and there was a value to begin with.
fn compared(g: &Graph, pair: &Pair) -> Outcome {
    let [a, b] = pair.results;
    Checker::new(&Known::default()).step_where(g, a, b, &pair.conditions, Allowed::Exact)
}

#[test]
fn no_two_rules_contradict_each_other() {
    let mut g = Graph::new();
    let (mut agreed, mut open, mut wrong) = (0, Vec::new(), Vec::new());
    for pair in pairs(&mut g, &tried()) {
        match compared(&g, &pair) {
            Outcome::Agreed { .. } => agreed += 1,
            Outcome::Different { point, before, after } => {
                wrong.push(format!("{}: {before} and {after} at {point:?}", shown(&g, &pair)));
            }
            // most often the two conditions exclude each other
            Outcome::Undecided { reason } => open.push(format!("{}: {reason}", shown(&g, &pair))),
        }
    }
    println!("{agreed} pairs agree, {} are open:\n{}", open.len(), open.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreed > 1500 && open.len() * 10 < agreed, "only {agreed} pairs were found to agree, {} are open", open.len());
}

#[test]
fn a_rule_that_is_wrong_contradicts_another() {
    let contradict: [[&'static str; 2]; 4] = [
        ["sqrt(a^2) = abs(a)", "sqrt(a^2) = a"],
        ["log(exp(a)) = a", "exp(a) = 1 + a"],
        ["exp(log(a)) = a where a > 0", "log(1 + exp(a)) = softplus(-a)"],
        ["abs(a) = a where a >= 0", "abs(a) = -a where a <= 1"],
    ];
    for rules in contradict {
        let mut g = Graph::new();
        let found = pairs(&mut g, &rules).iter().any(|pair| matches!(compared(&g, pair), Outcome::Different { .. }));
        assert!(found, "{rules:?}");
    }
}

#[test]
fn both_results_simplify_to_one_form() {
    let mut g = Graph::new();
    let (mut one, mut as_long) = (0, 0);
    let mut apart: Vec<Vec<String>> = vec![Vec::new(); APART.len()];
    let (mut new, mut wrong) = (Vec::new(), Vec::new());
    for pair in pairs(&mut g, &tried()) {
        if !matches!(compared(&g, &pair), Outcome::Agreed { .. }) {
            continue;
        }
        let known = Known { conditions: pair.conditions.clone(), ..Known::default() };
        let mut simplifier = Simplifier::new(&known).named(Names::All);
        let [a, b] = pair.results.map(|id| simplifier.shortest(&mut g, id));
        let [told_a, told_b] = [a, b].map(|id| print::plain(&g, id));
        let told = format!("{}: {told_a} and {told_b}", shown(&g, &pair));
        let simplified = Checker::new(&Known::default()).step_where(&g, a, b, &pair.conditions, Allowed::Exact);
        if matches!(simplified, Outcome::Different { .. }) {
            wrong.push(format!("{told}: {simplified:?}"));
        } else if a == b {
            one += 1;
        } else if measure(&g, a) == measure(&g, b) {
            as_long += 1;
        } else {
            match APART.iter().position(|known| pair.rules.iter().any(|r| known.rules.contains(r))) {
                Some(k) => apart[k].push(told),
                None => new.push(told),
            }
        }
    }
    println!("{one} pairs come to one form, {as_long} to forms of one length");
    for (known, found) in APART.iter().zip(&apart) {
        println!("{} of {} apart: {}", found.len(), known.pairs, known.why);
        if found.len() > known.pairs {
            new.extend_from_slice(found);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(new.is_empty(), "{}", new.join("\n"));
}
