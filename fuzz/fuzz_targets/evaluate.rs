//! See `grad_fuzz::bodies::evaluate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grad_fuzz::bodies::evaluate(data));
