//! What every release answers or refuses in time and memory, whatever it is asked: the real program on inputs that would take for
//! ever, or all the memory, if nothing stopped them. Time is that of the processor: what else runs on the machine
//! counts only as far as it slows the processor down.
#![cfg(target_os = "linux")]

use super::process::{folder, grad, run};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What an input may take: 2 s on a machine at rest. Others that share the machine slow its processor down, measured by half again
/// and more.
const TIME: Duration = Duration::from_secs(4);
const MEMORY: u64 = 256 << 20;

/// What nobody would type may take longer.
const LONGER: Duration = Duration::from_secs(12);

/// What a run took and said.
struct Cost {
    code: Option<i32>,
    out: String,
    err: String,
    time: Duration,
    memory: u64,
}

/// The processor's time and the most memory of a process so far.
fn taken(process: u32) -> Option<(Duration, u64)> {
    /// The system counts in hundredths of a second.
    const TICK: u64 = 10;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = peak.split_whitespace().next()?.parse().ok()?;
    Some((Duration::from_millis(ticks * TICK), kib << 10))
}

/// Runs the program to its end and looks at it all the while. Its output goes to files, so that it never waits for a reader.
fn cost(command: &mut Command, folder: &Path) -> Cost {
    let (out, err) = (folder.join("out"), folder.join("err"));
    let file = |path: &Path| Stdio::from(File::create(path).unwrap());
    let began = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(file(&out)).stderr(file(&err)).spawn().unwrap();
    let (mut time, mut memory) = (Duration::ZERO, 0);
    let status = loop {
        if let Some((now, peak)) = taken(child.id()) {
            (time, memory) = (now, memory.max(peak));
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "{command:?} does not end");
        std::thread::sleep(Duration::from_millis(1));
    };
    let text = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    Cost { code: status.code(), out: text(&out), err: text(&err), time, memory }
}

