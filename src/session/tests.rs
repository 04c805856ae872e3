//! Programs run whole: what they print, what they refuse, what they keep.

use super::*;
use crate::render::{derivation::Marks, text};

/// What a program prints, and the codes of its messages.
fn told(program: &str) -> Vec<String> {
    let mut session = Session::new(Options::default());
    let mut lines = Vec::new();
    session.run_each(Source::new("t", program), &mut NoImports, &mut |session, outcome| {
        lines.extend(text::outcome(&session.graph, &outcome, Marks::ASCII).lines().map(str::to_owned));
        lines.extend(outcome.diagnostics.iter().map(|d| d.code.id.to_owned()));
    });
    lines
}

#[test]
fn later_statements_run_after_a_bad_one() {
    assert_eq!(told("x + x\nx + * 2\nnope(x)\n1 + 1"), ["2*x", "E0101", "E0201", "2"]);
}

#[test]
fn a_statement_that_fails_changes_nothing() {
    assert_eq!(told("param a = 1, b = nope(2)\na + 0"), ["E0201", "E0221"]);
    assert_eq!(told("let a = 1; let a = x/; a + 0").last().map(String::as_str), Some("1"));
    assert_eq!(told("y = x^2\ndiff(y, x)"), ["E0114", "E0221"]);
    assert_eq!(told("f(x) = x^2\nf(3)"), ["E0114", "E0221"]);
    assert_eq!(told("fn f(x) = f(x) + 1\nf(2)"), ["E0205", "E0221"]);
    assert_eq!(told("let a = 1; a = 2; a + 0"), ["E0114", "1"]);
}

#[test]
fn parameters_inputs_and_points_have_values() {
    assert_eq!(told("param w = 2\ngiven x = 3\nlet z = w*x\nz\nz at x = 5\neval z"), ["w*x = 6", "w*x = 10", "6"]);
    assert_eq!(told("let z = x^2\neval z + 1 at z = 3"), ["4"]);
    assert_eq!(told("eval x + y at x = 1"), ["E0302"]);
    assert_eq!(told("eval x at x = 1, y = 2"), ["1", "W0602"]);
}

#[test]
fn a_derivative_inside_an_expression_keeps_its_conditions() {
    assert_eq!(told("x*diff(log(x), x)"), ["1   where x > 0"]);
    assert_eq!(told("if x > 0 then diff(log(x), x) else 0").len(), 1);
    assert_eq!(told("let d = diff(exp(x), x)\nd"), ["exp(x)"]);
    assert_eq!(told("fn f(u) = exp(2u)\nf'(0)"), ["2"]);
}

#[test]
fn slips_and_redefinitions_are_warned_of_once() {
    assert_eq!(told("let loss = x^2\nlos + 1\nlos + 2"), ["los + 1", "W0603", "los + 2"]);
    assert_eq!(told("let a = x\nlet b = a\nlet a = y\nb"), ["W0601", "x"]);
    assert_eq!(told("let abc = x\ndiff ab*x wrt ab"), ["x"]);
}

#[test]
fn clauses_that_mean_nothing_are_refused() {
    assert_eq!(told("simplify x wrt x"), ["E0218"]);
    assert_eq!(told("derive x wrt x with colour = red"), ["E0219"]);
    assert_eq!(told("derive x wrt x with detail = loud"), ["E0219"]);
    assert_eq!(told("diff x*y"), ["E0220"]);
    assert_eq!(told("diff x^2"), ["2*x"]);
}

#[test]
fn assertions_hold_or_say_where_they_do_not() {
    assert!(
        told("assert (x + 1)^2 == x^2 + 2x + 1\nassert exp(x) > 0\nassert 0.1 + 0.2 == 0.3\nassume x > 1\nassert x > 0")
            .is_empty()
    );
    assert_eq!(told("assert x > 0"), ["E0303"]);
    assert_eq!(told("assert x == x + 1"), ["E0303"]);
    assert_eq!(told("assert 1 == 1.1"), ["E0303"]);
    assert!(told("assert 1 == 1.1 within 0.2").is_empty());
}

