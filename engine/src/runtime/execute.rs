//! From a job graph to running threads.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use tokio::runtime::Handle;

use super::chain::{Body, Chain, ChainNode};
use super::chaining::chains;
use super::config::RuntimeConfig;
use super::coordinator::{Control, Coordinator, SourceControl};
use super::element::{Element, Ending, Flow};
use super::event_time::SplitWatermarks;
use super::exchange::{ExchangeWriter, Partitioner};
use super::gate::Gate;
use super::graph::{Exchange, JobGraph, NodeId, NodeKind, SourceSpec};
use super::job::JobHandle;
use super::metrics::{NodeCounters, node_name, node_title};
use super::sink::SinkDriver;
use super::snapshot::NodeSnapshot;
use super::source::{SourceBuffer, SourceDriver};
use super::splits::SplitPool;
use super::subtask::{ChannelDriver, Driver, run};
use super::valve::Valve;
use crate::connectors::{ReaderContext, WriterContext};
use crate::error::{Error, Result};
use crate::operators::{MIN_WATERMARK, Output, Subtask, Timestamp, Waker};
use crate::state::KeyGroupRange;

/// Starts a job: its subtasks run on threads of their own.
///
/// # Errors
/// Bugs in the graph; a snapshot that does not fit; a source that cannot list its splits. What goes wrong in a subtask,
/// its creation included, is told by [`JobHandle::wait`].
pub fn execute(graph: JobGraph, config: RuntimeConfig) -> Result<JobHandle> {
    let (chains, chain_of) = chains(&graph)?;
    let names: Vec<String> = graph.nodes.iter().map(|node| node_name(&node.kind).to_owned()).collect();
    if let Some(snapshot) = &config.restore {
        snapshot.check(&names, config.max_parallelism)?;
    }
    if let Some(node) = graph.nodes.iter().find(|node| node.parallelism > config.max_parallelism) {
        return Err(Error::user(format!(
            "a parallelism of {} is more than 'pipeline.max-parallelism', which is {}",
            node.parallelism, config.max_parallelism
        )));
    }
    let tokio = config.tokio_handle()?;

    // A thread for each subtask of each chain, in order.
    let parallelism = |chain: usize| graph.nodes[chains[chain][0]].parallelism;
    let threads: Vec<(usize, usize)> =
        (0..chains.len()).flat_map(|chain| (0..parallelism(chain)).map(move |subtask| (chain, subtask))).collect();
    let (controls, control_receivers): (Vec<_>, Vec<_>) = threads.iter().map(|_| unbounded()).unzip();
    let (cancel, cancelled) = bounded(0);

    let mut pools: Vec<Option<Arc<SplitPool>>> = vec![None; graph.nodes.len()];
    let mut sources = Vec::new();
    for (node, pool) in pools.iter_mut().enumerate() {
        if let NodeKind::Source(spec) = &graph.nodes[node].kind {
            let mine = threads.iter().enumerate().filter(|(_, (chain, _))| *chain == chain_of[node]);
            let threads: Vec<usize> = mine.map(|(thread, _)| thread).collect();
            let splits = split_pool(spec, &threads, &controls, restored(&config, node))?;
            sources.push(SourceControl { node, threads, splits: splits.clone() });
            *pool = Some(splits);
        }
    }
    let sinks = graph.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Sink(sink) => Some(sink.sink.clone()),
        _ => None,
    });
    let nodes = names.into_iter().zip(graph.nodes.iter().map(|node| node.parallelism)).collect();
    let coordinator = Arc::new(Coordinator::new(
        controls,
        sources,
        nodes,
        sinks.collect(),
        config.max_parallelism,
        cancel,
        config.restore.as_ref().map_or(0, |snapshot| snapshot.id),
    ));

    let counters = Arc::new(NodeCounters::of(&graph));
    let mut wires = Wires::connect(&graph, &chain_of, &config, &cancelled);
    let graph = Arc::new(graph);
    let handle = JobHandle {
        coordinator: coordinator.clone(),
        graph: graph.clone(),
        counters: counters.clone(),
        started: Instant::now(),
    };
    let config = Arc::new(config);
    for (thread, ((chain, subtask), control)) in threads.into_iter().zip(control_receivers).enumerate() {
        let nodes = chains[chain].clone();
        let head = nodes[0];
        let plan = SubtaskPlan {
            thread,
            subtask,
            channels: std::mem::take(&mut wires.receivers[head][subtask]),
            writers: nodes.iter().map(|&node| std::mem::take(&mut wires.writers[node][subtask])).collect(),
            pool: pools[head].clone(),
            nodes,
            control,
            graph: graph.clone(),
            counters: counters.clone(),
            config: config.clone(),
            tokio: tokio.clone(),
            cancelled: coordinator.cancelled_flag().clone(),
            waker: Waker::new({
                let coordinator = Arc::downgrade(&coordinator);
                move || {
                    if let Some(coordinator) = coordinator.upgrade() {
                        coordinator.wake_thread(thread);
                    }
                }
            }),
        };
        let coordinator = coordinator.clone();
        let spawned = std::thread::Builder::new().name(format!("{}-{subtask}", node_title(&graph, head))).spawn({
            let coordinator = coordinator.clone();
            move || run(thread, &coordinator, || plan.create())
        });
        if let Err(error) = spawned {
            coordinator.fail(Error::connector(format!("a thread cannot be started: {error}")));
            // This thread and those after it never were.
            (thread..coordinator.threads()).for_each(|_| coordinator.left(None));
            break;
        }
    }
    Ok(handle)
}

