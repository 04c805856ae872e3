//! How mathematics is set on paper, before anybody says in which markup: fractions, powers, roots, brackets, cases. Built from an
//! expression once; LaTeX, MathML and words are three ways to write the same tree down.

use super::notation;
use crate::expr::{Constant, Graph, Id, Number, Reduction, Relation, Series, Symbol, View, walk};
use crate::render::letters;
use std::collections::HashSet;

/// Deeper expressions are not set: TeX holds 255 groups, browsers 512 elements, and nobody reads them. Because of this bound the
/// functions that go through the tree may call themselves.
const DEEPEST: usize = 40;

/// Nor are larger ones.
const LARGEST: u64 = 400;

/// Nor are longer numbers.
const DIGITS: usize = 80;

/// A piece of mathematics as it is set.
#[derive(Clone, Debug, PartialEq)]
pub enum Math {
    /// Digits, with a decimal point perhaps.
    Number(String),
    /// A variable.
    Name(Name),
    /// The name of a function, such as `sin`; its argument follows.
    Head(String),
    /// An operator or a relation: one of [`SIGNS`].
    Sign(char),
    /// Words among the symbols.
    Words(String),
    /// Side by side.
    Row(Vec<Math>),
    /// Above and below a line.
    Fraction(Box<Math>, Box<Math>),
    /// With an index, an exponent, or both.
    Script {
        /// What carries them.
        base: Box<Math>,
        /// The index.
        below: Option<Box<Math>>,
        /// The exponent.
        above: Option<Box<Math>>,
    },
    /// A root, with its degree where that is not 2.
    Root(Box<Math>, Option<String>),
    /// In brackets.
    Fence(Fence, Box<Math>),
    /// Values with the conditions under which they count; the last may have none.
    Cases(Vec<(Math, Option<Math>)>),
    /// A function with its arguments.
    Call {
        /// How it is set.
        shown: Box<Math>,
        /// How it is said; `{}` stands for the arguments.
        spoken: &'static str,
        /// The arguments.
        arguments: Vec<Math>,
    },
    /// What stands out.
    Marked(Marker, Box<Math>),
}

/// Why a part of a formula stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A step has changed it.
    New,
    /// A mistake shows here.
    Wrong,
}

impl Marker {
    /// Its class in HTML, its command in LaTeX, and what is said before and after.
    #[must_use]
    pub fn signs(self) -> (&'static str, &'static str, [&'static str; 2]) {
        match self {
            Marker::New => ("new", "\\underline", ["new:", "end of new"]),
            Marker::Wrong => ("wrong", "\\boxed", ["not right here:", "end of what is not right"]),
        }
    }
}

/// A variable: a letter, or a word, with an index perhaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The letter or word, Greek letters as themselves.
    pub base: String,
    /// What stands below.
    pub index: Option<String>,
}

impl Name {
    /// Whether it is a word, which stands upright.
    #[must_use]
    pub fn is_word(&self) -> bool {
        self.base.chars().nth(1).is_some()
    }
}

/// A pair of brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// `(a)`
    Round,
    /// `[a]`
    Square,
    /// `|a|`
    Bar,
    /// The largest integer below.
    Floor,
    /// The smallest integer above.
    Ceiling,
}

/// A pair of brackets: its signs, in LaTeX, in words.
pub type Brackets = (Fence, [char; 2], [&'static str; 2], [&'static str; 2]);

/// All of them.
pub const FENCES: [Brackets; 5] = [
    (Fence::Round, ['(', ')'], ["(", ")"], ["open bracket", "close bracket"]),
    (Fence::Square, ['[', ']'], ["[", "]"], ["of", "end of derivative"]),
    (Fence::Bar, ['|', '|'], ["|", "|"], ["the absolute value of", "end of absolute value"]),
    (Fence::Floor, ['⌊', '⌋'], ["\\lfloor", "\\rfloor"], ["the floor of", "end of floor"]),
    (Fence::Ceiling, ['⌈', '⌉'], ["\\lceil", "\\rceil"], ["the ceiling of", "end of ceiling"]),
];

