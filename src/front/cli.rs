//! The command line: what the words mean, and where results and messages go. Results go to standard output, messages to
//! standard error. The only file that knows clap and anstream.

use super::files::{self, Files, Unread};
use super::watch::{Bounds, Watch};
use super::{batch, grade, progress, repl, report, test_runner, tidy};
use crate::budget;
use crate::diagnostic::{code, escape, is_unsafe};
use crate::explain;
use crate::limits::{self, Limit, Limits};
use crate::outcome::Outcome;
use crate::plot::Picture;
use crate::render::document::{Block, Lesson, Title, composed, lesson};
use crate::render::{Form, derivation::Marks, json, svg, text};
use crate::session::{Options, Session};
use crate::source::Source;
use anstream::{AutoStream, ColorChoice};
use clap::builder::PossibleValue;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// A small language for derivatives that people can trust and read.
#[derive(Parser, Debug)]
#[command(name = "grad", version, override_help = HELP)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
    #[command(flatten)]
    shared: Shared,
}

/// All of it on one screen; `grad help COMMAND` has the rest.
const HELP: &str = "\
A small language for derivatives that people can trust and read.

Usage: grad                           talk, line by line, at a terminal
       grad [OPTIONS] FILE...         run programs; `-` is standard input
       grad [OPTIONS] -e CODE         run a line
       grad COMMAND
Commands:
  run FILE...                         run programs
  test [--bless] FILE|DIR...          compare programs with their #> lines
  fmt [--check] FILE|DIR...           write programs in one clear layout
  grade [--sheet FILE] FILE|DIR...    mark learners' check statements
  explain [TOPIC]                     a page about a function, rule, word, code
  batch                               answer JSON lines with JSON lines
  completions SHELL, man, help COMMAND    for the shell; the manual; more help
Options:
  --format text|ascii|json|svg|markdown|latex|html   --color auto|always|never
  --output FILE (.svg .md .tex .html) --timeout SECONDS   --memory MIB
  --limit NAME=N --seed N --width N   -q, --quiet   -h, --help   -V, --version
Examples:
  grad lesson.grad
  grad -e 'plot sin(x)/x for x in -20..20' --output picture.svg
  grad lesson.grad --output lesson.html
  grad explain chain rule
  echo 'x^2 + x^2' | grad -
";

