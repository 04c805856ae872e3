//! The functions again, for many arguments at once: formulas without branches, which the compiler turns into vector
//! instructions. Each holds where its argument is ordinary; what is not (overflow, subnormal results, poles, NaN) is left to the
//! scalar kernels, so that both have one meaning. At most 4 ulp apart from those.

mod formulas;

use super::{elementary, special};
use formulas::{
    TURNS, always, cosh, erf, erfc, exp, gelu, grown, log, log_and_inverse, log1p, log1p_and_slope, moderate, sech, sigmoid,
    sigmoids, sin_and_cos, sinh, softplus_and_sigmoid, softpluses, tanh_and_slope,
};

fn one_over(u: f64) -> f64 {
    if u == 0.0 { f64::NAN } else { 1.0 / u }
}

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

            /// The values for all of `from`, and whether the scalar kernel was needed: at a pole it is. Both have one length.
            #[inline(always)]
            pub fn map<M: Machine>(self, from: &[f64], to: &mut [f64]) -> bool {
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
    /// One over the argument; at 0 there is none.
    Inverse "1/(u)": |u: f64| (f64::MIN_POSITIVE..1e300).contains(&u.abs()), |_: With<M>, u: f64| 1.0 / u, one_over;
    /// One over 1 + u: the slope of the logarithm of that.
    InverseOfNext "1/(1 + u)": |u: f64| u > -1.0 && u < 1e300, |_: With<M>, u: f64| 1.0 / (1.0 + u), |u: f64| one_over(1.0 + u);
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
    Sigmoid "sigmoid": moderate, |_: With<M>, u| sigmoid::<M>(u), special::sigmoid;
    /// One less that: the logistic function of the opposite.
    SigmoidOpposite "sigmoid(-u)": moderate, |_: With<M>, u: f64| sigmoid::<M>(-u), |u: f64| special::sigmoid(-u);
    /// log(1 + exp(u))
    Softplus "softplus": moderate, |_: With<M>, u| softpluses::<M>(u).0, special::softplus;
    /// log(1 + exp(-u))
    SoftplusOpposite "softplus(-u)": moderate, |_: With<M>, u: f64| softpluses::<M>(u).1, |u: f64| special::softplus(-u);
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
    Silu "silu": moderate, |_: With<M>, u| u * sigmoid::<M>(u), special::silu;
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

            /// The values of both for all of `from`, and whether the scalar kernels were needed: at a pole they are. All three have
            /// one length.
            #[inline(always)]
            pub fn map<M: Machine>(self, from: &[f64], first: &mut [f64], second: &mut [f64]) -> bool {
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
    /// The logarithm with its slope.
    LogInverse: Log, Inverse, |u| (f64::MIN_POSITIVE..1e300).contains(&u), |_: With<M>, u| log_and_inverse::<M>(u);
    /// The same of 1 + u.
    Log1pSlope: Log1p, InverseOfNext, |u: f64| u > -1.0 && u < 1e300, |_: With<M>, u| log1p_and_slope::<M>(u);
    /// The hyperbolic tangent with its slope.
    TanhSlope: Tanh, SechSquared, |u: f64| u.abs() < 353.0, |_: With<M>, u| tanh_and_slope::<M>(u);
    /// Sine with cosine.
    SinCos: Sin, Cos, |u: f64| u.abs() < TURNS, |_: With<M>, u| sin_and_cos::<M>(u);
}

#[inline(always)]
fn map<C: Core, M: Machine>(from: &[f64], to: &mut [f64]) -> bool {
    let (mut odd, from) = (false, &from[..to.len()]);
    for i in 0..to.len() {
        odd |= !C::is_ordinary(from[i]);
        to[i] = C::value::<M>(from[i]);
    }
    if odd {
        mend::<C>(from, to);
    }
    odd
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
fn map_pair<C: PairCore, M: Machine>(from: &[f64], first: &mut [f64], second: &mut [f64]) -> bool {
    let (mut odd, from, length) = (false, &from[..first.len()], first.len());
    let (a, b) = (&mut *first, &mut second[..length]);
    for i in 0..a.len() {
        odd |= !C::is_ordinary(from[i]);
        (a[i], b[i]) = C::values::<M>(from[i]);
    }
    if odd {
        mend_pair::<C>(from, first, second);
    }
    odd
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
