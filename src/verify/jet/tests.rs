//! Jets against reference Taylor coefficients, at kinks and edges, and by the rules that derivatives obey.

use proptest::prelude::*;

use super::*;
use crate::verify::ball::pi;
use crate::verify::reference::{assert_holds, decimal, rational};

const COEFFICIENTS: &str = include_str!("../../../tests/balls/jets.txt");

fn scope(order: usize) -> Scope {
    Scope { precision: 128, order }
}

fn at(text: &str, s: Scope) -> Jet {
    Jet::variable(Ball::from_rational(&rational(text), s.precision).unwrap(), s)
}

fn number(text: &str) -> Jet {
    Jet::constant(Ball::from_rational(&rational(text), 128).unwrap())
}

fn apply(name: &str, x: &Jet, s: Scope) -> Expansion {
    match name {
        "exp" => x.exp(s),
        "log" => x.log(s),
        "sqrt" => x.sqrt(s),
        "cbrt" => x.cbrt(s),
        "sin" => x.sin(s),
        "cos" => x.cos(s),
        "tan" => x.tan(s),
        "atan" => x.atan(s),
        "asin" => x.asin(s),
        "acos" => x.acos(s),
        "sinh" => x.sinh(s),
        "cosh" => x.cosh(s),
        "tanh" => x.tanh(s),
        "erf" => x.erf(s),
        "erfc" => x.erfc(s),
        "gamma" => x.gamma(s),
        "lgamma" => x.lgamma(s),
        "digamma" => x.digamma(s),
        "trigamma" => x.trigamma(s),
        "polygamma2" => x.polygamma(2, s),
        "polygamma5" => x.polygamma(5, s),
        "reciprocal" => x.reciprocal(s),
        "cube" => x.powi(3, s),
        "inverse_fifth" => x.powi(-5, s),
        "power_5_3" => x.pow(&number("5/3"), s),
        "x_to_x" => x.pow(x, s),
        "two_to_x" => number("2").pow(x, s),
        "exp_sin_square" => x.mul(x, s)?.sin(s)?.exp(s),
        "log_of_one_plus_exp" => x.exp(s)?.add(&number("1"), s)?.log(s),
        "atan2_circle" => x.sin(s)?.atan2(&x.cos(s)?, s),
        "gamma_of_square" => x.mul(x, s)?.add(&number("1/2"), s)?.gamma(s),
        "erf_of_exp" => x.exp(s)?.erf(s),
        "abs" => x.abs(s),
        other => panic!("no function {other}"),
    }
}

#[test]
fn taylor_coefficients_agree_with_the_reference() {
    for row in COEFFICIENTS.lines().filter(|row| !row.starts_with('#')) {
        let words: Vec<&str> = row.split(' ').collect();
        let jet = apply(words[0], &at(words[1], scope(4)), scope(4)).unwrap_or_else(|fault| panic!("{row}: {fault}"));
        for (k, text) in words[2..].iter().enumerate() {
            let c = jet.coefficient(k);
            let what = format!("{} at {}, order {k}", words[0], words[1]);
            let tiny = Ball::within_power_of_two(-198);
            let reference = decimal(text).add(&tiny, 256).unwrap();
            assert_holds(&c, &reference, &what);
            let narrow = c.relative_accuracy_bits().is_none_or(|bits| bits > 85)
                || c.absolute_accuracy_bits().is_none_or(|bits| bits > 100);
            assert!(narrow, "{what}: {:?}", c.radius().to_f64());
        }
    }
}

#[test]
fn lower_orders_are_the_beginning_of_higher_ones() {
    for row in COEFFICIENTS.lines().filter(|row| !row.starts_with('#')) {
        let words: Vec<&str> = row.split(' ').collect();
        let long = apply(words[0], &at(words[1], scope(7)), scope(7)).unwrap();
        for order in 0..4 {
            let short = apply(words[0], &at(words[1], scope(order)), scope(order)).unwrap();
            for k in 0..=order {
                assert!(short.coefficient(k).overlaps(&long.coefficient(k)), "{row} {order} {k}");
            }
            assert!(short.coefficient(order + 1).is_exact_zero());
        }
    }
}

#[test]
fn constants_stay_short() {
    let s = scope(6);
    for name in ["exp", "sin", "gamma", "x_to_x", "erf_of_exp", "abs"] {
        let jet = apply(name, &number("5/4"), s).unwrap();
        assert!(jet.is_constant() && jet.len() == 1, "{name}");
    }
    assert!(at("2", s).powi(3, s).unwrap().len() == 4);
}

fn kink_of(outcome: Expansion) -> (f64, f64) {
    match outcome {
        Err(Fault::Kink { left, right }) => (left.to_f64(), right.to_f64()),
        other => panic!("no kink: {other:?}"),
    }
}