#[derive(Subcommand, Debug)]
enum Command {
    /// Run programs
    Run(Run),
    /// Run programs against their #> lines
    Test {
        /// Programs, or folders of programs
        #[arg(required = true, value_name = "FILE|DIR")]
        paths: Vec<PathBuf>,
        /// Write what is printed into the #> lines
        #[arg(long)]
        bless: bool,
    },
    /// Write programs in one clear layout
    Fmt {
        /// Programs, or folders of programs; `-` is standard input
        #[arg(required = true, value_name = "FILE|DIR")]
        paths: Vec<PathBuf>,
        /// List the programs that would change, and write nothing
        #[arg(long)]
        check: bool,
    },
    /// Mark the check statements of learners' programs
    Grade {
        /// Learners' programs, or folders of them
        #[arg(required = true, value_name = "FILE|DIR")]
        paths: Vec<PathBuf>,
        /// The sheet that was handed out: its problems count where a learner left them out
        #[arg(long, value_name = "FILE")]
        sheet: Option<PathBuf>,
    },
    /// Print a page about a function, a rule, a word of the language, a code or an idea
    Explain {
        /// A name, or any words; without them, the list of topics
        #[arg(value_name = "TOPIC")]
        topic: Vec<String>,
    },
    /// Answer JSON lines from standard input with JSON lines
    Batch,
    /// Print what a shell needs to complete commands and options
    Completions {
        /// Which shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Args, Debug, Default, PartialEq)]
struct Run {
    /// Programs; `-` is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Run this text instead of a file
    #[arg(short = 'e', value_name = "CODE", conflicts_with = "files", allow_hyphen_values = true)]
    code: Option<String>,
}

#[derive(Args, Debug)]
struct Shared {
    /// How results are written
    /// [default: what the ending of the output file asks for, else text]
    #[arg(long, global = true, value_enum)]
    format: Option<Form>,
    /// Write results to this file
    #[arg(long, global = true, value_name = "FILE")]
    output: Option<PathBuf>,
    /// When messages are coloured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Seed for everything random
    #[arg(long, global = true, value_name = "N")]
    seed: Option<u64>,
    /// The most time that a statement may take [default: 10, and 2 in a conversation]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// The most memory that the program may take
    #[arg(long, global = true, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(16..1 << 24))]
    memory: u64,
    /// How many columns a picture may take [default: those of the terminal, else 72]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(20..=400))]
    width: Option<u16>,
    /// Another limit, as in `terms=200000`; `grad explain limits` lists them
    #[arg(long, global = true, value_name = "NAME=N", value_parser = limits::chosen)]
    limit: Vec<(Limit, u64)>,
    /// Print no warnings
    #[arg(long, short, global = true)]
    quiet: bool,
}

impl Shared {
    /// The most time that a statement of a program may take.
    fn time(&self) -> Duration {
        self.timeout.unwrap_or(Duration::from_secs(10))
    }

    /// How many columns the results may take, where that is known.
    fn columns(&self) -> Option<usize> {
        let terminal = || terminal_size::terminal_size_of(io::stdout()).map(|(terminal_size::Width(columns), _)| columns);
        self.width.or_else(|| if self.output.is_none() { terminal() } else { None }).map(usize::from)
    }

    /// How results are written: a file that is called a picture or a document gets one.
    fn form(&self) -> Form {
        let ending = self.output.as_ref().and_then(|path| path.extension()?.to_str());
        self.format.or_else(|| Form::of_ending(ending?)).unwrap_or_default()
    }

    /// The limits beside time and memory.
    fn limits(&self) -> Limits {
        self.limit.iter().fold(Limits::default(), |limits, (limit, allowed)| limits.with(*limit, *allowed))
    }
}

impl ValueEnum for Form {
    fn value_variants<'a>() -> &'a [Self] {
        &Form::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()).help(self.help()))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// Where a terminal shows it
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = "a number of seconds above 0 is needed, such as 2.5";
    let value: f64 = text.parse().map_err(|_| wrong)?;
    if value > 0.0 && value <= 1e6 { Ok(Duration::from_secs_f64(value)) } else { Err(wrong.into()) }
}

/// Wrong usage.
const USAGE: u8 = 2;

/// Runs the program that the command line asks for.
#[must_use]
pub fn main() -> ExitCode {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        // a fault of the program is reported as a diagnostic where it is caught
        std::panic::set_hook(Box::new(|_| {}));
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { USAGE } else { 0 };
            refuse(&error);
            return ExitCode::from(code);
        }
    };
    match dispatch(cli) {
        Ok(code) => ExitCode::from(code),
        Err(Stop::Closed) => ExitCode::SUCCESS,
        Err(Stop::Usage(message)) => {
            let _ = writeln!(io::stderr(), "grad: {}", escape(&message));
            ExitCode::from(USAGE)
        }
    }
}

/// Prints what clap has to say: help as it is, and what repeats the words of the command line without what could fool a terminal.
fn refuse(error: &clap::Error) {
    let text = error.to_string();
    let _ = if text.contains(is_unsafe) { write!(io::stderr(), "{}", escape(&text)) } else { error.print() };
}

/// Why a run ends early.
enum Stop {
    /// Nobody reads the results any more.
    Closed,
    /// Something that was named on the command line cannot be had.
    Usage(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::Closed,
            _ => Stop::Usage(format!("the results cannot be written: {}", files::reason(&error))),
        }
    }
}

