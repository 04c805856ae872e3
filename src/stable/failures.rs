//! Where the typed form fails, and from which input on: measured along each variable, the others at ordinary values, and narrowed
//! down by bisection. Also the table of errors before and after.

use super::clock::Clock;
use super::measure::{FAILED, Small, bits};
use super::points::{Axis, Sample};
use super::search::HALF;
use crate::expr::{Graph, Id, Symbol, View, walk};
use std::collections::HashMap;

/// What becomes of the value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Half of the digits are lost.
    Half,
    /// All digits are lost.
    Lost,
    /// It is not finite, although the true value is.
    Overflow,
}

impl Kind {
    const WORST: Kind = Kind::Overflow;

    /// One word, as programs read it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Half => "half",
            Kind::Lost => "lost",
            Kind::Overflow => "overflow",
        }
    }

    /// The relative error from which it is that.
    fn least(self) -> f64 {
        match self {
            Kind::Half => 2f64.powi(-26),
            Kind::Lost | Kind::Overflow => 0.5,
        }
    }
}

/// On which side of a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// For larger inputs.
    Above,
    /// For smaller ones.
    Below,
}

impl Side {
    /// One word, as programs read it.
    pub fn word(self) -> &'static str {
        match self {
            Side::Above => "above",
            Side::Below => "below",
        }
    }

    /// The other side.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Side::Above => Side::Below,
            Side::Below => Side::Above,
        }
    }

    /// The sign of a comparison.
    pub fn sign(self) -> &'static str {
        match self {
            Side::Above => ">",
            Side::Below => "<",
        }
    }
}

/// From some input on the typed form is wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Along which variable.
    pub variable: Symbol,
    /// On which side of `from`.
    pub side: Side,
    /// The input from which it fails.
    pub from: f64,
    /// The number before which it ends, where it fails near a number and not for all larger or smaller inputs.
    pub until: Option<f64>,
    /// What becomes of the value.
    pub kind: Kind,
    /// What the other variables are meanwhile.
    pub others: Vec<(Symbol, f64)>,
    /// What the typed form gives there.
    pub gives: f64,
    /// The operation that does it; none where no single one does.
    pub cause: Option<Blame>,
}

/// The operation to blame.
#[derive(Clone, Debug)]
pub struct Blame {
    /// Its node in the typed form.
    pub node: Id,
    /// How it fails.
    pub fault: Blunder,
    /// The argument whose size decides, with its value, where that is not the variable itself.
    pub argument: Option<(Id, f64)>,
}

/// How an operation fails.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Blunder {
    /// Its value is beyond the largest f64.
    Overflows,
    /// Its value is below the smallest f64, and rounds to 0.
    Underflows,
    /// A sum under it rounds to one of its terms: the sum, and what it rounds to.
    Absorbs(Id, f64),
    /// A sum under it keeps few digits of a small term: the sum and the term.
    Swamps(Id, Id),
    /// Its terms cancel.
    Cancels,
    /// It magnifies the rounding of what stands under it: the part, where it is the only one.
    Magnifies(Option<Id>),
}

/// Errors before and after at one input.
#[derive(Clone, Debug)]
pub struct Row {
    /// The input.
    pub at: Vec<(Symbol, f64)>,
    /// The true value.
    pub value: f64,
    /// The error of the typed form in units of the last place; infinite where it has no finite value.
    pub typed: f64,
    /// The error of the stable form.
    pub stable: f64,
}

/// What is told of the typed form.
pub struct Told {
    /// Where it fails.
    pub failures: Vec<Failure>,
    /// The errors at some inputs.
    pub rows: Vec<Row>,
    /// The variable along which the inputs go.
    pub along: Option<Symbol>,
    /// Where the stable form still loses half of the digits or more, although the value does not hang on the last ones of the input.
    pub left: Option<Row>,
}

/// Of expressions with more variables than this, only the first are looked along.
const VARIABLES: usize = 6;
/// The work of looking for failures, of which each variable has its share: some 0.3 s.
const WORK: u64 = 10_000_000;
/// At most so many rows.
const ROWS: usize = 10;
/// A value that an error of so many bits hits counts as right.
const FINE: f64 = 20.0;

