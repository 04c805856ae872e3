//! The examples and the README run: every output that they show is what the program prints.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the program prints for this text on standard input: results, then messages.
fn printed(program: &str, arguments: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_grad"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap()
}

#[test]
fn the_examples_print_what_they_say() {
    let done = Command::new(env!("CARGO_BIN_EXE_grad")).arg("test").arg(root().join("examples")).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
}

/// Every example states what it prints: one without expectations would test nothing.
#[test]
fn every_example_has_expectations() {
    let examples = super::process::examples();
    for path in &examples {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.lines().any(|l| l.trim_start().starts_with("#>")), "{}", path.display());
    }
    assert!(examples.len() >= 40);
}

/// The README leads to every lesson, in the order in which they are taught.
#[test]
fn the_readme_lists_the_lessons() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let listed: Vec<String> =
        readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ")).map(|(name, _)| name.to_owned()).collect();
    let names = std::fs::read_dir(root().join("examples/learning")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut lessons: Vec<String> =
        names.filter_map(|name| Some(name.to_str().unwrap().strip_suffix(".grad")?.to_owned())).collect();
    lessons.sort();
    assert!(lessons.len() >= 14);
    let listed: Vec<String> = listed.into_iter().filter(|name| name.starts_with(|c: char| c.is_ascii_digit())).collect();
    assert_eq!(listed, lessons);
}

/// The fenced blocks of the README, as (language, text).
pub fn blocks() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut out = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => out.extend(open.take()),
            (None, Some((_, body))) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    out
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let blocks = blocks();
    let mut shown = 0;
    for pair in blocks.windows(2) {
        let [(language, program), (next, output)] = pair else { continue };
        if language == "grad" {
            assert_eq!(next, "text", "no output is shown for:\n{program}");
            assert_eq!(printed(program, &["-"]).trim_end(), output.trim_end(), "the README's block:\n{program}");
            shown += 1;
        }
    }
    assert!(shown >= 5);
}

/// What `echo 'TEXT' | grad …` prints in the README is what it prints.
#[test]
fn the_readme_shows_what_commands_answer() {
    let mut shown = 0;
    for (_, body) in blocks().iter().filter(|(language, _)| language == "console") {
        for call in body.split("$ ").filter_map(|call| call.strip_prefix("echo '")) {
            let (line, wanted) = call.split_once('\n').unwrap();
            let (text, arguments) = line.split_once("' | grad ").unwrap();
            let arguments: Vec<&str> = arguments.split(' ').collect();
            assert_eq!(printed(&format!("{text}\n"), &arguments), wanted, "{line}");
            shown += 1;
        }
    }
    assert_eq!(shown, 4);
}

/// The same of what `grad grade` prints.
#[test]
fn the_readme_shows_how_a_class_is_marked() {
    let blocks = blocks();
    let call = blocks.iter().find_map(|(_, body)| body.strip_prefix("$ grad grade ")).unwrap();
    let (folder, wanted) = call.split_once('\n').unwrap();
    let ran = super::process::run(&["grade", &root().join(folder).to_string_lossy()]);
    assert_eq!(ran.out, wanted);
}
