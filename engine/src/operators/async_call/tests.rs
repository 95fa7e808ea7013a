//! The operator alone, with a function that a test lets go on when it likes.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use anabranch_host::{RowErrorCause, ScalarOutput};
use datafusion::arrow::array::Int64Array;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::physical_expr::expressions::col;

use super::workers::RowCaller;
use super::*;
use crate::operators::MAX_WATERMARK;
use crate::operators::harness::schema;

/// Doubles its argument once it is let go. Odd rows that are negative fail as often as they say.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
    calls: AtomicUsize,
    most: AtomicUsize,
}

#[derive(Debug, Default)]
struct GateState {
    open: bool,
    released: Vec<i64>,
    attempts: BTreeMap<i64, i64>,
    running: usize,
    settled: Vec<(i64, bool)>,
}

impl Gate {
    fn release(&self, value: i64) {
        self.state.lock().unwrap().released.push(value);
        self.changed.notify_all();
    }

    fn open(&self) {
        self.state.lock().unwrap().open = true;
        self.changed.notify_all();
    }
}

#[derive(Debug, Clone)]
struct Fake(Arc<Gate>);

impl RowCallers for Fake {
    fn caller(&self) -> Result<Box<dyn RowCaller>> {
        Ok(Box::new(self.clone()))
    }
}

impl RowCaller for Fake {
    fn call(&mut self, arguments: &[ArrayRef], timeout: Duration) -> Result<ScalarOutput> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        let value = arguments[0].as_primitive::<Int64Type>().value(0);
        let mut state = self.0.state.lock().unwrap();
        state.running += 1;
        self.0.most.fetch_max(state.running, Ordering::SeqCst);
        let deadline = Instant::now() + timeout;
        while !state.open && !state.released.contains(&value) && Instant::now() < deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            state = self.0.changed.wait_timeout(state, left).unwrap().0;
        }
        state.running -= 1;
        let in_time = state.open || state.released.contains(&value);
        let attempt = state.attempts.entry(value).or_insert(0);
        *attempt += 1;
        let error = |cause, message: &str| ScalarOutput {
            array: Arc::new(Int64Array::from(vec![None])),
            errors: vec![RowError { row: 0, cause, message: message.into() }],
        };
        Ok(match value {
            _ if !in_time => error(RowErrorCause::Timeout, "ran longer than it may"),
            13 => error(RowErrorCause::Trap, "trapped"),
            // Fails so many times.
            _ if value < 0 && *attempt <= -value => error(RowErrorCause::Function, "not yet"),
            _ => ScalarOutput { array: Arc::new(Int64Array::from(vec![value * 2])), errors: vec![] },
        })
    }

    fn settled(&mut self, error: Option<&RowError>) {
        self.0.state.lock().unwrap().settled.push((0, error.is_some()));
    }
}

struct Test {
    gate: Arc<Gate>,
    spec: AsyncCallSpec,
    operator: Box<dyn Operator>,
    out: Output,
}

fn options(capacity: usize, output: AsyncOutput) -> AsyncOptions {
    AsyncOptions { capacity, output, retry_delay: Duration::from_millis(1), ..AsyncOptions::default() }
}

impl Test {
    fn new(options: AsyncOptions, on_error: OnError) -> Self {
        let gate = Arc::new(Gate::default());
        let input = schema("x BIGINT");
        let result = Arc::new(Field::new("y", DataType::Int64, true));
        let spec = AsyncCallSpec {
            name: "f".into(),
            function: None,
            on_error,
            callers: Arc::new(Fake(gate.clone())),
            arguments: vec![col("x", &input).unwrap()],
            selection: None,
            options,
            schema: appended(&input, result),
            input,
            input_updates: false,
        };
        let operator = spec.create(&Subtask::for_test()).unwrap();
        Test { gate, spec, operator, out: Output::new(8192) }
    }

    fn rows(&mut self, text: &str) -> Step {
        let batch = ChangelogBatch::from_text(&self.spec.input, text).unwrap();
        self.operator.process(0, batch, 0, &mut self.out).unwrap()
    }

