//! Expressions grown from bytes: a stack machine whose every program makes a readable expression, so that a changed byte changes
//! one place of it.

use arbitrary::{Arbitrary, Unstructured};
use grad::math::{self, Arity};

/// Longer texts show little more and take long.
const LONGEST: usize = 400;

/// The most steps of one program.
const STEPS: usize = 40;

const LEAVES: &[&str] = &["x", "y", "z", "0", "1", "2", "3", "-1", "0.5", "1/2", "1/3", "10", "1e-9", "1e20", "pi", "e"];
const RELATIONS: &[&str] = &["<", "<=", ">", ">=", "==", "!="];

/// What one byte does to the stack. Leaves, operators and calls are drawn more often than the rest.
#[derive(Arbitrary)]
enum Step {
    Leaf(u8),
    Symbol(bool),
    Plus,
    Minus,
    Times,
    Over,
    Power,
    Square,
    Negate,
    Call(u8),
    OtherCall(u8),
    Choice(u8),
    Copy(u8),
    Component(u8),
    Swap,
}

/// An expression in the plain syntax.
pub fn expression(bytes: &[u8]) -> String {
    let mut input = Unstructured::new(bytes);
    let mut stack: Vec<String> = Vec::new();
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        let Ok(step) = Step::arbitrary(&mut input) else { break };
        let made = apply(&mut stack, &step);
        stack.extend(made.filter(|text| text.len() <= LONGEST));
    }
    stack.pop().unwrap_or_else(|| "x".to_owned())
}

/// The number or symbol on top of the stack; `x` where there is none.
fn pop(stack: &mut Vec<String>) -> String {
    stack.pop().unwrap_or_else(|| "x".to_owned())
}

fn operation(stack: &mut Vec<String>, sign: &str) -> Option<String> {
    let (b, a) = (pop(stack), pop(stack));
    Some(format!("({a}){sign}({b})"))
}

fn pick<'t>(from: &[&'t str], at: u8) -> &'t str {
    from[usize::from(at) % from.len()]
}

fn apply(stack: &mut Vec<String>, step: &Step) -> Option<String> {
    match step {
        Step::Leaf(k) => Some(pick(LEAVES, *k).to_owned()),
        Step::Symbol(first) => Some(if *first { "x" } else { "y" }.to_owned()),
        Step::Plus => operation(stack, " + "),
        Step::Minus => operation(stack, " - "),
        Step::Times => operation(stack, "*"),
        Step::Over => operation(stack, "/"),
        Step::Power => operation(stack, "^"),
        Step::Square => Some(format!("({})^2", pop(stack))),
        Step::Negate => Some(format!("-({})", pop(stack))),
        Step::Call(k) | Step::OtherCall(k) => call(stack, usize::from(*k)),
        Step::Choice(k) => {
            let (d, c, b, a) = (pop(stack), pop(stack), pop(stack), pop(stack));
            Some(format!("(if {a} {} {b} then {c} else {d})", pick(RELATIONS, *k)))
        }
        Step::Copy(k) => stack.get(stack.len().checked_sub(1 + usize::from(*k) % 4)?).cloned(),
        Step::Component(k) => {
            let (b, a) = (pop(stack), pop(stack));
            Some(format!("softmax({a}, {b})[{}]", 1 + k % 2))
        }
        Step::Swap => {
            let top = stack.len();
            if top >= 2 {
                stack.swap(top - 1, top - 2);
            }
            None
        }
    }
}

/// A call of a function of the table.
fn call(stack: &mut Vec<String>, k: usize) -> Option<String> {
    let functions: Vec<math::FunctionId> = math::functions().collect();
    let record = functions[k % functions.len()].record();
    let arguments = match record.arity {
        Arity::Exactly(n) => (0..n).map(|_| pop(stack)).collect(),
        Arity::List | Arity::TwoLists => vec![pop(stack), pop(stack)],
    };
    match record.arity {
        Arity::TwoLists => Some(format!("{}([{}], [x, y])", record.name, arguments.join(", "))),
        _ if record.name == "softmax" => Some(format!("softmax({})[1]", arguments.join(", "))),
        _ => Some(format!("{}({})", record.name, arguments.join(", "))),
    }
}