/// A product without a sign.
pub const BESIDE: char = '\u{2062}';

/// A thin gap.
pub const GAP: char = '\u{2009}';

/// Operators and relations: the sign, in LaTeX, in words.
pub const SIGNS: &[(char, &str, &str)] = &[
    ('+', "+", "plus"),
    ('−', "-", "minus"),
    ('·', "\\cdot ", "times"),
    (BESIDE, "\\,", "times"),
    (GAP, "\\,", ""),
    ('/', "/", "over"),
    ('=', "=", "equals"),
    ('≠', "\\neq ", "is not"),
    ('<', "<", "is less than"),
    ('>', ">", "is greater than"),
    ('≤', "\\leq ", "is at most"),
    ('≥', "\\geq ", "is at least"),
    ('∈', "\\in ", "is in"),
    ('∑', "\\sum ", "the sum"),
    ('∏', "\\prod ", "the product"),
    ('→', "\\to ", "then"),
    (',', ",", "and"),
    ('!', "!", "factorial"),
    ('′', "'", "prime"),
    ('∞', "\\infty ", "infinity"),
    ('ℤ', "\\mathbb{Z}", "the integers"),
    ('…', "\\dots ", "and so on"),
];

use crate::expr::print::strength::{AND, ATOM, COMPARE, CONDITIONAL, FRACTION, NOT, OR, POWER, PRODUCT, SIGN, SUM};

/// Children of nodes, by their positions.
pub type Places = HashSet<(Id, usize)>;

/// The expression as it is set; nothing where it is too deep or too large for that.
#[must_use]
pub fn expression(g: &Graph, id: Id) -> Option<Math> {
    marked(g, id, &Places::new(), Marker::New)
}

/// The same with some children marked.
#[must_use]
pub fn marked(g: &Graph, id: Id, places: &Places, marker: Marker) -> Option<Math> {
    let is_long = |id: &Id| g.as_number(*id).is_some_and(|n| n.to_string().len() > DIGITS);
    let fits = walk::depth(g, id) <= DEEPEST && walk::tree_size(g, id) <= LARGEST;
    (fits && !walk::topological(g, &[id]).iter().any(is_long)).then(|| Setter { g, places, marker }.set(id, CONDITIONAL))
}

/// What is different in the second expression: children of nodes that both have in common. Empty where all of it is.
#[must_use]
pub fn changes(g: &Graph, before: Id, after: Id) -> Places {
    let mut places = Places::new();
    let mut seen = HashSet::new();
    let mut pairs = if alike(g, before, after) { vec![(before, after)] } else { Vec::new() };
    while let Some((old, new)) = pairs.pop() {
        if old == new || !seen.insert((old, new)) {
            continue;
        }
        let (mut olds, news) = unmatched(g, old, new);
        for (at, child) in news {
            // what it was before: of the same kind, with the most parts in common
            let common = |other: Id| g.children(other).iter().filter(|part| g.children(child).contains(part)).count();
            let kin = olds.iter().enumerate().filter(|(_, other)| alike(g, **other, child));
            match kin.max_by_key(|(k, other)| (common(**other), std::cmp::Reverse(*k))).map(|(k, _)| k) {
                Some(k) => pairs.push((olds.remove(k), child)),
                None => _ = places.insert((new, at)),
            }
        }
    }
    let is_all = places.len() == g.children(after).len() && places.iter().all(|(parent, _)| *parent == after);
    if is_all { Places::new() } else { places }
}

