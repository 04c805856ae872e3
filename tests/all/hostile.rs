//! Names and texts that try to fool a terminal or a page, through every output: none of their control characters, and none that
//! turns the direction of writing, gets through; in JSON they are escaped.
//!
//! `cargo test --release --test all hostile -- --include-ignored` tries 100,000 of them.

use crate::random::generate::Stream;
use grad::budget::Stop;
use grad::diagnostic::is_unsafe;
use grad::front::files::Files;
use grad::front::{batch, report, test_runner, watch};
use grad::limits::Limits;
use grad::outcome::Outcome;
use grad::render::document::{Lesson, Title, composed};
use grad::render::{Form, derivation::Marks, json, svg, text};
use grad::session::{Loader, Options, Session};
use grad::source::Source;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// So many strings share a program, a file, a run of the program.
const CHUNK: usize = 40;

/// What the strings are made of.
const PIECES: &[&str] = &[
    "\u{1b}[31m",
    "\u{1b}]0;title\u{7}",
    "\u{1b}",
    "\u{9b}2J",
    "\u{0}",
    "\u{7}",
    "\u{8}\u{8}",
    "\r",
    "\u{b}",
    "\u{c}",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{9d}",
    "\u{9f}",
    "\u{202a}",
    "\u{202b}",
    "\u{202c}",
    "\u{202d}",
    "\u{202e}",
    "\u{2066}",
    "\u{2067}",
    "\u{2068}",
    "\u{2069}",
    "\u{200e}",
    "\u{200f}",
    "\u{61c}",
    "\u{200b}",
    "\u{200c}",
    "\u{200d}",
    "\u{2060}",
    "\u{feff}",
    "\u{ad}",
    "\u{180e}",
    "\u{2028}",
    "\u{2029}",
    "\u{fff9}",
    "\u{fffb}",
    "\u{e0001}",
    "\u{e0041}",
    "\u{300}",
    "\u{301}\u{302}",
    "\u{fe0f}",
    "\u{e0100}",
    "\u{3b1}",
    "\u{5d0}",
    "\u{627}",
    "\u{4e2d}",
    "\u{ff21}",
    "\u{1f600}",
    "\u{10ffff}",
    "\u{2400}",
    "x",
    "loss",
    "_",
    "1",
    " ",
    "\t",
    "\n",
    "\"",
    "'",
    "\\",
    "\\u202e",
    "`",
    "#",
    "#>",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<b>",
    "&amp;",
    "$(x)",
    "%",
    ";",
    ",",
    ".",
    "=",
    "+",
    "*",
    "/",
    "^",
    "|",
    "\u{d7}",
    "\u{b7}",
    "\u{2080}",
];

