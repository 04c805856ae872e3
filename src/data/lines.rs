//! Text files in blocks that end at the end of a row, and the rows of a block as columns of numbers.

use super::cell::{self, Cell};
use super::scan::{Counts, Projection, Rows};
use super::{Gaps, Kind, Trouble};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// How many bytes are read at once: a block of numbers and its columns fit in a fast cache.
pub(super) const BLOCK: usize = 1 << 19;

/// The longest row.
const LONGEST: usize = 1 << 26;

/// A file that is read block by block.
pub(super) struct Blocks {
    file: File,
    rest: Vec<u8>,
    ended: bool,
    /// Where the last row that is complete ends.
    end_of_rows: fn(&[u8], u8) -> Option<usize>,
    delimiter: u8,
}

impl Blocks {
    /// The blocks of a file from this byte on.
    pub(super) fn open(
        path: &Path,
        from: u64,
        delimiter: u8,
        end_of_rows: fn(&[u8], u8) -> Option<usize>,
    ) -> Result<Self, Trouble> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(Blocks { file, rest: Vec::new(), ended: false, end_of_rows, delimiter })
    }

    /// The next rows, whole; none at the end of the file. Where blocks end depends on the file alone.
    pub(super) fn next(&mut self, mut block: Vec<u8>) -> Result<Option<Vec<u8>>, Trouble> {
        block.clear();
        block.append(&mut self.rest);
        let mut wanted = BLOCK;
        loop {
            self.fill(&mut block, wanted)?;
            if self.ended {
                return Ok((!block.is_empty()).then_some(block));
            }
            if let Some(end) = (self.end_of_rows)(&block, self.delimiter) {
                self.rest.extend_from_slice(&block[end..]);
                block.truncate(end);
                return Ok(Some(block));
            }
            if block.len() >= LONGEST {
                return Err(Trouble::file(format!("a row is longer than {} MiB, or a quote is not closed", LONGEST >> 20)));
            }
            wanted = block.len() * 2;
        }
    }

    fn fill(&mut self, block: &mut Vec<u8>, wanted: usize) -> Result<(), Trouble> {
        let missing = wanted.saturating_sub(block.len());
        block.reserve(missing + 1);
        let read = (&mut self.file).take(missing as u64).read_to_end(block)?;
        self.ended = read < missing;
        Ok(())
    }
}

/// The end of the last line of a block.
pub(super) fn last_line_end(block: &[u8], _: u8) -> Option<usize> {
    memchr::memrchr(b'\n', block).map(|at| at + 1)
}

/// Columns that are filled row by row. Rows and lines are counted from the beginning of the block.
pub(super) struct Filler<'p> {
    pub(super) projection: &'p Projection<'p>,
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) counts: Counts,
    kept: usize,
    /// The rows that were kept, where some were not.
    places: Vec<u32>,
    incomplete: bool,
}

impl<'p> Filler<'p> {
    pub(super) fn new(projection: &'p Projection<'p>) -> Self {
        let columns = vec![Vec::new(); projection.used.len()];
        Filler { projection, columns, counts: Counts::default(), kept: 0, places: Vec::new(), incomplete: false }
    }

    /// Takes a value in, of the column in this slot.
    #[inline]
    pub(super) fn put(&mut self, slot: usize, cell: Cell, text: &[u8]) -> Result<(), Trouble> {
        match cell {
            Cell::Number(value) => self.columns[slot].push(value),
            Cell::Missing | Cell::Text if self.projection.gaps == Gaps::Keep && cell::is_infinite(text) => {
                self.columns[slot].push(f64::INFINITY);
            }
            Cell::Missing if self.projection.gaps == Gaps::Keep => self.columns[slot].push(f64::NAN),
            Cell::Missing if self.projection.gaps == Gaps::Skip => {
                self.incomplete = true;
                self.columns[slot].push(f64::NAN);
            }
            Cell::Missing => return Err(self.here(missing()).in_column(self.projection.name(slot))),
            Cell::Text => return Err(self.here(no_number(text)).in_column(self.projection.name(slot))),
        }
        Ok(())
    }

    /// A row ends. One that lacks a value is left out.
    #[inline]
    pub(super) fn end_row(&mut self) {
        let row = self.counts.rows;
        self.counts.rows += 1;
        if !self.incomplete {
            self.kept += 1;
            if self.projection.gaps == Gaps::Skip {
                self.places.push(u32::try_from(row).unwrap_or(u32::MAX));
            }
            return;
        }
        self.incomplete = false;
        self.counts.skipped += 1;
        let kept = self.kept;
        self.columns.iter_mut().for_each(|column| column.truncate(kept));
    }

    /// Trouble in the row that is being read.
    pub(super) fn here(&self, trouble: Trouble) -> Trouble {
        trouble.at_row(self.counts.rows + 1).at_line(self.counts.lines)
    }

    /// What was read since the last time, as rows.
    pub(super) fn take(&mut self, first: u64) -> Rows {
        let columns = self.columns.iter_mut().map(std::mem::take).collect();
        Rows { columns, count: std::mem::take(&mut self.kept), first, places: std::mem::take(&mut self.places) }
    }
}

/// Said of a value that is missing.
pub(super) fn missing() -> Trouble {
    Trouble::new(Kind::Missing, "a value is missing")
}

/// Said of a text where a number belongs.
pub(super) fn no_number(text: &[u8]) -> Trouble {
    let shown: String = String::from_utf8_lossy(text.trim_ascii()).chars().take(40).collect();
    Trouble::new(Kind::Text, format!("`{}` is no number", crate::diagnostic::quote(&shown)))
}
