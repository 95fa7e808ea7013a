//! Functions that do what functions should not do, on rows that ask for it.

use anabranch_udf::prelude::*;

/// The text; an error of the row where it is `error`, NULL where it is `null`.
#[scalar]
pub fn fail_on(text: &str) -> Result<Option<&str>, String> {
    match text {
        "error" => Err("this text is an error".to_owned()),
        "null" => Ok(None),
        text => Ok(Some(text)),
    }
}

/// The text; a panic where it is `panic`.
#[scalar]
pub fn panic_on(text: &str) -> &str {
    assert!(text != "panic", "this text is a panic");
    text
}

/// The text; never ends where it is `spin`.
#[scalar]
pub fn spin_on(text: &str) -> &str {
    while std::hint::black_box(text) == "spin" {}
    text
}

/// Takes and keeps so many bytes of memory, and gives back how many.
#[scalar(nondeterministic)]
pub fn allocate(bytes: i64) -> i64 {
    let memory = vec![1_u8; usize::try_from(bytes).unwrap_or(0)];
    std::hint::black_box(Box::leak(memory.into_boxed_slice())).len() as i64
}

/// Writes the text to the log, and gives it back.
#[scalar]
pub fn say(text: &str) -> &str {
    anabranch_udf::log!(Info, "{text}");
    text
}
