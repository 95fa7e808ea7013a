//! Writes parts: hidden files in progress, which a commit renames. A checkpoint closes every part that is open, so what
//! a commit shows is whole, and what a crash leaves behind is hidden.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use datafusion::arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, take_record_batch};
use datafusion::arrow::datatypes::DataType;

use super::Layout;
use super::path::{self, Location};
use crate::changelog::{ChangelogBatch, ChangelogMode};
use crate::connectors::formats::{self, Encoder, Encoding};
use crate::connectors::{Options, Sink, SinkWriter, TableDescription, WriterContext};
use crate::error::{Error, Result};

/// Bytes gathered before they are written to a file.
const WRITE_SIZE: usize = 256 << 10;

/// A directory of parts.
#[derive(Debug)]
pub struct FileSink {
    root: PathBuf,
    encoding: Arc<dyn Encoding>,
    layout: Layout,
    partition_names: Vec<String>,
    max_size: u64,
    max_age: Duration,
}

impl FileSink {
    pub fn new(table: &TableDescription) -> Result<Self> {
        let options = Options::new(&table.options);
        let Location::Path(root) = Location::parse(options.required("path")?)? else {
            return Err(
                Error::user("standard input cannot be written").hint("use the connector 'print' for standard output")
            );
        };
        if root.is_file() {
            return Err(Error::user(format!(
                "option 'path' = '{}' is a file; parts are written into a directory",
                root.display()
            )));
        }
        let layout = Layout::new(table);
        if layout.in_files.is_empty() {
            return Err(Error::user("all columns are PARTITIONED BY columns; nothing is left to stand in the files"));
        }
        let context = layout.format_context(table, &layout.in_files)?;
        Ok(FileSink {
            root,
            encoding: formats::format(context.options)?.encoding(&context)?,
            partition_names: layout.partition_keys.iter().map(|&key| table.schema.field(key).name().clone()).collect(),
            layout,
            max_size: options.bytes("sink.rolling-policy.file-size")?.unwrap_or(128 << 20),
            max_age: options.duration("sink.rolling-policy.rollover-interval")?.unwrap_or(Duration::from_secs(30 * 60)),
        })
    }
}

impl Sink for FileSink {
    fn changelog_mode(&self) -> ChangelogMode {
        ChangelogMode::AppendOnly
    }

    fn writer(&self, context: &WriterContext) -> Result<Box<dyn SinkWriter>> {
        Ok(Box::new(FileWriter {
            root: self.root.clone(),
            encoding: self.encoding.clone(),
            layout: self.layout.clone(),
            partition_names: self.partition_names.clone(),
            max_size: self.max_size,
            max_age: self.max_age,
            prefix: format!("part-{}-{}", unique(), context.subtask),
            parts: 0,
            open: HashMap::new(),
            closed: vec![],
        }))
    }
}

/// A name that no other writer has, in this process or another.
fn unique() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let seed = format!("{now} {} {number}", std::process::id());
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(seed.as_bytes()))
}

struct FileWriter {
    root: PathBuf,
    encoding: Arc<dyn Encoding>,
    layout: Layout,
    partition_names: Vec<String>,
    max_size: u64,
    max_age: Duration,
    prefix: String,
    parts: u64,
    /// The part being written in each directory (below the root).
    open: HashMap<String, Part>,
    /// Parts that are whole, since the last `prepare`.
    closed: Vec<Closed>,
}

struct Part {
    name: Closed,
    file: File,
    encoder: Box<dyn Encoder>,
    bytes: Vec<u8>,
    written: u64,
    opened: Instant,
}

/// A part's hidden name and the one that a commit gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Closed {
    hidden: PathBuf,
    visible: PathBuf,
}

impl FileWriter {
    fn write_to(&mut self, directory: &str, rows: &RecordBatch) -> Result<()> {
        let mut part = match self.open.remove(directory) {
            Some(part) => part,
            None => self.begin(directory)?,
        };
        part.encoder.encode(rows, &mut part.bytes)?;
        if part.bytes.len() >= WRITE_SIZE {
            part.flush()?;
        }
        if part.written + part.bytes.len() as u64 >= self.max_size || part.opened.elapsed() >= self.max_age {
            self.closed.push(part.close()?);
        } else {
            self.open.insert(directory.to_owned(), part);
        }
        Ok(())
    }

    fn begin(&mut self, directory: &str) -> Result<Part> {
        let directory = self.root.join(directory);
        fs::create_dir_all(&directory).map_err(|error| failed("make the directory", &directory, error))?;
        let name = format!("{}-{}.{}", self.prefix, self.parts, self.encoding.extension());
        self.parts += 1;
        let hidden = directory.join(format!(".{name}.inprogress"));
        let file = File::create(&hidden).map_err(|error| failed("write the file", &hidden, error))?;
        Ok(Part {
            name: Closed { hidden, visible: directory.join(name) },
            file,
            encoder: self.encoding.encoder()?,
            bytes: vec![],
            written: 0,
            opened: Instant::now(),
        })
    }

