//! The f64 kernels of the table against values of many digits, at poles and outside domains.

use grad::math::{self, Kernel};
use std::collections::HashSet;

fn evaluate(name: &str, arguments: &[f64]) -> f64 {
    let kernel = math::find(name).unwrap_or_else(|| panic!("no function {name}")).record().kernel;
    match (kernel, arguments) {
        (Kernel::One(f), [u]) => f(*u),
        (Kernel::Two(f), [a, b]) => f(*a, *b),
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

#[test]
fn elementary_kernels_are_accurate() {
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    for (name, arguments, value) in rows(include_str!("../kernels/elementary.txt")) {
        seen.insert(name);
        let found = evaluate(name, &arguments);
        if found.is_nan() || ulps(found, value) > 4 {
            wrong.push(format!("{name}{arguments:?} = {value:?}, not {found:?} ({} ulp)", ulps(found, value)));
        }
    }
    assert_eq!(seen.len(), 32);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
            _ => continue,
        };
        for arguments in calls {
            let found = evaluate(name, arguments);
            assert!(found.is_nan(), "{name}{arguments:?} is {found}");
        }
    }
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
