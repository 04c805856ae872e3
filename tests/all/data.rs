//! Programs on data sets: what they print, and what is said where something is wrong with a file.

use grad::data::Progress;
use grad::front::files::Files;
use grad::render::derivation::Marks;
use grad::render::text;
use grad::session::{NoImports, Options, Session};
use grad::source::Source;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What a program prints that stands in `tests/data`: results and messages, one line each.
fn lines(program: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut files = Files::default();
    // a program of this folder makes its paths relative to it
    files.program(&folder.join("here.grad")).unwrap();
    let mut session = Session::new(Options::default());
    let mut out = Vec::new();
    session.run_each(Source::new("here", program), &mut files, &mut |session, outcome| {
        out.extend(text::outcome(&session.graph, &outcome, Marks::ASCII).lines().map(str::to_owned));
        for diagnostic in &outcome.diagnostics {
            let help = diagnostic.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
            out.push(format!("{}: {}{help}", diagnostic.code.id, diagnostic.message));
        }
    });
    out
}

const FOUR: &str = "data d = \"four.csv\"\n";

fn of_four(program: &str) -> Vec<String> {
    lines(&format!("{FOUR}{program}"))
}

#[test]
fn reductions_have_values() {
    assert_eq!(of_four("count(d)"), ["count(d) = 4"]);
    assert_eq!(of_four("eval [mean(d.x), sum(d.x), mean(d.x*d.y), sum(2)]"), ["[2.5, 10, 10.25, 2]"]);
    assert_eq!(of_four("eval mean((d.x - mean(d.x))^2)"), ["1.25"]);
    assert_eq!(of_four("eval sum(d.x) + 1/3"), ["10.333333333333334"]);
    assert_eq!(of_four("given m = mean(d.x)\neval m^2"), ["6.25"]);
    assert_eq!(of_four("mean(d.x) > 2"), ["true"]);
    assert_eq!(of_four("eval mean([1, 2, 6])"), ["3"]);
    assert_eq!(of_four("eval mean(max(d.x, 2)) + mean(if d.x > 2 and not d.x > 3 then d.y else 0)"), ["3.75"]);
    assert_eq!(of_four("eval mean(sum(i in 1..2: d.x^i))"), ["10"]);
    assert_eq!(of_four("eval mean(softmax([d.x, d.y, d.x])[1] + softmax([d.x, d.y, d.x])[3])*0"), ["0"]);
}

#[test]
fn a_value_whose_rows_lose_their_digits_says_so() {
    let doubtful = |line: &str| line.contains("not verified: in some rows the formula loses digits");
    assert!(doubtful(&of_four("eval mean(sqrt(d.x^2 + 1e20) - 1e10)")[0]));
    assert!(doubtful(&of_four("mean(cos(d.x/1e9)/d.x - 1/d.x)").concat()));
    for harmless in [
        "eval mean(sqrt(d.x^2 + 1))",
        "eval mean(d.x - mean(d.x))",
        "eval mean(1 - exp(-d.x/1e9))",
        "grad mean(tanh(w*d.x)) at w = 40",
    ] {
        let lines = of_four(harmless);
        assert!(!lines.iter().any(|line| doubtful(line)), "{lines:?}");
    }
}

#[test]
fn saturated_slopes_keep_their_digits() {
    let value = |line: &str| line.rsplit(" = ").next().unwrap().parse::<f64>().unwrap();
    let slope = value(&of_four("param w = 20\ngrad mean(tanh(w*d.x))")[0]);
    // mean(x/cosh(20 x)^2) over x = 1, 2, 3, 4 is 1/cosh(20)^2/4 to all its digits
    assert!((slope / (20f64.cosh().powi(-2) / 4.0) - 1.0).abs() < 1e-12, "{slope:e}");
    let moved = of_four("descend mean(tanh(w*d.x)) wrt w at w = 20 with rate = 1e17/4, steps = 1");
    assert!(moved.last().is_some_and(|line| !line.ends_with(" 20")), "{moved:?}");
}

