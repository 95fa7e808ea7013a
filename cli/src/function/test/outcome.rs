//! What a function gives for rows, called in some order, in some batch size.

use std::fmt;

use anabranch::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use anabranch::arrow::compute::{concat_batches, take};
use anabranch::functions::component::host_error;
use anabranch::types::UTC;
use anabranch::{Result, printable};
use anabranch_host::{AggregateFunction, BoundFunction, OnError, RowError, ScalarFunction, Signature, TableFunction};

use super::cases::Case;
use crate::function::instance::Instance;
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
    /// How often all rows are called, on one instance.
    pub passes: usize,
    /// Aggregates: after half of the rows, a fresh instance goes on from a snapshot of the first.
    pub restore: bool,
    /// Aggregates: two accumulators take half of a group's rows each, and are merged before rows are retracted.
    pub merge: bool,
}

impl Plan {
    /// Row by row, in the order of the cases.
    pub fn reference() -> Self {
        Plan { order: None, batch: 1, passes: 1, restore: false, merge: false }
    }

    fn batches<'a>(&self, rows: &'a [usize]) -> impl Iterator<Item = &'a [usize]> {
        rows.chunks(self.batch.min(rows.len()).max(1))
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

/// `in batches of 7 rows, for the second time, in another order`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.batch {
            1 => write!(f, "row by row")?,
            usize::MAX => write!(f, "in one batch")?,
            rows => write!(f, "in batches of {rows} rows")?,
        }
        let remarks = [
            (self.passes > 1, "for the second time"),
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
    /// The case of each row.
    pub case: Vec<u32>,
    /// Whether each row is retracted.
    pub retracted: Vec<bool>,
    cases: usize,
}

