//! AND and OR decide from left to right, row by row: what stands on the right is evaluated for the rows alone that the
//! left leaves open, so that `a <> 0 AND 1 / a > 2` does not fail. DataFusion evaluates both sides over whole batches, or
//! not, by how many rows pass; its CASE keeps to the rows of each branch. So a right side that may fail becomes a branch
//! of a CASE.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{ExprSchema, ScalarValue};
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Case, Expr, ExprSchemable, Filter, LogicalPlan, Operator, Projection, lit,
};

/// Built-in functions that give a value, or NULL, for whatever they are given.
const NEVER_FAIL: [&str; 35] = [
    "ABS",
    "ASCII",
    "BTRIM",
    "CARDINALITY",
    "CHAR_LENGTH",
    "COALESCE",
    "CONCAT",
    "CONCAT_WS",
    "ENDSWITH",
    "EXTRACT",
    "GREATEST",
    "IF",
    "IFNULL",
    "INITCAP",
    "INSTR",
    "LEAST",
    "LEFT",
    "LOCATE",
    "LOWER",
    "LTRIM",
    "NULLIF",
    "OCTET_LENGTH",
    "POSITION",
    "REPLACE",
    "REVERSE",
    "RIGHT",
    "RTRIM",
    "SIGN",
    "SPLIT_INDEX",
    "STARTSWITH",
    "SUBSTRING",
    "TRIM",
    "TRY_CAST",
    "UPPER",
    "get_field",
];

/// Nodes of an operand that is written twice for its guard: beyond, a query could grow without bound.
const LARGEST_OPERAND: usize = 100;

/// A plan all of whose expressions are guarded.
pub fn with_guards(plan: LogicalPlan) -> DataFusionResult<LogicalPlan> {
    let guarded = plan.transform_up(|node| {
        Ok(Transformed::yes(match node {
            LogicalPlan::Filter(Filter { predicate, input, .. }) => {
                let predicate = guard_condition(predicate, input.schema())?;
                LogicalPlan::Filter(Filter::try_new(predicate, input)?)
            }
            LogicalPlan::Join(mut join) => {
                let both = join.left.schema().join(join.right.schema())?;
                join.filter = join.filter.map(|filter| guard_condition(filter, &both)).transpose()?;
                LogicalPlan::Join(join)
            }
            LogicalPlan::Projection(Projection { expr, input, schema, .. }) => {
                let expr = expr.into_iter().map(|it| guard(it, input.schema())).collect::<DataFusionResult<_>>()?;
                LogicalPlan::Projection(Projection::try_new_with_schema(expr, input, schema)?)
            }
            LogicalPlan::Aggregate(Aggregate { input, group_expr, aggr_expr, schema, .. }) => {
                let guarded = |expressions: Vec<Expr>| {
                    expressions.into_iter().map(|it| guard(it, input.schema())).collect::<DataFusionResult<_>>()
                };
                let (keys, calls): (_, Vec<Expr>) = (guarded(group_expr)?, guarded(aggr_expr)?);
                let calls = calls.into_iter().map(|call| guard_call(call, input.schema()));
                let calls = calls.collect::<DataFusionResult<_>>()?;
                LogicalPlan::Aggregate(Aggregate::try_new_with_schema(input.clone(), keys, calls, schema)?)
            }
            other => other,
        }))
    })?;
    Ok(guarded.data)
}

/// An expression whose value is wanted.
pub fn guard(expression: Expr, schema: &dyn ExprSchema) -> DataFusionResult<Expr> {
    if !has_logic(&expression)? {
        return Ok(expression);
    }
    match expression {
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) => {
            let (left, right) = (guard(*left, schema)?, guard(*right, schema)?);
            // What varies would be asked twice, and may answer otherwise.
            let unguarded = !may_fail(&right, schema)? || left.is_volatile() || size(&left)? > LARGEST_OPERAND;
            if unguarded {
                return Ok(binary(left, op, right));
            }
            let open = match op {
                Operator::And => left.clone().is_not_false(),
                _ => left.clone().is_not_true(),
            };
            Ok(binary(left, op, case(open, right, None)))
        }
        Expr::Case(Case { expr: None, when_then_expr, else_expr }) => {
            let branches = when_then_expr
                .into_iter()
                .map(|(when, then)| Ok((Box::new(guard_condition(*when, schema)?), Box::new(guard(*then, schema)?))));
            let branches = branches.collect::<DataFusionResult<_>>()?;
            let otherwise = else_expr.map(|otherwise| guard(*otherwise, schema)).transpose()?;
            Ok(Expr::Case(Case::new(None, branches, otherwise.map(Box::new))))
        }
        other => {
            let children = other.map_children(|child| Ok(Transformed::yes(guard(child, schema)?)))?;
            Ok(children.data)
        }
    }
}

