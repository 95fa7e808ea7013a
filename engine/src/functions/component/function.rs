//! A component's function, loaded: its package, its overloads, its limits.

use std::sync::Arc;

use anabranch_host::{Digest, GRANT_OPTIONS, Grants, Host, LIMIT_OPTIONS, Limits, Package, Signature};
use datafusion::arrow::datatypes::Field;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF, Volatility};

use super::aggregate::ComponentResolver;
use super::asynchronous::AsyncParser;
use super::origin::{self, Component};
use super::row_errors::host_error;
use super::{
    ASYNC_OPTIONS, AsyncOptions, ComponentDeclaration, ComponentScalar, ComponentTable, FUNCTION_OPTIONS, FunctionCode,
    InlineFunction, OnError,
};
use crate::error::{Error, Position, Result};
use crate::functions::udaf::EngineAggregate;
use crate::suggest::{did_you_mean, list};
use crate::types::sql_type;

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// One value per row.
    Scalar,
    /// Zero or more rows per row.
    Table,
    /// One value per group.
    Aggregate,
}

impl FunctionKind {
    fn name(self) -> &'static str {
        match self {
            FunctionKind::Scalar => "scalar",
            FunctionKind::Table => "table",
            FunctionKind::Aggregate => "aggregate",
        }
    }
}

/// A function of a component under the name that SQL calls it by. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ComponentFunction(pub(super) Arc<Loaded>);

#[derive(Debug)]
pub(super) struct Loaded {
    pub declaration: ComponentDeclaration,
    pub kind: FunctionKind,
    pub package: Arc<Package>,
    /// Indices into the package's functions: those of this name.
    pub overloads: Vec<usize>,
    pub limits: Limits,
    pub grants: Grants,
    pub on_error: OnError,
    /// The table for rows that fail, where `on_error` says so.
    pub dead_letter_table: Option<Arc<str>>,
    /// How it is called where it waits.
    pub asynchronous: Option<AsyncOptions>,
    /// Options of the function's own, without their prefix.
    pub options: Vec<(String, String)>,
}

impl ComponentFunction {
    /// Loads the package, compiled from the cache where it is there, and checks the options.
    ///
    /// # Errors
    /// User errors for unknown options and names; function errors for a package that cannot be loaded.
    pub fn load(declaration: ComponentDeclaration) -> Result<Self> {
        let parsed = parse_options(&declaration)?;
        let Parsed { limits, grants, on_error, dead_letter_table, asynchronous, digest, varies, options } = parsed;
        // Now, and not when the first job starts.
        grants.check().map_err(host_error)?;
        let (package, overloads) = match &declaration.code {
            FunctionCode::Component { export, path } => {
                let package = load_package(path, &limits, digest)?;
                let overloads = find_overloads(&declaration.name, export.as_deref(), path, &package)?;
                (package, overloads)
            }
            FunctionCode::Inline(inline) => {
                let signature = inline.signature(&declaration.name, !varies);
                (Arc::new(define(inline, &signature, &limits, grants.clone())?), vec![0])
            }
        };
        for option in package.useless_grants(&grants) {
            tracing::warn!(
                function = declaration.name,
                "'{option}' has no effect: the component imports nothing that it would open"
            );
        }
        let kind = match package.functions()[overloads[0]].kind {
            anabranch_host::FunctionKind::Scalar => FunctionKind::Scalar,
            anabranch_host::FunctionKind::Table => FunctionKind::Table,
            anabranch_host::FunctionKind::Aggregate => FunctionKind::Aggregate,
        };
        if asynchronous.is_some() && kind != FunctionKind::Scalar {
            let message = format!("'{}' is of the kind {}", declaration.name, kind.name());
            return Err(Error::user(message).hint("only scalar functions can be asynchronous"));
        }
        let loaded = Loaded {
            declaration,
            kind,
            package,
            overloads,
            limits,
            grants,
            on_error,
            dead_letter_table,
            asynchronous,
            options,
        };
        Ok(ComponentFunction(Arc::new(loaded)))
    }

    /// As SQL calls it.
    pub fn name(&self) -> &str {
        &self.0.declaration.name
    }

    /// Refuses a declaration that means nothing, before anything is loaded: what its options say, and where its component is.
    pub fn check(declaration: &ComponentDeclaration) -> Result<()> {
        let Parsed { digest, .. } = parse_options(declaration)?;
        match &declaration.code {
            FunctionCode::Component { path, .. } => origin::check(path, digest.is_some()),
            FunctionCode::Inline(_) => Ok(()),
        }
    }

    pub fn declaration(&self) -> &ComponentDeclaration {
        &self.0.declaration
    }

    pub fn kind(&self) -> FunctionKind {
        self.0.kind
    }

    /// What becomes of a row that fails.
    pub fn on_error(&self) -> OnError {
        self.0.on_error
    }