#[test]
fn kinks_are_reported_with_both_slopes() {
    let s = scope(1);
    let x = at("0", s);
    assert_eq!(kink_of(x.abs(s)), (-1.0, 1.0));
    assert_eq!(kink_of(x.max(&number("0"), s)), (0.0, 1.0));
    assert_eq!(kink_of(x.min(&number("0"), s)), (1.0, 0.0));
    assert_eq!(kink_of(number("0").max(&x, s)), (0.0, 1.0));
    assert_eq!(kink_of(x.mul(&x, scope(2)).unwrap().sqrt(scope(2))), (-1.0, 1.0));
    assert!(x.abs(scope(0)).unwrap().value().is_exact_zero());
    // |x³| has no third derivative at 0, and lower ones that vanish.
    let cube = |s: Scope| at("0", s).powi(3, s).unwrap().abs(s);
    assert_eq!(kink_of(cube(scope(3))), (-6.0, 6.0));
    assert!(cube(scope(2)).unwrap().coefficient(2).is_exact_zero());
}

#[test]
fn ties_that_agree_are_no_kinks() {
    let s = scope(3);
    let x = at("0", s);
    let square = x.mul(&x, s).unwrap();
    assert!(square.abs(s).unwrap().coefficient(2).certainly_equal(&Ball::ONE));
    assert!(square.neg().abs(s).unwrap().coefficient(2).certainly_equal(&Ball::ONE));
    let above = x.max(&x.add(&square, s).unwrap(), s).unwrap();
    assert!(above.coefficient(2).certainly_equal(&Ball::ONE));
    assert!(above.coefficient(1).certainly_equal(&Ball::ONE));
    assert!(x.max(&x, s).unwrap().coefficient(1).certainly_equal(&Ball::ONE));
}

#[test]
fn jumps_and_edges_have_no_derivative() {
    let s = scope(1);
    let x = at("0", s);
    assert_eq!(x.sign(s), Err(Fault::Jump));
    assert_eq!(x.floor(s), Err(Fault::Jump));
    assert_eq!(x.ceil(s), Err(Fault::Jump));
    assert_eq!(at("5/2", s).round(s), Err(Fault::Jump));
    assert_eq!(x.sqrt(s), Err(Fault::Edge));
    assert_eq!(x.cbrt(s), Err(Fault::Edge));
    assert_eq!(x.pow(&number("5/2"), s), Err(Fault::Edge));
    assert_eq!(at("1", s).asin(s), Err(Fault::Edge));
    assert_eq!(at("-2", s).pow(&at("-2", s), s), Err(Fault::Edge));
    assert_eq!(x.atan2(&number("-1"), s), Err(Fault::Jump));
    assert!(x.round(s).unwrap().coefficient(1).is_exact_zero());
    assert!(at("1/2", s).floor(s).unwrap().coefficient(1).is_exact_zero());
    assert!(x.sqrt(scope(0)).unwrap().value().is_exact_zero());
    // Above an integer on both sides, floor is flat.
    let square = at("0", scope(2)).powi(2, scope(2)).unwrap();
    assert!(square.floor(scope(2)).unwrap().value().is_exact_zero());
    assert_eq!(square.ceil(scope(2)), Err(Fault::Jump));
}

#[test]
fn integer_powers_are_smooth_at_zero() {
    let s = scope(4);
    let x = at("0", s);
    let fourth = x.powi(4, s).unwrap();
    assert!(fourth.derivative(4, 128).unwrap().certainly_equal(&Ball::integer(24)));
    assert!(x.powi(0, s).unwrap().value().certainly_equal(&Ball::ONE));
    assert!(matches!(x.powi(-1, s), Err(Fault::Undefined(_))));
}

#[test]
fn undecided_kinks_ask_for_more_precision() {
    let s = scope(1);
    let nearly = Jet::variable(pi(128).unwrap().sin(128).unwrap(), s);
    assert_eq!(nearly.abs(s), Err(Fault::Uncertain));
    assert_eq!(nearly.sign(s), Err(Fault::Uncertain));
    assert_eq!(nearly.max(&number("0"), s), Err(Fault::Uncertain));
    assert_eq!(nearly.sqrt(s), Err(Fault::Uncertain));
}

proptest! {
    #[test]
    fn derivatives_obey_the_rules(numerator in -3000i64..3000, denominator in 1i64..1000) {
        let s = scope(3);
        let x = at(&format!("{numerator}/{denominator}"), s);
        let agree = |a: &Jet, b: &Jet| (0..=3).all(|k| a.coefficient(k).overlaps(&b.coefficient(k)));
        if let Ok(positive) = x.mul(&x, s).unwrap().add(&number("1/3"), s) {
            let back = positive.log(s).unwrap().exp(s).unwrap();
            prop_assert!(agree(&back, &positive));
            let root = positive.sqrt(s).unwrap();
            prop_assert!(agree(&root.mul(&root, s).unwrap(), &positive));
            let cube_root = positive.cbrt(s).unwrap();
            prop_assert!(agree(&cube_root.powi(3, s).unwrap(), &positive));
            let next = positive.add(&number("1"), s).unwrap();
            prop_assert!(agree(&next.gamma(s).unwrap(), &positive.gamma(s).unwrap().mul(&positive, s).unwrap()));
        }
        prop_assert!(agree(&x.atan(s).unwrap().tan(s).unwrap(), &x));
        let bounded = x.sin(s).unwrap();
        prop_assert!(agree(&bounded.mul(&number("1/2"), s).unwrap().asin(s).unwrap().sin(s).unwrap(),
            &bounded.mul(&number("1/2"), s).unwrap()));
        let both = x.erf(s).unwrap().add(&x.erfc(s).unwrap(), s).unwrap();
        prop_assert!(agree(&both, &number("1")));
    }
}