fn dispatch(cli: Cli) -> Result<u8, Stop> {
    let shared = &cli.shared;
    if cli.command.is_some() && cli.run != Run::default() {
        return Err(Stop::Usage("a program or `-e` cannot stand before a command; `grad --help` shows the forms".into()));
    }
    match cli.command {
        None => run(cli.run, shared),
        Some(Command::Run(what)) if what.files.is_empty() && what.code.is_none() => {
            Err(Stop::Usage("`grad run` needs a file; `-` is standard input".into()))
        }
        Some(Command::Run(what)) => run(what, shared),
        Some(Command::Test { paths, bless }) => test(&paths, bless, shared),
        Some(Command::Fmt { paths, check }) => {
            let style = report::Style { color: color(shared.color) };
            Ok(tidy::run(
                &paths,
                tidy::Wish { check, quiet: shared.quiet, style, limits: shared.limits() },
                &mut *output(shared)?,
            )?)
        }
        Some(Command::Grade { paths, sheet }) => graded(&paths, sheet.as_deref(), shared),
        Some(Command::Explain { topic }) => explained(&topic.join(" "), shared),
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "grad", &mut text);
            written_out(&text, shared)
        }
        Some(Command::Man) => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            written_out(&text, shared)
        }
        Some(Command::Batch) => {
            let watch = watch(shared);
            batch::run(io::stdin().lock(), output(shared)?, &options(shared, &watch))?;
            Ok(0)
        }
    }
}

fn written_out(text: &[u8], shared: &Shared) -> Result<u8, Stop> {
    let mut out = output(shared)?;
    out.write_all(text)?;
    out.flush()?;
    Ok(0)
}

/// `grad explain`: as the statement of that name, and without a topic the list of them.
fn explained(topic: &str, shared: &Shared) -> Result<u8, Stop> {
    let _watch = watch(shared);
    let text = explain::page(topic).map_err(Stop::Usage)?;
    let text = match (shared.form(), shared.form().document()) {
        (_, Some(mut format)) => {
            let title = Title { text: if topic.is_empty() { "grad" } else { topic }.to_owned(), is_shown: false };
            composed(&mut *format, &title, &[Block::Text(text)])
        }
        (Form::Ascii, _) => Marks::ASCII.folded(&text),
        (Form::Json, _) => format!("{}\n", json::page(topic, &text)),
        _ => text,
    };
    written_out(text.as_bytes(), shared)
}

fn watch(shared: &Shared) -> Watch {
    Watch::start(Bounds { time: shared.time(), memory: shared.memory << 20 }, budget::Stop::default())
}

fn options(shared: &Shared, watch: &Watch) -> Options {
    let progress = Some(progress::teller(watch, shared.quiet));
    let (time, limits, stop, columns) = (Some(shared.time()), shared.limits(), watch.switch(), shared.columns());
    Options { time, limits, stop, progress, columns, pages: explain::page, ..Options::default() }
}

fn output(shared: &Shared) -> Result<Box<dyn Write>, Stop> {
    match &shared.output {
        None => Ok(Box::new(BufWriter::new(io::stdout()))),
        Some(path) => match File::create(path) {
            Ok(file) => Ok(Box::new(BufWriter::new(file))),
            Err(error) => Err(Stop::Usage(format!("{} cannot be written: {}", shown(path), files::reason(&error)))),
        },
    }
}

fn shown(path: &Path) -> String {
    escape(&path.display().to_string()).into_owned()
}

/// What is to be run: each source with the loader of its imports.
fn run(what: Run, shared: &Shared) -> Result<u8, Stop> {
    if what.files.is_empty() && what.code.is_none() && io::stdin().is_terminal() {
        return converse(shared);
    }
    let mut printer = Printer::new(shared)?;
    if let Some(code) = what.code {
        let mut files = Files::within(shared.limits());
        match files.snippet(&code) {
            Ok(source) => printer.program(source, &mut files)?,
            Err(unread) => printer.unread("-e", &unread, "")?,
        }
    } else if what.files.is_empty() {
        printer.file(Path::new("-"))?;
    }
    for path in &what.files {
        printer.file(path)?;
    }
    printer.finished()?;
    Ok(printer.status)
}

