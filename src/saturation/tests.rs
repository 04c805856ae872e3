//! Ends of regions against closed forms and against roots found by plain bisection of slopes written out by hand.

use super::*;
use crate::resolve::formula;

fn found(text: &str, range: [Option<i64>; 2], share: Number) -> Result<Saturation, Trouble> {
    let mut g = Graph::new();
    let expression = formula(&mut g, text).unwrap();
    let variable = g.intern("x");
    let known = Known::default();
    let [from, to] = range.map(|end| end.map(Number::integer));
    saturation(&mut g, &Question { expression, variable, from, to, share, known: &known })
}

fn ten(text: &str) -> Saturation {
    found(text, [Some(-10), Some(10)], Number::ratio(1, 20)).unwrap_or_else(|why| panic!("{text}: {why:?}"))
}

/// The ends of the regions that are no ends of the range.
fn crossings(found: &Saturation) -> Vec<f64> {
    let ends = found.regions.iter().flat_map(|r| [&r.from, &r.to]);
    ends.filter(|end| end.kind != EndKind::Range).map(|end| end.at).collect()
}

/// A root of `f` between `a` and `b`, where it changes its sign.
fn root(f: impl Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let rises = f(b) > 0.0;
    for _ in 0..200 {
        let middle = a / 2.0 + b / 2.0;
        if (f(middle) > 0.0) == rises { b = middle } else { a = middle }
    }
    a
}

fn check(text: &str, ends: &[f64]) {
    let answer = ten(text);
    let crossings = crossings(&answer);
    assert_eq!(crossings.len(), ends.len(), "{text}: {answer:?}");
    for (end, truth) in crossings.iter().zip(ends) {
        assert!((end - truth).abs() < 1e-11, "{text}: {end} is not {truth}");
    }
    assert!(answer.open.is_empty() && answer.undefined.is_empty(), "{text}: {answer:?}");
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[test]
fn the_ends_are_those_of_closed_forms() {
    // s*(1 - s) = 0.05/4
    let s = (1.0 - 0.95f64.sqrt()) / 2.0;
    let end = (s / (1.0 - s)).ln();
    check("sigmoid(x)", &[end, -end]);
    // 1 - t^2 = 0.05
    let end = 0.95f64.sqrt().atanh();
    check("tanh(x)", &[-end, end]);
    // the slope of softplus is the sigmoid, at most that of 10
    let part = 0.05 * sigmoid(10.0);
    let end = (part / (1.0 - part)).ln();
    check("softplus(x)", &[end]);
    check("log(1 + exp(x))", &[end]);
    check("-log(sigmoid(x))", &[-end]);
    check("atan(x)", &[-(19f64.sqrt()), 19f64.sqrt()]);
    let end = (0.05f64).ln();
    check("exp(x - 10)", &[10.0 + end]);
    check("erf(x)", &[-(-end).sqrt(), (-end).sqrt()]);
}

#[test]
fn the_ends_are_those_of_slopes_written_by_hand() {
    let silu = |x: f64| sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)));
    // where the second derivative, x*(1 - 2*s) + 2, is 0
    let top = silu(root(|x| x * (1.0 - 2.0 * sigmoid(x)) + 2.0, 3.0, 2.0));
    let at = |level: f64, a, b| root(|x| silu(x) - level * top, a, b);
    check("silu(x)", &[at(-0.05, -6.0, -2.4), at(-0.05, -2.3, -1.3), at(0.05, -1.3, 0.0)]);
    // the square of the distance to 1: the slope is -2*s*(1 - s)^2, the largest where s = 1/3
    let slope = |x: f64| 2.0 * sigmoid(x) * (1.0 - sigmoid(x)).powi(2);
    let level = 0.05 * 8.0 / 27.0;
    check("(1 - sigmoid(x))^2", &[root(|x| slope(x) - level, -8.0, -1.0), root(|x| slope(x) - level, 5.0, 0.0)]);
}

#[test]
fn gelu_agrees_with_its_slope_in_ordinary_arithmetic() {
    let density = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let slope = |x: f64| libm::erfc(-x / 2f64.sqrt()) / 2.0 + x * density(x);
    let top = slope(2f64.sqrt());
    let at = |level: f64, a, b| root(|x| slope(x) - level * top, a, b);
    check("gelu(x)", &[at(-0.05, -4.0, -1.5), at(-0.05, -1.4, -0.8), at(0.05, -0.8, 0.0)]);
}

