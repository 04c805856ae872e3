//! The `grad` program: everything happens in the library.

fn main() -> std::process::ExitCode {
    grad::front::cli::main()
}
