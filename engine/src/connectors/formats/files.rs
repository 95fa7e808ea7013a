//! Formats that read whole files.

use std::fmt::Debug;
use std::path::Path;

use datafusion::arrow::array::RecordBatch;

use crate::error::Result;

/// Reads whole files.
pub trait FileDecoding: Debug + Send + Sync {
    /// The file's rows from number `skip` on, in batches of at most `batch_size`.
    ///
    /// # Errors
    /// Connector errors that name the file; user errors where its columns do not fit the table.
    fn open(&self, path: &Path, skip: u64, batch_size: usize) -> Result<FileRows>;
}

/// The batches of a file, in order.
pub type FileRows = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;
