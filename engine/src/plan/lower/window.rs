//! Windows: a window function waits for an aggregation above it that can assign windows itself; where there is none, or
//! where the window's columns are used in between, it becomes an operator of its own.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Aggregate, Expr};

use super::Lowering;
use super::aggregate::AggregateInputs;
use super::stream::{Stream, column, node_schema};
use crate::changelog::ChangelogMode;
use crate::error::{Error, Result};
use crate::operators::{Window, WindowAggregateSpec, WindowAssignSpec, WindowColumn, WindowSource, WindowTime};
use crate::plan::bind::unique_names;
use crate::plan::derive::{WindowProperty, window_below, window_columns};
use crate::plan::nodes::{TimeAttribute, WindowAssign};
use crate::runtime::{Node, NodeKind};

/// Columns that a window function adds.
pub const ADDED: usize = 3;

/// What the added columns are called behind a node's own: no query can write these names.
const PLACEHOLDERS: [&str; ADDED] = ["$window_start", "$window_end", "$window_time"];

/// A window function without an operator: its columns are the placeholders.
#[derive(Debug, Clone)]
pub struct PendingWindow {
    window: Window,
    /// The time column, over the node's columns.
    time: Option<Expr>,
}

fn is_placeholder(name: &str) -> bool {
    PLACEHOLDERS.contains(&name)
}

fn uses_window(expression: &Expr) -> bool {
    expression.column_refs().iter().any(|column| is_placeholder(&column.name))
}

