//! Standard input: a process has one, and it can be read once.

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// Who has read it, as a clause: ``table `t` reads it``.
static TAKEN: Mutex<Option<String>> = Mutex::new(None);

/// Takes standard input; `reader` says who, as a clause of the error that all later ones get.
///
/// # Errors
/// A user error where somebody has taken it.
pub fn claim_standard_input(reader: &str) -> Result<()> {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(first) = taken.as_deref() {
        return Err(Error::user(format!("standard input can be read once, and {first}"))
            .hint("put what comes from it into a file"));
    }
    *taken = Some(reader.to_owned());
    Ok(())
}
