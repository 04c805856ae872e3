//! Runs of the real program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a run gave.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The program, without colour, on 80 columns.
pub fn grad() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grad"));
    command.env("NO_COLOR", "1").env("COLUMNS", "80").env_remove("RUST_BACKTRACE");
    command
}

/// What has ended.
pub fn finished(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The program with these arguments and no input.
pub fn run(args: &[&str]) -> Ran {
    finished(grad().args(args).stdin(Stdio::null()).output().unwrap())
}

/// The program with these arguments and this input.
pub fn run_with(args: &[&str], input: &[u8]) -> Ran {
    let mut child = grad().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // a program that refuses its input may close it early
    let _ = child.stdin.take().unwrap().write_all(input);
    finished(child.wait_with_output().unwrap())
}

/// A folder of its own for each test.
pub fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("grad-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// The programs in a folder and in those inside of it, in order.
pub fn programs_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(programs_in(&path));
        } else if path.extension().is_some_and(|ext| ext == "grad") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The example programs.
pub fn examples() -> Vec<PathBuf> {
    programs_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"))
}
