//! Arrow files and streams (IPC, also called Feather): record batches, of which only the columns that are used are taken apart.

use super::scan::Projection;
use super::{Kind, Trouble, beginning};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, DataType};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// What files begin with, and streams do not.
const MAGIC: &[u8] = b"ARROW1";

/// How a file is laid out.
pub(super) struct Layout {
    is_stream: bool,
}

/// Some rows as they are stored.
pub(super) struct Batch(RecordBatch);

impl Batch {
    /// How many rows.
    pub(super) fn count(&self) -> usize {
        self.0.num_rows()
    }
}

/// Reads batch after batch.
pub(super) enum Reader {
    File(FileReader<BufReader<File>>),
    Stream(StreamReader<BufReader<File>>),
}

impl Reader {
    pub(super) fn next(&mut self) -> Result<Option<Batch>, Trouble> {
        let found = match self {
            Reader::File(reader) => reader.next(),
            Reader::Stream(reader) => reader.next(),
        };
        found.transpose().map(|batch| batch.map(Batch)).map_err(broken)
    }
}

fn broken(error: ArrowError) -> Trouble {
    Trouble::file(format!("it cannot be read as Arrow: {error}"))
}

/// The names of the columns, and the layout.
pub(super) fn open(path: &Path) -> Result<(Vec<String>, Layout), Trouble> {
    let layout = Layout { is_stream: beginning(path, MAGIC.len())? != MAGIC };
    let mut reader = layout.read(path, None)?;
    let schema = match &reader {
        Reader::File(reader) => reader.schema(),
        Reader::Stream(reader) => reader.schema(),
    };
    let names = schema.fields().iter().map(|field| field.name().clone()).collect();
    while let Some(batch) = reader.next()? {
        if batch.count() > 0 {
            return Ok((names, layout));
        }
    }
    Err(Trouble::file("it has no rows"))
}

impl Layout {
    /// A reader of these columns.
    pub(super) fn reader(&self, path: &Path, used: &[usize]) -> Result<Reader, Trouble> {
        self.read(path, Some(used.to_vec()))
    }

    fn read(&self, path: &Path, used: Option<Vec<usize>>) -> Result<Reader, Trouble> {
        let file = BufReader::new(File::open(path)?);
        Ok(match self.is_stream {
            true => Reader::Stream(StreamReader::try_new(file, used).map_err(broken)?),
            false => Reader::File(FileReader::try_new(file, used).map_err(broken)?),
        })
    }
}

/// The columns of a batch as numbers, NaN where a value is missing.
pub(super) fn columns(batch: &Batch, projection: &Projection<'_>) -> Result<Vec<Vec<f64>>, Trouble> {
    let numbered = batch.0.columns().iter().enumerate();
    numbered.map(|(slot, array)| numbers(array).map_err(|trouble| trouble.in_column(projection.name(slot)))).collect()
}

fn numbers(array: &dyn Array) -> Result<Vec<f64>, Trouble> {
    let what = match array.data_type() {
        DataType::Null => return Ok(vec![f64::NAN; array.len()]),
        DataType::Boolean => {
            let values = array.as_boolean_opt().map(|a| a.iter().map(|v| v.map_or(f64::NAN, |v| f64::from(u8::from(v)))));
            return values.map(Iterator::collect).ok_or_else(mismatch);
        }
        DataType::Int8 => return primitive::<Int8Type>(array, f64::from),
        DataType::Int16 => return primitive::<Int16Type>(array, f64::from),
        DataType::Int32 => return primitive::<Int32Type>(array, f64::from),
        DataType::Int64 => return primitive::<Int64Type>(array, |v| v as f64),
        DataType::UInt8 => return primitive::<UInt8Type>(array, f64::from),
        DataType::UInt16 => return primitive::<UInt16Type>(array, f64::from),
        DataType::UInt32 => return primitive::<UInt32Type>(array, f64::from),
        DataType::UInt64 => return primitive::<UInt64Type>(array, |v| v as f64),
        DataType::Float16 => return primitive::<Float16Type>(array, f64::from),
        DataType::Float32 => return primitive::<Float32Type>(array, f64::from),
        DataType::Float64 => return primitive::<Float64Type>(array, |v| v),
        DataType::Decimal32(_, scale) => return primitive::<Decimal32Type>(array, |v| f64::from(v) / unit(*scale)),
        DataType::Decimal64(_, scale) => return primitive::<Decimal64Type>(array, |v| v as f64 / unit(*scale)),
        DataType::Decimal128(_, scale) => return primitive::<Decimal128Type>(array, |v| v as f64 / unit(*scale)),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => "texts",
        kind if kind.is_temporal() => "times",
        kind if kind.is_nested() => "lists or records",
        _ => "values of a kind that is not read",
    };
    Err(Trouble::new(Kind::Text, format!("the column holds {what}, and numbers are needed")))
}

fn unit(scale: i8) -> f64 {
    10f64.powi(i32::from(scale))
}

fn mismatch() -> Trouble {
    Trouble::file("it cannot be read as Arrow: a column is not of the kind that it says")
}

fn primitive<T: ArrowPrimitiveType>(array: &dyn Array, number: impl Fn(T::Native) -> f64) -> Result<Vec<f64>, Trouble> {
    let array = array.as_primitive_opt::<T>().ok_or_else(mismatch)?;
    if array.null_count() == 0 {
        return Ok(array.values().iter().map(|v| number(*v)).collect());
    }
    Ok(array.iter().map(|v| v.map_or(f64::NAN, &number)).collect())
}
