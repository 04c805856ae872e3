//! What the grammar's actions do: build the tree, and refuse what is grammatical but has no meaning
//! as written (two readings, a repeated clause, a derivative by a number). No names are looked up.

use super::ast::*;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::math;
use crate::source::Span;
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What one statement of the grammar is.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// A statement of a program.
    Statement(StatementKind),
    /// `left = right where …`: a rule; in a program, a definition that lacks its `let` or `fn`.
    Equation {
        /// The left side.
        left: ExprId,
        /// The right side.
        right: ExprId,
        /// The `=`.
        equals: Span,
        /// The conditions after `where`.
        conditions: Option<Vec<ExprId>>,
    },
}

/// An exponent, and its number when it is a number directly before an operand.
pub type Exponent = (ExprId, Option<ExprId>);

/// One clause; the entries of its list wait in the builder.
#[derive(Clone, Copy, Debug)]
pub enum Clause {
    /// `wrt x, y`
    Wrt,
    /// `at x = 1`
    At,
    /// `for x in 0..10`
    For,
    /// `assuming x > 0`: so many conditions
    Assuming(u32),
    /// `with name = value`
    With,
    /// `within 1e-9`
    Within(ExprId),
}

/// Entries of the list between commas that is being read. Such lists do not stand inside one another.
#[derive(Debug, Default)]
pub struct Entries {
    names: Vec<Ident>,
    bindings: Vec<Binding>,
    ranges: Vec<RangeBinding>,
    settings: Vec<Setting>,
}

/// What stands in such a list.
pub trait Entry: Sized {
    /// Where entries of this kind wait.
    fn waiting(entries: &mut Entries) -> &mut Vec<Self>;
}

impl Entry for Ident {
    fn waiting(entries: &mut Entries) -> &mut Vec<Self> {
        &mut entries.names
    }
}

impl Entry for Binding {
    fn waiting(entries: &mut Entries) -> &mut Vec<Self> {
        &mut entries.bindings
    }
}

impl Entry for RangeBinding {
    fn waiting(entries: &mut Entries) -> &mut Vec<Self> {
        &mut entries.ranges
    }
}

impl Entry for Setting {
    fn waiting(entries: &mut Entries) -> &mut Vec<Self> {
        &mut entries.settings
    }
}

/// The clauses read so far.
#[derive(Clone, Debug, Default)]
pub struct ClauseSet {
    clauses: Clauses,
    within: Option<(ExprId, Span)>,
}

/// Builds the tree of one text.
pub struct Builder<'s> {
    /// The text that the spans count in.
    pub text: &'s str,
    /// The tree so far.
    pub ast: Ast,
    /// What is wrong with the statement being read.
    pub diagnostics: Vec<Diagnostic>,
    /// What the statement is, once it is read.
    pub found: Option<Parsed>,
    /// Entries of the lists that are being read, the innermost last.
    waiting: Vec<ExprId>,
    /// Signs of the comparisons that are being read, the innermost last.
    signs: Vec<Comparison>,
    entries: Entries,
    clauses: ClauseSet,
    /// The lines of a `check`.
    lines: Vec<ExprId>,
}

impl<'s> Builder<'s> {
    /// An empty tree over the text, in the room of another one.
    pub fn new(text: &'s str, mut ast: Ast) -> Self {
        ast.begin(text.len());
        Builder {
            text,
            ast,
            diagnostics: Vec::new(),
            found: None,
            waiting: Vec::new(),
            signs: Vec::new(),
            entries: Entries::default(),
            clauses: ClauseSet::default(),
            lines: Vec::new(),
        }
    }

    /// Forgets what a statement that could not be read has left.
    pub fn begin(&mut self) {
        self.found = None;
        self.waiting.clear();
        self.signs.clear();
        self.entries = Entries::default();
        self.clauses = ClauseSet::default();
        self.lines.clear();
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &'s str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// As much of a slice as a message can show: a statement may hold many faults, each after all that stands before it.
    fn glance(&self, span: Span) -> &'s str {
        const LONGEST: usize = 80;
        let text = self.slice(span);
        text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
    }

