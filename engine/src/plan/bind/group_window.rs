//! The older windows: `GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)` with TUMBLE_START, TUMBLE_END, TUMBLE_ROWTIME and
//! TUMBLE_PROCTIME in the select list, and the same of HOP. They become a window function below the aggregation.

use std::sync::Arc;

use datafusion::common::{Column, TableReference};
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, Projection};
use datafusion::sql::sqlparser::ast::{self, Spanned};

use super::window_function::window_length;
use super::{Binder, Scope, unsupported};
use crate::error::{Error, Result};
use crate::operators::Window;
use crate::plan::catalog::at;
use crate::plan::nodes::{TimeAttribute, WINDOW_COLUMNS, WindowAssign};

/// Qualifier of the window's columns: no query can write it.
const QUALIFIER: &str = "$window";
/// A time that is no column of the input.
const TIME: &str = "$time";

/// The group window of a SELECT.
pub(super) struct GroupWindow {
    window: Window,
    attribute: TimeAttribute,
    time: Option<Expr>,
}

impl GroupWindow {
    /// Whether an expression of GROUP BY is a window.
    pub fn is_call(expression: &ast::Expr) -> bool {
        call_of(expression).is_some()
    }

    /// Adds the window's columns.
    pub fn assign(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        let qualifier = Some(TableReference::bare(QUALIFIER));
        let (input, time) = match &self.time {
            None | Some(Expr::Column(_)) => (input, self.time.clone()),
            // In batch mode a time may be computed: below the window.
            Some(computed) => (with_time(input, computed.clone())?, Some(column(TIME))),
        };
        let node = WindowAssign::new(input, self.window, self.attribute, time, qualifier)?;
        Ok(LogicalPlan::Extension(Extension { node: Arc::new(node) }))
    }

    /// The columns to group by.
    pub fn columns(&self) -> Vec<Expr> {
        WINDOW_COLUMNS.iter().map(|name| column(name)).collect()
    }
}

/// A column more: the time of a window.
fn with_time(input: LogicalPlan, time: Expr) -> Result<LogicalPlan> {
    let columns = input.schema().columns().into_iter().map(Expr::Column);
    let columns = columns.chain([time.alias_qualified(Some(QUALIFIER), TIME)]).collect();
    Ok(LogicalPlan::Projection(Projection::try_new(columns, Arc::new(input))?))
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::new(Some(TableReference::bare(QUALIFIER)), name))
}

fn call_of(expression: &ast::Expr) -> Option<(&ast::Function, String)> {
    match expression {
        ast::Expr::Function(call) => {
            let name = call.name.to_string().to_uppercase();
            matches!(name.as_str(), "TUMBLE" | "HOP" | "SESSION").then_some((call, name))
        }
        _ => None,
    }
}

impl Binder<'_> {
    /// The window among the expressions of GROUP BY.
    pub(super) fn group_window(&self, group_by: &[ast::Expr], input: &LogicalPlan) -> Result<Option<GroupWindow>> {
        let mut windows = group_by.iter().filter_map(call_of);
        let Some((call, name)) = windows.next() else { return Ok(None) };
        if let Some((second, _)) = windows.next() {
            return Err(unsupported("a second window in GROUP BY", second.span()));
        }
        if name == "SESSION" {
            return Err(unsupported("SESSION windows", call.span()));
        }
        self.parse_group_window(&name, call, input, &Scope::new(input.schema(), "in GROUP BY")).map(Some)
    }

    fn parse_group_window(
        &self,
        name: &str,
        call: &ast::Function,
        input: &LogicalPlan,
        scope: &Scope,
    ) -> Result<GroupWindow> {
        let arguments = arguments_of(call)?;
        let (window, time) = match (name, arguments.as_slice()) {
            ("TUMBLE", [time, size]) => (Window::Tumble { size: window_length(size, name)?, offset: 0 }, time),
            ("HOP", [time, slide, size]) => {
                (Window::Hop { slide: window_length(slide, name)?, size: window_length(size, name)?, offset: 0 }, time)
            }
            ("TUMBLE", _) => {
                return Err(at(Error::user("TUMBLE in GROUP BY wants a time attribute and a size"), call.span()));
            }
            _ => {
                return Err(at(Error::user("HOP in GROUP BY wants a time attribute, a slide and a size"), call.span()));
            }
        };
        window.check().map_err(|error| at(error, call.span()))?;
        let (time, attribute) = self.time_attribute(time, input, Some(scope))?;
        Ok(GroupWindow { window, attribute, time })
    }

    /// `TUMBLE_START(ts, INTERVAL '1' HOUR)` and the like; `None` for other calls.
    pub(super) fn group_window_property(
        &self,
        name: &str,
        call: &ast::Function,
        scope: &Scope,
    ) -> Result<Option<Expr>> {
        let Some((kind @ ("TUMBLE" | "HOP" | "SESSION"), property)) = name.split_once('_') else { return Ok(None) };
        let property = match property {
            "START" => 0,
            "END" => 1,
            "ROWTIME" | "PROCTIME" => 2,
            _ => return Ok(None),
        };
        let no_window = || {
            Error::user(format!("{name} refers to no window"))
                .hint(format!("put {kind}(…) with the same arguments into GROUP BY"))
        };
        let window = scope.window.ok_or_else(no_window)?;
        let same = match (window.window, arguments_of(call)?.as_slice()) {
            (Window::Tumble { size, .. }, [time, of]) if kind == "TUMBLE" => {
                size == window_length(of, kind)? && self.is_time_of(time, window, scope)?
            }
            (Window::Hop { size, slide, .. }, [time, by, of]) if kind == "HOP" => {
                slide == window_length(by, kind)?
                    && size == window_length(of, kind)?
                    && self.is_time_of(time, window, scope)?
            }
            _ => false,
        };
        if !same {
            return Err(no_window());
        }
        let processing = window.attribute == TimeAttribute::Processing;
        if name.ends_with("_ROWTIME") && processing || name.ends_with("_PROCTIME") && !processing {
            let other = if processing { "PROCTIME" } else { "ROWTIME" };
            return Err(Error::user(format!("{name} does not fit the window's time attribute"))
                .hint(format!("use {kind}_{other}")));
        }
        Ok(Some(column(WINDOW_COLUMNS[property])))
    }

    fn is_time_of(&self, time: &ast::Expr, window: &GroupWindow, scope: &Scope) -> Result<bool> {
        let bound = self.expression(time, &Scope { aggregates: false, window: None, ..*scope })?;
        Ok(window.time.as_ref().is_none_or(|time| *time == bound))
    }
}

fn arguments_of(call: &ast::Function) -> Result<Vec<ast::Expr>> {
    match &call.args {
        ast::FunctionArguments::List(list) => super::call::plain(&list.args),
        _ => Ok(vec![]),
    }
}
