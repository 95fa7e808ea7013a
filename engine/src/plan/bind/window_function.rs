//! The window table-valued functions: `TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR))`.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan};
use datafusion::sql::sqlparser::ast::{self, Spanned};

use super::{Binder, Scope, literal, unsupported};
use crate::error::{Error, Result};
use crate::operators::Window;
use crate::plan::catalog::at;
use crate::plan::derive::time_attributes;
use crate::plan::nodes::{TimeAttribute, WindowAssign};

/// The window functions there are, with the names of their arguments in order.
const FUNCTIONS: [(&str, &[&str]); 2] =
    [("TUMBLE", &["DATA", "TIMECOL", "SIZE", "OFFSET"]), ("HOP", &["DATA", "TIMECOL", "SLIDE", "SIZE", "OFFSET"])];

impl Binder<'_> {
    /// Whether a call in FROM is a window function.
    pub(super) fn is_window_function(name: &str) -> bool {
        let upper = name.to_uppercase();
        FUNCTIONS.iter().any(|(known, _)| *known == upper) || matches!(upper.as_str(), "CUMULATE" | "SESSION")
    }

    pub(super) fn window_function(&mut self, name: &str, call: &ast::Function) -> Result<LogicalPlan> {
        let upper = name.to_uppercase();
        let span = call.span();
        let Some((_, names)) = FUNCTIONS.iter().find(|(known, _)| *known == upper) else {
            return Err(unsupported(format_args!("the window function {upper}"), span));
        };
        let ast::FunctionArguments::List(list) = &call.args else {
            return Err(at(Error::user(format!("{upper} wants a table, a DESCRIPTOR and intervals")), span));
        };
        let mut slots: Vec<Option<&ast::Expr>> = vec![None; names.len()];
        for (index, argument) in list.args.iter().enumerate() {
            let (slot, value) = match argument {
                ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(value)) => (Some(index), value),
                ast::FunctionArg::Named { name, arg: ast::FunctionArgExpr::Expr(value), .. } => {
                    let slot = names.iter().position(|known| known.eq_ignore_ascii_case(&name.value));
                    if slot.is_none() {
                        let message = format!("{upper} has no argument '{}'", name.value);
                        return Err(
                            at(Error::user(message), name.span).hint(format!("its arguments are {}", names.join(", ")))
                        );
                    }
                    (slot, value)
                }
                other => return Err(unsupported(format_args!("the argument `{other}`"), other.span())),
            };
            match slot.and_then(|slot| slots.get_mut(slot)) {
                Some(slot) => *slot = Some(value),
                None => {
                    return Err(at(
                        Error::user(format!("{upper} has at most {} arguments", names.len())),
                        value.span(),
                    ));
                }
            }
        }
        let required = |slot: usize| {
            slots[slot].ok_or_else(|| at(Error::user(format!("{upper} lacks its argument {}", names[slot])), span))
        };
        let data = required(0)?;
        let input = self.table_argument(data)?;
        let time = required(1)?;
        let (time, attribute) = self.time_column(time, &input)?;
        let length = |slot: usize| window_length(required(slot)?, &upper);
        let offset = |slot: usize| slots[slot].map_or(Ok(0), |value| window_interval(value, &upper));
        let window = match upper.as_str() {
            "TUMBLE" => Window::Tumble { size: length(2)?, offset: offset(3)? },
            _ => {
                let (slide, size) = (length(2)?, length(3)?);
                hop(size, slide, offset(4)?).map_err(|error| at(error, span))?
            }
        };
        window.check().map_err(|error| at(error, span))?;
        let node = WindowAssign::new(input, window, attribute, time, None)?;
        Ok(LogicalPlan::Extension(Extension { node: std::sync::Arc::new(node) }))
    }

    /// `TABLE t` or a query in parentheses.
    fn table_argument(&mut self, argument: &ast::Expr) -> Result<LogicalPlan> {
        let name = match argument {
            ast::Expr::Prefixed { prefix, value } if prefix.value.eq_ignore_ascii_case("TABLE") => match value.as_ref()
            {
                ast::Expr::Identifier(name) => vec![name.clone()],
                ast::Expr::CompoundIdentifier(names) => names.clone(),
                ast::Expr::Subquery(query) => return self.query(query),
                other => return Err(unsupported(format_args!("TABLE {other}"), other.span())),
            },
            ast::Expr::Subquery(query) => return self.query(query),
            other => {
                return Err(at(Error::user(format!("`{other}` is no table")), other.span()).hint("write TABLE t"));
            }
        };
        let plan = self.table(&ast::ObjectName::from(name))?;
        // Without qualifiers: the columns belong to the window function's own alias.
        let columns = plan.schema().columns().into_iter().map(|column| {
            let name = column.name.clone();
            Expr::Column(column).alias(name)
        });
        let columns = columns.collect();
        Ok(LogicalPlan::Projection(datafusion::logical_expr::Projection::try_new(columns, std::sync::Arc::new(plan))?))
    }

    /// `DESCRIPTOR(ts)`.
    fn time_column(&self, argument: &ast::Expr, input: &LogicalPlan) -> Result<(Option<Expr>, TimeAttribute)> {
        let column = match argument {
            ast::Expr::Function(call) if call.name.to_string().eq_ignore_ascii_case("DESCRIPTOR") => match &call.args {
                ast::FunctionArguments::List(list) => match super::call::plain(&list.args)?.as_slice() {
                    [column] => Some(column.clone()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        let column = column.ok_or_else(|| {
            at(Error::user(format!("`{argument}` is no time column")), argument.span()).hint("write DESCRIPTOR(column)")
        })?;
        self.time_attribute(&column, input, None)
    }

    /// A column that must be a time attribute of `input`. The expression is `None` for processing time.
    pub(super) fn time_attribute(
        &self,
        column: &ast::Expr,
        input: &LogicalPlan,
        qualified: Option<&Scope>,
    ) -> Result<(Option<Expr>, TimeAttribute)> {
        let scope = Scope::new(input.schema(), "in a window");
        let bound = self.expression(column, qualified.unwrap_or(&scope))?;
        if is_processing_time(&bound) {
            return Ok((None, TimeAttribute::Processing));
        }
        let attribute = match &bound {
            Expr::Column(name) => {
                input.schema().maybe_index_of_column(name).map(|index| time_attributes(input).map(|all| all[index]))
            }
            _ => None,
        };
        let attribute = attribute.transpose()?.flatten();
        match attribute {
            Some(TimeAttribute::Processing) => Ok((None, TimeAttribute::Processing)),
            Some(attribute) => Ok((Some(bound), attribute)),
            // In batch mode any timestamp will do: there is no watermark to wait for.
            None if !self.context.streaming => match super::super::derive::timestamp_attribute(&bound, input.schema())?
            {
                Some(attribute) => Ok((Some(bound), attribute)),
                None => Err(not_a_time_attribute(column)),
            },
            None => Err(not_a_time_attribute(column)),
        }
    }
}

fn not_a_time_attribute(column: &ast::Expr) -> Error {
    at(Error::user(format!("a window wants a time attribute, and '{column}' is none")), column.span())
        .hint("declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()")
}

/// PROCTIME() itself.
pub(in crate::plan) fn is_processing_time(expression: &Expr) -> bool {
    matches!(expression, Expr::ScalarFunction(call) if call.name().eq_ignore_ascii_case("PROCTIME"))
}

/// HOP's lengths must fit each other.
fn hop(size: i64, slide: i64, offset: i64) -> Result<Window> {
    if size % slide != 0 {
        return Err(Error::user(format!("the size of HOP, {size} ms, must be a multiple of its slide, {slide} ms")));
    }
    Ok(Window::Hop { size, slide, offset })
}

/// A positive interval in milliseconds.
pub(super) fn window_length(argument: &ast::Expr, function: &str) -> Result<i64> {
    match window_interval(argument, function)? {
        length if length > 0 => Ok(length),
        length => Err(at(
            Error::user(format!("a length of {function} must be positive, and is {length} ms")),
            argument.span(),
        )),
    }
}

/// An interval of days to seconds, in milliseconds.
fn window_interval(argument: &ast::Expr, function: &str) -> Result<i64> {
    let value = match argument {
        ast::Expr::Interval(interval) => literal::interval(interval).map_err(|error| at(error, argument.span()))?,
        other => {
            return Err(at(Error::user(format!("{function} wants an INTERVAL literal, not `{other}`")), other.span()));
        }
    };
    match value {
        ScalarValue::DurationMillisecond(Some(milliseconds)) => Ok(milliseconds),
        _ => Err(at(Error::user(format!("{function} wants an interval of days to seconds")), argument.span())),
    }
}