fn restored(config: &RuntimeConfig, node: NodeId) -> Option<&NodeSnapshot> {
    config.restore.as_ref().map(|snapshot| &snapshot.nodes[node])
}

fn split_pool(
    spec: &SourceSpec,
    threads: &[usize],
    controls: &[Sender<Control>],
    restored: Option<&NodeSnapshot>,
) -> Result<Arc<SplitPool>> {
    let source = &spec.source;
    let subtasks = threads.iter().map(|&thread| controls[thread].clone()).collect();
    let enumerator = source.enumerator(threads.len())?;
    Ok(Arc::new(SplitPool::new(enumerator, source.is_bounded(), source.splits_end(), subtasks, restored)?))
}

/// The channels between chains.
struct Wires {
    /// By node and subtask: the exchanges into other chains.
    writers: Vec<Vec<Vec<ExchangeWriter>>>,
    /// By node and subtask: the channels, each with the input that it belongs to.
    receivers: Vec<Vec<Vec<(usize, Receiver<Element>)>>>,
}

impl Wires {
    fn connect(graph: &JobGraph, chain_of: &[usize], config: &RuntimeConfig, cancelled: &Receiver<()>) -> Self {
        fn by_subtask<T>(graph: &JobGraph) -> Vec<Vec<Vec<T>>> {
            graph.nodes.iter().map(|node| (0..node.parallelism).map(|_| vec![]).collect()).collect()
        }
        let mut wires = Wires { writers: by_subtask(graph), receivers: by_subtask(graph) };
        for (id, node) in graph.nodes.iter().enumerate() {
            for (number, input) in node.inputs.iter().enumerate() {
                if chain_of[input.node] == chain_of[id] {
                    continue;
                }
                for above in 0..graph.nodes[input.node].parallelism {
                    let below = match input.exchange {
                        Exchange::Forward => above..above + 1,
                        Exchange::Single => 0..1,
                        Exchange::Hash(_) | Exchange::Rebalance => 0..node.parallelism,
                    };
                    let partitioner = match &input.exchange {
                        Exchange::Forward | Exchange::Single => Partitioner::One,
                        // Begin with different ones, so that few batches do not all go to the first.
                        Exchange::Rebalance => Partitioner::Rebalance(above % node.parallelism),
                        Exchange::Hash(columns) => {
                            Partitioner::hash(columns.clone(), node.parallelism, config.max_parallelism)
                        }
                    };
                    let mut channels = Vec::with_capacity(below.len());
                    for subtask in below {
                        let (sender, receiver) = bounded(config.channel_capacity.max(1));
                        channels.push(sender);
                        wires.receivers[id][subtask].push((number, receiver));
                    }
                    let (rows, timeout) = (config.batch_size, config.buffer_timeout);
                    let writer = ExchangeWriter::new(partitioner, channels, rows, timeout, cancelled.clone());
                    wires.writers[input.node][above].push(writer);
                }
            }
        }
        wires
    }
}

/// What a subtask is made from, in its own thread.
struct SubtaskPlan {
    thread: usize,
    subtask: usize,
    nodes: Vec<NodeId>,
    channels: Vec<(usize, Receiver<Element>)>,
    /// By node of the chain.
    writers: Vec<Vec<ExchangeWriter>>,
    pool: Option<Arc<SplitPool>>,
    control: Receiver<Control>,
    graph: Arc<JobGraph>,
    counters: Arc<Vec<NodeCounters>>,
    config: Arc<RuntimeConfig>,
    tokio: Handle,
    /// Set when the job is cancelled.
    cancelled: Arc<AtomicBool>,
    /// Wakes this subtask.
    waker: Waker,
}

