//! Whole queries: WITH, SELECT, UNION, VALUES, and what batch mode may put behind them.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::DFSchema;
use datafusion::logical_expr::{
    Aggregate, EmptyRelation, Expr, ExprSchemable, Limit, LogicalPlan, LogicalPlanBuilder, Projection, Union,
};
use datafusion::sql::sqlparser::ast::{self, Spanned};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::coercion::common_type;
use super::convert::cast;
use super::{Binder, Scope, refuse, unsupported};
use crate::error::{Error, Result};
use crate::plan::catalog::at;
use crate::types::sql_type;

impl Binder<'_> {
    /// Binds a query; the plan's columns have no qualifiers.
    ///
    /// # Errors
    /// User errors with their places.
    pub fn query(&mut self, query: &ast::Query) -> Result<LogicalPlan> {
        let span = query.span();
        refuse(
            query.fetch.as_ref().is_some_and(|fetch| fetch.with_ties || fetch.percent),
            "FETCH WITH TIES or PERCENT",
            span,
        )?;
        refuse(!query.locks.is_empty(), "FOR UPDATE", span)?;
        refuse(query.for_clause.is_some(), "FOR XML and FOR JSON", span)?;
        refuse(query.settings.is_some(), "SETTINGS", span)?;
        refuse(query.format_clause.is_some(), "FORMAT", span)?;
        refuse(!query.pipe_operators.is_empty(), "|>", span)?;
        let depth = self.ctes.len();
        if let Some(with) = &query.with {
            refuse(with.recursive, "WITH RECURSIVE", with.with_token.0.span)?;
            for cte in &with.cte_tables {
                let plan = self.query(&cte.query)?;
                let plan = rename(plan, &cte.alias.columns, &cte.alias.name)?;
                self.ctes.push(HashMap::from([(cte.alias.name.value.clone(), Arc::new(plan))]));
            }
        }
        let keys = self.sort_keys(query)?;
        let plan = match &*query.body {
            // What a SELECT is sorted by need not be in its list.
            ast::SetExpr::Select(select) => self.select(select, keys),
            body => self.set_expression(body).and_then(|plan| self.sort(plan, keys)),
        };
        self.ctes.truncate(depth);
        self.limit(plan?, query)
    }

    /// The common table expression of this name.
    pub(super) fn cte(&self, name: &str) -> Option<&Arc<LogicalPlan>> {
        self.ctes.iter().rev().find_map(|ctes| ctes.get(name))
    }

    fn set_expression(&mut self, body: &ast::SetExpr) -> Result<LogicalPlan> {
        match body {
            ast::SetExpr::Select(select) => self.select(select, &[]),
            ast::SetExpr::Query(query) => self.query(query),
            ast::SetExpr::Values(values) => self.values(values),
            ast::SetExpr::SetOperation { left, op: ast::SetOperator::Union, set_quantifier, right } => {
                let (left, right) = (self.set_expression(left)?, self.set_expression(right)?);
                let union = union(left, right).map_err(|error| at(error, body.span()))?;
                match set_quantifier {
                    ast::SetQuantifier::All => Ok(union),
                    ast::SetQuantifier::None | ast::SetQuantifier::Distinct => distinct(union),
                    other => Err(unsupported(format_args!("UNION {other}"), body.span())),
                }
            }
            ast::SetExpr::SetOperation { op, .. } => Err(unsupported(op, body.span())),
            other => Err(unsupported(format_args!("`{other}` as a query"), body.span())),
        }
    }

    fn values(&mut self, values: &ast::Values) -> Result<LogicalPlan> {
        let empty = DFSchema::empty();
        let scope = Scope::new(&empty, "in VALUES");
        let mut columns: Vec<Vec<Expr>> = vec![];
        for (number, row) in values.rows.iter().enumerate() {
            let row: &[ast::Expr] = &row.content;
            // `ROW(1, 'a')` as a row of VALUES.
            let row = match row {
                [ast::Expr::Tuple(items)] => items.as_slice(),
                row => row,
            };
            if number == 0 {
                columns = vec![vec![]; row.len()];
            }
            if row.len() != columns.len() {
                let (row_number, found, wanted) = (number + 1, row.len(), columns.len());
                let error = Error::user(format!("row {row_number} of VALUES has {found} values, not {wanted}"));
                return Err(at(error, row.first().map_or_else(Span::empty, Spanned::span)));
            }
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(self.expression(value, &scope)?);
            }
        }
        let columns =
            columns.into_iter().map(|column| self.alike(column, &scope, common_type)).collect::<Result<Vec<_>>>()?;
        let rows =
            (0..values.rows.len()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect();
        let plan = LogicalPlanBuilder::values(rows)?.build()?;
        let names = (0..columns.len()).map(|index| format!("EXPR${index}"));
        let renamed =
            plan.schema().columns().into_iter().zip(names).map(|(column, name)| Expr::Column(column).alias(name));
        let renamed = renamed.collect();
        Ok(LogicalPlan::Projection(Projection::try_new(renamed, Arc::new(plan))?))
    }

    fn limit(&mut self, plan: LogicalPlan, query: &ast::Query) -> Result<LogicalPlan> {
        let (limit, offset) = match (&query.limit_clause, &query.fetch) {
            (None, None) => return Ok(plan),
            (Some(ast::LimitClause::LimitOffset { limit, offset, limit_by }), fetch) => {
                refuse(!limit_by.is_empty(), "LIMIT BY", query.span())?;
                let fetch = fetch.as_ref().and_then(|fetch| fetch.quantity.as_ref());
                (limit.as_ref().or(fetch), offset.as_ref().map(|offset| &offset.value))
            }
            (Some(ast::LimitClause::OffsetCommaLimit { offset, limit }), _) => (Some(limit), Some(offset)),
            (None, Some(fetch)) => (fetch.quantity.as_ref(), None),
        };
        if self.context.streaming {
            return Err(unsupported("LIMIT in streaming mode", limit.or(offset).map_or(query.span(), Spanned::span))
                .hint("SET 'execution.runtime-mode' = 'batch'"));
        }
        let bound = |count: Option<&ast::Expr>| {
            count
                .map(|count| match count {
                    ast::Expr::Value(ast::ValueWithSpan { value: ast::Value::Number(number, _), .. }) => {
                        let number =
                            number.parse::<i64>().map_err(|_| Error::user(format!("{number} is no number of rows")))?;
                        Ok(Box::new(datafusion::logical_expr::lit(number)))
                    }
                    other => Err(at(Error::user(format!("`{other}` is no number of rows")), other.span())),
                })
                .transpose()
        };
        let (skip, fetch) = (bound(offset)?, bound(limit)?);
        if fetch.as_deref() == Some(&datafusion::logical_expr::lit(0i64)) {
            // DataFusion's sort by the first n rows panics where n is 0.
            let schema = plan.schema().clone();
            return Ok(LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema }));
        }
        Ok(LogicalPlan::Limit(Limit { skip, fetch, input: Arc::new(plan) }))
    }
}

