//! Keyed state: which key belongs to which key group, where a key's slot is, and what a snapshot is made of.

mod encoding;
mod key_group;
mod key_index;
mod snapshot;
mod value_table;

pub use encoding::{Encoding, canonical};
pub use key_group::{DEFAULT_MAX_PARALLELISM, KeyGroupRange, key_groups};
pub use key_index::{KeyIndex, NO_SLOT, Slots};
pub use snapshot::{KEY_GROUP_COLUMN, Snapshot, check_schema};
pub use value_table::{Value, ValueTable, Values};
