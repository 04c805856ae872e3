//! The colours of the program. Each is a middle tone of the 256: the sixteen are the terminal's own, and among them yellow
//! vanishes on a light ground and blue on a dark one.

/// What is wrong, and its place.
pub const ERROR: u8 = 196;
/// What is probably not meant, and its place.
pub const WARNING: u8 = 166;
/// What is worth knowing, its place, and advice.
pub const NOTE: u8 = 31;
/// A place that explains another.
pub const BESIDE: u8 = 133;
/// Words of the language.
pub const WORD: u8 = 133;
/// Names that can be called.
pub const FUNCTION: u8 = 31;
/// Numbers and texts in quotes.
pub const LITERAL: u8 = 28;
/// Frames, hints and comments.
pub const QUIET: u8 = 244;

/// The parameters of the terminal's sequence for a colour, after those of other attributes such as `1;` for bold.
#[must_use]
pub fn ink(attributes: &str, color: u8) -> String {
    format!("{attributes}38;5;{color}")
}

/// The text between the sequence with these parameters and the one that ends it.
#[must_use]
pub fn painted(parameters: &str, text: &str) -> String {
    format!("\x1b[{parameters}m{text}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red, green and blue of a colour of the 256, from 0 to 1.
    fn mixed(color: u8) -> [f64; 3] {
        let shown = |level: u8| f64::from(if level == 0 { 0 } else { 55 + 40 * level }) / 255.0;
        match color {
            232.. => [f64::from(8 + 10 * u32::from(color - 232)) / 255.0; 3],
            _ => [(color - 16) / 36, (color - 16) / 6 % 6, (color - 16) % 6].map(shown),
        }
    }

    /// The relative luminance, as the guidelines for accessible web content (WCAG 2) define it.
    fn luminance(rgb: [f64; 3]) -> f64 {
        let linear = rgb.map(|v| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn every_colour_reads_on_light_and_on_dark() {
        let dark = luminance([30.0 / 255.0; 3]);
        for color in [ERROR, WARNING, NOTE, BESIDE, WORD, FUNCTION, LITERAL, QUIET] {
            let own = luminance(mixed(color)) + 0.05;
            assert!(1.05 / own > 3.5 && own / (dark + 0.05) > 3.5, "{color}: {:.2} {:.2}", 1.05 / own, own / (dark + 0.05));
        }
    }
}
