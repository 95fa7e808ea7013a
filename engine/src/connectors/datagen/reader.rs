//! Makes rows as fast as the rate allows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};

use super::DatagenSource;
use super::field::Generator;
use crate::connectors::{ReaderContext, ReaderEvent, SourceReader, Split, inserts};
use crate::error::{Error, Result};

/// Bytes of texts in a batch: long ones make it shorter.
const BATCH_BYTES: usize = 64 << 20;

pub struct DatagenReader {
    source: DatagenSource,
    batch_size: u64,
    /// A partial batch waits for so long.
    patience: Duration,
    splits: Vec<Counter>,
    /// Since when rows are counted against the rate, and how many were made.
    since: Option<Instant>,
    made: u64,
    next: usize,
}

/// The rows `first`, `first + step`, … of which `given` have been made.
struct Counter {
    id: Arc<str>,
    first: u64,
    step: u64,
    given: u64,
}

impl DatagenReader {
    pub fn new(source: DatagenSource, context: &ReaderContext) -> Self {
        let width = source.generators.iter().map(Generator::width).sum::<usize>().max(1);
        DatagenReader {
            batch_size: context.batch_size.min(BATCH_BYTES / width).max(1) as u64,
            source,
            patience: context.buffer_timeout.clamp(Duration::from_millis(1), Duration::from_millis(10)),
            splits: vec![],
            since: None,
            made: 0,
            next: 0,
        }
    }

    /// Rows a second of the splits that this reader has.
    fn rate(&self) -> f64 {
        self.source.rows_per_second as f64 * self.splits.iter().map(|split| 1.0 / split.step as f64).sum::<f64>()
    }
}

impl Counter {
    fn parse(split: &Split) -> Option<Self> {
        let (first, step) = split.id.split_once('/')?;
        let given = if split.position.is_empty() { 0 } else { split.position.parse().ok()? };
        let (first, step) = (first.parse().ok()?, step.parse().ok()?);
        (step > 0).then(|| Counter { id: split.id.as_str().into(), first, step, given })
    }

    fn left(&self, rows: Option<u64>) -> u64 {
        match rows {
            None => u64::MAX,
            Some(rows) => rows.saturating_sub(self.first).div_ceil(self.step).saturating_sub(self.given),
        }
    }
}

impl SourceReader for DatagenReader {
    fn add_split(&mut self, split: Split) -> Result<()> {
        let counter = Counter::parse(&split)
            .ok_or_else(|| Error::state(format!("`{}` at `{}` is no split of datagen", split.id, split.position)))?;
        self.splits.push(counter);
        Ok(())
    }

    fn poll(&mut self) -> Result<ReaderEvent> {
        if self.splits.is_empty() {
            return Ok(ReaderEvent::Exhausted);
        }
        self.next %= self.splits.len();
        let left = self.splits[self.next].left(self.source.rows);
        if left == 0 {
            let split = self.splits.remove(self.next);
            return Ok(ReaderEvent::Finished { split: split.id });
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        let rate = self.rate();
        // The first rows come at once, those of the first milliseconds.
        let due = ((since.elapsed() + self.patience).as_secs_f64() * rate).max(1.0) as u64;
        let allowed = due.saturating_sub(self.made);
        if allowed == 0 {
            std::thread::sleep(self.patience.min(Duration::from_secs_f64(1.0 / rate)));
            return Ok(ReaderEvent::Idle);
        }
        let counter = &mut self.splits[self.next];
        let count = allowed.min(self.batch_size).min(left);
        let rows: Vec<u64> =
            (counter.given..counter.given + count).map(|number| counter.first + number * counter.step).collect();
        counter.given += count;
        self.made += count;
        self.next += 1;
        let columns =
            self.source.generators.iter().map(|generator| generator.generate(&rows)).collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(self.source.schema.clone(), columns, &options)?;
        Ok(inserts(&counter.id, batch))
    }

    fn snapshot(&self) -> Vec<Split> {
        let split = |counter: &Counter| Split { id: counter.id.to_string(), position: counter.given.to_string() };
        self.splits.iter().map(split).collect()
    }
}
