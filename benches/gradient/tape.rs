//! Reverse accumulation in f64 over a flat list: each operation with its value and its two slopes.

use super::workloads::Algebra;

#[derive(Clone, Copy)]
struct Entry {
    parts: [u32; 2],
    slopes: [f64; 2],
}

/// Values with the operations that made them. Every variable has the value 0.5.
#[derive(Default)]
pub struct Tape {
    entries: Vec<Entry>,
    variables: Vec<u32>,
}

/// An entry of the tape and its value.
#[derive(Clone, Copy)]
pub struct Item {
    at: u32,
    value: f64,
}

impl Tape {
    fn push(&mut self, value: f64, [a, b]: [Item; 2], slopes: [f64; 2]) -> Item {
        let at = self.entries.len() as u32;
        self.entries.push(Entry { parts: [a.at, b.at], slopes });
        Item { at, value }
    }

    fn leaf(&mut self, value: f64) -> Item {
        let own = Item { at: self.entries.len() as u32, value };
        self.push(value, [own, own], [0.0, 0.0])
    }

    /// The partial derivatives by the variables, in the order in which they were made.
    pub fn gradient(&self, root: Item) -> Vec<f64> {
        let mut adjoint = vec![0.0; self.entries.len()];
        adjoint[root.at as usize] = 1.0;
        for (k, entry) in self.entries.iter().enumerate().rev() {
            let own = adjoint[k];
            for (part, slope) in entry.parts.iter().zip(entry.slopes) {
                adjoint[*part as usize] += own * slope;
            }
        }
        self.variables.iter().map(|at| adjoint[*at as usize]).collect()
    }
}

impl Algebra for Tape {
    type Item = Item;
    fn variable(&mut self, _: &str) -> Item {
        let item = self.leaf(0.5);
        self.variables.push(item.at);
        item
    }
    fn number(&mut self, text: &str) -> Item {
        let value = text.parse().unwrap();
        self.leaf(value)
    }
    fn sum(&mut self, terms: &[Item]) -> Item {
        let add = |tape: &mut Self, a: Item, b: Item| tape.push(a.value + b.value, [a, b], [1.0, 1.0]);
        terms[1..].iter().fold(terms[0], |a, b| add(self, a, *b))
    }
    fn product(&mut self, factors: &[Item]) -> Item {
        let mul = |tape: &mut Self, a: Item, b: Item| tape.push(a.value * b.value, [a, b], [b.value, a.value]);
        factors[1..].iter().fold(factors[0], |a, b| mul(self, a, *b))
    }
    fn call(&mut self, name: &str, a: Item) -> Item {
        let (value, slope) = match name {
            "exp" => (a.value.exp(), a.value.exp()),
            "log" => (a.value.ln(), 1.0 / a.value),
            "tanh" => (a.value.tanh(), 1.0 - a.value.tanh().powi(2)),
            other => panic!("{other}"),
        };
        self.push(value, [a, a], [slope, 0.0])
    }
    fn square(&mut self, a: Item) -> Item {
        self.push(a.value * a.value, [a, a], [2.0 * a.value, 0.0])
    }
}
