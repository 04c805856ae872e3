//! The syntax tree: nodes in an arena with u32 ids, a span on every node. It says what was written
//! and nothing about what it means. Text of numbers and strings stays in the source, by span.
//!
//! Children always stand before their parents in the arena, so one pass over the ids in ascending
//! order sees every operand before the operation: no traversal needs recursion. Not every node
//! hangs from a statement (a refused statement leaves its nodes behind): start at the statements.

use crate::intern::Names;
use crate::source::Span;

/// A node of an [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// A name of an [`Ast`]: equal ids, equal names (after NFC normalisation).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(pub u32);

/// A name and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ident {
    /// Which name.
    pub name: NameId,
    /// Where.
    pub span: Span,
}

/// Consecutive entries of the arena's list of operands; read them with [`Ast::list`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    start: u32,
    len: u32,
}

impl List {
    /// The number of entries.
    #[must_use]
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// An operation on two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// `a ^ b`
    Pow,
    /// `a and b`, between conditions
    And,
    /// `a or b`, between conditions
    Or,
}

/// An operation on one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-a`
    Neg,
    /// `+a`
    Plus,
    /// `not a`, of a condition
    Not,
    /// `n!`
    Factorial,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

/// Which indexed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeriesKind {
    /// `sum(i in a..b: E)`
    Sum,
    /// `prod(i in a..b: E)`
    Product,
}

/// `sum(i in from..to: body)` and its product twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// Sum or product.
    pub kind: SeriesKind,
    /// The index, bound in the body only.
    pub index: Ident,
    /// Its range, both ends included.
    pub range: Range,
    /// What is added or multiplied.
    pub body: ExprId,
}

/// `from..to`; an end may be [`Expr::Infinity`] or its negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The lower end.
    pub from: ExprId,
    /// The upper end.
    pub to: ExprId,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A number; its exact value is in the source text at the node's span (with `_` as separators).
    Number {
        /// Whether it was typed with a decimal point or an exponent.
        decimal: bool,
    },
    /// `inf`, only ever an end of a range (perhaps under a sign).
    Infinity,
    /// A name: symbol, stage, parameter or constant.
    Name(NameId),
    /// `moons.x1`: a column of a data set.
    Column {
        /// The data set.
        data: NameId,
        /// The column.
        column: NameId,
    },
    /// `f(a, b)`, `f'(x)`. Whether `f` is a function is not known here.
    Call {
        /// The callee, with its own span.
        callee: Ident,
        /// How many primes follow it.
        primes: u32,
        /// The arguments, perhaps none.
        args: List,
    },
    /// One operand.
    Unary(UnaryOp, ExprId),
    /// Two operands.
    Binary(BinaryOp, ExprId, ExprId),
    /// `2x`: a number directly before its operand; means the product.
    Coefficient(ExprId, ExprId),
    /// `0 < p < 1`: `n + 1` operands; read the `n` signs with [`Ast::comparisons`].
    Compare(CompareId),
    /// `[a, b, c]`
    Vector(List),
    /// `z[1]`
    Index {
        /// What is indexed.
        base: ExprId,
        /// Which entry, from 1.
        index: ExprId,
    },
    /// `sum(i in 1..n: E)`; read it with [`Ast::series`].
    Series(SeriesId),
    /// `if c then a else b`
    If {
        /// The condition.
        condition: ExprId,
        /// The value where it holds.
        then: ExprId,
        /// The value elsewhere; without it the whole is undefined there.
        otherwise: Option<ExprId>,
    },
    /// `diff(E, x, 2)`, `d^2/dx^2 E`
    Derivative {
        /// What is differentiated.
        operand: ExprId,
        /// With respect to which variable.
        variable: Ident,
        /// How many times, at least once.
        order: u32,
    },
}

/// A comparison chain of an [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CompareId(u32);

/// An indexed sum or product of an [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(u32);

#[derive(Clone, Debug)]
struct Chain {
    operands: List,
    signs: u32,
}