/// `grad` alone, at a terminal.
fn converse(shared: &Shared) -> Result<u8, Stop> {
    let form = shared.form();
    if form.document().is_some() {
        return Err(Stop::Usage(format!("a document is made of a program: `grad --format {} FILE`", form.word())));
    }
    let (time, memory) = (shared.timeout.unwrap_or(repl::PATIENCE), shared.memory << 20);
    repl::run(repl::Setup { time, memory, limits: shared.limits(), form, color: color(shared.color), quiet: shared.quiet })?;
    Ok(0)
}

/// Runs programs and writes what they come to.
struct Printer<'s> {
    shared: &'s Shared,
    sheet: Sheet,
    watch: Watch,
    style: report::Style,
    /// How many messages there were.
    told: usize,
    status: u8,
}

/// Where results go.
enum Sheet {
    /// Out, each as soon as it is there.
    Lines(Box<dyn Write>),
    /// Into one picture at the end.
    Pictures(Vec<Picture>),
    /// Into one document at the end.
    Document {
        /// The parts of the programs that are over.
        blocks: Vec<Block>,
        /// The program that runs.
        lesson: Option<Lesson>,
        /// The name of the first one.
        name: Option<String>,
    },
}

impl Sheet {
    fn new(shared: &Shared) -> Result<Self, Stop> {
        let is_document = shared.form().document().is_some();
        if !is_document && shared.form() != Form::Svg {
            return Ok(Sheet::Lines(output(shared)?));
        }
        // the file is made when there is something to write; that its folder is missing is known before
        let folder = shared.output.as_ref().and_then(|path| path.parent()).filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(Stop::Usage(format!("{} is no folder", shown(folder))));
        }
        Ok(match is_document {
            true => Sheet::Document { blocks: Vec::new(), lesson: None, name: None },
            false => Sheet::Pictures(Vec::new()),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Sheet::Lines(out) = self { out.flush() } else { Ok(()) }
    }
}

/// So many messages are drawn; of more, each gets one line.
const DRAWN: usize = 200;

impl<'s> Printer<'s> {
    fn new(shared: &'s Shared) -> Result<Self, Stop> {
        Ok(Printer {
            shared,
            sheet: Sheet::new(shared)?,
            watch: watch(shared),
            style: report::Style { color: color(shared.color) },
            told: 0,
            status: 0,
        })
    }

    /// Runs a file. One that cannot be read is wrong usage, but the others still run.
    fn file(&mut self, path: &Path) -> Result<(), Stop> {
        let mut files = Files::within(self.shared.limits());
        let found = if path == Path::new("-") { files.standard_input() } else { files.program(path) };
        match found {
            Ok(source) => self.program(source, &mut files),
            Err(unread) => self.unread(&shown(path), &unread, &if path.exists() { String::new() } else { hint(path) }),
        }
    }

    /// Says why a text cannot be had: a file that is not there is wrong usage, one that is no program is a wrong program.
    fn unread(&mut self, name: &str, unread: &Unread, hint: &str) -> Result<(), Stop> {
        self.sheet.flush()?;
        let _ = writeln!(io::stderr(), "grad: {name}: {}{hint}", unread.reason);
        self.status = self.status.max(if unread.code == &code::FILE { USAGE } else { 1 });
        Ok(())
    }

