//! Whole jobs of toys: alignment, idleness, rescaling, errors, stopping.

mod toys;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use expect_test::expect;
use futures::StreamExt;
use futures::executor::{block_on, block_on_stream};

use super::*;
use crate::changelog::ChangelogMode;
use crate::connectors::Sink;
use crate::error::Domain;
use toys::*;

fn config() -> RuntimeConfig {
    RuntimeConfig { batch_size: 64, channel_capacity: 2, ..RuntimeConfig::default() }
}

/// source → sums by key → sink.
fn sums(tape: &Arc<Tape>, sink: &TestSink, parallelism: usize) -> JobGraph {
    let sink: Arc<dyn Sink> = Arc::new(sink.clone());
    let mut builder = Builder::default();
    let source = builder.source(tape, parallelism);
    let sums = builder.operator(SumByKey::spec(), parallelism, &[(source, Exchange::Hash(vec![0]))]);
    builder.sink(&sink, parallelism, sums, Exchange::Forward);
    builder.0
}

#[test]
fn bounded_inputs_end_the_job() {
    for parallelism in [1, 4] {
        let tape = Tape::new(6, true);
        for split in 0..6 {
            (0..50).for_each(|at| tape.push(split, rows(&[(at % 7, 1, at), (at % 5, 2, at)])));
        }
        tape.close();
        let sink = TestSink::default();
        let summary = execute(sums(&tape, &sink, parallelism), config()).unwrap().wait().unwrap();
        assert_eq!(summary.ending, JobEnding::Finished);
        assert_eq!(sink.greatest().values().sum::<i64>(), 6 * 50 * 3);
        let source = summary.metrics.sources().next().unwrap();
        assert_eq!((source.rows_out, source.is_finished()), (600, true));
    }
}

#[test]
fn expansions_are_not_held() {
    let tape = Tape::new(1, true);
    tape.push(0, rows(&[(1, 1, 0), (2, 2, 0)]));
    tape.close();
    let (notes, seen) = Notes::spec(None);
    let sink = TestSink::default();
    let mut builder = Builder::default();
    let source = builder.source(&tape, 1);
    let twice = builder.operator(Repeat::spec(3), 1, &[(source, Exchange::Forward)]);
    let again = builder.operator(Repeat::spec(100), 1, &[(twice, Exchange::Forward)]);
    let notes = builder.operator(notes, 1, &[(again, Exchange::Forward)]);
    builder.sink(&(Arc::new(sink.clone()) as Arc<dyn Sink>), 1, notes, Exchange::Single);
    execute(builder.0, config()).unwrap().wait().unwrap();
    assert_eq!(sink.amounts().len(), 600);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.last().unwrap(), "finish");
    assert_eq!(seen[600..], ["watermark 0", "watermark max", "finish"]);
}

/// Two tapes, one operator of two inputs that notes what comes.
fn two_inputs(
    clock: &Arc<ManualClock>,
    timer: Option<i64>,
) -> (JobHandle, Arc<Tape>, Arc<Tape>, impl Fn(usize) -> String) {
    let (left, right) = (Tape::new(1, false), Tape::new(1, false));
    let (notes, seen) = Notes::spec(timer);
    let sink: Arc<dyn Sink> = Arc::new(TestSink::default());
    let mut builder = Builder::default();
    let a = builder.source_with_timeout(&left, 1, Some(Duration::from_millis(100)));
    let b = builder.source_with_timeout(&right, 1, Some(Duration::from_millis(100)));
    let notes = builder.operator(notes, 1, &[(a, Exchange::Forward), (b, Exchange::Forward)]);
    builder.sink(&sink, 1, notes, Exchange::Forward);
    let config = RuntimeConfig { clock: clock.clone(), buffer_timeout: Duration::ZERO, ..config() };
    let job = execute(builder.0, config).unwrap();
    // Waits until so many things were noted, and gives the last.
    let last = move |count: usize| {
        while seen.lock().unwrap().len() < count {
            std::thread::sleep(Duration::from_millis(1));
        }
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), count, "{seen:?}");
        seen[count - 1].clone()
    };
    (job, left, right, last)
}

