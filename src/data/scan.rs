//! A pass over the rows of a data set: pieces of the file are read one after the other, taken apart and worked on by several threads,
//! and what came of them is put in the order of the file, so that the answer does not depend on how many threads there are. Columns
//! that fit in a little memory are kept for the next pass.

use super::cell::{self, Cell};
use super::lines::{Blocks, Filler, last_line_end, missing, no_number};
use super::{Column, DataSet, Format, Gaps, Kind, Trouble, arrow, csv, json};
use crate::budget::Stop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many bytes of columns are kept in memory.
const KEPT: usize = 64 << 20;

/// A smaller file is read by one thread.
const SMALL: u64 = 1 << 18;

/// The most threads: each holds pieces of the file.
const THREADS: usize = 8;

/// The most columns that are read at once, over all threads: each may hold some pages of a megabyte.
const COLUMNS: usize = 48;

/// Somebody who wants to know how far a pass has come.
pub trait Progress: Send + Sync + std::fmt::Debug {
    /// So many bytes of the file of this name are done.
    fn advance(&self, name: &str, done: u64, total: u64);
    /// So many steps of a calculation are done. Unlike the reading of a file they count as the statement's own time.
    fn steps(&self, done: u64, total: u64);
    /// The pass has ended.
    fn finish(&self);
}

/// What may stop a pass, and who is told of it.
#[derive(Clone, Debug, Default)]
pub struct Watcher {
    /// Stops the pass from another thread.
    pub stop: Stop,
    /// Who is told.
    pub progress: Option<Arc<dyn Progress>>,
}

/// Some rows: the values of the columns that were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// One list for each column that was read.
    pub columns: Vec<Vec<f64>>,
    /// How many rows.
    pub count: usize,
    /// How many rows of the piece stand before these.
    pub first: u64,
    /// The number of each row from the first one on, where rows were left out; empty where none were.
    pub places: Vec<u32>,
}

/// Rows as somebody sees who asked for some of the columns that were read.
pub struct Scan<'a> {
    rows: &'a Rows,
    slots: &'a [usize],
}

impl Scan<'_> {
    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.count
    }

    /// The values of the `k`-th column that was asked for.
    #[must_use]
    pub fn column(&self, k: usize) -> &[f64] {
        &self.rows.columns[self.slots[k]]
    }

    /// The number of a row, counted from 1 from the beginning of the piece.
    #[must_use]
    pub fn number(&self, row: usize) -> u64 {
        let place = self.rows.places.get(row).map_or(row as u64, |place| u64::from(*place));
        self.rows.first + place + 1
    }
}

/// How many rows a pass met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All of them.
    pub rows: u64,
    /// Those that were left out because a value is missing.
    pub skipped: u64,
}

/// What a pass came to.
#[derive(Clone, Debug)]
pub struct Report<A> {
    /// What came of each piece, in the order of the file.
    pub parts: Vec<A>,
    /// How many rows there were.
    pub totals: Totals,
}

/// What a piece of a file holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) rows: u64,
    pub(super) lines: u64,
    pub(super) skipped: u64,
}

/// Which columns of a file are read.
pub(super) struct Projection<'a> {
    pub(super) columns: &'a [Column],
    /// Their places in the file, ascending.
    pub(super) used: Vec<usize>,
    pub(super) gaps: Gaps,
}

impl Projection<'_> {
    /// The name of the column in this slot.
    pub(super) fn name(&self, slot: usize) -> &str {
        self.used.get(slot).and_then(|at| self.columns.get(*at)).map_or("", |column| column.name.as_str())
    }
}

/// Columns kept in memory.
pub(super) struct Cache {
    used: Vec<usize>,
    pieces: Vec<(Vec<Rows>, Counts)>,
}

/// A piece of a file as it was read.
enum Piece {
    Text(Vec<u8>),
    Group(usize),
    Batch(arrow::Batch),
    Kept(usize),
}

/// Where pieces come from.
enum Pieces {
    Text(Blocks),
    Groups(usize),
    Batches(Box<arrow::Reader>),
    Kept(usize),
}

struct Supply {
    pieces: Pieces,
    next: usize,
    read: u64,
}

impl Supply {
    /// The next piece with its number.
    fn next(&mut self) -> Result<Option<Piece>, Trouble> {
        let index = self.next;
        let piece = match &mut self.pieces {
            Pieces::Text(blocks) => blocks.next(Vec::new())?.map(Piece::Text),
            Pieces::Groups(count) => (index < *count).then_some(Piece::Group(index)),
            Pieces::Batches(reader) => {
                catch_unwind(AssertUnwindSafe(|| reader.next())).unwrap_or_else(|_| Err(broken()))?.map(Piece::Batch)
            }
            Pieces::Kept(count) => (index < *count).then_some(Piece::Kept(index)),
        };
        self.next += usize::from(piece.is_some());
        Ok(piece)
    }
}

/// What came of one piece.
struct Done<A> {
    index: usize,
    counts: Counts,
    outcome: Result<(A, Vec<Rows>), Trouble>,
}

