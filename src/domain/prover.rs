//! The three-valued prover: intervals of every node, signs of polynomials, and what is taken for true. Everything it
//! proves holds wherever the condition is defined; what it cannot decide it calls unknown.

use super::definitions::Definitions;
use super::domain_of::domain_of;
use super::facts::{flipped, rational};
use super::interval::{Interval, Signs, Span};
use super::poly::{self, Key, Monomial, Poly};
use super::range;
use super::univariate::{self, Root, Univariate};
use super::{Known, Verdict};
use crate::expr::{Graph, Id, Number, Relation, Symbol, View, walk};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// How deep one question may lead to others.
const DEPTH: u32 = 6;
/// How many levels of alternatives an opposite is written out.
const NESTED: u32 = 6;
/// How many nodes an inner sum may have for its sign to be looked at as a polynomial's.
const INNER_NODES: usize = 40;
/// How many nodes a condition may have to be solved before it is taken for true.
const LEARN_NODES: usize = 400;
/// How many questions may be thought about, and conditions taken in, in all; later questions stay unknown.
const QUESTIONS: u64 = 20_000;

/// Answers questions about one body of knowledge, and remembers what it found on the way.
#[derive(Clone, Default)]
pub struct Prover {
    /// Still to be taken in.
    pending: Vec<Id>,
    definitions: Definitions,
    /// Conditions that hold as they are written.
    held: HashSet<Id>,
    /// What is known of single nodes.
    bounds: HashMap<Id, Interval>,
    /// What is known of polynomials, up to scaling and shifting, exactly.
    lines: HashMap<Key, Line>,
    /// Polynomials that are known to be positive, or at least 0 (`false`).
    positive: Vec<(Poly, bool)>,
    /// Expressions that are no whole numbers.
    broken: Vec<Id>,
    /// Alternatives of which one holds.
    cases: Vec<Vec<Id>>,
    ranges: HashMap<Id, Interval>,
    answers: HashMap<Id, Verdict>,
    depth: u32,
    /// Questions thought about, by this prover and those that came from it.
    asked: Rc<Cell<u64>>,
}

/// A part of the real line: ends and single points that are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Line {
    /// From where to where.
    pub span: Span,
    /// Points that are left out, ascending.
    pub holes: Vec<Number>,
}

impl Line {
    /// The points for which a comparison with `bound` holds.
    pub fn of(relation: Relation, bound: &Number) -> Self {
        let end = |open: bool| Some((bound.clone(), open));
        let span = match relation {
            Relation::Less => (None, end(true)),
            Relation::LessEqual => (None, end(false)),
            Relation::Greater => (end(true), None),
            Relation::GreaterEqual => (end(false), None),
            Relation::Equal => (end(false), end(false)),
            Relation::NotEqual => return Line { span: (None, None), holes: vec![bound.clone()] },
        };
        Line { span, holes: Vec::new() }
    }

    /// The points in both.
    pub fn and(&self, other: &Line) -> Line {
        let low = [&self.span.0, &other.span.0].into_iter().flatten().max_by(|a, b| a.cmp(b)).cloned();
        let high = [&self.span.1, &other.span.1].into_iter().flatten().min_by(|a, b| (&a.0, !a.1).cmp(&(&b.0, !b.1))).cloned();
        let mut out = Line { span: (low, high), holes: self.holes.iter().chain(&other.holes).cloned().collect() };
        out.settle();
        out
    }

    /// Opens ends that are holes, and forgets holes outside.
    fn settle(&mut self) {
        for (end, open) in [&mut self.span.0, &mut self.span.1].into_iter().flatten() {
            *open |= self.holes.contains(end);
        }
        let span = self.span.clone();
        self.holes.retain(|h| univariate::inside(h, &span));
        self.holes.sort();
        self.holes.dedup();
    }

    /// Whether it has no points.
    pub fn is_empty(&self) -> bool {
        match &self.span {
            (Some((low, a)), Some((high, b))) => low > high || (low == high && (*a || *b)),
            _ => false,
        }
    }

