//! Compares the two sides of a step at sample points: whether there is a value first, the value second. What it calls
//! different is different; what it calls agreed was enclosed and found the same at so many points.

use super::ball::{Ball, LAST_PRECISION, START_PRECISION};
use super::evaluate::{Evaluator, Memo, Missing, Motions, Place};
use super::points::{Point, Sampler, ranges};
use super::zero::{Tester, Where};
use crate::domain::Known;
use crate::expr::{Graph, Id, Number, Symbol, View, walk};
use std::collections::{HashMap, HashSet};

/// What a step may do to the set of points that have a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Allowed {
    /// Nothing: both sides have values at the same points.
    Exact,
    /// The right side may have values where the left side has none.
    Enlarge,
}

/// What was found of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Both sides were enclosed and agree.
    Agreed {
        /// At how many points.
        points: usize,
        /// The largest relative difference that the enclosures leave open (absolute where the value is 0).
        worst: f64,
    },
    /// They certainly differ.
    Different {
        /// Where.
        point: Point,
        /// The left side there: a decimal, or why there is none.
        before: String,
        /// The right side there.
        after: String,
    },
    /// Neither could be found.
    Undecided {
        /// Why.
        reason: String,
    },
}

/// At how many points a step is checked unless told otherwise.
const POINTS: usize = 12;

/// At how many points a step is checked that was proved: some orthants and a corner.
const GLANCE: usize = 5;

/// At how many points both sides must agree before that counts, where there is anything to vary.
const LEAST: usize = 3;

/// How many candidates are tried for every point that is wanted.
const TRIES: usize = 5;

/// How much work a step may take, in products of balls at the starting precision: some 50 ms.
const WORK: u64 = 120_000;

/// A step that has not reached [`LEAST`] points may take this many times the work.
const PATIENCE: u64 = 8;

/// How many evaluated nodes are kept for later steps, over all points.
const KEPT: usize = 200_000;

/// How many candidates are drawn at most, where assumptions reject many.
const CANDIDATES: usize = 1000;

/// How many numbers of an expression become corners, with their neighbours.
const MARKS: usize = 18;

/// The precision at which two enclosures that both still hold 0 count as equal.
const ZERO_PRECISION: usize = 512;

/// The bits that must be known of a value for it to count.
const NARROW: i64 = 60;

/// A candidate point with what was evaluated there.
struct Sample {
    point: Point,
    memo: Memo,
}

/// Checks the steps of one derivation, over one graph.
pub struct Checker<'k> {
    known: &'k Known,
    definitions: HashMap<Symbol, Id>,
    /// The assumptions that speak of the symbols at hand.
    conditions: Vec<Id>,
    wanted: usize,
    work: u64,
    symbols: Vec<Symbol>,
    scanned: HashSet<Id>,
    marks: Vec<Number>,
    sampler: Option<Sampler>,
    samples: Vec<Sample>,
    drawn: usize,
    motions: Motions,
}

impl<'k> Checker<'k> {
    /// A checker that knows this.
    pub fn new(known: &'k Known) -> Self {
        Checker {
            known,
            definitions: HashMap::clone(&known.definitions),
            conditions: Vec::new(),
            wanted: POINTS,
            work: WORK,
            symbols: Vec::new(),
            scanned: HashSet::new(),
            marks: Vec::new(),
            sampler: None,
            samples: Vec::new(),
            drawn: 0,
            motions: Motions::default(),
        }
    }

    /// With another number of points.
    #[must_use]
    pub fn points(mut self, wanted: usize) -> Self {
        self.wanted = wanted.max(1);
        self
    }

    /// As [`Self::step`], at fewer points: a second look at a step that was proved otherwise, since a proof says nothing of
    /// single points.
    pub fn glance(&mut self, g: &Graph, before: Id, after: Id, class: Allowed) -> Outcome {
        let wanted = std::mem::replace(&mut self.wanted, GLANCE);
        let outcome = self.step(g, before, after, class);
        self.wanted = wanted;
        outcome
    }

