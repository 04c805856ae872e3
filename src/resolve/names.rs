//! Names that resemble other names: what a message suggests. Knows the facts table's names, no expressions.

use crate::math;

/// How many edits lie between two names: insertions, deletions, replacements, and exchanges of neighbours.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let width = b.len() + 1;
    let mut before = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, y) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(x != y);
            row[j + 1] = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// The name that was probably meant by an unknown function name: another system's name for one of ours, the same
/// letters in other case, or at most two edits (one in names of up to three letters).
#[must_use]
pub fn nearest_function<'a>(name: &str, defined: impl Iterator<Item = &'a str>) -> Option<String> {
    let lower = name.to_lowercase();
    let known = || math::functions().map(math::FunctionId::record);
    if let Some(f) = known().find(|f| f.elsewhere.iter().any(|other| other.eq_ignore_ascii_case(name))) {
        return Some(f.name.to_owned());
    }
    let table = known().flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied()));
    nearest(&lower, defined.map(str::to_owned).chain(table.map(str::to_owned)), if name.chars().count() <= 3 { 1 } else { 2 })
}

/// Functions of complex numbers by the names that people use, with what each is of a real number `x`.
const COMPLEX: &[(&[&str], &str)] = &[
    (&["conjugate", "conj"], "x"),
    (&["re", "real"], "x"),
    (&["im", "imag"], "0"),
    (&["arg", "phase"], "0 for x > 0 and pi for x < 0"),
];

/// What an unknown function would be over the real numbers, if it is one of complex numbers.
#[must_use]
pub fn over_the_reals(name: &str) -> Option<String> {
    let (_, value) = COMPLEX.iter().find(|(names, _)| names.iter().any(|n| n.eq_ignore_ascii_case(name)))?;
    Some(format!("grad works over the real numbers, where {name}(x) is {value}: write that"))
}

/// What to do instead of typing a value that no real number has.
#[must_use]
pub fn no_number(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "nan" => Some("what has no value says so by itself"),
        "inf" | "infinity" => Some("`inf` stands as an end of a range: for x in 0..inf"),
        _ => None,
    }
}

/// The candidate with the fewest edits, at most `most`; among equals the first.
fn nearest(name: &str, candidates: impl Iterator<Item = String>, most: usize) -> Option<String> {
    let length = name.chars().count();
    candidates
        .filter(|c| c.chars().count().abs_diff(length) <= most)
        .map(|c| (distance(name, &c.to_lowercase()), c))
        .filter(|(edits, _)| *edits <= most)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, c)| c)
}

/// Whether a free name looks like a misspelling of a defined one: one edit apart, long enough for that to be a
/// slip, and not merely numbered differently.
#[must_use]
pub fn looks_misspelt(free: &str, defined: &str) -> bool {
    let stem = |s: &str| s.trim_end_matches(|c: char| c.is_numeric() || c == '_').to_owned();
    let length = |s: &str| s.chars().count();
    length(free).min(length(defined)) >= 3 && stem(free) != stem(defined) && distance(free, defined) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_is_one_edit() {
        assert_eq!(distance("tnah", "tanh"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ab"), 2);
    }

    #[test]
    fn numbered_names_are_not_misspellings() {
        assert!(looks_misspelt("los", "loss"));
        assert!(!looks_misspelt("w_1", "w_2"));
        assert!(!looks_misspelt("x", "y"));
    }

    #[test]
    fn functions_are_found_by_case_and_by_the_names_of_other_systems() {
        let nearest = |name| nearest_function(name, ["bce"].into_iter());
        assert_eq!(nearest("Exp").as_deref(), Some("exp"));
        assert_eq!(nearest("arctan").as_deref(), Some("atan"));
        assert_eq!(nearest("bec").as_deref(), Some("bce"));
        assert_eq!(nearest("frobnicate"), None);
    }

    #[test]
    fn functions_of_complex_numbers_are_said_to_be_such() {
        let conjugate = over_the_reals("conjugate").unwrap();
        assert!(conjugate.contains("real numbers") && conjugate.contains("conjugate(x) is x"), "{conjugate}");
        assert!(over_the_reals("Im").unwrap().contains("Im(x) is 0"));
        assert_eq!(over_the_reals("sin"), None);
    }
}
