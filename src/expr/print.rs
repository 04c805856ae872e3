//! Expressions as text: the plain syntax, which reads back as the same tree, and its Unicode sibling. Iterative.

use super::{Constant, Graph, Id, Number, Reduction, Relation, Series, View, walk};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// How expressions are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// ASCII, as a person types it: what is printed reads back as the same.
    Plain,
    /// The same with open derivatives in square brackets, for derivations.
    Shown,
    /// The same with `·`, `≤` and `π`.
    Unicode,
}

/// A text larger than this many tree nodes prints with named parts.
pub const NAMED_PARTS_FROM: u64 = 2000;

/// The expression in the plain syntax.
pub fn plain(g: &Graph, id: Id) -> String {
    Printer::new(g, Style::Plain).text(id)
}

/// The expression in a style.
pub fn styled(g: &Graph, id: Id, style: Style) -> String {
    Printer::new(g, style).text(id)
}

/// An expression that may be too large to read in one piece.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The expression, with names for its shared parts.
    pub text: String,
    /// Each name with what it stands for; a part may use the names before it.
    pub parts: Vec<(String, String)>,
}

/// The expression with its shared parts named, where written out it would have more than `limit` nodes.
pub fn with_named_parts(g: &Graph, id: Id, style: Style, limit: u64) -> Named {
    let mut printer = Printer::new(g, style);
    if walk::tree_size(g, id) <= limit {
        return Named { text: printer.text(id), parts: Vec::new() };
    }
    let mut parts = Vec::new();
    for (k, part) in shared_parts(g, &[id], limit).into_iter().enumerate() {
        let name = fresh_name(g, k + 1);
        parts.push((name.clone(), printer.text(part)));
        printer.names.insert(part, name);
    }
    Named { text: printer.text(id), parts }
}

/// Several expressions with names for the parts that they share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Common {
    /// Each expression; one whose text would be too long ends in ` ...`.
    pub texts: Vec<String>,
    /// The first parts: each name with what it stands for. A part may use the names before it.
    pub parts: Vec<(String, String)>,
    /// How many parts there are in all.
    pub count: usize,
}

/// How much of a text is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// An expression with more nodes than this has parts named.
    pub nodes: u64,
    /// So many named parts are written.
    pub parts: usize,
    /// No text is longer than about so many bytes.
    pub bytes: usize,
}

/// The expressions with the parts named that they share, and those that would make a line long.
pub fn with_common_parts(g: &Graph, ids: &[Id], style: Style, extent: Extent) -> Common {
    let mut printer = Printer::new(g, style);
    let parts = match ids {
        [one] if walk::tree_size(g, *one) <= extent.nodes => Vec::new(),
        _ => shared_parts(g, ids, extent.nodes),
    };
    let count = parts.len();
    let mut written = Vec::with_capacity(count.min(extent.parts));
    for (k, part) in parts.into_iter().enumerate() {
        let name = fresh_name(g, k + 1);
        if k < extent.parts {
            written.push((name.clone(), printer.text_up_to(part, extent.bytes)));
        }
        printer.names.insert(part, name);
    }
    let texts = ids.iter().map(|id| printer.text_up_to(*id, extent.bytes)).collect();
    Common { texts, parts: written, count }
}

/// The expression within a sentence: parts named from so many nodes on, and cut where it is still long.
pub fn glimpse(g: &Graph, id: Id, style: Style, nodes: u64) -> String {
    const BYTES: usize = 400;
    let extent = Extent { nodes, parts: 0, bytes: BYTES };
    with_common_parts(g, &[id], style, extent).texts.pop().unwrap_or_default()
}

/// A name `t1`, `t2`, … that the program does not use.
fn fresh_name(g: &Graph, k: usize) -> String {
    let mut name = format!("t{k}");
    while g.find_symbol(&name).is_some() {
        name.insert(0, 't');
    }
    name
}

/// Shared nodes of this size have names; where that gives more names than anybody reads, only larger ones.
const SHARED: [u64; 3] = [6, 24, 96];

/// More named parts than this are not read.
const READ: usize = 24;