    /// The table for rows that fail, where the policy says so.
    pub fn dead_letter_table(&self) -> Option<&Arc<str>> {
        self.0.dead_letter_table.as_ref()
    }

    /// How it is called where it waits; `None`: as others are.
    pub fn asynchronous(&self) -> Option<&AsyncOptions> {
        self.0.asynchronous.as_ref()
    }

    /// The first sentence of what the package says of the function.
    pub fn doc(&self) -> &str {
        self.overloads().next().map_or("", |(_, signature)| signature.doc.lines().next().unwrap_or_default())
    }

    /// Every overload says that it always gives the same for the same, and nothing that varies is granted.
    pub fn is_deterministic(&self) -> bool {
        !self.0.grants.vary() && self.overloads().all(|(_, signature)| signature.deterministic)
    }

    /// What it is granted, as people read it; empty where that is nothing. Of secrets, where they lie.
    pub fn granted(&self) -> String {
        self.0.grants.to_string()
    }

    /// The overloads as people read them: `classify(behaviour STRING) -> STRING`.
    pub fn signatures(&self) -> Vec<String> {
        self.overloads().map(|(_, signature)| self.describe(signature)).collect()
    }

    pub(super) fn overloads(&self) -> impl Iterator<Item = (usize, &Signature)> {
        self.0.overloads.iter().map(|&index| (index, &self.0.package.functions()[index]))
    }

    fn describe(&self, signature: &Signature) -> String {
        let field = |field: &Field| format!("{} {}", field.name(), sql_type(field.data_type()));
        let parameters: Vec<String> = signature.parameters.iter().map(field).collect();
        format!("{}({}) -> {}", self.name(), parameters.join(", "), sql_type(signature.result.data_type()))
    }

    /// As DataFusion's planner takes it.
    ///
    /// # Errors
    /// A user error where it is no scalar function.
    pub fn scalar(&self) -> Result<ScalarUDF> {
        self.expect(FunctionKind::Scalar)?;
        // A call of constants is computed as it is planned, and stands in the plan as its value, which may tell what was
        // granted: a secret.
        let foldable = self.is_deterministic() && self.granted().is_empty();
        let volatility = if foldable { Volatility::Immutable } else { Volatility::Volatile };
        Ok(ScalarUDF::new_from_impl(ComponentScalar::new(self.clone(), volatility)))
    }

    /// # Errors
    /// A user error where it is no table function.
    pub fn table(&self) -> Result<ComponentTable> {
        self.expect(FunctionKind::Table)?;
        Ok(ComponentTable { function: self.clone() })
    }

    /// As DataFusion's planner takes it: around a [`crate::functions::udaf::EngineAggregate`].
    ///
    /// # Errors
    /// A user error where it is no aggregate function.
    pub fn aggregate(&self) -> Result<AggregateUDF> {
        self.expect(FunctionKind::Aggregate)?;
        Ok(EngineAggregate::udf(Arc::new(ComponentResolver(self.clone()))))
    }

    fn expect(&self, kind: FunctionKind) -> Result<()> {
        if self.kind() == kind {
            return Ok(());
        }
        let (name, is, wanted) = (self.name(), self.kind().name(), kind.name());
        Err(Error::user(format!("function '{name}' is of the kind {is}, not {wanted}")))
    }
}

/// The package that the DDL names: a file, an installed package by name and version, or a URL.
fn load_package(named: &str, limits: &Limits, digest: Option<Digest>) -> Result<Arc<Package>> {
    // Checked before any of it is compiled or run.
    let Component { name, bytes } = origin::read(named, limits, digest)?;
    let host = Host::shared().map_err(host_error)?;
    host.load(&name, &bytes, limits).map_err(host_error)
}

/// Has an interpreter make a package of the source. Errors of the source have their place in it.
fn define(inline: &InlineFunction, signature: &Signature, limits: &Limits, grants: Grants) -> Result<Package> {
    let host = Host::shared().map_err(host_error)?;
    let interpreter = host.interpreter(inline.language).map_err(|error| match &error {
        anabranch_host::Error::NoInterpreter { looked_in, .. } => {
            let folders: Vec<String> = looked_in.iter().map(|folder| folder.display().to_string()).collect();
            let hint = format!("it was looked for in {}", folders.join(", "));
            host_error(error).hint(hint)
        }
        _ => host_error(error),
    })?;
    interpreter.define(signature, &inline.source, limits, grants).map_err(|error| match error {
        anabranch_host::Error::Source { line, column, .. } if line > 0 => {
            host_error(error).at(Position { line: line.into(), column: column.max(1).into() })
        }
        _ => host_error(error),
    })
}

