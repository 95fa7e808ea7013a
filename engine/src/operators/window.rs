//! Windows over time: TUMBLE and HOP, and where a row's time comes from.

use std::fmt;

use datafusion::arrow::datatypes::SchemaRef;

use super::Timestamp;
use crate::error::{Error, Result};

/// Times of rows that windows can have, in milliseconds before and after the epoch: 142,000 years. Their sum with any
/// length can still be shown as a date.
pub(super) const MAX_TIME: Timestamp = 1 << 52;
/// Lengths that windows can have: 71,000 years.
pub const MAX_LENGTH: i64 = 1 << 51;
/// Windows that a row can be in.
pub const MAX_WINDOWS: i64 = 100_000;

/// Windows of a fixed size. All lengths are milliseconds; `size` and `slide` are positive.
///
/// Windows start at `offset` and every `slide` before and after it. For a TIMESTAMP_LTZ they are aligned in the
/// session's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Every row in one window.
    Tumble { size: i64, offset: i64 },
    /// A row in `size / slide` windows; where `slide` exceeds `size`, in one or none.
    Hop { size: i64, slide: i64, offset: i64 },
}

impl Window {
    pub fn size(&self) -> i64 {
        match *self {
            Window::Tumble { size, .. } | Window::Hop { size, .. } => size,
        }
    }

    /// # Errors
    /// User errors for lengths that are not positive, too long, or too many in each other.
    pub fn check(&self) -> Result<()> {
        let (size, slide) = (self.size(), self.slide());
        if size <= 0 || slide <= 0 {
            let error = Error::user(format!("the windows {self} have no length"));
            return Err(error.hint("size and slide must be positive"));
        }
        if size.max(slide).max(self.offset().saturating_abs()) > MAX_LENGTH {
            return Err(Error::user(format!("the windows {self} are longer than 71,000 years")));
        }
        if size / slide > MAX_WINDOWS {
            let message =
                format!("each row would be in {} of the windows {self}, more than {MAX_WINDOWS}", size / slide);
            return Err(Error::user(message).hint("make the slide longer"));
        }
        Ok(())
    }

    /// From the start of a window to the start of the next.
    pub fn slide(&self) -> i64 {
        match *self {
            Window::Tumble { size, .. } => size,
            Window::Hop { slide, .. } => slide,
        }
    }

    pub fn offset(&self) -> i64 {
        match *self {
            Window::Tumble { offset, .. } | Window::Hop { offset, .. } => offset,
        }
    }

    /// As EXPLAIN shows it: `TUMBLE(time_col=[ts], size=[1 h])`.
    pub fn describe(&self, time: WindowTime, input: &SchemaRef) -> String {
        let column = match time {
            WindowTime::Event { column } => input.fields().get(column).map_or("?", |field| field.name().as_str()),
            WindowTime::Processing => "proctime",
        };
        self.to_string().replacen('(', &format!("(time_col=[{column}], "), 1)
    }

    /// Start of the last window that starts at or before `time`.
    pub fn last_start(&self, time: Timestamp) -> Timestamp {
        let slide = self.slide();
        time.saturating_sub(time.wrapping_sub(self.offset()).rem_euclid(slide))
    }
}

/// As EXPLAIN shows it: `TUMBLE(size=[1 h])`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Window::Tumble { size, .. } => write!(f, "TUMBLE(size=[{}]", Length(*size))?,
            Window::Hop { size, slide, .. } => write!(f, "HOP(size=[{}], slide=[{}]", Length(*size), Length(*slide))?,
        }
        if self.offset() != 0 {
            write!(f, ", offset=[{}]", Length(self.offset()))?;
        }
        f.write_str(")")
    }
}

/// Milliseconds in the largest unit that divides them, as Flink prints durations.
struct Length(i64);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
        match units.iter().find(|(unit, _)| self.0 % unit == 0) {
            Some((unit, name)) if self.0 != 0 => write!(f, "{} {name}", self.0 / unit),
            _ => write!(f, "{} ms", self.0),
        }
    }
}

/// Where the windows of a row come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowTime {
    /// A timestamp column (any unit; with a zone it is a TIMESTAMP_LTZ). A row with NULL there is an error, and one with
    /// a time that windows cannot have is dropped and counted as late.
    Event { column: usize },
    /// The time at which a row is processed, in the session's time zone.
    Processing,
}

/// Where the windows of a row come from in an aggregation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowSource {
    /// The operator assigns windows itself: the fast way.
    Assigned { window: Window, time: WindowTime },
    /// A window function below has put windows on the rows: columns with window_start and window_end, timestamps without
    /// a zone. A window ends when the watermark has reached its end: `local` says that the time attribute was a
    /// TIMESTAMP_LTZ, so that they stand in the session's time zone. (Of a processing-time window function the planner
    /// makes `Assigned`.)
    Attached { start: usize, end: usize, local: bool },
}

/// A column of a window aggregation's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowColumn {
    /// Key number `i` of the spec's keys.
    Key(usize),
    /// TIMESTAMP(3), in the session's time zone for a TIMESTAMP_LTZ.
    Start,
    /// TIMESTAMP(3), exclusive.
    End,
    /// The time attribute of the window: its end less a millisecond, of the type that the output schema says (with a
    /// zone for a TIMESTAMP_LTZ).
    Time,
    /// Aggregate number `i` of the spec's aggregates.
    Aggregate(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_start_is_aligned_at_the_offset_before_and_after_the_epoch() {
        let window = Window::Tumble { size: 10, offset: 3 };
        assert_eq!([-8, -7, 2, 3, 12, 13].map(|time| window.last_start(time)), [-17, -7, -7, 3, 3, 13]);
        let negative = Window::Hop { size: 10, slide: 5, offset: -2 };
        assert_eq!([0, 2, 3, 8].map(|time| negative.last_start(time)), [-2, -2, 3, 8]);
    }

    #[test]
    fn windows_print_as_in_explain() {
        assert_eq!(Window::Tumble { size: 3_600_000, offset: 0 }.to_string(), "TUMBLE(size=[1 h])");
        let hop = Window::Hop { size: 90_000, slide: 1_500, offset: -1_000 };
        assert_eq!(hop.to_string(), "HOP(size=[90 s], slide=[1500 ms], offset=[-1 s])");
    }
}
