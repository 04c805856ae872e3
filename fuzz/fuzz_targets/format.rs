//! See `grad_fuzz::bodies::format`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grad_fuzz::bodies::format(data));