impl SubtaskPlan {
    fn create(mut self) -> Flow<Driver> {
        let head = self.nodes[0];
        let watermark = restored(&self.config, head).map_or(MIN_WATERMARK, NodeSnapshot::watermark);
        let writers = std::mem::take(&mut self.writers);
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for (&id, writers) in self.nodes.iter().zip(writers) {
            nodes.push(self.chain_node(id, writers, watermark)?);
        }
        for (at, &id) in self.nodes.iter().enumerate().skip(1) {
            for (number, input) in self.graph.nodes[id].inputs.iter().enumerate() {
                let above = self.nodes.iter().position(|&node| node == input.node);
                let above = above.ok_or_else(|| Error::bug("a chained node without its input"))?;
                match &self.graph.nodes[id].kind {
                    NodeKind::DeadLetters(table) => nodes[above].dead_letters.push((table.clone(), at)),
                    _ => nodes[above].targets.push((at, number)),
                }
            }
        }
        let mut chain = Chain::new(nodes, self.config.clock.clone());
        if watermark > MIN_WATERMARK {
            chain.recover(watermark)?;
        }
        let SubtaskPlan { thread, subtask, channels, pool, control, graph, config, .. } = self;
        match (&graph.nodes[head].kind, pool) {
            (NodeKind::Source(spec), Some(pool)) => {
                let context = ReaderContext {
                    subtask,
                    parallelism: graph.nodes[head].parallelism,
                    batch_size: config.batch_size,
                    buffer_timeout: config.buffer_timeout,
                };
                let idle_timeout = spec.watermark.as_ref().and_then(|watermark| watermark.idle_timeout);
                Ok(Driver::Source(Box::new(SourceDriver {
                    spec: spec.clone(),
                    reader: spec.source.reader(&context)?,
                    pool,
                    subtask,
                    thread,
                    chain,
                    control,
                    watermarks: SplitWatermarks::new(watermark, idle_timeout),
                    buffer: SourceBuffer::new(spec.source.schema(), config.batch_size, config.buffer_timeout),
                    idle: false,
                })))
            }
            _ => Ok(Driver::Channels(Box::new(ChannelDriver { gate: Gate::new(channels, control), chain, thread }))),
        }
    }

    fn chain_node(&self, id: NodeId, writers: Vec<ExchangeWriter>, watermark: Timestamp) -> Result<ChainNode> {
        let node = &self.graph.nodes[id];
        let is_head = id == self.nodes[0];
        let counters = &self.counters[id];
        let config = &self.config;
        let snapshot = restored(config, id);
        let body = match &node.kind {
            NodeKind::Source(_) | NodeKind::DeadLetters(_) => Body::Through,
            NodeKind::Union(schema) => Body::Union(schema.clone()),
            NodeKind::Operator(spec) => {
                let mut operator = spec.create(&Subtask {
                    index: self.subtask,
                    parallelism: node.parallelism,
                    max_parallelism: config.max_parallelism,
                    batch_size: config.batch_size,
                    mini_batch_size: config.mini_batch_size,
                    time_zone: config.time_zone.clone(),
                    metrics: counters.metrics.clone(),
                    cancelled: self.cancelled.clone(),
                    waker: self.waker.clone(),
                })?;
                if let Some(snapshot) = snapshot {
                    let range = KeyGroupRange::of(self.subtask, node.parallelism, config.max_parallelism);
                    operator.restore(snapshot.state(&range)?)?;
                }
                Body::Operator(operator)
            }
            NodeKind::Sink(spec) => {
                let context =
                    WriterContext { subtask: self.subtask, parallelism: node.parallelism, runtime: self.tokio.clone() };
                let barrier = config.restore.as_ref().map_or(0, |snapshot| snapshot.id);
                let mut sink = SinkDriver::new(spec.sink.writer(&context)?, barrier);
                if let (Some(snapshot), 0) = (snapshot, self.subtask) {
                    sink.recover(snapshot.prepared())?;
                }
                Body::Sink(sink)
            }
        };
        let channels = if is_head { self.channels.len().max(1) } else { node.inputs.len() };
        // The head stands where the snapshot was; what is behind it follows when the watermark is sent on.
        let valve = if is_head { Valve::starting_at(channels, watermark) } else { Valve::new(channels) };
        Ok(ChainNode {
            id,
            body,
            valve,
            output: Output::new(config.batch_size),
            targets: vec![],
            dead_letters: vec![],
            writers,
            open_inputs: if is_head { 1 } else { node.inputs.len() },
            ending: Ending::Finished,
            metrics: counters.metrics.clone(),
            watermarks: counters.watermarks.clone(),
            subtask: self.subtask,
        })
    }
}
