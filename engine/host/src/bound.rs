//! A function at a place in a plan: what was agreed there, and instances made from it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Field};

use crate::aggregate::{AggregateFunction, OnError};
use crate::error::{Error, Result};
use crate::grants::Grants;
use crate::instance::Instance;
use crate::limits::Limits;
use crate::metadata::{FunctionKind, Signature};
use crate::metrics::{FunctionMetrics, FunctionTotals};
use crate::package::Package;
use crate::scalar::ScalarFunction;
use crate::table::TableFunction;
use crate::text;
use crate::wire::description::Binding;
use crate::wire::field::{from_nodes, same_layout, to_nodes};
use crate::wire::lower::{Columns, Scratch, flatten};

/// Columns of an accumulator's state.
const MAX_STATE: usize = 1024;

/// What a place in a plan tells a function.
#[derive(Debug, Clone, Default)]
pub struct BindRequest {
    /// Number of the function: its index in [`Package::functions`].
    pub function: usize,
    /// What messages call it; empty for the name that the package gives it.
    pub name: String,
    /// Fields of the arguments, with the types of the signature's parameters.
    pub arguments: Vec<Field>,
    /// For each argument that is a literal, an array of one row with its value. Empty where there are none.
    pub constants: Vec<Option<ArrayRef>>,
    /// The session's time zone, an IANA name or an offset. Empty means UTC.
    pub time_zone: String,
    /// Options of the function's DDL that the host does not know itself.
    pub options: Vec<(String, String)>,
}

/// A function bound to a place in a plan. Cheap to clone and to send; makes one instance per subtask.
#[derive(Debug, Clone)]
pub struct BoundFunction(Arc<Template>);

pub(crate) struct Template {
    pub package: Arc<Package>,
    pub name: String,
    pub kind: FunctionKind,
    pub retracts: bool,
    pub merges: bool,
    pub arguments: Vec<Field>,
    pub result: Field,
    pub state: Vec<Field>,
    pub limits: Limits,
    pub grants: Grants,
    binding: Binding,
    /// The instance that binding took, for the first who asks.
    spare: Mutex<Option<(Instance, u32)>>,
    pub metrics: FunctionMetrics,
}

/// How long an instance goes on with a call of which row after row takes its whole time.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    cancelled: Option<Arc<AtomicBool>>,
    persists: bool,
}

impl Patience {
    /// However long it takes, until the flag is set.
    pub fn until(cancelled: Arc<AtomicBool>) -> Self {
        Patience { cancelled: Some(cancelled), persists: true }
    }

    /// For a few such rows, or until the flag is set.
    pub fn watching(cancelled: Arc<AtomicBool>) -> Self {
        Patience { cancelled: Some(cancelled), persists: false }
    }

    /// Whether so many rows are too many; `most`: for who has no patience.
    pub fn is_out(&self, timed_out: usize, most: usize) -> bool {
        !self.persists && timed_out > most
    }

