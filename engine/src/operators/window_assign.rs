//! The window table-valued functions TUMBLE and HOP: each row with the windows it falls in.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, TimestampMillisecondArray, UInt32Array};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::SchemaRef;

use super::zone::{Zone, is_local, milliseconds, refuse_nulls, timely};
use super::{Operator, OperatorMetrics, OperatorSpec, Output, Step, Subtask, Timestamp, Window, WindowTime};
use crate::changelog::ChangelogBatch;
use crate::error::Result;

/// The plan of a window table-valued function that stands on its own. Row kinds are kept.
#[derive(Debug, Clone)]
pub struct WindowAssignSpec {
    pub input: SchemaRef,
    pub window: Window,
    pub time: WindowTime,
    /// Rows with NULL for a time are left out, as in Flink's batch mode. Else they are an error.
    pub drops_nulls: bool,
    /// The columns of the input, then window_start and window_end (timestamps in milliseconds without zone), then
    /// window_time (milliseconds; with zone "UTC" for a TIMESTAMP_LTZ and for processing time).
    pub schema: SchemaRef,
}

impl OperatorSpec for WindowAssignSpec {
    fn name(&self) -> &'static str {
        "WindowTableFunction"
    }

    fn describe(&self) -> String {
        format!("window=[{}]", self.window.describe(self.time, &self.input))
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>> {
        self.window.check()?;
        let local = match self.time {
            WindowTime::Event { column } => is_local(self.input.field(column).data_type()),
            WindowTime::Processing => true,
        };
        let zone = if local { Zone::named(&subtask.time_zone)? } else { Zone::utc() };
        Ok(Box::new(WindowAssign { spec: self.clone(), subtask: subtask.clone(), zone, pending: None }))
    }
}

struct WindowAssign {
    spec: WindowAssignSpec,
    subtask: Subtask,
    zone: Zone,
    pending: Option<Pending>,
}

/// An input, and how far it has got.
struct Pending {
    batch: ChangelogBatch,
    /// Local time of each row.
    times: Vec<Timestamp>,
    /// NULL: those with a time that windows cannot have.
    nulls: Option<NullBuffer>,
    row: usize,
    /// Windows of that row that were given already.
    windows: i64,
}

impl Operator for WindowAssign {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, now: Timestamp, out: &mut Output) -> Result<Step> {
        let (mut times, nulls) = match self.spec.time {
            WindowTime::Processing => (vec![now; batch.num_rows()], None),
            WindowTime::Event { column } => {
                if !self.spec.drops_nulls {
                    refuse_nulls(batch.rows(), column)?;
                }
                let column = batch.rows().column(column);
                let times = milliseconds(column)?;
                let timely = timely(column, &times).map(NullBuffer::new);
                (times, timely)
            }
        };
        times.iter_mut().for_each(|time| *time = self.zone.to_local(*time));
        OperatorMetrics::add(&self.subtask.metrics.late_rows, nulls.as_ref().map_or(0, NullBuffer::null_count));
        self.pending = Some(Pending { batch, times, nulls, row: 0, windows: 0 });
        self.resume(out)
    }

    fn resume(&mut self, out: &mut Output) -> Result<Step> {
        let Some(mut pending) = self.pending.take() else { return Ok(Step::Done) };
        while let Some(batch) = self.next(&mut pending)? {
            out.push(batch);
            if out.is_full() && pending.row < pending.times.len() {
                self.pending = Some(pending);
                return Ok(Step::More);
            }
        }
        Ok(Step::Done)
    }
}

