//! Inputs that once took too long or too much memory, stopped the program, or were answered wrongly.

use super::process::run_with;
use grad::outcome::Answer;
use grad::session::{Ask, NoImports, Options, Query, Session};
use grad::source::Source;
use std::time::{Duration, Instant};

/// Runs a program in a session of its own; says how many statements failed.
fn failures(program: &str) -> usize {
    let mut session = Session::new(Options::default());
    session.run(Source::new("test", program), &mut NoImports).iter().filter(|o| o.is_error()).count()
}

/// Far above what the inputs need without optimisation, far below what they once took.
const LONGEST: Duration = Duration::from_secs(30);

fn answered(program: &str) {
    let began = Instant::now();
    assert_eq!(failures(program), 0, "{program}");
    assert!(began.elapsed() < LONGEST, "{:?} for {program}", began.elapsed());
}

#[test]
fn a_shared_power_is_simplified_without_being_printed() {
    let squares: String = (0..64).map(|k| format!("let t{} = t{k}*t{k}\n", k + 1)).collect();
    answered(&format!("let t0 = x + y\n{squares}simplify t64\n"));
}

#[test]
fn a_sum_doubled_sixty_times_is_derived() {
    let sums: String = (0..60).map(|k| format!("let a{} = a{k} + a{k}\n", k + 1)).collect();
    answered(&format!("let a0 = x\n{sums}simplify a60\nderive a60 wrt x\n"));
}

/// What cancels in an argument of a maximum takes its domain along.
#[test]
fn a_derivative_says_the_domain_of_what_cancels() {
    let mut session = Session::new(Options::default());
    let expression = "max((if x < 1 then y else x) + (log(x) - log(x)), y)";
    let query = Query { expression, assume: &[], at: &[], ask: Ask::Diff(vec!["x".into()]) };
    let Answer::Formula(found) = session.ask(&query).unwrap() else { panic!("no formula") };
    let positive = grad::resolve::formula(&mut session.graph, "x > 0").unwrap();
    assert!(found.conditions.contains(&positive));
}

/// What a slope of a slope needs is told once: the conditions of the first derivation are no alternatives to those of the next.
#[test]
fn conditions_of_repeated_derivatives_stay_short() {
    let cases = [
        ("diff(x^p, x, 3)", "x > 0 or integer(p) and (x != 0 or p >= 3)"),
        ("diff(x^(1 - a), x, 2)", "x > 0 or integer(a) and (x != 0 or a <= -1)"),
        ("diff(d/dx((x^p)^q), x)", "x > 0 or integer(p), x^p > 0 or integer(q)"),
        (
            "diff(d^2/dx^2(x^p)^(l/i), x)",
            "x > 0 or integer(p) and (x != 0 or p >= 3), x^p > 0 or integer(l/i) and (x^p != 0 or l/i >= 3), x != 0",
        ),
    ];
    for (expression, expected) in cases {
        let mut session = Session::new(Options::default());
        let query = Query { expression, assume: &[], at: &[], ask: Ask::Simplify };
        let Answer::Simplified { formula, .. } = session.ask(&query).unwrap() else { panic!("no formula") };
        let shown: Vec<String> = formula.conditions.iter().map(|c| grad::expr::print::plain(&session.graph, *c)).collect();
        assert_eq!(shown.join(", "), expected, "{expression}");
    }
}

/// Sums of calls and components, exponentials and numbers have one order; sorting them once stopped the program.
#[test]
fn terms_of_every_kind_are_sorted() {
    answered("diff softmax(tan(x)*x, x*log(1 + x))[2] wrt x\n");
    answered("diff (sin(softmax(x, x, 1)[3]) + csc(x))*(x + 2)/(1/((sin(softmax(x, x, 1)[3]) + csc(x))*(x + 2))) wrt x\n");
}

/// The root of a power with a symbol above is not the power with half of it: at x = -1 one is 1 and the other -1.
#[test]
fn a_root_of_a_power_keeps_its_sign() {
    for expression in ["y + sqrt((x^x)^2)", "x + ((x^x)^2)^(1/2)", "y + sqrt(x^x) - x^(x/2)"] {
        let mut session = Session::new(Options::default());
        let query = Query { expression, assume: &[], at: &[], ask: Ask::Simplify };
        let Answer::Simplified { formula, .. } = session.ask(&query).unwrap() else { panic!("no formula") };
        let shown = grad::expr::print::plain(&session.graph, formula.id);
        assert!(shown.contains("sqrt"), "{expression} -> {shown}");
    }
}

/// The quotient of two numbers of a million digits is not reduced to tell its first digits.
#[test]
fn a_number_of_a_million_digits_shows_its_first_ones() {
    answered("eval 2^4000000 with digits = 60\n");
    answered("eval c^c^22 at c = -2\n");
}

/// A mebibyte of ambiguous products is refused: each message once quoted all that stood before it.
#[test]
fn a_long_line_of_ambiguous_products_is_refused() {
    let began = Instant::now();
    assert!(failures(&"1/2x".repeat(250_000)) > 0);
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
}

/// Of many messages the first are drawn, the rest said in a line each.
#[test]
fn not_all_of_many_messages_are_drawn() {
    let err = run_with(&["-"], "import \"none.grad\"\n".repeat(1_000).as_bytes()).err;
    assert_eq!(err.matches('╭').count(), 200);
    assert!(err.matches("E0503").count() == 1_000 && err.lines().last().is_some_and(|line| line.contains("1000")), "{err}");
}

/// What passes a slope on, as signs do, was opened on the stack, however many of them stood inside one another.
#[test]
fn many_signs_take_no_room_on_the_stack() {
    let program = format!("derive ({}x) wrt x", "-".repeat(250));
    let small = std::thread::Builder::new().stack_size(1 << 17);
    small.spawn(move || answered(&program)).unwrap().join().unwrap();
}

/// Numbers of a million digits were added, reduced and printed in seconds: the limit of their bits is lower now.
#[test]
fn numbers_of_a_million_digits_are_refused_or_stay_powers() {
    for program in ["7777777 - 777E1070781", "x + 1e-1000000", "(777E1070781*x + 3)^2", "hessian 1/(x - 777E1070781) wrt x"] {
        assert_eq!(failures(program), 1, "{program}");
    }
    answered("eval log(x + sqrt(x^2^21)) at x = 1/2 with digits = 50");
    answered("x + 0.00001e-100000 - 3/7");
}

/// A state on the way to a shorter form may divide by what is 0 somewhere: it is not shown, the form is.
#[test]
fn a_state_that_needs_more_is_no_step() {
    let smaller = "min(min(x, -x), x)";
    for power in [2, 3] {
        answered(&format!("simplify (x/x^{smaller})^{power}\n"));
    }
    answered(&format!("simplify softmax(x, (x/x^{smaller})^2)[2]*y\n"));
}
