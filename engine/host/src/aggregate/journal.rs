//! What an aggregate needs to be rebuilt after a trap: its state at some moment, and the changes since.

use std::time::Duration;

use arrow::array::{Array, ArrayRef};

use super::live::Live;
use super::{Change, restore_all};
use crate::bound::Template;
use crate::error::Result;
use crate::wire::lower::Scratch;

/// Bytes of changes after which the state is taken anew.
const MAX_BYTES: usize = 8 << 20;
/// Changes after which the state is taken anew.
const MAX_CHANGES: usize = 256;
/// How many times as long as taking the state changes take, at least, before it is taken for their time alone.
const CHANGES_PER_STATE: u32 = 16;
/// Time limits that a change has when it is repeated: it kept to one before, and the machine may be slower now.
const TIME_TO_REPEAT: u32 = 8;

/// The last state and the changes since, within a bound.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// State of consecutive groups from 0, in pieces.
    base: Vec<Vec<ArrayRef>>,
    entries: Vec<Entry>,
    bytes: usize,
    /// What the changes took.
    spent: Duration,
    /// What taking the state took.
    state_spent: Duration,
}

#[derive(Debug)]
enum Entry {
    Change { change: Change, groups: Vec<u32>, columns: Vec<ArrayRef> },
    Remove { groups: Vec<u32> },
}

impl Journal {
    /// Notes a change, which took `spent`.
    pub fn push(&mut self, change: Change, groups: &[u32], columns: &[ArrayRef], spent: Duration) {
        self.spent += spent;
        let arrays: usize = columns.iter().map(|column| column.get_array_memory_size()).sum();
        self.bytes += arrays + size_of_val(groups);
        self.entries.push(Entry::Change { change, groups: groups.to_vec(), columns: columns.to_vec() });
    }

    pub fn push_remove(&mut self, groups: &[u32]) {
        self.bytes += size_of_val(groups);
        self.entries.push(Entry::Remove { groups: groups.to_vec() });
    }

    /// Whether the state should be taken anew ([`Journal::restart`]): there is much to keep, or to repeat, which would take
    /// longer than one call may, and many times as long as to take the state.
    pub fn is_long(&self, timeout: Duration) -> bool {
        let is_slow = self.spent > timeout.max(self.state_spent.saturating_mul(CHANGES_PER_STATE));
        self.bytes > MAX_BYTES || self.entries.len() > MAX_CHANGES || is_slow
    }

    /// Begins anew with a state, which took `spent` to take.
    pub fn restart(&mut self, base: Vec<Vec<ArrayRef>>, spent: Duration) {
        *self = Journal { base, state_spent: spent, ..Journal::default() };
    }

    /// Brings fresh accumulators to where the journal ends. Rows whose error the guest returned return it again, and
    /// leave their groups as they were.
    pub fn replay(&self, template: &Template, live: &mut Live, scratch: &mut Scratch) -> Result<()> {
        live.instance.set_timeout(template.limits.timeout.saturating_mul(TIME_TO_REPEAT));
        self.repeat(template, live, scratch)
            .map_err(|error| error.with_remark("when its accumulators were built anew"))?;
        live.instance.set_timeout(template.limits.timeout);
        Ok(())
    }

    fn repeat(&self, template: &Template, live: &mut Live, scratch: &mut Scratch) -> Result<()> {
        restore_all(template, live, &self.base, scratch)?;
        for entry in &self.entries {
            match entry {
                Entry::Change { change, groups, columns } => {
                    live.change(template, *change, groups, columns, scratch)?;
                }
                Entry::Remove { groups } => live.remove(groups)?,
            }
        }
        Ok(())
    }
}
