//! Words → lines: indentation, and the breaking of lines that are too long. It knows nothing of the language.

use super::COLUMNS;

/// A step of indentation.
const INDENT: usize = 4;

/// No line is indented further: what stands deeper still is to be read too.
const DEEPEST: usize = 40;

/// Breaks inside brackets come after those outside of them.
const RANKS: u32 = 8;

/// What a word does to the brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    Opens,
    Closes,
    None,
}

/// A piece of a line that cannot be broken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'t> {
    pub text: &'t str,
    /// Whether a space stands before it, where it is not the first of a line.
    pub space: bool,
    /// How good a place for a break is before it: 0 is the best.
    pub rank: Option<u32>,
    pub bracket: Bracket,
    /// Whether a statement begins with it.
    pub begins: bool,
}

impl Word<'_> {
    pub(super) fn semicolon() -> Self {
        Word { text: ";", space: false, rank: None, bracket: Bracket::None, begins: false }
    }
}

/// Writes lines.
pub(super) struct Writer {
    pub out: String,
    /// For each open bracket, the indentation of the line on which it was opened.
    open: Vec<usize>,
    has_blank: bool,
    /// The columns of the last line.
    width: usize,
}

impl Writer {
    pub(super) fn new(size: usize) -> Self {
        Writer { out: String::with_capacity(size + size / 8), open: Vec::new(), has_blank: false, width: 0 }
    }

    /// An empty line, unless the text begins or ends with it, or one is there.
    pub(super) fn blank(&mut self) {
        self.has_blank = !self.out.is_empty();
    }

    fn begin_line(&mut self, indent: usize) {
        if std::mem::take(&mut self.has_blank) {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.width = indent;
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.width += text.chars().count();
    }

    /// A line as it was typed.
    pub(super) fn line_as_it_is(&mut self, line: &str) {
        self.begin_line(0);
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Takes notice of a token that stands on such a line.
    pub(super) fn pass(&mut self, bracket: Bracket, begins: bool) {
        self.note(bracket, begins, 0);
    }

    fn note(&mut self, bracket: Bracket, begins: bool, indent: usize) {
        if begins {
            self.open.clear();
        }
        match bracket {
            Bracket::Opens => self.open.push(indent),
            Bracket::Closes => _ = self.open.pop(),
            Bracket::None => {}
        }
    }

    /// How far a line that goes on with these words is indented: with the line that opened the brackets it closes, else one
    /// step further than the line that opened the innermost one.
    fn indent(&self, words: &[Word]) -> usize {
        let Some(first) = words.first() else { return self.inner() };
        if first.begins {
            return 0;
        }
        let closed = words.iter().take_while(|word| word.bracket == Bracket::Closes).count();
        match closed {
            0 => self.inner(),
            n => self.open.len().checked_sub(n).map_or(0, |at| self.open[at]),
        }
    }

    fn inner(&self) -> usize {
        self.open.last().map_or(INDENT, |indent| (indent + INDENT).min(DEEPEST))
    }

    /// The words on a line, or on several where they do not fit on one.
    pub(super) fn lines(&mut self, words: &[Word]) {
        let mut rest = words;
        while !rest.is_empty() {
            let indent = self.indent(rest);
            let (line, later) = rest.split_at(self.fitting(rest, indent));
            self.begin_line(indent);
            for (at, word) in line.iter().enumerate() {
                if at > 0 && word.space {
                    self.push(" ");
                }
                self.push(word.text);
                self.note(word.bracket, word.begins, indent);
            }
            self.out.push('\n');
            rest = later;
        }
    }

    /// How many of the words make a line: all where they fit, else up to the best place for a break.
    fn fitting(&self, words: &[Word], indent: usize) -> usize {
        let mut depth = if words[0].begins { 0 } else { u32::try_from(self.open.len()).unwrap_or(u32::MAX) };
        let mut width = indent;
        let mut best: Option<(u32, usize)> = None;
        for (at, word) in words.iter().enumerate() {
            if at > 0 {
                if let Some(rank) = word.rank {
                    let rank = depth.saturating_mul(RANKS).saturating_add(rank);
                    if best.is_none_or(|(least, _)| width <= COLUMNS && rank <= least) {
                        best = Some((rank, at));
                    }
                }
                width += usize::from(word.space);
            }
            width += word.text.chars().count();
            if let Some((_, at)) = best
                && width > COLUMNS
            {
                return at;
            }
            depth = match word.bracket {
                _ if word.begins => u32::from(word.bracket == Bracket::Opens),
                Bracket::Opens => depth.saturating_add(1),
                Bracket::Closes => depth.saturating_sub(1),
                Bracket::None => depth,
            };
        }
        words.len()
    }

    /// A comment with a line of its own; inside a statement it is indented as the rest of it.
    pub(super) fn comment_line(&mut self, text: &str, inside: bool) {
        let indent = if inside { self.indent(&[]) } else { 0 };
        self.begin_line(indent);
        self.push(text);
        self.out.push('\n');
    }

    /// A comment at the end of the last line: in the column in which it stood, where there is room.
    pub(super) fn comment(&mut self, text: &str, column: usize) {
        let nearest = self.width + 2;
        let column = if column <= COLUMNS { column.max(nearest) } else { nearest };
        self.out.truncate(self.out.len() - 1);
        self.out.extend(std::iter::repeat_n(' ', column - self.width));
        self.push(text);
        self.out.push('\n');
    }
}
