//! Calls all functions of a guest as the engine does, and says how that went.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anabranch_host::{
    BindRequest, BoundFunction, Error, FunctionKind, Grants, Limits, OnError, Package, RowError, ScalarOutput,
};
use arrow::datatypes::DataType;

use crate::guest::Guest;
use crate::support::*;

/// No attack holds a thread for longer than this: some calls that take their whole time each.
const LONGEST: Duration = Duration::from_secs(10);

/// No call that ends is cut off, however busy the machine is.
pub fn limits() -> Limits {
    Limits { timeout: Duration::from_secs(30), memory: 32 << 20, ..Limits::default() }
}

/// For calls that do not end.
pub fn impatient() -> Limits {
    Limits { timeout: Duration::from_millis(100), ..limits() }
}

/// What the user sees of a guest, kind by kind; nothing where all goes well. A function of another package is called
/// afterwards.
pub fn drive(guest: &Guest) -> String {
    drive_within(guest, &limits())
}

pub fn drive_within(guest: &Guest, limits: &Limits) -> String {
    drive_bytes(&guest.module(), limits)
}

pub fn drive_bytes(bytes: &[u8], limits: &Limits) -> String {
    let started = Instant::now();
    let said = match host().load("guest", bytes, limits) {
        Ok(package) => functions(&package, limits),
        Err(error) => format!("load: {error}\n"),
    };
    assert!(started.elapsed() < LONGEST, "{:?}: {said}", started.elapsed());
    healthy();
    said
}

/// A well-behaved function of the same host still answers.
pub fn healthy() {
    static HEALTHY: OnceLock<Arc<Package>> = OnceLock::new();
    let package =
        HEALTHY.get_or_init(|| host().load("healthy", &Guest::new().module(), &Limits::default()).unwrap()).clone();
    assert_eq!(functions(&package, &limits()), "");
}

fn functions(package: &Arc<Package>, limits: &Limits) -> String {
    let mut said = String::new();
    let mut last = String::new();
    for (function, signature) in package.functions().iter().enumerate() {
        let arguments = signature.parameters.clone();
        let request = BindRequest { function, arguments, ..BindRequest::default() };
        let found = match package.bind(request, limits.clone(), Grants::default()) {
            Err(error) => format!("bind: {error}\n"),
            Ok(bound) => match signature.kind {
                FunctionKind::Scalar => scalar(&bound),
                FunctionKind::Table => table(&bound),
                FunctionKind::Aggregate => aggregate(&bound),
            },
        };
        // What all kinds have in common is said once.
        let found = found.replace(&format!("function '{}'", signature.name), "function NAME");
        if found != last {
            for line in found.lines() {
                writeln!(said, "{}: {line}", signature.name).unwrap();
            }
        }
        last = found;
    }
    said
}

fn row_errors(said: &mut String, errors: &[RowError]) {
    for error in errors {
        writeln!(said, "row {} ({:?}) {}", error.row, error.cause, error.message).unwrap();
    }
}

fn scalar(bound: &BoundFunction) -> String {
    let mut said = String::new();
    match bound.scalar().and_then(|mut function| function.call(&[longs([1])], 1)) {
        Ok(output) => row_errors(&mut said, &output.errors),
        Err(error) => writeln!(said, "{error}").unwrap(),
    }
    said
}

fn table(bound: &BoundFunction) -> String {
    let mut said = String::new();
    let mut run = || -> Result<(), Error> {
        let mut function = bound.table()?;
        function.begin(&[longs([1])], 1)?;
        while let Some(chunk) = function.next(8)? {
            row_errors(&mut said, &chunk.errors);
        }
        Ok(())
    };
    if let Err(error) = run() {
        writeln!(said, "{error}").unwrap();
    }
    said
}

/// Every call on accumulators of its own, under both policies.
fn aggregate(bound: &BoundFunction) -> String {
    let mut said = String::new();
    let calls: [(&str, fn(&mut anabranch_host::AggregateFunction) -> Result<Vec<RowError>, Error>); 7] = [
        ("accumulate", |total| total.accumulate(&[0], &[longs([1])])),
        ("retract", |total| total.retract(&[0], &[longs([1])])),
        ("merge", |total| total.merge(&[0], &[longs([1])])),
        ("evaluate", |total| total.evaluate(&[0]).map(|ScalarOutput { errors, .. }| errors)),
        ("state", |total| total.state(&[0]).map(|_| vec![])),
        ("restore", |total| total.restore(&[0], &[longs([1])]).map(|()| vec![])),
        ("remove", |total| total.remove(&[0]).map(|()| vec![])),
    ];
    // States of its type: what another does with them is looked at by itself.
    let takes_longs = bound.state_fields().iter().all(|field| *field.data_type() == DataType::Int64);
    for on_error in [OnError::Fail, OnError::Skip] {
        for (name, call) in calls {
            if ["merge", "restore"].contains(&name) && !takes_longs {
                continue;
            }
            let mut total = match bound.aggregate(on_error) {
                Ok(total) => total,
                Err(error) => return format!("open: {error}\n"),
            };
            let mut found = String::new();
            match call(&mut total) {
                Ok(errors) => row_errors(&mut found, &errors),
                Err(error) => writeln!(found, "{error}").unwrap(),
            }
            for line in found.lines() {
                writeln!(said, "{name} ({on_error:?}): {line}").unwrap();
            }
        }
    }
    said
}