    /// # Errors
    /// Where the flag is set.
    pub fn check(&self, template: &Template) -> Result<()> {
        match &self.cancelled {
            Some(cancelled) if cancelled.load(Ordering::Relaxed) => {
                Err(Error::Cancelled { function: template.name.clone() })
            }
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Template")
            .field("package", &self.package.name())
            .field("name", &self.name)
            .field("arguments", &self.arguments)
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}

impl BoundFunction {
    pub(crate) fn bind(package: Arc<Package>, request: BindRequest, limits: Limits, grants: Grants) -> Result<Self> {
        let Some(signature) = package.functions().get(request.function).cloned() else {
            return Err(Error::Bug(format!(
                "package '{}' has no function number {}",
                package.name(),
                request.function
            )));
        };
        let name = if request.name.is_empty() { &signature.name } else { &request.name }.clone();
        let refused = |reason: String| Error::Bind {
            function: name.clone(),
            reason: text::message(reason),
            words: Default::default(),
        };
        check_arguments(&signature, &request.arguments).map_err(refused)?;
        let binding = to_binding(&request).map_err(refused)?;
        let mut instance = Instance::new(&package, &name, &limits, &grants)?;
        let bound = instance.bind(&package, &binding)?.map_err(|reason| Error::Bind {
            function: name.clone(),
            reason,
            words: instance.last_words(),
        })?;
        // To be made ready is no call.
        instance.take_spent();
        let refused = |reason: String| refused(instance.redact(reason));
        let result = from_nodes(&bound.result)
            .map_err(|reason| refused(format!("the function's own result type is wrong: {reason}")))?;
        if !same_layout(result.data_type(), signature.result.data_type()) {
            return Err(refused(format!(
                "the function binds its result as {}, but describes it as {}",
                result.data_type(),
                signature.result.data_type()
            )));
        }
        if bound.state.len() > MAX_STATE {
            return Err(refused(format!("its state has {} columns, more than {MAX_STATE}", bound.state.len())));
        }
        let state = bound
            .state
            .iter()
            .map(|nodes| from_nodes(nodes))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|reason| refused(format!("the function's own state type is wrong: {reason}")))?;
        Ok(BoundFunction(Arc::new(Template {
            package,
            name,
            kind: signature.kind,
            retracts: signature.retracts,
            merges: signature.merges,
            arguments: request.arguments,
            result,
            state,
            limits,
            grants,
            binding,
            spare: Mutex::new(Some((instance, bound.handle))),
            metrics: FunctionMetrics::default(),
        })))
    }

    /// The function's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What kind of function it is.
    pub fn kind(&self) -> FunctionKind {
        self.0.kind
    }

    /// The arguments' fields, as bound.
    pub fn argument_fields(&self) -> &[Field] {
        &self.0.arguments
    }

    /// The field of the result; of a table function, a struct of its columns.
    pub fn result_field(&self) -> &Field {
        &self.0.result
    }

    /// Aggregate: the fields of an accumulator's state.
    pub fn state_fields(&self) -> &[Field] {
        &self.0.state
    }

    /// Aggregate: rows can be taken back.
    pub fn supports_retract(&self) -> bool {
        self.0.retracts
    }

    /// Aggregate: states can be added up.
    pub fn supports_merge(&self) -> bool {
        self.0.merges
    }

    /// What its instances have done so far.
    pub fn totals(&self) -> FunctionTotals {
        self.0.metrics.totals()
    }

    /// The counters behind [`BoundFunction::totals`], which outlast the function.
    pub fn metrics(&self) -> &FunctionMetrics {
        &self.0.metrics
    }

    /// The limits that its instances run under.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// What its instances are granted.
    pub fn grants(&self) -> &Grants {
        &self.0.grants
    }

    /// An instance for one subtask; an error where the function is not scalar.
    pub fn scalar(&self) -> Result<ScalarFunction> {
        self.expect(FunctionKind::Scalar)?;
        ScalarFunction::new(self.0.clone())
    }

    /// An instance for one subtask; an error where the function is no table function.
    pub fn table(&self) -> Result<TableFunction> {
        self.expect(FunctionKind::Table)?;
        TableFunction::new(self.0.clone())
    }

    /// An instance for one subtask; an error where the function is no aggregate. `on_error` says what becomes of a row
    /// that traps: all but [`OnError::Fail`] cost time and memory for a journal.
    pub fn aggregate(&self, on_error: OnError) -> Result<AggregateFunction> {
        self.expect(FunctionKind::Aggregate)?;
        AggregateFunction::new(self.0.clone(), on_error)
    }

    fn expect(&self, kind: FunctionKind) -> Result<()> {
        if self.0.kind == kind {
            return Ok(());
        }
        Err(Error::Bug(format!("function '{}' is {}, not {kind}", self.0.name, self.0.kind)))
    }
}

impl Template {
    /// A bound instance and its handle: the spare one, or a fresh one.
    pub fn instance(&self) -> Result<(Instance, u32)> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        match spare {
            Some(spare) => Ok(spare),
            None => self.fresh_instance(),
        }
    }

    /// A bound instance that has not been called.
    pub fn fresh_instance(&self) -> Result<(Instance, u32)> {
        let mut instance = Instance::new(&self.package, &self.name, &self.limits, &self.grants)?;
        let bound = instance.bind(&self.package, &self.binding)?.map_err(|reason| Error::Bind {
            function: self.name.clone(),
            reason,
            words: instance.last_words(),
        })?;
        instance.take_spent();
        Ok((instance, bound.handle))
    }

    /// Whether an instance is worn or has grown so much that a fresh one should take its place. `initial` is what it had when it
    /// was new: an interpreter may begin beyond the mark.
    pub fn has_outgrown(&self, instance: &Instance, initial: usize) -> bool {
        let memory = instance.memory();
        instance.is_worn(&self.limits) || memory > self.limits.recycle_memory && memory / 2 > initial
    }

    /// Checks the columns of a call against the binding, and casts what Arrow has in several layouts (views,
    /// dictionaries, large offsets) to the contract's. `None` where nothing needs a cast.
    pub fn adapt(
        &self,
        what: &str,
        fields: &[Field],
        columns: &[ArrayRef],
        rows: usize,
    ) -> Result<Option<Vec<ArrayRef>>> {
        if columns.len() != fields.len() {
            return Err(self.argument(format!("{} {what} instead of {}", columns.len(), fields.len())));
        }
        if u32::try_from(rows).is_err() {
            return Err(self.argument(format!("{rows} rows in one call")));
        }
        let mut casts = false;
        for (column, field) in columns.iter().zip(fields) {
            if column.len() != rows {
                return Err(self.argument(format!(
                    "column '{}' has {} rows instead of {rows}",
                    field.name(),
                    column.len()
                )));
            }
            casts |= !same_layout(column.data_type(), field.data_type());
        }
        if !casts {
            return Ok(None);
        }
        let cast = |(column, field): (&ArrayRef, &Field)| {
            if same_layout(column.data_type(), field.data_type()) {
                return Ok(column.clone());
            }
            if !is_other_layout(column.data_type(), field.data_type()) {
                return Err(self.argument(format!(
                    "column '{}' is of type {} instead of {}",
                    field.name(),
                    column.data_type(),
                    field.data_type()
                )));
            }
            arrow::compute::cast(column, field.data_type())
                .map_err(|error| self.argument(format!("column '{}': {error}", field.name())))
        };
        columns.iter().zip(fields).map(cast).collect::<Result<_>>().map(Some)
    }

