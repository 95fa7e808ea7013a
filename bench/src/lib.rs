//! What the measurements of functions in several languages share: the packages of `tests/functions/same`, which
//! `cargo xtask bench` builds, and functions of source text.

use std::path::PathBuf;
use std::sync::Arc;

use anabranch_host::{BindRequest, BoundFunction, FunctionKind, Grants, Host, Interpreter, Limits, Package, Signature};
use anyhow::{Context, Result, ensure};
use arrow::datatypes::{DataType, Field};

/// The component of a language.
///
/// # Errors
/// Where it is not built.
pub fn component(language: &str) -> Result<PathBuf> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/functions/same/{language}/same.wasm"));
    ensure!(file.exists(), "{} is not there: run `cargo xtask bench`, which builds it", file.display());
    Ok(file)
}

/// Binds a function of a package, with the parameters' own types.
///
/// # Errors
/// Where there is none of the name, or the host refuses it.
pub fn bind(package: &Arc<Package>, name: &str) -> Result<BoundFunction> {
    let function = package.functions().iter().position(|signature| signature.name == name);
    let function = function.with_context(|| format!("there is no function {name}"))?;
    let arguments = package.functions()[function].parameters.clone();
    Ok(package.bind(
        BindRequest { function, arguments, ..BindRequest::default() },
        Limits::default(),
        Grants::default(),
    )?)
}

/// A function of one or more `BIGINT`s, which are not NULL, to one, from its source.
///
/// # Errors
/// Where the interpreter is not installed, or refuses the source.
pub fn inline(
    host: &Arc<Host>,
    interpreter: Interpreter,
    name: &str,
    parameters: &[&str],
    source: &str,
) -> Result<BoundFunction> {
    let long = |name: &str, nullable| Field::new(name, DataType::Int64, nullable);
    let signature = Signature {
        name: name.to_owned(),
        kind: FunctionKind::Scalar,
        parameters: parameters.iter().map(|name| long(name, false)).collect(),
        result: long("", true),
        deterministic: true,
        retracts: false,
        merges: false,
        doc: String::new(),
    };
    let interpreter = host.interpreter(interpreter)?;
    let package = interpreter.define(&signature, source, &Limits::default(), Grants::default())?;
    bind(&Arc::new(package), name)
}
