//! `grad batch`: JSON lines in, JSON lines out. Each request stands alone; whatever a line holds, it gets one answer.

use crate::curve::rows::Row;
use crate::derive::Detail;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::expr::Number;
use crate::limits::{Limit, Limits};
use crate::marking::hint::Level;
use crate::outcome::Answer;
use crate::render::json;
use crate::resolve::Fault;
use crate::session::{Ask, NoImports, ONE_KIND, Options, Query, Session, Wanted};
use crate::source::Source;
use crate::syntax::ast::CommandKind;
use serde_json::{Map, Value};
use std::io::{BufRead, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// The operations, for messages.
const OPERATIONS: &str = "parse, simplify, expand, contract, stable, diff, derive, eval, gradient, hessian, equal, check, plot, table, \
    saturation, flow, elasticity, descend, curve, run";

/// Answers every line of `input` until it ends.
///
/// # Errors
/// When reading or writing fails.
pub fn run(mut input: impl BufRead, mut output: impl Write, options: &Options) -> std::io::Result<()> {
    let mut worker = Worker::start(options);
    let mut line = Vec::new();
    while next_line(&mut input, &mut line, longest_line(options.limits))? {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = worker.answer(&line, options);
        writeln!(output, "{}", json::line(&answer))?;
        output.flush()?;
    }
    Ok(())
}

/// The longest line that is read: a text of the largest size, escaped.
fn longest_line(limits: Limits) -> u64 {
    8 * limits.of(Limit::Text)
}

/// Reads a line; of one that is too long the beginning, and the rest is skipped.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>, longest: u64) -> std::io::Result<bool> {
    line.clear();
    let read = input.by_ref().take(longest).read_until(b'\n', line)?;
    if read as u64 == longest && line.last() != Some(&b'\n') {
        let mut rest = Vec::new();
        while input.by_ref().take(longest).read_until(b'\n', &mut rest)? > 0 && rest.last() != Some(&b'\n') {
            rest.clear();
        }
    }
    Ok(read > 0)
}

/// A thread that answers, so that one request that takes too long does not hold up the others.
struct Worker {
    requests: Sender<Vec<u8>>,
    answers: Receiver<Value>,
}

impl Worker {
    fn start(options: &Options) -> Self {
        let options = options.clone();
        let (requests, inbox) = channel::<Vec<u8>>();
        let (outbox, answers) = channel();
        std::thread::spawn(move || {
            for line in inbox {
                if outbox.send(answer(&line, &options)).is_err() {
                    break;
                }
            }
        });
        Worker { requests, answers }
    }

    /// The answer to a line. A thread that does not answer in time is left to itself and another takes its place.
    fn answer(&mut self, line: &[u8], options: &Options) -> Value {
        const GRACE: Duration = Duration::from_millis(200);
        let time = options.time.unwrap_or(Duration::MAX);
        let sent = self.requests.send(line.to_vec());
        match self.answers.recv_timeout(time.saturating_add(GRACE)) {
            Ok(answer) if sent.is_ok() => answer,
            _ => {
                *self = Worker::start(options);
                let message = format!("the request took more than {} s", time.as_secs_f64());
                failure(&id_of(line), &Diagnostic::new(&code::BUDGET, message))
            }
        }
    }
}

fn id_of(line: &[u8]) -> Value {
    serde_json::from_slice::<Value>(line).ok().and_then(|request| request.get("id").cloned()).unwrap_or(Value::Null)
}

/// The answer to one line, whatever it holds.
fn answer(line: &[u8], options: &Options) -> Value {
    let request = match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(request)) => request,
        Ok(_) => return failure(&Value::Null, &bad("a request is a JSON object")),
        Err(error) => return failure(&Value::Null, &bad(format!("this line is not JSON: {error}"))),
    };
    let id = request.get("id").cloned().unwrap_or(Value::Null);
    let answered = catch_unwind(AssertUnwindSafe(|| operation(&request, options)));
    match answered {
        Ok(Ok(fields)) => {
            let mut out = Map::new();
            out.insert("id".into(), id);
            out.insert("ok".into(), true.into());
            out.extend(fields);
            Value::Object(out)
        }
        Ok(Err(fault)) => failure(&id, &fault),
        Err(_) => {
            failure(&id, &Diagnostic::new(&code::INTERNAL, "grad made a mistake of its own here; please report this request"))
        }
    }
}

