//! Aggregates as DataFusion's planner sees them: a name that resolves, by argument types, to an [`AggregateFunction`] of
//! the engine. Streaming operators run that function itself; the batch engine runs it through the accumulators here, so
//! both compute with the same code.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray};
use datafusion::arrow::compute::{self, prep_null_mask_filter};
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Literal;

use super::aggregates::{BuiltinAggregate, distinct};
use super::component::JobScope;
use super::{Accumulators, AggregateFunction};
use crate::error::{Error, Result};

/// The arguments of an aggregate at a place in a plan.
#[derive(Debug, Clone, Default)]
pub struct AggregateArguments {
    /// Types, as [`AggregateResolver::coerce`] gave them. None for `COUNT(*)`.
    pub types: Vec<DataType>,
    /// The values of those that are literals; may be shorter than `types`.
    pub constants: Vec<Option<ScalarValue>>,
    pub job: JobScope,
}

/// What is known of an aggregate before its arguments are: its name, and which function stands for which types.
pub trait AggregateResolver: Debug + Send + Sync {
    /// As SQL names it: `COUNT`.
    fn name(&self) -> &str;

    fn aliases(&self) -> &[String] {
        &[]
    }

    /// The types that the arguments must be cast to.
    ///
    /// # Errors
    /// A user error where the function does not take them.
    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>>;

    /// What a component's function is granted, as people read it; empty where that is nothing.
    fn granted(&self) -> String {
        String::new()
    }

    /// The function for these arguments.
    ///
    /// # Errors
    /// A user error where it does not take them; a function error where a component refuses to be bound.
    fn resolve(&self, arguments: &AggregateArguments) -> Result<Arc<dyn AggregateFunction>>;

    /// Type of the value, without making the function. Types as [`AggregateResolver::coerce`] gave them.
    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let arguments = AggregateArguments { types: types.to_vec(), ..Default::default() };
        Ok(self.resolve(&arguments)?.return_type())
    }

    fn is_deterministic(&self) -> bool {
        true
    }

    /// The table for rows that fail, where the policy says so.
    fn dead_letter_table(&self) -> Option<&Arc<str>> {
        None
    }

    /// Distinguishes functions of the same name: two resolvers with the same name and identity are the same function.
    fn identity(&self) -> String {
        String::new()
    }
}

/// Any aggregate of the engine, for DataFusion's planner, which has nothing of its own in its place.
#[derive(Debug, Clone)]
pub struct EngineAggregate {
    resolver: Arc<dyn AggregateResolver>,
    signature: Signature,
    /// In which the batch engine binds it; empty means UTC. Streaming operators are told when they are planned.
    job: JobScope,
}

impl EngineAggregate {
    pub fn new(resolver: Arc<dyn AggregateResolver>) -> Self {
        let volatility = if resolver.is_deterministic() { Volatility::Immutable } else { Volatility::Volatile };
        EngineAggregate { resolver, signature: Signature::user_defined(volatility), job: JobScope::default() }
    }

    /// The same function, for the batch engine, in a session's time zone.
    pub fn in_job(&self, job: &JobScope) -> AggregateUDF {
        AggregateUDF::new_from_impl(EngineAggregate { job: job.clone(), ..self.clone() })
    }

    /// As DataFusion takes it.
    pub fn udf(resolver: Arc<dyn AggregateResolver>) -> AggregateUDF {
        AggregateUDF::new_from_impl(Self::new(resolver))
    }

    pub fn resolver(&self) -> &Arc<dyn AggregateResolver> {
        &self.resolver
    }

    /// The aggregate of a plan, where it is one of the engine's.
    pub fn of(function: &AggregateUDF) -> Option<&EngineAggregate> {
        function.inner().downcast_ref::<EngineAggregate>()
    }

    /// The function for arguments of the types that [`AggregateResolver::coerce`] gave.
    pub fn resolve(&self, arguments: &AggregateArguments) -> Result<Arc<dyn AggregateFunction>> {
        self.resolver.resolve(arguments)
    }
}

impl PartialEq for EngineAggregate {
    fn eq(&self, other: &Self) -> bool {
        self.resolver.name() == other.resolver.name()
            && self.resolver.identity() == other.resolver.identity()
            && self.job.time_zone == other.job.time_zone
    }
}

