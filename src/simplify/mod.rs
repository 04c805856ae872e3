//! Simplification: candidates that are equal wherever the expression has a value, and the shortest of them. The measure is the
//! number of operations and leaves as written ([`measure`]); of one measure the form in canonical order wins. Every step of a
//! simplification brings this measure down, and a result is a fixed point.
//!
//! The ledger: what is simplified is known to have a value, so its own domain is taken for true on the way, and a result that
//! needs more than that is given up for one that does not. What it needs less is for the caller to print.

pub mod canon;
mod directions;
mod gate;
mod makers;
pub mod order;
pub mod poly;
pub mod pretty;
pub mod rational;
mod values;

pub use directions::{TooLong, contract, expand};
pub use gate::{beyond, decided, needs};
pub use pretty::measure;

use crate::domain::{Known, Prover};
use crate::expr::{Graph, Id, IdMap, View, walk};
use crate::math::{FunctionId, Rule};
use canon::Canon;
use makers::named::{self, Named, Which};
use pretty::Pretty;
use rational::Circle;
use std::collections::{HashMap, HashSet};

/// Expressions of more nodes than this get the canonical form only: collecting is linear, cancelling is not.
const SMALL: usize = 1500;

/// Forms that would print as more than this count as different where their ids differ: a shared form may print without end.
const PRINTABLE: u64 = 20_000;

/// The work for all regions of one simplifier, in products of terms; once it is spent, regions stay as collected.
const EFFORT: u64 = 500_000;

/// The work of one question that the prover thinks about.
const QUESTION: u64 = 30;

/// For each candidate a region is walked about so often: the price of a candidate for each of its nodes.
const PASSES: u64 = 8;

/// Of an expression with more conditions than this its domain is not taken for true: learning them would take long.
const CONDITIONS: usize = 32;

/// The nodes of all states together that are looked at to tell a simplification move by move; what is left is told as one move.
const TELLING: usize = 100_000;

/// A region that was improved so often is left as it is.
const ROUNDS: usize = 4;

/// So many of the shorter candidates for a region are put to the gate.
const TRIED: usize = 4;

/// Which names a result may use that the expression did not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Names {
    /// Those that a textbook of calculus uses.
    Textbook,
    /// Also those that exist for the sake of rounding: `log1p`, `expm1`, `hypot`.
    All,
}

/// What brought a form about.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// Work without a rule of its own, by the name of its law.
    Law(&'static str),
    /// An identity of the table.
    Rule(&'static Rule),
}

impl How {
    /// The textbook name.
    pub fn name(self) -> &'static str {
        match self {
            How::Law(name) => name,
            How::Rule(rule) => rule.name,
        }
    }
}

impl PartialEq for How {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (How::Law(a), How::Law(b)) => a == b,
            (How::Rule(a), How::Rule(b)) => std::ptr::eq(*a, *b),
            _ => false,
        }
    }
}

/// A form that may be shorter, and what made it.
type Candidate = (Id, How);

/// Brings expressions into their shortest readable form, and keeps what it has found.
pub struct Simplifier {
    canon: Canon,
    pretty: Pretty,
    named: Named,
    names: Names,
    /// For each canonical region that was looked at the forms on the way to its best one, the last.
    found: HashMap<(Id, bool), Vec<Candidate>>,
    /// What was replaced by what on the way to the last result, in order.
    events: Vec<(Id, Candidate)>,
    /// What is left of [`EFFORT`], questions not counted.
    effort: u64,
    /// Whether what is simplified is known to have a value, so that results can be held to its domain.
    gated: bool,
}

/// One rewrite that a reader can follow.
#[derive(Clone, PartialEq, Debug)]
pub struct Move {
    /// What was done, the most telling last.
    pub how: Vec<How>,
    /// The function that was recognised, where one was.
    pub function: Option<FunctionId>,
    /// The expression afterwards, in readable form.
    pub after: Id,
}