impl Rows {
    pub fn of(cases: &[&Case]) -> Result<Self> {
        let mut rows = Rows { columns: vec![], case: vec![], retracted: vec![], cases: cases.len() };
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

    /// The outcome of each case in the last pass, on an instance that nobody called before.
    pub fn run(&self, bound: &BoundFunction, plan: &Plan) -> Result<Vec<Outcome>> {
        let order = plan.order.clone().unwrap_or_else(|| (0..self.case.len()).collect());
        let mut instance = Instance::new(bound)?;
        let mut outcomes = vec![];
        for _ in 0..plan.passes {
            outcomes = vec![Ok(vec![]); self.cases];
            match &mut instance {
                Instance::Scalar(function) => self.scalar(function, plan, &order, &mut outcomes)?,
                Instance::Table(function) => self.table(function, plan, &order, &mut outcomes)?,
                Instance::Aggregate(function) => self.aggregate(function, bound, plan, &order, &mut outcomes)?,
            }
        }
        Ok(outcomes)
    }

    fn scalar(
        &self,
        function: &mut ScalarFunction,
        plan: &Plan,
        order: &[usize],
        outcomes: &mut [Outcome],
    ) -> Result<()> {
        for batch in plan.batches(order) {
            let output = function.call(&self.columns_of(batch)?, batch.len()).map_err(host_error)?;
            for (row, text) in batch.iter().zip(texts_of_rows(&[output.array])?) {
                outcomes[self.case[*row] as usize] = Ok(vec![text]);
            }
            self.fail(outcomes, &output.errors, batch);
        }
        Ok(())
    }

    fn table(
        &self,
        function: &mut TableFunction,
        plan: &Plan,
        order: &[usize],
        outcomes: &mut [Outcome],
    ) -> Result<()> {
        for batch in plan.batches(order) {
            function.begin(&self.columns_of(batch)?, batch.len()).map_err(host_error)?;
            while let Some(chunk) = function.next(CHUNK).map_err(host_error)? {
                for (row, text) in chunk.rows.values().iter().zip(texts_of_rows(&chunk.columns)?) {
                    if let Ok(rows) = &mut outcomes[self.case[batch[*row as usize]] as usize] {
                        rows.push(text);
                    }
                }
                self.fail(outcomes, &chunk.errors, batch);
            }
        }
        Ok(())
    }

    fn aggregate(
        &self,
        instance: &mut AggregateFunction,
        bound: &BoundFunction,
        plan: &Plan,
        order: &[usize],
        outcomes: &mut [Outcome],
    ) -> Result<()> {
        let groups: Vec<u32> = (0..self.cases as u32).collect();
        // Where halves are merged, the second half of a case's rows goes to a group of its own.
        let second: Vec<u32> = groups.iter().map(|group| group + self.cases as u32).collect();
        let groups_in_use: Vec<u32> = groups.iter().chain(&second).copied().collect();
        let half = self.second_halves();
        let group_of = |row: usize| self.case[row] + if plan.merge && half[row] { self.cases as u32 } else { 0 };
        let middle = order.len() / 2;
        let mut done = 0;
        let mut merged = !plan.merge;
        // A call either accumulates or retracts.
        for run in order.chunk_by(|a, b| self.retracted[*a] == self.retracted[*b]) {
            let retracts = run.iter().any(|row| self.retracted[*row]);
            if retracts && !std::mem::replace(&mut merged, true) {
                merge_halves(instance, &groups, &second, outcomes)?;
            }
            for batch in plan.batches(run) {
                let columns = self.columns_of(batch)?;
                let groups: Vec<u32> = batch.iter().map(|row| group_of(*row)).collect();
                let errors = change(instance, retracts, &groups, &columns)?;
                self.fail(outcomes, &errors, batch);
                let before = done;
                done += batch.len();
                if plan.restore && before < middle && done >= middle {
                    let state = instance.state(&groups_in_use).map_err(host_error)?;
                    *instance = bound.aggregate(OnError::Fail).map_err(host_error)?;
                    instance.restore(&groups_in_use, &state).map_err(host_error)?;
                }
            }
        }
        if !merged {
            merge_halves(instance, &groups, &second, outcomes)?;
        }
        let output = instance.evaluate(&groups).map_err(host_error)?;
        for (outcome, text) in outcomes.iter_mut().zip(texts_of_rows(&[output.array])?) {
            if let Ok(rows) = outcome {
                rows.push(text);
            }
        }
        fail(outcomes, &output.errors, |row| row as usize);
        instance.remove(&groups_in_use).map_err(host_error)
    }

    /// Whether each row stands in the second half of those that its case accumulates.
    fn second_halves(&self) -> Vec<bool> {
        let mut accumulated = vec![0_usize; self.cases];
        for (case, _) in self.case.iter().zip(&self.retracted).filter(|(_, retracted)| !**retracted) {
            accumulated[*case as usize] += 1;
        }
        let mut seen = vec![0_usize; self.cases];
        let rows = self.case.iter().zip(&self.retracted);
        rows.map(|(case, retracted)| {
            let case = *case as usize;
            seen[case] += 1;
            !retracted && seen[case] > accumulated[case].div_ceil(2)
        })
        .collect()
    }

    /// Puts the errors of a call on these rows where they belong.
    fn fail(&self, outcomes: &mut [Outcome], errors: &[RowError], batch: &[usize]) {
        fail(outcomes, errors, |row| self.case[batch[row as usize]] as usize);
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

/// Adds what the accumulators of second halves hold to those of the first.
fn merge_halves(
    instance: &mut AggregateFunction,
    first: &[u32],
    second: &[u32],
    outcomes: &mut [Outcome],
) -> Result<()> {
    let state = instance.state(second).map_err(host_error)?;
    let errors = instance.merge(first, &state).map_err(host_error)?;
    fail(outcomes, &errors, |row| row as usize);
    Ok(())
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
    let columns = columns.iter().map(|column| texts(column, UTC)).collect::<Result<Vec<_>>>()?;
    let rows = columns.first().map_or(0, Vec::len);
    let row = |row: usize| columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join(", ");
    Ok((0..rows).map(row).collect())
}

/// An outcome for people.
pub fn show(outcome: &Outcome) -> String {
    match outcome {
        Ok(rows) if rows.len() == 1 => format!("`{}`", printable(&rows[0])),
        Ok(rows) => format!("{} rows (`{}`)", rows.len(), printable(&rows.join("`, `"))),
        Err(message) => format!("the error `{message}`"),
    }
}
