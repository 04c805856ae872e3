//! The stable form in the terminal: the form first, the steps to it, where and why the typed form fails, and a table of errors.

use super::derivation::{self, Marks};
use super::prose::{COLUMNS, filled, firm_sentence};
use super::table::aligned;
use crate::derive::{Detail, Piece};
use crate::eval::number_text as number;
use crate::expr::{Graph, Id, Symbol, print};
use crate::outcome::Stability;
use crate::stable::{Blunder, Failure, Kind, short};
use std::fmt::Write;

/// A longer form is not written out again, nor are more values.
const LONGEST: usize = 90;
const VALUES: usize = 8;
/// At most so many failures are told.
const FAILURES: usize = 7;

/// The answer as lines of text.
#[must_use]
pub fn text(g: &Graph, found: &Stability, marks: Marks) -> String {
    let mut out = String::new();
    if found.derivation.steps.is_empty() {
        let _ = writeln!(out, "{}", shown(g, found.derivation.expression, marks));
    } else {
        let conditions: Vec<String> = found.formula.conditions.iter().map(|c| shown(g, *c, marks)).collect();
        let place = if conditions.is_empty() { String::new() } else { format!("   where {}", conditions.join(", ")) };
        let _ = writeln!(out, "{}{place}", shown(g, found.formula.id, marks));
        if found.detail != Detail::Brief {
            let steps = derivation::within(g, &found.derivation, found.detail, marks, COLUMNS - 2);
            steps.lines().for_each(|line| {
                let _ = writeln!(out, "  {line}");
            });
        }
    }
    out + &behaviour(g, found, marks)
}

/// How both forms behave: where digits are lost, and the errors at some inputs.
fn behaviour(g: &Graph, found: &Stability, marks: Marks) -> String {
    let mut out = String::new();
    for line in verdicts(g, found) {
        out.push_str(&filled("  ", "    ", &line, COLUMNS));
    }
    let told: Vec<(String, String)> =
        failures(g, found).into_iter().map(|(what, why)| (what, firm_sentence(&why, |e| shown(g, e, marks)))).collect();
    if !told.is_empty() {
        let typed = shown(g, found.derivation.expression, marks);
        let typed = if typed.chars().count() <= LONGEST { format!(", {typed}") } else { String::new() };
        let _ = writeln!(out, "  as typed{typed}");
        let width = told.iter().map(|(what, _)| what.chars().count()).max().unwrap_or(0);
        // the reasons stand in a column, or each below what it explains where they are too long for that
        let fits = told.iter().all(|(_, why)| width + 7 + why.chars().count() <= COLUMNS);
        for (what, why) in told {
            if fits {
                out.push_str(&filled(&format!("    {what:<width$}   "), "", &why, usize::MAX));
            } else {
                out.push_str(&filled("    ", "      ", &what, COLUMNS));
                out.push_str(&filled("      ", "      ", &why, COLUMNS));
            }
        }
    }
    if let Some(others) = others(g, found) {
        let _ = writeln!(out, "    ({others})");
    }
    if let Some((head, rows)) = table(g, found) {
        let _ = writeln!(out, "  {head}");
        for line in aligned(&rows, "   ") {
            let _ = writeln!(out, "    {line}");
        }
    }
    for (left, right) in &found.computed {
        let _ = writeln!(out, "  {} is computed as {}", shown(g, *left, marks), shown(g, *right, marks));
    }
    out
}

/// Whether there is a better form, and whether it is right everywhere.
pub(super) fn verdicts(g: &Graph, found: &Stability) -> Vec<String> {
    let left = found.left.as_ref().map(|left| {
        let at: Vec<String> = left.at.iter().map(|(s, v)| format!("{} = {}", g.name(*s), short(*v))).collect();
        format!("better, not right everywhere: digits are still lost, such as at {}", at.join(", "))
    });
    found.derivation.steps.is_empty().then(|| unchanged(found)).into_iter().chain(left).collect()
}