/// The children that are not the same on both sides; in sums and products wherever they stand.
fn unmatched(g: &Graph, old: Id, new: Id) -> (Vec<Id>, Vec<(usize, Id)>) {
    let (mut olds, mut news) = (g.children(old).to_vec(), Vec::new());
    if !matches!(g.view(new), View::Add(_) | View::Mul(_)) {
        let pairs = || g.children(old).iter().zip(g.children(new)).enumerate().filter(|(_, (a, b))| a != b);
        return (pairs().map(|(_, (a, _))| *a).collect(), pairs().map(|(k, (_, b))| (k, *b)).collect());
    }
    for (k, child) in g.children(new).iter().enumerate() {
        match olds.iter().position(|other| other == child) {
            Some(at) => _ = olds.remove(at),
            None => news.push((k, *child)),
        }
    }
    (olds, news)
}

/// Where a part stands in an expression: the children that are it.
#[must_use]
pub fn places_of(g: &Graph, root: Id, part: Id) -> Places {
    let parents = walk::topological(g, &[root]).into_iter();
    let within =
        |parent: Id| (0..g.children(parent).len()).filter(move |k| g.children(parent)[*k] == part).map(move |k| (parent, k));
    parents.flat_map(within).collect()
}

/// Whether two nodes have one operator, so that what differs is among their children.
fn alike(g: &Graph, a: Id, b: Id) -> bool {
    let same_count = g.children(a).len() == g.children(b).len();
    match (g.view(a), g.view(b)) {
        (View::Add(_), View::Add(_)) | (View::Mul(_), View::Mul(_)) => true,
        (View::Call(f, _), View::Call(h, _)) => f == h && same_count,
        (View::Component(_, k), View::Component(_, n)) => k == n,
        (View::Rows(kind, data, _), View::Rows(other, set, _)) => kind == other && data == set,
        (View::Derivative(_, x, n), View::Derivative(_, y, m)) => x == y && n == m,
        (View::Series(kind, i, _), View::Series(other, k, _)) => kind == other && i == k,
        (View::Neg(_), View::Neg(_))
        | (View::Div(..), View::Div(..))
        | (View::Pow(..), View::Pow(..))
        | (View::If(..), View::If(..)) => true,
        _ => false,
    }
}

struct Setter<'a> {
    g: &'a Graph,
    /// What is marked.
    places: &'a Places,
    marker: Marker,
}

