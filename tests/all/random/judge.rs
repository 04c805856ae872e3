//! Judges what is answered about one expression: the answer is read back from its printed text and compared with the question
//! by enclosures, which share nothing with the simplifier.

use grad::derive::Step;
use grad::diagnostic::code;
use grad::domain::Known;
use grad::expr::{Graph, Id, print, walk};
use grad::outcome::{Answer, Formula};
use grad::resolve::formula;
use grad::session::{Ask, Options, Query, Session};
use grad::simplify::measure;
use grad::verify::check::{Allowed, Checker, Outcome};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// What can be wrong with an answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// The program stopped.
    Panicked,
    /// Nothing was answered, though there is an answer.
    Refused,
    /// The printed text cannot be read, or does not mean what it was printed from.
    Unread,
    /// Another value.
    Wrong,
    /// A value is lost: the result has none.
    Shrunk,
    /// A value is lost: the printed conditions do not hold.
    Narrowed,
    /// A value is gained where the printed conditions hold.
    Enlarged,
    /// A step makes the expression longer.
    StepGrew,
    /// A step makes the expression neither shorter nor puts it in another order only.
    StepStayed,
    /// A step changes nothing that a reader sees.
    StepIdle,
    /// A step does not begin where the last one ended.
    StepGap,
    /// Simplifying the result changes it.
    Moved,
    /// Simplifying the result makes it longer.
    MovedUp,
    /// Another order of terms and factors gives another result.
    Ordered,
    /// Another order of terms and factors gives the same result with other conditions.
    OrderedConditions,
    /// It took long.
    Slow,
}

impl Kind {
    /// What must never be.
    pub const FAULTS: [Kind; 6] = [Kind::Panicked, Kind::Refused, Kind::Unread, Kind::Wrong, Kind::Shrunk, Kind::Enlarged];
}

/// One thing that is wrong, with what shows it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What sort of thing it is.
    pub kind: Kind,
    /// The expression asked about.
    pub expression: String,
    /// What was answered and where that fails.
    pub evidence: String,
}

/// What was found about one expression.
#[derive(Default)]
pub struct Judgement {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Whether the values were compared at enough points for that to count.
    pub decided: bool,
    /// How long the answer took.
    pub took: Duration,
}

impl Judgement {
    fn add(&mut self, kind: Kind, expression: &str, evidence: impl Into<String>) {
        self.findings.push(Finding { kind, expression: expression.to_owned(), evidence: evidence.into() });
    }
}

/// At how many points values are compared: enough to come to all corners of one variable.
const POINTS: usize = 20;

/// The answer to one question, with the session that holds it.
struct Answered {
    session: Session,
    question: Id,
    formula: Formula,
    steps: Option<Vec<Step>>,
    took: Duration,
}

impl Answered {
    fn result(&self) -> String {
        print::plain(&self.session.graph, self.formula.id)
    }

    fn conditions(&self) -> Vec<String> {
        self.formula.conditions.iter().map(|c| print::plain(&self.session.graph, *c)).collect()
    }

    /// Whether the expression was found to have no value anywhere: then it is left as it was typed.
    fn is_nowhere(&self) -> bool {
        self.conditions() == ["false"]
    }

    fn shown(&self) -> String {
        let conditions = self.conditions();
        if conditions.is_empty() { self.result() } else { format!("{} where {}", self.result(), conditions.join(", ")) }
    }
}

