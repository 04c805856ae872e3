//! Narrative, which is Markdown, as HTML and as LaTeX. The only file that knows pulldown-cmark. Nothing of it is passed on as
//! markup: HTML within it is text, a link leads to a page or to nothing, and a picture is its description. What stands between
//! dollar signs is mathematics where the language can read it.

use super::formula::{formula, understood};
use super::markup::escaped;
use super::{mathml, paper};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

fn parser(text: &str) -> impl Iterator<Item = Event<'_>> {
    events(text).map(|(event, _)| event)
}

fn events(text: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH).into_offset_iter()
}

/// So often dollar signs are looked at again after others were found to begin no formula.
const ROUNDS: usize = 8;

/// The text with a backslash before each dollar sign that seems to begin a formula and does not, such as that of a price.
fn settled(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        let strays: Vec<usize> = events(&out).filter_map(|(event, range)| stray(&out, &event, range)).collect();
        if strays.is_empty() {
            return out;
        }
        out = Cow::Owned(escaped_at(&out, |at| strays.binary_search(&at).is_ok()));
    }
    // nobody means formulas by so many: none of them is one
    Cow::Owned(escaped_at(text, |_| true))
}

/// Where something between dollar signs begins that is no formula.
fn stray(text: &str, event: &Event<'_>, range: Range<usize>) -> Option<usize> {
    let is_apart = !text[..range.start].ends_with(char::is_alphanumeric) && !text[range.end..].starts_with(char::is_alphanumeric);
    let is_formula = match event {
        Event::InlineMath(inner) => is_apart && understood(inner).is_some(),
        Event::DisplayMath(inner) => understood(inner.trim()).is_some(),
        _ => true,
    };
    (!is_formula).then_some(range.start)
}

/// The text with a backslash before some of its dollar signs, by where they stand.
fn escaped_at(text: &str, is_escaped: impl Fn(usize) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        out.extend((c == '$' && is_escaped(at)).then_some('\\'));
        out.push(c);
    }
    out
}

/// The first heading of the highest level.
#[must_use]
pub fn title(text: &str) -> Option<String> {
    let text = &*settled(text);
    let mut out: Option<String> = None;
    for event in parser(text) {
        match (event, &mut out) {
            (Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }), None) => out = Some(String::new()),
            (Event::End(TagEnd::Heading(HeadingLevel::H1)), Some(_)) => break,
            (Event::Text(text) | Event::Code(text) | Event::InlineMath(text), Some(out)) => out.push_str(&text),
            (Event::SoftBreak | Event::HardBreak, Some(out)) => out.push(' '),
            _ => {}
        }
    }
    out.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty())
}

/// Whether a link may be followed: to a page or an address, or within the document's own folder.
fn is_harmless(link: &str) -> bool {
    let scheme = link.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_none_or(|scheme| ["http", "https", "mailto"].contains(&scheme.as_str()) || scheme.contains(['/', '?', '#']))
}

