//! `(start, end) OVERLAPS (start, end)`, where an end may also be an interval from its start.

use datafusion::logical_expr::{Expr, ExprSchemable, Operator, when};
use datafusion::sql::sqlparser::ast::{self, Spanned};

use super::coercion::{comparison_type, is_day_interval, is_month_interval};
use super::operator::binary_expr;
use super::{Binder, Scope};
use crate::error::{Error, Position, Result};

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
        let ast::Expr::Tuple(parts) = period else {
            return Err(Error::user("OVERLAPS compares periods: (start, end) or (start, interval)")
                .at(Position::from(period.span().start)));
        };
        let [start, end] = parts.as_slice() else {
            let message =
                format!("a period of OVERLAPS is (start, end) or (start, interval), not {} values", parts.len());
            return Err(Error::user(message).at(Position::from(period.span().start)));
        };
        let (start, end) = (self.expression(start, scope)?, self.expression(end, scope)?);
        let end_type = end.get_type(scope.schema)?;
        let end = match is_day_interval(&end_type) || is_month_interval(&end_type) {
            true => self.compute(start.clone(), Operator::Plus, end, scope)?,
            false => end,
        };
        Ok([start, end])
    }
}
