//! The source driver: the head of a chain that reads splits.
//!
//! Asks for splits, gathers small batches, works out the computed columns and the watermark, and sends both down the
//! chain. At the end of bounded inputs the last watermark and the end follow.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use super::chain::{Chain, HEAD};
use super::coordinator::{Control, Coordinator, Report};
use super::element::{Ending, Flow, Halt};
use super::event_time::{SplitWatermarks, greatest_timestamp};
use super::graph::SourceSpec;
use super::snapshot::SplitSnapshot;
use super::splits::{NextSplit, SplitPool};
use crate::changelog::ChangelogBatch;
use crate::connectors::{ReaderEvent, SourceReader};
use crate::error::Result;
use crate::operators::{MAX_WATERMARK, Timestamp};

/// Reads one subtask's share of a source.
pub(super) struct SourceDriver {
    pub(super) spec: SourceSpec,
    pub(super) reader: Box<dyn SourceReader>,
    pub(super) pool: Arc<SplitPool>,
    pub(super) subtask: usize,
    /// Number of the thread, for reports.
    pub(super) thread: usize,
    pub(super) chain: Chain,
    pub(super) control: Receiver<Control>,
    pub(super) watermarks: SplitWatermarks,
    pub(super) buffer: SourceBuffer,
    /// The chain was told that this source is idle.
    pub(super) idle: bool,
}

/// Rows that wait for more, in the source's schema.
pub(super) struct SourceBuffer {
    schema: SchemaRef,
    batches: Vec<(Arc<str>, ChangelogBatch)>,
    rows: usize,
    since: Option<Instant>,
    batch_size: usize,
    timeout: Duration,
}

impl SourceBuffer {
    pub(super) fn new(schema: SchemaRef, batch_size: usize, timeout: Duration) -> Self {
        SourceBuffer { schema, batches: vec![], rows: 0, since: None, batch_size, timeout }
    }

    fn push(&mut self, split: Arc<str>, batch: ChangelogBatch) {
        if batch.num_rows() > 0 {
            self.rows += batch.num_rows();
            self.batches.push((split, batch));
            if self.since.is_none() && !self.timeout.is_zero() {
                self.since = Some(Instant::now());
            }
        }
    }

    /// It is time to send the rows. Batches of more than half the size are not copied for the sake of a few rows more.
    fn is_due(&self) -> bool {
        self.rows > 0
            && (self.rows * 2 >= self.batch_size || self.since.is_none_or(|since| since.elapsed() >= self.timeout))
    }

    fn take(&mut self) -> Vec<(Arc<str>, ChangelogBatch)> {
        self.rows = 0;
        self.since = None;
        std::mem::take(&mut self.batches)
    }
}

/// What the driver does next.
enum Next {
    Poll,
    /// Nothing to read: wait to be told, at most so long.
    Wait(Option<Duration>),
    End(Ending),
}

impl SourceDriver {
    /// Until the end of the inputs.
    pub(super) fn run(&mut self, coordinator: &Coordinator) -> Flow<Ending> {
        // A source without splits says so before its first barrier: a snapshot would else hold the watermarks of others
        // back, and rows that were late before a restore could be in time after it.
        self.assign()?;
        loop {
            while let Ok(control) = self.control.try_recv() {
                if let Some(ending) = self.obey(control, coordinator)? {
                    return self.end(ending);
                }
            }
            match self.assign()? {
                Next::End(ending) => return self.end(ending),
                Next::Wait(timeout) => {
                    self.flush()?;
                    self.chain.run_due()?;
                    if let Some(control) = self.wait(timeout)?
                        && let Some(ending) = self.obey(control, coordinator)?
                    {
                        return self.end(ending);
                    }
                }
                Next::Poll => {
                    match self.reader.poll()? {
                        ReaderEvent::Batch { split, batch } => self.buffer.push(split, batch),
                        ReaderEvent::Finished { split } => self.watermarks.finished(&split),
                        ReaderEvent::Exhausted => self.watermarks.all_finished(),
                        ReaderEvent::Idle => {}
                    }
                    if self.buffer.is_due() {
                        self.flush()?;
                    }
                    self.check_idle()?;
                }
            }
            self.chain.run_due()?;
        }
    }

    /// Takes splits if the reader wants some.
    fn assign(&mut self) -> Flow<Next> {
        loop {
            let reading = self.watermarks.reading();
            if reading > 0 && self.pool.is_on_demand() {
                return Ok(Next::Poll);
            }
            return Ok(match self.pool.next(self.subtask)? {
                NextSplit::Split(split) => {
                    self.watermarks.add(split.split.id.as_str().into(), split.watermark, self.chain.clock().now());
                    self.reader.add_split(split.split)?;
                    continue;
                }
                _ if reading > 0 => Next::Poll,
                NextSplit::Wait { again, held } => {
                    if !held {
                        self.flush()?;
                        self.set_idle(true)?;
                    }
                    Next::Wait(again)
                }
                NextSplit::Finished => Next::End(Ending::Finished),
            });
        }
    }