impl Setter<'_> {
    fn set(&self, id: Id, least: u8) -> Math {
        let (math, own) = self.bare(id);
        if own < least { fenced(Fence::Round, math) } else { math }
    }

    /// A child of a node, in brackets where its place asks for them, and marked where it changed.
    fn child(&self, parent: Id, k: usize, least: u8) -> Math {
        let Some(id) = self.g.children(parent).get(k) else { return Math::Row(Vec::new()) };
        self.mark(parent, k, self.set(*id, least))
    }

    fn mark(&self, parent: Id, k: usize, math: Math) -> Math {
        if self.places.contains(&(parent, k)) { Math::Marked(self.marker, Box::new(math)) } else { math }
    }

    /// A node without brackets, and how strongly it binds.
    fn bare(&self, id: Id) -> (Math, u8) {
        match self.g.view(id) {
            View::Number(n) => number(n),
            View::Constant(Constant::Pi) => (letter("π"), ATOM),
            View::Constant(Constant::E) => (letter("e"), ATOM),
            View::Symbol(s) => (symbol(self.g, s), ATOM),
            View::Add(terms) => (self.sum(id, terms), SUM),
            View::Mul(factors) => self.product(id, factors),
            View::Neg(a) => {
                let least = if matches!(self.g.view(a), View::Mul(_)) { PRODUCT } else { FRACTION };
                (Math::Row(vec![Math::Sign('−'), self.child(id, 0, least)]), SIGN)
            }
            View::Div(..) => (fraction(self.child(id, 0, CONDITIONAL), self.child(id, 1, CONDITIONAL)), FRACTION),
            View::Pow(base, exponent) => (self.power(id, base, exponent), POWER),
            View::Call(f, arguments) => {
                let arguments: Vec<Math> = (0..arguments.len()).map(|k| self.child(id, k, CONDITIONAL)).collect();
                let record = f.record();
                let shown = notation::filled(record.notation.latex, &arguments);
                let own = if matches!(shown, Math::Script { .. }) || ends_in_sign(&shown) { POWER } else { ATOM };
                (Math::Call { shown: Box::new(shown), spoken: record.notation.spoken, arguments }, own)
            }
            View::Component(_, k) => (script(self.child(id, 0, ATOM), Some(Math::Number(k.to_string())), None), POWER),
            View::If(..) => (self.cases(id), CONDITIONAL),
            View::Compare(r, ..) => {
                let sign = Math::Sign(relation(r));
                (Math::Row(vec![self.child(id, 0, SUM), sign, self.child(id, 1, SUM)]), COMPARE)
            }
            View::And(parts) => match self.chain(parts) {
                Some(chain) => (chain, COMPARE),
                None => (self.joined(id, " and ", NOT), AND),
            },
            View::Or(_) => (self.joined(id, " or ", AND), OR),
            View::Not(_) => (Math::Row(vec![Math::Words("not ".into()), self.child(id, 0, COMPARE)]), NOT),
            View::IsInteger(_) => (Math::Row(vec![self.child(id, 0, SUM), Math::Sign('∈'), Math::Sign('ℤ')]), COMPARE),
            View::Truth(holds) => (Math::Words(if holds { "always" } else { "never" }.into()), ATOM),
            View::Series(kind, index, _) => {
                let sign = if kind == Series::Sum { '∑' } else { '∏' };
                // the first child is the index
                let from = Math::Row(vec![symbol(self.g, index), Math::Sign('='), self.child(id, 1, SUM)]);
                let total = script(Math::Sign(sign), Some(from), Some(self.child(id, 2, CONDITIONAL)));
                (Math::Row(vec![total, self.child(id, 3, PRODUCT)]), SUM)
            }
            View::Rows(Reduction::Sum, data, body) if self.g.is_one(body) => (applied("count", symbol(self.g, data)), ATOM),
            View::Rows(kind, ..) => {
                let word = if kind == Reduction::Sum { "sum" } else { "mean" };
                (applied(word, self.child(id, 0, CONDITIONAL)), ATOM)
            }
            View::Derivative(_, v, order) => {
                let body = fenced(Fence::Square, self.child(id, 0, CONDITIONAL));
                (Math::Row(vec![operator(self.g, v, order), body]), FRACTION)
            }
            View::Undefined => (Math::Words("no value".into()), ATOM),
        }
    }

    fn sum(&self, id: Id, terms: &[Id]) -> Math {
        let mut row = Vec::new();
        for (k, term) in terms.iter().enumerate() {
            let (math, _) = match k {
                // a sign in front of a sum is part of its first term
                0 => (self.set(*term, PRODUCT), 0),
                _ => self.bare_term(*term),
            };
            match signless(math) {
                (true, rest) if k > 0 => row.extend([Math::Sign('−'), self.mark(id, k, rest)]),
                (is_negative, rest) => {
                    row.extend((k > 0).then_some(Math::Sign('+')));
                    let whole = if is_negative { Math::Row(vec![Math::Sign('−'), rest]) } else { rest };
                    row.push(self.mark(id, k, whole));
                }
            }
        }
        Math::Row(row)
    }

    fn bare_term(&self, term: Id) -> (Math, u8) {
        (self.set(term, PRODUCT), 0)
    }

    fn product(&self, id: Id, factors: &[Id]) -> (Math, u8) {
        let mut row: Vec<Math> = Vec::new();
        let is_minus = |k: usize| k == 0 && factors.len() > 1 && self.g.as_number(factors[0]).is_some_and(Number::is_minus_one);
        for (k, factor) in factors.iter().enumerate() {
            if is_minus(k) {
                row.push(Math::Sign('−'));
                continue;
            }
            let least = if k == 0 { PRODUCT } else { FRACTION };
            let math = self.set(*factor, least);
            if let Some(last) = row.last().filter(|last| **last != Math::Sign('−')) {
                row.push(Math::Sign(times(last, &math)));
            }
            row.push(self.mark(id, k, math));
        }
        (Math::Row(row), PRODUCT)
    }

    /// The exponent of a function of an angle stands behind its name, that of an exponent's quotient on the line.
    fn power(&self, id: Id, base: Id, exponent: Id) -> Math {
        let number = self.g.as_number(exponent);
        let is_digits = |id: Id| self.g.as_number(id).is_some_and(Number::is_integer);
        let above = match (number.filter(|n| !n.is_integer() && !n.is_decimal()), self.g.view(exponent)) {
            (Some(n), _) => self.mark(id, 1, on_the_line(n)),
            (None, View::Div(a, b)) if is_digits(a) && is_digits(b) => {
                let line = Math::Row(vec![self.child(exponent, 0, SIGN), Math::Sign('/'), self.child(exponent, 1, POWER)]);
                self.mark(id, 1, line)
            }
            _ => self.child(id, 1, CONDITIONAL),
        };
        if number.is_some_and(|n| n.is_integer() && n.is_positive())
            && let View::Call(f, _) = self.g.view(base)
            && !self.places.contains(&(id, 0))
            && let (Math::Call { shown, spoken, arguments }, _) = self.bare(base)
            && let Math::Row(row) = *shown
            && let [Math::Head(_), Math::Fence(..)] = &row[..]
            && is_of_angles(f.name())
        {
            let mut row = row.into_iter();
            let head = row.next().map(|head| script(head, None, Some(above.clone())));
            let shown = Math::Row(head.into_iter().chain(row).collect());
            let said = Math::Call { shown: Box::new(Math::Row(Vec::new())), spoken, arguments };
            return Math::Call { shown: Box::new(shown), spoken: "{}", arguments: vec![script(said, None, Some(above))] };
        }
        script(self.child(id, 0, ATOM), None, Some(above))
    }

    fn cases(&self, id: Id) -> Math {
        let mut rows = Vec::new();
        let mut at = id;
        while let View::If(_, _, otherwise) = self.g.view(at) {
            rows.push((self.child(at, 1, OR), Some(self.child(at, 0, OR))));
            match self.g.view(otherwise) {
                View::If(..) if !self.places.contains(&(at, 2)) => at = otherwise,
                View::Undefined => break,
                _ => {
                    rows.push((self.child(at, 2, OR), None));
                    break;
                }
            }
        }
        Math::Cases(rows)
    }

    /// `a < b` and `b < c` as `a < b < c`.
    fn chain(&self, parts: &[Id]) -> Option<Math> {
        let [first, second] = parts else { return None };
        let (View::Compare(r, a, b), View::Compare(s, c, d)) = (self.g.view(*first), self.g.view(*second)) else { return None };
        let rises = |r: Relation| matches!(r, Relation::Less | Relation::LessEqual);
        let row = [self.set(a, SUM), Math::Sign(relation(r)), self.set(b, SUM), Math::Sign(relation(s)), self.set(d, SUM)];
        (b == c && rises(r) && rises(s)).then(|| Math::Row(row.to_vec()))
    }

    fn joined(&self, id: Id, word: &str, least: u8) -> Math {
        let mut row = Vec::new();
        for k in 0..self.g.children(id).len() {
            row.extend((k > 0).then(|| Math::Words(word.to_owned())));
            row.push(self.child(id, k, least));
        }
        Math::Row(row)
    }
}

