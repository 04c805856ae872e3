//! The derivation engine: the trace is the computation. A derivative is produced by its derivation, a list of states each of
//! which is the whole expression; nothing tells a story about a result that was found another way.

mod branches;
pub mod checked;
pub mod adjoint;
pub(crate) mod light;
pub mod moves;
pub mod pipeline;
mod points;
mod ring;
pub mod rules;
mod series;
pub mod special;
mod trace;

pub use rules::{Formulas, Refusal};

use crate::budget;
use crate::domain::{self, Known, Prover};
use crate::expr::{Graph, Id, Relation, Symbol, View, walk};
use crate::math::FunctionId;
use crate::simplify::{Simplifier, measure};
use crate::verify::check;
use rules::{Rules, Taken};
use std::borrow::Cow;
use trace::Tracer;

/// How the nodes grow that derivatives of rising order make: as a power of the order, or faster.
#[derive(Default)]
struct Growth {
    at_half: usize,
}

impl Growth {
    /// From this order on it can be told how fast the next ones grow.
    const TELLING: usize = 8;

    /// After `k` derivatives of `order` so many nodes were made: gives up where the last one would need more than there may be.
    fn foresee(&mut self, made: usize, k: usize, order: usize) {
        if k.is_power_of_two() {
            let half = std::mem::replace(&mut self.at_half, made).max(1);
            if k >= Self::TELLING {
                let power = (made as f64 / half as f64).log2();
                budget::foresee(made as f64 * (order as f64 / k as f64).powf(power));
            }
        }
    }
}

/// How much of a derivation is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Detail {
    /// The states only.
    Brief,
    /// The states with the rules between them; what nobody needs a line for is done within one.
    #[default]
    Normal,
    /// Every rule a line.
    Full,
}

impl Detail {
    /// The words for it, from the least to the most.
    pub const WORDS: [&str; 3] = ["brief", "normal", "full"];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Detail::WORDS[self as usize]
    }

    /// What a word asks for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Detail::Brief, Detail::Normal, Detail::Full].into_iter().find(|detail| detail.word() == word)
    }
}

/// A piece of a sentence: words, or an expression that each output format prints in its own way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// Words.
    Text(Cow<'static, str>),
    /// A formula that is no expression of the problem, such as the statement of a rule: text that formats may set.
    Formula(Cow<'static, str>),
    /// An expression.
    Expr(Id),
    /// An expression in parentheses.
    Group(Id),
}

impl Piece {
    /// Words.
    pub fn text(words: impl Into<Cow<'static, str>>) -> Self {
        Piece::Text(words.into())
    }

    /// A formula that is no expression of the problem.
    pub fn formula(text: impl Into<Cow<'static, str>>) -> Self {
        Piece::Formula(text.into())
    }

    /// The sentence that these make, with its expressions written in some way.
    pub fn sentence(pieces: &[Piece], write: impl Fn(Id) -> String) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) | Piece::Formula(text) => text.to_string(),
            Piece::Expr(e) => write(*e),
            Piece::Group(e) => format!("({})", write(*e)),
        };
        pieces.iter().map(text).collect()
    }
}

/// A rule as it was applied: one line between two states.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// Its textbook name.
    pub rule: String,
    /// What it was applied to; empty where the name says it all.
    pub pieces: Vec<Piece>,
    /// The call whose function has a domain to be minded, where the rule is a chain rule.
    pub function: Option<(Id, FunctionId)>,
    /// What the rule needs, and how that is known.
    pub needs: Vec<Piece>,
    /// Why it holds, where its name alone does not lead to that.
    pub why: &'static str,
}

impl Note {
    /// A note on a rule.
    pub fn new(rule: impl Into<String>, pieces: Vec<Piece>) -> Self {
        Note { rule: rule.into(), pieces, function: None, needs: Vec::new(), why: "" }
    }
}

/// How a step was found to be right.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Check {
    /// At how many points both sides were enclosed and agreed.
    pub points: usize,
    /// The largest relative difference that the enclosures leave open.
    pub worst: f64,
    /// Whether an exact zero test decided it.
    pub proved: bool,
}

/// One step of a derivation: the whole expression before and after.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// The rules applied, one note each.
    pub notes: Vec<Note>,
    /// The whole expression before.
    pub before: Id,
    /// The whole expression after.
    pub after: Id,
    /// What must hold for the step, beyond what is known.
    pub conditions: Vec<Id>,
    /// How it was checked; `None` until it is.
    pub check: Option<Check>,
    /// Why it could not be checked, where it could not.
    pub unchecked: Option<String>,
    /// For a link of a chain: what it is differentiated by.
    pub by: Option<Symbol>,
    /// Steps inside this one, such as the links of a chain.
    pub substeps: Vec<Step>,
}