    /// Whether every point is left or right of, or at, `bound` as the relation says; and whether none is.
    fn decides(&self, relation: Relation, bound: &Number) -> Verdict {
        let holds = Line::of(relation, bound);
        let fails = Line::of(relation.negated(), bound);
        if self.and(&fails).is_empty() || (relation == Relation::NotEqual && !self.contains(bound)) {
            return Verdict::Proved;
        }
        if self.and(&holds).is_empty() || (relation == Relation::Equal && !self.contains(bound)) {
            return Verdict::Refuted;
        }
        Verdict::Unknown
    }

    /// Whether a point is in it.
    pub fn contains(&self, x: &Number) -> bool {
        univariate::inside(x, &self.span) && !self.holes.contains(x)
    }
}

impl Prover {
    /// A prover for this knowledge. What the assumptions imply is worked out at the first question.
    pub fn new(known: &Known) -> Self {
        Prover { pending: known.conditions.clone(), definitions: known.definitions.clone(), ..Prover::default() }
    }

    /// The same knowledge and more.
    pub fn with(&self, conditions: &[Id]) -> Self {
        let mut more = Prover { ranges: HashMap::new(), answers: HashMap::new(), depth: self.depth + 1, ..self.clone() };
        more.pending.extend_from_slice(conditions);
        more
    }

    /// Takes one more condition for true.
    pub fn assume(&mut self, condition: Id) {
        self.pending.push(condition);
    }

    /// Counts one question; whether there were too many, so that what is left stays unknown.
    pub fn tired(&self) -> bool {
        let asked = self.asked.get() + 1;
        self.asked.set(asked);
        asked > QUESTIONS
    }

    /// How many questions were thought about, by this prover and those that came from it.
    pub fn asked(&self) -> u64 {
        self.asked.get()
    }

    /// Whether the condition holds wherever it is defined and everything known holds.
    pub fn prove(&mut self, g: &mut Graph, condition: Id) -> Verdict {
        self.learn(g);
        if let Some(answer) = self.answers.get(&condition) {
            return *answer;
        }
        let answer = if self.tired() { Verdict::Unknown } else { self.decide(g, condition) };
        self.answers.insert(condition, answer);
        answer
    }

    /// Whether it is proved.
    pub fn proves(&mut self, g: &mut Graph, condition: Id) -> bool {
        self.prove(g, condition) == Verdict::Proved
    }

    /// Whether a simple condition always or never holds, by signs and intervals alone; `None` where they do not say.
    pub(super) fn quick(&mut self, g: &mut Graph, condition: Id) -> Option<bool> {
        self.learn(g);
        if self.holds_opposite(g, condition) {
            return Some(false);
        }
        let answer = match g.view(condition) {
            _ if self.held.contains(&condition) => Some(Verdict::Proved),
            View::Compare(r, a, b) => {
                let signs = self.difference_signs(g, a, b);
                settled(r, signs).or_else(|| {
                    let difference = difference(g, a, b)?;
                    settled(r, signs.and(self.poly_signs(g, &difference)))
                })
            }
            View::IsInteger(a) => Some(self.decide_integer(g, a)),
            View::Truth(t) => return Some(t),
            _ => None,
        };
        match answer? {
            Verdict::Proved => Some(true),
            Verdict::Refuted => Some(false),
            Verdict::Unknown => None,
        }
    }

    /// Encloses the values of an expression wherever it is defined.
    pub fn range(&mut self, g: &mut Graph, id: Id) -> Interval {
        self.learn(g);
        self.interval(g, id)
    }

    /// The signs that an expression may have.
    pub fn signs(&mut self, g: &mut Graph, id: Id) -> Signs {
        self.range(g, id).signs()
    }

    /// What is known exactly of an atom's or a polynomial's values, together with its interval.
    pub fn line(&mut self, g: &mut Graph, id: Id) -> Line {
        let range = self.range(g, id);
        let near = Line { span: range.exact_ends(), holes: if range.nonzero { vec![Number::integer(0)] } else { Vec::new() } };
        let key = vec![(vec![(id, 1)], Number::integer(1))];
        match self.lines.get(&key) {
            Some(line) => near.and(line),
            None => near.and(&Line::default()),
        }
    }

