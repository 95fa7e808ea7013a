//! What travels through a channel, and why a subtask stops.

use crate::changelog::ChangelogBatch;
use crate::error::Error;
use crate::operators::Timestamp;

/// One thing in a channel between two subtasks.
#[derive(Debug)]
pub(super) enum Element {
    Batch(ChangelogBatch),
    Watermark(Timestamp),
    /// Everything before it belongs to the snapshot of this number, nothing after it does.
    Barrier(u64),
    /// The channel's watermark is not to be waited for.
    Idle,
    /// It is again.
    Active,
    /// Nothing comes any more.
    End(Ending),
}

/// How an input came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All of it was read; the last watermark went before.
    Finished,
    /// The job was told to stop: open windows stay open.
    Stopped,
}

impl Ending {
    /// The ending of what has both as its inputs.
    pub(super) fn and(self, other: Ending) -> Ending {
        if self == Ending::Stopped { self } else { other }
    }
}

/// Why a subtask does not go on.
#[derive(Debug)]
pub(super) enum Halt {
    /// Another one failed, or the job was cancelled.
    Cancelled,
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Halt::Failed(error)
    }
}

pub(super) type Flow<T = ()> = std::result::Result<T, Halt>;
