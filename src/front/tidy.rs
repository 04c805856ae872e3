//! `grad fmt`: files in, files out. A file is replaced in one step, so that it is never half written, and only where its text
//! changes.

use super::files::{Files, Unread, programs_under, reason};
use super::report::{Style, report};
use crate::diagnostic::{code, escape};
use crate::limits::Limits;
use crate::source::Source;
use crate::syntax::format::{Formatted, format};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How programs are formatted.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Only look: the files that would change are listed.
    pub check: bool,
    /// Say nothing of files that were written.
    pub quiet: bool,
    /// How messages look.
    pub style: Style,
    /// How large a program may be.
    pub limits: Limits,
}

/// Formats programs, and those in folders; `-` is standard input, which goes to `out`. The exit status: 0 where all is well,
/// 1 where a program has an error or, with `check`, would change, 2 where a file cannot be read or written.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(paths: &[PathBuf], wish: Wish, out: &mut dyn Write) -> io::Result<u8> {
    let (mut status, mut programs) = (0, Vec::new());
    for path in paths {
        if path.is_dir() {
            match programs_under(path) {
                Ok(found) => programs.extend(found),
                Err(reason) => status = told(path, &reason, 2),
            }
        } else {
            programs.push(path.clone());
        }
    }
    let mut changed = 0;
    for path in &programs {
        let worst = match tidied(path, wish.limits) {
            Ok(found) => {
                changed += usize::from(found.changes());
                one(path, &found, wish, out)?
            }
            Err(unread) => told(path, &unread.reason, if unread.code == &code::FILE { 2 } else { 1 }),
        };
        status = status.max(worst);
    }
    if !wish.quiet && paths != [Path::new("-")] {
        let (all, s) = (programs.len(), if programs.len() == 1 { "" } else { "s" });
        let what = if wish.check { "would change" } else { "changed" };
        writeln!(out, "{all} program{s}, {changed} {what}")?;
    }
    out.flush()?;
    Ok(status)
}

/// Says why nothing was done with a file; the exit status for it.
fn told(path: &Path, reason: &str, status: u8) -> u8 {
    let _ = writeln!(io::stderr(), "grad: {}: {reason}", escape(&path.display().to_string()));
    status
}

/// Reports what is wrong with a program, and writes it where it changes; the exit status.
fn one(path: &Path, found: &Tidied, wish: Wish, out: &mut dyn Write) -> io::Result<u8> {
    for diagnostic in &found.formatted.diagnostics {
        // where nobody reads the messages the program may still be wanted
        let _ = io::stderr().write_all(report(&found.source, diagnostic, wish.style).as_bytes());
    }
    let failed = !found.formatted.diagnostics.is_empty();
    if wish.check {
        if found.changes() {
            writeln!(out, "{}", escape(&found.source.name))?;
        }
        return Ok(u8::from(failed || found.changes()));
    }
    if path == Path::new("-") {
        out.write_all(found.formatted.text.as_bytes())?;
    } else if found.changes()
        && let Err(reason) = replace(path, &found.formatted.text)
    {
        return Ok(told(path, &reason, 2));
    }
    Ok(u8::from(failed))
}

/// What became of one program.
pub struct Tidied {
    /// The text as it was.
    pub source: Source,
    /// The text as it should be, and what is wrong with it.
    pub formatted: Formatted,
}

impl Tidied {
    fn new(source: Source) -> Self {
        let formatted = format(&source);
        Tidied { source, formatted }
    }

    /// Whether the text is not as it should be.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.source.text != self.formatted.text
    }
}

/// Reads and formats a program; `-` is standard input.
///
/// # Errors
/// Why it cannot be read.
pub fn tidied(path: &Path, limits: Limits) -> Result<Tidied, Unread> {
    let mut files = Files::within(limits);
    let found = if path == Path::new("-") { files.standard_input() } else { files.program(path) };
    found.map(Tidied::new)
}

/// Puts a text in the place of a file: it is written beside it, with the same permissions, and renamed.
///
/// # Errors
/// One sentence that says why the file stays as it was.
pub fn replace(path: &Path, text: &str) -> Result<(), String> {
    // a link stays a link: what it leads to is replaced
    let real = path.canonicalize().map_err(|error| reason(&error))?;
    let name = real.file_name().ok_or("it is no file")?.to_string_lossy().into_owned();
    let beside = real.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let done = written(&real, &beside, text);
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done.map_err(|error| format!("it cannot be written: {}", reason(&error)))
}

fn written(real: &Path, beside: &Path, text: &str) -> std::io::Result<()> {
    let permissions = fs::metadata(real)?.permissions();
    if permissions.readonly() {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(beside)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(permissions)?;
    file.sync_all()?;
    fs::rename(beside, real)
}
