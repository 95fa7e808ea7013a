//! Casts, explicit and implicit, and the check of NOT NULL.

use std::sync::Arc;

use datafusion::arrow::array::Array;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{
    BinaryExpr, Cast, ColumnarValue, Expr, ExprSchemable, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, TryCast, Volatility, lit,
};

use crate::error::{Error, Result};
use crate::functions::scalar::{FIT_BYTES, FIT_TIMESTAMP, flink_semantics};
use crate::types::{Limit, SqlType};

/// `expression` as a value of another type, with Flink's semantics; itself where it has the type.
pub fn cast(expression: Expr, to: &DataType, schema: &DFSchema) -> Result<Expr> {
    let from = expression.get_type(schema)?;
    if from == *to {
        return Ok(expression);
    }
    if let Expr::Literal(value, metadata) = &expression {
        if value.is_null() {
            return Ok(Expr::Literal(ScalarValue::try_from(to)?, metadata.clone()));
        }
        // Widening of numbers loses nothing, so it is done here: literals stay literals.
        if from.is_integer()
            && (to.is_integer() || to.is_floating() || matches!(to, DataType::Decimal128(..)))
            && let Ok(value) = value.cast_to(to)
            && !value.is_null()
        {
            return Ok(Expr::Literal(value, metadata.clone()));
        }
    }
    Ok(flink_semantics(Expr::Cast(Cast::new(Box::new(expression), to.clone())), schema)?)
}

/// `TRY_CAST`: NULL where the value cannot be cast.
pub fn try_cast(expression: Expr, to: &DataType, schema: &DFSchema) -> Result<Expr> {
    Ok(flink_semantics(Expr::TryCast(TryCast::new(Box::new(expression), to.clone())), schema)?)
}

/// What is cast to a TIME or TIMESTAMP without the digits that its precision has not: the Arrow type holds all of its unit.
pub fn cut_time(value: Expr, target: &SqlType) -> Expr {
    let Some(Limit::Digits(digits)) = target.limit else { return value };
    match &target.data_type {
        DataType::Time32(_) if digits < 3 => {
            let unit = 10_i32.pow(3 - digits);
            let cast = |value: Expr, to: DataType| Expr::Cast(Cast::new(Box::new(value), to));
            let computed = |left: Expr, operator: Operator| {
                Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(lit(unit))))
            };
            let units = computed(cast(value, DataType::Int32), Operator::Divide);
            cast(computed(units, Operator::Multiply), target.data_type.clone())
        }
        // A unit has 0, 3, 6 or 9 digits.
        DataType::Timestamp(..) if !digits.is_multiple_of(3) => {
            let step = 10_i32.pow(3 - digits % 3);
            FIT_TIMESTAMP.udf().call(vec![value, lit(step)])
        }
        _ => value,
    }
}

/// `BINARY(n)` and `VARBINARY(n)` cut longer bytes, and `BINARY(n)` fills shorter ones with zeros.
pub fn fit_bytes(value: Expr, target: &SqlType) -> Expr {
    let (least, most) = match target.limit {
        Some(Limit::Length(length)) => (length, length),
        Some(Limit::MaxLength(length)) => (0, length),
        _ => return value,
    };
    if target.data_type != DataType::Binary {
        return value;
    }
    FIT_BYTES.udf().call(vec![value, length_literal(least), length_literal(most)])
}

/// The length of a type as an argument.
pub fn length_literal(length: u32) -> Expr {
    lit(i32::try_from(length).unwrap_or(i32::MAX))
}

/// `expression`, which fails where it is NULL: what goes into a NOT NULL column.
pub fn not_null(expression: Expr, column: &str) -> Expr {
    let check = ScalarUDF::new_from_impl(NotNull {
        column: column.to_owned(),
        signature: Signature::any(1, Volatility::Immutable),
    });
    check.call(vec![expression])
}

/// Whether a function is the check that [`not_null`] makes: it passes its argument on.
pub fn is_not_null_check(function: &dyn ScalarUDFImpl) -> bool {
    function.downcast_ref::<NotNull>().is_some()
}

/// Passes its argument on and fails on a NULL.
#[derive(Debug, PartialEq, Eq, Hash)]
struct NotNull {
    column: String,
    signature: Signature,
}

impl ScalarUDFImpl for NotNull {
    fn name(&self) -> &str {
        "NOT_NULL"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> DataFusionResult<DataType> {
        types.first().cloned().ok_or_else(|| Error::bug("NOT_NULL without an argument").into())
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> DataFusionResult<FieldRef> {
        let field = arguments.arg_fields.first().ok_or_else(|| Error::bug("NOT_NULL without an argument"))?;
        Ok(Arc::new(field.as_ref().clone().with_nullable(false)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let value = arguments.args.into_iter().next().ok_or_else(|| Error::bug("NOT_NULL without an argument"))?;
        let has_null = match &value {
            ColumnarValue::Array(array) => array.null_count() > 0,
            ColumnarValue::Scalar(scalar) => scalar.is_null(),
        };
        if has_null {
            let message = format!("column '{}' is NOT NULL, but a NULL is being written into it", self.column);
            return Err(Error::user(message)
                .hint("filter the NULLs out, or give a value in their place with COALESCE")
                .into());
        }
        Ok(value)
    }
}
