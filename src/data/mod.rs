//! Data sets: columns of numbers from CSV, JSON lines, Parquet and Arrow files, read in pieces so that a file may be larger than the
//! memory. Only the columns that are asked for are read. Knows nothing of expressions.

mod arrow;
mod cell;
mod csv;
mod json;
mod lines;
mod parquet;
mod scan;
#[cfg(test)]
mod tests;

pub use scan::{Progress, Report, Rows, Scan, Totals, Watcher};

use crate::syntax::is_name;
use scan::Cache;
use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use unicode_normalization::UnicodeNormalization;

/// Where a data file is, and what it is called in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Its name for people.
    pub name: String,
}

/// What kind of trouble a file makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It cannot be had or read.
    File,
    /// A value is missing.
    Missing,
    /// A value is no number.
    Text,
    /// What is computed from the rows has no value in one of them.
    Row,
}

/// Why a data set cannot be used, with the place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What kind.
    pub kind: Kind,
    /// One sentence, without the place.
    pub message: String,
    /// The row, counted from 1 without the line of names.
    pub row: Option<u64>,
    /// The line of a text file, counted from 1.
    pub line: Option<u64>,
    /// The column by its name in the file.
    pub column: Option<String>,
}

impl Trouble {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Trouble { kind, message: message.into(), row: None, line: None, column: None }
    }

    /// Trouble with the file as a whole.
    #[must_use]
    pub fn file(message: impl Into<String>) -> Self {
        Trouble::new(Kind::File, message)
    }

    /// What a row has none of: a value.
    #[must_use]
    pub fn of_row(message: impl Into<String>, row: u64) -> Self {
        Trouble { row: Some(row), ..Trouble::new(Kind::Row, message) }
    }

    fn at_row(self, row: u64) -> Self {
        Trouble { row: Some(row), ..self }
    }

    fn at_line(self, line: u64) -> Self {
        Trouble { line: Some(line), ..self }
    }

    fn in_column(self, column: &str) -> Self {
        Trouble { column: Some(column.to_owned()), ..self }
    }

    /// Where in the file it is: `line 4, column x1`; empty where that is not known.
    #[must_use]
    pub fn place(&self) -> String {
        let mut parts = Vec::new();
        match (self.line, self.row) {
            (Some(line), Some(row)) => parts.push(format!("line {line} (row {row})")),
            (Some(line), None) => parts.push(format!("line {line}")),
            (None, Some(row)) => parts.push(format!("row {row}")),
            (None, None) => {}
        }
        parts.extend(self.column.as_ref().map(|column| format!("column {column}")));
        parts.join(", ")
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        let text = error.to_string();
        Trouble::file(match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
            _ => text.split(" (os error").next().unwrap_or("").to_lowercase(),
        })
    }
}

/// What happens to a row that lacks a value in a used column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gaps {
    /// It is an error.
    #[default]
    Refuse,
    /// It is left out.
    Skip,
    /// It is kept: NaN stands for the value that is missing, and an infinity for one that is written and is no finite number.
    Keep,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the file.
    pub name: String,
    /// Its name in programs.
    pub ident: String,
}

/// How a file is read, with what was learned when it was opened.
enum Format {
    Csv(csv::Layout),
    Json,
    Parquet(parquet::Layout),
    Arrow(arrow::Layout),
}

/// A file with named columns.
pub struct DataSet {
    /// Where it is.
    pub place: Place,
    /// What happens to a row that lacks a value in a used column.
    pub gaps: Gaps,
    columns: Vec<Column>,
    format: Format,
    cache: Mutex<Option<Cache>>,
}

impl std::fmt::Debug for DataSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataSet").field("place", &self.place).field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// The endings of file names, with the kind of each.
const ENDINGS: &str = ".csv, .tsv, .jsonl, .ndjson, .json, .parquet, .arrow, .feather, .ipc, .arrows";

impl DataSet {
    /// Opens a file and reads the names of its columns.
    ///
    /// # Errors
    /// When it is not there, is of no known kind, or has no columns or no rows.
    pub fn open(place: Place, gaps: Gaps) -> Result<Self, Trouble> {
        let metadata = place.path.metadata()?;
        if !metadata.is_file() {
            return Err(Trouble::file(if metadata.is_dir() { "it is a folder" } else { "it is no ordinary file" }));
        }
        if metadata.len() == 0 {
            return Err(Trouble::file("it is empty"));
        }
        let ending = place.path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        let opened = catch_unwind(AssertUnwindSafe(|| DataSet::layout(&place, &ending)));
        let (names, format) = opened.unwrap_or_else(|_| Err(Trouble::file("it cannot be read: its content is broken")))?;
        let columns: Vec<Column> = names.into_iter().enumerate().map(|(k, name)| named(k, name)).collect();
        if columns.is_empty() {
            return Err(Trouble::file("it has no columns"));
        }
        Ok(DataSet { place, gaps, columns, format, cache: Mutex::default() })
    }

    /// The names of the columns of a file with this ending, and how it is read.
    fn layout(place: &Place, ending: &str) -> Result<(Vec<String>, Format), Trouble> {
        Ok(match ending {
            "csv" | "tsv" | "tab" | "txt" => csv::open(&place.path).map(|(names, layout)| (names, Format::Csv(layout)))?,
            "jsonl" | "ndjson" | "json" => (json::open(&place.path)?, Format::Json),
            "parquet" | "pq" => parquet::open(&place.path).map(|(names, layout)| (names, Format::Parquet(layout)))?,
            "arrow" | "feather" | "ipc" | "arrows" => {
                arrow::open(&place.path).map(|(names, layout)| (names, Format::Arrow(layout)))?
            }
            _ => return Err(Trouble::file(format!("the ending of its name tells its kind, and is one of {ENDINGS}"))),
        })
    }

    /// Its columns, in the order of the file.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The size of the file in bytes.
    fn size(&self) -> u64 {
        self.place.path.metadata().map_or(0, |m| m.len())
    }
}

/// A column by its name in the file: what cannot stand in a name of the language becomes `_`.
fn named(index: usize, name: String) -> Column {
    let name: String = name.trim().nfc().collect();
    let mut ident: String = name.chars().map(|c| if c == '_' || unicode_ident::is_xid_continue(c) { c } else { '_' }).collect();
    if ident.is_empty() {
        ident = format!("_{}", index + 1);
    }
    if !is_name(&ident) {
        ident.insert(0, '_');
    }
    Column { name, ident }
}

/// The first bytes of a file, as many as wanted or there are.
fn beginning(path: &std::path::Path, count: usize) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    File::open(path)?.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
