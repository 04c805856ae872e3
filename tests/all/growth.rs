//! `growth` from outside: by what law, how fast, and from where on f64 ends.

use crate::process::run;
use serde_json::Value;

fn answer(code: &str) -> Value {
    let ran = run(&["--format", "json", "-e", code]);
    assert_eq!(ran.code, Some(0), "{code}: {}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn the_law_of_growth_is_told() {
    let table = [
        ("growth 100*2^(t/3) wrt t", "exponential", Some(true), "log(2)/3", "3"),
        ("growth a*exp(-t/T) wrt t assuming T > 0", "exponential", Some(false), "-1/T", "T*log(2)"),
        ("growth -2*exp(3*x) wrt x", "exponential", Some(true), "3", "log(2)/3"),
        ("growth p^n wrt n", "exponential", None, "log(p)", "log(2)/log(p)"),
        ("growth 3*x^2 wrt x assuming x > 0", "power", Some(true), "2/x", "x*log(2)/2"),
        ("growth exp(x^2) wrt x assuming x > 0", "other", Some(true), "2*x", "log(2)/(2*x)"),
    ];
    for (code, pace, rises, slope, time) in table {
        let found = answer(code);
        assert_eq!((found["pace"].as_str(), found["rises"].as_bool()), (Some(pace), rises), "{code}");
        assert_eq!(
            (found["relative_slope"]["result"].as_str(), found["time"]["result"].as_str()),
            (Some(slope), Some(time)),
            "{code}"
        );
    }
    assert_eq!(answer("growth exp(x^2) wrt x")["relative_slope_rises"], true);
    assert_eq!(answer("growth log(x) wrt x assuming x > 1")["relative_slope_rises"], false);
}

#[test]
fn what_does_not_change_has_no_doubling_time() {
    for code in ["growth 0*x wrt x", "growth c + x - x wrt x"] {
        let found = answer(code);
        assert_eq!((&found["pace"], &found["time"]), (&"constant".into(), &Value::Null), "{code}");
    }
}

/// How many factors until a product is 0: counted by multiplying, and told by `growth`.
#[test]
fn a_product_of_probabilities_is_0_from_the_number_that_is_said() {
    for p in [0.5f64, 0.9, 0.99, 0.2] {
        let zero = answer(&format!("growth {p}^n wrt n"))["f64"]["zero_from"].as_f64().unwrap().ceil();
        assert_eq!(p.powf(zero), 0.0, "{p}");
        assert!(p.powf(zero - 1.0) > 0.0, "{p}");
        // its logarithm is far from every end
        assert!((zero * p.ln()).is_finite());
    }
    let told = run(&["-e", "growth 0.5^n wrt n"]).out;
    assert!(told.contains("in f64 it is 0 from n = 1075 on"), "{told}");
}

#[test]
fn f64_ends_where_it_is_said_to_end() {
    for (base, name) in [(0.5, "0.5"), (0.9, "0.9"), (0.999, "0.999"), (3.0, "3")] {
        let found = answer(&format!("growth p^n wrt n at p = {name}"));
        let [zero, infinite] = ["zero_from", "infinite_from"].map(|end| found["f64"][end].as_f64().unwrap());
        let value = |n: f64| f64::powf(base, n);
        let inwards = if base < 1.0 { -1.0 } else { 1.0 };
        assert_eq!(value(zero - 0.01 * inwards), 0.0, "{base}");
        assert!(value(zero + 20.0 * inwards) > 0.0 && value(infinite - 0.01 * inwards).is_finite(), "{base}");
        assert!(value(infinite + 0.01 * inwards).is_infinite(), "{base}");
    }
}