/// `plan` with new names for its columns, where there are any.
pub(super) fn rename(plan: LogicalPlan, names: &[ast::TableAliasColumnDef], place: &ast::Ident) -> Result<LogicalPlan> {
    if names.is_empty() {
        return Ok(plan);
    }
    let columns = plan.schema().columns();
    if names.len() != columns.len() {
        let message = format!("'{}' has {} columns, and {} names are given", place.value, columns.len(), names.len());
        return Err(at(Error::user(message), place.span));
    }
    let renamed =
        columns.into_iter().zip(names).map(|(column, name)| Expr::Column(column).alias(&name.name.value)).collect();
    Ok(LogicalPlan::Projection(Projection::try_new(renamed, Arc::new(plan))?))
}

/// UNION ALL: each column in the common type, with the names of the left side.
fn union(left: LogicalPlan, right: LogicalPlan) -> Result<LogicalPlan> {
    let (left_schema, right_schema) = (left.schema().clone(), right.schema().clone());
    if left_schema.fields().len() != right_schema.fields().len() {
        return Err(Error::user(format!(
            "the sides of UNION have {} and {} columns",
            left_schema.fields().len(),
            right_schema.fields().len()
        )));
    }
    let mut types = vec![];
    for (left, right) in left_schema.fields().iter().zip(right_schema.fields()) {
        types.push(common_type(left.data_type(), right.data_type()).ok_or_else(|| {
            Error::user(format!(
                "column '{}' of UNION is {} on one side and {} on the other",
                left.name(),
                sql_type(left.data_type()),
                sql_type(right.data_type())
            ))
            .hint("use CAST")
        })?);
    }
    let side = |plan: LogicalPlan| -> Result<Arc<LogicalPlan>> {
        let schema = plan.schema().clone();
        let columns = schema.columns().into_iter().zip(&types).zip(left_schema.fields());
        let columns = columns.map(|((column, to), name)| {
            let column = Expr::Column(column);
            if column.get_type(&schema)? == *to && column.to_field(&schema)?.1.name() == name.name() {
                return Ok(column);
            }
            Ok(cast(column, to, &schema)?.alias(name.name()))
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        Ok(Arc::new(LogicalPlan::Projection(Projection::try_new(columns, Arc::new(plan))?)))
    };
    Ok(LogicalPlan::Union(Union::try_new_with_loose_types(vec![side(left)?, side(right)?])?))
}

/// Each row once: a GROUP BY over all columns.
pub(super) fn distinct(plan: LogicalPlan) -> Result<LogicalPlan> {
    let columns = plan.schema().columns().into_iter().map(Expr::Column).collect();
    Ok(LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(plan), columns, vec![])?))
}
