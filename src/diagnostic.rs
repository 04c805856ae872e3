//! Diagnostics as plain data, and the one table of codes. Nothing here draws anything:
//! the front end does. A new kind of error is one entry of `codes!` below.

use crate::budget::Exhausted;
use crate::limits::Limit;
use crate::source::Span;
use std::borrow::Cow;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not what was meant; the program runs.
    Warning,
    /// The statement has no result.
    Error,
}

/// One kind of diagnostic, with what a learner should know about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `E0101`. The hundreds are the stage: 01 syntax, 02 names, 03 mathematics, 04 limits,
    /// 05 files and command line; `W06xx` are warnings.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What it means and what to do, for somebody who meets it for the first time.
    pub meaning: &'static str,
    /// A small program that triggers it; empty where no program can (files, command line).
    pub example: &'static str,
}

/// A stretch of the source with a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// The remark; may be empty.
    pub text: String,
    /// Whether this is the place of the fault itself (otherwise, a place that explains it).
    pub primary: bool,
}

/// One message to a person. It names its source by spans only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Which kind it is.
    pub code: &'static Code,
    /// What is wrong, in one sentence, without a full stop.
    pub message: String,
    /// Where, the primary label first.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// The corrected input, where one is clear: the whole statement.
    pub correction: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without labels; ids that begin with `W` are warnings.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        let severity = if code.id.starts_with('W') { Severity::Warning } else { Severity::Error };
        Diagnostic { severity, code, message: message.into(), labels: Vec::new(), help: None, correction: None }
    }

    /// What is said of a statement that was stopped before its end.
    #[must_use]
    pub fn stopped(reason: Exhausted) -> Self {
        let message = reason.to_string();
        match reason {
            Exhausted::Memory => Diagnostic::new(&code::MEMORY, message).help("--memory sets another limit"),
            Exhausted::Time(_) => Diagnostic::new(&code::BUDGET, message).help("--timeout sets another limit"),
            Exhausted::Work(_) => Diagnostic::beyond(Limit::Work, message),
            Exhausted::Nodes(_) => Diagnostic::beyond(Limit::Nodes, message),
            Exhausted::Cancelled => Diagnostic::new(&code::BUDGET, message),
        }
    }

    /// What is said of something beyond a limit: its code, and how to set another.
    #[must_use]
    pub fn beyond(limit: Limit, message: impl Into<String>) -> Self {
        Diagnostic::new(find(limit.facts().code).unwrap_or(&code::BUDGET), message).help(limit.advice())
    }

    /// With another severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// With the place of the fault.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: true });
        self
    }

    /// With a place that explains the fault.
    #[must_use]
    pub fn see(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the corrected input.
    #[must_use]
    pub fn correction(mut self, correction: impl Into<String>) -> Self {
        self.correction = Some(correction.into());
        self
    }

    /// The span of the fault: that of the first primary label, else of the first label.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        let primary = self.labels.iter().find(|label| label.primary);
        primary.or(self.labels.first()).map(|label| label.span)
    }

    /// Whether the statement has no result because of this.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Whether a character must not reach a terminal or a page as it is: controls (but not the line
/// feed and the tab), characters that turn the direction of writing, and invisible ones.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with unsafe characters written as `\u{202e}`.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unsafe(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The text as it can stand inside a sentence: escaped, on one line, at most 60 characters.
#[must_use]
pub fn quote(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut line: String = text.chars().take(LONGEST + 1).map(|c| if c == '\n' || c == '\t' { ' ' } else { c }).collect();
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    escape(&line).into_owned()
}

/// The code with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id))
}

macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $meaning:literal, $example:literal;)*) => {
        /// The codes by name.
        pub mod code {
            use super::Code;
            $(#[doc = concat!($id, ": ", $title)]
            pub static $name: Code = Code { id: $id, title: $title, meaning: $meaning, example: $example };)*
        }
        /// Every code, in the order of the table.
        pub static ALL: &[&Code] = &[$(&code::$name),*];
    };
}

