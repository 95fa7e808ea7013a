//! Jobs whose functions attack, and jobs beside them in the same process: the first end with what their user is told, the
//! others with their results. What the host contains, export by export, is in `engine/host/tests/attacks`.

#[path = "../host/tests/support/guest.rs"]
mod guest;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anabranch::table::TableEnvironment;
use expect_test::expect;
use guest::{Guest, columns, list, ok, record, row_error};

fn save(folder: &Path, name: &str, guest: &Guest) -> PathBuf {
    let path = folder.join(format!("{name}.wasm"));
    std::fs::write(&path, guest.module()).unwrap();
    path
}

/// A session with the functions of a guest, and batches of one row, which is what guests by hand take.
fn session(component: &Path, settings: &[(&str, &str)]) -> TableEnvironment {
    with_functions(component, settings, &[("timeout", "20 s")]).unwrap()
}

fn with_functions(
    component: &Path,
    settings: &[(&str, &str)],
    options: &[(&str, &str)],
) -> anabranch::error::Result<TableEnvironment> {
    let environment = TableEnvironment::new();
    environment.set("execution.batch-size", "1").unwrap();
    for (name, value) in settings {
        environment.set(name, value).unwrap();
    }
    for name in ["scalar", "table", "total"] {
        let options = [&[("memory", "16 mb")], options].concat();
        environment.register_wasm_function_with(name, component, &options)?;
    }
    Ok(environment)
}

/// The last row of a query, or its error.
fn run(environment: &TableEnvironment, query: &str) -> String {
    let ran = environment.execute_sql(query).and_then(|result| result.rows());
    match ran {
        Ok(batches) => {
            let last = batches.iter().rfind(|batch| batch.num_rows() > 0);
            let text = last.map(|batch| batch.to_text().unwrap()).unwrap_or_default();
            text.lines().last().unwrap_or_default().to_owned()
        }
        Err(error) => format!("{error}"),
    }
}

const SCALAR: &str = "SELECT scalar(x) FROM (VALUES (CAST(1 AS BIGINT))) AS t(x)";
const TABLE: &str = "SELECT y FROM (VALUES (CAST(1 AS BIGINT))) AS t(x), LATERAL TABLE(`table`(x)) AS l(y)";
const TOTAL: &str = "SELECT total(x) FROM (VALUES (CAST(1 AS BIGINT))) AS t(x)";

const SPIN: &str = "(loop $spin (br $spin)) unreachable";
const GROW: &str = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable";
const RECURSE: &str = "(call $deeper) unreachable";
const LOG: &str = "(loop $log (call $log (i32.const 0) (i32.const 1024) (i32.const 9)) (br $log)) unreachable";

/// Repeats a healthy job until all attacks are over; every run has the right result, in a bounded time.
fn healthy_until(over: &AtomicBool, component: &Path) -> usize {
    let environment = session(component, &[]);
    environment
        .execute_sql(
            "CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000000',
               'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '500')",
        )
        .unwrap();
    let mut runs = 0;
    while runs == 0 || !over.load(Ordering::Relaxed) {
        let started = Instant::now();
        let last = run(&environment, "SELECT COUNT(*), SUM(n + scalar(n)) FROM numbers");
        assert!(last.contains("500 125250"), "{last}");
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        runs += 1;
    }
    runs
}