/// Never poisoned by more than a worker's own fault, which the scope reports.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DataSet {
    /// Goes through the rows once: `start` makes what is filled from the rows of one piece of the file, `work` takes rows in. The columns
    /// are given by their places in the file.
    ///
    /// # Errors
    /// The first trouble in the order of the file: of reading, of a value, or of `work`.
    pub fn scan<A: Send>(
        &self,
        columns: &[usize],
        watcher: &Watcher,
        start: impl Fn() -> A + Sync,
        work: impl Fn(&mut A, &Scan<'_>) -> Result<(), Trouble> + Sync,
    ) -> Result<Report<A>, Trouble> {
        let mut cache = lock(&self.cache);
        let mut used = columns.to_vec();
        used.sort_unstable();
        used.dedup();
        let skips = self.gaps == Gaps::Skip;
        let fits = |cache: &Cache| match skips {
            true => cache.used == used,
            false => used.iter().all(|column| cache.used.contains(column)),
        };
        let kept = cache.as_ref().filter(|cache| fits(cache));
        if let (None, Some(old), false) = (kept, cache.as_ref(), skips) {
            used.extend(&old.used);
            used.sort_unstable();
            used.dedup();
        }
        let projection = Projection { columns: &self.columns, used: kept.map_or(used, |c| c.used.clone()), gaps: self.gaps };
        let slots: Vec<usize> = columns.iter().map(|c| projection.used.partition_point(|u| u < c)).collect();
        let pass = Pass { data: self, projection: &projection, slots: &slots, kept, watcher, bytes: AtomicUsize::new(0) };
        let (report, pieces) = pass.run(&start, &work)?;
        let fresh = kept.is_none().then(|| Cache { used: projection.used.clone(), pieces });
        if let Some(fresh) = fresh {
            *cache = (pass.bytes.load(Ordering::Relaxed) <= KEPT).then_some(fresh);
        }
        if report.totals.rows == report.totals.skipped {
            return Err(match report.totals.rows {
                0 => Trouble::file("it has no rows"),
                n => Trouble::new(Kind::Missing, format!("each of its {n} rows lacks a value in a column that is used")),
            });
        }
        Ok(report)
    }
}

/// A package that reads a binary format may panic on a broken file: that is trouble like any other.
fn guarded<T>(piece: &Piece, work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    match piece {
        Piece::Group(_) | Piece::Batch(_) => catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(broken())),
        Piece::Text(_) | Piece::Kept(_) => work(),
    }
}

fn broken() -> Trouble {
    Trouble::file("it cannot be read: its content is broken")
}

struct Pass<'a> {
    data: &'a DataSet,
    projection: &'a Projection<'a>,
    slots: &'a [usize],
    kept: Option<&'a Cache>,
    watcher: &'a Watcher,
    /// The size of the columns read so far.
    bytes: AtomicUsize,
}

/// The rows of each piece with its counts.
type Kept = Vec<(Vec<Rows>, Counts)>;