/// Functions of angles: their powers are written behind the name.
fn is_of_angles(name: &str) -> bool {
    ["sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "sech", "csch", "coth"].contains(&name)
}

/// Whether a term begins with a minus, and the term without it.
fn signless(math: Math) -> (bool, Math) {
    match math {
        Math::Row(mut row) if row.first() == Some(&Math::Sign('−')) => {
            row.remove(0);
            let rest = if row.len() == 1 { row.remove(0) } else { Math::Row(row) };
            (true, rest)
        }
        Math::Row(mut row) => match row.first_mut().map(unmarked) {
            // the sign of the number in front of a product
            Some(Math::Row(first)) if first.first() == Some(&Math::Sign('−')) => {
                first.remove(0);
                (true, Math::Row(row))
            }
            _ => (false, Math::Row(row)),
        },
        other => (false, other),
    }
}

/// What is marked, or the piece itself.
fn unmarked(math: &mut Math) -> &mut Math {
    match math {
        Math::Marked(_, inner) => inner,
        other => other,
    }
}

/// The sign between two factors: none where they are read as a product without it.
fn times(left: &Math, right: &Math) -> char {
    let (end, begin) = (last(left), first(right));
    let is_word = |math: &Math| matches!(math, Math::Name(name) if name.is_word());
    match (end, begin) {
        (_, Math::Number(_) | Math::Words(_) | Math::Cases(_)) => '·',
        _ if is_word(end) || is_word(begin) => '·',
        (Math::Number(_), Math::Fraction(..)) | (Math::Fraction(..), Math::Fraction(..)) => '·',
        (Math::Number(_), _) => BESIDE,
        // w(x + 1) would be a call
        (Math::Fence(..) | Math::Fraction(..), Math::Fence(..)) => BESIDE,
        (_, Math::Fence(..)) => '·',
        (Math::Fence(Fence::Square, _), _) | (_, Math::Fraction(..)) => '·',
        _ => BESIDE,
    }
}

/// The first thing that is read, scripts being read with what carries them.
fn first(math: &Math) -> &Math {
    match math {
        Math::Row(row) => row.first().map_or(math, first),
        Math::Script { base, .. } => first(base),
        Math::Call { shown, .. } => first(shown),
        Math::Marked(_, inner) => first(inner),
        other => other,
    }
}

/// The last thing that is read.
fn last(math: &Math) -> &Math {
    match math {
        Math::Row(row) => row.last().map_or(math, last),
        Math::Script { base, .. } => last(base),
        Math::Call { shown, .. } => last(shown),
        Math::Marked(_, inner) => last(inner),
        other => other,
    }
}

fn ends_in_sign(math: &Math) -> bool {
    matches!(math, Math::Row(row) if matches!(row.last(), Some(Math::Sign(_))))
}

/// Whether brackets of the usual size hold it.
pub(super) fn is_flat(math: &Math) -> bool {
    match math {
        Math::Number(_) | Math::Name(_) | Math::Head(_) | Math::Words(_) => true,
        Math::Sign(sign) => !matches!(sign, '∑' | '∏'),
        Math::Row(row) => row.iter().all(is_flat),
        Math::Call { shown, .. } => is_flat(shown),
        Math::Fence(_, inner) => is_flat(inner),
        Math::Script { base, below, above } => {
            let is_small =
                |part: &Option<Box<Math>>| part.as_ref().is_none_or(|part| matches!(**part, Math::Number(_) | Math::Name(_)));
            is_flat(base) && is_small(below) && is_small(above)
        }
        _ => false,
    }
}

pub(super) fn fenced(fence: Fence, inner: Math) -> Math {
    Math::Fence(fence, Box::new(inner))
}

pub(super) fn fraction(above: Math, below: Math) -> Math {
    Math::Fraction(Box::new(above), Box::new(below))
}

pub(super) fn script(base: Math, below: Option<Math>, above: Option<Math>) -> Math {
    Math::Script { base: Box::new(base), below: below.map(Box::new), above: above.map(Box::new) }
}

fn applied(head: &str, argument: Math) -> Math {
    Math::Row(vec![Math::Head(head.to_owned()), fenced(Fence::Round, argument)])
}

pub(super) fn letter(base: &str) -> Math {
    Math::Name(Name { base: base.to_owned(), index: None })
}

/// A symbol by its name.
pub fn symbol(g: &Graph, s: Symbol) -> Math {
    Math::Name(name(g.name(s)))
}

/// `d/dx`, `d^2/dx^2`
pub fn operator(g: &Graph, v: Symbol, order: u32) -> Math {
    let raised = |math: Math| if order == 1 { math } else { script(math, None, Some(Math::Number(order.to_string()))) };
    fraction(raised(letter("d")), Math::Row(vec![letter("d"), raised(symbol(g, v))]))
}

/// The operators of a derivative by several variables in turn, the last one first.
pub fn operators(g: &Graph, variables: &[Symbol]) -> Vec<Math> {
    match variables {
        [first, rest @ ..] if rest.iter().all(|v| v == first) => {
            vec![operator(g, *first, u32::try_from(variables.len()).unwrap_or(1))]
        }
        _ => variables.iter().rev().map(|v| operator(g, *v, 1)).collect(),
    }
}

/// A name as it is set: Greek letters by their names, digits and what follows `_` below.
#[must_use]
pub fn name(text: &str) -> Name {
    let (base, index) = match text.trim_end_matches('_').split_once('_') {
        Some((base, index)) if !base.is_empty() => (base, Some(index.replace('_', ","))),
        _ => {
            let stem = text.trim_end_matches(|c: char| c.is_ascii_digit() || ('₀'..='₉').contains(&c));
            if stem.is_empty() || stem.ends_with('_') || stem == text {
                (text, None)
            } else {
                (stem, Some(text[stem.len()..].to_owned()))
            }
        }
    };
    let plain = |c: char| if ('₀'..='₉').contains(&c) { char::from(b'0' + (c as u32 - '₀' as u32) as u8) } else { c };
    let index = index.map(|index| letters::greek(&index).map_or_else(|| index.chars().map(plain).collect(), str::to_owned));
    Name { base: letters::greek(base).unwrap_or(base).to_owned(), index }
}

pub(super) fn relation(r: Relation) -> char {
    match r {
        Relation::Less => '<',
        Relation::LessEqual => '≤',
        Relation::Greater => '>',
        Relation::GreaterEqual => '≥',
        Relation::Equal => '=',
        Relation::NotEqual => '≠',
    }
}

/// A number, and how strongly it binds.
fn number(n: &Number) -> (Math, u8) {
    let math = digits(&n.to_string());
    let own = match &math {
        Math::Number(_) => ATOM,
        Math::Fraction(..) => FRACTION,
        Math::Script { .. } => POWER,
        Math::Row(row) if row.first() == Some(&Math::Sign('−')) => SIGN,
        _ => PRODUCT,
    };
    (math, own)
}

/// The text of a number as it is set: `-1/2`, `1e-9`, `inf`.
#[must_use]
pub fn digits(text: &str) -> Math {
    if let Some(size) = text.strip_prefix('-') {
        return Math::Row(vec![Math::Sign('−'), digits(size)]);
    }
    if let Some((above, below)) = text.split_once('/') {
        return fraction(digits(above), digits(below));
    }
    match text.split_once('e') {
        Some((figures, power)) => {
            let power = script(Math::Number("10".into()), None, Some(digits(power.trim_start_matches('+'))));
            if figures == "1" { power } else { Math::Row(vec![digits(figures), Math::Sign('·'), power]) }
        }
        None if text == "inf" => Math::Sign('∞'),
        None if text.starts_with(|c: char| c.is_ascii_digit() || c == '.') => Math::Number(text.to_owned()),
        None => Math::Words(text.to_owned()),
    }
}

/// `1/2` as an exponent.
fn on_the_line(n: &Number) -> Math {
    match digits(&n.to_string()) {
        Math::Fraction(a, b) => Math::Row(vec![*a, Math::Sign('/'), *b]),
        Math::Row(mut row) => {
            if let Some(Math::Fraction(a, b)) = row.pop() {
                row.extend([*a, Math::Sign('/'), *b]);
            }
            Math::Row(row)
        }
        other => other,
    }
}
