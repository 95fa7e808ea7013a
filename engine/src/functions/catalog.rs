//! The function catalog: names to functions, built-in ones and those of components. Names are case-insensitive, as in
//! Flink.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};

use super::component::{ComponentFunction, ComponentTable};
use crate::suggest::nearest;

/// A function by its kind, as the planner wants it.
#[derive(Debug, Clone)]
pub enum Function {
    Scalar(Arc<ScalarUDF>),
    Aggregate(Arc<AggregateUDF>),
    Table(Arc<ComponentTable>),
}

impl Function {
    /// `scalar`, `aggregate` or `table`.
    pub fn kind(&self) -> &'static str {
        match self {
            Function::Scalar(_) => "scalar",
            Function::Aggregate(_) => "aggregate",
            Function::Table(_) => "table",
        }
    }
}

/// Functions by name.
#[derive(Debug, Clone, Default)]
pub struct FunctionCatalog {
    /// By name in lower case.
    entries: BTreeMap<String, Entry>,
}

/// One name.
#[derive(Debug, Clone)]
pub struct Entry {
    /// As it was registered.
    pub name: String,
    pub function: Function,
    /// Comes with the engine; a function of the user's may stand before it, and gives it back when dropped.
    pub built_in: bool,
    /// For the reference page: the first sentence of what it does.
    pub doc: String,
    /// What the user's function is.
    pub component: Option<ComponentFunction>,
    /// What the user's function hides.
    hidden: Option<Box<Entry>>,
}

impl FunctionCatalog {
    /// A catalog with all functions that come with the engine.
    pub fn built_in() -> Self {
        let mut catalog = FunctionCatalog::default();
        for definition in super::scalar::definitions() {
            let function = Arc::new(definition.udf());
            for name in std::iter::once(&definition.name).chain(definition.aliases) {
                catalog.add_built_in(*name, Function::Scalar(function.clone()), definition.doc);
            }
        }
        for built_in in super::aggregates::BUILTINS {
            let function = Arc::new(super::udaf::built_in(built_in));
            catalog.add_built_in(built_in.name, Function::Aggregate(function), built_in.doc);
        }
        catalog
    }

    /// Adds a function that comes with the engine.
    pub fn add_built_in(&mut self, name: impl Into<String>, function: Function, doc: impl Into<String>) {
        let name = name.into();
        let entry =
            Entry { name: name.clone(), function, built_in: true, doc: doc.into(), component: None, hidden: None };
        self.entries.insert(name.to_lowercase(), entry);
    }

    /// Adds a function of the user's, or replaces it. It stands before a built-in one of its name.
    pub fn set(&mut self, name: impl Into<String>, function: Function, doc: impl Into<String>) {
        let name = name.into();
        let key = name.to_lowercase();
        let hidden = match self.entries.remove(&key) {
            Some(entry) if entry.built_in => Some(Box::new(entry)),
            Some(entry) => entry.hidden,
            None => None,
        };
        self.entries.insert(key, Entry { name, function, built_in: false, doc: doc.into(), component: None, hidden });
    }

    /// Says which component's function a name stands for.
    pub fn set_component(&mut self, name: &str, component: ComponentFunction) {
        if let Some(entry) = self.entries.get_mut(&name.to_lowercase()) {
            entry.component = Some(component);
        }
    }

    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(&name.to_lowercase())
    }

    pub fn scalar(&self, name: &str) -> Option<&Arc<ScalarUDF>> {
        match &self.get(name)?.function {
            Function::Scalar(function) => Some(function),
            _ => None,
        }
    }

    /// A scalar function of the engine's, whatever function of the user's stands before it.
    pub fn built_in_scalar(&self, name: &str) -> Option<&Arc<ScalarUDF>> {
        let entry = self.get(name)?;
        let entry = if entry.built_in { entry } else { entry.hidden.as_deref()? };
        match &entry.function {
            Function::Scalar(function) => Some(function),
            _ => None,
        }
    }

    pub fn aggregate(&self, name: &str) -> Option<&Arc<AggregateUDF>> {
        match &self.get(name)?.function {
            Function::Aggregate(function) => Some(function),
            _ => None,
        }
    }

    pub fn table(&self, name: &str) -> Option<&Arc<ComponentTable>> {
        match &self.get(name)?.function {
            Function::Table(function) => Some(function),
            _ => None,
        }
    }

    /// Removes a function of the user's; a built-in one that it hid is there again. `false` where there is none.
    pub fn remove(&mut self, name: &str) -> bool {
        let key = name.to_lowercase();
        match self.entries.get(&key) {
            Some(entry) if !entry.built_in => {
                let removed = self.entries.remove(&key);
                if let Some(hidden) = removed.and_then(|entry| entry.hidden) {
                    self.entries.insert(key, *hidden);
                }
                true
            }
            _ => false,
        }
    }

    /// All that can be called, by name.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The known names nearest to one that is not.
    pub fn nearest(&self, name: &str) -> Vec<&str> {
        nearest(name, self.entries.values().map(|entry| entry.name.as_str()))
    }
}