/// As the Markdown that it is, but for HTML in it, which is text, and for formulas, which are LaTeX there.
#[must_use]
pub fn markdown(text: &str) -> String {
    let text = &*settled(text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (event, range) in events(text) {
        let typed = &text[range.clone()];
        let replaced = match event {
            Event::Html(_) | Event::InlineHtml(_) => typed.replace('<', "&lt;"),
            Event::InlineMath(inner) => format!("$`{}`$", super::latex::math(&formula(&inner))),
            Event::DisplayMath(inner) => format!("$${}$$", super::latex::math(&formula(inner.trim()))),
            _ => continue,
        };
        if range.start >= at {
            out.push_str(&text[at..range.start]);
            out.push_str(&replaced);
            at = range.end;
        }
    }
    out + &text[at..]
}

/// As HTML that is well-formed XML too.
#[must_use]
pub fn html(text: &str) -> String {
    let text = &*settled(text);
    let mut out = String::new();
    let mut links: Vec<bool> = Vec::new();
    for event in parser(text) {
        match event {
            Event::Start(tag) => match tag {
                Tag::Link { dest_url, .. } => {
                    links.push(is_harmless(&dest_url));
                    if is_harmless(&dest_url) {
                        let _ = write!(out, "<a href=\"{}\" rel=\"noreferrer\">", escaped(&dest_url));
                    }
                }
                Tag::List(Some(first)) => _ = write!(out, "<ol start=\"{first}\">"),
                Tag::CodeBlock(_) => out.push_str("<pre class=\"code scroll\"><code>"),
                other => _ = element(&other.to_end()).map(|name| write!(out, "<{name}>")),
            },
            Event::End(TagEnd::Link) => out.push_str(if links.pop() == Some(true) { "</a>" } else { "" }),
            Event::End(TagEnd::CodeBlock) => out.push_str("</code></pre>\n"),
            Event::End(TagEnd::List(true)) => out.push_str("</ol>\n"),
            Event::End(tag) => {
                if let Some(name) = element(&tag) {
                    let end = if ["em", "strong", "s"].contains(&name) { "" } else { "\n" };
                    let _ = write!(out, "</{name}>{end}");
                }
            }
            Event::Code(code) => _ = write!(out, "<code>{}</code>", escaped(&code)),
            Event::InlineMath(inner) => out.push_str(&mathml::math(&formula(&inner), false)),
            Event::DisplayMath(inner) => out.push_str(&mathml::math(&formula(inner.trim()), true)),
            Event::SoftBreak => out.push('\n'),
            Event::HardBreak => out.push_str("<br />"),
            Event::Rule => out.push_str("<hr />\n"),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&escaped(&text)),
            _ => {}
        }
    }
    out
}

fn element(tag: &TagEnd) -> Option<&'static str> {
    Some(match tag {
        TagEnd::Paragraph | TagEnd::HtmlBlock => "p",
        TagEnd::Heading(level) => match level {
            HeadingLevel::H1 => "h1",
            HeadingLevel::H2 => "h2",
            HeadingLevel::H3 => "h3",
            _ => "h4",
        },
        TagEnd::BlockQuote(_) => "blockquote",
        TagEnd::List(false) => "ul",
        TagEnd::List(true) => "ol",
        TagEnd::Item => "li",
        TagEnd::Emphasis => "em",
        TagEnd::Strong => "strong",
        TagEnd::Strikethrough => "s",
        _ => return None,
    })
}

