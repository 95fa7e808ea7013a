//! The inner join of two streams: both sides by their keys; what is not an equality is a condition on pairs.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::common::{DFSchema, JoinType, NullEquality};
use datafusion::logical_expr::{Expr, Join, LogicalPlan};

use super::Lowering;
use super::stream::{Stream, column, node_schema};
use crate::changelog::ChangelogMode;
use crate::error::{Error, Result};
use crate::operators::{JoinKey, JoinSpec};
use crate::plan::bind::unique_names;
use crate::plan::derive::{WindowProperty, passed_column, window_columns};
use crate::plan::nodes::WindowAssign;
use crate::runtime::{Node, NodeKind};

/// A join of rows by their windows leaves out late rows, which a regular join does not know of. Of window aggregations
/// there are none.
fn refuse_window_join(join: &Join) -> Result<()> {
    let (left, right) = (window_columns(&join.left)?, window_columns(&join.right)?);
    let is_equal = |property| {
        join.on.iter().any(|(one, other)| {
            let of = |side: &Expr, plan: &LogicalPlan, windows: &[Option<WindowProperty>]| {
                passed_column(side, plan).and_then(|column| windows[column])
            };
            of(one, &join.left, &left) == Some(property) && of(other, &join.right, &right) == Some(property)
        })
    };
    let by_window = is_equal(WindowProperty::Start) && is_equal(WindowProperty::End);
    if by_window && (assigns_windows(&join.left) || assigns_windows(&join.right)) {
        let error = Error::user("a join on window_start and window_end of rows is not supported in a stream");
        return Err(error.hint("aggregate both sides by their windows first, or join on other columns"));
    }
    Ok(())
}

/// Whether rows come from a window function with no aggregation between.
fn assigns_windows(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(_) => false,
        LogicalPlan::Extension(extension) if extension.node.as_any().is::<WindowAssign>() => true,
        other => other.inputs().into_iter().any(assigns_windows),
    }
}

impl Lowering<'_> {
    pub(super) fn join(&mut self, join: &Join) -> Result<Stream> {
        if join.join_type != JoinType::Inner {
            return Err(Error::bug(format!("a {} join in a streaming plan", join.join_type)));
        }
        refuse_window_join(join)?;
        let (left, left_keys) = self.side(&join.left, join.on.iter().map(|(left, _)| left))?;
        let (right, right_keys) = self.side(&join.right, join.on.iter().map(|(_, right)| right))?;
        let (left_width, right_width) = (join.left.schema().fields().len(), join.right.schema().fields().len());
        let offset = left.names.len();
        let null_equals_null = join.null_equality == NullEquality::NullEqualsNull;
        let keys = left_keys.iter().zip(&right_keys);
        let keys = keys.map(|(&left, &right)| JoinKey { left, right, null_equals_null }).collect();

        let fields: Vec<FieldRef> = left.schema.fields().iter().chain(right.schema.fields()).cloned().collect();
        let names = unique_names(fields.iter().map(|field| field.name().clone()));
        let fields: Vec<FieldRef> = fields
            .iter()
            .zip(&names)
            .map(|(field, name)| Arc::new(field.as_ref().clone().with_name(name)) as FieldRef)
            .collect();
        let both = Arc::new(DFSchema::from_unqualified_fields(fields.clone().into(), HashMap::new())?);
        let projection: Vec<usize> = (0..left_width).chain(offset..offset + right_width).collect();
        let pairs = Stream {
            node: left.node,
            schema: both.clone(),
            columns: projection.iter().map(|index| column(&names[*index])).collect(),
            names: vec![],
            filter: None,
            window: None,
        };
        let condition = join.filter.as_ref().map(|filter| pairs.over(filter, &join.schema)).transpose()?;
        // A component is no part of an expression: its calls come behind the join.
        let (condition, later) = match condition {
            Some(condition) if super::component::has_component(&condition) => (None, Some(condition)),
            condition => (condition, None),
        };
        let output = unique_names(projection.iter().map(|index| fields[*index].name().clone()));
        let schema: SchemaRef = Arc::new(Schema::new(
            projection
                .iter()
                .zip(&output)
                .map(|(index, name)| fields[*index].as_ref().clone().with_name(name))
                .collect::<Vec<_>>(),
        ));
        let parallelism = self.keyed_parallelism(&left_keys);
        let inputs =
            vec![self.by_keys(left.node, &left_keys, parallelism), self.by_keys(right.node, &right_keys, parallelism)];
        let updating = [&left, &right].iter().any(|side| self.mode_of(side.node) != ChangelogMode::AppendOnly);
        let spec = JoinSpec {
            left: node_schema(&left),
            right: node_schema(&right),
            keys,
            condition: condition.map(|condition| self.context.physical_condition(&condition, &both)).transpose()?,
            projection,
            schema: schema.clone(),
        };
        let changelog_mode = if updating { ChangelogMode::Retract } else { ChangelogMode::AppendOnly };
        let node = Node { kind: NodeKind::Operator(Arc::new(spec)), inputs, parallelism, changelog_mode };
        let mut stream = Stream::of(self.add(node), &schema)?;
        if later.is_some() {
            stream.filter = join.filter.as_ref().map(|filter| stream.over(filter, &join.schema)).transpose()?;
        }
        Ok(stream)
    }

    /// One side: its columns, behind them the keys that are no columns; and where the keys are.
    fn side<'e>(
        &mut self,
        plan: &LogicalPlan,
        keys: impl Iterator<Item = &'e Expr> + Clone,
    ) -> Result<(Stream, Vec<usize>)> {
        let stream = self.plan(plan, true)?;
        let mut stream = self.settled(stream, keys.clone(), plan.schema())?;
        let mut at = vec![];
        for key in keys {
            let key = stream.over(key, plan.schema())?;
            at.push(match stream.columns.iter().position(|known| *known == key) {
                Some(index) => index,
                None => {
                    stream.names.push(format!("$key{}", stream.columns.len()));
                    stream.columns.push(key);
                    stream.columns.len() - 1
                }
            });
        }
        Ok((self.materialize(stream)?, at))
    }
}
