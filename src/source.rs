//! Source text: where a program comes from, half-open byte spans into it, lines and columns.
//! Nothing here knows the language, and nothing here reads a file system.

use std::fmt;
use std::sync::OnceLock;

/// A half-open range of bytes `start..end` of a [`Source`]'s text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// The span `start..end`; an `end` before `start` gives the empty span at `start`.
    #[must_use]
    pub fn new(start: u32, end: u32) -> Self {
        Span { start, end: end.max(start) }
    }

    /// The empty span at one offset.
    #[must_use]
    pub fn at(offset: u32) -> Self {
        Span { start: offset, end: offset }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Self {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same bytes as a range of `usize`, for slicing.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether the span holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The number of bytes.
    #[must_use]
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }
}

/// A place in a text as people count it: both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1. CRLF, a lone CR and a lone LF each end one line.
    pub line: u32,
    /// The column, from 1, in Unicode scalar values.
    pub column: u32,
}

/// A named text. The text may begin with a byte-order mark; offsets count its three bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What to call the text in messages: a path, or `<input>`.
    pub name: String,
    /// The text itself.
    pub text: String,
    lines: Lines,
}

/// Where the lines of a text begin, found when somebody first asks: a text may have as many messages as lines.
#[derive(Clone, Debug, Default)]
struct Lines(OnceLock<Box<[u32]>>);

impl PartialEq for Lines {
    fn eq(&self, _: &Self) -> bool {
        // the text says it all
        true
    }
}

impl Eq for Lines {}

impl Lines {
    fn of(&self, text: &str) -> &[u32] {
        self.0.get_or_init(|| {
            let bytes = text.as_bytes();
            let ends = (0..bytes.len()).filter(|&i| bytes[i] == b'\n' || (bytes[i] == b'\r' && bytes.get(i + 1) != Some(&b'\n')));
            std::iter::once(0).chain(ends.map(|i| clamp(i + 1))).collect()
        })
    }
}

/// The largest text that is read unless the caller says otherwise: 1 MiB.
pub const DEFAULT_SIZE_LIMIT: usize = 1 << 20;

/// Why bytes are not a source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// The bytes from this offset on are not UTF-8.
    NotUtf8 {
        /// Offset of the first byte that is wrong.
        offset: usize,
    },
    /// The bytes look like UTF-16 text.
    LooksUtf16,
    /// The bytes look like no text at all: an image, an archive, a program.
    Binary {
        /// Offset of the byte that shows it.
        offset: usize,
    },
    /// More bytes than the limit.
    TooLarge {
        /// The size, in bytes.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceError::NotUtf8 { offset } => {
                write!(f, "the text is not UTF-8: the byte at offset {offset} is not part of any character")
            }
            SourceError::LooksUtf16 => write!(f, "the text looks like UTF-16; save it as UTF-8"),
            SourceError::Binary { offset } => {
                write!(f, "this is not text: a NUL byte stands at offset {offset}")
            }
            SourceError::TooLarge { size, limit } => {
                write!(f, "the text has {size} bytes; the limit is {limit}")
            }
        }
    }
}

impl std::error::Error for SourceError {}

impl Source {
    /// A source from text that is already known to be UTF-8.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Source { name: name.into(), text: text.into(), lines: Lines::default() }
    }

    /// Reads bytes as a source of at most `limit` bytes.
    ///
    /// # Errors
    /// When the bytes are too many, or are UTF-16, or binary, or not UTF-8.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>, limit: usize) -> Result<Self, SourceError> {
        check_size(bytes.len(), limit)?;
        check_encoding(&bytes)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Source::new(name, text)),
            Err(error) => Err(SourceError::NotUtf8 { offset: error.utf8_error().valid_up_to() }),
        }
    }

    /// The text of a span; empty when the span lies outside the text or cuts a character.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        slice(&self.text, span)
    }

    /// The line and column of a byte offset; an offset past the end is the end.
    #[must_use]
    pub fn place(&self, offset: u32) -> Place {
        let end = floor_char(&self.text, offset as usize);
        let lines = self.lines.of(&self.text);
        let line = lines.partition_point(|start| *start as usize <= end);
        let line_start = lines[line.saturating_sub(1)] as usize;
        let visible = self.text[line_start..end].trim_start_matches('\u{feff}');
        Place { line: clamp(line), column: 1 + clamp(visible.chars().count()) }
    }

    /// The span of the line that holds an offset, without its line end.
    #[must_use]
    pub fn line_span(&self, offset: u32) -> Span {
        line_span(&self.text, offset)
    }
}