    // ---- taking in what is known

    fn learn(&mut self, g: &mut Graph) {
        if self.pending.is_empty() {
            return;
        }
        self.ranges.clear();
        self.answers.clear();
        let given = std::mem::take(&mut self.pending);
        let implied = domain_of_all(g, &given);
        for c in super::facts::conjuncts(g, &given).into_iter().chain(implied) {
            self.take(g, c);
            for simple in self.solved(g, c).unwrap_or_default() {
                self.take(g, simple);
            }
        }
        self.spread(g);
    }

    /// The condition as bounds on atoms; none where it is too large, or too much was asked, for it to be solved.
    fn solved(&mut self, g: &mut Graph, condition: Id) -> Option<Vec<Id>> {
        if self.depth >= DEPTH || self.tired() || walk::topological(g, &[condition]).len() > LEARN_NODES {
            return None;
        }
        if let Some(found) = self.definitions.solution(g, condition, self.depth) {
            return Some(found);
        }
        // the condition itself must not make its own solution trivial
        let mut bare = Prover {
            definitions: self.definitions.clone(),
            depth: self.depth + 1,
            asked: self.asked.clone(),
            ..Prover::default()
        };
        let found = super::solve::solve(g, &mut bare, condition);
        // whoever is less tired may find more
        if self.asked() <= QUESTIONS {
            self.definitions.keep_solution(g, condition, self.depth, &found);
        }
        Some(found)
    }

    fn take(&mut self, g: &mut Graph, condition: Id) {
        if !self.held.insert(condition) || self.tired() {
            return;
        }
        self.ranges.clear();
        match g.view(condition) {
            View::And(parts) => {
                let parts = parts.to_vec();
                parts.into_iter().for_each(|part| self.take_simple(g, part));
            }
            View::Or(parts) => {
                let parts = parts.to_vec();
                self.take_either(g, &parts);
                self.cases.push(parts);
            }
            _ => self.take_simple(g, condition),
        }
    }

    fn take_simple(&mut self, g: &mut Graph, condition: Id) {
        self.held.insert(condition);
        match g.view(condition) {
            View::Compare(r, a, b) => self.take_comparison(g, r, a, b),
            View::IsInteger(a) => self.bound(a, Interval { integer: true, ..Interval::REALS }),
            View::Not(inner) => {
                if let View::IsInteger(a) = g.view(inner) {
                    self.bound(a, Interval { nonzero: true, ..Interval::REALS });
                    self.broken.push(a);
                }
            }
            _ => {}
        }
    }

    fn take_comparison(&mut self, g: &mut Graph, r: Relation, a: Id, b: Id) {
        if let Some(n) = rational(g, b) {
            let bound = Interval::bounded(r, Interval::of_number(&n));
            self.bound(a, bound);
        }
        if let Some(n) = rational(g, a) {
            let bound = Interval::bounded(r.mirrored(), Interval::of_number(&n));
            self.bound(b, bound);
        }
        let Some(difference) = difference(g, a, b) else { return };
        match r {
            Relation::Greater => self.positive.push((difference.clone(), true)),
            Relation::GreaterEqual => self.positive.push((difference.clone(), false)),
            Relation::Less => self.positive.push((difference.scaled(&Number::integer(-1)), true)),
            Relation::LessEqual => self.positive.push((difference.scaled(&Number::integer(-1)), false)),
            _ => {}
        }
        if Signs::where_holds(r).within(Signs::NONZERO) {
            // a product that is not 0 has no factor that is
            for (atom, _) in difference.without_content().0 {
                self.bound(atom, Interval { nonzero: true, ..Interval::REALS });
            }
        }
        let Some((key, line)) = on_line(&difference, r) else { return };
        if let [(monomial, _)] = &key[..]
            && let [(atom, 1)] = monomial[..]
        {
            self.bound(atom, enclosing(&line));
        }
        let both = self.lines.get(&key).map_or_else(|| line.clone(), |old| old.and(&line));
        self.lines.insert(key, both);
    }

