//! JSON lines: one object a line. A key that a line does not have is a missing value there.

use super::cell::{self, Cell};
use super::lines::{BLOCK, Filler};
use super::{Trouble, beginning};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::path::Path;

/// From how many lines at the beginning the names are taken.
const LOOKED_AT: usize = 1000;

/// The names of the columns: the keys of the first lines, in the order in which they come up.
pub(super) fn open(path: &Path) -> Result<Vec<String>, Trouble> {
    let bytes = beginning(path, BLOCK)?;
    let is_whole = bytes.len() < BLOCK;
    let mut names: Vec<String> = Vec::new();
    let mut seen = 0;
    let ended = bytes.split_inclusive(|b| *b == b'\n').filter(|line| is_whole || line.ends_with(b"\n"));
    for (number, line) in ended.enumerate().take(LOOKED_AT) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if line[0] == b'[' {
            return Err(Trouble::file("it is one JSON array; JSON lines are wanted, one object a line").at_line(1));
        }
        seen += 1;
        let mut keys = Keys(&mut names);
        read(line, &mut keys).map_err(|why| not_an_object(&why).at_line(number as u64 + 1))?;
    }
    if seen == 0 {
        return Err(Trouble::file("it has no rows"));
    }
    Ok(names)
}

fn not_an_object(why: &str) -> Trouble {
    Trouble::file(format!("the line is no JSON object: {why}"))
}

/// Takes the rows of a block in.
pub(super) fn rows(block: &[u8], filler: &mut Filler<'_>) -> Result<(), Trouble> {
    let names: Vec<String> = (0..filler.projection.used.len()).map(|slot| filler.projection.name(slot).to_owned()).collect();
    let mut values: Vec<Option<(Cell, String)>> = vec![None; names.len()];
    for line in block.split_inclusive(|b| *b == b'\n') {
        filler.counts.lines += 1;
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        values.fill(None);
        let mut found = Values { names: &names, values: &mut values };
        read(line, &mut found).map_err(|why| filler.here(not_an_object(&why)))?;
        for (slot, value) in values.iter().enumerate() {
            let (cell, text) = value.as_ref().map_or((Cell::Missing, ""), |(cell, text)| (*cell, text.as_str()));
            filler.put(slot, cell, text.as_bytes())?;
        }
        filler.end_row();
    }
    Ok(())
}

/// Reads one line; the reason where it cannot be read.
fn read(line: &[u8], fields: &mut impl Fields) -> Result<(), String> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let done = reader.deserialize_map(Object(fields)).and_then(|()| reader.end());
    done.map_err(|error| {
        let text = error.to_string();
        text.split(" at line").next().unwrap_or("").to_owned()
    })
}

/// What is done with the fields of an object.
trait Fields {
    /// Takes a key and reads its value.
    fn field<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error>;
}

/// Collects the keys.
struct Keys<'a>(&'a mut Vec<String>);

impl Fields for Keys<'_> {
    fn field<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        if !self.0.iter().any(|known| known.trim() == key.trim()) {
            self.0.push(key.to_owned());
        }
        map.next_value::<IgnoredAny>().map(|_| ())
    }
}

/// Collects the values of some keys.
struct Values<'a> {
    names: &'a [String],
    values: &'a mut [Option<(Cell, String)>],
}

impl Fields for Values<'_> {
    fn field<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match self.names.iter().position(|name| name == key.trim()) {
            Some(slot) => self.values[slot] = Some(map.next_value_seed(Value)?),
            None => _ = map.next_value::<IgnoredAny>()?,
        }
        Ok(())
    }
}

struct Object<'f, F>(&'f mut F);

impl<'de, F: Fields> Visitor<'de> for Object<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key_seed(Key)? {
            self.0.field(&key, &mut map)?;
        }
        Ok(())
    }
}

/// A key, without a copy where it has no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// A value, with its text where it is no number.
struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = (Cell, String);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

fn plain(value: f64) -> (Cell, String) {
    (cell::of_number(value), String::new())
}

impl<'de> Visitor<'de> for Value {
    type Value = (Cell, String);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, holds: bool) -> Result<Self::Value, E> {
        Ok(plain(f64::from(u8::from(holds))))
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Self::Value, E> {
        Ok(plain(n as f64))
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Self::Value, E> {
        Ok(plain(n as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(plain(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok((Cell::Missing, String::new()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        // a text is a number only where it says that there is none
        let cell = if cell::of_text(text.as_bytes()) == Cell::Missing { Cell::Missing } else { Cell::Text };
        Ok((cell, text.to_owned()))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok((Cell::Text, "[…]".to_owned()))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok((Cell::Text, "{…}".to_owned()))
    }
}
