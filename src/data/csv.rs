//! Comma-separated values (RFC 4180, with tabs or semicolons as well): a fast reader of plain numbers, and the `csv` package for the
//! blocks that have a quote in them.

use super::cell::{self, Cell};
use super::lines::{BLOCK, Filler};
use super::{Trouble, beginning};
use std::path::Path;

/// How a file is laid out.
pub(super) struct Layout {
    /// What stands between two values.
    pub(super) delimiter: u8,
    /// Where the rows begin.
    pub(super) start: u64,
    /// The lines before them.
    pub(super) lines: u64,
    /// How many values a row has.
    width: usize,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The names of the columns, and the layout.
pub(super) fn open(path: &Path) -> Result<(Vec<String>, Layout), Trouble> {
    let bytes = beginning(path, 2 * BLOCK)?;
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Trouble::file("it is UTF-16 text; save it as UTF-8"));
    }
    let skipped = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let text = &bytes[skipped..];
    let delimiter = delimiter(path, text);
    let mut reader = reader(text, delimiter);
    let mut record = csv::ByteRecord::new();
    let read = reader.read_byte_record(&mut record).map_err(|e| Trouble::file(e.to_string()))?;
    let names: Vec<String> =
        record.iter().map(|field| String::from_utf8_lossy(without_return(field)).trim().to_owned()).collect();
    if !read || names.iter().all(String::is_empty) {
        return Err(Trouble::file("it has no line of names"));
    }
    if names.iter().any(|name| matches!(cell::of_text(name.as_bytes()), Cell::Number(_))) {
        let message = format!("its first line has the number `{}` where the names of the columns belong", numeral(&names));
        return Err(Trouble::file(message).at_line(1));
    }
    let start = usize::try_from(reader.position().byte()).unwrap_or(0).min(text.len());
    if text[start..].iter().all(|b| b.is_ascii_whitespace()) && bytes.len() < 2 * BLOCK {
        return Err(Trouble::file("it has a line of names, and no rows"));
    }
    let lines = memchr::memchr_iter(b'\n', &text[..start]).count() as u64;
    let layout = Layout { delimiter, start: (skipped + start) as u64, lines, width: names.len() };
    Ok((names, layout))
}

fn numeral(names: &[String]) -> &str {
    names.iter().find(|name| matches!(cell::of_text(name.as_bytes()), Cell::Number(_))).map_or("", String::as_str)
}

/// What separates the names: a tab in a file of tabs, else the most frequent of the usual signs.
fn delimiter(path: &Path, text: &[u8]) -> u8 {
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("tsv") || e.eq_ignore_ascii_case("tab")) {
        return b'\t';
    }
    let line = &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())];
    let count = |sign: u8| memchr::memchr_iter(sign, line).count();
    let mut best = b',';
    for sign in [b';', b'\t'] {
        if count(sign) > count(best) {
            best = sign;
        }
    }
    best
}

fn reader(text: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter).terminator(csv::Terminator::Any(b'\n')).from_reader(text)
}

/// A field without the carriage return of a line's end.
fn without_return(field: &[u8]) -> &[u8] {
    field.strip_suffix(b"\r").unwrap_or(field)
}

/// Where the last row that is complete ends: a line's end inside of quotes is none of a row's.
pub(super) fn last_row_end(block: &[u8], delimiter: u8) -> Option<usize> {
    if memchr::memchr(b'"', block).is_none() {
        return memchr::memrchr(b'\n', block).map(|at| at + 1);
    }
    with_quotes(block, delimiter).0
}

/// Where the last row that is complete ends, and whether a quote is still open at the end of the block.
fn with_quotes(block: &[u8], delimiter: u8) -> (Option<usize>, bool) {
    #[derive(PartialEq)]
    enum State {
        Begins,
        Plain,
        Quoted,
        /// A quote inside of quotes: doubled, or the last.
        Closing,
    }
    let (mut found, mut state) = (None, State::Begins);
    for (at, byte) in block.iter().enumerate() {
        state = match (state, byte) {
            (State::Begins | State::Closing, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) => State::Quoted,
            (_, b'\n') => {
                found = Some(at + 1);
                State::Begins
            }
            (_, byte) if *byte == delimiter => State::Begins,
            _ => State::Plain,
        };
    }
    (found, state == State::Quoted)
}

