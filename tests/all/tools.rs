//! The tools beside the language: the formatter, the pages of explain, what the command line says of itself.

use super::fuzz::formatted::well_formatted;
use super::process::{examples, folder, grad, programs_in, run, run_with};
use super::random::generate::{Stream, expression};
use grad::expr::{Graph, print};
use grad::source::Source;
use grad::syntax::format::{COLUMNS, format};
use std::path::Path;
use std::time::Duration;

// ---- the formatter on programs

#[test]
fn every_program_keeps_its_meaning() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = [examples(), programs_in(&root.join("tests"))].concat();
    assert!(found.len() > 100);
    for path in found {
        if let Ok(text) = std::fs::read_to_string(&path) {
            well_formatted(path.to_str().unwrap(), &text);
        }
    }
}

/// The examples show the style.
#[test]
fn the_examples_are_formatted() {
    for path in examples() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(well_formatted(path.to_str().unwrap(), &text), text, "{}", path.display());
    }
}

/// The same text as people type it: other spaces, other signs, brackets and line ends.
fn disturbed(text: &str, stream: &mut Stream) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match (c, stream.below(6)) {
            (' ', 0..3) => out.push_str(["  ", "\t", " \u{a0}"][stream.below(3) as usize]),
            ('*', 0) => out.push_str(" × "),
            ('*', 1) => out.push('·'),
            ('/', 0) => out.push_str(" ÷ "),
            ('-', 0) => out.push('−'),
            ('^', 0) => out.push_str("**"),
            ('^', 1) => out.push_str(" ^ "),
            ('<', 0) if text.contains("< ") => out.push_str(" <"),
            ('(' | ')' | ',' | '[' | ']', 0..2) => out.extend([' ', c, ' ']),
            (',', 2) => out.push_str(",\n"),
            _ => out.push(c),
        }
    }
    out
}

#[test]
fn random_expressions_keep_their_meaning() {
    for number in 0..1500 {
        let mut g = Graph::new();
        let e = expression(&mut g, 31, number);
        let mut stream = Stream::new(77, number);
        let plain = print::plain(&g, e);
        let text = format!("derive {} wrt x; let a = {plain}  # {number}", disturbed(&plain, &mut stream));
        let text = well_formatted("random", &text);
        let split = well_formatted("random", &format!("eval {plain} at x=1,y=2;let a={plain}"));
        for line in text.lines().chain(split.lines()) {
            let is_wide = line.chars().count() > COLUMNS && !line.contains('#');
            assert!(!is_wide || !line[..COLUMNS].contains(", "), "{line}");
        }
    }
}

/// Programs of any characters: whatever they are, nothing is lost.
#[test]
fn whatever_is_typed_is_kept() {
    let pieces = [
        "let", " ", "x", "2", "e3", "(", ")", "[", "]", ";", "\n", "\r\n", "# c", "## n\n", "#> 3\n", "=", "-", "*", "/", "d",
        "dx", "^", "diff", "wrt", "at", ",", "..", ".", "'", "!", "\"s\"", "\"", "if", "then", "else", "and", "<", "≤", "¿",
        "\u{feff}", "d/dx", "\t", "+", "fn", "f", "grad", "1_0", "_x", "sum", "in", ":", "with", "explain",
    ];
    for number in 0..4000 {
        let mut stream = Stream::new(5, number);
        let length = stream.below(24) + 1;
        let text: String = (0..length).map(|_| pieces[stream.below(pieces.len() as u64) as usize]).collect();
        well_formatted("typed", &text);
    }
}

#[test]
fn large_and_deep_programs_are_formatted() {
    let long = "let a=[".to_owned() + &"x1+y*2,".repeat(150_000) + "1]";
    let text = format(&Source::new("t", long)).text;
    assert!(text.lines().all(|line| line.chars().count() <= COLUMNS));
    assert!(text.lines().count() > 10_000);
    for text in
        ["(".repeat(300_000), "x;".repeat(300_000), "x;x # c\n".repeat(100_000), "a\n\n\n".repeat(200_000), "#\n".repeat(300_000)]
    {
        let once = format(&Source::new("t", text)).text;
        assert_eq!(format(&Source::new("t", once.as_str())).text, once);
    }
    let nested = "(\n".repeat(200) + "x" + &"\n)".repeat(200);
    well_formatted("nested", &nested);
}