/// The nodes to name so that no line is longer than `limit` nodes: shared nodes of some size, and long lines cut.
fn shared_parts(g: &Graph, roots: &[Id], limit: u64) -> Vec<Id> {
    let order = walk::topological(g, roots);
    let whole: HashSet<Id> = if let [_] = roots { roots.iter().copied().collect() } else { HashSet::new() };
    let mut uses: HashMap<Id, u32> = HashMap::new();
    for child in order.iter().flat_map(|id| g.children(*id)) {
        *uses.entry(*child).or_default() += 1;
    }
    let small = (limit / 10).max(12);
    let named_from = |least: u64| {
        let mut size: HashMap<Id, u64> = HashMap::new();
        let mut parts = Vec::new();
        for id in &order {
            let below = g.children(*id).iter().fold(1u64, |sum, c| sum.saturating_add(size.get(c).copied().unwrap_or(1)));
            let shared = uses.get(id).copied().unwrap_or(0) > 1;
            if !whole.contains(id) && !g.is_condition(*id) && ((shared && below >= least) || below > small) {
                parts.push(*id);
                size.insert(*id, 1);
            } else {
                size.insert(*id, below);
            }
        }
        parts
    };
    let mut fewest: Option<Vec<Id>> = None;
    for least in SHARED {
        let parts = named_from(least);
        if fewest.as_ref().is_none_or(|fewest| parts.len() < fewest.len()) {
            fewest = Some(parts);
        }
        if fewest.as_ref().is_some_and(|fewest| fewest.len() <= READ) {
            break;
        }
    }
    fewest.unwrap_or_default()
}

/// Binding strength: a child whose own strength is lower than the place asks for is put in parentheses. A fraction is a quotient that
/// is set with a bar; printed on a line it is a product.
pub(crate) mod strength {
    pub const CONDITIONAL: u8 = 0;
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const COMPARE: u8 = 4;
    pub const SUM: u8 = 5;
    pub const PRODUCT: u8 = 6;
    pub const SIGN: u8 = 7;
    pub const FRACTION: u8 = 8;
    pub const POWER: u8 = 9;
    pub const ATOM: u8 = 10;
}
use strength::{AND, ATOM, COMPARE, CONDITIONAL, NOT, OR, POWER, PRODUCT, SIGN, SUM};

enum Task {
    Text(Cow<'static, str>),
    Node(Id, u8),
}

struct Printer<'g> {
    g: &'g Graph,
    style: Style,
    names: HashMap<Id, String>,
}

impl<'g> Printer<'g> {
    fn new(g: &'g Graph, style: Style) -> Self {
        Printer { g, style, names: HashMap::new() }
    }

    fn text(&self, root: Id) -> String {
        self.text_up_to(root, usize::MAX)
    }

    /// The text, cut with ` ...` where it would be longer than about so many bytes.
    fn text_up_to(&self, root: Id, bytes: usize) -> String {
        let mut out = String::new();
        // taken from the end
        let mut tasks = vec![Task::Node(root, CONDITIONAL)];
        let mut line = Vec::new();
        while let Some(task) = tasks.pop() {
            if out.len() > bytes {
                out.push_str(" ...");
                break;
            }
            match task {
                Task::Text(text) => out.push_str(&text),
                Task::Node(id, least) => {
                    self.open(id, least, &mut line);
                    tasks.extend(line.drain(..).rev());
                }
            }
        }
        out
    }

    /// The pieces of one node, in reading order, in parentheses where its place asks for more strength than it has.
    fn open(&self, id: Id, least: u8, line: &mut Vec<Task>) {
        if let Some(name) = self.names.get(&id) {
            line.push(Task::Text(name.clone().into()));
            return;
        }
        let own = self.strength(id);
        if own < least {
            line.push(Task::Text("(".into()));
        }
        self.pieces(id, line);
        if own < least {
            line.push(Task::Text(")".into()));
        }
    }

