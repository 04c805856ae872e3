//! See `grad_fuzz::bodies::round_trip`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grad_fuzz::bodies::round_trip(data));
