//! `'connector' = 'blackhole'`: a sink that drops its rows, for measuring.

use std::sync::Arc;

use super::{Connector, ConnectorOption, Sink, SinkWriter, Source, TableDescription, WriterContext};
use crate::changelog::{ChangelogBatch, ChangelogMode};
use crate::error::{Error, Result};

#[derive(Debug)]
pub struct Blackhole;

impl Connector for Blackhole {
    fn name(&self) -> &'static str {
        "blackhole"
    }

    fn doc(&self) -> &'static str {
        "A sink that takes every changelog and drops it."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        vec![]
    }

    fn source(&self, _table: &TableDescription) -> Result<Arc<dyn Source>> {
        Err(Error::user("connector 'blackhole' cannot be read: it only takes rows"))
    }

    fn sink(&self, _table: &TableDescription) -> Result<Arc<dyn Sink>> {
        Ok(Arc::new(BlackholeSink))
    }
}

#[derive(Debug)]
struct BlackholeSink;

impl Sink for BlackholeSink {
    fn changelog_mode(&self) -> ChangelogMode {
        ChangelogMode::Retract
    }

    fn writer(&self, _context: &WriterContext) -> Result<Box<dyn SinkWriter>> {
        Ok(Box::new(BlackholeWriter))
    }
}

struct BlackholeWriter;

impl SinkWriter for BlackholeWriter {
    fn write(&mut self, _batch: ChangelogBatch) -> Result<()> {
        Ok(())
    }

    fn prepare(&mut self, _checkpoint: u64) -> Result<Option<String>> {
        Ok(None)
    }

    fn commit(&mut self, _prepared: &str) -> Result<()> {
        Ok(())
    }

    fn abort(&mut self, _prepared: Option<&str>) -> Result<()> {
        Ok(())
    }
}
