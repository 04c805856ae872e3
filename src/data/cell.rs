//! One value of a file: a number, nothing, or something that is no number.

/// A value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// A finite number; a truth value counts as 0 or 1.
    Number(f64),
    /// Nothing.
    Missing,
    /// Anything else.
    Text,
}

/// Words for a value that is missing, in lower case.
const MISSING: [&str; 7] = ["", "na", "n/a", "nan", "null", "none", "nil"];

/// The value that a text stands for, blanks around it left aside.
pub(super) fn of_text(bytes: &[u8]) -> Cell {
    let bytes = bytes.trim_ascii();
    if bytes.len() <= 4 && MISSING.iter().any(|word| bytes.eq_ignore_ascii_case(word.as_bytes())) {
        return Cell::Missing;
    }
    if bytes.eq_ignore_ascii_case(b"true") {
        return Cell::Number(1.0);
    }
    if bytes.eq_ignore_ascii_case(b"false") {
        return Cell::Number(0.0);
    }
    let digits = bytes.strip_prefix(b"+").filter(|rest| !rest.starts_with(b"-")).unwrap_or(bytes);
    match fast_float2::parse::<f64, _>(digits) {
        Ok(value) if value.is_finite() => Cell::Number(value),
        _ => Cell::Text,
    }
}

/// A value that was stored as a number; NaN stands for one that is missing.
pub(super) fn of_number(value: f64) -> Cell {
    match value {
        _ if value.is_finite() => Cell::Number(value),
        _ if value.is_nan() => Cell::Missing,
        _ => Cell::Text,
    }
}

/// Whether a text is written for a number that is not finite: `inf`, and `nan`, which elsewhere stands for a missing one.
pub(super) fn is_infinite(text: &[u8]) -> bool {
    fast_float2::parse::<f64, _>(text.trim_ascii()).is_ok_and(|value| !value.is_finite())
}
