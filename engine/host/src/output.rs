//! What a guest writes (log, standard output, standard error): to `tracing`, bounded, with the last lines kept for
//! errors.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::error::LastWords;
use crate::redact::Redactor;
use crate::wire::description::Level;

/// Lines that errors carry.
const LAST_LINES: usize = 20;
/// Bytes of one line; the rest is cut off.
const LINE_BYTES: usize = 1024;
/// Bytes of one message of the log that are looked at: nothing interrupts the host while it cuts one into lines.
const MESSAGE_BYTES: usize = 64 << 10;
/// Bytes of one write: nothing interrupts the host while it cuts them into lines.
const WRITE_BYTES: usize = 64 << 10;
/// The time in which as many lines go on as in one call: else a function that is called for every row could fill a disk.
const SPELL: Duration = Duration::from_secs(1);

/// The lines of one instance. Cheap to clone; clones share.
#[derive(Debug, Clone)]
pub(crate) struct Output(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    function: String,
    /// Lines of one call, and of one spell, that go to `tracing`.
    lines_per_call: usize,
    /// Hides the secrets that the function was given.
    redactor: Redactor,
    /// Whether anything was written since the call began, to look at without a lock.
    touched: AtomicBool,
    lines: Mutex<Lines>,
    spell: Mutex<Spell>,
}

#[derive(Debug, Default)]
struct Lines {
    last: VecDeque<String>,
    /// Lines of this call so far.
    count: usize,
    /// What is not yet a whole line, of standard output and of standard error.
    partial: [Vec<u8>; 2],
}

impl Drop for Shared {
    fn drop(&mut self) {
        let dropped = self.spell.get_mut().unwrap_or_else(PoisonError::into_inner).dropped;
        if dropped > 0 {
            let function = self.function.as_str();
            tracing::warn!(function, dropped, "a function wrote more lines than are kept (option 'log-lines')");
        }
    }
}

/// What was written in the last second or so, over all calls in it.
#[derive(Debug)]
struct Spell {
    began: Instant,
    passed: usize,
    dropped: usize,
}

#[derive(Debug, Clone, Copy)]
enum Stream {
    Out = 0,
    Error = 1,
}

impl Output {
    pub fn new(function: &str, lines_per_call: usize, redactor: Redactor) -> Self {
        Output(Arc::new(Shared {
            function: function.to_string(),
            lines_per_call,
            redactor,
            touched: AtomicBool::new(false),
            lines: Mutex::new(Lines::default()),
            spell: Mutex::new(Spell { began: Instant::now(), passed: 0, dropped: 0 }),
        }))
    }

    pub fn redactor(&self) -> &Redactor {
        &self.0.redactor
    }

    /// Forgets the lines of the last call, and counts anew.
    pub fn begin_call(&self) {
        if !self.0.touched.swap(false, Ordering::Relaxed) {
            return;
        }
        *self.lock() = Lines::default();
        // `lock` has said that something was written.
        self.0.touched.store(false, Ordering::Relaxed);
    }

    /// Whether one more line goes on. What does not is counted, and said when there is room again.
    fn passes(&self, count: usize) -> bool {
        let mut spell = self.0.spell.lock().unwrap_or_else(PoisonError::into_inner);
        if spell.began.elapsed() >= SPELL {
            if spell.dropped > 0 {
                let (function, dropped) = (self.0.function.as_str(), spell.dropped);
                tracing::warn!(function, dropped, "a function wrote more lines than are kept (option 'log-lines')");
            }
            *spell = Spell { began: Instant::now(), passed: 0, dropped: 0 };
        }
        let passes = count <= self.0.lines_per_call && spell.passed < self.0.lines_per_call;
        match passes {
            true => spell.passed += 1,
            false => spell.dropped += 1,
        }
        passes
    }

    /// The last lines of this call, an unfinished one included.
    pub fn last_words(&self) -> LastWords {
        if !self.0.touched.load(Ordering::Relaxed) {
            return LastWords::default();
        }
        let mut lines = self.lock();
        for stream in [Stream::Out, Stream::Error] {
            let partial = std::mem::take(&mut lines.partial[stream as usize]);
            if !partial.is_empty() {
                self.line(&mut lines, stream.level(), &partial);
            }
        }
        LastWords { remark: None, lines: lines.last.iter().cloned().collect() }
    }

    pub fn log(&self, level: Level, message: &str) {
        // Secrets as a whole first: one may have several lines, and a cut might leave a part of one.
        let seen = &message.as_bytes()[..message.len().min(MESSAGE_BYTES + self.0.redactor.longest())];
        let message = self.0.redactor.redact_bytes(seen, MESSAGE_BYTES);
        let message = String::from_utf8_lossy(&message);
        let mut lines = self.lock();
        for line in message.lines() {
            self.line(&mut lines, level, line.as_bytes());
        }
    }

