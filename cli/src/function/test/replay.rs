//! The ways in which a deterministic function must give the same.

use anabranch_host::Signature;

use super::is_aggregate;
use super::outcome::{Plan, Rows};

/// Sizes of calls; the last is all rows.
const BATCHES: [usize; 4] = [1, 2, 7, usize::MAX];

/// Seeds of the orders in which rows are called again.
const SEEDS: [u64; 2] = [1, 2];

/// Every batch size in every order, each twice on one instance; of aggregates, with and without a snapshot, and where they can be merged, so too.
pub fn plans(rows: &Rows, function: &Signature) -> Vec<Plan> {
    let orders = std::iter::once(None).chain(SEEDS.map(|seed| Some(shuffled(rows, function, seed))));
    let mut plans = vec![];
    for order in orders {
        for batch in BATCHES {
            plans.push(Plan { order: order.clone(), batch, passes: 2, restore: false, merge: false });
            if is_aggregate(function.kind) {
                plans.push(Plan { order: order.clone(), batch, passes: 2, restore: true, merge: false });
            }
        }
    }
    if function.merges {
        // A half cannot retract what the other accumulated, so that the rows to retract come last.
        let mut order: Vec<usize> = (0..rows.case.len()).collect();
        order.sort_by_key(|row| rows.retracted[*row]);
        plans.push(Plan { order: Some(order), batch: usize::MAX, passes: 2, restore: false, merge: true });
    }
    plans
}

/// Another order of rows. Within an aggregate's group the order stays, as its value may depend on it (the first, a list);
/// the groups are shuffled together.
fn shuffled(rows: &Rows, function: &Signature, seed: u64) -> Vec<usize> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut order: Vec<usize> = (0..rows.case.len()).collect();
    random.shuffle(&mut order);
    if !is_aggregate(function.kind) {
        return order;
    }
    let mut groups: Vec<u32> = order.iter().map(|row| rows.case[*row]).collect();
    let mut next: Vec<std::ops::Range<usize>> = vec![];
    let mut start = 0;
    for group in rows.case.chunk_by(|a, b| a == b) {
        let number = group[0] as usize;
        next.resize_with(next.len().max(number + 1), || 0..0);
        next[number] = start..start + group.len();
        start += group.len();
    }
    groups.drain(..).filter_map(|group| next[group as usize].next()).collect()
}