/// Bytes that are no UTF-8.
const BROKEN: &[&[u8]] = &[b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x80", b"\xf5", b"\x80"];

/// The statements that a string is put into.
const STATEMENTS: &[&str] = &[
    "let @ = 1",
    "@ + x",
    "@(x)",
    "x @ y",
    "import \"@\"",
    "data d = \"@\"",
    "x # @",
    "#> @",
    "diff x^2 wrt @",
    "eval x at @ = 1",
    "derive x wrt x with detail = @",
    "simplify x with @ = 1",
    "\"@",
    "assert @ == 1",
    "param @ = 1",
    "fn f(@) = @",
    "@",
    "grad @",
    "let v@ = x; v@ + 1; eval v@",
    "diff w@*x wrt w@",
    "d.@",
    "assume @ > 0",
    "x^2 @",
    "x@ + loss@",
    "sum(@ in 1..3: @)",
    "check diff x^2 wrt x\n    = 2*@\n    = x + x",
    "check x@ == x",
    "exercise \"@\" with count = 1",
    "curve \"@.csv\"",
    "plot x^2, @ for x in -1..1",
    "table x@ for x in [1, 2]",
    "let h@ = tanh(w*x); flow h@^2 wrt w at w = 2, x = 1",
    "saturation sigmoid(x) for x in @..4",
    "elasticity x^2*@ wrt x at x = 2",
    "descend (w@ - 1)^2 with rate = 0.1, steps = 3 at w@ = 2",
    "explain @",
    "## $@$ and `@` and *@*\n## # @",
    "derive log(x)*@ wrt x",
];

/// The requests that a string is put into.
const REQUESTS: &[&str] = &["expr", "wrt", "at", "assume", "op", "id", "right", "source", "detail", "index", "raw"];

/// A string of up to six pieces, or of arbitrary characters.
fn hostile(stream: &mut Stream) -> String {
    let count = 1 + stream.below(6);
    (0..count)
        .map(|_| match stream.below(4) {
            0 => char::from_u32(stream.below(0x300) as u32).map_or_else(String::new, String::from),
            _ => PIECES[stream.below(PIECES.len() as u64) as usize].to_owned(),
        })
        .collect()
}

#[track_caller]
fn is_safe(what: &str, text: &str) {
    if let Some(c) = text.chars().find(|c| is_unsafe(*c)) {
        panic!("{what}: U+{:04X} in {:?}", u32::from(c), text.chars().take(3000).collect::<String>());
    }
}

/// What is coloured, without the colours: the only control characters that the program itself writes.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or("").to_owned();
    pieces.fold(first, |all, piece| {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').strip_prefix('m');
        all + rest.unwrap_or_else(|| panic!("no colour: {piece:?}"))
    })
}

/// Texts to import have the name by which they are asked for; data is looked for on the disk.
struct Named(Files);

impl Loader for Named {
    fn load(&mut self, _: &str, path: &str) -> Result<Source, String> {
        match path.len() % 3 {
            0 => Err(format!("there is no `{}`", grad::diagnostic::quote(path))),
            _ => Ok(Source::new(path, format!("let = {path}\nx +"))),
        }
    }

    fn find_data(&mut self, from: &str, path: &str) -> Result<grad::data::Place, String> {
        self.0.find_data(from, path)
    }
}

/// What is shown of a whole program: as a document of each kind.
fn is_a_safe_document(title: &str, lesson: Lesson) {
    let blocks = lesson.blocks(Limits::default());
    for form in [Form::Markdown, Form::Latex, Form::Html] {
        let mut format = form.document().unwrap();
        let text = composed(&mut *format, &Title { text: title.to_owned(), is_shown: true }, &blocks);
        is_safe("document", &text);
        // no tag that a page of the program itself has
        assert!(form != Form::Html || !text.contains("<b>"), "{title:?}: {text}");
    }
}

/// Everything that is shown of an outcome.
fn is_shown_safely(session: &Session, outcome: &Outcome) {
    let g = &session.graph;
    for marks in [Marks::UNICODE, Marks::ASCII] {
        is_safe("text", &text::outcome(g, outcome, marks));
    }
    is_safe("json", &json::line(&json::outcome(g, outcome)));
    if let Some(picture) = outcome.answer.as_ref().and_then(svg::picture) {
        is_safe("svg", &svg::document(&[&picture]));
    }
    for diagnostic in &outcome.diagnostics {
        let source = &outcome.text.source;
        is_safe("report", &report::report(source, diagnostic, report::Style { color: false }));
        is_safe("coloured report", &without_colours(&report::report(source, diagnostic, report::Style { color: true })));
        is_safe("compact", &report::compact(source, diagnostic));
    }
}

fn program(strings: &[String], first: usize) -> String {
    let statement = |(k, string): (usize, &String)| STATEMENTS[(first + k) % STATEMENTS.len()].replace('@', string) + "\n";
    strings.iter().enumerate().map(statement).collect()
}

fn programs(strings: &[String], first: usize, folder: &Path) {
    let mut files = Files::default();
    let _ = files.program(&folder.join("none.grad"));
    let source = Source::new(strings[0].clone(), program(strings, first));
    let mut lesson = Lesson::new(&source);
    Session::new(Options::default()).run_each(source, &mut Named(files), &mut |session, outcome| {
        is_shown_safely(session, &outcome);
        let told = outcome.diagnostics.iter().map(|diagnostic| report::message(&outcome.text.source, diagnostic));
        lesson.outcome(&session.graph, &outcome, told);
    });
    is_a_safe_document(&strings[1], lesson);
}

