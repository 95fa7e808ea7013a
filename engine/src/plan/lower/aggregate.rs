//! GROUP BY: what is not a column is computed in a Calc below; an aggregation over windows becomes a window aggregation.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Aggregate, Expr, ExprSchemable, LogicalPlan};

use super::Lowering;
use super::stream::{Stream, unalias};
use crate::changelog::ChangelogMode;
use crate::error::{Error, Result};
use crate::functions::component::JobScope;
use crate::functions::udaf::{AggregateArguments, EngineAggregate};
use crate::operators::{AggregateCall, GroupAggregateSpec};
use crate::plan::bind::unique_names;
use crate::plan::derive::is_window_aggregate;
use crate::plan::guard::guard_argument;
use crate::runtime::{Node, NodeKind};

impl Lowering<'_> {
    pub(super) fn aggregate(
        &mut self,
        plan: &LogicalPlan,
        aggregate: &Aggregate,
        update_before: bool,
    ) -> Result<Stream> {
        let input = self.plan(&aggregate.input, true)?;
        let readers = aggregate.group_expr.iter().chain(&aggregate.aggr_expr);
        let input = self.settled(input, readers, aggregate.input.schema())?;
        if is_window_aggregate(plan)? {
            return self.window_aggregate(aggregate, input);
        }
        let mut inputs = AggregateInputs::default();
        let keys = aggregate
            .group_expr
            .iter()
            .map(|key| Ok(inputs.column(input.over(key, aggregate.input.schema())?)))
            .collect::<Result<Vec<_>>>()?;
        let retracts = self.mode_of(input.node) != ChangelogMode::AppendOnly;
        let calls = self.aggregate_calls(aggregate, &input, &mut inputs, retracts)?;
        let stream = self.materialize(inputs.stream(input)?)?;
        let schema = aggregate_schema(aggregate, &stream, &calls, |index| keys[index])?;
        let silent = aggregate.aggr_expr.is_empty() && !retracts;
        let parallelism = self.keyed_parallelism(&keys);
        let edge = self.by_keys(stream.node, &keys, parallelism);
        let spec = GroupAggregateSpec {
            input: super::stream::node_schema(&stream),
            keys,
            aggregates: calls,
            input_retracts: retracts,
            emit_update_before: update_before,
            schema: schema.clone(),
        };
        let changelog_mode = match (silent, update_before) {
            (true, _) => ChangelogMode::AppendOnly,
            (false, true) => ChangelogMode::Retract,
            (false, false) => ChangelogMode::Upsert,
        };
        let node = Node { kind: NodeKind::Operator(Arc::new(spec)), inputs: vec![edge], parallelism, changelog_mode };
        Stream::of(self.add(node), &schema)
    }

    /// The calls of an aggregation, over columns that `inputs` collects.
    pub(super) fn aggregate_calls(
        &self,
        aggregate: &Aggregate,
        input: &Stream,
        inputs: &mut AggregateInputs,
        retracts: bool,
    ) -> Result<Vec<AggregateCall>> {
        let schema = aggregate.input.schema();
        let column = |expression: &Expr| Ok(inputs.column(input.over(expression, schema)?));
        let calls = aggregate_calls(aggregate, &self.context.job, column)?;
        match calls.iter().find(|call| retracts && !call.function.retracts()) {
            Some(call) => {
                let name = call.function.name();
                let message = format!("the aggregate '{name}' cannot take rows back, and its input has updates");
                Err(Error::user(message).hint("give it retract, or aggregate an append-only stream"))
            }
            None => Ok(calls),
        }
    }
}

/// The calls of an aggregation; `column` gives the column for an expression over its input.
///
/// # Errors
/// Those of binding the functions, and of `column`.
pub fn aggregate_calls(
    aggregate: &Aggregate,
    job: &JobScope,
    mut column: impl FnMut(&Expr) -> Result<usize>,
) -> Result<Vec<AggregateCall>> {
    let schema = aggregate.input.schema();
    let names = aggregate.schema.fields().iter().skip(aggregate.group_expr.len());
    aggregate
        .aggr_expr
        .iter()
        .zip(names)
        .map(|(expression, field)| {
            let Expr::AggregateFunction(AggregateFunction { func, params }) = unalias(expression.clone()) else {
                return Err(Error::bug(format!("`{expression}` as an aggregate")));
            };
            let engine = EngineAggregate::of(&func)
                .ok_or_else(|| Error::bug(format!("the aggregate {} is not one of the engine's", func.name())))?;
            let types = params.args.iter().map(|it| it.get_type(schema)).collect::<Result<Vec<_>, _>>()?;
            let constants = params.args.iter().map(|argument| match argument {
                Expr::Literal(value, _) => Some(value.clone()),
                _ => None,
            });
            let function =
                engine.resolve(&AggregateArguments { types, constants: constants.collect(), job: job.clone() })?;
            let filter = params.filter.as_deref();
            let arguments = params.args.iter().map(|argument| column(&guard_argument(argument, filter, schema)?));
            let arguments = arguments.collect::<Result<_>>()?;
            let filter = filter.map(&mut column).transpose()?;
            Ok(AggregateCall { name: field.name().clone(), function, arguments, distinct: params.distinct, filter })
        })
        .collect()
}

/// The columns that an aggregation reads, each once.
#[derive(Default)]
pub struct AggregateInputs {
    columns: Vec<Expr>,
    names: Vec<String>,
}

impl AggregateInputs {
    /// The index of an expression's column.
    pub fn column(&mut self, expression: Expr) -> usize {
        if let Some(index) = self.columns.iter().position(|known| *known == expression) {
            return index;
        }
        self.names.push(match &expression {
            Expr::Column(column) => column.name.clone(),
            _ => format!("$f{}", self.columns.len()),
        });
        self.columns.push(expression);
        self.columns.len() - 1
    }

    /// Whether some column is of these.
    pub fn refers_to(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.columns.iter().any(|expression| expression.column_refs().iter().any(|column| wanted(&column.name)))
    }

    /// The columns and their names, which may be equal.
    pub fn into_parts(self) -> (Vec<Expr>, Vec<String>) {
        (self.columns, self.names)
    }

    /// `input` with these columns alone.
    pub fn stream(self, input: Stream) -> Result<Stream> {
        Ok(Stream { columns: self.columns, names: unique_names(self.names), ..input })
    }
}

/// The schema of an aggregation: its keys, then its calls. `key` says in which column of the input a key is.
pub fn aggregate_schema(
    aggregate: &Aggregate,
    input: &Stream,
    calls: &[AggregateCall],
    key: impl Fn(usize) -> usize,
) -> Result<SchemaRef> {
    let names = unique_names(aggregate.schema.fields().iter().map(|field| field.name().clone()));
    let keys = aggregate.group_expr.len();
    let fields = names.iter().enumerate().map(|(index, name)| match index.checked_sub(keys) {
        None => {
            let column = input.schema.field(key(index));
            Arc::new(Field::new(name, column.data_type().clone(), column.is_nullable())) as FieldRef
        }
        Some(call) => {
            let nullable = aggregate.schema.field(index).is_nullable();
            Arc::new(Field::new(name, calls[call].function.return_type(), nullable))
        }
    });
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}
