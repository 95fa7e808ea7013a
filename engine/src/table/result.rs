//! What a statement gives.

use std::io::Write;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use futures::{Stream, StreamExt};

use crate::changelog::{ChangelogBatch, ChangelogMode};
use crate::error::Result;
use crate::runtime::{JobHandle, JobSummary};

/// Batches of a changelog; ends after an error.
pub type ChangelogStream = Pin<Box<dyn Stream<Item = Result<ChangelogBatch>> + Send>>;

/// What a statement gives: that it was done, rows, or a job that runs.
pub struct TableResult {
    content: Content,
    schema: SchemaRef,
    changelog_mode: ChangelogMode,
}

enum Content {
    /// DDL, SET: done.
    Ok,
    /// SHOW, DESCRIBE, EXPLAIN.
    Rows(Vec<RecordBatch>),
    /// A query: its job, and its rows as they come.
    Query { job: Job, rows: ChangelogStream },
    /// INSERT, a statement set: a job that has been started, and in batch mode has ended.
    Job(Job),
}

/// What stands behind a result.
pub(super) enum Job {
    Stream(JobHandle),
    Batch(BatchJob),
}

/// A job in batch mode: all that is known of it from outside is what it did. Clones are the same job.
#[derive(Debug, Clone, Default)]
pub struct BatchJob(Arc<OnceLock<JobSummary>>);

impl BatchJob {
    pub(super) fn ended(summary: JobSummary) -> Self {
        BatchJob(Arc::new(summary.into()))
    }

    pub(super) fn end(&self, summary: JobSummary) {
        // A job ends once.
        let _ = self.0.set(summary);
    }

    /// What it did; `None` before its end, and where it failed. An INSERT has ended when its result is there, a query
    /// when all of its rows have been read.
    pub fn summary(&self) -> Option<&JobSummary> {
        self.0.get()
    }
}

/// What kind of result it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultKind {
    /// A statement that only changes the session.
    Ok,
    /// Rows about the session: SHOW, DESCRIBE, EXPLAIN.
    Rows,
    /// Rows of a query.
    Query,
    /// A job that writes to tables.
    Job,
}