impl Move {
    /// The names of what was done, each once.
    pub fn name(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for how in &self.how {
            if !names.contains(&how.name()) {
                names.push(how.name());
            }
        }
        names.join(", ")
    }
}

impl Simplifier {
    /// A simplifier that takes `known` for true.
    pub fn new(known: &Known) -> Self {
        Simplifier {
            canon: Canon::new(known),
            pretty: Pretty::default(),
            named: Named::new(Which::By(Names::Textbook)),
            names: Names::Textbook,
            found: HashMap::new(),
            events: Vec::new(),
            effort: EFFORT,
            gated: false,
        }
    }

    /// A simplifier for what has a value only where these conditions hold, beyond what is known. They are taken for true, and a
    /// result that needs more than they say is given up.
    pub fn within(known: &Known, g: &mut Graph, conditions: &[Id]) -> Self {
        let mut seen = HashSet::new();
        let conditions: Vec<Id> = conditions.iter().copied().filter(|c| seen.insert(*c)).collect();
        if conditions.len() > CONDITIONS {
            return Simplifier::new(known);
        }
        let here = gate::with_domain(known, g, &conditions);
        Simplifier { gated: true, ..Simplifier::new(&here) }
    }

    /// With these names.
    #[must_use]
    pub fn named(mut self, names: Names) -> Self {
        self.names = names;
        self.named = Named::new(Which::By(names));
        if names == Names::All {
            self.pretty = Pretty::with_cube_roots();
        }
        self
    }

    /// The work that was done so far, in products of terms.
    pub fn work(&mut self) -> u64 {
        EFFORT - self.effort + QUESTION * self.canon.prover().asked()
    }

    /// The prover it asks.
    pub fn prover(&mut self) -> &mut Prover {
        self.canon.prover()
    }

    /// Like terms and factors collected, numbers computed; nothing cancelled across a sum. Readable.
    pub fn collected(&mut self, g: &mut Graph, e: Id) -> Id {
        let c = self.canon.of(g, e);
        self.pretty.of(g, c)
    }

    /// The canonical form: equal ids for what collecting alone shows to be equal.
    pub fn canonical(&mut self, g: &mut Graph, e: Id) -> Id {
        self.canon.of(g, e)
    }

    /// The shortest readable form that was found, named forms not yet recognised.
    pub fn cancelled(&mut self, g: &mut Graph, e: Id) -> Id {
        let c = self.canon.of(g, e);
        let best = self.regions(g, c, false);
        self.pretty.of(g, best)
    }

    /// The shortest readable form that was found and that asks for no more than what is known.
    pub fn shortest(&mut self, g: &mut Graph, e: Id) -> Id {
        self.shortest_admitted(g, e).unwrap_or_else(|| self.with_plain_sums(g, e))
    }

    /// The shortest readable form that asks for no more than what is known; none where each form of the whole does.
    fn shortest_admitted(&mut self, g: &mut Graph, e: Id) -> Option<Id> {
        let found = self.improved_until_still(g, e);
        if self.admits(g, found, e) {
            return Some(found);
        }
        self.events.clear();
        let plainer = [self.cancelled(g, e), self.collected(g, e)];
        plainer.into_iter().find(|form| self.admits(g, *form, e))
    }

    /// The expression as it stands, but with each sum in it collected that may be by itself: `(p - 1) - 1` in an exponent is `p - 2`.
    fn with_plain_sums(&mut self, g: &mut Graph, e: Id) -> Id {
        let plain = walk::rebuild(g, e, |g, id, kids| {
            let made = if g.children(id) == kids { id } else { g.with_children(id, kids) };
            if !matches!(g.view(made), View::Add(_)) {
                return made;
            }
            let plain = self.collected(g, made);
            if measure(g, plain) < measure(g, made) && self.admits(g, plain, made) { plain } else { made }
        });
        ordered(g, plain)
    }

