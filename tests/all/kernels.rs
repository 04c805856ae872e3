//! The f64 kernels of the table against values of many digits, at poles and outside domains.

#[path = "../../benches/accuracy/measure.rs"]
mod measure;
#[path = "../../benches/accuracy/product.rs"]
mod product;
#[path = "../../benches/accuracy/reference.rs"]
mod reference;
#[path = "../../benches/accuracy/rows.rs"]
mod rows;
#[path = "../../benches/accuracy/sample.rs"]
mod sample;

use grad::math::{self, Kernel};
use measure::Verdict;
use rows::{ROWS, Row};
use sample::{Place, Random};
use std::collections::HashSet;

fn evaluate(name: &str, arguments: &[f64]) -> f64 {
    let kernel = math::find(name).unwrap_or_else(|| panic!("no function {name}")).record().kernel;
    match (kernel, arguments) {
        (Kernel::One(f), [u]) => f(*u),
        (Kernel::Two(f), [a, b]) => f(*a, *b),
        (Kernel::Three(f), [a, b, c]) => f(*a, *b, *c),
        (Kernel::List(f), list) => f(list),
        _ => panic!("{name} does not take {arguments:?}"),
    }
}

/// Places of the f64 line, counted so that neighbours are 1 apart; both zeros are at 0.
fn place(x: f64) -> i128 {
    let magnitude = i128::from(x.abs().to_bits());
    if x.is_sign_negative() { -magnitude } else { magnitude }
}

fn ulps(a: f64, b: f64) -> i128 {
    (place(a) - place(b)).abs()
}

/// Each line: a function, its arguments, its value there.
fn rows(text: &'static str) -> impl Iterator<Item = (&'static str, Vec<f64>, f64)> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let mut numbers: Vec<f64> = words.map(|w| w.parse().unwrap()).collect();
        let value = numbers.pop().unwrap();
        (name, numbers, value)
    })
}

/// Compares a table of values with the kernels of so many functions, to `allowed` units in the last place.
#[track_caller]
fn accurate(text: &'static str, functions: usize, allowed: i128) {
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    for (name, arguments, value) in rows(text) {
        seen.insert(name);
        let found = evaluate(name, &arguments);
        if found.is_nan() || ulps(found, value) > allowed {
            wrong.push(format!("{name}{arguments:?} = {value:?}, not {found:?} ({} ulp)", ulps(found, value)));
        }
    }
    assert_eq!(seen.len(), functions);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn elementary_kernels_are_accurate() {
    accurate(include_str!("../kernels/elementary.txt"), 32, 4);
}

#[test]
fn special_kernels_are_accurate() {
    accurate(include_str!("../kernels/special.txt"), 16, 4);
}

/// As many factors as the order has are multiplied, each with its rounding.
#[test]
fn polygamma_of_high_order_is_accurate() {
    accurate(include_str!("../kernels/polygamma.txt"), 1, 40);
}

#[test]
fn pieces_take_the_ends_as_they_say() {
    let values: &[(&str, &[f64], f64)] = &[
        ("sign", &[-0.0], 0.0),
        ("sign", &[-3.5], -1.0),
        ("step", &[0.0], 0.0),
        ("step", &[1e-300], 1.0),
        ("relu", &[-2.0], 0.0),
        ("relu", &[f64::INFINITY], f64::INFINITY),
        ("round", &[2.5], 2.0),
        ("round", &[3.5], 4.0),
        ("round", &[-0.5], 0.0),
        ("floor", &[-1.5], -2.0),
        ("ceil", &[-1.5], -1.0),
        ("clamp", &[5.0, -1.0, 2.0], 2.0),
        ("clamp", &[-5.0, -1.0, 2.0], -1.0),
        ("clamp", &[0.5, 1.0, 1.0], 1.0),
        ("max", &[1.0, 3.0, 2.0], 3.0),
        ("min", &[1.0, -3.0, 2.0], -3.0),
        ("gamma", &[171.0], 7.257415615307999e306),
        ("factorial", &[22.0], 1_124_000_727_777_607_680_000.0),
    ];
    for (name, arguments, value) in values {
        assert_eq!(evaluate(name, arguments), *value, "{name}{arguments:?}");
    }
}

#[test]
fn kernels_saturate_without_overflow() {
    let inf = f64::INFINITY;
    let ends: &[(&str, &[f64], f64)] = &[
        ("sigmoid", &[-inf], 0.0),
        ("sigmoid", &[inf], 1.0),
        ("softplus", &[-inf], 0.0),
        ("softplus", &[1e308], 1e308),
        ("log_sigmoid", &[-1e308], -1e308),
        ("silu", &[-inf], 0.0),
        ("silu", &[-1e6], 0.0),
        ("gelu", &[-inf], 0.0),
        ("gelu", &[1e308], 1e308),
        ("logsumexp", &[-inf, -inf], -inf),
        ("logsumexp", &[-inf, 2.5], 2.5),
        ("logsumexp", &[inf, 2.5], inf),
        ("digamma", &[inf], inf),
        ("trigamma", &[inf], 0.0),
        ("lbeta", &[1.0, inf], -inf),
        ("lgamma", &[-inf], inf),
        ("hypot", &[-inf, 1.0], inf),
        ("factorial", &[inf], inf),
        ("erf", &[-inf], -1.0),
        ("erfc", &[-inf], 2.0),
        ("erfc", &[inf], 0.0),
        ("tanh", &[-inf], -1.0),
        ("sech", &[-inf], 0.0),
        ("log_sigmoid", &[inf], 0.0),
        ("log1mexp", &[-inf], 0.0),
    ];
    for (name, arguments, value) in ends {
        assert_eq!(evaluate(name, arguments), *value, "{name}{arguments:?}");
    }
}

#[test]
fn softmax_is_a_share_of_one() {
    let Kernel::Vector(softmax) = math::find("softmax").unwrap().record().kernel else { panic!("softmax has a list of values") };
    assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
    assert_eq!(softmax(&[-1000.0]), [1.0]);
    let shares = softmax(&[-30.1, 5.3, 5.3]);
    assert!(ulps(shares[0], 2.113_223_078_460_902_4e-16) <= 4, "{shares:?}");
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-15);
}