#[test]
fn what_no_row_changes_stands_before_the_reduction() {
    assert_eq!(of_four("simplify mean(2*w*d.x)"), ["2*w*mean(d.x)"]);
    assert_eq!(of_four("simplify mean(w*d.x) - w*mean(d.x)"), ["0"]);
    assert_eq!(of_four("simplify sum(d.x/d.x)"), ["count(d)   where d.x != 0"]);
    assert_eq!(of_four("simplify sum(w + 0*d.x)"), ["w*count(d)"]);
    assert_eq!(of_four("simplify mean(mean(d.x)*d.y)"), ["mean(d.x)*mean(d.y)"]);
    assert_eq!(of_four("mean(d.x*d.y) wrt x").len(), 1);
}

#[test]
fn the_derivative_of_a_reduction_is_a_reduction() {
    assert_eq!(of_four("diff mean((w*d.x - d.y)^2) wrt w"), ["2*mean(d.x*(w*d.x - d.y))"]);
    assert_eq!(of_four("diff sum(d.y - b) wrt b"), ["-count(d) = -4"]);
    assert_eq!(of_four("diff mean(log(w*d.x)) wrt w"), ["1/w   where w*d.x > 0"]);
    assert_eq!(of_four("diff mean(d.x)^2*w wrt w"), ["mean(d.x)^2 = 6.25"]);
    assert_eq!(of_four("diff mean(d.x)*d.x wrt d.x"), ["mean(d.x) = 2.5"]);
    assert_eq!(of_four("diff log(sum(exp(w*d.x))) wrt w"), ["sum(d.x*exp(w*d.x))/sum(exp(w*d.x))"]);
    assert_eq!(of_four("diff mean(d.x^2*w^3) wrt w, w at w = 1"), ["6*w*mean(d.x^2) = 45"]);
    let hessian = of_four("hessian mean((w*d.x + b - d.y)^2) wrt w, b");
    assert_eq!(hessian, ["[2*mean(d.x^2), 2*mean(d.x)] = [15, 5]", "[2*mean(d.x), 2] = [5, 2]"]);
}

#[test]
fn derivations_have_a_step_for_the_rows() {
    let steps = of_four("let err = w*d.x - d.y\nlet loss = mean(err^2)\nderive loss wrt w");
    assert!(steps.iter().any(|line| line.contains("mean over rows")), "{steps:#?}");
    assert!(steps.iter().any(|line| line.starts_with("  = 2*mean(d.x*(w*d.x - d.y))") && line.contains("proved")), "{steps:#?}");
    let steps = of_four("derive sum(log(w*d.x)) + w^2 wrt w");
    assert!(steps.iter().any(|line| line.contains("sum over rows")), "{steps:#?}");
    assert!(steps.iter().filter(|line| line.starts_with("  =")).all(|line| line.contains("ok")), "{steps:#?}");
}

#[test]
fn gradients_agree_with_differences() {
    let program =
        "param w = 0.3, b = -0.1\nlet z = w*d.x + b\nlet loss = mean(-(d.t*log(sigmoid(z)) + (1 - d.t)*log(1 - sigmoid(z))))\n";
    let values = |line: &str| -> f64 { line.rsplit(" = ").next().unwrap().parse().unwrap() };
    let found = of_four(&format!("{program}grad loss"));
    let slopes: Vec<f64> = found.iter().filter(|l| l.starts_with("d/d")).map(|l| values(l)).collect();
    for (name, slope) in ["w", "b"].iter().zip(&slopes) {
        let at = |sign: &str| {
            let base = if *name == "w" { "0.3" } else { "-0.1" };
            of_four(&format!("{program}eval loss at {name} = {base} {sign} 1e-5"))[0].parse::<f64>().unwrap()
        };
        assert!(((at("+") - at("-")) / 2e-5 - slope).abs() < 1e-8, "{name}: {slope}");
    }
    assert_eq!(slopes.len(), 2);
}

/// Derivatives that are told by sweeps have the values of those that are simplified.
#[test]
fn large_models_have_gradients_too() {
    let terms: Vec<String> = (1..=40).map(|k| format!("exp(-(w*d.x - {k})^2)")).collect();
    let program = format!("param w = 0.7\nlet loss = mean((d.y - ({}))^2)\ngrad loss", terms.join(" + "));
    let found = of_four(&program);
    let last = found.iter().find_map(|line| line.rsplit_once(" = ")?.1.parse::<f64>().ok()).unwrap();
    let at = |w: &str| of_four(&format!("{}\neval loss at w = {w}", program.replace("grad loss", "")))[0].parse::<f64>().unwrap();
    assert!(((at("0.7 + 1e-5") - at("0.7 - 1e-5")) / 2e-5 - last).abs() < 1e-6, "{found:?}");
}

