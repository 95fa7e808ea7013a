//! One text that is looked for.

/// Bytes that the beginning of a text has at least, to be taken for it where it is cut off.
const MIN_BEGINNING: usize = 4;
/// What stands where a text was cut off: of a character that was cut in two, something else is left before it.
const CUTS: [&[u8]; 2] = ["…".as_bytes(), "\u{fffd}…".as_bytes()];
/// Bytes of the longest of them.
pub(super) const CUT_BYTES: usize = 6;

/// A text that is looked for in time that grows with what it is looked for in alone, whatever a guest makes of that
/// (Knuth, Morris and Pratt).
pub(super) struct Pattern {
    bytes: Vec<u8>,
    /// For each beginning, by its length less one: the length of the longest shorter one that it ends with.
    borders: Vec<usize>,
}

impl Pattern {
    /// `bytes` are not empty.
    pub fn new(bytes: Vec<u8>) -> Self {
        let mut pattern = Pattern { borders: Vec::with_capacity(bytes.len()), bytes };
        let mut matched = 0;
        pattern.borders.extend(pattern.bytes.first().map(|_| 0));
        for index in 1..pattern.bytes.len() {
            matched = pattern.step(matched, pattern.bytes[index]);
            pattern.borders.push(matched);
        }
        pattern
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How much of the pattern a text ends with after one more byte, if it was `matched` before.
    fn step(&self, mut matched: usize, byte: u8) -> usize {
        loop {
            if self.bytes.get(matched) == Some(&byte) {
                return matched + 1;
            }
            if matched == 0 {
                return 0;
            }
            matched = self.borders[matched - 1];
        }
    }

    /// Every place where the pattern stands, overlapping ones too, and where its beginning does and is cut off: from where
    /// until where.
    pub fn find(&self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        let mut matched = 0;
        for (index, byte) in text.iter().enumerate() {
            matched = self.step(matched, *byte);
            let end = index + 1;
            if matched == self.bytes.len() {
                found(end - matched, end);
            } else if matched >= MIN_BEGINNING && CUTS.iter().any(|cut| text[end..].starts_with(cut)) {
                // Half a character is of the text, too.
                let left = text[end..].starts_with(CUTS[1]);
                found(end - matched, if left { end + CUTS[1].len() - CUTS[0].len() } else { end });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        Pattern::new(pattern.into()).find(text.as_bytes(), |start, end| places.push((start, end)));
        places
    }

    #[test]
    fn patterns_are_found_as_one_would_look_for_them() {
        for pattern in ["a", "aa", "abab", "aabaa", "abcabd", "aaaa"] {
            for number in 0..1 << 10 {
                let text: String = (0..10).map(|bit| if number >> bit & 1 == 1 { 'a' } else { 'b' }).collect();
                let expected: Vec<_> = (0..=text.len() - pattern.len())
                    .filter(|start| text[*start..].starts_with(pattern))
                    .map(|start| (start, start + pattern.len()))
                    .collect();
                assert_eq!(found(pattern, &text), expected, "{pattern} in {text}");
            }
        }
    }

    #[test]
    fn beginnings_are_found_where_they_are_cut_off() {
        assert_eq!(found("hunter2", "hunt…, hun…, hunter, xhunter…"), [(0, 4), (26, 32)]);
        assert_eq!(found("hunhunter", "hunhunhun…"), [(3, 9)]);
        assert_eq!(found("pass😀word", "pass\u{fffd}…"), [(0, 7)]);
        assert_eq!(found("hunter2", "hunter2…"), [(0, 7)]);
    }
}
