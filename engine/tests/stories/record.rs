//! Records expectations with Flink: `RECORD_WITH=PROGRAM cargo test --release -p anabranch --test stories [FILTER]`.
//!
//! PROGRAM takes the path of a Flink SQL script and prints a JSON line for every change that a table is given,
//! `{"sink": "s", "op": "+I", "row": {"a": 1}}`, and for every row that remains, `{"sink": "s", "final": {"a": 1},
//! "n": 1}`. Tables of `script` become files; so a story's inputs are read one after another or side by side, as Flink
//! likes: with several of them, only what remains can be recorded.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anabranch::arrow::datatypes::{Schema, SchemaRef};
use anabranch::arrow::json::{LineDelimitedWriter, ReaderBuilder};
use anabranch::changelog::{ChangelogBatch, RowKind};
use anabranch::plan::catalog::ColumnKind;
use anabranch::sql::parse_script;
use anabranch::sql::statement::{CreateTable, StatementKind};
use serde_json::Value;

use super::script::parse;
use super::story::Story;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Records the stories whose path contains the filter, those of errors left out, in as few runs as possible.
pub fn record(program: &str, files: &[PathBuf], filter: Option<&str>) {
    let chosen = files.iter().filter(|file| filter.is_none_or(|filter| file.display().to_string().contains(filter)));
    let mut stories = Vec::new();
    for file in chosen {
        match Story::read(file) {
            Ok(story) if is_recorded(&story) => stories.push(story),
            Ok(_) => {}
            Err(error) => println!("{error}"),
        }
    }
    let mut left = stories.as_slice();
    while !left.is_empty() {
        let done = match record_some(program, left) {
            Ok(done) => done,
            Err(error) => {
                println!("NOT recorded: {}: {error}", left[0].path.display());
                0
            }
        };
        left[..done].iter().for_each(|story| println!("recorded {}", story.path.display()));
        // The one after the last that was recorded is the one that failed.
        left = left.get(done + 1..).unwrap_or_default();
    }
}

fn is_recorded(story: &Story) -> bool {
    story.titles("error").next().is_none() && story.titles("final").next().is_some() && !story.is_ours()
}

/// Records stories up to the first one that fails; returns how many those are.
fn record_some(program: &str, stories: &[Story]) -> Outcome<usize> {
    let folder = tempfile::tempdir()?;
    let mut script = String::new();
    let mut schemas = Vec::new();
    for (number, story) in stories.iter().enumerate() {
        write!(script, "SET 'table.local-time-zone' = 'UTC';\nCREATE DATABASE story{number};\nUSE story{number};\n")?;
        schemas.push(write_story(folder.path(), number, story, &mut script)?);
        writeln!(script, "SELECT '{MARK}' AS story;")?;
    }
    let job = folder.path().join("job.sql");
    std::fs::write(&job, script)?;
    let output = Command::new(program).arg(&job).output()?;
    let mut done = 0;
    let mut recorded = Recorded::default();
    for line in String::from_utf8(output.stdout)?.lines().filter(|line| line.starts_with('{')) {
        let line: Value = serde_json::from_str(line)?;
        if line["row"]["story"] == MARK {
            std::mem::take(&mut recorded).write(&stories[done])?;
            done += 1;
        } else if line["final"]["story"] != MARK {
            recorded.take(&schemas[done], &line)?;
        }
    }
    if done < stories.len() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let cause = errors.lines().rfind(|line| line.contains("Caused by") || line.contains("Exception"));
        println!("NOT recorded: {}: {}", stories[done].path.display(), cause.unwrap_or_default());
    }
    Ok(done)
}

/// Ends the output of a story.
const MARK: &str = "end of story";

#[derive(Default)]
struct Recorded {
    changelogs: BTreeMap<String, String>,
    finals: BTreeMap<String, Vec<String>>,
}

impl Recorded {
    fn take(&mut self, schemas: &BTreeMap<String, SchemaRef>, line: &Value) -> Outcome {
        let sink = line["sink"].as_str().unwrap_or_default().to_owned();
        let Some(schema) = schemas.get(&sink) else { return Ok(()) };
        if let Some(op) = line["op"].as_str() {
            let text = row_text(schema, &line["row"])?;
            writeln!(self.changelogs.entry(sink).or_default(), "{op} {text}")?;
        } else {
            let text = row_text(schema, &line["final"])?;
            let count = line["n"].as_i64().unwrap_or(1);
            (0..count).for_each(|_| self.finals.entry(sink.clone()).or_default().push(text.clone()));
        }
        Ok(())
    }

