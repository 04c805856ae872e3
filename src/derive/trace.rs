//! The step-by-step derivation of one derivative: level by level from the outside in, each state the whole expression.

use super::light;
use super::rules::{Applied, Formulas, MEAN_OVER_ROWS, Parts, Refusal, Rules, SUM_OVER_ROWS};
use super::{Detail, Note, Piece, Step};
use crate::expr::{Graph, Id, Symbol, View, print, walk};
use std::collections::HashMap;

/// At most so many rules are explained between two states.
const MOST_NOTES: usize = 6;

/// How many decisions a derivative takes; the parts that take none are done within the line of their parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cost {
    decisions: u32,
    /// A polynomial in the variable: nobody needs a line for its derivative.
    polynomial: bool,
}

/// Takes a derivative step by step.
pub struct Tracer<'f> {
    rules: Rules<'f>,
    cost: HashMap<Id, Cost>,
    detail: Detail,
    notes: Vec<Applied>,
}

impl<'f> Tracer<'f> {
    /// A tracer for the derivative by `variable`.
    pub fn new(variable: Symbol, formulas: &'f mut Formulas, detail: Detail) -> Self {
        Tracer { rules: Rules::new(variable, formulas), cost: HashMap::new(), detail, notes: Vec::new() }
    }

    /// How many decisions the derivative of `root` takes.
    pub fn decisions(&mut self, g: &Graph, root: Id) -> u32 {
        self.cost_of(g, root).decisions
    }

    /// From `d/dx[body]` to a state without open derivatives. Each step's `before` and `after` are whole expressions: `frame` puts
    /// around a state what stands around it.
    pub fn steps(&mut self, g: &mut Graph, body: Id, frame: impl Fn(&mut Graph, Id) -> Id) -> Result<(Vec<Step>, Id), Refusal> {
        let variable = self.rules.variable();
        let mut state = g.derivative(body, variable, 1);
        let mut steps = Vec::new();
        loop {
            let pending = open_derivatives(g, state);
            if pending.is_empty() {
                return Ok((steps, state));
            }
            self.notes.clear();
            let mut map = HashMap::new();
            for p in &pending {
                let View::Derivative(inner, _, _) = g.view(*p) else { continue };
                let value = self.opened(g, inner)?;
                map.insert(*p, value);
            }
            let next = replace(g, state, &map);
            let notes = self.told(g);
            let (before, after) = (frame(g, state), frame(g, next));
            steps.push(Step::new(before, after, notes));
            state = next;
        }
    }

    /// One layer of `inner`, with what takes no decision done at once. Sums open their terms in the same line.
    fn opened(&mut self, g: &mut Graph, inner: Id) -> Result<Id, Refusal> {
        let transparent = passes_on(g, &mut self.rules, inner);
        let first = self.notes.len();
        let mut parts = Inline {
            cost: &mut self.cost,
            notes: &mut self.notes,
            detail: self.detail,
            transparent,
            inner: is_composition(g, inner),
            depth: 0,
        };
        let (value, applied) = self.rules.open(g, inner, &mut parts)?;
        self.notes.insert(first, applied);
        Ok(value)
    }

    fn cost_of(&mut self, g: &Graph, root: Id) -> Cost {
        cost_of(&mut self.cost, &mut self.rules, g, root)
    }

    /// The notes of the line, without those that say nothing.
    fn told(&mut self, g: &mut Graph) -> Vec<Note> {
        let applied = std::mem::take(&mut self.notes);
        let mut seen = std::collections::HashSet::new();
        let (small, large): (Vec<Applied>, Vec<Applied>) =
            applied.into_iter().filter(|a| seen.insert(a.target)).partition(|a| is_small(g, a));
        let mut notes: Vec<Note> = large.iter().map(|a| note(g, &mut self.rules, a)).collect();
        let mut said: Vec<Note> = Vec::new();
        notes.retain(|note| {
            let fresh = !said.contains(note);
            said.push(note.clone());
            fresh
        });
        if notes.len() > MOST_NOTES {
            let more = notes.len() - MOST_NOTES;
            notes.truncate(MOST_NOTES);
            notes.push(Note::new("", vec![Piece::Text(format!("and {more} more of the same kinds").into())]));
        }
        let mut names: Vec<&'static str> = Vec::new();
        for s in ["sum", "difference", "constant", "constant factor", "power rule", "variable"] {
            let said = small.iter().any(|a| a.rule == s);
            if said && (s != "variable" || names.is_empty()) {
                names.push(s);
            }
        }
        merge_bare(notes, &names, self.detail == Detail::Full)
    }
}