    /// One of several conditions holds: keeps what all of them say of the same expression.
    fn take_either(&mut self, g: &mut Graph, parts: &[Id]) {
        let mut keys: HashMap<Id, Interval> = HashMap::new();
        for (k, part) in parts.iter().enumerate() {
            let mut alone = Prover { depth: self.depth + 1, ..Prover::default() };
            alone.take(g, *part);
            if k == 0 {
                keys = alone.bounds;
            } else {
                keys.retain(|id, _| alone.bounds.contains_key(id));
                for (id, bound) in &mut keys {
                    *bound = alone.bounds.get(id).map_or(Interval::REALS, |other| bound.or(*other));
                }
            }
        }
        for (id, bound) in keys {
            self.bound(id, bound);
        }
    }

    fn bound(&mut self, id: Id, bound: Interval) {
        let old = self.bounds.get(&id).copied().unwrap_or(Interval::REALS);
        self.bounds.insert(id, old.refined(bound));
    }

    /// From `x - y > 0` and a bound on `y` to one on `x`: twice over every inequality.
    fn spread(&mut self, g: &mut Graph) {
        for _ in 0..2 {
            for k in 0..self.positive.len() {
                let (poly, strict) = self.positive[k].clone();
                self.spread_one(g, &poly, strict);
            }
        }
    }

    fn spread_one(&mut self, g: &mut Graph, poly: &Poly, strict: bool) {
        let terms: Vec<(Monomial, Number)> = poly.terms().map(|(m, c)| (m.clone(), c.clone())).collect();
        if terms.len() > 8 || terms.len() < 2 {
            return;
        }
        for (k, (monomial, c)) in terms.iter().enumerate() {
            let [(atom, 1)] = monomial[..] else { continue };
            // c*atom > -(the rest)
            let others = terms.iter().enumerate().filter(|(j, _)| *j != k);
            let rest = others.map(|(_, (m, c))| self.term_interval(g, m, c)).reduce(Interval::plus);
            let Some(rest) = rest else { continue };
            let least = Interval::bounded(if strict { Relation::Greater } else { Relation::GreaterEqual }, rest.negated());
            let bound = least.over(Interval::of_number(c));
            if bound.low.is_finite() || bound.high.is_finite() {
                self.bound(atom, bound);
                self.ranges.clear();
            }
        }
    }

    fn term_interval(&mut self, g: &mut Graph, m: &Monomial, c: &Number) -> Interval {
        m.iter().fold(Interval::of_number(c), |product, (a, k)| product.times(self.interval(g, *a).power(i64::from(*k))))
    }

    // ---- intervals

    /// One pass over the nodes below that were not visited before, children first.
    fn interval(&mut self, g: &mut Graph, root: Id) -> Interval {
        let mut stack = vec![(root, false)];
        let mut open: HashSet<Id> = HashSet::new();
        while let Some((id, ready)) = stack.pop() {
            if self.ranges.contains_key(&id) {
                continue;
            }
            if ready {
                let value = self.node_interval(g, id);
                open.remove(&id);
                self.ranges.insert(id, value);
            } else if open.insert(id) {
                stack.push((id, true));
                let definition = g.as_symbol(id).and_then(|s| self.definitions.get(&s));
                stack.extend(g.children(id).iter().chain(definition).map(|c| (*c, false)));
            }
        }
        self.ranges.get(&root).copied().unwrap_or(Interval::REALS)
    }

