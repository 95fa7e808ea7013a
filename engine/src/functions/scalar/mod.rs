//! Built-in scalar functions, with Flink's names and semantics.
//!
//! A function is a [`Definition`] in the file of its family: signature, doc, example, code. To add one, write its
//! definition and list it in that file's `DEFINITIONS`.

mod arithmetic;
mod array;
mod cast;
mod collection;
mod conditional;
mod decimal;
mod division;
mod fit;
mod function;
mod hash;
mod java_pattern;
mod json;
mod json_text;
mod map;
mod matcher;
mod parameters;
mod pattern;
mod random;
mod rounding;
mod similar;
mod system;
mod text;
mod text_position;
mod time_arithmetic;
mod time_checks;
mod time_format;
mod time_names;
mod time_parts;
mod time_pattern;
mod time_simple_pattern;
mod url;

use datafusion::common::ExprSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, ExprSchemable, TryCast};

pub use cast::{cast_array, cast_target, needs_flink_cast, physical_cast};
pub use fit::{FIT_BYTES, FIT_TIMESTAMP};
pub use function::{Definition, Family, without_arguments};
pub use random::with_sequence;
pub use similar::SIMILAR_TO;
pub(in crate::functions) use text::LONGEST;

/// All definitions, for the function catalog and for the reference page.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    [
        arithmetic::DEFINITIONS,
        rounding::DEFINITIONS,
        text::DEFINITIONS,
        text_position::DEFINITIONS,
        pattern::DEFINITIONS,
        time_parts::DEFINITIONS,
        time_format::DEFINITIONS,
        time_arithmetic::DEFINITIONS,
        conditional::DEFINITIONS,
        collection::DEFINITIONS,
        array::DEFINITIONS,
        map::DEFINITIONS,
        url::DEFINITIONS,
        json::DEFINITIONS,
        hash::DEFINITIONS,
        random::DEFINITIONS,
        system::DEFINITIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Gives one expression node Flink's semantics where DataFusion's differ: casts, decimal arithmetic. To be applied
/// bottom-up over every expression before DataFusion's type coercion; `schema` is that of the node's input.
pub fn flink_semantics(expression: Expr, schema: &dyn ExprSchema) -> DataFusionResult<Expr> {
    match expression {
        Expr::Cast(Cast { expr, field }) => {
            let from = expr.get_type(schema)?;
            if from == *field.data_type() || !needs_flink_cast(&from, field.data_type()) {
                return Ok(Expr::Cast(Cast { expr, field }));
            }
            Ok(cast::cast_udf(field.data_type().clone(), false).call(vec![*expr]))
        }
        Expr::TryCast(TryCast { expr, field }) => {
            let from = expr.get_type(schema)?;
            if from == *field.data_type() || !needs_flink_cast(&from, field.data_type()) {
                return Ok(Expr::TryCast(TryCast { expr, field }));
            }
            Ok(cast::cast_udf(field.data_type().clone(), true).call(vec![*expr]))
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let (left_type, right_type) = (left.get_type(schema)?, right.get_type(schema)?);
            let ours = decimal::operator(op, &left_type, &right_type)
                .or_else(|| division::operator(op, &left_type, &right_type));
            match ours {
                Some(function) => Ok(function.call(vec![*left, *right])),
                None => Ok(Expr::BinaryExpr(BinaryExpr { left, op, right })),
            }
        }
        other => Ok(other),
    }
}

/// The session's time zone, as the planner handed it to DataFusion.
pub fn session_zone(config: &ConfigOptions) -> &str {
    config.execution.time_zone.as_deref().unwrap_or("UTC")
}

/// The result type of a function that always gives the same type.
macro_rules! returns {
    ($data_type:expr) => {
        |_| Some($data_type)
    };
}
use returns;

#[cfg(test)]
mod tests;