impl Lowering<'_> {
    pub(super) fn window_assign(&mut self, node: &WindowAssign, update_before: bool) -> Result<Stream> {
        let mut stream = self.plan(&node.input, update_before)?;
        let time = node.time.as_ref();
        let over = time.map(|time| stream.over(time, node.input.schema())).transpose()?;
        let needs_node = stream.window.is_some()
            || over.as_ref().is_some_and(|time| !matches!(time, Expr::Column(_)))
            || stream.schema.fields().iter().any(|field| is_placeholder(field.name()));
        if needs_node {
            stream = self.materialize(stream)?;
        }
        let time = time.map(|time| stream.over(time, node.input.schema())).transpose()?;
        let added = node.schema_of_added().zip(PLACEHOLDERS);
        let added = added.map(|(field, name)| Arc::new(Field::new(name, field.data_type().clone(), false)) as FieldRef);
        let fields: Vec<FieldRef> = stream.schema.fields().iter().cloned().chain(added).collect();
        let schema = Arc::new(DFSchema::from_unqualified_fields(fields.into(), HashMap::new())?);
        let mut columns = stream.columns;
        columns.extend(PLACEHOLDERS.map(column));
        let names = stream.names.into_iter().chain(node.schema_of_added().map(|field| field.name().clone()));
        let window = PendingWindow { window: node.window, time };
        Ok(Stream { schema, columns, names: unique_names(names), window: Some(window), ..stream })
    }

    /// Gives a pending window its operator. Conditions that do not speak of the window come before it.
    pub(super) fn assign_windows(&mut self, mut stream: Stream) -> Result<Stream> {
        let Some(pending) = stream.window.take() else { return Ok(stream) };
        if let Some(filter) = stream.filter.take() {
            let (above, below): (Vec<_>, Vec<_>) = split_conjunction_owned(filter).into_iter().partition(uses_window);
            stream.filter = conjunction(above);
            if let Some(below) = conjunction(below) {
                let width = stream.schema.fields().len() - ADDED;
                let fields: Vec<FieldRef> = stream.schema.fields()[..width].to_vec();
                let input = Stream::of(stream.node, &(Arc::new(Schema::new(fields)) as SchemaRef))?;
                stream.node = self.materialize(Stream { filter: Some(below), ..input })?.node;
            }
        }
        let width = stream.schema.fields().len() - ADDED;
        let input: SchemaRef = Arc::new(Schema::new(stream.schema.fields()[..width].to_vec()));
        let time = window_time(&pending, &stream.schema)?;
        let schema = stream.schema.inner().clone();
        let spec = WindowAssignSpec { input, window: pending.window, time, drops_nulls: false, schema };
        stream.node = self.operator(Arc::new(spec), stream.node);
        Ok(stream)
    }

    pub(super) fn window_aggregate(&mut self, aggregate: &Aggregate, input: Stream) -> Result<Stream> {
        let schema = aggregate.input.schema();
        let properties = window_columns(&aggregate.input)?;
        let property = |key: &Expr| match key {
            Expr::Column(name) => schema.maybe_index_of_column(name).and_then(|index| properties[index]),
            _ => None,
        };
        let retracts = self.mode_of(input.node) != ChangelogMode::AppendOnly;
        let mut inputs = AggregateInputs::default();
        let mut keys = vec![];
        let mut output = vec![];
        for key in &aggregate.group_expr {
            output.push(match property(key) {
                Some(WindowProperty::Start) => WindowColumn::Start,
                Some(WindowProperty::End) => WindowColumn::End,
                Some(WindowProperty::Time) => WindowColumn::Time,
                None => {
                    keys.push(inputs.column(input.over(key, schema)?));
                    WindowColumn::Key(keys.len() - 1)
                }
            });
        }
        let calls = self.aggregate_calls(aggregate, &input, &mut inputs, retracts)?;
        output.extend((0..calls.len()).map(WindowColumn::Aggregate));

        let own = input
            .window
            .as_ref()
            .filter(|_| !inputs.refers_to(is_placeholder) && !input.filter.as_ref().is_some_and(uses_window));
        let (windows, stream) = match own.cloned() {
            Some(pending) => {
                let time = pending.time.clone().map(|time| inputs.column(time));
                let input = Stream { window: None, ..inputs.stream(without_placeholders(input)?)? };
                let stream = self.materialize(input)?;
                let time = match time {
                    Some(column) => WindowTime::Event { column },
                    None => WindowTime::Processing,
                };
                (WindowSource::Assigned { window: pending.window, time }, stream)
            }
            None => {
                let (_, attribute) =
                    window_below(&aggregate.input).ok_or_else(|| Error::bug("window columns without a window"))?;
                let TimeAttribute::Event { local } = attribute else {
                    return Err(Error::user(
                        "a processing-time window must be aggregated directly: its columns are used in between",
                    )
                    .hint("group by the window where it is made, or use event time"));
                };
                let bound = |wanted| -> Result<Expr> {
                    let key = aggregate.group_expr.iter().find(|key| property(key) == Some(wanted));
                    input.over(key.ok_or_else(|| Error::bug("a window without its bounds"))?, schema)
                };
                let (start, end) = (bound(WindowProperty::Start)?, bound(WindowProperty::End)?);
                let (start, end) = (inputs.column(start), inputs.column(end));
                let stream = self.materialize(inputs.stream(input)?)?;
                (WindowSource::Attached { start, end, local }, stream)
            }
        };

        let names = unique_names(aggregate.schema.fields().iter().map(|field| field.name().clone()));
        let fields = output.iter().zip(&names).enumerate().map(|(index, (column, name))| {
            let declared = aggregate.schema.field(index);
            let (data_type, nullable) = match column {
                WindowColumn::Key(key) => {
                    let field = stream.schema.field(keys[*key]);
                    (field.data_type().clone(), field.is_nullable())
                }
                WindowColumn::Aggregate(call) => (calls[*call].function.return_type(), declared.is_nullable()),
                _ => (declared.data_type().clone(), false),
            };
            Arc::new(Field::new(name, data_type, nullable)) as FieldRef
        });
        let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let parallelism = self.keyed_parallelism(&keys);
        let edge = self.by_keys(stream.node, &keys, parallelism);
        let spec = WindowAggregateSpec {
            input: node_schema(&stream),
            keys,
            windows,
            aggregates: calls,
            input_retracts: retracts,
            output,
            schema: schema.clone(),
        };
        let changelog_mode = ChangelogMode::AppendOnly;
        let node = Node { kind: NodeKind::Operator(Arc::new(spec)), inputs: vec![edge], parallelism, changelog_mode };
        Stream::of(self.add(node), &schema)
    }
}

fn window_time(pending: &PendingWindow, schema: &DFSchema) -> Result<WindowTime> {
    match &pending.time {
        None => Ok(WindowTime::Processing),
        Some(Expr::Column(name)) => Ok(WindowTime::Event { column: schema.index_of_column(name)? }),
        Some(_) => Err(Error::bug("a window over something that is no column")),
    }
}

/// The stream as it was before its window: its columns beyond the node's are gone.
fn without_placeholders(stream: Stream) -> Result<Stream> {
    let width = stream.schema.fields().len() - ADDED;
    let fields: Vec<FieldRef> = stream.schema.fields()[..width].to_vec();
    let schema = Arc::new(DFSchema::from_unqualified_fields(fields.into(), HashMap::new())?);
    Ok(Stream { schema, window: None, ..stream })
}