impl Step {
    /// A step that was not checked yet.
    pub fn new(before: Id, after: Id, notes: Vec<Note>) -> Self {
        Step { notes, before, after, conditions: Vec::new(), check: None, unchecked: None, by: None, substeps: Vec::new() }
    }

    /// The names of its rules, joined.
    pub fn rule(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for n in &self.notes {
            if !n.rule.is_empty() && !names.contains(&n.rule.as_str()) {
                names.push(&n.rule);
            }
        }
        if names.is_empty() { "rewrite".to_owned() } else { names.join(", ") }
    }
}

/// A derivative with everything that led to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Derivation {
    /// What was differentiated, as it was written.
    pub expression: Id,
    /// The same without stage names.
    pub opened: Id,
    /// By which variables, in order.
    pub variables: Vec<Symbol>,
    /// The names of a chain of stages, from the variable to the expression, where it runs through one.
    pub chain: Vec<Symbol>,
    /// The stages that its states name: the program's own, or those that were named here.
    pub stages: pipeline::Stages,
    /// The first state: the open derivative.
    pub start: Id,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The last state.
    pub result: Id,
    /// What must hold for the result to be the derivative, beyond what the result itself needs and what is known.
    pub conditions: Vec<Id>,
    /// The same without regard to what the result itself needs: the domain of the derivative.
    pub domain: Vec<Id>,
    /// Where, within the domain, there is no derivative: the place and what happens there.
    pub kinks: Vec<(Id, String)>,
    /// The assumptions about its symbols under which all of this was found.
    pub assumed: Vec<Id>,
}

/// The assumptions that speak of a symbol of the expression.
pub fn assumed(g: &Graph, known: &Known, expression: Id) -> Vec<Id> {
    let own = walk::free_symbols(g, &[expression]);
    let speaks = |condition: &Id| walk::free_symbols(g, &[*condition]).iter().any(|symbol| own.contains(symbol));
    known.conditions.iter().copied().filter(speaks).collect()
}

/// A derivative without its trace.
#[derive(Clone, PartialEq, Debug)]
pub struct Differentiated {
    /// The shortest form that was found.
    pub value: Id,
    /// What must hold for it, beyond what it needs itself and what is known.
    pub conditions: Vec<Id>,
}

/// A composition deeper than this is derived layer by layer, each layer named.
const DEEP: u32 = 9;

/// What a derivative is taken under.
pub struct Engine<'k> {
    /// What is taken for true.
    pub known: &'k Known,
    /// The simplifier for the derivative at hand: it also takes for true what that needs to exist.
    pub simplifier: Simplifier,
    /// Answers what follows from the known facts alone.
    pub prover: Prover,
    /// The formulas of the table.
    pub formulas: Formulas,
}

impl<'k> Engine<'k> {
    /// An engine that takes `known` for true.
    pub fn new(known: &'k Known) -> Self {
        Engine { known, simplifier: Simplifier::new(known), prover: Prover::new(known), formulas: Formulas::default() }
    }

    /// The derivative by each variable in turn, simplified after each; named stages opened.
    pub fn differentiate(&mut self, g: &mut Graph, expression: Id, variables: &[Symbol]) -> Result<Differentiated, Refusal> {
        let opened = pipeline::without_stages(g, &self.known.definitions, expression);
        let mut value = opened;
        let mut conditions = Vec::new();
        for same in variables.chunk_by(|a, b| a == b) {
            value = self.repeated(g, value, same[0], same.len(), &mut conditions)?;
        }
        let mut conditions = self.left_over(g, &conditions, value);
        if let [only] = variables {
            conditions = points::without_regained(g, opened, *only, value, conditions);
        }
        Ok(Differentiated { value, conditions })
    }

    /// One derivative, simplified; it exists under these conditions.
    fn once(&mut self, g: &mut Graph, expression: Id, variable: Symbol, conditions: &[Id]) -> Result<Id, Refusal> {
        let raw = Taken::default().whole(g, &mut Rules::new(variable, &mut self.formulas), expression)?;
        self.simplifier = Simplifier::within(self.known, g, conditions);
        Ok(self.simplifier.shortest(g, raw))
    }

