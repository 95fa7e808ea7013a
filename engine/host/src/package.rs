//! A loaded function package: compiled, checked and described.

use std::sync::Arc;

use arrow::datatypes::Field;
use wasmtime::Module;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use crate::bound::{BindRequest, BoundFunction};
use crate::compiling;
use crate::componentize::componentize;
use crate::error::{Error, Result};
use crate::grants::Grants;
use crate::host::Host;
use crate::instance::Instance;
use crate::limits::Limits;
use crate::metadata::{self, FunctionKind, PackageMetadata, Signature};
use crate::sandbox::{State, WASI_INTERFACES};
use crate::text;
use crate::wire::field::same_layout;
use crate::wire::{
    CONTRACT_PREFIX, FUNCTIONS_INTERFACE, HTTP_INTERFACE, INTERPRETER_INTERFACE, LOG_INTERFACE, description as wire,
};

/// Components of more bytes take seconds to compile.
const LARGE: usize = 1 << 20;

/// A package: a component with its metadata, ready to be bound to places in plans.
pub struct Package {
    pub(crate) host: Arc<Host>,
    name: String,
    pub(crate) pre: InstancePre<State>,
    pub(crate) exports: Exports,
    imports: Vec<String>,
    /// Whether it imports WASI or HTTP, whose host functions may wait: not on a thread that drives asynchronous tasks.
    pub(crate) may_wait: bool,
    metadata: PackageMetadata,
    /// Of an interpreter's function: what every instance defines before anything is bound.
    pub(crate) definition: Option<Definition>,
}

/// A function that an interpreter makes of a source.
#[derive(Clone)]
pub(crate) struct Definition {
    pub signature: wire::Signature,
    pub source: String,
}

impl std::fmt::Debug for Package {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Package")
            .field("name", &self.name)
            .field("imports", &self.imports)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

impl Package {
    pub(crate) fn load(host: &Arc<Host>, name: &str, bytes: &[u8], limits: &Limits) -> Result<Self> {
        let package = format!("'{name}'");
        if bytes.len() as u64 > limits.max_module_size {
            return Err(Error::TooLarge { package, size: bytes.len() as u64, limit: limits.max_module_size });
        }
        let compile = || compile(host, &package, bytes);
        let component = match &host.cache {
            Some(cache) => cache.get(&host.engine, bytes, compile)?,
            None => compile()?,
        };
        let imports = check_imports(host, &package, &component)?;
        let pre = host
            .linker
            .instantiate_pre(&component)
            .map_err(|error| Error::Load { package: package.clone(), reason: text::message(format!("{error:#}")) })?;
        // After the imports: a package may have wrong ones whatever it exports.
        let exports = Exports::find(host, &package, &component)?;
        let mut loaded = Package {
            host: host.clone(),
            name: name.to_string(),
            pre,
            exports,
            may_wait: imports.iter().any(|import| import.starts_with("wasi:") || import == HTTP_INTERFACE),
            imports,
            metadata: PackageMetadata { name: String::new(), version: String::new(), functions: Vec::new() },
            definition: None,
        };
        let mut instance = Instance::new(&loaded, name, limits, &Grants::default()).map_err(|error| match error {
            Error::Bind { reason, .. } => Error::Load { package: package.clone(), reason },
            other => other,
        })?;
        let described = instance.describe(&loaded)?;
        loaded.metadata = PackageMetadata::from_wire(described, loaded.is_interpreter())
            .map_err(|reason| Error::Metadata { package: package.clone(), reason })?;
        Ok(loaded)
    }

    /// The name that the package was loaded by: a path or URL.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the package holds.
    pub fn metadata(&self) -> &PackageMetadata {
        &self.metadata
    }

    /// The package's signatures; an index into them is a function's number.
    pub fn functions(&self) -> &[Signature] {
        &self.metadata.functions
    }

    /// What the package imports, by interface, sorted.
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// Grants that open nothing, as the package imports nothing of the kind: options of DDL, by name.
    pub fn useless_grants(&self, grants: &Grants) -> Vec<&'static str> {
        let wanted = self.wanted_grants();
        grants.options().into_iter().filter(|option| !wanted.contains(option)).collect()
    }

    /// The options of DDL that would give something to what the package imports, by name. Without them its imports are
    /// there, with nothing in them.
    pub fn wanted_grants(&self) -> Vec<&'static str> {
        let mut wanted: Vec<_> = self.imports.iter().flat_map(|import| grants_for(import)).copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// Whether it makes functions of source text.
    pub fn is_interpreter(&self) -> bool {
        self.exports.define.is_some()
    }

