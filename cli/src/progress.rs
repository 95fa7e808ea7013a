//! What a running job has done so far, on a terminal or as plain lines.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anabranch::Result;
use anabranch::arrow::temporal_conversions::timestamp_ms_to_datetime;
use anabranch::functions::component::OnError;
use anabranch::runtime::{FunctionMetrics, JobEnding, JobHandle, JobMetrics, JobSummary};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};

use crate::tell::tell;

/// How often a terminal is drawn anew.
const REDRAW: Duration = Duration::from_millis(100);
/// How often a plain line is written.
const LINE: Duration = Duration::from_secs(5);

pub struct Progress {
    /// On a terminal.
    bar: Option<ProgressBar>,
    start: Instant,
    /// Rows read and written at the last look, and when that was.
    last: (u64, u64, Instant),
}

impl Progress {
    pub fn new(terminal: bool) -> Self {
        let bar = terminal.then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        let now = Instant::now();
        Progress { bar, start: now, last: (0, 0, now) }
    }

    /// Shows a job's progress until it ends.
    pub fn watch(mut self, job: &JobHandle) -> Result<JobSummary> {
        let mut shown = Instant::now();
        let mut pause = Duration::from_millis(1);
        while job.is_running() {
            // Short jobs end without a wait; long ones are looked at ten times a second.
            std::thread::sleep(pause);
            pause = (pause * 2).min(REDRAW);
            let due = if self.bar.is_some() { REDRAW } else { LINE };
            if shown.elapsed() >= due {
                shown = Instant::now();
                let line = self.line(&job.metrics());
                match &self.bar {
                    Some(bar) => {
                        bar.set_message(line);
                        bar.tick();
                    }
                    None => tell!("{line}"),
                }
            }
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        job.wait()
    }

    fn line(&mut self, metrics: &JobMetrics) -> String {
        let read: u64 = metrics.sources().map(|source| source.rows_out).sum();
        let written: u64 = metrics.sinks().map(|sink| sink.rows_in).sum();
        let (read_before, written_before, at) = self.last;
        let seconds = at.elapsed().as_secs_f64().max(1e-3);
        let rate = |now: u64, before: u64| HumanCount((now.saturating_sub(before) as f64 / seconds) as u64);
        let mut line = format!(
            "{:.0} s: {} rows in ({} rows/s), {} rows out ({} rows/s)",
            self.start.elapsed().as_secs_f64(),
            HumanCount(read),
            rate(read, read_before),
            HumanCount(written),
            rate(written, written_before)
        );
        self.last = (read, written, Instant::now());
        let watermark = metrics.sources().filter_map(|source| source.watermark).min();
        if let Some(time) = watermark.filter(|&time| time < i64::MAX).and_then(timestamp_ms_to_datetime) {
            let _ = write!(line, ", watermark {}", time.format("%Y-%m-%d %H:%M:%S%.3f"));
        }
        if metrics.late_rows() > 0 {
            let _ = write!(line, ", {} late", HumanCount(metrics.late_rows()));
        }
        let failed: u64 = metrics.functions.iter().map(|function| function.totals.failed()).sum();
        if failed > 0 {
            let _ = write!(line, ", {} failed in functions", HumanCount(failed));
        }
        line
    }
}

/// What a job did: a line for the job, then what it read and wrote, table by table.
pub fn summary(summary: &JobSummary) -> String {
    let ending = match summary.ending {
        JobEnding::Finished => "finished",
        JobEnding::Stopped => "stopped",
        JobEnding::Cancelled => "cancelled",
    };
    let metrics = &summary.metrics;
    let mut text = format!("job {ending} after {:.3} s", summary.elapsed.as_secs_f64());
    for source in metrics.sources() {
        let table = source.table.as_deref().unwrap_or("source");
        let _ = write!(text, "\n  read    {:>12} rows from {table}", HumanCount(source.rows_out));
    }
    for sink in metrics.sinks() {
        let table = sink.table.as_deref().unwrap_or("result");
        let _ = write!(text, "\n  written {:>12} rows to {table}", HumanCount(sink.rows_in));
    }
    let lost: u64 = metrics.nodes.iter().map(|node| node.lost_retractions).sum();
    for (count, what) in [
        (metrics.late_rows(), "late rows dropped"),
        (lost, "retractions found no row"),
        (metrics.failed_rows(), "rows whose function failed"),
    ] {
        if count > 0 {
            let _ = write!(text, "\n  {:>20} {what}", HumanCount(count));
        }
    }
    for function in &metrics.functions {
        let _ = write!(text, "\n  {}", function_line(function));
    }
    text
}

/// `function parse: 12 calls, 98,304 rows, 3 failed (to table failures), 1.204 s in it and 0.310 s around it, …`
fn function_line(function: &FunctionMetrics) -> String {
    let FunctionMetrics { name, on_error, dead_letter_table, totals } = function;
    let mut line = format!("function {name}: {} calls, {} rows", HumanCount(totals.calls), HumanCount(totals.rows));
    if totals.failed() > 0 {
        let outcome = match (on_error, dead_letter_table) {
            (OnError::DeadLetter, Some(table)) => format!("sent to {table}"),
            (OnError::DeadLetter | OnError::Skip, _) => "skipped".to_owned(),
            (OnError::Null, _) => "NULL".to_owned(),
            (OnError::Fail, _) => "failed the job".to_owned(),
        };
        let causes = [(totals.traps, "trapped"), (totals.timeouts, "too slow"), (totals.too_large, "too large")];
        let causes: String = causes
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, cause)| format!(", {} {cause}", HumanCount(*count)))
            .collect();
        let _ = write!(line, ", {} failed ({outcome}{causes})", HumanCount(totals.failed()));
    }
    let _ = write!(
        line,
        ", {:.3} s in it and {:.3} s around it, {}, {} {}",
        totals.guest.as_secs_f64(),
        totals.host.as_secs_f64(),
        HumanBytes(totals.peak_memory as u64),
        HumanCount(totals.instances),
        if totals.instances == 1 { "instance" } else { "instances" }
    );
    if totals.replaced > 0 {
        let _ = write!(line, " ({} replaced)", HumanCount(totals.replaced));
    }
    line
}

