//! Turns the grammar in `grammar/` into the parser's tables.

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // LALRPOP's own directives name the files it read, so they miss a new one.
    println!("cargo:rerun-if-changed=grammar");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    lalrpop::Configuration::new().emit_rerun_directives(true).set_in_dir("grammar").set_out_dir(out).process()
}
