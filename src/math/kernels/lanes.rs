//! The functions again, for many arguments at once: formulas without branches, which the compiler turns into vector
//! instructions. Each holds where its argument is ordinary; what is not (overflow, subnormal results, poles, NaN) is left to the
//! scalar kernels, so that both have one meaning. At most 4 ulp apart from those; polynomials are Chebyshev fits of our own.

use super::{elementary, special};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, FRAC_2_SQRT_PI, LOG2_E};

/// How a machine computes `a*b + c`.
pub trait Machine {
    /// `a*b + c`
    fn fma(a: f64, b: f64, c: f64) -> f64;
    /// What rounding left out of `a*b`.
    fn lost(a: f64, b: f64) -> f64;
}

/// A machine with an instruction that rounds once.
pub struct Fused;

/// A machine without: it rounds twice.
pub struct Plain;

impl Machine for Fused {
    #[inline(always)]
    fn fma(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    fn lost(a: f64, b: f64) -> f64 {
        a.mul_add(b, -(a * b))
    }
}

impl Machine for Plain {
    #[inline(always)]
    fn fma(a: f64, b: f64, c: f64) -> f64 {
        a * b + c
    }
    /// By halves of 26 bits, whose products are exact (T. J. Dekker 1971).
    #[inline(always)]
    fn lost(a: f64, b: f64) -> f64 {
        let halves = |v: f64| {
            let scaled = v * 134_217_729.0;
            let high = scaled - (scaled - v);
            (high, v - high)
        };
        let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
        ((a_high * b_high - a * b) + a_high * b_low + a_low * b_high) + a_low * b_low
    }
}

/// A function with a formula free of branches.
pub trait Core {
    /// Whether the formula holds for this argument.
    fn is_ordinary(u: f64) -> bool;
    /// The value by the formula.
    fn value<M: Machine>(u: f64) -> f64;
    /// The value for every argument.
    fn scalar(u: f64) -> f64;
}

/// Two functions of one argument that share most of their work.
pub trait PairCore {
    /// Whether the formulas hold for this argument.
    fn is_ordinary(u: f64) -> bool;
    /// Both values by the formulas.
    fn values<M: Machine>(u: f64) -> (f64, f64);
    /// Both values for every argument.
    fn scalars(u: f64) -> (f64, f64);
}

macro_rules! cores {
    ($($(#[$doc:meta])* $core:ident $name:literal: $ordinary:expr, $value:expr, $scalar:expr;)*) => {
        /// A function of one argument that is computed for many arguments at once.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Lane { $($(#[$doc])* $core),* }

        impl Lane {
            /// All of them.
            pub const ALL: &[Lane] = &[$(Lane::$core),*];

            /// Its name in the language; of a function that the language has no name for, a formula.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Lane::$core => $name),* }
            }

            /// The values for all of `from`. Both have one length.
            #[inline(always)]
            pub fn map<M: Machine>(self, from: &[f64], to: &mut [f64]) {
                match self { $(Lane::$core => map::<cores::$core, M>(from, to)),* }
            }

            /// The one of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Lane> {
                Lane::ALL.iter().copied().find(|lane| lane.name() == name)
            }

            /// The value for every argument, by the scalar kernel.
            #[must_use]
            pub fn scalar(self, u: f64) -> f64 {
                match self { $(Lane::$core => cores::$core::scalar(u)),* }
            }
        }

        mod cores {
            use super::*;
            $(
                pub struct $core;
                impl Core for $core {
                    #[inline(always)]
                    fn is_ordinary(u: f64) -> bool { ($ordinary)(u) }
                    #[inline(always)]
                    fn value<M: Machine>(u: f64) -> f64 { ($value)(std::marker::PhantomData::<M>, u) }
                    fn scalar(u: f64) -> f64 { ($scalar)(u) }
                }
            )*
        }
    };
}

use std::marker::PhantomData as With;

cores! {
    /// The square root.
    Sqrt "sqrt": always, |_: With<M>, u: f64| u.sqrt(), elementary::sqrt;
    /// The distance from 0.
    Abs "abs": always, |_: With<M>, u: f64| u.abs(), special::abs;
    /// The exponential.
    Exp "exp": moderate, |_: With<M>, u| exp::<M>(u), elementary::exp;
    /// The natural logarithm.
    Log "log": |u| (f64::MIN_POSITIVE..f64::INFINITY).contains(&u), |_: With<M>, u| log::<M>(u), elementary::log;
    /// log(1 + u)
    Log1p "log1p": |u| u > -1.0 && u < 1e300, |_: With<M>, u| log1p::<M>(u), elementary::log1p;
    /// exp(u) - 1
    Expm1 "expm1": moderate, |_: With<M>, u| grown::<M>(u).1, elementary::expm1;
    /// Hyperbolic tangent.
    Tanh "tanh": |u: f64| !u.is_nan(), |_: With<M>, u| tanh_and_slope::<M>(u).0, elementary::tanh;
    /// Its slope.
    SechSquared "sech(u)^2": |u: f64| u.abs() < 353.0, |_: With<M>, u| tanh_and_slope::<M>(u).1, elementary::sech_squared;
    /// Hyperbolic secant.
    Sech "sech": moderate, |_: With<M>, u| sech::<M>(u), elementary::sech;
    /// Hyperbolic sine.
    Sinh "sinh": moderate, |_: With<M>, u| sinh::<M>(u), elementary::sinh;
    /// Hyperbolic cosine.
    Cosh "cosh": moderate, |_: With<M>, u| cosh::<M>(u), elementary::cosh;
    /// The logistic function.
    Sigmoid "sigmoid": moderate, |_: With<M>, u| softplus_and_sigmoid::<M>(u).1, special::sigmoid;
    /// One less that: the logistic function of the opposite.
    SigmoidOpposite "sigmoid(-u)": moderate, |_: With<M>, u: f64| softplus_and_sigmoid::<M>(-u).1, |u: f64| special::sigmoid(-u);
    /// log(1 + exp(u))
    Softplus "softplus": moderate, |_: With<M>, u| softplus_and_sigmoid::<M>(u).0, special::softplus;
    /// log(1 + exp(-u))
    SoftplusOpposite "softplus(-u)": moderate, |_: With<M>, u: f64| softplus_and_sigmoid::<M>(-u).0, |u: f64| special::softplus(-u);
    /// The largest integer not above the argument.
    Floor "floor": always, |_: With<M>, u: f64| u.floor(), special::floor;
    /// The smallest integer not below the argument.
    Ceil "ceil": always, |_: With<M>, u: f64| u.ceil(), special::ceil;
    /// The nearest integer; of two, the even one.
    Round "round": always, |_: With<M>, u: f64| u.round_ties_even(), special::round;
    /// The larger of the argument and 0.
    Relu "relu": |u: f64| !u.is_nan(), |_: With<M>, u: f64| if u > 0.0 { u } else { 0.0 }, special::relu;
    /// 1 above 0, otherwise 0.
    Step "step": |u: f64| !u.is_nan(), |_: With<M>, u: f64| if u > 0.0 { 1.0 } else { 0.0 }, special::step;
    /// u*sigmoid(u)
    Silu "silu": moderate, |_: With<M>, u| u * softplus_and_sigmoid::<M>(u).1, special::silu;
    /// The error function.
    Erf "erf": |u: f64| u.abs() < 26.0, |_: With<M>, u| erf::<M>(u), special::erf;
    /// Its complement.
    Erfc "erfc": |u: f64| u.abs() < 26.0, |_: With<M>, u| erfc::<M>(u), special::erfc;
    /// u*erfc(-u/√2)/2
    Gelu "gelu": |u: f64| u > -20.0 && u < 36.0, |_: With<M>, u| gelu::<M>(u), special::gelu;
    /// Sine.
    Sin "sin": |u: f64| u.abs() < TURNS, |_: With<M>, u| sin_and_cos::<M>(u).0, elementary::sin;
    /// Cosine.
    Cos "cos": |u: f64| u.abs() < TURNS, |_: With<M>, u| sin_and_cos::<M>(u).1, elementary::cos;
}

macro_rules! pairs {
    ($($(#[$doc:meta])* $pair:ident: $first:ident, $second:ident, $ordinary:expr, $values:expr;)*) => {
        /// Two functions that are computed together.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Pair { $($(#[$doc])* $pair),* }

        impl Pair {
            /// All of them.
            pub const ALL: &[Pair] = &[$(Pair::$pair),*];

            /// The two functions.
            #[must_use]
            pub fn members(self) -> [Lane; 2] {
                match self { $(Pair::$pair => [Lane::$first, Lane::$second]),* }
            }

            /// The values of both for all of `from`. All three have one length.
            #[inline(always)]
            pub fn map<M: Machine>(self, from: &[f64], first: &mut [f64], second: &mut [f64]) {
                match self { $(Pair::$pair => map_pair::<pairs::$pair, M>(from, first, second)),* }
            }
        }

        mod pairs {
            use super::*;
            $(
                pub struct $pair;
                impl PairCore for $pair {
                    #[inline(always)]
                    fn is_ordinary(u: f64) -> bool { ($ordinary)(u) }
                    #[inline(always)]
                    fn values<M: Machine>(u: f64) -> (f64, f64) { ($values)(std::marker::PhantomData::<M>, u) }
                    fn scalars(u: f64) -> (f64, f64) { (Lane::$first.scalar(u), Lane::$second.scalar(u)) }
                }
            )*
        }
    };
}

pairs! {
    /// The softplus with its slope.
    SoftplusSigmoid: Softplus, Sigmoid, moderate, |_: With<M>, u| softplus_and_sigmoid::<M>(u);
    /// The same of the opposite argument.
    SoftplusSigmoidOpposite: SoftplusOpposite, SigmoidOpposite, moderate, |_: With<M>, u: f64| softplus_and_sigmoid::<M>(-u);
    /// The two softpluses, whose difference is the argument.
    Softpluses: Softplus, SoftplusOpposite, moderate, |_: With<M>, u| softpluses::<M>(u);
    /// The two shares, which make 1.
    Sigmoids: Sigmoid, SigmoidOpposite, moderate, |_: With<M>, u| sigmoids::<M>(u);
    /// The hyperbolic tangent with its slope.
    TanhSlope: Tanh, SechSquared, |u: f64| u.abs() < 353.0, |_: With<M>, u| tanh_and_slope::<M>(u);
    /// Sine with cosine.
    SinCos: Sin, Cos, |u: f64| u.abs() < TURNS, |_: With<M>, u| sin_and_cos::<M>(u);
}

#[inline(always)]
fn map<C: Core, M: Machine>(from: &[f64], to: &mut [f64]) {
    let (mut odd, from) = (0u64, &from[..to.len()]);
    for i in 0..to.len() {
        odd |= u64::from(!C::is_ordinary(from[i]));
        to[i] = C::value::<M>(from[i]);
    }
    if odd != 0 {
        mend::<C>(from, to);
    }
}

/// The scalar kernel where the formula does not hold.
#[cold]
#[inline(never)]
fn mend<C: Core>(from: &[f64], to: &mut [f64]) {
    for (value, u) in to.iter_mut().zip(from) {
        if !C::is_ordinary(*u) {
            *value = C::scalar(*u);
        }
    }
}

#[inline(always)]
fn map_pair<C: PairCore, M: Machine>(from: &[f64], first: &mut [f64], second: &mut [f64]) {
    let (mut odd, from, length) = (0u64, &from[..first.len()], first.len());
    let (a, b) = (&mut *first, &mut second[..length]);
    for i in 0..a.len() {
        odd |= u64::from(!C::is_ordinary(from[i]));
        (a[i], b[i]) = C::values::<M>(from[i]);
    }
    if odd != 0 {
        mend_pair::<C>(from, first, second);
    }
}

#[cold]
#[inline(never)]
fn mend_pair<C: PairCore>(from: &[f64], first: &mut [f64], second: &mut [f64]) {
    for ((a, b), u) in first.iter_mut().zip(second).zip(from) {
        if !C::is_ordinary(*u) {
            (*a, *b) = C::scalars(*u);
        }
    }
}

#[inline(always)]
fn always(_: f64) -> bool {
    true
}

/// Neither this exponential nor one over it overflows or is subnormal.
#[inline(always)]
fn moderate(u: f64) -> bool {
    u.abs() < 708.0
}

/// Reduction of an angle by three parts of π/2 keeps its digits up to here.
const TURNS: f64 = 1e5;

/// 1.5·2^52: adding it rounds to an integer, which then stands in the low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// ln 2 in two parts; a product of the first with an exponent is exact.
const LN_2: [f64; 2] = [f64::from_bits(0x3fe6_2e42_fee0_0000), 1.908_214_929_270_587_7e-10];

/// `(exp(r) - 1 - r)/r^2` for |r| ≤ ln(2)/2, to 1.4e-18.
const EXP: [f64; 11] = [
    0.5,
    0.166_666_666_666_666_7,
    0.041_666_666_666_666_67,
    0.008_333_333_333_326_112,
    0.001_388_888_888_888_373,
    0.000_198_412_698_749_012_6,
    2.480_158_732_560_532_4e-5,
    2.755_725_529_796_964_3e-6,
    2.755_727_357_010_214e-7,
    2.510_525_953_844_849e-8,
    2.091_471_734_171_637_8e-9,
];

/// `2*atanh(s)/s = 2 + z*P(z)` with z = s^2, for s up to that of √2, to 2.1e-18.
const LOG: [f64; 8] = [
    0.666_666_666_666_666_6,
    0.400_000_000_000_008_85,
    0.285_714_285_707_997_84,
    0.222_222_223_925_810_45,
    0.181_817_955_475_211_37,
    0.153_862_447_376_216_65,
    0.132_686_383_692_668_25,
    0.130_880_348_509_275_55,
];

/// The same for s up to 1/3, to 6.7e-20.
const LOG_TO_2: [f64; 12] = [
    0.666_666_666_666_666_6,
    0.400_000_000_000_000_13,
    0.285_714_285_714_219_36,
    0.222_222_222_233_330_6,
    0.181_818_180_859_226,
    0.153_846_202_575_341_07,
    0.133_331_768_451_548_15,
    0.117_679_996_219_089_95,
    0.104_803_780_550_599_16,
    0.099_421_746_268_553_63,
    0.063_335_142_575_231_04,
    0.152_322_866_374_646_38,
];

/// `erf(x)/x` in x^2 for |x| ≤ 1, to 1.3e-19.
const ERF: [f64; 13] = [
    FRAC_2_SQRT_PI,
    -0.376_126_389_031_837_5,
    0.112_837_916_709_548_79,
    -0.026_866_170_645_076_792,
    0.005_223_977_624_818_014_5,
    -0.000_854_832_698_083_379,
    0.000_120_553_311_116_427_1,
    -1.492_559_526_683_118_2e-5,
    1.646_100_048_412_136_8e-6,
    -1.635_031_270_105_469_5e-7,
    1.465_977_527_404_743_6e-8,
    -1.137_284_885_679_167_4e-9,
    5.957_176_147_748_911e-11,
];

/// `erfc(x)*exp(x^2)/t` in t - 1/2 with t = 4/(4 + x), for x from 0.49 to 26.6, to 1.2e-18.
const ERFC: [f64; 21] = [
    0.273_998_915_250_122_77,
    0.488_274_364_540_441,
    0.773_208_702_265_236_9,
    1.081_707_662_626_475_7,
    1.323_406_351_512_138_6,
    1.392_087_497_918_807_4,
    1.222_104_238_538_151,
    0.843_841_706_925_383_3,
    0.391_171_562_613_368_1,
    0.035_962_733_884_437_88,
    -0.116_493_509_689_901_26,
    -0.090_528_152_357_090_73,
    -0.003_721_929_686_799_055,
    0.038_627_079_536_232_89,
    0.019_221_709_204_003_356,
    -0.011_667_990_090_165_612,
    -0.013_807_399_452_322_578,
    0.002_485_862_767_336_496,
    0.007_840_577_709_779_008,
    -0.000_160_065_762_484_943_38,
    -0.003_200_169_800_159_591,
];

/// `(sin(r)/r - 1)/r^2` in r^2 for |r| ≤ π/4, to 1.2e-20.
const SIN: [f64; 7] = [
    -0.166_666_666_666_666_66,
    0.008_333_333_333_333_331,
    -0.000_198_412_698_412_650_4,
    2.755_731_921_932_058e-6,
    -2.505_210_622_599_44e-8,
    1.605_853_059_664_595_3e-10,
    -7.586_636_882_825_159e-13,
];

/// `(cos(r) - 1 + r^2/2)/r^4` in r^2 for |r| ≤ π/4, to 6.5e-22.
const COS: [f64; 7] = [
    0.041_666_666_666_666_664,
    -0.001_388_888_888_888_888_7,
    2.480_158_730_158_463_2e-5,
    -2.755_731_922_139_249e-7,
    2.087_675_578_749_260_4e-9,
    -1.147_046_031_920_951_1e-11,
    4.745_838_412_531_023e-14,
];

/// π/2 in three parts; products of the first two with a number of turns are exact.
const HALF_PI: [f64; 3] = [f64::from_bits(0x3ff9_21fb_5440_0000), 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];

/// A polynomial, constant first (Horner).
#[inline(always)]
fn polynomial<M: Machine, const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let mut value = coefficients[N - 1];
    for k in (0..N - 1).rev() {
        value = M::fma(value, x, coefficients[k]);
    }
    value
}

/// `exp(u) = scale*(1 + rest)*(1 + low)`: the scale, a power of two, the rest, and what its argument lost by rounding.
#[inline(always)]
fn parts_of_exp<M: Machine>(u: f64) -> (f64, f64, f64) {
    let rounded = u * LOG2_E + ROUNDER;
    let scale = f64::from_bits((rounded.to_bits() << 52).wrapping_add(1f64.to_bits()));
    let n = rounded - ROUNDER;
    let high = M::fma(n, -LN_2[0], u);
    let r = M::fma(n, -LN_2[1], high);
    let low = M::fma(n, -LN_2[1], high - r);
    (scale, M::fma(polynomial::<M, 11>(&EXP, r), r * r, r), low)
}

#[inline(always)]
fn exp<M: Machine>(u: f64) -> f64 {
    let (scale, rest, _) = parts_of_exp::<M>(u);
    M::fma(scale, rest, scale)
}

/// `exp(u)` and `exp(u) - 1`
#[inline(always)]
fn grown<M: Machine>(u: f64) -> (f64, f64) {
    let (scale, rest, _) = parts_of_exp::<M>(u);
    (M::fma(scale, rest, scale), M::fma(scale, rest, scale - 1.0))
}

/// A positive normal number as `2^k*(1 + f)` with `1 + f` between √½ and √2.
#[inline(always)]
fn parts_of_number(u: f64) -> (f64, f64) {
    const LEAST: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    const BIAS: u64 = 1023 << 52;
    // 2^52 + exponent, as a number
    const READER: u64 = 0x4330_0000_0000_0000;
    let exponent = u.to_bits().wrapping_sub(LEAST).wrapping_add(BIAS) >> 52;
    let k = f64::from_bits(READER | exponent) - (f64::from_bits(READER) + 1023.0);
    let size = f64::from_bits(u.to_bits().wrapping_sub(exponent << 52).wrapping_add(BIAS));
    (k, size - 1.0)
}

/// `k*ln 2 + log(1 + f) + low`
#[inline(always)]
fn log_of_parts<M: Machine>(k: f64, f: f64, low: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    // log(1 + f) = f - f²/2 + s(f²/2 + z P(z)): the large part f is exact
    let half_square = 0.5 * f * f;
    let tail = s * M::fma(z, polynomial::<M, 8>(&LOG, z), half_square);
    let small = tail + M::fma(k, LN_2[1], low);
    M::fma(k, LN_2[0], f - (half_square - small))
}

#[inline(always)]
fn log<M: Machine>(u: f64) -> f64 {
    let (k, f) = parts_of_number(u);
    log_of_parts::<M>(k, f, 0.0)
}

#[inline(always)]
fn log1p<M: Machine>(u: f64) -> f64 {
    let total = 1.0 + u;
    let lost = if u >= 1.0 { 1.0 - (total - u) } else { u - (total - 1.0) };
    let (k, f) = parts_of_number(total);
    log_of_parts::<M>(k, f, lost / total)
}

/// `log(1 + exp(-|u|))`, and the smaller and the larger of `sigmoid(u)` and `sigmoid(-u)`.
#[inline(always)]
fn parts_of_softplus<M: Machine>(u: f64) -> (f64, f64, f64) {
    let e = exp::<M>(-u.abs());
    let share = 1.0 / (1.0 + e);
    let s = e / (2.0 + e);
    let z = s * s;
    (M::fma(s * z, polynomial::<M, 12>(&LOG_TO_2, z), 2.0 * s), e * share, share)
}

#[inline(always)]
fn softplus_and_sigmoid<M: Machine>(u: f64) -> (f64, f64) {
    let (log, small, large) = parts_of_softplus::<M>(u);
    if u > 0.0 { (u + log, large) } else { (log, small) }
}

#[inline(always)]
fn softpluses<M: Machine>(u: f64) -> (f64, f64) {
    let (log, _, _) = parts_of_softplus::<M>(u);
    let long = u.abs() + log;
    if u > 0.0 { (long, log) } else { (log, long) }
}

#[inline(always)]
fn sigmoids<M: Machine>(u: f64) -> (f64, f64) {
    let (_, small, large) = parts_of_softplus::<M>(u);
    if u > 0.0 { (large, small) } else { (small, large) }
}

/// `tanh(u)` and `sech(u)^2 = 4E/(1 + E)^2` with `E = exp(-2|u|)`.
#[inline(always)]
fn tanh_and_slope<M: Machine>(u: f64) -> (f64, f64) {
    // from here on the tangent is ±1, and its slope is still normal
    let size = u.abs().min(353.0);
    let (e, below) = grown::<M>(-2.0 * size);
    let total = 2.0 + below;
    ((-below / total).copysign(u), 4.0 * e / (total * total))
}

#[inline(always)]
fn sech<M: Machine>(u: f64) -> f64 {
    let e = exp::<M>(-u.abs());
    2.0 * e / M::fma(e, e, 1.0)
}

#[inline(always)]
fn sinh<M: Machine>(u: f64) -> f64 {
    let (e, above) = grown::<M>(u.abs());
    (0.5 * (above + above / e)).copysign(u)
}

#[inline(always)]
fn cosh<M: Machine>(u: f64) -> f64 {
    let e = exp::<M>(u.abs());
    M::fma(0.5, e, 0.5 / e)
}

/// `erfc(x + low)` for x from 0.49 to 26.6, where `a*b` is the square: the rounding of that product and of t are made good.
#[inline(always)]
fn erfc_tail<M: Machine>(x: f64, low: f64, a: f64, b: f64) -> f64 {
    let t = 4.0 / (4.0 + x);
    let value = t * polynomial::<M, 21>(&ERFC, t - 0.5);
    // how far x is from where the polynomial was taken, times the slope there
    let product = t * x;
    let apart = M::fma((product + (4.0 * t - 4.0)) + M::lost(t, x), 1.0 + 0.25 * x, low);
    let slope = M::fma(2.0 * x, value, -FRAC_2_SQRT_PI);
    let (scale, rest, left) = parts_of_exp::<M>(-(a * b));
    let mended = value + M::fma(apart, slope, (left - M::lost(a, b)) * value);
    scale * M::fma(rest, mended, mended)
}

#[inline(always)]
fn erf<M: Machine>(u: f64) -> f64 {
    let x = u.abs();
    let near = u * polynomial::<M, 13>(&ERF, u * u);
    let tail = erfc_tail::<M>(x, 0.0, x, x);
    if x < 0.75 { near } else { (1.0 - tail).copysign(u) }
}

#[inline(always)]
fn erfc<M: Machine>(u: f64) -> f64 {
    let x = u.abs();
    let near = M::fma(-u, polynomial::<M, 13>(&ERF, u * u), 1.0);
    let tail = erfc_tail::<M>(x, 0.0, x, x);
    let far = if u < 0.0 { 2.0 - tail } else { tail };
    if x < 0.5 { near } else { far }
}

/// What f64 leaves out of 1/√2.
const LOW_OF_FRAC_1_SQRT_2: f64 = -4.833_646_656_726_457e-17;

#[inline(always)]
fn gelu<M: Machine>(u: f64) -> f64 {
    let x = u.abs() * FRAC_1_SQRT_2;
    let near = M::fma(u * FRAC_1_SQRT_2, polynomial::<M, 13>(&ERF, 0.5 * u * u), 1.0);
    let low = M::lost(u.abs(), FRAC_1_SQRT_2) + u.abs() * LOW_OF_FRAC_1_SQRT_2;
    let tail = erfc_tail::<M>(x, low, 0.5 * u, u);
    let far = if u < 0.0 { tail } else { 2.0 - tail };
    0.5 * u * if x < 0.5 { near } else { far }
}

#[inline(always)]
fn sin_and_cos<M: Machine>(u: f64) -> (f64, f64) {
    let rounded = u * FRAC_2_PI + ROUNDER;
    let quarter = rounded.to_bits();
    let n = rounded - ROUNDER;
    let high = M::fma(n, -HALF_PI[0], u);
    let r = M::fma(n, -HALF_PI[1], high);
    let low = M::fma(n, -HALF_PI[2], M::fma(n, -HALF_PI[1], high - r));
    let z = r * r;
    let sin = M::fma(r * z, polynomial::<M, 7>(&SIN, z), M::fma(-0.5 * z, low, low)) + r;
    let half = 0.5 * z;
    let one = 1.0 - half;
    let cos = one + M::fma(z * z, polynomial::<M, 7>(&COS, z), (1.0 - one - half) - r * low);
    let odd = quarter & 1 == 1;
    let (a, b) = if odd { (cos, sin) } else { (sin, cos) };
    let sign = |value: f64, flip: u64| f64::from_bits(value.to_bits() ^ ((flip & 2) << 62));
    (sign(a, quarter), sign(b, quarter.wrapping_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many f64 lie between the two.
    fn apart(a: f64, b: f64) -> u64 {
        let order = |v: f64| if v < 0.0 { -(v.abs().to_bits() as i64) } else { v.abs().to_bits() as i64 };
        if a.is_nan() && b.is_nan() { 0 } else { order(a).abs_diff(order(b)) }
    }

    /// Arguments of every size, and those at which formulas change.
    fn arguments() -> Vec<f64> {
        let mut all = vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, -5e-324, f64::MAX, f64::MIN_POSITIVE];
        for k in -1074..1024 {
            for size in [1.0, 1.1, 1.3, 1.414, 1.415, 1.7, 1.99] {
                let u = libm::scalbn(size, k);
                all.extend([u, -u]);
            }
        }
        all.extend((-80_000..80_000).map(|k| f64::from(k) * 0.000_731));
        all.extend((-8_000..8_000).map(|k| f64::from(k) * 0.1));
        while all.len() % 16 != 0 {
            all.push(1.0);
        }
        all
    }

    #[test]
    fn many_at_once_are_as_good_as_one_by_one() {
        let from = arguments();
        let (mut fused, mut plain) = (vec![0.0; from.len()], vec![0.0; from.len()]);
        for lane in Lane::ALL {
            lane.map::<Fused>(&from, &mut fused);
            lane.map::<Plain>(&from, &mut plain);
            let mut worst = [(0, 0.0); 2];
            for (k, u) in from.iter().enumerate() {
                let expected = lane.scalar(*u);
                for (worst, value) in worst.iter_mut().zip([fused[k], plain[k]]) {
                    let distance = apart(value, expected);
                    if distance > worst.0 {
                        *worst = (distance, *u);
                    }
                }
            }
            assert!(worst.iter().all(|(distance, _)| *distance <= 4), "{}: {worst:?}", lane.name());
        }
    }

    #[test]
    fn pairs_are_their_members() {
        let from = arguments();
        let (mut first, mut second) = (vec![0.0; from.len()], vec![0.0; from.len()]);
        for pair in Pair::ALL {
            pair.map::<Fused>(&from, &mut first, &mut second);
            let [a, b] = pair.members();
            for (k, u) in from.iter().enumerate() {
                assert!(apart(first[k], a.scalar(*u)) <= 4, "{}({u:e}) is {:e}", a.name(), first[k]);
                assert!(apart(second[k], b.scalar(*u)) <= 4, "{}({u:e}) is {:e}", b.name(), second[k]);
            }
        }
    }

    #[test]
    fn every_name_is_that_of_the_table() {
        for lane in Lane::ALL {
            let of_the_table = crate::math::find(lane.name());
            assert!(of_the_table.is_some() || lane.name().contains("u)"), "{}", lane.name());
        }
    }
}
