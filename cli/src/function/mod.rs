//! `anabranch function`: packages of functions, from a first line of source to a registry.

/// Prints a line of results, as `println!` does, which panics where nobody reads them any more.
macro_rules! say {
    ($($line:tt)*) => {
        $crate::run::say(format_args!($($line)*))?
    };
}

mod bench;
mod call;
mod inspect;
mod instance;
mod interpreter;
mod make;
mod publish;
mod remote;
mod rows;
mod test;
mod with;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anabranch::functions::component::host_error;
use anabranch::types::sql_type;
use anabranch::{Error, Result};
use anabranch_build::PackageDir;
use anabranch_host::{Host, Limits, Package, Reference, Registry, Signature};

use anabranch::arrow::datatypes::Field;

use crate::tell::tell;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Makes a package with a function of each kind, to start from.
    New(make::New),
    /// Builds the package in a folder; the last line on standard output is the component's path.
    Build(make::Build),
    /// Says what a component exports and imports.
    Inspect {
        /// The component, or the folder of a package that is built.
        file: PathBuf,
    },
    /// Calls a function: a scalar or table function on one row, an aggregate on as many rows as the arguments fill.
    Call(call::Options),
    /// Checks functions against cases in a file, and that they are as deterministic as they say.
    Test(test::Options),
    /// Measures a function: per call, per row, memory, against its limits.
    Bench(bench::Options),
    /// Puts a component into a registry, under the name and version that its metadata has.
    Publish(publish::Publish),
    /// Makes what runs inline functions, whose source stands in CREATE FUNCTION.
    #[command(subcommand)]
    Interpreter(interpreter::Command),
    /// Fetches a package from a registry, so that SQL finds it by name and version.
    Install(publish::Install),
}

pub fn run(command: &Command) -> Result<()> {
    match command {
        Command::New(options) => make::new(options),
        Command::Build(options) => make::build(options),
        Command::Inspect { file } => inspect::inspect(file),
        Command::Call(options) => call::call(options),
        Command::Test(options) => test::test(options),
        Command::Bench(options) => bench::bench(options),
        Command::Interpreter(command) => interpreter::run(command),
        Command::Publish(options) => publish::publish(options),
        Command::Install(options) => publish::install(options),
    }
}

/// The component that a command names: a file, an installed package by name and version, or what was built in a package's
/// folder; and, as an error, that the package has changed since.
fn component(path: &Path) -> Result<(PathBuf, Option<Error>)> {
    if !path.exists() {
        let named = path.to_str().filter(|text| Reference::is_meant(text));
        let Some(named) = named else {
            return Err(Error::user(format!("there is no file or folder '{}'", path.display())));
        };
        let find = || Registry::installed()?.find(&named.parse()?);
        let (_, component) = find().map_err(host_error)?;
        return Ok((component, None));
    }
    if !path.is_dir() {
        return Ok((path.to_owned(), None));
    }
    let package = PackageDir::open(path).map_err(made)?;
    let component = package.component();
    let build = |error: Error| error.hint(format!("run `anabranch function build {}`", path.display()));
    if !component.exists() {
        return Err(build(Error::user(format!("the package in '{}' is not built", path.display()))));
    }
    let stale = package.newer_source().map(|source| {
        let (source, component) = (source.display(), component.display());
        build(Error::user(format!("'{source}' was changed after '{component}' was built")))
    });
    Ok((component, stale))
}

fn load(path: &Path, limits: &Limits) -> Result<Arc<Package>> {
    let (component, stale) = component(path)?;
    if let Some(stale) = stale {
        tell!("warning: {stale}");
    }
    Host::shared().and_then(|host| host.load_file(component, limits)).map_err(host_error)
}

/// The overloads of a function, with their numbers.
fn overloads<'a>(package: &'a Package, name: &str) -> Result<Vec<(usize, &'a Signature)>> {
    let found: Vec<_> = package.functions().iter().enumerate().filter(|(_, function)| function.name == name).collect();
    if found.is_empty() {
        let names = package.functions().iter().map(|function| function.name.as_str());
        let hint = anabranch::suggest::did_you_mean(name, names);
        return Err(Error::user(format!("`{}` has no function '{name}'", package.name())).hint(hint));
    }
    Ok(found)
}

/// `classify(behavior STRING) -> STRING`.
fn signature(function: &Signature) -> String {
    let field = |field: &Field| format!("{} {}", field.name(), sql_type(field.data_type()));
    let parameters: Vec<String> = function.parameters.iter().map(field).collect();
    format!("{}({}) -> {}", function.name, parameters.join(", "), sql_type(function.result.data_type()))
}

/// What making a package failed of: the user's sources or tools, not us.
fn made(error: anyhow::Error) -> Error {
    Error::user(format!("{error:#}"))
}
