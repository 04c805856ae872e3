//! Expansions and logarithms of terms that were evaluated at a sample: what an exponential, an angle or a power needs to know of
//! its argument beyond the value.

use super::field::{Coefficient, Value};
use super::model::{self, Form};
use super::sample::{Sample, Stop, number};
use super::term::{Op, TermId, Terms};
use std::rc::Rc;

/// Sums with more terms are not brought to a canonical form under a logarithm.
const TERMS: usize = 48;

impl Sample {
    /// The expansion of a term that was evaluated.
    pub(super) fn form(&self, terms: &Terms, id: TermId) -> Result<Rc<Form>, Stop> {
        if let Some(form) = self.forms.get(&id) {
            return Ok(Rc::clone(form));
        }
        let v = self.value(id)?;
        Ok(Rc::new(match number(terms, id) {
            Some(c) => model::constant(c.coefficient),
            None => model::atom(v),
        }))
    }

    pub(super) fn logarithm(&self, id: TermId) -> Result<Rc<Form>, Stop> {
        self.value(id)?;
        self.logarithms.get(&id).map(Rc::clone).ok_or(Stop::Open("a logarithm"))
    }

    pub(super) fn form_of(&mut self, terms: &Terms, id: TermId, v: Value) -> Form {
        self.expanded(terms, id, v).unwrap_or_else(|| model::atom(v))
    }

    pub(super) fn expanded(&mut self, terms: &Terms, id: TermId, v: Value) -> Option<Form> {
        let of = |id: TermId| self.form(terms, id).ok();
        match terms.op(id) {
            Op::Number(n) => terms.constant(*n).map(|c| model::constant(c.coefficient)),
            Op::Sum(kids) => {
                let forms = kids.iter().map(|k| of(*k)).collect::<Option<Vec<_>>>()?;
                model::sum(forms.iter().map(|f| &**f))
            }
            Op::Product(kids) => {
                let one = model::constant(Coefficient::ONE);
                kids.iter().try_fold(one, |product, k| model::times(&product, &*of(*k)?))
            }
            Op::Opposite(a) => Some(model::scaled(&*of(*a)?, Coefficient::integer(-1))),
            Op::Quotient(a, b) => model::over(&*of(*a)?, &*of(*b)?, self.value(*b).ok()?),
            Op::Whole(a, n) => model::raised(&*of(*a)?, self.value(*a).ok()?, *n),
            Op::Fraction(a, n) => {
                let (base, exponent) = (number(terms, *a)?, &terms.constant(*n)?.number);
                let numerator = i64::try_from(exponent.value().numerator()).ok()?;
                let denominator = i64::try_from(exponent.value().denominator()).ok()?;
                model::root_of_number(base.factors.as_ref()?, numerator, denominator)
            }
            Op::Stage(_, a) => of(*a).map(|f| (*f).clone()),
            Op::If(c, a, b) => of(if self.holds(*c).ok()? { *a } else { *b }).map(|f| (*f).clone()),
            Op::Maximum(a, b) | Op::Minimum(a, b) => of(if self.value(*a).ok()? == v { *a } else { *b }).map(|f| (*f).clone()),
            Op::Abs(a) => {
                let sign = if self.value(*a).ok()? == v { 1 } else { -1 };
                Some(model::scaled(&*of(*a)?, Coefficient::integer(sign)))
            }
            Op::Log(a) => self.logarithms.get(a).map(|f| (**f).clone()),
            _ => None,
        }
    }

    /// The logarithm of the size of a term with the value `v`.
    pub(super) fn logarithm_of(&mut self, terms: &Terms, id: TermId, v: Value) -> Form {
        if v.is_zero() {
            return Form::new();
        }
        self.taken_apart(terms, id, v).unwrap_or_else(|| self.model.logarithm(v.size()))
    }

    pub(super) fn taken_apart(&mut self, terms: &Terms, id: TermId, v: Value) -> Option<Form> {
        let of = |sample: &Self, id: TermId| sample.logarithms.get(&id).map(Rc::clone);
        match terms.op(id) {
            Op::Number(n) => {
                let factors = terms.constant(*n)?.factors.as_ref()?;
                Some(self.model.logarithm_of_number(factors))
            }
            Op::Product(kids) => {
                let logs = kids.iter().map(|k| of(self, *k)).collect::<Option<Vec<_>>>()?;
                model::sum(logs.iter().map(|f| &**f))
            }
            Op::Quotient(a, b) => {
                let (top, below) = (of(self, *a)?, of(self, *b)?);
                Some(model::plus(&top, &model::scaled(&below, Coefficient::integer(-1))))
            }
            Op::Opposite(a) | Op::Abs(a) | Op::Stage(_, a) => of(self, *a).map(|f| (*f).clone()),
            Op::Whole(a, n) => Some(model::scaled(&*of(self, *a)?, Coefficient::integer(*n))),
            Op::Fraction(a, n) => Some(model::scaled(&*of(self, *a)?, terms.constant(*n)?.coefficient)),
            Op::CubeRoot(a) => Some(model::scaled(&*of(self, *a)?, Coefficient::integer(3).inverse())),
            Op::Power(a, b) => self.exponent_of(terms, *a, *b).ok(),
            Op::Exp(a) => self.form(terms, *a).ok().map(|f| (*f).clone()),
            Op::If(c, a, b) => of(self, if self.holds(*c).ok()? { *a } else { *b }).map(|f| (*f).clone()),
            Op::Maximum(a, b) | Op::Minimum(a, b) => {
                let chosen = if self.value(*a).ok()? == v { *a } else { *b };
                of(self, chosen).map(|f| (*f).clone())
            }
            Op::Sum(kids) if kids.len() <= TERMS => self.logarithm_of_sum(kids, v),
            _ => None,
        }
    }

    /// A sum is one of its terms times what is left; of all choices the one with the smallest rest, so that common factors of
    /// the terms make no difference.
    pub(super) fn logarithm_of_sum(&mut self, kids: &[TermId], v: Value) -> Option<Form> {
        let mut best: Option<(Value, TermId)> = None;
        for k in kids {
            let t = self.value(*k).ok()?;
            if t.is_zero() {
                continue;
            }
            let rest = (v * t.inverse()).size();
            if self.model.is_exponential(rest) {
                best = Some((rest, *k));
                break;
            }
            if best.is_none_or(|(least, _)| rest < least) {
                best = Some((rest, *k));
            }
        }
        let (rest, term) = best?;
        let own = self.logarithms.get(&term).map(Rc::clone)?;
        let drawn = self.model.logarithm(rest);
        Some(model::plus(&own, &drawn))
    }
}
