//! Conversations with the real program at a pseudo-terminal.
#![cfg(unix)]

use expectrl::session::OsSession;
use expectrl::{Expect, Session};
use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// So long is waited for what must come: far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(20);
const PROMPT: &str = "grad> ";

/// A folder that is gone when nobody needs it any more: the program runs in it and keeps its history there.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Rc<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        Rc::new(Folder(super::process::folder(&format!("terminal-{}", COUNT.fetch_add(1, Ordering::Relaxed)))))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Talk {
    session: OsSession,
    folder: Rc<Folder>,
}

/// A conversation in this folder, with these variables and options, on so many columns.
fn talk_in(folder: Rc<Folder>, variables: &[(&str, &str)], options: &[&str], columns: u16) -> Talk {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grad"));
    command.env("XDG_STATE_HOME", &folder.0).env("TERM", "xterm-256color").current_dir(&folder.0);
    for wish in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
        command.env_remove(wish);
    }
    command.args(options).envs(variables.iter().copied());
    let mut session = Session::spawn(command).unwrap();
    session.get_process_mut().set_window_size(columns, 40).unwrap();
    let mut talk = Talk { session, folder };
    talk.until(PROMPT);
    talk
}

fn talk_as(variables: &[(&str, &str)], columns: u16) -> Talk {
    talk_in(Folder::new(), variables, &[], columns)
}

fn talk() -> Talk {
    talk_as(&[("NO_COLOR", "1")], 100)
}