/// Where the typed form fails, and the errors of both.
pub fn failures(g: &Graph, axes: &[Axis], variables: &[Symbol], typed: Id, stable: Id, samples: &[Sample]) -> Told {
    if g.is_zero(stable) {
        // of a value that is 0 everywhere there are no digits to lose
        return Told { failures: Vec::new(), rows: Vec::new(), along: None, left: None };
    }
    let (small, better) = (Small::new(g, variables, typed), Small::new(g, variables, stable));
    let lookout = Lookout { g, axes, typed: &small, stable: &better, same: typed == stable };
    let mut found: Vec<Failure> = Vec::new();
    let mut bases = Vec::new();
    for axis in axes.iter().take(VARIABLES) {
        let clock = Clock::of(WORK / axes.len().min(VARIABLES) as u64);
        let base = lookout.base(axis, samples);
        for ray in lookout.rays(axis, samples, &base) {
            found.extend(lookout.along(axis, &ray, &base, clock));
        }
        bases.push((axis, base));
    }
    found.sort_by_key(|f| std::cmp::Reverse(f.kind));
    let worst = |axis: &Axis| found.iter().filter(|f| f.variable == axis.symbol).map(|f| 1 + f.kind as usize * 10).sum::<usize>();
    let along = bases.iter().enumerate().max_by_key(|(k, (axis, _))| (worst(axis), std::cmp::Reverse(*k)));
    let mut rows = along.map_or(Vec::new(), |(_, (axis, base))| lookout.rows(axis, base, &found));
    if found.is_empty() && typed != stable {
        rows = lookout.worst_rows(samples);
    }
    let left = (typed != stable).then(|| lookout.left(samples)).flatten();
    Told { rows, along: along.map(|(_, (axis, _))| axis.symbol), failures: found, left }
}

type Env = HashMap<Symbol, f64>;

/// A way along a variable: away from an anchor, or towards it.
struct Ray {
    anchor: f64,
    sign: f64,
    /// Towards the anchor.
    inward: bool,
    start: f64,
}

impl Ray {
    fn value(&self, distance: f64) -> f64 {
        self.anchor + self.sign * distance
    }

    /// The distances that are looked at, in order.
    fn distances(&self) -> Vec<f64> {
        let mut out = vec![self.start];
        let mut t = self.start;
        while out.len() < 200 {
            t *= match (self.inward, t) {
                (false, t) if t < 3e4 => 1.25,
                (false, t) if t < 1e20 => 4.0,
                (false, _) => 1e5,
                (true, t) if t > 1e-20 => 0.4,
                (true, _) => 1e-5,
            };
            if !(1e-307..1e308).contains(&t) {
                break;
            }
            out.push(t);
        }
        out
    }
}

struct Lookout<'a> {
    g: &'a Graph,
    axes: &'a [Axis],
    typed: &'a Small,
    stable: &'a Small,
    same: bool,
}