/// What the options say.
#[derive(Default)]
struct Parsed {
    limits: Limits,
    grants: Grants,
    on_error: OnError,
    dead_letter_table: Option<Arc<str>>,
    asynchronous: Option<AsyncOptions>,
    /// What the component's file must be.
    digest: Option<Digest>,
    /// Of an inline function, which does not say it itself: it is not deterministic.
    varies: bool,
    /// The function's own.
    options: Vec<(String, String)>,
}

fn parse_options(declaration: &ComponentDeclaration) -> Result<Parsed> {
    let Parsed { mut limits, mut grants, mut on_error, mut dead_letter_table, mut digest, mut options, .. } =
        Parsed::default();
    let mut varies = false;
    let mut asynchronous = AsyncParser::default();
    let is_inline = matches!(declaration.code, FunctionCode::Inline(_));
    let refuse = |name: &str, reason: &str| {
        Err(Error::user(format!("option '{name}' of function '{}' {reason}", declaration.name)))
    };
    for (name, value) in &declaration.options {
        if let Some(own) = name.strip_prefix("option.") {
            options.push((own.to_owned(), value.clone()));
        } else if name == "on-error" {
            on_error = match value.to_ascii_lowercase().as_str() {
                "fail" => OnError::Fail,
                "null" => OnError::Null,
                "skip" => OnError::Skip,
                "dead-letter" => OnError::DeadLetter,
                _ => {
                    let message = format!("option 'on-error' of function '{}' is '{value}'", declaration.name);
                    return Err(Error::user(message).hint("it is 'fail', 'null', 'skip' or 'dead-letter'"));
                }
            };
        } else if name == "deterministic" {
            varies = match value.trim().to_ascii_lowercase().as_str() {
                _ if !is_inline => return refuse(name, "is for inline functions: a component says so itself"),
                "true" => false,
                "false" => true,
                _ => return refuse(name, &format!("is 'true' or 'false', not '{value}'")),
            };
        } else if name == "sha256" && is_inline {
            return refuse(name, "is for components: the source of an inline function stands here");
        } else if name == "dead-letter.table" {
            dead_letter_table = Some(value.as_str().into());
        } else if name == "sha256" {
            let error = |error: anabranch_host::Error| {
                Error::user(format!("option 'sha256' of function '{}': {error}", declaration.name))
            };
            digest = Some(value.trim().parse().map_err(error)?);
        } else if asynchronous.set(&declaration.name, name, value)? {
            // Taken.
        } else if !limits.set(name, value).map_err(host_error)? && !grants.set(name, value).map_err(host_error)? {
            let known = [LIMIT_OPTIONS, GRANT_OPTIONS, FUNCTION_OPTIONS, ASYNC_OPTIONS].concat();
            let hint = did_you_mean(name, known.iter().map(|(name, _)| *name));
            return Err(Error::user(format!("unknown option '{name}' of function '{}'", declaration.name)).hint(hint));
        }
    }
    let name = &declaration.name;
    match (on_error, &dead_letter_table) {
        (OnError::DeadLetter, None) => {
            let message = format!("function '{name}' sends rows that fail to a table, and no table is named");
            return Err(Error::user(message).hint("name one that is declared: 'dead-letter.table' = '…'"));
        }
        (OnError::Fail | OnError::Null | OnError::Skip, Some(table)) => {
            let message = format!("function '{name}' has a table '{table}' for rows that fail, and sends none there");
            return Err(Error::user(message).hint("say 'on-error' = 'dead-letter'"));
        }
        _ => {}
    }
    let asynchronous = asynchronous.finish(name)?;
    Ok(Parsed { limits, grants, on_error, dead_letter_table, asynchronous, digest, varies, options })
}

/// The signatures of the name that `AS` gives; without it of the function's own name (in any case), or the package's
/// only ones.
fn find_overloads(name: &str, export: Option<&str>, path: &str, package: &Package) -> Result<Vec<usize>> {
    let functions = package.functions();
    let named = |matches: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..functions.len()).filter(|&index| matches(&functions[index].name)).collect()
    };
    let wanted = export.unwrap_or(name);
    let mut found = named(&|name| name == wanted);
    if found.is_empty() {
        found = named(&|name| name.eq_ignore_ascii_case(wanted));
    }
    let only = functions.first().is_some_and(|first| functions.iter().all(|other| other.name == first.name));
    if found.is_empty() && export.is_none() && only {
        found = named(&|_| true);
    }
    if let Some(&first) = found.first() {
        if found.iter().any(|&index| functions[index].kind != functions[first].kind) {
            return Err(Error::function(format!(
                "the overloads of '{wanted}' in {} are of several kinds",
                package.name()
            )));
        }
        return Ok(found);
    }
    let mut names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    names.dedup();
    Err(Error::user(format!("the component `{}` has no function '{wanted}'", origin::shown(path)))
        .hint(format!("it has {}; name one by AS '…'", list(&names))))
}
