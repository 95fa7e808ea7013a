//! What a function gives for rows, called in some order, in some batch size.

use std::fmt;

use anabranch::Result;
use anabranch::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use anabranch::arrow::compute::{concat_batches, take};
use anabranch::functions::component::host_error;
use anabranch_host::{AggregateFunction, BoundFunction, FunctionKind, OnError, RowError, Signature};

use super::cases::Case;
use super::is_aggregate;
use crate::table::texts;

/// What a case gives: its rows as text (a scalar's or an aggregate's is one), or its error.
pub type Outcome = Result<Vec<String>, String>;

/// Output rows of a table function that are fetched at once.
const CHUNK: usize = 1024;

/// A way to call a function on the rows of all cases.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The rows in the order of their calls, as they are numbered in [`Rows`].
    pub order: Option<Vec<usize>>,
    /// Rows of a call.
    pub batch: usize,
    /// Aggregates: after half of the rows, a fresh instance goes on from a snapshot of the first.
    pub restore: bool,
    /// Aggregates: what two accumulators hold of a group, half of its rows each, is merged in the end.
    pub merge: bool,
}

impl Plan {
    /// Row by row, in the order of the cases.
    pub fn reference() -> Self {
        Plan { order: None, batch: 1, restore: false, merge: false }
    }

    /// Whether two outcomes are the same. Where halves were merged, sums of floats may differ in their last digits.
    pub fn agrees(&self, function: &Signature, first: &Outcome, again: &Outcome) -> bool {
        if first == again {
            return true;
        }
        match (first, again) {
            (Ok(first), Ok(again)) if self.merge && function.result.data_type().is_floating() => {
                let number = |rows: &[String]| rows.first().and_then(|text| text.parse::<f64>().ok());
                matches!((number(first), number(again)), (Some(first), Some(again))
                    if (first - again).abs() <= 1e-9 * first.abs().max(again.abs()))
            }
            _ => false,
        }
    }
}

/// `in batches of 7 rows, shuffled`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.batch {
            1 => write!(f, "row by row")?,
            usize::MAX => write!(f, "in one batch")?,
            rows => write!(f, "in batches of {rows} rows")?,
        }
        let remarks = [
            (self.order.is_some(), "in another order"),
            (self.restore, "across a snapshot"),
            (self.merge, "merged from halves"),
        ];
        remarks.into_iter().filter(|(holds, _)| *holds).try_for_each(|(_, remark)| write!(f, ", {remark}"))
    }
}

/// The rows of all cases of a function.
pub struct Rows {
    columns: Vec<ArrayRef>,
    kind: FunctionKind,
    /// The case of each row.
    pub case: Vec<u32>,
    /// Whether each row is retracted.
    pub retracted: Vec<bool>,
    cases: usize,
}

impl Rows {
    pub fn of(function: &Signature, cases: &[&Case]) -> Result<Self> {
        let mut rows =
            Rows { columns: vec![], kind: function.kind, case: vec![], retracted: vec![], cases: cases.len() };
        for (number, case) in cases.iter().enumerate() {
            let count = case.arguments.num_rows();
            rows.case.extend(std::iter::repeat_n(number as u32, count));
            rows.retracted.extend((0..count).map(|row| row >= count - case.retracted));
        }
        let batches: Vec<&RecordBatch> = cases.iter().map(|case| &case.arguments).collect();
        if let Some(first) = batches.first() {
            rows.columns = concat_batches(&first.schema(), batches)?.columns().to_vec();
        }
        Ok(rows)
    }

    /// The outcome of each case, on an instance that nobody called before.
    pub fn run(&self, bound: &BoundFunction, plan: &Plan) -> Result<Vec<Outcome>> {
        let order = plan.order.clone().unwrap_or_else(|| (0..self.case.len()).collect());
        let mut outcomes: Vec<Outcome> = vec![Ok(vec![]); self.cases];
        if is_aggregate(self.kind) {
            self.aggregate(bound, plan, &order, &mut outcomes)?;
            return Ok(outcomes);
        }
        let case = |batch: &[usize], row: u32| self.case[batch[row as usize]] as usize;
        let batches = order.chunks(plan.batch.min(order.len()).max(1));
        if self.kind == FunctionKind::Scalar {
            let mut instance = bound.scalar().map_err(host_error)?;
            for batch in batches {
                let output = instance.call(&self.columns_of(batch)?, batch.len()).map_err(host_error)?;
                for (row, text) in texts_of_rows(&[output.array])?.into_iter().enumerate() {
                    outcomes[case(batch, row as u32)] = Ok(vec![text]);
                }
                fail(&mut outcomes, &output.errors, |row| case(batch, row));
            }
            return Ok(outcomes);
        }
        let mut instance = bound.table().map_err(host_error)?;
        for batch in batches {
            instance.begin(&self.columns_of(batch)?, batch.len()).map_err(host_error)?;
            while let Some(chunk) = instance.next(CHUNK).map_err(host_error)? {
                for (row, text) in chunk.rows.values().iter().zip(texts_of_rows(&chunk.columns)?) {
                    if let Ok(rows) = &mut outcomes[case(batch, *row)] {
                        rows.push(text);
                    }
                }
                fail(&mut outcomes, &chunk.errors, |row| case(batch, row));
            }
        }
        Ok(outcomes)
    }

