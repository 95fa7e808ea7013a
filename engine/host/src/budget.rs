//! Memory that many instances share: that of all functions of a job.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A bound on the linear memory of several instances together, beside each one's own limit. Clones share it; two budgets
/// are equal where they are one.
#[derive(Debug, Clone)]
pub struct MemoryBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// What the user set it by, for messages.
    option: &'static str,
    limit: usize,
    used: AtomicUsize,
}

impl MemoryBudget {
    /// A budget of `limit` bytes, which the user knows by the name of an option.
    pub fn new(limit: usize, option: &'static str) -> Self {
        MemoryBudget(Arc::new(Shared { option, limit, used: AtomicUsize::new(0) }))
    }

    /// Bytes that the instances may have together.
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// Bytes that they have.
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    pub(crate) fn option(&self) -> &'static str {
        self.0.option
    }

    /// Whether there was room for so many bytes more, which then are taken.
    pub(crate) fn take(&self, bytes: usize) -> bool {
        let add = |used: usize| used.checked_add(bytes).filter(|total| *total <= self.0.limit);
        self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }

    pub(crate) fn give_back(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl PartialEq for MemoryBudget {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for MemoryBudget {}

impl Hash for MemoryBudget {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_and_given_back_adds_up() {
        let budget = MemoryBudget::new(100, "functions.memory");
        let shared = budget.clone();
        assert!(budget.take(60) && !shared.take(41) && shared.take(40) && !budget.take(usize::MAX));
        assert_eq!(budget.used(), 100);
        budget.give_back(60);
        assert_eq!(shared.used(), 40);
        assert!(budget == shared && budget != MemoryBudget::new(100, "functions.memory"));
    }
}
