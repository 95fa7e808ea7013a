//! What a call into a component costs, against the same work in native Rust in the same run.
//!
//! The functions are those of `tests/functions/kitchen_sink`, ordinary Rust built with the SDK; what compiles and loads
//! is the package of the Rust template. `cargo xtask bench` builds both. Beside criterion's own report, a table at the
//! end gives the best time of each pair and their ratio.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anabranch_host::{BindRequest, BoundFunction, Grants, Host, HostConfig, Limits, OnError, Package};
use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, StringArray};
use arrow::datatypes::Int64Type;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};

/// Best nanoseconds of native code and component, by name, with how many rows one call has.
static BEST: Mutex<BTreeMap<String, (f64, f64, usize)>> = Mutex::new(BTreeMap::new());

/// A package in the target folder that this benchmark was built into.
fn file(package: &str) -> PathBuf {
    let benchmark = std::env::current_exe().expect("a benchmark has a file");
    let target = benchmark.ancestors().nth(3).expect("it lies in a target folder");
    let file = target.join(format!("wasm32-unknown-unknown/wasm/{package}.wasm"));
    assert!(file.exists(), "{} is not there: run `cargo xtask bench`, which builds it", file.display());
    file
}

fn host(cache: Option<PathBuf>) -> Arc<Host> {
    Host::new(HostConfig { cache, ..HostConfig::default() }).expect("a host")
}

fn bind(package: &Arc<Package>, function: &str) -> BoundFunction {
    let number = package.functions().iter().position(|signature| signature.name == function).expect("a function");
    let request = BindRequest {
        function: number,
        arguments: package.functions()[number].parameters.clone(),
        ..BindRequest::default()
    };
    package.bind(request, Limits::default(), Grants::default()).expect("binds")
}

/// Measures one half of a pair.
fn measure(group: &mut BenchmarkGroup<'_, WallTime>, pair: &str, native: bool, rows: usize, mut run: impl FnMut()) {
    let mut best = f64::INFINITY;
    let name = format!("{pair}/{}", if native { "native" } else { "component" });
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                run();
            }
            let time = start.elapsed();
            best = best.min(time.as_nanos() as f64 / iterations as f64);
            time
        });
    });
    let mut all = BEST.lock().expect("no panics");
    let entry = all.entry(pair.to_string()).or_insert((f64::NAN, f64::NAN, rows));
    if native { entry.0 = best } else { entry.1 = best }
}

fn longs(rows: usize, nulls: bool) -> ArrayRef {
    Arc::new((0..rows as i64).map(|row| (!nulls || row % 7 != 3).then_some(row * 31)).collect::<Int64Array>())
}

fn texts(rows: usize) -> ArrayRef {
    let words = ["pv", "a somewhat longer text", "buy", "cart", "favourite"];
    Arc::new((0..rows).map(|row| Some(words[row % words.len()])).collect::<StringArray>())
}

fn scalars(criterion: &mut Criterion, package: &Arc<Package>) {
    let mut group = criterion.benchmark_group("scalar");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(700));
    for rows in [1, 64, 1024, 8192] {
        for nulls in [false, true] {
            let (left, right) = (longs(rows, nulls), longs(rows, false));
            let pair = format!("add{} {rows}", if nulls { " with NULLs" } else { "" });
            measure(&mut group, &pair, true, rows, || {
                let (left, right) = (left.as_primitive::<Int64Type>(), right.as_primitive::<Int64Type>());
                let sums: Vec<i64> =
                    left.values().iter().zip(right.values()).map(|(left, right)| left.wrapping_add(*right)).collect();
                black_box(Int64Array::new(sums.into(), left.nulls().cloned()));
            });
            let columns = [left, right];
            let mut add = bind(package, "add").scalar().expect("scalar");
            measure(&mut group, &pair, false, rows, || {
                black_box(add.call(&columns, rows).expect("adds"));
            });
            let pair = format!("add by row{} {rows}", if nulls { " with NULLs" } else { "" });
            let closure = black_box(|left: i64, right: i64| left.wrapping_add(right));
            measure(&mut group, &pair, true, rows, || {
                let (left, right) = (columns[0].as_primitive::<Int64Type>(), columns[1].as_primitive::<Int64Type>());
                let sums = left.iter().zip(right).map(|(left, right)| Some(closure(left?, right?)));
                black_box(sums.collect::<Int64Array>());
            });
            let mut add = bind(package, "add_rows").scalar().expect("scalar");
            measure(&mut group, &pair, false, rows, || {
                black_box(add.call(&columns, rows).expect("adds"));
            });
        }
        let columns = [texts(rows)];
        let pair = format!("len {rows}");
        measure(&mut group, &pair, true, rows, || {
            let texts = columns[0].as_string::<i32>();
            black_box(texts.iter().map(|text| Some(text?.chars().count() as i32)).collect::<Int32Array>());
        });
        let mut len = bind(package, "len").scalar().expect("scalar");
        measure(&mut group, &pair, false, rows, || {
            black_box(len.call(&columns, rows).expect("measures"));
        });
        let pair = format!("upper {rows}");
        measure(&mut group, &pair, true, rows, || {
            let texts = columns[0].as_string::<i32>();
            black_box(texts.iter().map(|text| text.map(str::to_uppercase)).collect::<StringArray>());
        });
        let mut upper = bind(package, "upper").scalar().expect("scalar");
        measure(&mut group, &pair, false, rows, || {
            black_box(upper.call(&columns, rows).expect("converts"));
        });
    }
    group.finish();
}