fn with_program(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> Cost {
    let path = folder.join(format!("{name}.grad"));
    std::fs::write(&path, text).unwrap();
    cost(grad().arg(path), folder)
}

#[track_caller]
fn is_within(name: &str, cost: &Cost, time: Duration) {
    assert!(cost.time <= time, "{name} takes {:?}", cost.time);
    assert!(cost.memory <= MEMORY, "{name} takes {} MiB", cost.memory >> 20);
    assert!(!cost.err.contains("E0406"), "{name}: {}", cost.err);
}

fn joined(count: usize, between: &str, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(between)
}

/// A program of 64 stages, each made of the one before.
fn doubled(first: &str, next: &str, command: &str) -> String {
    let stages = joined(64, "\n", |k| format!("let t{} = {}", k + 1, next.replace("$", &format!("t{k}"))));
    format!("let t0 = {first}\n{stages}\n{}\n", command.replace("$", "t64"))
}

/// Names, programs, and what is said of each: the beginning of the result, or the code of the message.
fn programs() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("open parentheses", "(".repeat(100_000), "E0401"),
        ("parentheses", "(".repeat(100_000) + "1" + &")".repeat(100_000), "E0401"),
        ("minus signs", "-".repeat(100_000) + "x", "E0401"),
        ("power tower", joined(10_000, "^", |_| "x".into()), "E0401"),
        ("nested sin", "sin(".repeat(10_000) + "x" + &")".repeat(10_000), "E0401"),
        ("long sum", joined(50_000, " + ", |k| format!("x{k}")), "x0 + x1 + x2"),
        ("a million terms", joined(1_000_000, " + ", |_| "x".into()), "1000000*x"),
        ("slope of a million terms", format!("diff({}, x)", joined(1_000_000, " + ", |_| "x".into())), "1000000"),
        ("slope of a long sum", format!("diff {} wrt x", joined(50_000, " + ", |k| format!("sin({k}*x)"))), "d/dx = "),
        ("slope of a long product", format!("diff {} wrt x", joined(20_000, "*", |k| format!("(x + {k})"))), "d/dx = "),
        ("squares of squares", doubled("x + 1", "$*$", "$"), "(x + 1)^18446744073709551616"),
        ("their slope", doubled("x + y", "$*$", "diff $ wrt x"), "18446744073709551616*(x + y)^18446744073709551615"),
        ("their fourth slope", doubled("x", "$*$", "diff($, x, 4)"), "115792089237316195"),
        ("that of a doubled sum", doubled("x", "$ + $", "diff($, x, 4)"), "0"),
        ("their value", doubled("x + y", "$*$", "eval $ at x = 1, y = 2"), "inf: "),
        ("50th slope", "diff(exp(sin(x^2)), x, 50)".into(), "33554432*exp(sin(x^2))*"),
        ("its value", "eval diff(exp(sin(x^2)), x, 50) at x = 1".into(), "5.352743504603239e64"),
        ("its derivation", format!("derive exp(sin(x^2)) wrt {}", joined(50, ", ", |_| "x".into())), "E04"),
        ("slope of nested units", format!("diff({}x{}, x)", "silu(".repeat(8), ")".repeat(8)), "sigmoid(x)*sigmoid(silu(x))"),
        ("no stable form", "stable sin(a*x^4 + b)/(a*x^3 + b)".into(), "sin(a*x^4 + b)/(a*x^3 + b)"),
        ("500th slope", "diff(exp(sin(x^2)), x, 500)".into(), "E04"),
        ("500th slope by the rules", "diff(abs(exp(sin(x^2))), x, 500)".into(), "E04"),
        ("2^(10^9)", "2^(10^9)".into(), "2^1000000000 = inf: "),
        ("10^10^10", "10^10^10".into(), "10^10000000000 = inf: "),
        ("9^9^9^9", "9^9^9^9".into(), "9^9^387420489 = inf: "),
        ("exact 9^9^9^9", "eval 9^9^9^9 with exact = true".into(), "inf: "),
        ("a large power", "(13/10)^6472416997".into(), "(13/10)^6472416997 = inf: "),
        ("an exact large power", "eval (13/10)^6472416997 with exact = true".into(), "(13/10)^6472416997 = inf"),
        ("sin of a tower", "eval sin(cos(exp(exp(exp(exp(1))))))".into(), "nan: exp(exp(exp(exp(1)))) is beyond the largest f64"),
        ("exact sin of a tower", "eval sin(cos(exp(exp(exp(exp(1)))))) with exact = true".into(), "nan: "),
        ("a large exponent", "x^10000000000".into(), "x^10000000000"),
        ("its slope", "diff x^10000000000 wrt x".into(), "10000000000*x^9999999999"),
        ("1e400", "1e400".into(), "1e400"),
        ("a number of a million digits and more", "1e9999999999".into(), "E0405"),
        ("a long decimal", format!("0.{}", "1".repeat(100_000)), "1111"),
        ("a long expansion", "expand (x + y + z + 1)^200".into(), "E0408"),
        ("a high power of a sum", "expand (x + y)^1999".into(), "x^1999 + 1999*x^1998*y + "),
        ("a high power with a number", "expand (x + 10/7)^1000".into(), "x^1000 + 10000*x^999/7 + "),
        ("a power of a long number", "expand (x + (11/13)^130000)^9".into(), "E0409"),
        ("slope of a power with a long exponent", "diff(x^x^(1e-9^16384), x)".into(), "x^x^1e-9^16384*("),
        ("its derivation", "derive x^(1e-9^16384) + sqrt(x) wrt x".into(), "d/dx "),
        ("quotients with long numbers", "simplify (x^2 - (11/13)^130000)/(x^3 + 2*(11/13)^130000*x - 1)".into(), "(x^2 - "),
        ("a stable form with long numbers", "stable log(x^5 - x/7 + (11/13)^130000)".into(), "E0409"),
        ("a long written sum", "sum(i in 1..1000000: x[i])".into(), "E0216"),
        ("a long sum of numbers", "eval sum(i in 1..n: 1/i^2) at n = 10^12".into(), "nan: "),
        ("a long vector", format!("sum([{}])", joined(100_000, ", ", |_| "x".into())), "E0413"),
        ("a high order", "diff(x, x, 100000)".into(), "E0305"),
        ("many digits", "eval pi with digits = 1_000_000".into(), "E0411"),
        ("digits", "eval exp(sin(1/3)) with digits = 10_000".into(), "1.38707150927"),
        ("a factorial", "eval (10^9)! with exact = true".into(), "factorial(1000000000) = inf"),
        ("an escape in a name", "let a\u{1b}[31m = 3".into(), "E0111"),
        ("a name turned round", "\u{202e}x + 1".into(), "E0111"),
        ("an escape in a string", "import \"\u{1b}]0;x\u{7}\"".into(), "E0503"),
        ("a long name", format!("let {} = 1; 1 + 1", "a".repeat(900_000)), "2"),
        ("many errors", "x + * 2\n".repeat(10_000), "E0402"),
        ("many unknown functions", joined(10_000, "\n", |k| format!("nope{k}(2)")), "E0201"),
        ("a large text", "x + ".repeat(1_100_000) + "x", "the text has 4400001 bytes; the limit is 4194304"),
    ]
}

