//! From a story's SQL to a job.

use std::sync::Arc;

use anabranch::Result;
use anabranch::runtime::{FunctionMetrics, JobHandle, JobSnapshot, RuntimeConfig, execute};
use anabranch::sql::statement::StatementKind;
use anabranch::table::{CompiledJob, TableEnvironment};

use super::script::{Script, ScriptConnector};

/// What a script has come to.
pub struct Prepared {
    /// Of its last statement, where that gives rows.
    pub output: String,
    /// Of its last statement, where that is an INSERT; not in batch mode, where it has run.
    pub job: Option<CompiledJob>,
    /// In batch mode, what the functions of its last statement have done.
    pub functions: Vec<FunctionMetrics>,
}

/// Runs a script up to the job at its end, which is only compiled.
pub fn prepare(script: &Arc<Script>, sql: &str, options: &[(&str, String)], batch: bool) -> Result<Prepared> {
    let environment = TableEnvironment::new();
    environment.register_connector(Arc::new(ScriptConnector(script.clone())));
    for (name, value) in options {
        environment.set(name, value)?;
    }
    let statements = environment.parse(sql)?;
    let last = statements.last().map(|statement| &statement.kind);
    if !batch && matches!(last, Some(StatementKind::Insert(_) | StatementKind::StatementSet(_))) {
        let job = Some(environment.compile_sql(sql)?);
        return Ok(Prepared { output: String::new(), job, functions: vec![] });
    }
    let (mut output, mut functions) = (String::new(), vec![]);
    environment.execute_script(sql, |_, result| {
        output.clear();
        let job = result.batch_job().cloned();
        for batch in result.rows()? {
            output.push_str(&batch.to_text()?);
        }
        let summary = job.as_ref().and_then(|job| job.summary());
        functions = summary.map(|summary| summary.metrics.functions.clone()).unwrap_or_default();
        Ok(())
    })?;
    // EXPLAIN gives its lines in one value.
    let lines = output.strip_prefix("+I \"").and_then(|text| text.strip_suffix("\"\n"));
    Ok(Prepared { output: lines.map(str::to_owned).unwrap_or(output), job: None, functions })
}

/// Starts a job, from a snapshot or from the beginning.
pub fn start(job: CompiledJob, restore: Option<JobSnapshot>) -> Result<JobHandle> {
    execute(job.graph, RuntimeConfig { restore, ..job.config })
}
