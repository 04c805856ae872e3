//! Value and gradient over a million rows, and descents over a hundred, each beside a loop written by hand for that one formula
//! with the same vector instructions: `cargo bench --bench rows`. Both run in turns; the ratio of their best times is what counts.
//! `--list` prints the tapes, `--descent` runs the descents alone.

#![allow(clippy::unwrap_used, clippy::needless_range_loop)]

use grad::derive::adjoint::adjoints;
use grad::eval::recognise::recognise;
use grad::expr::{Graph, Id, Reduction, Symbol, walk};
use grad::resolve::formula;
use grad::tape::descent::{Descent, Method, Objective, Stride};
use grad::tape::{Program, Run};
use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

const ROWS: usize = 1_000_000;
const TURNS: usize = 40;
const STEPS: usize = 200_000;

/// The intercept and the weights at which losses are evaluated.
const WEIGHTS: [f64; 11] = [0.1, 0.5, -0.4, 0.3, 0.2, -0.1, 0.05, 0.6, -0.7, 0.15, 0.25];

const ACTIVATIONS: &str =
    "log(1 + exp(x)) + 0.5*y*(1 + tanh(0.7978845608*(y + 0.044715*y^3))) + exp(x)/(exp(x) + exp(y) + exp(z))";

const POLYNOMIALS: &str = "3*x^5 - 2*x^4*y + x^3*y^2 - 4*x*y*z + z^4 - 2*z^3 + exp(-0.5*(x^2 + y^2))*(1 + x*y + z^2) \
                           + exp(-0.5*z^2)*(x^3 - 3*x) + log(1 + x^2 + y^2 + z^2)";

fn main() {
    let data = data();
    if std::env::args().any(|a| a == "--descent") {
        return descent(&data);
    }
    println!("value and gradient, million rows a second");
    println!("{:24} {:>9} {:>9} {:>7} {:>12} {:>7}", "", "tape", "by hand", "ratio", "two threads", "gain");
    row("logistic, 2 features", &logistic(2), &data, |data, _| by_hand::logistic2(data));
    row("logistic, 10 features", &logistic(10), &data, |data, _| by_hand::logistic10(data));
    row("activations", &each_row(ACTIVATIONS), &data, by_hand::activations);
    row("polynomials and exp", &each_row(POLYNOMIALS), &data, by_hand::polynomials);
    descent(&data);
}

/// Numbers that begin at a line of the cache.
struct Aligned {
    numbers: Vec<f64>,
    offset: usize,
}

impl Aligned {
    fn new(values: impl Iterator<Item = f64>) -> Self {
        let mut numbers = vec![0.0; ROWS + 8];
        let offset = numbers.as_ptr().align_offset(64);
        numbers[offset..offset + ROWS].iter_mut().zip(values).for_each(|(number, value)| *number = value);
        Aligned { numbers, offset }
    }

    fn rows(&self) -> &[f64] {
        &self.numbers[self.offset..self.offset + ROWS]
    }

    fn rows_mut(&mut self) -> &mut [f64] {
        &mut self.numbers[self.offset..self.offset + ROWS]
    }
}

/// Ten columns of normal deviates, and one of ±1 that follows from the first three and chance.
fn data() -> Vec<Aligned> {
    let mut state = 7u64;
    let mut unit = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    };
    // G. Box, M. Muller 1958
    let mut normal = move || (-2.0 * unit().ln()).sqrt() * (std::f64::consts::TAU * unit()).cos();
    let mut columns: Vec<Aligned> = (0..10).map(|_| Aligned::new((0..ROWS).map(|_| normal()))).collect();
    let [a, b, c] = [0, 1, 2].map(|k: usize| columns[k].rows());
    let target = Aligned::new((0..ROWS).map(|i| if a[i] + b[i] + c[i] + normal() > 0.0 { 1.0 } else { -1.0 }));
    columns.push(target);
    columns
}