#[test]
fn every_stress_input_is_answered_or_refused_in_time() {
    let folder = folder("limits");
    let mut worst = (Duration::ZERO, 0);
    for (name, text, said) in programs() {
        let cost = with_program(&folder, "stress", text);
        is_within(name, &cost, TIME);
        let is_refusal = said.starts_with('E') || said.starts_with("the text");
        let found = if is_refusal { cost.err.contains(said) } else { cost.out.starts_with(said) };
        assert!(found, "{name} says {:.300}{:.300}", cost.out, cost.err);
        assert_eq!(cost.code, Some(i32::from(is_refusal)), "{name}");
        worst = (worst.0.max(cost.time), worst.1.max(cost.memory));
    }
    println!("at most {:?} and {} MiB", worst.0, worst.1 >> 20);
}

/// What shares its parts is not written out on the way, whatever is asked of it.
#[test]
fn shared_parts_do_not_double() {
    let folder = folder("shared");
    let commands = ["$", "diff $ wrt x", "derive $ wrt x", "simplify $", "expand $", "contract $", "stable $", "domain $"];
    for next in ["$*$", "$ + $", "$*sin($)", "$/(1 + $^2)", "log(1 + $*$)", "$^2 + $"] {
        for command in commands.iter().chain(&["grad $ wrt x, y", "hessian $ wrt x, y", "eval $ at x = 0.5, y = 0.25"]) {
            let cost = with_program(&folder, "shared", doubled("x + y", next, command));
            is_within(&format!("{command} of {next}"), &cost, LONGER);
        }
    }
}

#[test]
fn files_that_never_end_are_refused() {
    let folder = folder("files");
    let check = |name: &str, command: &mut Command, said: &str| {
        let cost = cost(command, &folder);
        is_within(name, &cost, TIME);
        assert!(cost.err.contains(said) && cost.code != Some(0), "{name} says {}", cost.err);
    };
    let write = |name: &str, text: &[u8]| -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let own = write("own.grad", b"import \"own.grad\"");
    check("a file that imports itself", grad().arg(own), "E0504");
    let outside = write("outside.grad", b"import \"../../etc/passwd\"");
    check("a file outside", grad().arg(outside), "E0503");
    let sparse = folder.join("sparse.grad");
    File::create(&sparse).unwrap().set_len(2 << 30).unwrap();
    check("two sparse GiB", grad().arg(&sparse), "the text has 2147483648 bytes; the limit is 4194304; --limit text=N");
    let imports = write("imports.grad", b"import \"sparse.grad\"");
    check("two sparse GiB imported", grad().arg(imports), "the limit is 4194304");
    let pipe = folder.join("pipe.grad");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    check("a pipe that nobody writes", grad().arg(&pipe), "no ordinary file");
    let piped = write("piped.grad", b"import \"pipe.grad\"");
    check("such a pipe imported", grad().arg(piped), "no ordinary file");
    check("a NUL", grad().arg(write("nul.grad", b"x + \0 1")), "not text");
    check("no UTF-8", grad().arg(write("latin.grad", b"x + \xe9\xff")), "not UTF-8");
    check("an endless device", grad().arg("/dev/zero"), "no ordinary file");
    let chain: Vec<PathBuf> =
        (0..80).map(|k| write(&format!("c{k}.grad"), format!("import \"c{}.grad\"", k + 1).as_bytes())).collect();
    check("a chain of imports", grad().arg(&chain[0]), "E0412");
}

