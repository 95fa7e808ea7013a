//! Sinks: what changelog each takes, checked before anything runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::logical_expr::LogicalPlan;

use super::Lowering;
use super::stream::{Stream, node_schema};
use crate::changelog::ChangelogMode;
use crate::connectors::Sink;
use crate::error::{Error, Result};
use crate::operators::UpsertChangelogSpec;
use crate::plan::derive::{is_updating, upsert_keys};
use crate::runtime::{Node, NodeKind, SinkSpec};

/// A query and where its rows go. The columns are the sink's, cast and checked.
#[derive(Debug, Clone)]
pub struct SinkPlan {
    /// The table's name.
    pub table: String,
    pub sink: Arc<dyn Sink>,
    /// Columns of the primary key; empty where there is none.
    pub primary_key: Vec<usize>,
    pub plan: LogicalPlan,
}

impl SinkPlan {
    /// The changelog that the query must give for this sink. For a sink of upserts a retract stream becomes upserts last.
    ///
    /// # Errors
    /// A user error where the sink cannot take the query's changelog.
    pub fn changelog_mode(&self) -> Result<ChangelogMode> {
        if !is_updating(&self.plan)? {
            return Ok(ChangelogMode::AppendOnly);
        }
        match self.sink.changelog_mode() {
            ChangelogMode::Retract => Ok(ChangelogMode::Retract),
            ChangelogMode::AppendOnly => {
                let message = format!(
                    "table '{}' takes only inserts, and the query updates rows{}",
                    self.table,
                    cause(&self.plan)
                );
                Err(Error::user(message).hint(
                    "write to a table of a connector that takes updates, with a PRIMARY KEY, or aggregate over windows",
                ))
            }
            ChangelogMode::Upsert if self.primary_key.is_empty() => {
                let message = format!("table '{}' takes updates by key and has no PRIMARY KEY", self.table);
                Err(Error::user(message).hint("declare PRIMARY KEY (…) NOT ENFORCED"))
            }
            ChangelogMode::Upsert => {
                let primary: BTreeSet<usize> = self.primary_key.iter().copied().collect();
                let keys = upsert_keys(&self.plan)?;
                if keys.contains(&primary) {
                    return Ok(ChangelogMode::Upsert);
                }
                // An update may move a row to another primary key: its old row must be taken back there. No two rows of
                // the query meet at one primary key, so the order between the two does not matter.
                if keys.iter().any(|key| key.is_subset(&primary)) {
                    return Ok(ChangelogMode::Retract);
                }
                let names = |key: &BTreeSet<usize>| {
                    let columns = key.iter().map(|column| self.plan.schema().field(*column).name().as_str());
                    columns.collect::<Vec<_>>().join(", ")
                };
                let found = match keys.first() {
                    Some(key) if key.is_empty() => "is one row without a key".to_owned(),
                    Some(key) => format!("is unique by ({})", names(key)),
                    None => "has no key".to_owned(),
                };
                let message = format!(
                    "table '{}' is updated by its PRIMARY KEY ({}), and the query {found}",
                    self.table,
                    names(&primary)
                );
                Err(Error::user(message).hint("give the table the key of the query"))
            }
        }
    }
}

/// Which part of a plan makes updates.
fn cause(plan: &LogicalPlan) -> String {
    match plan {
        LogicalPlan::Aggregate(aggregate) => {
            let keys = aggregate.group_expr.iter().map(|key| key.qualified_name().1).collect::<Vec<_>>();
            match keys.is_empty() {
                true => ": it aggregates without GROUP BY".to_owned(),
                false => format!(": it groups by ({})", keys.join(", ")),
            }
        }
        LogicalPlan::TableScan(scan) => format!(": table '{}' is one of changes", scan.table_name),
        other => {
            let mut inputs = other.inputs().into_iter();
            inputs.find(|input| is_updating(input).unwrap_or(false)).map_or_else(String::new, cause)
        }
    }
}

impl Lowering<'_> {
    pub(super) fn sink(&mut self, sink: &SinkPlan) -> Result<()> {
        let mode = sink.changelog_mode()?;
        let stream = self.plan(&sink.plan, mode != ChangelogMode::Upsert)?;
        let names = sink.plan.schema().fields().iter().map(|field| field.name().clone()).collect();
        let mut stream = self.materialize(Stream { names, ..stream })?;
        if sink.sink.changelog_mode() == ChangelogMode::Upsert && self.mode_of(stream.node) == ChangelogMode::Retract {
            stream.node = self.operator(Arc::new(UpsertChangelogSpec { schema: node_schema(&stream) }), stream.node);
            self.graph.nodes[stream.node].changelog_mode = ChangelogMode::Upsert;
        }
        // As many writers as there are subtasks above, so that rows stay in their order where they can.
        let wanted = self.parallelism_of(stream.node);
        let parallelism = sink.sink.max_parallelism().map_or(wanted, |most| most.min(wanted)).max(1);
        // All changes of a key must go the same way, in their order.
        let edge = match sink.primary_key.is_empty() {
            false => self.by_keys(stream.node, &sink.primary_key, parallelism),
            true => {
                // Changes without a key stay in the order of the subtask that made them.
                let same = self.parallelism_of(stream.node);
                let parallelism =
                    if mode == ChangelogMode::AppendOnly || parallelism == same { parallelism } else { 1 };
                self.as_it_comes(stream.node, parallelism)
            }
        };
        let parallelism = match edge.exchange {
            crate::runtime::Exchange::Forward => self.parallelism_of(stream.node),
            crate::runtime::Exchange::Single => 1,
            _ => parallelism,
        };
        let spec = SinkSpec { table: sink.table.clone(), sink: sink.sink.clone(), schema: node_schema(&stream) };
        let changelog_mode = self.mode_of(stream.node);
        self.add(Node { kind: NodeKind::Sink(spec), inputs: vec![edge], parallelism, changelog_mode });
        Ok(())
    }
}
