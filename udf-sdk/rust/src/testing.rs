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

use std::cell::RefCell;
use std::rc::Rc;

use crate::aggregate::Accumulators;
use crate::batch::Batch;
use crate::contract::{self, Binding, Bound, Columns, Field, FieldNode, Kind, RowError, ScalarResult, Signature};
use crate::http::{Request, Response};
use crate::package::{Bindings, Package};
use crate::types::{Argument, Builder as _, Nodes, Output, RowArgument, View, field, same_type};

/// A column of arguments with its type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedColumn {
    /// The type.
    pub field: Field,
    /// The values.
    pub column: Columns,
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
pub fn values<T: for<'a> Argument<'a>>(column: &Columns) -> Result<Vec<Option<T>>, String> {
    let batch = batch(&field::<T>("", true), [column]);
    Ok(View::<T>::read(&mut Nodes::new(&batch))?.iter().collect())
}

/// Columns that a function returned, or a test made, as the host passes them. `nodes` are those of their fields.
fn batch<'a>(
    nodes: impl IntoIterator<Item = &'a FieldNode>,
    columns: impl IntoIterator<Item = &'a Columns>,
) -> contract::Batch {
    let mut batch = contract::Batch { layout: Vec::new(), data: Vec::new() };
    let mut fields = nodes.into_iter();
    for columns in columns {
        let mut buffers = columns.buffers.iter();
        for ((rows, null_count), node) in columns.nodes.iter().zip(&mut fields) {
            batch.layout.extend([*rows, *null_count]);
            for buffer in buffers.by_ref().take(buffers_of(node)) {
                batch.layout.push(buffer.len() as u32);
                if !buffer.is_empty() {
                    batch.data.resize(batch.data.len().next_multiple_of(Nodes::ALIGNMENT), 0);
                    batch.data.extend_from_slice(buffer);
                }
            }
        }
    }
    batch
}

/// How many buffers a node has.
fn buffers_of(node: &FieldNode) -> usize {
    match node.format.as_str() {
        "u" | "z" => 3,
        "+s" => 1,
        _ => 2,
    }
}

/// The arguments of a call.
fn arguments_batch(arguments: &[TypedColumn]) -> contract::Batch {
    let nodes = arguments.iter().flat_map(|argument| &argument.field);
    batch(nodes, arguments.iter().map(|argument| &argument.column))
}

