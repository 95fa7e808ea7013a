//! GROUP BY with windows: one row per window and key, when the window is over.
//!
//! ```text
//! SELECT window_end, k, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND))
//! GROUP BY window_start, window_end, k
//!   +I a 00:00:01
//!   +I b 00:00:12
//!   +I a 00:00:09
//!   #watermark 00:00:10    +I 00:00:10 a 2
//!   +I a 00:00:05          late: dropped and counted
//! ```
//!
//! Windows come in the order of their ends, keys in the order in which they were first seen. A window whose rows were
//! all taken back gives no row.

mod panes;

use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions, TimestampMillisecondArray,
    UInt16Array, UInt32Array,
};
use datafusion::arrow::compute::{cast, is_not_null};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};

use self::panes::{Cut, LATE, Pane, Panes, is_over};
use super::aggregates::{Aggregates, Failure};
use super::dead_letter::describe_policies;
use super::zone::{Zone, is_local, milliseconds, refuse_nulls, timely};
use super::{
    AggregateCall, MAX_WATERMARK, MIN_WATERMARK, Operator, OperatorMetrics, OperatorSpec, Output, Step, Subtask,
    Timestamp, WindowColumn, WindowSource, WindowTime,
};
use crate::changelog::{ChangelogBatch, RowKinds};
use crate::error::{Error, Result};
use crate::functions::component::BoundComponent;
use crate::state::{KEY_GROUP_COLUMN, KeyIndex, Slots, Snapshot, check_schema, key_groups};

/// The plan of a window aggregation. The input is partitioned by the keys (all rows to one subtask without keys). The
/// output is append-only.
#[derive(Debug, Clone)]
pub struct WindowAggregateSpec {
    pub input: SchemaRef,
    /// Grouping columns of the input, those of the window left out.
    pub keys: Vec<usize>,
    pub windows: WindowSource,
    pub aggregates: Vec<AggregateCall>,
    /// Retractions may come (a retract stream). All aggregates can then retract.
    pub input_retracts: bool,
    /// What the columns of `schema` are.
    pub output: Vec<WindowColumn>,
    pub schema: SchemaRef,
}

impl OperatorSpec for WindowAggregateSpec {
    fn name(&self) -> &'static str {
        "WindowAggregate"
    }

    fn describe(&self) -> String {
        let name = |index: usize| self.input.field(index).name().as_str();
        let mut parts = Vec::new();
        if !self.keys.is_empty() {
            parts.push(format!("groupBy=[{}]", self.keys.iter().map(|&key| name(key)).collect::<Vec<_>>().join(", ")));
        }
        parts.push(match self.windows {
            WindowSource::Assigned { window, time } => {
                format!("window=[{}]", window.describe(time, &self.input))
            }
            WindowSource::Attached { start, end, .. } => {
                format!("window=[win_start={}, win_end={}]", name(start), name(end))
            }
        });
        let select = self.output.iter().zip(self.schema.fields()).map(|(column, field)| match column {
            WindowColumn::Key(_) => field.name().clone(),
            WindowColumn::Start => format!("start('w$) AS {}", field.name()),
            WindowColumn::End => format!("end('w$) AS {}", field.name()),
            WindowColumn::Time => format!("rowtime('w$) AS {}", field.name()),
            WindowColumn::Aggregate(index) => {
                self.aggregates.get(*index).map_or("?".to_owned(), |aggregate| aggregate.describe(&self.input))
            }
        });
        let policies = describe_policies(self.functions());
        parts.push(format!("select=[{}]{policies}", select.collect::<Vec<_>>().join(", ")));
        parts.join(", ")
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn functions(&self) -> Vec<&BoundComponent> {
        self.aggregates.iter().filter_map(|call| call.function.component()).collect()
    }

    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>> {
        let types = self.keys.iter().map(|&key| self.input.field(key).data_type().clone()).collect();
        let aggregates = Aggregates::new(&self.aggregates, &self.input, self.input_retracts, &subtask.cancelled)?;
        let (cut, time, local) = match self.windows {
            WindowSource::Attached { local, .. } => (Cut::Attached, None, local),
            WindowSource::Assigned { window, time } => {
                window.check()?;
                let local = match time {
                    WindowTime::Event { column } => is_local(self.input.field(column).data_type()),
                    WindowTime::Processing => true,
                };
                (Cut::of(window, aggregates.can_merge()), Some(time), local)
            }
        };
        Ok(Box::new(WindowAggregate {
            keys: KeyIndex::new(types)?,
            aggregates,
            counts: vec![],
            panes: Panes::new(cut),
            zone: if local { Zone::named(&subtask.time_zone)? } else { Zone::utc() },
            by_processing_time: time == Some(WindowTime::Processing),
            watermark: MIN_WATERMARK,
            firing: VecDeque::new(),
            spec: self.clone(),
            subtask: subtask.clone(),
        }))
    }
}