    fn program(&mut self, source: Source, files: &mut Files) -> Result<(), Stop> {
        let mut session = Session::new(options(self.shared, &self.watch));
        let mut stopped = None;
        if let Sheet::Document { lesson, name, .. } = &mut self.sheet {
            let stem = Path::new(&source.name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            name.get_or_insert(stem.unwrap_or_default());
            *lesson = Some(Lesson::new(&source));
        }
        self.watch.statement();
        session.run_each(source, files, &mut |session, outcome| {
            if stopped.is_none() {
                stopped = self.outcome(session, &outcome).err();
            }
            if matches!(stopped, Some(Stop::Closed)) {
                // nothing that follows can reach anybody
                std::process::exit(i32::from(self.status));
            }
            self.watch.statement();
        });
        self.watch.idle();
        if let Sheet::Document { blocks, lesson, .. } = &mut self.sheet {
            blocks.extend(lesson.take().into_iter().flat_map(|lesson| lesson.blocks(self.shared.limits())));
        }
        stopped.map_or(Ok(()), Err)
    }

    fn outcome(&mut self, session: &Session, outcome: &Outcome) -> Result<(), Stop> {
        if outcome.is_error() && self.status == 0 {
            self.status = 1;
        }
        let (form, quiet) = (self.shared.form(), self.shared.quiet);
        match &mut self.sheet {
            Sheet::Pictures(pictures) => {
                pictures.extend(outcome.answer.as_ref().and_then(svg::picture));
            }
            Sheet::Document { lesson, .. } => {
                let source = &outcome.text.source;
                let told = outcome.diagnostics.iter().filter(|d| d.is_error() || !quiet);
                let messages = told.map(|diagnostic| report::message(source, diagnostic));
                lesson.iter_mut().for_each(|lesson| lesson.outcome(&session.graph, outcome, messages.clone()));
            }
            Sheet::Lines(out) => {
                match form {
                    Form::Json if outcome.answer.is_some() || !outcome.diagnostics.is_empty() => {
                        writeln!(out, "{}", json::line(&json::outcome(&session.graph, outcome)))?;
                    }
                    Form::Json => {}
                    Form::Ascii => out.write_all(text::outcome(&session.graph, outcome, Marks::ASCII).as_bytes())?,
                    _ => out.write_all(text::outcome(&session.graph, outcome, Marks::UNICODE).as_bytes())?,
                }
                out.flush()?;
            }
        }
        self.messages(outcome)
    }

    /// Writes the picture or the document, where that is what is wanted.
    fn finished(&mut self) -> Result<(), Stop> {
        let text = match (&self.sheet, self.shared.form().document()) {
            (Sheet::Pictures(pictures), _) if pictures.is_empty() => {
                let _ = writeln!(io::stderr(), "grad: nothing here makes a picture; `plot x^2 for x in -1..1` does");
                self.status = self.status.max(1);
                return Ok(());
            }
            (Sheet::Pictures(pictures), _) => svg::document(&pictures.iter().collect::<Vec<_>>()),
            // of a program that cannot be read there is nothing to write
            (Sheet::Document { name: None, .. }, _) => return Ok(()),
            (Sheet::Document { blocks, name: Some(name), .. }, Some(mut format)) => {
                composed(&mut *format, &lesson::title(blocks, name), blocks)
            }
            _ => return Ok(()),
        };
        written_out(text.as_bytes(), self.shared).map(|_| ())
    }

    fn messages(&mut self, outcome: &Outcome) -> Result<(), Stop> {
        let mut text = String::new();
        let source = &outcome.text.source;
        for diagnostic in outcome.diagnostics.iter().filter(|d| d.is_error() || !self.shared.quiet) {
            self.told += 1;
            if self.told <= DRAWN {
                text.push_str(&report::report(source, diagnostic, self.style));
            } else {
                text.push_str(&report::compact(source, diagnostic));
                text.push('\n');
            }
        }
        // where nobody reads the messages the results may still be wanted
        let _ = io::stderr().write_all(text.as_bytes());
        Ok(())
    }
}

/// What was probably meant by a file that is not there: a command, or another program in its folder.
fn hint(path: &Path) -> String {
    let commands = Cli::command();
    let Some(name) = path.to_str() else { return String::new() };
    let edits = |known: &str| crate::resolve::names::distance(known, name);
    let near = commands.get_subcommands().map(clap::Command::get_name).filter(|known| edits(known) <= 1);
    match near.min_by_key(|known| edits(known)) {
        Some(command) => format!("; did you mean `grad {command}`? `grad --help` lists the commands"),
        None => files::neighbour(path).map_or(String::new(), |near| format!("; did you mean {}?", shown(&near))),
    }
}

fn color(choice: Color) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            // the choice alone trusts `CI` and `CLICOLOR` over a terminal that says it is dumb
            AutoStream::choice(&io::stderr()) != ColorChoice::Never
                && (anstyle_query::term_supports_color() || anstyle_query::clicolor_force())
        }
    }
}