    /// With another limit on the work of a step, in products of two 128-bit numbers.
    #[must_use]
    pub fn work(mut self, units: u64) -> Self {
        self.work = units;
        self
    }

    /// Lets a stage symbol vary freely, without regard to what it stands for. Otherwise its values are those that the free
    /// symbols give it, and a derivative by it lets it move by itself.
    #[must_use]
    pub fn local(mut self, stage: Symbol) -> Self {
        self.definitions.remove(&stage);
        self
    }

    /// Compares the sides of a step, by values and never by form.
    pub fn step(&mut self, g: &Graph, before: Id, after: Id, class: Allowed) -> Outcome {
        self.step_where(g, before, after, &[], class)
    }

    /// As [`Self::step`], at points where these conditions certainly hold, beyond what is known.
    pub fn step_where(&mut self, g: &Graph, before: Id, after: Id, conditions: &[Id], class: Allowed) -> Outcome {
        let mut tally = Tally::default();
        let mut different = None;
        self.visit(g, before, after, conditions, &mut tally, |at, point| {
            let (before, after) = match at {
                At::Different(l, r) | At::OnlyLeft(l, r) => (l, r),
                At::OnlyRight(l, r) if class == Allowed::Exact => (l, r),
                _ => return true,
            };
            different = Some(Outcome::Different { point: point.clone(), before, after });
            false
        });
        match different {
            Some(outcome) => outcome,
            None if tally.agreed >= tally.least => Outcome::Agreed { points: tally.agreed, worst: tally.worst },
            None => Outcome::Undecided { reason: tally.reason() },
        }
    }

    /// Compares two expressions at points until enough agree, the candidates run out, or `judge` says stop.
    fn visit(
        &mut self,
        g: &Graph,
        left: Id,
        right: Id,
        conditions: &[Id],
        tally: &mut Tally,
        mut judge: impl FnMut(At, &Point) -> bool,
    ) {
        let mut work = self.begin(g, &[&[left, right], conditions].concat(), tally);
        for number in 0..self.wanted_here() * TRIES {
            if tally.agreed >= self.wanted_here() || work.is_over(tally) || !self.have(g, number, &mut work.left) {
                break;
            }
            if self.samples[number].satisfies(g, conditions, &self.definitions, &mut self.motions, &mut work.left) {
                let at = self.look(g, number, left, right, &mut work.left);
                tally.count(&at);
                if !judge(at, &self.samples[number].point) {
                    break;
                }
            }
            if self.symbols.is_empty() {
                break;
            }
        }
        self.forget();
    }

    /// Makes ready for these expressions.
    fn begin(&mut self, g: &Graph, roots: &[Id], tally: &mut Tally) -> Work {
        self.scan(g, roots);
        tally.least = if self.symbols.is_empty() { 1 } else { LEAST.min(self.wanted) };
        let left = self.work.saturating_mul(PATIENCE);
        Work { soft: left - self.work.min(left), left }
    }

    /// Every orthant, and some corners and extremes beside them.
    fn wanted_here(&self) -> usize {
        let orthants = 1 << self.symbols.len().min(4);
        if self.wanted >= POINTS { self.wanted.max(orthants + 4) } else { self.wanted }
    }

