//! Evaluates nodes of the graph at one point in Taylor series of balls, as they are written: nothing is simplified first, and
//! derivatives come from series arithmetic alone.
//!
//! A derivative is evaluated by letting its variable move. A *motion* says which symbols move, how fast, and to what order the
//! series is carried; the motion in which nothing moves gives values. Stage symbols stand for their definitions, so that they
//! move with what they depend on; a derivative by a stage lets the stage itself move, on top of that.

use super::ball::Ball;
use super::fault::Fault;
use super::jet::{Jet, Scope};
use super::primitive::{self, Definition, Definitions};
use crate::budget::pulse;
use crate::expr::{Constant, Graph, Id, Number, Relation, Series, Symbol, View, walk};
use crate::math::FunctionId;
use hashbrown::HashMap;

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Missing {
    /// There certainly is none; the text says why.
    Undefined(&'static str),
    /// There is a value, but certainly no derivative of the order that the motion asks for.
    NotSmooth(&'static str),
    /// Not decided at this precision.
    Uncertain,
    /// Not decided at any precision; the text says why.
    Unknown(&'static str),
}

impl From<Fault> for Missing {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Undefined(why) => Missing::Undefined(why),
            Fault::Uncertain => Missing::Uncertain,
            Fault::OutOfRange => Missing::Unknown("values too large"),
            Fault::Kink { .. } => Missing::NotSmooth("the one-sided slopes differ"),
            Fault::Jump => Missing::NotSmooth("the value jumps"),
            // One-sided derivatives are left open.
            Fault::Edge => Missing::Unknown("a point on the edge of a domain"),
        }
    }
}

impl Missing {
    /// Of two reasons the one that settles more.
    fn or(self, other: Missing) -> Missing {
        let rank = |m: &Missing| match m {
            Missing::Undefined(_) => 0,
            Missing::Unknown(_) => 1,
            Missing::Uncertain => 2,
            Missing::NotSmooth(_) => 3,
        };
        if rank(&other) < rank(&self) { other } else { self }
    }

    /// Seen from an operation that might smooth a kink out.
    fn inside(self) -> Missing {
        match self {
            Missing::NotSmooth(_) => Missing::Unknown("a kink inside another operation"),
            other => other,
        }
    }
}

/// Whether a condition holds at the point, and just before and behind it as things move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sides {
    left: bool,
    at: bool,
    right: bool,
    constant: bool,
}

impl Sides {
    fn all(holds: bool) -> Self {
        Sides { left: holds, at: holds, right: holds, constant: true }
    }

    fn map2(self, other: Sides, f: impl Fn(bool, bool) -> bool) -> Self {
        Sides {
            left: f(self.left, other.left),
            at: f(self.at, other.at),
            right: f(self.right, other.right),
            constant: self.constant && other.constant,
        }
    }

    fn none(self) -> bool {
        !(self.left || self.at || self.right)
    }

    fn every(self) -> bool {
        self.left && self.at && self.right
    }
}

/// What a node comes to.
#[derive(Clone, Debug)]
pub enum Value {
    /// A number, with its series.
    Number(Jet),
    /// A condition.
    Truth(Sides),
}

type Entry = Result<Value, Missing>;

/// Which symbols move and how far their series go.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct Motion {
    /// Sorted by symbol; the speeds are not 0.
    speeds: Vec<(Symbol, i64)>,
    order: usize,
}

impl Motion {
    fn along(symbol: Symbol, order: usize) -> Self {
        Motion { speeds: vec![(symbol, 1)], order }
    }

    fn with(&self, symbol: Symbol, speed: i64, order: usize) -> Self {
        let mut speeds = self.speeds.clone();
        match speeds.binary_search_by_key(&symbol, |s| s.0) {
            Ok(at) => speeds[at].1 += speed,
            Err(at) => speeds.insert(at, (symbol, speed)),
        }
        speeds.retain(|s| s.1 != 0);
        Motion { speeds, order }
    }

    fn speed(&self, symbol: Symbol) -> i64 {
        self.speeds.iter().find(|s| s.0 == symbol).map_or(0, |s| s.1)
    }
}

/// The motions that have occurred, by number; 0 is rest.
#[derive(Debug)]
pub struct Motions(Vec<Motion>);

impl Default for Motions {
    fn default() -> Self {
        Motions(vec![Motion::default()])
    }
}

