//! What a browser makes of the documents: Chromium, driven through its own protocol over two pipes. Skipped where there is none.

use crate::process::{examples, folder, grad};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// What keeps the browser from asking anybody for anything.
const QUIET: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

struct Browser {
    child: Child,
    input: ChildStdin,
    output: Receiver<Value>,
    session: Option<String>,
    last: u64,
    /// What was reported since somebody looked.
    events: Vec<Value>,
}

impl Browser {
    /// A browser with one page, where there is one that starts.
    fn start(profile: &Path) -> Option<Browser> {
        let name = NAMES
            .into_iter()
            .find(|name| Command::new(name).arg("--version").output().is_ok_and(|done| done.status.success()))?;
        // the protocol is spoken over the descriptors 3 and 4
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", name])
            .args(QUIET)
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let (input, output) = (child.stdin.take()?, child.stdout.take()?);
        let (send, receive) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(output);
            let mut bytes = Vec::new();
            while reader.read_until(0, &mut bytes).is_ok_and(|count| count > 0) {
                bytes.pop();
                let Ok(value) = serde_json::from_slice(&bytes) else { break };
                if send.send(value).is_err() {
                    break;
                }
                bytes.clear();
            }
        });
        let mut browser = Browser { child, input, output: receive, session: None, last: 0, events: Vec::new() };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))?;
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true}))?;
        browser.session = Some(attached["sessionId"].as_str()?.to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}))?;
        }
        Some(browser)
    }

    /// The answer to a command; nothing where the browser is gone.
    fn call(&mut self, method: &str, parameters: Value) -> Option<Value> {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = session.clone().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).ok()?;
        loop {
            let value = self.output.recv_timeout(PATIENCE).ok()?;
            if value["id"] == self.last {
                assert!(value.get("error").is_none(), "{method}: {value}");
                return Some(value["result"].clone());
            }
            self.events.push(value);
        }
    }

    fn expect(&mut self, method: &str, parameters: Value) -> Value {
        self.call(method, parameters).unwrap_or_else(|| panic!("the browser does not answer to {method}"))
    }

    fn evaluate(&mut self, script: &str) -> Value {
        let found = self.expect("Runtime.evaluate", json!({"expression": script, "returnByValue": true, "awaitPromise": true}));
        assert!(found.get("exceptionDetails").is_none(), "{script}: {found}");
        found["result"]["value"].clone()
    }

    /// Opens a file at a width; phones are 390 points wide.
    fn open(&mut self, file: &Path, width: u32) {
        let device = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500});
        self.expect("Emulation.setDeviceMetricsOverride", device);
        self.events.clear();
        self.expect("Page.navigate", json!({"url": format!("file://{}", file.display())}));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.output.recv_timeout(PATIENCE).expect("the page is loaded");
            self.events.push(event);
        }
    }

    /// Errors, and requests for anything but the page itself, since it was opened.
    fn faults(&mut self) -> Vec<String> {
        // whatever was reported until now arrives before this answer
        self.evaluate("1");
        let is_fault = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => ["error", "warning"].contains(&event["params"]["type"].as_str().unwrap_or("")),
            Some("Log.entryAdded") => true,
            Some("Network.requestWillBeSent") => event["params"]["type"] != "Document",
            _ => false,
        };
        self.events.iter().filter(is_fault).map(Value::to_string).collect()
    }

    fn key(&mut self, key: &str, code: u32, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.expect("Input.dispatchKeyEvent", event);
        }
    }

    /// A click in the middle of the first element that a selector finds.
    fn click(&mut self, selector: &str) {
        let place = self.evaluate(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); return [r.x + Math.min(r.width / 2, 40), r.y + r.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.expect("Input.dispatchMouseEvent", event);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is wrong with how the page is drawn: mathematics without size, a page that scrolls sideways, text of no size.
const DRAWN: &str = r#"(() => {
    const faults = [];
    document.querySelectorAll("details").forEach((step) => { step.open = true; });
    document.querySelectorAll("math").forEach((math) => {
        const box = math.getBoundingClientRect();
        const leaf = math.querySelector("mi, mn, mo, mtext");
        const inner = leaf === null ? box : leaf.getBoundingClientRect();
        if (!(box.width > 0 && box.height > 0) || inner.height === 0) faults.push("not drawn: " + math.getAttribute("aria-label"));
        if (math.namespaceURI !== "http://www.w3.org/1998/Math/MathML") faults.push("no MathML");
    });
    document.querySelectorAll("svg").forEach((svg) => {
        if (!(svg.getBoundingClientRect().width > 100)) faults.push("a picture without size");
    });
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) faults.push("the page is " + page.scrollWidth + " wide, the window " + page.clientWidth);
    if (document.title === "" || document.documentElement.lang === "") faults.push("no title or language");
    return faults;
})()"#;