    /// The derivative of this order by one variable; its conditions are added to those before it.
    fn repeated(&mut self, g: &mut Graph, start: Id, variable: Symbol, order: usize, all: &mut Vec<Id>) -> Result<Id, Refusal> {
        let (mut value, begun, mut growth) = (start, g.len(), Growth::default());
        for k in 0..order {
            growth.foresee(g.len() - begun, k, order);
            let shape = self.look(g, value, variable);
            let own = self.conditions_of(g, value, shape, variable);
            // the ring takes all orders at once
            if k == 0
                && let Some(last) = self.at_once(g, value, variable, order, &own)
            {
                all.extend(own);
                return Ok(last);
            }
            value = self.once(g, value, variable, &own)?;
            all.extend(own);
        }
        Ok(value)
    }

    /// A derivative of high order, simplified, where the ring of functions gives it.
    fn at_once(&mut self, g: &mut Graph, expression: Id, variable: Symbol, order: usize, conditions: &[Id]) -> Option<Id> {
        if order < ring::FROM || !self.formulas.special.is_empty() {
            return None;
        }
        let raw = ring::derivative(g, &mut Rules::new(variable, &mut self.formulas), expression, order)?;
        self.simplifier = Simplifier::within(self.known, g, conditions);
        Some(self.simplifier.shortest(g, raw))
    }

    /// Looks for what is special in an expression without stages, and opens what must be opened to see where it has a derivative.
    fn look(&mut self, g: &mut Graph, expression: Id, variable: Symbol) -> Id {
        self.simplifier = Simplifier::new(self.known);
        self.formulas.special = special::Special::of(g, &mut self.simplifier, &mut self.formulas, expression, variable);
        self.formulas.special.opened(g, expression)
    }

    /// The conditions of an expression that may have been opened for its derivative: opening must not lose what it needs. What its pieces
    /// need is said by the opened branches.
    fn conditions_of(&mut self, g: &mut Graph, expression: Id, shape: Id, variable: Symbol) -> Vec<Id> {
        let mut own = self.conditions(g, shape, variable);
        if shape != expression {
            let needs = domain::domain_of(g, expression);
            let has_pieces = |c: Id| walk::topological(g, &[c]).iter().any(|id| branches::is_piecewise(g, *id));
            own.extend(needs.into_iter().filter(|c| !own.contains(c) && !has_pieces(*c)).collect::<Vec<_>>());
        }
        own
    }

    /// Where the derivative exists: the domain of the expression and the conditions of smoothness.
    fn conditions(&mut self, g: &mut Graph, expression: Id, variable: Symbol) -> Vec<Id> {
        let mut out = domain::domain_of(g, expression);
        for s in self.formulas.special.smooth_conditions(g, expression, variable) {
            // where a power with a symbol above is smooth, it has a value: that need not be said twice
            let said_twice = |c: &Id| matches!(g.view(*c), View::Or(_));
            if s.source == domain::Source::Power && out.iter().any(said_twice) {
                let own: Vec<Id> = domain::domain_of(g, s.node);
                out.retain(|c| !own.contains(c) || !matches!(g.view(*c), View::Or(_)));
            }
            out.push(s.condition);
        }
        out
    }

    /// What remains to be said once it is known that no divisor of the result is 0, which its form shows by itself.
    fn left_over(&mut self, g: &mut Graph, conditions: &[Id], result: Id) -> Vec<Id> {
        let mut own = domain::domain_of(g, result);
        own.retain(|c| matches!(g.view(*c), View::Compare(Relation::NotEqual, ..)));
        let left = domain::reduce(g, self.known, conditions, &own);
        check::settled(g, self.known, left)
    }

    /// The derivation, step by step.
    pub fn derive(&mut self, g: &mut Graph, expression: Id, variables: &[Symbol], detail: Detail) -> Result<Derivation, Refusal> {
        let mut out = Derivation {
            expression,
            opened: pipeline::without_stages(g, &self.known.definitions, expression),
            variables: variables.to_vec(),
            chain: Vec::new(),
            stages: pipeline::Stages::new(),
            start: expression,
            steps: Vec::new(),
            result: expression,
            conditions: Vec::new(),
            domain: Vec::new(),
            kinks: Vec::new(),
            assumed: Vec::new(),
        };
        out.assumed = assumed(g, self.known, out.opened);
        let (mut conditions, begun, mut growth) = (Vec::new(), g.len(), Growth::default());
        for (k, v) in variables.iter().enumerate() {
            growth.foresee(g.len() - begun, k, variables.len());
            let opened = pipeline::without_stages(g, &self.known.definitions, out.result);
            let shape = self.look(g, opened, *v);
            let own = self.conditions_of(g, opened, shape, *v);
            self.simplifier = Simplifier::within(self.known, g, &own);
            conditions.extend(own);
            let smooth = self.formulas.special.smooth_conditions(g, shape, *v);
            let places = domain::kinks_of(g, self.known, shape, smooth);
            for kink in special::judged(g, shape, places) {
                if !out.kinks.contains(&kink) {
                    out.kinks.push(kink);
                }
            }
            let rest = &variables[k + 1..];
            let frame = |g: &mut Graph, e: Id| wrap(g, e, rest);
            let open = g.derivative(out.result, *v, 1);
            let start = frame(g, open);
            if k == 0 {
                out.start = start;
            }
            let (steps, chain, stages, result) = self.one_derivative(g, out.result, *v, detail, start, &frame)?;
            out.steps.extend(steps);
            out.stages.extend(stages);
            if k == 0 {
                out.chain = chain;
            }
            out.result = result;
        }
        out.conditions = self.left_over(g, &conditions, out.result);
        let all = domain::reduce(g, self.known, &conditions, &[]);
        out.domain = check::settled(g, self.known, all);
        if let [only] = variables {
            for list in [&mut out.conditions, &mut out.domain] {
                let found = std::mem::take(list);
                *list = points::without_regained(g, out.opened, *only, out.result, found);
            }
        }
        for step in &mut out.steps {
            self.say_needs(g, step);
        }
        Ok(out)
    }

