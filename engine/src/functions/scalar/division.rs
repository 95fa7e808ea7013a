//! Division and remainder of integers: those of Java, where the least number by -1 is itself again and only a divisor of
//! 0 fails.

use std::sync::Arc;

use datafusion::arrow::array::types::{Int8Type, Int16Type, Int32Type, Int64Type};
use datafusion::arrow::array::{ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray};
use datafusion::arrow::compute::kernels::arity::{try_binary, unary};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;
use datafusion::common::ScalarValue;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::error::Error;

/// The function that computes `/` or `%` of two integers of one type.
pub fn operator(operator: Operator, left: &DataType, right: &DataType) -> Option<ScalarUDF> {
    let divides = matches!(operator, Operator::Divide | Operator::Modulo);
    (divides && left == right && left.is_signed_integer()).then(|| {
        let signature = Signature::any(2, Volatility::Immutable);
        ScalarUDF::new_from_impl(IntegerDivision { operator, data_type: left.clone(), signature })
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct IntegerDivision {
    operator: Operator,
    data_type: DataType,
    signature: Signature,
}

impl IntegerDivision {
    fn compute<T: ArrowPrimitiveType>(&self, left: &ArrayRef, right: &ArrayRef) -> DataFusionResult<ArrayRef> {
        let compute = match self.operator {
            Operator::Divide => T::Native::div_wrapping,
            _ => T::Native::mod_wrapping,
        };
        let checked = |left: T::Native, right: T::Native| match right.is_zero() {
            true => Err(ArrowError::DivideByZero),
            false => Ok(compute(left, right)),
        };
        Ok(Arc::new(try_binary::<_, _, _, T>(left.as_primitive::<T>(), right.as_primitive::<T>(), checked)?))
    }

    /// By one divisor, which is not 0.
    fn compute_by<T: ArrowPrimitiveType>(&self, left: &ArrayRef, divisor: T::Native) -> ArrayRef {
        match self.operator {
            Operator::Divide => Arc::new(unary::<T, _, T>(left.as_primitive(), |left| left.div_wrapping(divisor))),
            _ => Arc::new(unary::<T, _, T>(left.as_primitive(), |left| left.mod_wrapping(divisor))),
        }
    }
}

impl ScalarUDFImpl for IntegerDivision {
    fn name(&self) -> &str {
        match self.operator {
            Operator::Divide => "/",
            _ => "%",
        }
    }

    fn display_name(&self, arguments: &[Expr]) -> DataFusionResult<String> {
        let arguments = arguments.iter().map(ToString::to_string).collect::<Vec<_>>();
        Ok(format!("({})", arguments.join(&format!(" {} ", self.name()))))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.data_type.clone())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let [left, right] = arguments.args.as_slice() else {
            return Err(Error::bug(format!("{} of {} arguments", self.name(), arguments.args.len())).into());
        };
        if let (ColumnarValue::Array(left), ColumnarValue::Scalar(divisor)) = (left, right) {
            let quotients = match divisor {
                ScalarValue::Int8(Some(divisor)) if *divisor != 0 => self.compute_by::<Int8Type>(left, *divisor),
                ScalarValue::Int16(Some(divisor)) if *divisor != 0 => self.compute_by::<Int16Type>(left, *divisor),
                ScalarValue::Int32(Some(divisor)) if *divisor != 0 => self.compute_by::<Int32Type>(left, *divisor),
                ScalarValue::Int64(Some(divisor)) if *divisor != 0 => self.compute_by::<Int64Type>(left, *divisor),
                _ => self.of_arrays(left, &divisor.to_array_of_size(left.len())?)?,
            };
            return Ok(ColumnarValue::Array(quotients));
        }
        let constant = matches!((left, right), (ColumnarValue::Scalar(_), ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { arguments.number_rows };
        let quotients = self.of_arrays(&left.to_array(rows)?, &right.to_array(rows)?)?;
        Ok(match constant {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&quotients, 0)?),
            false => ColumnarValue::Array(quotients),
        })
    }
}

impl IntegerDivision {
    fn of_arrays(&self, left: &ArrayRef, right: &ArrayRef) -> DataFusionResult<ArrayRef> {
        match self.data_type {
            DataType::Int8 => self.compute::<Int8Type>(left, right),
            DataType::Int16 => self.compute::<Int16Type>(left, right),
            DataType::Int32 => self.compute::<Int32Type>(left, right),
            DataType::Int64 => self.compute::<Int64Type>(left, right),
            ref other => Err(Error::bug(format!("{} of {other}", self.name())).into()),
        }
    }
}