/// As LaTeX.
#[must_use]
pub fn latex(text: &str) -> String {
    let text = &*settled(text);
    let mut out = String::new();
    // a block of code, while it is open
    let mut code: Option<String> = None;
    // the addresses of open links
    let mut links: Vec<String> = Vec::new();
    for event in parser(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented)) => code = Some(String::new()),
            Event::End(TagEnd::CodeBlock) => out.push_str(&paper::verbatim(&code.take().unwrap_or_default())),
            Event::Text(text) if code.is_some() => _ = code.as_mut().map(|code| code.push_str(&text)),
            Event::Start(tag) => match tag {
                Tag::Heading { level, .. } => out.push_str(match level {
                    HeadingLevel::H1 => "\n\\section*{",
                    HeadingLevel::H2 => "\n\\subsection*{",
                    _ => "\n\\subsubsection*{",
                }),
                Tag::BlockQuote(_) => out.push_str("\n\\begin{quote}\n"),
                Tag::List(None) => out.push_str("\n\\begin{itemize}\n"),
                Tag::List(Some(_)) => out.push_str("\n\\begin{enumerate}\n"),
                Tag::Item => out.push_str("\\item "),
                Tag::Emphasis => out.push_str("\\emph{"),
                Tag::Strong => out.push_str("\\textbf{"),
                Tag::Link { dest_url, .. } => links.push(dest_url.into_string()),
                _ => {}
            },
            Event::End(tag) => match tag {
                TagEnd::Heading(_) => out.push_str("}\n"),
                TagEnd::Paragraph | TagEnd::HtmlBlock => out.push_str("\n\n"),
                TagEnd::BlockQuote(_) => out.push_str("\\end{quote}\n"),
                TagEnd::List(false) => out.push_str("\\end{itemize}\n"),
                TagEnd::List(true) => out.push_str("\\end{enumerate}\n"),
                TagEnd::Item => out.push('\n'),
                TagEnd::Emphasis | TagEnd::Strong => out.push('}'),
                TagEnd::Link => {
                    // on paper the address is what there is of a link
                    if let Some(address) = links.pop().filter(|address| is_harmless(address)) {
                        let _ = write!(out, " (\\texttt{{{}}})", super::latex::text(&address));
                    }
                }
                _ => {}
            },
            Event::Code(code) => _ = write!(out, "\\texttt{{{}}}", super::latex::text(&code)),
            Event::InlineMath(inner) => _ = write!(out, "${}$", super::latex::math(&formula(&inner))),
            Event::DisplayMath(inner) => _ = write!(out, "\\[{}\\]", super::latex::math(&formula(inner.trim()))),
            Event::SoftBreak => out.push('\n'),
            Event::HardBreak => out.push_str("\\newline\n"),
            Event::Rule => out.push_str("\n\\bigskip\\hrule\\bigskip\n"),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&super::latex::text(&text)),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_stand_between_dollar_signs() {
        let told = "The slope of $x^2$ is $2x$, and $d/dx sin(u) = cos(u)$. *So* `$x$` is code.\n";
        let page = html(told);
        assert_eq!(page.matches("<math").count(), 3, "{page}");
        assert!(page.contains("<msup><mi>x</mi><mn>2</mn></msup>") && page.contains("<code>$x$</code>"), "{page}");
        assert!(latex(told).contains("of $x^{2}$ is $2\\,x$, and $\\frac{d}{dx}[\\sin(u)]=\\cos(u)$"), "{}", latex(told));
        let text = markdown(told);
        assert!(text.contains("of $`x^{2}`$ is $`2\\,x`$") && text.contains("*So* `$x$` is code."), "{text}");
        // what is no formula takes nothing away from what follows it
        let page = html("$5, *so* `$x$` or $x$ and 6$, \\$7\\$.\n");
        assert!(page.contains("<p>$5, <em>so</em> <code>$x$</code> or <math") && page.contains("and 6$, $7$."), "{page}");
        assert!(html("$$x/2$$\n").contains("<math displaystyle=\"true\""));
        assert_eq!(title("# The slope of $x^2$\n").as_deref(), Some("The slope of x^2"));
    }

    /// What the language cannot read as a whole stays as it was typed, and nothing of it is markup.
    #[test]
    fn prices_are_no_formulas() {
        for told in [
            "between $5 and $6",
            "US$5/US$6",
            "5$-6$",
            "from $5,$6 on",
            "$5-$10",
            "$5 and 6$",
            "$ x $",
            "$x $ and $ y$",
            "$f(x) +$",
            "$two words$",
            "a$b$c",
            "$\\frac{1}{2}$",
            "$$",
            "$<b>x</b>$",
            "$1/2x$",
        ] {
            let page = html(told);
            assert!(!page.contains("<math") && !page.contains("<b>"), "{told}: {page}");
            assert_eq!(page, format!("<p>{}</p>\n", escaped(told)), "{told}");
            assert_eq!(latex(told).trim(), super::super::latex::text(told), "{told}");
            let text = markdown(told);
            assert!(!text.contains("$`") && !text.contains('<'), "{told}: {text}");
            assert_eq!(text.replace("\\$", "$").replace("&lt;", "<"), told);
        }
    }

    #[test]
    fn nothing_is_passed_on_as_markup() {
        let hostile = "# a <b>\n<script>x</script>\n\n[y](javascript:z) [k](https://example.org/?a=1&b=2) ![p](http://q/r.png)";
        let html = html(hostile);
        assert!(!html.contains("<script") && !html.contains("javascript") && !html.contains("<img"), "{html}");
        assert!(html.contains("<a href=\"https://example.org/?a=1&amp;b=2\" rel=\"noreferrer\">k</a>"), "{html}");
        assert_eq!(title(hostile).as_deref(), Some("a"));
        let markdown = markdown(hostile);
        assert!(!markdown.contains('<') && markdown.starts_with("# a &lt;b>\n&lt;script>x&lt;/script>\n"), "{markdown}");
        let latex = latex("50 % of `a_b` & \\input{x}\n\n- one\n- *two*\n");
        assert!(latex.contains("50 \\% of \\texttt{a\\_b} \\& \\textbackslash{}input\\{x\\}"), "{latex}");
        assert!(latex.contains("\\begin{itemize}\n\\item one\n\\item \\emph{two}\n\\end{itemize}"), "{latex}");
    }
}