/// Expressions with their columns, by their places in the data.
struct Workload {
    program: Program,
    columns: Vec<usize>,
}

/// The total logistic loss with its slopes by the intercept and so many weights.
fn logistic(features: usize) -> Workload {
    let (mut g, loss, columns, by) = mean_logistic(features, Reduction::Sum);
    let mut roots = vec![loss];
    roots.extend(adjoints(&mut g, loss, &by).unwrap());
    let program = Program::new(&g, &roots, &columns, &by).unwrap();
    Workload { program, columns: (0..features).chain([10]).collect() }
}

fn mean_logistic(features: usize, kind: Reduction) -> (Graph, Id, Vec<Symbol>, Vec<Symbol>) {
    let mut g = Graph::new();
    let terms: String = (0..features).map(|j| format!(" + w{j}*x{j}")).collect();
    let body = formula(&mut g, &format!("log(1 + exp(-y*(b{terms})))")).unwrap();
    let data = g.data_set("data").unwrap();
    let names: Vec<String> = (0..features).map(|j| format!("x{j}")).chain(["y".to_owned()]).collect();
    let columns: Vec<Symbol> = names.iter().map(|name| g.column(data, name, true)).collect();
    let bound: HashMap<Id, Id> = names.iter().zip(&columns).map(|(name, c)| (g.variable(name), g.symbol(*c))).collect();
    let body = walk::substitute(&mut g, body, &bound);
    let body = recognise(&mut g, body);
    let loss = g.rows(kind, data, body);
    let by = ["b".to_owned()].into_iter().chain((0..features).map(|j| format!("w{j}"))).map(|name| g.intern(&name)).collect();
    (g, loss, columns, by)
}

/// A formula in x, y and z with its slopes, in each row.
fn each_row(text: &str) -> Workload {
    let mut g = Graph::new();
    let root = formula(&mut g, text).unwrap();
    let root = recognise(&mut g, root);
    let by: Vec<Symbol> = ["x", "y", "z"].iter().map(|name| g.intern(name)).collect();
    let slopes = adjoints(&mut g, root, &by).unwrap();
    let roots: Vec<Id> = [root].into_iter().chain(slopes).collect();
    Workload { program: Program::new(&g, &roots, &by, &[]).unwrap(), columns: vec![0, 1, 2] }
}

fn row(name: &str, work: &Workload, data: &[Aligned], by_hand: impl Fn(&[&[f64]], &mut [&mut [f64]]) -> Vec<f64>) {
    if std::env::args().any(|a| a == "--list") {
        print!("{}", work.program.listing());
    }
    let columns: Vec<&[f64]> = work.columns.iter().map(|k| data[*k].rows()).collect();
    let mut results: Vec<Aligned> = (0..work.program.results()).map(|_| Aligned::new(std::iter::empty())).collect();
    let mut best = [f64::INFINITY; 3];
    let mut sums: [Vec<f64>; 2] = Default::default();
    let mut runs = [Run::new(&work.program, 1), Run::new(&work.program, 2)];
    for _ in 0..TURNS {
        for (k, run) in runs.iter_mut().enumerate() {
            let mut views: Vec<&mut [f64]> = results.iter_mut().map(Aligned::rows_mut).collect();
            let start = Instant::now();
            run.start(&WEIGHTS);
            run.feed(&columns, ROWS, &mut views);
            run.end_pass();
            best[k] = best[k].min(start.elapsed().as_secs_f64());
            sums[0] = (0..12).map(|root| run.value(root)).filter(|v| !v.is_nan()).collect();
        }
        if !results.is_empty() {
            sums[0] = results.iter().map(|r| r.rows().iter().sum()).collect();
        }
        let mut views: Vec<&mut [f64]> = results.iter_mut().map(Aligned::rows_mut).collect();
        let start = Instant::now();
        sums[1] = black_box(by_hand(&columns, &mut views));
        best[2] = best[2].min(start.elapsed().as_secs_f64());
        if !results.is_empty() {
            sums[1] = results.iter().map(|r| r.rows().iter().sum()).collect();
        }
    }
    assert_eq!(sums[0].len(), sums[1].len());
    assert!(sums[0].iter().zip(&sums[1]).all(|(a, b)| (a - b).abs() <= 1e-9 * a.abs()), "{name}: {sums:?}");
    let speed = best.map(|seconds| ROWS as f64 / seconds / 1e6);
    let [one, two, limit] = speed;
    println!("{name:24} {one:9.0} {limit:9.0} {:7.2} {two:12.0} {:7.2}", one / limit, two / one);
}

