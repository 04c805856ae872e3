//! Values of functions that are known exactly: at numbers, at rational multiples of pi, at 0.

use crate::expr::{Constant, Graph, Id, Number, View};

/// The exact value of a function at canonical arguments, where it is a number, a multiple of pi or a simple root.
pub fn exact(g: &mut Graph, name: &str, arguments: &[Id]) -> Option<Id> {
    let [u] = arguments else { return numbers(g, name, arguments) };
    if let Some(n) = g.as_number(*u).cloned() {
        return at_number(g, name, &n);
    }
    if let Some(k) = multiple_of_pi(g, *u) {
        return at_multiple_of_pi(g, name, &k);
    }
    if let (View::Constant(Constant::E), "log") = (g.view(*u), name) {
        return Some(g.integer(1));
    }
    None
}

fn at_number(g: &mut Graph, name: &str, n: &Number) -> Option<Id> {
    let integer = |g: &mut Graph, v: i64| Some(g.integer(v));
    if n.is_zero() {
        match name {
            "sin" | "tan" | "asin" | "atan" | "sinh" | "tanh" | "asinh" | "atanh" | "expm1" | "log1p" | "erf" | "sqrt"
            | "cbrt" | "abs" | "sign" | "relu" | "gelu" | "silu" | "step" | "floor" | "ceil" | "round" => return integer(g, 0),
            "cos" | "cosh" | "sec" | "sech" | "exp" | "erfc" | "factorial" => return integer(g, 1),
            "sigmoid" => return Some(g.number(Number::ratio(1, 2))),
            "softplus" => {
                let two = g.integer(2);
                return g.call_named("log", &[two]);
            }
            "acos" => return pi_times(g, 1, 2),
            _ => {}
        }
    }
    if n.is_one() {
        match name {
            "log" | "log2" | "log10" | "acosh" | "acos" => return integer(g, 0),
            "gamma" | "factorial" | "cbrt" | "sqrt" => return integer(g, 1),
            "lgamma" => return integer(g, 0),
            "asin" => return pi_times(g, 1, 2),
            "atan" => return pi_times(g, 1, 4),
            _ => {}
        }
    }
    let value = match name {
        "abs" => n.abs(),
        "sign" => Number::integer(i64::from(n.is_positive()) - i64::from(n.is_negative())),
        "step" => Number::integer(i64::from(n.is_positive())),
        "relu" => {
            if n.is_positive() {
                n.clone()
            } else {
                Number::integer(0)
            }
        }
        "floor" => n.floor(),
        "ceil" => -&(-n).floor(),
        "round" => n.round_half_even(),
        "cbrt" => n.exact_root(3)?,
        "log2" => Number::integer(exact_log(n, 2)?),
        "log10" => Number::integer(exact_log(n, 10)?),
        "factorial" => factorial(n.to_i64()?)?,
        "gamma" => factorial(n.to_i64()?.checked_sub(1)?)?,
        _ => return None,
    };
    Some(g.number(value))
}

/// The integer `k` with `base^k = n`.
fn exact_log(n: &Number, base: i64) -> Option<i64> {
    if !n.is_positive() || n.bits() > 4096 {
        return None;
    }
    let guess = (n.to_f64().log2() / (base as f64).log2()).round();
    if !guess.is_finite() {
        return None;
    }
    let k = guess as i64;
    (Number::integer(base).checked_pow(k)? == *n).then_some(k)
}

/// `n!` while it stays readable.
fn factorial(n: i64) -> Option<Number> {
    if !(0..=170).contains(&n) {
        return None;
    }
    Some((1..=n).fold(Number::integer(1), |product, k| &product * &Number::integer(k)))
}

fn numbers(g: &mut Graph, name: &str, arguments: &[Id]) -> Option<Id> {
    let values: Option<Vec<Number>> = arguments.iter().map(|a| g.as_number(*a).cloned()).collect();
    let values = values?;
    let value = match name {
        "max" => values.into_iter().max()?,
        "min" => values.into_iter().min()?,
        "clamp" => {
            let [x, low, high] = values.as_slice() else { return None };
            if low > high {
                return None;
            }
            x.max(low).min(high).clone()
        }
        _ => return None,
    };
    Some(g.number(value))
}

/// `n/d * pi`
fn pi_times(g: &mut Graph, n: i64, d: u64) -> Option<Id> {
    let factor = g.number(Number::ratio(n, d));
    let pi = g.constant(Constant::Pi);
    Some(g.mul(&[factor, pi]))
}

/// The rational `k` with `u = k*pi`, for canonical `u`.
pub fn multiple_of_pi(g: &Graph, u: Id) -> Option<Number> {
    match g.view(u) {
        View::Constant(Constant::Pi) => Some(Number::integer(1)),
        View::Mul([c, p]) if matches!(g.view(*p), View::Constant(Constant::Pi)) => g.as_number(*c).cloned(),
        _ => None,
    }
}

fn at_multiple_of_pi(g: &mut Graph, name: &str, k: &Number) -> Option<Id> {
    let half = Number::ratio(1, 2);
    match name {
        "sin" => sine(g, k),
        "cos" => sine(g, &(k + &half)),
        "tan" => {
            let below = sine(g, &(k + &half))?;
            let (above, below) = (sine(g, k)?, g.as_number(below).cloned()?);
            // only where the quotient is a number: 0 or ±1 over ±1
            let above = g.as_number(above).cloned()?;
            above.checked_div(&below).map(|v| g.number(v))
        }
        _ => None,
    }
}

/// sin(k*pi) for k with denominators 1, 2, 3, 4, 6.
fn sine(g: &mut Graph, k: &Number) -> Option<Id> {
    let two = Number::integer(2);
    let turns = k.checked_div(&two)?.floor();
    let r = k - &(&turns * &two); // 0 <= r < 2
    let (r, negative) = if r >= Number::integer(1) { (&r - &Number::integer(1), true) } else { (r, false) };
    let quarter = if r > Number::ratio(1, 2) { &Number::integer(1) - &r } else { r };
    let (coefficient, root) =
        match (i64::try_from(quarter.value().numerator()).ok()?, u64::try_from(quarter.value().denominator()).ok()?) {
            (0, _) => return Some(g.integer(0)),
            (1, 2) => (Number::integer(1), 1),
            (1, 6) => (Number::ratio(1, 2), 1),
            (1, 4) => (Number::ratio(1, 2), 2),
            (1, 3) => (Number::ratio(1, 2), 3),
            _ => return None,
        };
    let coefficient = if negative { -&coefficient } else { coefficient };
    if root == 1 {
        return Some(g.number(coefficient));
    }
    let base = g.integer(root);
    let exponent = g.number(Number::ratio(1, 2));
    let surd = g.pow(base, exponent);
    Some(super::canon::scaled(g, surd, &coefficient))
}
