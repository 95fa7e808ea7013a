//! PV/UV from a JSON file, in events per second, beside arrow's JSON reader on the same file in the same run.
//!
//!     cargo xtask bench pv_uv [EVENTS]
//!
//! Both run on one core where `taskset` is there. The job reads three columns of five, assigns event time and watermarks,
//! counts rows and exact distinct users per hour, and writes to `blackhole`.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anabranch::arrow::datatypes::{DataType, Field, Schema};
use anyhow::{Context, Result, bail, ensure};

/// Runs of each; the best counts, as the machine may have other work.
const RUNS: usize = 3;

fn main() -> Result<()> {
    let argument = std::env::args().nth(1);
    // The same program, started on one core to time arrow's reader.
    if argument.as_deref() == Some("arrow") {
        let file = std::env::args().nth(2).context("arrow FILE")?;
        println!("{}", decode_with_arrow(Path::new(&file))?);
        return Ok(());
    }
    let events: u64 = argument.map_or(Ok(5_000_000), |count| count.parse()).context("EVENTS is a number")?;
    let this = std::env::current_exe()?;
    let programs = this.parent().context("the program lies in no folder")?;
    let file = events_file(programs, events)?;
    let job = job_file(&file)?;

    let ours = best(|| {
        let mut run = on_one_core(&programs.join("anabranch"));
        run.args(["run", "--quiet"]).arg(&job).stdout(Stdio::null());
        let start = Instant::now();
        ensure!(run.status().context("build the command first: cargo build --release")?.success(), "the job failed");
        Ok(start.elapsed())
    })?;
    let arrow = best(|| {
        let mut run = on_one_core(&this);
        run.arg("arrow").arg(&file);
        let start = Instant::now();
        let output = run.output()?;
        ensure!(output.status.success(), "arrow's reader failed: {}", String::from_utf8_lossy(&output.stderr));
        let rows: u64 = String::from_utf8(output.stdout)?.trim().parse()?;
        ensure!(rows == events, "arrow's reader gave {rows} rows of {events}");
        Ok(start.elapsed())
    })?;
    let rate = |time: Duration| events as f64 / time.as_secs_f64() / 1e6;
    println!("events                         {events}");
    println!("PV/UV job, start to end        {:.2} M events/s ({:.2?})", rate(ours), ours);
    println!("arrow's JSON reader, no job    {:.2} M events/s ({:.2?})", rate(arrow), arrow);
    println!("ratio                          {:.2}", rate(ours) / rate(arrow));
    Ok(())
}

/// A file of events, made once and kept beside the programs.
fn events_file(programs: &Path, events: u64) -> Result<PathBuf> {
    let path = programs.join(format!("pv_uv_{events}.jsonl"));
    if !path.exists() {
        let partial = path.with_extension("partial");
        let status = Command::new(programs.join("pv-uv-events"))
            .args(["--events", &events.to_string(), "--hours", "24"])
            .stdout(File::create(&partial)?)
            .status()
            .context("build the generator first: cargo build --release --package pv-uv-events")?;
        ensure!(status.success(), "the generator failed");
        std::fs::rename(&partial, &path)?;
    }
    Ok(path)
}

fn job_file(events: &Path) -> Result<PathBuf> {
    let job = format!(
        "SET 'parallelism.default' = '1';
CREATE TABLE user_behavior (
  user_id STRING, item_id STRING, category_id STRING, behavior STRING, ts TIMESTAMP_LTZ(3),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH (
  'connector' = 'filesystem', 'path' = '{}', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);
CREATE TABLE pv_uv (startTime TIMESTAMP(3), endTime TIMESTAMP(3), pv BIGINT, uv BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO pv_uv
SELECT window_start, window_end, COUNT(*), COUNT(DISTINCT user_id)
FROM TABLE(TUMBLE(TABLE user_behavior, DESCRIPTOR(ts), INTERVAL '1' HOUR))
WHERE behavior = 'pv'
GROUP BY window_start, window_end;
",
        events.display()
    );
    let path = events.with_extension("sql");
    std::fs::write(&path, job)?;
    Ok(path)
}

/// The three columns that the job reads, in batches of as many rows.
fn decode_with_arrow(file: &Path) -> Result<u64> {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let schema = Arc::new(Schema::new(vec![text("user_id"), text("behavior"), text("ts")]));
    let reader = BufReader::with_capacity(1 << 20, File::open(file)?);
    let batches = anabranch::arrow::json::ReaderBuilder::new(schema).with_batch_size(8192).build(reader)?;
    let mut rows = 0;
    for batch in batches {
        rows += batch?.num_rows() as u64;
    }
    Ok(rows)
}

fn on_one_core(program: &Path) -> Command {
    let has_taskset =
        Command::new("taskset").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    if has_taskset {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn best(mut run: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        best = best.min(run()?);
    }
    if best == Duration::MAX {
        bail!("nothing was run");
    }
    Ok(best)
}
