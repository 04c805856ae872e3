//! Tables of conditions with what must come of them, and properties over random expressions: what is proved holds at
//! sampled points, intervals enclose sampled values, tidy forms agree with what they replace.

#![allow(clippy::panic)]

use super::*;
use crate::expr::print::plain;
use crate::expr::{Constant, Relation, View, walk};
use crate::math::Kernel;
use crate::resolve::formula;
use Verdict::{Proved, Refuted, Unknown};

fn read(g: &mut Graph, text: &str) -> Id {
    formula(g, text).unwrap_or_else(|_| panic!("cannot read {text}"))
}

/// Whether the table already has every function that the texts name: its families are written one after another.
fn readable(texts: &[&str]) -> bool {
    let mut g = Graph::new();
    texts.iter().all(|text| formula(&mut g, text).is_ok())
}

fn knowing(g: &mut Graph, conditions: &[&str]) -> Known {
    let conditions = conditions.iter().map(|c| read(g, c)).collect();
    Known { conditions, ..Known::default() }
}

fn show(g: &Graph, conditions: &[Id]) -> String {
    conditions.iter().map(|c| plain(g, *c)).collect::<Vec<_>>().join(", ")
}

// ---- a small evaluator

/// Why there is no value.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Gap {
    /// The expression has none.
    Undefined,
    /// f64 cannot hold it, or rounds it to a limit that it never reaches.
    Lost,
}

type Point = HashMap<Symbol, f64>;

/// The value; a condition's is 1 or 0.
fn value(g: &Graph, root: Id, at: &Point) -> Result<f64, Gap> {
    let of = |id: Id| value(g, id, at);
    let truth = |t: bool| Ok(f64::from(u8::from(t)));
    let v = match g.view(root) {
        View::Number(n) => n.to_f64(),
        View::Constant(Constant::Pi) => std::f64::consts::PI,
        View::Constant(Constant::E) => std::f64::consts::E,
        View::Symbol(s) => at[&s],
        View::Add(parts) => parts.iter().try_fold(0.0, |s, p| Ok(s + of(*p)?))?,
        View::Mul(parts) => parts.iter().try_fold(1.0, |s, p| Ok(s * of(*p)?))?,
        View::Neg(a) => -of(a)?,
        View::Div(a, b) => match (of(a)?, of(b)?) {
            (_, 0.0) => return Err(Gap::Undefined),
            (a, b) => a / b,
        },
        View::Pow(a, b) => {
            let (a, b) = (of(a)?, of(b)?);
            let defined = if b.fract() == 0.0 { a != 0.0 || b >= 0.0 } else { a > 0.0 || (a == 0.0 && b > 0.0) };
            if !defined {
                return Err(Gap::Undefined);
            }
            a.powf(b)
        }
        View::Call(f, arguments) => {
            let values = arguments.iter().map(|a| of(*a)).collect::<Result<Vec<f64>, Gap>>()?;
            applied(f, &values)?
        }
        View::If(c, a, b) => of(if of(c)? == 1.0 { a } else { b })?,
        View::Compare(r, a, b) => return truth(of(a)?.partial_cmp(&of(b)?).is_some_and(|o| r.holds(o))),
        View::And(parts) => {
            for p in parts {
                if of(*p)? == 0.0 {
                    return Ok(0.0);
                }
            }
            1.0
        }
        View::Or(parts) => {
            for p in parts {
                if of(*p)? == 1.0 {
                    return Ok(1.0);
                }
            }
            0.0
        }
        View::Not(a) => 1.0 - of(a)?,
        View::IsInteger(a) => return truth(of(a)?.fract() == 0.0),
        View::Truth(t) => return truth(t),
        _ => return Err(Gap::Undefined),
    };
    if v.is_finite() { Ok(v) } else { Err(Gap::Lost) }
}

fn applied(f: crate::math::FunctionId, values: &[f64]) -> Result<f64, Gap> {
    for text in f.record().domain {
        let mut own = Graph::new();
        let condition = read(&mut own, text);
        let point = f.record().parameters.iter().zip(values).map(|(p, v)| (own.intern(p), *v)).collect();
        if value(&own, condition, &point)? == 0.0 {
            return Err(Gap::Undefined);
        }
    }
    let v = match f.record().kernel {
        Kernel::One(k) => k(values[0]),
        Kernel::Two(k) => k(values[0], values[1]),
        Kernel::Three(k) => k(values[0], values[1], values[2]),
        Kernel::List(k) => k(values),
        _ => return Err(Gap::Lost),
    };
    let limits: &[f64] = match f.name() {
        "exp" => &[0.0],
        "sigmoid" => &[0.0, 1.0],
        "tanh" | "erf" => &[-1.0, 1.0],
        _ => &[],
    };
    if limits.contains(&v) { Err(Gap::Lost) } else { Ok(v) }
}

