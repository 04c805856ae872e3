//! Documents: every example in every format, hostile text, and what a browser and TeX make of them.

use crate::process::{examples, folder, grad, run};
use crate::random::generate::expression as random_expression;
use grad::domain::Known;
use grad::expr::{Graph, Id};
use grad::limits::Limits;
use grad::render::Form;
use grad::render::document::{Block, Lesson, composed, latex, layout, lesson, mathml, words};
use grad::session::{NoImports, Options, Session};
use grad::source::Source;
use grad::verify::check::{Allowed, Checker, Outcome};
use proptest::prelude::*;
use std::process::Command;

/// The document of a program, without its files.
fn document(text: &str, form: Form) -> String {
    let source = Source::new("t.grad", text);
    let mut told = Lesson::new(&source);
    let mut session = Session::new(Options::default());
    session.run_each(source, &mut NoImports, &mut |session, outcome| {
        let messages = outcome.diagnostics.iter().map(|d| grad::front::report::message(&outcome.text.source, d));
        told.outcome(&session.graph, &outcome, messages.collect::<Vec<_>>().into_iter());
    });
    let blocks = told.blocks(Limits::default());
    composed(&mut *form.document().unwrap(), &lesson::title(&blocks, "t"), &blocks)
}

/// Well-formed XML, with nothing in it that would be fetched or run.
fn is_sound_html(text: &str) -> Result<(), String> {
    let body = text.strip_prefix("<!DOCTYPE html>\n").ok_or("no document type")?;
    let tree = roxmltree::Document::parse(body).map_err(|error| error.to_string())?;
    let mut seen = std::collections::HashSet::new();
    for node in tree.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        if ["img", "iframe", "link", "object", "embed", "form", "base", "audio", "video", "image", "use"].contains(&name) {
            return Err(format!("<{name}> in the document"));
        }
        if name == "script" && node.parent().is_none_or(|parent| parent.tag_name().name() != "body") {
            return Err("a script that is not the document's own".into());
        }
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            let is_link = name == "a" && key == "href";
            if key.starts_with("on") || key == "style" || key == "src" || (key.ends_with("href") && !is_link) {
                return Err(format!("{key}={value}"));
            }
            if is_link && value.to_ascii_lowercase().contains("script:") {
                return Err(format!("a link to {value}"));
            }
            if key == "id" && !seen.insert(value.to_owned()) {
                return Err(format!("two elements are called {value}"));
            }
        }
    }
    let count = |name: &str| tree.descendants().filter(|node| node.tag_name().name() == name).count();
    if count("script") != 1 || count("main") != 1 || count("title") == 0 || count("h1") == 0 {
        return Err("a landmark is missing".into());
    }
    Ok(())
}

/// Braces and environments that close one another; mathematics opened and closed.
fn is_balanced_latex(text: &str) -> Result<(), String> {
    let text = text.split_once("\\begin{document}").map_or(text, |(_, body)| body);
    let mut open: Vec<String> = Vec::new();
    let mut dollars = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut step = c.len_utf8();
        match c {
            '\\' => {
                let word = &rest[1..];
                let named = |command: &str| Some(word.strip_prefix(command)?.split_once('}')?.0.to_owned());
                if let Some(name) = named("begin{") {
                    step = 1 + "begin{}".len() + name.len();
                    open.push(name);
                } else if let Some(name) = named("end{") {
                    step = 1 + "end{}".len() + name.len();
                    let last = open.pop();
                    if last.as_deref() != Some(&name) && !(name == "document" && last.is_none()) {
                        return Err(format!("\\end{{{name}}} closes {last:?}"));
                    }
                } else {
                    step = 1 + word.chars().next().map_or(0, char::len_utf8);
                }
            }
            '{' => open.push("{".into()),
            '}' if open.pop().as_deref() != Some("{") => {
                return Err(format!("a brace too many before {}", &rest[..rest.len().min(40)]));
            }
            '$' => dollars += 1,
            '#' | '%' | '~' if c != '~' => return Err(format!("a bare {c}")),
            c if !c.is_ascii() && !('À'..='ÿ').contains(&c) => return Err(format!("{c} in LaTeX")),
            _ => {}
        }
        rest = &rest[step..];
    }
    if dollars % 2 == 1 || !open.is_empty() {
        return Err(format!("left open: {open:?}, {dollars} dollars"));
    }
    Ok(())
}

