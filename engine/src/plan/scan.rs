//! A table in a plan: its columns, computed ones included, and its watermark.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use datafusion::common::{DFSchema, DFSchemaRef, TableReference};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, TableSource};
use datafusion::sql::sqlparser::ast::Spanned;

use super::bind::{Binder, cast};
use super::catalog::{CatalogTable, ColumnKind, Connection, at};
use super::context::PlanContext;
use super::nodes::TimeAttribute;
use crate::connectors::{Sink, Source, TableDescription};
use crate::error::{Error, Position, Result};
use crate::types::sql_type;

/// What a scan in a logical plan reads.
#[derive(Debug)]
pub struct ScanTable {
    pub table: Arc<CatalogTable>,
    pub source: Arc<dyn Source>,
    /// The physical columns, under no qualifier.
    pub physical: DFSchemaRef,
    /// All columns as declared.
    pub schema: SchemaRef,
    /// The same, under no qualifier.
    pub columns: DFSchemaRef,
    /// The columns of `schema` over `physical`.
    pub expressions: Vec<Expr>,
    pub watermark: Option<ScanWatermark>,
    /// The time attributes among the columns.
    pub time_attributes: Vec<Option<TimeAttribute>>,
}

/// `WATERMARK FOR column AS expression`.
#[derive(Debug)]
pub struct ScanWatermark {
    /// Index of the row time in the table's columns.
    pub column: usize,
    /// Over the table's columns.
    pub expression: Expr,
}

impl TableSource for ScanTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// What a scan of a plan reads.
///
/// # Errors
/// A bug where the scan is not one of ours.
pub fn scan_table(source: &Arc<dyn TableSource>) -> Result<&ScanTable> {
    let source: &dyn std::any::Any = source.as_ref();
    source.downcast_ref::<ScanTable>().ok_or_else(|| Error::bug("a scan of something that is no table of the catalog"))
}

/// A scan of all columns of a table.
pub fn scan(binder: &Binder, table: &Arc<CatalogTable>) -> Result<LogicalPlan> {
    let source = source(binder.context, table)?;
    let physical = Arc::new(DFSchema::try_from(table.physical_schema().as_ref().clone())?);
    let mut fields: Vec<FieldRef> = vec![];
    let mut expressions = vec![];
    let mut time_attributes = vec![];
    for column in &table.columns {
        let (field, expression) = match &column.kind {
            ColumnKind::Physical(sql_type) => {
                (sql_type.field(&column.name), Expr::Column(datafusion::common::Column::new_unqualified(&column.name)))
            }
            ColumnKind::Computed(expression) => {
                let bound = binder.scalar_expression(expression, &physical);
                let bound =
                    bound.map_err(|error| error.context(format!("in the computed column '{}'", column.name)))?;
                let field = bound.to_field(&physical)?.1;
                (Arc::new(Field::new(&column.name, field.data_type().clone(), field.is_nullable())), bound)
            }
        };
        let processing = super::bind::is_processing_time(&expression);
        time_attributes.push(processing.then_some(TimeAttribute::Processing));
        fields.push(field);
        expressions.push(expression);
    }
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let columns = Arc::new(DFSchema::try_from(schema.as_ref().clone())?);
    let watermark = match &table.watermark {
        None => None,
        Some(declared) => {
            let column = schema.index_of(&declared.column).map_err(|_| {
                let message = format!("the watermark's column '{}' is not in the table", declared.column);
                placed(Error::user(message), declared.position)
            })?;
            let data_type = schema.field(column).data_type();
            let DataType::Timestamp(TimeUnit::Second | TimeUnit::Millisecond, zone) = data_type else {
                let message = format!(
                    "a watermark's column must be a TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p from 0 to 3, and '{}' is {}",
                    declared.column,
                    sql_type(data_type)
                );
                return Err(placed(Error::user(message), declared.position));
            };
            if time_attributes[column] == Some(TimeAttribute::Processing) {
                let message = format!("'{}' is processing time, which has no watermark", declared.column);
                return Err(placed(Error::user(message).hint("leave WATERMARK FOR out"), declared.position));
            }
            time_attributes[column] = Some(TimeAttribute::Event { local: zone.is_some() });
            let bound = binder.scalar_expression(&declared.expression, &columns)?;
            let of_watermark = bound.get_type(&columns)?;
            // A TIMESTAMP is no instant: which one a watermark means would depend on the session's time zone.
            if !matches!(&of_watermark, DataType::Timestamp(_, other) if other.is_some() == zone.is_some()) {
                let (is, wants) = (sql_type(&of_watermark), sql_type(data_type));
                let message = format!("the watermark of '{}' is {is}, and its column {wants}", declared.column);
                return Err(at(Error::user(message), declared.expression.span()));
            }
            Some(ScanWatermark { column, expression: cast(bound, data_type, &columns)? })
        }
    };
    let name = TableReference::bare(table.name.as_str());
    let scan =
        ScanTable { table: table.clone(), source, physical, schema, columns, expressions, watermark, time_attributes };
    Ok(LogicalPlanBuilder::scan(name, Arc::new(scan), None)?.build()?)
}

fn placed(error: Error, position: Option<Position>) -> Error {
    match position {
        Some(position) => error.at(position),
        None => error,
    }
}

fn source(context: &PlanContext, table: &CatalogTable) -> Result<Arc<dyn Source>> {
    match &table.connection {
        Connection::Source(source) => Ok(source.clone()),
        Connection::Options(_) => {
            context.connectors.source(&describe(context, table)).map_err(|error| table.at_option(error))
        }
        Connection::Sink(_) => Err(Error::user(format!("table '{}' can only be written to", table.name))),
    }
}

/// The sink of a table.
///
/// # Errors
/// User errors of its connector.
pub fn sink(context: &PlanContext, table: &CatalogTable) -> Result<Arc<dyn Sink>> {
    match &table.connection {
        Connection::Sink(sink) => Ok(sink.clone()),
        Connection::Options(_) => {
            context.connectors.sink(&describe(context, table)).map_err(|error| table.at_option(error))
        }
        Connection::Source(_) => Err(Error::user(format!("table '{}' can only be read", table.name))),
    }
}

/// The table as its connector is told of it.
fn describe(context: &PlanContext, table: &CatalogTable) -> TableDescription {
    let schema = table.physical_schema();
    let index = |name: &String| schema.index_of(name).ok();
    TableDescription {
        name: table.name.clone(),
        sql_types: table.physical_columns().map(|(_, sql_type)| sql_type.text.clone()).collect(),
        primary_key: table.primary_key.iter().filter_map(index).collect(),
        partition_keys: table.partition_keys.iter().filter_map(index).collect(),
        options: table.options(),
        time_zone: context.config.time_zone().to_string(),
        schema,
    }
}
