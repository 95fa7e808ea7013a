//! `anabranch function test`: functions against cases in a file, and against themselves.
//!
//! That a function keeps no hidden counter cannot be read off its code. So the rows of all cases are called again: in
//! other orders, in other batch sizes, on fresh and on used instances, aggregates across a snapshot and merged from halves. A
//! function that calls itself deterministic must give the same each time.

mod cases;
mod outcome;
mod replay;

use std::path::{Path, PathBuf};

use anabranch::{Error, Result};
use anabranch_host::FunctionKind;

use super::with::With;
use super::{load, make, signature};
use cases::Case;
use outcome::{Outcome, Plan, show};

/// The file of cases that a package has.
const CASES: &str = "tests.jsonl";

#[derive(clap::Args)]
#[command(after_help = HELP)]
pub struct Options {
    /// The folder of a package, which is built first, or a component.
    #[arg(default_value = ".")]
    package: PathBuf,
    /// The cases; `tests.jsonl` beside the package if not given.
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    #[command(flatten)]
    with: With,
}

const HELP: &str = "\
A case is a line of JSON:
  {\"function\": \"greet\", \"arguments\": [\"Ada\"], \"result\": \"Hello, Ada!\"}       one row, its value
  {\"function\": \"split_words\", \"arguments\": [\"to be\"], \"result\": [[\"to\"], [\"be\"]]}  a table function's rows
  {\"function\": \"mean\", \"rows\": [[1], [2], [6]], \"retract\": [[6]], \"result\": 1.5}  an aggregate of rows
  {\"function\": \"parse\", \"arguments\": [\"x\"], \"error\": \"not a number\"}         a part of the error's text
Values are written as in a table WITH ('format' = 'json'). Lines that are empty or begin with # are left out.";

pub fn test(options: &Options) -> Result<()> {
    let component =
        if options.package.is_dir() { make::build_package(&options.package)? } else { options.package.clone() };
    let package = load(&component, &options.with.limits()?)?;
    let beside = component.parent().unwrap_or(Path::new(""));
    let file = options.cases.clone().unwrap_or_else(|| beside.join(CASES));
    let cases = cases::read(&file, &package)?;
    let mut failures = 0;
    for (number, function) in package.functions().iter().enumerate() {
        let cases: Vec<&Case> = cases.iter().filter(|case| case.function == number).collect();
        if cases.is_empty() {
            say!("{}: no cases", signature(function));
            continue;
        }
        let bound = options.with.bind(&package, number, vec![])?;
        let rows = outcome::Rows::of(&cases)?;
        let reference = rows.run(&bound, &Plan::reference())?;
        let mut failed: Vec<String> =
            cases.iter().zip(&reference).filter_map(|(case, given)| check(case, given)).collect();
        let deterministic = function.deterministic && !bound.grants().vary();
        let replays = if deterministic { replay::plans(&rows, function) } else { vec![] };
        for plan in &replays {
            let again = rows.run(&bound, plan)?;
            let differing = cases.iter().zip(reference.iter().zip(&again));
            failed.extend(differing.filter(|(_, (first, again))| !plan.agrees(function, first, again)).map(
                |(case, (first, again))| {
                    format!("line {}: not deterministic: {}, but {} {plan}", case.line, show(first), show(again))
                },
            ));
        }
        let replayed = if deterministic {
            format!("replayed in {} ways", replays.len())
        } else {
            "not replayed, as it is not deterministic".to_owned()
        };
        let verdict = match failed.len() {
            0 => format!("{} passed", count(cases.len(), "case")),
            wrong => format!("{}, {} FAILED", count(cases.len(), "case"), count(wrong, "check")),
        };
        say!("{}: {verdict}, {replayed}", signature(function));
        for failure in &failed {
            say!("    {failure}");
        }
        failures += failed.len();
    }
    if failures > 0 {
        let checks = count(failures, "check");
        return Err(Error::function(format!("`{}` failed {checks}", package.metadata().name)));
    }
    Ok(())
}

fn count(number: usize, of: &str) -> String {
    format!("{number} {of}{}", if number == 1 { "" } else { "s" })
}

/// What is wrong with an outcome.
fn check(case: &Case, given: &Outcome) -> Option<String> {
    let fits = match (&case.expected, given) {
        (Err(part), Err(message)) => message.contains(part.as_str()),
        (Ok(expected), Ok(rows)) => expected == rows,
        _ => false,
    };
    (!fits).then(|| format!("line {}: {}, expected {}", case.line, show(given), show(&case.expected)))
}

/// Of aggregates, a case is a group of many rows.
fn is_aggregate(kind: FunctionKind) -> bool {
    kind == FunctionKind::Aggregate
}