// ---- the program

#[test]
fn fmt_writes_files_and_nothing_beside_them() {
    let folder = folder("fmt");
    let (good, ugly, wrong) = (folder.join("good.grad"), folder.join("ugly.grad"), folder.join("wrong.grad"));
    std::fs::write(&good, "let a = 1\n").unwrap();
    std::fs::write(&ugly, "\u{feff}let a=1 ; let b = a×2\r\n").unwrap();
    std::fs::write(&wrong, "let a=1\nlet b=)\n").unwrap();
    std::fs::write(folder.join("other.txt"), "a=1").unwrap();
    let path = folder.to_str().unwrap();
    let ran = run(&["fmt", "--check", path]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("ugly.grad") && ran.out.contains("wrong.grad") && !ran.out.contains("good.grad"), "{}", ran.out);
    assert!(ran.out.contains("3 programs, 2 would change"), "{}", ran.out);
    assert!(std::fs::read_to_string(&ugly).unwrap().starts_with('\u{feff}'));
    let ran = run(&["fmt", path]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "3 programs, 2 changed\n"));
    assert!(ran.err.contains("E0104"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&ugly).unwrap(), "let a = 1\nlet b = a*2\n");
    assert_eq!(std::fs::read_to_string(&wrong).unwrap(), "let a = 1\nlet b=)\n");
    assert_eq!(std::fs::read_to_string(folder.join("other.txt")).unwrap(), "a=1");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4);
    assert_eq!(run(&["fmt", "--check", "--quiet", ugly.to_str().unwrap()]).code, Some(0));
}

#[test]
fn fmt_reads_standard_input_and_refuses_what_is_no_program() {
    let ran = run_with(&["fmt", "-"], b"x+ 1;y");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "x + 1\ny\n", ""));
    assert_eq!(run_with(&["fmt", "--check", "-"], b"x+ 1").code, Some(1));
    assert_eq!(run_with(&["fmt", "--check", "-"], b"x + 1\n").code, Some(0));
    let ran = run(&["fmt", "no-such-file.grad"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(2), "grad: no-such-file.grad: there is no such file\n"));
    assert_eq!(run(&["fmt"]).code, Some(2));
}

/// A file is replaced in one step: whenever the program dies, it is as it was or as it should be.
#[test]
fn fmt_leaves_no_half_written_file() {
    let folder = folder("killed");
    let path = folder.join("large.grad");
    let before = "let  a=1\n".repeat(60_000);
    let after = "let a = 1\n".repeat(60_000);
    let mut died = 0;
    for delay in (0..40).map(|k| Duration::from_millis(5 * k)) {
        std::fs::write(&path, &before).unwrap();
        let mut child = grad().args(["fmt", "--quiet"]).arg(&path).spawn().unwrap();
        std::thread::sleep(delay);
        let _ = child.kill();
        let ended = child.wait().unwrap();
        let found = std::fs::read_to_string(&path).unwrap();
        assert!(found == before || found == after, "{} bytes after {delay:?}", found.len());
        died += usize::from(ended.code().is_none());
    }
    assert!(died > 0, "it was never killed");
    let found = programs_in(&folder);
    assert_eq!(found, [path]);
}

#[cfg(unix)]
#[test]
fn fmt_keeps_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder("permissions");
    let (real, link) = (folder.join("real.grad"), folder.join("link.grad"));
    std::fs::write(&real, "x+1\n").unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, &link).unwrap();
    assert_eq!(run(&["fmt", link.to_str().unwrap()]).code, Some(0));
    assert_eq!(std::fs::read_to_string(&real).unwrap(), "x + 1\n");
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert!(link.symlink_metadata().unwrap().is_symlink());
    std::fs::write(&real, "x+1\n").unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o440)).unwrap();
    assert_eq!(run(&["fmt", real.to_str().unwrap()]).code, Some(2));
    assert_eq!(std::fs::read_to_string(&real).unwrap(), "x+1\n");
}

