//! The upper end of an edge between two chains: splits batches among the subtasks below.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, select};
use datafusion::arrow::array::UInt32Array;

use super::element::{Element, Flow, Halt};
use crate::changelog::ChangelogBatch;
use crate::error::Result;
use crate::operators::Timestamp;
use crate::state::{KeyGroupRange, key_groups};

/// How rows find their subtask.
#[derive(Debug)]
pub(super) enum Partitioner {
    /// There is only one to send to.
    One,
    /// Batches in turn; the number is whose turn it is.
    Rebalance(usize),
    /// By the key group of these columns; for each key group its subtask.
    Hash { columns: Vec<usize>, subtasks: Vec<u16> },
}

impl Partitioner {
    pub(super) fn hash(columns: Vec<usize>, parallelism: usize, max_parallelism: usize) -> Self {
        let subtask_of = |group| KeyGroupRange::subtask_of(group, parallelism, max_parallelism) as u16;
        Partitioner::Hash { columns, subtasks: (0..max_parallelism).map(subtask_of).collect() }
    }
}

/// Sends a chain's output to the subtasks of one node below. Small batches are gathered per subtask, until there are
/// enough rows, or they have waited long enough, or something comes that must not overtake them.
#[derive(Debug)]
pub(super) struct ExchangeWriter {
    partitioner: Partitioner,
    targets: Vec<Target>,
    batch_size: usize,
    timeout: Duration,
    /// Disconnected when the job is cancelled.
    cancelled: Receiver<()>,
    /// When the oldest rows that wait must go.
    deadline: Option<Instant>,
}

#[derive(Debug)]
struct Target {
    channel: Sender<Element>,
    waiting: Vec<ChangelogBatch>,
    rows: usize,
}

impl ExchangeWriter {
    pub(super) fn new(
        partitioner: Partitioner,
        channels: Vec<Sender<Element>>,
        batch_size: usize,
        timeout: Duration,
        cancelled: Receiver<()>,
    ) -> Self {
        let targets = channels.into_iter().map(|channel| Target { channel, waiting: vec![], rows: 0 }).collect();
        ExchangeWriter { partitioner, targets, batch_size, timeout, cancelled, deadline: None }
    }

    pub(super) fn write(&mut self, batch: ChangelogBatch) -> Flow {
        match &mut self.partitioner {
            _ if self.targets.len() == 1 => self.add(0, batch)?,
            Partitioner::One => self.add(0, batch)?,
            Partitioner::Rebalance(turn) => {
                let target = *turn;
                *turn = (target + 1) % self.targets.len();
                self.add(target, batch)?;
            }
            Partitioner::Hash { columns, subtasks } => {
                for (target, rows) in rows_by_subtask(&batch, columns, subtasks, self.targets.len())? {
                    let part = if rows.len() == batch.num_rows() { batch.clone() } else { batch.take(&rows)? };
                    self.add(target, part)?;
                }
            }
        }
        if self.timeout.is_zero() { self.flush() } else { Ok(()) }
    }

    fn add(&mut self, target: usize, batch: ChangelogBatch) -> Flow {
        let rows = batch.num_rows();
        let to = &mut self.targets[target];
        if to.waiting.is_empty() && rows * 2 >= self.batch_size {
            return send(&to.channel, &self.cancelled, Element::Batch(batch));
        }
        to.waiting.push(batch);
        to.rows += rows;
        if to.rows >= self.batch_size {
            return self.flush_target(target);
        }
        if self.deadline.is_none() && !self.timeout.is_zero() {
            self.deadline = Some(Instant::now() + self.timeout);
        }
        Ok(())
    }

    fn flush_target(&mut self, target: usize) -> Flow {
        let to = &mut self.targets[target];
        let Some(first) = to.waiting.first() else { return Ok(()) };
        let batch = ChangelogBatch::concat(&first.schema(), &to.waiting)?;
        to.waiting.clear();
        to.rows = 0;
        send(&to.channel, &self.cancelled, Element::Batch(batch))
    }

    /// When [`ExchangeWriter::flush`] should be called, at the latest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Sends what waits.
    pub(super) fn flush(&mut self) -> Flow {
        self.deadline = None;
        (0..self.targets.len()).try_for_each(|target| self.flush_target(target))
    }

    /// Sends a watermark, barrier, status or end to all, behind the rows before it.
    pub(super) fn broadcast(&mut self, element: Signal) -> Flow {
        self.flush()?;
        self.targets.iter().try_for_each(|target| send(&target.channel, &self.cancelled, element.into()))
    }
}

/// What goes to all subtasks below.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    Watermark(Timestamp),
    Barrier(u64),
    Status { idle: bool },
    End(super::element::Ending),
}

impl From<Signal> for Element {
    fn from(signal: Signal) -> Self {
        match signal {
            Signal::Watermark(watermark) => Element::Watermark(watermark),
            Signal::Barrier(id) => Element::Barrier(id),
            Signal::Status { idle: true } => Element::Idle,
            Signal::Status { idle: false } => Element::Active,
            Signal::End(ending) => Element::End(ending),
        }
    }
}

/// Waits while the channel is full: that is backpressure.
fn send(channel: &Sender<Element>, cancelled: &Receiver<()>, element: Element) -> Flow {
    match channel.try_send(element) {
        Ok(()) => Ok(()),
        Err(TrySendError::Disconnected(_)) => Err(Halt::Cancelled),
        Err(TrySendError::Full(element)) => select! {
            send(channel, element) -> sent => sent.map_err(|_| Halt::Cancelled),
            recv(cancelled) -> _ => Err(Halt::Cancelled),
        },
    }
}

/// The row numbers of each subtask that has any, in their order.
fn rows_by_subtask(
    batch: &ChangelogBatch,
    columns: &[usize],
    subtasks: &[u16],
    parallelism: usize,
) -> Result<Vec<(usize, UInt32Array)>> {
    let rows = batch.rows();
    let key: Vec<_> = columns.iter().map(|&column| rows.column(column).clone()).collect();
    let groups = key_groups(&key, rows.num_rows(), subtasks.len())?;
    let mut counts = vec![0; parallelism];
    for &group in &groups {
        counts[subtasks[group as usize] as usize] += 1;
    }
    let mut numbers: Vec<Vec<u32>> = counts.into_iter().map(Vec::with_capacity).collect();
    for (row, &group) in groups.iter().enumerate() {
        numbers[subtasks[group as usize] as usize].push(row as u32);
    }
    let some = numbers.into_iter().enumerate().filter(|(_, numbers)| !numbers.is_empty());
    Ok(some.map(|(subtask, numbers)| (subtask, UInt32Array::from(numbers))).collect())
}