#[test]
fn event_time_is_the_least_of_the_inputs_that_are_not_idle() {
    let clock = Arc::new(ManualClock::new(0));
    let (job, left, right, last) = two_inputs(&clock, None);
    left.push(0, rows(&[(0, 1, 50)]));
    assert_eq!(last(1), "input 0: [1]");
    right.push(0, rows(&[(0, 2, 30)]));
    assert_eq!(last(3), "watermark 30");
    // The left goes on, the right says nothing for 100 ms and steps aside.
    clock.set(99);
    left.push(0, rows(&[(0, 3, 60)]));
    assert_eq!(last(4), "input 0: [3]");
    job.snapshot().unwrap();
    clock.set(100);
    assert_eq!(last(5), "watermark 60");
    // It comes back behind, which holds nobody up.
    right.push(0, rows(&[(0, 4, 40)]));
    assert_eq!(last(6), "input 1: [4]");
    left.push(0, rows(&[(0, 5, 70)]));
    assert_eq!(last(8), "watermark 70");
    // It catches up and counts again.
    right.push(0, rows(&[(0, 6, 75)]));
    assert_eq!(last(9), "input 1: [6]");
    left.push(0, rows(&[(0, 7, 80)]));
    assert_eq!(last(11), "watermark 75");
    job.cancel();
    assert_eq!(job.wait().unwrap().ending, JobEnding::Cancelled);
}

#[test]
fn timers_follow_the_clock() {
    let clock = Arc::new(ManualClock::new(1000));
    let (job, left, _right, last) = two_inputs(&clock, Some(1050));
    left.push(0, rows(&[(0, 1, 50)]));
    assert_eq!(last(1), "input 0: [1]");
    clock.set(1050);
    job.wake();
    assert_eq!(last(2), "timer 1050");
    job.cancel();
    job.wait().unwrap();
}

#[test]
fn a_barrier_cuts_all_inputs_at_one_place() {
    let tapes = [Tape::new(3, false), Tape::new(2, false)];
    let sink = TestSink::default();
    let shared: Arc<dyn Sink> = Arc::new(sink.clone());
    let mut builder = Builder::default();
    let inputs: Vec<_> = tapes.iter().map(|tape| (builder.source(tape, 2), Exchange::Hash(vec![0]))).collect();
    let sums = builder.operator(SumByKey::spec(), 3, &inputs);
    builder.sink(&shared, 1, sums, Exchange::Single);
    let job = execute(builder.0, config()).unwrap();
    let writer = std::thread::spawn({
        let tapes = tapes.clone();
        move || {
            for at in 0..2000 {
                tapes[0].push(at % 3, rows(&[(at as i64 % 11, 1, at as i64)]));
                tapes[1].push(at % 2, rows(&[(at as i64 % 13, 1, at as i64)]));
            }
        }
    });
    let mut sums = vec![];
    for _ in 0..10 {
        let snapshot = job.snapshot().unwrap();
        let read: i64 = (0..2)
            .flat_map(|node| snapshot.nodes[node].splits().into_iter().map(move |split| (node, split)))
            .map(|(node, split)| tapes[node].sum_before(&split.split.id, &split.split.position))
            .sum();
        let state: i64 = snapshot.nodes[2].subtasks.iter().map(|subtask| sum_of(&subtask.state)).sum();
        assert_eq!(state, read);
        sums.push(state);
    }
    writer.join().unwrap();
    assert!(sums.is_sorted());
    job.stop();
    assert_eq!(job.wait().unwrap().ending, JobEnding::Stopped);
}

