//! The program as a person or another program meets it: arguments, streams, exit codes, the batch protocol.

use super::process::{finished, folder, grad, run, run_with};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

fn write(path: &std::path::Path, text: &str) -> String {
    std::fs::write(path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn batch(lines: &[&str]) -> Vec<Value> {
    let ran = run_with(&["batch"], (lines.join("\n") + "\n").as_bytes());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ask(request: Value) -> Value {
    batch(&[&request.to_string()]).swap_remove(0)
}

#[test]
fn a_snippet_prints_its_result() {
    let ran = run(&["-e", "diff x^2*exp(x) wrt x"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "x*exp(x)*(x + 2)\n", ""));
}

#[test]
fn programs_come_from_files_and_from_standard_input() {
    let path = write(&folder("files").join("a.grad"), "x + x\n");
    assert_eq!(run(&[&path]).out, "2*x\n");
    assert_eq!(run(&["run", &path, &path]).out, "2*x\n2*x\n");
    assert_eq!(run_with(&["-"], b"1 + 1").out, "2\n");
    assert_eq!(run_with(&["run", "-"], b"1 + 1").out, "2\n");
    assert_eq!(run_with(&[], b"\xef\xbb\xbf1 + 1\r\n2 + 2").out, "2\n4\n");
}

#[test]
fn errors_go_to_standard_error_and_set_the_exit_code() {
    let ran = run(&["-e", "nope(x)\n1 + 1"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "2\n"));
    assert!(ran.err.contains("E0201"), "{}", ran.err);
    assert!(!ran.err.contains('\u{1b}'));
    assert!(run(&["-e", "nope(x)", "--color", "always"]).err.contains('\u{1b}'));
    assert_eq!(run(&["-e", "assert 1 == 2"]).code, Some(1));
}

#[test]
fn warnings_are_no_errors_and_can_be_silenced() {
    let ran = run(&["-e", "let a = 1; let a = 2; a"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "2\n"));
    assert!(ran.err.contains("W0601"));
    assert_eq!(run(&["--quiet", "-e", "let a = 1; let a = 2"]).err, "");
}

#[test]
fn wrong_usage_is_status_2_and_says_what_is_right() {
    let ran = run(&["--fromat", "json"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--format"), "{}", ran.err);
    for args in [&["--format", "pdf"][..], &["--timeout", "0"], &["run"], &["test"], &["-e"], &["no-such-file.grad"]] {
        let ran = run(args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(!ran.err.is_empty());
    }
    let ran = run(&["no-such-file.grad"]);
    assert_eq!(ran.err, "grad: no-such-file.grad: there is no such file\n");
    assert_eq!(run(&["--help"]).code, Some(0));
}

#[test]
fn folders_binaries_and_large_files_are_refused() {
    let folder = folder("refused");
    assert!(run(&[folder.to_str().unwrap()]).err.contains("folder"));
    let large = folder.join("large.grad");
    std::fs::File::create(&large).unwrap().set_len(1 << 31).unwrap();
    assert!(run(&[large.to_str().unwrap()]).err.contains("the limit is"));
    assert!(run_with(&["-"], b"\x89PNG\r\n\x1a\n\0").err.contains("text"));
}

#[test]
fn a_closed_reader_ends_the_program_quietly() {
    let mut child = grad().args(["-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let _ = child.stdin.take().unwrap().write_all("1 + 1\n".repeat(1000).as_bytes());
    let ran = finished(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn results_can_go_to_a_file() {
    let path = folder("output").join("out.txt");
    let ran = run(&["-e", "1 + 1", "--output", path.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "2\n");
    assert_eq!(run(&["-e", "1", "--output", "/no/such/folder/x"]).code, Some(2));
}

#[test]
fn ascii_is_ascii_and_json_is_one_object_a_statement() {
    assert!(run(&["--format", "ascii", "-e", "derive log(1 + exp(x)) wrt x"]).out.is_ascii());
    let ran = run(&["--format", "json", "-e", "let a = x\ndiff log(a) wrt x\nnope(1)"]);
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["result"], "1/x");
    assert_eq!(lines[0]["domain"], json!(["x > 0"]));
    assert_eq!((&lines[1]["ok"], &lines[1]["diagnostics"][0]["code"]), (&json!(false), &json!("E0201")));
}

#[test]
fn imports_stay_under_the_folder_of_the_program() {
    let folder = folder("imports");
    std::fs::create_dir_all(folder.join("inner/deep")).unwrap();
    write(&folder.join("secret.grad"), "let s = 1");
    write(&folder.join("inner/deep/b.grad"), "import \"../a.grad\"\nfn g(x) = f(x) + 1");
    write(&folder.join("inner/a.grad"), "fn f(x) = x^2");
    let main = write(&folder.join("inner/main.grad"), "import \"deep/b.grad\"\ng(2)");
    assert_eq!(run(&[&main]).out, "5\n");
    let escape = write(&folder.join("inner/escape.grad"), "import \"../secret.grad\"");
    let ran = run(&[&escape]);
    assert!(ran.code == Some(1) && ran.err.contains("outside"), "{}", ran.err);
    let own = write(&folder.join("inner/own.grad"), "import \"own.grad\"");
    assert!(run(&[&own]).err.contains("E0504"));
    let folder_import = write(&folder.join("inner/folder.grad"), "import \"deep\"");
    assert!(run(&[&folder_import]).err.contains("folder"));
}

#[test]
fn expected_lines_are_compared_and_blessed() {
    let path = folder("test").join("a.grad");
    let name = write(
        &path,
        "## Two\nlet a = 2x\na + x\n#> 3*x\nx; y\n#> x\n#> y\n1 + 1 #> 2\nnope(1)\n#> error[E0201]: there is no function `nope`; define it first: fn nope(x) = …\n",
    );
    let ran = run(&["test", &name]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    write(&path, "x + x\n#> 3*x\n#> more\n2 + 2 # a remark\n\n5 #> 6\n");
    let ran = run(&["test", &name]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("- 3*x") && ran.out.contains("+ 2*x"), "{}", ran.out);
    assert_eq!(run(&["test", "--bless", &name]).code, Some(0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "x + x\n#> 2*x\n2 + 2 # a remark\n#> 4\n\n5\n#> 5\n");
    assert_eq!(run(&["test", path.parent().unwrap().to_str().unwrap()]).code, Some(0));
}

#[test]
fn an_error_that_nothing_expects_fails_a_test() {
    let path = write(&folder("unexpected").join("a.grad"), "nope(1)\n");
    assert_eq!(run(&["test", &path]).code, Some(1));
}

#[test]
fn batch_answers_each_operation() {
    assert_eq!(ask(json!({"id": 7, "op": "parse", "expr": "2x + 1"})), json!({"id": 7, "ok": true, "result": "2*x + 1"}));
    let diff = ask(json!({"id": "a", "op": "diff", "expr": "log(x)", "wrt": "x"}));
    assert_eq!((&diff["result"], &diff["domain"]), (&json!("1/x"), &json!(["x > 0"])));
    let diff = ask(json!({"op": "diff", "expr": "x^3*y^2", "wrt": ["x", "y"], "order": 1, "assume": ["x > 0"]}));
    assert_eq!(diff["result"], "6*x^2*y");
    let derive = ask(json!({"op": "derive", "expr": "log(1 + exp(x))", "wrt": "x"}));
    assert!(derive["steps"].as_array().is_some_and(|steps| steps.len() >= 2));
    assert!(derive["steps"][0]["verified"]["points"].as_u64() > Some(0));
    assert_eq!(ask(json!({"op": "simplify", "expr": "x + x"}))["result"], "2*x");
    let eval = ask(json!({"op": "eval", "expr": "x/3", "at": {"x": 1}}));
    assert_eq!((&eval["value"], &eval["result"]), (&json!(1.0 / 3.0), &json!("1/3")));
    assert_eq!(ask(json!({"op": "eval", "expr": "log(x)", "at": {"x": 0}}))["value"], "-inf");
    let gradient = ask(json!({"op": "gradient", "expr": "x^2*y", "wrt": ["x", "y"], "at": {"x": 3, "y": 0.5}}));
    assert_eq!((&gradient["value"], &gradient["gradient"]), (&json!(4.5), &json!({"x": 3.0, "y": 9.0})));
    let hessian = ask(json!({"op": "hessian", "expr": "x^2*y", "wrt": ["x", "y"], "at": {"x": 3, "y": 0.5}}));
    assert_eq!(hessian["hessian"], json!({"x": {"x": 1.0, "y": 6.0}, "y": {"x": 6.0, "y": 0.0}}));
    assert_eq!(hessian["rows"][0][1]["result"], "2*x");
    let run = ask(json!({"op": "run", "source": "let a = x\na + a"}));
    assert_eq!(run["outputs"][0]["result"], "2*x");
}

/// A JSON number is the f64 that it denotes, a string the decimal that it holds.
#[test]
fn batch_evaluates_to_any_precision() {
    let eval = |request: Value| {
        let mut whole = json!({"op": "eval"});
        whole.as_object_mut().unwrap().extend(request.as_object().unwrap().clone());
        ask(whole)
    };
    assert_eq!(eval(json!({"expr": "sin(x)", "at": {"x": 1.5}, "digits": 30}))["value"], "0.997494986604054430941723371141");
    assert_eq!(eval(json!({"expr": "x", "at": {"x": 0.1}, "digits": 20}))["value"], "0.10000000000000000555");
    assert_eq!(eval(json!({"expr": "x", "at": {"x": "0.1"}, "digits": 20}))["value"], "0.1");
    assert_eq!(eval(json!({"expr": "asin(x) + asin(-x)", "at": {"x": 0.25}, "digits": 50}))["value"], "0");
    assert_eq!(eval(json!({"expr": "exp(log(x)/2)", "at": {"x": 2}, "exact": true}))["result"], "sqrt(2)");
    let plain = eval(json!({"expr": "log(1 + exp(x))", "at": {"x": 1000}, "plain": true}));
    assert_eq!((&plain["value"], &plain["cause"]), (&json!("inf"), &json!("exp(x) is beyond the largest f64, at x = 1000")));
    for wrong in [json!({"digits": 0}), json!({"digits": 1.5}), json!({"digits": 5, "plain": true}), json!({"exact": "yes"})] {
        let mut request = json!({"op": "eval", "expr": "pi"});
        request.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(ask(request.clone())["error"]["code"], "E0505", "{request}");
    }
}

#[test]
fn batch_survives_whatever_comes() {
    let long = format!("{{\"op\": \"parse\", \"expr\": \"{}\"}}", "(".repeat(100_000));
    let answers = batch(&[
        "",
        "garbage",
        "[1, 2]",
        "{}",
        "{\"id\": 1, \"op\": \"plot\"}",
        "{\"id\": 2, \"op\": \"diff\", \"expr\": \"x\"}",
        "{\"id\": 3, \"op\": \"parse\", \"expr\": \"x +\"}",
        "{\"id\": 4, \"op\": \"eval\", \"expr\": \"x\", \"at\": {\"x\": [1]}}",
        "{\"id\": 5, \"op\": \"diff\", \"expr\": \"x\", \"wrt\": \"x\", \"order\": 99999999}",
        "{\"id\": 6, \"op\": \"diff\", \"expr\": \"x\", \"wrt\": \"exp\"}",
        "\u{0}",
        &long,
        "{\"id\": 8, \"op\": \"parse\", \"expr\": \"x\"}",
    ]);
    assert_eq!(answers.len(), 12);
    let (last, others) = answers.split_last().unwrap();
    assert!(others.iter().all(|a| a["ok"] == false && a["error"]["code"].is_string()), "{others:?}");
    assert_eq!((&last["ok"], &last["result"]), (&json!(true), &json!("x")));
    let unfinished = others.iter().find(|a| a["id"] == 3).unwrap();
    assert_eq!(unfinished["error"]["code"], "E0102");
    assert!(unfinished["error"]["span"].is_array());
    let ran = run_with(&["batch"], b"\xff\xfe\n{\"id\": 1, \"op\": \"parse\", \"expr\": \"x\"}");
    assert_eq!(ran.out.lines().count(), 2);
}

#[test]
fn batch_compares_two_expressions() {
    let equal = |left: &str, right: &str, assume: &[&str]| {
        ask(json!({"id": 1, "op": "equal", "left": left, "right": right, "assume": assume}))
    };
    let same = equal("sin(x)^2 + cos(x)^2", "1", &[]);
    assert_eq!((&same["verdict"], &same["proved"]), (&json!("equal"), &json!(true)), "{same}");
    assert!(same.get("only_left").is_none() && same.get("only_right").is_none(), "{same}");
    let wrong = equal("sqrt(x^2)", "x", &[]);
    assert_eq!((&wrong["verdict"], &wrong["proved"]), (&json!("different"), &json!(false)), "{wrong}");
    let x = wrong["counterexample"]["x"].as_f64().unwrap();
    assert!(x < 0.0 && wrong["left"].as_f64() == Some(-x) && wrong["right"].as_f64() == Some(x), "{wrong}");
    assert_eq!(equal("sqrt(x^2)", "x", &["x > 0"])["verdict"], "equal");
    let wider = equal("log(x^2)", "2*log(x)", &[]);
    assert_eq!((&wider["verdict"], &wider["proved"]), (&json!("equal"), &json!(true)), "{wider}");
    assert!(wider["only_left"]["x"].as_f64().unwrap() < 0.0 && wider.get("only_right").is_none(), "{wider}");
    assert_eq!(equal("x/x", "1", &[])["only_right"]["x"], 0.0);
    let apart = equal("log(x)", "log(-x)", &[]);
    assert_eq!(apart["verdict"], "unknown", "{apart}");
    assert_eq!(ask(json!({"id": 1, "op": "equal", "left": "x"}))["error"]["code"], "E0505");
    let message = equal("x", "x +", &[])["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("right side"), "{message}");
}

#[test]
fn a_failed_assertion_shows_where_only_one_side_has_a_value() {
    let ran = run(&["-e", "assert log(x) == log(-x)"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("only the left side has a value"), "{}", ran.err);
    assert_eq!(run(&["-e", "assert tanh(x) == 2*sigmoid(2*x) - 1"]).code, Some(0));
}

#[test]
fn batch_says_what_is_no_variable_and_what_is_not_real() {
    let asked = serde_json::json!({"op": "diff", "expr": "x", "wrt": "2*x"}).to_string();
    let complex = serde_json::json!({"op": "diff", "expr": "conjugate(x)", "wrt": "x"}).to_string();
    let answers = batch(&[&asked, &complex]);
    let text = |k: usize, field: &str| answers[k]["error"][field].as_str().unwrap_or_default().to_owned();
    assert_eq!(text(0, "message"), "a derivative is taken by a variable, and `2*x` is an expression");
    assert!(text(0, "help").contains("u = 2*x"), "{}", text(0, "help"));
    assert!(text(1, "help").contains("conjugate(x) is x"), "{}", text(1, "help"));
}
