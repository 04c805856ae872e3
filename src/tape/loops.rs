//! The inner loops of instructions over the rows of one block: plain loops that the compiler turns into vector instructions of
//! the machine they are compiled for. Operands have the length of the target.

#![allow(clippy::needless_range_loop)]

use super::graph::Extreme;
use super::scalar;
use crate::eval::float::Sum;
use crate::expr::Relation;
use crate::math::kernels::lanes::Machine;
use pulp::Simd;

/// `to = f(to, a)`. Operands are cut to one length first, so that no index is checked in the loop.
#[inline(always)]
pub(super) fn each1(to: &mut [f64], a: &[f64], f: impl Fn(f64, f64) -> f64) {
    let a = &a[..to.len()];
    for i in 0..to.len() {
        to[i] = f(to[i], a[i]);
    }
}

/// `to = f(to, a, b)`
#[inline(always)]
pub(super) fn each2(to: &mut [f64], [a, b]: [&[f64]; 2], f: impl Fn(f64, f64, f64) -> f64) {
    let (a, b) = (&a[..to.len()], &b[..to.len()]);
    for i in 0..to.len() {
        to[i] = f(to[i], a[i], b[i]);
    }
}

/// `to = f(to, a, b, c)`
#[inline(always)]
pub(super) fn each3(to: &mut [f64], [a, b, c]: [&[f64]; 3], f: impl Fn(f64, [f64; 3]) -> f64) {
    let (a, b, c) = (&a[..to.len()], &b[..to.len()], &c[..to.len()]);
    for i in 0..to.len() {
        to[i] = f(to[i], [a[i], b[i], c[i]]);
    }
}

/// The larger or the smaller.
#[inline(always)]
pub(super) fn extreme(to: &mut [f64], which: Extreme, a: &[f64], b: &[f64]) {
    match which {
        Extreme::Max => each2(
            to,
            [a, b],
            #[inline(always)]
            |_, a, b| scalar::extreme(Extreme::Max, a, b),
        ),
        Extreme::Min => each2(
            to,
            [a, b],
            #[inline(always)]
            |_, a, b| scalar::extreme(Extreme::Min, a, b),
        ),
    }
}

#[inline(always)]
fn truth(holds: bool, a: f64, b: f64) -> f64 {
    let value = if holds { 1.0 } else { 0.0 };
    if a.is_nan() || b.is_nan() { f64::NAN } else { value }
}

/// A comparison: 1, 0, or NaN where there is nothing to compare.
#[inline(always)]
pub(super) fn compare(to: &mut [f64], relation: Relation, a: &[f64], b: &[f64]) {
    match relation {
        Relation::Less => each2(
            to,
            [a, b],
            #[inline(always)]
            |_, a, b| truth(a < b, a, b),
        ),
        Relation::LessEqual => each2(
            to,
            [a, b],
            #[inline(always)]
            |_, a, b| truth(a <= b, a, b),
        ),
        Relation::Greater => each2(
            to,
            [a, b],
            #[inline(always)]
            |_, a, b| truth(a > b, a, b),
        ),
        Relation::GreaterEqual => each2(
            to,
            [a, b],
            #[inline(always)]
            |_, a, b| truth(a >= b, a, b),
        ),
        Relation::Equal => each2(
            to,
            [a, b],
            #[inline(always)]
            |_, a, b| truth(a == b, a, b),
        ),
        Relation::NotEqual => each2(
            to,
            [a, b],
            #[inline(always)]
            |_, a, b| truth(a != b, a, b),
        ),
    }
}

/// A choice.
#[inline(always)]
pub(super) fn select(to: &mut [f64], condition: &[f64], a: &[f64], b: &[f64]) {
    each3(
        to,
        [condition, a, b],
        #[inline(always)]
        |_, [c, a, b]| scalar::select(c, a, b),
    );
}

/// Partial sums that stand side by side, so that their order does not depend on the machine.
const LANES: usize = 16;

/// Fewer of them, each with what rounding took from it.
const FEW: usize = 8;