    pub fn stdout(&self) -> impl StdoutStream + 'static {
        Captured { output: self.clone(), stream: Stream::Out }
    }

    pub fn stderr(&self) -> impl StdoutStream + 'static {
        Captured { output: self.clone(), stream: Stream::Error }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.touched.store(true, Ordering::Relaxed);
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, lines: &mut Lines, level: Level, line: &[u8]) {
        if line.trim_ascii().is_empty() {
            return;
        }
        lines.count += 1;
        let cut = self.0.redactor.redact_bytes(line, LINE_BYTES);
        let mut text = String::from_utf8_lossy(&cut).replace(|c: char| c.is_control() && c != '\t', " ");
        if line.len() > LINE_BYTES {
            text.push('…');
        }
        if self.passes(lines.count) {
            let function = self.0.function.as_str();
            match level {
                Level::Error => tracing::error!(target: "anabranch::function", function, "{text}"),
                Level::Warn => tracing::warn!(target: "anabranch::function", function, "{text}"),
                Level::Info => tracing::info!(target: "anabranch::function", function, "{text}"),
                Level::Debug => tracing::debug!(target: "anabranch::function", function, "{text}"),
                Level::Trace => tracing::trace!(target: "anabranch::function", function, "{text}"),
            }
        }
        if lines.last.len() == LAST_LINES {
            lines.last.pop_front();
        }
        lines.last.push_back(text);
    }

    fn write(&self, stream: Stream, bytes: &[u8]) {
        let mut lines = self.lock();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let partial = &mut lines.partial[stream as usize];
            // More than a line shows: a byte, so that it is seen to be cut, and the whole of a secret that begins in it.
            let room = (LINE_BYTES + 1 + self.0.redactor.longest()).saturating_sub(partial.len());
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            partial.extend_from_slice(&text[..text.len().min(room)]);
            if text.len() < piece.len() {
                let whole = std::mem::take(partial);
                self.line(&mut lines, stream.level(), &whole);
            }
        }
    }
}

impl Stream {
    fn level(self) -> Level {
        match self {
            Stream::Out => Level::Info,
            Stream::Error => Level::Warn,
        }
    }
}

/// One stream of the guest, always ready.
#[derive(Debug, Clone)]
struct Captured {
    output: Output,
    stream: Stream,
}

impl IsTerminal for Captured {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Captured {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // Only the synchronous WASI 0.2 is linked, which asks for `p2_stream`.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Captured {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Captured {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if bytes.len() > WRITE_BYTES {
            return Err(StreamError::trap("it wrote more at once than `check-write` allows"));
        }
        self.output.write(self.stream, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn lines_are_bounded_and_forgotten_at_the_next_call() {
        let output = Output::new("f", 3, Redactor::default());
        output.write(Stream::Out, b"half a li");
        output.write(Stream::Error, b"an error\n");
        output.write(Stream::Out, b"ne\nand more");
        output.log(Level::Debug, "two\nlines\u{7}");
        expect![[r#"
            [
                "an error",
                "half a line",
                "two",
                "lines ",
                "and more",
            ]
        "#]]
        .assert_debug_eq(&output.last_words().lines);
        output.begin_call();
        assert_eq!(output.last_words(), LastWords::default());
        output.write(Stream::Out, &[b'x'; 100_000]);
        for line in 0..1000 {
            output.write(Stream::Out, format!("\n{line}").as_bytes());
        }
        let words = output.last_words();
        assert_eq!(words.lines.len(), LAST_LINES);
        assert_eq!(words.lines[LAST_LINES - 1], "999");
    }

    #[test]
    fn a_write_is_no_larger_than_was_allowed() {
        let output = Output::new("f", 3, Redactor::default());
        let mut stream = Captured { output: output.clone(), stream: Stream::Out };
        let allowed = stream.check_write().unwrap();
        OutputStream::write(&mut stream, vec![b'x'; allowed].into()).unwrap();
        assert!(OutputStream::write(&mut stream, vec![b'x'; allowed + 1].into()).is_err());
        assert_eq!(output.last_words().lines.len(), 1);
    }

    #[test]
    fn secrets_are_hidden_even_in_pieces_and_at_the_end_of_a_line() {
        let output = Output::new("f", 100, Redactor::new(vec!["hunter2".into(), "many\nlines".into()]));
        output.write(Stream::Out, b"the key is hun");
        output.write(Stream::Error, b"between\n");
        output.write(Stream::Out, b"ter2!\n");
        output.log(Level::Info, "my hunter2 and many\nlines.");
        output.write(Stream::Out, b"many\nlines\nunfinished hunter2");
        expect![[r#"
            [
                "between",
                "the key is ***!",
                "my *** and ***.",
                "***",
                "***",
                "unfinished ***",
            ]
        "#]]
        .assert_debug_eq(&output.last_words().lines);
        for start in LINE_BYTES - 8..LINE_BYTES + 2 {
            output.begin_call();
            output.write(Stream::Out, &[vec![b'x'; start], b"hunter2 and more".to_vec()].concat());
            let line = output.last_words().lines.pop().unwrap();
            assert!(!line.contains('h') && line.ends_with('…'), "{line}");
        }
    }
}
