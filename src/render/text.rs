//! Answers in the terminal. Expressions are written in the plain syntax, so that what is printed can be typed again.

use super::derivation::{self, Marks};
use super::prose::{COLUMNS, clauses, filled};
use super::table::{aligned, by_points, rounded};
use super::{course, curve, exercise, growth, plot_text, saturation, stability};
use crate::derive::Piece;
use crate::diagnostic::escape;
use crate::eval::number_text as number;
use crate::expr::{Graph, Id, View, print};
use crate::outcome::{Answer, Evaluated, Formula, Growth, Outcome, Pace, SharedEntry, Table};
use crate::verify::check::{Equality, describe};
use crate::verify::points::Point;
use std::borrow::Cow;
use std::fmt::Write;

/// Of many derivatives so many values are shown, or so many texts.
const VALUES: usize = 100;
const TEXTS: usize = 12;

/// How much of the texts of many derivatives, and of what they share, is shown.
const EXTENT: print::Extent = print::Extent { nodes: 60, parts: 12, bytes: 240 };

/// Of a list of expressions so many are shown.
const LISTED: usize = 200;

/// So many reasons stand below a table.
const REASONS: usize = 4;

/// How much is shown of the text of one formula.
const WHOLE: print::Extent = print::Extent { nodes: print::NAMED_PARTS_FROM, parts: 24, bytes: 4_000 };

/// The answer of an outcome as lines, each with its line end; empty where there is none. Names from a file cannot fool the terminal.
#[must_use]
pub fn outcome(g: &Graph, outcome: &Outcome, marks: Marks) -> String {
    let text = outcome.answer.as_ref().map_or(String::new(), |found| answer(g, found, marks));
    match escape(&text) {
        Cow::Owned(escaped) => escaped,
        Cow::Borrowed(_) => text,
    }
}

/// An answer as lines, each with its line end.
#[must_use]
pub fn answer(g: &Graph, answer: &Answer, marks: Marks) -> String {
    let mut out = Page { g, marks, text: String::new() };
    match answer {
        Answer::Formula(formula) | Answer::Simplified { formula, detail: None, .. } => out.formula("", formula),
        Answer::Simplified { derivation, detail: Some(detail), .. } => {
            out.text.push_str(&derivation::text(g, derivation, *detail, marks));
        }
        Answer::Stable(found) => out.text.push_str(&stability::text(g, found, marks)),
        Answer::Vector(formulas) => out.row("", formulas),
        Answer::Derivation { derivation, detail, value } => {
            out.text.push_str(&derivation::text(g, derivation, *detail, marks));
            if let Some(value) = value {
                let _ = writeln!(out.text, "  = {}", value_text(g, value, marks));
            }
        }
        Answer::Gradient(partials) => {
            for (symbol, formula) in partials {
                out.formula(&format!("d/d{} = ", g.name(*symbol)), formula);
            }
        }
        Answer::Slopes { value, by, partials } => {
            out.line(&value_text(g, value, marks));
            for (symbol, partial) in by.iter().zip(partials) {
                out.line(&format!("d/d{} = {}", g.name(*symbol), value_text(g, partial, marks)));
            }
        }
        Answer::Shared { entries, nodes } => out.shared(entries, *nodes),
        Answer::Matrix { rows, .. } => rows.iter().for_each(|row| out.row("", row)),
        Answer::Values { values, is_vector } => {
            let text = values_text(g, values, *is_vector, marks);
            // numbers stay on their line, a reason is a sentence
            if values.iter().any(|value| value.cause.is_some()) { out.sentence(&text) } else { out.line(&text) }
        }
        Answer::Growth(found) => out.growth(found),
        Answer::Curve(found) => out.text.push_str(&curve::text(found, marks)),
        Answer::Descent(found) => out.text.push_str(&course::text(g, found, marks)),
        Answer::Flow(flows) => out.text.push_str(&super::flow::text(g, flows, marks)),
        Answer::Elasticity(found) => out.text.push_str(&super::flow::elasticities(g, found, marks)),
        Answer::Picture(picture) => out.text.push_str(&plot_text::text(picture, marks)),
        Answer::Table(table) => out.table(table),
        Answer::Saturation { variable, range, functions } => {
            out.text.push_str(&saturation::text(g, variable, *range, functions, marks));
        }
        Answer::Exercises(sheet) => out.text.push_str(&exercise::text(sheet, marks)),
        Answer::Page { text, .. } => out.text.push_str(&marks.folded(text)),
        Answer::Truth(holds) => out.line(if *holds { "true" } else { "false" }),
        Answer::Equality(found) => {
            out.line(&derivation::pieces(g, &equality(g, found), marks));
        }
        Answer::Marking(found) => out.text.push_str(&super::marking::text(g, found, marks)),
        Answer::Domain(report) => {
            match &report.conditions[..] {
                [] => out.line("defined everywhere"),
                [never] if g.view(*never) == View::Truth(false) => out.line("defined nowhere"),
                some => {
                    let text = format!("defined where {}", out.list(some));
                    out.line(&text);
                }
            }
            for (at, what) in report.kinks.iter() {
                let text = format!("{what} at {}", out.list(&[*at]));
                out.line(&text);
            }
            for (at, what) in report.poles.iter() {
                let text = format!("{what} at {}", out.list(&[*at]));
                out.line(&text);
            }
        }
    }
    out.text
}

