//! Letters and signs by their names, as in LaTeX, and texts in ASCII.

use unicode_normalization::UnicodeNormalization;

/// Names with what they stand for. Every letter of the Greek alphabet that is no Latin one, and the signs that the language reads.
pub const NAMES: &[(&str, &str)] = &[
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("delta", "δ"),
    ("epsilon", "ε"),
    ("varepsilon", "ε"),
    ("zeta", "ζ"),
    ("eta", "η"),
    ("theta", "θ"),
    ("vartheta", "ϑ"),
    ("iota", "ι"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("mu", "μ"),
    ("nu", "ν"),
    ("xi", "ξ"),
    ("omicron", "ο"),
    ("pi", "π"),
    ("rho", "ρ"),
    ("sigma", "σ"),
    ("varsigma", "ς"),
    ("tau", "τ"),
    ("upsilon", "υ"),
    ("phi", "φ"),
    ("varphi", "φ"),
    ("chi", "χ"),
    ("psi", "ψ"),
    ("omega", "ω"),
    ("Gamma", "Γ"),
    ("Delta", "Δ"),
    ("Theta", "Θ"),
    ("Lambda", "Λ"),
    ("Xi", "Ξ"),
    ("Pi", "Π"),
    ("Sigma", "Σ"),
    ("Upsilon", "Υ"),
    ("Phi", "Φ"),
    ("Psi", "Ψ"),
    ("Omega", "Ω"),
    ("partial", "∂"),
    ("inf", "∞"),
    ("infty", "∞"),
    ("cdot", "·"),
    ("times", "×"),
    ("div", "÷"),
    ("le", "≤"),
    ("leq", "≤"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("ne", "≠"),
    ("neq", "≠"),
    ("_0", "₀"),
    ("_1", "₁"),
    ("_2", "₂"),
    ("_3", "₃"),
    ("_4", "₄"),
    ("_5", "₅"),
    ("_6", "₆"),
    ("_7", "₇"),
    ("_8", "₈"),
    ("_9", "₉"),
];

/// Signs with what stands for them in ASCII.
const SIGNS: &[(char, &str)] = &[
    ('·', "*"),
    ('×', "*"),
    ('÷', "/"),
    ('−', "-"),
    ('≤', "<="),
    ('≥', ">="),
    ('≠', "!="),
    ('≈', "~"),
    ('→', "->"),
    ('←', "<-"),
    ('…', "..."),
    ('–', "-"),
    ('—', "-"),
    ('‘', "'"),
    ('’', "'"),
    ('′', "'"),
    ('“', "\""),
    ('”', "\""),
    ('√', "sqrt"),
    ('²', "^2"),
    ('³', "^3"),
    ('✓', "ok"),
    ('│', "|"),
    ('\u{a0}', " "),
];

/// The Greek letter of this name.
#[must_use]
pub fn greek(name: &str) -> Option<&'static str> {
    let is_greek = |sign: &str| sign.starts_with(|c| ('\u{370}'..='\u{3ff}').contains(&c));
    NAMES.iter().find(|(known, sign)| *known == name && is_greek(sign)).map(|(_, sign)| *sign)
}

/// The text in ASCII: signs and Greek letters as they are typed or named, other letters without their accents.
#[must_use]
pub fn in_ascii(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            out.push_str(&ascii(c));
        }
    }
    out
}

fn ascii(c: char) -> String {
    if let Some((_, word)) = SIGNS.iter().find(|(sign, _)| *sign == c) {
        return (*word).to_owned();
    }
    let named = |c: char| NAMES.iter().find(|(_, sign)| sign.chars().eq([c])).map(|(name, _)| name.trim_start_matches('_'));
    if let Some(name) = named(c) {
        return name.to_owned();
    }
    // an accent is a mark of its own after its letter
    let mut pieces = std::iter::once(c).nfkd();
    match pieces.next() {
        Some(letter) if letter.is_ascii() => letter.to_string(),
        Some(letter) => named(letter).unwrap_or(if ('\u{300}'..'\u{370}').contains(&c) { "" } else { "?" }).to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_signs_have_words() {
        assert_eq!(in_ascii("σ(x) → 2×π·λ₁ ≤ ∞ — “naïve” é"), "sigma(x) -> 2*pi*lambda1 <= inf - \"naive\" e");
        assert_eq!(in_ascii("e\u{301}ά変"), "ealpha?");
        assert!(NAMES.iter().all(|(_, sign)| in_ascii(sign).is_ascii() && !in_ascii(sign).contains('?')));
    }
}
