//! Fuzzers, each a program in `fuzz_targets/`: `cargo xtask fuzz` builds and runs them.
