//! How rows go from one node to the next.

use super::Lowering;
use crate::runtime::{Exchange, Input, NodeId};

impl Lowering<'_> {
    /// The parallelism of an operator with these keys.
    pub(super) fn keyed_parallelism(&self, keys: &[usize]) -> usize {
        if keys.is_empty() { 1 } else { self.context.config.parallelism() }
    }

    /// By keys; all to one subtask without keys.
    pub(super) fn by_keys(&self, node: NodeId, keys: &[usize], parallelism: usize) -> Input {
        let exchange = match self.parallelism_of(node) {
            1 if parallelism == 1 => Exchange::Forward,
            _ if keys.is_empty() || parallelism == 1 => Exchange::Single,
            _ => Exchange::Hash(keys.to_vec()),
        };
        Input { node, exchange }
    }

    /// As it comes.
    pub(super) fn as_it_comes(&self, node: NodeId, parallelism: usize) -> Input {
        let exchange = match self.parallelism_of(node) {
            same if same == parallelism => Exchange::Forward,
            _ if parallelism == 1 => Exchange::Single,
            _ => Exchange::Rebalance,
        };
        Input { node, exchange }
    }
}
