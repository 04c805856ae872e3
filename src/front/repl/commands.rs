//! The `:` commands: one table, one entry each, with what each does.

use super::{Flow, Repl, facts, fold};
use crate::derive::Detail;
use crate::diagnostic::{escape, quote};
use crate::explain;
use crate::front::files::{self, Files};
use crate::math;
use crate::render::Form;
use crate::resolve::names::distance;
use crate::session::Session;
use std::fmt::Write;
use std::path::Path;

/// What a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    None,
    /// A number, or numbers with points between them.
    Number,
    /// The path of a file.
    File,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// What there is a page about.
    Topic,
    /// The name of a function.
    Function,
    /// A statement of the language.
    Statement,
}

/// A command.
pub struct Command {
    /// Its name, without the colon.
    pub name: &'static str,
    /// What it takes.
    pub argument: Argument,
    /// That in a line of help.
    usage: &'static str,
    /// One line.
    help: &'static str,
    act: fn(&mut Repl, &str) -> Flow,
}

/// Every command, in the order of the help.
pub const TABLE: &[Command] = &[
    Command {
        name: "help",
        argument: Argument::Topic,
        usage: "[TOPIC]",
        help: "this page; the page of a function, rule or code",
        act: help,
    },
    Command {
        name: "steps",
        argument: Argument::None,
        usage: "",
        help: "the steps of the last derivation, numbered",
        act: steps,
    },
    Command {
        name: "why",
        argument: Argument::Number,
        usage: "N or N.M",
        help: "one step: its rules, needs, and how it was checked",
        act: why,
    },
    Command {
        name: "hint",
        argument: Argument::None,
        usage: "",
        help: "a little more on the line that `check` waits for",
        act: hint,
    },
    Command {
        name: "doc",
        argument: Argument::Function,
        usage: "NAME",
        help: "a function: meaning, domain, derivative",
        act: doc,
    },
    Command { name: "rules", argument: Argument::Topic, usage: "[WORD]", help: "identities with a word in them", act: rules },
    Command { name: "vars", argument: Argument::None, usage: "", help: "what is defined", act: vars },
    Command { name: "assumptions", argument: Argument::None, usage: "", help: "what is taken for true", act: assumptions },
    Command {
        name: "detail",
        argument: Argument::OneOf(&Detail::WORDS),
        usage: "brief|normal|full",
        help: "how much of a derivation is shown",
        act: detail,
    },
    Command {
        name: "format",
        argument: Argument::OneOf(&Form::SPOKEN),
        usage: "text|ascii|json",
        help: "how answers are written",
        act: format,
    },
    Command {
        name: "time",
        argument: Argument::Statement,
        usage: "on|off|STATEMENT",
        help: "how long statements take",
        act: time,
    },
    Command { name: "load", argument: Argument::File, usage: "FILE", help: "run a program here", act: load },
    Command {
        name: "save",
        argument: Argument::File,
        usage: "FILE",
        help: "what succeeded, as a program; to a .md, all of it",
        act: save,
    },
    Command { name: "reset", argument: Argument::None, usage: "", help: "forget everything", act: reset },
    Command { name: "quit", argument: Argument::None, usage: "", help: "leave, as Ctrl-D does", act: quit },
];

/// The command of this name.
pub fn find(name: &str) -> Option<&'static Command> {
    let name = match name {
        "q" | "exit" => "quit",
        "h" | "?" => "help",
        name => name,
    };
    TABLE.iter().find(|command| command.name == name)
}

/// For a word that is a command elsewhere, what is meant by it here.
pub fn meant(word: &str) -> Option<&'static str> {
    match word {
        "quit" | "exit" | "quit()" | "exit()" => Some(":quit or Ctrl-D leaves\n"),
        "help" | "help()" | "?" => Some(":help shows what there is\n"),
        _ => None,
    }
}

fn hint(repl: &mut Repl, _: &str) -> Flow {
    repl.hint();
    Flow::Stay
}