#[test]
fn a_row_without_a_value_is_named() {
    assert_eq!(
        of_four("eval mean(log(d.x - 2))"),
        ["E0306: `four.csv`, row 1: log(d.x - 2) is undefined: log(u) needs u > 0, at d.x - 2 = -1; the row has d.x = 1"]
    );
    assert_eq!(
        of_four("param w = 3\ngrad mean(relu(d.x - w))").last().unwrap(),
        "E0306: `four.csv`, row 3: the derivative needs w != d.x; the row has d.x = 3"
    );
    assert_eq!(
        of_four("eval mean(exp(1000*d.x))")[0].split(';').next().unwrap(),
        "E0306: `four.csv`, row 1: exp(1000*d.x) is beyond the largest f64, at 1000*d.x = 1000"
    );
    assert_eq!(of_four("eval mean(1/exp(1000*d.x))"), ["0"]);
}

#[test]
fn columns_outside_of_reductions_are_symbols() {
    assert_eq!(of_four("diff d.x^2 wrt d.x"), ["2*d.x"]);
    assert_eq!(of_four("eval d.x^2 at d.x = 3"), ["9"]);
    assert_eq!(
        of_four("eval d.x^2"),
        [
            "E0302: `d.x` has no value (it is a column: put mean(…) or sum(…) around the expression, or give it a value: at d.x = 1)"
        ]
    );
    assert_eq!(of_four("assume d.x > 0\nsimplify mean(sqrt(d.x^2))\nsimplify sqrt(d.x^2)"), ["mean(d.x)", "d.x"]);
}

#[test]
fn a_second_data_set_of_a_name_leaves_the_first_to_what_uses_it() {
    let program =
        "let m = mean(d.x)\ndata d = \"missing.csv\" with missing = skip\neval m\neval mean(d.x)\nsimplify m - mean(d.x)";
    let found = of_four(program);
    assert_eq!(found[0], "W0601: `d` is defined again; it was a data set");
    assert_eq!(found[1], "2.5");
    assert_eq!(found[2], "3.3333333333333335");
    assert!(found[3].starts_with("W0608: 2 of the 5 rows of `missing.csv` are left out"), "{found:#?}");
    assert_eq!(found.last().unwrap(), "mean(d.x) - mean(d.x)");
}

#[test]
fn rows_with_a_missing_value_are_left_out_of_all_sums_of_a_statement() {
    let program = "data m = \"missing.csv\" with missing = skip\n";
    let of = |text: &str| lines(&format!("{program}{text}"));
    assert_eq!(of("eval mean(m.x)*mean(m.y)")[0], "12");
    assert_eq!(of("eval mean(m.x)")[0], "3.3333333333333335");
    assert_eq!(of("diff sum((m.y - b)*m.x) wrt b")[0], "-sum(m.x) = -6");
    assert_eq!(of("eval count(m)"), ["5"]);
    // b does not meet the rows that are left out of the loss
    let found = of("param b = 1\ngrad sum((m.y - b)^2 + 0*m.x)");
    assert_eq!(found[0], "d/db = 2*sum(b - m.y) = -12");
}

