//! What a function says to those who run it.

use std::fmt;

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something looks wrong.
    Warn,
    /// Good to know.
    Info,
    /// For those who look for a fault.
    Debug,
    /// Every step.
    Trace,
}

/// Writes to the log of whoever runs the function; natively, to stderr. See [`log!`](crate::log!).
pub fn log(level: Level, message: fmt::Arguments<'_>) {
    #[cfg(target_family = "wasm")]
    {
        use crate::wasm::bindings::anabranch::functions::log;
        let level = match level {
            Level::Error => log::Level::Error,
            Level::Warn => log::Level::Warn,
            Level::Info => log::Level::Info,
            Level::Debug => log::Level::Debug,
            Level::Trace => log::Level::Trace,
        };
        log::log(level, &message.to_string());
    }
    #[cfg(not(target_family = "wasm"))]
    eprintln!("{level:?}: {message}");
}

/// Writes to the log of whoever runs the function; natively, to stderr. The words of a panic go there too.
///
/// ```
/// anabranch_udf::log!(Warn, "{} rows were dropped", 3);
/// ```
#[macro_export]
macro_rules! log {
    ($level:ident, $($message:tt)+) => {
        $crate::log::log($crate::log::Level::$level, ::std::format_args!($($message)+))
    };
}