#[test]
fn there_is_no_value_outside_the_domain() {
    let outside: &[(&str, &[f64])] = &[
        ("log", &[-1.0]),
        ("log2", &[-1e-300]),
        ("log10", &[-2.0]),
        ("log1p", &[-1.5]),
        ("log1mexp", &[1.0]),
        ("sqrt", &[-1e-300]),
        ("pow", &[-8.0, 1.0 / 3.0]),
        ("root", &[-4.0, 2.0]),
        ("root", &[4.0, 2.5]),
        ("root", &[4.0, 0.0]),
        ("root", &[8.0, -3.0]),
        ("asin", &[1.0 + f64::EPSILON]),
        ("acos", &[-1.5]),
        ("atan2", &[0.0, 0.0]),
        ("atan2", &[-0.0, -0.0]),
        ("acosh", &[0.5]),
        ("acosh", &[-3.0]),
        ("atanh", &[1.5]),
        ("logit", &[-1e-10]),
        ("logit", &[1.5]),
        ("clamp", &[0.5, 2.0, 1.0]),
        ("gamma", &[-2.0]),
        ("digamma", &[0.0]),
        ("digamma", &[-3.0]),
        ("digamma", &[-1e300]),
        ("digamma", &[f64::NEG_INFINITY]),
        ("gamma", &[f64::NEG_INFINITY]),
        ("trigamma", &[f64::NEG_INFINITY]),
        ("factorial", &[-2.0]),
        ("polygamma", &[1.5, 2.0]),
        ("polygamma", &[-1.0, 2.0]),
        ("polygamma", &[2.0, -3.0]),
        ("lbeta", &[-0.5, 2.0]),
        ("lbeta", &[2.0, -0.5]),
    ];
    for (name, arguments) in outside {
        let found = evaluate(name, arguments);
        assert!(found.is_nan(), "{name}{arguments:?} is {found}");
    }
}

#[test]
fn a_pole_is_an_infinity() {
    let inf = f64::INFINITY;
    let poles: &[(&str, &[f64], f64)] = &[
        ("log", &[0.0], -inf),
        ("log2", &[0.0], -inf),
        ("log10", &[0.0], -inf),
        ("log1p", &[-1.0], -inf),
        ("log1mexp", &[0.0], -inf),
        ("atanh", &[1.0], inf),
        ("atanh", &[-1.0], -inf),
        ("csc", &[0.0], inf),
        ("cot", &[0.0], inf),
        ("csch", &[0.0], inf),
        ("coth", &[0.0], inf),
        ("pow", &[0.0, -2.0], inf),
        ("logit", &[0.0], -inf),
        ("logit", &[1.0], inf),
        ("lgamma", &[0.0], inf),
        ("lgamma", &[-4.0], inf),
        ("trigamma", &[0.0], inf),
        ("trigamma", &[-4.0], inf),
        ("polygamma", &[3.0, -4.0], inf),
        ("lbeta", &[0.0, 2.0], inf),
    ];
    for (name, arguments, value) in poles {
        assert_eq!(evaluate(name, arguments), *value, "{name}{arguments:?}");
    }
    assert_eq!(evaluate("pow", &[0.0, 0.0]), 1.0);
}

/// What is missing stays missing, even where IEEE says pow(1, NaN) = 1.
#[test]
fn nan_is_never_swallowed() {
    for f in math::functions() {
        let name = f.name();
        let calls: &[&[f64]] = match f.record().kernel {
            Kernel::One(_) => &[&[f64::NAN]],
            Kernel::Two(_) => &[&[f64::NAN, 1.0], &[1.0, f64::NAN], &[f64::NAN, 0.0], &[f64::NAN, f64::NAN]],
            Kernel::Three(_) => &[&[f64::NAN, 0.0, 1.0], &[0.5, f64::NAN, 1.0], &[0.5, 0.0, f64::NAN]],
            Kernel::List(_) => &[&[f64::NAN], &[f64::NAN, 1.0, 2.0], &[1.0, f64::NAN, 2.0], &[f64::INFINITY, f64::NAN]],
            _ => continue,
        };
        for arguments in calls {
            let found = evaluate(name, arguments);
            assert!(found.is_nan(), "{name}{arguments:?} is {found}");
        }
    }
}

