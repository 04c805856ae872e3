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

/// The sums of the products of one or two rows with some others. All may be longer than the first.
#[inline(always)]
pub(super) fn totals<S: Simd, const P: usize, const N: usize>(simd: S, factors: [&[f64]; P], others: [&[f64]; N]) -> [f64; N] {
    match S::F64_LANES {
        8 => totals_of_vectors::<S, 2, P, N>(simd, factors, others),
        4 => totals_of_vectors::<S, 4, P, N>(simd, factors, others),
        2 => totals_of_vectors::<S, 8, P, N>(simd, factors, others),
        _ => totals_of_vectors::<pulp::Scalar, LANES, P, N>(pulp::Scalar, factors, others),
    }
}

/// The same with so many vectors of partial sums for each. Plain loops: what is not compiled into this very function does not know
/// the machine's vectors.
#[inline(always)]
fn totals_of_vectors<S: Simd, const V: usize, const P: usize, const N: usize>(
    simd: S,
    factors: [&[f64]; P],
    others: [&[f64]; N],
) -> [f64; N] {
    let rows = factors[0].len();
    let count = rows / LANES;
    let whole = count * LANES;
    let mut columns = [&S::as_simd_f64s(factors[0]).0.as_chunks::<V>().0[..count]; N];
    for j in 0..N {
        columns[j] = &S::as_simd_f64s(others[j]).0.as_chunks::<V>().0[..count];
    }
    let mut chunks = [columns[0]; P];
    for p in 0..P {
        chunks[p] = &S::as_simd_f64s(factors[p]).0.as_chunks::<V>().0[..count];
    }
    let mut sums = [[simd.splat_f64s(0.0); V]; N];
    for i in 0..count {
        let mut product = chunks[0][i];
        for p in 1..P {
            for k in 0..V {
                product[k] = simd.mul_f64s(product[k], chunks[p][i][k]);
            }
        }
        for j in 0..N {
            for k in 0..V {
                sums[j][k] = simd.mul_add_e_f64s(product[k], columns[j][i][k], sums[j][k]);
            }
        }
    }
    let (mut last, left) = ([0.0; LANES], rows - whole);
    last[..left].copy_from_slice(&factors[0][whole..rows]);
    for p in 1..P {
        let times = &factors[p][whole..rows];
        for i in 0..left {
            last[i] *= times[i];
        }
    }
    let mut totals = [0.0; N];
    for j in 0..N {
        let (last, others) = (&last[..left], &others[j][whole..rows]);
        let mut rest = 0.0;
        for i in 0..left {
            rest += last[i] * others[i];
        }
        totals[j] = together(pulp::bytemuck::cast_slice(&sums[j])) + rest;
    }
    totals
}

/// The sum of rows, or of the products of two, and the rounding errors of the additions: `t = s + x` loses
/// `(s - (t - (t - s))) + (x - (t - s))` exactly (Knuth, The Art of Computer Programming, 4.2.2).
#[inline(always)]
pub(super) fn careful_total<const P: usize>(factors: [&[f64]; P]) -> [Sum; 2] {
    careful(
        factors,
        factors[0],
        #[inline(always)]
        |a, _| (a, 0.0),
    )
}

/// The sum of the products of the same with others, and the rounding errors of these products and the additions (T. Ogita, S. Rump,
/// S. Oishi, "Accurate sum and dot product", 2005).
#[inline(always)]
pub(super) fn careful_total_of_products<M: Machine, const P: usize>(factors: [&[f64]; P], b: &[f64]) -> [Sum; 2] {
    careful(
        factors,
        b,
        #[inline(always)]
        |a, b| (a * b, M::lost(a, b)),
    )
}

/// The factors may be longer than the first, too.
#[inline(always)]
fn careful<const P: usize>(factors: [&[f64]; P], b: &[f64], term: impl Fn(f64, f64) -> (f64, f64)) -> [Sum; 2] {
    let (mut sums, mut lost) = ([0.0; FEW], [0.0; FEW]);
    let count = factors[0].len();
    let (others, rest) = b[..count].as_chunks::<FEW>();
    let (mut chunks, mut last, mut beside) = ([others; P], [[0.0; FEW]; P], [0.0; FEW]);
    beside[..rest.len()].copy_from_slice(rest);
    for p in 0..P {
        let (rows, left) = factors[p][..count].as_chunks::<FEW>();
        chunks[p] = rows;
        last[p][..left.len()].copy_from_slice(left);
    }
    for i in 0..=others.len() {
        let (mut a, b) = if i < others.len() { (chunks[0][i], &others[i]) } else { (last[0], &beside) };
        for p in 1..P {
            let times = if i < others.len() { &chunks[p][i] } else { &last[p] };
            for k in 0..FEW {
                a[k] *= times[k];
            }
        }
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