/// `name = value`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The name.
    pub name: Ident,
    /// Its value.
    pub value: ExprId,
}

/// `x in 0..10`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeBinding {
    /// The variable.
    pub name: Ident,
    /// Where it runs.
    pub range: Range,
}

/// The value of a `with` setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// A number, or a word such as `brief` or `true` (an [`Expr::Name`]).
    Expr(ExprId),
    /// A string: the span of the text between the quotes.
    Text(Span),
}

/// `name = value` of a `with` clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What is set.
    pub name: Ident,
    /// To what.
    pub value: SettingValue,
}

/// The clauses of a statement; a list is empty where its clause is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clauses {
    /// `wrt x, y`; a name that stands twice asks for the second derivative.
    pub wrt: Vec<Ident>,
    /// `at x = 1, y = 2`
    pub at: Vec<Binding>,
    /// `for x in 0..10, y in 1..3`
    pub ranges: Vec<RangeBinding>,
    /// `assuming x > 0, 0 < p < 1`
    pub assuming: Vec<ExprId>,
    /// `with name = value, …`
    pub with: Vec<Setting>,
}

/// A command that takes an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandKind {
    /// `diff E wrt x`
    Diff,
    /// `derive E wrt x`
    Derive,
    /// `grad E`
    Grad,
    /// `hessian E`
    Hessian,
    /// `jacobian [..]`
    Jacobian,
    /// `eval E at x = 1`
    Eval,
    /// `simplify E`
    Simplify,
    /// `expand E`
    Expand,
    /// `contract E`
    Contract,
    /// `stable E`
    Stable,
    /// `domain E`
    Domain,
    /// `descend E with rate = 0.1, steps = 200`
    Descend,
    /// `plot E for x in a..b`
    Plot,
    /// `table E for x in a..b with step = s`
    Table,
    /// `saturation E for x in a..b`
    Saturation,
    /// `flow E wrt w`
    Flow,
    /// `elasticity E wrt x`
    Elasticity,
    /// `growth E wrt x`
    Growth,
}

impl CommandKind {
    /// Every command that works on an expression.
    pub const ALL: [CommandKind; 18] = [
        CommandKind::Diff,
        CommandKind::Derive,
        CommandKind::Grad,
        CommandKind::Hessian,
        CommandKind::Jacobian,
        CommandKind::Eval,
        CommandKind::Simplify,
        CommandKind::Expand,
        CommandKind::Contract,
        CommandKind::Stable,
        CommandKind::Domain,
        CommandKind::Descend,
        CommandKind::Plot,
        CommandKind::Table,
        CommandKind::Saturation,
        CommandKind::Flow,
        CommandKind::Elasticity,
        CommandKind::Growth,
    ];