/// The number of a motion.
type MotionId = u32;

const REST: MotionId = 0;

impl Motions {
    fn id(&mut self, motion: Motion) -> MotionId {
        if motion.speeds.is_empty() {
            return REST;
        }
        let found = self.0.iter().position(|m| *m == motion);
        found.unwrap_or_else(|| {
            self.0.push(motion);
            self.0.len() - 1
        }) as MotionId
    }

    fn get(&self, id: MotionId) -> &Motion {
        &self.0[id as usize]
    }
}

/// What was evaluated at one point and precision. It serves every later expression of the same graph.
#[derive(Default, Debug)]
pub struct Memo(HashMap<(MotionId, Id), Entry>);

impl Memo {
    /// How many results are held.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Most nested series and meanings: beyond it an evaluation gives up.
const MAX_DEPTH: usize = 40;

/// Most values of an index that are added up.
const MAX_TERMS: i64 = 4096;

/// Most moving directions that a mixed derivative is put together from.
const MAX_DIRECTIONS: usize = 12;

/// A scope of symbols: the program's own, a series with its index, or a function's meaning with its parameters.
struct Frame<'a> {
    graph: &'a Graph,
    bound: Vec<(Symbol, Jet)>,
    memo: Memo,
    /// Whether symbols that are not bound here are the program's own.
    open: bool,
}

/// Where to evaluate: the point, and what stage symbols stand for.
pub struct Place<'a> {
    /// The graph of everything.
    pub graph: &'a Graph,
    /// The values of free symbols.
    pub point: &'a [(Symbol, Number)],
    /// What a stage symbol stands for, unless it has a value in the point.
    pub definitions: &'a std::collections::HashMap<Symbol, Id>,
}

/// An evaluation at one place and precision.
pub struct Evaluator<'a> {
    place: Place<'a>,
    precision: usize,
    motions: &'a mut Motions,
    frames: Vec<Frame<'a>>,
    /// A symbol that takes every value of a ball at once.
    spread: Option<(Symbol, Ball)>,
    /// Units of work that are left, each about as long as a product of balls.
    work: &'a mut u64,
}

impl<'a> Evaluator<'a> {
    /// Starts with what is already known at this place and precision.
    pub fn new(place: Place<'a>, precision: usize, memo: Memo, motions: &'a mut Motions, work: &'a mut u64) -> Self {
        let frames = vec![Frame { graph: place.graph, bound: Vec::new(), memo, open: true }];
        Evaluator { place, precision, motions, frames, spread: None, work }
    }

    /// The Taylor series by `variable`, to this order, at every point of `spread` at once: each coefficient encloses its values
    /// there. Nothing may be known of the place before.
    ///
    /// # Errors
    /// Why there is none, or none that is smooth in all of `spread`.
    pub fn series_over(&mut self, id: Id, variable: Symbol, spread: Ball, order: usize) -> Result<Jet, Missing> {
        self.spread = Some((variable, spread));
        let motion = self.motions.id(Motion::along(variable, order));
        as_number(self.run(0, motion, id)?)
    }

