//! Formulas that stand in sentences as text: the statements of rules, `f'*g + f*g'`, `dloss/dp * dp/dz`.

use super::layout::{self, Fence, Math, expression, fenced, fraction, letter, name, script};
use crate::expr::Graph;
use crate::{math, resolve};

/// The formula as it is set. One in the language's grammar is set like any expression; another one token after token.
#[must_use]
pub fn formula(text: &str) -> Math {
    let (text, condition) = text.split_once(" where ").map_or((text, None), |(text, condition)| (text, Some(condition)));
    let mut row = Vec::new();
    for (k, side) in text.split(" = ").enumerate() {
        row.extend((k > 0).then_some(Math::Sign('=')));
        row.push(part(side));
    }
    if let Some(condition) = condition {
        row.push(Math::Words(" where ".into()));
        for (k, one) in condition.split(", ").enumerate() {
            row.extend((k > 0).then(|| Math::Words(", ".into())));
            row.push(part(one));
        }
    }
    if row.len() == 1 { row.remove(0) } else { Math::Row(row) }
}

/// The same of a text whose sides are all in the language's grammar; nothing of another one.
#[must_use]
pub fn understood(text: &str) -> Option<Math> {
    let mut scratch = Graph::new();
    let is_set = |side: &str| resolve::formula(&mut scratch, side).is_ok_and(|id| expression(&scratch, id).is_some());
    text.split(" = ").all(is_set).then(|| formula(text))
}

fn part(text: &str) -> Math {
    // to the language dp/dz is a quotient of two names, and d/dz an operator
    let is_slope = |(token, rest): (&str, &str)| token != "d" && slope(token, &format!("/{rest}")).is_some();
    if text.split([' ', '*', '(', '[', '-', '+']).any(|word| word.split_once('/').is_some_and(is_slope)) {
        return token_by_token(text);
    }
    let mut scratch = Graph::new();
    let read = resolve::formula(&mut scratch, text).ok();
    read.and_then(|id| expression(&scratch, id)).unwrap_or_else(|| token_by_token(text))
}

/// A row that is open: its brackets, and whether it is an exponent.
struct Open {
    fence: Fence,
    is_exponent: bool,
    row: Vec<Math>,
}

fn token_by_token(text: &str) -> Math {
    let mut open = vec![Open { fence: Fence::Round, is_exponent: false, row: Vec::new() }];
    let mut raise = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let length = match c {
            _ if c.is_ascii_digit() => {
                rest.find(|c| !(is_name(c) || c == '.')).map_or(rest, |end| &rest[..end]).trim_end_matches('.').len()
            }
            _ if is_name(c) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
            _ if rest.starts_with("...") => 3,
            _ if ["<=", ">=", "!=", "=="].iter().any(|sign| rest.starts_with(sign)) => 2,
            _ => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        match token {
            " " => {}
            "^" => raise = true,
            "(" | "[" => {
                let fence = if token == "(" { Fence::Round } else { Fence::Square };
                open.push(Open { fence, is_exponent: std::mem::take(&mut raise), row: Vec::new() });
            }
            ")" | "]" if open.len() > 1 => {
                if let Some(Open { fence, is_exponent, row }) = open.pop() {
                    let inner = Math::Row(row);
                    put(&mut open, if is_exponent { inner } else { fenced(fence, inner) }, is_exponent);
                }
            }
            _ => match slope(token, rest) {
                Some((slope, after)) => {
                    rest = after;
                    put(&mut open, slope, false);
                }
                None if rest.starts_with('(') && math::find(token).is_some() => {
                    put(&mut open, Math::Head(token.to_owned()), false)
                }
                None => put(&mut open, atom(token), std::mem::take(&mut raise)),
            },
        }
    }
    while open.len() > 1 {
        if let Some(Open { fence, row, .. }) = open.pop() {
            put(&mut open, fenced(fence, Math::Row(row)), false);
        }
    }
    Math::Row(open.pop().map_or(Vec::new(), |last| last.row))
}

/// `dp/dz` as a fraction, where that is what follows.
fn slope<'t>(token: &str, rest: &'t str) -> Option<(Math, &'t str)> {
    let of = token.strip_prefix('d').filter(|of| !of.starts_with(|c: char| c.is_ascii_digit()))?;
    let below = rest.strip_prefix("/d")?;
    let end = below.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(below.len());
    let (by, rest) = below.split_at(end);
    let side = |of: &str| match of {
        "" => letter("d"),
        of => Math::Row(vec![letter("d"), Math::Name(name(of))]),
    };
    (!by.is_empty()).then(|| (fraction(side(of), side(by)), rest))
}

fn put(open: &mut [Open], math: Math, is_exponent: bool) {
    let Some(Open { row, .. }) = open.last_mut() else { return };
    match row.pop() {
        Some(base) if is_exponent => row.push(script(base, None, Some(math))),
        last => row.extend(last.into_iter().chain([math])),
    }
}

fn atom(token: &str) -> Math {
    match token {
        "*" => Math::Sign('·'),
        "-" => Math::Sign('−'),
        "<=" => Math::Sign('≤'),
        ">=" => Math::Sign('≥'),
        "!=" => Math::Sign('≠'),
        "==" => Math::Sign('='),
        "'" => Math::Sign('′'),
        "..." => Math::Sign('…'),
        "+" | "/" | "=" | "<" | ">" | "," | "!" => Math::Sign(token.chars().next().unwrap_or('+')),
        _ if token.starts_with(|c: char| c.is_ascii_digit()) => layout::digits(token),
        _ if token.starts_with(|c: char| c.is_alphabetic() || c == '_') => Math::Name(name(token)),
        _ => Math::Words(token.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::latex;
    use super::formula;

    #[test]
    fn statements_of_rules_are_set() {
        for (text, wanted) in [
            ("log(a) + log(b) = log(a*b) where a > 0, b > 0", "\\log(a)+\\log(b)=\\log(a\\,b)\\text{ where }a>0\\text{, }b>0"),
            ("f'*g + f*g'", "f'\\cdot g+f\\cdot g'"),
            ("(f'*g - f*g')/g^2", "(f'\\cdot g-f\\cdot g')/g^{2}"),
            ("dloss/dp * dp/dz", "\\frac{d\\mathrm{loss}}{dp}\\cdot \\frac{dp}{dz}"),
            ("u^(n - 1", "u(n-1)"),
            ("0.5 + 1.25*exp(-step/20.5)", "0.5+1.25\\cdot \\exp(-\\mathrm{step}/20.5)"),
            ("1, 2, ...", "1,2,\\dots "),
            ("d/dx (u/v)", "\\frac{d}{dx}\\mathopen{}\\left[\\frac{u}{v}\\right]"),
            ("d/dx f(u) = f'(u)*d/dx(u)", "\\frac{d}{dx}f(u)=f'(u)\\cdot \\frac{d}{dx}(u)"),
        ] {
            assert_eq!(latex::math(&formula(text)), wanted);
        }
    }
}
