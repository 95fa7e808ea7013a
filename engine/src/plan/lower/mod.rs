//! From logical plans to a job graph: a file per kind of node, one method each.
//!
//! Filters and projections are not lowered one by one: a [`Stream`] holds them as expressions over a node's output until
//! something needs the columns, and then they become one Calc.

mod aggregate;
mod component;
mod dead_letter;
mod exchange;
mod join;
mod lateral;
mod scan;
mod sink;
mod stream;
mod union;
mod values;
mod window;

use datafusion::logical_expr::LogicalPlan;

use super::context::PlanContext;
use super::nodes::{Lateral, WindowAssign};
use crate::changelog::ChangelogMode;
use crate::error::{Error, Result};
use crate::runtime::{JobGraph, Node, NodeId};
use scan::Scans;
use stream::Stream;

pub use aggregate::{AggregateInputs, aggregate_calls};
pub use component::{StageCall, component_of, has_component, take_calls, take_varying};
pub use dead_letter::dead_letter_table;
pub use scan::source_spec;
pub use sink::{OnConflict, SinkPlan};
#[cfg(test)]
pub use values::RowsSource;

/// The graph of several sinks; equal scans are read once.
///
/// # Errors
/// User errors for what a stream or a sink cannot do.
pub fn lower(context: &PlanContext, sinks: &[SinkPlan]) -> Result<JobGraph> {
    let scans = Scans::of(sinks.iter().map(|sink| &sink.plan))?;
    let mut lowering = Lowering { context, graph: JobGraph::default(), scans };
    for sink in sinks {
        lowering.sink(sink)?;
    }
    lowering.dead_letters()?;
    Ok(lowering.graph)
}

struct Lowering<'a> {
    context: &'a PlanContext<'a>,
    graph: JobGraph,
    scans: Scans,
}

impl Lowering<'_> {
    /// Lowers a plan. `update_before`: whether the consumer needs `-U` rows; where it does not, aggregations leave them
    /// out.
    fn plan(&mut self, plan: &LogicalPlan, update_before: bool) -> Result<Stream> {
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::Projection(projection) => {
                let input = self.plan(&projection.input, update_before)?;
                self.projection(input, projection)
            }
            LogicalPlan::Filter(filter) => {
                // An update whose new row does not pass must still take the old one away.
                let stream = self.plan(&filter.input, true)?;
                let mut stream = self.settled(stream, [&filter.predicate], filter.input.schema())?;
                let predicate = stream.over(&filter.predicate, filter.input.schema())?;
                stream.filter = Some(match stream.filter.take() {
                    Some(before) => before.and(predicate),
                    None => predicate,
                });
                Ok(stream)
            }
            LogicalPlan::SubqueryAlias(alias) => self.plan(&alias.input, update_before),
            LogicalPlan::Aggregate(aggregate) => self.aggregate(plan, aggregate, update_before),
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::Union(union) => self.union(union),
            LogicalPlan::Values(values) => self.values(values),
            LogicalPlan::EmptyRelation(empty) => self.empty(empty),
            LogicalPlan::Extension(extension) => {
                let node: &dyn std::any::Any = extension.node.as_any();
                if let Some(window) = node.downcast_ref::<WindowAssign>() {
                    self.window_assign(window, update_before)
                } else if let Some(lateral) = node.downcast_ref::<Lateral>() {
                    self.lateral(lateral)
                } else {
                    Err(Error::bug(format!("the node {} in a plan", extension.node.name())))
                }
            }
            other => Err(Error::bug(format!("{} in a streaming plan", other.display()))),
        }
    }

    fn add(&mut self, node: Node) -> NodeId {
        self.graph.nodes.push(node);
        self.graph.nodes.len() - 1
    }

    fn parallelism_of(&self, node: NodeId) -> usize {
        self.graph.nodes[node].parallelism
    }

    fn mode_of(&self, node: NodeId) -> ChangelogMode {
        self.graph.nodes[node].changelog_mode
    }
}