impl Eq for EngineAggregate {}

impl Hash for EngineAggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.resolver.name().hash(state);
        self.resolver.identity().hash(state);
    }
}

impl AggregateUDFImpl for EngineAggregate {
    fn name(&self) -> &str {
        self.resolver.name()
    }

    fn aliases(&self) -> &[String] {
        self.resolver.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        Ok(self.resolver.coerce(types)?)
    }

    fn return_type(&self, types: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.resolver.return_type(types)?)
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> DataFusionResult<Vec<FieldRef>> {
        Ok(self.resolve_fields(arguments.input_fields, &[], arguments.is_distinct)?.state_fields())
    }

    fn accumulator(&self, arguments: AccumulatorArgs) -> DataFusionResult<Box<dyn Accumulator>> {
        Ok(Box::new(SingleGroup::new(self.resolve_accumulator(&arguments)?)?))
    }

    fn groups_accumulator_supported(&self, _arguments: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, arguments: AccumulatorArgs) -> DataFusionResult<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(ManyGroups::new(self.resolve_accumulator(&arguments)?)?))
    }
}

impl EngineAggregate {
    fn resolve_accumulator(&self, arguments: &AccumulatorArgs) -> Result<Arc<dyn AggregateFunction>> {
        if !arguments.order_bys.is_empty() {
            return Err(Error::user(format!("ORDER BY within {} is not supported", self.resolver.name())));
        }
        self.resolve_fields(arguments.expr_fields, arguments.exprs, arguments.is_distinct)
    }

    fn resolve_fields(
        &self,
        fields: &[FieldRef],
        expressions: &[Arc<dyn PhysicalExpr>],
        is_distinct: bool,
    ) -> Result<Arc<dyn AggregateFunction>> {
        let types: Vec<DataType> = fields.iter().map(|field| field.data_type().clone()).collect();
        let constants = expressions
            .iter()
            .map(|expression| expression.downcast_ref::<Literal>().map(|literal| literal.value().clone()))
            .collect();
        let arguments = AggregateArguments { types: types.clone(), constants, job: self.job.clone() };
        let function = self.resolver.resolve(&arguments)?;
        Ok(if is_distinct { distinct(function, types) } else { function })
    }
}

/// An aggregate that the engine brings along, for the function catalog.
pub fn built_in(aggregate: &'static BuiltinAggregate) -> AggregateUDF {
    EngineAggregate::udf(Arc::new(BuiltinResolver(aggregate)))
}

#[derive(Debug)]
struct BuiltinResolver(&'static BuiltinAggregate);

impl AggregateResolver for BuiltinResolver {
    fn name(&self) -> &str {
        self.0.name
    }

    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let types: Vec<DataType> = types.iter().map(plain_type).collect();
        self.0.resolve(&types)?;
        Ok(types)
    }

    fn resolve(&self, arguments: &AggregateArguments) -> Result<Arc<dyn AggregateFunction>> {
        self.0.resolve(&arguments.types)
    }
}

/// The engine's own layout of a type: text and bytes are neither views nor large.
fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::Dictionary(_, values) => plain_type(values),
        other => other.clone(),
    }
}

/// Accumulators that go on however many rows time out, where the function does without rows that fail.
fn create(function: &dyn AggregateFunction) -> Result<Box<dyn Accumulators>> {
    let mut accumulators = function.create(true)?;
    // The flag is never set: the batch engine has none to tell of a job that is cancelled.
    accumulators.give_up_when(&Arc::default());
    Ok(accumulators)
}

/// An aggregation without keys in the batch engine: group 0 of [`Accumulators`].
struct SingleGroup {
    /// DataFusion asks for `Sync`; nobody ever waits for this lock.
    accumulators: Mutex<Box<dyn Accumulators>>,
    /// Group 0 as often as a batch has rows.
    groups: Vec<u32>,
}

impl Debug for SingleGroup {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SingleGroup").finish_non_exhaustive()
    }
}

impl SingleGroup {
    fn new(function: Arc<dyn AggregateFunction>) -> Result<Self> {
        Ok(SingleGroup { accumulators: Mutex::new(create(&*function)?), groups: vec![] })
    }