    fn node_interval(&mut self, g: &mut Graph, id: Id) -> Interval {
        let of = |c: Id| self.ranges.get(&c).copied().unwrap_or(Interval::REALS);
        let mut value = match g.as_symbol(id).and_then(|s| self.definitions.get(&s)) {
            Some(definition) => of(*definition),
            None => range::arithmetic(g, id, &of).unwrap_or(Interval::REALS),
        };
        if let Some(bound) = self.bounds.get(&id) {
            value = value.refined(*bound);
        }
        let ambiguous = value.signs() == Signs::ANY || value.contains(0.0);
        if ambiguous && matches!(g.view(id), View::Add(_)) && self.depth < DEPTH {
            let signs = Poly::of(g, id, INNER_NODES).map_or(Signs::ANY, |p| self.poly_signs(g, &p));
            value = value.with_signs(signs);
        }
        value
    }

    // ---- polynomials

    /// The signs that a polynomial may have, by what is known of it and of its atoms.
    pub(super) fn poly_signs(&mut self, g: &mut Graph, p: &Poly) -> Signs {
        if let Some(n) = p.as_constant() {
            return Signs::of(&n);
        }
        let mut signs = self.known_signs(p).and(self.termwise_signs(g, p));
        if signs.within(Signs::POSITIVE) || signs.within(Signs::NEGATIVE) || self.depth >= DEPTH {
            return signs;
        }
        self.depth += 1;
        signs = signs.and(self.factored_signs(g, p));
        if let Some((atom, u)) = p.univariate() {
            let span = self.line(g, atom);
            signs = signs.and(self.definitions.signs(u, span, line_signs));
        } else {
            signs = signs.and(self.quadratic_signs(g, p)).and(self.combined_signs(g, p));
        }
        self.depth -= 1;
        signs
    }

    /// By a known fact about the same polynomial, up to scale and shift.
    fn known_signs(&self, p: &Poly) -> Signs {
        let Some((key, scale, constant)) = p.keyed() else { return Signs::ANY };
        let Some(line) = self.lines.get(&key) else { return Signs::ANY };
        // scale*q + constant rel 0
        let Some(zero) = (-&constant).checked_div(&scale) else { return Signs::ANY };
        let mut signs = Signs::ANY;
        for (relation, sign) in
            [(Relation::Greater, Signs::POSITIVE), (Relation::Less, Signs::NEGATIVE), (Relation::Equal, Signs::ZERO)]
        {
            if line.decides(flipped(relation, scale.is_negative()), &zero) == Verdict::Refuted {
                signs = signs.and(without(sign));
            }
        }
        signs
    }

    fn termwise_signs(&mut self, g: &mut Graph, p: &Poly) -> Signs {
        let mut sum: Option<Interval> = None;
        for (m, c) in p.terms() {
            let term = self.term_interval(g, m, c);
            sum = Some(sum.map_or(term, |s| s.plus(term)));
        }
        sum.map_or(Signs::ANY, Interval::signs)
    }

    /// By taking out the atoms that every term has.
    fn factored_signs(&mut self, g: &mut Graph, p: &Poly) -> Signs {
        let (content, rest) = p.without_content();
        if content.is_empty() {
            return Signs::ANY;
        }
        let outside = self.term_interval(g, &content, &Number::integer(1)).signs();
        outside.times(self.poly_signs(g, &rest))
    }

    /// By the discriminant with respect to one of its atoms: `a*t^2 + b*t + c` with `b^2 - 4*a*c` of one sign.
    fn quadratic_signs(&mut self, g: &mut Graph, p: &Poly) -> Signs {
        for atom in p.atoms().into_iter().take(4) {
            let Some(powers) = p.by_powers_of(atom) else { continue };
            let [c, b, a] = &powers[..] else { continue };
            let Some(discriminant) = discriminant(a, b, c) else { continue };
            let lead = self.poly_signs(g, a);
            if !lead.within(Signs::POSITIVE) && !lead.within(Signs::NEGATIVE) {
                continue;
            }
            let below = self.poly_signs(g, &discriminant);
            if below.within(Signs::NEGATIVE) {
                return lead;
            }
            if !Signs::POSITIVE.within(below) {
                return lead.or(Signs::ZERO);
            }
        }
        Signs::ANY
    }

