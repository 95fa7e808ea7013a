//! `anabranch function bench`: what a function costs, and how near it comes to its limits.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anabranch::arrow::array::{ArrayRef, UInt32Array};
use anabranch::arrow::compute::take;
use anabranch::functions::component::host_error;
use anabranch::{Error, Result};
use anabranch_host::RowError;
use indicatif::{HumanBytes, HumanCount};

use super::instance::Instance;
use super::rows::Input;
use super::with::With;
use super::{load, signature};

/// Rows of a batch, as the engine sends them.
const BATCH: usize = 8192;

/// How long each measurement goes on.
const TIME: Duration = Duration::from_millis(500);

/// Output rows of a table function that are fetched at once.
const CHUNK: usize = 8192;

#[derive(clap::Args)]
pub struct Options {
    /// The component, or the folder of a package that is built.
    file: PathBuf,
    /// The function's name.
    name: String,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    with: With,
}

pub fn bench(options: &Options) -> Result<()> {
    let start = Instant::now();
    let limits = options.with.limits()?;
    let package = load(&options.file, &limits)?;
    let loaded = start.elapsed();
    let sample = options.input.read(&package, &options.name)?;
    if sample.rows == 0 {
        return Err(Error::user("there are no rows to measure with"));
    }
    // Not as literals: in a stream, arguments are columns.
    let bound = options.with.bind(&package, sample.function, vec![])?;
    let start = Instant::now();
    let mut measured = Instance::new(&bound)?;
    let instantiated = start.elapsed();
    let one = repeated(&sample.columns, sample.rows, 1)?;
    let many = repeated(&sample.columns, sample.rows, BATCH)?;
    let per_call = measure(&mut measured, &one, 1)?;
    let per_batch = measure(&mut measured, &many, BATCH)?;
    say!("{}", signature(sample.signature));
    say!("  load       {loaded:>12.2?}   to a package that can be bound, compiled or from the cache");
    say!("  instance   {instantiated:>12.2?}");
    say!("  per call   {:>12.2?}   of one row", per_call.median);
    say!(
        "  per row    {:>9.2} ns   in batches of {} rows",
        per_batch.median.as_secs_f64() * 1e9 / BATCH as f64,
        HumanCount(BATCH as u64)
    );
    say!(
        "  slowest    {:>12.2?}   call; {} ('timeout') are allowed",
        per_batch.slowest.max(per_call.slowest),
        seconds(limits.timeout)
    );
    say!(
        "  memory     {:>12}   after {} rows; {} ('memory') are allowed, an instance is replaced past {}",
        HumanBytes(measured.memory() as u64).to_string(),
        HumanCount(((per_batch.calls * BATCH) + per_call.calls) as u64),
        HumanBytes(limits.memory as u64),
        HumanBytes(limits.recycle_memory as u64)
    );
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// What calls took.
struct Measurement {
    calls: usize,
    median: Duration,
    slowest: Duration,
}

/// Calls again and again. The first call, which warms up, counts for the slowest alone.
fn measure(instance: &mut Instance, columns: &[ArrayRef], rows: usize) -> Result<Measurement> {
    let mut times = vec![];
    let start = Instant::now();
    while times.len() < 2 || start.elapsed() < TIME {
        let before = Instant::now();
        call(instance, columns, rows)?;
        times.push(before.elapsed());
    }
    let slowest = times.iter().max().copied().unwrap_or_default();
    let measured = &mut times[1..];
    measured.sort_unstable();
    let median = measured[measured.len() / 2];
    Ok(Measurement { calls: times.len(), median, slowest })
}

/// The rows again and again until there are `count`.
fn repeated(columns: &[ArrayRef], rows: usize, count: usize) -> Result<Vec<ArrayRef>> {
    let indices = UInt32Array::from_iter_values((0..count).map(|row| (row % rows) as u32));
    columns.iter().map(|column| Ok(take(column, &indices, None)?)).collect()
}

/// One call: of a table function with all of its output, of an aggregate into one group that is then evaluated.
fn call(instance: &mut Instance, columns: &[ArrayRef], rows: usize) -> Result<()> {
    let errors = match instance {
        Instance::Scalar(function) => function.call(columns, rows).map_err(host_error)?.errors,
        Instance::Table(function) => {
            let mut errors = vec![];
            function.begin(columns, rows).map_err(host_error)?;
            while let Some(chunk) = function.next(CHUNK).map_err(host_error)? {
                errors.extend(chunk.errors);
            }
            errors
        }
        Instance::Aggregate(function) => {
            let mut errors = function.accumulate(&vec![0; rows], columns).map_err(host_error)?;
            errors.extend(function.evaluate(&[0]).map_err(host_error)?.errors);
            function.remove(&[0]).map_err(host_error)?;
            errors
        }
    };
    match errors.first() {
        Some(RowError { message, .. }) => {
            Err(Error::function(format!("a row fails, which would be measured too: {message}")))
        }
        None => Ok(()),
    }
}
