//! A tape in writing, one instruction a line: for tests, and for whoever wonders what is computed.

use super::instruction::{Added, Instruction, Pass, Place, Start, Target};
use std::fmt::{self, Write};
use std::ops::Range;

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.iter().try_for_each(|instruction| writeln!(f, "{}", self.line(instruction)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Slot(k) => write!(f, "s{k}"),
            Place::Column(k) => write!(f, "c{k}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Slot(k) => write!(f, "s{k}"),
            Target::Output(k) => write!(f, "r{k}"),
        }
    }
}

impl Pass {
    fn line(&self, instruction: &Instruction) -> String {
        let range = |r: &Range<u32>| r.start as usize..r.end as usize;
        match instruction {
            Instruction::Sum { to, start, terms, times } => {
                let begin = match *start {
                    Start::Nothing => None,
                    Start::Scalar(at) => Some(format!("#{at}")),
                    Start::Rows(place) => Some(place.to_string()),
                };
                let terms = self.terms[range(terms)].iter().map(|term| {
                    let factors = self.operands[range(&term.factors)].iter().map(|p| format!("*{p}"));
                    format!("#{}{}", term.scalar, factors.collect::<String>())
                });
                let sum = begin.into_iter().chain(terms).collect::<Vec<String>>().join(" + ");
                times.map_or_else(|| format!("{to} = {sum}"), |times| format!("{to} = ({sum})*{times}"))
            }
            Instruction::Quotient { to, a, b } => format!("{to} = {a}/{b}"),
            Instruction::Over { to, scalar, b } => format!("{to} = #{scalar}/{b}"),
            Instruction::Shared { to, a, scalar } => format!("{to} = {a}/#{scalar}"),
            Instruction::Lane { to, lane, a } => format!("{to} = {} {a}", lane.name()),
            Instruction::Pair { to, pair, a } => format!("{}, {} = {pair:?} {a}", to[0], to[1]),
            Instruction::Extreme { to, which, a, b } => format!("{to} = {which:?} {a} {b}"),
            Instruction::Compare { to, relation, a, b } => format!("{to} = {a} {} {b}", relation.symbol()),
            Instruction::Select { to, condition, a, b } => format!("{to} = if {condition} then {a} else {b}"),
            Instruction::Power { to, a, b, .. } => format!("{to} = {a}^{b}"),
            Instruction::Call { to, function, arguments } => {
                let mut line = format!("{to} = {}", function.name());
                for place in &self.operands[range(arguments)] {
                    let _ = write!(line, " {place}");
                }
                line
            }
            Instruction::Spread { to, scalar } => format!("{to} = #{scalar}"),
            Instruction::Copy { to, a } => format!("{to} = {a}"),
            Instruction::Totals { of: Added { a, times }, terms } => {
                let a = times.map_or_else(|| a.to_string(), |times| format!("{a}*{times}"));
                let terms = self.weighted[range(terms)].iter().map(|t| match t.rows {
                    Some(rows) => format!("total {} += {a}*{rows}", t.total),
                    None => format!("total {} += {a}", t.total),
                });
                terms.collect::<Vec<String>>().join(", ")
            }
        }
    }
}
