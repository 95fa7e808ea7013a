//! A node's output with filters and projections that are still to be done, and how they become operators.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, DFSchemaRef};
use datafusion::logical_expr::{Expr, ExprSchemable, Projection, Volatility};

use super::Lowering;
use super::component;
use super::window::PendingWindow;
use crate::changelog::ChangelogMode;
use crate::error::{Error, Result};
use crate::operators::{CalcSpec, OperatorSpec};
use crate::plan::bind::unique_names;
use crate::runtime::{Exchange, Input, Node, NodeId, NodeKind};

/// The columns of a logical plan, as expressions over a node's output.
#[derive(Debug, Clone)]
pub struct Stream {
    pub node: NodeId,
    /// The node's columns, under no qualifier, each name once. Behind them, where a window is pending, its columns.
    pub schema: DFSchemaRef,
    /// The logical plan's columns over `schema`.
    pub columns: Vec<Expr>,
    /// Their names, each once.
    pub names: Vec<String>,
    /// Rows for which it is not true are still to be dropped.
    pub filter: Option<Expr>,
    /// A window function that has no operator yet: an aggregation may do its work.
    pub window: Option<PendingWindow>,
}

impl Stream {
    /// All columns of a node as they are.
    pub fn of(node: NodeId, schema: &SchemaRef) -> Result<Self> {
        let schema = Arc::new(DFSchema::from_unqualified_fields(schema.fields().clone(), HashMap::new())?);
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let columns = names.iter().map(column).collect();
        Ok(Stream { node, schema, columns, names, filter: None, window: None })
    }

    /// An expression over the logical plan's columns, over the node's.
    pub fn over(&self, expression: &Expr, plan: &DFSchema) -> Result<Expr> {
        let replaced = expression.clone().transform_down(|node| match &node {
            Expr::Column(name) => {
                let index = plan.index_of_column(name)?;
                let column =
                    self.columns.get(index).ok_or_else(|| Error::bug(format!("no column {index} in a stream")))?;
                Ok(Transformed::new(column.clone(), true, TreeNodeRecursion::Jump))
            }
            _ => Ok(Transformed::no(node)),
        })?;
        Ok(unalias(replaced.data))
    }

    /// Whether nothing is to be done.
    fn is_plain(&self) -> bool {
        self.filter.is_none()
            && self.window.is_none()
            && self.columns.len() == self.schema.fields().len()
            && self.columns.iter().zip(&self.names).zip(self.schema.fields()).all(|((expression, name), field)| {
                name == field.name() && matches!(expression, Expr::Column(column) if column.name == *field.name())
            })
    }
}

/// A column of a node.
pub fn column(name: impl AsRef<str>) -> Expr {
    Expr::Column(Column::new_unqualified(name.as_ref()))
}

/// The expression below its aliases.
pub fn unalias(expression: Expr) -> Expr {
    match expression {
        Expr::Alias(alias) => unalias(*alias.expr),
        other => other,
    }
}