#[test]
fn wrong_programs_and_files_are_told() {
    let table = [
        ("data q = \"absent.csv\"", "E0506: `absent.csv` cannot be used: there is no such file"),
        ("data q = \"norows.csv\"", "E0506: `norows.csv` cannot be used: it has a line of names, and no rows"),
        ("data q = \"four.csv\" with missing = drop", "E0219: `missing` is one of skip, error"),
        ("data q = \"four.csv\" with colour = red", "E0219: there is no setting `colour` here (its settings are: missing)"),
        (
            "data q = \"ragged.csv\"\neval mean(q.x)",
            "E0506: `ragged.csv`, line 4 (row 2): the row has 1 value, and there are 2 columns",
        ),
        (
            "data q = \"text.csv\"\neval mean(q.y)",
            "E0507: `text.csv`, line 3 (row 2), column y: `oops` is no number (a column that is used holds numbers, true or false)",
        ),
        (
            "data q = \"missing.csv\"\neval mean(q.x)",
            "E0507: `missing.csv`, line 3 (row 2), column x: a value is missing (fill it in, or leave such rows out: data … = \"…\" with \
             missing = skip)",
        ),
        (
            "data q = \"quoted.csv\"\nq.petal_lenght",
            "E0217: `q` has no column `petal_lenght` (did you mean `petal_length`? its columns are: x, name, petal_length (for `petal \
             length`), y; `_` stands for what cannot stand in a name)",
        ),
        (
            "data q = \"four.csv\"\nmean(q.x*d.x)",
            "E0222: this mean has columns of two data sets, `q` and `d` (reduce the columns of one of them first, as in mean(q.…*mean(d.…)))",
        ),
        ("count(x)", "E0217: `count` takes the name of a data set (write count(d) for its number of rows)"),
        (
            "d + 1",
            "E0217: `d` is a data set, and a number is needed (name a column, such as `d.x`, or write `count(d)` for the number of rows)",
        ),
        ("data q = \"absent.csv\"\nq.x", "E0221: `q` has no columns: its definition has an error"),
        ("data q = \"absent.csv\"\ncount(q)", "E0221: `q` has no columns: its definition has an error"),
        ("dd.x", "E0217: there is no data set `dd`, so `x` has no column (did you mean `d.x`?)"),
        (
            "eval mean(d.x) with digits = 30",
            "E0219: a mean or sum over rows is computed in f64, and has no exact value here (leave out `exact` and `digits`)",
        ),
        (
            "stable mean(log(1 + exp(w*d.x)))",
            "E0217: `stable` looks at the arithmetic of one row (write what stands inside of the mean or sum)",
        ),
        ("mean(w*d.x) < 1", "mean(w*d.x) < 1"),
    ];
    for (program, expected) in table {
        assert_eq!(of_four(program).last().map(String::as_str), Some(expected), "{program}");
    }
}

#[test]
fn without_files_data_is_refused() {
    let outcomes = Session::new(Options::default()).run(Source::new("source", "data d = \"four.csv\""), &mut NoImports);
    let told = &outcomes[0].diagnostics[0];
    assert_eq!(told.message, "`four.csv` cannot be read: there are no files here to read from");
}

/// Somebody who is slow to take note of what was read.
#[derive(Debug)]
struct Slow(Duration);

impl Progress for Slow {
    fn advance(&self, _: &str, _: u64, _: u64) {
        std::thread::sleep(self.0);
    }

    fn steps(&self, _: u64, _: u64) {}
    fn finish(&self) {}
}

/// The time of reading a file is not that of the statement.
#[test]
fn a_long_read_leaves_the_statement_its_time() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut files = Files::default();
    files.program(&folder.join("here.grad")).unwrap();
    let limit = Duration::from_secs(2);
    let progress: Option<Arc<dyn Progress>> = Some(Arc::new(Slow(limit + Duration::from_millis(100))));
    let mut session = Session::new(Options { time: Some(limit), progress, ..Options::default() });
    let outcomes = session.run(Source::new("here", format!("{FOUR}eval mean(sqrt(d.x^2 + 1))")), &mut files);
    assert!(outcomes.iter().all(|outcome| outcome.diagnostics.is_empty()), "{outcomes:?}");
}

/// A layer within a mean has a value for each row, and no place in a chain of numbers: the whole is one link.
#[test]
fn a_flow_through_a_mean_is_its_slope() {
    let program = "param w = 1/2, u = 2\nlet z = w*d.x\nlet loss = mean((u*tanh(z) - d.y)^2)\n";
    let slope = of_four(&format!("{program}grad loss wrt w"));
    let slope = slope.last().unwrap().rsplit(" = ").next().unwrap();
    assert_ne!(slope.parse::<f64>().unwrap(), 0.0);
    let flow = of_four(&format!("{program}flow loss wrt w"));
    assert!(flow[0].ends_with("w -> loss"), "{flow:?}");
    assert!(flow.contains(&format!("  dloss/dw = {slope}")), "{flow:?}");
}
