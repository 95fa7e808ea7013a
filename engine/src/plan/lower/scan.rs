//! Scans become sources: only the columns that some query reads, computed columns and the watermark worked out there. The
//! scans of a table in all queries of a job share one source.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan, TableScan};

use super::Lowering;
use super::stream::{Stream, column};
use crate::changelog::ChangelogMode;
use crate::connectors::Source;
use crate::error::{Error, Result};
use crate::plan::bind::unique_names;
use crate::plan::context::PlanContext;
use crate::plan::scan::{ScanTable, scan_table};
use crate::runtime::{Node, NodeId, NodeKind, SourceSpec, WatermarkSpec};

/// The tables that a job reads, by the address of their declaration.
#[derive(Default)]
pub struct Scans(HashMap<usize, Scan>);

#[derive(Default)]
struct Scan {
    /// Columns of the table that some query reads.
    columns: BTreeSet<usize>,
    node: Option<NodeId>,
}

fn address(table: &ScanTable) -> usize {
    Arc::as_ptr(&table.table) as usize
}

impl Scans {
    /// The scans in plans, and what they read.
    pub fn of<'p>(plans: impl Iterator<Item = &'p LogicalPlan>) -> Result<Self> {
        let mut scans = Scans::default();
        for plan in plans {
            plan.apply(|node| {
                if let LogicalPlan::TableScan(scan) = node {
                    let table = scan_table(&scan.source)?;
                    let known = scans.0.entry(address(table)).or_default();
                    match &scan.projection {
                        Some(columns) => known.columns.extend(columns),
                        None => known.columns.extend(0..table.schema.fields().len()),
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        Ok(scans)
    }
}

impl Lowering<'_> {
    pub(super) fn scan(&mut self, scan: &TableScan) -> Result<Stream> {
        let table = scan_table(&scan.source)?;
        let known = self.scans.0.get(&address(table)).ok_or_else(|| Error::bug("a scan that was not counted"))?;
        let node = match known.node {
            Some(node) => node,
            None => {
                let columns = known.columns.clone();
                let node = self.source(table, columns)?;
                if let Some(known) = self.scans.0.get_mut(&address(table)) {
                    known.node = Some(node);
                }
                node
            }
        };
        let NodeKind::Source(spec) = &self.graph.nodes[node].kind else {
            return Err(Error::bug("a source that is none"));
        };
        let stream = Stream::of(node, &spec.schema)?;
        let columns = scan.projection.clone().unwrap_or_else(|| (0..table.schema.fields().len()).collect());
        let names: Vec<String> = columns.iter().map(|index| table.schema.field(*index).name().clone()).collect();
        Ok(Stream { columns: names.iter().map(column).collect(), names: unique_names(names), ..stream })
    }

    fn source(&mut self, table: &ScanTable, columns: BTreeSet<usize>) -> Result<NodeId> {
        if table.source.changelog_mode() == ChangelogMode::Upsert {
            return Err(Error::user(format!(
                "table '{}' is a source of upserts, which is not supported",
                table.table.name
            )));
        }
        let spec = source_spec(self.context, table, columns)?;
        let parallelism = self.context.config.parallelism();
        let changelog_mode = table.source.changelog_mode();
        Ok(self.add(Node { kind: NodeKind::Source(spec), inputs: vec![], parallelism, changelog_mode }))
    }
}

/// A source that reads the physical columns which `columns` (of the table) need, and gives those.
///
/// # Errors
/// Those of making expressions.
pub fn source_spec(context: &PlanContext, table: &ScanTable, mut columns: BTreeSet<usize>) -> Result<SourceSpec> {
    // Without its row time a stream has no use for watermarks: a window would read it.
    let watermark = table.watermark.as_ref().filter(|watermark| columns.contains(&watermark.column));
    if let Some(watermark) = watermark {
        for name in watermark.expression.column_refs() {
            columns.insert(table.columns.index_of_column(name)?);
        }
    }
    let mut physical: BTreeSet<usize> = BTreeSet::new();
    for index in &columns {
        for name in table.expressions[*index].column_refs() {
            physical.insert(table.physical.index_of_column(name)?);
        }
    }
    let (source, input) = project(table, &physical)?;
    let schema: SchemaRef =
        Arc::new(Schema::new(columns.iter().map(|index| table.schema.fields()[*index].clone()).collect::<Vec<_>>()));
    let input = DFSchema::try_from(input.as_ref().clone())?;
    let expressions: Vec<&Expr> = columns.iter().map(|index| &table.expressions[*index]).collect();
    let as_it_is = expressions.len() == input.fields().len()
        && expressions
            .iter()
            .zip(input.fields())
            .all(|(expression, field)| matches!(expression, Expr::Column(column) if column.name == *field.name()));
    let projection = match as_it_is {
        true => None,
        false => Some(expressions.into_iter().map(|it| context.physical(it, &input)).collect::<Result<Vec<_>>>()?),
    };
    let watermark = watermark
        .map(|watermark| {
            let name = table.schema.field(watermark.column).name();
            Ok::<_, Error>(WatermarkSpec {
                column: schema.index_of(name)?,
                expression: context.physical(&watermark.expression, &DFSchema::try_from(schema.as_ref().clone())?)?,
                idle_timeout: context.config.idle_timeout(),
            })
        })
        .transpose()?;
    Ok(SourceSpec { table: table.table.name.clone(), source, projection, schema, watermark })
}

/// The source with only these physical columns, where it can leave others out, and its schema.
fn project(table: &ScanTable, columns: &BTreeSet<usize>) -> Result<(Arc<dyn Source>, SchemaRef)> {
    let all = table.physical.inner().clone();
    let mut wanted: Vec<usize> = columns.iter().copied().collect();
    if wanted.is_empty() && !all.fields().is_empty() {
        // Rows must still be counted.
        wanted.push(0);
    }
    if wanted.len() == all.fields().len() {
        return Ok((table.source.clone(), all));
    }
    match table.source.project(&wanted) {
        Some(source) => Ok((source, Arc::new(all.project(&wanted)?))),
        None => Ok((table.source.clone(), all)),
    }
}