    /// Polls until so many lines have come out.
    fn came(&mut self, lines: usize) -> String {
        let mut text = String::new();
        let until = Instant::now() + Duration::from_secs(20);
        while text.lines().count() < lines && Instant::now() < until {
            text.push_str(&self.take());
            let step = match self.operator.is_ready() {
                true => self.operator.poll(0, &mut self.out).unwrap(),
                false => self.operator.resume(&mut self.out).unwrap(),
            };
            if step == Step::Done && self.out.is_empty() && !self.out.has_watermark() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        text.push_str(&self.take());
        text
    }

    fn take(&mut self) -> String {
        let mut text = String::new();
        while let Some(batch) = self.out.pop() {
            text.push_str(&batch.to_text().unwrap());
        }
        if let Some(watermark) = self.out.pop_watermark() {
            text.push_str(&format!("watermark {watermark}\n"));
        }
        text
    }

    fn drain(&mut self) -> String {
        let mut text = String::new();
        let mut step = self.operator.flush(&mut self.out).unwrap();
        loop {
            text.push_str(&self.take());
            if step == Step::Done {
                return text;
            }
            step = self.operator.resume(&mut self.out).unwrap();
        }
    }
}

#[test]
fn ordered_results_wait_for_those_before_them() {
    let mut test = Test::new(options(10, AsyncOutput::Ordered), OnError::Fail);
    assert_eq!(test.rows("+I 1\n+I 2\n+I 3"), Step::Done);
    test.gate.release(3);
    test.gate.release(2);
    std::thread::sleep(Duration::from_millis(20));
    let _ = test.operator.poll(0, &mut test.out).unwrap();
    assert_eq!(test.take(), "");
    test.gate.release(1);
    assert_eq!(test.came(3), "+I 1 2\n+I 2 4\n+I 3 6\n");
}

#[test]
fn unordered_results_pass_rows_but_no_watermark() {
    let mut test = Test::new(options(10, AsyncOutput::Unordered), OnError::Fail);
    let _ = test.rows("+I 1\n+I 2");
    let _ = test.operator.watermark(1000, 0, &mut test.out).unwrap();
    let _ = test.rows("+I 3");
    test.gate.release(3);
    test.gate.release(2);
    assert_eq!(test.came(1), "+I 2 4\n");
    std::thread::sleep(Duration::from_millis(20));
    let _ = test.operator.poll(0, &mut test.out).unwrap();
    assert_eq!(test.take(), "", "3 must not pass the watermark");
    test.gate.release(1);
    assert_eq!(test.came(3), "+I 1 2\nwatermark 1000\n+I 3 6\n");
}

#[test]
fn no_more_rows_than_the_capacity_are_in_flight_and_the_next_batch_waits() {
    let mut test = Test::new(options(2, AsyncOutput::Ordered), OnError::Fail);
    assert_eq!(test.rows("+I 1\n+I 2\n+I 3\n+I 4\n+I 5"), Step::Done);
    while test.gate.calls.load(Ordering::SeqCst) < 2 {
        std::thread::sleep(Duration::from_millis(1));
    }
    // For a third.
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(test.gate.calls.load(Ordering::SeqCst), 2);
    test.gate.open();
    // Blocks until the rows before it are in flight, and gives what is ready meanwhile.
    let mut step = test.rows("+I 6");
    let mut text = String::new();
    while step == Step::More {
        text.push_str(&test.take());
        step = test.operator.resume(&mut test.out).unwrap();
    }
    text.push_str(&test.drain());
    assert_eq!(text, "+I 1 2\n+I 2 4\n+I 3 6\n+I 4 8\n+I 5 10\n+I 6 12\n");
    assert_eq!(test.gate.most.load(Ordering::SeqCst), 2);
}

#[test]
fn errors_of_the_function_are_tried_again_and_others_are_not() {
    let mut test = Test::new(options(4, AsyncOutput::Ordered), OnError::Null);
    test.gate.open();
    // -2 succeeds at the third attempt, -5 would at the sixth.
    let _ = test.rows("+I -2\n+I -5\n+I 13\n+I 4");
    assert_eq!(test.drain(), "+I -2 -4\n+I -5 null\n+I 13 null\n+I 4 8\n");
    assert_eq!(test.gate.calls.load(Ordering::SeqCst), 3 + 3 + 1 + 1);
    let failed = test.gate.state.lock().unwrap().settled.iter().filter(|(_, failed)| *failed).count();
    assert_eq!(failed, 2);
}

#[test]
fn a_row_that_takes_too_long_fails_by_the_policy() {
    let timeout = Duration::from_millis(30);
    let mut test = Test::new(AsyncOptions { timeout, ..options(4, AsyncOutput::Ordered) }, OnError::Skip);
    test.gate.release(2);
    let _ = test.rows("+I 1\n+I 2");
    assert_eq!(test.drain(), "+I 2 4\n");
    let mut test = Test::new(AsyncOptions { timeout, ..options(4, AsyncOutput::Ordered) }, OnError::Fail);
    let _ = test.rows("+I 1");
    let error = test.operator.flush(&mut test.out).unwrap_err().to_string();
    assert!(
        error.starts_with("function 'f' failed for (1): took longer than 30 ms (option 'async.timeout')"),
        "{error}"
    );
}

#[test]
fn what_is_in_flight_goes_into_the_snapshot() {
    let mut test = Test::new(options(2, AsyncOutput::Ordered), OnError::Fail);
    let _ = test.rows("+I 1\n+I 2\n+I 3");
    test.gate.release(1);
    assert_eq!(test.came(1), "+I 1 2\n");
    let _ = test.operator.barrier(false, &mut test.out).unwrap();
    assert_eq!(test.take(), "");
    let snapshot = test.operator.snapshot().unwrap();
    assert_eq!(snapshot.operator["in_flight"].num_rows(), 2);
    test.operator = test.spec.create(&Subtask::for_test()).unwrap();
    test.operator.restore(snapshot).unwrap();
    assert!(test.operator.is_ready(), "restored rows must be started though nothing comes");
    let _ = test.operator.watermark(MAX_WATERMARK, 0, &mut test.out).unwrap();
    test.gate.open();
    assert_eq!(test.drain(), format!("+I 2 4\n+I 3 6\nwatermark {MAX_WATERMARK}\n"));
    assert!(test.operator.snapshot().unwrap().is_empty());
}

#[test]
fn a_barrier_waits_for_rows_behind_a_watermark() {
    let mut test = Test::new(options(10, AsyncOutput::Ordered), OnError::Fail);
    let _ = test.rows("+I 1");
    let _ = test.operator.watermark(10, 0, &mut test.out).unwrap();
    let _ = test.operator.barrier(false, &mut test.out).unwrap();
    assert_eq!(test.take(), "");
    assert_eq!(test.operator.snapshot().unwrap().operator["in_flight"].num_rows(), 1, "no row is behind it");
    let _ = test.rows("+I 2");
    test.gate.open();
    let mut text = String::new();
    let mut step = test.operator.barrier(false, &mut test.out).unwrap();
    while step == Step::More {
        text.push_str(&test.take());
        step = test.operator.resume(&mut test.out).unwrap();
    }
    text.push_str(&test.take());
    assert_eq!(text, "+I 1 2\nwatermark 10\n+I 2 4\n");
    assert!(test.operator.snapshot().unwrap().is_empty());
}

#[test]
fn the_barrier_of_a_job_that_stops_waits() {
    let mut test = Test::new(options(2, AsyncOutput::Ordered), OnError::Fail);
    let _ = test.rows("+I 1\n+I 2\n+I 3");
    test.gate.open();
    let mut text = String::new();
    let mut step = test.operator.barrier(true, &mut test.out).unwrap();
    while step == Step::More {
        text.push_str(&test.take());
        step = test.operator.resume(&mut test.out).unwrap();
    }
    text.push_str(&test.take());
    assert_eq!(text, "+I 1 2\n+I 2 4\n+I 3 6\n");
    assert!(test.operator.snapshot().unwrap().is_empty());
}

#[test]
fn a_cancelled_job_does_not_wait() {
    let mut test = Test::new(options(2, AsyncOutput::Ordered), OnError::Fail);
    let subtask = Subtask::for_test();
    test.operator = test.spec.create(&subtask).unwrap();
    let _ = test.rows("+I 1\n+I 2\n+I 3");
    subtask.cancelled.store(true, Ordering::Relaxed);
    let before = Instant::now();
    let error = test.operator.flush(&mut test.out).unwrap_err().to_string();
    assert_eq!(error, "the call of 'f' was interrupted");
    drop(test);
    assert!(before.elapsed() < Duration::from_secs(5));
}
