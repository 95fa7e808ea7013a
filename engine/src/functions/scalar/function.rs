//! How a built-in function is defined: signature, doc, example and code in one place.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::types::{Float64Type, Int32Type, Int64Type};
use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, StringArray, StringBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::cast::Zone;
use super::parameters::Parameters;
use super::session_zone;
use super::text::{LONGEST, too_long};
use crate::error::{Error, Result};
use crate::types::sql_type;

/// A built-in scalar function.
pub struct Definition {
    /// In upper case.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// Heading of the reference page that it stands under.
    pub family: Family,
    /// `SUBSTRING(text, start [, length])`.
    pub syntax: &'static str,
    /// One sentence first; Markdown.
    pub doc: &'static str,
    /// A call and its value as a text. Run by the tests.
    pub example: (&'static str, &'static str),
    pub volatility: Volatility,
    pub parameters: Parameters,
    /// The result's type, given the arguments after coercion; `None` where they do not go together.
    pub result: fn(&Arguments) -> Option<DataType>,
    pub call: fn(&Call) -> Result<ArrayRef>,
}

/// Type of a result, by the arguments.
pub type ResultType = fn(&Arguments) -> Option<DataType>;

impl Definition {
    /// An immutable function without aliases.
    #[allow(clippy::too_many_arguments)]
    pub const fn new(
        family: Family,
        name: &'static str,
        syntax: &'static str,
        doc: &'static str,
        example: (&'static str, &'static str),
        parameters: Parameters,
        result: ResultType,
        call: fn(&Call) -> Result<ArrayRef>,
    ) -> Self {
        let volatility = Volatility::Immutable;
        Definition { name, aliases: &[], family, syntax, doc, example, volatility, parameters, result, call }
    }

    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// As DataFusion takes it. The aliases are those of [`ScalarUDF::aliases`], too.
    pub fn udf(&'static self) -> ScalarUDF {
        Builtin::udf(self)
    }

    /// Each row, or each call, has its own value: never folded.
    pub const fn volatile(mut self) -> Self {
        self.volatility = Volatility::Volatile;
        self
    }
}

/// What a function is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    Arithmetic,
    Text,
    Time,
    Conditional,
    Collection,
    Json,
    Hash,
    System,
}

/// What is known of the arguments when a call is planned.
pub struct Arguments<'a> {
    pub types: &'a [DataType],
    /// The values of those that are literals.
    pub constants: &'a [Option<&'a ScalarValue>],
}

impl Arguments<'_> {
    pub fn constant_text(&self, index: usize) -> Option<&str> {
        self.constants.get(index).copied().flatten().and_then(|value| value.try_as_str().flatten())
    }

    pub fn first(&self) -> Option<DataType> {
        self.types.first().cloned()
    }
}

/// One call by the batch.
pub struct Call<'a> {
    pub name: &'static str,
    /// `rows` values each, or one for constants.
    pub columns: Vec<ArrayRef>,
    pub constant: Vec<bool>,
    /// Rows of the result.
    pub rows: usize,
    pub result: &'a DataType,
    /// The session's.
    pub zone: &'a str,
    /// What the batch engine passes on.
    pub arguments: &'a ScalarFunctionArgs,
}

/// A column of which a constant has one row for all.
pub struct Values<'a, A> {
    array: &'a A,
    step: usize,
}

impl<A: Array> Values<'_, A> {
    #[inline]
    fn row(&self, row: usize) -> Option<usize> {
        let row = row * self.step;
        self.array.is_valid(row).then_some(row)
    }
}

impl<'a> Values<'a, StringArray> {
    #[inline]
    pub fn get(&self, row: usize) -> Option<&'a str> {
        self.row(row).map(|row| self.array.value(row))
    }
}

impl<T: ArrowPrimitiveType> Values<'_, PrimitiveArray<T>> {
    #[inline]
    pub fn get(&self, row: usize) -> Option<T::Native> {
        self.row(row).map(|row| self.array.value(row))
    }
}

