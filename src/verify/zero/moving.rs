//! How terms change at a sample as symbols move: their truncated power series.

use super::field::Value;
use super::model::{self, Purpose};
use super::sample::{BUDGET, MotionId, Place, Sample, Stop, pay};
use super::series::{self, Coefficients, Motion};
use super::term::{Op, Opaque, TermId};
use std::rc::Rc;

impl Sample {
    pub(super) fn moved(&self, motion: MotionId, id: TermId) -> Result<Rc<Coefficients>, Stop> {
        match self.moving.get(&(motion, id)) {
            Some(Ok(series)) => Ok(Rc::clone(series)),
            Some(Err(stop)) => Err(*stop),
            None => Err(Stop::Open(BUDGET)),
        }
    }

    /// How a term changes as symbols move, once its operands are known.
    pub(super) fn series(&mut self, place: &mut Place<'_>, id_of_motion: MotionId, id: TermId) -> Result<Coefficients, Stop> {
        let v = self.value(id)?;
        let terms = place.terms;
        let motion = place.motions.0.get(id_of_motion as usize).cloned().ok_or(Stop::Open("derivatives of high order"))?;
        if motion.symbols & terms.facts(id).symbols == 0 {
            return Ok(motion.still(v));
        }
        let n = motion.order();
        pay(place, motion.cost() * (n as u64 + 2) + 200)?;
        let of = |id: TermId| self.moved(id_of_motion, id);
        let minus = |a: &[Value]| a.iter().map(|c| -*c).collect::<Coefficients>();
        let composed = |outer: Coefficients, a: TermId| Ok::<_, Stop>(motion.compose(&outer, &of(a)?));
        match terms.op(id) {
            Op::Symbol(slot) => {
                let mut series = motion.still(v);
                motion.move_symbol(*slot, &mut series);
                Ok(series)
            }
            Op::Stage(slot, a) => {
                let mut series = (*of(*a)?).clone();
                motion.move_symbol(*slot, &mut series);
                Ok(series)
            }
            Op::Sum(kids) => kids.iter().try_fold(motion.still(Value::ZERO), |sum, k| Ok(motion.plus(&sum, &of(*k)?))),
            Op::Product(kids) => {
                kids.iter().try_fold(motion.still(Value::ONE), |product, k| Ok(motion.times(&product, &of(*k)?)))
            }
            Op::Opposite(a) => Ok(minus(&of(*a)?)),
            Op::Quotient(a, b) => {
                let below = composed(series::whole_power(self.value(*b)?, -1, n), *b)?;
                Ok(motion.times(&of(*a)?, &below))
            }
            Op::Whole(a, k) => composed(series::whole_power(self.value(*a)?, *k, n), *a),
            Op::Fraction(a, k) => {
                let exponent = terms.constant(*k).map_or(Value::ZERO, |c| c.coefficient.value);
                let u = self.value(*a)?;
                if u.is_zero() {
                    return Err(Stop::Undefined);
                }
                composed(series::general_power(v, u, exponent, n), *a)
            }
            Op::Power(a, b) => {
                let u = self.value(*a)?;
                if self.stands_still(place, id_of_motion, *b) {
                    return composed(series::general_power(v, u, self.value(*b)?, n), *a);
                }
                // a^b is exp(b·log a), which needs a > 0 as soon as b moves
                if !u.is_positive() {
                    return Err(Stop::Undefined);
                }
                let log = series::logarithm(model::value(&*self.logarithm(*a)?), u, n);
                let exponent = motion.times(&of(*b)?, &composed(log, *a)?);
                Ok(motion.compose(&series::exponential(v, n), &exponent))
            }
            Op::Exp(a) => composed(series::exponential(v, n), *a),
            Op::Log(a) => composed(series::logarithm(v, self.value(*a)?, n), *a),
            Op::CubeRoot(a) => {
                let u = self.value(*a)?;
                if u.is_zero() {
                    return Err(Stop::Undefined);
                }
                composed(series::general_power(v, u, Value::new(3).inverse(), n), *a)
            }
            Op::Abs(a) => match self.value(*a)? {
                u if self.counts_as_zero(u) => Err(Stop::Undefined),
                u if u == v => Ok((*of(*a)?).clone()),
                _ => Ok(minus(&of(*a)?)),
            },
            Op::Sign(a) if self.counts_as_zero(self.value(*a)?) => Err(Stop::Undefined),
            Op::Sign(_) | Op::Opaque(Opaque::Floor | Opaque::Round, _) => Ok(motion.still(v)),
            Op::Maximum(a, b) | Op::Minimum(a, b) => {
                if self.value(*a)? == self.value(*b)? && a != b {
                    return Err(Stop::Impossible);
                }
                let chosen = self.larger(place, id)?;
                Ok((*of(chosen)?).clone())
            }
            Op::If(c, a, b) => {
                let chosen = if self.holds(*c)? { *a } else { *b };
                if self.is_edge(terms, *c) {
                    return Err(Stop::Impossible);
                }
                Ok((*of(chosen)?).clone())
            }
            Op::Sin(a) => composed(series::sine(v, self.point(terms, *a)?.cos, n), *a),
            Op::Cos(a) => composed(series::sine(v, -self.point(terms, *a)?.sin, n), *a),
            Op::Asin(a) => {
                let u = self.value(*a)?;
                let root = self.root_of_complement(u)?;
                if root.is_zero() {
                    return Err(Stop::Undefined);
                }
                let slope = series::slope_of_arcsine(u, root.inverse(), n.saturating_sub(1));
                composed(series::integral(v, &slope), *a)
            }
            Op::Atan(a) => {
                let u = self.value(*a)?;
                let slope = series::slope_of_arctangent(u, (Value::ONE + u * u).inverse(), n.saturating_sub(1));
                composed(series::integral(v, &slope), *a)
            }
            Op::Atan2(y, x) => self.moving_angle(&motion, id_of_motion, v, *y, *x),
            Op::Opaque(f, kids) => self.moving_opaque(&motion, id_of_motion, v, *f, kids),
            Op::Derivative(body, slot, order) => {
                let next = place.motions.with(id_of_motion, *slot, *order as usize);
                let next = next.ok_or(Stop::Open("derivatives of high order"))?;
                let series = self.moved(next, *body)?;
                let motion = place.motions.0.get(next as usize).ok_or(Stop::Open("derivatives of high order"))?;
                Ok(motion.derivative(&series, *order as usize))
            }
            _ => Err(Stop::Open("a condition that moves")),
        }
    }

