//! Names as small numbers: each distinct text is kept once, in one string. Knows nothing of what a name means.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// Distinct texts, numbered in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Names {
    text: String,
    /// Where each ends in `text`.
    ends: Vec<u32>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Names {
    /// None yet, with room for a few.
    #[must_use]
    pub fn with_room() -> Self {
        let (names, bytes) = (14, 64);
        let (text, ends) = (String::with_capacity(bytes), Vec::with_capacity(names));
        Names { text, ends, table: HashTable::with_capacity(names), hasher: DefaultHashBuilder::default() }
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
        self.table.find(hash(&self.hasher, name), |index| self.get(*index) == name).copied()
    }

    /// The number of a text, which is entered when it is new.
    pub fn intern(&mut self, name: &str) -> u32 {
        let hash = hash(&self.hasher, name);
        let Names { text, ends, table, hasher } = self;
        if let Some(index) = table.find(hash, |index| nth(text, ends, *index) == name) {
            return *index;
        }
        let index = count(ends.len());
        text.push_str(name);
        ends.push(count(text.len()));
        table.insert_unique(hash, index, |index| self::hash(hasher, nth(text, ends, *index)));
        index
    }

    /// Forgets all but the first so many.
    pub fn truncate(&mut self, count: usize) {
        self.ends.truncate(count);
        self.text.truncate(self.ends.last().map_or(0, |end| *end as usize));
        self.table.retain(|index| (*index as usize) < count);
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        let Names { text, ends, table, hasher } = self;
        table.shrink_to_fit(|index| hash(hasher, nth(text, ends, *index)));
    }

    /// Enters a text again, so that it has another number too; [`Names::find`] does not know of that one.
    pub fn push(&mut self, name: &str) -> u32 {
        self.text.push_str(name);
        self.ends.push(count(self.text.len()));
        count(self.ends.len() - 1)
    }
}

/// A short name, as most are, is hashed as one number.
fn hash(hasher: &DefaultHashBuilder, name: &str) -> u64 {
    if name.len() > 8 {
        return hasher.hash_one(name);
    }
    hasher.hash_one(name.bytes().fold(0, |word: u64, byte| word << 8 | u64::from(byte)))
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
        names.truncate(100);
        assert_eq!((names.len(), names.find("w99"), names.find("w100")), (100, Some(99), None));
        assert_eq!(names.intern("w100"), 100);
    }
}