    /// The accumulators, and group 0 for each of so many rows.
    fn rows(&mut self, rows: usize) -> (&mut dyn Accumulators, &[u32]) {
        self.groups.resize(rows, 0);
        (self.accumulators.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut(), &self.groups)
    }
}

impl Accumulator for SingleGroup {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        let Some(rows) = values.first().map(|column| column.len()) else {
            // The batch engine would not say how many rows there are: the planner counts a literal instead.
            return Err(Error::bug("an aggregate without arguments was given no column to count").into());
        };
        let (accumulators, groups) = self.rows(rows);
        Ok(accumulators.accumulate(groups, values)?)
    }

    fn evaluate(&mut self) -> DataFusionResult<ScalarValue> {
        ScalarValue::try_from_array(&self.rows(1).0.evaluate(&[0])?, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.accumulators.lock().unwrap_or_else(PoisonError::into_inner).size()
    }

    fn state(&mut self) -> DataFusionResult<Vec<ScalarValue>> {
        self.rows(1).0.state(&[0])?.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DataFusionResult<()> {
        let rows = states.first().map_or(0, |column| column.len());
        let (accumulators, groups) = self.rows(rows);
        Ok(accumulators.merge(groups, states)?)
    }
}

/// An aggregation by keys in the batch engine. Its groups are numbered from 0 and move down when the first are taken
/// out; ours stay, so each of its groups is mapped to one of ours.
struct ManyGroups {
    function: Arc<dyn AggregateFunction>,
    accumulators: Box<dyn Accumulators>,
    /// Our group of each of the batch engine's.
    ours: Vec<u32>,
    /// Groups of ours that were removed.
    free: Vec<u32>,
    /// Groups of ours that were ever used.
    used: u32,
    /// Our group of each row of a batch.
    rows: Vec<u32>,
}

impl Debug for ManyGroups {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ManyGroups").field("function", &self.function).finish_non_exhaustive()
    }
}

impl ManyGroups {
    fn new(function: Arc<dyn AggregateFunction>) -> Result<Self> {
        let accumulators = create(&*function)?;
        Ok(ManyGroups { function, accumulators, ours: vec![], free: vec![], used: 0, rows: vec![] })
    }

    /// Allots groups up to `total`, and maps the rows' groups to ours.
    fn map(&mut self, groups: impl Iterator<Item = usize>, total: usize) {
        while self.ours.len() < total {
            let group = self.free.pop().unwrap_or_else(|| {
                self.used += 1;
                self.used - 1
            });
            self.ours.push(group);
        }
        self.rows.clear();
        self.rows.extend(groups.map(|group| self.ours[group]));
    }

    /// Takes out the groups to emit, by `read`.
    fn emit<T>(
        &mut self,
        emit_to: EmitTo,
        read: impl FnOnce(&mut dyn Accumulators, &[u32]) -> Result<T>,
    ) -> DataFusionResult<T> {
        let groups = emit_to.take_needed(&mut self.ours);
        let values = read(self.accumulators.as_mut(), &groups)?;
        self.accumulators.remove(&groups)?;
        self.free.extend(groups);
        Ok(values)
    }
}

impl GroupsAccumulator for ManyGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> DataFusionResult<()> {
        let Some(filter) = filter else {
            self.map(group_indices.iter().copied(), total_num_groups);
            return Ok(self.accumulators.accumulate(&self.rows, values)?);
        };
        // The kernel takes masks with NULLs only.
        let kept = if filter.nulls().is_some() { prep_null_mask_filter(filter) } else { filter.clone() };
        let groups = group_indices.iter().zip(kept.values()).filter_map(|(&group, kept)| kept.then_some(group));
        self.map(groups, total_num_groups);
        let values = values.iter().map(|column| compute::filter(column, &kept)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.accumulators.accumulate(&self.rows, &values)?)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> DataFusionResult<ArrayRef> {
        self.emit(emit_to, |accumulators, groups| accumulators.evaluate(groups))
    }