#[test]
fn a_chain_of_many_stages_is_quick() {
    let mut program = String::from("let z0 = x\n");
    for k in 1..3000 {
        program += &format!("let z{k} = z{} + 1\n", k - 1);
    }
    assert_eq!(told(&(program + "eval z2999 at x = 1")), ["3000"]);
}

/// `let` stages of `h = x*log(1 + exp(h))`.
fn chain(stages: usize) -> String {
    let stage = |k: usize| format!("let h{k} = x*log(1 + exp(h{}))\n", k - 1);
    "let h0 = x\n".to_owned() + &(1..=stages).map(stage).collect::<String>()
}

#[test]
fn derivatives_of_large_expressions_are_answered_in_a_few_lines() {
    let value = "d/dx = 1.392832591083211";
    let size = "not simplified: it has 1600 operations and leaves, shared ones counted once";
    assert_eq!(told(&(chain(200) + "grad h200 at x = 0.5")), [value, size]);
    let shown = told(&(chain(2_000) + "diff h2000 wrt x"));
    assert!(shown.len() < 30 && shown.iter().all(|line| line.len() < 300), "{shown:?}");
    assert!(shown[0].starts_with("d/dx = ") && shown[1].starts_with("  where t1 = "), "{shown:?}");
    let sum: Vec<String> = (0..400).map(|k| format!("log(1 + exp({k}*x + y))")).collect();
    let program = format!("let f = {}\nhessian f wrt x, y\njacobian [f, x] wrt x, y", sum.join(" + "));
    let shown = told(&program);
    let heads: Vec<&str> =
        shown.iter().filter_map(|line| line.split(" = ").next()).filter(|head| head.starts_with('d')).collect();
    let both = ["d/dx of entry 1", "d/dy of entry 1", "d/dx of entry 2", "d/dy of entry 2"];
    assert_eq!(heads, [&["d^2/dx dx", "d^2/dx dy", "d^2/dy dy"][..], &both].concat());
    let second = told(&format!("let f = {}\ndiff f wrt x, x at x = 0, y = 0", sum.join(" + ")));
    assert_eq!(second[0], "d^2/dx dx = 5313350");
    // a kink is no slope, however large the expression
    let kinked =
        told(&format!("let f = abs(x) + {}\ndiff f wrt x at x = 0, y = 0\nhessian f wrt x at x = 0, y = 0", sum.join(" + ")));
    assert!(kinked.iter().filter(|line| line.contains("dx = nan: ")).count() == 2, "{kinked:?}");
}

struct Folder(Vec<(&'static str, &'static str)>);

impl Loader for Folder {
    fn load(&mut self, _: &str, path: &str) -> Result<Source, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(name, text)| Source::new(*name, *text)).ok_or_else(|| "there is no such file".into())
    }
}

#[test]
fn imports_define_and_do_not_print() {
    let run = |files: Vec<(&'static str, &'static str)>| {
        let mut session = Session::new(Options::default());
        let outcomes = session.run(Source::new("main", files[0].1), &mut Folder(files));
        let print = |o: &Outcome| text::outcome(&session.graph, o, Marks::ASCII);
        outcomes.iter().map(|o| print(o) + &o.diagnostics.iter().map(|d| d.code.id).collect::<String>()).collect::<String>()
    };
    assert_eq!(run(vec![("main", "import \"a\"\nf(2)"), ("a", "fn f(x) = x^2\nf(3)")]), "4\n");
    assert_eq!(run(vec![("main", "import \"a\""), ("a", "import \"b\""), ("b", "import \"a\"")]), "E0504E0503E0503");
    assert_eq!(run(vec![("main", "import \"main\"")]), "E0504");
    assert_eq!(run(vec![("main", "import \"gone\"")]), "E0503");
    assert_eq!(run(vec![("main", "import \"a\"\nf(exp)"), ("a", "fn f(x) = x")]), "E0203");
}