/// Whether two expressions are equal, in one sentence.
pub(super) fn equality(g: &Graph, found: &Equality) -> Vec<Piece> {
    let place = |point: &Point| match &point[..] {
        [] => Piece::text(describe(g, point)),
        _ => Piece::formula(describe(g, point)),
    };
    match found {
        Equality::Equal { points, proved, only_first, only_second } => {
            let how = if *proved { "proved".to_owned() } else { format!("at {points} points") };
            let only = |(side, at): (&str, &Option<Point>)| {
                let text = Piece::text(format!("; only the {side} side has a value at "));
                at.as_ref().map(|at| [text, place(at)])
            };
            let sides = [("left", only_first), ("right", only_second)].into_iter().filter_map(only).flatten();
            std::iter::once(Piece::text(format!("equal, {how}"))).chain(sides).collect()
        }
        Equality::Different { point, a, b } => {
            let values = [Piece::formula(a.clone()), Piece::text(" and "), Piece::formula(b.clone())];
            [Piece::text("different: at "), place(point), Piece::text(" the sides are ")].into_iter().chain(values).collect()
        }
        Equality::Unknown(why) => vec![Piece::text(format!("unknown: {why}"))],
    }
}

struct Page<'g> {
    g: &'g Graph,
    marks: Marks,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A line for people, broken between its clauses where it is too long.
    fn sentence(&mut self, text: &str) {
        self.text.push_str(&filled("", "  ", &clauses(text), COLUMNS));
    }

    /// Parts of a line, one below the other where they are too long together.
    fn parts_of_line(&mut self, parts: &[String]) {
        let width: usize = parts.iter().map(|part| part.chars().count()).sum();
        let [first, rest @ ..] = parts else { return };
        if width <= COLUMNS {
            return self.line(&parts.concat());
        }
        self.line(first);
        rest.iter().filter(|part| !part.is_empty()).for_each(|part| self.line(&format!("    {}", part.trim_start())));
    }

    fn list(&self, ids: &[Id]) -> String {
        let texts: Vec<String> = ids.iter().take(LISTED).flat_map(|id| self.named(*id).texts).collect();
        let rest = ids.len().saturating_sub(LISTED);
        if rest == 0 { texts.join(", ") } else { format!("{}, ... and {rest} more", texts.join(", ")) }
    }

    fn named(&self, id: Id) -> print::Common {
        print::with_common_parts(self.g, &[id], self.marks.style, WHOLE)
    }

    /// `name = formula = value  where conditions`, with what its parts stand for below.
    fn formula(&mut self, name: &str, formula: &Formula) {
        let named = self.named(formula.id);
        let value = formula.value.as_ref().map_or(String::new(), |value| format!(" = {}", value_text(self.g, value, self.marks)));
        let parts = [format!("{name}{}", named.texts.concat()), value, self.conditions(&formula.conditions)];
        match formula.value.as_ref().is_some_and(|value| value.cause.is_some()) {
            true => self.sentence(&parts.concat()),
            false => self.parts_of_line(&parts),
        }
        self.parts(&named);
    }

    /// The first of many derivatives: their values where there are values, else their texts with the first of the parts they share.
    fn shared(&mut self, entries: &[SharedEntry], nodes: usize) {
        let (symbols, values): (Vec<&SharedEntry>, Vec<&SharedEntry>) = entries.iter().partition(|entry| entry.value.is_none());
        for entry in values.iter().take(VALUES) {
            let value = entry.value.as_ref().map_or(String::new(), |value| value_text(self.g, value, self.marks));
            self.line(&format!("{} = {value}", shared_name(self.g, entry)));
        }
        self.more(values.len(), VALUES, "values", "`--format json` gives all of them");
        let ids: Vec<Id> = symbols.iter().map(|entry| entry.id).collect();
        let common = print::with_common_parts(self.g, &ids[..ids.len().min(TEXTS)], self.marks.style, EXTENT);
        for (entry, text) in symbols.iter().zip(&common.texts) {
            self.line(&format!("{} = {text}", shared_name(self.g, entry)));
        }
        self.more(ids.len(), TEXTS, "derivatives", "`--format json` gives all of them");
        self.parts(&common);
        let many = if entries.len() == 1 { "it has".to_owned() } else { format!("these {} have", entries.len()) };
        self.line(&format!("not simplified: {many} {nodes} operations and leaves, shared ones counted once"));
    }

    /// How an expression grows.
    fn growth(&mut self, found: &Growth) {
        let (headline, time) = growth::headline(self.g, found);
        self.line(&headline);
        if found.pace != Pace::None {
            self.formula("  relative slope: ", &found.rate);
        }
        if let Pace::Power(exponent) = &found.pace {
            self.formula("  exponent: ", exponent);
        }
        if found.pace != Pace::None {
            self.formula(&format!("  {time}: "), &found.time);
        }
        if let Some(factor) = &found.factor {
            self.formula("  factor of a step: ", factor);
        }
        growth::remarks(self.g, found).iter().for_each(|line| self.line(&format!("  {line}")));
    }

    /// Values at steps, with the reasons of those that are missing below.
    fn table(&mut self, table: &Table) {
        let corner = match &table.across {
            Some(across) => format!("{} \\ {across}", table.variable),
            None => table.variable.clone(),
        };
        let columns = table.heads.iter().enumerate().map(|(k, head)| {
            let cells: Vec<String> = table.rows.iter().filter_map(|row| row.get(k)).map(entry).collect();
            std::iter::once(head.clone()).chain(by_points(&cells)).collect::<Vec<String>>()
        });
        let first: Vec<String> = table.at.iter().map(|at| rounded(at.to_f64(), 10)).collect();
        let first = std::iter::once(corner).chain(by_points(&first)).collect();
        let columns: Vec<Vec<String>> = std::iter::once(first).chain(columns).collect();
        let row = |k: usize| columns.iter().filter_map(|column| column.get(k).cloned()).collect();
        let rows: Vec<Vec<String>> = (0..=table.at.len()).map(row).collect();
        aligned(&rows, "   ").iter().for_each(|line| self.line(line.trim_end()));
        let reasons = table_reasons(table);
        reasons.iter().for_each(|reason| self.line(reason));
    }

    /// What the names in a formula stand for.
    fn parts(&mut self, named: &print::Common) {
        for (part, text) in &named.parts {
            self.line(&format!("  where {part} = {text}"));
        }
        self.more(named.count, named.parts.len(), "parts", "`--format json` gives all of them");
        if named.count == 0 && named.texts.iter().any(|text| text.ends_with(" ...")) {
            self.line("  ... cut; `--format json` gives all of it");
        }
    }

    fn more(&mut self, all: usize, shown: usize, what: &str, help: &str) {
        if all > shown {
            self.line(&format!("  ... and {} more {what}; {help}", all - shown));
        }
    }

    fn conditions(&self, conditions: &[Id]) -> String {
        wherever(self.g, conditions, |some| self.list(some))
    }

    /// `[a, b]`, with the conditions of all.
    fn row(&mut self, name: &str, formulas: &[Formula]) {
        let ids: Vec<Id> = formulas.iter().map(|f| f.id).collect();
        // a number among the formulas is its own value
        let value = |f: &Formula| match &f.value {
            Some(value) => Some(value_text(self.g, value, self.marks)),
            None => self.g.as_number(f.id).map(|_| print::plain(self.g, f.id)),
        };
        let values: Option<Vec<String>> = formulas.iter().map(value).collect();
        let value = values
            .filter(|_| formulas.iter().any(|f| f.value.is_some()))
            .map_or(String::new(), |values| format!(" = [{}]", values.join(", ")));
        let mut conditions: Vec<Id> = Vec::new();
        for condition in formulas.iter().flat_map(|f| &f.conditions) {
            if !conditions.contains(condition) {
                conditions.push(*condition);
            }
        }
        self.parts_of_line(&[format!("{name}[{}]", self.list(&ids)), value, self.conditions(&conditions)]);
    }
}