/// Descent on the mean logistic loss of 100 rows, 3 features and an intercept.
fn descent(data: &[Aligned]) {
    let (mut g, loss, columns, by) = mean_logistic(3, Reduction::Mean);
    let objective = Objective::new(&mut g, loss, &columns, &by).unwrap();
    let rows: Vec<Vec<f64>> = [0, 1, 2, 10].iter().map(|k| data[*k].rows()[..100].to_vec()).collect();
    let (mut best, mut ends) = ([f64::INFINITY; 2], [[0.0; 4]; 2]);
    for _ in 0..5 {
        let stride = Stride { rate: 0.1, momentum: 0.0, method: Method::Gradient, batch: None, seed: 0 };
        let mut descent = Descent::new(&objective, &[0.0; 4], &rows, stride, 1);
        let start = Instant::now();
        assert!((0..STEPS).all(|_| descent.step()));
        best[0] = best[0].min(start.elapsed().as_secs_f64());
        ends[0].copy_from_slice(descent.at());
        // rows of zeros add nothing, and end a vector
        let padded: Vec<Vec<f64>> = rows.iter().map(|r| r.iter().copied().chain([0.0; 4]).collect()).collect();
        let start = Instant::now();
        ends[1] = by_hand::descent(&padded, STEPS);
        best[1] = best[1].min(start.elapsed().as_secs_f64());
    }
    assert!(ends[0].iter().zip(&ends[1]).all(|(a, b)| (a - b).abs() < 1e-9), "{ends:?}");
    let [tape, limit] = best.map(|seconds| STEPS as f64 / seconds / 1e6);
    println!(
        "gradient descent, 100 rows, 4 parameters: {tape:.2} million steps a second, by hand {limit:.2}, ratio {:.2}",
        tape / limit
    );
}

/// The same formulas as loops: what somebody would write who knows the formula and the machine. They overflow where the tapes do
/// not.
mod by_hand {
    use super::WEIGHTS;
    use pulp::{Arch, Simd, WithSimd};

    /// So many partial sums stand side by side.
    const LANES: usize = 8;

    #[inline(always)]
    fn polynomial<const N: usize>(coefficients: [f64; N], x: f64) -> f64 {
        let mut value = coefficients[N - 1];
        for k in (0..N - 1).rev() {
            value = value.mul_add(x, coefficients[k]);
        }
        value
    }

    /// The first terms of the series of exp; the last two make good for those that are left out.
    const EXP: [f64; 12] = [
        1.0,
        1.0,
        0.5,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        2.76e-7,
        2.5e-8,
    ];

    #[inline(always)]
    fn exp(u: f64) -> f64 {
        const ROUNDER: f64 = 6_755_399_441_055_744.0;
        let rounded = u * std::f64::consts::LOG2_E + ROUNDER;
        let scale = f64::from_bits((rounded.to_bits() << 52).wrapping_add(1f64.to_bits()));
        let n = rounded - ROUNDER;
        let r = n.mul_add(-1.908_214_929_270_587_7e-10, n.mul_add(-f64::from_bits(0x3fe6_2e42_fee0_0000), u));
        polynomial(EXP, r) * scale
    }