#[test]
fn a_job_goes_on_from_a_snapshot_at_another_parallelism() {
    let tape = Tape::new(3, true);
    let sink = TestSink::default();
    let mut restore = None;
    let mut expected: BTreeMap<i64, i64> = BTreeMap::new();
    for (round, parallelism) in [1, 4, 1, 2].into_iter().enumerate() {
        let config = RuntimeConfig { restore, ..config() };
        let job = execute(sums(&tape, &sink, parallelism), config).unwrap();
        let seen = sink.0.lock().unwrap().seen;
        for key in 0..20 {
            *expected.entry(key).or_default() += key + 1;
            tape.push(key as usize % 3, rows(&[(key, key + 1, round as i64)]));
        }
        // Only splits that somebody reads are read: a single reader has the first.
        sink.wait_for(seen + 1);
        let snapshot = job.snapshot().unwrap();
        // What comes now is lost with the job, and comes again.
        tape.push(0, rows(&[(0, 1, round as i64)]));
        *expected.entry(0).or_default() += 1;
        job.cancel();
        assert_eq!(job.wait().unwrap().ending, JobEnding::Cancelled);
        restore = Some(snapshot);
    }
    tape.close();
    let config = RuntimeConfig { restore, ..config() };
    execute(sums(&tape, &sink, 4), config).unwrap().wait().unwrap();
    assert_eq!(sink.greatest(), expected);
}

#[test]
fn a_snapshot_of_another_plan_is_refused() {
    let tape = Tape::new(1, false);
    let sink = TestSink::default();
    let job = execute(sums(&tape, &sink, 1), config()).unwrap();
    let snapshot = job.stop_with_snapshot().unwrap();
    assert_eq!(job.wait().unwrap().ending, JobEnding::Stopped);
    let mut builder = Builder::default();
    let source = builder.source(&tape, 1);
    builder.sink(&(Arc::new(sink) as Arc<dyn Sink>), 1, source, Exchange::Forward);
    let error = execute(builder.0, RuntimeConfig { restore: Some(snapshot), ..config() }).unwrap_err();
    expect!["the snapshot is of another plan: it has Source, Toy, Sink, the job Source, Sink"]
        .assert_eq(&error.to_string());
    assert_eq!(error.domain(), Domain::State);
}

#[test]
fn the_first_error_ends_the_job_and_its_rows_are_dropped() {
    for (panics, parallelism) in [(false, 1), (false, 4), (true, 1), (true, 4)] {
        let tape = Tape::new(1, false);
        let sink = TestSink::default();
        let mut builder = Builder::default();
        let source = builder.source(&tape, 1);
        let refuse = builder.operator(Refuse::spec(panics), parallelism, &[(source, Exchange::Hash(vec![0]))]);
        builder.sink(&(Arc::new(sink.clone()) as Arc<dyn Sink>), parallelism, refuse, Exchange::Forward);
        let job = execute(builder.0, config()).unwrap();
        tape.push(0, rows(&[(1, 1, 0), (2, 2, 0)]));
        sink.wait_for(2);
        job.snapshot().unwrap();
        tape.push(0, rows(&[(1, 10, 0), (2, 20, 0)]));
        sink.wait_for(4);
        tape.push(0, rows(&[(1, -1, 0)]));
        let error = job.wait().unwrap_err();
        if panics {
            assert_eq!(error.domain(), Domain::Bug);
            assert_eq!(error.message(), "a subtask panicked: a negative amount");
        } else {
            assert_eq!(error.message(), "a negative amount");
        }
        assert_eq!(sink.amounts(), [1, 2]);
        assert_eq!(sink.0.lock().unwrap().aborted, 2);
        assert!(job.snapshot().is_err());
    }
}

#[test]
fn stopping_flushes_rows_and_leaves_windows_open() {
    let tape = Tape::new(1, false);
    let (notes, seen) = Notes::spec(None);
    let sink = TestSink::default();
    let mut builder = Builder::default();
    let source = builder.source(&tape, 1);
    let notes = builder.operator(notes, 2, &[(source, Exchange::Rebalance)]);
    builder.sink(&(Arc::new(sink.clone()) as Arc<dyn Sink>), 1, notes, Exchange::Single);
    let job = execute(builder.0, RuntimeConfig { buffer_timeout: Duration::from_millis(1), ..config() }).unwrap();
    (0..100).for_each(|at| tape.push(0, rows(&[(at, at, at)])));
    sink.wait_for(100);
    job.stop();
    assert_eq!(job.wait().unwrap().ending, JobEnding::Stopped);
    assert_eq!(sink.amounts(), (0..100).collect::<Vec<_>>());
    let seen = seen.lock().unwrap();
    assert!(!seen.iter().any(|note| note == "finish" || note == "watermark max"), "{seen:?}");
}