    /// By subtracting a multiple of a known inequality: from `x > y` and `y > z` to `x > z`.
    fn combined_signs(&mut self, g: &mut Graph, p: &Poly) -> Signs {
        let above = self.at_least(g, p, 2);
        let below = self.at_least(g, &p.scaled(&Number::integer(-1)), 2).negated();
        above.and(below)
    }

    fn at_least(&mut self, g: &mut Graph, p: &Poly, rounds: u32) -> Signs {
        let nonnegative = Signs::where_holds(Relation::GreaterEqual);
        for k in 0..self.positive.len().min(24) {
            let (fact, strict) = self.positive[k].clone();
            let Some(rest) = reduced_by(p, &fact) else { continue };
            let mut signs = self.known_signs(&rest).and(self.termwise_signs(g, &rest));
            if rounds > 1 && !signs.within(nonnegative) {
                signs = signs.and(self.at_least(g, &rest, rounds - 1));
            }
            if signs.within(nonnegative) && !signs.is_empty() {
                return if strict || signs.within(Signs::POSITIVE) { Signs::POSITIVE } else { nonnegative };
            }
        }
        Signs::ANY
    }

    // ---- conditions

    fn decide(&mut self, g: &mut Graph, condition: Id) -> Verdict {
        if self.held.contains(&condition) {
            return Verdict::Proved;
        }
        if self.holds_opposite(g, condition) {
            return Verdict::Refuted;
        }
        if self.depth >= DEPTH {
            return Verdict::Unknown;
        }
        self.depth += 1;
        let answer = match g.view(condition) {
            View::Truth(t) => {
                if t {
                    Verdict::Proved
                } else {
                    Verdict::Refuted
                }
            }
            View::Compare(r, a, b) => self.decide_comparison(g, condition, r, a, b),
            View::And(parts) => {
                let parts = parts.to_vec();
                self.decide_all(g, &parts)
            }
            View::Or(parts) => {
                let parts = parts.to_vec();
                self.decide_any(g, &parts)
            }
            View::Not(inner) => self.prove(g, inner).negated(),
            View::IsInteger(a) => self.decide_integer(g, a),
            _ => Verdict::Unknown,
        };
        let answer = if answer == Verdict::Unknown { self.decide_by_cases(g, condition) } else { answer };
        self.depth -= 1;
        answer
    }

    /// Whether the opposite of alternatives, or of conditions that hold together, is held as it is written.
    fn holds_opposite(&self, g: &mut Graph, condition: Id) -> bool {
        matches!(g.view(condition), View::And(_) | View::Or(_)) && {
            let opposite = opposite(g, condition, NESTED);
            self.held.contains(&opposite)
        }
    }

    /// By what follows from each of some alternatives.
    fn decide_by_cases(&mut self, g: &mut Graph, condition: Id) -> Verdict {
        for k in 0..self.cases.len().min(4) {
            let ways = self.cases[k].clone();
            if ways.len() > 4 || self.depth + 2 >= DEPTH {
                continue;
            }
            let all = ways.into_iter().all(|way| {
                let mut under = self.with(&[way]);
                under.cases.remove(k);
                under.proves(g, condition)
            });
            if all {
                return Verdict::Proved;
            }
        }
        Verdict::Unknown
    }

    fn decide_all(&mut self, g: &mut Graph, parts: &[Id]) -> Verdict {
        let mut all = Verdict::Proved;
        for part in parts {
            match self.prove(g, *part) {
                Verdict::Refuted => return Verdict::Refuted,
                Verdict::Unknown => all = Verdict::Unknown,
                Verdict::Proved => {}
            }
        }
        all
    }

    fn decide_any(&mut self, g: &mut Graph, parts: &[Id]) -> Verdict {
        let mut any = Verdict::Refuted;
        for part in parts {
            match self.prove(g, *part) {
                Verdict::Proved => return Verdict::Proved,
                Verdict::Unknown => any = Verdict::Unknown,
                Verdict::Refuted => {}
            }
        }
        if any == Verdict::Unknown && parts.len() <= 8 && self.covers(g, parts) { Verdict::Proved } else { any }
    }

