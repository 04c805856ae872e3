//! Problems to practise: shapes are filled in at random, the same for the same seed. Whether a problem is a good one is judged by
//! whoever solves it.

mod topics;

pub use topics::{LEVELS, TOPICS, Task, Topic};

use crate::verify::points::Stream;
use topics::PARTS;

/// The topic of this name, or of one of its other names.
#[must_use]
pub fn topic(name: &str) -> Option<&'static Topic> {
    let name = name.trim().to_lowercase();
    TOPICS.iter().find(|topic| topic.name == name || topic.other.contains(&name.as_str()))
}

/// An endless stream of problems of a topic at a level, as text in the language.
pub struct Problems {
    shapes: &'static [&'static str],
    stream: Stream,
    /// The shapes that are still to be drawn before one comes again.
    left: Vec<&'static str>,
}

impl Problems {
    /// The problems at a level from 1 to [`LEVELS`]; the same ones for the same seed.
    #[must_use]
    pub fn new(topic: &Topic, level: usize, seed: u64) -> Self {
        let shapes = topic.levels[level.clamp(1, LEVELS) - 1];
        let mut stream = Stream(seed);
        // neighbouring seeds begin in neighbouring states
        stream.0 = stream.next();
        Problems { shapes, stream, left: Vec::new() }
    }
}

impl Iterator for Problems {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.left.is_empty() {
            self.left = self.shapes.to_vec();
        }
        let shape = self.left.swap_remove(self.stream.index(self.left.len()));
        Some(filled(shape, &mut self.stream))
    }
}

/// A shape with every word in braces replaced.
fn filled(shape: &str, stream: &mut Stream) -> String {
    let mut text = shape.to_owned();
    while let Some((open, close)) = text.find('{').zip(text.find('}')) {
        let choices = PARTS.iter().find(|(name, _)| *name == &text[open + 1..close]).map_or(&[][..], |(_, choices)| choices);
        let choice = choices.get(stream.index(choices.len())).copied().unwrap_or_default();
        text.replace_range(open..=close, choice);
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The words in braces of a text.
    fn words(text: &str) -> impl Iterator<Item = &str> {
        text.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0)
    }

    #[test]
    fn every_word_in_braces_is_known_and_comes_to_an_end() {
        let place = |word: &str| PARTS.iter().position(|(name, _)| *name == word).unwrap_or_else(|| panic!("{word}"));
        for (k, (name, choices)) in PARTS.iter().enumerate() {
            assert_eq!(place(name), k, "{name} is there twice");
            // a part is made of parts before it
            assert!(choices.iter().flat_map(|text| words(text)).all(|word| place(word) < k), "{name}");
        }
        let shapes = TOPICS.iter().flat_map(|topic| topic.levels).flatten();
        shapes.flat_map(|shape| words(shape)).for_each(|word| {
            place(word);
        });
    }

    #[test]
    fn the_same_seed_gives_the_same_problems_and_another_one_others() {
        for topic in TOPICS {
            let first = |seed| Problems::new(topic, 2, seed).take(8).collect::<Vec<_>>();
            assert_eq!(first(7), first(7));
            assert_ne!(first(7), first(8), "{}", topic.name);
            let shapes = topic.levels[1].len();
            assert!(first(7).iter().take(shapes).all(|text| !text.contains(['{', '}'])));
        }
    }

    #[test]
    fn topics_are_found_by_all_their_names_and_by_one_only() {
        let mut names: Vec<&str> = TOPICS.iter().flat_map(|topic| topic.other.iter().copied().chain([topic.name])).collect();
        assert!(names.iter().all(|name| topic(&name.to_uppercase()).is_some()));
        let total = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), total);
    }
}