    pub fn argument(&self, reason: String) -> Error {
        Error::Argument { function: self.name.clone(), reason }
    }

    pub fn bad_result(&self, instance: &mut Instance, reason: String) -> Error {
        instance.poison();
        let reason = text::message(instance.redact(reason));
        Error::BadResult { function: self.name.clone(), reason, words: instance.last_words() }
    }

    pub fn guest_error(&self, instance: &Instance, message: String) -> Error {
        let message = text::message(instance.redact(message));
        Error::Guest { function: self.name.clone(), message, words: instance.last_words() }
    }

    /// The time that a probe may take when a call ran out of time: less than a call, so that looking for the row does
    /// not take a multiple of what was too long already.
    pub fn probe_timeout(&self, cause: &Error) -> Duration {
        match cause {
            Error::Timeout { .. } => (self.limits.timeout / 8).max(Duration::from_millis(10)),
            _ => self.limits.timeout,
        }
    }
}

/// Runs `call` with the columns encoded, and keeps the vectors in `scratch`.
pub(crate) fn with_columns<R>(
    columns: &[ArrayRef],
    scratch: &mut Scratch,
    call: impl for<'a> FnOnce(Columns<'a>) -> R,
) -> Result<R, String> {
    let flattened = flatten(columns);
    let taken = std::mem::take(scratch);
    let encoded = match &flattened {
        Some(flattened) => Columns::of_flattened(flattened, taken)?,
        None => Columns::of_flat(columns, taken)?,
    };
    Ok(call(encoded))
}

/// Whether the two types hold the same values in other buffers.
fn is_other_layout(from: &DataType, to: &DataType) -> bool {
    match (from, to) {
        (DataType::Dictionary(_, values), to) => same_layout(values, to) || is_other_layout(values, to),
        (DataType::Utf8View | DataType::LargeUtf8, DataType::Utf8) => true,
        (DataType::BinaryView | DataType::LargeBinary | DataType::FixedSizeBinary(_), DataType::Binary) => true,
        (DataType::List(from) | DataType::LargeList(from) | DataType::FixedSizeList(from, _), DataType::List(to)) => {
            same_layout(from.data_type(), to.data_type()) || is_other_layout(from.data_type(), to.data_type())
        }
        (DataType::Struct(from), DataType::Struct(to)) => {
            from.len() == to.len()
                && from.iter().zip(to).all(|(from, to)| {
                    same_layout(from.data_type(), to.data_type()) || is_other_layout(from.data_type(), to.data_type())
                })
        }
        _ => false,
    }
}

fn check_arguments(signature: &Signature, arguments: &[Field]) -> Result<(), String> {
    if arguments.len() != signature.parameters.len() {
        return Err(format!("it takes {} arguments, not {}: {signature}", signature.parameters.len(), arguments.len()));
    }
    for (argument, parameter) in arguments.iter().zip(&signature.parameters) {
        if !same_layout(argument.data_type(), parameter.data_type()) {
            return Err(format!(
                "its parameter '{}' is of type {}, not {}: {signature}",
                parameter.name(),
                parameter.data_type(),
                argument.data_type()
            ));
        }
    }
    Ok(())
}

fn to_binding(request: &BindRequest) -> Result<Binding, String> {
    let arguments = request.arguments.iter().map(to_nodes).collect::<Result<Vec<_>, _>>()?;
    let mut constants = vec![None; arguments.len()];
    if request.constants.len() > arguments.len() {
        return Err(format!("{} constants for {} arguments", request.constants.len(), arguments.len()));
    }
    for (index, constant) in request.constants.iter().enumerate() {
        let Some(constant) = constant else { continue };
        let field = &request.arguments[index];
        if constant.len() != 1 || !same_layout(constant.data_type(), field.data_type()) {
            return Err(format!(
                "the constant for '{}' is {} rows of {} instead of one of {}",
                field.name(),
                constant.len(),
                constant.data_type(),
                field.data_type()
            ));
        }
        let columns = std::slice::from_ref(constant);
        constants[index] = Some(with_columns(columns, &mut Scratch::default(), |columns| columns.to_batch())?);
    }
    let time_zone = match request.time_zone.as_str() {
        "" => "UTC".to_string(),
        zone => zone.to_string(),
    };
    Ok(Binding { function: request.function as u32, arguments, constants, time_zone, options: request.options.clone() })
}
