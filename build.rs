//! Turns the grammar in `grammar/` into the parser's tables.

use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // LALRPOP's own directives name the files it read, so they miss a new one.
    println!("cargo:rerun-if-changed=grammar");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    lalrpop::Configuration::new().emit_rerun_directives(true).set_in_dir("grammar").set_out_dir(&out).process()?;
    drive_by_our_own(&out.join("grad.rs"))
}

/// Lets the tables be driven by the loop in `src/syntax/machine.rs`.
fn drive_by_our_own(tables: &Path) -> Result<(), Box<dyn std::error::Error>> {
    const THEIRS: &str = "use self::__lalrpop_util::state_machine as __state_machine;";
    const OURS: &str = "use crate::syntax::machine::driver as __state_machine;";
    let text = std::fs::read_to_string(tables)?;
    if text.contains(THEIRS) {
        std::fs::write(tables, text.replace(THEIRS, OURS))?;
    } else if !text.contains(OURS) {
        return Err("LALRPOP names its driver in another way than before".into());
    }
    Ok(())
}