    /// What is known now, for the next expression.
    pub fn into_memo(mut self) -> Memo {
        self.frames.swap_remove(0).memo
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// Why there is none.
    pub fn number(&mut self, id: Id) -> Result<Ball, Missing> {
        Ok(as_number(self.run(0, REST, id)?)?.value().clone())
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn truth(&mut self, id: Id) -> Result<bool, Missing> {
        match self.run(0, REST, id)? {
            Value::Truth(sides) => Ok(sides.at),
            Value::Number(_) => Err(Missing::Unknown("a number stands for a condition")),
        }
    }

    fn scope(&self, motion: MotionId) -> Scope {
        Scope { precision: self.precision, order: self.motions.get(motion).order }
    }

    fn known(&self, frame: usize, motion: MotionId, id: Id) -> Option<&Entry> {
        self.frames[frame].memo.0.get(&(motion, id))
    }

    /// The series of a node that was evaluated before.
    fn jet(&self, frame: usize, motion: MotionId, id: Id) -> Result<&Jet, Missing> {
        match self.known(frame, motion, id) {
            Some(Ok(Value::Number(jet))) => Ok(jet),
            Some(Err(missing)) => Err(*missing),
            Some(Ok(Value::Truth(_))) => Err(Missing::Unknown("a condition stands for a number")),
            None => Err(Missing::Unknown("too much work")),
        }
    }

    fn sides(&self, frame: usize, motion: MotionId, id: Id) -> Result<Sides, Missing> {
        match self.known(frame, motion, id) {
            Some(Ok(Value::Truth(sides))) => Ok(*sides),
            Some(Err(missing)) => Err(*missing),
            _ => Err(Missing::Unknown("a number stands for a condition")),
        }
    }

    /// Pays for an operation on `size` operands.
    fn pay(&mut self, scope: Scope, size: usize) -> Result<(), Missing> {
        let series = (scope.order + 1).saturating_mul(scope.order + 2) / 2;
        let words = scope.precision / 128;
        let cost = (size as u64).saturating_mul(series as u64).saturating_mul((words * words) as u64);
        if cost > *self.work {
            *self.work = 0;
            return Err(Missing::Unknown("too much work"));
        }
        *self.work -= cost;
        Ok(())
    }

    /// Evaluates a node and what it needs, on a stack of its own.
    fn run(&mut self, frame: usize, motion: MotionId, root: Id) -> Entry {
        let mut stack = vec![(motion, root)];
        let mut needs = Vec::new();
        while let Some(&(motion, id)) = stack.last() {
            pulse();
            if self.known(frame, motion, id).is_some() {
                stack.pop();
                continue;
            }
            // Everything counts, so that stages that define one another come to an end too.
            self.pay(Scope { precision: 128, order: 0 }, 1)?;
            needs.clear();
            self.needs(frame, motion, id, &mut needs);
            needs.retain(|(m, n)| self.known(frame, *m, *n).is_none());
            if needs.is_empty() {
                let entry = self.combine(frame, motion, id);
                if *self.work == 0 {
                    return Err(Missing::Unknown("too much work"));
                }
                self.frames[frame].memo.0.insert((motion, id), entry);
                stack.pop();
            } else {
                stack.extend(needs.iter().rev());
            }
        }
        self.known(frame, motion, root).cloned().unwrap_or(Err(Missing::Unknown("too much work")))
    }

    /// What must be evaluated before the node, as far as is known now.
    fn needs(&mut self, frame: usize, motion: MotionId, id: Id, out: &mut Vec<(MotionId, Id)>) {
        let g = self.frames[frame].graph;
        match g.view(id) {
            View::Symbol(s) => {
                let definition = self.definition(frame, s);
                out.extend(definition.map(|d| (motion, d)));
            }
            View::Component(call, _) => out.extend(g.children(call).iter().map(|c| (motion, *c))),
            View::If(c, a, b) => match self.sides(frame, motion, c) {
                Ok(sides) => out.extend(
                    [(motion, a), (motion, b)].into_iter().zip([!sides.none(), !sides.every()]).filter(|n| n.1).map(|n| n.0),
                ),
                Err(_) => out.push((motion, c)),
            },
            View::Series(_, binder, [from, to, body]) => {
                out.extend([(motion, from), (motion, to)]);
                let leaves = walk::topological(g, &[body]);
                let stages = leaves
                    .into_iter()
                    .filter(|l| g.as_symbol(*l).is_some_and(|s| s != binder && self.definition(frame, s).is_some()));
                out.extend(stages.map(|s| (motion, s)));
            }
            View::Derivative(body, by, order) => self.needs_of_derivative(frame, motion, body, by, order as usize, out),
            _ => out.extend(g.children(id).iter().map(|c| (motion, *c))),
        }
    }

    fn definition(&self, frame: usize, s: Symbol) -> Option<Id> {
        let is_spread = self.spread.as_ref().is_some_and(|(spread, _)| *spread == s);
        let free = frame == 0 && !is_spread && !self.place.point.iter().any(|p| p.0 == s);
        if free { self.place.definitions.get(&s).copied() } else { None }
    }

    /// The value of a node whose needs are met.
    fn combine(&mut self, frame: usize, motion: MotionId, id: Id) -> Entry {
        if motion != REST && self.stands_still(frame, motion, id) {
            // What does not move is shared with the values.
            return self.run(frame, REST, id);
        }
        let scope = self.scope(motion);
        let g = self.frames[frame].graph;
        let number = |jet: Result<Jet, Missing>| jet.map(Value::Number);
        match g.view(id) {
            View::Number(n) => number(Ball::from_rational(n.value(), self.precision).map(Jet::constant).map_err(Missing::from)),
            View::Constant(c) => number(constant(c, self.precision)),
            View::Symbol(s) => number(self.symbol(frame, motion, id, s)),
            View::Add(terms) => number(self.sum(frame, motion, terms)),
            View::Mul(factors) => number(self.product(frame, motion, factors)),
            View::Neg(a) => number(self.jet(frame, motion, a).map(Jet::neg)),
            View::Div(a, b) => number(self.quotient(frame, motion, a, b)),
            View::Pow(a, b) => {
                self.pay(scope, 12)?;
                let [a, b] = self.operands(frame, motion, [a, b])?;
                number(a.pow(b, scope).map_err(Missing::from))
            }
            View::Call(f, arguments) => number(self.call(frame, motion, f, arguments)),
            View::Component(vector, k) => number(self.component(frame, motion, vector, k)),
            View::If(c, a, b) => number(self.conditional(frame, motion, [c, a, b])),
            View::Series(kind, binder, parts) => number(self.series(frame, motion, kind, binder, parts)),
            View::Rows(..) => Err(Missing::Unknown("a reduction over rows is opened first")),
            View::Derivative(body, by, order) => number(self.derivative(frame, motion, body, by, order as usize)),
            View::Undefined => Err(Missing::Undefined("no case applies")),
            View::Compare(relation, a, b) => self.comparison(frame, motion, relation, a, b).map(Value::Truth),
            View::And(parts) => self.junction(frame, motion, parts, true).map(Value::Truth),
            View::Or(parts) => self.junction(frame, motion, parts, false).map(Value::Truth),
            View::Not(a) => self.sides(frame, motion, a).map(|s| Value::Truth(s.map2(s, |holds, _| !holds))),
            View::IsInteger(a) => self.is_integer(frame, motion, a).map(Value::Truth),
            View::Truth(holds) => Ok(Value::Truth(Sides::all(holds))),
        }
    }

    /// Whether all operands have values that do not move.
    fn stands_still(&self, frame: usize, motion: MotionId, id: Id) -> bool {
        let g = self.frames[frame].graph;
        let kids = match g.view(id) {
            View::Symbol(_) | View::Derivative(..) | View::Series(..) | View::Rows(..) | View::If(..) => return false,
            View::Component(call, _) => g.children(call),
            _ => g.children(id),
        };
        kids.iter().all(|c| match self.known(frame, motion, *c) {
            Some(Ok(Value::Number(jet))) => jet.is_constant(),
            Some(Ok(Value::Truth(sides))) => sides.constant,
            _ => false,
        })
    }

    fn symbol(&mut self, frame: usize, motion: MotionId, id: Id, s: Symbol) -> Result<Jet, Missing> {
        if let Some((_, jet)) = self.frames[frame].bound.iter().find(|b| b.0 == s) {
            return Ok(jet.clone());
        }
        if !self.frames[frame].open {
            return Err(Missing::Unknown("a meaning names something that is no parameter"));
        }
        if frame > 0 {
            return as_number(self.nested(0, motion, id)?);
        }
        let (scope, speed) = (self.scope(motion), self.motions.get(motion).speed(s));
        let base = match self.definition(frame, s) {
            Some(definition) => self.jet(frame, motion, definition)?.clone(),
            None => self.value_of(s)?,
        };
        if speed == 0 {
            return Ok(base);
        }
        let step = Jet::from_series(vec![Ball::ZERO, Ball::integer(speed)], false, scope);
        Ok(base.add(&step, scope)?)
    }

    fn value_of(&self, s: Symbol) -> Result<Jet, Missing> {
        if let Some((_, ball)) = self.spread.as_ref().filter(|(spread, _)| *spread == s) {
            return Ok(Jet::constant(ball.clone()));
        }
        let value = self.place.point.iter().find(|p| p.0 == s).ok_or(Missing::Unknown("a symbol without a value"))?;
        Ok(Jet::constant(Ball::from_rational(value.1.value(), self.precision)?))
    }

    /// As [`Self::run`], from inside an operation.
    fn nested(&mut self, frame: usize, motion: MotionId, id: Id) -> Entry {
        if self.frames.len() > MAX_DEPTH {
            return Err(Missing::Unknown("series nested too deeply"));
        }
        self.run(frame, motion, id)
    }

    /// Evaluates `id` in a new scope.
    fn within(
        &mut self,
        graph: &'a Graph,
        bound: Vec<(Symbol, Jet)>,
        open: bool,
        motion: MotionId,
        id: Id,
    ) -> Result<Jet, Missing> {
        self.frames.push(Frame { graph, bound, memo: Memo::default(), open });
        let entry = self.nested(self.frames.len() - 1, motion, id);
        self.frames.pop();
        as_number(entry?)
    }

    /// All these operands, where each has a value and no kink.
    fn operands<const N: usize>(&self, frame: usize, motion: MotionId, ids: [Id; N]) -> Result<[&Jet; N], Missing> {
        if let Some(missing) = self.missing(frame, motion, &ids) {
            return Err(missing.inside());
        }
        let first = self.jet(frame, motion, ids[0])?;
        let mut jets = [first; N];
        for (jet, id) in jets.iter_mut().zip(ids) {
            *jet = self.jet(frame, motion, id)?;
        }
        Ok(jets)
    }

    /// The strongest reason why one of these has no value.
    fn missing(&self, frame: usize, motion: MotionId, ids: &[Id]) -> Option<Missing> {
        ids.iter().filter_map(|id| self.jet(frame, motion, *id).err()).reduce(Missing::or)
    }

    /// Why a sum or product has no value, given that `others_keep` the kink of a single operand.
    fn missing_of_many(&self, frame: usize, motion: MotionId, ids: &[Id], others_keep: impl Fn(&Jet) -> bool) -> Option<Missing> {
        let missing = self.missing(frame, motion, ids)?;
        let kinks = ids.iter().filter(|id| self.jet(frame, motion, **id).is_err()).count();
        let kept = ids.iter().all(|id| self.jet(frame, motion, *id).map_or(true, &others_keep));
        Some(if kinks == 1 && kept { missing } else { missing.inside() })
    }

    fn sum(&mut self, frame: usize, motion: MotionId, terms: &[Id]) -> Result<Jet, Missing> {
        let scope = self.scope(motion);
        self.pay(scope, terms.len())?;
        if let Some(missing) = self.missing_of_many(frame, motion, terms, |_| true) {
            return Err(missing);
        }
        let mut sum = Jet::constant(Ball::ZERO);
        for t in terms {
            sum = sum.add(self.jet(frame, motion, *t)?, scope)?;
        }
        Ok(sum)
    }

    fn product(&mut self, frame: usize, motion: MotionId, factors: &[Id]) -> Result<Jet, Missing> {
        let scope = self.scope(motion);
        self.pay(scope, factors.len())?;
        if let Some(missing) = self.missing_of_many(frame, motion, factors, |f| f.is_constant() && !f.value().contains_zero()) {
            return Err(missing);
        }
        let mut product = Jet::constant(Ball::ONE);
        for f in factors {
            product = product.mul(self.jet(frame, motion, *f)?, scope)?;
        }
        Ok(product)
    }

    fn quotient(&mut self, frame: usize, motion: MotionId, a: Id, b: Id) -> Result<Jet, Missing> {
        let scope = self.scope(motion);
        self.pay(scope, 2)?;
        // A divisor that is zero decides, whatever the dividend is.
        if self.jet(frame, motion, b).is_ok_and(|b| b.value().is_exact_zero()) {
            return Err(Missing::Undefined("a divisor must not be zero"));
        }
        let divides = self.jet(frame, motion, b).is_ok_and(|b| b.is_constant() && !b.value().contains_zero());
        if let Some(missing) = self.missing_of_many(frame, motion, &[a, b], |_| divides) {
            return Err(missing);
        }
        Ok(self.jet(frame, motion, a)?.div(self.jet(frame, motion, b)?, scope)?)
    }

    fn call(&mut self, frame: usize, motion: MotionId, f: FunctionId, arguments: &[Id]) -> Result<Jet, Missing> {
        let scope = self.scope(motion);
        let name = f.name();
        if let Some(missing) = self.missing(frame, motion, arguments) {
            return Err(missing.inside());
        }
        let is_direct = self.spread.is_some() && primitive::is_narrower(name);
        match Definitions::get().of(f) {
            definition if is_direct || matches!(definition, Definition::Primitive) => {
                self.pay(scope, arguments.len().saturating_mul(if primitive::is_costly(name) { 400 } else { 12 }))?;
                let arguments = arguments.iter().map(|a| self.jet(frame, motion, *a)).collect::<Result<Vec<_>, _>>()?;
                primitive::apply(name, &arguments, scope)
            }
            Definition::Expression(parameters, body) => {
                let values = arguments.iter().map(|a| self.jet(frame, motion, *a).cloned()).collect::<Result<Vec<_>, _>>()?;
                let bound = parameters.iter().copied().zip(values).collect();
                self.within(&Definitions::get().graph, bound, false, motion, *body)
            }
            _ => Err(Missing::Unknown("a function without a meaning")),
        }
    }

    fn component(&mut self, frame: usize, motion: MotionId, vector: Id, k: u32) -> Result<Jet, Missing> {
        let scope = self.scope(motion);
        let View::Call(f, arguments) = self.frames[frame].graph.view(vector) else {
            return Err(Missing::Unknown("a component of something that is no vector"));
        };
        self.pay(scope, 12 * arguments.len())?;
        if let Some(missing) = self.missing(frame, motion, arguments) {
            return Err(missing.inside());
        }
        let arguments = arguments.iter().map(|a| self.jet(frame, motion, *a)).collect::<Result<Vec<_>, _>>()?;
        primitive::component(f.name(), &arguments, k, scope)
    }

    /// A conditional, where the condition is decided; at a joint both branches must have the same series.
    fn conditional(&mut self, frame: usize, motion: MotionId, [c, a, b]: [Id; 3]) -> Result<Jet, Missing> {
        let sides = self.sides(frame, motion, c).map_err(Missing::inside)?;
        let branch = |evaluator: &Self, id| -> Result<Jet, Missing> {
            let jet = evaluator.jet(frame, motion, id)?.clone();
            Ok(if sides.constant { jet } else { jet.moving() })
        };
        if sides.every() {
            return branch(self, a);
        }
        if sides.none() {
            return branch(self, b);
        }
        let (one, other) = (branch(self, a), branch(self, b));
        let taken = if sides.at { &one } else { &other };
        if let Err(Missing::Undefined(why)) = taken {
            return Err(Missing::Undefined(why));
        }
        let (Ok(one), Ok(other)) = (&one, &other) else { return Err(Missing::Unknown("a joint of a conditional")) };
        for k in 0..=self.scope(motion).order {
            let (p, q) = (one.coefficient(k), other.coefficient(k));
            if !p.overlaps(&q) {
                return Err(Missing::NotSmooth(if k == 0 { "the value jumps" } else { "the one-sided slopes differ" }));
            }
            if !p.certainly_equal(&q) {
                return Err(Missing::Unknown("a joint of a conditional"));
            }
        }
        Ok(if sides.at { one.clone() } else { other.clone() })
    }

    fn series(
        &mut self,
        frame: usize,
        motion: MotionId,
        kind: Series,
        binder: Symbol,
        [from, to, body]: [Id; 3],
    ) -> Result<Jet, Missing> {
        let scope = self.scope(motion);
        let [first, last] = self.operands(frame, motion, [from, to])?.map(|end| end.value().as_integer());
        let (Some(first), Some(last)) = (first, last) else { return Err(Missing::Undefined("a series needs whole ends")) };
        if last.saturating_sub(first) >= MAX_TERMS {
            return Err(Missing::Unknown("a series with too many terms"));
        }
        let (graph, outer) = (self.frames[frame].graph, self.frames[frame].bound.clone());
        let mut total = Jet::constant(if kind == Series::Sum { Ball::ZERO } else { Ball::ONE });
        for k in first..=last {
            let mut bound = vec![(binder, Jet::constant(Ball::integer(k)))];
            bound.extend(outer.iter().filter(|b| b.0 != binder).cloned());
            let term = self.within(graph, bound, self.frames[frame].open, motion, body).map_err(Missing::inside)?;
            total = if kind == Series::Sum { total.add(&term, scope)? } else { total.mul(&term, scope)? };
        }
        Ok(total)
    }

    // ---- conditions

    fn comparison(&mut self, frame: usize, motion: MotionId, relation: Relation, a: Id, b: Id) -> Result<Sides, Missing> {
        let scope = self.scope(motion);
        self.pay(scope, 1)?;
        let [p, q] = self.operands(frame, motion, [a, b])?;
        let gap = if a == b { Jet::constant(Ball::ZERO) } else { p.sub(q, scope)? };
        let at = sign(gap.value())?;
        let (left, right) = if at != 0 || gap.is_constant() || scope.order == 0 { (at, at) } else { departure(&gap, scope)? };
        let holds = |sign: i32| relation.holds(sign.cmp(&0));
        Ok(Sides { left: holds(left), at: holds(at), right: holds(right), constant: gap.is_constant() })
    }

    /// `and` where `every`, else `or`; one part that decides is enough.
    /// From left to right, and no further than until it is decided: what stands behind may be undefined.
    fn junction(&self, frame: usize, motion: MotionId, parts: &[Id], every: bool) -> Result<Sides, Missing> {
        let mut result = Sides::all(every);
        for part in parts {
            let sides = self.sides(frame, motion, *part)?;
            result = result.map2(sides, |p, q| if every { p && q } else { p || q });
            if if every { result.none() } else { result.every() } {
                break;
            }
        }
        Ok(result)
    }

    fn is_integer(&self, frame: usize, motion: MotionId, a: Id) -> Result<Sides, Missing> {
        let [jet] = self.operands(frame, motion, [a])?;
        let value = jet.value();
        let below = value.floor()?;
        let at = below.certainly_equal(value);
        if !at && below.overlaps(value) {
            return Err(Missing::Uncertain);
        }
        let moves = !jet.is_constant();
        Ok(Sides { left: at && !moves, at, right: at && !moves, constant: !moves })
    }

    // ---- derivatives

    fn needs_of_derivative(
        &mut self,
        frame: usize,
        motion: MotionId,
        body: Id,
        by: Symbol,
        order: usize,
        out: &mut Vec<(MotionId, Id)>,
    ) {
        let now = self.motions.get(motion).clone();
        let alone = self.motions.id(Motion::along(by, order));
        if motion == REST {
            return out.push((alone, body));
        }
        if now.speeds == [(by, 1)] {
            let further = self.motions.id(Motion { order: now.order + order, ..now });
            return out.push((further, body));
        }
        out.extend([(motion, body), (alone, body)]);
        let Some(Ok(Value::Number(jet))) = self.known(frame, motion, body) else { return };
        let still = jet.is_constant();
        let Some(Ok(Value::Number(jet))) = self.known(frame, alone, body) else { return };
        if still || jet.is_constant() || now.order + order >= MAX_DIRECTIONS {
            return;
        }
        for (speed, _) in directions(now.order + order, order) {
            let turned = self.motions.id(now.with(by, speed, now.order + order));
            out.push((turned, body));
        }
    }

    fn derivative(&mut self, frame: usize, motion: MotionId, body: Id, by: Symbol, order: usize) -> Result<Jet, Missing> {
        let now = self.motions.get(motion).clone();
        let alone = self.motions.id(Motion::along(by, order));
        let scope = self.scope(motion);
        if motion != REST && now.speeds == [(by, 1)] {
            let further = self.motions.id(Motion { order: now.order + order, ..now });
            let jet = self.jet(frame, further, body).map_err(no_derivative)?;
            return lowered(jet, order, scope);
        }
        let plain = self.jet(frame, alone, body).map_err(no_derivative);
        if motion == REST {
            return Ok(Jet::constant(plain?.derivative(order, self.precision)?));
        }
        // where there is no derivative at all, nothing can be said of how it moves
        let plain = plain?;
        let still = self.jet(frame, motion, body).map_err(Missing::inside)?.is_constant();
        if plain.is_constant() && order > 0 {
            return Ok(Jet::constant(Ball::ZERO));
        }
        if still {
            return Ok(Jet::constant(plain.derivative(order, self.precision)?));
        }
        self.mixed(frame, &now, body, by, order)
    }

    /// The series along `now` of the derivative by another symbol. With `F_μ` the series of the body along `now + μ·by`, the
    /// coefficient of `μ^order` in the `(i + order)`-th coefficient of `F_μ` is the `i`-th one that is sought, divided by
    /// `order!`; it is found by interpolation in `μ`.
    fn mixed(&mut self, frame: usize, now: &Motion, body: Id, by: Symbol, order: usize) -> Result<Jet, Missing> {
        let total = now.order + order;
        if total >= MAX_DIRECTIONS {
            return Err(Missing::Unknown("a mixed derivative of high order"));
        }
        let p = self.precision;
        let scope = Scope { precision: p, order: now.order };
        self.pay(scope, total + 1)?;
        let mut sum = vec![Ball::ZERO; now.order + 1];
        for (speed, weight) in directions(total, order) {
            let turned = self.motions.id(now.with(by, speed, total));
            let jet = self.jet(frame, turned, body).map_err(Missing::inside)?;
            let weight = Ball::from_rational(weight.value(), p)?;
            for (i, c) in sum.iter_mut().enumerate() {
                *c = c.add(&jet.coefficient(i + order).mul(&weight, p)?, p)?;
            }
        }
        let factorial =
            Ball::from_rational((1..=order as i64).map(Number::integer).fold(Number::integer(1), |a, b| &a * &b).value(), p)?;
        let series = sum.iter().map(|c| c.mul(&factorial, p)).collect::<Result<Vec<_>, _>>()?;
        Ok(Jet::from_series(series, false, scope))
    }
}

/// A kink of the body is the absence of the derivative.
fn no_derivative(missing: Missing) -> Missing {
    match missing {
        Missing::NotSmooth(why) => Missing::Undefined(why),
        other => other,
    }
}

/// The series of the `order`-th derivative.
fn lowered(jet: &Jet, order: usize, scope: Scope) -> Result<Jet, Missing> {
    let mut series = Vec::with_capacity(scope.order + 1);
    for i in 0..=scope.order {
        let mut c = jet.coefficient(i + order);
        for k in i + 1..=i + order {
            c = c.mul_integer(k as i64, scope.precision)?;
        }
        series.push(c);
    }
    Ok(Jet::from_series(series, jet.is_constant(), scope))
}

/// `total + 1` distinct speeds `μ`, with the weights that take the coefficient of `μ^power` out of a polynomial of degree `total`.
fn directions(total: usize, power: usize) -> Vec<(i64, Number)> {
    let nodes: Vec<i64> = (0..=total as i64).map(|k| if k % 2 == 0 { -k / 2 } else { k / 2 + 1 }).collect();
    nodes.iter().map(|node| (*node, lagrange_coefficient(&nodes, *node, power))).collect()
}

/// The coefficient of `μ^power` in the polynomial that is 1 at `node` and 0 at the other nodes.
fn lagrange_coefficient(nodes: &[i64], node: i64, power: usize) -> Number {
    let mut polynomial = vec![Number::integer(1)];
    let mut divisor = Number::integer(1);
    for other in nodes.iter().filter(|n| **n != node) {
        divisor = &divisor * &Number::integer(node - other);
        let root = Number::integer(-other);
        let mut next = vec![Number::integer(0)];
        next.extend(polynomial.iter().cloned());
        for (n, c) in next.iter_mut().zip(&polynomial) {
            *n = &*n + &(&root * c);
        }
        polynomial = next;
    }
    polynomial.get(power).and_then(|c| c.checked_div(&divisor)).unwrap_or(Number::integer(0))
}

fn as_number(value: Value) -> Result<Jet, Missing> {
    match value {
        Value::Number(jet) => Ok(jet),
        Value::Truth(_) => Err(Missing::Unknown("a condition stands for a number")),
    }
}

fn constant(c: Constant, p: usize) -> Result<Jet, Missing> {
    Ok(Jet::constant(match c {
        Constant::Pi => super::ball::pi(p)?,
        Constant::E => Ball::ONE.exp(p)?,
    }))
}

/// -1, 0 or 1, where it is certain.
fn sign(ball: &Ball) -> Result<i32, Missing> {
    match () {
        () if ball.certainly_positive() => Ok(1),
        () if ball.certainly_negative() => Ok(-1),
        () if ball.is_exact_zero() => Ok(0),
        () => Err(Missing::Uncertain),
    }
}

/// The signs just before and behind a zero.
fn departure(gap: &Jet, scope: Scope) -> Result<(i32, i32), Missing> {
    for k in 1..=scope.order {
        let right = sign(&gap.coefficient(k))?;
        if right != 0 {
            return Ok((if k % 2 == 0 { right } else { -right }, right));
        }
    }
    Err(Missing::Unknown("a condition that is only just met"))
}