    /// Whether some part must hold where all others fail. A part that is not defined fails too, so the others must be.
    fn covers(&mut self, g: &mut Graph, parts: &[Id]) -> bool {
        (0..parts.len()).any(|k| {
            let others: Vec<Id> = (0..parts.len()).filter(|j| *j != k).map(|j| g.not(parts[j])).collect();
            let mut inner = self.with(&others);
            inner.depth < DEPTH && inner.proves(g, parts[k])
        })
    }

    /// Whether an expression is, up to a whole number and its sign, one that is known not to be whole.
    fn is_broken(&self, g: &Graph, p: &Poly) -> bool {
        let is_whole = |d: Option<Poly>| d.and_then(|d| d.as_constant()).is_some_and(|n| n.is_integer());
        let minus_one = Number::integer(-1);
        self.broken
            .iter()
            .filter_map(|id| Poly::of(g, *id, poly::NODES))
            .any(|q| is_whole(p.minus(&q)) || is_whole(p.minus(&q.scaled(&minus_one))))
    }

    fn decide_integer(&mut self, g: &mut Graph, a: Id) -> Verdict {
        let range = self.interval(g, a);
        if range.integer {
            return Verdict::Proved;
        }
        if !self.broken.is_empty() && Poly::of(g, a, poly::NODES).is_some_and(|p| self.is_broken(g, &p)) {
            return Verdict::Refuted;
        }
        let whole = range.and(Interval { integer: true, ..Interval::REALS });
        if rational(g, a).is_some_and(|n| !n.is_integer()) || whole.is_empty() { Verdict::Refuted } else { Verdict::Unknown }
    }

    fn decide_comparison(&mut self, g: &mut Graph, condition: Id, r: Relation, a: Id, b: Id) -> Verdict {
        let mut signs = self.difference_signs(g, a, b);
        if let Some(answer) = settled(r, signs) {
            return answer;
        }
        if let Some(difference) = difference(g, a, b) {
            if !self.broken.is_empty() && self.is_broken(g, &difference) {
                signs = signs.and(Signs::NONZERO);
            }
            signs = signs.and(self.poly_signs(g, &difference));
            if let Some(answer) = settled(r, signs) {
                return answer;
            }
        }
        match self.decide_solved(g, condition) {
            Verdict::Unknown => self.decide_expanded(g, condition),
            answer => answer,
        }
    }

    fn difference_signs(&mut self, g: &mut Graph, a: Id, b: Id) -> Signs {
        if a == b {
            return Signs::ZERO;
        }
        let (left, right) = (self.interval(g, a), self.interval(g, b));
        if g.is_zero(b) {
            return left.signs();
        }
        if g.is_zero(a) {
            return right.negated().signs();
        }
        left.plus(right.negated()).signs()
    }

    /// By the same condition solved for its atoms. Only a solution that differs says more.
    fn decide_solved(&mut self, g: &mut Graph, condition: Id) -> Verdict {
        if self.depth + 1 >= DEPTH {
            return Verdict::Unknown;
        }
        match self.solved(g, condition) {
            Some(parts) if parts != [condition] => self.decide_all(g, &parts),
            _ => Verdict::Unknown,
        }
    }

    /// By the definitions of the stages in place of their names.
    fn decide_expanded(&mut self, g: &mut Graph, condition: Id) -> Verdict {
        if self.definitions.is_empty() || self.depth + 1 >= DEPTH {
            return Verdict::Unknown;
        }
        let used: Vec<Symbol> = walk::free_symbols(g, &[condition]);
        let map: HashMap<Id, Id> = used.iter().filter_map(|s| Some((g.symbol(*s), *self.definitions.get(s)?))).collect();
        if map.is_empty() {
            return Verdict::Unknown;
        }
        let expanded = walk::substitute(g, condition, &map);
        if walk::topological(g, &[expanded]).len() > LEARN_NODES { Verdict::Unknown } else { self.prove(g, expanded) }
    }
}

