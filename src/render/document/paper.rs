//! Documents as LaTeX: a source that compiles as it is, with any engine.

use super::latex::{math, text};
use super::marked::{Marked, Verdict};
use super::steps::{Rule, Step, Steps};
use super::{Block, Format, Line, Message, Run, Strip, Table, Title, narrative, sentence, tikz, word};
use std::fmt::Write;

/// What stands before the text. Lines of a derivation are shrunk where they would not fit between the margins.
const PREAMBLE: &str = r"\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern,textcomp}
\usepackage{amsmath,amssymb}
\usepackage{graphicx,xcolor,tikz}
\usepackage[margin=25mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\emergencystretch=3em
\renewcommand{\arraystretch}{1.25}
\newsavebox{\gradbox}
\newlength{\gradwidth}
\newcommand{\gradfit}[2]{\savebox{\gradbox}{#1}\setlength{\gradwidth}{#2}\ifdim\wd\gradbox>\gradwidth\resizebox{\gradwidth}{!}{\usebox{\gradbox}}\else\usebox{\gradbox}\fi}
\newcommand{\gradresult}[1]{\par\smallskip\hspace*{1.5em}\gradfit{#1}{\dimexpr\linewidth-2em\relax}\par}
\newcommand{\gradstate}[2]{\par\hspace*{1.5em}\gradfit{#1}{\dimexpr\linewidth-9em\relax}\hfill\mbox{\small #2}\par}
\newcommand{\gradwhy}[1]{\par{\leftskip=1.5em\small\itshape #1.\par}}
\newcommand{\gradstep}[2]{\par\medskip\textbf{#1.} \textit{#2}\nopagebreak\par}
\newenvironment{gradcode}[1]{\par\medskip\begingroup#1\ttfamily\raggedright\setlength{\parskip}{0pt}}{\par\endgroup\medskip}
\newcommand{\gradroom}{\par\nopagebreak\vspace{6mm}\noindent\textcolor{black!30}{\rule{\linewidth}{0.3pt}}\par}
\newenvironment{gradfirst}{\par\medskip\begin{list}{}{\setlength{\leftmargin}{1.2em}\setlength{\topsep}{2pt}}\item[\textcolor{red!70!black}{\rule[-0.5ex]{3pt}{3ex}}]}{\end{list}}
\newenvironment{gradsteps}{\par\medskip}{\par\medskip}
\newenvironment{gradnested}{\begin{list}{}{\setlength{\leftmargin}{1.5em}}\item[]}{\end{list}}
";

/// Writes LaTeX.
#[derive(Debug, Default)]
pub struct Paper;

impl Format for Paper {
    fn begin(&mut self, out: &mut String, title: &Title) {
        out.push_str(PREAMBLE);
        out.push_str("\\begin{document}\n");
        if !title.is_shown {
            let _ = writeln!(out, "\\section*{{{}}}", text(&title.text));
        }
    }

    fn block(&mut self, out: &mut String, block: &Block) {
        match block {
            Block::Narrative(told) => out.push_str(&narrative::latex(told)),
            Block::Code(code) => out.push_str(&verbatim(code)),
            Block::Results(lines) => {
                for line in lines {
                    let _ = writeln!(out, "\\gradresult{{{}}}", runs(line, true));
                }
            }
            Block::Steps(steps) => derivation(out, steps),
            Block::Table(found) => table(out, found),
            Block::Marked(found) => marked(out, found),
            Block::Room(lines) => _ = writeln!(out, "{}", "\\gradroom ".repeat(*lines)),
            Block::Picture(picture) => out.push_str(&tikz::picture(picture)),
            Block::Remarks(lines) => remarks(out, lines),
            Block::Text(found) => out.push_str(&verbatim(found)),
            Block::Message(found) => message(out, found),
        }
    }

    fn end(&mut self, out: &mut String) {
        out.push_str("\\end{document}\n");
    }
}

/// Lines as they are, their blanks kept.
#[must_use]
pub fn verbatim(code: &str) -> String {
    // so many characters fit between the margins; longer lines are smaller, and the longest break at blanks
    let size = match super::trimmed(code).lines().map(|line| line.chars().count()).max().unwrap_or(0) {
        0..=85 => "small",
        86..=95 => "footnotesize",
        _ => "scriptsize",
    };
    let mut out = format!("\n\\begin{{gradcode}}{{\\{size}}}\n");
    for line in super::trimmed(code).lines() {
        let indent = line.len() - line.trim_start_matches(' ').len();
        // a blank at the beginning of a line would vanish, and two are one to TeX; a line may break at any other
        let body = text(&line[indent..]).replace("  ", "~ ").replace("  ", "~ ");
        let _ = writeln!(out, "\\mbox{{}}{}{}\\par", "~".repeat(indent), body);
    }
    out.push_str("\\end{gradcode}\n");
    out
}

fn runs(line: &[Run], is_large: bool) -> String {
    line.iter()
        .map(|run| match run {
            Run::Text(words) => text(words),
            Run::Math(found) if is_large => format!("$\\displaystyle {}$", math(found)),
            Run::Math(found) => format!("${}$", math(found)),
            Run::Code(code) => format!("\\texttt{{{}}}", text(code)),
            Run::Strip(found) => strip(found),
        })
        .collect()
}

fn strip(found: &Strip) -> String {
    let mut out = String::from("\\tikz[x=30mm,y=1.4ex,baseline=0.2ex]{\\draw[black!30] (0,0) rectangle (1,1);");
    let part = |look: &str, (from, to): (f64, f64), top: f64| format!("\\fill[{look}] ({from:.4},0) rectangle ({to:.4},{top});");
    out.extend(found.dark.iter().map(|ends| part("black!70", *ends, 1.0)));
    out.extend(found.doubt.iter().map(|ends| part("black!35", *ends, 0.5)));
    out.extend(found.mark.iter().map(|at| part("black", (*at, at + 0.01), 1.0)));
    out + "}"
}

fn derivation(out: &mut String, found: &Steps) {
    out.push_str("\\begin{gradsteps}\n");
    let _ = writeln!(out, "\\gradresult{{{}}}", runs(&found.start, true));
    if !found.chain.is_empty() {
        let chain: Vec<String> = found.chain.iter().map(math).collect();
        let _ = writeln!(out, "The way of the influence: ${}$\\par", chain.join("\\to "));
    }
    found.steps.iter().enumerate().for_each(|(k, one)| step(out, one, &(k + 1).to_string()));
    if let Some(result) = &found.result {
        let _ = writeln!(out, "\\gradstate{{{}}}{{}}", runs(result, true));
    }
    for line in &found.closing {
        let _ = writeln!(out, "\\par {}\\par", runs(line, false));
    }
    out.push_str("\\end{gradsteps}\n");
}

fn step(out: &mut String, step: &Step, number: &str) {
    let _ = writeln!(out, "\\gradstep{{{number}}}{{{}}}", text(&step.name));
    if let Some(before) = &step.before {
        let _ = writeln!(out, "\\gradstate{{{}}}{{}}", runs(before, true));
    }
    step.rules.iter().for_each(|one| rule(out, one));
    if !step.inner.is_empty() {
        out.push_str("\\begin{gradnested}\n");
        step.inner.iter().enumerate().for_each(|(k, one)| self::step(out, one, &format!("{number}.{}", k + 1)));
        out.push_str("\\end{gradnested}\n");
    }
    let check = step.check.mark().map_or(String::new(), |(mark, how)| format!("{} {}", text(mark), text(&how)));
    let _ = writeln!(out, "\\gradstate{{{}}}{{{check}}}", runs(&step.after, true));
}

fn rule(out: &mut String, rule: &Rule) {
    let indent = if rule.is_link { "\\hspace*{1.5em}" } else { "" };
    let name = rule.name.as_ref().map_or(String::new(), |name| format!("\\textbf{{{}}}", text(name)));
    let separator = if rule.name.is_some() && !rule.detail.is_empty() { ": " } else { "" };
    let needs = if rule.needs.is_empty() { String::new() } else { format!(" ({})", runs(&rule.needs, false)) };
    let _ = writeln!(out, "\\par {indent}{name}{separator}{}{needs}", runs(&rule.detail, true));
    for why in &rule.why {
        let _ = writeln!(out, "\\gradwhy{{{}}}", runs(why, false));
    }
}

fn remarks(out: &mut String, lines: &[Line]) {
    if let [] | [_] = lines {
        lines.iter().for_each(|line| _ = writeln!(out, "\\par {}\\par", runs(line, false)));
        return;
    }
    out.push_str("\\begin{itemize}\n");
    for line in lines {
        let _ = writeln!(out, "\\item {}", runs(line, false));
    }
    out.push_str("\\end{itemize}\n");
}

/// A learner's lines: what became of each stands beside it, as a sign and in words; the first that does not follow has a bar.
fn marked(out: &mut String, found: &Marked) {
    let _ = writeln!(out, "\\gradresult{{{}}}", runs(&found.problem, true));
    for (k, row) in found.lines.iter().enumerate() {
        let (mark, verdict) = row.verdict.mark();
        let beside = format!("{} line {} {verdict}", text(mark), k + 1);
        let (begin, end) = match row.verdict {
            Verdict::First => ("\\begin{gradfirst}\n", "\\end{gradfirst}\n"),
            _ => ("", ""),
        };
        let _ = writeln!(out, "{begin}\\gradstate{{{}}}{{{beside}}}", runs(&row.line, true));
        remarks(out, &row.remarks);
        out.push_str(end);
    }
    for line in &found.closing {
        let _ = writeln!(out, "\\par {}\\par", runs(line, false));
    }
}

fn table(out: &mut String, found: &Table) {
    let columns = found.rows.iter().map(Vec::len).max().unwrap_or(0);
    let words = found.words.min(columns);
    let mut inner = format!("\\begin{{tabular}}{{{}{}}}", "l".repeat(words), "r".repeat(columns - words));
    for (k, row) in found.rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| runs(cell, false)).collect();
        let _ = write!(inner, "{}\\\\{} ", cells.join(" & "), if k == 0 { "\\hline" } else { "" });
    }
    inner.push_str("\\end{tabular}");
    if !found.caption.is_empty() {
        let _ = writeln!(out, "\\par\\medskip\\textit{{{}}}\\nopagebreak\\par", runs(&found.caption, false));
    }
    let _ = writeln!(out, "\\par\\medskip\\gradfit{{{inner}}}{{\\linewidth}}\\par\\medskip");
}

fn message(out: &mut String, found: &Message) {
    let _ =
        writeln!(out, "\\par\\medskip\\textbf{{{} {}:}} {}\\par", word(found.severity), found.code, text(&sentence(&found.text)));
    if !found.place.is_empty() {
        out.push_str(&verbatim(&found.place));
    }
    for line in &found.help {
        let _ = writeln!(out, "Help: {}\\par", text(line));
    }
    if let Some(correction) = &found.correction {
        let _ = writeln!(out, "Try \\texttt{{{}}}\\par", text(correction));
    }
}