fn failure(id: &Value, fault: &Diagnostic) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), id.clone());
    out.insert("ok".into(), false.into());
    out.insert("error".into(), Value::Object(json::error(fault)));
    Value::Object(out)
}

fn bad(message: impl Into<String>) -> Fault {
    Box::new(Diagnostic::new(&code::REQUEST, message))
}

fn operation(request: &Map<String, Value>, options: &Options) -> Result<Map<String, Value>, Fault> {
    let mut session = Session::new(options.clone());
    let highest = options.limits.of(Limit::Order);
    let asked = match string(request, "op")? {
        "parse" => Ask::Parse,
        "simplify" => Ask::Simplify,
        "expand" => Ask::Expand,
        "contract" => Ask::Contract,
        "stable" => Ask::Stable,
        "diff" => Ask::Diff(variables(request, highest)?),
        "derive" => Ask::Derive(variables(request, highest)?, detail(request)?),
        "eval" => Ask::Eval(wanted(request)?),
        "gradient" => Ask::Gradient(names(request, "wrt")?),
        "flow" => Ask::Flow(names(request, "wrt")?),
        "elasticity" => Ask::Elasticity(names(request, "wrt")?),
        "descend" => Ask::Descend(texts(request, "wrt")?, settings(request)?),
        "hessian" => Ask::Hessian(names(request, "wrt")?),
        "equal" => Ask::Equal(string(request, "right")?.to_owned()),
        "check" => Ask::Check(lines(request)?, hint(request)?),
        "plot" => along(request, CommandKind::Plot)?,
        "table" => along(request, CommandKind::Table)?,
        "saturation" => along(request, CommandKind::Saturation)?,
        "curve" => return curve(&session, request),
        "run" => return program(session, string(request, "source")?),
        other => return Err(bad(format!("there is no operation `{}`; there are: {OPERATIONS}", quote(other)))),
    };
    let (assume, at) = (texts(request, "assume")?, values(request)?);
    let subject = match asked {
        Ask::Equal(_) => "left",
        Ask::Check(..) => "problem",
        _ => "expr",
    };
    let several = matches!(asked, Ask::Along { .. }).then(|| list(request, subject)).flatten();
    let expression = match &several {
        Some(list) => list,
        None => string(request, subject)?,
    };
    let query = Query { expression, assume: &assume, at: &at, ask: asked };
    let answer = session.ask(&query)?;
    let mut fields = json::answer(&session.graph, &answer);
    if query.ask == Ask::Parse {
        fields.retain(|name, _| name == "result" || name == "parts");
    }
    if let Answer::Derivation { .. } = answer {
        fields.remove("kinks");
    }
    if let (Ask::Hessian(_), Answer::Matrix { variables, rows }) = (&query.ask, &answer) {
        fields.extend(json::by_name(&session.graph, variables, rows).map(|matrix| ("hessian".to_owned(), matrix)));
    }
    if let (Ask::Hessian(_), Answer::Shared { entries, .. }) = (&query.ask, &answer) {
        fields.extend(json::pairs_by_name(&session.graph, entries).map(|matrix| ("hessian".to_owned(), matrix)));
    }
    Ok(fields)
}