/// Runs the line after a colon.
pub fn run(repl: &mut Repl, line: &str) -> Flow {
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let argument = argument.trim();
    let Some(command) = find(name) else {
        repl.view.say(&unknown(name));
        return Flow::Stay;
    };
    if command.argument == Argument::None && !argument.is_empty() {
        return told(repl, &format!(":{name} stands alone"));
    }
    (command.act)(repl, argument)
}

fn unknown(name: &str) -> String {
    let near = |command: &&Command| distance(command.name, name) <= 2 || (!name.is_empty() && command.name.starts_with(name));
    let nearest = TABLE.iter().filter(near).min_by_key(|command| (!command.name.starts_with(name), distance(command.name, name)));
    match nearest {
        Some(command) => format!("there is no `:{}`; did you mean `:{}`?\n", quote(name), command.name),
        None => format!("there is no `:{}`; `:help` lists the commands\n", quote(name)),
    }
}

/// Says one line.
fn told(repl: &mut Repl, line: &str) -> Flow {
    repl.view.say(&format!("{line}\n"));
    Flow::Stay
}

// ---- help

fn help(repl: &mut Repl, topic: &str) -> Flow {
    if topic.is_empty() {
        repl.view.say(&screen());
        return Flow::Stay;
    }
    if let Some(command) = topic.strip_prefix(':').and_then(find) {
        return told(repl, &format!(":{} {}   {}", command.name, command.usage, command.help));
    }
    match explain::page(topic) {
        Ok(page) => repl.view.say(&page),
        Err(reason) => match facts::function(&repl.session, topic) {
            Some(text) => repl.view.say(&text),
            None => return told(repl, &escape(&reason)),
        },
    }
    Flow::Stay
}

/// One screen.
fn screen() -> String {
    let mut out = String::from(
        "  x^2 + x^2                     an expression: its simplest form, and its value\n\
         \x20 let z = w*x + b               a name; param w = 0.5, given x = 2, fn f(x) = …\n\
         \x20 derive sigmoid(z) wrt w       step by step; diff: the result alone\n\
         \x20 ans, _1, _2                   the last result, the first, the second\n\n",
    );
    for command in TABLE {
        let call = format!(":{} {}", command.name, command.usage);
        let _ = writeln!(out, "  {call:<25} {}", command.help);
    }
    out.push_str("\n  Ctrl-C stops a computation or drops a line; Ctrl-R searches in earlier lines.\n");
    out
}

fn doc(repl: &mut Repl, name: &str) -> Flow {
    if name.is_empty() {
        return told(repl, ":doc needs the name of a function, such as `:doc softplus`");
    }
    let text = match (facts::function(&repl.session, name), math::find(name)) {
        (Some(text), _) => text,
        (None, Some(function)) => explain::function(function),
        (None, None) => facts::no_function(&repl.session, name),
    };
    repl.view.say(&text);
    Flow::Stay
}

fn rules(repl: &mut Repl, word: &str) -> Flow {
    let text = match explain::identities_of(word) {
        _ if word.is_empty() => {
            format!("there are {} identities; `:rules sigmoid` shows those with this word in them\n", math::rules().count())
        }
        Some(text) => text,
        None => format!("no identity has `{}` in its name or its text\n", quote(word)),
    };
    repl.view.say(&text);
    Flow::Stay
}

// ---- derivations

fn steps(repl: &mut Repl, _: &str) -> Flow {
    let (marks, columns, detail) = (repl.view.marks(), repl.view.columns, repl.session.options.detail.unwrap_or_default());
    let text = match &repl.view.last {
        Some(last) => fold::folded(&repl.session.graph, last, detail, marks, columns, ""),
        None => NO_DERIVATION.to_owned(),
    };
    repl.view.say(&text);
    Flow::Stay
}

const NO_DERIVATION: &str = "there is no derivation yet: `derive E wrt x` makes one\n";