impl Call<'_> {
    fn values<'a, A>(&'a self, index: usize, array: Option<&'a A>) -> Result<Values<'a, A>> {
        let step = usize::from(!self.constant.get(index).copied().unwrap_or(false));
        match array {
            Some(array) => Ok(Values { array, step }),
            None => Err(Error::bug(format!("{} was called with {:?}", self.name, self.types()))),
        }
    }

    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn types(&self) -> Vec<&DataType> {
        self.columns.iter().map(|column| column.data_type()).collect()
    }

    pub fn text(&self, index: usize) -> Result<Values<'_, StringArray>> {
        self.values(index, self.columns.get(index).and_then(|column| column.as_string_opt()))
    }

    pub fn primitive<T: ArrowPrimitiveType>(&self, index: usize) -> Result<Values<'_, PrimitiveArray<T>>> {
        self.values(index, self.columns.get(index).and_then(|column| column.as_primitive_opt()))
    }

    pub fn int(&self, index: usize) -> Result<Values<'_, PrimitiveArray<Int32Type>>> {
        self.primitive(index)
    }

    pub fn long(&self, index: usize) -> Result<Values<'_, PrimitiveArray<Int64Type>>> {
        self.primitive(index)
    }

    pub fn double(&self, index: usize) -> Result<Values<'_, PrimitiveArray<Float64Type>>> {
        self.primitive(index)
    }

    /// The column with `rows` values, a constant repeated.
    pub fn array(&self, index: usize) -> Result<ArrayRef> {
        match self.columns.get(index) {
            Some(column) if column.len() == self.rows => Ok(column.clone()),
            Some(column) => Ok(ScalarValue::try_from_array(column, 0)?.to_array_of_size(self.rows)?),
            None => Err(Error::bug(format!("{} has no argument {index}", self.name))),
        }
    }

    pub fn zone(&self) -> Result<Zone> {
        Zone::parse(self.zone)
    }

    /// Texts: `write` appends a row's to the buffer, or says that it is NULL.
    pub fn texts(&self, mut write: impl FnMut(usize, &mut String) -> Option<()>) -> Result<ArrayRef> {
        self.try_texts(|row, out| Ok(write(row, out)))
    }

    /// As [`Call::texts`], of what can fail.
    ///
    /// # Errors
    /// Those of `write`, and a user error where the texts are too long together.
    pub fn try_texts(&self, mut write: impl FnMut(usize, &mut String) -> Result<Option<()>>) -> Result<ArrayRef> {
        let mut texts = StringBuilder::with_capacity(self.rows, self.rows * 16);
        let mut text = String::new();
        let mut total = 0usize;
        for row in 0..self.rows {
            text.clear();
            match write(row, &mut text)? {
                Some(()) => {
                    if text.len() > LONGEST {
                        return Err(too_long());
                    }
                    total = total.saturating_add(text.len());
                    // Beyond, the builder panics: its offsets are of 32 bits.
                    if total > i32::MAX as usize {
                        return Err(Error::user("the texts of a batch would have more than 2 GiB together"));
                    }
                    texts.append_value(&text);
                }
                None => texts.append_null(),
            }
        }
        Ok(Arc::new(texts.finish()))
    }

    /// Numbers, dates and the like.
    pub fn primitives<T: ArrowPrimitiveType>(&self, value: impl FnMut(usize) -> Option<T::Native>) -> Result<ArrayRef> {
        let values = (0..self.rows).map(value).collect::<PrimitiveArray<T>>();
        Ok(Arc::new(values.with_data_type(self.result.clone())))
    }

    pub fn booleans(&self, value: impl FnMut(usize) -> Option<bool>) -> Result<ArrayRef> {
        Ok(Arc::new((0..self.rows).map(value).collect::<datafusion::arrow::array::BooleanArray>()))
    }

    /// What one of DataFusion's functions gives for the arguments, cast to the result's type.
    pub fn delegate(&self, function: &ScalarUDF, columns: Vec<ArrayRef>) -> Result<ArrayRef> {
        self.delegate_as(function, columns.into_iter().map(ColumnarValue::Array).collect(), self.result)
    }

    /// What one of DataFusion's functions gives for the arguments, cast to a type.
    pub fn delegate_as(&self, function: &ScalarUDF, args: Vec<ColumnarValue>, result: &DataType) -> Result<ArrayRef> {
        let arg_fields: Vec<FieldRef> =
            args.iter().map(|value| Arc::new(Field::new("argument", value.data_type(), true))).collect();
        let scalar_arguments: Vec<Option<&ScalarValue>> = args
            .iter()
            .map(|value| match value {
                ColumnarValue::Scalar(value) => Some(value),
                ColumnarValue::Array(_) => None,
            })
            .collect();
        let types = ReturnFieldArgs { arg_fields: &arg_fields, scalar_arguments: &scalar_arguments };
        let return_field = function.return_field_from_args(types)?;
        let config_options = self.arguments.config_options.clone();
        let number_rows = self.rows;
        let value = function.invoke_with_args(ScalarFunctionArgs {
            args,
            arg_fields,
            number_rows,
            return_field,
            config_options,
        })?;
        Ok(datafusion::arrow::compute::cast(&value.into_array(self.rows)?, result)?)
    }
}

