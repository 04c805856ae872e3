//! Balls against reference values, exactness, outcomes at the edges, and enclosure under random arguments.

use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use proptest::prelude::*;

use super::*;
use crate::verify::reference::{assert_holds, decimal, rational};

const VALUES: &str = include_str!("../../../tests/balls/values.txt");

fn exact(text: &str, p: usize) -> Ball {
    Ball::from_rational(&rational(text), p).unwrap()
}

fn apply(name: &str, args: &[Ball], p: usize) -> Outcome {
    let x = &args[0];
    match name {
        "exp" => x.exp(p),
        "log" => x.log(p),
        "sqrt" => x.sqrt(p),
        "cbrt" => x.cbrt(p),
        "sin" => x.sin(p),
        "cos" => x.cos(p),
        "tan" => x.tan(p),
        "atan" => x.atan(p),
        "asin" => x.asin(p),
        "acos" => x.acos(p),
        "sinh" => x.sinh(p),
        "cosh" => x.cosh(p),
        "tanh" => x.tanh(p),
        "erf" => x.erf(p),
        "erfc" => x.erfc(p),
        "gamma" => x.gamma(p),
        "lgamma" => x.lgamma(p),
        "digamma" => x.digamma(p),
        "trigamma" => x.trigamma(p),
        "pow" => x.pow(&args[1], p),
        "atan2" => x.atan2(&args[1], p),
        other => match other.strip_prefix("polygamma") {
            Some(order) => x.polygamma(order.parse().unwrap(), p),
            None => panic!("no function {other}"),
        },
    }
}

/// Checks one row at one precision and returns the bits lost, relative to the value (or to 1 where the value is small).
fn check_row(row: &str, p: usize) -> i64 {
    let words: Vec<&str> = row.split(' ').collect();
    let (name, args, value) = (words[0], &words[1..words.len() - 1], words[words.len() - 1]);
    let inputs: Vec<Ball> = args.iter().map(|arg| exact(arg, p)).collect();
    let exact_inputs = inputs.iter().all(Ball::is_exact);
    let ball = apply(name, &inputs, p).unwrap_or_else(|fault| panic!("{row}: {fault}"));
    assert_holds(&ball, &decimal(value), row);
    if !exact_inputs || ball.is_exact() {
        return 0;
    }
    p as i64 - ball.relative_accuracy_bits().unwrap()
}

#[test]
fn reference_values_lie_in_narrow_balls() {
    for row in VALUES.lines().filter(|row| !row.starts_with('#')) {
        let lost = check_row(row, 128);
        assert!(lost <= 28, "{row}: lost {lost} bits");
        check_row(row, 64);
        check_row(row, 192);
    }
}

#[test]
fn more_precision_gives_overlapping_and_narrower_balls() {
    for row in VALUES.lines().filter(|row| !row.starts_with('#')).step_by(7) {
        assert!(check_row(row, 512) <= 28, "{row}");
        assert!(check_row(row, 2048) <= 28, "{row}");
    }
}

#[test]
fn exact_stays_exact() {
    let p = 128;
    let half = exact("1/2", p);
    assert!(half.is_exact());
    assert!(Ball::ZERO.exp(p).unwrap().certainly_equal(&Ball::ONE));
    assert!(Ball::ONE.log(p).unwrap().is_exact_zero());
    assert!(Ball::ZERO.sin(p).unwrap().is_exact_zero());
    assert!(Ball::ZERO.cos(p).unwrap().certainly_equal(&Ball::ONE));
    assert!(Ball::ZERO.atan(p).unwrap().is_exact_zero());
    assert!(exact("9/16", p).sqrt(p).unwrap().certainly_equal(&exact("3/4", p)));
    assert!(exact("-27/8", p).cbrt(p).unwrap().certainly_equal(&exact("-3/2", p)));
    assert!(!exact("3/4", p).powi(-1, p).unwrap().contains_zero());
    assert!(Ball::integer(6).div(&Ball::integer(3), p).unwrap().certainly_equal(&Ball::integer(2)));
    assert!(Ball::ONE.acos(p).unwrap().is_exact_zero());
}

#[test]
fn edges_of_domains_are_decided() {
    let p = 128;
    let undefined = |outcome: Outcome| matches!(outcome, Err(Fault::Undefined(_)));
    assert!(undefined(Ball::integer(-1).log(p)));
    assert!(undefined(Ball::ZERO.log(p)));
    assert!(undefined(Ball::integer(-1).sqrt(p)));
    assert!(undefined(Ball::ONE.div(&Ball::ZERO, p)));
    assert!(undefined(Ball::integer(2).asin(p)));
    assert!(undefined(Ball::ZERO.powi(-1, p)));
    assert!(undefined(Ball::integer(-8).pow(&exact("1/3", p), p)));
    assert!(undefined(Ball::ZERO.pow(&exact("-1/2", p), p)));
    assert!(undefined(Ball::from_f64(f64::NAN)));
    let near_zero = exact("1/3", p).mul_integer(3, p).unwrap().sub(&Ball::ONE, p).unwrap();
    assert!(!near_zero.is_exact() && near_zero.contains_zero());
    assert_eq!(near_zero.log(p), Err(Fault::Uncertain));
    assert_eq!(near_zero.sqrt(p), Err(Fault::Uncertain));
    assert_eq!(near_zero.sign(), Err(Fault::Uncertain));
    assert_eq!(near_zero.floor(), Err(Fault::Uncertain));
    assert_eq!(Ball::ONE.div(&near_zero, p), Err(Fault::Uncertain));
}