    /// The angle of a moving point turns as the arctangent of `t = (u·dv - v·du)/(u·u₀ + v·v₀)` does, from where it was.
    pub(super) fn moving_angle(
        &self,
        motion: &Motion,
        id: MotionId,
        v: Value,
        y: TermId,
        x: TermId,
    ) -> Result<Coefficients, Stop> {
        let (y0, x0) = (motion.still(self.value(y)?), motion.still(self.value(x)?));
        let (y, x) = (self.moved(id, y)?, self.moved(id, x)?);
        let cross: Coefficients = motion.times(&y, &x0).iter().zip(motion.times(&x, &y0)).map(|(a, b)| *a - b).collect();
        let dot = motion.plus(&motion.times(&x, &x0), &motion.times(&y, &y0));
        let n = motion.order();
        let Some(first) = dot.first().filter(|d| !d.is_zero()) else { return Err(Stop::Undefined) };
        let tangent = motion.times(&cross, &motion.compose(&series::whole_power(*first, -1, n), &dot));
        let slope = series::slope_of_arctangent(Value::ZERO, Value::ONE, n.saturating_sub(1));
        Ok(motion.compose(&series::integral(v, &slope), &tangent))
    }

    pub(super) fn moving_opaque(
        &self,
        motion: &Motion,
        id: MotionId,
        v: Value,
        f: Opaque,
        kids: &[TermId],
    ) -> Result<Coefficients, Stop> {
        let n = motion.order();
        let Some(u) = kids.first().copied() else { return Err(Stop::Open("a function without an argument")) };
        let at = self.value(u)?;
        let polygamma = |first: u32| {
            let key = |m: u32| Purpose::Opaque as u64 + 8 + u64::from(first + m);
            series::from_derivatives((0..=n as u32).map(|m| self.model.draw(key(m), at.bits())), n)
        };
        let outer = match f {
            Opaque::Polygamma(m) => polygamma(m),
            Opaque::Gamma => {
                // Γ' = Γ·ψ
                let digamma = polygamma(0);
                let mut gamma = vec![v];
                for k in 0..n {
                    let next = gamma.iter().zip(digamma.iter().take(k + 1).rev()).fold(Value::ZERO, |s, (g, d)| s + *g * *d);
                    gamma.push(next * Value::new(k as u64 + 1).inverse());
                }
                gamma
            }
            Opaque::Erf => {
                // the bell 2·exp(-(u + s)²)/√π, whose slope is -2(u + s) times itself
                let Some(slope) = kids.get(1) else { return Err(Stop::Open("a function without an argument")) };
                let mut bell = vec![self.value(*slope)?];
                for k in 0..n {
                    let one = bell.get(k).copied().unwrap_or(Value::ZERO) * at;
                    let two = k.checked_sub(1).and_then(|j| bell.get(j)).copied().unwrap_or(Value::ZERO);
                    bell.push(-((one + two) * Value::new(2)) * Value::new(k as u64 + 1).inverse());
                }
                bell.truncate(n);
                series::integral(v, &bell)
            }
            Opaque::Floor | Opaque::Round => return Ok(motion.still(v)),
        };
        Ok(motion.compose(&outer, &self.moved(id, u)?))
    }
}
