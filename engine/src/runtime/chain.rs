//! A chain of nodes in one subtask, driven depth first: what a node puts out goes through all nodes behind it before the
//! node goes on, so nothing is held between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use datafusion::arrow::datatypes::SchemaRef;

use super::clock::Clock;
use super::element::{Ending, Flow};
use super::exchange::{ExchangeWriter, Signal};
use super::graph::NodeId;
use super::sink::SinkDriver;
use super::snapshot::SubtaskSnapshot;
use super::valve::{Passed, Valve};
use crate::changelog::{ChangelogBatch, with_schema};
use crate::error::{Error, Result};
use crate::operators::{Operator, OperatorMetrics, Output, Step, Timestamp};

/// The nodes of one chain, inputs first; the first is its head, which takes what the subtask reads.
pub(super) struct Chain {
    nodes: Vec<ChainNode>,
    clock: Arc<dyn Clock>,
    now: Timestamp,
}

/// A node of a chain.
pub(super) struct ChainNode {
    pub(super) id: NodeId,
    pub(super) body: Body,
    /// Of the head: an input per channel; of the others: per input.
    pub(super) valve: Valve,
    pub(super) output: Output,
    /// Nodes behind it in the chain: index in the chain, number of the input.
    pub(super) targets: Vec<(usize, usize)>,
    /// Nodes behind it in the chain that take its dead letters for a table: index in the chain.
    pub(super) dead_letters: Vec<(Arc<str>, usize)>,
    /// Nodes behind it in other chains.
    pub(super) writers: Vec<ExchangeWriter>,
    /// Inputs that have not ended; the head's count as one.
    pub(super) open_inputs: usize,
    pub(super) ending: Ending,
    pub(super) metrics: Arc<OperatorMetrics>,
    pub(super) watermarks: Arc<[AtomicI64]>,
    pub(super) subtask: usize,
}

pub(super) enum Body {
    /// A source or dead letters: rows go through as they are.
    Through,
    /// A union: its inputs have its types, and may differ in the names of columns and in which are NOT NULL.
    Union(SchemaRef),
    Operator(Box<dyn Operator>),
    Sink(SinkDriver),
}

/// The head's place in its chain.
pub(super) const HEAD: usize = 0;

impl Chain {
    pub(super) fn new(nodes: Vec<ChainNode>, clock: Arc<dyn Clock>) -> Self {
        let now = clock.now();
        Chain { nodes, clock, now }
    }

    /// Reads the clock: to be called before each element.
    pub(super) fn tick(&mut self) {
        self.now = self.clock.now();
    }

    /// A batch for input `input` of a node.
    pub(super) fn process(&mut self, at: usize, input: usize, batch: ChangelogBatch) -> Flow {
        let node = &mut self.nodes[at];
        node.metrics.rows_in.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
        match &mut node.body {
            Body::Through => self.emit(at, batch),
            Body::Union(schema) => {
                let batch = batch.with_rows(with_schema(batch.rows(), schema)?)?;
                self.emit(at, batch)
            }
            Body::Operator(operator) => {
                let step = operator.process(input, batch, self.now, &mut node.output)?;
                self.drain(at, step)
            }
            Body::Sink(sink) => Ok(sink.write(batch)?),
        }
    }

    /// Sends on what the operator has put out, and lets it go on until it is done.
    fn drain(&mut self, at: usize, mut step: Step) -> Flow {
        loop {
            while let Some(batch) = self.nodes[at].output.pop() {
                self.emit(at, batch)?;
            }
            while let Some((table, rows)) = self.nodes[at].output.pop_dead_letters() {
                let target = self.nodes[at].dead_letters.iter().find(|(of, _)| *of == table).map(|(_, target)| *target);
                let target = target.ok_or_else(|| Error::bug(format!("dead letters for '{table}' go nowhere")))?;
                self.process(target, 0, ChangelogBatch::inserts(rows))?;
            }
            if let Some(watermark) = self.nodes[at].output.pop_watermark() {
                self.send_on(at, Signal::Watermark(watermark))?;
            }
            let node = &mut self.nodes[at];
            match (step, &mut node.body) {
                (Step::More, Body::Operator(operator)) => step = operator.resume(&mut node.output)?,
                _ => return Ok(()),
            }
        }
    }

    fn emit(&mut self, at: usize, batch: ChangelogBatch) -> Flow {
        let node = &mut self.nodes[at];
        node.metrics.rows_out.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
        let (targets, writers) = (node.targets.len(), node.writers.len());
        for target in 0..targets {
            let (to, input) = self.nodes[at].targets[target];
            if target + 1 == targets && writers == 0 {
                return self.process(to, input, batch);
            }
            self.process(to, input, batch.clone())?;
        }
        self.nodes[at].writers.iter_mut().try_for_each(|writer| writer.write(batch.clone()))
    }

