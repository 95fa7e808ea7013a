//! Formats: bytes to batches and back, a file or folder each. A connector asks for the format that `'format'` names.
//!
//! A format reads either a stream of bytes, record by record ([`Decoder`]), or whole files that must be sought in
//! ([`FileDecoding`]).

mod csv;
mod files;
mod json;
mod parquet;
pub mod temporal;
pub mod text;

use std::fmt::Debug;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use super::{ConnectorOption, Options};
use crate::error::{Error, Result};
use crate::suggest;

pub use files::{FileDecoding, FileRows};

/// The formats that every connector of files or messages knows. A new one is added here.
fn built_in() -> [&'static dyn Format; 3] {
    [&json::Json, &csv::Csv, &parquet::Parquet]
}

/// A kind of format: `'format' = '<name>'`.
pub trait Format: Debug + Send + Sync {
    fn name(&self) -> &'static str;

    /// One sentence for the reference page.
    fn doc(&self) -> &'static str;

    /// Its options, with their full names: `json.ignore-parse-errors`.
    fn options(&self) -> Vec<ConnectorOption>;

    /// # Errors
    /// User errors for options and column types that do not fit.
    fn decoding(&self, context: &FormatContext) -> Result<Decoding>;

    /// # Errors
    /// User errors for options and column types that do not fit.
    fn encoding(&self, context: &FormatContext) -> Result<Arc<dyn Encoding>>;
}

/// What a format is told of its table.
#[derive(Debug, Clone)]
pub struct FormatContext<'a> {
    /// The columns that stand in the data, in order.
    pub schema: SchemaRef,
    /// The columns to decode, as indices into `schema`, in the order wanted.
    pub projection: Vec<usize>,
    pub options: Options<'a>,
}

/// How a format reads.
#[derive(Debug, Clone)]
pub enum Decoding {
    /// Record by record from a stream of bytes.
    Lines(Arc<dyn LineDecoding>),
    /// Whole files.
    Files(Arc<dyn FileDecoding>),
}

/// Makes decoders: one per split being read.
pub trait LineDecoding: Debug + Send + Sync {
    fn decoder(&self) -> Result<Box<dyn Decoder>>;

    /// Every line feed ends a record, so that a file can be cut into ranges that several readers read.
    fn splits_at_line_feeds(&self) -> bool {
        true
    }
}

/// Decodes records from a stream of bytes that comes in chunks.
pub trait Decoder: Send {
    /// Decodes whole records from the front of `bytes` until `max_rows` rows are held or what remains is not a whole
    /// record, and returns the bytes it consumed. `end` says that no bytes follow: the last record needs no line feed.
    fn decode(&mut self, bytes: &[u8], end: bool, max_rows: usize) -> Result<usize, RecordError>;

    /// Rows held.
    fn rows(&self) -> usize;

    /// Nothing more is decoded before [`Decoder::finish`].
    fn is_full(&self, max_rows: usize) -> bool {
        self.rows() >= max_rows
    }

    /// Hands over the rows held.
    fn finish(&mut self) -> Result<RecordBatch>;
}

/// A record that cannot be read. The caller knows the file and the line.
#[derive(Debug)]
pub struct RecordError {
    /// Where the record begins in the bytes given.
    pub offset: usize,
    /// What is wrong with it.
    pub message: String,
}

/// Makes encoders: one per file or stream being written.
pub trait Encoding: Debug + Send + Sync {
    /// Ending of a file's name, without the dot.
    fn extension(&self) -> &'static str;

    fn encoder(&self) -> Result<Box<dyn Encoder>>;
}

/// Encodes rows to bytes.
pub trait Encoder: Send {
    /// Appends the rows to `out`. A format may keep some back until [`Encoder::finish`].
    fn encode(&mut self, rows: &RecordBatch, out: &mut Vec<u8>) -> Result<()>;

    /// Appends what ends a file.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<()>;
}

/// The format that `'format'` names.
///
/// # Errors
/// A user error where the option is missing or names no format.
pub fn format(options: Options) -> Result<&'static dyn Format> {
    let name = options.required("format")?;
    built_in().into_iter().find(|format| format.name() == name).ok_or_else(|| {
        let known: Vec<&str> = built_in().iter().map(|format| format.name()).collect();
        Error::user(format!("there is no format '{name}'")).hint(format!("known are {}", suggest::list(&known)))
    })
}

/// The options of all formats, and `format` itself.
pub fn format_options() -> Vec<ConnectorOption> {
    let mut options = vec![ConnectorOption {
        name: "format",
        required: true,
        default: None,
        doc: "`json` (a JSON object a line), `csv` (no header) or `parquet`.",
    }];
    options.extend(built_in().iter().flat_map(|format| format.options()));
    options
}

/// The format that an option is of, where that is not the one chosen; none where there is no such format.
pub fn other_format(option: &str, chosen: &str) -> Option<&'static str> {
    let formats = built_in();
    let has = |format: &dyn Format| format.options().iter().any(|known| known.name == option);
    formats.iter().find(|format| format.name() == chosen).filter(|chosen| !has(**chosen))?;
    formats.iter().find(|format| has(**format)).map(|format| format.name())
}

/// Opens a file that a user named.
pub(crate) fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| {
        Error::connector(format!("cannot read the file '{}': {error}", path.display()))
            .hint("check the option 'path' and the permissions of the file")
            .caused_by(error)
    })
}