impl Lookout<'_> {
    /// Ordinary values at which the typed form is right.
    fn base(&self, axis: &Axis, samples: &[Sample]) -> Env {
        const SCALES: [[f64; 4]; 5] =
            [[1.0, 2.0, 0.5, 3.0], [1.0, 1.0, 1.0, 1.0], [2.0, 0.5, 3.0, 1.5], [-1.0, 2.0, -0.5, 3.0], [2.0, -1.0, 0.25, -3.0]];
        for scales in SCALES {
            let values = self.axes.iter().enumerate().map(|(k, a)| {
                let scaled = if a.low.is_finite() && a.high.is_finite() {
                    a.low + (a.typical() - a.low) * [1.0, 2.0, 0.5, 1.5][k % 4]
                } else {
                    a.typical() * scales[k % 4]
                };
                (a.key, if a.allows(scaled) { scaled } else { a.typical() })
            });
            let env: Env = values.collect();
            if self.is_right(&env) {
                return env;
            }
        }
        let tame = samples.iter().find(|s| bits(s.truth.ulps(self.typed.value(&s.env))) < FINE && s.env[&axis.key].abs() < 100.0);
        tame.or(samples.first()).map_or_else(HashMap::new, |s| s.env.clone())
    }

    fn is_right(&self, env: &Env) -> bool {
        self.typed.truth(env).is_some_and(|t| t.is_finite() && bits(t.ulps(self.typed.value(env))) < FINE)
    }

    fn rays(&self, axis: &Axis, samples: &[Sample], base: &Env) -> Vec<Ray> {
        let at = base.get(&axis.key).copied().unwrap_or(1.0);
        let mut out = Vec::new();
        let mut put = |anchor: f64, sign: f64, inward: bool, start: f64| {
            if start > 0.0 && axis.allows(anchor + sign * start) {
                out.push(Ray { anchor, sign, inward, start });
            }
        };
        let bounded = axis.low.is_finite() && axis.high.is_finite();
        if axis.low.is_finite() && axis.low != 0.0 {
            put(axis.low, 1.0, true, at - axis.low);
        }
        if axis.high.is_finite() && axis.high != 0.0 {
            put(axis.high, -1.0, true, axis.high - at);
        }
        for sign in [1.0, -1.0] {
            if axis.low < 0.0 && axis.high > 0.0 || axis.low == 0.0 && sign > 0.0 || axis.high == 0.0 && sign < 0.0 {
                put(0.0, sign, true, at.abs());
            }
            if !bounded {
                put(0.0, sign, false, at.abs().max(axis.low.max(-axis.high).max(0.0) + f64::MIN_POSITIVE));
            }
        }
        // numbers near which the samples were bad
        for anchor in [1.0, -1.0, 2.0, -2.0, 0.5] {
            let near = |s: &&Sample| (s.env[&axis.key] / anchor - 1.0).abs() < 0.02 && s.env[&axis.key] != anchor;
            let bad = |s: &&Sample| bits(s.truth.ulps(self.typed.value(&s.env))) > 26.0;
            if axis.low < anchor && axis.high > anchor && samples.iter().filter(near).filter(bad).count() > 2 {
                put(anchor, 1.0, true, anchor.abs() * 0.3);
                put(anchor, -1.0, true, anchor.abs() * 0.3);
            }
        }
        // what another variable is
        let mut anchors: Vec<f64> =
            self.axes.iter().filter(|a| a.key != axis.key).filter_map(|a| base.get(&a.key)).copied().collect();
        anchors.dedup();
        for anchor in anchors.into_iter().filter(|a| *a != at && *a != 0.0) {
            let close = anchor * (1.0 + 1.37 * 2f64.powi(-33));
            if axis.allows(close) && self.kind(axis, base, close) >= Some(Kind::Half) {
                put(anchor, 1.0, true, anchor.abs() * 0.3);
                put(anchor, -1.0, true, anchor.abs() * 0.3);
            }
        }
        out
    }

    fn env(&self, axis: &Axis, base: &Env, v: f64) -> Env {
        let mut env = base.clone();
        env.insert(axis.key, v);
        env
    }

    /// The relative errors of both forms; none where there is no value.
    fn errors(&self, env: &Env) -> Option<(f64, f64)> {
        let (typed, stable) = (self.typed.value(env), self.stable.value(env));
        // what both say is so, as far as anything is to be told here
        if !self.same && typed.is_finite() && typed.abs() > 1e-300 && (typed - stable).abs() <= 1e-11 * stable.abs() {
            return Some((0.0, 0.0));
        }
        let truth = self.typed.truth(env).filter(|t| t.is_finite())?;
        let relative = truth.relative(typed);
        // what overflows on the way to 0 gives a 0 that is right by luck
        let lucky = truth.near.abs() < f64::MIN_POSITIVE && self.typed.is_fragile(env) && !self.stable.is_fragile(env);
        Some((if lucky { relative.max(1.0) } else { relative }, truth.relative(stable)))
    }

    /// How badly the typed form fails there, where the stable one does better.
    fn kind(&self, axis: &Axis, base: &Env, v: f64) -> Option<Kind> {
        let env = self.env(axis, base, v);
        let (typed, stable) = self.errors(&env)?;
        let kind = match [Kind::Lost, Kind::Half].into_iter().find(|k| typed >= k.least())? {
            Kind::Lost if typed.is_infinite() && !self.typed.value(&env).is_finite() => Kind::Overflow,
            lost => lost,
        };
        (self.same || stable < typed / 64.0 || stable.is_finite() && typed.is_infinite()).then_some(kind)
    }

    /// The worst at a distance and close by: cancelling digits are lost now more, now less.
    fn kind_around(&self, axis: &Axis, base: &Env, ray: &Ray, t: f64) -> Option<Kind> {
        const AROUND: [f64; 9] = [1.0, 1.0037, 0.9971, 1.0191, 0.9853, 1.0313, 0.9721, 1.0097, 0.9907];
        AROUND.into_iter().filter_map(|f| self.kind(axis, base, ray.value(t * f))).max()
    }

    /// The failures along a ray, each kind once, where it begins, as far as the allowance goes.
    fn along(&self, axis: &Axis, ray: &Ray, base: &Env, clock: Clock) -> Vec<Failure> {
        let mut out: Vec<Failure> = Vec::new();
        let mut worst: Option<Kind> = None;
        let distances = ray.distances();
        for (k, t) in distances.iter().enumerate() {
            let v = ray.value(*t);
            // of each kind only the beginning is told
            if !axis.allows(v) || v == ray.anchor || worst == Some(Kind::WORST) || clock.is_over() {
                break;
            }
            let kind = self.kind(axis, base, v);
            if kind > worst && k > 0 {
                // near a zero of the value digits are lost for a moment
                let lasts = distances.get(k + 1).is_none_or(|next| {
                    let next = ray.value(*next);
                    !axis.allows(next)
                        || next == ray.anchor
                        || self.kind(axis, base, next) >= kind
                        || self.errors(&self.env(axis, base, next)).is_none()
                });
                if lasts {
                    out.extend(kind.and_then(|kind| self.narrowed(axis, ray, base, kind, &distances[..=k])));
                    worst = kind;
                }
            }
        }
        out
    }

    /// Where along these distances, the last of which is the first that fails, it begins, and why.
    fn narrowed(&self, axis: &Axis, ray: &Ray, base: &Env, kind: Kind, distances: &[f64]) -> Option<Failure> {
        let (bad, before) = distances.split_last()?;
        let (bad, good) = (*bad, *before.last()?);
        // cancelling digits may have been lost before without showing
        let earlier = before.len().checked_sub(3).and_then(|k| before.get(k)).copied().unwrap_or(good);
        let at_bad = self.typed.value(&self.env(axis, base, ray.value(bad)));
        let overflows = kind == Kind::Overflow || self.typed.is_fragile(&self.env(axis, base, ray.value(bad)));
        let close = if overflows { 1e-6 } else { 2e-3 };
        let fails = |t: f64| match kind {
            _ if overflows => self.kind(axis, base, ray.value(t)) >= Some(kind),
            _ => self.kind_around(axis, base, ray, t) >= Some(kind),
        };
        let (_, mut from) = bisected(if overflows { good } else { earlier }, bad, close, fails);
        if kind == Kind::Lost && at_bad == 0.0 && !overflows {
            // that the value is 0 says more
            let (_, zero) = bisected(good, bad, close, |t| self.typed.value(&self.env(axis, base, ray.value(t))) == 0.0);
            if (zero / from).max(from / zero) < 2.0 {
                from = zero;
            }
        }
        let v = ray.value(from);
        let beyond = if ray.inward { bad.min(from * 0.9) } else { bad.max(from * 1.01) };
        let env = self.env(axis, base, ray.value(beyond));
        let out_up = ray.sign > 0.0;
        let others = self.axes.iter().filter(|a| a.key != axis.key).map(|a| (a.symbol, base.get(&a.key).copied().unwrap_or(1.0)));
        Some(Failure {
            variable: axis.symbol,
            side: if out_up != ray.inward { Side::Above } else { Side::Below },
            from: v,
            until: ray.inward.then_some(ray.anchor),
            kind,
            others: others.collect(),
            gives: self.typed.ieee_value(&env),
            cause: self.blame(kind, &env, &self.env(axis, base, v), axis),
        })
    }

    /// The innermost operation that does it.
    fn blame(&self, kind: Kind, env: &Env, edge: &Env, axis: &Axis) -> Option<Blame> {
        let mut locals = self.typed.local_errors(self.g, env);
        if kind == Kind::Overflow
            && let Some((failed, _)) = self.typed.cause(env)
        {
            let under = walk::topological(self.g, &[failed]);
            locals.retain(|l| under.contains(&l.node));
        }
        let most = locals.iter().map(|l| l.lost).fold(0.0, f64::max);
        if most < 12.0 {
            return None;
        }
        let overflowing = locals.iter().find(|l| !l.value.is_finite());
        let local = match (kind, overflowing) {
            (Kind::Overflow, Some(found)) => found,
            _ => locals.iter().find(|l| l.lost > most - 6.0 || l.lost >= FAILED)?,
        };
        let node = local.node;
        let kids = self.g.children(node);
        let absorbed = kids.iter().zip(&local.kids).find_map(|(kid, v)| self.absorbs(*kid, *v, &locals));
        let fault = match self.g.view(node) {
            _ if !local.value.is_finite() => Blunder::Overflows,
            View::Add(_) => Blunder::Cancels,
            _ if absorbed.is_some() => absorbed?,
            _ if local.value.near == 0.0 && local.lost > 1.0 => Blunder::Underflows,
            _ => Blunder::Magnifies(kids.first().copied().filter(|_| kids.len() == 1)),
        };
        let argument = match (self.g.view(node), fault) {
            (View::Call(_, &[u]), Blunder::Overflows) if self.g.as_symbol(u) != Some(axis.symbol) => {
                let found = self.typed.local_errors(self.g, edge);
                found.iter().find(|l| l.node == u).map(|l| (u, l.value.near))
            }
            _ => None,
        };
        Some(Blame { node, fault, argument })
    }

    /// Whether a sum rounds to one of its terms, or nearly so.
    fn absorbs(&self, sum: Id, value: f64, locals: &[super::measure::Local]) -> Option<Blunder> {
        let View::Add(terms) = self.g.view(sum) else { return None };
        let near = |id: &Id| match self.g.view(*id) {
            View::Number(n) => Some(n.to_f64()),
            _ => locals.iter().find(|l| l.node == *id).map(|l| l.value.near),
        };
        let large = terms.iter().position(|t| near(t).is_some_and(|v| (v - value).abs() <= 2f64.powi(-8) * value.abs()))?;
        if near(&terms[large]) == Some(value) {
            return Some(Blunder::Absorbs(sum, value));
        }
        let small = terms.iter().enumerate().find(|(k, t)| *k != large && self.g.as_number(**t).is_none())?;
        Some(Blunder::Swamps(sum, *small.1))
    }

    /// The samples at which the typed form loses most.
    fn worst_rows(&self, samples: &[Sample]) -> Vec<Row> {
        let ordinary = samples.iter().filter(|s| s.weight >= 1.0);
        let mut rows: Vec<Row> = ordinary.map(|s| self.row(&s.env, s.truth)).filter(|r| r.typed > r.stable).collect();
        rows.sort_by(|a, b| bits(b.typed).total_cmp(&bits(a.typed)));
        rows.truncate(ROWS / 2);
        rows
    }

    /// The sample, an ordinary one if possible, at which the stable form loses most of what it need not.
    fn left(&self, samples: &[Sample]) -> Option<Row> {
        const ROOM: f64 = 4.0;
        let lost = |s: &&Sample| bits(s.truth.ulps(self.stable.value(&s.env)));
        let bad = samples.iter().filter(|s| lost(s) >= HALF && lost(s) > s.tolerance + ROOM);
        let worst = bad.max_by(|a, b| a.weight.total_cmp(&b.weight).then(lost(a).total_cmp(&lost(b))))?;
        Some(self.row(&worst.env, worst.truth))
    }

    fn row(&self, env: &Env, truth: super::measure::True) -> Row {
        let (typed, stable) = (truth.ulps(self.typed.value(env)), truth.ulps(self.stable.value(env)));
        let at = self.axes.iter().map(|a| (a.symbol, env.get(&a.key).copied().unwrap_or(1.0))).collect();
        Row { at, value: truth.near, typed, stable }
    }

    /// Inputs along a variable with the errors there.
    fn rows(&self, axis: &Axis, base: &Env, failures: &[Failure]) -> Vec<Row> {
        let mut rows: Vec<(f64, Row)> = Vec::new();
        for v in plain_values(axis, failures) {
            let env = self.env(axis, base, v);
            let Some(truth) = self.typed.truth(&env).filter(|t| t.is_finite()) else { continue };
            let row = self.row(&env, truth);
            // far out both are 0, and nothing is to be learned from it
            if row.value != 0.0 || row.typed > 0.0 {
                rows.push((v, row));
            }
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        thinned(rows)
    }
}

