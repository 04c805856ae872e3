//! The grammar by example: each text beside the tree it means, written with every parenthesis.

use super::ast::*;
use super::*;
use crate::source::Source;
use proptest::prelude::*;

fn parse(text: &str) -> Parsed {
    parse_program(&Source::new("t", text))
}

/// The tree with every parenthesis. Recursive: only for the small trees of these tests.
fn show(text: &str, ast: &Ast, id: ExprId) -> String {
    let s = |id| show(text, ast, id);
    let all = |list: &[ExprId]| list.iter().map(|&id| s(id)).collect::<Vec<_>>().join(", ");
    match ast.expr(id) {
        Expr::Number { .. } => text[ast.span(id).range()].to_owned(),
        Expr::Infinity => "inf".to_owned(),
        Expr::Name(name) => ast.name(name).to_owned(),
        Expr::Column { data, column } => format!("{}.{}", ast.name(data), ast.name(column)),
        Expr::Call { callee, primes, args } => {
            format!("{}{}({})", ast.name(callee.name), "'".repeat(primes as usize), all(ast.list(args)))
        }
        Expr::Unary(UnaryOp::Neg, a) => format!("(-{})", s(a)),
        Expr::Unary(UnaryOp::Plus, a) => format!("(+{})", s(a)),
        Expr::Unary(UnaryOp::Not, a) => format!("(not {})", s(a)),
        Expr::Unary(UnaryOp::Factorial, a) => format!("({}!)", s(a)),
        Expr::Binary(op, a, b) => format!("({}{}{})", s(a), sign(op), s(b)),
        Expr::Coefficient(n, a) => format!("({} {})", s(n), s(a)),
        Expr::Compare(chain) => {
            let (operands, signs) = ast.comparisons(chain);
            let mut out = s(operands[0]);
            for (sign, &operand) in signs.iter().zip(&operands[1..]) {
                out += &format!(" {sign:?} {}", s(operand));
            }
            format!("({out})")
        }
        Expr::Vector(list) => format!("[{}]", all(ast.list(list))),
        Expr::Index { base, index } => format!("{}[{}]", s(base), s(index)),
        Expr::Series(series) => {
            let Series { kind, index, range, body } = ast.series(series);
            format!("{kind:?}({} in {}..{}: {})", ast.name(index.name), s(range.from), s(range.to), s(body))
        }
        Expr::If { condition, then, otherwise } => {
            let otherwise = otherwise.map_or(String::new(), |id| format!(" else {}", s(id)));
            format!("(if {} then {}{otherwise})", s(condition), s(then))
        }
        Expr::Derivative { operand, variable, order } => {
            format!("D({}, {}, {order})", s(operand), ast.name(variable.name))
        }
    }
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Pow => "^",
        BinaryOp::And => " and ",
        BinaryOp::Or => " or ",
    }
}

fn reads(text: &str, tree: &str) {
    match parse_expression(text) {
        Ok(Single { ast, root }) => assert_eq!(show(text, &ast, root), tree, "{text}"),
        Err(diagnostics) => panic!("{text}: {diagnostics:#?}"),
    }
}

fn refused(text: &str, code: &str) {
    let parsed = parse(text);
    assert_eq!(parsed.diagnostics.first().map(|d| d.code.id), Some(code), "{text}: {:?}", parsed.diagnostics);
}

#[test]
fn operators_bind_as_on_paper() {
    reads("a + b*c", "(a+(b*c))");
    reads("a - b - c", "((a-b)-c)");
    reads("6/2*(1 + 2)", "((6/2)*(1+2))");
    reads("-x^2", "(-(x^2))");
    reads("2^3^4", "(2^(3^4))");
    reads("2^-3", "(2^(-3))");
    reads("2^-3^-4", "(2^(-(3^(-4))))");
    reads("-2^2", "(-(2^2))");
    reads("x ** 2", "(x^2)");
    reads("1 - -x", "(1-(-x))");
    reads("---x", "(-(-(-x)))");
    reads("a*-b", "(a*(-b))");
    reads("not a < b and c or d", "(((not (a Less b)) and c) or d)");
    reads("0 < p <= 1", "(0 Less p LessEqual 1)");
    reads("n!^2 + 3!", "(((n!)^2)+(3!))");
}

