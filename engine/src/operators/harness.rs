//! Runs an operator by a script: a test is what goes in and what comes out.
//!
//! A line of a script is a row (`+I a 1`, in the readable form of a changelog) or a command:
//!
//! ```text
//! ---             ends a batch
//! #input 1        the rows that follow go to input 1
//! #watermark 5000
//! #time 1000      sets the processing time, and calls the timers that are due
//! #snapshot 3     snapshots, and goes on with three fresh subtasks restored from it
//! #finish
//! ```
//!
//! Rows go to subtasks by the key group of the input's keys, as the runtime sends them. What comes out stands after an
//! echo of the command that caused it.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::{Operator, OperatorMetrics, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::ChangelogBatch;
use crate::state::{DEFAULT_MAX_PARALLELISM, KeyGroupRange, Snapshot, key_groups};

/// See the module.
pub struct Harness {
    spec: Box<dyn OperatorSpec>,
    /// Schema and key columns of each input.
    inputs: Vec<(SchemaRef, Vec<usize>)>,
    /// What new subtasks are made with.
    pub subtask: Subtask,
    operators: Vec<Box<dyn Operator>>,
    now: Timestamp,
    /// What came out since it was last taken.
    batches: Vec<ChangelogBatch>,
    /// Watermarks that the operator sent itself, since the beginning: behind how many batches.
    pub watermarks: Vec<(usize, Timestamp)>,
    /// Rows that failed, with their tables, since the beginning.
    pub dead_letters: Vec<(String, RecordBatch)>,
}

impl Harness {
    pub fn new(spec: impl OperatorSpec + 'static, inputs: Vec<(SchemaRef, Vec<usize>)>) -> Self {
        let mut harness = Harness {
            spec: Box::new(spec),
            inputs,
            subtask: Subtask::for_test(),
            operators: vec![],
            now: 0,
            batches: vec![],
            dead_letters: vec![],
            watermarks: vec![],
        };
        harness.start(1);
        harness
    }

    /// Sets the sizes of batches, and starts anew.
    pub fn sizes(mut self, batch_size: usize, mini_batch_size: usize) -> Self {
        self.subtask.batch_size = batch_size;
        self.subtask.mini_batch_size = mini_batch_size;
        self.start(1);
        self
    }

    /// Sets the session's time zone, and starts anew.
    pub fn time_zone(mut self, zone: &str) -> Self {
        self.subtask.time_zone = zone.into();
        self.start(1);
        self
    }

    /// The schema of an input.
    pub fn input(&self, input: usize) -> SchemaRef {
        self.inputs[input].0.clone()
    }

    pub fn metrics(&self) -> &OperatorMetrics {
        &self.subtask.metrics
    }

    fn start(&mut self, parallelism: usize) {
        self.operators = (0..parallelism)
            .map(|index| self.spec.create(&Subtask { index, parallelism, ..self.subtask.clone() }).unwrap())
            .collect();
    }

    /// Runs a script on; gives what came out.
    pub fn run(&mut self, script: &str) -> String {
        let mut text = String::new();
        let mut input = 0;
        let mut rows = String::new();
        for line in script.lines().map(str::trim).chain(["---"]).filter(|line| !line.is_empty()) {
            let is_row = !line.starts_with('#') && line != "---";
            if is_row {
                rows.push_str(line);
                rows.push('\n');
                continue;
            }
            if !rows.is_empty() {
                let batch = ChangelogBatch::from_text(&self.inputs[input].0, &std::mem::take(&mut rows)).unwrap();
                self.process(input, batch);
                text.push_str(&self.take_text());
            }
            let (command, argument) = line.split_once(' ').unwrap_or((line, ""));
            match command {
                "---" => {}
                "#input" => input = argument.parse().unwrap(),
                "#watermark" => self.watermark(argument.parse().unwrap()),
                "#time" => self.time(argument.parse().unwrap()),
                "#snapshot" => self.rescale(argument.parse().unwrap_or(1)),
                "#finish" => self.finish(),
                other => panic!("no such command: {other}"),
            }
            let came = self.take_text();
            if !came.is_empty() {
                text.push_str(&format!("{line}\n{came}"));
            }
        }
        text
    }

    pub fn process(&mut self, input: usize, batch: ChangelogBatch) {
        let (_, keys) = &self.inputs[input];
        let columns: Vec<ArrayRef> = keys.iter().map(|&key| batch.rows().column(key).clone()).collect();
        let groups = key_groups(&columns, batch.num_rows(), DEFAULT_MAX_PARALLELISM).unwrap();
        let parallelism = self.operators.len();
        for index in 0..parallelism {
            let own = |row: &u32| {
                let group = groups[*row as usize] as usize;
                KeyGroupRange::subtask_of(group, parallelism, DEFAULT_MAX_PARALLELISM) == index
            };
            let rows: UInt32Array = (0..batch.num_rows() as u32).filter(own).collect();
            if !rows.is_empty() {
                let (now, part) = (self.now, batch.take(&rows).unwrap());
                self.drive(index, |operator, out| operator.process(input, part.clone(), now, out).unwrap());
            }
        }
    }

