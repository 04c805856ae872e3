//! The graph: every expression is a node of one hash-consed graph, named by a small id. Children have smaller ids than
//! their parents, so index order is a topological order. Building a node never simplifies it; meaning lives elsewhere.

pub mod number;
pub mod print;
pub mod walk;

pub use number::Number;

use crate::budget::{node as node_made, pulse};
use crate::intern::Names;
use crate::math::FunctionId;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// The name of a node: an index into the graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Id(u32);

impl Id {
    /// The index, for tables that run beside the graph.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The id with this index. Only meaningful for indices that a graph has handed out.
    pub fn from_index(index: usize) -> Self {
        Id(index as u32)
    }
}

/// An interned name of a variable, stage, parameter or bound index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Symbol(u32);

impl Symbol {
    /// The index, for tables that run beside the symbol table.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The named real constants.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Constant {
    /// The circle's half circumference, 3.14159…
    Pi,
    /// Euler's number, 2.71828…
    E,
}

/// How two numbers are compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Relation {
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

impl Relation {
    const ALL: [Relation; 6] =
        [Relation::Less, Relation::LessEqual, Relation::Greater, Relation::GreaterEqual, Relation::Equal, Relation::NotEqual];

    /// The relation that holds exactly where this one does not.
    pub fn negated(self) -> Self {
        match self {
            Relation::Less => Relation::GreaterEqual,
            Relation::LessEqual => Relation::Greater,
            Relation::Greater => Relation::LessEqual,
            Relation::GreaterEqual => Relation::Less,
            Relation::Equal => Relation::NotEqual,
            Relation::NotEqual => Relation::Equal,
        }
    }

    /// The relation with its sides exchanged: `a < b` is `b > a`.
    pub fn mirrored(self) -> Self {
        match self {
            Relation::Less => Relation::Greater,
            Relation::LessEqual => Relation::GreaterEqual,
            Relation::Greater => Relation::Less,
            Relation::GreaterEqual => Relation::LessEqual,
            same => same,
        }
    }

    /// The operator as it is typed.
    pub fn symbol(self) -> &'static str {
        match self {
            Relation::Less => "<",
            Relation::LessEqual => "<=",
            Relation::Greater => ">",
            Relation::GreaterEqual => ">=",
            Relation::Equal => "==",
            Relation::NotEqual => "!=",
        }
    }

    /// Whether the relation holds between two things that compare as `ordering`.
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        match self {
            Relation::Less => ordering == Less,
            Relation::LessEqual => ordering != Greater,
            Relation::Greater => ordering == Greater,
            Relation::GreaterEqual => ordering != Less,
            Relation::Equal => ordering == Equal,
            Relation::NotEqual => ordering != Equal,
        }
    }
}

/// Whether an indexed series adds or multiplies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Series {
    /// `sum(i in a..b: E)`
    Sum,
    /// `prod(i in a..b: E)`
    Product,
}

/// How the values that an expression has in the rows of a data set become one number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reduction {
    /// `sum(E)`
    Sum,
    /// `mean(E)`
    Mean,
}

/// A symbol that stands for a column of a data set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// The data set.
    pub data: Symbol,
    /// Whether a reduction binds it: inside of one it is the value in the row at hand.
    pub bound: bool,
}

