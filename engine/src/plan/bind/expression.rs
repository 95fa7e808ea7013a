//! Expressions: names, literals, predicates, CASE, CAST, constructors and access to nested values.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, Span as PlanSpan, Spans};
use datafusion::functions::core::expr_fn::{get_field, named_struct};
use datafusion::functions_nested::expr_fn::{array_element, make_array};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::utils::disjunction;
use datafusion::logical_expr::{Between, Case, Expr, ExprSchemable, lit};
use datafusion::sql::sqlparser::ast::{self, Spanned};

use super::coercion::{common_type, comparison_type, is_castable};
use super::convert::{cast, cut_time, fit_bytes, length_literal, try_cast};
use super::like::escape;
use super::{Binder, Scope, did_you_mean, literal, refuse, unsupported};
use crate::error::{Error, Result};
use crate::functions::scalar::SIMILAR_TO;
use crate::plan::catalog::at;
use crate::types::{self, Limit, sql_type};

/// Functions that SQL calls without parentheses.
const WITHOUT_PARENTHESES: [&str; 6] =
    ["CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_ROW_TIMESTAMP"];

impl Binder<'_> {
    pub(super) fn expression(&self, expression: &ast::Expr, scope: &Scope) -> Result<Expr> {
        self.expression_here(expression, scope).map_err(|error| at(error, expression.span()))
    }

    /// An expression that must be BOOLEAN.
    pub(super) fn condition(&self, expression: &ast::Expr, scope: &Scope) -> Result<Expr> {
        let bound = self.expression(expression, scope)?;
        match bound.get_type(scope.schema)? {
            DataType::Boolean => Ok(bound),
            DataType::Null => cast(bound, &DataType::Boolean, scope.schema),
            other => {
                let message = format!("a condition must be BOOLEAN, and `{expression}` is {}", sql_type(&other));
                Err(at(Error::user(message), expression.span()))
            }
        }
    }

    fn expression_here(&self, expression: &ast::Expr, scope: &Scope) -> Result<Expr> {
        use ast::Expr as E;
        let span = expression.span();
        let unary = |inner: &ast::Expr, make: fn(Box<Expr>) -> Expr| Ok(make(Box::new(self.expression(inner, scope)?)));
        let truth = |inner: &ast::Expr, make: fn(Box<Expr>) -> Expr| Ok(make(Box::new(self.condition(inner, scope)?)));
        match expression {
            E::Identifier(name) => self.column(name, scope),
            E::CompoundIdentifier(names) => self.compound_column(names, scope),
            E::CompoundFieldAccess { root, access_chain } => {
                let root = self.expression(root, scope)?;
                access_chain.iter().try_fold(root, |value, access| self.access(value, access, scope))
            }
            E::Value(value) => Ok(Expr::Literal(literal::value(&value.value)?, None)),
            E::TypedString(typed) => Ok(Expr::Literal(literal::typed(&typed.data_type, &typed.value.value)?, None)),
            E::Interval(interval) => Ok(Expr::Literal(literal::interval(interval)?, None)),
            E::Nested(inner) => self.expression(inner, scope),
            E::IsNull(inner) => unary(inner, Expr::IsNull),
            E::IsNotNull(inner) => unary(inner, Expr::IsNotNull),
            E::IsTrue(inner) => truth(inner, Expr::IsTrue),
            E::IsNotTrue(inner) => truth(inner, Expr::IsNotTrue),
            E::IsFalse(inner) => truth(inner, Expr::IsFalse),
            E::IsNotFalse(inner) => truth(inner, Expr::IsNotFalse),
            E::IsUnknown(inner) => truth(inner, Expr::IsUnknown),
            E::IsNotUnknown(inner) => truth(inner, Expr::IsNotUnknown),
            E::IsDistinctFrom(left, right) => {
                self.comparison(left, datafusion::logical_expr::Operator::IsDistinctFrom, right, scope)
            }
            E::IsNotDistinctFrom(left, right) => {
                self.comparison(left, datafusion::logical_expr::Operator::IsNotDistinctFrom, right, scope)
            }
            E::BinaryOp { left, op, right } => self.binary(left, op, right, scope),
            E::UnaryOp { op, expr } => self.unary(op, expr, scope),
            E::InList { expr, list, negated } => self.in_list(expr, list, *negated, scope),
            E::Between { expr, negated, low, high } => {
                let parts = [expr, low, high].map(|part| self.expression(part, scope));
                let [value, low, high] = parts;
                let mut parts = self.alike(vec![value?, low?, high?], scope, comparison_type)?.into_iter();
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(value), Some(low), Some(high)) => {
                        Ok(Expr::Between(Between::new(Box::new(value), *negated, Box::new(low), Box::new(high))))
                    }
                    _ => Err(Error::bug("BETWEEN without three values")),
                }
            }
            E::Like { negated, any, expr, pattern, escape_char } => {
                refuse(*any, "LIKE ANY", span)?;
                let escape = escape(escape_char.as_ref())?;
                let (value, pattern) = (self.text(expr, scope)?, self.text(pattern, scope)?);
                self.like(*negated, value, pattern, escape)
            }
            E::SimilarTo { negated, expr, pattern, escape_char } => {
                let escape = escape(escape_char.as_ref())?.map_or(String::new(), String::from);
                let (value, pattern) = (self.text(expr, scope)?, self.text(pattern, scope)?);
                let similar = SIMILAR_TO.udf().call(vec![value, pattern, lit(escape)]);
                Ok(if *negated { Expr::Not(Box::new(similar)) } else { similar })
            }
            E::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), scope)
            }
            E::Cast { kind, expr, data_type, format, .. } => {
                refuse(format.is_some(), "CAST with a FORMAT", span)?;
                let target = types::from_ast(data_type)?;
                let value = self.expression(expr, scope)?;
                let from = value.get_type(scope.schema)?;
                if !is_castable(&from, &target.data_type) {
                    let message = format!("{} cannot be cast to {}", sql_type(&from), target.text);
                    return Err(Error::user(message));
                }
                let value = match kind {
                    ast::CastKind::Cast => cast(value, &target.data_type, scope.schema)?,
                    ast::CastKind::TryCast => try_cast(value, &target.data_type, scope.schema)?,
                    other => return Err(unsupported(format_args!("{other:?}"), span)),
                };
                self.limit_length(fit_bytes(cut_time(value, &target), &target), &target)
            }
            E::Function(function) => self.call(function, scope),
            E::Extract { field, expr, .. } => {
                let value = self.expression(expr, scope)?;
                self.built_in("EXTRACT", vec![lit(field.to_string().to_uppercase()), value], scope)
            }
            E::Ceil { expr, field } => self.rounded("CEIL", expr, field, scope),
            E::Floor { expr, field } => self.rounded("FLOOR", expr, field, scope),
            E::Position { expr, r#in } => {
                let arguments = vec![self.expression(expr, scope)?, self.expression(r#in, scope)?];
                self.built_in("POSITION", arguments, scope)
            }
            E::Substring { expr, substring_from, substring_for, .. } => {
                let mut arguments = vec![self.expression(expr, scope)?];
                for part in [substring_from, substring_for].into_iter().flatten() {
                    arguments.push(self.expression(part, scope)?);
                }
                self.built_in("SUBSTRING", arguments, scope)
            }
            E::Trim { expr, trim_where, trim_what, trim_characters } => {
                refuse(trim_characters.is_some(), "TRIM with a list of characters", span)?;
                let name = match trim_where {
                    None | Some(ast::TrimWhereField::Both) => "TRIM",
                    Some(ast::TrimWhereField::Leading) => "LTRIM",
                    Some(ast::TrimWhereField::Trailing) => "RTRIM",
                };
                let mut arguments = vec![self.expression(expr, scope)?];
                if let Some(what) = trim_what {
                    arguments.push(self.expression(what, scope)?);
                }
                self.built_in(name, arguments, scope)
            }
            E::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                let mut arguments = vec![];
                for part in
                    [Some(expr), Some(overlay_what), Some(overlay_from), overlay_for.as_ref()].into_iter().flatten()
                {
                    arguments.push(self.expression(part, scope)?);
                }
                self.built_in("OVERLAY", arguments, scope)
            }
            E::Array(array) => self.array(&array.elem, scope),
            E::Tuple(values) => self.row(values, scope),
            E::Subquery(_) | E::Exists { .. } | E::InSubquery { .. } => {
                Err(unsupported("a subquery in an expression", span))
            }
            E::GroupingSets(_) | E::Cube(_) | E::Rollup(_) => Err(unsupported("GROUPING SETS, CUBE and ROLLUP", span)),
            other => Err(unsupported(format_args!("`{other}`"), span)),
        }
    }

    fn column(&self, name: &ast::Ident, scope: &Scope) -> Result<Expr> {
        match self.find(None, name, scope)? {
            Some(column) => Ok(column),
            None if name.quote_style.is_none() && WITHOUT_PARENTHESES.contains(&name.value.to_uppercase().as_str()) => {
                self.built_in(&name.value.to_uppercase(), vec![], scope)
            }
            None => Err(self.unknown_column(&name.value, scope)),
        }
    }

    /// `t.a`, `a.field`, `t.a.field`.
    fn compound_column(&self, names: &[ast::Ident], scope: &Scope) -> Result<Expr> {
        let [first, second, rest @ ..] = names else {
            return Err(Error::bug("a compound name of one part"));
        };
        let (value, fields) = match self.find(Some(&first.value), second, scope)? {
            Some(column) => (column, rest),
            None => match self.find(None, first, scope)? {
                Some(column) => (column, &names[1..]),
                None if scope
                    .schema
                    .iter()
                    .any(|(qualifier, _)| qualifier.is_some_and(|it| it.table() == first.value)) =>
                {
                    let known = scope
                        .schema
                        .iter()
                        .filter(|(qualifier, _)| qualifier.is_some_and(|it| it.table() == first.value));
                    let known = known.map(|(_, field)| field.name().as_str());
                    let nearest = did_you_mean(&second.value, known);
                    return Err(Error::user(format!("column '{}' is not in '{}'{nearest}", second.value, first.value)));
                }
                None => return Err(Error::user(format!("table '{}' is not in FROM", first.value))),
            },
        };
        fields.iter().try_fold(value, |value, field| self.field(value, &field.value, scope))
    }

    /// The column of this name, of that relation where one is given.
    fn find(&self, qualifier: Option<&str>, name: &ast::Ident, scope: &Scope) -> Result<Option<Expr>> {
        if qualifier.is_none()
            && let Some((_, expression)) = scope.aliases.iter().find(|(alias, _)| *alias == name.value)
        {
            return Ok(Some(expression.clone()));
        }
        let mut found = scope.schema.iter().filter(|(relation, field)| {
            *field.name() == name.value
                && match qualifier {
                    Some(qualifier) => relation.is_some_and(|relation| relation.table() == qualifier),
                    None => relation.is_none_or(|relation| !relation.table().starts_with("$window")),
                }
        });
        let Some((relation, field)) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(at(Error::user(format!("column '{}' is ambiguous", name.value)), name.span)
                .hint("put the table's name or alias in front"));
        }
        let mut column = Column::new(relation.cloned(), field.name());
        if let Some(span) = PlanSpan::try_from_sqlparser_span(name.span) {
            column.spans = Spans(vec![span]);
        }
        Ok(Some(Expr::Column(column)))
    }

    fn unknown_column(&self, name: &str, scope: &Scope) -> Error {
        let columns = scope.schema.fields().iter().map(|field| field.name().as_str());
        let known = columns.chain(scope.aliases.iter().map(|(alias, _)| alias.as_str()));
        Error::user(format!("column '{name}' is not known{}", did_you_mean(name, known)))
    }

    fn access(&self, value: Expr, access: &ast::AccessExpr, scope: &Scope) -> Result<Expr> {
        match access {
            ast::AccessExpr::Dot(ast::Expr::Identifier(field)) => self.field(value, &field.value, scope),
            ast::AccessExpr::Subscript(ast::Subscript::Index { index }) => {
                let bound = self.expression(index, scope)?;
                match value.get_type(scope.schema)? {
                    DataType::List(_) => Ok(array_element(value, cast(bound, &DataType::Int64, scope.schema)?)),
                    DataType::Map(entries, _) => {
                        let key = match entries.data_type() {
                            DataType::Struct(fields) if fields.len() == 2 => fields[0].data_type().clone(),
                            _ => return Err(Error::bug("a MAP without keys")),
                        };
                        let found =
                            datafusion::functions_nested::expr_fn::map_extract(value, cast(bound, &key, scope.schema)?);
                        Ok(array_element(found, lit(1i64)))
                    }
                    other => Err(Error::user(format!("{} has no elements", sql_type(&other)))),
                }
            }
            ast::AccessExpr::Dot(other) => Err(unsupported(format_args!("`.{other}`"), other.span())),
            ast::AccessExpr::Subscript(other) => Err(Error::user(format!("[{other}] is not supported"))),
        }
    }

    /// A field of a ROW.
    fn field(&self, value: Expr, name: &str, scope: &Scope) -> Result<Expr> {
        match value.get_type(scope.schema)? {
            DataType::Struct(fields) if fields.iter().any(|field| field.name() == name) => Ok(get_field(value, name)),
            DataType::Struct(fields) => {
                let known = fields.iter().map(|field| field.name().as_str());
                Err(Error::user(format!("the ROW has no field '{name}'{}", did_you_mean(name, known))))
            }
            other => Err(Error::user(format!("{} has no field '{name}'", sql_type(&other)))),
        }
    }

    fn in_list(&self, value: &ast::Expr, list: &[ast::Expr], negated: bool, scope: &Scope) -> Result<Expr> {
        let mut parts = vec![self.expression(value, scope)?];
        for item in list {
            parts.push(self.expression(item, scope)?);
        }
        let mut parts = self.alike(parts, scope, comparison_type)?.into_iter();
        let value = parts.next().ok_or_else(|| Error::bug("IN without a value"))?;
        // DataFusion takes some expressions for constants that are none: only literals stay a list.
        let (literals, others): (Vec<_>, Vec<_>) = parts.partition(|item| matches!(item, Expr::Literal(..)));
        let mut tests: Vec<Expr> = vec![];
        if !literals.is_empty() {
            tests.push(Expr::InList(InList::new(Box::new(value.clone()), literals, false)));
        }
        tests.extend(others.into_iter().map(|item| value.clone().eq(item)));
        let found = disjunction(tests).ok_or_else(|| Error::bug("IN nothing"))?;
        Ok(if negated { Expr::Not(Box::new(found)) } else { found })
    }

    fn case(
        &self,
        operand: Option<&ast::Expr>,
        conditions: &[ast::CaseWhen],
        otherwise: Option<&ast::Expr>,
        scope: &Scope,
    ) -> Result<Expr> {
        let mut results = Vec::with_capacity(conditions.len() + 1);
        let mut tests = Vec::with_capacity(conditions.len());
        for when in conditions {
            tests.push(match operand {
                Some(operand) => {
                    self.comparison(operand, datafusion::logical_expr::Operator::Eq, &when.condition, scope)?
                }
                None => self.condition(&when.condition, scope)?,
            });
            results.push(self.expression(&when.result, scope)?);
        }
        if let Some(otherwise) = otherwise {
            results.push(self.expression(otherwise, scope)?);
        }
        let mut results = self.alike(results, scope, common_type)?;
        let otherwise = otherwise.and_then(|_| results.pop()).map(Box::new);
        let whens = tests.into_iter().map(Box::new).zip(results.into_iter().map(Box::new)).collect();
        Ok(Expr::Case(Case::new(None, whens, otherwise)))
    }

    /// All values in their common type.
    pub(super) fn alike(
        &self,
        values: Vec<Expr>,
        scope: &Scope,
        common: fn(&DataType, &DataType) -> Option<DataType>,
    ) -> Result<Vec<Expr>> {
        let types = values.iter().map(|value| value.get_type(scope.schema)).collect::<Result<Vec<_>, _>>()?;
        let target = types.iter().skip(1).try_fold(types.first().cloned().unwrap_or(DataType::Null), |all, one| {
            common(&all, one).ok_or_else(|| {
                Error::user(format!("{} and {} have no common type", sql_type(&all), sql_type(one))).hint("use CAST")
            })
        })?;
        values.into_iter().map(|value| cast(value, &target, scope.schema)).collect()
    }

    /// An expression that must be a text.
    pub(super) fn text(&self, expression: &ast::Expr, scope: &Scope) -> Result<Expr> {
        let bound = self.expression(expression, scope)?;
        match bound.get_type(scope.schema)? {
            DataType::Utf8 | DataType::Null => cast(bound, &DataType::Utf8, scope.schema),
            other => Err(at(
                Error::user(format!("`{expression}` must be a text, and is {}", sql_type(&other))),
                expression.span(),
            )),
        }
    }

    fn rounded(&self, name: &str, value: &ast::Expr, to: &ast::CeilFloorKind, scope: &Scope) -> Result<Expr> {
        let mut arguments = vec![self.expression(value, scope)?];
        match to {
            ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) => {}
            ast::CeilFloorKind::DateTimeField(unit) => arguments.push(lit(unit.to_string().to_uppercase())),
            ast::CeilFloorKind::Scale(_) => return Err(unsupported(format_args!("{name} with a scale"), value.span())),
        }
        self.built_in(name, arguments, scope)
    }

    pub(super) fn array(&self, items: &[ast::Expr], scope: &Scope) -> Result<Expr> {
        let items = items.iter().map(|item| self.expression(item, scope)).collect::<Result<Vec<_>>>()?;
        if items.is_empty() {
            return Err(Error::user("ARRAY[] needs an element: its type would not be known"));
        }
        Ok(make_array(self.alike(items, scope, common_type)?))
    }

    pub(super) fn row(&self, values: &[ast::Expr], scope: &Scope) -> Result<Expr> {
        let mut parts = Vec::with_capacity(values.len() * 2);
        for (index, value) in values.iter().enumerate() {
            parts.push(lit(format!("EXPR${index}")));
            parts.push(self.expression(value, scope)?);
        }
        Ok(named_struct(parts))
    }

    /// `CHAR(n)` and `VARCHAR(n)` cut longer texts, and `CHAR(n)` pads shorter ones.
    fn limit_length(&self, value: Expr, target: &types::SqlType) -> Result<Expr> {
        let (function, length) = match target.limit {
            Some(Limit::Length(length)) => ("RPAD", length),
            Some(Limit::MaxLength(length)) => ("LEFT", length),
            _ => return Ok(value),
        };
        if target.data_type != DataType::Utf8 {
            return Ok(value);
        }
        let length = length_literal(length);
        match self.context.functions.built_in_scalar(function) {
            Some(udf) if function == "RPAD" => Ok(udf.call(vec![value, length, lit(" ")])),
            Some(udf) => Ok(udf.call(vec![value, length])),
            None => Ok(value),
        }
    }
}