    #[inline(always)]
    fn log(u: f64) -> f64 {
        const LEAST: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
        const BIAS: u64 = 1023 << 52;
        const READER: u64 = 0x4330_0000_0000_0000;
        let exponent = u.to_bits().wrapping_sub(LEAST).wrapping_add(BIAS) >> 52;
        let k = f64::from_bits(READER | exponent) - (f64::from_bits(READER) + 1023.0);
        let f = f64::from_bits(u.to_bits().wrapping_sub(exponent << 52).wrapping_add(BIAS)) - 1.0;
        let s = f / (2.0 + f);
        let z = s * s;
        let series = [2.0, 0.666_666_666_7, 0.4, 0.285_714_285_7, 0.222_222_22, 0.181_818_2, 0.153_846, 0.133_3, 0.13];
        k.mul_add(std::f64::consts::LN_2, s * polynomial(series, z))
    }

    #[inline(always)]
    fn tanh(u: f64) -> f64 {
        let e = exp(-2.0 * u.abs());
        ((1.0 - e) / (1.0 + e)).copysign(u)
    }

    /// The slopes of the logistic loss, and the loss itself where it is asked for.
    struct Logistic<'a, const N: usize, const LOSS: bool> {
        x: [&'a [f64]; N],
        y: &'a [f64],
        weights: [f64; N],
        intercept: f64,
    }

