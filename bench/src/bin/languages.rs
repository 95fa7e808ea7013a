//! What a row, a call and a new function cost in each language, against the same function in native Rust in the same
//! run: `cargo xtask bench languages [ROUNDS [FUNCTION]]`.
//!
//! The functions are those of `tests/functions/same`; that of native Rust is the source of the Rust package. In a round
//! native code and all languages take turns, some milliseconds each; where the system tells, the time is that which the
//! thread had of a processor, so that what else the machine does counts little. The tables give the best round and the
//! median one. Targets are held against the best, and were set where native Rust adds two columns in 0.2 ns a row: on a
//! slower machine, or a busy one, as many times more is allowed, and the factor is told.

#[path = "../../../tests/functions/same/rust/src/lib.rs"]
#[allow(dead_code, reason = "what makes a package of it")]
mod same;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anabranch_bench::{bind, component, inline};
use anabranch_host::{BoundFunction, Host, HostConfig, Interpreter, Limits, OnError, Package};
use anyhow::{Context, Result, ensure};
use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, StringArray, UInt32Array};
use arrow::datatypes::Int64Type;

/// Folder and name.
const LANGUAGES: [(&str, &str); 7] = [
    ("rust", "Rust"),
    ("c", "C"),
    ("cpp", "C++"),
    ("go", "Go"),
    ("javascript", "JavaScript"),
    ("typescript", "TypeScript"),
    ("python", "Python"),
];
/// Rows of a large call.
const ROWS: usize = 8_192;
const GROUPS: usize = 1_000;
/// How long each is measured in a round.
const SLICE: Duration = Duration::from_millis(15);

/// Nanoseconds a row that native Rust needs to add two columns where the targets were set.
const NATIVE: f64 = 0.2;

/// Nanoseconds a row that a language is to need at most: what a prototype needed, and a fifth more; for interpreters
/// what was set.
const TARGETS: &[(&str, &str, f64)] = &[
    ("add_columns", "Rust", 1.4 * 1.2),
    ("add_columns", "C", 0.9 * 1.2),
    ("add_columns", "C++", 0.9 * 1.2),
    ("add_columns", "Go", 3.7 * 1.2),
    ("add_columns", "JavaScript", 100.0),
    ("add_columns", "TypeScript", 100.0),
    ("add_columns", "Python", 200.0),
    ("add", "Python", 450.0),
    ("len", "Rust", 9.0 * 1.2),
    ("len", "C", 4.7 * 1.2),
    ("len", "C++", 4.7 * 1.2),
    ("len", "Go", 30.0 * 1.2),
];

fn main() -> Result<()> {
    let rounds: usize =
        std::env::args().nth(1).map_or(Ok(15), |rounds| rounds.parse()).context("ROUNDS is a number")?;
    ensure!(rounds > 0, "ROUNDS is at least 1");
    let only = std::env::args().nth(2);
    let host = Host::new(HostConfig::default())?;
    let packages = LANGUAGES.map(|(folder, name)| {
        let load = || -> Result<Arc<Package>> { Ok(host.load_file(component(folder)?, &Limits::default())?) };
        load().map(|package| (name, package))
    });
    let packages: Vec<(&str, Arc<Package>)> = packages.into_iter().collect::<Result<_>>()?;
    for (function, what) in [
        ("add", "add(a BIGINT, b BIGINT), row by row"),
        ("add_columns", "add(a BIGINT, b BIGINT), over columns"),
        ("len", "len(text STRING), row by row"),
        ("reverse", "reverse(text STRING), row by row"),
        ("split", "split(line STRING), a table function of 4 rows a row"),
        ("total", "total(x BIGINT), an aggregate of 1,000 groups"),
    ] {
        if only.as_ref().is_some_and(|only| only != function) {
            continue;
        }
        let mut contenders: Vec<(String, BoundFunction)> = Vec::new();
        for (name, package) in &packages {
            contenders.push(((*name).to_owned(), bind(package, function)?));
        }
        if function == "add" {
            for language in Interpreter::ALL {
                contenders.push((format!("{language}, inline"), inline(&host, language, "add", &["a", "b"], "a + b")?));
            }
        }
        let large = compare(function, &contenders, ROWS, rounds)?;
        let small = compare(function, &contenders, 1, rounds)?;
        let factor = (large[0].best() / ROWS as f64 / NATIVE).max(1.0);
        let heads = ["ns/row", "median", "×native", "ns/call", "median"].map(|head| format!("{head:>9}"));
        println!("\n{what}\n{:<20} {}   target, times {factor:.2}", "", heads.join(" "));
        let (large, small) = (&large[1..], &small[1..]);
        let native = large[0].best();
        for (large, small) in large.iter().zip(small) {
            let (best, median) = (large.best() / ROWS as f64, large.median() / ROWS as f64);
            let target = TARGETS.iter().find(|(of, language, _)| *of == function && *language == large.name);
            let target = target.map_or(String::new(), |(_, _, target)| {
                let factor = best / (target * factor);
                format!("{target:>6.1} ns/row, {}", if factor <= 1.0 { "met".into() } else { format!("×{factor:.1}") })
            });
            println!(
                "{:<20} {best:>9.2} {median:>9.2} {:>9.1} {:>9.0} {:>9.0}   {target}",
                large.name,
                large.best() / native,
                small.best(),
                small.median()
            );
        }
    }
    if only.is_none() { creation() } else { Ok(()) }
}