/// A request with the string in one of its fields; some as raw bytes, some with every character escaped.
fn request(string: &str, k: usize) -> Vec<u8> {
    let inside = |key: &str| match key {
        "expr" => json!({"op": "simplify", "expr": format!("x{string} + 1")}),
        "wrt" => json!({"op": "diff", "expr": "x^2", "wrt": string}),
        "at" => json!({"op": "eval", "expr": "x", "at": {string: 1}}),
        "assume" => json!({"op": "simplify", "expr": "x", "assume": [string]}),
        "op" => json!({"op": string}),
        "id" => json!({"id": {string: [string]}, "op": "parse", "expr": "x"}),
        "right" => json!({"op": "equal", "left": "x", "right": string}),
        "source" => json!({"op": "run", "source": format!("let a = {string}\na")}),
        "detail" => json!({"op": "derive", "expr": "x", "wrt": "x", "detail": string}),
        "index" => {
            json!({"op": "gradient", "expr": "w[1]*x", "wrt": [format!("w[{string}"), format!("w[{string}]")], "at": {"w[1]": 1, "x": 2}})
        }
        _ => Value::Null,
    };
    match REQUESTS[k % REQUESTS.len()] {
        "raw" => {
            let mut line = format!("{{\"op\": \"{string}").into_bytes();
            line.extend_from_slice(BROKEN[k % BROKEN.len()]);
            line.retain(|b| *b != b'\n');
            line
        }
        key => inside(key).to_string().into_bytes(),
    }
}