/// A definition as DataFusion takes it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Builtin {
    name: &'static str,
    aliases: Vec<String>,
    signature: Signature,
}

static DEFINITIONS: LazyLock<std::collections::HashMap<&'static str, &'static Definition>> = LazyLock::new(|| {
    let all = super::definitions().chain([&super::SIMILAR_TO, &super::FIT_BYTES, &super::FIT_TIMESTAMP]);
    all.map(|definition| (definition.name, definition)).collect()
});

impl Builtin {
    pub fn udf(definition: &'static Definition) -> ScalarUDF {
        ScalarUDF::new_from_impl(Builtin {
            name: definition.name,
            aliases: definition.aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            signature: Signature::user_defined(definition.volatility),
        })
    }

    fn definition(&self) -> Result<&'static Definition> {
        DEFINITIONS.get(self.name).copied().ok_or_else(|| Error::bug(format!("no definition of {}", self.name)))
    }
}

/// A function that varies only where it has no arguments, for such a call; `None`: it is as it is.
pub fn without_arguments(function: &ScalarUDF) -> Option<Arc<ScalarUDF>> {
    let builtin = function.inner().downcast_ref::<Builtin>()?;
    (builtin.signature.volatility == Volatility::Stable).then(|| {
        let signature = Signature::user_defined(Volatility::Volatile);
        Arc::new(ScalarUDF::new_from_impl(Builtin { name: builtin.name, aliases: builtin.aliases.clone(), signature }))
    })
}

fn refused(definition: &Definition, types: &[DataType]) -> Error {
    let types = types.iter().map(sql_type).collect::<Vec<_>>().join(", ");
    Error::user(format!("{} does not take arguments of type ({types})", definition.name))
        .hint(format!("its signature is {}", definition.syntax))
}

impl ScalarUDFImpl for Builtin {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        let definition = self.definition()?;
        Ok(definition.parameters.coerce(types).ok_or_else(|| refused(definition, types))?)
    }

    fn return_type(&self, types: &[DataType]) -> DataFusionResult<DataType> {
        let definition = self.definition()?;
        let constants = vec![None; types.len()];
        let result = (definition.result)(&Arguments { types, constants: &constants });
        Ok(result.ok_or_else(|| refused(definition, types))?)
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> DataFusionResult<FieldRef> {
        let definition = self.definition()?;
        let types: Vec<DataType> = arguments.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let known = Arguments { types: &types, constants: arguments.scalar_arguments };
        let result = (definition.result)(&known).ok_or_else(|| refused(definition, &types))?;
        super::time_checks::check(definition.name, &known)?;
        Ok(Arc::new(Field::new(self.name, result, true)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let definition = self.definition()?;
        let constant: Vec<bool> =
            arguments.args.iter().map(|value| matches!(value, ColumnarValue::Scalar(_))).collect();
        // Once for all rows where all arguments are constants, unless each row has its own value.
        let once = constant.iter().all(|constant| *constant) && self.signature.volatility != Volatility::Volatile;
        let to_array = |value: &ColumnarValue| match value {
            ColumnarValue::Array(array) => Ok(array.clone()),
            ColumnarValue::Scalar(value) => value.to_array(),
        };
        let columns = arguments.args.iter().map(to_array).collect::<DataFusionResult<Vec<_>>>()?;
        let call = Call {
            name: self.name,
            columns,
            constant,
            rows: if once { 1 } else { arguments.number_rows },
            result: arguments.return_field.data_type(),
            zone: session_zone(&arguments.config_options),
            arguments: &arguments,
        };
        let array = (definition.call)(&call).map_err(|error| error.context(format!("in {}", self.name)))?;
        if once {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}
