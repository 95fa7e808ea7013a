//! Room for recursion: syntax trees and plans are walked recursively, as deep as the user's expressions are.

use crate::error::{Error, Result};

/// Enough for the longest expressions that the tokenizer lets through. Only what is used is ever taken from the system.
pub(super) const STACK: usize = 512 << 20;

/// Runs `work` on a thread with a deep stack, and waits for it.
///
/// # Errors
/// Those of `work`; a bug where it panics.
pub(super) fn with_deep_stack<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("anabranch-plan".into()).stack_size(STACK);
        let thread = builder
            .spawn_scoped(scope, work)
            .map_err(|error| Error::connector(format!("a thread for planning cannot be started: {error}")))?;
        thread.join().unwrap_or_else(|panic| {
            let said =
                panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            Err(Error::bug(format!("planning panicked: {}", said.unwrap_or("no message"))))
        })
    })
}