    /// The function that an interpreter makes of a source, as a package of this one function.
    ///
    /// The signature is what the DDL says, its kind table or scalar: a source may turn out to be an aggregate. What is
    /// defined is checked as any package's metadata is.
    pub fn define(&self, signature: &Signature, source: &str, limits: &Limits, grants: Grants) -> Result<Package> {
        let name = &signature.name;
        let refused = |reason: String| Error::Bind { function: name.clone(), reason, words: Default::default() };
        let definition =
            Definition { signature: metadata::to_wire(signature).map_err(refused)?, source: source.to_string() };
        let mut instance = Instance::new(self, name, limits, &grants)?;
        let defined = instance.define(self, &definition)?;
        let described = wire::Metadata {
            name: self.metadata.name.clone(),
            version: self.metadata.version.clone(),
            functions: vec![defined.signature],
        };
        let wrong = |reason: String| Error::Metadata { package: format!("'{}'", self.name), reason };
        let metadata = PackageMetadata::from_wire(described, false).map_err(wrong)?;
        if !metadata.functions.first().is_some_and(|defined| defines(defined, signature)) {
            return Err(wrong(format!("it was to define {signature}, and defined something else")));
        }
        Ok(Package {
            host: self.host.clone(),
            name: self.name.clone(),
            pre: self.pre.clone(),
            exports: self.exports,
            imports: self.imports.clone(),
            may_wait: self.may_wait,
            metadata,
            definition: Some(definition),
        })
    }

    /// Binds a function to a place in a plan: types, constants, zone and options are agreed now, and never sent again.
    pub fn bind(self: &Arc<Self>, request: BindRequest, limits: Limits, grants: Grants) -> Result<BoundFunction> {
        BoundFunction::bind(self.clone(), request, limits, grants)
    }
}

/// Whether a function is what a signature asked for: of its name, types and kind, or an aggregate instead of scalar.
fn defines(defined: &Signature, asked: &Signature) -> bool {
    let same = |one: &Field, other: &Field| same_layout(one.data_type(), other.data_type());
    let kind = match asked.kind {
        FunctionKind::Scalar => defined.kind != FunctionKind::Table,
        kind => defined.kind == kind,
    };
    kind && defined.name == asked.name
        && defined.parameters.len() == asked.parameters.len()
        && defined.parameters.iter().zip(&asked.parameters).all(|(one, other)| same(one, other))
        && same(&defined.result, &asked.result)
}

fn compile(host: &Host, package: &str, bytes: &[u8]) -> Result<Component> {
    if bytes.len() > LARGE {
        tracing::warn!("{package} is compiled, which takes some seconds: only this time, as its code is kept");
    }
    let failed = |reason: String| Error::Load { package: package.to_string(), reason: text::message(reason) };
    let componentized;
    let component = match bytes {
        [0x00, b'a', b's', b'm', 0x0d, 0x00, 0x01, 0x00, ..] => bytes,
        [0x00, b'a', b's', b'm', 0x01, 0x00, 0x00, 0x00, ..] => {
            // What makes components of modules trusts that they are whole.
            Module::validate(&host.engine, bytes)
                .map_err(|error| failed(format!("it is no valid core module: {error:#}")))?;
            componentized = componentize(bytes).map_err(failed)?;
            &componentized
        }
        _ => return Err(failed("it is no WebAssembly file".into())),
    };
    let compile = || Component::from_binary(&host.engine, component);
    compiling::giving_way(compile).map_err(|error| failed(format!("{error:#}")))
}

/// The grants that an import asks for.
fn grants_for(import: &str) -> &'static [&'static str] {
    let is = |interface: &str| import.starts_with(interface);
    if is("wasi:clocks/") {
        &["grant.clock"]
    } else if is("wasi:random/") {
        &["grant.randomness"]
    } else if is("wasi:filesystem/") {
        &["grant.dir.*"]
    } else if is("wasi:cli/environment@") {
        &["grant.env", "grant.secret.*"]
    } else if is("wasi:http/outgoing-handler@") || import == HTTP_INTERFACE {
        &["grant.http"]
    } else {
        &[]
    }
}

