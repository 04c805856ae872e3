//! Conversations without a terminal.

use super::*;
use std::cell::RefCell;
use std::rc::Rc;

struct Talk {
    repl: Repl,
    heard: Rc<RefCell<String>>,
}

fn talk() -> Talk {
    let heard = Rc::new(RefCell::new(String::new()));
    let ear = heard.clone();
    let out = Box::new(move |text: &str| {
        ear.borrow_mut().push_str(text);
        Ok(())
    });
    let setup =
        Setup { time: PATIENCE, memory: 1 << 30, limits: Limits::default(), form: Form::Text, color: false, quiet: false };
    let options = Options { warns_of_redefinition: false, is_conversation: true, ..Options::default() };
    Talk { repl: Repl::new(options, &setup, out), heard }
}

impl Talk {
    /// What is answered to a line.
    fn say(&mut self, line: &str) -> String {
        self.heard.borrow_mut().clear();
        self.repl.line(line);
        self.heard.borrow().clone()
    }
}

#[test]
fn results_have_numbers_that_can_be_used() {
    let mut talk = talk();
    assert_eq!(talk.say("x + x"), "_1 = 2*x\n");
    assert_eq!(talk.say("ans + 1"), "_2 = 2*x + 1\n");
    assert_eq!(talk.say("_1*ans"), "_3 = 2*x*(2*x + 1)\n");
    assert_eq!(talk.say("1/3"), "_4 = 1/3\n");
    assert_eq!(talk.say("assert 1 == 1"), "");
    assert_eq!(talk.say("1 < 2"), "true\n");
    assert_eq!(talk.say("grad x*y wrt x, y"), "_5: d/dx = y\n    d/dy = x\n");
    assert_eq!(talk.say("_5[2]"), "_6 = x\n");
}

#[test]
fn a_descent_leaves_its_end_as_a_result() {
    let mut talk = talk();
    talk.say("param w = 3");
    talk.say("descend (w - 1)^2 with rate = 0.25, steps = 2");
    assert_eq!(talk.say("ans"), "_2 = 1.5\n");
    assert_eq!(talk.say("eval w"), "_3 = 3\n");
    talk.say("descend (w - 1)^2 with rate = 0.25, steps = 2, keep = true");
    assert_eq!(talk.say("eval w + 0"), "_5 = 1.5\n");
    assert_eq!(talk.say("_1 + _4"), "_6 = 3\n");
}

#[test]
fn a_result_outlives_the_names_in_it() {
    let mut talk = talk();
    talk.say("let z = x^2");
    talk.say("diff sin(z)*y wrt y");
    let before = talk.say("diff ans wrt x");
    assert_eq!(talk.say("let z = x^3"), "");
    assert_eq!(talk.say("diff _1 wrt x").split_once('=').unwrap().1, before.split_once('=').unwrap().1);
    assert_eq!(talk.say("let ans = 7"), "");
    assert_eq!(talk.say("ans"), "_4 = 7\n");
}

#[test]
fn a_function_keeps_the_result_that_it_names() {
    let mut talk = talk();
    talk.say("let z = 3*y");
    talk.say("z + 0");
    assert_eq!(talk.say("fn f(t) = ans*t + _1"), "");
    talk.say("x + 7");
    assert_eq!(talk.say("f(2)"), "_3 = 9*y\n");
    talk.say("let z = 5");
    assert_eq!(talk.say("f(2)"), "_4 = 9*y\n");
    assert_eq!(talk.say("fn g(ans) = ans + 1"), "");
    assert_eq!(talk.say("g(1)"), "_5 = 2\n");
}

#[test]
fn a_result_keeps_its_conditions() {
    let mut talk = talk();
    assert_eq!(talk.say("simplify x/x"), "_1 = 1   where x != 0\n");
    assert_eq!(talk.say("ans + 1"), "_2 = 2   where x != 0\n");
}