    /// A node from `l` to `r`.
    pub fn push(&mut self, expr: Expr, l: u32, r: u32) -> ExprId {
        self.ast.push(expr, Span::new(l, r))
    }

    /// A name's occurrence. `π` is a spelling of `pi`.
    pub fn ident(&mut self, l: u32, r: u32) -> Ident {
        let span = Span::new(l, r);
        let text = self.slice(span);
        let name = if text.is_ascii() { self.ast.intern(text) } else { self.ast.intern(&normalized(text)) };
        Ident { name, span }
    }

    /// A column's occurrence as a variable: `moons.x1`.
    pub fn column_variable(&mut self, l: u32, r: u32) -> Ident {
        let span = Span::new(l, r);
        let text: String = self.slice(span).split_whitespace().collect();
        Ident { name: self.ast.intern(&normalized(&text)), span }
    }

    /// A name as an operand.
    pub fn name(&mut self, l: u32, r: u32) -> ExprId {
        let Ident { name, span } = self.ident(l, r);
        self.ast.push(Expr::Name(name), span)
    }

    /// Entries of a list, which the end of the list takes; how many they are.
    pub fn wait(&mut self, items: &[ExprId]) -> u32 {
        self.waiting.extend_from_slice(items);
        count(items.len())
    }

    /// An entry of a list between commas.
    pub fn entry<T: Entry>(&mut self, entry: T) {
        T::waiting(&mut self.entries).push(entry);
    }

    /// The list between commas that ends here.
    fn entries<T: Entry>(&mut self) -> Vec<T> {
        std::mem::take(T::waiting(&mut self.entries))
    }

    /// The last entries that wait.
    fn take(&mut self, n: u32) -> Vec<ExprId> {
        self.waiting.split_off(self.waiting.len() - n as usize)
    }

    /// The last entries that wait, as a list of the tree.
    fn take_list(&mut self, n: u32) -> List {
        let start = self.waiting.len() - n as usize;
        let list = self.ast.push_list(&self.waiting[start..]);
        self.waiting.truncate(start);
        list
    }

    /// A number.
    pub fn number(&mut self, l: u32, r: u32) -> ExprId {
        // a sign stands after an `e` only
        let decimal = self.slice(Span::new(l, r)).bytes().any(|b| !matches!(b, b'0'..=b'9' | b'_'));
        self.push(Expr::Number { decimal }, l, r)
    }

    /// A call of a name with so many arguments.
    pub fn call(&mut self, callee: Span, primes: u32, n: u32, r: u32) -> ExprId {
        let callee = self.ident(callee.start, callee.end);
        let args = self.take_list(n);
        self.push(Expr::Call { callee, primes, args }, callee.span.start, r)
    }

    /// A vector of at least one entry.
    pub fn vector(&mut self, n: u32, l: u32, r: u32) -> ExprId {
        if n == 0 {
            self.refuse(
                Diagnostic::new(&code::EMPTY, "a vector has at least one entry").at(Span::new(l, r), "nothing stands here"),
            );
        }
        let items = self.take_list(n);
        self.push(Expr::Vector(items), l, r)
    }

    /// Two operands and the sign between them; how many signs that is.
    pub fn chain(&mut self, a: ExprId, sign: Comparison, c: ExprId) -> u32 {
        self.waiting.push(a);
        self.longer_chain(0, sign, c)
    }

    /// One sign and one operand more.
    pub fn longer_chain(&mut self, n: u32, sign: Comparison, c: ExprId) -> u32 {
        self.waiting.push(c);
        self.signs.push(sign);
        n + 1
    }