/// The text of a span; empty when the span lies outside the text or cuts a character.
#[must_use]
pub fn slice(text: &str, span: Span) -> &str {
    text.get(span.range()).unwrap_or("")
}

/// The span of the line that holds an offset, without its line end.
#[must_use]
pub fn line_span(text: &str, offset: u32) -> Span {
    let at = floor_char(text, offset as usize);
    let start = last_line_start(&text.as_bytes()[..at]);
    let rest = &text[at..];
    let end = at + rest.find(['\n', '\r']).unwrap_or(rest.len());
    Span::new(clamp(start), clamp(end))
}

fn check_size(size: usize, limit: usize) -> Result<(), SourceError> {
    let limit = limit.min(u32::MAX as usize - 1);
    if size > limit { Err(SourceError::TooLarge { size, limit }) } else { Ok(()) }
}

/// UTF-16 has a byte-order mark, or a NUL in every second byte of ASCII text.
fn check_encoding(bytes: &[u8]) -> Result<(), SourceError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(SourceError::LooksUtf16);
    }
    let Some(offset) = bytes.iter().take(8192).position(|&b| b == 0) else {
        return Ok(());
    };
    let pairs = &bytes[..bytes.len().min(64) & !1];
    let every_second = |phase: usize| pairs.chunks(2).all(|pair| pair[phase] == 0);
    if !pairs.is_empty() && (every_second(0) != every_second(1)) {
        return Err(SourceError::LooksUtf16);
    }
    Err(SourceError::Binary { offset })
}

/// The largest character boundary that is not past `offset`.
#[must_use]
pub fn floor_char(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn last_line_start(before: &[u8]) -> usize {
    before.iter().rposition(|&b| b == b'\n' || b == b'\r').map_or(0, |i| i + 1)
}

/// Offsets are u32; texts are refused long before this saturates.
fn clamp(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Source, SourceError> {
        Source::from_bytes("t", bytes.to_vec(), 100)
    }

    #[test]
    fn every_line_end_counts_once() {
        let source = Source::new("t", "a\r\nb\rc\nd");
        let lines: Vec<_> = [0, 3, 5, 7].map(|o| source.place(o).line).to_vec();
        assert_eq!(lines, [1, 2, 3, 4]);
        assert_eq!(source.place(7), Place { line: 4, column: 1 });
        assert_eq!(source.slice(source.line_span(3)), "b");
    }

    #[test]
    fn columns_count_characters_and_not_the_byte_order_mark() {
        let source = Source::new("t", "\u{feff}π + x");
        assert_eq!(source.place(3), Place { line: 1, column: 1 });
        assert_eq!(source.place(5), Place { line: 1, column: 2 });
        assert_eq!(source.place(999).column, 6);
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        assert_eq!(read(b"x + \xff"), Err(SourceError::NotUtf8 { offset: 4 }));
        assert_eq!(read(b"\xed\xa0\x80"), Err(SourceError::NotUtf8 { offset: 0 }));
        assert_eq!(read(b"\xff\xfex\0"), Err(SourceError::LooksUtf16));
        assert_eq!(read(b"x\0+\0y\0"), Err(SourceError::LooksUtf16));
        assert_eq!(read(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(SourceError::Binary { offset: 8 }));
        assert_eq!(read(&[b'x'; 101]), Err(SourceError::TooLarge { size: 101, limit: 100 }));
        assert!(read("é".as_bytes()).is_ok());
    }
}