#[cfg(test)]
mod tests {
    use anabranch::functions::component::FunctionTotals;

    use super::*;

    #[test]
    fn a_function_has_a_line() {
        let quiet = FunctionTotals {
            calls: 12,
            rows: 98_304,
            guest: Duration::from_millis(1_204),
            host: Duration::from_millis(310),
            peak_memory: 1_114_112,
            instances: 4,
            ..FunctionTotals::default()
        };
        let line = |on_error, dead_letter_table: Option<&str>, totals| {
            let dead_letter_table = dead_letter_table.map(str::to_owned);
            function_line(&FunctionMetrics { name: "parse".into(), on_error, dead_letter_table, totals })
        };
        assert_eq!(
            line(OnError::Fail, None, quiet),
            "function parse: 12 calls, 98,304 rows, 1.204 s in it and 0.310 s around it, 1.06 MiB, 4 instances"
        );
        let noisy = FunctionTotals { row_errors: 3, traps: 2, timeouts: 1, replaced: 3, ..quiet };
        assert_eq!(
            line(OnError::DeadLetter, Some("failures"), noisy),
            "function parse: 12 calls, 98,304 rows, 6 failed (sent to failures, 2 trapped, 1 too slow), \
             1.204 s in it and 0.310 s around it, 1.06 MiB, 4 instances (3 replaced)"
        );
        assert!(line(OnError::Null, None, noisy).contains("6 failed (NULL, "));
        assert!(line(OnError::Skip, None, noisy).contains("6 failed (skipped, "));
    }
}