    /// A chain of comparisons with so many signs.
    pub fn comparison(&mut self, n: u32, l: u32, r: u32) -> ExprId {
        let operands = self.take_list(n + 1);
        let start = self.signs.len() - n as usize;
        let chain = self.ast.push_chain(operands, &self.signs[start..]);
        self.signs.truncate(start);
        self.push(Expr::Compare(chain), l, r)
    }

    /// `moons.x1`
    pub fn column(&mut self, data: Span, column: Ident, r: u32) -> ExprId {
        let name = self.ident(data.start, data.end).name;
        self.push(Expr::Column { data: name, column: column.name }, data.start, r)
    }

    /// `i in 1..n: E`
    pub fn index(&mut self, index: Span, range: Range, body: ExprId) -> SeriesId {
        let index = self.ident(index.start, index.end);
        self.ast.push_series(Series { kind: SeriesKind::Sum, index, range, body })
    }

    /// `sum(i in 1..n: E)`; its kind is decided here, by the callee.
    pub fn series(&mut self, callee: Span, primes: u32, series: SeriesId, r: u32) -> ExprId {
        let l = callee.start;
        let callee = self.ident(callee.start, callee.end);
        match self.ast.name(callee.name) {
            "sum" if primes == 0 => {}
            "prod" if primes == 0 => self.ast.set_kind(series, SeriesKind::Product),
            other => {
                let message = format!("`{}` does not run an index", quote(other));
                self.refuse(
                    Diagnostic::new(&code::SERIES, message)
                        .at(callee.span, "only `sum` and `prod` do")
                        .help("for example: sum(i in 1..n: i^2)"),
                );
            }
        }
        self.push(Expr::Series(series), l, r)
    }

