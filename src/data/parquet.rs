//! Parquet files: row groups, of which only the columns that are used are read, some thousand rows at a time.

use super::lines::no_number;
use super::scan::{Counts, Projection, Rows, complete};
use super::{Kind, Trouble};
use ::parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{BoolType, DataType, DoubleType, FloatType, Int32Type, Int64Type};
use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use ::parquet::file::properties::ReaderProperties;
use ::parquet::file::reader::RowGroupReader;
use ::parquet::file::serialized_reader::SerializedRowGroupReader;
use ::parquet::schema::types::ColumnDescriptor;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// So many rows are read at once.
const ROWS: usize = 1 << 14;

/// How a file is laid out.
pub(super) struct Layout {
    path: PathBuf,
    metadata: ParquetMetaData,
    /// The place of each column among the file's leaves.
    leaves: Vec<usize>,
}

fn broken(error: ::parquet::errors::ParquetError) -> Trouble {
    Trouble::file(format!("it cannot be read as Parquet: {error}"))
}

/// The names of the columns that are no part of another, and the layout.
pub(super) fn open(path: &Path) -> Result<(Vec<String>, Layout), Trouble> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&File::open(path)?).map_err(broken)?;
    if metadata.file_metadata().num_rows() <= 0 {
        return Err(Trouble::file("it has no rows"));
    }
    let schema = metadata.file_metadata().schema_descr();
    let (mut names, mut leaves) = (Vec::new(), Vec::new());
    for (at, leaf) in schema.columns().iter().enumerate() {
        if leaf.path().parts().len() == 1 && leaf.max_rep_level() == 0 {
            names.push(leaf.name().to_owned());
            leaves.push(at);
        }
    }
    Ok((names, Layout { path: path.to_owned(), metadata, leaves }))
}

impl Layout {
    /// How many row groups there are.
    pub(super) fn groups(&self) -> usize {
        self.metadata.num_row_groups()
    }

    /// Hands over the rows of a group.
    pub(super) fn rows(
        &self,
        index: usize,
        projection: &Projection<'_>,
        counts: &mut Counts,
        take: &mut dyn FnMut(Rows) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let group = self.metadata.row_group(index);
        // each group has a file of its own: readers that share one move each other's place
        let file = Arc::new(File::open(&self.path)?);
        let properties = Arc::new(ReaderProperties::builder().build());
        let pages = self.metadata.page_index_for_row_group(index);
        let reader = SerializedRowGroupReader::new(file, group, pages, properties).map_err(broken)?;
        let mut feeds = Vec::with_capacity(projection.used.len());
        for (slot, column) in projection.used.iter().enumerate() {
            let leaf = self.leaves[*column];
            let descriptor = self.metadata.file_metadata().schema_descr().column(leaf);
            let feed = Feed::new(&descriptor, reader.get_column_reader(leaf).map_err(broken)?);
            feeds.push(feed.map_err(|trouble| trouble.in_column(projection.name(slot)))?);
        }
        let mut left = usize::try_from(group.num_rows()).unwrap_or(0);
        while left > 0 {
            let count = left.min(ROWS);
            let columns = feeds.iter_mut().map(|feed| feed.read(count)).collect::<Result<Vec<_>, _>>()?;
            take(complete(columns, count, projection, counts)?)?;
            left -= count;
        }
        Ok(())
    }
}

/// What the stored numbers of a column mean.
#[derive(Clone, Copy)]
enum Meaning {
    Signed,
    Unsigned,
    /// A whole number of this power of ten below 1.
    Decimal(i32),
}

/// One column of one group.
enum Feed {
    Bool(ColumnReaderImpl<BoolType>),
    Int(ColumnReaderImpl<Int32Type>, Meaning),
    Long(ColumnReaderImpl<Int64Type>, Meaning),
    Float(ColumnReaderImpl<FloatType>),
    Double(ColumnReaderImpl<DoubleType>),
}