impl Talk {
    /// What comes until the text comes, with it.
    fn until(&mut self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let found = self.session.check(text).unwrap();
            if !found.is_empty() {
                return String::from_utf8_lossy(found.as_bytes()).into_owned();
            }
            assert!(began.elapsed() < PATIENCE, "nothing like {text:?} came");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn keys(&mut self, keys: &str) {
        self.session.send(keys).unwrap();
    }

    /// Types a line and waits for an answer.
    fn line(&mut self, line: &str, answer: &str) {
        self.says(line, &[answer]);
    }

    /// Types a line and waits for these parts of the answer, one after the other; all that came, and the prompt after it.
    fn says(&mut self, line: &str, answers: &[&str]) -> String {
        self.keys(line);
        self.keys("\r");
        let mut all: String = answers.iter().map(|answer| self.until(answer)).collect();
        all.push_str(&self.until(PROMPT));
        all
    }

    /// Waits until the program has ended.
    fn ends(self) -> Rc<Folder> {
        let began = Instant::now();
        while self.session.get_process().is_alive().unwrap() {
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.folder
    }
}

#[test]
fn results_are_numbered() {
    let mut talk = talk();
    talk.line("x + x", "_1 = 2*x");
    talk.line("ans + 1", "_2 = 2*x + 1");
    talk.line("_2 - _1", "_3 = 1\r\n");
    talk.line("_4", "_4");
    talk.line("ans", "_5 = _4");
}

#[test]
fn an_unfinished_line_goes_on() {
    let mut talk = talk();
    talk.line("(1 +\r2)", "_1 = 3");
}

/// Typed ahead, or pasted into a terminal that does not say so.
#[test]
fn lines_that_come_at_once_are_all_run() {
    let mut talk = talk();
    talk.keys("let a = 2\ra + 1\ra + 2\r");
    for answer in ["_1 = 3", "_2 = 4", PROMPT] {
        talk.until(answer);
    }
}

#[test]
fn several_lines_are_pasted() {
    let mut talk = talk();
    talk.line("\x1b[200~let a = 2\nlet b = 3\na*b\x1b[201~", "_1 = 6");
}

#[test]
fn a_paste_goes_on_after_a_line_with_an_error() {
    let mut talk = talk();
    talk.says("\x1b[200~let a = 2\nsine(a)\nlet b = a^2 +\n  1\na*b\x1b[201~", &["E0201", "_1 = 10"]);
}

#[test]
fn alt_enter_begins_a_line() {
    let mut talk = talk();
    talk.line("let a = 20\x1b\ra + 1", "_1 = 21");
}

#[test]
fn a_letter_is_completed() {
    let mut talk = talk();
    talk.line("\\sigma\t + \\sigma\t", "_1 = 2*σ");
}

#[test]
fn a_function_is_completed() {
    let mut talk = talk();
    talk.line("softp\t0)", "_1 = log(2)");
}

#[test]
fn a_name_and_a_clause_are_completed() {
    let mut talk = talk();
    talk.line("let weight = 3", "\n");
    talk.line("wei\t + 1", "_1 = 4");
    talk.line("diff t^2 wr\tt", "_2 = 2*t");
    talk.line("derive t^2 wrt t with det\tbr\t", "_3: d/dt t^2");
}

#[test]
fn a_command_and_a_file_are_completed() {
    let mut talk = talk();
    std::fs::write(talk.folder.0.join("lesson.grad"), "5*8").unwrap();
    talk.line(":va\t", "nothing is defined yet");
    talk.line(":load les\t", "_1 = 40");
}

#[test]
fn several_completions_are_listed() {
    let mut talk = talk();
    talk.keys("sof\t");
    for listed in ["softmax(", "softplus(", PROMPT] {
        talk.until(listed);
    }
    talk.line("p\t0)", "_1 = log(2)");
}

#[test]
fn an_earlier_line_is_hinted_and_can_be_taken_over() {
    let mut talk = talk();
    talk.line("t + 12", "_1 = t + 12");
    talk.keys("t +");
    talk.until("t + 12");
    talk.line("\x1b[C", "_2 = t + 12");
}

#[test]
fn the_parameters_of_a_function_are_hinted() {
    let mut talk = talk();
    talk.line("fn mix(here, there) = here + 2*there", "\n");
    talk.keys("mix(");
    talk.until("here, there)");
    talk.keys("1, ");
    talk.until("mix(1, there)");
    talk.line("3)", "_1 = 7");
}

#[test]
fn lines_are_remembered_from_one_conversation_to_the_next() {
    let mut first = talk();
    first.line("t + 41", "_1 = t + 41");
    first.line("t + 42", "_2 = t + 42");
    first.keys(":quit\r");
    let mut second = talk_in(first.ends(), &[("NO_COLOR", "1")], &[], 100);
    // :quit, t + 42, t + 41
    second.line("\x1b[A\x1b[A\x1b[A", "_1 = t + 41");
    second.line("\x122\x1b[C", "_2 = t + 42");
}

#[test]
fn help_lists_commands_and_finds_pages() {
    let mut talk = talk();
    talk.says(":help", &["x^2 + x^2", ":help [TOPIC]", ":quit", "Ctrl-C"]);
    talk.says(":help chain rule", &["chain rule "]);
    talk.says(":help E0101", &["E0101", "unexpected input"]);
    talk.says(":help logarithm of a product", &["log(a*b)"]);
    talk.says(":help :why", &[":why N or N.M"]);
    talk.says(":hepl", &["did you mean `:help`?"]);
}

#[test]
fn steps_fold_and_unfold() {
    let mut talk = talk();
    talk.line(":why 1", "there is no derivation yet");
    talk.line("let z = w*x + b", "\n");
    talk.says(
        "derive log(1 + exp(z)) wrt w",
        &["_1: d/dw", "1 \u{2502} chain rule", "(:why 1)", "= x*sigmoid(b + w*x)", "\u{2713} proved"],
    );
    talk.says(":steps", &["d/dw", "1 \u{2502} chain rule", "2 \u{2502} insert"]);
    talk.says(":why 1", &["step 1 ", "1.1 "]);
    talk.says(":why 1.1", &["step 1.1 ", "d/dw[w*x + b]", "= x\r\n"]);
    talk.says(":why 1.7", &["step"]);
    talk.says(":why 3", &["the steps are 1 to 2"]);
    talk.line(":detail brief", "\n");
    assert!(!talk.says(":steps", &["= x*sigmoid(b + w*x)"]).contains("chain rule"));
    talk.line(":detail full", "\n");
    talk.says("derive t^3 wrt t", &["1 \u{2502} power rule", "  \u{2502} "]);
    talk.says(":detail", &["detail is full"]);
}

#[test]
fn definitions_and_assumptions_are_listed() {
    let mut talk = talk();
    talk.line("let a = 2; param w = 0.5; fn f(t) = t^2; assume t > 0", "\n");
    talk.says(":vars", &["let a = 2", "param w = 0.5", "fn f(t) = t^2"]);
    talk.says(":assumptions", &["t > 0"]);
    talk.says("simplify sqrt(t^2)", &["_1 = t\r\n"]);
    talk.says(":reset", &["everything is forgotten"]);
    talk.says(":vars", &["nothing is defined yet"]);
    talk.says(":assumptions", &["nothing is assumed"]);
    talk.says("simplify sqrt(t^2)", &["_1 = abs(t)\r\n"]);
}

#[test]
fn functions_and_rules_are_shown() {
    let mut talk = talk();
    talk.line("fn mix(u, v) = u + 2*v", "\n");
    talk.says(":doc softplus", &["softplus(", "log(1 + exp("]);
    talk.says(":doc mix", &["fn mix(u, v) = u + 2*v\r\n"]);
    talk.says(":doc sine", &["did you mean `sin`?"]);
    talk.says(":rules softplus", &["softplus(-a)"]);
    talk.says(":rules", &["there are ", " identities"]);
}

#[test]
fn the_format_and_the_time_can_be_chosen() {
    let mut talk = talk();
    talk.line(":format json", "\n");
    talk.says("t + t", &["{\"command\":\"expression\"", "\"2*t\""]);
    talk.line(":format ascii", "\n");
    assert!(talk.says("derive sin(t^2) wrt t", &["d/dt sin(t^2)", "chain rule", "cos(t^2)"]).is_ascii());
    talk.says(":format", &["format is ascii"]);
    talk.line(":format text", "\n");
    talk.says("derive sin(t^2) wrt t", &["1 \u{2502} "]);
    talk.says(":time 2*3", &["_4 = 6", "took "]);
    talk.line(":time on", "\n");
    talk.says("2*4", &["_5 = 8", "took "]);
    talk.line(":time off", "\n");
    assert!(!talk.says("2*5", &["_6 = 10"]).contains("took"));
}

#[test]
fn a_conversation_is_saved_and_loaded() {
    let mut talk = talk();
    talk.line("let a = 2", "\n");
    talk.line("diff a*t^2 wrt t", "_1 = 4*t");
    talk.line("nope(2)", "E0201");
    talk.line("ans + 1", "_2 = 4*t + 1");
    talk.line(":save said.grad", "3 statements in said.grad");
    talk.line(":save said.md", "the conversation is in said.md");
    talk.line(":save said.md", "is there already");
    let saved = |name: &str| std::fs::read_to_string(talk.folder.0.join(name)).unwrap();
    assert_eq!(saved("said.grad"), "let a = 2\ndiff a*t^2 wrt t\nlet _1 = 4*t\n_1 + 1\n");
    let markdown = saved("said.md");
    assert!(markdown.contains("```grad\n_1 + 1\n```\n\n```text\n_2 = 4*t + 1\n```\n"), "{markdown}");
    assert!(markdown.contains("error[E0"), "{markdown}");
    talk.line(":reset", "everything is forgotten");
    talk.says(":load said.grad", &["_1 = 4*t", "_2 = 4*t + 1"]);
    talk.line("a", "_3 = 2");
    talk.line(":load nothing.grad", "there is no such file");
}

#[test]
fn a_message_stands_under_the_line() {
    let mut talk = talk();
    talk.line("sine(x)", "      ^^^^ not known\r\nerror[E0201]");
}

/// The bracket at the cursor is marked while a line is written, and not in the line that stays on the screen.
#[test]
fn no_bracket_stays_marked() {
    const MARK: &str = "\x1b[1;7m";
    let mut talk = talk_as(&[], 80);
    talk.keys("sin(0)");
    talk.until(MARK);
    talk.keys("\r");
    let seen = talk.until("_1");
    let last = seen.rfind("grad> ").unwrap_or(0);
    assert!(seen[last..].contains("sin") && !seen[last..].contains(MARK), "{seen:?}");
}

#[test]
fn ctrl_c_at_the_prompt_drops_the_line() {
    let mut talk = talk();
    talk.keys("let a = \x03");
    talk.until(PROMPT);
    talk.line("1 + 1", "_1 = 2");
    talk.keys("let b = (1 +\r");
    talk.keys("2\x03");
    talk.until(PROMPT);
    talk.says(":vars", &["nothing is defined yet"]);
}

#[test]
fn ctrl_c_stops_a_computation() {
    let mut talk = talk();
    talk.line("let kept = 7", "\n");
    talk.keys("descend (x - 1)^2 wrt x at x = 3 with steps = 1_000_000_000\r");
    talk.until("\r\n");
    // a key may come before the computation has begun: it is pressed until it works
    let began = Instant::now();
    while talk.session.check("stopped").unwrap().is_empty() {
        assert!(began.elapsed() < PATIENCE);
        talk.keys("\x03");
        std::thread::sleep(Duration::from_millis(50));
    }
    talk.line("kept + 1", "_1 = 8");
}

/// How soon the prompt is back after Ctrl-C, whatever runs: `--include-ignored --nocapture` shows the times.
#[test]
#[ignore = "takes some minutes"]
fn ctrl_c_brings_the_prompt_back_soon() {
    const SOON: Duration = Duration::from_millis(100);
    let joined = |count: usize, between: &str, part: fn(usize) -> String| (0..count).map(part).collect::<Vec<_>>().join(between);
    let softplus = joined(200, " + ", |k| format!("log(1 + exp({k}*x))"));
    let factors = joined(60, "*", |k| format!("(x^{k} + sin({k}*x))"));
    let waves = joined(60, " + ", |k| format!("exp(sin({k}*x*y))*log(1 + x^{k} + y^2)"));
    let tower = joined(200, "^", |_| "x".to_owned());
    let nested = |open: &str, count: usize| format!("{}x{}", open.repeat(count), ")".repeat(count));
    let programs = [
        "expand (x + y + z + 1)^200".to_owned(),
        "diff(exp(sin(x^2)), x, 50)".into(),
        "diff(tan(x), x, 60)".into(),
        "diff(x^x, x, 60)".into(),
        "derive exp(sin(x^2))*tan(x)^x wrt x, x, x, x, x, x".into(),
        "descend (x - 1)^2 wrt x at x = 3 with steps = 1_000_000_000".into(),
        "eval exp(sin(1/3)) with digits = 200_000".into(),
        "eval gamma(1/3)^gamma(1/7) with digits = 100_000".into(),
        "eval sum(i in 1..n: 1/i^2) at n = 10^12".into(),
        "sum(i in 1..5000000: sin(i*x))".into(),
        format!("stable {softplus}"),
        format!("simplify {softplus}"),
        format!("domain {softplus}"),
        format!("derive {factors} wrt x"),
        format!("expand {factors}"),
        format!("assert {factors} == {factors} + x/10^9"),
        format!("hessian {waves} wrt x, y"),
        format!("grad {waves} wrt x, y"),
        format!("simplify {tower}"),
        format!("diff {tower} wrt x"),
        format!("domain {tower}"),
        format!("simplify {}", nested("log(1 + ", 240)),
        format!("stable {}", nested("sin(", 240)),
        format!("contract {}", nested("sqrt(x + ", 120)),
    ];
    let most = ["nodes", "work", "terms", "digits", "expanded"].map(|name| format!("{name}=1000000000"));
    let limits = most.iter().flat_map(|limit| ["--limit", if limit.starts_with("digits") { "digits=10000000" } else { limit }]);
    let options: Vec<&str> = limits.chain(["--timeout", "600", "--memory", "4000"]).collect();
    let mut talk = talk_in(Folder::new(), &[("NO_COLOR", "1")], &options, 100);
    talk.line("let kept = 7", "\n");
    let (mut times, mut stopped) = (Vec::new(), 0);
    // delays without a pattern, the same in each run
    let mut random = 1u64;
    for program in programs.iter().cycle().take(4 * programs.len()) {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // a line is pasted whole, so that nothing is completed or hinted on the way
        talk.keys(&format!("\x1b[200~{program}\x1b[201~\r"));
        std::thread::sleep(Duration::from_millis(250 + (random >> 33) % 700));
        // each key that was echoed wrote the prompt anew
        while !talk.session.check(PROMPT).unwrap().is_empty() {}
        let began = Instant::now();
        talk.keys("\x03");
        let said = talk.until(PROMPT);
        times.push((began.elapsed(), program.chars().take(50).collect::<String>()));
        stopped += usize::from(said.contains("stopped"));
        let after = talk.says("kept + 1", &[" = 8"]);
        assert!(!after.contains("E0"), "{after}");
    }
    times.sort();
    let part = |of: f64| times[((times.len() - 1) as f64 * of) as usize].0;
    for (time, program) in times.iter().rev().take(12) {
        println!("{time:?} {program}");
    }
    println!(
        "{} keys, {stopped} of them stopped something: half within {:?}, 90 % within {:?}, 99 % within {:?}, the last {:?}",
        times.len(),
        part(0.5),
        part(0.9),
        part(0.99),
        part(1.0)
    );
    assert!(part(0.99) < SOON);
}

#[test]
fn what_was_defined_outlives_a_statement_without_memory_or_time() {
    let options = ["--memory", "64", "--timeout", "60", "--limit", "terms=1000000000", "--limit", "nodes=1000000000"];
    let mut talk = talk_in(Folder::new(), &[("NO_COLOR", "1")], &options, 100);
    talk.line("let kept = 7", "\n");
    for _ in 0..2 {
        talk.says("sum(i in 1..100_000_000: x[i])", &["E0407", "--memory sets another limit"]);
        talk.line("x[1] + kept - x[1]", " = 7");
    }
    let mut talk = talk_in(Folder::new(), &[("NO_COLOR", "1")], &["--timeout", "0.2"], 100);
    talk.line("let kept = 7", "\n");
    talk.says("descend (x - 1)^2 wrt x at x = 3 with steps = 1_000_000_000", &["E0404", "--timeout sets another limit"]);
    talk.line("kept + 1", "_1 = 8");
}

#[test]
fn ctrl_d_and_quit_leave() {
    for keys in ["\x04", ":quit\r", ":q\r"] {
        let mut talk = talk();
        talk.keys(keys);
        talk.ends();
    }
}

#[test]
fn a_dumb_terminal_gets_no_codes() {
    // machines that build and test set `CI`, some people set `CLICOLOR`; neither makes a dumb terminal a clever one
    for variables in [&[("TERM", "dumb")][..], &[("TERM", "dumb"), ("CI", "true")], &[("TERM", "dumb"), ("CLICOLOR", "1")]] {
        let mut talk = talk_as(variables, 80);
        let seen = talk.says("t + t", &["_1 = 2*t"]) + &talk.says("sine(t)", &["E0201"]);
        assert!(!seen.contains('\x1b'), "{variables:?}: {seen:?}");
    }
}

#[test]
fn colours_are_there_unless_nobody_wants_them() {
    let colours = |variables: &[(&str, &str)]| {
        let mut talk = talk_as(variables, 80);
        let seen = talk.says("derive sin(t) wrt t", &["d/dt sin(t)"]) + &talk.says("sine(t)", &["E0201"]);
        seen.split("\x1b[")
            .skip(1)
            .filter(|code| code.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'))
            .count()
    };
    assert_eq!(colours(&[("NO_COLOR", "1")]), 0);
    assert!(colours(&[]) > 2);
}

#[test]
fn answers_fit_a_narrow_and_a_wide_terminal() {
    let derived = |columns| {
        let mut talk = talk_as(&[("NO_COLOR", "1")], columns);
        // the terminal may have got its width after the first prompt
        talk.line("1", "_1 = 1");
        let seen = talk.says("derive sin(t) wrt t", &["_2: d/dt sin(t)", "\u{2713} proved"]);
        let line = seen.lines().find(|line| line.contains('\u{2713}')).unwrap();
        line.chars().take_while(|c| *c != '\u{2713}').count()
    };
    assert!(derived(40) + "\u{2713} proved".chars().count() <= 40);
    assert_eq!(derived(200), derived(100));
    let mut narrow = talk_as(&[("NO_COLOR", "1")], 40);
    narrow.line(&format!("{}t", "t + ".repeat(29)), "_1 = 30*t");
}

#[test]
fn without_a_terminal_everything_is_a_script() {
    let ran = super::process::run_with(&[], b"x + x\n(1 +");
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "2*x\n"));
    let ran = super::process::run_with(&[], b"let a = 2\na + 1");
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "3\n"));
}

/// The conversation in the README goes as it is shown.
#[test]
fn the_readme_talks_as_it_says() {
    let blocks = super::documents::blocks();
    let (_, shown) = blocks.iter().find(|(_, body)| body.starts_with("$ grad\n")).unwrap();
    let mut talk = talk();
    let mut count = 0;
    for part in shown.split(PROMPT).skip(1) {
        let (line, answer) = part.split_once('\n').unwrap();
        talk.line(line, &format!("\r\n{}", answer.replace('\n', "\r\n")));
        count += 1;
    }
    assert!(count >= 4);
}
