//! What an instance may take of memory, tables and instances.

use wasmtime::ResourceLimiter;

use crate::budget::MemoryBudget;
use crate::limits::Limits;

/// Counts what an instance uses, and refuses what is too much.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory_limit: usize,
    pub table_limit: usize,
    pub instance_limit: usize,
    /// Bytes of all linear memories.
    pub memory: usize,
    table_elements: usize,
    /// Whether elements of a table were refused since the call began.
    pub table_refused: bool,
    /// Whether memory was refused since the call began.
    pub memory_refused: bool,
    /// Memory that is shared with other instances.
    pub budget: Option<MemoryBudget>,
    /// Whether the shared memory was used up since the call began.
    pub budget_refused: bool,
}

impl Limiter {
    pub fn new(limits: &Limits) -> Self {
        Limiter {
            memory_limit: limits.memory,
            table_limit: limits.tables,
            instance_limit: limits.instances,
            memory: 0,
            table_elements: 0,
            table_refused: false,
            memory_refused: false,
            budget: limits.budget.clone(),
            budget_refused: false,
        }
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.give_back(self.memory);
        }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let total = self.memory.saturating_add(more);
        if total > self.memory_limit {
            self.memory_refused = true;
            return Ok(false);
        }
        if self.budget.as_ref().is_some_and(|budget| !budget.take(more)) {
            self.budget_refused = true;
            return Ok(false);
        }
        self.memory = total;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.table_elements.saturating_add(desired.saturating_sub(current));
        if total > self.table_limit {
            self.table_refused = true;
            return Ok(false);
        }
        self.table_elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instance_limit
    }

    fn tables(&self) -> usize {
        self.instance_limit
    }

    fn memories(&self) -> usize {
        self.instance_limit
    }
}