#[test]
fn a_number_before_an_operand_multiplies() {
    reads("2x", "(2 x)");
    reads("2(x + 1)", "(2 (x+1))");
    reads("3x^2", "(3 (x^2))");
    reads("-2sin(x)*y", "((-(2 sin(x)))*y)");
    reads("x*2y", "(x*(2 y))");
    reads("2^(3x)", "(2^(3 x))");
    reads("1/(2x)", "(1/(2 x))");
    reads("2e", "(2 e)");
    refused("1/2x", "E0108");
    refused("2^3x", "E0108");
    refused("2^-3x", "E0108");
    refused("x^2y", "E0108");
    refused("sin^2(x)", "E0108");
    refused("5!!", "E0108");
    reads("(5!)!", "((5!)!)");
    refused("0x1F + 1", "E0110");
    refused("if x > 0 1 else 2", "E0122");
}

#[test]
fn calls_indices_vectors_and_series() {
    reads("f(a, b)", "f(a, b)");
    reads("sin()", "sin()");
    reads("f''(x)", "f''(x)");
    reads("z[1][2]!", "(z[1][2]!)");
    reads("[a, b + 1]", "[a, (b+1)]");
    reads("sum(i in 1..n: i^2)", "Sum(i in 1..n: (i^2))");
    reads("prod(k in 0..inf: k)", "Product(k in 0..inf: k)");
    reads("sum([1, 2])", "sum([1, 2])");
    reads("mean(moons.x1)", "mean(moons.x1)");
    refused("max(i in 1..3: i)", "E0120");
}

#[test]
fn derivatives_as_expressions() {
    reads("diff(x^2, x)", "D((x^2), x, 1)");
    reads("diff(x^2, x, 2) + 1", "(D((x^2), x, 2)+1)");
    reads("diff(f, x, 2, y)", "D(D(f, x, 2), y, 1)");
    reads("x*diff(diff(x^3, x), x)", "(x*D(D((x^3), x, 1), x, 1))");
    reads("d/dx x^2 + 1", "(D((x^2), x, 1)+1)");
    reads("∂²/∂t² sin(t)", "D(sin(t), t, 2)");
    reads("d^2/dx^2 (x*y)", "D((x*y), x, 2)");
    reads("-d/dx d/dy f(x, y)", "(-D(D(f(x, y), y, 1), x, 1))");
    reads("(d/dx x^2)*y", "(D((x^2), x, 1)*y)");
    reads("d/dx(x^2)*y + x*d/dx(y)", "((D((x^2), x, 1)*y)+(x*D(y, x, 1)))");
    reads("d/dx(x)/d/dx(y)*-d/dx(z)", "((D(x, x, 1)/D(y, x, 1))*(-D(z, x, 1)))");
    refused("d/dx (x^2)*y", "E0109");
    refused("d/dx(x + 1)^2*y", "E0109");
    refused("d/dx x^2 * y", "E0109");
    refused("2*d/dx x^2", "E0109");
    refused("d^2/dx x", "E0119");
    refused("diff(x^2, 3)", "E0119");
    refused("diff(x^3, x, -1)", "E0119");
}

#[test]
fn conditionals() {
    reads("if x > 0 then x else -x", "(if (x Greater 0) then x else (-x))");
    reads("if a then b else if c then d", "(if a then b else (if c then d))");
    reads("1 + (if a then b)", "(1+(if a then b))");
    refused("if a then if b then c else d", "E0122");
}

#[test]
fn other_alphabets() {
    reads("2 × x · y ÷ z − 1", "((((2 x)*y)/z)-1)".replace("(2 x)", "(2*x)").as_str());
    reads("π + λ₂", "(pi+λ₂)");
    reads("x ≤ y ≠ z", "(x LessEqual y NotEqual z)");
    let Ok(Single { ast, root }) = parse_expression("é + e\u{301}") else { panic!() };
    assert!(matches!(ast.expr(root), Expr::Binary(_, a, b) if ast.expr(a) == ast.expr(b)));
}

#[test]
fn newlines_end_statements_only_where_something_is_whole() {
    let count = |text: &str| {
        let parsed = parse(text);
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
        parsed.statements.len()
    };
    assert_eq!(count("x\ny"), 2);
    assert_eq!(count("x + 1;; y"), 2);
    assert_eq!(count("x +\n\n y"), 1);
    assert_eq!(count("(x\n+ y)\nz"), 2);
    assert_eq!(count("max(a,\r\n b)"), 1);
    assert_eq!(count("diff x^2\n  wrt x\n  at x = 1"), 1);
    assert_eq!(count("if a\nthen b\nelse c"), 1);
    assert_eq!(count("let x =\n 3"), 1);
    assert_eq!(count("x\r-y"), 2);
    assert_eq!(count("\u{feff}x"), 1);
    assert_eq!(count("# nothing\n\n"), 0);
}

