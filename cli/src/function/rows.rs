//! Rows of arguments: from the command line, or from a file that the engine's own connector reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anabranch::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use anabranch::arrow::compute::{CastOptions, cast_with_options, concat_batches};
use anabranch::arrow::datatypes::{DataType, Field, Fields, Schema};
use anabranch::connectors::Options;
use anabranch::connectors::formats::{Decoding, FormatContext, format};
use anabranch::table::TableEnvironment;
use anabranch::types::{quote_identifier, sql_type};
use anabranch::{Error, Result};
use anabranch_host::{BoundFunction, FunctionKind, Package, Signature};
use serde_json::Value;

use super::with::With;
use super::{overloads, signature};

/// An overload of a function, and rows that it takes.
pub struct Call<'a> {
    /// Number of the function in its package.
    pub function: usize,
    pub signature: &'a Signature,
    /// A column for each parameter.
    pub columns: Vec<ArrayRef>,
    pub rows: usize,
}

impl Call<'_> {
    /// Binds the function; a single row is literals.
    pub fn bind(&self, package: &Arc<Package>, with: &With) -> Result<BoundFunction> {
        let constants = self.columns.iter().map(|column| (self.rows == 1).then(|| column.clone())).collect();
        with.bind(package, self.function, constants)
    }
}

/// What a function is called on.
#[derive(clap::Args)]
pub struct Input {
    /// Values as text, those of rows, lists and maps as JSON; `NULL` is NULL. Texts that begin with a hyphen stand behind
    /// `--`.
    #[arg(allow_negative_numbers = true)]
    arguments: Vec<String>,
    /// Calls the function on the rows of a file instead: *.csv (no header, columns in the order of the parameters),
    /// *.json or *.jsonl (an object a line, with the parameters' names) or *.parquet.
    #[arg(long, value_name = "FILE", conflicts_with = "arguments")]
    input: Option<PathBuf>,
}

impl Input {
    /// Finds the overload that takes these rows.
    pub fn read<'a>(&self, package: &'a Package, name: &str) -> Result<Call<'a>> {
        let mut overloads = overloads(package, name)?;
        // A text fits everything, so other types are tried before it.
        let texts = |function: &Signature| {
            function.parameters.iter().filter(|parameter| parameter.data_type() == &DataType::Utf8).count()
        };
        overloads.sort_by_key(|(_, function)| texts(function));
        let Some(file) = &self.input else { return from_arguments(&overloads, name, &self.arguments) };
        let mut refused = Error::bug("a function without overloads");
        for (function, signature) in overloads {
            match read_file(file, &signature.parameters) {
                Ok(rows) => {
                    let count = rows.num_rows();
                    return Ok(Call { function, signature, columns: rows.columns().to_vec(), rows: count });
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }
}

fn from_arguments<'a>(overloads: &[(usize, &'a Signature)], name: &str, values: &[String]) -> Result<Call<'a>> {
    let fitting = overloads.iter().find_map(|(index, function)| Some((*index, *function, columns(function, values)?)));
    let Some((function, signature, columns)) = fitting else {
        let known = overloads.iter().map(|(_, function)| self::signature(function)).collect::<Vec<_>>().join(", ");
        return Err(Error::user(format!("no overload of '{name}' takes ({})", values.join(", ")))
            .hint(format!("it has {known}")));
    };
    let rows = columns.first().map_or(1, |column| column.len());
    Ok(Call { function, signature, columns, rows })
}

/// The values as columns of the parameters' types: one row, or for an aggregate as many as they fill. `None` where they
/// do not fit.
fn columns(function: &Signature, values: &[String]) -> Option<Vec<ArrayRef>> {
    let width = function.parameters.len();
    let fits = match function.kind {
        FunctionKind::Aggregate if width > 0 => values.len().is_multiple_of(width) && !values.is_empty(),
        _ => values.len() == width,
    };
    if !fits {
        return None;
    }
    let strict = CastOptions { safe: false, ..Default::default() };
    let column = |(place, parameter): (usize, &Field)| {
        let texts = values.iter().skip(place).step_by(width).map(|value| (value != "NULL").then_some(value.as_str()));
        if parameter.data_type().is_nested() {
            let value = |text: Option<&str>| text.map_or(Some(Value::Null), |text| serde_json::from_str(text).ok());
            let rows = texts.map(|text| Some(Value::Array(vec![value(text)?]))).collect::<Option<Vec<_>>>()?;
            return Some(decode(std::slice::from_ref(parameter), &rows).ok()?.column(0).clone());
        }
        let texts: ArrayRef = Arc::new(texts.collect::<StringArray>());
        cast_with_options(&texts, parameter.data_type(), &strict).ok()
    };
    function.parameters.iter().enumerate().map(column).collect()
}

/// All rows of a file whose columns are the parameters.
fn read_file(file: &Path, parameters: &[Field]) -> Result<RecordBatch> {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let format = match extension {
        "csv" | "parquet" => extension,
        "json" | "jsonl" | "ndjson" => "json",
        _ => {
            return Err(Error::user(format!("`{}` is of an unknown format", file.display()))
                .hint("files are named *.csv, *.json, *.jsonl or *.parquet"));
        }
    };
    if !file.exists() {
        return Err(Error::user(format!("there is no file '{}'", file.display())));
    }
    if parameters.is_empty() {
        return Err(Error::user("a function without parameters takes no rows from a file"));
    }
    let columns: Vec<String> = parameters
        .iter()
        .map(|parameter| format!("{} {}", quote_identifier(parameter.name()), sql_type(parameter.data_type())))
        .collect();
    let environment = TableEnvironment::new();
    environment.set("parallelism.default", "1")?;
    environment.execute_sql(&format!(
        "CREATE TEMPORARY TABLE input ({}) WITH ('connector' = 'filesystem', 'path' = '{}', 'format' = '{format}')",
        columns.join(", "),
        file.display().to_string().replace('\'', "''")
    ))?;
    let result = environment.execute_sql("SELECT * FROM input")?;
    let schema = result.schema().clone();
    let batches: Vec<RecordBatch> = result.rows()?.iter().map(|batch| batch.rows().clone()).collect();
    Ok(concat_batches(&schema, &batches)?)
}

/// Rows of JSON, each a list of values or an object, as columns; read by the engine's own format.
pub fn decode(fields: &[Field], rows: &[Value]) -> Result<RecordBatch> {
    let mut lines = String::new();
    for row in rows {
        let object = match row {
            Value::Object(object) => object.clone(),
            Value::Array(values) if values.len() == fields.len() => {
                fields.iter().map(|field| field.name().clone()).zip(values.iter().cloned()).collect()
            }
            other => {
                return Err(Error::user(format!("{other} is no row of {} values", fields.len())));
            }
        };
        lines.push_str(&Value::Object(object).to_string());
        lines.push('\n');
    }
    if fields.is_empty() {
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        return Ok(RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options)?);
    }
    let options = BTreeMap::from([("format".to_owned(), "json".to_owned())]);
    let options = Options::new(&options);
    // NULL is a value that a case may pass to any parameter.
    let schema =
        Arc::new(Schema::new(fields.iter().map(|field| field.clone().with_nullable(true)).collect::<Fields>()));
    let context = FormatContext { schema, projection: (0..fields.len()).collect(), options };
    let Decoding::Lines(decoding) = format(options)?.decoding(&context)? else {
        return Err(Error::bug("JSON is read line by line"));
    };
    let mut decoder = decoding.decoder()?;
    decoder.decode(lines.as_bytes(), true, rows.len().max(1)).map_err(|error| Error::user(error.message))?;
    decoder.finish()
}