#[test]
fn explain_prints_pages_from_the_shell_and_in_programs() {
    let page = run(&["explain", "chain", "rule"]);
    assert_eq!(page.code, Some(0));
    assert!(page.out.starts_with("chain rule "), "{}", page.out);
    assert_eq!(run(&["-e", "explain \"chain rule\""]).out, page.out);
    assert_eq!(run(&["-e", "explain softplus"]).out, run(&["explain", "softplus"]).out);
    assert!(run(&["--format", "ascii", "explain", "derive"]).out.is_ascii());
    assert!(run(&["--format", "ascii", "-e", "explain derive"]).out.is_ascii());
    for topic in ["sigmoid", "sin", "syntax", "batch protocol", "verified steps"] {
        let page = run(&["--format", "ascii", "explain", topic]).out;
        // a question ends in one
        assert!(page.is_ascii() && !page.replace("?\n", "").contains('?'), "{page}");
    }
    for args in [
        &["--format", "json", "explain", "sin"][..],
        &["explain", "sin", "--format", "json"],
        &["--format", "json", "-e", "explain sin"],
    ] {
        let answer: serde_json::Value = serde_json::from_str(&run(args).out).unwrap();
        assert_eq!(answer["topic"], "sin");
        assert!(answer["text"].as_str().unwrap().starts_with("sin(u)"));
    }
    let ran = run(&["explain", "chian"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("did you mean `chain rule`?"), "{}", ran.err);
    let ran = run(&["-e", "explain chian\n1 + 1"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "2\n"));
    assert!(ran.err.contains("E0508"), "{}", ran.err);
    assert!(run(&["explain"]).out.contains("functions"));
    // the word is a name where it stands as one
    assert_eq!(run(&["-e", "explain - explain"]).out, "0\n");
}

/// What the program says of itself: one screen, with every command and option, and a page about each.
#[test]
fn help_fits_on_one_screen_and_forgets_nothing() {
    let help = run(&["--help"]).out;
    assert_eq!(help, run(&["-h"]).out);
    assert!(help.lines().count() <= 24, "{}", help.lines().count());
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    let completions = run(&["completions", "fish"]).out;
    let word = |line: &str, flag: &str| {
        let (_, rest) = line.split_once(flag)?;
        rest.split_whitespace().next().map(|word| word.trim_matches('"').to_owned())
    };
    let is_first_word = |line: &str| line.contains("needs_command") && !line.contains(" -l ");
    let mut counted = 0;
    for line in completions.lines().filter(|line| line.starts_with("complete ")) {
        if let Some(command) = is_first_word(line).then(|| word(line, " -a ")).flatten().filter(|command| command != "help") {
            assert!(
                help.contains(&format!("  {command}")) || help.contains(&format!(", {command}")),
                "{command} is not in the help"
            );
            assert!(run(&["explain", &command]).code == Some(0), "{command}");
            let more = run(&["help", &command]);
            assert!(more.code == Some(0) && more.out.contains("Usage"), "{command}");
            counted += 1;
        } else if let Some(option) = line.contains("needs_command").then(|| word(line, " -l ")).flatten() {
            assert!(help.contains(&format!("--{option}")), "--{option} is not in the help");
            if !["help", "version"].contains(&option.as_str()) {
                assert!(grad::explain::page(&format!("--{option}")).is_ok(), "--{option}");
            }
            counted += 1;
        }
    }
    assert!(counted >= 15, "{completions}");
}

#[test]
fn shells_and_the_manual_are_served() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = run(&["completions", shell]);
        assert!(ran.code == Some(0) && ran.out.contains("explain") && ran.out.contains("grad"), "{shell}");
    }
    let ran = run(&["completions", "fsh"]);
    assert!(ran.code == Some(2) && ran.err.contains("fish"), "{}", ran.err);
    let page = run(&["man"]).out;
    assert!(page.contains(".TH grad 1") && page.contains("\\-\\-timeout"), "{page}");
}

#[test]
fn a_slip_in_a_command_or_a_file_name_gets_a_hint() {
    assert!(run(&["fmtt"]).err.contains("did you mean `grad fmt`?"));
    assert!(run(&["explian", "sin"]).err.contains("did you mean `grad explain`?"));
    let folder = folder("slip");
    std::fs::write(folder.join("lesson.grad"), "1").unwrap();
    let ran = run(&[folder.join("leson.grad").to_str().unwrap()]);
    assert!(ran.code == Some(2) && ran.err.contains("lesson.grad?"), "{}", ran.err);
}