    /// Says at each chain rule what the outer function needs of the inner one, and how that is known.
    fn say_needs(&mut self, g: &mut Graph, step: &mut Step) {
        for note in &mut step.notes {
            let Some((call, f)) = note.function else { continue };
            let inner: Vec<Id> = g.children(call).to_vec();
            for text in f.record().domain {
                let Ok(template) = crate::resolve::formula(g, text) else { continue };
                let mut map = std::collections::HashMap::new();
                for (name, argument) in f.record().parameters.iter().zip(&inner) {
                    map.insert(g.variable(name), *argument);
                }
                let condition = walk::substitute(g, template, &map);
                if !note.needs.is_empty() {
                    note.needs.push(Piece::Text(", ".into()));
                }
                note.needs.extend([Piece::Text("needs ".into()), Piece::Formula((*text).into()), Piece::Text(": ".into())]);
                match self.prover.prove(g, condition) {
                    domain::Verdict::Proved => {
                        let how = if self.holds_anyway(g, condition) { "always" } else { "as assumed" };
                        note.needs.push(Piece::Text(how.into()));
                    }
                    domain::Verdict::Refuted => note.needs.push(Piece::Text("never".into())),
                    domain::Verdict::Unknown => {
                        let tidy = domain::reduce(g, self.known, &[condition], &[]);
                        for (k, c) in tidy.iter().enumerate() {
                            if k > 0 {
                                note.needs.push(Piece::Text(", ".into()));
                            }
                            note.needs.push(Piece::Expr(*c));
                        }
                        step.conditions.extend(tidy.iter().filter(|c| !step.conditions.contains(c)).copied().collect::<Vec<_>>());
                    }
                }
            }
        }
    }

    /// Whether a condition holds also without what is assumed.
    pub(super) fn holds_anyway(&self, g: &mut Graph, condition: Id) -> bool {
        let known = self.known;
        known.conditions.is_empty() || {
            let free = Known { conditions: Vec::new(), definitions: known.definitions.clone() };
            domain::prove(g, &free, condition) == domain::Verdict::Proved
        }
    }