/// Blocks of code that close, and no markup of its own.
fn is_sound_markdown(text: &str) -> Result<(), String> {
    let mut fence: Option<&str> = None;
    for line in text.lines().map(|line| line.trim_start_matches("> ")) {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if line == open => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            None if line.contains("<script") && !line.contains("\\<script") => return Err(line.to_owned()),
            _ => {}
        }
    }
    if fence.is_some() { Err("a block of code is not closed".into()) } else { Ok(()) }
}

#[test]
fn every_example_becomes_a_document() {
    let folder = folder("documents");
    for (ending, is_sound) in
        [("html", is_sound_html as fn(&str) -> Result<(), String>), ("tex", is_balanced_latex), ("md", is_sound_markdown)]
    {
        // all of them in one document
        let file = folder.join(format!("all.{ending}"));
        let done = grad().args(examples()).arg("--output").arg(&file).output().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(done.status.code().is_some(), "{done:?}");
        is_sound(&text).unwrap_or_else(|fault| panic!("{ending}: {fault}"));
    }
}

#[test]
fn a_document_has_the_text_and_the_answers_in_order() {
    let program = "## # Slopes\n##\n## Of a *square*.\n\nlet a = 2\n# a comment\ndiff a*x^2 wrt x\n#> 4*x\n\n## And an error:\n\nsine(x)\n1/2x\n";
    let text = document(program, Form::Markdown);
    let parts = [
        "# Slopes\n\nOf a *square*.\n",
        "```grad\nlet a = 2\n# a comment\ndiff a*x^2 wrt x\n```",
        "```math\n4\\,x\n```",
        "And an error:",
        "```grad\nsine(x)\n```",
        "> **Error E0201**: There is no function `sine`",
        "> sine(x)\n> ^^^^ not known",
        "Try `sin(x)`",
        "> **Error E0108**",
    ];
    let text = text.replace("\\`", "`");
    let mut at = 0;
    for part in parts {
        let found = text[at..].find(part).unwrap_or_else(|| panic!("{part}\nis not in\n{}", &text[at..]));
        at += found + part.len();
    }
    assert!(!text.contains("#> 4"), "{text}");
}

