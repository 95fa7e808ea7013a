//! What a package says of itself: checked, or refused.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| anabranch_host::fuzzing::metadata(data));