/// Why values of a table are missing or in doubt. The same reason at several places is told once, with the first of them.
pub(super) fn table_reasons(table: &Table) -> Vec<String> {
    let mut told: Vec<(String, String, usize)> = Vec::new();
    for (value, (head, at)) in table.rows.iter().zip(&table.at).flat_map(|(row, at)| {
        let places = table.heads.iter().map(move |head| (head, at));
        row.iter().zip(places)
    }) {
        let why = value.cause.clone().or_else(|| value.doubt.map(|doubt| format!("not verified: {doubt}")));
        let Some(why) = why else { continue };
        let (reason, why) = match why.strip_prefix("it is ") {
            // beside other columns it is told which one is too small
            Some(size) if table.across.is_none() => {
                (head.clone(), format!("{head} is {size}, at {} = {}", table.variable, rounded(at.to_f64(), 10)))
            }
            _ => (why.split(", at ").next().unwrap_or(&why).to_owned(), why),
        };
        match told.iter_mut().find(|(known, ..)| *known == reason) {
            Some((.., count)) => *count += 1,
            None => told.push((reason, why, 1)),
        }
    }
    let line = |(_, why, count): &(String, String, usize)| {
        let more = if *count > 1 { format!(", and in {} more places", count - 1) } else { String::new() };
        format!("{why}{more}").replace("1 more places", "1 more place")
    };
    let rest = told.len().saturating_sub(REASONS);
    let more = (rest > 0).then(|| format!("  ... and {rest} more reasons; `--format json` gives all of them"));
    told.iter().take(REASONS).map(line).chain(more).collect()
}

