//! Files of the cache of compiled code: believed only as they were written.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| anabranch_host::fuzzing::cache(data));