#[test]
fn a_value_is_the_nearest_f64_whatever_is_typed() {
    assert_eq!(told("eval exp(x) - 1 at x = 1e-17"), ["1e-17", "W0606"]);
    assert_eq!(told("eval x - 1/10 at x = 0.1"), ["0"]);
    assert_eq!(told("eval sin(x) at x = pi")[0], "0");
    assert_eq!(told("given x = pi/2\ncos(x)")[0], "cos(x) = 0");
    assert_eq!(told("let p = sigmoid(z)\ngrad -log(1 - p) wrt z at z = 50"), ["d/dz = sigmoid(z) = 1", "W0606"]);
    assert_eq!(told("hessian log(exp(x) + exp(y)) wrt x, y at x = 1000, y = 1000")[1], "    = [0.25, -0.25]");
}

#[test]
fn a_number_is_had_plain_exact_or_in_digits() {
    assert_eq!(
        told("eval exp(x) - 1 at x = 1e-17 with plain = true"),
        ["0: the terms of exp(x) - 1 cancel: no digit is left, at exp(x) = 1"]
    );
    assert_eq!(told("eval log(8)/log(2) with exact = true"), ["3"]);
    assert_eq!(told("eval sin(x) at x = pi/6 with exact = true"), ["1/2"]);
    assert_eq!(told("eval sqrt(2)*x at x = 1/3 with exact = true"), ["sqrt(2)/3 = 0.4714045207910317"]);
    assert_eq!(told("eval 2*pi with digits = 12"), ["6.28318530718"]);
    assert_eq!(told("eval sin(1)^2 + cos(1)^2 - 1 with digits = 5"), ["0"]);
    assert_eq!(told("eval pi with digits = 0"), ["E0219"]);
    assert_eq!(told("eval pi with digits = 5, plain = true"), ["E0219"]);
    assert_eq!(told("eval pi with digits = 5, plain = false"), ["3.1416"]);
    assert_eq!(told("eval exp(1000) with digits = 4"), ["1.970e434"]);
    assert_eq!(told("eval exp(1000)"), ["inf: exp(1000) is beyond the largest f64; it is about 1.97e434", "W0609"]);
    assert_eq!(told("eval 0.5^2000"), ["0: it is about 8.71e-603, below the smallest f64"]);
    assert_eq!(told("eval x - x at x = 2"), ["0"]);
}

#[test]
fn assumptions_stand_with_what_was_found_under_them() {
    let last = |program: &str| told(program).pop().unwrap_or_default();
    assert_eq!(last("derive log(x*y) wrt x assuming x > 0, y > 0").trim(), "where x > 0, y > 0, as assumed; smooth there");
    assert_eq!(last("derive log(x)*y wrt x assuming y > 0").trim(), "where x > 0, and y > 0, as assumed; smooth there");
    assert_eq!(last("derive x^2 wrt x assuming y > 0").trim(), "every real x; smooth");
    assert_eq!(last("simplify abs(x) assuming x > 0 with detail = normal").trim(), "where x > 0, as assumed");
}

#[test]
fn a_table_names_the_column_that_is_too_small() {
    let told = told("table [x, 0.5^x] for x in 1000..3000 with step = 1000").join("\n");
    assert!(told.ends_with("0.5^x is about 8.71e-603, below the smallest f64, at x = 2000, and in 1 more place"), "{told}");
}

#[test]
fn what_cannot_be_verified_says_so() {
    let sum = told("eval sum(i in 1..5000: sin(i))");
    assert!(sum[0].contains("not verified"), "{sum:?}");
}

/// No enclosure tells two equal irrational numbers apart or together: their forms do.
#[test]
fn equal_numbers_are_seen_to_be_equal() {
    for equal in ["sqrt(2)^2 == 2", "sin(pi) == 0", "cos(pi/2) == 0", "sqrt(2)*sqrt(3) == sqrt(6)", "not sin(pi) != 0"] {
        assert_eq!(told(equal), ["true"], "{equal}");
        assert_eq!(told(&format!("eval {equal}")), ["true"], "{equal}");
    }
    assert_eq!(told("sqrt(2)^2 < 2"), ["false"]);
    assert_eq!(told("x^2 == 2 at x = sqrt(2)"), ["true"]);
    assert_eq!(told("sin(pi) == 0 and sqrt(2) > 1.5"), ["false"]);
    assert_eq!(told("eval if sqrt(2)^2 == 2 then 1 else 0"), ["1"]);
}

