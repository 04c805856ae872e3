//! The notations of the functions, read from their records: a small part of LaTeX becomes a layout, so that one fact serves every
//! format.

use super::layout::{Fence, Math, fenced, letter, script};
use crate::render::letters;

/// Names of functions that LaTeX has commands for.
pub const HEADS: &[&str] = &[
    "sin", "cos", "tan", "sec", "csc", "cot", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "coth", "log", "exp", "max",
    "min",
];

/// The notation with its arguments in place of `{}`.
#[must_use]
pub fn filled(notation: &'static str, arguments: &[Math]) -> Math {
    let mut reader = Reader { rest: notation, arguments };
    let row = reader.row();
    match <[Math; 1]>::try_from(row) {
        Ok([only]) => only,
        Err(row) => Math::Row(row),
    }
}

/// Whether something stands beside a sign without brackets.
fn is_compact(math: &Math, before_factorial: bool) -> bool {
    match math {
        Math::Name(_) | Math::Number(_) => true,
        Math::Script { .. } | Math::Fraction(..) | Math::Root(..) => !before_factorial,
        Math::Call { shown, .. } => is_compact(shown, before_factorial),
        _ => false,
    }
}

struct Reader<'a> {
    rest: &'static str,
    arguments: &'a [Math],
}

impl Reader<'_> {
    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Up to a closing bracket.
    fn row(&mut self) -> Vec<Math> {
        let mut row: Vec<Math> = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || self.rest.starts_with('}') || self.rest.starts_with("\\right") {
                return row;
            }
            if self.take("^") {
                let above = self.group();
                let base = row.pop().unwrap_or(Math::Row(Vec::new()));
                row.push(script(base, None, Some(above)));
            } else if self.take("_") {
                let below = self.group();
                let base = row.pop().unwrap_or(Math::Row(Vec::new()));
                row.push(script(base, Some(below), None));
            } else {
                let atom = self.atom();
                let is_bare = matches!(row.last(), Some(Math::Sign(_))) || self.rest.starts_with('!');
                row.push(match atom {
                    // brackets around a letter alone are for calls only
                    Math::Fence(Fence::Round, inner) if is_bare && is_compact(&inner, self.rest.starts_with('!')) => *inner,
                    atom => atom,
                });
            }
        }
    }

    /// What stands in braces, or one sign.
    fn group(&mut self) -> Math {
        if self.rest.starts_with("{}") {
            return self.atom();
        }
        if !self.take("{") {
            return self.atom();
        }
        let mut row = self.row();
        self.take("}");
        if row.len() == 1 { row.remove(0) } else { Math::Row(row) }
    }

    fn atom(&mut self) -> Math {
        if self.take("{}") {
            return self.all();
        }
        if self.take("\\left") {
            let fence = self.opened();
            let mut row = self.row();
            self.take("\\right");
            self.opened();
            return fenced(fence, if row.len() == 1 { row.remove(0) } else { Math::Row(row) });
        }
        if self.take("\\sqrt") {
            let degree = self.rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(degree, rest)| {
                self.rest = rest;
                degree.to_owned()
            });
            return Math::Root(Box::new(self.group()), degree);
        }
        if let Some(word) = self.braced("\\operatorname{") {
            return Math::Head(word.to_owned());
        }
        if self.take("\\") {
            let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
            let (word, rest) = self.rest.split_at(end);
            self.rest = rest;
            return letters::greek(word).map_or_else(|| Math::Head(word.to_owned()), letter);
        }
        let Some(c) = self.rest.chars().next() else { return Math::Row(Vec::new()) };
        if c.is_ascii_digit() {
            let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
            let (digits, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Math::Number(digits.to_owned());
        }
        self.rest = &self.rest[c.len_utf8()..];
        match c {
            '-' => Math::Sign('−'),
            '+' | '!' | '=' | '<' | '>' => Math::Sign(c),
            c => letter(&c.to_string()),
        }
    }

    /// A bracket after `\left` or `\right`.
    fn opened(&mut self) -> Fence {
        let fences = [("(", Fence::Round), (")", Fence::Round), ("|", Fence::Bar)];
        let words =
            [("\\lfloor", Fence::Floor), ("\\rfloor", Fence::Floor), ("\\lceil", Fence::Ceiling), ("\\rceil", Fence::Ceiling)];
        let found = fences.into_iter().chain(words).find(|(token, _)| self.take(token));
        found.map_or(Fence::Square, |(_, fence)| fence)
    }

    fn braced(&mut self, command: &str) -> Option<&'static str> {
        let (word, rest) = self.rest.strip_prefix(command)?.split_once('}')?;
        self.rest = rest;
        Some(word)
    }

    fn all(&self) -> Math {
        match self.arguments {
            [only] => only.clone(),
            several => {
                let mut row = Vec::new();
                for (k, argument) in several.iter().enumerate() {
                    row.extend((k > 0).then_some(Math::Sign(',')));
                    row.push(argument.clone());
                }
                Math::Row(row)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{latex, mathml};
    use super::*;
    use crate::math;

    /// What a record says in LaTeX is what the layout says in LaTeX.
    #[test]
    fn every_notation_is_understood() {
        for f in math::functions() {
            let notation = f.record().notation.latex;
            let shown = latex::math(&filled(notation, &[letter("x")]));
            let squeezed = |text: &str| {
                text.replace(' ', "").replace("\\mathopen{}", "").replace("\\left", "").replace("\\right", "").replace("{x}", "x")
            };
            let wanted = notation.replace("{}", "x");
            let plain = |text: &str| squeezed(text).replace(['{', '}', '(', ')'], "");
            assert_eq!(plain(&shown), plain(&wanted), "{}", f.name());
            assert!(!mathml::math(&filled(notation, &[letter("x")]), false).contains('\\'), "{}", f.name());
        }
    }

    #[test]
    fn brackets_are_kept_where_they_are_needed() {
        let n = [letter("n")];
        assert_eq!(latex::math(&filled("\\left({}\\right)!", &n)), "n!");
        assert_eq!(latex::math(&filled("\\log\\left(1 + \\left({}\\right)\\right)", &n)), "\\log(1+n)");
    }
}
