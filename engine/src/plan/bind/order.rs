//! ORDER BY: by columns of the result, by their numbers, and by whatever a SELECT could have in its list.

use std::sync::Arc;

use datafusion::logical_expr::{Expr, LogicalPlan, Projection, Sort, SortExpr};
use datafusion::sql::sqlparser::ast::{self, Spanned};

use super::{Binder, Scope, refuse, unsupported};
use crate::error::{Error, Result};
use crate::plan::catalog::at;

impl Binder<'_> {
    /// What a query is sorted by, most significant first; nothing where it has no ORDER BY.
    ///
    /// # Errors
    /// User errors for what is not supported.
    pub(super) fn sort_keys<'q>(&self, query: &'q ast::Query) -> Result<&'q [ast::OrderByExpr]> {
        let Some(order_by) = &query.order_by else { return Ok(&[]) };
        let span = order_by.span();
        if self.context.streaming {
            return Err(unsupported("ORDER BY in streaming mode", span).hint("SET 'execution.runtime-mode' = 'batch'"));
        }
        refuse(order_by.interpolate.is_some(), "INTERPOLATE", span)?;
        let ast::OrderByKind::Expressions(keys) = &order_by.kind else {
            return Err(unsupported("ORDER BY ALL", span));
        };
        keys.iter().try_for_each(|key| refuse(key.with_fill.is_some(), "WITH FILL", key.span()))?;
        Ok(keys)
    }

    /// Sorts a result by its own columns, and expressions of them.
    pub(super) fn sort(&self, plan: LogicalPlan, keys: &[ast::OrderByExpr]) -> Result<LogicalPlan> {
        if keys.is_empty() {
            return Ok(plan);
        }
        let schema = plan.schema().clone();
        let columns: Vec<Expr> = schema.columns().into_iter().map(Expr::Column).collect();
        let scope = Scope::new(&schema, "in ORDER BY");
        let sorted = keys.iter().map(|key| match column_number(key, columns.len())? {
            Some(index) => Ok(sort_expression(key, columns[index].clone())),
            None => Ok(sort_expression(key, self.expression(&key.expr, &scope)?)),
        });
        Ok(LogicalPlan::Sort(Sort { expr: sorted.collect::<Result<_>>()?, input: Arc::new(plan), fetch: None }))
    }

    /// Where in the select list each key stands. What is not there is appended to it, for [`sort_by_items`] to take away.
    pub(super) fn sort_items(
        &self,
        keys: &[ast::OrderByExpr],
        items: &mut Vec<(String, Expr)>,
        scope: &Scope,
    ) -> Result<Vec<usize>> {
        let listed = items.clone();
        let scope = Scope { aliases: &listed, place: "in ORDER BY", ..*scope };
        keys.iter()
            .map(|key| {
                if let Some(index) = column_number(key, listed.len())? {
                    return Ok(index);
                }
                let expression = self.expression(&key.expr, &scope)?;
                Ok(items.iter().position(|(_, item)| *item == expression).unwrap_or_else(|| {
                    items.push((format!("$sort{}", items.len()), expression));
                    items.len() - 1
                }))
            })
            .collect()
    }
}

/// Sorts a SELECT by its columns `places`, one for each key, and keeps the first `shown` columns.
pub(super) fn sort_by_items(
    plan: LogicalPlan,
    keys: &[ast::OrderByExpr],
    places: &[usize],
    shown: usize,
) -> Result<LogicalPlan> {
    if keys.is_empty() {
        return Ok(plan);
    }
    let columns: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
    let sorted = keys.iter().zip(places).map(|(key, place)| sort_expression(key, columns[*place].clone()));
    let plan = LogicalPlan::Sort(Sort { expr: sorted.collect(), input: Arc::new(plan), fetch: None });
    if columns.len() == shown {
        return Ok(plan);
    }
    let columns = columns.into_iter().take(shown).collect();
    Ok(LogicalPlan::Projection(Projection::try_new(columns, Arc::new(plan))?))
}

/// The column that a key names by its number, from 0.
fn column_number(key: &ast::OrderByExpr, columns: usize) -> Result<Option<usize>> {
    let ast::Expr::Value(ast::ValueWithSpan { value: ast::Value::Number(number, _), .. }) = &key.expr else {
        return Ok(None);
    };
    let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    match index.filter(|index| *index < columns) {
        Some(index) => Ok(Some(index)),
        None => Err(at(Error::user(format!("there is no column number {number}")), key.span())),
    }
}

fn sort_expression(key: &ast::OrderByExpr, expression: Expr) -> SortExpr {
    let ascending = key.options.asc.unwrap_or(true);
    // Flink: NULLs are the smallest values.
    SortExpr::new(expression, ascending, key.options.nulls_first.unwrap_or(ascending))
}