/// The answer that the possible signs of a difference give. None possible means that nothing is known to exist.
fn settled(r: Relation, signs: Signs) -> Option<Verdict> {
    let wanted = Signs::where_holds(r);
    if signs.is_empty() {
        None
    } else if signs.within(wanted) {
        Some(Verdict::Proved)
    } else if signs.and(wanted).is_empty() {
        Some(Verdict::Refuted)
    } else {
        None
    }
}

fn without(sign: Signs) -> Signs {
    [Signs::NEGATIVE, Signs::ZERO, Signs::POSITIVE].into_iter().filter(|s| *s != sign).reduce(Signs::or).unwrap_or(Signs::ANY)
}

/// `a - b` in normal form, where it is small enough.
pub fn difference(g: &Graph, a: Id, b: Id) -> Option<Poly> {
    let (left, right) = (Poly::of(g, a, poly::NODES)?, Poly::of(g, b, poly::NODES)?);
    left.minus(&right)
}

/// `p r 0` as a part of the line on which its key lies.
pub fn on_line(p: &Poly, r: Relation) -> Option<(Key, Line)> {
    let (key, scale, constant) = p.keyed()?;
    let bound = (-&constant).checked_div(&scale)?;
    let relation = flipped(r, scale.is_negative());
    Some((key, Line::of(relation, &bound)))
}

/// The interval around a part of the line.
fn enclosing(line: &Line) -> Interval {
    let low = line.span.0.as_ref().map(|(n, open)| (if *open { Relation::Greater } else { Relation::GreaterEqual }, n));
    let high = line.span.1.as_ref().map(|(n, open)| (if *open { Relation::Less } else { Relation::LessEqual }, n));
    let ends = low.into_iter().chain(high).map(|(r, n)| Interval::bounded(r, Interval::of_number(n)));
    let out = ends.reduce(Interval::and).unwrap_or(Interval::REALS);
    if line.holes.iter().any(Number::is_zero) { out.refined(Interval { nonzero: true, ..Interval::REALS }) } else { out }
}

/// The signs of a polynomial on a part of the line; a root that is a hole does not count.
fn line_signs(u: &Univariate, line: &Line) -> Signs {
    let signs = u.signs_on(&line.span);
    let only_holes = Signs::ZERO.within(signs) && {
        u.without_repeats().roots().iter().all(|r| matches!(r, Root::Rational(x) if !line.contains(x)))
    };
    if only_holes { signs.and(Signs::NONZERO) } else { signs }
}

fn discriminant(a: &Poly, b: &Poly, c: &Poly) -> Option<Poly> {
    b.times(b)?.minus(&a.times(c)?.scaled(&Number::integer(4)))
}

/// `p - k*fact` with the `k > 0` that removes the leading term of `fact`, where `p` has that term with the same sign.
fn reduced_by(p: &Poly, fact: &Poly) -> Option<Poly> {
    let (lead, c) = fact.terms().last().filter(|(m, _)| !m.is_empty())?;
    let own = p.terms().find(|(m, _)| *m == lead).map(|(_, c)| c)?;
    let factor = own.checked_div(c).filter(Number::is_positive)?;
    p.minus(&fact.scaled(&factor))
}

/// The domains of all of these, each once.
fn domain_of_all(g: &mut Graph, conditions: &[Id]) -> Vec<Id> {
    let mut out = Vec::new();
    for c in conditions {
        for d in domain_of(g, *c) {
            if !out.contains(&d) {
                out.push(d);
            }
        }
    }
    out
}

/// The opposite of a condition, written without `not` before alternatives and conditions that hold together, so many levels down.
pub(super) fn opposite(g: &mut Graph, condition: Id, levels: u32) -> Id {
    let parts = match g.view(condition) {
        View::And(parts) | View::Or(parts) if levels > 0 => parts.to_vec(),
        _ => return g.not(condition),
    };
    let either = matches!(g.view(condition), View::And(_));
    let parts: Vec<Id> = parts.into_iter().map(|part| opposite(g, part, levels - 1)).collect();
    if either { g.or(&parts) } else { g.and(&parts) }
}