fn why(repl: &mut Repl, path: &str) -> Flow {
    let text = match &repl.view.last {
        None => NO_DERIVATION.to_owned(),
        Some(last) => match fold::find(last, path) {
            Ok(step) => fold::unfolded(&repl.session.graph, step, path, repl.view.marks(), repl.view.columns),
            Err(reason) => format!("{reason}\n"),
        },
    };
    repl.view.say(&text);
    Flow::Stay
}

fn detail(repl: &mut Repl, word: &str) -> Flow {
    if word.is_empty() {
        return told(repl, &format!("detail is {}", repl.session.options.detail.unwrap_or_default().word()));
    }
    let Some(chosen) = Detail::named(word) else { return told(repl, ":detail is brief, normal or full") };
    repl.options.detail = Some(chosen);
    repl.session.options.detail = Some(chosen);
    Flow::Stay
}

// ---- the session

fn vars(repl: &mut Repl, _: &str) -> Flow {
    let text = facts::definitions(&repl.session);
    repl.view.say(&text);
    Flow::Stay
}

fn assumptions(repl: &mut Repl, _: &str) -> Flow {
    let text = facts::assumptions(&repl.session);
    repl.view.say(&text);
    Flow::Stay
}

fn format(repl: &mut Repl, word: &str) -> Flow {
    if word.is_empty() {
        return told(repl, &format!("format is {}", repl.view.form.word()));
    }
    let spoken = Form::named(word).filter(|form| Form::SPOKEN.contains(&form.word()));
    let Some(chosen) = spoken else { return told(repl, ":format is text, ascii or json") };
    repl.view.form = chosen;
    Flow::Stay
}

fn time(repl: &mut Repl, argument: &str) -> Flow {
    match argument {
        "on" => repl.is_timed = true,
        "off" => repl.is_timed = false,
        "" => {
            let state = if repl.is_timed { "on" } else { "off" };
            return told(repl, &format!("time is {state}"));
        }
        statement => {
            let before = std::mem::replace(&mut repl.is_timed, true);
            repl.timed(|repl| repl.statements(statement));
            repl.is_timed = before;
        }
    }
    Flow::Stay
}

fn load(repl: &mut Repl, path: &str) -> Flow {
    let path = unquoted(path);
    if path.is_empty() {
        return told(repl, ":load needs a file, such as `:load lesson.grad`");
    }
    let mut files = Files::within(repl.options.limits);
    match files.program(Path::new(path)) {
        Ok(source) => repl.timed(|repl| repl.program(source, &mut files)),
        Err(unread) => return told(repl, &format!("{}: {}", escape(path), unread.reason)),
    }
    Flow::Stay
}

fn save(repl: &mut Repl, argument: &str) -> Flow {
    let (path, over) = match argument.strip_suffix(" over") {
        Some(path) => (unquoted(path.trim()), true),
        None => (unquoted(argument), false),
    };
    if path.is_empty() {
        return told(repl, ":save needs a file, such as `:save lesson.grad`");
    }
    let file = Path::new(path);
    let shown = escape(path).into_owned();
    if file.exists() && !over {
        return told(repl, &format!("{shown} is there already; `:save {shown} over` writes over it"));
    }
    let said = &repl.view.transcript;
    let is_markdown = file.extension().is_some_and(|ext| ext == "md");
    let text = if is_markdown { said.markdown() } else { said.script() };
    let count = said.succeeded();
    let line = match std::fs::write(file, text) {
        Ok(()) if is_markdown => format!("the conversation is in {shown}"),
        Ok(()) => format!("{count} statement{} in {shown}", if count == 1 { "" } else { "s" }),
        Err(error) => format!("{shown} cannot be written: {}", files::reason(&error)),
    };
    told(repl, &line)
}

fn unquoted(path: &str) -> &str {
    path.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(path)
}

fn reset(repl: &mut Repl, _: &str) -> Flow {
    repl.session = Session::new(repl.options.clone());
    repl.view.reset();
    repl.view.transcript = Default::default();
    told(repl, "everything is forgotten")
}

fn quit(_: &mut Repl, _: &str) -> Flow {
    Flow::Leave
}
