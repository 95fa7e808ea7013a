//! Secrets, kept out of what people read.

mod pattern;
mod spellings;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use self::pattern::{CUT_BYTES, Pattern};
use self::spellings::spellings;

/// Bytes that a secret has at least: what is shorter stands in other texts by chance.
pub(crate) const MIN_SECRET: usize = 4;
/// What stands for a secret.
const MASK: &str = "***";

/// Replaces the secrets of one instance by `***`. Cheap to clone.
///
/// Found are also a secret as languages write it between quotes, since errors quote values, and its beginning before `…`,
/// which is where a guest's library has cut a value off. What a guest writes in another form (reversed, in another base, a
/// letter at a time) is not found: this is against accidents, such as an error that quotes a request.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Arc<[Pattern]>);

impl std::fmt::Debug for Redactor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Redactor({} patterns)", self.0.len())
    }
}

impl Redactor {
    /// A secret of several lines is hidden as a whole and line by line, since output is read by the line.
    pub fn new(secrets: Vec<String>) -> Self {
        let mut hidden = BTreeSet::new();
        for secret in secrets {
            let lines = secret.lines().map(str::trim).filter(|line| line.len() >= MIN_SECRET);
            for text in lines.chain([secret.as_str()]) {
                hidden.append(&mut spellings(text));
                hidden.insert(text.to_owned());
            }
        }
        Redactor(hidden.into_iter().map(|text| Pattern::new(text.into_bytes())).collect())
    }

    /// Bytes of the longest text that is hidden, and of what may have to be seen behind it.
    pub fn longest(&self) -> usize {
        self.0.iter().map(|pattern| pattern.len() + CUT_BYTES).max().unwrap_or(0)
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
        for pattern in self.0.iter() {
            // Overlapping ones too, so that of two secrets that overlap nothing remains.
            pattern.find(text, |start, end| hidden.push((start, end)));
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
    fn secrets_are_hidden_as_languages_quote_them() {
        let secret = "it's \"mine\"\n\\o/ <grün>";
        let redactor = Redactor::new(vec![secret.into()]);
        for text in [
            // Python's `repr`, alone and with other text; JavaScript's `JSON.stringify`; Go's; Rust's.
            r#"'it\'s "mine"\n\\o/ <grün>'"#,
            r#"["it's \"mine\"\n\\o/ <grün>"]"#,
            r#""it's \"mine\"\n\\o/ \u003cgrün\u003e""#,
            r#""it's \"mine\"\n\\o/ <gr\u00fcn>""#,
            // A line of it.
            r#"'\\o/ <grün>'"#,
            // Cut off, within an escape too.
            r#"'it\'s…"#,
            r#"'it\'s "mine"\…"#,
            r#"{"a":["it's \"mine\"\n\\o/ <gr…"#,
        ] {
            let redacted = redactor.redact(text.into());
            assert!(redacted.contains("***") && !redacted.contains(['s', 'o', 'g']), "{text}: {redacted}");
        }
        assert_eq!(redactor.redact("it's what it's…".into()), "it's what ***…");
        assert!(!format!("{redactor:?}").contains("mine"));
    }

    #[test]
    fn the_beginning_of_a_secret_is_hidden_where_it_is_cut_off() {
        let secret = "0123456789abcdef".repeat(20);
        let redactor = Redactor::new(vec![secret.clone(), "short".into()]);
        for length in 4..=secret.len() {
            let text = format!("returned '{}…, which is no BIGINT", &secret[..length]);
            assert_eq!(redactor.redact(text), "returned '***…, which is no BIGINT", "{length}");
        }
        assert_eq!(redactor.redact("012…, shor…, sho…, short".into()), "012…, ***…, sho…, ***");
        // As much as has to be seen for that, which begins in what is shown.
        let text = format!("key {}…", &secret[..200]);
        for limit in 4..text.len() {
            let seen = &text.as_bytes()[..text.len().min(limit + redactor.longest())];
            let shown = redactor.redact_bytes(seen, limit);
            assert!(shown.starts_with(b"key") && !shown.contains(&b'0'), "{limit}: {shown:?}");
        }
    }

    #[test]
    fn a_secret_may_nearly_stand_there_however_often() {
        // Letter by letter for each place, this would take minutes.
        let secret = "a".repeat(32 << 10) + "b";
        let redactor = Redactor::new(vec![secret]);
        let text = "a".repeat(64 << 10) + &"aaaa…".repeat(4096);
        assert!(redactor.redact(text).len() < 100 << 10);
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