/// Whether a condition is defined and holds; `None` where f64 cannot tell.
fn holds(g: &Graph, condition: Id, at: &Point) -> Option<bool> {
    match value(g, condition, at) {
        Ok(v) => Some(v == 1.0),
        Err(Gap::Undefined) => Some(false),
        Err(Gap::Lost) => None,
    }
}

/// Whether all of some conditions hold.
fn all_hold(g: &Graph, conditions: &[Id], at: &Point) -> Option<bool> {
    conditions.iter().try_fold(true, |all, c| Some(all && holds(g, *c, at)?))
}

/// Values that meet corners exactly and the line between them.
const SAMPLES: &[f64] = &[
    -27.0,
    -7.0,
    -4.0,
    -3.0,
    -2.5,
    -2.0,
    -1.75,
    -1.5,
    -1.0,
    -0.75,
    -0.5,
    -0.25,
    -0.001953125,
    0.0,
    0.001953125,
    0.25,
    0.5,
    0.75,
    1.0,
    1.25,
    1.5,
    2.0,
    2.25,
    2.5,
    2.75,
    3.0,
    4.0,
    5.0,
    9.0,
    16.0,
    27.0,
];

/// Points over the symbols of some expressions: the whole grid for one or two, a scatter for more.
fn points(g: &Graph, roots: &[Id]) -> Vec<Point> {
    let symbols = walk::free_symbols(g, roots);
    let n = SAMPLES.len();
    let count = if symbols.len() <= 2 { n.pow(symbols.len() as u32) } else { 4000 };
    (0..count)
        .map(|k| {
            let pick = |j: usize| {
                if symbols.len() <= 2 {
                    k / n.pow(j as u32)
                } else {
                    (k + 1).wrapping_mul(0x9E37_79B9 + 2 * j * 0x85EB_CA6B) >> 7
                }
            };
            symbols.iter().enumerate().map(|(j, s)| (*s, SAMPLES[pick(j) % n])).collect()
        })
        .collect()
}

/// The tidy form, after comparing it with what was tidied at every point that satisfies what is known.
fn tidied(given: &[&str], text: &str) -> String {
    let mut g = Graph::new();
    let known = knowing(&mut g, given);
    let condition = read(&mut g, text);
    let out = tidy(&mut g, &known, condition);
    let shown = show(&g, &out);
    let mut roots = out.clone();
    roots.push(condition);
    roots.extend(&known.conditions);
    for at in points(&g, &roots) {
        if all_hold(&g, &known.conditions, &at) == Some(true)
            && let (Some(before), Some(after)) = (holds(&g, condition, &at), all_hold(&g, &out, &at))
        {
            assert_eq!(before, after, "{text} given {given:?} became {shown}, which differs at {at:?}");
        }
    }
    shown
}

fn verdict(given: &[&str], text: &str) -> Verdict {
    let mut g = Graph::new();
    let known = knowing(&mut g, given);
    let c = read(&mut g, text);
    prove(&mut g, &known, c)
}