    /// Whether a form has a value wherever `e` has, as far as that is asked for.
    fn admits(&mut self, g: &mut Graph, form: Id, e: Id) -> bool {
        !self.gated || gate::admits(&mut self.canon, g, form, e)
    }

    /// Round after round, while the measure goes down: what comes out is a fixed point.
    fn improved_until_still(&mut self, g: &mut Graph, e: Id) -> Id {
        self.events.clear();
        let typed = if has_derivative(g, e) { None } else { Some(ordered(g, e)) };
        let mut best = self.once(g, e);
        for _ in 1..ROUNDS {
            let next = self.once(g, best);
            if measure(g, next) >= measure(g, best) {
                break;
            }
            best = next;
        }
        match typed {
            // the form as it was typed wins where nothing is shorter
            Some(typed) if measure(g, best) > measure(g, typed) => typed,
            _ => best,
        }
    }

    fn once(&mut self, g: &mut Graph, e: Id) -> Id {
        let c = self.canon.of(g, e);
        let best = self.regions(g, c, true);
        let readable = self.pretty.of(g, best);
        let collected = self.pretty.of(g, c);
        if measure(g, collected) < measure(g, readable) { collected } else { readable }
    }

    /// The moves from `e` to its shortest form: each brings the measure down, and what does not is done within the next.
    pub fn moves(&mut self, g: &mut Graph, e: Id) -> Vec<Move> {
        let Some(shortest) = self.shortest_admitted(g, e) else {
            let plain = self.with_plain_sums(g, e);
            return if differs(g, e, plain) { vec![told(g, e, plain, vec![How::Law("collect")])] } else { Vec::new() };
        };
        let mut events = std::mem::take(&mut self.events);
        events.truncate(TELLING / walk::topological(g, &[e]).len().max(1));
        let mut out: Vec<Move> = Vec::new();
        let mut state = self.canon.of(g, e);
        let mut last = e;
        let mut how: Vec<How> = Vec::new();
        let collected = self.pretty.of(g, state);
        if measure(g, e) <= named::NAMED {
            how.extend(named::acting(&mut self.canon, g, e).into_iter().map(How::Rule));
        }
        self.show(g, &mut out, &mut last, (collected, How::Law("collect")), &mut how, shortest);
        for (before, (after, why)) in events {
            if state == before {
                state = after;
            } else {
                let raw = walk::substitute(g, state, &HashMap::from([(before, after)]));
                if raw == state {
                    continue;
                }
                state = self.canon.of(g, raw);
            }
            let readable = self.pretty.of(g, state);
            self.show(g, &mut out, &mut last, (readable, why), &mut how, shortest);
        }
        if differs(g, last, shortest) {
            out.push(told(g, last, shortest, how));
        }
        self.shortcut(g, e, &mut out);
        // what one rule does in several places is one move
        out.dedup_by(|next, earlier| {
            let same = next.how == earlier.how;
            if same {
                earlier.after = next.after;
                earlier.function = next.function.or(earlier.function);
            }
            same
        });
        out
    }

    /// Makes one move of several where a single rule of the table leads as far: parts are improved before the whole that they
    /// stand in, which a reader need not see.
    fn shortcut(&mut self, g: &mut Graph, e: Id, moves: &mut Vec<Move>) {
        let mut before = e;
        let mut k = 0;
        while k < moves.len() {
            let few = if measure(g, before) <= named::NAMED { moves.len() } else { 0 };
            for last in (k + 1..few).rev() {
                if let Some(rule) = named::at_once(&mut self.canon, g, before, moves[last].after) {
                    moves.drain(k..last);
                    moves[k] = told(g, before, moves[k].after, vec![How::Rule(rule)]);
                    break;
                }
            }
            before = moves[k].after;
            k += 1;
        }
    }