/// A value of a table to six digits; a word where there is none.
pub(super) fn entry(value: &Evaluated) -> String {
    let mark = if value.doubt.is_some() { "?" } else { "" };
    if value.undefined || value.value.is_nan() { "undefined".to_owned() } else { format!("{}{mark}", rounded(value.value, 6)) }
}

/// What one of many derivatives is called: `d/dx`, or `d^2/dx dy` of an entry of a vector.
pub(super) fn shared_name(g: &Graph, entry: &SharedEntry) -> String {
    let name = match &entry.by[..] {
        [only] => format!("d/d{}", g.name(*only)),
        several => {
            let by: Vec<String> = several.iter().map(|symbol| format!("d{}", g.name(*symbol))).collect();
            format!("d^{}/{}", several.len(), by.join(" "))
        }
    };
    entry.of.map_or(name.clone(), |k| format!("{name} of entry {k}"))
}

/// Several values as a vector, one as itself.
fn values_text(g: &Graph, values: &[Evaluated], is_vector: bool, marks: Marks) -> String {
    let texts: Vec<String> = values.iter().map(|value| value_text(g, value, marks)).collect();
    if is_vector { format!("[{}]", texts.join(", ")) } else { texts.join(", ") }
}

/// A value, with the reason where it is not an ordinary number.
fn value_text(g: &Graph, value: &Evaluated, marks: Marks) -> String {
    let nearest = number(value.value);
    let shown = match (value.exact, &value.digits) {
        (Some(exact), _) if g.as_number(exact).is_some() => print::plain(g, exact),
        (Some(exact), _) => {
            format!("{} = {nearest}", print::with_named_parts(g, exact, marks.style, print::NAMED_PARTS_FROM).text)
        }
        (None, Some(digits)) => digits.clone(),
        (None, None) => nearest,
    };
    let cause = value.cause.as_ref().filter(|_| value.exact.is_none() && value.digits.is_none());
    match (cause, value.doubt) {
        (Some(cause), _) => format!("{shown}: {cause}"),
        (None, Some(doubt)) => format!("{shown}   not verified: {doubt}"),
        (None, None) => shown,
    }
}

/// What is said behind a formula of where it holds.
pub(super) fn wherever(g: &Graph, conditions: &[Id], list: impl FnOnce(&[Id]) -> String) -> String {
    match conditions {
        [] => String::new(),
        [never] if g.view(*never) == View::Truth(false) => "   defined nowhere".to_owned(),
        some => format!("   where {}", list(some)),
    }
}

#[cfg(test)]
mod tests {
    use crate::eval::number_text as number;

    #[test]
    fn numbers_are_short_and_read_back() {
        let shown: Vec<String> = [0.0, 2.0, -0.1, 1e300, 1.5e-9, f64::INFINITY, f64::NAN].map(number).to_vec();
        assert_eq!(shown, ["0", "2", "-0.1", "1e300", "1.5e-9", "inf", "nan"]);
        for v in [1.0 / 3.0, 5e-324, f64::MAX, 123456.789e10] {
            assert_eq!(number(v).parse::<f64>(), Ok(v));
        }
    }
}
