//! Secrets, kept out of what people read.

use std::borrow::Cow;
use std::sync::Arc;

/// Bytes that a secret has at least: what is shorter stands in other texts by chance.
pub(crate) const MIN_SECRET: usize = 4;
/// What stands for a secret.
const MASK: &str = "***";

/// Replaces the secrets of one instance by `***`. Cheap to clone.
///
/// What a guest writes in another form (reversed, in another base, a letter at a time) is not found: this is against
/// accidents, such as an error that quotes a request.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Arc<[Vec<u8>]>);

impl std::fmt::Debug for Redactor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Redactor({} secrets)", self.0.len())
    }
}

impl Redactor {
    /// A secret of several lines is hidden as a whole and line by line, since output is read by the line.
    pub fn new(secrets: Vec<String>) -> Self {
        let mut hidden = Vec::new();
        for secret in secrets {
            let lines = secret.lines().map(str::trim).filter(|line| line.len() >= MIN_SECRET && *line != secret);
            hidden.extend(lines.map(|line| line.as_bytes().to_vec()));
            hidden.push(secret.into_bytes());
        }
        Redactor(hidden.into())
    }

    /// Bytes of the longest secret.
    pub fn longest(&self) -> usize {
        self.0.iter().map(Vec::len).max().unwrap_or(0)
    }

    pub fn redact(&self, text: String) -> String {
        match self.redact_bytes(text.as_bytes(), usize::MAX) {
            Cow::Borrowed(_) => text,
            Cow::Owned(redacted) => String::from_utf8_lossy(&redacted).into_owned(),
        }
    }

    /// The first `limit` bytes of a text; a secret that begins within them is hidden, though it may end outside.
    pub fn redact_bytes<'a>(&self, text: &'a [u8], limit: usize) -> Cow<'a, [u8]> {
        let limit = limit.min(text.len());
        let mut hidden: Vec<(usize, usize)> = Vec::new();
        for secret in self.0.iter() {
            // Every occurrence, overlapping ones too, so that of two secrets that overlap nothing remains.
            let starts = text.windows(secret.len()).enumerate().filter(|(_, window)| window == secret);
            hidden.extend(starts.map(|(start, _)| (start, start + secret.len())));
        }
        if hidden.is_empty() {
            return Cow::Borrowed(&text[..limit]);
        }
        hidden.sort_unstable();
        let mut redacted = Vec::with_capacity(limit);
        let mut done = 0;
        for (start, end) in hidden {
            if start >= limit {
                break;
            }
            if start > done || redacted.is_empty() {
                redacted.extend_from_slice(&text[done..start.max(done)]);
                redacted.extend_from_slice(MASK.as_bytes());
            }
            done = done.max(end);
        }
        redacted.extend_from_slice(&text[done.min(limit)..limit]);
        Cow::Owned(redacted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let redactor = Redactor::new(vec!["hunter2".into(), "ter2tail".into(), "first line\nsecond\nab".into()]);
        for (text, shown) in [
            ("nothing", "nothing"),
            ("", ""),
            ("hunter2", "***"),
            ("a hunter2 and a hunter2!", "a *** and a ***!"),
            ("hunter2hunter2", "******"),
            ("hunter2tail", "***"),
            ("key: first line", "key: ***"),
            ("second; ab", "***; ab"),
            ("first line\nsecond\nab.", "***."),
            ("größer hunter2 größer", "größer *** größer"),
        ] {
            let redacted = redactor.redact(text.into());
            assert_eq!(redacted.replace("******", "***"), shown.replace("******", "***"), "{text}");
            assert!(!redacted.contains("hunter2") && !redacted.contains("tail"), "{redacted}");
        }
        assert!(!format!("{redactor:?}").contains("hunter"));
        assert_eq!(Redactor::default().redact("hunter2".into()), "hunter2");
    }

    #[test]
    fn a_cut_leaves_nothing_of_a_secret() {
        let redactor = Redactor::new(vec!["hunter2".into()]);
        for limit in 0..=12 {
            let cut = redactor.redact_bytes(b"abc hunter2 d", limit).into_owned();
            assert!(!String::from_utf8(cut.clone()).unwrap().contains('h'), "{limit}: {cut:?}");
        }
        assert_eq!(&*redactor.redact_bytes(b"abc hunter2 d", 12), b"abc *** ");
    }
}
