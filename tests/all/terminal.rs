//! Conversations with the real program at a pseudo-terminal.
#![cfg(unix)]

use expectrl::session::OsSession;
use expectrl::{Expect, Session};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// So long is waited for what must come: far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(20);
const PROMPT: &str = "grad> ";

struct Talk {
    session: OsSession,
    state: PathBuf,
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

fn own_folder() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("grad-terminal-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn talk_as(variables: &[(&str, &str)], columns: u16) -> Talk {
    let state = own_folder();
    let mut command = Command::new(env!("CARGO_BIN_EXE_grad"));
    command.env("XDG_STATE_HOME", &state).env("TERM", "xterm-256color").env_remove("NO_COLOR").current_dir(&state);
    command.envs(variables.iter().copied());
    let mut session = Session::spawn(command).unwrap();
    session.get_process_mut().set_window_size(columns, 40).unwrap();
    let mut talk = Talk { session, state };
    talk.until(PROMPT);
    talk
}

fn talk() -> Talk {
    talk_as(&[("NO_COLOR", "1")], 100)
}

impl Talk {
    /// What comes until the text comes, with it.
    fn until(&mut self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let found = self.session.check(text).unwrap();
            if !found.is_empty() {
                return String::from_utf8_lossy(found.as_bytes()).into_owned();
            }
            assert!(began.elapsed() < PATIENCE, "nothing like {text:?} came");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn keys(&mut self, keys: &str) {
        self.session.send(keys).unwrap();
    }

    /// Types a line and waits for an answer.
    fn line(&mut self, line: &str, answer: &str) {
        self.keys(line);
        self.keys("\r");
        self.until(answer);
        self.until(PROMPT);
    }
}

#[test]
fn results_are_numbered() {
    let mut talk = talk();
    talk.line("x + x", "_1 = 2*x");
    talk.line("ans + 1", "_2 = 2*x + 1");
}

#[test]
fn an_unfinished_line_goes_on() {
    let mut talk = talk();
    talk.line("(1 +\r2)", "_1 = 3");
}

#[test]
fn several_lines_are_pasted() {
    let mut talk = talk();
    talk.line("\x1b[200~let a = 2\nlet b = 3\na*b\x1b[201~", "_1 = 6");
}

#[test]
fn alt_enter_begins_a_line() {
    let mut talk = talk();
    talk.line("let a = 20\x1b\ra + 1", "_1 = 21");
}

#[test]
fn a_letter_is_completed() {
    let mut talk = talk();
    talk.line("\\sigma\t + \\sigma\t", "_1 = 2*σ");
}

#[test]
fn a_function_is_completed() {
    let mut talk = talk();
    talk.line("softp\t0)", "_1 = log(2)");
}

#[test]
fn a_message_stands_under_the_line() {
    let mut talk = talk();
    talk.line("sine(x)", "      ^^^^ not known\r\nerror[E0201]");
}

#[test]
fn ctrl_c_at_the_prompt_drops_the_line() {
    let mut talk = talk();
    talk.keys("let a = \x03");
    talk.until(PROMPT);
    talk.line("1 + 1", "_1 = 2");
}

#[test]
fn ctrl_c_stops_a_computation() {
    let mut talk = talk();
    talk.line("let kept = 7", "\n");
    talk.keys("descend (x - 1)^2 wrt x at x = 3 with steps = 1_000_000_000\r");
    talk.until("\r\n");
    // a key may come before the computation has begun: it is pressed until it works
    let began = Instant::now();
    while talk.session.check("stopped").unwrap().is_empty() {
        assert!(began.elapsed() < PATIENCE);
        talk.keys("\x03");
        std::thread::sleep(Duration::from_millis(50));
    }
    talk.line("kept + 1", "_1 = 8");
}

#[test]
fn ctrl_d_leaves() {
    let mut talk = talk();
    talk.keys("\x04");
    let began = Instant::now();
    while talk.session.get_process().is_alive().unwrap() {
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_dumb_terminal_and_a_narrow_one_answer() {
    talk_as(&[("TERM", "dumb")], 80).line("x + x", "_1 = 2*x");
    talk_as(&[("NO_COLOR", "1")], 40).line("derive sin(x) wrt x", "_1: d/dx sin(x)");
}

#[test]
fn without_a_terminal_everything_is_a_script() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_grad"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"x + x\n(1 +").unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), "2*x\n");
    assert_eq!(done.status.code(), Some(1));
}

/// The conversation in the README goes as it is shown.
#[test]
fn the_readme_talks_as_it_says() {
    let blocks = super::documents::blocks();
    let (_, shown) = blocks.iter().find(|(_, body)| body.starts_with("$ grad\n")).unwrap();
    let mut talk = talk();
    let mut count = 0;
    for part in shown.split(PROMPT).skip(1) {
        let (line, answer) = part.split_once('\n').unwrap();
        talk.line(line, &format!("\r\n{}", answer.replace('\n', "\r\n")));
        count += 1;
    }
    assert!(count >= 4);
}