    /// Learns which symbols occur. New ones need new points.
    fn scan(&mut self, g: &Graph, roots: &[Id]) {
        let mut found = self.free(g, roots);
        // An assumption matters when it speaks of something that occurs; then so does what else it speaks of.
        let conditions: Vec<(Id, Vec<Symbol>)> = self.known.conditions.iter().map(|c| (*c, self.free_below(g, &[*c]))).collect();
        loop {
            let linked = conditions.iter().filter(|c| c.1.iter().any(|s| found.contains(s) || self.symbols.contains(s)));
            let further: Vec<Symbol> = linked.flat_map(|c| c.1.iter().copied()).filter(|s| !found.contains(s)).collect();
            if further.is_empty() {
                break;
            }
            found.extend(further);
        }
        found.retain(|s| !self.symbols.contains(s));
        if found.is_empty() && self.sampler.is_some() {
            return;
        }
        self.symbols.extend(found);
        self.symbols.sort_unstable_by(|a, b| g.name(*a).cmp(g.name(*b)));
        self.symbols.dedup();
        self.conditions = conditions.into_iter().filter(|c| c.1.iter().all(|s| self.symbols.contains(s))).map(|c| c.0).collect();
        let ranges = ranges(g, &self.conditions, |id| closed(g, id));
        self.sampler = Some(Sampler::new(g, &self.symbols, &ranges, &self.marks));
        self.samples.clear();
        self.drawn = 0;
    }

    /// The free symbols of nodes that were not seen before, through definitions; numbers on the way become corners.
    fn free(&mut self, g: &Graph, roots: &[Id]) -> Vec<Symbol> {
        let (mut found, mut binds) = (Vec::new(), false);
        let mut open = roots.to_vec();
        while let Some(id) = open.pop() {
            if !self.scanned.insert(id) {
                continue;
            }
            open.extend_from_slice(g.children(id));
            match g.view(id) {
                View::Symbol(s) => match self.definitions.get(&s) {
                    Some(definition) => open.push(*definition),
                    None => found.push(s),
                },
                View::Series(..) => binds = true,
                View::Number(n) => self.mark(n),
                _ => {}
            }
        }
        if binds { self.free_below(g, roots) } else { found }
    }

    /// The free symbols, through definitions, with regard to bound indices.
    fn free_below(&self, g: &Graph, roots: &[Id]) -> Vec<Symbol> {
        let (mut found, mut opened) = (Vec::new(), HashSet::new());
        let mut open = walk::free_symbols(g, roots);
        while let Some(s) = open.pop() {
            if !opened.insert(s) {
                continue;
            }
            match self.definitions.get(&s) {
                Some(definition) => open.extend(walk::free_symbols(g, &[*definition])),
                None => found.push(s),
            }
        }
        found
    }

    /// A number that stands in the expression is a corner, and so is its neighbourhood.
    fn mark(&mut self, n: &Number) {
        if n.bits() > 16 || self.marks.len() >= MARKS {
            return;
        }
        let near = Number::ratio(1, 16);
        self.marks.extend([n.clone(), n + &near, n - &near]);
    }

    /// Draws until there is a sample of this number; `false` when the candidates are used up.
    fn have(&mut self, g: &Graph, number: usize, work: &mut u64) -> bool {
        let Some(sampler) = &self.sampler else { return false };
        while self.samples.len() <= number {
            if self.drawn >= CANDIDATES || *work == 0 {
                return false;
            }
            let mut sample = Sample { point: sampler.draw(self.drawn), memo: Memo::default() };
            self.drawn += 1;
            let repeated = self.samples.iter().any(|s| s.point == sample.point);
            if !repeated && sample.satisfies(g, &self.conditions, &self.definitions, &mut self.motions, work) {
                self.samples.push(sample);
            }
        }
        true
    }

    /// Compares at one sample, with more and more precision.
    fn look(&mut self, g: &Graph, number: usize, left: Id, right: Id, work: &mut u64) -> At {
        let Some(sample) = self.samples.get_mut(number) else { return At::Open("no sample point") };
        let mut precision = START_PRECISION;
        while precision <= LAST_PRECISION {
            let [l, r] = sample.values(g, [left, right], precision, &self.definitions, &mut self.motions, work);
            if let Some(at) = judge(l, r, precision) {
                return at;
            }
            precision *= 2;
        }
        At::Open("not decided at 2048 bits")
    }

    /// Drops what was evaluated, once it grows large.
    fn forget(&mut self) {
        if self.samples.iter().map(|s| s.memo.len()).sum::<usize>() > KEPT {
            self.samples.iter_mut().for_each(|s| s.memo = Memo::default());
        }
    }
}

