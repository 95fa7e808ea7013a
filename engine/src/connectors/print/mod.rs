//! `'connector' = 'print'`: rows on standard output, in Flink's text form.

mod text;

use std::io::{IsTerminal, Write};
use std::sync::Arc;

use super::{Connector, ConnectorOption, Options, Sink, SinkWriter, Source, TableDescription, WriterContext};
use crate::changelog::{ChangelogBatch, ChangelogMode};
use crate::error::{Error, Result};
use crate::printable;

pub use text::{write_row, write_value};

#[derive(Debug)]
pub struct Print;

impl Connector for Print {
    fn name(&self) -> &'static str {
        "print"
    }

    fn doc(&self) -> &'static str {
        "A sink that writes every change to standard output as Flink does: `+I[a, 1]`."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        let option = |name, default, doc| ConnectorOption { name, required: false, default, doc };
        vec![
            option("print-identifier", None, "Written before each row: `name> +I[a, 1]`."),
            option("standard-error", Some("false"), "Write to standard error."),
            option("sink.parallelism", None, "Subtasks that print, at most; their number stands before each row."),
        ]
    }

    fn source(&self, _table: &TableDescription) -> Result<Arc<dyn Source>> {
        Err(Error::user("connector 'print' cannot be read: it only takes rows"))
    }

    fn sink(&self, table: &TableDescription) -> Result<Arc<dyn Sink>> {
        let options = Options::new(&table.options);
        Ok(Arc::new(PrintSink {
            identifier: options.get("print-identifier").unwrap_or_default().to_owned(),
            standard_error: options.boolean("standard-error", false)?,
            max_parallelism: options.positive("sink.parallelism")?,
        }))
    }
}

#[derive(Debug)]
struct PrintSink {
    identifier: String,
    standard_error: bool,
    max_parallelism: Option<usize>,
}

impl Sink for PrintSink {
    fn changelog_mode(&self) -> ChangelogMode {
        ChangelogMode::Retract
    }

    fn writer(&self, context: &WriterContext) -> Result<Box<dyn SinkWriter>> {
        let (output, on_terminal): (Box<dyn Write + Send>, _) = match self.standard_error {
            true => (Box::new(std::io::stderr()), std::io::stderr().is_terminal()),
            false => (Box::new(std::io::stdout()), std::io::stdout().is_terminal()),
        };
        Ok(Box::new(PrintWriter { prefix: prefix(&self.identifier, context), output, on_terminal, text: vec![] }))
    }

    fn max_parallelism(&self) -> Option<usize> {
        self.max_parallelism
    }
}

/// `name:2> ` as Flink writes it: the subtask, from 1, where there are several.
fn prefix(identifier: &str, context: &WriterContext) -> String {
    let mut parts = Vec::new();
    if !identifier.is_empty() {
        parts.push(identifier.to_owned());
    }
    if context.parallelism > 1 {
        parts.push((context.subtask + 1).to_string());
    }
    if parts.is_empty() { String::new() } else { parts.join(":") + "> " }
}

struct PrintWriter {
    prefix: String,
    output: Box<dyn Write + Send>,
    on_terminal: bool,
    text: Vec<u8>,
}

impl SinkWriter for PrintWriter {
    fn write(&mut self, batch: ChangelogBatch) -> Result<()> {
        self.text.clear();
        for row in 0..batch.num_rows() {
            self.text.extend_from_slice(self.prefix.as_bytes());
            write_row(&mut self.text, batch.kind(row), batch.rows().columns(), row)?;
            self.text.push(b'\n');
        }
        if self.on_terminal {
            let text = printable(&String::from_utf8_lossy(&self.text)).into_owned();
            self.text = text.into_bytes();
        }
        // One write for the batch, so that subtasks do not mix their lines.
        self.output
            .write_all(&self.text)
            .and_then(|()| self.output.flush())
            .map_err(|error| Error::connector(format!("cannot write to standard output: {error}")).caused_by(error))
    }

    fn prepare(&mut self, _checkpoint: u64) -> Result<Option<String>> {
        Ok(None)
    }

    fn commit(&mut self, _prepared: &str) -> Result<()> {
        Ok(())
    }

    fn abort(&mut self, _prepared: Option<&str>) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing::writer_context;

    #[test]
    fn prefixes_as_flink() {
        let (_runtime, mut context) = writer_context();
        assert_eq!(prefix("", &context), "");
        assert_eq!(prefix("name", &context), "name> ");
        context.parallelism = 2;
        context.subtask = 1;
        assert_eq!(prefix("", &context), "2> ");
        assert_eq!(prefix("name", &context), "name:2> ");
    }
}