/// What one of them needed for a call, round by round.
struct Measured {
    name: String,
    nanos: Vec<f64>,
}

impl Measured {
    fn best(&self) -> f64 {
        self.nanos.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn median(&self) -> f64 {
        let mut nanos = self.nanos.clone();
        nanos.sort_by(f64::total_cmp);
        nanos[nanos.len() / 2]
    }
}

/// One call.
type Call<'a> = Box<dyn FnMut() -> Result<()> + 'a>;

/// First what tells how fast the machine is, then native code, then the languages.
fn compare(
    function: &str,
    contenders: &[(String, BoundFunction)],
    rows: usize,
    rounds: usize,
) -> Result<Vec<Measured>> {
    let columns = arguments(function, rows);
    let groups: Vec<u32> = (0..rows as u32).map(|row| row.wrapping_mul(2_654_435_761) % GROUPS as u32).collect();
    let yardstick = arguments("add_columns", ROWS);
    let mut calls: Vec<(String, Call)> = vec![
        ("yardstick".to_owned(), native("add_columns", &yardstick, &[])),
        ("native Rust".to_owned(), native(function, &columns, &groups)),
    ];
    for (name, bound) in contenders {
        calls.push((name.clone(), call(function, bound, &columns, &groups, rows)?));
    }
    let mut measured: Vec<Measured> =
        calls.iter().map(|(name, _)| Measured { name: name.clone(), nanos: Vec::new() }).collect();
    // The first round is for the caches.
    for round in 0..=rounds {
        for ((_, call), measured) in calls.iter_mut().zip(&mut measured) {
            let (start, mut times) = (now(), 0);
            let mut batch = 1;
            while now() - start < SLICE {
                for _ in 0..batch {
                    call()?;
                }
                times += batch;
                // Clocks are not to count in what is short.
                batch = (batch * 2).min(1_024);
            }
            if round > 0 {
                measured.nanos.push((now() - start).as_nanos() as f64 / f64::from(times));
            }
        }
    }
    Ok(measured)
}

/// A clock that stands still while others have the processor.
#[cfg(target_os = "linux")]
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    // What a thread has had of a processor is not negative.
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(not(target_os = "linux"))]
fn now() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

fn arguments(function: &str, rows: usize) -> Vec<ArrayRef> {
    let longs = || -> ArrayRef { Arc::new((0..rows as i64).map(|row| row * 31).collect::<Int64Array>()) };
    let texts = |texts: &[&str]| -> ArrayRef {
        Arc::new((0..rows).map(|row| Some(texts[row % texts.len()])).collect::<StringArray>())
    };
    match function {
        "add" | "add_columns" => vec![longs(), longs()],
        "total" => vec![longs()],
        "split" => vec![texts(&["to be or not", "that is the question"])],
        _ => vec![texts(&["pv", "a somewhat longer text", "buy", "cart", "favourite"])],
    }
}