/// The last distance at which it is well and the first at which it fails, close together.
fn bisected(mut good: f64, mut bad: f64, close: f64, fails: impl Fn(f64) -> bool) -> (f64, f64) {
    for _ in 0..60 {
        if (bad / good - 1.0).abs() < close {
            break;
        }
        let middle = if bad / good > 2.0 || good / bad > 2.0 { good.sqrt() * bad.sqrt() } else { f64::midpoint(good, bad) };
        if middle == 0.0 || middle == good || middle == bad {
            break;
        }
        if fails(middle) { bad = middle } else { good = middle }
    }
    (good, bad)
}

/// Numbers that are easily read, all over the range, and beyond each failure.
fn plain_values(axis: &Axis, failures: &[Failure]) -> Vec<f64> {
    const SIZES: &[f64] =
        &[1e-200, 1e-100, 1e-16, 1e-12, 1e-8, 1e-4, 0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 100.0, 1e3, 1e5, 1e8, 1e16];
    let mut out: Vec<f64> = Vec::new();
    let mut put = |v: f64| {
        if axis.allows(v) && v != axis.low && v != axis.high && !out.contains(&v) {
            out.push(v);
        }
    };
    for f in failures.iter().filter(|f| f.variable == axis.symbol) {
        let anchor = f.until.unwrap_or(0.0);
        let distance = (f.from - anchor).abs();
        let sign = if f.from >= anchor { 1.0 } else { -1.0 };
        for beyond in [if f.until.is_some() { 0.3 } else { 1.05 }, if f.until.is_some() { 1e-4 } else { 2.0 }] {
            put(anchor + sign * rounded(distance * beyond, f.until.is_none()));
        }
    }
    for size in SIZES {
        put(*size);
        put(-*size);
    }
    if axis.high.is_finite() {
        for size in [1e-12, 1e-8, 1e-4, 0.1] {
            put(axis.high - size);
        }
    }
    out
}