/// A node as it is read: its operator with its children.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum View<'g> {
    /// An exact rational.
    Number(&'g Number),
    /// A named constant.
    Constant(Constant),
    /// A variable, a stage, a parameter or a bound index.
    Symbol(Symbol),
    /// A sum of two or more terms; `a - b` is `a + (-b)`.
    Add(&'g [Id]),
    /// A product of two or more factors.
    Mul(&'g [Id]),
    /// `-a`; never of a number, which carries its own sign.
    Neg(Id),
    /// `a / b`
    Div(Id, Id),
    /// `a ^ b`
    Pow(Id, Id),
    /// A function of the table applied to its arguments.
    Call(FunctionId, &'g [Id]),
    /// The `k`-th component (from 1) of a vector-valued call such as `softmax(…)[k]`.
    Component(Id, u32),
    /// `if condition then a else b`
    If(Id, Id, Id),
    /// A comparison of two numbers.
    Compare(Relation, Id, Id),
    /// All of these conditions hold.
    And(&'g [Id]),
    /// One of these conditions holds.
    Or(&'g [Id]),
    /// The condition does not hold.
    Not(Id),
    /// `integer(n)`: the value is an integer.
    IsInteger(Id),
    /// A condition that is always, or never, true.
    Truth(bool),
    /// `sum(i in from..to: body)` or `prod(…)`; the symbol is bound in the body.
    Series(Series, Symbol, [Id; 3]),
    /// `mean(body)` or `sum(body)` over the rows of a data set, whose bound columns are bound in the body; the sum of 1 is the
    /// number of rows. There is at least one row.
    Rows(Reduction, Symbol, Id),
    /// `d^order/dsymbol^order [body]`: a derivative that is still to be taken.
    Derivative(Id, Symbol, u32),
    /// A value that does not exist, such as that of an `if` with no branch that applies.
    Undefined,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Tag {
    Number,
    Constant,
    Symbol,
    Add,
    Mul,
    Neg,
    Div,
    Pow,
    Call,
    Component,
    If,
    Compare,
    And,
    Or,
    Not,
    IsInteger,
    Truth,
    Series,
    Rows,
    Derivative,
    Undefined,
}

/// 12 bytes: an operator, a small datum of the operator, and a range of the child list (for leaves: an index of their table).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Node {
    tag: Tag,
    datum: u16,
    start: u32,
    len: u32,
}

/// A fast hash that mixes its high bits into the low ones, from which the bucket is taken.
#[derive(Default, Clone)]
pub(crate) struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        let h = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        h ^ (h >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
        rest.iter().for_each(|b| self.write_u64(u64::from(*b)));
    }
    fn write_u32(&mut self, v: u32) {
        self.write_u64(u64::from(v));
    }
    fn write_u64(&mut self, v: u64) {
        self.0 = (self.0.rotate_left(5) ^ v).wrapping_mul(0x517C_C1B7_2722_0A95);
    }
    fn write_usize(&mut self, v: usize) {
        self.write_u64(v as u64);
    }
}

pub(crate) type Mixing = BuildHasherDefault<Mix>;

/// A table by nodes, for what is known of a few of them.
pub(crate) type IdMap<V> = std::collections::HashMap<Id, V, Mixing>;

/// A node in the table, with half of its hash: the table grows without a look at the nodes.
#[derive(Clone, Copy)]
struct Slot {
    index: u32,
    half: u32,
}

impl Slot {
    fn new(index: u32, hash: u64) -> Self {
        Slot { index, half: hash as u32 }
    }

    fn hash(&self) -> u64 {
        Self::widened(self.half)
    }

    /// The table takes buckets from the low bits and marks from the high ones.
    fn widened(half: u32) -> u64 {
        u64::from(half) | u64::from(half.wrapping_mul(0x9E37_79B1)) << 32
    }
}

fn number_hash(value: &Number, decimal: bool) -> u64 {
    let mut h = Mix::default();
    h.write_u64((Tag::Number as u64) << 16 | u64::from(decimal));
    value.words(|word| h.write_u64(word));
    Slot::widened(h.finish() as u32)
}

/// All expressions of one run.
#[derive(Default, Clone)]
pub struct Graph {
    nodes: Vec<Node>,
    children: Vec<Id>,
    /// The nodes by what they are: numbers by value and by whether they print as decimals, the others as they stand.
    table: HashTable<Slot>,
    numbers: Vec<Number>,
    symbols: Names,
    /// The symbols of indices by name, and those of columns by data set and name.
    bound: hashbrown::HashMap<Box<str>, Symbol>,
    /// The data sets, in order of definition: a node of rows holds an index of this list.
    data_sets: Vec<Symbol>,
    columns: hashbrown::HashMap<Symbol, Column, Mixing>,
    lineage: Own,
}

/// While it stays the same every id of a graph means what it meant: a copy, which grows by itself, has another one, and so has a
/// graph that was rewound. Whoever keeps ids longer than a question takes can tell by it whether they still hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lineage(u64);

/// The lineage of one graph: never that of another.
struct Own(Lineage);

impl Default for Own {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Own(Lineage(NEXT.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Clone for Own {
    fn clone(&self) -> Self {
        Own::default()
    }
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph").field("nodes", &self.len()).finish_non_exhaustive()
    }
}

/// How far a graph had grown at some time.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    nodes: usize,
    children: usize,
    numbers: usize,
    symbols: usize,
}

impl Mark {
    /// Whether the symbol was there.
    #[must_use]
    pub fn has(self, symbol: Symbol) -> bool {
        (symbol.0 as usize) < self.symbols
    }
}

/// So many data sets can be told apart by one graph.
pub const MOST_DATA_SETS: usize = 1 << 15;

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Graph::default()
    }

    /// What the meaning of its ids hangs on.
    pub fn lineage(&self) -> Lineage {
        self.lineage.0
    }

    /// How far it has grown.
    #[must_use]
    pub fn mark(&self) -> Mark {
        let (nodes, children, numbers) = (self.nodes.len(), self.children.len(), self.numbers.len());
        Mark { nodes, children, numbers, symbols: self.symbols.len() }
    }

    /// Forgets the nodes and symbols that were made after the mark, and gives their memory back.
    pub fn rewind(&mut self, mark: Mark) {
        self.lineage = Own::default();
        self.nodes.truncate(mark.nodes);
        self.children.truncate(mark.children);
        self.numbers.truncate(mark.numbers);
        self.table.retain(|slot| (slot.index as usize) < mark.nodes);
        self.symbols.truncate(mark.symbols);
        self.bound.retain(|_, symbol| mark.has(*symbol));
        self.columns.retain(|symbol, _| mark.has(*symbol));
        self.data_sets.retain(|symbol| mark.has(*symbol));
        self.nodes.shrink_to_fit();
        self.children.shrink_to_fit();
        self.numbers.shrink_to_fit();
        self.table.shrink_to_fit(Slot::hash);
    }

    /// How many distinct nodes it holds.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it holds nothing yet.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node as operator and children.
    pub fn view(&self, id: Id) -> View<'_> {
        let node = self.nodes[id.index()];
        let kids = self.children_of(node);
        match node.tag {
            Tag::Number => View::Number(&self.numbers[node.start as usize]),
            Tag::Constant => View::Constant(if node.datum == 0 { Constant::Pi } else { Constant::E }),
            Tag::Symbol => View::Symbol(Symbol(node.start)),
            Tag::Add => View::Add(kids),
            Tag::Mul => View::Mul(kids),
            Tag::Neg => View::Neg(kids[0]),
            Tag::Div => View::Div(kids[0], kids[1]),
            Tag::Pow => View::Pow(kids[0], kids[1]),
            Tag::Call => View::Call(FunctionId(node.datum), kids),
            Tag::Component => View::Component(kids[0], u32::from(node.datum)),
            Tag::If => View::If(kids[0], kids[1], kids[2]),
            Tag::Compare => View::Compare(Relation::ALL[node.datum as usize], kids[0], kids[1]),
            Tag::And => View::And(kids),
            Tag::Or => View::Or(kids),
            Tag::Not => View::Not(kids[0]),
            Tag::IsInteger => View::IsInteger(kids[0]),
            Tag::Truth => View::Truth(node.datum == 1),
            Tag::Series => {
                let kind = if node.datum == 0 { Series::Sum } else { Series::Product };
                View::Series(kind, self.symbol_of(kids[0]), [kids[1], kids[2], kids[3]])
            }
            Tag::Rows => {
                let kind = if node.datum & 1 == 0 { Reduction::Sum } else { Reduction::Mean };
                View::Rows(kind, self.data_sets[usize::from(node.datum >> 1)], kids[0])
            }
            Tag::Derivative => View::Derivative(kids[0], self.symbol_of(kids[1]), u32::from(node.datum)),
            Tag::Undefined => View::Undefined,
        }
    }

    /// The children of a node, in order. A series and a derivative also count the symbol they bind or differentiate by.
    pub fn children(&self, id: Id) -> &[Id] {
        self.children_of(self.nodes[id.index()])
    }

    fn children_of(&self, node: Node) -> &[Id] {
        match node.tag {
            Tag::Number | Tag::Constant | Tag::Symbol | Tag::Truth | Tag::Undefined => &[],
            _ => &self.children[node.start as usize..(node.start + node.len) as usize],
        }
    }

    fn symbol_of(&self, id: Id) -> Symbol {
        Symbol(self.nodes[id.index()].start)
    }

    /// The number, where the node is one.
    pub fn as_number(&self, id: Id) -> Option<&Number> {
        let node = self.nodes[id.index()];
        if node.tag == Tag::Number { self.numbers.get(node.start as usize) } else { None }
    }

    /// The small integer, where the node is one.
    pub fn as_i64(&self, id: Id) -> Option<i64> {
        self.as_number(id).and_then(Number::to_i64)
    }

    /// The symbol, where the node is one.
    pub fn as_symbol(&self, id: Id) -> Option<Symbol> {
        let node = self.nodes[id.index()];
        if node.tag == Tag::Symbol { Some(Symbol(node.start)) } else { None }
    }

    /// Whether the node is a number with value 0.
    pub fn is_zero(&self, id: Id) -> bool {
        self.as_number(id).is_some_and(Number::is_zero)
    }

    /// Whether the node is a number with value 1.
    pub fn is_one(&self, id: Id) -> bool {
        self.as_number(id).is_some_and(Number::is_one)
    }

    /// Whether the node is a condition rather than a number.
    pub fn is_condition(&self, id: Id) -> bool {
        matches!(self.nodes[id.index()].tag, Tag::Compare | Tag::And | Tag::Or | Tag::Not | Tag::IsInteger | Tag::Truth)
    }

    /// The interned symbol of this name.
    pub fn intern(&mut self, name: &str) -> Symbol {
        Symbol(self.symbols.intern(name))
    }

    /// The symbol that indices of this name are bound to: printed alike, and different from the free symbol of that name.
    pub fn bound(&mut self, name: &str) -> Symbol {
        if let Some(s) = self.bound.get(name) {
            return *s;
        }
        let symbol = self.fresh(name);
        self.bound.insert(name.into(), symbol);
        symbol
    }

    /// A new data set of this name, which differs from every other; none where there are too many.
    pub fn data_set(&mut self, name: &str) -> Option<Symbol> {
        if self.data_sets.len() >= MOST_DATA_SETS {
            return None;
        }
        let symbol = self.fresh(name);
        self.data_sets.push(symbol);
        Some(symbol)
    }

    /// The symbol of a column of a data set: free, or as a reduction binds it. Both print as `data.name`.
    pub fn column(&mut self, data: Symbol, name: &str, bound: bool) -> Symbol {
        let shown = format!("{}.{name}", self.name(data));
        let key = format!("{shown} of {}{}", data.0, if bound { " bound" } else { "" });
        if let Some(s) = self.bound.get(&*key) {
            return *s;
        }
        let symbol = self.fresh(&shown);
        self.bound.insert(key.into(), symbol);
        self.columns.insert(symbol, Column { data, bound });
        symbol
    }

    /// What column a symbol stands for, where it stands for one.
    pub fn as_column(&self, symbol: Symbol) -> Option<Column> {
        if self.columns.is_empty() { None } else { self.columns.get(&symbol).copied() }
    }

    /// A symbol that differs from every other, with a name that need not.
    pub fn fresh(&mut self, name: &str) -> Symbol {
        Symbol(self.symbols.push(name))
    }

    /// Whether there is a data set at all: without one no expression has columns or reductions over rows.
    pub fn has_data(&self) -> bool {
        !self.data_sets.is_empty()
    }

    /// The symbol of this name, where it was interned before.
    pub fn find_symbol(&self, name: &str) -> Option<Symbol> {
        self.symbols.find(name).map(Symbol)
    }

    /// The name of a symbol.
    pub fn name(&self, symbol: Symbol) -> &str {
        self.symbols.get(symbol.0)
    }

    /// How many symbols were interned.
    pub fn symbol_count(&self) -> usize {
        self.symbols.len()
    }

    /// Makes room for so many more nodes, which may be fewer in the end.
    pub fn reserve(&mut self, nodes: usize) {
        self.nodes.reserve(nodes);
        self.children.reserve(nodes + nodes / 2);
        if self.is_empty() && self.symbols.is_empty() && self.numbers.is_empty() {
            self.symbols = Names::with_room();
            self.numbers.reserve(14);
        }
        self.table.reserve(nodes, Slot::hash);
    }

    // ---- leaves

    /// A number.
    pub fn number(&mut self, value: Number) -> Id {
        let decimal = value.is_decimal();
        let hash = number_hash(&value, decimal);
        let Graph { nodes, numbers, table, .. } = &mut *self;
        let is_same = |slot: &Slot| {
            slot.half == hash as u32 && {
                let node = nodes[slot.index as usize];
                node.tag == Tag::Number && node.datum == u16::from(decimal) && numbers[node.start as usize] == value
            }
        };
        match table.entry(hash, is_same, Slot::hash) {
            Entry::Occupied(found) => Id(found.get().index),
            Entry::Vacant(place) => {
                node_made();
                let (index, start) = (nodes.len() as u32, numbers.len() as u32);
                place.insert(Slot::new(index, hash));
                numbers.push(value);
                nodes.push(Node { tag: Tag::Number, datum: u16::from(decimal), start, len: 0 });
                Id(index)
            }
        }
    }

    /// An integer.
    pub fn integer(&mut self, n: i64) -> Id {
        self.number(Number::integer(n))
    }

    /// A named constant.
    pub fn constant(&mut self, c: Constant) -> Id {
        self.leaf(Tag::Constant, u16::from(c == Constant::E), 0)
    }

    /// The node of a symbol.
    pub fn symbol(&mut self, s: Symbol) -> Id {
        self.leaf(Tag::Symbol, 0, s.0)
    }

    /// The node of the symbol with this name.
    pub fn variable(&mut self, name: &str) -> Id {
        let s = self.intern(name);
        self.symbol(s)
    }

    /// The condition that always, or never, holds.
    pub fn truth(&mut self, holds: bool) -> Id {
        self.leaf(Tag::Truth, u16::from(holds), 0)
    }

    /// The value that does not exist.
    pub fn undefined(&mut self) -> Id {
        self.leaf(Tag::Undefined, 0, 0)
    }

    // ---- operators

    /// The sum of these terms; of one term that term, of none 0.
    pub fn add(&mut self, terms: &[Id]) -> Id {
        match terms {
            [] => self.integer(0),
            [one] => *one,
            _ => self.inner(Tag::Add, 0, terms),
        }
    }

    /// The product of these factors; of one factor that factor, of none 1.
    pub fn mul(&mut self, factors: &[Id]) -> Id {
        match factors {
            [] => self.integer(1),
            [one] => *one,
            _ => self.inner(Tag::Mul, 0, factors),
        }
    }

    /// `-a`; the sign goes into a number.
    pub fn neg(&mut self, a: Id) -> Id {
        if let View::Number(n) = self.view(a) {
            let opposite = -n;
            return self.number(opposite);
        }
        self.inner(Tag::Neg, 0, &[a])
    }

    /// `a - b`
    pub fn sub(&mut self, a: Id, b: Id) -> Id {
        let minus = self.neg(b);
        self.add(&[a, minus])
    }

    /// `a / b`
    pub fn div(&mut self, a: Id, b: Id) -> Id {
        self.inner(Tag::Div, 0, &[a, b])
    }

    /// `a ^ b`
    pub fn pow(&mut self, a: Id, b: Id) -> Id {
        self.inner(Tag::Pow, 0, &[a, b])
    }

    /// A function of the table, applied.
    pub fn call(&mut self, f: FunctionId, arguments: &[Id]) -> Id {
        self.inner(Tag::Call, f.0, arguments)
    }

    /// A function of the table by its name, applied; `None` when the table has no such function.
    pub fn call_named(&mut self, name: &str, arguments: &[Id]) -> Option<Id> {
        let f = crate::math::find(name)?;
        Some(self.call(f, arguments))
    }

    /// The `k`-th component, from 1, of a vector-valued call.
    pub fn component(&mut self, vector: Id, k: u16) -> Id {
        self.inner(Tag::Component, k, &[vector])
    }

    /// `if condition then a else b`
    pub fn conditional(&mut self, condition: Id, a: Id, b: Id) -> Id {
        self.inner(Tag::If, 0, &[condition, a, b])
    }

    /// A comparison.
    pub fn compare(&mut self, relation: Relation, a: Id, b: Id) -> Id {
        let datum = Relation::ALL.iter().position(|r| *r == relation).unwrap_or(0);
        self.inner(Tag::Compare, datum as u16, &[a, b])
    }

    /// A comparison with 0.
    pub fn compare_zero(&mut self, relation: Relation, a: Id) -> Id {
        let zero = self.integer(0);
        self.compare(relation, a, zero)
    }

    /// The conjunction; of none, true.
    pub fn and(&mut self, conditions: &[Id]) -> Id {
        match conditions {
            [] => self.truth(true),
            [one] => *one,
            _ => self.inner(Tag::And, 0, conditions),
        }
    }

    /// The disjunction; of none, false.
    pub fn or(&mut self, conditions: &[Id]) -> Id {
        match conditions {
            [] => self.truth(false),
            [one] => *one,
            _ => self.inner(Tag::Or, 0, conditions),
        }
    }

    /// The negation; a comparison is turned round.
    pub fn not(&mut self, condition: Id) -> Id {
        match self.view(condition) {
            View::Compare(r, a, b) => self.compare(r.negated(), a, b),
            View::Not(inner) => inner,
            View::Truth(t) => self.truth(!t),
            _ => self.inner(Tag::Not, 0, &[condition]),
        }
    }

    /// `integer(a)`
    pub fn is_integer(&mut self, a: Id) -> Id {
        self.inner(Tag::IsInteger, 0, &[a])
    }

    /// An indexed sum or product over `binder` from `from` to `to`, both included.
    pub fn series(&mut self, kind: Series, binder: Symbol, from: Id, to: Id, body: Id) -> Id {
        let b = self.symbol(binder);
        self.inner(Tag::Series, u16::from(kind == Series::Product), &[b, from, to, body])
    }

    /// A reduction over the rows of a data set of this graph, of a body in its bound columns.
    pub fn rows(&mut self, kind: Reduction, data: Symbol, body: Id) -> Id {
        let index = self.data_sets.iter().position(|d| *d == data).unwrap_or(0) as u16;
        self.inner(Tag::Rows, index << 1 | u16::from(kind == Reduction::Mean), &[body])
    }

    /// The derivative of `body`, still to be taken. An order above 65,535 is held at that.
    pub fn derivative(&mut self, body: Id, variable: Symbol, order: u32) -> Id {
        let v = self.symbol(variable);
        self.inner(Tag::Derivative, u16::try_from(order).unwrap_or(u16::MAX), &[body, v])
    }

    /// The same operator on other children; for leaves the node itself. Lengths must agree.
    pub fn with_children(&mut self, id: Id, children: &[Id]) -> Id {
        let node = self.nodes[id.index()];
        match node.tag {
            Tag::Number | Tag::Constant | Tag::Symbol | Tag::Truth | Tag::Undefined => id,
            Tag::Neg => self.neg(children[0]),
            Tag::Not => self.not(children[0]),
            tag => self.inner(tag, node.datum, children),
        }
    }

    /// The node of another graph, with these children of this one. A symbol keeps its name.
    pub fn copy_of(&mut self, other: &Graph, id: Id, children: &[Id]) -> Id {
        let node = other.nodes[id.index()];
        match other.view(id) {
            View::Number(n) => self.number(n.clone()),
            View::Symbol(s) => match other.as_column(s) {
                Some(column) => {
                    let data = self.data_set_of(other, column.data);
                    let name = other.name(s).split_once('.').map_or("", |(_, name)| name);
                    let symbol = self.column(data, name, column.bound);
                    self.symbol(symbol)
                }
                None => self.variable(other.name(s)),
            },
            View::Rows(kind, data, _) => {
                let data = self.data_set_of(other, data);
                self.rows(kind, data, children[0])
            }
            _ if children.is_empty() => self.leaf(node.tag, node.datum, node.start),
            _ => self.inner(node.tag, node.datum, children),
        }
    }

    /// The data set of the name that one of another graph has.
    fn data_set_of(&mut self, other: &Graph, data: Symbol) -> Symbol {
        let name = other.name(data);
        let known = self.data_sets.iter().copied().find(|own| self.name(*own) == name);
        known.or_else(|| self.data_set(name)).unwrap_or(Symbol(0))
    }

    fn leaf(&mut self, tag: Tag, datum: u16, payload: u32) -> Id {
        let node = Node { tag, datum, start: payload, len: 0 };
        let hash = Self::hash(tag, datum, &[Id(payload)]);
        let nodes = &self.nodes;
        match self.table.entry(hash, |slot| slot.half == hash as u32 && nodes[slot.index as usize] == node, Slot::hash) {
            Entry::Occupied(found) => Id(found.get().index),
            Entry::Vacant(place) => {
                node_made();
                let index = self.nodes.len() as u32;
                place.insert(Slot::new(index, hash));
                self.nodes.push(node);
                Id(index)
            }
        }
    }

    fn inner(&mut self, tag: Tag, datum: u16, kids: &[Id]) -> Id {
        pulse();
        let hash = Self::hash(tag, datum, kids);
        let (nodes, children) = (&self.nodes, &self.children);
        let is_same = |slot: &Slot| {
            // the hash tells most others, without a look at nodes that lie all over the memory
            slot.half == hash as u32 && {
                let n = nodes[slot.index as usize];
                n.tag == tag
                    && n.datum == datum
                    && n.len as usize == kids.len()
                    && children[n.start as usize..(n.start + n.len) as usize] == *kids
            }
        };
        match self.table.entry(hash, is_same, Slot::hash) {
            Entry::Occupied(found) => Id(found.get().index),
            Entry::Vacant(place) => {
                node_made();
                let index = self.nodes.len() as u32;
                place.insert(Slot::new(index, hash));
                let start = self.children.len() as u32;
                match kids {
                    // in place, without a call that copies memory
                    [a] => self.children.push(*a),
                    [a, b] => self.children.extend([*a, *b]),
                    _ => self.children.extend_from_slice(kids),
                }
                self.nodes.push(Node { tag, datum, start, len: kids.len() as u32 });
                Id(index)
            }
        }
    }

    fn hash(tag: Tag, datum: u16, kids: &[Id]) -> u64 {
        let mut h = Mixing::default().build_hasher();
        h.write_u64((tag as u64) << 16 | u64::from(datum));
        for k in kids {
            h.write_u32(k.0);
        }
        Slot::widened(h.finish() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_expressions_are_one_node() {
        let mut g = Graph::new();
        let (x, y) = (g.variable("x"), g.variable("y"));
        let a = g.add(&[x, y]);
        let b = g.add(&[x, y]);
        let c = g.add(&[y, x]);
        assert_eq!(a, b);
        assert_ne!(a, c);
    }

    #[test]
    fn numbers_stay_one_node_as_the_table_grows() {
        let mut g = Graph::new();
        let read = |g: &mut Graph| -> Vec<Id> {
            let texts =
                (1..2000).flat_map(|n| [n.to_string(), format!("{n}.0"), format!("0.{n}"), format!("{n}00000000000000000000")]);
            texts.filter_map(|text| Number::parse(&text)).map(|number| g.number(number)).collect()
        };
        let first = read(&mut g);
        let nodes = g.len();
        assert_eq!((read(&mut g), g.len()), (first, nodes));
        // 0.1, 0.10, 0.100 and 0.1000 are one number, and so on
        let repeated = (1..2000).filter(|n| n % 10 == 0).count();
        assert_eq!(nodes, 4 * 1999 - repeated);
    }

    #[test]
    fn a_node_is_twelve_bytes() {
        assert_eq!(std::mem::size_of::<Node>(), 12);
    }

    #[test]
    fn a_decimal_and_a_quotient_are_two_nodes_of_one_value() {
        let mut g = Graph::new();
        let half = g.number(Number::ratio(1, 2));
        let typed = Number::parse("0.5").map(|n| g.number(n));
        assert_ne!(Some(half), typed);
        assert_eq!(g.as_number(half), typed.and_then(|t| g.as_number(t)));
    }
}
