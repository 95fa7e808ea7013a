//! Function calls: scalar functions, aggregates, and the forms that look like functions.

use datafusion::arrow::datatypes::FieldRef;
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction};
use datafusion::logical_expr::type_coercion::functions::fields_with_udf;
use datafusion::logical_expr::{Case, Expr, ExprSchemable, lit};
use datafusion::sql::sqlparser::ast::{self, Spanned};

use super::convert::cast;
use super::{Binder, Scope, refuse, unsupported};
use crate::error::{Error, Result};
use crate::functions::catalog::Function;
use crate::functions::scalar::{with_sequence, without_arguments};
use crate::functions::udaf::EngineAggregate;
use crate::plan::catalog::at;
use crate::types::sql_type;

impl Binder<'_> {
    pub(super) fn call(&self, call: &ast::Function, scope: &Scope) -> Result<Expr> {
        let span = call.span();
        let name = simple_name(&call.name)?;
        let upper = name.to_uppercase();
        refuse(call.over.is_some(), "OVER", span)?;
        refuse(!call.within_group.is_empty(), "WITHIN GROUP", span)?;
        refuse(call.null_treatment.is_some(), "IGNORE NULLS and RESPECT NULLS", span)?;
        refuse(call.uses_odbc_syntax, "{fn …}", span)?;
        refuse(!matches!(call.parameters, ast::FunctionArguments::None), "a function with parameters", span)?;
        if let Some(column) = self.group_window_property(&upper, call, scope)? {
            return Ok(column);
        }
        let list = match &call.args {
            ast::FunctionArguments::None => None,
            ast::FunctionArguments::Subquery(_) => return Err(unsupported("a subquery as an argument", span)),
            ast::FunctionArguments::List(list) => Some(list),
        };
        refuse(list.is_some_and(|list| !list.clauses.is_empty()), "a clause among the arguments", span)?;
        let distinct = match list.and_then(|list| list.duplicate_treatment) {
            Some(ast::DuplicateTreatment::Distinct) => true,
            Some(ast::DuplicateTreatment::All) | None => false,
        };
        let arguments = list.map_or(&[][..], |list| &list.args);
        match upper.as_str() {
            "ROW" => return self.row(&plain(arguments)?, scope),
            "ARRAY" => return self.array(&plain(arguments)?, scope),
            "MAP" => return self.map(&plain(arguments)?, scope),
            "TIMESTAMPADD" | "TIMESTAMPDIFF" => return self.timestamp_arithmetic(&upper, arguments, scope),
            _ => {}
        }
        let Some(entry) = self.context.functions.get(&name) else {
            let hint = super::suggestion(&self.context.functions.nearest(&name));
            return Err(Error::user(format!("function '{name}' is not known{hint}")));
        };
        match &entry.function {
            Function::Scalar(_) => {
                refuse(distinct, "DISTINCT in a scalar function", span)?;
                refuse(call.filter.is_some(), "FILTER on a scalar function", span)?;
                let arguments = plain(arguments)?;
                let arguments = arguments.iter().map(|it| self.expression(it, scope)).collect::<Result<Vec<_>>>()?;
                self.built_in(&name, arguments, scope)
            }
            Function::Aggregate(function) => {
                if !scope.aggregates {
                    return Err(Error::user(format!("the aggregate '{name}' cannot stand {}", scope.place)));
                }
                let inside = Scope { aggregates: false, aliases: &[], place: "in an aggregate", ..*scope };
                let star = matches!(arguments, [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard)]);
                if star && upper != "COUNT" {
                    return Err(Error::user(format!("{name}(*) is not defined: only COUNT(*) is")));
                }
                let arguments = if star { vec![] } else { plain(arguments)? };
                let mut bound = arguments.iter().map(|it| self.expression(it, &inside)).collect::<Result<Vec<_>>>()?;
                let types = bound.iter().map(|it| it.get_type(scope.schema)).collect::<Result<Vec<_>, _>>()?;
                let engine = EngineAggregate::of(function)
                    .ok_or_else(|| Error::bug(format!("the aggregate {name} is not one of the engine's")))?;
                let coerced = engine.resolver().coerce(&types)?;
                bound = bound
                    .into_iter()
                    .zip(&coerced)
                    .map(|(argument, to)| cast(argument, to, scope.schema))
                    .collect::<Result<_>>()?;
                let filter = call.filter.as_ref().map(|filter| self.condition(filter, &inside)).transpose()?;
                let call =
                    AggregateFunction::new_udf(function.clone(), bound, distinct, filter.map(Box::new), vec![], None);
                Ok(Expr::AggregateFunction(call))
            }
            Function::Table(_) => Err(Error::user(format!("'{name}' is a table function"))
                .hint(format!("call it in FROM: LATERAL TABLE({name}(…))"))),
        }
    }

    /// A scalar function by name, its arguments cast to what it takes.
    pub(super) fn built_in(&self, name: &str, arguments: Vec<Expr>, scope: &Scope) -> Result<Expr> {
        let function = self
            .context
            .functions
            .scalar(name)
            .ok_or_else(|| Error::user(format!("function '{name}' is not known")))?;
        let fields = arguments
            .iter()
            .map(|argument| Ok(argument.to_field(scope.schema)?.1))
            .collect::<Result<Vec<FieldRef>>>()?;
        let wanted = fields_with_udf(&fields, function.as_ref()).map_err(|error| match Error::from(error) {
            ours if ours.position().is_some() || !ours.message().contains("No function matches") => ours,
            _ => {
                let types = fields.iter().map(|field| sql_type(field.data_type())).collect::<Vec<_>>().join(", ");
                Error::user(format!("function '{name}' does not take ({types})"))
            }
        })?;
        let arguments = arguments
            .into_iter()
            .zip(wanted)
            .map(|(argument, field)| cast(argument, field.data_type(), scope.schema))
            .collect::<Result<Vec<_>>>()?;
        // Only the value that the condition chooses is computed, as in Flink.
        let is_built_in = self.context.functions.get(name).is_some_and(|entry| entry.built_in);
        if let (true, "IF", [condition, value, otherwise]) = (is_built_in, function.name(), arguments.as_slice()) {
            let [condition, value, otherwise] = [condition, value, otherwise].map(|it| Box::new(it.clone()));
            return Ok(Expr::Case(Case::new(None, vec![(condition, value)], Some(otherwise))));
        }
        // What reads the clock where it has no arguments is not to be folded when the query is planned; a literal seed
        // begins a sequence of this place's own.
        let varying = match arguments.as_slice() {
            [] => without_arguments(function),
            _ if is_built_in => with_sequence(function, &arguments),
            _ => None,
        };
        let function = varying.unwrap_or_else(|| function.clone());
        let call = Expr::ScalarFunction(ScalarFunction::new_udf(function, arguments));
        // A function that cannot say its type for these arguments says so now.
        call.to_field(scope.schema)?;
        Ok(call)
    }

    fn map(&self, items: &[ast::Expr], scope: &Scope) -> Result<Expr> {
        if items.is_empty() || !items.len().is_multiple_of(2) {
            return Err(Error::user("MAP wants keys and values in turn"));
        }
        let items = items.iter().map(|item| self.expression(item, scope)).collect::<Result<Vec<_>>>()?;
        self.built_in("MAP", items, scope)
    }

    /// `TIMESTAMPADD(unit, n, t)`, `TIMESTAMPDIFF(unit, a, b)`: the unit is a word, not a column.
    fn timestamp_arithmetic(&self, name: &str, arguments: &[ast::FunctionArg], scope: &Scope) -> Result<Expr> {
        let arguments = plain(arguments)?;
        let [unit, rest @ ..] = arguments.as_slice() else {
            return Err(Error::user(format!("{name} wants a unit and two values")));
        };
        let unit = match unit {
            ast::Expr::Identifier(unit) => unit.value.to_uppercase(),
            other => return Err(at(Error::user(format!("`{other}` is not a unit of time")), other.span())),
        };
        let mut bound = vec![lit(unit)];
        for argument in rest {
            bound.push(self.expression(argument, scope)?);
        }
        self.built_in(name, bound, scope)
    }
}

/// Arguments that are neither named nor `*`.
pub(super) fn plain(arguments: &[ast::FunctionArg]) -> Result<Vec<ast::Expr>> {
    arguments
        .iter()
        .map(|argument| match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expression)) => Ok(expression.clone()),
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard) => {
                Err(Error::user("* can only be the argument of COUNT"))
            }
            other => Err(unsupported(format_args!("the argument `{other}`"), other.span())),
        })
        .collect()
}

/// A function's name, which has one part.
pub(super) fn simple_name(name: &ast::ObjectName) -> Result<String> {
    match name.0.as_slice() {
        [ast::ObjectNamePart::Identifier(name)] => Ok(name.value.clone()),
        _ => crate::plan::catalog::simple_name(name),
    }
}
