//! How the product computes a row: by a kernel of the table, an expression through the evaluator, or a slope by the gradient.

use grad::eval::recognise::recognise;
use grad::eval::{Plan, Values};
use grad::expr::{Graph, Symbol};
use grad::gradient::gradient;
use grad::math::{self, Kernel};
use grad::resolve::formula;
use std::collections::HashMap;

/// A way to a value.
#[derive(Clone, Copy)]
pub enum Compute {
    /// A function of the table.
    Function(&'static str),
    /// An expression in these symbols, evaluated through the stable forms that are recognised in it.
    Recognised(&'static str, &'static [&'static str]),
    /// The derivative of a function of the table.
    Slope(&'static str),
}

/// Something that is ready to be called.
pub type Call = Box<dyn FnMut(&[f64]) -> f64>;

impl Compute {
    /// Prepares it.
    pub fn prepare(self) -> Call {
        match self {
            Compute::Function(name) => function(name),
            Compute::Recognised(text, names) => expression(text, names),
            Compute::Slope(name) => slope(name),
        }
    }
}

fn function(name: &str) -> Call {
    let kernel = math::find(name).unwrap_or_else(|| panic!("no function {name}")).record().kernel;
    match kernel {
        Kernel::One(f) => Box::new(move |x| f(x[0])),
        Kernel::Two(f) => Box::new(move |x| f(x[0], x[1])),
        Kernel::Three(f) => Box::new(move |x| f(x[0], x[1], x[2])),
        Kernel::List(f) => Box::new(f),
        _ => panic!("{name} is no function of numbers"),
    }
}

fn expression(text: &str, names: &[&str]) -> Call {
    let mut g = Graph::new();
    let typed = formula(&mut g, text).unwrap();
    let root = recognise(&mut g, typed);
    let symbols: Vec<Symbol> = names.iter().map(|n| g.intern(n)).collect();
    let plan = Plan::new(&g, &HashMap::new(), &[root]);
    Box::new(move |x| {
        let env = symbols.iter().copied().zip(x.iter().copied()).collect();
        Values::compute(&g, &plan, &env).value(root)
    })
}

fn slope(name: &str) -> Call {
    let mut g = Graph::new();
    let (symbol, x) = (g.intern("x"), g.variable("x"));
    let root = g.call_named(name, &[x]).unwrap();
    Box::new(move |x| {
        let env = HashMap::from([(symbol, x[0])]);
        gradient(&mut g, &HashMap::new(), root, &[symbol], &env).partials[0].value
    })
}
