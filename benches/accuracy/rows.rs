//! What is measured: each function with its points, its reference, and the error it may have.

use super::measure::{self, Verdict};
use super::product::Compute;
use super::reference as r;
use super::sample::Place::{Count, Line, Near, NearWhole, Negative, Positive, Powers, Whole};
use super::sample::{Place, Random};
use grad::verify::ball::Outcome;
use std::f64::consts::{FRAC_PI_2, LN_2, PI};

/// One line of the table.
pub struct Row {
    /// What is printed, and what selects it.
    pub name: &'static str,
    /// The largest error that is allowed, in units of the last place.
    pub allowed: f64,
    /// What it has reached, rounded up: the tests hold it to that.
    pub reached: f64,
    /// How often a larger error is allowed, for a sum that may come near 0.
    pub exceptions: f64,
    /// Whether it is a row of the table of stable forms, measured at ten times as many points.
    pub stable: bool,
    /// How the product computes it.
    pub compute: Compute,
    /// Where each argument is taken from.
    pub places: &'static [&'static [Place]],
    /// What the arguments must satisfy.
    pub inside: fn(&[f64]) -> bool,
    /// What it is.
    pub reference: fn(&[f64], usize) -> Outcome,
}

impl Row {
    /// Arguments inside the domain.
    pub fn draw(&self, random: &mut Random) -> Vec<f64> {
        loop {
            let one = |axis: &&[Place]| axis[random.below(axis.len())].draw(random);
            let point: Vec<f64> = self.places.iter().map(one).collect();
            if point.iter().all(|x| x.is_finite()) && (self.inside)(&point) {
                return point;
            }
        }
    }

    /// The error of a value at a point.
    pub fn judge(&self, point: &[f64], found: f64) -> Verdict {
        measure::compare(found, |p| (self.reference)(point, p))
    }
}

fn anywhere(_: &[f64]) -> bool {
    true
}

fn above_zero(x: &[f64]) -> bool {
    x[0] > 0.0
}

fn below_zero(x: &[f64]) -> bool {
    x[0] < 0.0
}

fn inside_one(x: &[f64]) -> bool {
    x[0].abs() < 1.0
}

fn probability(x: &[f64]) -> bool {
    0.0 < x[0] && x[0] < 1.0
}

fn not_zero(x: &[f64]) -> bool {
    x[0] != 0.0
}

fn no_pole(x: &[f64]) -> bool {
    x[0] > 0.0 || x[0].fract() != 0.0
}

const fn row(
    name: &'static str,
    allowed: f64,
    places: &'static [&'static [Place]],
    inside: fn(&[f64]) -> bool,
    reference: fn(&[f64], usize) -> Outcome,
) -> Row {
    Row {
        name,
        allowed,
        reached: allowed,
        exceptions: 0.0,
        stable: false,
        compute: Compute::Function(name),
        places,
        inside,
        reference,
    }
}

const fn stable(reached: f64, row: Row) -> Row {
    Row { reached, stable: true, ..row }
}

const fn by(compute: Compute, row: Row) -> Row {
    Row { compute, ..row }
}

/// Where the exponential saturates.
const SATURATED: &[Place] = &[
    Whole,
    Whole,
    Line(-40.0, 40.0),
    Line(-4.0, 4.0),
    Line(-750.0, 750.0),
    Line(-746.0, -700.0),
    Near(-709.0),
    Near(-37.0),
    Near(37.0),
    Near(-745.13),
    Near(0.0),
];

const CIRCLE: &[Place] = &[Whole, Line(-7.0, 7.0), Line(-1e3, 1e3), Line(-1e9, 1e9), Near(FRAC_PI_2), Near(PI)];

const GAMMA: &[Place] = &[
    Whole,
    Line(0.0, 4.0),
    Line(0.0, 20.0),
    Line(0.0, 172.0),
    Line(-20.0, 0.0),
    Line(-190.0, 0.0),
    Near(1.0),
    Near(2.0),
    Near(1.4616321449683622),
    NearWhole(-20, 0),
    NearWhole(-180, 170),
];

const NEGATIVE_LGAMMA_ROOTS: &[Place] = &[
    Negative,
    Line(-4.0, 0.0),
    Line(-20.0, -4.0),
    Near(-2.4570247382208006),
    Near(-2.7476826467274127),
    Near(-3.14358088834998),
    Near(-3.955294284858598),
    Near(-4.039361839740537),
    Near(-4.991544640560048),
    Near(-5.00821816816145),
    Near(-10.0),
];

