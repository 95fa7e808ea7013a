//! Batches from a stream of bytes: large reads into one buffer, records decoded where they lie.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use datafusion::arrow::array::RecordBatch;

use crate::connectors::formats::{self, Decoder, RecordError};
use crate::error::{Error, Result};

/// Bytes read at once: few enough to stay in the second-level cache until they are decoded.
const CHUNK: usize = 256 << 10;

/// A longer record is taken for a file that is not of lines.
const MAX_RECORD: usize = 256 << 20;

/// What some programs write first to say that a text is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads one split of lines.
pub struct Lines {
    input: Input,
    decoder: Box<dyn Decoder>,
    buffer: Vec<u8>,
    /// The bytes of `buffer` not yet decoded.
    start: usize,
    end: usize,
    /// Place of `buffer[start]` in the input.
    offset: u64,
    /// Place after the last record of the last batch given.
    given: u64,
    ended: bool,
    /// When the oldest row held was decoded, where batches must not wait.
    waiting: Option<Instant>,
}

enum Input {
    File {
        path: PathBuf,
        file: File,
        remaining: u64,
    },
    /// Chunks that a thread reads, since a read may block for ever; and the lines of the chunks decoded.
    Standard {
        chunks: Receiver<std::io::Result<Vec<u8>>>,
        lines: u64,
    },
}

/// What came of a read.
pub enum Step {
    Batch(RecordBatch),
    Idle,
    End,
}

enum Filled {
    Bytes,
    End,
    TimedOut,
}

impl Lines {
    /// A file, from byte `offset` to `end` (or to where it ends).
    pub fn file(path: &Path, offset: u64, end: Option<u64>, decoder: Box<dyn Decoder>) -> Result<Self> {
        let mut file = formats::open(path)?;
        if offset > 0 {
            file.seek(SeekFrom::Start(offset)).map_err(|error| failed(path, error))?;
        }
        let remaining = end.map_or(u64::MAX, |end| end.saturating_sub(offset));
        Ok(Self::new(Input::File { path: path.to_owned(), file, remaining }, offset, decoder))
    }

    /// Standard input, which is read by a thread of its own.
    ///
    /// # Errors
    /// A connector error where no thread can be started.
    pub fn standard_input(decoder: Box<dyn Decoder>) -> Result<Self> {
        let (sender, chunks) = bounded(4);
        let read = move || {
            let mut input = std::io::stdin().lock();
            loop {
                let mut chunk = vec![0; CHUNK];
                let message = match input.read(&mut chunk) {
                    Ok(0) => return,
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Ok(length) => {
                        chunk.truncate(length);
                        Ok(chunk)
                    }
                    Err(error) => Err(error),
                };
                let failed = message.is_err();
                if sender.send(message).is_err() || failed {
                    return;
                }
            }
        };
        std::thread::Builder::new()
            .name("standard-input".to_owned())
            .spawn(read)
            .map_err(|error| Error::connector(format!("cannot start a thread: {error}")).caused_by(error))?;
        Ok(Self::new(Input::Standard { chunks, lines: 0 }, 0, decoder))
    }

    fn new(input: Input, offset: u64, decoder: Box<dyn Decoder>) -> Self {
        Lines { input, decoder, buffer: vec![], start: 0, end: 0, offset, given: offset, ended: false, waiting: None }
    }

    /// Place after the last record of the last batch given.
    pub fn position(&self) -> u64 {
        self.given
    }

