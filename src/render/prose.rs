//! Text broken at words.

use crate::derive::Piece;
use crate::expr::Id;

/// The columns of a terminal: sentences below an answer are broken there.
pub const COLUMNS: usize = 80;

/// Stands for a space at which no line is broken.
const FIRM: char = '\u{2060}';

/// A formula for a sentence: [`filled`] breaks no line inside of it.
#[must_use]
pub fn firm(formula: &str) -> String {
    formula.replace(' ', FIRM.encode_utf8(&mut [0; 4]))
}

/// The sentence that these make, its formulas firm, with its expressions written in some way.
#[must_use]
pub fn firm_sentence(pieces: &[Piece], write: impl Fn(Id) -> String) -> String {
    let text = |piece: &Piece| {
        let text = Piece::sentence(std::slice::from_ref(piece), &write);
        if matches!(piece, Piece::Text(_)) { text } else { firm(&text) }
    };
    pieces.iter().map(text).collect()
}

/// A sentence whose formulas nobody knows from its words: lines are broken behind its commas and colons only.
#[must_use]
pub fn clauses(text: &str) -> String {
    let parts = text.split_inclusive([',', ':', ';']).map(|part| match part.strip_prefix(' ') {
        Some(rest) => format!(" {}", firm(rest)),
        None => firm(part),
    });
    parts.collect()
}

/// What [`firm`] has made a formula firm with, taken out again.
fn loosened(text: &str) -> String {
    text.replace(FIRM, " ")
}

/// Text behind a label, in lines of at most so many columns where its words allow it; `later` stands before all but the first
/// line. A text that fits on one line stays as it is.
#[must_use]
pub fn filled(label: &str, later: &str, text: &str, columns: usize) -> String {
    let start = |label: &str| (label.to_owned(), label.chars().count());
    let (mut line, mut width) = start(label);
    if width + text.chars().count() <= columns && !text.contains('\n') {
        return loosened(&format!("{label}{text}")).trim_end().to_owned() + "\n";
    }
    let (mut out, mut is_empty) = (String::new(), true);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !is_empty && width + 1 + length > columns {
            out.push_str(line.trim_end());
            out.push('\n');
            (line, width) = start(later);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += length;
        is_empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
    loosened(&out)
}

#[cfg(test)]
mod tests {
    use super::{clauses, filled, firm};

    #[test]
    fn lines_break_at_words() {
        assert_eq!(filled("a: ", "   ", "one two three", 10), "a: one two\n   three\n");
        assert_eq!(filled("a: ", "   ", "one  two", 11), "a: one  two\n");
        assert_eq!(filled("", "> ", "unbreakable it is", 5), "unbreakable\n> it\n> is\n");
        assert_eq!(filled("a:  ", "", "", 80), "a:\n");
        assert_eq!(filled("", "  ", &format!("so {} is", firm("a + b + c")), 10), "so\n  a + b + c\n  is\n");
        assert_eq!(filled("", "  ", &format!("so {} is", firm("a + b")), 80), "so a + b is\n");
        assert_eq!(filled("", "  ", &clauses("no digit: a + b, at c"), 12), "no digit:\n  a + b,\n  at c\n");
    }
}