    fn strength(&self, id: Id) -> u8 {
        match self.g.view(id) {
            View::Number(n) => number_strength(n),
            View::Add(_) => SUM,
            View::Mul(_) | View::Div(..) => PRODUCT,
            View::Neg(_) => SIGN,
            View::Pow(..) => POWER,
            View::If(..) => CONDITIONAL,
            View::Compare(..) => COMPARE,
            View::And(_) => AND,
            View::Or(_) => OR,
            View::Not(_) => NOT,
            View::Undefined => CONDITIONAL,
            _ => ATOM,
        }
    }

    fn pieces(&self, id: Id, line: &mut Vec<Task>) {
        let text = |line: &mut Vec<Task>, t: &'static str| line.push(Task::Text(t.into()));
        match self.g.view(id) {
            View::Number(n) => line.push(Task::Text(n.to_string().into())),
            View::Constant(c) => line.push(Task::Text(self.constant(c).into())),
            View::Symbol(s) => line.push(Task::Text(self.g.name(s).to_owned().into())),
            View::Add(terms) => self.sum(terms, line),
            View::Mul(factors) => self.product(factors, line),
            View::Neg(a) => {
                text(line, "-");
                // -(-x), and -x^2 without parentheses
                line.push(Task::Node(a, if matches!(self.g.view(a), View::Mul(_) | View::Div(..)) { PRODUCT } else { POWER }));
            }
            View::Div(a, b) => {
                line.push(Task::Node(a, PRODUCT));
                text(line, if self.reads_as_derivative(a, b) { " / " } else { "/" });
                line.push(Task::Node(b, POWER));
            }
            View::Pow(a, b) => {
                line.push(Task::Node(a, ATOM));
                text(line, "^");
                line.push(Task::Node(b, POWER));
            }
            View::Call(f, arguments) => {
                text(line, f.name());
                self.list("(", arguments, ")", line);
            }
            View::Component(v, k) => {
                if let View::Call(f, arguments) = self.g.view(v) {
                    text(line, f.name());
                    self.list("([", arguments, "])", line);
                }
                line.push(Task::Text(format!("[{k}]").into()));
            }
            View::If(c, a, b) => self.conditional(c, a, b, line),
            View::Compare(r, a, b) => {
                line.push(Task::Node(a, SUM));
                let symbol = self.relation(r);
                line.push(Task::Text(format!(" {symbol} ").into()));
                line.push(Task::Node(b, SUM));
            }
            View::And(parts) => match self.chain(parts) {
                Some(pieces) => line.extend(pieces),
                None => self.joined(parts, " and ", NOT, line),
            },
            View::Or(parts) => self.joined(parts, " or ", AND, line),
            View::Not(a) => {
                text(line, "not ");
                line.push(Task::Node(a, COMPARE));
            }
            View::IsInteger(a) => self.list("integer(", &[a], ")", line),
            View::Truth(t) => text(line, if t { "true" } else { "false" }),
            View::Series(kind, binder, [from, to, body]) => {
                let word = if kind == Series::Sum { "sum" } else { "prod" };
                line.push(Task::Text(format!("{word}({} in ", self.g.name(binder)).into()));
                line.push(Task::Node(from, SUM));
                text(line, "..");
                line.push(Task::Node(to, SUM));
                text(line, ": ");
                line.push(Task::Node(body, CONDITIONAL));
                text(line, ")");
            }
            View::Rows(Reduction::Sum, data, body) if self.g.is_one(body) => {
                line.push(Task::Text(format!("count({})", self.g.name(data)).into()));
            }
            View::Rows(kind, _, body) => {
                text(line, if kind == Reduction::Sum { "sum(" } else { "mean(" });
                line.push(Task::Node(body, CONDITIONAL));
                text(line, ")");
            }
            View::Derivative(body, v, order) => {
                let name = self.g.name(v);
                let head = if order == 1 { format!("d/d{name}") } else { format!("d^{order}/d{name}^{order}") };
                // square brackets set an open derivative apart from a product
                let (open, close) = if self.style != Style::Plain { ("[", "]") } else { ("(", ")") };
                line.push(Task::Text((head + open).into()));
                line.push(Task::Node(body, CONDITIONAL));
                text(line, close);
            }
            View::Undefined => text(line, "if 0 > 1 then 0"),
        }
    }