/// A curve that stands in the request: `loss`, and `steps` and `val` beside it, lists of numbers with null for what is missing.
fn curve(session: &Session, request: &Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    let loss = numbers(request, "loss")?.ok_or_else(|| bad("`loss` is missing"))?;
    let (steps, others) = (numbers(request, "steps")?, numbers(request, "val")?);
    for (field, list) in [("steps", &steps), ("val", &others)] {
        if let Some(list) = list
            && list.len() != loss.len()
        {
            return Err(bad(format!("`{field}` has {} entries, `loss` {}", list.len(), loss.len())));
        }
    }
    let ahead = match request.get("ahead") {
        None | Some(Value::Null) => None,
        Some(value) => Some(value.as_f64().filter(|n| *n > 0.0).ok_or_else(|| bad("`ahead` is a positive number"))?),
    };
    let counted = |k: usize| (k + 1) as f64;
    let row = |(k, loss): (usize, &f64)| Row {
        step: steps.as_ref().map_or(counted(k), |steps| steps[k]),
        loss: *loss,
        other: others.as_ref().map_or(f64::NAN, |others| others[k]),
    };
    let rows: Vec<Row> = loss.iter().enumerate().map(row).collect();
    Ok(json::answer(&session.graph, &session.curve(&rows, ahead)?))
}

fn program(mut session: Session, source: &str) -> Result<Map<String, Value>, Fault> {
    let limit = session.options.limits.of(Limit::Text);
    if source.len() as u64 > limit {
        let message = format!("the program has {} bytes; the limit is {limit}", source.len());
        return Err(Box::new(Diagnostic::beyond(Limit::Text, message)));
    }
    let mut outputs = Vec::new();
    session.run_each(Source::new("source", source), &mut NoImports, &mut |session, outcome| {
        if outcome.answer.is_some() || !outcome.diagnostics.is_empty() {
            outputs.push(json::outcome(&session.graph, &outcome));
        }
    });
    Ok(Map::from_iter([("outputs".to_owned(), Value::Array(outputs))]))
}

// ---- fields

fn string<'r>(request: &'r Map<String, Value>, field: &str) -> Result<&'r str, Fault> {
    match request.get(field) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(bad(format!("`{field}` is a string"))),
        None => Err(bad(format!("`{field}` is missing"))),
    }
}

/// A list of strings; one string is a list of one; nothing is an empty list.
fn texts(request: &Map<String, Value>, field: &str) -> Result<Vec<String>, Fault> {
    let wrong = || bad(format!("`{field}` is a string or a list of strings"));
    match request.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

/// A list of numbers: null is missing; what is not finite is a string, and counts as such.
fn numbers(request: &Map<String, Value>, field: &str) -> Result<Option<Vec<f64>>, Fault> {
    let wrong = || bad(format!("`{field}` is a list of numbers"));
    let number = |value: &Value| match value {
        Value::Null => Ok(f64::NAN),
        Value::String(text) if ["inf", "-inf", "nan"].contains(&text.as_str()) => Ok(f64::INFINITY),
        other => other.as_f64().ok_or_else(wrong),
    };
    match request.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => items.iter().map(number).collect::<Result<_, _>>().map(Some),
        Some(_) => Err(wrong()),
    }
}

fn names(request: &Map<String, Value>, field: &str) -> Result<Vec<String>, Fault> {
    if request.contains_key(field) { texts(request, field) } else { Err(bad(format!("`{field}` is missing"))) }
}

/// The variables of a derivative, all of them so many times as `order` says.
fn variables(request: &Map<String, Value>, highest: u64) -> Result<Vec<String>, Fault> {
    let names = names(request, "wrt")?;
    if names.is_empty() {
        return Err(bad("`wrt` names no variable"));
    }
    let order = match request.get("order") {
        None | Some(Value::Null) => 1,
        Some(value) => value
            .as_u64()
            .filter(|n| (1..=highest).contains(n))
            .ok_or_else(|| bad(format!("`order` is a whole number from 1 to {highest}")))?,
    };
    let count = usize::try_from(order).unwrap_or(1);
    Ok((0..count).flat_map(|_| names.iter().cloned()).collect())
}

fn lines(request: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    if request.contains_key("lines") { texts(request, "lines") } else { Err(bad("`lines` is missing")) }
}

/// How much the hint says: false, 1, 2, 3 or "full".
fn hint(request: &Map<String, Value>) -> Result<Level, Fault> {
    let Some(value) = request.get("hint").filter(|value| !value.is_null()) else { return Ok(Level::default()) };
    Level::named(&word(value)).ok_or_else(|| bad(format!("`hint` is one of {}", Level::WORDS.join(", "))))
}