    /// Adds a state where it reads shorter than the last one and no shorter than the final one, and needs no more than it.
    fn show(&mut self, g: &mut Graph, out: &mut Vec<Move>, last: &mut Id, (form, why): Candidate, how: &mut Vec<How>, end: Id) {
        let size = measure(g, form);
        how.push(why);
        let done = measure(g, *last) <= measure(g, end);
        // nobody needs a line for signs put in order
        let worth = *how != [How::Law("collect")] || shape_of_change(g, *last, form) != "tidy";
        let on_the_way = size < measure(g, *last) && (size > measure(g, end) || !differs(g, form, end));
        // the end was admitted, but a state on the way to it may divide by what is 0 somewhere
        if on_the_way && !done && worth && (form == end || self.admits(g, form, *last)) {
            out.push(told(g, *last, form, std::mem::take(how)));
            *last = form;
        }
    }

    /// Brings each region to its best form, the innermost first: what a region reads with its parts improved, or as it stands.
    fn regions(&mut self, g: &mut Graph, root: Id, recognise: bool) -> Id {
        let order = walk::topological(g, &[root]);
        if order.len() > SMALL {
            return root;
        }
        let mut light: IdMap<Id> = IdMap::default();
        for id in order {
            let kids: Vec<Id> = g.children(id).iter().map(|c| light.get(c).copied().unwrap_or(*c)).collect();
            let made = if kids.is_empty() { id } else { self.rebuilt(g, id, &kids) };
            let best = if made == id { self.region(g, id, recognise) } else { self.better_region(g, made, id, recognise) };
            light.insert(id, best);
        }
        light.get(&root).copied().unwrap_or(root)
    }

    /// The best form of a region with its parts improved, or of the region as it stood.
    fn better_region(&mut self, g: &mut Graph, improved: Id, raw: Id, recognise: bool) -> Id {
        let start = self.events.len();
        let a = self.region(g, improved, recognise);
        let middle = self.events.len();
        let b = self.region(g, raw, recognise);
        let (ra, rb) = (self.pretty.of(g, a), self.pretty.of(g, b));
        if measure(g, ra) <= measure(g, rb) {
            self.events.truncate(middle);
            a
        } else {
            self.events.drain(start..middle);
            b
        }
    }

    fn rebuilt(&mut self, g: &mut Graph, id: Id, kids: &[Id]) -> Id {
        if g.children(id) == kids {
            return id;
        }
        let raw = g.with_children(id, kids);
        self.canon.of(g, raw)
    }

    /// The shortest form of one region.
    fn region(&mut self, g: &mut Graph, c: Id, recognise: bool) -> Id {
        if !matches!(g.view(c), View::Add(_) | View::Mul(_) | View::Pow(..) | View::Call(..) | View::Component(..)) {
            return c;
        }
        if !self.found.contains_key(&(c, recognise)) {
            let chain = self.chain(g, c, recognise);
            let best = chain.last().map_or(c, |(form, _)| *form);
            self.found.insert((c, recognise), chain);
            self.found.entry((best, recognise)).or_default();
        }
        let chain = self.found.get(&(c, recognise)).map_or(&[][..], Vec::as_slice);
        let mut before = c;
        for candidate in chain {
            self.events.push((before, *candidate));
            before = candidate.0;
        }
        before
    }

    /// Better and better forms of one region.
    fn chain(&mut self, g: &mut Graph, c: Id, recognise: bool) -> Vec<Candidate> {
        let mut chain: Vec<Candidate> = Vec::new();
        let mut best = c;
        while chain.len() < ROUNDS && self.work() < EFFORT {
            let Some(next) = self.improved(g, best, recognise) else { break };
            best = next.0;
            chain.push(next);
        }
        chain
    }