    /// `a < b` and `b < c` as the chain `a < b < c`.
    fn chain(&self, parts: &[Id]) -> Option<Vec<Task>> {
        let [first, second] = parts else { return None };
        let (View::Compare(r, a, b), View::Compare(s, c, d)) = (self.g.view(*first), self.g.view(*second)) else { return None };
        let rises = |r: Relation| matches!(r, Relation::Less | Relation::LessEqual);
        if b != c || !rises(r) || !rises(s) {
            return None;
        }
        let sign = |r| Task::Text(format!(" {} ", self.relation(r)).into());
        Some(vec![Task::Node(a, SUM), sign(r), Task::Node(b, SUM), sign(s), Task::Node(d, SUM)])
    }

    /// Whether the quotient, written without spaces, is read as `d/dx`.
    fn reads_as_derivative(&self, above: Id, below: Id) -> bool {
        let mut last = above;
        loop {
            last = match self.g.view(last) {
                View::Mul(factors) => factors[factors.len() - 1],
                View::Div(_, a) | View::Neg(a) | View::Pow(a, _) => a,
                _ => break,
            };
        }
        let first = if let View::Pow(base, _) = self.g.view(below) { base } else { below };
        let name = match self.g.view(first) {
            View::Symbol(s) => self.g.name(s),
            View::Call(f, _) => f.name(),
            _ => "",
        };
        let is_sign = |id| matches!(self.g.view(id), View::Symbol(s) if matches!(self.g.name(s), "d" | "∂"));
        name.starts_with(['d', '∂']) && is_sign(last)
    }

    fn relation(&self, r: Relation) -> &'static str {
        match (self.style, r.symbol()) {
            (Style::Unicode, "<=") => "≤",
            (Style::Unicode, ">=") => "≥",
            (Style::Unicode, "!=") => "≠",
            (_, plain) => plain,
        }
    }

    fn constant(&self, c: Constant) -> &'static str {
        match (c, self.style) {
            (Constant::Pi, Style::Plain | Style::Shown) => "pi",
            (Constant::Pi, Style::Unicode) => "π",
            (Constant::E, _) => "e",
        }
    }

    fn sum(&self, terms: &[Id], line: &mut Vec<Task>) {
        for (k, term) in terms.iter().enumerate() {
            // a leading sign is part of the term; later ones become the operator
            match (k, self.without_sign(*term)) {
                (0, _) => line.push(Task::Node(*term, PRODUCT)),
                (_, Some(opposite)) => {
                    line.push(Task::Text(" - ".into()));
                    match opposite {
                        Unsigned::Node(a) => line.push(Task::Node(a, PRODUCT)),
                        Unsigned::Text(t) => line.push(Task::Text(t.into())),
                        Unsigned::Product(t, rest) => {
                            if let Some(t) = t {
                                line.push(Task::Text(t.into()));
                                line.push(Task::Text(self.times()));
                            }
                            self.product(rest, line);
                        }
                    }
                }
                (_, None) => {
                    line.push(Task::Text(" + ".into()));
                    line.push(Task::Node(*term, PRODUCT));
                }
            }
        }
    }

    /// The term without its leading minus, where it has one that can become the operator between two terms.
    fn without_sign(&self, term: Id) -> Option<Unsigned<'g>> {
        if self.names.contains_key(&term) {
            return None;
        }
        match self.g.view(term) {
            View::Neg(a) => Some(Unsigned::Node(a)),
            View::Number(n) if n.is_negative() => Some(Unsigned::Text((-n).to_string())),
            View::Mul(factors) => match self.g.view(factors[0]) {
                View::Number(n) if n.is_minus_one() => Some(Unsigned::Product(None, &factors[1..])),
                View::Number(n) if n.is_negative() => Some(Unsigned::Product(Some((-n).to_string()), &factors[1..])),
                _ => None,
            },
            _ => None,
        }
    }

    fn times(&self) -> Cow<'static, str> {
        if self.style == Style::Unicode { "·".into() } else { "*".into() }
    }

    fn product(&self, factors: &[Id], line: &mut Vec<Task>) {
        for (k, factor) in factors.iter().enumerate() {
            if k > 0 {
                line.push(Task::Text(self.times()));
            }
            // a quotient after the first factor would be read as a product divided: a*(b/c)
            let least = if k == 0 { PRODUCT } else { POWER };
            line.push(Task::Node(*factor, least));
        }
    }

    fn list(&self, open: &'static str, items: &[Id], close: &'static str, line: &mut Vec<Task>) {
        line.push(Task::Text(open.into()));
        self.joined(items, ", ", CONDITIONAL, line);
        line.push(Task::Text(close.into()));
    }

    fn joined(&self, items: &[Id], between: &'static str, least: u8, line: &mut Vec<Task>) {
        for (k, item) in items.iter().enumerate() {
            if k > 0 {
                line.push(Task::Text(between.into()));
            }
            line.push(Task::Node(*item, least));
        }
    }

    fn conditional(&self, c: Id, a: Id, b: Id, line: &mut Vec<Task>) {
        line.push(Task::Text("if ".into()));
        line.push(Task::Node(c, OR));
        line.push(Task::Text(" then ".into()));
        line.push(Task::Node(a, OR)); // a conditional inside `then` is parenthesised
        if self.g.view(b) != View::Undefined {
            line.push(Task::Text(" else ".into()));
            line.push(Task::Node(b, CONDITIONAL));
        }
    }
}