impl std::fmt::Debug for TableResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableResult").field("kind", &self.kind()).field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl TableResult {
    pub(super) fn ok() -> Self {
        Self::new(Content::Ok, Arc::new(Schema::empty()))
    }

    pub(super) fn job(job: JobHandle) -> Self {
        Self::new(Content::Job(Job::Stream(job)), Arc::new(Schema::empty()))
    }

    pub(super) fn of_batch(job: BatchJob) -> Self {
        Self::new(Content::Job(Job::Batch(job)), Arc::new(Schema::empty()))
    }

    pub(super) fn query(job: Job, rows: ChangelogStream, schema: SchemaRef, mode: ChangelogMode) -> Self {
        TableResult { changelog_mode: mode, ..Self::new(Content::Query { job, rows }, schema) }
    }

    /// Columns of text, a column of rows each.
    pub(super) fn texts<const N: usize>(columns: [&str; N], rows: Vec<[Option<String>; N]>) -> Result<Self> {
        let fields: Vec<_> = columns.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let arrays = (0..N).map(|column| {
            let values = rows.iter().map(|row| row[column].as_deref());
            Arc::new(values.collect::<StringArray>()) as ArrayRef
        });
        let batch = RecordBatch::try_new(schema.clone(), arrays.collect())?;
        Ok(Self::new(Content::Rows(vec![batch]), schema))
    }

    /// One text, a row a line.
    pub(super) fn text(column: &str, text: String) -> Result<Self> {
        Self::texts([column], vec![[Some(text)]])
    }

    fn new(content: Content, schema: SchemaRef) -> Self {
        TableResult { content, schema, changelog_mode: ChangelogMode::AppendOnly }
    }

    pub fn kind(&self) -> ResultKind {
        match self.content {
            Content::Ok => ResultKind::Ok,
            Content::Rows(_) => ResultKind::Rows,
            Content::Query { .. } => ResultKind::Query,
            Content::Job(_) => ResultKind::Job,
        }
    }

    /// Of the rows; no columns where there are none.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Row kinds that the rows have.
    pub fn changelog_mode(&self) -> ChangelogMode {
        self.changelog_mode
    }

    /// The running job: to look at its metrics, to stop and to cancel it. In batch mode there is none.
    pub fn job_handle(&self) -> Option<&JobHandle> {
        match self.any_job() {
            Some(Job::Stream(job)) => Some(job),
            Some(Job::Batch(_)) | None => None,
        }
    }

    /// The job in batch mode: to see what it did.
    pub fn batch_job(&self) -> Option<&BatchJob> {
        match self.any_job() {
            Some(Job::Batch(job)) => Some(job),
            Some(Job::Stream(_)) | None => None,
        }
    }

    fn any_job(&self) -> Option<&Job> {
        match &self.content {
            Content::Job(job) | Content::Query { job, .. } => Some(job),
            Content::Ok | Content::Rows(_) => None,
        }
    }

    /// The rows as they come; none for statements without. The stream ends with the job, by the job's error if it has
    /// one. Dropping the stream cancels the job of a query.
    pub fn collect(self) -> ChangelogStream {
        match self.content {
            Content::Ok | Content::Job(Job::Batch(_)) => futures::stream::empty().boxed(),
            Content::Rows(batches) => {
                futures::stream::iter(batches.into_iter().map(|rows| Ok(ChangelogBatch::inserts(rows)))).boxed()
            }
            Content::Query { rows, .. } => rows,
            Content::Job(Job::Stream(job)) => {
                let end = async move { job.finished().await.err().map(Err) };
                futures::stream::once(end).filter_map(|end| async { end }).boxed()
            }
        }
    }

    /// Waits for the end of an INSERT's job, and gives its summary. A query's rows are read and dropped.
    ///
    /// # Errors
    /// The job's.
    pub fn wait(self) -> Result<Option<JobSummary>> {
        let (job, batch_job) = (self.job_handle().cloned(), self.batch_job().cloned());
        if self.kind() == ResultKind::Query {
            for batch in futures::executor::block_on_stream(self.collect()) {
                batch?;
            }
        }
        match job {
            Some(job) => job.wait().map(Some),
            None => Ok(batch_job.and_then(|job| job.summary().cloned())),
        }
    }

    /// All rows, when the job has ended. For bounded queries.
    ///
    /// # Errors
    /// The job's.
    pub fn rows(self) -> Result<Vec<ChangelogBatch>> {
        futures::executor::block_on_stream(self.collect()).collect()
    }

    /// Writes the rows as they come, in the form of Flink's `print`: `+I[a, 1]`.
    ///
    /// # Errors
    /// The job's, and those of the writer.
    pub fn print(self, out: &mut impl Write) -> Result<()> {
        for batch in futures::executor::block_on_stream(self.collect()) {
            super::print::lines(&batch?, out)?;
        }
        Ok(())
    }
}

/// A query's rows, then its job's error; cancels the job when dropped before the end.
pub(super) struct JobRows<S> {
    pub rows: S,
    pub job: JobHandle,
    pub ended: bool,
    pub end: Option<Pin<Box<dyn Future<Output = Result<JobSummary>> + Send>>>,
}

impl<S: Stream<Item = ChangelogBatch> + Unpin> Stream for JobRows<S> {
    type Item = Result<ChangelogBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if self.end.is_none() {
            if let Some(batch) = std::task::ready!(self.rows.poll_next_unpin(context)) {
                return Poll::Ready(Some(Ok(batch)));
            }
            let job = self.job.clone();
            self.end = Some(Box::pin(async move { job.finished().await }));
        }
        let Some(end) = self.end.as_mut() else { return Poll::Ready(None) };
        let outcome = std::task::ready!(end.as_mut().poll(context));
        self.ended = true;
        Poll::Ready(outcome.err().map(Err))
    }
}

impl<S> Drop for JobRows<S> {
    fn drop(&mut self) {
        if !self.ended {
            self.job.cancel();
        }
    }
}