#[test]
fn a_sink_commits_what_belongs_to_a_snapshot() {
    let tape = Tape::new(1, false);
    let sink = TestSink::default();
    let job = execute(sums(&tape, &sink, 1), config()).unwrap();
    tape.push(0, rows(&[(1, 1, 0)]));
    sink.wait_for(1);
    assert!(sink.amounts().is_empty());
    job.snapshot().unwrap();
    tape.push(0, rows(&[(1, 1, 0)]));
    sink.wait_for(2);
    let snapshot = job.stop_with_snapshot().unwrap();
    job.wait().unwrap();
    assert_eq!(sink.amounts(), [1, 2]);
    assert_eq!(snapshot.id, 2);
}

#[test]
fn a_slow_reader_of_results_slows_the_query_down() {
    let tape = Tape::new(1, true);
    (0..100).for_each(|at| tape.push(0, rows(&[(at, at, at)])));
    let (sink, mut results) = collect(ChangelogMode::AppendOnly, 2);
    let mut builder = Builder::default();
    let source = builder.source(&tape, 1);
    builder.sink(&sink, 1, source, Exchange::Forward);
    let graph = builder.0;
    let config = || RuntimeConfig { buffer_timeout: Duration::ZERO, ..config() };
    let job = execute(graph.clone(), config()).unwrap();
    assert_eq!(amounts(&block_on(results.next()).unwrap()), [0]);
    tape.close();
    let rest: Vec<i64> = block_on_stream(results).flat_map(|batch| amounts(&batch)).collect();
    assert_eq!(rest, (1..100).collect::<Vec<_>>());
    job.wait().unwrap();
}

#[test]
fn cancelling_frees_a_sink_that_waits_for_its_reader() {
    let tape = Tape::new(1, true);
    (0..100).for_each(|at| tape.push(0, rows(&[(at, at, at)])));
    tape.close();
    let (sink, results) = collect(ChangelogMode::AppendOnly, 1);
    let mut builder = Builder::default();
    let source = builder.source(&tape, 1);
    builder.sink(&sink, 1, source, Exchange::Forward);
    let job = execute(builder.0, RuntimeConfig { buffer_timeout: Duration::ZERO, ..config() }).unwrap();
    while job.metrics().nodes[0].rows_out < 2 {
        std::thread::sleep(Duration::from_millis(1));
    }
    job.cancel();
    assert_eq!(job.wait().unwrap().ending, JobEnding::Cancelled);
    assert!(block_on_stream(results).count() <= 2);
}

#[test]
fn a_stream_that_was_split_comes_together_in_one_thread() {
    let tape = Tape::new(1, true);
    (0..10).for_each(|at| tape.push(0, rows(&[(at, at, at)])));
    tape.close();
    let (left, _) = Notes::spec(None);
    let (both, seen) = Notes::spec(None);
    let sink = TestSink::default();
    let mut builder = Builder::default();
    let source = builder.source(&tape, 1);
    let left = builder.operator(left, 1, &[(source, Exchange::Forward)]);
    let inputs = [(left, Exchange::Hash(vec![0])), (source, Exchange::Hash(vec![0]))];
    let both = builder.operator(both, 1, &inputs);
    builder.sink(&(Arc::new(sink.clone()) as Arc<dyn Sink>), 1, both, Exchange::Single);
    assert_eq!(super::chaining::chains(&builder.0).unwrap().0, [[0, 1, 2, 3]]);
    let config = RuntimeConfig { buffer_timeout: Duration::ZERO, ..config() };
    execute(builder.0, config).unwrap().wait().unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen[..3], ["input 0: [0]", "input 1: [0]", "watermark 0"]);
    assert_eq!(sink.amounts().len(), 20);
}