#[test]
fn kinks_are_ends_exactly() {
    for (text, from, to) in [("relu(x)", -10.0, 0.0), ("max(x, x/100)", -10.0, 0.0), ("if x > 1 then x else 1", -10.0, 1.0)] {
        let answer = ten(text);
        let [region] = &answer.regions[..] else { panic!("{text}: {answer:?}") };
        assert_eq!((region.from.at, region.to.at, region.to.slack), (from, to, 0.0), "{text}");
        assert_eq!(region.to.kind, EndKind::Place);
    }
    assert_eq!(ten("relu(x)").peaks, [(0.0, 10.0)]);
}

#[test]
fn ranges_without_ends_are_settled_where_the_tails_are() {
    let whole = |text| found(text, [None, None], Number::ratio(1, 20));
    for text in ["sigmoid(x)", "tanh(x)", "atan(x)", "erf(x)", "gelu(x)", "exp(-x^2)", "x/(1 + abs(x))", "softplus(x)"] {
        let (all, ten) = (whole(text).unwrap(), ten(text));
        assert_eq!(all.regions.len(), ten.regions.len(), "{text}");
        let ends = crossings(&all).into_iter().filter(|end| end.is_finite()).zip(crossings(&ten));
        for (a, b) in ends {
            assert!((a - b).abs() < 1e-4, "{text}: {a}, {b}");
        }
    }
    for text in ["silu(x)", "x*sigmoid(2*x)"] {
        let (all, ten) = (crossings(&whole(text).unwrap()), crossings(&ten(text)));
        let near = all.iter().filter(|end| end.is_finite()).zip(&ten).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(near && all.len() == ten.len() && !ten.is_empty(), "{text}: {all:?}, {ten:?}");
    }
    assert!(matches!(whole("sin(x)"), Err(Trouble::Tail(_))));
    for text in ["x^2", "exp(x)", "x*exp(-x)", "cosh(x)", "relu(x)^2", "x^2*sigmoid(x)"] {
        assert!(matches!(whole(text), Err(Trouble::Grows(_))), "{text}: {:?}", whole(text));
    }
}

#[test]
fn slopes_that_only_come_near_to_their_largest_size_are_settled_too() {
    let check = |text: &str, slope: &dyn Fn(f64) -> f64, places: &[f64], peaks: &[(f64, f64)]| {
        let answer = found(text, [None, None], Number::ratio(1, 20)).unwrap_or_else(|why| panic!("{text}: {why:?}"));
        let ends: Vec<f64> = crossings(&answer).into_iter().filter(|end| end.is_finite()).collect();
        assert_eq!(ends.len(), places.len(), "{text}: {answer:?}");
        for (end, near) in ends.iter().zip(places) {
            let at = |x: f64| slope(x).abs() - answer.largest.1 / 20.0;
            let truth = if at(*near) == 0.0 { *near } else { root(at, near - 0.02 * near.abs(), near + 0.02 * near.abs()) };
            assert!((end - truth).abs() < 1e-9 * truth.abs().max(1.0), "{text}: {end} is not {truth}");
        }
        for (from, to) in peaks {
            assert!(answer.peaks.contains(&(*from, *to)), "{text}: {:?}", answer.peaks);
        }
    };
    let without_end = f64::INFINITY;
    let outside = [(-without_end, -without_end), (without_end, without_end)];
    check("log(cosh(x))", &f64::tanh, &[-0.05, 0.05], &outside);
    check("logaddexp(x, -x)", &f64::tanh, &[-0.05, 0.05], &outside);
    check("sqrt(1 + x^2)", &|x| x / x.hypot(1.0), &[-0.05, 0.05], &outside);
    check("hypot(x, 1)", &|x| x / x.hypot(1.0), &[-0.05, 0.05], &outside);
    check("x - tanh(x)", &|x| x.tanh().powi(2), &[-0.2275, 0.2275], &outside);
    check("asinh(x)", &|x| 1.0 / x.hypot(1.0), &[-20.0, 20.0], &[(0.0, 0.0)]);
    let cube = |x: f64| 2.0 * x / 3.0 / (x * x + 1.0).cbrt().powi(2);
    check("cbrt(x^2 + 1)", &cube, &[-24_633.6, -0.0344, 0.0344, 24_633.6], &[]);
    let mish = |x: f64| {
        let soft = x.exp().ln_1p();
        soft.tanh() + x * sigmoid(x) / soft.cosh().powi(2)
    };
    check("x*tanh(softplus(x))", &mish, &[-3.98125, -1.44107, -1.01382], &[]);
    let bell = |x: f64| 0.5 * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh());
    let like_gelu = |x: f64| (x * 1.000_01 * bell(x * 1.000_01) - x * 0.999_99 * bell(x * 0.999_99)) / (x * 0.000_02);
    let text = "x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))/2";
    let answer = found(text, [None, None], Number::ratio(1, 20)).unwrap();
    for end in crossings(&answer).into_iter().filter(|end| end.is_finite()) {
        assert!((like_gelu(end).abs() / answer.largest.1 - 0.05).abs() < 1e-7, "{end}");
    }
}