#[test]
fn a_derivation_names_explains_and_checks_each_step() {
    let program = "let z = w*x + b\nlet p = sigmoid(z)\nlet loss = (p - y)^2/2\nderive loss wrt w";
    let html = document(program, Form::Html);
    is_sound_html(&html).unwrap();
    for part in [
        "Step 1:</span> chain rule",
        "The slope of a composition is the slope of the outer function at the inner one",
        "Step 2:</span> insert",
        "class=\"new\"",
        "</span> proved",
        "aria-label=\"d loss over d p",
        "new: sigmoid of",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    let latex = document(program, Form::Latex);
    for part in [
        "\\gradstep{1}{chain rule}",
        "\\frac{d\\mathrm{loss}}{dp}\\cdot \\frac{dp}{dz}\\cdot \\frac{dz}{dw}",
        "\\underline{\\sigma(",
        "$\\checkmark$ proved",
    ] {
        assert!(latex.contains(part), "{part}\n{latex}");
    }
}

/// The layout of an expression as it is typed.
fn laid(text: &str) -> layout::Math {
    let mut g = Graph::new();
    let id = grad::resolve::formula(&mut g, text).unwrap();
    layout::expression(&g, id).unwrap()
}

#[test]
fn mathematics_is_set_as_in_a_book() {
    for (typed, wanted) in [
        ("1/x", "\\frac{1}{x}"),
        ("2*x - 3*y", "2\\,x-3\\,y"),
        ("-x^2", "-x^{2}"),
        ("(-x)^2", "(-x)^{2}"),
        ("(a/b)^2", "\\mathopen{}\\left(\\frac{a}{b}\\right)^{2}"),
        ("x^(1/2)", "x^{1/2}"),
        ("sqrt(x + 1)", "\\sqrt{x+1}"),
        ("exp(x)^2", "(e^{x})^{2}"),
        ("sin(x)^2", "\\sin^{2}(x)"),
        ("abs(x)/floor(y)", "\\frac{|x|}{\\lfloor y\\rfloor }"),
        ("alpha*x_1 + loss2", "\\alpha\\,x_{1}+\\mathrm{loss}_{2}"),
        ("w*(x + 1)", "w\\cdot (x+1)"),
        ("2*3^x", "2\\cdot 3^{x}"),
        ("x >= 0 and y != 1", "x\\geq 0\\text{ and }y\\neq 1"),
        ("if x > 0 then x else -x", "\\begin{cases}x&\\text{if }x>0\\\\-x&\\text{otherwise}\\\\\\end{cases}"),
        ("sum(i in 1..n: i^2)", "\\sum _{i=1}^{n}i^{2}"),
        ("x^2 + (-2)*x - 1", "x^{2}-2\\,x-1"),
        ("n!", "n!"),
        ("0.5*x", "0.5\\,x"),
        ("x*1e-9", "x\\cdot 10^{-9}"),
    ] {
        let found = latex::math(&laid(typed));
        let squeezed = |text: &str| text.replace(' ', "");
        assert_eq!(squeezed(&found), squeezed(wanted), "{typed}");
    }
}

#[test]
fn mathematics_is_read_out() {
    for (typed, wanted) in [
        ("(x + 1)/2", "the fraction x plus 1 over 2 end of fraction"),
        ("sin(x)^2", "the sine of x squared"),
        ("exp(-x)", "e to the open bracket minus x close bracket"),
        ("x <= 3", "x is at most 3"),
    ] {
        let found = words::math(&laid(typed));
        let squeezed = |text: &str| text.replace("open bracket minus x close bracket", "minus x");
        assert_eq!(squeezed(&found), squeezed(wanted), "{typed}");
    }
}

#[test]
fn every_random_expression_is_set() {
    let mut set = 0;
    for number in 0..1500 {
        let mut g = Graph::new();
        let e: Id = random_expression(&mut g, 3, number);
        let Some(math) = layout::expression(&g, e) else { continue };
        set += 1;
        let markup = mathml::math(&math, true);
        assert!(roxmltree::Document::parse(&markup).is_ok(), "{markup}");
        let latex = latex::math(&math);
        is_balanced_latex(&latex).unwrap_or_else(|fault| panic!("{fault}: {latex}"));
        assert!(!words::math(&math).is_empty());
    }
    assert!(set > 1000, "{set}");
}

/// A layout typed again, as it is read: nothing is known of it but what is set. Nothing for what has no such reading.
fn typed(math: &layout::Math) -> Option<String> {
    use grad::render::document::layout::{BESIDE, Fence, Math};
    Some(match math {
        Math::Number(digits) => digits.clone(),
        Math::Name(name) if name.base == "π" => "pi".into(),
        Math::Name(name) if name.index.is_none() => name.base.clone(),
        Math::Sign(sign) => match sign {
            '·' | &BESIDE => "*".into(),
            '−' => " - ".into(),
            '=' => " == ".into(),
            '≠' => " != ".into(),
            '≤' => " <= ".into(),
            '≥' => " >= ".into(),
            '+' | '<' | '>' | ',' | '/' => format!(" {sign} "),
            _ => return None,
        },
        Math::Words(words) if [" and ", " or ", "not "].contains(&words.as_str()) => words.clone(),
        Math::Row(row) => row.iter().map(typed).collect::<Option<Vec<String>>>()?.concat(),
        Math::Fraction(above, below) => format!("(({})/({}))", typed(above)?, typed(below)?),
        Math::Script { base, below: None, above: Some(above) } => format!("{}^({})", typed(base)?, typed(above)?),
        Math::Script { base, below: Some(k), above: None } => match &**base {
            Math::Call { arguments, .. } if typed(base)?.starts_with("softmax(") => {
                let list: Vec<String> = arguments.iter().map(typed).collect::<Option<_>>()?;
                format!("softmax([{}])[{}]", list.join(", "), typed(k)?)
            }
            _ => return None,
        },
        Math::Fence(Fence::Round, inner) => format!("({})", typed(inner)?),
        Math::Cases(rows) => {
            let mut out = String::from("(");
            for (value, condition) in rows {
                match condition {
                    Some(condition) => out += &format!("if {} then ({}) else ", typed(condition)?, typed(value)?),
                    None => out += &format!("({})", typed(value)?),
                }
            }
            out.trim_end_matches(" else ").to_owned() + ")"
        }
        Math::Call { spoken: "{}", arguments, .. } => typed(&arguments[0])?,
        Math::Call { spoken, arguments, .. } => {
            let named = grad::math::functions().find(|f| f.record().notation.spoken == *spoken)?;
            let list: Vec<String> = arguments.iter().map(typed).collect::<Option<_>>()?;
            format!("{}({})", named.name(), list.join(", "))
        }
        Math::Marked(_, inner) => typed(inner)?,
        _ => return None,
    })
}

#[test]
fn what_is_set_means_what_was_meant() {
    let mut read = 0;
    for number in 0..1000 {
        let mut g = Graph::new();
        let e: Id = random_expression(&mut g, 5, number);
        let Some(text) = layout::expression(&g, e).as_ref().and_then(typed) else { continue };
        let plain = grad::expr::print::plain(&g, e);
        let again = grad::resolve::formula(&mut g, &text).unwrap_or_else(|fault| panic!("{plain} is set as {text}: {fault:?}"));
        let found = Checker::new(&Known::default()).points(4).step(&g, e, again, Allowed::Exact);
        assert!(!matches!(found, Outcome::Different { .. }), "{plain} is set as {text}");
        read += 1;
    }
    assert!(read > 700, "{read}");
}

#[test]
fn what_is_too_deep_or_too_large_stands_as_code() {
    let mut g = Graph::new();
    let mut e = g.variable("x");
    for _ in 0..100_000 {
        let one = g.integer(1);
        let sum = g.add(&[e, one]);
        e = g.div(one, sum);
    }
    assert!(layout::expression(&g, e).is_none());
    let nested = format!("derive {}x{} wrt x\n", "sin(".repeat(200), ")".repeat(200));
    for form in [Form::Html, Form::Latex, Form::Markdown] {
        assert!(document(&nested, form).len() > 100);
    }
    is_sound_html(&document(&nested, Form::Html)).unwrap();
}

#[test]
fn hostile_text_stays_text() {
    let program = "## # <img src=x onerror=alert(1)> \u{202e}\n## <script>alert(1)</script> ]]> &amp; [a](javascript:alert(1)) ![b](http://c/d)\n\
                   ## $ % # ~ ^ \\input{/etc/passwd} \\end{document} ``` 変 é 🙂\n\
                   # </code></pre><script>\n\
                   let σ変é = 1 # \\end{gradcode}\nσ変é + x_\\\n`\"'<>&\nlet y_\u{3c3} = x\nderive y_\u{3c3}^2*<b> wrt x\ny_\u{3c3}\n";
    is_sound_html(&document(program, Form::Html)).unwrap();
    is_balanced_latex(&document(program, Form::Latex)).unwrap();
    is_sound_markdown(&document(program, Form::Markdown)).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_text_becomes_a_sound_document(lines in prop::collection::vec("(## |# |)[ -~\u{a0}-\u{17f}\u{370}-\u{3ff}\u{2000}-\u{2070}]{0,30}", 1..6)) {
        let program = lines.join("\n");
        prop_assert_eq!(is_sound_html(&document(&program, Form::Html)), Ok(()));
        prop_assert_eq!(is_balanced_latex(&document(&program, Form::Latex)), Ok(()));
    }
}

#[test]
fn the_ending_of_the_file_chooses_the_format() {
    let folder = folder("endings");
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    for (name, begin) in [("a.html", "<!DOCTYPE html>"), ("a.tex", "\\documentclass"), ("a.md", "# -e"), ("a.txt", "2*x")] {
        let done = run(&["-e", "diff x^2 wrt x", "--output", &file(name)]);
        let text = std::fs::read_to_string(file(name)).unwrap();
        assert!(done.code == Some(0) && done.out.is_empty() && text.starts_with(begin), "{name}: {text}");
    }
    let wrong = run(&["-e", "sine(x)", "--format", "html"]);
    assert!(wrong.code == Some(1) && wrong.out.contains("E0201") && wrong.err.contains("E0201"), "{}", wrong.err);
    let nowhere = run(&["-e", "1", "--output", &file("no/such/a.html")]);
    assert!(nowhere.code == Some(2) && nowhere.err.contains("is no folder"), "{}", nowhere.err);
    let page = run(&["explain", "softplus", "--format", "html"]);
    is_sound_html(&page.out).unwrap();
}

#[test]
fn a_picture_that_is_none_leaves_no_file() {
    let folder = folder("no-picture");
    let file = folder.join("x.svg");
    let path = file.to_str().unwrap();
    let done = run(&["-e", "1 + 1", "--output", path]);
    assert!(done.code == Some(1) && done.err.contains("nothing here makes a picture") && !file.exists(), "{}", done.err);
    // nor does it take the place of a file that is there
    std::fs::write(&file, "old").unwrap();
    run(&["-e", "1 + 1", "--output", path]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "old");
}

#[test]
fn tex_compiles_every_example() {
    if Command::new("pdflatex").arg("--version").output().is_err() {
        eprintln!("skipped: there is no pdflatex here");
        return;
    }
    let folder = folder("tex");
    let hostile = folder.join("hostile.grad");
    std::fs::write(&hostile, "## $ % # ~ ^ \\input{x} 変 é 🙂 [a] --- ``` <>|\n\nsine(x)\nlet y = 1/2x\n# 変 [*] ~ \\\nderive log(1 + exp(x)) wrt x with detail = full\n").unwrap();
    let done = grad().args(examples()).arg(&hostile).arg("--output").arg(folder.join("all.tex")).output().unwrap();
    assert!(done.status.code() == Some(1), "{done:?}");
    let done = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "all.tex"])
        .current_dir(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    if said.contains("not found") && said.contains(".sty") {
        eprintln!("skipped: this TeX lacks a package");
        return;
    }
    let faults: Vec<&str> = said.lines().filter(|line| line.starts_with('!') || line.starts_with("l.")).collect();
    assert!(done.status.success(), "{faults:?}");
    assert!(
        !said.contains("Overfull \\hbox") || said.matches("Overfull \\hbox").count() < 8,
        "{}",
        said.matches("Overfull").count()
    );
}

