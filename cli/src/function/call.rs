//! `anabranch function call`: what a function computes.

use std::path::PathBuf;

use anabranch::arrow::array::ArrayRef;
use anabranch::functions::component::host_error;
use anabranch::types::UTC;
use anabranch::{Error, Result, printable};
use anabranch_host::{FunctionKind, OnError, RowError};

use super::load;
use super::rows::Input;
use super::with::With;
use crate::table::texts;

/// Rows of a call, and rows of a table function that are fetched at once.
const CHUNK: usize = 1024;

#[derive(clap::Args)]
pub struct Options {
    /// The component, or the folder of a package that is built.
    file: PathBuf,
    /// The function's name.
    name: String,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    with: With,
}

pub fn call(options: &Options) -> Result<()> {
    let name = &options.name;
    let package = load(&options.file, &options.with.limits()?)?;
    let call = options.input.read(&package, name)?;
    let bound = call.bind(&package, &options.with)?;
    let settle = |start: usize, errors: &[RowError]| match errors.first() {
        Some(error) if call.rows == 1 => Err(failed(name, &error.message)),
        Some(error) => Err(failed(name, &format!("row {}: {}", start + error.row as usize + 1, error.message))),
        None => Ok(()),
    };
    let chunks = || {
        (0..call.rows).step_by(CHUNK).map(|start| {
            let rows = CHUNK.min(call.rows - start);
            (start, rows, call.columns.iter().map(|column| column.slice(start, rows)).collect::<Vec<_>>())
        })
    };
    match call.signature.kind {
        FunctionKind::Scalar => {
            let mut instance = bound.scalar().map_err(host_error)?;
            for (start, rows, columns) in chunks() {
                let output = instance.call(&columns, rows).map_err(host_error)?;
                settle(start, &output.errors)?;
                print(&[output.array])?;
            }
            Ok(())
        }
        FunctionKind::Table => {
            let mut instance = bound.table().map_err(host_error)?;
            for (start, rows, columns) in chunks() {
                instance.begin(&columns, rows).map_err(host_error)?;
                while let Some(chunk) = instance.next(CHUNK).map_err(host_error)? {
                    print(&chunk.columns)?;
                    settle(start, &chunk.errors)?;
                }
            }
            Ok(())
        }
        FunctionKind::Aggregate => {
            let mut instance = bound.aggregate(OnError::Fail).map_err(host_error)?;
            for (start, rows, columns) in chunks() {
                settle(start, &instance.accumulate(&vec![0; rows], &columns).map_err(host_error)?)?;
            }
            let output = instance.evaluate(&[0]).map_err(host_error)?;
            settle(0, &output.errors)?;
            print(&[output.array])
        }
    }
}

fn failed(name: &str, message: &str) -> Error {
    Error::function(format!("function '{name}' failed: {message}"))
}

/// A line per row, its columns separated by tabs.
fn print(columns: &[ArrayRef]) -> Result<()> {
    let columns = columns.iter().map(|column| texts(column, UTC)).collect::<Result<Vec<_>>>()?;
    for row in 0..columns.first().map_or(0, Vec::len) {
        let values: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
        say!("{}", printable(&values.join("\t")));
    }
    Ok(())
}