struct WindowAggregate {
    spec: WindowAggregateSpec,
    subtask: Subtask,
    /// A key stands in it once for every pane, under the pane's number.
    keys: KeyIndex,
    aggregates: Aggregates,
    /// By slot: rows of the key in the pane. Kept only where rows may be taken back.
    counts: Vec<i64>,
    panes: Panes,
    zone: Zone,
    by_processing_time: bool,
    /// Windows that end at it or before were emitted. In processing time: the instant before now.
    watermark: Timestamp,
    /// Windows that are being emitted.
    firing: VecDeque<Firing>,
}

/// A window that is being emitted.
struct Firing {
    start: Timestamp,
    end: Timestamp,
    slots: Vec<u32>,
    /// Slots that were emitted.
    done: usize,
    /// The slots are given up when they were emitted.
    release: bool,
}

/// The group of merged panes in the key index: no pane has this number.
const MERGED: u32 = u32::MAX;
/// Keys of a pane that are merged at a time.
const MERGE_CHUNK: usize = 65_536;
/// Rows that are added to windows at a time, each as often as it falls in one.
const ROWS_CHUNK: usize = 65_536;

impl Operator for WindowAggregate {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, now: Timestamp, out: &mut Output) -> Result<Step> {
        match self.spec.windows {
            WindowSource::Assigned { time: WindowTime::Event { column }, .. } => {
                let (batch, mut times) = self.timely(batch, column)?;
                times.iter_mut().for_each(|time| *time = self.zone.to_local(*time));
                self.add_by_time(&batch, &times, now, out)?;
            }
            WindowSource::Assigned { time: WindowTime::Processing, .. } => {
                let times = vec![self.zone.to_local(now); batch.num_rows()];
                self.add_by_time(&batch, &times, now, out)?;
            }
            WindowSource::Attached { start, end, .. } => {
                let batch = self.without_nulls(batch, end)?;
                let (starts, ends) =
                    (milliseconds(batch.rows().column(start))?, milliseconds(batch.rows().column(end))?);
                let (zone, watermark) = (&self.zone, self.watermark);
                let panes = self.panes.assign_attached(&starts, &ends, |end| is_over(zone, end, watermark));
                let failures = self.add(&batch, panes)?;
                self.aggregates.settle(failures, &batch, &self.subtask.metrics, now, out)?;
            }
        }
        Ok(Step::Done)
    }

    fn resume(&mut self, out: &mut Output) -> Result<Step> {
        self.fire(out)
    }

    fn watermark(&mut self, watermark: Timestamp, _now: Timestamp, out: &mut Output) -> Result<Step> {
        if self.by_processing_time {
            return Ok(Step::Done);
        }
        self.watermark = self.watermark.max(watermark);
        self.fire(out)
    }

    fn next_timer(&self) -> Option<Timestamp> {
        if !self.by_processing_time {
            return None;
        }
        self.panes.next_end().map(|end| self.zone.to_instant(end - 1).saturating_add(1))
    }

    fn timer(&mut self, now: Timestamp, out: &mut Output) -> Result<Step> {
        if self.by_processing_time {
            self.watermark = self.watermark.max(now - 1);
        }
        self.fire(out)
    }

    fn finish(&mut self, out: &mut Output) -> Result<Step> {
        self.watermark = MAX_WATERMARK;
        self.fire(out)
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        let mut snapshot = Snapshot::default();
        let schema = Arc::new(Schema::new(vec![Field::new("watermark", DataType::Int64, false)]));
        let watermark: ArrayRef = Arc::new(Int64Array::from(vec![self.watermark]));
        snapshot.operator.insert(WATERMARK.to_owned(), RecordBatch::try_new(schema, vec![watermark])?);
        let (mut slots, mut starts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for (start, end, pane) in self.panes.iter() {
            slots.extend_from_slice(&pane.slots);
            starts.resize(slots.len(), start);
            ends.resize(slots.len(), end);
        }
        if slots.is_empty() {
            return Ok(snapshot);
        }
        let keys = self.keys.keys(&slots)?;
        let key_groups = key_groups(&keys, slots.len(), self.subtask.max_parallelism)?;
        let counts = slots.iter().map(|&slot| self.counts.get(slot as usize).copied().unwrap_or(1));
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt16Array::from(key_groups)),
            Arc::new(Int64Array::from(starts)),
            Arc::new(Int64Array::from(ends)),
            Arc::new(Int64Array::from_iter_values(counts)),
        ];
        columns.extend(keys);
        columns.extend(self.aggregates.state(&slots)?);
        snapshot.keyed.insert(PANES.to_owned(), RecordBatch::try_new(self.state_schema(), columns)?);
        Ok(snapshot)
    }

    fn restore(&mut self, mut snapshot: Snapshot) -> Result<()> {
        if let Some(watermarks) = snapshot.operator.remove(WATERMARK) {
            let watermarks = watermarks.columns().first().and_then(|column| column.as_primitive_opt::<Int64Type>());
            let watermarks = watermarks.ok_or_else(|| Error::state("the watermark of a snapshot is no number"))?;
            self.watermark = watermarks.values().iter().copied().min().unwrap_or(MIN_WATERMARK);
        }
        let Some(rows) = snapshot.keyed.remove(PANES) else { return Ok(()) };
        check_schema(&rows, &self.state_schema())?;
        let columns = rows.columns();
        let (starts, ends) = (columns[1].as_primitive::<Int64Type>(), columns[2].as_primitive::<Int64Type>());
        let counts = columns[3].as_primitive::<Int64Type>();
        let (keys, state) = columns[4..].split_at(self.spec.keys.len());
        let (zone, watermark) = (&self.zone, self.watermark);
        let open = |(&start, &end)| self.panes.reopen(start, end, |end| is_over(zone, end, watermark));
        let panes: Vec<u32> = starts.values().iter().zip(ends.values()).map(open).collect();
        if panes.iter().any(|&pane| pane >= LATE) {
            return Err(Error::state("a snapshot holds windows that were over when it was taken"));
        }
        let slots = self.keys.slots(keys, rows.num_rows(), |row| panes[row])?.slots;
        self.counts.resize(self.keys.capacity(), 0);
        for (row, &slot) in slots.iter().enumerate() {
            self.counts[slot as usize] = counts.value(row);
            if let Some(pane) = self.panes.pane_mut(panes[row]) {
                pane.slots.push(slot);
            }
        }
        self.aggregates.restore(&slots, state)
    }
}