    fn wait(&self, timeout: Option<Duration>) -> Flow<Option<Control>> {
        let timeout = [timeout, self.chain.wait()].into_iter().flatten().min();
        let received = match timeout {
            Some(timeout) => self.control.recv_timeout(timeout),
            None => self.control.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(control) => Ok(Some(control)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Halt::Cancelled),
        }
    }

    fn obey(&mut self, control: Control, coordinator: &Coordinator) -> Flow<Option<Ending>> {
        match control {
            Control::Cancel => return Err(Halt::Cancelled),
            Control::Stop => return Ok(Some(Ending::Stopped)),
            Control::Commit(id) => self.chain.commit(id)?,
            Control::Barrier { id, stop } => {
                self.flush()?;
                let mut report = self.chain.barrier(id, stop)?;
                self.complete(&mut report);
                self.pool.barrier_taken(self.subtask);
                coordinator.report(self.thread, id, report);
                return Ok(stop.then_some(Ending::Stopped));
            }
            Control::Wake | Control::Finish => {}
        }
        Ok(None)
    }

    /// Adds the head's part to what the chain says of itself.
    pub(super) fn complete(&self, report: &mut Report) {
        if let Some((_, head)) = report.first_mut() {
            let snapshot =
                |split: crate::connectors::Split| SplitSnapshot { watermark: self.watermarks.of(&split.id), split };
            head.splits = self.reader.snapshot().into_iter().map(snapshot).collect();
        }
    }

    fn end(&mut self, ending: Ending) -> Flow<Ending> {
        self.flush()?;
        if ending == Ending::Finished {
            self.set_idle(false)?;
            self.chain.tick();
            self.chain.watermark(HEAD, 0, MAX_WATERMARK)?;
        }
        self.chain.end(HEAD, ending)?;
        Ok(ending)
    }

    /// Sends the rows that wait, and the watermark that they bring.
    fn flush(&mut self) -> Flow {
        let batches = self.buffer.take();
        if !batches.is_empty() {
            self.set_idle(false)?;
            self.chain.tick();
            let now = self.chain.clock().now();
            let (batch, rows) = self.gather(batches)?;
            let batch = match self.spec.projection {
                Some(_) => batch.with_rows(project(&self.spec, batch.rows())?)?,
                None => batch,
            };
            self.take_watermarks(batch.rows(), &rows, now)?;
            self.chain.process(HEAD, 0, batch)?;
        }
        self.send_watermark()?;
        self.watermarks.forget_finished();
        self.send_watermark()
    }

    /// One batch of all, and how many rows of which split it has, in order.
    fn gather(&self, batches: Vec<(Arc<str>, ChangelogBatch)>) -> Result<(ChangelogBatch, Vec<(Arc<str>, usize)>)> {
        let mut rows: Vec<(Arc<str>, usize)> = Vec::new();
        for (split, batch) in &batches {
            match rows.last_mut() {
                Some((last, count)) if last == split => *count += batch.num_rows(),
                _ => rows.push((split.clone(), batch.num_rows())),
            }
        }
        let batches: Vec<ChangelogBatch> = batches.into_iter().map(|(_, batch)| batch).collect();
        Ok((ChangelogBatch::concat(&self.buffer.schema, &batches)?, rows))
    }

    fn take_watermarks(&mut self, batch: &RecordBatch, rows: &[(Arc<str>, usize)], now: Timestamp) -> Result<()> {
        let values = match &self.spec.watermark {
            Some(watermark) => Some(watermark.expression.evaluate(batch)?.into_array(batch.num_rows())?),
            None => None,
        };
        let mut from = 0;
        for (split, count) in rows {
            let greatest = match &values {
                Some(values) => greatest_timestamp(&values.slice(from, *count))?,
                None => None,
            };
            self.watermarks.rows(split, greatest, now);
            from += count;
        }
        Ok(())
    }

    fn send_watermark(&mut self) -> Flow {
        match self.watermarks.advance() {
            Some(watermark) => self.chain.watermark(HEAD, 0, watermark),
            None => Ok(()),
        }
    }

    fn check_idle(&mut self) -> Flow {
        let now = self.chain.clock().now();
        let idle = self.watermarks.check_idle(now);
        // One split less may be waited for.
        self.send_watermark()?;
        if idle { self.set_idle(true) } else { Ok(()) }
    }

    fn set_idle(&mut self, idle: bool) -> Flow {
        if self.idle == idle {
            return Ok(());
        }
        self.idle = idle;
        self.chain.tick();
        self.chain.status(HEAD, 0, idle)
    }
}

fn project(spec: &SourceSpec, batch: &RecordBatch) -> Result<RecordBatch> {
    let expressions = spec.projection.iter().flatten();
    let columns = expressions
        .map(|expression| Ok(expression.evaluate(batch)?.into_array(batch.num_rows())?))
        .collect::<Result<Vec<_>>>()?;
    let options = datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(spec.schema.clone(), columns, &options)?)
}