fn documents(folder: &Path) -> Vec<PathBuf> {
    let document = |(number, path): (usize, PathBuf)| {
        let file = folder.join(format!("{number}-{}.html", path.file_stem().unwrap().to_str().unwrap()));
        grad().arg(&path).arg("--output").arg(&file).output().unwrap();
        file
    };
    examples().into_iter().enumerate().map(document).collect()
}

#[test]
fn a_browser_draws_and_unfolds_every_lesson() {
    let folder = folder("browser");
    let Some(mut browser) = Browser::start(&folder.join("profile")) else {
        eprintln!("skipped: no Chromium starts here");
        return;
    };
    let mut unfolded = 0;
    for file in documents(&folder) {
        for width in [390, 1280] {
            browser.open(&file, width);
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            if width == 390 && browser.evaluate("document.querySelector('.controls') !== null") == true {
                unfolds(&mut browser, &name);
                unfolded += 1;
            }
            if width == 390 && name.ends_with("worksheet.html") {
                has_room_on_paper(&mut browser);
            }
            let drawn = browser.evaluate(DRAWN);
            assert_eq!(drawn, json!([]), "{name} at {width}");
            assert_eq!(browser.faults(), Vec::<String>::new(), "{name}");
        }
    }
    assert!(unfolded >= 5, "{unfolded}");
}

/// Lines to write on are there on paper, and nowhere else.
fn has_room_on_paper(browser: &mut Browser) {
    let room = "document.querySelector('.room').getBoundingClientRect().height";
    let [paper, screen] = ["print", "screen"].map(|media| {
        browser.expect("Emulation.setEmulatedMedia", json!({"media": media}));
        browser.evaluate(room).as_f64().unwrap()
    });
    assert!(paper > 100.0 && screen == 0.0, "{paper} on paper, {screen} on a screen");
}

/// One step after another by keyboard and by mouse; all of them on paper.
fn unfolds(browser: &mut Browser, name: &str) {
    let shown = "document.querySelectorAll('.derivation')[0].querySelectorAll(':scope > .steps > li > details[open]').length";
    let all = "document.querySelectorAll('.derivation')[0].querySelectorAll(':scope > .steps > li').length";
    assert_eq!(browser.evaluate(shown), 0, "{name}");
    // on paper there is everything, whatever is folded
    browser.expect("Emulation.setEmulatedMedia", json!({"media": "print"}));
    let hidden =
        "Array.from(document.querySelectorAll('.inside .state')).filter((e) => !(e.getBoundingClientRect().height > 0)).length";
    assert_eq!(browser.evaluate(hidden), 0, "{name}, printed");
    let dark = json!({"media": "screen", "features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    let ground = "getComputedStyle(document.body).backgroundColor";
    browser.expect("Emulation.setEmulatedMedia", dark);
    let night = browser.evaluate(ground);
    browser.expect(
        "Emulation.setEmulatedMedia",
        json!({"media": "screen", "features": [{"name": "prefers-color-scheme", "value": "light"}]}),
    );
    assert_ne!(night, browser.evaluate(ground), "{name}");
    // the button for the next step, by keyboard
    browser.evaluate("document.querySelector('.derivation .next').focus()");
    browser.key("Enter", 13, "\r");
    assert_eq!(browser.evaluate(shown), 1, "{name}");
    // the heading of the same step: the mouse folds it, the keyboard unfolds it
    browser.click(".derivation .steps > li > details > summary");
    assert_eq!(browser.evaluate(shown), 0, "{name}");
    browser.key("Enter", 13, "\r");
    assert_eq!(browser.evaluate(shown), 1, "{name}");
    browser.click(".derivation .all");
    let every = browser.evaluate(all);
    let after = browser.evaluate(shown);
    // a single step was open already, and was folded
    assert!(after == every || (every == 1 && after == 0), "{name}: {after} of {every}");
}