#[test]
fn enormous_results_are_refused_quickly() {
    let p = 128;
    let million = Ball::integer(1_000_000);
    assert_eq!(million.exp(p).unwrap().exp(p), Err(Fault::OutOfRange));
    let nothing = million.exp(p).unwrap().neg().exp(p).unwrap();
    assert!(nothing.contains_zero() && nothing.certainly_less(&Ball::dyadic(1.into(), -1_000_000_000, p).unwrap()));
    let huge = Ball::integer(2).powi(1_000_000_000, p).unwrap();
    assert!(huge.is_exact() && huge.certainly_positive());
    assert_eq!(Ball::integer(10).powi(i64::MAX, p), Err(Fault::OutOfRange));
    assert_eq!(huge.powi(i64::MIN, p), Err(Fault::OutOfRange));
    assert!(huge.add(&Ball::ONE, p).unwrap().overlaps(&huge));
    assert!(huge.sin(p).unwrap().contains_zero());
    let tiny = huge.reciprocal(p).unwrap();
    assert!(tiny.floor().unwrap().is_exact_zero());
    assert!(tiny.neg().floor().unwrap().certainly_equal(&Ball::integer(-1)));
    assert!(Ball::ONE.add(&tiny, p).unwrap().overlaps(&Ball::ONE));
    assert_eq!(huge.to_f64(), f64::INFINITY);
}

#[test]
fn steps_follow_their_definitions() {
    let p = 128;
    for numerator in -40i64..=40 {
        let x = numerator as f64 / 8.0;
        let ball = Ball::from_f64(x).unwrap();
        assert_eq!(ball.floor().unwrap().to_f64(), x.floor());
        assert_eq!(ball.ceil().unwrap().to_f64(), x.ceil());
        assert_eq!(ball.round().unwrap().to_f64(), x.round_ties_even());
        assert_eq!(ball.sign().unwrap().to_f64(), if x == 0.0 { 0.0 } else { x.signum() });
    }
    let third = exact("1/3", p);
    assert!(third.ceil().unwrap().certainly_equal(&Ball::ONE));
    assert!(third.round().unwrap().is_exact_zero());
    assert!(third.neg().floor().unwrap().certainly_equal(&Ball::integer(-1)));
    let pi = pi(p).unwrap();
    assert!(pi.max(&Ball::integer(3), p).unwrap().overlaps(&pi));
    assert!(pi.min(&Ball::integer(3), p).unwrap().certainly_equal(&Ball::integer(3)));
}

fn ratio() -> impl Strategy<Value = RBig> {
    (-1_000_000i64..1_000_000, 1u64..10_000).prop_map(|(n, d)| RBig::from_parts(IBig::from(n), UBig::from(d)))
}

/// A ball around `center` of radius `2^-k`.
fn wide(center: &RBig, k: i64, p: usize) -> Ball {
    Ball::from_rational(center, p).unwrap().add(&Ball::within_power_of_two(-k), p).unwrap()
}

const UNARY: [&str; 17] = [
    "exp", "log", "sqrt", "cbrt", "sin", "cos", "atan", "asin", "acos", "sinh", "tanh", "tan", "erf", "erfc", "gamma", "lgamma",
    "trigamma",
];