/// Whether each of the columns of these fields has so many rows.
fn have_rows(fields: &[FieldNode], columns: &Columns, rows: usize) -> bool {
    // Children are jumped over: a node, then as many below it as it has, and theirs.
    let mut skip = 0;
    fields.iter().zip(&columns.nodes).all(|(field, (length, _))| {
        let is_column = skip == 0;
        skip = (skip + field.children).saturating_sub(u32::from(!is_column));
        !is_column || *length as usize == rows
    })
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
    fn bind(&mut self, name: &str, arguments: &[TypedColumn], constant: &[bool]) -> Result<(Bound, Signature), String> {
        let fields: Vec<Field> = arguments.iter().map(|argument| argument.field.clone()).collect();
        let (function, signature) = self.signature(name, &fields)?;
        let constants = arguments.iter().enumerate().map(|(index, argument)| {
            constant
                .get(index)
                .is_some_and(|constant| *constant)
                .then(|| arguments_batch(std::slice::from_ref(argument)))
        });
        let binding = Binding {
            function,
            arguments: fields,
            constants: constants.collect(),
            time_zone: self.time_zone.clone(),
            options: self.options.clone(),
        };
        Ok((self.bindings.bind(&self.package, binding)?, signature))
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
        let (Bound { handle, .. }, signature) = self.bind(name, &arguments, constant)?;
        if !same_type(&signature.result, &field::<T>("", true)) {
            return Err(format!("`{name}` gives another type than the test asks for"));
        }
        let rows = rows_of(&arguments);
        let result = self.bindings.call(handle, rows, arguments_batch(&arguments))?;
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
        let (Bound { handle, .. }, signature) = self.bind(name, &arguments, &[])?;
        // Behind the struct are its columns.
        let fields = signature.result.get(1..).unwrap_or_default();
        let rows = rows_of(&arguments);
        self.bindings.begin(handle, rows, arguments_batch(&arguments))?;
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        loop {
            let chunk = self.bindings.next(handle, max_rows)?;
            let columns = batch(fields, [&chunk.columns]);
            let views = R::read(&mut Nodes::new(&columns))?;
            if chunk.rows.len() > max_rows as usize || !have_rows(fields, &chunk.columns, chunk.rows.len()) {
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
        let (Bound { handle, state, .. }, signature) = self.bind(name, &arguments, &[])?;
        if signature.kind != Kind::Aggregate {
            return Err(format!("`{name}` is no aggregate function"));
        }
        Ok(Groups { accumulators: self.bindings.open(handle)?, state })
    }
}

fn rows_of(arguments: &[TypedColumn]) -> u32 {
    arguments.first().and_then(|argument| argument.column.nodes.first()).map_or(0, |(length, _)| *length)
}

/// The accumulators of many groups of an aggregate function.
pub struct Groups {
    accumulators: Box<dyn Accumulators>,
    /// The fields of a group's state.
    state: Vec<Field>,
}

impl Groups {
    fn batch(groups: &[u32], columns: impl IntoIterator<Item = TypedColumn>) -> Batch {
        let columns: Vec<TypedColumn> = columns.into_iter().collect();
        Batch::new(groups.len(), arguments_batch(&columns))
    }

    fn states(&self, groups: &[u32], state: &Columns) -> Batch {
        Batch::new(groups.len(), batch(self.state.iter().flatten(), [state]))
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
        self.accumulators.accumulate(groups, &Self::batch(groups, columns))
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
        self.accumulators.retract(groups, &Self::batch(groups, columns))
    }

    /// The values of groups, which stay as they are.
    ///
    /// # Errors
    /// The function's values are of another type.
    pub fn evaluate<T: for<'a> Argument<'a>>(&mut self, groups: &[u32]) -> Result<Results<T>, String> {
        results(&self.accumulators.evaluate(groups))
    }

    /// The states of groups, which stay as they are.
    pub fn state(&mut self, groups: &[u32]) -> Columns {
        self.accumulators.state(groups)
    }

    /// Sets groups to states.
    ///
    /// # Errors
    /// They are no states of this function.
    pub fn restore(&mut self, groups: &[u32], state: Columns) -> Result<(), String> {
        let state = self.states(groups, &state);
        self.accumulators.restore(groups, &state)
    }

    /// Adds states to groups.
    ///
    /// # Errors
    /// The whole call failed.
    pub fn merge(&mut self, groups: &[u32], state: Columns) -> Result<Vec<RowError>, String> {
        let state = self.states(groups, &state);
        self.accumulators.merge(groups, &state)
    }

    /// Empties groups.
    pub fn remove(&mut self, groups: &[u32]) {
        self.accumulators.remove(groups);
    }
}

type Answer = Rc<dyn Fn(&Request) -> Result<Response, String>>;

thread_local! {
    /// What stands for the web.
    static WEB: RefCell<Option<Answer>> = const { RefCell::new(None) };
}

/// Has the requests of this thread answered by `answer` in place of a server, until what is returned is dropped.
pub fn web(answer: impl Fn(&Request) -> Result<Response, String> + 'static) -> Web {
    Web { before: WEB.replace(Some(Rc::new(answer))) }
}

/// What [`web`] returns.
#[must_use = "when it is dropped, nobody answers any more"]
pub struct Web {
    before: Option<Answer>,
}

impl Drop for Web {
    fn drop(&mut self) {
        WEB.set(self.before.take());
    }
}

pub(crate) fn answer(request: &Request) -> Result<Response, String> {
    match WEB.with_borrow(Clone::clone) {
        Some(answer) => answer(request),
        None => Err("a native test sends no requests: say by `testing::web` what is answered".into()),
    }
}