/// A condition of which matters only where it is true.
pub fn guard_condition(expression: Expr, schema: &dyn ExprSchema) -> DataFusionResult<Expr> {
    match expression {
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) => {
            let (left, right) = (guard_condition(*left, schema)?, guard_condition(*right, schema)?);
            if !may_fail(&right, schema)? {
                return Ok(binary(left, op, right));
            }
            Ok(match op {
                Operator::And => case(left, right, Some(lit(false))),
                _ => case(left, lit(true), Some(right)),
            })
        }
        other => guard(other, schema),
    }
}

/// An aggregate with guarded arguments.
fn guard_call(call: Expr, schema: &dyn ExprSchema) -> DataFusionResult<Expr> {
    let call = call.transform_down(|node| {
        let Expr::AggregateFunction(mut call) = node else { return Ok(Transformed::no(node)) };
        let filter = call.params.filter.as_deref();
        let arguments = call.params.args.iter().map(|argument| guard_argument(argument, filter, schema));
        call.params.args = arguments.collect::<DataFusionResult<_>>()?;
        Ok(Transformed::new(Expr::AggregateFunction(call), true, TreeNodeRecursion::Jump))
    })?;
    Ok(call.data)
}

/// The argument of an aggregate with FILTER, which looks at the rows alone that pass, while arguments are computed for all.
pub fn guard_argument(argument: &Expr, filter: Option<&Expr>, schema: &dyn ExprSchema) -> DataFusionResult<Expr> {
    let guards = |filter: &Expr| match argument {
        Expr::Case(case) => case.when_then_expr.iter().any(|(when, _)| when.as_ref() == filter),
        _ => false,
    };
    match filter {
        Some(filter)
            if may_fail(argument, schema)?
                && !guards(filter)
                && !filter.is_volatile()
                && size(filter)? <= LARGEST_OPERAND =>
        {
            Ok(case(filter.clone(), argument.clone(), None))
        }
        _ => Ok(argument.clone()),
    }
}

fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

fn case(when: Expr, then: Expr, otherwise: Option<Expr>) -> Expr {
    Expr::Case(Case::new(None, vec![(Box::new(when), Box::new(then))], otherwise.map(Box::new)))
}

fn has_logic(expression: &Expr) -> DataFusionResult<bool> {
    expression.exists(|node| Ok(matches!(node, Expr::BinaryExpr(BinaryExpr { op: Operator::And | Operator::Or, .. }))))
}

fn size(expression: &Expr) -> DataFusionResult<usize> {
    let mut nodes = 0;
    expression.apply(|_| {
        nodes += 1;
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(nodes)
}

/// Whether an expression may fail for some row.
pub fn may_fail(expression: &Expr, schema: &dyn ExprSchema) -> DataFusionResult<bool> {
    expression.exists(|node| {
        let Expr::ScalarFunction(call) = node else { return Ok(false) };
        Ok(match (call.func.name(), call.args.as_slice()) {
            ("/" | "%", [_, Expr::Literal(divisor, _)]) => *divisor == ScalarValue::new_zero(&divisor.data_type())?,
            ("+" | "-" | "*", _) => false,
            // Texts are read; all else is converted, or NULL.
            ("CAST", [value]) => value.get_type(schema).map_or(true, |from| !from.is_numeric()),
            (name, _) => !NEVER_FAIL.contains(&name),
        })
    })
}
