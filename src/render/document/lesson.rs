//! A program as a lesson: its text in order, narrative and statements, with what each statement came to behind the line on which
//! it ends.

use super::{Block, Message, Title, answer, narrative, trimmed};
use crate::diagnostic::code;
use crate::expr::Graph;
use crate::limits::Limits;
use crate::outcome::Outcome;
use crate::source::Source;
use crate::syntax::ast::StatementKind;
use crate::syntax::parse_program_within;

/// The text of a program, and what its statements have come to so far.
#[derive(Clone, Debug)]
pub struct Lesson {
    source: Source,
    /// Where statements end, with their blocks.
    answers: Vec<(u32, Vec<Block>)>,
    /// What was said of imported texts, until the statement that imports them is told.
    pending: Vec<Block>,
}

impl Lesson {
    /// A lesson whose statements did not run yet.
    #[must_use]
    pub fn new(source: &Source) -> Self {
        Lesson { source: source.clone(), answers: Vec::new(), pending: Vec::new() }
    }

    /// Takes in what a statement came to, with its messages.
    pub fn outcome(&mut self, g: &Graph, outcome: &Outcome, messages: impl Iterator<Item = Message>) {
        let blocks = outcome.answer.iter().flat_map(|found| answer::blocks(g, found));
        // that a line does not follow stands beside the line
        let messages = messages.filter(|message| message.code != code::LINE.id);
        self.pending.extend(blocks.chain(messages.map(Block::Message)));
        if outcome.text.source.name == self.source.name {
            self.answers.push((outcome.span.end, std::mem::take(&mut self.pending)));
        }
    }

    /// The blocks in the order of the text.
    #[must_use]
    pub fn blocks(self, limits: Limits) -> Vec<Block> {
        let Lesson { source, mut answers, pending } = self;
        answers.sort_by_key(|(end, _)| *end);
        let mut answers = answers.into_iter().peekable();
        let mut out = Writer::default();
        for line in lines(&source, limits) {
            match line.kind {
                Kind::Narrative => out.told(line.text),
                Kind::Expected => {}
                Kind::Code => out.typed(line.text),
            }
            while let Some((_, blocks)) = answers.next_if(|(end, _)| *end <= line.end) {
                out.answered(blocks);
            }
        }
        answers.for_each(|(_, blocks)| out.answered(blocks));
        out.answered(pending);
        out.finished()
    }
}

/// What a document with these blocks is called: its first heading, else this name.
#[must_use]
pub fn title(blocks: &[Block], name: &str) -> Title {
    let headings = blocks.iter().filter_map(|block| match block {
        Block::Narrative(text) => narrative::title(text),
        _ => None,
    });
    match headings.into_iter().next() {
        Some(text) => Title { text, is_shown: true },
        None => Title { text: name.to_owned(), is_shown: false },
    }
}

enum Kind {
    Narrative,
    Expected,
    Code,
}

struct Line<'s> {
    kind: Kind,
    text: &'s str,
    end: u32,
}

/// The lines of the text, narrative without its signs.
fn lines(source: &Source, limits: Limits) -> Vec<Line<'_>> {
    let parsed = parse_program_within(source, limits.into());
    let mut special = parsed
        .statements
        .iter()
        .filter_map(|statement| match statement.kind {
            StatementKind::Narrative(span) => Some((span, true)),
            StatementKind::Expected(span) => Some((span, false)),
            _ => None,
        })
        .peekable();
    let mut out = Vec::new();
    let mut start = 0;
    let length = u32::try_from(source.text.len()).unwrap_or(u32::MAX);
    while start < length {
        let span = source.line_span(start);
        let found = special.next_if(|(inner, _)| inner.start <= span.end);
        let (kind, text) = match found {
            Some((inner, true)) => (Kind::Narrative, source.slice(inner)),
            Some((inner, false)) => (Kind::Expected, source.slice(inner)),
            None => (Kind::Code, source.slice(span).trim_start_matches('\u{feff}')),
        };
        out.push(Line { kind, text, end: span.end });
        let rest = source.text.get(span.end as usize..).unwrap_or("");
        start = span.end + if rest.starts_with("\r\n") { 2 } else { 1 };
    }
    out
}

/// Puts lines together.
#[derive(Default)]
struct Writer {
    blocks: Vec<Block>,
    narrative: String,
    code: String,
}

impl Writer {
    fn told(&mut self, line: &str) {
        self.code_ends();
        self.narrative.push_str(line.strip_prefix(' ').unwrap_or(line).trim_end());
        self.narrative.push('\n');
    }

    fn typed(&mut self, line: &str) {
        // an empty line between two of narrative ends a paragraph
        if line.trim().is_empty() && !self.narrative.is_empty() {
            self.narrative.push('\n');
            return;
        }
        self.narrative_ends();
        self.code.push_str(line.trim_end());
        self.code.push('\n');
    }

    fn answered(&mut self, blocks: Vec<Block>) {
        if !blocks.is_empty() {
            self.narrative_ends();
            self.code_ends();
            self.blocks.extend(blocks);
        }
    }

    fn narrative_ends(&mut self) {
        let text = std::mem::take(&mut self.narrative);
        if !text.trim().is_empty() {
            self.blocks.push(Block::Narrative(trimmed(&text).to_owned()));
        }
    }

    fn code_ends(&mut self) {
        let text = std::mem::take(&mut self.code);
        if !text.trim().is_empty() {
            self.blocks.push(Block::Code(trimmed(&text).to_owned()));
        }
    }

    fn finished(mut self) -> Vec<Block> {
        self.narrative_ends();
        self.code_ends();
        self.blocks
    }
}