/// The imports, all of which functions are given.
fn check_imports(host: &Host, package: &str, component: &Component) -> Result<Vec<String>> {
    let mut imports = Vec::new();
    for (import, _) in component.component_type().imports(&host.engine) {
        let is_wasi = WASI_INTERFACES.iter().any(|interface| import.starts_with(interface));
        let version = import.rsplit_once('@').map_or("", |(_, version)| version);
        let refused = if [LOG_INTERFACE, HTTP_INTERFACE].contains(&import) {
            None
        } else if import.starts_with(CONTRACT_PREFIX) {
            // Types of the contract may be imported by name, without anything to call.
            if import.starts_with("anabranch:functions/types@") {
                None
            } else {
                let is_http = import.starts_with("anabranch:functions/http");
                let near = if is_http { HTTP_INTERFACE } else { LOG_INTERFACE };
                return Err(Error::Contract {
                    package: package.to_string(),
                    found: format!("it imports `{}`", text::name(import)),
                    wanted: near.to_string(),
                });
            }
        } else if is_wasi && version.starts_with("0.2.") {
            None
        } else if is_wasi {
            Some("of WASI, version 0.2 is linked")
        } else if import.starts_with("wasi:http/") {
            Some("of HTTP, functions are given outgoing requests alone: `outgoing-handler` and `types`, version 0.2")
        } else {
            Some(
                "a function may import the contract's log and http and WASI 0.2, in which there is what its DDL grants",
            )
        };
        if let Some(hint) = refused {
            return Err(Error::Import {
                package: package.to_string(),
                import: text::name(import),
                hint: hint.to_string(),
            });
        }
        imports.push(import.to_string());
    }
    imports.sort_unstable();
    Ok(imports)
}

/// Where a component's exported functions are, so that instances need not look up names.
#[derive(Clone, Copy)]
pub(crate) struct Exports {
    pub describe: ComponentExportIndex,
    pub bind: ComponentExportIndex,
    pub call: ComponentExportIndex,
    pub begin: ComponentExportIndex,
    pub next: ComponentExportIndex,
    pub open: ComponentExportIndex,
    pub accumulate: ComponentExportIndex,
    pub retract: ComponentExportIndex,
    pub merge: ComponentExportIndex,
    pub evaluate: ComponentExportIndex,
    pub state: ComponentExportIndex,
    pub restore: ComponentExportIndex,
    pub remove: ComponentExportIndex,
    /// Of an interpreter.
    pub define: Option<ComponentExportIndex>,
}

impl Exports {
    fn find(host: &Host, package: &str, component: &Component) -> Result<Self> {
        let contract = |found: String| Error::Contract {
            package: package.to_string(),
            found,
            wanted: FUNCTIONS_INTERFACE.to_string(),
        };
        // Not by wasmtime's own lookup of names, which would take a compatible version for this one.
        let ty = component.component_type();
        let mut exports = Vec::new();
        for (export, item) in ty.exports(&host.engine) {
            if matches!(item.ty, ComponentItem::ComponentInstance(_)) {
                exports.push(export.to_string());
            }
        }
        let index = exports
            .iter()
            .any(|export| export == FUNCTIONS_INTERFACE)
            .then(|| component.get_export_index(None, FUNCTIONS_INTERFACE))
            .flatten();
        let Some(index) = index else {
            let other = exports.iter().find(|export| export.starts_with("anabranch:functions/functions"));
            return Err(contract(match (other, exports.is_empty()) {
                (Some(other), _) => format!("it exports `{other}`"),
                (None, true) => "it exports no interface".to_string(),
                (None, false) => text::message(format!("it exports `{}`", exports.join("`, `"))),
            }));
        };
        let find = |name: &str| {
            component
                .get_export_index(Some(&index), name)
                .ok_or_else(|| contract(format!("its `{FUNCTIONS_INTERFACE}` has no `{name}`")))
        };
        Ok(Exports {
            describe: find("describe")?,
            bind: find("bind")?,
            call: find("call")?,
            begin: find("begin")?,
            next: find("next")?,
            open: find("[static]accumulators.open")?,
            accumulate: find("[method]accumulators.accumulate")?,
            retract: find("[method]accumulators.retract")?,
            merge: find("[method]accumulators.merge")?,
            evaluate: find("[method]accumulators.evaluate")?,
            state: find("[method]accumulators.state")?,
            restore: find("[method]accumulators.restore")?,
            remove: find("[method]accumulators.remove")?,
            define: exports
                .iter()
                .any(|export| export == INTERPRETER_INTERFACE)
                .then(|| component.get_export_index(None, INTERPRETER_INTERFACE))
                .flatten()
                .and_then(|interpreter| component.get_export_index(Some(&interpreter), "define")),
        })
    }
}