/// Programs, and the programs in folders.
fn programs(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let mut programs = Vec::new();
    for path in paths {
        if path.is_dir() {
            programs.extend(files::programs_under(path).map_err(|reason| Stop::Usage(format!("{}: {reason}", shown(path))))?);
        } else {
            programs.push(path.clone());
        }
    }
    Ok(programs)
}

// ---- grad grade

fn graded(paths: &[PathBuf], sheet: Option<&Path>, shared: &Shared) -> Result<u8, Stop> {
    let programs = programs(paths)?;
    let watch = watch(shared);
    let mut out = output(shared)?;
    let options = options(shared, &watch);
    let unread = |path: &Path, reason: String| Stop::Usage(format!("{}: {reason}", shown(path)));
    let problems = match sheet {
        Some(sheet) => grade::problems_of(sheet, &options, &watch).map_err(|reason| unread(sheet, reason))?,
        None => Vec::new(),
    };
    let marked =
        programs.iter().map(|path| grade::grade(path, &problems, &options, &watch).map_err(|reason| unread(path, reason)));
    let grades = marked.collect::<Result<Vec<_>, _>>()?;
    match shared.form() {
        Form::Json => grades.iter().try_for_each(|grade| writeln!(out, "{}", json::line(&grade::object(grade))))?,
        _ => write!(out, "{}", grade::table(&grades))?,
    }
    out.flush()?;
    Ok(0)
}

// ---- grad test

fn test(paths: &[PathBuf], bless: bool, shared: &Shared) -> Result<u8, Stop> {
    let programs = programs(paths)?;
    let watch = watch(shared);
    let mut out = output(shared)?;
    let (mut failed, mut checked) = (0, 0);
    for program in &programs {
        let report = test_runner::test(program, &options(shared, &watch), &watch)
            .map_err(|reason| Stop::Usage(format!("{}: {reason}", shown(program))))?;
        checked += report.checked;
        if bless {
            written(program, &report)?;
        } else if !report.failures.is_empty() {
            failed += 1;
            report.failures.iter().try_for_each(|failure| write!(out, "{failure}"))?;
        }
    }
    if !shared.quiet || failed > 0 {
        writeln!(out, "{}", summary(programs.len(), checked, failed, bless))?;
    }
    out.flush()?;
    Ok(u8::from(failed > 0))
}

/// Writes a program anew where its expectations changed.
fn written(path: &Path, report: &test_runner::Report) -> Result<(), Stop> {
    let old = std::fs::read_to_string(path).unwrap_or_default();
    if old == report.blessed {
        return Ok(());
    }
    std::fs::write(path, &report.blessed)
        .map_err(|error| Stop::Usage(format!("{} cannot be written: {}", shown(path), files::reason(&error))))
}

fn summary(programs: usize, checked: usize, failed: usize, bless: bool) -> String {
    let plural = if programs == 1 { "" } else { "s" };
    match (bless, failed) {
        (true, _) => format!("{programs} program{plural}: expected lines written"),
        (false, 0) => format!("{programs} program{plural}, {checked} statements as expected"),
        (false, n) => format!("{n} of {programs} program{plural} differ"),
    }
}