/// A rule that needs no line of its own.
fn is_small(g: &Graph, a: &Applied) -> bool {
    match a.rule {
        "sum" | "difference" | "constant" | "variable" | "constant factor" => true,
        "power rule" => a.parts.first().is_some_and(|u| g.as_symbol(*u).is_some()),
        _ => false,
    }
}

/// Rules that are only named stand in one line: "sum, exponential". Those that nobody needs to hear are named only where
/// nothing else is said.
fn merge_bare(notes: Vec<Note>, small: &[&'static str], all: bool) -> Vec<Note> {
    let (bare, mut full): (Vec<Note>, Vec<Note>) = notes.into_iter().partition(|n| n.pieces.is_empty());
    let mut names: Vec<String> = Vec::new();
    if full.is_empty() || all {
        names.extend(small.iter().map(|s| (*s).to_owned()));
    }
    if !bare.is_empty() {
        names.retain(|n| n != "variable");
    }
    for n in bare {
        if !names.contains(&n.rule) {
            names.push(n.rule);
        }
    }
    if !names.is_empty() {
        full.push(Note::new(names.join(", "), Vec::new()));
    }
    full
}

/// The derivatives of parts: done at once where they take no decision, open otherwise.
struct Inline<'a> {
    cost: &'a mut HashMap<Id, Cost>,
    notes: &'a mut Vec<Applied>,
    detail: Detail,
    /// Whether the parts are opened whatever they cost.
    transparent: bool,
    /// Whether the part is the inner function of a chain rule.
    inner: bool,
    /// How many parts are being opened inside one another.
    depth: u32,
}

/// Parts that stand deeper inside one another are left for the next line: to open them takes room on the stack.
const DEEPEST: u32 = 16;

impl Parts for Inline<'_> {
    fn derivative(&mut self, g: &mut Graph, rules: &mut Rules<'_>, part: Id) -> Result<Id, Refusal> {
        let cost = cost_of(self.cost, rules, g, part);
        // the inner function of a chain rule is shown open unless its slope is plain
        let plain = cost.decisions == 0 && (cost.polynomial || !self.inner || !matches!(g.view(part), View::Add(_)));
        let at_once = match self.detail {
            Detail::Full => cost.polynomial && cost.decisions == 0,
            _ => plain,
        };
        // a sum is no decision: its terms are opened in the line of the sum
        if self.depth >= DEEPEST || !at_once && !self.transparent {
            let variable = rules.variable();
            return Ok(g.derivative(part, variable, 1));
        }
        let before = (self.transparent, self.inner);
        self.transparent = before.0 && passes_on(g, rules, part);
        self.inner = is_composition(g, part);
        self.depth += 1;
        let opened = rules.open(g, part, self);
        self.depth -= 1;
        (self.transparent, self.inner) = before;
        let (value, applied) = opened?;
        self.notes.push(applied);
        Ok(value)
    }
}

fn is_composition(g: &Graph, id: Id) -> bool {
    matches!(g.view(id), View::Call(..) | View::Pow(..))
}

/// Whether opening an expression only passes on to its parts: sums, signs, constant factors.
fn passes_on(g: &Graph, rules: &mut Rules<'_>, id: Id) -> bool {
    match g.view(id) {
        View::Add(_) | View::Neg(_) => true,
        View::Mul(factors) => factors.iter().filter(|f| rules.depends(g, **f)).count() == 1,
        View::Div(_, b) => !rules.depends(g, b),
        _ => false,
    }
}

fn cost_of(memo: &mut HashMap<Id, Cost>, rules: &mut Rules<'_>, g: &Graph, root: Id) -> Cost {
    if let Some(c) = memo.get(&root) {
        return *c;
    }
    let mut stack = vec![root];
    while let Some(top) = stack.last().copied() {
        if memo.contains_key(&top) {
            stack.pop();
            continue;
        }
        let open: Vec<Id> = g.children(top).iter().copied().filter(|c| !memo.contains_key(c)).collect();
        if open.is_empty() {
            let cost = own_cost(memo, rules, g, top);
            memo.insert(top, cost);
            stack.pop();
        } else {
            stack.extend(open);
        }
    }
    memo.get(&root).copied().unwrap_or(Cost { decisions: 0, polynomial: true })
}

