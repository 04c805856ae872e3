//! Which block of intermediate values each operation of a pass lies in: results are written in place, and a block is used again
//! as soon as nothing reads it.

use super::instruction::{Instruction, Pass, Place, Target};
use hashbrown::HashMap;

/// Renames the slots of a pass, which are named by their operations, to as few blocks as its order allows.
pub(super) fn assign(pass: &mut Pass) {
    results_in_place(pass);
    let mut last: HashMap<u32, usize> = HashMap::new();
    for at in 0..pass.code.len() {
        pass.each_operand(at, |place| {
            if let Place::Slot(name) = place {
                last.insert(*name, at);
            }
        });
        for target in pass.targets(at) {
            if let Target::Slot(name) = target {
                // a pair may compute what nothing reads
                last.entry(*name).or_insert(at);
            }
        }
    }
    let (mut blocks, mut free, mut named): (u32, Vec<u32>, HashMap<u32, u32>) = (0, Vec::new(), HashMap::new());
    for at in 0..pass.code.len() {
        for target in pass.targets(at) {
            if let Target::Slot(name) = target {
                *name = *named.entry(*name).or_insert_with(|| {
                    free.pop().unwrap_or_else(|| {
                        blocks += 1;
                        blocks - 1
                    })
                });
            }
        }
        let mut ended = Vec::new();
        pass.each_operand(at, |place| {
            if let Place::Slot(name) = place {
                if last.get(name) == Some(&at) && !ended.contains(name) {
                    ended.push(*name);
                }
                *name = named.get(name).copied().unwrap_or(0);
            }
        });
        free.extend(ended.iter().filter_map(|name| named.get(name)));
    }
    pass.slots = blocks as usize;
}

/// How often each slot is read.
pub(super) fn readers(pass: &mut Pass) -> HashMap<u32, u32> {
    let mut readers: HashMap<u32, u32> = HashMap::new();
    for at in 0..pass.code.len() {
        pass.each_operand(at, |place| {
            if let Place::Slot(name) = place {
                *readers.entry(*name).or_default() += 1;
            }
        });
    }
    readers
}

/// What is read by nothing but the copy into a result is computed there.
fn results_in_place(pass: &mut Pass) {
    let readers = readers(pass);
    let mut moved: HashMap<u32, u32> = HashMap::new();
    pass.code.retain(|instruction| match instruction {
        Instruction::Copy { to: Target::Output(k), a: Place::Slot(name) } if readers.get(name) == Some(&1) => {
            moved.insert(*name, *k);
            false
        }
        _ => true,
    });
    for at in 0..pass.code.len() {
        for target in pass.targets(at) {
            if let Target::Slot(name) = target
                && let Some(k) = moved.get(name)
            {
                *target = Target::Output(*k);
            }
        }
    }
}
