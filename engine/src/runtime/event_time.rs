//! Event time of one subtask of a source: a watermark per split, and the least of them.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::compute::max;
use datafusion::arrow::datatypes::*;

use crate::error::{Error, Result};
use crate::operators::{MIN_WATERMARK, Timestamp};

/// The watermarks of the splits that a reader has.
#[derive(Debug)]
pub(super) struct SplitWatermarks {
    splits: Vec<SplitWatermark>,
    /// The last one sent.
    emitted: Timestamp,
    idle_timeout: Option<Duration>,
}

#[derive(Debug)]
struct SplitWatermark {
    split: Arc<str>,
    watermark: Timestamp,
    /// Processing time of the last rows.
    active_at: Timestamp,
    idle: bool,
    /// Read to its end; leaves when its last rows have gone.
    finished: bool,
}

impl SplitWatermarks {
    pub(super) fn new(emitted: Timestamp, idle_timeout: Option<Duration>) -> Self {
        SplitWatermarks { splits: vec![], emitted, idle_timeout }
    }

    pub(super) fn add(&mut self, split: Arc<str>, watermark: Timestamp, now: Timestamp) {
        self.splits.push(SplitWatermark { split, watermark, active_at: now, idle: false, finished: false });
    }

    /// Rows of a split have been sent, up to this watermark (`None`: without any).
    pub(super) fn rows(&mut self, split: &str, watermark: Option<Timestamp>, now: Timestamp) {
        if let Some(status) = self.splits.iter_mut().find(|status| *status.split == *split) {
            status.active_at = now;
            status.idle = false;
            status.watermark = status.watermark.max(watermark.unwrap_or(MIN_WATERMARK));
        }
    }

    pub(super) fn finished(&mut self, split: &str) {
        self.splits.iter_mut().filter(|status| *status.split == *split).for_each(|status| status.finished = true);
    }

    pub(super) fn all_finished(&mut self) {
        self.splits.iter_mut().for_each(|status| status.finished = true);
    }

    pub(super) fn of(&self, split: &str) -> Timestamp {
        self.splits.iter().find(|status| *status.split == *split).map_or(MIN_WATERMARK, |status| status.watermark)
    }

    /// Splits that are being read.
    pub(super) fn reading(&self) -> usize {
        self.splits.iter().filter(|status| !status.finished).count()
    }

    /// Lets finished splits go. Call it after [`SplitWatermarks::advance`].
    pub(super) fn forget_finished(&mut self) {
        self.splits.retain(|status| !status.finished);
    }

    /// The watermark to send, if it has come on: the least of the splits that are not idle.
    pub(super) fn advance(&mut self) -> Option<Timestamp> {
        let least = self.splits.iter().filter(|status| !status.idle).map(|status| status.watermark).min()?;
        (least > self.emitted).then(|| {
            self.emitted = least;
            least
        })
    }

    /// Marks the splits that have had no rows for too long. True if there are splits and all of them are idle.
    pub(super) fn check_idle(&mut self, now: Timestamp) -> bool {
        let Some(timeout) = self.idle_timeout else { return false };
        let timeout = Timestamp::try_from(timeout.as_millis()).unwrap_or(Timestamp::MAX);
        for status in &mut self.splits {
            status.idle |= now.saturating_sub(status.active_at) >= timeout;
        }
        !self.splits.is_empty() && self.splits.iter().all(|status| status.idle)
    }
}

/// The greatest of a column of timestamps, in milliseconds, rounded down. `None` where all are NULL.
///
/// # Errors
/// A bug where the column is none of timestamps.
pub(super) fn greatest_timestamp(column: &ArrayRef) -> Result<Option<Timestamp>> {
    Ok(match column.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => {
            max(column.as_primitive::<TimestampSecondType>()).map(|value| value.saturating_mul(1000))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => max(column.as_primitive::<TimestampMillisecondType>()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            max(column.as_primitive::<TimestampMicrosecondType>()).map(|value| value.div_euclid(1000))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            max(column.as_primitive::<TimestampNanosecondType>()).map(|value| value.div_euclid(1_000_000))
        }
        other => return Err(Error::bug(format!("a watermark of type {other}"))),
    })
}