impl Pass<'_> {
    fn supply(&self) -> Result<Supply, Trouble> {
        let path = &self.data.place.path;
        let pieces = match (&self.data.format, self.kept) {
            (_, Some(cache)) => Pieces::Kept(cache.pieces.len()),
            (Format::Csv(layout), _) => Pieces::Text(Blocks::open(path, layout.start, layout.delimiter, csv::last_row_end)?),
            (Format::Json, _) => Pieces::Text(Blocks::open(path, 0, b'\n', last_line_end)?),
            (Format::Parquet(layout), _) => Pieces::Groups(layout.groups()),
            (Format::Arrow(layout), _) => Pieces::Batches(Box::new(layout.reader(path, &self.projection.used)?)),
        };
        Ok(Supply { pieces, next: 0, read: 0 })
    }

    fn run<A: Send>(
        &self,
        start: &(impl Fn() -> A + Sync),
        work: &(impl Fn(&mut A, &Scan<'_>) -> Result<(), Trouble> + Sync),
    ) -> Result<(Report<A>, Kept), Trouble> {
        let supply = Mutex::new(self.supply()?);
        let done: Mutex<Vec<Done<A>>> = Mutex::default();
        let failed = AtomicUsize::new(usize::MAX);
        let size = self.data.size();
        let worker = || {
            loop {
                let mut source = lock(&supply);
                let index = source.next;
                if failed.load(Ordering::Relaxed) <= index {
                    return;
                }
                let taken = match self.watcher.stop.reason().is_some() {
                    true => Err(Trouble::file("the reading was stopped")),
                    false => source.next(),
                };
                if let Ok(Some(Piece::Text(bytes))) = &taken {
                    source.read += bytes.len() as u64;
                }
                let read = source.read;
                drop(source);
                let mut counts = Counts::default();
                let outcome = match taken {
                    Ok(None) => return,
                    Ok(Some(piece)) => guarded(&piece, || self.piece(&piece, &mut counts, start(), work)),
                    Err(trouble) => Err(trouble),
                };
                if outcome.is_err() {
                    failed.fetch_min(index, Ordering::Relaxed);
                }
                lock(&done).push(Done { index, counts, outcome });
                if let Some(progress) = &self.watcher.progress {
                    progress.advance(&self.data.place.name, read, size);
                }
            }
        };
        let most = (COLUMNS / self.projection.used.len().max(1)).clamp(1, THREADS);
        let threads = if size <= SMALL { 1 } else { std::thread::available_parallelism().map_or(1, |n| n.get().min(most)) };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(worker);
            }
            worker();
        });
        if let Some(progress) = &self.watcher.progress {
            progress.finish();
        }
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.in_order(done)
    }

    /// What came of the pieces in the order of the file; trouble at its place in the whole file.
    fn in_order<A>(&self, mut done: Vec<Done<A>>) -> Result<(Report<A>, Kept), Trouble> {
        done.sort_by_key(|d| d.index);
        let mut lines = match &self.data.format {
            Format::Csv(layout) => layout.lines,
            _ => 0,
        };
        let mut totals = Totals::default();
        let mut parts = Vec::with_capacity(done.len());
        let mut kept = Vec::new();
        for Done { counts, outcome, .. } in done {
            let (part, rows) = outcome.map_err(|trouble| Trouble {
                row: trouble.row.map(|row| row + totals.rows),
                line: trouble.line.map(|line| line + lines),
                ..trouble
            })?;
            parts.push(part);
            kept.push((rows, counts));
            totals.rows += counts.rows;
            totals.skipped += counts.skipped;
            lines += counts.lines;
        }
        Ok((Report { parts, totals }, kept))
    }

    /// Takes a piece apart and works on its rows.
    fn piece<A>(
        &self,
        piece: &Piece,
        counts: &mut Counts,
        mut part: A,
        work: &impl Fn(&mut A, &Scan<'_>) -> Result<(), Trouble>,
    ) -> Result<(A, Vec<Rows>), Trouble> {
        let mut seen = |rows: &Rows| work(&mut part, &Scan { rows, slots: self.slots });
        if let (Piece::Kept(index), Some(cache)) = (piece, self.kept) {
            let (rows, known) = &cache.pieces[*index];
            *counts = *known;
            rows.iter().try_for_each(&mut seen)?;
            return Ok((part, Vec::new()));
        }
        let mut kept = Vec::new();
        let mut take = |rows: Rows| {
            seen(&rows)?;
            let size = rows.count * (8 * rows.columns.len() + 4) + 128;
            match self.bytes.fetch_add(size, Ordering::Relaxed) + size <= KEPT {
                true => kept.push(rows),
                false => kept = Vec::new(),
            }
            Ok(())
        };
        match (piece, &self.data.format) {
            (Piece::Text(bytes), Format::Csv(layout)) => {
                let mut filler = Filler::new(self.projection);
                let read = csv::rows(bytes, layout, &mut filler);
                *counts = filler.counts;
                read?;
                take(filler.take(0))?;
            }
            (Piece::Text(bytes), _) => {
                let mut filler = Filler::new(self.projection);
                let read = json::rows(bytes, &mut filler);
                *counts = filler.counts;
                read?;
                take(filler.take(0))?;
            }
            (Piece::Group(index), Format::Parquet(layout)) => layout.rows(*index, self.projection, counts, &mut take)?,
            (Piece::Batch(batch), _) => {
                let columns = arrow::columns(batch, self.projection)?;
                take(complete(columns, batch.count(), self.projection, counts)?)?;
            }
            _ => {}
        }
        Ok((part, kept))
    }
}

/// Columns in which NaN stands for what is missing, as rows; these follow the rows that were counted before.
pub(super) fn complete(
    mut columns: Vec<Vec<f64>>,
    count: usize,
    projection: &Projection<'_>,
    counts: &mut Counts,
) -> Result<Rows, Trouble> {
    let first = counts.rows;
    let finite = |column: &Vec<f64>| column.iter().all(|v| v.is_finite());
    if projection.gaps == Gaps::Keep || columns.iter().all(finite) {
        counts.rows += count as u64;
        return Ok(Rows { columns, count, first, places: Vec::new() });
    }
    let mut places = Vec::new();
    for row in 0..count {
        let mut complete = true;
        for (slot, column) in columns.iter().enumerate() {
            let value = column.get(row).copied().unwrap_or(f64::NAN);
            let trouble = match cell::of_number(value) {
                Cell::Number(_) => continue,
                Cell::Missing if projection.gaps == Gaps::Skip => {
                    complete = false;
                    continue;
                }
                Cell::Missing => missing(),
                Cell::Text => no_number(value.to_string().as_bytes()),
            };
            return Err(trouble.at_row(first + row as u64 + 1).in_column(projection.name(slot)));
        }
        if complete {
            places.push(u32::try_from(row).unwrap_or(u32::MAX));
        }
    }
    for column in &mut columns {
        *column = places.iter().filter_map(|row| column.get(*row as usize).copied()).collect();
    }
    counts.rows += count as u64;
    counts.skipped += (count - places.len()) as u64;
    Ok(Rows { columns, count: places.len(), first, places })
}
