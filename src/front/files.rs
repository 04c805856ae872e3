//! Files: the only place where texts are read from a disk or from standard input.

use crate::data::Place;
use crate::diagnostic::{Code, code, escape};
use crate::limits::{Limit, Limits};
use crate::resolve::names::distance;
use crate::session::Loader;
use crate::source::{Source, SourceError};
use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Why a text cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The kind of fault.
    pub code: &'static Code,
    /// One sentence.
    pub reason: String,
}

impl From<String> for Unread {
    fn from(reason: String) -> Self {
        Unread { code: &code::FILE, reason }
    }
}

impl From<SourceError> for Unread {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::TooLarge { .. } => {
                Unread { code: &code::TOO_LARGE, reason: format!("{error}; {}", Limit::Text.advice()) }
            }
            _ => Unread { code: &code::ENCODING, reason: error.to_string() },
        }
    }
}

/// Reads the texts of programs, and those that they import: each from under the folder of the program that was started.
#[derive(Debug, Default)]
pub struct Files {
    limits: Limits,
    root: Option<PathBuf>,
    /// The real path of each text, by the name it has in messages.
    known: HashMap<String, PathBuf>,
}

impl Files {
    /// Reads nothing that is larger than the limits allow.
    #[must_use]
    pub fn within(limits: Limits) -> Self {
        Files { limits, ..Files::default() }
    }

    /// The largest text that is read.
    fn largest(&self) -> usize {
        usize::try_from(self.limits.of(Limit::Text)).unwrap_or(usize::MAX)
    }

    /// A program from standard input. Its imports stand under the current folder.
    ///
    /// # Errors
    /// One sentence that says why it cannot be read.
    pub fn standard_input(&mut self) -> Result<Source, Unread> {
        self.root = std::env::current_dir().ok();
        let bytes = limited(std::io::stdin().lock(), self.largest())?;
        Ok(Source::from_bytes("standard input", bytes, self.largest())?)
    }

    /// A program from the command line. Its imports stand under the current folder.
    pub fn snippet(&mut self, code: &str) -> Result<Source, Unread> {
        self.root = std::env::current_dir().ok();
        Ok(Source::from_bytes("-e", code.as_bytes().to_vec(), self.largest())?)
    }

    /// A program from a file. Its imports stand under the file's folder.
    ///
    /// # Errors
    /// One sentence that says why it cannot be read.
    pub fn program(&mut self, path: &Path) -> Result<Source, Unread> {
        let name = path.display().to_string();
        let bytes = read(path, true, self.largest())?;
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.root = real.parent().map(Path::to_owned);
        self.known.clear();
        self.known.insert(name.clone(), real);
        Ok(Source::from_bytes(name, bytes, self.largest())?)
    }

    /// The folder that the text of this name stands in.
    fn folder(&self, from: &str) -> Option<PathBuf> {
        match self.known.get(from) {
            Some(path) => path.parent().map(Path::to_owned),
            None => self.root.clone(),
        }
    }

    /// The name of a file in messages: that by which it is known, or its path under the root.
    fn name(&self, real: &Path, root: &Path) -> String {
        let known = self.known.iter().find(|(_, path)| *path == real).map(|(name, _)| name.clone());
        known.unwrap_or_else(|| real.strip_prefix(root).unwrap_or(real).display().to_string())
    }
}

impl Loader for Files {
    fn load(&mut self, from: &str, path: &str) -> Result<Source, String> {
        let root = self.root.as_ref().and_then(|root| root.canonicalize().ok()).ok_or("its folder is not known")?;
        let folder = self.folder(from).ok_or("its folder is not known")?;
        let real = folder.join(path).canonicalize().map_err(|error| reason(&error))?;
        if !real.starts_with(&root) {
            return Err("it stands outside the program's folder".into());
        }
        let name = self.name(&real, &root);
        let bytes = read(&real, false, self.largest()).map_err(|unread| unread.reason)?;
        self.known.insert(name.clone(), real);
        Source::from_bytes(name, bytes, self.largest()).map_err(|error| error.to_string())
    }

    // data may stand anywhere: nothing of it is run
    fn find_data(&mut self, from: &str, path: &str) -> Result<Place, String> {
        Ok(data_place(&self.folder(from).ok_or("its folder is not known")?, path))
    }
}

/// A path of a data file: relative to the folder of the program that names it.
fn data_place(folder: &Path, path: &str) -> Place {
    Place { path: folder.join(path), name: path.to_owned() }
}

/// The bytes of a file, one more than the limit at most. A pipe that the shell made may be read as a program.
fn read(path: &Path, may_be_pipe: bool, limit: usize) -> Result<Vec<u8>, Unread> {
    let metadata = path.metadata().map_err(|error| reason(&error))?;
    check_kind(&metadata, may_be_pipe && is_descriptor(path))?;
    if metadata.is_file() && metadata.len() > limit as u64 {
        let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        return Err(SourceError::TooLarge { size, limit }.into());
    }
    Ok(limited(File::open(path).map_err(|error| reason(&error))?, limit)?)
}

/// Refuses what would never end, or would wait for somebody.
fn check_kind(metadata: &Metadata, may_be_pipe: bool) -> Result<(), String> {
    if metadata.is_file() || (may_be_pipe && !metadata.is_dir()) {
        return Ok(());
    }
    Err(if metadata.is_dir() { "it is a folder" } else { "it is no ordinary file; `-` reads standard input" }.into())
}

fn is_descriptor(path: &Path) -> bool {
    path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd") || path == Path::new("/dev/stdin")
}

fn limited(input: impl Read, limit: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    input.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    Ok(bytes)
}

/// The system's own words, without its number.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".into(),
        _ => {
            let text = error.to_string();
            let words = text.split(" (os error").next().unwrap_or("");
            escape(words).to_lowercase()
        }
    }
}

/// A program in the same folder whose name is at most two edits from that of a file that is not there.
pub(super) fn neighbour(path: &Path) -> Option<PathBuf> {
    /// So many names are looked at.
    const MOST: usize = 1000;
    let wanted = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names = entries.take(MOST).filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let near =
        names.filter(|name| name.ends_with(".grad")).map(|name| (distance(&name, wanted), name)).filter(|(edits, _)| *edits <= 2);
    near.min().map(|(_, name)| path.with_file_name(name))
}

/// The programs under a folder, in order of their names.
///
/// # Errors
/// One sentence that says why the folder cannot be read.
pub(super) fn programs_under(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| reason(&error))? {
            let entry = entry.map_err(|error| reason(&error))?;
            let path = entry.path();
            // links are not followed, so that a folder cannot contain itself
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && path.extension().is_some_and(|ext| ext == "grad") => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}