    /// `3x`. What looks like a number to another base is refused: `0x1F` is 31 elsewhere, and not a product with 0.
    pub fn coefficient(&mut self, number: ExprId, operand: ExprId, l: u32, r: u32) -> ExprId {
        let span = Span::new(l, r);
        // no space stands between the two when the program is formatted
        let text: String = self.glance(span).split_whitespace().collect();
        let (text, rest) = text.split_at(text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len()));
        if let Some(value) = to_another_base(text) {
            let message = format!("`{}` is no number here: numbers are decimal", quote(text));
            let help = format!("write {value}{}, or 0 for a product with 0", quote(rest));
            self.refuse(Diagnostic::new(&code::NUMBER, message).at(span, "another base").help(help));
        }
        self.push(Expr::Coefficient(number, operand), l, r)
    }

    /// `n!`. Another one behind it is a double factorial elsewhere.
    pub fn factorial(&mut self, a: ExprId, l: u32, r: u32) -> ExprId {
        let before = self.slice(Span::new(l, r)).trim_end_matches('!');
        if let (Expr::Unary(UnaryOp::Factorial, _), false) = (self.ast.expr(a), before.trim_end().ends_with(')')) {
            let message = format!("`{}` can be read in two ways", quote(self.glance(Span::new(l, r))));
            let help =
                format!("write `({}!)!`, or the product that is meant: there is no double factorial", quote(before.trim_end()));
            self.refuse(Diagnostic::new(&code::AMBIGUOUS, message).at(Span::new(l, r), "which of the two?").help(help));
        }
        self.push(Expr::Unary(UnaryOp::Factorial, a), l, r)
    }

    /// A power. An exponent such as `3x` (not `(3x)`) has two readings: `loose` is its 3.
    pub fn power(&mut self, base: ExprId, (exponent, loose): Exponent, l: u32, r: u32) -> ExprId {
        if let Some(number) = loose {
            let number = self.ast.span(number);
            let head = self.glance(Span::new(l, number.end));
            let tail = self.glance(Span::new(number.end, r)).trim();
            let start = self.glance(Span::new(l, number.start));
            match math::find(self.slice(self.ast.span(base))) {
                Some(f) => {
                    let negative = start.ends_with(['-', '−']);
                    self.power_of_function(Span::new(l, r), f, negative, self.slice(number), tail);
                }
                None => {
                    let readings = [format!("{head}*{tail}"), format!("{start}({}*{tail})", self.slice(number))];
                    self.two_readings(Span::new(l, r), readings);
                }
            }
        }
        self.push(Expr::Binary(BinaryOp::Pow, base, exponent), l, r)
    }

    /// `sin^2(x)`, as on paper: a power of the value, or the inverse function.
    fn power_of_function(&mut self, span: Span, f: math::FunctionId, is_negative: bool, power: &str, tail: &str) {
        let (name, tail) = (f.name(), quote(tail));
        let call = if tail.starts_with('(') { format!("{name}{tail}") } else { format!("{name}({tail})") };
        let help = match (is_negative, power, math::find(&format!("a{name}"))) {
            (false, ..) => format!("write `{call}^{}`", quote(power)),
            (true, "1", Some(inverse)) => {
                let argument = &call[name.len()..];
                format!("write `{}{argument}` for the inverse function, `1/{call}` for the reciprocal", inverse.name())
            }
            (true, "1", None) => format!("write `1/{call}`"),
            (true, ..) => format!("write `1/{call}^{}`", quote(power)),
        };
        let message = format!("the power of `{name}` stands before its argument");
        self.refuse(Diagnostic::new(&code::AMBIGUOUS, message).at(span, "a power of what?").help(help));
    }

    /// The exponent `3x`, which `power` refuses.
    pub fn loose_exponent(&self, coefficient: ExprId) -> Exponent {
        let number = match self.ast.expr(coefficient) {
            Expr::Coefficient(number, _) => number,
            _ => coefficient,
        };
        (coefficient, Some(number))
    }

    /// A signed exponent.
    pub fn signed_exponent(&mut self, op: UnaryOp, (a, loose): Exponent, l: u32, r: u32) -> Exponent {
        (self.push(Expr::Unary(op, a), l, r), loose)
    }

    /// `1/2x` has two readings.
    pub fn ambiguous_quotient(&mut self, left: Span, right: Span, stand_in: ExprId) -> ExprId {
        let (a, c) = (self.glance(left), self.glance(right));
        let split = c.find(|ch: char| !(ch.is_ascii_digit() || "._+-− ".contains(ch))).unwrap_or(c.len());
        let (number, operand) = (c[..split].trim(), c[split..].trim());
        let readings = [format!("({a}/{number})*{operand}"), format!("{a}/({number}*{operand})")];
        self.two_readings(left.to(right), readings);
        stand_in
    }

    fn two_readings(&mut self, span: Span, [first, second]: [String; 2]) {
        let what = quote(self.slice(span));
        let message = format!("`{what}` can be read in two ways");
        let help = format!("write `{}` or `{}`", quote(&first), quote(&second));
        self.refuse(Diagnostic::new(&code::AMBIGUOUS, message).at(span, "which of the two?").help(help));
    }

    /// `d/dx P`, from the sign's text.
    pub fn leibniz(&mut self, sign: Span, operand: ExprId, l: u32, r: u32) -> ExprId {
        let text = self.slice(sign);
        let (upper, lower) = text.split_once('/').unwrap_or((text, ""));
        let (lower_name, lower_order) = split_order(lower);
        let (_, order) = split_order(upper);
        let name_at = sign.start + count(upper.len() + 1) + lower.chars().next().map_or(0, |c| count(c.len_utf8()));
        let variable = self.ident(name_at, sign.start + count(upper.len() + 1 + lower_name.len()));
        if order != lower_order || order == 0 {
            self.wrong_order(sign, variable);
        }
        self.push(Expr::Derivative { operand, variable, order: order.max(1) }, l, r)
    }

    fn wrong_order(&mut self, sign: Span, variable: Ident) {
        let x = self.slice(variable.span);
        let help = format!("for the second derivative write d^2/d{x}^2");
        self.refuse(
            Diagnostic::new(&code::DERIVATIVE, "the two orders of the derivative differ, or are 0")
                .at(sign, "the same number above and below")
                .help(help),
        );
    }

    /// Whether parentheses directly after the `d/dx` show how far it reaches: `d/dx(x^2)`.
    fn is_closed(&self, id: ExprId) -> bool {
        match self.ast.expr(id) {
            Expr::Unary(UnaryOp::Neg | UnaryOp::Plus, inner) => self.is_closed(inner),
            Expr::Derivative { .. } => {
                let text = self.slice(self.ast.span(id));
                let Some(open) = text.find(['(', ' ', '\t', '\n']) else { return false };
                text[open..].starts_with('(') && closing(&text[open..]) == Some(text.len() - open - 1)
            }
            _ => false,
        }
    }

    /// `d/dx(u)*d/dx(v)`; without these parentheses it is refused.
    pub fn leibniz_between(&mut self, at: [u32; 4], a: ExprId, op: BinaryOp, c: ExprId) -> ExprId {
        match self.is_closed(a) {
            true => self.leibniz_after([at[0], at[2], at[3]], a, op, c),
            false => self.leibniz_before(at, a, op, c),
        }
    }

    /// `d/dx(x^2)*y`; `d/dx x^2 * y` is refused; `at` is where the product begins, its sign, its right side, its end.
    pub fn leibniz_before(&mut self, [l, sign, s, r]: [u32; 4], stand_in: ExprId, op: BinaryOp, c: ExprId) -> ExprId {
        if self.is_closed(stand_in) {
            return self.push(Expr::Binary(op, stand_in, c), l, r);
        }
        let (derivative, times, right) =
            (self.glance(Span::new(l, sign)).trim(), self.glance(Span::new(sign, s)).trim(), self.glance(Span::new(s, r)));
        let (head, operand) = self.leibniz_parts(stand_in, derivative);
        let help = format!(
            "write `({}){times}{}` or `{} ({} {times} {})`",
            quote(derivative),
            quote(right),
            head,
            quote(&operand),
            quote(right)
        );
        self.leibniz_end(Span::new(l, r), &help);
        stand_in
    }

    fn leibniz_parts(&self, id: ExprId, text: &str) -> (String, String) {
        let start = self.ast.span(id).start;
        match self.ast.expr(id) {
            Expr::Derivative { variable, .. } => {
                let rest = &self.text[variable.span.end as usize..];
                let end = variable.span.end + count(rest.find([' ', '(', '\t', '\n']).unwrap_or(0));
                let head = self.slice(Span::new(start, end));
                (head.to_owned(), text.strip_prefix(head).unwrap_or(text).trim().to_owned())
            }
            _ => ("d/dx".to_owned(), "…".to_owned()),
        }
    }

    /// `y*d/dx(x^2)`; `y * d/dx x^2` is refused.
    pub fn leibniz_after(&mut self, [l, s, r]: [u32; 3], stand_in: ExprId, op: BinaryOp, c: ExprId) -> ExprId {
        if self.is_closed(c) {
            return self.push(Expr::Binary(op, stand_in, c), l, r);
        }
        let (left, right) = (self.slice(Span::new(l, s)), self.slice(Span::new(s, r)));
        let help = format!("write `{}({})`", quote(left), quote(right));
        self.leibniz_end(Span::new(l, r), &help);
        stand_in
    }

    fn leibniz_end(&mut self, span: Span, help: &str) {
        let message = "beside `*` or `/` a derivative must stand in parentheses";
        self.refuse(Diagnostic::new(&code::LEIBNIZ, message).at(span, "how far does the derivative reach?").help(help));
    }

    /// `()`
    pub fn empty_parentheses(&mut self, l: u32, r: u32) -> ExprId {
        self.refuse(
            Diagnostic::new(&code::EMPTY, "empty parentheses are not an expression").at(Span::new(l, r), "nothing stands here"),
        );
        self.push(Expr::Infinity, l, r)
    }

    /// `diff(E, x, 2, y)`: each variable may be followed by its order.
    pub fn derivative(&mut self, operand: ExprId, n: u32, l: u32, r: u32) -> ExprId {
        let mut result = operand;
        let mut rest = self.take(n).into_iter().peekable();
        while let Some(id) = rest.next() {
            let Some(variable) = self.variable(id) else { break };
            let order = rest.next_if(|&next| !matches!(self.ast.expr(next), Expr::Name(_))).map_or(Some(1), |id| self.order(id));
            let Some(order) = order else { break };
            result = self.push(Expr::Derivative { operand: result, variable, order }, l, r);
        }
        result
    }

    fn variable(&mut self, id: ExprId) -> Option<Ident> {
        let span = self.ast.span(id);
        let what = match self.ast.expr(id) {
            Expr::Name(name) => return Some(Ident { name, span }),
            Expr::Number { .. } => "a number",
            _ => "an expression",
        };
        let message = format!("a derivative is taken by a variable, not by {what}");
        self.refuse(
            Diagnostic::new(&code::DERIVATIVE, message).at(span, "a name is needed here").help("for example: diff(x^2, x)"),
        );
        None
    }

    fn order(&mut self, id: ExprId) -> Option<u32> {
        let span = self.ast.span(id);
        let text = self.slice(span);
        let order = text.parse().ok().filter(|&n: &u32| n > 0 && matches!(self.ast.expr(id), Expr::Number { .. }));
        if order.is_none() {
            let message = "the order of a derivative is a whole number from 1";
            self.refuse(
                Diagnostic::new(&code::DERIVATIVE, message).at(span, "this is none").help("for example: diff(x^3, x, 2)"),
            );
        }
        order
    }

    /// Adds a clause; each may stand once.
    pub fn clause(&mut self, clause: Clause, span: Span) {
        let repeated = self.clauses.holds(clause);
        match clause {
            Clause::Wrt => self.clauses.clauses.wrt = self.entries(),
            Clause::At => self.clauses.clauses.at = self.entries(),
            Clause::For => self.clauses.clauses.ranges = self.entries(),
            Clause::Assuming(n) => self.clauses.clauses.assuming = self.take(n),
            Clause::With => self.clauses.clauses.with = self.entries(),
            Clause::Within(value) => self.clauses.within = Some((value, span)),
        }
        if repeated {
            let word = self.slice(span).split_whitespace().next().unwrap_or("");
            let message = format!("a second `{word}` clause");
            self.refuse(
                Diagnostic::new(&code::CLAUSE, message)
                    .at(span, "each clause stands once")
                    .help(format!("separate several with commas after one `{word}`")),
            );
        }
    }

    /// `assert …`
    pub fn assertion(&mut self, condition: ExprId) {
        let ClauseSet { clauses, within } = std::mem::take(&mut self.clauses);
        self.statement(StatementKind::Assert { condition, within: within.map(|(value, _)| value), clauses });
    }

    /// A line of a `check`.
    pub fn line(&mut self, line: ExprId) {
        self.lines.push(line);
    }

    /// `check …`
    pub fn check(&mut self, problem: ExprId) {
        let clauses = self.without_tolerance();
        let lines = std::mem::take(&mut self.lines);
        self.statement(StatementKind::Check { problem, lines, clauses });
    }

    /// `data name = "path"`
    pub fn data(&mut self, name: Ident, path: Span) {
        let clauses = self.without_tolerance();
        self.statement(StatementKind::Data { name, path, clauses });
    }

    /// `curve "log.csv" …`
    pub fn curve(&mut self, path: Span) {
        let clauses = self.without_tolerance();
        self.statement(StatementKind::Curve { path, clauses });
    }

    /// `exercise "chain rule" …`
    pub fn exercise(&mut self, topic: Span) {
        let clauses = self.without_tolerance();
        self.statement(StatementKind::Exercise { topic, clauses });
    }

    /// A command.
    pub fn command(&mut self, kind: CommandKind, operand: ExprId) {
        let clauses = self.without_tolerance();
        self.statement(StatementKind::Command { kind, operand, clauses });
    }

    /// An expression alone.
    pub fn expression(&mut self, value: ExprId) {
        let clauses = self.without_tolerance();
        self.statement(StatementKind::Expr { value, clauses });
    }

    /// `assume …`, so many conditions.
    pub fn assume(&mut self, n: u32) {
        let conditions = self.take(n);
        self.statement(StatementKind::Assume(conditions));
    }

    /// `left = right where …`, so many conditions.
    pub fn equation(&mut self, left: ExprId, right: ExprId, equals: Span, n: Option<u32>) {
        let conditions = n.map(|n| self.take(n));
        self.found = Some(Parsed::Equation { left, right, equals, conditions });
    }

    /// What the statement is.
    pub fn statement(&mut self, kind: StatementKind) {
        self.found = Some(Parsed::Statement(kind));
    }

    fn without_tolerance(&mut self) -> Clauses {
        let set = std::mem::take(&mut self.clauses);
        if let Some((_, span)) = set.within {
            self.refuse(
                Diagnostic::new(&code::CLAUSE, "`within` gives the tolerance of an `assert`")
                    .at(span, "nothing is asserted here"),
            );
        }
        set.clauses
    }

    /// `param …`
    pub fn parameters(&mut self) {
        let bindings = self.entries();
        self.statement(StatementKind::Param(bindings));
    }

    /// `given …`
    pub fn inputs(&mut self) {
        let bindings = self.entries();
        self.statement(StatementKind::Given(bindings));
    }

    /// `fn f(x, y) = body`
    pub fn function(&mut self, name: Ident, body: ExprId) {
        let params: Vec<Ident> = self.entries();
        let mut sorted: Vec<_> = params.iter().map(|param| (param.name.0, param.span)).collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let message = format!("two parameters are called `{}`", quote(self.slice(pair[1].1)));
            self.refuse(Diagnostic::new(&code::TARGET, message).at(pair[1].1, "the second").see(pair[0].1, "the first"));
        }
        self.statement(StatementKind::Fn { name, params, body });
    }

    fn refuse(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

impl ClauseSet {
    fn holds(&self, clause: Clause) -> bool {
        match clause {
            Clause::Wrt => !self.clauses.wrt.is_empty(),
            Clause::At => !self.clauses.at.is_empty(),
            Clause::For => !self.clauses.ranges.is_empty(),
            Clause::Assuming(_) => !self.clauses.assuming.is_empty(),
            Clause::With => !self.clauses.with.is_empty(),
            Clause::Within(_) => self.within.is_some(),
        }
    }
}

/// `dx^2` → `dx`, 2; an order too large for u32 reads as 0, which is refused.
fn split_order(part: &str) -> (&str, u32) {
    if let Some((head, order)) = part.split_once('^') {
        return (head, order.parse().unwrap_or(0));
    }
    match part.strip_suffix('²') {
        Some(head) => (head, 2),
        None => part.strip_suffix('³').map_or((part, 1), |head| (head, 3)),
    }
}

fn normalized(text: &str) -> Cow<'_, str> {
    match text {
        "π" => Cow::Borrowed("pi"),
        _ if text.is_ascii() || is_nfc(text) => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

/// Where the parenthesis closes that a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.bytes().position(|byte| {
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        depth == 0
    })
}

/// Offsets fit u32 because texts do.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The value of what reads as a number to the base 16, 8 or 2 elsewhere.
fn to_another_base(text: &str) -> Option<u128> {
    let rest = text.strip_prefix('0')?;
    let (sign, digits) = rest.split_at_checked(1)?;
    let base = match sign {
        "x" | "X" => 16,
        "o" | "O" => 8,
        "b" | "B" => 2,
        _ => return None,
    };
    u128::from_str_radix(digits, base).ok()
}
