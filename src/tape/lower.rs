//! From expressions to operations: each node once, functions of many arguments by plain ones.

use super::graph::{Extreme, MULTIPLIED, Op, Ops, Refusal, Signed, positive};
use crate::eval::float::exact_constant;
use crate::expr::{Constant, Graph, Id, Number, Reduction, Relation, Symbol, View, walk};
use crate::math::kernels::lanes::Lane;
use crate::math::{FunctionId, Kernel};
use std::collections::HashMap;

/// What the symbols of the expressions are.
pub(super) struct Names {
    /// The position of each column.
    pub(super) columns: HashMap<Symbol, u32>,
    /// The position of each parameter.
    pub(super) parameters: HashMap<Symbol, u32>,
}

/// Adds the operations of these expressions, and of all they are made of.
///
/// # Errors
/// The first part that has no operation.
pub(super) fn lower(g: &Graph, roots: &[Id], names: &Names, ops: &mut Ops) -> Result<Vec<Signed>, Refusal> {
    let mut lowering = Lowering { g, names, ops, done: HashMap::new(), data: None, vectors: HashMap::new() };
    for id in walk::topological(g, roots) {
        lowering.visit(id)?;
    }
    roots.iter().map(|root| lowering.get(*root)).collect()
}

struct Lowering<'a> {
    g: &'a Graph,
    names: &'a Names,
    ops: &'a mut Ops,
    done: HashMap<Id, Signed>,
    /// The data set whose rows a tape runs over.
    data: Option<Symbol>,
    /// The components of vector-valued calls.
    vectors: HashMap<Id, Vec<Signed>>,
}

fn refuse<T>(node: Id, reason: &'static str) -> Result<T, Refusal> {
    Err(Refusal { node, reason })
}

