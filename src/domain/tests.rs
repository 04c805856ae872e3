//! Tables and properties.

use super::formula::formula;
use super::*;
use crate::expr::print::plain;

fn known(g: &mut Graph, conditions: &[&str]) -> Known {
    let conditions = conditions.iter().map(|c| formula(g, c).unwrap_or_else(|| panic!("{c}"))).collect();
    Known { conditions, ..Known::default() }
}

fn read(g: &mut Graph, text: &str) -> Id {
    formula(g, text).unwrap_or_else(|| panic!("{text}"))
}

fn tidied(conditions: &[&str], text: &str) -> String {
    let mut g = Graph::new();
    let known = known(&mut g, conditions);
    let c = read(&mut g, text);
    let out = tidy(&mut g, &known, c);
    out.iter().map(|c| plain(&g, *c)).collect::<Vec<_>>().join(", ")
}

fn verdict(conditions: &[&str], text: &str) -> Verdict {
    let mut g = Graph::new();
    let known = known(&mut g, conditions);
    let c = read(&mut g, text);
    prove(&mut g, &known, c)
}

#[test]
fn conditions_come_out_as_a_person_writes_them() {
    for (given, text, expected) in [
        (&[][..], "2*x > 0", "x > 0"),
        (&[], "x^2 > 0", "x != 0"),
        (&[], "3*x + 2 != 0", "x != -2/3"),
        (&[], "x^2 - 1 != 0", "x != -1, x != 1"),
        (&[], "-x > 0", "x < 0"),
        (&[], "1 - x^2 > 0", "-1 < x and x < 1"),
        (&[], "x^2 >= 0", ""),
        (&[], "exp(x) > 0", ""),
        (&[], "x*y > 0", "x*y > 0"),
        (&[], "x*y != 0", "x != 0, y != 0"),
        (&["y > 0"], "x*y > 0", "x > 0"),
        (&[], "log(x) > 0", "x > 1"),
        (&[], "log(x) < 0", "0 < x and x < 1"),
    ] {
        assert_eq!(tidied(given, text), expected, "{text} given {given:?}");
    }
}

#[test]
fn proofs() {
    use Verdict::{Proved, Refuted, Unknown};
    for (given, text, expected) in [
        (&[][..], "exp(x) > 0", Proved),
        (&[], "1 + exp(x) > 0", Proved),
        (&[], "x > 0", Unknown),
        (&["x > 0"], "x != 0", Proved),
        (&["x > 0"], "x < 0", Refuted),
        (&["x > y", "y > z"], "x > z", Proved),
        (&[], "x^2 + x + 1 > 0", Proved),
        (&[], "x^2 + x*y + y^2 >= 0", Proved),
        (&[], "x^2 - 2 > 0", Unknown),
        (&["0 < p and p < 1"], "p - p^2 > 0", Proved),
    ] {
        assert_eq!(verdict(given, text), expected, "{text} given {given:?}");
    }
}