impl Lowering<'_> {
    pub(super) fn projection(&mut self, input: Stream, projection: &Projection) -> Result<Stream> {
        // What is costly or varies is computed once, however often it is used.
        let mut uses = vec![0; input.columns.len()];
        for expression in &projection.expr {
            for (name, count) in expression.column_refs_counts() {
                *uses
                    .get_mut(projection.input.schema().index_of_column(name)?)
                    .ok_or_else(|| Error::bug("a column that its input lacks"))? += count;
            }
        }
        let shared = input
            .columns
            .iter()
            .zip(&uses)
            .any(|(expression, uses)| *uses > 1 && !matches!(expression, Expr::Column(_) | Expr::Literal(..)));
        let input = if shared { self.materialize(input)? } else { input };
        let schema = projection.input.schema();
        let columns = projection.expr.iter().map(|it| input.over(it, schema)).collect::<Result<_>>()?;
        let names = unique_names(projection.schema.fields().iter().map(|field| field.name().clone()));
        Ok(Stream { columns, names, ..input })
    }

    /// A stream of which these expressions may be computed and its columns be read, too: what varies and is read by them
    /// becomes a node's column first, so that all read the same.
    pub(super) fn settled<'e>(
        &mut self,
        stream: Stream,
        readers: impl IntoIterator<Item = &'e Expr>,
        plan: &DFSchema,
    ) -> Result<Stream> {
        if !stream.columns.iter().any(Expr::is_volatile) {
            return Ok(stream);
        }
        for reader in readers {
            for name in reader.column_refs() {
                if stream.columns.get(plan.index_of_column(name)?).is_some_and(Expr::is_volatile) {
                    return self.materialize(stream);
                }
            }
        }
        Ok(stream)
    }

    /// Does what is to be done, so that the columns are those of a node.
    pub(super) fn materialize(&mut self, stream: Stream) -> Result<Stream> {
        if stream.is_plain() {
            return Ok(stream);
        }
        let stream = if stream.window.is_some() { self.assign_windows(stream)? } else { stream };
        if self.mode_of(stream.node) == ChangelogMode::Retract {
            stream.columns.iter().chain(&stream.filter).try_for_each(refuse_varying)?;
        }
        let stream = component::extract(self, stream)?;
        if stream.is_plain() {
            return Ok(stream);
        }
        self.calc(stream)
    }

    /// A Calc of the filter and the projection.
    pub(super) fn calc(&mut self, stream: Stream) -> Result<Stream> {
        let schema = stream_schema(&stream)?;
        let physical = |expression: &Expr| self.context.physical(expression, &stream.schema);
        let spec = CalcSpec {
            filter: stream
                .filter
                .as_ref()
                .map(|filter| self.context.physical_condition(filter, &stream.schema))
                .transpose()?,
            projection: Some(stream.columns.iter().map(physical).collect::<Result<_>>()?),
            schema: schema.clone(),
        };
        let node = self.operator(Arc::new(spec), stream.node);
        Stream::of(node, &schema)
    }

    /// Drops rows; the columns stay.
    pub(super) fn filter(&mut self, stream: &Stream, predicate: &Expr) -> Result<NodeId> {
        let schema = node_schema(stream);
        let filter = self.context.physical_condition(predicate, &stream.schema)?;
        let spec = CalcSpec { filter: Some(filter), projection: None, schema };
        Ok(self.operator(Arc::new(spec), stream.node))
    }

    /// An operator behind another, with the same parallelism and kinds of rows.
    pub(super) fn operator(&mut self, spec: Arc<dyn OperatorSpec>, input: NodeId) -> NodeId {
        let (parallelism, changelog_mode) = (self.parallelism_of(input), self.mode_of(input));
        let inputs = vec![Input { node: input, exchange: Exchange::Forward }];
        self.add(Node { kind: NodeKind::Operator(spec), inputs, parallelism, changelog_mode })
    }
}

/// What gives another value every time cannot be asked again for what it gave for a row that is taken back.
fn refuse_varying(expression: &Expr) -> Result<()> {
    expression.apply(|node| match node {
        Expr::ScalarFunction(call) if call.func.signature().volatility == Volatility::Volatile => {
            let name = call.func.name();
            let message = format!(
                "function '{name}' is not deterministic, and its input has updates: what it gave for a row could not be taken back"
            );
            let hint = "call it on an append-only stream, or write to a table with the PRIMARY KEY of the query";
            Err(Error::user(message).hint(hint).into())
        }
        _ => Ok(TreeNodeRecursion::Continue),
    })?;
    Ok(())
}

/// The schema of what a stream gives.
fn stream_schema(stream: &Stream) -> Result<SchemaRef> {
    let fields = stream.columns.iter().zip(&stream.names).map(|(expression, name)| {
        let field = expression.to_field(&stream.schema)?.1;
        Ok(Arc::new(Field::new(name, field.data_type().clone(), field.is_nullable())) as FieldRef)
    });
    Ok(Arc::new(Schema::new(fields.collect::<Result<Vec<_>>>()?)))
}

/// The schema of a stream's node.
pub fn node_schema(stream: &Stream) -> SchemaRef {
    let added = stream.window.as_ref().map_or(0, |_| super::window::ADDED);
    let width = stream.schema.fields().len() - added;
    Arc::new(Schema::new(stream.schema.fields()[..width].to_vec()))
}
