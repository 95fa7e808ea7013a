//! What the tests of the host share.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use anabranch_host::{
    AggregateFunction, BindRequest, BoundFunction, Grants, Host, HostConfig, Limits, OnError, Package, Result,
    ScalarFunction, TableFunction,
};
use arrow::array::{Array, ArrayRef, Int64Array, StringArray};
use arrow::util::display::array_value_to_string;

/// A package of `tests/functions`, which `cargo xtask components` has built.
pub fn file(name: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/functions/{name}/{name}.wasm"));
    assert!(file.exists(), "{} is not there: run `cargo xtask components`", file.display());
    file
}

/// A host without a cache, one per process.
pub fn host() -> Arc<Host> {
    static HOST: OnceLock<Arc<Host>> = OnceLock::new();
    HOST.get_or_init(|| Host::new(HostConfig { cache: None, ..HostConfig::default() }).unwrap()).clone()
}

/// A package of `tests/functions`, loaded once per process.
pub fn package(name: &'static str) -> Arc<Package> {
    static PACKAGES: OnceLock<std::sync::Mutex<Vec<(&'static str, Arc<Package>)>>> = OnceLock::new();
    let mut packages = PACKAGES.get_or_init(Default::default).lock().unwrap();
    if let Some((_, package)) = packages.iter().find(|(loaded, _)| *loaded == name) {
        return package.clone();
    }
    let package = host().load_file(file(name), &Limits::default()).unwrap();
    packages.push((name, package.clone()));
    package
}

/// Binds a function of a package by its name, with the parameters' own types.
pub struct Bind {
    package: Arc<Package>,
    pub request: BindRequest,
    pub limits: Limits,
    pub grants: Grants,
}

pub fn bind(package_name: &'static str, function: &str) -> Bind {
    let package = package(package_name);
    let number = package.functions().iter().position(|signature| signature.name == function).unwrap();
    Bind {
        request: BindRequest {
            function: number,
            arguments: package.functions()[number].parameters.clone(),
            ..BindRequest::default()
        },
        package,
        limits: Limits::default(),
        grants: Grants::default(),
    }
}

impl Bind {
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.request.options.push((name.into(), value.into()));
        self
    }

    pub fn limit(mut self, name: &str, value: &str) -> Self {
        assert!(self.limits.set(name, value).unwrap());
        self
    }

    pub fn grant(mut self, name: &str, value: &str) -> Self {
        assert!(self.grants.set(name, value).unwrap());
        self
    }

    pub fn bound(self) -> Result<BoundFunction> {
        self.package.bind(self.request, self.limits, self.grants)
    }

    pub fn scalar(self) -> ScalarFunction {
        self.bound().unwrap().scalar().unwrap()
    }

    pub fn table(self) -> TableFunction {
        self.bound().unwrap().table().unwrap()
    }

    pub fn aggregate(self, on_error: OnError) -> AggregateFunction {
        self.bound().unwrap().aggregate(on_error).unwrap()
    }
}

pub fn longs(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

pub fn maybe_longs(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(Int64Array::from_iter(values))
}

pub fn texts<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(StringArray::from_iter(values))
}

/// An array in one line, NULL as `-`.
pub fn show(array: &dyn Array) -> String {
    let value = |row| match array.is_null(row) {
        true => "-".to_string(),
        false => array_value_to_string(array, row).unwrap(),
    };
    (0..array.len()).map(value).collect::<Vec<_>>().join(" ")
}
