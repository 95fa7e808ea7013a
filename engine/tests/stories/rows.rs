//! The rows that remain when a changelog has been applied.

use std::collections::BTreeMap;

use anabranch::Result;
use anabranch::arrow::util::display::{ArrayFormatter, FormatOptions};
use anabranch::changelog::{ChangelogBatch, RowKind};

/// Rows in the form of a story, without their kinds; by key where there is one, else counted.
#[derive(Debug, Clone, Default)]
pub struct Materialised {
    key: Vec<usize>,
    by_key: BTreeMap<Vec<String>, String>,
    counted: BTreeMap<String, i64>,
}

impl Materialised {
    /// `key`: columns of the primary key of an upsert table; empty where rows are taken away whole.
    pub fn new(key: Vec<usize>) -> Self {
        Materialised { key, ..Materialised::default() }
    }

    pub fn apply(&mut self, batch: &ChangelogBatch) -> Result<()> {
        let text = batch.to_text()?;
        let options = FormatOptions::default().with_null("null");
        let keys = self.key.iter().map(|&column| batch.rows().column(column));
        let keys = keys.map(|column| Ok(ArrayFormatter::try_new(column, &options)?)).collect::<Result<Vec<_>>>()?;
        for (row, line) in text.lines().enumerate() {
            let values = line[2..].trim_start().to_owned();
            let gone = batch.kind(row).is_retraction();
            if self.key.is_empty() {
                *self.counted.entry(values).or_default() += if gone { -1 } else { 1 };
                continue;
            }
            let key = keys.iter().map(|key| key.value(row).to_string()).collect();
            match batch.kind(row) {
                // The new row of the key replaces it.
                RowKind::UpdateBefore => {}
                RowKind::Delete => {
                    self.by_key.remove(&key);
                }
                RowKind::Insert | RowKind::UpdateAfter => {
                    self.by_key.insert(key, values);
                }
            }
        }
        Ok(())
    }

    /// A row a line, sorted by their text. A row that was taken away more often than it came is shown so.
    pub fn to_text(&self) -> String {
        let mut lines: Vec<String> = self.by_key.values().cloned().collect();
        for (row, &count) in &self.counted {
            if count < 0 {
                lines.push(format!("{row} ({count} times)"));
            }
            lines.extend((0..count).map(|_| row.clone()));
        }
        lines.sort();
        lines.join("\n")
    }
}