/// The work that a comparison may still take, and where it should stop if it has found enough.
struct Work {
    left: u64,
    soft: u64,
}

impl Work {
    fn is_over(&self, tally: &Tally) -> bool {
        self.left == 0 || (self.left < self.soft && tally.agreed >= tally.least)
    }
}

impl Sample {
    /// The values of some expressions here.
    fn values<const N: usize>(
        &mut self,
        g: &Graph,
        ids: [Id; N],
        precision: usize,
        definitions: &HashMap<Symbol, Id>,
        motions: &mut Motions,
        work: &mut u64,
    ) -> [Result<Ball, Missing>; N] {
        let first = precision == START_PRECISION;
        let memo = if first { std::mem::take(&mut self.memo) } else { Memo::default() };
        let place = Place { graph: g, point: &self.point, definitions };
        let mut evaluator = Evaluator::new(place, precision, memo, motions, work);
        let values = ids.map(|id| evaluator.number(id));
        let memo = evaluator.into_memo();
        if first {
            self.memo = memo;
        }
        values
    }

    /// Whether all conditions certainly hold here.
    fn satisfies(
        &mut self,
        g: &Graph,
        conditions: &[Id],
        definitions: &HashMap<Symbol, Id>,
        motions: &mut Motions,
        work: &mut u64,
    ) -> bool {
        conditions.iter().all(|c| self.truth(g, *c, definitions, motions, work) == Ok(true))
    }

    /// Whether a condition holds here.
    fn truth(
        &mut self,
        g: &Graph,
        condition: Id,
        definitions: &HashMap<Symbol, Id>,
        motions: &mut Motions,
        work: &mut u64,
    ) -> Result<bool, Missing> {
        let mut precision = START_PRECISION;
        loop {
            let place = Place { graph: g, point: &self.point, definitions };
            let answer = Evaluator::new(place, precision, Memo::default(), motions, work).truth(condition);
            precision *= 2;
            if answer != Err(Missing::Uncertain) || precision > LAST_PRECISION {
                return answer;
            }
        }
    }
}

