//! The readers on small files, each against what stands in it.
#![allow(clippy::unwrap_used)]

use super::*;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use std::sync::Arc;

fn place(name: &str) -> Place {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    Place { path, name: name.to_owned() }
}

fn open(name: &str, skips: bool) -> Result<DataSet, Trouble> {
    DataSet::open(place(name), if skips { Gaps::Skip } else { Gaps::Refuse })
}

/// Columns, the numbers of their rows, and how many rows there were.
type Read = (Vec<Vec<f64>>, Vec<u64>, Totals);

/// The values of some columns, by their names in programs, with the rows' numbers in each piece of the file.
fn read(set: &DataSet, names: &[&str]) -> Result<Read, Trouble> {
    let places: Vec<usize> = names.iter().map(|n| set.columns().iter().position(|c| c.ident == *n).unwrap()).collect();
    let start = || (vec![Vec::new(); places.len()], Vec::new());
    let report = set.scan(&places, &Watcher::default(), start, |(columns, numbers), rows| {
        for (k, column) in columns.iter_mut().enumerate() {
            column.extend_from_slice(rows.column(k));
        }
        numbers.extend((0..rows.count()).map(|row| rows.number(row)));
        Ok(())
    })?;
    let mut all = start();
    for (columns, numbers) in report.parts {
        all.0.iter_mut().zip(columns).for_each(|(whole, part)| whole.extend(part));
        all.1.extend(numbers);
    }
    Ok((all.0, all.1, report.totals))
}

fn trouble(name: &str, column: &str) -> (Kind, String, String) {
    let found = open(name, false).and_then(|set| read(&set, &[column]));
    let trouble = found.unwrap_err();
    (trouble.kind, trouble.message.clone(), trouble.place())
}

#[test]
fn a_csv_file_may_have_quotes_returns_a_byte_order_mark_blanks_and_truth_values() {
    let set = open("quoted.csv", false).unwrap();
    let names: Vec<&str> = set.columns().iter().map(|c| c.ident.as_str()).collect();
    assert_eq!(names, ["x", "name", "petal_length", "y"]);
    let (columns, numbers, _) = read(&set, &["y", "petal_length", "x"]).unwrap();
    assert_eq!(columns, [vec![1.0, 0.0, 1.0], vec![2.0, 4.0, 100.0], vec![1.5, -2000.0, 0.5]]);
    assert_eq!(numbers, [1, 2, 3]);
    let (kind, message, at) = trouble("quoted.csv", "name");
    assert_eq!((kind, message.as_str(), at.as_str()), (Kind::Text, "`ann` is no number", "line 2 (row 1), column name"));
}

#[test]
fn a_quote_that_is_not_closed_swallows_no_rows() {
    let file = Temporary::new("open.csv");
    std::fs::write(&file.0, "x,y\n1,2\n3,\"4\n5,6\n").unwrap();
    let trouble = read(&file.open(false).unwrap(), &["x"]).unwrap_err();
    assert_eq!(
        (trouble.message.as_str(), trouble.place().as_str()),
        ("a quote that begins in this row is never closed", "line 3")
    );
}

#[test]
fn semicolons_separate_too() {
    let (columns, ..) = read(&open("semicolons.csv", false).unwrap(), &["a", "b"]).unwrap();
    assert_eq!(columns, [[1.0, 3.0], [2.0, 4.0]]);
}

#[test]
fn a_missing_value_is_an_error_or_its_row_is_left_out() {
    let expected = (Kind::Missing, "a value is missing".to_owned(), "line 3 (row 2), column x".to_owned());
    assert_eq!(trouble("missing.csv", "x"), expected);
    assert_eq!(trouble("missing.csv", "y").2, "line 4 (row 3), column y");
    let set = open("missing.csv", true).unwrap();
    let (columns, numbers, totals) = read(&set, &["x", "y"]).unwrap();
    assert_eq!(columns, [[1.0, 5.0], [2.0, 6.0]]);
    assert_eq!((numbers, totals), (vec![1, 4], Totals { rows: 5, skipped: 3 }));
    // only the columns that are used count
    let (columns, numbers, totals) = read(&set, &["x"]).unwrap();
    assert_eq!(columns, [[1.0, 4.0, 5.0]]);
    assert_eq!((numbers, totals), (vec![1, 3, 4], Totals { rows: 5, skipped: 2 }));
    assert_eq!(read(&set, &["x", "y"]).unwrap().2.skipped, 3);
}

