//! `(start, end) OVERLAPS (start, end)`, where an end may also be an interval from its start.

use std::ops::ControlFlow;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, when};
use datafusion::sql::sqlparser::ast::{self, Spanned};

use super::coercion::{comparison_type, is_day_interval, is_month_interval};
use super::operator::binary_expr;
use super::{Binder, Scope};
use crate::error::{Error, Position, Result};
use crate::types::sql_type;

impl Binder<'_> {
    /// Whether two periods have a moment in common, their ends included. As Calcite has it: which of its two times a period
    /// begins with is seen by comparing them.
    pub(super) fn overlaps(&self, left: &ast::Expr, right: &ast::Expr, scope: &Scope) -> Result<Expr> {
        let [left_start, left_end] = self.period(left, scope)?;
        let [right_start, right_end] = self.period(right, scope)?;
        let times = vec![left_start, left_end, right_start, right_end];
        let mut times = self.alike(times, scope, comparison_type)?.into_iter();
        let (Some(a), Some(b), Some(c), Some(d)) = (times.next(), times.next(), times.next(), times.next()) else {
            return Err(Error::bug("OVERLAPS without four times"));
        };
        let in_order = |one: Expr, other: Expr| -> Result<(Expr, Expr)> {
            let ordered = binary_expr(one.clone(), Operator::LtEq, other.clone());
            let first = when(ordered.clone(), one.clone()).otherwise(other.clone())?;
            Ok((first, when(ordered, other).otherwise(one)?))
        };
        let ((left_first, left_last), (right_first, right_last)) = (in_order(a, b)?, in_order(c, d)?);
        let one = binary_expr(left_last, Operator::GtEq, right_first);
        let other = binary_expr(right_last, Operator::GtEq, left_first);
        Ok(binary_expr(one, Operator::And, other))
    }

    /// The two times of a period.
    fn period(&self, period: &ast::Expr, scope: &Scope) -> Result<[Expr; 2]> {
        let refuse = |message: String| Err(Error::user(message).at(Position::from(period.span().start)));
        const WANTED: &str = "OVERLAPS compares periods: (start, end) or (start, interval)";
        let ast::Expr::Tuple(parts) = period else { return refuse(WANTED.into()) };
        let [start, end] = parts.as_slice() else {
            return refuse(format!("{WANTED}, not {} values", parts.len()));
        };
        // Times stand several times in what is made of them, so that one within another would grow beyond all measure.
        let is_overlaps = |part: &ast::Expr| match part {
            ast::Expr::BinaryOp { op: ast::BinaryOperator::Overlaps, .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        if ast::visit_expressions(period, is_overlaps).is_break() {
            return refuse("an OVERLAPS within a period of another is not supported".into());
        }
        let (start, end) = (self.expression(start, scope)?, self.expression(end, scope)?);
        let (start_type, end_type) = (start.get_type(scope.schema)?, end.get_type(scope.schema)?);
        let is_time = |data_type: &DataType| {
            matches!(data_type, DataType::Date32 | DataType::Time32(_) | DataType::Timestamp(..) | DataType::Null)
        };
        let is_interval = is_day_interval(&end_type) || is_month_interval(&end_type);
        if !is_time(&start_type) || !(is_time(&end_type) || is_interval) {
            return refuse(format!("{WANTED}, not ({}, {})", sql_type(&start_type), sql_type(&end_type)));
        }
        let end = match is_interval {
            true => self.compute(start.clone(), Operator::Plus, end, scope)?,
            false => end,
        };
        Ok([start, end])
    }
}
