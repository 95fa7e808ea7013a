//! `anabranch function`: what a package holds, and what its functions compute.

use std::path::Path;
use std::sync::Arc;

use anabranch::arrow::array::{ArrayRef, StringArray};
use anabranch::arrow::compute::{CastOptions, cast_with_options};
use anabranch::arrow::datatypes::{DataType, Field};
use anabranch::functions::component::host_error;
use anabranch::types::{UTC, sql_type};
use anabranch::{Error, Result};
use anabranch_host::{
    BindRequest, BoundFunction, FunctionKind, Grants, Host, Limits, OnError, Package, RowError, Signature,
};

use crate::table::texts;

/// Rows of a table function that are fetched at once.
const CHUNK: usize = 1024;

pub fn inspect(file: &Path) -> Result<()> {
    let package = load(file)?;
    let metadata = package.metadata();
    println!("package   {} {}", metadata.name, metadata.version);
    println!("contract  anabranch:functions@{}", anabranch_host::CONTRACT_VERSION);
    let imports = package.imports();
    println!("imports   {}", if imports.is_empty() { "nothing".to_owned() } else { imports.join(", ") });
    for function in package.functions() {
        println!("\n{}", signature(function));
        let mut traits = vec![function.kind.to_string()];
        traits.push(if function.deterministic { "deterministic" } else { "not deterministic" }.to_owned());
        if function.kind == FunctionKind::Aggregate {
            traits.extend(function.retracts.then(|| "retracts".to_owned()));
            traits.extend(function.merges.then(|| "merges".to_owned()));
        }
        println!("    {}", traits.join(", "));
        for line in function.doc.lines() {
            println!("    {line}");
        }
    }
    Ok(())
}

pub fn call(file: &Path, name: &str, values: &[String]) -> Result<()> {
    let package = load(file)?;
    let mut overloads: Vec<(usize, &Signature)> =
        package.functions().iter().enumerate().filter(|(_, function)| function.name == name).collect();
    if overloads.is_empty() {
        let names = package.functions().iter().map(|function| function.name.as_str());
        let hint = anabranch::suggest::did_you_mean(name, names);
        return Err(Error::user(format!("`{}` has no function '{name}'", file.display())).hint(hint));
    }
    // A text fits everything, so other types are tried before it.
    overloads.sort_by_key(|(_, function)| {
        function.parameters.iter().filter(|parameter| parameter.data_type() == &DataType::Utf8).count()
    });
    let fitting = overloads.iter().find_map(|(index, function)| Some((*index, *function, columns(function, values)?)));
    let Some((index, function, columns)) = fitting else {
        let known = overloads.iter().map(|(_, function)| signature(function)).collect::<Vec<_>>().join(", ");
        return Err(Error::user(format!("no overload of '{name}' takes ({})", values.join(", ")))
            .hint(format!("it has {known}")));
    };
    let rows = columns.first().map_or(1, |column| column.len());
    let bound = bind(&package, index, function, &columns, rows)?;
    match function.kind {
        FunctionKind::Scalar => {
            let output = bound.scalar().and_then(|mut instance| instance.call(&columns, rows)).map_err(host_error)?;
            settle(name, &output.errors)?;
            print(&[output.array])
        }
        FunctionKind::Table => {
            let mut instance = bound.table().map_err(host_error)?;
            instance.begin(&columns, rows).map_err(host_error)?;
            while let Some(chunk) = instance.next(CHUNK).map_err(host_error)? {
                print(&chunk.columns)?;
                settle(name, &chunk.errors)?;
            }
            Ok(())
        }
        FunctionKind::Aggregate => {
            let mut instance = bound.aggregate(OnError::Fail).map_err(host_error)?;
            settle(name, &instance.accumulate(&vec![0; rows], &columns).map_err(host_error)?)?;
            let output = instance.evaluate(&[0]).map_err(host_error)?;
            settle(name, &output.errors)?;
            print(&[output.array])
        }
    }
}

fn load(file: &Path) -> Result<Arc<Package>> {
    Host::shared().and_then(|host| host.load_file(file, &Limits::default())).map_err(host_error)
}

fn bind(
    package: &Arc<Package>,
    index: usize,
    function: &Signature,
    columns: &[ArrayRef],
    rows: usize,
) -> Result<BoundFunction> {
    let constants = columns.iter().map(|column| (rows == 1).then(|| column.clone())).collect();
    let request =
        BindRequest { function: index, arguments: function.parameters.clone(), constants, ..Default::default() };
    package.bind(request, Limits::default(), Grants::default()).map_err(host_error)
}

/// `classify(behavior STRING) -> STRING`.
fn signature(function: &Signature) -> String {
    let field = |field: &Field| format!("{} {}", field.name(), sql_type(field.data_type()));
    let parameters: Vec<String> = function.parameters.iter().map(field).collect();
    format!("{}({}) -> {}", function.name, parameters.join(", "), sql_type(function.result.data_type()))
}

/// The values as columns of the parameters' types: one row, or for an aggregate as many as they fill. `None` where they
/// do not fit.
fn columns(function: &Signature, values: &[String]) -> Option<Vec<ArrayRef>> {
    let width = function.parameters.len();
    let fits = match function.kind {
        FunctionKind::Aggregate if width > 0 => values.len().is_multiple_of(width) && !values.is_empty(),
        _ => values.len() == width,
    };
    if !fits {
        return None;
    }
    let strict = CastOptions { safe: false, ..Default::default() };
    let column = |(place, parameter): (usize, &Field)| {
        let texts = values.iter().skip(place).step_by(width).map(|value| (value != "NULL").then_some(value.as_str()));
        let texts: ArrayRef = Arc::new(texts.collect::<StringArray>());
        cast_with_options(&texts, parameter.data_type(), &strict).ok()
    };
    function.parameters.iter().enumerate().map(column).collect()
}

fn settle(name: &str, errors: &[RowError]) -> Result<()> {
    match errors.first() {
        Some(error) => Err(Error::function(format!("function '{name}' failed: {}", error.message))),
        None => Ok(()),
    }
}

/// A line per row, its columns separated by tabs.
fn print(columns: &[ArrayRef]) -> Result<()> {
    let columns = columns.iter().map(|column| texts(column, UTC)).collect::<Result<Vec<_>>>()?;
    for row in 0..columns.first().map_or(0, Vec::len) {
        let values: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
        println!("{}", values.join("\t"));
    }
    Ok(())
}
