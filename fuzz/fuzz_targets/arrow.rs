//! Columns that a guest returned: decoded to arrays that Arrow can trust, or refused.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| anabranch_host::fuzzing::arrow(data));