#[test]
fn troubles_name_their_place() {
    let (kind, message, at) = trouble("text.csv", "y");
    assert_eq!((kind, message.as_str(), at.as_str()), (Kind::Text, "`oops` is no number", "line 3 (row 2), column y"));
    assert!(read(&open("text.csv", false).unwrap(), &["x"]).is_ok());
    let (_, message, at) = trouble("ragged.csv", "x");
    assert_eq!((message.as_str(), at.as_str()), ("the row has 1 value, and there are 2 columns", "line 4 (row 2)"));
    let whole = |name: &str| open(name, false).unwrap_err().message;
    assert_eq!(whole("norows.csv"), "it has a line of names, and no rows");
    assert_eq!(whole("nonames.csv"), "its first line has the number `1` where the names of the columns belong");
    assert_eq!(whole("absent.csv"), "there is no such file");
    assert!(whole("../errors/absent-variable.grad").contains(".parquet"));
}

#[test]
fn json_lines_have_their_keys_in_any_order() {
    let set = open("rows.jsonl", true).unwrap();
    let names: Vec<&str> = set.columns().iter().map(|c| c.ident.as_str()).collect();
    assert_eq!(names, ["x", "y", "z"]);
    let (columns, _, totals) = read(&set, &["y", "x"]).unwrap();
    assert_eq!((columns, totals.skipped), (vec![vec![1.0, 2.5], vec![1.0, -1.0]], 1));
    assert_eq!(trouble("rows.jsonl", "y").2, "line 4 (row 3), column y");
    assert_eq!(trouble("rows.jsonl", "z").2, "line 1 (row 1), column z");
}

/// A file that goes when it is no longer needed.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        Temporary(std::env::temp_dir().join(format!("grad-{}-{name}", std::process::id())))
    }

    fn open(&self, skips: bool) -> Result<DataSet, Trouble> {
        DataSet::open(Place { path: self.0.clone(), name: "file".to_owned() }, if skips { Gaps::Skip } else { Gaps::Refuse })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}

