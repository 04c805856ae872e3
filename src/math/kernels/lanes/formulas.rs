//! The formulas, free of branches, with their polynomials: Chebyshev fits of our own.

use super::Machine;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, FRAC_2_SQRT_PI, LOG2_E};

#[inline(always)]
pub(super) fn always(_: f64) -> bool {
    true
}

/// Neither this exponential nor one over it overflows or is subnormal.
#[inline(always)]
pub(super) fn moderate(u: f64) -> bool {
    u.abs() < 708.0
}

/// Reduction of an angle by three parts of π/2 keeps its digits up to here.
pub(super) const TURNS: f64 = 1e5;

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
    let rounded = M::fma(u, LOG2_E, ROUNDER);
    let scale = f64::from_bits((rounded.to_bits() << 52).wrapping_add(1f64.to_bits()));
    let n = rounded - ROUNDER;
    let high = M::fma(n, -LN_2[0], u);
    let r = M::fma(n, -LN_2[1], high);
    let low = M::fma(n, -LN_2[1], high - r);
    (scale, M::fma(polynomial::<M, 11>(&EXP, r), r * r, r), low)
}

#[inline(always)]
pub(super) fn exp<M: Machine>(u: f64) -> f64 {
    let (scale, rest, _) = parts_of_exp::<M>(u);
    M::fma(scale, rest, scale)
}