fn requests(strings: &[String], first: usize) {
    let lines: Vec<Vec<u8>> = strings.iter().enumerate().map(|(k, string)| request(string, first + k)).collect();
    let mut out = Vec::new();
    batch::run(&lines.join(&b'\n')[..], &mut out, &Options::default()).unwrap();
    let out = String::from_utf8(out).unwrap();
    is_safe("batch", &out);
    assert_eq!(out.lines().count(), lines.iter().filter(|line| !line.iter().all(u8::is_ascii_whitespace)).count());
    assert!(out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{out}");
}

/// `grad test` of a program of the strings that expects other strings of them.
fn tests(strings: &[String], first: usize, folder: &Path, watch: &watch::Watch) {
    let expected = |string: &String| format!("#> {}\n", string.replace('\n', " "));
    let lines = program(strings, first).lines().map(str::to_owned).collect::<Vec<String>>();
    let text: String = lines.iter().zip(strings.iter().cycle()).map(|(line, s)| format!("{line}\n{}", expected(s))).collect();
    let path = folder.join(file_name(&strings[0]) + ".grad");
    std::fs::write(&path, text.replace('\0', "\u{1}")).unwrap();
    match test_runner::test(&path, &Options::default(), watch) {
        Ok(found) => found.failures.iter().for_each(|failure| is_safe("grad test", failure)),
        Err(reason) => is_safe("grad test", &reason),
    }
    std::fs::remove_file(path).unwrap();
}

fn file_name(string: &str) -> String {
    let name: String = string.chars().filter(|c| !matches!(c, '/' | '\0')).take(40).collect();
    format!("n{name}")
}

/// Data whose columns have the strings for names, and for values.
fn data(strings: &[String], folder: &Path) {
    let quoted = |string: &String| format!("\"{}\"", string.replace('"', "\"\""));
    let row = |cells: Vec<String>| cells.join(",") + "\n";
    let count = strings.len();
    let head = row(std::iter::once("x".to_owned()).chain(strings.iter().map(quoted)).collect());
    let good = row((0..=count).map(|k| k.to_string()).collect());
    let bad = row(std::iter::once("7".to_owned()).chain(strings.iter().map(quoted)).collect());
    std::fs::write(folder.join("d.csv"), head + &good + &bad).unwrap();
    let name = file_name(&strings[1]) + ".jsonl";
    let objects: String = strings.iter().map(|s| json!({"x": s, s: s}).to_string() + "\n").collect();
    std::fs::write(folder.join(&name), objects).unwrap();
    let mut text =
        format!("data d = \"d.csv\"\ndata j = \"{name}\"\nmean(d.x)\nmean(d.nosuch)\nmean(j.x)\nmean(j.nosuch)\nj + d\n");
    for string in strings {
        let ident: String = string.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        text.push_str(&format!("mean(d.{ident})\nsum(j.{ident})\ngrad mean(w*d.{ident}) wrt w\n"));
    }
    std::fs::write(folder.join("d.grad"), text).unwrap();
    let mut files = Files::default();
    let source = files.program(&folder.join("d.grad")).unwrap();
    Session::new(Options::default()).run_each(source, &mut files, &mut |session, outcome| {
        is_shown_safely(session, &outcome);
    });
    std::fs::remove_file(folder.join(name)).unwrap();
}

/// The program itself, with the strings as names of files that are not there, and as words of the command line.
fn arguments(strings: &[String], folder: &Path) {
    let path = |(k, s): (usize, &String)| {
        let mut bytes = b"./".to_vec();
        bytes.extend(s.bytes().filter(|b| *b != 0));
        bytes.extend_from_slice(BROKEN[k % BROKEN.len()]);
        OsString::from_vec(bytes)
    };
    let paths: Vec<OsString> = strings.iter().enumerate().map(path).collect();
    let word = strings[0].replace('\0', "");
    let calls: [Vec<OsString>; 6] = [
        paths.clone(),
        vec!["-e".into(), program(&strings[..5], 0).replace('\0', "").into()],
        vec![format!("--{word}").into()],
        vec!["--format".into(), word.clone().into(), "x".into()],
        vec!["--output".into(), folder.join("none").join(&word).into(), "-e".into(), "x".into()],
        std::iter::once("test".into()).chain(paths).collect(),
    ];
    for call in calls {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grad"));
        let out = command.args(&call).current_dir(folder).stdin(Stdio::null()).output().unwrap();
        for stream in [out.stdout, out.stderr] {
            is_safe("command line", &String::from_utf8(stream).unwrap_or_else(|_| panic!("not UTF-8 for {call:?}")));
        }
    }
}

/// Every output for this many strings, on two threads. Runs of the program take long: every eighth chunk has them.
fn all(count: usize) {
    let folder: PathBuf = std::env::temp_dir().join(format!("grad-{}-hostile-{count}", std::process::id()));
    let next = AtomicUsize::new(0);
    let watch = watch::Watch::start(watch::Bounds { time: Duration::from_secs(1000), memory: u64::MAX }, Stop::default());
    let work = |folder: PathBuf| {
        std::fs::create_dir_all(&folder).unwrap();
        loop {
            let chunk = next.fetch_add(1, Ordering::Relaxed);
            if chunk * CHUNK >= count {
                break;
            }
            let mut stream = Stream::new(5, chunk as u64);
            let strings: Vec<String> = (0..CHUNK).map(|_| hostile(&mut stream)).collect();
            strings.iter().for_each(|s| is_safe("explain", &grad::explain::page(s).unwrap_or_else(|reason| reason)));
            // not a multiple of the number of statements or requests, so that each string has another place each time
            let first = chunk * (CHUNK + 1);
            programs(&strings, first, &folder);
            requests(&strings, first);
            tests(&strings, first + 7, &folder, &watch);
            data(&strings, &folder);
            if chunk.is_multiple_of(8) {
                arguments(&strings, &folder);
            }
        }
    };
    std::thread::scope(|scope| {
        for k in 0..2 {
            let (work, folder) = (&work, folder.join(k.to_string()));
            scope.spawn(move || work(folder));
        }
    });
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn hostile_texts_are_shown_escaped() {
    all(2_000);
}

#[test]
#[ignore = "takes some minutes"]
fn many_hostile_texts_are_shown_escaped() {
    all(100_000);
}