/// Names of the tables in snapshots.
const PANES: &str = "panes";
const WATERMARK: &str = "watermark";

impl WindowAggregate {
    fn state_schema(&self) -> SchemaRef {
        let mut fields = vec![
            Arc::new(Field::new(KEY_GROUP_COLUMN, DataType::UInt16, false)),
            Arc::new(Field::new("start", DataType::Int64, false)),
            Arc::new(Field::new("end", DataType::Int64, false)),
            Arc::new(Field::new("rows", DataType::Int64, false)),
        ];
        for (index, &key) in self.spec.keys.iter().enumerate() {
            fields.push(Arc::new(Field::new(
                format!("key{index}"),
                self.spec.input.field(key).data_type().clone(),
                true,
            )));
        }
        fields.extend(self.aggregates.state_fields());
        Arc::new(Schema::new(fields))
    }

    /// The rows that have a time which windows can have, and their times.
    fn timely(&self, batch: ChangelogBatch, column: usize) -> Result<(ChangelogBatch, Vec<Timestamp>)> {
        refuse_nulls(batch.rows(), column)?;
        let times = milliseconds(batch.rows().column(column))?;
        let Some(timely) = timely(batch.rows().column(column), &times) else { return Ok((batch, times)) };
        OperatorMetrics::add(&self.subtask.metrics.late_rows, timely.len() - timely.count_set_bits());
        let batch = batch.filter(&BooleanArray::new(timely, None))?;
        let times = milliseconds(batch.rows().column(column))?;
        Ok((batch, times))
    }