/// `exp(u)` and `exp(u) - 1`
#[inline(always)]
pub(super) fn grown<M: Machine>(u: f64) -> (f64, f64) {
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

/// `2^k` for a whole k whose power is normal.
#[inline(always)]
fn power_of_two(k: f64) -> f64 {
    f64::from_bits((k + (1023.0 + ROUNDER)).to_bits() << 52)
}

/// `k*ln 2 + log(1 + f) + low` with `s = f/(2 + f)`.
#[inline(always)]
fn log_of_parts<M: Machine>(k: f64, f: f64, s: f64, low: f64) -> f64 {
    let z = s * s;
    // log(1 + f) = f - f²/2 + s(f²/2 + z P(z)): the large part f is exact
    let half_square = 0.5 * f * f;
    let tail = s * M::fma(z, polynomial::<M, 8>(&LOG, z), half_square);
    let small = tail + M::fma(k, LN_2[1], low);
    M::fma(k, LN_2[0], f - (half_square - small))
}

#[inline(always)]
pub(super) fn log<M: Machine>(u: f64) -> f64 {
    let (k, f) = parts_of_number(u);
    log_of_parts::<M>(k, f, f / (2.0 + f), 0.0)
}

/// The logarithm and `1/u`, by one division.
#[inline(always)]
pub(super) fn log_and_inverse<M: Machine>(u: f64) -> (f64, f64) {
    let (k, f) = parts_of_number(u);
    let (one, two) = (1.0 + f, 2.0 + f);
    let inverse = 1.0 / (one * two);
    (log_of_parts::<M>(k, f, f * (inverse * one), 0.0), inverse * two * power_of_two(-k))
}

/// The sum `1 + u` and what rounding took from it.
#[inline(always)]
fn sum_with_one(u: f64) -> (f64, f64) {
    let total = 1.0 + u;
    (total, if u >= 1.0 { 1.0 - (total - u) } else { u - (total - 1.0) })
}

/// `log(1 + u)` and `1/(1 + u)`, by one division.
#[inline(always)]
pub(super) fn log1p_and_slope<M: Machine>(u: f64) -> (f64, f64) {
    let (total, lost) = sum_with_one(u);
    let (k, f) = parts_of_number(total);
    let (one, two) = (1.0 + f, 2.0 + f);
    let inverse = 1.0 / (one * two);
    let slope = inverse * two * power_of_two(-k);
    (log_of_parts::<M>(k, f, f * (inverse * one), lost * slope), slope)
}

#[inline(always)]
pub(super) fn log1p<M: Machine>(u: f64) -> f64 {
    let (total, lost) = sum_with_one(u);
    let (k, f) = parts_of_number(total);
    let s = f / (2.0 + f);
    // the slope of the logarithm there is 1/(1 + f) = (1 - s)/(1 + s); for so small a part three digits of it do
    let slope = (1.0 - s) * M::fma(s * s, 1.0 - s, 1.0 - s);
    log_of_parts::<M>(k, f, s, lost * power_of_two(-k) * slope)
}

/// `log(1 + exp(-|u|))`, and the smaller and the larger of `sigmoid(u)` and `sigmoid(-u)`.
#[inline(always)]
fn parts_of_softplus<M: Machine>(u: f64) -> (f64, f64, f64) {
    let e = exp::<M>(-u.abs());
    let share = 1.0 / (1.0 + e);
    (log_to_2::<M>(e / (2.0 + e)), e * share, share)
}

/// `log(1 + e)` from `s = e/(2 + e)`, for e up to 1.
#[inline(always)]
fn log_to_2<M: Machine>(s: f64) -> f64 {
    let z = s * s;
    M::fma(s * z, polynomial::<M, 12>(&LOG_TO_2, z), 2.0 * s)
}

/// Both by one division, which takes longer than what stands around it.
#[inline(always)]
pub(super) fn softplus_and_sigmoid<M: Machine>(u: f64) -> (f64, f64) {
    let e = exp::<M>(-u.abs());
    let (one, two) = (1.0 + e, 2.0 + e);
    let inverse = 1.0 / (one * two);
    let log = log_to_2::<M>(e * (inverse * one));
    let share = inverse * two;
    if u > 0.0 { (u + log, share) } else { (log, e * share) }
}

#[inline(always)]
pub(super) fn softpluses<M: Machine>(u: f64) -> (f64, f64) {
    let (log, _, _) = parts_of_softplus::<M>(u);
    let long = u.abs() + log;
    if u > 0.0 { (long, log) } else { (log, long) }
}

/// `1/(1 + exp(-u))` as it stands: where the argument is moderate the exponential is, and nothing cancels on either side.
#[inline(always)]
pub(super) fn sigmoid<M: Machine>(u: f64) -> f64 {
    1.0 / (1.0 + exp::<M>(-u))
}

#[inline(always)]
pub(super) fn sigmoids<M: Machine>(u: f64) -> (f64, f64) {
    let (_, small, large) = parts_of_softplus::<M>(u);
    if u > 0.0 { (large, small) } else { (small, large) }
}

/// `tanh(u)` and `sech(u)^2 = 4E/(1 + E)^2` with `E = exp(-2|u|)`.
#[inline(always)]
pub(super) fn tanh_and_slope<M: Machine>(u: f64) -> (f64, f64) {
    // from here on the tangent is ±1, and its slope is still normal
    let size = u.abs().min(353.0);
    let (e, below) = grown::<M>(-2.0 * size);
    let total = 2.0 + below;
    let inverse = 1.0 / (total * total);
    ((-below * (total * inverse)).copysign(u), 4.0 * e * inverse)
}

#[inline(always)]
pub(super) fn sech<M: Machine>(u: f64) -> f64 {
    let e = exp::<M>(-u.abs());
    2.0 * e / M::fma(e, e, 1.0)
}

#[inline(always)]
pub(super) fn sinh<M: Machine>(u: f64) -> f64 {
    let (e, above) = grown::<M>(u.abs());
    (0.5 * (above + above / e)).copysign(u)
}

#[inline(always)]
pub(super) fn cosh<M: Machine>(u: f64) -> f64 {
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
pub(super) fn erf<M: Machine>(u: f64) -> f64 {
    let x = u.abs();
    let near = u * polynomial::<M, 13>(&ERF, u * u);
    let tail = erfc_tail::<M>(x, 0.0, x, x);
    if x < 0.75 { near } else { (1.0 - tail).copysign(u) }
}

#[inline(always)]
pub(super) fn erfc<M: Machine>(u: f64) -> f64 {
    let x = u.abs();
    let near = M::fma(-u, polynomial::<M, 13>(&ERF, u * u), 1.0);
    let tail = erfc_tail::<M>(x, 0.0, x, x);
    let far = if u < 0.0 { 2.0 - tail } else { tail };
    if x < 0.5 { near } else { far }
}

/// What f64 leaves out of 1/√2.
const LOW_OF_FRAC_1_SQRT_2: f64 = -4.833_646_656_726_457e-17;

#[inline(always)]
pub(super) fn gelu<M: Machine>(u: f64) -> f64 {
    let x = u.abs() * FRAC_1_SQRT_2;
    let near = M::fma(u * FRAC_1_SQRT_2, polynomial::<M, 13>(&ERF, 0.5 * u * u), 1.0);
    let low = M::lost(u.abs(), FRAC_1_SQRT_2) + u.abs() * LOW_OF_FRAC_1_SQRT_2;
    let tail = erfc_tail::<M>(x, low, 0.5 * u, u);
    let far = if u < 0.0 { tail } else { 2.0 - tail };
    0.5 * u * if x < 0.5 { near } else { far }
}

#[inline(always)]
pub(super) fn sin_and_cos<M: Machine>(u: f64) -> (f64, f64) {
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
