//! From operations to the instructions of one pass over the rows: sums of products become fused instructions, functions of one
//! argument go in pairs, and each total is taken as soon as what it adds is there.

use super::fuse::{Plan, plan, power_of_two};
use super::graph::{At, Op, Ops, Signed, positive};
use super::instruction::{Added, Instruction, MOST_TOTALS, Pass, Place, Start, Target, Term, Weighted};
use super::slots;
use crate::math::kernels::lanes::{Lane, Pair};
use hashbrown::{HashMap, HashSet};
use std::ops::Range;

/// The instructions that compute these totals and, as results in their order, these rows.
pub(super) fn emit(ops: &mut Ops, totals: &[At], results: &[At]) -> Pass {
    let added: Vec<At> = totals.iter().map(|t| if let Op::Total(a) = ops.op(*t) { *a } else { *t }).collect();
    let plan = plan(ops, &added, results);
    let order = plan.order.clone();
    let mut emitter = Emitter { ops, plan, pass: Pass::default(), done: HashSet::new() };
    let mut next = order.into_iter();
    for (k, root) in added.iter().enumerate() {
        emitter.up_to(*root, &mut next);
        emitter.total(k as u32, *root);
    }
    for (k, root) in results.iter().enumerate() {
        emitter.up_to(*root, &mut next);
        let a = emitter.rows(*root);
        emitter.pass.code.push(Instruction::Copy { to: Target::Output(k as u32), a });
    }
    let mut pass = emitter.pass;
    pass.totals = totals.to_vec();
    products_into_totals(ops, &mut pass);
    slots::assign(&mut pass);
    pass
}

/// A product of two rows that nothing but totals read is computed by them.
fn products_into_totals(ops: &Ops, pass: &mut Pass) {
    let (readers, mut products) = (slots::readers(pass), HashMap::new());
    for instruction in &pass.code {
        if let Instruction::Sum { to: Target::Slot(name), start: Start::Nothing, terms, times: None } = instruction
            && let [term] = &pass.terms[terms.start as usize..terms.end as usize]
            && let [a, b] = pass.operands[term.factors.start as usize..term.factors.end as usize]
            && ops.number(term.scalar) == Some(1.0)
            && readers.get(name) == Some(&1)
        {
            products.insert(*name, Added { a, times: Some(b) });
        }
    }
    let mut moved = HashSet::new();
    for instruction in &mut pass.code {
        if let Instruction::Totals { of, .. } = instruction
            && let Place::Slot(name) = of.a
            && let Some(product) = products.get(&name)
        {
            *of = *product;
            moved.insert(name);
        }
    }
    pass.code
        .retain(|instruction| !matches!(instruction, Instruction::Sum { to: Target::Slot(name), .. } if moved.contains(name)));
}

struct Emitter<'a> {
    ops: &'a mut Ops,
    plan: Plan,
    pass: Pass,
    done: HashSet<At>,
}

