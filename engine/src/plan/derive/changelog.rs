//! Whether a plan's result is ever updated, or rows are only added to it.

use datafusion::logical_expr::LogicalPlan;

use super::is_window_aggregate;
use crate::changelog::ChangelogMode;
use crate::error::Result;
use crate::plan::scan::scan_table;

/// Whether the rows of a plan may be updated or taken back.
///
/// # Errors
/// Bugs only.
pub fn is_updating(plan: &LogicalPlan) -> Result<bool> {
    match plan {
        LogicalPlan::TableScan(scan) => {
            Ok(scan_table(&scan.source)?.source.changelog_mode() != ChangelogMode::AppendOnly)
        }
        // A window is emitted once, when it is over.
        LogicalPlan::Aggregate(_) if is_window_aggregate(plan)? => Ok(false),
        // Without aggregates a group's row never changes: it can only go when its rows go.
        LogicalPlan::Aggregate(aggregate) if aggregate.aggr_expr.is_empty() => is_updating(&aggregate.input),
        LogicalPlan::Aggregate(_) => Ok(true),
        other => {
            for input in other.inputs() {
                if is_updating(input)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}
