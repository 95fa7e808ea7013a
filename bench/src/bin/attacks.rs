//! What a hostile function costs a healthy one beside it, on a thread of its own: calls per second of the healthy one
//! beside each attack, against those beside an honest neighbour that is as busy. `cargo xtask bench attacks [ROUNDS]`.
//!
//! What else the machine does makes calls up to twice as slow for seconds at a time. So rounds are short and many, each
//! beside an attack follows one beside the honest neighbour, and the two are compared with one another alone: the median
//! of these costs is shown, and the quartiles around it.

#[path = "../../../engine/host/tests/support/guest.rs"]
mod guest;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anabranch_host::{BindRequest, BoundFunction, Grants, Host, HostConfig, Limits, Package};
use anyhow::{Context, Result};
use arrow::array::{ArrayRef, Int64Array};

use guest::Guest;

const ROUND: Duration = Duration::from_millis(100);
const TIMEOUT: Duration = Duration::from_millis(25);

/// Some 20 µs of work, then the answer.
const WORK: &str = "(local $left i32) (local.set $left (i32.const 20000))
    (loop $work (br_if $work (local.tee $left (i32.sub (local.get $left) (i32.const 1))))) {value}";
const SPIN: &str = "(loop $spin (br $spin)) unreachable";
const GROW: &str = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable";
/// Touches what it grew by.
const FILL: &str = "(local $at i32)
    (loop $more
        (local.set $at (i32.shl (memory.grow (i32.const 16)) (i32.const 16)))
        (if (i32.eq (local.get $at) (i32.const -65536)) (then unreachable))
        (memory.fill (local.get $at) (i32.const 1) (i32.const 1048576))
        (br $more)) unreachable";
const LOG: &str = "(loop $log (call $log (i32.const 0) (i32.const 1024) (i32.const 60000)) (br $log)) unreachable";
const HANDLES: &str = "(loop $more (drop (call $new (i32.const 1))) (br $more)) unreachable";

/// What a neighbour does again and again.
type Neighbour = Box<dyn Fn() + Send + Sync>;

fn main() -> Result<()> {
    let rounds: usize =
        std::env::args().nth(1).map_or(Ok(60), |rounds| rounds.parse()).context("ROUNDS is a number")?;
    let host = Host::new(HostConfig { cache: None, ..HostConfig::default() })?;
    let healthy = Guest::new().body("call", WORK);
    let honest = calling(&host, &healthy)?;
    println!("{:<34} {:>12} {:>12} {:>8} {:>18}", "attack", "honest/s", "attack/s", "cost", "quartiles");
    for (name, attack) in attacks(&host)? {
        let (mut honests, mut attacks, mut costs) = (vec![], vec![], vec![]);
        for _ in 0..rounds.max(1) {
            let beside_honest = throughput(&host, &healthy, &honest)?;
            let beside_attack = throughput(&host, &healthy, &attack)?;
            costs.push(100.0 * (1.0 - beside_attack / beside_honest));
            honests.push(beside_honest);
            attacks.push(beside_attack);
        }
        let [low, cost, high] = [1, 2, 3].map(|quartile| at(&mut costs, quartile));
        let (honest, attack) = (at(&mut honests, 2), at(&mut attacks, 2));
        println!("{name:<34} {honest:>12.0} {attack:>12.0} {cost:>7.1}% {low:>8.1}..{high:>7.1}%");
    }
    Ok(())
}

/// The value at a quartile.
fn at(values: &mut [f64], quartile: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() - 1) * quartile / 4]
}

fn attacks(host: &Arc<Host>) -> Result<Vec<(&'static str, Neighbour)>> {
    let with = |export: &str, code: &str| calling(host, &Guest::new().pages(16).body(export, code));
    let (small, large) = (Guest::new().module(), {
        let code = "(drop (i32.add (i32.const 1) (i32.const 2)))".repeat(20_000);
        Guest::new().item(&format!("(func {code})").repeat(8)).module()
    });
    let load = |module: Vec<u8>| -> Neighbour {
        let host = host.clone();
        Box::new(move || drop(host.load("package", &module, &limits())))
    };
    Ok(vec![
        ("spins in a call", with("call", SPIN)?),
        ("spins while memory is freed", with("post-call", SPIN)?),
        ("grows its memory", with("call", GROW)?),
        ("fills its memory", with("call", FILL)?),
        ("floods the log", with("call", LOG)?),
        ("leaks handles", with("call", HANDLES)?),
        ("traps at once, on every row", with("call", "unreachable")?),
        ("is loaded again and again", load(small)),
        ("is large, and compiled again", load(large)),
    ])
}

fn limits() -> Limits {
    Limits { timeout: TIMEOUT, ..Limits::default() }
}

fn bind(host: &Arc<Host>, guest: &Guest) -> Result<BoundFunction> {
    let package: Arc<Package> = host.load("guest", &guest.module(), &limits())?;
    let arguments = package.functions()[0].parameters.clone();
    Ok(package.bind(BindRequest { arguments, ..BindRequest::default() }, limits(), Grants::default())?)
}

fn row() -> ArrayRef {
    Arc::new(Int64Array::from(vec![1]))
}

/// A neighbour that calls the first function of a guest, whatever becomes of it.
fn calling(host: &Arc<Host>, guest: &Guest) -> Result<Neighbour> {
    let bound = bind(host, guest)?;
    Ok(Box::new(move || {
        let Ok(mut function) = bound.scalar() else { return };
        let started = Instant::now();
        while started.elapsed() < ROUND / 4 {
            let _ = function.call(&[row()], 1);
        }
    }))
}

/// Calls per second of a healthy guest beside a neighbour.
fn throughput(host: &Arc<Host>, healthy: &Guest, neighbour: &Neighbour) -> Result<f64> {
    let mut function = bind(host, healthy)?.scalar()?;
    let stop = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                neighbour();
            }
        });
        // It is on its way by now.
        std::thread::sleep(ROUND / 20);
        let (row, started) = ([row()], Instant::now());
        let mut calls = 0;
        while started.elapsed() < ROUND {
            let output = function.call(&row, 1);
            if output.is_err() {
                stop.store(true, Ordering::Relaxed);
                output?;
            }
            calls += 1;
        }
        stop.store(true, Ordering::Relaxed);
        Ok(f64::from(calls) / started.elapsed().as_secs_f64())
    })
}
