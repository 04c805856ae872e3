//! Letters and signs by their names, as in LaTeX: `\sigma` and Tab gives `σ`. Text in, text out.

use crate::render::letters::NAMES;

/// What a name stands for: exactly this name, else every name that begins so.
pub fn named(name: &str) -> Vec<(&'static str, &'static str)> {
    match NAMES.iter().find(|(known, _)| *known == name) {
        Some(found) => vec![*found],
        None => NAMES.iter().filter(|(known, _)| known.starts_with(name)).copied().collect(),
    }
}

/// Where the `\name` begins that ends here, with its name.
pub fn before(text: &str) -> Option<(usize, &str)> {
    let at = text.rfind('\\')?;
    let name = &text[at + 1..];
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some((at, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Token, tokenize};

    #[test]
    fn a_name_leads_to_its_letter() {
        assert_eq!(named("sigma"), [("sigma", "σ")]);
        assert_eq!(named("sig"), [("sigma", "σ")]);
        assert_eq!(named("eta"), [("eta", "η")]);
        assert!(named("the").len() == 1 && named("nope").is_empty());
        assert_eq!(before("2*\\sig"), Some((2, "sig")));
        assert_eq!(before("\\sigma + x"), None);
    }

    #[test]
    fn the_language_reads_every_one() {
        for (name, sign) in NAMES.iter().filter(|(name, _)| !name.starts_with('_') && *name != "partial") {
            let tokens: Vec<Token> = tokenize(sign).map(|lexeme| lexeme.token).collect();
            assert!(tokens.len() == 1 && !tokens[0].is_odd(), "{name}");
        }
    }

    #[test]
    fn the_alphabet_is_whole() {
        for letter in ('α'..='ω').chain("ΓΔΘΛΞΠΣΥΦΨΩ".chars()) {
            assert!(NAMES.iter().any(|(_, sign)| sign.starts_with(letter)), "{letter}");
        }
    }
}
