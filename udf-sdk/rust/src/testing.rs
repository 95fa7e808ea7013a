//! Calls the functions of a package as a host does, but natively: over columns, with NULLs, in chunks, with states that
//! are saved and brought back. What a function computes is tested best by calling it, as the Rust function that it is;
//! this is for what only a whole call shows.
//!
//! ```
//! use anabranch_udf::prelude::*;
//! use anabranch_udf::testing::{Tester, column};
//!
//! /// Length of a text in characters.
//! #[scalar]
//! fn len(text: &str) -> i32 {
//!     text.chars().count() as i32
//! }
//!
//! anabranch_udf::package!(len);
//!
//! # fn main() -> Result<(), String> {
//! let lengths = Tester::new(package()).scalar::<i32>("len", [column([Some("Ulm"), None])])?;
//! assert_eq!(lengths, [Ok(Some(3)), Ok(None)]);
//! # Ok(())
//! # }
//! ```

use crate::aggregate::Accumulators;
use crate::batch::Batch;
use crate::contract::{Binding, Column, Field, Kind, RowError, ScalarResult, Signature};
use crate::package::{Bindings, Package};
use crate::types::{Argument, Builder as _, Nodes, Output, RowArgument, View, field, same_type};

/// A column of arguments with its type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedColumn {
    /// The type.
    pub field: Field,
    /// The values.
    pub column: Column,
}

/// A column of values; `Option`s where there are NULLs.
pub fn column<T: Output>(values: impl IntoIterator<Item = T>) -> TypedColumn {
    let mut builder = T::Builder::with_capacity(0);
    values.into_iter().for_each(|value| value.append(&mut builder));
    TypedColumn { field: field::<T>("", T::NULLABLE), column: crate::types::column(builder) }
}

/// The values of a column, `None` where NULL.
///
/// # Errors
/// It is not a column of such values.
pub fn values<T: for<'a> Argument<'a>>(column: &Column) -> Result<Vec<Option<T>>, String> {
    Ok(View::<T>::read(&mut Nodes::new(column))?.iter().collect())
}

/// What a scalar or aggregate function gave for each row: a value, NULL, or the row's error.
pub type Results<T> = Vec<Result<Option<T>, String>>;

fn results<T: for<'a> Argument<'a>>(result: &ScalarResult) -> Result<Results<T>, String> {
    let mut rows: Results<T> = values(&result.column)?.into_iter().map(Ok).collect();
    for error in &result.errors {
        match rows.get_mut(error.row as usize) {
            Some(row @ Ok(None)) => *row = Err(error.message.clone()),
            _ => return Err(format!("row {} failed, but is not NULL", error.row)),
        }
    }
    Ok(rows)
}

/// A package, called natively.
pub struct Tester {
    package: Package,
    bindings: Bindings,
    /// The session's time zone.
    pub time_zone: String,
    /// Options of the function's DDL.
    pub options: Vec<(String, String)>,
}

impl Tester {
    /// A tester of what [`package!`](crate::package) made.
    pub fn new(package: Package) -> Self {
        Self { package, bindings: Bindings::default(), time_zone: "UTC".to_owned(), options: Vec::new() }
    }

    /// The signature of a name that takes arguments of these types.
    fn signature(&self, name: &str, arguments: &[Field]) -> Result<(u32, Signature), String> {
        let functions = self.package.describe().functions.into_iter();
        let found = functions.enumerate().find(|(_, signature)| {
            signature.name == name
                && signature.parameters.len() == arguments.len()
                && (signature.parameters.iter().zip(arguments)).all(|(one, other)| same_type(&one.type_, other))
        });
        match found {
            Some((index, signature)) => Ok((index as u32, signature)),
            None => Err(format!("there is no function `{name}` that takes these types")),
        }
    }

    /// Binds a function; arguments of one row are constants if `constant`.
    fn bind(&mut self, name: &str, arguments: &[TypedColumn], constant: &[bool]) -> Result<(u32, Signature), String> {
        let fields: Vec<Field> = arguments.iter().map(|argument| argument.field.clone()).collect();
        let (function, signature) = self.signature(name, &fields)?;
        let constants = arguments.iter().enumerate().map(|(index, argument)| {
            constant.get(index).is_some_and(|constant| *constant).then(|| argument.column.clone())
        });
        let binding = Binding {
            function,
            arguments: fields,
            constants: constants.collect(),
            time_zone: self.time_zone.clone(),
            options: self.options.clone(),
        };
        Ok((self.bindings.bind(&self.package, binding)?.handle, signature))
    }

    /// Calls a scalar function.
    ///
    /// # Errors
    /// There is no such function, or the whole call failed.
    pub fn scalar<T: for<'a> Argument<'a>>(
        &mut self,
        name: &str,
        arguments: impl IntoIterator<Item = TypedColumn>,
    ) -> Result<Results<T>, String> {
        self.scalar_with_constants(name, arguments, &[])
    }