    /// Drops the rows that have no time.
    fn without_nulls(&self, batch: ChangelogBatch, column: usize) -> Result<ChangelogBatch> {
        let times = batch.rows().column(column);
        if times.null_count() == 0 {
            return Ok(batch);
        }
        OperatorMetrics::add(&self.subtask.metrics.late_rows, times.null_count());
        batch.filter(&is_not_null(times)?)
    }

    fn add_by_time(
        &mut self,
        batch: &ChangelogBatch,
        times: &[Timestamp],
        now: Timestamp,
        out: &mut Output,
    ) -> Result<()> {
        let failures = match self.panes.cut().passes() {
            1 => {
                let panes = self.assign(times, 0);
                self.add(batch, panes)?
            }
            passes => self.add_to_each(batch, times, passes)?,
        };
        self.aggregates.settle(failures, batch, &self.subtask.metrics, now, out)
    }

    /// The panes of rows by their times.
    fn assign(&mut self, times: &[Timestamp], pass: i64) -> Vec<u32> {
        // Nothing is late in processing time.
        let watermark = if self.by_processing_time { MIN_WATERMARK } else { self.watermark };
        let zone = &self.zone;
        self.panes.assign(times, pass, |end| is_over(zone, end, watermark))
    }

    /// Adds rows to all of their windows. A row goes to each before the next row does, so that a window has its rows in
    /// the order in which they came: what cannot be merged goes by it (LAST_VALUE, LISTAGG).
    fn add_to_each(&mut self, batch: &ChangelogBatch, times: &[Timestamp], passes: i64) -> Result<Vec<Failure>> {
        let mut failures = Vec::new();
        let rows_at_a_time = (ROWS_CHUNK / passes as usize).max(1);
        let mut first = 0;
        for times in times.chunks(rows_at_a_time) {
            let windows: Vec<Vec<u32>> = (0..passes).map(|pass| self.assign(times, pass)).collect();
            // A row is late when its latest window is.
            self.count_late(&windows[0]);
            let (mut rows, mut panes) = (Vec::new(), Vec::new());
            for row in 0..times.len() {
                let open = windows.iter().map(|panes| panes[row]).filter(|&pane| pane < LATE);
                panes.extend(open);
                rows.resize(panes.len(), (first + row) as u32);
            }
            first += times.len();
            if !rows.is_empty() {
                let rows = UInt32Array::from(rows);
                let failed = self.add_all(&batch.take(&rows)?, &panes)?;
                failures.extend(failed.into_iter().map(|failure| failure.at(rows.values())));
            }
        }
        Ok(failures)
    }

    fn count_late(&self, panes: &[u32]) {
        let late = panes.iter().filter(|&&pane| pane == LATE).count();
        OperatorMetrics::add(&self.subtask.metrics.late_rows, late);
    }