#[test]
fn bends_inside_of_others_are_places() {
    let whole = |text: &str| found(text, [None, None], Number::ratio(1, 20)).unwrap();
    let hard_swish = whole("x*min(max(x + 3, 0), 6)/6");
    let ends: Vec<f64> = crossings(&hard_swish).into_iter().filter(|end| end.is_finite()).collect();
    assert_eq!((hard_swish.largest, ends.len(), ends[0]), ((1.5, 1.5), 3, -3.0));
    assert!((ends[1] + 1.725).abs() < 1e-12 && (ends[2] + 1.275).abs() < 1e-12, "{ends:?}");
    let capped = whole("min(max(x, 0), 6)");
    assert_eq!((capped.peaks.clone(), crossings(&capped)[..].len()), (vec![(0.0, 6.0)], 2), "{capped:?}");
    assert_eq!(whole("if x > 0 then x else exp(x) - 1").peaks, [(0.0, f64::INFINITY)]);
}

#[test]
fn wide_ranges_are_searched_in_wide_cells() {
    for text in ["x*tanh(softplus(x))", "log(cosh(x))", "asinh(x)", "x - tanh(x)", "silu(x)", "tanh(x)", "gelu(x)"] {
        let (wide, far) = (found(text, [Some(-3000), Some(1000)], Number::ratio(1, 20)), [Some(-50), Some(50)]);
        let (wide, near) =
            (wide.unwrap_or_else(|why| panic!("{text}: {why:?}")), found(text, far, Number::ratio(1, 20)).unwrap());
        let (wide, near) = (crossings(&wide), crossings(&near));
        assert_eq!(wide.len(), near.len(), "{text}");
        assert!(wide.iter().zip(&near).all(|(a, b)| (a - b).abs() < 1e-9), "{text}: {wide:?}, {near:?}");
    }
    assert_eq!(found("tanh(x)", [Some(600), Some(601)], Number::ratio(1, 20)).unwrap_err(), Trouble::Tiny);
}

#[test]
fn what_has_no_largest_slope_is_refused() {
    let ten = |text| found(text, [Some(-10), Some(10)], Number::ratio(1, 20));
    for text in ["sqrt(x)", "1/x", "log(x)", "tan(x)", "cbrt(x)"] {
        assert!(matches!(ten(text), Err(Trouble::Unbounded(_))), "{text}: {:?}", ten(text));
    }
    assert_eq!(ten("log(-1 - x^2)").unwrap_err(), Trouble::Nowhere);
    assert_eq!(ten("floor(x)").unwrap_err(), Trouble::Flat);
    assert_eq!(ten("3").unwrap_err(), Trouble::Flat);
}

#[test]
fn nothing_is_said_of_places_without_a_value() {
    // the slope is 1 by its formula, and the function has a value where sin(x) > 0 only
    let answer = found("x + 0*log(sin(x))", [Some(1), Some(6)], Number::ratio(1, 20));
    let pi = std::f64::consts::PI;
    match answer {
        Ok(answer) => assert!(answer.undefined.iter().any(|(from, to)| *from < pi + 0.1 && *to > 5.9), "{answer:?}"),
        Err(trouble) => assert!(matches!(trouble, Trouble::Unbounded(_)), "{trouble:?}"),
    }
}

#[test]
fn a_slope_exactly_at_the_share_stays_open_or_is_no_region() {
    let answer = found("max(x, x/8)", [Some(-10), Some(10)], Number::ratio(1, 8)).unwrap();
    assert!(answer.regions.is_empty(), "{answer:?}");
}

#[test]
fn a_smaller_share_gives_smaller_regions() {
    let part = |n, d| found("tanh(x)", [Some(-10), Some(10)], Number::ratio(n, d)).unwrap().part().unwrap();
    assert!(part(1, 100) < part(1, 20) && part(1, 20) < part(1, 2));
}