fn unchanged(found: &Stability) -> String {
    match (found.is_stable, found.points) {
        (_, 0) => "no point was found at which it has a value that f64 can hold".to_owned(),
        (true, 1) => "as stable as it gets: right to the last digits".to_owned(),
        (true, n) => format!("as stable as it gets: right to the last digits at {n} points over the whole range"),
        (false, 1) => "no form was found that is more accurate".to_owned(),
        (false, n) => format!("no form was found that is more accurate at {n} points over the whole range"),
    }
}

fn shown(g: &Graph, e: Id, marks: Marks) -> String {
    print::with_named_parts(g, e, marks.style, print::NAMED_PARTS_FROM).text
}

// ---- where it fails

/// What the typed form does wrong, and why.
pub(super) fn failures(g: &Graph, found: &Stability) -> Vec<(String, Vec<Piece>)> {
    let told = in_order(found);
    let mut lines: Vec<(String, Vec<Piece>)> = Vec::new();
    for (k, f) in told.iter().enumerate() {
        let is_mirrored = |other: &&Failure| is_mirror_image(f, other);
        if told[..k].iter().any(|other| is_mirror_image(other, f)) || lines.len() == FAILURES {
            continue;
        }
        let name = g.name(f.variable);
        let both = told.iter().copied().find(is_mirrored).is_some();
        let subject = if both {
            format!("abs({name}) {}", if f.until.is_some() { "<" } else { ">" })
        } else {
            format!("{name} {}", f.side.sign())
        };
        lines.push((what(f, &subject, both), why(f)));
    }
    lines
}

/// The failures, the gravest along the table's variable first.
fn in_order(found: &Stability) -> Vec<&Failure> {
    let mut told: Vec<&Failure> = found.failures.iter().collect();
    told.sort_by_key(|f| (Some(f.variable) != found.along, std::cmp::Reverse(f.kind)));
    told
}

/// Where the other variables are while one moves.
pub(super) fn others(g: &Graph, found: &Stability) -> Option<String> {
    let has_others = in_order(found).first().is_some_and(|f| !f.others.is_empty());
    has_others.then(|| format!("each along one variable, the others at {}", ordinary(g, found)))
}

/// The values at which variables stay while another one moves.
fn ordinary(g: &Graph, found: &Stability) -> String {
    let mut values: Vec<(Symbol, f64)> = Vec::new();
    for (s, v) in found.failures.iter().flat_map(|f| &f.others) {
        if !values.iter().any(|(seen, _)| seen == s) {
            values.push((*s, *v));
        }
    }
    values.sort_by_key(|(s, _)| found.rows.first().and_then(|r| r.at.iter().position(|(v, _)| v == s)));
    if values.len() > VALUES {
        return "ordinary values".to_owned();
    }
    let texts: Vec<String> = values.iter().map(|(s, v)| format!("{} = {}", g.name(*s), short(*v))).collect();
    texts.join(", ")
}

/// Whether the same happens on the other side of 0.
fn is_mirror_image(f: &Failure, other: &Failure) -> bool {
    let alike = f.variable == other.variable && f.kind == other.kind && f.until.is_some() == other.until.is_some();
    alike && f.until.is_none_or(|u| u == 0.0) && (f.from + other.from).abs() < 0.02 * f.from.abs()
}

/// `gives inf from x > 709.78`
fn what(f: &Failure, subject: &str, by_size: bool) -> String {
    let verb = match (f.kind, f.gives) {
        (Kind::Overflow, v) => format!("gives {}", number(v)),
        (Kind::Lost, 0.0) => "gives 0".to_owned(),
        (Kind::Lost, _) => "loses all digits".to_owned(),
        (Kind::Half, _) => "loses half the digits".to_owned(),
    };
    let until = f.until.map_or(String::new(), |u| match u {
        0.0 if by_size => String::new(),
        0.0 => " (towards 0)".to_owned(),
        u => format!(" (towards {})", short(u)),
    });
    let from = bound(f);
    let from = if by_size { from.trim_start_matches('-') } else { &from };
    format!("{verb} from {subject} {from}{until}")
}

