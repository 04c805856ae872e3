//! Which operations of a pass are computed inside the one instruction that reads them: products inside sums, totals and other
//! products, sums inside sums and beside one factor.

use super::graph::{At, Op, Ops};
use super::instruction::MOST_FACTORS;
use hashbrown::{HashMap, HashSet};

/// What one pass computes, and how.
pub(super) struct Plan {
    /// The operations by row, parts first.
    pub(super) order: Vec<At>,
    /// All of them.
    pub(super) wanted: HashSet<At>,
    /// Those without an instruction of their own.
    pub(super) inside: HashSet<At>,
}

/// What reads an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Op(At),
    Total,
    Result,
    Many,
}

/// The factors of a product that takes no more in.
const FULL: usize = MOST_FACTORS + 1;

/// The plan for these totals, named by what they add, and these results.
pub(super) fn plan(ops: &Ops, totals: &[At], results: &[At]) -> Plan {
    let (order, readers) = needed(ops, totals, results);
    let mut inside = HashSet::new();
    // the factors by row of each term, by the product that the others are inside of
    let (mut factors, mut term): (HashMap<At, usize>, HashMap<At, At>) = (HashMap::new(), HashMap::new());
    for at in order.iter().rev().copied() {
        let reader = readers.get(&at).copied().unwrap_or(Reader::Many);
        let goes = match (ops.op(at), reader) {
            (Op::Product([a, _]), Reader::Total) if ops.is_by_row(*a) => {
                // a total takes two rows as they are
                factors.insert(at, FULL);
                true
            }
            (Op::Product(_) | Op::Sum(_), Reader::Op(reader)) if matches!(ops.op(reader), Op::Sum(_)) => true,
            (Op::Product(_), Reader::Op(reader)) if matches!(ops.op(reader), Op::Opposite(_)) => true,
            (Op::Sum(_), Reader::Op(reader)) if inside.contains(&reader) => false,
            // a sum is multiplied by one operand before it is written
            (Op::Sum(_), Reader::Op(reader)) if by_row(ops, reader) == 2 && !factors.contains_key(&reader) => {
                factors.insert(reader, FULL);
                true
            }
            (Op::Sum(_), Reader::Op(reader)) => power_of_two(ops, reader).is_some(),
            (Op::Product([a, _]), Reader::Op(reader)) if matches!(ops.op(reader), Op::Product(_)) => {
                let head = term.get(&reader).copied().unwrap_or(reader);
                let count = factors.entry(head).or_insert_with(|| by_row(ops, head));
                let more = usize::from(ops.is_by_row(*a));
                let fits = *count + more <= MOST_FACTORS;
                if fits {
                    *count += more;
                    term.insert(at, head);
                }
                fits
            }
            _ => false,
        };
        if goes {
            inside.insert(at);
        }
    }
    Plan { wanted: order.iter().copied().collect(), order, inside }
}

/// How many of the two factors of a product differ from row to row.
fn by_row(ops: &Ops, product: At) -> usize {
    match ops.op(product) {
        Op::Product(pair) => pair.iter().filter(|at| ops.is_by_row(**at)).count(),
        _ => 0,
    }
}

/// The number in front of a product, where each term of a sum may be multiplied by it without rounding.
pub(super) fn power_of_two(ops: &Ops, product: At) -> Option<f64> {
    let Op::Product([number, _]) = ops.op(product) else { return None };
    let is_moderate = |number: &f64| (1e-9..1e9).contains(&number.abs());
    ops.number(*number).filter(|number| is_moderate(number) && number.to_bits().trailing_zeros() >= f64::MANTISSA_DIGITS - 1)
}

/// The operations by row that these are made of, parts first, and what reads each.
fn needed(ops: &Ops, totals: &[At], results: &[At]) -> (Vec<At>, HashMap<At, Reader>) {
    let mut readers: HashMap<At, Reader> = HashMap::new();
    let mut note = |at: At, reader: Reader| {
        readers.entry(at).and_modify(|known| *known = Reader::Many).or_insert(reader);
    };
    let (mut order, mut opened) = (Vec::new(), HashSet::new());
    let mut stack: Vec<(At, bool)> = Vec::new();
    let roots = totals.iter().map(|a| (*a, Reader::Total)).chain(results.iter().map(|a| (*a, Reader::Result)));
    for (root, reader) in roots.filter(|(root, _)| ops.is_by_row(*root)) {
        note(root, reader);
        stack.push((root, false));
        while let Some((at, ready)) = stack.pop() {
            if ready {
                order.push(at);
            } else if opened.insert(at) {
                stack.push((at, true));
                let from = stack.len();
                ops.each_part(at, |part| {
                    if ops.is_by_row(part) {
                        note(part, Reader::Op(at));
                        stack.push((part, false));
                    }
                });
                stack[from..].reverse();
            }
        }
    }
    (order, readers)
}