    /// Adds rows to their panes. Gives those that an aggregate left out.
    fn add(&mut self, batch: &ChangelogBatch, panes: Vec<u32>) -> Result<Vec<Failure>> {
        if panes.iter().all(|&pane| pane < LATE) {
            return self.add_all(batch, &panes);
        }
        self.count_late(&panes);
        let kept: UInt32Array = (0..panes.len() as u32).filter(|&row| panes[row as usize] < LATE).collect();
        if kept.is_empty() {
            return Ok(vec![]);
        }
        let panes: Vec<u32> = kept.values().iter().map(|&row| panes[row as usize]).collect();
        let failures = self.add_all(&batch.take(&kept)?, &panes)?;
        Ok(failures.into_iter().map(|failure| failure.at(kept.values())).collect())
    }

    fn add_all(&mut self, batch: &ChangelogBatch, panes: &[u32]) -> Result<Vec<Failure>> {
        let slots = self.slots(batch, panes)?;
        if !self.spec.input_retracts {
            return self.aggregates.update(&slots, batch.rows(), None);
        }
        let mut kept = Vec::with_capacity(slots.len());
        for (row, &slot) in slots.iter().enumerate() {
            let count = &mut self.counts[slot as usize];
            if !batch.kind(row).is_retraction() {
                *count += 1;
            } else if *count > 0 {
                *count -= 1;
            } else {
                continue;
            }
            kept.push(row as u32);
        }
        if kept.len() == slots.len() {
            return self.aggregates.update(&slots, batch.rows(), batch.kinds().map(RowKinds::retractions).as_ref());
        }
        OperatorMetrics::add(&self.subtask.metrics.lost_retractions, slots.len() - kept.len());
        let slots: Vec<u32> = kept.iter().map(|&row| slots[row as usize]).collect();
        let batch = batch.take(&UInt32Array::from(kept.clone()))?;
        let failures =
            self.aggregates.update(&slots, batch.rows(), batch.kinds().map(RowKinds::retractions).as_ref())?;
        Ok(failures.into_iter().map(|failure| failure.at(&kept)).collect())
    }

    /// The slots of rows by their panes and keys.
    fn slots(&mut self, batch: &ChangelogBatch, panes: &[u32]) -> Result<Vec<u32>> {
        let columns: Vec<ArrayRef> = self.spec.keys.iter().map(|&key| batch.rows().column(key).clone()).collect();
        let mut slots = if columns.is_empty() {
            self.slots_without_keys(panes)?
        } else {
            self.keys.slots(&columns, batch.num_rows(), |row| panes[row])?
        };
        self.counts.resize(self.counts.len().max(self.keys.capacity()), 0);
        for row in slots.new.drain(..) {
            let slot = slots.slots[row as usize];
            self.counts[slot as usize] = 0;
            if let Some(pane) = self.panes.pane_mut(panes[row as usize]) {
                pane.slots.push(slot);
            }
        }
        Ok(slots.slots)
    }

    /// Without keys a pane is a slot: only the runs of rows in one pane are looked up.
    fn slots_without_keys(&mut self, panes: &[u32]) -> Result<Slots> {
        let runs: Vec<&[u32]> = panes.chunk_by(|one, next| one == next).collect();
        let found = self.keys.slots(&[], runs.len(), |run| runs[run][0])?;
        let mut slots = Slots { slots: Vec::with_capacity(panes.len()), new: vec![] };
        let mut new = found.new.iter().peekable();
        for (run, (rows, &slot)) in runs.iter().zip(&found.slots).enumerate() {
            if new.next_if(|&&row| row as usize == run).is_some() {
                slots.new.push(slots.slots.len() as u32);
            }
            slots.slots.resize(slots.slots.len() + rows.len(), slot);
        }
        Ok(slots)
    }