#[test]
fn a_number_with_a_pole_stays_as_it_was_typed() {
    assert_eq!(told("simplify tan(pi/2)"), ["tan(pi/2)   defined nowhere"]);
    assert_eq!(told("domain tan(pi/2)"), ["defined nowhere"]);
    assert_eq!(told("x + tan(pi/2)"), ["x + tan(pi/2)   defined nowhere"]);
    assert!(told("tan(pi/2)")[0].starts_with("tan(pi/2) = nan: tan(pi/2) has a pole"));
    assert!(told("1/sin(pi)")[0].starts_with("1/sin(pi) = "));
    assert_eq!(told("eval x*tan(x) at x = pi/2")[1..], ["W0609"]);
}

#[test]
fn a_variable_that_does_not_occur_is_told_in_either_form() {
    assert_eq!(told("diff(x^2, y)"), ["0", "W0604"]);
    assert_eq!(told("diff(diff(3*x, x), x)"), ["0"]);
    assert_eq!(told("let z = x^2\ndiff(z, x)"), ["2*x"]);
    assert_eq!(told("let z = x^2\ndiff(3*z, z)"), ["3"]);
    assert_eq!(told("let z = x^2\nd/dz (3*z)"), ["3"]);
}

#[test]
fn a_slope_that_is_a_number_is_missing_at_a_kink() {
    assert_eq!(told("hessian abs(x) wrt x at x = 0").last().map(String::as_str), Some("W0609"));
    let tie = told("hessian max(x, y) wrt x, y at x = 1, y = 1");
    let without_values = |row: &&String| row.matches("nan: ").count() == 2;
    assert_eq!(tie.iter().filter(without_values).count(), 2, "{tie:?}");
    assert!(told("diff sign(x) wrt x at x = 0")[0].contains("nan"));
    assert_eq!(told("diff 3*x wrt x at x = 0"), ["3"]);
}

/// Of a value that is 0 no digit can be lost: that it is rounded to something else is no overflow.
#[test]
fn an_expression_that_is_zero_fails_nowhere() {
    let lines = told("stable log(sqrt(x)) - log(x)/2");
    assert_eq!(lines[0], "0   where x > 0");
    assert!(!lines.iter().any(|line| line.contains("gives") || line.contains("inf")), "{lines:?}");
}

/// What is proved of an equality holds where both sides have a value.
#[test]
fn assertions_tell_where_the_domains_differ() {
    assert_eq!(told("assert x/x == 1"), ["W0605"]);
    assert_eq!(told("assert x + x == 2*x"), Vec::<String>::new());
    assert_eq!(told("assume x > 0\nassert x/x == 1"), Vec::<String>::new());
}

#[test]
fn where_there_is_no_value_no_number_is_shown() {
    assert_eq!(told("x/x at x = 0"), ["1 = nan: x/x is undefined: 0/0 has no value, at x = 0   where x != 0", "W0609"]);
    assert!(told("elasticity x^2 wrt x at x = 0")[0].contains("nan: "));
}

#[test]
fn settings_take_whole_numbers_in_any_form() {
    assert!(!told("descend x^2 with steps = 1e3 at x = 1").iter().any(|line| line == "E0219"));
    assert_eq!(told("descend x^2 with steps = 1.5 at x = 1"), ["E0219"]);
}

/// The smallest number of 64 bits has no opposite among them.
#[test]
fn the_largest_exponents_are_no_fault() {
    for power in ["9223372036854775808", "(-9223372036854775808)", "(-9223372036854775807)"] {
        for program in [
            "simplify cos(x)^$",
            "eval x^$ at x = 2",
            "diff x^$ wrt x",
            "stable sin(x)^$",
            "expand (x*y)^$",
            "diff(x^$*exp(x), x, 6)",
        ] {
            let lines = told(&program.replace('$', power));
            assert!(!lines.iter().any(|line| line == "E0406"), "{program}: {lines:?}");
        }
    }
}