fn own_cost(memo: &HashMap<Id, Cost>, rules: &mut Rules<'_>, g: &Graph, id: Id) -> Cost {
    let free = Cost { decisions: 0, polynomial: true };
    if !rules.depends(g, id) {
        return free;
    }
    let of = |c: &Id| memo.get(c).copied().unwrap_or(free);
    let kids = g.children(id);
    let most = kids.iter().map(|c| of(c).decisions).max().unwrap_or(0);
    let polynomial = kids.iter().all(|c| of(c).polynomial);
    let one_more = Cost { decisions: most + 1, polynomial: false };
    match g.view(id) {
        View::Symbol(_) => free,
        View::Neg(_) => Cost { decisions: most, polynomial },
        View::Add(_) => Cost { decisions: most, polynomial },
        View::Mul(_) => {
            let varying: Vec<&Id> = kids.iter().filter(|k| rules.depends(g, **k)).collect();
            match varying[..] {
                [only] => of(only),
                _ => one_more,
            }
        }
        View::Div(a, b) if !rules.depends(g, b) => of(&a),
        View::Pow(a, b) if g.as_number(b).is_some_and(|n| n.is_integer() && n.is_positive()) => {
            let bare = g.as_symbol(a).is_some();
            if bare { free } else { Cost { decisions: of(&a).decisions + 1, polynomial: false } }
        }
        View::Pow(a, b) if !rules.depends(g, b) && g.as_symbol(a).is_some() => Cost { decisions: 0, polynomial: false },
        View::Pow(a, b) if !rules.depends(g, a) && g.as_symbol(b).is_some() => Cost { decisions: 0, polynomial: false },
        View::Call(_, arguments) if arguments.iter().all(|u| is_proportional(g, rules, *u)) => {
            Cost { decisions: 0, polynomial: false }
        }
        _ => one_more,
    }
}

/// `x`, `-x`, `2x`, `k*x`, `x/3`, or anything free of the variable: no line is needed for its slope.
fn is_proportional(g: &Graph, rules: &mut Rules<'_>, u: Id) -> bool {
    if !rules.depends(g, u) || g.as_symbol(u).is_some() {
        return true;
    }
    match g.view(u) {
        View::Neg(a) => g.as_symbol(a).is_some(),
        View::Mul([k, x]) => {
            !rules.depends(g, *k) && g.as_symbol(*x).is_some() || !rules.depends(g, *x) && g.as_symbol(*k).is_some()
        }
        View::Div(x, k) => g.as_symbol(x).is_some() && !rules.depends(g, k),
        _ => false,
    }
}

/// The open derivatives of a state, in the order in which they were made.
fn open_derivatives(g: &Graph, state: Id) -> Vec<Id> {
    walk::topological(g, &[state]).into_iter().filter(|id| matches!(g.view(*id), View::Derivative(..))).collect()
}

/// The state with some nodes replaced, and tidied along the way up.
fn replace(g: &mut Graph, state: Id, map: &HashMap<Id, Id>) -> Id {
    walk::rebuild(g, state, |g, id, kids| match map.get(&id) {
        Some(new) => *new,
        None if g.children(id) == kids => id,
        None => {
            let kids = kids.to_vec();
            light::with_children(g, id, &kids)
        }
    })
}

/// So much is told of an exponent.
const EXPONENT: u64 = 20;