fn aggregates(criterion: &mut Criterion, package: &Arc<Package>) {
    let mut group = criterion.benchmark_group("aggregate");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(700));
    let rows = 8192;
    for groups in [1u32, 1_000, 100_000] {
        let pair = format!("sum over {groups} groups");
        let ids: Vec<u32> = (0..rows as u32).map(|row| row.wrapping_mul(2_654_435_761) % groups).collect();
        let columns = [longs(rows, false)];
        let mut native = vec![(0i64, 0i64); groups as usize];
        measure(&mut group, &pair, true, rows, || {
            for (id, value) in ids.iter().zip(columns[0].as_primitive::<Int64Type>().values()) {
                let group = &mut native[*id as usize];
                *group = (group.0.wrapping_add(*value), group.1 + 1);
            }
            black_box(&native);
        });
        let mut sum = bind(package, "sum").aggregate(OnError::Fail).expect("aggregate");
        sum.accumulate(&[groups - 1], &[columns[0].slice(0, 1)]).expect("adds");
        measure(&mut group, &pair, false, rows, || {
            black_box(sum.accumulate(&ids, &columns).expect("adds"));
        });
    }
    group.finish();
}

fn lives(criterion: &mut Criterion, package: &Arc<Package>) {
    let mut group = criterion.benchmark_group("life");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    let bytes = std::fs::read(file("greetings")).expect("the package");
    let compiling = host(None);
    group.bench_function("compile and load", |bencher| {
        bencher.iter(|| compiling.load("greetings", &bytes, &Limits::default()).expect("loads"));
    });
    let directory = std::env::temp_dir().join(format!("anabranch-bench-{}", std::process::id()));
    let cached = host(Some(directory.clone()));
    cached.load("greetings", &bytes, &Limits::default()).expect("loads");
    group.bench_function("load from cache", |bencher| {
        // Without dropping it, which looks through all of the pool's slots.
        bencher.iter_with_large_drop(|| cached.load("greetings", &bytes, &Limits::default()).expect("loads"));
    });
    group.bench_function("bind with its first instance", |bencher| bencher.iter(|| bind(package, "add")));
    let bound = bind(package, "add");
    let first = bound.scalar().expect("scalar");
    group.bench_function("instance", |bencher| bencher.iter(|| bound.scalar().expect("scalar")));
    drop(first);
    group.finish();
    // Nothing else is in it.
    let _ = std::fs::remove_dir_all(directory);
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let package = host(None).load_file(file("kitchen_sink"), &Limits::default()).expect("loads");
    lives(&mut criterion, &package);
    scalars(&mut criterion, &package);
    aggregates(&mut criterion, &package);
    criterion.final_summary();
    println!(
        "{:<28} {:>12} {:>12} {:>7} {:>10} {:>10}",
        "best of", "native ns", "component", "ratio", "ns/row", "ns/row"
    );
    for (pair, (native, component, rows)) in BEST.lock().expect("no panics").iter() {
        let per_row = |time: f64| time / *rows as f64;
        println!(
            "{pair:<28} {native:>12.0} {component:>12.0} {:>7.2} {:>10.2} {:>10.2}",
            component / native,
            per_row(*native),
            per_row(*component)
        );
    }
}
