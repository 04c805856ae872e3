//! What the engine finds for well-known forms.

use super::*;
use crate::expr::print::plain;
use crate::resolve::formula;

fn found(text: &str, assume: &[&str]) -> (Graph, Found) {
    let mut g = Graph::new();
    let root = formula(&mut g, text).unwrap();
    let conditions = assume.iter().map(|c| condition(&mut g, c)).collect();
    let known = Known { conditions, ..Known::default() };
    let needs = crate::simplify::needs(&known, &mut g, root);
    let found = stabilise(&mut g, &known, root, &needs);
    (g, found)
}

fn condition(g: &mut Graph, text: &str) -> Id {
    let root = formula(g, &format!("if {text} then 1 else 0")).unwrap();
    g.children(root)[0]
}
