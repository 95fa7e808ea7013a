//! The memory of functions that leak, over a million calls: `cargo xtask bench leaks [CALLS]`.
//!
//! An interpreter leaks by itself (Python's what each call returns), and so may a function, which lets a list grow that
//! nobody looks at. The host replaces an instance that has outgrown `recycle-memory`, so that memory stays below it: the
//! table has the most memory of an instance in each tenth of the calls, beside that of this process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anabranch_bench::{bind, component, inline};
use anabranch_host::{BoundFunction, Host, HostConfig, Interpreter, Limits};
use anyhow::{Context, Result, ensure};
use arrow::array::{ArrayRef, AsArray, Int64Array};
use arrow::datatypes::Int64Type;

/// Keep a kilobyte per row.
const PYTHON: &str = "kept = []\n\ndef keep(x):\n    kept.append(bytes(1000))\n    return x + 1\n";
const JAVASCRIPT: &str =
    "const kept = [];\n\nfunction keep(x) {\n  kept.push(new Uint8Array(1000));\n  return x + 1n;\n}\n";
const TENTHS: usize = 10;

fn main() -> Result<()> {
    let calls = std::env::args().nth(1).map_or(Ok(1_000_000), |calls| calls.parse()).context("CALLS is a number")?;
    let host = Host::new(HostConfig::default())?;
    let load = |language: &str, function: &str| -> Result<BoundFunction> {
        bind(&host.load_file(component(language)?, &Limits::default())?, function)
    };
    println!("memory in MB; an instance is replaced past {}", Limits::default().recycle_memory >> 20);
    let functions = [
        ("Python, a list grows, 1 row", inline(&host, Interpreter::Python, "keep", &["x"], PYTHON)?, 1),
        ("JavaScript, a list grows, 1 row", inline(&host, Interpreter::JavaScript, "keep", &["x"], JAVASCRIPT)?, 1),
        ("Python, add, 1 row", load("python", "add")?, 1),
        ("Python, add_columns, 100 rows", load("python", "add_columns")?, 100),
        ("JavaScript, add, 1 row", load("javascript", "add")?, 1),
        ("JavaScript, add_columns, 100 rows", load("javascript", "add_columns")?, 100),
        ("Go, add, 1 row", load("go", "add")?, 1),
    ];
    for (name, function, rows) in functions {
        measure(name, &function, calls, rows)?;
    }
    Ok(())
}

fn measure(name: &str, bound: &BoundFunction, calls: usize, rows: usize) -> Result<()> {
    let numbers: ArrayRef = Arc::new((0..rows as i64).collect::<Int64Array>());
    let columns = vec![numbers.clone(); bound.argument_fields().len()];
    let mut function = bound.scalar()?;
    let (mut memory, mut process) = (Vec::new(), Vec::new());
    let (start, mut longest) = (Instant::now(), Duration::ZERO);
    for _ in 0..TENTHS {
        let mut most = 0;
        for _ in 0..calls / TENTHS {
            let begun = Instant::now();
            let output = function.call(&columns, rows)?;
            longest = longest.max(begun.elapsed());
            let last = output.array.as_primitive::<Int64Type>().value(rows - 1);
            ensure!(output.errors.is_empty() && last >= rows as i64 - 1, "{name}: {output:?}");
            // Of one that is to be replaced there is no memory any more; it was a call short of that.
            most = most.max(function.memory());
        }
        memory.push(most);
        process.push(resident());
    }
    let megabytes = |sizes: &[usize]| sizes.iter().map(|size| format!("{:4}", size >> 20)).collect::<String>();
    let totals = bound.totals();
    let micros = start.elapsed().as_secs_f64() * 1e6 / calls as f64;
    println!("{name}: {calls} calls of {micros:.1} µs, the longest {longest:.1?}");
    println!("    an instance by tenths{}, at most {}", megabytes(&memory), totals.peak_memory >> 20);
    println!("    the process          {}", megabytes(&process));
    println!("    {} instances, {} of them replaced", totals.instances, totals.replaced);
    Ok(())
}

/// Memory of this process, in bytes; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok()).unwrap_or_default() << 10
}