#[test]
fn standard_input_that_never_ends_is_refused() {
    let mut child = grad().arg("-").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let piece = "x + ".repeat(1 << 16);
    let began = Instant::now();
    // the program closes its input when it has seen enough
    while input.write_all(piece.as_bytes()).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(30));
    }
    let done = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&done.stderr).contains("the limit is 4194304"));
    assert_eq!(done.status.code(), Some(1));
}

/// Each limit: an option that sets it, an input that it refuses, its own code, and a page that lists it.
#[test]
fn every_limit_has_a_code_and_an_option() {
    let folder = folder("options");
    let page = run(&["explain", "limits"]).out;
    for facts in &grad::limits::TABLE {
        let (value, text) = match facts.name {
            "text" => (10, "1 + 1 + 1 + 1".to_owned()),
            "messages" => (1, ")\n)\n".into()),
            "nesting" => (3, "((((1))))".into()),
            "imports" => (1, "import \"a.grad\"".into()),
            "work" => (1, "x + y + z".into()),
            "nodes" => (3, "simplify sin(x)*cos(y)".into()),
            "bits" => (64, "1e400".into()),
            "digits" => (5, "eval pi with digits = 6".into()),
            "terms" => (5, "sum(i in 1..6: x[i])".into()),
            "entries" => (2, "[1, 2, 3]".into()),
            "order" => (2, "diff(x^5, x, 3)".into()),
            "expanded" => (3, "expand (x + y)^5".into()),
            name => panic!("{name} has no test"),
        };
        for (name, text) in [("main", text.as_str()), ("a", "import \"b.grad\""), ("b", "let b = 1")] {
            std::fs::write(folder.join(format!("{name}.grad")), text).unwrap();
        }
        let path = folder.join("main.grad");
        let lowered = format!("{}={value}", facts.name);
        let ran = run(&["--limit", &lowered, path.to_str().unwrap()]);
        // a text that is too large is refused before there is a program
        let said = if facts.name == "text" { "the limit is 10" } else { facts.code };
        assert!(ran.err.contains(said), "{}: {}{}", facts.name, ran.out, ran.err);
        assert!(ran.err.contains(&format!("--limit {}=N", facts.name)), "{}: {}", facts.name, ran.err);
        let before = run(&[path.to_str().unwrap()]);
        assert!(!before.err.contains(said), "{} is refused without the option: {}", facts.name, before.err);
        let row = page.lines().find(|line| line.split_whitespace().next() == Some(facts.name)).unwrap_or_default();
        assert!(row.contains(facts.code), "{} is not in the page: {page}", facts.name);
    }
    let wrong = run(&["--limit", "speed=3", "-e", "1"]);
    assert!(wrong.code == Some(2) && wrong.err.contains("nesting, imports, work"), "{}", wrong.err);
    assert_eq!(run(&["--limit", "order=0", "-e", "1"]).code, Some(2));
    assert_eq!(run(&["--limit", "nesting=2000", "-e", &("(".repeat(1000) + "7" + &")".repeat(1000))]).out, "7\n");
}