/// What two expressions are to each other at a point, with their values.
enum At {
    /// Enclosed and the same, up to this relative difference.
    Agreed(f64),
    /// Both have values, which differ.
    Different(String, String),
    /// Only the left one has a value.
    OnlyLeft(String, String),
    /// Only the right one has a value.
    OnlyRight(String, String),
    /// Nothing can be said, for this reason.
    Open(&'static str),
}

const NO_VALUE: &str = "no point where both sides have a value was found";

/// `None` where more precision may decide.
fn judge(left: Result<Ball, Missing>, right: Result<Ball, Missing>, precision: usize) -> Option<At> {
    match (left, right) {
        (Ok(l), Ok(r)) => judge_values(&l, &r, precision),
        (Err(Missing::Unknown(why) | Missing::NotSmooth(why)), _) | (_, Err(Missing::Unknown(why) | Missing::NotSmooth(why))) => {
            Some(At::Open(why))
        }
        (Err(Missing::Uncertain), _) | (_, Err(Missing::Uncertain)) => None,
        (Err(Missing::Undefined(_)), Err(Missing::Undefined(_))) => Some(At::Open(NO_VALUE)),
        (Ok(l), Err(Missing::Undefined(why))) => Some(At::OnlyLeft(decimal(&l, 12), format!("undefined: {why}"))),
        (Err(Missing::Undefined(why)), Ok(r)) => Some(At::OnlyRight(format!("undefined: {why}"), decimal(&r, 12))),
    }
}

fn judge_values(l: &Ball, r: &Ball, precision: usize) -> Option<At> {
    if !l.overlaps(r) {
        let digits = if decimal(l, 12) == decimal(r, 12) { 17 } else { 12 };
        return Some(At::Different(decimal(l, digits), decimal(r, digits)));
    }
    let narrow = |b: &Ball| b.relative_accuracy_bits().is_none_or(|bits| bits >= NARROW);
    let zero = l.contains_zero() && r.contains_zero() && (precision >= ZERO_PRECISION || (l.is_exact() && r.is_exact()));
    let certain = zero || (narrow(l) && narrow(r));
    if !certain {
        return None;
    }
    let gap = l.difference_bound(r, 64).map_or(f64::INFINITY, |b| b.to_f64());
    let size = if zero { 1.0 } else { l.to_f64().abs() };
    // A size beyond f64 says nothing; then the accuracy does.
    Some(At::Agreed(if size.is_normal() && gap.is_finite() { gap / size } else { (-NARROW as f64).exp2() }))
}

/// The midpoint to so many digits, or its size where f64 cannot hold it.
fn decimal(ball: &Ball, digits: usize) -> String {
    let v = ball.to_f64();
    if !v.is_finite() || (v == 0.0 && !ball.contains_zero()) {
        let size = if v == 0.0 { "very close to 0" } else { "beyond 1e308" };
        return format!("{}{size}", if ball.certainly_negative() { "negative, " } else { "" });
    }
    let rounded: f64 = format!("{v:.*e}", digits - 1).parse().unwrap_or(v);
    if rounded != 0.0 && !(1e-5..1e15).contains(&rounded.abs()) { format!("{rounded:e}") } else { format!("{rounded}") }
}

/// The value of an expression without symbols, to f64, as a bound for drawing points.
fn closed(g: &Graph, id: Id) -> Option<Number> {
    if let View::Number(n) = g.view(id) {
        return Some(n.clone());
    }
    if !walk::free_symbols(g, &[id]).is_empty() {
        return None;
    }
    let (mut motions, mut work, none) = (Motions::default(), WORK, HashMap::new());
    let place = Place { graph: g, point: &[], definitions: &none };
    let value = Evaluator::new(place, START_PRECISION, Memo::default(), &mut motions, &mut work).number(id).ok()?;
    // 2^-20 is fine enough to draw within.
    let scaled = (value.to_f64() * 1048576.0).round();
    (scaled.abs() < 9e15).then(|| Number::ratio(scaled as i64, 1 << 20))
}

/// What a comparison has found so far.
#[derive(Default)]
struct Tally {
    agreed: usize,
    least: usize,
    worst: f64,
    reasons: Vec<(&'static str, usize)>,
}

impl Tally {
    fn count(&mut self, at: &At) {
        match at {
            At::Agreed(gap) => {
                self.agreed += 1;
                self.worst = self.worst.max(*gap);
            }
            At::Open(why) => self.note(why),
            At::Different(..) | At::OnlyLeft(..) | At::OnlyRight(..) => self.note(NO_VALUE),
        }
    }

    fn note(&mut self, why: &'static str) {
        match self.reasons.iter_mut().find(|r| r.0 == why) {
            Some(reason) => reason.1 += 1,
            None => self.reasons.push((why, 1)),
        }
    }