#[test]
fn what_is_too_large_to_be_set_is_text() {
    let text = document("expand (x + 1)^150", Form::Markdown);
    assert!(text.contains("```text\nx^150 + 150*x^149"), "{text}");
    let blocks = [Block::Text("a\n".into())];
    let title = lesson::title(&blocks, "name");
    assert!(composed(&mut *Form::Html.document().unwrap(), &title, &blocks).contains("<h1>name</h1>"));
}

/// Every other answer has one: mathematics is set, columns are a table with a caption, and what the lines mean is said in words.
#[test]
fn answers_are_set_in_every_format() {
    let program = "check d/dx sin(x^2) = cos(x^2)\nassert x == x\nlet z = w*x\nlet p = sigmoid(z)\nflow p wrt w at w = 3, x = 2\n\
                   saturation sigmoid(x) for x in -6..6\nsaturation [tanh(x), relu(x)] for x in -6..6\n\
                   elasticity a*x^3 wrt x at a = 5, x = 2\neval [1, 2]\nstable log(1 + exp(x))\ntable x^2 for x in 1..3 with step = 1\n";
    let html = document(program, Form::Html);
    assert!(!html.contains("<pre class=\"text"), "{html}");
    assert_eq!(html.matches("<table>").count(), html.matches("<caption>").count());
    assert_eq!(html.matches("<table>").count(), 6);
    let (columns, rows) = (html.matches("<th scope=\"col\"").count(), html.matches("<th scope=\"row\"").count());
    assert!(columns >= 20 && rows >= 15, "{columns} {rows}");
    let (markdown, latex) = (document(program, Form::Markdown), document(program, Form::Latex));
    assert!(!markdown.contains("```text") && !latex.split("\\begin{document}").nth(1).unwrap().contains("influence of w on"));
    assert!(markdown.contains("| $`\\frac{dp}{dz}`$ | $`p\\cdot (1-p)`$ |"), "{markdown}");
    assert!(latex.contains("\\textit{Influence of $w$ on $p$: $w\\to z\\to p$}"), "{latex}");
}