impl Feed {
    fn new(column: &ColumnDescriptor, reader: ColumnReader) -> Result<Self, Trouble> {
        let meaning = meaning(column)?;
        Ok(match reader {
            ColumnReader::BoolColumnReader(r) => Feed::Bool(r),
            ColumnReader::Int32ColumnReader(r) => Feed::Int(r, meaning),
            ColumnReader::Int64ColumnReader(r) => Feed::Long(r, meaning),
            ColumnReader::FloatColumnReader(r) => Feed::Float(r),
            ColumnReader::DoubleColumnReader(r) => Feed::Double(r),
            _ => return Err(other(column)),
        })
    }

    fn read(&mut self, count: usize) -> Result<Vec<f64>, Trouble> {
        match self {
            Feed::Bool(r) => read(r, count, |v| f64::from(u8::from(*v))),
            Feed::Int(r, Meaning::Unsigned) => read(r, count, |v| f64::from(*v as u32)),
            Feed::Int(r, Meaning::Signed) => read(r, count, |v| f64::from(*v)),
            Feed::Int(r, Meaning::Decimal(scale)) => {
                let unit = 10f64.powi(*scale);
                read(r, count, |v| f64::from(*v) / unit)
            }
            Feed::Long(r, Meaning::Unsigned) => read(r, count, |v| *v as u64 as f64),
            Feed::Long(r, Meaning::Signed) => read(r, count, |v| *v as f64),
            Feed::Long(r, Meaning::Decimal(scale)) => {
                let unit = 10f64.powi(*scale);
                read(r, count, |v| *v as f64 / unit)
            }
            Feed::Float(r) => read(r, count, |v| f64::from(*v)),
            Feed::Double(r) => read(r, count, |v| *v),
        }
    }
}

fn meaning(column: &ColumnDescriptor) -> Result<Meaning, Trouble> {
    match column.logical_type_ref() {
        Some(LogicalType::Decimal(_)) => return Ok(Meaning::Decimal(column.type_scale())),
        Some(LogicalType::Integer(int)) => return Ok(if int.is_signed { Meaning::Signed } else { Meaning::Unsigned }),
        Some(LogicalType::Unknown) | None => {}
        Some(_) => return Err(other(column)),
    }
    use ConvertedType as C;
    match column.converted_type() {
        C::DECIMAL => Ok(Meaning::Decimal(column.type_scale())),
        C::UINT_8 | C::UINT_16 | C::UINT_32 | C::UINT_64 => Ok(Meaning::Unsigned),
        C::NONE | C::INT_8 | C::INT_16 | C::INT_32 | C::INT_64 => Ok(Meaning::Signed),
        _ => Err(other(column)),
    }
}

/// Said of a column that holds no numbers.
fn other(column: &ColumnDescriptor) -> Trouble {
    let what = match (column.logical_type_ref(), column.physical_type()) {
        (Some(LogicalType::Date | LogicalType::Time(_) | LogicalType::Timestamp(_)), _) | (_, Physical::INT96) => "times",
        (Some(LogicalType::Float16 | LogicalType::Decimal(_)), _) => "numbers of a kind that is not read",
        (_, Physical::BYTE_ARRAY) => "texts",
        _ => "values of a kind that is not read",
    };
    Trouble::new(Kind::Text, format!("the column holds {what}, and numbers are needed"))
}

/// So many values as numbers, NaN where one is missing.
fn read<T: DataType>(reader: &mut ColumnReaderImpl<T>, count: usize, number: impl Fn(&T::T) -> f64) -> Result<Vec<f64>, Trouble> {
    let (mut values, mut levels) = (Vec::with_capacity(count), Vec::new());
    let mut read = 0;
    while read < count {
        let (records, _, _) = reader.read_records(count - read, Some(&mut levels), None, &mut values).map_err(broken)?;
        if records == 0 {
            return Err(Trouble::file("it cannot be read as Parquet: a column ends early"));
        }
        read += records;
    }
    if values.len() == count {
        return Ok(values.iter().map(number).collect());
    }
    let mut rest = values.iter();
    let spread = levels.iter().map(|level| if *level > 0 { rest.next().map_or(f64::NAN, &number) } else { f64::NAN });
    let mut column: Vec<f64> = spread.collect();
    if column.len() != count {
        return Err(Trouble { column: None, ..no_number(b"a nested value") });
    }
    column.truncate(count);
    Ok(column)
}