fn native<'a>(function: &str, columns: &'a [ArrayRef], groups: &'a [u32]) -> Call<'a> {
    let mut totals: Vec<same::Total> = (0..GROUPS).map(|_| same::Total::default()).collect();
    let texts = || columns[0].as_string::<i32>();
    match function {
        "add" | "add_columns" => Box::new(|| {
            let [a, b] = [0, 1].map(|column: usize| columns[column].as_primitive::<Int64Type>().values());
            let sums: Vec<i64> = a.iter().zip(b).map(|(a, b)| same::add(*a, *b)).collect();
            black_box(Int64Array::from(sums));
            Ok(())
        }),
        "len" => Box::new(move || {
            black_box(texts().iter().map(|text| text.map(same::len)).collect::<Int32Array>());
            Ok(())
        }),
        "reverse" => Box::new(move || {
            black_box(texts().iter().map(|text| text.map(same::reverse)).collect::<StringArray>());
            Ok(())
        }),
        "split" => Box::new(move || {
            let lines = texts().iter().enumerate();
            let words =
                lines.flat_map(|(row, line)| line.into_iter().flat_map(same::split).map(move |word| (row, word)));
            let (rows, words): (Vec<u32>, Vec<(&str, i32)>) = words.map(|(row, word)| (row as u32, word)).unzip();
            let (words, places): (Vec<&str>, Vec<i32>) = words.into_iter().unzip();
            black_box((UInt32Array::from(rows), StringArray::from(words), Int32Array::from(places)));
            Ok(())
        }),
        _ => Box::new(move || {
            let numbers = columns[0].as_primitive::<Int64Type>().values();
            groups.iter().zip(numbers).for_each(|(group, x)| totals[*group as usize].accumulate(*x));
            black_box(&totals);
            Ok(())
        }),
    }
}

fn call<'a>(
    function: &str,
    bound: &BoundFunction,
    columns: &'a [ArrayRef],
    groups: &'a [u32],
    rows: usize,
) -> Result<Call<'a>> {
    Ok(match function {
        "split" => {
            let mut table = bound.table()?;
            Box::new(move || {
                table.begin(columns, rows)?;
                while let Some(chunk) = table.next(ROWS)? {
                    black_box(chunk);
                }
                Ok(())
            })
        }
        "total" => {
            let mut totals = bound.aggregate(OnError::Fail)?;
            Box::new(move || {
                black_box(totals.accumulate(groups, columns)?);
                Ok(())
            })
        }
        _ => {
            let mut scalar = bound.scalar()?;
            Box::new(move || {
                let output = scalar.call(columns, rows)?;
                ensure!(output.array.null_count() == 0, "{output:?}");
                black_box(output);
                Ok(())
            })
        }
    })
}

/// From `CREATE FUNCTION` to the first row: with nothing compiled, in a new process with the code of an earlier one, and
/// once more in the same process.
fn creation() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("anabranch-bench-{}", std::process::id()));
    println!("\nfrom CREATE FUNCTION to the first row\n{:<20} {:>12} {:>12} {:>12}", "", "cold", "cached", "again");
    for (language, name) in LANGUAGES {
        let file = component(language)?;
        created(&folder, name, |host| bind(&host.load_file(&file, &Limits::default())?, "add"))?;
    }
    for language in Interpreter::ALL {
        let create = |host: &Arc<Host>| inline(host, language, "add", &["a", "b"], "a + b");
        created(&folder, &format!("{language}, inline"), create)?;
    }
    Ok(())
}

fn created(cache: &Path, name: &str, create: impl Fn(&Arc<Host>) -> Result<BoundFunction>) -> Result<()> {
    const TIMES: usize = 5;
    let host = || Host::new(HostConfig { cache: Some(cache.to_owned()), ..HostConfig::default() });
    let first_row = |host: &Arc<Host>| -> Result<Duration> {
        let start = Instant::now();
        let number = || -> ArrayRef { Arc::new(Int64Array::from(vec![1])) };
        let output = create(host)?.scalar()?.call(&[number(), number()], 1)?;
        let time = start.elapsed();
        ensure!(output.array.as_primitive::<Int64Type>().value(0) == 2, "{name}: {output:?}");
        Ok(time)
    };
    let best = |times: Result<Vec<Duration>>| times.map(|times| times.into_iter().min().unwrap_or_default());
    let measure = || {
        let cold = first_row(&host()?)?;
        let cached = best((0..TIMES).map(|_| first_row(&host()?)).collect())?;
        let same = host()?;
        first_row(&same)?;
        let again = best((0..TIMES).map(|_| first_row(&same)).collect())?;
        println!("{name:<20} {:>12} {:>12} {:>12}", shown(cold), shown(cached), shown(again));
        Ok(())
    };
    let measured = measure();
    // Nothing else is in it.
    let _ = std::fs::remove_dir_all(cache);
    measured
}

fn shown(time: Duration) -> String {
    format!("{time:.1?}")
}