/// The largest error of a row at seeded points, with the point, and how many points are above what was reached.
fn worst(row: &Row, points: usize) -> (f64, Vec<f64>, usize) {
    let mut random = Random::new(20_260_726);
    let mut call = row.compute.prepare();
    let mut worst = (0.0, Vec::new(), 0);
    for _ in 0..points {
        let point = row.draw(&mut random);
        match row.judge(&point, call(&point)) {
            Verdict::Error(error) => {
                worst.2 += usize::from(error > row.reached);
                if error > worst.0 {
                    (worst.0, worst.1) = (error, point);
                }
            }
            Verdict::Outside => {}
            Verdict::Undecided => panic!("{} has no reference at {point:?}", row.name),
        }
    }
    worst
}

/// The bench `accuracy` in small: balls decide, over all exponents and where each function is delicate.
#[test]
fn every_function_is_as_accurate_as_it_was() {
    let mut wrong = Vec::new();
    for row in ROWS {
        let points = if row.stable { 3_000 } else { 1_000 };
        let (error, at, above) = worst(row, points);
        if above as f64 > row.exceptions * points as f64 || row.reached > row.allowed {
            wrong.push(format!("{}: {error} ulp at {at:?}, {above} of {points} above {}", row.name, row.reached));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The measure itself: neighbours are one unit apart, at both ends of the range too.
#[test]
fn errors_are_counted_in_units_of_the_last_place() {
    let error = |found: f64, truth: f64| match measure::compare(found, |_| reference::ball(truth)) {
        Verdict::Error(error) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(error(1.0 + f64::EPSILON, 1.0), 1.0);
    assert_eq!(error(1.0 - f64::EPSILON, 1.0), 1.0);
    assert_eq!(error(-1.5, -1.5), 0.0);
    assert_eq!(error(5e-324, 1.5e-323), 2.0);
    assert_eq!(error(0.0, 5e-324), 1.0);
    assert_eq!(error(f64::INFINITY, f64::MAX), 1.0);
    assert_eq!(error(f64::NAN, 1.0), f64::INFINITY);
    let two_to_the_1025 = |_| reference::exp(&reference::ball(720.0)?, 128);
    assert_eq!(measure::compare(f64::INFINITY, two_to_the_1025), Verdict::Error(0.0));
    assert_eq!(measure::compare(f64::MAX, two_to_the_1025), Verdict::Error(1.0));
}

/// A number that depends on every bit of every result (Fowler, Noll and Vo's hash); one NaN is like another.
fn checksum(results: impl Iterator<Item = f64>) -> u64 {
    let bits = results.map(|v| if v.is_nan() { u64::MAX } else { v.to_bits() });
    bits.flat_map(u64::to_le_bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Seeded arguments without a call of a library function, which might differ between machines.
fn arguments(random: &mut Random, count: usize) -> Vec<f64> {
    const PLACES: [Place; 5] =
        [Place::Whole, Place::Line(-1.0, 1.0), Place::Line(-30.0, 30.0), Place::Line(-800.0, 800.0), Place::Count(-9, 9)];
    (0..count).map(|_| PLACES[random.below(PLACES.len())].draw(random)).collect()
}

/// What every kernel computes at the same points, to the last bit, on every machine.
#[test]
fn every_machine_computes_the_same_bits() {
    let mut found = String::new();
    for f in math::functions() {
        let mut random = Random::new(1);
        let mut over = |count: usize, call: &dyn Fn(&[f64]) -> Vec<f64>| {
            checksum((0..2_000).flat_map(|_| call(&arguments(&mut random, count))))
        };
        let sum = match f.record().kernel {
            Kernel::One(k) => over(1, &|x| vec![k(x[0])]),
            Kernel::Two(k) => over(2, &|x| vec![k(x[0], x[1])]),
            Kernel::Three(k) => over(3, &|x| vec![k(x[0], x[1], x[2])]),
            Kernel::List(k) => over(4, &|x| vec![k(x)]),
            Kernel::Vector(k) => over(4, &k),
            Kernel::Opened => continue,
        };
        found += &format!("{} {sum:016x}\n", f.name());
    }
    assert_eq!(found, include_str!("../kernels/checksums.txt"), "other bits than on other machines, or a kernel was changed");
}

/// A name, an alias or a foreign name leads to one function only.
#[test]
fn names_are_unique() {
    let mut seen = HashSet::new();
    for f in math::functions().map(|f| f.record()) {
        for name in [&[f.name], f.aliases, f.elsewhere].concat() {
            assert!(seen.insert(name), "{name} is used twice");
        }
    }
}
