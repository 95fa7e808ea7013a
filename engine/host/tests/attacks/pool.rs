//! Instances: ready before the first row, replaced when worn, many of them, and bounded together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anabranch_host::{BindRequest, BoundFunction, Grants, Host, HostConfig, Limits, MemoryBudget, OnError, Package};
use expect_test::expect;

use crate::drive::{healthy, limits};
use crate::guest::{Described, Guest};
use crate::support::*;

fn bind(package: &Arc<Package>, function: usize, limits: Limits) -> anabranch_host::Result<BoundFunction> {
    let arguments = package.functions()[function].parameters.clone();
    package.bind(BindRequest { function, arguments, ..BindRequest::default() }, limits, Grants::default())
}

/// A guest that traps when one instance is called for the fourth time.
fn weary() -> Arc<Package> {
    let tire = "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (i32.gt_u (global.get $calls) (i32.const 3)) (then unreachable)) {value}";
    let mut guest = Guest::new().item("(global $calls (mut i32) (i32.const 0))");
    for export in ["call", "begin", "accumulate"] {
        guest = guest.body(export, tire);
    }
    host().load("weary", &guest.module(), &limits()).unwrap()
}

#[test]
fn an_instance_is_replaced_after_so_many_calls_and_at_an_age() {
    let package = weary();
    let once = Duration::from_millis(1);
    for (limits, pause) in [
        // Binding and opening are calls, too.
        (Limits { recycle_calls: Some(4), ..limits() }, Duration::ZERO),
        (Limits { recycle_age: Some(once), ..limits() }, 2 * once),
    ] {
        let mut scalar = bind(&package, 0, limits.clone()).unwrap().scalar().unwrap();
        let mut table = bind(&package, 1, limits.clone()).unwrap().table().unwrap();
        let mut total = bind(&package, 2, limits.clone()).unwrap().aggregate(OnError::Fail).unwrap();
        for _ in 0..10 {
            std::thread::sleep(pause);
            assert_eq!(scalar.call(&[longs([1])], 1).unwrap().errors, []);
            table.begin(&[longs([1])], 1).unwrap();
            while let Some(chunk) = table.next(8).unwrap() {
                assert_eq!(chunk.errors, []);
            }
            assert_eq!(total.accumulate(&[0], &[longs([1])]).unwrap(), []);
        }
    }
    let mut scalar = bind(&package, 0, limits()).unwrap().scalar().unwrap();
    for _ in 0..3 {
        assert_eq!(scalar.call(&[longs([1])], 1).unwrap().errors, []);
    }
    // Without a limit the fourth call fails; on the fresh instance that looks for the row, it is the first.
    assert_eq!(scalar.call(&[longs([1])], 1).unwrap().errors, []);
}

#[test]
fn a_function_is_ready_before_its_first_row() {
    let package = host().load("guest", &Guest::new().module(), &limits()).unwrap();
    let budget = MemoryBudget::new(1 << 30, "functions.memory");
    let limits = Limits { budget: Some(budget.clone()), ..limits() };
    let bound = bind(&package, 0, limits).unwrap();
    // The instance that binding took is the first subtask's.
    let one = budget.used();
    assert!(one > 0);
    let first = bound.scalar().unwrap();
    assert_eq!(budget.used(), one);
    let second = bound.scalar().unwrap();
    assert_eq!(budget.used(), 2 * one);
    drop((first, second, bound));
    assert_eq!(budget.used(), 0);
}

#[test]
fn functions_of_a_job_share_its_memory() {
    let package = host().load("guest", &Guest::new().module(), &limits()).unwrap();
    let budget = MemoryBudget::new(300_000, "functions.memory");
    let limits = Limits { budget: Some(budget.clone()), ..limits() };
    let first = bind(&package, 0, limits.clone()).unwrap();
    let held = first.scalar().unwrap();
    let refused = bind(&package, 1, limits.clone())
        .and_then(|_| bind(&package, 2, limits.clone())?.aggregate(OnError::Fail))
        .unwrap_err();
    expect!["function 'total' cannot have more memory: the functions of its job have all of the 300000 bytes that they may have together (option 'functions.memory')"].assert_eq(&refused.to_string());
    drop((held, first));
    assert_eq!(budget.used(), 0);

    // A call that wants more than is left: no row is to blame.
    let grow = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable";
    let hungry = host().load("guest", &Guest::new().body("call", grow).module(), &limits).unwrap();
    let mut hungry = bind(&hungry, 0, limits).unwrap().scalar().unwrap();
    expect!["function 'scalar' cannot have more memory: the functions of its job have all of the 300000 bytes that they may have together (option 'functions.memory')"].assert_eq(&hungry.call(&[longs([1])], 1).unwrap_err().to_string());
    drop(hungry);
    assert_eq!(budget.used(), 0);
    healthy();
}

#[test]
fn hundreds_of_functions_are_bound_in_a_moment() {
    let count = 300;
    let functions = (0..count).map(|index| Described::new(&format!("f{index}"), 0));
    let one_package = Guest::of(functions);
    let started = Instant::now();
    let package = host().load("many", &one_package.module(), &limits()).unwrap();
    let loaded = started.elapsed();
    let mut instances = Vec::new();
    for index in 0..count {
        instances.push(bind(&package, index, Limits::default()).unwrap().scalar().unwrap());
    }
    let bound = started.elapsed() - loaded;
    for instance in &mut instances {
        assert_eq!(show(&instance.call(&[longs([1])], 1).unwrap().array), "0");
    }
    let memory: usize = instances.iter().map(|instance| instance.memory()).sum();
    println!("{count} functions of one package: loaded in {loaded:?}, bound in {bound:?}, {memory} bytes");
    assert!(bound.as_secs() < 5, "{bound:?}");
}

#[test]
fn more_instances_than_there_are_places_are_refused() {
    // Of its own: others want places as well.
    let host = Host::new(HostConfig { cache: None, ..HostConfig::default() }).unwrap();
    let package = host.load("guest", &Guest::new().module(), &limits()).unwrap();
    let bound = bind(&package, 0, limits()).unwrap();
    let mut instances = Vec::new();
    let refused = loop {
        match bound.scalar() {
            Ok(instance) => instances.push(instance),
            Err(error) => break error,
        }
    };
    expect!["cannot bind function 'scalar': this process has 8000 instances of functions, and cannot have more: lower the parallelism, or divide the job"].assert_eq(&refused.to_string());
    println!("{} instances", instances.len());
    instances.truncate(1);
    let mut again = bound.scalar().unwrap();
    assert_eq!(show(&again.call(&[longs([1])], 1).unwrap().array), "0");
    assert_eq!(show(&instances[0].call(&[longs([1])], 1).unwrap().array), "0");
}