    /// The command that begins with a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        CommandKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The word that it begins with.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            CommandKind::Diff => "diff",
            CommandKind::Derive => "derive",
            CommandKind::Grad => "grad",
            CommandKind::Hessian => "hessian",
            CommandKind::Jacobian => "jacobian",
            CommandKind::Eval => "eval",
            CommandKind::Simplify => "simplify",
            CommandKind::Expand => "expand",
            CommandKind::Contract => "contract",
            CommandKind::Stable => "stable",
            CommandKind::Domain => "domain",
            CommandKind::Descend => "descend",
            CommandKind::Plot => "plot",
            CommandKind::Table => "table",
            CommandKind::Saturation => "saturation",
            CommandKind::Flow => "flow",
            CommandKind::Elasticity => "elasticity",
            CommandKind::Growth => "growth",
        }
    }
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// `let z = w*x + b`
    Let(Binding),
    /// `fn f(x, y) = body`
    Fn {
        /// The function's name.
        name: Ident,
        /// Its parameters, at least one, no two equal.
        params: Vec<Ident>,
        /// Its body.
        body: ExprId,
    },
    /// `param w = 0.5, b = 0`
    Param(Vec<Binding>),
    /// `given x = 2, y = 1`
    Given(Vec<Binding>),
    /// `assume x > 0, 0 < p < 1`
    Assume(Vec<ExprId>),
    /// `data moons = "moons.csv"`
    Data {
        /// The data set's name.
        name: Ident,
        /// The text between the quotes.
        path: Span,
        /// What follows, such as `with missing = skip`.
        clauses: Clauses,
    },
    /// `curve "log.csv"`
    Curve {
        /// The text between the quotes.
        path: Span,
        /// What follows, such as `with ahead = 100`.
        clauses: Clauses,
    },
    /// `exercise "chain rule"`
    Exercise {
        /// The text between the quotes.
        topic: Span,
        /// What follows, such as `with count = 10`.
        clauses: Clauses,
    },
    /// `import "losses.grad"`
    Import {
        /// The text between the quotes.
        path: Span,
    },
    /// `explain "chain rule"`, `explain softplus`
    Explain {
        /// The name, or the text between the quotes.
        topic: Span,
    },
    /// A command with its operand.
    Command {
        /// Which.
        kind: CommandKind,
        /// The expression it works on.
        operand: ExprId,
        /// How.
        clauses: Clauses,
    },
    /// `assert A == B within 1e-9`
    Assert {
        /// What must hold.
        condition: ExprId,
        /// The tolerance.
        within: Option<ExprId>,
        /// Where.
        clauses: Clauses,
    },
    /// `check P = A = B`
    Check {
        /// The problem, or a comparison of what should be equal.
        problem: ExprId,
        /// The learner's lines.
        lines: Vec<ExprId>,
        /// How.
        clauses: Clauses,
    },
    /// An expression alone.
    Expr {
        /// The expression.
        value: ExprId,
        /// How it is asked about.
        clauses: Clauses,
    },
    /// A `##` line: Markdown for documents; the span is the text after the signs.
    Narrative(Span),
    /// A `#>` line: expected output; the span is the text after the sign.
    Expected(Span),
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// From its first to its last token.
    pub span: Span,
}

/// `left = right where condition, …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSides {
    /// What is looked for.
    pub left: ExprId,
    /// What takes its place.
    pub right: ExprId,
    /// When.
    pub conditions: Vec<ExprId>,
}

/// The arena: every expression of one text, its names, and the spans.
#[derive(Clone, Debug, Default)]
pub struct Ast {
    nodes: Vec<Expr>,
    spans: Vec<Span>,
    lists: Vec<ExprId>,
    chains: Vec<Chain>,
    signs: Vec<Comparison>,
    series: Vec<Series>,
    names: Names,
}

impl Ast {
    /// What the node is.
    #[must_use]
    pub fn expr(&self, id: ExprId) -> Expr {
        self.nodes[id.0 as usize]
    }

    /// Where it was written, with its outermost operator's operands, without enclosing parentheses.
    #[must_use]
    pub fn span(&self, id: ExprId) -> Span {
        self.spans[id.0 as usize]
    }

    /// The number of nodes; ids run from 0.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The operands of a list.
    #[must_use]
    pub fn list(&self, list: List) -> &[ExprId] {
        &self.lists[list.start as usize..][..list.len as usize]
    }

    /// The operands and the signs of a comparison chain: one sign fewer than operands.
    #[must_use]
    pub fn comparisons(&self, id: CompareId) -> (&[ExprId], &[Comparison]) {
        let chain = &self.chains[id.0 as usize];
        let signs = &self.signs[chain.signs as usize..][..chain.operands.len() - 1];
        (self.list(chain.operands), signs)
    }

    /// An indexed sum or product.
    #[must_use]
    pub fn series(&self, id: SeriesId) -> Series {
        self.series[id.0 as usize]
    }

    /// The text of a name.
    #[must_use]
    pub fn name(&self, id: NameId) -> &str {
        self.names.get(id.0)
    }