const POSITIVE: &[Place] =
    &[Positive, Positive, Line(0.0, 4.0), Line(0.0, 30.0), Line(0.0, 1e4), Near(1.0), Near(2.0), Near(8.0), Near(10.0)];

const UNIT: &[Place] = &[Whole, Line(-1.0, 1.0), Line(-1.0, 1.0), Near(1.0), Near(-1.0), Near(0.5), Near(-0.5), Near(0.0)];

const LOGARITHM: &[Place] = &[Positive, Positive, Line(0.0, 4.0), Near(1.0), Near(1.0), Near(0.5), Near(2.0), Line(0.5, 1.5)];

const NUMBER: &[Place] = &[Whole, Line(-10.0, 10.0), Near(0.0), Near(1.0), Line(-100.0, 100.0)];

const SCORE: &[Place] = &[Whole, Line(-4.0, 4.0), Line(-40.0, 40.0), Line(-750.0, 750.0), Near(-LN_2), Near(0.0)];

/// The binary cross-entropy as it is typed, which is recognised as a sum of two stable terms of one sign.
const CROSS_ENTROPY: &str = "-(y*log(1/(1 + exp(-x))) + (1 - y)*log(1 - 1/(1 + exp(-x))))";

/// Every row, those of the table of stable forms first.
pub const ROWS: &[Row] = &[
    stable(0.65, row("softplus", 1.2, &[SATURATED], anywhere, |x, p| r::softplus(x[0], p))),
    stable(0.55, row("sigmoid", 1.7, &[SATURATED], anywhere, |x, p| r::sigmoid(x[0], p))),
    stable(0.65, row("log_sigmoid", 1.3, &[SATURATED], anywhere, |x, p| Ok(r::softplus(-x[0], p)?.neg()))),
    by(Compute::Slope("sigmoid"), stable(2.0, row("sigmoid'", 2.1, &[SATURATED], anywhere, |x, p| r::sigmoid_slope(x[0], p)))),
    by(Compute::Slope("tanh"), stable(2.1, row("tanh'", 2.1, &[SATURATED], anywhere, |x, p| r::tanh_slope(x[0], p)))),
    stable(0.55, row("silu", 2.4, &[SATURATED], anywhere, |x, p| r::silu(x[0], p))),
    stable(
        0.65,
        row(
            "logit",
            1.3,
            &[&[Positive, Line(0.0, 1.0), Line(0.0, 1.0), Line(0.4, 0.6), Near(0.5), Near(1.0), Near(0.25), Near(0.75)]],
            probability,
            |x, p| r::logit(x[0], p),
        ),
    ),
    stable(
        0.75,
        row(
            "log1mexp",
            1.5,
            &[&[Negative, Negative, Line(-4.0, 0.0), Line(-40.0, 0.0), Line(-750.0, -30.0), Near(-LN_2), Near(-1.0)]],
            below_zero,
            |x, p| r::log1mexp(x[0], p),
        ),
    ),
    by(
        Compute::Recognised(CROSS_ENTROPY, &["x", "y"]),
        stable(
            0.65,
            row("BCE, y in {0, 1}", 1.1, &[SATURATED, &[Count(0, 1)]], anywhere, |x, p| r::cross_entropy(x[0], x[1], p)),
        ),
    ),
    Row {
        name: "logsumexp",
        allowed: 2.0,
        reached: 0.8,
        exceptions: 0.0025,
        stable: true,
        compute: Compute::Function("logsumexp"),
        places: &[SCORE, SCORE, SCORE],
        inside: anywhere,
        reference: r::logsumexp,
    },
    stable(
        0.75,
        row(
            "gelu",
            13.0,
            &[&[Whole, Whole, Line(-4.0, 4.0), Line(-39.0, 9.0), Line(-39.0, -36.0), Near(-38.0), Near(0.0), Near(-1.0)]],
            anywhere,
            |x, p| r::gelu(x[0], p),
        ),
    ),
    by(
        Compute::Recognised("if abs(x) < 1 then log1p(2*sinh(x/2)^2) else abs(x) + log1p(exp(-2*abs(x))) - log(2)", &["x"]),
        stable(3.0, row("log cosh", 4.0, &[SATURATED], anywhere, |x, p| r::log_cosh(x[0], p))),
    ),
    stable(
        0.7,
        row(
            "erf",
            0.8,
            &[&[Whole, Whole, Line(-1.0, 1.0), Line(-6.0, 6.0), Near(0.84375), Near(1.25), Near(2.857142), Near(0.0)]],
            anywhere,
            |x, p| r::erf(x[0], p),
        ),
    ),
    stable(
        0.7,
        row(
            "erfc",
            1.8,
            &[&[Whole, Whole, Line(-1.0, 1.0), Line(-6.0, 28.0), Line(26.0, 27.5), Near(0.84375), Near(1.25), Near(0.0)]],
            anywhere,
            |x, p| r::erfc(x[0], p),
        ),
    ),
    stable(0.6, row("lgamma", 2.3, &[POSITIVE], above_zero, |x, p| r::ball(x[0])?.lgamma(p))),
    stable(0.55, row("gamma", 7.2, &[GAMMA], no_pole, |x, p| r::gamma(x[0], p))),
    stable(
        0.6,
        Row {
            places: &[&[
                Positive,
                Positive,
                Line(0.0, 4.0),
                Line(0.0, 30.0),
                Near(1.4616321449683622),
                Near(1.0),
                Near(3.0),
                Near(8.0),
            ]],
            ..row("digamma", 2.0, &[], above_zero, |x, p| r::ball(x[0])?.digamma(p))
        },
    ),
    stable(0.55, row("trigamma", 2.0, &[POSITIVE], above_zero, |x, p| r::ball(x[0])?.trigamma(p))),
    // ---- the other rows
    by(
        Compute::Recognised(CROSS_ENTROPY, &["x", "y"]),
        row("BCE, 0 < y < 1", 2.0, &[SCORE, &[Line(0.0, 1.0)]], anywhere, |x, p| r::cross_entropy(x[0], x[1], p)),
    ),
    // x*y is rounded before the difference cancels
    by(
        Compute::Recognised("max(x, 0) - x*y + log1p(exp(-abs(x)))", &["x", "y"]),
        row("BCE by max", f64::INFINITY, &[SCORE, &[Count(0, 1), Line(0.0, 1.0)]], anywhere, |x, p| {
            r::cross_entropy(x[0], x[1], p)
        }),
    ),
    by(
        Compute::Recognised("softplus(x) - x*y", &["x", "y"]),
        row("BCE by softplus", f64::INFINITY, &[SCORE, &[Count(0, 1), Line(0.0, 1.0)]], anywhere, |x, p| {
            r::cross_entropy(x[0], x[1], p)
        }),
    ),
    by(
        Compute::Function("lgamma"),
        row("lgamma, x < 0", 1.0, &[NEGATIVE_LGAMMA_ROOTS], no_pole, |x, p| r::ball(x[0])?.lgamma(p)),
    ),
    by(
        Compute::Function("digamma"),
        row(
            "digamma, x < 0",
            0.75,
            &[&[Line(-4.0, 0.0), Line(-40.0, 0.0), Negative, Near(-0.5040830082644554), NearWhole(-20, 0)]],
            no_pole,
            |x, p| r::ball(x[0])?.digamma(p),
        ),
    ),
    by(
        Compute::Function("trigamma"),
        row("trigamma, x < 0", 0.55, &[&[Line(-4.0, 0.0), Line(-40.0, 0.0), Negative, NearWhole(-20, 0)]], no_pole, |x, p| {
            r::ball(x[0])?.trigamma(p)
        }),
    ),
    row("exp", 0.55, &[SATURATED], anywhere, |x, p| r::exp(&r::ball(x[0])?, p)),
    row("log", 0.65, &[LOGARITHM], above_zero, |x, p| r::ball(x[0])?.log(p)),
    row("log2", 0.75, &[LOGARITHM], above_zero, |x, p| r::logarithm_to(x[0], 2, p)),
    row("log10", 0.7, &[LOGARITHM], above_zero, |x, p| r::logarithm_to(x[0], 10, p)),
    row(
        "log1p",
        0.7,
        &[&[Whole, Positive, Line(-1.0, 3.0), Near(-1.0), Near(-0.3), Near(0.4), Near(0.0)]],
        |x| x[0] > -1.0,
        |x, p| r::log1p(&r::ball(x[0])?, p),
    ),
    row("expm1", 0.8, &[SATURATED], anywhere, |x, p| r::expm1(&r::ball(x[0])?, p)),
    row("logaddexp", 0.8, &[SCORE, SCORE], anywhere, r::logsumexp),
    row("sqrt", 0.51, &[POSITIVE], above_zero, |x, p| r::ball(x[0])?.sqrt(p)),
    row("cbrt", 0.51, &[&[Whole, Line(-10.0, 10.0)]], anywhere, |x, p| r::ball(x[0])?.cbrt(p)),
    row("hypot", 0.51, &[NUMBER, NUMBER], anywhere, |x, p| r::hypot(x[0], x[1], p)),
    row(
        "pow",
        0.9,
        &[LOGARITHM, &[Line(-10.0, 10.0), Line(-300.0, 300.0), Count(-40, 40), Whole, Near(0.5)]],
        above_zero,
        |x, p| r::pow(x[0], x[1], p),
    ),
    row("root", 0.55, &[LOGARITHM, &[Count(1, 12), Count(13, 10_000)]], above_zero, |x, p| r::root(x[0], x[1], p)),
    row("sin", 0.8, &[CIRCLE], anywhere, |x, p| r::ball(x[0])?.sin(p)),
    row("cos", 0.8, &[CIRCLE], anywhere, |x, p| r::ball(x[0])?.cos(p)),
    row("tan", 0.9, &[CIRCLE], anywhere, |x, p| r::tan(&r::ball(x[0])?, p)),
    row("sec", 1.6, &[CIRCLE], anywhere, |x, p| r::reciprocal(r::ball(x[0])?.cos(p), p)),
    row("csc", 1.6, &[CIRCLE], not_zero, |x, p| r::reciprocal(r::ball(x[0])?.sin(p), p)),
    row("cot", 1.7, &[CIRCLE], not_zero, |x, p| r::reciprocal(r::tan(&r::ball(x[0])?, p), p)),
    row("asin", 0.95, &[UNIT], inside_one, |x, p| r::asin(&r::ball(x[0])?, p)),
    row("acos", 0.95, &[UNIT], inside_one, |x, p| r::acos(&r::ball(x[0])?, p)),
    row("atan", 0.85, &[NUMBER], anywhere, |x, p| r::atan(&r::ball(x[0])?, p)),
    row("atan2", 1.4, &[NUMBER, NUMBER], |x| x[0] != 0.0 || x[1] != 0.0, |x, p| r::atan2(x[0], x[1], p)),
    row("sinh", 0.6, &[SATURATED], anywhere, |x, p| r::sinh(&r::ball(x[0])?, p)),
    row("cosh", 0.55, &[SATURATED], anywhere, |x, p| r::cosh(&r::ball(x[0])?, p)),
    row("tanh", 0.6, &[SATURATED], anywhere, |x, p| r::tanh(&r::ball(x[0])?, p)),
    row("sech", 0.55, &[SATURATED], anywhere, |x, p| r::reciprocal(r::cosh(&r::ball(x[0])?, p), p)),
    row("csch", 0.65, &[SATURATED], not_zero, |x, p| r::reciprocal(r::sinh(&r::ball(x[0])?, p), p)),
    row("coth", 0.6, &[SATURATED], not_zero, |x, p| r::reciprocal(r::tanh(&r::ball(x[0])?, p), p)),
    row("asinh", 0.65, &[NUMBER], anywhere, |x, p| r::asinh(&r::ball(x[0])?, p)),
    row(
        "acosh",
        0.65,
        &[&[Positive, Line(1.0, 10.0), Near(1.0), Near(2.0)]],
        |x| x[0] >= 1.0,
        |x, p| r::acosh(&r::ball(x[0])?, p),
    ),
    row("atanh", 0.65, &[UNIT], inside_one, |x, p| r::atanh(&r::ball(x[0])?, p)),
    row(
        "polygamma",
        0.55,
        &[&[Count(2, 8)], &[Whole, Line(0.0, 4.0), Line(0.0, 40.0), Line(-10.0, 0.0), Near(1.0)]],
        |x| x[1] > 0.0 || x[1].fract() != 0.0,
        |x, p| r::ball(x[1])?.polygamma(x[0] as u32, p),
    ),
    row("factorial", 0.55, &[GAMMA], |x| x[0] > -1.0, |x, p| r::factorial(x[0], p)),
    row(
        "lbeta",
        0.55,
        &[&[Line(0.0, 4.0), Line(0.0, 40.0), Powers(-100, 100)], &[Line(0.0, 4.0), Line(0.0, 40.0), Powers(-100, 100)]],
        |x| x[0] > 0.0 && x[1] > 0.0,
        |x, p| r::lbeta(x[0], x[1], p),
    ),
];
