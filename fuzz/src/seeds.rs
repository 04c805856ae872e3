//! What the fuzz targets begin with: the programs, expressions and requests of the tests and examples.

use serde_json::{Value, json};
use std::path::Path;

/// Inputs for a target, of the repository in this folder.
pub fn of(root: &Path, target: &str) -> Vec<Vec<u8>> {
    let texts = match target {
        "lex_parse" | "format" => [programs(root), expressions(root)].concat(),
        "batch" => requests(root),
        _ => expressions(root),
    };
    let mut out: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    if matches!(target, "round_trip" | "evaluate" | "differentiate") {
        out.extend(grown());
    }
    out
}

/// The words of a dictionary, in the form that libFuzzer reads.
pub fn dictionary() -> String {
    words().iter().map(|word| format!("\"{}\"\n", escaped(word))).collect()
}

/// Words of the language and of requests.
pub fn words() -> Vec<String> {
    const WORDS: &str = "let fn if then else and or not in wrt at for assuming with within where param given assume data \
        import assert diff derive grad hessian jacobian eval simplify expand contract stable domain descend plot table saturation inf pi e tau \
        integer sum mean prod count dot d/dx d^2/dx^2 detail brief normal full digits exact plain rate steps batch seed missing share step samples width height log \
        skip true false #> .. == != <= >= ** ' ! π ≤ · ² 1e400 1e-400";
    const FIELDS: &str = "id op expr parse equal left right run source gradient order";
    let fields = FIELDS.split_whitespace().map(|field| format!("\"{field}\":"));
    let functions = grad::math::functions().map(|f| f.name().to_owned());
    WORDS.split_whitespace().map(str::to_owned).chain(functions).chain(fields).collect()
}

/// Quotes and bytes beyond ASCII written as `\x22`.
fn escaped(word: &str) -> String {
    let shown = |byte: u8| match byte {
        b'"' | b'\\' | 0x7f.. => format!("\\x{byte:02X}"),
        _ => char::from(byte).to_string(),
    };
    word.bytes().map(shown).collect()
}

/// Every program of the examples and of the tests.
fn programs(root: &Path) -> Vec<String> {
    let mut folders = vec![root.join("examples"), root.join("tests/errors")];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "grad") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

/// The lines of the corpus.
fn lines(root: &Path) -> Vec<Value> {
    let files = ["derivatives", "feynman", "ml", "simplify"].map(|name| root.join(format!("tests/corpus/{name}.jsonl")));
    let texts = files.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    texts.flat_map(|text| text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect::<Vec<Value>>()).collect()
}

fn expressions(root: &Path) -> Vec<String> {
    lines(root).iter().filter_map(|line| line["expr"].as_str().map(str::to_owned)).collect()
}

/// Requests about each expression, in turn of each operation; and a few programs.
fn requests(root: &Path) -> Vec<String> {
    const OPERATIONS: [&str; 9] = ["parse", "simplify", "expand", "contract", "stable", "diff", "derive", "eval", "gradient"];
    let request = |(k, expression): (usize, &String)| {
        let at = json!({"x": 0.5, "y": "1.25", "z": 2, "a": -1});
        json!({"id": k, "op": OPERATIONS[k % OPERATIONS.len()], "expr": expression, "wrt": "x", "at": at}).to_string()
    };
    let mut out: Vec<String> = expressions(root).iter().enumerate().map(request).collect();
    out.extend(programs(root).iter().map(|program| json!({"op": "run", "source": program}).to_string()));
    out.push(json!({"op": "equal", "left": "sqrt(x^2)", "right": "abs(x)", "assume": ["x > 0"]}).to_string());
    out.push(json!({"op": "hessian", "expr": "x^2*exp(y)", "wrt": ["x", "y"], "at": {"x": 1, "y": 0}}).to_string());
    out
}

/// Bytes from which expressions grow.
fn grown() -> Vec<Vec<u8>> {
    let mut state = 1u64;
    let mut next = move || {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (state >> 56) as u8
    };
    (0..64).map(|k| std::iter::once(0xff).chain((0..20 + 2 * k).map(|_| next()).collect::<Vec<u8>>()).collect()).collect()
}