    pub fn watermark(&mut self, watermark: Timestamp) {
        let now = self.now;
        for index in 0..self.operators.len() {
            self.drive(index, |operator, out| operator.watermark(watermark, now, out).unwrap());
        }
    }

    pub fn time(&mut self, now: Timestamp) {
        for index in 0..self.operators.len() {
            while let Some(timer) = self.operators[index].next_timer().filter(|&timer| timer <= now) {
                self.drive(index, |operator, out| operator.timer(timer, out).unwrap());
            }
        }
        self.now = now;
    }

    pub fn finish(&mut self) {
        for index in 0..self.operators.len() {
            self.drive(index, |operator, out| operator.finish(out).unwrap());
        }
    }

    /// Snapshots, and goes on with fresh subtasks restored from that.
    pub fn rescale(&mut self, parallelism: usize) {
        let snapshots: Vec<Snapshot> = self.operators.iter_mut().map(|operator| operator.snapshot().unwrap()).collect();
        self.start(parallelism);
        for (index, operator) in self.operators.iter_mut().enumerate() {
            let range = KeyGroupRange::of(index, parallelism, DEFAULT_MAX_PARALLELISM);
            operator.restore(Snapshot::assign(&snapshots, &range).unwrap()).unwrap();
        }
    }

    /// What came out since the last call.
    pub fn take(&mut self) -> Vec<ChangelogBatch> {
        std::mem::take(&mut self.batches)
    }

    fn take_text(&mut self) -> String {
        self.take().iter().map(|batch| batch.to_text().unwrap()).collect()
    }

    /// Calls an operator and resumes it until it is done, with an output that holds little.
    fn drive(&mut self, index: usize, call: impl FnOnce(&mut Box<dyn Operator>, &mut Output) -> Step) {
        let mut out = Output::new(self.subtask.batch_size);
        let operator = &mut self.operators[index];
        let mut step = call(operator, &mut out);
        loop {
            while let Some(batch) = out.pop() {
                assert!(batch.num_rows() <= self.subtask.batch_size, "a batch of {} rows", batch.num_rows());
                assert_eq!(batch.schema(), self.spec.schema());
                self.batches.push(batch);
            }
            if let Some(watermark) = out.pop_watermark() {
                self.watermarks.push((self.batches.len(), watermark));
            }
            while let Some((table, rows)) = out.pop_dead_letters() {
                self.dead_letters.push((table.to_string(), rows));
            }
            if step == Step::Done {
                return;
            }
            step = operator.resume(&mut out).unwrap();
        }
    }
}

/// `word STRING, n BIGINT` as a schema. Knows the types that tests use; all columns may be NULL.
pub fn schema(columns: &str) -> SchemaRef {
    let fields = columns.split(',').map(|column| {
        let (name, sql_type) = column.trim().split_once(' ').unwrap();
        let data_type = match sql_type {
            "BOOLEAN" => DataType::Boolean,
            "TINYINT" => DataType::Int8,
            "INT" => DataType::Int32,
            "BIGINT" => DataType::Int64,
            "FLOAT" => DataType::Float32,
            "DOUBLE" => DataType::Float64,
            "DECIMAL" => DataType::Decimal128(10, 2),
            "STRING" => DataType::Utf8,
            "DATE" => DataType::Date32,
            "TIMESTAMP(3)" => DataType::Timestamp(TimeUnit::Millisecond, None),
            "TIMESTAMP(6)" => DataType::Timestamp(TimeUnit::Microsecond, None),
            "TIMESTAMP_LTZ(3)" => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            other => panic!("unknown type {other}"),
        };
        Field::new(name, data_type, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The rows that a changelog leaves, sorted: each as its text, as often as it is there.
///
/// # Panics
/// Where a retraction takes back a row that is not there.
pub fn materialise(batches: &[ChangelogBatch]) -> Vec<String> {
    let mut rows = std::collections::BTreeMap::<String, i64>::new();
    for batch in batches {
        for line in batch.to_text().unwrap().lines() {
            let (kind, row) = line.split_at(2);
            let change = if kind.starts_with('-') { -1 } else { 1 };
            let count = rows.entry(row.to_owned()).or_insert(0);
            *count += change;
            assert!(*count >= 0, "{line} takes back a row that is not there");
        }
    }
    rows.into_iter().flat_map(|(row, count)| std::iter::repeat_n(row, count as usize)).collect()
}
