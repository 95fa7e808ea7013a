//! Runs a story in one of the ways.

use std::collections::BTreeMap;
use std::sync::Arc;

use anabranch::Result;
use anabranch::runtime::{FunctionMetrics, JobHandle, JobSnapshot};

use super::script::Script;
use super::session::{Prepared, prepare, start};
use super::story::Story;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// At parallelism 1, with mini-batches of one row: Flink's changelog exactly.
    RowByRow,
    /// The same at parallelism 4, with mini-batches as they come.
    Parallel,
    /// All rows of a table at once.
    Bulk,
    /// The same in batches and mini-batches of so many rows.
    Sizes(usize),
    /// After every row a snapshot, and a new job from it: at parallelism 1, 4, 1 …, or 4, 1, 4 ….
    Restore { first: usize },
    /// On the batch engine.
    Batch,
}

impl Mode {
    /// The ways in which a story can be run.
    pub fn of(story: &Story) -> Vec<Mode> {
        let mut modes = vec![Mode::RowByRow];
        if story.titles("final").next().is_some() || story.titles("changelog").next().is_some() {
            if story.settings.parallel {
                modes.extend([Mode::Parallel, Mode::Restore { first: 1 }, Mode::Restore { first: 4 }]);
            }
            if story.settings.bulk {
                modes.push(Mode::Bulk);
            }
            if story.settings.sizes {
                modes.extend([1, 7, 1_000].map(Mode::Sizes));
            }
            if story.settings.batch {
                modes.push(Mode::Batch);
            }
        }
        modes
    }

    pub fn name(self) -> String {
        match self {
            Mode::RowByRow => "row_by_row".into(),
            Mode::Parallel => "parallel".into(),
            Mode::Bulk => "bulk".into(),
            Mode::Sizes(size) => format!("size_{size}"),
            Mode::Restore { first } => format!("restore_from_{first}"),
            Mode::Batch => "batch".into(),
        }
    }

    fn parallelism(self, step: usize) -> usize {
        match self {
            Mode::Parallel => 4,
            Mode::Restore { first } if (step + first).is_multiple_of(2) => 4,
            _ => 1,
        }
    }

    fn options(self, parallelism: usize) -> Vec<(&'static str, String)> {
        let mut options = vec![
            ("parallelism.default", parallelism.to_string()),
            ("execution.buffer-timeout.interval", "0 ms".into()),
        ];
        match self {
            Mode::Sizes(size) => {
                options.push(("execution.batch-size", size.to_string()));
                options.push(("table.exec.mini-batch.size", size.to_string()));
            }
            Mode::RowByRow => options.push(("table.exec.mini-batch.size", "1".into())),
            Mode::Batch => options.push(("execution.runtime-mode", "batch".into())),
            _ => {}
        }
        options
    }
}

/// What came out.
#[derive(Debug, Default)]
pub struct Outcome {
    /// By table.
    pub changelogs: BTreeMap<String, String>,
    pub finals: BTreeMap<String, String>,
    /// Of the last statement that gives rows.
    pub output: String,
    pub error: Option<String>,
    /// What functions of components did, a line each.
    pub functions: String,
}

pub fn run(story: &Story, mode: Mode) -> Outcome {
    let script = Arc::new(Script::default());
    let mut outcome = Outcome::default();
    if let Err(error) = play(story, mode, &script, &mut outcome) {
        outcome.error = Some(error.to_string());
    }
    for title in story.titles("changelog").chain(story.titles("final")) {
        let table = title.split_once(' ').map_or("", |(_, table)| table);
        match script.output(table) {
            Ok((changelog, rows)) => {
                outcome.changelogs.insert(table.to_owned(), changelog);
                outcome.finals.insert(table.to_owned(), rows.to_text());
            }
            Err(error) => outcome.error = Some(error.to_string()),
        }
    }
    outcome
}

fn play(story: &Story, mode: Mode, script: &Arc<Script>, outcome: &mut Outcome) -> Result<()> {
    let begin = |step: usize, restore: Option<JobSnapshot>, outcome: &mut Outcome| -> Result<Option<JobHandle>> {
        let parallelism = mode.parallelism(step);
        let Prepared { output, job, functions } =
            prepare(script, &story.sql, &mode.options(parallelism), mode == Mode::Batch)?;
        outcome.output = output;
        outcome.functions = functions_text(&functions);
        job.map(|job| start(job, restore)).transpose()
    };
    if mode == Mode::Batch {
        story.steps.iter().for_each(|step| script.push(&step.table, vec![step.row.clone()]));
        script.close();
        return begin(0, None, outcome)?.map_or(Ok(()), |job| job.wait().map(drop));
    }
    let Some(mut job) = begin(0, None, outcome)? else { return Ok(()) };
    for (number, (table, rows)) in steps(story, mode).into_iter().enumerate() {
        script.push(&table, rows);
        script.wait_until_read(|| !job.is_running());
        // Also shows that all of it has gone through to the sinks, before another table gives rows.
        let Ok(snapshot) = job.snapshot() else { break };
        if let Mode::Restore { .. } = mode {
            job.cancel();
            job.wait()?;
            match begin(number + 1, Some(snapshot), outcome)? {
                Some(restored) => job = restored,
                None => return Ok(()),
            }
        }
    }
    script.close();
    outcome.functions = functions_text(&job.wait()?.metrics.functions);
    Ok(())
}

fn functions_text(functions: &[FunctionMetrics]) -> String {
    let mut text = String::new();
    for FunctionMetrics { name, totals, .. } in functions {
        text.push_str(&format!("{name}: {} rows", totals.rows));
        let causes = [
            (totals.row_errors, "errors"),
            (totals.traps, "traps"),
            (totals.timeouts, "timeouts"),
            (totals.too_large, "too large"),
        ];
        for (count, cause) in causes.into_iter().filter(|(count, _)| *count > 0) {
            text.push_str(&format!(", {count} {cause}"));
        }
        text.push('\n');
    }
    text
}

/// The rows that go together.
fn steps(story: &Story, mode: Mode) -> Vec<(String, Vec<String>)> {
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    for step in &story.steps {
        match steps.last_mut() {
            Some((table, rows)) if matches!(mode, Mode::Bulk | Mode::Sizes(_)) && *table == step.table => {
                rows.push(step.row.clone())
            }
            _ => steps.push((step.table.clone(), vec![step.row.clone()])),
        }
    }
    steps
}