/// A term whose leading minus was taken off.
enum Unsigned<'g> {
    Node(Id),
    Text(String),
    Product(Option<String>, &'g [Id]),
}

/// A negative number binds as a sign, a quotient as a product, everything else as an atom.
fn number_strength(n: &Number) -> u8 {
    let text_is_quotient = !n.is_integer() && n.to_string().contains('/');
    match (n.is_negative(), text_is_quotient) {
        (_, true) => PRODUCT,
        (true, false) => SIGN,
        (false, false) => ATOM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_quotients_read_back() {
        let mut g = Graph::new();
        let (x, y) = (g.variable("x"), g.variable("y"));
        let two = g.integer(2);
        let minus_two = g.integer(-2);
        let square = g.pow(x, two);
        let minus = g.neg(square);
        assert_eq!(plain(&g, minus), "-x^2");
        let base = g.neg(x);
        let p = g.pow(base, two);
        assert_eq!(plain(&g, p), "(-x)^2");
        let p = g.pow(two, minus_two);
        assert_eq!(plain(&g, p), "2^(-2)");
        let d = g.div(x, y);
        let m = g.mul(&[two, d]);
        assert_eq!(plain(&g, m), "2*(x/y)");
        let dd = g.div(d, d);
        assert_eq!(plain(&g, dd), "x/y/(x/y)");
        let s = g.sub(x, d);
        assert_eq!(plain(&g, s), "x - x/y");
        let t = g.mul(&[minus_two, x]);
        let s = g.add(&[y, t]);
        assert_eq!(plain(&g, s), "y - 2*x");
        let half = g.number(Number::ratio(1, 2));
        let m = g.mul(&[half, x]);
        assert_eq!(plain(&g, m), "1/2*x");
        let p = g.pow(half, x);
        assert_eq!(plain(&g, p), "(1/2)^x");
        // without spaces this is a derivative
        let (d, dx) = (g.variable("d"), g.variable("dx"));
        let quotient = g.div(d, dx);
        assert_eq!(plain(&g, quotient), "d / dx");
        let squares = g.pow(d, two);
        let product = g.mul(&[y, squares]);
        let quotient = g.div(product, dx);
        assert_eq!(plain(&g, quotient), "y*d^2 / dx");
    }

    #[test]
    fn a_large_expression_prints_with_named_parts() {
        let mut g = Graph::new();
        let mut t = g.variable("x");
        for _ in 0..64 {
            t = g.mul(&[t, t]);
        }
        let named = with_named_parts(&g, t, Style::Plain, NAMED_PARTS_FROM);
        assert!(named.text.len() < 100, "{}", named.text);
        assert!(named.parts.iter().all(|(_, text)| text.len() < 10_000));
    }
}