/// The bound, as far as it was narrowed down.
fn bound(f: &Failure) -> String {
    let overflows = f.cause.as_ref().is_some_and(|c| c.fault == Blunder::Overflows);
    let digits = if f.kind == Kind::Overflow || overflows { 4 } else { 2 };
    let near = f.until.filter(|u| *u != 0.0);
    let digits = near.map_or(digits, |u| digits + (u.abs() / (f.from - u).abs()).log10().max(0.0).ceil() as usize);
    let text = format!("{:.*e}", digits.min(16), f.from);
    let v: f64 = text.parse().unwrap_or(f.from);
    if near.is_some() || (1e-3..1e6).contains(&v.abs()) { number(v) } else { format!("{v:e}") }
}

fn why(f: &Failure) -> Vec<Piece> {
    let Some(blame) = &f.cause else { return Vec::new() };
    let node = Piece::Expr(blame.node);
    let argument = blame.argument.map_or(Vec::new(), |(u, v)| {
        let bound = format!(" {} {}", if v < 0.0 { "<" } else { ">" }, short(v));
        vec![Piece::text(", once "), Piece::Expr(u), Piece::text(bound)]
    });
    match blame.fault {
        Blunder::Overflows => [vec![node, Piece::text(" overflows")], argument].concat(),
        Blunder::Underflows => vec![node, Piece::text(" rounds to 0")],
        Blunder::Absorbs(sum, v) => vec![Piece::Expr(sum), Piece::text(format!(" rounds to {}", short(v)))],
        Blunder::Cancels => vec![Piece::text("the terms of "), node, Piece::text(" cancel")],
        Blunder::Swamps(sum, term) => vec![Piece::Expr(sum), Piece::text(" keeps few digits of "), Piece::Expr(term)],
        Blunder::Magnifies(Some(part)) => vec![node, Piece::text(" magnifies the rounding of "), Piece::Expr(part)],
        Blunder::Magnifies(None) => vec![node, Piece::text(" magnifies the rounding of its parts")],
    }
}

/// Why the typed form fails, for programs to show.
#[must_use]
pub fn cause(g: &Graph, f: &Failure) -> String {
    Piece::sentence(&why(f), |e| shown(g, e, Marks::ASCII))
}

// ---- the table

/// Errors at some inputs, with what they are; the first row names the columns.
pub(super) fn table(g: &Graph, found: &Stability) -> Option<(String, Vec<Vec<String>>)> {
    let along = found.along.filter(|_| !found.rows.is_empty() && found.detail != Detail::Brief)?;
    let unchanged = found.derivation.steps.is_empty();
    let varies = |k: usize| found.rows.iter().any(|r| r.at[k].1 != found.rows[0].at[k].1);
    let columns: Vec<usize> = (0..found.rows[0].at.len()).filter(|k| found.rows[0].at[*k].0 == along || varies(*k)).collect();
    let mut titles: Vec<String> = columns.iter().map(|k| g.name(found.rows[0].at[*k].0).to_owned()).collect();
    titles.extend(["value".to_owned(), "as typed".to_owned()]);
    let mut lines = vec![titles];
    if !unchanged {
        lines[0].push("stable".to_owned());
    }
    for row in &found.rows {
        let mut line: Vec<String> = columns.iter().map(|k| number(row.at[*k].1)).collect();
        line.extend([short(row.value), ulps(row.typed)]);
        if !unchanged {
            line.push(ulps(row.stable));
        }
        lines.push(line);
    }
    Some((format!("error in units of the last place{}", elsewhere(g, found, &columns)), lines))
}

/// What the other variables are in the table.
fn elsewhere(g: &Graph, found: &Stability, columns: &[usize]) -> String {
    let Some(row) = found.rows.first() else { return String::new() };
    let others = row.at.iter().enumerate().filter(|(k, _)| !columns.contains(k));
    let others: Vec<String> = others.map(|(_, (s, v))| format!("{} = {}", g.name(*s), short(*v))).collect();
    match others.len() {
        0 => String::new(),
        1..=VALUES => format!(", at {}", others.join(", ")),
        _ => ", the others at ordinary values".to_owned(),
    }
}

/// An error to about two digits.
fn ulps(v: f64) -> String {
    match v {
        v if v.is_infinite() => "inf".to_owned(),
        v if v < 99.95 => format!("{v:.1}"),
        v if v < 1e6 => format!("{v:.0}"),
        v => format!("{v:.0e}"),
    }
}
