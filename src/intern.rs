//! Names as small numbers: each distinct text is kept once, in one string. Knows nothing of what a name means.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// Distinct texts, numbered in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Names {
    text: String,
    /// Where each ends in `text`.
    ends: Vec<u32>,
    table: HashTable<Entry>,
    hasher: DefaultHashBuilder,
}

/// A text in the table.
#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u64,
    index: u32,
    length: u32,
}

/// So many bytes fit in a key: a text that is no longer is told by its key and its length.
const SHORT: usize = 8;

impl Names {
    /// None yet, with room for a few.
    #[must_use]
    pub fn with_room() -> Self {
        let (names, bytes) = (14, 64);
        let (text, ends) = (String::with_capacity(bytes), Vec::with_capacity(names));
        Names { text, ends, table: HashTable::with_capacity(names), hasher: DefaultHashBuilder::default() }
    }

    /// Forgets all of them, and keeps the room.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.table.clear();
    }

    /// For how many there is room.
    #[must_use]
    pub fn room(&self) -> usize {
        self.ends.capacity()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text with this number.
    #[must_use]
    pub fn get(&self, index: u32) -> &str {
        nth(&self.text, &self.ends, index)
    }

    /// The number of a text that is held.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<u32> {
        let key = key(&self.hasher, name);
        let is_it = |entry: &Entry| entry.is(key, name, &self.text, &self.ends);
        self.table.find(self.hasher.hash_one(key), is_it).map(|entry| entry.index)
    }

    /// The number of a text, which is entered when it is new.
    pub fn intern(&mut self, name: &str) -> u32 {
        let Names { text, ends, table, hasher } = self;
        let key = key(hasher, name);
        let hash = hasher.hash_one(key);
        if let Some(known) = table.find(hash, |entry| entry.is(key, name, text, ends)) {
            return known.index;
        }
        let entry = Entry { key, index: count(ends.len()), length: count(name.len()) };
        text.push_str(name);
        ends.push(count(text.len()));
        table.insert_unique(hash, entry, |entry| hasher.hash_one(entry.key));
        entry.index
    }

    /// Enters a text again, so that it has another number too; [`Names::find`] does not know of that one.
    pub fn push(&mut self, name: &str) -> u32 {
        self.text.push_str(name);
        self.ends.push(count(self.text.len()));
        count(self.ends.len() - 1)
    }
}

impl Entry {
    /// Whether it is the one of this name, whose key this is.
    #[inline]
    fn is(&self, key: u64, name: &str, text: &str, ends: &[u32]) -> bool {
        self.key == key && self.length as usize == name.len() && (name.len() <= SHORT || nth(text, ends, self.index) == name)
    }
}

/// The bytes of a short name, as most are; the hash of a long one.
#[inline]
fn key(hasher: &DefaultHashBuilder, name: &str) -> u64 {
    if name.len() > SHORT {
        return hasher.hash_one(name);
    }
    name.bytes().fold(0, |word, byte| word << 8 | u64::from(byte))
}

fn nth<'t>(text: &'t str, ends: &[u32], index: u32) -> &'t str {
    let index = index as usize;
    let start = if index == 0 { 0 } else { ends[index - 1] };
    &text[start as usize..ends[index] as usize]
}

/// Names come from texts of less than 2^32 bytes.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_and_the_number_its_text() {
        let mut names = Names::default();
        let texts: Vec<String> = (0..1000).map(|k| format!("w{}", k % 500)).collect();
        let numbers: Vec<u32> = texts.iter().map(|text| names.intern(text)).collect();
        assert_eq!(names.len(), 500);
        assert!(texts.iter().zip(&numbers).all(|(text, number)| names.get(*number) == text && names.find(text) == Some(*number)));
        assert_eq!(names.find("w500"), None);
        assert_eq!((names.intern(""), names.get(500)), (500, ""));
        let twin = names.push("w1");
        assert_eq!((names.get(twin), names.find("w1")), ("w1", Some(1)));
        for pair in [["12345678", "12345679"], ["123456789", "123456780"], ["a", "a\0"], ["a", "\0a"]] {
            let [a, b] = pair.map(|text| names.intern(text));
            assert_ne!(a, b, "{pair:?}");
            assert_eq!([a, b], pair.map(|text| names.intern(text)));
        }
    }
}
