//! The formatter line by line; whole programs and random ones are in tests/all/tools.rs.

use super::format;
use crate::source::Source;

fn formatted(text: &str) -> String {
    let once = format(&Source::new("t", text)).text;
    assert_eq!(format(&Source::new("t", once.as_str())).text, once, "not settled: {text}");
    once
}

#[track_caller]
fn becomes(text: &str, wanted: &str) {
    assert_eq!(formatted(text), wanted);
}

#[test]
fn one_space_round_loose_operators_and_none_round_tight_ones() {
    becomes("let   z=w * x+b", "let z = w*x + b\n");
    becomes("diff x ^ 2 / 3 wrt x", "diff x^2/3 wrt x\n");
    becomes("assume 0<p<1 ,x>= 0", "assume 0 < p < 1, x >= 0\n");
    becomes("f ( x,y ) - [ 1 , 2 ] [ 1 ]", "f(x, y) - [1, 2][1]\n");
    becomes("n ! + f ' ( x )", "n! + f'(x)\n");
    becomes("sum( i in 1 .. n :i ^ 2 )", "sum(i in 1..n: i^2)\n");
    becomes("plot sin(x) for x in - 1..inf", "plot sin(x) for x in -1..inf\n");
    becomes("moons . x1*2 ( x+1 ) + 2 x", "moons.x1*2(x + 1) + 2x\n");
    becomes("if x>0 then (a) else - b", "if x > 0 then (a) else -b\n");
    becomes("d/dx   ( x^2 )", "d/dx (x^2)\n");
}

#[test]
fn signs_stand_by_their_operand() {
    becomes("a - - b", "a - -b\n");
    becomes("- x ^ - 2 * - y", "-x^-2*-y\n");
    becomes("x\ngrad  - x", "x\ngrad - x\n");
    becomes("grad -x", "grad -x\n");
    becomes("domain-1", "domain - 1\n");
    becomes("[ - 1,+ x ]", "[-1, +x]\n");
    becomes("x\n-2^2", "x\n-2^2\n");
}

#[test]
fn operators_are_ascii_and_names_stay() {
    becomes("π×λ₂−y÷2·∂", "π×λ₂−y÷2·∂\n");
    becomes("π×λ₂−y÷2·z", "π*λ₂ - y/2*z\n");
    becomes("assume x≤1, y≥2, z≠3", "assume x <= 1, y >= 2, z != 3\n");
    becomes("x**2 + f′(x)", "x^2 + f'(x)\n");
    becomes("∂²/∂x² (x)", "∂²/∂x² (x)\n");
}

#[test]
fn numbers_and_parentheses_stay_as_typed() {
    becomes("1_000 + .5 + 0.50+1e-3", "1_000 + .5 + 0.50 + 1e-3\n");
    becomes("((x)) + (2*x)", "((x)) + (2*x)\n");
}

#[test]
fn what_would_become_another_token_keeps_its_space() {
    becomes("d / dx", "d / dx\n");
    becomes("d^2/ dx + d /y", "d^2 / dx + d/y\n");
    becomes("2 e3 + 2 e + 3 _x", "2 e3 + 2e + 3 _x\n");
    becomes("sum(i in 1 .. .5: i)", "sum(i in 1...5: i)\n");
}

#[test]
fn statements_stand_on_lines_of_their_own() {
    becomes("let a=1;let b=2;;\n;a+b;", "let a = 1\nlet b = 2\na + b\n");
    becomes("a;b # both", "a; b  # both\n");
    becomes("x;y\n#> x\n#> y", "x; y\n#> x\n#> y\n");
    becomes("x;(y+\nz)\n\n# more\n#> x", "x; (y +\n    z)\n\n# more\n#> x\n");
    becomes("x;y\nz\n#> z", "x\ny\nz\n#> z\n");
}

#[test]
fn blank_lines_line_ends_and_trailing_space() {
    becomes("\u{feff}\r\n\r\na  \r\n\r\n\r\n\t b\r\n\r\n", "a\n\nb\n");
    becomes("", "");
    becomes(" \n\n", "");
    becomes("# only  ", "# only\n");
}

#[test]
fn a_comment_behind_a_semicolon_does_not_become_narrative() {
    becomes("eval 1\n; ## hello\n", "eval 1\n;  ## hello\n");
}

#[test]
fn comments_stay_where_they_are() {
    becomes("let a=1   # one\nlet bb = 22 # two\n", "let a = 1  # one\nlet bb = 22  # two\n");
    becomes("let a = 1      # one\nlet bb = 22    # two\n", "let a = 1      # one\nlet bb = 22    # two\n");
    becomes("## Title\n   #free\nx #> x", "## Title\n#free\nx  #> x\n");
    becomes("let z = [ # all\n1, # one\n# two\n2\n]", "let z = [  # all\n    1,  # one\n    # two\n    2\n]\n");
}

#[test]
fn lines_of_one_statement_are_kept_and_indented() {
    becomes("diff x^2\nwrt x\n  at x=1", "diff x^2\n    wrt x\n    at x = 1\n");
    becomes("let m=[\n[1,2],\n[3,\n4]\n]", "let m = [\n    [1, 2],\n    [3,\n        4]\n]\n");
    becomes("let y = f(g(\nx\n))", "let y = f(g(\n    x\n))\n");
}

#[test]
fn long_lines_are_broken_where_it_shows_the_structure() {
    let term = "log(1 + exp(some_long_name*x))";
    let two = format!("{term} + {term}");
    becomes(
        &format!("derive {two} wrt x at x = 1 with detail = full, more = 1"),
        &format!("derive {two} wrt x at x = 1\n    with detail = full, more = 1\n"),
    );
    becomes(&format!("let loss = {two} + {two}"), &format!("let loss = {two} +\n    {two}\n"));
    becomes(&format!("let v = [{two}, {two}]"), &format!("let v = [{two},\n    {two}]\n"));
    let name = "a".repeat(120);
    becomes(&format!("let x={name}"), &format!("let x =\n    {name}\n"));
}

#[test]
fn a_statement_with_an_error_stays_as_it_is() {
    let text = "let a=1\nlet  b  = (1+ \n\nlet c=x *2; let d =)  \nf(x ,y)";
    let found = format(&Source::new("t", text));
    assert_eq!(found.text, "let a = 1\nlet  b  = (1+ \n\nlet c=x *2; let d =)  \nf(x, y)\n");
    assert_eq!(found.diagnostics.len(), 2);
    formatted(text);
    // without its semicolon the first bracket would find the last one
    becomes("(x\ny; w\nz)", "(x\ny; w\nz)\n");
}