    fn aggregate(&self, bound: &BoundFunction, plan: &Plan, order: &[usize], outcomes: &mut [Outcome]) -> Result<()> {
        let fresh = || bound.aggregate(OnError::Fail).map_err(host_error);
        let mut instance = fresh()?;
        let groups: Vec<u32> = (0..self.cases as u32).collect();
        // Where halves are merged, the second half of a case's rows goes to a group of its own.
        let second: Vec<u32> = groups.iter().map(|group| group + self.cases as u32).collect();
        let all: Vec<u32> = groups.iter().chain(&second).copied().collect();
        let half = self.second_halves();
        let group_of = |row: usize| self.case[row] + if plan.merge && half[row] { self.cases as u32 } else { 0 };
        let middle = order.len() / 2;
        let mut done = 0;
        // A call either accumulates or retracts.
        for run in order.chunk_by(|a, b| self.retracted[*a] == self.retracted[*b]) {
            for batch in run.chunks(plan.batch.min(run.len()).max(1)) {
                let columns = self.columns_of(batch)?;
                let groups: Vec<u32> = batch.iter().map(|row| group_of(*row)).collect();
                let retracts = self.retracted[batch[0]];
                let errors = change(&mut instance, retracts, &groups, &columns)?;
                fail(outcomes, &errors, |row| self.case[batch[row as usize]] as usize);
                let before = done;
                done += batch.len();
                if plan.restore && before < middle && done >= middle {
                    let state = instance.state(&all).map_err(host_error)?;
                    instance = fresh()?;
                    instance.restore(&all, &state).map_err(host_error)?;
                }
            }
        }
        if plan.merge {
            let state = instance.state(&second).map_err(host_error)?;
            let errors = instance.merge(&groups, &state).map_err(host_error)?;
            fail(outcomes, &errors, |row| row as usize);
        }
        let output = instance.evaluate(&groups).map_err(host_error)?;
        for (outcome, text) in outcomes.iter_mut().zip(texts_of_rows(&[output.array])?) {
            if let Ok(rows) = outcome {
                rows.push(text);
            }
        }
        fail(outcomes, &output.errors, |row| row as usize);
        Ok(())
    }

    /// Whether each row stands in the second half of its case.
    fn second_halves(&self) -> Vec<bool> {
        let mut halves = Vec::with_capacity(self.case.len());
        for rows in self.case.chunk_by(|a, b| a == b) {
            halves.extend((0..rows.len()).map(|row| row >= rows.len().div_ceil(2)));
        }
        halves
    }

    fn columns_of(&self, rows: &[usize]) -> Result<Vec<ArrayRef>> {
        let indices = UInt32Array::from_iter_values(rows.iter().map(|row| *row as u32));
        self.columns.iter().map(|column| Ok(take(column, &indices, None)?)).collect()
    }
}

fn change(
    instance: &mut AggregateFunction,
    retracts: bool,
    groups: &[u32],
    columns: &[ArrayRef],
) -> Result<Vec<RowError>> {
    if retracts { instance.retract(groups, columns) } else { instance.accumulate(groups, columns) }.map_err(host_error)
}

/// The first error of a case is its outcome.
fn fail(outcomes: &mut [Outcome], errors: &[RowError], case: impl Fn(u32) -> usize) {
    for error in errors {
        let outcome = &mut outcomes[case(error.row)];
        if outcome.is_ok() {
            *outcome = Err(error.message.clone());
        }
    }
}

/// A text for each row of these columns.
pub fn texts_of_rows(columns: &[ArrayRef]) -> Result<Vec<String>> {
    let columns = columns.iter().map(texts).collect::<Result<Vec<_>>>()?;
    let rows = columns.first().map_or(0, Vec::len);
    let row = |row: usize| columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join(", ");
    Ok((0..rows).map(row).collect())
}

/// An outcome for people.
pub fn show(outcome: &Outcome) -> String {
    match outcome {
        Ok(rows) if rows.len() == 1 => format!("`{}`", rows[0]),
        Ok(rows) => format!("{} rows (`{}`)", rows.len(), rows.join("`, `")),
        Err(message) => format!("the error `{message}`"),
    }
}
