//! `'connector' = 'script'`: a source that gives what the runner lets it give, and a sink that remembers.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use anabranch::arrow::datatypes::SchemaRef;
use anabranch::arrow::json::ReaderBuilder;
use anabranch::changelog::{ChangelogBatch, ChangelogMode, RowKind, RowKinds};
use anabranch::connectors::{
    Connector, ConnectorOption, ReaderContext, ReaderEvent, Sink, SinkWriter, Source, SourceReader, Split,
    SplitEnumerator, TableDescription, WriterContext,
};
use anabranch::{Error, Result};

use super::rows::Materialised;

/// The tables of one run. Outlives the jobs of the run, as an external system would.
#[derive(Default)]
pub struct Script {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    inputs: BTreeMap<String, Input>,
    outputs: BTreeMap<String, Output>,
    closed: bool,
}

#[derive(Default)]
struct Input {
    /// Each a step, or several in one.
    steps: Vec<Vec<String>>,
    /// Read by the job that runs now.
    read: usize,
}

#[derive(Default)]
struct Output {
    schema: Option<SchemaRef>,
    primary_key: Vec<usize>,
    append_only: bool,
    committed: Vec<ChangelogBatch>,
    prepared: BTreeMap<String, Vec<ChangelogBatch>>,
    /// Writers so far: a statement set may write to one table several times.
    writers: usize,
}

impl Script {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic under the lock")
    }

    /// Lets a table give rows, as one batch.
    pub fn push(&self, table: &str, rows: Vec<String>) {
        self.lock().inputs.entry(table.to_owned()).or_default().steps.push(rows);
        self.changed.notify_all();
    }

    /// No more rows: inputs end.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Waits until all that was let go has been read, or `give_up`.
    pub fn wait_until_read(&self, give_up: impl Fn() -> bool) {
        let mut state = self.lock();
        while !give_up() && state.inputs.values().any(|input| input.read < input.steps.len()) {
            state = self.changed.wait_timeout(state, Duration::from_millis(5)).expect("no panic under the lock").0;
        }
    }

    /// The changelog that a table was given, and the rows that remain.
    pub fn output(&self, table: &str) -> Result<(String, Materialised)> {
        let state = self.lock();
        let Some(output) = state.outputs.get(table) else { return Ok((String::new(), Materialised::default())) };
        let mut text = String::new();
        let mut rows = Materialised::new(output.primary_key.clone());
        for batch in &output.committed {
            text.push_str(&batch.to_text()?);
            rows.apply(batch)?;
        }
        Ok((text, rows))
    }
}

impl Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script")
    }
}

/// The connector. Options: `changelog-mode` of a source (`I` or `I,UB,UA,D`), `sink.changelog-mode` (`append`,
/// `retract` or `upsert`; the default is upsert with a primary key, else retract).
#[derive(Debug, Clone)]
pub struct ScriptConnector(pub Arc<Script>);

impl Connector for ScriptConnector {
    fn name(&self) -> &'static str {
        "script"
    }

    fn doc(&self) -> &'static str {
        "What a story says."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        let option = |name| ConnectorOption { name, required: false, default: None, doc: "" };
        vec![option("changelog-mode"), option("sink.changelog-mode")]
    }

    fn source(&self, table: &TableDescription) -> Result<Arc<dyn Source>> {
        let mode = match table.options.get("changelog-mode").map(String::as_str) {
            None | Some("I") => ChangelogMode::AppendOnly,
            Some("I,UB,UA,D") => ChangelogMode::Retract,
            Some("I,UA,D") => ChangelogMode::Upsert,
            Some(other) => return Err(Error::user(format!("a script cannot give {other}"))),
        };
        let source =
            ScriptSource { script: self.0.clone(), table: table.name.clone(), schema: table.schema.clone(), mode };
        self.0.lock().inputs.entry(table.name.clone()).or_default();
        Ok(Arc::new(source))
    }

    fn sink(&self, table: &TableDescription) -> Result<Arc<dyn Sink>> {
        let mode = match table.options.get("sink.changelog-mode").map(String::as_str) {
            None if table.primary_key.is_empty() => ChangelogMode::Retract,
            None | Some("upsert") => ChangelogMode::Upsert,
            Some("retract") => ChangelogMode::Retract,
            Some("append") => ChangelogMode::AppendOnly,
            Some(other) => return Err(Error::user(format!("a script cannot take {other}"))),
        };
        let mut state = self.0.lock();
        let output = state.outputs.entry(table.name.clone()).or_default();
        output.schema = Some(table.schema.clone());
        output.primary_key = if mode == ChangelogMode::Upsert { table.primary_key.clone() } else { vec![] };
        output.append_only = mode == ChangelogMode::AppendOnly;
        Ok(Arc::new(ScriptSink { script: self.0.clone(), table: table.name.clone(), mode }))
    }
}

#[derive(Debug)]
struct ScriptSource {
    script: Arc<Script>,
    table: String,
    schema: SchemaRef,
    mode: ChangelogMode,
}

impl Source for ScriptSource {
    fn is_bounded(&self) -> bool {
        true
    }