    /// The steps of one derivative to its shortest form.
    #[allow(clippy::type_complexity)]
    fn one_derivative(
        &mut self,
        g: &mut Graph,
        expression: Id,
        variable: Symbol,
        detail: Detail,
        start: Id,
        frame: &dyn Fn(&mut Graph, Id) -> Id,
    ) -> Result<(Vec<Step>, Vec<Symbol>, pipeline::Stages, Id), Refusal> {
        let known = self.known;
        let mut stages = Cow::Borrowed(&*known.definitions);
        let (mut steps, chain, state) = if !self.formulas.special.is_empty() {
            // what is special is so in the whole expression, not in one of its stages
            let opened = pipeline::without_stages(g, &stages, expression);
            let pieces = pipeline::definitions_in(g, &stages, expression);
            let first = self.restated(g, opened, variable, start, frame, Note::new("insert", pieces));
            let (steps, state) = Tracer::new(variable, &mut self.formulas, detail).steps(g, opened, frame)?;
            (first.into_iter().chain(steps).collect(), Vec::new(), state)
        } else if let Some(definition) = pipeline::stage_over_rows(g, &stages, expression, variable) {
            let note = Note::new("insert", pipeline::definitions_in(g, &stages, expression));
            let first = self.restated(g, definition, variable, start, frame, note);
            let (steps, state) = Tracer::new(variable, &mut self.formulas, detail).steps(g, definition, frame)?;
            (first.into_iter().chain(steps).collect(), Vec::new(), state)
        } else if pipeline::has_stages(g, &stages, expression, variable) {
            pipeline::steps(self, g, &stages, expression, variable, detail, frame)?
        } else if Tracer::new(variable, &mut self.formulas, detail).decisions(g, expression) > DEEP {
            let (named, layers) = pipeline::named_layers(g, expression, variable);
            stages = Cow::Owned(layers);
            pipeline::steps(self, g, &stages, named, variable, detail, frame)?
        } else {
            let (rewritten, first) = self.rewritten(g, expression);
            let first = first.and_then(|note| self.restated(g, rewritten, variable, start, frame, note));
            let (steps, state) = Tracer::new(variable, &mut self.formulas, detail).steps(g, rewritten, frame)?;
            (first.into_iter().chain(steps).collect(), Vec::new(), state)
        };
        let mut last = state;
        for m in self.simplifier.moves(g, state) {
            let (before, after) = (frame(g, last), frame(g, m.after));
            let (notes, kept) = moves::told(g, self.known, last, &m);
            let mut step = Step::new(before, after, notes);
            step.conditions = kept;
            steps.push(step);
            last = m.after;
        }
        if let Some(expanded) = pipeline::readable_without_stages(self, g, &stages, last) {
            let note = Note::new("insert", pipeline::definitions_in(g, &stages, last));
            let (before, after) = (frame(g, last), frame(g, expanded));
            steps.push(Step::new(before, after, vec![note]));
            last = expanded;
        }
        absorb(&mut steps, g);
        Ok((steps, chain, stages.into_owned(), last))
    }

    /// The step from the open derivative to that of the same expression in another form, where it is another.
    fn restated(
        &self,
        g: &mut Graph,
        form: Id,
        variable: Symbol,
        start: Id,
        frame: &dyn Fn(&mut Graph, Id) -> Id,
        note: Note,
    ) -> Option<Step> {
        let open = g.derivative(form, variable, 1);
        let after = frame(g, open);
        (after != start).then(|| Step::new(start, after, vec![note]))
    }

    /// A form that is easier to differentiate: `log(softmax(z)[i])` is `z[i] - logsumexp(z)`.
    fn rewritten(&mut self, g: &mut Graph, expression: Id) -> (Id, Option<Note>) {
        let new = walk::rebuild(g, expression, |g, id, kids| {
            let kids = kids.to_vec();
            if let View::Call(f, _) = g.view(id)
                && f.name() == "log"
                && let View::Component(vector, k) = g.view(kids[0])
                && let View::Call(s, scores) = g.view(vector)
                && s.name() == "softmax"
                && let Some(lse) = crate::math::find("logsumexp")
            {
                let scores = scores.to_vec();
                let total = g.call(lse, &scores);
                return g.sub(scores[k as usize - 1], total);
            }
            if g.children(id) == kids { id } else { light::with_children(g, id, &kids) }
        });
        if new == expression {
            return (expression, None);
        }
        let new = match g.view(new) {
            // -(z_i - logsumexp) reads as logsumexp - z_i
            View::Neg(inner) => match g.view(inner) {
                View::Add(terms) => {
                    let terms: Vec<Id> = terms.iter().rev().copied().collect();
                    let terms: Vec<Id> = terms.into_iter().map(|t| light::negative(g, t)).collect();
                    g.add(&terms)
                }
                _ => new,
            },
            _ => new,
        };
        let pieces = vec![Piece::Formula("log(softmax(z)[i]) = z[i] - logsumexp(z)".into()), Piece::Text(", exact".into())];
        (new, Some(Note::new("rewrite", pieces)))
    }
}

/// `d/dy d/dz …` around an expression, for the derivatives that are still to be taken.
fn wrap(g: &mut Graph, e: Id, rest: &[Symbol]) -> Id {
    rest.iter().fold(e, |inner, v| g.derivative(inner, *v, 1))
}

/// A step whose states read the same is folded into its neighbour, and one that only computes numbers into the line before.
fn absorb(steps: &mut Vec<Step>, g: &Graph) {
    steps.retain(|s| s.before != s.after);
    let mut k = 1;
    while k < steps.len() {
        let folded = steps[k].notes.iter().all(|n| n.rule == "tidy") && measure(g, steps[k].after) <= measure(g, steps[k].before);
        if folded && steps[k].before == steps[k - 1].after {
            let after = steps[k].after;
            steps[k - 1].after = after;
            steps.remove(k);
        } else {
            k += 1;
        }
    }
}