    /// Rows by the directory that they belong in.
    fn partitions(&self, rows: &RecordBatch) -> Result<Vec<(String, RecordBatch)>> {
        let data = rows.project(&self.layout.in_files)?;
        if self.partition_names.is_empty() {
            return Ok(vec![(String::new(), data)]);
        }
        let keys = self
            .layout
            .partition_keys
            .iter()
            .map(|&key| Ok(cast(rows.column(key), &DataType::Utf8)?))
            .collect::<Result<Vec<_>>>()?;
        let mut groups: Vec<(String, Vec<u32>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for row in 0..rows.num_rows() {
            let mut directory = String::new();
            for (name, key) in self.partition_names.iter().zip(&keys) {
                let value =
                    Some(key.as_string::<i32>().value(row)).filter(|value| key.is_valid(row) && !value.is_empty());
                let value = value.map_or_else(|| self.layout.default_partition.clone(), path::escape);
                directory.push_str(&format!("{}={value}/", path::escape(name)));
            }
            let place = *places.entry(directory).or_insert_with_key(|directory| {
                groups.push((directory.clone(), vec![]));
                groups.len() - 1
            });
            groups[place].1.push(row as u32);
        }
        groups
            .into_iter()
            .map(|(directory, chosen)| Ok((directory, take_record_batch(&data, &UInt32Array::from(chosen))?)))
            .collect()
    }
}

impl Part {
    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.bytes).map_err(|error| failed("write the file", &self.name.hidden, error))?;
        self.written += self.bytes.len() as u64;
        self.bytes.clear();
        Ok(())
    }

    /// Makes the part whole and durable.
    fn close(mut self) -> Result<Closed> {
        self.encoder.finish(&mut self.bytes)?;
        self.flush()?;
        self.file.sync_all().map_err(|error| failed("write the file", &self.name.hidden, error))?;
        Ok(self.name)
    }
}

impl SinkWriter for FileWriter {
    fn write(&mut self, batch: ChangelogBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        for (directory, rows) in self.partitions(batch.rows())? {
            self.write_to(&directory, &rows)?;
        }
        Ok(())
    }

    fn prepare(&mut self, _checkpoint: u64) -> Result<Option<String>> {
        for (_, part) in std::mem::take(&mut self.open) {
            self.closed.push(part.close()?);
        }
        if self.closed.is_empty() {
            return Ok(None);
        }
        let mut names = Vec::new();
        for Closed { hidden, visible } in std::mem::take(&mut self.closed) {
            match (hidden.to_str(), visible.to_str()) {
                (Some(hidden), Some(visible)) => names.push([hidden.to_owned(), visible.to_owned()]),
                _ => return Err(Error::connector(format!("the path '{}' is not UTF-8", visible.display()))),
            }
        }
        names.sort();
        Ok(Some(serde_json::to_string(&names).map_err(|error| Error::bug(error.to_string()))?))
    }

    fn commit(&mut self, prepared: &str) -> Result<()> {
        for Closed { hidden, visible } in names(prepared)? {
            match fs::rename(&hidden, &visible) {
                Ok(()) => {}
                // An earlier attempt has renamed it.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && visible.exists() => {}
                Err(error) => return Err(failed("rename the part", &hidden, error)),
            }
        }
        Ok(())
    }

    fn abort(&mut self, prepared: Option<&str>) -> Result<()> {
        let dropped = match prepared {
            Some(prepared) => names(prepared)?,
            None => {
                let open = std::mem::take(&mut self.open).into_values().map(|part| part.name);
                open.chain(std::mem::take(&mut self.closed)).collect()
            }
        };
        for Closed { hidden, .. } in dropped {
            match fs::remove_file(&hidden) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(failed("remove the part", &hidden, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What `prepare` wrote: pairs of the hidden and the visible name.
fn names(prepared: &str) -> Result<Vec<Closed>> {
    let pairs: Vec<[String; 2]> = serde_json::from_str(prepared)
        .map_err(|error| Error::state("what the filesystem sink prepared cannot be read").caused_by(error))?;
    Ok(pairs.into_iter().map(|[hidden, visible]| Closed { hidden: hidden.into(), visible: visible.into() }).collect())
}

fn failed(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::connector(format!("cannot {what} '{}': {error}", path.display()))
        .hint("check the option 'path', its permissions and the space left")
        .caused_by(error)
}