    /// The best of the candidates for one canonical expression, where one is better than it.
    fn improved(&mut self, g: &mut Graph, c: Id, recognise: bool) -> Option<Candidate> {
        let mut pool = Pool::new(c);
        for maker in makers::OPENING.iter().filter(|m| !m.names || recognise) {
            for form in (maker.make)(&mut self.canon, g, c) {
                pool.put(form, How::Law(maker.law));
            }
        }
        for k in 0..pool.len() {
            self.rational_candidates(g, k, &mut pool);
        }
        for k in 0..pool.len() {
            let (form, how) = pool.forms[k];
            for maker in makers::CLOSING {
                for closed in (maker.make)(&mut self.canon, g, form) {
                    pool.put(closed, if k == 0 { How::Law(maker.law) } else { how });
                }
            }
        }
        if recognise {
            for k in 0..pool.len() {
                let (form, how) = pool.forms[k];
                let (named, rule) = self.named.forms(&mut self.canon, g, form);
                pool.put(named, rule.map_or(how, How::Rule));
            }
        }
        let nodes = price(g, c);
        self.effort = self.effort.saturating_sub(PASSES * nodes * pool.len() as u64);
        let old = calls_in(g, c);
        let sizes = pool.forms.iter().map(|(form, _)| {
            let readable = self.pretty.of(g, *form);
            // in a textbook one more function has to be read as well, or one at another place
            let names = if self.names == Names::Textbook { calls_in(g, *form).saturating_sub(old) } else { 0 };
            measure(g, readable) + names
        });
        let sizes: Vec<u64> = sizes.collect();
        let mut shorter: Vec<usize> = (0..sizes.len()).filter(|k| sizes[*k] < sizes[0]).collect();
        shorter.sort_by_key(|k| sizes[*k]);
        let best = shorter.into_iter().take(TRIED).find(|k| gate::admits(&mut self.canon, g, pool.forms[*k].0, c))?;
        Some(pool.forms[best])
    }

    fn rational_candidates(&mut self, g: &mut Graph, k: usize, pool: &mut Pool) {
        let (c, how) = pool.forms[k];
        if !has_sum_in_product(g, c) {
            return;
        }
        let how = if k == 0 { How::Law("cancel") } else { how };
        let circles: &[Circle] =
            if has_circle(g, c) { &[Circle::Free, Circle::ToCosine, Circle::ToSine] } else { &[Circle::Free] };
        for circle in circles {
            if let Some(found) = rational::simplify(&mut self.canon, g, c, *circle, &mut self.effort) {
                pool.put(found.factored, how);
                if let Some(expanded) = found.expanded {
                    pool.put(expanded, how);
                }
            }
        }
    }
}

/// The nodes of a region; a long sum or product counts for more, since rules look for pairs in it.
fn price(g: &Graph, c: Id) -> u64 {
    let of = |id: &Id| 1 + (g.children(*id).len() as u64).pow(2) / 16;
    walk::topological(g, &[c]).iter().map(of).sum()
}

/// The candidates for one region, each once; the first is the region as it stands.
struct Pool {
    forms: Vec<Candidate>,
    seen: HashSet<Id>,
}

impl Pool {
    fn new(first: Id) -> Self {
        Pool { forms: vec![(first, How::Law("collect"))], seen: HashSet::from([first]) }
    }

    fn put(&mut self, form: Id, how: How) {
        if self.seen.insert(form) {
            self.forms.push((form, how));
        }
    }

    fn len(&self) -> usize {
        self.forms.len()
    }
}

/// Whether cancelling can do anything: a sum occurs somewhere in the region.
fn has_sum_in_product(g: &Graph, c: Id) -> bool {
    match g.view(c) {
        View::Add(_) => true,
        View::Mul(factors) => factors.iter().any(|f| has_sum_in_product(g, *f)),
        View::Pow(b, _) => matches!(g.view(b), View::Add(_)),
        _ => false,
    }
}

/// How many different calls occur.
fn calls_in(g: &Graph, e: Id) -> u64 {
    walk::topological(g, &[e]).into_iter().filter(|id| matches!(g.view(*id), View::Call(..))).count() as u64
}