/// The first line that does not follow is told by a sign, words, a bar and a frame around the part, whatever the colours; the
/// message beside it says nothing new.
#[test]
fn a_wrong_line_is_marked_by_more_than_colour() {
    let program = "check d/dx (x*sin(x^2)) = sin(x^2) + x*cos(x^2) = x*cos(x^2)\n";
    let html = document(program, Form::Html);
    for part in [
        "<li class=\"first\"><p class=\"verdict bad\"><span aria-hidden=\"true\">✗</span> Line 1 does not follow</p>",
        "<li class=\"fails\"><p class=\"verdict bad\"><span aria-hidden=\"true\">✗</span> Line 2 does not follow</p>",
        "<mrow class=\"wrong\">",
        "times not right here: the cosine of",
        "<li>The inner derivative of <math aria-label=\"the sine of open bracket x squared close bracket\">",
        "<li>Hint: the chain rule for <math",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let latex = document(program, Form::Latex);
    assert!(latex.contains("\\begin{gradfirst}\n\\gradstate{$\\displaystyle =\\sin(x^{2})+"), "{latex}");
    assert!(latex.contains("\\boxed{\\cos(x^{2})}"), "{latex}");
    let markdown = document(program, Form::Markdown);
    assert!(markdown.contains("✗ **Line 1 does not follow**"), "{markdown}");
    for text in [html, latex, markdown] {
        assert!(!text.contains("E0308"), "{text}");
    }
}

/// There is room to write below each problem of a sheet, more at higher levels, and none in its key.
#[test]
fn sheets_have_room_for_answers() {
    for (level, lines) in [(1, 3), (2, 4), (3, 5)] {
        let sheet =
            |key: bool, form| document(&format!("exercise \"chain rule\" with count = 2, level = {level}, key = {key}"), form);
        assert_eq!(sheet(false, Form::Latex).matches("\\gradroom ").count(), 2 * lines);
        assert_eq!(sheet(false, Form::Html).matches("<div></div>").count(), 2 * lines);
        assert_eq!(sheet(true, Form::Latex).matches("\\gradroom ").count(), 0);
        assert_eq!(sheet(true, Form::Html).matches("class=\"room\"").count(), 0);
    }
}

/// The outer function of a power is a power.
#[test]
fn the_outer_function_of_a_power_is_raised() {
    let text = document("derive (x^2 + 1)^6 wrt x", Form::Markdown);
    assert!(text.contains("outer $`u^{6}`$, inner $`u=x^{2}+1`$"), "{text}");
}