    /// Emits the windows that are over, until the output is full.
    fn fire(&mut self, out: &mut Output) -> Result<Step> {
        loop {
            while let Some(mut firing) = self.firing.pop_front() {
                while firing.done < firing.slots.len() {
                    if out.is_full() {
                        self.firing.push_front(firing);
                        return Ok(Step::More);
                    }
                    self.emit(&mut firing, out)?;
                }
            }
            let due = self.panes.next_end().filter(|&end| is_over(&self.zone, end, self.watermark));
            let Some(end) = due else { return Ok(Step::Done) };
            for (start, panes) in self.panes.take_windows(end) {
                let firing = self.gather(start, end, panes)?;
                self.firing.push_back(firing);
            }
        }
    }

    /// The accumulators of a window, merged from its panes where there are several.
    fn gather(&mut self, start: Timestamp, end: Timestamp, mut panes: Vec<(Pane, bool)>) -> Result<Firing> {
        if panes.len() == 1 {
            let (slots, release) = panes.pop().map(|(pane, last)| (pane.slots, last)).unwrap_or_default();
            return Ok(Firing { start, end, slots, done: 0, release });
        }
        let mut merged = Vec::new();
        for (pane, last) in panes {
            for slots in pane.slots.chunks(MERGE_CHUNK) {
                let (targets, new) = self.keys.regroup(slots, MERGED);
                self.counts.resize(self.counts.len().max(self.keys.capacity()), 0);
                for &target in &new {
                    self.counts[target as usize] = 0;
                }
                for (&target, &slot) in targets.iter().zip(slots) {
                    self.counts[target as usize] += self.counts[slot as usize];
                }
                self.aggregates.add(&targets, slots)?;
                merged.extend(new);
            }
            if last {
                self.release(&pane.slots)?;
            }
        }
        Ok(Firing { start, end, slots: merged, done: 0, release: true })
    }

    fn release(&mut self, slots: &[u32]) -> Result<()> {
        self.aggregates.remove(slots)?;
        self.keys.remove(slots);
        Ok(())
    }

    /// Emits the next keys of a window.
    fn emit(&mut self, firing: &mut Firing, out: &mut Output) -> Result<()> {
        let end = firing.slots.len().min(firing.done + self.subtask.batch_size.max(1));
        let chunk = &firing.slots[firing.done..end];
        firing.done = end;
        let living: Vec<u32> = match self.spec.input_retracts {
            false => chunk.to_vec(),
            true => chunk.iter().copied().filter(|&slot| self.counts[slot as usize] > 0).collect(),
        };
        if !living.is_empty() {
            let keys = self.keys.keys(&living)?;
            let aggregates = self.aggregates.evaluate(&living, &self.keys)?;
            let time =
                |time: Timestamp| -> ArrayRef { Arc::new(TimestampMillisecondArray::from_value(time, living.len())) };
            let column = |column: &WindowColumn| match column {
                WindowColumn::Key(index) => keys.get(*index).cloned(),
                WindowColumn::Start => Some(time(firing.start)),
                WindowColumn::End => Some(time(firing.end)),
                WindowColumn::Time => Some(time(self.zone.row_time(firing.end))),
                WindowColumn::Aggregate(index) => aggregates.get(*index).cloned(),
            };
            let mut columns = Vec::with_capacity(self.spec.output.len());
            for (output, field) in self.spec.output.iter().zip(self.spec.schema.fields()) {
                let column =
                    column(output).ok_or_else(|| Error::bug(format!("no {output:?} in a window aggregation")))?;
                let fits = column.data_type() == field.data_type();
                columns.push(if fits { column } else { cast(&column, field.data_type())? });
            }
            let options = RecordBatchOptions::new().with_row_count(Some(living.len()));
            let rows = RecordBatch::try_new_with_options(self.spec.schema.clone(), columns, &options)?;
            out.push(ChangelogBatch::inserts(rows));
        }
        if firing.release {
            self.aggregates.remove(chunk)?;
            self.keys.remove(chunk);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
