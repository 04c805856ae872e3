//! Sums of products, some vectors at a time, each with all of its terms: what is added up stays in registers.

#![allow(clippy::needless_range_loop)]

use super::block::Operands;
use super::instruction::{Pass, Place, Start, Term};
use crate::math::kernels::lanes::Machine;
use pulp::Simd;
use smallvec::SmallVec;

/// A sum over the rows of a block.
pub(super) struct Sum<'a> {
    pub(super) start: Start,
    pub(super) terms: &'a [Term],
    pub(super) times: Option<Place>,
    pub(super) pass: &'a Pass,
    pub(super) of: Operands<'a>,
}

/// A term with its rows as vectors `T`.
enum Ready<'a, T> {
    /// A scalar times rows.
    One(f64, &'a [T]),
    /// Rows times rows.
    Two([&'a [T]; 2]),
    /// The same times a scalar.
    ScaledTwo(f64, [&'a [T]; 2]),
    /// A scalar times the product of three.
    Three(f64, [&'a [T]; 3]),
}

/// What a sum begins with, as vectors.
enum From<'a, T> {
    Nothing,
    Scalar(f64),
    Rows(&'a [T]),
}

/// So many terms are made ready without asking for memory.
const USUAL: usize = 16;

impl<'a> Sum<'a> {
    /// `to = (start + Σ scalar*rows*…)*times`. Where vectors are longest there are twice as many registers.
    #[inline(always)]
    pub(super) fn write<S: Simd, M: Machine>(&self, simd: S, to: &mut [f64]) {
        let (vectors, rest) = S::as_mut_simd_f64s(to);
        let from = match self.start {
            Start::Nothing => From::Nothing,
            Start::Scalar(at) => From::Scalar(self.of.scalar(at)),
            Start::Rows(place) => From::Rows(self.of.vectors::<S>(place)),
        };
        let times = self.times.map(|place| self.of.vectors::<S>(place));
        let mut terms: SmallVec<[Ready<'a, S::f64s>; USUAL]> = SmallVec::new();
        for term in self.terms {
            terms.push(self.ready::<S>(term));
        }
        match (vectors.len(), S::F64_LANES) {
            (16.., 8) => groups::<S, 16>(simd, vectors, &from, &terms, times),
            (8.., _) => groups::<S, 8>(simd, vectors, &from, &terms, times),
            (4.., _) => groups::<S, 4>(simd, vectors, &from, &terms, times),
            _ => groups::<S, 1>(simd, vectors, &from, &terms, times),
        }
        let done = vectors.len() * S::F64_LANES;
        for (row, value) in rest.iter_mut().enumerate() {
            *value = self.row::<M>(done + row);
        }
    }

    #[inline(always)]
    fn places(&self, term: &Term) -> &'a [Place] {
        &self.pass.operands[term.factors.start as usize..term.factors.end as usize]
    }

    #[inline(always)]
    fn ready<S: Simd>(&self, term: &Term) -> Ready<'a, S::f64s> {
        let (of, scale) = (&self.of, self.of.scalar(term.scalar));
        match *self.places(term) {
            [] => Ready::One(0.0, &[]),
            [a] => Ready::One(scale, of.vectors::<S>(a)),
            [a, b] if scale == 1.0 => Ready::Two([of.vectors::<S>(a), of.vectors::<S>(b)]),
            [a, b] => Ready::ScaledTwo(scale, [of.vectors::<S>(a), of.vectors::<S>(b)]),
            [a, b, c, ..] => Ready::Three(scale, [of.vectors::<S>(a), of.vectors::<S>(b), of.vectors::<S>(c)]),
        }
    }

    /// The sum in one row, by the same operations.
    #[inline(always)]
    fn row<M: Machine>(&self, row: usize) -> f64 {
        let of = &self.of;
        let at = |place: Place| of.read(place)[row];
        let mut terms = self.terms.iter();
        let mut sum = match self.start {
            Start::Scalar(at) => of.scalar(at),
            Start::Rows(place) => at(place),
            Start::Nothing => {
                terms.next().map_or(0.0, |term| self.places(term).iter().fold(of.scalar(term.scalar), |p, place| p * at(*place)))
            }
        };
        for term in terms {
            if let [before @ .., last] = self.places(term) {
                let product = before.iter().fold(of.scalar(term.scalar), |p, place| p * at(*place));
                sum = M::fma(product, at(*last), sum);
            }
        }
        self.times.map_or(sum, |times| sum * at(times))
    }
}

/// Writes groups of so many vectors; the last one begins so early that it is whole, and writes some again.
#[inline(always)]
fn groups<S: Simd, const V: usize>(
    simd: S,
    to: &mut [S::f64s],
    from: &From<S::f64s>,
    terms: &[Ready<S::f64s>],
    times: Option<&[S::f64s]>,
) {
    let count = to.len();
    let mut at = 0;
    while at < count {
        at = at.min(count - V);
        let (mut sums, mut left) = ([simd.splat_f64s(0.0); V], terms);
        match from {
            From::Scalar(s) => sums = [simd.splat_f64s(*s); V],
            From::Rows(rows) => sums = *few(rows, at),
            From::Nothing => {
                if let Some((first, others)) = terms.split_first() {
                    sums = product::<S, V>(simd, first, at);
                    left = others;
                }
            }
        }
        for term in left {
            add::<S, V>(simd, &mut sums, term, at);
        }
        if let Some(times) = times {
            let times = few::<S::f64s, V>(times, at);
            for k in 0..V {
                sums[k] = simd.mul_f64s(sums[k], times[k]);
            }
        }
        to[at..at + V].as_chunks_mut::<V>().0[0] = sums;
        at += V;
    }
}

/// A term alone.
#[inline(always)]
fn product<S: Simd, const V: usize>(simd: S, term: &Ready<S::f64s>, at: usize) -> [S::f64s; V] {
    let (scale, rows): (f64, &[&[S::f64s]]) = match term {
        Ready::One(s, a) => (*s, std::slice::from_ref(a)),
        Ready::Two(rows) => (1.0, rows),
        Ready::ScaledTwo(s, rows) => (*s, rows),
        Ready::Three(s, rows) => (*s, rows),
    };
    let mut product = [simd.splat_f64s(scale); V];
    for rows in rows {
        let rows = few::<S::f64s, V>(rows, at);
        for k in 0..V {
            product[k] = simd.mul_f64s(product[k], rows[k]);
        }
    }
    product
}

/// Adds a term.
#[inline(always)]
fn add<S: Simd, const V: usize>(simd: S, sums: &mut [S::f64s; V], term: &Ready<S::f64s>, at: usize) {
    match term {
        Ready::One(s, a) => {
            let (s, a) = (simd.splat_f64s(*s), few::<S::f64s, V>(a, at));
            for k in 0..V {
                sums[k] = simd.mul_add_e_f64s(s, a[k], sums[k]);
            }
        }
        Ready::Two([a, b]) => {
            let (a, b) = (few::<S::f64s, V>(a, at), few::<S::f64s, V>(b, at));
            for k in 0..V {
                sums[k] = simd.mul_add_e_f64s(a[k], b[k], sums[k]);
            }
        }
        Ready::ScaledTwo(s, [a, b]) => {
            let (s, a, b) = (simd.splat_f64s(*s), few::<S::f64s, V>(a, at), few::<S::f64s, V>(b, at));
            for k in 0..V {
                sums[k] = simd.mul_add_e_f64s(simd.mul_f64s(s, a[k]), b[k], sums[k]);
            }
        }
        Ready::Three(s, [a, b, c]) => {
            let (s, a) = (simd.splat_f64s(*s), few::<S::f64s, V>(a, at));
            let (b, c) = (few::<S::f64s, V>(b, at), few::<S::f64s, V>(c, at));
            for k in 0..V {
                sums[k] = simd.mul_add_e_f64s(simd.mul_f64s(simd.mul_f64s(s, a[k]), b[k]), c[k], sums[k]);
            }
        }
    }
}

#[inline(always)]
fn few<T, const V: usize>(rows: &[T], at: usize) -> &[T; V] {
    &rows[at..at + V].as_chunks::<V>().0[0]
}