/// Why there is no answer.
#[derive(Debug)]
enum Unanswered {
    /// The program stopped.
    Panicked,
    /// It said so: the code and the message.
    Refused(&'static str, String),
}

fn ask(text: &str, assume: &[String], ask: Ask) -> Result<Answered, Unanswered> {
    catch_unwind(AssertUnwindSafe(|| answered(text, assume, ask))).unwrap_or(Err(Unanswered::Panicked))
}

fn answered(text: &str, assume: &[String], ask: Ask) -> Result<Answered, Unanswered> {
    // no clock decides here: on a busy machine a right answer may take long
    let mut session = Session::new(Options { time: None, ..Options::default() });
    let refused = |fault: grad::resolve::Fault| Unanswered::Refused(fault.code.id, fault.message.clone());
    let question = read(&mut session, text).map_err(refused)?;
    let began = Instant::now();
    let answer = session.ask(&Query { expression: text, assume, at: &[], ask }).map_err(refused)?;
    let took = began.elapsed();
    let (formula, steps) = match answer {
        Answer::Simplified { formula, derivation, .. } => (formula, Some(derivation.steps)),
        Answer::Formula(formula) => (formula, None),
        other => return Err(Unanswered::Refused("-", format!("{other:?}"))),
    };
    Ok(Answered { session, question, formula, steps, took })
}

/// An expression as the language reads it.
fn read(session: &mut Session, text: &str) -> Result<Id, grad::resolve::Fault> {
    match session.ask(&Query { expression: text, assume: &[], at: &[], ask: Ask::Parse })? {
        Answer::Formula(formula) => Ok(formula.id),
        _ => formula(&mut session.graph, text),
    }
}

/// The simplified form: its values, its domain, its steps, its text.
pub fn simplified(text: &str) -> Judgement {
    let mut out = Judgement::default();
    match ask(text, &[], Ask::Simplify) {
        Err(why) => no_answer(&mut out, text, why, &[]),
        Ok(mut answer) => {
            out.took = answer.took;
            judge_steps(&mut out, text, &answer);
            let question = answer.question;
            judge_values(&mut out, text, &mut answer, question);
        }
    }
    out
}

/// The derivative by `variable`: its values and its domain.
pub fn differentiated(text: &str, variable: &str) -> Judgement {
    let mut out = Judgement::default();
    match ask(text, &[], Ask::Diff(vec![variable.to_owned()])) {
        Err(why) => no_answer(&mut out, text, why, &[code::NO_DERIVATIVE.id]),
        Ok(mut answer) => {
            out.took = answer.took;
            let g = &mut answer.session.graph;
            let by = g.intern(variable);
            let question = g.derivative(answer.question, by, 1);
            judge_values(&mut out, text, &mut answer, question);
        }
    }
    out
}

/// Whether simplifying the result, under the printed conditions, leaves it as it is.
pub fn stays(text: &str) -> Judgement {
    let mut out = Judgement::default();
    let Ok(once) = ask(text, &[], Ask::Simplify) else { return out };
    out.took = once.took;
    if once.is_nowhere() {
        return out;
    }
    match ask(&once.result(), &once.conditions(), Ask::Simplify) {
        Err(why) => no_answer(&mut out, &once.result(), why, &[]),
        Ok(twice) => {
            out.decided = true;
            let sizes = (measure(&once.session.graph, once.formula.id), measure(&twice.session.graph, twice.formula.id));
            let evidence = || format!("{} ({}) -> {} ({})", once.shown(), sizes.0, twice.shown(), sizes.1);
            if sizes.1 > sizes.0 {
                out.add(Kind::MovedUp, text, evidence());
            } else if once.result() != twice.result() {
                out.add(Kind::Moved, text, evidence());
            }
        }
    }
    out
}

/// Whether two texts of one expression are simplified to the same.
pub fn same(text: &str, other: &str) -> Judgement {
    let mut out = Judgement::default();
    if let (Ok(a), Ok(b)) = (ask(text, &[], Ask::Simplify), ask(other, &[], Ask::Simplify)) {
        if a.is_nowhere() && b.is_nowhere() {
            return out;
        }
        out.decided = true;
        let evidence = || format!("{}, and {other} -> {}", a.shown(), b.shown());
        if a.result() != b.result() {
            out.add(Kind::Ordered, text, evidence());
        } else if a.conditions() != b.conditions() {
            out.add(Kind::OrderedConditions, text, evidence());
        }
    }
    out
}

fn no_answer(out: &mut Judgement, text: &str, why: Unanswered, allowed: &[&str]) {
    match why {
        Unanswered::Panicked => out.add(Kind::Panicked, text, ""),
        Unanswered::Refused(code, _) if allowed.contains(&code) => {}
        Unanswered::Refused(code, message) => out.add(Kind::Refused, text, format!("{code}: {message}")),
    }
}

/// Compares the printed result, where its printed conditions hold, with the question.
fn judge_values(out: &mut Judgement, text: &str, answer: &mut Answered, question: Id) {
    let (shown, result, conditions) = (answer.shown(), answer.result(), answer.conditions());
    let Ok(read_back) = read(&mut answer.session, &result) else {
        return out.add(Kind::Unread, text, shown);
    };
    let g = &mut answer.session.graph;
    let conditions: Vec<Option<Id>> = conditions.iter().map(|c| formula(g, c).ok()).collect();
    let Some(conditions) = conditions.into_iter().collect::<Option<Vec<Id>>>() else {
        return out.add(Kind::Unread, text, shown);
    };
    let claimed = where_all(g, &conditions, read_back);
    let known = Known::default();
    let mut checker = Checker::new(&known).points(POINTS);
    let found = checker.step(g, question, claimed, Allowed::Exact);
    let narrowed = record(out, g, text, &shown, found, !conditions.is_empty());
    if narrowed {
        // that hides what may be wrong where the conditions hold
        let found = checker.step_where(g, question, read_back, &conditions, Allowed::Exact);
        record(out, g, text, &shown, found, false);
    }
}

/// Notes where the two differ, and says whether that may be for the conditions alone.
fn record(out: &mut Judgement, g: &Graph, text: &str, shown: &str, found: Outcome, may_be_conditions: bool) -> bool {
    let Outcome::Different { point, before, after } = found else {
        out.decided |= matches!(found, Outcome::Agreed { .. });
        return false;
    };
    out.decided = true;
    let kind = match (before.starts_with("undefined"), after.starts_with("undefined")) {
        (true, _) => Kind::Enlarged,
        (_, true) if may_be_conditions => Kind::Narrowed,
        (_, true) => Kind::Shrunk,
        _ => Kind::Wrong,
    };
    let at: Vec<String> = point.iter().map(|(s, v)| format!("{} = {v}", g.name(*s))).collect();
    out.add(kind, text, format!("{shown}; at {}: {before}, not {after}", at.join(", ")));
    kind == Kind::Narrowed
}

/// A difference between two expressions, where one is found.
pub fn compared(g: &Graph, a: Id, b: Id) -> Option<Outcome> {
    let found = Checker::new(&Known::default()).points(4).step(g, a, b, Allowed::Exact);
    matches!(found, Outcome::Different { .. }).then_some(found)
}

fn where_all(g: &mut Graph, conditions: &[Id], value: Id) -> Id {
    if conditions.is_empty() {
        return value;
    }
    let (all, nothing) = (g.and(conditions), g.undefined());
    g.conditional(all, value, nothing)
}

/// Steps connect, from the expression to the result, and each makes it shorter or puts it in another order.
fn judge_steps(out: &mut Judgement, text: &str, answer: &Answered) {
    let Some(steps) = &answer.steps else { return };
    let g = &answer.session.graph;
    let shown = |id: Id| print::plain(g, id);
    let mut last = shown(answer.question);
    for step in steps {
        if shown(step.before) != last {
            out.add(Kind::StepGap, text, format!("{last}, then {}", shown(step.before)));
        }
        let next = shown(step.after);
        let (before, after) = (measure(g, step.before), measure(g, step.after));
        let kind = match after.cmp(&before) {
            std::cmp::Ordering::Greater => Some(Kind::StepGrew),
            std::cmp::Ordering::Equal if last == next => Some(Kind::StepIdle),
            std::cmp::Ordering::Equal if leaves(g, step.before) != leaves(g, step.after) => Some(Kind::StepStayed),
            _ => None,
        };
        if let Some(kind) = kind {
            out.add(kind, text, format!("{last} ({before}) -> {next} ({after}), {}", step.rule()));
        }
        last = next;
    }
    let end = answer.result();
    if last != end && answer.formula.conditions.is_empty() {
        out.add(Kind::StepGap, text, format!("steps end at {last}, the result is {end}"));
    }
}

/// How often each leaf stands in an expression as it is written.
fn leaves(g: &Graph, root: Id) -> HashMap<Id, u64> {
    let mut times: HashMap<Id, u64> = HashMap::from([(root, 1)]);
    let mut order = walk::topological(g, &[root]);
    order.reverse();
    for id in order {
        let n = times.get(&id).copied().unwrap_or(0);
        for child in g.children(id) {
            let sum = times.entry(*child).or_default();
            *sum = sum.saturating_add(n);
        }
    }
    times.retain(|id, _| g.children(*id).is_empty());
    times
}
