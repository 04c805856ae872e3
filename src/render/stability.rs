//! The stable form in the terminal: the form first, the steps to it, where and why the typed form fails, and a table of errors.

use super::derivation::{self, Marks};
use super::prose::{COLUMNS, filled, firm, loosened};
use super::table::aligned;
use crate::derive::Detail;
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
#[must_use]
pub(super) fn behaviour(g: &Graph, found: &Stability, marks: Marks) -> String {
    let mut out = String::new();
    let typed = shown(g, found.derivation.expression, marks);
    if found.derivation.steps.is_empty() {
        out.push_str(&filled("  ", "  ", &unchanged(found), COLUMNS));
    }
    if let Some(left) = &found.left {
        let at: Vec<String> = left.at.iter().map(|(s, v)| format!("{} = {}", g.name(*s), short(*v))).collect();
        let text = format!("better, not right everywhere: digits are still lost, such as at {}", at.join(", "));
        out.push_str(&filled("  ", "    ", &text, COLUMNS));
    }
    failures(&mut out, g, found, &typed, marks);
    if found.detail != Detail::Brief {
        table(&mut out, g, found);
    }
    for (left, right) in &found.computed {
        let _ = writeln!(out, "  {} is computed as {}", shown(g, *left, marks), shown(g, *right, marks));
    }
    out
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

fn failures(out: &mut String, g: &Graph, found: &Stability, typed: &str, marks: Marks) {
    if found.failures.is_empty() {
        return;
    }
    let typed = if typed.chars().count() <= LONGEST { format!(", {typed}") } else { String::new() };
    let _ = writeln!(out, "  as typed{typed}");
    let mut told: Vec<&Failure> = found.failures.iter().collect();
    told.sort_by_key(|f| (Some(f.variable) != found.along, std::cmp::Reverse(f.kind)));
    let mut lines: Vec<(String, String)> = Vec::new();
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
        lines.push((what(f, &subject, both), why(g, f, marks)));
    }
    let width = lines.iter().map(|(a, _)| a.chars().count()).max().unwrap_or(0);
    // the reasons stand in a column, or each below what it explains where they are too long for that
    let fits = lines.iter().all(|(_, why)| width + 7 + why.chars().count() <= COLUMNS);
    for (what, why) in lines {
        if fits {
            out.push_str(&filled(&format!("    {what:<width$}   "), "", &why, usize::MAX));
        } else {
            out.push_str(&filled("    ", "      ", &what, COLUMNS));
            out.push_str(&filled("      ", "      ", &why, COLUMNS));
        }
    }
    let others = told.first().map_or(&[][..], |f| &f.others);
    if !others.is_empty() {
        let _ = writeln!(out, "    (each along one variable, the others at {})", ordinary(g, found));
    }
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

fn why(g: &Graph, f: &Failure, marks: Marks) -> String {
    let Some(blame) = &f.cause else { return String::new() };
    let shown = |g: &Graph, e: Id, marks: Marks| firm(&shown(g, e, marks));
    let node = shown(g, blame.node, marks);
    let argument = blame.argument.map_or(String::new(), |(u, v)| {
        let sign = if v < 0.0 { "<" } else { ">" };
        format!(", once {}", firm(&format!("{} {sign} {}", shown(g, u, marks), short(v))))
    });
    match blame.fault {
        Blunder::Overflows => format!("{node} overflows{argument}"),
        Blunder::Underflows => format!("{node} rounds to 0"),
        Blunder::Absorbs(sum, v) => format!("{} rounds to {}", shown(g, sum, marks), short(v)),
        Blunder::Cancels => format!("the terms of {node} cancel"),
        Blunder::Swamps(sum, term) => format!("{} keeps few digits of {}", shown(g, sum, marks), shown(g, term, marks)),
        Blunder::Magnifies(Some(part)) => format!("{node} magnifies the rounding of {}", shown(g, part, marks)),
        Blunder::Magnifies(None) => format!("{node} magnifies the rounding of its parts"),
    }
}

/// Why the typed form fails, for programs to show.
#[must_use]
pub fn cause(g: &Graph, f: &Failure) -> String {
    loosened(&why(g, f, Marks::ASCII))
}

// ---- the table

fn table(out: &mut String, g: &Graph, found: &Stability) {
    let Some(along) = found.along.filter(|_| !found.rows.is_empty()) else { return };
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
    let _ = writeln!(out, "  error in units of the last place{}", elsewhere(g, found, &columns));
    for line in aligned(&lines, "   ") {
        let _ = writeln!(out, "    {line}");
    }
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