fn batch(from: i32, count: i32) -> RecordBatch {
    let whole: Vec<Option<f64>> = (from..from + count).map(|k| (k % 5 != 3).then_some(f64::from(k) / 2.0)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("k", Arc::new(Int32Array::from_iter_values(from..from + count))),
        ("half", Arc::new(Float64Array::from(whole))),
        ("odd", Arc::new(BooleanArray::from((from..from + count).map(|k| k % 2 == 1).collect::<Vec<bool>>()))),
        ("name", Arc::new(StringArray::from_iter_values((from..from + count).map(|k| k.to_string())))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn check_ten_rows(file: &Temporary) {
    let set = file.open(true).unwrap();
    let (columns, numbers, totals) = read(&set, &["odd", "half", "k"]).unwrap();
    assert_eq!(columns[0], [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
    assert_eq!(columns[1], [0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 3.5, 4.5]);
    assert_eq!(columns[2], [0.0, 1.0, 2.0, 4.0, 5.0, 6.0, 7.0, 9.0]);
    assert_eq!((numbers, totals), (vec![1, 2, 3, 5, 6, 1, 2, 4], Totals { rows: 10, skipped: 2 }));
    assert_eq!(read(&set, &[]).unwrap().2.rows, 10);
    let set = file.open(false).unwrap();
    let missing = read(&set, &["half"]).unwrap_err();
    assert_eq!((missing.kind, missing.place().as_str()), (Kind::Missing, "row 4, column half"));
    let text = read(&set, &["name"]).unwrap_err();
    assert_eq!((text.kind, text.message.as_str()), (Kind::Text, "the column holds texts, and numbers are needed"));
    assert_eq!(text.column.as_deref(), Some("name"));
}

#[test]
fn arrow_files_and_streams_are_read() {
    let file = Temporary::new("ten.arrow");
    let mut writer = FileWriter::try_new(File::create(&file.0).unwrap(), &batch(0, 1).schema()).unwrap();
    [batch(0, 6), batch(6, 4)].iter().for_each(|b| writer.write(b).unwrap());
    writer.finish().unwrap();
    check_ten_rows(&file);
    let file = Temporary::new("ten.arrows");
    let mut writer = StreamWriter::try_new(File::create(&file.0).unwrap(), &batch(0, 1).schema()).unwrap();
    [batch(0, 6), batch(6, 4)].iter().for_each(|b| writer.write(b).unwrap());
    writer.finish().unwrap();
    check_ten_rows(&file);
}

#[test]
fn parquet_files_are_read_group_by_group() {
    use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    let text = "message m { required int32 k; optional double half; optional boolean odd; optional binary name (utf8); }";
    let file = Temporary::new("ten.parquet");
    let schema = Arc::new(parse_message_type(text).unwrap());
    let mut writer = SerializedFileWriter::new(File::create(&file.0).unwrap(), schema, Arc::default()).unwrap();
    for range in [0..6, 6..10] {
        let ks: Vec<i32> = range.collect();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int32Type>().write_batch(&ks, None, None).unwrap();
        column.close().unwrap();
        let levels: Vec<i16> = ks.iter().map(|k| i16::from(k % 5 != 3)).collect();
        let halves: Vec<f64> = ks.iter().filter(|k| *k % 5 != 3).map(|k| f64::from(*k) / 2.0).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&halves, Some(&levels), None).unwrap();
        column.close().unwrap();
        let all = vec![1; ks.len()];
        let odd: Vec<bool> = ks.iter().map(|k| k % 2 == 1).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<BoolType>().write_batch(&odd, Some(&all), None).unwrap();
        column.close().unwrap();
        let names: Vec<ByteArray> = ks.iter().map(|k| ByteArray::from(k.to_string().as_str())).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&names, Some(&all), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
    check_ten_rows(&file);
}

#[test]
fn a_broken_file_is_trouble_and_no_panic() {
    for (name, bytes) in [("x.parquet", &b"PAR1nonsensePAR1"[..]), ("x.arrow", b"ARROW1\0\0nonsense"), ("x.arrows", b"nonsense")]
    {
        let file = Temporary::new(name);
        std::fs::write(&file.0, bytes).unwrap();
        assert_eq!(file.open(false).unwrap_err().kind, Kind::File, "{name}");
    }
}

/// Many blocks, with quotes in some of them and line ends inside of quotes: what the fast way reads is what the `csv` package reads.
#[test]
fn blocks_of_a_long_file_are_the_rows_in_order() {
    let mut text = "k,note,half\n".to_owned();
    let count = 120_000;
    for k in 0..count {
        let note = if k % 1000 == 7 { "\"a, \"\"b\"\"\nc\"" } else { "plain" };
        text.push_str(&format!("{k},{note},{}\n", f64::from(k) / 2.0));
    }
    let file = Temporary::new("long.csv");
    std::fs::write(&file.0, &text).unwrap();
    let set = file.open(false).unwrap();
    for _ in 0..2 {
        let (columns, _, totals) = read(&set, &["half", "k"]).unwrap();
        assert_eq!(totals.rows, count as u64);
        assert!(columns[1].iter().enumerate().all(|(at, k)| *k == at as f64 && columns[0][at] == k / 2.0));
    }
    let broken = text.replace("\n99999,plain", "\nabc,plain");
    std::fs::write(&file.0, broken).unwrap();
    let trouble = read(&file.open(false).unwrap(), &["k"]).unwrap_err();
    assert_eq!(trouble.place(), "line 100101 (row 100000), column k");
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.records().count(), count as usize);
}