    /// The next batch. A file is read until the batch is full; standard input at most for `patience`.
    pub fn next(&mut self, batch_size: usize, patience: Duration) -> Result<Step> {
        loop {
            self.skip_mark();
            let bytes = &self.buffer[self.start..self.end];
            match self.decoder.decode(bytes, self.ended, batch_size) {
                Ok(consumed) => {
                    if let Input::Standard { lines, .. } = &mut self.input {
                        *lines += memchr::memchr_iter(b'\n', &bytes[..consumed]).count() as u64;
                    }
                    self.start += consumed;
                    self.offset += consumed as u64;
                }
                Err(error) => return Err(self.record_error(error)),
            }
            let rows = self.decoder.rows();
            let all = self.ended && (self.start == self.end || rows == 0);
            if self.decoder.is_full(batch_size) || (all && rows > 0) {
                return self.give();
            }
            if all {
                return Ok(Step::End);
            }
            if self.ended {
                // A record without its end that the decoder did not take: it has no more to say.
                return if rows > 0 { self.give() } else { Ok(Step::End) };
            }
            let wait = match self.waiting {
                _ if rows == 0 => patience,
                None => {
                    self.waiting = Some(Instant::now());
                    patience
                }
                Some(since) => patience.saturating_sub(since.elapsed()),
            };
            match self.fill(wait)? {
                Filled::Bytes => {}
                Filled::End => self.ended = true,
                Filled::TimedOut if rows > 0 => return self.give(),
                Filled::TimedOut => return Ok(Step::Idle),
            }
        }
    }

    /// Steps over a byte-order mark at the beginning. It is whole before the decoder has a line to take.
    fn skip_mark(&mut self) {
        if self.offset == 0 && self.buffer[self.start..self.end].starts_with(BYTE_ORDER_MARK) {
            self.start += BYTE_ORDER_MARK.len();
            self.offset += BYTE_ORDER_MARK.len() as u64;
        }
    }

    fn give(&mut self) -> Result<Step> {
        self.given = self.offset;
        self.waiting = None;
        Ok(Step::Batch(self.decoder.finish()?))
    }

    /// Moves what is left to the front of the buffer and reads on behind it.
    fn fill(&mut self, wait: Duration) -> Result<Filled> {
        if self.end - self.start > MAX_RECORD {
            let what = format!("a record is longer than {} MB", MAX_RECORD >> 20);
            return Err(self.record_error(RecordError { offset: 0, message: what }));
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        match &mut self.input {
            Input::File { path, file, remaining } => {
                let wanted = usize::try_from(*remaining).unwrap_or(usize::MAX).min(CHUNK.max(self.end));
                if self.buffer.len() < self.end + wanted {
                    self.buffer.resize(self.end + wanted, 0);
                }
                loop {
                    match file.read(&mut self.buffer[self.end..self.end + wanted]) {
                        Ok(0) => return Ok(Filled::End),
                        Ok(length) => {
                            self.end += length;
                            *remaining -= length as u64;
                            return Ok(Filled::Bytes);
                        }
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(error) => return Err(failed(path, error)),
                    }
                }
            }
            Input::Standard { chunks, .. } => match chunks.recv_timeout(wait) {
                Ok(Ok(chunk)) => {
                    self.buffer.truncate(self.end);
                    self.buffer.extend_from_slice(&chunk);
                    self.end = self.buffer.len();
                    Ok(Filled::Bytes)
                }
                Ok(Err(error)) => {
                    Err(Error::connector(format!("cannot read standard input: {error}")).caused_by(error))
                }
                Err(RecvTimeoutError::Timeout) => Ok(Filled::TimedOut),
                Err(RecvTimeoutError::Disconnected) => Ok(Filled::End),
            },
        }
    }

    /// Names file and line. A file's lines are counted only now, so that reading does not pay for it.
    fn record_error(&self, error: RecordError) -> Error {
        let bytes = &self.buffer[self.start..self.end];
        let before = memchr::memchr_iter(b'\n', &bytes[..error.offset.min(bytes.len())]).count() as u64;
        let place = match &self.input {
            Input::File { path, .. } => match count_lines(path, self.offset) {
                Ok(lines) => format!("'{}', line {}", path.display(), lines + before + 1),
                Err(_) => format!("'{}', byte {}", path.display(), self.offset + error.offset as u64),
            },
            Input::Standard { lines, .. } => format!("standard input, line {}", lines + before + 1),
        };
        Error::user(format!("{place}: {}", error.message))
    }
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::connector(format!("cannot read the file '{}': {error}", path.display())).caused_by(error)
}

/// Line feeds before byte `end`.
fn count_lines(path: &Path, end: u64) -> std::io::Result<u64> {
    let mut file = File::open(path)?.take(end);
    let mut buffer = vec![0; CHUNK];
    let mut lines = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(lines),
            length => lines += memchr::memchr_iter(b'\n', &buffer[..length]).count() as u64,
        }
    }
}