fn check_tidy(table: &[(&[&str], &str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(_, text, _)| readable(&[text]))
        .map(|(given, text, expected)| (given, text, expected, tidied(given, text)))
        .filter(|(_, _, expected, found)| expected != &found)
        .map(|(given, text, expected, found)| format!("{text} given {given:?}: {found}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check_proofs(table: &[(&[&str], &str, Verdict)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(_, text, _)| readable(&[text]))
        .map(|(given, text, expected)| (given, text, expected, verdict(given, text)))
        .filter(|(_, _, expected, found)| *expected != found)
        .map(|(given, text, expected, found)| format!("{text} given {given:?}: {found:?}, not {expected:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn polynomial_conditions_are_solved() {
    check_tidy(&[
        (&[], "2*x > 0", "x > 0"),
        (&[], "x^2 > 0", "x != 0"),
        (&[], "x^3 > 0", "x > 0"),
        (&[], "x^4 <= 0", "x == 0"),
        (&[], "x^2 < 0", "false"),
        (&[], "3*x + 2 != 0", "x != -2/3"),
        (&[], "3*x + 2 >= 0", "x >= -2/3"),
        (&[], "2 - 4*x > 0", "x < 1/2"),
        (&[], "x^2 - 1 != 0", "x != -1, x != 1"),
        (&[], "x^2 - 1 == 0", "x == -1 or x == 1"),
        (&[], "-x > 0", "x < 0"),
        (&[], "-x^2 < 0", "x != 0"),
        (&[], "1 - x^2 > 0", "-1 < x < 1"),
        (&[], "1 - x^2 >= 0", "-1 <= x <= 1"),
        (&[], "x^2 - 1 > 0", "x < -1 or x > 1"),
        (&[], "x^2 - 1 >= 0", "x <= -1 or x >= 1"),
        (&["x > 0"], "x^2 - 1 > 0", "x > 1"),
        (&["x > 2"], "x^2 - 1 > 0", ""),
        (&[], "x^2 >= 0", ""),
        (&[], "x^2 + 1 > 0", ""),
        (&[], "x^2 + x + 1 != 0", ""),
        (&[], "x^2 - 2*x + 1 > 0", "x != 1"),
        (&[], "(x - 1)^2*(x + 2) > 0", "x > -2, x != 1"),
        (&[], "x^3 - x != 0", "x != -1, x != 0, x != 1"),
        (&[], "x^2 - 2 > 0", "x^2 - 2 > 0"),
        (&[], "x^2 - 2 != 0", "x^2 - 2 != 0"),
        (&[], "x^3 - 2*x != 0", "x != 0, x^2 - 2 != 0"),
        (&[], "x*(1 - x) > 0", "0 < x < 1"),
        (&[], "x - 3 < 0", "x < 3"),
        (&[], "0 < x", "x > 0"),
        (&[], "1 > x", "x < 1"),
        (&[], "x + x > 4", "x > 2"),
        (&[], "0.5*x > 1", "x > 2"),
        (&[], "x > x", "false"),
        (&[], "x - x >= 0", ""),
        (&[], "x + 1 > x", ""),
        (&["x > 0"], "x >= 0", ""),
        (&["x >= 0"], "x != 0", "x != 0"),
        (&["x > 0"], "x > -3", ""),
        (&["x > 0"], "x < 0", "false"),
        (&[], "x >= 0 and x != 0", "x > 0"),
        (&[], "x > 0 and x > 1", "x > 1"),
        (&[], "x > 0 and x < 1", "0 < x < 1"),
        (&[], "x < 0 or x > 0", "x != 0"),
        (&[], "x <= 0 or x > 0", ""),
        (&[], "x > 1 or x > 0", "x > 0"),
        (&[], "x > 0 or x == 0", "x >= 0"),
        (&[], "x == 0 or x > 1", "x == 0 or x > 1"),
        (&[], "not (x > 0 and x < 1)", "x <= 0 or x >= 1"),
    ]);
}

#[test]
fn conditions_in_several_unknowns_are_taken_apart() {
    check_tidy(&[
        (&[], "x*y > 0", "x*y > 0"),
        (&[], "x*y != 0", "x != 0, y != 0"),
        (&["y > 0"], "x*y > 0", "x > 0"),
        (&["y < 0"], "x*y > 0", "x < 0"),
        (&["y > 0"], "x/y > 0", "x > 0"),
        (&[], "x^2*y > 0", "x != 0, y > 0"),
        (&[], "x/y != 0", "x != 0, y != 0"),
        (&[], "1/x > 0", "x > 0"),
        (&[], "1/x != 0", "x != 0"),
        (&[], "-1/x > 0", "x < 0"),
        (&[], "1/x^2 > 0", "x != 0"),
        (&[], "x^(-3) > 0", "x > 0"),
        (&[], "(x - 1)/(x + 2) > 0", "x < -2 or x > 1"),
        (&["x > 0"], "1/x < 2", "x > 1/2"),
        (&[], "x - y != 0", "x != y"),
        (&[], "x - y > 0", "x > y"),
        (&[], "(x - y)^2 > 0", "x != y"),
        (&[], "2*x - 2*y > 0", "x > y"),
        (&[], "x*y + x*z != 0", "x != 0, y + z != 0"),
        (&[], "x^2 + y^2 >= 0", ""),
        (&[], "x^2 + y^2 + 1 > 0", ""),
        (&["x > 0", "y > 0"], "x*y + x > 0", ""),
    ]);
}

#[test]
fn conditions_are_taken_through_functions() {
    check_tidy(&[
        (&[], "exp(x) > 0", ""),
        (&[], "exp(x) > 1", "x > 0"),
        (&[], "exp(x) - 1 != 0", "x != 0"),
        (&[], "1 - exp(x) > 0", "x < 0"),
        (&[], "exp(x) + 1 != 0", ""),
        (&[], "log(x) > 0", "x > 1"),
        (&[], "log(x) < 0", "0 < x < 1"),
        (&[], "log(x) != 0", "x > 0, x != 1"),
        (&[], "log(x) > 1", "x > e"),
        (&["x > 0"], "log(x) != 0", "x != 1"),
        (&[], "sqrt(x) != 0", "x > 0"),
        (&[], "sqrt(x) > 0", "x > 0"),
        (&[], "sqrt(x) >= 0", "x >= 0"),
        (&[], "sqrt(x) < 2", "0 <= x < 4"),
        (&["x >= 0"], "sqrt(x) > 3", "x > 9"),
        (&[], "cbrt(x) != 0", "x != 0"),
        (&[], "cbrt(x) > 2", "x > 8"),
        (&[], "abs(x) > 0", "x != 0"),
        (&[], "abs(x) != 0", "x != 0"),
        (&[], "abs(x) < 1", "-1 < x < 1"),
        (&[], "abs(x) > 1", "x < -1 or x > 1"),
        (&[], "abs(x) != 1", "x != -1, x != 1"),
        (&[], "abs(x^2 - 1) > 0", "x != -1, x != 1"),
        (&[], "tanh(x) > 0", "x > 0"),
        (&[], "sigmoid(x) > 1/2", "x > 0"),
        (&[], "sigmoid(x) < 1", ""),
        (&[], "1 - sigmoid(x) != 0", ""),
        (&[], "log(2*x + 1) > 0", "x > 0"),
        (&[], "log(log(x)) > 0", "x > e"),
        (&[], "max(x, y) < 0", "x < 0, y < 0"),
        (&[], "min(x, y) > 0", "x > 0, y > 0"),
        (&[], "relu(x) > 0", "x > 0"),
        (&[], "cos(x) != 0", "cos(x) != 0"),
        (&[], "cos(x) < 2", ""),
        (&[], "cosh(x) > 0", ""),
        (&[], "x^(1/2) > 0", "x > 0"),
        (&[], "x^(3/2) < 8", "0 <= x < 4"),
        (&[], "log(x) + log(x) > 0", "x > 1"),
        (&[], "max(x^(3/2), x)/x^(3/2) > 0", "max(x^(3/2), x) != 0, x != 0"),
        (&[], "log(x) - log(x) + y > 0", "y > 0, x > 0"),
        (&["0 < p and p < 1"], "p*(1 - p) != 0", ""),
    ]);
}

#[test]
fn signs_and_bounds_are_proved() {
    check_proofs(&[
        (&[], "exp(x) > 0", Proved),
        (&[], "1 + exp(x) > 0", Proved),
        (&[], "1 + exp(x) > 1", Proved),
        (&[], "exp(x) < 0", Refuted),
        (&[], "exp(x) == 0", Refuted),
        (&[], "exp(x) + exp(y) > 0", Proved),
        (&[], "x > 0", Unknown),
        (&[], "x == x", Proved),
        (&[], "x != x", Refuted),
        (&[], "x^2 >= 0", Proved),
        (&[], "x^2 > 0", Unknown),
        (&["x != 0"], "x^2 > 0", Proved),
        (&["x != 0"], "x^3 != 0", Proved),
        (&["x != 0"], "x > 0", Unknown),
        (&[], "x^2 + 1 > 0", Proved),
        (&[], "x^2 + 1 > 1", Unknown),
        (&[], "x^2 + y^2 >= 0", Proved),
        (&[], "x^2 + y^2 > 0", Unknown),
        (&["x != 0"], "x^2 + y^2 > 0", Proved),
        (&[], "x^4 + x^2 + 1 > 0", Proved),
        (&[], "x^2 + x + 1 > 0", Proved),
        (&[], "x^2 - x + 1 > 0", Proved),
        (&[], "x^2 - 3*x + 1 > 0", Unknown),
        (&[], "x^2 + x*y + y^2 >= 0", Proved),
        (&[], "x^2 - 2*x*y + y^2 >= 0", Proved),
        (&[], "x^2 - 2 > 0", Unknown),
        (&["x > 2"], "x^2 - 2 > 0", Proved),
        (&["x > 0"], "x != 0", Proved),
        (&["x > 0"], "x >= 0", Proved),
        (&["x > 0"], "x < 0", Refuted),
        (&["x > 0"], "-x < 0", Proved),
        (&["x > 0"], "1/x > 0", Proved),
        (&["x > 0"], "x > 1", Unknown),
        (&["x >= 0"], "x > 0", Unknown),
        (&["x >= 0"], "sqrt(x) >= 0", Proved),
        (&["x > 0"], "sqrt(x) > 0", Proved),
        (&["x > 0", "y > 0"], "x*y > 0", Proved),
        (&["x > 0", "y > 0"], "x/y > 0", Proved),
        (&["x > 0", "y > 0"], "x + y > 0", Proved),
        (&["x < 0", "y < 0"], "x*y > 0", Proved),
        (&["x < 0", "y > 0"], "x*y > 0", Refuted),
        (&["x > 0"], "x*y > 0", Unknown),
        (&["x*y > 0"], "x != 0", Proved),
        (&["x*y > 0"], "x > 0", Unknown),
        (&["x + 1 > 0"], "x > -1", Proved),
        (&["x + 1 > 0"], "x + 2 > 0", Proved),
        (&["x + 1 > 0"], "2*x + 2 > 0", Proved),
        (&["x + 1 > 0"], "-x - 1 < 0", Proved),
        (&["x + 1 > 0"], "x > 0", Unknown),
        (&["x - y > 0"], "x > y", Proved),
        (&["x > y"], "y - x < 0", Proved),
        (&["x > y"], "x != y", Proved),
        (&["x > y", "y > z"], "x > z", Proved),
        (&["x > y", "y > 0"], "x > 0", Proved),
        (&["x >= y", "y >= x"], "x == y", Proved),
        (&["3*x > 1"], "x > 1/3", Proved),
        (&["x >= 1/3"], "3*x - 1 >= 0", Proved),
        (&["x >= 1/3"], "3*x - 1 > 0", Unknown),
        (&["0 < p and p < 1"], "p - p^2 > 0", Proved),
        (&["0 < p and p < 1"], "1 - p > 0", Proved),
        (&["0 < p and p < 1"], "p*(1 - p) > 0", Proved),
        (&["0 < p and p < 1"], "p < 1/2", Unknown),
        (&["1 - x^2 > 0"], "x < 1", Proved),
        (&["1 - x^2 > 0"], "x > -2", Proved),
        (&["x^2 < 4"], "x < 2", Proved),
        (&["log(x) > 0"], "x > 1", Proved),
        (&["log(x) > 5"], "x > 0", Proved),
        (&["x > 1"], "log(x) > 0", Proved),
        (&["x >= 1"], "log(x) >= 0", Proved),
        (&["x > 0"], "log(x) > 0", Unknown),
        (&["x > 2"], "log(x) > 0.6", Proved),
        (&["x > 2"], "log(x) > 0.7", Unknown),
        (&[], "sin(x) <= 1", Proved),
        (&[], "sin(x) < 1", Unknown),
        (&[], "2 + cos(x) > 0", Proved),
        (&[], "1 + sin(x)^2 > 0", Proved),
        (&[], "sigmoid(x) > 0", Proved),
        (&[], "sigmoid(x) < 1", Proved),
        (&[], "sigmoid(x)*(1 - sigmoid(x)) > 0", Proved),
        (&[], "1 - tanh(x)^2 > 0", Proved),
        (&[], "softplus(x) > 0", Proved),
        (&[], "softplus(x) > x", Unknown),
        (&[], "cosh(x) >= 1", Proved),
        (&[], "abs(x) >= 0", Proved),
        (&[], "abs(x) > 0", Unknown),
        (&["x < -1"], "abs(x) > 1", Proved),
        (&[], "max(x, 1) > 0", Proved),
        (&[], "min(x, -1) < 0", Proved),
        (&[], "max(x, 0) >= 0", Proved),
        (&[], "sqrt(x) + 1 > 0", Proved),
        (&[], "2^x > 0", Proved),
        (&[], "pi > 3", Proved),
        (&[], "pi < 22/7", Proved),
        (&[], "e^2 > 7.389", Proved),
        (&[], "e^2 > 7.39", Refuted),
        (&[], "sqrt(2) < 1.4142135623731", Proved),
        (&[], "1 > 0", Proved),
        (&[], "-1 > 0", Refuted),
        (&[], "0 == 0", Proved),
    ]);
}

#[test]
fn logic_and_integers_are_proved() {
    check_proofs(&[
        (&[], "x > 0 or x <= 0", Proved),
        (&[], "x > 0 or x < 0", Unknown),
        (&[], "x > 0 and x < 0", Unknown),
        (&["x > 0"], "x > 0 or y > 0", Proved),
        (&["x > 0"], "x >= 0 and x != 0", Proved),
        (&["x > 0"], "not (x < 0)", Proved),
        (&["x > 1"], "not (x < 0)", Proved),
        (&[], "not integer(x) or integer(x)", Proved),
        (&[], "x <= 0 or x + 1 > 0", Proved),
        (&["integer(n)"], "integer(n + 1)", Proved),
        (&["integer(n)"], "integer(n*(n + 1))", Proved),
        (&["integer(n)"], "integer(n^2)", Proved),
        (&["integer(n)"], "integer(n/2)", Unknown),
        (&["integer(n)", "n > 0"], "n >= 1", Proved),
        (&["integer(n)", "n > 0"], "n >= 2", Unknown),
        (&["integer(n)", "n >= 0"], "n + 1 > 0", Proved),
        (&[], "integer(3)", Proved),
        (&[], "integer(1/2)", Refuted),
        (&[], "integer(pi)", Refuted),
        (&[], "integer(x)", Unknown),
        (&[], "integer(floor(x))", Proved),
        (&["x < 0 or x > 0"], "x != 0", Proved),
        (&["x < -1 or x > 1"], "x^2 > 1", Proved),
        (&["x == 2"], "x^2 == 4", Proved),
        (&["x == 2"], "x > 1", Proved),
    ]);
}

#[test]
fn stages_are_known_by_their_definitions() {
    if !readable(&["sigmoid(z)"]) {
        return;
    }
    let mut g = Graph::new();
    let z = g.intern("z");
    let p = g.intern("p");
    let definitions = HashMap::from([(z, read(&mut g, "w*x + b")), (p, read(&mut g, "sigmoid(z)"))]);
    let known = Known { definitions: definitions.into(), ..Known::default() };
    for (text, expected) in [
        ("p > 0", Proved),
        ("1 - p > 0", Proved),
        ("p*(1 - p) != 0", Proved),
        ("z > 0", Unknown),
        ("z - w*x - b == 0", Proved),
        ("p > 1/2", Unknown),
    ] {
        let c = read(&mut g, text);
        assert_eq!(prove(&mut g, &known, c), expected, "{text}");
    }
}

#[test]
fn a_polynomial_between_two_roots_is_not_passed_over() {
    let mut g = Graph::new();
    let known = knowing(&mut g, &["x > -1", "x < 1"]);
    for (text, expected) in [
        ("x^4 - 300*x^2 + 1 < 0", Unknown),
        ("x^4 - 300*x^2 + 1 > 0", Unknown),
        ("x^4 - 300*x^2 + 1 < 2", Proved),
        ("(x^2 - 2)*(10000*x^2 - 20001)^3 > 0", Proved),
    ] {
        let c = read(&mut g, text);
        assert_eq!(prove(&mut g, &known, c), expected, "{text}");
    }
}

#[test]
fn what_was_solved_under_a_definition_is_forgotten_with_it() {
    let mut g = Graph::new();
    let z = g.intern("z");
    let (above, below) = (read(&mut g, "1 + exp(x)"), read(&mut g, "-1 - exp(x)"));
    let conditions = vec![read(&mut g, "z*y > 0")];
    let (positive, negative) = (read(&mut g, "y > 0"), read(&mut g, "y < 0"));
    let mut known = Known { conditions, definitions: [(z, above)].into_iter().collect() };
    assert_eq!(prove(&mut g, &known, positive), Proved);
    assert_eq!(prove(&mut g, &known.clone(), positive), Proved);
    known.definitions.extend([(z, below)]);
    assert_eq!(prove(&mut g, &known, negative), Proved);
    known.definitions.remove(&[z]);
    assert_eq!([positive, negative].map(|c| prove(&mut g, &known, c)), [Unknown, Unknown]);
}

#[test]
fn what_was_solved_in_one_graph_is_not_taken_for_an_answer_in_another() {
    let known = Known::default();
    let asked = |texts: [&str; 2]| {
        let mut g = Graph::new();
        let [given, condition] = texts.map(|text| read(&mut g, text));
        let here = Known { conditions: vec![given], ..known.clone() };
        (given, prove(&mut g, &here, condition))
    };
    let (first, above) = asked(["2*x > 6", "x > 3"]);
    let (second, below) = asked(["2*x > 4", "x > 3"]);
    assert_eq!((first, above), (second, Proved));
    assert_eq!(below, Unknown);
}

fn reduced_domain(given: &[&str], text: &str) -> String {
    let mut g = Graph::new();
    let known = knowing(&mut g, given);
    let e = read(&mut g, text);
    let raw = domain_of(&mut g, e);
    let out = reduce(&mut g, &known, &raw, &[]);
    let shown = show(&g, &out);
    for at in points(&g, &[e]) {
        let exists = value(&g, e, &at);
        if all_hold(&g, &known.conditions, &at) == Some(true)
            && exists != Err(Gap::Lost)
            && let Some(claimed) = all_hold(&g, &out, &at)
        {
            assert_eq!(claimed, exists.is_ok(), "{text} at {at:?}: {exists:?}, but its domain is {shown}");
        }
    }
    shown
}

#[test]
fn domains_are_those_of_the_operators() {
    for (given, text, expected) in [
        (&[][..], "x/x", "x != 0"),
        (&[], "(x^2 - 1)/(x - 1)", "x != 1"),
        (&[], "exp(log(x))", "x > 0"),
        (&[], "sqrt(x)^2", "x >= 0"),
        (&[], "log(x^2)", "x != 0"),
        (&[], "2*log(abs(x))", "x != 0"),
        (&[], "log(x) + log(y)", "x > 0, y > 0"),
        (&[], "log(x*y)", "x*y > 0"),
        (&[], "x - x + log(x)*0", "x > 0"),
        (&[], "log(exp(x))", ""),
        (&[], "1/x", "x != 0"),
        (&[], "x/abs(x)", "x != 0"),
        (&[], "log(1 + exp(x))", ""),
        (&[], "tan(x)", "cos(x) != 0"),
        (&[], "x^x*(log(x) + 1)", "x > 0"),
        (&[], "x^(1/2)", "x >= 0"),
        (&[], "x^(-1/2)", "x > 0"),
        (&[], "x^(-2)", "x != 0"),
        (&[], "2^x", ""),
        (&[], "0^x", "x >= 0"),
        (&["x > 0"], "x^y", ""),
        (&[], "asin(x)", "-1 <= x <= 1"),
        (&[], "log(1 - x^2)", "-1 < x < 1"),
        (&[], "1/(x - y)", "x != y"),
        (&[], "1/sqrt(x)", "x > 0"),
        (&[], "log(log(x))", "x > 1"),
        (&[], "if x > 0 then log(x) else 0", ""),
        (&[], "if x > 0 then log(x) else log(-x)", "x != 0"),
        (&[], "if x >= 0 then sqrt(x) else 1/x", ""),
        (&[], "if x > 0 then x", "x > 0"),
        (&["0 < p and p < 1"], "log(p) + log(1 - p)", ""),
    ] {
        if readable(&[text]) {
            assert_eq!(reduced_domain(given, text), expected, "{text} given {given:?}");
        }
    }
}

#[test]
fn what_the_result_says_itself_is_not_said_again() {
    for (given, before, after, expected) in [
        (&[][..], "x/x", "1", "x != 0"),
        (&[], "log(x^2)", "2*log(abs(x))", ""),
        (&[], "log(x) + log(y)", "log(x*y)", "x > 0, y > 0"),
        (&[], "1/x^2*(2*x)", "2/x", ""),
        (&["x > 0"], "x/x", "1", ""),
        (&[], "x^2/x", "x", "x != 0"),
        (&[], "exp(log(x))", "x", "x > 0"),
    ] {
        if !readable(&[before, after]) {
            continue;
        }
        let mut g = Graph::new();
        let known = knowing(&mut g, given);
        let (before, after) = (read(&mut g, before), read(&mut g, after));
        let (before, after) = (domain_of(&mut g, before), domain_of(&mut g, after));
        let out = reduce(&mut g, &known, &before, &after);
        assert_eq!(show(&g, &out), expected);
    }
}

#[test]
fn kinks_are_found() {
    for (text, expected) in [
        ("abs(x)", "x != 0"),
        ("abs(x^2 - 1)", "x != -1, x != 1"),
        ("sqrt(x)", "x > 0"),
        ("max(x, 0)", "x != 0"),
        ("max(x, y)", "x != y"),
        ("abs(y)", ""),
        ("x^x", "x > 0"),
        ("x^2", ""),
        ("x^(1/3)", "x > 0"),
        ("exp(x)*sin(x)", ""),
        ("if x > 1 then x else x^2", "x != 1"),
        ("if x > 0 then abs(x - 1) else 0", "x != 0, x != 1"),
    ] {
        if !readable(&[text]) {
            continue;
        }
        let mut g = Graph::new();
        let x = g.intern("x");
        let e = read(&mut g, text);
        let conditions: Vec<Id> = smooth_conditions(&mut g, e, x).into_iter().map(|s| s.condition).collect();
        let out = reduce(&mut g, &Known::default(), &conditions, &[]);
        assert_eq!(show(&g, &out), expected, "{text}");
    }
}

#[test]
fn a_report_names_domain_kinks_and_poles() {
    if !readable(&["abs(x)"]) {
        return;
    }
    let mut g = Graph::new();
    let e = read(&mut g, "abs(x^2 - 1)/(x - 3) + log(y)");
    let report = describe(&mut g, &Known::default(), e);
    assert_eq!(show(&g, &report.conditions), "x != 3, y > 0");
    let places = |g: &Graph, list: &[(Id, String)]| list.iter().map(|(at, _)| plain(g, *at)).collect::<Vec<_>>();
    assert_eq!(places(&g, &report.kinks), ["x == -1", "x == 1"]);
    assert_eq!(places(&g, &report.poles), ["x == 3"]);
}

#[test]
fn large_expressions_are_answered_quickly() {
    let mut g = Graph::new();
    let x = g.variable("x");
    let one = g.integer(1);
    let mut deep = x;
    for _ in 0..100_000 {
        deep = g.add(&[deep, one]);
        deep = g.neg(deep);
    }
    let terms: Vec<Id> = (0..50_000).map(|k| g.variable(&format!("x{k}"))).collect();
    let sum = g.add(&terms);
    let both = g.div(deep, sum);
    let conditions = domain_of(&mut g, both);
    assert_eq!(conditions.len(), 1);
    assert_eq!(prove(&mut g, &Known::default(), conditions[0]), Unknown);
    assert_eq!(reduce(&mut g, &Known::default(), &conditions, &[]), conditions);
}

mod random {
    use super::*;
    use proptest::prelude::*;

    /// An expression over x and y, as text.
    fn expression() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("x".to_owned()),
            Just("y".to_owned()),
            (-3i32..4).prop_map(|n| format!("({n})")),
            Just("(1/2)".to_owned()),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            let names = ["exp", "log", "sqrt", "abs", "sin", "tanh", "sigmoid", "cbrt", "floor", "sign"];
            let names: Vec<&str> = names.into_iter().filter(|n| crate::math::find(n).is_some()).collect();
            let name = prop::sample::select(names);
            let pair = if crate::math::find("max").is_some() { "max" } else { "" };
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} + {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} - {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}*{b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}/{b})")),
                (inner.clone(), -2i32..4).prop_map(|(a, n)| format!("({a}^({n}))")),
                (inner.clone()).prop_map(|a| format!("({a}^(3/2))")),
                (inner.clone(), inner.clone()).prop_map(move |(a, b)| if pair.is_empty() {
                    format!("({a} + {b})")
                } else {
                    format!("max({a}, {b})")
                }),
                (name, inner).prop_map(|(f, a)| format!("{f}({a})")),
            ]
        })
    }

    fn relation() -> impl Strategy<Value = Relation> {
        prop::sample::select(vec![
            Relation::Less,
            Relation::LessEqual,
            Relation::Greater,
            Relation::GreaterEqual,
            Relation::Equal,
            Relation::NotEqual,
        ])
    }

    fn assumptions() -> impl Strategy<Value = Vec<&'static str>> {
        let all = vec![
            "x > 0",
            "x >= 0",
            "x != 0",
            "x < 2",
            "y > 1",
            "y < 0",
            "x > y",
            "x*y > 0",
            "x^2 < 4",
            "x + y > 1",
            "integer(x)",
        ];
        prop::sample::subsequence(all, 0..4)
    }

    /// Whether a comparison of computed values is too close to call.
    fn clear(g: &Graph, condition: Id, at: &Point) -> bool {
        match g.view(condition) {
            View::Compare(_, a, b) => match (value(g, a, at), value(g, b, at)) {
                (Ok(a), Ok(b)) => (a - b).abs() > 1e-9 * (1.0 + a.abs() + b.abs()),
                _ => true,
            },
            _ => g.children(condition).iter().all(|c| clear(g, *c, at)),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        #[test]
        fn intervals_enclose_values(text in expression(), given in assumptions()) {
            let mut g = Graph::new();
            let known = knowing(&mut g, &given);
            let e = read(&mut g, &text);
            let range = range_of(&mut g, &known, e);
            let mut roots = known.conditions.clone();
            roots.push(e);
            for at in points(&g, &roots) {
                if let Ok(v) = value(&g, e, &at)
                    && all_hold(&g, &known.conditions, &at) == Some(true)
                {
                    let slack = 1e-9 * (1.0 + v.abs());
                    prop_assert!(v + slack >= range.low && v - slack <= range.high, "{text} is {v} at {at:?}, outside of {range:?}");
                }
            }
        }

        #[test]
        fn what_is_proved_holds(text in expression(), r in relation(), given in assumptions()) {
            let mut g = Graph::new();
            let known = knowing(&mut g, &given);
            let e = read(&mut g, &text);
            let condition = g.compare_zero(r, e);
            let verdict = prove(&mut g, &known, condition);
            let mut roots = known.conditions.clone();
            roots.push(condition);
            for at in points(&g, &roots) {
                if verdict == Unknown || all_hold(&g, &known.conditions, &at) != Some(true) || !clear(&g, condition, &at) {
                    continue;
                }
                if let Ok(found) = value(&g, condition, &at) {
                    prop_assert_eq!(found == 1.0, verdict == Proved, "{} {:?} 0 given {:?} at {:?}", text, r, given, at);
                }
            }
        }

        #[test]
        fn tidy_conditions_say_the_same(text in expression(), r in relation(), given in assumptions()) {
            let mut g = Graph::new();
            let known = knowing(&mut g, &given);
            let e = read(&mut g, &text);
            let condition = g.compare_zero(r, e);
            let out = tidy(&mut g, &known, condition);
            let shown = show(&g, &out);
            let mut roots = known.conditions.clone();
            roots.push(condition);
            roots.extend(&out);
            for at in points(&g, &roots) {
                let close = !clear(&g, condition, &at) || out.iter().any(|c| !clear(&g, *c, &at));
                if close || all_hold(&g, &known.conditions, &at) != Some(true) {
                    continue;
                }
                if let (Some(before), Some(after)) = (holds(&g, condition, &at), all_hold(&g, &out, &at)) {
                    prop_assert!(before == after, "{text} {r:?} 0 given {given:?} became {shown}: differs at {at:?}");
                }
            }
        }
    }
}
