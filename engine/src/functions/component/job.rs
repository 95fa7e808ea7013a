//! What functions share within one job, and with no other one.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anabranch_host::{FunctionMetrics, FunctionTotals, MemoryBudget};
use datafusion::common::config::{ConfigEntry, ConfigExtension, ConfigOptions, ExtensionOptions};
use datafusion::error::{DataFusionError, Result};

use super::ComponentFunction;
use super::pool::Pool;
use crate::config::{Config, FUNCTIONS_MEMORY};

/// The job that a function is bound in: made when a statement is planned. Cheap to clone; clones are one job.
#[derive(Debug, Clone)]
pub struct JobScope {
    /// The session's time zone, an IANA name.
    pub time_zone: Arc<str>,
    /// Memory of all instances of all functions together.
    pub(super) memory: MemoryBudget,
    /// Instances for the batch engine.
    pub(super) instances: Arc<Pool>,
    /// Set when a batch job is cancelled: its functions give up.
    cancelled: Arc<AtomicBool>,
    /// What was bound in the job, and what that has done.
    bound: Arc<Mutex<Vec<(ComponentFunction, FunctionMetrics)>>>,
}

impl JobScope {
    pub fn new(config: &Config) -> Self {
        JobScope::with(config.time_zone().clone(), config.functions_memory())
    }

    /// The job of what runs outside of one: constants that are computed, functions that are tried.
    pub fn alone(time_zone: &str) -> Self {
        JobScope::with(time_zone.into(), Config::default().functions_memory())
    }

    fn with(time_zone: Arc<str>, memory: usize) -> Self {
        let memory = MemoryBudget::new(memory, FUNCTIONS_MEMORY);
        JobScope { time_zone, memory, instances: Arc::default(), cancelled: Arc::default(), bound: Arc::default() }
    }

    /// Has the functions of a batch job give up, after the calls that they are in.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// The flag that [`JobScope::cancel`] sets.
    pub fn cancelled(&self) -> &Arc<AtomicBool> {
        &self.cancelled
    }

    /// A function has been bound in the job.
    pub(super) fn add(&self, function: &ComponentFunction, metrics: &FunctionMetrics) {
        let mut bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        bound.push((function.clone(), metrics.clone()));
    }

    /// The functions of the job, once per binding, and what each has done so far.
    pub fn functions(&self) -> Vec<(ComponentFunction, FunctionTotals)> {
        let bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        bound.iter().map(|(function, metrics)| (function.clone(), metrics.totals())).collect()
    }

    /// The job that an expression of DataFusion's runs in.
    pub fn of(options: &ConfigOptions) -> Self {
        let zone = || options.execution.time_zone.clone().unwrap_or_else(|| "UTC".to_owned());
        options.extensions.get::<JobScope>().cloned().unwrap_or_else(|| JobScope::alone(&zone()))
    }

    /// Puts the job where DataFusion's expressions find it.
    pub fn enter(&self, options: &mut ConfigOptions) {
        options.execution.time_zone = Some(self.time_zone.to_string());
        options.extensions.insert(self.clone());
    }
}

impl Default for JobScope {
    fn default() -> Self {
        JobScope::alone("UTC")
    }
}

impl PartialEq for JobScope {
    fn eq(&self, other: &Self) -> bool {
        self.memory == other.memory
    }
}

impl ConfigExtension for JobScope {
    const PREFIX: &'static str = "anabranch_job";
}

impl ExtensionOptions for JobScope {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, _value: &str) -> Result<()> {
        Err(DataFusionError::Configuration(format!("'{key}' is no option of a job")))
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        vec![]
    }
}