fn has_circle(g: &Graph, c: Id) -> bool {
    let mut seen = [false; 4];
    for id in walk::topological(g, &[c]) {
        if let View::Call(f, _) = g.view(id)
            && let Some(k) = ["sin", "cos", "sinh", "cosh"].iter().position(|n| *n == f.name())
        {
            seen[k] = true;
        }
    }
    (seen[0] && seen[1]) || (seen[2] && seen[3])
}

fn has_derivative(g: &Graph, e: Id) -> bool {
    walk::topological(g, &[e]).iter().any(|id| matches!(g.view(*id), View::Derivative(..)))
}

/// The expression as it was typed, with the terms of sums and the factors of products in canonical order, so that the order in
/// which they were typed does not show.
fn ordered(g: &mut Graph, e: Id) -> Id {
    walk::rebuild(g, e, |g, id, kids| {
        let mut kids = kids.to_vec();
        match g.view(id) {
            View::Add(_) => {
                order::sort_terms(g, &mut kids);
                // a minus in front reads worse than one between two terms
                if let Some(at) = kids.iter().position(|k| !matches!(g.view(*k), View::Neg(_))) {
                    kids[..=at].rotate_right(1);
                }
            }
            View::Mul(_) => kids.sort_by(|a, b| order::bases(g, *a, *b)),
            _ => {}
        }
        if g.children(id) == kids { id } else { g.with_children(id, &kids) }
    })
}

/// Whether two forms read differently.
fn differs(g: &Graph, a: Id, b: Id) -> bool {
    let large = measure(g, a).max(measure(g, b)) > PRINTABLE;
    a != b && (large || crate::expr::print::plain(g, a) != crate::expr::print::plain(g, b))
}

/// A move, with the function that came into it. What has no rule of its own is named by what a reader sees of it.
fn told(g: &Graph, before: Id, after: Id, mut how: Vec<How>) -> Move {
    how.retain(|h| !matches!(h, How::Law("collect" | "cancel" | "factor" | "multiply out")));
    if how.is_empty() {
        how.push(How::Law(shape_of_change(g, before, after)));
    }
    let (a, b) = (Shape::of(g, before), Shape::of(g, after));
    let function = b.named.iter().find(|n| !a.named.contains(n)).copied();
    Move { how, function, after }
}

/// Names what happened between two forms by what a reader sees of it.
fn shape_of_change(g: &Graph, before: Id, after: Id) -> &'static str {
    let (a, b) = (Shape::of(g, before), Shape::of(g, after));
    if b.named.iter().any(|n| !a.named.contains(n)) {
        return "recognise";
    }
    if b.quotients < a.quotients || b.below < a.below {
        if a.terms > b.terms { "combine and cancel" } else { "cancel" }
    } else if b.quotients > a.quotients {
        "common denominator"
    } else if matches!(g.view(after), View::Mul(_)) && matches!(g.view(before), View::Add(_)) {
        "factor"
    } else if b.terms < a.terms {
        "collect"
    } else {
        "tidy"
    }
}

#[derive(Default)]
struct Shape {
    quotients: usize,
    /// How much stands below the lines.
    below: u64,
    terms: usize,
    named: Vec<FunctionId>,
}

impl Shape {
    fn of(g: &Graph, e: Id) -> Self {
        let mut shape = Shape::default();
        for id in walk::topological(g, &[e]) {
            match g.view(id) {
                View::Div(_, b) => {
                    shape.quotients += 1;
                    shape.below = shape.below.saturating_add(measure(g, b));
                }
                View::Pow(_, e) if g.as_number(e).is_some_and(crate::expr::Number::is_negative) => shape.quotients += 1,
                View::Add(terms) => shape.terms += terms.len(),
                View::Call(f, _) if !shape.named.contains(&f) => shape.named.push(f),
                _ => {}
            }
        }
        shape
    }
}
