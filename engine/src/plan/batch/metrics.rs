//! What a job in batch mode counts: the rows of its sources and sinks. Functions count for themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::runtime::NodeMetrics;

/// Rows by table.
#[derive(Debug, Default)]
pub struct Counters {
    read: Vec<(String, Arc<AtomicU64>)>,
    written: Vec<(String, u64)>,
    dead_letters: Vec<(String, u64)>,
}

impl Counters {
    /// For the scans of a table, which may stand at several places of a plan.
    pub fn read(&mut self, table: &str) -> Arc<AtomicU64> {
        if let Some((_, rows)) = self.read.iter().find(|(known, _)| known == table) {
            return rows.clone();
        }
        let rows = Arc::<AtomicU64>::default();
        self.read.push((table.to_owned(), rows.clone()));
        rows
    }

    /// What an INSERT has written.
    pub fn written(&mut self, table: &str, rows: u64) {
        self.written.push((table.to_owned(), rows));
    }

    /// What an INSERT has sent to a table of dead letters, which others may share.
    pub fn dead_letters(&mut self, table: &str, rows: u64) {
        match self.dead_letters.iter_mut().find(|(known, _)| known == table) {
            Some((_, known)) => *known += rows,
            None => self.dead_letters.push((table.to_owned(), rows)),
        }
    }

    /// As a stream's job has them: sources, then sinks.
    pub fn nodes(&self) -> Vec<NodeMetrics> {
        let sources = self.read.iter().map(|(table, rows)| NodeMetrics {
            name: "Source".into(),
            table: Some(table.clone()),
            rows_out: rows.load(Ordering::Relaxed),
            ..NodeMetrics::default()
        });
        let sinks = self.written.iter().chain(&self.dead_letters).map(|(table, rows)| NodeMetrics {
            name: "Sink".into(),
            table: Some(table.clone()),
            rows_in: *rows,
            ..NodeMetrics::default()
        });
        sources.chain(sinks).collect()
    }
}