#[test]
fn a_line_that_fails_changes_nothing() {
    let mut talk = talk();
    talk.say("let a = 1; param w = 2; assume x > 0; fn f(t) = t^2");
    let before = (talk.say(":vars"), talk.say(":assumptions"));
    for line in [
        "let a = 1/2x",
        "let a = nope(2)",
        "param w = 3, v = nope(2)",
        "given w = q",
        "assume y > 0, nope(y) > 1",
        "fn f(t) = nope(t)",
        "fn f(t) = f(t)",
        "let e = 3",
        "import \"not-there.grad\"",
        "data d = \"not-there.csv\"",
        "let b = ",
        "diff nope(x) wrt x",
    ] {
        let said = talk.say(line);
        assert!(said.contains("error["), "{line}: {said}");
        assert_eq!((talk.say(":vars"), talk.say(":assumptions")), before, "{line}");
    }
    assert_eq!(talk.say("b + 0"), "_1 = b\n");
}

#[test]
fn an_import_that_fails_changes_nothing() {
    let folder = std::env::temp_dir().join(format!("grad-repl-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("half.grad"), "let kept = 1\nlet bad = nope(1)\n").unwrap();
    std::fs::write(folder.join("main.grad"), "import \"half.grad\"\n").unwrap();
    let mut talk = talk();
    assert!(talk.say(&format!(":load {}", folder.join("main.grad").display())).contains("error["));
    assert_eq!(talk.say(":vars"), "nothing is defined yet\n");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn messages_stand_under_the_line() {
    let mut talk = talk();
    let said = talk.say("diff sine(x) wrt x");
    assert!(said.starts_with("           ^^^^ not known\nerror[E0201]: there is no function `sine`\n"), "{said}");
    assert!(said.ends_with("  help: did you mean `sin`?\n  try:  diff sin(x) wrt x\n"), "{said}");
    let said = talk.say("1 + 1; sine(x)");
    assert!(said.contains("_1 = 2\n  1 + 1; sine(x)\n         ^^^^ not known\n"), "{said}");
}

#[test]
fn steps_fold_and_unfold() {
    let mut talk = talk();
    assert!(talk.say(":steps").contains("no derivation yet"));
    let said = talk.say("derive sin(x^2)*exp(x) wrt x");
    assert!(said.starts_with("_1: d/dx ") && said.contains("\n1 │ "), "{said}");
    let steps = talk.say(":steps");
    assert_eq!(steps.lines().count(), said.lines().count(), "{steps}");
    let why = talk.say(":why 1");
    assert!(why.starts_with("step 1 ") && why.contains("compared at") || why.contains("proved"), "{why}");
    assert!(talk.say(":why 99").starts_with("the steps are 1 to "));
    assert!(talk.say(":why x").contains("has a number"));
    talk.say(":detail brief");
    assert!(!talk.say(":steps").contains('│'));
    talk.say(":format ascii");
    assert!(talk.say(":steps").is_ascii());
}

#[test]
fn a_chain_points_to_its_links() {
    let mut talk = talk();
    talk.say("let z = w*x + b; let p = sigmoid(z); let loss = -(y*log(p) + (1 - y)*log(1 - p))");
    let said = talk.say("derive loss wrt w");
    assert!(said.contains("(:why 1)"), "{said}");
    let why = talk.say(":why 1");
    assert!(why.contains("1.1 ") && why.contains("1.2 "), "{why}");
    assert!(talk.say(":why 1.1").starts_with("step 1.1 "));
}

#[test]
fn commands_are_found_or_suggested() {
    let mut talk = talk();
    assert_eq!(talk.say(":hlep"), "there is no `:hlep`; did you mean `:help`?\n");
    assert_eq!(talk.say(":xyzzy"), "there is no `:xyzzy`; `:help` lists the commands\n");
    assert!(talk.say(":help").lines().count() <= 24);
    assert!(talk.say(":help E0101").starts_with("E0101"));
    assert!(talk.say(":help :why").starts_with(":why N"));
    assert!(talk.say(":doc softplus").contains("log(1 + exp("));
    assert_eq!(talk.say(":doc sine"), "there is no function `sine`; did you mean `sin`?\n");
    assert!(talk.say(":rules softplus").contains("softplus"));
    assert_eq!(talk.say("quit"), ":quit or Ctrl-D leaves\n");
    assert_eq!(talk.repl.line(":quit"), Flow::Leave);
    assert!(talk.say(":vars 1").contains("stands alone"));
}

#[test]
fn a_conversation_is_saved_as_a_program() {
    let file = std::env::temp_dir().join(format!("grad-save-{}.grad", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let mut talk = talk();
    talk.say("let a = 2");
    talk.say("diff a*x^2 wrt x");
    talk.say("nope(");
    talk.say("ans + 1");
    assert!(talk.say(&format!(":save {}", file.display())).starts_with("3 statements in "));
    assert!(talk.say(&format!(":save {}", file.display())).contains("is there already"));
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("\n_1 + 1\n"));
    assert_eq!(talk.say(":reset"), "everything is forgotten\n");
    assert!(talk.say(&format!(":load {}", file.display())).ends_with("= 4*x + 1\n"));
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn json_and_time_can_be_asked_for() {
    let mut talk = talk();
    assert!(talk.say(":time x + x").contains("_1 = 2*x\ntook "));
    talk.say(":time on");
    assert!(talk.say("x").contains("took "));
    talk.say(":time off");
    talk.say(":format json");
    assert!(talk.say("x").starts_with("{\"command\":\"expression\""));
    assert!(talk.say(":format xml").contains("text, ascii or json"));
}

#[test]
fn a_derivation_is_checked_line_by_line() {
    let mut talk = talk();
    assert_eq!(talk.say("check d/dx (x^2*exp(3x))"), "write the next line, beginning with `=`\n");
    assert_eq!(talk.say(":hint"), "    hint: the product rule for x^2*exp(3*x)\n");
    assert_eq!(talk.say("= d/dx(x^2)*exp(3x) + x^2*d/dx(exp(3x))"), "✓ right so far\n");
    let wrong = talk.say("  = 2x*exp(3x) + x^2*exp(3x)");
    assert!(wrong.contains("✗ not yet\n") && wrong.contains("the inner derivative of exp(3*x) is missing"), "{wrong}");
    assert!(!wrong.contains("error[") && !wrong.contains("3*x^2"), "{wrong}");
    assert!(talk.say(":hint").contains("the outer function is exp, the inner one is 3*x"));
    assert!(talk.say(":hint").contains("the next line can be d/dx(x^2)*exp(3*x) + x^2*(exp(3*x)*d/dx(3*x))"));
    // the wrong line is not kept
    assert_eq!(talk.say("= 2x*exp(3x) + 3*x^2*exp(3x)"), "✓ right\n");
    assert_eq!(talk.say("= x*exp(3x)*(2 + 3x)"), "✓ right\n");
    assert_eq!(talk.say("1 + 1"), "_1 = 2\n");
    assert_eq!(talk.say("= x*(2 + 3x)*exp(3x)"), "✓ right\n");
}

#[test]
fn a_line_needs_a_derivation() {
    let mut talk = talk();
    assert!(talk.say("= 2x").contains("no derivation is open here"));
    assert!(talk.say(":hint").contains("check d/dx"));
    talk.say("check d/dx (x^2) assuming x > 0");
    assert!(talk.say("= 2*").contains("error["));
    assert_eq!(talk.say("= 2x"), "✓ right\n");
    // where the next problem cannot be read, its lines do not go to the one before
    assert!(talk.say("check d/dx (x^2 + 1)/x").contains("error["));
    assert!(talk.say("= 2x").contains("no derivation is open here"));
}

#[test]
fn names_that_run_together_are_told_apart() {
    let mut talk = talk();
    talk.say("check d/dx (x^2*sin(x))");
    let said = talk.say("= 2x*sin(x) + x^2*cosx");
    assert!(said.contains("hint: `cosx` is one name here: for the function write cos(x)"), "{said}");
}

/// Where two mistakes lead to a line, the mark under it says so and the answer says which.
#[test]
fn two_mistakes_are_told_below_the_line() {
    let mut talk = talk();
    talk.say("check d/dx (sin(x^2) + cos(x))");
    let said = talk.say("= cos(x^2) + sin(x)");
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    assert!(said.contains("two mistakes lead to this line") && said.contains("the minus of the slope of cos"), "{said}");
    let more = talk.say(":hint");
    assert!(more.contains("cos is taken of x itself") && more.contains("the inner one is x^2"), "{more}");
}
