//! Dead letters in batch mode: written beside the result, and committed with it.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::LogicalPlan;

use super::aggregate;
use super::stage::CallStage;
use crate::changelog::{ChangelogBatch, with_schema};
use crate::connectors::{SinkWriter, WriterContext};
use crate::error::{Error, Result};
use crate::plan::context::PlanContext;
use crate::plan::lower::{component_of, dead_letter_table};
use crate::plan::nodes::Lateral;
use crate::plan::scan;

/// A writer for each table of dead letters.
pub struct DeadLetterWriters(Vec<Writer>);

struct Writer {
    table: Arc<str>,
    schema: SchemaRef,
    writer: Box<dyn SinkWriter>,
    prepared: Option<String>,
    /// Rows written.
    rows: u64,
}

impl DeadLetterWriters {
    /// For all functions of a plan.
    ///
    /// # Errors
    /// User errors for tables that are not known or not for dead letters; those of the sinks.
    pub fn open(context: &PlanContext, plan: &LogicalPlan, runtime: &tokio::runtime::Handle) -> Result<Self> {
        let mut writers: Vec<Writer> = vec![];
        for (table, function) in tables(plan)? {
            if writers.iter().any(|writer| writer.table == table) {
                continue;
            }
            let declared = dead_letter_table(context, &table, &function)?;
            let sink = scan::sink(context, declared)?;
            let writer = sink.writer(&WriterContext { subtask: 0, parallelism: 1, runtime: runtime.clone() })?;
            writers.push(Writer { table, schema: declared.physical_schema(), writer, prepared: None, rows: 0 });
        }
        Ok(DeadLetterWriters(writers))
    }

    pub fn write(&mut self, letters: Vec<(Arc<str>, RecordBatch)>) -> Result<()> {
        for (table, rows) in letters {
            let writer = self.0.iter_mut().find(|writer| writer.table == table);
            let writer = writer.ok_or_else(|| Error::bug(format!("dead letters for '{table}' go nowhere")))?;
            let named = |name: &String| Ok(rows.schema().index_of(name)?);
            let columns = writer.schema.fields().iter().map(|field| named(field.name())).collect::<Result<Vec<_>>>()?;
            let rows = with_schema(&rows.project(&columns)?, &writer.schema)?;
            writer.rows += rows.num_rows() as u64;
            writer.writer.write(ChangelogBatch::inserts(rows))?;
        }
        Ok(())
    }

    /// The rows that each table was given.
    pub fn rows(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|writer| (&*writer.table, writer.rows))
    }

    pub fn prepare(&mut self) -> Result<()> {
        for writer in &mut self.0 {
            writer.prepared = writer.writer.prepare(1)?;
        }
        Ok(())
    }

    pub fn commit(&mut self) -> Result<()> {
        for writer in &mut self.0 {
            if let Some(prepared) = &writer.prepared {
                writer.writer.commit(prepared)?;
            }
            // What is committed cannot be taken back.
            writer.prepared = None;
        }
        Ok(())
    }

    /// Drops what was written.
    pub fn abort(&mut self) {
        for writer in &mut self.0 {
            // The error that led here says more.
            let _ = writer.writer.abort(writer.prepared.take().as_deref());
            let _ = writer.writer.abort(None);
        }
    }
}

/// The tables that a plan's functions send rows to that fail, each with the name of the function.
fn tables(plan: &LogicalPlan) -> Result<Vec<(Arc<str>, String)>> {
    let mut tables = vec![];
    let mut note = |table: Option<&Arc<str>>, function: &str| {
        if let Some(table) = table {
            tables.push((table.clone(), function.to_owned()));
        }
    };
    plan.apply(|node| {
        if let LogicalPlan::Extension(extension) = node {
            let any: &dyn std::any::Any = extension.node.as_any();
            if let Some(lateral) = any.downcast_ref::<Lateral>() {
                let function = lateral.function.0.function();
                note(function.dead_letter_table(), function.name());
            }
            if let Some(stage) = any.downcast_ref::<CallStage>() {
                let functions = stage.calls.iter().filter_map(|made| component_of(&made.call)).map(|it| it.function());
                functions.for_each(|function| note(function.dead_letter_table(), function.name()));
            }
        }
        for expression in node.expressions() {
            expression.apply(|part| {
                if let Some(function) = component_of(part).map(|component| component.function()) {
                    note(function.dead_letter_table(), function.name());
                }
                if let Some((table, function)) = aggregate::dead_letter_table(part) {
                    note(Some(table), function);
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(tables)
}
