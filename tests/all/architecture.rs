//! The house rules that a compiler does not hold: the order of the modules, and that each outside package is known to one place.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules in the order in which `lib.rs` lists them.
fn listed() -> Vec<String> {
    let text = fs::read_to_string(source_folder().join("lib.rs")).unwrap();
    text.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

/// The top module that a file belongs to.
fn module_of(path: &Path) -> String {
    let inner = path.strip_prefix(source_folder()).unwrap();
    let first = inner.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// A file without its comments and its test module.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
    text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// What follows each `crate::`.
fn named_modules(code: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    code.match_indices("crate::").map(|(at, _)| word(&code[at + 7..])).collect()
}

#[test]
fn a_module_uses_only_what_stands_above_it() {
    let order = listed();
    let place: HashMap<&str, usize> = order.iter().enumerate().map(|(k, m)| (m.as_str(), k)).collect();
    let mut files = Vec::new();
    sources(&source_folder(), &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let module = module_of(&file);
        let Some(own) = place.get(module.as_str()) else { continue };
        if file.ends_with("tests.rs") {
            continue;
        }
        for used in named_modules(&code(&file)) {
            if place.get(used.as_str()).is_some_and(|p| p > own) {
                wrong.push(format!("{} uses {used}, which stands below {module}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_is_listed() {
    let order = listed();
    let mut found: Vec<String> = fs::read_dir(source_folder())
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| p.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|m| m != "lib" && m != "main")
        .collect();
    found.sort();
    let mut sorted = order;
    sorted.sort();
    assert_eq!(found, sorted);
}

/// Each outside package with the one file or folder that may name it.
const HOMES: &[(&str, &[&str])] = &[
    ("logos", &["syntax/token.rs"]),
    ("lalrpop_util", &["syntax"]),
    ("ariadne", &["front/report.rs"]),
    ("rustyline", &["front/repl"]),
    ("ctrlc", &["front/repl"]),
    ("etcetera", &["front/repl"]),
    ("clap", &["front/cli.rs"]),
    ("clap_complete", &["front/cli.rs"]),
    ("clap_mangen", &["front/cli.rs"]),
    ("anstream", &["front"]),
    ("terminal_size", &["front/cli.rs"]),
    ("serde_json", &["front", "render", "data/json.rs"]),
    ("csv", &["data"]),
    ("parquet", &["data"]),
    ("arrow_array", &["data/arrow.rs", "data/tests.rs"]),
    ("arrow_ipc", &["data/arrow.rs", "data/tests.rs"]),
    ("fast_float2", &["data"]),
    ("indicatif", &["front/progress.rs"]),
];

#[test]
fn each_outside_package_is_known_to_one_place() {
    let mut files = Vec::new();
    sources(&source_folder(), &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inner = file.strip_prefix(source_folder()).unwrap().to_str().unwrap().to_owned();
        let text = code(&file);
        for (package, homes) in HOMES {
            let named = text.contains(&format!("{package}::"));
            if named && !homes.iter().any(|h| inner.starts_with(h)) {
                wrong.push(format!("{inner} names {package}, which belongs to {}", homes.join(" or ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_lives_in_it() {
    let mut files = Vec::new();
    sources(&source_folder(), &mut files);
    let silent: Vec<_> = files.iter().filter(|f| !fs::read_to_string(f).unwrap().starts_with("//!")).collect();
    assert!(silent.is_empty(), "{silent:?}");
}