/// One significant digit or two, away from 0 or towards it.
fn rounded(v: f64, up: bool) -> f64 {
    let digits =
        if (10.0..1e5).contains(&v) { 10f64.powi(v.log10().floor() as i32 - 1) } else { 10f64.powi(v.log10().floor() as i32) };
    let steps = if up { (v / digits).ceil() } else { (v / digits).floor().max(1.0) };
    short(steps * digits).parse().unwrap_or(v)
}

/// Of rows that say the same in turn the first and the last; of all at most [`ROWS`].
fn thinned(rows: Vec<(f64, Row)>) -> Vec<Row> {
    let level = |r: &Row| match bits(r.typed) {
        b if b >= FAILED => 3,
        b if b >= 52.0 => 2,
        b if b >= 26.0 => 1,
        _ => 0,
    };
    let levels: Vec<i32> = rows.iter().map(|(_, r)| level(r)).collect();
    let mut kept: Vec<usize> = (0..rows.len())
        .filter(|k| *k == 0 || *k + 1 == rows.len() || levels[*k] != levels[k - 1] || levels[*k] != levels[k + 1])
        .collect();
    // of the middle one that is well, too
    while kept.len() > ROWS {
        let weight = |k: usize| i32::from(levels[k] > 0) * 2 - i32::from(rows[k].0.abs() > 1e50 || rows[k].0.abs() < 1e-50);
        let inner = (1..kept.len() - 1).min_by_key(|i| (weight(kept[*i]), gap(&rows, &kept, *i)));
        let Some(least) = inner else { break };
        kept.remove(least);
    }
    if kept.len() < ROWS
        && let Some(one) = rows.iter().position(|(v, _)| *v == 1.0)
        && !kept.contains(&one)
    {
        kept.push(one);
        kept.sort_unstable();
    }
    kept.into_iter().map(|k| rows[k].1.clone()).collect()
}

fn gap(rows: &[(f64, Row)], kept: &[usize], i: usize) -> i64 {
    let (before, after) = (rows[kept[i - 1]].0, rows[kept[i + 1]].0);
    ((before - after).abs().log10() * 100.0) as i64
}

/// A number to five digits or fewer.
pub fn short(v: f64) -> String {
    let text = format!("{v:.4e}");
    let v: f64 = text.parse().unwrap_or(v);
    let size = v.abs();
    if v == 0.0 || (1e-4..1e6).contains(&size) { format!("{v}") } else { format!("{v:e}") }
}
