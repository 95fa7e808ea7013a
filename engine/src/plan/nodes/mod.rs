//! Our own nodes of the logical plan, a file each.

mod lateral;
mod window_assign;

pub use lateral::{Lateral, LateralFunction, LateralJoinKind};
pub use window_assign::{TimeAttribute, WINDOW_COLUMNS, WindowAssign};