    /// The id of a name that occurs in the text.
    #[must_use]
    pub fn find_name(&self, text: &str) -> Option<NameId> {
        self.names.find(text).map(NameId)
    }

    /// The direct operands, in the order in which they were written.
    pub fn children(&self, id: ExprId, mut visit: impl FnMut(ExprId)) {
        let (few, list) = self.operands(id);
        few.into_iter().flatten().for_each(&mut visit);
        list.iter().copied().for_each(visit);
    }

    /// The direct operands, the last first.
    pub fn children_backwards(&self, id: ExprId, mut visit: impl FnMut(ExprId)) {
        let (few, list) = self.operands(id);
        list.iter().rev().copied().for_each(&mut visit);
        few.into_iter().rev().flatten().for_each(visit);
    }

    /// The direct operands: a few, or a list.
    fn operands(&self, id: ExprId) -> ([Option<ExprId>; 3], &[ExprId]) {
        let few = match self.expr(id) {
            Expr::Number { .. } | Expr::Infinity | Expr::Name(_) | Expr::Column { .. } => [None; 3],
            Expr::Call { args: list, .. } | Expr::Vector(list) => return ([None; 3], self.list(list)),
            Expr::Compare(chain) => return ([None; 3], self.comparisons(chain).0),
            Expr::Unary(_, a) | Expr::Derivative { operand: a, .. } => [Some(a), None, None],
            Expr::Binary(_, a, b) | Expr::Coefficient(a, b) | Expr::Index { base: a, index: b } => [Some(a), Some(b), None],
            Expr::Series(series) => {
                let Series { range, body, .. } = self.series(series);
                [Some(range.from), Some(range.to), Some(body)]
            }
            Expr::If { condition, then, otherwise } => [Some(condition), Some(then), otherwise],
        };
        (few, &[])
    }

    pub(crate) fn push(&mut self, expr: Expr, span: Span) -> ExprId {
        let id = ExprId(index(self.nodes.len()));
        self.nodes.push(expr);
        self.spans.push(span);
        id
    }

    pub(crate) fn push_list(&mut self, items: &[ExprId]) -> List {
        let start = index(self.lists.len());
        self.lists.extend_from_slice(items);
        List { start, len: index(items.len()) }
    }

    pub(crate) fn push_chain(&mut self, operands: List, signs: &[Comparison]) -> CompareId {
        let id = CompareId(index(self.chains.len()));
        self.chains.push(Chain { operands, signs: index(self.signs.len()) });
        self.signs.extend_from_slice(signs);
        id
    }

    pub(crate) fn push_series(&mut self, series: Series) -> SeriesId {
        let id = SeriesId(index(self.series.len()));
        self.series.push(series);
        id
    }

    pub(crate) fn set_kind(&mut self, id: SeriesId, kind: SeriesKind) {
        self.series[id.0 as usize].kind = kind;
    }

    /// Empties the tree and makes room for a text of so many bytes, at three bytes a node; long texts grow it as they need.
    pub(crate) fn begin(&mut self, bytes: usize) {
        const MOST: usize = 1 << 16;
        let nodes = (bytes / 3 + 4).min(MOST);
        let Ast { nodes: all, spans, lists, chains, signs, series, names } = self;
        all.clear();
        spans.clear();
        lists.clear();
        chains.clear();
        signs.clear();
        series.clear();
        all.reserve(nodes);
        spans.reserve(nodes);
        lists.reserve(8);
        if names.room() == 0 {
            *names = Names::with_room();
        } else {
            names.clear();
        }
    }

    /// For how many nodes or names there is room.
    pub(crate) fn room(&self) -> usize {
        self.nodes.capacity().max(self.names.room())
    }

    /// The id of a name that is already normalised, entering it when it is new.
    pub(crate) fn intern(&mut self, text: &str) -> NameId {
        NameId(self.names.intern(text))
    }
}

/// A text has fewer than 2^32 bytes and every entry costs at least one, so this never saturates.
fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