impl Lowering<'_> {
    fn get(&self, id: Id) -> Result<Signed, Refusal> {
        self.done.get(&id).copied().ok_or(Refusal { node: id, reason: "a vector is no number" })
    }

    fn all(&self, ids: &[Id]) -> Result<Vec<Signed>, Refusal> {
        ids.iter().map(|id| self.get(*id)).collect()
    }

    fn number(&mut self, value: f64) -> Signed {
        positive(self.ops.constant(value))
    }

    fn push(&mut self, op: Op) -> Signed {
        positive(self.ops.push(op))
    }

    fn visit(&mut self, id: Id) -> Result<(), Refusal> {
        if let View::Call(f, arguments) = self.g.view(id)
            && matches!(f.record().kernel, Kernel::Vector(_))
        {
            let scores = self.all(arguments)?;
            let shares = self.softmax(&scores);
            self.vectors.insert(id, shares);
            return Ok(());
        }
        let made = self.made(id)?;
        self.done.insert(id, made);
        Ok(())
    }

    fn made(&mut self, id: Id) -> Result<Signed, Refusal> {
        let g = self.g;
        Ok(match g.view(id) {
            View::Number(n) => self.number(n.to_f64()),
            View::Constant(Constant::Pi) => self.number(std::f64::consts::PI),
            View::Constant(Constant::E) => self.number(std::f64::consts::E),
            View::Symbol(symbol) => return self.symbol(id, symbol),
            View::Add(terms) => {
                let terms = self.all(terms)?;
                self.ops.sum(&terms)
            }
            View::Mul(factors) => {
                let factors = self.all(factors)?;
                self.ops.product(&factors)
            }
            View::Neg(a) => self.get(a)?.negated(),
            View::Div(a, b) => {
                let (a, b) = (self.get(a)?, self.get(b)?);
                self.ops.quotient(a, b)
            }
            View::Pow(a, b) => return self.power(a, b),
            View::Call(f, arguments) => {
                let list = self.all(arguments)?;
                return self.call(id, f, &list);
            }
            View::Component(vector, k) => {
                let at = (k as usize).wrapping_sub(1);
                return self.vectors.get(&vector).and_then(|v| v.get(at)).copied().ok_or(Refusal { node: id, reason: NO_PART });
            }
            View::If(condition, a, b) => {
                let (condition, a, b) = (self.get(condition)?, self.get(a)?, self.get(b)?);
                self.select(condition, a, b)
            }
            View::Compare(relation, a, b) => {
                let (a, b) = (self.get(a)?, self.get(b)?);
                self.compare(relation, a, b)
            }
            View::And(parts) => self.decided(parts, false)?,
            View::Or(parts) => self.decided(parts, true)?,
            View::Not(a) => {
                let (a, one) = (self.get(a)?, self.number(1.0));
                self.ops.sum(&[one, a.negated()])
            }
            View::IsInteger(a) => {
                let a = self.get(a)?;
                let floor = self.ops.lane(Lane::Floor, a);
                self.compare(Relation::Equal, floor, a)
            }
            View::Truth(holds) => self.number(f64::from(u8::from(holds))),
            View::Undefined => self.number(f64::NAN),
            View::Rows(kind, data, body) => {
                if *self.data.get_or_insert(data) != data {
                    return refuse(id, "one tape runs over the rows of one data set");
                }
                let body = self.get(body)?;
                let total = self.ops.total(body);
                match kind {
                    Reduction::Sum => total,
                    Reduction::Mean => {
                        let count = self.push(Op::Count);
                        self.ops.quotient(total, count)
                    }
                }
            }
            View::Series(..) => return refuse(id, "a series must be written out first"),
            View::Derivative(..) => return refuse(id, "a derivative must be taken first"),
        })
    }

    fn symbol(&mut self, id: Id, symbol: Symbol) -> Result<Signed, Refusal> {
        if let Some(k) = self.names.columns.get(&symbol) {
            return Ok(self.push(Op::Column(*k)));
        }
        match self.names.parameters.get(&symbol) {
            Some(k) => Ok(self.push(Op::Parameter(*k))),
            None => refuse(id, "it has no value"),
        }
    }

    // ---- conditions

    fn select(&mut self, condition: Signed, a: Signed, b: Signed) -> Signed {
        let (condition, a, b) = (self.ops.plain(condition), self.ops.plain(a), self.ops.plain(b));
        self.push(Op::Select(condition, a, b))
    }

    fn compare(&mut self, relation: Relation, a: Signed, b: Signed) -> Signed {
        let (a, b) = (self.ops.plain(a), self.ops.plain(b));
        self.push(Op::Compare(relation, a, b))
    }

    /// `and` is decided by the first part that is false, `or` by the first that is true.
    fn decided(&mut self, parts: &[Id], decisive: bool) -> Result<Signed, Refusal> {
        let mut parts = self.all(parts)?;
        let fixed = self.number(f64::from(u8::from(decisive)));
        let mut decided = parts.pop().unwrap_or(fixed);
        for part in parts.into_iter().rev() {
            decided = if decisive { self.select(part, fixed, decided) } else { self.select(part, decided, fixed) };
        }
        Ok(decided)
    }

    // ---- powers and functions

    fn power(&mut self, a: Id, b: Id) -> Result<Signed, Refusal> {
        let (base, exponent) = (self.get(a)?, self.get(b)?);
        if matches!(self.g.view(a), View::Constant(Constant::E)) {
            return Ok(self.ops.lane(Lane::Exp, exponent));
        }
        let exact = exact_constant(self.g, b);
        if let Some(twice) = exact.as_ref().and_then(|n| (n * &Number::integer(2)).to_i64())
            && let Some(multiplied) = self.multiplied(base, twice)
        {
            return Ok(multiplied);
        }
        let (base, exponent) = (self.ops.plain(base), self.ops.plain(exponent));
        Ok(self.push(Op::Power(base, exponent, exact)))
    }

    /// `base^(twice/2)` by multiplications and a root, where few do.
    fn multiplied(&mut self, base: Signed, twice: i64) -> Option<Signed> {
        let (whole, half) = ((twice.unsigned_abs() / 2) as u32, twice % 2 != 0);
        if twice.unsigned_abs() > u64::from(2 * MULTIPLIED) {
            return None;
        }
        if twice == 4
            && let Op::Lane(Lane::Sech, u) = self.ops.op(base.at)
        {
            let u = positive(*u);
            return Some(self.ops.lane(Lane::SechSquared, u));
        }
        let mut value = self.ops.whole_power(base, whole);
        if half {
            let root = self.ops.lane(Lane::Sqrt, base);
            value = self.ops.product(&[value, root]);
        }
        if twice < 0 {
            let one = self.number(1.0);
            value = self.ops.quotient(one, value);
        }
        Some(value)
    }

    fn call(&mut self, id: Id, f: FunctionId, arguments: &[Signed]) -> Result<Signed, Refusal> {
        Ok(match (f.name(), arguments) {
            ("sigmoid", [u]) if u.negative => self.ops.lane(Lane::SigmoidOpposite, u.negated()),
            ("softplus", [u]) if u.negative => self.ops.lane(Lane::SoftplusOpposite, u.negated()),
            ("log_sigmoid", [u]) => {
                let lane = if u.negative { Lane::Softplus } else { Lane::SoftplusOpposite };
                self.ops.lane(lane, positive(u.at)).negated()
            }
            ("max", list) => self.extreme(Extreme::Max, list),
            ("min", list) => self.extreme(Extreme::Min, list),
            ("clamp", [x, low, high]) => self.clamp(*x, *low, *high),
            ("sign", [u]) => {
                let zero = self.number(0.0);
                let (above, below) = (self.compare(Relation::Greater, *u, zero), self.compare(Relation::Less, *u, zero));
                self.ops.sum(&[above, below.negated()])
            }
            ("logaddexp", [a, b]) => self.logaddexp(*a, *b),
            ("logsumexp", list) => self.logsumexp(list),
            (name, [u]) if Lane::named(name).is_some() => {
                let lane = Lane::named(name).unwrap_or(Lane::Abs);
                self.ops.lane(lane, *u)
            }
            _ => {
                if matches!(f.record().kernel, Kernel::Opened | Kernel::Vector(_)) {
                    return refuse(id, "it is no function of numbers");
                }
                let arguments = arguments.iter().map(|a| self.ops.plain(*a)).collect();
                self.push(Op::Call(f, arguments))
            }
        })
    }

    fn extreme(&mut self, which: Extreme, list: &[Signed]) -> Signed {
        let mut plain = list.iter().map(|a| self.ops.plain(*a)).collect::<Vec<_>>().into_iter();
        let Some(mut best) = plain.next() else { return self.number(f64::NAN) };
        for other in plain {
            best = self.ops.push(Op::Extreme(which, best, other));
        }
        positive(best)
    }

    /// NaN where the bounds cross.
    fn clamp(&mut self, x: Signed, low: Signed, high: Signed) -> Signed {
        let ordered = self.compare(Relation::LessEqual, low, high);
        let raised = self.extreme(Extreme::Max, &[x, low]);
        let held = self.extreme(Extreme::Min, &[raised, high]);
        let nothing = self.number(f64::NAN);
        self.select(ordered, held, nothing)
    }

    fn logaddexp(&mut self, a: Signed, b: Signed) -> Signed {
        let largest = self.extreme(Extreme::Max, &[a, b]);
        let difference = self.ops.sum(&[a, b.negated()]);
        let apart = self.ops.lane(Lane::Abs, difference);
        let rest = self.ops.lane(Lane::SoftplusOpposite, apart);
        self.ops.sum(&[largest, rest])
    }

    /// The largest of the scores and the exponentials of all, less that.
    fn shifted(&mut self, scores: &[Signed]) -> (Signed, Vec<Signed>) {
        let largest = self.extreme(Extreme::Max, scores);
        let mut exponential = |score: &Signed| {
            let difference = self.ops.sum(&[*score, largest.negated()]);
            self.ops.lane(Lane::Exp, difference)
        };
        (largest, scores.iter().map(&mut exponential).collect())
    }

    fn logsumexp(&mut self, scores: &[Signed]) -> Signed {
        if let [a, b] = *scores {
            return self.logaddexp(a, b);
        }
        let (largest, powers) = self.shifted(scores);
        let total = self.ops.sum(&powers);
        let log = self.ops.lane(Lane::Log, total);
        self.ops.sum(&[largest, log])
    }

    fn softmax(&mut self, scores: &[Signed]) -> Vec<Signed> {
        let (_, powers) = self.shifted(scores);
        let total = self.ops.sum(&powers);
        let one = self.number(1.0);
        let inverse = self.ops.quotient(one, total);
        powers.iter().map(|p| self.ops.product(&[*p, inverse])).collect()
    }
}

const NO_PART: &str = "the vector has no such component";
