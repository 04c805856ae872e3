//! Numbers in columns, as text.

use unicode_width::UnicodeWidthStr;

/// The lines of a table, each column as wide as its widest cell and set to the right.
#[must_use]
pub fn aligned(rows: &[Vec<String>], gap: &str) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |k: usize| rows.iter().filter_map(|row| row.get(k)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{}{cell}", " ".repeat(width - cell.width())));
        cells.collect::<Vec<String>>().join(gap)
    };
    rows.iter().map(line).collect()
}

/// Cells of one column so that their decimal points stand under one another.
#[must_use]
pub fn by_points(cells: &[String]) -> Vec<String> {
    let is_number = |cell: &str| cell.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    let tail = |cell: &str| cell.len() - cell.find(['.', 'e']).unwrap_or(cell.len());
    let widest = cells.iter().filter(|cell| is_number(cell)).map(|cell| tail(cell)).max().unwrap_or(0);
    let padded = |cell: &String| if is_number(cell) { widest - tail(cell) } else { 0 };
    cells.iter().map(|cell| format!("{cell}{}", " ".repeat(padded(cell)))).collect()
}

/// A number to this many significant digits.
#[must_use]
pub fn rounded(value: f64, digits: usize) -> String {
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    crate::eval::number_text(text.parse().unwrap_or(value))
}

/// The beginning of a long text, in so many characters.
pub(super) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_set_to_the_right() {
        let rows = [["step", "λ"], ["10", "0.25"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(aligned(&rows, "  "), ["step     λ", "  10  0.25"]);
    }

    #[test]
    fn points_stand_under_one_another() {
        let cells = ["1", "0.25", "-10.5", "undefined", "1e-9"].map(str::to_owned);
        assert_eq!(by_points(&cells), ["1   ", "0.25", "-10.5 ", "undefined", "1e-9"]);
    }

    #[test]
    fn numbers_keep_so_many_digits() {
        let cases = [(0.123_456_78, "0.123457"), (-1234567.0, "-1234570"), (0.5, "0.5"), (f64::NAN, "nan"), (1e-300, "1e-300")];
        for (value, text) in cases {
            assert_eq!(rounded(value, 6), text);
        }
    }
}
