//! Which nodes run in one subtask, one behind the other with no channel between them.

use super::graph::{Exchange, Input, JobGraph, NodeId, NodeKind};
use crate::error::{Error, Result};

/// Nodes that run together, inputs first. Only the first one reads channels (or a source).
pub(super) type ChainNodes = Vec<NodeId>;

/// The chains of a graph, and for each node the number of its chain.
///
/// # Errors
/// Bugs in the graph.
pub(super) fn chains(graph: &JobGraph) -> Result<(Vec<ChainNodes>, Vec<usize>)> {
    let mut chains: Vec<ChainNodes> = Vec::new();
    let mut chain_of: Vec<usize> = Vec::with_capacity(graph.nodes.len());
    for id in 0..graph.nodes.len() {
        check(graph, id)?;
        let inputs = &graph.nodes[id].inputs;
        // Several inputs stay in the thread where they are all in one already: a stream that was split and comes
        // together again.
        let chain = match inputs.first().map(|input| chain_of[input.node]) {
            Some(first) if inputs.iter().all(|input| chain_of[input.node] == first && is_direct(graph, id, input)) => {
                first
            }
            _ => {
                chains.push(vec![]);
                chains.len() - 1
            }
        };
        chains[chain].push(id);
        chain_of.push(chain);
    }
    Ok((chains, chain_of))
}

/// Rows stay in their subtask.
fn is_direct(graph: &JobGraph, node: NodeId, input: &Input) -> bool {
    let (above, below) = (graph.nodes[input.node].parallelism, graph.nodes[node].parallelism);
    above == below && (below == 1 || input.exchange == Exchange::Forward)
}

fn check(graph: &JobGraph, id: NodeId) -> Result<()> {
    let node = &graph.nodes[id];
    let wrong = |what: &str| Err(Error::bug(format!("node {id} of the job graph {what}")));
    if node.parallelism == 0 {
        return wrong("has no subtasks");
    }
    let (least, most) = match &node.kind {
        NodeKind::Source(_) => (0, 0),
        NodeKind::Sink(_) | NodeKind::DeadLetters(_) => (1, 1),
        NodeKind::Operator(_) | NodeKind::Union(_) => (1, usize::MAX),
    };
    if !(least..=most).contains(&node.inputs.len()) {
        return wrong(&format!("has {} inputs", node.inputs.len()));
    }
    for input in &node.inputs {
        if input.node >= id {
            return wrong("stands before its input");
        }
        let above = &graph.nodes[input.node];
        if matches!(above.kind, NodeKind::Sink(_)) {
            return wrong("has a sink as its input");
        }
        if matches!(node.kind, NodeKind::DeadLetters(_))
            && !(matches!(above.kind, NodeKind::Operator(_)) && input.exchange == Exchange::Forward)
        {
            return wrong("has dead letters of something that is no operator before it");
        }
        if input.exchange == Exchange::Forward && above.parallelism != node.parallelism {
            return wrong("is forwarded to at another parallelism");
        }
    }
    Ok(())
}
