//! Sinks: what changelog each takes, checked before anything runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::logical_expr::LogicalPlan;

use super::Lowering;
use super::stream::{Stream, node_schema};
use crate::changelog::ChangelogMode;
use crate::connectors::Sink;
use crate::error::{Error, Result};
use crate::operators::{UpsertChangelogSpec, UpsertMaterializeSpec};
use crate::plan::derive::{is_updating, unique_keys, upsert_keys};
use crate::runtime::{Node, NodeId, NodeKind, SinkSpec};

/// A query and where its rows go. The columns are the sink's, cast and checked.
#[derive(Debug, Clone)]
pub struct SinkPlan {
    /// The table's name.
    pub table: String,
    pub sink: Arc<dyn Sink>,
    /// Columns of the primary key; empty where there is none.
    pub primary_key: Vec<usize>,
    /// What becomes of rows that meet at one primary key.
    pub on_conflict: OnConflict,
    pub plan: LogicalPlan,
}

/// What becomes of rows of a query that meet at one primary key of its sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// A query whose rows may meet is refused.
    #[default]
    Refuse,
    /// The last one stands: where it is taken back, the one before it.
    Deduplicate,
    /// Changes are written as they come: which row stands is not determined.
    Ignore,
}

/// What a sink is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinkInput {
    /// The changelog that the query must give. For a sink of upserts a retract stream becomes upserts last.
    pub mode: ChangelogMode,
    /// Rows that meet at one primary key are materialised before they are written.
    pub materialize: bool,
}

impl SinkPlan {
    /// What the query must give for this sink.
    ///
    /// # Errors
    /// A user error where the sink cannot take the query's changelog.
    pub fn input(&self) -> Result<SinkInput> {
        let as_is = |mode| Ok(SinkInput { mode, materialize: false });
        let updating = is_updating(&self.plan)?;
        match self.sink.changelog_mode() {
            ChangelogMode::Upsert if !self.primary_key.is_empty() => {
                let primary: BTreeSet<usize> = self.primary_key.iter().copied().collect();
                let within = |key: &BTreeSet<usize>| key.is_subset(&primary);
                let unique = unique_keys(&self.plan)?;
                // No two rows of the query meet at one primary key.
                let apart = unique.iter().any(within);
                if !apart && self.on_conflict == OnConflict::Refuse {
                    return Err(self.conflict(&primary, &unique));
                }
                if !updating {
                    return as_is(ChangelogMode::AppendOnly);
                }
                let upsert = upsert_keys(&self.plan)?;
                if upsert.contains(&primary) {
                    return as_is(ChangelogMode::Upsert);
                }
                // An update may move a row to another primary key: its old row must be taken back there. And it may
                // come before the old row is taken back.
                let materialize = !upsert.iter().any(within) && self.on_conflict != OnConflict::Ignore;
                Ok(SinkInput { mode: ChangelogMode::Retract, materialize })
            }
            _ if !updating => as_is(ChangelogMode::AppendOnly),
            ChangelogMode::Retract => as_is(ChangelogMode::Retract),
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
            ChangelogMode::Upsert => {
                let message = format!("table '{}' takes updates by key and has no PRIMARY KEY", self.table);
                Err(Error::user(message).hint("declare PRIMARY KEY (…) NOT ENFORCED"))
            }
        }
    }

    fn conflict(&self, primary: &BTreeSet<usize>, keys: &[BTreeSet<usize>]) -> Error {
        let names = |key: &BTreeSet<usize>| {
            let columns = key.iter().map(|column| self.plan.schema().field(*column).name().as_str());
            columns.collect::<Vec<_>>().join(", ")
        };
        let found = match keys.first() {
            Some(key) => format!("is unique by ({})", names(key)),
            None => "has no key".to_owned(),
        };
        let message = format!(
            "several rows of the query may meet at one PRIMARY KEY ({}) of table '{}': the query {found}",
            names(primary),
            self.table,
        );
        Error::user(message)
            .hint("give the table the key of the query, or say ON CONFLICT DO DEDUPLICATE: then the last row stands")
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
        let SinkInput { mode, materialize } = sink.input()?;
        let stream = self.plan(&sink.plan, mode != ChangelogMode::Upsert)?;
        let names = sink.plan.schema().fields().iter().map(|field| field.name().clone()).collect();
        let mut stream = self.materialize(Stream { names, ..stream })?;
        if materialize {
            stream.node = self.upsert_materialize(stream.node, node_schema(&stream), &sink.primary_key);
        } else if sink.sink.changelog_mode() == ChangelogMode::Upsert
            && self.mode_of(stream.node) == ChangelogMode::Retract
        {
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
    fn upsert_materialize(&mut self, input: NodeId, schema: SchemaRef, keys: &[usize]) -> NodeId {
        let parallelism = self.keyed_parallelism(keys);
        let inputs = vec![self.by_keys(input, keys, parallelism)];
        let spec = UpsertMaterializeSpec { schema, keys: keys.to_vec() };
        let kind = NodeKind::Operator(Arc::new(spec));
        self.add(Node { kind, inputs, parallelism, changelog_mode: ChangelogMode::Upsert })
    }
}
