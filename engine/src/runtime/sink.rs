//! The sink driver: writes, prepares at barriers, commits when the snapshot is complete.

use crate::changelog::ChangelogBatch;
use crate::connectors::SinkWriter;
use crate::error::Result;
use crate::operators::Timestamp;

/// A sink's writer and what it has prepared.
pub(super) struct SinkDriver {
    writer: Box<dyn SinkWriter>,
    /// What was prepared and not yet committed, with the number of the barrier.
    prepared: Vec<(u64, String)>,
    last_barrier: u64,
}

impl SinkDriver {
    /// `last_barrier`: of the snapshot that the job starts from, else 0.
    pub(super) fn new(writer: Box<dyn SinkWriter>, last_barrier: u64) -> Self {
        SinkDriver { writer, prepared: vec![], last_barrier }
    }

    /// Commits what belongs to the snapshot that the job starts from.
    pub(super) fn recover<'a>(&mut self, prepared: impl Iterator<Item = &'a str>) -> Result<()> {
        for prepared in prepared {
            self.writer.commit(prepared)?;
        }
        Ok(())
    }

    pub(super) fn write(&mut self, batch: ChangelogBatch) -> Result<()> {
        self.writer.write(batch)
    }

    pub(super) fn next_timer(&self) -> Option<Timestamp> {
        self.writer.next_timer()
    }

    pub(super) fn timer(&mut self, now: Timestamp) -> Result<()> {
        self.writer.timer(now)
    }

    /// Returns everything that is prepared.
    pub(super) fn prepare(&mut self, barrier: u64) -> Result<Vec<String>> {
        self.last_barrier = barrier;
        if let Some(prepared) = self.writer.prepare(barrier)? {
            self.prepared.push((barrier, prepared));
        }
        Ok(self.prepared.iter().map(|(_, prepared)| prepared.clone()).collect())
    }

    /// The end of the inputs, which stands for the next barrier.
    pub(super) fn prepare_end(&mut self) -> Result<Vec<String>> {
        self.prepare(self.last_barrier + 1)
    }

    /// Commits what was prepared at barriers up to this one.
    pub(super) fn commit(&mut self, barrier: u64) -> Result<()> {
        let later = self.prepared.iter().position(|(prepared, _)| *prepared > barrier).unwrap_or(self.prepared.len());
        for (_, prepared) in self.prepared.drain(..later) {
            self.writer.commit(&prepared)?;
        }
        Ok(())
    }

    /// Commits what belongs to the last complete snapshot and drops the rest.
    ///
    /// # Errors
    /// The first of them; everything is tried.
    pub(super) fn abort(&mut self, completed: u64) -> Result<()> {
        let mut result = self.commit(completed);
        for (_, prepared) in std::mem::take(&mut self.prepared) {
            result = result.and(self.writer.abort(Some(&prepared)));
        }
        result.and(self.writer.abort(None))
    }
}