    /// The watermark of one input (of the head: one channel).
    pub(super) fn watermark(&mut self, at: usize, input: usize, watermark: Timestamp) -> Flow {
        let passed = self.nodes[at].valve.watermark(input, watermark);
        self.pass(at, passed)
    }

    /// An input has become idle, or active again.
    pub(super) fn status(&mut self, at: usize, input: usize, idle: bool) -> Flow {
        let valve = &mut self.nodes[at].valve;
        let passed = if idle { valve.idle(input) } else { valve.active(input) };
        self.pass(at, passed)
    }

    /// An input of the head has ended, others may not have.
    pub(super) fn channel_ended(&mut self, channel: usize, ending: Ending) -> Flow {
        match ending {
            Ending::Finished => {
                let passed = self.nodes[HEAD].valve.finished(channel);
                self.pass(HEAD, passed)
            }
            Ending::Stopped => Ok(()),
        }
    }

    fn pass(&mut self, at: usize, passed: Passed) -> Flow {
        // Back to active comes before the watermark that this may bring, idle after the last one.
        if passed.idle == Some(false) {
            self.send_on(at, Signal::Status { idle: false })?;
        }
        if let Some(watermark) = passed.watermark {
            self.advance(at, watermark)?;
        }
        if passed.idle == Some(true) {
            // Whoever does not wait for this input must not be given rows of it that are older than the rest.
            self.flush(at)?;
            self.send_on(at, Signal::Status { idle: true })?;
        }
        Ok(())
    }

    /// Lets a node send what it waits for.
    fn flush(&mut self, at: usize) -> Flow {
        let node = &mut self.nodes[at];
        match &mut node.body {
            Body::Operator(operator) => {
                let step = operator.flush(&mut node.output)?;
                self.drain(at, step)
            }
            Body::Through | Body::Union(_) | Body::Sink(_) => Ok(()),
        }
    }

    /// Event time of the node itself has come to `watermark`.
    fn advance(&mut self, at: usize, watermark: Timestamp) -> Flow {
        let node = &mut self.nodes[at];
        if let Some(shown) = node.watermarks.get(node.subtask) {
            shown.store(watermark, Ordering::Relaxed);
        }
        if let Body::Operator(operator) = &mut node.body {
            let sends = operator.sends_watermarks();
            let step = operator.watermark(watermark, self.now, &mut node.output)?;
            self.drain(at, step)?;
            if sends {
                return Ok(());
            }
        }
        self.send_on(at, Signal::Watermark(watermark))
    }

    /// Goes on from the event time of a snapshot. The head's valve stands there already.
    pub(super) fn recover(&mut self, watermark: Timestamp) -> Flow {
        self.advance(HEAD, watermark)
    }

    fn send_on(&mut self, at: usize, signal: Signal) -> Flow {
        let node = &self.nodes[at];
        let targets = node.targets.iter().copied().chain(node.dead_letters.iter().map(|&(_, target)| (target, 0)));
        for (to, input) in targets.collect::<Vec<_>>() {
            match signal {
                Signal::Watermark(watermark) => self.watermark(to, input, watermark)?,
                Signal::Status { idle } => self.status(to, input, idle)?,
                Signal::End(ending) => self.end(to, ending)?,
                // Taken by the whole chain at once.
                Signal::Barrier(_) => {}
            }
        }
        self.nodes[at].writers.iter_mut().try_for_each(|writer| writer.broadcast(signal))
    }

    /// An input has ended; the head's inputs all together.
    pub(super) fn end(&mut self, at: usize, ending: Ending) -> Flow {
        let node = &mut self.nodes[at];
        node.ending = node.ending.and(ending);
        node.open_inputs = node.open_inputs.saturating_sub(1);
        if node.open_inputs > 0 {
            return Ok(());
        }
        let ending = node.ending;
        match (&mut node.body, ending) {
            (Body::Operator(operator), Ending::Finished) => {
                let step = operator.finish(&mut node.output)?;
                self.drain(at, step)?;
            }
            _ => self.flush(at)?,
        }
        self.send_on(at, Signal::End(ending))
    }