proptest! {
    #[test]
    fn a_point_inside_maps_inside(center in ratio(), offset in -1000i64..=1000, k in 0i64..60, shrink in 0i64..20, which in 0..UNARY.len()) {
        let p = 128;
        let center = center / RBig::from(UBig::ONE << shrink as usize);
        let ball = wide(&center, k, p);
        let point = &center + RBig::from_parts(IBig::from(offset), UBig::from(1000u64) << k as usize);
        let point = Ball::from_rational(&point, 256).unwrap();
        let (Ok(image), Ok(value)) = (apply(UNARY[which], &[ball], p), apply(UNARY[which], &[point], 256)) else {
            return Ok(());
        };
        prop_assert!(image.overlaps(&value), "{} {image:?} {value:?}", UNARY[which]);
        prop_assert!(image.widened(value.radius).unwrap().encloses(&value.midpoint()), "{}", UNARY[which]);
    }

    #[test]
    fn arithmetic_encloses_points(a in ratio(), b in ratio(), i in -100i64..=100, j in -100i64..=100, k in 0i64..100) {
        let p = 96;
        let step = |n: i64| RBig::from_parts(IBig::from(n), UBig::from(100u64) << k as usize);
        let (x, y) = (&a + step(i), &b + step(j));
        let (ball_a, ball_b) = (wide(&a, k, p), wide(&b, k, p));
        let holds = |ball: Outcome, q: RBig| {
            let value = Ball::from_rational(&q, 600).unwrap();
            ball.is_err() || ball.unwrap().overlaps(&value)
        };
        prop_assert!(holds(ball_a.add(&ball_b, p), &x + &y));
        prop_assert!(holds(ball_a.sub(&ball_b, p), &x - &y));
        prop_assert!(holds(ball_a.mul(&ball_b, p), &x * &y));
        prop_assert!(holds(ball_a.powi(3, p), &x * &x * &x));
        let larger = if x > y { x.clone() } else { y.clone() };
        prop_assert!(holds(ball_a.max(&ball_b, p), larger));
        if !y.is_zero() {
            prop_assert!(holds(ball_a.div(&ball_b, p), &x / &y));
        }
    }

    #[test]
    fn field_identities_overlap(a in ratio(), b in ratio(), c in ratio()) {
        let p = 128;
        let ball = |q: &RBig| Ball::from_rational(q, p).unwrap();
        let (a, b, c) = (ball(&a), ball(&b), ball(&c));
        let left = a.mul(&b.add(&c, p).unwrap(), p).unwrap();
        let right = a.mul(&b, p).unwrap().add(&a.mul(&c, p).unwrap(), p).unwrap();
        prop_assert!(left.overlaps(&right));
        if !b.contains_zero() {
            prop_assert!(a.div(&b, p).unwrap().mul(&b, p).unwrap().overlaps(&a));
        }
        prop_assert!(a.sub(&a, p).unwrap().contains_zero());
        let exact_back = a.square(p).unwrap().sqrt(p);
        prop_assert!(exact_back.is_err() || exact_back.unwrap().overlaps(&a.abs()));
    }

    #[test]
    fn floating_point_comes_in_exactly(x in any::<f64>()) {
        prop_assume!(x.is_finite());
        prop_assert_eq!(Ball::from_f64(x).unwrap().to_f64(), x);
    }
}

#[test]
fn extreme_arguments_come_back_quickly() {
    let p = 128;
    let two = Ball::integer(2);
    let sizes = [
        -1_000_000_000_000_000i64,
        -1_000_000_000,
        -5000,
        -300,
        -64,
        0,
        5,
        20,
        64,
        300,
        5000,
        1_000_000_000,
        1_000_000_000_000_000,
    ];
    let mut balls = vec![Ball::ZERO];
    for size in sizes {
        let power = two.powi(size, p).unwrap();
        let odd = power.mul(&exact("4/3", p), p).unwrap();
        for radius in sizes.map(Ball::within_power_of_two) {
            balls.push(odd.add(&radius, p).unwrap());
            balls.push(odd.neg().add(&radius, p).unwrap());
            balls.push(power.neg().add(&radius, p).unwrap());
        }
        balls.push(power.clone());
        balls.push(power.neg());
    }
    let steps: [fn(&Ball) -> Outcome; 4] = [Ball::floor, Ball::ceil, Ball::round, Ball::sign];
    for (i, x) in balls.iter().enumerate() {
        let y = &balls[(i * 7 + 3) % balls.len()];
        for name in UNARY.iter().chain(&["erfc", "digamma", "polygamma3", "cosh"]) {
            let start = std::time::Instant::now();
            let image = apply(name, std::slice::from_ref(x), p);
            assert!(start.elapsed().as_millis() < 1000, "{name} {x:?}");
            assert!(image.iter().all(|ball| !ball.to_f64().is_nan()), "{name} {x:?}");
        }
        for step in steps {
            let _ = step(x);
        }
        let outcomes = [x.pow(y, p), x.atan2(y, p), x.div(y, p), x.mul(y, p), x.max(y, p), x.powi(i64::MIN, p), x.powi(3, p)];
        assert!(
            outcomes.iter().flatten().all(|ball| !ball.to_f64().is_nan())
                && x.overlaps(x)
                && (x.overlaps(y) || x.certainly_less(y) || y.certainly_less(x))
        );
    }
}

/// Microseconds per operation, for a release build: `cargo test --release --lib timing -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a check"]
fn timing() {
    for p in [128, 512, 2048] {
        let (a, b) = (exact("1234577/1000003", p), exact("-7654321/3000017", p));
        let mut report = format!("p = {p}:");
        let mut measure = |name: &str, f: &dyn Fn() -> Outcome| {
            let rounds = if p > 1000 { 50 } else { 2000 };
            let _ = f();
            let start = std::time::Instant::now();
            for _ in 0..rounds {
                let _ = std::hint::black_box(f());
            }
            let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
            report += &format!(" {name} {micros:.2}");
        };
        measure("add", &|| a.add(&b, p));
        measure("mul", &|| a.mul(&b, p));
        measure("div", &|| a.div(&b, p));
        for name in
            ["sqrt", "exp", "log", "sin", "tan", "atan", "asin", "tanh", "erf", "erfc", "gamma", "lgamma", "digamma", "trigamma"]
        {
            let x = if name == "asin" { exact("1/3", p) } else { a.clone() };
            measure(name, &|| apply(name, std::slice::from_ref(&x), p));
        }
        println!("{report} µs");
    }
}