/// Takes the rows of a block in.
pub(super) fn rows(block: &[u8], layout: &Layout, filler: &mut Filler<'_>) -> Result<(), Trouble> {
    if memchr::memchr(b'"', block).is_none() {
        return plain(block, layout, filler);
    }
    if let (end, true) = with_quotes(block, layout.delimiter) {
        let line = memchr::memchr_iter(b'\n', &block[..end.unwrap_or(0)]).count() as u64 + 1;
        return Err(Trouble::file("a quote that begins in this row is never closed").at_line(line));
    }
    quoted(block, layout, filler)
}

/// For each column of the file the slot of its values, where it is used.
fn targets(layout: &Layout, filler: &Filler<'_>) -> Vec<Option<usize>> {
    let used = &filler.projection.used;
    (0..layout.width).map(|column| used.iter().position(|u| *u == column)).collect()
}

fn ragged(found: usize, wanted: usize) -> Trouble {
    let plural = |n: usize| if n == 1 { "1 value".to_owned() } else { format!("{n} values") };
    Trouble::file(format!("the row has {}, and there are {wanted} columns", plural(found)))
}

/// A block without quotes.
fn plain(block: &[u8], layout: &Layout, filler: &mut Filler<'_>) -> Result<(), Trouble> {
    let targets = targets(layout, filler);
    let delimiter = layout.delimiter;
    let last = layout.width - 1;
    let mut at = 0;
    while at < block.len() {
        filler.counts.lines += 1;
        if let Some(next) = blank(block, at) {
            at = next;
            continue;
        }
        for (column, target) in targets.iter().enumerate() {
            let end = match target {
                None => field_end(block, at, delimiter),
                Some(slot) => number(block, at, delimiter, *slot, filler)?,
            };
            let ends_row = block.get(end).is_none_or(|b| *b == b'\n');
            if ends_row != (column == last) {
                return Err(filler.here(ragged(values_in(block, at, column, delimiter), layout.width)));
            }
            at = end + 1;
        }
        filler.end_row();
    }
    Ok(())
}

/// How many values the row has whose value in this column begins here.
fn values_in(block: &[u8], at: usize, column: usize, delimiter: u8) -> usize {
    let rest = &block[at.min(block.len())..];
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    column + 1 + memchr::memchr_iter(delimiter, line).count()
}

/// The beginning of the next line, where this one is empty.
#[inline]
fn blank(block: &[u8], at: usize) -> Option<usize> {
    match block[at..] {
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        [b'\r'] => Some(at + 1),
        _ => None,
    }
}

#[inline]
fn field_end(block: &[u8], at: usize, delimiter: u8) -> usize {
    memchr::memchr2(delimiter, b'\n', &block[at..]).map_or(block.len(), |n| at + n)
}

/// Reads a number, and answers where its field ends.
#[inline]
fn number(block: &[u8], at: usize, delimiter: u8, slot: usize, filler: &mut Filler<'_>) -> Result<usize, Trouble> {
    let begins = matches!(block.get(at), Some(b'0'..=b'9' | b'-' | b'.'));
    if begins && let Ok((value, length)) = fast_float2::parse_partial::<f64, _>(&block[at..]) {
        let end = at + length;
        let end = if block.get(end) == Some(&b'\r') { end + 1 } else { end };
        if block.get(end).is_none_or(|b| *b == delimiter || *b == b'\n') && value.is_finite() {
            filler.columns[slot].push(value);
            return Ok(end);
        }
    }
    let end = field_end(block, at, delimiter);
    let field = &block[at..end];
    filler.put(slot, cell::of_text(field), field)?;
    Ok(end)
}

/// A block with quotes.
fn quoted(block: &[u8], layout: &Layout, filler: &mut Filler<'_>) -> Result<(), Trouble> {
    let targets = targets(layout, filler);
    let mut reader = reader(block, layout.delimiter);
    let mut record = csv::ByteRecord::new();
    let mut from = 0;
    loop {
        if !reader.read_byte_record(&mut record).map_err(|e| filler.here(Trouble::file(e.to_string())))? {
            return Ok(());
        }
        let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(block.len());
        let unended = u64::from(end == block.len() && !block.ends_with(b"\n"));
        filler.counts.lines += memchr::memchr_iter(b'\n', &block[from..end]).count() as u64 + unended;
        from = end;
        if record.len() == 1 && layout.width > 1 && record.get(0).is_some_and(|f| without_return(f).is_empty()) {
            continue;
        }
        if record.len() != layout.width {
            return Err(filler.here(ragged(record.len(), layout.width)));
        }
        for (column, field) in record.iter().enumerate() {
            if let Some(slot) = targets[column] {
                let field = if column + 1 == layout.width { without_return(field) } else { field };
                filler.put(slot, cell::of_text(field), field)?;
            }
        }
        filler.end_row();
    }
}
