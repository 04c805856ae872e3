//! See `grad_fuzz::bodies::lex_parse`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grad_fuzz::bodies::lex_parse(data));