impl WindowAssign {
    /// The next rows with their windows, the latest window of a row first.
    fn next(&self, pending: &mut Pending) -> Result<Option<ChangelogBatch>> {
        let window = self.spec.window;
        let limit = self.subtask.batch_size.max(1);
        let (mut rows, mut starts) = (Vec::new(), Vec::new());
        while pending.row < pending.times.len() && rows.len() < limit {
            let time = pending.times[pending.row];
            let start = window.last_start(time).saturating_sub(pending.windows * window.slide());
            let is_null = pending.nulls.as_ref().is_some_and(|nulls| nulls.is_null(pending.row));
            if is_null || start <= time.saturating_sub(window.size()) {
                pending.row += 1;
                pending.windows = 0;
                continue;
            }
            rows.push(pending.row as u32);
            starts.push(start);
            pending.windows += 1;
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let ends = starts.iter().map(|start| start + window.size());
        let times = ends.clone().map(|end| self.zone.row_time(end));
        let taken = pending.batch.take(&UInt32Array::from(rows))?;
        let mut columns = taken.rows().columns().to_vec();
        let inputs = columns.len();
        columns.push(Arc::new(TimestampMillisecondArray::from_iter_values(starts.iter().copied())));
        columns.push(Arc::new(TimestampMillisecondArray::from_iter_values(ends)));
        columns.push(Arc::new(TimestampMillisecondArray::from_iter_values(times)));
        for (column, field) in columns.iter_mut().zip(self.spec.schema.fields()).skip(inputs) {
            if column.data_type() != field.data_type() {
                *column = cast(column, field.data_type())?;
            }
        }
        Ok(Some(taken.with_rows(RecordBatch::try_new(self.spec.schema.clone(), columns)?)?))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use expect_test::expect;

    use super::*;
    use crate::operators::harness::{Harness, schema};

    fn spec(time_type: &str, window: Window) -> WindowAssignSpec {
        let input = schema(&format!("k STRING, ts {time_type}"));
        let output = format!(
            "k STRING, ts {time_type}, window_start TIMESTAMP(3), window_end TIMESTAMP(3), window_time {}",
            time_type.replace('6', "3"),
        );
        let time = WindowTime::Event { column: 1 };
        WindowAssignSpec { input, window, time, drops_nulls: true, schema: schema(&output) }
    }

    fn harness(time_type: &str, window: Window) -> Harness {
        let spec = spec(time_type, window);
        let input = spec.input.clone();
        Harness::new(spec, vec![(input, vec![])])
    }

    #[test]
    fn in_a_stream_a_row_without_a_time_is_an_error() {
        let window = Window::Tumble { size: 10_000, offset: 0 };
        let spec = WindowAssignSpec { drops_nulls: false, ..spec("TIMESTAMP(3)", window) };
        let mut operator = spec.create(&Subtask::for_test()).unwrap();
        let batch = ChangelogBatch::from_text(&spec.input, "+I a 2020-01-01T00:00:01\n+I a null").unwrap();
        let error = operator.process(0, batch, 0, &mut Output::new(10)).unwrap_err();
        expect!["a row has NULL in 'ts', by which it should fall in a window; leave such rows out by WHERE ts IS NOT NULL, or give them a time by COALESCE in a computed column"]
            .assert_eq(&error.to_string());
    }

    #[test]
    fn tumbling_windows_keep_row_kinds_and_drop_rows_without_time() {
        let mut harness = harness("TIMESTAMP(6)", Window::Tumble { size: 10_000, offset: 1_000 });
        expect![[r#"
            +I a 2020-01-01T00:00:00.999999 2019-12-31T23:59:51 2020-01-01T00:00:01 2020-01-01T00:00:00.999
            -U b 2020-01-01T00:00:01 2020-01-01T00:00:01 2020-01-01T00:00:11 2020-01-01T00:00:10.999
        "#]]
        .assert_eq(&harness.run(
            "+I a 2020-01-01T00:00:00.999999
             +I n null
             -U b 2020-01-01T00:00:01",
        ));
        assert_eq!(harness.metrics().late_rows.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn hopping_windows_multiply_rows_in_small_batches() {
        let window = Window::Hop { size: 20_000, slide: 10_000, offset: 0 };
        let mut harness = harness("TIMESTAMP(3)", window).sizes(3, 3);
        expect![[r#"
            +I a 2020-01-01T00:00:01 2020-01-01T00:00:00 2020-01-01T00:00:20 2020-01-01T00:00:19.999
            +I a 2020-01-01T00:00:01 2019-12-31T23:59:50 2020-01-01T00:00:10 2020-01-01T00:00:09.999
            +I b 2020-01-01T00:00:10 2020-01-01T00:00:10 2020-01-01T00:00:30 2020-01-01T00:00:29.999
            +I b 2020-01-01T00:00:10 2020-01-01T00:00:00 2020-01-01T00:00:20 2020-01-01T00:00:19.999
        "#]]
        .assert_eq(&harness.run("+I a 2020-01-01T00:00:01\n +I b 2020-01-01T00:00:10"));
    }

    #[test]
    fn windows_of_a_local_time_are_aligned_in_the_session_zone() {
        let window = Window::Tumble { size: 86_400_000, offset: 0 };
        let mut harness = harness("TIMESTAMP_LTZ(3)", window).time_zone("Asia/Shanghai");
        expect![[r#"
            +I a 2020-01-01T15:00:00Z 2020-01-01T00:00:00 2020-01-02T00:00:00 2020-01-01T15:59:59.999Z
            +I b 2020-01-01T16:00:00Z 2020-01-02T00:00:00 2020-01-03T00:00:00 2020-01-02T15:59:59.999Z
        "#]]
        .assert_eq(&harness.run("+I a 2020-01-01T15:00:00Z\n +I b 2020-01-01T16:00:00Z"));
    }
}