    fn state(&mut self, emit_to: EmitTo) -> DataFusionResult<Vec<ArrayRef>> {
        self.emit(emit_to, |accumulators, groups| accumulators.state(groups))
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> DataFusionResult<()> {
        self.map(group_indices.iter().copied(), total_num_groups);
        Ok(self.accumulators.merge(&self.rows, values)?)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> DataFusionResult<Vec<ArrayRef>> {
        let rows = match values.first() {
            Some(column) => column.len(),
            None => filter.map_or(0, BooleanArray::len),
        };
        let groups: Vec<usize> = (0..rows).collect();
        let mut each = ManyGroups::new(self.function.clone())?;
        each.update_batch(values, &groups, filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        size_of_val(self) + 4 * (self.ours.capacity() + self.rows.capacity()) + self.accumulators.size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::aggregates;
    use crate::functions::aggregates::BUILTINS;
    use datafusion::arrow::array::{AsArray, Int64Array};
    use datafusion::arrow::datatypes::Int64Type;
    use datafusion::arrow::util::pretty::pretty_format_batches;
    use datafusion::prelude::{SessionConfig, SessionContext};
    use expect_test::{Expect, expect};

    async fn run(sql: &str) -> DataFusionResult<String> {
        let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
        for function in BUILTINS.iter().copied().map(built_in) {
            let name = function.name().to_lowercase();
            context.register_udaf(function.with_aliases([&*name.leak()]));
        }
        let table = "CREATE TABLE t AS SELECT column1 AS k, column2 AS v FROM \
            (VALUES ('a', 1), ('b', 2), ('a', 4), ('b', NULL), ('a', 4), ('c', NULL))";
        context.sql(table).await?.collect().await?;
        let batches = context.sql(sql).await?.collect().await?;
        Ok(pretty_format_batches(&batches)?.to_string())
    }

    async fn check(sql: &str, expected: Expect) {
        expected.assert_eq(&run(sql).await.unwrap_or_else(|error| Error::from(error).to_string()));
    }

    #[tokio::test]
    async fn the_batch_engine_runs_our_aggregates() {
        check(
            "SELECT k, COUNT(v) AS n, COUNT(DISTINCT v) AS d, SUM(v) AS s, AVG(v) AS a, MAX(v) FILTER (WHERE v < 4) AS m \
             FROM t GROUP BY k ORDER BY k",
            expect![[r#"
                +---+---+---+---+---+---+
                | k | n | d | s | a | m |
                +---+---+---+---+---+---+
                | a | 3 | 2 | 9 | 3 | 1 |
                | b | 1 | 1 | 2 | 2 | 2 |
                | c | 0 | 0 |   |   |   |
                +---+---+---+---+---+---+"#]],
        )
        .await;
        check(
            "SELECT COUNT(1) AS n, SUM(v) AS s, AVG(v) AS a, COUNT(DISTINCT v) AS d FROM t",
            expect![[r#"
                +---+----+---+---+
                | n | s  | a | d |
                +---+----+---+---+
                | 6 | 11 | 2 | 3 |
                +---+----+---+---+"#]],
        )
        .await;
        // A table without rows has one group all the same.
        check(
            "SELECT COUNT(v) AS n, SUM(v) AS s FROM t WHERE v > 100",
            expect![[r#"
                +---+---+
                | n | s |
                +---+---+
                | 0 |   |
                +---+---+"#]],
        )
        .await;
    }

    #[test]
    fn groups_move_down_when_the_first_are_emitted() {
        let sum = aggregates::builtin("SUM", false, &[DataType::Int64]).unwrap().unwrap();
        let mut groups = ManyGroups::new(sum).unwrap();
        let column = |values: Vec<i64>| vec![Arc::new(Int64Array::from(values)) as ArrayRef];
        groups.update_batch(&column(vec![1, 2, 3]), &[0, 1, 2], None, 3).unwrap();
        let mut seen = format!("{:?}\n", groups.evaluate(EmitTo::First(2)).unwrap().as_primitive::<Int64Type>());
        groups.update_batch(&column(vec![10, 20]), &[0, 1], None, 2).unwrap();
        seen += &format!("{:?}\n", groups.evaluate(EmitTo::All).unwrap().as_primitive::<Int64Type>());
        expect![[r#"
            PrimitiveArray<Int64>
            [
              1,
              2,
            ]
            PrimitiveArray<Int64>
            [
              13,
              20,
            ]
        "#]]
        .assert_eq(&seen);
    }
}