impl Emitter<'_> {
    /// Emits what stands in the order up to this operation.
    fn up_to(&mut self, root: At, next: &mut impl Iterator<Item = At>) {
        while self.ops.is_by_row(root) && !self.done.contains(&root) {
            let Some(at) = next.next() else { return };
            if self.done.insert(at) && !self.plan.inside.contains(&at) {
                self.operation(at);
            }
        }
    }

    fn is_inside(&self, at: At) -> bool {
        self.plan.inside.contains(&at)
    }

    fn is_sum_inside(&self, at: At) -> bool {
        self.is_inside(at) && matches!(self.ops.op(at), Op::Sum(_))
    }

    /// Where the rows of an operation are; a scalar is spread.
    fn rows(&mut self, at: At) -> Place {
        match self.ops.op(at) {
            Op::Column(k) => Place::Column(*k),
            _ => {
                if !self.ops.is_by_row(at) && self.done.insert(at) {
                    self.pass.code.push(Instruction::Spread { to: Target::Slot(at), scalar: at });
                }
                Place::Slot(at)
            }
        }
    }

    /// A total. It goes into the instruction before, where that has its rows or a factor of its product in common with it.
    fn total(&mut self, total: u32, a: At) {
        let (rows, other) = match *self.ops.op(a) {
            Op::Product([p, q]) if self.is_inside(a) => (self.rows(p), Some(self.rows(q))),
            _ => (self.rows(a), None),
        };
        let all = &mut self.pass.weighted;
        if let Some(Instruction::Totals { of: Added { a, .. }, terms }) = self.pass.code.last_mut()
            && terms.len() < MOST_TOTALS
        {
            // of the first product alone either factor may be the common one
            if terms.len() == 1
                && let Some(first) = &mut all[terms.start as usize].rows
                && ![Some(rows), other].contains(&Some(*a))
                && [Some(rows), other].contains(&Some(*first))
            {
                std::mem::swap(first, a);
            }
            let left = if rows == *a { Some(other) } else { other.filter(|other| other == a).map(|_| Some(rows)) };
            if let Some(rows) = left {
                all.push(Weighted { total, rows });
                terms.end += 1;
                return;
            }
        }
        let terms = appended(all, &[Weighted { total, rows: other }]);
        self.pass.code.push(Instruction::Totals { of: Added { a: rows, times: None }, terms });
    }

    fn operation(&mut self, at: At) {
        let to = Target::Slot(at);
        let made = match self.ops.op(at).clone() {
            Op::Constant(_) | Op::Parameter(_) | Op::Column(_) | Op::Total(_) | Op::Count => return,
            Op::Sum(_) => return self.sum(at, at, 1.0, None),
            Op::Product([other, sum]) | Op::Product([sum, other]) if self.is_sum_inside(sum) => {
                let times = self.ops.is_by_row(other).then(|| self.rows(other));
                return self.sum(at, sum, power_of_two(self.ops, at).unwrap_or(1.0), times);
            }
            Op::Product(_) => {
                let term = self.term(positive(at));
                self.single(to, term)
            }
            Op::Opposite(a) if self.is_inside(a) => {
                let term = self.term(positive(a).negated());
                self.single(to, term)
            }
            Op::Opposite(a) => {
                let term = self.rows_with_sign(positive(a).negated());
                self.single(to, term)
            }
            Op::Quotient(a, b) if !self.ops.is_by_row(a) => Instruction::Over { to, scalar: a, b: self.rows(b) },
            Op::Quotient(a, b) if !self.ops.is_by_row(b) => Instruction::Shared { to, a: self.rows(a), scalar: b },
            Op::Quotient(a, b) => Instruction::Quotient { to, a: self.rows(a), b: self.rows(b) },
            Op::Lane(lane, a) => self.lane(at, lane, a),
            Op::Extreme(which, a, b) => Instruction::Extreme { to, which, a: self.rows(a), b: self.rows(b) },
            Op::Compare(relation, a, b) => Instruction::Compare { to, relation, a: self.rows(a), b: self.rows(b) },
            Op::Select(c, a, b) => Instruction::Select { to, condition: self.rows(c), a: self.rows(a), b: self.rows(b) },
            Op::Power(a, b, exact) => Instruction::Power { to, a: self.rows(a), b: self.rows(b), exact },
            Op::Call(function, list) => {
                let places = list.iter().map(|a| self.rows(*a)).collect();
                Instruction::Call { to, function, arguments: self.operands(places) }
            }
        };
        self.pass.code.push(made);
    }

    fn operands(&mut self, places: Vec<Place>) -> Range<u32> {
        appended(&mut self.pass.operands, &places)
    }

    /// A function of one argument, with another of the same argument where one kernel gives both.
    fn lane(&mut self, at: At, lane: Lane, a: At) -> Instruction {
        let place = self.rows(a);
        for pair in Pair::ALL {
            let members = pair.members();
            let Some(own) = members.iter().position(|member| *member == lane) else { continue };
            let Some(other) = self.ops.find(&Op::Lane(members[1 - own], a)) else { continue };
            if self.plan.wanted.contains(&other) && self.done.insert(other) {
                let mut to = [Target::Slot(at); 2];
                to[1 - own] = Target::Slot(other);
                return Instruction::Pair { to, pair: *pair, a: place };
            }
        }
        Instruction::Lane { to: Target::Slot(at), lane, a: place }
    }

    // ---- products and sums

    /// A product with the products inside it: one scalar, and rows.
    fn term(&mut self, product: Signed) -> Term {
        let (mut scalars, mut rows, mut stack) = (Vec::new(), Vec::new(), vec![product.at]);
        while let Some(part) = stack.pop() {
            match *self.ops.op(part) {
                Op::Product([a, b]) if part == product.at || self.is_inside(part) => stack.extend([b, a]),
                _ if self.ops.is_by_row(part) => rows.push(self.rows(part)),
                _ => scalars.push(positive(part)),
            }
        }
        let scalar = self.ops.product(&scalars).flipped(product.negative);
        Term { scalar: self.ops.plain(scalar), factors: self.operands(rows) }
    }

    /// Rows that stand somewhere, or their opposite.
    fn rows_with_sign(&mut self, rows: Signed) -> Term {
        let scalar = self.ops.constant(if rows.negative { -1.0 } else { 1.0 });
        let place = self.rows(rows.at);
        Term { scalar, factors: self.operands(vec![place]) }
    }

    fn single(&mut self, to: Target, term: Term) -> Instruction {
        Instruction::Sum { to, start: Start::Nothing, terms: appended(&mut self.pass.terms, &[term]), times: None }
    }

    /// A sum, times a number or rows, with the sums and products inside it.
    fn sum(&mut self, at: At, sum: At, scale: f64, times: Option<Place>) {
        let (mut scalars, mut terms) = self.parts(sum);
        if scale != 1.0 {
            let scale = positive(self.ops.constant(scale));
            for term in &mut terms {
                let product = self.ops.product(&[positive(term.scalar), scale]);
                term.scalar = self.ops.plain(product);
            }
            scalars.iter_mut().for_each(|scalar| *scalar = self.ops.product(&[*scalar, scale]));
        }
        let mut start = Start::Nothing;
        if !scalars.is_empty() {
            let scalar = self.ops.sum(&scalars);
            start = Start::Scalar(self.ops.plain(scalar));
        } else if terms.len() > 1
            && let Some(k) = terms.iter().position(|t| t.factors.len() == 1 && self.ops.number(t.scalar) == Some(1.0))
        {
            start = Start::Rows(self.pass.operands[terms.remove(k).factors.start as usize]);
        }
        let terms = appended(&mut self.pass.terms, &terms);
        self.pass.code.push(Instruction::Sum { to: Target::Slot(at), start, terms, times });
    }

    /// The terms of a sum: those that are the same for all rows, and the others.
    fn parts(&mut self, sum: At) -> (Vec<Signed>, Vec<Term>) {
        let (mut scalars, mut terms, mut stack) = (Vec::new(), Vec::new(), vec![positive(sum)]);
        while let Some(part) = stack.pop() {
            match self.ops.op(part.at).clone() {
                Op::Sum(inner) if part.at == sum || self.is_inside(part.at) => {
                    stack.extend(inner.iter().rev().map(|t| t.flipped(part.negative)));
                }
                _ if !self.ops.is_by_row(part.at) => scalars.push(part),
                // what is in front goes into the sum even where the product has other readers
                Op::Product([a, b]) if self.is_inside(part.at) || !self.ops.is_by_row(a) && !self.is_inside(b) => {
                    let term = self.term(part);
                    terms.push(term);
                }
                _ => {
                    let term = self.rows_with_sign(part);
                    terms.push(term);
                }
            }
        }
        (scalars, terms)
    }
}

/// Adds these to a list; where they lie in it.
fn appended<T: Clone>(list: &mut Vec<T>, more: &[T]) -> Range<u32> {
    let from = list.len() as u32;
    list.extend_from_slice(more);
    from..list.len() as u32
}