#[test]
fn statements_and_clauses() {
    let text = "let z = 1\nfn f(x, y) = x*y\nparam w = 0.5, b = 0\ngiven x = 2\nassume x > 0, integer(n)\n\
        data m = \"m.csv\"\nimport \"l.grad\"\nassert a == b within 1e-9 at x = 1\n\
        diff x^2 wrt x, x with detail = brief, title = \"t\" for x in 0..1, y in -inf..inf assuming x > 0 at y = 2\n\
        ## words\n#> output\ndomain + 1";
    let parsed = parse(text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let kinds: Vec<&StatementKind> = parsed.statements.iter().map(|s| &s.kind).collect();
    assert_eq!(kinds.len(), 12);
    assert!(matches!(kinds[1], StatementKind::Fn { params, .. } if params.len() == 2));
    assert!(matches!(kinds[5], StatementKind::Data { path, .. } if &text[path.range()] == "m.csv"));
    assert!(matches!(kinds[7], StatementKind::Assert { within: Some(_), clauses, .. } if clauses.at.len() == 1));
    let StatementKind::Command { kind: CommandKind::Diff, clauses, .. } = kinds[8] else { panic!("{:?}", kinds[8]) };
    assert_eq!((clauses.wrt.len(), clauses.with.len(), clauses.ranges.len()), (2, 2, 2));
    assert_eq!((clauses.assuming.len(), clauses.at.len()), (1, 1));
    assert!(matches!(kinds[9], StatementKind::Narrative(span) if &text[span.range()] == " words"));
    assert!(matches!(kinds[10], StatementKind::Expected(span) if &text[span.range()] == " output"));
    assert!(matches!(kinds[11], StatementKind::Expr { .. }));
    refused("diff x wrt x wrt y", "E0117");
    refused("x within 1", "E0117");
    refused("fn f(x, x) = x", "E0115");
}

#[test]
fn commands_are_words_only_at_the_beginning() {
    for text in ["diff(x^2, x)", "domain", "domain + 1", "domain - 1", "domain-x", "let grad = 3", "eval*2", "x + simplify"] {
        let parsed = parse(text);
        assert!(!matches!(parsed.statements[0].kind, StatementKind::Command { .. }), "{text}");
    }
    for text in
        ["diff (x^2)*y wrt x", "grad -x", "simplify (x + 1)^2", "hessian f(x)", "jacobian [a, b]", "diff diff(f, x) wrt x"]
    {
        let parsed = parse(text);
        assert!(matches!(parsed.statements[0].kind, StatementKind::Command { .. }), "{text}");
    }
}

#[test]
fn rules() {
    let text = "log(a) + log(b) = log(a*b) where a > 0, b > 0";
    let Ok(Single { ast, root }) = parse_rule(text) else { panic!() };
    assert_eq!(show(text, &ast, root.left), "(log(a)+log(b))");
    assert_eq!(root.conditions.len(), 2);
    assert!(parse_rule("d(sin(u)) = cos(u)*d(u)").is_ok());
    assert!(parse_rule("a + b").is_err());
    assert!(parse_rule("a = ").is_err());
}

#[test]
fn one_pass_reports_every_bad_statement_and_keeps_the_good_ones() {
    let parsed = parse("x +\nlet a = 1\ny * * z\n(b\nlet c = 2\nd]\ne");
    assert_eq!(parsed.diagnostics.len(), 4, "{:#?}", parsed.diagnostics);
    assert_eq!(parsed.statements.len(), 3);
    let many = parse(&"x @\n".repeat(10_000));
    assert_eq!(many.diagnostics.len(), 51);
    assert_eq!(many.diagnostics[50].message, "and 9950 more errors");
}

#[test]
fn incomplete_input_is_told_from_wrong_input() {
    for text in ["x +", "(x", "let y =", "if a then", "fn f(x)", "diff x wrt", "sin(\n"] {
        assert!(parse(text).is_incomplete, "{text}");
    }
    for text in ["x", "x)", "x + * y", "", "x y"] {
        assert!(!parse(text).is_incomplete, "{text}");
    }
}

#[test]
fn depth_is_refused_and_length_is_not() {
    for text in [
        "(".repeat(100_000),
        "-".repeat(200_000) + "x",
        ["x"; 10_000].join("^"),
        "sin(".repeat(10_000),
        "not ".repeat(1000) + "x",
        "[(".repeat(1000),
        "if a then b else ".repeat(500) + "c",
        "d/dx ".repeat(300) + "x",
    ] {
        refused(&text, "E0401");
    }
    assert!(parse(&("-".repeat(250) + "x")).diagnostics.is_empty());
    assert!(parse(&["-x"; 1000].join("*")).diagnostics.is_empty());
    assert!(parse(&["x^2"; 1000].join(" + ")).diagnostics.is_empty());
    let sum = parse(&["x"; 1_000_000].join(" + "));
    assert_eq!((sum.statements.len(), sum.ast.len()), (1, 1_999_999));
}

#[test]
fn the_room_of_earlier_expressions_leaves_nothing_behind() {
    let texts =
        ["y*sin(x) + 1", "0 < x <= 2 and [a, b][1] == 3", "(x", "sum(i in 1..n: i^2)", "x +", "diff x wrt x", "q", "1/2x"];
    for text in texts.iter().chain(texts.iter().rev()) {
        let read = with_expression(text, |ast, root| {
            let inner = with_expression("a - b", |ast, root| show("a - b", ast, root));
            assert!(inner.is_ok_and(|inner| inner == "(a-b)"));
            (show(text, ast, root), ast.len(), ast.find_name("y").is_some())
        });
        let Parsed { ast, statements, diagnostics, .. } = parse(text);
        match (&statements[..], read) {
            ([Statement { kind: StatementKind::Expr { value, .. }, .. }], Ok(read)) => {
                assert_eq!(read, (show(text, &ast, *value), ast.len(), text.contains('y')), "{text}");
            }
            ([], Err(read)) => assert_eq!(format!("{read:?}"), format!("{diagnostics:?}")),
            ([Statement { kind: StatementKind::Command { .. }, .. }], Err(_)) => {}
            _ => panic!("{text}"),
        }
    }
}

#[test]
fn children_stand_before_their_parents() {
    let parsed = parse("let a = if x < 1 then sum(i in 1..3: i*z[i]) else -2f(x, [y]) ^ 2\nd/dx (x + 1)");
    for id in (0..parsed.ast.len() as u32).map(ExprId) {
        parsed.ast.children(id, |child| assert!(child < id));
    }
}

fn fragment() -> impl Strategy<Value = String> {
    static WORDS: &[&str] = &[
        "let",
        "fn",
        "diff",
        "diff(",
        "wrt",
        "at",
        "for",
        "x",
        "y = 1",
        "(",
        ")",
        "[",
        "]",
        ",",
        "+",
        "-",
        "*",
        "/",
        "^",
        "2",
        "0.5",
        "1.",
        "..",
        "in",
        "if",
        "then",
        "else",
        "=",
        "==",
        "<",
        "\"",
        "#>",
        "##",
        "\n",
        "\r",
        ";",
        "d/dx",
        "∂²/∂x²",
        "!",
        "'",
        "inf",
        "where",
        "²",
        "π",
        "e\u{301}",
        "\u{202e}",
        "sum(i in",
        ":",
        "with",
        "within",
        "assert",
        "param",
        "plot",
        "log",
        "|",
        "&&",
        "“",
    ];
    prop::collection::vec(prop::sample::select(WORDS), 0..60).prop_map(|words| words.join(" "))
}

fn answers(text: &str) {
    let parsed = parse(text);
    for diagnostic in &parsed.diagnostics {
        for label in &diagnostic.labels {
            assert!(text.get(label.span.range()).is_some(), "{text:?}: {diagnostic:?}");
        }
    }
    let _ = parse_rule(text);
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        answers(&text);
    }

    #[test]
    fn any_mixture_of_the_languages_own_words_is_answered(text in fragment()) {
        answers(&text);
    }
}

#[test]
#[ignore = "a measurement, not a check"]
fn timing() {
    let rule = "log(a) + log(b) = log(a*b) where a > 0, b > 0";
    let start = std::time::Instant::now();
    for _ in 0..100_000 {
        assert!(parse_rule(rule).is_ok());
    }
    eprintln!("a rule: {:?}", start.elapsed() / 100_000);
    for text in [
        ["x"; 1_000_000].join(" + "),
        "let alpha = sin(x^2) + 3*exp(y)/2\n".repeat(30_000),
        "(\n".repeat(100_000),
        "x @\n".repeat(200_000),
    ] {
        let start = std::time::Instant::now();
        let parsed = parse(&text);
        let seconds = start.elapsed().as_secs_f64();
        eprintln!("{:.1} MB/s ({} nodes, {seconds:.3} s)", text.len() as f64 / 1e6 / seconds, parsed.ast.len());
    }
}
