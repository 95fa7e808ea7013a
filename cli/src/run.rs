//! `anabranch run`: a script, statement by statement.

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anabranch::connectors::claim_standard_input;
use anabranch::runtime::JobEnding;
use anabranch::sql::statement::Statement;
use anabranch::table::{ResultKind, TableEnvironment, TableResult};
use anabranch::{Domain, Error, Result};

use crate::interrupt::Interrupt;
use crate::progress::{self, Progress};
use crate::table::Printer;
use crate::tell::tell;
use crate::{exit_code, shown};

#[derive(clap::Args)]
pub struct Options {
    /// The script; `-` is standard input.
    #[arg(required_unless_present = "execute")]
    file: Option<PathBuf>,
    /// SQL instead of a file.
    #[arg(short, long, value_name = "SQL", conflicts_with = "file")]
    execute: Option<String>,
    /// Sets an option before the script: `-s parallelism.default=4`.
    #[arg(short, long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// No progress and no summary.
    #[arg(short, long)]
    quiet: bool,
}

/// The exit code of a job that was ended by something else than a signal: as of Ctrl-C.
const INTERRUPTED: u8 = 130;

pub fn run(options: &Options) -> u8 {
    let sql = match read(options) {
        Ok(sql) => sql,
        Err(error) => {
            tell!("error: {error}");
            return exit_code(&error);
        }
    };
    let interrupt = Interrupt::watch();
    match execute(&sql, options, &interrupt) {
        Ok(true) => 0,
        Ok(false) => interrupt.exit_code().unwrap_or(INTERRUPTED),
        Err(Failed { error, left }) => {
            tell!("error: {}", shown::render(&sql, &error).trim_end());
            match left {
                0 => {}
                1 => tell!("the statement after it was not run"),
                left => tell!("the {left} statements after it were not run"),
            }
            exit_code(&error)
        }
    }
}

/// Why a script ended before its end.
struct Failed {
    error: Error,
    /// Statements that were not run.
    left: usize,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed { error, left: 0 }
    }
}

fn read(options: &Options) -> Result<String> {
    let Some(file) = &options.file else {
        return Ok(options.execute.clone().unwrap_or_default());
    };
    let sql = read_script(file)?;
    // Editors of Windows begin a file with a mark of its byte order.
    Ok(sql.trim_start_matches('\u{feff}').to_owned())
}

fn read_script(file: &Path) -> Result<String> {
    if file.as_os_str() == "-" {
        claim_standard_input("the script came from it")?;
        let mut sql = String::new();
        let read = std::io::stdin().read_to_string(&mut sql);
        return read.map(|_| sql).map_err(|error| Error::user(format!("cannot read standard input: {error}")));
    }
    std::fs::read_to_string(file).map_err(|error| Error::user(format!("cannot read `{}`: {error}", file.display())))
}

/// False where a signal ended it.
fn execute(sql: &str, options: &Options, interrupt: &Interrupt) -> std::result::Result<bool, Failed> {
    let environment = TableEnvironment::new();
    for setting in &options.set {
        let (name, value) = setting
            .split_once('=')
            .ok_or_else(|| Error::user(format!("`--set {setting}` is not of the form NAME=VALUE")))?;
        environment.set(name.trim(), value.trim())?;
    }
    let mut statements = environment.parse(sql)?.into_iter();
    while let Some(statement) = statements.next() {
        let position = statement.position;
        interrupt.begin(&statement.kind, &environment);
        let finished = execute_one(&environment, statement, options, interrupt);
        // What a row does to an expression has the place of the statement.
        let finished = finished.map_err(|error| match error.domain() {
            Domain::User | Domain::Function => Failed { error: error.at(position), left: statements.len() },
            _ => Failed { error, left: statements.len() },
        })?;
        interrupt.end();
        if !finished || interrupt.exit_code().is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// False where a signal ended it.
fn execute_one(
    environment: &TableEnvironment,
    statement: Statement,
    options: &Options,
    interrupt: &Interrupt,
) -> Result<bool> {
    let time_zone = environment.config().time_zone().clone();
    let result = environment.execute_statement(statement)?;
    if let Some(job) = result.job_handle() {
        interrupt.set_job(job);
    }
    match result.kind() {
        ResultKind::Ok => Ok(true),
        ResultKind::Rows => print_rows(result, time_zone),
        ResultKind::Query => print_query(result, time_zone, options),
        ResultKind::Job => wait_for(result, options),
    }
}

/// Rows about the session. A single text (EXPLAIN, SHOW CREATE) is printed as it is.
fn print_rows(result: TableResult, time_zone: Arc<str>) -> Result<bool> {
    let mut printer = Printer::new(result.schema().clone(), false, time_zone);
    let mut out = std::io::stdout().lock();
    for batch in result.rows()? {
        printer.add(&batch)?;
    }
    printer.finish(&mut out).map_err(unwritable)?;
    Ok(true)
}

/// Rows of a query as they come.
fn print_query(result: TableResult, time_zone: Arc<str>, options: &Options) -> Result<bool> {
    let (job, batch_job) = (result.job_handle().cloned(), result.batch_job().cloned());
    let mut printer = Printer::new(result.schema().clone(), job.is_some(), time_zone);
    // Not locked: a sink of the job may print too.
    let mut out = std::io::stdout();
    for batch in futures::executor::block_on_stream(result.collect()) {
        printer.add(&batch?)?;
        // While streaming, what has come is shown; a batch result is laid out as a whole.
        if job.is_some() {
            printer.flush(&mut out).map_err(unwritable)?;
        }
    }
    let batch_summary = batch_job.and_then(|job| job.summary().cloned());
    // Some of a batch result look like all of it.
    if batch_summary.as_ref().is_none_or(|summary| summary.ending == JobEnding::Finished) {
        printer.finish(&mut out).map_err(unwritable)?;
    }
    let ended = match job {
        Some(job) => Some(job.wait()?),
        None => batch_summary,
    };
    let Some(summary) = ended else { return Ok(true) };
    if !options.quiet {
        tell!("{}", progress::summary(&summary));
    }
    Ok(summary.ending == JobEnding::Finished)
}

/// A job that writes to tables.
fn wait_for(result: TableResult, options: &Options) -> Result<bool> {
    let Some(job) = result.job_handle().cloned() else {
        // In batch mode it has ended.
        let Some(summary) = result.wait()? else { return Ok(true) };
        if !options.quiet {
            tell!("{}", progress::summary(&summary));
        }
        return Ok(summary.ending == JobEnding::Finished);
    };
    let summary = if options.quiet {
        job.wait()?
    } else {
        let summary = Progress::new(std::io::stderr().is_terminal()).watch(&job)?;
        tell!("{}", progress::summary(&summary));
        summary
    };
    Ok(summary.ending == JobEnding::Finished)
}

/// Prints a line on standard output.
pub fn say(line: std::fmt::Arguments) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").map_err(unwritable)
}

fn unwritable(error: std::io::Error) -> Error {
    Error::connector(format!("cannot write to standard output: {error}"))
}