/// Attacks in the exports that jobs call, under two policies (what the second ends with is said where it differs), and a
/// healthy job that runs beside all of them.
#[test]
fn jobs_beside_an_attack_have_their_results() {
    let folder = tempfile::tempdir().unwrap();
    let healthy = save(folder.path(), "healthy", &Guest::new());
    let kinds = [
        (SCALAR, &["cabi_realloc", "describe", "bind", "unbind", "call", "post-call"][..]),
        (TABLE, &["begin", "post-begin", "next", "post-next"]),
        (TOTAL, &["open", "accumulate", "post-accumulate", "evaluate", "post-evaluate", "remove"]),
    ];
    let codes = [("spin", SPIN), ("grow", GROW), ("log", LOG), ("recurse", RECURSE), ("trap", "unreachable")];
    let beyond = ok(record([columns(&[(1, 0)], vec![]), list([row_error(7, "beyond")])]));
    let mut attacks = vec![(SCALAR, "result".to_string(), Guest::new().returns("call", beyond))];
    for (name, code) in codes {
        for (query, exports) in kinds {
            for export in exports {
                let guest = Guest::new().item("(func $deeper (call $deeper))").body(export, code);
                attacks.push((query, format!("{name} in {export}"), guest));
            }
        }
    }
    let over = AtomicBool::new(false);
    let said = std::thread::scope(|threads| {
        let beside = threads.spawn(|| healthy_until(&over, &healthy));
        let mut said = String::new();
        for (query, name, guest) in &attacks {
            let component = save(folder.path(), name, guest);
            let mut ended = Vec::new();
            // What ends by itself has all the time that a busy machine needs.
            let timeout = if ["spin", "log"].iter().any(|kind| name.starts_with(kind)) { "100 ms" } else { "20 s" };
            for on_error in ["fail", "skip"] {
                let environment = with_functions(&component, &[], &[("timeout", timeout), ("on-error", on_error)]);
                let found = environment.map_or_else(|error| error.to_string(), |environment| run(&environment, query));
                let found = found.lines().next().unwrap_or_default().replace(&folder.path().display().to_string(), "");
                let found = found.split("; to go on without").next().unwrap_or_default().to_string();
                if ended.last() != Some(&found) {
                    ended.push(found);
                }
            }
            let ended: Vec<&str> = ended.iter().map(|it| if it.is_empty() { "no row" } else { it }).collect();
            said.push_str(&format!("{name}: {}\n", ended.join("\n  skip: ")));
        }
        over.store(true, Ordering::Relaxed);
        assert!(beside.join().unwrap() > 0);
        said
    });
    expect![[r#"
        result: function 'scalar' returned a bad result: it reports an error for row 7 of 1 rows
        spin in cabi_realloc: function 'scalar' ran longer than 100 ms (option 'timeout')
        spin in describe: function '/spin in describe.wasm' ran longer than 100 ms (option 'timeout')
        spin in bind: function 'scalar' ran longer than 100 ms (option 'timeout')
        spin in unbind: +I 0
        spin in call: function 'scalar' failed for (1): ran longer than 100 ms (option 'timeout')
          skip: no row
        spin in post-call: function 'scalar' failed for (1): ran longer than 100 ms (option 'timeout')
          skip: no row
        spin in begin: function 'table' failed for (1): ran longer than 100 ms (option 'timeout')
          skip: no row
        spin in post-begin: function 'table' failed for (1): ran longer than 100 ms (option 'timeout')
          skip: no row
        spin in next: function 'table' failed for (1): ran longer than 100 ms (option 'timeout')
          skip: no row
        spin in post-next: function 'table' failed for (1): ran longer than 100 ms (option 'timeout')
          skip: no row
        spin in open: function 'total' ran longer than 100 ms (option 'timeout')
        spin in accumulate: function 'total' ran longer than 100 ms at row 0 (option 'timeout')
          skip: +I 0
        spin in post-accumulate: function 'total' ran longer than 100 ms at row 0 (option 'timeout')
          skip: +I 0
        spin in evaluate: function 'total' ran longer than 100 ms (option 'timeout')
          skip: +I null
        spin in post-evaluate: function 'total' ran longer than 100 ms (option 'timeout')
          skip: +I null
        spin in remove: +I 0
        grow in cabi_realloc: function 'scalar' needs more than its 16777216 bytes of memory (option 'memory')
        grow in describe: function '/grow in describe.wasm' needs more than its 16777216 bytes of memory (option 'memory')
        grow in bind: function 'scalar' needs more than its 16777216 bytes of memory (option 'memory')
        grow in unbind: +I 0
        grow in call: function 'scalar' failed for (1): needs more than 16777216 bytes of memory (option 'memory')
          skip: no row
        grow in post-call: function 'scalar' failed for (1): needs more than 16777216 bytes of memory (option 'memory')
          skip: no row
        grow in begin: function 'table' failed for (1): needs more than 16777216 bytes of memory (option 'memory')
          skip: no row
        grow in post-begin: function 'table' failed for (1): needs more than 16777216 bytes of memory (option 'memory')
          skip: no row
        grow in next: function 'table' failed for (1): needs more than 16777216 bytes of memory (option 'memory')
          skip: no row
        grow in post-next: function 'table' failed for (1): needs more than 16777216 bytes of memory (option 'memory')
          skip: no row
        grow in open: function 'total' needs more than its 16777216 bytes of memory (option 'memory')
        grow in accumulate: function 'total' needs more than its 16777216 bytes of memory at row 0 (option 'memory')
          skip: +I 0
        grow in post-accumulate: function 'total' needs more than its 16777216 bytes of memory at row 0 (option 'memory')
          skip: +I 0
        grow in evaluate: function 'total' needs more than its 16777216 bytes of memory (option 'memory')
          skip: +I null
        grow in post-evaluate: function 'total' needs more than its 16777216 bytes of memory (option 'memory')
          skip: +I null
        grow in remove: +I 0
        log in cabi_realloc: function 'scalar' trapped: cannot leave component instance in `realloc`
        log in describe: function '/log in describe.wasm' ran longer than 100 ms (option 'timeout')
        log in bind: function 'scalar' ran longer than 100 ms (option 'timeout')
        log in unbind: +I 0
        log in call: function 'scalar' failed for (1): ran longer than 100 ms (option 'timeout')
          skip: no row
        log in post-call: function 'scalar' failed for (1): trapped: cannot leave component instance
          skip: no row
        log in begin: function 'table' failed for (1): ran longer than 100 ms (option 'timeout')
          skip: no row
        log in post-begin: function 'table' failed for (1): trapped: cannot leave component instance
          skip: no row
        log in next: function 'table' failed for (1): ran longer than 100 ms (option 'timeout')
          skip: no row
        log in post-next: function 'table' failed for (1): trapped: cannot leave component instance
          skip: no row
        log in open: function 'total' ran longer than 100 ms (option 'timeout')
        log in accumulate: function 'total' ran longer than 100 ms at row 0 (option 'timeout')
          skip: +I 0
        log in post-accumulate: function 'total' trapped at row 0: cannot leave component instance
          skip: +I 0
        log in evaluate: function 'total' ran longer than 100 ms (option 'timeout')
          skip: +I null
        log in post-evaluate: function 'total' trapped: cannot leave component instance
          skip: +I null
        log in remove: +I 0
        recurse in cabi_realloc: function 'scalar' trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
        recurse in describe: function '/recurse in describe.wasm' trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
        recurse in bind: function 'scalar' trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
        recurse in unbind: +I 0
        recurse in call: function 'scalar' failed for (1): trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: no row
        recurse in post-call: function 'scalar' failed for (1): trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: no row
        recurse in begin: function 'table' failed for (1): trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: no row
        recurse in post-begin: function 'table' failed for (1): trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: no row
        recurse in next: function 'table' failed for (1): trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: no row
        recurse in post-next: function 'table' failed for (1): trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: no row
        recurse in open: function 'total' trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
        recurse in accumulate: function 'total' trapped at row 0: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: +I 0
        recurse in post-accumulate: function 'total' trapped at row 0: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: +I 0
        recurse in evaluate: function 'total' trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: +I null
        recurse in post-evaluate: function 'total' trapped: call stack exhausted in `deeper` < `deeper` < `deeper` < `deeper`
          skip: +I null
        recurse in remove: +I 0
        trap in cabi_realloc: function 'scalar' trapped: wasm `unreachable` instruction executed in `realloc`
        trap in describe: function '/trap in describe.wasm' trapped: wasm `unreachable` instruction executed
        trap in bind: function 'scalar' trapped: wasm `unreachable` instruction executed
        trap in unbind: +I 0
        trap in call: function 'scalar' failed for (1): trapped: wasm `unreachable` instruction executed
          skip: no row
        trap in post-call: function 'scalar' failed for (1): trapped: wasm `unreachable` instruction executed
          skip: no row
        trap in begin: function 'table' failed for (1): trapped: wasm `unreachable` instruction executed
          skip: no row
        trap in post-begin: function 'table' failed for (1): trapped: wasm `unreachable` instruction executed
          skip: no row
        trap in next: function 'table' failed for (1): trapped: wasm `unreachable` instruction executed
          skip: no row
        trap in post-next: function 'table' failed for (1): trapped: wasm `unreachable` instruction executed
          skip: no row
        trap in open: function 'total' trapped: wasm `unreachable` instruction executed
        trap in accumulate: function 'total' trapped at row 0: wasm `unreachable` instruction executed
          skip: +I 0
        trap in post-accumulate: function 'total' trapped at row 0: wasm `unreachable` instruction executed
          skip: +I 0
        trap in evaluate: function 'total' trapped: wasm `unreachable` instruction executed
          skip: +I null
        trap in post-evaluate: function 'total' trapped: wasm `unreachable` instruction executed
          skip: +I null
        trap in remove: +I 0
    "#]].assert_eq(&said);
}

#[test]
fn functions_of_a_job_have_so_much_memory_together() {
    let folder = tempfile::tempdir().unwrap();
    let component = save(folder.path(), "guest", &Guest::new());
    let environment = session(&component, &[("functions.memory", "200 kb")]);
    // One at a time fits, and what a job had is there for the next one.
    for mode in ["streaming", "batch"] {
        environment.set("execution.runtime-mode", mode).unwrap();
        for _ in 0..3 {
            assert!(run(&environment, SCALAR).contains('0'), "{}", run(&environment, SCALAR));
        }
        let both = "SELECT scalar(x), y FROM (VALUES (CAST(1 AS BIGINT))) AS t(x), LATERAL TABLE(`table`(x)) AS l(y)";
        let refused = run(&environment, both);
        assert!(
            refused.contains("the functions of its job have all of the 204800 bytes that they may have together (option 'functions.memory')"),
            "{mode}: {refused}"
        );
    }
    let error = environment.set("functions.memory", "0").unwrap_err().to_string();
    assert!(error.contains("it takes more than 0 bytes"), "{error}");
}

#[test]
fn an_instance_is_of_one_job() {
    // Traps when an instance is called again.
    let once = "(if (global.get $called) (then unreachable)) (global.set $called (i32.const 1)) {value}";
    let guest = Guest::new().item("(global $called (mut i32) (i32.const 0))").body("call", once);
    let folder = tempfile::tempdir().unwrap();
    let component = save(folder.path(), "once", &guest);
    for mode in ["streaming", "batch"] {
        let environment = session(&component, &[("execution.runtime-mode", mode)]);
        for _ in 0..4 {
            let row = run(&environment, SCALAR);
            assert!(row.contains('0') && !row.contains("trapped"), "{mode}: {row}");
        }
    }
}

#[test]
fn hundreds_of_functions_stand_in_one_job() {
    let folder = tempfile::tempdir().unwrap();
    let component = save(folder.path(), "guest", &Guest::new());
    let environment = session(&component, &[]);
    for number in 0..300 {
        let named = format!("f{number}");
        let create =
            format!("CREATE FUNCTION {named} AS 'scalar' LANGUAGE WASM USING COMPONENT '{}'", component.display(),);
        environment.execute_sql(&create).unwrap();
    }
    let started = Instant::now();
    let columns: Vec<String> = (0..300).map(|number| format!("f{number}(x)")).collect();
    let row = run(&environment, &format!("SELECT {} FROM (VALUES (CAST(1 AS BIGINT))) AS t(x)", columns.join(", ")));
    println!("300 functions in one job: {:?}", started.elapsed());
    assert!(row.matches('0').count() == 300, "{row}");
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

/// With a function that takes its whole time for every row, a batch job would go on for hours.
#[test]
fn a_batch_job_is_cancelled_within_a_function() {
    let folder = tempfile::tempdir().unwrap();
    let component = save(folder.path(), "spin", &Guest::new().body("call", SPIN));
    let environment = TableEnvironment::new();
    for (name, value) in [("execution.batch-size", "1"), ("execution.runtime-mode", "batch")] {
        environment.set(name, value).unwrap();
    }
    let options = [("timeout", "1 s"), ("on-error", "null")];
    environment.register_wasm_function_with("scalar", &component, &options).unwrap();
    environment
        .execute_script(
            "CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'fields.n.kind' = 'sequence',
               'fields.n.start' = '1', 'fields.n.end' = '100000');
             CREATE TABLE nowhere (n BIGINT) WITH ('connector' = 'blackhole')",
            |_, _| Ok(()),
        )
        .unwrap();
    let other = environment.clone();
    let job =
        std::thread::spawn(move || other.execute_sql("INSERT INTO nowhere SELECT scalar(n) FROM numbers")?.wait());
    // It may not have begun.
    while !job.is_finished() {
        std::thread::sleep(Duration::from_millis(10));
        environment.interrupt();
    }
    let summary = job.join().unwrap().unwrap().unwrap();
    assert_eq!(summary.ending, anabranch::runtime::JobEnding::Cancelled);
}