    /// Why fewer points agreed than are needed.
    fn reason(&self) -> String {
        let main = self.reasons.iter().max_by_key(|r| r.1).map_or("no point satisfies what is assumed", |r| r.0);
        match self.agreed {
            0 => main.to_owned(),
            n => format!("only {n} points where both sides have a value; elsewhere: {main}"),
        }
    }
}

/// Whether two expressions are equal.
#[derive(Clone, Debug, PartialEq)]
pub enum Equality {
    /// They agree wherever both have a value.
    Equal {
        /// At how many points that was found.
        points: usize,
        /// Whether an exact zero test decided it.
        proved: bool,
        /// A point where only the first has a value.
        only_first: Option<Point>,
        /// A point where only the second has a value.
        only_second: Option<Point>,
    },
    /// They have different values.
    Different {
        /// Where.
        point: Point,
        /// The first one's value there.
        a: String,
        /// The second one's value there.
        b: String,
    },
    /// It could not be found out, for this reason.
    Unknown(String),
}

/// Whether two expressions are equal where both have a value, and where only one has.
pub fn equal(g: &Graph, known: &Known, a: Id, b: Id) -> Equality {
    let proved = Tester::new(known).same(g, a, b, Where::BothDefined).is_proved();
    let mut tally = Tally::default();
    let (mut different, mut only_first, mut only_second) = (None, None, None);
    Checker::new(known).visit(g, a, b, &[], &mut tally, |at, point| {
        match at {
            At::Different(a, b) => {
                different = Some(Equality::Different { point: point.clone(), a, b });
                return false;
            }
            At::OnlyLeft(..) => only_first = only_first.take().or_else(|| Some(point.clone())),
            At::OnlyRight(..) => only_second = only_second.take().or_else(|| Some(point.clone())),
            At::Agreed(_) | At::Open(_) => {}
        }
        true
    });
    match different {
        Some(found) => found,
        None if proved || tally.agreed >= tally.least => {
            Equality::Equal { points: tally.agreed, proved, only_first, only_second }
        }
        None => {
            let only = |side: &str, at: &Option<Point>| match at {
                Some(at) => format!("; at {} only the {side} side has a value", describe(g, at)),
                None => String::new(),
            };
            Equality::Unknown(tally.reason() + &only("left", &only_first) + &only("right", &only_second))
        }
    }
}

/// A point, for a reader.
pub fn describe(g: &Graph, point: &Point) -> String {
    let parts: Vec<String> = point.iter().map(|(s, v)| format!("{} = {v}", g.name(*s))).collect();
    if parts.is_empty() { "every point".into() } else { parts.join(", ") }
}

/// Whether a condition holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Holding {
    /// It held at every point that was tried and where it has a meaning: no proof.
    Held {
        /// At how many points.
        points: usize,
    },
    /// It certainly fails here.
    Fails(Point),
    /// It could not be found out, for this reason.
    Unknown(String),
}

/// The conditions without those on numbers alone that certainly hold; only `false` where one of them certainly fails.
pub fn settled(g: &mut Graph, known: &Known, conditions: Vec<Id>) -> Vec<Id> {
    let mut left = Vec::with_capacity(conditions.len());
    for c in conditions {
        let closed = walk::free_symbols(g, &[c]).is_empty() && g.view(c) != View::Truth(false);
        match closed.then(|| holds(g, known, c)) {
            Some(Holding::Held { .. }) => {}
            Some(Holding::Fails(_)) => return vec![g.truth(false)],
            _ => left.push(c),
        }
    }
    left
}

/// Whether a condition such as `A < B` holds at sample points.
pub fn holds(g: &Graph, known: &Known, condition: Id) -> Holding {
    let mut checker = Checker::new(known);
    let mut tally = Tally::default();
    let mut work = checker.begin(g, &[condition], &mut tally);
    for number in 0..checker.wanted_here() * TRIES {
        if tally.agreed >= checker.wanted_here() || work.is_over(&tally) || !checker.have(g, number, &mut work.left) {
            break;
        }
        let Some(sample) = checker.samples.get_mut(number) else { break };
        match sample.truth(g, condition, &checker.definitions, &mut checker.motions, &mut work.left) {
            Ok(false) => return Holding::Fails(sample.point.clone()),
            Ok(true) => tally.agreed += 1,
            Err(Missing::Undefined(_)) => tally.note(NO_VALUE),
            Err(Missing::Uncertain) => tally.note("not decided at 2048 bits"),
            Err(Missing::Unknown(why) | Missing::NotSmooth(why)) => tally.note(why),
        }
        if checker.symbols.is_empty() {
            break;
        }
    }
    if tally.agreed >= tally.least { Holding::Held { points: tally.agreed } } else { Holding::Unknown(tally.reason()) }
}