    fn write(mut self, story: &Story) -> Outcome {
        self.finals.values_mut().for_each(|rows| rows.sort());
        story.rewrite(|title| match title.split_once(' ') {
            Some(("changelog", table)) => Some(self.changelogs.get(table).cloned().unwrap_or_default()),
            Some(("final", table)) => Some(self.finals.get(table).map(|rows| rows.join("\n")).unwrap_or_default()),
            _ => None,
        })?;
        Ok(())
    }
}

/// Writes a story's statements and inputs; returns the schemas of its tables.
fn write_story(
    folder: &Path,
    number: usize,
    story: &Story,
    script: &mut String,
) -> Outcome<BTreeMap<String, SchemaRef>> {
    let mut schemas = BTreeMap::new();
    for statement in parse_script(&story.sql)? {
        match &statement.kind {
            StatementKind::CreateTable(table) => {
                let name = table.name.to_string().replace('`', "");
                let schema = physical_schema(table);
                let head = statement.text.rfind("WITH").map_or(statement.text.as_str(), |at| &statement.text[..at]);
                let file = folder.join(format!("{number}-{name}.json"));
                let options = match write_input(&file, story, &name, &schema)? {
                    Some(options) => options,
                    None => "'connector' = 'blackhole'".into(),
                };
                writeln!(script, "{head} WITH ({options});")?;
                schemas.insert(name, schema);
            }
            _ => writeln!(script, "{};", statement.text)?,
        }
    }
    Ok(schemas)
}

fn physical_schema(table: &CreateTable) -> SchemaRef {
    let field = |column: &anabranch::plan::catalog::Column| match &column.kind {
        ColumnKind::Physical(sql_type) => Some(sql_type.field(&column.name)),
        _ => None,
    };
    Arc::new(Schema::new(table.columns.iter().filter_map(field).collect::<Vec<_>>()))
}

/// The options by which Flink reads the table's rows; `None`: it has none.
fn write_input(file: &Path, story: &Story, table: &str, schema: &SchemaRef) -> Outcome<Option<String>> {
    let rows: Vec<String> =
        story.steps.iter().filter(|step| step.table == table).map(|step| step.row.clone()).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let batch = parse(schema, &rows)?;
    let mut json = Vec::new();
    for row in 0..batch.num_rows() {
        let mut writer = LineDelimitedWriter::new(Vec::new());
        writer.write(batch.slice(row, 1).rows())?;
        writer.finish()?;
        let mut value: Value = serde_json::from_slice(&writer.into_inner())?;
        // The writer leaves NULLs out.
        for field in schema.fields() {
            value.as_object_mut().ok_or("not an object")?.entry(field.name()).or_insert(Value::Null);
        }
        json.push((batch.kind(row), value));
    }
    let updates = json.iter().any(|(kind, _)| *kind != RowKind::Insert);
    let mut text = String::new();
    let mut before = Value::Null;
    for (kind, row) in json {
        let line = match kind {
            _ if !updates => row,
            RowKind::Insert => serde_json::json!({"before": null, "after": row, "op": "c"}),
            RowKind::Delete => serde_json::json!({"before": row, "after": null, "op": "d"}),
            RowKind::UpdateAfter => serde_json::json!({"before": before.take(), "after": row, "op": "u"}),
            RowKind::UpdateBefore => {
                before = row;
                continue;
            }
        };
        writeln!(text, "{line}")?;
    }
    std::fs::write(file, text)?;
    let format = if updates { "debezium-json" } else { "json" };
    Ok(Some(format!(
        "'connector' = 'filesystem', 'path' = 'file://{}', 'format' = '{format}', \
         '{format}.timestamp-format.standard' = 'ISO-8601'",
        file.display()
    )))
}

/// A row in the form of a story, without its kind.
fn row_text(schema: &SchemaRef, row: &Value) -> Outcome<String> {
    let mut reader = ReaderBuilder::new(schema.clone()).build(std::io::Cursor::new(row.to_string()))?;
    let batch = reader.next().ok_or("no row")??;
    let text = ChangelogBatch::inserts(batch).to_text()?;
    Ok(text[2..].trim().to_owned())
}