    /// Calls a scalar function, where the marked arguments are literals; a column of a literal repeats it.
    ///
    /// # Errors
    /// There is no such function, or the whole call failed.
    pub fn scalar_with_constants<T: for<'a> Argument<'a>>(
        &mut self,
        name: &str,
        arguments: impl IntoIterator<Item = TypedColumn>,
        constant: &[bool],
    ) -> Result<Results<T>, String> {
        let arguments: Vec<TypedColumn> = arguments.into_iter().collect();
        let (handle, signature) = self.bind(name, &arguments, constant)?;
        if !same_type(&signature.result, &field::<T>("", true)) {
            return Err(format!("`{name}` gives another type than the test asks for"));
        }
        let rows = rows_of(&arguments);
        let columns = arguments.into_iter().map(|argument| argument.column).collect();
        let result = self.bindings.call(handle, rows, columns)?;
        self.bindings.unbind(handle);
        results(&result)
    }

    /// Calls a table function, and fetches its output in chunks of `max_rows`: the rows with the numbers of the input
    /// rows that they belong to, and the errors of input rows.
    ///
    /// # Errors
    /// There is no such function, the whole call failed, or a chunk was not as the contract says.
    pub fn table<R: for<'a> RowArgument<'a>>(
        &mut self,
        name: &str,
        arguments: impl IntoIterator<Item = TypedColumn>,
        max_rows: u32,
    ) -> Result<(Vec<(usize, R)>, Vec<RowError>), String> {
        let arguments: Vec<TypedColumn> = arguments.into_iter().collect();
        let (handle, _) = self.bind(name, &arguments, &[])?;
        let rows = rows_of(&arguments);
        self.bindings.begin(handle, rows, arguments.into_iter().map(|argument| argument.column).collect())?;
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        loop {
            let chunk = self.bindings.next(handle, max_rows)?;
            let views = R::read(&mut chunk.columns.iter())?;
            let lengths = chunk.columns.iter().flat_map(|column| column.first()).map(|node| node.length as usize);
            if chunk.rows.len() > max_rows as usize || !lengths.into_iter().all(|length| length == chunk.rows.len()) {
                return Err(format!("a chunk of {} rows does not hold together", chunk.rows.len()));
            }
            let first = output.last().map_or(0, |(row, _)| *row as u32);
            if !std::iter::once(&first).chain(&chunk.rows).is_sorted() {
                return Err("the rows of a chunk are not in the order of the input".to_owned());
            }
            output.extend(chunk.rows.iter().enumerate().map(|(place, row)| (*row as usize, R::get(&views, place))));
            errors.extend(chunk.errors);
            if chunk.done {
                self.bindings.unbind(handle);
                return Ok((output, errors));
            }
        }
    }

    /// Opens the accumulators of an aggregate function that takes arguments of the types of `like`.
    ///
    /// # Errors
    /// There is no such function.
    pub fn aggregate(&mut self, name: &str, like: impl IntoIterator<Item = TypedColumn>) -> Result<Groups, String> {
        let arguments: Vec<TypedColumn> = like.into_iter().collect();
        let (handle, signature) = self.bind(name, &arguments, &[])?;
        if signature.kind != Kind::Aggregate {
            return Err(format!("`{name}` is no aggregate function"));
        }
        Ok(Groups { accumulators: self.bindings.open(handle)? })
    }
}

fn rows_of(arguments: &[TypedColumn]) -> u32 {
    arguments.first().and_then(|argument| argument.column.first()).map_or(0, |node| node.length)
}

/// The accumulators of many groups of an aggregate function.
pub struct Groups {
    accumulators: Box<dyn Accumulators>,
}

impl Groups {
    fn batch(groups: &[u32], columns: impl IntoIterator<Item = TypedColumn>) -> Result<Batch, String> {
        Batch::new(groups.len(), columns.into_iter().map(|column| column.column).collect())
    }

    /// Adds each row to its group.
    ///
    /// # Errors
    /// The whole call failed.
    pub fn accumulate(
        &mut self,
        groups: &[u32],
        columns: impl IntoIterator<Item = TypedColumn>,
    ) -> Result<Vec<RowError>, String> {
        self.accumulators.accumulate(groups, &Self::batch(groups, columns)?)
    }

    /// Takes each row out of its group.
    ///
    /// # Errors
    /// The function does not retract, or the whole call failed.
    pub fn retract(
        &mut self,
        groups: &[u32],
        columns: impl IntoIterator<Item = TypedColumn>,
    ) -> Result<Vec<RowError>, String> {
        self.accumulators.retract(groups, &Self::batch(groups, columns)?)
    }

    /// The values of groups, which stay as they are.
    ///
    /// # Errors
    /// The function's values are of another type.
    pub fn evaluate<T: for<'a> Argument<'a>>(&mut self, groups: &[u32]) -> Result<Results<T>, String> {
        results(&self.accumulators.evaluate(groups))
    }

    /// The states of groups, which stay as they are.
    pub fn state(&mut self, groups: &[u32]) -> Vec<Column> {
        self.accumulators.state(groups)
    }

    /// Sets groups to states.
    ///
    /// # Errors
    /// They are no states of this function.
    pub fn restore(&mut self, groups: &[u32], state: Vec<Column>) -> Result<(), String> {
        self.accumulators.restore(groups, &Batch::new(groups.len(), state)?)
    }

    /// Adds states to groups.
    ///
    /// # Errors
    /// The whole call failed.
    pub fn merge(&mut self, groups: &[u32], state: Vec<Column>) -> Result<Vec<RowError>, String> {
        self.accumulators.merge(groups, &Batch::new(groups.len(), state)?)
    }

    /// Empties groups.
    pub fn remove(&mut self, groups: &[u32]) {
        self.accumulators.remove(groups);
    }
}
