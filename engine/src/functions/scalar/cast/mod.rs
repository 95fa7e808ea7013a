//! CAST and TRY_CAST with Flink's semantics, where Arrow's cast differs: texts of booleans, floats, timestamps and nested
//! values; parsing; integers that wrap; decimals that round half up and are NULL where they do not fit; the session zone
//! between TIMESTAMP, TIMESTAMP_LTZ and texts.

mod nested;
mod number;
mod parse;
mod text;
mod time;

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::common::config::ConfigOptions;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};

pub(super) use parse::{date as parse_date, float as java_float, timestamp as parse_timestamp};
pub(super) use text::TextWriter;
pub(super) use time::{Zone, column, fit_local, from_local, ticks_per_second, to_local_parts};

use super::session_zone;
use crate::error::{Error, Result};
use crate::types::sql_type;

/// Whether a cast between these types means in Flink what DataFusion's cast does not do.
pub fn needs_flink_cast(from: &DataType, to: &DataType) -> bool {
    use DataType::{Binary, Boolean, Date32, Decimal128, Null, Time32, Timestamp, Utf8};
    if from == to {
        return false;
    }
    let integer = DataType::is_signed_integer;
    match (from, to) {
        (Null, _) => false,
        (Utf8, Binary) => false,
        (Decimal128(..), Utf8) => false,
        (from, Utf8) if integer(from) => false,
        (_, Utf8) => true,
        (Utf8, Boolean | Date32 | Time32(_) | Timestamp(..) | Decimal128(..)) => true,
        (Utf8, number) if number.is_numeric() => true,
        (from, to) if integer(from) && integer(to) => to.primitive_width() < from.primitive_width(),
        (from, to) if (from.is_floating() || matches!(from, Decimal128(..))) && integer(to) => true,
        (from, Decimal128(..)) if from.is_numeric() || *from == Boolean => true,
        (from, Boolean) if from.is_numeric() => true,
        (Timestamp(..), Timestamp(..) | Date32 | Time32(_)) => true,
        (Date32 | Time32(_), Timestamp(..)) => true,
        (from, to) => nested::is_nested(from, to),
    }
}

/// Casts values; `zone` is the session's.
///
/// # Errors
/// User errors that name the value, unless `is_try`: then it is NULL.
pub fn cast_array(array: &ArrayRef, to: &DataType, is_try: bool, zone: &str) -> Result<ArrayRef> {
    use DataType::{Boolean, Date32, Decimal128, Time32, Timestamp, Utf8};
    let from = array.data_type();
    if from == to {
        return Ok(array.clone());
    }
    if !needs_flink_cast(from, to) {
        let options = compute::CastOptions { safe: is_try, ..Default::default() };
        return compute::cast_with_options(array, to, &options)
            .map_err(|error| Error::user(format!("cannot cast {} to {}: {error}", sql_type(from), sql_type(to))));
    }
    match (from, to) {
        (_, Utf8) => text::to_text(array, &Zone::parse(zone)?),
        (Utf8, _) => parse::from_text(array.as_string::<i32>(), to, is_try, &Zone::parse(zone)?),
        (Timestamp(..) | Date32 | Time32(_), Timestamp(..) | Date32 | Time32(_)) => {
            time::convert(array, to, &Zone::parse(zone)?)
        }
        (from, to) if nested::is_nested(from, to) => nested::cast_nested(array, to, is_try, zone),
        (_, Decimal128(..)) => number::to_decimal(array, to),
        (_, Boolean) => number::to_boolean(array),
        _ => number::to_integer(array, to),
    }
}

/// The function `CAST` of a type, in plans.
pub(super) fn cast_udf(to: DataType, is_try: bool) -> ScalarUDF {
    ScalarUDF::new_from_impl(FlinkCast { to, is_try, signature: Signature::any(1, Volatility::Immutable) })
}

/// The type that a function casts to, where it is a cast.
pub fn cast_target(function: &dyn ScalarUDFImpl) -> Option<&DataType> {
    function.downcast_ref::<FlinkCast>().map(|cast| &cast.to)
}

/// An expression over `input` cast to a type with Flink's semantics; itself where it has the type.
///
/// # Errors
/// Those of the expression's type.
pub fn physical_cast(
    expression: Arc<dyn PhysicalExpr>,
    to: &DataType,
    input: &SchemaRef,
    time_zone: &str,
) -> Result<Arc<dyn PhysicalExpr>> {
    let from = expression.data_type(input)?;
    if from == *to {
        return Ok(expression);
    }
    if !needs_flink_cast(&from, to) {
        return Ok(datafusion::physical_expr::expressions::cast(expression, input, to.clone())?);
    }
    let mut config = ConfigOptions::default();
    config.execution.time_zone = Some(time_zone.to_owned());
    let cast = Arc::new(cast_udf(to.clone(), false));
    Ok(Arc::new(ScalarFunctionExpr::try_new(cast, vec![expression], input, Arc::new(config))?))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct FlinkCast {
    to: DataType,
    is_try: bool,
    signature: Signature,
}

impl ScalarUDFImpl for FlinkCast {
    fn name(&self) -> &str {
        if self.is_try { "TRY_CAST" } else { "CAST" }
    }

    fn display_name(&self, arguments: &[datafusion::logical_expr::Expr]) -> DataFusionResult<String> {
        let argument = arguments.first().map_or_else(String::new, ToString::to_string);
        Ok(format!("{}({argument} AS {})", self.name(), sql_type(&self.to)))
    }

    fn schema_name(&self, arguments: &[datafusion::logical_expr::Expr]) -> DataFusionResult<String> {
        let argument = arguments.first().map_or_else(String::new, |it| it.schema_name().to_string());
        Ok(format!("{}({argument} AS {})", self.name(), sql_type(&self.to)))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.to.clone())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let zone = session_zone(&arguments.config_options);
        match arguments.args.first() {
            Some(ColumnarValue::Array(array)) => {
                Ok(ColumnarValue::Array(cast_array(array, &self.to, self.is_try, zone)?))
            }
            Some(ColumnarValue::Scalar(value)) => {
                let cast = cast_array(&value.to_array()?, &self.to, self.is_try, zone)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&cast, 0)?))
            }
            None => Err(Error::bug("CAST without a value").into()),
        }
    }
}