    impl<const N: usize, const LOSS: bool> WithSimd for Logistic<'_, N, LOSS> {
        type Output = (f64, f64, [f64; N]);

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> Self::Output {
            let (mut loss, mut slope, mut slopes) = ([0.0; LANES], [0.0; LANES], [[0.0; LANES]; N]);
            let (y, rest) = self.y.as_chunks::<LANES>();
            let x = self.x.map(|x| &x.as_chunks::<LANES>().0[..y.len()]);
            for (i, y) in y.iter().enumerate() {
                let mut margin = [self.intercept; LANES];
                for j in 0..N {
                    for l in 0..LANES {
                        margin[l] = self.weights[j].mul_add(x[j][i][l], margin[l]);
                    }
                }
                let mut g = [0.0; LANES];
                for l in 0..LANES {
                    let e = exp(-y[l] * margin[l]);
                    if LOSS {
                        loss[l] += log(1.0 + e);
                    }
                    g[l] = -y[l] * e / (1.0 + e);
                    slope[l] += g[l];
                }
                for j in 0..N {
                    for l in 0..LANES {
                        slopes[j][l] = g[l].mul_add(x[j][i][l], slopes[j][l]);
                    }
                }
            }
            for (i, y) in rest.iter().enumerate() {
                let at = self.y.len() - rest.len() + i;
                let margin = (0..N).fold(self.intercept, |m, j| m + self.weights[j] * self.x[j][at]);
                let e = exp(-y * margin);
                if LOSS {
                    loss[0] += log(1.0 + e);
                }
                let g = -y * e / (1.0 + e);
                slope[0] += g;
                (0..N).for_each(|j| slopes[j][0] += g * self.x[j][at]);
            }
            let sum = |lanes: [f64; LANES]| lanes.iter().sum();
            (sum(loss), sum(slope), slopes.map(sum))
        }
    }

    fn logistic<const N: usize>(data: &[&[f64]]) -> Vec<f64> {
        let x: [&[f64]; N] = std::array::from_fn(|j| data[j]);
        let weights = std::array::from_fn(|j| WEIGHTS[j + 1]);
        let (loss, slope, slopes) = Arch::new().dispatch(Logistic::<N, true> { x, y: data[N], weights, intercept: WEIGHTS[0] });
        [loss, slope].into_iter().chain(slopes).collect()
    }

    pub fn logistic2(data: &[&[f64]]) -> Vec<f64> {
        logistic::<2>(data)
    }

    pub fn logistic10(data: &[&[f64]]) -> Vec<f64> {
        logistic::<10>(data)
    }

    /// Parameters in the order: intercept, weights.
    pub fn descent(rows: &[Vec<f64>], steps: usize) -> [f64; 4] {
        let mut at = [0.0; 4];
        let arch = Arch::new();
        let x: [&[f64]; 3] = std::array::from_fn(|j| &rows[j][..]);
        for _ in 0..steps {
            let weights = [at[1], at[2], at[3]];
            let (_, slope, slopes) = arch.dispatch(Logistic::<3, false> { x, y: &rows[3], weights, intercept: at[0] });
            at[0] -= 0.001 * slope;
            (0..3).for_each(|j| at[j + 1] -= 0.001 * slopes[j]);
        }
        at
    }

    /// A formula of three columns with its three slopes.
    trait Formula {
        fn at(x: f64, y: f64, z: f64) -> [f64; 4];
    }

    struct Each<'a, 'r, F> {
        columns: &'a [&'a [f64]],
        results: &'a mut [&'r mut [f64]],
        formula: std::marker::PhantomData<F>,
    }

    impl<F: Formula> WithSimd for Each<'_, '_, F> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let n = self.columns[0].len();
            let (x, y, z) = (&self.columns[0][..n], &self.columns[1][..n], &self.columns[2][..n]);
            let [a, b, c, d] = self.results else { return };
            let (a, b, c, d) = (&mut a[..n], &mut b[..n], &mut c[..n], &mut d[..n]);
            for i in 0..n {
                [a[i], b[i], c[i], d[i]] = F::at(x[i], y[i], z[i]);
            }
        }
    }

    struct Activations;

    impl Formula for Activations {
        #[inline(always)]
        fn at(x: f64, y: f64, z: f64) -> [f64; 4] {
            let (ex, ey, ez) = (exp(x), exp(y), exp(z));
            let th = tanh(0.797_884_560_8 * (y + 0.044_715 * y * y * y));
            let share = 1.0 / (ex + ey + ez);
            let p = ex * share;
            [
                log(1.0 + ex) + 0.5 * y * (1.0 + th) + p,
                ex / (1.0 + ex) + p * (1.0 - p),
                0.5 * (1.0 + th) + 0.5 * y * (1.0 - th * th) * 0.797_884_560_8 * (1.0 + 0.134_145 * y * y) - p * ey * share,
                -p * ez * share,
            ]
        }
    }

    struct Polynomials;

    impl Formula for Polynomials {
        #[inline(always)]
        fn at(x: f64, y: f64, z: f64) -> [f64; 4] {
            let (x2, y2, z2) = (x * x, y * y, z * z);
            let x3 = x2 * x;
            let (e1, e2) = (exp(-0.5 * (x2 + y2)), exp(-0.5 * z2));
            let (q, u) = (1.0 + x * y + z2, 1.0 + x2 + y2 + z2);
            let (iu, c3) = (2.0 / u, x3 - 3.0 * x);
            [
                3.0 * x3 * x2 - 2.0 * x2 * x2 * y + x3 * y2 - 4.0 * x * y * z + z2 * z2 - 2.0 * z2 * z
                    + e1 * q
                    + e2 * c3
                    + log(u),
                15.0 * x2 * x2 - 8.0 * x3 * y + 3.0 * x2 * y2 - 4.0 * y * z + e1 * (y - x * q) + e2 * (3.0 * x2 - 3.0) + x * iu,
                -2.0 * x2 * x2 + 2.0 * x3 * y - 4.0 * x * z + e1 * (x - y * q) + y * iu,
                -4.0 * x * y + 4.0 * z2 * z - 6.0 * z2 + e1 * 2.0 * z - z * e2 * c3 + z * iu,
            ]
        }
    }

    pub fn activations(columns: &[&[f64]], results: &mut [&mut [f64]]) -> Vec<f64> {
        Arch::new().dispatch(Each { columns, results, formula: std::marker::PhantomData::<Activations> });
        Vec::new()
    }

    pub fn polynomials(columns: &[&[f64]], results: &mut [&mut [f64]]) -> Vec<f64> {
        Arch::new().dispatch(Each { columns, results, formula: std::marker::PhantomData::<Polynomials> });
        Vec::new()
    }
}