    fn changelog_mode(&self) -> ChangelogMode {
        self.mode
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn enumerator(&self, _parallelism: usize) -> Result<Box<dyn SplitEnumerator>> {
        Ok(Box::new(OneSplit { found: false }))
    }

    fn reader(&self, _context: &ReaderContext) -> Result<Box<dyn SourceReader>> {
        Ok(Box::new(ScriptReader {
            script: self.script.clone(),
            table: self.table.clone(),
            schema: self.schema.clone(),
            position: None,
        }))
    }
}

struct OneSplit {
    found: bool,
}

impl SplitEnumerator for OneSplit {
    fn discover(&mut self) -> Result<Vec<Split>> {
        let new = !std::mem::replace(&mut self.found, true);
        Ok(new.then(|| Split { id: "script".into(), position: String::new() }).into_iter().collect())
    }

    fn interval(&self) -> Option<Duration> {
        None
    }

    fn snapshot(&self) -> Vec<String> {
        self.found.then(|| "script".to_owned()).into_iter().collect()
    }

    fn restore(&mut self, snapshot: Vec<String>) -> Result<()> {
        self.found = !snapshot.is_empty();
        Ok(())
    }
}

struct ScriptReader {
    script: Arc<Script>,
    table: String,
    schema: SchemaRef,
    /// Steps read; `None`: without the split.
    position: Option<usize>,
}

impl SourceReader for ScriptReader {
    fn add_split(&mut self, split: Split) -> Result<()> {
        let position = split.position.parse().unwrap_or(0);
        self.position = Some(position);
        self.script.lock().inputs.entry(self.table.clone()).or_default().read = position;
        Ok(())
    }

    fn poll(&mut self) -> Result<ReaderEvent> {
        let Some(position) = self.position else { return Ok(ReaderEvent::Exhausted) };
        let mut state = self.script.lock();
        let there = |state: &State| state.inputs.get(&self.table).is_some_and(|input| input.steps.len() > position);
        if !there(&state) && !state.closed {
            let changed = &self.script.changed;
            state = changed.wait_timeout(state, Duration::from_millis(5)).expect("no panic under the lock").0;
        }
        if there(&state) {
            let input = state.inputs.get_mut(&self.table).expect("it is there");
            let batch = parse(&self.schema, &input.steps[position])?;
            input.read = position + 1;
            self.position = Some(position + 1);
            self.script.changed.notify_all();
            return Ok(ReaderEvent::Batch { split: "script".into(), batch });
        }
        if state.closed {
            self.position = None;
            return Ok(ReaderEvent::Finished { split: "script".into() });
        }
        Ok(ReaderEvent::Idle)
    }

    fn snapshot(&self) -> Vec<Split> {
        let split = self.position.map(|position| Split { id: "script".into(), position: position.to_string() });
        split.into_iter().collect()
    }
}

/// Rows in the form of a story.
pub fn parse(schema: &SchemaRef, rows: &[String]) -> Result<ChangelogBatch> {
    let is_json = |row: &str| row.trim_start_matches(['+', '-', 'I', 'U', 'D', ' ']).starts_with('{');
    if !rows.iter().any(|row| is_json(row)) {
        return ChangelogBatch::from_text(schema, &rows.join("\n"));
    }
    let mut kinds = Vec::new();
    let mut json = String::new();
    for row in rows {
        let kind = row.get(..2).and_then(RowKind::from_short);
        json.push_str(if kind.is_some() { &row[2..] } else { row });
        json.push('\n');
        kinds.push(kind.unwrap_or(RowKind::Insert));
    }
    let mut reader = ReaderBuilder::new(schema.clone()).build(json.as_bytes())?;
    let batch = reader.next().ok_or_else(|| Error::user("no rows"))??;
    let append_only = kinds.iter().all(|&kind| kind == RowKind::Insert);
    ChangelogBatch::new(batch, (!append_only).then(|| kinds.into_iter().collect::<RowKinds>()))
}

#[derive(Debug)]
struct ScriptSink {
    script: Arc<Script>,
    table: String,
    mode: ChangelogMode,
}

impl Sink for ScriptSink {
    fn changelog_mode(&self) -> ChangelogMode {
        self.mode
    }

    fn writer(&self, _context: &WriterContext) -> Result<Box<dyn SinkWriter>> {
        let (script, table) = (self.script.clone(), self.table.clone());
        let mut state = self.script.lock();
        let output = state.outputs.entry(self.table.clone()).or_default();
        output.writers += 1;
        Ok(Box::new(ScriptWriter { script, table, number: output.writers, buffer: vec![] }))
    }
}

struct ScriptWriter {
    script: Arc<Script>,
    table: String,
    number: usize,
    buffer: Vec<ChangelogBatch>,
}

impl SinkWriter for ScriptWriter {
    fn write(&mut self, batch: ChangelogBatch) -> Result<()> {
        self.buffer.push(batch);
        Ok(())
    }

    fn prepare(&mut self, checkpoint: u64) -> Result<Option<String>> {
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let name = format!("{}-{checkpoint}", self.number);
        let mut state = self.script.lock();
        let output = state.outputs.entry(self.table.clone()).or_default();
        output.prepared.insert(name.clone(), std::mem::take(&mut self.buffer));
        Ok(Some(name))
    }

    fn commit(&mut self, prepared: &str) -> Result<()> {
        let mut state = self.script.lock();
        let output = state.outputs.entry(self.table.clone()).or_default();
        let batches = output.prepared.remove(prepared).unwrap_or_default();
        output.committed.extend(batches);
        Ok(())
    }

    fn abort(&mut self, prepared: Option<&str>) -> Result<()> {
        match prepared {
            Some(name) => {
                let mut state = self.script.lock();
                state.outputs.entry(self.table.clone()).or_default().prepared.remove(name);
            }
            None => self.buffer.clear(),
        }
        Ok(())
    }
}