    /// Sends a barrier on and returns what the nodes are at it. All of them are between two inputs. `stopping`: the job
    /// stops right behind it.
    pub(super) fn barrier(&mut self, id: u64, stopping: bool) -> Flow<Vec<(NodeId, SubtaskSnapshot)>> {
        for at in 0..self.nodes.len() {
            let node = &mut self.nodes[at];
            if let Body::Operator(operator) = &mut node.body {
                let step = operator.barrier(stopping, &mut node.output)?;
                self.drain(at, step)?;
            }
        }
        for node in &mut self.nodes {
            node.writers.iter_mut().try_for_each(|writer| writer.broadcast(Signal::Barrier(id)))?;
        }
        Ok(self.snapshots(|sink| sink.prepare(id))?)
    }

    /// What the nodes are after the end of all inputs.
    pub(super) fn final_snapshots(&mut self) -> Result<Vec<(NodeId, SubtaskSnapshot)>> {
        self.snapshots(SinkDriver::prepare_end)
    }

    fn snapshots(
        &mut self,
        prepare: impl Fn(&mut SinkDriver) -> Result<Vec<String>>,
    ) -> Result<Vec<(NodeId, SubtaskSnapshot)>> {
        let snapshot = |node: &mut ChainNode| {
            let valve = &node.valve;
            let mut snapshot =
                SubtaskSnapshot { watermark: valve.last(), idle: valve.is_idle(), ..SubtaskSnapshot::default() };
            match &mut node.body {
                Body::Through | Body::Union(_) => {}
                Body::Operator(operator) => snapshot.state = operator.snapshot()?,
                Body::Sink(sink) => snapshot.prepared = prepare(sink)?,
            }
            Ok((node.id, snapshot))
        };
        self.nodes.iter_mut().map(snapshot).collect()
    }

    /// When, in processing time, something wants to be called.
    pub(super) fn next_timer(&self) -> Option<Timestamp> {
        let timer = |node: &ChainNode| match &node.body {
            Body::Through | Body::Union(_) => None,
            Body::Operator(operator) => operator.next_timer(),
            Body::Sink(sink) => sink.next_timer(),
        };
        self.nodes.iter().filter_map(timer).min()
    }

    /// Calls the timers that are due, and sends the rows that have waited long enough.
    pub(super) fn run_due(&mut self) -> Flow {
        for at in 0..self.nodes.len() {
            if self.is_ready(at) {
                self.tick();
                let (node, now) = (&mut self.nodes[at], self.now);
                if let Body::Operator(operator) = &mut node.body {
                    let step = operator.poll(now, &mut node.output)?;
                    self.drain(at, step)?;
                }
            }
        }
        if self.next_timer().is_some() {
            self.tick();
            let now = self.now;
            for at in 0..self.nodes.len() {
                let node = &mut self.nodes[at];
                match &mut node.body {
                    Body::Operator(operator) if operator.next_timer().is_some_and(|timer| timer <= now) => {
                        let step = operator.timer(now, &mut node.output)?;
                        self.drain(at, step)?;
                    }
                    Body::Sink(sink) if sink.next_timer().is_some_and(|timer| timer <= now) => sink.timer(now)?,
                    _ => {}
                }
            }
        }
        if self.deadline().is_some() {
            let now = Instant::now();
            for writer in self.nodes.iter_mut().flat_map(|node| &mut node.writers) {
                if writer.deadline().is_some_and(|deadline| deadline <= now) {
                    writer.flush()?;
                }
            }
        }
        Ok(())
    }

    fn is_ready(&self, at: usize) -> bool {
        matches!(&self.nodes[at].body, Body::Operator(operator) if operator.is_ready())
    }

    /// When rows that wait for more must be sent.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.nodes.iter().flat_map(|node| &node.writers).filter_map(ExchangeWriter::deadline).min()
    }

    /// How long the subtask may sleep; `None`: until something comes.
    pub(super) fn wait(&self) -> Option<std::time::Duration> {
        if (0..self.nodes.len()).any(|at| self.is_ready(at)) {
            return Some(std::time::Duration::ZERO);
        }
        let flush = self.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let timer = self.next_timer().and_then(|timer| self.clock.until(timer));
        [flush, timer].into_iter().flatten().min()
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(super) fn has_sinks(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node.body, Body::Sink(_)))
    }

    pub(super) fn commit(&mut self, barrier: u64) -> Result<()> {
        self.sinks().try_for_each(|sink| sink.commit(barrier))
    }

    /// Drops what is not of a complete snapshot. Everything is tried; the first error is returned.
    pub(super) fn abort(&mut self, completed: u64) -> Result<()> {
        let mut result = Ok(());
        for sink in self.sinks() {
            result = result.and(sink.abort(completed));
        }
        result
    }

    fn sinks(&mut self) -> impl Iterator<Item = &mut SinkDriver> {
        self.nodes.iter_mut().filter_map(|node| match &mut node.body {
            Body::Sink(sink) => Some(sink),
            _ => None,
        })
    }
}