fn detail(request: &Map<String, Value>) -> Result<Detail, Fault> {
    let Some(value) = request.get("detail") else { return Ok(Detail::Normal) };
    value.as_str().and_then(Detail::named).ok_or_else(|| bad("`detail` is brief, normal or full"))
}

/// The number that `eval` is asked for: with `digits` so many, with `exact` the closed form, with `plain` what the typed
/// operations give, else the nearest f64, and the exact value where it is rational.
fn wanted(request: &Map<String, Value>) -> Result<Wanted, Fault> {
    let flag = |name| match request.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| bad(format!("`{name}` is true or false"))),
    };
    let digits = request.get("digits").filter(|value| !value.is_null());
    match (digits, flag("exact")?, flag("plain")?) {
        (None, false, false) => Ok(Wanted::Rational),
        (None, true, false) => Ok(Wanted::Exact),
        (None, false, true) => Ok(Wanted::Plain),
        (Some(count), false, false) => {
            let count = count.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
            count.map(Wanted::Digits).ok_or_else(|| bad("`digits` is a whole number above 0"))
        }
        _ => Err(bad(ONE_KIND)),
    }
}

/// Several expressions as one vector; none where there is one only.
fn list(request: &Map<String, Value>, field: &str) -> Option<String> {
    let Some(Value::Array(items)) = request.get(field) else { return None };
    let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    texts.map(|texts| format!("[{}]", texts.join(", ")))
}

/// The question of a command that looks along a variable: `for` is an object of pairs.
fn along(request: &Map<String, Value>, kind: CommandKind) -> Result<Ask, Fault> {
    let most = if kind == CommandKind::Table { 2 } else { 1 };
    let Some(Value::Object(object)) = request.get("for") else {
        return Err(bad("`for` is an object that gives a variable its range, such as {\"x\": [0, 10]}"));
    };
    if object.is_empty() || object.len() > most {
        return Err(bad(format!("`for` names {} here", if most == 1 { "one variable" } else { "one variable or two" })));
    }
    let range = |(name, ends): (&String, &Value)| match ends.as_array().map(Vec::as_slice) {
        Some([from, to]) => Ok((name.clone(), [end(name, from, "-inf")?, end(name, to, "inf")?])),
        _ => Err(bad(format!("the range of `{}` is a list of two numbers", quote(name)))),
    };
    let ranges = object.iter().map(range).collect::<Result<_, _>>()?;
    Ok(Ask::Along { kind, ranges, with: settings(request)? })
}

/// The settings of `with`, as they would be typed.
fn settings(request: &Map<String, Value>) -> Result<Vec<(String, String)>, Fault> {
    match request.get("with") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(object)) => Ok(object.iter().map(|(name, value)| (name.clone(), word(value))).collect()),
        Some(_) => Err(bad("`with` is an object of settings")),
    }
}

/// A setting as it would be typed.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The end of a range; none where it is this infinite one.
fn end(name: &str, value: &Value, infinite: &str) -> Result<Option<Number>, Fault> {
    if value.as_str() == Some(infinite) {
        return Ok(None);
    }
    let found = number(value).ok_or_else(|| bad(format!("the ends of the range of `{}` are numbers", quote(name))))?;
    Ok(Some(found))
}

/// A JSON number stands for the f64 that it denotes, a string for the decimal that it holds.
fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => number.as_f64().and_then(Number::from_f64),
        Value::String(text) => signed(text),
        _ => None,
    }
}

/// The point of `at`. See [`number`].
fn values(request: &Map<String, Value>) -> Result<Vec<(String, Number)>, Fault> {
    let object = match request.get("at") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(object)) => object,
        Some(_) => return Err(bad("`at` is an object of numbers")),
    };
    let value = |(name, value): (&String, &Value)| {
        let number = number(value).ok_or_else(|| bad(format!("`at` gives `{}` no number", quote(name))))?;
        Ok((name.clone(), number))
    };
    object.iter().map(value).collect()
}

fn signed(text: &str) -> Option<Number> {
    match text.strip_prefix('-') {
        Some(positive) => Number::parse(positive).map(|n| -&n),
        None => Number::parse(text),
    }
}