/// The sums of the products of the rows with some others. Those may be longer.
#[inline(always)]
pub(super) fn totals<S: Simd, const N: usize>(simd: S, a: &[f64], others: [&[f64]; N]) -> [f64; N] {
    match S::F64_LANES {
        8 => totals_of_vectors::<S, 2, N>(simd, a, others),
        4 => totals_of_vectors::<S, 4, N>(simd, a, others),
        2 => totals_of_vectors::<S, 8, N>(simd, a, others),
        _ => totals_of_vectors::<pulp::Scalar, LANES, N>(pulp::Scalar, a, others),
    }
}

/// The same with so many vectors of partial sums for each. Plain loops: what is not compiled into this very function does not know
/// the machine's vectors.
#[inline(always)]
fn totals_of_vectors<S: Simd, const V: usize, const N: usize>(simd: S, a: &[f64], others: [&[f64]; N]) -> [f64; N] {
    let count = a.len() / LANES;
    let whole = count * LANES;
    let chunks = &S::as_simd_f64s(a).0.as_chunks::<V>().0[..count];
    let mut columns = [chunks; N];
    for j in 0..N {
        columns[j] = &S::as_simd_f64s(others[j]).0.as_chunks::<V>().0[..count];
    }
    let mut sums = [[simd.splat_f64s(0.0); V]; N];
    for i in 0..count {
        for j in 0..N {
            for k in 0..V {
                sums[j][k] = simd.mul_add_e_f64s(chunks[i][k], columns[j][i][k], sums[j][k]);
            }
        }
    }
    let mut totals = [0.0; N];
    for j in 0..N {
        let (a, b) = (&a[whole..], &others[j][whole..a.len()]);
        let mut rest = 0.0;
        for i in 0..a.len() {
            rest += a[i] * b[i];
        }
        totals[j] = together(pulp::bytemuck::cast_slice(&sums[j])) + rest;
    }
    totals
}

/// The sum of the rows, and the rounding errors of the additions: `t = s + x` loses `(s - (t - (t - s))) + (x - (t - s))` exactly (Knuth,
/// The Art of Computer Programming, 4.2.2).
#[inline(always)]
pub(super) fn careful_total(a: &[f64]) -> [Sum; 2] {
    careful(
        a,
        a,
        #[inline(always)]
        |a, _| (a, 0.0),
    )
}

/// The sum of the products of the rows with others, and the rounding errors of the products and the additions (T. Ogita, S. Rump,
/// S. Oishi, "Accurate sum and dot product", 2005).
#[inline(always)]
pub(super) fn careful_total_of_products<M: Machine>(a: &[f64], b: &[f64]) -> [Sum; 2] {
    careful(
        a,
        b,
        #[inline(always)]
        |a, b| (a * b, M::lost(a, b)),
    )
}

#[inline(always)]
fn careful(a: &[f64], b: &[f64], term: impl Fn(f64, f64) -> (f64, f64)) -> [Sum; 2] {
    let (mut sums, mut lost) = ([0.0; FEW], [0.0; FEW]);
    let ((rows, left), (others, rest)) = (a.as_chunks::<FEW>(), b[..a.len()].as_chunks::<FEW>());
    let (mut last, mut beside) = ([0.0; FEW], [0.0; FEW]);
    last[..left.len()].copy_from_slice(left);
    beside[..rest.len()].copy_from_slice(rest);
    for (a, b) in rows.iter().zip(others).chain([(&last, &beside)]) {
        for k in 0..FEW {
            let (value, error) = term(a[k], b[k]);
            let total = sums[k] + value;
            let part = total - sums[k];
            lost[k] += ((sums[k] - (total - part)) + (value - part)) + error;
            sums[k] = total;
        }
    }
    [sums, lost].map(|lanes| {
        let mut sum = Sum::default();
        lanes.into_iter().for_each(|lane| sum.add(lane));
        sum
    })
}

/// The sum of [`LANES`] partial sums, by halves.
#[inline(always)]
fn together(lanes: &[f64]) -> f64 {
    let Some(mut lanes) = lanes.first_chunk::<LANES>().copied() else { return f64::NAN };
    let mut width = LANES / 2;
    while width > 0 {
        for k in 0..width {
            lanes[k] += lanes[k + width];
        }
        width /= 2;
    }
    lanes[0]
}