// NAME = id, title, meaning, a program that triggers it.
codes! {
    UNEXPECTED = "E0101", "unexpected input",
        "The program reads as mathematics up to this place; what stands here cannot come next.", "x + * 2";
    UNFINISHED = "E0102", "unfinished statement",
        "The statement ends where something must still follow, such as the right side of `+`.", "x +";
    UNCLOSED = "E0103", "bracket never closed",
        "Every `(` needs its `)` and every `[` its `]`. The message points at the opening one.", "sin(x + 1";
    MISMATCHED = "E0104", "brackets do not match",
        "A `(` is closed by `)` and a `[` by `]`; a closing bracket needs an opening one before it.", "(x + 1]";
    EMPTY = "E0105", "nothing between the brackets",
        "Parentheses hold an expression, brackets the entries of a vector, commas separate two things.", "()";
    TWO_OPERANDS = "E0106", "no operator between two values",
        "A product of names is written with `*`: `x*y`. Only a number may stand directly before a name: `2x`.", "x y";
    CALL_PARENTHESES = "E0107", "a function's argument needs parentheses",
        "Paper allows `sin x`; here it is `sin(x)`, so that nobody must guess where the argument ends.", "log x";
    AMBIGUOUS = "E0108", "two readings",
        "`1/2x` can mean `(1/2)*x` or `1/(2*x)`: people disagree, so the program asks. Write the `*` and the parentheses.", "1/2x";
    LEIBNIZ = "E0109", "where a d/dx ends",
        "`d/dx` takes the one power, call or parenthesised expression that follows it. Beside `*` or `/` parentheses show how far it reaches: `d/dx(x^2)*y` or `(d/dx x^2)*y`.", "d/dx x^2 * y";
    NUMBER = "E0110", "malformed number",
        "A number has at most one decimal point, with digits after it, and digits after the `e` of its exponent.", "1.2.3";
    CHARACTER = "E0111", "character that is no part of the language",
        "Some characters look like mathematics but are not operators here, or cannot be seen at all. The message names the character.", "x ¿ y";
    FOREIGN = "E0112", "written as in another language",
        "The sign comes from another language or from paper; the message shows how it is written here.", "a && b";
    STRING = "E0113", "string never closed",
        "A string ends with the same straight quote on the same line.", "import \"losses.grad";
    DEFINITION = "E0114", "a definition begins with let or fn",
        "`let x = 1` names a value and `fn f(x) = x^2` a function. A bare `=` is neither: equality is tested with `==`.", "x = 1";
    TARGET = "E0115", "only a name can be defined",
        "Left of the `=` of a definition stands a name, or a function's name with parameter names in parentheses.", "3 = x";
    KEYWORD = "E0116", "a word of the language used as a name",
        "Words such as `let`, `if` and `at` have a fixed meaning and cannot name a value.", "let if = 3";
    CLAUSE = "E0117", "clause in the wrong form",
        "Clauses follow an expression, in any order, each once: wrt x, y; at x = 1; for x in 0..10; assuming x > 0; with name = value.", "diff x^2 wrt x wrt x";
    COMMAND = "E0118", "word that is no command",
        "The statement begins with a word that other systems have as a command.", "differentiate x^2";
    DERIVATIVE = "E0119", "derivative in the wrong form",
        "A derivative names the variable: `diff(x^2, x)`, and after it, if wanted, the order: `diff(x^2, x, 2)`.", "diff(x^2, 3)";
    SERIES = "E0120", "indexed form of another function",
        "Only `sum` and `prod` run an index: `sum(i in 1..n: i^2)`.", "max(i in 1..3: i)";
    INFINITY = "E0121", "inf outside a range",
        "`inf` is no number; it stands only as an end of a range: `for x in 0..inf`.", "inf + 1";
    CONDITIONAL = "E0122", "conditional in the wrong form",
        "A conditional is `if c then a else b`. Inside another expression, or after `then`, it is parenthesised.", "1 + if x > 0 then 1 else 2";
    RULE = "E0123", "not a rule",
        "A rule is `left = right`, and after it, if needed, `where` with conditions.", "";
    UNKNOWN_FUNCTION = "E0201", "unknown function",
        "A function must be one of the language's or be defined before it is used. A name that is no function is a free symbol.", "sine(x)";
    NOT_A_FUNCTION = "E0202", "a value called like a function",
        "A name directly before `(` is called. If a product was meant, it needs its `*`.", "x(y + 1)";
    NO_ARGUMENT = "E0203", "function without its argument",
        "A function alone is no number: it needs its arguments in parentheses.", "sin + 1";
    ARITY = "E0204", "wrong number of arguments",
        "Each function takes a fixed number of arguments, or one vector, or a list of numbers.", "log(x, 2)";
    RECURSION = "E0205", "defined by itself",
        "A definition may use only what was defined before it. The message shows the way that leads back.", "fn f(x) = x*f(x - 1)";
    NAME_TAKEN = "E0206", "name that cannot be redefined",
        "Constants and the language's own functions keep their meaning everywhere.", "let pi = 3";
    NUMBER_NEEDED = "E0207", "condition where a number is needed",
        "A comparison is true or false and no number. A choice between numbers is `if c then a else b`.", "1 + (x > 0)";
    CONDITION_NEEDED = "E0208", "number where a condition is needed",
        "After `if`, `assume`, `assuming`, `not`, `and` and `or` stands something that is true or false.", "assume x + 1";
    LENGTHS = "E0209", "vectors of different lengths",
        "Arithmetic on vectors works entry by entry, so the lengths must agree.", "[1, 2] + [1, 2, 3]";
    INDEX = "E0210", "no such entry",
        "Entries of a vector are numbered from 1 by whole numbers.", "[1, 2, 3][4]";
    VECTOR = "E0211", "vector where a number is needed",
        "Some places take one number only; name the entry that is meant, or take the sum or the mean.", "simplify [[1, 2], 3]";
    VECTOR_NEEDED = "E0212", "number where a vector is needed",
        "Only a vector has entries, and `dot` multiplies two vectors.", "dot(x, 2)";
    NO_VARIABLE = "E0213", "not a variable",
        "A derivative is taken by a variable: a free symbol, a parameter, an input or a stage, but not by a constant or a function.", "diff(x^2, pi)";
    PRIME = "E0214", "a prime that does not say by what",
        "A prime differentiates a function of one argument. With several arguments, diff(…, x) names the variable.", "atan2'(y, x)";
    RANGE = "E0215", "range without whole numbers",
        "An index runs from one whole number to another.", "sum(i in 0.5..3: i)";
    TOO_MANY_TERMS = "E0216", "too many terms",
        "A sum over the entries of a vector is written out, and one that is evaluated is run through, up to a limit. `--limit terms=N` sets another.", "sum(i in 1..1000000: x[i])";
    DATA = "E0217", "no such data set",
        "A name with a dot is a column of a data set.", "moons.x1 + 1";
    CLAUSE_UNUSED = "E0218", "clause without a meaning here",
        "Each command takes its own clauses: `wrt` where a derivative is taken, `at` where values are wanted.", "simplify x wrt x";
    SETTING = "E0219", "no such setting",
        "A `with` clause sets what its command offers, such as `with detail = brief` after `derive`.", "derive x^2 wrt x with colour = red";
    WRT = "E0220", "the variable is missing",
        "Where several symbols occur, `wrt x` says which one varies.", "diff x*y";
    BROKEN = "E0221", "name whose definition has an error",
        "The definition of this name was refused, so there is nothing that it could stand for.", "";
    TWO_DATA_SETS = "E0222", "columns of two data sets in one reduction",
        "A mean or a sum runs over the rows of one data set; a column of another has no value there.", "";
    ALONG = "E0230", "range that cannot be looked along",
        "`plot`, `table` and `saturation` look along a variable from a smaller to a larger number: `for x in 0..10`.", "plot x^2";
    NO_DERIVATIVE = "E0301", "no derivative",
        "The expression has no derivative by this variable that the rules can find. The message says which part stands in the way.", "diff sum(i in 1..n: x^i) wrt n";
    NO_VALUE = "E0302", "no value",
        "A value is needed, and a symbol has none, or the expression is undefined there.", "eval x + y at x = 1";
    ASSERTION = "E0303", "assertion failed",
        "`assert` says nothing where its condition holds. The message shows where it does not.", "assert 1 + 1 == 3";
    WRONG_STEP = "E0304", "a step failed its check",
        "Every step of a derivation is proved or compared at sample points. One that fails is not shown: it is a fault of the program.", "";
    ORDER = "E0305", "order too high",
        "Derivatives are taken up to a limit of their order. `--limit order=N` sets another.", "diff(x, x, 100000)";
    ROW = "E0306", "row in which the expression has no value",
        "A mean or a sum over rows needs a value in every row. The message names the first row that has none, and the values of its columns.", "";
    CONTRADICTION = "E0307", "assumptions that contradict each other",
        "No point satisfies all that is assumed. From a contradiction anything would follow, so the assumption is refused.", "assume x > 0; assume x < -1";
    LINE = "E0308", "a line that does not follow",
        "`check` compares each line with the one above. This one has another value at the point that is shown. The lines after it are compared with it as it stands.", "check d/dx sin(x^2) = cos(x^2)";
    NO_LINES = "E0309", "nothing to check",
        "`check` needs the lines of a derivation, each beginning with `=`, or two expressions: `check A == B`.", "check d/dx sin(x^2)";
    LOG_AXIS = "E0310", "not positive on a logarithmic axis",
        "Equal lengths of a logarithmic axis are equal factors, so 0 and negative numbers have no place on it. The message says where they are.", "plot x for x in 1..10 with log = xy; plot sin(x) for x in 1..10 with log = y";
    NO_LARGEST = "E0311", "no largest slope",
        "A function is saturated where its slope is a small share of its largest one. Where that has no bound, or no certain one, there is nothing to compare with.", "saturation sqrt(x) for x in 0..1";
    NESTING = "E0401", "nested too deeply",
        "Brackets, signs, powers and conditionals may stand inside one another only to a limit, so that every input is answered quickly. `--limit nesting=N` sets another.", "";
    TOO_MANY = "E0402", "too many errors",
        "After a number of errors the rest is only counted. `--limit messages=N` shows more.", "";
    TOO_LARGE = "E0403", "text too large",
        "A program's text has a limit of its size. `--limit text=N` sets another, in bytes.", "";
    BUDGET = "E0404", "stopped",
        "A statement has a limit of time, so that every input is answered, and Ctrl-C stops it. `--timeout` sets another limit.", "";
    NUMBER_SIZE = "E0405", "number too large",
        "Numbers are held exactly, up to a limit of about a million digits. `--limit bits=N` sets another, in bits.", "1e9999999999";
    INTERNAL = "E0406", "fault of the program",
        "Something happened that must not. The other statements still run; please report the statement.", "";
    MEMORY = "E0407", "out of memory",
        "A run has a limit of memory. What was defined before stays. `--memory` sets another limit, in MiB.", "";
    TOO_LONG = "E0408", "result too long",
        "A result that nobody could read is not written out: what is expanded has a limit of terms. `--limit expanded=N` sets another.", "expand (x + y + z + 1)^200";
    WORK = "E0409", "too much work",
        "What a statement means is worked out in steps that are counted, so that the same program stops at the same place on every machine. `--limit work=N` allows more.", "";
    NODES = "E0410", "expression too large",
        "A statement may make a million new nodes: the parts of expressions, and of all that is tried on the way. `--limit nodes=N` allows more.", "";
    TOO_MANY_DIGITS = "E0411", "too many digits",
        "A value has its digits up to a limit. `--limit digits=N` allows more.", "eval pi with digits = 1_000_000";
    TOO_MANY_IMPORTS = "E0412", "imports too deep",
        "A file may import one that imports another, and so on, up to a limit. `--limit imports=N` sets another.", "";
    TOO_MANY_ENTRIES = "E0413", "vector too long",
        "A vector has a limit of entries. Data of any length stands in a file: `data NAME = \"FILE\"`.", "";
    ENCODING = "E0501", "not UTF-8 text",
        "A program is UTF-8 text. Save it as UTF-8 in the editor.", "";
    FILE = "E0502", "file that cannot be read",
        "The file is not there, is no file, or may not be read.", "";
    IMPORT = "E0503", "import that cannot be had",
        "An imported file stands under the folder of the program, and has no errors of its own.", "import \"missing.grad\"";
    IMPORT_CYCLE = "E0504", "files that import one another",
        "A file cannot import itself, directly or through others. The message shows the way.", "";
    REQUEST = "E0505", "request that cannot be read",
        "A line of `grad batch` is a JSON object with `op` and the fields of that operation.", "";
    DATA_FILE = "E0506", "data that cannot be read",
        "A data set is a file of columns with names: CSV, JSON lines, Parquet or Arrow. The message says what is wrong with it, and where.", "data moons = \"missing.csv\"";
    DATA_VALUE = "E0507", "value in a data set that is no number",
        "A column that is used holds numbers, true and false. `with missing = skip` after `data` leaves rows with a missing value out.", "";
    TOPIC = "E0508", "no such page",
        "`explain` knows functions, rules, words of the language, codes of messages and ideas. `grad explain` lists them; any words search.", "explain chian";
    CURVE = "E0509", "log that tells no law",
        "`curve` needs a column of losses, by name or by `with loss = …`, and finite losses at eight different steps at least.", "";
    REDEFINED = "W0601", "defined again",
        "A name got a second meaning; what was defined before with its first meaning keeps that.", "let a = 1; let a = 2";
    UNUSED = "W0602", "value that is not used",
        "An `at` clause gives a value to a name that the expression does not depend on.", "eval x^2 at x = 1, y = 2";
    MISSPELT = "W0603", "nearly a defined name",
        "A name that nothing defines is a free symbol. This one is one edit away from a name that is defined.", "let loss = x^2; los + 1";
    ABSENT = "W0604", "variable that does not occur",
        "The expression does not depend on this variable, so its derivative by it is 0.", "diff x^2 wrt y";
    DOMAINS = "W0605", "equal, with different domains",
        "The two sides agree wherever both have a value, but there are points where only one of them has. Assume what the other needs, if that is meant.", "assert sqrt(x)^2 == x";
    PLAIN = "W0606", "value that plain code loses",
        "grad found the value through a form that keeps its digits; the operations as typed, each rounded to f64, overflow or cancel here.", "eval exp(x) - 1 at x = 1e-17";
    FRAGILE = "W0607", "form that overflows in plain code",
        "grad takes the slope of the function that the form stands for; written like this in a program of its own, the form overflows for inputs that a training run meets.", "param w = 1; grad log(1 + exp(w*x))";
    SKIPPED = "W0608", "rows left out",
        "`with missing = skip` leaves out the rows that have no value in a column that the statement uses. The note says how many.", "";
    MISSING = "W0609", "part without a value",
        "The statement has no value, or no slope, at this point because the marked part has none: a function outside of its domain, a pole, a kink, or a number beyond the largest f64.", "eval 1 + log(x - 3) at x = 1";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_in_order() {
        assert!(ALL.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert_eq!(find("e0101"), Some(&code::UNEXPECTED));
        assert_eq!(find("E9999"), None);
    }

    #[test]
    fn unsafe_characters_are_written_out() {
        assert_eq!(escape("a\u{202e}b\u{1b}"), "a\\u{202e}b\\u{1b}");
        assert!(matches!(escape("π + x"), Cow::Borrowed(_)));
        assert_eq!(quote(&"a".repeat(100)).chars().count(), 61);
    }
}