/// A rule as a reader sees it: its name, its parts, the outer and inner function.
fn note(g: &mut Graph, rules: &mut Rules<'_>, a: &Applied) -> Note {
    let text = |t: &'static str| Piece::Text(t.into());
    let formula = |t: &'static str| Piece::Formula(t.into());
    let mut note = Note::new(a.rule.to_owned(), Vec::new());
    match a.rule {
        "chain rule" => {
            if let Some((f, u)) = a.chain {
                if a.parts.len() == 1 {
                    let outer = Piece::Formula(format!("{}(u)", f.name()).into());
                    note.pieces.extend([text("outer "), outer, text(", inner "), formula("u = ")]);
                } else {
                    note.pieces.push(Piece::Text(format!("outer {}, inner ", f.name()).into()));
                }
                let inner: Vec<Id> = if a.parts.len() == 1 { vec![u] } else { varying(g, rules, &a.parts) };
                push_list(&mut note.pieces, &inner);
                note.function = Some((a.target, f));
            }
        }
        "product rule" => {
            let names = ["f", "g", "h", "k", "l", "m"];
            for (k, (part, name)) in a.parts.iter().zip(names).enumerate() {
                note.pieces.extend((k > 0).then(|| text(", ")));
                note.pieces.extend([Piece::Formula(format!("{name} = ").into()), Piece::Expr(*part)]);
            }
            if a.parts.len() == 2 {
                note.pieces.extend([text(":  "), formula("f'*g + f*g'")]);
            } else if a.parts.len() > names.len() {
                note.pieces = vec![Piece::Text(format!("{} factors, by halves", a.parts.len()).into())];
            }
        }
        "quotient rule" => {
            if let [f, h] = a.parts[..] {
                note.pieces.extend([formula("f = "), Piece::Expr(f), text(", "), formula("g = "), Piece::Expr(h)]);
                note.pieces.extend([text(":  "), formula("(f'*g - f*g')/g^2")]);
            }
        }
        "reciprocal rule" => {
            if let [c, u] = a.parts[..] {
                note.pieces.extend([Piece::Expr(c), formula("/u"), text(", "), formula("u = "), Piece::Expr(u)]);
                note.pieces.extend([text(":  the slope of "), formula("1/u"), text(" is "), formula("-1/u^2")]);
            }
        }
        "power rule" => {
            if let [u, n] = a.parts[..]
                && g.as_symbol(u).is_none()
            {
                let exponent = print::glimpse(g, n, print::Style::Shown, EXPONENT);
                let power = if needs_parentheses(g, n) { format!("u^({exponent})") } else { format!("u^{exponent}") };
                note.pieces.extend([text("outer "), Piece::formula(power)]);
                note.pieces.extend([text(", inner "), formula("u = "), Piece::Expr(u)]);
            }
        }
        "exponential" => {
            if let Some(u) = a.parts.last()
                && g.as_symbol(*u).is_none()
            {
                note.pieces.extend([text("exponent "), formula("u = "), Piece::Expr(*u)]);
            }
        }
        "logarithmic differentiation" => {
            if let [_, _, exponent] = a.parts[..] {
                note.pieces.extend([Piece::Expr(a.target), formula(" = exp(u)"), text(", inner ")]);
                note.pieces.extend([formula("u = "), Piece::Expr(exponent)]);
            }
        }
        "softmax" => note.pieces.extend([
            text("the slope of "),
            formula("s_i"),
            text(" is "),
            formula("s_i*(z_i' - s_1*z_1' - s_2*z_2' - ...)"),
        ]),
        "log-sum-exp" => note.pieces.push(text("its slope in each score is the softmax of that score")),
        MEAN_OVER_ROWS => note.pieces.push(text("the slope of a mean is the mean of the slopes")),
        SUM_OVER_ROWS => note.pieces.push(text("the slope of a sum is the sum of the slopes")),
        "maximum" | "minimum" => note.pieces.push(text("the slope of the part that wins; none at a tie")),
        "branch by branch" => note.pieces.push(text("each branch on its own; at a joint only if both sides agree")),
        "removable singularity" => {
            if let [x, point, value, slope] = a.parts[..] {
                note.pieces.extend([text("the series around "), Piece::Expr(x), formula(" = "), Piece::Expr(point)]);
                note.pieces.extend([
                    text(" begins with the value "),
                    Piece::Expr(value),
                    text(", then the slope "),
                    Piece::Expr(slope),
                ]);
            }
        }
        _ => {}
    }
    note
}

fn needs_parentheses(g: &Graph, n: Id) -> bool {
    match g.view(n) {
        View::Number(n) => n.is_negative() || (!n.is_integer() && !n.is_decimal()),
        View::Symbol(_) | View::Constant(_) | View::Call(..) => false,
        _ => true,
    }
}

fn varying(g: &Graph, rules: &mut Rules<'_>, parts: &[Id]) -> Vec<Id> {
    parts.iter().copied().filter(|p| rules.depends(g, *p)).collect()
}

fn push_list(pieces: &mut Vec<Piece>, ids: &[Id]) {
    for (k, id) in ids.iter().enumerate() {
        if k > 0 {
            pieces.push(Piece::Text(", ".into()));
        }
        pieces.push(Piece::Expr(*id));
    }
}
